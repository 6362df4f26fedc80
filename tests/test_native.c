// The gateway, DashScope's and Tencent's own dialects, and what travels instead of a key: tokens and signatures.
#define API "tamar-invoke"
#include "dialect.h"

#define SCOPE(output, usage) "id:1\nevent:result\n:HTTP_STATUS/200\ndata:{'output':" output "," usage "'request_id':'r1'}\n\n"
#define SAID(content, reason) SCOPE("{'choices':[{'message':{'role':'assistant','content':" content "},'finish_reason':" reason "}]}", "'usage':{'input_tokens':3,'output_tokens':2,'total_tokens':5},")
#define USED "usage in 3 out 2 total 5"
#define HY(delta, reason) "data: {'Note':'n','Choices':[{'Delta':{" delta "},'FinishReason':" reason "}],'Created':1705634032,'Id':'i1','Usage':{'PromptTokens':6,'CompletionTokens':4,'TotalTokens':10}}\n\n"
#define HY_USED "usage in 6 out 4 total 10"
#define WHO ",'user_context':{'org_id':'o1','user_id':'u1','client_type':'tamar-c'}"
#define HI "{'role':'user','content':'hi'}"
#define TAMAR(warnings, want, ...) REQUEST(warnings, want, .org_id = "o1", .user = "u1", __VA_ARGS__)

static input streamed_as(const char *api)
{
    input in = streamed();
    in.api = api;
    return in;
}

static input body_as(const char *api)
{
    input in = whole_body(200);
    in.api = api;
    return in;
}

static input refused_as(const char *api, int status)
{
    input in = whole_body(status);
    in.api = api;
    return in;
}

static int64_t fixed_ms(void *user_data)
{
    return *(const int64_t *)user_data;
}

static uint64_t fixed_us(void *user_data)
{
    (void)user_data;
    return 1;
}

static const char *environment(void *user_data, const char *name)
{
    const char *const *pairs = (const char *const *)user_data;
    for (; *pairs; pairs += 2)
        if (!strcmp(*pairs, name)) return pairs[1];
    return NULL;
}

static tamar_desc at(int64_t *unix_ms, const char *const *pairs)
{
    tamar_desc d = nobody();
    d.clock.now_us = fixed_us;
    d.clock.unix_ms = fixed_ms;
    d.clock.user_data = unix_ms;
    if (pairs) d.environment.get = environment, d.environment.user_data = (void *)(uintptr_t)pairs;
    return d;
}

static void header_is(const sent *s, const char *line)
{
    const char *found = strstr(s->headers.ptr, line);
    CHECKF(found && (found == s->headers.ptr || found[-1] == '\n'), "%s\n        want %s (%s)", s->headers.ptr, line, s->prose.ptr);
}

int main(int argc, char **argv)
{
    int64_t then = INT64_C(1800000000000) - 3600000;
    if (argc > 1) only = argv[1];

    // -- tokens and signatures
    CASE("gateway-token")
    {
        static const char *const secret[] = { "MODEL_CLIENT_HTTP_FALLBACK_URL", "https://gw.example/", "MODEL_MANAGER_SERVER_JWT_SECRET_KEY", "test-secret", NULL };
        static const char *const legacy[] = { "MODEL_CLIENT_HTTP_FALLBACK_URL", "https://gw.example", "MODEL_MANAGER_SERVER_JWT_TOKEN", "test-secret", NULL };
        static const char *const ready[] = { "MODEL_CLIENT_HTTP_FALLBACK_URL", "https://gw.example", "MODEL_MANAGER_SERVER_JWT_TOKEN", "aa.bb.cc", NULL };
        static const char want[] = "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJvcmdfaWQiOiJ0ZXN0X29yZyIsInVzZXJfaWQiOiJ0ZXN0X3VzZXIiLCJleHAiOjE4MDAwMDAwMDB9."
                                   "SL_Y7_rh1l6pM1zlB_qP3Pmdgb5u87FZwnOOJbVKTRE (secret)\n";
        tamar_request rq;
        tamar_desc d;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "tamar/openai/gpt-4o-mini";
        rq.prompt = "hi";
        rq.org_id = "test_org";
        rq.user = "test_user";
        d = at(&then, secret);
        encode(&d, &rq, &s);
        header_is(&s, want);
        CHECK(!strcmp(s.url.ptr, "https://gw.example/v1/invoke"));
        sent_drop(&s);
        d = at(&then, legacy);
        encode(&d, &rq, &s);
        header_is(&s, want);
        sent_drop(&s);
        d = at(&then, ready);
        encode(&d, &rq, &s);
        header_is(&s, "Authorization: Bearer aa.bb.cc (secret)\n");
        sent_drop(&s);
        rq.origin_id = "trace-7";
        encode(&d, &rq, &s);
        header_is(&s, "X-Origin-Request-ID: trace-7\n");
        sent_drop(&s);
        rq.origin_id = "a\nb";
        encode(&d, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG);
        sent_drop(&s);
    }
    CASE("gateway-address-missing")
    {
        tamar_request rq;
        tamar_desc d = nobody();
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "tamar/openai/gpt-4o";
        rq.prompt = "hi";
        rq.org_id = rq.user = "x";
        encode(&d, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "HTTP fallback URL not configured"));
        sent_drop(&s);
    }
    CASE("zhipu-token")
    {
        static const tamar_provider own = { "glm-old", NULL, "openai-chat", "https://open.bigmodel.cn/api/paas/v4", "K", NULL, 0, NULL, NULL, "zhipu-jwt", NULL };
        int64_t now = INT64_C(1800000000000);
        tamar_desc d = at(&now, NULL);
        tamar_request rq;
        sent s;
        d.providers = &own;
        d.provider_count = 1;
        memset(&rq, 0, sizeof rq);
        rq.model = "glm-old/glm-4";
        rq.prompt = "hi";
        rq.api_key = "abc123.s3cret";
        encode(&d, &rq, &s);
        header_is(&s, "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInNpZ25fdHlwZSI6IlNJR04ifQ.eyJhcGlfa2V5IjoiYWJjMTIzIiwiZXhwIjoxODAwMDAwMjEwMDAwLCJ0aW1lc3RhbXAiOjE4MDAwMDAwMDAwMDB9."
                      "taPOIdQYTIadWwXt5yK_VVWlntJ5YL4tfJOm1CYrjas (secret)\n");
        sent_drop(&s);
        rq.api_key = "abc123";
        encode(&d, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "id.secret"));
        sent_drop(&s);
        rq.model = "zhipu/glm-4";  // the built-in row takes the key as it is
        encode(&d, &rq, &s);
        header_is(&s, "Authorization: Bearer abc123 (secret)\n");
        sent_drop(&s);
    }
#if !TAMAR_NO_NATIVE
    CASE("tc3")  // the vendor's own signer made this one
    {
        tamar__base_memory memory;
        tamar__arena arena;
        test_memory m;
        tamar__auth_facts f;
        tamar_str value;
        memset(&m, 0, sizeof m);
        memset(&memory, 0, sizeof memory);
        memset(&f, 0, sizeof f);
        memory.allocator.resize = test_resize;
        memory.allocator.user_data = &m;
        tamar__arena_init(&arena, &memory, 64);
        f.url = str("https://hunyuan.tencentcloudapi.com/");
        f.content_type = str("application/json");
        f.body = str("{\"Model\":\"hunyuan-lite\",\"Messages\":[{\"Role\":\"user\",\"Content\":\"hi\"}],\"Stream\":false}");
        f.unix_ms = INT64_C(1800000000000);
        CHECK(!tamar__auth_token(TAMAR__AUTH_TC3, &f, str("AKIDEXAMPLE:SECRETEXAMPLE"), &arena, &value));
        CHECK_STR(value, "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2027-01-15/hunyuan/tc3_request, SignedHeaders=content-type;host, "
                         "Signature=1fe2f6f24512a1f515ac49418b21bcd185c8c653aa6a7a69f1f924bda1a9f6df");
        tamar__arena_free(&arena);
    }
    CASE("tc3-days")
    {
        static const struct { int64_t seconds; const char *day; } table[] = {
            { 0, "1970-01-01" }, { 86399, "1970-01-01" }, { 86400, "1970-01-02" }, { 951782400, "2000-02-29" }, { 1709251199, "2024-02-29" },
            { 1709251200, "2024-03-01" }, { 1735689599, "2024-12-31" }, { 1735689600, "2025-01-01" }, { INT64_C(4102444800), "2100-01-01" },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            char day[11];
            tamar__auth_day(table[i].seconds, day);
            CHECKF(!strcmp(day, table[i].day), "%s, want %s", day, table[i].day);
        }
    }
    CASE("tc3-request")
    {
        static const char *const pairs[] = { "TENCENTCLOUD_SECRET_ID", "AKIDEXAMPLE", "TENCENTCLOUD_SECRET_KEY", "SECRETEXAMPLE", NULL };
        static const char *const half[] = { "TENCENTCLOUD_SECRET_ID", "AKIDEXAMPLE", NULL };
        int64_t now = INT64_C(1800000000000);
        tamar_desc d = at(&now, pairs);
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "hunyuan-native/hunyuan-lite";
        rq.prompt = "hi";
        encode(&d, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://hunyuan.tencentcloudapi.com/"));
        header_is(&s, "X-TC-Action: ChatCompletions\n");
        header_is(&s, "X-TC-Version: 2023-09-01\n");
        header_is(&s, "X-TC-Timestamp: 1800000000\n");
        header_is(&s, "Authorization: TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2027-01-15/hunyuan/tc3_request, SignedHeaders=content-type;host, Signature=");
        sent_drop(&s);
        rq.api_key = "only-one";
        encode(&d, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "SecretId:SecretKey"));
        sent_drop(&s);
        rq.api_key = NULL;
        d = at(&now, half);
        encode(&d, &rq, &s);
        header_is(&s, "Authorization: KEY (secret)\n");  // half a key is none
        sent_drop(&s);
    }
#endif

    // -- the gateway
    CASE("invoke")
    {
        TAMAR("", "{'provider':'openai','channel':'openai','invoke_type':'chat-completions','model':'gpt-4o-mini','stream':true,'max_tokens':100,'temperature':0.7" WHO ",'messages':[" HI "]}",
              .model = "tamar/openai/gpt-4o-mini", .base_url = "https://g", .prompt = "hi", .stream = true, .max_tokens = 100, .temperature = { true, 0.7 });
        TAMAR("", "{'provider':'openai','channel':'openai','invoke_type':'chat-completions','model':'gpt-4o','stream':false" WHO ",'messages':[" HI "]}", .model = "tamar/gpt-4o",
              .base_url = "https://g", .prompt = "hi");
        TAMAR("", "{'provider':'azure','channel':'c','invoke_type':'responses','model':'gpt-4o','stream':false" WHO ",'x':1,'messages':[" HI "]}", .model = "tamar/azure/gpt-4o",
              .base_url = "https://g", .prompt = "hi", .channel = "c", .invoke_type = "responses", .extra = "{\"x\":1}");
        TAMAR("", "{'provider':'doubao','model':'m','stream':false,'user_context':{'org_id':'o1','user_id':'u1','client_type':'game'},'messages':[" HI "]}", .model = "tamar/doubao/m",
              .base_url = "https://g", .prompt = "hi", .client_type = "game");
    }
    CASE("invoke-system-apart")  // Anthropic's messages
    {
        static const tamar_message m[] = { { .role = TAMAR_ROLE_SYSTEM, .text = "b" }, { .text = "hi" } };
        TAMAR("", "{'provider':'anthropic','channel':'anthropic','invoke_type':'messages','model':'claude-x','stream':false,'system':'a\\n\\nb','max_tokens':5" WHO ",'messages':[" HI "]}",
              .model = "tamar/anthropic/claude-x", .base_url = "https://g", .system = "a", .messages = m, .message_count = 2, .max_tokens = 5);
    }
    CASE("invoke-google")
    {
        static const tamar_part parts[] = { { .type = TAMAR_PART_TEXT, .text = { "see", 3 } }, { .type = TAMAR_PART_IMAGE, .url = { "gs://b/x.png", 12 }, .mime_type = { "image/png", 9 } } };
        static const tamar_message m[] = { { .parts = parts, .part_count = 2 } };
        TAMAR("", "{'provider':'google','channel':'ai-studio','invoke_type':'generation','model':'gemini-x','stream':false,'config':{'max_output_tokens':5,'system_instruction':'s','labels':{}}" WHO
                  ",'contents':[{'role':'user','parts':[{'text':'see'},{'file_data':{'file_uri':'gs://b/x.png','mime_type':'image/png'}}]}]}",
              .model = "tamar/google/gemini-x", .base_url = "https://g", .system = "s", .messages = m, .message_count = 1, .max_tokens = 5, .extra = "{\"config\":{\"labels\":{}}}");
    }
    CASE("invoke-images")
    {
        TAMAR("", "{'provider':'openai','channel':'openai','invoke_type':'image-generation','model':'gpt-image-1','stream':false,'size':'1024x1024','quality':'hd','n':1" WHO ",'prompt':'a cat'}",
              .kind = TAMAR_KIND_IMAGES, .model = "tamar/openai/gpt-image-1", .base_url = "https://g", .prompt = "a cat", .image_size = "1024x1024", .image_quality = "hd", .image_count = 1);
        TAMAR("", "{'provider':'google','channel':'ai-studio','invoke_type':'image-generation-genai','model':'imagen','stream':false,'config':{'number_of_images':2,'aspect_ratio':'16:9','safety_filter_level':'x'}" WHO ",'prompt':'a cat'}",
              .kind = TAMAR_KIND_IMAGES, .model = "tamar/google/imagen", .base_url = "https://g", .prompt = "a cat", .image_size = "16:9", .image_count = 2, .extra = "{\"config\":{\"safety_filter_level\":\"x\"}}");
    }
    CASE("invoke-without-user")
    {
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "tamar/openai/m";
        rq.base_url = "https://g";
        rq.prompt = "hi";
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "org_id"));
        sent_drop(&s);
        rq.extra = "{\"user_context\":{\"org_id\":\"a\"}}";
        encode(NULL, &rq, &s);
        CHECK(!s.category && strstr(s.body.ptr, "\"user_context\":{\"org_id\":\"a\"},\"messages\""));
        sent_drop(&s);
        rq.model = "tamar/nobody-knows";
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "vendor"));
        sent_drop(&s);
    }
    CASE("batch")
    {
        static const char *const inputs[] = { "a", "b" };
#define ITEM(id, text) "{'custom_id':'" id "','priority':3,'provider':'openai','channel':'openai','invoke_type':'chat-completions','model':'m','stream':false,'max_tokens':5,'messages':[{'role':'system','content':'s'},{'role':'user','content':'" text "'}]}"
        TAMAR("", "{'user_context':{'org_id':'o1','user_id':'u1','client_type':'tamar-c'},'items':[" ITEM("0", "a") "," ITEM("1", "b") "]}", .kind = TAMAR_KIND_BATCH, .model = "tamar/openai/m",
              .base_url = "https://g", .system = "s", .inputs = inputs, .input_count = 2, .max_tokens = 5, .priority = 3);
    }
    CASE("invoke-stream")
    {
        STREAM("text=Hi; finish=stop; usage in 1 out 2 total 3", D("{'content':'H','usage':null,'error':null}") D("{'content':'i'}")
               D("{'content':'','finish_reason':'stop','usage':{'prompt_tokens':1,'completion_tokens':2,'total_tokens':3,'total_cost':0.001}}") D("[DONE]"));
        STREAM("text=Hi; finish=stop", "data:{'content':'Hi','raw_response':{'id':'c1','choices':[{'finish_reason':'stop'}]}}\n\ndata:[DONE]\n\n");  // without the space
    }
    CASE("invoke-without-done")
    {
        STREAM("text=H; error=truncated 200 retry", D("{'content':'H'}"));
    }
    CASE("invoke-error-in-200")
    {
        BODY("error=server 200 retry", "{'content':null,'usage':null,'error':'upstream said no','request_id':'r'}");
        BODY("error=rate 200 code RESOURCE_EXHAUSTED retry", "{'content':null,'error':{'code':'RESOURCE_EXHAUSTED','message':'slow'}}");
        BODY("error=auth 200 code UNAUTHENTICATED", "{'error':{'code':'UNAUTHENTICATED','message':'token'}}");
        BODY("error=bad_request 200 code INVALID_ARGUMENT", "{'error':{'code':'INVALID_ARGUMENT','message':'x'}}");
        BODY("error=overloaded 200 code UNAVAILABLE retry", "{'error':{'code':'UNAVAILABLE','message':'x'}}");
        STREAM("text=H; error=server 200 retry", D("{'content':'H'}") D("{'content':null,'error':'boom'}") D("[DONE]"));
    }
    CASE("invoke-body")
    {
        BODY("text=Hi; usage in 1 out 2 total 3", "{'content':'Hi','usage':{'prompt_tokens':1,'completion_tokens':2,'total_tokens':3},'raw_response':null,'error':null,'request_id':'r'}");
        BODY("call c1 f {'a':1}; finish=tool_calls", "{'content':null,'error':null,'tool_calls':[{'id':'c1','type':'function','function':{'name':'f','arguments':'{\\'a\\':1}'}}],'finish_reason':'tool_calls'}");
        BODY("call c1 f {}; finish=tool_calls(stop)", "{'content':null,'raw_response':{'choices':[{'message':{'tool_calls':[{'id':'c1','function':{'name':'f','arguments':''}}]},'finish_reason':'stop'}]}}");
        BODY("error=proto 200 retry", "{'hello':1}");
        BODY("error=parse 200 retry", "{'content':x}");
        REFUSED(401, "error=auth 401", "{'detail':'Invalid token'}");
        REFUSED(500, "error=server 500 retry", "oops");
    }
    CASE("invoke-pictures")
    {
        input in = body_as("tamar-images");
        INPUT(in, "image=https://h/1.png; image=,QUJD", "{'content':null,'raw_response':{'data':[{'url':'https://h/1.png'},{'b64_json':'QUJD'}]}}");
        INPUT(in, "image=image/png,QUJD", "{'content':null,'raw_response':{'generated_images':[{'image':{'image_bytes':'QUJD','mime_type':'image/png'}}]}}");
    }
    CASE("batch-answers")
    {
        input in = body_as("tamar-batch");
        INPUT(in, "text=ab; usage in 3 out 4 total 7", "{'results':[{'request_id':'x','responses':[{'content':'b','custom_id':'1','usage':{'prompt_tokens':2,'completion_tokens':2,'total_tokens':4}},"
                                                       "{'content':'a','custom_id':'0','usage':{'prompt_tokens':1,'completion_tokens':2,'total_tokens':3}}]}]}");
        INPUT(in, "text=ab", "{'responses':[{'content':'a'},{'content':'b'}]}");
        INPUT(in, "text=ba", "{'items':[{'content':'b','custom_id':'0'},{'content':'a','custom_id':'0'}]}");  // ids that are not ours: as they came
        INPUT(in, "text=a; warn=batch", "[{'content':'a'},{'content':null,'error':'no'}]");
        INPUT(in, "error=rate 200 code RESOURCE_EXHAUSTED retry", "{'results':[{'content':null,'error':{'code':'RESOURCE_EXHAUSTED','message':'x'}}]}");
        INPUT(in, "error=server 200 retry", "{'error':'down'}");
    }
    CASE("batch-parts")
    {
        static const char body[] = "{\"results\":[{\"content\":\"b\",\"custom_id\":\"1\"},{\"content\":\"a\",\"custom_id\":\"0\"},{\"content\":null,\"custom_id\":\"2\",\"error\":\"no\"}]}";
        input in = body_as("tamar-batch");
        size_t end = sizeof body - 1;
        outcome o;
        in.body = body, in.len = end;
        run(&in, &end, 1, true, NULL, NULL, 0, &o);
        CHECKF(strstr(o.core.ptr, "part 0 a; opaque {\"content\":\"a\",\"custom_id\":\"0\"}; origin tamar-batch; part 0 b; opaque {\"content\":\"b\",\"custom_id\":\"1\"}; origin tamar-batch; "
                                  "part 0 ; opaque {\"content\":null,\"custom_id\":\"2\",\"error\":\"no\"}"), "%s", o.core.ptr);
        outcome_drop(&o);
    }

#if !TAMAR_NO_NATIVE
    // -- DashScope
    CASE("scope-request")
    {
        static const tamar_tool f = { .name = "f" };
        REQUEST("", "{'model':'qwen-plus','parameters':{'result_format':'message','incremental_output':true,'max_tokens':64},'input':{'messages':[" HI "]}}", .model = "qwen-native/qwen-plus", .prompt = "hi",
                .stream = true, .max_tokens = 64);
        REQUEST("", "{'model':'qwen-plus','parameters':{'result_format':'message','temperature':0.5,'top_k':4,'seed':7,'enable_thinking':false,'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'auto','enable_search':true},"
                    "'input':{'messages':[{'role':'system','content':'s'}," HI "]}}",
                .model = "qwen-native/qwen-plus", .prompt = "hi", .system = "s", .temperature = { true, 0.5 }, .top_k = { true, 4 }, .seed = { true, 7 }, .effort = TAMAR_EFFORT_OFF, .tools = &f, .tool_count = 1,
                .tool_choice = TAMAR_TOOL_CHOICE_AUTO, .extra = "{\"parameters\":{\"enable_search\":true}}");
        REQUEST("effort", "{'model':'qwen-plus','parameters':{'result_format':'message','enable_thinking':true},'input':{'messages':[" HI "]}}", .model = "qwen-native/qwen-plus", .prompt = "hi", .effort = TAMAR_EFFORT_HIGH);
        REQUEST("", "{'model':'qwen3.8-max','parameters':{'result_format':'message','enable_thinking':true,'reasoning_effort':'medium'},'input':{'messages':[{'role':'user','content':[{'text':'hi'}]}]}}",
                .model = "qwen-native/qwen3.8-max", .prompt = "hi", .effort = TAMAR_EFFORT_MEDIUM);
    }
    CASE("scope-schema")  // only the newest enforce one
    {
        REQUEST("schema", "{'model':'qwen-plus','parameters':{'result_format':'message','response_format':{'type':'json_object'}},'input':{'messages':[{'role':'system','content':'Answer with nothing but JSON that is valid against this JSON Schema:\\n{}'}," HI "]}}",
                .model = "qwen-native/qwen-plus", .prompt = "hi", .format = TAMAR_FORMAT_SCHEMA, .schema = "{}");
        REQUEST("", "{'model':'qwen3.7-plus','parameters':{'result_format':'message','response_format':{'type':'json_schema','json_schema':{'name':'response','strict':true,'schema':{}}}},'input':{'messages':[{'role':'user','content':[{'text':'hi'}]}]}}",
                .model = "qwen-native/qwen3.7-plus", .prompt = "hi", .format = TAMAR_FORMAT_SCHEMA, .schema = "{}");
    }
    CASE("scope-addresses")  // pictures, and models that know more than text, have another one
    {
        static const tamar_part parts[] = { { .type = TAMAR_PART_IMAGE, .url = { "https://h/x.png", 15 } } };
        static const tamar_message m[] = { { .parts = parts, .part_count = 1 } };
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "qwen-native/qwen-plus";
        rq.prompt = "hi";
        rq.stream = true;
        encode(NULL, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://dashscope.aliyuncs.com/api/v1/services/aigc/text-generation/generation"));
        header_is(&s, "X-DashScope-SSE: enable\n");
        sent_drop(&s);
        rq.model = "qwen-native/qwen3.5-plus";
        encode(NULL, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://dashscope.aliyuncs.com/api/v1/services/aigc/multimodal-generation/generation"));
        sent_drop(&s);
        rq.model = "qwen-native/qwen-plus";
        rq.messages = m;
        rq.message_count = 1;
        encode(NULL, &rq, &s);
        CHECK(strstr(s.url.ptr, "multimodal-generation") && strstr(s.body.ptr, "[{\"image\":\"https://h/x.png\"}]"));
        sent_drop(&s);
        memset(&rq, 0, sizeof rq);
        rq.kind = TAMAR_KIND_IMAGES;
        rq.model = "qwen-native/wanx2.1";
        rq.prompt = "a cat";
        rq.image_size = "1024x1024";
        rq.image_count = 2;
        encode(NULL, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://dashscope.aliyuncs.com/api/v1/services/aigc/text2image/image-synthesis"));
        CHECK(!strcmp(s.body.ptr, "{\"model\":\"wanx2.1\",\"parameters\":{\"size\":\"1024*1024\",\"n\":2},\"input\":{\"prompt\":\"a cat\"}}"));
        header_is(&s, "X-DashScope-Async: enable\n");
        sent_drop(&s);
        memset(&rq, 0, sizeof rq);
        rq.kind = TAMAR_KIND_IMAGES;
        rq.api = "dashscope-task";
        rq.model = "qwen-native/86ecf553";
        rq.prompt = "";
        encode(NULL, &rq, &s);
        CHECK(!strcmp(s.url.ptr, "https://dashscope.aliyuncs.com/api/v1/tasks/86ecf553") && !s.body.len);
        sent_drop(&s);
    }
    CASE("scope-embeddings")
    {
        input in = body_as("dashscope-embeddings");
        REQUEST("", "{'model':'text-embedding-v3','parameters':{'text_type':'query','dimension':8},'input':{'texts':['a']}}", .kind = TAMAR_KIND_EMBEDDINGS, .model = "qwen-native/text-embedding-v3", .prompt = "a",
                .input_type = "query", .dimensions = 8);
        INPUT(in, "usage in 4 total 4", "{'output':{'embeddings':[{'embedding':[0.5,1],'text_index':0}]},'usage':{'total_tokens':4},'request_id':'r'}");
        INPUT(in, "error=bad_request 200 code InvalidParameter", "{'code':'InvalidParameter','message':'x','request_id':'r'}");
    }
    CASE("scope-deltas")
    {
        input in = streamed_as("dashscope-native");
        INPUT(in, "text=Hi you; finish=stop; " USED, SAID("'Hi'", "'null'") SAID("' you'", "'null'") SAID("''", "'stop'"));
        INPUT(in, "text=hahaha!; finish=stop; " USED, SAID("'ha'", "'null'") SAID("'haha'", "'null'") SAID("'!'", "'stop'"));  // looks whole, and is not
        INPUT(in, "text=haha; finish=stop; " USED, SAID("'ha'", "'null'") SAID("'ha'", "'null'") SAID("''", "'stop'"));
    }
    CASE("scope-whole-texts")  // without incremental_output each record repeats what was said
    {
        input in = streamed_as("dashscope-native");
        INPUT(in, "text=Hi you!; finish=stop; " USED, SAID("'Hi'", "'null'") SAID("'Hi you'", "'null'") SAID("'Hi you!'", "'null'") SAID("'Hi you!'", "'stop'"));
        INPUT(in, "text=Hi you; finish=stop; " USED, SAID("''", "'null'") SAID("'Hi'", "'null'") SAID("'Hi you'", "'stop'"));
        INPUT(in, "text=Hi; finish=stop; " USED, SAID("'Hi'", "'null'") SAID("'Hi'", "'stop'"));
        INPUT(in, "text=Hi; finish=stop; " USED, SAID("'Hi'", "'null'") SAID("'Hi'", "'null'") SAID("'Hi'", "'null'") SAID("'Hi'", "'stop'"));
        INPUT(in, "text=Hi you; finish=stop; " USED, SAID("'Hi'", "'null'") SAID("'Hi'", "'null'") SAID("'Hi'", "'null'") SAID("'Hi you'", "'stop'"));
        INPUT(in, "text=hahaha!; finish=stop; " USED, SAID("'ha'", "'null'") SAID("'ha'", "'null'") SAID("'ha'", "'null'") SAID("'!'", "'null'") SAID("''", "'stop'"));
        INPUT(in, "text=hahaha; finish=stop; " USED, SAID("'ha'", "'null'") SAID("'ha'", "'null'") SAID("'ha'", "'null'") SAID("''", "'stop'"));
        in.discard = true;
        INPUT(in, "finish=stop; " USED, SAID("'Hi'", "'null'") SAID("'Hi you'", "'null'") SAID("'Hi you!'", "'null'") SAID("'Hi you!'", "'stop'"));
    }
    CASE("scope-whole-reasoning")
    {
        input in = streamed_as("dashscope-native");
#define THINK(reasoning, content, reason) SCOPE("{'choices':[{'message':{'content':" content ",'reasoning_content':" reasoning "},'finish_reason':" reason "}]}", "")
        INPUT(in, "text=ok; reasoning=abc; finish=stop", THINK("'a'", "''", "'null'") THINK("'ab'", "''", "'null'") THINK("'abc'", "''", "'null'") THINK("'abc'", "'o'", "'null'") THINK("'abc'", "'ok'", "'stop'"));
        INPUT(in, "text=ok; reasoning=abc; finish=stop", THINK("'a'", "''", "'null'") THINK("'bc'", "''", "'null'") THINK("''", "'o'", "'null'") THINK("''", "'k'", "'stop'"));
    }
    CASE("scope-calls")
    {
        input in = streamed_as("dashscope-native");
#define CALLS(call, reason) SCOPE("{'choices':[{'message':{'content':'','tool_calls':[" call "]},'finish_reason':" reason "}]}", "")
        INPUT(in, "call c1 f {'a':1}; finish=tool_calls", CALLS("{'index':0,'id':'c1','type':'function','function':{'name':'f','arguments':'{\\'a'}}", "'null'")
                                                          CALLS("{'index':0,'id':'','type':'function','function':{'arguments':'\\':1}'}}", "'tool_calls'"));
        INPUT(in, "call c1 f {'a':1}; finish=tool_calls", CALLS("{'index':0,'id':'c1','function':{'name':'f','arguments':'{\\'a'}}", "'null'")
                                                          CALLS("{'index':0,'id':'c1','function':{'name':'f','arguments':'{\\'a\\':1}'}}", "'null'")
                                                          CALLS("{'index':0,'id':'c1','function':{'name':'f','arguments':'{\\'a\\':1}'}}", "'tool_calls'"));
        INPUT(in, "call c1 f {'a':1}; finish=tool_calls", CALLS("{'index':0,'id':'c1','function':{'name':'f','arguments':'{\\'a\\':1}'}}", "'null'")
                                                          CALLS("{'index':0,'id':'','function':{'arguments':null}}", "'tool_calls'"));
    }
    CASE("scope-null-is-a-word")  // finish_reason "null": not finished
    {
        input in = streamed_as("dashscope-native");
        INPUT(in, "text=a; " USED "; error=truncated 200 retry", SAID("'a'", "'null'"));
    }
    CASE("scope-old-form")
    {
        input in = streamed_as("dashscope-native");
        INPUT(in, "text=1, 2; finish=stop", SCOPE("{'finish_reason':'null','text':'1'}", "") SCOPE("{'finish_reason':'null','text':', 2'}", "") SCOPE("{'finish_reason':'stop','text':''}", ""));
        in = body_as("dashscope-native");
        INPUT(in, "text=Hi; finish=stop; " USED, "{'output':{'text':'Hi','finish_reason':'stop'},'usage':{'input_tokens':3,'output_tokens':2,'total_tokens':5},'request_id':'r'}");
    }
    CASE("scope-body")
    {
        input in = body_as("dashscope-native");
        INPUT(in, "text=Hi; cite=https://h t; finish=stop; usage in 3 out 2 total 5 cached 1 reasoning 1",
              "{'output':{'choices':[{'finish_reason':'stop','message':{'role':'assistant','content':'Hi'}}],'search_info':{'search_results':[{'url':'https://h','title':'t'}]}},"
              "'usage':{'input_tokens':3,'output_tokens':2,'total_tokens':5,'prompt_tokens_details':{'cached_tokens':1},'output_tokens_details':{'reasoning_tokens':1}},'request_id':'r'}");
        INPUT(in, "text=see; image=https://h/1.png; finish=stop", "{'output':{'choices':[{'finish_reason':'stop','message':{'content':[{'text':'see'},{'image':'https://h/1.png'}]}}]},'request_id':'r'}");
        INPUT(in, "error=proto 200 retry", "{'x':1}");
    }
    CASE("scope-errors")
    {
        input in = streamed_as("dashscope-native");
        INPUT(in, "text=a; " USED "; error=bad_request 200 code InvalidParameter", SAID("'a'", "'null'") "id:2\nevent:error\n:HTTP_STATUS/400\ndata:{'code':'InvalidParameter','message':'x','request_id':'r'}\n\n");
        INPUT(in, "error=rate 200 code Throttling.RateQuota retry", "id:1\nevent:error\nstatus:429\ndata:{'code':'Throttling.RateQuota','message':'x','request_id':'r'}\n\n");
        INPUT(refused_as("dashscope-native", 400), "error=content_filter 400 code DataInspectionFailed", "{'code':'DataInspectionFailed','message':'x','request_id':'r'}");
        INPUT(refused_as("dashscope-native", 400), "error=billing 400 code Arrearage", "{'code':'Arrearage','message':'x'}");
        INPUT(refused_as("dashscope-native", 401), "error=auth 401 code InvalidApiKey", "{'code':'InvalidApiKey','message':'x'}");
        INPUT(refused_as("dashscope-native", 403), "error=permission 403 code AccessDenied.Unpurchased", "{'code':'AccessDenied.Unpurchased','message':'x'}");
        INPUT(refused_as("dashscope-native", 429), "error=rate 429 code Throttling.AllocationQuota retry", "{'code':'Throttling.AllocationQuota','message':'x'}");
        INPUT(refused_as("dashscope-native", 503), "error=overloaded 503 code ModelUnavailable retry", "{'code':'ModelUnavailable','message':'x'}");
        in = body_as("dashscope-native");
        INPUT(in, "error=model_not_found 200 code ModelNotFound", "{'code':'ModelNotFound','message':'x','request_id':'r'}");
    }
    CASE("scope-tasks")
    {
        input in = body_as("dashscope-images");
        INPUT(in, "finish=other(PENDING)", "{'output':{'task_id':'t1','task_status':'PENDING'},'request_id':'r'}");
        in.api = "dashscope-task";
        INPUT(in, "finish=other(RUNNING)", "{'output':{'task_id':'t1','task_status':'RUNNING'},'request_id':'r'}");
        INPUT(in, "image=https://h/1.png; finish=stop(SUCCEEDED); warn=images", "{'output':{'task_id':'t1','task_status':'SUCCEEDED','results':[{'url':'https://h/1.png'},{'code':'InternalError','message':'x'}]}}");
        INPUT(in, "finish=error(FAILED); error=content_filter 200 code DataInspectionFailed", "{'output':{'task_id':'t1','task_status':'FAILED','code':'DataInspectionFailed','message':'x'}}");
        INPUT(in, "error=proto 200 retry", "{'output':{}}");
    }

    // -- Tencent
    CASE("hunyuan-request")
    {
        static const tamar_tool f = { .name = "f", .parameters = "{\"type\":\"object\"}" };
        static const tamar_part call[] = { { .type = TAMAR_PART_TOOL_CALL, .id = { "c1", 2 }, .name = { "f", 1 }, .text = { "{}", 2 } } };
        static const tamar_part result[] = { { .type = TAMAR_PART_TOOL_RESULT, .id = { "c1", 2 }, .text = { "3", 1 } } };
        static const tamar_message m[] = { { .text = "hi" }, { .role = TAMAR_ROLE_ASSISTANT, .parts = call, .part_count = 1 }, { .role = TAMAR_ROLE_TOOL, .parts = result, .part_count = 1 } };
#define HY_HI "{'Role':'user','Content':'hi'}"
#define HY_F "{'Type':'function','Function':{'Name':'f','Parameters':'{\\'type\\':\\'object\\'}'}}"
        REQUEST("", "{'Model':'hunyuan-lite','Stream':false,'Messages':[" HY_HI "]}", .model = "hunyuan-native/hunyuan-lite", .prompt = "hi");
        REQUEST("", "{'Model':'m','Stream':true,'Temperature':0.5,'TopP':1.0,'Seed':3,'EnableThinking':false,'Tools':[" HY_F "],'ToolChoice':'custom','CustomTool':" HY_F ",'Messages':[{'Role':'system','Content':'s'}," HY_HI
                    ",{'Role':'assistant','Content':'','ToolCalls':[{'Id':'c1','Type':'function','Function':{'Name':'f','Arguments':'{}'}}]},{'Role':'tool','Content':'3','ToolCallId':'c1'}]}",
                .model = "hunyuan-native/m", .stream = true, .system = "s", .messages = m, .message_count = 3, .temperature = { true, 0.5 }, .top_p = { true, 1 }, .seed = { true, 3 }, .effort = TAMAR_EFFORT_OFF, .tools = &f,
                .tool_count = 1, .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "f");
        REQUEST("unsupported", "{'Model':'m','Stream':false,'Messages':[" HY_HI "]}", .model = "hunyuan-native/m", .prompt = "hi", .max_tokens = 5);
    }
    CASE("hunyuan-stream")
    {
        input in = streamed_as("hunyuan-native");
        INPUT(in, "text=ab; reasoning=r; finish=stop; " HY_USED, HY("'Role':'assistant','Content':'','ReasoningContent':'r'", "''") HY("'Content':'a'", "''") HY("'Content':'b'", "''") HY("'Content':''", "'stop'"));
        INPUT(in, "text=a; " HY_USED "; error=truncated 200 retry", HY("'Content':'a'", "''"));
    }
    CASE("hunyuan-calls")  // the id again with an empty name; text behind the calls
    {
        input in = streamed_as("hunyuan-native");
        INPUT(in, "text=so; call c1 f {'a':1}; finish=tool_calls; " HY_USED,
              HY("'Content':'','ToolCalls':[{'Id':'c1','Type':'function','Function':{'Name':'f','Arguments':''}}]", "''") HY("'Content':'','ToolCalls':[{'Id':'c1','Type':'function','Function':{'Name':'','Arguments':'{\\'a\\':1}'}}]", "''")
              HY("'Content':'so'", "''") HY("'Content':''", "'tool_calls'"));
    }
    CASE("hunyuan-error-in-200")
    {
        input in = body_as("hunyuan-native");
        INPUT(in, "error=auth 200 code AuthFailure.SignatureFailure", "{'Response':{'Error':{'Code':'AuthFailure.SignatureFailure','Message':'x'},'RequestId':'r'}}");
        INPUT(in, "error=rate 200 code RequestLimitExceeded retry", "{'Response':{'Error':{'Code':'RequestLimitExceeded','Message':'x'},'RequestId':'r'}}");
        INPUT(in, "error=rate 200 code FailedOperation.EngineServerLimitExceeded retry", "{'Response':{'Error':{'Code':'FailedOperation.EngineServerLimitExceeded','Message':'x'}}}");
        INPUT(in, "error=billing 200 code FailedOperation.ResourcePackExhausted", "{'Response':{'Error':{'Code':'FailedOperation.ResourcePackExhausted','Message':'x'}}}");
        INPUT(in, "error=billing 200 code FailedOperation.ServiceStopArrears", "{'Response':{'Error':{'Code':'FailedOperation.ServiceStopArrears','Message':'x'}}}");
        INPUT(in, "error=permission 200 code FailedOperation.ServiceNotActivated", "{'Response':{'Error':{'Code':'FailedOperation.ServiceNotActivated','Message':'x'}}}");
        INPUT(in, "error=server 200 code FailedOperation.EngineServerError retry", "{'Response':{'Error':{'Code':'FailedOperation.EngineServerError','Message':'x'}}}");
        INPUT(in, "error=server 200 code InternalError retry", "{'Response':{'Error':{'Code':'InternalError','Message':'x'}}}");
        INPUT(in, "error=bad_request 200 code InvalidParameterValue.Model", "{'Response':{'Error':{'Code':'InvalidParameterValue.Model','Message':'x'}}}");
        in = streamed_as("hunyuan-native");
        INPUT(in, "text=a; " HY_USED "; error=server 200 code 4001 retry", HY("'Content':'a'", "''") "data: {'ErrorMsg':{'Code':4001,'Msg':'engine'},'Id':'i1'}\n\n");
        INPUT(in, "error=auth 200 code AuthFailure", "{'Response':{'Error':{'Code':'AuthFailure','Message':'x'}}}");  // a body where a stream was asked for
    }
    CASE("hunyuan-body")
    {
        input in = body_as("hunyuan-native");
        INPUT(in, "text=Hi; finish=stop; usage in 1 out 2 total 3", "{'Response':{'RequestId':'r','Choices':[{'Message':{'Role':'assistant','Content':'Hi'},'FinishReason':'stop'}],'Created':1,'Id':'i','Usage':{'PromptTokens':1,'CompletionTokens':2,'TotalTokens':3}}}");
        INPUT(in, "finish=content_filter(sensitive)", "{'Response':{'Choices':[{'Message':{'Content':''},'FinishReason':'sensitive'}],'Id':'i'}}");
    }
#endif
    return cases_done();
}
