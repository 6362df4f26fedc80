#!/bin/sh
# Other machines: cross-compiled here, run under Wine and QEMU. Outside the quick tests; what is not installed is skipped
# by name. The parts for the BSDs and macOS are not run on those systems: their kqueue runs over tests/kqueue here.
# The browser and Schannel have scripts of their own, tests/browser.sh and tests/schannel.sh.
#     PLATFORM_TESTS="json url net" sh tests/platforms.sh [ROW]...     ROW: windows schannel i686 arm mips musl kqueue trace browser
. tests/lib.sh

TESTS=${PLATFORM_TESTS:-json num base sse http1 url hash policy chat responses anthropic gemini ollama native rows table dialect
    prefix history errors truncation auth reliability client net}
ROWS=${*:-windows schannel i686 arm mips musl kqueue trace browser}
FLAGS="-std=c99 -O1 -I. -D_FILE_OFFSET_BITS=64"  # QEMU gives directories 64-bit numbers

# row MACHINE RUNNER COMPILER FLAG...: each test is built with the compiler and run by the runner ('' for none)
row()
{
    machine=$1 runner=$2
    shift 2
    if ! have "$1"; then skip "$machine" "no $1"; return; fi
    if [ "$runner" ] && ! have "${runner%% *}"; then skip "$machine" "no ${runner%% *}"; return; fi
    for t in $TESTS; do
        program=$SCRATCH/$machine-$t.exe
        ok "$machine: test_$t compiles" "$@" -o "$program" "tests/test_$t.c" $LIBS
        [ -x "$program" ] || continue
        # shellcheck disable=SC2086
        timeout 900 $runner "$program" >"$SCRATCH/out" 2>&1
        status=$?
        echo "    $machine: test_$t: $(tr -d '\r' <"$SCRATCH/out" | tail -n 1)"
        ok "$machine: test_$t passes" test $status -eq 0
    done
}

# trace RUNNER COMPILER FLAG...: the trace of three thousand random scenarios, which must be the same whatever compiled them
trace()
{
    runner=$1
    shift
    if ! have "$1" || { [ "$runner" ] && ! have "$runner"; }; then skip "the trace with $*" "no $1 or no $runner"; return; fi
    if ! echo 'int main(void) { return 0; }' | "$@" -x c -o "$SCRATCH/none" - 2>/dev/null; then
        skip "the trace with $*" "it links nothing"
        return
    fi
    ok "test_scenarios compiles with $*" "$@" -std=c99 -I. -o "$SCRATCH/scenarios.exe" tests/test_scenarios.c
    $runner "$SCRATCH/scenarios.exe" --from 1 --to 3000 >"$SCRATCH/traced" 2>&1
    this=$(sed -n 's/.*; trace //p' "$SCRATCH/traced")
    echo "    trace $this: $*"
    ok "seeds pass with $*" grep -q '^1 passed, 0 failed' "$SCRATCH/traced"
    ok "the trace of $* is that of the first one" test "${first_trace:=$this}" = "$this"
}

# counted LINE: adds what a script of its own counted
counted()
{
    case $1 in
    *' passed, '*' failed, '*' skipped')
        # shellcheck disable=SC2086
        set -- $1
        passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + $5)) ;;
    *) fail "it ended without its count: $1" ;;
    esac
}

export WINEDEBUG=-all
wine=$(command -v wine64 || command -v wine || echo wine64)
for r in $ROWS; do
    LIBS=
    # shellcheck disable=SC2086
    case $r in
    windows) LIBS="-static -lws2_32 -lpthread"
        row windows "$wine" x86_64-w64-mingw32-gcc $FLAGS -D__USE_MINGW_ANSI_STDIO=1 ;;
    i686) row i686 qemu-i386-static i686-linux-gnu-gcc $FLAGS -static ;;
    arm) row arm qemu-arm-static arm-linux-gnueabihf-gcc $FLAGS -static ;;
    mips) row mips qemu-mips-static mips-linux-gnu-gcc $FLAGS -static ;;  # big endian
    musl) row musl '' musl-gcc $FLAGS -static ;;
    kqueue)
        TESTS="$TESTS os" row kqueue '' "${CC:-cc}" $FLAGS -Itests/kqueue -DTAMAR__OS_EPOLL=0 -DTAMAR__OS_KQUEUE=1
        for system in __APPLE__ __OpenBSD__; do  # their branches, over stand-ins for their headers; not run there
            ok "what $system chooses compiles" "${CC:-cc}" -std=gnu11 -O0 -D$system -Itests/kqueue -I. -o "$SCRATCH/chosen" \
                examples/chat.c
        done ;;
    browser | schannel)
        sh "tests/$r.sh" >"$SCRATCH/$r" 2>&1
        sed '$d' "$SCRATCH/$r"
        counted "$(tail -n 1 "$SCRATCH/$r")" ;;
    trace)
        trace '' gcc -O0
        trace '' gcc -O2
        trace '' clang -O2
        trace '' gcc -m32 -O1
        trace '' musl-gcc -static -O1
        trace qemu-arm-static arm-linux-gnueabihf-gcc -static -O1
        trace qemu-mips-static mips-linux-gnu-gcc -static -O1 ;;  # big endian
    *) skip "$r" "no such row" ;;
    esac
done
finish
