// Ollama's own dialect: lines of JSON, arguments that are objects, a terminator that is a member; and the addresses under
// which its two dialects are found.
#define API "ollama-chat"
#include "dialect.h"

#define M(inside) "{'model':'m','message':{'role':'assistant'," inside "},'done':false}\n"
#define END "{'model':'m','message':{'role':'assistant','content':''},'done':true,'done_reason':'stop','prompt_eval_count':11,'eval_count':18}\n"
#define USED "usage in 11 out 18"
#define HI "{'role':'user','content':'hi'}"

#define FIELDS(warnings, members, ...) \
    REQUEST(warnings, "{'model':'m','stream':false" members ",'messages':[" HI "]}", .model = "ollama/m", .prompt = "hi", __VA_ARGS__)

#define MESSAGES(warnings, want, ...) \
    CONVERSATION("ollama/m", NULL, warnings, "{'model':'m','stream':false,'messages':[" want "]}", __VA_ARGS__)

#define PARTS(...) .parts = (const tamar_part[]){ __VA_ARGS__ }, .part_count = sizeof((const tamar_part[]){ __VA_ARGS__ }) / sizeof(tamar_part)

static const char *environment(void *user_data, const char *name)
{
    const char *const *pairs = (const char *const *)user_data;
    for (; *pairs; pairs += 2)
        if (!strcmp(*pairs, name)) return pairs[1];
    return NULL;
}

static void url_is(const char *api, tamar_kind kind, const char *base, const char *host, const char *want)
{
    const char *pairs[] = { "OLLAMA_HOST", host, NULL };
    tamar_desc d = nobody();
    tamar_request rq;
    sent s;
    if (host) d.environment.get = environment, d.environment.user_data = (void *)pairs;
    memset(&rq, 0, sizeof rq);
    rq.model = "ollama/m";
    rq.api = api;
    rq.kind = kind;
    rq.base_url = base;
    rq.prompt = "hi";
    encode(&d, &rq, &s);
    CHECKF(!strcmp(s.url.ptr, want), "%s, want %s (%s)", s.url.ptr, want, s.prose.ptr);
    sent_drop(&s);
}

int main(int argc, char **argv)
{
    if (argc > 1) only = argv[1];

    // -- answers
    CASE("stream")
    {
        STREAM("text=Hi; finish=stop; " USED, M("'content':'H'") M("'content':'i'") END);
        STREAM("text=Hi; reasoning=hm; finish=stop; " USED, M("'content':'','thinking':'h'") M("'content':'','thinking':'m'") M("'content':'Hi'") END);
        STREAM("text=Hi; finish=stop", "{'message':{'content':'Hi'},'done':false}\n\n  \n{'done':true,'done_reason':'stop'}");  // blank lines, no last line end
    }
    CASE("thinking-before-text")  // both in one record
    {
        check_parts("part 7 a; part 0 b; ", M("'content':'b','thinking':'a'") END);
    }
    CASE("calls")
    {
        STREAM("call call_ab w {'c':'Oslo'}; finish=tool_calls(stop); " USED,
               M("'content':'','tool_calls':[{'id':'call_ab','function':{'index':0,'name':'w','arguments':{'c':'Oslo'}}}]") END);
    }
    CASE("calls-without-ids")  // older servers; each gets its own
    {
        STREAM("call ~ f {'a':1}; call ~ f {'a':2}; finish=tool_calls(stop); " USED,
               M("'content':'','tool_calls':[{'function':{'name':'f','arguments':{'a':1}}}]")
               M("'content':'','tool_calls':[{'function':{'name':'f','arguments':{'a':2}}}]") END);
        STREAM("call ~ f {'a':1}; call ~ f {'a':2}; finish=tool_calls(stop); " USED,  // each record counts from 0
               M("'content':'','tool_calls':[{'function':{'index':0,'name':'f','arguments':{'a':1}}}]")
               M("'content':'','tool_calls':[{'function':{'index':0,'name':'f','arguments':{'a':2}}}]")
               END);
        STREAM("call ~ f {'a':1}; call ~ f {'a':2}; finish=tool_calls(stop); " USED, M("'tool_calls':[{'index':0,'function':{'name':'f','arguments':{'a':1}}}]")
               M("'tool_calls':[{'index':0,'function':{'name':'f','arguments':{'a':2}}}]") END);
    }
    CASE("calls-without-arguments")
    {
        STREAM("call ~ f {}; finish=tool_calls(stop); " USED, M("'tool_calls':[{'function':{'name':'f','arguments':{}}}]") END);
        STREAM("call ~ f {}; finish=tool_calls(stop); " USED, M("'tool_calls':[{'function':{'name':'f'}}]") END);
    }
    CASE("count-absent")  // the prompt was in the cache
    {
        STREAM("text=a; finish=length; usage out 2", M("'content':'a'") "{'model':'m','done':true,'done_reason':'length','eval_count':2}\n");
    }
    CASE("error-in-stream")
    {
        STREAM("text=a; error=server 200 retry", M("'content':'a'") "{'error':'an error was encountered while running the model'}\n");
    }
    CASE("ended-without-done")
    {
        input cut = streamed();
        STREAM("text=a; error=truncated 200 retry", M("'content':'a'"));
        cut.cut = true;
        INPUT(cut, "text=a; error=truncated 200 retry", M("'content':'a'"));
        INPUT(cut, "text=a; error=truncated 200 retry", M("'content':'a'") "{'model':'m','mess");
    }
    CASE("nothing-behind-done")
    {
        STREAM("finish=stop; " USED, END M("'content':'late'"));
    }
    CASE("events-are-no-lines")  // the same in pieces of any size
    {
        STREAM("error=parse 200 retry", "data: {'done':true}\n\n");
    }
    CASE("line-broken")
    {
        STREAM("text=a; error=parse 200 retry", M("'content':'a'") "{'message':{'content':b}}\n" END);
        STREAM("text=a; error=parse 200 retry", M("'content':'a'") "[1]\n" END);
    }
    CASE("body")
    {
        BODY("text=Hi; reasoning=hm; finish=stop; " USED, "{'model':'m','message':{'role':'assistant','content':'Hi','thinking':'hm'},'done':true,'done_reason':'stop','prompt_eval_count':11,'eval_count':18}");
        BODY("text=Hi; finish=stop; usage in 1 out 2", "{'model':'m','response':'Hi','done':true,'done_reason':'stop','context':[1,2],'prompt_eval_count':1,'eval_count':2}");  // /api/generate
        BODY("error=server 200 retry", "{'error':'boom'}");
        BODY("error=proto 200 retry", "{'version':'0.1'}");
        BODY("error=truncated 200 retry", "{'model':'m','message':{'content':'Hi'");
    }
    CASE("lines-where-a-body-was-asked-for")  // a proxy that drops stream:false
    {
        BODY("text=Hi; finish=stop; " USED, M("'content':'H'") M("'content':'i'") END);
        BODY("text=H; error=truncated 200 retry", M("'content':'H'") M("'content':''"));
    }
    CASE("created")
    {
        static const struct { const char *time; long long want; } table[] = {
            { "2026-11-20T10:00:00Z", 1795168800 }, { "2026-11-20T10:00:00.123456789Z", 1795168800 },
            { "2026-11-20T10:00:00.5+08:00", 1795140000 }, { "2024-02-29T23:59:59-01:30", 1709256599 },
            { "1970-01-01T00:00:01Z", 1 }, { "yesterday", 0 }, { "2026-13-20T10:00:00Z", 0 },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            text body = { NULL, 0, 0 };
            input in = streamed();
            outcome o;
            char want[64];
            size_t end;
            addf(&body, "{'created_at':'%s','done':true}\n", table[i].time);
            text b = { NULL, 0, 0 };
            add_json(&b, body.ptr);
            in.body = b.ptr, in.len = end = b.len;
            run(&in, &end, 1, true, NULL, NULL, 0, &o);
            snprintf(want, sizeof want, "created %lld; ", table[i].want);
            CHECKF(strstr(o.core.ptr, want), "%s: %s", table[i].time, o.core.ptr);
            outcome_drop(&o);
            drop(&b);
            drop(&body);
        }
    }
    CASE("refusals")
    {
        REFUSED(404, "error=model_not_found 404", "{'error':'model \\'x\\' not found'}");
        REFUSED(400, "error=bad_request 400", "{'error':'invalid think value'}");
        REFUSED(401, "error=auth 401", "{'error':'unauthorized'}");
        REFUSED(500, "error=server 500 retry", "{'error':'llama runner process has terminated'}");
        REFUSED(503, "error=overloaded 503 retry", "{'error':'server busy'}");
    }
    CASE("embeddings")
    {
        input in = whole_body(200);
        in.api = "ollama-embeddings";
        INPUT(in, "usage in 4", "{'model':'m','embeddings':[[0.5,1],[2,-1e-3]],'prompt_eval_count':4}");
        INPUT(in, "", "{'embedding':[1,2]}");
        INPUT(in, "error=proto 200 retry", "{'embeddings':[['x']]}");
        INPUT(in, "error=server 200 retry", "{'error':'no'}");
    }
    CASE("models")
    {
        input in = whole_body(200);
        in.api = "ollama-models";
        INPUT(in, "", "{'models':[{'name':'a:latest','model':'a:latest','size':5},{'name':'b'}]}");
        INPUT(in, "", "{'models':[]}");
        INPUT(in, "error=proto 200 retry", "{'data':1}");
    }

    // -- requests
    CASE("stream-always-said")
    {
        FIELDS("", "", .kind = TAMAR_KIND_CHAT);
        REQUEST("", "{'model':'m','stream':true,'messages':[" HI "]}", .model = "ollama/m", .prompt = "hi", .stream = true);
        FIELDS("", "", .extra = "{\"stream\":true}");  // the answer is read as it was asked for
    }
    CASE("options")
    {
        static const char *const stop[] = { "a", "b" };
        FIELDS("", ",'options':{'num_predict':9,'temperature':0.5,'top_p':1.0,'top_k':3,'frequency_penalty':1.0,'presence_penalty':2.0,'seed':7,'stop':['a','b']}", .max_tokens = 9,
               .temperature = { true, 0.5 }, .top_p = { true, 1 }, .top_k = { true, 3 }, .frequency_penalty = { true, 1 }, .presence_penalty = { true, 2 }, .seed = { true, 7 },
               .stop = stop, .stop_count = 2);
    }
    CASE("options-of-both")  // extra's options join ours, and win
    {
        FIELDS("", ",'options':{'seed':7,'num_ctx':8192,'temperature':1},'keep_alive':'5m'", .temperature = { true, 0.5 }, .seed = { true, 7 },
               .extra = "{\"options\":{\"num_ctx\":8192,\"temperature\":1},\"keep_alive\":\"5m\"}");
    }
    CASE("think")
    {
        FIELDS("", ",'think':false", .effort = TAMAR_EFFORT_OFF);
        FIELDS("", ",'think':'low'", .effort = TAMAR_EFFORT_LOW);
        FIELDS("", ",'think':'medium'", .effort = TAMAR_EFFORT_MEDIUM);
        FIELDS("effort", ",'think':'high'", .effort = TAMAR_EFFORT_XHIGH);
        FIELDS("", ",'think':'max'", .effort = TAMAR_EFFORT_MAX);
        FIELDS("", ",'think':true", .effort = TAMAR_EFFORT_LOW, .extra = "{\"think\":true}");
    }
    CASE("format")
    {
        FIELDS("", ",'format':'json'", .format = TAMAR_FORMAT_JSON);
        FIELDS("", ",'format':{'type':'object'}", .format = TAMAR_FORMAT_SCHEMA, .schema = "{\"type\":\"object\"}");
    }
    CASE("logprobs")
    {
        FIELDS("", ",'logprobs':true,'top_logprobs':2", .logprobs = { true, 1 }, .top_logprobs = { true, 2 });
    }
    CASE("tools")
    {
        static const tamar_tool two[] = { { .name = "f", .description = "d", .parameters = "{\"type\":\"object\"}" }, { .name = "g" } };
#define TOOLS ",'tools':[{'type':'function','function':{'name':'f','description':'d','parameters':{'type':'object'}}},{'type':'function','function':{'name':'g','parameters':{'type':'object','properties':{}}}}]"
        FIELDS("", TOOLS, .tools = two, .tool_count = 2);
        FIELDS("", TOOLS, .tools = two, .tool_count = 2, .tool_choice = TAMAR_TOOL_CHOICE_AUTO);
        FIELDS("", "", .tools = two, .tool_count = 2, .tool_choice = TAMAR_TOOL_CHOICE_NONE);
        FIELDS("unsupported", TOOLS, .tools = two, .tool_count = 2, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        FIELDS("unsupported", TOOLS, .tools = two, .tool_count = 2, .parallel_tool_calls = { true, 0 });
    }
    CASE("not-known")
    {
        FIELDS("unsupported", "", .user = "u");
        FIELDS("unsupported", "", .cache_key = "k");
        FIELDS("unsupported", "", .choices = 2);
    }
    CASE("images-as-bytes")
    {
        MESSAGES("", "{'role':'user','content':'see','images':['iVBO','QUJD']}",
                 { PARTS({ .text = str("see") }, { .type = TAMAR_PART_IMAGE, .data = str("\x89PN") }, { .type = TAMAR_PART_IMAGE, .url = str("data:image/png;base64,QUJD") }) });
        MESSAGES("unsupported", "{'role':'user','content':'see'}", { PARTS({ .text = str("see") }, { .type = TAMAR_PART_IMAGE, .url = str("https://h/x.png") }) });
        MESSAGES("unsupported", "{'role':'user','content':'see'}", { PARTS({ .text = str("see") }, { .type = TAMAR_PART_FILE, .data = str("%PDF"), .mime_type = str("application/pdf") }) });
    }
    CASE("turns")
    {
        MESSAGES("", "{'role':'system','content':'Be brief.'},{'role':'user','content':'hi'},{'role':'assistant','content':'so','thinking':'why'}", { .role = TAMAR_ROLE_SYSTEM, .text = "Be brief." },
                 { .text = "hi" }, { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_REASONING, .text = str("why") }, { .text = str("so") }) });
        MESSAGES("dropped", "{'role':'assistant','content':'so','thinking':'why'}",
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_REASONING, .text = str("why"), .opaque = str("{}"), .origin = str("anthropic-messages") }, { .text = str("so") }) });
    }
    CASE("results-name-their-tool")  // tool_name, looked up by id where the result does not say it
    {
        MESSAGES("", "{'role':'assistant','content':'','tool_calls':[{'id':'c1','function':{'index':0,'name':'f','arguments':{'a':1}}},{'id':'c2','function':{'index':1,'name':'g','arguments':{}}}]},"
                     "{'role':'tool','content':'3','tool_name':'f','tool_call_id':'c1'},{'role':'tool','content':'{\\'error\\':\\'no\\'}','tool_name':'g','tool_call_id':'c2'}",
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("{\"a\":1}") }, { .type = TAMAR_PART_TOOL_CALL, .id = str("c2"), .name = str("g") }) },
                 { .role = TAMAR_ROLE_TOOL, PARTS({ .type = TAMAR_PART_TOOL_RESULT, .id = str("c1"), .text = str("3") }, { .type = TAMAR_PART_TOOL_RESULT, .id = str("c2"), .text = str("no"), .is_error = true }) });
        MESSAGES("tool_arguments", "{'role':'assistant','content':'','tool_calls':[{'id':'c1','function':{'index':0,'name':'f','arguments':{}}}]}",
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("[1") }) });
    }
    CASE("embed")
    {
        static const char *const inputs[] = { "a", "b" };
        REQUEST("", "{'model':'m','dimensions':8,'input':['a','b']}", .model = "ollama/m", .kind = TAMAR_KIND_EMBEDDINGS, .inputs = inputs, .input_count = 2, .dimensions = 8);
        REQUEST("unsupported", "{'model':'m','input':['a']}", .model = "ollama/m", .kind = TAMAR_KIND_EMBEDDINGS, .prompt = "a", .input_type = "query");
    }
    CASE("addresses")
    {
        url_is(NULL, TAMAR_KIND_CHAT, NULL, NULL, "http://127.0.0.1:11434/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, "http://gpu:11434/", NULL, "http://gpu:11434/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, "http://gpu:11434/v1", NULL, "http://gpu:11434/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, "http://gpu:11434/v1/", NULL, "http://gpu:11434/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, "http://gpu/ollama", NULL, "http://gpu/ollama/api/chat");
        url_is(NULL, TAMAR_KIND_EMBEDDINGS, NULL, NULL, "http://127.0.0.1:11434/api/embed");
        url_is(NULL, TAMAR_KIND_MODELS, NULL, NULL, "http://127.0.0.1:11434/api/tags");
        url_is("openai-chat", TAMAR_KIND_CHAT, NULL, NULL, "http://127.0.0.1:11434/v1/chat/completions");
        url_is("openai-chat", TAMAR_KIND_CHAT, "http://gpu:11434", NULL, "http://gpu:11434/v1/chat/completions");
        url_is("openai-chat", TAMAR_KIND_CHAT, "http://gpu:11434/v1", NULL, "http://gpu:11434/v1/chat/completions");
    }
    CASE("host-as-ollama-writes-it")
    {
        url_is(NULL, TAMAR_KIND_CHAT, NULL, "gpu:8080", "http://gpu:8080/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, NULL, "gpu", "http://gpu:11434/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, NULL, ":8080", "http://127.0.0.1:8080/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, NULL, "0.0.0.0", "http://0.0.0.0:11434/api/chat");
        url_is(NULL, TAMAR_KIND_CHAT, NULL, "https://gpu.example", "https://gpu.example/api/chat");
        url_is("openai-chat", TAMAR_KIND_CHAT, NULL, "gpu", "http://gpu:11434/v1/chat/completions");
    }
    return cases_done();
}
