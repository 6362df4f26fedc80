// The event stream: every input whole, byte by byte, at every split and (short ones) at every pair of splits, each piece
// ending at a guard page; each allocation failing in turn; caps; and the work counted, so that "linear" is a number.
#include "pieces.h"

// -- transcripts -----------------------------------------------------------------------------------

// LF, CR, NUL and backslash as C writes them; the rest as it is.
static void add_quoted(text *t, tamar_str s)
{
    for (size_t i = 0, from = 0; i <= s.len; i++) {
        char c = i < s.len ? s.ptr[i] : 0;
        if (i < s.len && c != '\n' && c != '\r' && c != '\\' && c != 0) continue;
        add(t, s.ptr + from, i - from);
        from = i + 1;
        if (i < s.len) add(t, c == '\n' ? "\\n" : c == '\r' ? "\\r" : c ? "\\\\" : "\\0", 2);
    }
}

enum {
    LENIENT = 1,
    LINES = 2,
    REPLACE = 4  // bad UTF-8 as U+FFFD before comparing: the standard decodes first, the parser passes bytes on
};

static void add_event(text *t, const tamar__sse *s, tamar_str data, tamar_str event, int flags)
{
    static text clean;
    if (flags & REPLACE) {
        const char *p = data.ptr, *end = p + data.len;
        clear(&clean);
        while (p < end) {
            size_t part, n = tamar__str_utf8(p, end, &part);
            add(&clean, n ? p : TAMAR__STR_REPLACEMENT, n ? n : 3);
            p += n ? n : part;
        }
        data = tamar__str_make(clean.ptr, clean.len);
    }
    add(t, "[", 1);
    add_quoted(t, event);
    add(t, "|", 1);
    add_quoted(t, data);
    add(t, "|", 1);
    add_quoted(t, tamar__str_view(&s->id));
    add(t, "]", 1);
}

// -- one run ---------------------------------------------------------------------------------------

static text last_id;
static size_t max_event = 1 << 20;

// Appends "[event|data|id]" for each event, then what else is known: " retry=", " comments=", " pending[...]", or " FAILED".
static void run(text *out, tamar_str in, int flags, pieces how, test_memory *mem)
{
    tamar__base_memory memory;
    tamar__arena arena;
    tamar__sse s;
    tamar_str data, event;
    test_memory own = {0, false, 0, 0, 0, 0, 0};
    size_t at = 0;
    memset(&memory, 0, sizeof memory);
    memory.allocator.resize = test_resize;
    memory.allocator.user_data = mem ? mem : &own;
    tamar__arena_init(&arena, &memory, 256);
    tamar__sse_init(&s, &arena, max_event, flags & LENIENT, flags & LINES);
    do {
        size_t end = piece_end(how, at, in.len);
        char *p = room.ptr + room.len - (end - at);
        if (end > at) memcpy(p, in.ptr + at, end - at);
        tamar__sse_input(&s, p, end - at);
        while (tamar__sse_next(&s, &data, &event)) add_event(out, &s, data, event, flags);
        CHECK(!tamar__sse_next(&s, &data, &event));
        if (tamar__sse_failed(&s)) break;
        at = end;
    } while (at < in.len);
    clear(&last_id);
    add_quoted(&last_id, tamar__str_view(&s.id));
    if (s.has_retry) addf(out, " retry=%llu", (unsigned long long)s.retry);
    if (s.comments) addf(out, " comments=%u", (unsigned)s.comments);
    if (tamar__sse_pending(&s, &data, &event)) {
        add(out, " pending", 8);
        add_event(out, &s, data, event, flags);
        CHECK(!tamar__sse_pending(&s, &data, &event));
    }
    if (tamar__sse_failed(&s)) {
        add(out, " FAILED", 7);
        if (tamar__sse_over(&s)) add(out, " over", 5);
        CHECK(!tamar__sse_next(&s, &data, &event));
        CHECK(!tamar__sse_pending(&s, &data, &event));
    }
    tamar__arena_free(&arena);
    CHECK(memory.used == 0);
    CHECK(mem || (own.live == 0 && own.blocks == 0));
}

// Whole, in small steps, at every split, at every pair of splits: always the same. Returns what `whole` gave.
static const text *everywhere(tamar_str in, int flags)
{
    static text one, two;
    size_t bad = 0;
    clear(&one);
    run(&one, in, flags, whole, NULL);
#define SAME_WHEN(pieces_, ...)                                                                     \
    do {                                                                                            \
        clear(&two);                                                                                \
        run(&two, in, flags, pieces_, NULL);                                                        \
        if (!same(&one, &two) && bad++ < 2) {                                                       \
            CHECKF(same(&one, &two), __VA_ARGS__);                                                  \
            fprintf(stderr, "        whole  %.300s\n        pieces %.300s\n", one.ptr, two.ptr);    \
        }                                                                                           \
    } while (0)
    for (size_t step = 1; step <= 8; step++) {
        pieces how = {{0, 0}, step};
        SAME_WHEN(how, "in pieces of %zu", step);
    }
    for (size_t i = 0; i <= in.len; i += in.len < 4096 || i < 64 || in.len - i < 64 ? 1 : 61) {
        pieces how = {{i, i}, 0};
        if (in.len - i > 63 && in.len - i < 63 + 61) i = in.len - 63;
        SAME_WHEN(how, "split at %zu", i);
    }
    for (size_t i = 1; in.len <= 200 && i < in.len; i++)
        for (size_t k = i + 1; k < in.len; k++) {
            pieces how = {{i, k}, 0};
            SAME_WHEN(how, "split at %zu and %zu", i, k);
        }
#undef SAME_WHEN
    return &one;
}

// Each request for memory fails in turn, alone or with all that follow: a clean failure or the same result, no leak.
static void starve(tamar_str in, int flags, const text *want, size_t step)
{
    static text got;
    pieces how = {{0, 0}, step};
    for (int on = 0; on < 2; on++)
        for (long n = 1;; n++) {
            test_memory mem = {n, on != 0, 0, 0, 0, 0, 0};
            clear(&got);
            run(&got, in, flags, how, &mem);
            CHECKF(mem.live == 0 && mem.blocks == 0, "request %ld fails: leak", n);
            if (!mem.failed) {
                CHECKF(same(&got, want), "request %ld", n);
                break;
            }
            const char *stop = strstr(got.ptr, " FAILED");
            CHECKF(stop && !strcmp(stop, " FAILED"), "request %ld fails: %.200s", n, got.ptr);
            size_t events = strcspn(got.ptr, " ");
            if (!strchr(want->ptr, ' ') || events < strcspn(want->ptr, " "))
                CHECKF(!strncmp(got.ptr, want->ptr, events), "request %ld fails: not a prefix: %.200s", n, got.ptr);
        }
}

// -- our own vectors -------------------------------------------------------------------------------

typedef struct vector { const char *name; int flags; const char *in; size_t len; const char *want; } vector;

#define V(name, in, want) {name, 0, in, sizeof(in) - 1, want}
#define VF(name, flags, in, want) {name, flags, in, sizeof(in) - 1, want}
#define BOM "\xEF\xBB\xBF"

static const vector vectors[] = {
    // line ends: LF, CR, CRLF, in any mixture (WHATWG 9.2.5)
    V("nothing", "", ""),
    V("lf", "data: a\n\n", "[|a|]"),
    V("cr", "data: a\r\r", "[|a|]"),
    V("crlf", "data: a\r\n\r\n", "[|a|]"),
    V("lf then cr", "data: a\n\r", "[|a|]"),
    V("lf then crlf", "data: a\n\r\n", "[|a|]"),
    V("cr then crlf", "data: a\r\r\n", "[|a|]"),
    V("crlf then cr", "data: a\r\n\r", "[|a|]"),
    V("crlf then lf", "data: a\r\n\n", "[|a|]"),
    V("crlf is one line end", "data: a\r\ndata: b\r\nid: 1\r\n\r\n", "[|a\\nb|1]"),
    V("lf cr is two", "data: a\n\rdata: b\n\r", "[|a|][|b|]"),
    V("cr cr lf is two", "data: a\r\r\ndata: b\r\r\n", "[|a|][|b|]"),
    V("each line its own end", "event: e\rdata: a\ndata: b\r\ndata: c\r\r\ndata: d\n\n", "[e|a\\nb\\nc|][|d|]"),
    V("only line ends", "\r\r\n\n\r\n\r", ""),
    V("line ends before and between", "\n\r\n\rdata: a\n\n\n\n\r\r\n\r\ndata: b\r\n\r\n\r\n", "[|a|][|b|]"),
    V("vertical tab, form feed, nel, u+2028 do not end a line", "data: \v\f\xC2\x85\xE2\x80\xA8.\n\n",
      "[|\v\f\xC2\x85\xE2\x80\xA8.|]"),
    // byte order mark
    V("bom", BOM "data: a\n\n", "[|a|]"),
    V("two boms", BOM BOM "data: a\n\ndata: b\n\n", "[|b|]"),
    V("bom later", "\n" BOM "data: a\n\ndata: b\n\n", "[|b|]"),
    V("bom alone", BOM, ""),
    V("half a bom alone", "\xEF\xBB", ""),
    V("half a bom, then a line end", "\xEF\xBB\ndata: a\n\n", "[|a|]"),
    V("a third of a bom, then a line end", "\xEF\r\ndata: a\n\n", "[|a|]"),
    V("half a bom is part of a name", "\xEF\xBB" "data: a\n\ndata: b\n\n", "[|b|]"),
    V("almost a bom", "\xEF\xBB\xBE" "data: a\n\ndata: b\n\n", "[|b|]"),
    V("almost a bom, then one", "\xEF\xEF\xBB\xBF\ndata: b\n\n", "[|b|]"),
    V("bom and nul", BOM "\0data: a\n\ndata: b\n\n", "[|b|]"),
    V("bom and blank lines", BOM "\r\n\r\ndata: a\r\n\r\n", "[|a|]"),
    V("bom and comment", BOM ": c\ndata: a\n\n", "[|a|] comments=1"),
    V("bom in a value", "data: " BOM "a\n\n", "[|" BOM "a|]"),
    // colon and space
    V("no space", "data:a\n\n", "[|a|]"),
    V("two spaces: one is dropped", "data:  a\n\n", "[| a|]"),
    V("only a space", "data: \n\n", "[||]"),
    V("only two spaces", "data:  \n\n", "[| |]"),
    V("a tab stays", "data:\ta\n\n", "[|\ta|]"),
    V("space behind stays", "data: a \n\n", "[|a |]"),
    V("colons in the value", "data: a:b: c\n\ndata:: d\n\n", "[|a:b: c|][|: d|]"),
    V("space before the colon is another name", "data : a\n\ndata: b\n\n", "[|b|]"),
    V("space before the name is another name", " data: a\n\ndata: b\n\n", "[|b|]"),
    V("names are case-sensitive", "Data: a\nDATA: b\nEvent: e\nID: 1\ndata: c\n\n", "[|c|]"),
    V("a line of spaces is not blank", "data: a\n \ndata: b\n\n", "[|a\\nb|]"),
    // data
    V("empty data", "data:\n\n", "[||]"),
    V("data without colon", "data\n\n", "[||]"),
    V("data without colon twice", "data\ndata\n\n", "[|\\n|]"),
    V("three empty lines", "data\ndata:\ndata: \n\n", "[|\\n\\n|]"),
    V("empty first", "data:\ndata: a\n\n", "[|\\na|]"),
    V("empty last", "data: a\ndata:\n\n", "[|a\\n|]"),
    V("empty between", "data: a\ndata\ndata: b\n\n", "[|a\\n\\nb|]"),
    V("three lines", "data: YHOO\ndata: +2\ndata: 10\n\n", "[|YHOO\\n+2\\n10|]"),
    V("nul in data", "data: a\0b\n\n", "[|a\\0b|]"),
    V("utf-8", "data: \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n\n", "[|\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80|]"),
    VF("bad utf-8", REPLACE, "data: a\xFF\xC3(\xE2\x82\n\n", "[|a\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD|]"),
    V("json over lines", "data: {\ndata: \"a\": 1\ndata: }\n\n", "[|{\\n\"a\": 1\\n}|]"),
    V("many events", "data:1\n\ndata:2\n\ndata:3\n\ndata:4\r\n\r\ndata:5\r\r", "[|1|][|2|][|3|][|4|][|5|]"),
    // event
    V("event", "event: e\ndata: a\n\n", "[e|a|]"),
    V("event behind data", "data: a\nevent: e\n\n", "[e|a|]"),
    V("event lasts for one", "event: e\ndata: a\n\ndata: b\n\n", "[e|a|][|b|]"),
    V("the last event name wins", "event: e\nevent: f\ndata: a\n\n", "[f|a|]"),
    V("an empty event name resets", "event: e\nevent\ndata: a\n\n", "[|a|]"),
    V("event without data is dropped", "event: e\n\ndata: a\n\n", "[|a|]"),
    V("event and id without data", "event: e\nid: 1\n\ndata: a\n\n", "[|a|1]"),
    V("event with spaces and nul", "event:  e \0f\ndata: a\n\n", "[ e \\0f|a|]"),
    V("anthropic", "event: ping\ndata: {\"type\": \"ping\"}\n\nevent: message_stop\ndata: {}\n\n",
      "[ping|{\"type\": \"ping\"}|][message_stop|{}|]"),
    // id
    V("id stays", "id: 1\ndata: a\n\ndata: b\n\n", "[|a|1][|b|1]"),
    V("id behind data", "data: a\nid: 7\n\n", "[|a|7]"),
    V("id alone", "id: 3\n\ndata: a\n\n", "[|a|3]"),
    V("id emptied", "id: 1\ndata: a\n\nid:\ndata: b\n\n", "[|a|1][|b|]"),
    V("id without colon", "id: 1\ndata: a\n\nid\ndata: b\n\n", "[|a|1][|b|]"),
    V("id with nul is ignored", "id: 1\0\ndata: a\n\nid: 2\nid: \0\ndata: b\n\n", "[|a|][|b|2]"),
    V("id: last wins", "id: 1\nid: 2\ndata: a\n\n", "[|a|2]"),
    V("id with spaces", "id:  a b \ndata: a\n\n", "[|a| a b ]"),
    // retry
    V("retry", "retry: 2500\n", " retry=2500"),
    V("retry without space", "retry:2500\ndata: a\n\n", "[|a|] retry=2500"),
    V("retry: last good one wins", "retry: 1\nretry: 2\nretry: x\n", " retry=2"),
    V("retry 0 and leading zeros", "retry: 0007\nretry: 000\n", " retry=0"),
    V("retry garbage", "retry: -1\nretry: +1\nretry: 1.5\nretry: 1e3\nretry:\nretry\nretry:  1\nretry: 1 \nretry: 0x10\nretry: 1\0\n", ""),
    V("retry in other digits", "retry: \xEF\xBC\x91\xD9\xA1\n", ""),
    V("retry does not end an event", "data: a\nretry: 5\ndata: b\n\n", "[|a\\nb|] retry=5"),
    V("retry as large as it gets", "retry: 18446744073709551615\n", " retry=18446744073709551615"),
    V("retry too large", "retry: 18446744073709551616\nretry: 99999999999999999999999\n", ""),
    // comments and unknown fields
    V("comment", ": hi\n\n", " comments=1"),
    V("bare colons", ":\n:\r:\r\n\n", " comments=3"),
    V("comment hides a field", ":data: a\n\n", " comments=1"),
    V("comment inside an event", "data: a\n: ping\ndata: b\n\n", "[|a\\nb|] comments=1"),
    V("openrouter", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: {}\n\ndata: [DONE]\n\n",
      "[|{}|][|[DONE]|] comments=2"),
    V("unknown fields", "foo: bar\nfoo\ndatax: a\ndat: b\nidx: 1\nretry2: 5\nevents: e\ndata: c\n\n", "[|c|]"),
    V("html is no event", "<html>\n<body>data: a</body>\n</html>\n\n", ""),
    V("json is no event", "{\"error\": {\"message\": \"no\"}}\n\n", ""),
    // the end of the stream
    V("no line end", "data: a", " pending[|a|]"),
    V("one line end", "data: a\n", " pending[|a|]"),
    V("one cr", "data: a\r", " pending[|a|]"),
    V("one crlf", "data: a\r\n", " pending[|a|]"),
    V("pending with all fields", "event: e\nid: 5\nretry: 9\ndata: a\ndata: b", " retry=9 pending[e|a\\nb|5]"),
    V("pending behind an event", "data: a\n\ndata: [DONE]\n", "[|a|] pending[|[DONE]|]"),
    V("pending empty data", "data", " pending[||]"),
    V("half a name is nothing", "dat", ""),
    V("half a name behind data", "data: a\ndat", " pending[|a|]"),
    V("half an event name is its end", "data: a\nevent: er", " pending[er|a|]"),
    V("event name without data", "event: e", ""),
    V("a comment is nothing", "data: a\n\n: bye", "[|a|]"),
    // lenient
    V("strictly, error is an unknown field", "error: {}\n\n", ""),
    VF("error field", LENIENT, "error: {\"code\":1}\n\n", "[error|{\"code\":1}|]"),
    VF("error field without space", LENIENT, "error:{}\r\n\r\ndata: a\r\n\r\n", "[error|{}|][|a|]"),
    VF("error field and data", LENIENT, "data: a\nerror: b\n\n", "[error|a\\nb|]"),
    VF("error field beats event", LENIENT, "event: e\nerror: b\n\n", "[error|b|]"),
    VF("error field pending", LENIENT, "error: b", " pending[error|b|]"),
    VF("error without colon", LENIENT, "error\n\n", "[error||]"),
    VF("errors is unknown", LENIENT, "errors: a\nerro: b\n\n", ""),
    VF("lenient changes nothing else", LENIENT, "event: error\ndata: a\nid: 1\n\n:\n\n", "[error|a|1] comments=1"),
    // NDJSON
    VF("lines", LINES, "{\"a\":1}\n{\"b\":2}\n", "[|{\"a\":1}|][|{\"b\":2}|]"),
    VF("lines, crlf", LINES, "{\"a\":1}\r\n{\"b\":2}\r\n", "[|{\"a\":1}|][|{\"b\":2}|]"),
    VF("lines, cr", LINES, "1\r2\r", "[|1|][|2|]"),
    V("a line of one tab ends no event", "data: a\n\t\ndata: b\n\n", "[|a\\nb|]"),
    VF("lines, blank ones", LINES, "\n\r\n  \n\t\n1\n\n \t \r\n2\n\n", "[|1|][|2|]"),
    VF("lines keep their spaces", LINES, " 1 \n", "[| 1 |]"),
    VF("lines, last unfinished", LINES, "1\n2", "[|1|] pending[|2|]"),
    VF("lines, last unfinished and blank", LINES, "1\n  ", "[|1|]"),
    VF("lines know no fields", LINES, "data: 1\n: 2\nid: 3\n", "[|data: 1|][|: 2|][|id: 3|]"),
    VF("lines, bom", LINES, BOM "1\n2\n", "[|1|][|2|]"),
    VF("lines, half a bom", LINES, "\xEF\xBB" "1\n2\n", "[|\xEF\xBB" "1|][|2|]"),
};

static void test_vectors(void)
{
    static text want;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        TEST(v->name) {
            tamar_str in = tamar__str_make(v->in, v->len);
            const text *got = everywhere(in, v->flags);
            test_str(__FILE__, __LINE__, got->ptr, got->len, v->want);
            clear(&want);
            add(&want, got->ptr, got->len);
            starve(in, v->flags, &want, 1);
            starve(in, v->flags, &want, 5);
        }
    }
}

// All the vectors' inputs behind one another in random order, in random pieces: what one leaves behind may not harm the next.
static void test_random_pieces(void)
{
    static text in, one, two;
    uint32_t seed = 20260801;
    TEST("random streams in random pieces") {
        for (int round = 0; round < 300; round++) {
            tamar__base_memory memory;
            tamar__arena arena;
            tamar__sse s;
            tamar_str data, event;
            int flags = (int)(test_random(&seed) % 4);
            clear(&in);
            clear(&one);
            clear(&two);
            for (int k = 0; k < 12; k++) {
                const vector *v = &vectors[test_random(&seed) % (sizeof vectors / sizeof vectors[0])];
                add(&in, v->in, v->len);
            }
            run(&one, tamar__str_make(in.ptr, in.len), flags, whole, NULL);
            memset(&memory, 0, sizeof memory);
            memory.allocator = tamar__base_allocator(NULL);
            tamar__arena_init(&arena, &memory, 64);
            tamar__sse_init(&s, &arena, max_event, flags & LENIENT, flags & LINES);
            for (size_t at = 0; at < in.len;) {
                size_t n = 1 + test_random(&seed) % 40;
                if (n > in.len - at) n = in.len - at;
                char *p = room.ptr + room.len - n;
                memcpy(p, in.ptr + at, n);
                tamar__sse_input(&s, p, n);
                while (tamar__sse_next(&s, &data, &event)) add_event(&two, &s, data, event, 0);
                at += n;
            }
            tamar__arena_free(&arena);
            one.len = two.len < one.len ? two.len : one.len;  // `one` also has the rest of the transcript behind its events
            CHECKF(same(&one, &two) && (one.ptr[one.len] == 0 || one.ptr[one.len] == ' '), "round %d", round);
        }
    }
}

// -- caps ------------------------------------------------------------------------------------------

static const char *capped(const char *before, size_t fill, const char *after, int flags, pieces how)
{
    static text in, out;
    clear(&in);
    clear(&out);
    add(&in, before, strlen(before));
    for (size_t i = 0; i < fill; i++) add(&in, "x", 1);
    add(&in, after, strlen(after));
    run(&out, tamar__str_make(in.ptr, in.len), flags, how, NULL);
    const char *failed = strstr(out.ptr, " FAILED");
    return failed ? failed : out.ptr[0] == '[' ? "event" : "";
}

static void test_caps(void)
{
    // The cap is one for all pieces: what passes may not depend on how the network cut it.
    static const size_t steps[] = {SIZE_MAX, 1, 7, 100, 4096};
    size_t kept = max_event;
    max_event = 1000;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        pieces how = {{0, 0}, steps[i]};
        TEST("an event at the cap") {
            CHECKF(!strcmp(capped("data: ", 1000, "\n\n", 0, how), "event"), "pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("data:", 1000, "\r\n\r\n", 0, how), "event"), "crlf, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("event: e\nid: 1\ndata: a\ndata: ", 996, "\ndata: b\n\n", 0, how), "event"), "three lines, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("", 1000, "\n", LINES, how), "event"), "lines, pieces of %zu", steps[i]);
        }
        TEST("an event above the cap") {
            CHECKF(!strcmp(capped("data: ", 1001, "\n\n", 0, how), " FAILED over"), "pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("data: ", 1001, "", 0, how), " FAILED over"), "unfinished, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("data: a\ndata: ", 999, "\n\n", 0, how), " FAILED over"), "two lines, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("data: a\ndata: ", 997, "\ndata: b\n\n", 0, how), " FAILED over"), "three lines, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("", 1001, "\n", LINES, how), " FAILED over"), "lines, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("x", 100000, "", 0, how), " FAILED over"), "a name without end, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped(": ", 100000, "", 0, how), " FAILED over"), "a comment without end, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped(": ", 1062, "\ndata: a\n\n", 0, how), "event"), "a comment, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped(": ", 1063, "\ndata: a\n\n", 0, how), " FAILED over"), "a long comment, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("id: ", 3000, "\ndata: a\n\n", 0, how), " FAILED over"), "a long id, pieces of %zu", steps[i]);
            CHECKF(!strcmp(capped("what: ", 3000, "\r\ndata: a\n\n", 0, how), " FAILED over"), "an unknown field, pieces of %zu", steps[i]);
        }
        TEST("what is left of a line that was too long means nothing") {
            static text in, out;
            clear(&in);
            clear(&out);
            add(&in, ": ", 2);
            for (int k = 0; k < 1100; k++) add(&in, "x", 1);
            run(&out, tamar__str_make(in.ptr, in.len), 0, how, NULL);
            CHECKF(!strcmp(out.ptr, " FAILED over"), "pieces of %zu: %.40s", steps[i], out.ptr);
            add(&in, "\ndata: a\n\n", 10);
            clear(&out);
            run(&out, tamar__str_make(in.ptr, in.len), 0, how, NULL);
            CHECKF(!strcmp(out.ptr, " FAILED over"), "ended, pieces of %zu: %.40s", steps[i], out.ptr);
        }
        TEST("many lines above the cap") {
            static text in, out;
            clear(&in);
            clear(&out);
            for (int k = 0; k < 1001; k++) add(&in, "data\n", 5);  // 1000 line feeds: just not over
            add(&in, "\n", 1);
            run(&out, tamar__str_make(in.ptr, in.len), 0, how, NULL);
            CHECK(out.ptr[0] == '[');
            clear(&out);
            in.len--;
            add(&in, "data\n\n", 6);
            run(&out, tamar__str_make(in.ptr, in.len), 0, how, NULL);
            CHECKF(!strcmp(out.ptr, " FAILED over"), "pieces of %zu: %.40s", steps[i], out.ptr);
        }
        TEST("event name and id have caps of their own") {
            max_event = 1 << 20;
            CHECK(!strcmp(capped("event: ", 4096, "\ndata: a\n\n", 0, how), "event"));
            CHECK(!strcmp(capped("event: ", 4097, "\ndata: a\n\n", 0, how), " FAILED over"));
            CHECK(!strcmp(capped("id: ", 4096, "\ndata: a\n\n", 0, how), "event"));
            CHECK(!strcmp(capped("id: ", 4097, "\ndata: a\n\n", 0, how), " FAILED over"));
            max_event = 1000;
        }
        TEST("events before the failure are delivered") {
            static text out;
            static const char in[] = "data: a\n\ndata: b\n\nid: ";
            static char large[sizeof in + 5000];
            memset(large, 'x', sizeof large);
            memcpy(large, in, sizeof in - 1);
            large[sizeof large - 1] = '\n';
            max_event = 1 << 20;
            clear(&out);
            run(&out, tamar__str_make(large, sizeof large), 0, how, NULL);
            CHECK_STR(out, "[|a|][|b|] FAILED over");
            max_event = 1000;
        }
    }
    max_event = kept;
}

// What makes it fast is kept: an event of one data line that lies whole in a block is not copied.
static void test_views(void)
{
    TEST("one data line in one block is a view, and needs no memory") {
        static const char in[] = ": c\ndata: one\n\ndata:two\r\n\r\nid\ndata\n\n";
        tamar__base_memory memory;
        tamar__arena arena;
        tamar__sse s;
        tamar_str data, event;
        test_memory mem = {0, false, 0, 0, 0, 0, 0};
        long before;
        memset(&memory, 0, sizeof memory);
        memory.allocator.resize = test_resize;
        memory.allocator.user_data = &mem;
        tamar__arena_init(&arena, &memory, 256);
        tamar__sse_init(&s, &arena, max_event, false, false);
        tamar__sse_input(&s, "\n", 1);
        CHECK(!tamar__sse_next(&s, &data, &event));
        before = mem.asked;
        tamar__sse_input(&s, in, strlen(": c\ndata: one\n\ndata:two\r\n\r\n"));
        CHECK(tamar__sse_next(&s, &data, &event) && data.ptr == in + 10 && data.len == 3);
        CHECK(tamar__sse_next(&s, &data, &event) && data.ptr == strstr(in, "two") && data.len == 3);
        CHECK(!tamar__sse_next(&s, &data, &event) && !tamar__sse_failed(&s));
        CHECK(mem.asked == before);
        tamar__arena_free(&arena);
    }
    TEST("events are counted") {
        tamar__base_memory memory;
        tamar__arena arena;
        tamar__sse s;
        tamar_str data, event;
        memset(&memory, 0, sizeof memory);
        memory.allocator = tamar__base_allocator(NULL);
        tamar__arena_init(&arena, &memory, 256);
        tamar__sse_init(&s, &arena, max_event, false, false);
        tamar__sse_input(&s, "data: a\n\n\n\nid: 1\n\ndata: b\n\ndata: c", 34);
        while (tamar__sse_next(&s, &data, &event)) {}
        CHECK(s.events == 2);
        CHECK(tamar__sse_pending(&s, &data, &event) && s.events == 3);
        tamar__arena_free(&arena);
    }
}

// What the decoder's shortcut asks before it looks past the parser: true only where a new event's first line begins.
static void test_fresh(void)
{
    static const struct { const char *in; bool fresh; } cases[] = {
        {"x", true}, {"data: a\n\nx", true}, {"\n\nx", true}, {": c\nx", true}, {"id: 1\nx", true},
        {"data: a\nx", false}, {"event: e\nx", false}, {"event: e\n\nx", true},
    };
    TEST("fresh") {
        tamar__base_memory memory;
        tamar__arena arena;
        tamar__sse s;
        tamar_str data, event;
        memset(&memory, 0, sizeof memory);
        memory.allocator = tamar__base_allocator(NULL);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            size_t n = strlen(cases[i].in) - 1;  // the x is the next block
            tamar__arena_init(&arena, &memory, 64);
            tamar__sse_init(&s, &arena, max_event, false, false);
            CHECK(!tamar__sse_fresh(&s));  // a byte order mark may still come
            if (n) {
                tamar__sse_input(&s, cases[i].in, n);
                while (tamar__sse_next(&s, &data, &event)) {}
            }
            tamar__sse_input(&s, cases[i].in + n, 1);
            CHECKF(tamar__sse_fresh(&s) == cases[i].fresh, "%s", cases[i].in);
            while (tamar__sse_next(&s, &data, &event)) {}
            CHECK(!tamar__sse_fresh(&s));  // the x is kept: a line has begun
            tamar__arena_free(&arena);
        }
    }
}

// -- linear ----------------------------------------------------------------------------------------

// The unit is repeated over the whole input, or stands once before x and x. speaks: events come of it.
typedef struct flow { const char *name, *unit; bool repeat, speaks; int flags; } flow;

// Feeds size bytes in pieces of step and returns bytes searched, copied and moved; *seconds of processor time.
static size_t cost(const flow *f, char *in, size_t size, size_t step, double *seconds)
{
    tamar__base_memory memory;
    tamar__arena arena;
    tamar__sse s;
    tamar_str data, event;
    size_t got = 0, unit = strlen(f->unit);
    if (f->repeat) for (size_t i = 0; i < size; i++) in[i] = f->unit[i % unit];
    else {
        memset(in, 'x', size);
        memcpy(in, f->unit, unit);
    }
    memcpy(in + size - 2, "\n\n", 2);
    memset(&memory, 0, sizeof memory);
    memory.allocator.resize = moving_resize;
    tamar__arena_init(&arena, &memory, 64);
    tamar__sse_init(&s, &arena, (size_t)64 << 20, f->flags & LENIENT, f->flags & LINES);
    work = 0;
    clock_t begin = clock();
    for (size_t at = 0; at < size; at += step) {
        tamar__sse_input(&s, in + at, size - at < step ? size - at : step);
        while (tamar__sse_next(&s, &data, &event)) got += data.len + 1;
    }
    *seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    CHECK(!tamar__sse_failed(&s));
    CHECK((got > 0) == f->speaks);
    tamar__arena_free(&arena);
    return work;
}

static void test_linear(void)
{
    static const flow flows[] = {
        {"one data line", "data: ", false, true, 0},
        {"one comment", ": ", false, false, 0},
        {"one name", "x", false, false, 0},
        {"one line of NDJSON", "{", false, true, LINES},
        {"data lines, lf", "data: abc\n", true, true, 0},
        {"data lines, crlf", "data: abc\r\n", true, true, 0},
        {"data lines, cr", "data: abc\r", true, true, 0},
        {"events, lf", "data: {\"a\":1}\n\n", true, true, 0},
        {"events, crlf", "data: {\"a\":1}\r\n\r\n", true, true, 0},
        {"events, cr", "data: {\"a\":1}\r\r", true, true, 0},
        {"events, one cr among lf", "data: a\n\ndata: b\n\ndata: c\r\n\r\ndata: d\n\n", true, true, 0},
        {"blank lines, lf", "\n", true, false, 0},
        {"blank lines, cr", "\r", true, false, 0},
        {"blank lines, crlf", "\r\n", true, false, 0},
        {"NDJSON", "{\"a\":1}\n", true, true, LINES},
        {"names", "event: e\nid: 1\nretry: 1\n", true, false, 0},
    };
    static const size_t steps[] = {1, 7, 4096, 65536, SIZE_MAX / 2};
    size_t large = (size_t)8 << 20;
    char *in = (char *)malloc(large);
    if (!in) abort();
    for (size_t i = 0; i < sizeof flows / sizeof flows[0]; i++)
        for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) TEST(flows[i].name) {
            double seconds[6] = {0};
            size_t bytes = 0, worst = 0;
            for (int n = 0; n < 6; n++) {  // 256 KB to 8 MB
                size_t size = large >> (5 - n);
                bytes = cost(&flows[i], in, size, steps[k], &seconds[n]);
                if (bytes / size >= worst) worst = bytes / size + 1;
                // Each byte is searched for LF and for CR, kept once or twice, and moved as its buffer doubles.
                CHECKF(bytes <= 8 * size + 65536, "%zu KB in pieces of %zu: %zu bytes of work, %zu times the input",
                       size >> 10, steps[k], bytes, bytes / size);
                if (bytes > 8 * size + 65536) break;  // quadratic: the next would only take long
            }
            if (i == 0 && !test_bad)
                printf("    8 MB, %s, pieces of %zu: %.1f ms, less than %zu times the input searched or copied, doublings %.1f %.1f %.1f\n",
                       flows[i].name, steps[k] > large ? large : steps[k], seconds[5] * 1e3, worst, seconds[3] / (seconds[2] + 1e-9),
                       seconds[4] / (seconds[3] + 1e-9), seconds[5] / (seconds[4] + 1e-9));
        }
    free(in);
}

// -- the conformance suite -------------------------------------------------------------------------

static void add_json(text *t, tamar_json value)
{
    size_t n = 0;
    tamar_json_get_string(value, NULL, 0, &n);
    char *p = (char *)malloc(n + 1);
    if (!p) abort();
    CHECK(tamar_json_get_string(value, p, n + 1, &n) == TAMAR_JSON_OK);
    add_quoted(t, tamar__str_make(p, n));
    free(p);
}

static void add_expected(text *t, tamar_json event)
{
    add(t, "[", 1);
    if (!tamar_json_is(tamar_json_get(event, "event"), "message")) add_json(t, tamar_json_get(event, "event"));
    add(t, "|", 1);
    add_json(t, tamar_json_get(event, "data"));
    add(t, "|", 1);
    add_json(t, tamar_json_get(event, "last_event_id"));
    add(t, "]", 1);
}

static void test_conformance(void)
{
    static text want, id;
    static char name[128];
    size_t len;
    tamar_json list, v;
    char *file = read_vectors("SSE conformance vectors", "sse", &list);
    if (!file) return;
    tamar_json_iter all = tamar_json_iterate(list);
    while (tamar_json_next(&all, NULL, &v)) {
        tamar__base_memory memory;
        tamar__arena arena;
        tamar__str_buf in;
        tamar_json expect = tamar_json_get(v, "expect"), event, pending, wanted_id;
        tamar_json_iter events = tamar_json_iterate(tamar_json_get(expect, "events"));
        uint64_t n;
        bool transparent = false;
        tamar_json_get_string(tamar_json_get(v, "name"), name, sizeof name, &len);
        TEST(name) {
            memset(&memory, 0, sizeof memory);
            memory.allocator = tamar__base_allocator(NULL);
            tamar__arena_init(&arena, &memory, 256);
            tamar__str_init(&in, &arena, SIZE_MAX);
            tamar_json b64 = tamar_json_get(v, "input_b64");
            CHECK(tamar__str_unbase64(&in, tamar__str_make(b64.ptr + 1, b64.len - 2)));  // base64 is never escaped
            clear(&want);
            while (tamar_json_next(&events, NULL, &event)) add_expected(&want, event);
            if (tamar_json_get_uint(tamar_json_get(expect, "retry"), &n) == TAMAR_JSON_OK) addf(&want, " retry=%llu", (unsigned long long)n);
            CHECK(tamar_json_get_uint(tamar_json_get(expect, "comments"), &n) == TAMAR_JSON_OK);
            if (n) addf(&want, " comments=%llu", (unsigned long long)n);
            pending = tamar_json_get(expect, "pending_at_eof");
            if (tamar_json_type_of(pending) == TAMAR_JSON_OBJECT) {
                add(&want, " pending", 8);
                add_expected(&want, pending);
            }
            tamar_json_get_bool(tamar_json_get(v, "byte_transparent_ok"), &transparent);
            const text *got = everywhere(tamar__str_view(&in), transparent ? REPLACE : 0);
            if (!same(got, &want)) {
                CHECK(same(got, &want));
                fprintf(stderr, "        got  %.400s\n        want %.400s\n", got->ptr, want.ptr);
            }
            wanted_id = tamar_json_get(expect, "final_last_event_id");
            if (tamar_json_type_of(wanted_id) == TAMAR_JSON_STRING) {
                clear(&id);
                add_json(&id, wanted_id);
                CHECK(same(&id, &last_id));
            }
            if (in.len < 4096) starve(tamar__str_view(&in), transparent ? REPLACE : 0, &want, 3);
            tamar__arena_free(&arena);
        }
    }
    free(file);
}

int main(void)
{
    make_room(1 << 20);
    test_vectors();
    test_random_pieces();
    test_caps();
    test_views();
    test_fresh();
    test_linear();
    test_conformance();
    test_unguard(room);
    return test_done();
}
