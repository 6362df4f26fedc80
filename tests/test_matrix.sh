#!/bin/sh
# The library's own column of the matrix (tests/matrix.sh), without the rows that take minutes: nothing in it may be wrong.
. tests/lib.sh
if [ ! -x "$BUILD/provider-sim" ]; then
    skip "the matrix" "no $BUILD/provider-sim"
    finish
fi
echo 0 >"$SCRATCH/count"
empty "every row is right, but for those that rows.txt says are open" sh tests/matrix.sh --check "$SCRATCH/count"
ok "all rows were played" [ "$(cat "$SCRATCH/count")" -gt 190 ]
passed=$((passed + $(cat "$SCRATCH/count")))

# A rule that is broken must be seen: the same rows, each with a rule that it cannot keep.
mkdir -p "$SCRATCH/broken"
sed -n -e '/^rule /p' -e 's/^plain | \(.*\) | stream | answer | n=3/plain | \1 | stream | error | n=3/p' \
    -e 's/^down | \(.*\) | error-bounded |/down | \1 | answer |/p' -e 's/^key | \(.*\) | status=401;n=3/key | \1 | status=503;n=3/p' \
    tests/matrix/rows.txt >"$SCRATCH/rows"
ok "three broken rows" [ "$(grep -vc '^rule ' "$SCRATCH/rows")" -eq 3 ]
MATRIX_ROWS=$SCRATCH/rows sh tests/matrix.sh --check >"$SCRATCH/found"
ok "and each is found, in three dialects" [ "$(wc -l <"$SCRATCH/found")" -eq 9 ]
finish
