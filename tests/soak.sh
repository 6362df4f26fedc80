#!/bin/sh
# tests/soak.c against build/provider-sim for SOAK_SECONDS (600), with faults from SOAK_SEED (1): make soak
. tests/lib.sh
SECONDS_LONG=${SOAK_SECONDS:-600}
"$BUILD/provider-sim" --quiet --with-parent --max-seconds $((SECONDS_LONG + 120)) --port-file "$SCRATCH/port" &
sim=$!
tries=0
while [ ! -s "$SCRATCH/port" ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
env -u http_proxy -u HTTP_PROXY -u all_proxy -u ALL_PROXY \
    "$BUILD/soak" "$(cat "$SCRATCH/port")" "$SECONDS_LONG" "${SOAK_SEED:-1}" ${SOAK_RATE:+"$SOAK_RATE"}
status=$?
kill $sim
wait $sim 2>/dev/null
rm -rf "$SCRATCH"
exit $status
