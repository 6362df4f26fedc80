// What the targets for decoders share: the same response whole, byte by byte and cut by the input's own bytes; events that
// add up to it; exactly one FINISH, last. A target includes this and calls try_decoder with what is its own.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "target.h"

typedef void choose(tamar_decoder_desc *desc, const uint8_t *data, size_t size);  // the dialect, from the input
typedef void answered(const tamar_response *r);  // what else must hold for an answer

static bool equal(const bytes *a, tamar_str b) { return a->len == b.len && (!a->len || !memcmp(a->ptr, b.ptr, a->len)); }

// RFC 3629, written apart from the header.
static bool is_utf8(tamar_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr, *end = s.len ? p + s.len : p;
    while (p < end) {
        uint32_t cp;
        int n = *p < 0x80 ? 0 : *p >= 0xC2 && *p < 0xE0 ? 1 : *p >= 0xE0 && *p < 0xF0 ? 2 : *p >= 0xF0 && *p < 0xF5 ? 3 : -1;
        if (n < 0 || end - p <= n) return false;
        cp = n == 0 ? *p : *p & (0x3Fu >> n);
        for (int i = 1; i <= n; i++) {
            if ((p[i] & 0xC0) != 0x80) return false;
            cp = cp << 6 | (p[i] & 0x3F);
        }
        if ((n == 2 && cp < 0x800) || (n == 3 && cp < 0x10000) || (cp >= 0xD800 && cp < 0xE000) || cp > 0x10FFFF) return false;
        p += n + 1;
    }
    return true;
}

static bool ended(tamar_str s) { return s.ptr && s.ptr[s.len] == 0; }  // "all strings are NUL-terminated"

// -- the response as bytes, so that two can be compared ------------------------------------------------

static void put_str(bytes *t, tamar_str s)
{
    MUST(s.ptr || !s.len);
    add(t, &s.len, sizeof s.len);
    add(t, s.ptr, s.len);
}

static void put_z(bytes *t, const char *z)
{
    MUST(z);
    put_str(t, tamar_text(z));
}

static void put_int(bytes *t, int64_t n) { add(t, &n, sizeof n); }

static void put_opt(bytes *t, tamar_opt_int n)
{
    put_int(t, n.set);
    put_int(t, n.set ? n.value : 0);
}

static void put_response(bytes *t, const tamar_response *r)
{
    size_t calls = 0, text = 0, reasoning = 0, refusal = 0;
    MUST(ended(r->text) && ended(r->reasoning) && ended(r->refusal) && ended(r->finish_raw) && ended(r->id) && ended(r->model));
    MUST(is_utf8(r->text) && is_utf8(r->reasoning) && is_utf8(r->refusal) && is_utf8(r->id) && is_utf8(r->model));
    MUST(is_utf8(r->finish_raw) && is_utf8(tamar_text(r->error.message)) && is_utf8(tamar_text(r->error.code)));
    put_str(t, r->text);
    put_str(t, r->reasoning);
    put_str(t, r->refusal);
    put_str(t, r->finish_raw);
    put_str(t, r->id);
    put_str(t, r->model);
    put_int(t, r->finish);
    put_int(t, r->created);
    put_opt(t, r->usage.input_tokens);
    put_opt(t, r->usage.output_tokens);
    put_opt(t, r->usage.total_tokens);
    put_opt(t, r->usage.cached_input_tokens);
    put_opt(t, r->usage.cache_write_tokens);
    put_opt(t, r->usage.reasoning_tokens);
    for (size_t i = 0; i < r->message.part_count; i++) {
        const tamar_part *p = &r->message.parts[i];
        put_int(t, p->type);
        put_str(t, p->text);
        put_str(t, p->id);
        put_str(t, p->name);
        put_str(t, p->opaque);
        if (p->type == TAMAR_PART_TOOL_CALL) {
            MUST(calls < r->tool_call_count && r->tool_calls[calls++] == p);
            MUST(p->id.len && p->text.len && ended(p->text) && is_utf8(p->text) && is_utf8(p->id) && is_utf8(p->name));
        }
        text += p->type == TAMAR_PART_TEXT ? p->text.len : 0;
        reasoning += p->type == TAMAR_PART_REASONING ? p->text.len : 0;
        refusal += p->type == TAMAR_PART_REFUSAL ? p->text.len : 0;
    }
    MUST(calls == r->tool_call_count && text == r->text.len && reasoning == r->reasoning.len && refusal == r->refusal.len);
    for (size_t i = 0; i < calls; i++)
        for (size_t k = 0; k < i; k++) MUST(!tamar__str_equal(r->tool_calls[i]->id, r->tool_calls[k]->id));
    for (size_t i = 0; i < r->citation_count; i++) {
        put_str(t, r->citations[i].url);
        put_str(t, r->citations[i].title);
    }
    for (size_t i = 0; i < r->image_count; i++) {
        put_str(t, r->images[i].url);
        put_str(t, r->images[i].data);
        put_str(t, r->images[i].mime_type);
    }
    for (size_t i = 0; i < r->warning_count; i++) {
        put_z(t, r->warnings[i].code);
        put_z(t, r->warnings[i].message);
    }
    for (size_t i = 0; i < r->embedding_count; i++) {
        put_int(t, (int64_t)r->embeddings[i].count);
        add(t, r->embeddings[i].values, r->embeddings[i].count * sizeof(double));
    }
    for (size_t i = 0; i < r->model_count; i++) {
        MUST(ended(r->models[i].id) && is_utf8(r->models[i].id) && ended(r->models[i].name) && is_utf8(r->models[i].name));
        put_str(t, r->models[i].id);
        put_str(t, r->models[i].name);
        put_int(t, r->models[i].input_tokens);
    }
    put_int(t, r->error.category);
    put_int(t, r->error.http_status);
    put_int(t, r->error.retryable);
    put_opt(t, r->error.retry_after_ms);
    put_z(t, r->error.message);
    put_z(t, r->error.code);
    put_z(t, r->error.type);
    put_z(t, r->error.param);
    put_str(t, r->raw);
}

// -- one run ---------------------------------------------------------------------------------------

enum { CALLS = 64 };  // the arguments of more are not added up

typedef struct sum { bytes text, reasoning, refusal, arguments[CALLS]; size_t starts, finishes, calls; } sum;

static void take(tamar_decoder *d, sum *s)
{
    tamar_event e;
    while (tamar_decoder_next_event(d, &e)) {
        MUST(s->finishes == 0);  // nothing behind it
        MUST(e.finished == (e.type == TAMAR_EVENT_FINISH));
        MUST(e.type == TAMAR_EVENT_FINISH || is_utf8(e.text));
        switch (e.type) {
        case TAMAR_EVENT_START: MUST(s->starts++ == 0); break;
        case TAMAR_EVENT_TEXT: MUST(e.text.len); add(&s->text, e.text.ptr, e.text.len); break;
        case TAMAR_EVENT_REASONING: MUST(e.text.len); add(&s->reasoning, e.text.ptr, e.text.len); break;
        case TAMAR_EVENT_REFUSAL: MUST(e.text.len); add(&s->refusal, e.text.ptr, e.text.len); break;
        case TAMAR_EVENT_TOOL_CALL:
            if (e.index < CALLS) add(&s->arguments[e.index], e.text.ptr, e.text.len);
            if (e.index >= s->calls) s->calls = e.index + 1;
            break;
        case TAMAR_EVENT_HEARTBEAT: break;
        case TAMAR_EVENT_FINISH: s->finishes++; break;
        default: MUST(!"an event of no kind");
        }
    }
}

// lengths NULL: all at once. then: asked about the answer, unless NULL.
static void run(bytes *out, const char *in, size_t size, tamar_decoder_desc desc, bool clean, const uint8_t *lengths,
    answered *then)
{
    tamar_decoder *d = tamar_decoder_open(&desc);
    const tamar_response *r;
    tamar_event e;
    sum s;
    size_t turn = 0;
    bool more = true;
    memset(&s, 0, sizeof s);
    if (!d) abort();
    for (size_t at = 0; at < size && more;) {
        size_t n = lengths ? 1 + lengths[turn++ % 4] % 64u : size;
        if (n > size - at) n = size - at;
        char *piece = (char *)malloc(n);  // a block of its own: a byte too far, or a view kept too long, is found
        if (!piece) abort();
        memcpy(piece, in + at, n);
        more = tamar_decoder_feed(d, piece, n);
        free(piece);
        at += n;
        take(d, &s);
        MUST(s.finishes == 0);
    }
    r = tamar_decoder_end(d, clean);
    MUST(r && tamar_decoder_end(d, clean) == r);
    take(d, &s);
    MUST(s.finishes == 1 && !tamar_decoder_next_event(d, &e) && !tamar_decoder_feed(d, "x", 1));
    if (!desc.discard_text) {
        MUST(equal(&s.text, r->text) && equal(&s.reasoning, r->reasoning) && equal(&s.refusal, r->refusal));
        put_response(out, r);
        if (then) then(r);
    }
    MUST(s.calls <= r->tool_call_count);
    for (size_t i = 0; i < r->tool_call_count && i < CALLS; i++) MUST(equal(&s.arguments[i], r->tool_calls[i]->text));
    put_str(out, tamar__str_make(s.text.ptr, s.text.len));
    put_str(out, tamar__str_make(s.reasoning.ptr, s.reasoning.len));
    put_str(out, tamar__str_make(s.refusal.ptr, s.refusal.len));
    if (r->error.category != TAMAR_OK) MUST(*r->error.message);
    tamar_decoder_close(d);
    free(s.text.ptr);
    free(s.reasoning.ptr);
    free(s.refusal.ptr);
    for (size_t i = 0; i < CALLS; i++) free(s.arguments[i].ptr);
}

static int try_decoder(const uint8_t *data, size_t size, choose *dialect, answered *then)
{
    static const int statuses[] = {200, 400, 429, 500, 201, 204, 307, 404};
    static const uint8_t singly[4] = {0, 0, 0, 0};
    bytes whole = {NULL, 0, 0}, other = {NULL, 0, 0};
    tamar_decoder_desc desc;
    const char *in = (const char *)data + 6;
    bool clean;
    if (size < 6) return 0;
    memset(&desc, 0, sizeof desc);
    desc.stream = data[0] & 1;
    clean = !(data[0] & 2);
    desc.discard_text = data[0] & 4;
    desc.keep_raw = data[0] & 8;
    desc.status = statuses[data[1] % 8];
    dialect(&desc, data, size);
    size -= 6;
    run(&whole, in, size, desc, clean, NULL, then);
    for (int way = 0; way < 2; way++) {
        desc.keep_raw = false;
        if (data[0] & 8) {  // what is read behind the end depends on the pieces
            other.len = 0;
            run(&other, in, size, desc, clean, NULL, then);
            whole.len = 0;
            add(&whole, other.ptr, other.len);
        }
        other.len = 0;
        run(&other, in, size, desc, clean, way ? data + 2 : singly, NULL);
        MUST(whole.len == other.len && !memcmp(whole.ptr, other.ptr, whole.len));
    }
    free(whole.ptr);
    free(other.ptr);
    return 0;
}
