#!/bin/sh
# make analyze: static analysis of the implementation. What is not installed is skipped by name.
. tests/lib.sh

printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm.h"\n' >"$SCRATCH/impl.c"

if have gcc && gcc -fanalyzer -fsyntax-only "$SCRATCH/impl.c" -I. 2>/dev/null; then
    empty "gcc -fanalyzer" gcc -std=c99 -O1 -fanalyzer -I. -c "$SCRATCH/impl.c" -o "$SCRATCH/impl.o"
else skip "gcc -fanalyzer" "no gcc that knows it"; fi

if have clang; then
    empty "clang --analyze" clang -std=c99 --analyze -Xclang -analyzer-output=text -I. "$SCRATCH/impl.c"
else skip "clang --analyze" "no clang"; fi

checks='-*,bugprone-*,cert-*,clang-analyzer-*,performance-*,portability-*'
without() { for c in "$@"; do checks="$checks,-$c"; done; }
# Names, macros and parameters are judged by people here; narrowing is -Wconversion's business.
without bugprone-easily-swappable-parameters bugprone-reserved-identifier bugprone-macro-parentheses bugprone-branch-clone \
    bugprone-assignment-in-if-condition bugprone-narrowing-conversions cert-dcl37-c cert-dcl51-cpp
# House habits: plain memcmp, bytes without a NUL, arrays of pointers, descriptors as a thread's argument, zeroed addresses
# compared whole.
without bugprone-suspicious-string-compare bugprone-not-null-terminated-result bugprone-sizeof-expression \
    bugprone-implicit-widening-of-multiplication-result bugprone-suspicious-memory-comparison cert-exp42-c cert-flp37-c \
    performance-no-int-to-ptr
# C11's Annex K, which nobody has.
without clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling
if have clang-tidy; then
    ok "clang-tidy" clang-tidy --quiet --warnings-as-errors='*' --checks="$checks" --header-filter='tamar_llm.*' \
        "$SCRATCH/impl.c" -- -std=c99 -I.
else skip "clang-tidy" "not installed"; fi

# What cppcheck does not follow: a buffer that one argument of a call fills and another reads, and a null buffer that is
# told apart by a flag. The sanitizers watch both.
if have cppcheck; then
    ok "cppcheck" cppcheck --quiet --std=c99 --enable=warning,portability,performance --error-exitcode=1 \
        --suppress=pointerOutOfBoundsCond --suppress=uninitvar --suppress=nullPointerArithmetic --suppress=ctunullpointer \
        --suppress=missingIncludeSystem -D__GNUC__=12 -D__linux__=1 -D__x86_64__=1 -DAI_ADDRCONFIG=32 -DSO_KEEPALIVE=9 \
        -DCLOCK_MONOTONIC=1 -UTAMAR_STATIC -U_WIN32 -U__cplusplus -DTAMAR_IMPLEMENTATION -I. "$SCRATCH/impl.c"
else skip "cppcheck" "not installed"; fi

if have shellcheck; then
    ok "shellcheck" shellcheck --severity=warning --exclude=SC2034,SC2154 tests/*.sh .ci/run
else skip "shellcheck" "not installed"; fi

finish
