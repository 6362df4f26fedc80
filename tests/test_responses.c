// The rest of OpenAI's family: openai-responses both ways, embeddings, images, models, token counts, and Azure's rows.
// Requests are golden bytes, written from the vendors' documents; answers are one case a known trap, each decoded whole,
// byte by byte, at every split and with each allocation failing. An argument runs only the case of that name.
#define API "openai-responses"
#include "dialect.h"

#define GOLDEN_HASH UINT64_C(0x6a1cf5736e949be8)  // of all golden bodies, in order

#define EV(type, members) "event: " type "\n" D("{'type':'" type "','sequence_number':1," members "}")
#define CREATED EV("response.created", "'response':{'id':'resp_1','object':'response','created_at':7,'status':'in_progress','model':'m','output':[]}")
#define ADDED(index, item) EV("response.output_item.added", "'output_index':" index ",'item':{" item "}")
#define ITEM(index, item) EV("response.output_item.done", "'output_index':" index ",'item':{" item "}")
#define TEXT(text) EV("response.output_text.delta", "'item_id':'msg_1','output_index':0,'content_index':0,'delta':'" text "'")
#define TEXT_DONE(text) EV("response.output_text.done", "'item_id':'msg_1','output_index':0,'content_index':0,'text':'" text "'")
#define ARGS(index, text) EV("response.function_call_arguments.delta", "'item_id':'fc_1','output_index':" index ",'delta':'" text "'")
#define ARGS_DONE(index, text) EV("response.function_call_arguments.done", "'item_id':'fc_1','output_index':" index ",'arguments':'" text "'")
#define SUMMARY(part, text) EV("response.reasoning_summary_text.delta", "'item_id':'rs_1','output_index':0,'summary_index':" part ",'delta':'" text "'")
#define USAGE "'usage':{'input_tokens':9,'input_tokens_details':{'cached_tokens':2,'cache_write_tokens':1},'output_tokens':5,'output_tokens_details':{'reasoning_tokens':3},'total_tokens':14}"
#define COMPLETED EV("response.completed", "'response':{'id':'resp_1','status':'completed','model':'m','output':[]}")
#define ENDED(output) EV("response.completed", "'response':{'id':'resp_1','status':'completed','model':'m','output':[" output "]," USAGE "}")
#define MSG(text) "'type':'message','id':'msg_1','role':'assistant','status':'completed','content':[{'type':'output_text','text':'" text "','annotations':[]}]"
#define CALL(id, args) "'type':'function_call','id':'fc_" id "','call_id':'call_" id "','name':'w','arguments':'" args "','status':'completed'"
#define USED "usage in 9 out 5 total 14 cached 2 written 1 reasoning 3"
#define WHOLE(output) "{'id':'resp_1','object':'response','created_at':7,'status':'completed','model':'m','error':null,'incomplete_details':null,'output':[" output "]}"

static void streams(void)
{
    CASE("text")
    {
        STREAM("text=Hello; finish=stop(completed); " USED,
               CREATED EV("response.in_progress", "'response':{'id':'resp_1'}") ADDED("0", "'type':'message','id':'msg_1','content':[]")
               EV("response.content_part.added", "'item_id':'msg_1','output_index':0,'content_index':0,'part':{'type':'output_text','text':''}")
               TEXT("Hel") TEXT("lo") TEXT_DONE("Hello")
               EV("response.content_part.done", "'item_id':'msg_1','output_index':0,'content_index':0,'part':{'type':'output_text','text':'Hello'}")
               ITEM("0", MSG("Hello")) ENDED("{" MSG("Hello") "}"));
    }
    CASE("done-repeats-the-deltas")  // nothing is said twice
    {
        STREAM("text=ab; finish=stop(completed)", TEXT("a") TEXT("b") TEXT_DONE("ab") ITEM("0", MSG("ab")) COMPLETED);
        STREAM("text=ab; finish=stop(completed); " USED, TEXT("a") TEXT("b") ENDED("{" MSG("ab") "}"));
    }
    CASE("no-deltas")  // LM Studio, OpenRouter: what is missing is taken from what is whole
    {
        STREAM("text=ab; finish=stop(completed)", TEXT_DONE("ab") COMPLETED);
        STREAM("text=ab; finish=stop(completed)", EV("response.content_part.done", "'output_index':0,'content_index':0,'part':{'type':'output_text','text':'ab'}") COMPLETED);
        STREAM("text=ab; finish=stop(completed)", ITEM("0", MSG("ab")) COMPLETED);
        STREAM("text=ab; finish=stop(completed); " USED, CREATED ENDED("{" MSG("ab") "}"));
        STREAM("call call_1 w {'c':1}; finish=tool_calls(completed)",
               ADDED("0", "'type':'function_call','id':'fc_1','call_id':'call_1','name':'w','arguments':''") ITEM("0", CALL("1", "{\\'c\\':1}")) COMPLETED);
        STREAM("reasoning=r; call call_1 w {}; finish=tool_calls(completed); " USED,
               ENDED("{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'r'}]},{" CALL("1", "{}") "}"));
    }
    CASE("done-is-longer")  // the tail of a text that deltas did not bring
    {
        STREAM("text=abc; finish=stop(completed)", TEXT("a") TEXT_DONE("abc") COMPLETED);
        STREAM("call call_1 w {'c':1}; finish=tool_calls(completed)",
               ADDED("0", "'type':'function_call','id':'fc_1','call_id':'call_1','name':'w','arguments':''") ARGS("0", "{\\'c") ARGS_DONE("0", "{\\'c\\':1}") COMPLETED);
        STREAM("text=\xF0\x9F\x98\x80; finish=stop(completed)", TEXT("\\ud83d") TEXT_DONE("\\ud83d\\ude00") COMPLETED);
    }
    CASE("done-differs")  // what was told cannot be taken back
    {
        STREAM("text=ab; finish=stop(completed); warn=stream", TEXT("ab") TEXT_DONE("xyz") COMPLETED);
        STREAM("call call_1 w {}; finish=tool_calls(completed); warn=tool_arguments",
               ADDED("0", "'type':'function_call','call_id':'call_1','name':'w'") ARGS("0", "{}") ARGS_DONE("0", "[1]") COMPLETED);
    }
    CASE("calls")
    {
        STREAM("call call_1 w {'c':1}; call call_2 w {'d':2}; finish=tool_calls(completed); " USED,
               CREATED ADDED("0", "'type':'function_call','id':'fc_1','call_id':'call_1','name':'w','arguments':''")
               ADDED("1", "'type':'function_call','id':'fc_2','call_id':'call_2','name':'w','arguments':''")
               ARGS("0", "{\\'c\\'") ARGS("1", "{\\'d\\':") ARGS("0", ":1}") ARGS("1", "2}") ARGS_DONE("0", "{\\'c\\':1}")
               ITEM("0", CALL("1", "{\\'c\\':1}")) ITEM("1", CALL("2", "{\\'d\\':2}")) ENDED("{" CALL("1", "{\\'c\\':1}") "},{" CALL("2", "{\\'d\\':2}") "}"));
    }
    CASE("call-lazily")  // the deltas come before the item, or name it by its id only
    {
        STREAM("call call_1 w {'c':1}; finish=tool_calls(completed)", ARGS("0", "{\\'c\\'") ARGS("0", ":1}") ITEM("0", CALL("1", "{\\'c\\':1}")) COMPLETED);
        STREAM("call call_1 w {'c':1}; finish=tool_calls(completed)",
               EV("response.output_item.added", "'item':{'type':'function_call','id':'fc_1','call_id':'call_1','name':'w'}")
               EV("response.function_call_arguments.delta", "'item_id':'fc_1','delta':'{\\'c\\':1}'") COMPLETED);
    }
    CASE("call-without-call-id")  // the item's id is all there is
    {
        STREAM("call fc_1 w {}; finish=tool_calls(completed)", ITEM("0", "'type':'function_call','id':'fc_1','name':'w','arguments':'{}'") COMPLETED);
        STREAM("call ~ w {}; finish=tool_calls(completed)", ITEM("0", "'type':'function_call','name':'w','arguments':'{}'") COMPLETED);
    }
    CASE("call-id-not-item-id")
    {
        STREAM("call call_9 w {}; finish=tool_calls(completed)",
               ADDED("0", "'type':'function_call','id':'fc_1','call_id':'call_9','name':'w','arguments':''") ITEM("0", "'type':'function_call','id':'fc_1','call_id':'call_9','name':'w','arguments':''") COMPLETED);
    }
    CASE("arguments-object")
    {
        STREAM("call call_1 w {'c':1}; finish=tool_calls(completed)", ITEM("0", "'type':'function_call','call_id':'call_1','name':'w','arguments':{'c':1}") COMPLETED);
    }
    CASE("one-place-for-two-items")  // a server that does not count
    {
        STREAM("text=hi; call call_1 w {}; finish=tool_calls(completed)",
               ADDED("0", "'type':'message','id':'msg_1'") TEXT("hi") ITEM("0", MSG("hi"))
               ADDED("0", "'type':'function_call','id':'fc_1','call_id':'call_1','name':'w'") ARGS("0", "{}") ITEM("0", CALL("1", "{}")) COMPLETED);
    }
    CASE("places-never-counted")
    {
        STREAM("call call_1 w {}; call call_2 w {}; finish=tool_calls(completed)", ITEM("0", CALL("1", "{}")) ITEM("0", CALL("2", "{}")) COMPLETED);
    }
    CASE("places-of-its-own")  // the last list counts otherwise than the stream did
    {
        STREAM("text=hi; reasoning=r; finish=stop(completed); " USED,
               ADDED("1", "'type':'reasoning','id':'rs_1'")
               EV("response.reasoning_text.delta", "'item_id':'rs_1','output_index':1,'content_index':0,'delta':'r'") ITEM("1", "'type':'reasoning','id':'rs_1','content':[{'type':'reasoning_text','text':'r'}]")
               ADDED("2", "'type':'message','id':'msg_1'") EV("response.output_text.delta", "'output_index':2,'content_index':0,'delta':'hi'") ITEM("2", MSG("hi"))
               ENDED("{'type':'reasoning','id':'rs_9','content':[{'type':'reasoning_text','text':'r'}]},{'type':'message','id':'msg_9','content':[{'type':'output_text','text':'hi'}]}"));
        STREAM("text=hi; call call_1 w {}; finish=tool_calls(completed); " USED,  // by id, then by call_id
               EV("response.output_text.delta", "'item_id':'msg_1','delta':'hi'") ADDED("5", "'type':'function_call','id':'fc_x','call_id':'call_1','name':'w'")
               ENDED("{" MSG("hi") "},{" CALL("1", "{}") "}"));
    }
    CASE("custom-call")  // free text, carried as a JSON string
    {
        STREAM("call call_1 sh 'ls -l'; finish=tool_calls(completed)",
               ADDED("0", "'type':'custom_tool_call','id':'ctc_1','call_id':'call_1','name':'sh','input':''") EV("response.custom_tool_call_input.delta", "'output_index':0,'delta':'ls '")
               EV("response.custom_tool_call_input.delta", "'output_index':0,'delta':'-l'") EV("response.custom_tool_call_input.done", "'output_index':0,'input':'ls -l'")
               ITEM("0", "'type':'custom_tool_call','id':'ctc_1','call_id':'call_1','name':'sh','input':'ls -l'") COMPLETED);
        BODY("call call_1 sh 'ls'; finish=tool_calls(completed)", WHOLE("{'type':'custom_tool_call','id':'ctc_1','call_id':'call_1','name':'sh','input':'ls'}"));
    }
    CASE("parallel-wrapper")
    {
        BODY("call call_1 parallel {'tool_uses':[{'recipient_name':'functions.f','parameters':{}}]}; finish=tool_calls(completed); warn=tool_calls",
             WHOLE("{'type':'function_call','id':'fc_1','call_id':'call_1','name':'parallel','arguments':'{\\'tool_uses\\':[{\\'recipient_name\\':\\'functions.f\\',\\'parameters\\':{}}]}'}"));
        BODY("call call_1 parallel {}; finish=tool_calls(completed)", WHOLE("{'type':'function_call','call_id':'call_1','name':'parallel','arguments':'{}'}"));
    }
    CASE("reasoning-paragraphs")  // each a part of the message; the item is kept with the first
    {
#define PARAGRAPHS "'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'one'},{'type':'summary_text','text':'two'}],'encrypted_content':'gA='"
        STREAM("text=x; reasoning=onetwo; finish=stop(completed)",
               ADDED("0", "'type':'reasoning','id':'rs_1','summary':[]") EV("response.reasoning_summary_part.added", "'output_index':0,'summary_index':0,'part':{'type':'summary_text','text':''}")
               SUMMARY("0", "o") SUMMARY("0", "ne") EV("response.reasoning_summary_text.done", "'output_index':0,'summary_index':0,'text':'one'")
               SUMMARY("1", "two") EV("response.reasoning_summary_part.done", "'output_index':0,'summary_index':1,'part':{'type':'summary_text','text':'two'}")
               ITEM("0", PARAGRAPHS) ITEM("1", MSG("x")) COMPLETED);
        check_parts("part 7 one; opaque {\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"one\"},{\"type\":\"summary_text\",\"text\":\"two\"}],\"encrypted_content\":\"gA=\"}; "
                    "origin openai-responses; part 7 two; opaque null; origin openai-responses; ",
                    SUMMARY("0", "one") SUMMARY("1", "two") ITEM("0", PARAGRAPHS) COMPLETED);
    }
    CASE("reasoning-before-its-call")  // its place is where it was announced
    {
        check_parts("part 7 ; opaque {\"type\":\"reasoning\",\"id\":\"rs_1\",\"encrypted_content\":\"e\"}; origin openai-responses; "
                    "part 5 {}; opaque {\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"w\",\"arguments\":\"{}\"}; origin openai-responses; ",
                    ADDED("0", "'type':'reasoning','id':'rs_1'") ITEM("1", "'type':'function_call','call_id':'call_1','name':'w','arguments':'{}'")
                    ITEM("0", "'type':'reasoning','id':'rs_1','encrypted_content':'e'") COMPLETED);
    }
    CASE("reasoning-text")  // gpt-oss and local servers
    {
        STREAM("text=x; reasoning=hm; finish=stop(completed)",
               EV("response.reasoning_text.delta", "'item_id':'rs_1','output_index':0,'content_index':0,'delta':'hm'") EV("response.reasoning_text.done", "'output_index':0,'content_index':0,'text':'hm'")
               EV("response.output_text.delta", "'output_index':1,'content_index':0,'delta':'x'") COMPLETED);
    }
    CASE("reasoning-in-plain-parts")  // what a reasoning item says is reasoning, whatever its parts are called
    {
        BODY("text=a; reasoning=hm; finish=stop(completed)", WHOLE("{'type':'reasoning','id':'rs_1','content':[{'type':'text','text':'hm'}]},{" MSG("a") "}"));
    }
    CASE("reasoning-text-by-deltas")
    {
        STREAM("reasoning=hm; finish=stop(completed)", EV("response.reasoning_text.delta", "'output_index':0,'content_index':0,'delta':'hm'") COMPLETED);
    }
    CASE("several-texts")  // text between calls keeps its place; parts of one message are parts
    {
        check_parts("part 0 a; opaque {\"type\":\"message\",\"id\":\"msg_1\",\"content\":[]}; origin openai-responses; part 0 b; opaque null; origin openai-responses; ",
                    TEXT("a") EV("response.output_text.delta", "'output_index':0,'content_index':1,'delta':'b'") ITEM("0", "'type':'message','id':'msg_1','content':[]") COMPLETED);
        STREAM("text=axb; finish=stop(completed)",  // interleaved
               TEXT("a") EV("response.output_text.delta", "'output_index':1,'content_index':0,'delta':'x'") TEXT("b") TEXT_DONE("ab") COMPLETED);
        STREAM("text=axb; finish=stop(completed)",  // and its rest came last of all
               TEXT("a") EV("response.output_text.delta", "'output_index':1,'content_index':0,'delta':'x'") TEXT_DONE("ab") COMPLETED);
        STREAM("text=ax; finish=stop(completed)", TEXT("a") EV("response.output_text.delta", "'output_index':1,'content_index':0,'delta':'x'") TEXT_DONE("a") COMPLETED);
    }
    CASE("refusal")
    {
        STREAM("refusal=No.; finish=refusal(completed)",
               EV("response.refusal.delta", "'output_index':0,'content_index':0,'delta':'No'") EV("response.refusal.done", "'output_index':0,'content_index':0,'refusal':'No.'") COMPLETED);
        BODY("refusal=No.; finish=refusal(completed)", WHOLE("{'type':'message','id':'msg_1','content':[{'type':'refusal','refusal':'No.'}]}"));
    }
    CASE("citations")
    {
        STREAM("text=x; cite=https://a A; cite=https://b; finish=stop(completed)",
               TEXT("x") EV("response.output_text.annotation.added", "'output_index':0,'annotation':{'type':'url_citation','url':'https://a','title':'A'}")
               EV("response.output_text.annotation.added", "'output_index':0,'annotation':null") EV("response.output_text.annotation.added", "'annotation':{'type':'file_citation','file_id':'f'}")
               ITEM("0", "'type':'message','id':'msg_1','content':[{'type':'output_text','text':'x','annotations':[{'type':'url_citation','url':'https://a'},{'type':'url_citation','url_citation':{'url':'https://b'}}]}]")
               COMPLETED);
    }
    CASE("image")
    {
        BODY("image=image/png,iVBORw==; finish=stop(completed)", WHOLE("{'type':'image_generation_call','id':'ig_1','result':'iVBORw==','output_format':'png'}"));
        BODY("image=image/jpeg,/9j/AA==; finish=stop(completed)", WHOLE("{'type':'image_generation_call','id':'ig_1','result':'/9j/AA=='}"));
        STREAM("image=image/webp,UklG; finish=stop(completed)",
               EV("response.image_generation_call.partial_image", "'output_index':0,'partial_image_b64':'UklG','partial_image_index':0")
               ITEM("0", "'type':'image_generation_call','id':'ig_1','result':'UklG','output_format':'webp'") COMPLETED);
    }
    CASE("hosted-items-kept")  // raw, in their place
    {
        check_parts("part 9 ; opaque {\"type\":\"web_search_call\",\"id\":\"ws_1\",\"action\":{\"type\":\"search\"}}; origin openai-responses; "
                    "part 0 x; opaque {\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"x\"}]}; origin openai-responses; ",
                    ADDED("0", "'type':'web_search_call','id':'ws_1'") EV("response.web_search_call.searching", "'output_index':0") ITEM("0", "'type':'web_search_call','id':'ws_1','action':{'type':'search'}")
                    ITEM("1", "'type':'message','content':[{'type':'output_text','text':'x'}]") COMPLETED);
    }
    CASE("no-event-lines")  // the type in the data decides; without one, the event's name
    {
        STREAM("text=x; finish=stop(completed)", D("{'type':'response.output_text.delta','delta':'x'}") D("{'type':'response.completed','response':{'status':'completed'}}") D("[DONE]"));
        STREAM("text=x; finish=stop(completed)", "event: response.output_text.delta\n" D("{'delta':'x'}") "event: response.completed\n" D("{'response':{}}"));
    }
    CASE("keepalive-and-unknown")
    {
        STREAM("text=x; finish=stop(completed)", D("{'type':'keepalive','sequence_number':4}") EV("response.of_the_future", "'x':[1]") TEXT("x") ": hello\n\n" D("{}") COMPLETED);
    }
    CASE("obfuscation-ignored")
    {
        STREAM("text=x; finish=stop(completed)", EV("response.output_text.delta", "'output_index':0,'delta':'x','obfuscation':'aB3'") COMPLETED);
    }
    CASE("finish-words")
    {
        STREAM("text=a; finish=length(max_output_tokens)", TEXT("a") EV("response.incomplete", "'response':{'status':'incomplete','incomplete_details':{'reason':'max_output_tokens'}}"));
        STREAM("text=a; finish=content_filter", TEXT("a") EV("response.incomplete", "'response':{'status':'incomplete','incomplete_details':{'reason':'content_filter'}}"));
        STREAM("text=a; finish=other(steered)", TEXT("a") EV("response.incomplete", "'response':{'status':'incomplete','incomplete_details':{'reason':'steered'}}"));
        BODY("text=a; finish=length(max_output_tokens)", "{'id':'r','status':'incomplete','incomplete_details':{'reason':'max_output_tokens'},'output':[{'type':'message','content':[{'type':'output_text','text':'a'}]}]}");
        BODY("finish=other(queued); warn=background", "{'id':'r','object':'response','status':'queued','output':[]}");
        BODY("finish=other(cancelled)", "{'id':'r','status':'cancelled','output':[]}");
    }
    CASE("usage")  // negative numbers are none; reasoning beside the output counts into it
    {
        BODY("finish=stop(completed); usage in 4 total 5", "{'id':'r','status':'completed','output':[],'usage':{'input_tokens':4,'output_tokens':-9,'total_tokens':5}}");
        BODY("finish=stop(completed); usage in 4 out 9 total 13 reasoning 6",
             "{'id':'r','status':'completed','output':[],'usage':{'input_tokens':4,'output_tokens':3,'output_tokens_details':{'reasoning_tokens':6},'total_tokens':13}}");
        BODY("finish=stop(completed)", "{'id':'r','status':'completed','output':[],'usage':null}");
    }
    CASE("document")
    {
        BODY("text=hi; reasoning=r; call call_1 w {'c':1}; finish=tool_calls(completed)",
             WHOLE("{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'r'}],'encrypted_content':'e'},{" MSG("hi") "},{" CALL("1", "{\\'c\\':1}") "}"));
        BODY("text=hi; finish=stop(completed)", "{'id':'r','created_at':1747943093.0,'output':[{'type':'message','content':'hi'}]}");
        BODY("error=proto 200 retry", "{'hello':'world'}");
        BODY("error=proto 200 retry", "{}");
        BODY("error=parse 200 retry", "{'id':'r','output':[}");
    }
    CASE("stream-of-a-document")  // a body that is no stream although one was asked for
    {
        STREAM("text=hi; finish=stop(completed)", "\n " WHOLE("{" MSG("hi") "}"));
    }
}

static void failures(void)
{
    input in;
    CASE("terminal-proof")  // neither a clean end nor [DONE] is one
    {
        STREAM("text=ab; error=truncated 200 retry", TEXT("ab"));
        STREAM("text=ab; error=truncated 200 retry", TEXT("ab") TEXT_DONE("ab") ITEM("0", MSG("ab")) D("[DONE]"));
        in = streamed();
        in.cut = true;
        INPUT(in, "text=ab; error=truncated 200 retry", TEXT("ab"));
        INPUT(in, "text=ab; finish=stop(completed)", TEXT("ab") COMPLETED);
        STREAM("error=empty 200 retry", "\n\n");
        STREAM("call call_1 w {'c; finish=tool_calls(); error=truncated 200 retry; warn=tool_arguments", ADDED("0", "'type':'function_call','call_id':'call_1','name':'w'") ARGS("0", "{\\'c"));
    }
    CASE("error-events")  // two shapes
    {
        STREAM("text=a; error=rate 200 code rate_limit_exceeded retry", TEXT("a") "event: error\n" D("{'type':'error','code':'rate_limit_exceeded','message':'Slow','param':null,'sequence_number':3}"));
        STREAM("error=billing 200 code insufficient_quota type insufficient_quota",
               D("{'type':'error','sequence_number':2,'error':{'type':'insufficient_quota','code':'insufficient_quota','message':'You exceeded','param':null}}"));
        STREAM("error=server 200 code server_error retry", "event: error\n" D("{'error':{'code':'server_error','message':'x'}}"));
        STREAM("error=server 200 retry", "event: error\n" D("{}"));
        STREAM("error=server 200 retry", D("{'error':'broken'}") D("[DONE]"));
    }
    CASE("failed")
    {
        STREAM("text=a; finish=error(failed); error=server 200 code server_error retry", TEXT("a") EV("response.failed", "'response':{'id':'r','status':'failed','error':{'code':'server_error','message':'x'},'output':[]}"));
        STREAM("finish=error(failed); error=rate 200 code rate_limit_exceeded retry", EV("response.failed", "'response':{'status':'failed'},'error':{'code':'rate_limit_exceeded','message':'x'}"));
        STREAM("finish=error(failed); error=server 200 retry", EV("response.failed", "'response':{'status':'failed','error':null}"));
        STREAM("finish=error(failed); error=content_filter 200 code image_content_policy_violation", EV("response.failed", "'response':{'status':'failed','error':{'code':'image_content_policy_violation','message':'x'}}"));
        BODY("finish=error(failed); error=bad_request 200 code invalid_prompt", "{'id':'r','status':'failed','error':{'code':'invalid_prompt','message':'x'},'output':[]}");
    }
    CASE("errors")
    {
        REFUSED(400, "error=bad_request 400 code unsupported_parameter type invalid_request_error param temperature",
                "{'error':{'message':'Unsupported parameter','type':'invalid_request_error','param':'temperature','code':'unsupported_parameter'}}");
        REFUSED(400, "error=context 400 code context_length_exceeded type invalid_request_error param input", "{'error':{'message':'too long','type':'invalid_request_error','param':'input','code':'context_length_exceeded'}}");
        REFUSED(401, "error=auth 401 code invalid_api_key type invalid_request_error", "{'error':{'message':'Incorrect API key','type':'invalid_request_error','param':null,'code':'invalid_api_key'}}");
        REFUSED(403, "error=permission 403 code unsupported_country_region_territory", "{'error':{'code':'unsupported_country_region_territory','message':'x'}}");
        REFUSED(404, "error=model_not_found 404 code model_not_found type invalid_request_error", "{'error':{'message':'no','type':'invalid_request_error','code':'model_not_found'}}");
        REFUSED(404, "error=model_not_found 404 code DeploymentNotFound", "{'error':{'code':'DeploymentNotFound','message':'The API deployment does not exist.'}}");
        REFUSED(429, "error=rate 429 code rate_limit_exceeded type requests retry", "{'error':{'message':'Slow','type':'requests','param':null,'code':'rate_limit_exceeded'}}");
        REFUSED(429, "error=billing 429 code credit_balance_exhausted type insufficient_quota", "{'error':{'message':'Pay','type':'insufficient_quota','code':'credit_balance_exhausted'}}");
        REFUSED(429, "error=billing 429 code organization_spend_limit_exceeded type insufficient_quota", "{'error':{'message':'Pay','type':'insufficient_quota','code':'organization_spend_limit_exceeded'}}");
        REFUSED(503, "error=overloaded 503 code server_is_overloaded type service_unavailable_error retry", "{'error':{'message':'Busy','type':'service_unavailable_error','code':'server_is_overloaded'}}");
        REFUSED(500, "error=server 500 type server_error retry", "{'error':{'message':'Oops','type':'server_error','param':null,'code':null}}");
        REFUSED(400, "error=bad_request 400 code invalid-argument", "{'code':'invalid-argument','error':'Model not found: grok-9'}");  // xAI
        in = whole_body(429);
        in.headers = "retry-after-ms: 1500\nx-request-id: req_7\n";
        INPUT(in, "error=rate 429 code rate_limit_exceeded retry after 1500", "{'error':{'code':'rate_limit_exceeded','message':'Slow'}}");
    }
    CASE("content-filter-400")  // Azure
    {
        REFUSED(400, "error=content_filter 400 code content_filter param prompt",
                "{'error':{'message':'The response was filtered','type':null,'param':'prompt','code':'content_filter','status':400,'innererror':{'code':'ResponsibleAIPolicyViolation',"
                "'content_filter_result':{'hate':{'filtered':true,'severity':'high'}}}}}");
        REFUSED(401, "error=auth 401 code 401", "{'error':{'code':'401','message':'Access denied due to invalid subscription key'}}");
        REFUSED(401, "error=auth 401 code 401", "{'statusCode':401,'message':'Access denied'}");
        in = streamed();
        in.api = "openai-chat";
        INPUT(in, "text=Hi; finish=content_filter",  // records without a delta, before and behind the finish
              D("{'id':'','object':'','created':0,'model':'','prompt_filter_results':[{'prompt_index':0}],'choices':[]}") D("{'id':'c','model':'m','choices':[{'index':0,'delta':{'content':'Hi'},'finish_reason':null}]}")
              D("{'id':'','choices':[{'index':0,'finish_reason':'content_filter','content_filter_results':{}}]}") D("{'id':'','choices':[{'index':0,'finish_reason':null,'content_filter_results':{}}]}") D("[DONE]"));
    }
    CASE("discarded")  // with discard_text what was told is forgotten: a done must not say it again
    {
        in = streamed();
        in.discard = true;
        INPUT(in, "finish=stop(completed)", TEXT("a") TEXT_DONE("a") ITEM("0", MSG("a")) COMPLETED);
        outcome o;
        text b = { NULL, 0, 0 };
        size_t ends[512], i;
        add_json(&b, TEXT("a") TEXT_DONE("a") ITEM("0", MSG("a")) COMPLETED);
        for (i = 0; i < b.len && i < 511; i++) ends[i] = i + 1;
        ends[i++] = b.len;
        in.body = b.ptr, in.len = b.len;
        run(&in, ends, i, true, NULL, NULL, 0, &o);
        CHECK(o.streamed[0].len == 1);
        outcome_drop(&o);
        drop(&b);
    }
}

// -- requests --------------------------------------------------------------------------------------

#define R .api = "openai-responses"
#define HI "'input':[{'type':'message','role':'user','content':'hi'}]}"
#define FIELDS(name, warnings, members, ...) REQUEST(warnings, "{'model':'" name "'" members "," HI, .prompt = "hi", R, __VA_ARGS__)
#define STORE ",'store':false"
#define ENCRYPTED ",'store':false,'include':['reasoning.encrypted_content']"

#define MESSAGES(model, warnings, want, ...) CONVERSATION(model, "openai-responses", warnings, want, __VA_ARGS__)

static void request_fields(void)
{
    static const char *const stops[] = { "a" };
    CASE("request")
    {
        FIELDS("gpt-4o", "", STORE, .model = "openai/gpt-4o");
        FIELDS("gpt-6-sol", "", ENCRYPTED, .model = "openai/gpt-6-sol");
        FIELDS("gpt-4o", "", STORE ",'instructions':'Be brief.'", .model = "openai/gpt-4o", .system = "Be brief.");
        FIELDS("gpt-4o", "", ",'stream':true,'stream_options':{'include_obfuscation':false}" STORE, .model = "openai/gpt-4o", .stream = true);
        FIELDS("m", "", ",'stream':true" ENCRYPTED, .model = "lmstudio/m", .stream = true);
    }
    CASE("store")  // false unless asked for
    {
        FIELDS("gpt-6-sol", "", ",'store':true", .model = "openai/gpt-6-sol", .store = tamar_int(1));
        FIELDS("gpt-6-sol", "", ENCRYPTED, .model = "openai/gpt-6-sol", .store = tamar_int(0));
        FIELDS("gpt-6-sol", "", ",'store':true", .model = "openai/gpt-6-sol", .extra = quoted("{'store':true}"));
        FIELDS("gpt-6-sol", "", ",'store':false,'include':[]", .model = "openai/gpt-6-sol", .extra = quoted("{'include':[]}"));
    }
    CASE("include")  // only of models that may reason
    {
        FIELDS("grok-4", "", ENCRYPTED, .model = "xai/grok-4");
        FIELDS("my-deployment", "", STORE, .model = "azure/my-deployment", .base_url = "https://r.openai.azure.com");
        FIELDS("my-deployment", "", ENCRYPTED ",'reasoning':{'effort':'low','summary':'auto'}", .model = "azure/my-deployment", .base_url = "https://r.openai.azure.com", .effort = TAMAR_EFFORT_LOW);
    }
    CASE("fields")
    {
        FIELDS("gpt-4o", "", STORE ",'max_output_tokens':50,'temperature':0.5,'top_p':0.9", .model = "openai/gpt-4o", .max_tokens = 50, .temperature = tamar_double(0.5), .top_p = tamar_double(0.9));
        FIELDS("gpt-4o", "", STORE ",'safety_identifier':'u','prompt_cache_key':'k','service_tier':'flex','metadata':{'a':'b'}", .model = "openai/gpt-4o", .user = "u", .cache_key = "k",
               .service_tier = "flex", .metadata = quoted("{'a':'b'}"));
        FIELDS("grok-4", "", ENCRYPTED ",'user':'u'", .model = "xai/grok-4", .user = "u");
        FIELDS("gpt-4o", "", STORE ",'include':['message.output_text.logprobs'],'top_logprobs':3", .model = "openai/gpt-4o", .logprobs = tamar_int(1), .top_logprobs = tamar_int(3));
        FIELDS("gpt-4o", "", STORE, .model = "openai/gpt-4o", .logprobs = tamar_int(0));
    }
    CASE("unsupported")  // each with a warning
    {
        FIELDS("gpt-4o", "unsupported", STORE, .model = "openai/gpt-4o", .stop = stops, .stop_count = 1);
        FIELDS("gpt-4o", "unsupported", STORE, .model = "openai/gpt-4o", .seed = tamar_int(7));
        FIELDS("gpt-4o", "unsupported", STORE, .model = "openai/gpt-4o", .frequency_penalty = tamar_double(1), .presence_penalty = tamar_double(1));
        FIELDS("gpt-4o", "unsupported", STORE, .model = "openai/gpt-4o", .choices = 2);
        FIELDS("gpt-6-astra", "unsupported", ENCRYPTED, .model = "openai/gpt-6-astra", .temperature = tamar_double(0.5));
        FIELDS("gpt-6-astra", "unsupported", ENCRYPTED, .model = "openai/gpt-6-astra", .logprobs = tamar_int(1));
    }
    CASE("effort")
    {
        FIELDS("gpt-6-sol", "", ENCRYPTED ",'reasoning':{'effort':'none'}", .model = "openai/gpt-6-sol", .effort = TAMAR_EFFORT_OFF);
        FIELDS("gpt-6-sol", "", ENCRYPTED ",'temperature':0.5,'reasoning':{'effort':'none'}", .model = "openai/gpt-6-sol", .effort = TAMAR_EFFORT_OFF, .temperature = tamar_double(0.5));
        FIELDS("gpt-6-sol", "", ENCRYPTED ",'reasoning':{'effort':'max','summary':'auto'}", .model = "openai/gpt-6-sol", .effort = TAMAR_EFFORT_MAX);
        FIELDS("gpt-5", "effort", ENCRYPTED ",'reasoning':{'effort':'high','summary':'auto'}", .model = "openai/gpt-5", .effort = TAMAR_EFFORT_MAX);
        FIELDS("gpt-4o", "effort", STORE, .model = "openai/gpt-4o", .effort = TAMAR_EFFORT_HIGH);
        FIELDS("gpt-6-sol", "", ENCRYPTED ",'reasoning':{'effort':'low'}", .model = "openai/gpt-6-sol", .effort = TAMAR_EFFORT_MAX, .extra = quoted("{'reasoning':{'effort':'low'}}"));
    }
    CASE("extra")  // replaces ours; input is always last
    {
        REQUEST("", "{'store':false,'model':'other','background':true,'messages':1," HI, .model = "openai/gpt-4o", R, .prompt = "hi", .extra = quoted("{'model':'other','background':true,'messages':1}"));
        REQUEST("", "{'model':'gpt-4o'" STORE ",'previous_response_id':'resp_1','input':'yo'}", .model = "openai/gpt-4o", R, .prompt = "hi", .extra = quoted("{'input':'yo','previous_response_id':'resp_1'}"));
    }
    CASE("format")
    {
        FIELDS("gpt-4o", "", STORE ",'text':{'format':{'type':'json_object'}}", .model = "openai/gpt-4o", .format = TAMAR_FORMAT_JSON);
        FIELDS("gpt-4o", "", STORE ",'text':{'verbosity':'low'}", .model = "openai/gpt-4o", .verbosity = "low");
        FIELDS("gpt-4o", "", STORE ",'text':{'format':{'type':'json_schema','name':'out','description':'d','strict':true,'schema':{'type':'object','properties':{},'required':[],'additionalProperties':false}},'verbosity':'high'}",
               .model = "openai/gpt-4o", .format = TAMAR_FORMAT_SCHEMA, .schema = quoted("{'type':'object','properties':{},'required':[],'additionalProperties':false}"), .schema_name = "out",
               .schema_description = "d", .verbosity = "high");
        FIELDS("gpt-4o", "", STORE ",'text':{'format':{'type':'json_schema','name':'response','strict':false,'schema':{'type':'object'}}}", .model = "openai/gpt-4o", .format = TAMAR_FORMAT_SCHEMA,
               .schema = quoted("{'type':'object'}"), .schema_strict = tamar_int(0));
    }
    CASE("strict-schemas")  // what is missing is added; what cannot be enforced is not asked for
    {
#define SCHEMA(warnings, strict, sent, given) \
        FIELDS("gpt-4o", warnings, STORE ",'text':{'format':{'type':'json_schema','name':'response','strict':" strict ",'schema':" sent "}}", .model = "openai/gpt-4o", \
               .format = TAMAR_FORMAT_SCHEMA, .schema = quoted(given))
        SCHEMA("schema", "true", "{'type':'object','properties':{'a':{'type':'object','properties':{'b':{'type':'number'}},'required':['b'],'additionalProperties':false}},'required':['a'],'additionalProperties':false}",
               "{'type':'object','properties':{'a':{'type':'object','properties':{'b':{'type':'number'}},'required':['b']}},'required':['a']}");
        SCHEMA("schema", "true",
               "{'type':'object','properties':{'l':{'type':'array','items':{'type':'object','properties':{},'required':[],'additionalProperties':false}},'u':{'anyOf':[{'type':'null'},{'$ref':'#/$defs/x'}]}},"
               "'required':['l','u'],'$defs':{'x':{'type':'object','properties':{},'required':[],'additionalProperties':false}},'additionalProperties':false}",
               "{'type':'object','properties':{'l':{'type':'array','items':{'type':'object'}},'u':{'anyOf':[{'type':'null'},{'$ref':'#/$defs/x'}]}},'required':['l','u'],'$defs':{'x':{'type':'object'}}}");
        SCHEMA("schema", "false", "{'type':'object','properties':{'a':{}}}", "{'type':'object','properties':{'a':{}}}");
        SCHEMA("schema", "false", "{'type':'object','additionalProperties':true}", "{'type':'object','additionalProperties':true}");
        SCHEMA("schema", "false", "{'type':'array','items':{}}", "{'type':'array','items':{}}");
        SCHEMA("schema", "false", "{'type':'object','allOf':[{}]}", "{'type':'object','allOf':[{}]}");
        SCHEMA("", "true", "{'type':'object','properties':{'\\u0061':{'type':'string'}},'required':['\\u0061'],'additionalProperties':false}",
               "{'type':'object','properties':{'\\u0061':{'type':'string'}},'required':['\\u0061'],'additionalProperties':false}");
    }
    CASE("tools")  // flat, strict always said
    {
        static const tamar_tool tools[] = {
            { .name = "w", .description = "d", .parameters = "{\"type\":\"object\",\"properties\":{\"c\":{\"type\":\"string\"}}}" },
            { .name = "now", .strict = true }, { .raw = "{\"type\":\"web_search\"}" },
        };
#define NOW ",'tools':[{'type':'function','name':'now','parameters':{'type':'object','properties':{},'required':[],'additionalProperties':false},'strict':true}]"
        FIELDS("gpt-4o", "schema", STORE ",'tools':[{'type':'function','name':'w','description':'d','parameters':{'type':'object','properties':{'c':{'type':'string'}}},'strict':false},"
               "{'type':'function','name':'now','parameters':{'type':'object','properties':{},'required':[],'additionalProperties':false},'strict':true},{'type':'web_search'}]",
               .model = "openai/gpt-4o", .tools = tools, .tool_count = 3);
        FIELDS("gpt-4o", "schema", STORE NOW ",'tool_choice':'required','parallel_tool_calls':false", .model = "openai/gpt-4o", .tools = tools + 1, .tool_count = 1,
               .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED, .parallel_tool_calls = tamar_int(0));
        FIELDS("gpt-4o", "schema", STORE NOW ",'tool_choice':{'type':'function','name':'now'}", .model = "openai/gpt-4o", .tools = tools + 1, .tool_count = 1,
               .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "now");
        FIELDS("gpt-4o", "dropped", STORE, .model = "openai/gpt-4o", .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
    }
    CASE("routed")  // reasoning models with tools go here by themselves; xAI always
    {
        static const tamar_tool tool = { .name = "f" };
        static const struct { const char *model; size_t tools; const char *api; const char *path; } table[] = {
            { "openai/gpt-5.6-sol", 1, NULL, "/responses" }, { "openai/gpt-5.6-sol", 0, NULL, "/chat/completions" }, { "openai/gpt-4o", 1, NULL, "/chat/completions" },
            { "openai/gpt-5.6-sol", 1, "openai-chat", "/chat/completions" }, { "openai/gpt-4o", 0, "openai-responses", "/responses" }, { "xai/grok-4", 0, NULL, "/responses" },
            { "xai/grok-4", 0, "openai-chat", "/chat/completions" }, { "groq/m", 1, NULL, "/chat/completions" },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            tamar_request rq;
            sent s;
            memset(&rq, 0, sizeof rq);
            rq.model = table[i].model;
            rq.api = table[i].api;
            rq.prompt = "hi";
            rq.tools = &tool;
            rq.tool_count = table[i].tools;
            encode(NULL, &rq, &s);
            CHECKF(strlen(s.url.ptr) > strlen(table[i].path) && !strcmp(s.url.ptr + strlen(s.url.ptr) - strlen(table[i].path), table[i].path), "%s: %s %s", rq.model, s.url.ptr, s.prose.ptr);
            sent_drop(&s);
        }
    }
    CASE("counted")  // what the model reads, and no more
    {
        static const tamar_tool tool = { .name = "f" };
        REQUEST("", "{'model':'gpt-6-sol','reasoning':{'effort':'low'},'tools':[{'type':'function','name':'f','parameters':{'type':'object','properties':{}},'strict':false}],'instructions':'s'," HI,
                .kind = TAMAR_KIND_TOKENS, .model = "openai/gpt-6-sol", .prompt = "hi", .system = "s", .tools = &tool, .tool_count = 1, .max_tokens = 9, .temperature = tamar_double(1), .effort = TAMAR_EFFORT_LOW);
        tamar_request rq = { .kind = TAMAR_KIND_TOKENS, .model = "groq/m", .prompt = "hi" };
        sent s;
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "openai-responses"));
        sent_drop(&s);
        rq.model = "openai/gpt-4o";
        encode(NULL, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://api.openai.com/v1/responses/input_tokens"));
        sent_drop(&s);
        input in = whole_body(200);
        in.api = "openai-count-tokens";
        INPUT(in, "usage in 42", "{'object':'response.input_tokens','input_tokens':42}");
        INPUT(in, "error=proto 200 retry", "{'object':'x'}");
    }
}

static void request_messages(void)
{
    CASE("turns")
    {
        MESSAGES("openai/gpt-6-sol", "",
                 "{'model':'gpt-6-sol'" ENCRYPTED ",'input':[{'type':'message','role':'developer','content':'s'},{'type':'message','role':'user','content':'hi'},"
                 "{'type':'message','role':'assistant','content':'yo'},{'type':'message','role':'user','content':'ok'}]}",
                 { .role = TAMAR_ROLE_SYSTEM, .text = "s" }, { .text = "hi" }, { .role = TAMAR_ROLE_ASSISTANT, .text = "yo" }, { .text = "ok" });
        MESSAGES("openai/gpt-4o", "unsupported", "{'model':'gpt-4o'" STORE ",'input':[{'type':'message','role':'system','content':'s'},{'type':'message','role':'user','content':'hi'}]}",
                 { .role = TAMAR_ROLE_SYSTEM, .text = "s" }, { .text = "hi", .name = "bob" });
    }
    CASE("media")  // image_url is a string here
    {
        const tamar_part parts[] = { { .text = str("see") }, { .type = TAMAR_PART_IMAGE, .url = str("https://x/y.png") }, { .type = TAMAR_PART_IMAGE, .data = str("\xFF\xD8\xFFx"), .detail = str("low") },
                                     { .type = TAMAR_PART_IMAGE, .id = str("file_1") }, { .type = TAMAR_PART_FILE, .url = str("https://x/y.pdf") }, { .type = TAMAR_PART_FILE, .id = str("file_2") },
                                     { .type = TAMAR_PART_FILE, .data = str("%PDF"), .name = str("a.pdf") } };
        MESSAGES("openai/gpt-4o", "",
                 "{'model':'gpt-4o'" STORE ",'input':[{'type':'message','role':'user','content':[{'type':'input_text','text':'see'},{'type':'input_image','image_url':'https://x/y.png','detail':'auto'},"
                 "{'type':'input_image','image_url':'data:image/jpeg;base64,/9j/eA==','detail':'low'},{'type':'input_image','file_id':'file_1','detail':'auto'},{'type':'input_file','file_url':'https://x/y.pdf'},"
                 "{'type':'input_file','file_id':'file_2'},{'type':'input_file','filename':'a.pdf','file_data':'data:application/pdf;base64,JVBERg=='}]}]}",
                 { .parts = parts, .part_count = 7 });
    }
    CASE("media-left-out")
    {
        const tamar_part parts[] = { { .type = TAMAR_PART_AUDIO, .data = str("x") }, { .text = str("hi"), .cache = true }, { .type = TAMAR_PART_OPAQUE, .opaque = str("{}"), .origin = str("other") } };
        MESSAGES("openai/gpt-4o", "unsupported unsupported dropped", "{'model':'gpt-4o'" STORE ",'input':[{'type':'message','role':'user','content':'hi'},{'type':'message','role':'user','content':'hi'}]}",
                 { .parts = parts, .part_count = 3 }, { .parts = parts, .part_count = 1 }, { .text = "hi" });
    }
    CASE("tool-loop")  // matched by call_id; the output of a free-text tool has a name of its own
    {
        const tamar_part calls[] = { { .type = TAMAR_PART_TOOL_CALL, .id = str("call_1"), .name = str("w"), .text = str("{\"c\":1}") },
                                     { .type = TAMAR_PART_TOOL_CALL, .id = str("call_2"), .name = str("sh"), .text = str("\"ls\"") },
                                     { .type = TAMAR_PART_TOOL_CALL, .id = str("call_3"), .name = str("w"), .text = str("nope") } };
        const tamar_part results[] = { { .type = TAMAR_PART_TOOL_RESULT, .id = str("call_1"), .text = str("3") }, { .type = TAMAR_PART_TOOL_RESULT, .id = str("call_2"), .text = str("a b") },
                                       { .type = TAMAR_PART_TOOL_RESULT, .id = str("call_3"), .text = str("bad"), .is_error = true }, { .text = str("so?") } };
        MESSAGES("openai/gpt-4o", "tool_arguments",
                 "{'model':'gpt-4o'" STORE ",'input':[{'type':'message','role':'user','content':'hi'},{'type':'function_call','call_id':'call_1','name':'w','arguments':'{\\'c\\':1}'},"
                 "{'type':'custom_tool_call','call_id':'call_2','name':'sh','input':'ls'},{'type':'function_call','call_id':'call_3','name':'w','arguments':'{}'},"
                 "{'type':'function_call_output','call_id':'call_1','output':'3'},{'type':'custom_tool_call_output','call_id':'call_2','output':'a b'},"
                 "{'type':'function_call_output','call_id':'call_3','output':'{\\'error\\':\\'bad\\'}'},{'type':'message','role':'user','content':'so?'}]}",
                 { .text = "hi" }, { .role = TAMAR_ROLE_ASSISTANT, .parts = calls, .part_count = 3 }, { .role = TAMAR_ROLE_TOOL, .parts = results, .part_count = 4 });
    }
    CASE("another-vendors-turn")
    {
        const tamar_part parts[] = { { .type = TAMAR_PART_REASONING, .text = str("hm"), .opaque = str("{\"s\":1}"), .origin = str("anthropic-messages") }, { .text = str("a") }, { .text = str("b") },
                                     { .type = TAMAR_PART_REFUSAL, .text = str("no") }, { .type = TAMAR_PART_IMAGE, .url = str("https://x") } };
        MESSAGES("openai/gpt-4o", "dropped dropped",
                 "{'model':'gpt-4o'" STORE ",'input':[{'type':'message','role':'assistant','content':[{'type':'output_text','text':'a'},{'type':'output_text','text':'b'},{'type':'refusal','refusal':'no'}]},"
                 "{'type':'message','role':'user','content':'hi'}]}",
                 { .role = TAMAR_ROLE_ASSISTANT, .parts = parts, .part_count = 5 }, { .text = "hi" });
    }
    CASE("reasoning-without-its-content")  // cannot be sent back unless the vendor stored it; nothing then names an id
    {
        const tamar_part parts[] = { { .type = TAMAR_PART_REASONING, .text = str("hm"), .opaque = str(quoted("{'type':'reasoning','id':'rs_1','summary':[]}")), .origin = str(API) },
                                     { .text = str("a"), .opaque = str(quoted("{'type':'message','id':'msg_1','content':[]}")), .origin = str(API) },
                                     { .type = TAMAR_PART_TOOL_CALL, .id = str("call_1"), .name = str("w"), .text = str("{}"), .opaque = str(quoted("{'type':'function_call','id':'fc_1','call_id':'call_1','name':'w'}")), .origin = str(API) } };
        const tamar_message m[] = { { .role = TAMAR_ROLE_ASSISTANT, .parts = parts, .part_count = 3 } };
        REQUEST("dropped", "{'model':'gpt-6-sol'" ENCRYPTED ",'input':[{'type':'message','role':'assistant','content':'a'},{'type':'function_call','call_id':'call_1','name':'w','arguments':'{}'}]}",
                .model = "openai/gpt-6-sol", R, .messages = m, .message_count = 1);
        REQUEST("", "{'model':'gpt-6-sol','store':true,'input':[{'type':'reasoning','id':'rs_1','summary':[]},{'type':'message','id':'msg_1','content':[]},{'type':'function_call','id':'fc_1','call_id':'call_1','name':'w'}]}",
                .model = "openai/gpt-6-sol", R, .messages = m, .message_count = 1, .store = tamar_int(1));
    }
    CASE("renamed-call")  // an item whose call has another id now is written anew
    {
        const tamar_part parts[] = { { .type = TAMAR_PART_TOOL_CALL, .id = str("call_9"), .name = str("w"), .text = str("{}"), .opaque = str(quoted("{'type':'function_call','call_id':'call_1','name':'w'}")), .origin = str(API) } };
        MESSAGES("openai/gpt-4o", "", "{'model':'gpt-4o'" STORE ",'input':[{'type':'function_call','call_id':'call_9','name':'w','arguments':'{}'}]}", { .role = TAMAR_ROLE_ASSISTANT, .parts = parts, .part_count = 1 });
    }
}

// An answer goes back as it came.
static void round_trip(const char *file, int line, const char *stream, const char *warnings, const char *want)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    const tamar_response *r;
    tamar_message m[2];
    tamar_request rq;
    text b = { NULL, 0, 0 };
    memset(&desc, 0, sizeof desc);
    memset(m, 0, sizeof m);
    memset(&rq, 0, sizeof rq);
    desc.api = API;
    desc.stream = true;
    add_json(&b, stream);
    d = tamar_decoder_open(&desc);
    tamar_decoder_feed(d, b.ptr, b.len);
    r = tamar_decoder_end(d, true);
    CHECK(!r->error.category);
    m[0] = r->message;
    m[1].text = "and?";
    rq.model = "openai/gpt-6-sol";
    rq.api = API;
    rq.messages = m;
    rq.message_count = 2;
    check_request(file, line, NULL, &rq, warnings, want);
    tamar_decoder_close(d);
    drop(&b);
}

#define ROUND(warnings, items, stream) \
    round_trip(__FILE__, __LINE__, stream, warnings, "{'model':'gpt-6-sol'" ENCRYPTED ",'input':[" items ",{'type':'message','role':'user','content':'and?'}]}")

static void round_trips(void)
{
    CASE("replayed")  // reasoning, phase, ids: byte for byte and in order
    {
#define RS "'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'one'},{'type':'summary_text','text':'two'}],'encrypted_content':'gA='"
#define PHASED "'type':'message','id':'msg_1','role':'assistant','phase':'commentary','content':[{'type':'output_text','text':'a'},{'type':'refusal','refusal':'no'}]"
#define NO_RESULT "'call_id':'call_1','output':'{\\'error\\':\\'the tool gave no result\\'}'"
        ROUND("tool_results", "{" RS "},{" PHASED "},{" CALL("1", "{}") "},{'type':'function_call_output'," NO_RESULT "}",
              ADDED("0", "'type':'reasoning','id':'rs_1','summary':[]") SUMMARY("0", "one") SUMMARY("1", "two") ITEM("0", RS) ITEM("1", PHASED) ITEM("2", CALL("1", "{}")) COMPLETED);
        ROUND("", "{'type':'web_search_call', 'id':'ws_1'},{" MSG("x") "}", ITEM("0", "'type':'web_search_call', 'id':'ws_1'") ITEM("1", MSG("x")) COMPLETED);
        ROUND("tool_results", "{'type':'custom_tool_call','id':'c1','call_id':'call_1','name':'sh','input':'ls'},{'type':'custom_tool_call_output'," NO_RESULT "}", ITEM("0", "'type':'custom_tool_call','id':'c1','call_id':'call_1','name':'sh','input':'ls'") COMPLETED);
        ROUND("", "{" MSG("a") "},{'type':'message','id':'msg_2','content':[{'type':'output_text','text':'b'}]}", ITEM("0", MSG("a")) ITEM("1", "'type':'message','id':'msg_2','content':[{'type':'output_text','text':'b'}]") COMPLETED);
    }
    CASE("replayed-without-items")  // a server that only streams deltas
    {
        ROUND("", "{'type':'message','role':'assistant','content':'ab'}", TEXT("a") TEXT("b") COMPLETED);
    }
    CASE("prefix-is-stable")
    {
        const tamar_message m[] = { { .text = "hi" }, { .role = TAMAR_ROLE_ASSISTANT, .text = "yo" }, { .text = "and?" } };
        static const tamar_tool tool = { .name = "f" };
        tamar_request rq = { .model = "openai/gpt-6-sol", R, .system = "s", .messages = m, .tools = &tool, .tool_count = 1, .stream = true, .extra = "{\"x\":1}" };
        sent before, after;
        size_t n;
        rq.message_count = 1;
        encode(NULL, &rq, &before);
        for (n = 2; n <= 3; n++) {
            rq.message_count = n;
            encode(NULL, &rq, &after);
            CHECK(after.body.len > before.body.len && !memcmp(after.body.ptr, before.body.ptr, before.body.len - 2));
            sent_drop(&before);
            before = after;
        }
        sent_drop(&before);
    }
}

// -- embeddings, images, models ----------------------------------------------------------------------

static void check_vectors(const char *body, const char *want)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    const tamar_response *r;
    text b = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    size_t i, k;
    memset(&desc, 0, sizeof desc);
    desc.api = "openai-embeddings";
    add_json(&b, body);
    d = tamar_decoder_open(&desc);
    tamar_decoder_feed(d, b.ptr, b.len);
    r = tamar_decoder_end(d, true);
    clear(&got);
    for (i = 0; i < r->embedding_count; i++) {
        for (k = 0; k < r->embeddings[i].count; k++) addf(&got, "%g ", r->embeddings[i].values[k]);
        adds(&got, "; ");
    }
    CHECKF(!strcmp(got.ptr, want), "%s (%s)", got.ptr, r->error.message);
    tamar_decoder_close(d);
    drop(&b);
    drop(&got);
}

static void others(void)
{
    static const char *const two[] = { "a", "b" };
    input in;
    CASE("embeddings-request")
    {
        REQUEST("", "{'model':'text-embedding-3-small','dimensions':8,'user':'u','input':['a','b']}", .kind = TAMAR_KIND_EMBEDDINGS, .model = "openai/text-embedding-3-small", .inputs = two, .input_count = 2,
                .dimensions = 8, .user = "u");
        REQUEST("unsupported", "{'model':'m','encoding_format':'base64','input':['p']}", .kind = TAMAR_KIND_EMBEDDINGS, .model = "siliconflow/m", .prompt = "p", .input_type = "query",
                .extra = quoted("{'encoding_format':'base64'}"));
        REQUEST("", "{'model':'m','input':[[1,2]]}", .kind = TAMAR_KIND_EMBEDDINGS, .model = "openai/m", .prompt = "p", .extra = quoted("{'input':[[1,2]]}"));
    }
    CASE("embeddings-in-order")  // of the inputs, not of arrival
    {
        check_vectors("{'object':'list','model':'m','data':[{'index':1,'embedding':[3,4]},{'index':0,'embedding':[0.5,-2]}],'usage':{'prompt_tokens':5,'total_tokens':5}}", "0.5 -2 ; 3 4 ; ");
        check_vectors("{'data':[{'embedding':[1]},{'embedding':[2]}]}", "1 ; 2 ; ");
        check_vectors("{'data':[{'embedding':[5E-1,1.5E+1]}]}", "0.5 15 ; ");  // as Qwen writes them
        check_vectors("{'data':[{'index':0,'embedding':[1]},{'index':0,'embedding':[2]}]}", "1 ; 2 ; ");
        check_vectors("{'embeddings':{'float':[[1],[2]]},'meta':{'billed_units':{'input_tokens':3}}}", "1 ; 2 ; ");  // Cohere
        in = whole_body(200);
        in.api = "openai-embeddings";
        INPUT(in, "usage in 5 total 5", "{'model':'m','data':[{'index':1,'embedding':[3,4]},{'index':0,'embedding':[0.5,-2]}],'usage':{'prompt_tokens':5,'total_tokens':5}}");
        INPUT(in, "error=proto 200 retry", "{'x':1}");
        INPUT(in, "error=parse 200 retry", "{'data':[{'embedding':true}]}");
        INPUT(in, "error=parse 200 retry", "{'data':[{'embedding':'?'}]}");
        in.status = 400;
        INPUT(in, "error=bad_request 400", "{'detail':'Model nonexistent is not supported.'}");
    }
    CASE("embeddings-base64")  // little-endian floats; or, from some, bytes
    {
        check_vectors("{'data':[{'index':0,'embedding':'AAAAPwAAAMA='}]}", "0.5 -2 ; ");
        check_vectors("{'data':[{'index':0,'embedding':'AX+A/w=='}]}", "1 127 -128 -1 ; ");
        check_vectors("{'data':[{'index':0,'embedding':'AX+A'}]}", "1 127 -128 ; ");
    }
#define IMAGE .kind = TAMAR_KIND_IMAGES, .prompt = "cat"
    CASE("images-request")
    {
        REQUEST("", "{'model':'gpt-image-2','stream':true,'n':2,'size':'auto','quality':'low','output_format':'webp','user':'u','prompt':'cat'}", IMAGE, .model = "openai/gpt-image-2", .image_count = 2,
                .image_size = "auto", .image_quality = "low", .image_format = "webp", .stream = true, .user = "u");
        REQUEST("unsupported unsupported", "{'model':'dall-e-3','size':'1024x1024','quality':'hd','response_format':'b64_json','prompt':'cat'}", IMAGE, .model = "openai/dall-e-3", .image_count = 1,
                .image_size = "1024x1024", .image_quality = "hd", .image_format = "png", .stream = true, .extra = quoted("{'response_format':'b64_json'}"));
        REQUEST("unsupported", "{'model':'cogview-4','size':'1024x1024','quality':'hd','user_id':'u','prompt':'cat'}", IMAGE, .model = "zhipu/cogview-4", .image_size = "1024x1024", .image_quality = "hd",
                .image_count = 2, .user = "u");
        REQUEST("unsupported", "{'model':'irag-1.0','n':2,'size':'1024x1024','user':'u','prompt':'cat'}", IMAGE, .model = "qianfan/irag-1.0", .image_size = "1024x1024", .image_quality = "hd", .image_count = 2, .user = "u");
        REQUEST("unsupported", "{'model':'grok-2-image','n':2,'prompt':'cat'}", IMAGE, .model = "xai/grok-2-image", .image_size = "1024x1024", .image_count = 2);
    }
    CASE("images-to-start-from")
    {
        const tamar_part parts[] = { { .text = str("a hat") }, { .type = TAMAR_PART_IMAGE, .url = str("https://x/1.png") }, { .type = TAMAR_PART_IMAGE, .data = str("x") } };
        const tamar_message m[] = { { .parts = parts, .part_count = 3 } };
        tamar_request rq = { .kind = TAMAR_KIND_IMAGES, .model = "openai/gpt-image-2", .messages = m, .message_count = 1 };
        sent s;
        REQUEST("", "{'model':'doubao-seedream-4-0','sequential_image_generation':'auto','sequential_image_generation_options':{'max_images':3},'size':'2K','seed':7,'image':['https://x/1.png','data:image/png;base64,eA=='],'prompt':'a hat'}",
                .kind = TAMAR_KIND_IMAGES, .model = "doubao/doubao-seedream-4-0", .messages = m, .message_count = 1, .image_size = "2K", .seed = tamar_int(7), .image_count = 3);
        REQUEST("unsupported", "{'model':'ernie-irag-edit','refer_image':'https://x/1.png','prompt':'a hat'}", .kind = TAMAR_KIND_IMAGES, .model = "qianfan/ernie-irag-edit", .messages = m, .message_count = 1);
        encode(NULL, &rq, &s);  // a multipart upload is not built in
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "multipart"));
        sent_drop(&s);
    }
    CASE("images")
    {
        in = whole_body(200);
        in.api = "openai-images";
        INPUT(in, "image=image/webp,UklGRg==; usage in 4 out 8 total 12", "{'created':5,'data':[{'b64_json':'UklGRg=='}],'output_format':'webp','usage':{'input_tokens':4,'output_tokens':8,'total_tokens':12,'input_tokens_details':{'text_tokens':4}}}");
        INPUT(in, "image=https://x/1; image=https://x/2", "{'data':[{'url':'https://x/1','revised_prompt':'p'},{'url':'https://x/2'}]}");
        INPUT(in, "image=image/png,iVBORw==", "{'id':'as-1','created':1,'data':[{'b64_image':'iVBORw=='}]}");  // Qianfan
        INPUT(in, "image=image/jpeg,/9j/", "{'data':[{'b64_json':'/9j/','url':''}]}");
        INPUT(in, "image=https://x/1; warn=images", "{'model':'s','data':[{'url':'https://x/1'},{'error':{'code':'OutputImageSensitiveContentDetected','message':'m'}}],'usage':{'generated_images':1}}");
        INPUT(in, "error=empty 200 retry", "{'created':1,'data':[]}");  // moderation
        INPUT(in, "error=proto 200 retry", "{'x':1}");
        in.status = 400;
        INPUT(in, "error=content_filter 400 code moderation_blocked type image_generation_user_error", "{'error':{'message':'Your request was rejected','type':'image_generation_user_error','param':null,'code':'moderation_blocked'}}");
    }
    CASE("images-streamed")
    {
        in = streamed();
        in.api = "openai-images";
        INPUT(in, "image=image/png,iVBO; usage in 1 out 2 total 3",
              EV("image_generation.partial_image", "'b64_json':'AAAA','partial_image_index':0") EV("image_generation.completed", "'b64_json':'iVBO','output_format':'png','usage':{'input_tokens':1,'output_tokens':2,'total_tokens':3}"));
        INPUT(in, "image=image/png,iVBO", EV("image_generation.completed", "'b64_json':'iVBO'") EV("image_generation.partial_image", "'b64_json':'AAAA'"));
        INPUT(in, "image=https://x/1; usage out 2 total 2; warn=images",  // Seedream
              EV("image_generation.partial_succeeded", "'image_index':0,'url':'https://x/1','size':'2K'") EV("image_generation.partial_failed", "'image_index':1,'error':{'code':'x','message':'m'}")
              EV("image_generation.completed", "'usage':{'generated_images':1,'output_tokens':2,'total_tokens':2}") D("[DONE]"));
        INPUT(in, "error=truncated 200 retry", EV("image_generation.partial_image", "'b64_json':'AAAA'"));
        INPUT(in, "error=server 200 code server_error retry", "event: error\n" D("{'type':'error','error':{'code':'server_error','message':'x'}}"));
        INPUT(in, "image=https://x/1", "{'data':[{'url':'https://x/1'}]}");
    }
    CASE("models")
    {
        tamar_request rq = { .kind = TAMAR_KIND_MODELS, .model = "openai/" };
        tamar_decoder_desc desc;
        tamar_decoder *d;
        const tamar_response *r;
        const char *list = quoted("{'object':'list','data':[{'id':'gpt-6-sol','object':'model','created':1},{'id':'o/m','name':'M','context_length':4096,'top_provider':{'max_completion_tokens':100}}]}");
        sent s;
        encode(NULL, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://api.openai.com/v1/models"));
        sent_drop(&s);
        memset(&desc, 0, sizeof desc);
        desc.api = "openai-models";
        d = tamar_decoder_open(&desc);
        tamar_decoder_feed(d, list, strlen(list));
        r = tamar_decoder_end(d, true);
        CHECK(r->model_count == 2 && !r->error.category);
        CHECK_STR(r->models[0].id, "gpt-6-sol");
        CHECK_STR(r->models[1].name, "M");
        CHECK(r->models[1].input_tokens == 4096 && r->models[1].output_tokens == 100);
        tamar_decoder_close(d);
        in = whole_body(200);
        in.api = "openai-models";
        INPUT(in, "", "[{'id':'a'},{'name':'b'},{}]");  // Together sends the list alone
        INPUT(in, "", "{'data':[]}");
        INPUT(in, "error=proto 200 retry", "{'x':1}");
        INPUT(in, "error=auth 200 code invalid_api_key", "{'error':{'code':'invalid_api_key','message':'no'}}");
    }
}

// -- Azure -----------------------------------------------------------------------------------------

static const char *endpoint, *version;

static const char *azure_variable(void *user_data, const char *name)
{
    (void)user_data;
    if (!strcmp(name, "AZURE_OPENAI_ENDPOINT")) return endpoint;
    if (!strcmp(name, "AZURE_RESOURCE_NAME")) return "res";
    if (!strcmp(name, "AZURE_OPENAI_API_KEY")) return "k1";
    if (!strcmp(name, "OPENAI_API_VERSION")) return version;
    return NULL;
}

static void azure(void)
{
    CASE("azure-urls")  // as users write them
    {
        static const struct { const char *model, *endpoint, *api; tamar_kind kind; const char *url; } table[] = {
            { "azure/dep", NULL, NULL, TAMAR_KIND_CHAT, "https://res.openai.azure.com/openai/v1/chat/completions" },
            { "azure/dep", "https://r2.openai.azure.com/", NULL, TAMAR_KIND_CHAT, "https://r2.openai.azure.com/openai/v1/chat/completions" },
            { "azure/dep", "https://r2.openai.azure.com/openai", NULL, TAMAR_KIND_CHAT, "https://r2.openai.azure.com/openai/v1/chat/completions" },
            { "azure/dep", "https://r2.openai.azure.com/openai/v1/", NULL, TAMAR_KIND_CHAT, "https://r2.openai.azure.com/openai/v1/chat/completions" },
            { "azure/dep", "https://r2.services.ai.azure.com", "openai-responses", TAMAR_KIND_CHAT, "https://r2.services.ai.azure.com/openai/v1/responses" },
            { "azure/dep", "https://r2.openai.azure.com?api-version=preview", NULL, TAMAR_KIND_CHAT, "https://r2.openai.azure.com/openai/v1/chat/completions?api-version=preview" },
            { "azure/dep", "https://gate.example/llm/openai", NULL, TAMAR_KIND_CHAT, "https://gate.example/llm/openai/chat/completions" },
            { "azure/", NULL, NULL, TAMAR_KIND_MODELS, "https://res.openai.azure.com/openai/v1/models" },
            { "azure-classic/my dep", NULL, NULL, TAMAR_KIND_CHAT, "https://res.openai.azure.com/openai/deployments/my%20dep/chat/completions?api-version=2024-10-21" },
            { "azure-classic/dep", "https://r2.openai.azure.com/", NULL, TAMAR_KIND_CHAT, "https://r2.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21" },
            { "azure-classic/dep", "https://r2.openai.azure.com/openai", NULL, TAMAR_KIND_CHAT, "https://r2.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21" },
            { "azure-classic/dep", "https://r2.openai.azure.com/openai/deployments/other", NULL, TAMAR_KIND_CHAT, "https://r2.openai.azure.com/openai/deployments/other/chat/completions?api-version=2024-10-21" },
            { "azure-classic/dep", "https://r2.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2025-04-01-preview", NULL, TAMAR_KIND_CHAT,
              "https://r2.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2025-04-01-preview" },
            { "azure-classic/dep", NULL, NULL, TAMAR_KIND_EMBEDDINGS, "https://res.openai.azure.com/openai/deployments/dep/embeddings?api-version=2024-10-21" },
            { "azure-classic/dep", NULL, "openai-responses", TAMAR_KIND_CHAT, "https://res.openai.azure.com/openai/responses?api-version=2024-10-21" },
            { "azure-classic/", NULL, NULL, TAMAR_KIND_MODELS, "https://res.openai.azure.com/openai/models?api-version=2024-10-21" },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            tamar_desc d = nobody();
            tamar_request rq;
            sent s;
            endpoint = table[i].endpoint, version = NULL;
            d.environment.get = azure_variable;
            memset(&rq, 0, sizeof rq);
            rq.kind = table[i].kind;
            rq.model = table[i].model;
            rq.api = table[i].api;
            rq.prompt = "hi";
            encode(&d, &rq, &s);
            CHECKF(!strcmp(s.url.ptr, table[i].url), "%s %s: %s (%s)", table[i].model, endpoint ? endpoint : "", s.url.ptr, s.prose.ptr);
            CHECK(strstr(s.headers.ptr, "\napi-key: k1 (secret)\n") && !strstr(s.headers.ptr, "Authorization"));
            sent_drop(&s);
        }
    }
    CASE("azure-version")
    {
        tamar_desc d = nobody();
        tamar_request rq = { .model = "azure-classic/dep", .prompt = "hi" };
        sent s;
        endpoint = NULL, version = "2025-01-01-preview";
        d.environment.get = azure_variable;
        encode(&d, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://res.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2025-01-01-preview"));
        sent_drop(&s);
    }
    CASE("azure-tokens")  // a key that begins with Bearer is one
    {
        tamar_request rq = { .model = "azure/dep", .prompt = "hi", .api_key = "Bearer ey.j.t", .base_url = "https://r.openai.azure.com" };
        sent s;
        encode(NULL, &rq, &s);
        CHECKF(strstr(s.headers.ptr, "\nAuthorization: Bearer ey.j.t (secret)\n") && !strstr(s.headers.ptr, "api-key"), "%s%s", s.headers.ptr, s.prose.ptr);
        sent_drop(&s);
        rq.api_key = "Bearer a b";
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG);
        sent_drop(&s);
    }
    CASE("azure-request")
    {
        REQUEST("", "{'model':'gpt-6-sol','max_completion_tokens':9,'safety_identifier':'u','messages':[{'role':'developer','content':'s'},{'role':'user','content':'hi'}]}", .model = "azure/gpt-6-sol", .prompt = "hi", .system = "s",
                .max_tokens = 9, .user = "u", .base_url = "https://r.openai.azure.com");
        REQUEST("", "{'model':'dep','max_completion_tokens':9,'messages':[{'role':'user','content':'hi'}]}", .model = "azure-classic/dep", .prompt = "hi", .max_tokens = 9, .base_url = "https://r.openai.azure.com");
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) only = argv[1];
    request_fields();
    request_messages();
    round_trips();
    others();
    azure();
    golden_bytes(GOLDEN_HASH);
    streams();
    failures();
    return cases_done();
}
