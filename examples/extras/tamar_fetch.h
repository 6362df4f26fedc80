/* tamar_fetch.h - the browser's fetch carries the HTTP exchanges of a client compiled with Emscripten

       #define TAMAR_NO_SOCKETS 1              none of these three is needed here; the program gets smaller
       #define TAMAR_NO_TLS 1
       #define TAMAR_NO_THREADS 1
       #define TAMAR_IMPLEMENTATION
       #include "tamar_llm.h"
       #include "extras/tamar_fetch.h"         in one file of the program

       tamar_fetch *fetch = tamar_fetch_open();   NULL: no memory
       tamar_desc desc = { 0 };
       desc.transport = tamar_fetch_transport(fetch);
       tamar_client *llm = tamar_open(&desc);
       emscripten_set_main_loop(frame, 0, 0);     frame: tamar_pump(llm, 0) and tamar_next_event, as everywhere
       ...
       tamar_close(llm);
       tamar_fetch_close(fetch);

   For pages and for workers. The answer's bytes are read from fetch's stream while frames are drawn, up to 1 MiB ahead of
   the client, and are handed over inside tamar_pump. A cancelled call aborts its fetch. A page that is hidden draws no frames:
   what came meanwhile is read by the next pump, before it looks at deadlines.

   A page cannot wait: nothing arrives before the program has returned to the browser. So tamar_pump(llm, 0) once a frame;
   tamar_chat, and any other loop around a pump that may wait, ends in an error that says so. With
   TAMAR_FETCH_ASYNCIFY 1 defined before this file, and -sASYNCIFY, the program is suspended instead, and tamar_chat works.

   What a browser keeps to itself:
   - Whether a server was not reached, has a bad certificate or does not let this page in (CORS) looks the same to a
     program: all are the category connect (offline, where the browser says so). The console tells them apart. Some
     of these requests were carried out all the same, so such an error says maybe_billed.
   - Of another origin's headers only those may be read that its Access-Control-Expose-Headers names; without it there is
     no Retry-After and no vendor's request id.
   - timeouts.first_byte_ms covers the connection, too, since it is not seen. Over HTTP/1.1 a browser opens six
     connections to a host; further exchanges wait.
   - Redirects, compression, proxies, certificates and connections are the browser's. Redirects are not followed.
     Cookies are neither sent nor taken.
   - User-Agent cannot be set.
   Anthropic answers pages only if the request has extra_headers "anthropic-dangerous-direct-browser-access: true".
   Whatever a page holds its visitor can read, and JavaScript's memory cannot be wiped: put no key of yours into a page.
   Let base_url name a server of yours that adds the key, or ask the visitor for one.

   Emscripten 3.1 or newer. */
#ifndef TAMAR_FETCH_H
#define TAMAR_FETCH_H

#ifndef __EMSCRIPTEN__
#error "tamar_fetch.h is for Emscripten: compile with emcc, or leave desc.transport out to use the system's sockets"
#endif
#include <emscripten.h>
#include <stdlib.h>
#include <string.h>

#ifndef TAMAR_FETCH_ASYNCIFY
#define TAMAR_FETCH_ASYNCIFY 0
#endif

typedef struct tamar_fetch_exchange {
    tamar_exchange exchange;
    int id;  // of its other half in JavaScript
    bool over, told, answered;  // over: nothing more is pushed. told: that it is under way; answered: status and headers
    size_t asked;  // bytes of the request's body
    struct tamar_fetch_exchange *next;
} tamar_fetch_exchange;

typedef struct tamar_fetch {
    tamar_fetch_exchange *list;
    bool moving, news;  // inside tamar_fetch_move; something was pushed there
    char piece[16384];
} tamar_fetch;

// How an exchange ended, as JavaScript tells it below.
enum {
    TAMAR_FETCH_RUNS = 0, TAMAR_FETCH_WHOLE, TAMAR_FETCH_REFUSED, TAMAR_FETCH_OFFLINE, TAMAR_FETCH_CUT, TAMAR_FETCH_MOVED
};

// -- the half in JavaScript ------------------------------------------------------------------------
// An exchange there: {abort, status, head, pieces, at, held, end, resume}. head: its headers as "name: value" lines;
// pieces: what was read and not yet taken, held bytes of it, the first one taken up to at; end: as above; resume:
// goes on reading. Bytes become text one to one (Latin-1), as fetch itself has it for headers.

// head: method, URL and headers, a line each. 0: the browser does not take them.
EM_JS(int, tamar_fetch_js_start, (const char *head, int head_len, const char *body, int body_len), {
    const all = Module["tamar_fetch"] = Module["tamar_fetch"] || { last: 0, of: new Map(), news: null, waits: 0 };
    const text = Array.from(HEAPU8.subarray(head, head + head_len), c => String.fromCharCode(c)).join("");
    const lines = text.split("\n");
    const x = { abort: new AbortController(), status: 0, head: "", pieces: [], at: 0, held: 0, end: 0, resume: null };
    const headers = [];
    for (let i = 2; i < lines.length; i++) {
        const colon = lines[i].indexOf(":");
        headers.push([lines[i].slice(0, colon), lines[i].slice(colon + 1)]);
    }
    const options = {
        method: lines[0], headers: headers, signal: x.abort.signal, mode: "cors", credentials: "omit", cache: "no-store",
        redirect: "manual", referrerPolicy: "no-referrer"
    };
    if (body_len) options.body = HEAPU8.slice(body, body + body_len);
    let request;
    try {
        request = new Request(lines[1], options);
    } catch (e) {
        return 0;
    }
    const news = () => {
        if (all.news) all.news();
    };
    const read = async () => {
        const response = await fetch(request);
        if (response.type == "opaqueredirect") return 5;
        response.headers.forEach((value, name) => {
            x.head += name + ": " + value + "\n";
        });
        x.status = response.status;
        news();
        const reader = response.body ? response.body.getReader() : null;
        while (reader) {
            const piece = await reader.read();
            if (piece.done) break;
            if (!piece.value.length) continue;
            x.pieces.push(piece.value);
            x.held += piece.value.length;
            news();
            if (x.held >= 1048576) await new Promise(resume => { x.resume = resume; });
        }
        return 1;
    };
    read().catch(() => x.status ? 4 : navigator.onLine === false ? 3 : 2).then(end => {
        x.end = end;
        news();
    });
    all.last = all.last % 2147483647 + 1;
    all.of.set(all.last, x);
    return all.last;
})

// The status; 0 before there is one.
EM_JS(int, tamar_fetch_js_status, (int id), { return Module["tamar_fetch"].of.get(id).status; })

// The length of its headers; copies them if out is not NULL.
EM_JS(int, tamar_fetch_js_head, (int id, char *out), {
    const head = Module["tamar_fetch"].of.get(id).head;
    for (let i = 0; out && i < head.length; i++) HEAPU8[out + i] = head.charCodeAt(i);
    return head.length;
})

// The next bytes of its body, which stay until dropped; 0: none for now.
EM_JS(int, tamar_fetch_js_peek, (int id, char *out, int cap), {
    const x = Module["tamar_fetch"].of.get(id);
    if (!x.pieces.length) return 0;
    const bytes = x.pieces[0].subarray(x.at, x.at + cap);
    HEAPU8.set(bytes, out);
    return bytes.length;
})

EM_JS(void, tamar_fetch_js_drop, (int id, int count), {
    const x = Module["tamar_fetch"].of.get(id);
    x.at += count;
    x.held -= count;
    if (x.at == x.pieces[0].length) {
        x.pieces.shift();
        x.at = 0;
    }
    if (x.resume && x.held < 524288) {
        x.resume();
        x.resume = null;
    }
})

EM_JS(int, tamar_fetch_js_end, (int id), { return Module["tamar_fetch"].of.get(id).end; })

EM_JS(void, tamar_fetch_js_forget, (int id), {
    const all = Module["tamar_fetch"];
    const x = all.of.get(id);
    all.of.delete(id);
    x.abort.abort();
    if (x.resume) x.resume();
})

#if TAMAR_FETCH_ASYNCIFY
// Suspends the program until something came or the time is over; <0: no limit.
EM_ASYNC_JS(void, tamar_fetch_js_wait, (int wait_ms), {
    const all = Module["tamar_fetch"] = Module["tamar_fetch"] || { last: 0, of: new Map(), news: null, waits: 0 };
    let timer = null;
    await new Promise(resolve => {
        all.news = resolve;
        if (wait_ms >= 0) timer = setTimeout(resolve, wait_ms);
    });
    if (timer !== null) clearTimeout(timer);
    all.news = null;
})
#else
// How often the program has asked to wait without returning to the browser in between.
EM_JS(int, tamar_fetch_js_waits, (void), {
    const all = Module["tamar_fetch"];
    if (all.waits++ == 0) setTimeout(() => { all.waits = 0; }, 0);
    return all.waits;
})
#endif

// -- the half in C ---------------------------------------------------------------------------------

static void tamar_fetch_free(tamar_fetch *f, tamar_fetch_exchange *e)
{
    tamar_fetch_exchange **at = &f->list;
    while (*at && *at != e) at = &(*at)->next;
    if (*at) *at = e->next;
    if (e->id) tamar_fetch_js_forget(e->id);
    free(e);
}

// Those whose end came while the list was walked.
static void tamar_fetch_sweep(tamar_fetch *f)
{
    tamar_fetch_exchange *e = f->list, *next;
    for (; e; e = next) {
        next = e->next;
        if (e->over) tamar_fetch_free(f, e);
    }
}

static char *tamar_fetch_put(char *at, const char *text, size_t len)
{
    if (len) memcpy(at, text, len);
    return at + len;
}

// Method, URL and headers, a line each. malloc's; *len its length.
static char *tamar_fetch_head(const tamar_http_request *rq, size_t *len)
{
    size_t i, size = strlen(rq->method) + 1 + rq->url.len;
    char *head, *at;
    for (i = 0; i < rq->header_count; i++) size += rq->headers[i].name.len + rq->headers[i].value.len + 2;
    at = head = (char *)malloc(size);
    if (!head) return NULL;
    at = tamar_fetch_put(at, rq->method, strlen(rq->method));
    *at++ = '\n';
    at = tamar_fetch_put(at, rq->url.ptr, rq->url.len);
    for (i = 0; i < rq->header_count; i++) {
        // Some browsers would send it, and then ask every server beforehand whether it may be sent.
        static const char agent[] = "user-agent";
        size_t k = 0, n = rq->headers[i].name.len;
        while (k < n && k < sizeof agent - 1 && (rq->headers[i].name.ptr[k] | 32) == (agent[k] | 32)) k++;
        if (k == n && n == sizeof agent - 1) continue;
        *at++ = '\n';
        at = tamar_fetch_put(at, rq->headers[i].name.ptr, n);
        *at++ = ':';
        at = tamar_fetch_put(at, rq->headers[i].value.ptr, rq->headers[i].value.len);
    }
    *len = (size_t)(at - head);
    return head;
}

static bool tamar_fetch_start(void *user_data, tamar_exchange exchange, const tamar_http_request *rq, const char **why)
{
    tamar_fetch *f = (tamar_fetch *)user_data;
    tamar_fetch_exchange *e = (tamar_fetch_exchange *)calloc(1, sizeof *e);
    size_t len = 0, i;
    char *head = e ? tamar_fetch_head(rq, &len) : NULL;
    *why = "the page has no memory left: link with -sALLOW_MEMORY_GROWTH";
    if (!head) {
        free(e);
        return false;
    }
    e->exchange = exchange;
    e->asked = rq->body.len;
    e->id = tamar_fetch_js_start(head, (int)len, rq->body.ptr, (int)rq->body.len);
    for (i = 0; i < len; i++) ((volatile char *)head)[i] = 0;  // a key may be in it
    free(head);
    if (!e->id) {
        *why = "the browser does not take this URL, or one of these headers";
        free(e);
        return false;
    }
    e->next = f->list;
    f->list = e;
    return true;
}

static void tamar_fetch_cancel(void *user_data, tamar_exchange exchange)
{
    tamar_fetch *f = (tamar_fetch *)user_data;
    tamar_fetch_exchange *e = f->list;
    while (e && (e->over || e->exchange.id != exchange.id || e->exchange.owner != exchange.owner)) e = e->next;
    if (!e) return;
    e->over = true;
    if (!f->moving) tamar_fetch_free(f, e);
}

static void tamar_fetch_end(tamar_fetch_exchange *e, tamar_category category, const char *message)
{
    e->over = true;
    tamar_exchange_end(e->exchange, category, message, false, e->asked ? e->asked : 1);
}

// What fetch undid while it read the body is no longer true of it.
static bool tamar_fetch_is_framing(const char *name, size_t len)
{
    static const char *const names[] = { "content-encoding", "content-length", "transfer-encoding" };
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (len == strlen(names[i]) && !memcmp(name, names[i], len)) return true;
    return false;
}

// Status and headers; fetch has their names in lower case.
static void tamar_fetch_answer(tamar_fetch_exchange *e, int status)
{
    size_t len = (size_t)tamar_fetch_js_head(e->id, NULL);
    char *head = (char *)malloc(len + 1), *at = head, *end;
    if (!head) {
        tamar_fetch_end(e, TAMAR_NOMEM, "the page has no memory left: link with -sALLOW_MEMORY_GROWTH");
        return;
    }
    tamar_fetch_js_head(e->id, head);
    e->answered = true;
    tamar_exchange_status(e->exchange, status);
    for (; !e->over && at < head + len; at = end + 1) {
        char *colon = (char *)memchr(at, ':', (size_t)(head + len - at));
        tamar_str name = { NULL, 0 }, value = { NULL, 0 };
        end = (char *)memchr(at, '\n', (size_t)(head + len - at));
        if (!colon || !end || colon > end) break;
        name.ptr = at;
        name.len = (size_t)(colon - at);
        value.ptr = colon + 2;
        value.len = (size_t)(end - colon - 2);
        if (!tamar_fetch_is_framing(name.ptr, name.len)) tamar_exchange_header(e->exchange, name, value);
    }
    free(head);
}

// Hands over what has come of one exchange.
static void tamar_fetch_push(tamar_fetch *f, tamar_fetch_exchange *e)
{
    int status, n;
    if (!e->told) {  // fetch does not tell connecting from waiting
        e->told = true;
        tamar_exchange_phase(e->exchange, TAMAR_PHASE_WAIT);
    }
    if (e->over) return;
    status = tamar_fetch_js_status(e->id);
    if (status && !e->answered) {
        f->news = true;
        tamar_fetch_answer(e, status);
    }
    while (!e->over && e->answered && (n = tamar_fetch_js_peek(e->id, f->piece, (int)sizeof f->piece)) > 0) {
        size_t taken = tamar_exchange_body(e->exchange, f->piece, (size_t)n);
        f->news = true;
        if (taken) tamar_fetch_js_drop(e->id, (int)taken);
        if (taken < (size_t)n) return;  // the rest another time
    }
    if (e->over) return;
    switch (tamar_fetch_js_end(e->id)) {
    case TAMAR_FETCH_RUNS: return;
    case TAMAR_FETCH_WHOLE: tamar_fetch_end(e, TAMAR_OK, NULL); break;
    case TAMAR_FETCH_OFFLINE: tamar_fetch_end(e, TAMAR_OFFLINE, "the browser says that it is offline"); break;
    case TAMAR_FETCH_CUT: tamar_fetch_end(e, TAMAR_RESET, "the connection ended before the answer did"); break;
    case TAMAR_FETCH_MOVED:
        tamar_fetch_end(e, TAMAR_REDIRECT, "the server redirects, which is not followed: set base_url to where it leads");
        break;
    default:
        tamar_fetch_end(e, TAMAR_CONNECT,
                        "the server cannot be reached, or does not let this page in (CORS): the browser's console says which");
    }
    f->news = true;
}

static void tamar_fetch_move(tamar_fetch *f)
{
    tamar_fetch_exchange *e;
    f->moving = true;
    f->news = false;
    for (e = f->list; e; e = e->next)
        if (!e->over) tamar_fetch_push(f, e);  // which may cancel any of them, and start others in front of all
    f->moving = false;
    tamar_fetch_sweep(f);
}

static void tamar_fetch_pump(void *user_data, int wait_ms)
{
    tamar_fetch *f = (tamar_fetch *)user_data;
    tamar_fetch_move(f);
    if (!wait_ms || f->news) return;
#if TAMAR_FETCH_ASYNCIFY
    tamar_fetch_js_wait(wait_ms);
    tamar_fetch_move(f);
#else
    if (f->list && tamar_fetch_js_waits() > 1000) {  // a loop that will never see anything arrive
        tamar_fetch_exchange *e;
        f->moving = true;
        for (e = f->list; e; e = e->next)
            if (!e->over)
                tamar_fetch_end(e, TAMAR_CONFIG, "a page cannot wait: call tamar_pump(llm, 0) once a frame, "
                                                 "or build with TAMAR_FETCH_ASYNCIFY");
        f->moving = false;
        tamar_fetch_sweep(f);
    }
#endif
}

static tamar_transport tamar_fetch_transport(tamar_fetch *f)
{
    tamar_transport t;
    memset(&t, 0, sizeof t);
    t.start = tamar_fetch_start;
    t.cancel = tamar_fetch_cancel;
    t.pump = tamar_fetch_pump;
    t.user_data = f;
    return t;
}

// NULL: memory is out.
static tamar_fetch *tamar_fetch_open(void) { return (tamar_fetch *)calloc(1, sizeof(tamar_fetch)); }

// After tamar_close.
static void tamar_fetch_close(tamar_fetch *f)
{
    if (!f) return;
    while (f->list) tamar_fetch_free(f, f->list);
    free(f);
}

#endif
