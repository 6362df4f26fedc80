// No stream and no body is a success that is not proven whole: a stream of every dialect, broken off at every byte, and
// ended as its framing promised at every byte, is `truncated` with the text that came, unless the dialect's proof was
// there. With each piece whole and byte by byte. An argument runs only the case of that name. JSON stands with ' for ".
#define API "openai-chat"
#include "dialect.h"
#include "../examples/extras/tamar_qianfan.h"

enum { PIECES = 12, NONE = 99 };

// The pieces of a stream (events, lines, elements), and the text once each of them has been read.
typedef struct piece { const char *bytes, *text; } piece;

// proof: the piece behind which even a lost connection is a success (or NONE), clean_proof: a clean end.
typedef struct sample { const char *api; piece pieces[PIECES]; size_t proof, clean_proof; } sample;

static size_t ends_tried;

// What is left of the answer when only len bytes of it come.
static tamar_category ended(const char *api, bool stream, const char *body, size_t len, bool clean, size_t step, text *got)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    const tamar_response *r;
    tamar_category category;
    tamar_event e;
    size_t at, finishes = 0;
    text said = { NULL, 0, 0 };
    memset(&desc, 0, sizeof desc);
    desc.api = api;
    desc.stream = stream;
    desc.status = 200;
    desc.dialects = own_dialects;
    desc.dialect_count = own_dialect_count;
    d = tamar_decoder_open(&desc);
    if (!d) abort();
    clear(&said);
    for (at = 0; at < len; at += step) tamar_decoder_feed(d, body + at, len - at < step ? len - at : step);
    r = tamar_decoder_end(d, clean);
    while (tamar_decoder_next_event(d, &e)) {
        if (e.type == TAMAR_EVENT_TEXT) add(&said, e.text.ptr, e.text.len);
        if (e.type == TAMAR_EVENT_FINISH) finishes++, CHECK(e.error.category == r->error.category);
    }
    CHECK(finishes == 1);
    CHECK(said.len == r->text.len && !memcmp(said.ptr, r->text.ptr, said.len));
    CHECK(r->error.category == TAMAR_OK || (r->error.retryable && r->error.message[0]));
    clear(got);
    add(got, r->text.ptr, r->text.len);
    category = r->error.category;
    tamar_decoder_close(d);
    drop(&said);
    ends_tried++;
    return category;
}

static void stream_at(const sample *s, const char *body, size_t len, size_t whole, bool clean, bool inside, size_t step)
{
    size_t proof = clean ? s->clean_proof : s->proof;
    const char *text_now = whole ? s->pieces[whole - 1].text : "";
    text got = { NULL, 0, 0 };
    tamar_category c = ended(s->api, true, body, len, clean, step, &got);
    bool right;
    if (whole > proof) right = c == TAMAR_OK;
    else if (clean && inside) right = c == TAMAR_TRUNCATED || c == TAMAR_EMPTY || (c == TAMAR_OK && whole == proof);  // its JSON may be whole already
    else right = c == TAMAR_TRUNCATED || (clean && !got.len && c == TAMAR_EMPTY);
    CHECKF(right, "%s, %s after %lu bytes: %s\n        %.*s", s->api, clean ? "a clean end" : "cut", (unsigned long)len, tamar_category_name(c), (int)len, body);
    if (!(clean && inside))
        CHECKF(!strcmp(got.ptr, text_now), "%s, %s after %lu bytes: text %s, not %s", s->api, clean ? "a clean end" : "cut", (unsigned long)len, got.ptr, text_now);
    drop(&got);
}

static void check_stream(const sample *s)
{
    text body = { NULL, 0, 0 };
    size_t ends[PIECES], count = 0, whole, len;
    clear(&body);
    for (; count < PIECES && s->pieces[count].bytes; count++) {
        add_json(&body, s->pieces[count].bytes);
        ends[count] = body.len;
    }
    for (len = whole = 0; len <= body.len; len++) {
        bool inside;
        while (whole < count && ends[whole] <= len) whole++;
        inside = len && len != (whole ? ends[whole - 1] : 0);
        stream_at(s, body.ptr, len, whole, false, inside, (size_t)1 << 20);
        stream_at(s, body.ptr, len, whole, false, inside, 1);
        stream_at(s, body.ptr, len, whole, true, inside, (size_t)1 << 20);
        stream_at(s, body.ptr, len, whole, true, inside, 1);
    }
    drop(&body);
}

// An answer that is no stream: not one byte may be missing, nor its clean end.
static void check_document(const char *api, const char *document)
{
    text body = { NULL, 0, 0 }, got = { NULL, 0, 0 };
    size_t len;
    add_json(&body, document);
    for (len = 0; len <= body.len; len++) {
        tamar_category c = ended(api, false, body.ptr, len, false, (size_t)1 << 20, &got);
        CHECKF(c == TAMAR_TRUNCATED, "%s, cut after %lu bytes: %s", api, (unsigned long)len, tamar_category_name(c));
        c = ended(api, false, body.ptr, len, true, (size_t)1 << 20, &got);
        CHECKF(c == (len == 0 ? TAMAR_EMPTY : len < body.len ? TAMAR_TRUNCATED : TAMAR_OK), "%s, a clean end after %lu bytes: %s", api, (unsigned long)len,
               tamar_category_name(c));
    }
    drop(&body);
    drop(&got);
}

#define CHAT(delta, finish) D("{'id':'c','model':'m','choices':[{'index':0,'delta':{" delta "},'finish_reason':" finish "}]}")
#define NAMED(type, more) "event: " type "\n" D("{'type':'" type "'" more "}")
#define GEMINI(parts, more) "{'candidates':[{'content':{'role':'model','parts':[" parts "]}" more ",'index':0}]}"
#define OLLAMA(text, more) "{'model':'m','message':{'role':'assistant','content':'" text "'}," more "}\n"
#define SCOPE(text, reason) "id:1\nevent:result\n:HTTP_STATUS/200\ndata:{'output':{'choices':[{'message':{'role':'assistant','content':'" text "'},'finish_reason':'" reason "'}]},'request_id':'r'}\n\n"
#define CLOUD(text, reason) D("{'Choices':[{'Delta':{'Content':'" text "'},'FinishReason':'" reason "'}],'Id':'i'}")
#define BAIDU(text, end) D("{'id':'a','result':'" text "','is_end':" end "}")

int main(int argc, char **argv)
{
    tamar_dialect baidu = tamar_qianfan_native();
    const tamar_dialect *all[1];
    all[0] = &baidu;
    own_dialects = all, own_dialect_count = 1;
    only = argc > 1 ? argv[1] : NULL;

    CASE("chat-finish-or-done")
    {
        static const sample s = { "openai-chat",
                                  { { CHAT("'role':'assistant','content':''", "null"), "" }, { CHAT("'content':'Hel'", "null"), "Hel" }, { ": keep-alive\n\n", "Hel" },
                                    { CHAT("'content':'lo \\u00e9'", "null"), "Hello \xC3\xA9" }, { CHAT("", "'stop'"), "Hello \xC3\xA9" },
                                    { D("{'choices':[],'usage':{'prompt_tokens':1,'completion_tokens':2,'total_tokens':3}}"), "Hello \xC3\xA9" },
                                    { "data: [DONE]\n\n", "Hello \xC3\xA9" } }, 6, 4 };
        static const sample done_only = { "openai-chat", { { CHAT("'content':'a'", "null"), "a" }, { CHAT("'content':'b'", "null"), "ab" }, { "data: [DONE]\n\n", "ab" } }, 2, 2 };
        static const sample calls = { "openai-chat",
                                      { { CHAT("'tool_calls':[{'index':0,'id':'c1','function':{'name':'f','arguments':'{'}}]", "null"), "" },
                                        { CHAT("'tool_calls':[{'index':0,'function':{'arguments':'}'}}]", "null"), "" }, { CHAT("", "'tool_calls'"), "" } }, NONE, 2 };
        check_stream(&s);
        check_stream(&done_only);
        check_stream(&calls);
        check_document("openai-chat", "{'id':'c','choices':[{'index':0,'message':{'role':'assistant','content':'Hi'},'finish_reason':'stop'}]}");
    }
    CASE("responses-terminal-event")
    {
        static const sample s = { "openai-responses",
                                  { { NAMED("response.created", ",'response':{'id':'r','status':'in_progress','output':[]}"), "" },
                                    { NAMED("response.output_item.added", ",'output_index':0,'item':{'id':'m1','type':'message','role':'assistant','content':[]}"), "" },
                                    { NAMED("response.output_text.delta", ",'item_id':'m1','output_index':0,'content_index':0,'delta':'Hel'"), "Hel" },
                                    { NAMED("response.output_text.delta", ",'item_id':'m1','output_index':0,'content_index':0,'delta':'lo'"), "Hello" },
                                    { NAMED("response.output_text.done", ",'item_id':'m1','output_index':0,'content_index':0,'text':'Hello'"), "Hello" },
                                    { NAMED("response.completed", ",'response':{'id':'r','status':'completed','output':[{'id':'m1','type':'message','role':'assistant','content':[{'type':'output_text','text':'Hello'}]}]}"), "Hello" } },
                                  5, 5 };
        static const sample incomplete = { "openai-responses",
                                           { { NAMED("response.output_text.delta", ",'item_id':'m1','output_index':0,'content_index':0,'delta':'a'"), "a" },
                                             { NAMED("response.incomplete", ",'response':{'id':'r','status':'incomplete','incomplete_details':{'reason':'max_output_tokens'},'output':[]}"), "a" } }, 1, 1 };
        check_stream(&s);
        check_stream(&incomplete);
        check_document("openai-responses", "{'id':'r','status':'completed','output':[{'id':'m1','type':'message','role':'assistant','content':[{'type':'output_text','text':'Hi'}]}]}");
    }
    CASE("anthropic-message-stop")
    {
        static const sample s = { "anthropic-messages",
                                  { { NAMED("message_start", ",'message':{'id':'m','role':'assistant','content':[],'usage':{'input_tokens':1,'output_tokens':1}}"), "" },
                                    { NAMED("content_block_start", ",'index':0,'content_block':{'type':'text','text':''}"), "" }, { NAMED("ping", ""), "" },
                                    { NAMED("content_block_delta", ",'index':0,'delta':{'type':'text_delta','text':'Hel'}"), "Hel" },
                                    { NAMED("content_block_delta", ",'index':0,'delta':{'type':'text_delta','text':'lo'}"), "Hello" }, { NAMED("content_block_stop", ",'index':0"), "Hello" },
                                    { NAMED("message_delta", ",'delta':{'stop_reason':'end_turn'},'usage':{'output_tokens':2}"), "Hello" }, { NAMED("message_stop", ""), "Hello" } }, 7, 7 };
        check_stream(&s);
        check_document("anthropic-messages", "{'id':'m','type':'message','role':'assistant','content':[{'type':'text','text':'Hi'}],'stop_reason':'end_turn','usage':{'input_tokens':1,'output_tokens':2}}");
    }
    CASE("gemini-finish-and-clean-end")
    {
        static const sample s = { "gemini-generate",
                                  { { D(GEMINI("{'text':'Hel'}", "")), "Hel" }, { "data: " GEMINI("{'text':'lo'}", "") "\r\n\r", "Hello" },
                                    { "\n" D(GEMINI("{'text':'!'}", ",'finishReason':'STOP'")), "Hello!" } }, NONE, 2 };
        static const sample blocked = { "gemini-generate", { { D("{'promptFeedback':{'blockReason':'SAFETY'}}"), "" } }, NONE, 0 };
        check_stream(&s);
        check_stream(&blocked);
        check_document("gemini-generate", GEMINI("{'text':'Hi'}", ",'finishReason':'STOP'"));
    }
    CASE("gemini-array-closed")
    {
        static const sample s = { "gemini-generate",
                                  { { "[" GEMINI("{'text':'Hel'}", ""), "Hel" }, { "\n,\r\n" GEMINI("{'text':'lo'}", ""), "Hello" }, { "," GEMINI("", ",'finishReason':'STOP'"), "Hello" }, { "\n]", "Hello" } }, 3, 3 };
        check_stream(&s);
    }
    CASE("ollama-done")
    {
        static const sample s = { "ollama-chat", { { OLLAMA("Hel", "'done':false"), "Hel" }, { OLLAMA("lo", "'done':false"), "Hello" }, { OLLAMA("", "'done':true,'done_reason':'stop'"), "Hello" } }, 2, 2 };
        check_stream(&s);
        check_document("ollama-chat", "{'model':'m','message':{'role':'assistant','content':'Hi'},'done':true,'done_reason':'stop'}");
    }
    CASE("invoke-done")
    {
        static const sample s = { "tamar-invoke", { { D("{'content':'Hel','error':null}"), "Hel" }, { D("{'content':'lo'}"), "Hello" }, { "data: [DONE]\n\n", "Hello" } }, 2, 2 };
        check_stream(&s);
        check_document("tamar-invoke", "{'content':'Hi','usage':null,'raw_response':null,'error':null,'request_id':'r'}");
    }
    CASE("dashscope-finish-and-clean-end")
    {
        static const sample s = { "dashscope-native", { { SCOPE("Hel", "null"), "Hel" }, { SCOPE("lo", "null"), "Hello" }, { SCOPE("", "stop"), "Hello" } }, NONE, 2 };
        check_stream(&s);
        check_document("dashscope-native", "{'output':{'choices':[{'finish_reason':'stop','message':{'role':'assistant','content':'Hi'}}]},'request_id':'r'}");
    }
    CASE("hunyuan-finish-and-clean-end")
    {
        static const sample s = { "hunyuan-native", { { CLOUD("Hel", ""), "Hel" }, { CLOUD("lo", ""), "Hello" }, { CLOUD("", "stop"), "Hello" } }, NONE, 2 };
        check_stream(&s);
        check_document("hunyuan-native", "{'Response':{'RequestId':'r','Choices':[{'Message':{'Role':'assistant','Content':'Hi'},'FinishReason':'stop'}],'Id':'i'}}");
    }
    CASE("qianfan-is-end")
    {
        static const sample s = { "qianfan-native", { { BAIDU("Hel", "false"), "Hel" }, { BAIDU("lo", "false"), "Hello" }, { BAIDU("", "true"), "Hello" } }, 2, 2 };
        check_stream(&s);
        check_document("qianfan-native", "{'id':'a','result':'Hi','is_truncated':false,'finish_reason':'normal'}");
    }
    CASE("documents-of-other-calls")
    {
        check_document("openai-embeddings", "{'object':'list','data':[{'index':0,'embedding':[0.5,1]}],'model':'m'}");
        check_document("openai-images", "{'created':1,'data':[{'url':'https://h/1.png'}]}");
        check_document("openai-models", "{'object':'list','data':[{'id':'m'}]}");
        check_document("openai-count-tokens", "{'object':'response.input_tokens','input_tokens':3}");
        check_document("anthropic-models", "{'data':[{'type':'model','id':'m'}],'has_more':false}");
        check_document("anthropic-count-tokens", "{'input_tokens':3}");
        check_document("gemini-models", "{'models':[{'name':'models/m'}]}");
        check_document("gemini-count-tokens", "{'totalTokens':3}");
        check_document("gemini-embeddings", "{'embedding':{'values':[0.5,1]}}");
        check_document("ollama-models", "{'models':[{'name':'m'}]}");
        check_document("ollama-embeddings", "{'model':'m','embeddings':[[0.5,1]]}");
        check_document("dashscope-embeddings", "{'output':{'embeddings':[{'text_index':0,'embedding':[0.5]}]},'request_id':'r'}");
    }
    printf("    %lu ends of answers\n", (unsigned long)ends_tried);
    return cases_done();
}
