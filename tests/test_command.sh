#!/bin/sh
# The tamar command: what each verb prints for small inputs, its exit status, and what it says on standard error.
. tests/lib.sh
TAMAR=${TAMAR:-$BUILD/tamar}
TAMAR_CHECK_EVENTS=1  # decode also proves that the events add up to the response
export TAMAR_CHECK_EVENTS
unset OPENAI_API_KEY OPENAI_BASE_URL GROQ_API_KEY GROQ_BASE_URL http_proxy all_proxy ALL_PROXY no_proxy NO_PROXY
# The keys with which the simulated provider is asked; any will do.
ANTHROPIC_API_KEY=k GOOGLE_API_KEY=k GOOGLE_VERTEX_ACCESS_TOKEN=k DASHSCOPE_API_KEY=k TENCENTCLOUD_SECRET_ID=k XAI_API_KEY=k
TENCENTCLOUD_SECRET_KEY=k MODEL_MANAGER_SERVER_JWT_SECRET_KEY=k
export ANTHROPIC_API_KEY GOOGLE_API_KEY GOOGLE_VERTEX_ACCESS_TOKEN DASHSCOPE_API_KEY TENCENTCLOUD_SECRET_ID
export XAI_API_KEY TENCENTCLOUD_SECRET_KEY MODEL_MANAGER_SERVER_JWT_SECRET_KEY

# run INPUT ARGUMENT...: INPUT in printf's %b notation
run()
{
    printf '%b' "$1" >"$SCRATCH/input"
    shift
    "$TAMAR" "$@" <"$SCRATCH/input" >"$SCRATCH/stdout" 2>"$SCRATCH/stderr"
    status=$?
}

wrong()
{
    fail "$1"
    echo "    exit $status; wanted: $2"
    cat "$SCRATCH/stdout" "$SCRATCH/stderr" | cut -c 1-2000 | sed 's/^/    /'
}

# prints NAME STATUS EXPECTED INPUT ARGUMENT...: standard output is exactly EXPECTED and a line end
prints()
{
    name=$1 code=$2 want=$3
    shift 3
    run "$@"
    if [ -n "$want" ]; then printf '%s\n' "$want"; fi >"$SCRATCH/want"
    if [ "$status" -eq "$code" ] && cmp -s "$SCRATCH/want" "$SCRATCH/stdout"; then pass
    else wrong "$name" "exit $code and $want"; fi
}

# shows NAME STATUS TEXT INPUT ARGUMENT...: TEXT stands somewhere on standard output
shows()
{
    name=$1 code=$2 want=$3
    shift 3
    run "$@"
    if [ "$status" -eq "$code" ] && grep -qF -- "$want" "$SCRATCH/stdout"; then pass
    else wrong "$name" "exit $code and $want"; fi
}

# says NAME STATUS TEXT INPUT ARGUMENT...: TEXT stands on standard error, and nothing on standard output
says()
{
    name=$1 code=$2 want=$3
    shift 3
    run "$@"
    if [ "$status" -eq "$code" ] && [ ! -s "$SCRATCH/stdout" ] && grep -qF -- "$want" "$SCRATCH/stderr"; then pass
    else wrong "$name" "exit $code and on standard error: $want"; fi
}

# also TEXT...: the last run showed these as well, or (!TEXT) not
also()
{
    missed=
    for text in "$@"; do
        case $text in
        !*) if grep -qF -- "${text#!}" "$SCRATCH/stdout"; then missed="$missed $text"; fi ;;
        *) if ! grep -qF -- "$text" "$SCRATCH/stdout"; then missed="$missed $text"; fi ;;
        esac
    done
    if [ -z "$missed" ]; then pass; else wrong "$name" "$missed"; fi
}

if [ ! -x "$TAMAR" ]; then
    fail "$TAMAR is not built: make build"
    finish
fi

# -- the command itself ----------------------------------------------------------------------------

prints version 0 "tamar $(sed -n 's/^#define TAMAR_VERSION "\(.*\)"$/\1/p' tamar_llm.h)" '' --version
shows help 0 'tamar decode --api API' '' --help
shows 'help of a verb' 0 'tamar sse [--split N] [FILE]' '' sse --help
says 'no verb' 2 'tamar --help' ''
says 'unknown verb' 2 'tamar: config: no verb shout' '' shout
says 'unknown option' 2 'tamar: config: sse: no option --bogus; see `tamar sse --help`' '' sse --bogus
says 'option without its value' 2 'tamar: config: sse: --split wants a value' '' sse --split
says 'number that is none' 2 "--split wants a number, not '1x'" '' sse --split=1x
says 'negative number' 2 "--split wants a number, not '-1'" '' sse --split -1
says 'flag with a value' 2 '--stream takes no value' '' decode --api openai-chat --stream=yes
says 'two files' 2 'one file, not also b' '' json a b
says 'no such file' 1 'tamar: config: cannot open no/such/file: ' '' json no/such/file
says 'a directory' 1 'tamar: config: cannot read tests: ' '' json tests
says 'chat without a prompt' 2 'chat: no prompt' '' chat
says 'chat with two prompts' 2 'put it in quotes' '' chat two words
says 'an image that is none' 1 'Makefile is not PNG' '' chat --image Makefile look
says 'an image that is not there' 1 'cannot open no/image.png' '' chat --image no/image.png look

# -- json ------------------------------------------------------------------------------------------

prints 'json compact' 0 '{"a":[1,2.50e+1,"x y"],"b":{}}' ' { "a" : [ 1 ,\t2.50e+1 , "x y" ] ,\r\n "b":{ } }\n' json
prints 'json keeps escapes' 0 '["a\"\\ \u00e9é",-0.0,1E400]' '[ "a\\"\\\\ \\u00e9é" , -0.0 , 1E400 ]' json -
prints 'json scalar' 0 'null' '\n null \n' json
printf '[\n1]' >"$SCRATCH/doc.json"
prints 'json from a file' 0 '[1]' '' json "$SCRATCH/doc.json"
says 'json truncated' 1 'at byte 4' '[1,\n' json
says 'json broken' 1 'tamar: parse: ' '{"a":1,}' json
says 'json empty' 1 'at byte 0' '' json
says 'json trailing' 1 'at byte 3' '{} x' json
says 'json schema is to come' 2 '--schema is not available yet' '{}' json --schema x

# -- sse -------------------------------------------------------------------------------------------

stream=': hello\n\ndata: a\ndata: b\n\nretry: 250\nid: 7\nevent: tick\r\ndata:  c\r\n\r\ndata\rid\r\revent: x\n\ndata: é\n\ndata: lost'
events='{"event":"message","data":"a\nb","id":"","retry":null}
{"event":"tick","data":" c","id":"7","retry":250}
{"event":"message","data":"","id":"","retry":250}
{"event":"message","data":"é","id":"","retry":250}'
for split in 0 1 2 3 7 1000; do prints "sse --split $split" 0 "$events" "$stream" sse --split $split; done
prints 'sse of nothing' 0 '' '' sse
prints 'sse without a blank line' 0 '' 'data: x\n' sse
prints 'sse with a byte order mark' 0 '{"event":"message","data":"1","id":"","retry":null}' '\0357\0273\0277data:1\n\n' sse --split 1

# -- decode ----------------------------------------------------------------------------------------

none='"input_tokens":null,"output_tokens":null,"cached_input_tokens":null,"cache_write_tokens":null,"reasoning_tokens":null'
tail='"images":[],"citations":[],"embeddings":null,"models":null,"latency_ms":null,"warnings":[],"error":null}'

prints 'decode an answer' 0 '{"id":"c1","model":"m1","provider":null,"created":1700000000,"text":"Hi é","reasoning":null,"refusal":null,"tool_calls":[],"finish_reason":"stop","finish_reason_raw":"stop","usage":{"input_tokens":3,"output_tokens":2,"cached_input_tokens":1,"cache_write_tokens":null,"reasoning_tokens":0,"total_tokens":5},'"$tail" \
    '{"id":"c1","object":"chat.completion","created":1700000000,"model":"m1","choices":[{"index":0,"message":{"role":"assistant","content":"Hi \\u00e9","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":0}}}' \
    decode --api openai-chat --header 'Content-Type: application/json'

chunks='data: {"id":"c2","model":"m2","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\ndata: {"choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}\n\n: comment\n\ndata: {"choices":[{"index":0,"delta":{"content":"Smile \\ud83d"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"content":"\\ude00"}}]}\n\ndata: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""}}]}}]}\n\ndata: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":"}}]}}]}\n\ndata: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]}\n\n'
finish='data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\n'
for split in 0 1 7; do
    prints "decode a stream --split $split" 0 '{"id":"c2","model":"m2","provider":null,"created":null,"text":"Smile 😀","reasoning":"Hm.","refusal":null,"tool_calls":[{"id":"t1","name":"f","arguments":"{\"a\":1}"}],"finish_reason":"tool_calls","finish_reason_raw":"tool_calls","usage":{'"$none"',"total_tokens":null},'"$tail" \
        "${chunks}${finish}data: [DONE]\n\n" decode --api openai-chat --stream --split $split --header 'content-type: text/event-stream'
    shows "decode a lost connection --split $split" 1 '"category":"truncated"' "$chunks" decode --api openai-chat --stream --split $split --cut
    also '"text":"Smile 😀"' '"retryable":true'
done
shows 'decode an end without proof' 1 '"category":"truncated"' "$chunks" decode --api openai-chat --stream
shows 'decode an unterminated last event' 0 '"finish_reason":"tool_calls"' "${chunks}${finish}data: [DONE]" decode --api openai-chat --stream

shows 'decode a refused key' 1 '"error":{"category":"auth","http_status":401,"code":"invalid_api_key","type":"invalid_request_error","message":"' \
    '{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}' \
    decode --api openai-chat --provider openai --status 401 --header 'x-request-id: req_9' --header=Content-Type:application/json
also 'Incorrect API key provided.' '"request_id":"req_9"' '"retryable":false' '"retry_after_ms":null'
shows 'decode a rate limit' 1 '"category":"rate","http_status":429' '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}' \
    decode --api openai-chat --status 429 --header 'Retry-After: 2'
also '"retryable":true' '"retry_after_ms":2000'
shows 'decode an error page' 1 '"category":"server","http_status":500' '<html>oops</html>' decode --api openai-chat --status 500 --header 'Content-Type: text/html'
shows 'decode broken JSON' 1 '"error":{"category":"' '{"id":' decode --api openai-chat
shows 'decode nothing' 1 '"error":{"category":"' '' decode --api openai-chat
shows 'decode for an unknown provider' 0 '"text":"x"' '{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]}' \
    decode --api openai-chat --provider nobody-knows
shows 'decode an unknown dialect' 1 '"error":{"category":"config"' '{}' decode --api no-such-api
for api in openai-chat openai-responses anthropic-messages gemini-generate ollama-chat openai-embeddings gemini-embeddings \
    openai-images openai-models anthropic-models gemini-models anthropic-count-tokens gemini-count-tokens dashscope-native \
    hunyuan-native qianfan-native tamar-invoke; do
    shows "decode knows $api" 1 '"error":{"category":"' '<p>' decode --api $api
    also '!"category":"config"'
done
says 'decode without a dialect' 2 'say --api openai-chat' '{}' decode
says 'decode with a status that is none' 2 '--status wants an HTTP status' '{}' decode --api openai-chat --status 42

# -- encode ----------------------------------------------------------------------------------------

shows 'encode the smallest' 0 '"method":"POST","url":"https://api.openai.com/v1/chat/completions","headers":{' \
    '{"model":"ignored","messages":[{"role":"user","content":"hi"}]}' encode -m openai/gpt-4o
also '"model":"gpt-4o"' '"messages":[{"role":"user","content":"hi"}]' '"warnings":[]' '"Authorization":"Bearer ***"' '!"stream":true'
OPENAI_API_KEY=sk-very-secret
export OPENAI_API_KEY
shows 'encode hides the key' 0 '"Bearer ***"' '{"messages":[{"role":"user","content":"hi"}]}' encode -m openai/gpt-4o
also '!sk-very-secret'
unset OPENAI_API_KEY
shows 'encode for a server of mine' 0 '"url":"http://127.0.0.1:9/v1/chat/completions"' '{"model":"qwen3","messages":[{"role":"user","content":"hi"}],"stream":true}' \
    encode --base-url http://127.0.0.1:9/v1
also '"model":"qwen3"' '"stream":true'
shows 'encode --stream' 0 '"stream":true' '{"messages":[{"role":"user","content":"hi"}]}' encode -m groq/x --stream

shows 'encode settings' 0 '"temperature":0.7' \
    '{"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}],"temperature":9,"temperature":0.7,"top_p":0.5,"max_tokens":9,"stop":"END","seed":7,"frequency_penalty":-0.5,"presence_penalty":1,"logprobs":true,"top_logprobs":3,"user":"u1","logit_bias":{"50256":-100},"my_own":[1, 2],"metadata":{"k":"v"},"service_tier":"flex","prompt_cache_key":"p","store":false,"top_k":null,"n":1}' \
    encode -m custom/model --base-url http://127.0.0.1:8000/v1
also '"top_p":0.5' '"max_tokens":9' '"END"' '"seed":7' '"frequency_penalty":-0.5' '"presence_penalty":1' '"logprobs":true' '"top_logprobs":3' \
    '"user":"u1"' '"logit_bias":{"50256":-100}' '"my_own":[1, 2]' '"k":"v"' '"service_tier":"flex"' '"prompt_cache_key":"p"' '"store":false' '"top_k":null' '!"n":'

shows 'encode tools' 0 '"tool_choice":{"type":"function","function":{"name":"f"}}' \
    '{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}}]},{"role":"tool","tool_call_id":"t1","content":[{"type":"text","text":"o"},{"type":"text","text":"k"}]}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"response_format":{"type":"json_schema","json_schema":{"name":"out","schema":{"type":"object"},"strict":true}}}' \
    encode -m vllm/model
also '"name":"f","description":"d","parameters":{"type":"object"}' '"parallel_tool_calls":false' '"arguments":"{\"a\":1}"' '"tool_call_id":"t1"' \
    '"content":"ok"' '"json_schema"' '"schema":{"type":"object"}'

shows 'encode in another dialect' 0 '"url":"https://api.openai.com/v1/responses"' '{"messages":[{"role":"user","content":"hi"}]}' encode -m openai/gpt-4o --api openai-responses
says 'encode in a dialect that is not there' 1 'tamar: config: ' '{"messages":[{"role":"user","content":"hi"}]}' encode -m openai/gpt-4o --api no-such-api
shows 'encode for a gateway' 0 '"org_id":"o","user_id":"u"' '{"messages":[{"role":"user","content":"hi"}]}' encode -m tamar/openai/gpt-4o --base-url http://127.0.0.1:9 --org o --user u
shows 'encode parts' 0 '"url":"https://x.example/i.png"' \
    '{"messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://x.example/i.png","detail":"low"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}},{"type":"input_audio","input_audio":{"data":"AAEC/w==","format":"wav"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},{"type":"file","file":{"file_id":"f9"}}]}]}' \
    encode -m openai/gpt-4o
also '"detail":"low"' 'data:image/png;base64,iVBO' '"data":"AAEC/w=="' '"format":"wav"' '"filename":"a.pdf"' 'data:application/pdf;base64,JVBE' '"file_id":"f9"'

shows 'encode says what it left out' 0 'message: \"annotations\" was left out' \
    '{"messages":[{"role":"assistant","content":"x","annotations":[1]},{"role":"user","content":"hi"}]}' encode -m openai/gpt-4o
says 'encode broken JSON' 1 'tamar: parse: ' '{"messages":' encode -m openai/gpt-4o
says 'encode no messages' 1 'tamar: config: ' '{}' encode -m openai/gpt-4o
says 'encode an unknown role' 1 "role is not system" '{"messages":[{"role":"wizard","content":"x"}]}' encode -m openai/gpt-4o
says 'encode bad base64' 1 'not base64' '{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"$","format":"wav"}}]}]}' encode -m openai/gpt-4o
says 'encode without a model' 1 'tamar: config: ' '{"messages":[{"role":"user","content":"x"}]}' encode
says 'encode for an unknown provider' 1 'tamar: config: ' '{"messages":[{"role":"user","content":"x"}]}' encode -m nobody/knows

# cut_word API: the spec's word for an answer that was cut off, as this vendor has it
cut_word()
{
    case $1 in
    anthropic*) echo ,finish=max_tokens ;;
    gemini*) echo ,finish=MAX_TOKENS ;;
    *) echo ,finish=length ;;
    esac
}

# -- chat, with the simulated provider -------------------------------------------------------------

if [ -x "$BUILD/provider-sim" ]; then
    "$BUILD/provider-sim" --quiet --with-parent --max-seconds 600 --port-file "$SCRATCH/port" &
    sim=$!
    trap 'kill $sim 2>/dev/null' EXIT
    tries=0
    while [ ! -s "$SCRATCH/port" ] && [ $tries -lt 100 ]; do
        sleep 0.05 2>/dev/null || sleep 1
        tries=$((tries + 1))
    done
    base=http://127.0.0.1:$(cat "$SCRATCH/port")
    prints 'chat streams' 0 'hello there' '' chat --base-url "$base/v1" -m echo 'hello there'
    prints 'chat in one piece' 0 'hello there' '' chat --no-stream --base-url="$base/v1" -m echo -- 'hello there'
    prints 'chat from standard input' 0 'two
lines' 'two\nlines' chat --base-url "$base/v1" -m echo -
    shows 'chat --json' 0 '"text":"hello","reasoning":null' '' chat --json --base-url "$base/v1" -m echo hello
    also '"finish_reason":"stop"' '"error":null' '!"latency_ms":null'
    says 'chat with a refused key' 1 'tamar: auth: ' '' chat --base-url "$base/sim/status=401/v1" -m echo hello
    run '' chat --base-url "$base/sim/cut=3c/v1" -m simulated hello
    if [ "$status" -eq 1 ] && [ -s "$SCRATCH/stdout" ] && grep -q '^tamar: truncated: ' "$SCRATCH/stderr"; then pass
    else wrong 'chat that breaks off' 'exit 1, the partial text, truncated'; fi
    shows 'chat --json that breaks off' 1 '"error":{"category":"truncated"' '' \
        chat --json --base-url "$base/sim/cut=3c/v1" -m simulated hello
    printf '\211PNG\r\n\032\nrest' >"$SCRATCH/i.png"
    prints 'chat with images' 0 'look' '' \
        chat --base-url "$base/v1" -m echo --image "$SCRATCH/i.png" --image https://x.example/i.jpg look

    # Every dialect: its name, a model, the path behind the address, the vendor's words for a refused key.
    # partial NAME TEXT CATEGORY ARGUMENT...: breaks off, with this text before and that category behind it
    partial()
    {
        name=$1 want=$2 category=$3
        shift 3
        run '' "$@"
        if [ "$status" -eq 1 ] && [ "$(cat "$SCRATCH/stdout")" = "$want" ] && grep -q "^tamar: $category: " "$SCRATCH/stderr"
        then pass; else wrong "$name" "exit 1, $want, $category"; fi
    }
    while IFS='|' read -r api model path refusal; do
        # to SPEC OPTION...: asks this dialect's model, with these faults
        to="chat --api ${api%-vertex} --user u --org o -m $model --base-url"
        prints "$api streams" 0 'one two' '' $to "$base/sim/text=one%20two$path" hi
        prints "$api in one piece" 0 'one two' '' $to "$base/sim/text=one%20two$path" --no-stream hi
        prints "$api in single bytes" 0 'naïve 東京 🌊' '' $to "$base/sim/split=1,bytes=2,text=na%C3%AFve%20%E6%9D%B1%E4%BA%AC%20%F0%9F%8C%8A$path" hi
        for how in --json '--json --no-stream'; do
            shows "$api calls tools, $how" 0 '"finish_reason":"tool_calls"' '' $to "$base/sim/parallel=2$path" $how hi
            also '"name":"sim_tool","arguments":"{\"x\":\"x\"}"},{"id"' '"error":null' '!"input_tokens":null' '!"output_tokens":null'
            shows "$api counts, $how" 0 '"finish_reason":"length"' '' $to "$base/sim/n=3$(cut_word $api)$path" $how hi
            also '"text":"abcdefghijkl"'
            if [ $api = tamar-invoke ]; then continue; fi
            shows "$api reasons, $how" 0 '"text":"x","reasoning":"Let me"' '' $to "$base/sim/reasoning=2,text=x$path" $how hi
        done
        says "$api refuses a key" 1 "$refusal" '' $to "$base/sim/status=401$path" hi
        says "$api refuses a request" 1 'tamar: ' '' $to "$base/sim/status=400$path" --no-stream hi
        partial "$api breaks off" abcdefghijkl truncated $to "$base/sim/cut=3c,n=9$path" hi
        partial "$api ends without proof" abcdefgh truncated $to "$base/sim/no-finish,n=2$path" hi
        partial "$api is reset" abcdefgh '[a-z]*' $to "$base/sim/rst=2c,n=9$path" hi
        partial "$api fails on its way" abcd '[a-z]*' $to "$base/sim/error-at=1,n=9$path" hi
    done <<EOF
openai-chat|openai/gpt-4o|/v1|tamar: auth: Incorrect API key provided.
openai-responses|openai/gpt-6-sol|/v1|tamar: auth: Incorrect API key provided.
openai-responses|xai/grok-5|/v1|tamar: auth: Incorrect API key provided.
anthropic-messages|anthropic/claude-opus-5||tamar: auth: invalid x-api-key
gemini-generate|google/gemini-3-pro||tamar: auth: Request had invalid authentication credentials.
gemini-generate-vertex|vertex/gemini-3-pro|/v1/projects/p/locations/l|tamar: auth: Request had invalid authentication credentials.
ollama-chat|ollama/qwen3||tamar: auth: unauthorized
tamar-invoke|tamar/openai/gpt-4o||tamar: auth: Incorrect API key provided.
dashscope-native|qwen-native/qwen-max|/api/v1|tamar: auth: Invalid API-key provided.
hunyuan-native|hunyuan-native/hunyuan-turbo||tamar: auth: The provided credentials could not be validated.
EOF
    export OPENAI_API_KEY=k
    ANTHROPIC_API_KEY=bad-key says 'a key that Anthropic refuses' 1 'tamar: auth: invalid x-api-key' '' chat -m anthropic/claude-opus-5 --base-url "$base" hi
    GOOGLE_API_KEY=bad-key says 'a key that Google refuses' 1 'tamar: auth: API key not valid.' '' chat -m google/gemini-3-pro --base-url "$base" hi
    OPENAI_API_KEY=bad-key says 'a key that OpenAI refuses' 1 'tamar: auth: Incorrect API key' '' tokens -m openai/gpt-5 --base-url "$base/v1" hi
    OPENAI_API_KEY=$(printf 'k\r\nX-Evil: 1')
    says 'chat with a key over two lines' 1 'tamar: config: the API key holds' '' chat -m openai/gpt-4o --base-url "$base/v1" hi
    OPENAI_API_KEY=k
    says 'chat with a name that is none' 1 'tamar: ' '' chat -m custom/x --base-url http://no-such-name.invalid/v1 hi
    if have curl; then
        run '' chat --base-url "$base/v1" -m echo hello
        ok 'the request names its sender' sh -c 'curl -s -m 10 "$1/sim-last" | grep -q "\[\"User-Agent\",\"tamar/"' sh "$base"
    fi

    # -- through a proxy: the provider takes absolute URLs as well
    export http_proxy="$base"
    prints 'chat through a proxy' 0 'hello there' '' chat --base-url http://localhost:9/v1 -m echo 'hello there'
    says 'chat through a proxy that wants a password' 1 'tamar: proxy: the proxy wants a user name and password (407)' '' chat --base-url http://localhost:9/v1 -m 'echo!status=407' hi
    export http_proxy=http://127.0.0.1:9
    says 'chat through a proxy that is not there' 1 'the proxy refused the connection' '' chat --base-url http://localhost:10/v1 -m echo hi
    unset http_proxy

    # -- what is no chat
    three='echo
reasoner
sim'
    prints 'models of OpenAI' 0 "$three" '' models -m openai/ --base-url "$base/v1"
    prints 'models of Anthropic' 0 "$three" '' models -m anthropic/ --base-url "$base"
    shows 'models of Google' 0 'models/echo' '' models -m google/ --base-url "$base"
    shows 'models of Vertex' 0 'models/echo' '' models -m vertex/ --base-url "$base/v1beta1"
    shows 'models of Ollama' 0 'echo:latest' '' models -m ollama/ --base-url "$base"
    shows 'models --json' 0 '"models":[{"id":"echo","name":"Simulated echo","input_tokens":200000,"output_tokens":64000}' '' models -m anthropic/ --base-url "$base" --json
    says 'models of a provider without a list' 1 'tamar: config: ' '' models -m qwen-native/ --base-url "$base"
    says 'models of nobody' 2 'say -m openai/' '' models
    says 'models of a word too many' 2 'no operand' '' models -m openai/ x
    for which in openai/text-embedding-3-small:/v1 google/gemini-embedding-001: ollama/nomic: qwen-native/text-embedding-v3:/api/v1; do
        model=${which%%:*} path=${which#*:}
        prints "embed with $model" 0 '0.078 0.877 0.374
0.708 0.872 0.059' '' embed -m $model --dimensions 3 --base-url "$base$path" one two
    done
    shows 'embed --json' 0 '"embeddings":[[0.078,0.877,0.374]]' 'one' embed --json -m google/gemini-embedding-001 --dimensions 3 --base-url "$base" -
    says 'embed nothing' 2 'embed: no text' '' embed -m openai/text-embedding-3-small
    says 'embed without a model' 2 'embed: no model' '' embed one
    says 'embed with a model that is not there' 1 'tamar: ' '' embed -m openai/x --base-url "$base/sim/status=404/v1" one
    printf '\211PNG\r\n\032\n' >"$SCRATCH/png"
    for which in openai/gpt-image-2:/v1 google/gemini-3-pro-image: tamar/openai/gpt-image-1:; do
        model=${which%%:*} path=${which#*:}
        rm -f "$SCRATCH/fox.png"
        prints "image with $model" 0 "$SCRATCH/fox.png" '' image -m $model --user u --org o --base-url "$base$path" -o "$SCRATCH/fox.png" 'a fox'
        ok "it is a picture, $model" sh -c 'head -c 8 "$1" | cmp - "$2"' sh "$SCRATCH/fox.png" "$SCRATCH/png"
    done
    prints 'image at an address' 0 'https://sim.invalid/picture-0.png' '' image -m openai/dall-e-3 --base-url "$base/v1" 'a fox'
    shows 'image at an address, to be saved' 1 'https://sim.invalid' '' image -m openai/dall-e-3 --base-url "$base/v1" -o x.png 'a fox'
    prints 'image that is made behind the call' 0 'https://sim.invalid/picture-0.png' '' image -m qwen-native/wan2.2 --base-url "$base/api/v1" 'a fox'
    says 'image that cannot be saved' 1 'cannot open no/such/dir' '' image -m openai/gpt-image-2 --base-url "$base/v1" -o no/such/dir/x.png 'a fox'
    says 'image of two prompts' 2 'one prompt' '' image -m openai/gpt-image-2 a fox
    for which in openai/gpt-5:/v1 anthropic/claude-opus-5: google/gemini-3-pro: vertex/gemini-3-pro:/v1/projects/p/locations/l; do
        model=${which%%:*} path=${which#*:}
        prints "tokens with $model" 0 14 '' tokens -m $model --system 'be brief' --base-url "$base$path" 'how many tokens is this text'
    done
    says 'tokens of Ollama' 1 'tamar: config: ' '' tokens -m ollama/qwen3 --base-url "$base" hi
    says 'tokens of nothing' 2 'tokens: no prompt' '' tokens -m openai/gpt-5
    unset OPENAI_API_KEY
else
    skip 'chat with the simulated provider' "no $BUILD/provider-sim"
fi

finish
