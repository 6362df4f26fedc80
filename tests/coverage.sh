#!/bin/sh
# Which branches of the section >>policy does tests/test_policy.c take? By gcc and gcov: a function a line, then each
# line with a branch that is never taken. Fails unless there is none.
# shellcheck disable=SC1091

. tests/lib.sh
SECTION=policy
top=$(pwd)

if ! have gcc || ! have gcov; then
    skip coverage "no gcc with gcov"
    finish
fi
if ! gcc -std=c99 -O0 -w --coverage -I"$top" -o "$SCRATCH/test" "$top/tests/test_$SECTION.c" >"$SCRATCH/log" 2>&1 ||
    ! "$SCRATCH/test" >"$SCRATCH/log" 2>&1 </dev/null; then
    cat "$SCRATCH/log"
    fail "tests/test_$SECTION.c passes"
    finish
fi
(cd "$SCRATCH" && gcov -b -c ./*.gcda) >"$SCRATCH/log" 2>&1

# gcov writes '   hits: number:line' and, behind it, a 'branch  0 taken N' or 'branch  0 never executed' for each.
awk -v section=$SECTION '
    /^branch/ {
        if (!on) next
        branches[name]++
        if (/never executed|taken 0( |$)/) untaken++
        else taken[name]++
        next
    }
    !/^ *[-#=0-9*]+: *[0-9]+:/ { next }
    {
        if (untaken) missing[++missed] = name ", line " number ": " untaken " of its branches: " line
        untaken = 0
        line = number = $0
        sub(/^[^:]*: *[0-9]+:/, "", line)
        sub(/^[^:]*: */, "", number)
        sub(/:.*/, "", number)
    }
    line ~ /^\/\/ >>[a-z0-9]/ { on = index(line, "// >>" section " ") == 1; part = "the classifier" }
    line ~ /^\/\/ -- / { part = line; gsub(/^\/\/ -- | -+$/, "", part) }
    on && line ~ /^static [^=]*\(/ {
        match(line, /tamar__[a-z0-9_]+\(/)
        name = substr(line, RSTART, RLENGTH - 1)
        order[++count] = name
        of[name] = part
    }
    END {
        for (i = 1; i <= count; i++) {
            n = order[i]
            if (!branches[n]) continue
            if (of[n] != shown) print shown = of[n]
            printf "    %-32s %4d of %4d\n", n, taken[n], branches[n]
            all += branches[n]
            some += taken[n]
            if (taken[n] == branches[n]) whole++
            else partly++
        }
        for (i = 1; i <= missed; i++) print "FAILED: never taken: " missing[i]
        printf "%d of %d branches (%.1f %%)\n", some, all, all ? 100 * some / all : 0
        printf "%d passed, %d failed, 0 skipped\n", whole, partly + !all
        exit partly || !all
    }' "$SCRATCH/tamar_llm.h.gcov" >"$SCRATCH/report"
rc=$?
cat "$SCRATCH/report"
if [ $rc -eq 0 ]; then rm -rf "$SCRATCH"; fi
exit $rc
