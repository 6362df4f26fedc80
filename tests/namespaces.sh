#!/bin/sh
# Networks that fail, as the system fails them: two network namespaces of our own, joined by a cable of our own, with the
# client in one and the servers in the other. `make network` runs it; it needs root, iproute2 and iptables, and what is
# missing is skipped by name. Every call is made in a frame loop, tamar_pump(client, 0) once a millisecond, and the
# longest pump of each is printed and held to PUMP_MS.
. tests/lib.sh
PUMP_MS=${PUMP_MS:-20}  # generous: the machine may be shared
DRIVER=$BUILD/network_driver
SIM=$BUILD/provider-sim
C=tamar-c-$$ S=tamar-s-$$
trap 'clean_up' EXIT
trap 'exit 1' INT TERM

clean_up()
{
    stop_servers
    for n in $C $S; do
        ip netns del $n 2>/dev/null
        rm -rf "/etc/netns/$n"
    done
}

if [ "$(id -u)" != 0 ]; then skip "failing networks" "not root"; finish; fi
if ! have ip || ! ip netns add $C 2>"$SCRATCH/err"; then skip "failing networks" "no ip netns here"; finish; fi
if ! ip netns add $S || ! ip link add name c0 netns $C type veth peer name s0 netns $S 2>"$SCRATCH/err"; then
    skip "failing networks" "no veth here"
    finish
fi
in_c() { ip netns exec $C "$@"; }
in_s() { ip netns exec $S "$@"; }

# -- the cable, the addresses, the names -----------------------------------------------------------

# .2 and ::2 are where the servers are; .3 and ::3 swallow what comes; nobody is ::9.
six=1
ip -n $C link set lo up
ip -n $S link set lo up
for n in "$C c0 1" "$S s0 2" "$S s0 3"; do
    # shellcheck disable=SC2086
    set -- $n
    ip -n "$1" addr add "10.77.0.$3/24" dev "$2"
    ip -n "$1" -6 addr add "2001:db8:77::$3/64" dev "$2" nodad 2>/dev/null || six=
    ip -n "$1" link set "$2" up
done
if ! have iptables || ! in_s iptables -A INPUT -d 10.77.0.3 -j DROP 2>"$SCRATCH/err"; then
    skip "failing networks" "no iptables here"
    finish
fi
[ "$six" ] && { in_s ip6tables -A INPUT -d 2001:db8:77::3 -j DROP 2>/dev/null || six=; }

mkdir -p /etc/netns/$C
echo "nameserver 10.77.0.2" >/etc/netns/$C/resolv.conf
echo "hosts: files dns" >/etc/netns/$C/nsswitch.conf
cat >"$SCRATCH/zone" <<'Z'
good.test A 10.77.0.2
hole-first.test A 10.77.0.3
hole-first.test A 10.77.0.2
holes.test A 10.77.0.3
holes.test AAAA 2001:db8:77::3
six-dead.test AAAA 2001:db8:77::3
six-dead.test A 10.77.0.2
six-shut.test AAAA 2001:db8:77::9
six-shut.test A 10.77.0.2
four-dead.test A 10.77.0.3
four-dead.test AAAA 2001:db8:77::2
both.test A 10.77.0.2
both.test AAAA 2001:db8:77::2
slow.test A 10.77.0.2 4500
never.test A 10.77.0.2 never
half.test A 10.77.0.2
half.test AAAA 2001:db8:77::2 never
Z

server dns ip netns exec $S "$DRIVER" dns 10.77.0.2 53 "$SCRATCH/zone"
any=::
if [ -z "$six" ]; then any=0.0.0.0; fi
server sim ip netns exec $S "$SIM" --with-parent --max-seconds 600 --host $any --port 8000
server mute ip netns exec $S "$DRIVER" mute 10.77.0.2 8001

# -- what is measured ------------------------------------------------------------------------------

worst=0
get() { sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" "$SCRATCH/said" | head -n 1; }
# call NAME DRIVER-OPTION...: one call from the client's namespace; what it said is judged by what follows
call()
{
    what=$1
    shift
    in_c "$DRIVER" call "$@" >"$SCRATCH/said" 2>"$SCRATCH/err"
    pump=$(get pump_us)
    if [ -z "$pump" ]; then
        fail "$what: no result: $(head -n 1 "$SCRATCH/err")"
        echo "category=none" >"$SCRATCH/said"
        return
    fi
    printf '    %-46s %-16s %6s ms, longest pump %6s us (CPU %s us)\n' "$what" "$(get category)" "$(get took_ms)" \
        "$pump" "$(get pump_cpu_us)"
    if [ "$pump" -gt "$worst" ]; then worst=$pump; fi
    ok "$what: no pump blocks" [ "$pump" -le "${PUMP_MS}000" ]
    ok "$what: nor does close" [ "$(get close_us)" -le "${PUMP_MS}000" ]
}
ends() { ok "$what: ends as $1, not $(get category): $(sed 's/.*message=//' "$SCRATCH/said")" [ "$(get category)" = "$1" ]; }
says() { ok "$what: says '$1', not '$(sed 's/.*message=//' "$SCRATCH/said")'" grep -qF -- "$1" "$SCRATCH/said"; }
# took MIN MAX [FIELD]: milliseconds
took()
{
    ok "$what: takes $1 to $2 ms, not $(get "${3:-took_ms}")" \
        [ "$(get "${3:-took_ms}")" -ge "$1" -a "$(get "${3:-took_ms}")" -le "$2" ]
}

# -- addresses -------------------------------------------------------------------------------------

call "a name" url=http://good.test:8000/v1
ends ok
took 0 200
call "the first address swallows packets" url=http://hole-first.test:8000/v1
ends ok
took 240 600
call "an address that swallows packets, alone" url=http://10.77.0.3:8000/v1 connect_ms=700
ends timeout_connect
took 690 900
says "no connection within timeouts.connect_ms"
call "a closed port" url=http://good.test:8009/v1
ends connect
took 0 200
says "refused"
if [ "$six" ]; then
    call "both families" url=http://both.test:8000/v1
    ends ok
    took 0 200
    call "IPv6 swallows packets, IPv4 lives" url=http://six-dead.test:8000/v1
    ends ok
    took 240 600
    call "IPv6 has no such neighbour, IPv4 lives" url=http://six-shut.test:8000/v1
    ends ok
    took 0 600
    if [ -f /etc/gai.conf ]; then
        echo "precedence ::ffff:0:0/96 100" >/etc/netns/$C/gai.conf  # puts IPv4 first
        call "IPv4 swallows packets, IPv6 lives" url=http://four-dead.test:8000/v1
        ends ok
        took 240 600
        rm /etc/netns/$C/gai.conf
    else skip "IPv4 swallows packets, IPv6 lives" "no /etc/gai.conf"
    fi
    in_s ip6tables -I INPUT -p tcp -d 2001:db8:77::2 -j REJECT --reject-with tcp-reset
    call "IPv6 is refused, IPv4 lives" url=http://both.test:8000/v1
    ends ok
    took 0 200
    in_s ip6tables -D INPUT 1
else skip "IPv6" "no IPv6 in namespaces here"
fi
call "every address swallows packets" url=http://holes.test:8000/v1 connect_ms=1500
ends timeout_connect
took 1490 1800
says "no connection within timeouts.connect_ms"
call "the same, tried three times" url=http://holes.test:8000/v1 connect_ms=400 retries=2
ends timeout_connect
ok "$what: three attempts" [ "$(get attempts)" = 3 ]


# The command itself.
what="the command"
in_c env -u OPENAI_API_KEY timeout 20 "$BUILD/tamar" chat -m custom/echo --base-url http://hole-first.test:8000/v1 \
    "four little words here" >"$SCRATCH/said" 2>&1
says "four little words here"

# -- names -----------------------------------------------------------------------------------------

call "a name server that takes 4.5 s" url=http://slow.test:8000/v1
ends ok
took 4400 6000
call "a name server that never answers" url=http://never.test:8000/v1 connect_ms=1500
ends dns
took 1490 1800
says "looking the host up took longer than timeouts.connect_ms"
call "the same, cancelled after 300 ms" url=http://never.test:8000/v1 cancel_ms=300
ends cancelled
took 290 600
echo "options timeout:1 attempts:1" >>/etc/netns/$C/resolv.conf
call "a name server that never tells of IPv6" url=http://half.test:8000/v1
ends ok
took 900 6000
echo "nameserver 10.77.0.2" >/etc/netns/$C/resolv.conf
call "a name that does not exist" url=http://nowhere.test:8000/v1
ends dns
took 0 500
says "the host name does not exist"
kill "$pid_dns"
call "nobody is the name server" url=http://good.test:8000/v1
ends dns
says "the name service did not answer"
server dns ip netns exec $S "$DRIVER" dns 10.77.0.2 53 "$SCRATCH/zone"
in_s iptables -I INPUT -p udp --dport 53 -j DROP
call "the name server swallows packets" url=http://good.test:8000/v1 connect_ms=1200
ends dns
took 1190 1500
in_s iptables -D INPUT 1

# -- proxies ---------------------------------------------------------------------------------------

call "a proxy that accepts and stalls, http" url=http://good.test:8000/v1 proxy=http://10.77.0.2:8001 first_byte_ms=700
ends timeout_ttfb
took 690 1000
call "a proxy that accepts and stalls, https" url=https://good.test:8443/v1 proxy=http://10.77.0.2:8001 connect_ms=700
ends timeout_connect
says "the proxy did not let the connection through"
took 690 1000
call "a proxy that swallows packets" url=https://good.test:8443/v1 proxy=http://10.77.0.3:8001 connect_ms=700
ends timeout_connect
says "the proxy did not let the connection through"
took 690 1000
call "a server that accepts and stalls" url=http://10.77.0.2:8001/v1 first_byte_ms=700
ends timeout_ttfb
took 690 1000

# -- a cable that is pulled ------------------------------------------------------------------------

# shaken SECONDS [SECONDS]: pulls the cable after so long, and plugs it in again after so long
shaken()
{
    (sleep "$1"; ip -n $S link set s0 down; [ -z "$2" ] || { sleep "$2"; ip -n $S link set s0 up; }) &
    cable=$!
    started="$started $cable"
}
shaken 0.5
call "the cable is pulled in the middle of a stream" url=http://10.77.0.2:8000/sim/n=100,delay=50/v1 stream idle_ms=1500
ends timeout_idle
took 1800 3500
says "the stream stalled"
ok "$what: the text so far is kept" [ "$(get text)" -gt 8 ]
wait $cable
call "no cable" url=http://10.77.0.2:8000/v1 connect_ms=700
case $(get category) in timeout_connect | connect) pass ;; *) fail "$what: ends as $(get category)" ;; esac
ip -n $S link set s0 up
ip -n $C link set c0 down
call "no cable on this side" url=http://10.77.0.2:8000/v1 connect_ms=700
ends connect
took 0 200
says "is this computer online?"
ip -n $C link set c0 up
sleep 0.3
shaken 0.5 0.7
call "the cable is out for 700 ms" url=http://10.77.0.2:8000/sim/n=40,delay=50/v1 stream idle_ms=6000
ends ok
ok "$what: all of the text came" [ "$(get text)" -eq 160 ]
wait $cable

# -- loss and delay --------------------------------------------------------------------------------

# lossy NTH COMMAND...: while it runs, every NTH packet is lost on its way, both ways
lossy()
{
    nth=$1
    shift
    in_s iptables -I INPUT -p tcp -m statistic --mode nth --every "$nth" --packet 1 -j DROP
    in_s iptables -I OUTPUT -p tcp -m statistic --mode nth --every "$nth" --packet 2 -j DROP
    "$@"
    in_s iptables -D INPUT 1
    in_s iptables -D OUTPUT 1
}
if in_s iptables -A FORWARD -m statistic --mode nth --every 5 --packet 1 -j DROP 2>/dev/null; then
    lossy 5 call "every fifth packet is lost" url=http://10.77.0.2:8000/sim/n=200,delay=2/v1 stream calls=4 connect_ms=30000
    ends ok
    ok "$what: all of the text came" [ "$(get text)" -eq 3200 ]
else skip "lost packets" "iptables knows no statistic here"
fi

if ! have openssl || ! build_tls_front; then
    skip "packets lost in TLS" "no openssl command or no libssl-dev"
else
    authority ca
    certificate server DNS:good.test,DNS:hole-first.test
    server tls ip netns exec $S "$SCRATCH/tls_front" "$SCRATCH/server.all" 10.77.0.2 8443 10.77.0.2 8000
    call "TLS" url=https://good.test:8443/v1 ca="$SCRATCH/ca.pem"
    ends ok
    call "TLS, and the first address swallows packets" url=https://hole-first.test:8443/v1 ca="$SCRATCH/ca.pem"
    ends ok
    took 240 700
    call "TLS with a server that accepts and stalls" url=https://good.test:8001/v1 ca="$SCRATCH/ca.pem" connect_ms=700
    ends timeout_tls
    took 690 1000
    for nth in 4 5 7; do
        lossy $nth call "TLS, packet $nth of each $nth is lost" url=https://good.test:8443/v1 ca="$SCRATCH/ca.pem" connect_ms=30000
        ends ok
    done
    # The handshake's first flight is lost for good, once the connection is there.
    in_s iptables -I INPUT -p tcp --dport 8443 -m length --length 200:65535 -j DROP
    call "TLS whose first message never arrives" url=https://good.test:8443/v1 ca="$SCRATCH/ca.pem" connect_ms=900
    ends timeout_tls
    took 890 1200
    says "the TLS handshake took longer"
    in_s iptables -D INPUT 1
fi

if in_s tc qdisc add dev s0 root netem delay 60ms 10ms loss 2% 2>"$SCRATCH/err"; then
    call "60 ms of delay, 2 % of loss" url=http://good.test:8000/sim/n=200,delay=2/v1 stream calls=3 connect_ms=30000
    ends ok
    ok "$what: all of the text came" [ "$(get text)" -eq 2400 ]
    in_s tc qdisc del dev s0 root
else skip "delay by tc netem" "$(head -n 1 "$SCRATCH/err" | sed 's/^Error: //')"
fi

echo "the longest pump of all: $worst us; the limit is ${PUMP_MS},000"
finish
