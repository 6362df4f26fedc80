// Providers and models as data: rows from JSON at run time, what is wrong with them, lists, capabilities, on and off.
// An argument runs only the case of that name. JSON stands here with ' for ".
#define API "openai-chat"
#include "dialect.h"

#define HI "'messages':[{'role':'user','content':'hi'}]"

static tamar_desc with(const char *table)
{
    tamar_desc d = nobody();
    d.table = quoted(table);
    d.api_key = "k";
    return d;
}

// The request's URL, body and warnings with this table.
static void sends(const char *table, const tamar_request *rq, const char *warnings, const char *url, const char *body)
{
    tamar_desc d = with(table);
    sent s;
    encode(&d, rq, &s);
    test_str(__FILE__, __LINE__, s.prose.ptr, s.prose.len, "");
    test_str(__FILE__, __LINE__, s.url.ptr, s.url.len, url);
    test_str(__FILE__, __LINE__, s.body.ptr, s.body.len, quoted(body));
    test_str(__FILE__, __LINE__, s.warnings.ptr, s.warnings.len, warnings);
    sent_drop(&s);
}

// tamar_open and tamar_encode refuse the table with these words, at this place.
static void refuses(const char *table, const char *why, const char *at)
{
    tamar_desc d = with(table);
    tamar_error e;
    tamar_request rq = { .model = "openai/gpt-4o", .prompt = "hi" };
    tamar_client *c;
    tamar_encoded *x = tamar_encode(&d, &rq);
    CHECK(x->error.category == TAMAR_CONFIG);
    CHECKF(strstr(x->error.message, why) != NULL, "%s: %s", table, x->error.message);
    CHECKF(!strncmp(x->error.param, quoted(at), strlen(at)), "%s: at %s", table, x->error.param);
    tamar_encoded_free(x);
    d.error = &e;
    c = tamar_open(&d);
    CHECK(c == NULL);
    CHECK(e.category == TAMAR_CONFIG);
    CHECKF(strstr(e.message, why) != NULL, "%s: %s", table, e.message);
    CHECKF(!strncmp(e.param, quoted(at), strlen(at)), "%s: at %s", table, e.param);
    tamar_close(c);
}

static void loading(void)
{
    static const char acme[] =
        "{'providers':[{'name':'acme','aliases':['ac','me'],'api':'openai-chat','base_url':'https://api.acme.example/v1','key_env':['ACME_KEY','A_KEY'],"
        "'base_url_env':'ACME_URL','quirks':['no_seed','max_completion_tokens'],'models':'acme-*','family':'acme','auth':'api-key','headers':['X-A: 1','X-B: 2']}],"
        "'models':[{'family':'acme','models':['acme-old','acme-older'],'instead':'acme-2'},"
        "{'family':'acme','models':'*','flags':['no_schema','on_off','thinking_type'],'efforts':['off','high'],'max_tokens':4096,'instead':null}]}";
    CASE("row-from-json")
    {
        tamar_request rq = { .model = "acme/acme-2", .prompt = "hi", .max_tokens = 5, .seed = tamar_int(1), .effort = TAMAR_EFFORT_OFF };
        sends(acme, &rq, "unsupported", "https://api.acme.example/v1/chat/completions", "{'model':'acme-2','max_completion_tokens':5,'thinking':{'type':'disabled'}," HI "}");
        rq.model = "me/acme-2";
        rq.seed.set = false;
        sends(acme, &rq, "", "https://api.acme.example/v1/chat/completions", "{'model':'acme-2','max_completion_tokens':5,'thinking':{'type':'disabled'}," HI "}");
        rq.model = "acme-older";
        rq.effort = TAMAR_EFFORT_DEFAULT;
        sends(acme, &rq, "retired", "https://api.acme.example/v1/chat/completions", "{'model':'acme-2','max_completion_tokens':5," HI "}");
    }
    CASE("row-headers-and-key")
    {
        tamar_desc d = with(acme);
        tamar_request rq = { .model = "acme/x", .prompt = "hi" };
        sent s;
        encode(&d, &rq, &s);
        CHECKF(strstr(s.headers.ptr, "X-A: 1 (secret)\nX-B: 2 (secret)\n") != NULL, "%s", s.headers.ptr);
        CHECKF(strstr(s.headers.ptr, "api-key: k (secret)") != NULL, "%s", s.headers.ptr);
        sent_drop(&s);
    }
    CASE("row-without-a-key")  // no header, and none is missed
    {
        tamar_desc d = with("{'providers':[{'name':'open','base_url':'https://x.example/v1','auth':'none'}]}");
        tamar_request rq = { .model = "open/x", .prompt = "hi" };
        sent s;
        encode(&d, &rq, &s);
        CHECKF(!strstr(s.headers.ptr, "secret") && !strstr(s.headers.ptr, "none"), "%s", s.headers.ptr);
        sent_drop(&s);
    }
    CASE("row-replaces-built-in")
    {
        tamar_request rq = { .model = "qwen/qwen-plus", .prompt = "hi" };
        sends("{'providers':[{'name':'qwen','base_url':'https://here.example/v1'}]}", &rq, "", "https://here.example/v1/chat/completions", "{'model':'qwen-plus'," HI "}");
    }
    CASE("profile-before-built-in")
    {
        tamar_request rq = { .model = "zhipu/glm-4.6", .prompt = "hi", .temperature = tamar_double(1.5) };
        sends("{'models':[{'family':'glm','models':'glm-4.6'}]}", &rq, "", "https://open.bigmodel.cn/api/paas/v4/chat/completions", "{'model':'glm-4.6','temperature':1.5," HI "}");
    }
    CASE("own-rows-before-the-table")
    {
        const tamar_provider mine = { .name = "acme", .base_url = "https://mine.example/v1" };
        const tamar_model_profile glm = { .family = "glm", .models = "*", .instead = "mine" };
        tamar_desc d = with("{'providers':[{'name':'acme','base_url':'https://table.example/v1'},{'name':'b','base_url':'https://b.example/v1'}],'models':[{'family':'glm','models':'*','instead':'theirs'}]}");
        tamar_request rq = { .model = "acme/x", .prompt = "hi" };
        sent s;
        d.providers = &mine, d.provider_count = 1;
        d.models = &glm, d.model_count = 1;
        encode(&d, &rq, &s);
        test_str(__FILE__, __LINE__, s.url.ptr, s.url.len, "https://mine.example/v1/chat/completions");
        sent_drop(&s);
        rq.model = "b/x";
        encode(&d, &rq, &s);
        test_str(__FILE__, __LINE__, s.url.ptr, s.url.len, "https://b.example/v1/chat/completions");
        sent_drop(&s);
        rq.model = "zhipu/x";
        encode(&d, &rq, &s);
        CHECKF(strstr(s.body.ptr, "\"mine\""), "%s", s.body.ptr);
        sent_drop(&s);
    }
    CASE("empty-tables")
    {
        tamar_request rq = { .model = "groq/m", .prompt = "hi" };
        sends("{}", &rq, "", "https://api.groq.com/openai/v1/chat/completions", "{'model':'m'," HI "}");
        sends("{'providers':[],'models':[]}", &rq, "", "https://api.groq.com/openai/v1/chat/completions", "{'model':'m'," HI "}");
        sends("{'providers':[{'name':'p','aliases':[],'quirks':[],'key_env':null,'family':'','base_url':'https://x.example'}]}", &rq, "", "https://api.groq.com/openai/v1/chat/completions", "{'model':'m'," HI "}");
    }
    CASE("no-images")
    {
        const tamar_part parts[] = { { .text = str("a") }, { .type = TAMAR_PART_IMAGE, .url = str("https://x/y.png") } };
        const tamar_message m = { .parts = parts, .part_count = 2 };
        tamar_request rq = { .model = "zhipu/glm-4-air", .messages = &m, .message_count = 1 };
        sends("{'models':[{'family':'glm','models':'*','flags':['no_images']}]}", &rq, "unsupported", "https://open.bigmodel.cn/api/paas/v4/chat/completions",
              "{'model':'glm-4-air','messages':[{'role':'user','content':'a'}]}");
    }
    CASE("table-is-copied")
    {
        char *text = strdup(quoted("{'providers':[{'name':'acme','base_url':'https://a.example/v1'}]}"));
        tamar_desc d = nobody();
        tamar_client *c;
        d.table = text;
        c = tamar_open(&d);
        memset(text, 'x', strlen(text));
        free(text);
        CHECK(c && tamar_provider_named(c, "acme") && !strcmp(tamar_provider_named(c, "acme")->base_url, "https://a.example/v1"));
        tamar_close(c);
    }
}

static void refusals(void)
{
    CASE("refused-with-the-place")
    {
        refuses("{'providers':[{'name':'a','colour':'red'}]}", "a provider has a member that is not known", "'colour':'red'");
        refuses("{'models':[{'family':'a','models':'*','efort':[]}]}", "a model has a member that is not known", "'efort'");
        refuses("{'provider':[]}", "takes providers and models", "'provider'");
        refuses("{'providers':[{'name':'a','quirks':['no_tools','no_fun']}]}", "quirks hold a word that is not known", "'no_fun'");
        refuses("{'providers':[{'name':'a','quirks':['NO_TOOLS']}]}", "quirks hold a word", "'NO_TOOLS'");
        refuses("{'providers':[{'name':'a','quirks':'no_tools'}]}", "quirks hold a word", "'no_tools'");
        refuses("{'models':[{'family':'a','models':'*','flags':['no_schema',7]}]}", "flags hold a word that is not known", "7");
        refuses("{'models':[{'family':'a','models':'*','efforts':['huge']}]}", "efforts hold a word that is not known", "'huge'");
        refuses("{'models':[{'family':'a','models':'*','efforts':['a-word-that-is-much-longer-than-any-of-ours']}]}", "efforts hold a word", "'a-word");
        refuses("{'models':[{'family':'a','models':'*','max_tokens':-1}]}", "max_tokens is not a number", "-1");
        refuses("{'models':[{'family':'a','models':'*','max_tokens':1.5}]}", "max_tokens is not a number", "1.5");
        refuses("{'models':[{'models':'*'}]}", "a model has no family", "{'models'");
        refuses("{'models':[{'family':'x'}]}", "a model has no models", "{'family'");
        refuses("{'providers':[{'base_url':'https://x'}]}", "a provider has no name", "{'base_url'");
        refuses("{'providers':[{'name':'a/b'}]}", "holds a slash", "{'name'");
        refuses("{'providers':[{'name':'*'}]}", "a star", "{'name'");
        refuses("{'providers':[{'name':7}]}", "name is not a text", "7");
        refuses("{'providers':[{'name':['a']}]}", "name is not a text", "['a']");
        refuses("{'providers':[{'name':'a','aliases':['b',1]}]}", "aliases are not texts", "1");
        refuses("{'providers':[{'name':'a\\u0000b'}]}", "name is not a text", "'a");
        refuses("{'providers':[7]}", "a provider is not an object", "7");
        refuses("{'models':[[]]}", "a model is not an object", "[]");
        refuses("{'providers':{}}", "are lists", "{}");
        refuses("[]", "is not an object", "[]");
        refuses("{'providers':[}", "is not valid JSON", "}");
        refuses("", "is not valid JSON", "");
    }
}

static void words(void)
{
    CASE("every-bit-has-a-word")
    {
        size_t count, i;
        uint64_t set = 0;
        const tamar__model_word *list = tamar__model_quirk_words(&count);
        for (i = 0; i < count; i++) set |= list[i].value;
        CHECK(count == 42 && set == (UINT64_C(1) << 42) - 1);
        list = tamar__model_flag_words(&count);
        for (i = 0, set = 0; i < count; i++) set |= list[i].value;
        CHECK(count == 44 && set == (UINT64_C(1) << 44) - 1);
        list = tamar__model_effort_words(&count);
        for (i = 0, set = 0; i < count; i++) set |= list[i].value;
        CHECK(count == 7 && set == 0xFE);
    }
}

static void listing(void)
{
    CASE("list-and-describe")
    {
        tamar_desc d = with("{'providers':[{'name':'acme','base_url':'https://a.example/v1'},{'name':'Groq','base_url':'https://g.example/v1'}]}");
        tamar_client *c = tamar_open(&d);
        size_t i, k, n = tamar_provider_count(c), built_in = tamar_provider_count(NULL);
        CHECK(built_in > 15);
        CHECK(n == built_in + 1);  // groq is replaced
        CHECK(!strcmp(tamar_provider_at(c, 0)->name, "acme"));
        CHECK(!strcmp(tamar_provider_at(c, 1)->base_url, "https://g.example/v1"));
        CHECK(tamar_provider_at(c, n) == NULL && tamar_provider_at(NULL, built_in) == NULL);
        for (i = 0; i < n; i++)
            for (k = 0; k < i; k++) CHECK(strcmp(tamar_provider_at(c, i)->name, tamar_provider_at(c, k)->name));
        CHECK(tamar_provider_named(c, "kimi") && !strcmp(tamar_provider_named(c, "kimi")->name, "moonshot"));
        CHECK(tamar_provider_named(NULL, "acme") == NULL);
        CHECK(tamar_provider_named(c, "no-such") == NULL && tamar_provider_named(c, NULL) == NULL);
        tamar_close(c);
    }
    CASE("capabilities")
    {
        tamar_desc d = with("{'models':[{'family':'kimi','models':'kimi-x','flags':['no_images'],'efforts':['low'],'max_tokens':8192}]}");
        tamar_client *c = tamar_open(&d);
        tamar_capabilities a;
        CHECK(tamar_model_capabilities(NULL, "zhipu/glm-4.6", &a));
        CHECK(a.known && a.enabled && a.tools && !a.forced_tools && !a.parallel_tools && !a.schema && a.json_mode && a.reasoning && a.images);
        CHECK(!strcmp(a.provider->name, "zhipu") && !strcmp(a.model, "glm-4.6"));
        CHECK(tamar_model_capabilities(c, "kimi-x", &a));
        CHECK(a.known && !a.images && a.max_tokens == 8192 && a.efforts == 1u << TAMAR_EFFORT_LOW && !a.seed);
        CHECK(tamar_model_capabilities(c, "perplexity/sonar", &a) && !a.tools && !a.json_mode && a.schema && !a.stop);
        CHECK(tamar_model_capabilities(c, "deepseek-chat", &a) && a.instead && !strcmp(a.instead, "deepseek-v4-flash"));
        CHECK(tamar_model_capabilities(c, "openai/o3", &a) && !a.sampling && a.reasoning && a.efforts == TAMAR__MODEL_LMH);
        CHECK(tamar_model_capabilities(c, "groq/whatever", &a) && !a.known);
        CHECK(!tamar_model_capabilities(c, "no-such/m", &a) && a.provider == NULL);
        CHECK(!tamar_model_capabilities(c, "no-such", &a) && !tamar_model_capabilities(c, NULL, &a) && !tamar_model_capabilities(c, "groq/", &a));
        CHECK(!tamar_model_capabilities(c, "groq/m", NULL));
        tamar_close(c);
    }
}

static void switching(void)
{
    CASE("off-and-on")
    {
        tamar_desc d = nobody();
        tamar_client *c;
        tamar_request rq = { .model = "groq/m", .prompt = "hi", .base_url = "http://127.0.0.1:1", .api_key = "k", .max_retries = tamar_int(0) };
        tamar_response *r;
        tamar_capabilities a;
        d.providers_off = "xai";
        c = tamar_open(&d);
        CHECK(!tamar_provider_enabled(c, "xai") && !tamar_provider_enabled(c, "grok") && tamar_provider_enabled(c, "groq"));
        CHECK(tamar_provider_enable(c, "groq", false) && !tamar_provider_enabled(c, "groq") && !tamar_provider_enabled(c, "xai"));
        CHECK(tamar_provider_enable(c, "groq", false));  // twice is once
        CHECK(!strcmp(tamar_description(c)->providers_off, "xai,groq"));
        r = tamar_chat(c, &rq);
        CHECK(r->error.category == TAMAR_CONFIG && strstr(r->error.message, "switched off") && !r->error.retryable);
        tamar_response_free(r);
        CHECK(tamar_model_capabilities(c, "groq/m", &a) && !a.enabled);
        CHECK(tamar_provider_enable(c, "groq", true) && tamar_provider_enabled(c, "groq") && !tamar_provider_enabled(c, "xai"));
        r = tamar_chat(c, &rq);
        CHECK(r->error.category != TAMAR_CONFIG && r->error.category != TAMAR_OK);  // nobody listens there
        tamar_response_free(r);
        CHECK(tamar_provider_enable(c, "grok", true) && tamar_provider_enabled(c, "xai"));
        CHECK(tamar_description(c)->providers_off == NULL);
        CHECK(!tamar_provider_enable(c, "no-such", false) && !tamar_provider_enable(NULL, "groq", false) && tamar_provider_enabled(NULL, "groq"));
        tamar_close(c);
    }
    CASE("off-in-encode")
    {
        tamar_desc d = nobody();
        tamar_request rq = { .model = "kimi/kimi-k3", .prompt = "hi" };
        tamar_encoded *e;
        d.providers_off = "groq,moonshot";
        e = tamar_encode(&d, &rq);
        CHECK(e->error.category == TAMAR_CONFIG && strstr(e->error.message, "switched off"));
        tamar_encoded_free(e);
    }
}

// Each allocation of tamar_open failing: a client, or its error and nothing left.
static void memory(void)
{
    CASE("open-without-memory")
    {
        long n;
        for (n = 1; n < 200; n++) {
            tamar_desc d = with("{'providers':[{'name':'acme','aliases':['a','b'],'headers':['X: 1']}],'models':[{'family':'a','models':['*'],'flags':['top_k']}]}");
            tamar_error e;
            test_memory m;
            tamar_client *c;
            memset(&m, 0, sizeof m);
            m.fail_at = n;
            d.allocator.resize = test_resize;
            d.allocator.user_data = &m;
            d.error = &e;
            c = tamar_open(&d);
            if (!c) CHECKF(e.category == TAMAR_NOMEM, "allocation %ld: %s", n, e.message);
            if (c) CHECK(tamar_provider_enable(c, "acme", false) || m.failed);
            tamar_close(c);
            CHECK(m.live == 0 && m.blocks == 0);
            if (!m.failed) break;
        }
        CHECK(n > 5 && n < 200);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) only = argv[1];
    loading();
    refusals();
    words();
    listing();
    switching();
    memory();
    return cases_done();
}
