// A deterministic fake world behind the client's seams: clock, random, environment, log, allocator, names, sockets, TLS.
// Include it after test.h and after the implementation of tamar_llm.h.
//
//     sim *w = sim_new(1);                                   the seed; same seed, same trace
//     sim_server *s = sim_listen(w, "127.0.0.1", 8080);
//     sim_send(sim_on_request(s), sim_stream(w, "Hel", "lo", NULL));   what the next request gets
//     tamar_desc d = sim_desc(w);                            every seam is the world's
//     tamar_client *c = sim_open(&d);
//     sim_call call;
//     sim_start(w, &call, c, &request);                      tamar_send; its events are collected and checked
//     sim_drive(w, c);                                       pump(-1) and next_event until all is over
//     tamar_close(c);
//     sim_free(w);                                           nothing may be open, nothing may be leaked
//
// Virtual time moves in two places only: inside the sockets' wait, and in sim_frame, which is the host's own time
// between two pumps. A server is a list of steps. sim_on_connect(s) says what the next connection meets before it is
// served (refused, never answered, cut); sim_on_request(s) what the next request gets, on whichever connection it comes.
//
// The seams check their caller: nothing but pump and chat touches the network; pump(0) never waits; no socket is used
// after it was closed or before it is connected; no socket, lookup, TLS session or byte of memory is left at the end;
// no freed memory still holds the secret. What is wrong is a failed CHECK of the running test.
#ifndef SIM_H
#define SIM_H

#include <stdarg.h>

#undef near  // windows.h
#undef far

#define SIM_KEY \
    "sk-canary-7f3a9c51e2d84b60"  // the default key; must appear on the wire to its own origin and nowhere else
#define SIM_NEVER UINT64_MAX
#define SIM_EXTRA_FD 7
#define SIM_UNIX_MS INT64_C(1795132800000)  // the wall clock's reading at time 0
#define SIM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

typedef struct sim sim;
typedef struct sim_server sim_server;
struct sim_conn;

// -- bytes -----------------------------------------------------------------------------------------

typedef struct sim_bytes { char *ptr; size_t len, cap; } sim_bytes;  // NUL-terminated

static inline void sim_add(sim_bytes *b, const void *data, size_t len)
{
    if (b->len + len + 1 > b->cap) {
        b->cap = (b->len + len + 1) * 2;
        b->ptr = (char *)realloc(b->ptr, b->cap);
        if (!b->ptr) abort();
    }
    if (len) memcpy(b->ptr + b->len, data, len);
    b->len += len;
    b->ptr[b->len] = 0;
}

static inline void sim_puts(sim_bytes *b, const char *z) { sim_add(b, z, strlen(z)); }

static inline void sim_printf(sim_bytes *b, const char *format, ...)
{
    char line[1024];
    va_list args;
    int n;
    va_start(args, format);
    n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof line) abort();
    sim_add(b, line, (size_t)n);
}

static inline void sim_drop(sim_bytes *b, size_t n)  // from the front
{
    if (!n) return;
    memmove(b->ptr, b->ptr + n, b->len - n + 1);
    b->len -= n;
}

static inline void sim_bytes_free(sim_bytes *b)
{
    free(b->ptr);
    memset(b, 0, sizeof *b);
}

static inline bool sim_has(const char *hay, size_t len, const char *needle)
{
    size_t n = strlen(needle), i;
    for (i = 0; n && i + n <= len; i++)
        if (hay[i] == needle[0] && memcmp(hay + i, needle, n) == 0) return true;
    return false;
}

// -- what a server does ------------------------------------------------------------------------------

typedef enum sim_op {
    SIM_OP_REFUSE,
    SIM_OP_UNREACHABLE,
    SIM_OP_BLACKHOLE,  // the SYN is never answered
    SIM_OP_CLOG,  // only n more bytes are ever taken from the client
    SIM_OP_DELAY,
    SIM_OP_EXPECT,  // a whole request
    SIM_OP_EXPECT_BYTES,  // n bytes of one, which are thrown away
    SIM_OP_SEND,
    SIM_OP_FIN,
    SIM_OP_RST,
    SIM_OP_STALL  // nothing, for ever, connection open
} sim_op;

typedef struct sim_step {
    sim_op op;
    size_t n;
    uint64_t us;
    tamar_str data;
    size_t piece;  // of SEND: so many bytes every `us`; 0: all at once
    bool raw;  // of FIN: without TLS's close_notify
} sim_step;

typedef struct sim_script {
    sim_step *steps;
    size_t count;
    bool repeat;  // serves everything that comes later, too
} sim_script;

struct sim_server {
    sim *world;
    tamar_address address;
    const char *path;  // of a local socket (sim_listen_local); the address is then one that nothing else has
    bool tls;
    bool tls_mute, tls_bad_cert, tls_alert;  // says nothing, shows a wrong certificate, breaks off
    size_t tls_record;  // plaintext bytes a record (default 1000)
    sim_script *connects[256], *answers[256];
    int connect_count, connect_used, answer_count, answer_used;
    int connections, requests,
        surplus;  // surplus: requests nobody had an answer for (they are reset)
    sim_bytes received, said;  // every plaintext byte that came here and that went out
    size_t
        limit;  // its answers end for good after this many bytes, all connections together (default: never)
    bool limit_rst;  // by RST instead of FIN
    bool limited;
    size_t sent;
    // A server that is a program instead of lists: called when bytes came, when the time it asked for in conn->due is
    // there, and when the client closed. It takes requests with sim_take_request and answers with sim_conn_say.
    void (*program)(sim *w, struct sim_conn *c);
    void *program_data;
};

typedef struct sim_request {
    sim_server *server;
    intptr_t socket;
    uint64_t at;  // when its last byte came
    tamar_str head, body;
} sim_request;

// How bytes reach the client.
typedef enum sim_segments {
    SIM_WHOLE,  // as many at a time as are there
    SIM_PIECES,  // at most `segment` a recv
    SIM_SPLIT,  // one border at byte `segment` of a connection's stream; what follows comes a millisecond later
    SIM_RANDOM
} sim_segments;

// Faults of the seam itself, for the k-th call of it.
typedef enum sim_fault {
    SIM_FAULT_NONE,
    SIM_FAULT_AGAIN,
    SIM_FAULT_RESET,
    SIM_FAULT_REFUSED,
    SIM_FAULT_LIMIT,
    SIM_FAULT_SHORT_WRITE,
    SIM_FAULT_SHORT_READ,
    SIM_FAULT_KINDS
} sim_fault;

typedef struct sim_mark {
    size_t end;
    uint64_t at;
} sim_mark;  // bytes before `end` are there from `at` on

typedef struct sim_conn {
    intptr_t id;
    sim_server *server;  // NULL: nobody listens there
    bool connected, closed;  // closed: by the client
    uint64_t connect_due;
    int connect_result;
    sim_bytes wire;  // from the client, still ciphertext
    sim_bytes in;  // from the client, plaintext not yet part of a request
    bool hello;
    sim_bytes out;  // to the client, as on the wire
    size_t out_pos;
    sim_mark *marks;
    size_t mark_count, mark_pos, mark_cap;
    uint64_t last_arrival;
    uint64_t fin_at, rst_at;  // SIM_NEVER: not
    bool over;  // the server is done with it
    const sim_script *script;
    size_t step, step_pos;
    uint64_t due;
    sim_server *beyond;  // a CONNECT named it: once the answer is out, this connection leads there
    size_t room;  // bytes that the server will still take
    int events;
    uintptr_t tag;
    bool watched;
    bool split_seen;
    void *state;  // the program's
} sim_conn;

typedef struct sim_name {
    char host[80];
    uint64_t delay_us;  // 0: at once; SIM_NEVER
    int result;  // number of addresses, or an error
    tamar_address addresses[4];
    int lookups;
} sim_name;

typedef struct sim_lookup {
    intptr_t id;
    const sim_name *name;
    uint64_t due;
    bool announced;
} sim_lookup;

struct sim {
    uint32_t seed, random;
    uint64_t now;
    int64_t unix_skew_ms;
    uint64_t hash, step_count, step_limit;
    uint64_t rtt_us;  // (default 400); 0: even connect answers at once
    const char *context;  // printed with a violation, e.g. which fault this run has
    int violations;
    // servers and names
    sim_server *servers[16];
    int server_count;
    sim_name names[32];
    int name_count;
    sim_lookup lookups[64];
    int lookup_count;
    intptr_t next_id;
    // connections
    sim_conn **conns;
    size_t conn_count, conn_cap;
    int open_sockets, max_open_sockets, max_sockets;
    int tls_sessions;
    sim_request *requests;
    size_t request_count, request_cap;
    // how bytes travel
    sim_segments segments;
    size_t segment, send_max;
    bool rst_drops;  // an RST overtakes what was sent before it
    bool shuffle;  // wait reports in random order
    // counters
    int resolves, connects, sends, recvs, closes, watches, waits;
    // who may call what
    int pump_wait;  // of the pump that runs
    bool pumping, woken;
    // faults
    long fault_at, fault_calls;
    sim_fault fault;
    long faults_at[SIM_FAULT_KINDS];  // the same for each kind by itself
    uint32_t swarm[SIM_FAULT_KINDS];  // each fault's chance, in 1/65536
    // environment, log, memory
    const char *env_names[32];
    const char *env_values[32];
    int env_count;
    sim_bytes log;
    int log_records;
    test_memory memory;
    const char *
        secret;  // neither errors nor logs may hold it, nor memory that is given back (default: SIM_KEY)
    bool unwiped;  // but memory may: a server sends the key back
    char last_host[80];
    void **owned;
    size_t owned_count, owned_cap;
    struct sim_call *calls;
};

// -- the world's own -----------------------------------------------------------------------------------

static inline void sim_violation(sim *w, const char *what)
{
    if (w->violations++ < 3) {
        test_fail("sim", (int)(w->step_count % 1000000000), what);
        if (test_bad <= 8)
            fprintf(stderr, "        seed %u, %.3f ms%s%s\n", w->seed, (double)w->now / 1000.0,
                w->context ? ", " : "", w->context ? w->context : "");
    }
}

#define SIM_REQUIRE(w, x) ((x) ? (void)0 : sim_violation(w, "rule of the seam broken: " #x))

static inline void sim_trace(sim *w, const char *what, int64_t a, int64_t b)
{
    const unsigned char *p = (const unsigned char *)what;
    uint64_t n[3];
    int i, k;
    for (; *p; p++) w->hash = (w->hash ^ *p) * UINT64_C(1099511628211);
    n[0] = (uint64_t)a, n[1] = (uint64_t)b, n[2] = w->now;
    for (k = 0; k < 3; k++)
        for (i = 0; i < 64; i += 8)
            w->hash = (w->hash ^ ((n[k] >> i) & 255)) * UINT64_C(1099511628211);
    if (++w->step_count > w->step_limit) {
        fprintf(stderr, "sim: no end after %llu steps: %s, seed %u, %s\n",
            (unsigned long long)w->step_count, test_name, w->seed, w->context ? w->context : "");
        abort();
    }
}

static inline void sim_trace_bytes(sim *w, const void *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;
    while (len--) w->hash = (w->hash ^ *p++) * UINT64_C(1099511628211);
}

static inline uint32_t sim_rand(sim *w, uint32_t below)
{
    return below ? test_random(&w->random) % below : 0;
}

static inline void *sim_own(sim *w, void *p)  // freed with the world
{
    if (!p) abort();
    if (w->owned_count == w->owned_cap) {
        w->owned_cap = w->owned_cap ? w->owned_cap * 2 : 64;
        w->owned = (void **)realloc(w->owned, w->owned_cap * sizeof *w->owned);
        if (!w->owned) abort();
    }
    return w->owned[w->owned_count++] = p;
}

static inline tamar_str sim_keep(sim *w, sim_bytes b)  // the world frees it
{
    tamar_str s;
    if (!b.ptr) sim_add(&b, "", 0);
    s.ptr = (const char *)sim_own(w, b.ptr);
    s.len = b.len;
    return s;
}

static inline sim *sim_new(uint32_t seed)
{
    sim *w = (sim *)calloc(1, sizeof *w);
    if (!w) abort();
    w->seed = seed;
    w->random = seed * 2654435761u + 12345u;
    if (!w->random) w->random = 1;
    w->hash = UINT64_C(14695981039346656037);
    w->step_limit = 20000000;
    w->rtt_us = 400;
    w->next_id = 100;
    w->max_sockets = 1000000;
    w->send_max = SIZE_MAX;
    w->secret = SIM_KEY;
    return w;
}

// -- servers and names -----------------------------------------------------------------------------------

static inline tamar_address sim_address(const char *host, uint16_t port)
{
    tamar_address a;
    int n[4], i;
    memset(&a, 0, sizeof a);
    a.port = port;
    if (strcmp(host, "::1") == 0) a.family = 6, a.bytes[15] = 1;
    else if (sscanf(host, "%d.%d.%d.%d", &n[0], &n[1], &n[2], &n[3]) == 4) {
        a.family = 4;
        for (i = 0; i < 4; i++) a.bytes[i] = (uint8_t)n[i];
    }
    else {  // "fd00::N", for tests that need a second family
        a.family = 6;
        a.bytes[0] = 0xfd;
        a.bytes[15] = (uint8_t)atoi(strrchr(host, ':') ? strrchr(host, ':') + 1 : "1");
    }
    return a;
}

static inline bool sim_same_address(const tamar_address *a, const tamar_address *b)
{
    return a->family == b->family && a->port == b->port &&
        memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16) == 0;
}

static inline sim_server *sim_listen(sim *w, const char *address, uint16_t port)
{
    sim_server *s = (sim_server *)sim_own(w, calloc(1, sizeof *s));
    s->world = w;
    s->address = sim_address(address, port);
    s->tls_record = 1000;
    s->limit = SIZE_MAX;
    if (w->server_count == 16) abort();
    w->servers[w->server_count++] = s;
    return s;
}

static inline sim_server *sim_listen_local(sim *w, const char *path)
{
    sim_server *s = sim_listen(w, "127.255.255.255", (uint16_t)(1 + w->server_count));
    s->path = path;
    return s;
}

// How a name is answered: `address` (NULL: `error`) after delay_us (SIM_NEVER: not at all). More than one call
// for the same name adds addresses.
static inline void sim_host(
    sim *w, const char *host, const char *address, int error, uint64_t delay_us)
{
    sim_name *n = NULL;
    int i;
    for (i = 0; i < w->name_count; i++)
        if (strcmp(w->names[i].host, host) == 0) n = &w->names[i];
    if (!n) {
        if (w->name_count == 32) abort();
        n = &w->names[w->name_count++];
        snprintf(n->host, sizeof n->host, "%s", host);
    }
    n->delay_us = delay_us;
    if (address) n->addresses[n->result++] = sim_address(address, 0);
    else n->result = error;
}

static inline sim_script *sim_script_new(sim *w)
{
    return (sim_script *)sim_own(w, calloc(1, sizeof(sim_script)));
}

static inline sim_script *sim_on_connect(sim_server *s)
{
    if (s->connect_count == 256) abort();
    return s->connects[s->connect_count++] = sim_script_new(s->world);
}

static inline sim_script *sim_on_request(sim_server *s)
{
    if (s->answer_count == 256) abort();
    return s->answers[s->answer_count++] = sim_script_new(s->world);
}

static inline sim_step *sim_step_add(sim_script *c, sim_op op)
{
    c->steps = (sim_step *)realloc(c->steps, (c->count + 1) * sizeof *c->steps);
    if (!c->steps) abort();
    memset(&c->steps[c->count], 0, sizeof *c->steps);
    c->steps[c->count].op = op;
    return &c->steps[c->count++];
}

static inline void sim_refuse(sim_script *c) { sim_step_add(c, SIM_OP_REFUSE); }
static inline void sim_unreachable(sim_script *c) { sim_step_add(c, SIM_OP_UNREACHABLE); }
static inline void sim_blackhole(sim_script *c) { sim_step_add(c, SIM_OP_BLACKHOLE); }
static inline void sim_clog(sim_script *c, size_t n) { sim_step_add(c, SIM_OP_CLOG)->n = n; }
static inline void sim_delay(sim_script *c, int ms)
{
    sim_step_add(c, SIM_OP_DELAY)->us = (uint64_t)ms * 1000;
}
static inline void sim_expect(sim_script *c) { sim_step_add(c, SIM_OP_EXPECT); }
static inline void sim_expect_bytes(sim_script *c, size_t n)
{
    sim_step_add(c, SIM_OP_EXPECT_BYTES)->n = n;
}
static inline void sim_fin(sim_script *c) { sim_step_add(c, SIM_OP_FIN); }
static inline void sim_fin_raw(sim_script *c) { sim_step_add(c, SIM_OP_FIN)->raw = true; }
static inline void sim_rst(sim_script *c) { sim_step_add(c, SIM_OP_RST); }
static inline void sim_stall(sim_script *c) { sim_step_add(c, SIM_OP_STALL); }
static inline void sim_send(sim_script *c, tamar_str data)
{
    sim_step_add(c, SIM_OP_SEND)->data = data;
}

static inline void sim_send_paced(sim_script *c, tamar_str data, size_t piece, uint64_t us)
{
    sim_step *s = sim_step_add(c, SIM_OP_SEND);
    s->data = data;
    s->piece = piece;
    s->us = us;
}

static inline const sim_script *sim_next_script(sim_script **list, int count, int *used)
{
    if (*used < count) return list[(*used)++];
    return count && list[count - 1]->repeat ? list[count - 1] : NULL;
}

// -- connections, the server's side ------------------------------------------------------------------------

static inline void sim_mark_add(sim_conn *c, uint64_t at)
{
    if (at < c->last_arrival) at = c->last_arrival;
    c->last_arrival = at;
    if (c->mark_count && c->marks[c->mark_count - 1].at == at) {
        c->marks[c->mark_count - 1].end = c->out.len;
        return;
    }
    if (c->mark_count == c->mark_cap) {
        c->mark_cap = c->mark_cap ? c->mark_cap * 2 : 16;
        c->marks = (sim_mark *)realloc(c->marks, c->mark_cap * sizeof *c->marks);
        if (!c->marks) abort();
    }
    c->marks[c->mark_count].end = c->out.len;
    c->marks[c->mark_count++].at = at;
}

static inline void sim_wire_add(sim *w, sim_conn *c, const char *data, size_t len)
{
    uint64_t at = w->now + w->rtt_us / 2;
    if (w->segments == SIM_SPLIT && !c->split_seen && c->out.len + len > w->segment) {
        size_t first = w->segment > c->out.len ? w->segment - c->out.len : 0;
        c->split_seen = true;
        if (first) {
            sim_add(&c->out, data, first);
            sim_mark_add(c, at);
        }
        data += first;
        len -= first;
        at += 1000;
    }
    sim_add(&c->out, data, len);
    sim_mark_add(c, at);
}

static inline void sim_tls_record(sim_bytes *b, char type, const char *data, size_t len)
{
    char head[3];
    size_t at = b->len + 3, i;
    head[0] = type, head[1] = (char)(len >> 8), head[2] = (char)(len & 255);
    sim_add(b, head, 3);
    sim_add(b, data, len);
    for (i = 0; i < len; i++) b->ptr[at + i] = (char)(b->ptr[at + i] ^ 0x5a);
}

static inline void sim_conn_end(sim *w, sim_conn *c, bool rst, bool raw)
{
    uint64_t at = w->now + w->rtt_us / 2;
    if (c->over) return;
    if (!rst && !raw && c->server && c->server->tls) {
        sim_bytes b = {NULL, 0, 0};
        sim_tls_record(&b, 'c', "", 0);
        sim_wire_add(w, c, b.ptr, b.len);
        sim_bytes_free(&b);
    }
    c->over = true;
    if (at < c->last_arrival && !(rst && w->rst_drops)) at = c->last_arrival;
    if (rst) c->rst_at = at;
    else c->fin_at = at;
}

// Plaintext from the server, cut where the server's limit says.
static inline void sim_conn_say(sim *w, sim_conn *c, const char *data, size_t len)
{
    sim_server *s = c->server;
    bool cut = false;
    if (c->over) return;
    if (s->limited) len = 0, cut = true;
    else if (s->limit != SIZE_MAX && s->sent + len >= s->limit)
        len = s->limit - s->sent, cut = true;
    s->sent += len;
    sim_add(&s->said, data, len);
    if (!s->tls) {
        if (len) sim_wire_add(w, c, data, len);
    }
    else {
        sim_bytes b = {NULL, 0, 0};
        size_t i;
        for (i = 0; i < len; i += s->tls_record) {
            size_t n = len - i < s->tls_record ? len - i : s->tls_record;
            sim_tls_record(&b, 'd', data + i, n);
        }
        if (b.len) sim_wire_add(w, c, b.ptr, b.len);
        sim_bytes_free(&b);
    }
    if (cut) {
        s->limited = true;
        sim_conn_end(w, c, s->limit_rst, true);
    }
}

// The length of a whole request at the front of c->in, or 0; *head its head.
static inline size_t sim_request_size(sim *w, sim_conn *c, size_t *head)
{
    static const char name[] = "content-length:";
    const char *p = c->in.ptr;
    size_t len = c->in.len, i, k, end = 0, body = 0;
    bool has_length = false;
    for (i = 0; i + 4 <= len; i++)
        if (memcmp(p + i, "\r\n\r\n", 4) == 0) {
            end = i + 4;
            break;
        }
    if (!end) return 0;
    for (i = 0; i + sizeof name < end; i++) {
        if (p[i] != '\n') continue;
        for (k = 0; k < sizeof name - 1; k++) {
            char ch = p[i + 1 + k];
            if (ch >= 'A' && ch <= 'Z') ch = (char)(ch + 32);
            if (ch != name[k]) break;
        }
        if (k < sizeof name - 1) continue;
        SIM_REQUIRE(w, !has_length);
        has_length = true;
        body = (size_t)strtoul(p + i + sizeof name, NULL, 10);
    }
    SIM_REQUIRE(w, has_length || memcmp(p, "GET ", 4) == 0 || memcmp(p, "CONN", 4) == 0);
    *head = end;
    return len >= end + body ? end + body : 0;
}

static inline bool sim_take_request(sim *w, sim_conn *c)
{
    size_t head = 0, size = sim_request_size(w, c, &head), i;
    sim_bytes h = {NULL, 0, 0}, b = {NULL, 0, 0};
    sim_request *r;
    if (!size) return false;
    sim_add(&h, c->in.ptr, head);
    sim_add(&b, c->in.ptr + head, size - head);
    sim_drop(&c->in, size);
    for (i = 0; i < h.len; i++) {  // a head is printable ASCII lines that end in CR LF
        unsigned char ch = (unsigned char)h.ptr[i];
        if (ch == '\r'       ? h.ptr[i + 1] != '\n'
                : ch == '\n' ? i == 0 || h.ptr[i - 1] != '\r'
                             : ch < 32 || ch > 126)
            sim_violation(w, "request head is not clean");
    }
    if (b.len && !sim_has(h.ptr, h.len, "x-www-form-urlencoded")) {
        tamar_json root;
        if (!tamar_json_parse(b.ptr, b.len, &root, NULL))
            sim_violation(w, "request body is not JSON");
    }
    if (w->request_count == w->request_cap) {
        w->request_cap = w->request_cap ? w->request_cap * 2 : 64;
        w->requests = (sim_request *)realloc(w->requests, w->request_cap * sizeof *w->requests);
        if (!w->requests) abort();
    }
    r = &w->requests[w->request_count++];
    r->server = c->server;
    r->socket = c->id;
    r->at = w->now;
    r->head = sim_keep(w, h);
    r->body = sim_keep(w, b);
    c->server->requests++;
    sim_trace(w, "request", c->id, (int64_t)size);
    return true;
}

static inline void sim_tls_server(
    sim *w, sim_conn *c)  // ciphertext in c->wire to plaintext in c->in
{
    while (c->wire.len >= 3) {
        size_t n = (size_t)(unsigned char)c->wire.ptr[1] << 8 | (unsigned char)c->wire.ptr[2], i;
        char type = c->wire.ptr[0];
        if (c->wire.len < 3 + n) return;
        for (i = 0; i < n; i++) c->wire.ptr[3 + i] = (char)(c->wire.ptr[3 + i] ^ 0x5a);
        if (type == 'h') {
            sim_bytes b = {NULL, 0, 0};
            c->hello = true;
            snprintf(w->last_host, sizeof w->last_host, "%.*s", (int)n, c->wire.ptr + 3);
            if (!c->server->tls_mute) {
                sim_tls_record(&b,
                    c->server->tls_bad_cert    ? 'x'
                        : c->server->tls_alert ? 'a'
                                               : 'H',
                    "", 0);
                sim_wire_add(w, c, b.ptr, b.len);
            }
            sim_bytes_free(&b);
        }
        else if (type == 'd' && c->hello) {
            sim_add(&c->in, c->wire.ptr + 3, n);
            sim_add(&c->server->received, c->wire.ptr + 3, n);
        }
        else if (type != 'c') sim_violation(w, "the client's TLS bytes are damaged");
        sim_drop(&c->wire, 3 + n);
    }
}

// The server that "CONNECT host:port" names, or NULL.
static inline sim_server *sim_beyond(sim *w, tamar_str head)
{
    char host[80];
    unsigned port = 0;
    tamar_address a;
    int i;
    if (head.len < 8 || memcmp(head.ptr, "CONNECT ", 8) != 0) return NULL;
    if (sscanf(head.ptr + 8, "[%79[0-9a-f:]]:%u", host, &port) != 2 &&
        sscanf(head.ptr + 8, "%79[^: ]:%u", host, &port) != 2)
        sim_violation(w, "CONNECT without host:port");
    for (i = 0; i < w->name_count && strcmp(w->names[i].host, host); i++) {}
    if (i == w->name_count) a = sim_address(host, (uint16_t)port);
    else a = w->names[i].addresses[0], a.port = (uint16_t)port;
    for (i = 0; i < w->server_count; i++)
        if (sim_same_address(&w->servers[i]->address, &a)) return w->servers[i];
    return NULL;
}

// One thing the server can do now on this connection. False: nothing.
static inline bool sim_conn_step(sim *w, sim_conn *c)
{
    const sim_step *s;
    if (c->closed || c->over || !c->connected || !c->server || c->due > w->now) return false;
    if (c->server->program && (!c->script || c->step == c->script->count)) {
        c->due = SIM_NEVER;
        c->server->program(w, c);
        return true;
    }
    if (!c->script || c->step == c->script->count) {
        if (c->script && c->beyond && c->script->count && c->script->steps[0].data.len > 9 &&
            c->script->steps[0].data.ptr[9] == '2') {  // the proxy let it through
            c->server = c->beyond;
            c->server->connections++;
        }
        c->script = NULL;
        c->beyond = NULL;
        if (!sim_take_request(w, c)) return false;
        c->beyond = sim_beyond(w, w->requests[w->request_count - 1].head);
        c->script =
            sim_next_script(c->server->answers, c->server->answer_count, &c->server->answer_used);
        c->step = c->step_pos = 0;
        c->due = w->now + w->rtt_us / 2;
        if (!c->script) {
            c->server->surplus++;
            sim_conn_end(w, c, true, true);
        }
        return true;
    }
    s = &c->script->steps[c->step];
    switch (s->op) {
    case SIM_OP_REFUSE:
    case SIM_OP_UNREACHABLE:
    case SIM_OP_BLACKHOLE: break;  // were heeded by connect
    case SIM_OP_CLOG: c->room = s->n; break;
    case SIM_OP_DELAY: c->due = w->now + s->us; break;
    case SIM_OP_EXPECT:
        if (!sim_take_request(w, c)) return false;
        c->due = w->now + w->rtt_us / 2;
        break;
    case SIM_OP_EXPECT_BYTES:
        if (c->in.len < s->n) return false;
        sim_drop(&c->in, s->n);
        break;
    case SIM_OP_SEND:
        if (s->piece && s->data.len - c->step_pos > s->piece) {
            sim_conn_say(w, c, s->data.ptr + c->step_pos, s->piece);
            c->step_pos += s->piece;
            c->due = w->now + s->us;
            return true;
        }
        sim_conn_say(w, c, s->data.ptr + c->step_pos, s->data.len - c->step_pos);
        break;
    case SIM_OP_FIN: sim_conn_end(w, c, false, s->raw); break;
    case SIM_OP_RST: sim_conn_end(w, c, true, true); break;
    case SIM_OP_STALL: return false;
    }
    c->step++;
    c->step_pos = 0;
    return true;
}

static inline void sim_run(sim *w)  // everything that is due in the world
{
    bool more = true;
    size_t i;
    while (more)
        for (more = false, i = 0; i < w->conn_count; i++)
            while (sim_conn_step(w, w->conns[i])) more = true;
}

static inline bool sim_before(uint64_t at, uint64_t now, uint64_t *next)
{
    if (at > now && at < *next) *next = at;
    return at <= now;
}

// When the world will next change by itself; SIM_NEVER: not.
static inline uint64_t sim_next(sim *w)
{
    uint64_t next = SIM_NEVER;
    size_t i;
    int k;
    for (i = 0; i < w->conn_count; i++) {
        sim_conn *c = w->conns[i];
        if (c->closed) continue;
        if (!c->connected) sim_before(c->connect_due, w->now, &next);
        else if (!c->over) sim_before(c->due, w->now, &next);
        while (c->mark_pos < c->mark_count && c->marks[c->mark_pos].at <= w->now) c->mark_pos++;
        if (c->mark_pos < c->mark_count) sim_before(c->marks[c->mark_pos].at, w->now, &next);
        sim_before(c->fin_at, w->now, &next);
        sim_before(c->rst_at, w->now, &next);
    }
    for (k = 0; k < w->lookup_count; k++) sim_before(w->lookups[k].due, w->now, &next);
    return next;
}

// Time passes outside the library: the host draws its frame, or sleeps in its own event loop.
static inline void sim_frame(sim *w, uint64_t us)
{
    uint64_t end = w->now + us, next;
    sim_run(w);
    while ((next = sim_next(w)) <= end) {
        w->now = next;
        sim_run(w);
    }
    w->now = end;
    sim_run(w);
}

// -- the seams -----------------------------------------------------------------------------------------

static inline uint64_t sim_now_us(void *user_data) { return ((sim *)user_data)->now; }

static inline int64_t sim_unix_ms(void *user_data)
{
    sim *w = (sim *)user_data;
    return SIM_UNIX_MS + w->unix_skew_ms + (int64_t)(w->now / 1000);
}

static inline bool sim_fill(void *user_data, void *out, size_t len)
{
    sim *w = (sim *)user_data;
    unsigned char *p = (unsigned char *)out;
    sim_trace(w, "random", (int64_t)len, 0);
    while (len--) *p++ = (unsigned char)(test_random(&w->random) >> 13);
    return true;
}

static inline const char *sim_getenv(void *user_data, const char *name)
{
    sim *w = (sim *)user_data;
    int i;
    for (i = 0; i < w->env_count; i++)
        if (strcmp(w->env_names[i], name) == 0) return w->env_values[i];
    return NULL;
}

static inline void sim_setenv(sim *w, const char *name, const char *value)
{
    if (w->env_count == 32) abort();
    w->env_names[w->env_count] = name;
    w->env_values[w->env_count++] = value;
}

static inline void sim_log(void *user_data, const tamar_log_record *r)
{
    sim *w = (sim *)user_data;
    w->log_records++;
    sim_printf(&w->log, "%d %s: %.300s %lld ", (int)r->level, r->item,
        r->message ? r->message : "(null)", (long long)r->number);
    sim_add(&w->log, r->text.ptr, r->text.len);
    if (r->error) {
        sim_puts(&w->log, " | ");
        sim_puts(&w->log, r->error->message);
        sim_puts(&w->log, r->error->code);
        sim_puts(&w->log, r->error->param);
    }
    sim_puts(&w->log, "\n");
}

static inline void *sim_resize(void *user_data, void *ptr, size_t old_size, size_t new_size)
{
    sim *w = (sim *)user_data;
    long failed = w->memory.failed;
    bool secret =
        ptr && w->secret && !w->unwiped && sim_has((const char *)ptr, old_size, w->secret);
    void *p = test_resize(&w->memory, ptr, old_size, new_size);
    if (secret && w->memory.failed == failed)
        sim_violation(w, "memory was given back with the key still in it");
    if (p && new_size > old_size)
        memset((char *)p + old_size, 0xa5, new_size - old_size);  // nobody may count on zeros
    return p;
}

// The k-th call into the sockets' seam has the test's fault; and each has the swarm's.
static inline sim_fault sim_fault_now(sim *w)
{
    int k;
    w->fault_calls++;
    if (w->fault_at && w->fault_calls == w->fault_at) return w->fault;
    for (k = 1; k < SIM_FAULT_KINDS; k++)
        if (w->faults_at[k] == w->fault_calls) return (sim_fault)k;
    for (k = 1; k < SIM_FAULT_KINDS; k++)
        if (w->swarm[k] && sim_rand(w, 65536) < w->swarm[k]) return (sim_fault)k;
    return SIM_FAULT_NONE;
}

static inline sim_conn *sim_find(sim *w, intptr_t socket)
{
    size_t i;
    for (i = w->conn_count; i-- > 0;)
        if (w->conns[i]->id == socket) return w->conns[i];
    return NULL;
}

static inline sim_conn *sim_find_open(sim *w, intptr_t socket)
{
    sim_conn *c = sim_find(w, socket);
    SIM_REQUIRE(w, c != NULL);
    SIM_REQUIRE(w, !c || !c->closed);
    return c && !c->closed ? c : NULL;
}

static inline int sim_resolve(
    void *user_data, const char *host, uint16_t port, tamar_address *out, int cap, intptr_t *lookup)
{
    sim *w = (sim *)user_data;
    const sim_name *n = NULL;
    sim_fault fault;
    int i, k;
    if (!host) {
        for (i = 0; i < w->lookup_count; i++)
            if (w->lookups[i].id == *lookup) {
                w->lookups[i] = w->lookups[--w->lookup_count];
                sim_trace(w, "forget", (int64_t)*lookup, 0);
            }
        *lookup = 0;
        return 0;
    }
    SIM_REQUIRE(w, w->pumping);
    w->resolves++;
    sim_trace(w, "resolve", port, (int64_t)*lookup);
    fault = sim_fault_now(w);
    if (fault == SIM_FAULT_RESET || fault == SIM_FAULT_REFUSED || fault == SIM_FAULT_LIMIT) {
        for (i = 0; i < w->lookup_count; i++)
            if (w->lookups[i].id == *lookup) w->lookups[i] = w->lookups[--w->lookup_count];
        *lookup = 0;
        return fault == SIM_FAULT_LIMIT ? TAMAR_IO_LIMIT
            : fault == SIM_FAULT_RESET  ? TAMAR_IO_NAME_AGAIN
                                        : TAMAR_IO_NO_NAME;
    }
    if (*lookup) {
        for (i = 0; i < w->lookup_count && w->lookups[i].id != *lookup; i++) {}
        SIM_REQUIRE(w, i < w->lookup_count);
        if (i == w->lookup_count) return TAMAR_IO_ERROR;
        if (w->lookups[i].due > w->now || fault == SIM_FAULT_AGAIN) {
            if (w->lookups[i].due <= w->now) w->lookups[i].announced = false;
            return TAMAR_IO_AGAIN;
        }
        n = w->lookups[i].name;
        w->lookups[i] = w->lookups[--w->lookup_count];
        *lookup = 0;
    }
    else {
        tamar_address numeric;
        int a, b, c, d;
        char rest;
        for (i = 0; i < w->name_count; i++)
            if (strcmp(w->names[i].host, host) == 0) n = &w->names[i], w->names[i].lookups++;
        if (!n &&
            (sscanf(host, "%d.%d.%d.%d%c", &a, &b, &c, &d, &rest) == 4 ||
                strcmp(host, "::1") == 0)) {
            numeric = sim_address(host, port);
            if (cap > 0) out[0] = numeric;
            return 1;
        }
        if (!n && strcmp(host, "localhost") == 0) {
            if (cap > 0) out[0] = sim_address("127.0.0.1", port);
            return 1;
        }
        if (!n) return TAMAR_IO_NO_NAME;
        if (n->delay_us || fault == SIM_FAULT_AGAIN) {
            sim_lookup *l = &w->lookups[w->lookup_count];
            if (w->lookup_count == 64) return TAMAR_IO_LIMIT;
            w->lookup_count++;
            l->id = *lookup = w->next_id++;
            l->name = n;
            l->due = n->delay_us == SIM_NEVER ? SIM_NEVER : w->now + n->delay_us;
            l->announced = false;
            return TAMAR_IO_AGAIN;
        }
    }
    if (n->result < 0) return n->result;
    k = n->result < cap ? n->result : cap;
    for (i = 0; i < k; i++) {
        out[i] = n->addresses[i];
        out[i].port = port;
    }
    return k;
}

static inline int sim_connect(void *user_data, const tamar_address *address, intptr_t *socket)
{
    sim *w = (sim *)user_data;
    sim_conn *c;
    sim_fault fault;
    int i;
    SIM_REQUIRE(w, w->pumping);
    sim_run(w);
    fault = sim_fault_now(w);
    sim_trace(w, "connect", (int64_t)*socket, address->port);
    if (*socket == -1) {
        const sim_script *script = NULL;
        w->connects++;
        if (fault == SIM_FAULT_LIMIT || w->open_sockets >= w->max_sockets) return TAMAR_IO_LIMIT;
        if (fault == SIM_FAULT_REFUSED) return TAMAR_IO_REFUSED;
        if (fault == SIM_FAULT_RESET) return TAMAR_IO_UNREACHABLE;
        c = (sim_conn *)calloc(1, sizeof *c);
        if (!c) abort();
        if (w->conn_count == w->conn_cap) {
            w->conn_cap = w->conn_cap ? w->conn_cap * 2 : 16;
            w->conns = (sim_conn **)realloc(w->conns, w->conn_cap * sizeof *w->conns);
            if (!w->conns) abort();
        }
        w->conns[w->conn_count++] = c;
        c->id = w->next_id++;
        c->fin_at = c->rst_at = SIM_NEVER;
        c->room = SIZE_MAX;
        c->connect_due = w->now + w->rtt_us;
        c->connect_result = TAMAR_IO_REFUSED;
        for (i = 0; i < w->server_count; i++)
            if (sim_same_address(&w->servers[i]->address, address)) c->server = w->servers[i];
        if (c->server) {
            c->connect_result = 0;
            c->server->connections++;
            script = sim_next_script(
                c->server->connects, c->server->connect_count, &c->server->connect_used);
        }
        for (; script && c->step < script->count; c->step++) {
            const sim_step *s = &script->steps[c->step];
            if (s->op == SIM_OP_REFUSE) c->connect_result = TAMAR_IO_REFUSED;
            else if (s->op == SIM_OP_UNREACHABLE) c->connect_result = TAMAR_IO_UNREACHABLE;
            else if (s->op == SIM_OP_BLACKHOLE) c->connect_due = SIM_NEVER;
            else if (s->op == SIM_OP_DELAY) c->connect_due += s->us;
            else break;
        }
        c->script = script;
        *socket = c->id;
        if (++w->open_sockets > w->max_open_sockets) w->max_open_sockets = w->open_sockets;
        if (c->connect_due <= w->now && fault != SIM_FAULT_AGAIN) {
            if (c->connect_result < 0) {
                c->closed = true;
                w->open_sockets--;
                *socket = -1;
                return c->connect_result;
            }
            c->connected = true;
            return 0;
        }
        return TAMAR_IO_AGAIN;
    }
    c = sim_find_open(w, *socket);
    if (!c) return TAMAR_IO_ERROR;
    if (fault == SIM_FAULT_AGAIN || c->connect_due > w->now) return TAMAR_IO_AGAIN;
    if (c->connect_result == 0 && fault == SIM_FAULT_REFUSED) c->connect_result = TAMAR_IO_REFUSED;
    if (c->connect_result == 0 && fault == SIM_FAULT_RESET) c->connect_result = TAMAR_IO_RESET;
    if (c->connect_result < 0) {  // an error: the socket is gone, as with the built-in sockets
        c->closed = true;
        c->watched = false;
        w->open_sockets--;
        *socket = -1;
    }
    else c->connected = true;
    return c->connect_result;
}

static inline int sim_connect_local(void *user_data, const char *path, intptr_t *socket)
{
    sim *w = (sim *)user_data;
    int i;
    for (i = 0; i < w->server_count; i++)
        if (w->servers[i]->path && strcmp(w->servers[i]->path, path) == 0)
            return sim_connect(w, &w->servers[i]->address, socket);
    SIM_REQUIRE(w, w->pumping && *socket == -1);
    return TAMAR_IO_REFUSED;
}

static inline ptrdiff_t sim_send_seam(
    void *user_data, intptr_t socket, const void *data, size_t len)
{
    sim *w = (sim *)user_data;
    sim_conn *c = sim_find_open(w, socket);
    sim_fault fault = sim_fault_now(w);
    size_t n = len;
    SIM_REQUIRE(w, w->pumping);
    w->sends++;
    sim_trace(w, "send", (int64_t)socket, (int64_t)len);
    if (!c) return TAMAR_IO_ERROR;
    SIM_REQUIRE(w, c->connected);
    SIM_REQUIRE(w, len > 0);
    if (!c->connected) return TAMAR_IO_ERROR;
    sim_run(w);
    if (fault == SIM_FAULT_AGAIN) return TAMAR_IO_AGAIN;
    if (fault == SIM_FAULT_RESET) {
        c->over = true;
        c->rst_at = w->now;
    }
    if (fault == SIM_FAULT_REFUSED) return TAMAR_IO_ERROR;
    if (fault == SIM_FAULT_LIMIT) return TAMAR_IO_LIMIT;
    if (c->rst_at <= w->now) return TAMAR_IO_RESET;
    if (c->over) {  // the other end is gone: this is taken, and answered by an RST
        if (c->rst_at == SIM_NEVER)
            c->rst_at = w->now + w->rtt_us > c->last_arrival ? w->now + w->rtt_us : c->last_arrival;
        return (ptrdiff_t)n;
    }
    if (n > c->room) n = c->room;
    if (n > w->send_max) n = w->send_max;
    if (fault == SIM_FAULT_SHORT_WRITE && n) n = 1;
    if (!n) return TAMAR_IO_AGAIN;
    if (c->room != SIZE_MAX) c->room -= n;
    sim_trace_bytes(w, data, n);
    if (c->server->tls) {
        sim_add(&c->wire, data, n);
        sim_tls_server(w, c);
    }
    else {
        sim_add(&c->in, data, n);
        sim_add(&c->server->received, data, n);
    }
    if (c->server->program) c->due = w->now;
    return (ptrdiff_t)n;
}

static inline size_t sim_available(sim *w, sim_conn *c)
{
    while (c->mark_pos < c->mark_count && c->marks[c->mark_pos].at <= w->now) c->mark_pos++;
    return (c->mark_pos ? c->marks[c->mark_pos - 1].end : 0) - c->out_pos;
}

static inline ptrdiff_t sim_recv_seam(void *user_data, intptr_t socket, void *data, size_t cap)
{
    sim *w = (sim *)user_data;
    sim_conn *c = sim_find_open(w, socket);
    sim_fault fault = sim_fault_now(w);
    size_t n;
    SIM_REQUIRE(w, w->pumping);
    w->recvs++;
    sim_trace(w, "recv", (int64_t)socket, (int64_t)cap);
    if (!c) return TAMAR_IO_ERROR;
    SIM_REQUIRE(w, c->connected);
    SIM_REQUIRE(w, cap > 0);
    if (!c->connected) return TAMAR_IO_ERROR;
    sim_run(w);
    if (fault == SIM_FAULT_AGAIN) return TAMAR_IO_AGAIN;
    if (fault == SIM_FAULT_RESET) {
        c->over = true;
        c->rst_at = w->now;
        c->out_pos += sim_available(w, c);
        c->mark_count = c->mark_pos;
        return TAMAR_IO_RESET;
    }
    if (fault == SIM_FAULT_REFUSED) return TAMAR_IO_ERROR;
    if (fault == SIM_FAULT_LIMIT) return TAMAR_IO_LIMIT;
    if (w->rst_drops && c->rst_at <= w->now) return TAMAR_IO_RESET;
    n = sim_available(w, c);
    if (!n) {
        if (c->rst_at <= w->now) return TAMAR_IO_RESET;
        if (c->fin_at <= w->now) return TAMAR_IO_CLOSED;
        return TAMAR_IO_AGAIN;
    }
    if (n > cap) n = cap;
    if (w->segments == SIM_PIECES && n > w->segment) n = w->segment;
    if (w->segments == SIM_RANDOM) {
        size_t most = (size_t)1 << sim_rand(w, 16);
        if (n > most) n = most;
        n -= sim_rand(w, (uint32_t)n);
    }
    if (fault == SIM_FAULT_SHORT_READ) n = 1;
    memcpy(data, c->out.ptr + c->out_pos, n);
    c->out_pos += n;
    sim_trace_bytes(w, data, n);
    return (ptrdiff_t)n;
}

static inline void sim_close(void *user_data, intptr_t socket)
{
    sim *w = (sim *)user_data;
    sim_conn *c = sim_find_open(w, socket);
    w->closes++;
    sim_trace(w, "close", (int64_t)socket, 0);
    if (!c) return;
    c->closed = true;
    c->watched = false;
    w->open_sockets--;
    if (c->state) c->server->program(w, c);
    sim_bytes_free(&c->in);
    sim_bytes_free(&c->wire);
    sim_bytes_free(&c->out);
    free(c->marks);
    c->marks = NULL;
    c->mark_count = c->mark_pos = 0;
}

static inline bool sim_watch(void *user_data, intptr_t socket, int events, uintptr_t tag)
{
    sim *w = (sim *)user_data;
    sim_conn *c = sim_find_open(w, socket);
    sim_fault fault;
    w->watches++;
    sim_trace(w, "watch", (int64_t)socket, events);
    if (!c) return false;
    fault = sim_fault_now(w);
    if (events && (fault == SIM_FAULT_LIMIT || fault == SIM_FAULT_REFUSED)) return false;
    c->watched = events != 0;
    c->events = events;
    c->tag = tag;
    return true;
}

static inline int sim_ready(sim *w, sim_conn *c)
{
    if (c->closed) return 0;
    if (!c->connected) return c->connect_due > w->now ? 0 : TAMAR_READABLE | TAMAR_WRITABLE;
    if (c->rst_at <= w->now) return TAMAR_READABLE | TAMAR_WRITABLE;
    return (sim_available(w, c) || c->fin_at <= w->now ? TAMAR_READABLE : 0) |
        (c->room ? TAMAR_WRITABLE : 0);
}

static inline int sim_collect(sim *w, tamar_ready *out, int cap)
{
    size_t i, start = w->shuffle && w->conn_count ? sim_rand(w, (uint32_t)w->conn_count) : 0;
    int n = 0;
    for (i = 0; i < w->conn_count; i++) {
        sim_conn *c = w->conns[(start + i) % w->conn_count];
        int events = c->watched ? sim_ready(w, c) & c->events : 0;
        if (!events) continue;
        if (n < cap) {
            out[n].tag = c->tag;
            out[n].events = events;
        }
        n++;
    }
    return n < cap ? n : cap;
}

static inline int sim_wait(void *user_data, tamar_ready *out, int cap, int timeout_ms)
{
    sim *w = (sim *)user_data;
    uint64_t end = timeout_ms < 0 ? SIM_NEVER : w->now + (uint64_t)timeout_ms * 1000, next;
    int n, i;
    bool answered = false;
    SIM_REQUIRE(w, w->pumping);
    SIM_REQUIRE(w, !w->pumping || w->pump_wait != 0 || timeout_ms == 0);
    SIM_REQUIRE(
        w, !w->pumping || w->pump_wait <= 0 || (timeout_ms >= 0 && timeout_ms <= w->pump_wait));
    SIM_REQUIRE(w, cap > 0);
    w->waits++;
    sim_trace(w, "wait", timeout_ms, 0);
    for (;;) {
        sim_run(w);
        for (i = 0; i < w->lookup_count; i++)
            if (w->lookups[i].due <= w->now && !w->lookups[i].announced)
                w->lookups[i].announced = answered = true;
        n = sim_collect(w, out, cap);
        if (n || answered || w->woken || w->now >= end) break;
        next = sim_next(w);
        if (next > end) next = end;
        if (next == SIM_NEVER) {
            sim_violation(w, "it waits for something that will never come");
            break;
        }
        w->now = next;
    }
    w->woken = false;
    return n;
}

static inline void sim_wake(void *user_data) { ((sim *)user_data)->woken = true; }

// Not in sim_desc: a descriptor that becomes readable when a lookup has its answer or wake was called.
static inline int sim_extra_fds(void *user_data, intptr_t *out, int cap)
{
    (void)user_data;
    if (cap > 0) out[0] = SIM_EXTRA_FD;
    return 1;
}

// -- TLS: records of type, length and XORed bytes; enough to be wrong in every way that matters -------------

typedef struct sim_session {
    sim *world;
    sim_bytes in, out, plain;
    bool ready, bad_cert, alert, closed;
} sim_session;

static inline void *sim_tls_start(void *user_data, const tamar_tls_wanted *wanted, const char **why)
{
    sim *w = (sim *)user_data;
    sim_session *s = (sim_session *)calloc(1, sizeof *s);
    (void)why;
    if (!s) abort();
    s->world = w;
    w->tls_sessions++;
    SIM_REQUIRE(w, wanted->unix_ms >= SIM_UNIX_MS);
    sim_trace(w, "tls", wanted->numeric, 0);
    sim_tls_record(&s->out, 'h', wanted->host, strlen(wanted->host));
    return s;
}

static inline ptrdiff_t sim_tls_feed(void *session, const void *data, size_t len)
{
    sim_session *s = (sim_session *)session;
    size_t n;
    if (s->world->segments == SIM_RANDOM && len > 1) len -= sim_rand(s->world, (uint32_t)len);
    sim_add(&s->in, data, len);
    while (s->in.len >= 3 &&
        s->in.len >=
            3 + (n = (size_t)(unsigned char)s->in.ptr[1] << 8 | (unsigned char)s->in.ptr[2])) {
        size_t i;
        for (i = 0; i < n; i++) s->in.ptr[3 + i] = (char)(s->in.ptr[3 + i] ^ 0x5a);
        if (s->in.ptr[0] == 'H') s->ready = true;
        else if (s->in.ptr[0] == 'x') s->bad_cert = true;
        else if (s->in.ptr[0] == 'c') s->closed = true;
        else if (s->in.ptr[0] == 'd' && s->ready) sim_add(&s->plain, s->in.ptr + 3, n);
        else s->alert = true;
        sim_drop(&s->in, 3 + n);
    }
    return (ptrdiff_t)len;
}

static inline ptrdiff_t sim_tls_drain(void *session, void *out, size_t cap)
{
    sim_session *s = (sim_session *)session;
    size_t n = s->out.len < cap ? s->out.len : cap;
    if (n) {
        memcpy(out, s->out.ptr, n);
        sim_drop(&s->out, n);
    }
    return (ptrdiff_t)n;
}

static inline ptrdiff_t sim_tls_read(void *session, void *out, size_t cap)
{
    sim_session *s = (sim_session *)session;
    size_t n = s->plain.len < cap ? s->plain.len : cap;
    if (n) {
        memcpy(out, s->plain.ptr, n);
        sim_drop(&s->plain, n);
        return (ptrdiff_t)n;
    }
    if (s->bad_cert) return TAMAR_IO_CERT;
    if (s->alert) return TAMAR_IO_TLS;
    return s->closed ? TAMAR_IO_CLOSED : TAMAR_IO_AGAIN;
}

static inline ptrdiff_t sim_tls_write(void *session, const void *data, size_t len)
{
    sim_session *s = (sim_session *)session;
    if (s->bad_cert) return TAMAR_IO_CERT;
    if (s->alert) return TAMAR_IO_TLS;
    if (!s->ready || s->out.len > 4000) return TAMAR_IO_AGAIN;
    if (len > 700) len = 700;
    sim_tls_record(&s->out, 'd', (const char *)data, len);
    return (ptrdiff_t)len;
}

static inline const char *sim_tls_why(void *session)
{
    return ((sim_session *)session)->bad_cert ? "the certificate is for someone else"
                                              : "the handshake broke off";
}

static inline void sim_tls_end(void *session)
{
    sim_session *s = (sim_session *)session;
    s->world->tls_sessions--;
    sim_bytes_free(&s->in);
    sim_bytes_free(&s->out);
    sim_bytes_free(&s->plain);
    free(s);
}

// -- opening and ending -----------------------------------------------------------------------------------

static inline tamar_desc sim_desc(sim *w)
{
    tamar_desc d;
    memset(&d, 0, sizeof d);
    d.base_url = "http://127.0.0.1:8080/v1";
    d.api_key = SIM_KEY;
    d.clock.now_us = sim_now_us;
    d.clock.unix_ms = sim_unix_ms;
    d.clock.user_data = w;
    d.random.fill = sim_fill;
    d.random.user_data = w;
    d.environment.get = sim_getenv;
    d.environment.user_data = w;
    d.log.write = sim_log;
    d.log.level = TAMAR_LOG_DEBUG;
    d.log.user_data = w;
    d.allocator.resize = sim_resize;
    d.allocator.user_data = w;
    d.sockets.resolve = sim_resolve;
    d.sockets.connect = sim_connect;
    d.sockets.send = sim_send_seam;
    d.sockets.recv = sim_recv_seam;
    d.sockets.close = sim_close;
    d.sockets.watch = sim_watch;
    d.sockets.wait = sim_wait;
    d.sockets.wake = sim_wake;
    d.sockets.connect_local = sim_connect_local;
    d.sockets.user_data = w;
    d.tls.start = sim_tls_start;
    d.tls.feed = sim_tls_feed;
    d.tls.drain = sim_tls_drain;
    d.tls.read = sim_tls_read;
    d.tls.write = sim_tls_write;
    d.tls.why = sim_tls_why;
    d.tls.end = sim_tls_end;
    d.tls.user_data = w;
    return d;
}

// Says why if it cannot, and ends the program.
static inline tamar_client *sim_open(tamar_desc *d)
{
    tamar_error why;
    tamar_client *c;
    memset(&why, 0, sizeof why);
    d->error = &why;
    c = tamar_open(d);
    d->error = NULL;
    CHECKF(c != NULL, "%s", why.message ? why.message : "");
    if (!c) exit(1);
    return c;
}

static inline bool sim_pump(sim *w, tamar_client *c, int wait_ms)
{
    bool was = w->pumping, more;
    int was_wait = w->pump_wait;
    uint64_t before = w->now;
    w->pumping = true;
    w->pump_wait = wait_ms;
    sim_trace(w, "pump", wait_ms, 0);
    more = tamar_pump(c, wait_ms);
    w->pumping = was;
    w->pump_wait = was_wait;
    SIM_REQUIRE(w, wait_ms != 0 || w->now == before);
    return more;
}

static inline tamar_response *sim_chat(sim *w, tamar_client *c, const tamar_request *r)
{
    tamar_response *response;
    w->pumping = true;
    w->pump_wait = -1;
    response = tamar_chat(c, r);
    w->pumping = false;
    return response;
}

// -- calls: what happened to one, and whether it was allowed to --------------------------------------------

typedef struct sim_call {
    sim *world;
    tamar_call handle;
    tamar_client *client;
    struct sim_call *next;
    sim_bytes text, reasoning, refusal, arguments, order;  // order: one letter an event
    char tool_id[64], tool_name[64];
    int starts, texts, finishes, heartbeats, late;
    tamar_category category;
    tamar_phase phase;
    tamar_finish finish;
    int http_status, attempts;
    bool retryable, maybe_billed, reused, discard, inside;
    tamar_opt_int retry_after_ms;
    char message[512], code[128], type[128], id[128], origin_id[128], request_id[128];
    tamar_usage usage;
    size_t tool_call_count, warning_count;
    uint64_t sent_at, first_at, finished_at;
    void (*hook)(struct sim_call *call, const tamar_event *e);  // the test's own, after the checks
    void *hook_data;
    int hook_number;
} sim_call;

static inline bool sim_utf8(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t i, k, n;
    for (i = 0; i < len; i += n + 1) {
        unsigned c = p[i];
        n = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
        if (c < 0x80) continue;
        if (c < 0xc2 || c > 0xf4 || len - i <= n) return false;
        for (k = 1; k <= n; k++)
            if ((p[i + k] & 0xc0) != 0x80) return false;
        if ((c == 0xe0 && p[i + 1] < 0xa0) || (c == 0xed && p[i + 1] > 0x9f)) return false;
        if ((c == 0xf0 && p[i + 1] < 0x90) || (c == 0xf4 && p[i + 1] > 0x8f)) return false;
    }
    return true;
}

static inline void sim_copy_error(sim_call *call, const tamar_error *e)
{
    sim *w = call->world;
    SIM_REQUIRE(
        w, e->message && e->code && e->type && e->param && e->request_id && e->id && e->origin_id);
    SIM_REQUIRE(w, e->category == TAMAR_OK || e->message[0] != 0);
    call->category = e->category;
    call->phase = e->phase;
    call->http_status = e->http_status;
    call->attempts = e->attempts;
    call->retryable = e->retryable;
    call->maybe_billed = e->maybe_billed;
    call->retry_after_ms = e->retry_after_ms;
    snprintf(call->message, sizeof call->message, "%s", e->message);
    snprintf(call->code, sizeof call->code, "%s", e->code);
    snprintf(call->type, sizeof call->type, "%s", e->type);
    snprintf(call->id, sizeof call->id, "%s", e->id);
    snprintf(call->origin_id, sizeof call->origin_id, "%s", e->origin_id);
    snprintf(call->request_id, sizeof call->request_id, "%s", e->request_id);
    if (w->secret) {
        SIM_REQUIRE(w, !sim_has(e->message, strlen(e->message), w->secret));
        SIM_REQUIRE(w, !sim_has(e->code, strlen(e->code), w->secret));
        SIM_REQUIRE(w, !sim_has(e->type, strlen(e->type), w->secret));
        SIM_REQUIRE(w, !sim_has(e->param, strlen(e->param), w->secret));
    }
}

static inline void sim_copy_response(sim_call *call, const tamar_response *r)
{
    sim *w = call->world;
    SIM_REQUIRE(w, r->text.ptr && r->text.ptr[r->text.len] == 0);
    SIM_REQUIRE(w, r->reasoning.ptr && r->reasoning.ptr[r->reasoning.len] == 0);
    SIM_REQUIRE(w, r->refusal.ptr && r->refusal.ptr[r->refusal.len] == 0);
    SIM_REQUIRE(w, r->finish_raw.ptr && r->finish_raw.ptr[r->finish_raw.len] == 0);
    SIM_REQUIRE(w, r->id.ptr && r->model.ptr && r->provider.ptr);
    if (call->discard) SIM_REQUIRE(w, r->text.len == 0);
    else {
        SIM_REQUIRE(w,
            r->text.len == call->text.len &&
                memcmp(r->text.ptr, call->text.len ? call->text.ptr : "", r->text.len) == 0);
        SIM_REQUIRE(w, r->reasoning.len == call->reasoning.len);
        SIM_REQUIRE(w, r->refusal.len == call->refusal.len);
    }
    call->finish = r->finish;
    call->usage = r->usage;
    call->tool_call_count = r->tool_call_count;
    call->warning_count = r->warning_count;
    call->reused = r->reused_connection;
}

static inline void sim_take(sim *w, const tamar_event *e)
{
    sim_call *call = (sim_call *)e->user_data;
    static const char letters[] =
        "?SXRFTHVE";  // none, start, text, reasoning, refusal, tool, heartbeat, void, end
    SIM_REQUIRE(w, call != NULL);
    if (!call) return;
    SIM_REQUIRE(w, e->call.id != 0);
    SIM_REQUIRE(w, e->finished == (e->type == TAMAR_EVENT_FINISH));
    SIM_REQUIRE(w, e->type > TAMAR_EVENT_NONE && e->type <= TAMAR_EVENT_FINISH);
    if (call->handle.id) SIM_REQUIRE(w, e->call.id == call->handle.id);
    if (call->finishes) {
        call->late++;
        sim_violation(w, "an event came after FINISH");
    }
    sim_trace(w, "event", e->type, (int64_t)e->text.len);
    sim_add(&call->order, &letters[e->type], 1);
    SIM_REQUIRE(w, sim_utf8(e->text.ptr, e->text.len));
    switch (e->type) {
    case TAMAR_EVENT_START:
        SIM_REQUIRE(w, !call->starts && call->order.len == 1);
        call->starts++;
        break;
    case TAMAR_EVENT_TEXT:
        SIM_REQUIRE(w, e->text.len > 0);
        if (!call->texts++) call->first_at = w->now;
        sim_add(&call->text, e->text.ptr, e->text.len);
        break;
    case TAMAR_EVENT_REASONING: sim_add(&call->reasoning, e->text.ptr, e->text.len); break;
    case TAMAR_EVENT_REFUSAL: sim_add(&call->refusal, e->text.ptr, e->text.len); break;
    case TAMAR_EVENT_TOOL_CALL:
        if (e->index == 0) sim_add(&call->arguments, e->text.ptr, e->text.len);
        snprintf(call->tool_id, sizeof call->tool_id, "%.*s", (int)e->tool_id.len,
            e->tool_id.ptr ? e->tool_id.ptr : "");
        snprintf(call->tool_name, sizeof call->tool_name, "%.*s", (int)e->tool_name.len,
            e->tool_name.ptr ? e->tool_name.ptr : "");
        break;
    case TAMAR_EVENT_HEARTBEAT: call->heartbeats++; break;
    case TAMAR_EVENT_RESET:
        call->texts = 0;
        call->text.len = call->reasoning.len = call->refusal.len = call->arguments.len = 0;
        break;
    case TAMAR_EVENT_FINISH:
        call->finishes++;
        call->finished_at = w->now;
        sim_copy_error(call, &e->error);
        SIM_REQUIRE(w, e->response != NULL);
        if (e->response) {
            SIM_REQUIRE(w, e->response->error.category == e->error.category);
            sim_copy_response(call, e->response);
        }
        break;
    default: break;
    }
    if (call->hook) call->hook(call, e);
}

static inline void sim_on_event(void *user_data, const tamar_event *e)
{
    sim_call *call = (sim_call *)user_data;
    SIM_REQUIRE(call->world, e->user_data == user_data);
    SIM_REQUIRE(call->world, call->world->pumping);
    SIM_REQUIRE(call->world, !call->inside);
    call->inside = true;
    sim_take(call->world, e);
    call->inside = false;
}

static inline void sim_call_init(sim *w, sim_call *call)
{
    sim_call *old;
    for (old = w->calls; old; old = old->next)
        if (old == call) abort();  // each call of a world needs its own
    memset(call, 0, sizeof *call);
    call->world = w;
    call->next = w->calls;
    w->calls = call;
}

// Sends it and collects what comes. The call's memory belongs to the caller and must outlive the world.
static inline void sim_start(
    sim *w, sim_call *call, tamar_client *client, const tamar_request *request)
{
    tamar_request r = *request;
    sim_call_init(w, call);
    call->client = client;
    call->sent_at = w->now;
    call->discard = r.discard_text;
    r.user_data = call;
    call->handle = tamar_send(client, &r);
    SIM_REQUIRE(w, call->handle.id != 0);
    sim_trace(w, "call", call->handle.id, 0);
}

static inline void sim_events(sim *w, tamar_client *client)
{
    tamar_event e;
    while (tamar_next_event(client, &e)) sim_take(w, &e);
}

// Until every call is over and every event taken.
static inline void sim_drive(sim *w, tamar_client *client)
{
    int turns = 0;
    while (sim_pump(w, client, -1)) {
        sim_events(w, client);
        if (++turns > 2000000) {
            sim_violation(w, "no end of pumping");
            return;
        }
    }
    sim_events(w, client);
}

// The same as a frame loop does it. False: not over within that many frames.
static inline bool sim_frames(sim *w, tamar_client *client, int frames, uint64_t frame_us)
{
    while (frames-- > 0) {
        bool more = sim_pump(w, client, 0);
        sim_events(w, client);
        if (!more) return true;
        sim_frame(w, frame_us);
    }
    return false;
}

static inline void sim_call_free(sim_call *call)
{
    sim_bytes_free(&call->text);
    sim_bytes_free(&call->reasoning);
    sim_bytes_free(&call->refusal);
    sim_bytes_free(&call->arguments);
    sim_bytes_free(&call->order);
}

// Ends the world: after tamar_close, with nothing left. Returns the trace's hash.
static inline uint64_t sim_free(sim *w)
{
    uint64_t hash = w->hash;
    size_t i;
    int k;
    sim_call *call;
    SIM_REQUIRE(w, w->open_sockets == 0);
    SIM_REQUIRE(w, w->lookup_count == 0);
    SIM_REQUIRE(w, w->tls_sessions == 0);
    SIM_REQUIRE(w, w->memory.live == 0 && w->memory.blocks == 0);
    if (w->secret && w->log.len) SIM_REQUIRE(w, !sim_has(w->log.ptr, w->log.len, w->secret));
    for (call = w->calls; call; call = call->next) sim_call_free(call);
    for (i = 0; i < w->conn_count; i++) {
        sim_bytes_free(&w->conns[i]->in);
        sim_bytes_free(&w->conns[i]->wire);
        sim_bytes_free(&w->conns[i]->out);
        free(w->conns[i]->marks);
        free(w->conns[i]);
    }
    for (k = 0; k < w->server_count; k++) {
        int n;
        sim_bytes_free(&w->servers[k]->received);
        sim_bytes_free(&w->servers[k]->said);
        for (n = 0; n < w->servers[k]->connect_count; n++) free(w->servers[k]->connects[n]->steps);
        for (n = 0; n < w->servers[k]->answer_count; n++) free(w->servers[k]->answers[n]->steps);
    }
    for (i = 0; i < w->owned_count; i++) free(w->owned[i]);
    free(w->owned);
    free(w->conns);
    free(w->requests);
    sim_bytes_free(&w->log);
    free(w);
    return hash;
}

// -- the bytes of an OpenAI-compatible server --------------------------------------------------------------

typedef enum sim_framing { SIM_LENGTH, SIM_CHUNKED, SIM_CLOSE } sim_framing;

static inline void sim_json_text(sim_bytes *b, const char *z)
{
    sim_puts(b, "\"");
    for (; *z; z++) {
        if (*z == '"' || *z == '\\') sim_printf(b, "\\%c", *z);
        else if ((unsigned char)*z < 32) sim_printf(b, "\\u%04x", *z);
        else sim_add(b, z, 1);
    }
    sim_puts(b, "\"");
}

static inline void sim_sse_delta(sim_bytes *b, const char *delta, const char *finish)
{
    sim_puts(b,
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":");
    sim_puts(b, delta);
    sim_puts(b, ",\"finish_reason\":");
    if (finish) sim_json_text(b, finish);
    else sim_puts(b, "null");
    sim_puts(b, "}]}\n\n");
}

static inline void sim_sse_role(sim_bytes *b)
{
    sim_sse_delta(b, "{\"role\":\"assistant\",\"content\":\"\"}", NULL);
}

static inline void sim_sse_text(sim_bytes *b, const char *text)
{
    sim_bytes d = {NULL, 0, 0};
    sim_puts(&d, "{\"content\":");
    sim_json_text(&d, text);
    sim_puts(&d, "}");
    sim_sse_delta(b, d.ptr, NULL);
    sim_bytes_free(&d);
}

// A fragment of tool call `index`; id and name on its first one, NULL later.
static inline void sim_sse_tool(
    sim_bytes *b, int index, const char *id, const char *name, const char *arguments)
{
    sim_bytes d = {NULL, 0, 0};
    sim_printf(&d, "{\"tool_calls\":[{\"index\":%d,", index);
    if (id)
        sim_printf(&d,
            "\"id\":\"%s\",\"type\":\"function\",\"function\":{\"name\":\"%s\",\"arguments\":", id,
            name);
    else sim_puts(&d, "\"function\":{\"arguments\":");
    sim_json_text(&d, arguments);
    sim_puts(&d, "}}]}");
    sim_sse_delta(b, d.ptr, NULL);
    sim_bytes_free(&d);
}

static inline void sim_sse_finish(sim_bytes *b, const char *reason)
{
    sim_sse_delta(b, "{}", reason);
}

static inline void sim_sse_usage(sim_bytes *b, int input, int output)
{
    sim_printf(b,
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],"
        "\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}}\n\n",
        input, output, input + output);
}

static inline void sim_sse_done(sim_bytes *b) { sim_puts(b, "data: [DONE]\n\n"); }

// A whole event stream with these pieces of text, NULL at the end.
static inline sim_bytes sim_sse_chat_list(const char *first, va_list rest)
{
    sim_bytes b = {NULL, 0, 0};
    sim_sse_role(&b);
    for (; first; first = va_arg(rest, const char *)) sim_sse_text(&b, first);
    sim_sse_finish(&b, "stop");
    sim_sse_usage(&b, 5, 2);
    sim_sse_done(&b);
    return b;
}

static inline sim_bytes sim_sse_chat(const char *first, ...)
{
    va_list rest;
    sim_bytes b;
    va_start(rest, first);
    b = sim_sse_chat_list(first, rest);
    va_end(rest);
    return b;
}

// A chunk for each event (blank line), as servers do it; without the last chunk.
static inline void sim_chunks(sim_bytes *out, const char *body, size_t len)
{
    size_t at = 0, i;
    while (at < len) {
        for (i = at; i + 1 < len && !(body[i] == '\n' && body[i + 1] == '\n'); i++) {}
        i = i + 1 < len ? i + 2 : len;
        sim_printf(out, "%x\r\n", (unsigned)(i - at));
        sim_add(out, body + at, i - at);
        sim_puts(out, "\r\n");
        at = i;
    }
}

// A whole HTTP answer; headers "Name: value\r\n" lines or "".
static inline tamar_str sim_reply(sim *w, int status, const char *type, const char *headers,
    const char *body, size_t len, sim_framing framing)
{
    sim_bytes b = {NULL, 0, 0};
    sim_printf(&b, "HTTP/1.1 %d Whatever\r\nContent-Type: %s\r\n", status, type);
    sim_puts(&b, headers);
    if (framing == SIM_LENGTH) sim_printf(&b, "Content-Length: %lu\r\n", (unsigned long)len);
    if (framing == SIM_CHUNKED) sim_puts(&b, "Transfer-Encoding: chunked\r\n");
    sim_puts(&b, "\r\n");
    if (framing == SIM_CHUNKED) {
        sim_chunks(&b, body, len);
        sim_puts(&b, "0\r\n\r\n");
    }
    else sim_add(&b, body, len);
    return sim_keep(w, b);
}

// HTTP head and chunked event stream of these pieces of text, NULL at the end: the common good answer.
static inline tamar_str sim_stream(sim *w, const char *first, ...)
{
    va_list rest;
    sim_bytes b;
    tamar_str reply;
    va_start(rest, first);
    b = sim_sse_chat_list(first, rest);
    va_end(rest);
    reply = sim_reply(w, 200, "text/event-stream", "", b.ptr, b.len, SIM_CHUNKED);
    sim_bytes_free(&b);
    return reply;
}

// Head and first events of a stream that goes on: chunked, nothing closed.
static inline tamar_str sim_stream_part(sim *w, const char *first, ...)
{
    va_list rest;
    sim_bytes b = {NULL, 0, 0}, out = {NULL, 0, 0};
    sim_sse_role(&b);
    va_start(rest, first);
    for (; first; first = va_arg(rest, const char *)) sim_sse_text(&b, first);
    va_end(rest);
    sim_puts(&out, SIM_HEAD "Transfer-Encoding: chunked\r\n\r\n");
    sim_chunks(&out, b.ptr, b.len);
    sim_bytes_free(&b);
    return sim_keep(w, out);
}

// More of a chunked stream: this text as its own chunks.
static inline tamar_str sim_more(sim *w, const char *sse)
{
    sim_bytes out = {NULL, 0, 0};
    sim_chunks(&out, sse, strlen(sse));
    return sim_keep(w, out);
}

static inline tamar_str sim_raw(const char *z)
{
    tamar_str s;
    s.ptr = z;
    s.len = strlen(z);
    return s;
}

static inline sim_bytes sim_json_chat(const char *text)
{
    sim_bytes b = {NULL, 0, 0};
    sim_puts(&b,
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"message\":{\"role\":\"assistant\",\"content\":");
    sim_json_text(&b, text);
    sim_puts(&b,
        "},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7}}");
    return b;
}

// The common good answer to a call that does not stream.
static inline tamar_str sim_answer(sim *w, const char *text)
{
    sim_bytes b = sim_json_chat(text);
    tamar_str reply = sim_reply(w, 200, "application/json", "", b.ptr, b.len, SIM_LENGTH);
    sim_bytes_free(&b);
    return reply;
}

static inline tamar_str sim_error(sim *w, int status, const char *headers, const char *message,
    const char *type, const char *code)
{
    sim_bytes b = {NULL, 0, 0};
    tamar_str reply;
    sim_puts(&b, "{\"error\":{\"message\":");
    sim_json_text(&b, message);
    sim_puts(&b, ",\"type\":");
    sim_json_text(&b, type);
    sim_puts(&b, ",\"param\":null,\"code\":");
    if (code) sim_json_text(&b, code);
    else sim_puts(&b, "null");
    sim_puts(&b, "}}");
    reply = sim_reply(w, status, "application/json", headers, b.ptr, b.len, SIM_LENGTH);
    sim_bytes_free(&b);
    return reply;
}

// The value of a header in a request's head, or an empty string.
static inline tamar_str sim_header(const sim_request *r, const char *name)
{
    tamar_str none = {"", 0};
    size_t n = strlen(name), i, k;
    for (i = 0; i + n + 2 < r->head.len; i++) {
        if (i && r->head.ptr[i - 1] != '\n') continue;
        for (k = 0; k < n && (r->head.ptr[i + k] | 32) == (name[k] | 32); k++) {}
        if (k < n || r->head.ptr[i + n] != ':') continue;
        none.ptr = r->head.ptr + i + n + 1;
        while (*none.ptr == ' ') none.ptr++;
        while (none.ptr[none.len] != '\r') none.len++;
        return none;
    }
    return none;
}

// What the host's own event loop does with tamar_poll_fds: sleeps until one of them is ready, at most timeout_ms.
static inline void sim_host_wait(sim *w, const tamar_poll_fd *fds, int count, int timeout_ms)
{
    uint64_t end = timeout_ms < 0 ? SIM_NEVER : w->now + (uint64_t)timeout_ms * 1000, next;
    int i;
    for (;;) {
        sim_run(w);
        for (i = 0; i < count; i++) {
            sim_conn *c = sim_find(w, fds[i].fd);
            if (fds[i].fd == SIM_EXTRA_FD) continue;
            SIM_REQUIRE(w, c && !c->closed);
            if (c && (sim_ready(w, c) & fds[i].events)) return;
        }
        for (i = 0; i < w->lookup_count; i++)
            if (w->lookups[i].due <= w->now) return;  // as an extra descriptor would tell
        if (w->now >= end) return;
        next = sim_next(w);
        if (next > end) next = end;
        if (next == SIM_NEVER) {
            sim_violation(w, "the host's loop would sleep for ever");
            return;
        }
        w->now = next;
    }
}
#endif
