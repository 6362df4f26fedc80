#!/bin/sh
# Replays the seeds of every fuzz target (tests/replay.c); one count a target.
. tests/lib.sh

for c in fuzz/fuzz_*.c; do
    if [ ! -f "$c" ]; then continue; fi
    target=$(basename "$c" .c | sed 's/^fuzz_//')
    set --
    for seed in fuzz/seeds/fuzz_"$target"/*; do if [ -f "$seed" ]; then set -- "$@" "$seed"; fi; done
    ok "$target survives its seeds" "$BUILD/replay_$target" "$@"
    ok "$target has seeds" test $# -gt 0
done
finish
