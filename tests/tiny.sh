#!/bin/sh
# How small a program that talks HTTPS can be: examples/chat.c, static, with musl and BearSSL, by what is cut off.
# Needs musl-gcc and libbearssl-dev, or BEARSSL=DIR, a source tree that was built (DIR/inc, DIR/build/libbearssl.a).
# Fails when one dialect with TLS is larger than LIMIT.
BUILD=${BUILD:-build}
MUSL=${MUSL:-musl-gcc}
LIMIT=${LIMIT:-220}  # KB of 1,000 bytes
dir=$BUILD/tiny
mkdir -p "$dir"

if ! command -v "$MUSL" >/dev/null 2>&1; then
    echo "    skipped: tiny (no $MUSL)"
    exit 0
fi
if [ -n "$BEARSSL" ]; then include=$BEARSSL/inc library=$BEARSSL/build/libbearssl.a
else
    for include in /usr/include/bearssl /usr/local/include/bearssl /usr/include /usr/local/include; do
        if [ -f "$include/bearssl.h" ]; then break; fi
    done
    for library in /usr/lib/*/libbearssl.a /usr/lib/libbearssl.a /usr/local/lib/libbearssl.a; do
        if [ -f "$library" ]; then break; fi
    done
fi
if ! [ -f "$include/bearssl.h" ] || ! [ -f "$library" ]; then
    echo "    skipped: tiny (no bearssl.h and libbearssl.a: install libbearssl-dev or set BEARSSL to a source tree)"
    exit 0
fi

# Distributions compile with _FORTIFY_SOURCE, whose helpers only glibc has. The sizes are checked here as well.
cat >"$dir/shims.c" <<'C'
#include <stddef.h>
#include <string.h>
void *__memcpy_chk(void *to, const void *from, size_t len, size_t room);
void *__memmove_chk(void *to, const void *from, size_t len, size_t room);
void *__memset_chk(void *to, int value, size_t len, size_t room);
void *__memcpy_chk(void *to, const void *from, size_t len, size_t room)
{
    if (len > room) __builtin_trap();
    return memcpy(to, from, len);
}
void *__memmove_chk(void *to, const void *from, size_t len, size_t room)
{
    if (len > room) __builtin_trap();
    return memmove(to, from, len);
}
void *__memset_chk(void *to, int value, size_t len, size_t room)
{
    if (len > room) __builtin_trap();
    return memset(to, value, len);
}
C

# Nothing here unwinds a stack.
if command -v objcopy >/dev/null 2>&1 && objcopy -R .eh_frame "$library" "$dir/libbearssl.a" 2>/dev/null; then
    library=$dir/libbearssl.a
fi

flags="-std=c99 -Os -DNDEBUG -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables
    -fno-stack-protector -fno-pie -no-pie -static -s -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code"
build() # NAME, MACRO...
{
    name=$1
    shift
    out=$dir/$(echo "$name" | tr -c 'a-zA-Z0-9\n' _)
    # shellcheck disable=SC2086
    if ! "$MUSL" $flags "$@" -I. -isystem "$include" "${source:-examples/chat.c}" "$dir/shims.c" "$library" -o "$out" >"$dir/log" 2>&1
    then
        echo "FAILED: $name"
        head -n 20 "$dir/log"
        exit 1
    fi
    size=$(wc -c <"$out")
    printf '  %8d  %s\n' "$size" "$name"
}

echo "bytes, stripped, static, musl, -Os:"
bear=-DTAMAR_TLS_BEARSSL=1
source=examples/tamar.c
build "the tamar command, whole" $bear
source=examples/chat.c
build "chat, whole" $bear
cuts=
for cut in $(sed -n 's/^#ifndef \(TAMAR_NO_[A-Z0-9_]*\)$/\1/p' tamar_llm.h tamar_llm_json.h | sort -u); do
    case $cut in TAMAR_NO_TLS | TAMAR_NO_SOCKETS | TAMAR_NO_MALLOC | TAMAR_NO_MEMO | TAMAR_NO_CHAT) continue ;; esac
    build "chat, $cut" $bear "-D$cut=1"
    cuts="$cuts -D$cut=1"
done
# shellcheck disable=SC2086
build "chat, one dialect, every cut" $bear $cuts
limit_size=$size
# shellcheck disable=SC2086
build "the same, plain http only" -DTAMAR_NO_TLS=1 $cuts
echo "one dialect with TLS: $limit_size bytes; the limit is ${LIMIT},000"
[ "$limit_size" -le "$LIMIT"000 ]
