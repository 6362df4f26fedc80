// anthropic-messages, anthropic-models and anthropic-count-tokens, both ways. Requests: golden bytes, written from the
// vendor's documents, each encoded twice and with each allocation failing. Answers: one case a known trap, each decoded
// whole, byte by byte, at every split and with each allocation failing. An argument runs only the case of that name.
// JSON stands here with ' for ".
#define API "anthropic-messages"
#include "dialect.h"

#define GOLDEN_HASH UINT64_C(0x07bef07d9b06ee2f)  // of all golden bodies, in order: 32-bit and big-endian builds must agree

#define EV(type, rest) "event: " type "\ndata: {'type':'" type "'" rest "}\n\n"
#define BEGIN_WITH(members) EV("message_start", ",'message':{'id':'msg_1','type':'message','role':'assistant','model':'claude-opus-5'," members "}")
#define BEGIN BEGIN_WITH("'content':[],'stop_reason':null,'usage':{'input_tokens':25,'cache_read_input_tokens':0,'output_tokens':1}")
#define BLOCK(i, members) EV("content_block_start", ",'index':" #i ",'content_block':{" members "}")
#define DELTA(i, members) EV("content_block_delta", ",'index':" #i ",'delta':{" members "}")
#define CLOSE(i) EV("content_block_stop", ",'index':" #i)
#define SAYS(i, text) DELTA(i, "'type':'text_delta','text':'" text "'")
#define TEXT(i, text) BLOCK(i, "'type':'text','text':''") SAYS(i, text) CLOSE(i)
#define JSON(i, text) DELTA(i, "'type':'input_json_delta','partial_json':'" text "'")
#define CALL(i, id, name) BLOCK(i, "'type':'tool_use','id':'" id "','name':'" name "','input':{}")
#define STOPS(reason) EV("message_delta", ",'delta':{'stop_reason':'" reason "','stop_sequence':null},'usage':{'output_tokens':42}")
#define LAST EV("message_stop", "")
#define END(reason) STOPS(reason) LAST
#define USED "usage in 25 out 42 cached 0"
#define MESSAGE(content, reason) "{'id':'msg_1','type':'message','role':'assistant','model':'claude-opus-5','content':[" content "],'stop_reason':'" reason "'}"

static void streams(void)
{
    CASE("stream")
    {
        STREAM("text=hello; finish=stop(end_turn); " USED,
               BEGIN EV("ping", "") BLOCK(0, "'type':'text','text':''") SAYS(0, "hel") EV("ping", "") SAYS(0, "lo") CLOSE(0) END("end_turn"));
        STREAM("text=hello; finish=stop(end_turn); " USED,  // no event lines, padded, a byte order mark
               "\xEF\xBB\xBF" D("{'type':'message_start','message':{'id':'m','content':[],'usage':{'input_tokens':25,'cache_read_input_tokens':0,'output_tokens':1}}   }")
               D("{'type':'content_block_start','index':0,'content_block':{'type':'text','text':'he'} }")
               D("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'l'}}") D("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'l'}}")
               D("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'o'}}") D("{'type':'content_block_stop','index':0}")
               D("{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'output_tokens':42}}") D("{'type':'message_stop'            }"));
    }
    CASE("unknown-events-and-deltas")
    {
        STREAM("text=x; finish=stop(end_turn); " USED,
               BEGIN EV("weather", ",'delta':5") BLOCK(0, "'type':'text','text':'','new':1") DELTA(0, "'type':'mood_delta','mood':'good'") SAYS(0, "x") CLOSE(0) END("end_turn"));
    }
    CASE("padded")  // with blanks inside the object, more or fewer of them each time
    {
        STREAM("text=one; finish=stop(end_turn); " USED, BEGIN BLOCK(0, "'type':'text','text':''")
               "event: content_block_delta\ndata: {'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'on'}      }\n\n"
               "event: content_block_delta\ndata: {'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'e'}             }\n\n"
               "event: content_block_stop\ndata: {'type':'content_block_stop','index':0   }\n\n" STOPS("end_turn")
               "event: message_stop\ndata: {'type':'message_stop'            }\n\n");
    }
    CASE("text-in-block-start")
    {
        STREAM("text=one two; finish=stop(end_turn); " USED, BEGIN BLOCK(0, "'type':'text','text':'one'") SAYS(0, " two") CLOSE(0) END("end_turn"));
    }
    CASE("several-texts")  // without a separator, and each a part of its own
    {
        STREAM("text=onetwo; finish=stop(end_turn); " USED, BEGIN TEXT(0, "one") TEXT(1, "two") END("end_turn"));
        check_parts("part 0 one; part 0 two; ", BEGIN TEXT(0, "one") TEXT(1, "two") END("end_turn"));
        BODY("text=onetwo; finish=stop(end_turn)", MESSAGE("{'type':'text','text':'one','citations':null},{'type':'text','text':'two'}", "end_turn"));
    }
    CASE("blocks-by-index")
    {
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls(tool_use); " USED,
               BEGIN CALL(0, "a", "f") CALL(1, "b", "g") JSON(1, "{\\'y\\'") JSON(0, "{\\'x\\'") JSON(1, ":2}") CLOSE(1) JSON(0, ":1}") CLOSE(0) END("tool_use"));
        check_parts("part 0 a; part 0 b; part 0 c; ",
                    BEGIN BLOCK(0, "'type':'text','text':'a'") BLOCK(1, "'type':'text','text':'b'") SAYS(0, "c") CLOSE(0) CLOSE(1) END("end_turn"));
    }
    CASE("many-open-blocks")
    {
        STREAM("text=123456789x; finish=stop(end_turn); " USED,
               BEGIN BLOCK(0, "'type':'text','text':'1'") BLOCK(1, "'type':'text','text':'2'") BLOCK(2, "'type':'text','text':'3'") BLOCK(3, "'type':'text','text':'4'")
               BLOCK(4, "'type':'text','text':'5'") BLOCK(5, "'type':'text','text':'6'") BLOCK(6, "'type':'text','text':'7'") BLOCK(7, "'type':'text','text':'8'")
               BLOCK(8, "'type':'text','text':'9'") SAYS(8, "x") END("end_turn"));
    }
    CASE("tool-call")
    {
        STREAM("text=wait; call toolu_1 f {'tz':'x'}; finish=tool_calls(tool_use); " USED,
               BEGIN TEXT(0, "wait") CALL(1, "toolu_1", "f") JSON(1, "") JSON(1, "{\\'tz\\':") JSON(1, "\\'x\\'}") CLOSE(1) END("tool_use"));
        BODY("call toolu_1 f {'tz':'x'}; finish=tool_calls(tool_use)", MESSAGE("{'type':'tool_use','id':'toolu_1','name':'f','input':{'tz':'x'}}", "tool_use"));
        STREAM("call a f {}; finish=tool_calls(end_turn); " USED, BEGIN CALL(0, "a", "f") CLOSE(0) END("end_turn"));  // calls win over stop
    }
    CASE("empty-arguments")
    {
        STREAM("call a f {}; call b g {}; finish=tool_calls(tool_use); " USED, BEGIN CALL(0, "a", "f") JSON(0, "") CLOSE(0) CALL(1, "b", "g") CLOSE(1) END("tool_use"));
        BODY("call a f {}; finish=tool_calls(tool_use)", MESSAGE("{'type':'tool_use','id':'a','name':'f','input':{}}", "tool_use"));
        BODY("call a f {}; finish=tool_calls(tool_use)", MESSAGE("{'type':'tool_use','id':'a','name':'f'}", "tool_use"));
    }
    CASE("arguments-in-block-start")
    {
        STREAM("call a f {'x':1}; finish=tool_calls(tool_use); " USED, BEGIN BLOCK(0, "'type':'tool_use','id':'a','name':'f','input':{'x':1}") CLOSE(0) END("tool_use"));
        STREAM("call a f {'x':2}; finish=tool_calls(tool_use); " USED,  // deltas replace it
               BEGIN BLOCK(0, "'type':'tool_use','id':'a','name':'f','input':{'x':1}") JSON(0, "{\\'x\\':2}") CLOSE(0) END("tool_use"));
        STREAM("call a f {'x':1}; finish=tool_calls(tool_use); " USED, BEGIN BLOCK(0, "'type':'tool_use','id':'a','name':'f','input':{'x':1}") END("tool_use"));  // never closed
    }
    CASE("arguments-broken-off")
    {
        STREAM("call a f {'x':; finish=length(max_tokens); " USED "; warn=tool_arguments", BEGIN CALL(0, "a", "f") JSON(0, "{\\'x\\':") CLOSE(0) END("max_tokens"));
    }
    CASE("filled-message-start")  // all of the answer in the first event
    {
        STREAM("call a f {'p':1}; finish=tool_calls(tool_use); usage in 0 out 0",
               BEGIN_WITH("'content':[{'type':'tool_use','id':'a','name':'f','input':{'p':1},'caller':{'type':'code_execution_20250825','tool_id':'s'}}],'stop_reason':'tool_use',"
                          "'usage':{'input_tokens':0,'output_tokens':0}") LAST);
    }
    CASE("message-start-twice")
    {
        STREAM("text=x; finish=stop(end_turn); " USED, BEGIN BEGIN TEXT(0, "x") END("end_turn"));
        STREAM("text=xy; finish=stop(end_turn); usage in 1 out 42",
               BEGIN_WITH("'content':[{'type':'text','text':'x'}],'usage':{'input_tokens':1}") BEGIN_WITH("'content':[{'type':'text','text':'x'}],'usage':{'input_tokens':1}")
               TEXT(0, "y") END("end_turn"));
    }
    CASE("utf8-over-deltas")
    {
        STREAM("text=\xF0\x9F\x98\x80!; finish=stop(end_turn); " USED, BEGIN BLOCK(0, "'type':'text','text':''") SAYS(0, "\\ud83d") SAYS(0, "\\ude00!") CLOSE(0) END("end_turn"));
    }
}

static void parts(void)
{
    CASE("thinking")
    {
        const char *body = BEGIN BLOCK(0, "'type':'thinking','thinking':'','signature':''") DELTA(0, "'type':'thinking_delta','thinking':'why'") DELTA(0, "'type':'signature_delta','signature':'Eq/+='")
            CLOSE(0) TEXT(1, "so") END("end_turn");
        STREAM("text=so; reasoning=why; finish=stop(end_turn); " USED, body);
        check_parts("part 7 why; opaque {\"signature\":\"Eq/+=\"}; origin anthropic-messages; part 0 so; ", body);
        BODY("text=so; reasoning=why; finish=stop(end_turn)", MESSAGE("{'type':'thinking','thinking':'why','signature':'Eq'},{'type':'text','text':'so'}", "end_turn"));
    }
    CASE("signature-without-text")
    {
        check_parts("part 7 ; opaque {\"signature\":\"Eq\"}; origin anthropic-messages; part 0 so; ",
                    BEGIN BLOCK(0, "'type':'thinking','thinking':'','signature':''") DELTA(0, "'type':'signature_delta','signature':'Eq'") CLOSE(0) TEXT(1, "so") END("end_turn"));
        check_parts("part 7 ; opaque {\"signature\":\"B\"}; origin anthropic-messages; ",  // the last one replaces
                    BEGIN BLOCK(0, "'type':'thinking','thinking':'','signature':'A'") DELTA(0, "'type':'signature_delta','signature':'B'") CLOSE(0) END("end_turn"));
    }
    CASE("thoughts-keep-apart")
    {
        check_parts("part 7 a; opaque {\"signature\":\"A\"}; origin anthropic-messages; part 7 b; opaque {\"signature\":\"B\"}; origin anthropic-messages; ",
                    BEGIN BLOCK(0, "'type':'thinking','thinking':'a','signature':'A'") CLOSE(0) BLOCK(1, "'type':'thinking','thinking':'b','signature':'B'") CLOSE(1) END("end_turn"));
    }
    CASE("redacted-thinking")
    {
        const char *body = BEGIN BLOCK(0, "'type':'redacted_thinking', 'data':'x+/='") CLOSE(0) TEXT(1, "so") END("end_turn");
        STREAM("text=so; finish=stop(end_turn); " USED, body);
        check_parts("part 9 ; opaque {\"type\":\"redacted_thinking\", \"data\":\"x+/=\"}; origin anthropic-messages; part 0 so; ", body);
    }
    CASE("server-tool")  // its input comes in deltas and belongs into the block
    {
        const char *body = BEGIN BLOCK(0, "'type':'server_tool_use','id':'s1','name':'web_search','input':{}") JSON(0, "") JSON(0, "{\\'query\\': ") JSON(0, "\\'caf\\\\u00e9\\'}") CLOSE(0)
            BLOCK(1, "'type':'web_search_tool_result','tool_use_id':'s1','content':[{'type':'web_search_result','url':'https://a/','encrypted_content':'E='}]") CLOSE(1) TEXT(2, "so") END("end_turn");
        STREAM("text=so; finish=stop(end_turn); " USED, body);
        check_parts("part 9 ; opaque {\"type\":\"server_tool_use\",\"id\":\"s1\",\"name\":\"web_search\",\"input\":{\"query\": \"caf\\u00e9\"}}; origin anthropic-messages; "
                    "part 9 ; opaque {\"type\":\"web_search_tool_result\",\"tool_use_id\":\"s1\",\"content\":[{\"type\":\"web_search_result\",\"url\":\"https://a/\",\"encrypted_content\":\"E=\"}]}; "
                    "origin anthropic-messages; part 0 so; ", body);
        STREAM("finish=length(max_tokens); " USED, BEGIN BLOCK(0, "'type':'server_tool_use','id':'s1','name':'w','input':{}") JSON(0, "{\\'q") END("max_tokens"));
        check_parts("part 9 ; opaque {\"type\":\"server_tool_use\",\"id\":\"s1\",\"name\":\"w\",\"input\":{}}; origin anthropic-messages; ",  // it broke off
                    BEGIN BLOCK(0, "'type':'server_tool_use','id':'s1','name':'w','input':{}") JSON(0, "{\\'q") END("max_tokens"));
    }
    CASE("compaction")
    {
        const char *body = BEGIN BLOCK(0, "'type':'compaction','content':null") DELTA(0, "'type':'compaction_delta','content':'all \\'so\\' far'") CLOSE(0) TEXT(1, "hi") END("end_turn");
        STREAM("text=hi; finish=stop(end_turn); " USED, body);
        check_parts("part 9 ; opaque {\"type\":\"compaction\",\"content\":\"all \\\"so\\\" far\"}; origin anthropic-messages; part 0 hi; ", body);
    }
    CASE("citations")
    {
        const char *body = BEGIN BLOCK(0, "'citations':[],'type':'text','text':''") DELTA(0, "'type':'citations_delta','citation':{'type':'web_search_result_location','url':'https://a/','title':'A','encrypted_index':'E='}")
            SAYS(0, "so") DELTA(0, "'type':'citations_delta','citation':{'type':'char_location','cited_text':'c','document_index':0,'document_title':'f.txt'}") CLOSE(0) TEXT(1, "!") END("end_turn");
        STREAM("text=so!; cite=https://a/ A; finish=stop(end_turn); " USED, body);
        check_parts("part 0 so; opaque {\"citations\":[{\"type\":\"web_search_result_location\",\"url\":\"https://a/\",\"title\":\"A\",\"encrypted_index\":\"E=\"},"
                    "{\"type\":\"char_location\",\"cited_text\":\"c\",\"document_index\":0,\"document_title\":\"f.txt\"}]}; origin anthropic-messages; part 0 !; ", body);
        BODY("text=so; cite=https://a/ A; cite=https://b/ B; finish=stop(end_turn)",
             MESSAGE("{'type':'text','text':'so','citations':[{'type':'web_search_result_location','url':'https://a/','title':'A'},{'type':'search_result_location','source':'https://b/','title':'B'},"
                     "{'type':'search_result_location','source':'notes','title':'C'}]}", "end_turn"));
    }
    CASE("empty-answer")
    {
        BODY("finish=stop(end_turn)", MESSAGE("", "end_turn"));
        BODY("finish=stop(end_turn)", "{'type':'message','content':null,'stop_reason':'end_turn'}");
        STREAM("finish=stop(end_turn); " USED, BEGIN END("end_turn"));
    }
}

static void ends(void)
{
    CASE("stop-reasons")
    {
        static const char *const table[][2] = {
            { "end_turn", "stop" }, { "stop_sequence", "stop" }, { "max_tokens", "length" }, { "model_context_window_exceeded", "length" }, { "pause_turn", "stop" },
            { "refusal", "refusal" }, { "compaction", "other" }, { "something_new", "other" },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            char body[256], want[128];
            snprintf(body, sizeof body, "{'type':'message','content':[{'type':'text','text':'x'}],'stop_reason':'%s'}", table[i][0]);
            snprintf(want, sizeof want, strcmp(table[i][0], table[i][1]) ? "text=x; finish=%s(%s)" : "text=x; finish=%s", table[i][1], table[i][0]);
            BODY(want, body);
        }
        BODY("text=x", "{'type':'message','content':[{'type':'text','text':'x'}],'stop_reason':null}");
    }
    CASE("refusal")
    {
        STREAM("text=I; finish=refusal; " USED, BEGIN TEXT(0, "I") EV("message_delta", ",'delta':{'stop_reason':'refusal','stop_details':{'type':'refusal','category':'cyber','explanation':'no'}},'usage':{'output_tokens':42}") LAST);
    }
    CASE("usage")  // what the vendor calls input leaves out what the caches held
    {
        BODY("text=x; usage in 1036 out 9 cached 1024 written 0 reasoning 3",
             "{'content':[{'type':'text','text':'x'}],'usage':{'input_tokens':12,'cache_creation_input_tokens':0,'cache_read_input_tokens':1024,'output_tokens':9,'output_tokens_details':{'thinking_tokens':3}}}");
        BODY("text=x; usage in 17 out 9 written 5", "{'content':[{'type':'text','text':'x'}],'usage':{'input_tokens':12,'cache_creation_input_tokens':5,'cache_read_input_tokens':null,'output_tokens':9,'output_tokens_details':null}}");
        STREAM("text=x; finish=stop(end_turn); usage in 16409 out 7 cached 16392",  // later counts win, null and absent ones do not
               BEGIN TEXT(0, "x") EV("message_delta", ",'delta':{'stop_reason':'end_turn'},'usage':{'output_tokens':5,'input_tokens':null}")
               EV("message_delta", ",'delta':{},'usage':{'output_tokens':7,'input_tokens':17,'cache_read_input_tokens':16392}") LAST);
        BODY("text=x; usage out 9", "{'content':[{'type':'text','text':'x'}],'usage':{'input_tokens':-1,'output_tokens':9}}");
        BODY("text=x; usage out 9", "{'content':[{'type':'text','text':'x'}],'usage':{'input_tokens':9223372036854775807,'output_tokens':9}}");
    }
    CASE("proof")  // nothing but message_stop
    {
        STREAM("text=x; finish=stop(end_turn); " USED "; error=truncated 200 retry", BEGIN TEXT(0, "x") STOPS("end_turn"));
        STREAM("text=x; finish=stop(end_turn); " USED "; error=truncated 200 retry", BEGIN TEXT(0, "x") STOPS("end_turn") "data: [DONE]\n\n");
        STREAM("text=x; usage in 25 out 1 cached 0; error=truncated 200 retry", BEGIN BLOCK(0, "'type':'text','text':''") SAYS(0, "x"));
        STREAM("error=empty 200 retry", ": nothing\n\n");
        STREAM("text=x; finish=stop(end_turn); " USED, BEGIN TEXT(0, "x") STOPS("end_turn") "event: message_stop\ndata: {'type':'message_stop'}");  // its line end is missing
    }
    CASE("cut")
    {
        input in = streamed();
        in.cut = true;
        INPUT(in, "text=x; usage in 25 out 1 cached 0; error=truncated 200 retry", BEGIN BLOCK(0, "'type':'text','text':''") SAYS(0, "x"));
        INPUT(in, "text=x; finish=stop(end_turn); " USED, BEGIN TEXT(0, "x") END("end_turn"));
        in.stream = false;
        INPUT(in, "error=truncated 200 retry", "{'type':'message','content':[{'type':'te");
    }
    CASE("error-in-stream")
    {
        STREAM("error=overloaded 200 type overloaded_error retry", EV("error", ",'error':{'type':'overloaded_error','message':'Overloaded'},'request_id':'req_1'"));
        STREAM("text=x; usage in 25 out 1 cached 0; error=server 200 type api_error retry", BEGIN TEXT(0, "x") EV("error", ",'error':{'type':'api_error','message':'Internal server error'}"));
        STREAM("error=server 200 retry", "event: error\ndata: {}\n\n");
        STREAM("error=parse 200 retry", "event: ping\ndata: {'type'\n\n");
    }
    CASE("errors")
    {
#define ERROR(type) "{'type':'error','error':{'type':'" type "','message':'m'},'request_id':'req_1'}"
#define ERROR_CODE(type, code) "{'type':'error','error':{'type':'" type "','message':'m','details':{'error_code':'" code "'}},'request_id':'req_1'}"
        REFUSED(400, "error=bad_request 400 type invalid_request_error", ERROR("invalid_request_error"));
        REFUSED(400, "error=context 400 type invalid_request_error", "{'type':'error','error':{'type':'invalid_request_error','message':'prompt is too long: 3 tokens > 2 maximum'}}");
        REFUSED(400, "error=permission 400 code organization_on_hold type invalid_request_error", ERROR_CODE("invalid_request_error", "organization_on_hold"));
        REFUSED(401, "error=auth 401 type authentication_error", ERROR("authentication_error"));
        REFUSED(402, "error=billing 402 type billing_error", ERROR("billing_error"));
        REFUSED(403, "error=permission 403 type permission_error", ERROR("permission_error"));
        REFUSED(404, "error=model_not_found 404 type not_found_error", ERROR("not_found_error"));
        REFUSED(409, "error=server 409 type conflict_error retry", ERROR("conflict_error"));
        REFUSED(413, "error=too_large 413 type request_too_large", ERROR("request_too_large"));
        REFUSED(429, "error=rate 429 type rate_limit_error retry", ERROR("rate_limit_error"));
        REFUSED(429, "error=rate 429 code ramp_limit_exceeded type rate_limit_error retry", ERROR_CODE("rate_limit_error", "ramp_limit_exceeded"));
        REFUSED(429, "error=billing 429 code enforced_spend_limit_reached type rate_limit_error", ERROR_CODE("rate_limit_error", "enforced_spend_limit_reached"));
        REFUSED(429, "error=billing 429 code contract_spend_limit_reached type rate_limit_error", ERROR_CODE("rate_limit_error", "contract_spend_limit_reached"));
        REFUSED(500, "error=server 500 type api_error retry", ERROR("api_error"));
        REFUSED(504, "error=server 504 type timeout_error retry", ERROR("timeout_error"));
        REFUSED(529, "error=overloaded 529 type overloaded_error retry", ERROR("overloaded_error"));
        REFUSED(502, "error=server 502 retry", "<html><body>Bad gateway</body></html>");
        BODY("error=overloaded 200 type overloaded_error retry", ERROR("overloaded_error"));
        BODY("error=proto 200 retry", "{'hello':1}");
    }
    CASE("error-headers")
    {
        input in = whole_body(429);
        outcome o;
        text b = { NULL, 0, 0 };
        in.headers = "request-id: req_9\nretry-after: 3\n";
        INPUT(in, "error=rate 429 type rate_limit_error retry after 3000", ERROR("rate_limit_error"));
        in.headers = "retry-after: 3\nx-should-retry: false\n";
        INPUT(in, "error=rate 429 type rate_limit_error after 3000", ERROR("rate_limit_error"));
        in.headers = NULL;
        add_json(&b, ERROR("rate_limit_error"));
        in.body = b.ptr, in.len = b.len;
        run(&in, &b.len, 1, true, NULL, NULL, 0, &o);
        CHECK(strstr(o.full.ptr, "mreq_1"));  // from the body, where no header has it
        outcome_drop(&o);
        drop(&b);
    }
}

static void others(void)
{
    CASE("models")
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        const tamar_response *r;
        text b = { NULL, 0, 0 };
        input in = whole_body(200);
        in.api = "anthropic-models";
        INPUT(in, "", "{'data':[{'type':'model','id':'claude-opus-5','display_name':'Claude Opus 5','max_input_tokens':1000000,'max_tokens':128000},{'id':'m2'},{'x':1}],'has_more':false}");
        INPUT(in, "warn=more", "{'data':[],'has_more':true}");
        INPUT(in, "error=proto 200 retry", "{'data':5}");
        INPUT(in, "error=proto 200 retry", D("{'type':'ping'}"));
        memset(&desc, 0, sizeof desc);
        desc.api = "anthropic-models";
        d = tamar_decoder_open(&desc);
        add_json(&b, "{'data':[{'type':'model','id':'claude-opus-5','display_name':'Claude Opus 5','max_input_tokens':1000000,'max_tokens':128000},{'id':'m2'}]}");
        tamar_decoder_feed(d, b.ptr, b.len);
        r = tamar_decoder_end(d, true);
        CHECK(r->model_count == 2);
        CHECK_STR(r->models[0].id, "claude-opus-5");
        CHECK_STR(r->models[0].name, "Claude Opus 5");
        CHECK(r->models[0].input_tokens == 1000000 && r->models[0].output_tokens == 128000 && !r->models[1].output_tokens);
        tamar_decoder_close(d);
        drop(&b);
    }
    CASE("count-tokens")
    {
        input in = whole_body(200);
        in.api = "anthropic-count-tokens";
        INPUT(in, "usage in 14", "{'input_tokens':14}");
        INPUT(in, "usage in 0", "{'input_tokens':0}");
        in.status = 404;
        INPUT(in, "error=model_not_found 404 type not_found_error", ERROR("not_found_error"));
    }
}

// == requests ======================================================================================

#define O5 "{'model':'claude-opus-5','max_tokens':21333"
#define HI "{'role':'user','content':'hi'}"
#define ASK ",'messages':[" HI "]}"
#define PARTS(...) .parts = (const tamar_part[]){ __VA_ARGS__ }, .part_count = sizeof((const tamar_part[]){ __VA_ARGS__ }) / sizeof(tamar_part)
#define USER_HI { .role = TAMAR_ROLE_USER, .text = "hi" }
#define MINE .origin = str("anthropic-messages")

// Whatever the fields, one question is asked.
#define FIELDS(model_, warnings, members, ...) REQUEST(warnings, "{'model':'" model_ "'" members ASK, .model = "anthropic/" model_, .prompt = "hi", __VA_ARGS__)

static const tamar_tool tool_f = { .name = "f", .description = "d" };

// Requests of messages alone; tools go along where calls are in them.
static void check_messages(int line, const char *model, const tamar_message *list, size_t count, bool tools, const char *system, const char *warnings, const char *want)
{
    tamar_request rq;
    char head[256];
    text all = { NULL, 0, 0 };
    memset(&rq, 0, sizeof rq);
    rq.model = model;
    rq.messages = list;
    rq.message_count = count;
    rq.max_tokens = 100;
    if (tools) rq.tools = &tool_f, rq.tool_count = 1;
    snprintf(head, sizeof head, "{'model':'%s','max_tokens':100%s%s,'messages':", model, tools ? ",'tools':[{'name':'f','description':'d','input_schema':{'type':'object','properties':{}}}]" : "", system);
    adds(&all, head);
    adds(&all, want);
    adds(&all, "}");
    check_request(__FILE__, line, NULL, &rq, warnings, all.ptr);
    drop(&all);
}

#define LIST(model, tools, system, warnings, want, ...) \
    do { \
        const tamar_message list_[] = { __VA_ARGS__ }; \
        check_messages(__LINE__, model, list_, sizeof list_ / sizeof *list_, tools, system, warnings, want); \
    } while (0)
#define MESSAGES(warnings, want, ...) LIST("claude-opus-5", false, "", warnings, want, __VA_ARGS__)
#define TOOLED(warnings, want, ...) LIST("claude-opus-5", true, "", warnings, want, __VA_ARGS__)

static void refused(int line, const tamar_request *rq, const char *word)
{
    sent s;
    encode(NULL, rq, &s);
    if (s.category != TAMAR_CONFIG || !strstr(s.prose.ptr, word)) test_fail(__FILE__, line, s.prose.ptr[0] ? s.prose.ptr : "it was not refused");
    else CHECK(true);
    sent_drop(&s);
}

#define REFUSE(word, ...) \
    do { \
        tamar_request rq_ = { __VA_ARGS__ }; \
        refused(__LINE__, &rq_, word); \
    } while (0)

static void fields(void)
{
    static const char *const stops[] = { "a", " \n", "b" }, *const few[] = { "a" };
    CASE("smallest")
    {
        FIELDS("claude-opus-5", "", ",'max_tokens':21333");
        REQUEST("", O5 ASK, .model = "claude-opus-5", .prompt = "hi");
        REQUEST("", O5 ASK, .model = "claude/claude-opus-5", .prompt = "hi");
        REQUEST("", "{'model':'claude-opus-5','stream':true,'max_tokens':128000,'system':'Be terse.'" ASK, .model = "claude-opus-5", .prompt = "hi", .system = "Be terse.", .stream = true);
    }
    CASE("max-tokens")  // has to be there
    {
        FIELDS("claude-opus-5", "", ",'max_tokens':7", .max_tokens = 7);
        FIELDS("claude-opus-4-5", "max_tokens", ",'max_tokens':64000", .max_tokens = 64001);
        FIELDS("claude-opus-4-1", "", ",'max_tokens':21333");
        FIELDS("claude-3-haiku-20240307", "", ",'max_tokens':4096");
        FIELDS("claude-3-haiku-20240307", "", ",'stream':true,'max_tokens':4096", .stream = true);
        FIELDS("claude-next-9", "", ",'stream':true,'max_tokens':128000", .stream = true);
        REQUEST("", "{'model':'m','max_tokens':4096" ASK, .model = "custom/m", .api = "anthropic-messages", .base_url = "http://localhost:1/", .prompt = "hi");
    }
    CASE("sampling")
    {
        FIELDS("claude-opus-5", "unsupported", ",'max_tokens':21333", .temperature = tamar_double(0.5), .top_p = tamar_double(0.5), .top_k = tamar_int(3));
        FIELDS("claude-opus-4-7", "unsupported", ",'max_tokens':21333", .temperature = tamar_double(0));
        FIELDS("claude-opus-4-6", "", ",'max_tokens':21333,'temperature':0.5,'top_k':3", .temperature = tamar_double(0.5), .top_k = tamar_int(3));
        FIELDS("claude-haiku-4-5", "unsupported", ",'max_tokens':21333,'temperature':0.5", .temperature = tamar_double(0.5), .top_p = tamar_double(0.5));
        FIELDS("claude-opus-4-1", "", ",'max_tokens':21333,'temperature':0.5,'top_p':0.25", .temperature = tamar_double(0.5), .top_p = tamar_double(0.25));
        FIELDS("claude-opus-4-1", "unsupported", ",'max_tokens':21333,'temperature':1.0", .temperature = tamar_double(1.5));
        FIELDS("claude-haiku-4-5", "unsupported", ",'max_tokens':21333,'thinking':{'type':'enabled','budget_tokens':2048},'top_p':0.95",
               .effort = TAMAR_EFFORT_LOW, .temperature = tamar_double(0.5), .top_p = tamar_double(0.95));
    }
    CASE("what-it-never-had")
    {
        FIELDS("claude-opus-5", "unsupported unsupported unsupported unsupported unsupported unsupported unsupported unsupported", ",'max_tokens':21333", .seed = tamar_int(1), .choices = 2, .logprobs = tamar_int(1),
               .frequency_penalty = tamar_double(1), .verbosity = "low", .cache_key = "k", .store = tamar_int(0), .metadata = "{\"a\":\"b\"}");
    }
    CASE("stop-user-tier")
    {
        FIELDS("claude-opus-5", "", ",'max_tokens':21333,'stop_sequences':['a'],'metadata':{'user_id':'u'},'service_tier':'auto'", .stop = few, .stop_count = 1, .user = "u", .service_tier = "auto");
        FIELDS("claude-opus-5", "unsupported", ",'max_tokens':21333,'stop_sequences':['a','b'],'service_tier':'standard_only'", .stop = stops, .stop_count = 3, .service_tier = "default");
    }
    CASE("effort-adaptive")
    {
#define ADAPTIVE(level) ",'max_tokens':21333,'thinking':{'type':'adaptive','display':'summarized'},'output_config':{'effort':'" level "'}"
#define OFF ",'max_tokens':21333,'thinking':{'type':'disabled'}"
        FIELDS("claude-opus-5", "", ADAPTIVE("low"), .effort = TAMAR_EFFORT_LOW);
        FIELDS("claude-opus-5", "", ADAPTIVE("max"), .effort = TAMAR_EFFORT_MAX);
        FIELDS("claude-opus-5", "", OFF, .effort = TAMAR_EFFORT_OFF);
        FIELDS("claude-opus-4-6", "effort", ADAPTIVE("high"), .effort = TAMAR_EFFORT_XHIGH);
        FIELDS("claude-sonnet-4-6", "", ADAPTIVE("max"), .effort = TAMAR_EFFORT_MAX);
        FIELDS("claude-opus-5-5", "effort", ADAPTIVE("low"), .effort = TAMAR_EFFORT_OFF);
        FIELDS("claude-fable-5-1", "effort", ADAPTIVE("low"), .effort = TAMAR_EFFORT_OFF);
        FIELDS("claude-fable-5", "effort", ADAPTIVE("low"), .effort = TAMAR_EFFORT_MINIMAL);
        FIELDS("claude-haiku-5-5", "", OFF, .effort = TAMAR_EFFORT_OFF);
        FIELDS("claude-sonnet-5-5", "effort", ",'max_tokens':21333,'thinking':{'type':'between_tools'}", .effort = TAMAR_EFFORT_OFF);
        FIELDS("claude-sonnet-5", "", ADAPTIVE("xhigh"), .effort = TAMAR_EFFORT_XHIGH);
        FIELDS("claude-next-9", "", ADAPTIVE("xhigh"), .effort = TAMAR_EFFORT_XHIGH);
    }
    CASE("effort-budget")
    {
#define BUDGET(n) ",'max_tokens':21333,'thinking':{'type':'enabled','budget_tokens':" #n "}"
        FIELDS("claude-haiku-4-5-20251001", "", BUDGET(2048), .effort = TAMAR_EFFORT_LOW);
        FIELDS("claude-sonnet-4-20250514", "", BUDGET(8192), .effort = TAMAR_EFFORT_MEDIUM);
        FIELDS("claude-sonnet-4-5", "effort", BUDGET(16384), .effort = TAMAR_EFFORT_MAX);
        FIELDS("claude-opus-4-5", "", BUDGET(16384) ",'output_config':{'effort':'high'}", .effort = TAMAR_EFFORT_HIGH);
        FIELDS("claude-opus-4-1", "", OFF, .effort = TAMAR_EFFORT_OFF);
        FIELDS("claude-opus-4-1", "effort", ",'max_tokens':4000,'thinking':{'type':'enabled','budget_tokens':2000}", .effort = TAMAR_EFFORT_HIGH, .max_tokens = 4000);
        FIELDS("claude-opus-4-1", "effort", ",'max_tokens':1500", .effort = TAMAR_EFFORT_HIGH, .max_tokens = 1500);
        FIELDS("claude-3-haiku", "effort", ",'max_tokens':4096", .effort = TAMAR_EFFORT_HIGH);
        FIELDS("claude-3-haiku", "", ",'max_tokens':4096", .effort = TAMAR_EFFORT_OFF);
    }
    CASE("extra")
    {
        FIELDS("claude-opus-5", "", ",'max_tokens':3,'container':'c'", .extra = "{\"max_tokens\":3,\"container\":\"c\"}");
        REQUEST("", "{'model':'claude-opus-5','max_tokens':21333,'x':1,'messages':[5]}", .model = "claude-opus-5", .prompt = "hi", .extra = "{\"messages\":[5],\"x\":1}");
    }
    CASE("count-tokens-request")
    {
        REQUEST("", "{'model':'claude-opus-5','thinking':{'type':'adaptive','display':'summarized'},'output_config':{'effort':'low'},'system':'s'" ASK, .kind = TAMAR_KIND_TOKENS, .model = "claude-opus-5",
                .prompt = "hi", .system = "s", .max_tokens = 5, .temperature = tamar_double(1), .effort = TAMAR_EFFORT_LOW, .stream = true);
    }
}

#define PROPS "'type':'object','properties':{"

static void tools(void)
{
    const tamar_tool plain[] = { { .name = "f", .description = "d", .parameters = "{\"type\":\"object\",\"properties\":{\"a\":{\"minimum\":1}}}" }, { .name = "g" } };
    const tamar_tool loose = { .name = "f", .parameters = "{\"properties\":{}}" };
    const tamar_tool strict = { .name = "f", .parameters = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":1}},\"required\":[\"a\"]}", .strict = true };
    const tamar_tool raw = { .raw = "{\"type\":\"web_search_20260318\",\"name\":\"web_search\"}" };
    const tamar_tool dotted = { .name = "a.b" };
#define F_JSON "'tools':[{'name':'f','description':'d','input_schema':{'type':'object','properties':{}}}]"
    CASE("tools")
    {
        FIELDS("claude-opus-5", "", ",'max_tokens':21333,'tools':[{'name':'f','description':'d','input_schema':{" PROPS "'a':{'minimum':1}}}},{'name':'g','input_schema':{" PROPS "}}}]", .tools = plain, .tool_count = 2);
        FIELDS("claude-opus-5", "", ",'max_tokens':21333,'tools':[{'name':'f','input_schema':{" PROPS "}}}]", .tools = &loose, .tool_count = 1);
        FIELDS("claude-opus-5", "schema", ",'max_tokens':21333,'tools':[{'name':'f','input_schema':{" PROPS "'a':{'type':'integer','description':'{minimum: 1}'}},'required':['a'],'additionalProperties':false},'strict':true}]",
               .tools = &strict, .tool_count = 1);
        FIELDS("claude-sonnet-4-0", "schema", ",'max_tokens':21333,'tools':[{'name':'f','input_schema':{" PROPS "'a':{'type':'integer','minimum':1}},'required':['a']}}]", .tools = &strict, .tool_count = 1);
        FIELDS("claude-opus-5", "", ",'max_tokens':21333,'tools':[{'type':'web_search_20260318','name':'web_search'}]", .tools = &raw, .tool_count = 1);
        REFUSE("request.tools", .model = "claude-opus-5", .prompt = "hi", .tools = &dotted, .tool_count = 1);
    }
    CASE("tool-choice")
    {
#define CHOICE(json, ...) FIELDS("claude-opus-5", "", ",'max_tokens':21333," F_JSON ",'tool_choice':{" json "}", .tools = &tool_f, .tool_count = 1, __VA_ARGS__)
        CHOICE("'type':'auto'", .tool_choice = TAMAR_TOOL_CHOICE_AUTO);
        CHOICE("'type':'none'", .tool_choice = TAMAR_TOOL_CHOICE_NONE, .parallel_tool_calls = tamar_int(0));
        CHOICE("'type':'any'", .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED, .parallel_tool_calls = tamar_int(1));
        CHOICE("'type':'tool','name':'f','disable_parallel_tool_use':true", .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "f", .parallel_tool_calls = tamar_int(0));
        CHOICE("'type':'auto','disable_parallel_tool_use':true", .parallel_tool_calls = tamar_int(0));
        FIELDS("claude-opus-5", "dropped", ",'max_tokens':21333", .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
    }
    CASE("forced-tool")  // where it cannot be forced, a sentence asks for it
    {
        FIELDS("claude-opus-5-5", "tool_choice", ",'max_tokens':21333," F_JSON ",'tool_choice':{'type':'auto'},'system':'Call at least one of the tools before you answer.'", .tools = &tool_f, .tool_count = 1,
               .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        FIELDS("claude-haiku-4-5", "tool_choice", BUDGET(2048) "," F_JSON ",'tool_choice':{'type':'auto'},'system':[{'type':'text','text':'s'},{'type':'text','text':'Call the tool f before you answer.'}]",
               .tools = &tool_f, .tool_count = 1, .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "f", .system = "s", .effort = TAMAR_EFFORT_LOW);
        FIELDS("claude-haiku-4-5", "", ",'max_tokens':21333," F_JSON ",'tool_choice':{'type':'any'}", .tools = &tool_f, .tool_count = 1, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
    }
    CASE("schema")
    {
#define FORMAT(schema) ",'max_tokens':21333,'output_config':{'format':{'type':'json_schema','schema':" schema "}}"
#define SCHEMA(warnings, in, out) FIELDS("claude-opus-5", warnings, FORMAT(out), .format = TAMAR_FORMAT_SCHEMA, .schema = quoted(in))
        SCHEMA("", "{'type':'object','properties':{'a':{'type':'string'}},'required':['a'],'additionalProperties':false}",
               "{'type':'object','properties':{'a':{'type':'string'}},'required':['a'],'additionalProperties':false}");
        SCHEMA("", "{'$schema':'x','properties':{'a':{'type':['object','null']}}}", "{'properties':{'a':{'type':['object','null'],'additionalProperties':false}},'type':'object','additionalProperties':false}");
        SCHEMA("schema schema", "{'type':'object','properties':{'a':{'type':'string','description':'A','minLength':2,'pattern':'^a'}}}",
               "{" PROPS "'a':{'type':'string','description':'A\\n\\n{minLength: 2, pattern: \\'^a\\'}'}},'additionalProperties':false}");
        SCHEMA("schema", "{'type':'object','additionalProperties':{'type':'string'}}", "{'type':'object','additionalProperties':false,'description':'{additionalProperties: {\\'type\\':\\'string\\'}}'}");
        SCHEMA("", "{'type':'array','minItems':1,'items':{'oneOf':[{'const':1},{'type':'string','format':'date'},{'allOf':[{'enum':['x']}]}]}}",
               "{'type':'array','minItems':1,'items':{'anyOf':[{'const':1},{'type':'string','format':'date'},{'allOf':[{'enum':['x']}]}]}}");
        SCHEMA("schema schema", "{'type':'array','minItems':2,'items':{'type':'string','format':'color'}}", "{'type':'array','items':{'type':'string','description':'{format: \\'color\\'}'},'description':'{minItems: 2}'}");
        SCHEMA("schema", "{'type':'object','properties':{'a':{'$ref':'#/definitions/q','title':'t'}},'required':['a'],'definitions':{'q':{'type':'integer'}}}",
               "{" PROPS "'a':{'$ref':'#/$defs/q'}},'required':['a'],'$defs':{'q':{'type':'integer'}},'additionalProperties':false}");
        SCHEMA("schema", "{'type':'object','properties':{'a':{'$ref':'#'}}}", "{" PROPS "'a':{}},'additionalProperties':false}");
        SCHEMA("schema", "{'type':'object','properties':{'a':true,'b':false}}", "{" PROPS "'a':{},'b':{}},'additionalProperties':false}");
        FIELDS("claude-opus-5", "", ",'max_tokens':21333,'thinking':{'type':'adaptive','display':'summarized'},'output_config':{'effort':'low','format':{'type':'json_schema','schema':{'type':'string'}}}",
               .format = TAMAR_FORMAT_SCHEMA, .schema = "{\"type\":\"string\"}", .effort = TAMAR_EFFORT_LOW);
        FIELDS("claude-sonnet-4-0", "schema", ",'max_tokens':21333,'system':'Answer with nothing but JSON that is valid against this JSON Schema:\\n{\\'type\\':\\'string\\'}'", .format = TAMAR_FORMAT_SCHEMA,
               .schema = "{\"type\":\"string\"}");
        FIELDS("claude-opus-5", "json", ",'max_tokens':21333,'system':'Answer with nothing but one JSON object.'", .format = TAMAR_FORMAT_JSON);
    }
}

#define CALL_PART(id_) { .type = TAMAR_PART_TOOL_CALL, .id = str(id_), .name = str("f"), .text = str("{\"a\":1}") }
#define RESULT(id_, text_) { .type = TAMAR_PART_TOOL_RESULT, .id = str(id_), .text = str(text_) }
#define USE(id) "{'type':'tool_use','id':'" id "','name':'f','input':{'a':1}}"
#define GAVE(id, text) "{'type':'tool_result','tool_use_id':'" id "','content':'" text "'}"
#define SAID(text) "{'type':'text','text':'" text "'}"
#define A(...) { .role = TAMAR_ROLE_ASSISTANT, PARTS(__VA_ARGS__) }
#define T(...) { .role = TAMAR_ROLE_TOOL, PARTS(__VA_ARGS__) }
#define ASSISTANT(json) "{'role':'assistant','content':" json "}"
#define USER(json) "{'role':'user','content':" json "}"

static void messages(void)
{
    CASE("turns")
    {
        MESSAGES("", "[" HI "," ASSISTANT("'yo'") "," USER("'so'") "]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .text = "yo" }, { .text = "so" });
        MESSAGES("", "[" USER("[" SAID("hi") "," SAID("so") "]") "," ASSISTANT("[" SAID("a") "," SAID("b") "]") "," HI "]", USER_HI, { .text = "so" }, { .role = TAMAR_ROLE_ASSISTANT, .text = "a" },
                 { .role = TAMAR_ROLE_ASSISTANT, .text = "b" }, USER_HI);
        MESSAGES("unsupported", "[" HI "]", { .text = "hi", .name = "bob" });
        REFUSE("first message", .model = "claude-opus-4-5", .messages = &(const tamar_message){ .role = TAMAR_ROLE_ASSISTANT, .text = "x" }, .message_count = 1);
    }
    CASE("empty-texts")
    {
        MESSAGES("", "[" HI "]", { .text = "" }, A({ .text = str("") }), USER_HI);
        MESSAGES("dropped", "[" HI "]", A({ .text = str(" \n") }), USER_HI);
        REFUSE("nothing is left", .model = "claude-opus-5", .prompt = "  ");
    }
    CASE("system-texts")
    {
        LIST("claude-opus-5", false, ",'system':[{'type':'text','text':'a'},{'type':'text','text':'b','cache_control':{'type':'ephemeral'}}]", "", "[" HI "]", { .role = TAMAR_ROLE_SYSTEM, .text = "a" },
             { .role = TAMAR_ROLE_SYSTEM, PARTS({ .text = str("b"), .cache = true }) }, USER_HI);
        MESSAGES("", "[" HI ",{'role':'system','content':'now'},{'role':'assistant','content':'x'}," HI "]", USER_HI, { .role = TAMAR_ROLE_SYSTEM, .text = "now" }, { .role = TAMAR_ROLE_ASSISTANT, .text = "x" }, USER_HI);
        MESSAGES("system", "[" HI "," ASSISTANT("'x'") "," USER("[" SAID("now") "," SAID("hi") "]") "]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .text = "x" }, { .role = TAMAR_ROLE_SYSTEM, .text = "now" }, USER_HI);
        LIST("claude-opus-4-7", false, "", "system", "[" USER("[" SAID("hi") "," SAID("now") "," SAID("hi") "]") "]", USER_HI, { .role = TAMAR_ROLE_SYSTEM, .text = "now" }, USER_HI);
        LIST("claude-opus-5", false, ",'system':'a'", "dropped", "[" HI "]", { .role = TAMAR_ROLE_SYSTEM, PARTS({ .text = str("a") }, { .type = TAMAR_PART_REASONING, .text = str("x") }) }, USER_HI);
    }
    CASE("tool-results")  // in one turn of the user's, before all else
    {
        TOOLED("", "[" HI "," ASSISTANT("[" SAID("so") "," USE("c1") "," USE("c2") "]") "," USER("[" GAVE("c1", "1") ",{'type':'tool_result','tool_use_id':'c2','content':'no','is_error':true}," SAID("go") "]") "]", USER_HI,
               A({ .text = str("so") }, CALL_PART("c1"), CALL_PART("c2")), T(RESULT("c1", "1")), { PARTS({ .text = str("go") }, { .type = TAMAR_PART_TOOL_RESULT, .id = str("c2"), .text = str("no"), .is_error = true }) });
        TOOLED("", "[" HI "," ASSISTANT("[" USE("c1") "]") "," USER("[{'type':'tool_result','tool_use_id':'c1'}]") "]", USER_HI, A(CALL_PART("c1")), T(RESULT("c1", "")));
        TOOLED("", "[" HI "," ASSISTANT("[" USE("c1") "]") "," USER("[{'type':'tool_result','tool_use_id':'c1','content':[{'type':'text','text':'x'}]}]") "]", USER_HI, A(CALL_PART("c1")),
               T({ .type = TAMAR_PART_TOOL_RESULT, .id = str("c1"), .opaque = str("{\"type\":\"tool_result\",\"tool_use_id\":\"c1\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}]}"), MINE }));
    }
    CASE("ids")  // the same on both sides
    {
        TOOLED("", "[" HI "," ASSISTANT("[" USE("functions_f_0_465b9878") "]") "," USER("[" GAVE("functions_f_0_465b9878", "1") "]") "]", USER_HI, A(CALL_PART("functions.f:0")), T(RESULT("functions.f:0", "1")));
    }
    CASE("orphans")
    {
#define NO_RESULT(id) "{'type':'tool_result','tool_use_id':'" id "','content':'the tool gave no result','is_error':true}"
        TOOLED("tool_results", "[" HI "," ASSISTANT("[" USE("c1") "]") "," USER("[" NO_RESULT("c1") "," SAID("hi") "]") "]", USER_HI, A(CALL_PART("c1")), USER_HI);
        TOOLED("dropped", "[" HI "," ASSISTANT("'x'") "," USER("'go'") "]", USER_HI, A({ .text = str("x") }), { PARTS({ .text = str("go") }, RESULT("c9", "1")) });
        TOOLED("dropped", "[" HI "]", T(RESULT("c1", "1")), USER_HI);
        TOOLED("tool_results", "[" HI "," ASSISTANT("[" USE("c1") "," USE("c2") "]") "," USER("[" GAVE("c1", "1") "," NO_RESULT("c2") "]") "]", USER_HI, A(CALL_PART("c1"), CALL_PART("c2")), T(RESULT("c1", "1")));
        TOOLED("dropped", "[" HI "," ASSISTANT("[" USE("c1") "]") "," USER("[" GAVE("c1", "1") "]") "]", USER_HI, A(CALL_PART("c1")), T(RESULT("c1", "1"), RESULT("c1", "2")));
        TOOLED("tool_results dropped dropped", "[" HI "," ASSISTANT("[" USE("c1") "]") "," USER("[" GAVE("c1", "1") "]") "]", USER_HI, A(CALL_PART("c1"), CALL_PART("c1")), T(RESULT("c1", "1")));
        TOOLED("tool_results", "[" HI "," ASSISTANT("[{'type':'thinking','thinking':'why','signature':'E'}," USE("c1") "]") "," USER("[" NO_RESULT("c1") "," SAID("hi") "]") "]", USER_HI,
               A({ .type = TAMAR_PART_REASONING, .text = str("why"), .opaque = str("{\"signature\":\"E\"}"), MINE }, CALL_PART("c1")), USER_HI);
        TOOLED("dropped dropped", "[" USER("[" SAID("hi") "," SAID("hi") "]") "]", USER_HI, A({ .type = TAMAR_PART_REASONING, .text = str("why"), .opaque = str("{\"signature\":\"E\"}"), MINE }, { .type = TAMAR_PART_TOOL_CALL, .name = str("f"), .text = str("{}") }), USER_HI);
    }
    CASE("tools-again")
    {
        const tamar_message list[] = { USER_HI, A(CALL_PART("c1")), T(RESULT("c1", "1")) };
        REFUSE("request.tools", .model = "claude-opus-5", .messages = list, .message_count = 3);
    }
    CASE("arguments-that-are-no-object")
    {
        TOOLED("tool_arguments", "[" HI "," ASSISTANT("[{'type':'tool_use','id':'c1','name':'f','input':{}}]") "," USER("[" GAVE("c1", "1") "]") "]", USER_HI,
               A({ .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("{\"a\":") }), T(RESULT("c1", "1")));
    }
    CASE("prefill")
    {
        LIST("claude-opus-4-5", false, "", "trimmed", "[" HI "," ASSISTANT("[" SAID("It is") "]") "]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .text = "It is \n" });
        REFUSE("begun answer", .model = "claude-opus-5", .messages = (const tamar_message[]){ USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .text = "It is" } }, .message_count = 2);
    }
    CASE("paused-turn")  // is sent back as it came
    {
        MESSAGES("", "[" HI "," ASSISTANT("[" SAID("so") ",{'type':'server_tool_use','id':'s'}]") "]", USER_HI, A({ .text = str("so") }, { .type = TAMAR_PART_OPAQUE, .opaque = str("{\"type\":\"server_tool_use\",\"id\":\"s\"}"), MINE }));
    }
    CASE("media")
    {
        MESSAGES("", "[" USER("[" SAID("hi") ",{'type':'image','source':{'type':'base64','media_type':'image/gif','data':'R0lGODk='}},{'type':'image','source':{'type':'base64','media_type':'image/webp','data':'AAAA'}},"
                 "{'type':'image','source':{'type':'url','url':'https://a/b.png'}},{'type':'image','source':{'type':'file','file_id':'file_1'}}]") "]",
                 { PARTS({ .text = str("hi") }, { .type = TAMAR_PART_IMAGE, .data = str("GIF89") }, { .type = TAMAR_PART_IMAGE, .url = str("data:image/webp;base64,AAAA") }, { .type = TAMAR_PART_IMAGE, .url = str("https://a/b.png") },
                         { .type = TAMAR_PART_IMAGE, .id = str("file_1") }) });
        MESSAGES("", "[" USER("[{'type':'document','source':{'type':'base64','media_type':'application/pdf','data':'JVBERg=='},'title':'a.pdf'},{'type':'document','source':{'type':'url','url':'https://a/b.pdf'}},"
                 "{'type':'document','source':{'type':'text','media_type':'text/plain','data':'abc'}},{'type':'document','source':{'type':'file','file_id':'file_2'},'cache_control':{'type':'ephemeral'}}]") "]",
                 { PARTS({ .type = TAMAR_PART_FILE, .data = str("%PDF"), .name = str("a.pdf") }, { .type = TAMAR_PART_FILE, .url = str("https://a/b.pdf") }, { .type = TAMAR_PART_FILE, .data = str("abc"), .mime_type = str("text/plain") },
                         { .type = TAMAR_PART_FILE, .id = str("file_2"), .cache = true }) });
        MESSAGES("unsupported unsupported unsupported unsupported unsupported", "[" HI "]",
                 { PARTS({ .text = str("hi") }, { .type = TAMAR_PART_AUDIO, .data = str("x") }, { .type = TAMAR_PART_VIDEO, .url = str("https://v/") }, { .type = TAMAR_PART_IMAGE, .data = str("x"), .mime_type = str("image/bmp") },
                         { .type = TAMAR_PART_FILE, .data = str("x"), .mime_type = str("application/zip") }, { .type = TAMAR_PART_IMAGE, .url = str("data:image/svg+xml,%3Csvg%3E") }) });
        MESSAGES("unsupported", "[" HI "," ASSISTANT("'x'") "," HI "]", USER_HI, A({ .text = str("x") }, { .type = TAMAR_PART_IMAGE, .url = str("https://a/") }), USER_HI);
        MESSAGES("unsupported", "[" USER("[{'type':'image','source':{'type':'url','url':'https://a/'}}]") "]", { PARTS({ .type = TAMAR_PART_IMAGE, .url = str("https://a/"), .detail = str("high") }) });
    }
    CASE("cache-marks")
    {
#define MARK ",'cache_control':{'type':'ephemeral'}"
        TOOLED("", "[" HI "," ASSISTANT("[{'type':'tool_use','id':'c1','name':'f','input':{'a':1}" MARK "}]") "," USER("[{'type':'tool_result','tool_use_id':'c1','content':'1'" MARK "},{'type':'text','text':'go'" MARK "}]") "]", USER_HI,
               A({ .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("{\"a\":1}"), .cache = true }),
               T({ .type = TAMAR_PART_TOOL_RESULT, .id = str("c1"), .text = str("1"), .cache = true }, { .text = str("go"), .cache = true }));
        MESSAGES("unsupported", "[" USER("[" SAID("1") ",{'type':'text','text':'2'" MARK "},{'type':'text','text':'3'" MARK "},{'type':'text','text':'4'" MARK "},{'type':'text','text':'5'" MARK "}]") "]",
                 { PARTS({ .text = str("1"), .cache = true }, { .text = str("2"), .cache = true }, { .text = str("3"), .cache = true }, { .text = str("4"), .cache = true }, { .text = str("5"), .cache = true }) });
        MESSAGES("unsupported", "[" HI "," ASSISTANT("[{'type':'thinking','thinking':'y','signature':'E'}," SAID("x") "]") "," HI "]", USER_HI,
                 A({ .type = TAMAR_PART_REASONING, .text = str("y"), .opaque = str("{\"signature\":\"E\"}"), MINE, .cache = true }, { .text = str("x") }), USER_HI);
    }
    CASE("foreign-parts")
    {
        MESSAGES("dropped dropped", "[" HI "," ASSISTANT("'x'") "," HI "]", USER_HI,
                 A({ .type = TAMAR_PART_REASONING, .text = str("why") }, { .text = str("x"), .opaque = str("{\"s\":1}"), .origin = str("gemini-generate") }, { .type = TAMAR_PART_OPAQUE, .opaque = str("{}"), .origin = str("openai-chat") }), USER_HI);
        MESSAGES("", "[" HI "," ASSISTANT("[" SAID("no") "]") "," HI "]", USER_HI, A({ .type = TAMAR_PART_REFUSAL, .text = str("no") }), USER_HI);
        MESSAGES("dropped", "[" HI "]", { PARTS({ .text = str("hi") }, CALL_PART("c1")) });
    }
    CASE("another-model")  // its thoughts stay behind
    {
#define THOUGHT(model_) { .type = TAMAR_PART_REASONING, .text = str("y"), .opaque = str("{\"signature\":\"E\"}"), MINE, .model = str(model_) }
#define KEPT "[" HI "," ASSISTANT("[{'type':'thinking','thinking':'y','signature':'E'}," SAID("x") "]") "," HI "]"
        MESSAGES("", KEPT, USER_HI, A(THOUGHT("claude-opus-5"), { .text = str("x") }), USER_HI);
        MESSAGES("", KEPT, USER_HI, A(THOUGHT("us.anthropic.claude-opus-5-20260724"), { .text = str("x") }), USER_HI);
        MESSAGES("", KEPT, USER_HI, A(THOUGHT("claude-opus-5@20260724"), { .text = str("x") }), USER_HI);
        MESSAGES("dropped", "[" HI "," ASSISTANT("'x'") "," HI "]", USER_HI, A(THOUGHT("claude-opus-5-5"), { .text = str("x") }), USER_HI);
        LIST("claude-sonnet-4-0", false, "", "", KEPT, USER_HI, A(THOUGHT("claude-sonnet-4-20250514"), { .text = str("x") }), USER_HI);
        MESSAGES("dropped", "[" HI "," ASSISTANT("'x'") "," HI "]", USER_HI,
                 A({ .type = TAMAR_PART_OPAQUE, .opaque = str("{\"type\":\"redacted_thinking\",\"data\":\"d\"}"), MINE, .model = str("claude-sonnet-5") }, { .text = str("x") }), USER_HI);
        MESSAGES("", "[" HI "," ASSISTANT("[{'type':'web_search_tool_result'}," SAID("x") "]") "," HI "]", USER_HI,
                 A({ .type = TAMAR_PART_OPAQUE, .opaque = str("{\"type\":\"web_search_tool_result\"}"), MINE, .model = str("claude-sonnet-5") }, { .text = str("x") }), USER_HI);
        MESSAGES("dropped", "[" HI "," ASSISTANT("'x'") "," HI "]", USER_HI, A({ .type = TAMAR_PART_REASONING, .text = str("y"), .opaque = str("{}"), MINE }, { .text = str("x") }), USER_HI);  // unsigned
    }
    CASE("other-vendors-servers")  // sign nothing, and call their models as they like
    {
        const tamar_message list[] = { USER_HI, A({ .type = TAMAR_PART_REASONING, .text = str("y"), .opaque = str("{}"), MINE, .model = str("m-0905") }, { .text = str("x") }), USER_HI };
        REQUEST("", "{'model':'m','max_tokens':4096,'thinking':{'type':'enabled','budget_tokens':2048},'messages':[" HI "," ASSISTANT("[{'type':'thinking','thinking':'y'}," SAID("x") "]") "," HI "]}", .model = "custom/m",
                .api = "anthropic-messages", .base_url = "http://localhost:1", .messages = list, .message_count = 3, .effort = TAMAR_EFFORT_LOW);
    }
    CASE("thinking-in-mid-turn")  // a turn under way that began without thoughts goes on without
    {
        const tamar_message list[] = { USER_HI, A(CALL_PART("c1")), T(RESULT("c1", "1")) };
        REQUEST("effort", "{'model':'claude-haiku-4-5','max_tokens':21333," F_JSON ",'messages':[" HI "," ASSISTANT("[" USE("c1") "]") "," USER("[" GAVE("c1", "1") "]") "]}", .model = "claude-haiku-4-5", .effort = TAMAR_EFFORT_LOW,
                .messages = list, .message_count = 3, .tools = &tool_f, .tool_count = 1);
    }
}

// What was answered goes back as it came.
static void round_trip(int line, const char *model, const char *body, const char *turn, const char *warnings)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    tamar_message list[4];
    tamar_part results[4];
    tamar_request rq;
    const tamar_response *r;
    text b = { NULL, 0, 0 }, want = { NULL, 0, 0 };
    size_t i;
    memset(&desc, 0, sizeof desc);
    memset(list, 0, sizeof list);
    memset(results, 0, sizeof results);
    memset(&rq, 0, sizeof rq);
    desc.api = API;
    desc.stream = true;
    d = tamar_decoder_open(&desc);
    add_json(&b, body);
    tamar_decoder_feed(d, b.ptr, b.len);
    r = tamar_decoder_end(d, true);
    CHECKF(r->error.category == TAMAR_OK, "%s", r->error.message);
    list[0].text = list[3].text = "hi";
    list[1] = r->message;
    list[2].role = TAMAR_ROLE_TOOL;
    list[2].parts = results;
    list[2].part_count = r->tool_call_count;
    for (i = 0; i < r->tool_call_count && i < 4; i++) results[i] = tamar_tool_result_part(r->tool_calls[i]->id, tamar_text("1"));
    if (!r->tool_call_count) list[2] = list[3];
    rq.model = model;
    rq.messages = list;
    rq.message_count = 3;
    rq.max_tokens = 100;
    rq.tools = &tool_f;
    rq.tool_count = 1;
    adds(&want, "{'model':'");
    adds(&want, model);
    adds(&want, "','max_tokens':100," F_JSON ",'messages':[" HI "," );
    adds(&want, turn);
    adds(&want, r->tool_call_count ? "," USER("[" GAVE("a", "1") "]") "]}" : "," HI "]}");
    check_request(__FILE__, line, NULL, &rq, warnings, want.ptr);
    tamar_decoder_close(d);
    drop(&b);
    drop(&want);
}

static void round_trips(void)
{
    CASE("round-trip")
    {
        const char *body = BEGIN BLOCK(0, "'type':'thinking','thinking':'','signature':''") DELTA(0, "'type':'thinking_delta','thinking':'why'") DELTA(0, "'type':'signature_delta','signature':'Eq/+='") CLOSE(0)
            BLOCK(1, "'type':'redacted_thinking', 'data':'x'") CLOSE(1) TEXT(2, "so") BLOCK(3, "'type':'server_tool_use','id':'s1','name':'w','input':{}") JSON(3, "{\\'q\\':1}") CLOSE(3)
            BLOCK(4, "'type':'web_search_tool_result','tool_use_id':'s1','content':[]") CLOSE(4) BLOCK(5, "'type':'text','text':''") DELTA(5, "'type':'citations_delta','citation':{'url':'https://a/'}") SAYS(5, "!") CLOSE(5)
            BLOCK(6, "'type':'tool_use','id':'a','name':'f','input':{},'caller':{'type':'direct'}") JSON(6, "{\\'x\\': 1}") CLOSE(6) END("tool_use");
        round_trip(__LINE__, "claude-opus-5", body,
                   ASSISTANT("[{'type':'thinking','thinking':'why','signature':'Eq/+='},{'type':'redacted_thinking', 'data':'x'}," SAID("so") ",{'type':'server_tool_use','id':'s1','name':'w','input':{'q':1}},"
                             "{'type':'web_search_tool_result','tool_use_id':'s1','content':[]},{'type':'text','text':'!','citations':[{'url':'https://a/'}]},"
                             "{'type':'tool_use','id':'a','name':'f','input':{'x': 1},'caller':{'type':'direct'}}]"), "");
        round_trip(__LINE__, "claude-sonnet-5", body,
                   ASSISTANT("[" SAID("so") ",{'type':'server_tool_use','id':'s1','name':'w','input':{'q':1}},{'type':'web_search_tool_result','tool_use_id':'s1','content':[]},"
                             "{'type':'text','text':'!','citations':[{'url':'https://a/'}]},{'type':'tool_use','id':'a','name':'f','input':{'x': 1},'caller':{'type':'direct'}}]"), "dropped");
        round_trip(__LINE__, "claude-opus-5", BEGIN TEXT(0, "one") TEXT(1, "two") END("end_turn"), ASSISTANT("[" SAID("one") "," SAID("two") "]"), "");
    }
}

static const char *key_and_token(void *which, const char *name)
{
    return !strcmp(name, "ANTHROPIC_AUTH_TOKEN") ? "tok" : !strcmp(name, "ANTHROPIC_API_KEY") && *(int *)which ? "key" : NULL;
}

static void check_head(int line, const tamar_desc *desc, const tamar_request *rq, const char *url, const char *header)
{
    sent s;
    encode(desc, rq, &s);
    CHECKF(!strcmp(s.url.ptr, url), "line %d: %s %s", line, s.url.ptr, s.prose.ptr);
    CHECKF(strstr(s.headers.ptr, header), "line %d: %s", line, s.headers.ptr);
    sent_drop(&s);
}

#define HEAD(desc, url, header, ...) \
    do { \
        tamar_request rq_ = { __VA_ARGS__ }; \
        check_head(__LINE__, desc, &rq_, url, header); \
    } while (0)

static void heads(void)
{
    const char *home = "https://api.anthropic.com/v1/messages";
    CASE("version")
    {
        HEAD(NULL, home, "anthropic-version: 2026-10-21\n", .model = "claude-opus-5", .prompt = "hi");
        HEAD(NULL, home, "anthropic-version: 2026-10-21\n", .model = "claude-opus-5", .prompt = "hi", .temperature = tamar_double(0.5));  // not sent
        HEAD(NULL, home, "anthropic-version: 2023-06-01\n", .model = "claude-opus-4-6", .prompt = "hi", .temperature = tamar_double(0.5));
        HEAD(NULL, home, "anthropic-version: 2023-06-01\n", .model = "claude-opus-4-6", .prompt = "hi", .extra = "{\"top_k\":3}");
        HEAD(NULL, home, "anthropic-version: 2026-10-21\n", .model = "anthropic/claude-opus-5", .prompt = "hi", .base_url = "https://api.anthropic.com/v1/");
        HEAD(NULL, "https://api.anthropic.com.example/v1/messages", "anthropic-version: 2023-06-01\n", .model = "anthropic/claude-opus-5", .prompt = "hi", .base_url = "https://api.anthropic.com.example");
        HEAD(NULL, "https://api.example.com/anthropic/v1/messages", "anthropic-version: 2023-06-01\n", .model = "anthropic/claude-opus-5", .prompt = "hi", .base_url = "https://api.example.com/anthropic");
        HEAD(NULL, "http://localhost:11434/v1/messages", "anthropic-version: 2023-06-01\n", .model = "custom/m", .api = "anthropic-messages", .prompt = "hi", .base_url = "http://localhost:11434/v1");
        HEAD(NULL, home, "anthropic-version: 2023-06-01 (secret)\n", .model = "claude-opus-5", .prompt = "hi", .extra_headers = "anthropic-version: 2023-06-01");
    }
    CASE("other-calls")
    {
        HEAD(NULL, "https://api.anthropic.com/v1/models?limit=1000", "anthropic-version: 2026-10-21\n", .kind = TAMAR_KIND_MODELS, .model = "anthropic/");
        HEAD(NULL, "https://api.anthropic.com/v1/messages/count_tokens", "anthropic-version: 2026-10-21\n", .kind = TAMAR_KIND_TOKENS, .model = "claude-opus-5", .prompt = "hi");
    }
    CASE("keys-and-tokens")
    {
        tamar_desc d = nobody();
        int with_key = 1;
        HEAD(NULL, home, "x-api-key: KEY (secret)\n", .model = "claude-opus-5", .prompt = "hi");
        HEAD(NULL, home, "x-api-key: k (secret)\n", .model = "claude-opus-5", .prompt = "hi", .api_key = "k");
        HEAD(NULL, home, "Authorization: Bearer t (secret)\n", .model = "claude-opus-5", .prompt = "hi", .api_key = "Bearer t");
        d.environment.get = key_and_token;
        d.environment.user_data = &with_key;
        HEAD(&d, home, "x-api-key: key (secret)\n", .model = "claude-opus-5", .prompt = "hi");
        with_key = 0;
        HEAD(&d, home, "Authorization: Bearer tok (secret)\n", .model = "claude-opus-5", .prompt = "hi");
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) only = argv[1];
    fields();
    tools();
    messages();
    round_trips();
    heads();
    golden_bytes(GOLDEN_HASH);
    streams();
    parts();
    ends();
    others();
    return cases_done();
}
