// The event stream: the same events whole, cut by the input's own bytes, and by a plain reading of the standard.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_sse fuzz/fuzz_sse.c
//   mkdir -p corpus && ./fuzz_sse -dict=fuzz/fuzz_sse.dict -max_len=4096 corpus fuzz/seeds/fuzz_sse
// The input: one byte of flags (1 lenient, 2 lines), four that set the lengths of pieces in turn, then the stream.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "target.h"

static void add_str(bytes *t, tamar_str s)
{
    add(t, &s.len, sizeof s.len);
    add(t, s.ptr, s.len);
}

static void add_event(bytes *t, char kind, tamar_str event, tamar_str data, tamar_str id)
{
    add(t, &kind, 1);
    add_str(t, event);
    add_str(t, data);
    add_str(t, id);
}

typedef struct totals { uint64_t retry; bool has_retry, failed; uint32_t comments; size_t events; } totals;

// lengths NULL: all at once. Each piece is a block of its own: a byte too far, or a view kept too long, is found.
static totals run(bytes *out, const char *in, size_t size, int flags, const uint8_t *lengths, size_t max)
{
    tamar__base_memory memory;
    tamar__arena arena;
    tamar__sse s;
    tamar_str data, event;
    totals t;
    size_t turn = 0;
    memset(&memory, 0, sizeof memory);
    memory.allocator = tamar__base_allocator(NULL);
    tamar__arena_init(&arena, &memory, 128);
    tamar__sse_init(&s, &arena, max, flags & 1, flags & 2);
    for (size_t at = 0; at < size && !tamar__sse_failed(&s);) {
        size_t n = lengths ? 1 + lengths[turn++ % 4] % 64u : size;
        if (n > size - at) n = size - at;
        char *piece = (char *)malloc(n);
        if (!piece) abort();
        memcpy(piece, in + at, n);
        tamar__sse_input(&s, piece, n);
        while (tamar__sse_next(&s, &data, &event)) add_event(out, 'E', event, data, tamar__str_view(&s.id));
        MUST(s.at == s.end || tamar__sse_failed(&s));
        free(piece);
        at += n;
    }
    t.events = out->len;
    if (tamar__sse_pending(&s, &data, &event)) add_event(out, 'P', event, data, tamar__str_view(&s.id));
    t.retry = s.retry;
    t.has_retry = s.has_retry;
    t.comments = s.comments;
    t.failed = tamar__sse_failed(&s);
    tamar__arena_free(&arena);
    MUST(memory.used == 0);
    return t;
}

// -- WHATWG 9.2.6, as it is written there ------------------------------------------------------------

typedef struct plain { bytes data, event, id, *out; bool any; totals t; int flags; } plain;

static tamar_str view(const bytes *t) { return tamar__str_make(t->ptr ? t->ptr : "", t->len); }

static void dispatch(plain *s, char kind)
{
    if (s->any) {
        tamar_str data = view(&s->data);
        data.len--;  // its last line feed
        add_event(s->out, kind, view(&s->event), data, view(&s->id));
    }
    s->data.len = s->event.len = 0;
    s->any = false;
}

static bool named(const char *p, size_t n, const char *name) { return n == strlen(name) && !memcmp(p, name, n); }

static void plain_line(plain *s, const char *p, size_t n)
{
    size_t name = 0, value;
    if (s->flags & 2) {
        size_t blank = 0;
        while (blank < n && (p[blank] == ' ' || p[blank] == '\t')) blank++;
        if (blank == n) return;
        add(&s->data, p, n);
        add(&s->data, "\n", 1);
        s->any = true;
        dispatch(s, 'E');
        return;
    }
    if (n == 0) {
        dispatch(s, 'E');
        return;
    }
    while (name < n && p[name] != ':') name++;
    value = name < n ? name + 1 : n;
    if (value < n && p[value] == ' ') value++;
    if (n && name == 0) s->t.comments++;
    else if (named(p, name, "data") || ((s->flags & 1) && named(p, name, "error"))) {
        if (*p == 'e') {
            s->event.len = 0;
            add(&s->event, "error", 5);
        }
        add(&s->data, p + value, n - value);
        add(&s->data, "\n", 1);
        s->any = true;
    }
    else if (named(p, name, "event")) {
        s->event.len = 0;
        add(&s->event, p + value, n - value);
    }
    else if (named(p, name, "id")) {
        if (n > value && memchr(p + value, 0, n - value)) return;
        s->id.len = 0;
        add(&s->id, p + value, n - value);
    }
    else if (named(p, name, "retry")) {
        uint64_t ms = 0;
        if (value == n) return;
        for (size_t i = value; i < n; i++) {
            if (p[i] < '0' || p[i] > '9' || ms > (UINT64_MAX - (uint64_t)(p[i] - '0')) / 10) return;
            ms = ms * 10 + (uint64_t)(p[i] - '0');
        }
        s->t.retry = ms;
        s->t.has_retry = true;
    }
}

static totals standard(bytes *out, const char *in, size_t size, int flags)
{
    plain s;
    size_t at = 0, begin;
    memset(&s, 0, sizeof s);
    s.out = out;
    s.flags = flags;
    if (size >= 3 && !memcmp(in, "\xEF\xBB\xBF", 3)) at = 3;
    for (begin = at; at < size; at++) {
        if (in[at] != '\n' && in[at] != '\r') continue;
        plain_line(&s, in + begin, at - begin);
        if (in[at] == '\r' && at + 1 < size && in[at + 1] == '\n') at++;
        begin = at + 1;
    }
    s.t.events = out->len;
    if (begin < size && (size >= 3 || memcmp(in, "\xEF\xBB\xBF", size))) {  // part of a byte order mark is nothing yet
        if (flags & 2) {
            size_t before = out->len;
            plain_line(&s, in + begin, size - begin);
            if (out->len > before) out->ptr[before] = 'P';
        }
        else plain_line(&s, in + begin, size - begin);
    }
    dispatch(&s, 'P');
    free(s.data.ptr);
    free(s.event.ptr);
    free(s.id.ptr);
    return s.t;
}

// -- the public face -------------------------------------------------------------------------------

static void public_run(bytes *out, const char *in, size_t size, const uint8_t *lengths)
{
    tamar_sse *sse = tamar_sse_open(NULL, 0);
    tamar_sse_event e;
    size_t turn = 0;
    if (!sse) abort();
    for (size_t at = 0; at < size;) {
        size_t n = 1 + lengths[turn++ % 4] % 64u;
        if (n > size - at) n = size - at;
        if (!tamar_sse_feed(sse, in + at, n)) break;
        while (tamar_sse_next(sse, &e)) add_event(out, 'E', e.event, e.data, e.id);
        at += n;
    }
    if (tamar_sse_pending(sse, &e)) add_event(out, 'P', e.event, e.data, e.id);
    MUST(!tamar_sse_pending(sse, &e) && !tamar_sse_next(sse, &e));
    tamar_sse_close(sse);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t singly[4] = {0, 0, 0, 0};
    bytes whole = {NULL, 0, 0}, other = {NULL, 0, 0};
    totals a, b;
    const uint8_t *lengths = data + 1;
    const char *in = (const char *)data + 5;
    int flags;
    if (size < 5) return 0;
    flags = data[0] & 3;
    size -= 5;
    a = run(&whole, in, size, flags, NULL, (size_t)1 << 20);
    for (int way = 0; way < 3; way++) {
        other.len = 0;
        if (way == 2 && a.failed) break;  // the standard knows no caps
        b = way == 2 ? standard(&other, in, size, flags) : run(&other, in, size, flags, way ? lengths : singly, (size_t)1 << 20);
        MUST(same(&whole, &other));
        MUST(a.comments == b.comments && a.has_retry == b.has_retry && a.retry == b.retry && a.failed == b.failed);
    }
    if (flags == 0) {
        other.len = 0;
        public_run(&other, in, size, lengths);
        MUST(same(&whole, &other));
    }
    other.len = 0;
    b = run(&other, in, size, flags, lengths, lengths[0]);  // a small cap: what comes before it is reached stays the same
    MUST(b.events <= whole.len && (!b.events || !memcmp(whole.ptr, other.ptr, b.events)));
    MUST(b.failed || same(&whole, &other));
    whole.len = 0;
    a = run(&whole, in, size, flags, NULL, lengths[0]);  // and does not depend on the pieces either
    MUST(same(&whole, &other) && a.failed == b.failed && a.comments == b.comments && a.has_retry == b.has_retry && a.retry == b.retry);
    free(whole.ptr);
    free(other.ptr);
    return 0;
}
