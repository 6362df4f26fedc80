// Rows and profiles from JSON: any text is loaded or refused with a place inside it; what was loaded can be listed,
// described, switched off and written with, and leaves no memory behind; what is refused once is refused again.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_table fuzz/fuzz_table.c
//   mkdir -p corpus && ./fuzz_table -dict=fuzz/fuzz_table.dict -max_len=2048 corpus fuzz/seeds/fuzz_table
// The input is the table.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "target.h"

static const char *no_variable(void *user_data, const char *name)
{
    (void)user_data, (void)name;
    return NULL;
}

static bool start(void *user_data, tamar_exchange x, const tamar_http_request *rq, const char **why)
{
    (void)user_data, (void)x, (void)rq;
    *why = "nobody is there";
    return false;
}

static void cancel(void *user_data, tamar_exchange x) { (void)user_data, (void)x; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *table = (char *)malloc(size + 1);
    tamar_error error;
    tamar_desc d;
    tamar_client *c;
    tamar_encoded *e;
    tamar_request rq;
    if (!table) abort();
    if (size) memcpy(table, data, size);
    table[size] = 0;
    memset(&d, 0, sizeof d);
    memset(&rq, 0, sizeof rq);
    rq.prompt = "hi";
    rq.effort = TAMAR_EFFORT_HIGH;
    d.table = table;
    d.error = &error;
    d.environment.get = no_variable;
    d.transport.start = start;
    d.transport.cancel = cancel;
    d.api_key = "k";
    c = tamar_open(&d);
    if (!c) {
        size_t len = strlen(table);
        MUST(error.category == TAMAR_CONFIG);
        MUST(error.message[0]);
        MUST(error.param >= table && error.param <= table + len);
        rq.model = "groq/m";
        e = tamar_encode(&d, &rq);
        MUST(e->error.category == TAMAR_CONFIG && !strcmp(e->error.message, error.message));
        tamar_encoded_free(e);
    }
    else {
        size_t i, n = tamar_provider_count(c);
        MUST(n >= tamar_provider_count(NULL));
        for (i = 0; i < n && i < 8; i++) {
            const tamar_provider *p = tamar_provider_at(c, i);
            tamar_capabilities can;
            char model[256];
            MUST(p && p->name && p->api);
            MUST(tamar_provider_named(c, p->name) == p);
            if (snprintf(model, sizeof model, "%s/m", p->name) >= (int)sizeof model) continue;
            tamar_model_capabilities(c, model, &can);
            rq.model = model;
            e = tamar_encode(&d, &rq);
            MUST(e->error.category == TAMAR_OK || e->error.message[0]);
            tamar_encoded_free(e);
            MUST(tamar_provider_enable(c, p->name, false));
            MUST(!tamar_provider_enabled(c, p->name));
            MUST(tamar_provider_enable(c, p->name, true));
        }
    }
    tamar_close(c);
    free(table);
    return 0;
}
