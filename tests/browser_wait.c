// examples/extras/tamar_fetch.h with TAMAR_FETCH_ASYNCIFY: a program that waits is suspended, and tamar_chat works in a page.
// Compiled with -sASYNCIFY, served and opened by tests/browser.sh, which passes the ports of a simulated provider and of nothing.
#include "test.h"
#define TAMAR_NO_SOCKETS 1
#define TAMAR_NO_TLS 1
#define TAMAR_NO_THREADS 1
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#define TAMAR_FETCH_ASYNCIFY 1
#include "examples/extras/tamar_fetch.h"

static tamar_client *llm;

static void count(void *user_data, const tamar_event *e)
{
    if (e->type == TAMAR_EVENT_TEXT) ++*(int *)user_data;
}

static tamar_response *chat(const char *port, const char *spec, tamar_request q)
{
    char base[200];
    snprintf(base, sizeof base, "http://127.0.0.1:%s/sim/%s/v1", port, spec);
    q.model = "deepseek/echo";
    q.prompt = "one";
    q.api_key = "a-key";
    q.base_url = base;
    return tamar_chat(llm, &q);
}

int main(int argc, char **argv)
{
    if (argc < 3) return puts("browser.sh runs this"), 2;
    tamar_fetch *fetch = tamar_fetch_open();
    tamar_desc desc = { .max_retries = tamar_int(2) };
    desc.transport = tamar_fetch_transport(fetch);
    llm = tamar_open(&desc);
    TEST("an answer is waited for") {
        tamar_response *r = chat(argv[1], "first=200,text=The%20Danube.", (tamar_request){ .stream = false });
        CHECKF(!r->error.category, "%s", r->error.message);
        CHECK_STR(r->text, "The Danube.");
        tamar_response_free(r);
    }
    TEST("and read while it comes") {
        int pieces = 0;
        tamar_request q = { .stream = true, .on_event = count, .user_data = &pieces };
        tamar_response *r = chat(argv[1], "n=8,delay=30", q);
        CHECKF(!r->error.category, "%s", r->error.message);
        CHECKF(r->text.len == 32 && pieces >= 4, "%d pieces", pieces);
        tamar_response_free(r);
    }
    TEST("until its time is over") {
        double began = emscripten_get_now(), took;
        tamar_response *r = chat(argv[1], "n=8,stall=2c", (tamar_request){ .stream = true, .timeouts = { .idle_ms = 300 } });
        took = emscripten_get_now() - began;
        CHECKF(r->error.category == TAMAR_TIMEOUT_IDLE, "%s", r->error.message);
        CHECKF(took >= 290 && took < 3000, "%.0f ms", took);
        CHECK_STR(r->text, "abcdefgh");
        tamar_response_free(r);
    }
    TEST("or nobody listens, three times") {
        tamar_response *r = chat(argv[2], "ok", (tamar_request){ .stream = true });
        CHECKF(r->error.category == TAMAR_CONNECT, "%s", r->error.message);
        CHECKF(r->error.attempts == 3, "%d attempts", r->error.attempts);
        tamar_response_free(r);
    }
    tamar_close(llm);
    tamar_fetch_close(fetch);
    return test_done();
}
