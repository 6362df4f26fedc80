// Turn two works everywhere: what one vendor answered is sent on to every other. Its reasoning, its signatures and its
// ids come back to itself byte for byte and to nobody else; what cannot travel is a warning; each call has its result.
#define API "openai-chat"
#include "dialect.h"

#define ARGUMENTS "{\\'city\\':\\'Oslo\\'}"

static const struct source {
    const char *model, *api, *document;
    bool signs;  // SIGNATURE is in it and has to come back
    bool opaque;  // what belongs to the vendor alone is in it
} sources[] = {
    { "deepseek/deepseek-reasoner", "openai-chat",
      "{'id':'a','choices':[{'index':0,'message':{'role':'assistant','content':'Let me look.','reasoning_content':'THOUGHT','tool_calls':[{'id':'call_1','type':'function','function':{'name':'weather','arguments':'" ARGUMENTS "'}}]},'finish_reason':'tool_calls'}]}",
      false, false },
    { "openrouter/x", "openai-chat",
      "{'id':'a','choices':[{'index':0,'message':{'role':'assistant','content':'Let me look.','reasoning':'THOUGHT','reasoning_details':[{'type':'reasoning.encrypted','data':'SIGNATURE'}],'tool_calls':[{'id':'call_1','type':'function','function':{'name':'weather','arguments':'" ARGUMENTS "'}}]},'finish_reason':'tool_calls'}]}",
      true, true },
    { "openai/gpt-6-sol", "openai-responses",
      "{'id':'resp_1','object':'response','status':'completed','model':'gpt-6-sol','output':[{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'THOUGHT'}],'encrypted_content':'SIGNATURE'},{'type':'message','id':'msg_1','role':'assistant','content':[{'type':'output_text','text':'Let me look.'}]},{'type':'function_call','id':'fc_1','call_id':'call_1','name':'weather','arguments':'" ARGUMENTS "','status':'completed'}]}",
      true, true },
    { "anthropic/claude-opus-5", "anthropic-messages",
      "{'id':'msg_1','type':'message','role':'assistant','model':'claude-opus-5','content':[{'type':'thinking','thinking':'THOUGHT','signature':'SIGNATURE'},{'type':'text','text':'Let me look.'},{'type':'tool_use','id':'toolu_1','name':'weather','input':{'city':'Oslo'}}],'stop_reason':'tool_use','usage':{'input_tokens':1,'output_tokens':1}}",
      true, true },
    { "google/gemini-3-pro", "gemini-generate",
      "{'candidates':[{'content':{'role':'model','parts':[{'text':'THOUGHT','thought':true},{'text':'Let me look.'},{'functionCall':{'id':'f1','name':'weather','args':{'city':'Oslo'}},'thoughtSignature':'SIGNATURE'}]},'finishReason':'STOP'}]}",
      true, true },
    { "ollama/qwen3", "ollama-chat",
      "{'model':'qwen3','message':{'role':'assistant','content':'Let me look.','thinking':'THOUGHT','tool_calls':[{'id':'call_1','function':{'name':'weather','arguments':{'city':'Oslo'}}}]},'done':true,'done_reason':'stop'}",
      false, false },
};

static const struct target {
    const char *model, *api;
    bool thinks;  // takes reasoning of this dialect as plain text
} targets[] = {
    { "openai/gpt-4o", "openai-chat", false },
    { "openai/gpt-6-sol", "openai-responses", false },
    { "anthropic/claude-opus-5", "anthropic-messages", false },
    { "google/gemini-3-pro", "gemini-generate", false },
    { "ollama/qwen3", "ollama-chat", true },
    { "deepseek/deepseek-reasoner", "openai-chat", true },
    { "openrouter/x", "openai-chat", true },
    { "mistral/m", "openai-chat", false },
    { "groq/m", "openai-chat", true },
    { "moonshot/kimi-k3", "openai-chat", true },
    { "zhipu/glm-5", "openai-chat", true },
    { "qwen-native/qwen3-max", "dashscope-native", true },
    { "hunyuan-native/hunyuan-turbo", "hunyuan-native", true },
    { "tamar/openai/gpt-4o", "tamar-invoke", true },
    { "llamacpp/m", "openai-chat", true },
};

static size_t times(const tamar_str body, const char *word)
{
    size_t n = 0, i, len = strlen(word);
    for (i = 0; i + len <= body.len; i++)
        if (!memcmp(body.ptr + i, word, len)) n++;
    return n;
}

static bool warned(const tamar_encoded *e)
{
    size_t i;
    for (i = 0; i < e->warning_count; i++)
        if (!strcmp(e->warnings[i].code, "dropped")) return true;
    return false;
}

// What this source said, the result of its call, and a question, all sent to this target.
static void travel(const struct source *s, const struct target *t)
{
    static const tamar_tool tool = { "weather", "Tells the weather.", "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}", false, NULL };
    bool home = !strcmp(s->model, t->model), family = !strcmp(s->api, t->api);
    tamar_decoder_desc dd;
    tamar_decoder *d;
    const tamar_response *r;
    tamar_message m[4];
    tamar_part result;
    tamar_request rq;
    tamar_desc none = nobody();
    tamar_encoded *e;
    const char *document = quoted(s->document);
    tamar_json v;
    memset(&dd, 0, sizeof dd);
    dd.api = s->api;
    d = tamar_decoder_open(&dd);
    tamar_decoder_feed(d, document, strlen(document));
    r = tamar_decoder_end(d, true);
    CHECKF(r->error.category == TAMAR_OK && r->tool_call_count == 1, "%s: %s", s->model, r->error.message);
    CHECKF(times(r->reasoning, "THOUGHT") == 1, "%s", s->model);
    memset(m, 0, sizeof m);
    memset(&rq, 0, sizeof rq);
    m[0].text = "What is the weather in Oslo?";
    m[1] = r->message;
    result = tamar_tool_result_part(r->tool_calls[0]->id, str("{\"degrees\":3}"));
    result.name = str("weather");
    m[2].role = TAMAR_ROLE_TOOL, m[2].parts = &result, m[2].part_count = 1;
    m[3].text = "And in Bergen?";
    rq.model = t->model;
    rq.messages = m, rq.message_count = 4;
    rq.tools = &tool, rq.tool_count = 1;
    rq.api = t->api;
    if (!strcmp(t->api, "tamar-invoke")) rq.org_id = "org", rq.user = "user";
    rq.api_key = !strcmp(t->api, "hunyuan-native") ? "id-01234:key-56789" : "key-0123456789";
    none.base_url = !strncmp(t->model, "tamar/", 6) ? "http://127.0.0.1:1" : NULL;
    e = tamar_encode(&none, &rq);
    CHECKF(e->error.category == TAMAR_OK, "%s to %s: %s", s->model, t->model, e->error.message);
    if (e->error.category == TAMAR_OK) {
        tamar_str b = e->http.body;
        CHECKF(tamar_json_parse(b.ptr, b.len, &v, NULL), "%s to %s", s->model, t->model);
        CHECKF(times(b, "Let me look.") == 1, "%s to %s: %s", s->model, t->model, b.ptr);
        CHECKF(times(b, "Oslo") == 2 && times(b, "degrees") == 1 && times(b, "Bergen") == 1, "%s to %s: %s", s->model, t->model, b.ptr);
        CHECKF(times(b, "gave no result") == 0, "%s to %s: %s", s->model, t->model, b.ptr);
        if (s->signs) CHECKF(times(b, "SIGNATURE") == (home ? 1u : 0u) || (family && !home), "%s to %s: %s", s->model, t->model, b.ptr);
        if (!family && !t->thinks) CHECKF(times(b, "THOUGHT") == 0, "%s to %s: %s", s->model, t->model, b.ptr);
        if (s->opaque && !family) CHECKF(warned(e), "%s to %s says nothing of what it leaves out", s->model, t->model);
        // the call and its result name each other, where the dialect has ids
        if (strcmp(t->api, "gemini-generate") && strcmp(t->api, "ollama-chat")) {
            tamar_str id = r->tool_calls[0]->id;
            char id_quoted[96];
            snprintf(id_quoted, sizeof id_quoted, "\"%.*s\"", (int)id.len, id.ptr);
            CHECKF(times(b, id_quoted) == 2, "%s to %s: %s %s", s->model, t->model, id_quoted, b.ptr);
        }
    }
    tamar_encoded_free(e);
    tamar_decoder_close(d);
}

int main(int argc, char **argv)
{
    size_t i, k;
    if (argc > 1) only = argv[1];
    for (i = 0; i < sizeof sources / sizeof *sources; i++)
        CASE(sources[i].model)
            for (k = 0; k < sizeof targets / sizeof *targets; k++) travel(&sources[i], &targets[k]);
    return cases_done();
}
