// base_url taken apart, a path segment put together, and foreign text made fit for a log line.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"

// -- split -----------------------------------------------------------------------------------------

// want: "https host port path", host in brackets if it is an IPv6 address; or "! " and a piece of the message.
typedef struct url_case { const char *in, *want; } url_case;

static const url_case cases[] = {
    {"https://api.openai.com/v1", "https api.openai.com 443 /v1"},
    {"http://api.openai.com/v1", "http api.openai.com 80 /v1"},
    {"https://api.openai.com", "https api.openai.com 443 "},
    {"https://api.openai.com/", "https api.openai.com 443 /"},
    {"https://a.b/c/d?e=f&g=h/i:j@k", "https a.b 443 /c/d?e=f&g=h/i:j@k"},
    {"https://a.b?e=f", "https a.b 443 ?e=f"},
    {"https://a.b/%7Ec/[d]", "https a.b 443 /%7Ec/[d]"},
    // the host is normalised once
    {"HTTPS://API.OpenAI.Com/V1", "https api.openai.com 443 /V1"},
    {"hTTp://A", "http a 80 "},
    {"https://a.b./c", "https a.b 443 /c"},
    {"https://a.b.:8080/c", "https a.b 8080 /c"},
    {"https://xn--bcher-kva.example/", "https xn--bcher-kva.example 443 /"},
    {"https://a_b-c.d1/", "https a_b-c.d1 443 /"},
    {"http://localhost:11434/v1", "http localhost 11434 /v1"},
    {"http://127.0.0.1:8080", "http 127.0.0.1 8080 "},
    // ports
    {"https://a:1/", "https a 1 /"},
    {"https://a:65535/", "https a 65535 /"},
    {"https://a:0443/", "https a 443 /"},
    {"https://a:/b", "https a 443 /b"},
    {"https://a:", "https a 443 "},
    {"https://a:80?b", "https a 80 ?b"},
    {"https://a:0/", "! port"},
    {"https://a:65536/", "! port"},
    {"https://a:-1/", "! port"},
    {"https://a:+1/", "! port"},
    {"https://a:8 0/", "! space"},
    {"https://a:80x/", "! port"},
    {"https://a:0x50/", "! port"},
    {"https://a:4294967739/", "! port"},
    {"https://a:18446744073709552059/", "! port"},
    {"https://a:b/", "! port"},
    {"https://a:1:2/", "! port"},
    // IPv6
    {"http://[::1]:8080/v1", "http [::1] 8080 /v1"},
    {"https://[2001:DB8::A]", "https [2001:db8::a] 443 "},
    {"https://[2001:db8::a]?b", "https [2001:db8::a] 443 ?b"},
    {"https://[::ffff:127.0.0.1]/", "https [::ffff:127.0.0.1] 443 /"},
    {"http://[fe80::1%25eth0]/", "http [fe80::1%25eth0] 80 /"},
    {"http://[fe80::1%wlan-0_z~]:1/", "http [fe80::1%wlan-0_z~] 1 /"},
    {"http://[fe80::1z]/", "! IPv6"},
    {"http://[fe80::-]/", "! IPv6"},
    {"http://[fe80::g%1]/", "! IPv6"},
    {"http://[fe80::_%1]/", "! IPv6"},
    {"http://[fe80::~%1]/", "! IPv6"},
    {"http://[fe80::1%a{]/", "! IPv6"},
    {"http://[fe80::1%a`]/", "! IPv6"},
    {"https://[::1", "! bracket"},
    {"https://[]/", "! bracket"},
    {"https://[::1]x/", "! path"},
    {"https://[::1]8080", "! path"},
    {"https://[::1]:x/", "! port"},
    {"https://[a/b]/", "! "},
    {"https://[x@y]/", "! "},
    {"https://[evil.example?]/", "! "},
    {"https://[[::1]]/", "! "},
    {"https://::1/", "! "},
    // what has no place here
    {"", "! begin"},
    {"h", "! begin"},
    {"http:", "! begin"},
    {"http:/a", "! begin"},
    {"https:///v1", "! host"},
    {"https://", "! host"},
    {"https://?a", "! host"},
    {"https://:443/", "! host"},
    {"ftp://a/", "! begin"},
    {"file:///etc/passwd", "! begin"},
    {"wss://a/", "! begin"},
    {"api.openai.com/v1", "! begin"},
    {"localhost:8080", "! begin"},
    {"//a/b", "! begin"},
    {" https://a/", "! space"},
    {"https://a/ ", "! space"},
    {"https://a/b c", "! space"},
    {"https://a/\r\nX: y", "! space"},
    {"https://a\t/", "! space"},
    {"https://a/\x7f", "! space"},
    {"https://b\xC3\xBC" "cher.example/", "! ASCII"},
    {"https://a/\xC3\xBC", "! ASCII"},
    {"https://user@a/", "! user name"},
    {"https://user:word@a/", "! user name"},
    {"https://user:123@a/", "! user name"},
    {"https://user:@a/", "! user name"},
    {"https://@a/", "! user name"},
    {"https://a:443@b/", "! user name"},
    {"https://a/#b", "! fragment"},
    {"https://a/b?c#", "! fragment"},
    {"https://a#b", "! "},
    {"https://a:80#b", "! "},
    {"https://a\\@b/", "! host"},
    {"https://a\\b/", "! host"},
    {"https://a%2eb/", "! host"},
    {"https://a,b/", "! host"},
    {"https://a..b/", "! empty label"},
    {"https://.a/", "! empty label"},
    {"https://./", "! empty label"},
    {"https://a../", "! empty label"},
    {"https://a*b/", "! host"},
    {"https://$(a)/", "! host"},
};

static const char *split(const char *in, size_t len, char *out, size_t cap)
{
    tamar__url url;
    test_guarded g = test_guard(in, len);
    const char *fault = tamar__url_split(tamar__str_make(g.ptr, len), &url);
    if (fault) snprintf(out, cap, "! %s", fault);
    else {
        CHECK(strlen(url.host) < sizeof url.host && url.path.ptr + url.path.len == g.ptr + len);
        snprintf(out, cap, "%s %s%s%s %u %.*s", url.https ? "https" : "http", url.numeric6 ? "[" : "", url.host,
                 url.numeric6 ? "]" : "", url.port, (int)url.path.len, url.path.ptr);
    }
    test_unguard(g);
    return out;
}

static void test_split(void)
{
    char got[1024];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) TEST(cases[i].in) {
        const char *want = cases[i].want;
        split(cases[i].in, strlen(cases[i].in), got, sizeof got);
        if (*want == '!') CHECKF(*got == '!' && strstr(got, want + 2), "got %s, want %s", got, want);
        else CHECKF(!strcmp(got, want), "got %s, want %s", got, want);
    }
    TEST("every byte in the host") {
        for (int c = 0; c < 256; c++) {
            char in[] = "https://a?b/c";
            bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
            if (c == '/' || c == '?') continue;  // end the host
            in[9] = (char)c;
            split(in, sizeof in - 1, got, sizeof got);
            CHECKF((*got != '!') == good, "byte %02x: %s", c, got);
        }
    }
    TEST("a NUL is a control byte") {
        CHECK(strstr(split("https://a\0.evil/", 16, got, sizeof got), "control"));
        CHECK(strstr(split("https://a/\0", 11, got, sizeof got), "control"));
    }
    TEST("host of 255 bytes, and of 256") {
        for (int brackets = 0; brackets < 2; brackets++)
            for (int n = 250; n < 300; n++) {
                char in[400];
                tamar__url url;
                int at = snprintf(in, sizeof in, "https://%s", brackets ? "[" : "");
                memset(in + at, brackets ? ':' : 'a', (size_t)n);
                snprintf(in + at + n, sizeof in - (size_t)(at + n), "%s/v1", brackets ? "]" : "");
                const char *fault = tamar__url_split(tamar__str_z(in), &url);
                CHECKF((fault == NULL) == (n <= 255), "%d: %s", n, fault ? fault : "");
                CHECKF(fault || strlen(url.host) == (size_t)n, "%d", n);
            }
    }
    TEST("every beginning of every URL") {  // a byte too far traps
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
            for (size_t n = 0; n < strlen(cases[i].in); n++) split(cases[i].in, n, got, sizeof got);
    }
    TEST("no URL at all") {
        tamar__url url;
        CHECK(tamar__url_split(tamar__str_make(NULL, 0), &url));
    }
}

// -- text for a log line ---------------------------------------------------------------------------

typedef struct buffer { tamar__base_memory memory; tamar__arena arena; tamar__str_buf buf; } buffer;

static void begin(buffer *b, test_memory *mem, size_t max)
{
    memset(b, 0, sizeof *b);
    b->memory.allocator.resize = test_resize;
    b->memory.allocator.user_data = mem;
    tamar__arena_init(&b->arena, &b->memory, 256);
    tamar__str_init(&b->buf, &b->arena, max);
}

static void test_segment(void)
{
    test_memory mem = {0, false, 0, 0, 0, 0, 0};
    buffer b;
    TEST("a path segment") {
        begin(&b, &mem, 4096);
        tamar__url_segment(&b.buf, tamar__str_z("gpt-4.1_mini~x"));
        CHECK_STR(tamar__str_view(&b.buf), "gpt-4.1_mini~x");
        b.buf.len = 0;
        tamar__url_segment(&b.buf, tamar__str_z("a/b c?d#e%f:g@h\r\n\xC3\xA9"));
        CHECK_STR(tamar__str_view(&b.buf), "a%2Fb%20c%3Fd%23e%25f%3Ag%40h%0D%0A%C3%A9");
        b.buf.len = 0;
        tamar__url_segment(&b.buf, tamar__str_make("a\0b", 3));
        CHECK_STR(tamar__str_view(&b.buf), "a%00b");
        tamar__arena_free(&b.arena);
    }
    TEST("every byte in a segment") {
        for (int c = 0; c < 256; c++) {
            char in = (char)c, want[4];
            bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("-._~", c));
            begin(&b, &mem, 4096);
            tamar__url_segment(&b.buf, tamar__str_make(&in, 1));
            if (plain) snprintf(want, sizeof want, "%c", c);
            else snprintf(want, sizeof want, "%%%02X", (unsigned)c);
            CHECK_STR(tamar__str_view(&b.buf), want);
            tamar__arena_free(&b.arena);
        }
        CHECK(mem.live == 0);
    }
}

static const char *clean(const char *in, size_t len, size_t max, const char *secret)
{
    static char out[8192];
    test_memory mem = {0, false, 0, 0, 0, 0, 0};
    buffer b;
    test_guarded g = test_guard(in, len);
    begin(&b, &mem, sizeof out - 1);
    tamar__log_clean(&b.buf, tamar__str_make(g.ptr, len), max, tamar__str_z(secret));
    CHECK(!b.buf.full);
    snprintf(out, sizeof out, "%.*s", (int)b.buf.len, b.buf.ptr ? b.buf.ptr : "");
    tamar__arena_free(&b.arena);
    test_unguard(g);
    return out;
}

#define CLEAN(in, max, secret, want)                                                                \
    do {                                                                                            \
        const char *got_ = clean(in, sizeof(in) - 1, max, secret);                                  \
        CHECKF(!strcmp(got_, want), "got \"%s\"", got_);                                            \
    } while (0)

static void test_clean(void)
{
    static const char key[] = "sk-canary-0123456789abcdef";
    TEST("plain text stays") {
        CLEAN("", 100, "", "");
        CLEAN("Incorrect API key.", 100, "", "Incorrect API key.");
        CLEAN("a\n\tb", 100, "", "a\n\tb");
        CLEAN("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 100, "", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    }
    TEST("control bytes become spaces") {
        CLEAN("a\0b\rc\x1b[31md\x7f\b", 100, "", "a b c [31md  ");
        for (int c = 0; c < 0x20; c++) {
            char in[] = "a?b", want[] = "a b";
            in[1] = (char)c;
            if (c == '\n' || c == '\t') want[1] = (char)c;
            CLEAN(in, 100, "", want);
        }
    }
    TEST("C1 control characters drive a terminal too") {
        for (int c = 0x80; c < 0xA0; c++) {
            char in[] = "a\xC2?31mb";
            in[2] = (char)c;
            const char *got = clean(in, sizeof in - 1, 100, "");
            CHECKF(!strstr(got, "\xC2"), "U+%04X is left", (unsigned)c);
            if (test_bad) break;
        }
        CLEAN("a\xC2\xA0" "b", 100, "", "a\xC2\xA0" "b");
    }
    TEST("bytes that are not UTF-8") {
        CLEAN("a\xFF" "b\xC3(\xE2\x82", 100, "", "a\xEF\xBF\xBD" "b\xEF\xBF\xBD(\xEF\xBF\xBD");
        CLEAN("\xC0\x80\xED\xA0\x80", 100, "", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    }
    TEST("the secret is taken out wherever it stands") {
        CLEAN("sk-canary-0123456789abcdef", 100, key, "***");
        CLEAN("Incorrect API key provided: sk-canary-0123456789abcdef.", 100, key, "Incorrect API key provided: ***.");
        CLEAN("sk-canary-0123456789abcdefsk-canary-0123456789abcdef", 100, key, "******");
        CLEAN("ssk-canary-0123456789abcdef", 100, key, "s***");
        CLEAN("\xFF" "sk-canary-0123456789abcdef\x01", 100, key, "\xEF\xBF\xBD*** ");
        CLEAN("\xE2\x82" "sk-canary-0123456789abcdef", 100, key, "\xEF\xBF\xBD***");
        CLEAN("sk-canary-0123456789abcde", 100, key, "sk-canary-0123456789abcde");  // it is not the secret
        CLEAN("a b c", 100, "b", "a b c");  // too short to be one
        CLEAN("a bcde f", 100, "bcde", "a *** f");
    }
    TEST("text is cut on a character's border") {
        CLEAN("abcdef", 3, "", "abc...");
        CLEAN("abcdef", 6, "", "abcdef");
        CLEAN("abcdef", 0, "", "...");
        CLEAN("a\xE2\x82\xAC" "b", 3, "", "a...");
        CLEAN("a\xE2\x82\xAC" "b", 4, "", "a\xE2\x82\xAC...");
        CLEAN("\x80\x80\x80\x80", 2, "", "...");
    }
    TEST("a secret on the border of the cut") {
        static const char in[] = "key: sk-canary-0123456789abcdef is wrong";
        for (size_t max = 0; max < sizeof in; max++) {
            const char *got = clean(in, sizeof in - 1, max, key);
            CHECKF(!strstr(got, "sk-c"), "cut at %zu: %s", max, got);
            if (test_bad) break;
        }
    }
    TEST("the canary never gets through") {
        uint32_t seed = 7;
        for (int round = 0; round < 20000; round++) {
            char in[128];
            size_t n = test_random(&seed) % 60, at = test_random(&seed) % (n + 1), k = sizeof key - 1;
            for (size_t i = 0; i < n; i++) in[i] = (char)(test_random(&seed) % 256);
            memmove(in + at + k, in + at, n - at);
            memcpy(in + at, key, k);
            const char *got = clean(in, n + k, test_random(&seed) % 128, key);
            const char *end = got + strlen(got), *p = got;
            CHECKF(!strstr(got, "sk-ca"), "%s", got);
            if (test_bad) break;
            for (size_t part; p < end; p += tamar__str_utf8(p, end, &part)) {
                CHECK(tamar__str_utf8(p, end, &part) > 0);
                if (!tamar__str_utf8(p, end, &part)) break;
                CHECK((unsigned char)*p >= 0x20 || *p == '\n' || *p == '\t');
            }
        }
    }
    TEST("memory fails") {
        for (long n = 1; n < 4; n++) {
            test_memory mem = {n, true, 0, 0, 0, 0, 0};
            buffer b;
            begin(&b, &mem, 4096);
            for (int i = 0; i < 100; i++) tamar__log_clean(&b.buf, tamar__str_z("some text that goes on\x01\xFF"), 100, tamar__str_z(key));
            CHECK(b.buf.full && !b.buf.over);
            tamar__arena_free(&b.arena);
            CHECK(mem.live == 0 && mem.blocks == 0);
        }
    }
    TEST("a buffer's maximum") {
        test_memory mem = {0, false, 0, 0, 0, 0, 0};
        buffer b;
        begin(&b, &mem, 10);
        tamar__log_clean(&b.buf, tamar__str_z("more than ten bytes of text"), 100, tamar__str_z(key));
        CHECK(b.buf.full && b.buf.over && b.buf.len <= 10);
        tamar__arena_free(&b.arena);
    }
}

// -- records ---------------------------------------------------------------------------------------

typedef struct seen { int count; tamar_log_record last; } seen;

static void see(void *user_data, const tamar_log_record *record)
{
    seen *s = (seen *)user_data;
    s->count++;
    s->last = *record;
}

static void test_records(void)
{
    TEST("a record says all that it was told") {
        seen s = {0, {(tamar_log_level)0, NULL, NULL, {0}, NULL, 0, {NULL, 0}}};
        tamar_log log = {see, TAMAR_LOG_DEBUG, NULL};
        tamar_call call = {7};
        tamar_error error;
        memset(&error, 0, sizeof error);
        log.user_data = &s;
        tamar__log_write(&log, TAMAR__LOG_CALL_RETRY, call, &error, 250, tamar__str_z("text"));
        CHECK(s.count == 1 && s.last.level == TAMAR_LOG_INFO && !strcmp(s.last.item, "call_retry") && *s.last.message);
        CHECK(s.last.call.id == 7 && s.last.error == &error && s.last.number == 250 && tamar__str_is(s.last.text, "text"));
    }
    TEST("levels, and no one who listens") {
        seen s = {0, {(tamar_log_level)0, NULL, NULL, {0}, NULL, 0, {NULL, 0}}};
        tamar_call none = {0};
        for (int level = 0; level <= TAMAR_LOG_DEBUG; level++)
            for (int item = 0; item < TAMAR__LOG_COUNT; item++) {
                tamar_log log = {see, (tamar_log_level)level, NULL};
                log.user_data = &s;
                s.count = 0;
                tamar__log_write(&log, (tamar__log_item)item, none, NULL, 0, tamar__str_z(""));
                CHECK(s.count <= 1);
                if (level == TAMAR_LOG_DEBUG) CHECK(s.count == 1);
                if (s.count) CHECK((int)s.last.level <= level && s.last.item && s.last.message);
                if (item == TAMAR__LOG_CALL_FAILED) CHECK(s.count == (level >= TAMAR_LOG_WARNING));
                if (item == TAMAR__LOG_CONNECTION_OPENED) CHECK(s.count == (level >= TAMAR_LOG_DEBUG));
                log.write = NULL;
                tamar__log_write(&log, (tamar__log_item)item, none, NULL, 0, tamar__str_z(""));
            }
    }
}

int main(void)
{
    test_split();
    test_segment();
    test_clean();
    test_records();
    return test_done();
}
