/* provider_sim.c - a language-model provider on the loopback: real sockets, real HTTP, faults on request.

   cc -std=gnu11 -O2 -Wall -Wextra -o build/provider-sim tests/provider_sim.c

   One process, one thread, no dependency but tamar_llm_json.h (to read requests; what it sends it writes
   itself, so that a mistake in the library cannot hide on both sides). Linux uses epoll, others poll.
   The same request gets the same bytes, always: ids are hashes, `created` is a constant, nothing is random
   that is not seeded by the request. Only x-request-id counts up.

   WHAT IT ANSWERS
       every dialect, told by the path as its vendor has it; streamed or whole, with tools, schemas, reasoning,
       usage, the vendor's own checks of headers and members, and the vendor's own error bodies:
       POST .../chat/completions                  openai-chat
       POST .../responses                         openai-responses, and /input_tokens under it
       POST /v1/messages                          anthropic-messages, and /count_tokens under it
       POST .../models/<m>:generateContent        gemini-generate; :streamGenerateContent (?alt=sse or an array),
                                                  :countTokens, :embedContent, :batchEmbedContents, :predict
       POST /api/chat, /api/embed                 ollama-chat
       POST /v1/invoke, /v1/batch-invoke          tamar-invoke
       POST .../text-generation/generation        dashscope-native; its embeddings, its pictures and their tasks
       POST /  with X-TC-Action                   hunyuan-native
       POST .../embeddings, .../images/generations             OpenAI's
       GET  .../models, /v1beta/models, /api/tags              lists; Anthropic's with the header anthropic-version
       GET  /health                  ok
       ANY  /case/<id>/...           a recorded case (--case, --cases): its status, headers, bytes and chunks
       GET  /sim-stats               counters, as JSON: connections (that made a request), open, max_open, requests,
                                     requests_per_connection, aborted (the peer left before the end), faults (FIN
                                     and RST on purpose), bytes_in, bytes_out; accepted counts every socket
       GET  /sim-last                the last request, verbatim, as JSON: method, path, version, headers [[name,
                                     value]...], head, body, and which connection and which request on it that was
       POST /sim-reset               zeroes both, rewinds the script and the sequences
   Requests for /sim-... are not counted, never fail and use no step of the script.
   With --cors ORIGIN (or *) web pages of that origin may ask, as at the vendors that let browsers in: preflights
   (OPTIONS) are answered, and are treated as requests for /sim-... are; every reply to such a page carries
   Access-Control-Allow-Origin, but of its headers it exposes x-request-id alone. Anthropic's paths also want the
   header anthropic-dangerous-direct-browser-access from a page.
   Models: `echo` answers with the last user message, `reasoner` thinks first, any other name picks a built-in
   text by the last user message. The key `bad-key` is refused as its vendor does, every other one is good; none is
   good only where the real server is a local one or an OpenAI-like one.

   FAULTS are asked for by a spec: words, separated by commas. It comes
       in the path       /sim/<spec>/v1/chat/completions   so that any SDK's base URL can carry it
       in the query      ?sim=<spec>
       in a header       X-Sim: <spec>
       in the model      "model": "echo!<spec>"
   and all that come are merged, later ones over earlier ones. In a value % begins an escape: %2C is a comma,
   %3B a semicolon, %2F a slash, %25 a per cent sign. `a;b;c` is a sequence: the first request that brings
   this very text gets a, the second b, every later one c; an `id=` word makes a sequence a test's own.
   `status=503,retry-after=1;ok` is a provider that recovers. provider-sim --words prints the table of words.

   A script (--script) holds one spec a line. A line `@name spec` defines a name, used as the spec `@name`; any
   other line is what the next request gets that brings no spec itself; the last one stays.

   error-at= takes its error from status= and code=, which then mean that event and not the response.

   Positions (cut, rst, stall) count bytes of the body (cut=100), content chunks (cut=3c), or are the word
   `end`: behind the last event, before the framing's own end. With the word `wire` bytes are counted from the
   first one of the status line. The k-th byte of generated text (n=, bytes=) is "abc...XYZ0123456"[k % 59].

   ROOMS (search for the tag)
       >>base    memory, text, time              >>gemini   gemini-generate
       >>spec    the words and their table       >>ollama   ollama-chat
       >>turn    what is answered, in no dialect >>invoke   tamar-invoke and batches
       >>reply   head, framing, pace, faults     >>scope    dashscope-native
       >>ask     what is asked, in no dialect    >>hunyuan  hunyuan-native
       >>chat    openai-chat                     >>kinds    embeddings, pictures, lists of models
       >>responses  openai-responses             >>routes   who answers what
       >>claude  anthropic-messages              >>conn     sockets, requests, timers
                                                 >>main     options, the loop
   A new fault is a member of struct spec, a row of spec_words, and the place where it acts. A new dialect is a
   room like >>chat that ends in a struct dialect, and its rows in `routes`.

   tests/scenario.h includes this file with PROVIDER_SIM_INSIDE 1: the same provider in a simulated world, where
   it has neither sockets nor main, and the seam at the head of >>conn is the world's.
*/
#ifndef PROVIDER_SIM_INSIDE
#define PROVIDER_SIM_INSIDE 0
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#ifndef SIM_POLL
#ifdef __linux__
#define SIM_POLL 0
#else
#define SIM_POLL 1
#endif
#endif
#if !PROVIDER_SIM_INSIDE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#if SIM_POLL
#include <poll.h>
#else
#include <sys/epoll.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif
#endif

#define TAMAR_STATIC
#define TAMAR_IMPLEMENTATION
#include "../tamar_llm_json.h"

#define MAX_HEAD (256u << 10)
#define MAX_REQUEST (64u << 20)
#define MAX_AHEAD (1u << 20)  // input read while a reply is under way
#define MAX_WHOLE (256u << 20)  // an answer in one document
#define MAX_HEADERS 128
#define MAX_CALLS 64
#define BLOCK (64u << 10)  // bytes gathered before a write, where nothing asks for smaller ones
#define BUDGET 16  // blocks a connection may write before the others get their turn
#define NEVER UINT64_MAX
#define RST_GRACE 10000  // microseconds for the peer's kernel to take the bytes that precede an RST
#define DRAIN_GRACE 1000000  // how long a closed sending side waits for the peer's own close
#define CREATED 1760000000

// =================================================================================================
// >>base  memory, text, time
// Out of memory ends the program: it is a test's tool. A pool's pieces live as long as their reply.
// =================================================================================================

struct buf {
    char *ptr;
    size_t len, cap;
};

struct pool {
    struct piece *pieces;
};

struct piece {
    struct piece *next;
    long double data[];  // aligned for anything that is kept here
};

static void *checked(void *p)
{
    if (!p) {
        fprintf(stderr, "provider-sim: out of memory\n");
        exit(1);
    }
    return p;
}

static char *buf_room(struct buf *b, size_t n)
{
    if (n > b->cap - b->len) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap - b->len < n) cap *= 2;
        b->ptr = checked(realloc(b->ptr, cap));
        b->cap = cap;
    }
    return b->ptr + b->len;
}

static void buf_add(struct buf *b, const void *ptr, size_t n)
{
    if (!n) return;
    memcpy(buf_room(b, n), ptr, n);
    b->len += n;
}

static void buf_drop(struct buf *b, size_t n)  // the first n bytes
{
    b->len -= n;
    if (b->len) memmove(b->ptr, b->ptr + n, b->len);
    else if (b->cap > BLOCK) {  // one large request must not be paid for by every idle connection
        free(b->ptr);
        memset(b, 0, sizeof *b);
    }
}

static void buf_free(struct buf *b)
{
    free(b->ptr);
    memset(b, 0, sizeof *b);
}

static void *pool_get(struct pool *p, size_t n)
{
    struct piece *x = checked(calloc(1, sizeof *x + n + 1));
    x->next = p->pieces;
    p->pieces = x;
    return x->data;
}

static char *pool_copy(struct pool *p, const char *ptr, size_t n)
{
    char *x = pool_get(p, n);
    if (n) memcpy(x, ptr, n);
    return x;
}

static void pool_free(struct pool *p)
{
    for (struct piece *x = p->pieces, *next; x; x = next) {
        next = x->next;
        free(x);
    }
    p->pieces = NULL;
}

static tamar_str str(const char *z) { return (tamar_str){z, strlen(z)}; }
static bool str_same(tamar_str a, tamar_str b) { return a.len == b.len && !memcmp(a.ptr, b.ptr, a.len); }
static bool str_is(tamar_str s, const char *z) { return str_same(s, str(z)); }

static bool str_is_nocase(tamar_str s, const char *z)
{
    return s.len == strlen(z) && !strncasecmp(s.ptr, z, s.len);
}

static bool str_has_nocase(tamar_str s, const char *z)
{
    for (size_t i = 0, n = strlen(z); i + n <= s.len; i++)
        if (!strncasecmp(s.ptr + i, z, n)) return true;
    return false;
}

static bool str_begins(tamar_str s, const char *z)
{
    return s.len >= strlen(z) && !memcmp(s.ptr, z, strlen(z));
}

static bool str_ends(tamar_str s, const char *z)
{
    size_t n = strlen(z);
    return s.len >= n && !memcmp(s.ptr + s.len - n, z, n);
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static tamar_str str_trim(tamar_str s)
{
    while (s.len && is_space(s.ptr[0])) s.ptr++, s.len--;
    while (s.len && is_space(s.ptr[s.len - 1])) s.len--;
    return s;
}

// Takes the part before the first c off s; all of s if there is none.
static tamar_str str_cut(tamar_str *s, char c)
{
    if (!s->ptr) s->ptr = "";
    const char *at = s->len ? memchr(s->ptr, c, s->len) : NULL;
    tamar_str part = {s->ptr, at ? (size_t)(at - s->ptr) : s->len};
    s->ptr += part.len + (at != NULL);
    s->len -= part.len + (at != NULL);
    return part;
}

static bool str_uint(tamar_str s, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned d = (unsigned char)s.ptr[i] - (unsigned)'0';
        if (d > 9 || v > (max - d) / 10) return false;
        v = v * 10 + d;
    }
    *value = v;
    return s.len > 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static tamar_str str_unescape(struct pool *pool, tamar_str s)  // %2C
{
    char *out = pool_get(pool, s.len);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int a = i + 2 < s.len && s.ptr[i] == '%' ? hex_digit(s.ptr[i + 1]) : -1;
        int b = a >= 0 ? hex_digit(s.ptr[i + 2]) : -1;
        if (b >= 0) i += 2;
        out[n++] = b >= 0 ? (char)(a * 16 + b) : s.ptr[i];
    }
    out[n] = 0;
    return (tamar_str){out, n};
}

// Length of the character at p, or 0 if those bytes are none (RFC 3629).
static size_t utf8_len(const char *p, const char *end)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t n = u[0] < 0x80 ? 1 : u[0] < 0xC2 ? 0 : u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : u[0] < 0xF5 ? 4 : 0;
    if (n > (size_t)(end - p)) return 0;
    for (size_t i = 1; i < n; i++)
        if ((u[i] & 0xC0) != 0x80) return 0;
    bool overlong = (u[0] == 0xE0 && u[1] < 0xA0) || (u[0] == 0xF0 && u[1] < 0x90);
    bool surrogate = u[0] == 0xED && u[1] > 0x9F, beyond = u[0] == 0xF4 && u[1] > 0x8F;
    return n > 2 && (overlong || surrogate || beyond) ? 0 : n;
}

static void put_quoted(struct buf *b, const char *p, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    const char *end = len ? p + len : p;
    buf_add(b, "\"", 1);
    while (p < end) {
        const char *run = p;
        while (p < end && (unsigned char)*p >= ' ' && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\') p++;
        buf_add(b, run, (size_t)(p - run));
        if (p == end) break;
        unsigned char c = (unsigned char)*p;
        size_t n = c >= 0x80 ? utf8_len(p, end) : 0;
        if (n) buf_add(b, p, n);
        else if (c >= 0x80) buf_add(b, "\xEF\xBF\xBD", 3);
        else if (c == '"' || c == '\\') buf_add(b, (char[]){'\\', (char)c}, 2);
        else if (c == '\n') buf_add(b, "\\n", 2);
        else buf_add(b, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        p += n ? n : 1;
    }
    buf_add(b, "\"", 1);
}

// The program's printf: %s text, %r (tamar_str) raw, %q (tamar_str) a JSON string, %d int, %u uint64_t, %x
// the same in hexadecimal.
static void put(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    for (const char *f = format; *f; f++) {
        const char *run = f;
        while (*f && *f != '%') f++;
        buf_add(b, run, (size_t)(f - run));
        if (!*f) break;
        char digits[24];
        tamar_str s;
        int n = 0;
        switch (*++f) {
        case 's': s = str(va_arg(args, const char *)); buf_add(b, s.ptr, s.len); break;
        case 'r': s = va_arg(args, tamar_str); buf_add(b, s.ptr, s.len); break;
        case 'q': s = va_arg(args, tamar_str); put_quoted(b, s.ptr, s.len); break;
        case 'd': n = snprintf(digits, sizeof digits, "%d", va_arg(args, int)); break;
        case 'u': n = snprintf(digits, sizeof digits, "%" PRIu64, va_arg(args, uint64_t)); break;
        case 'x': n = snprintf(digits, sizeof digits, "%" PRIx64, va_arg(args, uint64_t)); break;
        default: buf_add(b, f, 1);
        }
        buf_add(b, digits, (size_t)n);
    }
    va_end(args);
}

static uint64_t hash(uint64_t h, const char *p, size_t n)  // FNV-1a; start with 0
{
    if (!h) h = 0xcbf29ce484222325;
    while (n--) h = (h ^ (unsigned char)*p++) * 0x100000001b3;
    return h;
}

// A JSON string decoded into the pool; empty if it is none.
static tamar_str json_text(struct pool *pool, tamar_json value)
{
    if (tamar_json_type_of(value) != TAMAR_JSON_STRING) return (tamar_str){"", 0};
    size_t cap = value.len + 1, n = 0;  // the decoded text is never longer than the quoted one, bad bytes apart
    char *p = pool_get(pool, cap);
    if (tamar_json_get_string(value, p, cap, &n) == TAMAR_JSON_OUT_OF_RANGE) {
        p = pool_get(pool, n + 1);
        tamar_json_get_string(value, p, n + 1, &n);
    }
    return (tamar_str){p, n};
}

static bool read_file(struct pool *pool, const char *path, tamar_str *text)
{
    FILE *f = fopen(path, "rb");
    struct buf b = {0};
    size_t n;
    if (!f) return false;
    while ((n = fread(buf_room(&b, BLOCK), 1, BLOCK, f)) > 0) b.len += n;
    fclose(f);
    *text = (tamar_str){pool_copy(pool, b.ptr ? b.ptr : "", b.len), b.len};
    buf_free(&b);
    return true;
}

// =================================================================================================
// >>spec  the words and their table
// A number that was not asked for is -1, so that 0 can be asked for.
// =================================================================================================

struct at {
    enum { AT_NONE, AT_BYTES, AT_CHUNKS, AT_END } unit;
    uint64_t n;
};

struct list {
    tamar_str items[8];
    int count;
};

struct spec {
    int64_t n, bytes, big_event, big_args, reasoning, parallel;
    int64_t delay, first, think, keepalive, split, gap, chunk;
    int64_t status, interim, huge_header, error_at, idle_close, extra;
    struct at cut, rst, stall;
    tamar_str text, body, code, error_form, finish, reasoning_field, retry_after, redirect, type, id;
    struct list headers;
    bool ok, html, json_error, empty, strict, tools, refusal, wire, close, http10;
    bool no_role, no_finish, no_done, no_usage, done, usage_every_chunk, obfuscation;
    bool crlf, cr, no_space, no_last_blank, bom, close_delimited, content_length, close_on_reuse;
    bool gzip_label, http_garbage, proto09, bad_chunk, chunk_ext, trailer, early, error_array, no_cors;
};

enum word_kind { FLAG, NUMBER, TEXT, HEADERS, POSITION };

#define WORD(kind, name, member, bare, help) {name, help, kind, offsetof(struct spec, member), bare}
static const struct word {
    const char *name, *help;
    enum word_kind kind;
    size_t offset;
    int bare;  // a number's value when the word stands alone; -1: it may not
} spec_words[] = {
    // what is answered
    WORD(NUMBER, "n", n, -1, "content chunks of generated text"),
    WORD(NUMBER, "bytes", bytes, -1, "size of each content chunk (4 with n=, else word by word)"),
    WORD(NUMBER, "big-event", big_event, -1, "one content chunk of that many bytes"),
    WORD(TEXT, "text", text, 0, "the answer's text"),
    WORD(TEXT, "body", body, 0, "that body of the file of --bodies, whatever was asked"),
    WORD(FLAG, "tools", tools, 0, "tool calls, whatever the conversation says"),
    WORD(NUMBER, "parallel", parallel, 2, "that many tool calls, their fragments interleaved"),
    WORD(NUMBER, "big-args", big_args, -1, "tool arguments of about that many bytes"),
    WORD(FLAG, "refusal", refusal, 0, "the model refuses"),
    WORD(NUMBER, "reasoning", reasoning, 8, "that many chunks of reasoning first"),
    WORD(TEXT, "reasoning-field", reasoning_field, 0, "its name in the delta (reasoning_content)"),
    WORD(TEXT, "finish", finish, 0, "the finish reason's word; none: no finish chunk, but [DONE]"),
    WORD(FLAG, "strict", strict, 0, "400 for an unknown request field"),
    WORD(FLAG, "no-role", no_role, 0, "no role chunk"),
    WORD(FLAG, "no-finish", no_finish, 0, "clean end without finish, usage and [DONE]"),
    WORD(FLAG, "no-done", no_done, 0, "clean end with finish, without [DONE]"),
    WORD(FLAG, "no-usage", no_usage, 0, "no usage, though asked for"),
    WORD(FLAG, "usage-every-chunk", usage_every_chunk, 0, "usage so far in every chunk"),
    WORD(FLAG, "obfuscation", obfuscation, 0, "padding of random length in every chunk"),
    // pace, in milliseconds
    WORD(NUMBER, "first", first, -1, "before the headers"),
    WORD(NUMBER, "think", think, -1, "between headers and body"),
    WORD(NUMBER, "delay", delay, -1, "between content chunks"),
    WORD(NUMBER, "keepalive", keepalive, 1000, "comment lines at that interval while waiting"),
    // how the bytes travel
    WORD(NUMBER, "split", split, 1, "that many bytes a write"),
    WORD(NUMBER, "gap", gap, -1, "milliseconds between those writes"),
    WORD(NUMBER, "chunk", chunk, -1, "HTTP chunks of that many bytes, wherever events end"),
    WORD(FLAG, "chunk-ext", chunk_ext, 0, "each HTTP chunk has an extension"),
    WORD(FLAG, "bad-chunk", bad_chunk, 0, "the second HTTP chunk and later ones have a size that is no number"),
    WORD(FLAG, "trailer", trailer, 0, "a trailer field behind the last chunk"),
    WORD(NUMBER, "extra", extra, 8, "that many bytes behind the complete response"),
    WORD(FLAG, "crlf", crlf, 0, "events end their lines with CR LF"),
    WORD(FLAG, "cr", cr, 0, "events end their lines with CR"),
    WORD(FLAG, "no-space", no_space, 0, "data:{ without a space"),
    WORD(FLAG, "no-last-blank", no_last_blank, 0, "the last event without its blank line"),
    WORD(FLAG, "bom", bom, 0, "a byte order mark before the first event"),
    WORD(FLAG, "content-length", content_length, 0, "length instead of chunks"),
    WORD(FLAG, "close-delimited", close_delimited, 0, "neither: the body ends with the connection"),
    WORD(FLAG, "http10", http10, 0, "the status line says HTTP/1.0"),
    WORD(FLAG, "close", close, 0, "Connection: close"),
    WORD(FLAG, "close-on-reuse", close_on_reuse, 0, "close when a second request arrives on a connection"),
    WORD(NUMBER, "idle-close", idle_close, 0, "close the idle connection after that many ms"),
    // headers and errors
    WORD(NUMBER, "status", status, -1, "HTTP status, from 400 on with a matching error body"),
    WORD(TEXT, "code", code, 0, "the error's code"),
    WORD(TEXT, "retry-after", retry_after, 0, "that header, any text"),
    WORD(TEXT, "type", type, 0, "the content type, whatever the body is"),
    WORD(HEADERS, "header", headers, 0, "Name:Value, repeatable"),
    WORD(FLAG, "no-cors", no_cors, 0, "with --cors: the preflight lets the page in, the reply does not"),
    WORD(NUMBER, "huge-header", huge_header, 65536, "a header of that many bytes"),
    WORD(NUMBER, "interim", interim, 1, "100 and 103 first, that many times"),
    WORD(TEXT, "redirect", redirect, 0, "307 (or status) to that URL"),
    WORD(FLAG, "html", html, 0, "an HTML page, status 200 or the one given"),
    WORD(FLAG, "json-error", json_error, 0, "a JSON error with HTTP 200"),
    WORD(FLAG, "empty", empty, 0, "200 and an empty body"),
    WORD(NUMBER, "error-at", error_at, -1, "an error event after that many content chunks, then the end"),
    WORD(TEXT, "error-form", error_form, 0, "data (default), event (event: error) or line (error: {})"),
    WORD(FLAG, "error-array", error_array, 0, "Google's error as an array of one"),
    WORD(FLAG, "done", done, 0, "[DONE] also behind an error event"),
    WORD(FLAG, "gzip-label", gzip_label, 0, "Content-Encoding: gzip, and it is not"),
    WORD(FLAG, "http-garbage", http_garbage, 0, "bytes that are no HTTP"),
    WORD(FLAG, "proto-0.9", proto09, 0, "the body without status line and headers"),
    WORD(FLAG, "early", early, 0, "answers before the request's body has come, and closes (in the path only)"),
    // how it breaks off
    WORD(POSITION, "cut", cut, 0, "FIN there: bytes of body, <k>c content chunks, or end"),
    WORD(POSITION, "rst", rst, 0, "RST there"),
    WORD(POSITION, "stall", stall, 0, "silence there, the connection stays open"),
    WORD(FLAG, "wire", wire, 0, "those bytes count from the status line on"),
    // the spec itself
    WORD(FLAG, "ok", ok, 0, "nothing: the good step of a sequence"),
    WORD(TEXT, "id", id, 0, "nothing: makes a sequence a test's own"),
};
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void spec_init(struct spec *s)
{
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < COUNT(spec_words); i++)
        if (spec_words[i].kind == NUMBER) *(int64_t *)(void *)((char *)s + spec_words[i].offset) = -1;
}

static void spec_print(struct buf *out, const char *between, bool help)
{
    static const char *const forms[] = {"", "=<number>", "=<text>", "=<Name:Value>", "=<bytes|chunks c|end>"};
    for (size_t i = 0; i < COUNT(spec_words); i++) {
        const struct word *w = &spec_words[i];
        size_t from = out->len;
        put(out, "%s%s%s", help ? "    " : "", w->name,
            w->kind == NUMBER && w->bare >= 0 ? "[=<number>]" : forms[w->kind]);
        if (help) {
            do buf_add(out, " ", 1);
            while (out->len - from < 32);
            put(out, "%s", w->help);
            if (w->kind == NUMBER && w->bare > 0) put(out, " (%d)", w->bare);
        }
        if (help || i + 1 < COUNT(spec_words)) put(out, "%s", between);
    }
}

static bool spec_position(struct at *at, tamar_str v)
{
    at->unit = AT_BYTES;
    if (str_is(v, "end")) {
        at->unit = AT_END;
        return true;
    }
    if (v.len && v.ptr[v.len - 1] == 'c') {
        at->unit = AT_CHUNKS;
        v.len--;
    }
    return str_uint(v, INT64_MAX, &at->n);
}

static bool spec_word(struct spec *s, struct pool *pool, const struct word *w, tamar_str v, bool bare)
{
    void *member = (char *)s + w->offset;
    uint64_t number = (uint64_t)w->bare;
    struct list *list;
    switch (w->kind) {
    case FLAG:
        *(bool *)member = true;
        return bare;
    case NUMBER:
        if (bare ? w->bare < 0 : !str_uint(v, 1u << 28, &number)) return false;
        *(int64_t *)member = (int64_t)number;
        return true;
    case TEXT:
        *(tamar_str *)member = str_unescape(pool, v);
        return !bare;
    case HEADERS:
        list = member;
        if (bare || list->count == (int)COUNT(list->items)) return false;
        list->items[list->count++] = str_unescape(pool, v);
        return true;
    case POSITION:
        return !bare && spec_position(member, v);
    }
    return false;
}

// Adds these words to s. False: why says which one is wrong and what there is.
static bool spec_parse(struct spec *s, struct pool *pool, tamar_str text, struct buf *why)
{
    while (text.len) {
        tamar_str v = str_trim(str_cut(&text, ','));
        bool bare = !memchr(v.ptr, '=', v.len);
        tamar_str name = str_cut(&v, '=');
        size_t i = 0;
        if (!name.len && bare) continue;
        while (i < COUNT(spec_words) && !str_is(name, spec_words[i].name)) i++;
        if (i < COUNT(spec_words) && spec_word(s, pool, &spec_words[i], v, bare)) continue;
        if (i < COUNT(spec_words)) put(why, "bad value '%r' of the word '%r'; known: ", v, name);
        else put(why, "unknown word '%r'; known: ", name);
        spec_print(why, ", ", false);
        return false;
    }
    return true;
}

// =================================================================================================
// >>turn  what is answered, in no dialect
// A turn is the whole answer, settled before its first byte leaves. A cursor walks over it and yields one event
// at a time; it can be copied, which is how a length is known before anything is sent.
// =================================================================================================

enum stage {
    STAGE_ROLE, STAGE_REASONING, STAGE_TEXT, STAGE_CALLS, STAGE_FINISH, STAGE_USAGE, STAGE_ERROR, STAGE_DONE, STAGE_END
};

struct call {
    tamar_str id, name, args;
};

struct turn {
    tamar_str model, text, reasoning;
    bool stream, include_usage, refusal, generated;
    bool array;  // gemini-generate: the stream is one JSON array
    bool cumulative;  // dashscope-native: every event repeats the text before it
    bool plain;  // and holds no message but a text
    bool picture;  // the answer is one
    bool counting;  // only the prompt's tokens are asked for
    enum { CALLS_MIXED, CALLS_IN_ORDER, CALLS_WHOLE } manner;  // how the fragments of several calls follow each other
    int64_t filler;  // chunks of generated text, if generated
    const char *filler_text;
    size_t filler_size;
    struct call calls[MAX_CALLS];
    int ncalls;
    tamar_str finish;
    uint64_t prompt_tokens, output_tokens, reasoning_tokens;
    uint64_t id;
};

struct cursor {
    enum stage stage;
    size_t reasoning, text, args[MAX_CALLS];
    int64_t filler;
    bool begun[MAX_CALLS], failing, bom;
    int call;
    uint64_t contents;  // content chunks yielded
    uint32_t random;
    // what dialects of blocks and of numbered events keep
    enum stage open;  // STAGE_ROLE: no block is
    int open_call;
    uint64_t blocks, events;
};

struct event {
    enum stage stage;
    tamar_str text;
    int call;
    bool begin;  // of a tool call: id and name
};

#define FILLER "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"
#define FILLER_PERIOD (sizeof FILLER - 1)

// How much of the text from at on makes the next chunk: a word with the space before it, or as many bytes,
// cut on a character's border.
static size_t turn_piece(tamar_str text, size_t at, int64_t bytes)
{
    const char *p = text.ptr + at, *end = text.ptr + text.len, *q = p;
    if (bytes > 0) {
        if (end - p <= bytes) return (size_t)(end - p);
        for (q = p + bytes; q > p && ((unsigned char)*q & 0xC0) == 0x80; q--) {}
        if (q > p) return (size_t)(q - p);
        for (q = p + bytes; q < end && ((unsigned char)*q & 0xC0) == 0x80; q++) {}
        return (size_t)(q - p);
    }
    while (q < end && is_space(*q)) q++;
    while (q < end && !is_space(*q)) q++;
    return (size_t)(q - p);
}

static uint64_t turn_pieces(tamar_str text, int64_t bytes)
{
    uint64_t n = 0;
    for (size_t at = 0; at < text.len; n++) at += turn_piece(text, at, bytes);
    return n;
}

static void turn_fill(struct turn *t, struct pool *pool, int64_t count, int64_t size)
{
    size_t n = (size_t)size;
    char *p = pool_get(pool, n + FILLER_PERIOD);
    for (size_t i = 0; i < n + FILLER_PERIOD; i++) p[i] = FILLER[i % FILLER_PERIOD];
    t->generated = true;
    t->filler = count;
    t->filler_text = p;
    t->filler_size = n;
}

static tamar_str turn_filler(const struct turn *t, int64_t k)
{
    return (tamar_str){t->filler_text + (uint64_t)k * t->filler_size % FILLER_PERIOD, t->filler_size};
}

// All of the answer's text.
static tamar_str turn_whole_text(const struct turn *t, struct pool *pool)
{
    struct buf b = {0};
    if (!t->generated) return t->text;
    for (int64_t i = 0; i < t->filler; i++) buf_add(&b, turn_filler(t, i).ptr, t->filler_size);
    tamar_str s = {pool_copy(pool, b.ptr, b.len), b.len};
    buf_free(&b);
    return s;
}

static bool call_is_over(const struct turn *t, const struct cursor *c, int i)
{
    return c->begun[i] && c->args[i] >= t->calls[i].args.len;
}

// The stage of the event that comes next. From the first content on, a failure asked for may step in.
static enum stage turn_stage(const struct turn *t, const struct spec *s, struct cursor *c)
{
    for (;; c->stage++) {
        if (c->stage > STAGE_ROLE && c->stage < STAGE_ERROR && s->error_at >= 0 &&
            c->contents >= (uint64_t)s->error_at) {
            c->failing = true;
            c->stage = STAGE_ERROR;
        }
        switch (c->stage) {
        case STAGE_ROLE:
            if (!s->no_role) return c->stage;
            break;
        case STAGE_REASONING:
            if (c->reasoning < t->reasoning.len) return c->stage;
            break;
        case STAGE_TEXT:
            if (t->generated ? c->filler < t->filler : c->text < t->text.len) return c->stage;
            break;
        case STAGE_CALLS:
            for (int i = 0; i < t->ncalls; i++)
                if (!call_is_over(t, c, i)) return c->stage;
            break;
        case STAGE_FINISH:
            if (!s->no_finish && !str_is(s->finish, "none")) return c->stage;
            break;
        case STAGE_USAGE:
            if (t->include_usage && !s->no_usage && !s->no_finish) return c->stage;
            break;
        case STAGE_ERROR:
            if (c->failing) return c->stage;
            break;
        case STAGE_DONE:
            if (c->failing ? s->done : !s->no_done && !s->no_finish) return c->stage;
            break;
        case STAGE_END:
            return c->stage;
        }
    }
}

static bool stage_is_content(enum stage s) { return s == STAGE_REASONING || s == STAGE_TEXT || s == STAGE_CALLS; }

// Yields the next event; false at the end.
static bool turn_next(const struct turn *t, const struct spec *s, struct cursor *c, struct event *e)
{
    memset(e, 0, sizeof *e);
    e->stage = turn_stage(t, s, c);
    if (stage_is_content(e->stage)) c->contents++;
    switch (e->stage) {
    case STAGE_REASONING:
        e->text = (tamar_str){t->reasoning.ptr + c->reasoning, turn_piece(t->reasoning, c->reasoning, s->bytes)};
        c->reasoning += e->text.len;
        break;
    case STAGE_TEXT:
        if (t->generated) e->text = turn_filler(t, c->filler++);
        else e->text = (tamar_str){t->text.ptr + c->text, turn_piece(t->text, c->text, s->bytes)};
        c->text += e->text.len;
        break;
    case STAGE_CALLS:  // round and round over the calls that are not over: that interleaves them
        while (call_is_over(t, c, c->call)) c->call = (c->call + 1) % t->ncalls;
        e->call = c->call;
        e->begin = !c->begun[c->call];
        c->begun[c->call] = true;
        if (!e->begin) {
            tamar_str args = t->calls[c->call].args;
            e->text = (tamar_str){args.ptr + c->args[c->call],
                                  turn_piece(args, c->args[c->call], s->bytes > 0 ? s->bytes : 5)};
            c->args[c->call] += e->text.len;
        }
        if (t->manner == CALLS_WHOLE) {
            e->text = t->calls[c->call].args;
            c->args[c->call] = e->text.len;
        }
        if (t->manner == CALLS_MIXED || call_is_over(t, c, c->call)) c->call = (c->call + 1) % t->ncalls;
        break;
    case STAGE_END: return false;
    default: c->stage++;
    }
    return true;
}

// Appends the smallest instance of a schema that is easy to recognise: strings "x", numbers 1, arrays of one.
static void turn_instance(struct buf *out, struct pool *pool, tamar_json root, tamar_json schema, int depth)
{
    static const char *const unions[] = {"anyOf", "oneOf", "allOf"};
    tamar_json v = tamar_json_get(schema, "const"), type = tamar_json_get(schema, "type");
    tamar_json properties = tamar_json_get(schema, "properties"), items = tamar_json_get(schema, "items");
    double limit;
    if (depth > 16) {  // a schema that contains itself
        put(out, "null");
        return;
    }
    if (!v.ptr) v = tamar_json_index(tamar_json_get(schema, "enum"), 0);
    if (v.ptr) {
        buf_add(out, v.ptr, v.len);
        return;
    }
    tamar_str ref = json_text(pool, tamar_json_get(schema, "$ref"));
    if (str_begins(ref, "#/")) {
        turn_instance(out, pool, root, tamar_json_at(root, ref.ptr + 2), depth + 1);
        return;
    }
    for (size_t i = 0; i < COUNT(unions); i++)
        if ((v = tamar_json_index(tamar_json_get(schema, unions[i]), 0)).ptr) {
            turn_instance(out, pool, root, v, depth + 1);
            return;
        }
    if (tamar_json_type_of(type) == TAMAR_JSON_ARRAY) type = tamar_json_index(type, 0);
    if (tamar_json_is(type, "object") || (!type.ptr && properties.ptr)) {
        tamar_json required = tamar_json_get(schema, "required"), key, value;
        bool listed = tamar_json_type_of(required) == TAMAR_JSON_ARRAY, first = true;
        tamar_json_iter it = tamar_json_iterate(listed ? required : properties);
        put(out, "{");
        while (tamar_json_next(&it, &key, &value)) {
            if (listed) key = value;
            if (tamar_json_type_of(key) != TAMAR_JSON_STRING) continue;
            if (listed) value = tamar_json_get(properties, json_text(pool, key).ptr);
            put(out, "%s%r:", first ? "" : ",", (tamar_str){key.ptr, key.len});
            turn_instance(out, pool, root, value, depth + 1);
            first = false;
        }
        put(out, "}");
    } else if (tamar_json_is(type, "array") || (!type.ptr && items.ptr)) {
        put(out, "[");
        turn_instance(out, pool, root, items, depth + 1);
        put(out, "]");
    } else if (tamar_json_is(type, "integer") || tamar_json_is(type, "number")) {
        tamar_json low = tamar_json_get(schema, "minimum"), high = tamar_json_get(schema, "maximum");
        if (tamar_json_get_double(low, &limit) == TAMAR_JSON_OK && limit > 1)
            put(out, "%r", (tamar_str){low.ptr, low.len});
        else if (tamar_json_get_double(high, &limit) == TAMAR_JSON_OK && limit < 1)
            put(out, "%r", (tamar_str){high.ptr, high.len});
        else put(out, "1");
    } else if (tamar_json_is(type, "boolean")) put(out, "true");
    else if (tamar_json_is(type, "null")) put(out, "null");
    else {
        int64_t least = 1;
        tamar_json_get_int(tamar_json_get(schema, "minLength"), &least);
        put(out, "\"");
        do put(out, "x");
        while (--least > 0 && least < 4096);
        put(out, "\"");
    }
}

static tamar_str turn_built_in(tamar_str question)
{
    static const char *const texts[] = {
        "The Nile is a river that flows north through eleven countries into the Mediterranean Sea.",
        "Certainly! Here are three colours:\n\n1. red\n2. green\n3. blue\n\nWould you like more?",
        "Caf\xC3\xA9, na\xC3\xAFve, \xE6\x9D\xB1\xE4\xBA\xAC and \xF0\x9F\x8C\x8A: not every text is ASCII, "
        "and some \"quotes\" \\ slashes\tneed escapes.",
        "```c\nint main(void) { return 0; }\n```\n\nThat is the smallest useful C program.",
        "No.",
        "\xE4\xBD\xA0\xE5\xA5\xBD\xEF\xBC\x8C\xE4\xB8\x96\xE7\x95\x8C\xE3\x80\x82 Hello, world. "
        "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, \xD0\xBC\xD0\xB8\xD1\x80.",
        "I am a simulator. I say what I am told to say, at the speed I am told to say it, and I fail when asked.",
    };
    return str(texts[hash(0, question.ptr, question.len) % COUNT(texts)]);
}

// =================================================================================================
// >>reply  head, framing, pace, faults
// A reply is made when its request is complete and advanced whenever its connection has nothing left to write.
// Its body is either whole (cut in pieces by lens) or a turn. It says what the connection does next.
// =================================================================================================

enum phase { PHASE_START, PHASE_HEAD, PHASE_BODY, PHASE_TAIL, PHASE_OVER, PHASE_FIN, PHASE_RST, PHASE_STALL };
enum flow { FLOW_MORE, FLOW_WAIT, FLOW_OVER, FLOW_FIN, FLOW_RST };

struct request {
    tamar_str method, target, path, head, body;
    int minor;  // of HTTP/1.x
    struct { tamar_str name, value; } headers[MAX_HEADERS];
    int nheaders;
};

struct reply {
    struct pool pool;
    struct spec spec;
    const struct dialect *dialect;
    struct server *server;
    tamar_str method, target, spec_text;  // for the log
    uint64_t number, began, asked_bytes;  // of the request's body
    bool with_key;  // it came with one, in whichever header

    int status;
    const char *content_type;
    struct buf headers;
    const char *page;  // the origin of web pages that may read this; NULL: the question did not come up
    bool bare_head;  // only those headers, none of the provider's own
    bool keep_alive, http10, head_only, raw;
    enum { BY_LENGTH, BY_CHUNKS, BY_CLOSE } framing;

    struct buf body;  // if not a stream
    size_t body_at, *lens, nlens, len_at;
    bool stream;
    struct turn turn;
    struct cursor cursor;

    enum phase phase, fault;  // fault: PHASE_OVER for none
    struct at fault_at;
    uint64_t due, comment_due;  // due 0: not waiting
    bool delayed, lingered;
    uint64_t body_bytes, wire_bytes, contents;
    struct buf scratch, template;  // a framed event of generated text, ready but for the text
    size_t template_at, template_payload;
    bool template_tried;
};

// What a dialect is: what its answers look like on the wire, and six functions over the neutral turn.
struct dialect {
    const char *name, *stream_type;
    const char *id_header, *headers;  // which one carries the request's id (NULL: none), and what stands beside it
    const char *call_ids;  // how they begin
    int manner;  // CALLS_...
    bool remembers;  // what an event looks like depends on those before it
    bool lines;  // one JSON document a line
    bool crlf;  // ends the lines of events so
    bool ok_errors;  // HTTP 200 for all but the server's own errors
    // The model as the request names it, spec and all.
    tamar_str (*model)(struct reply *, const struct request *, tamar_json body);
    // May this request come in? False: it has answered an error instead, because of a key or a header.
    bool (*admit)(struct reply *, const struct request *);
    // Fills the turn. False as above.
    bool (*read)(struct reply *, const struct request *, tamar_json body);
    // Appends what goes out for one event, framing of the stream included.
    void (*event)(struct reply *, const struct event *, struct buf *out);
    // The same answer as one document.
    void (*whole)(struct reply *, struct buf *out);
    void (*error)(struct reply *, struct buf *out, int status, const char *code, const char *message,
                  const char *param);
};

static const struct status {
    int status;
    const char *reason, *type, *code, *message;
} statuses[] = {
    {200, "OK", "", "", ""},
    {201, "Created", "", "", ""},
    {202, "Accepted", "", "", ""},
    {204, "No Content", "", "", ""},
    {301, "Moved Permanently", "", "", ""},
    {302, "Found", "", "", ""},
    {303, "See Other", "", "", ""},
    {304, "Not Modified", "", "", ""},
    {307, "Temporary Redirect", "", "", ""},
    {308, "Permanent Redirect", "", "", ""},
    {400, "Bad Request", "invalid_request_error", "", "The request is not valid."},
    {401, "Unauthorized", "invalid_request_error", "invalid_api_key", "Incorrect API key provided."},
    {402, "Payment Required", "insufficient_quota", "credit_balance_exhausted", "Your credit balance is used up."},
    {403, "Forbidden", "permission_error", "unsupported_country_region_territory",
     "Country, region, or territory not supported."},
    {404, "Not Found", "invalid_request_error", "model_not_found",
     "The model does not exist or you do not have access to it."},
    {405, "Method Not Allowed", "invalid_request_error", "method_not_allowed", "This method is not allowed here."},
    {408, "Request Timeout", "timeout_error", "timeout", "The request took too long."},
    {409, "Conflict", "invalid_request_error", "conflict", "The resource was changed by another request."},
    {413, "Content Too Large", "invalid_request_error", "request_too_large", "The request is too large."},
    {415, "Unsupported Media Type", "invalid_request_error", "", "Send application/json."},
    {422, "Unprocessable Content", "invalid_request_error", "unprocessable_entity", "The request cannot be processed."},
    {425, "Too Early", "server_error", "", "Too early."},
    {429, "Too Many Requests", "requests", "rate_limit_exceeded",
     "Rate limit reached for requests. Please try again in 1s."},
    {431, "Request Header Fields Too Large", "invalid_request_error", "", "The request's headers are too large."},
    {498, "Capacity Exceeded", "server_error", "capacity_exceeded", "Flex tier capacity exceeded."},
    {500, "Internal Server Error", "server_error", "", "The server had an error while processing your request."},
    {501, "Not Implemented", "server_error", "", "Not implemented."},
    {502, "Bad Gateway", "server_error", "", "Bad gateway."},
    {503, "Service Unavailable", "service_unavailable_error", "server_is_overloaded",
     "The engine is currently overloaded, please try again later."},
    {504, "Gateway Timeout", "server_error", "timeout", "The upstream took too long."},
    {520, "Web Server Returned an Unknown Error", "server_error", "", "Unknown error."},
    {524, "A Timeout Occurred", "server_error", "timeout", "A timeout occurred."},
    {529, "Site is Overloaded", "overloaded_error", "overloaded", "Overloaded."},
};

static const struct status *status_row(int status)
{
    static const struct status client = {400, "Error", "invalid_request_error", "", "The request failed."};
    static const struct status server = {500, "Error", "server_error", "", "The server failed."};
    for (size_t i = 0; i < COUNT(statuses); i++)
        if (statuses[i].status == status) return &statuses[i];
    return status >= 500 ? &server : &client;
}

static void reply_json(struct reply *r, int status)  // the body follows in r->body
{
    r->status = status;
    r->content_type = "application/json";
    r->stream = false;
    r->body.len = 0;
}

static void reply_error(struct reply *r, int status, const char *code, const char *message, const char *param)
{
    reply_json(r, status);
    if (r->dialect->ok_errors && status < 500) r->status = 200;
    r->dialect->error(r, &r->body, status, code, message, param);
}

static const char *reply_eol(const struct reply *r)
{
    return r->spec.crlf ? "\r\n" : r->spec.cr ? "\r" : r->dialect->crlf ? "\r\n" : "\n";
}

// One server-sent event in the asked-for style.
static void reply_event(struct reply *r, struct buf *out, const char *name, tamar_str data)
{
    const char *eol = reply_eol(r), *space = r->spec.no_space ? "" : " ";
    if (r->spec.bom && !r->cursor.bom) put(out, "\xEF\xBB\xBF");
    r->cursor.bom = true;
    if (name) put(out, "event:%s%s%s", space, name, eol);
    put(out, "data:%s%r%s%s", space, data, eol, eol);
}

static void reply_comment(struct reply *r, struct buf *out)
{
    const char *eol = reply_eol(r);
    if (r->stream && !r->turn.array && !r->dialect->lines) put(out, ": keep-alive%s%s", eol, eol);
    else put(out, "\n");  // white space before a document, as OpenRouter pads it
}

// Appends the next piece of the body, unframed. False at its end.
static bool reply_piece(struct reply *r, struct buf *out)
{
    struct event e;
    if (r->stream) {
        if (!turn_next(&r->turn, &r->spec, &r->cursor, &e)) return false;
        r->dialect->event(r, &e, out);
        return true;
    }
    size_t left = r->body.len - r->body_at, n = left;
    if (!left) return false;
    if (r->len_at < r->nlens) {
        size_t want = r->lens[r->len_at++];
        n = want < left ? want : left;
    } else if (r->framing != BY_CHUNKS && n > BLOCK) n = BLOCK;
    buf_add(out, r->body.ptr + r->body_at, n);
    r->body_at += n;
    return true;
}

// Takes the line ends off the event just rendered if nothing follows it.
static void reply_cut_blank(struct reply *r)
{
    struct cursor before = r->cursor;
    struct buf rest = {0};
    while (!rest.len && reply_piece(r, &rest)) {}
    r->cursor = before;
    while (!rest.len && r->scratch.len && is_space(r->scratch.ptr[r->scratch.len - 1])) r->scratch.len--;
    buf_free(&rest);
}

static bool reply_bytes_limited(const struct reply *r)
{
    return r->fault != PHASE_OVER && r->fault_at.unit == AT_BYTES && !r->spec.wire;
}

// Body bytes on their way out: framed, and broken off where the spec says so.
static void reply_frame(struct reply *r, struct buf *out, const char *p, size_t n)
{
    while (n) {
        size_t k = r->spec.chunk > 0 && n > (size_t)r->spec.chunk ? (size_t)r->spec.chunk : n, give = k;
        if (r->framing == BY_CHUNKS) {
            if (r->spec.bad_chunk && r->body_bytes) put(out, "zz\r\n");
            else put(out, "%x%s\r\n", (uint64_t)k, r->spec.chunk_ext ? ";sim=\"a;b\"" : "");
        }
        if (reply_bytes_limited(r) && give >= r->fault_at.n - r->body_bytes) {
            give = (size_t)(r->fault_at.n - r->body_bytes);
            r->phase = r->fault;
            r->due = 0;
        }
        buf_add(out, p, give);
        r->body_bytes += give;
        if (r->phase == r->fault) return;
        if (r->framing == BY_CHUNKS) buf_add(out, "\r\n", 2);
        p += k;
        n -= k;
    }
}

// Renders one event of generated text twice, with different letters, to find where the text stands in it.
// That knows nothing of the dialect, and lets the fast path copy bytes where it would print JSON.
static void reply_template(struct reply *r)
{
    struct buf two[2] = {{0}, {0}};
    const struct spec *s = &r->spec;
    size_t n = r->turn.filler_size, at = 0;
    r->template_tried = true;
    bool varies = r->dialect->remembers || s->usage_every_chunk || s->obfuscation || s->bom;
    if (varies || !n || n > BLOCK / 4 || reply_bytes_limited(r)) return;
    char *letters = pool_get(&r->pool, n);
    uint64_t body_bytes = r->body_bytes;
    for (int i = 0; i < 2; i++) {
        struct event e = {STAGE_TEXT, {letters, n}, 0, false};
        memset(letters, "AB"[i], n);
        r->scratch.len = 0;
        r->dialect->event(r, &e, &r->scratch);
        reply_frame(r, &two[i], r->scratch.ptr, r->scratch.len);
    }
    r->body_bytes = body_bytes;
    while (at < two[0].len && two[0].ptr[at] == two[1].ptr[at]) at++;
    // The text must be in one piece: HTTP chunks smaller than the event would have cut it.
    bool whole = two[0].len == two[1].len && at + n <= two[0].len;
    for (size_t i = 0; whole && i < n; i++) whole = two[0].ptr[at + i] == 'A' && two[1].ptr[at + i] == 'B';
    if (whole) {
        r->template = two[0];
        r->template_at = at;
        r->template_payload = r->scratch.len;
    } else buf_free(&two[0]);
    buf_free(&two[1]);
}

// As many events of generated text as fit the block (or just one), by the template.
static void reply_fast(struct reply *r, struct buf *out, bool one)
{
    const struct turn *t = &r->turn;
    int64_t count = t->filler - r->cursor.filler;
    size_t size = r->template.len, left = out->len < BLOCK ? BLOCK - out->len : 0;
    if (count > (int64_t)(left / size)) count = left > size ? (int64_t)(left / size) : 1;
    if (one) count = 1;
    if (r->spec.error_at >= 0 && (uint64_t)count > (uint64_t)r->spec.error_at - r->cursor.contents)
        count = r->spec.error_at - (int64_t)r->cursor.contents;
    if (r->fault_at.unit == AT_CHUNKS && (uint64_t)count > r->fault_at.n - r->contents)
        count = (int64_t)(r->fault_at.n - r->contents);
    char *p = buf_room(out, size * (size_t)count);
    for (int64_t i = 0; i < count; i++, p += size) {
        memcpy(p, r->template.ptr, size);
        memcpy(p + r->template_at, turn_filler(t, r->cursor.filler + i).ptr, t->filler_size);
    }
    out->len += size * (size_t)count;
    r->cursor.filler += count;
    r->cursor.contents += (uint64_t)count;
    r->contents += (uint64_t)count;
    r->body_bytes += r->template_payload * (uint64_t)count;
}

// The length of a stream that must say it beforehand: all of it is rendered once for nothing.
static uint64_t reply_length(struct reply *r)
{
    if (!r->stream) return r->body.len;
    struct cursor before = r->cursor;
    uint64_t n = 0;
    for (;;) {
        struct cursor *c = &r->cursor;
        bool generated = turn_stage(&r->turn, &r->spec, c) == STAGE_TEXT && r->turn.generated && r->spec.error_at < 0;
        if (generated && !r->template_tried) reply_template(r);
        if (generated && r->template.len) {
            n += r->template_payload * (uint64_t)(r->turn.filler - c->filler);
            c->contents += (uint64_t)(r->turn.filler - c->filler);
            c->filler = r->turn.filler;
        }
        r->scratch.len = 0;
        if (!reply_piece(r, &r->scratch)) break;
        n += r->scratch.len;
    }
    r->cursor = before;
    return n;
}

static void reply_head(struct reply *r, struct buf *out)
{
    const struct spec *s = &r->spec;
    bool bodyless = r->status == 204 || r->status == 304;
    put(out, "HTTP/1.%d %d %s\r\n", s->http10 ? 0 : 1, r->status, status_row(r->status)->reason);
    if (!r->bare_head) {
        if (s->type.ptr) put(out, "content-type: %r\r\n", s->type);
        else put(out, "content-type: %s\r\n", r->content_type);
        if (r->dialect->id_header) put(out, "%s: req_sim_%u\r\n", r->dialect->id_header, r->number);
        put(out, "%s", r->dialect->headers);
    }
    buf_add(out, r->headers.ptr, r->headers.len);
    if (r->page && !s->no_cors) {
        put(out, "access-control-allow-origin: %s\r\n", r->page);
        put(out, "access-control-expose-headers: x-request-id\r\nvary: origin\r\n");
    }
    if (s->retry_after.ptr) put(out, "retry-after: %r\r\n", s->retry_after);
    for (int i = 0; i < s->headers.count; i++) {
        tamar_str value = s->headers.items[i], name = str_cut(&value, ':');
        put(out, "%r: %r\r\n", name, str_trim(value));
    }
    if (s->gzip_label) put(out, "content-encoding: gzip\r\n");
    if (s->huge_header > 0) {
        put(out, "x-huge: ");
        memset(buf_room(out, (size_t)s->huge_header), 'h', (size_t)s->huge_header);
        out->len += (size_t)s->huge_header;
        put(out, "\r\n");
    }
    if (bodyless) r->framing = BY_LENGTH;
    else if (r->framing == BY_LENGTH) put(out, "content-length: %u\r\n", reply_length(r));
    else if (r->framing == BY_CHUNKS) put(out, "transfer-encoding: chunked\r\n");
    if (!r->keep_alive) put(out, "connection: close\r\n");
    else if (r->http10) put(out, "connection: keep-alive\r\n");
    put(out, "\r\n");
    if (bodyless) r->head_only = true;
}

// Settles everything that follows from the spec and the request, once the body is known.
static void reply_settle(struct reply *r)
{
    const struct spec *s = &r->spec;
    bool pieces = r->stream || r->nlens || s->chunk > 0 || (s->keepalive >= 0 && s->think > 0);
    if (s->close_delimited || s->proto09 || r->raw) r->framing = BY_CLOSE;
    else if (s->content_length || !pieces) r->framing = BY_LENGTH;
    else r->framing = r->http10 || s->http10 ? BY_CLOSE : BY_CHUNKS;
    if (r->framing == BY_CLOSE || s->close || s->http10) r->keep_alive = false;
    r->fault = s->stall.unit ? PHASE_STALL : s->rst.unit ? PHASE_RST : s->cut.unit ? PHASE_FIN : PHASE_OVER;
    if (r->fault != PHASE_OVER) r->fault_at = s->stall.unit ? s->stall : s->rst.unit ? s->rst : s->cut;
    r->cursor.random = (uint32_t)r->turn.id | 1;
}

static void reply_wait(struct reply *r, uint64_t now, uint64_t us)
{
    r->due = us == NEVER ? NEVER : now + us;
    r->comment_due = r->spec.keepalive >= 0 ? now + (uint64_t)r->spec.keepalive * 1000 : NEVER;
}

// Comments may stand between events, in a body whose length was not promised.
static bool reply_may_comment(const struct reply *r)
{
    if (r->spec.keepalive < 0 || r->framing == BY_LENGTH || r->raw) return false;
    if (r->phase == PHASE_STALL) return r->fault_at.unit != AT_BYTES;
    return r->phase == PHASE_BODY;
}

static enum flow reply_body(struct reply *r, struct buf *out, uint64_t now)
{
    const struct spec *s = &r->spec;
    bool slow = s->delay > 0;
    do {
        enum stage stage = r->stream ? turn_stage(&r->turn, s, &r->cursor) : STAGE_TEXT;
        bool content = stage_is_content(stage);
        if (r->fault_at.unit == AT_CHUNKS && stage != STAGE_ROLE && r->contents >= r->fault_at.n) {
            r->phase = r->fault;
            return FLOW_MORE;
        }
        if (content && r->contents && s->delay > 0 && !r->delayed) {
            r->delayed = true;
            reply_wait(r, now, (uint64_t)s->delay * 1000);
            return FLOW_MORE;
        }
        r->delayed = false;
        if (r->stream && stage == STAGE_TEXT && r->turn.generated && !r->template_tried) reply_template(r);
        if (stage == STAGE_TEXT && r->template.len && r->stream) {
            reply_fast(r, out, slow);
            continue;
        }
        r->scratch.len = 0;
        if (!reply_piece(r, &r->scratch)) {
            r->phase = r->fault_at.unit == AT_END ? r->fault : PHASE_TAIL;
            return FLOW_MORE;
        }
        if (content) r->contents++;
        if (s->no_last_blank && r->stream) reply_cut_blank(r);
        reply_frame(r, out, r->scratch.ptr, r->scratch.len);
    } while (r->phase == PHASE_BODY && !slow && out->len < BLOCK);
    return FLOW_MORE;
}

static enum flow reply_step(struct reply *r, struct buf *out, uint64_t now)
{
    const struct spec *s = &r->spec;
    switch (r->phase) {
    case PHASE_START:
        for (int64_t i = 0; i < s->interim; i++)
            put(out, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </sim>; rel=preload\r\n\r\n");
        if (s->first > 0) reply_wait(r, now, (uint64_t)s->first * 1000);
        r->phase = PHASE_HEAD;
        return FLOW_MORE;
    case PHASE_HEAD:
        if (!s->proto09 && !r->raw) reply_head(r, out);
        r->phase = r->head_only ? PHASE_OVER : PHASE_BODY;
        if (s->think > 0) reply_wait(r, now, (uint64_t)s->think * 1000);
        if (reply_bytes_limited(r) && r->fault_at.n == 0) r->phase = r->fault;
        return FLOW_MORE;
    case PHASE_BODY:
        return reply_body(r, out, now);
    case PHASE_TAIL:
        if (r->framing == BY_CHUNKS) put(out, "0\r\n%s\r\n", s->trailer ? "x-sim-trailer: 1\r\n" : "");
        for (int64_t i = 0; i < s->extra; i++) put(out, "x");
        r->phase = PHASE_OVER;
        return FLOW_MORE;
    case PHASE_OVER:
        return FLOW_OVER;
    case PHASE_FIN:
        return FLOW_FIN;
    case PHASE_RST:  // entered twice: an RST at once could overtake the bytes before it
        if (r->lingered) return FLOW_RST;
        r->lingered = true;
        reply_wait(r, now, RST_GRACE);
        return FLOW_MORE;
    case PHASE_STALL:
        reply_wait(r, now, NEVER);
        return FLOW_MORE;
    }
    return FLOW_OVER;
}

// Appends what is due. FLOW_WAIT: nothing is, before *due.
static enum flow reply_advance(struct reply *r, struct buf *out, uint64_t now, uint64_t *due)
{
    size_t before = out->len;
    enum flow flow = FLOW_MORE;
    if (r->due > now) {
        bool comments = reply_may_comment(r);
        if (!comments || r->comment_due > now) {
            *due = comments && r->comment_due < r->due ? r->comment_due : r->due;
            return FLOW_WAIT;
        }
        r->scratch.len = 0;
        reply_comment(r, &r->scratch);
        enum phase phase = r->phase;
        if (phase == PHASE_STALL) r->phase = PHASE_BODY;  // the frame is not what breaks off here
        reply_frame(r, out, r->scratch.ptr, r->scratch.len);
        if (phase == PHASE_STALL) r->phase = phase;
        r->comment_due = now + (uint64_t)(r->spec.keepalive ? r->spec.keepalive : 1) * 1000;
    } else {
        r->due = 0;
        flow = reply_step(r, out, now);
    }
    r->wire_bytes += out->len - before;
    bool sent = r->phase < PHASE_OVER || out->len > before;
    if (r->spec.wire && r->fault_at.unit == AT_BYTES && sent && r->phase != r->fault &&
        r->wire_bytes >= r->fault_at.n) {
        out->len -= r->wire_bytes - r->fault_at.n;
        r->wire_bytes = r->fault_at.n;
        r->phase = r->fault;
        r->due = 0;
        flow = FLOW_MORE;
    }
    return flow;
}

static void reply_free(struct reply *r)
{
    pool_free(&r->pool);
    buf_free(&r->headers);
    buf_free(&r->body);
    buf_free(&r->scratch);
    buf_free(&r->template);
    free(r->lens);
    free(r);
}

// =================================================================================================
// >>ask  what every dialect asks, in none of them; and the answer to it
// A dialect's read checks the request as its vendor does, fills a struct ask, and lets ask_answer settle the turn.
// =================================================================================================

enum { MAX_TOOLS = 128 };

struct ask {
    struct buf last_user, tool_text;
    bool tool_result;  // since the last user message
    uint64_t bytes, messages;
    tamar_str open[MAX_CALLS];  // tool calls that want their tool message
    int nopen;
    struct { tamar_str name; tamar_json schema; } tools[MAX_TOOLS];
    int ntools;
    tamar_str wanted;  // the tool that must be called
    bool no_tools;  // none may be
    tamar_json schema;  // of the answer
    bool json_object;
    int64_t limit;  // of output tokens; below 0: none
};

static void ask_free(struct ask *a)
{
    buf_free(&a->last_user);
    buf_free(&a->tool_text);
}

static bool wrong(struct reply *r, const char *code, const char *param, const char *format, ...)
{
    struct buf b = {0};
    va_list args;
    va_start(args, format);
    int n = vsnprintf(buf_room(&b, 512), 512, format, args);
    va_end(args);
    char *message = pool_copy(&r->pool, b.ptr, n < 511 ? (size_t)n : 511);
    char *name = param ? pool_copy(&r->pool, param, strlen(param)) : NULL;
    buf_free(&b);
    reply_error(r, 400, code, message, name);
    return false;
}

static tamar_str body_model(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    return json_text(&r->pool, tamar_json_get(body, "model"));
}

static const char *header_of(const struct request *q, const char *name, tamar_str *value)
{
    for (int i = 0; i < q->nheaders; i++)
        if (str_is_nocase(q->headers[i].name, name)) {
            *value = q->headers[i].value;
            return value->ptr;
        }
    *value = (tamar_str){"", 0};
    return NULL;
}

// A member that is there and is not null.
static bool given(tamar_json value) { return value.ptr && tamar_json_type_of(value) != TAMAR_JSON_NULL; }
static bool is_object(tamar_json value) { return tamar_json_type_of(value) == TAMAR_JSON_OBJECT; }
static bool is_array(tamar_json value) { return tamar_json_type_of(value) == TAMAR_JSON_ARRAY; }
static bool is_string(tamar_json value) { return tamar_json_type_of(value) == TAMAR_JSON_STRING; }

// The first member of an object that is not among the words; empty if there is none.
static tamar_str unknown_member(struct pool *pool, tamar_json object, const char *const *words, size_t count)
{
    tamar_json_iter it = tamar_json_iterate(object);
    tamar_json key, value;
    while (tamar_json_next(&it, &key, &value)) {
        size_t k = 0;
        while (k < count && !tamar_json_is(key, words[k])) k++;
        if (k == count) return json_text(pool, key);
    }
    return (tamar_str){"", 0};
}

static void ask_user(struct ask *a, tamar_str text, bool fresh)
{
    if (fresh) {
        a->last_user.len = a->tool_text.len = 0;
        a->tool_result = false;
    }
    buf_add(&a->last_user, text.ptr, text.len);
    a->bytes += text.len;
}

static void ask_result(struct ask *a, tamar_str text)
{
    a->tool_result = true;
    if (a->tool_text.len) put(&a->tool_text, "; ");
    buf_add(&a->tool_text, text.ptr, text.len);
    a->bytes += text.len;
}

static void ask_tool(struct ask *a, tamar_str name, tamar_json schema)
{
    if (a->ntools == MAX_TOOLS) return;
    a->tools[a->ntools].name = name;
    a->tools[a->ntools++].schema = schema;
}

static bool ask_open(struct ask *a, tamar_str id)
{
    if (a->nopen == MAX_CALLS) return false;
    a->open[a->nopen++] = id;
    return true;
}

static bool ask_close(struct ask *a, tamar_str id)  // false: no such call is open
{
    int at = 0;
    while (at < a->nopen && !str_same(a->open[at], id)) at++;
    if (at == a->nopen) return false;
    a->open[at] = a->open[--a->nopen];
    return true;
}

static tamar_str pool_take(struct pool *pool, struct buf *b)  // the buffer's text, which then is empty
{
    tamar_str s = {pool_copy(pool, b->ptr, b->len), b->len};
    buf_free(b);
    return s;
}

static void ask_calls(struct reply *r, const struct ask *a)
{
    struct turn *t = &r->turn;
    int n = r->spec.parallel > 0 ? (int)(r->spec.parallel < MAX_CALLS ? r->spec.parallel : MAX_CALLS) : 1;
    for (int i = 0; i < n; i++) {
        struct call *c = &t->calls[t->ncalls++];
        struct buf b = {0};
        int tool = a->ntools ? i % a->ntools : -1;
        for (int k = 0; a->wanted.len && k < a->ntools; k++)
            if (str_same(a->tools[k].name, a->wanted)) tool = k;
        c->name = tool >= 0 ? a->tools[tool].name : str("");
        if (!c->name.len) c->name = str("sim_tool");
        if (r->spec.big_args >= 0) {
            put(&b, "{\"x\":\"");
            for (int64_t k = 0; k < r->spec.big_args; k++) buf_add(&b, &FILLER[(size_t)k % FILLER_PERIOD], 1);
            put(&b, "\"}");
        } else if (tool >= 0 && a->tools[tool].schema.ptr)
            turn_instance(&b, &r->pool, a->tools[tool].schema, a->tools[tool].schema, 0);
        else put(&b, tool >= 0 ? "{}" : "{\"x\":\"x\"}");
        c->args = pool_take(&r->pool, &b);
        put(&b, "%ssim%x_%d", r->dialect->call_ids, t->id, i);
        c->id = pool_take(&r->pool, &b);
        t->output_tokens += 8 + c->args.len / 4;
    }
}

static tamar_str ask_text(struct reply *r, struct ask *a)
{
    struct buf b = {0};
    if (r->spec.text.ptr) return r->spec.text;
    if (r->spec.refusal) return str("I'm sorry, but I can't help with that.");
    if (a->schema.ptr) turn_instance(&b, &r->pool, a->schema, a->schema, 0);
    else if (a->json_object) put(&b, "{\"answer\":\"x\"}");
    else if (str_ends(r->turn.model, "echo")) b = a->last_user, memset(&a->last_user, 0, sizeof b);
    else if (a->tool_result) put(&b, "The tool said: %r", (tamar_str){a->tool_text.ptr, a->tool_text.len});
    else return turn_built_in((tamar_str){a->last_user.ptr, a->last_user.len});
    return pool_take(&r->pool, &b);
}

// Cuts the answer where the request's limit of output tokens falls (a token here is a chunk).
static bool ask_limit(struct reply *r, const struct ask *a)
{
    struct turn *t = &r->turn;
    int64_t limit = a->limit;
    size_t at = 0;
    if (limit < 0) return false;
    while (at < t->text.len && limit-- > 0) at += turn_piece(t->text, at, r->spec.bytes);
    if (at == t->text.len) return false;
    t->text.len = at;
    return true;
}

// Settles the turn. False: it cannot be answered, and an error was.
static bool ask_answer(struct reply *r, const struct request *q, struct ask *a)
{
    static const char *const words[] = {"Let", "me", "think", "about", "this", "step", "by", "step."};
    struct turn *t = &r->turn;
    const struct spec *s = &r->spec;
    bool calls = s->tools || s->parallel >= 0 || s->big_args >= 0 || (a->ntools && !a->tool_result && !a->no_tools);
    bool cut = false;
    t->id = hash(0, q->body.ptr, q->body.len);
    t->manner = r->dialect->manner;
    if (s->reasoning >= 0 || str_ends(t->model, "reasoner")) {
        struct buf b = {0};
        for (int64_t i = 0; i < (s->reasoning >= 0 ? s->reasoning : 8); i++)
            put(&b, "%s%s", i ? " " : "", words[i % (int64_t)COUNT(words)]);
        t->reasoning = pool_take(&r->pool, &b);
        t->reasoning_tokens = turn_pieces(t->reasoning, s->bytes);
    }
    if (s->big_event >= 0) turn_fill(t, &r->pool, 1, s->big_event);
    else if (s->n >= 0) turn_fill(t, &r->pool, s->n, s->bytes >= 0 ? s->bytes : 4);
    else if (calls) ask_calls(r, a);
    else {
        t->text = ask_text(r, a);
        t->refusal = s->refusal;
        cut = ask_limit(r, a);
    }
    t->finish = s->finish.ptr ? s->finish : str(cut ? "length" : t->ncalls ? "tool_calls" : "stop");
    t->output_tokens += t->reasoning_tokens + (t->generated ? (uint64_t)t->filler : turn_pieces(t->text, s->bytes));
    t->prompt_tokens = 3 + a->messages * 4 + a->bytes / 4;
    if (!t->stream && t->generated && t->filler && t->filler_size > MAX_WHOLE / (uint64_t)t->filler)
        return wrong(r, "sim_too_large", NULL, "That is too much text for one document; stream it.");
    return true;
}

// The vendor's word for how the answer ended, unless the spec says one.
static tamar_str finish_word(const struct reply *r, const char *stop, const char *length, const char *calls)
{
    const struct turn *t = &r->turn;
    if (r->spec.finish.ptr) return r->spec.finish;
    return str(str_is(t->finish, "length") ? length : t->ncalls ? calls : stop);
}

static bool has_finish(const struct reply *r) { return !r->spec.no_finish && !str_is(r->spec.finish, "none"); }

// =================================================================================================
// >>chat  the openai-chat dialect: POST .../chat/completions
// Strict where the real one is (messages, roles, parts, tool ids), because an encoder's mistakes must show here.
// =================================================================================================

static void chat_error(struct reply *r, struct buf *out, int status, const char *code, const char *message,
                       const char *param)
{
    static const char *const billing[] = {"insufficient_quota", "credit_balance_exhausted",
                                          "organization_spend_limit_exceeded", "project_spend_limit_exceeded",
                                          "organization_usage_limit_exceeded"};
    const struct status *row = status_row(status);
    const char *type = row->type;
    (void)r;
    if (!code) code = row->code;
    if (!message) message = row->message;
    for (size_t i = 0; i < COUNT(billing); i++)
        if (!strcmp(code, billing[i])) {
            type = "insufficient_quota";
            message = "You exceeded your current quota, please check your plan and billing details.";
        }
    put(out, "{\"error\":{\"message\":%q,\"type\":%q,\"param\":", str(message), str(type));
    if (param) put(out, "%q,\"code\":", str(param));
    else put(out, "null,\"code\":");
    if (*code) put(out, "%q}}", str(code));
    else put(out, "null}}");
}

static bool chat_missing(struct reply *r, const char *param)
{
    return wrong(r, "missing_required_parameter", param, "Missing required parameter: '%s'.", param);
}

static const char chat_unanswered[] = "An assistant message with 'tool_calls' must be followed by tool messages "
                                      "responding to each 'tool_call_id'. Not answered: %s";

// Appends the text of a message's content, checking its parts.
static bool chat_content(struct reply *r, tamar_json content, int i, struct buf *text)
{
    static const char *const parts[] = {"text", "image_url", "input_audio", "file", "refusal"};
    tamar_json_iter it = tamar_json_iterate(content);
    tamar_json key, part;
    char param[64];
    if (tamar_json_type_of(content) == TAMAR_JSON_STRING) {
        tamar_str s = json_text(&r->pool, content);
        buf_add(text, s.ptr, s.len);
        return true;
    }
    snprintf(param, sizeof param, "messages[%d].content", i);
    if (tamar_json_type_of(content) != TAMAR_JSON_ARRAY)
        return wrong(r, "invalid_type", param,
                          "Invalid type for '%s': expected one of a string or array of objects.", param);
    while (tamar_json_next(&it, &key, &part)) {
        tamar_json type = tamar_json_get(part, "type");
        size_t k = 0;
        while (k < COUNT(parts) && !tamar_json_is(type, parts[k])) k++;
        if (k == COUNT(parts)) return wrong(r, "invalid_value", param, "Invalid part type in '%s'.", param);
        if (!tamar_json_get(part, parts[k]).ptr)
            return chat_missing(r, param);
        if (k == 0) {
            tamar_str s = json_text(&r->pool, tamar_json_get(part, "text"));
            buf_add(text, s.ptr, s.len);
        }
    }
    return true;
}

static bool chat_message(struct reply *r, tamar_json m, int i, struct ask *seen)
{
    static const char *const roles[] = {"user", "assistant", "tool", "system", "developer"};
    tamar_json role = tamar_json_get(m, "role"), content = tamar_json_get(m, "content"),
               calls = tamar_json_get(m, "tool_calls");
    struct buf text = {0};
    char param[64];
    size_t k = 0;
    while (k < COUNT(roles) && !tamar_json_is(role, roles[k])) k++;
    snprintf(param, sizeof param, "messages[%d].role", i);
    if (!role.ptr) return chat_missing(r, param);
    if (k == COUNT(roles))
        return wrong(r, "invalid_value", param, "Invalid value at '%s'. Supported values are: "
                          "'system', 'assistant', 'user', 'tool', and 'developer'.", param);

    bool empty = !content.ptr || tamar_json_type_of(content) == TAMAR_JSON_NULL;
    snprintf(param, sizeof param, "messages[%d].content", i);
    if (empty && k != 1) return chat_missing(r, param);
    if (!empty && !chat_content(r, content, i, &text)) {
        buf_free(&text);
        return false;
    }
    if (k == 0) ask_user(seen, (tamar_str){text.ptr, text.len}, true);
    else if (k == 2) ask_result(seen, (tamar_str){text.ptr, text.len});
    else seen->bytes += text.len;
    buf_free(&text);

    snprintf(param, sizeof param, "messages[%d]", i);
    if (k == 2) {
        tamar_str id = json_text(&r->pool, tamar_json_get(m, "tool_call_id"));
        if (!ask_close(seen, id))
            return wrong(r, NULL, param, "Invalid parameter: messages with role 'tool' must be a response to "
                              "a preceeding message with 'tool_calls'.");
        return true;
    }
    if (seen->nopen)
        return wrong(r, NULL, param, chat_unanswered, seen->open[0].ptr);
    tamar_json_iter it = tamar_json_iterate(calls);
    tamar_json key, call;
    snprintf(param, sizeof param, "messages[%d].tool_calls", i);
    while (k == 1 && tamar_json_next(&it, &key, &call)) {
        bool good = tamar_json_is(tamar_json_get(call, "type"), "function") &&
                    tamar_json_type_of(tamar_json_get(call, "id")) == TAMAR_JSON_STRING &&
                    tamar_json_type_of(tamar_json_at(call, "function/name")) == TAMAR_JSON_STRING &&
                    tamar_json_type_of(tamar_json_at(call, "function/arguments")) == TAMAR_JSON_STRING;
        if (!good)
            return wrong(r, "invalid_value", param, "Each of '%s' needs a string id, the type 'function', "
                              "a function name, and arguments as a string.", param);
        if (!ask_open(seen, json_text(&r->pool, tamar_json_get(call, "id"))))
            return wrong(r, "invalid_value", param, "Too many tool calls.");
    }
    return true;
}

static bool chat_messages(struct reply *r, tamar_json messages, struct ask *seen)
{
    tamar_json_iter it = tamar_json_iterate(messages);
    tamar_json key, m;
    int i = 0;
    if (!messages.ptr) return chat_missing(r, "messages");
    if (tamar_json_type_of(messages) != TAMAR_JSON_ARRAY)
        return wrong(r, "invalid_type", "messages", "Invalid type for 'messages': expected an array of objects.");
    while (tamar_json_next(&it, &key, &m))
        if (!chat_message(r, m, i++, seen)) return false;
    if (!i)
        return wrong(r, "empty_array", "messages",
                          "Invalid 'messages': empty array. Expected an array with minimum length 1.");
    if (seen->nopen)
        return wrong(r, NULL, "messages", chat_unanswered, seen->open[0].ptr);
    return true;
}

static bool chat_fields(struct reply *r, tamar_json body)
{
    static const char *const known[] = {
        "model", "messages", "max_completion_tokens", "max_tokens", "temperature", "top_p",
        "frequency_penalty", "presence_penalty", "logit_bias", "stop", "n", "seed", "logprobs",
        "top_logprobs", "tools", "tool_choice", "parallel_tool_calls", "response_format",
        "reasoning_effort", "verbosity", "modalities", "audio", "prediction", "stream",
        "stream_options", "store", "metadata", "service_tier", "safety_identifier",
        "prompt_cache_key", "user", "prompt_cache_options", "prompt_cache_retention", "moderation",
        "web_search_options", "functions", "function_call"};
    tamar_json_iter it = tamar_json_iterate(body);
    tamar_json key, value;
    tamar_json tools = tamar_json_get(body, "tools"), temperature = tamar_json_get(body, "temperature");
    double t;
    while (r->spec.strict && tamar_json_next(&it, &key, &value)) {
        size_t k = 0;
        while (k < COUNT(known) && !tamar_json_is(key, known[k])) k++;
        tamar_str name = json_text(&r->pool, key);
        if (k == COUNT(known))
            return wrong(r, "unknown_parameter", name.ptr, "Unrecognized request argument supplied: %s", name.ptr);
    }
    if (temperature.ptr && tamar_json_type_of(temperature) != TAMAR_JSON_NULL &&
        (tamar_json_get_double(temperature, &t) != TAMAR_JSON_OK || t < 0 || t > 2))
        return wrong(r, "decimal_above_max_value", "temperature",
                          "Invalid 'temperature': expected a number from 0 to 2.");
    if (tools.ptr && tamar_json_type_of(tools) != TAMAR_JSON_ARRAY)
        return wrong(r, "invalid_type", "tools", "Invalid type for 'tools': expected an array of objects.");
    if (tools.ptr && !tamar_json_count(tools))
        return wrong(r, "empty_array", "tools",
                          "Invalid 'tools': empty array. Expected an array with minimum length 1.");
    it = tamar_json_iterate(tools);
    while (tamar_json_next(&it, &key, &value)) {
        bool custom = tamar_json_is(tamar_json_get(value, "type"), "custom");
        if (!json_text(&r->pool, tamar_json_at(value, custom ? "custom/name" : "function/name")).len)
            return chat_missing(r, "tools[].function.name");
    }
    return true;
}

static void chat_asked(struct reply *r, tamar_json body, struct ask *a)
{
    tamar_json tools = tamar_json_get(body, "tools"), format = tamar_json_get(body, "response_format"), key, tool;
    for (tamar_json_iter it = tamar_json_iterate(tools); tamar_json_next(&it, &key, &tool);)
        ask_tool(a, json_text(&r->pool, tamar_json_at(tool, "function/name")),
                 tamar_json_at(tool, "function/parameters"));
    a->wanted = json_text(&r->pool, tamar_json_at(body, "tool_choice/function/name"));
    a->no_tools = tamar_json_is(tamar_json_get(body, "tool_choice"), "none");
    a->schema = tamar_json_at(format, "json_schema/schema");
    a->json_object = tamar_json_is(tamar_json_get(format, "type"), "json_object");
    a->messages = tamar_json_count(tamar_json_get(body, "messages"));
    if (tamar_json_get_int(tamar_json_get(body, "max_completion_tokens"), &a->limit) != TAMAR_JSON_OK &&
        tamar_json_get_int(tamar_json_get(body, "max_tokens"), &a->limit) != TAMAR_JSON_OK)
        a->limit = -1;
}

// What all of OpenAI's calls begin with.
static bool chat_body(struct reply *r, tamar_json body)
{
    if (!body.ptr)
        return wrong(r, NULL, NULL,
                     "We could not parse the JSON body of your request. The API expects a JSON payload.");
    if (!is_object(body)) return wrong(r, "invalid_type", NULL, "Invalid type for the body: expected an object.");
    if (!r->turn.model.len)
        return wrong(r, "missing_required_parameter", "model", "you must provide a model parameter");
    return true;
}

static bool chat_read(struct reply *r, const struct request *q, tamar_json body)
{
    struct turn *t = &r->turn;
    struct ask seen = {.limit = -1};
    if (!chat_body(r, body)) return false;
    tamar_json_get_bool(tamar_json_get(body, "stream"), &t->stream);
    tamar_json_get_bool(tamar_json_at(body, "stream_options/include_usage"), &t->include_usage);
    bool good = chat_fields(r, body) && chat_messages(r, tamar_json_get(body, "messages"), &seen);
    if (good) chat_asked(r, body, &seen);
    good = good && ask_answer(r, q, &seen);
    ask_free(&seen);
    return good;
}

static bool chat_admit(struct reply *r, const struct request *q)
{
    tamar_str key, azure;
    header_of(q, "authorization", &key);
    header_of(q, "api-key", &azure);
    if (str_is(key, "Bearer bad-key") || str_is(azure, "bad-key")) {
        reply_error(r, 401, NULL, NULL, NULL);
        return false;
    }
    return true;
}

static void chat_usage(const struct turn *t, uint64_t output, struct buf *out)
{
    uint64_t reasoning = t->reasoning_tokens < output ? t->reasoning_tokens : output;
    put(out, "{\"prompt_tokens\":%u,\"completion_tokens\":%u,", t->prompt_tokens, output);
    put(out, "\"total_tokens\":%u,", t->prompt_tokens + output);
    put(out, "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},");
    put(out, "\"completion_tokens_details\":{\"reasoning_tokens\":%u,\"audio_tokens\":0,"
             "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}", reasoning);
}

static void chat_begin(const struct turn *t, const char *object, struct buf *out)
{
    put(out, "{\"id\":\"chatcmpl-sim%x\",\"object\":\"%s\",\"created\":%d,\"model\":%q,", t->id, object, CREATED,
        t->model);
    put(out, "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_sim\",\"choices\":[");
}

static tamar_str chat_reasoning_field(const struct reply *r)
{
    return r->spec.reasoning_field.ptr ? r->spec.reasoning_field : str("reasoning_content");
}

static void chat_delta(struct reply *r, const struct event *e, struct buf *j)
{
    const struct turn *t = &r->turn;
    const struct call *call;
    switch (e->stage) {
    case STAGE_ROLE:
        put(j, "\"role\":\"assistant\",\"content\":%s,\"refusal\":null", t->ncalls ? "null" : "\"\"");
        break;
    case STAGE_REASONING: put(j, "%q:%q", chat_reasoning_field(r), e->text); break;
    case STAGE_TEXT: put(j, "\"%s\":%q", t->refusal ? "refusal" : "content", e->text); break;
    case STAGE_CALLS:
        call = &t->calls[e->call];
        put(j, "\"tool_calls\":[{\"index\":%d,", e->call);
        if (e->begin)
            put(j, "\"id\":%q,\"type\":\"function\",\"function\":{\"name\":%q,\"arguments\":\"\"}}]", call->id,
                call->name);
        else put(j, "\"function\":{\"arguments\":%q}}]", e->text);
        break;
    default: break;
    }
}

static void chat_failure(struct reply *r, struct buf *out)
{
    struct buf j = {0};
    int status = r->spec.status >= 400 ? (int)r->spec.status : 500;
    chat_error(r, &j, status, r->spec.code.ptr, NULL, NULL);
    tamar_str data = {j.ptr, j.len};
    if (str_is(r->spec.error_form, "line")) put(out, "error: %r\n\n", data);
    else reply_event(r, out, str_is(r->spec.error_form, "event") ? "error" : NULL, data);
    buf_free(&j);
}

static void chat_event(struct reply *r, const struct event *e, struct buf *out)
{
    const struct turn *t = &r->turn;
    struct buf j = {0};
    if (e->stage == STAGE_DONE) {
        reply_event(r, out, NULL, str("[DONE]"));
        return;
    }
    if (e->stage == STAGE_ERROR) {
        chat_failure(r, out);
        return;
    }
    chat_begin(t, "chat.completion.chunk", &j);
    if (e->stage != STAGE_USAGE) {
        put(&j, "{\"index\":0,\"delta\":{");
        chat_delta(r, e, &j);
        put(&j, "},\"logprobs\":null,\"finish_reason\":");
        if (e->stage == STAGE_FINISH) put(&j, "%q}", t->finish);
        else put(&j, "null}");
    }
    put(&j, "]");
    if (e->stage == STAGE_USAGE || r->spec.usage_every_chunk) {
        put(&j, ",\"usage\":");
        chat_usage(t, e->stage < STAGE_FINISH ? r->cursor.contents : t->output_tokens, &j);
    } else if (t->include_usage) put(&j, ",\"usage\":null");
    if (r->spec.obfuscation) {
        r->cursor.random = r->cursor.random * 1664525 + 1013904223;
        put(&j, ",\"obfuscation\":%q", (tamar_str){FILLER, r->cursor.random >> 27});
    }
    put(&j, "}");
    reply_event(r, out, NULL, (tamar_str){j.ptr, j.len});
    buf_free(&j);
}

static void chat_whole(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    tamar_str s = turn_whole_text(t, &r->pool);
    chat_begin(t, "chat.completion", out);
    put(out, "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
    if (t->ncalls || t->refusal) put(out, "null");
    else put(out, "%q", s);
    put(out, ",\"refusal\":");
    if (t->refusal) put(out, "%q", s);
    else put(out, "null");
    if (t->reasoning.len) put(out, ",%q:%q", chat_reasoning_field(r), t->reasoning);
    put(out, ",\"annotations\":[]");
    for (int i = 0; i < t->ncalls; i++) {
        const struct call *c = &t->calls[i];
        put(out, "%s{\"id\":%q,\"type\":\"function\",", i ? "," : ",\"tool_calls\":[", c->id);
        put(out, "\"function\":{\"name\":%q,\"arguments\":%q}}", c->name, c->args);
    }
    put(out, "%s},\"logprobs\":null,\"finish_reason\":", t->ncalls ? "]" : "");
    if (r->spec.no_finish || str_is(t->finish, "none")) put(out, "null}]");
    else put(out, "%q}]", t->finish);
    if (!r->spec.no_usage) {
        put(out, ",\"usage\":");
        chat_usage(t, t->output_tokens, out);
    }
    put(out, "}\n");
}

#define OPENAI_HEADERS                                                                                    \
    "openai-processing-ms: 1\r\nx-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n" \
    "x-ratelimit-reset-requests: 6ms\r\n"

static const struct dialect openai_chat = {
    .name = "openai-chat", .stream_type = "text/event-stream; charset=utf-8", .id_header = "x-request-id",
    .headers = OPENAI_HEADERS, .call_ids = "call_", .manner = CALLS_MIXED, .model = body_model, .admit = chat_admit,
    .read = chat_read, .event = chat_event, .whole = chat_whole, .error = chat_error};

// =================================================================================================
// >>responses  the openai-responses dialect: POST .../responses
// Items in order: reasoning, a message, function calls. The stream opens and closes each, and ends with the whole.
// =================================================================================================

static bool responses_parts(struct reply *r, tamar_json content, int i, struct buf *text)
{
    static const char *const types[] = {"input_text", "output_text", "input_image", "input_file", "refusal"};
    tamar_json_iter it = tamar_json_iterate(content);
    tamar_json key, part;
    char param[64];
    snprintf(param, sizeof param, "input[%d].content", i);
    if (is_string(content)) {
        tamar_str s = json_text(&r->pool, content);
        buf_add(text, s.ptr, s.len);
        return true;
    }
    if (!is_array(content))
        return wrong(r, "invalid_type", param, "Invalid type for '%s': expected a string or an array.", param);
    while (tamar_json_next(&it, &key, &part)) {
        tamar_json type = tamar_json_get(part, "type"), image = tamar_json_get(part, "image_url");
        size_t k = 0;
        while (k < COUNT(types) && !tamar_json_is(type, types[k])) k++;
        if (k == COUNT(types))
            return wrong(r, "invalid_value", param, "Invalid value: '%s'. Supported values are: 'input_text', "
                         "'input_image', 'output_text', 'refusal', and 'input_file'.", json_text(&r->pool, type).ptr);
        if (given(image) && !is_string(image))
            return wrong(r, "invalid_type", param, "Invalid type for '%s': expected an image URL as a string.", param);
        if (k < 2) {
            tamar_str s = json_text(&r->pool, tamar_json_get(part, "text"));
            buf_add(text, s.ptr, s.len);
        }
    }
    return true;
}

static bool responses_item(struct reply *r, tamar_json item, int i, struct ask *a)
{
    static const char *const roles[] = {"user", "assistant", "system", "developer"};
    tamar_json type = tamar_json_get(item, "type"), role = tamar_json_get(item, "role");
    char param[64];
    snprintf(param, sizeof param, "input[%d]", i);
    if (tamar_json_is(type, "function_call")) {
        tamar_json arguments = tamar_json_get(item, "arguments");
        tamar_str id = json_text(&r->pool, tamar_json_get(item, "call_id"));
        if (!id.len || !is_string(tamar_json_get(item, "name")) || !is_string(arguments))
            return wrong(r, "missing_required_parameter", param, "'%s' needs call_id, name and arguments.", param);
        return ask_open(a, id) || wrong(r, "invalid_value", param, "Too many function calls.");
    }
    if (tamar_json_is(type, "function_call_output")) {
        struct buf text = {0};
        tamar_str id = json_text(&r->pool, tamar_json_get(item, "call_id"));
        if (!ask_close(a, id))
            return wrong(r, NULL, "input", "No tool call found for function call output with call_id %s.", id.ptr);
        bool good = responses_parts(r, tamar_json_get(item, "output"), i, &text);
        ask_result(a, (tamar_str){text.ptr, text.len});
        buf_free(&text);
        return good;
    }
    if (tamar_json_is(type, "reasoning"))
        return is_array(tamar_json_get(item, "summary")) ||
               wrong(r, "missing_required_parameter", param, "Missing required parameter: '%s.summary'.", param);
    if (type.ptr && !tamar_json_is(type, "message")) return true;  // hosted tools and the like
    size_t k = 0;
    while (k < COUNT(roles) && !tamar_json_is(role, roles[k])) k++;
    if (k == COUNT(roles))
        return wrong(r, "invalid_value", param, "Invalid value for '%s.role'. Supported values are: 'assistant', "
                     "'system', 'developer', and 'user'.", param);
    struct buf text = {0};
    bool good = responses_parts(r, tamar_json_get(item, "content"), i, &text);
    if (k == 0) ask_user(a, (tamar_str){text.ptr, text.len}, true);
    else a->bytes += text.len;
    buf_free(&text);
    return good;
}

static bool responses_input(struct reply *r, tamar_json input, struct ask *a)
{
    tamar_json_iter it = tamar_json_iterate(input);
    tamar_json key, item;
    if (is_string(input)) {
        ask_user(a, json_text(&r->pool, input), true);
        a->messages = 1;
        return true;
    }
    if (!is_array(input)) return chat_missing(r, "input");
    if (!tamar_json_count(input))
        return wrong(r, "empty_array", "input", "Invalid 'input': empty array. Expected at least one item.");
    for (int i = 0; tamar_json_next(&it, &key, &item); i++)
        if (!responses_item(r, item, i, a)) return false;
    a->messages = tamar_json_count(input);
    return !a->nopen || wrong(r, NULL, "input", "No tool output found for function call %s.", a->open[0].ptr);
}

static bool responses_fields(struct reply *r, tamar_json body, struct ask *a)
{
    static const char *const known[] = {
        "model", "input", "instructions", "max_output_tokens", "max_tool_calls", "temperature", "top_p",
        "top_logprobs", "include", "text", "reasoning", "tools", "tool_choice", "parallel_tool_calls", "store",
        "previous_response_id", "conversation", "background", "metadata", "service_tier", "safety_identifier",
        "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "context_management", "moderation",
        "prompt", "stream", "stream_options", "access_programs", "image", "truncation", "user"};
    tamar_str other = unknown_member(&r->pool, body, known, COUNT(known));
    tamar_json tools = tamar_json_get(body, "tools"), format = tamar_json_at(body, "text/format"), key, tool;
    if (other.len) return wrong(r, "unknown_parameter", other.ptr, "Unknown parameter: '%s'.", other.ptr);
    for (tamar_json_iter it = tamar_json_iterate(tools); tamar_json_next(&it, &key, &tool);) {
        if (!tamar_json_is(tamar_json_get(tool, "type"), "function")) continue;
        tamar_str name = json_text(&r->pool, tamar_json_get(tool, "name"));
        if (!name.len) return chat_missing(r, "tools[0].name");
        ask_tool(a, name, tamar_json_get(tool, "parameters"));
    }
    a->wanted = json_text(&r->pool, tamar_json_at(body, "tool_choice/name"));
    a->no_tools = tamar_json_is(tamar_json_get(body, "tool_choice"), "none");
    if (tamar_json_is(tamar_json_get(format, "type"), "json_schema")) {
        a->schema = tamar_json_get(format, "schema");
        if (!is_string(tamar_json_get(format, "name"))) return chat_missing(r, "text.format.name");
        if (!a->schema.ptr) return chat_missing(r, "text.format.schema");
    }
    a->json_object = tamar_json_is(tamar_json_get(format, "type"), "json_object");
    if (tamar_json_get_int(tamar_json_get(body, "max_output_tokens"), &a->limit) != TAMAR_JSON_OK) a->limit = -1;
    return true;
}

static bool responses_read(struct reply *r, const struct request *q, tamar_json body)
{
    struct ask a = {.limit = -1};
    if (!chat_body(r, body)) return false;
    tamar_json_get_bool(tamar_json_get(body, "stream"), &r->turn.stream);
    bool good = responses_fields(r, body, &a) && responses_input(r, tamar_json_get(body, "input"), &a) &&
                ask_answer(r, q, &a);
    ask_free(&a);
    return good;
}

static void responses_reasoning(struct reply *r, bool done, struct buf *out)
{
    put(out, "{\"id\":\"rs_sim%x\",\"type\":\"reasoning\",\"summary\":[", r->turn.id);
    if (done) put(out, "{\"type\":\"summary_text\",\"text\":%q}", r->turn.reasoning);
    put(out, "]");
    if (done) put(out, ",\"encrypted_content\":\"c2ltdWxhdGVk\"");
    put(out, "}");
}

static void responses_part(struct reply *r, bool done, struct buf *out)
{
    bool refusal = r->turn.refusal;
    tamar_str text = done ? turn_whole_text(&r->turn, &r->pool) : str("");
    put(out, "{\"type\":\"%s\",\"%s\":%q", refusal ? "refusal" : "output_text", refusal ? "refusal" : "text", text);
    put(out, "%s}", refusal ? "" : ",\"annotations\":[],\"logprobs\":[]");
}

static void responses_message(struct reply *r, bool done, struct buf *out)
{
    put(out, "{\"id\":\"msg_sim%x\",\"type\":\"message\",\"status\":\"%s\",", r->turn.id,
        done ? "completed" : "in_progress");
    put(out, "\"role\":\"assistant\",\"content\":[");
    if (done) responses_part(r, true, out);
    put(out, "]}");
}

static void responses_call(struct reply *r, int i, bool done, struct buf *out)
{
    const struct call *c = &r->turn.calls[i];
    put(out, "{\"id\":\"fc_sim%x_%d\",\"type\":\"function_call\",\"status\":\"%s\",", r->turn.id, i,
        done ? "completed" : "in_progress");
    put(out, "\"call_id\":%q,\"name\":%q,\"arguments\":%q}", c->id, c->name, done ? c->args : str(""));
}

static void responses_output(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    const char *comma = "";
    if (t->reasoning.len) {
        responses_reasoning(r, true, out);
        comma = ",";
    }
    if (t->generated || t->text.len) {
        put(out, "%s", comma);
        responses_message(r, true, out);
        comma = ",";
    }
    for (int i = 0; i < t->ncalls; i++, comma = ",") {
        put(out, "%s", comma);
        responses_call(r, i, true, out);
    }
}

static void responses_usage(const struct turn *t, struct buf *out)
{
    put(out, "{\"input_tokens\":%u,\"input_tokens_details\":{\"cached_tokens\":0},", t->prompt_tokens);
    put(out, "\"output_tokens\":%u,\"output_tokens_details\":{\"reasoning_tokens\":%u},", t->output_tokens,
        t->reasoning_tokens);
    put(out, "\"total_tokens\":%u}", t->prompt_tokens + t->output_tokens);
}

// The response object. status: in_progress, failed (with error, a JSON text), or what the turn comes to.
static void responses_object(struct reply *r, const char *status, tamar_str error, struct buf *out)
{
    const struct turn *t = &r->turn;
    bool over = !*status;
    if (over) status = str_is(t->finish, "length") || str_is(t->finish, "content_filter") ? "incomplete" : "completed";
    put(out, "{\"id\":\"resp_sim%x\",\"object\":\"response\",\"created_at\":%d,\"status\":\"%s\",", t->id, CREATED,
        status);
    put(out, "\"error\":%r,\"incomplete_details\":", error.len ? error : str("null"));
    if (!strcmp(status, "incomplete"))
        put(out, "{\"reason\":\"%s\"}", str_is(t->finish, "length") ? "max_output_tokens" : "content_filter");
    else put(out, "null");
    put(out, ",\"instructions\":null,\"model\":%q,\"output\":[", t->model);
    if (over) responses_output(r, out);
    put(out, "],\"parallel_tool_calls\":true,\"store\":false,\"usage\":");
    if (over && !r->spec.no_usage) responses_usage(t, out);
    else put(out, "null");
    put(out, "}");
}

// One numbered event; j holds its members behind these two, and is emptied.
static void responses_send(struct reply *r, struct buf *out, const char *type, struct buf *j)
{
    struct buf b = {0};
    put(&b, "{\"type\":\"%s\",\"sequence_number\":%u%s%r", type, r->cursor.events++, j->len ? "," : "",
        (tamar_str){j->ptr, j->len});
    if (r->spec.obfuscation) {
        r->cursor.random = r->cursor.random * 1664525 + 1013904223;
        put(&b, ",\"obfuscation\":%q", (tamar_str){FILLER, r->cursor.random >> 27});
    }
    put(&b, "}");
    reply_event(r, out, type, (tamar_str){b.ptr, b.len});
    buf_free(&b);
    j->len = 0;
}

// The members that say which item an event is about.
static void responses_place(struct reply *r, struct buf *j)
{
    const struct cursor *c = &r->cursor;
    const char *kind = c->open == STAGE_REASONING ? "rs" : c->open == STAGE_TEXT ? "msg" : "fc";
    put(j, "\"item_id\":\"%s_sim%x", kind, r->turn.id);
    if (c->open == STAGE_CALLS) put(j, "_%d", c->open_call);
    put(j, "\",\"output_index\":%u,", c->blocks);
    if (c->open == STAGE_REASONING) put(j, "\"summary_index\":0,");
    if (c->open == STAGE_TEXT) put(j, "\"content_index\":0,");
}

static void responses_item_event(struct reply *r, struct buf *out, struct buf *j, bool done)
{
    const struct cursor *c = &r->cursor;
    put(j, "\"output_index\":%u,\"item\":", c->blocks);
    if (c->open == STAGE_REASONING) responses_reasoning(r, done, j);
    else if (c->open == STAGE_TEXT) responses_message(r, done, j);
    else responses_call(r, c->open_call, done, j);
    responses_send(r, out, done ? "response.output_item.done" : "response.output_item.added", j);
}

static void responses_close(struct reply *r, struct buf *out, struct buf *j)
{
    struct cursor *c = &r->cursor;
    const struct turn *t = &r->turn;
    if (c->open == STAGE_ROLE) return;
    responses_place(r, j);
    if (c->open == STAGE_REASONING) {
        put(j, "\"text\":%q", t->reasoning);
        responses_send(r, out, "response.reasoning_summary_text.done", j);
        responses_place(r, j);
        put(j, "\"part\":{\"type\":\"summary_text\",\"text\":%q}", t->reasoning);
        responses_send(r, out, "response.reasoning_summary_part.done", j);
    } else if (c->open == STAGE_TEXT) {
        put(j, "\"%s\":%q", t->refusal ? "refusal" : "text", turn_whole_text(t, &r->pool));
        responses_send(r, out, t->refusal ? "response.refusal.done" : "response.output_text.done", j);
        responses_place(r, j);
        put(j, "\"part\":");
        responses_part(r, true, j);
        responses_send(r, out, "response.content_part.done", j);
    } else {
        put(j, "\"arguments\":%q", t->calls[c->open_call].args);
        responses_send(r, out, "response.function_call_arguments.done", j);
    }
    responses_item_event(r, out, j, true);
    c->open = STAGE_ROLE;
    c->blocks++;
}

static void responses_open(struct reply *r, const struct event *e, struct buf *out, struct buf *j)
{
    struct cursor *c = &r->cursor;
    if (c->open == e->stage && (e->stage != STAGE_CALLS || c->open_call == e->call)) return;
    responses_close(r, out, j);
    c->open = e->stage;
    c->open_call = e->call;
    responses_item_event(r, out, j, false);
    if (e->stage == STAGE_CALLS) return;
    responses_place(r, j);
    put(j, "\"part\":");
    if (e->stage == STAGE_REASONING) put(j, "{\"type\":\"summary_text\",\"text\":\"\"}");
    else responses_part(r, false, j);
    responses_send(r, out, e->stage == STAGE_REASONING ? "response.reasoning_summary_part.added"
                                                       : "response.content_part.added", j);
}

static void responses_failure(struct reply *r, struct buf *out, struct buf *j)
{
    const struct status *row = status_row(r->spec.status >= 400 ? (int)r->spec.status : 500);
    tamar_str code = r->spec.code.ptr ? r->spec.code : str(*row->code ? row->code : "server_error");
    if (str_is(r->spec.error_form, "event")) {
        put(j, "\"code\":%q,\"message\":\"%s\",\"param\":null", code, row->message);
        responses_send(r, out, "error", j);
        return;
    }
    struct buf error = {0};
    put(&error, "{\"code\":%q,\"message\":\"%s\"}", code, row->message);
    put(j, "\"response\":");
    responses_object(r, "failed", (tamar_str){error.ptr, error.len}, j);
    responses_send(r, out, "response.failed", j);
    buf_free(&error);
}

static void responses_event(struct reply *r, const struct event *e, struct buf *out)
{
    static const char *const deltas[] = {
        [STAGE_REASONING] = "response.reasoning_summary_text.delta", [STAGE_TEXT] = "response.output_text.delta",
        [STAGE_CALLS] = "response.function_call_arguments.delta"};
    struct buf j = {0};
    switch (e->stage) {
    case STAGE_ROLE:
        put(&j, "\"response\":");
        responses_object(r, "in_progress", str(""), &j);
        responses_send(r, out, "response.created", &j);
        put(&j, "\"response\":");
        responses_object(r, "in_progress", str(""), &j);
        responses_send(r, out, "response.in_progress", &j);
        break;
    case STAGE_REASONING:
    case STAGE_TEXT:
    case STAGE_CALLS:
        responses_open(r, e, out, &j);
        if (e->begin) break;
        responses_place(r, &j);
        put(&j, "\"delta\":%q", e->text);
        responses_send(r, out, e->stage == STAGE_TEXT && r->turn.refusal ? "response.refusal.delta" : deltas[e->stage],
                       &j);
        break;
    case STAGE_FINISH:
        responses_close(r, out, &j);
        break;
    case STAGE_ERROR:
        responses_failure(r, out, &j);
        break;
    case STAGE_DONE:
        if (r->cursor.failing) {  // as some gateways do
            reply_event(r, out, NULL, str("[DONE]"));
            break;
        }
        put(&j, "\"response\":");
        responses_object(r, "", str(""), &j);
        responses_send(r, out, str_is(r->turn.finish, "length") || str_is(r->turn.finish, "content_filter")
                                   ? "response.incomplete" : "response.completed", &j);
        break;
    default: break;
    }
    buf_free(&j);
}

static void responses_whole(struct reply *r, struct buf *out)
{
    if (r->turn.counting) {
        put(out, "{\"object\":\"response.input_tokens\",\"input_tokens\":%u}\n", r->turn.prompt_tokens);
        return;
    }
    responses_object(r, "", str(""), out);
    put(out, "\n");
}

static const struct dialect openai_responses = {
    .name = "openai-responses", .stream_type = "text/event-stream; charset=utf-8", .id_header = "x-request-id",
    .headers = OPENAI_HEADERS, .call_ids = "call_", .manner = CALLS_IN_ORDER, .remembers = true, .model = body_model,
    .admit = chat_admit, .read = responses_read, .event = responses_event, .whole = responses_whole,
    .error = chat_error};

// =================================================================================================
// >>claude  the anthropic-messages dialect: POST /v1/messages, and count_tokens beside it
// Blocks come one after the other, each opened and closed. Unknown members are refused, as the real one does.
// =================================================================================================

static void claude_error(struct reply *r, struct buf *out, int status, const char *code, const char *message,
                         const char *param)
{
    static const struct { int status; const char *type, *message; } rows[] = {
        {400, "invalid_request_error", "The request is not valid."},
        {401, "authentication_error", "invalid x-api-key"},
        {402, "billing_error", "Your credit balance is too low to access the API."},
        {403, "permission_error", "Your API key does not have permission to use the specified resource."},
        {404, "not_found_error", "Not found"},
        {405, "invalid_request_error", "Method Not Allowed"},
        {409, "conflict_error", "The resource was changed by another request."},
        {413, "request_too_large", "Request exceeds the maximum size"},
        {429, "rate_limit_error", "This request would exceed your organization's rate limit. Please try again later."},
        {500, "api_error", "Internal server error"},
        {504, "timeout_error", "The request timed out."},
        {529, "overloaded_error", "Overloaded"},
        {408, "timeout_error", "The request timed out."},
    };
    size_t k = 0;
    while (k < COUNT(rows) && rows[k].status != status) k++;
    if (k == COUNT(rows)) k = status >= 500 ? 9 : 0;
    (void)param;
    put(out, "{\"type\":\"error\",\"error\":{\"type\":%q,\"message\":%q},\"request_id\":\"req_sim_%u\"}",
        str(code && *code ? code : rows[k].type), str(message ? message : rows[k].message), r->number);
}

static bool claude_admit(struct reply *r, const struct request *q)
{
    tamar_str key, bearer, version;
    bool has_key = header_of(q, "x-api-key", &key), has_bearer = header_of(q, "authorization", &bearer);
    if (!has_key && !has_bearer) reply_error(r, 401, NULL, "x-api-key header is required", NULL);
    else if (str_is(key, "bad-key") || (!has_key && str_is(bearer, "Bearer bad-key")))
        reply_error(r, 401, NULL, NULL, NULL);
    else if (!header_of(q, "anthropic-version", &version))
        reply_error(r, 400, NULL, "anthropic-version: header is required", NULL);
    else if (!str_is(version, "2023-06-01") && !str_is(version, "2026-10-21"))
        reply_error(r, 400, NULL, "anthropic-version: is not a valid version", NULL);
    else if (r->page && !header_of(q, "anthropic-dangerous-direct-browser-access", &key))
        reply_error(r, 401, NULL, "CORS requests must set 'anthropic-dangerous-direct-browser-access' header", NULL);
    else return true;
    return false;
}

struct claude_walk {
    struct ask *a;
    tamar_str uses[MAX_CALLS];  // tool_use ids of the turn before
    int nuses;
};

static bool claude_block(struct reply *r, tamar_json b, int i, int k, bool user, bool *text_seen,
                         struct claude_walk *w, struct buf *text)
{
    tamar_json type = tamar_json_get(b, "type");
    tamar_str s;
    if (tamar_json_is(type, "text")) {
        s = json_text(&r->pool, tamar_json_get(b, "text"));
        if (!str_trim(s).len) return wrong(r, NULL, NULL, "messages: text content blocks must be non-empty");
        buf_add(text, s.ptr, s.len);
        *text_seen = true;
        return true;
    }
    if (tamar_json_is(type, "tool_use") && !user) {
        s = json_text(&r->pool, tamar_json_get(b, "id"));
        for (size_t c = 0; c < s.len; c++)
            if (!isalnum((unsigned char)s.ptr[c]) && s.ptr[c] != '_' && s.ptr[c] != '-') s.len = 0;
        if (!s.len)
            return wrong(r, NULL, NULL, "messages.%d.content.%d.tool_use.id: String should match pattern "
                         "'^[a-zA-Z0-9_-]+$'", i, k);
        if (!is_object(tamar_json_get(b, "input")))
            return wrong(r, NULL, NULL, "messages.%d.content.%d.tool_use.input: Input should be a valid dictionary", i,
                         k);
        return ask_open(w->a, s) || wrong(r, NULL, NULL, "messages.%d: too many tool calls", i);
    }
    if (tamar_json_is(type, "tool_result") && user) {
        tamar_json content = tamar_json_get(b, "content"), key, part;
        tamar_json_iter it = tamar_json_iterate(content);
        s = json_text(&r->pool, tamar_json_get(b, "tool_use_id"));
        if (!ask_close(w->a, s))
            return wrong(r, NULL, NULL, "messages.%d.content.%d: unexpected `tool_use_id` found in `tool_result` "
                         "blocks: %s. Each `tool_result` block must have a corresponding `tool_use` block in the "
                         "previous message.", i, k, s.ptr);
        if (*text_seen)
            return wrong(r, NULL, NULL, "messages.%d: `tool_result` blocks must come before any other content", i);
        if (is_string(content)) ask_result(w->a, json_text(&r->pool, content));
        else if (!is_array(content)) ask_result(w->a, str(""));
        else
            while (tamar_json_next(&it, &key, &part))
                ask_result(w->a, json_text(&r->pool, tamar_json_get(part, "text")));
        return true;
    }
    if (tamar_json_is(type, "image") || tamar_json_is(type, "document")) {
        *text_seen = true;
        return is_object(tamar_json_get(b, "source")) ||
               wrong(r, NULL, NULL, "messages.%d.content.%d.source: Field required", i, k);
    }
    if (tamar_json_is(type, "thinking"))
        return (is_string(tamar_json_get(b, "signature")) && is_string(tamar_json_get(b, "thinking"))) ||
               wrong(r, NULL, NULL, "messages.%d.content.%d.thinking.signature: Field required", i, k);
    if (!is_string(type)) return wrong(r, NULL, NULL, "messages.%d.content.%d.type: Field required", i, k);
    s = json_text(&r->pool, type);
    if (str_is(s, "image_url") || str_is(s, "input_audio") || str_is(s, "tool_result") || str_is(s, "tool_use"))
        return wrong(r, NULL, NULL, "messages.%d.content.%d: Input tag '%s' found using 'type' does not match any of "
                     "the expected tags", i, k, s.ptr);
    return true;  // redacted_thinking, search_result and others that are only echoed
}

static bool claude_message(struct reply *r, tamar_json m, int i, struct claude_walk *w)
{
    tamar_json role = tamar_json_get(m, "role"), content = tamar_json_get(m, "content"), key, block;
    bool user = tamar_json_is(role, "user"), text_seen = false, good = true, results = false;
    struct buf text = {0};
    int k = 0, open = w->a->nopen;
    if (!user && !tamar_json_is(role, "assistant") && !(i && tamar_json_is(role, "system")))
        return wrong(r, NULL, NULL, "messages.%d.role: Input should be 'user' or 'assistant'", i);
    if (is_string(content)) {
        tamar_str s = json_text(&r->pool, content);
        if (!str_trim(s).len) return wrong(r, NULL, NULL, "messages.%d: all messages must have non-empty content", i);
        buf_add(&text, s.ptr, s.len);
    } else if (!is_array(content) || !tamar_json_count(content))
        return wrong(r, NULL, NULL, "messages.%d: all messages must have non-empty content", i);
    else {
        tamar_json_iter it = tamar_json_iterate(content);
        while (good && tamar_json_next(&it, &key, &block)) {
            results |= tamar_json_is(tamar_json_get(block, "type"), "tool_result");
            good = claude_block(r, block, i, k++, user, &text_seen, w, &text);
        }
    }
    if (good && open && w->a->nopen && (user || open == w->a->nopen))
        good = wrong(r, NULL, NULL, "messages.%d: `tool_use` ids were found without `tool_result` blocks immediately "
                     "after: %s. Each `tool_use` block must have a corresponding `tool_result` block in the next "
                     "message.", i, w->a->open[0].ptr);
    if (good && user) ask_user(w->a, (tamar_str){text.ptr, text.len}, !results);
    else w->a->bytes += text.len;
    buf_free(&text);
    return good;
}

static bool claude_fields(struct reply *r, const struct request *q, tamar_json body, struct ask *a)
{
    static const char *const known[] = {
        "model", "max_tokens", "messages", "system", "stream", "stop_sequences", "metadata", "service_tier", "tools",
        "tool_choice", "thinking", "output_config", "cache_control", "temperature", "top_p", "top_k",
        "inference_geo", "speed", "container", "diagnostics", "context_management", "mcp_servers", "fallbacks",
        "thread", "compaction", "task_budget"};
    static const char *const sampling[] = {"temperature", "top_p", "top_k"};
    tamar_str other = unknown_member(&r->pool, body, known, COUNT(known)), version;
    tamar_json tools = tamar_json_get(body, "tools"), key, tool;
    int64_t budget;
    int i = 0;
    header_of(q, "anthropic-version", &version);
    if (other.len) return wrong(r, NULL, NULL, "%s: Extra inputs are not permitted", other.ptr);
    for (size_t k = 0; str_is(version, "2026-10-21") && k < COUNT(sampling); k++)
        if (tamar_json_get(body, sampling[k]).ptr)
            return wrong(r, NULL, NULL, "%s: Extra inputs are not permitted", sampling[k]);
    if (!r->turn.counting && tamar_json_get_int(tamar_json_get(body, "max_tokens"), &a->limit) != TAMAR_JSON_OK)
        return wrong(r, NULL, NULL, "max_tokens: Field required");
    if (r->turn.counting && tamar_json_get(body, "max_tokens").ptr)
        return wrong(r, NULL, NULL, "max_tokens: Extra inputs are not permitted");
    if (tamar_json_get_int(tamar_json_at(body, "thinking/budget_tokens"), &budget) == TAMAR_JSON_OK) {
        if (budget < 1024)
            return wrong(r, NULL, NULL, "thinking.enabled.budget_tokens: Input should be greater than or equal to "
                         "1024");
        if (!r->turn.counting && a->limit <= budget)
            return wrong(r, NULL, NULL, "`max_tokens` must be greater than `thinking.budget_tokens`.");
    }
    for (tamar_json_iter it = tamar_json_iterate(tools); tamar_json_next(&it, &key, &tool); i++) {
        tamar_json schema = tamar_json_get(tool, "input_schema"), type = tamar_json_get(tool, "type");
        if (type.ptr && !tamar_json_is(type, "custom")) continue;
        if (tamar_json_get(tool, "function").ptr)
            return wrong(r, NULL, NULL, "tools.%d.custom.function: Extra inputs are not permitted", i);
        if (!is_string(tamar_json_get(tool, "name")))
            return wrong(r, NULL, NULL, "tools.%d.custom.name: Field required", i);
        if (!schema.ptr) return wrong(r, NULL, NULL, "tools.%d.custom.input_schema: Field required", i);
        if (!tamar_json_is(tamar_json_get(schema, "type"), "object"))
            return wrong(r, NULL, NULL, "tools.%d.custom.input_schema.type: Input should be 'object'", i);
        ask_tool(a, json_text(&r->pool, tamar_json_get(tool, "name")), schema);
    }
    if (tamar_json_is(tamar_json_at(body, "tool_choice/type"), "tool"))
        a->wanted = json_text(&r->pool, tamar_json_at(body, "tool_choice/name"));
    a->no_tools = tamar_json_is(tamar_json_at(body, "tool_choice/type"), "none");
    a->schema = tamar_json_at(body, "output_config/format/schema");
    return true;
}

static bool claude_read(struct reply *r, const struct request *q, tamar_json body)
{
    struct ask a = {.limit = -1};
    struct claude_walk w = {.a = &a};
    tamar_json messages = tamar_json_get(body, "messages"), key, m;
    tamar_json_iter it = tamar_json_iterate(messages);
    if (!is_object(body)) return wrong(r, NULL, NULL, "The request body is not valid JSON");
    if (!r->turn.model.len) return wrong(r, NULL, NULL, "model: Field required");
    tamar_json_get_bool(tamar_json_get(body, "stream"), &r->turn.stream);
    bool good = claude_fields(r, q, body, &a);
    if (good && !is_array(messages)) good = wrong(r, NULL, NULL, "messages: Field required");
    if (good && !tamar_json_count(messages)) good = wrong(r, NULL, NULL, "messages: at least one message is required");
    for (int i = 0; good && tamar_json_next(&it, &key, &m); i++) good = claude_message(r, m, i, &w);
    if (good && a.nopen)
        good = wrong(r, NULL, NULL, "messages: `tool_use` ids were found without `tool_result` blocks immediately "
                     "after: %s.", a.open[0].ptr);
    a.messages = tamar_json_count(messages);
    good = good && ask_answer(r, q, &a);
    ask_free(&a);
    return good;
}

static tamar_str claude_stop(const struct reply *r)
{
    if (r->turn.refusal && !r->spec.finish.ptr) return str("refusal");
    return finish_word(r, "end_turn", "max_tokens", "tool_use");
}

static void claude_usage(const struct reply *r, uint64_t output, struct buf *out)
{
    const struct turn *t = &r->turn;
    put(out, "{\"input_tokens\":%u,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,",
        t->prompt_tokens);
    put(out, "\"output_tokens\":%u,\"service_tier\":\"standard\"}", output);
}

static void claude_send(struct reply *r, struct buf *out, const char *type, struct buf *j)
{
    struct buf b = {0};
    put(&b, "{\"type\":\"%s\"%s%r}", type, j->len ? "," : "", (tamar_str){j->ptr, j->len});
    reply_event(r, out, type, (tamar_str){b.ptr, b.len});
    buf_free(&b);
    j->len = 0;
}

static void claude_close(struct reply *r, struct buf *out, struct buf *j)
{
    struct cursor *c = &r->cursor;
    if (c->open == STAGE_ROLE) return;
    if (c->open == STAGE_REASONING) {
        put(j, "\"index\":%u,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"c2ln\"}", c->blocks);
        claude_send(r, out, "content_block_delta", j);
    }
    put(j, "\"index\":%u", c->blocks);
    claude_send(r, out, "content_block_stop", j);
    c->open = STAGE_ROLE;
    c->blocks++;
}

static void claude_open(struct reply *r, const struct event *e, struct buf *out, struct buf *j)
{
    struct cursor *c = &r->cursor;
    if (c->open == e->stage && (e->stage != STAGE_CALLS || c->open_call == e->call)) return;
    claude_close(r, out, j);
    c->open = e->stage;
    c->open_call = e->call;
    put(j, "\"index\":%u,\"content_block\":", c->blocks);
    if (e->stage == STAGE_REASONING) put(j, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}");
    else if (e->stage == STAGE_TEXT) put(j, "{\"type\":\"text\",\"text\":\"\"}");
    else
        put(j, "{\"type\":\"tool_use\",\"id\":%q,\"name\":%q,\"input\":{}}", r->turn.calls[e->call].id,
            r->turn.calls[e->call].name);
    claude_send(r, out, "content_block_start", j);
}

static void claude_head(const struct reply *r, struct buf *out)
{
    put(out, "\"id\":\"msg_sim%x\",\"type\":\"message\",\"role\":\"assistant\",\"model\":%q,", r->turn.id,
        r->turn.model);
}

static void claude_event(struct reply *r, const struct event *e, struct buf *out)
{
    struct buf j = {0};
    switch (e->stage) {
    case STAGE_ROLE:
        put(&j, "\"message\":{");
        claude_head(r, &j);
        put(&j, "\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":");
        claude_usage(r, 1, &j);
        put(&j, "}");
        claude_send(r, out, "message_start", &j);
        claude_send(r, out, "ping", &j);
        break;
    case STAGE_REASONING:
    case STAGE_TEXT:
    case STAGE_CALLS:
        claude_open(r, e, out, &j);
        if (e->begin) break;
        put(&j, "\"index\":%u,\"delta\":{", r->cursor.blocks);
        if (e->stage == STAGE_REASONING) put(&j, "\"type\":\"thinking_delta\",\"thinking\":%q}", e->text);
        else if (e->stage == STAGE_TEXT) put(&j, "\"type\":\"text_delta\",\"text\":%q}", e->text);
        else put(&j, "\"type\":\"input_json_delta\",\"partial_json\":%q}", e->text);
        claude_send(r, out, "content_block_delta", &j);
        break;
    case STAGE_FINISH:
        claude_close(r, out, &j);
        put(&j, "\"delta\":{\"stop_reason\":%q,\"stop_sequence\":null}", claude_stop(r));
        if (!r->spec.no_usage) {
            put(&j, ",\"usage\":");
            claude_usage(r, r->turn.output_tokens, &j);
        }
        claude_send(r, out, "message_delta", &j);
        break;
    case STAGE_ERROR:
        claude_error(r, &j, r->spec.status >= 400 ? (int)r->spec.status : 529, r->spec.code.ptr, NULL, NULL);
        reply_event(r, out, "error", (tamar_str){j.ptr, j.len});
        break;
    case STAGE_DONE: claude_send(r, out, "message_stop", &j); break;
    default: break;
    }
    buf_free(&j);
}

static void claude_whole(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    tamar_str text = turn_whole_text(t, &r->pool);
    const char *comma = "";
    if (t->counting) {
        put(out, "{\"input_tokens\":%u}", t->prompt_tokens);
        return;
    }
    put(out, "{");
    claude_head(r, out);
    put(out, "\"content\":[");
    if (t->reasoning.len) {
        put(out, "{\"type\":\"thinking\",\"thinking\":%q,\"signature\":\"c2ln\"}", t->reasoning);
        comma = ",";
    }
    if (text.len) {
        put(out, "%s{\"type\":\"text\",\"text\":%q}", comma, text);
        comma = ",";
    }
    for (int i = 0; i < t->ncalls; i++, comma = ",")
        put(out, "%s{\"type\":\"tool_use\",\"id\":%q,\"name\":%q,\"input\":%r}", comma, t->calls[i].id,
            t->calls[i].name, t->calls[i].args);
    put(out, "],\"stop_reason\":");
    if (has_finish(r)) put(out, "%q", claude_stop(r));
    else put(out, "null");
    put(out, ",\"stop_sequence\":null");
    if (!r->spec.no_usage) {
        put(out, ",\"usage\":");
        claude_usage(r, t->output_tokens, out);
    }
    put(out, "}");
}

static const struct dialect anthropic_messages = {
    .name = "anthropic-messages", .stream_type = "text/event-stream; charset=utf-8", .id_header = "request-id",
    .headers = "anthropic-ratelimit-requests-limit: 4000\r\nanthropic-ratelimit-requests-remaining: 3999\r\n",
    .call_ids = "toolu_", .manner = CALLS_IN_ORDER, .remembers = true, .model = body_model, .admit = claude_admit,
    .read = claude_read, .event = claude_event, .whole = claude_whole, .error = claude_error};

// =================================================================================================
// >>gemini  the gemini-generate dialect: POST .../models/<model>:generateContent, :streamGenerateContent, :countTokens
// A stream is events with ?alt=sse, else one JSON array. Tool calls come whole. Unknown members are refused.
// =================================================================================================

static void gemini_error(struct reply *r, struct buf *out, int status, const char *code, const char *message,
                         const char *param)
{
    static const struct { int status; const char *word, *message; } rows[] = {
        {400, "INVALID_ARGUMENT", "Request contains an invalid argument."},
        {401, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
                                 "cookie or other valid authentication credential."},
        {403, "PERMISSION_DENIED", "The caller does not have permission"},
        {404, "NOT_FOUND", "The model is not found for API version v1beta, or is not supported for generateContent."},
        {409, "ABORTED", "The operation was aborted."},
        {429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."},
        {499, "CANCELLED", "The operation was cancelled."},
        {500, "INTERNAL", "An internal error has occurred. Please retry."},
        {501, "UNIMPLEMENTED", "Not implemented."},
        {503, "UNAVAILABLE", "The model is overloaded. Please try again later."},
        {504, "DEADLINE_EXCEEDED", "The request timed out. Please try again."},
        {408, "DEADLINE_EXCEEDED", "The request timed out. Please try again."},
    };
    size_t k = 0;
    (void)param;
    while (k < COUNT(rows) && rows[k].status != status) k++;
    if (k == COUNT(rows)) k = status >= 500 ? 7 : 0;
    bool bad_key = code && !strcmp(code, "API_KEY_INVALID");
    put(out, "%s{\n  \"error\": {\n    \"code\": %d,\n    \"message\": %q,\n    \"status\": %q",
        r->spec.error_array ? "[" : "", status, str(message ? message : rows[k].message), str(code && *code && !bad_key ? code : rows[k].word));
    if (bad_key)
        put(out, ",\n    \"details\": [{\"@type\": \"type.googleapis.com/google.rpc.ErrorInfo\", \"reason\": "
                 "\"API_KEY_INVALID\", \"domain\": \"googleapis.com\"}]");
    if (status == 429)
        put(out, ",\n    \"details\": [{\"@type\": \"type.googleapis.com/google.rpc.RetryInfo\", \"retryDelay\": "
                 "\"%rs\"}]", r->spec.retry_after.len ? r->spec.retry_after : str("1"));
    put(out, "\n  }\n}%s\n", r->spec.error_array ? "]" : "");
}

static bool gemini_admit(struct reply *r, const struct request *q)
{
    tamar_str key, bearer;
    bool has_key = header_of(q, "x-goog-api-key", &key), has_bearer = header_of(q, "authorization", &bearer);
    if (str_is(key, "bad-key"))
        reply_error(r, 400, "API_KEY_INVALID", "API key not valid. Please pass a valid API key.", NULL);
    else if (!has_key && str_is(bearer, "Bearer bad-key")) reply_error(r, 401, NULL, NULL, NULL);
    else if (!has_key && !has_bearer && !str_has_nocase(q->target, "key="))
        reply_error(r, 403, NULL, "Method doesn't allow unregistered callers (callers without established identity). "
                    "Please use API Key or other form of API consumer identity to call this API.", NULL);
    else return true;
    return false;
}

static tamar_str gemini_model(struct reply *r, const struct request *q, tamar_json body)  // it stands in the path
{
    tamar_str path = q->path;
    size_t from = 0;
    (void)body;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/') from = i + 1;
    path = (tamar_str){path.ptr + from, path.len - from};
    while (path.len && path.ptr[path.len - 1] != ':') path.len--;
    if (path.len) path.len--;
    return str_unescape(&r->pool, path);
}

static bool gemini_unknown(struct reply *r, tamar_json object, const char *where, const char *const *words, size_t n)
{
    tamar_str other = unknown_member(&r->pool, object, words, n);
    if (!other.len) return false;
    wrong(r, NULL, NULL, "Invalid JSON payload received. Unknown name \"%s\"%s%s%s: Cannot find field.", other.ptr,
          *where ? " at '" : "", where, *where ? "'" : "");
    return true;
}

struct gemini_walk {
    struct ask *a;
    uint64_t calls;  // of the model's turn before
    bool signs;  // the model wants its signatures back
};

static bool gemini_content(struct reply *r, tamar_json content, int i, struct gemini_walk *w)
{
    static const char *const known[] = {
        "text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall", "functionResponse",
        "executableCode", "codeExecutionResult", "videoMetadata", "mediaResolution", "toolCall", "toolResponse"};
    tamar_json role = tamar_json_get(content, "role"), parts = tamar_json_get(content, "parts"), key, part;
    tamar_json_iter it = tamar_json_iterate(parts);
    bool user = !role.ptr || tamar_json_is(role, "user"), text_seen = false;
    uint64_t calls = 0, results = 0;
    if (!user && !tamar_json_is(role, "model"))
        return wrong(r, NULL, NULL, "Please use a valid role: user, model.");
    if (!is_array(parts) || !tamar_json_count(parts))
        return wrong(r, NULL, NULL, "* GenerateContentRequest.contents[%d].parts: contents.parts must not be empty.\n",
                     i);
    while (tamar_json_next(&it, &key, &part)) {
        tamar_json text = tamar_json_get(part, "text"), call = tamar_json_get(part, "functionCall"),
                   result = tamar_json_get(part, "functionResponse");
        if (gemini_unknown(r, part, "contents[].parts[]", known, COUNT(known))) return false;
        if (call.ptr) {
            if (!is_string(tamar_json_get(call, "name")) ||
                (given(tamar_json_get(call, "args")) && !is_object(tamar_json_get(call, "args"))))
                return wrong(r, NULL, NULL, "Invalid value at 'contents[%d].parts[].function_call.args' "
                             "(type.googleapis.com/google.protobuf.Struct)", i);
            if (!calls && w->signs && !tamar_json_get(part, "thoughtSignature").ptr)
                return wrong(r, NULL, NULL, "Function call is missing a thought_signature in functionCall parts. This "
                             "is required for tools to work correctly.");
            calls++;
        } else if (result.ptr) {
            tamar_json response = tamar_json_get(result, "response"), output = tamar_json_get(response, "output");
            if (!is_string(tamar_json_get(result, "name")) || !is_object(response))
                return wrong(r, NULL, NULL, "Invalid value at 'contents[%d].parts[].function_response.response' "
                             "(type.googleapis.com/google.protobuf.Struct)", i);
            results++;
            if (is_string(output)) ask_result(w->a, json_text(&r->pool, output));
            else ask_result(w->a, (tamar_str){response.ptr, response.len});
        } else if (text.ptr && user) {
            ask_user(w->a, json_text(&r->pool, text), !text_seen && !results);
            text_seen = true;
        } else if (!text.ptr && tamar_json_count(part) == 0)
            return wrong(r, NULL, NULL, "* GenerateContentRequest.contents[%d].parts[0].data: required oneof field "
                         "'data' must have one initialized field\n", i);
    }
    if ((results || w->calls) && results != w->calls)
        return wrong(r, NULL, NULL, "Please ensure that the number of function response parts is equal to the number "
                     "of function call parts of the function call turn.");
    if (calls && i == 0)
        return wrong(r, NULL, NULL, "Please ensure that function call turn comes immediately after a user turn or "
                     "after a function response turn.");
    w->calls = calls;
    return true;
}

static bool gemini_fields(struct reply *r, tamar_json body, struct ask *a)
{
    static const char *const known[] = {
        "contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig", "cachedContent",
        "serviceTier", "labels", "modelArmorConfig", "outputConfig", "store", "continuationToken"};
    static const char *const config_known[] = {
        "temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "seed", "candidateCount",
        "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "responseMimeType", "responseSchema",
        "responseJsonSchema", "responseFormat", "responseModalities", "thinkingConfig", "imageConfig", "speechConfig",
        "mediaResolution", "audioTimestamp", "routingConfig", "modelConfig", "enableEnhancedCivicAnswers"};
    tamar_json config = tamar_json_get(body, "generationConfig"), tools = tamar_json_get(body, "tools"), key, tool, f;
    tamar_json thinking = tamar_json_get(config, "thinkingConfig");
    tamar_json modes = tamar_json_get(config, "responseModalities");
    tamar_json calling = tamar_json_at(body, "toolConfig/functionCallingConfig");
    if (gemini_unknown(r, body, "", known, COUNT(known)) ||
        gemini_unknown(r, config, "generation_config", config_known, COUNT(config_known))) return false;
    if (tamar_json_get(thinking, "thinkingBudget").ptr && tamar_json_get(thinking, "thinkingLevel").ptr)
        return wrong(r, NULL, NULL, "You can only set only one of thinking budget and thinking level.");
    if (tamar_json_get_int(tamar_json_get(config, "maxOutputTokens"), &a->limit) != TAMAR_JSON_OK) a->limit = -1;
    a->schema = tamar_json_get(config, "responseJsonSchema");
    if (!a->schema.ptr) a->schema = tamar_json_get(config, "responseSchema");
    a->json_object = tamar_json_is(tamar_json_get(config, "responseMimeType"), "application/json");
    if (a->schema.ptr && !a->json_object)
        return wrong(r, NULL, NULL, "response_schema is only supported with response_mime_type application/json");
    for (tamar_json_iter it = tamar_json_iterate(modes); tamar_json_next(&it, &key, &f);)
        r->turn.picture |= tamar_json_is(f, "IMAGE");
    for (tamar_json_iter it = tamar_json_iterate(tools); tamar_json_next(&it, &key, &tool);) {
        tamar_json list = tamar_json_get(tool, "functionDeclarations");
        for (tamar_json_iter in = tamar_json_iterate(list); tamar_json_next(&in, &key, &f);) {
            tamar_json schema = tamar_json_get(f, "parametersJsonSchema");
            if (!schema.ptr) schema = tamar_json_get(f, "parameters");
            if (!is_string(tamar_json_get(f, "name")))
                return wrong(r, NULL, NULL, "* GenerateContentRequest.tools[0].function_declarations[0].name: Invalid "
                             "function name.\n");
            ask_tool(a, json_text(&r->pool, tamar_json_get(f, "name")), schema);
        }
    }
    a->wanted = json_text(&r->pool, tamar_json_index(tamar_json_get(calling, "allowedFunctionNames"), 0));
    a->no_tools = tamar_json_is(tamar_json_get(calling, "mode"), "NONE");
    return true;
}

static bool gemini_read(struct reply *r, const struct request *q, tamar_json body)
{
    struct ask a = {.limit = -1};
    struct gemini_walk w = {.a = &a, .signs = str_begins(r->turn.model, "gemini-3")};
    tamar_json inner = tamar_json_get(body, "generateContentRequest"), contents, key, content;
    struct turn *t = &r->turn;
    if (t->counting && inner.ptr) {
        static const char *const wrapped[] = {
            "model", "contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "cachedContent"};
        if (tamar_json_get(body, "contents").ptr)
            return wrong(r, NULL, NULL, "contents and generateContentRequest are mutually exclusive.");
        if (!is_string(tamar_json_get(inner, "model")))
            return wrong(r, NULL, NULL, "* CountTokensRequest.generate_content_request.model: unexpected model name "
                         "format\n");
        if (gemini_unknown(r, inner, "generate_content_request", wrapped, COUNT(wrapped))) return false;
        contents = tamar_json_get(inner, "contents");
    } else contents = tamar_json_get(body, "contents");
    if (!is_object(body)) return wrong(r, NULL, NULL, "Invalid JSON payload received. Unexpected end of string.");
    t->stream = str_ends(q->path, ":streamGenerateContent");
    t->array = t->stream && !str_has_nocase(q->target, "alt=sse");
    bool good = (t->counting && inner.ptr) || gemini_fields(r, body, &a);
    if (good && !tamar_json_count(contents))
        good = wrong(r, NULL, NULL, "* GenerateContentRequest.contents: contents is not specified\n");
    tamar_json_iter it = tamar_json_iterate(contents);
    for (int i = 0; good && tamar_json_next(&it, &key, &content); i++) good = gemini_content(r, content, i, &w);
    a.messages = tamar_json_count(contents);
    good = good && ask_answer(r, q, &a);
    if (t->refusal || t->picture) t->text.len = 0;
    ask_free(&a);
    return good;
}

static tamar_str gemini_finish(const struct reply *r)
{
    if (r->turn.refusal && !r->spec.finish.ptr) return str("SAFETY");
    return finish_word(r, "STOP", "MAX_TOKENS", "STOP");
}

static void gemini_part(const struct reply *r, const struct event *e, struct buf *out)
{
    if (e->stage == STAGE_REASONING) put(out, "{\"text\":%q,\"thought\":true}", e->text);
    else if (e->stage == STAGE_TEXT) put(out, "{\"text\":%q}", e->text);
    else {
        put(out, "{\"functionCall\":{\"name\":%q,\"args\":%r}", r->turn.calls[e->call].name, e->text);
        put(out, "%s}", e->call ? "" : ",\"thoughtSignature\":\"c2ln\"");
    }
}

static void gemini_tail(const struct reply *r, bool over, struct buf *out)  // what stands behind the candidates
{
    const struct turn *t = &r->turn;
    uint64_t output = t->output_tokens - t->reasoning_tokens;
    if (!r->spec.no_usage) {
        put(out, ",\"usageMetadata\":{\"promptTokenCount\":%u", t->prompt_tokens);
        if (over) put(out, ",\"candidatesTokenCount\":%u", output);
        if (over && t->reasoning_tokens) put(out, ",\"thoughtsTokenCount\":%u", t->reasoning_tokens);
        put(out, ",\"totalTokenCount\":%u}", t->prompt_tokens + (over ? t->output_tokens : 0));
    }
    put(out, ",\"modelVersion\":%q,\"responseId\":\"sim%x\"}", t->model, t->id);
}

static void gemini_send(struct reply *r, struct buf *out, tamar_str json)
{
    if (!r->turn.array) reply_event(r, out, NULL, json);
    else put(out, "%s%r", r->cursor.events++ ? "\n,\r\n" : "[", json);
}

static const char gemini_picture[] = "{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"%s\"}}";

// The smallest PNG: one pixel.
#define PIXEL "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

static void gemini_event(struct reply *r, const struct event *e, struct buf *out)
{
    struct buf j = {0};
    switch (e->stage) {
    case STAGE_REASONING:
    case STAGE_TEXT:
    case STAGE_CALLS:
    case STAGE_FINISH:
        put(&j, "{\"candidates\":[{\"content\":{\"parts\":[");
        if (e->stage == STAGE_FINISH && r->turn.picture) put(&j, gemini_picture, PIXEL);
        else if (e->stage == STAGE_FINISH) put(&j, "{\"text\":\"\"}");
        else gemini_part(r, e, &j);
        put(&j, "],\"role\":\"model\"},");
        if (e->stage == STAGE_FINISH) put(&j, "\"finishReason\":%q,", gemini_finish(r));
        put(&j, "\"index\":0}]");
        gemini_tail(r, e->stage == STAGE_FINISH, &j);
        gemini_send(r, out, (tamar_str){j.ptr, j.len});
        break;
    case STAGE_ERROR:
        gemini_error(r, &j, r->spec.status >= 400 ? (int)r->spec.status : 503, r->spec.code.ptr, NULL, NULL);
        for (size_t i = 0; i < j.len; i++)
            if (j.ptr[i] == '\n') j.ptr[i] = ' ';
        gemini_send(r, out, (tamar_str){j.ptr, j.len});
        if (r->turn.array) put(out, "\n]");
        break;
    case STAGE_DONE:
        if (r->turn.array && !r->cursor.failing) put(out, "%s\n]", r->cursor.events ? "" : "[");
        break;
    default: break;
    }
    buf_free(&j);
}

static void gemini_whole(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    tamar_str text = turn_whole_text(t, &r->pool);
    const char *comma = "";
    if (t->counting) {
        put(out, "{\n  \"totalTokens\": %u,\n  \"promptTokensDetails\": [{\"modality\": \"TEXT\", \"tokenCount\": %u}]"
                 "\n}\n", t->prompt_tokens, t->prompt_tokens);
        return;
    }
    put(out, "{\"candidates\":[{\"content\":{\"parts\":[");
    if (t->reasoning.len) {
        gemini_part(r, &(struct event){STAGE_REASONING, t->reasoning, 0, false}, out);
        comma = ",";
    }
    if (text.len) {
        put(out, "%s", comma);
        gemini_part(r, &(struct event){STAGE_TEXT, text, 0, false}, out);
        comma = ",";
    }
    for (int i = 0; i < t->ncalls; i++, comma = ",") {
        put(out, "%s", comma);
        gemini_part(r, &(struct event){STAGE_CALLS, t->calls[i].args, i, true}, out);
    }
    if (t->picture) {
        put(out, "%s", comma);
        put(out, gemini_picture, PIXEL);
    }
    put(out, "],\"role\":\"model\"},");
    if (has_finish(r)) put(out, "\"finishReason\":%q,", gemini_finish(r));
    put(out, "\"index\":0}]");
    gemini_tail(r, true, out);
}

static const struct dialect gemini_generate = {
    .name = "gemini-generate", .stream_type = "text/event-stream", .headers = "server-timing: gfet4t7; dur=1\r\n",
    .call_ids = "", .manner = CALLS_WHOLE, .remembers = true, .crlf = true, .model = gemini_model,
    .admit = gemini_admit, .read = gemini_read, .event = gemini_event, .whole = gemini_whole, .error = gemini_error};

// =================================================================================================
// >>ollama  the ollama-chat dialect: POST /api/chat
// A line of JSON for each event; streamed unless told not to. Like the real one it ignores what it does not know.
// =================================================================================================

static void ollama_error(struct reply *r, struct buf *out, int status, const char *code, const char *message,
                         const char *param)
{
    (void)code;
    (void)param;
    if (!message && status == 404) {
        put(out, "{\"error\":\"model '%r' not found\"}", r->turn.model.ptr ? r->turn.model : str("?"));
        return;
    }
    put(out, "{\"error\":%q}", str(message ? message : status == 401 ? "unauthorized" : status_row(status)->message));
}

static bool ollama_admit(struct reply *r, const struct request *q)
{
    return chat_admit(r, q);
}

static bool ollama_message(struct reply *r, tamar_json m, int i, struct ask *a)
{
    static const char *const roles[] = {"user", "assistant", "tool", "system"};
    tamar_json role = tamar_json_get(m, "role"), content = tamar_json_get(m, "content"), key, call;
    tamar_json_iter it = tamar_json_iterate(tamar_json_get(m, "tool_calls"));
    tamar_str text = json_text(&r->pool, content);
    size_t k = 0;
    while (k < COUNT(roles) && !tamar_json_is(role, roles[k])) k++;
    if (k == COUNT(roles))
        return wrong(r, NULL, NULL, "message[%d]: role must be one of \"system\", \"user\", \"assistant\", or \"tool\"",
                     i);
    if (given(content) && !is_string(content))
        return wrong(r, NULL, NULL, "json: cannot unmarshal %s into Go struct field ChatRequest.messages.content of "
                     "type string", is_array(content) ? "array" : "object");
    while (tamar_json_next(&it, &key, &call))
        if (!is_object(tamar_json_at(call, "function/arguments")))
            return wrong(r, NULL, NULL, "json: cannot unmarshal string into Go struct field "
                         ".messages.tool_calls.function.arguments of type map[string]interface {}");
    if (k == 0) ask_user(a, text, true);
    else if (k == 2) ask_result(a, text);
    else a->bytes += text.len;
    return true;
}

static bool ollama_read(struct reply *r, const struct request *q, tamar_json body)
{
    struct ask a = {.limit = -1};
    tamar_json messages = tamar_json_get(body, "messages"), tools = tamar_json_get(body, "tools");
    tamar_json format = tamar_json_get(body, "format"), key, m;
    tamar_json_iter it = tamar_json_iterate(messages);
    bool good = true;
    if (!is_object(body)) return wrong(r, NULL, NULL, "missing request body");
    if (!r->turn.model.len) return wrong(r, NULL, NULL, "model is required");
    r->turn.stream = true;
    tamar_json_get_bool(tamar_json_get(body, "stream"), &r->turn.stream);
    for (int i = 0; good && tamar_json_next(&it, &key, &m); i++) good = ollama_message(r, m, i, &a);
    for (it = tamar_json_iterate(tools); tamar_json_next(&it, &key, &m);)
        ask_tool(&a, json_text(&r->pool, tamar_json_at(m, "function/name")), tamar_json_at(m, "function/parameters"));
    if (is_object(format)) a.schema = format;
    a.json_object = tamar_json_is(format, "json");
    if (tamar_json_get_int(tamar_json_at(body, "options/num_predict"), &a.limit) != TAMAR_JSON_OK) a.limit = -1;
    a.messages = tamar_json_count(messages);
    good = good && ask_answer(r, q, &a);
    ask_free(&a);
    return good;
}

static void ollama_head(const struct reply *r, struct buf *out)
{
    put(out, "{\"model\":%q,\"created_at\":\"2025-10-09T08:53:20.000000001Z\",\"message\":{\"role\":\"assistant\",",
        r->turn.model);
}

static void ollama_call(const struct reply *r, int i, struct buf *out)
{
    const struct call *c = &r->turn.calls[i];
    put(out, "{\"id\":%q,\"function\":{\"index\":%d,\"name\":%q,\"arguments\":%r}}", c->id, i, c->name, c->args);
}

static void ollama_tail(const struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    put(out, "},\"done\":true,\"done_reason\":%q", finish_word(r, "stop", "length", "stop"));
    if (!r->spec.no_usage)
        put(out, ",\"total_duration\":5000000,\"load_duration\":1000000,\"prompt_eval_count\":%u,"
                 "\"prompt_eval_duration\":1000000,\"eval_count\":%u,\"eval_duration\":3000000", t->prompt_tokens,
            t->output_tokens);
    put(out, "}\n");
}

static void ollama_event(struct reply *r, const struct event *e, struct buf *out)
{
    switch (e->stage) {
    case STAGE_REASONING:
        ollama_head(r, out);
        put(out, "\"content\":\"\",\"thinking\":%q},\"done\":false}\n", e->text);
        break;
    case STAGE_TEXT:
        ollama_head(r, out);
        put(out, "\"content\":%q},\"done\":false}\n", e->text);
        break;
    case STAGE_CALLS:
        ollama_head(r, out);
        put(out, "\"content\":\"\",\"tool_calls\":[");
        ollama_call(r, e->call, out);
        put(out, "]},\"done\":false}\n");
        break;
    case STAGE_FINISH:
        ollama_head(r, out);
        put(out, "\"content\":\"\"");
        ollama_tail(r, out);
        break;
    case STAGE_ERROR:
        ollama_error(r, out, r->spec.status >= 400 ? (int)r->spec.status : 500,
                     NULL, r->spec.code.ptr ? r->spec.code.ptr : "an error was encountered while running the model",
                     NULL);
        put(out, "\n");
        break;
    default: break;
    }
}

static void ollama_whole(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    ollama_head(r, out);
    put(out, "\"content\":%q", turn_whole_text(t, &r->pool));
    if (t->reasoning.len) put(out, ",\"thinking\":%q", t->reasoning);
    for (int i = 0; i < t->ncalls; i++) {
        put(out, "%s", i ? "," : ",\"tool_calls\":[");
        ollama_call(r, i, out);
    }
    if (t->ncalls) put(out, "]");
    if (has_finish(r)) ollama_tail(r, out);
    else put(out, "},\"done\":false}\n");
}

static const struct dialect ollama_chat = {
    .name = "ollama-chat", .stream_type = "application/x-ndjson", .headers = "", .call_ids = "call_",
    .manner = CALLS_WHOLE, .lines = true, .model = body_model, .admit = ollama_admit, .read = ollama_read,
    .event = ollama_event, .whole = ollama_whole, .error = ollama_error};

// =================================================================================================
// >>invoke  the gateway's dialect, tamar-invoke: POST /v1/invoke and /v1/batch-invoke
// One ModelResponse, or a stream of them whose contents are fragments. A failed call is HTTP 200 with an error in it.
// =================================================================================================

static void invoke_error(struct reply *r, struct buf *out, int status, const char *code, const char *message,
                         const char *param)
{
    (void)r;
    if (status == 422 && param)
        put(out, "{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",%q],\"msg\":\"Field required\"}]}", str(param));
    else if (code && *code) put(out, "{\"error\":{\"code\":%q,\"message\":%q}}", str(code),
                                str(message ? message : status_row(status)->message));
    else put(out, "{\"detail\":%q}", str(message ? message : status_row(status)->message));
}

static bool invoke_admit(struct reply *r, const struct request *q)  // a token: three parts between two dots
{
    tamar_str token;
    int dots = 0;
    header_of(q, "authorization", &token);
    for (size_t i = 0; i < token.len; i++) dots += token.ptr[i] == '.';
    if (str_begins(token, "Bearer ") && dots == 2) return true;
    reply_error(r, 401, NULL, token.len ? "Invalid token" : "Not authenticated", NULL);
    return false;
}

static bool invoke_missing(struct reply *r, const char *what)
{
    reply_error(r, 422, NULL, NULL, what);
    return false;
}

static bool invoke_user(struct reply *r, tamar_json body)
{
    tamar_json user = tamar_json_get(body, "user_context");
    if (!is_object(user)) return invoke_missing(r, "user_context");
    if (!is_string(tamar_json_get(user, "org_id"))) return invoke_missing(r, "org_id");
    if (!is_string(tamar_json_get(user, "user_id"))) return invoke_missing(r, "user_id");
    return is_string(tamar_json_get(user, "client_type")) || invoke_missing(r, "client_type");
}

// One item, of a batch or alone. The vendor behind it is asked in chat messages, contents or a prompt.
static bool invoke_item(struct reply *r, const struct request *q, tamar_json body)
{
    struct ask a = {.limit = -1};
    tamar_json contents = tamar_json_get(body, "contents"), key, content, part;
    tamar_json_iter it = tamar_json_iterate(contents);
    tamar_str kind = json_text(&r->pool, tamar_json_get(body, "invoke_type"));
    bool good = true;
    if (!is_string(tamar_json_get(body, "provider"))) return invoke_missing(r, "provider");
    if (!r->turn.model.len) return invoke_missing(r, "model");
    r->turn.picture = str_begins(kind, "image-");
    chat_asked(r, body, &a);
    if (is_array(contents)) {
        while (tamar_json_next(&it, &key, &content)) {
            bool user = tamar_json_is(tamar_json_get(content, "role"), "user"), fresh = true;
            tamar_json parts = tamar_json_get(content, "parts");
            tamar_json_iter in = tamar_json_iterate(parts);
            for (; user && tamar_json_next(&in, &key, &part); fresh = false)
                ask_user(&a, json_text(&r->pool, tamar_json_get(part, "text")), fresh);
        }
        a.messages = tamar_json_count(contents);
    } else if (is_string(contents)) ask_user(&a, json_text(&r->pool, contents), true);
    else if (is_string(tamar_json_get(body, "prompt")))
        ask_user(&a, json_text(&r->pool, tamar_json_get(body, "prompt")), true);
    else good = chat_messages(r, tamar_json_get(body, "messages"), &a);
    good = good && ask_answer(r, q, &a);
    if (r->turn.picture) r->turn.text.len = 0;
    ask_free(&a);
    return good;
}

static bool invoke_read(struct reply *r, const struct request *q, tamar_json body)
{
    if (!is_object(body)) return invoke_missing(r, "body");
    tamar_json_get_bool(tamar_json_get(body, "stream"), &r->turn.stream);
    return invoke_user(r, body) && invoke_item(r, q, body);
}

static void invoke_usage(const struct turn *t, struct buf *out)
{
    put(out, "{\"prompt_tokens\":%u,\"completion_tokens\":%u,", t->prompt_tokens, t->output_tokens);
    put(out, "\"total_tokens\":%u,\"total_cost\":0.001}", t->prompt_tokens + t->output_tokens);
}

static void invoke_calls(const struct turn *t, int from, int to, struct buf *out)
{
    put(out, ",\"tool_calls\":[");
    for (int i = from; i < to; i++)
        put(out, "%s{\"index\":%d,\"id\":%q,\"type\":\"function\",\"function\":{\"name\":%q,\"arguments\":%q}}",
            i > from ? "," : "", i, t->calls[i].id, t->calls[i].name, t->calls[i].args);
    put(out, "]");
}

static void invoke_event(struct reply *r, const struct event *e, struct buf *out)
{
    struct buf j = {0};
    const struct turn *t = &r->turn;
    bool over = e->stage == STAGE_FINISH;
    if (e->stage == STAGE_DONE) reply_event(r, out, NULL, str("[DONE]"));
    // a ModelResponse has no place for reasoning
    if (e->stage != STAGE_TEXT && e->stage != STAGE_CALLS && e->stage != STAGE_ERROR && !over) return;
    put(&j, "{\"content\":");
    if (e->stage == STAGE_TEXT) put(&j, "%q", e->text);
    else put(&j, "null");
    if (e->stage == STAGE_CALLS) invoke_calls(t, e->call, e->call + 1, &j);
    put(&j, ",\"usage\":");
    if (over && !r->spec.no_usage) invoke_usage(t, &j);
    else put(&j, "null");
    if (over) put(&j, ",\"finish_reason\":%q", finish_word(r, "stop", "length", "tool_calls"));
    put(&j, ",\"error\":");
    if (e->stage == STAGE_ERROR)
        put(&j, "\"%s\"", r->spec.code.ptr ? r->spec.code.ptr : "the vendor's stream broke off");
    else put(&j, "null");
    put(&j, ",\"custom_id\":null,\"request_id\":\"req_sim_%u\"}", r->number);
    reply_event(r, out, NULL, (tamar_str){j.ptr, j.len});
    buf_free(&j);
}

static void invoke_whole(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    put(out, "{\"content\":");
    if (t->picture || t->ncalls) put(out, "null");
    else put(out, "%q", turn_whole_text(t, &r->pool));
    if (t->ncalls) invoke_calls(t, 0, t->ncalls, out);
    put(out, ",\"usage\":");
    if (r->spec.no_usage) put(out, "null");
    else invoke_usage(t, out);
    if (has_finish(r)) put(out, ",\"finish_reason\":%q", finish_word(r, "stop", "length", "tool_calls"));
    if (t->picture) put(out, ",\"raw_response\":{\"created\":%d,\"data\":[{\"b64_json\":\"%s\"}]}", CREATED, PIXEL);
    else put(out, ",\"raw_response\":null");
    put(out, ",\"error\":null,\"custom_id\":null,\"request_id\":\"req_sim_%u\"}", r->number);
}

static const struct dialect tamar_invoke = {
    .name = "tamar-invoke", .stream_type = "text/event-stream; charset=utf-8", .id_header = "x-request-id",
    .headers = "", .call_ids = "call_", .manner = CALLS_WHOLE, .model = body_model, .admit = invoke_admit,
    .read = invoke_read, .event = invoke_event, .whole = invoke_whole, .error = invoke_error};

// Each item of a batch is a turn of its own; what is wrong with one is told in its place.
static void answer_batch(struct reply *r, const struct request *q, tamar_json body)
{
    tamar_json items = tamar_json_get(body, "items"), key, item;
    tamar_json_iter it = tamar_json_iterate(items);
    struct buf all = {0};
    if (!is_object(body)) invoke_missing(r, "body");
    if (!is_object(body) || !invoke_user(r, body)) return;
    if (!is_array(items)) {
        invoke_missing(r, "items");
        return;
    }
    put(&all, "{\"request_id\":\"req_sim_%u\",\"responses\":[", r->number);
    for (size_t i = 0; tamar_json_next(&it, &key, &item); i++) {
        tamar_json id = tamar_json_get(item, "custom_id");
        memset(&r->turn, 0, sizeof r->turn);
        r->turn.model = json_text(&r->pool, tamar_json_get(item, "model"));
        r->body.len = 0;
        if (invoke_item(r, q, item)) invoke_whole(r, &r->body);
        else {
            struct buf error = r->body;
            memset(&r->body, 0, sizeof r->body);
            put(&r->body, "{\"content\":null,\"usage\":null,\"raw_response\":null,\"error\":%r,\"custom_id\":null}",
                (tamar_str){error.ptr, error.len});
            buf_free(&error);
        }
        if (given(id)) {  // where null stands
            static const char null[] = "\"custom_id\":null";
            size_t at = r->body.len;
            while (at-- && memcmp(r->body.ptr + at, null, sizeof null - 1)) {}
            put(&all, "%s%r\"custom_id\":%r%r", i ? "," : "", (tamar_str){r->body.ptr, at}, (tamar_str){id.ptr, id.len},
                (tamar_str){r->body.ptr + at + sizeof null - 1, r->body.len - at - (sizeof null - 1)});
        } else put(&all, "%s%r", i ? "," : "", (tamar_str){r->body.ptr, r->body.len});
    }
    put(&all, "]}");
    reply_json(r, 200);
    buf_add(&r->body, all.ptr, all.len);
    buf_free(&all);
}

// =================================================================================================
// >>scope  dashscope-native: POST .../services/aigc/text-generation/generation
// Each event repeats the text so far unless incremental_output says otherwise; no [DONE].
// =================================================================================================

static void scope_error(struct reply *r, struct buf *out, int status, const char *code, const char *message,
                        const char *param)
{
    static const struct { int status; const char *code, *message; } rows[] = {
        {400, "InvalidParameter", "Required parameter(s) missing or invalid, please check the request parameters."},
        {401, "InvalidApiKey", "Invalid API-key provided."},
        {403, "AccessDenied", "Access denied."},
        {404, "ModelNotFound", "Model can not be found."},
        {429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."},
        {500, "InternalError", "An internal error has occured, please try again later or contact service support."},
        {503, "ModelUnavailable", "Model is unavailable, please try again later."},
    };
    size_t k = 0;
    (void)param;
    while (k < COUNT(rows) && rows[k].status != status) k++;
    if (k == COUNT(rows)) k = status >= 500 ? 5 : 0;
    put(out, "{\"code\":%q,\"message\":%q,\"request_id\":\"req_sim_%u\"}", str(code && *code ? code : rows[k].code),
        str(message ? message : rows[k].message), r->number);
}

static bool scope_admit(struct reply *r, const struct request *q)
{
    tamar_str key;
    if (!header_of(q, "authorization", &key)) reply_error(r, 401, NULL, "No API-key provided.", NULL);
    else if (str_is(key, "Bearer bad-key")) reply_error(r, 401, NULL, NULL, NULL);
    else return true;
    return false;
}

static bool scope_read(struct reply *r, const struct request *q, tamar_json body)
{
    struct ask a = {.limit = -1};
    struct turn *t = &r->turn;
    tamar_json messages = tamar_json_at(body, "input/messages"), settings = tamar_json_get(body, "parameters");
    tamar_json tools = tamar_json_get(settings, "tools"), format = tamar_json_get(settings, "response_format");
    tamar_json key, tool;
    tamar_str value;
    bool incremental = false, good;
    if (!is_object(body)) return wrong(r, NULL, NULL, "Request body format invalid");
    if (!t->model.len) return wrong(r, NULL, NULL, "Model not exist.");
    if (is_string(tamar_json_at(body, "input/prompt"))) {
        ask_user(&a, json_text(&r->pool, tamar_json_at(body, "input/prompt")), true);
        good = true;
    } else if (!is_array(messages) || !tamar_json_count(messages))
        return wrong(r, NULL, NULL, "Either \"prompt\" or \"messages\" must exist and cannot both be none");
    else good = chat_messages(r, messages, &a);
    t->stream = header_of(q, "x-dashscope-sse", &value) && str_is_nocase(value, "enable");
    tamar_json_get_bool(tamar_json_get(settings, "incremental_output"), &incremental);
    t->cumulative = !incremental;
    t->plain = !tamar_json_is(tamar_json_get(settings, "result_format"), "message");
    for (tamar_json_iter it = tamar_json_iterate(tools); tamar_json_next(&it, &key, &tool);)
        ask_tool(&a, json_text(&r->pool, tamar_json_at(tool, "function/name")),
                 tamar_json_at(tool, "function/parameters"));
    if (good && a.ntools && t->plain)
        good = wrong(r, NULL, NULL, "When using tools, result_format must be \"message\".");
    a.wanted = json_text(&r->pool, tamar_json_at(settings, "tool_choice/function/name"));
    a.no_tools = tamar_json_is(tamar_json_get(settings, "tool_choice"), "none");
    a.schema = tamar_json_at(format, "json_schema/schema");
    a.json_object = tamar_json_is(tamar_json_get(format, "type"), "json_object");
    if (tamar_json_get_int(tamar_json_get(settings, "max_tokens"), &a.limit) != TAMAR_JSON_OK) a.limit = -1;
    a.messages = tamar_json_count(messages);
    good = good && ask_answer(r, q, &a);
    ask_free(&a);
    return good;
}

static void scope_output(struct reply *r, tamar_str text, tamar_str reasoning, struct buf *calls, bool over,
                         uint64_t output, struct buf *out)
{
    const struct turn *t = &r->turn;
    tamar_str finish = over && has_finish(r) ? finish_word(r, "stop", "length", "tool_calls") : str("null");
    if (t->plain) put(out, "{\"output\":{\"finish_reason\":%q,\"text\":%q}", finish, text);
    else {
        put(out, "{\"output\":{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":%q", text);
        if (t->reasoning.len) put(out, ",\"reasoning_content\":%q", reasoning);
        if (calls->len) put(out, ",\"tool_calls\":[%r]", (tamar_str){calls->ptr, calls->len});
        put(out, "},\"finish_reason\":%q}]}", finish);
    }
    if (!r->spec.no_usage)
        put(out, ",\"usage\":{\"input_tokens\":%u,\"output_tokens\":%u,\"total_tokens\":%u}", t->prompt_tokens, output,
            t->prompt_tokens + output);
    put(out, ",\"request_id\":\"req_sim_%u\"}", r->number);
}

static void scope_frame(struct reply *r, struct buf *out, const char *name, int status, tamar_str data)
{
    const char *eol = reply_eol(r);
    put(out, "id:%u%sevent:%s%s:HTTP_STATUS/%d%sdata:%r%s%s", ++r->cursor.events, eol, name, eol, status, eol, data,
        eol, eol);
}

static void scope_event(struct reply *r, const struct event *e, struct buf *out)
{
    struct turn *t = &r->turn;
    struct cursor *c = &r->cursor;
    struct buf j = {0}, calls = {0};
    tamar_str text = str(""), reasoning = str("");
    if (e->stage == STAGE_ROLE || e->stage == STAGE_DONE || e->stage == STAGE_USAGE) return;
    if (e->stage == STAGE_ERROR) {
        int status = r->spec.status >= 400 ? (int)r->spec.status : 500;
        scope_error(r, &j, status, r->spec.code.ptr, NULL, NULL);
        scope_frame(r, out, "error", status, (tamar_str){j.ptr, j.len});
        buf_free(&j);
        return;
    }
    if (t->cumulative) {
        tamar_str whole = t->generated ? (tamar_str){NULL, 0} : t->text;
        struct buf so_far = {0};
        for (int64_t i = 0; t->generated && i < c->filler; i++)
            buf_add(&so_far, turn_filler(t, i).ptr, t->filler_size);
        text = t->generated ? pool_take(&r->pool, &so_far) : (tamar_str){whole.ptr, c->text};
        reasoning = (tamar_str){t->reasoning.ptr, c->reasoning};
        if (!text.len) text = str("");
    } else if (e->stage == STAGE_TEXT) text = e->text;
    else if (e->stage == STAGE_REASONING) reasoning = e->text;
    if (e->stage == STAGE_CALLS) {
        const struct call *call = &t->calls[e->call];
        put(&calls, "{\"index\":%d,\"id\":%q,\"type\":\"function\",\"function\":{\"name\":%q,\"arguments\":%q}}",
            e->call, call->id, call->name, call->args);
    }
    scope_output(r, text, reasoning, &calls, e->stage == STAGE_FINISH,
                 e->stage == STAGE_FINISH ? t->output_tokens : c->contents, &j);
    scope_frame(r, out, "result", 200, (tamar_str){j.ptr, j.len});
    buf_free(&calls);
    buf_free(&j);
}

static void scope_whole(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    struct buf calls = {0};
    for (int i = 0; i < t->ncalls; i++)
        put(&calls, "%s{\"index\":%d,\"id\":%q,\"type\":\"function\",\"function\":{\"name\":%q,\"arguments\":%q}}",
            i ? "," : "", i, t->calls[i].id, t->calls[i].name, t->calls[i].args);
    scope_output(r, turn_whole_text(t, &r->pool), t->reasoning, &calls, true, t->output_tokens, out);
    buf_free(&calls);
}

static const struct dialect dashscope_native = {
    .name = "dashscope-native", .stream_type = "text/event-stream;charset=UTF-8", .id_header = "x-request-id",
    .headers = "", .call_ids = "call_", .manner = CALLS_WHOLE, .remembers = true, .model = body_model,
    .admit = scope_admit, .read = scope_read, .event = scope_event, .whole = scope_whole, .error = scope_error};

// =================================================================================================
// >>hunyuan  hunyuan-native: POST / with X-TC-Action: ChatCompletions, signed
// Capital letters everywhere; errors are HTTP 200; no [DONE]. Signatures are looked at, not computed.
// =================================================================================================

static void hunyuan_error(struct reply *r, struct buf *out, int status, const char *code, const char *message,
                          const char *param)
{
    const char *word = status == 401 ? "AuthFailure.SignatureFailure" : status == 403 ? "UnauthorizedOperation"
                       : status == 404 ? "InvalidParameterValue.Model" : status == 429 ? "RequestLimitExceeded"
                       : status >= 500 ? "InternalError" : "InvalidParameter";
    (void)param;
    if (!message && status == 401)
        message = "The provided credentials could not be validated. Please check your signature is correct.";
    put(out, "{\"Response\":{\"Error\":{\"Code\":%q,\"Message\":%q},\"RequestId\":\"req_sim_%u\"}}",
        str(code && *code ? code : word), str(message ? message : status_row(status)->message), r->number);
}

static bool hunyuan_admit(struct reply *r, const struct request *q)
{
    tamar_str key, value;
    header_of(q, "authorization", &key);
    if (!header_of(q, "x-tc-version", &value)) reply_error(r, 400, "MissingParameter", "X-TC-Version", NULL);
    else if (!header_of(q, "x-tc-timestamp", &value)) reply_error(r, 400, "MissingParameter", "X-TC-Timestamp", NULL);
    else if (!str_begins(key, "TC3-HMAC-SHA256 Credential=") || !str_has_nocase(key, "/tc3_request, SignedHeaders=") ||
             !str_has_nocase(key, "Signature="))
        reply_error(r, 401, "AuthFailure.InvalidAuthorization", NULL, NULL);
    else if (str_has_nocase(key, "Credential=bad-key/"))
        reply_error(r, 401, "AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your "
                    "SecretId is correct.", NULL);
    else return true;
    return false;
}

static tamar_str hunyuan_model(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    return json_text(&r->pool, tamar_json_get(body, "Model"));
}

static bool hunyuan_read(struct reply *r, const struct request *q, tamar_json body)
{
    static const char *const known[] = {
        "Model", "Messages", "Stream", "StreamModeration", "TopP", "Temperature", "EnableEnhancement", "Tools",
        "ToolChoice", "CustomTool", "SearchInfo", "Citation", "EnableSpeedSearch", "EnableMultimedia",
        "EnableDeepSearch", "Seed", "ForceSearchEnhancement", "Stop", "EnableRecommendedQuestions", "EnableDeepRead",
        "WebSearchOptions", "TopicChoice", "EnableThinking"};
    static const char *const roles[] = {"user", "assistant", "tool", "system"};
    struct ask a = {.limit = -1};
    tamar_json messages = tamar_json_get(body, "Messages"), tools = tamar_json_get(body, "Tools"), key, m, parts;
    tamar_json_iter it = tamar_json_iterate(messages);
    tamar_str other = unknown_member(&r->pool, body, known, COUNT(known));
    bool good = true;
    if (!is_object(body)) return wrong(r, NULL, NULL, "The request body is not valid JSON.");
    if (other.len) return wrong(r, "UnknownParameter", NULL, "The parameter `%s` is not recognized.", other.ptr);
    if (!r->turn.model.len)
        return wrong(r, "MissingParameter", NULL, "The request is missing a required parameter `Model`.");
    if (!is_array(messages) || !tamar_json_count(messages))
        return wrong(r, "MissingParameter", NULL, "The request is missing a required parameter `Messages`.");
    if (tamar_json_count(messages) > 40) return wrong(r, NULL, NULL, "Messages: at most 40");
    tamar_json_get_bool(tamar_json_get(body, "Stream"), &r->turn.stream);
    while (good && tamar_json_next(&it, &key, &m)) {
        struct buf text = {0};
        size_t k = 0;
        while (k < COUNT(roles) && !tamar_json_is(tamar_json_get(m, "Role"), roles[k])) k++;
        if (k == COUNT(roles)) return ask_free(&a), wrong(r, "InvalidParameterValue", NULL, "Messages: bad Role");
        tamar_str s = json_text(&r->pool, tamar_json_get(m, "Content"));
        buf_add(&text, s.ptr, s.len);
        parts = tamar_json_get(m, "Contents");
        for (tamar_json_iter in = tamar_json_iterate(parts); tamar_json_next(&in, &key, &parts);) {
            s = json_text(&r->pool, tamar_json_get(parts, "Text"));
            buf_add(&text, s.ptr, s.len);
        }
        s = (tamar_str){text.ptr, text.len};
        parts = tamar_json_get(m, "ToolCalls");
        for (tamar_json_iter in = tamar_json_iterate(parts); tamar_json_next(&in, &key, &parts);)
            ask_open(&a, json_text(&r->pool, tamar_json_get(parts, "Id")));
        if (k == 0) ask_user(&a, s, true);
        else if (k == 2) {
            ask_result(&a, s);
            good = ask_close(&a, json_text(&r->pool, tamar_json_get(m, "ToolCallId"))) ||
                   wrong(r, "InvalidParameterValue", NULL, "Messages: ToolCallId fits no call");
        } else a.bytes += s.len;
        buf_free(&text);
    }
    for (it = tamar_json_iterate(tools); good && tamar_json_next(&it, &key, &m);) {
        tamar_str schema = json_text(&r->pool, tamar_json_at(m, "Function/Parameters"));
        tamar_json parsed = {NULL, 0};
        if (schema.len && !tamar_json_parse(schema.ptr, schema.len, &parsed, NULL))
            good = wrong(r, "InvalidParameterValue", NULL, "Tools.Function.Parameters is not JSON");
        ask_tool(&a, json_text(&r->pool, tamar_json_at(m, "Function/Name")), parsed);
    }
    a.no_tools = tamar_json_is(tamar_json_get(body, "ToolChoice"), "none");
    a.messages = tamar_json_count(messages);
    good = good && ask_answer(r, q, &a);
    ask_free(&a);
    return good;
}

static void hunyuan_call(const struct turn *t, int i, struct buf *out)
{
    put(out, "{\"Id\":%q,\"Type\":\"function\",\"Function\":{\"Name\":%q,\"Arguments\":%q},\"Index\":%d}",
        t->calls[i].id, t->calls[i].name, t->calls[i].args, i);
}

static void hunyuan_head(const struct reply *r, uint64_t output, struct buf *out)
{
    const struct turn *t = &r->turn;
    put(out, "\"Note\":\"\",\"Id\":\"sim%x\",\"Created\":%d", t->id, CREATED);
    if (!r->spec.no_usage)
        put(out, ",\"Usage\":{\"PromptTokens\":%u,\"CompletionTokens\":%u,\"TotalTokens\":%u}", t->prompt_tokens,
            output, t->prompt_tokens + output);
}

static void hunyuan_event(struct reply *r, const struct event *e, struct buf *out)
{
    const struct turn *t = &r->turn;
    struct buf j = {0};
    if (e->stage == STAGE_ROLE || e->stage == STAGE_DONE || e->stage == STAGE_USAGE) return;
    put(&j, "{");
    hunyuan_head(r, e->stage == STAGE_FINISH ? t->output_tokens : r->cursor.contents, &j);
    if (e->stage == STAGE_ERROR)
        put(&j, ",\"ErrorMsg\":{\"Msg\":\"service busy, please try again later\",\"Code\":4001}}");
    else {
        put(&j, ",\"Choices\":[{\"Index\":0,\"Delta\":{\"Role\":\"assistant\"");
        if (e->stage == STAGE_REASONING) put(&j, ",\"Content\":\"\",\"ReasoningContent\":%q", e->text);
        else put(&j, ",\"Content\":%q", e->stage == STAGE_TEXT ? e->text : str(""));
        if (e->stage == STAGE_CALLS) {
            put(&j, ",\"ToolCalls\":[");
            hunyuan_call(t, e->call, &j);
            put(&j, "]");
        }
        put(&j, "},\"FinishReason\":%q}]}",
            e->stage == STAGE_FINISH ? finish_word(r, "stop", "length", "tool_calls") : str(""));
    }
    reply_event(r, out, NULL, (tamar_str){j.ptr, j.len});
    buf_free(&j);
}

static void hunyuan_whole(struct reply *r, struct buf *out)
{
    const struct turn *t = &r->turn;
    put(out, "{\"Response\":{\"RequestId\":\"req_sim_%u\",", r->number);
    hunyuan_head(r, t->output_tokens, out);
    put(out, ",\"Choices\":[{\"Index\":0,\"Message\":{\"Role\":\"assistant\",\"Content\":%q",
        turn_whole_text(t, &r->pool));
    if (t->reasoning.len) put(out, ",\"ReasoningContent\":%q", t->reasoning);
    for (int i = 0; i < t->ncalls; i++) {
        put(out, "%s", i ? "," : ",\"ToolCalls\":[");
        hunyuan_call(t, i, out);
    }
    put(out, "%s},\"FinishReason\":%q}]}}", t->ncalls ? "]" : "",
        has_finish(r) ? finish_word(r, "stop", "length", "tool_calls") : str(""));
}

static const struct dialect hunyuan_native = {
    .name = "hunyuan-native", .stream_type = "text/event-stream", .id_header = "X-TC-RequestId", .headers = "",
    .call_ids = "call_", .manner = CALLS_WHOLE, .ok_errors = true, .model = hunyuan_model, .admit = hunyuan_admit,
    .read = hunyuan_read, .event = hunyuan_event, .whole = hunyuan_whole, .error = hunyuan_error};

// =================================================================================================
// >>kinds  what is no chat: embeddings, pictures, lists of models, counts of tokens
// An error is told in the words of the dialect that the route names.
// =================================================================================================

static int64_t kind_dimensions(tamar_json value)
{
    int64_t n = 8;
    if (tamar_json_get_int(value, &n) != TAMAR_JSON_OK || n < 1 || n > 4096) return 8;
    return n;
}

// Some vector that belongs to this text: 0.001 to 0.999 in thousandths.
static void kind_vector(struct buf *out, tamar_str text, int64_t n)
{
    uint64_t h = hash(0, text.ptr, text.len);
    put(out, "[");
    for (int64_t i = 0; i < n; i++) {
        h = h * 6364136223846793005u + 1442695040888963407u;
        int v = 1 + (int)(h >> 33) % 999;
        put(out, "%s0.%s%d", i ? "," : "", v < 10 ? "00" : v < 100 ? "0" : "", v);
    }
    put(out, "]");
}

// The texts of a member that is one text or a list of them.
static int kind_texts(struct reply *r, tamar_json input, tamar_str *texts, int cap)
{
    tamar_json_iter it = tamar_json_iterate(input);
    tamar_json key, value;
    int n = 0;
    if (is_string(input)) texts[n++] = json_text(&r->pool, input);
    while (is_array(input) && n < cap && tamar_json_next(&it, &key, &value))
        if (is_string(value)) texts[n++] = json_text(&r->pool, value);
    return n;
}

enum { MAX_TEXTS = 2048 };

static void kind_base64(struct buf *out, const unsigned char *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned b = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0u);
        char four[4] = {digits[b >> 18 & 63], digits[b >> 12 & 63], i + 1 < n ? digits[b >> 6 & 63] : '=',
                        i + 2 < n ? digits[b & 63] : '='};
        buf_add(out, four, 4);
    }
}

static void kind_float_vector(struct reply *r, struct buf *out, tamar_str text, int64_t n)  // little-endian, base64
{
    struct buf list = {0};
    unsigned char *bytes = pool_get(&r->pool, (size_t)n * 4);
    const char *at;
    kind_vector(&list, text, n);
    buf_add(&list, "", 1);
    at = list.ptr + 1;
    for (int64_t i = 0; i < n; i++, at++) {
        float f = strtof(at, (char **)(void *)&at);
        uint32_t u;
        memcpy(&u, &f, 4);
        for (int k = 0; k < 4; k++) bytes[i * 4 + k] = (unsigned char)(u >> (8 * k));
    }
    put(out, "\"");
    kind_base64(out, bytes, (size_t)n * 4);
    put(out, "\"");
    buf_free(&list);
}

static uint64_t kind_tokens(const tamar_str *texts, int n)
{
    uint64_t tokens = 0;
    for (int i = 0; i < n; i++) tokens += 1 + texts[i].len / 4;
    return tokens;
}

static void answer_embeddings(struct reply *r, const struct request *q, tamar_json body)
{
    static const char *const known[] = {"model", "input", "dimensions", "encoding_format", "user"};
    tamar_str *texts = pool_get(&r->pool, MAX_TEXTS * sizeof *texts), other;
    int n = kind_texts(r, tamar_json_get(body, "input"), texts, MAX_TEXTS);
    bool base64 = tamar_json_is(tamar_json_get(body, "encoding_format"), "base64");
    int64_t dimensions = kind_dimensions(tamar_json_get(body, "dimensions"));
    (void)q;
    if (!chat_body(r, body)) return;
    other = unknown_member(&r->pool, body, known, COUNT(known));
    if (r->spec.strict && other.len) {
        wrong(r, "unknown_parameter", other.ptr, "Unrecognized request argument supplied: %s", other.ptr);
        return;
    }
    if (!n) {
        chat_missing(r, "input");
        return;
    }
    put(&r->body, "{\"object\":\"list\",\"data\":[");
    for (int i = 0; i < n; i++) {
        put(&r->body, "%s{\"object\":\"embedding\",\"index\":%d,\"embedding\":", i ? "," : "", i);
        if (base64) kind_float_vector(r, &r->body, texts[i], dimensions);
        else kind_vector(&r->body, texts[i], dimensions);
        put(&r->body, "}");
    }
    put(&r->body, "],\"model\":%q,\"usage\":{\"prompt_tokens\":%u,\"total_tokens\":%u}}\n", r->turn.model,
        kind_tokens(texts, n), kind_tokens(texts, n));
}

static void answer_images(struct reply *r, const struct request *q, tamar_json body)
{
    int64_t n = 1;
    bool url = str_begins(r->turn.model, "dall-e") &&
               !tamar_json_is(tamar_json_get(body, "response_format"), "b64_json");
    (void)q;
    if (!chat_body(r, body)) return;
    if (!json_text(&r->pool, tamar_json_get(body, "prompt")).len) {
        chat_missing(r, "prompt");
        return;
    }
    if (str_begins(r->turn.model, "gpt-image") && tamar_json_get(body, "response_format").ptr) {
        wrong(r, "unknown_parameter", "response_format", "Unknown parameter: 'response_format'.");
        return;
    }
    tamar_json_get_int(tamar_json_get(body, "n"), &n);
    put(&r->body, "{\"created\":%d,\"data\":[", CREATED);
    for (int64_t i = 0; i < n && i < 10; i++) {
        put(&r->body, "%s", i ? "," : "");
        if (url) put(&r->body, "{\"url\":\"https://sim.invalid/picture-%d.png\"}", (int)i);
        else put(&r->body, "{\"b64_json\":\"%s\"}", PIXEL);
    }
    put(&r->body, "]");
    if (!url)
        put(&r->body, ",\"output_format\":\"png\",\"usage\":{\"input_tokens\":9,\"output_tokens\":272,"
                      "\"total_tokens\":281}");
    put(&r->body, "}\n");
}

static const char *const kind_models[] = {"echo", "reasoner", "sim"};

static void answer_models(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    put(&r->body, "{\"object\":\"list\",\"data\":[");
    for (size_t i = 0; i < COUNT(kind_models); i++)
        put(&r->body, "%s{\"id\":\"%s\",\"object\":\"model\",\"created\":%d,\"owned_by\":\"tamar\"}", i ? "," : "",
            kind_models[i], CREATED);
    put(&r->body, "]}\n");
}

static void answer_claude_models(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    put(&r->body, "{\"data\":[");
    for (size_t i = 0; i < COUNT(kind_models); i++)
        put(&r->body, "%s{\"type\":\"model\",\"id\":\"%s\",\"display_name\":\"Simulated %s\","
                      "\"created_at\":\"2025-10-09T00:00:00Z\",\"max_input_tokens\":200000,\"max_tokens\":64000}",
            i ? "," : "", kind_models[i], kind_models[i]);
    put(&r->body, "],\"has_more\":false,\"first_id\":\"echo\",\"last_id\":\"sim\"}");
}

static void answer_gemini_models(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    put(&r->body, "{\"models\":[");
    for (size_t i = 0; i < COUNT(kind_models); i++)
        put(&r->body, "%s{\"name\":\"models/%s\",\"version\":\"001\",\"displayName\":\"Simulated %s\","
                      "\"inputTokenLimit\":1048576,\"outputTokenLimit\":65536,\"supportedGenerationMethods\":"
                      "[\"generateContent\",\"countTokens\"]}", i ? "," : "", kind_models[i], kind_models[i]);
    put(&r->body, "]}");
}

static void answer_vertex_models(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    put(&r->body, "{\"publisherModels\":[");
    for (size_t i = 0; i < COUNT(kind_models); i++)
        put(&r->body, "%s{\"name\":\"publishers/google/models/%s\",\"versionId\":\"001\",\"launchStage\":\"GA\"}", i
            ? "," : "", kind_models[i]);
    put(&r->body, "]}");
}

static void answer_ollama_models(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    put(&r->body, "{\"models\":[");
    for (size_t i = 0; i < COUNT(kind_models); i++)
        put(&r->body, "%s{\"name\":\"%s:latest\",\"model\":\"%s:latest\",\"modified_at\":\"2025-10-09T00:00:00Z\","
                      "\"size\":1,\"digest\":\"00\",\"details\":{\"format\":\"gguf\",\"family\":\"sim\"}}",
            i ? "," : "", kind_models[i], kind_models[i]);
    put(&r->body, "]}");
}

static void answer_ollama_embed(struct reply *r, const struct request *q, tamar_json body)
{
    tamar_str *texts = pool_get(&r->pool, MAX_TEXTS * sizeof *texts);
    int n = kind_texts(r, tamar_json_get(body, "input"), texts, MAX_TEXTS);
    (void)q;
    if (!r->turn.model.len) {
        wrong(r, NULL, NULL, "model is required");
        return;
    }
    put(&r->body, "{\"model\":%q,\"embeddings\":[", r->turn.model);
    for (int i = 0; i < n; i++) {
        put(&r->body, "%s", i ? "," : "");
        kind_vector(&r->body, texts[i], kind_dimensions(tamar_json_get(body, "dimensions")));
    }
    put(&r->body, "],\"total_duration\":1000000,\"load_duration\":1000,\"prompt_eval_count\":%u}",
        kind_tokens(texts, n));
}

// The text of a content; Google gives one vector for all its parts.
static tamar_str gemini_text(struct reply *r, tamar_json content)
{
    tamar_json parts = tamar_json_get(content, "parts"), key, part;
    struct buf b = {0};
    for (tamar_json_iter it = tamar_json_iterate(parts); tamar_json_next(&it, &key, &part);)
        put(&b, "%r", json_text(&r->pool, tamar_json_get(part, "text")));
    return pool_take(&r->pool, &b);
}

static void answer_gemini_embed(struct reply *r, const struct request *q, tamar_json body)
{
    tamar_json requests = tamar_json_get(body, "requests"), instances = tamar_json_get(body, "instances"), key, one;
    bool batch = str_ends(q->path, ":batchEmbedContents"), predict = str_ends(q->path, ":predict");
    tamar_json list = predict ? instances : requests;
    tamar_str text;
    int i = 0;
    if (!batch && !predict) {
        text = gemini_text(r, tamar_json_get(body, "content"));
        if (!text.len) wrong(r, NULL, NULL, "* EmbedContentRequest.content: contents is not specified\n");
        if (!text.len) return;
        put(&r->body, "{\"embedding\":{\"values\":");
        kind_vector(&r->body, text, kind_dimensions(tamar_json_get(body, "outputDimensionality")));
        put(&r->body, "}}");
        return;
    }
    if (predict && tamar_json_at(instances, "0/prompt").ptr) {  // Imagen
        put(&r->body, "{\"predictions\":[{\"mimeType\":\"image/png\",\"bytesBase64Encoded\":\"%s\"}]}", PIXEL);
        return;
    }
    put(&r->body, predict ? "{\"predictions\":[" : "{\"embeddings\":[");
    for (tamar_json_iter it = tamar_json_iterate(list); tamar_json_next(&it, &key, &one); i++) {
        text = predict ? json_text(&r->pool, tamar_json_get(one, "content"))
                       : gemini_text(r, tamar_json_get(one, "content"));
        if (batch && !str_begins(json_text(&r->pool, tamar_json_get(one, "model")), "models/")) {
            wrong(r, NULL, NULL, "* BatchEmbedContentsRequest.requests[%d].model: unexpected model name format\n", i);
            return;
        }
        put(&r->body, predict ? "%s{\"embeddings\":{\"values\":" : "%s{\"values\":", i ? "," : "");
        kind_vector(&r->body, text, kind_dimensions(tamar_json_get(predict ? tamar_json_get(body, "parameters") : one,
                                                                   "outputDimensionality")));
        put(&r->body, predict ? ",\"statistics\":{\"token_count\":3,\"truncated\":false}}}" : "}");
    }
    put(&r->body, "]}");
    if (!i) wrong(r, NULL, NULL, "* BatchEmbedContentsRequest.requests: requests is not specified\n");
}

static void answer_scope_embed(struct reply *r, const struct request *q, tamar_json body)
{
    tamar_str *texts = pool_get(&r->pool, MAX_TEXTS * sizeof *texts);
    int n = kind_texts(r, tamar_json_at(body, "input/texts"), texts, MAX_TEXTS);
    (void)q;
    if (!n || n > 25) {
        wrong(r, NULL, NULL, "batch size is invalid, it should not be larger than 25.");
        return;
    }
    put(&r->body, "{\"output\":{\"embeddings\":[");
    for (int i = 0; i < n; i++) {
        put(&r->body, "%s{\"text_index\":%d,\"embedding\":", i ? "," : "", i);
        kind_vector(&r->body, texts[i], kind_dimensions(tamar_json_at(body, "parameters/dimension")));
        put(&r->body, "}");
    }
    put(&r->body, "]},\"usage\":{\"total_tokens\":%u},\"request_id\":\"req_sim_%u\"}", kind_tokens(texts, n),
        r->number);
}

static void answer_scope_image(struct reply *r, const struct request *q, tamar_json body)
{
    tamar_str value;
    if (!header_of(q, "x-dashscope-async", &value)) {
        reply_error(r, 403, "AccessDenied", "current user api does not support synchronous calls.", NULL);
        return;
    }
    if (!json_text(&r->pool, tamar_json_at(body, "input/prompt")).len) {
        wrong(r, NULL, NULL, "prompt is required");
        return;
    }
    put(&r->body, "{\"output\":{\"task_status\":\"PENDING\",\"task_id\":\"sim-task-%x\"},"
                  "\"request_id\":\"req_sim_%u\"}", hash(0, q->body.ptr, q->body.len), r->number);
}

static void answer_scope_task(struct reply *r, const struct request *q, tamar_json body)
{
    (void)body;
    if (!str_has_nocase(q->path, "/tasks/sim-task-")) put(&r->body, "{\"output\":{\"task_status\":\"UNKNOWN\"}");
    else
        put(&r->body, "{\"output\":{\"task_id\":\"sim-task\",\"task_status\":\"SUCCEEDED\",\"results\":[{\"url\":"
                      "\"https://sim.invalid/picture-0.png\"}]},\"usage\":{\"image_count\":1}");
    put(&r->body, ",\"request_id\":\"req_sim_%u\"}", r->number);
}

// =================================================================================================
// >>routes  who answers what
// A route sees the path without its /sim/<spec> prefixes. Faults that need no dialect are settled before it is asked.
// =================================================================================================

struct server {
    int listen_fd, port;
    bool listening;  // false: out of descriptors, until a connection closes
    char address[128];
    volatile sig_atomic_t stop;
#if SIM_POLL && !PROVIDER_SIM_INSIDE
    struct pollfd *polled;
    struct conn **polled_conns;
    size_t polled_cap;
#else
    int epoll;
#endif
    struct conn *conns;  // all of them, for the counters
    struct conn **heap;  // those that wait for a time, the earliest first
    size_t nheap, heap_cap;
    uint64_t now, active_at, started;
    char *inbox;  // BLOCK bytes that every read goes through

    uint64_t numbers;  // requests ever, for x-request-id
    struct counters {
        uint64_t accepted, connections, requests, open, max_open, by_requests[7], aborted, faults, bytes_in, bytes_out;
    } count;
    struct buf last;  // the last request, as JSON

    struct pool pool;  // what the options say, and the script
    const char *cors;  // the origin whose pages may ask, or "*"; NULL: none may
    tamar_str case_dirs[64], case_root;
    int ncase_dirs;
    struct step { tamar_str name, spec; } *steps;  // the script; name empty: a step, else a definition
    size_t nsteps, step_at;
    struct sequence { struct sequence *next; tamar_str text; size_t at; } *sequences;
    FILE *log;

    tamar_str bodies;  // the file of --bodies
    bool deaf;  // to specs: nothing fails any more
    void *outside;  // the world's own, where there are no sockets
};

struct conn {
    struct server *server;
    struct conn *prev, *next;
    int fd;
    uint64_t id, due, gap_until, requests, idle_since;
    size_t heap_at;
    enum { CONN_READ, CONN_REPLY, CONN_DRAIN } state;
    bool eof, counted, want_in, want_out, registered;
    bool close_on_reuse;
    int64_t split, gap, idle_close;
    struct buf in, out;
    size_t out_at;
    // the request being received
    size_t scanned, head_len, body_len, chunk_at;
    uint64_t left;  // bytes of body, or of the chunk, still to come
    enum { BODY_LENGTH, BODY_SIZE, BODY_DATA, BODY_TRAILER, BODY_DONE } body;
    struct reply *reply;
    void *outside;  // the world's own, where there are no sockets
};

// Which bar of the histogram a connection belongs to, by the requests it made.
static int conn_bucket(const struct conn *c)
{
    return c->requests < 4 ? (int)c->requests : c->requests < 10 ? 4 : c->requests < 100 ? 5 : 6;
}

// A text with ; in it is a sequence: its steps are given out in order, the last one again and again.
static tamar_str sequence_step(struct server *s, tamar_str text)
{
    struct sequence *q = s->sequences;
    if (!memchr(text.ptr, ';', text.len)) return text;
    while (q && !str_same(q->text, text)) q = q->next;
    if (!q) {
        q = checked(calloc(1, sizeof *q));
        q->text = (tamar_str){memcpy(checked(malloc(text.len)), text.ptr, text.len), text.len};
        q->next = s->sequences;
        s->sequences = q;
    }
    tamar_str step = {0};
    for (size_t i = 0; i <= q->at && (i == 0 || text.len); i++) step = str_cut(&text, ';');
    if (text.len) q->at++;
    return step;
}

static void sequences_free(struct server *s)
{
    for (struct sequence *q = s->sequences, *next; q; q = next) {
        next = q->next;
        free((void *)(uintptr_t)q->text.ptr);
        free(q);
    }
    s->sequences = NULL;
}

// Adds what one source asks for. False: the reply is a 400 that says why.
static bool routes_spec(struct server *s, struct reply *r, tamar_str text)
{
    struct buf why = {0};
    text = str_trim(text);
    if (s->deaf) return true;
    if (text.len && text.ptr[0] == '@') {
        size_t i = 0;
        tamar_str name = {text.ptr + 1, text.len - 1};
        while (i < s->nsteps && !str_same(s->steps[i].name, name)) i++;
        if (i < s->nsteps) text = s->steps[i].spec;
        else put(&why, "unknown name '%r'; the script does not define it", text);
    }
    if (!why.len && text.len) {
        text = sequence_step(s, text);
        text = (tamar_str){pool_copy(&r->pool, text.ptr, text.len), text.len};
        struct buf all = {0};
        put(&all, "%r%s%r", r->spec_text, r->spec_text.len ? "," : "", text);
        r->spec_text = pool_take(&r->pool, &all);
        if (spec_parse(&r->spec, &r->pool, text, &why)) return true;
    }
    if (!why.len) return true;
    buf_add(&why, "", 1);
    spec_init(&r->spec);
    reply_error(r, 400, "sim_unknown_word", pool_copy(&r->pool, why.ptr, why.len), NULL);
    buf_free(&why);
    return false;
}

// -- answers ---------------------------------------------------------------------------------------

static void answer_dialect(struct reply *r, const struct request *q, tamar_json body)
{
    if (!r->dialect->read(r, q, body)) return;
    r->stream = r->turn.stream;
    r->content_type = r->stream && !r->turn.array ? r->dialect->stream_type : "application/json";
    if (!r->stream) r->dialect->whole(r, &r->body);
}

static void answer_count(struct reply *r, const struct request *q, tamar_json body)
{
    r->turn.counting = true;
    if (!r->dialect->read(r, q, body)) return;
    r->turn.stream = false;
    r->dialect->whole(r, &r->body);
}

static void answer_health(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    put(&r->body, "{\"status\":\"ok\"}\n");
}

static void answer_stats(struct reply *r, const struct request *q, tamar_json body)
{
    static const char *const names[] = {"0", "1", "2", "3", "4-9", "10-99", "100+"};
    struct server *s = r->server;
    struct counters c = s->count;
    (void)q;
    (void)body;
    for (struct conn *x = s->conns; x; x = x->next)
        if (x->counted) c.by_requests[conn_bucket(x)]++;
    put(&r->body, "{\"accepted\":%u,\"connections\":%u,\"open\":%u,", c.accepted, c.connections, c.open);
    put(&r->body, "\"max_open\":%u,\"requests\":%u,\"aborted\":%u,", c.max_open, c.requests, c.aborted);
    put(&r->body, "\"faults\":%u,\"bytes_in\":%u,\"bytes_out\":%u,", c.faults, c.bytes_in, c.bytes_out);
    put(&r->body, "\"requests_per_connection\":{");
    for (size_t i = 1; i < COUNT(names); i++)
        put(&r->body, "%s\"%s\":%u", i > 1 ? "," : "", names[i], c.by_requests[i]);
    put(&r->body, "}}\n");
}

static void answer_last(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    if (r->server->last.len) buf_add(&r->body, r->server->last.ptr, r->server->last.len);
    else put(&r->body, "null\n");
}

static void answer_reset(struct reply *r, const struct request *q, tamar_json body)
{
    struct server *s = r->server;
    (void)q;
    (void)body;
    memset(&s->count, 0, sizeof s->count);
    for (struct conn *x = s->conns; x; x = x->next) {  // those that live on count again once they are used again
        x->requests = 0;
        x->counted = false;
    }
    s->last.len = 0;
    s->step_at = 0;
    sequences_free(s);
    put(&r->body, "{\"status\":\"ok\"}\n");
}

// -- recorded cases --------------------------------------------------------------------------------

static bool case_exists(const char *dir)
{
    char path[4200];
    return snprintf(path, sizeof path, "%s/case.json", dir) < (int)sizeof path && access(path, R_OK) == 0;
}

// Where the case of that name is. Read anew at every request, so that it can be edited meanwhile.
static bool case_find(struct server *s, const char *id, char *dir, size_t cap)
{
    if (!*id || *id == '.' || strchr(id, '/')) return false;
    for (int i = 0; i < s->ncase_dirs; i++) {
        const char *slash = strrchr(s->case_dirs[i].ptr, '/');
        if (!strcmp(slash ? slash + 1 : s->case_dirs[i].ptr, id))
            return snprintf(dir, cap, "%s", s->case_dirs[i].ptr) < (int)cap;
    }
    if (!s->case_root.len) return false;
    DIR *root = opendir(s->case_root.ptr);
    bool found = false;
    for (struct dirent *e; root && !found && (e = readdir(root));)
        found = e->d_name[0] != '.' && snprintf(dir, cap, "%s/%s/%s", s->case_root.ptr, e->d_name, id) < (int)cap &&
                case_exists(dir);
    if (root) closedir(root);
    return found;
}

static void case_headers(struct reply *r, tamar_json headers)
{
    static const char *const framing[] = {"content-encoding", "content-length", "transfer-encoding", "connection",
                                          "keep-alive"};
    tamar_json_iter it = tamar_json_iterate(headers);
    tamar_json key, pair;
    while (tamar_json_next(&it, &key, &pair)) {
        tamar_str name = json_text(&r->pool, key.ptr ? key : tamar_json_index(pair, 0));
        tamar_str value = json_text(&r->pool, key.ptr ? pair : tamar_json_index(pair, 1));
        size_t i = 0;
        while (i < COUNT(framing) && !str_is_nocase(name, framing[i])) i++;
        if (name.len && i == COUNT(framing)) put(&r->headers, "%r: %r\r\n", name, value);
    }
}

static void answer_case_in(struct reply *r, const char *dir)
{
    char path[4400];
    tamar_str text, bytes, lens = {0};
    tamar_json doc, lengths, key, value;
    int64_t status = 200, n;
    snprintf(path, sizeof path, "%s/case.json", dir);
    if (!read_file(&r->pool, path, &text) || !tamar_json_parse(text.ptr, text.len, &doc, NULL)) {
        reply_error(r, 500, "sim_bad_case", "case.json cannot be read.", NULL);
        return;
    }
    snprintf(path, sizeof path, "%s/response.body", dir);
    if (!read_file(&r->pool, path, &bytes)) bytes = (tamar_str){"", 0};
    snprintf(path, sizeof path, "%s/chunks.json", dir);
    read_file(&r->pool, path, &lens);
    tamar_json_get_int(tamar_json_get(doc, "http_status"), &status);
    reply_json(r, (int)status);
    r->bare_head = true;
    case_headers(r, tamar_json_get(doc, "response_headers"));
    buf_add(&r->body, bytes.ptr, bytes.len);
    if (!lens.len || !tamar_json_parse(lens.ptr, lens.len, &doc, NULL)) return;
    lengths = tamar_json_type_of(doc) == TAMAR_JSON_ARRAY ? doc : tamar_json_get(doc, "lengths");
    r->lens = checked(calloc(tamar_json_count(lengths) + 1, sizeof *r->lens));
    for (tamar_json_iter it = tamar_json_iterate(lengths); tamar_json_next(&it, &key, &value);)
        if (tamar_json_get_int(value, &n) == TAMAR_JSON_OK && n > 0) r->lens[r->nlens++] = (size_t)n;
}

static void answer_case(struct reply *r, const struct request *q, tamar_json body)
{
    tamar_str rest = {q->path.ptr + strlen("/case/"), q->path.len - strlen("/case/")};
    char dir[4200];
    (void)body;
    if (case_find(r->server, str_unescape(&r->pool, str_cut(&rest, '/')).ptr, dir, sizeof dir)) answer_case_in(r, dir);
    else reply_error(r, 404, "sim_unknown_case", "There is no such case.", NULL);
}

static void answer_only_case(struct reply *r, const struct request *q, tamar_json body)
{
    (void)q;
    (void)body;
    answer_case_in(r, r->server->case_dirs[0].ptr);
}

// -- the table -------------------------------------------------------------------------------------

static const struct route {
    const char *method;  // "*": any
    enum { PATH_ENDS, PATH_IS, PATH_BEGINS, PATH_HAS } match;
    const char *path;
    bool admin;  // not counted, no faults
    const struct dialect *dialect;
    void (*answer)(struct reply *, const struct request *, tamar_json body);
    const char *header;  // which the request must have, where the path alone does not tell
} routes[] = {
    {"GET", PATH_IS, "/sim-stats", true, &openai_chat, answer_stats, NULL},
    {"GET", PATH_IS, "/sim-last", true, &openai_chat, answer_last, NULL},
    {"POST", PATH_IS, "/sim-reset", true, &openai_chat, answer_reset, NULL},
    {"*", PATH_BEGINS, "/case/", false, &openai_chat, answer_case, NULL},
    {"GET", PATH_IS, "/health", false, &openai_chat, answer_health, NULL},
    {"POST", PATH_ENDS, "/chat/completions", false, &openai_chat, answer_dialect, NULL},
    {"POST", PATH_ENDS, "/responses", false, &openai_responses, answer_dialect, NULL},
    {"POST", PATH_ENDS, "/responses/input_tokens", false, &openai_responses, answer_count, NULL},
    {"POST", PATH_ENDS, "/v1/messages", false, &anthropic_messages, answer_dialect, NULL},
    {"POST", PATH_ENDS, "/v1/messages/count_tokens", false, &anthropic_messages, answer_count, NULL},
    {"GET", PATH_ENDS, "/v1/models", false, &anthropic_messages, answer_claude_models, "anthropic-version"},
    {"POST", PATH_ENDS, ":generateContent", false, &gemini_generate, answer_dialect, NULL},
    {"POST", PATH_ENDS, ":streamGenerateContent", false, &gemini_generate, answer_dialect, NULL},
    {"POST", PATH_ENDS, ":countTokens", false, &gemini_generate, answer_count, NULL},
    {"POST", PATH_ENDS, ":embedContent", false, &gemini_generate, answer_gemini_embed, NULL},
    {"POST", PATH_ENDS, ":batchEmbedContents", false, &gemini_generate, answer_gemini_embed, NULL},
    {"POST", PATH_ENDS, ":predict", false, &gemini_generate, answer_gemini_embed, NULL},
    {"GET", PATH_ENDS, "/v1beta/models", false, &gemini_generate, answer_gemini_models, NULL},
    {"GET", PATH_ENDS, "/publishers/google/models", false, &gemini_generate, answer_vertex_models, NULL},
    {"POST", PATH_ENDS, "/api/chat", false, &ollama_chat, answer_dialect, NULL},
    {"POST", PATH_ENDS, "/api/embed", false, &ollama_chat, answer_ollama_embed, NULL},
    {"GET", PATH_ENDS, "/api/tags", false, &ollama_chat, answer_ollama_models, NULL},
    {"POST", PATH_ENDS, "/v1/invoke", false, &tamar_invoke, answer_dialect, NULL},
    {"POST", PATH_ENDS, "/v1/batch-invoke", false, &tamar_invoke, answer_batch, NULL},
    {"POST", PATH_ENDS, "/services/aigc/text-generation/generation", false, &dashscope_native, answer_dialect, NULL},
    {"POST", PATH_ENDS, "/services/aigc/text2image/image-synthesis", false, &dashscope_native, answer_scope_image,
     NULL},
    {"POST", PATH_ENDS, "/services/embeddings/text-embedding/text-embedding", false, &dashscope_native,
     answer_scope_embed, NULL},
    {"GET", PATH_HAS, "/api/v1/tasks/", false, &dashscope_native, answer_scope_task, NULL},
    {"GET", PATH_BEGINS, "/tasks/", false, &dashscope_native, answer_scope_task, NULL},
    {"POST", PATH_IS, "/", false, &hunyuan_native, answer_dialect, "x-tc-action"},
    {"POST", PATH_IS, "", false, &hunyuan_native, answer_dialect, "x-tc-action"},
    {"POST", PATH_ENDS, "/embeddings", false, &openai_chat, answer_embeddings, NULL},
    {"POST", PATH_ENDS, "/images/generations", false, &openai_chat, answer_images, NULL},
    {"GET", PATH_ENDS, "/models", false, &openai_chat, answer_models, NULL},
};

// What answers any path while exactly one --case is given.
static const struct route only_case = {"*", PATH_BEGINS, "/", false, &openai_chat, answer_only_case, NULL};

static const struct route *routes_find(const struct server *s, const struct request *q, bool *other_method)
{
    *other_method = false;
    for (size_t i = 0; i < COUNT(routes); i++) {
        const struct route *x = &routes[i];
        bool fits = str_is(q->path, x->path) || (x->match == PATH_ENDS && str_ends(q->path, x->path)) ||
                    (x->match == PATH_BEGINS && str_begins(q->path, x->path)) ||
                    (x->match == PATH_HAS && str_has_nocase(q->path, x->path));
        tamar_str value;
        if (x->header && !header_of(q, x->header, &value)) continue;
        tamar_str asked = str_is(q->method, "HEAD") ? str("GET") : q->method;
        bool method = *x->method == '*' || str_is(asked, x->method);
        if (fits && s->ncase_dirs == 1 && !x->admin && !str_begins(q->path, "/case/")) break;
        if (fits && method) return x;
        if (fits) *other_method = true;
    }
    return s->ncase_dirs == 1 ? &only_case : NULL;
}

// A body of the file of --bodies: what stands behind the line "= NAME", up to the next one.
static void routes_body(struct reply *r, tamar_str name)
{
    tamar_str rest = r->server->bodies;
    while (rest.len) {
        tamar_str line = str_cut(&rest, '\n');
        if (!str_begins(line, "= ") || !str_is((tamar_str){line.ptr + 2, line.len - 2}, name.ptr)) continue;
        const char *begin = rest.ptr;
        while (rest.len && !str_begins(rest, "= ")) str_cut(&rest, '\n');
        reply_json(r, r->spec.status >= 0 ? (int)r->spec.status : 200);
        if (*begin != '{' && *begin != '[') r->content_type = "text/event-stream";
        buf_add(&r->body, begin, (size_t)(rest.ptr - begin));
        return;
    }
    reply_error(r, 400, "sim_unknown_body", "There is no such body; see --bodies.", NULL);
}

// Faults that are whole answers. True: the reply is settled.
static bool routes_fault(struct reply *r)
{
    const struct spec *s = &r->spec;
    int status = (int)s->status;
    if (s->body.ptr) routes_body(r, s->body);
    else if (s->http_garbage) {
        reply_json(r, 200);
        r->raw = true;
        put(&r->body, "\x15\x03\x01\x02\x02This is not HTTP.\r\n\r\n");
    } else if (s->redirect.ptr) {
        reply_json(r, status >= 300 ? status : 307);
        put(&r->headers, "location: %r\r\n", s->redirect);
    } else if (s->html) {
        reply_json(r, status >= 0 ? status : 200);
        r->content_type = "text/html; charset=utf-8";
        put(&r->body, "<!DOCTYPE html>\n<html><head><title>%d</title></head><body><center><h1>%s</h1></center>"
                      "<hr><center>sim-proxy</center></body></html>\n", r->status, status_row(r->status)->reason);
    } else if (s->empty) reply_json(r, status >= 0 ? status : 200);
    else if (s->json_error) {
        reply_error(r, status >= 400 ? status : 500, s->code.ptr, NULL, NULL);
        r->status = 200;
    } else if (status >= 400 && s->error_at < 0) reply_error(r, status, s->code.ptr, NULL, NULL);
    else return false;
    return true;
}

// The target without the scheme and host that a proxy is told.
static tamar_str target_path(tamar_str target)
{
    const char *end = target.ptr + target.len;
    if (!str_begins(target, "http://")) return target;
    target = (tamar_str){target.ptr + 7, target.len - 7};
    tamar_str host = str_cut(&target, '/');
    return (tamar_str){host.ptr + host.len, (size_t)(end - host.ptr) - host.len};
}

// Takes /sim/<spec> off the front of a path and yields the spec.
static bool path_spec(tamar_str *path, tamar_str *spec)
{
    tamar_str rest = *path;
    if (!str_begins(rest, "/sim/")) return false;
    rest = (tamar_str){rest.ptr + 5, rest.len - 5};
    *spec = str_cut(&rest, '/');
    const char *end = spec->ptr + spec->len;
    *path = (tamar_str){end, (size_t)(rest.ptr + rest.len - end)};
    return true;
}

// Collects the specs of all sources. False: the reply is an error already.
static bool routes_specs(struct server *s, struct reply *r, const struct request *q, tamar_json body)
{
    tamar_str query = target_path(q->target), path = str_cut(&query, '?'), value, model;
    bool good = true;
    while (good && path_spec(&path, &value)) good = routes_spec(s, r, value);
    while (good && query.len) {
        value = str_cut(&query, '&');
        if (str_begins(value, "sim=")) good = routes_spec(s, r, (tamar_str){value.ptr + 4, value.len - 4});
    }
    if (good && header_of(q, "x-sim", &value)) good = routes_spec(s, r, value);
    if (!good) return false;
    model = r->dialect->model(r, q, body);
    r->turn.model = str_cut(&model, '!');
    if (model.len) good = routes_spec(s, r, model);
    if (!good || r->spec_text.len) return good;
    while (s->step_at < s->nsteps && s->steps[s->step_at].name.len) s->step_at++;
    if (s->step_at == s->nsteps) return true;
    value = s->steps[s->step_at].spec;
    for (size_t i = s->step_at + 1; i < s->nsteps; i++)
        if (!s->steps[i].name.len) {
            s->step_at = i;
            break;
        }
    return routes_spec(s, r, value);
}

// What a page of this origin is told about who may read; NULL: nothing.
static const char *routes_page(const struct server *s, const struct request *q)
{
    tamar_str origin;
    if (!s->cors || !header_of(q, "origin", &origin)) return NULL;
    return !strcmp(s->cors, "*") || str_is(origin, s->cors) ? s->cors : NULL;
}

// A browser asks beforehand whether a page may send a request with these headers. True: this was such a question.
static bool routes_preflight(struct reply *r, const struct request *q)
{
    tamar_str method, headers;
    if (!r->page || !str_is(q->method, "OPTIONS") || !header_of(q, "access-control-request-method", &method))
        return false;
    reply_json(r, 204);
    r->bare_head = true;
    put(&r->headers, "access-control-allow-methods: GET, POST\r\naccess-control-max-age: 600\r\n");
    if (header_of(q, "access-control-request-headers", &headers))
        put(&r->headers, "access-control-allow-headers: %r\r\n", headers);
    return true;
}

static void routes_remember(struct conn *c, const struct request *q)
{
    struct buf *b = &c->server->last;
    b->len = 0;
    put(b, "{\"method\":%q,\"path\":%q,\"version\":\"HTTP/1.%d\",", q->method, q->target, q->minor);
    put(b, "\"connection\":%u,\"request\":%u,\"headers\":[", c->id, c->requests);
    for (int i = 0; i < q->nheaders; i++) put(b, "%s[%q,%q]", i ? "," : "", q->headers[i].name, q->headers[i].value);
    put(b, "],\"head\":%q,\"body\":%q}\n", q->head, q->body);
}

static struct reply *reply_new(struct conn *c)
{
    struct reply *r = checked(calloc(1, sizeof *r));
    spec_init(&r->spec);
    r->server = c->server;
    r->dialect = &openai_chat;
    r->fault = PHASE_OVER;
    r->began = c->server->now;
    r->number = ++c->server->numbers;
    r->status = 200;
    r->content_type = "application/json";
    r->method = r->target = (tamar_str){"", 0};
    return r;
}

// A complete request has arrived: settle what it will be answered.
static void routes_answer(struct conn *c, struct request *q)
{
    struct server *s = c->server;
    struct reply *r = c->reply = reply_new(c);
    tamar_str value;
    tamar_json body = {NULL, 0};
    r->method = (tamar_str){pool_copy(&r->pool, q->method.ptr, q->method.len), q->method.len};
    r->target = (tamar_str){pool_copy(&r->pool, q->target.ptr, q->target.len), q->target.len};
    r->http10 = q->minor == 0;
    r->asked_bytes = q->body.len;
    r->with_key = header_of(q, "authorization", &value) || header_of(q, "x-api-key", &value) || header_of(q, "x-goog-api-key", &value);
    r->head_only = str_is(q->method, "HEAD");
    header_of(q, "connection", &value);
    r->keep_alive = r->http10 ? str_has_nocase(value, "keep-alive") : !str_has_nocase(value, "close");
    if (q->body.len && !tamar_json_parse(q->body.ptr, q->body.len, &body, NULL)) body = (tamar_json){NULL, 0};

    r->page = routes_page(s, q);
    bool preflight = routes_preflight(r, q), admin = preflight || str_begins(q->path, "/sim-"), other_method;
    while (path_spec(&q->path, &value)) {}
    const struct route *route = routes_find(s, q, &other_method);
    if (route) r->dialect = route->dialect;
    if (!admin) {
        s->count.requests++;
        c->requests++;
        if (!c->counted) {
            c->counted = true;
            s->count.connections++;
            if (++s->count.open > s->count.max_open) s->count.max_open = s->count.open;
        }
        routes_remember(c, q);
    }
    bool good = admin || routes_specs(s, r, q, body);
    if (good && r->spec.status >= 0 && r->spec.status < 300) r->status = (int)r->spec.status;
    if (!good || preflight) {}
    else if (!route && other_method) reply_error(r, 405, NULL, NULL, NULL);
    else if (!route) reply_error(r, 404, "unknown_url", "Unknown request URL. Please check the URL for typos.", NULL);
    else if (route->admin) route->answer(r, q, body);
    else if (!r->dialect->admit(r, q)) {}
    else if (!routes_fault(r)) route->answer(r, q, body);
    reply_settle(r);
    c->close_on_reuse |= r->spec.close_on_reuse;
    c->split = r->spec.split;
    c->gap = r->spec.gap;
    c->idle_close = r->spec.idle_close;
    c->state = CONN_REPLY;
}

static void routes_log(struct conn *c, const char *how)
{
    struct server *s = c->server;
    const struct reply *r = c->reply;
    struct buf b = {0};
    if (!s->log) return;
    put(&b, "{\"at_ms\":%u,\"took_ms\":%u,", (r->began - s->started) / 1000, (s->now - r->began) / 1000);
    put(&b, "\"connection\":%u,\"request\":%u,\"method\":%q,\"path\":%q,", c->id, c->requests, r->method, r->target);
    put(&b, "\"key\":%s,\"asked_bytes\":%u,", r->with_key ? "true" : "false", r->asked_bytes);
    put(&b, "\"spec\":%q,\"status\":%d,\"body_bytes\":%u,\"end\":\"%s\"}\n", r->spec_text, r->status, r->body_bytes,
        how);
    fwrite(b.ptr, 1, b.len, s->log);
    fflush(s->log);
    buf_free(&b);
}

// =================================================================================================
// >>conn  sockets, requests, timers
// A connection reads a request, writes its reply, and begins again. It has one timer: whoever has to wait says
// until when. All that touches sockets and the clock is in the eight functions of the seam.
// =================================================================================================

enum { GONE = -1, AGAIN = -2 };

static uint64_t clock_us(void);
static ssize_t conn_recv(struct conn *c, void *p, size_t n);  // 0: the peer closed its side
static ssize_t conn_send(struct conn *c, const void *p, size_t n);
static void conn_shut(struct conn *c);  // our side
static void conn_close(struct conn *c, bool rst);
static void conn_want(struct conn *c, bool in, bool out);
static void conn_told(struct conn *c, const char *how);  // its reply has ended so
static void server_listen(struct server *s, bool on);

#if !PROVIDER_SIM_INSIDE
static uint64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static ssize_t conn_recv(struct conn *c, void *p, size_t n)
{
    ssize_t got = recv(c->fd, p, n, 0);
    if (got >= 0) return got;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? AGAIN : GONE;
}

static ssize_t conn_send(struct conn *c, const void *p, size_t n)
{
#ifdef MSG_NOSIGNAL
    ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);
#else
    ssize_t sent = send(c->fd, p, n, 0);
#endif
    if (sent >= 0) return sent;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? AGAIN : GONE;
}

static void conn_shut(struct conn *c) { shutdown(c->fd, SHUT_WR); }

static void conn_close(struct conn *c, bool rst)
{
    if (rst) {
        struct linger hard = {1, 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    close(c->fd);
}

// Readiness: epoll, or poll over a list made anew each time.
static void conn_want(struct conn *c, bool in, bool out)
{
    if (c->registered && in == c->want_in && out == c->want_out) return;
    c->want_in = in;
    c->want_out = out;
#if !SIM_POLL
    struct epoll_event e = {.events = (in ? (uint32_t)EPOLLIN : 0) | (out ? (uint32_t)EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(c->server->epoll, c->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e);
#endif
    c->registered = true;
}

static void conn_told(struct conn *c, const char *how) { routes_log(c, how); }

static void server_listen(struct server *s, bool on)
{
    if (s->listening == on) return;
    s->listening = on;
#if !SIM_POLL
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(s->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, s->listen_fd, &e);
#endif
}
#endif

// -- timers: a heap, each connection in it at most once ----------------------------------------------

static void heap_put(struct server *s, size_t i, struct conn *c)
{
    s->heap[i] = c;
    c->heap_at = i;
}

static void heap_sift(struct server *s, size_t i)
{
    struct conn *c = s->heap[i];
    for (; i && s->heap[(i - 1) / 2]->due > c->due; i = (i - 1) / 2) heap_put(s, i, s->heap[(i - 1) / 2]);
    for (size_t k; (k = 2 * i + 1) < s->nheap; i = k) {
        if (k + 1 < s->nheap && s->heap[k + 1]->due < s->heap[k]->due) k++;
        if (s->heap[k]->due >= c->due) break;
        heap_put(s, i, s->heap[k]);
    }
    heap_put(s, i, c);
}

static void conn_timer(struct conn *c, uint64_t due)
{
    struct server *s = c->server;
    if (due == c->due) return;
    if (c->due == NEVER) {
        if (s->nheap == s->heap_cap) {
            s->heap_cap = s->heap_cap ? s->heap_cap * 2 : 64;
            s->heap = checked(realloc(s->heap, s->heap_cap * sizeof *s->heap));
        }
        heap_put(s, s->nheap++, c);
    }
    c->due = due;
    if (due != NEVER) {
        heap_sift(s, c->heap_at);
        return;
    }
    struct conn *last = s->heap[--s->nheap];
    if (last == c) return;
    heap_put(s, c->heap_at, last);
    heap_sift(s, last->heap_at);
}

// -- life --------------------------------------------------------------------------------------------

static void conn_reply_end(struct conn *c, const char *how)
{
    if (!c->reply) return;
    conn_told(c, how);
    reply_free(c->reply);
    c->reply = NULL;
}

static void conn_destroy(struct conn *c, bool rst)
{
    struct server *s = c->server;
    if (c->reply) {
        if (!rst) s->count.aborted++;
        conn_reply_end(c, rst ? "rst" : "aborted");
    }
    if (c->counted) {
        s->count.open--;
        s->count.by_requests[conn_bucket(c)]++;
    }
    conn_timer(c, NEVER);
    conn_close(c, rst);
    if (c->prev) c->prev->next = c->next;
    else s->conns = c->next;
    if (c->next) c->next->prev = c->prev;
    free(c->in.ptr);
    free(c->out.ptr);
    free(c);
    server_listen(s, true);
}

// Our side is closed; what still comes is thrown away, because closing with unread bytes would be an RST.
static void conn_fin(struct conn *c, const char *how)
{
    conn_reply_end(c, how);
    conn_shut(c);
    c->state = CONN_DRAIN;
    c->in.len = c->out.len = c->out_at = 0;
    c->idle_since = c->server->now;
}

static struct conn *conn_new(struct server *s, int fd)
{
    struct conn *c = checked(calloc(1, sizeof *c));
    c->server = s;
    c->fd = fd;
    c->id = ++s->count.accepted;
    c->due = NEVER;
    c->idle_close = c->split = c->gap = -1;
    c->next = s->conns;
    if (s->conns) s->conns->prev = c;
    s->conns = c;
    return c;
}

#if !PROVIDER_SIM_INSIDE
static void conn_accept(struct server *s)
{
    for (int i = 0; i < 64; i++) {
        int one = 1, fd = accept(s->listen_fd, NULL, NULL);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE) server_listen(s, false);
            return;
        }
        fcntl(fd, F_SETFL, O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
#ifdef SO_NOSIGPIPE
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
        conn_want(conn_new(s, fd), true, false);
    }
}
#endif

// -- requests ----------------------------------------------------------------------------------------

static bool is_token(tamar_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isalnum((unsigned char)s.ptr[i]) && !(s.ptr[i] && strchr("!#$%&'*+-.^_`|~", s.ptr[i]))) return false;
    return s.len > 0;
}

static bool is_visible(tamar_str s, bool space)  // space: and spaces, tabs, bytes above ASCII
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char u = (unsigned char)s.ptr[i];
        if (u == 0x7F || (space ? u < ' ' && u != '\t' : u <= ' ' || u >= 0x80)) return false;
    }
    return true;
}

// Parses a complete head. 0, or the status that refuses it.
static int request_head(tamar_str head, struct request *q)
{
    tamar_str rest = head, line = str_trim(str_cut(&rest, '\n')), version = line;
    q->head = head;
    q->method = str_cut(&version, ' ');
    q->target = str_cut(&version, ' ');
    q->path = q->target;
    tamar_str path = target_path(q->target);
    q->path = str_cut(&path, '?');
    if (!is_token(q->method) || !q->target.len || !is_visible(q->target, false)) return 400;
    if (!str_is(version, "HTTP/1.1") && !str_is(version, "HTTP/1.0")) return 400;
    q->minor = version.ptr[7] - '0';
    q->nheaders = 0;
    while (rest.len) {
        line = str_cut(&rest, '\n');
        if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
        if (!line.len) break;
        if (q->nheaders == MAX_HEADERS) return 431;
        tamar_str name = str_cut(&line, ':');
        if (!is_token(name) || name.ptr + name.len == line.ptr) return 400;
        line = str_trim(line);
        if (!is_visible(line, true)) return 400;
        q->headers[q->nheaders].name = name;
        q->headers[q->nheaders++].value = line;
    }
    return 0;
}

// How the body comes. 0, or the status that refuses it.
static int request_framing(struct conn *c, const struct request *q)
{
    bool length = false, chunked = false;
    uint64_t n = 0, other;
    for (int i = 0; i < q->nheaders; i++) {
        tamar_str name = q->headers[i].name, value = q->headers[i].value;
        if (str_is_nocase(name, "content-length")) {
            if (!str_uint(value, UINT64_MAX / 2, &other) || (length && other != n)) return 400;
            length = true;
            n = other;
        } else if (str_is_nocase(name, "transfer-encoding")) {
            if (!str_is_nocase(value, "chunked") || chunked) return 501;
            chunked = true;
        }
    }
    if (length && chunked) return 400;
    if (n > MAX_REQUEST) return 413;
    c->body = chunked ? BODY_SIZE : BODY_LENGTH;
    c->body_len = chunked ? 0 : (size_t)n;
    c->chunk_at = c->head_len;
    return 0;
}

// Decodes what has come of a chunked body, in place. 1 complete, 0 not yet, else the status that refuses it.
static int request_chunks(struct conn *c)
{
    while (c->body != BODY_DONE) {
        char *p = c->in.ptr + c->chunk_at;
        size_t have = c->in.len - c->chunk_at;
        if (c->body == BODY_DATA) {
            size_t n = have < c->left ? have : (size_t)c->left;
            memmove(c->in.ptr + c->head_len + c->body_len, p, n);
            c->body_len += n;
            c->chunk_at += n;
            c->left -= n;
            if (c->left) return 0;
            p += n;
            have -= n;
        }
        char *eol = have ? memchr(p, '\n', have) : NULL;
        if (!eol) return have > 4096 ? 400 : 0;
        tamar_str line = str_trim((tamar_str){p, (size_t)(eol - p)});
        if (c->body == BODY_DATA) {  // the line end behind the data
            if (line.len) return 400;
            c->body = BODY_SIZE;
        } else if (c->body == BODY_TRAILER) {
            if (!line.len) c->body = BODY_DONE;
        } else {
            uint64_t size = 0;
            size_t i = 0;
            for (; i < line.len && hex_digit(line.ptr[i]) >= 0 && i < 15; i++)
                size = size * 16 + (uint64_t)hex_digit(line.ptr[i]);
            if (!i || (i < line.len && !strchr("; \t", line.ptr[i]))) return 400;
            if (size > MAX_REQUEST || c->body_len + size > MAX_REQUEST) return 413;
            c->left = size;
            c->body = size ? BODY_DATA : BODY_TRAILER;
        }
        c->chunk_at += (size_t)(eol - p) + 1;
    }
    return 1;
}

// What is decoded already leaves the input: tiny chunks are mostly framing, and the input's size is limited.
static void request_compact(struct conn *c)
{
    size_t to = c->head_len + c->body_len, rest = c->in.len - c->chunk_at;
    memmove(c->in.ptr + to, c->in.ptr + c->chunk_at, rest);
    c->in.len = to + rest;
    c->chunk_at = to;
}

static void request_refuse(struct conn *c, int status)
{
    c->reply = reply_new(c);
    reply_error(c->reply, status, NULL, status == 400 ? "This is not an HTTP request." : NULL, NULL);
    reply_settle(c->reply);
    c->reply->keep_alive = false;
    c->state = CONN_REPLY;
    c->split = c->gap = -1;
    c->in.len = c->scanned = c->head_len = 0;
}

static size_t request_head_end(struct conn *c)  // 0: not there yet
{
    for (size_t i = c->scanned; i < c->in.len; i++) {
        const char *p = c->in.ptr + i;
        if (*p != '\n') continue;
        if ((i >= 1 && p[-1] == '\n') || (i >= 2 && p[-1] == '\r' && p[-2] == '\n')) return i + 1;
    }
    c->scanned = c->in.len;
    return 0;
}

// Does the path ask for an answer before the body is there?
static bool request_is_early(tamar_str path)
{
    tamar_str spec = {"", 0};
    while (path_spec(&path, &spec))
        while (spec.len)
            if (str_is(str_cut(&spec, ','), "early")) return true;
    return false;
}

// Takes a request off the input if there is a complete one. False: there is none yet.
static bool conn_request(struct conn *c)
{
    struct request q;
    int status = 0, chunks = 0;
    if (!c->head_len) {
        size_t skip = 0;
        while (skip < c->in.len && strchr("\r\n", c->in.ptr[skip]) && c->in.ptr[skip]) skip++;
        if (skip) {  // empty lines before a request are tolerated (RFC 9112, 2.2)
            buf_drop(&c->in, skip);
            c->scanned = 0;
        }
        c->head_len = request_head_end(c);
        if (!c->head_len) {
            if (c->in.len > MAX_HEAD) request_refuse(c, 431);
            return c->in.len > MAX_HEAD || c->state == CONN_REPLY;
        }
        memset(&q, 0, offsetof(struct request, headers));
        status = request_head((tamar_str){c->in.ptr, c->head_len}, &q);
        if (!status) status = request_framing(c, &q);
        if (status) {
            request_refuse(c, status);
            return true;
        }
        tamar_str expect;
        header_of(&q, "expect", &expect);
        if (str_is_nocase(expect, "100-continue") && c->in.len == c->head_len)
            put(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
        if (request_is_early(q.path)) {
            q.body = (tamar_str){"", 0};
            routes_answer(c, &q);
            c->reply->keep_alive = false;
            c->in.len = c->head_len = c->scanned = 0;
            return true;
        }
    }
    if (c->body == BODY_LENGTH) {
        if (c->in.len - c->head_len < c->body_len) return c->out.len > c->out_at;
        c->chunk_at = c->head_len + c->body_len;
    } else if ((chunks = request_chunks(c)) != 1) {
        if (chunks) request_refuse(c, chunks);
        else request_compact(c);
        return chunks || c->out.len > c->out_at;
    }
    request_head((tamar_str){c->in.ptr, c->head_len}, &q);  // again: the input may have moved since
    q.body = (tamar_str){c->in.ptr + c->head_len, c->body_len};
    routes_answer(c, &q);
    buf_drop(&c->in, c->chunk_at);
    c->head_len = c->scanned = 0;
    return true;
}

// -- the run -----------------------------------------------------------------------------------------

// Writes what there is. True: all of it is written. *due: when to go on; *blocked: when the socket can.
static bool conn_flush(struct conn *c, uint64_t *due, bool *blocked, bool *gone)
{
    struct server *s = c->server;
    while (c->out_at < c->out.len) {
        size_t n = c->out.len - c->out_at;
        if (c->gap > 0 && s->now < c->gap_until) {
            *due = c->gap_until;
            return false;
        }
        if (c->split > 0 && n > (size_t)c->split) n = (size_t)c->split;
        ssize_t sent = conn_send(c, c->out.ptr + c->out_at, n);
        if (sent < 0) {
            *(sent == AGAIN ? blocked : gone) = true;
            return false;
        }
        c->out_at += (size_t)sent;
        s->count.bytes_out += (uint64_t)sent;
        if (c->split > 0 && c->gap > 0) c->gap_until = s->now + (uint64_t)c->gap * 1000;
    }
    c->out_at = c->out.len = 0;
    return true;
}

static bool conn_is_full(const struct conn *c)
{
    return c->in.len > (c->state == CONN_READ ? MAX_REQUEST + MAX_HEAD : MAX_AHEAD);
}

static bool conn_read(struct conn *c)  // false: the connection is dead
{
    struct server *s = c->server;
    ssize_t n;
    while (!c->eof && (n = conn_recv(c, s->inbox, BLOCK)) != AGAIN) {
        if (n == GONE) return false;
        if (n == 0) c->eof = true;
        else if (c->state != CONN_DRAIN) buf_add(&c->in, s->inbox, (size_t)n);
        s->count.bytes_in += (uint64_t)n;
        if (n < (ssize_t)BLOCK || conn_is_full(c)) break;
    }
    return true;
}

// A reply has been written. What follows on this connection?
static void conn_replied(struct conn *c)
{
    bool keep = c->reply->keep_alive;
    if (!keep) {
        conn_fin(c, "ok");
        return;
    }
    conn_reply_end(c, "ok");
    c->state = CONN_READ;
    c->split = c->gap = -1;
    c->idle_since = c->server->now;
}

// Does all that can be done now and says what to wait for. The connection may be gone afterwards.
static void conn_run(struct conn *c)
{
    struct server *s = c->server;
    uint64_t due = NEVER;
    bool blocked = false, gone = false;
    s->now = clock_us();
    for (int turn = 0;; turn++) {
        if (!conn_flush(c, &due, &blocked, &gone)) break;
        if (turn >= BUDGET) {  // a writable socket calls again: the others come first
            blocked = true;
            break;
        }
        if (c->state == CONN_DRAIN) {
            due = c->idle_since + DRAIN_GRACE;
            gone = c->eof || s->now >= due;
            break;
        }
        if (c->state == CONN_READ) {
            if (c->close_on_reuse && c->in.len) {
                conn_fin(c, "reused");
                continue;
            }
            if (conn_request(c)) continue;
            if (c->idle_close >= 0 && !c->in.len) {
                due = c->idle_since + (uint64_t)c->idle_close * 1000;
                if (s->now >= due) {
                    due = NEVER;
                    conn_fin(c, "idle");
                    continue;
                }
            }
            gone = c->eof;
            break;
        }
        enum flow flow;
        do flow = reply_advance(c->reply, &c->out, s->now, &due);
        while (flow == FLOW_MORE && c->out.len < BLOCK);
        if (flow == FLOW_MORE || c->out.len) continue;  // what is due goes out before what follows it
        if (flow == FLOW_WAIT) {  // a peer that closed its side and lets us wait has gone
            gone = c->eof;
            break;
        }
        if (flow == FLOW_RST || flow == FLOW_FIN) s->count.faults++;
        if (flow == FLOW_OVER) conn_replied(c);
        if (flow == FLOW_FIN) conn_fin(c, "cut");
        if (flow == FLOW_RST) {
            conn_destroy(c, true);
            return;
        }
    }
    if (gone) {
        conn_destroy(c, false);
        return;
    }
    conn_timer(c, due);
    conn_want(c, !c->eof && !conn_is_full(c), blocked);
}

static void conn_event(struct conn *c, bool readable, bool dead)
{
    c->server->active_at = c->server->now;
    if (dead || (readable && !conn_read(c))) conn_destroy(c, false);
    else conn_run(c);
}

#if !PROVIDER_SIM_INSIDE
// =================================================================================================
// >>main  options, the loop
// =================================================================================================

static struct server sim;  // the only global: the signal handler has no other way

static void on_signal(int signal)
{
    (void)signal;
    sim.stop = 1;
}

static int fail(const char *what, const char *which)
{
    fprintf(stderr, "provider-sim: %s%s%s\n", what, which ? ": " : "", which ? which : "");
    return 2;
}

struct options {
    const char *host, *port_file, *script;
    uint64_t port, idle_seconds, max_seconds;
    bool quiet, with_parent;
};

static void usage(void)
{
    puts("usage: provider-sim [options]\n"
         "  --port N                  0 (default): any free one\n"
         "  --port-file F             the port's number is written there once it listens\n"
         "  --host ADDRESS            127.0.0.1\n"
         "  --case DIR                serve this recorded case (repeatable; a single one answers any path)\n"
         "  --cases ROOT              serve all ROOT/<api>/<id> as /case/<id>/...\n"
         "  --script FILE             specs for the requests that bring none, and @names\n"
         "  --bodies FILE             what the word body= serves: a line '= NAME' begins each\n"
         "  --cors ORIGIN             let web pages of this origin ask; *: of any\n"
         "  --log FILE                a JSON line for each reply\n"
         "  --quiet                   no line on stdout\n"
         "  --exit-after-idle SECONDS end when no byte moved for so long\n"
         "  --max-seconds N           end after N seconds\n"
         "  --with-parent             end with the parent process\n"
         "  --words                   print the words of a spec\n"
         "\n"
         "A spec asks for faults: http://127.0.0.1:PORT/sim/<spec>/v1 as base URL, X-Sim: <spec>, ?sim=<spec>,\n"
         "or the model name!<spec>. Example: /sim/n=3,delay=20,cut=2c/v1. More: the head of tests/provider_sim.c.");
}

static int read_script(struct server *s, const char *path)
{
    tamar_str text;
    if (!read_file(&s->pool, path, &text)) return fail("cannot read the script", path);
    while (text.len) {
        tamar_str line = str_trim(str_cut(&text, '\n')), name = {"", 0};
        struct spec scratch;
        struct buf why = {0};
        if (!line.len || line.ptr[0] == '#') continue;
        if (line.ptr[0] == '@') {
            line.ptr++;
            line.len--;
            name = str_cut(&line, ' ');
            line = str_trim(line);
        }
        spec_init(&scratch);
        for (tamar_str rest = line; rest.len && rest.ptr[0] != '@';)
            if (!spec_parse(&scratch, &s->pool, str_cut(&rest, ';'), &why)) {
                fprintf(stderr, "provider-sim: %s: %.*s\n", path, (int)why.len, why.ptr);
                return 2;
            } else spec_init(&scratch);
        s->steps = checked(realloc(s->steps, (s->nsteps + 1) * sizeof *s->steps));
        s->steps[s->nsteps++] = (struct step){name, line};
    }
    return 0;
}

static int read_options(struct server *s, struct options *o, int argc, char **argv)
{
    o->host = "127.0.0.1";
    for (int i = 1; i < argc; i++) {
        tamar_str a = str(argv[i]);
        const char *v = i + 1 < argc ? argv[i + 1] : NULL;
        bool used = true, good = v != NULL;
        if (str_is(a, "--help") || str_is(a, "-h")) {
            usage();
            exit(0);
        } else if (str_is(a, "--words")) {
            struct buf b = {0};
            spec_print(&b, "\n", true);
            fwrite(b.ptr, 1, b.len, stdout);
            exit(0);
        } else if (str_is(a, "--quiet")) o->quiet = good = true, used = false;
        else if (str_is(a, "--with-parent")) o->with_parent = good = true, used = false;
        else if (!v) return fail("unknown option, or its value is missing", a.ptr);
        else if (str_is(a, "--port")) good = str_uint(str(v), 65535, &o->port);
        else if (str_is(a, "--exit-after-idle")) good = str_uint(str(v), 1000000, &o->idle_seconds);
        else if (str_is(a, "--max-seconds")) good = str_uint(str(v), 1000000, &o->max_seconds);
        else if (str_is(a, "--port-file")) o->port_file = v;
        else if (str_is(a, "--host")) o->host = v;
        else if (str_is(a, "--script")) o->script = v;
        else if (str_is(a, "--cors")) s->cors = v;
        else if (str_is(a, "--bodies")) good = read_file(&s->pool, v, &s->bodies);
        else if (str_is(a, "--log")) good = (s->log = fopen(v, "w")) != NULL;
        else if (str_is(a, "--cases")) {
            s->case_root = str(v);
            DIR *root = opendir(v);
            good = root != NULL;
            if (root) closedir(root);
        } else if (str_is(a, "--case")) {
            tamar_str dir = str(v);
            while (dir.len > 1 && dir.ptr[dir.len - 1] == '/') dir.len--;
            dir.ptr = pool_copy(&s->pool, dir.ptr, dir.len);
            good = s->ncase_dirs < (int)COUNT(s->case_dirs) && case_exists(dir.ptr);
            if (good) s->case_dirs[s->ncase_dirs++] = dir;
        } else return fail("unknown option", a.ptr);
        if (!good) return fail("bad value", v);
        i += used;
    }
    return o->script ? read_script(s, o->script) : 0;
}

static int open_socket(struct server *s, const struct options *o)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *found;
    struct sockaddr_storage at;
    socklen_t at_len = sizeof at;
    char port[16], host[64];
    int one = 1;
    snprintf(port, sizeof port, "%u", (unsigned)o->port);
    if (getaddrinfo(o->host, port, &hints, &found)) return fail("unknown host", o->host);
    s->listen_fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (s->listen_fd < 0) return fail("no socket", strerror(errno));
    setsockopt(s->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool bound = bind(s->listen_fd, found->ai_addr, found->ai_addrlen) == 0 && listen(s->listen_fd, 4096) == 0;
    freeaddrinfo(found);
    if (!bound || getsockname(s->listen_fd, (struct sockaddr *)&at, &at_len))
        return fail("cannot listen", strerror(errno));
    fcntl(s->listen_fd, F_SETFL, O_NONBLOCK);
    fcntl(s->listen_fd, F_SETFD, FD_CLOEXEC);
    getnameinfo((struct sockaddr *)&at, at_len, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    bool v6 = at.ss_family == AF_INET6;
    snprintf(s->address, sizeof s->address, "http://%s%s%s:%s", v6 ? "[" : "", host, v6 ? "]" : "", port);
    s->port = atoi(port);
    return 0;
}

static int write_port(const struct server *s, const char *path)
{
    char temporary[4096];
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *f = fopen(temporary, "w");
    if (!f) return fail("cannot write the port file", path);
    fprintf(f, "%d\n", s->port);
    fclose(f);
    return rename(temporary, path) ? fail("cannot write the port file", path) : 0;  // never seen half written
}

// Waits for readiness and serves it. The signals are only let through here, so none is missed.
static void server_wait(struct server *s, int timeout_ms, const sigset_t *open_signals)
{
#if SIM_POLL
    size_t n = 0, want = 1;
    for (struct conn *c = s->conns; c; c = c->next) want++;
    if (want > s->polled_cap) {
        s->polled_cap = want * 2;
        s->polled = checked(realloc(s->polled, s->polled_cap * sizeof *s->polled));
        s->polled_conns = checked(realloc(s->polled_conns, s->polled_cap * sizeof *s->polled_conns));
    }
    for (struct conn *c = s->conns; c; c = c->next) {
        s->polled_conns[n] = c;
        s->polled[n++] = (struct pollfd){c->fd, (short)((c->want_in ? POLLIN : 0) | (c->want_out ? POLLOUT : 0)), 0};
    }
    s->polled[n] = (struct pollfd){s->listening ? s->listen_fd : -1, POLLIN, 0};
    sigprocmask(SIG_SETMASK, open_signals, NULL);
    poll(s->polled, (nfds_t)n + 1, timeout_ms < 0 || timeout_ms > 200 ? 200 : timeout_ms);
    s->now = clock_us();
    for (size_t i = 0; i < n; i++)
        if (s->polled[i].revents) {
            int e = s->polled[i].revents;
            conn_event(s->polled_conns[i], e & POLLIN, (e & (POLLERR | POLLNVAL)) || ((e & POLLHUP) && !(e & POLLIN)));
        }
    if (s->polled[n].revents) conn_accept(s);
#else
    struct epoll_event events[256];
    int n = epoll_pwait(s->epoll, events, COUNT(events), timeout_ms, open_signals);
    s->now = clock_us();
    for (int i = 0; i < n; i++) {
        uint32_t e = events[i].events;
        if (!events[i].data.ptr) conn_accept(s);
        else conn_event(events[i].data.ptr, e & EPOLLIN, (e & EPOLLERR) || ((e & EPOLLHUP) && !(e & EPOLLIN)));
    }
#endif
}

static void server_run(struct server *s, const struct options *o, const sigset_t *open_signals)
{
    pid_t parent = getppid();
    s->started = s->active_at = s->now = clock_us();
    while (!s->stop) {
        uint64_t until = s->nheap ? s->heap[0]->due : NEVER, idle_end = NEVER, end = NEVER;
        if (o->idle_seconds) idle_end = s->active_at + o->idle_seconds * 1000000;
        if (o->max_seconds) end = s->started + o->max_seconds * 1000000;
        if (s->now >= end || s->now >= idle_end || (o->with_parent && getppid() != parent)) break;
        if (idle_end < until) until = idle_end;
        if (end < until) until = end;
        if (o->with_parent && until > s->now + 500000) until = s->now + 500000;
        uint64_t ms = until <= s->now ? 0 : (until - s->now + 999) / 1000;
        server_wait(s, until == NEVER ? -1 : ms < 1000000 ? (int)ms : 1000000, open_signals);
        while (s->nheap && s->heap[0]->due <= s->now) {
            struct conn *c = s->heap[0];
            conn_timer(c, NEVER);
            s->active_at = s->now;
            conn_run(c);
        }
    }
}

int main(int argc, char **argv)
{
    struct server *s = &sim;
    struct options o = {0};
    struct rlimit files;
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t stopping, open_signals;
    int status = read_options(s, &o, argc, argv);
    if (!status) status = open_socket(s, &o);
    if (status) return status;
#ifdef __linux__
    if (o.with_parent) prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (!getrlimit(RLIMIT_NOFILE, &files)) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTERM);
    sigaddset(&stopping, SIGINT);
    sigprocmask(SIG_BLOCK, &stopping, &open_signals);
    sigdelset(&open_signals, SIGTERM);
    sigdelset(&open_signals, SIGINT);
#if !SIM_POLL
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
#endif
    s->inbox = checked(malloc(BLOCK));
    server_listen(s, true);
    if (o.port_file && write_port(s, o.port_file)) return 2;
    if (!o.quiet) {
        printf("listening on %s\n", s->address);
        fflush(stdout);
    }
    server_run(s, &o, &open_signals);
    while (s->conns) conn_destroy(s->conns, false);
    if (s->log) fclose(s->log);
    sequences_free(s);
    buf_free(&s->last);
    pool_free(&s->pool);
    free(s->steps);
    free(s->heap);
    free(s->inbox);
#if SIM_POLL
    free(s->polled);
    free(s->polled_conns);
#endif
    return 0;
}
#endif
