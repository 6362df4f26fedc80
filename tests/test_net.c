// The network's ways to a server, over the simulated world: proxies, local sockets, names, slow and dead addresses,
// connections made ahead, sleep. Nothing here may block a pump that was told not to wait: the world checks each one.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "sim.h"

#define LOGIN "dXNlcjpjYW5hcnktcGFzc3dvcmQ="  // user:canary-password
#define TUNNEL "HTTP/1.1 200 Connection established\r\n\r\n"

typedef struct place {
    sim *w;
    sim_server *s, *proxy;
    tamar_desc d;
    tamar_client *c;
} place;

// https://api.test at 192.0.2.1 and a proxy, proxy.test:3128, at 192.0.2.9.
static place begin(void)
{
    place p;
    p.w = sim_new(1);
    p.s = sim_listen(p.w, "192.0.2.1", 443);
    p.s->tls = true;
    p.proxy = sim_listen(p.w, "192.0.2.9", 3128);
    sim_host(p.w, "api.test", "192.0.2.1", 0, 3000);
    sim_host(p.w, "proxy.test", "192.0.2.9", 0, 3000);
    p.d = sim_desc(p.w);
    p.d.base_url = "https://api.test/v1";
    p.d.max_retries = tamar_int(0);
    p.c = NULL;
    return p;
}

static tamar_request ask(void)
{
    tamar_request r;
    memset(&r, 0, sizeof r);
    r.model = "m";
    r.prompt = "Name one river.";
    r.stream = true;
    return r;
}

static void opened(place *p) { p->c = sim_open(&p->d); }

static void one(place *p, sim_call *call)
{
    tamar_request r = ask();
    if (!p->c) opened(p);
    sim_start(p->w, call, p->c, &r);
    sim_drive(p->w, p->c);
}

// The same in frames of 16 ms that never wait.
static void one_in_frames(place *p, sim_call *call, int frames)
{
    tamar_request r = ask();
    if (!p->c) opened(p);
    sim_start(p->w, call, p->c, &r);
    CHECK(sim_frames(p->w, p->c, frames, 16000));
}

static void finish(place *p)
{
    // What only a proxy may know is in no log, and at no server.
    CHECK(!p->w->log.ptr || !strstr(p->w->log.ptr, "canary-password"));
    CHECK(!p->w->log.ptr || !strstr(p->w->log.ptr, LOGIN));
    CHECK(!p->s->received.len || !sim_has(p->s->received.ptr, p->s->received.len, LOGIN));
    CHECK(!p->s->received.len || !sim_has(p->s->received.ptr, p->s->received.len, "roxy-"));
    if (p->c) tamar_close(p->c);
    sim_free(p->w);
}

#define CHECK_OK(call) CHECKF((call).category == TAMAR_OK, "%s", (call).message)
#define CHECK_IS(call, what)                                                                                          \
    CHECKF((call).category == (what), "%s: %s", tamar_category_name((call).category), (call).message)

static bool said(const place *p, size_t request, const char *what)
{
    return request < p->w->request_count &&
           sim_has(p->w->requests[request].head.ptr, p->w->requests[request].head.len, what);
}

static void good(place *p, sim_server *s) { sim_send(sim_on_request(s), sim_stream(p->w, "Danube", NULL)); }

static void test_proxies(void)
{
    TEST("https goes through CONNECT; the login stays with the proxy, the key with the server") {
        place p = begin();
        sim_call a, b;
        p.d.proxy = "http://user:canary%2Dpassword@proxy.test:3128";
        sim_send(sim_on_request(p.proxy), sim_raw(TUNNEL));
        good(&p, p.s);
        good(&p, p.s);
        one(&p, &a);
        one(&p, &b);
        CHECK_OK(a);
        CHECK_OK(b);
        CHECK(b.reused && p.w->connects == 1);
        CHECK(said(&p, 0, "CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n"));
        CHECK(said(&p, 0, "Proxy-Authorization: Basic " LOGIN "\r\n") && !said(&p, 0, SIM_KEY));
        CHECK(said(&p, 1, "POST /v1/chat/completions HTTP/1.1\r\nHost: api.test\r\n") && said(&p, 1, SIM_KEY));
        CHECK(!strcmp(p.w->last_host, "api.test"));
        CHECK(!strcmp(tamar_description(p.c)->proxy, "proxy.test"));
        finish(&p);
    }
    TEST("CONNECT's answer in pieces, a name without a password, a port that nobody gave is 1080") {
        place p = begin();
        sim_call a;
        p.proxy->address.port = 1080;
        p.d.proxy = "user@proxy.test";
        sim_send_paced(sim_on_request(p.proxy), sim_raw("HTTP/1.0 200 OK\r\nVia: x\r\n\r\n"), 1, 100);
        good(&p, p.s);
        one_in_frames(&p, &a, 100);
        CHECK_OK(a);
        CHECK(said(&p, 0, "Basic dXNlcjo=\r\n"));
        finish(&p);
    }
    TEST("http goes by absolute URLs, and the answer comes from there") {
        place p = begin();
        sim_call a, b;
        p.d.base_url = "http://api.test:8080/v1";
        p.d.allow_plain_http = true;
        p.d.proxy = "http://user:canary-password@proxy.test:3128";
        good(&p, p.proxy);
        good(&p, p.proxy);
        one(&p, &a);
        one(&p, &b);
        CHECK_OK(a);
        CHECK(b.reused);
        CHECK(said(&p, 0, "POST http://api.test:8080/v1/chat/completions HTTP/1.1\r\nHost: api.test:8080\r\n"));
        CHECK(said(&p, 1, "Proxy-Authorization: Basic " LOGIN "\r\n"));
        CHECK(p.w->names[0].lookups == 0);  // the proxy looks the name up
        finish(&p);
    }
    TEST("a key does not go over http because there is a proxy") {
        place p = begin();
        sim_call a;
        p.d.base_url = "http://api.test/v1";
        p.d.proxy = "proxy.test:3128";
        one(&p, &a);
        CHECK_IS(a, TAMAR_CONFIG);
        CHECK(p.w->connects == 0);
        finish(&p);
    }
    TEST("what a proxy says instead of letting us through") {
        static const struct { const char *proxy, *answer, *says; tamar_category is; int status; } rows[] = {
            { "proxy.test:3128", "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno", "wants a user name", TAMAR_PROXY, 407 },
            { "u:p@proxy.test:3128", "HTTP/1.1 407 No\r\n\r\n", "does not accept", TAMAR_PROXY, 407 },
            { "proxy.test:3128", "HTTP/1.1 403 No\r\n\r\n", "refuses", TAMAR_PROXY, 403 },
            { "proxy.test:3128", "HTTP/1.1 405 No\r\n\r\n", "CONNECT", TAMAR_PROXY, 405 },
            { "proxy.test:3128", "HTTP/1.1 502 No\r\n\r\n", "could not connect", TAMAR_CONNECT, 502 },
            { "proxy.test:3128", "HTTP/1.1 302 No\r\nLocation: http://evil.test/\r\n\r\n", "refuses", TAMAR_PROXY, 302 },
            { "proxy.test:3128", TUNNEL "\x16\x03", "more than", TAMAR_PROXY, 0 },
            { "proxy.test:3128", "SSH-2.0-x\r\n\r\n", "no http proxy", TAMAR_PROXY, 0 },
        };
        size_t i;
        for (i = 0; i < sizeof rows / sizeof *rows; i++) {
            place p = begin();
            sim_call a;
            p.d.proxy = rows[i].proxy;
            sim_send(sim_on_request(p.proxy), sim_raw(rows[i].answer));
            one(&p, &a);
            CHECK_IS(a, rows[i].is);
            CHECKF(strstr(a.message, rows[i].says), "%s", a.message);
            CHECKF(a.http_status == rows[i].status, "%d", a.http_status);
            CHECK(!p.s->received.len && p.w->request_count == 1);
            finish(&p);
        }
    }
    TEST("407 to a request by absolute URL is explained in the same way") {
        place p = begin();
        sim_call a;
        p.d.base_url = "http://api.test/v1";
        p.d.allow_plain_http = true;
        p.d.proxy = "proxy.test:3128";
        sim_send(sim_on_request(p.proxy), sim_raw("HTTP/1.1 407 No\r\nContent-Length: 4\r\n\r\n<p/>"));
        one(&p, &a);
        CHECK_IS(a, TAMAR_PROXY);
        CHECK(strstr(a.message, "wants a user name") && a.http_status == 407);
        finish(&p);
    }
    TEST("a proxy that is gone, closes early, resets, stalls, or never takes the connection") {
        int k;
        for (k = 0; k < 6; k++) {
            place p = begin();
            sim_call a;
            sim_script *c;
            uint64_t began;
            p.d.proxy = k == 5 ? "nowhere.test:3128" : "proxy.test:3128";
            p.d.timeouts.connect_ms = 2000;
            c = k == 0 || k == 4 ? sim_on_connect(p.proxy) : sim_on_request(p.proxy);
            if (k == 0) sim_refuse(c);
            if (k == 1) sim_fin(c);
            if (k == 2) sim_rst(c);
            if (k == 3) sim_stall(c);
            if (k == 4) sim_blackhole(c);
            began = p.w->now;
            one_in_frames(&p, &a, 400);
            CHECK_IS(a, k == 5 ? TAMAR_DNS : k == 3 || k == 4 ? TAMAR_TIMEOUT_CONNECT : TAMAR_CONNECT);
            CHECKF(strstr(a.message, "proxy"), "%s", a.message);
            CHECK(p.w->now - began < 3000000 || p.w->now - began > 6000000);
            CHECK(!p.s->received.len);
            finish(&p);
        }
    }
    TEST("a server that closes or resets behind the tunnel is the server's fault") {
        int k;
        for (k = 0; k < 2; k++) {
            place p = begin();
            sim_call a;
            sim_script *c;
            p.d.proxy = "proxy.test:3128";
            sim_send(sim_on_request(p.proxy), sim_raw(TUNNEL));
            c = sim_on_request(p.s);
            if (k) sim_rst(c);
            else sim_fin(c);
            one(&p, &a);
            CHECK_IS(a, TAMAR_RESET);
            finish(&p);
        }
    }
    TEST("memory that runs out anywhere on the way is told, and leaks nothing") {
        long k;
        for (k = 1; k < 60; k++) {
            place p = begin();
            sim_call a;
            tamar_request r = ask();
            p.d.proxy = "http://user:canary-password@proxy.test:3128";
            sim_send(sim_on_request(p.proxy), sim_raw(TUNNEL));
            good(&p, p.s);
            p.w->memory.fail_at = k;
            p.c = tamar_open(&p.d);
            if (p.c) {
                sim_start(p.w, &a, p.c, &r);
                sim_drive(p.w, p.c);
                CHECK(a.category == TAMAR_OK || a.category == TAMAR_NOMEM);
            }
            finish(&p);
        }
    }
}

static void test_choice(void)
{
    TEST("which variable counts, as curl reads them") {
        static const struct { const char *name[3], *value[3], *url; int direct; } rows[] = {
            { { "https_proxy" }, { "proxy.test:3128" }, "https://api.test/v1", 0 },
            { { "HTTPS_PROXY" }, { "http://proxy.test:3128/" }, "https://api.test/v1", 0 },
            { { "https_proxy", "HTTPS_PROXY" }, { "proxy.test:3128", "no.test:1" }, "https://api.test/v1", 0 },
            { { "ALL_PROXY" }, { "proxy.test:3128" }, "https://api.test/v1", 0 },
            { { "all_proxy", "ALL_PROXY" }, { "proxy.test:3128", "no.test" }, "https://api.test/v1", 0 },
            { { "https_proxy", "all_proxy" }, { "", "proxy.test:3128" }, "https://api.test/v1", 0 },
            { { "http_proxy" }, { "proxy.test:3128" }, "https://api.test/v1", 1 },
            { { "http_proxy" }, { "proxy.test:3128" }, "http://api.test/v1", 0 },
            { { "HTTP_PROXY" }, { "proxy.test:3128" }, "http://api.test/v1", 1 },
            { { "ALL_PROXY" }, { "proxy.test:3128" }, "http://api.test/v1", 0 },
            { { "https_proxy", "no_proxy" }, { "proxy.test:3128", "other.test, api.test" }, "https://api.test/v1", 1 },
            { { "https_proxy", "NO_PROXY" }, { "proxy.test:3128", "test" }, "https://api.test/v1", 1 },
            { { "https_proxy", "NO_PROXY" }, { "proxy.test:3128", "pi.test" }, "https://api.test/v1", 0 },
            { { "https_proxy", "no_proxy", "NO_PROXY" }, { "proxy.test:3128", "x", "*" }, "https://api.test/v1", 0 },
        };
        size_t i;
        int k;
        for (i = 0; i < sizeof rows / sizeof *rows; i++) {
            place p = begin();
            sim_server *plain = sim_listen(p.w, "192.0.2.1", 80), *to;
            sim_call a;
            bool https = !strncmp(rows[i].url, "https", 5);
            for (k = 0; k < 3 && rows[i].name[k]; k++) sim_setenv(p.w, rows[i].name[k], rows[i].value[k]);
            p.d.base_url = rows[i].url;
            p.d.allow_plain_http = true;
            to = https ? p.s : rows[i].direct ? plain : p.proxy;
            if (https && !rows[i].direct) sim_send(sim_on_request(p.proxy), sim_raw(TUNNEL));
            good(&p, to);
            one(&p, &a);
            CHECKF(a.category == TAMAR_OK, "row %d: %s", (int)i, a.message);
            CHECKF((p.proxy->connections == 0) == rows[i].direct, "row %d", (int)i);
            finish(&p);
        }
    }
    TEST("whom no_proxy names") {
        static const struct { const char *list, *url; bool named; } rows[] = {
            { "*", "https://api.test", true }, { "api.test", "https://api.test", true },
            { ".api.test", "https://api.test", true }, { "API.Test.", "https://api.test", true },
            { "api.test", "https://eu.api.test", true }, { "api.test", "https://xapi.test", false },
            { "eu.api.test", "https://api.test", false }, { "", "https://api.test", false },
            { " , ,", "https://api.test", false }, { "a b\tapi.test", "https://api.test", true },
            { "api.test:443", "https://api.test", true }, { "api.test:444", "https://api.test", false },
            { "api.test:8080", "http://api.test:8080", true }, { "api.test:x", "https://api.test", false },
            { "10.0.0.0/8", "https://10.1.2.3", true }, { "10.0.0.0/8", "https://11.1.2.3", false },
            { "10.1.2.3", "https://10.1.2.3", true }, { "10.1.2.3", "https://10.1.2.33", false },
            { "10.1.2.3:443", "https://10.1.2.3", true }, { "192.168.4.0/22", "https://192.168.7.255", true },
            { "192.168.4.0/22", "https://192.168.8.0", false }, { "0.0.0.0/0", "https://10.1.2.3", true },
            { "0.0.0.0/33", "https://10.1.2.3", false }, { "10.0.0.0/x", "https://10.1.2.3", false },
            { "2001:db8::/32", "https://[2001:db8::7]", true }, { "2001:db8::/32", "https://[2001:db9::7]", false },
            { "[2001:db8::7]", "https://[2001:db8::7]", true }, { "2001:db8::7", "https://[2001:db8:0::7]", true },
            { "[2001:db8::7]:443", "https://[2001:db8::7]", true }, { "[2001:db8::7]:80", "https://[2001:db8::7]", false },
            { "1.2.3", "https://10.1.2.3", false }, { "3", "https://10.1.2.3", false },
        };
        size_t i;
        for (i = 0; i < sizeof rows / sizeof *rows; i++) {
            tamar__url url;
            CHECK(!tamar__url_split(tamar__str_z(rows[i].url), &url));
            CHECKF(tamar__net_bypassed(rows[i].list, &url) == rows[i].named, "%s: %s", rows[i].list, rows[i].url);
        }
    }
    TEST("this machine is reached through a proxy of this machine only") {
        int k;
        for (k = 0; k < 2; k++) {
            place p = begin();
            sim_server *local = sim_listen(p.w, "127.0.0.1", 8080), *beside = sim_listen(p.w, "127.0.0.1", 3128);
            sim_call a;
            p.d.base_url = k ? "http://localhost:8080/v1" : "http://127.0.0.1:8080/v1";
            p.d.proxy = k ? "localhost:3128" : "proxy.test:3128";
            good(&p, k ? beside : local);
            one(&p, &a);
            CHECK_OK(a);
            CHECK(p.proxy->connections == 0);
            finish(&p);
        }
    }
    TEST("a proxy that is none: the call says so, and what needs none still works") {
        static const char *const bad[] = { "socks5://proxy.test:1080", "https://proxy.test", "http://", "http://a b",
                                           "http://proxy.test:99999", "http://user:pass\x01@" };
        size_t i;
        for (i = 0; i < sizeof bad / sizeof *bad; i++) {
            place p = begin();
            sim_call a, b;
            tamar_request r = ask();
            sim_server *local = sim_listen(p.w, "127.0.0.1", 8080);
            sim_setenv(p.w, "ALL_PROXY", bad[i]);
            one(&p, &a);
            CHECK_IS(a, TAMAR_CONFIG);
            CHECK(strstr(a.message, "proxy") && p.w->connects == 0);
            good(&p, local);
            r.base_url = "http://127.0.0.1:8080/v1";
            sim_start(p.w, &b, p.c, &r);
            sim_drive(p.w, p.c);
            CHECK_OK(b);
            finish(&p);
        }
    }
    TEST("desc.proxy \"off\" is off, whatever the environment says") {
        place p = begin();
        sim_call a;
        sim_setenv(p.w, "https_proxy", "proxy.test:3128");
        p.d.proxy = "off";
        good(&p, p.s);
        one(&p, &a);
        CHECK_OK(a);
        CHECK(p.proxy->connections == 0);
        finish(&p);
    }
    TEST("another place to connect to; Host, SNI and the check keep the name") {
        place p = begin();
        sim_call a;
        sim_server *there = sim_listen(p.w, "10.0.0.5", 8443);
        there->tls = true;
        sim_setenv(p.w, "https_proxy", "proxy.test:3128");
        p.d.connect_to = "other.test=10.0.0.1, api.test=10.0.0.5:8443";
        good(&p, there);
        one(&p, &a);
        CHECK_OK(a);
        CHECK(said(&p, 0, "\r\nHost: api.test\r\n") && !strcmp(p.w->last_host, "api.test"));
        CHECK(p.s->connections == 0 && p.proxy->connections == 0);
        finish(&p);
    }
}

static void test_local(void)
{
    TEST("a local socket, its path with a colon and a space") {
        place p = begin();
        sim_call a, b;
        sim_server *s = sim_listen_local(p.w, "/run/a:b c/m.sock");
        sim_setenv(p.w, "http_proxy", "proxy.test:3128");
        p.d.base_url = "unix:/run/a%3Ab%20c/m.sock:/v1";
        good(&p, s);
        good(&p, s);
        one(&p, &a);
        one(&p, &b);
        CHECK_OK(a);
        CHECK(b.reused && p.w->resolves == 0);
        CHECK(said(&p, 0, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"));
        finish(&p);
    }
    TEST("two local sockets are two origins, and none is localhost:80") {
        place p = begin();
        sim_call a[3];
        tamar_request r = ask();
        static const char *const bases[] = { "unix:/run/a.sock:/v1", "unix:/run/b.sock:", "http://localhost/v1" };
        int i;
        good(&p, sim_listen_local(p.w, "/run/a.sock"));
        good(&p, sim_listen_local(p.w, "/run/b.sock"));
        good(&p, sim_listen(p.w, "127.0.0.1", 80));
        opened(&p);
        for (i = 0; i < 3; i++) {
            r.base_url = bases[i];
            sim_start(p.w, &a[i], p.c, &r);
            sim_drive(p.w, p.c);
            CHECK_OK(a[i]);
            CHECK(said(&p, (size_t)i, "POST /v1/chat/completions "));
        }
        CHECK(p.w->connects == 3);
        finish(&p);
    }
    TEST("a local socket where nobody listens, and seams without them") {
        place p = begin();
        sim_call a, b;
        p.d.base_url = "unix:/run/none.sock:/v1";
        one(&p, &a);
        CHECK_IS(a, TAMAR_CONNECT);
        CHECK(strstr(a.message, "local socket"));
        tamar_close(p.c);
        p.d.sockets.connect_local = NULL;
        opened(&p);
        one(&p, &b);
        CHECK_IS(b, TAMAR_CONFIG);
        finish(&p);
    }
    TEST("forms that could be taken for something else are refused") {
        static const char *const bad[] = { "unix:/run/a.sock", "unix:a.sock:/v1", "unix://run/a.sock", "unix:",
                                           "unix:/run/a.sock:v1", "unix:/run/a.sock:8080/v1", "unix:/a:/v1#x" };
        size_t i;
        for (i = 0; i < sizeof bad / sizeof *bad; i++) {
            tamar__url url;
            CHECKF(tamar__url_split(tamar__str_z(bad[i]), &url) != NULL, "%s", bad[i]);
        }
    }
}

static void test_names(void)
{
    TEST("a name is asked for once, however many wait") {
        place p = begin();
        sim_call calls[10];
        tamar_request r = ask();
        int i;
        opened(&p);
        for (i = 0; i < 10; i++) {
            good(&p, p.s);
            sim_start(p.w, &calls[i], p.c, &r);
        }
        sim_drive(p.w, p.c);
        for (i = 0; i < 10; i++) CHECK_OK(calls[i]);
        CHECKF(p.w->names[0].lookups == 1, "%d", p.w->names[0].lookups);
        finish(&p);
    }
    TEST("one that leaves does not take the others' lookup with it") {
        place p = begin();
        sim_call a, b;
        tamar_request r = ask();
        opened(&p);
        good(&p, p.s);
        sim_start(p.w, &a, p.c, &r);
        sim_start(p.w, &b, p.c, &r);
        sim_pump(p.w, p.c, 0);
        tamar_cancel(p.c, a.handle);
        sim_drive(p.w, p.c);
        CHECK_OK(b);
        CHECK(p.w->names[0].lookups == 1);
        finish(&p);
    }
    TEST("an answer is kept for a minute, a name that is not there for a moment") {
        place p = begin();
        sim_call calls[4], a, b, c;
        int i;
        p.d.max_idle_connections = -1;
        for (i = 0; i < 4; i++) {
            good(&p, p.s);
            one(&p, &calls[i]);
            CHECK_OK(calls[i]);
            CHECKF(p.w->names[0].lookups == (i < 3 ? 1 : 2), "%d: %d", i, p.w->names[0].lookups);
            sim_frame(p.w, i < 2 ? 20000000 : 25000000);
        }
        finish(&p);
        p = begin();
        p.d.base_url = "https://nowhere.test/v1";
        sim_host(p.w, "nowhere.test", NULL, TAMAR_IO_NO_NAME, 1000);
        one(&p, &a);
        CHECK_IS(a, TAMAR_DNS);
        one(&p, &b);
        CHECK_IS(b, TAMAR_DNS);
        CHECK(p.w->names[2].lookups == 1);
        sim_frame(p.w, 500000);
        one(&p, &c);
        CHECK(p.w->names[2].lookups == 2);
        finish(&p);
    }
    TEST("a name that takes five seconds holds no frame") {
        place p = begin();
        sim_call a;
        p.w->names[0].delay_us = 5000000;
        good(&p, p.s);
        one_in_frames(&p, &a, 400);
        CHECK_OK(a);
        CHECK(p.w->now >= 5000000);
        finish(&p);
    }
    TEST("families take turns; a dead one costs 250 ms once, and nothing the next time") {
        place p = begin();
        sim_call a, b;
        const char *const dead[] = { "2001:db8::1", "2001:db8::2", "2001:db8::3" };
        uint64_t began;
        int i;
        sim_host(p.w, "api6.test", dead[0], 0, 1000);
        for (i = 0; i < 3; i++) {
            if (i) sim_host(p.w, "api6.test", dead[i], 0, 1000);
            sim_blackhole(sim_on_connect(sim_listen(p.w, dead[i], 443)));
        }
        sim_host(p.w, "api6.test", "192.0.2.1", 0, 1000);
        p.d.base_url = "https://api6.test/v1";
        p.d.max_idle_connections = -1;
        good(&p, p.s);
        good(&p, p.s);
        one_in_frames(&p, &a, 100);
        CHECK_OK(a);
        CHECKF(p.w->connects == 2 && p.w->now < 350000, "%d, %ld us", p.w->connects, (long)p.w->now);
        began = p.w->now;
        one(&p, &b);
        CHECK_OK(b);
        CHECKF(p.w->connects == 3 && p.w->now - began < 50000, "%d", p.w->connects);
        finish(&p);
    }
    TEST("an address that is slow but alive wins over a later one that is dead: it is never given up") {
        place p = begin();
        sim_call a;
        sim_server *slow = sim_listen(p.w, "192.0.2.7", 443);
        slow->tls = true;
        sim_delay(sim_on_connect(slow), 900);
        sim_blackhole(sim_on_connect(sim_listen(p.w, "192.0.2.8", 443)));
        sim_host(p.w, "two.test", "192.0.2.7", 0, 0);
        sim_host(p.w, "two.test", "192.0.2.8", 0, 0);
        p.d.base_url = "https://two.test/v1";
        good(&p, slow);
        one_in_frames(&p, &a, 200);
        CHECK_OK(a);
        CHECK(p.w->now < 1100000 && p.w->connects == 2);
        finish(&p);
    }
    TEST("a trailing dot is the same host; a zone goes no further than the socket") {
        place p = begin();
        sim_call a, b;
        tamar_request r = ask();
        good(&p, p.s);
        good(&p, p.s);
        one(&p, &a);
        r.base_url = "https://API.test./v1";
        sim_start(p.w, &b, p.c, &r);
        sim_drive(p.w, p.c);
        CHECK_OK(b);
        CHECK(b.reused && p.w->connects == 1);
        finish(&p);
    }
}

static void test_pool(void)
{
    TEST("warm: the first call finds its connection made, handshake and all") {
        place p = begin();
        sim_call a;
        int i;
        opened(&p);
        CHECK(tamar_warm(p.c, "m") && tamar_warm(p.c, "m"));
        for (i = 0; i < 10; i++) {
            CHECK(!sim_pump(p.w, p.c, 0));
            sim_frame(p.w, 16000);
        }
        CHECK(p.w->connects == 1 && p.w->tls_sessions == 1 && p.w->request_count == 0);
        good(&p, p.s);
        one(&p, &a);
        CHECK_OK(a);
        CHECK(p.w->connects == 1 && p.w->resolves > 0);
        CHECK(!tamar_warm(NULL, NULL));
        finish(&p);
    }
    TEST("warm: a call that comes too early takes over what was begun, at every step of it") {
        int k;
        for (k = 0; k < 24; k++) {
            place p = begin();
            sim_call a;
            int i;
            if (k % 2) p.d.proxy = "http://user:canary-password@proxy.test:3128";
            sim_send(sim_on_request(p.proxy), sim_raw(TUNNEL));
            good(&p, p.s);
            opened(&p);
            CHECK(tamar_warm(p.c, "m"));
            for (i = 0; i < k / 2; i++) {
                sim_pump(p.w, p.c, 0);
                sim_frame(p.w, 600);
            }
            one(&p, &a);
            CHECK_OK(a);
            CHECKF(p.w->connects == 1, "%d: %d", k, p.w->connects);
            finish(&p);
        }
    }
    TEST("warm: what fails or hangs is closed, and the call that follows is not told of it") {
        int k;
        for (k = 0; k < 4; k++) {
            place p = begin();
            sim_call a;
            int i;
            sim_script *c = sim_on_connect(p.s);
            if (k == 0) sim_refuse(c);
            if (k == 1) sim_blackhole(c);
            if (k == 2) sim_rst(c);
            if (k == 3) p.s->tls_mute = true;
            opened(&p);
            CHECK(tamar_warm(p.c, "m"));
            for (i = 0; i < 900; i++) {
                sim_pump(p.w, p.c, 0);
                sim_frame(p.w, 16000);
            }
            CHECKF(p.w->open_sockets == 0, "%d", k);
            p.s->tls_mute = false;
            good(&p, p.s);
            one(&p, &a);
            CHECK_OK(a);
            finish(&p);
        }
    }
    TEST("a server that hangs up exactly when its connection is used again costs nothing but a new one") {
        int k;
        for (k = 0; k < 2; k++) {
            place p = begin();
            sim_call a, b;
            sim_script *c;
            good(&p, p.s);
            one(&p, &a);
            c = sim_on_request(p.s);
            if (k) sim_rst(c);
            else sim_fin_raw(c);
            good(&p, p.s);
            one(&p, &b);
            CHECK_OK(b);
            CHECK(p.w->connects == 2);
            finish(&p);
        }
    }
    TEST("after a sleep kept connections and addresses are not trusted; what came meanwhile is read first") {
        place p = begin();
        sim_call a, b, last;
        tamar_request r = ask();
        sim_script *c;
        p.d.idle_connection_ms = 3600000;
        p.d.timeouts.idle_ms = 60000;
        good(&p, p.s);
        one(&p, &a);
        c = sim_on_request(p.s);
        sim_delay(c, 5000);
        sim_send(c, sim_stream(p.w, "late", NULL));
        sim_frame(p.w, 29000000);
        sim_start(p.w, &b, p.c, &r);
        sim_pump(p.w, p.c, 0);
        CHECK(p.w->connects == 1);
        sim_frame(p.w, 300000000);  // the whole answer came, and then the idle limit, while nobody looked
        sim_drive(p.w, p.c);
        CHECK_OK(b);
        CHECK(p.w->log.ptr && strstr(p.w->log.ptr, "slept"));
        good(&p, p.s);
        sim_frame(p.w, 300000000);
        one(&p, &last);
        CHECK_OK(last);
        CHECKF(p.w->connects == 2 && p.w->names[0].lookups == 2, "%d %d", p.w->connects, p.w->names[0].lookups);
        finish(&p);
    }
    TEST("a SYN that nobody answers holds no frame") {
        place p = begin();
        sim_call a;
        p.d.timeouts.connect_ms = 5000;
        sim_blackhole(sim_on_connect(p.s));
        one_in_frames(&p, &a, 400);
        CHECK_IS(a, TAMAR_TIMEOUT_CONNECT);
        finish(&p);
    }
    TEST("a redirect is not followed, and says where to") {
        place p = begin();
        sim_call a;
        sim_send(sim_on_request(p.s),
                 sim_raw("HTTP/1.1 302 Found\r\nLocation: https://evil.test/v1\r\nContent-Length: 0\r\n\r\n"));
        one(&p, &a);
        CHECK_IS(a, TAMAR_REDIRECT);
        CHECKF(p.w->connects == 1 && strstr(a.message, "evil.test"), "%s", a.message);
        finish(&p);
    }
}

int main(void)
{
    test_proxies();
    test_choice();
    test_local();
    test_names();
    test_pool();
    return test_done();
}
