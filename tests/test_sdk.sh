#!/bin/sh
# The vendors' own SDKs and the library make the same calls; what they sent must agree (tests/sdk/compare.mjs).
# The packages are installed below $BUILD/sdk by `make sdk` (or TAMAR_SDK=1) and nowhere else; without them it is skipped.
. tests/lib.sh
PACKAGES="node@22 openai@7.55.0 @anthropic-ai/sdk@1.11.0 @google/genai@3.1.0"
SDK=build/sdk  # also for other builds: there is one set of packages
NODE=$SDK/node_modules/node/bin/node

installed()
{
    for d in openai @anthropic-ai/sdk @google/genai; do
        if [ ! -f "$SDK/node_modules/$d/package.json" ]; then return 1; fi
    done
    "$NODE" --version >/dev/null 2>&1
}

limited() { if have timeout; then timeout "$@"; else shift; "$@"; fi; }

if ! installed; then
    if [ "${TAMAR_SDK:-0}" != 1 ]; then
        skip "the vendors' SDKs" "not in $SDK; make sdk installs them"
        finish
    fi
    if ! have node || ! have npm; then
        skip "the vendors' SDKs" "no node or no npm"
        finish
    fi
    mkdir -p "$SDK"
    echo '{"private":true}' >"$SDK/package.json"
    # shellcheck disable=SC2086
    if ! (cd "$SDK" && limited 90 npm install --no-audit --no-fund --loglevel=error $PACKAGES) >"$SCRATCH/npm" 2>&1 || ! installed; then
        tail -n 5 "$SCRATCH/npm" | sed 's/^/    /'
        skip "the vendors' SDKs" "npm could not install them"
        finish
    fi
fi

if ! $CC -std=c99 -O1 -I. -o "$SCRATCH/calls" tests/sdk/calls.c >"$SCRATCH/cc" 2>&1; then
    head -n 30 "$SCRATCH/cc"
    fail "tests/sdk/calls.c compiles"
    finish
fi
env -u OPENAI_BASE_URL -u OPENAI_ORG_ID -u OPENAI_PROJECT_ID -u OPENAI_CUSTOM_HEADERS -u ANTHROPIC_BASE_URL -u ANTHROPIC_AUTH_TOKEN \
    -u ANTHROPIC_CUSTOM_HEADERS -u GOOGLE_API_KEY -u GEMINI_API_KEY -u GOOGLE_GENAI_USE_VERTEXAI \
    sh -c 'if command -v timeout >/dev/null 2>&1; then exec timeout 100 "$@"; else exec "$@"; fi' - \
    "$NODE" tests/sdk/compare.mjs "$SDK" "$SCRATCH/calls" >"$SCRATCH/out" 2>&1
status=$?
cut -c 1-600 "$SCRATCH/out"
if [ "$status" -gt 1 ] || ! tail -n 1 "$SCRATCH/out" | grep -q 'passed, '; then
    fail "the comparison ran to its end (exit $status)"
    finish
fi
rm -rf "$SCRATCH"
exit "$status"
