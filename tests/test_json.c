// The reader and the writer: a slow reference reader written from the grammar judges every text, every prefix of it and
// thousands of mutants, against guard pages; the one-pass reader, driven at random, must agree with it byte for byte.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"
#include <dirent.h>
#include <time.h>

static uint32_t seed = 20260801;

static uint32_t below(uint32_t n) { return test_random(&seed) % n; }

// -- the reference: RFC 8259 section 2 to 7, one function a rule, one byte at a time ----------------

typedef struct reference { const char *at, *end, *fault; int depth; tamar_json_status status; } reference;

static bool ref_fail(reference *r)
{
    if (r->status == TAMAR_JSON_OK) {
        r->fault = r->at;
        r->status = r->at == r->end ? TAMAR_JSON_TRUNCATED : TAMAR_JSON_SYNTAX;
    }
    return false;
}

static bool ref_char(reference *r, char c)
{
    if (r->at == r->end || *r->at != c) return ref_fail(r);
    r->at++;
    return true;
}

static void ref_space(reference *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static bool ref_digits(reference *r)
{
    if (r->at == r->end || *r->at < '0' || *r->at > '9') return ref_fail(r);
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
    return true;
}

static bool ref_string(reference *r)
{
    if (!ref_char(r, '"')) return false;
    for (;;) {
        unsigned char c;
        if (r->at == r->end) return ref_fail(r);
        c = (unsigned char)*r->at;
        if (c < 0x20) return ref_fail(r);
        r->at++;
        if (c == '"') return true;
        if (c != '\\') continue;
        if (r->at == r->end || !*r->at || !strchr("\"\\/bfnrtu", *r->at)) return ref_fail(r);
        if (*r->at++ != 'u') continue;
        for (int i = 0; i < 4; i++, r->at++)
            if (r->at == r->end || !*r->at || !strchr("0123456789abcdefABCDEF", *r->at)) return ref_fail(r);
    }
}

static bool ref_number(reference *r)
{
    if (r->at < r->end && *r->at == '-') r->at++;
    if (r->at < r->end && *r->at == '0') r->at++;
    else if (!ref_digits(r)) return false;
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        if (!ref_digits(r)) return false;
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) r->at++;
        if (!ref_digits(r)) return false;
    }
    return true;
}

static bool ref_value(reference *r)
{
    const char *word;
    ref_space(r);
    if (r->at == r->end) return ref_fail(r);
    if (*r->at == '"') return ref_string(r);
    if (*r->at == '{' || *r->at == '[') {
        bool object = *r->at == '{', more;
        if (r->depth == 64) {
            r->fault = r->at;
            r->status = TAMAR_JSON_TOO_DEEP;
            return false;
        }
        r->depth++;
        r->at++;
        ref_space(r);
        more = !(r->at < r->end && *r->at == (object ? '}' : ']'));
        while (more) {
            if (object) {
                ref_space(r);
                if (!ref_string(r)) return false;
                ref_space(r);
                if (!ref_char(r, ':')) return false;
            }
            if (!ref_value(r)) return false;
            ref_space(r);
            more = r->at < r->end && *r->at == ',';
            if (more) r->at++;
        }
        r->depth--;
        return ref_char(r, object ? '}' : ']');
    }
    word = *r->at == 't' ? "true" : *r->at == 'f' ? "false" : *r->at == 'n' ? "null" : "";
    if (!*word) return ref_number(r);
    for (; *word; word++)
        if (!ref_char(r, *word)) return false;
    return true;
}

static tamar_json_status ref_parse(const char *text, size_t len, size_t *offset)
{
    reference r = {text, text + len, NULL, 0, TAMAR_JSON_OK};
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
    if (ref_value(&r)) {
        ref_space(&r);
        if (r.at < r.end) ref_fail(&r);
    }
    *offset = r.status == TAMAR_JSON_OK ? len : (size_t)(r.fault - text);
    return r.status;
}

// Decodes the body of a string, one step at a time. Returns the length; *replaced counts U+FFFD.
static size_t ref_decode(const char *p, size_t len, bool escapes, char *out, unsigned *replaced)
{
    const unsigned char *u = (const unsigned char *)p, *end = u + len;
    size_t n = 0;
    *replaced = 0;
    while (u < end) {
        unsigned long cp = 0;
        size_t need, i;
        if (escapes && *u == '\\') {
            static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
            if (u[1] != 'u') {
                out[n++] = to[strchr(from, u[1]) - from];
                u += 2;
                continue;
            }
            char hex[5] = {(char)u[2], (char)u[3], (char)u[4], (char)u[5], 0};
            cp = strtoul(hex, NULL, 16);
            u += 6;
            if (cp >= 0xD800 && cp < 0xDC00 && end - u >= 6 && u[0] == '\\' && u[1] == 'u') {
                char second[5] = {(char)u[2], (char)u[3], (char)u[4], (char)u[5], 0};
                unsigned long low = strtoul(second, NULL, 16);
                if (low >= 0xDC00 && low < 0xE000) {
                    cp = 0x10000 + (cp - 0xD800) * 0x400 + (low - 0xDC00);
                    u += 6;
                }
            }
            if (cp >= 0xD800 && cp < 0xE000) {
                cp = 0xFFFD;
                ++*replaced;
            }
        }
        else if (*u < 0x80) cp = *u++;
        else {
            // Unicode 15 table 3-7
            unsigned char low = 0x80, high = 0xBF, lead = *u;
            need = lead >= 0xC2 && lead <= 0xDF ? 1 : lead >= 0xE0 && lead <= 0xEF ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 0;
            if (lead == 0xE0) low = 0xA0;
            if (lead == 0xED) high = 0x9F;
            if (lead == 0xF0) low = 0x90;
            if (lead == 0xF4) high = 0x8F;
            cp = lead & (need == 1 ? 0x1FU : need == 2 ? 0x0FU : 0x07U);
            u++;
            for (i = 0; i < need && u < end && *u >= low && *u <= high; i++, low = 0x80, high = 0xBF) cp = cp << 6 | (*u++ & 0x3FU);
            if (need == 0 || i < need) {
                cp = 0xFFFD;
                ++*replaced;
            }
        }
        if (cp < 0x80) out[n++] = (char)cp;
        else if (cp < 0x800) out[n++] = (char)(0xC0 | cp >> 6), out[n++] = (char)(0x80 | (cp & 63));
        else if (cp < 0x10000) out[n++] = (char)(0xE0 | cp >> 12), out[n++] = (char)(0x80 | (cp >> 6 & 63)), out[n++] = (char)(0x80 | (cp & 63));
        else {
            out[n++] = (char)(0xF0 | cp >> 18), out[n++] = (char)(0x80 | (cp >> 12 & 63));
            out[n++] = (char)(0x80 | (cp >> 6 & 63)), out[n++] = (char)(0x80 | (cp & 63));
        }
    }
    return n;
}

// -- the reader, driven at random ------------------------------------------------------------------

static void walk(tamar_json_reader *r)
{
    // Every call that may come, wherever it may come: what is wrong must be refused without harm.
    for (int i = 0; i < 400; i++) {
        tamar_json key, value;
        switch (below(8)) {
        case 0: tamar_json_read_object(r); break;
        case 1: tamar_json_read_array(r); break;
        case 2: case 3:
            if (tamar_json_read_key(r, &key)) CHECK(key.len >= 2 && key.ptr[0] == '"' && key.ptr[key.len - 1] == '"');
            else CHECK(key.ptr == NULL && key.len == 0);
            break;
        case 4: case 5: tamar_json_read_element(r); break;
        case 6:
            value = tamar_json_read_value(r);
            if (value.len) CHECK(value.ptr >= r->begin && value.ptr + value.len <= r->end && (unsigned char)value.ptr[0] > ' ');
            break;
        default: tamar_json_peek(r);
        }
    }
}

// Reads all there is to read, in order, entering what below() says. Returns the values seen.
static size_t visit(tamar_json_reader *r, uint32_t enter)
{
    tamar_json key;
    size_t n = 1;
    switch (tamar_json_peek(r)) {
    case TAMAR_JSON_OBJECT:
        if (below(100) >= enter) return n;
        CHECK(tamar_json_read_object(r) || r->status);
        while (tamar_json_read_key(r, &key)) n += visit(r, enter);
        break;
    case TAMAR_JSON_ARRAY:
        if (below(100) >= enter) return n;
        CHECK(tamar_json_read_array(r) || r->status);
        while (tamar_json_read_element(r)) n += visit(r, enter);
        break;
    default:
        if (below(2)) tamar_json_read_value(r);
    }
    return n;
}

// Calls everything on a value that may be anything. A guard page behind it finds what reads too far.
static void poke(tamar_json v, int levels)
{
    tamar_json key, value;
    tamar_json_iter it = tamar_json_iterate(v);
    char buf[16];
    size_t len;
    int64_t i;
    uint64_t u;
    double d;
    bool b;
    tamar_json_type_of(v);
    tamar_json_count(v);
    tamar_json_get(v, "a");
    tamar_json_at(v, "a/0/b");
    tamar_json_index(v, 1);
    tamar_json_is(v, "a\\b\xC3\xA9");
    tamar_json_get_bool(v, &b);
    tamar_json_get_int(v, &i);
    tamar_json_get_uint(v, &u);
    tamar_json_get_double(v, &d);
    tamar__json_lenient_int(v, &i);
    for (size_t cap = 0; cap < sizeof buf; cap += 5)
        if (tamar_json_get_string(v, buf, cap, &len) != TAMAR_JSON_WRONG_TYPE && cap) CHECK(strlen(buf) < cap);
    for (int n = 0; n < 1000 && tamar_json_next(&it, &key, &value); n++)
        if (levels) {
            poke(value, levels - 1);
            poke(key, 0);
        }
}

// One text through all of it. The text ends at a guard page.
static tamar_json_status judge(const char *text, size_t len)
{
    tamar_json root;
    tamar_json_error error, again;
    tamar_json_reader r;
    size_t offset;
    tamar_json_status want = ref_parse(text, len, &offset);
    bool good = tamar_json_parse(text, len, &root, &error);
    CHECKF(error.status == want && good == (want == TAMAR_JSON_OK), "%.*s: %d, not %d", (int)len, text, error.status, want);
    CHECKF(error.offset == offset, "%.*s: offset %zu, not %zu", (int)len, text, error.offset, offset);
    CHECK(error.message && *error.message);
    CHECK(good ? root.len > 0 : root.ptr == NULL && root.len == 0);
    for (int i = 0; i < 3; i++) {
        tamar_json_reader_begin(&r, text, len);
        if (i == 0) walk(&r);
        else visit(&r, i == 1 ? 100 : 60);
        CHECK(tamar_json_reader_end(&r, &again) == good);
        CHECKF(again.status == want && again.offset == offset, "%.*s: the reader says %d at %zu, not %d at %zu", (int)len, text,
            again.status, again.offset, want, offset);
        CHECK(!tamar_json_read_object(&r) && !tamar_json_read_element(&r) && tamar_json_read_value(&r).len == 0);
    }
    if (good) poke(root, 3);
    return want;
}

static tamar_json_status judge_guarded(const char *text, size_t len)
{
    test_guarded g = test_guard(text, len);
    tamar_json raw;
    tamar_json_status status = judge(g.ptr, len);
    raw.ptr = g.ptr;  // a value that nobody checked
    raw.len = len;
    poke(raw, 1);
    test_unguard(g);
    return status;
}

// The text, all its prefixes, and mutants of it.
static void judge_around(const char *text, size_t len, int mutants)
{
    char buf[512];
    static const char bytes[] = "{}[]\",:\\/u0129-+.eEtrufalsn \n\t\x01\x1f\x7f\x80\xc3\xed\xef\xff";
    if (len > sizeof buf - 8) {
        judge_guarded(text, len);
        return;
    }
    for (size_t n = 0; n <= len; n++) judge_guarded(text, n);
    for (int i = 0; i < mutants; i++) {
        size_t n = len;
        memcpy(buf, text, len);
        for (uint32_t edits = 1 + below(3); edits && n; edits--) {
            size_t at = below((uint32_t)n);
            char c = bytes[below(sizeof bytes - 1)];
            switch (below(4)) {
            case 0: buf[at] = c; break;
            case 1: memmove(buf + at, buf + at + 1, n - at - 1), n--; break;
            case 2:
                if (n + 1 < sizeof buf) memmove(buf + at + 1, buf + at, n - at), buf[at] = c, n++;
                break;
            default: n = at + 1;
            }
        }
        judge_guarded(buf, n);
    }
}

static const struct { const char *text; tamar_json_status status; int offset; } texts[] = {
    {"", TAMAR_JSON_TRUNCATED, 0},
    {" \n", TAMAR_JSON_TRUNCATED, 2},
    {"\xEF\xBB\xBF{}", TAMAR_JSON_OK, 5},
    {"\xEF\xBB\xBF", TAMAR_JSON_TRUNCATED, 3},
    {"\xEF\xBB{}", TAMAR_JSON_SYNTAX, 0},
    {"{}\xEF\xBB\xBF", TAMAR_JSON_SYNTAX, 2},
    {"null", TAMAR_JSON_OK, 4}, {"true", TAMAR_JSON_OK, 4}, {"false", TAMAR_JSON_OK, 5},
    {"nul", TAMAR_JSON_TRUNCATED, 3}, {"nulx", TAMAR_JSON_SYNTAX, 3}, {"nulll", TAMAR_JSON_SYNTAX, 4}, {"fals ", TAMAR_JSON_SYNTAX, 4},
    {"True", TAMAR_JSON_SYNTAX, 0}, {"NaN", TAMAR_JSON_SYNTAX, 0}, {"nan", TAMAR_JSON_SYNTAX, 1},
    {"0", TAMAR_JSON_OK, 1}, {"-0", TAMAR_JSON_OK, 2}, {"01", TAMAR_JSON_SYNTAX, 1}, {"-", TAMAR_JSON_TRUNCATED, 1},
    {"-x", TAMAR_JSON_SYNTAX, 1}, {"1.", TAMAR_JSON_TRUNCATED, 2}, {"1.x", TAMAR_JSON_SYNTAX, 2}, {"1e", TAMAR_JSON_TRUNCATED, 2},
    {"1e+", TAMAR_JSON_TRUNCATED, 3}, {"1e+5", TAMAR_JSON_OK, 4}, {"1E5", TAMAR_JSON_OK, 3}, {".5", TAMAR_JSON_SYNTAX, 0},
    {"+5", TAMAR_JSON_SYNTAX, 0}, {"1.5e-7", TAMAR_JSON_OK, 6}, {"[0,00]", TAMAR_JSON_SYNTAX, 4}, {"{\"a\":0}", TAMAR_JSON_OK, 7},
    {"{\"a\":05}", TAMAR_JSON_SYNTAX, 6}, {"{\"a\":12x}", TAMAR_JSON_SYNTAX, 7}, {"{\"a\":12.5,\"b\":-7e2}", TAMAR_JSON_OK, 19},
    {"\"abc", TAMAR_JSON_TRUNCATED, 4}, {"\"a\nb\"", TAMAR_JSON_SYNTAX, 2}, {"\"\\", TAMAR_JSON_TRUNCATED, 2},
    {"\"\\x\"", TAMAR_JSON_SYNTAX, 2}, {"\"\\u12\"", TAMAR_JSON_SYNTAX, 5}, {"\"\\u12", TAMAR_JSON_TRUNCATED, 5},
    {"\"\\u12G4\"", TAMAR_JSON_SYNTAX, 5}, {"\"\\ud800\"", TAMAR_JSON_OK, 8}, {"\"\x7f\xff\"", TAMAR_JSON_OK, 4},
    {"'a'", TAMAR_JSON_SYNTAX, 0}, {"\"a\" \"b\"", TAMAR_JSON_SYNTAX, 4},
    {"[", TAMAR_JSON_TRUNCATED, 1}, {"[]", TAMAR_JSON_OK, 2}, {"[ ]", TAMAR_JSON_OK, 3}, {"[1,]", TAMAR_JSON_SYNTAX, 3},
    {"[1 2]", TAMAR_JSON_SYNTAX, 3}, {"[,1]", TAMAR_JSON_SYNTAX, 1}, {"[1}", TAMAR_JSON_SYNTAX, 2}, {"]", TAMAR_JSON_SYNTAX, 0},
    {"[1,", TAMAR_JSON_TRUNCATED, 3}, {"[[],[[]]]", TAMAR_JSON_OK, 9},
    {"{", TAMAR_JSON_TRUNCATED, 1}, {"{}", TAMAR_JSON_OK, 2}, {"{\"a\"}", TAMAR_JSON_SYNTAX, 4}, {"{\"a\":}", TAMAR_JSON_SYNTAX, 5},
    {"{\"a\":1,}", TAMAR_JSON_SYNTAX, 7}, {"{a:1}", TAMAR_JSON_SYNTAX, 1}, {"{\"a\" 1}", TAMAR_JSON_SYNTAX, 5},
    {"{\"a\":1]", TAMAR_JSON_SYNTAX, 6}, {"{\"a\":1 \"b\":2}", TAMAR_JSON_SYNTAX, 7}, {"{\"a\":1\"b\":2}", TAMAR_JSON_SYNTAX, 6},
    {"{,\"a\":1}", TAMAR_JSON_SYNTAX, 1}, {"{\"a\":{}\"b\":1}", TAMAR_JSON_SYNTAX, 7},
    {"{\"a\":1,\"a\":2}", TAMAR_JSON_OK, 13}, {"/**/1", TAMAR_JSON_SYNTAX, 0}, {"[1,2,3,4,5,6,7,8,9,10,11]", TAMAR_JSON_OK, 25},
    {"{\"index\":0,\"delta\":{\"content\":\" hello\"},\"finish_reason\":null}", TAMAR_JSON_OK, 61},
    {"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\u4f60\\ud83d\\ude00\"}}],\"usage\":{\"prompt_tokens\":12}}", TAMAR_JSON_OK, 95},
    {" { \"a\" : [ 1 , true , { } , [ ] , \"x\" ] , \"b\" : -1.5e+7 }\r\n", TAMAR_JSON_OK, 59},
    {"{\n        \"deep\": {\n                \"er\": [\n                        1\n                ]\n        }\n}", TAMAR_JSON_OK, 99},
    {"{\"a long enough key, longer than two words\":\"a long enough text, longer than three words of eight\"}", TAMAR_JSON_OK, 99},
    {"[0.1,-2.25,1e9,\"\",\"\xE4\xBD\xA0\xE5\xA5\xBD\",\"\xF0\x9F\x98\x80 \\\"quoted\\\" \\/ \\b\\f\\n\\r\\t\"]", TAMAR_JSON_OK, 59},
};

static void test_texts(void)
{
    TEST("statuses and offsets") {
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            size_t len = strlen(texts[i].text);
            tamar_json_error e;
            tamar_json root;
            tamar_json_parse(texts[i].text, len, &root, &e);
            CHECKF(e.status == texts[i].status && e.offset == (size_t)texts[i].offset, "%s: %d at %zu", texts[i].text, e.status, e.offset);
        }
    }
    TEST("prefixes and mutants agree with the reference") {
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) judge_around(texts[i].text, strlen(texts[i].text), 150);
    }
    TEST("a bad byte at every place of a string") {
        for (size_t len = 0; len < 40; len++)
            for (size_t at = 0; at < len; at++)
                for (int k = 0; k < 6; k++) {
                    char buf[64];
                    memset(buf, 'a', sizeof buf);
                    buf[0] = '"';
                    buf[len + 1] = '"';
                    buf[at + 1] = "\"\\\n\x1f\xff\x80"[k];
                    judge_guarded(buf, len + 2);
                }
    }
    TEST("64 levels, not 65") {
        char buf[400];
        for (int kind = 0; kind < 3; kind++)
            for (int levels = 62; levels < 68; levels++) {
                size_t n = 0, fault;
                tamar_json root;
                tamar_json_error e;
                for (int i = 0; i < levels; i++) n += (size_t)sprintf(buf + n, kind == 0 || (kind == 2 && i % 2) ? "[" : "{\"\":");
                fault = n - (buf[n - 1] == '[' ? 1 : 4);
                buf[n++] = '1';
                for (int i = levels; i--;) buf[n++] = kind == 0 || (kind == 2 && i % 2) ? ']' : '}';
                CHECK(tamar_json_parse(buf, n, &root, &e) == (levels <= 64));
                if (levels == 65) CHECK(e.status == TAMAR_JSON_TOO_DEEP && e.offset == fault);
                judge_guarded(buf, n);
            }
    }
    TEST("NULL and missing") {
        tamar_json root, none = {NULL, 0};
        tamar_json_error e;
        CHECK(!tamar_json_parse(NULL, 0, &root, &e) && e.status == TAMAR_JSON_TRUNCATED && e.offset == 0);
        CHECK(tamar_json_parse("1", 1, &root, NULL));
        poke(none, 0);
        CHECK(tamar_json_get(none, "a").len == 0 && tamar_json_at(none, "a/b").len == 0 && tamar_json_index(none, 0).len == 0);
        CHECK(tamar_json_count(none) == 0 && tamar_json_type_of(none) == TAMAR_JSON_MISSING && !tamar_json_is(none, ""));
    }
}

// -- access ----------------------------------------------------------------------------------------

static tamar_json parse(const char *text)
{
    tamar_json root;
    tamar_json_error e;
    CHECKF(tamar_json_parse(text, strlen(text), &root, &e), "%s: %s at %zu", text, e.message, e.offset);
    return root;
}

static void test_access(void)
{
    static const char text[] = " {\"a\":1,\"b\":[10,{\"c\":\"x\",\"0\":\"zero\"},[ ]],\"a\":2,\"\\u0061b\":3,\"d\\\\\\/\":4,\"\\ud83d\\ude00\":5,\"\":6,\"n\\u0000l\":7} ";
    TEST("get, index, at") {
        tamar_json v = parse(text);
        CHECK_STR(tamar_json_get(v, "a"), "2");  // the last one wins
        CHECK_STR(tamar_json_get(v, "ab"), "3");
        CHECK_STR(tamar_json_get(v, "d\\/"), "4");
        CHECK_STR(tamar_json_get(v, "\xF0\x9F\x98\x80"), "5");
        CHECK_STR(tamar_json_get(v, ""), "6");
        CHECK(tamar_json_get(v, "n").len == 0 && tamar_json_get(v, "\\u0061b").len == 0);
        CHECK_STR(tamar_json_at(v, "b/0"), "10");
        CHECK_STR(tamar_json_at(v, "b/1/c"), "\"x\"");
        CHECK_STR(tamar_json_at(v, "b/1/0"), "\"zero\"");
        CHECK_STR(tamar_json_at(v, "b/2"), "[ ]");
        CHECK_STR(tamar_json_at(v, "b/00"), "10");
        CHECK_STR(tamar_json_at(parse("[1]"), ""), "[1]");
        CHECK(tamar_json_at(v, "b/3").len == 0 && tamar_json_at(v, "b/-1").len == 0 && tamar_json_at(v, "b/x").len == 0);
        CHECK(tamar_json_at(v, "b/99999999999999999999999").len == 0 && tamar_json_at(v, "a/b").len == 0);
        CHECK_STR(tamar_json_index(tamar_json_get(v, "b"), 1), "{\"c\":\"x\",\"0\":\"zero\"}");
        CHECK(tamar_json_index(v, 0).len == 0);
        CHECK(tamar_json_count(v) == 8 && tamar_json_count(tamar_json_at(v, "b")) == 3 && tamar_json_count(tamar_json_at(v, "b/2")) == 0);
    }
    TEST("iterate") {
        tamar_json key, value;
        tamar_json v = parse("{\"x\" : 1 , \"y\":[true,null ]}");
        tamar_json_iter it = tamar_json_iterate(v);
        CHECK(tamar_json_next(&it, &key, &value) && tamar_json_is(key, "x") && value.len == 1);
        CHECK(tamar_json_next(&it, &key, &value) && tamar_json_is(key, "y") && tamar_json_type_of(value) == TAMAR_JSON_ARRAY);
        CHECK(!tamar_json_next(&it, &key, &value) && key.len == 0 && value.len == 0 && !tamar_json_next(&it, NULL, NULL));
        it = tamar_json_iterate(tamar_json_get(v, "y"));
        CHECK(tamar_json_next(&it, &key, &value) && key.len == 0 && tamar_json_type_of(value) == TAMAR_JSON_BOOL);
        CHECK(tamar_json_next(&it, NULL, &value) && tamar_json_type_of(value) == TAMAR_JSON_NULL && !tamar_json_next(&it, NULL, NULL));
        it = tamar_json_iterate(parse("5"));
        CHECK(!tamar_json_next(&it, &key, &value));
    }
    TEST("is") {
        CHECK(tamar_json_is(parse("\"abc\""), "abc") && !tamar_json_is(parse("\"abc\""), "ab") && !tamar_json_is(parse("\"ab\""), "abc"));
        CHECK(tamar_json_is(parse("\"\""), "") && !tamar_json_is(parse("\"\""), "a") && !tamar_json_is(parse("5"), "5"));
        CHECK(tamar_json_is(parse("\"a\\nb\""), "a\nb") && !tamar_json_is(parse("\"a\\nb\""), "a\\nb"));
        CHECK(tamar_json_is(parse("\"\\u0061\""), "a") && tamar_json_is(parse("\"a\\\\b\""), "a\\b") && !tamar_json_is(parse("\"a\\\\b\""), "a\\\\b"));
        CHECK(!tamar_json_is(parse("\"\\\\u0061\""), "a") && tamar_json_is(parse("\"\\\\u0061\""), "\\u0061"));
        CHECK(!tamar_json_is(parse("\"a\\u0000\""), "a") && !tamar_json_is(parse("\"\\u0000\""), ""));
        CHECK(tamar_json_is(parse("\"\xC3\xA9\""), "\xC3\xA9") && tamar_json_is(parse("\"\\u00e9\""), "\xC3\xA9"));
        CHECK(tamar_json_is(parse("\"\xFF\""), "\xEF\xBF\xBD") && !tamar_json_is(parse("\"\xFF\""), "\xFF"));
    }
    TEST("bool and wrong types") {
        bool b = false;
        int64_t i = 7;
        double d = 7;
        char buf[4] = "xyz";
        size_t len = 9;
        CHECK(tamar_json_get_bool(parse("true"), &b) == TAMAR_JSON_OK && b);
        CHECK(tamar_json_get_bool(parse("false"), &b) == TAMAR_JSON_OK && !b);
        CHECK(tamar_json_get_bool(parse("1"), &b) == TAMAR_JSON_WRONG_TYPE && tamar_json_get_bool(parse("null"), &b) == TAMAR_JSON_WRONG_TYPE);
        CHECK(tamar_json_get_int(parse("\"5\""), &i) == TAMAR_JSON_WRONG_TYPE && tamar_json_get_double(parse("[]"), &d) == TAMAR_JSON_WRONG_TYPE);
        CHECK(tamar_json_get_int(parse("5.5"), &i) == TAMAR_JSON_OUT_OF_RANGE && i == 7 && d == 7);
        CHECK(tamar_json_get_string(parse("5"), buf, sizeof buf, &len) == TAMAR_JSON_WRONG_TYPE && buf[0] == 0 && len == 0);
    }
    TEST("lenient integers") {
        int64_t i = 0;
        CHECK(tamar__json_lenient_int(parse("5"), &i) && i == 5);
        CHECK(tamar__json_lenient_int(parse("5.0"), &i) && tamar__json_lenient_int(parse("\"12\""), &i) && i == 12);
        CHECK(tamar__json_lenient_int(parse("\"-3\""), &i) && i == -3);
        CHECK(!tamar__json_lenient_int(parse("\"\""), &i) && !tamar__json_lenient_int(parse("\"5s\""), &i) && !tamar__json_lenient_int(parse("5.5"), &i));
        CHECK(!tamar__json_lenient_int(parse("null"), &i) && !tamar__json_lenient_int(parse("[5]"), &i) && i == -3);
    }
}

// -- strings ---------------------------------------------------------------------------------------

// A random body of a JSON string (escapes whole), or random raw bytes.
static size_t random_body(char *out, size_t pieces, bool escapes)
{
    static const char *const some[] = {"a", "bc", "hello, world", "\xC3\xA9", "\xE4\xBD\xA0", "\xF0\x9F\x98\x80", "\xFF", "\xE4\xBD", "\xF0\x9F\x98",
        "\xED\xA0\x80", "\xC0\x80", "\xE4", "\x80", "\xF4\x90\x80\x80", " ", "0123456789abcdef0123456789"};
    static const char *const escaped[] = {"\\n", "\\\"", "\\\\", "\\/", "\\t", "\\u0041", "\\u00e9", "\\u4f60", "\\ud83d\\ude00", "\\ud83d", "\\ude00",
        "\\uD83D", "\\u0000", "\\ud800\\ud800", "\\uffff"};
    size_t n = 0;
    for (; pieces; pieces--) {
        const char *s = escapes && below(2) ? escaped[below(sizeof escaped / sizeof *escaped)] : some[below(sizeof some / sizeof *some)];
        memcpy(out + n, s, strlen(s));
        n += strlen(s);
    }
    return n;
}

static void test_strings(void)
{
    tamar__base_memory memory;
    tamar__arena arena;
    memset(&memory, 0, sizeof memory);
    memory.allocator = tamar__base_allocator(NULL);
    tamar__arena_init(&arena, &memory, 1024);
    TEST("get_string in every size of buffer") {
        for (int round = 0; round < 400; round++) {
            char raw[1024], want[1024], buf[1024];
            unsigned replaced;
            size_t n = random_body(raw + 1, below(10), true), len = 0, all;
            test_guarded g;
            tamar_json v;
            raw[0] = raw[n + 1] = '"';
            g = test_guard(raw, n + 2);
            v.ptr = g.ptr;
            v.len = n + 2;
            all = ref_decode(raw + 1, n, true, want, &replaced);
            for (size_t cap = 0; cap <= all + 2; cap++) {
                test_guarded room = test_guard(buf, cap);
                tamar_json_status status = tamar_json_get_string(v, room.ptr, cap, &len);
                CHECK(len == all);
                CHECK(status == (cap > all || cap == 0 ? TAMAR_JSON_OK : TAMAR_JSON_OUT_OF_RANGE));
                if (cap) {
                    size_t fits = all < cap ? all : cap - 1;
                    while (fits < all && fits && (want[fits] & 0xC0) == 0x80) fits--;
                    CHECK(memcmp(room.ptr, want, fits) == 0 && room.ptr[fits] == 0);
                }
                test_unguard(room);
            }
            tamar_str copy = tamar__json_text(&arena, v);
            CHECK(copy.len == all && memcmp(copy.ptr, want, all) == 0 && copy.ptr[all] == 0);
            if (memchr(want, 0, all) == NULL) {
                want[all] = 0;
                CHECK(tamar_json_is(v, want) || strstr(want, "\xEF\xBF\xBD"));
                want[all] = 'x', want[all + 1] = 0;
                CHECK(!tamar_json_is(v, want));
            }
            test_unguard(g);
        }
    }
    TEST("a text in deltas, cut anywhere between bytes and escapes") {
        for (int round = 0; round < 3000; round++) {
            bool escapes = round % 2;
            char raw[512], want[1536];
            size_t n = random_body(raw, 1 + below(12), escapes), at = 0, len;
            unsigned replaced;
            tamar__str_buf b;
            tamar__json_carry carry;
            memset(&carry, 0, sizeof carry);
            len = ref_decode(raw, n, escapes, want, &replaced);
            tamar__str_init(&b, &arena, 4096);
            while (at < n) {
                size_t step = 1 + below(below(2) ? 3 : 20), to = at;
                for (; to < n && step; step--) to += !escapes || raw[to] != '\\' ? 1 : raw[to + 1] == 'u' ? 6 : 2;
                char quoted[600];
                memcpy(quoted + 1, raw + at, to - at);
                quoted[0] = quoted[to - at + 1] = '"';
                test_guarded g = test_guard(quoted + !escapes, to - at + (escapes ? 2 : 0));
                tamar_json v = {g.ptr, g.len};
                CHECK(escapes ? tamar__json_append(&b, v, &carry) : tamar__json_append_bytes(&b, g.ptr, g.len, &carry));
                CHECK(tamar__str_utf8_span(b.ptr, b.ptr + b.len) == b.len);  // never half a character
                if (below(4) == 0) {
                    tamar_json empty = {"\"\"", 2};
                    CHECK(tamar__json_append(&b, empty, &carry));
                }
                test_unguard(g);
                at = to;
            }
            CHECK(tamar__json_flush(&b, &carry) && tamar__json_flush(&b, &carry));
            CHECKF(b.len == len && memcmp(b.ptr, want, len) == 0 && b.ptr[len] == 0, "%.*s", (int)n, raw);
            CHECKF(carry.replaced == replaced, "%.*s: %u replaced, not %u", (int)n, raw, (unsigned)carry.replaced, replaced);
            tamar__str_free(&b);
            // at once, without a carry
            tamar__str_init(&b, &arena, 4096);
            if (escapes) {
                char quoted[600];
                memcpy(quoted + 1, raw, n);
                quoted[0] = quoted[n + 1] = '"';
                tamar_json v = {quoted, n + 2};
                CHECK(tamar__json_append(&b, v, NULL));
            }
            else CHECK(tamar__json_append_bytes(&b, raw, n, NULL));
            CHECK(b.len == len && memcmp(b.ptr, want, len) == 0);
            tamar__str_free(&b);
        }
    }
    TEST("a full buffer says so and keeps what fits") {
        tamar_json v = {"\"hello \\n \xC3\xA9\"", 13};
        for (size_t max = 0; max < 14; max++) {
            tamar__str_buf b;
            tamar__str_init(&b, &arena, max);
            CHECK(tamar__json_append(&b, v, NULL) == (max >= 11) && b.len <= max);
            tamar__str_free(&b);
        }
    }
    TEST("string_end") {
        bool plain;
        static const char *const bodies[] = {"", "a", "abcdefg", "abcdefgh", "0123456789abcdef0", "\xC3\xA9", "abcdefghijkl\xC3\xA9", "a\\n", "abcdefghijk\\\""};
        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
            for (int pad = 0; pad < 12; pad++) {
                char buf[64];
                size_t n = strlen(bodies[i]);
                memcpy(buf, bodies[i], n);
                memset(buf + n, pad % 2 ? '\xFF' : '\\', sizeof buf - n);  // what is behind the quote must not count
                buf[n] = '"';
                test_guarded g = test_guard(buf, n + 1 + (size_t)pad);
                CHECK(tamar__json_string_end(g.ptr, g.ptr + g.len, &plain) == g.ptr + n);
                CHECKF(plain == (i < 5), "%s", bodies[i]);
                CHECK(tamar__json_string_end(g.ptr, g.ptr + n, &plain) == NULL);
                test_unguard(g);
            }
    }
    tamar__arena_free(&arena);
    CHECK(memory.used == 0);
}

// -- reader ----------------------------------------------------------------------------------------

static void test_reader(void)
{
    TEST("one pass") {
        static const char text[] = "{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}],\"usage\":{\"n\":3}}";
        tamar_json_reader r;
        tamar_json key, content = {NULL, 0};
        tamar_json_error e;
        int64_t n = 0;
        tamar_json_reader_begin(&r, text, sizeof text - 1);
        CHECK(!tamar_json_read_array(&r) && !tamar_json_read_key(&r, &key) && !tamar_json_read_element(&r));
        CHECK(tamar_json_peek(&r) == TAMAR_JSON_OBJECT && tamar_json_read_object(&r) && tamar_json_peek(&r) == TAMAR_JSON_MISSING);
        CHECK(tamar_json_read_value(&r).len == 0);  // no value comes before its key
        while (tamar_json_read_key(&r, &key)) {
            if (tamar_json_is(key, "choices") && tamar_json_read_array(&r)) {
                while (tamar_json_read_element(&r))
                    if (tamar_json_read_object(&r))
                        while (tamar_json_read_key(&r, &key))
                            if (tamar_json_is(key, "delta") && tamar_json_read_object(&r))
                                while (tamar_json_read_key(&r, &key))
                                    if (tamar_json_is(key, "content")) content = tamar_json_read_value(&r);
            }
            else if (tamar_json_is(key, "usage") && tamar_json_read_object(&r))
                while (tamar_json_read_key(&r, &key)) tamar_json_get_int(tamar_json_read_value(&r), &n);
        }
        CHECK(tamar_json_reader_end(&r, &e) && e.status == TAMAR_JSON_OK && n == 3 && tamar_json_is(content, "hi"));
    }
    TEST("a member by its name, however it is written") {
        // every other one is of that name; what stands between may be anything
        static const char *const names[] = {"\"ab\"", "\"a\\u0062\"", "\"\\u0061b\"", " \"ab\" "}, *const others[] = {
            "\"a\":1", "\"abc\":\"x\"", "\"\":[]", "\"b\":{\"ab\":7}", "\"a\\n\":null", " \"\\u00e9\" : [[]] ", "\"\xC3\xA9\":-1.5e3", "\"a\xC3\xA9\":true"};
        for (unsigned i = 0; i < 4 * 8 * 8; i++) {
            char text[256];
            tamar_json_reader r;
            int64_t n = 0, sum = 0;
            int len = snprintf(text, sizeof text, "{%s,%s:1,%s,%s:20}", others[i / 4 % 8], names[i % 4], others[i / 32], names[(i + i / 4) % 4]), seen = 0;
            tamar_json_reader_begin(&r, text, (size_t)len);
            CHECK(!tamar_json_read_member(&r, "ab") && tamar_json_read_object(&r));
            while (tamar_json_read_member(&r, "ab")) {
                seen++;
                tamar_json_get_int(tamar_json_read_value(&r), &n);
                sum += n;
            }
            CHECKF(seen == 2 && sum == 21 && tamar_json_reader_end(&r, NULL), "%s", text);
        }
    }
    TEST("what was not read is checked, and left early is no harm") {
        static const char text[] = "[[1,[2]],{\"a\":{\"b\":[3,4]}},5]";
        for (size_t cut = 0; cut <= sizeof text - 1; cut++)
            for (int depth = 0; depth < 4; depth++) {
                tamar_json_reader r;
                tamar_json_error e;
                tamar_json_reader_begin(&r, text, cut);
                if (depth > 0 && tamar_json_read_array(&r) && tamar_json_read_element(&r) && depth > 1 && tamar_json_read_array(&r) &&
                    tamar_json_read_element(&r) && depth > 2) tamar_json_read_element(&r);
                CHECK(tamar_json_reader_end(&r, &e) == (cut == sizeof text - 1));
                CHECK(e.offset == cut && e.status == (cut == sizeof text - 1 ? TAMAR_JSON_OK : TAMAR_JSON_TRUNCATED));
            }
    }
    TEST("an error is final") {
        tamar_json_reader r;
        tamar_json key;
        tamar_json_reader_begin(&r, "{\"a\":1 x,\"b\":2}", 15);
        CHECK(tamar_json_read_object(&r) && tamar_json_read_key(&r, &key) && !tamar_json_read_key(&r, &key));
        for (int i = 0; i < 3; i++)
            CHECK(!tamar_json_read_key(&r, &key) && !tamar_json_read_object(&r) && !tamar_json_read_array(&r) && tamar_json_peek(&r) == TAMAR_JSON_MISSING);
        CHECK(!tamar_json_reader_end(&r, NULL) && !tamar_json_reader_end(&r, NULL));
    }
}

// -- writer ----------------------------------------------------------------------------------------

static void write_sample(tamar_json_writer *w)
{
    static const char said[] = "say \"hi\"\\\n\r\t\b\f\x01\x1f\x7f\0 \xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80\xFF\xE4\xBD!", raw[] = " {\"raw\" : [ 1 ]}\n";
    tamar_json_write_object(w);
    tamar_json_write_key(w, "text");
    tamar_json_write_string(w, said, sizeof said - 1);
    tamar_json_write_key_n(w, "k\"\0", 3);
    tamar_json_write_array(w);
    tamar_json_write_null(w);
    tamar_json_write_bool(w, true);
    tamar_json_write_bool(w, false);
    tamar_json_write_int(w, INT64_MIN);
    tamar_json_write_uint(w, UINT64_MAX);
    tamar_json_write_double(w, 0.1);
    tamar_json_write_string(w, NULL, 0);
    tamar_json_write_array(w);
    tamar_json_write_end(w);
    tamar_json_write_object(w);
    tamar_json_write_end(w);
    tamar_json_write_raw(w, raw, sizeof raw - 1);
    tamar_json_write_end(w);
    tamar_json_write_end(w);
}

static const char sample[] =
    "{\"text\":\"say \\\"hi\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\\u0000 \xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80\xEF\xBF\xBD\xEF\xBF\xBD!\","
    "\"k\\\"\\u0000\":[null,true,false,-9223372036854775808,18446744073709551615,0.1,\"\",[],{},{\"raw\" : [ 1 ]}]}";

static bool writes(int what, tamar_json_writer *w)  // one call that is wrong in some places
{
    switch (what) {
    case 0: tamar_json_write_object(w); break;
    case 1: tamar_json_write_array(w); break;
    case 2: tamar_json_write_end(w); break;
    case 3: tamar_json_write_key(w, "k"); break;
    case 4: tamar_json_write_null(w); break;
    case 5: tamar_json_write_string(w, "s", 1); break;
    case 6: tamar_json_write_raw(w, "[1]", 3); break;
    default: tamar_json_write_double(w, 1); break;
    }
    return w->status == TAMAR_JSON_OK;
}

// A random document, written twice: by the writer and by hand.
static void random_value(tamar_json_writer *w, char *out, size_t *n, int levels)
{
    uint32_t kind = below(levels ? 9 : 6), count = below(6);
    char text[256];
    unsigned replaced;
    size_t len;
    switch (kind) {
    case 0: tamar_json_write_null(w), *n += (size_t)sprintf(out + *n, "null"); break;
    case 1: tamar_json_write_bool(w, count & 1), *n += (size_t)sprintf(out + *n, count & 1 ? "true" : "false"); break;
    case 2: {
        int64_t v = (int64_t)((uint64_t)test_random(&seed) << 32 | test_random(&seed)) >> below(64);
        tamar_json_write_int(w, v);
        *n += (size_t)sprintf(out + *n, "%lld", (long long)v);
        break;
    }
    case 3: case 4: case 5: {
        char clean[1024];
        len = random_body(text, below(8), false);
        tamar_json_write_string(w, text, len);
        len = ref_decode(text, len, false, clean, &replaced);
        *n += (size_t)sprintf(out + *n, "\"%.*s\"", (int)len, clean);
        break;
    }
    case 6: case 7:
        tamar_json_write_object(w);
        out[(*n)++] = '{';
        for (uint32_t i = 0; i < count; i++) {
            len = (size_t)sprintf(text, "key %u", (unsigned)below(100));
            tamar_json_write_key_n(w, text, len);
            *n += (size_t)sprintf(out + *n, "%s\"%s\":", i ? "," : "", text);
            random_value(w, out, n, levels - 1);
        }
        tamar_json_write_end(w);
        out[(*n)++] = '}';
        break;
    default:
        tamar_json_write_array(w);
        out[(*n)++] = '[';
        for (uint32_t i = 0; i < count; i++) {
            if (i) out[(*n)++] = ',';
            random_value(w, out, n, levels - 1);
        }
        tamar_json_write_end(w);
        out[(*n)++] = ']';
    }
}

static char *decoded(tamar_json string, size_t *len)
{
    char *p;
    CHECK(tamar_json_get_string(string, NULL, 0, len) == TAMAR_JSON_OK);
    p = (char *)malloc(*len + 1);
    if (!p) abort();
    CHECK(tamar_json_get_string(string, p, *len + 1, len) == TAMAR_JSON_OK);
    return p;
}

static bool by_value;  // rewrite() makes every number a double and forgets the sign of 0: for comparing values

// Writes again what was read, by way of the accessors.
static void rewrite(tamar_json_writer *w, tamar_json v)
{
    tamar_json key, value;
    tamar_json_iter it = tamar_json_iterate(v);
    char *buf;
    size_t len;
    int64_t i = 0;
    uint64_t u = 0;
    double d = 0;
    bool b = false, integer;
    switch (tamar_json_type_of(v)) {
    case TAMAR_JSON_NULL: tamar_json_write_null(w); break;
    case TAMAR_JSON_BOOL: tamar_json_get_bool(v, &b), tamar_json_write_bool(w, b); break;
    case TAMAR_JSON_NUMBER:
        integer = !by_value && !memchr(v.ptr, '.', v.len) && !memchr(v.ptr, 'e', v.len) && !(v.len == 2 && v.ptr[0] == '-' && v.ptr[1] == '0');
        if (integer && tamar_json_get_int(v, &i) == TAMAR_JSON_OK) tamar_json_write_int(w, i);
        else if (integer && tamar_json_get_uint(v, &u) == TAMAR_JSON_OK) tamar_json_write_uint(w, u);
        else if (tamar_json_get_double(v, &d) == TAMAR_JSON_OK) tamar_json_write_double(w, by_value && d == 0 ? 0 : d);
        else tamar_json_write_null(w);
        break;
    case TAMAR_JSON_STRING:
        buf = decoded(v, &len);
        tamar_json_write_string(w, buf, len);
        free(buf);
        break;
    case TAMAR_JSON_ARRAY:
        tamar_json_write_array(w);
        while (tamar_json_next(&it, NULL, &value)) rewrite(w, value);
        tamar_json_write_end(w);
        break;
    case TAMAR_JSON_OBJECT:
        tamar_json_write_object(w);
        while (tamar_json_next(&it, &key, &value)) {
            buf = decoded(key, &len);
            tamar_json_write_key_n(w, buf, len);
            free(buf);
            rewrite(w, value);
        }
        tamar_json_write_end(w);
        break;
    default: CHECK(!"a type");
    }
}

static void test_writer(void)
{
    tamar_json_writer w;
    tamar_str text;
    TEST("every call, in every size of buffer") {
        for (size_t cap = 0; cap <= sizeof sample + 2; cap++) {
            char junk[512] = "";
            test_guarded g = test_guard(junk, cap);
            tamar_json_write_to(&w, g.ptr, cap);
            write_sample(&w);
            CHECKF(tamar_json_writer_end(&w, &text) == (cap >= sizeof sample), "cap %zu", cap);
            if (cap >= sizeof sample) CHECK_STR(text, sample);
            else CHECK(text.len == 0 && *text.ptr == 0 && w.status == TAMAR_JSON_FULL);
            if (cap) CHECK(strlen(g.ptr) < cap);
            tamar_json_writer_free(&w);
            test_unguard(g);
        }
    }
    TEST("growing, with a maximum") {
        for (size_t max = 1; max < sizeof sample + 2; max++) {
            test_memory m = {0, false, 0, 0, 0, 0, 0};
            tamar_allocator a = {test_resize, &m};
            tamar_json_write_growing(&w, &a, max);
            write_sample(&w);
            CHECK(tamar_json_writer_end(&w, &text) == (max >= sizeof sample - 1) && m.peak <= max + 1 + 256);
            if (max >= sizeof sample - 1) CHECK_STR(text, sample);
            tamar_json_writer_free(&w);
            CHECK(m.live == 0 && m.blocks == 0 && !tamar_json_writer_end(&w, NULL));
        }
        tamar_json_write_growing(&w, NULL, 0);
        write_sample(&w);
        CHECK(tamar_json_writer_end(&w, &text));
        CHECK_STR(text, sample);
        tamar_json_writer_free(&w);
    }
    TEST("each allocation failing") {
        for (long n = 1; n < 20; n++) {
            test_memory m = {n, false, 0, 0, 0, 0, 0};
            tamar_allocator a = {test_resize, &m};
            tamar_json_write_growing(&w, &a, 0);
            tamar_json_write_array(&w);
            for (int i = 0; i < 100; i++) write_sample(&w);
            tamar_json_write_end(&w);
            bool good = tamar_json_writer_end(&w, &text);
            CHECK(good == (m.failed == 0) && (good || (w.status == TAMAR_JSON_FULL && text.len == 0)));
            tamar_json_writer_free(&w);
            CHECK(m.live == 0 && m.blocks == 0);
            if (!m.failed) break;
            CHECK(n < 19);
        }
    }
    TEST("a gap in front, in an arena") {
        tamar__base_memory memory;
        tamar__arena arena;
        tamar_allocator a;
        memset(&memory, 0, sizeof memory);
        memory.allocator = tamar__base_allocator(NULL);
        tamar__arena_init(&arena, &memory, 1024);
        a = tamar__arena_allocator(&arena);
        tamar_json_write_growing(&w, &a, 0);
        tamar__json_write_gap(&w, 300);
        write_sample(&w);
        CHECK(tamar_json_writer_end(&w, &text) && text.ptr == w.ptr + 300);
        CHECK_STR(text, sample);
        tamar__json_write_gap(&w, 5);
        CHECK(!tamar_json_writer_end(&w, NULL) && w.status == TAMAR_JSON_MISUSE);
        tamar_json_writer_free(&w);
        tamar__arena_free(&arena);
        CHECK(memory.used == 0);
    }
    TEST("calls in the wrong place: all sequences of six") {
        for (int code = 0; code < 8 * 8 * 8 * 8 * 8 * 8; code++) {
            char buf[256], model[8];  // the model: o and a open containers, k a key that waits
            int depth = 0, roots = 0, rest = code;
            bool good = true;
            tamar_json_write_to(&w, buf, sizeof buf);
            for (int i = 0; i < 6; i++, rest /= 8) {
                int what = rest % 8;
                bool key_waits = depth && model[depth - 1] == 'k', object = depth && model[depth - 1] == 'o';
                bool may = what == 2 ? depth > 0 && !key_waits : what == 3 ? object : depth == 0 ? roots == 0 : !object;
                good = good && may;
                CHECK(writes(what, &w) == good);
                if (!good) break;
                if (what == 2) depth--;
                else if (what == 3) model[depth++] = 'k';
                else {
                    if (key_waits) depth--;
                    else if (depth == 0) roots++;
                    if (what < 2) model[depth++] = what ? 'a' : 'o';
                }
            }
            good = good && depth == 0 && roots == 1;
            CHECK(tamar_json_writer_end(&w, &text) == good);
            if (good) {
                tamar_json root;
                CHECK(tamar_json_parse(text.ptr, text.len, &root, NULL) && root.len == text.len);
            }
            else CHECK(w.status == TAMAR_JSON_MISUSE && text.len == 0);
        }
    }
    TEST("what raw refuses") {
        static const char *const bad[] = {"", " ", "1 2", "{", "tru", "[1,]", "\"", "nan", "{\"a\"}"};
        char buf[64];
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            tamar_json_write_to(&w, buf, sizeof buf);
            tamar_json_write_raw(&w, bad[i], strlen(bad[i]));
            CHECKF(w.status == TAMAR_JSON_MISUSE, "%s", bad[i]);
        }
    }
    TEST("no deeper than can be read") {
        char buf[512];
        for (int raw = 0; raw < 2; raw++)
            for (int levels = 63; levels < 67; levels++) {
                tamar_json root;
                tamar_json_write_to(&w, buf, sizeof buf);
                for (int i = 0; i < levels - raw; i++) tamar_json_write_array(&w);
                if (raw) tamar_json_write_raw(&w, "[]", 2);
                for (int i = 0; i < levels - raw; i++) tamar_json_write_end(&w);
                CHECK(tamar_json_writer_end(&w, &text) == (levels <= 64));
                if (levels <= 64) CHECK(tamar_json_parse(text.ptr, text.len, &root, NULL));
            }
    }
    TEST("NULL texts, NaN") {
        char buf[64];
        double zero = 0;
        tamar_json_write_to(&w, buf, sizeof buf);
        tamar_json_write_array(&w);
        tamar_json_write_double(&w, zero / zero);
        tamar_json_write_double(&w, 1 / zero);
        tamar_json_write_double(&w, 5);
        tamar_json_write_end(&w);
        CHECK(tamar_json_writer_end(&w, &text));
        CHECK_STR(text, "[null,null,5.0]");
        tamar_json_write_to(&w, buf, sizeof buf);
        tamar_json_write_string(&w, NULL, 1);
        CHECK(!tamar_json_writer_end(&w, NULL) && w.status == TAMAR_JSON_MISUSE);
        tamar_json_write_to(&w, NULL, 0);
        tamar_json_write_null(&w);
        CHECK(!tamar_json_writer_end(&w, &text) && w.status == TAMAR_JSON_FULL && text.len == 0);
    }
    TEST("random documents: written, read, written again") {
        static char hand[1 << 20];
        for (int round = 0; round < 2000; round++) {
            tamar_json_writer again;
            tamar_str second;
            tamar_json root;
            size_t n = 0;
            tamar_json_write_growing(&w, NULL, 0);
            random_value(&w, hand, &n, 4);
            CHECK(tamar_json_writer_end(&w, &text));
            hand[n] = 0;
            CHECK_STR(text, hand);
            CHECK(tamar_json_parse(text.ptr, text.len, &root, NULL));
            tamar_json_write_growing(&again, NULL, 0);
            rewrite(&again, root);
            CHECK(tamar_json_writer_end(&again, &second));
            CHECK_STR(second, hand);
            if (n < 500 && round % 10 == 0) judge_around(hand, n, 5);
            tamar_json_writer_free(&again);
            tamar_json_writer_free(&w);
        }
    }
    TEST("random bytes come out as valid text") {
        for (int round = 0; round < 3000; round++) {
            unsigned char raw[100];
            char buf[700], back[400], want[400];
            size_t n = below(sizeof raw), len = 0;
            unsigned replaced;
            tamar_json root;
            for (size_t i = 0; i < n; i++) raw[i] = (unsigned char)(below(3) ? below(256) : below(40));
            test_guarded g = test_guard(raw, n);
            tamar_json_write_to(&w, buf, sizeof buf);
            tamar_json_write_string(&w, g.ptr, n);
            CHECK(tamar_json_writer_end(&w, &text) && tamar__str_utf8_span(text.ptr, text.ptr + text.len) == text.len);
            CHECK(tamar_json_parse(text.ptr, text.len, &root, NULL) && tamar_json_get_string(root, back, sizeof back, &len) == TAMAR_JSON_OK);
            CHECK(ref_decode((const char *)raw, n, false, want, &replaced) == len && memcmp(want, back, len) == 0);
            test_unguard(g);
        }
    }
}

// -- time ------------------------------------------------------------------------------------------

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double time_of(int shape, size_t n)
{
    static const char *const units[] = {"[],", "\"\\u00e9\xFF\",", "0.12345678901234567890123456789,", "        ", "\xFF", "\\ud800", "\"k\":[[[[1]]]],", "1,"};
    const char *unit = units[shape];
    size_t size = strlen(unit), len = 1;
    char *text = (char *)malloc(n * size + 16), *out = (char *)malloc(n * size * 3 + 16);
    double best = 1e9;
    bool string = shape == 4 || shape == 5, object = shape == 6;
    if (!text || !out) abort();
    text[0] = string ? '"' : object ? '{' : '[';
    for (size_t i = 0; i < n; i++, len += size) memcpy(text + len, unit, size);
    if (string) text[len++] = '"';
    else len += (size_t)sprintf(text + len, object ? "\"\":0}" : "0]");
    for (int run = 0; run < 3; run++) {
        double start = seconds();
        tamar_json root, value;
        tamar_json_iter it;
        size_t got;
        double d;
        CHECK(tamar_json_parse(text, len, &root, NULL));
        if (string) CHECK(tamar_json_get_string(root, out, n * size * 3 + 16, &got) == TAMAR_JSON_OK);
        for (it = tamar_json_iterate(root); tamar_json_next(&it, NULL, &value);) tamar_json_get_double(value, &d);
        if (seconds() - start < best) best = seconds() - start;
    }
    free(text);
    free(out);
    return best;
}

static void test_time(void)
{
    TEST("twice the text takes about twice the time") {
        for (int shape = 0; shape < 8; shape++) {
            double one = time_of(shape, 100000), eight = time_of(shape, 800000);
            CHECKF(eight < 32 * one + 0.06, "shape %d: %g and %g seconds", shape, one, eight);
        }
    }
}

// -- the suites, where they are --------------------------------------------------------------------

static const char *shared(const char *path)
{
    static char full[600];
    const char *base = getenv("TAMAR_SHARED");
    snprintf(full, sizeof full, "%s/corpus/conformance/json/%s", base ? base : "../shared", path);
    return full;
}

typedef void (*visitor)(const char *name, const char *text, size_t len);

static int each_file(const char *folder, visitor visit_file)
{
    char base[600], path[1000];
    DIR *dir;
    struct dirent *e;
    int n = 0;
    snprintf(base, sizeof base, "%s", shared(folder));
    dir = opendir(base);
    while (dir && (e = readdir(dir)) != NULL) {
        size_t len;
        char *text;
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", base, e->d_name);
        text = test_read_file(path, &len);
        if (!text) continue;
        visit_file(e->d_name, text, len);
        free(text);
        n++;
    }
    if (dir) closedir(dir);
    return n;
}

static tamar_json suite_values;

static void see_parsing(const char *name, const char *text, size_t len)
{
    tamar_json_status status = judge_guarded(text, len);
    if (name[0] == 'y') CHECKF(status == TAMAR_JSON_OK, "%s", name);
    if (name[0] == 'n') CHECKF(status != TAMAR_JSON_OK, "%s", name);
    if (len < 300) judge_around(text, len, 20);
    if (name[0] == 'y') {
        // The suite knows each value: both, written again, must be the same bytes.
        tamar_json_writer a, b;
        tamar_str x, y;
        tamar_json root, want;
        size_t n;
        char *known;
        tamar_json v = tamar_json_get(suite_values, name);
        CHECKF(v.len, "%s", name);
        known = (char *)malloc(v.len + 1);
        tamar_json_get_string(v, known, v.len + 1, &n);
        CHECK(tamar_json_parse(text, len, &root, NULL));
        CHECK(tamar_json_parse(known, n, &want, NULL));
        tamar_json_write_growing(&a, NULL, 0);
        tamar_json_write_growing(&b, NULL, 0);
        rewrite(&a, root);
        rewrite(&b, want);
        CHECK(tamar_json_writer_end(&a, &x) && tamar_json_writer_end(&b, &y));
        if (!strstr(name, "duplicated")) CHECKF(tamar__str_equal(x, y), "%s: %s, not %s", name, x.ptr, y.ptr);
        else CHECKF(tamar__str_equal(tamar__str_make(tamar_json_get(root, "a").ptr, tamar_json_get(root, "a").len),
            tamar__str_make(tamar_json_get(want, "a").ptr, tamar_json_get(want, "a").len)), "%s", name);
        tamar_json_writer_free(&a);
        tamar_json_writer_free(&b);
        free(known);
    }
}

static void see_any(const char *name, const char *text, size_t len)
{
    (void)name;
    judge_guarded(text, len);
}

static void see_checker(const char *name, const char *text, size_t len)
{
    tamar_json_status status = judge_guarded(text, len);
    if (strstr(name, "EXCLUDE")) return;
    CHECKF((status == TAMAR_JSON_OK) == (name[0] == 'p'), "%s", name);
}

static void see_encoding(const char *name, const char *text, size_t len)
{
    tamar_json_status status = judge_guarded(text, len);
    CHECKF((status == TAMAR_JSON_OK) == (strstr(name, "utf8") != NULL), "%s", name);  // utf8bom too: a mark is skipped
}

static void see_roundtrip(const char *name, const char *text, size_t len)
{
    tamar_json root;
    tamar_json_writer w;
    tamar_str out;
    CHECKF(judge_guarded(text, len) == TAMAR_JSON_OK, "%s", name);
    CHECK(tamar_json_parse(text, len, &root, NULL));
    tamar_json_write_growing(&w, NULL, 0);
    rewrite(&w, root);
    CHECK(tamar_json_writer_end(&w, &out));
    // The suite writes an exponent with a sign only where it is negative, as we do, and escapes what JSON demands.
    CHECKF(out.len == root.len && memcmp(out.ptr, root.ptr, out.len) == 0, "%s: %s", name, out.ptr);
    tamar_json_writer_free(&w);
}

static void test_suites(void)
{
    size_t len;
    char *text = test_read_file(shared("JSONTestSuite/expected_values_y.json"), &len);
    if (!text) {
        test_skip("JSONTestSuite", "its files are not here");
        test_skip("yyjson's files", "its files are not here");
        test_skip("LLM vectors", "its files are not here");
        return;
    }
    by_value = true;
    TEST("JSONTestSuite") {
        tamar_json root;
        CHECK(tamar_json_parse(text, len, &root, NULL));
        suite_values = tamar_json_get(root, "values");
        CHECK(each_file("JSONTestSuite/test_parsing", see_parsing) >= 300);
        CHECK(each_file("JSONTestSuite/test_transform", see_any) >= 20);
    }
    free(text);
    by_value = false;
    TEST("yyjson's checker, encoding and roundtrip files") {
        CHECK(each_file("yyjson/test_checker", see_checker) > 30);
        CHECK(each_file("yyjson/test_encoding", see_encoding) >= 10);
        CHECK(each_file("yyjson/test_roundtrip", see_roundtrip) > 20);
    }
    text = test_read_file(shared("llm_vectors.json"), &len);
    by_value = true;
    TEST("LLM vectors") {
        tamar__base_memory memory;
        tamar__arena arena;
        tamar_json root, v;
        tamar_json_iter it;
        size_t n = 0;
        memset(&memory, 0, sizeof memory);
        memory.allocator = tamar__base_allocator(NULL);
        tamar__arena_init(&arena, &memory, 4096);
        CHECK(tamar_json_parse(text, text ? len : 0, &root, NULL));
        for (it = tamar_json_iterate(tamar_json_get(root, "vectors")); tamar_json_next(&it, NULL, &v); n++) {
            tamar__str_buf input;
            bool valid = false, either = false;
            tamar_str name = tamar__json_text(&arena, tamar_json_get(v, "name")), known = tamar__json_text(&arena, tamar_json_get(v, "value_json"));
            tamar__str_init(&input, &arena, 1 << 20);
            CHECK(tamar__str_unbase64(&input, tamar__json_text(&arena, tamar_json_get(v, "input_b64"))));
            tamar_json_status status = judge_guarded(input.ptr ? input.ptr : "", input.len);
            if (input.len < 200) judge_around(input.ptr, input.len, 10);
            tamar_json_get_bool(tamar_json_get(v, "either"), &either);
            if (tamar_json_get_bool(tamar_json_get(v, "valid"), &valid) == TAMAR_JSON_OK && !either)
                CHECKF(valid == (status == TAMAR_JSON_OK), "%s", name.ptr);
            if (status == TAMAR_JSON_OK && known.ptr) {
                tamar_json got, want;
                tamar_json_writer a, b;
                tamar_str x, y;
                CHECK(tamar_json_parse(input.ptr, input.len, &got, NULL));
                CHECK(tamar_json_parse(known.ptr, known.len, &want, NULL));
                tamar_json_write_growing(&a, NULL, 0);
                tamar_json_write_growing(&b, NULL, 0);
                rewrite(&a, got);
                rewrite(&b, want);
                CHECK(tamar_json_writer_end(&a, &x) && tamar_json_writer_end(&b, &y));
                if (!strstr(name.ptr, "dup")) CHECKF(tamar__str_equal(x, y), "%s: %s, not %s", name.ptr, x.ptr, y.ptr);
                tamar_json_writer_free(&a);
                tamar_json_writer_free(&b);
            }
            tamar__str_free(&input);
        }
        CHECK(n > 100);
        tamar__arena_free(&arena);
    }
    free(text);
}

int main(void)
{
    test_texts();
    test_access();
    test_strings();
    test_reader();
    test_writer();
    test_time();
    test_suites();
    return test_done();
}
