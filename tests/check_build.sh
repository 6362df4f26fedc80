#!/bin/sh
# The headers build everywhere, without a word: compilers, languages, levels, cuts, hostile surroundings.
. tests/lib.sh

printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm.h"\n' >"$SCRATCH/impl.c"
printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm_json.h"\n' >"$SCRATCH/json.c"
printf '#include "tamar_llm.h"\n' >"$SCRATCH/decl.c"
for f in impl json decl; do cp "$SCRATCH/$f.c" "$SCRATCH/$f.cpp"; done
printf '#include <errno.h>\nint main(void) { return errno; }\n' >"$SCRATCH/empty.c"
obj="-I. -c -o $SCRATCH/object.o"

# -- the promise of the manual: a compiler and nothing else ------------------------------------------

for cc in $(c_compilers); do
    ok "$cc -I. examples/chat.c" $cc -I. examples/chat.c -o "$SCRATCH/chat"
    ok "$cc -std=c99 -pedantic examples/chat.c" $cc -std=c99 -pedantic -Werror -I. examples/chat.c -o "$SCRATCH/chat"
    for example in examples/*.c; do
        ok "$cc $example, no warning" $cc -std=c99 -Wall -Wextra -Werror -I. -c "$example" -o "$SCRATCH/example.o"
    done
done

# -- no warning --------------------------------------------------------------------------------------

# Optimisers see more, and take their time: each level once, everything else at -O0.
for cc in $(c_compilers); do
    for o in -O2 -Os; do ok "$cc $o" $cc -std=c99 $o $WARNINGS $obj "$SCRATCH/impl.c"; done
    ok "$cc NDEBUG" $cc -std=c99 -O2 -DNDEBUG $WARNINGS $obj "$SCRATCH/impl.c"
    ok "$cc JSON alone" $cc -std=c99 -O2 $WARNINGS $obj "$SCRATCH/json.c"
    ok "$cc declarations" $cc -std=c99 $WARNINGS $obj "$SCRATCH/decl.c"
    for std in c99 c11 c17 gnu99 gnu17; do ok "$cc $std" $cc -std=$std -O0 $WARNINGS $obj "$SCRATCH/impl.c"; done
    ok "$cc without a -std" $cc $WARNINGS $obj "$SCRATCH/impl.c"
    ok "$cc TAMAR_STATIC" $cc -std=c99 -DTAMAR_STATIC $WARNINGS $obj "$SCRATCH/impl.c"
    ok "$cc unsigned char" $cc -std=c99 -funsigned-char $WARNINGS $obj "$SCRATCH/impl.c"
    ones="" zeros=""
    for cut in TAMAR_NO_SOCKETS TAMAR_NO_THREADS TAMAR_NO_TLS TAMAR_NO_MALLOC TAMAR_NO_NATIVE TAMAR_NO_ANTHROPIC TAMAR_NO_GOOGLE \
        TAMAR_NO_OLLAMA TAMAR_NO_GATEWAY TAMAR_NO_RESPONSES TAMAR_NO_CALLS TAMAR_ONLY_CHAT TAMAR_NO_TOKENS TAMAR_NO_ROUTES TAMAR_NO_LIBCURL TAMAR_NO_PROXY TAMAR_NO_TABLE \
        TAMAR_NO_ROWS TAMAR_NO_WORDS TAMAR_NO_UNIX TAMAR_NO_PINS TAMAR_NO_RESUMPTION TAMAR_NO_EYEBALLS TAMAR_NO_HISTORY; do
        ones="$ones -D$cut=1" zeros="$zeros -D$cut=0"
        ok "$cc $cut" $cc -std=c99 -D$cut=1 $WARNINGS $obj "$SCRATCH/impl.c"
    done
    if printf '#include <bearssl.h>\n' | $cc -E -x c - >/dev/null 2>&1; then
        ok "$cc TAMAR_TLS_BEARSSL" $cc -std=c99 -DTAMAR_TLS_BEARSSL=1 $WARNINGS $obj "$SCRATCH/impl.c"
    else skip "$cc TAMAR_TLS_BEARSSL" "no bearssl.h"; fi
    ok "$cc every cut at once" $cc -std=c99 $ones $WARNINGS $obj "$SCRATCH/impl.c"
    ok "$cc every cut defined as 0" $cc -std=c99 $zeros $WARNINGS $obj "$SCRATCH/impl.c"
    ok "$cc JSON alone, no malloc" $cc -std=c99 -DTAMAR_NO_MALLOC=1 $WARNINGS $obj "$SCRATCH/json.c"
done

# -- other machines ----------------------------------------------------------------------------------

for cc in $(c_compilers); do
    if $cc -m32 "$SCRATCH/empty.c" -o "$SCRATCH/empty" 2>/dev/null; then
        ok "$cc -m32" $cc -std=c99 -m32 $WARNINGS $obj "$SCRATCH/impl.c"
        ok "$cc -m32 examples/chat.c links" $cc -std=c99 -m32 -I. examples/chat.c -o "$SCRATCH/chat"
    else skip "$cc -m32" "no 32-bit library"; fi
done
if have musl-gcc; then
    ok "musl-gcc" musl-gcc -std=c99 -O1 -Wall -Wextra -Werror $obj "$SCRATCH/impl.c"
    ok "musl-gcc examples/chat.c links" musl-gcc -I. examples/chat.c -o "$SCRATCH/chat"
    ok "musl-gcc -static examples/chat.c links" musl-gcc -static -I. examples/chat.c -o "$SCRATCH/chat"
else skip "musl-gcc" "not installed"; fi

# -- C++ ---------------------------------------------------------------------------------------------

if [ -z "$(cxx_compilers)" ]; then skip "C++" "no C++ compiler"; fi
for cxx in $(cxx_compilers); do
    for std in c++11 c++20; do
        ok "$cxx $std" $cxx -std=$std $WARNINGS_CXX $obj "$SCRATCH/impl.cpp"
        ok "$cxx $std JSON alone" $cxx -std=$std $WARNINGS_CXX $obj "$SCRATCH/json.cpp"
        ok "$cxx $std declarations" $cxx -std=$std $WARNINGS_CXX $obj "$SCRATCH/decl.cpp"
        ok "$cxx $std tests/hygiene_user.cpp" $cxx -std=$std $WARNINGS_CXX -I. tests/hygiene_user.cpp -o "$SCRATCH/user"
    done
    ok "$cxx tests/hygiene_user.cpp runs" "$SCRATCH/user"
done

# -- hostile surroundings ----------------------------------------------------------------------------

for cc in $(c_compilers); do
    ok "$cc unity build behind system headers" $cc -Wall -Wextra -Werror $obj tests/hygiene_unity.c
    ok "$cc unity build behind system headers, c99 with POSIX" \
        $cc -std=c99 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Wall -Wextra -Werror $obj tests/hygiene_unity.c
    # Where the declarations are truly hidden it may refuse, but only with the cure.
    $cc -std=c99 $obj tests/hygiene_unity.c >"$SCRATCH/strict" 2>&1 || grep -q '#error.*\(define\|include\)' "$SCRATCH/strict"
    ok "$cc unity build with POSIX hidden: builds, or names the cure" test $? -eq 0
done
for cxx in $(cxx_compilers); do
    ok "$cxx unity build behind system headers" $cxx -x c++ -Wall -Wextra -Werror $obj tests/hygiene_unity.c
done

finish
