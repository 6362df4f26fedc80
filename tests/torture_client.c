// The client's worst days, exhaustively: every allocation fails in turn, every block size, the answer cut at every byte,
// split at every byte, every seam call fails in every way, cancelled and released at every step; then a swarm of random
// faults. The world is simulated, so all of it is virtual time and every failure can be replayed.
//
//     torture_client             everything, 2,000 seeds
//     torture_client 100000      that many seeds
//     torture_client --seed 77   this one alone
//
// The trace printed at the end is the same for the same seeds, whatever compiled it (those that run short of memory
// are left out: there it matters how large a pointer is).
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "sim.h"
#include <time.h>

// -- scenarios -------------------------------------------------------------------------------------------

#define MOST_CALLS 4

typedef struct scenario {
    const char *name;
    void (*serve)(sim *w, sim_server *s);
    int calls;
    const char *text[MOST_CALLS];  // of each call, when all goes well
    tamar_category category[MOST_CALLS];  // and how it ends
    bool together, whole, on_event, discard, tls, name_lookup, tools;
    int cancel_after;  // pumps; 0: not
    const char
        *proof;  // cut behind this, it is a success; NULL: only the whole answer is; "": never
} scenario;

static void say_sse(sim *w, sim_server *s, sim_bytes b, sim_framing framing)
{
    sim_send_paced(sim_on_request(s),
        sim_reply(w, 200, "text/event-stream", "", b.ptr, b.len, framing), 150, 300);
    sim_bytes_free(&b);
}

static void serve_stream(sim *w, sim_server *s)
{
    say_sse(
        w, s, sim_sse_chat("The Rhine ", "\xf0\x9f\x8c\x8a", " runs north.", NULL), SIM_CHUNKED);
}

static void serve_at_once(
    sim *w, sim_server *s)  // all events in one read: one that fails must be the last
{
    sim_send(sim_on_request(s), sim_stream(w, "one ", "read ", "brings ", "it all", NULL));
}

static void serve_length(sim *w, sim_server *s)
{
    say_sse(w, s, sim_sse_chat("Known ", "length", NULL), SIM_LENGTH);
}

static void serve_until_close(sim *w, sim_server *s)
{
    say_sse(w, s, sim_sse_chat("Until ", "the end", NULL), SIM_CLOSE);
    sim_fin(s->answers[0]);
}

static void serve_no_done(sim *w, sim_server *s)
{
    sim_bytes b = {NULL, 0, 0};
    sim_sse_role(&b);
    sim_sse_text(&b, "no ");
    sim_sse_text(&b, "sentinel");
    sim_sse_finish(&b, "stop");
    say_sse(w, s, b, SIM_CHUNKED);
}

static void serve_whole(sim *w, sim_server *s)
{
    sim_send_paced(sim_on_request(s), sim_answer(w, "All in \"one\" piece."), 60, 300);
}

static void serve_whole_chunked(sim *w, sim_server *s)
{
    sim_bytes b = sim_json_chat("In chunks.");
    sim_send_paced(sim_on_request(s),
        sim_reply(w, 200, "application/json", "", b.ptr, b.len, SIM_CHUNKED), 60, 300);
    sim_bytes_free(&b);
}

static void serve_tools(sim *w, sim_server *s)
{
    sim_bytes b = {NULL, 0, 0};
    sim_sse_role(&b);
    sim_sse_text(&b, "Let me see.");
    sim_sse_tool(&b, 0, "call_1", "weather", "");
    sim_sse_tool(&b, 0, NULL, NULL, "{\"city\":");
    sim_sse_tool(&b, 0, NULL, NULL, "\"Oslo\"}");
    sim_sse_tool(&b, 1, "call_2", "weather", "{\"city\":\"Rome\"}");
    sim_sse_finish(&b, "tool_calls");
    sim_sse_usage(&b, 9, 9);
    sim_sse_done(&b);
    say_sse(w, s, b, SIM_CHUNKED);
}

static void serve_rate_then_good(sim *w, sim_server *s)
{
    sim_send(sim_on_request(s),
        sim_error(w, 429, "Retry-After: 1\r\n", "slow down", "requests", "rate_limit_exceeded"));
    sim_send(sim_on_request(s), sim_error(w, 503, "", "busy", "server_error", NULL));
    say_sse(w, s, sim_sse_chat("third ", "time", NULL), SIM_CHUNKED);
}

static void serve_keep_alive(sim *w, sim_server *s)
{
    say_sse(w, s, sim_sse_chat("and ", "again", NULL), SIM_CHUNKED);
    say_sse(w, s, sim_sse_chat("and ", "again", NULL), SIM_LENGTH);
    say_sse(w, s, sim_sse_chat("and ", "again", NULL), SIM_CHUNKED);
}

static void serve_stale(sim *w, sim_server *s)
{
    sim_script *c = sim_on_connect(s);
    sim_expect(c);
    sim_send(c, sim_stream(w, "again", NULL));
    sim_expect_bytes(c, 1);
    sim_rst(c);
    say_sse(w, s, sim_sse_chat("again", NULL), SIM_CHUNKED);
}

static void serve_broken_off(sim *w, sim_server *s)
{
    sim_script *c = sim_on_request(s);
    sim_send_paced(c, sim_stream_part(w, "as far ", "as it goes", NULL), 100, 300);
    sim_send(c,
        sim_more(w,
            "data: {\"error\":{\"message\":\"the model fell over\",\"type\":\"server_error\",\"code\":null}}\n\n"));
    sim_fin(c);
}

static void serve_bad_request(sim *w, sim_server *s)
{
    sim_send_paced(sim_on_request(s),
        sim_error(w, 400, "x-request-id: req_9\r\n", "no such parameter", "invalid_request_error",
            "unknown_parameter"),
        50, 300);
}

static void serve_plain_refusal(sim *w, sim_server *s)
{
    sim_send(sim_on_request(s), sim_reply(w, 401, "text/plain", "", "go away", 7, SIM_LENGTH));
}

static void serve_slow(sim *w, sim_server *s)
{
    sim_script *c = sim_on_request(s);
    sim_send_paced(c, sim_stream_part(w, "I will ", "be ", NULL), 60, 300);
    sim_stall(c);
}

static void serve_four(sim *w, sim_server *s)
{
    int i;
    for (i = 0; i < 4; i++) say_sse(w, s, sim_sse_chat("side ", "by ", "side", NULL), SIM_CHUNKED);
}

static void serve_empty(sim *w, sim_server *s)
{
    sim_send(sim_on_request(s), sim_reply(w, 204, "text/plain", "", "", 0, SIM_LENGTH)),
        s->answers[0]->repeat = true;
}

#define DONE "data: [DONE]"
#define RHINE "The Rhine \xf0\x9f\x8c\x8a runs north."

static const scenario scenarios[] = {
    {.name = "stream", .serve = serve_stream, .calls = 1, .text = {RHINE}, .proof = DONE},
    {.name = "stream in one read",
        .serve = serve_at_once,
        .calls = 1,
        .text = {"one read brings it all"},
        .proof = DONE},
    {.name = "stream of known length",
        .serve = serve_length,
        .calls = 1,
        .text = {"Known length"},
        .proof = DONE},
    {.name = "stream until close",
        .serve = serve_until_close,
        .calls = 1,
        .text = {"Until the end"},
        .proof = DONE},
    {.name = "stream without [DONE]", .serve = serve_no_done, .calls = 1, .text = {"no sentinel"}},
    {.name = "stream, on_event",
        .serve = serve_stream,
        .calls = 1,
        .text = {RHINE},
        .on_event = true,
        .proof = DONE},
    {.name = "stream, discard_text",
        .serve = serve_stream,
        .calls = 1,
        .text = {RHINE},
        .discard = true,
        .proof = DONE},
    {.name = "stream, TLS and a name",
        .serve = serve_stream,
        .calls = 1,
        .text = {RHINE},
        .tls = true,
        .name_lookup = true,
        .proof = DONE},
    {.name = "whole answer",
        .serve = serve_whole,
        .calls = 1,
        .text = {"All in \"one\" piece."},
        .whole = true},
    {.name = "whole answer in chunks",
        .serve = serve_whole_chunked,
        .calls = 1,
        .text = {"In chunks."},
        .whole = true},
    {.name = "tools",
        .serve = serve_tools,
        .calls = 1,
        .text = {"Let me see."},
        .tools = true,
        .proof = DONE},
    {.name = "429, 503, good", .serve = serve_rate_then_good, .calls = 1, .text = {"third time"}},
    {
        .name = "keep-alive",
        .serve = serve_keep_alive,
        .calls = 3,
        .text = {"and again", "and again", "and again"},
    },
    {.name = "stale connection", .serve = serve_stale, .calls = 2, .text = {"again", "again"}},
    {.name = "error in mid-stream",
        .serve = serve_broken_off,
        .calls = 1,
        .text = {"as far as it goes"},
        .category = {TAMAR_SERVER},
        .proof = ""},
    {.name = "bad request",
        .serve = serve_bad_request,
        .calls = 1,
        .text = {""},
        .category = {TAMAR_BAD_REQUEST},
        .proof = ""},
    {.name = "plain refusal", .serve = serve_plain_refusal, .calls = 1, .text = {""},
        .category = {TAMAR_AUTH}, .proof = ""},
    {.name = "cancelled",
        .serve = serve_slow,
        .calls = 1,
        .text = {"I will be "},
        .category = {TAMAR_CANCELLED},
        .cancel_after = 14,
        .proof = ""},
    {.name = "four at once",
        .serve = serve_four,
        .calls = 4,
        .text = {"side by side", "side by side", "side by side", "side by side"},
        .together = true},
    {.name = "no content",
        .serve = serve_empty,
        .calls = 1,
        .text = {""},
        .category = {TAMAR_EMPTY},
        .whole = true,
        .proof = ""},
};
#define SCENARIOS ((int)(sizeof scenarios / sizeof *scenarios))

// -- one run -----------------------------------------------------------------------------------------------

typedef struct twist {
    long alloc_at;  // this allocation fails
    bool alloc_on;  // and all after it
    size_t block;  // fixed memory; 0: the allocator
    bool cut, cut_rst;
    size_t cut_at;
    sim_segments segments;
    size_t segment;
    long fault_at;
    sim_fault fault;
    int cancel_at, release_at;  // before this pump
    int retries;
    bool idle;  // no scenario, only the last call
} twist;

typedef struct outcome {
    bool opened;
    tamar_category category[MOST_CALLS], healthy;
    char text[MOST_CALLS][64], arguments[64];
    tamar_finish finish[MOST_CALLS];
    int64_t total_tokens[MOST_CALLS];
    int attempts[MOST_CALLS];
    int pumps;
    long allocations, seam_calls;
    size_t peak, said;
    size_t proof_from, proof_to;  // bytes said when success is possible, and when it is due
} outcome;

static char run_context[160];

static tamar_request request_of(const scenario *x)
{
    static tamar_tool tool;
    tamar_request r;
    memset(&r, 0, sizeof r);
    r.model = "m";
    r.prompt = "Go on.";
    r.system = "Be brief.";
    r.stream = !x->whole;
    r.on_event = x->on_event ? sim_on_event : NULL;
    r.discard_text = x->discard;
    if (x->tools) {
        tool.name = "weather";
        tool.description = "of a city";
        tool.parameters =
            "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}";
        r.tools = &tool;
        r.tool_count = 1;
    }
    return r;
}

static bool pump_once(sim *w, tamar_client *c, const twist *t, const scenario *x, sim_call *calls,
    int alive, outcome *o)
{
    bool more;
    int i;
    o->pumps++;
    if (o->pumps == t->cancel_at || (x->cancel_after && o->pumps == x->cancel_after))
        for (i = 0; i < alive; i++) tamar_cancel(c, calls[i].handle);
    if (o->pumps == t->release_at)
        for (i = 0; i < alive; i++) tamar_release(c, calls[i].handle);
    more = sim_pump(w, c, -1);
    sim_events(w, c);
    if (o->pumps > 100000) {
        sim_violation(w, "no end of pumping");
        return false;
    }
    return more;
}

static void play(const scenario *x, const twist *t, outcome *o)
{
    sim *w = sim_new(1);
    sim_server *s = sim_listen(w, "127.0.0.1", 8080), *good = sim_listen(w, "127.0.0.1", 9999);
    tamar_desc d = sim_desc(w);
    tamar_client *c;
    tamar_request r = request_of(x);
    sim_call calls[MOST_CALLS], healthy;
    tamar_error why;
    char *block = NULL;
    const char *proof;
    int i, n = t->idle ? 0 : x->calls, released_at_most;
    memset(o, 0, sizeof *o);
    memset(&why, 0, sizeof why);
    w->context = run_context;
    x->serve(w, s);
    sim_send(sim_on_request(good), sim_stream(w, "healthy", NULL));
    if (x->tls) s->tls = true;
    if (x->name_lookup) sim_host(w, "llm.sim.test", "127.0.0.1", 0, 700);
    if (x->tls)
        d.base_url = x->name_lookup ? "https://llm.sim.test:8080/v1" : "https://127.0.0.1:8080/v1";
    if (t->cut) s->limit = t->cut_at, s->limit_rst = t->cut_rst;
    w->segments = t->segments;
    w->segment = t->segment;
    w->memory.fail_at = t->alloc_at;
    w->memory.fail_on = t->alloc_on;
    w->fault_at = t->fault_at;
    w->fault = t->fault;
    d.max_retries = tamar_int(t->retries);
    d.max_calls = 4;
    d.max_connections = 4;
    d.timeouts.total_ms = 60000;
    d.timeouts.idle_ms = 20000;
    d.receive_buffer = 2048;
    d.error = &why;
    if (t->block) {
        d.memory = block = (char *)malloc(t->block);
        d.memory_size = t->block;
        if (!block) abort();
        memset(block, 0xa5, t->block);
    }
    c = tamar_open(&d);
    o->opened = c != NULL;
    if (!c) {
        CHECKF(t->alloc_at || t->block, "open failed: %s", run_context);
        CHECKF(why.category == TAMAR_NOMEM || why.category == TAMAR_CONFIG, "open says %s: %s",
            tamar_category_name(why.category), run_context);
        o->allocations = w->memory.asked;
        sim_free(w);
        free(block);
        return;
    }
    if (x->together) {
        for (i = 0; i < n; i++) sim_start(w, &calls[i], c, &r);
        while (pump_once(w, c, t, x, calls, n, o)) {}
    }
    else
        for (i = 0; i < n; i++) {
            sim_start(w, &calls[i], c, &r);
            while (pump_once(w, c, t, x, calls, i + 1, o)) {}
        }
    for (i = 0; i < n; i++) {
        const char *want = x->text[i] ? x->text[i] : "";
        released_at_most = t->release_at && o->pumps >= t->release_at;
        CHECKF(calls[i].finishes == 1 || (released_at_most && calls[i].finishes == 0),
            "%d FINISH: %s", calls[i].finishes, run_context);
        CHECKF(calls[i].text.len <= strlen(want) &&
                (calls[i].text.len == 0 || memcmp(want, calls[i].text.ptr, calls[i].text.len) == 0),
            "'%s' does not begin '%s': %s", calls[i].text.ptr, want, run_context);
        if (calls[i].finishes && calls[i].category == TAMAR_OK) {
            CHECKF(x->category[i] == TAMAR_OK, "a success that is none: %s", run_context);
            CHECKF(calls[i].text.len == strlen(want), "success with '%s': %s",
                calls[i].text.ptr ? calls[i].text.ptr : "", run_context);
        }
        CHECKF(
            calls[i].attempts <= 1 + t->retries, "%d attempts: %s", calls[i].attempts, run_context);
        o->category[i] = calls[i].category;
        o->finish[i] = calls[i].finish;
        o->attempts[i] = calls[i].attempts;
        o->total_tokens[i] =
            calls[i].usage.total_tokens.set ? calls[i].usage.total_tokens.value : -1;
        snprintf(o->text[i], sizeof o->text[i], "%s", calls[i].text.ptr ? calls[i].text.ptr : "");
        if (i == 0)
            snprintf(o->arguments, sizeof o->arguments, "%s",
                calls[i].arguments.ptr ? calls[i].arguments.ptr : "");
        tamar_release(c, calls[i].handle);
    }
    o->allocations = w->memory.asked;
    o->seam_calls = w->fault_calls;
    o->said = s->said.len;
    proof = x->proof && x->proof[0] && s->said.ptr ? strstr(s->said.ptr, x->proof) : NULL;
    o->proof_from = proof ? (size_t)(proof - s->said.ptr) + strlen(x->proof) : s->said.len;
    o->proof_to = proof ? o->proof_from + 2 : s->said.len;
    // All is well again: the same client must work.
    w->memory.fail_at = 0;
    w->fault_at = 0;
    w->segments = SIM_WHOLE;
    r = request_of(&scenarios[0]);
    r.base_url = "http://127.0.0.1:9999/v1";
    sim_start(w, &healthy, c, &r);
    sim_drive(w, c);
    CHECKF(healthy.finishes == 1, "the last call: %d FINISH: %s", healthy.finishes, run_context);
    if (!t->block)
        CHECKF(healthy.category == TAMAR_OK && healthy.text.len == 7,
            "not usable afterwards: %s '%s': %s", tamar_category_name(healthy.category),
            healthy.message, run_context);
    o->healthy = healthy.category;
    o->peak = tamar_memory(c).peak;
    tamar_close(c);
    if (t->block) CHECKF(w->memory.asked == 0, "the allocator was called: %s", run_context);
    sim_free(w);
    if (block)
        CHECKF(
            !sim_has(block, t->block, SIM_KEY), "the key is still in the block: %s", run_context);
    free(block);
}

static twist plain(void)
{
    twist t;
    memset(&t, 0, sizeof t);
    t.retries = 2;
    return t;
}

static bool same(const scenario *x, const outcome *a, const outcome *b)
{
    int i;
    for (i = 0; i < x->calls; i++)
        if (a->category[i] != b->category[i] || a->finish[i] != b->finish[i] ||
            a->total_tokens[i] != b->total_tokens[i] || strcmp(a->text[i], b->text[i]) != 0)
            return false;
    return strcmp(a->arguments, b->arguments) == 0;
}

#define CONTEXT(...) snprintf(run_context, sizeof run_context, __VA_ARGS__)

static void case_name(char *out, size_t cap, const char *what, const scenario *x)
{
    snprintf(out, cap, "%s: %s", what, x->name);
}

// -- the ways to fail ------------------------------------------------------------------------------------------

static long runs;

static void torture(const scenario *x)
{
    twist t = plain(), bare;
    outcome good, once, o;
    char name[128];
    long k;
    int i, kind;
    size_t at, step;

    case_name(name, sizeof name, "undisturbed", x);
    TEST(name) {
        CONTEXT("%s, undisturbed", x->name);
        play(x, &t, &good);
        for (i = 0; i < x->calls; i++) {
            CHECKF(good.category[i] == (i < MOST_CALLS ? x->category[i] : TAMAR_OK), "%s",
                tamar_category_name(good.category[i]));
            if (x->category[i] != TAMAR_CANCELLED)
                CHECKF(
                    strcmp(good.text[i], x->text[i] ? x->text[i] : "") == 0, "'%s'", good.text[i]);
        }
        if (x->tools)
            CHECKF(strcmp(good.arguments, "{\"city\":\"Oslo\"}") == 0, "'%s'", good.arguments);
    }
    if (!good.opened) return;
    t.retries = 0;
    play(x, &t, &once);

    case_name(name, sizeof name, "every allocation fails", x);
    TEST(name)
        for (kind = 0; kind < 2; kind++)
            for (k = 1; k <= good.allocations && test_bad < 8; k++, runs++) {
                t = plain();
                t.alloc_at = k;
                t.alloc_on = kind == 1;
                CONTEXT("%s, allocation %ld%s of %ld fails", x->name, k,
                    kind ? " and later ones" : "", good.allocations);
                play(x, &t, &o);
                for (i = 0; o.opened && i < x->calls; i++)
                    CHECKF(o.category[i] == x->category[i] || o.category[i] == TAMAR_NOMEM ||
                            o.category[i] == TAMAR_LOCAL_LIMIT,
                        "%s: %s", tamar_category_name(o.category[i]), run_context);
            }

    case_name(name, sizeof name, "every size of block", x);
    TEST(name) {
        bool opens = false;
        size_t enough = 0;
        t = plain();
        t.block = 4 * 1024 * 1024;
        CONTEXT("%s, a large block", x->name);
        play(x, &t, &o);
        CHECK(o.opened && same(x, &o, &good));
        step = o.peak / 257 | 15;
        for (at = 16; at < o.peak * 2 + 4096 && test_bad < 8; at += step, runs += 2) {
            outcome fresh, full;
            bare = plain();
            bare.block = t.block = at;
            bare.idle = true;
            CONTEXT("%s, a block of %lu bytes", x->name, (unsigned long)at);
            play(x, &bare, &fresh);
            play(x, &t, &full);
            CHECKF(fresh.opened == full.opened && (fresh.opened || !opens), "opens sometimes: %s",
                run_context);
            opens = fresh.opened;
            if (!enough && fresh.opened && fresh.healthy == TAMAR_OK) enough = at;
            // A used client keeps a connection and its origin, which a fresh one does not have yet.
            if (enough && at > enough + 2048)
                CHECKF(
                    full.healthy == TAMAR_OK, "a full block spoilt the next call: %s", run_context);
            for (i = 0; full.opened && i < x->calls; i++)
                CHECKF(full.category[i] == x->category[i] || full.category[i] == TAMAR_NOMEM ||
                        full.category[i] == TAMAR_LOCAL_LIMIT,
                    "%s: %s", tamar_category_name(full.category[i]), run_context);
        }
        CHECKF(opens && enough, "never enough");
    }

    if (x->calls == 1 && !x->cancel_after && once.said) {
        case_name(name, sizeof name, "cut at every byte", x);
        TEST(name)
            for (kind = 0; kind < 2; kind++)
                for (at = 0; at <= once.said && test_bad < 8; at++, runs++) {
                    bool none = x->proof && !x->proof[0];
                    bool may = !none && at >= once.proof_from && once.category[0] == TAMAR_OK,
                         must = may && at >= once.proof_to;
                    t = plain();
                    t.retries = 0;
                    t.cut = true;
                    t.cut_at = at;
                    t.cut_rst = kind == 1;
                    CONTEXT("%s, %s after byte %lu of %lu", x->name, kind ? "RST" : "FIN",
                        (unsigned long)at, (unsigned long)once.said);
                    play(x, &t, &o);
                    CHECKF(
                        may || o.category[0] != TAMAR_OK, "success without proof: %s", run_context);
                    CHECKF(!must || o.category[0] == TAMAR_OK, "%s in spite of proof: %s",
                        tamar_category_name(o.category[0]), run_context);
                    if (o.category[0] != TAMAR_OK && once.category[0] == TAMAR_OK)
                        CHECKF(o.category[0] == TAMAR_TRUNCATED || o.category[0] == TAMAR_RESET ||
                                o.category[0] == TAMAR_PROTO || o.category[0] == TAMAR_EMPTY,
                            "%s: %s", tamar_category_name(o.category[0]), run_context);
                }
    }

    case_name(name, sizeof name, "split at every byte, and byte by byte", x);
    TEST(name) {
        for (at = 0; at <= good.said && at < 6000 && test_bad < 8; at++, runs++) {
            t = plain();
            t.segments = SIM_SPLIT;
            t.segment = at;
            CONTEXT(
                "%s, split at %lu of %lu", x->name, (unsigned long)at, (unsigned long)good.said);
            play(x, &t, &o);
            if (!x->cancel_after)
                CHECKF(same(x, &o, &good), "not the same: %s '%s': %s",
                    tamar_category_name(o.category[0]), o.text[0], run_context);
        }
        for (at = 1; at <= 16 && test_bad < 8; at++, runs++) {
            t = plain();
            t.segments = SIM_PIECES;
            t.segment = at;
            CONTEXT("%s, %lu bytes at a time", x->name, (unsigned long)at);
            play(x, &t, &o);
            if (!x->cancel_after)
                CHECKF(same(x, &o, &good), "not the same: %s '%s': %s",
                    tamar_category_name(o.category[0]), o.text[0], run_context);
        }
    }

    case_name(name, sizeof name, "every seam call fails in every way", x);
    TEST(name)
        for (kind = 1; kind < SIM_FAULT_KINDS; kind++)
            for (k = 1; k <= good.seam_calls && test_bad < 8; k++, runs++) {
                static const char *const kinds[] = {
                    "", "AGAIN", "reset", "refused", "limit", "short write", "short read"};
                t = plain();
                t.fault_at = k;
                t.fault = (sim_fault)kind;
                CONTEXT("%s, seam call %ld of %ld: %s", x->name, k, good.seam_calls, kinds[kind]);
                play(x, &t, &o);
                if ((kind == SIM_FAULT_AGAIN || kind >= SIM_FAULT_SHORT_WRITE) && !x->cancel_after)
                    CHECKF(same(x, &o, &good), "not the same: %s '%s': %s",
                        tamar_category_name(o.category[0]), o.text[0], run_context);
                t.retries = 0;
                play(x, &t, &o);
            }

    case_name(name, sizeof name, "cancelled at every step", x);
    TEST(name)
        for (k = 1; k <= good.pumps + 1 && test_bad < 8; k++, runs++) {
            t = plain();
            t.cancel_at = (int)k;
            CONTEXT("%s, cancelled before pump %ld of %d", x->name, k, good.pumps);
            play(x, &t, &o);
            for (i = 0; i < x->calls; i++)
                CHECKF(o.category[i] == x->category[i] || o.category[i] == TAMAR_CANCELLED,
                    "%s: %s", tamar_category_name(o.category[i]), run_context);
        }

    case_name(name, sizeof name, "released at every step", x);
    TEST(name)
        for (k = 1; k <= good.pumps + 1 && test_bad < 8; k++, runs++) {
            t = plain();
            t.release_at = (int)k;
            CONTEXT("%s, released before pump %ld of %d", x->name, k, good.pumps);
            play(x, &t, &o);
        }
}

// -- the swarm -----------------------------------------------------------------------------------------------------
// Each seed has its own set of fault classes (each on or off, so that rare ones meet), its own network and its own calls.
// Every good answer is the beginning of one text that does not repeat itself: a delivered text that is no beginning of it
// was reordered, doubled or made of two attempts.

#define SWARM_CALLS 12

static char swarm_text[4096];
static bool swarm_whole[4096];  // lengths that whole answers of this seed have

static void swarm_answer(sim *w, sim_server *s, bool faults)
{
    sim_script *c = sim_on_request(s);
    size_t len = 1 + sim_rand(w, 900), cut = sim_rand(w, (uint32_t)len + 1), at = 0;
    sim_bytes b = {NULL, 0, 0}, piece = {NULL, 0, 0};
    uint32_t kind = faults ? sim_rand(w, 16) : sim_rand(w, 4), pace = sim_rand(w, 4);
    tamar_str reply;
    if (kind < 4) swarm_whole[len] = true;
    if (sim_rand(w, 4) == 0) sim_delay(c, (int)sim_rand(w, 3000));
    if (kind == 4) {
        sim_send(c,
            sim_error(w, 429, sim_rand(w, 2) ? "Retry-After: 1\r\n" : "", "slow", "requests",
                "rate_limit_exceeded"));
        return;
    }
    if (kind == 5) {
        sim_send(c, sim_error(w, 500 + (int)sim_rand(w, 4), "", "busy", "server_error", NULL));
        return;
    }
    if (kind == 6) {
        sim_send(
            c, sim_error(w, 400 + (int)sim_rand(w, 5), "", "no", "invalid_request_error", NULL));
        return;
    }
    if (kind == 7) {
        sim_send(c, sim_reply(w, 200, "text/html", "", "<html></html>", 13, SIM_LENGTH));
        return;
    }
    if (kind == 8) {
        if (sim_rand(w, 2)) sim_rst(c);
        else sim_fin(c);
        return;
    }
    if (kind == 9) {
        sim_stall(c);
        return;
    }
    if (kind < 2) {  // whatever was asked for, this is a whole answer
        char rest = swarm_text[len];
        swarm_text[len] = 0;
        b = sim_json_chat(swarm_text);
        swarm_text[len] = rest;
        reply = sim_reply(w, 200, "application/json", "", b.ptr, b.len,
            sim_rand(w, 2) ? SIM_LENGTH : SIM_CHUNKED);
    }
    else {
        if (kind < 10) swarm_whole[len] = true;
        sim_sse_role(&b);
        while (at < (kind >= 10 ? cut : len)) {
            size_t n = 1 + sim_rand(w, 40);
            if (n > len - at) n = len - at;
            piece.len = 0;
            sim_add(&piece, swarm_text + at, n);
            sim_sse_text(&b, piece.ptr);
            if (sim_rand(w, 8) == 0) sim_puts(&b, ": ping\n\n");
            at += n;
        }
        if (kind == 10)
            sim_puts(&b,
                "data: {\"error\":{\"message\":\"broke\",\"type\":\"server_error\",\"code\":null}}\n\n");
        if (kind < 10) {
            sim_sse_finish(&b, "stop");
            sim_sse_done(&b);
        }
        reply = sim_reply(w, 200, "text/event-stream", "", b.ptr, b.len,
            sim_rand(w, 4) ? SIM_CHUNKED : SIM_LENGTH);
        if (kind >= 13) reply.len -= reply.len > 5 ? sim_rand(w, 5) : 0;
    }
    if (pace) {
        size_t size = 1 +
            sim_rand(w, 400);  // one after the other: compilers differ in the order of arguments
        sim_send_paced(c, reply, size, 100 + sim_rand(w, pace == 1 ? 400 : 40000));
    }
    else sim_send(c, reply);
    if (kind == 11) sim_rst(c);
    if (kind == 12) sim_stall(c);
    if (kind == 13) sim_fin(c);
    if (kind == 14) sim_rst(c);
    if (sim_rand(w, 10) == 0) sim_fin(c);
    sim_bytes_free(&b);
    sim_bytes_free(&piece);
}

static sim_call *swarm_calls;
static bool *swarm_released, swarm_short;  // short: of memory
static uint32_t swarm_count;

// Now and then a callback cancels or releases: itself, or somebody else.
static void swarm_hook(sim_call *call, const tamar_event *e)
{
    sim *w = call->world;
    uint32_t k = sim_rand(w, 4) ? (uint32_t)(call - swarm_calls) : sim_rand(w, swarm_count),
             what = sim_rand(w, 60);
    (void)e;
    if (k >= swarm_count || !swarm_calls[k].handle.id) return;
    if (what == 0) tamar_cancel(call->client, swarm_calls[k].handle);
    if (what == 1) {
        tamar_release(call->client, swarm_calls[k].handle);
        swarm_released[k] = true;
    }
}

static uint64_t swarm(uint32_t seed)
{
    sim *w = sim_new(seed);
    sim_server *s[3];
    tamar_desc d = sim_desc(w);
    tamar_client *c;
    sim_call calls[SWARM_CALLS], last;
    bool released[SWARM_CALLS];
    tamar_request r;
    char *block = NULL;
    uint32_t i, k, n = 1 + sim_rand(w, SWARM_CALLS), frames;
    bool quiet = sim_rand(w, 8) == 0, bad_server = !quiet && sim_rand(w, 4) != 0,
         bad_net = !quiet && sim_rand(w, 2), bad_memory = !quiet && sim_rand(w, 4) == 0;
    int total = 2000 + (int)sim_rand(w, 60000), turns = 0, retries = (int)sim_rand(w, 4);
    uint64_t frame_us = 0;
    CONTEXT("replay with --seed %lu", (unsigned long)seed);
    memset(swarm_whole, 0, sizeof swarm_whole);
    w->context = run_context;
    w->step_limit = 3000000;
    w->segments = sim_rand(w, 4) ? SIM_RANDOM : sim_rand(w, 2) ? SIM_WHOLE : SIM_PIECES;
    w->segment = 1 + sim_rand(w, 20);
    w->shuffle = sim_rand(w, 2);
    w->rst_drops = bad_net && sim_rand(w, 2);
    w->rtt_us = sim_rand(w, 4) ? sim_rand(w, 200000) : 0;
    w->send_max = sim_rand(w, 4) ? SIZE_MAX : 1 + sim_rand(w, 100);
    if (bad_net)
        for (k = 1; k < SIM_FAULT_KINDS; k++) w->swarm[k] = sim_rand(w, 3) ? 0 : sim_rand(w, 3000);
    for (k = 0; k < 3; k++) {
        s[k] = sim_listen(w,
            k == 0       ? "127.0.0.1"
                : k == 1 ? "10.0.0.2"
                         : "10.0.0.3",
            k == 0 ? 8080 : 443);
        s[k]->tls = k > 0;
        s[k]->tls_record = 1 + sim_rand(w, 2000);
        for (i = 0; i < 60; i++) swarm_answer(w, s[k], bad_server);
        s[k]->answers[59]->repeat = true;
        for (i = 0; bad_server && i < 6; i++) {
            sim_script *x = sim_on_connect(s[k]);
            switch (sim_rand(w, 8)) {
            case 0: sim_refuse(x); break;
            case 1: sim_blackhole(x); break;
            case 2: sim_delay(x, (int)sim_rand(w, 5000)); break;
            case 3: sim_clog(x, sim_rand(w, 300)); break;
            default: break;
            }
        }
    }
    sim_host(w, "two.sim.test", "10.0.0.2", 0, sim_rand(w, 2) ? sim_rand(w, 1000000) : 0);
    sim_host(w, "three.sim.test", "fd00::9", 0, 1000);
    sim_host(w, "three.sim.test", "10.0.0.3", 0, 1000);
    if (bad_server && sim_rand(w, 8) == 0)
        sim_host(w, "four.sim.test", NULL, TAMAR_IO_NO_NAME, 500);
    else
        sim_host(
            w, "four.sim.test", "10.0.0.3", 0, bad_server && sim_rand(w, 4) == 0 ? SIM_NEVER : 100);
    d.max_retries = tamar_int(retries);
    d.max_calls = 1 + (int)sim_rand(w, SWARM_CALLS);
    d.max_connections = 1 + (int)sim_rand(w, 6);
    d.max_idle_connections = 1 + (int)sim_rand(w, 4);
    d.receive_buffer = 256 + sim_rand(w, 4096);
    d.pump_budget = 1000 + sim_rand(w, 20000);
    d.timeouts.connect_ms = 500 + (int)sim_rand(w, 5000);
    d.timeouts.send_ms = 500 + (int)sim_rand(w, 5000);
    d.timeouts.first_byte_ms = 1000 + (int)sim_rand(w, 10000);
    d.timeouts.idle_ms = 500 + (int)sim_rand(w, 5000);
    d.timeouts.total_ms = total;
    if (sim_rand(w, 3) == 0) {
        d.memory_size = 60000 + sim_rand(w, 200000);
        d.memory = block = (char *)malloc(d.memory_size);
        if (!block) abort();
        memset(block, 0xa5, d.memory_size);
    }
    swarm_short = block != NULL;
    c = tamar_open(&d);
    if (!c) {
        CHECKF(block != NULL, "open: %s", run_context);
        free(block);
        return sim_free(w);
    }
    frames = sim_rand(w, 2);
    if (frames) frame_us = 1000 + sim_rand(w, 30000);
    memset(released, 0, sizeof released);
    swarm_calls = calls;
    swarm_released = released;
    swarm_count = 0;
    swarm_short = block != NULL || bad_memory;
    for (i = 0; i < n; i++) {
        static const char *const urls[] = {"http://127.0.0.1:8080/v1", "https://two.sim.test/v1",
            "https://three.sim.test", "https://four.sim.test/v1"};
        memset(&r, 0, sizeof r);
        r.model = "m";
        r.prompt = "Go on.";
        r.stream = sim_rand(w, 3) != 0;
        r.base_url = urls[sim_rand(w, 4)];
        r.discard_text = sim_rand(w, 4) == 0;
        r.on_event = sim_rand(w, 2) ? sim_on_event : NULL;
        r.group = sim_rand(w, 3);
        r.priority = (int)sim_rand(w, 3);
        if (bad_memory && sim_rand(w, 3) == 0)
            w->memory.fail_at = w->memory.asked + 1 + (long)sim_rand(w, 30);
        sim_start(w, &calls[i], c, &r);
        swarm_count = i + 1;
        if (!quiet && r.on_event) calls[i].hook = swarm_hook;
        for (k = sim_rand(w, 12); k > 0; k--) {
            sim_pump(w, c, frames ? 0 : -1);
            if (sim_rand(w, 3)) sim_events(w, c);
            if (frames) sim_frame(w, frame_us);
        }
    }
    while (turns++ < 200000) {
        bool more = sim_pump(w, c, frames ? 0 : (int)sim_rand(w, 100) - 1);
        if (sim_rand(w, 4) || !more) sim_events(w, c);
        if (!more) break;
        if (frames) sim_frame(w, frame_us);
        if (!quiet && sim_rand(w, 200) == 0) {
            k = sim_rand(w, n);
            tamar_cancel(c, calls[k].handle);
        }
        if (!quiet && sim_rand(w, 400) == 0) {
            k = sim_rand(w, n);
            tamar_release(c, calls[k].handle);
            released[k] = true;
        }
        if (!quiet && sim_rand(w, 2000) == 0) tamar_cancel_all(c, sim_rand(w, 3));
    }
    sim_events(w, c);
    CHECKF(turns < 200000, "no end: %s", run_context);
    for (i = 0; i < n; i++) {
        sim_call *x = &calls[i];
        CHECKF(x->finishes == 1 || (released[i] && x->finishes == 0), "call %lu: %d FINISH: %s",
            (unsigned long)i, x->finishes, run_context);
        CHECKF(x->text.len == 0 || memcmp(x->text.ptr, swarm_text, x->text.len) == 0,
            "call %lu: not the text that was sent: %s", (unsigned long)i, run_context);
        if (x->finishes && x->category == TAMAR_OK)
            CHECKF(swarm_whole[x->text.len], "call %lu: success with %lu bytes: %s",
                (unsigned long)i, (unsigned long)x->text.len, run_context);
        CHECKF(x->attempts <= 1 + retries, "call %lu: %d attempts: %s", (unsigned long)i,
            x->attempts, run_context);
        if (x->finishes)
            CHECKF(x->finished_at - x->sent_at <= (uint64_t)total * 1000 + 1000000 + 40 * frame_us,
                "call %lu: %lu of %d ms: %s", (unsigned long)i,
                (unsigned long)((x->finished_at - x->sent_at) / 1000), total, run_context);
        if (x->finishes && quiet && !block && n <= (uint32_t)d.max_calls)
            CHECKF(x->category == TAMAR_OK || x->category == TAMAR_PROTO ||
                    x->category == TAMAR_DNS ||
                    (x->category >= TAMAR_TIMEOUT_CONNECT && x->category <= TAMAR_TIMEOUT_TOTAL),
                "call %lu on a good day: %s %s: %s", (unsigned long)i,
                tamar_category_name(x->category), x->message, run_context);
        tamar_release(c, x->handle);
    }
    // And when all is well again, it works.
    memset(w->swarm, 0, sizeof w->swarm);
    w->memory.fail_at = 0;
    w->rst_drops = false;
    w->rtt_us = 400;
    w->send_max = SIZE_MAX;
    {
        sim_server *good = sim_listen(w, "127.0.0.1", 9999);
        sim_send(sim_on_request(good), sim_stream(w, "healthy", NULL));
        memset(&r, 0, sizeof r);
        r.model = "m";
        r.prompt = "Go on.";
        r.stream = true;
        r.base_url = "http://127.0.0.1:9999/v1";
        sim_start(w, &last, c, &r);
        sim_drive(w, c);
        CHECKF(last.finishes == 1 &&
                (last.category == TAMAR_OK || (block && last.category == TAMAR_NOMEM)),
            "afterwards: %s %s: %s", tamar_category_name(last.category), last.message, run_context);
    }
    if (block) CHECKF(w->memory.asked == 0, "the allocator was called: %s", run_context);
    tamar_close(c);
    free(block);
    return sim_free(w);
}

int main(int argc, char **argv)
{
    long seeds = 2000, first = 1, k;
    size_t len = 0;
    clock_t begin;
    double seconds;
    uint64_t trace = 0;
    for (k = 0; len + 16 < sizeof swarm_text; k++)
        len +=
            (size_t)snprintf(swarm_text + len, sizeof swarm_text - len, "%ld, ", k * 7919 % 100003);
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        first = atol(argv[2]);
        seeds = 1;
    }
    else {
        int i;
        if (argc == 2) seeds = atol(argv[1]);
        begin = clock();
        for (i = 0; i < SCENARIOS; i++) torture(&scenarios[i]);
        printf("    %ld runs in %.1f s\n", runs, (double)(clock() - begin) / CLOCKS_PER_SEC);
    }
    begin = clock();
    TEST("swarm") {
        for (k = first; k < first + seeds && test_bad < 8; k++) {
            uint64_t hash = swarm((uint32_t)k);
            if (!swarm_short) trace = trace * 31 + hash;
            if (k % 16 == 0 || seeds == 1)
                CHECKF(swarm((uint32_t)k) == hash, "seed %ld gives two traces", k);
        }
    }
    seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("    %ld seeds in %.1f s, %.0f a second; trace %08lx%08lx\n", seeds, seconds,
        seconds > 0 ? (double)seeds / seconds : 0.0, (unsigned long)(trace >> 32),
        (unsigned long)(trace & 0xffffffff));
    return test_done();
}
