#!/bin/sh
# make demo: streams one answer through build/tamar from the first of these that works, and says which it is:
#   OPENAI_BASE_URL or OPENAI_API_KEY, if set, else ANTHROPIC_API_KEY, GOOGLE_API_KEY (DEMO_MODEL names the model)
#   a local Ollama (127.0.0.1:11434) or llama.cpp server (127.0.0.1:8080)
#   the simulated provider, build/provider-sim, on a free port of the loopback: it is asked through every dialect
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
elif [ -n "$ANTHROPIC_API_KEY" ]; then
    ask "Anthropic, with your ANTHROPIC_API_KEY" -m "${DEMO_MODEL:-anthropic/claude-opus-5}"
elif [ -n "$GOOGLE_API_KEY$GEMINI_API_KEY" ]; then
    ask "Google, with your API key" -m "${DEMO_MODEL:-google/gemini-3.8-flash}"
fi
local_model Ollama 11434
local_model "A llama.cpp server" 8080

[ -n "$tried" ] || echo "-- No key (OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY), no Ollama and no llama.cpp server here."
echo "-- Asking the simulated provider, over real HTTP on the loopback, through every dialect that Tamar speaks:"
port_file=$BUILD/demo-port
rm -f "$port_file"
"$BUILD/provider-sim" --quiet --with-parent --max-seconds 120 --port-file "$port_file" &
sim=$!
trap 'kill $sim 2>/dev/null; wait $sim 2>/dev/null; rm -f "$port_file" "$port_file.err"' EXIT
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
# Any key is good there; these never leave the loopback.
export ANTHROPIC_API_KEY=demo GOOGLE_API_KEY=demo DASHSCOPE_API_KEY=demo OPENAI_API_KEY=demo
export TENCENTCLOUD_SECRET_ID=demo TENCENTCLOUD_SECRET_KEY=demo MODEL_MANAGER_SERVER_JWT_SECRET_KEY=demo
text="The outer bank wears away faster than the inner one, so each bend grows."
at=http://127.0.0.1:$(cat "$port_file")/sim/delay=15,text=$(echo "$text" | sed 's/ /%20/g; s/,/%2C/g')
failed=0

through() # DIALECT MODEL PATH
{
    printf '%-20s %-30s ' "$1" "$2"
    "$BUILD/tamar" chat --api "$1" --user you --org demo --base-url "$at$3" -m "$2" "$PROMPT" 2>"$port_file.err" || {
        cat "$port_file.err"
        failed=1
    }
}

through openai-chat openai/gpt-4o /v1
through openai-responses openai/gpt-6-sol /v1
through anthropic-messages anthropic/claude-opus-5 ""
through gemini-generate google/gemini-3-pro ""
through ollama-chat ollama/qwen3 ""
through tamar-invoke tamar/openai/gpt-4o ""
through dashscope-native qwen-native/qwen-max /api/v1
through hunyuan-native hunyuan-native/hunyuan-turbo ""
if [ $failed -eq 0 ]; then
    echo "-- done: one program, eight ways to ask. Set a key or start Ollama to ask a model that knows rivers."
fi
exit $failed
