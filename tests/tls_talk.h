// Clients that speak to a TLS server and say what they heard: over the two seams, and through the public API. Of the test
// itself, and of tls_probe.c, which is the same for another machine. Includes test.h and tamar_llm.h before it.
#ifndef TLS_TALK_H
#define TLS_TALK_H

// -- over the two seams ----------------------------------------------------------------------------

typedef struct talk {
    int64_t unix_ms;
    const char *request;
    size_t step;  // bytes fed at a time, 0: all
    const char *until;  // hangs up once this came
    const char *forged;  // fed once 100,000 bytes came
    size_t forged_len;
    ptrdiff_t result;  // of the last read or write
    bool eof;  // the socket ended
    char why[512];
    size_t got;
    char reply[32768];
} talk;

static bool talk_flush(const tamar_sockets *s, const tamar_tls *t, void *session, intptr_t fd)
{
    char out[4096];
    ptrdiff_t n, sent;
    tamar_ready r;
    while ((n = t->drain(session, out, sizeof out)) > 0)
        for (sent = 0; sent < n;) {
            ptrdiff_t k = s->send(s->user_data, fd, out + sent, (size_t)(n - sent));
            if (k == TAMAR_IO_AGAIN) {
                s->watch(s->user_data, fd, TAMAR_WRITABLE, 1);
                s->wait(s->user_data, &r, 1, 1000);
            }
            else if (k < 0) return false;
            else sent += k;
        }
    return true;
}

// Sends the request, reads until the end or an error.
static void talk_over(talk *k, tamar__tls_system *system, tamar__os_net *net, const char *host, uint16_t port, const char *address)
{
    static char in[65536], plain[20000];
    memset(k->reply, 0, sizeof k->reply);
    tamar_sockets s = tamar__os_sockets(net);
    tamar_tls t = tamar__tls_seam(system);
    tamar_tls_wanted wanted;
    tamar_address a;
    tamar_ready r;
    const char *why = NULL;
    void *session;
    intptr_t fd = -1;
    size_t len = k->request ? strlen(k->request) : 0, put = 0;
    int rounds, silent = 0;
    memset(&wanted, 0, sizeof wanted);
    wanted.host = host;
    wanted.port = port;
    wanted.numeric = tamar__os_address(host, port, &a);
    wanted.unix_ms = k->unix_ms ? k->unix_ms : tamar__os_unix_ms(NULL);
    k->result = 0;
    k->got = 0;
    k->eof = false;
    k->why[0] = 0;
    session = t.start(t.user_data, &wanted, &why);
    if (!session) {
        snprintf(k->why, sizeof k->why, "%s", why);
        k->result = TAMAR_IO_ERROR;
        return;
    }
    tamar__os_address(address, port, &a);
    while ((rounds = s.connect(s.user_data, &a, &fd)) == TAMAR_IO_AGAIN) s.wait(s.user_data, &r, 1, 1);
    CHECK(rounds == 0);
    for (rounds = 0; rounds < 100000 && silent < 4; rounds++) {
        ptrdiff_t n, fed = 0;
        bool over = false;
        if (put < len) {
            n = t.write(session, k->request + put, len - put);
            if (n > 0) put += (size_t)n;
            else if (n != TAMAR_IO_AGAIN) k->result = n, over = true;
        }
        if (!talk_flush(&s, &t, session, fd) || over) break;
        if (put < len && t.drain(session, plain, 0) == 0 && !len) continue;
        s.watch(s.user_data, fd, TAMAR_READABLE, 1);
        silent = s.wait(s.user_data, &r, 1, 5000) ? 0 : silent + 1;
        n = s.recv(s.user_data, fd, in, sizeof in);
        if (n == TAMAR_IO_AGAIN) continue;
        if (n < 0) {
            k->eof = true;
            break;
        }
        while (fed < n) {
            size_t part = k->step && k->step < (size_t)(n - fed) ? k->step : (size_t)(n - fed);
            ptrdiff_t taken = t.feed(session, in + fed, part), m;
            if (taken < 0) {
                k->result = taken;
                over = true;
                break;
            }
            fed += taken;
            while ((m = t.read(session, plain, sizeof plain)) > 0) {
                size_t room = sizeof k->reply - 1;
                if (k->got < room) memcpy(k->reply + k->got, plain, (size_t)m < room - k->got ? (size_t)m : room - k->got);
                k->got += (size_t)m;
            }
            k->result = m;
            if (k->forged && k->got > 100000 && m == TAMAR_IO_AGAIN) {
                t.feed(session, k->forged, k->forged_len);
                k->forged = NULL;
            }
            if (m != TAMAR_IO_AGAIN) over = true;
            if (k->until && strstr(k->reply, k->until)) over = true;
            if (over) break;
        }
        if (over) break;
    }
    k->reply[k->got < sizeof k->reply ? k->got : sizeof k->reply - 1] = 0;
    talk_flush(&s, &t, session, fd);
    snprintf(k->why, sizeof k->why, "%s", t.why(session));
    if (k->result == TAMAR_IO_CERT || k->result == TAMAR_IO_CLOCK || k->result == TAMAR_IO_TLS) {  // for good
        CHECK(t.read(session, plain, 1) == k->result && t.write(session, "x", 1) == k->result && t.feed(session, "x", 1) == k->result);
    }
    t.end(session);
    s.close(s.user_data, fd);
}

// -- through the public API ------------------------------------------------------------------------

typedef struct chat_heard {
    tamar_category category, again;  // again: of the second call, on the connection that was kept
    bool reused;
    char message[1024], text[256];
} chat_heard;

typedef struct chat_wanted {
    const char *host, *ca;
    uint16_t port;
    uint32_t connect_ms;
    bool early_clock, twice;
} chat_wanted;

static int64_t chat_unix_ms(void *user_data) { return *(bool *)user_data ? 86000 : tamar__os_unix_ms(NULL); }

static uint64_t chat_now(void *user_data)
{
    (void)user_data;
    return tamar__os_now_us(NULL);
}

static void chat_over(chat_heard *h, const chat_wanted *wanted)
{
    char url[128];
    bool early = wanted->early_clock;
    tamar_desc desc;
    tamar_request request;
    tamar_client *client;
    tamar_response *r;
    memset(h, 0, sizeof *h);
    memset(&desc, 0, sizeof desc);
    memset(&request, 0, sizeof request);
    snprintf(url, sizeof url, "https://%s:%d/v1", wanted->host, wanted->port);
    desc.base_url = url;
    desc.api_key = "sk-test";
    desc.ca_file = wanted->ca;
    desc.max_retries = tamar_int(0);
    desc.clock.now_us = chat_now;
    desc.clock.unix_ms = chat_unix_ms;
    desc.clock.user_data = &early;
    desc.timeouts.connect_ms = wanted->connect_ms;
    request.model = "m";
    request.prompt = "hello?";
    client = tamar_open(&desc);
    CHECK(client != NULL);
    if (!client) return;
    r = tamar_chat(client, &request);
    h->category = r->error.category;
    snprintf(h->message, sizeof h->message, "%s", r->error.category ? r->error.message : "");
    snprintf(h->text, sizeof h->text, "%.*s", (int)r->text.len, r->text.ptr ? r->text.ptr : "");
    tamar_response_free(r);
    if (wanted->twice) {
        r = tamar_chat(client, &request);
        h->again = r->error.category;
        h->reused = r->reused_connection;
        if (r->error.category) snprintf(h->message, sizeof h->message, "%s", r->error.message);
        tamar_response_free(r);
    }
    tamar_close(client);
}

#endif
