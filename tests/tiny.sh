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

flags="-std=c99 ${OPT:--Os} -DNDEBUG -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables
    -fno-stack-protector -fno-pie -no-pie -static -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro"
whole=
# build SOURCE NAME, MACRO...: the file's size, which grows in pages, and what is loaded of it; the file's in $size
build()
{
    source=$1 name=$2
    shift 2
    out=$dir/$(echo "$name" | tr -c 'a-zA-Z0-9\n' _)
    # shellcheck disable=SC2086
    if ! "$MUSL" $flags "$@" -I. -isystem "$include" "$source" "$dir/shims.c" "$library" -o "$out.full" -Wl,-Map="$out.map" >"$dir/log" 2>&1 ||
        ! strip -o "$out" "$out.full"
    then
        echo "FAILED: $name"
        head -n 20 "$dir/log"
        exit 1
    fi
    size=$(wc -c <"$out")
    loaded=$(size "$out" | awk 'NR == 2 { print $1 + $2 }')
    saved=
    if [ "$whole" ]; then saved=$((whole - loaded)); fi
    printf '  %8d  %8d  %8s  %s\n' "$size" "$loaded" "$saved" "$name"
}

bear=-DTAMAR_TLS_BEARSSL=1
echo "bytes, stripped, static, musl, ${OPT:--Os}:"
printf '  %8s  %8s  %8s\n' file loaded saved
build examples/tamar.c "the tamar command, whole" $bear
build examples/chat.c "chat, whole" $bear
whole=$loaded
cuts=
for cut in $(sed -nE 's/^#ifndef (TAMAR_NO_[A-Z0-9_]*|TAMAR_TLS_LEAN)$/\1/p' tamar_llm.h tamar_llm_json.h | sort -u); do
    case $cut in TAMAR_NO_TLS | TAMAR_NO_SOCKETS | TAMAR_NO_MALLOC | TAMAR_NO_CHAT) continue ;; esac
    build examples/chat.c "chat, $cut" $bear "-D$cut=1"
    cuts="$cuts -D$cut=1"
done
build examples/chat.c "chat, TAMAR_ONLY_CHAT: one dialect" $bear -DTAMAR_ONLY_CHAT=1
# shellcheck disable=SC2086
build examples/chat.c "the same, plain http only" -DTAMAR_NO_TLS=1 -DTAMAR_ONLY_CHAT=1
# shellcheck disable=SC2086
build examples/chat.c "one dialect and every cut, plain http only" -DTAMAR_NO_TLS=1 -DTAMAR_ONLY_CHAT=1 $cuts
# shellcheck disable=SC2086
build examples/chat.c "one dialect and every cut" $bear -DTAMAR_ONLY_CHAT=1 $cuts
limit_size=$size

# Whose bytes are these? By the linker's map; then the largest symbols.
awk 'function number(hex,    i, n) {
        for (i = 3; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
        return n
    }
    /^Linker script and memory map/ { on = 1 }
    !on { next }
    NF == 1 && /^ \.[a-z]/ { section = $1; next }
    NF == 4 && /^ \.[a-z]/ { section = $1; at = $2; size = $3; file = $4 }
    NF == 3 && /^ +0x/ && section { at = $1; size = $2; file = $3 }
    NF >= 3 && section {
        if (at !~ /^0x0*$/ && section !~ /^\.(debug|comment|bss)/) {
            who = file ~ /libbearssl/ ? "BearSSL" : file ~ /lib(c|gcc)\.a/ ? "the C library" : "Tamar"
            what = section ~ /^\.text/ ? "code" : "constants"
            sum[who ", " what] += number(size)
        }
        section = ""
    }
    END { for (w in sum) if (sum[w] > 500) printf "  %8d  %s\n", sum[w], w }' "$out.map" | sort -rn
echo "its largest symbols (TINY_TOP=${TINY_TOP:-16}):"
nm -t d -S --size-sort -r "$out.full" | awk -v top="${TINY_TOP:-16}" 'NF == 4 && $3 !~ /[bB]/ && n++ < top { printf "  %8d  %s\n", $2, $4 }'
echo "one dialect with TLS: $limit_size bytes; the limit is ${LIMIT},000"
[ "$limit_size" -le "$LIMIT"000 ]
