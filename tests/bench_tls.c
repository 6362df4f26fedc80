// The benchmark's client over https, built twice: with the system's libssl, and with BearSSL (TAMAR_TLS_BEARSSL).
// bench_ssl.c does the same work with libssl alone. The server is tls_front in front of bench_server.
//     bench-tls bulk  HOST PORT CA BYTES COUNT   downloads, one after the other on one connection
//     bench-tls records HOST PORT CA BYTES       the same without the sockets: TLS alone, over what was received before
//     bench-tls shake HOST PORT CA COUNT         connection, handshake, one byte; every handshake a full one
//     bench-tls again HOST PORT CA COUNT         the same, every handshake resumed
//     bench-tls pump  HOST PORT CA COUNT         how long tamar_pump(client, 0) takes meanwhile, less what the library takes
//     bench-tls wall  HOST PORT CA COUNT         a whole chat request on a new connection: full, then resumed
//     bench-tls cold  HOST PORT [CA]             one chat request, to be timed as a process
//     bench-tls roots FILE                       until a bundle of roots is ready
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"

#include "bench_data.c"

static char base[300], place[300];

static tamar_client *open_client(const char *host, const char *port, const char *ca)
{
    tamar_desc desc;
    tamar_client *client;
    memset(&desc, 0, sizeof desc);
    snprintf(place, sizeof place, "https://%s:%s", host, port);
    snprintf(base, sizeof base, "%s/n=0/v1", place);
    desc.base_url = base;
    desc.api_key = "sk-bench";
    desc.ca_file = ca;
    client = tamar_open(&desc);
    if (!client) bench_die("cannot open a client");
    return client;
}

// -- below the API: the connections, as they are ---------------------------------------------------

static uint64_t got;
static bool over;

static void on_phase(tamar__net_sink *sink, uint32_t id, tamar_phase phase)
{
    (void)sink, (void)id, (void)phase;
}

static void on_status(tamar__net_sink *sink, uint32_t id, int status)
{
    (void)sink, (void)id;
    if (status != 200) bench_die("not status 200");
}

static void on_header(tamar__net_sink *sink, uint32_t id, tamar_str name, tamar_str value)
{
    (void)sink, (void)id, (void)name, (void)value;
}

static size_t on_body(tamar__net_sink *sink, uint32_t id, const char *data, size_t len)
{
    (void)sink, (void)id, (void)data;
    got += len;
    return len;
}

static void on_end(tamar__net_sink *sink, uint32_t id, tamar_category category, const char *message,
                   tamar__net_ending ending, bool reused, size_t sent)
{
    (void)sink, (void)id, (void)reused, (void)sent;
    if (category || ending != TAMAR__NET_CLEAN) bench_die(message ? message : "no clean end");
    over = true;
}

static void get(tamar_client *client, uint64_t bytes)
{
    static tamar__net_sink sink;
    static uint32_t id;
    tamar__net *n = &client->net;
    tamar_http_request rq;
    tamar_exchange exchange;
    char url[400];
    const char *why = "";
    sink.phase = on_phase;
    sink.status = on_status;
    sink.header = on_header;
    sink.body = on_body;
    sink.end = on_end;
    memset(&rq, 0, sizeof rq);
    snprintf(url, sizeof url, "%s/bulk=%llu", place, (unsigned long long)bytes);
    rq.method = "GET";
    rq.url = tamar__str_z(url);
    exchange.owner = &sink;
    exchange.id = ++id;
    got = 0;
    over = false;
    if (!tamar__net_start(n, exchange, &rq, &why)) bench_die(why);
    while (!over) {
        n->budget = client->desc.pump_budget;
        tamar__net_pump(n, -1);
    }
    if (got != bytes) bench_die("not all of it came");
}

// The next handshake is a full one.
static void forget(tamar_client *client)
{
#if TAMAR_TLS_BEARSSL
    while (client->tls && client->tls->cache.first)
        tamar__tls_drop(&client->tls->cache, client->tls->memory, &client->tls->cache.first);
#else
    while (client->tls && client->tls->cache.first) tamar__tls_forget(client->tls, &client->tls->cache.first);
#endif
}

static void bulk(tamar_client *client, uint64_t bytes, long count)
{
    uint64_t cpu, wall;
    long i;
    get(client, bytes);
    cpu = bench_cpu();
    wall = bench_wall();
    for (i = 0; i < count; i++) get(client, bytes);
    cpu = bench_cpu() - cpu;
    wall = bench_wall() - wall;
    printf("cpu_ns %.1f\nwall_ns %.1f\n", (double)cpu * 1e6 / ((double)bytes * (double)count),
           (double)wall * 1e6 / ((double)bytes * (double)count));  // a megabyte
}

static void shake(tamar_client *client, long count, bool full)
{
    uint64_t cpu = 0, wall = 0;
    long i;
    for (i = -2; i < count; i++) {
        if (full) forget(client);
        if (i == 0) cpu = bench_cpu(), wall = bench_wall();
        get(client, 1);
        tamar__net_drop_idle(&client->net, NULL);
    }
    printf("cpu_ns %.1f\nwall_ns %.1f\n", (double)(bench_cpu() - cpu) / (double)count, (double)(bench_wall() - wall) / (double)count);
}

// -- TLS alone -------------------------------------------------------------------------------------

static void send_all(int fd, tamar_tls *t, void *session)
{
    char out[4096];
    ptrdiff_t n;
    while ((n = t->drain(session, out, sizeof out)) > 0)
        if (send(fd, out, (size_t)n, 0) != n) bench_die("cannot send");
}

// Receives everything before it is timed: in pieces of the size that tamar_pump reads, as if it came from a socket.
static void records(tamar_client *client, const char *host, const char *port, uint64_t bytes)
{
    enum { PIECE = 32768 };
    static char plain[PIECE], request[256];
    struct sockaddr_in at;
    size_t cap = (size_t)bytes + (size_t)bytes / 100 + 65536, len = 0, fed = 0;
    char *data = (char *)malloc(cap);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    const char *why = "";
    tamar_tls_wanted wanted;
    tamar_tls t;
    void *session;
    struct pollfd wait;
    ptrdiff_t n;
    uint64_t cpu, seen = 0;
    get(client, 1);  // opens TLS
    forget(client);
    t = client->net.tls;
    memset(&wanted, 0, sizeof wanted);
    wanted.host = host;
    wanted.ca_file = client->net.trust.ca_file;
    wanted.port = (uint16_t)atoi(port);
    wanted.unix_ms = tamar__os_unix_ms(NULL);
    session = t.start(t.user_data, &wanted, &why);
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_port = htons(wanted.port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!data || !session || connect(fd, (struct sockaddr *)&at, sizeof at)) bench_die("cannot connect");
    memset(data, 0, cap);  // its pages are there before it counts
    while ((n = t.write(session, "", 0)) == TAMAR_IO_AGAIN) {
        send_all(fd, &t, session);
        n = recv(fd, plain, sizeof plain, 0);
        if (n <= 0 || t.feed(session, plain, (size_t)n) != n) bench_die("no handshake");
    }
    if (n < 0) bench_die(t.why(session));
    snprintf(request, sizeof request, "GET /bulk=%llu HTTP/1.1\r\n\r\n", (unsigned long long)bytes);
    if (t.write(session, request, strlen(request)) != (ptrdiff_t)strlen(request)) bench_die("cannot write");
    send_all(fd, &t, session);
    wait.fd = fd;
    wait.events = POLLIN;
    while (len < cap && poll(&wait, 1, 300) > 0 && (n = recv(fd, data + len, cap - len, 0)) > 0) len += (size_t)n;
    cpu = bench_cpu();
    while (fed < len) {
        n = t.feed(session, data + fed, len - fed < PIECE ? len - fed : PIECE);
        if (n <= 0) bench_die("cannot feed");
        fed += (size_t)n;
        while ((n = t.read(session, plain, sizeof plain)) > 0) seen += (uint64_t)n;
    }
    cpu = bench_cpu() - cpu;
    if (seen < bytes) bench_die("not all of it came");
    printf("cpu_ns %.1f\n", (double)cpu * 1e6 / (double)bytes);
    t.end(session);
    close(fd);
    free(data);
}

// -- through the API -------------------------------------------------------------------------------

static tamar_request question(void)
{
    tamar_request request;
    memset(&request, 0, sizeof request);
    request.model = BENCH_MODEL;
    request.prompt = BENCH_PROMPT;
    return request;
}

static uint64_t ask(tamar_client *client)
{
    tamar_request request = question();
    uint64_t wall = bench_wall();
    tamar_response *r = tamar_chat(client, &request);
    wall = bench_wall() - wall;
    if (r->error.category) bench_die(r->error.message);
    if (r->reused_connection || !r->text.len) bench_die("not what was asked for");
    tamar_response_free(r);
    return wall;
}

static void walls(tamar_client *client, long count)
{
    uint64_t *list = (uint64_t *)calloc((size_t)count, sizeof *list);
    int full;
    long i;
    if (!list) bench_die("out of memory");
    ask(client);
    for (full = 1; full >= 0; full--) {
        for (i = 0; i < count; i++) {
            tamar__net_drop_idle(&client->net, NULL);
            if (full) forget(client);
            list[i] = ask(client);
        }
        qsort(list, (size_t)count, sizeof *list, bench_compare);
        printf("%s_ns %llu\n", full ? "full" : "again", (unsigned long long)list[count / 2]);
    }
    free(list);
}

#if !TAMAR_TLS_BEARSSL
static uint64_t inside;  // the library
static tamar__tls_functions real;

#define TIMED(type, name, arguments, call)                  \
    static type timed_##name arguments                      \
    {                                                       \
        uint64_t start = bench_cpu();                       \
        type result = real.name call;                       \
        inside += bench_cpu() - start;                      \
        return result;                                      \
    }
TIMED(void *, SSL_new, (void *ctx), (ctx))
TIMED(int, SSL_do_handshake, (void *ssl), (ssl))
TIMED(int, SSL_read, (void *ssl, void *out, int cap), (ssl, out, cap))
TIMED(int, SSL_write, (void *ssl, const void *data, int len), (ssl, data, len))
TIMED(void *, SSL_get1_session, (void *ssl), (ssl))

static void timed_SSL_free(void *ssl)
{
    uint64_t start = bench_cpu();
    real.SSL_free(ssl);
    inside += bench_cpu() - start;
}

static void pumps(tamar_client *client, long count)
{
    enum { KEEP = 1 << 20 };
    uint64_t *own = (uint64_t *)malloc(KEEP * sizeof *own), *all = (uint64_t *)malloc(KEEP * sizeof *all), n = 0;
    tamar_request request = question();
    long i;
    if (!own || !all) bench_die("out of memory");
    ask(client);
    real = client->tls->f;
    client->tls->f.SSL_new = timed_SSL_new;
    client->tls->f.SSL_do_handshake = timed_SSL_do_handshake;
    client->tls->f.SSL_read = timed_SSL_read;
    client->tls->f.SSL_write = timed_SSL_write;
    client->tls->f.SSL_free = timed_SSL_free;
    client->tls->f.SSL_get1_session = timed_SSL_get1_session;
    for (i = 0; i < count; i++) {
        bool more = true;
        tamar_event e;
        tamar__net_drop_idle(&client->net, NULL);
        forget(client);
        tamar_send(client, &request);
        while (more) {
            struct pollfd fds[8];
            tamar_poll_fd list[8];
            int timeout = 0, k, fd_count;
            uint64_t cpu = bench_cpu();
            inside = 0;
            more = tamar_pump(client, 0);
            cpu = bench_cpu() - cpu;
            if (n < KEEP) all[n] = cpu, own[n++] = cpu > inside ? cpu - inside : 0;
            while (tamar_next_event(client, &e))
                if (e.finished) {
                    if (e.error.category) bench_die(e.error.message);
                    tamar_release(client, e.call);
                }
            fd_count = tamar_poll_fds(client, list, 8, &timeout);  // so that each pump finds something to do
            for (k = 0; k < fd_count; k++) {
                fds[k].fd = (int)list[k].fd;
                fds[k].events = (short)((list[k].events & TAMAR_READABLE ? POLLIN : 0) | (list[k].events & TAMAR_WRITABLE ? POLLOUT : 0));
            }
            if (more) poll(fds, (nfds_t)fd_count, timeout < 0 || timeout > 100 ? 100 : timeout);
        }
    }
    qsort(own, n, sizeof *own, bench_compare);
    qsort(all, n, sizeof *all, bench_compare);
    printf("pumps %llu\ncpu_us %.2f\ncpu_us_p99 %.2f\ncpu_us_median %.2f\nwhole_us %.2f\n", (unsigned long long)n,
           (double)own[(n - 1) * 999 / 1000] / 1000, (double)own[(n - 1) * 99 / 100] / 1000, (double)own[n / 2] / 1000,
           (double)all[(n - 1) * 999 / 1000] / 1000);
    free(own);
    free(all);
}
#endif

// -- roots -----------------------------------------------------------------------------------------

static void roots(const char *path)
{
    enum { ROUNDS = 15 };
    uint64_t list[ROUNDS];
    tamar__tls_trust trust;
    tamar__base_memory memory;
    int i;
    memset(&trust, 0, sizeof trust);
    memset(&memory, 0, sizeof memory);
    memory.allocator = tamar__base_allocator(NULL);
    trust.ca_file = path;
    for (i = 0; i < ROUNDS; i++) {
        const char *why = NULL;
        tamar__tls_system *system = tamar__tls_open(&memory, &trust, &why);
        if (!system) bench_die(why);
        list[i] = bench_cpu();
#if TAMAR_TLS_BEARSSL
        why = tamar__tls_load_trust(system, path);
#else
        why = tamar__tls_make_ctx(system, path);
#endif
        list[i] = bench_cpu() - list[i];
        if (why) bench_die(why);
        if (i == 0) {
            printf("first_ns %llu\n", (unsigned long long)list[0]);
#if TAMAR_TLS_BEARSSL
            printf("roots %lu\n", (unsigned long)system->root_count);
#endif
        }
        tamar__tls_close(system);
    }
    qsort(list, ROUNDS, sizeof *list, bench_compare);
    printf("cpu_ns %llu\n", (unsigned long long)list[ROUNDS / 2]);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    long count = argc > 5 ? bench_count(argv[argc - 1]) : 0;
    tamar_client *client;
    bench_start();
    if (!strcmp(mode, "roots") && argc == 3) {
        roots(argv[2]);
        return 0;
    }
    if (argc < 4) bench_die("usage: bulk|records|shake|again|pump|wall|cold HOST PORT CA [BYTES] [COUNT], or roots FILE");
    client = open_client(argv[2], argv[3], argc > 4 ? argv[4] : NULL);
    if (!strcmp(mode, "bulk") && argc == 7) bulk(client, strtoull(argv[5], NULL, 10), count);
    else if (!strcmp(mode, "records") && count) records(client, argv[2], argv[3], (uint64_t)count);
    else if (!strcmp(mode, "shake") && count) shake(client, count, true);
    else if (!strcmp(mode, "again") && count) shake(client, count, false);
    else if (!strcmp(mode, "wall") && count) walls(client, count);
    else if (!strcmp(mode, "cold")) ask(client);
#if !TAMAR_TLS_BEARSSL
    else if (!strcmp(mode, "pump") && count) pumps(client, count);
#endif
    else bench_die("usage: bulk|records|shake|again|pump|wall|cold HOST PORT CA [BYTES] [COUNT], or roots FILE");
    tamar_close(client);
    return 0;
}
