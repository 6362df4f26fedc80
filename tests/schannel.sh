#!/bin/sh
# Schannel, cross-compiled and run under Wine, whose own Schannel is GnuTLS: its part by itself with a played provider, then
# the matrix of test_tls.c against `openssl s_server`, with tls_probe.c as the client, then signatures by CNG. What is not
# installed, and what Wine cannot do, is skipped by name. Nothing of this has been run on a real Windows.
. tests/lib.sh

MINGW=${MINGW:-x86_64-w64-mingw32-gcc}
MINGW_CXX=${MINGW_CXX:-x86_64-w64-mingw32-g++}
export WINEDEBUG=-all
wine=$(command -v wine64 || command -v wine)
for tool in "$MINGW" openssl timeout; do
    if ! have "$tool"; then
        skip "schannel" "no $tool"
        finish
    fi
done
printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm.h"\n' >"$SCRATCH/impl.c"
cp "$SCRATCH/impl.c" "$SCRATCH/impl.cpp"
# shellcheck disable=SC2086
for std in c99 c11; do ok "no warnings in $std" "$MINGW" -std=$std -O1 -I. $WARNINGS -c -o "$SCRATCH/impl.o" "$SCRATCH/impl.c"; done
# shellcheck disable=SC2086
if have "$MINGW_CXX"; then ok "no warnings in C++11" "$MINGW_CXX" -std=c++11 -O1 -I. $WARNINGS_CXX -c -o "$SCRATCH/impl.o" "$SCRATCH/impl.cpp"; fi
if [ -z "$wine" ]; then
    skip "schannel" "no wine"
    finish
fi

# counted NAME FILE: shows what a test printed, and adds what it counted
counted()
{
    sed '$d' "$2" | tr -d '\r'
    # shellcheck disable=SC2046
    set -- "$1" $(tail -n 1 "$2" | tr -d '\r,')
    case "$3 $5 $7" in
    'passed failed skipped') passed=$((passed + $2)) failed=$((failed + $4)) skipped=$((skipped + $6)) ;;
    *) fail "$1 ended without its count" ;;
    esac
}

FLAGS="-std=c99 -O1 -I. -D__USE_MINGW_ANSI_STDIO=1"
LIBS="-static -lws2_32 -lpthread"  # none for TLS: its libraries are opened at run time
# shellcheck disable=SC2086
ok "test_tls_schannel.c compiles" "$MINGW" $FLAGS -o "$SCRATCH/schannel.exe" tests/test_tls_schannel.c $LIBS -lcrypt32
timeout 300 "$wine" "$SCRATCH/schannel.exe" >"$SCRATCH/said" 2>&1
counted "test_tls_schannel" "$SCRATCH/said"

# shellcheck disable=SC2086
ok "tls_probe.c compiles" "$MINGW" $FLAGS -o "$SCRATCH/probe.exe" tests/tls_probe.c $LIBS
ok "test_tls.c compiles for a probe" "$CC" -std=c99 -O1 -I. -DPROBE=1 -o "$SCRATCH/matrix" tests/test_tls.c
TLS_PROBE="timeout 60 '$wine' '$SCRATCH/probe.exe'" timeout 900 "$SCRATCH/matrix" >"$SCRATCH/said" 2>&1 </dev/null
counted "test_tls over the probe" "$SCRATCH/said"

mkdir -p "$SCRATCH/sign"
# shellcheck disable=SC2086
ok "test_auth.c compiles" "$MINGW" $FLAGS -o "$SCRATCH/sign/auth.exe" tests/test_auth.c $LIBS
printf '#!/bin/sh\nexec timeout 60 "%s" "%s" "$@"\n' "$wine" "$SCRATCH/sign/auth.exe" >"$SCRATCH/sign/test_auth"
chmod +x "$SCRATCH/sign/test_auth"
BUILD=$SCRATCH/sign sh tests/test_auth.sh >"$SCRATCH/said" 2>&1
counted "signatures" "$SCRATCH/said"
finish
