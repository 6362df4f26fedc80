// Many concurrent calls through one client, for minutes, against the simulated provider over real sockets, with faults mixed
// in from a seed. Every call must have exactly one terminal event, and memory and descriptors must not grow. tests/soak.sh
// starts both:
//   soak PORT SECONDS SEED [CALLS_A_SECOND [AT_ONCE]]
// One line tells the figures; the last one counts as every test's does.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 256
#define ROUND_MS 10000  // between two looks at memory and descriptors, for which everything comes to rest
#define PERIOD 59
#define FILLER "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"

typedef enum must { ANSWER, FAIL, EITHER } must;

// What the provider does: words of tests/provider_sim.c. Text is FILLER over and over, so that a prefix can be told.
static const struct behaviour {
    const char *words;
    must must;
} behaviours[] = {
    { "n=20", ANSWER }, { "n=5,bytes=900", ANSWER }, { "n=300,bytes=7", ANSWER }, { "n=20,split=7", ANSWER }, { "n=9,chunk=5", ANSWER },
    { "n=20,crlf,bom", ANSWER }, { "n=10,delay=20", ANSWER }, { "n=4,delay=300,keepalive=100", ANSWER }, { "n=9,chunk-ext,trailer", ANSWER },
    { "n=9,reasoning=5", ANSWER }, { "n=9,interim=3", ANSWER }, { "big-event=300000", ANSWER }, { "n=9,close", ANSWER }, { "n=9,extra", ANSWER },
    { "n=9,first=200", ANSWER }, { "n=9,think=200", ANSWER }, { "n=9,no-last-blank", ANSWER }, { "n=9,idle-close=3", EITHER },
    { "n=9,close-on-reuse", EITHER }, { "status=503;n=9", EITHER }, { "status=429,retry-after=1", FAIL },
    { "n=9,cut=2c", FAIL }, { "n=9,cut=100", FAIL }, { "n=9,cut=0,wire", FAIL }, { "n=9,rst=2c", FAIL }, { "n=9,rst=30", FAIL }, { "n=9,rst=0,wire", FAIL },
    { "n=9,stall=2c", FAIL }, { "n=9,stall=0,wire", FAIL }, { "n=9,stall=1c,keepalive=200", FAIL }, { "n=9,no-finish", FAIL },
    { "n=9,error-at=0,status=503", FAIL }, { "n=9,error-at=3,status=503", FAIL }, { "json-error,status=400", FAIL }, { "html", FAIL },
    { "empty", FAIL }, { "status=500", FAIL }, { "status=401", FAIL }, { "status=400", FAIL }, { "status=502,html", FAIL }, { "http-garbage", FAIL },
    { "n=9,bad-chunk", FAIL }, { "n=9,gzip-label", FAIL }, { "n=9,header=Content-Length:3,content-length", FAIL }, { "n=9,huge-header=100000", FAIL },
    { "redirect=http:%2F%2Flocalhost:1%2F", FAIL },
};
#define BEHAVIOURS (sizeof behaviours / sizeof *behaviours)

typedef struct one {
    tamar_call call;
    const struct behaviour *does;
    bool live, finished, cancelled, by_callback;
    uint64_t text;  // characters seen in events
    struct soak *soak;
} one;

typedef struct soak {
    tamar_client *llm;
    one calls[MOST];
    uint32_t die;
    uint64_t sent, answered, failed, cancelled, released, events, bytes;
    uint64_t wrong;  // findings
    bool quiet;  // released calls may tell nothing
} soak;

static uint32_t roll(soak *s, uint32_t n)
{
    s->die ^= s->die << 13, s->die ^= s->die >> 17, s->die ^= s->die << 5;
    return s->die % n;
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void found(soak *s, const one *o, const char *what, const char *more)
{
    if (s->wrong++ < 20) printf("FAILED: %s: %s%s%s\n", o ? o->does->words : "-", what, more ? ": " : "", more ? more : "");
}

static void take(void *user_data, const tamar_event *e)
{
    one *o = (one *)user_data;
    soak *s = o->soak;
    size_t i;
    s->events++;
    if (!o->live || e->call.id != o->call.id) { found(s, o, "an event of a call that is over", NULL); return; }
    if (o->finished) { found(s, o, "an event behind FINISH", tamar_event_name(e->type)); return; }
    if (e->finished != (e->type == TAMAR_EVENT_FINISH)) found(s, o, "finished on another event", NULL);
    if (e->type == TAMAR_EVENT_TEXT) {
        for (i = 0; i < e->text.len; i++)
            if (e->text.ptr[i] != FILLER[(o->text + i) % PERIOD]) { found(s, o, "text that was not sent", NULL); break; }
        o->text += e->text.len;
    }
    if (e->type != TAMAR_EVENT_FINISH) return;
    o->finished = true;
    s->bytes += o->text;
    if (e->response && e->response->text.len != o->text) found(s, o, "events and response disagree", NULL);
    if (o->cancelled) {
        if (e->error.category != TAMAR_CANCELLED) found(s, o, "cancelled, and ended with", tamar_category_name(e->error.category));
        s->cancelled++;
    } else if (e->error.category == TAMAR_OK) {
        if (o->does->must == FAIL) found(s, o, "an answer where there was none", NULL);
        if (!o->text) found(s, o, "an answer without text", NULL);
        s->answered++;
    } else {
        if (o->does->must == ANSWER) found(s, o, tamar_category_name(e->error.category), e->error.message);
        if (e->error.category == TAMAR_CANCELLED) found(s, o, "nobody cancelled it", NULL);
        s->failed++;
    }
}

static void begin(soak *s, one *o, const char *port, const struct behaviour *does)  // NULL: any
{
    static const char *const models[] = { "openai/gpt-4o", "anthropic/claude-sonnet-4-5", "google/gemini-2.5-flash", "ollama/qwen3", "openai/gpt-4o" };
    static const char *const apis[] = { "openai-chat", NULL, NULL, NULL, "openai-responses" };
    static const char *const paths[] = { "/v1", "", "", "", "/v1" };
    char base[300];
    uint32_t vendor = roll(s, 5);
    tamar_request rq;
    memset(&rq, 0, sizeof rq);
    memset(o, 0, sizeof *o);
    o->soak = s;
    o->does = does ? does : &behaviours[roll(s, 2) ? roll(s, 17) : roll(s, (uint32_t)BEHAVIOURS)];
    snprintf(base, sizeof base, "http://127.0.0.1:%s/sim/%s%s", port, o->does->words, paths[vendor]);
    rq.model = models[vendor];
    rq.api = apis[vendor];
    rq.base_url = base;
    rq.api_key = "key-of-the-soak";
    rq.prompt = "Name one river.";
    rq.stream = roll(s, 4) != 0;
    rq.user_data = o;
    o->by_callback = roll(s, 2) != 0;
    if (o->by_callback) rq.on_event = take;
    o->live = true;
    if (!rq.stream && (strstr(o->does->words, "c,") || strstr(o->does->words, "=2c") || strstr(o->does->words, "error-at") || strstr(o->does->words, "no-finish") ||
                       strstr(o->does->words, "bad-chunk")))
        rq.stream = true;  // these speak of events
    s->sent++;
    o->call = tamar_send(s->llm, &rq);
}

// Events that are due, and an end to every call that has one.
static void gather(soak *s, int most)
{
    tamar_event e;
    int i;
    while (tamar_next_event(s->llm, &e)) {
        one *o = (one *)e.user_data;
        if (o->by_callback) found(s, o, "an event for the callback, beside it", NULL);
        take(o, &e);
    }
    for (i = 0; i < most; i++)
        if (s->calls[i].live && s->calls[i].finished) {
            if (!tamar_result(s->llm, s->calls[i].call)) found(s, &s->calls[i], "finished without a result", NULL);
            tamar_release(s->llm, s->calls[i].call);
            s->calls[i].live = false;
        }
}

static int busy(const soak *s, int most)
{
    int i, n = 0;
    for (i = 0; i < most; i++) n += s->calls[i].live;
    return n;
}

static int descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = -1;  // the directory's own
    struct dirent *e;
    if (!d) d = opendir("/dev/fd");
    if (!d) return 0;
    while ((e = readdir(d)) != NULL) n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static long resident_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0;
    if (!f) return 0;
    if (fscanf(f, "%*s %ld", &pages) != 1) pages = 0;
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static uint64_t live;  // bytes that the library has

static void *resize(void *user_data, void *ptr, size_t old_size, size_t new_size)
{
    void *p = NULL;
    (void)user_data;
    if (!new_size) free(ptr);
    else if (!(p = realloc(ptr, new_size))) return NULL;
    live += new_size - old_size;
    return p;
}

int main(int argc, char **argv)
{
    static const struct behaviour slow = { "n=9,first=1000", ANSWER };
    static soak s;
    tamar_desc d;
    uint64_t start, next_round, end, rounds = 0, began, sent_now;
    struct { uint64_t rounds, used; int fds; long rss; } parts[3], *part;  // of the time: the first one warms up
    size_t used;
    long rss;
    int fds, third, i, most, rate, before;
    bool over = false;
    if (argc < 4) return 2;
    rate = argc > 4 ? atoi(argv[4]) : 300;
    most = argc > 5 ? atoi(argv[5]) : 64;
    if (most < 1 || most > MOST || rate < 1) return 2;
    s.die = (uint32_t)strtoul(argv[3], NULL, 10) | 1;
    memset(&parts, 0, sizeof parts);
    memset(&d, 0, sizeof d);
    d.allocator.resize = resize;
    d.max_calls = most;
    d.idle_connection_ms = 300;
    d.timeouts.connect_ms = 5000;
    d.timeouts.first_byte_ms = 2000;
    d.timeouts.idle_ms = 2000;
    d.timeouts.total_ms = 15000;
    before = descriptors();
    s.llm = tamar_open(&d);
    if (!s.llm) return 2;
    start = began = now_ms();
    end = start + (uint64_t)atoi(argv[2]) * 1000;
    next_round = start + ROUND_MS;
    sent_now = 0;
    for (i = 0; i < most; i++) begin(&s, &s.calls[i], argv[1], &slow);  // what as many at once need is reached at once
    while (!over || busy(&s, most)) {
        uint64_t now = now_ms();
        bool rest = now >= next_round || now >= end;
        over = now >= end;
        for (i = 0; i < most && !rest && sent_now * 1000 < (now - began) * (uint64_t)rate; i++)
            if (!s.calls[i].live) begin(&s, &s.calls[i], argv[1], NULL), sent_now++;
        if (sent_now * 1000 + 1000 < (now - began) * (uint64_t)rate) sent_now = 0, began = now;  // no calls are made up for
        tamar_pump(s.llm, 5);
        gather(&s, most);
        if (!rest && roll(&s, 20) == 0) {
            one *o = &s.calls[roll(&s, (uint32_t)most)];
            if (o->live && !o->finished && !o->cancelled) {
                if (roll(&s, 2)) o->cancelled = true, tamar_cancel(s.llm, o->call);
                else tamar_release(s.llm, o->call), o->live = false, s.released++;  // and then it tells nothing
            }
        }
        if (!rest || busy(&s, most)) {
            if (now > next_round + 60000) { found(&s, NULL, "calls that never end", NULL); break; }
            continue;
        }
        for (i = 0; i < 60; i++) tamar_pump(s.llm, 10);  // the idle connections go
        gather(&s, most);
        rounds++;
        used = tamar_memory(s.llm).used;
        fds = descriptors();
        rss = resident_kb();
        third = (int)((now - start) * 3 / (end - start + 1));
        part = &parts[third < 2 ? third : 2];
        part->rounds++;
        part->used += used;
        if (fds > part->fds) part->fds = fds;
        if (rss > part->rss) part->rss = rss;
        if (isatty(1)) printf("    %lu s: %lu calls, %lu bytes, %d descriptors, %ld KB\n", (unsigned long)((now - start) / 1000), (unsigned long)s.sent,
                              (unsigned long)used, fds, rss);
        began = now_ms();
        sent_now = 0;
        next_round = began + ROUND_MS;
    }
    if (s.sent != s.answered + s.failed + s.cancelled + s.released) found(&s, NULL, "calls were lost", NULL);
    for (i = 0; i < 3; i++) {
        if (parts[i].rounds) parts[i].used /= parts[i].rounds;
        else if (i) parts[i] = parts[i - 1];  // too short for three parts
    }
    // What rests differs by some buffers from look to look; what is lost for good would add up.
    if (parts[2].used > parts[1].used + (parts[2].rounds >= 4 ? 2048 : 32768)) found(&s, NULL, "memory grows", NULL);
    if (parts[2].fds > parts[1].fds) found(&s, NULL, "descriptors grow", NULL);
    if (parts[2].rss > parts[1].rss + 1024) found(&s, NULL, "the resident set grows", NULL);
    printf("    %lu s, seed %s: %lu calls, %lu events, %lu answers, %lu errors, %lu cancelled, %lu released while alive, %lu MB of text; "
           "at rest %lu bytes, %d descriptors, %ld KB resident in the second third, %lu, %d, %ld in the last\n",
           (unsigned long)((now_ms() - start) / 1000), argv[3], (unsigned long)s.sent, (unsigned long)s.events, (unsigned long)s.answered,
           (unsigned long)s.failed, (unsigned long)s.cancelled, (unsigned long)s.released, (unsigned long)(s.bytes >> 20), (unsigned long)parts[1].used,
           parts[1].fds, parts[1].rss, (unsigned long)parts[2].used, parts[2].fds, parts[2].rss);
    tamar_close(s.llm);
    if (live) found(&s, NULL, "memory is left after closing", NULL);
    if (descriptors() != before) found(&s, NULL, "descriptors are left after closing", NULL);
    printf("%lu passed, %lu failed, 0 skipped\n", (unsigned long)(s.sent + rounds * 3), (unsigned long)s.wrong);
    return s.wrong != 0;
}
