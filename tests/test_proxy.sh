#!/bin/sh
# Through a real proxy, tinyproxy, on the loopback: https by CONNECT, http by absolute URLs. Who sees what is read off the
# wire: one tap stands in front of the proxy, another behind the server's TLS.
#     driver -> tap -> tinyproxy -> tls_front -> tap -> provider-sim
#     PROXY_DRIVER=PROGRAM PROXY_WORDS=libcurl sh tests/test_proxy.sh      another build of the driver, whose https goes
#                                                                        through libcurl: it says less of certificates
. tests/lib.sh
DRIVER=${PROXY_DRIVER:-$BUILD/network_driver}
SIM=$BUILD/provider-sim
CANARY=sk-canary-0123456789
trap stop_servers EXIT
trap 'exit 1' INT TERM
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY OPENAI_API_KEY OPENAI_BASE_URL

for c in tinyproxy openssl; do
    if ! have $c; then
        skip "a real proxy" "no $c"
        finish
    fi
done
if ! build_tls_front; then
    skip "a real proxy" "tests/tls_front.c does not build: no libssl-dev?"
    finish
fi

authority ca
authority other
certificate server DNS:localhost,IP:127.0.0.1

server sim "$SIM" --with-parent --max-seconds 300
server inner "$DRIVER" tap "$sim" "$SCRATCH/origin.bytes"
server https "$SCRATCH/tls_front" "$SCRATCH/server.all" 127.0.0.1 0 127.0.0.1 "$inner"

# proxy NAME LINE...: a tinyproxy with these lines in its configuration, on a port of its own, and a tap in front of it.
# The port is free for a moment only, so a few are tried.
proxy()
{
    which=$1
    shift
    for try in 1 2 3 4 5; do
        port=$((20000 + ($$ * 7 + try * 997 + ${#which} * 131) % 20000))
        {
            printf 'Port %s\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nMaxClients 20\nLogLevel Connect\n' $port
            printf 'LogFile "%s/%s.log"\n' "$(cd "$SCRATCH" && pwd)" "$which"
            printf '%s\n' "$@"
        } >"$SCRATCH/$which.conf"
        tinyproxy -d -c "$SCRATCH/$which.conf" >"$SCRATCH/$which.out" 2>&1 &
        pid=$!
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            if grep -q "Accepting\|listening\|Now accepting" "$SCRATCH/$which.log" "$SCRATCH/$which.out" 2>/dev/null; then break; fi
            sleep 0.1
        done
        if kill -0 $pid 2>/dev/null; then
            started="$started $pid"
            eval "real_$which=$pid"
            server "$which" "$DRIVER" tap $port "$SCRATCH/$which.bytes"
            return
        fi
    done
    fail "tinyproxy starts: $(tail -n 1 "$SCRATCH/$which.out")"
    finish
}

# What it was asked to do, and by whom.
: >"$SCRATCH/origin.bytes"
: >"$SCRATCH/closed.bytes"
: >"$SCRATCH/open.bytes"
proxy closed 'BasicAuth ann pass-canary' "ConnectPort $https"
proxy open "ConnectPort $https" "ConnectPort 1"
LOGIN=$(printf 'ann:pass-canary' | openssl base64)

# call WHAT [NAME=VALUE]... -- DRIVER-OPTION...: with these variables in the environment
call()
{
    what=$1
    shift
    set -- "$@" end
    vars=
    while [ "$1" != -- ]; do
        vars="$vars $1"
        shift
    done
    shift
    : >"$SCRATCH/origin.bytes"
    : >"$SCRATCH/closed.bytes"
    : >"$SCRATCH/open.bytes"
    options=
    while [ "$1" != end ]; do
        options="$options $1"
        shift
    done
    # shellcheck disable=SC2086
    env $vars "$DRIVER" call key=$CANARY ca="$SCRATCH/ca.pem" connect_ms=5000 $options >"$SCRATCH/said" 2>&1
    category=$(sed -n 's/.*category=\([^ ]*\).*/\1/p' "$SCRATCH/said")
}
ends() { ok "$what: ends as $1: $(cat "$SCRATCH/said")" [ "$category" = "$1" ]; }
says() { ok "$what: says '$1': $(sed 's/.*message=//' "$SCRATCH/said")" grep -qF -- "$1" "$SCRATCH/said"; }
holds() { ok "$what: $1 was told '$2'" grep -qaF -- "$2" "$SCRATCH/$1.bytes"; }
lacks() { ok "$what: $1 was not told '$2'" sh -c '! grep -qaF -- "$1" "$2"' sh "$2" "$SCRATCH/$1.bytes"; }
silent() { ok "$what: $1 heard nothing" [ ! -s "$SCRATCH/$1.bytes" ]; }

U=https://localhost:$https/v1
H=http://localhost:$inner/v1
P=http://ann:pass-canary@127.0.0.1:$closed
O=http://127.0.0.1:$open

call "https by CONNECT" HTTPS_PROXY=$P -- url=$U
ends ok
holds closed "CONNECT localhost:$https HTTP/1.1"
holds closed "Proxy-Authorization: Basic $LOGIN"
lacks closed $CANARY
lacks closed chat/completions
holds origin "Bearer $CANARY"
lacks origin Proxy-Authorization
lacks origin "$LOGIN"
call "a stream, three times over one tunnel" HTTPS_PROXY=$P -- url=https://localhost:$https/sim/n=50/v1 stream calls=3
ends ok
says "reused=2"
ok "$what: one CONNECT" [ "$(grep -caF 'CONNECT localhost' "$SCRATCH/closed.bytes")" -eq 1 ]
lacks closed $CANARY
call "by desc.proxy, the host a number" -- url=https://127.0.0.1:$https/v1 proxy=$P
ends ok
holds closed "CONNECT 127.0.0.1:$https HTTP/1.1"
call "a proxy that asks for nothing" HTTPS_PROXY=$O -- url=$U
ends ok
holds open "CONNECT localhost:$https HTTP/1.1"
lacks open Proxy-Authorization
lacks open $CANARY
call "ALL_PROXY" ALL_PROXY=$O -- url=$U
ends ok
holds open CONNECT

call "407 without a password" HTTPS_PROXY=http://127.0.0.1:$closed -- url=$U
ends proxy
says "the proxy wants a user name and password (407): write http://user:password@host:port into HTTPS_PROXY"
silent origin
lacks closed $CANARY
call "a wrong password" HTTPS_PROXY=http://ann:wrong@127.0.0.1:$closed -- url=$U  # which tinyproxy answers with 401
ends proxy
says "the proxy"
silent origin
lacks closed $CANARY

for list in localhost .localhost "localhost:$https" '*'; do
    call "NO_PROXY=$list" HTTPS_PROXY=$P "NO_PROXY=$list" -- url=$U
    ends ok
    silent closed
    holds origin "Bearer $CANARY"
done
call "no_proxy by network" HTTPS_PROXY=$P no_proxy=10.0.0.0/8,127.0.0.0/8 -- url=https://127.0.0.1:$https/v1
ends ok
silent closed
for list in example.com "localhost:1" host; do
    call "NO_PROXY=$list names somebody else" HTTPS_PROXY=$P "NO_PROXY=$list" -- url=$U
    ends ok
    holds closed CONNECT
done
call "desc.proxy off" HTTPS_PROXY=$P -- url=$U proxy=off
ends ok
silent closed

call "http by an absolute URL" http_proxy=$P -- url=$H
ends ok
holds closed "POST http://localhost:$inner/v1/chat/completions HTTP/1.1"
holds closed "Proxy-Authorization: Basic $LOGIN"
lacks origin Proxy-Authorization
lacks origin "$LOGIN"
holds origin "Via: "
call "http and 407" http_proxy=http://127.0.0.1:$closed -- url=$H
ends proxy
says "the proxy wants a user name and password (407)"
silent origin
call "HTTP_PROXY in capitals is not read" HTTP_PROXY=$P -- url=$H
ends ok
silent closed

call "a port that the proxy forbids" HTTPS_PROXY=$O -- url=https://localhost:2/v1
ends proxy
says "the proxy refuses to connect to this server"
lacks open $CANARY
call "a server that is down behind the proxy" HTTPS_PROXY=$O -- url=https://localhost:1/v1
ends connect
says "the proxy could not connect to the server"
lacks open $CANARY
call "a certificate of another authority, behind the proxy" HTTPS_PROXY=$O -- url=$U ca="$SCRATCH/other.pem"
ends tls_cert
if [ "$PROXY_WORDS" = libcurl ]; then says "issuer certificate"; else says "Test ca"; fi
silent origin
lacks open $CANARY
call "what answers speaks TLS" HTTPS_PROXY=http://127.0.0.1:$https -- url=$U
ends connect
says "the proxy closed the connection before it was through"
silent origin
call "what answers is a web server" HTTPS_PROXY=http://127.0.0.1:$sim -- url=$U
ends proxy
silent origin
for scheme in https socks5; do  # a server on this machine would be reached without it
    call "a proxy of $scheme" HTTPS_PROXY=$scheme://127.0.0.1:$closed -- url=https://server.invalid/v1
    ends config
    says "https and socks proxies are not spoken"
done

# The command, whose roots come by SSL_CERT_FILE.
what="the command"
: >"$SCRATCH/closed.bytes"
env OPENAI_API_KEY=$CANARY SSL_CERT_FILE="$SCRATCH/ca.pem" HTTPS_PROXY=$P "$BUILD/tamar" chat -m openai/echo --base-url $U "three small words" \
    >"$SCRATCH/said" 2>&1
says "three small words"
holds closed CONNECT
lacks closed $CANARY

kill "$real_closed"
wait "$real_closed" 2>/dev/null
port=$(sed -n 's/^Port //p' "$SCRATCH/closed.conf")
call "the proxy is down" HTTPS_PROXY=http://127.0.0.1:"$port" -- url=$U
ends connect
says "the proxy refused the connection: are host and port in HTTPS_PROXY or desc.proxy right?"
silent origin
ok "the password stands in no log of the proxy" sh -c '! grep -q pass-canary "$1"/*.log "$1"/*.out' sh "$SCRATCH"
ok "nor does the key" sh -c '! grep -q sk-canary "$1"/*.log "$1"/*.out' sh "$SCRATCH"
finish
