#!/bin/sh
# Proves that each case of tests/test_NAME.c that tests/traps_NAME.txt names watches what it says: with that guard taken
# out of the headers the case must fail. And that the memo changes no answer: a build without it gives the same ones.
# One build a row, JOBS at a time, with the compiler that is quickest about it.
# shellcheck disable=SC2086,SC1091

BUILD=${BUILD:-build}
CC=${CC:-cc}
if command -v clang >/dev/null 2>&1; then CC=clang; fi
FLAGS="-std=c99 -O0 -w -DTAMAR_NO_TLS=1"

# One row: a file of three lines. Says in ROW.result what is wrong, or ok.
if [ "$1" = --row ]; then
    row=$2 limit=
    if command -v timeout >/dev/null 2>&1; then limit="timeout 60"; fi
    name=$(sed -n 1p "$row")
    {
        if ! "$3" "$name" >"$row.log" 2>&1; then
            echo "the case fails as things are, or there is none of that name"
        elif ! mkdir "$row.d" || ! FROM=$(sed -n '2s/^< //p' "$row") TO=$(sed -n '3s/^> \{0,1\}//p' "$row") awk -v into="$row.d" '
            BEGIN { from = ENVIRON["FROM"]; to = ENVIRON["TO"] }
            FNR == 1 { out = into "/" FILENAME }
            {
                at = index($0, from)
                if (from != "" && at) {
                    found++
                    rest = substr($0, at + length(from))
                    if (index(rest, from)) found++
                    $0 = substr($0, 1, at - 1) to rest
                }
                print >out
            }
            END { if (found != 1) { print found + 0 " times in the headers: " from; exit 1 } }' tamar_llm_json.h tamar_llm.h >"$row.log"; then
            cat "$row.log"
        elif ! $CC $FLAGS -I"$row.d" -o "$row.d/test" "tests/test_$4.c" >"$row.log" 2>&1; then
            echo "does not compile without its guard"
            head -n 3 "$row.log"
        elif $limit "$row.d/test" "$name" >"$row.log" 2>&1; then
            echo "passes without its guard"
        else
            echo ok
        fi
    } >"$row.result"
    rm -rf "$row.d"
    exit 0
fi

. tests/lib.sh
JOBS=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)}

for table in tests/traps_*.txt; do
    of=${table#tests/traps_} of=${of%.txt}
    if ! $CC $FLAGS -I. -o "$SCRATCH/$of" "tests/test_$of.c" >"$SCRATCH/out" 2>&1; then
        cat "$SCRATCH/out"
        fail "tests/test_$of.c does not build"
        continue
    fi
    awk -v into="$SCRATCH/$of" '
        /^#/ { next }
        /^$/ { if (lines) close(out); lines = 0; next }
        { if (!lines++) out = sprintf("%s.row.%03d", into, ++n); print >out }' "$table"
    printf '%s\n' "$SCRATCH/$of".row.??? | xargs -P "$JOBS" -I ROW sh "$0" --row ROW "$SCRATCH/$of" "$of"
    for row in "$SCRATCH/$of".row.???; do
        if [ "$(cat "$row.result" 2>/dev/null)" = ok ]; then pass
        else
            fail "$of: $(sed -n 1p "$row")"
            sed 's/^/    /' "$row.result"
        fi
    done
done

# The answers to some thousand random streams, with the memo and without it.
$CC $FLAGS -DTAMAR_NO_MEMO=1 -I. -o "$SCRATCH/parsed" tests/test_chat.c >"$SCRATCH/out" 2>&1
for t in chat parsed; do "$SCRATCH/$t" memo-random 2>/dev/null | sed -n 's/.*answers //p' >"$SCRATCH/$t.answers"; done
ok "the answers are known" test -s "$SCRATCH/chat.answers"
ok "the memo changes no answer" cmp "$SCRATCH/chat.answers" "$SCRATCH/parsed.answers"

finish
