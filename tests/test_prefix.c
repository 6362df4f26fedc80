// A longer conversation begins with the bytes of the shorter one, whatever the provider: prompt caches live on that.
// Every built-in row, in every dialect it may speak, with and without a stream, tools, a schema and a system text.
#define API "openai-chat"
#include "dialect.h"

enum { TURNS = 7 };

static void conversation(tamar_message *m, tamar_part *call, tamar_part *result)
{
    memset(m, 0, TURNS * sizeof *m);
    memset(call, 0, sizeof *call);
    m[0].text = "Hello";
    m[1].role = TAMAR_ROLE_ASSISTANT, m[1].text = "Hi.";
    m[2].text = "What is the weather in Oslo?";
    call->type = TAMAR_PART_TOOL_CALL;
    call->id = str("call_1"), call->name = str("weather"), call->text = str("{\"city\":\"Oslo\"}");
    *result = tamar_tool_result_part(call->id, str("{\"degrees\":3}"));
    result->name = call->name;
    m[3].role = TAMAR_ROLE_ASSISTANT, m[3].parts = call, m[3].part_count = 1;
    m[4].role = TAMAR_ROLE_TOOL, m[4].parts = result, m[4].part_count = 1;
    m[5].role = TAMAR_ROLE_ASSISTANT, m[5].text = "Three degrees.";
    m[6].text = "And in \"Bergen\"?";
}

// What may stand behind the last message: the ends of lists and objects.
static size_t fixed_length(const text *body)
{
    size_t n = body->len;
    while (n && (body->ptr[n - 1] == '}' || body->ptr[n - 1] == ']')) n--;
    return n;
}

static void longer_and_longer(const char *provider, const char *api, int how)
{
    static const tamar_tool tool = { "weather", "Tells the weather.", "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}", false, NULL };
    static const size_t lengths[] = { 1, 3, 5, 7 };  // turns after which the model answers
    tamar_message m[TURNS];
    tamar_part call, result;
    tamar_request rq;
    tamar_desc d = nobody();
    char model[128];
    sent before, after;
    size_t i;
    conversation(m, &call, &result);
    snprintf(model, sizeof model, "%s/%ssome-model", provider, strcmp(provider, "tamar") ? "" : "openai/");
    memset(&rq, 0, sizeof rq);
    rq.model = model, rq.api = api;
    rq.base_url = "http://127.0.0.1:9", rq.api_key = "k:k";
    rq.messages = m, rq.message_count = lengths[0];
    rq.max_tokens = 99;
    rq.user = "user", rq.org_id = "org";
    rq.tools = &tool, rq.tool_count = 1;
    if (how & 1) rq.stream = true;
    if (how & 2) rq.system = "Be brief.", rq.temperature = tamar_double(0.5);
    if (how & 4) rq.extra = "{\"zz\":[1,{\"a\":2}]}";
    encode_once(&d, &rq, &before);
    CHECKF(!before.category, "%s", before.prose.ptr);
    for (i = 1; i < sizeof lengths / sizeof *lengths; i++) {
        size_t n = fixed_length(&before.body);
        rq.message_count = lengths[i];
        encode_once(&d, &rq, &after);
        CHECKF(n > 40 && after.body.len > n && !memcmp(before.body.ptr, after.body.ptr, n), "%s %s %d, %lu turns\n        %s\n        %s", provider,
               api ? api : "", how, (unsigned long)lengths[i], before.body.ptr, after.body.ptr);
        CHECK(same(&before.url, &after.url));
        sent_drop(&before);
        before = after;
    }
    sent_drop(&before);
}

int main(int argc, char **argv)
{
    static const char *const apis[] = { NULL, "openai-chat", "openai-responses", "anthropic-messages", "gemini-generate", "ollama-chat", "tamar-invoke",
                                        "dashscope-native", "hunyuan-native" };
    size_t i, k;
    int how;
    if (argc > 1) only = argv[1];
    for (i = 0; i < tamar_provider_count(NULL); i++) {
        const char *name = tamar_provider_at(NULL, i)->name;
        CASE(name)
            for (how = 0; how < 8; how++) longer_and_longer(name, NULL, how);
    }
    for (k = 1; k < sizeof apis / sizeof *apis; k++)
        CASE(apis[k])
            for (how = 0; how < 8; how++) longer_and_longer(!strcmp(apis[k], "tamar-invoke") ? "tamar" : "custom", apis[k], how);
    return cases_done();
}
