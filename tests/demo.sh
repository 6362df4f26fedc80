#!/bin/sh
# make demo: streams one answer through build/tamar from the first of these that works, and says which it is:
#   OPENAI_BASE_URL or OPENAI_API_KEY, if set (DEMO_MODEL names the model, default openai/gpt-6-sol)
#   a local Ollama (127.0.0.1:11434) or llama.cpp server (127.0.0.1:8080)
#   the simulated provider, build/provider-sim, on a free port of the loopback
BUILD=${BUILD:-build}
PROMPT=${DEMO_PROMPT:-In two sentences: why do rivers meander?}
tried=

ask() # WHAT OPTION...
{
    echo "-- $1"
    shift
    if "$BUILD/tamar" chat "$@" "$PROMPT"; then
        echo "-- done"
        exit 0
    fi
    echo "-- That did not work; the line above says why."
    tried=yes
}

local_model() # WHAT PORT
{
    model=$("$BUILD/probe" "$2")
    case $? in
    0) ask "$1 on 127.0.0.1:$2, model ${DEMO_MODEL:-$model}" --base-url "http://127.0.0.1:$2/v1" -m "${DEMO_MODEL:-$model}" ;;
    2) echo "-- $1 on 127.0.0.1:$2 answers, but offers no model." ;;
    esac
}

echo "> $PROMPT"
if [ -n "$OPENAI_BASE_URL" ]; then
    ask "OPENAI_BASE_URL, $OPENAI_BASE_URL" --base-url "$OPENAI_BASE_URL" -m "${DEMO_MODEL:-openai/gpt-6-sol}"
elif [ -n "$OPENAI_API_KEY" ]; then
    ask "OpenAI, with your OPENAI_API_KEY" -m "${DEMO_MODEL:-openai/gpt-6-sol}"
fi
local_model Ollama 11434
local_model "A llama.cpp server" 8080

[ -n "$tried" ] || echo "-- No OPENAI_API_KEY, no OPENAI_BASE_URL, no Ollama and no llama.cpp server here: using the simulated provider."
port_file=$BUILD/demo-port
rm -f "$port_file"
"$BUILD/provider-sim" --quiet --with-parent --max-seconds 120 --port-file "$port_file" &
sim=$!
trap 'kill $sim 2>/dev/null; wait $sim 2>/dev/null; rm -f "$port_file"' EXIT
trap 'exit 1' INT TERM
tries=0
while [ ! -s "$port_file" ] && [ $tries -lt 100 ]; do
    sleep 0.05 2>/dev/null || sleep 1
    tries=$((tries + 1))
done
if [ ! -s "$port_file" ]; then
    echo "-- The simulated provider did not start."
    exit 1
fi
text="These words come one by one from a simulated provider over real HTTP. It knows nothing about rivers:
 set OPENAI_API_KEY or start Ollama and run make demo again to ask a model that does."
text=$(echo "$text" | tr -d '\n' | sed 's/ /%20/g')
ask "The simulated provider" --base-url "http://127.0.0.1:$(cat "$port_file")/sim/delay=40,text=$text/v1" -m simulated
exit 1
