// What every dialect's test needs: answers decoded whole, byte by byte, at every split and with each allocation failing,
// told in one line; requests encoded twice and with each allocation failing, compared to the byte. JSON stands here
// with ' for ". A program that includes it says first which dialect it decodes: #define API "openai-chat".
#ifndef DIALECT_H
#define DIALECT_H
#include "test.h"
#include "text.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"

static const char *only;  // the case to run

static const tamar_dialect *const *own_dialects;  // those of the test's own
static size_t own_dialect_count;

#define CASE(name) if (!only || !strcmp(only, name)) TEST(name)

// -- text ------------------------------------------------------------------------------------------

// ' becomes ".
static inline void add_json(text *t, const char *z)
{
    size_t from = t->len;
    adds(t, z);
    for (; from < t->len; from++)
        if (t->ptr[from] == '\'') t->ptr[from] = '"';
}

// RFC 3629, written apart from the library's own.
static inline bool is_utf8(const char *ptr, size_t len)
{
    const unsigned char *p = (const unsigned char *)ptr, *end = len ? p + len : p;
    while (p < end) {
        size_t more = *p < 0x80 ? 0 : *p >= 0xC2 && *p <= 0xDF ? 1 : (*p & 0xF0) == 0xE0 ? 2 : *p >= 0xF0 && *p <= 0xF4 ? 3 : 9, i;
        if (more > (size_t)(end - p) - 1) return false;
        for (i = 1; i <= more; i++)
            if ((p[i] & 0xC0) != 0x80) return false;
        if ((*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) || (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F))
            return false;
        p += more + 1;
    }
    return true;
}

#if defined(__clang__)
__attribute__((no_sanitize("integer")))  // it is meant to wrap
#endif
static inline uint64_t hash_more(uint64_t h, const char *p, size_t n)  // FNV-1a
{
    size_t i;
    for (i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * UINT64_C(1099511628211);
    return h;
}

#define HASH_BEGIN UINT64_C(14695981039346656037)

static inline const char *no_variable(void *user_data, const char *name)
{
    (void)user_data, (void)name;
    return NULL;
}

// == answers =======================================================================================

typedef struct input {
    const char *body;
    size_t len;
    bool stream, cut, discard, keep_raw;
    int status;
    const char *headers;  // "Name: value" lines
    const char *provider, *api;
    size_t max_event, max_body;
} input;

// What one run gave: brief is what the cases expect, full is what must not depend on the pieces, core is what must not
// be lost silently when memory fails (warnings and prose may; and whatever else, where there is an error anyway).
typedef struct outcome {
    text brief, full, core, streamed[4], arguments[64];
    size_t finishes, starts, heartbeats;
    tamar_category category;
    bool damaged;  // nomem
} outcome;

static inline void outcome_drop(outcome *o)
{
    size_t i;
    drop(&o->brief);
    drop(&o->full);
    drop(&o->core);
    for (i = 0; i < 4; i++) drop(&o->streamed[i]);
    for (i = 0; i < 64; i++) drop(&o->arguments[i]);
}

static inline void take_events(tamar_decoder *d, outcome *o)
{
    tamar_event e;
    while (tamar_decoder_next_event(d, &e)) {
        CHECK(!o->finishes);
        CHECK(is_utf8(e.text.ptr, e.text.len));
        switch (e.type) {
        case TAMAR_EVENT_START: o->starts++; break;
        case TAMAR_EVENT_TEXT: CHECK(e.text.len > 0); add(&o->streamed[0], e.text.ptr, e.text.len); break;
        case TAMAR_EVENT_REASONING: CHECK(e.text.len > 0); add(&o->streamed[1], e.text.ptr, e.text.len); break;
        case TAMAR_EVENT_REFUSAL: CHECK(e.text.len > 0); add(&o->streamed[2], e.text.ptr, e.text.len); break;
        case TAMAR_EVENT_TOOL_CALL:
            if (e.index < 64) add(&o->arguments[e.index], e.text.ptr, e.text.len);
            add(&o->streamed[3], e.tool_name.ptr, e.tool_name.len);
            break;
        case TAMAR_EVENT_HEARTBEAT: o->heartbeats++; break;
        case TAMAR_EVENT_FINISH:
            CHECK(e.finished);
            CHECK(e.response != NULL);
            o->finishes++;
            break;
        default: CHECK(!"an event of no type");
        }
    }
}

static inline void say(text *t, const char *name, tamar_str s)
{
    if (!s.len) return;
    adds(t, name);
    add(t, s.ptr, s.len);
    adds(t, "; ");
}

static inline void say_count(text *t, const char *name, tamar_opt_int n)
{
    if (n.set) addf(t, " %s %lld", name, (long long)n.value);
}

// An id of ours looks like call_ and 12 hex digits: ~.
static inline bool is_made(tamar_str id)
{
    size_t i;
    if (id.len != 17 || memcmp(id.ptr, "call_", 5)) return false;
    for (i = 5; i < 17; i++)
        if (!strchr("0123456789abcdef", id.ptr[i])) return false;
    return true;
}

// The answer in one line: what is empty is left out.
static inline void tell(outcome *o, const tamar_response *r)
{
    text *t = &o->brief;
    const tamar_usage *u = &r->usage;
    size_t i, k;
    say(t, "text=", r->text);
    say(t, "reasoning=", r->reasoning);
    say(t, "refusal=", r->refusal);
    for (i = 0; i < r->tool_call_count; i++) {
        const tamar_part *c = r->tool_calls[i];
        adds(t, "call ");
        if (is_made(c->id)) adds(t, "~");
        else add(t, c->id.ptr, c->id.len);
        adds(t, " ");
        add(t, c->name.ptr, c->name.len);
        adds(t, " ");
        add(t, c->text.ptr, c->text.len);
        adds(t, "; ");
        CHECK(c->id.len > 0);
        for (k = 0; k < i && !o->damaged; k++)
            CHECK(c->id.len != r->tool_calls[k]->id.len || memcmp(c->id.ptr, r->tool_calls[k]->id.ptr, c->id.len));
    }
    for (i = 0; i < r->citation_count; i++) {
        say(t, "cite=", r->citations[i].url);
        if (r->citations[i].title.len) t->len -= 2, say(t, " ", r->citations[i].title);
    }
    for (i = 0; i < r->image_count; i++) {
        say(t, "image=", r->images[i].url);
        if (r->images[i].data.len) {
            adds(t, "image=");
            add(t, r->images[i].mime_type.ptr, r->images[i].mime_type.len);
            adds(t, ",");
            add(t, r->images[i].data.ptr, r->images[i].data.len);
            adds(t, "; ");
        }
    }
    if (r->finish) {
        addf(t, "finish=%s", tamar_finish_name(r->finish));
        if (strlen(tamar_finish_name(r->finish)) != r->finish_raw.len ||
            memcmp(tamar_finish_name(r->finish), r->finish_raw.ptr, r->finish_raw.len)) {
            adds(t, "(");
            add(t, r->finish_raw.ptr, r->finish_raw.len);
            adds(t, ")");
        }
        adds(t, "; ");
    }
    if (u->input_tokens.set || u->output_tokens.set || u->total_tokens.set) {
        adds(t, "usage");
        say_count(t, "in", u->input_tokens);
        say_count(t, "out", u->output_tokens);
        say_count(t, "total", u->total_tokens);
        say_count(t, "cached", u->cached_input_tokens);
        say_count(t, "written", u->cache_write_tokens);
        say_count(t, "reasoning", u->reasoning_tokens);
        adds(t, "; ");
    }
    if (r->error.category) {
        addf(t, "error=%s %d", tamar_category_name(r->error.category), r->error.http_status);
        if (r->error.code[0]) adds(t, " code "), adds(t, r->error.code);
        if (r->error.type[0]) adds(t, " type "), adds(t, r->error.type);
        if (r->error.param[0]) adds(t, " param "), adds(t, r->error.param);
        if (r->error.retryable) adds(t, " retry");
        if (r->error.retry_after_ms.set) addf(t, " after %lld", (long long)r->error.retry_after_ms.value);
        adds(t, "; ");
    }
    add(&o->core, t->ptr, t->len);
    for (i = 0; i < r->warning_count; i++) addf(t, "warn=%s; ", r->warnings[i].code);
    if (t->len) t->ptr[t->len -= 2] = 0;
    t = &o->core;
    addf(t, "created %lld; ", (long long)r->created);
    say(t, "id ", r->id);
    say(t, "model ", r->model);
    for (i = 0; i < r->message.part_count; i++) {
        const tamar_part *p = &r->message.parts[i];
        addf(t, "part %d ", (int)p->type);
        add(t, p->text.ptr, p->text.len);
        adds(t, "; ");
        say(t, "opaque ", p->opaque);
        say(t, "origin ", p->origin);
    }
    if (r->raw.len) addf(t, "raw %lu; ", (unsigned long)r->raw.len);
    add(&o->full, o->core.ptr, o->core.len);
    adds(&o->full, r->error.message);
    adds(&o->full, r->error.request_id);
    for (i = 0; i < r->warning_count; i++) {
        adds(&o->full, "; ");
        adds(&o->full, r->warnings[i].message);
    }
}

static inline void check_views(const tamar_response *r)
{
    const tamar_str all[] = { r->text, r->reasoning, r->refusal, r->finish_raw, r->id, r->model, r->provider };
    size_t i;
    for (i = 0; i < sizeof all / sizeof *all; i++) {
        CHECK(all[i].ptr != NULL);
        CHECK(all[i].ptr && all[i].ptr[all[i].len] == 0);
        CHECK(is_utf8(all[i].ptr, all[i].len));
    }
    for (i = 0; i < r->tool_call_count; i++) {
        CHECK(is_utf8(r->tool_calls[i]->text.ptr, r->tool_calls[i]->text.len));
        CHECK(is_utf8(r->tool_calls[i]->name.ptr, r->tool_calls[i]->name.len));
    }
    CHECK(r->error.message && r->error.code && r->error.type && r->error.param && r->error.request_id);
    CHECK(is_utf8(r->error.message, strlen(r->error.message)));
}

// Reads nothing, but every byte of it: a stale pointer is then found by the sanitizer.
static inline void check_sum(const tamar_response *r, const outcome *o)
{
    size_t i;
    CHECK(o->finishes == 1);
    CHECK(o->starts <= 1);
    CHECK(r->text.len == o->streamed[0].len && !memcmp(r->text.ptr, o->streamed[0].len ? o->streamed[0].ptr : "", r->text.len));
    CHECK(r->reasoning.len == o->streamed[1].len && !memcmp(r->reasoning.ptr, o->streamed[1].len ? o->streamed[1].ptr : "", r->reasoning.len));
    CHECK(r->refusal.len == o->streamed[2].len && !memcmp(r->refusal.ptr, o->streamed[2].len ? o->streamed[2].ptr : "", r->refusal.len));
    for (i = 0; i < r->tool_call_count && i < 64; i++)
        CHECKF(r->tool_calls[i]->text.len == o->arguments[i].len &&
                   !memcmp(r->tool_calls[i]->text.ptr, o->arguments[i].len ? o->arguments[i].ptr : "", o->arguments[i].len),
               "call %lu: events say %s", (unsigned long)i, o->arguments[i].ptr ? o->arguments[i].ptr : "");
}

// "Name: value\n" each; NULL: none.
static inline void give_headers(tamar_decoder *d, const char *h)
{
    while (h && *h) {
        char name[64], value[256];
        const char *colon = strchr(h, ':'), *eol = strchr(h, '\n');
        snprintf(name, sizeof name, "%.*s", (int)(colon - h), h);
        snprintf(value, sizeof value, "%.*s", (int)(eol - colon - 2), colon + 2);
        tamar_decoder_header(d, name, value);
        h = eol + 1;
    }
}

// One decoding: the body in pieces that end at ends[], the last of which is its length.
static inline void run(const input *in, const size_t *ends, size_t count, bool look, test_memory *memory, void *block, size_t block_size, outcome *o)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    const tamar_response *r;
    size_t i, from = 0;
    memset(o, 0, sizeof *o);
    memset(&desc, 0, sizeof desc);
    desc.api = in->api ? in->api : API;
    desc.provider = in->provider;
    desc.dialects = own_dialects;
    desc.dialect_count = own_dialect_count;
    desc.stream = in->stream;
    desc.status = in->status;
    desc.discard_text = in->discard;
    desc.keep_raw = in->keep_raw;
    desc.max_event = in->max_event;
    desc.max_body = in->max_body;
    desc.memory = block;
    desc.memory_size = block_size;
    if (memory) {
        desc.allocator.resize = test_resize;
        desc.allocator.user_data = memory;
    }
    d = tamar_decoder_open(&desc);
    if (!d) {
        o->damaged = true;
        CHECK(memory || block);
        return;
    }
    give_headers(d, in->headers);
    for (i = 0; i < count; i++) {
        size_t n = ends[i] - from;
        char *piece = (char *)malloc(n ? n : 1);  // exactly so long: a byte too far is found by the sanitizer
        if (!piece) abort();
        if (n) memcpy(piece, in->body + from, n);
        tamar_decoder_feed(d, piece, n);
        if (look) take_events(d, o);
        free(piece);
        from = ends[i];
    }
    r = tamar_decoder_end(d, !in->cut);
    CHECK(r == tamar_decoder_end(d, !in->cut));
    take_events(d, o);
    o->category = r->error.category;
    o->damaged = r->error.category == TAMAR_NOMEM;
    check_views(r);
    CHECK(!r->error.category || r->error.message[0] || memory || block);
    if (!in->discard) check_sum(r, o);
    CHECK(o->finishes == 1);
    if (in->keep_raw && !memory && !block) CHECK(r->raw.len <= in->len && !memcmp(r->raw.ptr, in->body, r->raw.len));
    tell(o, r);
    tamar_decoder_close(d);
}

// One complaint an input is enough.
static inline void expect_same(const outcome *want, const outcome *got, const char *how, size_t at, bool *told)
{
    if (*told && !same(&want->full, &got->full)) return;
    *told = !same(&want->full, &got->full);
    CHECKF(same(&want->full, &got->full), "%s %lu\n        whole %s\n        got   %s", how, (unsigned long)at, want->full.ptr, got->full.ptr);
}

// Is this what may be made of an answer when memory fails?
static inline bool survived(const outcome *o, const outcome *whole)
{
    return o->damaged || same(&o->core, &whole->core) || (whole->category && o->category == whole->category);
}

// Whole, byte by byte, at every split, with and without looking in between, with each allocation failing.
static inline void pieces(const input *in, outcome *whole)
{
    size_t i, *ends = (size_t *)malloc((in->len + 2) * sizeof *ends), one = in->len;
    outcome o;
    long n;
    bool told = false, split = false;
    run(in, &one, 1, false, NULL, NULL, 0, whole);
    for (i = 0; i < in->len; i++) ends[i] = i + 1;
    run(in, ends, in->len, true, NULL, NULL, 0, &o);
    expect_same(whole, &o, "byte by byte", 0, &split);
    CHECK(o.starts == whole->starts);
    outcome_drop(&o);
    run(in, ends, in->len, false, NULL, NULL, 0, &o);
    expect_same(whole, &o, "byte by byte, unseen", 0, &split);
    outcome_drop(&o);
    for (i = 0; i <= in->len; i++) {
        size_t two[2];
        two[0] = i, two[1] = in->len;
        run(in, two, 2, true, NULL, NULL, 0, &o);
        expect_same(whole, &o, "split at", i, &split);
        outcome_drop(&o);
    }
    for (i = 0; i * 13 < in->len; i++) ends[i] = i * 13;
    ends[i++] = in->len;
    for (n = 1; n < 400; n++) {
        test_memory m;
        int mode;
        bool failed = false, right;
        for (mode = 0; mode < 2; mode++) {
            memset(&m, 0, sizeof m);
            m.fail_at = n;
            m.fail_on = mode == 1;
            run(in, mode ? ends : &one, mode ? i : 1, mode == 1, &m, NULL, 0, &o);
            right = survived(&o, whole);
            if (right || !told)
                CHECKF(right, "allocation %ld of %lu bytes fails%s\n        got   %s\n        whole %s", n, (unsigned long)in->len,
                       mode ? ", and so do all later ones" : "", o.core.ptr ? o.core.ptr : "", whole->core.ptr);
            if (!right) told = true;
            CHECKF(m.live == 0 && m.blocks == 0, "allocation %ld fails: %ld blocks are left", n, m.blocks);
            if (m.failed) failed = true;
            outcome_drop(&o);
        }
        if (!failed) break;
    }
    free(ends);
}

static inline void check_input(const char *file, int line, input in, const char *body, const char *want)
{
    outcome whole;
    text b = { NULL, 0, 0 }, w = { NULL, 0, 0 };
    add_json(&b, body);
    add_json(&w, want);
    if (!in.len) in.body = b.ptr, in.len = b.len;
    pieces(&in, &whole);
    test_str(file, line, whole.brief.ptr ? whole.brief.ptr : "", whole.brief.len, w.ptr);
    outcome_drop(&whole);
    drop(&b);
    drop(&w);
}

static inline input streamed(void)
{
    input in;
    memset(&in, 0, sizeof in);
    in.stream = true;
    return in;
}

static inline input whole_body(int status)
{
    input in;
    memset(&in, 0, sizeof in);
    in.status = status;
    return in;
}

// The parts of a message, as tell() lists them.
static inline void check_parts_of(input in, const char *want, const char *body)
{
    outcome o;
    text b = { NULL, 0, 0 };
    size_t end;
    const char *first;
    add_json(&b, body);
    in.body = b.ptr, in.len = end = b.len;
    run(&in, &end, 1, true, NULL, NULL, 0, &o);
    first = strstr(o.core.ptr, "part ");
    CHECKF(first && !strcmp(first, want), "%s", o.core.ptr);
    outcome_drop(&o);
    drop(&b);
}

static inline void check_parts(const char *want, const char *body) { check_parts_of(streamed(), want, body); }

#define STREAM(want, body) check_input(__FILE__, __LINE__, streamed(), body, want)
#define BODY(want, body) check_input(__FILE__, __LINE__, whole_body(200), body, want)
#define REFUSED(status, want, body) check_input(__FILE__, __LINE__, whole_body(status), body, want)
#define INPUT(in, want, body) check_input(__FILE__, __LINE__, in, body, want)

#define D(json) "data: " json "\n\n"

// == requests ======================================================================================

static uint64_t golden_hash = HASH_BEGIN, want_hash = HASH_BEGIN;
static size_t goldens;

// What tamar_encode made of a request, copied.
typedef struct sent {
    text url, headers, body, warnings, prose;
    tamar_category category;
} sent;

static inline void sent_drop(sent *s)
{
    drop(&s->url);
    drop(&s->headers);
    drop(&s->body);
    drop(&s->warnings);
    drop(&s->prose);
}

static inline tamar_desc nobody(void)  // no environment
{
    tamar_desc d;
    memset(&d, 0, sizeof d);
    d.environment.get = no_variable;
    return d;
}

static inline void encode_once(const tamar_desc *desc, const tamar_request *rq, sent *s)
{
    tamar_encoded *e = tamar_encode(desc, rq);
    size_t i;
    memset(s, 0, sizeof *s);
    s->category = e->error.category;
    add(&s->url, e->http.url.ptr, e->http.url.len);
    add(&s->body, e->http.body.ptr, e->http.body.len);
    clear(&s->headers);
    for (i = 0; i < e->http.header_count; i++) {
        const tamar_header *h = &e->http.headers[i];
        add(&s->headers, h->name.ptr, h->name.len);
        adds(&s->headers, ": ");
        add(&s->headers, h->value.ptr, h->value.len);
        adds(&s->headers, h->secret ? " (secret)\n" : "\n");
    }
    clear(&s->warnings);
    for (i = 0; i < e->warning_count; i++) {
        if (i) adds(&s->warnings, " ");
        adds(&s->warnings, e->warnings[i].code);
        CHECK(e->warnings[i].message && e->warnings[i].message[0]);
    }
    adds(&s->prose, e->error.message);
    CHECK(!e->error.category || e->error.message[0]);
    if (!e->error.category) {
        tamar_json v;
        CHECK(!strcmp(e->http.method, e->http.body.len ? "POST" : "GET"));
        CHECK(!e->http.body.len || e->http.room >= 512);  // in front of the body, for the head
        CHECK(!e->http.body.len || tamar_json_parse(e->http.body.ptr, e->http.body.len, &v, NULL));
        CHECK(is_utf8(e->http.body.ptr, e->http.body.len));
    }
    tamar_encoded_free(e);
}

// Twice the same bytes, and the same or nothing with each allocation failing.
static inline void encode(const tamar_desc *desc, const tamar_request *rq, sent *s)
{
    tamar_desc d = desc ? *desc : nobody();
    sent again;
    long n;
    encode_once(&d, rq, s);
    encode_once(&d, rq, &again);
    CHECK(same(&s->body, &again.body) && same(&s->url, &again.url) && same(&s->headers, &again.headers) && same(&s->warnings, &again.warnings));
    sent_drop(&again);
    for (n = 1; n < 200; n++) {
        int mode;
        bool failed = false;
        for (mode = 0; mode < 2; mode++) {
            test_memory m;
            memset(&m, 0, sizeof m);
            m.fail_at = n;
            m.fail_on = mode == 1;
            d.allocator.resize = test_resize;
            d.allocator.user_data = &m;
            encode_once(&d, rq, &again);
            CHECKF(again.category == TAMAR_NOMEM || (again.category == s->category && same(&s->body, &again.body) && same(&s->headers, &again.headers)),
                   "allocation %ld fails: %s: %s", n, tamar_category_name(again.category), again.prose.ptr);
            CHECKF(m.live == 0 && m.blocks == 0, "allocation %ld fails: %ld blocks are left", n, m.blocks);
            if (m.failed) failed = true;
            sent_drop(&again);
        }
        if (!failed) break;
    }
}

// want: the body. warnings: their codes, in order.
static inline void check_request(const char *file, int line, const tamar_desc *desc, const tamar_request *rq, const char *warnings, const char *want)
{
    sent s;
    text w = { NULL, 0, 0 };
    add_json(&w, want);
    encode(desc, rq, &s);
    test_str(file, line, s.body.ptr, s.body.len, w.ptr);
    test_str(file, line, s.warnings.ptr, s.warnings.len, warnings);
    if (s.category) test_str(file, line, s.prose.ptr, s.prose.len, "");
    golden_hash = hash_more(golden_hash, s.body.ptr, s.body.len);
    want_hash = hash_more(want_hash, w.ptr, w.len);
    goldens++;
    drop(&w);
    sent_drop(&s);
}

#define REQUEST(warnings, want, ...) \
    do { \
        tamar_request rq_ = { __VA_ARGS__ }; \
        check_request(__FILE__, __LINE__, NULL, &rq_, warnings, want); \
    } while (0)

// A request that is messages and nothing else; api_ may be NULL.
#define CONVERSATION(model_, api_, warnings, want, ...) \
    do { \
        const tamar_message list_[] = { __VA_ARGS__ }; \
        tamar_request rq_; \
        memset(&rq_, 0, sizeof rq_); \
        rq_.model = model_; \
        rq_.api = api_; \
        rq_.messages = list_; \
        rq_.message_count = sizeof list_ / sizeof *list_; \
        check_request(__FILE__, __LINE__, NULL, &rq_, warnings, want); \
    } while (0)

static inline tamar_str str(const char *z) { return tamar_text(z); }

// A text with ' for ", that lives until the program ends.
static inline const char *quoted(const char *z)
{
    static text kept[64];
    static size_t next;
    text *t = &kept[next++ % 64];
    clear(t);
    add_json(t, z);
    return t->ptr;
}

// The same bytes on every machine: a hash over all golden bodies, in order.
static inline void golden_bytes(uint64_t hash)
{
    if (only) return;
    TEST("golden-bytes")
    {
        printf("    %lu requests, bytes %08lx%08lx\n", (unsigned long)goldens, (unsigned long)(golden_hash >> 32), (unsigned long)(golden_hash & 0xFFFFFFFF));
        CHECK(golden_hash == hash);
    }
}

// The end of main: an argument that names no case is a failure.
static inline int cases_done(void)
{
    if (only && !test_passed && !test_failed) {
        printf("no case is called %s\n", only);
        test_failed++;
    }
    return test_done();
}

#endif
