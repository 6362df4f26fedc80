// The ground floor: sums that may not wrap, the pool and the arena under random load with every byte watched, text buffers,
// UTF-8 against all of its code points, base64.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"

static uint32_t seed = 20260802;

static size_t below(size_t n) { return test_random(&seed) % n; }

static tamar__base_memory memory_of(test_memory *m)
{
    tamar__base_memory memory;
    memset(&memory, 0, sizeof memory);
    memory.allocator.resize = test_resize;
    memory.allocator.user_data = m;
    return memory;
}

static void test_base(void)
{
    TEST("sums and products") {
        size_t r;
        CHECK(tamar__base_add(1, 2, &r) && r == 3 && tamar__base_add(SIZE_MAX - 1, 1, &r) && r == SIZE_MAX && !tamar__base_add(SIZE_MAX, 1, &r));
        CHECK(tamar__base_mul(3, 4, &r) && r == 12 && tamar__base_mul(0, SIZE_MAX, &r) && r == 0 && tamar__base_mul(SIZE_MAX, 0, &r));
        CHECK(tamar__base_mul(SIZE_MAX, 1, &r) && r == SIZE_MAX && !tamar__base_mul(SIZE_MAX / 2 + 1, 2, &r) && !tamar__base_mul(2, SIZE_MAX, &r));
    }
    TEST("the first byte that is not 0") {
        for (int at = 0; at < 8; at++) {
            unsigned char bytes[8] = {0};
            uint64_t w;
            bytes[at] = 0x80;
            for (int after = at + 1; after < 8; after++) bytes[after] = (unsigned char)below(256);
            memcpy(&w, bytes, 8);
            CHECK(tamar__base_first(w) == (size_t)at);
        }
    }
    TEST("memory is counted") {
        test_memory m = {0, false, 0, 0, 0, 0, 0};
        tamar__base_memory memory = memory_of(&m);
        void *p = tamar__base_resize(&memory, NULL, 0, 100), *q;
        CHECK(p && memory.used == 100 && memory.peak == 100 && memory.calls == 1);
        q = tamar__base_resize(&memory, p, 100, 300);
        CHECK(q && memory.used == 300 && memory.peak == 300);
        q = tamar__base_resize(&memory, q, 300, 50);
        CHECK(q && memory.used == 50 && memory.peak == 300 && memory.calls == 3);
        m.fail_at = m.asked + 1;
        CHECK(!tamar__base_resize(&memory, q, 50, 5000) && memory.used == 50);
        CHECK(!tamar__base_resize(&memory, q, 50, 0) && memory.used == 0 && memory.calls == 4 && m.live == 0);
        CHECK(!tamar__base_resize(&memory, NULL, 0, 0));
    }
    TEST("wipe") {
        char secret[9] = "secret!!";
        tamar__base_wipe(secret, 8);
        for (int i = 0; i < 8; i++) CHECK(secret[i] == 0);
        tamar__base_wipe(NULL, 0);
    }
    TEST("the default allocator") {
        tamar_allocator mine, a = tamar__base_allocator(NULL);
        void *p = a.resize(a.user_data, NULL, 0, 10);
        CHECK(p);
        p = a.resize(a.user_data, p, 10, 20);
        CHECK(p && !a.resize(a.user_data, p, 20, 0));
        mine.resize = test_resize;
        mine.user_data = &seed;
        a = tamar__base_allocator(&mine);
        CHECK(a.resize == test_resize && a.user_data == &seed);
    }
}

// -- blocks under watch ----------------------------------------------------------------------------

enum { SLOTS = 64 };

typedef struct slot { unsigned char *ptr; size_t size; unsigned char mark; } slot;

static void paint(slot *s, size_t from) { if (s->size > from) memset(s->ptr + from, s->mark, s->size - from); }

static bool painted(const slot *s)
{
    for (size_t i = 0; i < s->size; i++)
        if (s->ptr[i] != s->mark) return false;
    return true;
}

static void test_pool(void)
{
    TEST("pool: random load, every byte watched") {
        for (int round = 0; round < 60; round++) {
            size_t size = 256 + below(16384), skew = below(16), most = 0;
            char *block = (char *)malloc(size + skew);
            tamar__arena_pool pool;
            slot slots[SLOTS];
            if (!block) abort();
            memset(slots, 0, sizeof slots);
            memset(block, 0xEE, size + skew);
            CHECK(tamar__arena_pool_init(&pool, block + skew, size));
            for (int step = 0; step < 3000; step++) {
                slot *s = &slots[below(SLOTS)];
                size_t want = below(4) ? below(120) : below(size / 2);
                unsigned char *p;
                CHECK(painted(s));
                if (!s->ptr && want == 0) continue;
                p = (unsigned char *)tamar__arena_pool_resize(&pool, s->ptr, s->size, want);
                if (want == 0) {
                    CHECK(!p);
                    s->ptr = NULL;
                    s->size = 0;
                    continue;
                }
                if (!p) continue;  // full: the old block is as it was
                CHECK((size_t)p % (2 * sizeof(void *)) == 0 && (char *)p >= block + skew && (char *)p + want <= block + skew + size);
                CHECK((char *)p + want <= pool.high);
                if (!s->ptr) s->mark = (unsigned char)below(256);
                if (s->size > want) s->size = want;
                s->ptr = p;
                CHECK(painted(s));  // what was there came along
                want += s->size;
                s->size = want - s->size;
                paint(s, want - s->size);
                if ((size_t)(pool.high - pool.begin) > most) most = (size_t)(pool.high - pool.begin);
            }
            CHECK((size_t)(pool.high - pool.begin) == most);
            for (char *b = pool.high + sizeof(tamar__arena_piece); b < pool.end; b++) CHECK((unsigned char)*b == 0xEE);
            for (int i = 0; i < SLOTS; i++) {
                CHECK(painted(&slots[i]));
                if (slots[i].ptr) tamar__arena_pool_resize(&pool, slots[i].ptr, slots[i].size, 0);
            }
            // Everything was joined again: one block of almost all of it can be had.
            void *all = tamar__arena_pool_resize(&pool, NULL, 0, (size_t)(pool.end - pool.begin) - sizeof(tamar__arena_piece));
            CHECK(all == pool.begin + sizeof(tamar__arena_piece));
            free(block);
        }
    }
    TEST("pool: too small, too much") {
        char block[512];
        tamar__arena_pool pool;
        size_t least = 0;
        CHECK(!tamar__arena_pool_init(&pool, NULL, 1000));
        for (size_t size = 0; size < sizeof block; size++)
            if (tamar__arena_pool_init(&pool, block, size)) {
                if (!least) least = size;
                void *p = tamar__arena_pool_resize(&pool, NULL, 0, 16);
                CHECK(p && (char *)p + 16 <= block + size);
                CHECK(!tamar__arena_pool_resize(&pool, NULL, 0, SIZE_MAX) && !tamar__arena_pool_resize(&pool, p, 16, SIZE_MAX - 8));
                CHECK(!tamar__arena_pool_resize(&pool, NULL, 0, size));
            }
        CHECK(least > 0 && least <= 128);
    }
}

static void test_arena(void)
{
    TEST("arena: random load, every byte watched") {
        for (int round = 0; round < 40; round++) {
            test_memory m = {0, false, 0, 0, 0, 0, 0};
            tamar__base_memory memory = memory_of(&m);
            tamar__arena a;
            slot blocks[SLOTS], pieces[SLOTS];
            memset(blocks, 0, sizeof blocks);
            memset(pieces, 0, sizeof pieces);
            tamar__arena_init(&a, &memory, 64 + below(500));
            for (int step = 0; step < 500; step++) {
                slot *s = &blocks[below(SLOTS)], *piece = &pieces[below(SLOTS)];
                size_t size = 1 + below(below(10) ? 300 : 5000);
                unsigned char *p;
                if (round % 2) m.fail_at = below(3) ? 0 : m.asked + 1;  // some requests fail
                CHECK(painted(s) && painted(piece));
                if (s->ptr && below(4) == 0) {
                    tamar__arena_drop(&a, s->ptr);
                    s->ptr = NULL;
                    s->size = 0;
                }
                else if ((p = (unsigned char *)tamar__arena_resize(&a, s->ptr, size)) != NULL) {
                    size_t kept = s->ptr && s->size < size ? s->size : s->ptr ? size : 0;
                    if (!s->ptr) s->mark = (unsigned char)below(256);
                    s->ptr = p;
                    s->size = kept;
                    CHECK((size_t)p % (2 * sizeof(void *)) == 0 && painted(s));
                    s->size = size;
                    paint(s, kept);
                }
                if (piece->ptr) continue;
                size = below(200);
                p = (unsigned char *)tamar__arena_get(&a, size);
                if (!p) continue;
                CHECK((size_t)p % (2 * sizeof(void *)) == 0);
                for (size_t i = 0; i < size; i++) CHECK(p[i] == 0);
                piece->ptr = p;
                piece->size = size;
                piece->mark = (unsigned char)below(256);
                paint(piece, 0);
            }
            CHECK(memory.used == m.live && memory.peak >= m.live && memory.peak <= m.peak + 8);
            for (int i = 0; i < SLOTS; i++) CHECK(painted(&blocks[i]) && painted(&pieces[i]));
            tamar__arena_free(&a);
            CHECK(memory.used == 0 && m.live == 0 && m.blocks == 0);
        }
    }
    TEST("arena: copies, sums that do not fit, an allocator of its own") {
        test_memory m = {0, false, 0, 0, 0, 0, 0};
        tamar__base_memory memory = memory_of(&m);
        tamar__arena a;
        tamar_allocator own;
        char *p;
        tamar__arena_init(&a, &memory, 64);
        p = tamar__arena_copy(&a, "abc", 2);
        CHECK(p && strcmp(p, "ab") == 0);
        p = tamar__arena_copy(&a, NULL, 0);
        CHECK(p && *p == 0);
        CHECK(!tamar__arena_get(&a, SIZE_MAX) && !tamar__arena_get(&a, SIZE_MAX - 40) && !tamar__arena_copy(&a, "", SIZE_MAX) && !tamar__arena_resize(&a, NULL, SIZE_MAX - 8));
        own = tamar__arena_allocator(&a);
        p = (char *)own.resize(own.user_data, NULL, 0, 10);
        p = (char *)own.resize(own.user_data, p, 10, 4000);
        CHECK(p && memory.used >= 4000 && !own.resize(own.user_data, p, 4000, 0) && memory.used < 1000);
        tamar__arena_free(&a);
        CHECK(m.live == 0);
    }
    TEST("arena: over a pool") {
        static char block[8192];
        tamar__arena_pool pool;
        tamar__base_memory memory;
        tamar__arena a;
        size_t n = 0;
        memset(&memory, 0, sizeof memory);
        CHECK(tamar__arena_pool_init(&pool, block, sizeof block));
        memory.allocator.resize = tamar__arena_pool_resize;
        memory.allocator.user_data = &pool;
        for (int round = 0; round < 50; round++) {
            tamar__arena_init(&a, &memory, 128);
            for (n = 0; tamar__arena_get(&a, 1 + below(100)); n++) {}
            CHECK(n > 30);
            tamar__arena_free(&a);
            CHECK(memory.used == 0);
        }
    }
}

// -- text ------------------------------------------------------------------------------------------

static void test_views(void)
{
    TEST("views") {
        tamar_str a = tamar__str_z("Content-Type: text");
        CHECK(tamar__str_is(a, "Content-Type: text") && !tamar__str_is(a, "Content-Type") && tamar__str_is(tamar__str_make(NULL, 0), ""));
        CHECK(tamar__str_starts(a, "Content") && tamar__str_starts(a, "") && !tamar__str_starts(a, "content") && !tamar__str_starts(tamar__str_z("Con"), "Cont"));
        CHECK(tamar__str_is_nocase(a, "content-type: TEXT") && !tamar__str_is_nocase(a, "content-type: tex") && !tamar__str_is_nocase(tamar__str_z("@"), "`"));
        CHECK(tamar__str_find(a, "Type", false) == 8 && tamar__str_find(a, "type", false) == a.len && tamar__str_find(a, "tYPE", true) == 8);
        CHECK(tamar__str_find(a, "", false) == 0 && tamar__str_find(tamar__str_z("a"), "ab", false) == 1 && tamar__str_find(a, "text", true) == 14);
        CHECK(tamar__str_is(tamar__str_trim(tamar__str_z(" \t\r\n a b \n")), "a b") && tamar__str_trim(tamar__str_z("   ")).len == 0);
        CHECK(tamar__str_z(NULL).len == 0 && tamar__str_equal(tamar__str_z("a"), tamar__str_z("a")) && !tamar__str_equal(tamar__str_z("a"), tamar__str_z("b")));
    }
    TEST("head never cuts a character") {
        tamar_str a = tamar__str_z("a\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x98\x80z");
        static const size_t want[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
        for (size_t n = 0; n < sizeof want / sizeof *want; n++) CHECK(tamar__str_head(a, n).len == want[n]);
    }
    TEST("digits") {
        uint64_t v = 7;
        CHECK(tamar__str_uint(tamar__str_z("0"), &v) && v == 0 && tamar__str_uint(tamar__str_z("0018446744073709551615"), &v) && v == UINT64_MAX);
        CHECK(!tamar__str_uint(tamar__str_z("18446744073709551616"), &v) && !tamar__str_uint(tamar__str_z(""), &v) && !tamar__str_uint(tamar__str_z("-1"), &v));
        CHECK(!tamar__str_uint(tamar__str_z("1 "), &v) && !tamar__str_uint(tamar__str_z("1a"), &v) && !tamar__str_uint(tamar__str_z("\xFF"), &v) && v == UINT64_MAX);
    }
}

static void test_buffer(void)
{
    TEST("buffer: appends, drops, maximum") {
        test_memory m = {0, false, 0, 0, 0, 0, 0};
        tamar__base_memory memory = memory_of(&m);
        tamar__arena a;
        tamar__arena_init(&a, &memory, 64);
        for (size_t max = 0; max < 300; max += 7) {
            tamar__str_buf b;
            char model[400];
            size_t n = 0;
            bool full = false;
            tamar__str_init(&b, &a, max);
            CHECK_STR(tamar__str_view(&b), "");
            for (int i = 0; i < 60; i++) {
                char piece[32];
                size_t len = below(sizeof piece);
                memset(piece, 'a' + i % 26, len);
                if (n + len > max) full = true;
                CHECK(tamar__str_put(&b, piece, len) == !full);
                if (!full) memcpy(model + n, piece, len), n += len;
                CHECK(b.len == n && b.full == full && b.over == full && b.cap <= max + 1 + (max == 0));
                if (n) CHECK(memcmp(b.ptr, model, n) == 0 && b.ptr[n] == 0);
                if (!full && n && below(5) == 0) {
                    size_t drop = below(n + 1);
                    tamar__str_consume(&b, drop);
                    memmove(model, model + drop, n - drop);
                    n -= drop;
                    CHECK(b.ptr[n] == 0);
                }
            }
            tamar__str_free(&b);
            CHECK(!b.ptr);
        }
        tamar__arena_free(&a);
        CHECK(m.live == 0);
    }
    TEST("buffer: each allocation failing") {
        for (long n = 1; n < 12; n++) {
            test_memory m = {n, false, 0, 0, 0, 0, 0};
            tamar__base_memory memory = memory_of(&m);
            tamar__arena a;
            tamar__str_buf b;
            size_t put = 0;
            tamar__arena_init(&a, &memory, 64);
            tamar__str_init(&b, &a, 1 << 20);
            while (put < 2000 && tamar__str_puts(&b, "hello ") && tamar__str_putc(&b, '#') && tamar__str_put_uint(&b, put)) put++;
            CHECK(b.full == (m.failed > 0) && !b.over && (put == 2000) == !b.full);
            if (b.full) CHECK(!tamar__str_putc(&b, 'x'));  // for good
            tamar__arena_free(&a);
            CHECK(m.live == 0 && m.blocks == 0);
        }
    }
    TEST("buffer: grows by doubling") {
        test_memory m = {0, false, 0, 0, 0, 0, 0};
        tamar__base_memory memory = memory_of(&m);
        tamar__arena a;
        tamar__str_buf b;
        tamar__arena_init(&a, &memory, 64);
        tamar__str_init(&b, &a, SIZE_MAX);
        for (int i = 0; i < 1000000; i++) tamar__str_putc(&b, 'x');
        CHECK(b.len == 1000000 && m.asked < 20);
        CHECK(!tamar__str_room(&b, SIZE_MAX - 5) && b.full);
        tamar__arena_free(&a);
    }
}

// -- UTF-8 -----------------------------------------------------------------------------------------

static void test_utf8(void)
{
    TEST("every code point, cut anywhere") {
        for (uint32_t cp = 0; cp < 0x110000; cp++) {
            char c[5];
            size_t n, part;
            if (cp >= 0xD800 && cp < 0xE000) continue;
            n = tamar__str_encode(cp, c);
            CHECK(n == (cp < 0x80 ? 1U : cp < 0x800 ? 2U : cp < 0x10000 ? 3U : 4U));
            CHECK(tamar__str_utf8(c, c + n, &part) == n);
            if (cp % 97 == 0 || cp < 0x900)
                for (size_t cut = 1; cut < n; cut++) CHECK(tamar__str_utf8(c, c + cut, &part) == 0 && part == cut);  // may still come
        }
    }
    TEST("all of two and three bytes") {
        // What a table of RFC 3629 section 4 says about each sequence of three.
        for (unsigned a = 0; a < 256; a++)
            for (unsigned b = 0; b < 256; b++)
                for (unsigned c = 0x70; c < 0xD0; c += 5) {
                    char s[3] = {(char)a, (char)b, (char)c};
                    size_t part, n = tamar__str_utf8(s, s + 3, &part), want = 0, parts = 1;
                    bool tail = b >= 0x80 && b <= 0xBF, more = c >= 0x80 && c <= 0xBF, second = false;
                    if (a < 0x80) want = 1;
                    else if (a >= 0xC2 && a <= 0xDF && tail) want = 2;
                    else if (a >= 0xE0 && a <= 0xEF) {
                        second = tail && !(a == 0xE0 && b < 0xA0) && !(a == 0xED && b > 0x9F);
                        if (second && more) want = 3;
                        else if (second) parts = 2;
                    }
                    else if (a >= 0xF0 && a <= 0xF4) {
                        second = tail && !(a == 0xF0 && b < 0x90) && !(a == 0xF4 && b > 0x8F);
                        if (second) parts = more ? 3 : 2;
                    }
                    CHECK(n == want);
                    if (!n) CHECK(part == parts);
                }
    }
    TEST("span stops in front of what is no text") {
        for (size_t before = 0; before < 20; before++)
            for (size_t after = 0; after < 12; after++) {
                char s[64];
                test_guarded g;
                memset(s, 'a', before);
                s[before] = '\xFF';
                memset(s + before + 1, 'b', after);
                g = test_guard(s, before + 1 + after);
                CHECK(tamar__str_utf8_span(g.ptr, g.ptr + g.len) == before && tamar__str_utf8_span(g.ptr, g.ptr + before) == before);
                test_unguard(g);
            }
    }
}

// -- base64 ----------------------------------------------------------------------------------------

static void test_base64(void)
{
    static const struct { const char *plain, *coded, *url; } known[] = {  // RFC 4648 section 10
        {"", "", ""}, {"f", "Zg==", "Zg"}, {"fo", "Zm8=", "Zm8"}, {"foo", "Zm9v", "Zm9v"}, {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"}, {"foobar", "Zm9vYmFy", "Zm9vYmFy"}, {"\xFB\xFF\xFE", "+//+", "-__-"}};
    static const char *const bad[] = {"Z", "Zg=x!", "Z!==", "Zm9vY", "\xFF\xFF"};
    test_memory m = {0, false, 0, 0, 0, 0, 0};
    tamar__base_memory memory = memory_of(&m);
    tamar__arena a;
    tamar__arena_init(&a, &memory, 256);
    TEST("base64: the RFC's vectors") {
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            for (int url = 0; url < 2; url++) {
                tamar__str_buf b, back;
                tamar__str_init(&b, &a, 100);
                tamar__str_init(&back, &a, 100);
                CHECK(tamar__str_base64(&b, known[i].plain, strlen(known[i].plain), url != 0));
                CHECK_STR(tamar__str_view(&b), url ? known[i].url : known[i].coded);
                CHECK(tamar__str_unbase64(&back, tamar__str_view(&b)));
                CHECK_STR(tamar__str_view(&back), known[i].plain);
            }
    }
    TEST("base64: there and back, with line breaks") {
        for (int round = 0; round < 500; round++) {
            unsigned char raw[200];
            char broken[400];
            size_t n = below(sizeof raw), k = 0;
            tamar__str_buf b, back;
            for (size_t i = 0; i < n; i++) raw[i] = (unsigned char)below(256);
            test_guarded g = test_guard(raw, n);
            tamar__str_init(&b, &a, 400);
            tamar__str_init(&back, &a, 400);
            CHECK(tamar__str_base64(&b, g.ptr, n, round % 2 != 0));
            for (size_t i = 0; i < b.len; i++) {
                broken[k++] = b.ptr[i];
                if (below(20) == 0) broken[k++] = " \r\n\t"[below(4)];
            }
            CHECK(tamar__str_unbase64(&back, tamar__str_make(broken, k)) && back.len == n && memcmp(back.ptr, raw, n) == 0);
            test_unguard(g);
            tamar__str_free(&b);
            tamar__str_free(&back);
        }
    }
    TEST("base64: what is none, what does not fit") {
        tamar__str_buf b;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            tamar__str_init(&b, &a, 100);
            CHECKF(!tamar__str_unbase64(&b, tamar__str_z(bad[i])), "%s", bad[i]);
            tamar__str_free(&b);
        }
        tamar__str_init(&b, &a, 7);
        CHECK(!tamar__str_base64(&b, "foobar", 6, false) && b.over);
    }
    tamar__arena_free(&a);
}

int main(void)
{
    test_base();
    test_pool();
    test_arena();
    test_views();
    test_buffer();
    test_utf8();
    test_base64();
    return test_done();
}
