// Dialects of the user's: registered, written and read through the public callbacks only, and held to what every built-in
// one is held to: whole, byte by byte, at every split, with each allocation failing. The one at hand is Baidu's first API.
// An argument runs only the case of that name. JSON stands here with ' for ".
#define API "qianfan-native"
#include "dialect.h"
#include "../examples/extras/tamar_qianfan.h"

#define SAYS(text, end, more) D("{'id':'as-1','created':5,'sentence_id':0,'is_end':" end ",'is_truncated':false,'result':'" text "'" more "}")
#define USAGE ",'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5}"

static void qianfan_answers(void)
{
    CASE("ends-without-done")
    {
        STREAM("text=ab; finish=stop(normal); usage in 3 out 2 total 5", SAYS("a", "false", ",'finish_reason':'normal'") SAYS("b", "true", ",'finish_reason':'normal'" USAGE));
        STREAM("text=ab", SAYS("a", "false", "") SAYS("b", "true", ""));
        STREAM("text=a", SAYS("a", "true", "") SAYS("never", "false", ""));  // behind the end nothing is read
    }
    CASE("truncated-without-end")
    {
        STREAM("text=a; finish=stop(normal); error=truncated 200 retry", SAYS("a", "false", ",'finish_reason':'normal'"));
        STREAM("text=a; error=truncated 200 retry", SAYS("a", "false", "") "data: {'is_end':true");
    }
    CASE("error-under-200")
    {
        BODY("error=auth 200 code 110", "{'error_code':110,'error_msg':'Access token invalid or no longer valid'}");
        BODY("error=quota 200 code 17", "{'error_code':17,'error_msg':'Open api daily request limit reached'}");
        BODY("error=rate 200 code 18 retry", "{'error_code':18,'error_msg':'Open api qps request limit reached'}");
        BODY("error=overloaded 200 code 336100 retry", "{'error_code':336100,'error_msg':'try later'}");
        BODY("error=bad_request 200 code 336003", "{'error_code':336003,'error_msg':'the max input length is exceeded'}");
        STREAM("text=a; error=server 200 code 336000 retry", SAYS("a", "false", "") D("{'error_code':336000,'error_msg':'Internal error'}"));
        STREAM("error=auth 200 code 111", "{'error_code':111,'error_msg':'Access token expired'}");  // a document for a stream
        REFUSED(429, "error=rate 429 retry", "slow down");
    }
    CASE("document")
    {
        BODY("text=hi; finish=stop(normal); usage in 3 out 2 total 5", "{'id':'as-1','created':5,'result':'hi','is_truncated':false,'need_clear_history':false,'finish_reason':'normal'" USAGE "}");
        BODY("text=hi; finish=length(normal)", "{'id':'as-1','result':'hi','is_truncated':true,'finish_reason':'normal'}");
        BODY("text=no; finish=stop(normal); warn=filtered", "{'id':'as-1','result':'no','need_clear_history':true,'finish_reason':'normal'}");
        BODY("call ~ f {'x':1}; finish=tool_calls(function_call)", "{'id':'as-1','result':'','function_call':{'name':'f','arguments':'{\\'x\\':1}','thoughts':'t'},'finish_reason':'function_call'}");
        STREAM("call ~ f {'x':1}; finish=tool_calls(function_call)", SAYS("", "true", ",'function_call':{'name':'f','arguments':'{\\'x\\':1}'},'finish_reason':'function_call'"));
    }
    CASE("no-answer-at-all")
    {
        BODY("error=proto 200 retry", "{}");
        BODY("error=parse 200 retry", "{'result':'a',}");
        BODY("error=truncated 200 retry", "{'result':'a'");
        BODY("error=empty 200 retry", "");
        STREAM("error=parse 200 retry", D("{'result':}"));
    }
    CASE("utf8-across-records")
    {
        STREAM("text=\xF0\x9F\x90\x9F", SAYS("\\ud83d", "false", "") SAYS("\\udc1f", "true", ""));
        STREAM("text=\xEF\xBF\xBD; warn=utf8", SAYS("\\ud83d", "true", ""));
    }
}

static tamar_desc registered(const tamar_provider *row)
{
    tamar_desc d = nobody();
    d.providers = row;
    d.provider_count = 1;
    d.dialects = own_dialects;
    d.dialect_count = own_dialect_count;
    return d;
}

static const tamar_provider baidu = { .name = "v1", .api = "qianfan-native", .base_url = "https://aip.baidubce.com?access_token=T", .auth = "none" };

static void requests(void)
{
    tamar_desc d = registered(&baidu);
    CASE("request-written")
    {
        static const tamar_tool tools[] = { { .name = "f", .description = "d" } };
        tamar_request rq = { .model = "v1/ernie-v4.0", .prompt = "hi", .system = "Be brief.", .stream = true, .max_tokens = 9, .temperature = tamar_double(0.5), .tools = tools, .tool_count = 1 };
        sent s;
        check_request(__FILE__, __LINE__, &d, &rq, "",
                      "{'stream':true,'system':'Be brief.','temperature':0.5,'max_output_tokens':9,'functions':[{'name':'f','description':'d','parameters':{'type':'object','properties':{}}}],"
                      "'messages':[{'role':'user','content':'hi'}]}");
        encode(&d, &rq, &s);
        test_str(__FILE__, __LINE__, s.url.ptr, s.url.len, "https://aip.baidubce.com/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/ernie-v4.0?access_token=T");
        CHECK(!strstr(s.headers.ptr, "Authorization"));
        sent_drop(&s);
    }
    CASE("request-warned-and-refused")
    {
        const tamar_message two[] = { { .role = TAMAR_ROLE_SYSTEM, .text = "a" }, { .role = TAMAR_ROLE_SYSTEM, .text = "b" } };
        tamar_request rq = { .model = "v1/m", .prompt = "hi", .seed = tamar_int(3) };
        tamar_encoded *e;
        check_request(__FILE__, __LINE__, &d, &rq, "unsupported", "{'messages':[{'role':'user','content':'hi'}]}");
        rq.messages = two, rq.message_count = 2;
        e = tamar_encode(&d, &rq);
        CHECK(e->error.category == TAMAR_CONFIG && strstr(e->error.message, "one system text"));
        tamar_encoded_free(e);
    }
    CASE("turns-sent-back")
    {
        const tamar_part call[] = { { .type = TAMAR_PART_TOOL_CALL, .id = str("c"), .name = str("f"), .text = str("{}") } };
        const tamar_part result[] = { { .type = TAMAR_PART_TOOL_RESULT, .id = str("c"), .name = str("f"), .text = str("3") } };
        const tamar_message m[] = { { .text = "hi" }, { .role = TAMAR_ROLE_ASSISTANT, .parts = call, .part_count = 1 }, { .role = TAMAR_ROLE_TOOL, .parts = result, .part_count = 1 } };
        tamar_request rq = { .model = "v1/m", .messages = m, .message_count = 3 };
        check_request(__FILE__, __LINE__, &d, &rq, "",
                      "{'messages':[{'role':'user','content':'hi'},{'role':'assistant','function_call':{'name':'f','arguments':'{}'}},{'role':'function','content':'3','name':'f'}]}");
    }
}

// -- the seam itself -------------------------------------------------------------------------------

typedef struct odd { int records, documents, memory; } odd;

static const char *odd_encode(void *user_data, tamar_draft *draft)
{
    (void)user_data;
    CHECK(!strcmp(draft->model, "m 1") && draft->provider && draft->profile && draft->request);
    tamar_draft_path(draft, "/else/{model}");
    tamar_draft_header(draft, "X-One", "1");
    tamar_draft_header(draft, "X-Two", "2");
    tamar_draft_header(draft, "X-Three", "3");
    tamar_draft_header(draft, "X-Four", "4");
    tamar_draft_header(draft, "X-Five", "5");
    tamar_json_write_array(draft->body);
    tamar_json_write_int(draft->body, 7);
    tamar_json_write_end(draft->body);
    return NULL;
}

static void odd_record(void *user_data, tamar_reply *reply, tamar_str event, tamar_str data)
{
    odd *o = (odd *)user_data;
    int *count = (int *)tamar_reply_memory(reply, sizeof *count);
    const tamar_json none = { NULL, 0 };
    tamar_json v;
    (void)event;
    o->records++;
    if (!count || !tamar_json_parse(data.ptr, data.len, &v, NULL)) return;
    o->memory = ++*count;
    tamar_reply_text(reply, TAMAR_PART_REASONING, str("r"));
    tamar_reply_append(reply, TAMAR_PART_TEXT, tamar_json_get(v, "t"));
    tamar_reply_append(reply, TAMAR_PART_TEXT, tamar_json_get(v, "n"));  // a number is no text
    if (tamar_json_get(v, "c").ptr) {
        tamar_reply_arguments(reply, 9, tamar_json_get(v, "a"));  // of no call that was begun
        tamar_reply_call(reply, 4, tamar_json_get(v, "c"), none);
        tamar_reply_call(reply, 4, tamar_json_get(v, "x"), tamar_json_get(v, "c"));
        tamar_reply_arguments(reply, 4, tamar_json_get(v, "a"));
    }
    tamar_reply_cite(reply, tamar_json_get(v, "u"), none);
    if (tamar_json_get(v, "f").ptr) tamar_reply_fail(reply, TAMAR_OK, tamar_json_get(v, "f"), tamar_json_get(v, "m"));
    tamar_reply_finish(reply, tamar_json_get(v, "w"), TAMAR_FINISH_NONE);
}

static void seam(void)
{
    odd state = { 0, 0, 0 };
    tamar_dialect d = { .size = sizeof d, .name = "odd", .path = "/p", .lines = true, .finish_proves = true, .encode = odd_encode, .record = odd_record, .user_data = &state };
    const tamar_dialect *const list[] = { &d };
    const tamar_provider row = { .name = "odd", .api = "odd", .base_url = "https://odd.example/v9" };
    CASE("path-and-headers")
    {
        tamar_desc desc = nobody();
        tamar_request rq = { .model = "odd/m 1", .prompt = "hi" };
        sent s;
        desc.providers = &row, desc.provider_count = 1, desc.dialects = list, desc.dialect_count = 1;
        encode(&desc, &rq, &s);
        test_str(__FILE__, __LINE__, s.url.ptr, s.url.len, "https://odd.example/v9/else/m%201");
        test_str(__FILE__, __LINE__, s.body.ptr, s.body.len, "[7]");
        CHECKF(strstr(s.headers.ptr, "X-One: 1\nX-Two: 2\nX-Three: 3\nX-Four: 4\n") && !strstr(s.headers.ptr, "X-Five"), "%s", s.headers.ptr);
        test_str(__FILE__, __LINE__, s.warnings.ptr, s.warnings.len, "dropped");
        sent_drop(&s);
    }
    CASE("lines-and-calls")
    {
        input in = streamed();
        const tamar_dialect *const *before = own_dialects;
        in.api = "odd";
        own_dialects = list;
        INPUT(in, "text=a; reasoning=rr; call f f {'x':1}; cite=http://u; finish=tool_calls(stop)",
              "{'t':'a','n':5,'c':'f','x':'other','a':'{\\'x\\''}\n{'c':'f','a':':1}','u':'http://u','w':'stop'}\n");
        INPUT(in, "reasoning=r; error=rate 200 code rate_limit retry", "{'f':'rate_limit','m':'slowly'}\n");
        INPUT(in, "text=a; reasoning=r; error=truncated 200 retry", "{'t':'a'}\n");
        own_dialects = before;
        CHECK(state.records > 3 && state.memory >= 1);
    }
    CASE("takes-a-built-in-ones-place")
    {
        tamar_desc desc = nobody();
        tamar_request rq = { .model = "groq/m 1", .prompt = "hi" };
        tamar_encoded *e;
        d.name = "openai-chat";
        desc.dialects = list, desc.dialect_count = 1;
        e = tamar_encode(&desc, &rq);
        CHECK_STR(e->http.body, "[7]");
        tamar_encoded_free(e);
        d.kind = TAMAR_KIND_EMBEDDINGS;  // but not where another kind is asked for
        rq.model = "groq/m";
        e = tamar_encode(&desc, &rq);
        CHECK_STR(e->http.body, quoted("{'model':'m','messages':[{'role':'user','content':'hi'}]}"));
        tamar_encoded_free(e);
        d.kind = TAMAR_KIND_CHAT;
        d.name = "odd";
    }
    CASE("registration-refused")
    {
        static const char *const whys[] = { "size", "no name", "no path", "neither record nor document", "size" };
        int i;
        for (i = 0; i < 5; i++) {
            tamar_dialect bad = d;
            const tamar_dialect *const one[] = { i == 4 ? NULL : &bad };
            tamar_desc desc = nobody();
            tamar_error e;
            if (i == 0) bad.size = 8;
            if (i == 1) bad.name = NULL;
            if (i == 2) bad.path = NULL;
            if (i == 3) bad.record = NULL;
            desc.dialects = one, desc.dialect_count = 1;
            desc.error = &e;
            CHECK(tamar_open(&desc) == NULL);
            CHECKF(e.category == TAMAR_CONFIG && strstr(e.message, whys[i]), "%s", e.message);
        }
    }
    CASE("strings-are-copied")
    {
        char name[] = "odd", path[] = "/p";
        tamar_dialect mine = d;
        const tamar_dialect *const one[] = { &mine };
        tamar_desc desc = nobody();
        tamar_client *c;
        mine.name = name, mine.path = path;
        desc.dialects = one, desc.dialect_count = 1;
        c = tamar_open(&desc);
        memset(name, 'x', 3), memset(path, 'x', 2);
        CHECK(c && !strcmp(tamar_description(c)->dialects[0]->name, "odd") && !strcmp(tamar_description(c)->dialects[0]->path, "/p"));
        tamar_close(c);
    }
}

// A transport that answers at once.
typedef struct canned { tamar_exchange exchange; bool busy; const char *answer; text url; } canned;

static bool canned_start(void *user_data, tamar_exchange x, const tamar_http_request *rq, const char **why)
{
    canned *c = (canned *)user_data;
    (void)why;
    c->exchange = x;
    c->busy = true;
    clear(&c->url);
    add(&c->url, rq->url.ptr, rq->url.len);
    return true;
}

static void canned_cancel(void *user_data, tamar_exchange x) { (void)x, ((canned *)user_data)->busy = false; }

static void canned_pump(void *user_data, int wait_ms)
{
    canned *c = (canned *)user_data;
    (void)wait_ms;
    if (!c->busy) return;
    c->busy = false;
    tamar_exchange_status(c->exchange, 200);
    tamar_exchange_body(c->exchange, c->answer, strlen(c->answer));
    tamar_exchange_end(c->exchange, TAMAR_OK, NULL, false, 1);
}

static void calls(void)
{
    CASE("through-the-client")
    {
        canned t;
        tamar_desc d = registered(&baidu);
        tamar_request rq = { .model = "v1/ernie-v4.0", .prompt = "hi", .stream = true };
        tamar_client *c;
        tamar_response *r;
        memset(&t, 0, sizeof t);
        t.answer = quoted(SAYS("a", "false", ",'finish_reason':'normal'") SAYS("b", "true", ",'finish_reason':'normal'" USAGE));
        d.transport.start = canned_start;
        d.transport.cancel = canned_cancel;
        d.transport.pump = canned_pump;
        d.transport.user_data = &t;
        c = tamar_open(&d);
        r = tamar_chat(c, &rq);
        CHECKF(!r->error.category, "%s", r->error.message);
        CHECK_STR(r->text, "ab");
        CHECK(r->finish == TAMAR_FINISH_STOP && r->usage.total_tokens.value == 5);
        CHECK(!strcmp(t.url.ptr, "https://aip.baidubce.com/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/ernie-v4.0?access_token=T"));
        tamar_response_free(r);
        tamar_close(c);
        drop(&t.url);
    }
}

static void forgetful_record(void *user_data, tamar_reply *reply, tamar_str event, tamar_str data)
{
    static int calls_so_far;  // what no dialect may do: remember outside of its reply
    (void)user_data, (void)event, (void)data;
    tamar_reply_text(reply, TAMAR_PART_TEXT, str(calls_so_far++ % 2 ? "a" : "b"));
    tamar_reply_done(reply);
}

static void conformance(void)
{
    CASE("check-passes")
    {
        const tamar_dialect q = tamar_qianfan_native();
        const char *stream = quoted(SAYS("a", "false", "") SAYS("\xE4\xB8\xAD", "true", USAGE));
        const char *refusal = quoted("{'error_code':110,'error_msg':'m'}");
        CHECK(tamar_dialect_check(&q, true, 200, stream, strlen(stream)) == NULL);
        CHECK(tamar_dialect_check(&q, false, 200, refusal, strlen(refusal)) == NULL);
        CHECK(tamar_dialect_check(&q, true, 200, "", 0) == NULL);
    }
    CASE("check-finds")
    {
        tamar_dialect bad = { .size = sizeof bad, .name = "bad", .path = "/", .record = forgetful_record };
        const char *found = tamar_dialect_check(&bad, true, 200, "data: 1\n\n", 9);
        CHECK(found && !strcmp(found, "text"));
        bad.size = 1;
        CHECK(tamar_dialect_check(&bad, true, 200, "", 0) != NULL);
        CHECK(tamar_dialect_check(NULL, true, 200, "", 0) != NULL);
    }
}

int main(int argc, char **argv)
{
    const tamar_dialect q = tamar_qianfan_native();
    const tamar_dialect *const list[] = { &q };
    if (argc > 1) only = argv[1];
    own_dialects = list;
    own_dialect_count = 1;
    qianfan_answers();
    requests();
    seam();
    calls();
    conformance();
    return cases_done();
}
