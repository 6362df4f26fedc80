#!/bin/sh
# The simulated provider itself, with curl as the client: what the other tests believe of it is checked here.
. tests/lib.sh
SIM=$BUILD/provider-sim
if ! have curl; then
    skip "the simulated provider" "no curl"
    finish
fi

# start OPTION...: a provider of our own; its address in $at
start()
{
    rm -f "$SCRATCH/port"
    "$SIM" --quiet --with-parent --max-seconds 300 --port-file "$SCRATCH/port" "$@" &
    sim=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        if [ -s "$SCRATCH/port" ]; then break; fi
        sleep 0.25
    done
    at=http://127.0.0.1:$(cat "$SCRATCH/port")
}

stop()
{
    kill $sim
    wait $sim
    ok "the provider ends well when asked to ($1)" [ $? -eq 0 ]
}

# ask SPEC FIELDS [CURL OPTION...]: posts a chat request with these fields; head and body in answer, curl's exit in $rc
ask()
{
    spec=$1 fields=$2
    shift 2
    printf '{"model":"echo","messages":[{"role":"user","content":"one two"}]%s}' "$fields" >"$SCRATCH/request"
    curl -sS -i -m 10 "$@" -H 'Content-Type: application/json' --data-binary "@$SCRATCH/request" \
        "$at${spec:+/sim/$spec}/v1/chat/completions" >"$SCRATCH/answer" 2>"$SCRATCH/err"
    rc=$?
}

# says NAME TEXT: TEXT stands in what came back; never: it does not; ended NAME RC: curl's verdict; count NAME N TEXT
says() { ok "$1" grep -qF -- "$2" "$SCRATCH/answer"; }
never() { ok "$1" sh -c '! grep -qF -- "$1" "$2"' sh "$2" "$SCRATCH/answer"; }
ended() { ok "$1: curl says $rc, not $2" [ "$rc" -eq "$2" ]; }
count() { ok "$1" [ "$(grep -cF -- "$3" "$SCRATCH/answer")" -eq "$2" ]; }
stat_of() { curl -s -m 10 "$at/sim-stats" | sed "s/.*\"$1\":\([0-9]*\).*/\1/"; }

start
stream=',"stream":true'

# -- the dialect
ask '' ''
says "a whole answer" '"content":"one two"'
says "its usage" '"completion_tokens":2'
ask '' "$stream"
says "a role chunk first" '"delta":{"role":"assistant","content":""'
says "then words" '"delta":{"content":" two"}'
count "one finish chunk" 1 '"finish_reason":"stop"'
count "and the terminator" 1 'data: [DONE]'
never "no usage unless asked for" '"usage"'
ask '' "$stream"',"stream_options":{"include_usage":true}'
says "a usage chunk without choices" '"choices":[],"usage":{"prompt_tokens":'
tools=',"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}}}}]'
ask '' "$tools"
says "a tool call by the schema" '"name":"f","arguments":"{\"a\":\"x\",\"b\":1}"'
says "and its finish" '"finish_reason":"tool_calls"'
ask parallel=2 "$stream$tools"
says "the second call has an index of its own" '"tool_calls":[{"index":1,"id":"call_'
ask '' ',"response_format":{"type":"json_schema","json_schema":{"name":"o","schema":{"type":"object","properties":{"n":{"type":"number"}}}}}'
says "an instance of a schema" '"content":"{\"n\":1}"'
ask reasoning=2 "$stream"
says "reasoning in its own field" '"delta":{"reasoning_content":"Let"}'
ask '' ',"max_tokens":1'
says "a limit cuts the answer" '"content":"one","refusal":null'
says "and is its finish reason" '"finish_reason":"length"'
ask '' ',"tools":[]'
says "an empty list of tools is refused" '"code":"empty_array"'
ask '' '' -H 'Authorization: Bearer bad-key'
says "so is the bad key" '"code":"invalid_api_key"'

# -- faults
ask status=429,retry-after=7,code=insufficient_quota ''
says "a status" 'HTTP/1.1 429 Too Many Requests'
says "with its header" 'retry-after: 7'
says "and code" '"type":"insufficient_quota","param":null,"code":"insufficient_quota"'
for _ in 1 2 3; do ask 'status=503;ok,id=sequence' ''; done
says "a sequence ends with its last step" 'HTTP/1.1 200 OK'
ask no-such-word ''
says "an unknown word is named" "unknown word 'no-such-word'"
ask n=3,bytes=5 "$stream"
says "generated text" '"content":"fghij"'
ask n=3,text=a%2Cb,bytes=1 '' -H 'X-Sim: n=1,bytes=2'
says "a later spec wins" '"content":"ab"'
ask cut=100 "$stream"
ended "a cut body" 18
ask cut=1c "$stream"
ended "cut behind a chunk" 18
says "with the first word" '"content":"one"'
never "without the second" '"content":" two"'
ask rst=100 "$stream"
ended "a reset" 56
ask cut=0,wire "$stream"
ended "nothing at all" 52
ask stall=1c "$stream" -m 1
ended "silence" 28
ask no-done "$stream"
ended "a clean end" 0
never "without the terminator" '[DONE]'
ask no-finish "$stream"
never "nor a finish" '"finish_reason":"stop"'
ask error-at=1,error-form=event "$stream"
says "an error in the stream" 'event: error'
never "which ends it" '[DONE]'
ask content-length "$stream"
says "a stream of known length" 'content-length: '
ended "which is right" 0
ask close-delimited "$stream"
never "a stream of unknown length" 'transfer-encoding'
ask bad-chunk "$stream"
ended "a bad chunk size" 56
ask split=1,chunk=3,crlf "$stream"
says "small pieces" 'data: [DONE]'
ended "and still well framed" 0

# -- what it remembers
curl -s -m 10 -X POST "$at/sim-reset" >/dev/null
curl -s -m 10 -H 'X-Canary: 42' "$at/health" "$at/health" "$at/v1/models" >"$SCRATCH/answer"
ok "one connection was used three times" [ "$(stat_of connections) $(stat_of requests) $(stat_of 3)" = "1 3 1" ]
curl -s -m 10 "$at/sim-last" >"$SCRATCH/answer"
says "the last request, verbatim" '["X-Canary","42"]'
says "with its path" '"path":"/v1/models"'

# -- hostile clients
port=$(cat "$SCRATCH/port")
for skip in 0 1 2 3 4 5 6 7; do
    { dd if="$SIM" bs=997 skip=$((skip * 7)) count=3; } 2>/dev/null | curl -s -m 1 "telnet://127.0.0.1:$port" >/dev/null 2>&1
done
ask '' ''
says "it lives on after garbage" '"content":"one two"'
stop "plain"

# -- recorded cases and scripts
mkdir -p "$SCRATCH/cases/some-api/a-case"
printf '{"http_status":418,"response_headers":[["x-kept","1"],["content-length","9"],["transfer-encoding","x"]]}' >"$SCRATCH/cases/some-api/a-case/case.json"
printf 'recorded bytes' >"$SCRATCH/cases/some-api/a-case/response.body"
printf '{"lengths":[8,6]}' >"$SCRATCH/cases/some-api/a-case/chunks.json"
printf '# comment\n@named status=500\nn=1\nn=2\n' >"$SCRATCH/script"
start --cases "$SCRATCH/cases" --script "$SCRATCH/script" --log "$SCRATCH/log"
curl -s -i -m 10 --raw "$at/case/a-case/v1/anything" >"$SCRATCH/answer"
says "a case's status" 'HTTP/1.1 418'
says "its headers" 'x-kept: 1'
never "but not its framing" 'content-length'
says "its chunks" 'recorded'
ask @named ''
says "a named spec" 'HTTP/1.1 500'
ask '' ''
says "the script's next step" '"content":"abcdefgh"'
ok "a log line for each" [ "$(wc -l <"$SCRATCH/log")" -eq 3 ]
stop "with cases"
finish
