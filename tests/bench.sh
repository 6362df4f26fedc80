#!/bin/sh
# Measures the library beside libcurl + cJSON, beside libssl and beside bare sockets, and prints one table. From the top
# directory:
#   sh tests/bench.sh          about four minutes; BENCH_ROUNDS (5) sets how often everything is measured,
#                              BENCH_ONLY=tls measures https alone
#
# Every number comes from this run. Times are the process's CPU time, the median of interleaved rounds; a ratio is taken
# inside each round, and the median of the ratios is what is judged. Instructions (valgrind), system calls (strace) and
# allocations are differences of two run lengths, so that starting up cancels out. On a busy machine instructions decide.
# What is not installed is skipped by name. The server stays on core 0, the clients on core 1.
cd "$(dirname "$0")/.." || exit 1
CC=${CC:-cc}
B=${BUILD:-build}
ROUNDS=${BENCH_ROUNDS:-5}
ONLY=${BENCH_ONLY:-}
D=$B/bench.d
R=$D/results
LC_ALL=C
export LC_ALL
rm -rf "$D"
mkdir -p "$D"
: >"$R"

broken=0
begun=$(date +%s)
have() { command -v "$1" >/dev/null 2>&1; }
skip() { echo "skipped: $1 ($2)"; }
note() { [ -t 2 ] && printf '\r\033[K%s ' "$1" >&2; }
fault() { echo "FAULT: $1"; broken=1; }

# -- build -----------------------------------------------------------------------------------------

build()  # program, then everything for the compiler
{
    p=$1
    shift
    rm -f "$B/$p"
    # shellcheck disable=SC2086
    "$@" -O2 -I. -o "$B/$p" >"$D/$p.log" 2>&1
}

C99="$CC -std=c99"
note build
build bench-server $CC -std=gnu11 tests/bench_server.c || { cat "$D/bench-server.log"; exit 1; }
build bench-floor $CC -std=gnu11 tests/bench_floor.c || { cat "$D/bench-floor.log"; exit 1; }
WRAP="-DBENCH_WRAP -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc"
echo 'int main(void){return 0;}' >"$D/try.c"
# shellcheck disable=SC2086
$CC $WRAP "$D/try.c" -o "$D/try" >/dev/null 2>&1 || WRAP=
echo '#include <dlfcn.h>
int main(void){return dlopen(0,1)==0;}' >"$D/try.c"
LIBS=
$CC "$D/try.c" -o "$D/try" >/dev/null 2>&1 || LIBS="-ldl -lpthread"
why() { fault "$1 does not build: $(grep -m 1 -E 'error|undefined' "$D/$1.log")"; }
build bench-json $C99 tests/bench_json.c $WRAP || why bench-json
build bench $C99 tests/bench.c $LIBS || why bench
build bench-nomemo $C99 -DTAMAR_NO_MEMO=1 tests/bench.c $LIBS
if have musl-gcc; then
    build bench-static musl-gcc -std=c99 -static tests/bench.c || why bench-static
else skip "the static program's cold start" "no musl-gcc"; fi
build bench-cjson $CC -std=gnu11 tests/bench_cjson.c -lcjson ||
    skip "every comparison with cJSON" "no libcjson-dev"
build bench-curl $CC -std=gnu11 tests/bench_curl.c -lcurl -lcjson ||
    skip "every comparison with libcurl" "no libcurl4-openssl-dev or libcjson-dev"
TLS=
if build tls-front $CC -std=c99 tests/tls_front.c -lssl -lcrypto -lpthread && build bench-ssl $CC -std=gnu11 tests/bench_ssl.c -lssl -lcrypto
then
    if have openssl; then TLS=1; else skip "https" "no openssl command"; fi
else skip "https" "no libssl-dev"; fi
BEAR=
if [ "$TLS" ]; then
    build bench-tls $C99 tests/bench_tls.c $LIBS || why bench-tls
    if build bench-bear $C99 -DTAMAR_TLS_BEARSSL=1 tests/bench_tls.c $LIBS -lbearssl; then BEAR=1
    elif echo '#include <bearssl.h>' | $CC -E -x c - >/dev/null 2>&1; then why bench-bear
    else skip "https by BearSSL" "no libbearssl-dev"; fi
fi
VALGRIND=
if have valgrind; then VALGRIND=1; else skip "instruction counts" "no valgrind"; fi
STRACE=
if have strace && strace -c -o /dev/null true 2>/dev/null; then STRACE=1
else skip "system call counts" "no strace, or not allowed"; fi

# -- run -------------------------------------------------------------------------------------------

BENCH_CORE=
server_core=
if [ "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" -ge 2 ]; then BENCH_CORE=1 server_core=0; fi
export BENCH_CORE
BENCH_CORE=$server_core "$B/bench-server" >"$D/port" &
server=$!
trap 'kill $server 2>/dev/null' EXIT
trap 'exit 1' INT TERM
for i in 1 2 3 4 5 6 7 8 9 10; do [ -s "$D/port" ] || sleep 0.1; done
PORT=$(cat "$D/port")
URL=http://127.0.0.1:$PORT
limit=
if have timeout; then limit="timeout 60"; fi

# A root of P-384, an intermediate and a leaf of P-256, as large sites have them; and the system's roots with ours.
mint() # NAME CURVE SUBJECT EXTENSION ISSUER
{
    printf '%s\n' "$4" >"$D/ext"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:"$2" -nodes -keyout "$D/$1.key" -out "$D/csr" -subj "$3" &&
        if [ "$5" ]; then
            openssl x509 -req -in "$D/csr" -CA "$D/$5.pem" -CAkey "$D/$5.key" -CAcreateserial -days 30 -extfile "$D/ext" -out "$D/$1.pem"
        else openssl x509 -req -in "$D/csr" -signkey "$D/$1.key" -sha384 -days 30 -extfile "$D/ext" -out "$D/$1.pem"; fi
}
BUNDLE=/etc/ssl/certs/ca-certificates.crt
front=
if [ "$TLS" ]; then
    if { mint root P-384 "/O=Bench/CN=Bench Root" basicConstraints=critical,CA:TRUE "" &&
        mint middle P-256 "/O=Bench/CN=Bench Middle" basicConstraints=critical,CA:TRUE root &&
        mint leaf P-256 /CN=localhost subjectAltName=DNS:localhost middle &&
        cat "$D/leaf.pem" "$D/middle.pem" "$D/leaf.key" >"$D/server.pem"; } >"$D/mint.log" 2>&1
    then
        "$B/tls-front" "$D/server.pem" 127.0.0.1 0 127.0.0.1 "$PORT" >"$D/tls-port" &
        front=$!
        if [ "$server_core" ] && have taskset; then taskset -apc "$server_core" $front >/dev/null 2>&1; fi
        for i in 1 2 3 4 5 6 7 8 9 10; do [ -s "$D/tls-port" ] || sleep 0.1; done
        TLS_PORT=$(cat "$D/tls-port")
        [ "$TLS_PORT" ] || { fault "tls-front does not listen"; TLS=; }
        mkdir -p "$D/certs"
        cp "$D/root.pem" "$D/certs"
        if [ -f $BUNDLE ]; then
            cat $BUNDLE "$D/root.pem" >"$D/bundle.pem"
            cp /etc/ssl/certs/*.pem "$D/certs" 2>/dev/null
        else skip "https with the system's roots" "no $BUNDLE"; fi
        openssl rehash "$D/certs" >/dev/null 2>&1 || c_rehash "$D/certs" >/dev/null 2>&1
    else
        fault "no certificates: $(tail -n 1 "$D/mint.log")"
        TLS=
    fi
fi
trap 'kill $server $front 2>/dev/null' EXIT

# Runs one program and keeps its numbers:  measure WORK PEER PROGRAM ARG...
measure()
{
    work=$1 peer=$2
    shift 2
    [ -x "$1" ] || return 1
    if $limit "$@" >"$D/out" 2>"$D/err"; then sed "s,^,$work $peer $round ," "$D/out" >>"$R"
    else
        fault "$work, $peer: $(tail -n 1 "$D/err")"
        return 1
    fi
}

# The numbers of one round of everything.
json_round()
{
    for peer in bench-json bench-cjson; do
        measure chunk $peer "$B/$peer" chunk $((100000 / shorter))
        measure padded $peer "$B/$peer" padded $((100000 / shorter))
        measure completion $peer "$B/$peer" completion $((20000 / shorter))
        measure document $peer "$B/$peer" document $((60 / shorter))
        measure visit $peer "$B/$peer" visit $((60 / shorter))
        measure write $peer "$B/$peer" write $((10000 / shorter))
    done
}

net_round()
{
    measure small floor "$B/bench-floor" small "$PORT" /n=0/v1 $((3000 / shorter))
    measure stream floor "$B/bench-floor" stream "$PORT" /n=200000/v1
    measure stream_padded floor "$B/bench-floor" stream "$PORT" /n=200000,o=1/v1
    for peer in bench bench-curl; do
        measure small $peer "$B/$peer" small "$URL/n=0/v1" $((3000 / shorter))
        measure stream $peer "$B/$peer" stream "$URL/n=200000/v1"
        measure stream_padded $peer "$B/$peer" stream "$URL/n=200000,o=1/v1"
    done
    measure stream each "$B/bench" each "$URL/n=200000/v1"
    measure stream bench-nomemo "$B/bench-nomemo" stream "$URL/n=200000/v1"
    measure stream_padded bench-nomemo "$B/bench-nomemo" stream "$URL/n=200000,o=1/v1"
}

cold_round()
{
    for peer in bench bench-curl bench-static; do
        [ -x "$B/$peer" ] || continue
        measure cold $peer "$B/bench-floor" spawn 25 "$B/$peer" cold "$URL/n=0/v1"
        for i in 1 2 3 4 5; do measure cold $peer "$B/$peer" cold "$URL/n=0/v1" rss; done  # it depends on where pages lie
    done
    measure cold floor "$B/bench-floor" spawn 25 "$B/bench-floor" cold "$PORT" /n=0/v1
}

slow_round()
{
    for peer in bench bench-curl; do measure slow $peer "$B/$peer" slow "$URL/n=100,d=20/v1" 1000; done
    measure slow floor "$B/bench-floor" slow "$PORT" /n=100,d=20/v1 1000
}

tls_round()
{
    [ "$TLS" ] || return
    at="localhost $TLS_PORT $D/root.pem"
    # shellcheck disable=SC2086
    for peer in bench-ssl bench-tls bench-bear; do
        measure bulk $peer "$B/$peer" bulk $at 20000000 10
        measure shake $peer "$B/$peer" shake $at 60
        measure again $peer "$B/$peer" again $at 150
    done
    # shellcheck disable=SC2086
    for peer in bench-tls bench-bear; do
        [ -x "$B/$peer" ] || continue
        measure records $peer "$B/$peer" records $at 40000000
        measure wall $peer "$B/$peer" wall $at 30
        [ ! -f "$D/bundle.pem" ] || measure roots $peer "$B/$peer" roots $BUNDLE
        measure https $peer "$B/bench-floor" spawn 15 "$B/$peer" cold $at
        # What the system trusts: libssl finds an issuer in the directory by its hash, BearSSL reads the bundle.
        if [ -f "$D/bundle.pem" ]; then
            if [ $peer = bench-tls ]; then SSL_CERT_DIR=$D/certs SSL_CERT_FILE=$D/root.pem; else SSL_CERT_FILE=$D/bundle.pem; fi
            export SSL_CERT_FILE SSL_CERT_DIR
            measure https_system $peer "$B/bench-floor" spawn 15 "$B/$peer" cold localhost "$TLS_PORT"
            unset SSL_CERT_FILE SSL_CERT_DIR
        fi
    done
    # shellcheck disable=SC2086
    measure shaking bench-tls "$B/bench-tls" pump $at 200
}

# The same text must come out of both, before anybody is fast.
round=check shorter=10
BENCH_CHECK=1
export BENCH_CHECK
note "check that all read the same text"
[ "$ONLY" ] || { json_round; net_round; }
unset BENCH_CHECK
awk '$4 == "text_bytes" || $4 == "text_hash" {
        if (!(($1, $4) in first)) { first[$1, $4] = $5; who[$1] = $2 }
        else if (first[$1, $4] != $5) print $1 ": " who[$1] " and " $2 " differ in " $4 ": " first[$1, $4] ", " $5
    }' "$R" >"$D/differ"
if [ -s "$D/differ" ]; then fault "$(cat "$D/differ")"; fi
grep -v '^[^ ]* [^ ]* check ' "$R" >"$D/rest"
mv "$D/rest" "$R"

round=1 shorter=1
while [ "$round" -le "$ROUNDS" ]; do
    note "round $round of $ROUNDS"
    if [ -z "$ONLY" ]; then
        json_round
        net_round
        cold_round
        slow_round
        measure sse bench "$B/bench" sse 100000
        measure decode bench "$B/bench" decode 200000
        measure pump bench "$B/bench" pump "$URL/n=200000/v1"
    fi
    tls_round
    round=$((round + 1))
done

# -- counts ----------------------------------------------------------------------------------------

callgrind()
{
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | awk '/Collected :/ { print $4 }'
}
# The last line of strace -c is the total; its fourth column the calls.
syscalls() { strace -c -f -o "$D/strace" "$@" >/dev/null 2>&1; awk '$NF == "total" { print $4 }' "$D/strace"; }

# count HOW WORK PEER SHORT LONG PROGRAM ARG...   where @ in the arguments stands for the length
count()
{
    how=$1 work=$2 peer=$3 short=$4 long=$5 round=1
    shift 5
    [ -x "$1" ] || return
    note "$how: $work, $peer"
    # shellcheck disable=SC2046
    a=$($how $(echo "$@" | sed "s,@,$short,"))
    # shellcheck disable=SC2046
    b=$($how $(echo "$@" | sed "s,@,$long,"))
    [ -n "$a" ] && [ -n "$b" ] && echo "$work $peer 1 $how $(awk "BEGIN { print ($b - $a) / ($long - $short) }")" >>"$R"
}

if [ "$VALGRIND" ] && [ -z "$ONLY" ]; then
    for peer in bench-json bench-cjson; do
        for work in chunk padded completion write; do count callgrind $work $peer 640 3200 "$B/$peer" $work @; done
        count callgrind document $peer 1 3 "$B/$peer" document @
    done
    for peer in bench bench-curl; do
        count callgrind small $peer 100 400 "$B/$peer" small "$URL/n=0/v1" @
        count callgrind stream $peer 2000 12000 "$B/$peer" stream "$URL/n=@/v1"
        count callgrind stream_padded $peer 2000 12000 "$B/$peer" stream "$URL/n=@,o=1/v1"
        count callgrind slow $peer 40 240 "$B/$peer" slow "$URL/n=@,d=5/v1" 1
    done
    count callgrind stream bench-nomemo 2000 12000 "$B/bench-nomemo" stream "$URL/n=@/v1"
    count callgrind stream_padded bench-nomemo 2000 12000 "$B/bench-nomemo" stream "$URL/n=@,o=1/v1"
    count callgrind decode bench 8192 32768 "$B/bench" decode @
    for peer in bench bench-curl bench-static; do
        [ -x "$B/$peer" ] && echo "cold $peer 1 callgrind $(callgrind "$B/$peer" cold "$URL/n=0/v1")" >>"$R"
    done
fi
if [ "$STRACE" ] && [ -z "$ONLY" ]; then
    # Two milliseconds for an answer: strace slows a client so much that it would never have to wait otherwise.
    for peer in bench bench-curl; do
        count syscalls small $peer 20 120 "$B/$peer" small "$URL/n=0,d=2/v1" @
        count syscalls slow $peer 40 240 "$B/$peer" slow "$URL/n=@,d=5/v1" 1
    done
fi

# -- the code itself -------------------------------------------------------------------------------

note "size and compile time"
printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm_json.h"\n' >"$D/json.c"
printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm.h"\n' >"$D/llm.c"
# Code is .text and what constants it has; the exact number conversions' tables are shown apart.
if [ -z "$ONLY" ] && have size && have nm && $CC -std=c99 -Os -DTAMAR_NO_SHAPE=1 -fno-asynchronous-unwind-tables -I. \
    -c "$D/json.c" -o "$D/json.o" 2>"$D/json.log"; then
    code=$(size -A "$D/json.o" | awk '$1 ~ /^\.text/ { n += $2 } END { print n + 0 }')
    rest=$(size -A "$D/json.o" | awk '$1 ~ /^\.(rodata|data\.rel\.ro)/ { n += $2 } END { print n + 0 }')
    tables=0
    for hex in $(nm -S "$D/json.o" | awk 'NF == 4 && $3 ~ /[rR]/ && $4 ~ /^tamar__num_/ { print $2 }'); do
        tables=$((tables + 0x$hex))
    done
    echo "size json 1 code $code
size json 1 constants $((rest - tables))
size json 1 tables $tables" >>"$R"
fi
if [ -z "$ONLY" ] && $CC -std=c99 -O2 -I. -c "$D/llm.c" -o "$D/llm.o" 2>"$D/llm.log"; then
    round=1
    # shellcheck disable=SC2086
    set -- $CC
    first=$(command -v "$1")
    shift
    measure compile cc "$B/bench-floor" spawn 3 "$first" "$@" -std=c99 -O2 -I. -c "$D/llm.c" -o "$D/llm.o"
fi

# -- the table -------------------------------------------------------------------------------------

note ""
[ -t 2 ] && printf '\r\033[K' >&2
echo
cpu=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
cjson=$(awk '/define CJSON_VERSION_/ { v = v sep $3; sep = "." } END { print v }' /usr/include/cjson/cJSON.h 2>/dev/null)
echo "$($CC --version | head -n 1), -O2; $(uname -sm), $(getconf _NPROCESSORS_ONLN) x $cpu"
if [ -x "$B/bench-curl" ]; then echo "against $(curl-config --version 2>/dev/null || echo libcurl) and cJSON $cjson"; fi
echo "$ROUNDS rounds, $(($(date +%s) - begun)) s. 'of curl': libcurl + cJSON; 'of bare': a loop of system calls."
echo "Rows without a goal are for information."
echo
awk '
function median(list, n,    i, j, t) {
    for (i = 2; i <= n; i++) {
        t = list[i]
        for (j = i - 1; j > 0 && list[j] > t; j--) list[j + 1] = list[j]
        list[j + 1] = t
    }
    return n == 0 ? "" : n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function value(work, peer, name,    r, n, list) {
    for (r = 1; r <= rounds; r++) if ((work, peer, r, name) in got) list[++n] = got[work, peer, r, name]
    return median(list, n)
}
function ratio(work, name, a, b,    r, n, list) {
    for (r = 1; r <= rounds; r++)
        if (((work, a, r, name) in got) && ((work, b, r, name) in got) && got[work, b, r, name] > 0)
            list[++n] = got[work, a, r, name] / got[work, b, r, name]
    return median(list, n)
}
function commas(x,    s, out) {
    if (x == "") return "-"
    s = sprintf("%.0f", x)
    while (length(s) > 3) { out = "," substr(s, length(s) - 2) out; s = substr(s, 1, length(s) - 3) }
    return s out
}
function time(ns) {
    if (ns == "") return "-"
    if (ns < 1e3) return sprintf("%.1f ns", ns)
    if (ns < 1e6) return sprintf("%.2f us", ns / 1e3)
    return ns < 1e9 ? sprintf("%.2f ms", ns / 1e6) : sprintf("%.2f s", ns / 1e9)
}
function dashes(n,    s) { while (n--) s = s "-"; return s }
function limit(x, unit) { return x == "" ? "" : (speedy ? ">= " : "<= ") (x >= 1000 ? commas(x) : x) unit }
function good(x, goal) { return speedy ? x >= goal : x <= goal }
# One line: shown, the value that is judged, as text, and its limits ("" for none).
function row(work, shown, x, text, must, aim, unit,    verdict) {
    if (x == "") verdict = must aim == "" ? "" : "skipped"
    else {
        if (must != "") {
            verdict = good(x, must) ? "met" : "not met"
            if (good(x, must)) reached++
            else missed++
        }
        if (aim != "" && (must == "" || good(x, must)))
            verdict = verdict (must == "" ? "" : ", ") (good(x, aim) ? "aim met" : "aim not met")
    }
    if (x == "" && only) return
    if (x == "") text = ""
    printf format, work, shown, text, limit(must, unit), limit(aim, unit), verdict
}
function name_of(peer)
{
    return peer == "floor" ? "bare" : peer == "bench-cjson" ? "cJSON" : peer == "bench-ssl" ? "libssl" : "curl"
}
# So many MB/s at least.
function speed(label, work, peer, must, aim,    x, text) {
    x = value(work, peer, "cpu_ns")
    text = x == "" ? "-" : commas(1e9 / x) " MB/s"
    speedy = 1
    row(label, text, x == "" ? "" : 1e9 / x, "", must, aim, " MB/s")
    speedy = 0
}
function tls(label, work, must,    x, y) {
    x = ratio(work, "cpu_ns", "bench-tls", "bench-ssl"); y = value(work, "bench-tls", "cpu_ns")
    row(label, work == "bulk" ? (y == "" ? "-" : commas(1e9 / y) " MB/s") : time(y), x, sprintf("%.3f of libssl", x), must, "")
}
function wall(label, work, peer, name, must, aim,    x) {
    x = value(work, peer, name)
    plain(x == "" ? "" : x / 1e6, time(x), must, aim, label, " ms")
}
# A process by the clock on the wall. The best of each round is what is judged: others may use this machine, too.
function start(label, work, peer,    x) {
    x = value(work, peer, "best_ns")
    plain(x == "" ? "" : x / 1e6, "best " time(x) ", median " time(value(work, peer, "wall_ns")), 10, 6.5, label, " ms")
}
# The time NAME of WORK, ours beside another.
function beside(label, work, name, ours, other, must, aim,    x) {
    x = ratio(work, name, ours, other)
    row(label, time(value(work, ours, name)), x, sprintf("%.3f of %s", x, name_of(other)), must, aim)
}
function versus(work, must, aim, label) { beside(label, work, "cpu_ns", "bench", "bench-curl", must, aim) }
function json(work, must, aim, label) { beside(label, work, "cpu_ns", "bench-json", "bench-cjson", must, aim) }
function bare(work, name, aim,    x) {
    x = ratio(work, name, "bench", "floor")
    row("  the same beside bare sockets", time(value(work, "floor", name)) " bare", x, sprintf("%.3f of bare", x), "", aim)
}
function nomemo(work) {
    beside("  without the memo", work, "cpu_ns", "bench-nomemo", "bench-curl", "", "")
    instructions(work, "bench-nomemo", "bench-curl", "", "", "  instructions without the memo")
}
function instructions(work, peer, other, must, aim, label,    x, y) {
    x = value(work, peer, "callgrind"); y = value(work, other, "callgrind")
    row(label, commas(x), x, x > 0 && y > 0 ? sprintf("%.3f of %s", x / y, name_of(other)) : "", must, aim)
}
function plain(x, shown, must, aim, label, unit) { row(label, x == "" ? "-" : shown, x, "", must, aim, unit) }
function events(piece, must, aim, label,    x) {
    x = value("sse", "bench", "ratio_" piece)
    row("event stream, " label, time(value("sse", "bench", "ns_" piece)), x, sprintf("%.2f of memchr", x), must, aim)
}
{ got[$1, $2, $3, $4] = $5 }
END {
    format = "| %-52s | %-25s | %-15s | %-11s | %-11s | %-17s |\n"
    printf format, "work", "measured", "ratio", "must", "aim", "verdict"
    print "|" dashes(54) "|" dashes(27) "|" dashes(17) "|" dashes(13) "|" dashes(13) "|" dashes(19) "|"

    versus("small", 0.73, "", "small request, 1.2 KB reply, keep-alive: CPU")
    bare("small", "cpu_ns", 1.05)
    instructions("small", "bench", "bench-curl", 25000, 12000, "  user instructions")
    x = value("small", "bench", "syscalls"); y = value("small", "bench-curl", "syscalls")
    plain(x, sprintf("%.2f (curl %.2f)", x, y), 4, 2, "  system calls, when the answer takes 2 ms")
    x = value("small", "bench", "asked")
    plain(x, sprintf("%.2f", x), "", 0, "  calls of the allocator")

    versus("stream", 0.30, 0.10, "stream of 200,000 chunks: CPU a chunk")
    bare("stream", "cpu_ns", "")
    instructions("stream", "bench", "bench-curl", 2500, 700, "  instructions")
    beside("  with on_event", "stream", "cpu_ns", "each", "bench-curl", "", "")
    x = value("decode", "bench", "cpu_ns")
    plain(x, time(x), "", "", "  the decoder alone")
    x = value("decode", "bench", "callgrind")
    plain(x, commas(x), "", "", "  instructions of the decoder alone")
    nomemo("stream")
    versus("stream_padded", 0.40, 0.25, "the same with a field of random length (300 bytes)")
    instructions("stream_padded", "bench", "bench-curl", "", "", "  instructions")
    nomemo("stream_padded")

    json("chunk", 0.17, 0.135, "parse a 180-byte chunk, take the delta (reader)")
    instructions("chunk", "bench-json", "bench-cjson", "", 2000, "  instructions")
    json("padded", "", "", "parse a 300-byte chunk, take the delta (reader)")
    json("completion", 0.22, 0.15, "parse a 1 KB completion, take text and usage")
    instructions("completion", "bench-json", "bench-cjson", "", "", "  instructions")
    json("document", 0.25, 0.18, "parse a 600 KB document whole")
    instructions("document", "bench-json", "bench-cjson", "", "", "  instructions")
    json("visit", "", "", "  the same, and visit every value")
    json("write", 0.19, 0.09, "write a request of 20 messages into a fixed buffer")
    instructions("write", "bench-json", "bench-cjson", "", "", "  instructions")
    x = value("write", "bench-json", "allocations")
    if (wrapped) plain(x, sprintf("%.2f", x), "", 0, "  allocations")

    events(65536, 3, 2, "64 KB at a time")
    events("event", 3, 2, "one event at a time")
    events(1000, 3, 2, "1,000 bytes at a time")
    events(61, "", "", "61 bytes: each event in three pieces")

    versus("slow", 0.75, 0.60, "1,000 slow streams on one thread: CPU a chunk")
    bare("slow", "cpu_ns", "")
    instructions("slow", "bench", "bench-curl", "", "", "  instructions, one event a wake")
    x = value("slow", "bench", "syscalls"); y = value("slow", "bench-curl", "syscalls")
    plain(x, sprintf("%.2f (curl %.2f)", x, y), "", "", "  system calls, one event a wake")
    x = value("slow", "bench", "kb_stream"); y = value("slow", "bench-curl", "kb_stream")
    plain(x, sprintf("%.2f KB (curl %.1f)", x, y), 8, 2, "  resident memory a stream", " KB")
    x = value("slow", "bench", "kb_asked")
    plain(x, sprintf("%.2f KB", x), "", "", "  of it asked from the allocator")

    beside("cold start, one request, exit: wall time", "cold", "wall_ns", "bench", "bench-curl", 0.20, "")
    bare("cold", "wall_ns", "")
    beside("  static", "cold", "wall_ns", "bench-static", "bench-curl", "", "")
    x = value("cold", "bench", "hwm_kb"); y = value("cold", "bench-curl", "hwm_kb")
    plain(x, sprintf("%s KB (curl %s)", commas(x), commas(y)), 2048, "", "  resident memory", " KB")
    instructions("cold", "bench", "bench-curl", "", "", "  instructions, shared libc")
    instructions("cold", "bench-static", "bench-curl", "", 80000, "  instructions, static")

    x = value("size", "json", "code"); y = value("size", "json", "tables")
    if (x != "") x = (x + value("size", "json", "constants")) / 1024
    plain(x, sprintf("%.1f KB + tables %.1f", x, y / 1024), 25, 16, "JSON header at -Os: code without number tables", " KB")
    x = value("compile", "cc", "cpu_ns")
    if (x != "") x /= 1e9
    plain(x, sprintf("%.2f s", x), 2, 1, "compile the implementation at -O2: CPU", " s")
    x = value("pump", "bench", "cpu_us"); y = value("pump", "bench", "wall_us")
    plain(x, sprintf("%.1f us (wall %.1f)", x, y), "", 100, "pump(client, 0) of a full-speed stream, p99.9: CPU", " us")

    tls("https, libssl: bulk download, CPU", "bulk", 1.1)
    tls("  connection and full handshake, CPU", "shake", 1.1)
    tls("  connection and resumed handshake, CPU", "again", 1.1)
    speed("  TLS records alone", "records", "bench-tls", "", "")
    start("  cold: start, one request, exit; one root", "https", "bench-tls")
    start("  cold, the roots of the system", "https_system", "bench-tls")
    wall("  a request on a new connection, full handshake", "wall", "bench-tls", "full_ns", "", "")
    wall("  the same, resumed", "wall", "bench-tls", "again_ns", 1.5, "")
    x = value("shaking", "bench-tls", "cpu_us"); y = value("shaking", "bench-tls", "whole_us")
    plain(x, sprintf("%.1f us (with it %s)", x, commas(y)), "", 100, "  pump(client, 0), p99.9, less what libssl takes", " us")
    wall("  the whole bundle of roots, were it read", "roots", "bench-tls", "first_ns", "", "")
    speed("https, BearSSL: TLS records alone", "records", "bench-bear", aes ? 2000 : "", aes ? 2400 : "")
    speed("  bulk download, CPU", "bulk", "bench-bear", "", "")
    wall("  connection and full handshake, CPU", "shake", "bench-bear", "cpu_ns", "", "")
    wall("  connection and resumed handshake, CPU", "again", "bench-bear", "cpu_ns", "", "")
    x = value("roots", "bench-bear", "roots")
    wall("  a bundle of " (x == "" ? "" : x " ") "roots ready, CPU", "roots", "bench-bear", "first_ns", 3, 0.5)
    start("  cold: start, one request, exit; one root", "https", "bench-bear")
    start("  cold, the roots of the system", "https_system", "bench-bear")
    wall("  a request on a new connection, resumed", "wall", "bench-bear", "again_ns", 1.5, "")
    print ""
    print reached + 0 " musts met, " missed + 0 " not met"
}' rounds="$ROUNDS" wrapped="$WRAP" only="$ONLY" aes="$(grep -m 1 -o -w aes /proc/cpuinfo 2>/dev/null)" "$R"
exit $broken
