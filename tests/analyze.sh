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

# insecureAPI.DeprecatedOrUnsafeBufferHandling asks for C11 Annex K, which nobody has.
checks='-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-macro-parentheses'
# Widening products and plain memcmp are the house's habit; -Wconversion watches the first.
checks="$checks,-bugprone-suspicious-string-compare,-bugprone-implicit-widening-of-multiplication-result"
checks="$checks,-bugprone-branch-clone,-bugprone-assignment-in-if-condition,-bugprone-narrowing-conversions,-bugprone-not-null-terminated-result"
checks="$checks,clang-analyzer-*,cert-*,-cert-dcl37-c,-cert-dcl51-cpp"
checks="$checks,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,performance-*,portability-*"
if have clang-tidy; then
    ok "clang-tidy" clang-tidy --quiet --warnings-as-errors='*' --checks="$checks" --header-filter='tamar_llm.*' \
        "$SCRATCH/impl.c" -- -std=c99 -I.
else skip "clang-tidy" "not installed"; fi

# cppcheck loses a buffer that one argument of a call fills and another reads; gcc, clang and valgrind watch that.
if have cppcheck; then
    ok "cppcheck" cppcheck --quiet --std=c99 --enable=warning,portability,performance --error-exitcode=1 \
        --inline-suppr --suppress=pointerOutOfBoundsCond --suppress=uninitvar --suppress=missingIncludeSystem --suppress=unusedFunction -I. -DTAMAR_IMPLEMENTATION -D__GNUC__=12 \
        -D__linux__=1 -D__x86_64__=1 -UTAMAR_STATIC -U_WIN32 -U__cplusplus "$SCRATCH/impl.c"
else skip "cppcheck" "not installed"; fi

if have shellcheck; then
    ok "shellcheck" shellcheck --severity=warning tests/*.sh .ci/run
else skip "shellcheck" "not installed"; fi

finish
