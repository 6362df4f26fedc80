#!/bin/sh
# Does tests/test_policy.c notice a mistake? Makes each small one in the section >>policy (tests/mutate.awk: another
# operator, the next number, a line left out), one at a time, in a copy, and runs the test on it: killed is what fails.
#   sh tests/mutate.sh [ERE]    only the mutants whose identity matches; JOBS (2) at a time
# A mutant counts as killed also by a trap of the undefined behaviour sanitizer, by the address sanitizer (both of which
# `make san` runs the test with), or by running on without an end. tests/mutate_equivalent.txt lists those that are no
# mistake, because the program does the same: 'identity  # reason'. The copy holds what >>policy stands on, itself and
# the names of >>client, which compiles in a quarter of a second.
# shellcheck disable=SC2086,SC1091,SC3045

BUILD=${BUILD:-build}
CC=${CC:-cc}
if command -v clang >/dev/null 2>&1; then CC=clang; fi  # the quickest about it
SECTION=policy
TEST=tests/test_$SECTION.c
FLAGS="-std=c99 -O0 -w -DTEST_FIRST=1"

# run DIR ARGUMENT FLAGS...: builds the test with the header in DIR and runs it.
# 0: it passed; 1: it did not; 2: there is no program.
run()
{
    dir=$1 argument=$2
    shift 2
    $CC $FLAGS "$@" -I"$dir" -I. -o "$dir/test" "$TEST" >"$dir/log" 2>&1 || return 2
    (ulimit -t "$SECONDS_MAX"; exec "$dir/test" $argument) >"$dir/log" 2>&1 </dev/null || return 1
}

# Some mutants, by their numbers.
if [ "$1" = --some ]; then
    SCRATCH=$2
    shift 2
    dir=$SCRATCH/$1.d
    mkdir "$dir"
    for n in "$@"; do
        sed -n "${n}p" "$SCRATCH/list" >"$dir/row"
        at=$(cut -f 1 "$dir/row")
        NEW=$(cut -f 4 "$dir/row") awk -v at="$at" 'NR == at { $0 = ENVIRON["NEW"] } { print }' \
            "$SCRATCH/tamar_llm.h" >"$dir/tamar_llm.h"
        run "$dir" "" $QUICK
        rc=$?
        if [ $rc -eq 0 ] && [ "$SLOW" ]; then
            run "$dir" quick $SLOW
            if [ $? -eq 1 ]; then rc=1; fi
        fi
        printf '%s\t%s\n' "$n" $rc
    done >"$SCRATCH/$1.result"
    rm -rf "$dir"
    exit 0
fi

. tests/lib.sh
JOBS=${JOBS:-2}

# The beginning of the header as far as the section's end, and of >>client what has to do with names; open #ifs closed.
awk -v section=$SECTION '
    FNR == 1 { take = 1 }
    /^\/\/ >>[a-z0-9]/ { here = substr($2, 3); if (past) take = here == "client"; past = past || here == section }
    /^\/\/ -- / && here == "client" { take = 0 }
    take {
        print
        if (/^[ \t]*#[ \t]*if/) open++
        if (/^[ \t]*#[ \t]*endif/) open--
    }
    END { while (open-- > 0) print "#endif" }' tamar_llm.h >"$SCRATCH/tamar_llm.h"
awk -v section=$SECTION -f tests/mutate.awk "$SCRATCH/tamar_llm.h" >"$SCRATCH/list"

# As it is, it passes; and which sanitizers are there?
SECONDS_MAX=100 QUICK='' SLOW=''
mkdir "$SCRATCH/d"
cp "$SCRATCH/tamar_llm.h" "$SCRATCH/d"
if ! run "$SCRATCH/d" ""; then
    cat "$SCRATCH/d/log"
    fail "$TEST passes with the header as it is"
    finish
fi
for f in "-fsanitize=undefined -fsanitize-undefined-trap-on-error" "-fsanitize=undefined -fsanitize-trap=undefined"; do
    if [ -z "$QUICK" ] && run "$SCRATCH/d" quick $f; then QUICK=$f; fi
done
f="-fsanitize=address,undefined -fno-sanitize-recover=all"
if run "$SCRATCH/d" quick $f; then SLOW=$f; fi
begin=$(date +%s)
run "$SCRATCH/d" "" $QUICK
SECONDS_MAX=$((5 + 3 * ($(date +%s) - begin)))  # of the processor: what takes longer never ends
export SECONDS_MAX QUICK SLOW BUILD CC

if [ "${1:-}" ]; then cut -f 3 "$SCRATCH/list" | grep -nE -e "$1" | cut -d : -f 1
else awk '{ print NR }' "$SCRATCH/list"
fi >"$SCRATCH/numbers"
xargs -P "$JOBS" -n 16 sh "$0" --some "$SCRATCH" 2>/dev/null <"$SCRATCH/numbers"  # what killed them is no news

if [ "$(cat "$SCRATCH"/*.result | wc -l)" -ne "$(wc -l <"$SCRATCH/numbers")" ]; then
    fail "not every mutant was tried"
    finish
fi
sort -n "$SCRATCH"/*.result | awk -F '\t' -v whole="${1:-all}" '
    FILENAME ~ /equivalent/ {
        if (/^#/ || !/  # /) next
        at = index($0, "  # ")
        listed[substr($0, 1, at - 1)] = 1
        next
    }
    FILENAME ~ /list$/ { part[FNR] = $2; id[FNR] = $3; known[$3] = 1; next }
    {
        p = part[$1]
        if (!(p in seen)) { seen[p] = 1; order[++parts] = p }
        if ($2 == 2) { none[p]++; next }
        all[p]++
        if ($2 == 1) {
            killed[p]++
            if (id[$1] in listed) { wrong++; print "FAILED: listed as equivalent, but killed: " id[$1] }
        }
        else if (id[$1] in listed) skipped[p]++
        else { survived[p]++; print "FAILED: survived: " id[$1] }
    }
    function row(name, a, k, s, l, n) {
        printf "%-26s %7d %7d %10d %8d %7.1f %% %9.1f %%  %7d\n", name, a, k, l, s, (a ? 100 * k / a : 100),
            (a != l ? 100 * k / (a - l) : 100), n
    }
    END {
        if (whole == "all")
            for (i in listed)
                if (!(i in known)) { wrong++; print "FAILED: listed, but there is no such mutant: " i }
        printf "%-26s %7s %7s %10s %8s %9s %11s  %s\n", "", "mutants", "killed", "equivalent", "survived", "of all",
            "of the rest", "(do not compile)"
        for (i = 1; i <= parts; i++) {
            p = order[i]
            row(p, all[p], killed[p], survived[p], skipped[p], none[p])
            A += all[p]; K += killed[p]; S += survived[p]; L += skipped[p]; N += none[p]
        }
        row("total", A, K, S, L, N)
        printf "%d passed, %d failed, %d skipped\n", K, S + wrong, L
        exit S + wrong > 0
    }' tests/mutate_equivalent.txt "$SCRATCH/list" - >"$SCRATCH/report"
rc=$?
cat "$SCRATCH/report"
if [ $rc -eq 0 ]; then rm -rf "$SCRATCH"; fi
exit $rc
