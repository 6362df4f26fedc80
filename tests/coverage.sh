#!/bin/sh
# Which branches of the section >>policy does tests/test_policy.c take? By gcc and gcov, a function a line; then each line
# with a branch that was never taken. Fails where a part that has to be whole is not.
# shellcheck disable=SC1091

. tests/lib.sh
SECTION=policy
PARTS="the classifier|when to come back|rate limits|how many at once|the breaker"  # all of their branches

if ! have gcc || ! have gcov; then
    skip coverage "no gcc with gcov"
    finish
fi
rm -rf "$SCRATCH"
mkdir -p "$SCRATCH"
top=$(pwd)
if ! gcc -std=c99 -O0 -g -w --coverage -I"$top" -o "$SCRATCH/test" "$top/tests/test_$SECTION.c" >"$SCRATCH/log" 2>&1 ||
    ! "$SCRATCH/test" >"$SCRATCH/log" 2>&1 </dev/null; then
    cat "$SCRATCH/log"
    fail "tests/test_$SECTION.c passes"
    finish
fi
(cd "$SCRATCH" && gcov -b -c -s "$top" -- *.gcda >/dev/null 2>"log")

# gcov writes '   hits: line:text' and behind it, a line each, 'branch  0 taken N' or 'branch  0 never executed'.
cat "$SCRATCH"/*tamar_llm.h.gcov | awk -v section=$SECTION -v must="$PARTS" '
    /^(function|call|unconditional)/ { next }
    /^branch/ {
        if (!on || name == "") next
        branches[name]++
        if (/never executed|taken 0( |$)/) { if (!untaken++) missed++ }
        else taken[name]++
        next
    }
    {
        if (untaken) { missing[missed] = name ": line " number ": " untaken " of its branches: " line; untaken = 0 }
        line = $0
        sub(/^[^:]*: *[0-9]+:/, "", line)
        number = $0
        sub(/^[^:]*: */, "", number)
        sub(/:.*/, "", number)
    }
    line ~ /^\/\/ >>[a-z0-9]/ { on = substr(line, 4) ~ "^>>?" section " " || substr(line, 6) ~ "^" section " "; part = "the classifier" }
    !on { next }
    line ~ /^\/\/ -- / { part = line; sub(/^\/\/ -- /, "", part); sub(/ -+$/, "", part) }
    line ~ /^static .*\(/ && line !~ /=/ {
        match(line, /tamar__[a-z0-9_]+\(/)
        name = substr(line, RSTART, RLENGTH - 1)
        order[++count] = name
        of[name] = part
    }
    line ~ /^}/ { last = name }
    END {
        for (i = 1; i <= count; i++) {
            n = order[i]
            if (!branches[n]) continue
            printf "%-40s %4d of %4d  %s\n", n, taken[n], branches[n], of[n] != shown ? of[n] : ""
            shown = of[n]
            all += branches[n]
            some += taken[n]
            if (index("|" must "|", "|" of[n] "|")) { if (taken[n] == branches[n]) whole++; else failed++ }
            else if (taken[n] < branches[n]) partly++
        }
        for (i = 1; i <= missed; i++) print "not taken: " missing[i]
        printf "%d of %d branches (%.1f %%)\n", some, all, all ? 100 * some / all : 0
        printf "%d passed, %d failed, %d skipped\n", whole, failed + !all, partly
        exit failed || !all
    }' >"$SCRATCH/report"
rc=$?
cat "$SCRATCH/report"
if [ $rc -eq 0 ]; then rm -rf "$SCRATCH"; fi
exit $rc
