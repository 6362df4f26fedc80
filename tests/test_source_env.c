// The add-on that fills a description from other systems' variables and from .env texts.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "examples/extras/tamar_source_env.h"

static const char *const *pairs;  // name, value, ..., NULL
static int told;
static char told_of[64];

static const char *process(void *user_data, const char *name)
{
    (void)user_data;
    for (const char *const *p = pairs; *p; p += 2)
        if (!strcmp(*p, name)) return p[1];
    return NULL;
}

static void write_log(void *user_data, const tamar_log_record *r)
{
    (void)user_data;
    if (strcmp(r->item, "variable_without_effect")) return;
    told++;
    snprintf(told_of, sizeof told_of, "%.*s", (int)r->text.len, r->text.ptr);
    CHECK(r->message && r->message[0]);
}

static size_t fill(tamar_source_env *env, tamar_desc *desc, const char *const *variables, const char *text)
{
    memset(env, 0, sizeof *env);
    env->process = process;
    pairs = variables;
    told = 0;
    if (text) tamar_source_env_text(env, text, strlen(text));
    desc->log.write = write_log;
    return tamar_source_env_fill(env, desc);
}

// With these variables the gateway is asked there.
static void check_url(tamar_source_env *env, tamar_desc *desc, const char *const *variables, const char *want)
{
    tamar_request rq = {.model = "tamar/openai/gpt-4o", .prompt = "hi", .user = "u", .org_id = "o"};
    tamar_encoded *e;
    memset(desc, 0, sizeof *desc);
    fill(env, desc, variables, NULL);
    desc->allow_plain_http = true;
    e = tamar_encode(desc, &rq);
    CHECK_STR(e->http.url, want);
    CHECKF(!e->error.category, "%s", e->error.message);
    tamar_encoded_free(e);
}

int main(void)
{
    static tamar_source_env env;
    tamar_desc desc;
    TEST("a description is filled") {
        static const char *const v[] = {"HARBORAI_TIMEOUT", "12.5", "MODEL_MANAGER_SERVER_GRPC_MAX_RETRIES", "3", "MODEL_CLIENT_LOG_LEVEL", "DEBUG", NULL};
        memset(&desc, 0, sizeof desc);
        CHECK(fill(&env, &desc, v, NULL) == 3);
        CHECK(desc.timeouts.total_ms == 12500 && desc.max_retries.set && desc.max_retries.value == 3 && desc.log.level == TAMAR_LOG_DEBUG && told == 0);
    }
    TEST("what the description says stays") {
        static const char *const v[] = {"HARBORAI_TIMEOUT", "12", "LOG_LEVEL", "ERROR", NULL};
        memset(&desc, 0, sizeof desc);
        desc.timeouts.total_ms = 7;
        desc.log.level = TAMAR_LOG_INFO;
        fill(&env, &desc, v, NULL);
        CHECK(desc.timeouts.total_ms == 7 && desc.log.level == TAMAR_LOG_INFO);
    }
    TEST("the gateway's address") {
        static const struct { const char *address, *tls, *url; } table[] = {
            {"gate:50051", NULL, "https://gate:50051/v1/invoke"}, {"gate:50051", "true", "https://gate:50051/v1/invoke"},
            {"gate:8080", "false", "http://gate:8080/v1/invoke"}, {"http://gate", "true", "http://gate/v1/invoke"},
        };
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            const char *v[] = {"MODEL_MANAGER_SERVER_ADDRESS", table[i].address, "MODEL_MANAGER_SERVER_JWT_SECRET_KEY", "s3cret",
                table[i].tls ? "MODEL_MANAGER_SERVER_GRPC_USE_TLS" : NULL, table[i].tls, NULL};
            check_url(&env, &desc, v, table[i].url);
        }
    }
    TEST("a variable without effect is told, once, by name") {
        static const char *const v[] = {"HARBORAI_BACKGROUND_WORKERS", "2", NULL};
        memset(&desc, 0, sizeof desc);
        CHECK(fill(&env, &desc, v, NULL) == 1 && told == 1 && !strcmp(told_of, "HARBORAI_BACKGROUND_WORKERS"));
    }
    TEST("the name that the gateway goes by") {
        static const struct { const char *address, *authority, *url, *to; } table[] = {
            {"10.0.0.5:50051", "models.example", "https://models.example:50051/v1/invoke", "models.example=10.0.0.5:50051"},
            {"10.0.0.5", "models.example:8443", "https://models.example:8443/v1/invoke", "models.example=10.0.0.5"},
            {"http://10.0.0.5:80", "models.example", "http://models.example:80/v1/invoke", "models.example=10.0.0.5:80"},
        };
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            const char *v[] = {"MODEL_MANAGER_SERVER_ADDRESS", table[i].address, "MODEL_MANAGER_SERVER_JWT_SECRET_KEY", "s3cret",
                "MODEL_MANAGER_SERVER_GRPC_DEFAULT_AUTHORITY", table[i].authority, NULL};
            check_url(&env, &desc, v, table[i].url);
            CHECK(desc.connect_to && !strcmp(desc.connect_to, table[i].to));
        }
    }
    TEST("the gateway's two addresses are a route") {
        static const char *const v[] = {"MODEL_MANAGER_SERVER_ADDRESS", "first:50051", "MODEL_CLIENT_HTTP_FALLBACK_URL", "https://second",
            "MODEL_CLIENT_RESILIENT_ENABLED", "true", "MODEL_CLIENT_CIRCUIT_BREAKER_THRESHOLD", "3", "MODEL_CLIENT_CIRCUIT_BREAKER_TIMEOUT", "30",
            "MODEL_MANAGER_SERVER_GRPC_RETRY_DELAY", "1.5", "HEALTH_CHECK_INTERVAL", "300", NULL};
        memset(&desc, 0, sizeof desc);
        fill(&env, &desc, v, NULL);
        CHECK(told == 0);
        CHECK(desc.route_count == 1 && desc.routes[0].target_count == 2 && !desc.routes[0].targets[0].base_url);
        CHECK(!strcmp(desc.routes[0].targets[1].base_url, "https://second"));
        CHECK(desc.routes[0].fallback == TAMAR_MASK(TAMAR_BREAKER_OPEN) && !desc.routes[0].retries.set);
        CHECK(desc.breaker.failure_threshold == 3 && desc.breaker.reset_timeout_ms == 30000);
        CHECK(desc.retry.base_delay_ms == 1500 && desc.probe_interval_ms == 300000);
    }
    TEST("falling back fast, with lists") {
        static const char *const v[] = {"MODEL_MANAGER_SERVER_ADDRESS", "first:50051", "MODEL_CLIENT_HTTP_FALLBACK_URL", "https://second",
            "MODEL_CLIENT_RESILIENT_ENABLED", "true", "MODEL_CLIENT_FAST_FALLBACK_ENABLED", "true", "MODEL_CLIENT_FALLBACK_AFTER_RETRIES", "2",
            "MODEL_CLIENT_IMMEDIATE_FALLBACK_ERRORS", "UNAVAILABLE, INTERNAL", "MODEL_CLIENT_NEVER_FALLBACK_ERRORS", "RESOURCE_EXHAUSTED", NULL};
        memset(&desc, 0, sizeof desc);
        fill(&env, &desc, v, NULL);
        CHECK(told == 0 && desc.route_count == 1);
        CHECK(desc.routes[0].retries.set && desc.routes[0].retries.value == 2);
        CHECK(desc.routes[0].at_once & TAMAR_MASK(TAMAR_CONNECT) && desc.routes[0].at_once & TAMAR_MASK(TAMAR_SERVER));
        CHECK(!(desc.routes[0].at_once & TAMAR_MASK(TAMAR_TIMEOUT_TTFB)) && desc.routes[0].fallback & TAMAR_MASK(TAMAR_TIMEOUT_TTFB));
        CHECK(!(desc.routes[0].fallback & TAMAR_MASK(TAMAR_RATE)) && desc.routes[0].fallback & TAMAR_MASK(TAMAR_AUTH));
        CHECK(desc.routes[0].targets[0].timeouts.connect_ms == 1500);
    }
    TEST("without the second address nothing falls back, and that is told") {
        static const char *const v[] = {"MODEL_MANAGER_SERVER_ADDRESS", "first:50051", "MODEL_CLIENT_RESILIENT_ENABLED", "true", NULL};
        memset(&desc, 0, sizeof desc);
        fill(&env, &desc, v, NULL);
        CHECK(told == 1 && desc.route_count == 0 && desc.provider_count == 1);
    }
    TEST("every known name meets a row of the table") {
        size_t count, i;
        const tamar_source_env_row *rows = tamar_source_env_rows(&count);
        for (const char *const *name = tamar_source_env_known(); *name; name++) {
            for (i = 0; i < count && !tamar_source_env_matches(rows[i].name, *name); i++) {}
            CHECKF(i < count, "%s", *name);
        }
    }
    TEST("a .env text") {
        static const char text[] = "# first\nexport OPENAI_API_KEY=\"sk one\" # c\n  A = b c # d\nB='x#y'\nC=x#y\nEMPTY=\nOPENAI_API_KEY='sk-two'\r\nAA=1\nD=\"open\nE=5";
        static const char *const v[] = {"B", "process", NULL};
        memset(&desc, 0, sizeof desc);
        fill(&env, &desc, v, text);
        CHECK(!strcmp(tamar_source_env_get(&env, "OPENAI_API_KEY"), "sk-two"));
        CHECK(!strcmp(tamar_source_env_get(&env, "A"), "b c"));
        CHECK(!strcmp(tamar_source_env_get(&env, "B"), "process"));
        CHECK(!strcmp(tamar_source_env_get(&env, "C"), "x#y"));
        CHECK(!strcmp(tamar_source_env_get(&env, "D"), "\"open"));
        CHECK(!strcmp(tamar_source_env_get(&env, "E"), "5"));
        CHECK(!strcmp(tamar_source_env_get(&env, "EMPTY"), ""));
        CHECK(tamar_source_env_get(&env, "F") == NULL);
    }
    TEST("the client finds its keys through it") {
        static const char *const v[] = {NULL};
        tamar_request rq = {.model = "deepseek/deepseek-v4-pro", .prompt = "hi"};
        tamar_encoded *e;
        bool found = false;
        memset(&desc, 0, sizeof desc);
        fill(&env, &desc, v, "DEEPSEEK_API_KEY=sk-from-file\nDEEPSEEK_BASE_URL=https://api.deepseek.com/v1\n");
        e = tamar_encode(&desc, &rq);
        for (size_t i = 0; i < e->http.header_count; i++)
            if (e->http.headers[i].value.len == 19 && !memcmp(e->http.headers[i].value.ptr, "Bearer sk-from-file", 19)) found = true;
        CHECK(found);
        CHECK_STR(e->http.url, "https://api.deepseek.com/v1/chat/completions");
        tamar_encoded_free(e);
    }
    return test_done();
}
