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
ask type=text%2Fplain "$stream"
says "another content type" 'content-type: text/plain'
ask no-last-blank,close-delimited "$stream"
ok "a last event without its blank line" [ "$(tail -c 6 "$SCRATCH/answer")" = '[DONE]' ]
dd if=/dev/zero bs=1000 count=9000 2>/dev/null | curl -sS -i -m 10 -H 'Content-Type: application/json' --data-binary @- \
    "$at/sim/early,status=413/v1/chat/completions" >"$SCRATCH/answer" 2>"$SCRATCH/err"
says "an answer before the request has come" 'HTTP/1.1 413'
ask split=1,chunk=3,crlf "$stream"
says "small pieces" 'data: [DONE]'
ended "and still well framed" 0

# -- the other dialects: what each vendor checks, and in which words it refuses
# post PATH BODY [CURL OPTION...]
post()
{
    path=$1
    printf '%s' "$2" >"$SCRATCH/request"
    shift 2
    curl -sS -i -m 10 "$@" -H 'Content-Type: application/json' --data-binary "@$SCRATCH/request" "$at$path" >"$SCRATCH/answer" 2>"$SCRATCH/err"
    rc=$?
}

# refuses NAME STATUS TEXT PATH BODY [CURL OPTION...]
refuses()
{
    name=$1 status=$2 text=$3
    shift 3
    post "$@"
    says "$name: $status" "HTTP/1.1 $status "
    says "$name" "$text"
}

user='"messages":[{"role":"user","content":"hi"}]'
v1='anthropic-version: 2023-06-01'
claude="\"model\":\"echo\",\"max_tokens\":50"
post /v1/messages "{$claude,$user}" -H 'x-api-key: k' -H "$v1"
says "a message" '"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"'
says "with its id in a header" 'request-id: req_sim_'
post /v1/messages "{$claude,$user,\"stream\":true}" -H 'x-api-key: k' -H "$v1"
says "a block is opened" '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
says "and ended" '{"type":"content_block_stop","index":0}'
says "before the end" 'event: message_stop'
refuses "no key" 401 '"type":"authentication_error","message":"x-api-key header is required"' /v1/messages "{$claude,$user}"
refuses "no version" 400 'anthropic-version: header is required' /v1/messages "{$claude,$user}" -H 'x-api-key: k'
refuses "no max_tokens" 400 'max_tokens: Field required' /v1/messages "{\"model\":\"echo\",$user}" -H 'x-api-key: k' -H "$v1"
refuses "a foreign member" 400 'seed: Extra inputs are not permitted' /v1/messages "{$claude,$user,\"seed\":1}" -H 'x-api-key: k' -H "$v1"
refuses "sampling, today" 400 'temperature: Extra inputs' /v1/messages "{$claude,$user,\"temperature\":1}" -H 'x-api-key: k' -H 'anthropic-version: 2026-10-21'
use='{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]}'
refuses "a call without its result" 400 'were found without `tool_result` blocks' /v1/messages "{$claude,\"messages\":[$use,{\"role\":\"user\",\"content\":\"b\"}]}" -H 'x-api-key: k' -H "$v1"
refuses "a result without its call" 400 'unexpected `tool_use_id`' /v1/messages "{$claude,\"messages\":[$use,{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t2\"}]}]}" -H 'x-api-key: k' -H "$v1"
refuses "a text before the result" 400 'must come before' /v1/messages "{$claude,\"messages\":[$use,{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"tool_result\",\"tool_use_id\":\"t1\"}]}]}" -H 'x-api-key: k' -H "$v1"
refuses "a limit where tokens are counted" 400 'max_tokens: Extra inputs' /v1/messages/count_tokens "{$claude,$user}" -H 'x-api-key: k' -H "$v1"
post /v1/messages/count_tokens "{\"model\":\"echo\",$user}" -H 'x-api-key: k' -H "$v1"
says "a count" '{"input_tokens":7}'
refuses "an overload" 529 '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_sim_' /sim/status=529/v1/messages "{$claude,$user}" -H 'x-api-key: k' -H "$v1"

google='"contents":[{"role":"user","parts":[{"text":"hi"}]}]'
gen=/v1beta/models/gemini-3-echo:
key='x-goog-api-key: k'
post ${gen}generateContent "{$google}" -H "$key"
says "Google's answer" '"parts":[{"text":"hi"}],"role":"model"},"finishReason":"STOP"'
post "${gen}streamGenerateContent?alt=sse" "{$google}" -H "$key"
says "as an event" 'data: {"candidates":['
post "${gen}streamGenerateContent" "{$google}" -H "$key"
says "or as an array" '[{"candidates":['
ok "which ends" sh -c 'tail -c 2 "$1" | grep -q "]"' sh "$SCRATCH/answer"
refuses "no key" 403 'unregistered callers' ${gen}generateContent "{$google}"
refuses "a bad key" 400 'API_KEY_INVALID' ${gen}generateContent "{$google}" -H 'x-goog-api-key: bad-key'
refuses "an unknown name" 400 'Unknown name \"seed\"' ${gen}generateContent "{$google,\"seed\":1}" -H "$key"
refuses "a foreign role" 400 'Please use a valid role: user, model.' ${gen}generateContent '{"contents":[{"role":"assistant","parts":[{"text":"x"}]}]}' -H "$key"
call='{"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"eA=="}]}'
refuses "a call without its result" 400 'function response parts is equal' ${gen}generateContent "{\"contents\":[{\"parts\":[{\"text\":\"a\"}]},$call,{\"parts\":[{\"text\":\"b\"}]}]}" -H "$key"
refuses "a call without its signature" 400 'missing a thought_signature' ${gen}generateContent '{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]}]}' -H "$key"
refuses "an array of one error" 503 '[{' /sim/status=503,error-array${gen}generateContent "{$google}" -H "$key"
refuses "a quota" 429 '"retryDelay": "7s"' /sim/status=429,retry-after=7${gen}generateContent "{$google}" -H "$key"
post ${gen}countTokens "{$google}" -H "$key"
says "a count" '"totalTokens": 7'
post ${gen}batchEmbedContents '{"requests":[{"model":"models/x","content":{"parts":[{"text":"a"}]}}]}' -H "$key"
says "many vectors" '{"embeddings":[{"values":[0.'

post /v1/responses '{"model":"echo","input":"hi"}'
says "a response" '"status":"completed"'
says "holds a message" '"content":[{"type":"output_text","text":"hi"'
post /sim/reasoning=1/v1/responses '{"model":"echo","input":"hi","stream":true}'
says "events are numbered" '{"type":"response.created","sequence_number":0'
says "reasoning is an item" '{"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"rs_sim'
says "the last one holds everything" 'event: response.completed'
never "and there is no [DONE]" '[DONE]'
refuses "an unknown parameter" 400 "Unknown parameter: 'stop'." /v1/responses '{"model":"echo","input":"hi","stop":["x"]}'
refuses "an output without its call" 400 'No tool call found for function call output with call_id c1.' /v1/responses '{"model":"echo","input":[{"type":"function_call_output","call_id":"c1","output":"x"}]}'
refuses "a call without its output" 400 'No tool output found for function call c1.' /v1/responses '{"model":"echo","input":[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}]}'

post /api/chat "{\"model\":\"echo\",$user}"
says "Ollama streams unless told not to" '"message":{"role":"assistant","content":"hi"},"done":false}'
says "in lines" 'content-type: application/x-ndjson'
refuses "arguments as a text" 400 'cannot unmarshal string' /api/chat '{"model":"echo","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}'
refuses "a model that is not pulled" 404 "{\"error\":\"model 'echo' not found\"}" /sim/status=404/api/chat "{\"model\":\"echo\",$user}"

context='"user_context":{"org_id":"o","user_id":"u","client_type":"c"}'
token='Authorization: Bearer a.b.c'
post /v1/invoke "{\"provider\":\"openai\",\"model\":\"echo\",$user,$context}" -H "$token"
says "a ModelResponse" '{"content":"hi","usage":{"prompt_tokens":7'
refuses "no token" 401 '{"detail":"Not authenticated"}' /v1/invoke "{$user}"
refuses "nobody to book it to" 422 '"loc":["body","user_context"]' /v1/invoke "{\"provider\":\"openai\",\"model\":\"echo\",$user}" -H "$token"
post /v1/batch-invoke "{$context,\"items\":[{\"provider\":\"openai\",\"model\":\"echo\",\"custom_id\":\"a\",$user},{\"provider\":\"openai\",\"model\":\"echo\",\"custom_id\":\"b\"}]}" -H "$token"
says "a batch" '"responses":[{"content":"hi"'
says "whose items have their ids" '"error":null,"custom_id":"a"'
says "and errors of their own" '"custom_id":"b"'

scope=/api/v1/services/aigc/text-generation/generation
post $scope '{"model":"echo","input":{"messages":[{"role":"user","content":"one two"}]},"parameters":{"result_format":"message"}}' -H 'Authorization: Bearer k' -H 'X-DashScope-SSE: enable'
says "DashScope's events have no space" 'data:{"output":{"choices":[{"message":{"role":"assistant","content":"one"}'
says "and repeat what was said" '"content":"one two"},"finish_reason":"null"'
says "and a status" ':HTTP_STATUS/200'
refuses "a bad key" 401 '{"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"' $scope '{}' -H 'Authorization: Bearer bad-key'
refuses "a picture at once" 403 'does not support synchronous calls' /api/v1/services/aigc/text2image/image-synthesis '{"model":"x","input":{"prompt":"x"}}' -H 'Authorization: Bearer k'

signed='Authorization: TC3-HMAC-SHA256 Credential=k/2026-01-01/hunyuan/tc3_request, SignedHeaders=content-type;host, Signature=0'
post / '{"Model":"echo","Messages":[{"Role":"user","Content":"hi"}]}' -H 'X-TC-Action: ChatCompletions' -H 'X-TC-Version: 2023-09-01' -H 'X-TC-Timestamp: 1' -H "$signed"
says "Tencent's answer" '"Message":{"Role":"assistant","Content":"hi"},"FinishReason":"stop"'
refuses "no signature" 200 '{"Response":{"Error":{"Code":"AuthFailure.InvalidAuthorization"' / '{}' -H 'X-TC-Action: ChatCompletions' -H 'X-TC-Version: 2023-09-01' -H 'X-TC-Timestamp: 1'
refuses "an unknown parameter" 200 'UnknownParameter' / '{"Model":"echo","MaxTokens":1}' -H 'X-TC-Action: ChatCompletions' -H 'X-TC-Version: 2023-09-01' -H 'X-TC-Timestamp: 1' -H "$signed"

# -- one conversation through every dialect: what build/tamar writes is posted, what comes back it reads
unset OPENAI_BASE_URL OPENAI_API_KEY
tool='"tools":[{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]'
called='{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"c2","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bern\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"rain"},{"role":"tool","tool_call_id":"c2","content":"sun"}'
first="{\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"hi\"}],$tool}"
second="{\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},{\"role\":\"user\",\"content\":\"hi\"},$called],$tool}"
shape="{\"messages\":[{\"role\":\"user\",\"content\":\"answer in JSON\"}],\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"o\",\"schema\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},\"required\":[\"n\"],\"additionalProperties\":false}}}}"

# through API MODEL PATH STREAM REQUEST: leaves what was decoded in decoded
through()
{
    printf '%s' "$5" >"$SCRATCH/chat"
    stream=$4
    "$BUILD/tamar" encode -m "$2" --api "$1" --base-url "$at$3" --user u --org o $stream "$SCRATCH/chat" >"$SCRATCH/encoded" 2>"$SCRATCH/err" || return
    sed 's/.*"body":\(.*\),"warnings":\[.*/\1/' "$SCRATCH/encoded" >"$SCRATCH/request"
    url=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$SCRATCH/encoded")
    case $1 in
    anthropic*) set -- "$1" -H 'x-api-key: k' -H "$v1" ;;
    gemini*) set -- "$1" -H "$key" ;;
    tamar*) set -- "$1" -H "$token" ;;
    hunyuan*) set -- "$1" -H "$signed" -H 'X-TC-Action: ChatCompletions' -H 'X-TC-Version: 2023-09-01' -H 'X-TC-Timestamp: 1' ;;
    dashscope*) set -- "$1" -H 'Authorization: Bearer k' ${stream:+-H 'X-DashScope-SSE: enable'} ;;
    *) set -- "$1" -H 'Authorization: Bearer k' ;;
    esac
    api=$1
    shift
    curl -sS -m 10 "$@" -H 'Content-Type: application/json' --data-binary "@$SCRATCH/request" "$url" >"$SCRATCH/body" 2>"$SCRATCH/err"
    "$BUILD/tamar" decode --api "$api" $stream --split 7 "$SCRATCH/body" >"$SCRATCH/answer" 2>>"$SCRATCH/err"
}

if [ -x "$BUILD/tamar" ]; then
    while read -r api model path; do
        for stream in '' --stream; do
            through $api $model "$path" "$stream" "$first"
            says "$api${stream:+, streamed}: a tool is called by its schema" '"name":"weather","arguments":"{\"city\":\"x\"}"'
            says "$api${stream:+, streamed}: and that is the finish" '"finish_reason":"tool_calls"'
            through $api $model "$path" "$stream" "$second"
            says "$api${stream:+, streamed}: the results arrive" '"text":"The tool said: rain; sun"'
            says "$api${stream:+, streamed}: and that is the end" '"finish_reason":"stop"'
            case $api in dashscope*|hunyuan*|tamar*) continue ;; esac
            through $api $model "$path" "$stream" "$shape"
            says "$api${stream:+, streamed}: a schema is kept to" '"text":"{\"n\":1}"'
        done
    done <<EOF
openai-chat openai/gpt-4o /v1
openai-responses openai/gpt-6-sol /v1
anthropic-messages anthropic/claude-opus-5
gemini-generate google/gemini-3-pro
gemini-generate google/gemini-2.5-flash
ollama-chat ollama/qwen3
tamar-invoke tamar/openai/gpt-4o
dashscope-native qwen-native/qwen-max /api/v1
hunyuan-native hunyuan-native/hunyuan-turbo
EOF
    # Google's other form of a stream, which nobody asks for and which comes all the same without alt=sse.
    for fault in n=3 n=3,no-done n=3,error-at=2 n=3,cut=2c; do
        post "/sim/$fault${gen}streamGenerateContent" "{$google}" -H "$key"
        sed '1,/^.$/d' "$SCRATCH/answer" >"$SCRATCH/body"
        cut=
        case $fault in *cut*) cut=--cut ;; esac
        "$BUILD/tamar" decode --api gemini-generate --stream --split 3 $cut "$SCRATCH/body" >"$SCRATCH/answer" 2>"$SCRATCH/err"
        case $fault in
        n=3) says "an array is a stream" '"text":"abcdefghijkl"' && says "of an answer" '"error":null' ;;
        *no-done) says "an array without its end" '"text":"abcdefghijkl"' ;;
        *error-at*) says "an array that holds an error" '"text":"abcdefgh"' && says "which is told" '"category":"overloaded"' ;;
        *) says "an array that breaks off" '"text":"abcdefgh"' && says "and is truncated" '"category":"truncated"' ;;
        esac
    done
else skip "one conversation through every dialect" "no $BUILD/tamar"
fi

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

# -- web pages
start --cors http://127.0.0.1:8000 --script "$SCRATCH/script"
page='Origin: http://127.0.0.1:8000'
preflight() # HEADER
{
    curl -s -i -m 10 -X OPTIONS -H "$1" -H 'Access-Control-Request-Method: POST' \
        -H 'Access-Control-Request-Headers: authorization,content-type' \
        "$at/sim/no-cors/v1/chat/completions" >"$SCRATCH/answer"
}
preflight "$page"
says "a preflight is answered" 'HTTP/1.1 204'
says "with the origin" 'access-control-allow-origin: http://127.0.0.1:8000'
says "and the headers it asked for" 'access-control-allow-headers: authorization,content-type'
ok "it does not count" [ "$(stat_of requests)" = 0 ]
ask '' '' -H "$page"
says "a page may read the reply" 'access-control-allow-origin: http://127.0.0.1:8000'
says "the preflight used no step of the script" '"content":"abcd"'
ask 'ok,no-cors' '' -H "$page"
never "no-cors: it may not" 'access-control'
ask 'status=500' '' -H "$page"
says "nor are errors hidden from it" 'access-control-allow-origin'
preflight 'Origin: http://127.0.0.1:8001'
never "no other page is let in" 'access-control'
ask '' ''
never "who is no page is not told" 'access-control'
stop "with pages"
finish
