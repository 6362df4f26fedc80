// examples/extras/tamar_fetch.h in a real browser: compiled, served and opened by tests/browser.sh, which passes the ports of a
// simulated provider and of nothing. Runs are made one after the other in the page's own frames; what they showed is
// checked at the end.
#include "test.h"
#define TAMAR_NO_SOCKETS 1
#define TAMAR_NO_TLS 1
#define TAMAR_NO_THREADS 1
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "examples/extras/tamar_fetch.h"
#include <stdio.h>

enum { ROOM = 2 << 20, COPIES = 8 };

typedef struct run {
    // what is asked
    const char *name, *spec, *model, *key, *headers, *path;
    bool whole, closed, pulled, inside;  // closed: of the port where nobody listens; inside: by on_event
    int cancel_at, copies;  // after so many pieces; so many calls at once (default: 1)
    int idle_ms, first_byte_ms, retries, away_ms;  // away_ms: no frames for so long once the first piece came
    // what came
    tamar_call calls[COPIES];
    int pieces, frames, finishes, cancel_frame, finish_frame, late;  // frames: those that brought text; late: behind the end
    double began_ms, first_ms, last_ms, finish_ms;
    char *text;
    size_t len;
    tamar_error error;
    char message[200];
} run;

static run runs[] = {
    { .name = "stream", .spec = "n=12,delay=40" },
    { .name = "whole", .spec = "text=The%20Danube.", .whole = true },
    { .name = "utf8", .spec = "text=na%C3%AFve%20%E6%9D%B1%F0%9F%8C%8A,split=1,gap=1" },
    { .name = "auth", .spec = "ok", .key = "bad-key" },
    { .name = "billing", .spec = "status=429,code=insufficient_quota" },
    { .name = "cancel", .spec = "n=200,delay=20", .cancel_at = 3 },
    { .name = "cut", .spec = "n=12,delay=20,cut=5c" },
    { .name = "reset", .spec = "n=12,delay=20,rst=5c" },
    { .name = "unfinished", .spec = "n=5,no-finish" },
    { .name = "cut-whole", .spec = "text=abc,cut=40", .whole = true },
    { .name = "refused", .spec = "ok", .closed = true },
    { .name = "denied", .spec = "ok,no-cors" },
    { .name = "retried", .spec = "id=retried,status=503;id=retried,n=3", .retries = 2 },
    { .name = "redirect", .spec = "redirect=http:%2F%2F127.0.0.1:1%2Fv1" },
    { .name = "stalled", .spec = "n=12,delay=20,stall=5c", .idle_ms = 300 },
    { .name = "slow", .spec = "first=3000", .first_byte_ms = 300 },
    { .name = "away", .spec = "n=12,delay=40", .idle_ms = 500, .away_ms = 1500 },
    { .name = "large", .spec = "n=3000,bytes=500" },
    { .name = "parallel", .spec = "n=6,delay=20", .copies = COPIES },
    { .name = "inside", .spec = "n=6,delay=20", .inside = true },
    { .name = "anthropic", .spec = "n=6,delay=20", .model = "anthropic/claude-opus-5", .path = "",
      .headers = "anthropic-dangerous-direct-browser-access: true" },
    { .name = "anthropic-unasked", .spec = "n=6", .model = "anthropic/claude-opus-5", .path = "" },
    { .name = "google", .spec = "n=6,delay=20", .model = "google/gemini-3-pro", .path = "" },
    { .name = "ollama", .spec = "n=6,delay=20", .model = "ollama/qwen3", .path = "" },
    { .name = "responses", .spec = "n=6,delay=20", .model = "openai/gpt-6-sol" },
};
enum { RUNS = sizeof runs / sizeof *runs };

static tamar_fetch *fetch;
static tamar_client *llm;
static const char *sim, *nobody;
static int at = -1, frame_number;
static double away_until;
static tamar_error blocking;  // what tamar_chat says

static run *of(const char *name)
{
    for (size_t i = 0; i < RUNS; i++)
        if (!strcmp(runs[i].name, name)) return &runs[i];
    abort();
}

static void seen(run *r, const tamar_event *e)
{
    double now = emscripten_get_now();
    if (r->finishes >= (r->copies ? r->copies : 1)) r->late++;
    if (e->type == TAMAR_EVENT_TEXT) {
        if (!r->pieces++) r->first_ms = now;
        if (r->last_ms != now) r->frames++;
        r->last_ms = now;
        if (r->len + e->text.len < ROOM) memcpy(r->text + r->len, e->text.ptr, e->text.len), r->len += e->text.len;
        if (r->away_ms && r->pieces == 1) away_until = now + r->away_ms;
        if (r->cancel_at && r->pieces == r->cancel_at) {
            r->cancel_frame = frame_number;
            tamar_cancel(llm, e->call);
        }
    }
    if (!e->finished) return;
    r->finishes++;
    r->finish_frame = frame_number;
    r->finish_ms = now;
    r->error = e->error;
    snprintf(r->message, sizeof r->message, "%s", e->error.message);
}

static void inside(void *user_data, const tamar_event *e) { seen((run *)user_data, e); }

static void send(run *r)
{
    static char base[300];
    tamar_request q = { .model = r->model ? r->model : "deepseek/echo", .prompt = "one two", .stream = !r->whole };
    snprintf(base, sizeof base, "http://127.0.0.1:%s/sim/%s%s", r->closed ? nobody : sim, r->spec, r->path ? r->path : "/v1");
    q.base_url = base;
    q.api_key = r->key ? r->key : "a-key";
    q.extra_headers = r->headers;
    q.max_retries = tamar_int(r->retries);
    q.timeouts.idle_ms = r->idle_ms;
    q.timeouts.first_byte_ms = r->first_byte_ms;
    q.on_event = r->inside ? inside : NULL;
    q.user_data = r;
    r->text = calloc(1, ROOM);
    r->began_ms = emscripten_get_now();
    for (int i = 0; i < (r->copies ? r->copies : 1); i++) r->calls[i] = tamar_send(llm, &q);
}

// The k-th byte of the simulator's generated text.
static char generated(size_t k)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456";
    return letters[k % (sizeof letters - 1)];
}

static bool is_generated(const run *r, size_t len)
{
    for (size_t k = 0; k < r->len; k++)
        if (r->text[k] != generated(k)) return false;
    return r->len == len;
}

static void check(void)
{
    for (size_t i = 0; i < RUNS; i++) {
        run *r = &runs[i];
        printf("    %-18s %4d pieces in %3d frames, %7zu bytes, %5.0f ms to the first, %5.0f ms in all: %s\n", r->name, r->pieces,
               r->frames, r->len, r->pieces ? r->first_ms - r->began_ms : 0, r->finish_ms - r->began_ms,
               tamar_category_name(r->error.category));
        TEST(r->name) {
            CHECKF(r->finishes == (r->copies ? r->copies : 1), "%d terminal events", r->finishes);
            CHECKF(r->late == 0, "%d events behind the last", r->late);
        }
    }
    TEST("text comes in pieces, over time") {
        run *r = of("stream");
        CHECKF(r->error.category == TAMAR_OK, "%s", r->message);
        CHECK(is_generated(r, 48));
        CHECKF(r->frames >= 6, "in %d frames", r->frames);
        CHECKF(r->last_ms - r->first_ms > 250, "over %.0f ms", r->last_ms - r->first_ms);
        CHECKF(r->first_ms - r->began_ms < r->finish_ms - r->began_ms - 250, "the first after %.0f ms", r->first_ms - r->began_ms);
    }
    TEST("an answer in one document") {
        CHECKF(!of("whole")->error.category, "%s", of("whole")->message);
        CHECK(!strcmp(of("whole")->text, "The Danube."));
    }
    TEST("text is not bytes") {
        CHECK(!strcmp(of("utf8")->text, "na\xC3\xAFve \xE6\x9D\xB1\xF0\x9F\x8C\x8A"));
    }
    TEST("a refused key") {
        CHECKF(of("auth")->error.category == TAMAR_AUTH, "%s", of("auth")->message);
        CHECK(of("auth")->error.http_status == 401);
    }
    TEST("a vendor's error body is read") {
        CHECKF(of("billing")->error.category == TAMAR_BILLING, "%s", of("billing")->message);
    }
    TEST("a cancelled call ends at once") {
        run *r = of("cancel");
        CHECK(r->error.category == TAMAR_CANCELLED);
        CHECKF(r->finish_frame - r->cancel_frame <= 1, "%d frames later", r->finish_frame - r->cancel_frame);
        CHECK(is_generated(r, r->len) && r->len >= 12 && r->len < 800);
    }
    for (int i = 0; i < 3; i++) TEST("a broken-off stream keeps its text") {
        run *r = of(i == 0 ? "cut" : i == 1 ? "reset" : "unfinished");
        CHECKF(r->error.category == TAMAR_TRUNCATED, "%s: %s", r->name, r->message);
        CHECKF(is_generated(r, 20), "%s: %zu bytes", r->name, r->len);
    }
    TEST("a broken-off document") {
        CHECKF(of("cut-whole")->error.category == TAMAR_TRUNCATED, "%s", of("cut-whole")->message);
    }
    TEST("nobody listens") {
        CHECKF(of("refused")->error.category == TAMAR_CONNECT, "%s", of("refused")->message);
        CHECK(of("refused")->error.http_status == 0 && of("refused")->error.retryable);
    }
    TEST("a server that does not let the page in") {
        CHECKF(of("denied")->error.category == TAMAR_CONNECT, "%s", of("denied")->message);
        CHECK(strstr(of("denied")->message, "CORS") && of("denied")->error.maybe_billed);
    }
    TEST("a failure is tried again") {
        CHECKF(!of("retried")->error.category, "%s", of("retried")->message);
        CHECK(is_generated(of("retried"), 12));
    }
    TEST("a redirect is not followed") {
        CHECKF(of("redirect")->error.category == TAMAR_REDIRECT, "%s", of("redirect")->message);
    }
    TEST("a stream that stalls") {
        CHECKF(of("stalled")->error.category == TAMAR_TIMEOUT_IDLE, "%s", of("stalled")->message);
        CHECK(is_generated(of("stalled"), 20));
    }
    TEST("no answer") { CHECKF(of("slow")->error.category == TAMAR_TIMEOUT_TTFB, "%s", of("slow")->message); }
    TEST("a page that was not drawn for a while") {
        CHECKF(of("away")->error.category == TAMAR_OK, "%s", of("away")->message);
        CHECK(is_generated(of("away"), 48));
    }
    TEST("more than is read ahead") {
        CHECKF(of("large")->error.category == TAMAR_OK, "%s", of("large")->message);
        CHECK(is_generated(of("large"), 1500000));
    }
    TEST("more calls than connections") {
        CHECKF(of("parallel")->error.category == TAMAR_OK, "%s", of("parallel")->message);
        CHECK(of("parallel")->len == COPIES * 24);
    }
    TEST("events from inside the pump") { CHECK(is_generated(of("inside"), 24) && !of("inside")->error.category); }
    for (int i = 0; i < 4; i++) TEST("every dialect") {
        run *r = of(i == 0 ? "anthropic" : i == 1 ? "google" : i == 2 ? "ollama" : "responses");
        CHECKF(r->error.category == TAMAR_OK, "%s: %s", r->name, r->message);
        CHECKF(is_generated(r, 24) && r->frames >= 3, "%s: %zu bytes in %d frames", r->name, r->len, r->frames);
    }
    TEST("Anthropic wants to be asked by its header") {
        CHECKF(of("anthropic-unasked")->error.category == TAMAR_AUTH, "%s", of("anthropic-unasked")->message);
    }
    TEST("a page cannot wait") {
        CHECKF(blocking.category == TAMAR_CONFIG && strstr(blocking.message, "once a frame"), "%s", blocking.message);
    }
}

static void begin(void)
{
    tamar_desc desc = { .max_calls = 16 };
    fetch = tamar_fetch_open();
    desc.transport = tamar_fetch_transport(fetch);
    llm = tamar_open(&desc);
}

// The last: a client that is closed in the middle of an answer, after which nothing may happen.
static void closing(void)
{
    static int since;
    if (since++ == 0) {
        runs[0].spec = "n=100,delay=20";
        send(&runs[0]);
        tamar_pump(llm, 0);
    }
    else if (since == 20) {
        tamar_pump(llm, 0);
        tamar_close(llm);
        tamar_fetch_close(fetch);
    }
    else if (since == 50) {
        test_done();
        emscripten_cancel_main_loop();
    }
}

static void frame(void)
{
    frame_number++;
    if (at == RUNS) {
        closing();
        return;
    }
    if (emscripten_get_now() < away_until) return;
    tamar_pump(llm, 0);
    for (tamar_event e; tamar_next_event(llm, &e); ) seen((run *)e.user_data, &e);
    if (at >= 0 && runs[at].finishes < (runs[at].copies ? runs[at].copies : 1)) return;
    if (at >= 0)
        for (int i = 0; i < COPIES; i++) tamar_release(llm, runs[at].calls[i]);
    if (++at < (int)RUNS) {
        send(&runs[at]);
        return;
    }
    tamar_request q = { .model = "deepseek/echo", .prompt = "one", .api_key = "a-key" };
    char base[100];
    snprintf(base, sizeof base, "http://127.0.0.1:%s/v1", sim);
    q.base_url = base;
    tamar_response *answer = tamar_chat(llm, &q);
    blocking = answer->error;
    check();
    tamar_response_free(answer);
}

int main(int argc, char **argv)
{
    if (argc < 3) return puts("browser.sh runs this"), 2;
    sim = argv[1];
    nobody = argv[2];
    begin();
    emscripten_set_main_loop(frame, 0, false);
    return 0;
}
