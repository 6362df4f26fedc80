#!/bin/sh
# Runs test programs and scripts from the top directory, JOBS at a time (default: one a processor), and sums their counts.
#   sh tests/run.sh build/test_json tests/check_text.sh ...
# Each prints 'N passed, N failed, N skipped' as its last line. One that did not build, crashed, hung (TEST_SECONDS) or
# printed no such line counts as one failure more. Output goes to $BUILD/log/; it is shown for what failed.
# Scripts find the programs under $BUILD and the compilers in $CC and $CXX.
BUILD=${BUILD:-build}
TEST_SECONDS=${TEST_SECONDS:-900}
export BUILD TEST_SECONDS
COUNTS='^[0-9][0-9]* passed, [0-9][0-9]* failed, [0-9][0-9]* skipped$'

log_of() { echo "$BUILD/log/$(echo "${1#build/}" | sed 's,^tests/,,; s,/,_,g').log"; }

one()
{
    log=$(log_of "$1")
    rm -f "$log" "$log.rc"
    limit=
    if command -v timeout >/dev/null 2>&1; then limit="timeout $TEST_SECONDS"; fi
    begin=$(date +%s)
    if [ ! -f "$1" ]; then
        echo "$1 did not build" >"$log"
        rc=127
    elif [ -x "$1" ]; then
        case $1 in /*) path=$1 ;; *) path=./$1 ;; esac
        $limit "$path" >"$log" 2>&1 </dev/null
        rc=$?
    else
        $limit sh "$1" >"$log" 2>&1 </dev/null
        rc=$?
    fi
    echo $rc >"$log.rc"
    printf '%-32s %s  (%s s)\n' "$1" "$(tail -n 1 "$log" | cut -c 1-90)" $(($(date +%s) - begin))
}

if [ "$1" = --one ]; then
    one "$2"
    exit 0
fi

mkdir -p "$BUILD/log"
JOBS=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}
if [ $# -gt 0 ]; then
    if printf 'x\n' | xargs -P 1 -n 1 true 2>/dev/null; then
        printf '%s\n' "$@" | xargs -P "$JOBS" -n 1 sh "$0" --one
    else
        for t in "$@"; do one "$t"; done
    fi
fi

passed=0 failed=0 skipped=0
for t in "$@"; do
    log=$(log_of "$t")
    rc=$(cat "$log.rc" 2>/dev/null || echo 255)
    last=$(tail -n 1 "$log" 2>/dev/null | grep "$COUNTS")
    p=0 f=0 s=0 why=
    if [ -n "$last" ]; then
        p=${last%% *}
        f=${last#*, } f=${f%% *}
        s=${last##*, } s=${s%% *}
    fi
    if [ "$rc" -eq 127 ] && [ -z "$last" ]; then why="did not build or run"
    elif [ "$rc" -eq 124 ]; then why="took more than $TEST_SECONDS seconds"
    elif [ "$rc" -gt 128 ]; then why="crashed (signal $((rc - 128)))"
    elif [ -z "$last" ]; then why="ended without its count (exit $rc)"
    elif [ "$rc" -ne 0 ] && [ "$f" -eq 0 ]; then why="exit $rc though nothing failed"
    fi
    if [ -n "$why" ]; then f=$((f + 1)); fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if [ "$f" -gt 0 ]; then
        echo
        echo "-- $t${why:+: $why}"
        tail -n 200 "$log" 2>/dev/null
    fi
done

if [ "$skipped" -gt 0 ]; then
    echo
    for t in "$@"; do
        grep '^ *skipped: ' "$(log_of "$t")" 2>/dev/null | sed "s,^ *skipped: ,skipped: $(basename "$t"): ,"
    done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
