#!/bin/sh
# Installs the vendors' SDKs and a node into build/sdk, if they are not there: one set for all builds. Says why it cannot.
PACKAGES="node@22 openai@7.55.0 @anthropic-ai/sdk@1.11.0 @google/genai@3.1.0"
SDK=build/sdk

installed()
{
    for d in openai @anthropic-ai/sdk @google/genai; do
        if [ ! -f "$SDK/node_modules/$d/package.json" ]; then return 1; fi
    done
    "$SDK/node_modules/node/bin/node" --version >/dev/null 2>&1
}

if installed; then exit 0; fi
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "no node or no npm"
    exit 1
fi
limit=
if command -v timeout >/dev/null 2>&1; then limit="timeout 90"; fi
mkdir -p "$SDK"
echo '{"private":true}' >"$SDK/package.json"
# shellcheck disable=SC2086
if ! (cd "$SDK" && $limit npm install --no-audit --no-fund --loglevel=error $PACKAGES) >"$SDK/npm.log" 2>&1 || ! installed; then
    tail -n 5 "$SDK/npm.log" | sed 's/^/    /'
    echo "npm could not install them"
    exit 1
fi
