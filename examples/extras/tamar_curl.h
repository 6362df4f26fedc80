/* tamar_curl.h - libcurl carries the HTTP exchanges of a client

       #define TAMAR_IMPLEMENTATION
       #include "tamar_llm.h"
       #include "extras/tamar_curl.h"          before either: #define TAMAR_CURL_RUNTIME 1, to open libcurl at run time
                                               (no header, no -lcurl); otherwise link with -lcurl

       tamar_curl *curl = tamar_curl_open();   NULL: there is no libcurl, or no memory
       tamar_desc desc = { 0 };
       desc.transport = tamar_curl_transport(curl);
       tamar_client *llm = tamar_open(&desc);
       ...
       tamar_close(llm);
       tamar_curl_close(curl);

   For a system whose TLS the client does not know, and for whatever else libcurl can do: HTTP/2, other proxies, its own
   certificate store. libcurl reads HTTPS_PROXY and its like by itself. Redirects are not followed. One curl belongs to one
   client. Exchanges share a multi handle, so connections are kept and nothing blocks but a pump that may wait.
   libcurl 7.68 or newer. */
#ifndef TAMAR_CURL_H
#define TAMAR_CURL_H

#include <stdlib.h>
#include <string.h>

#if TAMAR_CURL_RUNTIME
#include <dlfcn.h>
// What of libcurl's interface is used. The numbers are part of its ABI.
typedef void CURL;
typedef void CURLM;
struct curl_slist { char *data; struct curl_slist *next; };
typedef struct CURLMsg { int msg; CURL *easy_handle; union { void *whatever; int result; } data; } CURLMsg;
enum {
    CURLOPT_WRITEDATA = 10001, CURLOPT_URL = 10002, CURLOPT_POSTFIELDS = 10015, CURLOPT_HTTPHEADER = 10023,
    CURLOPT_HEADERDATA = 10029, CURLOPT_CUSTOMREQUEST = 10036, CURLOPT_FOLLOWLOCATION = 52, CURLOPT_POSTFIELDSIZE = 60,
    CURLOPT_NOSIGNAL = 99, CURLOPT_PRIVATE = 10103, CURLOPT_WRITEFUNCTION = 20011, CURLOPT_HEADERFUNCTION = 20079,
    CURLINFO_PRIVATE = 0x100015, CURLINFO_RESPONSE_CODE = 0x200002, CURLINFO_NUM_CONNECTS = 0x20001A,
    CURLINFO_PRETRANSFER_TIME = 0x300006, CURLINFO_SIZE_UPLOAD = 0x300007, CURLMSG_DONE = 1
};
#else
#include <curl/curl.h>
#endif

typedef struct tamar_curl_exchange {
    tamar_exchange exchange;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    bool over, sent;  // over: nothing more is pushed
    struct tamar_curl_exchange *next;
} tamar_curl_exchange;

typedef struct tamar_curl {
    CURLM *multi;
    tamar_curl_exchange *list;
    bool performing;
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *);
    int (*easy_setopt)(CURL *, int, ...);
    int (*easy_getinfo)(CURL *, int, ...);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
    CURLM *(*multi_init)(void);
    int (*multi_cleanup)(CURLM *);
    int (*multi_add_handle)(CURLM *, CURL *);
    int (*multi_remove_handle)(CURLM *, CURL *);
    int (*multi_perform)(CURLM *, int *);
    int (*multi_poll)(CURLM *, void *, unsigned, int, int *);
    int (*multi_wakeup)(CURLM *);
    CURLMsg *(*multi_info_read)(CURLM *, int *);
} tamar_curl;

static char *tamar_curl_copy(const char *ptr, size_t len)
{
    char *z = (char *)malloc(len + 1);
    if (!z) return NULL;
    if (len) memcpy(z, ptr, len);
    z[len] = 0;
    return z;
}

static void tamar_curl_wipe(char *p, size_t len)
{
    volatile char *v = p;
    while (len--) *v++ = 0;
}

static void tamar_curl_free(tamar_curl *c, tamar_curl_exchange *e)
{
    tamar_curl_exchange **at = &c->list;
    struct curl_slist *h;
    while (*at && *at != e) at = &(*at)->next;
    if (*at) *at = e->next;
    if (e->easy) {
        c->multi_remove_handle(c->multi, e->easy);
        c->easy_cleanup(e->easy);
    }
    for (h = e->headers; h; h = h->next) tamar_curl_wipe(h->data, strlen(h->data));  // a key may be among them
    c->slist_free_all(e->headers);
    free(e->body);
    free(e);
}

// libcurl calls it with whole lines; an interim answer's (1xx) come first and are passed over.
static size_t tamar_curl_on_header(char *line, size_t size, size_t count, void *user_data)
{
    tamar_curl_exchange *e = (tamar_curl_exchange *)user_data;
    size_t len = size * count, colon = 0, begin, end = len;
    if (e->over) return 0;
    if (len > 9 && !memcmp(line, "HTTP/", 5)) {
        char *space = (char *)memchr(line, ' ', len);
        int status = space ? atoi(space + 1) : 0;
        if (status >= 200) tamar_exchange_status(e->exchange, status);
        return len;
    }
    while (colon < len && line[colon] != ':') colon++;
    if (colon == len) return len;
    for (begin = colon + 1; begin < len && (line[begin] == ' ' || line[begin] == '\t'); begin++) {}
    while (end > begin && (unsigned char)line[end - 1] <= ' ') end--;
    {
        tamar_str name = { NULL, 0 }, value = { NULL, 0 };
        name.ptr = line;
        name.len = colon;
        value.ptr = line + begin;
        value.len = end - begin;
        tamar_exchange_header(e->exchange, name, value);
    }
    return e->over ? 0 : len;
}

static size_t tamar_curl_on_body(char *data, size_t size, size_t count, void *user_data)
{
    tamar_curl_exchange *e = (tamar_curl_exchange *)user_data;
    if (e->over) return 0;
    tamar_exchange_body(e->exchange, data, size * count);
    return e->over ? 0 : size * count;  // the client had enough: it cancelled from inside
}

static bool tamar_curl_header(tamar_curl *c, tamar_curl_exchange *e, const char *line)
{
    struct curl_slist *list = c->slist_append(e->headers, line);
    if (list) e->headers = list;
    return list != NULL;
}

static bool tamar_curl_start(void *user_data, tamar_exchange exchange, const tamar_http_request *rq, const char **why)
{
    tamar_curl *c = (tamar_curl *)user_data;
    tamar_curl_exchange *e = (tamar_curl_exchange *)calloc(1, sizeof *e);
    char *url = tamar_curl_copy(rq->url.ptr, rq->url.len);
    size_t i;
    bool good = e && url;
    *why = "libcurl has no memory left";
    if (!e) {
        free(url);
        return false;
    }
    e->exchange = exchange;
    e->next = c->list;
    c->list = e;
    good = good && (e->easy = c->easy_init()) != NULL && (e->body = tamar_curl_copy(rq->body.ptr, rq->body.len)) != NULL;
    for (i = 0; good && i < rq->header_count; i++) {
        size_t n = rq->headers[i].name.len, v = rq->headers[i].value.len;
        char *line = (char *)malloc(n + v + 3);
        good = line != NULL;
        if (!good) break;
        memcpy(line, rq->headers[i].name.ptr, n);
        memcpy(line + n, ": ", 2);
        if (v) memcpy(line + n + 2, rq->headers[i].value.ptr, v);
        line[n + 2 + v] = 0;
        good = tamar_curl_header(c, e, line);
        tamar_curl_wipe(line, n + v + 2);
        free(line);
    }
    good = good && tamar_curl_header(c, e, "Expect:");  // no waiting for 100
    if (good) {
        c->easy_setopt(e->easy, CURLOPT_URL, url);
        c->easy_setopt(e->easy, CURLOPT_NOSIGNAL, 1L);
        c->easy_setopt(e->easy, CURLOPT_FOLLOWLOCATION, 0L);
        if (rq->body.len || strcmp(rq->method, "GET")) {
            c->easy_setopt(e->easy, CURLOPT_POSTFIELDS, e->body);
            c->easy_setopt(e->easy, CURLOPT_POSTFIELDSIZE, (long)rq->body.len);
            c->easy_setopt(e->easy, CURLOPT_CUSTOMREQUEST, rq->method);
        }
        c->easy_setopt(e->easy, CURLOPT_HTTPHEADER, e->headers);
        c->easy_setopt(e->easy, CURLOPT_HEADERFUNCTION, tamar_curl_on_header);
        c->easy_setopt(e->easy, CURLOPT_HEADERDATA, e);
        c->easy_setopt(e->easy, CURLOPT_WRITEFUNCTION, tamar_curl_on_body);
        c->easy_setopt(e->easy, CURLOPT_WRITEDATA, e);
        c->easy_setopt(e->easy, CURLOPT_PRIVATE, e);
        good = c->multi_add_handle(c->multi, e->easy) == 0;
    }
    free(url);
    if (!good) tamar_curl_free(c, e);
    return good;
}

static void tamar_curl_cancel(void *user_data, tamar_exchange exchange)
{
    tamar_curl *c = (tamar_curl *)user_data;
    tamar_curl_exchange *e = c->list;
    while (e && (e->over || e->exchange.id != exchange.id)) e = e->next;
    if (!e) return;
    e->over = true;
    if (!c->performing) tamar_curl_free(c, e);  // otherwise its next callback ends it
}

static tamar_category tamar_curl_category(int code, const char **message)
{
    switch (code) {
    case 0: *message = NULL; return TAMAR_OK;
    case 5: *message = "the proxy's host name does not exist"; return TAMAR_DNS;
    case 6: *message = "the host name does not exist: is base_url spelt right?"; return TAMAR_DNS;
    case 7: *message = "the server cannot be reached: is it running, is this computer online?"; return TAMAR_CONNECT;
    case 27: *message = "libcurl has no memory left"; return TAMAR_NOMEM;
    case 35: *message = "the TLS handshake failed"; return TAMAR_TLS_PROTO;
    case 60: case 77: *message = "the server's certificate is not trusted"; return TAMAR_TLS_CERT;
    case 97: *message = "the proxy did not let the connection through"; return TAMAR_PROXY;
    case 18: case 52: case 55: case 56: *message = "the connection ended before the answer did"; return TAMAR_RESET;
    case 1: case 3: *message = "libcurl does not take this URL"; return TAMAR_CONFIG;
    default: *message = "libcurl failed"; return TAMAR_PROTO;
    }
}

static void tamar_curl_done(tamar_curl *c, CURL *easy, int code)
{
    char *pointer = NULL;
    const char *message;
    long connects = 1;
    tamar_category category = tamar_curl_category(code, &message);
    tamar_curl_exchange *e;
    tamar_exchange exchange;
    bool over, sent;
    c->easy_getinfo(easy, CURLINFO_PRIVATE, &pointer);
    c->easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
    e = (tamar_curl_exchange *)(void *)pointer;
    exchange = e->exchange;
    over = e->over;
    sent = e->sent;
    tamar_curl_free(c, e);
    if (!over) tamar_exchange_end(exchange, category, message, !connects, sent ? 1 : 0);
}

static void tamar_curl_perform(tamar_curl *c)
{
    tamar_curl_exchange *e;
    CURLMsg *m;
    int n;
    c->performing = true;
    c->multi_perform(c->multi, &n);
    c->performing = false;
    for (e = c->list; e; e = e->next) {
        double connected = 0;
        if (e->sent || e->over) continue;
        c->easy_getinfo(e->easy, CURLINFO_PRETRANSFER_TIME, &connected);
        if (connected <= 0) continue;
        e->sent = true;
        tamar_exchange_phase(e->exchange, TAMAR_PHASE_WAIT);
    }
    while ((m = c->multi_info_read(c->multi, &n)) != NULL)
        if (m->msg == CURLMSG_DONE) tamar_curl_done(c, m->easy_handle, (int)m->data.result);
}

static void tamar_curl_pump(void *user_data, int wait_ms)
{
    tamar_curl *c = (tamar_curl *)user_data;
    int n;
    tamar_curl_perform(c);
    if (!wait_ms) return;
    c->multi_poll(c->multi, NULL, 0, wait_ms < 0 ? 1000 : wait_ms, &n);
    tamar_curl_perform(c);
}

static void tamar_curl_wake(void *user_data) { ((tamar_curl *)user_data)->multi_wakeup(((tamar_curl *)user_data)->multi); }

static tamar_transport tamar_curl_transport(tamar_curl *c)
{
    tamar_transport t;
    memset(&t, 0, sizeof t);
    t.start = tamar_curl_start;
    t.cancel = tamar_curl_cancel;
    t.pump = tamar_curl_pump;
    t.wake = tamar_curl_wake;
    t.user_data = c;
    return t;
}

static void tamar_curl_close(tamar_curl *c)
{
    if (!c) return;
    while (c->list) tamar_curl_free(c, c->list);
    if (c->multi) c->multi_cleanup(c->multi);
    free(c);
}

// Every function of the table, by X.
#define TAMAR_CURL_FUNCTIONS(X)                                                                                       \
    X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_getinfo) X(slist_append) X(slist_free_all) X(multi_init)        \
    X(multi_cleanup) X(multi_add_handle) X(multi_remove_handle) X(multi_perform) X(multi_poll) X(multi_wakeup)         \
    X(multi_info_read)

#if TAMAR_CURL_RUNTIME
static bool tamar_curl_bind(tamar_curl *c)
{
    static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib",
                                         "/usr/lib/libcurl.4.dylib", "libcurl.so" };
    void *library = NULL, *found;
    size_t i;
    bool good = true;
    for (i = 0; !library && i < sizeof names / sizeof *names; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library) return false;
#define TAMAR_CURL_BIND(name)                                                                                         \
    found = dlsym(library, "curl_" #name);                                                                            \
    memcpy(&c->name, &found, sizeof found);                                                                           \
    good = good && found;
    TAMAR_CURL_FUNCTIONS(TAMAR_CURL_BIND)
#undef TAMAR_CURL_BIND
    return good;
}
#else
// libcurl's own types are enumerations; a call through them with int is the same call.
static bool tamar_curl_bind(tamar_curl *c)
{
#define TAMAR_CURL_BIND(name)                                                                                         \
    {                                                                                                                 \
        void (*f)(void) = (void (*)(void))(curl_##name);                                                              \
        memcpy(&c->name, &f, sizeof f);                                                                               \
    }
    TAMAR_CURL_FUNCTIONS(TAMAR_CURL_BIND)
#undef TAMAR_CURL_BIND
    return true;
}
#endif

// NULL: there is no libcurl, it is older than 7.68, or memory is out.
static tamar_curl *tamar_curl_open(void)
{
    tamar_curl *c = (tamar_curl *)calloc(1, sizeof *c);
    if (c && tamar_curl_bind(c) && (c->multi = c->multi_init()) != NULL) return c;
    free(c);
    return NULL;
}

#endif
