// The benchmark's client; bench_curl.c does the same work with libcurl and cJSON, bench_floor.c with bare sockets.
//     bench                            runs tests/bench.sh, which builds and compares them all
//     bench small  BASE_URL COUNT      one request after the other; routed: by a route with two targets and two keys
//     bench stream BASE_URL            one stream, as fast as it comes
//     bench each   BASE_URL            the same with on_event
//     bench slow   BASE_URL STREAMS    so many at once
//     bench pump   BASE_URL            how long tamar_pump(client, 0) takes
//     bench cold   BASE_URL            one request, to be timed as a process
//     bench decode COUNT               a stream's bytes to events, without a network
//     bench sse    COUNT               the event stream's parser beside memchr over its lines
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"

#include "bench_data.c"

static bench_seen seen;
static bool routed;  // the model is a route's name: two targets, two keys

static tamar_client *open_client(const char *base, int calls)
{
    tamar_desc desc;
    tamar_client *client;
    memset(&desc, 0, sizeof desc);
    desc.base_url = base;
    desc.api_key = "sk-bench";
    desc.max_calls = calls;
    if (routed) {
        static tamar_target targets[2];
        static tamar_account accounts[2];
        static tamar_route route;
        targets[0].model = targets[1].model = BENCH_MODEL;
        route.name = "route";
        route.targets = targets;
        route.target_count = 2;
        accounts[0].provider = accounts[1].provider = "custom";
        accounts[0].api_key = "sk-bench", accounts[1].api_key = "sk-other";
        desc.api_key = NULL;
        desc.routes = &route, desc.route_count = 1;
        desc.accounts = accounts, desc.account_count = 2;
    }
    client = tamar_open(&desc);
    if (!client) bench_die("cannot open a client");
    return client;
}

static tamar_request question(bool stream)
{
    tamar_request request;
    memset(&request, 0, sizeof request);
    request.model = routed ? "route" : BENCH_MODEL;
    request.system = BENCH_SYSTEM;
    request.prompt = BENCH_PROMPT;
    request.stream = stream;
    return request;
}

static void check(const tamar_error *error)
{
    if (!error->category) return;
    fprintf(stderr, "%s: ", tamar_category_name(error->category));
    bench_die(error->message);
}

// -- requests --------------------------------------------------------------------------------------

static void one_small(tamar_client *client)
{
    tamar_request request = question(false);
    tamar_response *r = tamar_chat(client, &request);
    check(&r->error);
    bench_see(&seen, r->text.ptr, r->text.len);
    seen.bytes += (uint64_t)r->usage.total_tokens.value;
    tamar_response_free(r);
}

static void small(const char *base, long count)
{
    tamar_client *client = open_client(base, 0);
    uint64_t cpu, asked;
    long i;
    one_small(client);
    seen.bytes = seen.hash = 0;
    asked = tamar_memory(client).allocations;
    cpu = bench_cpu();
    for (i = 0; i < count; i++) one_small(client);
    printf("cpu_ns %.1f\n", (double)(bench_cpu() - cpu) / (double)count);
    printf("asked %.3f\n", (double)(tamar_memory(client).allocations - asked) / (double)count);
    bench_print_seen(&seen);
    tamar_close(client);
}

// -- streams ---------------------------------------------------------------------------------------

static long events, finished;

static void on_event(void *user_data, const tamar_event *e)
{
    (void)user_data;
    events++;
    if (e->type == TAMAR_EVENT_TEXT) bench_see(&seen, e->text.ptr, e->text.len);
    if (!e->finished) return;
    check(&e->error);
    finished++;
    if (e->response->finish != TAMAR_FINISH_STOP) bench_die("the stream did not end as it should");
}

static void one_stream(const char *base, long count, bool each)
{
    tamar_client *client = open_client(base, 0);
    tamar_request request = question(true);
    uint64_t cpu = bench_cpu(), asked = tamar_memory(client).allocations;
    tamar_event e;
    if (each) request.on_event = on_event;
    tamar_send(client, &request);
    while (tamar_pump(client, -1))
        while (tamar_next_event(client, &e)) on_event(NULL, &e);
    while (tamar_next_event(client, &e)) on_event(NULL, &e);
    printf("cpu_ns %.2f\n", (double)(bench_cpu() - cpu) / (double)count);
    if (finished != 1) bench_die("the stream did not finish once");
    asked = tamar_memory(client).allocations - asked;
    printf("asked %.5f\nevents %.4f\n", (double)asked / (double)count, (double)events / (double)count);
    bench_print_seen(&seen);
    tamar_close(client);
}

static void slow(const char *base, long count, int streams)
{
    tamar_client *client = open_client(base, streams);
    tamar_request request = question(true);
    long rss;
    uint64_t cpu;
    tamar_event e;
    int i;
    rss = bench_status_kb("VmRSS");
    cpu = bench_cpu();
    request.discard_text = true;
    for (i = 0; i < streams; i++) tamar_send(client, &request);
    while (tamar_pump(client, -1))
        while (tamar_next_event(client, &e)) on_event(NULL, &e);
    while (tamar_next_event(client, &e)) on_event(NULL, &e);
    printf("cpu_ns %.1f\n", (double)(bench_cpu() - cpu) / ((double)count * streams));
    printf("kb_stream %.2f\n", (double)(bench_status_kb("VmHWM") - rss) / streams);
    printf("kb_asked %.2f\n", (double)tamar_memory(client).peak / 1024 / streams);
    if (finished != streams) bench_die("a stream did not finish");
    printf("text_bytes %llu\n", (unsigned long long)seen.bytes);  // the streams' order is nobody's: no hash
    tamar_close(client);
}

// Times every pump that brought something: a pump that finds nothing is no frame's worry. The CPU's time, because a
// pump that never blocks takes no other, and a busy machine would be measured instead; the wall's beside it.
static void pumps(const char *base)
{
    enum { KEEP = 1 << 20 };
    uint64_t *cpu = (uint64_t *)malloc(KEEP * sizeof *cpu), *wall = (uint64_t *)malloc(KEEP * sizeof *wall), n = 0;
    tamar_client *client = open_client(base, 0);
    tamar_request request = question(true);
    bool more = true;
    tamar_event e;
    if (!cpu || !wall) bench_die("out of memory");
    memset(cpu, 0, KEEP * sizeof *cpu);
    memset(wall, 0, KEEP * sizeof *wall);
    tamar_send(client, &request);
    while (more) {
        long before = events;
        uint64_t w = bench_wall(), c = bench_cpu();
        more = tamar_pump(client, 0);
        c = bench_cpu() - c;
        w = bench_wall() - w;
        while (tamar_next_event(client, &e)) on_event(NULL, &e);
        if (events == before || n == KEEP) continue;
        cpu[n] = c;
        wall[n++] = w;
    }
    if (!n) bench_die("no pump brought anything");
    qsort(cpu, n, sizeof *cpu, bench_compare);
    qsort(wall, n, sizeof *wall, bench_compare);
    printf("pumps %llu\n", (unsigned long long)n);
    printf("cpu_us %.2f\ncpu_us_median %.2f\n", (double)cpu[(n - 1) * 999 / 1000] / 1000, (double)cpu[n / 2] / 1000);
    printf("wall_us %.2f\n", (double)wall[(n - 1) * 999 / 1000] / 1000);
    tamar_close(client);
}

// -- the parser of event streams -------------------------------------------------------------------

enum { SSE_EVENTS = 2048, SSE_ROUNDS = 9 };

static char *sse_text;
static size_t sse_at[SSE_EVENTS + 1];

static size_t walk_lines(void)
{
    const char *p = sse_text, *end = sse_text + sse_at[SSE_EVENTS];
    size_t lines = 0;
    while ((p = (const char *)memchr(p, '\n', (size_t)(end - p)))) p++, lines++;
    return lines;
}

// Feeds pieces of so many bytes; 0: one event a piece.
static size_t parse_events(tamar_sse *sse, size_t piece)
{
    size_t at = 0, n = 0, next = 1, len = sse_at[SSE_EVENTS];
    tamar_sse_event e;
    while (at < len) {
        size_t size = piece ? piece : sse_at[next] - at;
        if (size > len - at) size = len - at;
        if (!tamar_sse_feed(sse, sse_text + at, size)) bench_die("the parser gave up");
        while (tamar_sse_next(sse, &e)) {
            n++;
            bench_see(&seen, e.data.ptr, e.data.len);
        }
        at += size;
        next++;
    }
    return n;
}

static void render_events(void)
{
    uint32_t seed = 2026;
    size_t len = 0, i;
    sse_text = (char *)malloc((size_t)SSE_EVENTS * 256);
    if (!sse_text) bench_die("out of memory");
    for (i = 0; i < SSE_EVENTS; i++) {
        sse_at[i] = len;
        len += (size_t)sprintf(sse_text + len, "data: ");
        len += bench_chunk(sse_text + len, 240, &seed, false);
        len += (size_t)sprintf(sse_text + len, "\n\n");
    }
    sse_at[SSE_EVENTS] = len;
}

static void decode(long count)
{
    tamar_decoder_desc desc;
    tamar_decoder *decoder;
    tamar_event e;
    uint64_t cpu;
    long r, repeats = (count + SSE_EVENTS - 1) / SSE_EVENTS;
    memset(&desc, 0, sizeof desc);
    desc.api = "openai-chat";
    desc.stream = true;
    desc.discard_text = true;
    decoder = tamar_decoder_open(&desc);
    if (!decoder) bench_die("no decoder");
    render_events();
    cpu = bench_cpu();
    for (r = 0; r < repeats; r++) {
        size_t at = 0, len = sse_at[SSE_EVENTS];
        while (at < len) {
            size_t size = len - at < 65536 ? len - at : 65536;
            if (!tamar_decoder_feed(decoder, sse_text + at, size)) bench_die("the decoder gave up");
            while (tamar_decoder_next_event(decoder, &e)) {
                events++;
                if (e.type == TAMAR_EVENT_TEXT) bench_see(&seen, e.text.ptr, e.text.len);
            }
            at += size;
        }
    }
    printf("cpu_ns %.2f\n", (double)(bench_cpu() - cpu) / (double)repeats / SSE_EVENTS);
    printf("events %.4f\n", (double)events / (double)repeats / SSE_EVENTS);
    bench_print_seen(&seen);
    tamar_decoder_close(decoder);
}

static void sse(long count)
{
    static const size_t pieces[] = {65536, 0, 1000, 61};
    uint64_t walk[SSE_ROUNDS], parse[4][SSE_ROUNDS], ratio[4][SSE_ROUNDS], start;
    tamar_sse *parser = tamar_sse_open(NULL, 0);
    size_t i, k, lines = 0;
    long r, repeats = (count + SSE_EVENTS - 1) / SSE_EVENTS;
    if (!parser) bench_die("out of memory");
    render_events();
    for (i = 0; i < SSE_ROUNDS; i++) {
        start = bench_cpu();
        for (r = 0; r < repeats; r++) lines += walk_lines();
        walk[i] = bench_cpu() - start;
        for (k = 0; k < 4; k++) {
            size_t n = 0;
            start = bench_cpu();
            for (r = 0; r < repeats; r++) n += parse_events(parser, pieces[k]);
            parse[k][i] = bench_cpu() - start;
            ratio[k][i] = parse[k][i] * 100000 / walk[i];
            if (n != (size_t)repeats * SSE_EVENTS) bench_die("the parser lost events");
        }
    }
    if (lines != SSE_ROUNDS * (size_t)repeats * SSE_EVENTS * 2) bench_die("memchr lost lines");
    qsort(walk, SSE_ROUNDS, sizeof *walk, bench_compare);
    printf("walk_ns %.2f\n", (double)walk[SSE_ROUNDS / 2] / (double)repeats / SSE_EVENTS);
    for (k = 0; k < 4; k++) {
        char name[16];
        sprintf(name, pieces[k] ? "%zu" : "event", pieces[k]);
        qsort(parse[k], SSE_ROUNDS, sizeof *walk, bench_compare);
        qsort(ratio[k], SSE_ROUNDS, sizeof *walk, bench_compare);
        printf("ns_%s %.2f\n", name, (double)parse[k][SSE_ROUNDS / 2] / (double)repeats / SSE_EVENTS);
        printf("ratio_%s %.3f\n", name, (double)ratio[k][SSE_ROUNDS / 2] / 1e5);
    }
    tamar_sse_close(parser);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 2 ? argv[1] : "";
    const char *n = argc > 2 ? strstr(argv[2], "/n=") : NULL;  // events a stream, as the server is told
    long count = bench_count(n ? n + 3 : NULL);
    if (argc == 1) {
        execlp("sh", "sh", "tests/bench.sh", (char *)NULL);
        bench_die("cannot run tests/bench.sh");
    }
    bench_start();
    routed = !strcmp(mode, "routed");
    if ((routed || !strcmp(mode, "small")) && argc > 3) small(argv[2], bench_count(argv[3]));
    else if (!strcmp(mode, "stream")) one_stream(argv[2], count, false);
    else if (!strcmp(mode, "each")) one_stream(argv[2], count, true);
    else if (!strcmp(mode, "slow") && argc > 3) slow(argv[2], count, (int)bench_count(argv[3]));
    else if (!strcmp(mode, "pump")) pumps(argv[2]);
    else if (!strcmp(mode, "decode")) decode(bench_count(argv[2]));
    else if (!strcmp(mode, "sse")) sse(bench_count(argv[2]));
    else if (!strcmp(mode, "cold")) {
        tamar_client *client = open_client(argv[2], 0);
        one_small(client);
        long hwm = bench_status_kb("VmHWM");
        printf("text_bytes %llu\n", (unsigned long long)seen.bytes);
        if (argc > 3) printf("hwm_kb %ld\n", hwm);
        tamar_close(client);
    }
    else bench_die("usage: small|routed|stream|each|slow|pump|cold BASE_URL [COUNT], or decode|sse COUNT");
    return 0;
}
