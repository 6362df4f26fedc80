#!/bin/sh
# The vendors' own SDKs and the library make the same calls; what they sent must agree (tests/sdk/compare.mjs).
# The packages are installed below $BUILD/sdk by `make sdk` (or TAMAR_SDK=1) and nowhere else; without them it is skipped.
. tests/lib.sh
SDK=build/sdk  # also for other builds: there is one set of packages
NODE=$SDK/node_modules/node/bin/node

if ! "$NODE" --version >/dev/null 2>&1 && [ "${TAMAR_SDK:-0}" != 1 ]; then
    skip "the vendors' SDKs" "not in $SDK; make sdk installs them"
    finish
fi
if ! sh tests/sdk/install.sh >"$SCRATCH/npm"; then
    skip "the vendors' SDKs" "$(tail -n 1 "$SCRATCH/npm")"
    finish
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
