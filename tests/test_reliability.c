// The client against everything that servers do wrong, in the simulated world: a table of scenarios, each with the number
// of its failure mode in the catalogue, on a route of three targets; the pick by itself; keys; seeds without end.
//   build/test_reliability [SEED]        one seed of the swarm alone, as a failure prints it
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "sim.h"

// -- a place with three providers ------------------------------------------------------------------------

#define SECOND_KEY "sk-second-key-of-the-pool-0000002"

typedef struct place {
    sim *w;
    sim_server *s[3];
    tamar_desc d;
    tamar_provider rows[3];
    tamar_target targets[3];
    tamar_route route;
    tamar_account accounts[2];
    tamar_client *c;
} place;

static void begin(place *p, uint32_t seed)
{
    static const char *const names[] = { "alpha", "beta", "gamma" };
    static const char *const models[] = { "alpha/one", "beta/two", "gamma/three" };
    static const char *const urls[] = { "http://127.0.0.1:8081/v1", "http://127.0.0.1:8082/v1", "http://127.0.0.1:8083/v1" };
    int i;
    memset(p, 0, sizeof *p);
    p->w = sim_new(seed);
    p->d = sim_desc(p->w);
    p->d.base_url = NULL;
    p->d.api_key = NULL;
    for (i = 0; i < 3; i++) {
        p->s[i] = sim_listen(p->w, "127.0.0.1", (uint16_t)(8081 + i));
        p->rows[i].name = names[i];
        p->rows[i].api = "openai-chat";
        p->rows[i].base_url = urls[i];
        p->targets[i].model = models[i];
    }
    p->d.providers = p->rows;
    p->d.provider_count = 3;
    p->route.name = "npc";
    p->route.targets = p->targets;
    p->route.target_count = 3;
    p->d.routes = &p->route;
    p->d.route_count = 1;
    p->d.max_calls = 64;
    p->d.timeouts.total_ms = 60000;
    p->d.timeouts.first_byte_ms = 5000;
    p->d.timeouts.idle_ms = 4000;
    p->d.timeouts.connect_ms = 3000;
}

static void opened(place *p) { p->c = sim_open(&p->d); }

static void two_keys(place *p)
{
    p->accounts[0].provider = p->accounts[1].provider = "alpha";
    p->accounts[0].api_key = SIM_KEY;
    p->accounts[1].api_key = SECOND_KEY;
    p->accounts[0].name = "first";
    p->accounts[1].name = "second";
    p->d.accounts = p->accounts;
    p->d.account_count = 2;
}

typedef struct outcome {
    tamar_attempt trail[8];
    char accounts[8][16];
    size_t count;
} outcome;

// What must be true of every trail.
static void keep(sim_call *call, const tamar_event *e)
{
    outcome *o = (outcome *)call->hook_data;
    size_t i, good = 0;
    bool aside = false;  // some ran side by side: then they neither follow each other, nor is the last one the last
    if (e->type != TAMAR_EVENT_FINISH || !e->response) return;
    o->count = e->response->attempt_count;
    CHECKF(o->count <= 6, "%lu attempts", (unsigned long)o->count);
    CHECK((int)o->count == e->error.attempts);
    for (i = 0; i < o->count && i < 6; i++) {
        o->trail[i] = e->response->attempts[i];
        snprintf(o->accounts[i], sizeof o->accounts[i], "%s", o->trail[i].account);
        CHECK(o->trail[i].provider && o->trail[i].account);
        if (o->trail[i].hedge) {
            CHECK(i > 0 && o->trail[i].target != o->trail[i - 1].target);
            CHECK(!aside);
            aside = true;
        }
        else if (i) CHECK(o->trail[i].start_ms >= o->trail[i - 1].start_ms + o->trail[i - 1].took_ms);
        good += o->trail[i].category == TAMAR_OK;
        if (i + 1 < o->count && !aside && !e->response->attempts[i + 1].hedge) CHECK(o->trail[i].category != TAMAR_OK);
    }
    CHECK(good == (e->error.category == TAMAR_OK));
    if (o->count && !aside && e->error.category != TAMAR_TIMEOUT_TOTAL) CHECK(o->trail[o->count - 1].category == e->error.category);
}

static void run(place *p, sim_call *call, outcome *o, const char *model)
{
    tamar_request r;
    memset(&r, 0, sizeof r);
    memset(o, 0, sizeof *o);
    r.model = model;
    r.prompt = "Name one river.";
    r.stream = true;
    if (!p->c) opened(p);
    sim_start(p->w, call, p->c, &r);
    call->hook = keep;
    call->hook_data = o;
    sim_drive(p->w, p->c);
    CHECKF(call->finishes == 1, "%d FINISH events", call->finishes);
}

static uint64_t finish(place *p)
{
    if (p->c) tamar_close(p->c);
    return sim_free(p->w);
}

// -- what servers do, in words ---------------------------------------------------------------------------

static tamar_str sse(sim *w, const char *body)
{
    return sim_reply(w, 200, "text/event-stream", "", body, strlen(body), SIM_CHUNKED);
}

// "429;retry-after: 2!insufficient_quota": status, headers, code. Other words are below.
static void behave(place *p, sim_server *s, const char *what)
{
    sim *w = p->w;
    sim_script *c;
    char headers[160] = "", code[64] = "";
    const char *semi = strchr(what, ';'), *bang = strchr(what, '!');
    static const char role[] = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    char body[512];
    if (!strcmp(what, "refuse")) { sim_refuse(sim_on_connect(s)); return; }
    if (!strcmp(what, "blackhole")) { sim_blackhole(sim_on_connect(s)); return; }
    if (!strcmp(what, "fin0")) { c = sim_on_connect(s); sim_expect(c); sim_fin(c); return; }
    c = sim_on_request(s);
    if (!strcmp(what, "ok")) sim_send(c, sim_stream(w, "fine", NULL));
    else if (!strncmp(what, "late:", 5)) sim_delay(c, atoi(what + 5)), sim_send(c, sim_stream(w, "fine", NULL));
    else if (!strncmp(what, "late500:", 8)) sim_delay(c, atoi(what + 8)), sim_send(c, sim_error(w, 500, "", "no", "error", NULL));
    else if (!strncmp(what, "late404:", 8)) sim_delay(c, atoi(what + 8)), sim_send(c, sim_error(w, 404, "", "no", "error", "model_not_found"));
    else if (!strncmp(what, "late-rst:", 9)) sim_delay(c, atoi(what + 9)), sim_rst(c);
    else if (!strncmp(what, "head:", 5)) sim_send(c, sim_stream_part(w, NULL)), sim_delay(c, atoi(what + 5)),
        sim_send(c, sim_more(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"}}]}\n\ndata: [DONE]\n\n"));
    else if (!strcmp(what, "mute")) sim_stall(c);
    else if (!strcmp(what, "rst")) sim_rst(c);
    else if (!strcmp(what, "eof")) { sim_send(c, sim_stream_part(w, NULL)); sim_fin(c); }
    else if (!strcmp(what, "some-eof")) { sim_send(c, sim_stream_part(w, "some", NULL)); sim_fin(c); }
    else if (!strcmp(what, "some-rst")) { sim_send(c, sim_stream_part(w, "some", NULL)); sim_rst(c); }
    else if (!strcmp(what, "some-stall")) { sim_send(c, sim_stream_part(w, "some", NULL)); sim_stall(c); }
    else if (!strcmp(what, "stall")) { sim_send(c, sim_stream_part(w, NULL)); sim_stall(c); }
    else if (!strcmp(what, "pings")) {
        int i;
        sim_send(c, sim_stream_part(w, NULL));
        for (i = 0; i < 100; i++) sim_delay(c, 1000), sim_send(c, sim_more(w, ": ping\n\n"));
        sim_stall(c);
    }
    else if (!strcmp(what, "done-rst")) {
        sim_bytes out = { NULL, 0, 0 }, b = sim_sse_chat("fine", NULL);
        sim_puts(&out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        sim_chunks(&out, b.ptr, b.len);
        sim_send(c, sim_keep(w, out));
        sim_bytes_free(&b);
        sim_rst(c);
    }
    else if (!strcmp(what, "empty")) sim_send(c, sse(w, ""));
    else if (!strcmp(what, "comments")) sim_send(c, sse(w, ": hello\n\n: there\n\n"));
    else if (!strcmp(what, "html")) sim_send(c, sim_reply(w, 200, "text/html", "", "<html>Welcome</html>", 20, SIM_LENGTH));
    else if (!strcmp(what, "html502")) sim_send(c, sim_reply(w, 502, "text/html", "", "<html>Bad gateway</html>", 24, SIM_LENGTH));
    else if (!strcmp(what, "error200")) {
        static const char text[] = "{\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\",\"code\":null}}";
        sim_send(c, sim_reply(w, 200, "application/json", "", text, sizeof text - 1, SIM_LENGTH));
    }
    else if (!strcmp(what, "mid-error")) {
        snprintf(body, sizeof body, "%sdata: {\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\"}}\n\n", role);
        sim_send(c, sse(w, body));
    }
    else if (!strcmp(what, "named-error")) {
        snprintf(body, sizeof body, "%sevent: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\"}}\n\n", role);
        sim_send(c, sse(w, body));
    }
    else if (!strcmp(what, "filter"))
        sim_send(c, sim_error(w, 400, "", "stopped by a filter", "invalid_request_error", "content_filter"));
    else if (!strcmp(what, "google")) {
        static const char text[] = "[{\"error\":{\"code\":429,\"message\":\"slow\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":"
                                   "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"36s\"}]}}]";
        sim_send(c, sim_reply(w, 429, "application/json", "", text, sizeof text - 1, SIM_LENGTH));
    }
    else if (!strcmp(what, "prose"))
        sim_send(c, sim_error(w, 429, "", "Rate limit reached. Please try again in 1.5s.", "tokens", "rate_limit_exceeded"));
    else if (!strcmp(what, "double-length"))
        sim_send(c, sim_raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"));
    else if (!strcmp(what, "bad-chunk"))
        sim_send(c, sim_raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"));
    else if (!strcmp(what, "garbage")) { sim_send(c, sim_raw("SSH-2.0-OpenSSH_9.9\r\n\r\n")); sim_fin(c); }
    else if (!strcmp(what, "gzip"))
        sim_send(c, sim_reply(w, 200, "text/event-stream", "Content-Encoding: gzip\r\n", "\x1f\x8b\x08", 3, SIM_LENGTH));
    else if (!strcmp(what, "cdn")) {
        static const char text[] = "{\"cloudflare_error\":true,\"status\":520,\"title\":\"unknown error\"}";
        sim_send(c, sim_reply(w, 520, "application/json", "", text, sizeof text - 1, SIM_LENGTH));
    }
    else if (!strcmp(what, "html403")) {
        static const char text[] = "<html><title>Just a moment...</title>error code: 1010</html>";
        sim_send(c, sim_reply(w, 403, "text/html", "", text, sizeof text - 1, SIM_LENGTH));
    }
    else if (!strcmp(what, "array503")) {
        static const char text[] = "[{\"error\":{\"code\":503,\"message\":\"later\",\"status\":\"UNAVAILABLE\"}}]";
        sim_send(c, sim_reply(w, 503, "application/json", "", text, sizeof text - 1, SIM_LENGTH));
    }
    else if (!strcmp(what, "204")) sim_send(c, sim_raw("HTTP/1.1 204 No Content\r\n\r\n"));
    else if (!strcmp(what, "short")) {
        sim_send(c, sim_raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"choices\":["));
        sim_fin(c);
    }
    else if (!strcmp(what, "commented")) {
        static const char text[] = ": PROCESSING\n\n: PROCESSING\n\n{\"choices\":[{\"index\":0,\"message\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}";
        sim_send(c, sim_reply(w, 200, "application/json", "", text, sizeof text - 1, SIM_LENGTH));
    }
    else if (!strcmp(what, "hints")) {
        sim_send(c, sim_raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"));
        sim_send(c, sim_stream(w, "fine", NULL));
    }
    else if (!strcmp(what, "huge-head")) {
        sim_bytes out = { NULL, 0, 0 };
        int i;
        sim_puts(&out, SIM_HEAD);
        for (i = 0; i < 2000; i++) sim_puts(&out, "X-Padding: 0123456789012345678901234567890123456789\r\n");
        sim_send(c, sim_keep(w, out));
        sim_stall(c);
    }
    else if (!strcmp(what, "old")) {
        sim_bytes out = { NULL, 0, 0 };
        sim_puts(&out, "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
        sim_puts(&out, role);
        sim_puts(&out, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"}}]}\n\ndata: [DONE]\n\n");
        sim_send(c, sim_keep(w, out));
        sim_fin(c);
    }
    else if (!strncmp(what, "body:", 5)) {  // F: fine, S: stop, D: [DONE], C: a comment
        sim_bytes b = { NULL, 0, 0 };
        size_t i;
        for (i = 5; what[i]; i++)
            sim_puts(&b, what[i] == 'F' ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"}}]}\n\n"
                : what[i] == 'S' ? "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                : what[i] == 'D' ? "data: [DONE]\n\n" : what[i] == 'C' ? ": comment\n\n" : "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n");
        sim_send(c, what[5] == 'C' ? sim_reply(w, 200, "text/plain", "", b.ptr, b.len, SIM_CHUNKED) : sse(w, b.ptr));
        sim_bytes_free(&b);
    }
    else if (!strcmp(what, "finished-pings") || !strcmp(what, "done-open")) {
        static const char text[] = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}\n\n";
        int i;
        sim_send(c, sim_stream_part(w, NULL));
        sim_send(c, sim_more(w, text));
        if (*what == 'd') sim_send(c, sim_more(w, "data: [DONE]\n\n"));
        else for (i = 0; i < 20; i++) sim_delay(c, 1000), sim_send(c, sim_more(w, ": ping\n\n"));
        sim_stall(c);
    }
    else {
        int status = atoi(what);
        size_t n = semi ? (bang ? (size_t)(bang - semi) : strlen(semi)) - 1 : 0;
        if (!status) abort();
        if (n) snprintf(headers, sizeof headers, "%.*s\r\n", (int)n, semi + 1);
        if (bang) snprintf(code, sizeof code, "%s", bang + 1);
        sim_send(c, sim_error(w, status, headers, "no", "error", bang ? code : NULL));
    }
}

static void script(place *p, sim_server *s, const char *list)
{
    while (list && *list) {
        char one[160];
        size_t n = strcspn(list, "|");
        snprintf(one, sizeof one, "%.*s", (int)n, list);
        behave(p, s, one);
        list += n + (list[n] == '|');
    }
}

// -- the table -------------------------------------------------------------------------------------------

static const struct scenario {
    const char *mode;  // its number in the catalogue
    const char *a, *b, *g;  // what the three targets do, one request after the other
    tamar_category want;
    int target;  // that the last attempt went to
    int attempts;
    int least_ms;  // the call takes at least so long
} scenarios[] = {
    { "-- nothing fails", "ok", "", "", TAMAR_OK, 0, 1, 0 },
    { "1 rate, elsewhere at once", "429;retry-after: 20!rate_limit_exceeded", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "1 rate everywhere, the first hint is kept", "429;retry-after: 3!rate_limit_exceeded|ok", "429;retry-after: 9!rate_limit_exceeded",
        "429;retry-after: 9!rate_limit_exceeded", TAMAR_OK, 0, 4, 3000 },
    { "2 no money", "429!insufficient_quota", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "3 a quota that is over soon is a rate", "429;retry-after: 30!insufficient_quota", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "4 quota as 402", "402", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "4 quota as 400 and as 403, where a code says so", "400!insufficient_quota", "403!insufficient_quota", "ok", TAMAR_OK, 2, 3, 0 },
    { "5 RetryInfo", "google", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "6 too large for the limit", "413", "ok", "", TAMAR_TOO_LARGE, 0, 1, 0 },
    { "9 overloaded", "529|529|ok", "", "", TAMAR_OK, 0, 3, 0 },
    { "9 overloaded, then elsewhere", "529|529|529", "ok", "", TAMAR_OK, 1, 4, 0 },
    { "10 error in the stream before content", "named-error|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "11 model loading", "503;retry-after: 1|ok", "ok", "", TAMAR_OK, 0, 2, 1000 },
    { "12 attempts never pile up", "500|500|500", "500|500|500", "500|500|500", TAMAR_SERVER, 2, 6, 0 },
    { "16 HTML from a proxy", "html502|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "16 JSON from a CDN", "cdn|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "17 a firewall's page", "html403", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "18 bad key", "401!invalid_api_key", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "17 forbidden", "403", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "20 no such model", "404!model_not_found", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "20 wrong base URL", "405", "ok", "", TAMAR_CONFIG, 0, 1, 0 },
    { "22 bad request goes nowhere", "400!invalid_request_error", "ok", "", TAMAR_BAD_REQUEST, 0, 1, 0 },
    { "22 nor does 422", "422", "ok", "", TAMAR_BAD_REQUEST, 0, 1, 0 },
    { "23 408, 409", "408|409|ok", "", "", TAMAR_OK, 0, 3, 0 },
    { "23 501 is not repeated", "501", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "24 x-should-retry: false", "503;x-should-retry: false", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "25 200 with an error", "error200|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "26 an error in an array", "array503|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "27 comments before a document", "commented", "", "", TAMAR_OK, 0, 1, 0 },
    { "28 an event stream that calls itself text/plain", "body:CFSD", "", "", TAMAR_OK, 0, 1, 0 },
    { "28 200 with a page", "html|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "29 compressed unasked", "gzip|gzip|gzip", "ok", "", TAMAR_OK, 1, 4, 0 },
    { "30 empty 200, once", "empty|empty", "ok", "", TAMAR_OK, 1, 3, 0 },
    { "31 redirect is not followed", "307;location: http://127.0.0.1:8082/v1/chat/completions", "ok", "", TAMAR_REDIRECT, 0, 1, 0 },
    { "32 interim answers", "hints", "", "", TAMAR_OK, 0, 1, 0 },
    { "33 HTTP/1.0, without a length", "old", "", "", TAMAR_OK, 0, 1, 0 },
    { "33 not HTTP", "garbage|garbage|garbage", "ok", "", TAMAR_OK, 1, 4, 0 },
    { "34 two lengths", "double-length|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "35 bad chunk", "bad-chunk|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "36 a head without end", "huge-head", "ok", "", TAMAR_LIMIT, 0, 1, 0 },
    { "37 204", "204|204", "ok", "", TAMAR_OK, 1, 3, 0 },
    { "40 end without proof, before content", "eof|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "40 end without proof, after content", "some-eof", "ok", "", TAMAR_TRUNCATED, 0, 1, 0 },
    { "41 [DONE] without a finish reason", "body:FD", "", "", TAMAR_OK, 0, 1, 0 },
    { "42 proof, then RST", "done-rst", "", "", TAMAR_OK, 0, 1, 0 },
    { "43 finished, then comments for ever, and little patience", "finished-pings", "ok", "", TAMAR_TIMEOUT_IDLE, 0, 1, 4000 },
    { "44 [DONE], the connection stays open", "done-open", "", "", TAMAR_OK, 0, 1, 0 },
    { "45 [DONE], usage and [DONE] again", "body:FSDUD", "", "", TAMAR_OK, 0, 1, 0 },
    { "45 no [DONE] at all", "body:FS", "", "", TAMAR_OK, 0, 1, 0 },
    { "46 the finish before the content", "body:SFD", "", "", TAMAR_OK, 0, 1, 0 },
    { "47 stall before content", "stall", "ok", "", TAMAR_OK, 1, 2, 4000 },
    { "47 stall after content", "some-stall", "ok", "", TAMAR_TIMEOUT_IDLE, 0, 1, 4000 },
    { "48 pings hide a stall", "pings", "ok", "", TAMAR_OK, 1, 2, 4000 },
    { "49 comments, then close", "comments|comments", "ok", "", TAMAR_OK, 1, 3, 0 },
    { "54 error line without a name", "mid-error|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "63 filter stays", "filter", "ok", "", TAMAR_CONTENT_FILTER, 0, 1, 0 },
    { "79 RST before an answer", "rst|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "80 a body that is too short", "short|ok", "", "", TAMAR_OK, 0, 2, 0 },
    { "81 RST after content", "some-rst", "ok", "", TAMAR_TRUNCATED, 0, 1, 0 },
    { "84 refused", "refuse", "ok", "", TAMAR_OK, 1, 2, 0 },
    { "84 all refuse: three cables", "refuse|refuse|refuse", "refuse|refuse|refuse", "refuse|refuse|refuse", TAMAR_CONNECT, 0, 6, 0 },
    { "83 black hole", "blackhole", "ok", "", TAMAR_OK, 1, 2, 3000 },
    { "47 no first byte", "mute", "ok", "", TAMAR_OK, 1, 2, 5000 },
};

// A route's failure with one target alone: hints and backoff, and no way out.
static const struct scenario lone[] = {
    { "7 Retry-After in seconds", "429;retry-after: 2|ok", "", "", TAMAR_OK, 0, 2, 2000 },
    { "7 Retry-After in ms", "429;retry-after-ms: 1500|ok", "", "", TAMAR_OK, 0, 2, 1500 },
    { "7 too far away", "429;retry-after: 3600", "", "", TAMAR_RATE, 0, 1, 0 },
    { "7 garbage, past and negative are no hint", "429;retry-after: soon|429;retry-after: -5|ok", "", "", TAMAR_OK, 0, 3, 0 },
    { "7 a date", "429;date: Fri, 20 Nov 2026 10:00:00 GMT\r\nretry-after: Fri, 20 Nov 2026 10:00:03 GMT|ok", "", "", TAMAR_OK, 0, 2, 3000 },
    { "8 reset header, a duration", "429;x-ratelimit-reset-tokens: 2.5s|ok", "", "", TAMAR_OK, 0, 2, 2500 },
    { "8 reset header, a moment", "429;date: Fri, 20 Nov 2026 10:00:00 GMT\r\nanthropic-ratelimit-requests-reset: 2026-11-20T10:00:02Z|ok", "", "", TAMAR_OK, 0, 2, 2000 },
    { "5 RetryInfo is kept", "google|ok", "", "", TAMAR_OK, 0, 2, 36000 },
    { "7 prose last", "prose|ok", "", "", TAMAR_OK, 0, 2, 1500 },
    { "12 three in all", "500|500|500", "", "", TAMAR_SERVER, 0, 3, 0 },
    { "2 no money, nowhere to go", "429!insufficient_quota", "", "", TAMAR_BILLING, 0, 1, 0 },
    { "21 too long, and none is larger", "400!context_length_exceeded", "", "", TAMAR_CONTEXT, 0, 1, 0 },
};

static void play(const struct scenario *x, uint32_t seed, size_t targets)
{
    place p;
    sim_call call;
    outcome o;
    size_t i;
    begin(&p, seed);
    p.route.target_count = targets;
    script(&p, p.s[0], x->a);
    script(&p, p.s[1], x->b);
    script(&p, p.s[2], x->g);
    run(&p, &call, &o, "npc");
    CHECKF(call.category == x->want, "%s, seed %lu: %s (%s)", x->mode, (unsigned long)seed, tamar_category_name(call.category), call.message);
    CHECKF((int)o.count == x->attempts, "%s, seed %lu: %lu attempts", x->mode, (unsigned long)seed, (unsigned long)o.count);
    if (o.count) CHECKF(o.trail[o.count - 1].target == x->target, "%s: target %d", x->mode, o.trail[o.count - 1].target);
    CHECKF((int)((call.finished_at - call.sent_at) / 1000) >= x->least_ms, "%s: %d ms", x->mode, (int)((call.finished_at - call.sent_at) / 1000));
    if (x->want == TAMAR_OK) CHECKF(call.text.len == 4 && !memcmp(call.text.ptr, "fine", 4), "%s: '%s'", x->mode, call.text.ptr ? call.text.ptr : "");
    for (i = 0; i < p.c->book.target_count; i++) CHECKF(!p.c->book.targets[i].in_flight, "%s: something is still counted", x->mode);
    finish(&p);
}

static void table(void)
{
    size_t i;
    uint32_t seed;
    for (i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        TEST(scenarios[i].mode) for (seed = 1; seed <= 5; seed++) play(&scenarios[i], seed, 3);
    for (i = 0; i < sizeof lone / sizeof *lone; i++)
        TEST(lone[i].mode) for (seed = 1; seed <= 5; seed++) play(&lone[i], seed, 1);
}

// -- routes ----------------------------------------------------------------------------------------------

static int last_one(void *user_data, const tamar_target_state *states, size_t count)
{
    (void)user_data;
    while (count-- > 0)
        if (states[count].usable) return (int)count;
    return -1;
}

static void routes(void)
{
    place p;
    sim_call call;
    outcome o;
    TEST("21 a context overflow goes only to a larger model") {
        begin(&p, 1);
        p.targets[0].context_tokens = 8000, p.targets[1].context_tokens = 4000, p.targets[2].context_tokens = 100000;
        script(&p, p.s[0], "400!context_length_exceeded");
        script(&p, p.s[2], "ok");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 2 && o.trail[1].target == 2 && p.s[1]->requests == 0);
        finish(&p);
    }
    TEST("63 what a filter stopped goes elsewhere only when asked") {
        begin(&p, 1);
        p.route.fallback = TAMAR_FALLBACK_DEFAULT | tamar_category_mask("content_filter");
        script(&p, p.s[0], "filter");
        script(&p, p.s[1], "ok");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 2);
        finish(&p);
    }
    TEST("a prompt that is too long for a target is not sent there") {
        begin(&p, 1);
        p.targets[0].context_tokens = 2;
        script(&p, p.s[1], "ok");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 1 && o.trail[0].target == 1 && p.s[0]->requests == 0);
        finish(&p);
    }
    TEST("43 finished, then comments for ever: it is an answer in the end") {
        begin(&p, 1);
        p.d.timeouts.idle_ms = 20000;
        script(&p, p.s[0], "finished-pings");
        run(&p, &call, &o, "npc");
        CHECKF(call.category == TAMAR_OK && o.count == 1, "%s", call.message);
        CHECKF(call.finished_at - call.sent_at >= 5000000 && call.finished_at - call.sent_at <= 6000000, "%lu us",
            (unsigned long)(call.finished_at - call.sent_at));
        finish(&p);
    }
    TEST("strategies") {
        static const tamar_strategy all[] = { TAMAR_STRATEGY_ROUND_ROBIN, TAMAR_STRATEGY_WEIGHTED, TAMAR_STRATEGY_CALLBACK, TAMAR_STRATEGY_LOWEST_LATENCY,
            TAMAR_STRATEGY_LEAST_BUSY, TAMAR_STRATEGY_PRIORITY, TAMAR_STRATEGY_LOWEST_COST, TAMAR_STRATEGY_HEALTH };
        size_t k;
        int i, n;
        for (k = 0; k < 8; k++) {
            sim_call *calls = (sim_call *)calloc(60, sizeof *calls);
            begin(&p, 7);
            p.route.strategy = all[k];
            p.route.pick = last_one;
            p.targets[1].weight = 4;
            p.targets[0].input_price = 3000000, p.targets[0].output_price = 15000000;
            p.targets[2].input_price = 250000, p.targets[2].output_price = 1000000;  // the middle one has no price
            for (i = 0; i < 3; i++)
                for (n = 0; n < 60; n++) behave(&p, p.s[i], "ok");
            for (n = 0; n < 60; n++) {
                run(&p, &calls[n], &o, "npc");
                CHECKF(calls[n].category == TAMAR_OK && o.count == 1, "%d, call %d: %s", (int)all[k], n, calls[n].message);
            }
            if (all[k] == TAMAR_STRATEGY_ROUND_ROBIN) CHECK(p.s[0]->requests == 20 && p.s[1]->requests == 20);
            if (all[k] == TAMAR_STRATEGY_WEIGHTED) CHECKF(p.s[1]->requests > 30 && p.s[0]->requests > 3 && p.s[2]->requests > 3, "%d", p.s[1]->requests);
            if (all[k] == TAMAR_STRATEGY_CALLBACK || all[k] == TAMAR_STRATEGY_LOWEST_COST) CHECK(p.s[2]->requests == 60);
            if (all[k] == TAMAR_STRATEGY_LOWEST_LATENCY) CHECK(p.s[0]->requests && p.s[1]->requests && p.s[2]->requests && p.s[1]->requests > 30);
            if (all[k] == TAMAR_STRATEGY_PRIORITY || all[k] == TAMAR_STRATEGY_LEAST_BUSY) CHECK(p.s[0]->requests == 60);
            if (all[k] == TAMAR_STRATEGY_HEALTH) CHECKF(p.s[1]->requests == 60, "%d", p.s[1]->requests);
            finish(&p);
            free(calls);
        }
    }
    TEST("the dear target is asked when the cheap one fails, the one without a price last") {
        begin(&p, 1);
        p.route.strategy = TAMAR_STRATEGY_LOWEST_COST;
        p.targets[0].input_price = 3000000, p.targets[0].output_price = 15000000;
        p.targets[2].input_price = 250000, p.targets[2].output_price = 1000000;
        script(&p, p.s[2], "401!invalid_api_key");
        script(&p, p.s[0], "401!invalid_api_key");
        script(&p, p.s[1], "ok");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 3 && o.trail[0].target == 2 && o.trail[1].target == 0 && o.trail[2].target == 1);
        finish(&p);
    }
    TEST("health: what fails is asked less, and tamar_route_state says why") {
        tamar_target_state t[4];
        tamar_metrics m;
        sim_call *calls = (sim_call *)calloc(20, sizeof *calls);
        int i;
        begin(&p, 1);
        p.route.strategy = TAMAR_STRATEGY_HEALTH;
        p.d.breaker.failure_threshold = 100;
        script(&p, p.s[0], "500|500|500");
        for (i = 0; i < 20; i++) behave(&p, p.s[0], "500"), behave(&p, p.s[1], "ok"), behave(&p, p.s[2], "ok");
        for (i = 0; i < 20; i++) {
            run(&p, &calls[i], &o, "npc");
            CHECK(calls[i].category == TAMAR_OK);
        }
        CHECKF(p.s[0]->requests <= 4, "%d", p.s[0]->requests);
        CHECK(tamar_route_state(p.c, "npc", t, 4) == 3 && tamar_route_state(p.c, "other", t, 4) == 0);
        CHECK(t[0].failures == (uint32_t)p.s[0]->requests && t[0].outcomes == t[0].failures && t[0].health == 0);
        CHECK(t[1].failures == 0 && t[1].health == 1000 && t[1].first_byte_ms && t[1].circuit == TAMAR_CIRCUIT_CLOSED && t[1].usable);
        m = tamar_client_metrics(p.c);
        CHECK(m.total_requests == 20 && m.successes == 20 && m.failures == 0 && m.success_rate == 1);
        CHECK(m.attempts == 20u + (unsigned)p.s[0]->requests && m.retries == (unsigned)p.s[0]->requests && m.enabled && m.healthy);
        CHECK(m.failure_count == t[0].failures && !strcmp(m.circuit_state, "closed") && !m.active_calls && m.avg_latency_ms > 0);
        finish(&p);
        free(calls);
    }
    TEST("presets: 1, 2, 4, 8, 16 s, to the millisecond; what was set stays") {
        static const char *const all[] = { "game", "interactive", "batch", "reasoning", "sources" };
        uint64_t want = 0;
        tamar_desc d;
        int i;
        for (i = 0; i < 5; i++) {
            memset(&d, 0, sizeof d);
            d.timeouts.idle_ms = 77;
            CHECK(tamar_preset(&d, all[i]) && d.timeouts.idle_ms == 77 && d.max_retries.set);
        }
        CHECK(!tamar_preset(&d, "fast as light") && !tamar_preset(&d, NULL) && !tamar_preset(NULL, "game"));
        for (i = 0; i < 2; i++) {
            int k;
            sim_call own;
            begin(&p, 3);
            p.d.timeouts.total_ms = 0;
            CHECK(tamar_preset(&p.d, "sources"));
            if (i) script(&p, p.s[0], "429|429|429|429|429|ok");
            else script(&p, p.s[0], "refuse|refuse|refuse|refuse|refuse|ok");
            p.d.base_url = "http://127.0.0.1:8081/v1";
            run(&p, &own, &o, "alpha/one");
            CHECKF(own.category == TAMAR_OK && o.count == 6, "%s after %d", own.message, (int)o.count);
            for (want = 0, k = 0; k < 5; k++) want += 1000u << k;
            CHECKF((own.finished_at - own.sent_at) / 1000 - want < 60, "%lu ms", (unsigned long)((own.finished_at - own.sent_at) / 1000));
            finish(&p);
        }
    }
    TEST("metrics of what failed, with the circuit open") {
        tamar_target_state t[3];
        tamar_metrics m;
        sim_call second;
        begin(&p, 1);
        p.route.target_count = 1;
        script(&p, p.s[0], "500|500|500|500|500|500|500|500|500");
        opened(&p);
        m = tamar_client_metrics(p.c);
        CHECK(m.total_requests == 0 && m.success_rate == 1 && m.healthy && !m.last_failure_time && !strcmp(m.circuit_state, "closed"));
        run(&p, &call, &o, "npc");
        run(&p, &second, &o, "npc");
        m = tamar_client_metrics(p.c);
        CHECK(m.total_requests == 2 && m.failures == 2 && m.success_rate == 0 && m.last_failure_time > 0);
        CHECKF(!m.healthy && !strcmp(m.circuit_state, "open") && m.failure_count >= 5, "%s, %u", m.circuit_state, (unsigned)m.failure_count);
        CHECK(tamar_route_state(p.c, "npc", t, 3) == 1 && t[0].circuit == TAMAR_CIRCUIT_OPEN && !t[0].usable && t[0].rests_ms > 0);
        finish(&p);
        m = tamar_client_metrics(NULL);
        CHECK(m.success_rate == 1 && !strcmp(m.circuit_state, "closed"));
    }
    TEST("a target that failed five times rests, is probed, and comes back") {
        sim_call calls[12];
        int i;
        begin(&p, 3);
        p.d.max_retries = tamar_int(0);
        script(&p, p.s[0], "500|500|500|500|500|ok|ok|ok");
        script(&p, p.s[1], "ok|ok|ok|ok|ok|ok|ok|ok");
        for (i = 0; i < 7; i++) {
            run(&p, &calls[i], &o, "npc");
            CHECK(calls[i].category == TAMAR_OK);
        }
        CHECKF(p.s[0]->requests == 5 && p.s[1]->requests == 7, "%d, %d", p.s[0]->requests, p.s[1]->requests);
        sim_frame(p.w, 7000000);
        for (; i < 10; i++) {
            run(&p, &calls[i], &o, "npc");
            CHECK(calls[i].category == TAMAR_OK && o.count == 1 && o.trail[0].target == 0);
        }
        CHECK(p.c->book.targets[0].breaker.state == TAMAR__POLICY_CLOSED);
        finish(&p);
    }
    TEST("a half-open target gets one probe, whoever else asks") {
        sim_call calls[9];
        tamar_request r;
        int i;
        begin(&p, 3);
        p.d.max_retries = tamar_int(0);
        script(&p, p.s[0], "500|500|500|500|500|mute|ok|ok");
        for (i = 0; i < 20; i++) behave(&p, p.s[1], "ok");
        for (i = 0; i < 5; i++) run(&p, &calls[i], &o, "npc");
        sim_frame(p.w, 7000000);
        memset(&r, 0, sizeof r);
        r.model = "npc", r.prompt = "x", r.stream = true;
        for (i = 5; i < 9; i++) sim_start(p.w, &calls[i], p.c, &r);
        sim_drive(p.w, p.c);
        CHECKF(p.s[0]->requests == 6, "%d", p.s[0]->requests);
        for (i = 5; i < 9; i++) CHECK(calls[i].category == TAMAR_OK);
        finish(&p);
    }
    TEST("mistakes in the description") {
        tamar_error why;
        begin(&p, 1);
        p.d.error = &why;
        p.route.target_count = 0;
        CHECK(!tamar_open(&p.d) && why.category == TAMAR_CONFIG && strstr(why.message, "desc.routes"));
        p.route.target_count = 3;
        p.targets[1].model = "nobody/at-all";
        CHECK(!tamar_open(&p.d) && why.category == TAMAR_CONFIG);
        p.targets[1].model = "beta/two";
        p.accounts[0].provider = "alpha";
        p.d.accounts = p.accounts;
        p.d.account_count = 1;
        CHECK(!tamar_open(&p.d) && strstr(why.message, "desc.accounts"));
        finish(&p);
    }
    TEST("a target that cannot be asked is passed over") {
        begin(&p, 1);
        p.rows[0].base_url = "https://{NOT_SET}/v1";
        script(&p, p.s[1], "ok");
        run(&p, &call, &o, "npc");
        CHECKF(call.category == TAMAR_OK && o.count == 2 && o.trail[0].category == TAMAR_CONFIG, "%s", call.message);
        finish(&p);
    }
}

// -- side by side ----------------------------------------------------------------------------------------

static const struct hedge {
    const char *name, *a, *b, *g;
    tamar_category want;
    int attempts, winner;  // its line; -1: none
    int other;  // the category of the line before or behind the winner's; -1: not looked at
    int least_ms, most_ms;
} hedges[] = {
    { "the first answers in time: no hedge", "late:400", "", "", TAMAR_OK, 1, 0, -1, 400, 450 },
    { "the first is mute: the second's answer counts", "mute", "ok", "", TAMAR_OK, 2, 1, TAMAR_CANCELLED, 500, 600 },
    { "the first is slow, but first", "late:800", "late:900", "", TAMAR_OK, 2, 0, TAMAR_CANCELLED, 800, 850 },
    { "the second is faster than the slow one", "late:2000", "late:300", "", TAMAR_OK, 2, 1, TAMAR_CANCELLED, 800, 850 },
    { "a head alone does not win", "late:700", "head:900", "", TAMAR_OK, 2, 0, TAMAR_CANCELLED, 700, 800 },
    { "who has begun to answer gets nobody beside it", "head:2000", "ok", "", TAMAR_OK, 1, 0, -1, 2000, 2100 },
    { "the first fails beside the second", "late500:700", "late:500", "", TAMAR_OK, 2, 1, TAMAR_SERVER, 1000, 1100 },
    { "the first's connection breaks", "late-rst:700", "late:500", "", TAMAR_OK, 2, 1, TAMAR_RESET, 1000, 1100 },
    { "the second refuses", "late:900", "refuse", "", TAMAR_OK, 2, 0, TAMAR_CONNECT, 900, 1000 },
    { "the second fails", "late:900", "500", "", TAMAR_OK, 2, 0, TAMAR_SERVER, 900, 1000 },
    { "the second's key is refused", "late:900", "401!invalid_api_key", "", TAMAR_OK, 2, 0, TAMAR_AUTH, 900, 1000 },
    { "both fail: the third", "late404:700", "late404:700", "ok", TAMAR_OK, 3, 2, TAMAR_MODEL_NOT_FOUND, 1200, 1300 },
    { "both stall: the third", "mute", "mute", "ok", TAMAR_OK, 3, 2, -1, 5000, 5700 },
    { "a failure at once, then a hedge beside the second target", "503|mute", "ok", "", TAMAR_OK, 3, 2, TAMAR_CANCELLED, 500, 1600 },
    { "all fail", "late500:700|500|500|500", "late500:700|500|500|500", "500|500|500|500", TAMAR_SERVER, 6, -1, -1, 0, 30000 },
    { "a request that is wrong anywhere", "late:900", "400!invalid_request_error", "", TAMAR_OK, 2, 0, TAMAR_BAD_REQUEST, 900, 1000 },
    { "breaks behind its content: nothing is repeated", "mute", "some-rst", "", TAMAR_TRUNCATED, 2, -1, TAMAR_CANCELLED, 500, 600 },
};

static void untouched(const place *p, const char *name)  // all that was taken is back
{
    uint32_t i;
    for (i = 0; i < p->c->book.target_count; i++) CHECKF(!p->c->book.targets[i].in_flight, "%s: target %d", name, (int)i);
    for (i = 0; i < p->c->book.account_count; i++) CHECKF(!p->c->book.accounts[i].in_flight, "%s: account %d", name, (int)i);
    for (i = 0; i < p->c->slot_count; i++) CHECKF(!p->c->slots[i].other, "%s: slot %d", name, (int)i);
}

static void aside(const struct hedge *x, uint32_t seed)
{
    place p;
    sim_call call;
    outcome o;
    int took, k;
    begin(&p, seed);
    p.route.hedge_ms = 500;
    if (seed & 1) two_keys(&p);
    script(&p, p.s[0], x->a), script(&p, p.s[1], x->b), script(&p, p.s[2], x->g);
    run(&p, &call, &o, "npc");
    took = (int)((call.finished_at - call.sent_at) / 1000);
    CHECKF(call.category == x->want, "%s: %s (%s)", x->name, tamar_category_name(call.category), call.message);
    CHECKF((int)o.count == x->attempts, "%s: %d attempts", x->name, (int)o.count);
    CHECKF(took >= x->least_ms && took <= x->most_ms, "%s: %d ms", x->name, took);
    if (x->want == TAMAR_OK) CHECKF(call.text.len == 4 && !memcmp(call.text.ptr, "fine", 4), "%s: '%s'", x->name, call.text.ptr ? call.text.ptr : "");
    if (x->winner >= 0 && x->winner < (int)o.count) CHECKF(o.trail[x->winner].category == TAMAR_OK, "%s", x->name);
    k = x->winner > 0 ? x->winner - 1 : x->winner == 0 ? 1 : 0;
    if (x->other >= 0 && o.count > 1) CHECKF((int)o.trail[k].category == x->other, "%s: %s", x->name, tamar_category_name(o.trail[k].category));
    if (x->other == TAMAR_CANCELLED) CHECKF(o.trail[k].maybe_billed, "%s: it was sent", x->name);
    untouched(&p, x->name);
    finish(&p);
}

static void side_by_side(void)
{
    place p;
    sim_call call, more[40];
    outcome o;
    tamar_request r;
    size_t i;
    uint32_t seed;
    int n;
    for (i = 0; i < sizeof hedges / sizeof *hedges; i++)
        TEST(hedges[i].name) for (seed = 1; seed <= 6; seed++) aside(&hedges[i], seed);
    TEST("one call in twenty, with the first") {
        begin(&p, 1);
        p.route.hedge_ms = 500;
        for (n = 0; n < 40; n++) behave(&p, p.s[0], "late:700"), behave(&p, p.s[1], "ok");
        for (n = i = 0; n < 40; n++) {
            run(&p, &more[n], &o, "npc");
            CHECK(more[n].category == TAMAR_OK);
            i += o.count == 2;
        }
        CHECKF(i == 2 && p.s[1]->requests == 2, "%d hedges", (int)i);
        finish(&p);
    }
    TEST("slower than nineteen in twenty, once eight are known") {
        begin(&p, 1);
        p.route.hedge_ms = TAMAR_HEDGE_SLOW;
        for (n = 0; n < 8; n++) behave(&p, p.s[0], n ? "late:200" : "late:2000");
        script(&p, p.s[0], "late:1500|mute");
        behave(&p, p.s[1], "ok");
        for (n = 0; n < 8; n++) {
            run(&p, &more[n], &o, "npc");
            CHECK(more[n].category == TAMAR_OK && o.count == 1);
        }
        run(&p, &more[8], &o, "npc");  // slow, but not slower than the slowest of nine
        CHECKF(more[8].category == TAMAR_OK && o.count == 1, "%d attempts", (int)o.count);
        run(&p, &call, &o, "npc");
        CHECKF(call.category == TAMAR_OK && o.count == 2 && o.trail[1].hedge, "%d attempts", (int)o.count);
        CHECKF(call.finished_at - call.sent_at > 2000000 && call.finished_at - call.sent_at < 2100000, "%d us", (int)(call.finished_at - call.sent_at));
        finish(&p);
    }
    TEST("no hedge when retries are few") {
        begin(&p, 1);
        p.route.hedge_ms = 500;
        opened(&p);
        p.c->book.targets[0].retry_tokens = TAMAR__POLICY_TOKENS / 2 - 1;
        script(&p, p.s[0], "late:900");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 1);
        finish(&p);
    }
    TEST("no hedge where nobody else can") {
        begin(&p, 1);
        p.route.hedge_ms = 500, p.route.target_count = 1;
        script(&p, p.s[0], "late:900");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 1);
        finish(&p);
    }
    TEST("a whole answer") {
        begin(&p, 1);
        p.route.hedge_ms = 500;
        sim_stall(sim_on_request(p.s[0]));
        sim_send(sim_on_request(p.s[1]), sim_answer(p.w, "fine"));
        opened(&p);
        memset(&r, 0, sizeof r);
        r.model = "npc", r.prompt = "x";
        sim_start(p.w, &call, p.c, &r);
        sim_drive(p.w, p.c);
        CHECKF(call.category == TAMAR_OK && call.finishes == 1, "%s", call.message);
        untouched(&p, "whole");
        finish(&p);
    }
    TEST("cancelled, released, out of time and closed beside each other") {
        for (n = 0; n < 4; n++) {
            begin(&p, (uint32_t)n + 1);
            two_keys(&p);
            p.route.hedge_ms = 500;
            p.d.timeouts.total_ms = n == 2 ? 2000 : 60000;
            script(&p, p.s[0], "mute"), script(&p, p.s[1], "mute"), script(&p, p.s[2], "mute");
            opened(&p);
            memset(&r, 0, sizeof r);
            r.model = "npc", r.prompt = "x", r.stream = true;
            sim_start(p.w, &call, p.c, &r);
            sim_frames(p.w, p.c, 100, 10000);
            CHECK(p.s[1]->requests == 1 && p.c->slots[0].other);
            if (n == 0) tamar_cancel(p.c, call.handle);
            if (n == 1) tamar_release(p.c, call.handle);
            if (n < 3) sim_drive(p.w, p.c), untouched(&p, "ended");
            CHECK(n == 1 || n == 3 || call.finishes == 1);
            if (n == 0) CHECK(call.category == TAMAR_CANCELLED);
            if (n == 2) CHECKF(call.category == TAMAR_TIMEOUT_TOTAL, "%s", call.message);
            finish(&p);
        }
    }
    TEST("memory that runs out beside each other") {
        long asked = 1, at;
        for (at = 0; at <= asked && at < 1000; at++) {
            begin(&p, 1);
            two_keys(&p);
            p.route.hedge_ms = 500;
            script(&p, p.s[0], "late:900|ok|ok"), script(&p, p.s[1], "mute|ok|ok"), script(&p, p.s[2], "ok|ok");
            if (at) p.w->memory.fail_at = at;
            p.c = tamar_open(&p.d);
            if (p.c) {
                run(&p, &call, &o, "npc");
                CHECKF(call.category == TAMAR_OK || call.category == TAMAR_NOMEM, "%ld: %s", at, call.message);
                untouched(&p, "no memory");
            }
            if (!at) asked = p.w->memory.asked;
            finish(&p);
        }
        CHECKF(at > 12, "%ld", at);
    }
}

// -- patterns, and two addresses of one server -----------------------------------------------------------

static void two_addresses(place *p, uint64_t fallback)
{
    begin(p, 1);
    p->route.name = "alpha/*";
    p->route.target_count = 2;
    p->targets[0].model = p->targets[1].model = NULL;
    p->targets[1].base_url = "http://127.0.0.1:8082/v1";
    p->route.fallback = fallback;
}

static void patterns(void)
{
    place p;
    sim_call call, more[12];
    outcome o;
    int n;
    TEST("a pattern's targets take the model as the request says") {
        two_addresses(&p, 0);
        script(&p, p.s[0], "500|500|500"), script(&p, p.s[1], "ok");
        run(&p, &call, &o, "alpha/any-model");
        CHECKF(call.category == TAMAR_OK && o.count == 4 && o.trail[3].target == 1, "%s", call.message);
        CHECK(p.w->request_count == 4 && sim_has(p.w->requests[3].body.ptr, p.w->requests[3].body.len, "\"any-model\""));
        finish(&p);
    }
    TEST("other models are not the pattern's") {
        two_addresses(&p, 0);
        script(&p, p.s[1], "ok");
        run(&p, &call, &o, "beta/two");
        CHECK(call.category == TAMAR_OK && o.count == 1 && o.trail[0].target == -1);
        finish(&p);
    }
    TEST("at once, after so many, and never") {
        two_addresses(&p, tamar_category_mask("UNAVAILABLE,DEADLINE_EXCEEDED,CANCELLED,RESOURCE_EXHAUSTED,INTERNAL"));
        p.route.at_once = tamar_category_mask("UNAVAILABLE,DEADLINE_EXCEEDED,CANCELLED");
        p.route.retries = tamar_int(1);
        script(&p, p.s[0], "503|500|500|403"), script(&p, p.s[1], "ok|ok");
        run(&p, &more[0], &o, "alpha/m");  // UNAVAILABLE
        CHECKF(more[0].category == TAMAR_OK && o.count == 2 && o.trail[1].target == 1, "%d", (int)o.count);
        run(&p, &more[1], &o, "alpha/m");  // INTERNAL: once more, then elsewhere
        CHECKF(more[1].category == TAMAR_OK && o.count == 3 && o.trail[1].target == 0 && o.trail[2].target == 1, "%d", (int)o.count);
        run(&p, &more[2], &o, "alpha/m");  // PERMISSION_DENIED
        CHECKF(more[2].category == TAMAR_PERMISSION && o.count == 1, "%d", (int)o.count);
        finish(&p);
    }
    TEST("only when the first rests") {
        two_addresses(&p, TAMAR_MASK(TAMAR_BREAKER_OPEN));
        p.d.breaker.failure_threshold = 2;
        p.d.max_retries = tamar_int(0);
        script(&p, p.s[0], "503|503|ok|ok"), script(&p, p.s[1], "ok|ok");
        for (n = 0; n < 2; n++) run(&p, &more[n], &o, "alpha/m");
        CHECK(more[0].category == TAMAR_OVERLOADED && more[1].category == TAMAR_OVERLOADED && p.s[1]->requests == 0);
        run(&p, &more[2], &o, "alpha/m");
        CHECKF(more[2].category == TAMAR_OK && o.trail[0].target == 1, "%s", more[2].message);
        sim_frame(p.w, 7000000);
        run(&p, &more[3], &o, "alpha/m");
        CHECKF(more[3].category == TAMAR_OK && o.trail[0].target == 0, "%s", more[3].message);
        finish(&p);
    }
    TEST("a black hole in under two seconds") {
        two_addresses(&p, 0);
        p.targets[0].timeouts.connect_ms = 1500;
        script(&p, p.s[0], "blackhole"), script(&p, p.s[1], "ok");
        run(&p, &call, &o, "alpha/m");
        CHECKF(call.category == TAMAR_OK && call.finished_at - call.sent_at < 2000000, "%d us", (int)(call.finished_at - call.sent_at));
        finish(&p);
    }
    TEST("a target without a model needs a pattern") {
        tamar_error why;
        two_addresses(&p, 0);
        p.d.error = &why;
        p.route.name = "npc";
        CHECK(!tamar_open(&p.d) && strstr(why.message, "pattern"));
        finish(&p);
    }
}

// -- probes ----------------------------------------------------------------------------------------------

static void well(place *p, int server, int times)  // what a probe gets
{
    static const char text[] = "{\"object\":\"list\",\"data\":[{\"id\":\"one\",\"object\":\"model\"}]}";
    while (times--) sim_send(sim_on_request(p->s[server]), sim_reply(p->w, 200, "application/json", "", text, sizeof text - 1, SIM_LENGTH));
}

static void idle(place *p, int frames)  // of 10 ms, also while no call is alive
{
    while (frames-- > 0) sim_pump(p->w, p->c, 0), sim_frame(p->w, 10000);
}

static void probes(void)
{
    place p;
    sim_call more[3];
    outcome o;
    tamar_event e;
    int n;
    TEST("every target is asked when nobody else asks it, and nobody is told") {
        begin(&p, 1);
        p.d.probe_interval_ms = 10000;
        for (n = 0; n < 3; n++) well(&p, n, 7);
        opened(&p);
        idle(&p, 950);
        CHECK(p.w->request_count == 0);
        idle(&p, 5450);  // 64 s in all
        for (n = 0; n < 3; n++) CHECKF(p.s[n]->requests == 6 || p.s[n]->requests == 5, "%d probes of target %d", p.s[n]->requests, n);
        CHECK(sim_has(p.w->requests[0].head.ptr, p.w->requests[0].head.len, "GET /v1/models "));
        CHECK(!tamar_next_event(p.c, &e) && tamar_client_metrics(p.c).total_requests == 0);
        finish(&p);
    }
    TEST("a pattern's target is asked too") {
        two_addresses(&p, 0);
        p.d.probe_interval_ms = 10000;
        well(&p, 0, 2), well(&p, 1, 2);
        opened(&p);
        idle(&p, 1500);
        CHECKF(p.s[0]->requests == 1 && p.s[1]->requests == 1, "%d, %d", p.s[0]->requests, p.s[1]->requests);
        finish(&p);
    }
    TEST("one that is down is known before a call needs it, and proven before one goes there again") {
        begin(&p, 1);
        p.d.probe_interval_ms = 1000;
        p.route.target_count = 2;
        for (n = 0; n < 5; n++) sim_refuse(sim_on_connect(p.s[0]));
        well(&p, 0, 40), well(&p, 1, 40);
        behave(&p, p.s[1], "ok");
        opened(&p);
        idle(&p, 700);
        CHECK(p.c->book.targets[0].breaker.state == TAMAR__POLICY_OPEN);
        CHECK(p.s[1]->requests >= 5);
        idle(&p, 900);  // it rested, and two probes were good
        CHECKF(p.c->book.targets[0].breaker.state == TAMAR__POLICY_CLOSED, "%d", (int)p.c->book.targets[0].breaker.state);
        CHECK(!tamar_next_event(p.c, &e));
        finish(&p);
    }
    TEST("who is asked anyway needs no probe") {
        begin(&p, 1);
        p.d.probe_interval_ms = 10000;
        p.route.target_count = 1;
        script(&p, p.s[0], "ok|ok|ok");
        opened(&p);
        for (n = 0; n < 3; n++) {
            idle(&p, 900);
            run(&p, &more[n], &o, "npc");
            CHECK(more[n].category == TAMAR_OK);
        }
        CHECK(p.s[0]->requests == 3);
        finish(&p);
    }
    TEST("a dialect without such a call is left alone; so is one that is cancelled or closed on") {
        begin(&p, 1);
        p.d.probe_interval_ms = 1000;
        p.rows[0].api = "tamar-invoke";
        sim_stall(sim_on_request(p.s[1])), sim_stall(sim_on_request(p.s[1]));
        well(&p, 2, 9);
        opened(&p);
        idle(&p, 150);
        tamar_cancel_all(p.c, 0);
        idle(&p, 150);
        CHECKF(p.s[0]->requests == 0 && p.s[1]->requests == 2, "%d, %d", p.s[0]->requests, p.s[1]->requests);
        CHECK(p.c->book.targets[0].breaker.state == TAMAR__POLICY_CLOSED);
        finish(&p);
    }
}

// -- an answer that goes on ------------------------------------------------------------------------------

#define CHUNK(text) "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}\n\n"

static bool sent_key(const place *p, int request, const char *key)
{
    return request < (int)p->w->request_count && sim_has(p->w->requests[request].head.ptr, p->w->requests[request].head.len, key);
}

static bool asked_for(const place *p, int request, const char *text)
{
    return request < (int)p->w->request_count && sim_has(p->w->requests[request].body.ptr, p->w->requests[request].body.len, text);
}

// What the first attempt says before it breaks off, and whether the next one is asked to go on with it.
static const struct goes_on {
    const char *name, *stream;
    uint64_t quirks;
    bool schema, discard, on;
} beginnings[] = {
    { "text", CHUNK("The Rhi"), TAMAR_QUIRK_PREFIX, false, false, true },
    { "with the other word", CHUNK("The Rhi"), TAMAR_QUIRK_PARTIAL, false, false, true },
    { "a provider that does not", CHUNK("The Rhi"), 0, false, false, false },
    { "text that ends in a space", CHUNK("The "), TAMAR_QUIRK_PREFIX, false, false, false },
    { "reasoning before it", "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n" CHUNK("The Rhi"), TAMAR_QUIRK_PREFIX, false, false, false },
    { "a tool call behind it", CHUNK("The Rhi") "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n",
        TAMAR_QUIRK_PREFIX, false, false, false },
    { "a schema", CHUNK("{\\\"a\\\":"), TAMAR_QUIRK_PREFIX, true, false, false },
    { "text that is not kept", CHUNK("The Rhi"), TAMAR_QUIRK_PREFIX, false, true, false },
};

static void going_on(void)
{
    place p;
    sim_call call;
    tamar_request r;
    tamar_message history[3];
    size_t i;
    int k;
    for (i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        TEST(beginnings[i].name) for (k = 0; k < 6; k++) {  // by a route or without; cut, reset, stalled
            const struct goes_on *x = &beginnings[i];
            sim_script *c;
            begin(&p, (uint32_t)k + 1);
            p.rows[0].quirks = x->quirks;
            memset(&r, 0, sizeof r);
            memset(history, 0, sizeof history);
            history[0].role = TAMAR_ROLE_USER, history[0].text = "Hello";
            history[1].role = TAMAR_ROLE_ASSISTANT, history[1].text = "Hello to you";
            r.messages = history, r.message_count = 2, r.prompt = "Name one river.";
            r.stream = true, r.discard_text = x->discard;
            r.resume = TAMAR_RESUME_CONTINUE;
            r.model = k & 1 ? "npc" : "alpha/one";
            p.route.target_count = 1;
            if (!(k & 1)) r.api_key = SIM_KEY;
            if (x->schema) r.format = TAMAR_FORMAT_SCHEMA, r.schema = "{\"type\":\"object\"}";
            c = sim_on_request(p.s[0]);
            sim_send(c, sim_stream_part(p.w, NULL));
            sim_send(c, sim_more(p.w, x->stream));
            if (k < 2) sim_fin(c);
            else if (k < 4) sim_rst(c);
            else sim_stall(c);
            c = sim_on_request(p.s[0]);
            sim_send(c, sim_stream_part(p.w, "ne, ", NULL)), sim_fin(c);
            sim_send(sim_on_request(p.s[0]), sim_stream(p.w, "of course", NULL));
            opened(&p);
            sim_start(p.w, &call, p.c, &r);
            memset(history, 0xAA, sizeof history);  // the client keeps what it needs
            sim_drive(p.w, p.c);
            CHECKF(call.category == TAMAR_OK && call.finishes == 1, "%s, %d: %s", x->name, k, call.message);
            CHECKF(p.w->request_count == 3, "%s: %d requests", x->name, (int)p.w->request_count);
            CHECKF(asked_for(&p, 1, x->quirks & TAMAR_QUIRK_PARTIAL ? "\"content\":\"The Rhi\",\"partial\":true}" : "\"content\":\"The Rhi\",\"prefix\":true}") == x->on, "%s", x->name);
            CHECKF(!asked_for(&p, 0, "\"prefix\"") && asked_for(&p, 1, "Hello to you") && asked_for(&p, 2, "Name one river."), "%s", x->name);
            if (!(k & 1)) CHECKF(sent_key(&p, 2, SIM_KEY), "%s: the key", x->name);
            if (x->on) {  // the second broke off behind a space: from there it began anew
                CHECKF(!asked_for(&p, 2, "The Rhi"), "%s", x->name);
                CHECKF(call.order.len == 6 && !memcmp(call.order.ptr, "SXXVXE", 6), "%s: %.*s", x->name, (int)call.order.len, call.order.ptr);
            }
            if (!x->discard) CHECKF(call.text.len == 9 && !memcmp(call.text.ptr, "of course", 9), "%s: %s", x->name, call.text.ptr);
            finish(&p);
        }
    TEST("it goes on twice, and then elsewhere, where it begins anew") {
        outcome o;
        sim_script *c;
        memset(&o, 0, sizeof o);
        begin(&p, 1);
        p.rows[0].quirks = TAMAR_QUIRK_PREFIX;
        c = sim_on_request(p.s[0]), sim_send(c, sim_stream_part(p.w, "The", NULL)), sim_fin(c);
        c = sim_on_request(p.s[0]), sim_send(c, sim_stream_part(p.w, " Rhi", NULL)), sim_fin(c);
        c = sim_on_request(p.s[0]), sim_send(c, sim_stream_part(p.w, "ne", NULL)), sim_fin(c);
        sim_send(sim_on_request(p.s[1]), sim_stream(p.w, "The Danube", NULL));
        opened(&p);
        memset(&r, 0, sizeof r);
        r.model = "npc", r.prompt = "Name one river.", r.stream = true, r.resume = TAMAR_RESUME_CONTINUE;
        sim_start(p.w, &call, p.c, &r);
        sim_drive(p.w, p.c);
        CHECKF(call.category == TAMAR_OK && call.text.len == 10 && !memcmp(call.text.ptr, "The Danube", 10), "%s %s", call.message, call.text.ptr);
        CHECK(asked_for(&p, 2, "\"content\":\"The Rhi\",\"prefix\":true}") && !asked_for(&p, 3, "Rhi"));
        CHECKF(call.order.len == 7 && !memcmp(call.order.ptr, "SXXXVXE", 7), "%.*s", (int)call.order.len, call.order.ptr);
        finish(&p);
    }
    TEST("it goes on, and the whole is one answer") {
        tamar_response *whole;
        sim_script *c;
        begin(&p, 1);
        p.rows[0].quirks = TAMAR_QUIRK_PREFIX;
        c = sim_on_request(p.s[0]), sim_send(c, sim_stream_part(p.w, "The R\xc3\xb6", NULL)), sim_rst(c);
        sim_send(sim_on_request(p.s[0]), sim_stream(p.w, "hn", NULL));
        opened(&p);
        memset(&r, 0, sizeof r);
        r.model = "alpha/one", r.prompt = "Name one river.", r.stream = true, r.resume = TAMAR_RESUME_CONTINUE, r.api_key = SIM_KEY;
        p.w->pumping = true, p.w->pump_wait = -1;
        whole = tamar_chat(p.c, &r);
        p.w->pumping = false;
        CHECKF(whole->error.category == TAMAR_OK && whole->attempt_count == 2 && whole->message.part_count == 1, "%s", whole->error.message);
        CHECK_STR(whole->text, "The R\xc3\xb6hn");
        tamar_response_free(whole);
        finish(&p);
    }
    TEST("which models go on") {
        static const struct { const char *model; bool on; } rows[] = { { "mistral/mistral-large-latest", true }, { "moonshot/kimi-k2", true },
            { "openai/gpt-4o", false }, { "deepseek/deepseek-v4-flash", false }, { "anthropic/claude-3-5-sonnet-latest", true },
            { "anthropic/claude-opus-4-6", false }, { "gemini/gemini-2.5-flash", true }, { "gemini/gemini-3.7-pro", false } };
        tamar_desc none;
        tamar__dialect_decoder d;
        tamar__arena a;
        tamar__base_memory m;
        memset(&none, 0, sizeof none);
        memset(&m, 0, sizeof m);
        m.allocator = tamar__base_allocator(NULL);
        tamar__arena_init(&a, &m, 256);
        for (i = 0; i < sizeof rows / sizeof *rows; i++) {
            tamar__model_target to;
            memset(&r, 0, sizeof r);
            tamar__dialect_init(&d, tamar__dialect_named(tamar__str_z("openai-chat")), &a, true, 1000, 1000);
            CHECK(tamar__dialect_take_over(&d, tamar__str_z("The Rhi"), 7));
            CHECK(!tamar__model_resolve(&none, tamar__str_z(rows[i].model), false, true, &to));
            CHECKF(tamar__dialect_continues(&d, &r, &to, tamar__dialect_for(tamar__dialect_of_chat(&r, &to), r.kind)) == rows[i].on, "%s", rows[i].model);
        }
        tamar__arena_free(&a);
    }
    TEST("memory that runs out while it goes on") {
        long asked = 1, at;
        for (at = 0; at <= asked && at < 1000; at++) {
            sim_script *c;
            begin(&p, 1);
            p.rows[0].quirks = TAMAR_QUIRK_PREFIX;
            c = sim_on_request(p.s[0]), sim_send(c, sim_stream_part(p.w, "The Rhi", NULL)), sim_rst(c);
            sim_send(sim_on_request(p.s[0]), sim_stream(p.w, "ne", NULL));
            sim_send(sim_on_request(p.s[0]), sim_stream(p.w, "The Rhine", NULL));
            if (at) p.w->memory.fail_at = at;
            p.c = tamar_open(&p.d);
            if (p.c) {
                memset(&r, 0, sizeof r);
                r.model = "alpha/one", r.prompt = "Name one river.", r.stream = true, r.resume = TAMAR_RESUME_CONTINUE, r.api_key = SIM_KEY;
                sim_start(p.w, &call, p.c, &r);
                sim_drive(p.w, p.c);
                CHECKF(call.finishes == 1 && (call.category == TAMAR_OK || at), "%ld: %s", at, call.message);
                if (call.category == TAMAR_OK) CHECKF(call.text.len == 9 && !memcmp(call.text.ptr, "The Rhine", 9), "%ld: %s", at, call.text.ptr);
            }
            if (!at) asked = p.w->memory.asked;
            finish(&p);
        }
        CHECKF(at > 12, "%ld", at);
    }
}

// -- one beside the other ------------------------------------------------------------------------------

static tamar_request streamed(const char *model)
{
    tamar_request r;
    memset(&r, 0, sizeof r);
    r.model = model, r.prompt = "Name one river.", r.stream = true;
    return r;
}

static void said(sim_call *call, const tamar_event *e)  // the result's text is what was told, and every attempt has its line
{
    size_t i;
    (void)call;
    if (e->type != TAMAR_EVENT_FINISH) return;
    CHECKF(e->response->text.len == call->text.len && !memcmp(e->response->text.ptr, call->text.ptr ? call->text.ptr : "", call->text.len), "told '%s', result '%s'",
        call->text.ptr ? call->text.ptr : "", e->response->text.ptr);
    for (i = 0; i < e->response->attempt_count; i++) CHECKF(e->response->attempts[i].provider != NULL, "attempt %d has no line", (int)i);
    for (i = 0; i < e->response->warning_count; i++)
        if (!strcmp(e->response->warnings[i].code, "fallback")) CHECK(e->response->attempts[0].category != TAMAR_OK);
}

static void go(place *p, sim_call *call, const tamar_request *r)
{
    if (!p->c) opened(p);
    sim_start(p->w, call, p->c, r);
    call->hook = said;
    sim_drive(p->w, p->c);
    CHECK(call->finishes == 1);
}

static void together(void)
{
    place p;
    sim_call call, second;
    tamar_request r;
    sim_script *s;
    int n;
    TEST("no hedge beside an answer that goes on") {
        begin(&p, 1);
        p.route.hedge_ms = 500, p.route.target_count = 2, p.route.retries = tamar_int(3), p.route.at_once = TAMAR_MASK(TAMAR_SERVER);
        p.rows[0].quirks = p.rows[1].quirks = TAMAR_QUIRK_PREFIX;
        s = sim_on_request(p.s[0]), sim_send(s, sim_stream_part(p.w, "The Rhi", NULL)), sim_fin(s);
        behave(&p, p.s[0], "late:900");
        r = streamed("npc"), r.resume = TAMAR_RESUME_CONTINUE;
        go(&p, &call, &r);
        CHECKF(call.category == TAMAR_OK && call.text.len == 11 && !p.s[1]->requests, "%s", call.text.ptr);
        finish(&p);
    }
    TEST("an answer goes on past a target that cannot be asked") {
        begin(&p, 1);
        p.rows[0].quirks = p.rows[1].quirks = p.rows[2].quirks = TAMAR_QUIRK_PREFIX;
        p.rows[1].base_url = "https://example.com/v1", p.route.at_once = TAMAR_MASK(TAMAR_TRUNCATED);
        s = sim_on_request(p.s[0]), sim_send(s, sim_stream_part(p.w, "The Rhi", NULL)), sim_fin(s);
        behave(&p, p.s[2], "ok");
        r = streamed("npc"), r.resume = TAMAR_RESUME_CONTINUE;
        go(&p, &call, &r);
        CHECKF(call.category == TAMAR_OK && call.text.len == 11 && asked_for(&p, 1, "\"prefix\":true"), "%s", call.text.ptr);
        finish(&p);
    }
    TEST("and begins anew where that is not taken") {
        begin(&p, 1);
        p.rows[0].quirks = p.rows[1].quirks = TAMAR_QUIRK_PREFIX;
        p.rows[1].base_url = "https://example.com/v1", p.route.at_once = TAMAR_MASK(TAMAR_TRUNCATED);
        s = sim_on_request(p.s[0]), sim_send(s, sim_stream_part(p.w, "The Rhi", NULL)), sim_fin(s);
        behave(&p, p.s[2], "ok");
        r = streamed("npc"), r.resume = TAMAR_RESUME_CONTINUE;
        go(&p, &call, &r);
        CHECKF(call.category == TAMAR_OK && call.text.len == 4 && !asked_for(&p, 1, "The Rhi"), "%s", call.text.ptr);
        finish(&p);
    }
    TEST("events that are fetched late miss nothing of an answer that goes on") {
        begin(&p, 1);
        p.rows[0].quirks = TAMAR_QUIRK_PREFIX;
        s = sim_on_request(p.s[0]), sim_send(s, sim_stream_part(p.w, "The Rhi", NULL)), sim_rst(s);
        sim_send(sim_on_request(p.s[0]), sim_stream(p.w, "ne", NULL));
        opened(&p);
        r = streamed("alpha/one"), r.resume = TAMAR_RESUME_CONTINUE, r.api_key = SIM_KEY;
        sim_start(p.w, &call, p.c, &r);
        call.hook = said;
        idle(&p, 200);
        sim_drive(p.w, p.c);
        CHECKF(call.category == TAMAR_OK && call.text.len == 9 && call.order.ptr[0] == 'S', "%s", call.text.ptr);
        finish(&p);
    }
    TEST("a key that the request brought is brought again as it was") {
        begin(&p, 1);
        p.rows[0].quirks = TAMAR_QUIRK_PREFIX, p.rows[0].auth = "x-api-key";
        s = sim_on_request(p.s[0]), sim_send(s, sim_stream_part(p.w, "The Rhi", NULL)), sim_rst(s);
        sim_send(sim_on_request(p.s[0]), sim_stream(p.w, "ne", NULL));
        r = streamed("alpha/one"), r.resume = TAMAR_RESUME_CONTINUE, r.api_key = "Bearer " SIM_KEY;
        go(&p, &call, &r);
        for (n = 0; n < 2; n++) CHECKF(sent_key(&p, n, "Authorization: Bearer " SIM_KEY) && !sent_key(&p, n, "x-api-key"), "request %d", n);
        finish(&p);
    }
    TEST("a dead connection behind a hedge that failed") {
        begin(&p, 1);
        p.route.hedge_ms = 500;
        script(&p, p.s[0], "ok|late-rst:1000|ok"), script(&p, p.s[1], "500");
        r = streamed("npc");
        go(&p, &call, &r);
        go(&p, &second, &r);
        CHECK(second.category == TAMAR_OK);
        untouched(&p, "stale");
        finish(&p);
    }
    TEST("a target that names a model does not lend it to one that names none") {
        tamar_tool tool;
        begin(&p, 1);
        memset(&tool, 0, sizeof tool);
        tool.name = "f", tool.parameters = "{\"type\":\"object\"}";
        p.route.name = "alpha/*", p.route.target_count = 2;
        p.targets[0].model = "beta/two", p.targets[1].model = NULL, p.targets[1].base_url = "http://127.0.0.1:8083/v1";
        p.rows[1].quirks = TAMAR_QUIRK_NO_TOOLS;
        behave(&p, p.s[1], "ok"), behave(&p, p.s[2], "ok");
        r = streamed("alpha/one"), r.tools = &tool, r.tool_count = 1;
        go(&p, &call, &r);
        CHECKF(p.s[1]->requests == 0 && p.s[2]->requests == 1, "%d, %d", p.s[1]->requests, p.s[2]->requests);
        finish(&p);
    }
    TEST("a probe takes no call's place, and nobody waits for it") {
        uint64_t began;
        begin(&p, 1);
        p.d.probe_interval_ms = 1000, p.d.max_calls = 1, p.route.target_count = 2;
        for (n = 0; n < 40; n++) sim_stall(sim_on_request(p.s[1]));
        well(&p, 0, 1), behave(&p, p.s[0], "late:3000"), well(&p, 0, 40);
        opened(&p);
        idle(&p, 150);
        began = p.w->now;
        r = streamed("npc");
        go(&p, &call, &r);
        CHECKF(call.category == TAMAR_OK, "%s", call.message);
        CHECKF(p.w->now - began < 3500000, "pump said so after %d ms", (int)((p.w->now - began) / 1000));
        finish(&p);
    }
    TEST("a probe that found no memory is tried again") {
        long at;
        for (at = 1; at < 40; at++) {
            begin(&p, 1);
            p.d.probe_interval_ms = 1000, p.route.target_count = 1;
            well(&p, 0, 30);
            opened(&p);
            idle(&p, 50);
            p.w->memory.fail_at = p.w->memory.asked + at;
            idle(&p, 1500);
            CHECKF(p.s[0]->requests >= 10, "%ld: %d probes", at, p.s[0]->requests);
            finish(&p);
        }
    }
}

// -- keys ------------------------------------------------------------------------------------------------

static void keys(void)
{
    place p;
    sim_call call, more[8];
    outcome o;
    static const char *const refusals[] = { "429;retry-after: 20", "429!insufficient_quota", "401!invalid_api_key", "402", "403" };
    size_t i;
    TEST("18 a key that is refused: the other one, at once; plain calls too") {
        for (i = 0; i < 10; i++) {
            begin(&p, 11);
            two_keys(&p);
            script(&p, p.s[0], refusals[i / 2]);
            script(&p, p.s[0], "ok|ok");
            run(&p, &call, &o, i & 1 ? "npc" : "alpha/one");
            CHECKF(call.category == TAMAR_OK && o.count == 2, "%s: %s, %lu", refusals[i / 2], call.message, (unsigned long)o.count);
            CHECK(strcmp(o.accounts[0], o.accounts[1]) && o.trail[1].target == (i & 1 ? 0 : -1));
            CHECK(sent_key(&p, 0, SIM_KEY) != sent_key(&p, 1, SIM_KEY));
            CHECK(call.finished_at - call.sent_at < 1000000);
            run(&p, &more[0], &o, i & 1 ? "npc" : "alpha/one");  // it still rests
            CHECK(more[0].category == TAMAR_OK && o.count == 1 && sent_key(&p, 2, SIM_KEY) == sent_key(&p, 1, SIM_KEY));
            finish(&p);
        }
    }
    TEST("13 every attempt is booked, not the call alone") {
        begin(&p, 11);
        script(&p, p.s[0], "429;retry-after: 20");
        script(&p, p.s[1], "429;retry-after: 20");
        script(&p, p.s[2], "ok|ok");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 3);
        run(&p, &more[0], &o, "npc");  // the first and the second both rest
        CHECKF(more[0].category == TAMAR_OK && o.count == 1 && o.trail[0].target == 2, "%lu", (unsigned long)o.count);
        finish(&p);
    }
    TEST("14 a key that was refused comes back") {
        begin(&p, 11);
        two_keys(&p);
        p.d.account_count = 1;
        script(&p, p.s[0], "401!invalid_api_key|ok|ok");
        run(&p, &call, &o, "alpha/one");
        CHECK(call.category == TAMAR_AUTH && o.count == 1);
        run(&p, &more[0], &o, "alpha/one");  // the only one there is: tried before its time
        CHECKF(more[0].category == TAMAR_OK, "%s", more[0].message);
        finish(&p);
    }
    TEST("15 the same conversation keeps its key") {
        tamar_request r;
        begin(&p, 5);
        two_keys(&p);
        opened(&p);
        memset(&r, 0, sizeof r);
        r.model = "alpha/one", r.prompt = "x", r.stream = true, r.cache_key = "conversation-7";
        for (i = 0; i < 8; i++) {
            behave(&p, p.s[0], "ok");
            sim_start(p.w, &more[i], p.c, &r);
            sim_drive(p.w, p.c);
            CHECK(more[i].category == TAMAR_OK && sent_key(&p, (int)i, SIM_KEY) == sent_key(&p, 0, SIM_KEY));
        }
        finish(&p);
    }
    TEST("a limit of ours is kept to, and the server never has to refuse") {
        begin(&p, 5);
        two_keys(&p);
        p.d.account_count = 1;
        p.accounts[0].requests_per_minute = 4;
        for (i = 0; i < 6; i++) {
            behave(&p, p.s[0], "ok");
            run(&p, &more[i], &o, "alpha/one");
            CHECKF(more[i].category == TAMAR_OK && o.count == 1, "%s", more[i].message);
        }
        CHECKF(p.w->now > 28000000, "%lu", (unsigned long)p.w->now);
        finish(&p);
    }
    TEST("all attempts have one idempotency key, where the provider takes one, and numbered ids") {
        tamar_str a[3], ids[3];
        begin(&p, 5);
        p.rows[0].quirks = TAMAR_QUIRK_IDEMPOTENCY;
        script(&p, p.s[0], "500|500|500");
        script(&p, p.s[1], "ok");
        run(&p, &call, &o, "npc");
        CHECK(call.category == TAMAR_OK && o.count == 4);
        for (i = 0; i < 3; i++) {
            a[i] = sim_header(&p.w->requests[i], "Idempotency-Key");
            ids[i] = sim_header(&p.w->requests[i], "X-Client-Request-Id");
            CHECK(a[i].len == 16 && ids[i].len == 18 && !memcmp(a[i].ptr, a[0].ptr, 16) && ids[i].ptr[17] == (char)('1' + i));
        }
        CHECK(sim_header(&p.w->requests[3], "Idempotency-Key").len == 0);
        finish(&p);
    }
    TEST("what the description shows has no keys") {
        begin(&p, 5);
        two_keys(&p);
        opened(&p);
        CHECK(tamar_description(p.c)->account_count == 2 && !tamar_description(p.c)->accounts[0].api_key);
        CHECK(tamar_description(p.c)->routes[0].fallback == TAMAR_FALLBACK_DEFAULT);
        finish(&p);
    }
    TEST("the pick's state is small") {
        size_t state = 8 * sizeof(tamar__route_target) + 4 * sizeof(tamar__route_account) + sizeof(tamar__route_group);
        CHECKF(state < 4096, "%lu", (unsigned long)state);
        printf("    8 targets, 4 keys: %lu bytes\n", (unsigned long)state);
    }
}

// -- what stands in a body -------------------------------------------------------------------------------

#define DELTA(delta) "data: {\"choices\":[{\"index\":0,\"delta\":" delta "}]}\n\n"
#define CALL(fields) DELTA("{\"tool_calls\":[{\"index\":0," fields "}]}")
#define STOPPED "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"

typedef struct body {
    tamar_decoder *d;
    const tamar_response *r;
} body;

static body decoded(const char *text)
{
    tamar_decoder_desc desc;
    body b;
    memset(&desc, 0, sizeof desc);
    desc.api = "openai-chat";
    desc.stream = *text == 'd';
    b.d = tamar_decoder_open(&desc);
    if (!b.d) exit(1);
    tamar_decoder_feed(b.d, text, strlen(text));
    b.r = tamar_decoder_end(b.d, true);
    return b;
}

static bool warned(const tamar_response *r, const char *code)
{
    size_t i;
    for (i = 0; i < r->warning_count; i++)
        if (!strcmp(r->warnings[i].code, code)) return true;
    return false;
}

static void bodies(void)
{
    body b;
    TEST("62 a finish, and nothing else: an answer without text") {
        b = decoded(STOPPED);
        CHECK(b.r->error.category == TAMAR_OK && b.r->finish == TAMAR_FINISH_STOP && b.r->text.len == 0);
        tamar_decoder_close(b.d);
    }
    TEST("69 arguments that are sent anew with each piece: kept as they came, and said so") {
        b = decoded(CALL("\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":\"}") CALL("\"function\":{\"arguments\":\"{\\\"x\\\":1}\"}") STOPPED);
        CHECK(b.r->error.category == TAMAR_OK && b.r->tool_call_count == 1 && warned(b.r, "tool_arguments"));
        if (b.r->tool_call_count) CHECK_STR(b.r->tool_calls[0]->text, "{\"x\":{\"x\":1}");
        tamar_decoder_close(b.d);
    }
    TEST("70 two objects as one call's arguments: kept as they came, and said so") {
        b = decoded(CALL("\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}{\\\"x\\\":2}\"}") STOPPED);
        CHECK(b.r->error.category == TAMAR_OK && b.r->tool_call_count == 1 && warned(b.r, "tool_arguments"));
        if (b.r->tool_call_count) CHECK_STR(b.r->tool_calls[0]->text, "{\"x\":1}{\"x\":2}");
        tamar_decoder_close(b.d);
    }
    TEST("72 NaN is no answer") {
        b = decoded(DELTA("{\"content\":\"fine\"}") "data: {\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":{\"content\":[{\"logprob\":NaN}]}}]}\n\n" STOPPED);
        CHECK(b.r->error.category == TAMAR_PARSE);
        CHECK_STR(b.r->text, "fine");
        tamar_decoder_close(b.d);
    }
    TEST("76 of a member that is there twice the last one counts") {
        b = decoded("{\"choices\":[{\"index\":0,\"message\":{\"content\":\"bad\",\"content\":\"fine\"},\"finish_reason\":\"stop\"}]}");
        CHECK(b.r->error.category == TAMAR_OK);
        CHECK_STR(b.r->text, "fine");
        tamar_decoder_close(b.d);
    }
}

// -- seeds without end -----------------------------------------------------------------------------------

// Three targets that do anything, several calls at once. What must hold is checked by the world and by keep().
static uint64_t swarm(uint32_t seed)
{
    static const char *const all[] = { "ok", "ok", "ok", "429;retry-after: 1", "429;retry-after: 90", "429!insufficient_quota", "401!invalid_api_key", "500", "503",
        "529", "eof", "some-eof", "some-rst", "rst", "stall", "mute", "empty", "html", "error200", "mid-error", "done-rst", "400", "404", "garbage", "prose", "google",
        "some-stall", "refuse", "blackhole", "fin0" };
    place p;
    sim_call calls[5];
    outcome o[5];
    uint32_t die = seed * 2654435761u + 1, faults;
    tamar_request r;
    int i, k, n;
    begin(&p, seed);
    faults = test_random(&die);  // some seeds know only some of them
    if (test_random(&die) & 1) two_keys(&p);
    if (test_random(&die) % 3 == 0) p.route.hedge_ms = test_random(&die) & 1 ? TAMAR_HEDGE_SLOW : 300;
    p.route.strategy = (tamar_strategy)(test_random(&die) % (TAMAR_STRATEGY_HEALTH + 1));
    for (i = 0; i < 3; i++)
        for (k = 0; k < 14; k++) {
            uint32_t what = test_random(&die) % (sizeof all / sizeof *all);
            behave(&p, p.s[i], faults >> what % 32 & 1 ? all[what] : "ok");
        }
    opened(&p);
    memset(&r, 0, sizeof r);
    r.model = "npc", r.prompt = "Name one river.";
    r.stream = true;
    r.resume = (tamar_resume)(test_random(&die) % 3);
    n = 1 + (int)(test_random(&die) % 5);
    for (i = 0; i < n; i++) {
        memset(&o[i], 0, sizeof o[i]);
        sim_start(p.w, &calls[i], p.c, &r);
        calls[i].hook = keep;
        calls[i].hook_data = &o[i];
        if (test_random(&die) % 3 == 0) sim_drive(p.w, p.c);
        if (test_random(&die) % 8 == 0) tamar_cancel(p.c, calls[i].handle);
    }
    sim_drive(p.w, p.c);
    for (i = 0; i < n; i++) {
        CHECKF(calls[i].finishes == 1, "seed %lu: %d ends", (unsigned long)seed, calls[i].finishes);
        CHECKF(calls[i].finished_at - calls[i].sent_at <= 60001000, "seed %lu: too late", (unsigned long)seed);
        if (calls[i].category == TAMAR_OK) CHECKF(calls[i].text.len == 4 && !memcmp(calls[i].text.ptr, "fine", 4), "seed %lu", (unsigned long)seed);
        else CHECKF(calls[i].text.len == 0 || !memcmp(calls[i].text.ptr, "some", 4) || calls[i].category == TAMAR_CANCELLED, "seed %lu", (unsigned long)seed);
    }
    for (i = 0; i < (int)p.c->book.target_count; i++) {
        const tamar__route_target *t = &p.c->book.targets[i];
        CHECKF(!t->in_flight && t->retry_tokens <= TAMAR__POLICY_TOKENS, "seed %lu: target %d", (unsigned long)seed, i);
    }
    for (i = 0; i < (int)p.c->book.account_count; i++) CHECKF(!p.c->book.accounts[i].in_flight, "seed %lu: account %d", (unsigned long)seed, i);
    return finish(&p);
}

// The n-th request for memory fails, on a way through a key that is refused, a target that stalls, and one that answers.
static void starving(void)
{
    TEST("memory that runs out on the way") {
        long n, asked = 1;
        for (n = 0; n <= asked && n < 1000; n++) {
            place p;
            sim_call call;
            outcome o;
            begin(&p, 1);
            two_keys(&p);
            script(&p, p.s[0], "401!invalid_api_key|500|500|500");
            script(&p, p.s[1], "stall|stall");
            script(&p, p.s[2], "ok|ok");
            if (n) p.w->memory.fail_at = n;
            p.c = tamar_open(&p.d);
            if (p.c) {
                run(&p, &call, &o, "npc");
                CHECKF(call.category == TAMAR_OK || n, "%s", call.message);
                CHECKF(call.category == TAMAR_OK || call.category == TAMAR_NOMEM || o.count, "%ld: %s", n, call.message);
            }
            else CHECKF(n != 0, "%ld", n);
            if (!n) asked = p.w->memory.asked;
            finish(&p);
        }
        CHECKF(n > 20, "%ld", n);
    }
}

int main(int argc, char **argv)
{
    uint32_t seed, count = 10000;
    if (argc > 1) {
        TEST("one seed") swarm((uint32_t)strtoul(argv[1], NULL, 10));
        return test_done();
    }
    table();
    routes();
    side_by_side();
    patterns();
    probes();
    going_on();
    together();
    keys();
    bodies();
    starving();
    TEST("any faults, any order") for (seed = 1; seed <= count; seed++) swarm(seed);
    TEST("same seed, same trace") for (seed = 1; seed <= 50; seed++) CHECKF(swarm(seed) == swarm(seed), "seed %lu", (unsigned long)seed);
    printf("    %lu scenarios, %lu seeds\n", (unsigned long)(sizeof scenarios / sizeof *scenarios + sizeof lone / sizeof *lone), (unsigned long)count);
    return test_done();
}
