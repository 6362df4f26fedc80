#!/bin/sh
# The golden requests have the same bytes in another process and on a machine of 32 bits: the hashes that the tests of the
# dialects print are compared.
. tests/lib.sh

hash_of() { "$@" 2>/dev/null | sed -n 's/^ *\([0-9]* requests, bytes [0-9a-f]*\)$/\1/p'; }

narrow=
if printf '#include <stdlib.h>\n#include <sys/mman.h>\nint main(void) { return 0; }\n' >"$SCRATCH/probe.c" &&
    $CC -m32 -o "$SCRATCH/probe" "$SCRATCH/probe.c" >/dev/null 2>&1 && "$SCRATCH/probe"; then narrow=1
fi
for c in $(grep -l golden_bytes tests/test_*.c); do
    name=$(basename "$c" .c)
    first=$(hash_of "$BUILD/$name")
    if [ -z "$first" ]; then fail "$name prints the hash of its requests"; continue; fi
    if [ "$first" = "$(hash_of "$BUILD/$name")" ]; then pass; else fail "$name: other bytes in another process"; fi
    if [ -z "$narrow" ]; then continue; fi
    if ! $CC -m32 -std=c99 -O1 -I. -o "$SCRATCH/$name" "$c" >"$SCRATCH/cc" 2>&1; then
        fail "$name builds for 32 bits"
        head -n 10 "$SCRATCH/cc"
    elif [ "$first" = "$(hash_of "$SCRATCH/$name")" ]; then pass
    else fail "$name: $first, but with 32 bits $(hash_of "$SCRATCH/$name")"
    fi
done
if [ -z "$narrow" ]; then skip "the same bytes with 32 bits" "$CC -m32 builds nothing that runs"; fi
finish
