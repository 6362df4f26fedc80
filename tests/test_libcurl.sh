#!/bin/sh
# https where there is no libssl: the system's libcurl carries it. The driver is built so that it finds no libssl, and
# talks to the simulated provider behind a TLS server; then all that is proven of proxies is proven once more through it.
. tests/lib.sh
DRIVER=$SCRATCH/driver
SIM=$BUILD/provider-sim
CANARY=sk-canary-0123456789
trap stop_servers EXIT
trap 'exit 1' INT TERM
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY OPENAI_API_KEY OPENAI_BASE_URL
unset SSL_CERT_FILE SSL_CERT_DIR
NONE=-DTAMAR__OS_LIBSSL='"libnone.so"'

if [ "$(uname -s)" != Linux ] || ! have openssl; then
    skip "https by libcurl" "no Linux, or no openssl"
    finish
fi
if ! build_tls_front; then
    skip "https by libcurl" "tests/tls_front.c does not build: no libssl-dev?"
    finish
fi
ok "the driver builds" $CC -std=gnu11 -O1 -I. "$NONE" -o "$DRIVER" tests/network_driver.c

authority ca
authority other
certificate good DNS:localhost,IP:127.0.0.1,DNS:models.example
certificate wrong DNS:elsewhere.example
certificate plain ""
pin() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER 2>/dev/null | openssl dgst -sha256 -binary | openssl base64; }

server sim "$SIM" --with-parent --max-seconds 300
server inner "$BUILD/network_driver" tap "$sim" "$SCRATCH/origin.bytes"
server https "$SCRATCH/tls_front" "$SCRATCH/good.all" 127.0.0.1 0 127.0.0.1 "$inner"
server nameless "$SCRATCH/tls_front" "$SCRATCH/plain.all" 127.0.0.1 0 127.0.0.1 "$inner"
server named "$SCRATCH/tls_front" "$SCRATCH/wrong.all" 127.0.0.1 0 127.0.0.1 "$inner"

# call WHAT DRIVER-OPTION...
call()
{
    what=$1
    shift
    : >"$SCRATCH/origin.bytes"
    "$DRIVER" call key=$CANARY ca="$SCRATCH/ca.pem" connect_ms=5000 "$@" >"$SCRATCH/said" 2>&1
    category=$(sed -n 's/.*category=\([^ ]*\).*/\1/p' "$SCRATCH/said")
}
ends() { ok "$what: ends as $1: $(cat "$SCRATCH/said")" [ "$category" = "$1" ]; }
says() { ok "$what: says '$1': $(sed 's/.*message=//' "$SCRATCH/said")" grep -qF -- "$1" "$SCRATCH/said"; }
holds() { ok "$what: the server was told '$1'" grep -qaF -- "$1" "$SCRATCH/origin.bytes"; }
silent() { ok "$what: the server heard nothing" [ ! -s "$SCRATCH/origin.bytes" ]; }
least() { ok "$what: $1 is $2 at least: $(cat "$SCRATCH/said")" [ "$(sed "s/.*$1=\([0-9]*\).*/\1/" "$SCRATCH/said")" -ge "$2" ]; }
most() { ok "$what: $1 is $2 at most: $(cat "$SCRATCH/said")" [ "$(sed "s/.*$1=\([0-9]*\).*/\1/" "$SCRATCH/said")" -le "$2" ]; }

U=https://localhost:$https
call "an answer" url=$U/v1
if grep -q "neither was found" "$SCRATCH/said"; then
    skip "https by libcurl" "no libcurl: apt-get install libcurl4"
    finish
fi
ends ok
holds "Bearer $CANARY"
holds "POST /v1/chat/completions HTTP/1.1"
call "a stream, three times over one connection" url=$U/sim/n=50/v1 stream calls=3
ends ok
says "reused=2"
call "a large answer" url=$U/sim/n=20000/v1 stream
ends ok
least text 80000
call "an address" url=https://127.0.0.1:$https/v1
ends ok
call "roots by SSL_CERT_FILE" url=$U/v1 ca=
ends tls_cert
SSL_CERT_FILE=$SCRATCH/ca.pem
export SSL_CERT_FILE
what="roots by SSL_CERT_FILE, set"
"$DRIVER" call key=$CANARY connect_ms=5000 url=$U/v1 >"$SCRATCH/said" 2>&1
category=$(sed -n 's/.*category=\([^ ]*\).*/\1/p' "$SCRATCH/said")
ends ok
unset SSL_CERT_FILE

call "an unknown root" url=$U/v1 ca="$SCRATCH/other.pem"
ends tls_cert
silent
call "another name" url=https://localhost:$named/v1
ends tls_cert
silent
call "a common name alone" url=https://localhost:$nameless/v1
ends tls_cert
says "no host by subjectAltName"
silent
call "roots besides the system's" url=$U/v1 ca="$SCRATCH/other.pem" extra
ends tls_cert
SSL_CERT_FILE=$SCRATCH/ca.pem
export SSL_CERT_FILE
call "roots besides the system's, set" url=$U/v1 ca="$SCRATCH/other.pem" extra
ends ok
call "roots instead of those of SSL_CERT_FILE" url=$U/v1 ca="$SCRATCH/other.pem"
ends tls_cert
unset SSL_CERT_FILE
mkdir -p "$SCRATCH/store"
cp "$SCRATCH/ca.pem" "$SCRATCH/store/$(openssl x509 -in "$SCRATCH/ca.pem" -noout -hash).0"
cp "$SCRATCH/other.pem" "$SCRATCH/store/ca-certificates.crt"
what="roots instead of the system's"
if unshare -m true 2>/dev/null; then
    for own in "" "ca=$SCRATCH/other.pem"; do  # the first shows that the store would do
        # shellcheck disable=SC2016,SC2086
        unshare -m sh -c 'mount --bind "$1" /etc/ssl/certs && shift && exec "$@"' sh "$SCRATCH/store" \
            "$DRIVER" call key=$CANARY connect_ms=5000 url=$U/v1 $own >"$SCRATCH/said" 2>&1
        category=$(sed -n 's/.*category=\([^ ]*\).*/\1/p' "$SCRATCH/said")
        if [ "$own" ]; then ends tls_cert; else ends ok; fi
    done
else skip "$what" "no mount namespaces"; fi
call "sockets of the host's own" url=$U/v1 apart
ends config
silent
call "another name, and the right place to connect to" url=https://models.example:$https/v1 connect_to=models.example=127.0.0.1
ends ok
holds "Host: models.example:$https"
call "its pin" url=$U/v1 pins="localhost=$(pin "$SCRATCH/good.crt")"
ends ok
call "another pin" url=$U/v1 pins="localhost=$(pin "$SCRATCH/wrong.crt")"
ends tls_cert
silent
call "another host's pin" url=$U/v1 pins="elsewhere.example=$(pin "$SCRATCH/wrong.crt")"
ends ok
call "no server" url=https://localhost:1/v1
ends connect
call "no such name" url=https://nobody.invalid/v1
ends dns

call "429 with a hint" url=$U/sim/status=429,retry-after=1/v1 retries=1
ends rate
least attempts 2
least took_ms 1000
call "an error in words" url=$U/sim/status=401/v1
ends auth
call "a head without end" url=$U/sim/huge-header=80000/v1
ends limit
call "garbage" url=$U/sim/http-garbage/v1
ends proto
call "split anywhere" url=$U/sim/n=40,split=3/v1 stream
ends ok
call "cut in the middle" url=$U/sim/n=50,cut=10c/v1 stream
ends truncated
call "reset in the middle" url=$U/sim/n=50,rst=10c/v1 stream
ends truncated
call "a redirect" url=$U/sim/redirect=https:%2F%2Felsewhere.example%2F/v1
ends redirect
call "stalled" url=$U/sim/n=50,stall=10c/v1 stream idle_ms=1000
ends timeout_idle
most took_ms 3000
call "a host that is busy" url=$U/sim/n=4,delay=1500/v1 stream busy_ms=2000
ends ok
ok "$what: what came meanwhile is told at once: $(cat "$SCRATCH/said")" \
    [ "$(sed 's/.*second_ms=\([0-9]*\).*/\1/' "$SCRATCH/said")" -lt 2800 ]
call "an end that proves nothing" url=$U/sim/n=4,close-delimited,no-done,no-finish/v1 stream
ends truncated
if grep -q '::1' /proc/net/if_inet6 2>/dev/null || ip -6 addr show dev lo 2>/dev/null | grep -q '::1'; then
    server six "$SCRATCH/tls_front" "$SCRATCH/good.all" ::1 0 127.0.0.1 "$inner"
    call "a place to connect to, by IPv6" url=https://models.example:$https/v1 connect_to="models.example=[::1]:$six"
    ends ok
else skip "a place to connect to, by IPv6" "no IPv6 here"; fi
call "mute" url=$U/sim/first=5000/v1 first_byte_ms=1000
ends timeout_ttfb
call "cancelled" url=$U/sim/n=1000,delay=20/v1 stream cancel_ms=300
ends cancelled
most took_ms 1500
most close_us 200000

ok "a build that finds neither builds" $CC -std=gnu11 -O1 -I. "$NONE" -DTAMAR_NO_LIBCURL=1 -o "$DRIVER.none" tests/network_driver.c
what="neither"
"$DRIVER.none" call key=$CANARY url=$U/v1 >"$SCRATCH/said" 2>&1
category=$(sed -n 's/.*category=\([^ ]*\).*/\1/p' "$SCRATCH/said")
ends config
says "desc.transport"

PROXY_DRIVER=$DRIVER PROXY_WORDS=libcurl sh tests/test_proxy.sh >"$SCRATCH/proxy" 2>&1
sed '$d' "$SCRATCH/proxy"
# shellcheck disable=SC2046
set -- $(tail -n 1 "$SCRATCH/proxy")
passed=$((passed + ${1:-0})) failed=$((failed + ${3:-1})) skipped=$((skipped + ${5:-0}))
finish
