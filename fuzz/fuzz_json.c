// JSON: the two readers and a plain reading of RFC 8259 agree on every text and on what is in it; what parsed can be
// asked anything; what is written reads back the same.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_json fuzz/fuzz_json.c
//   mkdir -p corpus && ./fuzz_json -dict=fuzz/fuzz_json.dict -max_len=4096 corpus fuzz/seeds/fuzz_json
// The input is the text.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"
#include "target.h"

static uint32_t dice(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

// RFC 3629, written apart from the header.
static bool is_utf8(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + len;
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

// -- RFC 8259, as it is written there ----------------------------------------------------------------

static const char *space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++;
    return p;
}

static const char *digits(const char *p, const char *end)  // NULL: none
{
    const char *begin = p;
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p > begin ? p : NULL;
}

static const char *number(const char *p, const char *end)
{
    if (p < end && *p == '-') p++;
    if (p < end && *p == '0') p++;
    else p = digits(p, end);
    if (p && p < end && *p == '.') p = digits(p + 1, end);
    if (p && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        p = digits(p, end);
    }
    return p;
}

static const char *string(const char *p, const char *end)
{
    if (p == end || *p != '"') return NULL;
    for (p++; p < end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20) return NULL;
        if (*p != '\\') continue;
        if (++p == end) return NULL;
        if (*p == 'u') {
            for (int i = 0; i < 4; i++)
                if (++p == end || !*p || !strchr("0123456789abcdefABCDEF", *p)) return NULL;
        }
        else if (!*p || !strchr("\"\\/bfnrt", *p)) return NULL;
    }
    return p < end ? p + 1 : NULL;
}

// Behind the value at p, or NULL; its text without white space is appended.
static const char *plain(const char *p, const char *end, int depth, bytes *out)
{
    const char *begin = p = space(p, end), *words[] = {"true", "false", "null"};
    if (p == end) return NULL;
    if (*p == '{' || *p == '[') {
        bool object = *p == '{';
        if (depth == 64) return NULL;
        add(out, p++, 1);
        for (bool first = true;; first = false) {
            p = space(p, end);
            if (p == end) return NULL;
            if (*p == (object ? '}' : ']')) break;
            if (!first) {
                if (*p != ',') return NULL;
                add(out, p++, 1);
                p = space(p, end);
            }
            if (object) {
                begin = p;
                p = string(p, end);
                if (!p) return NULL;
                add(out, begin, (size_t)(p - begin));
                p = space(p, end);
                if (p == end || *p != ':') return NULL;
                add(out, p++, 1);
            }
            p = plain(p, end, depth + 1, out);
            if (!p) return NULL;
        }
        add(out, p, 1);
        return p + 1;
    }
    if (*p == '"') p = string(p, end);
    else if (*p == '-' || (*p >= '0' && *p <= '9')) p = number(p, end);
    else {
        for (int i = 0; i < 3; i++) {
            size_t n = strlen(words[i]);
            if ((size_t)(end - begin) >= n && !memcmp(begin, words[i], n)) p = begin + n;
        }
        if (p == begin) return NULL;
    }
    if (p) add(out, begin, (size_t)(p - begin));
    return p;
}

// The same text, put together from what the iterator gives.
static void spell(tamar_json v, bytes *out)
{
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, value;
    tamar_json_type type = tamar_json_type_of(v);
    bool first = true;
    if (type != TAMAR_JSON_OBJECT && type != TAMAR_JSON_ARRAY) {
        add(out, v.ptr, v.len);
        return;
    }
    add(out, type == TAMAR_JSON_OBJECT ? "{" : "[", 1);
    while (tamar_json_next(&it, &key, &value)) {
        if (!first) add(out, ",", 1);
        first = false;
        if (key.ptr) {
            add(out, key.ptr, key.len);
            add(out, ":", 1);
        }
        spell(value, out);
    }
    add(out, type == TAMAR_JSON_OBJECT ? "}" : "]", 1);
}

static void compare(const char *in, size_t size, bool good, tamar_json root)
{
    bytes want = {NULL, 0, 0}, got = {NULL, 0, 0};
    const char *p = in, *end = in + size;
    if (size >= 3 && !memcmp(in, "\xEF\xBB\xBF", 3)) p += 3;
    p = plain(p, end, 0, &want);
    MUST(good == (p && space(p, end) == end));
    if (good) {
        spell(root, &got);
        MUST(got.len == want.len && !memcmp(got.ptr, want.ptr, got.len));
    }
    free(want.ptr);
    free(got.ptr);
}

// -- reading ---------------------------------------------------------------------------------------

// One pass over the value that comes next. dice_state: leave some values to be skipped, take others whole. NULL: enter all.
static void walk(tamar_json_reader *r, uint32_t *dice_state, int depth)
{
    tamar_json_type type = tamar_json_peek(r);
    tamar_json key, value;
    if (dice_state && depth > 0) {
        uint32_t side = dice(dice_state) % 4;
        if (side == 0) return;
        if (side == 1) {
            value = tamar_json_read_value(r);
            MUST(!value.ptr || tamar_json_type_of(value) == type);
            return;
        }
    }
    if (tamar_json_read_object(r)) {
        MUST(type == TAMAR_JSON_OBJECT);
        while (tamar_json_read_key(r, &key)) {
            MUST(key.len >= 2 && key.ptr[0] == '"' && key.ptr[key.len - 1] == '"');
            walk(r, dice_state, depth + 1);
        }
    }
    else if (tamar_json_read_array(r)) {
        MUST(type == TAMAR_JSON_ARRAY);
        while (tamar_json_read_element(r)) walk(r, dice_state, depth + 1);
    }
    else {
        value = tamar_json_read_value(r);
        MUST(!value.ptr || (value.len > 0 && tamar_json_type_of(value) == type));
    }
}

// The text of a string value; owned, and NUL-terminated. Every way to ask gives the same.
static char *decoded(tamar_json string, size_t *len)
{
    size_t n = 0, again = 0, cap;
    char *text, *part;
    tamar_json_status status = tamar_json_get_string(string, NULL, 0, &n);
    MUST(status == TAMAR_JSON_OK || status == TAMAR_JSON_OUT_OF_RANGE);
    MUST(n <= string.len * 3);  // a bad byte becomes three
    text = (char *)malloc(n + 1);
    if (!text) abort();
    MUST(tamar_json_get_string(string, text, n + 1, &again) == TAMAR_JSON_OK);
    MUST(again == n && text[n] == 0);
    MUST(is_utf8(text, n));
    for (cap = 1; cap <= n && cap < 9; cap++) {
        size_t had;
        part = (char *)malloc(cap);
        if (!part) abort();
        MUST(tamar_json_get_string(string, part, cap, &again) == TAMAR_JSON_OUT_OF_RANGE);
        MUST(again == n);
        had = strlen(part);
        if (!memchr(text, 0, n)) {
            MUST(had < cap && had + 4 >= cap && !memcmp(part, text, had));
            MUST(is_utf8(part, had));
        }
        free(part);
    }
    if (!memchr(text, 0, n)) MUST(tamar_json_is(string, text));
    *len = n;
    return text;
}

static bool same_value(tamar_json a, tamar_json b) { return a.ptr == b.ptr && a.len == b.len; }

static void visit_number(tamar_json v)
{
    int64_t i;
    uint64_t u;
    double d, back;
    char buf[64];
    tamar_json_writer w;
    tamar_str text;
    tamar_json again;
    tamar_json_status is_int = tamar_json_get_int(v, &i), is_uint = tamar_json_get_uint(v, &u), is_double = tamar_json_get_double(v, &d);
    MUST(is_int == TAMAR_JSON_OK || is_int == TAMAR_JSON_OUT_OF_RANGE);
    MUST(is_uint == TAMAR_JSON_OK || is_uint == TAMAR_JSON_OUT_OF_RANGE);
    MUST(is_double == TAMAR_JSON_OK || is_double == TAMAR_JSON_OUT_OF_RANGE);
    if (is_int == TAMAR_JSON_OK && is_uint == TAMAR_JSON_OK) MUST(i >= 0 && (uint64_t)i == u);
    if (is_int == TAMAR_JSON_OK) {
        MUST((is_uint == TAMAR_JSON_OK) == (i >= 0));
        MUST(is_double == TAMAR_JSON_OK && d == (double)i);
        tamar_json_write_to(&w, buf, sizeof buf);
        tamar_json_write_int(&w, i);
        MUST(tamar_json_writer_end(&w, &text) && tamar_json_parse(text.ptr, text.len, &again, NULL));
        MUST(tamar_json_get_int(again, &i) == TAMAR_JSON_OK && d == (double)i);
    }
    if (is_double == TAMAR_JSON_OK) {
        tamar_json_write_to(&w, buf, sizeof buf);
        tamar_json_write_double(&w, d);
        MUST(tamar_json_writer_end(&w, &text) && tamar_json_parse(text.ptr, text.len, &again, NULL));
        MUST(tamar_json_get_double(again, &back) == TAMAR_JSON_OK);
        MUST(!memcmp(&d, &back, sizeof d));
    }
}

static void visit(tamar_json v, int depth)
{
    tamar_json_type type = tamar_json_type_of(v);
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, value, found, none = {NULL, 0};
    size_t n = 0, count = tamar_json_count(v), len;
    bool flag;
    int64_t i;
    double d;
    MUST(depth <= 64 && type != TAMAR_JSON_MISSING && v.len > 0);
    MUST((tamar_json_get_bool(v, &flag) == TAMAR_JSON_OK) == (type == TAMAR_JSON_BOOL));
    if (type != TAMAR_JSON_NUMBER) {
        MUST(tamar_json_get_int(v, &i) == TAMAR_JSON_WRONG_TYPE);
        MUST(tamar_json_get_double(v, &d) == TAMAR_JSON_WRONG_TYPE);
    }
    else visit_number(v);
    if (type == TAMAR_JSON_STRING) free(decoded(v, &len));
    else MUST(tamar_json_get_string(v, NULL, 0, &len) == TAMAR_JSON_WRONG_TYPE && !tamar_json_is(v, ""));
    while (tamar_json_next(&it, &key, &value)) {
        MUST(type == TAMAR_JSON_OBJECT || type == TAMAR_JSON_ARRAY);
        MUST(value.ptr > v.ptr && value.ptr + value.len < v.ptr + v.len);
        MUST((key.ptr != NULL) == (type == TAMAR_JSON_OBJECT));
        if (n < 32 && type == TAMAR_JSON_ARRAY) {
            char path[16];
            snprintf(path, sizeof path, "%u", (unsigned)n);
            MUST(same_value(tamar_json_index(v, n), value));
            MUST(same_value(tamar_json_at(v, path), value));
        }
        if (n < 32 && type == TAMAR_JSON_OBJECT) {
            char *name = decoded(key, &len);
            if (!memchr(name, 0, len)) {
                found = tamar_json_get(v, name);
                MUST(found.ptr >= value.ptr);  // the last of that name
                if (len && !strchr(name, '/')) MUST(same_value(tamar_json_at(v, name), found));
            }
            free(name);
        }
        n++;
        visit(value, depth + 1);
    }
    MUST(n == count);
    MUST(!tamar_json_next(&it, &key, &value));
    MUST(!tamar_json_index(v, n).ptr || type == TAMAR_JSON_OBJECT);
    if (type != TAMAR_JSON_OBJECT) MUST(!tamar_json_get(v, "a").ptr);
    MUST(!tamar_json_get(none, "a").ptr && !tamar_json_at(none, "a/0").ptr && tamar_json_count(none) == 0);
}

// -- writing ---------------------------------------------------------------------------------------

static void rewrite(tamar_json_writer *w, tamar_json v)
{
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, value;
    tamar_json_type type = tamar_json_type_of(v);
    size_t len;
    char *text;
    bool flag = false;
    switch (type) {
    case TAMAR_JSON_OBJECT: case TAMAR_JSON_ARRAY:
        if (type == TAMAR_JSON_OBJECT) tamar_json_write_object(w);
        else tamar_json_write_array(w);
        while (tamar_json_next(&it, &key, &value)) {
            if (type == TAMAR_JSON_OBJECT) {
                text = decoded(key, &len);
                tamar_json_write_key_n(w, text, len);
                free(text);
            }
            rewrite(w, value);
        }
        tamar_json_write_end(w);
        break;
    case TAMAR_JSON_STRING:
        text = decoded(v, &len);
        tamar_json_write_string(w, text, len);
        free(text);
        break;
    case TAMAR_JSON_BOOL:
        tamar_json_get_bool(v, &flag);
        tamar_json_write_bool(w, flag);
        break;
    case TAMAR_JSON_NULL: tamar_json_write_null(w); break;
    default: tamar_json_write_raw(w, v.ptr, v.len); break;
    }
}

static void rewritten(tamar_json root)
{
    tamar_json_writer one, two, small;
    tamar_str first, second;
    tamar_json again;
    size_t cap;
    char *buf;
    tamar_json_write_growing(&one, NULL, 0);
    rewrite(&one, root);
    MUST(tamar_json_writer_end(&one, &first));
    MUST(first.ptr[first.len] == 0 && is_utf8(first.ptr, first.len));
    MUST(tamar_json_parse(first.ptr, first.len, &again, NULL));
    MUST(again.ptr == first.ptr && again.len == first.len);
    tamar_json_write_growing(&two, NULL, 0);
    rewrite(&two, again);
    MUST(tamar_json_writer_end(&two, &second));
    MUST(first.len == second.len && !memcmp(first.ptr, second.ptr, first.len));
    for (cap = 0; cap <= first.len && cap < 4096; cap += cap < 16 ? 1 : 257) {  // too small: it says so, and stays inside
        buf = (char *)malloc(cap ? cap : 1);
        if (!buf) abort();
        tamar_json_write_to(&small, buf, cap);
        rewrite(&small, root);
        MUST(!tamar_json_writer_end(&small, &second));
        free(buf);
    }
    tamar_json_writer_free(&one);
    tamar_json_writer_free(&two);
}

static void raw(const char *text, size_t size, bool good, tamar_json root)
{
    tamar_json_writer w;
    tamar_str out;
    tamar_json again;
    tamar_json_write_growing(&w, NULL, 0);
    tamar_json_write_raw(&w, text, size);
    MUST(tamar_json_writer_end(&w, &out) == good);
    if (good) {
        MUST(out.len == root.len && !memcmp(out.ptr, root.ptr, root.len));
        MUST(tamar_json_parse(out.ptr, out.len, &again, NULL));
    }
    tamar_json_writer_free(&w);
    tamar_json_write_growing(&w, NULL, 0);
    tamar_json_write_array(&w);
    tamar_json_write_raw(&w, text, size);
    tamar_json_write_raw(&w, text, size);
    tamar_json_write_end(&w);
    if (tamar_json_writer_end(&w, &out)) {  // may also fail for its depth
        MUST(good && out.len == 2 * root.len + 3);
        MUST(tamar_json_parse(out.ptr, out.len, &again, NULL) && tamar_json_count(again) == 2);
    }
    tamar_json_writer_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *in = (char *)malloc(size ? size : 1);  // a block of its own: a byte too far is found
    tamar_json root, prefix;
    tamar_json_error error, other;
    tamar_json_reader r;
    uint32_t state = (uint32_t)size * 2654435761u;
    bool good;
    if (!in) return 0;
    if (size) memcpy(in, data, size);
    for (size_t i = 0; i < size && i < 64; i++) state = state * 31 + data[i];
    good = tamar_json_parse(in, size, &root, &error);
    if (!good) {
        MUST(error.message && *error.message && error.offset <= size);
        MUST(error.status == TAMAR_JSON_SYNTAX || error.status == TAMAR_JSON_TRUNCATED || error.status == TAMAR_JSON_TOO_DEEP);
        MUST(!root.ptr);
    }
    for (int pass = 0; pass < 4; pass++) {  // all of it, the root at once, some of it
        tamar_json_reader_begin(&r, in, size);
        if (pass == 1) tamar_json_read_value(&r);
        else walk(&r, pass ? &state : NULL, 0);
        MUST(tamar_json_reader_end(&r, &other) == good);
        if (!good) MUST(other.status == error.status && other.offset == error.offset);
    }
    compare(in, size, good, root);
    raw(in, size, good, root);
    if (good) {
        MUST(root.ptr >= in && root.ptr + root.len <= in + size);
        visit(root, 0);
        rewritten(root);
        if (tamar_json_type_of(root) != TAMAR_JSON_NUMBER)  // cut before its end, it is not whole
            for (size_t n = root.len; n-- > 0 && root.len - n < 32;) {
                char *cut = (char *)malloc(n ? n : 1);
                if (!cut) abort();
                memcpy(cut, root.ptr, n);
                MUST(!tamar_json_parse(cut, n, &prefix, &error) && error.status == TAMAR_JSON_TRUNCATED && error.offset <= n);
                free(cut);
            }
    }
    free(in);
    return 0;
}
