#!/bin/sh
# The scenarios of tests/scenarios.txt over real sockets, against two simulated providers: what is seen there must be what
# the simulated world showed (tests/test_scenarios.c judges both). Those that wait for minutes are left out.
#   sh tests/test_scenarios.sh [NAME...]     these alone, each telling what came of it
. tests/lib.sh
if [ ! -x "$BUILD/provider-sim" ] || [ ! -x "$BUILD/test_scenarios" ]; then
    skip "the scenarios over sockets" "no $BUILD/provider-sim or no $BUILD/test_scenarios"
    finish
fi
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY

for which in one other; do
    "$BUILD/provider-sim" --quiet --with-parent --max-seconds 600 --bodies tests/bodies.txt --log "$SCRATCH/$which" \
        --port-file "$SCRATCH/$which.port" &
    tries=0
    while [ ! -s "$SCRATCH/$which.port" ] && [ $tries -lt 100 ]; do
        sleep 0.05 2>/dev/null || sleep 1
        tries=$((tries + 1))
    done
done
"$BUILD/test_scenarios" --sockets "$(cat "$SCRATCH/one.port")" "$SCRATCH/one" "$(cat "$SCRATCH/other.port")" "$SCRATCH/other" "$@" \
    >"$SCRATCH/said" 2>&1
head -n 60 "$SCRATCH/said" | sed '$d'
read -r passed _ failed _ skipped _ <<EOF
$(tail -n 1 "$SCRATCH/said")
EOF
finish
