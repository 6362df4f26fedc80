// What the benchmark's programs share: clocks, the documents, the request. Each of them includes this file; it is not
// compiled by itself. All documents come from a seed, so every program sees the same bytes.
#ifndef BENCH_DATA_C
#define BENCH_DATA_C
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BENCH_UNUSED __attribute__((unused)) static

BENCH_UNUSED bool bench_checking;  // set by BENCH_CHECK in the environment

// -- clocks and the process ------------------------------------------------------------------------

BENCH_UNUSED uint64_t bench_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

BENCH_UNUSED uint64_t bench_wall(void) { return bench_clock(CLOCK_MONOTONIC); }
BENCH_UNUSED uint64_t bench_cpu(void) { return bench_clock(CLOCK_PROCESS_CPUTIME_ID); }

// A line of /proc/self/status in KB: VmHWM is the peak of resident memory, VmRSS what is resident now. Without stdio,
// whose own pages would be counted.
BENCH_UNUSED long bench_status_kb(const char *name)
{
    char text[4096], *line;
    size_t n = strlen(name);
    int f = open("/proc/self/status", O_RDONLY);
    ssize_t len = f < 0 ? -1 : read(f, text, sizeof text - 1);
    if (f >= 0) close(f);
    if (len < 0) return -1;
    text[len] = 0;
    for (line = text; line; line = strchr(line, '\n'), line += line != NULL)
        if (!strncmp(line, name, n) && line[n] == ':') return strtol(line + n + 1, NULL, 10);
    return -1;
}

// BENCH_CORE names the core to stay on. Also makes room for a thousand sockets.
BENCH_UNUSED void bench_start(void)
{
    const char *core = getenv("BENCH_CORE");
    struct rlimit files;
    bench_checking = getenv("BENCH_CHECK") != NULL;
    if (core && *core) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)atoi(core), &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 8192) {
        files.rlim_cur = files.rlim_max < 8192 ? files.rlim_max : 8192;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

BENCH_UNUSED void bench_die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

// A count given on the command line, at least 1.
BENCH_UNUSED long bench_count(const char *text)
{
    long n = text ? strtol(text, NULL, 10) : 0;
    return n < 1 ? 1 : n;
}

BENCH_UNUSED int bench_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Calls for memory by the including file itself, when linked with --wrap; 0 otherwise.
BENCH_UNUSED uint64_t bench_allocations;

#ifdef BENCH_WRAP
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void *__wrap_malloc(size_t n) { return bench_allocations++, __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t m) { return bench_allocations++, __real_calloc(n, m); }
void *__wrap_realloc(void *p, size_t n) { return bench_allocations++, __real_realloc(p, n); }
#endif

// -- text ------------------------------------------------------------------------------------------

BENCH_UNUSED uint32_t bench_random(uint32_t *state)  // xorshift32
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

// What was delivered, so that two clients can be seen to have read the same text. Always the bytes; with BENCH_CHECK in
// the environment a hash too, which is left out when time is taken: it costs more than a good parser.
typedef struct bench_seen {
    uint64_t bytes, hash;
} bench_seen;

BENCH_UNUSED void bench_see(bench_seen *s, const char *text, size_t len)
{
    s->bytes += len;
    if (!bench_checking) return;
    while (len--) s->hash = (s->hash ^ (unsigned char)*text++) * UINT64_C(0x100000001b3);
}

BENCH_UNUSED void bench_print_seen(const bench_seen *s)
{
    printf("text_bytes %llu\n", (unsigned long long)s->bytes);
    printf("text_hash %08lx\n", (unsigned long)(s->hash & 0xffffffffu));
}

// One token as JSON text without quotes. About one in forty needs an escape or is not ASCII.
BENCH_UNUSED const char *bench_token(uint32_t *seed)
{
    static const char *const words[] = {" the", " river", " of", " a", " quiet", " morning", ",", " and", " in",
        " light", ".", " it", " was", " because", " understanding", " small", " to", " be", " over", " window",
        " table", " forty", " question", " answer", " s", "ing", "ed", " with", " that", " between", " although", " I"};
    static const char *const rare[] = {"\\n", "\\n\\n", " \\\"", "\xc3\xa9", " \xe2\x80\x94", "\xe6\xb0\xb4"};
    uint32_t r = bench_random(seed) >> 8;
    return r % 40 == 0 ? rare[r / 40 % 6] : words[r % 32];
}

#define BENCH_CHUNK_HEAD \
    "{\"id\":\"chatcmpl-C9xQ2mVb\",\"object\":\"chat.completion.chunk\",\"created\":1764547200,\"model\":\"gpt-6-sol\"," \
    "\"choices\":[{\"index\":0,\"delta\":{"

// The data of one event of a stream: about 174 bytes. padded: OpenAI's field of random length.
BENCH_UNUSED size_t bench_chunk(char *out, size_t cap, uint32_t *seed, bool padded)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789aB";
    int n = snprintf(out, cap, BENCH_CHUNK_HEAD "\"content\":\"%s\"},\"finish_reason\":null}]", bench_token(seed));
    if (padded) {
        uint32_t len = 1 + bench_random(seed) % 204;
        n += snprintf(out + n, cap - (size_t)n, ",\"obfuscation\":\"");
        while (len--) out[n++] = letters[bench_random(seed) >> 16 & 63];
        out[n++] = '"';
    }
    out[n++] = '}';
    out[n] = 0;
    return (size_t)n;
}

// A whole answer, about 1 KB.
BENCH_UNUSED size_t bench_completion(char *out, size_t cap, uint32_t seed)
{
    int n = snprintf(out, cap,
        "{\"id\":\"chatcmpl-C9xQ2mVb\",\"object\":\"chat.completion\",\"created\":1764547200,"
        "\"model\":\"gpt-6-sol\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"");
    while (n < 660) n += snprintf(out + n, cap - (size_t)n, "%s", bench_token(&seed));
    n += snprintf(out + n, cap - (size_t)n,
        "\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
        "\"usage\":{\"prompt_tokens\":41,\"completion_tokens\":127,\"total_tokens\":168,"
        "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
        "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
        "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}},"
        "\"service_tier\":\"default\",\"system_fingerprint\":\"fp_44709d6fcb\"}");
    return (size_t)n;
}

// The question every client asks, and twenty messages of an assistant that writes code: 4 KB, with quotes and line ends.
#define BENCH_MODEL "gpt-6-sol"
#define BENCH_SYSTEM "You are a careful assistant. Answer in plain words."
#define BENCH_PROMPT "Tell me about the river that runs behind the house, and say \"please\" once."

enum { BENCH_MESSAGES = 20 };
BENCH_UNUSED char *bench_message(int index)
{
    char *text = (char *)malloc(512);
    uint32_t seed = 77 + (uint32_t)index;
    size_t n = 0;
    if (!text) bench_die("out of memory");
    while (n < 195) {
        const char *t = bench_token(&seed);
        uint32_t r = bench_random(&seed) >> 8;
        if (t[0] == '\\') t = t[1] == 'n' ? "\n" : "\"";
        if (r % 12 == 0) n += (size_t)sprintf(text + n, "\n    printf(\"%u\\n\");", r % 100);
        n += (size_t)sprintf(text + n, "%s", t);
    }
    text[n] = 0;
    return text;
}

// -- a document ------------------------------------------------------------------------------------

typedef struct bench_doc {
    char *ptr;
    size_t len, cap;
    int depth;
    bool comma;
} bench_doc;

__attribute__((format(printf, 2, 3))) BENCH_UNUSED void bench_put(bench_doc *d, const char *format, ...)
{
    va_list args;
    if (d->cap - d->len < 4096) {
        d->cap = d->cap * 2 + 8192;
        d->ptr = (char *)realloc(d->ptr, d->cap);
        if (!d->ptr) bench_die("out of memory");
    }
    va_start(args, format);
    d->len += (size_t)vsnprintf(d->ptr + d->len, d->cap - d->len, format, args);
    va_end(args);
}

// A new line in the document, with a name in objects.
BENCH_UNUSED void bench_item(bench_doc *d, const char *name)
{
    bench_put(d, d->comma ? ",\n%*s" : "\n%*s", d->depth * 2, "");
    if (name) bench_put(d, "\"%s\": ", name);
    d->comma = true;
}

BENCH_UNUSED void bench_open(bench_doc *d, const char *name, char bracket)
{
    bench_item(d, name);
    bench_put(d, "%c", bracket);
    d->depth++;
    d->comma = false;
}

BENCH_UNUSED void bench_close(bench_doc *d, char bracket)
{
    d->depth--;
    bench_put(d, d->comma ? "\n%*s%c" : "%*s%c", d->comma ? d->depth * 2 : 0, "", bracket);
    d->comma = true;
}

BENCH_UNUSED void bench_text(bench_doc *d, const char *name, uint32_t *seed, int words, bool foreign)
{
    static const char *const far[] = {"\xe5\xbd\xbc", "\xe3\x81\xaf", "\xe5\xb7\x9d", "\xe3\x81\xab",
        "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "\xe3\x80\x82", "\xe6\x9c\x9d\xe3\x81\xae", "\xe5\x85\x89"};
    bench_item(d, name);
    bench_put(d, "\"");
    while (words--) bench_put(d, "%s", foreign ? far[bench_random(seed) >> 16 & 7] : bench_token(seed));
    bench_put(d, "\"");
}

BENCH_UNUSED void bench_user(bench_doc *d, uint32_t *seed)
{
    static const char *const flags[] = {"protected", "geo_enabled", "verified", "contributors_enabled", "is_translator",
        "is_translation_enabled", "profile_background_tile", "profile_use_background_image", "default_profile",
        "default_profile_image", "following", "follow_request_sent"};
    static const char *const counts[] = {"followers_count", "friends_count", "listed_count", "favourites_count",
        "statuses_count", "utc_offset"};
    static const char *const colours[] = {"profile_background_color", "profile_link_color", "profile_sidebar_border_color",
        "profile_sidebar_fill_color", "profile_text_color"};
    static const char *const links[] = {"profile_background_image_url", "profile_background_image_url_https",
        "profile_image_url", "profile_image_url_https", "profile_banner_url"};
    uint32_t id = bench_random(seed);
    size_t i;
    bench_open(d, "user", '{');
    bench_item(d, "id"), bench_put(d, "%u", id);
    bench_item(d, "id_str"), bench_put(d, "\"%u\"", id);
    bench_text(d, "name", seed, 3, true);
    bench_item(d, "screen_name"), bench_put(d, "\"user_%u\"", id % 100000);
    bench_text(d, "location", seed, 1, true);
    bench_text(d, "description", seed, 22, true);
    bench_item(d, "url"), bench_put(d, id & 1 ? "null" : "\"http:\\/\\/t.co\\/%x\"", id);
    for (i = 0; i < 6; i++) bench_item(d, counts[i]), bench_put(d, "%u", bench_random(seed) % 40000);
    bench_item(d, "created_at"), bench_put(d, "\"Sun Aug 31 00:%02u:%02u +0000 2014\"", id % 60, id / 60 % 60);
    for (i = 0; i < 12; i++) bench_item(d, flags[i]), bench_put(d, bench_random(seed) >> 30 ? "false" : "true");
    for (i = 0; i < 5; i++) bench_item(d, colours[i]), bench_put(d, "\"%06X\"", bench_random(seed) & 0xffffff);
    for (i = 0; i < 5; i++) {
        bench_item(d, links[i]);
        bench_put(d, "\"https:\\/\\/pbs.twimg.example\\/images\\/%u\\/%08x_normal.jpeg\"", id, bench_random(seed));
    }
    bench_open(d, "entities", '{');
    bench_open(d, "description", '{');
    bench_open(d, "urls", '['), bench_close(d, ']');
    bench_close(d, '}');
    bench_close(d, '}');
    bench_close(d, '}');
}

BENCH_UNUSED void bench_status(bench_doc *d, uint32_t *seed, int nested)
{
    static const char *const nothing[] = {"in_reply_to_status_id", "in_reply_to_user_id", "in_reply_to_screen_name",
        "geo", "coordinates", "place"};
    unsigned long long id = 505874000000000000ull + bench_random(seed);
    uint32_t i, n;
    bench_open(d, NULL, '{');
    bench_open(d, "metadata", '{');
    bench_item(d, "result_type"), bench_put(d, "\"recent\"");
    bench_item(d, "iso_language_code"), bench_put(d, "\"ja\"");
    bench_close(d, '}');
    bench_item(d, "id"), bench_put(d, "%llu", id);
    bench_item(d, "id_str"), bench_put(d, "\"%llu\"", id);
    bench_text(d, "text", seed, 30, true);
    bench_item(d, "source");
    bench_put(d, "\"<a href=\\\"http:\\/\\/twitter.example\\/download\\\" rel=\\\"nofollow\\\">Twitter<\\/a>\"");
    bench_item(d, "truncated"), bench_put(d, "false");
    for (i = 0; i < 6; i++) bench_item(d, nothing[i]), bench_put(d, "null");
    bench_user(d, seed);
    bench_item(d, "retweet_count"), bench_put(d, "%u", bench_random(seed) % 900);
    bench_item(d, "score"), bench_put(d, "%u.%06u", bench_random(seed) % 100, bench_random(seed) % 1000000);
    bench_open(d, "entities", '{');
    bench_open(d, "hashtags", '['), bench_close(d, ']');
    bench_open(d, "urls", '[');
    for (i = 0, n = bench_random(seed) % 3; i < n; i++) {
        bench_open(d, NULL, '{');
        bench_item(d, "url"), bench_put(d, "\"http:\\/\\/t.co\\/%08x\"", bench_random(seed));
        bench_text(d, "display_url", seed, 4, false);
        bench_open(d, "indices", '[');
        bench_item(d, NULL), bench_put(d, "%u", bench_random(seed) % 70);
        bench_item(d, NULL), bench_put(d, "%u", 70 + bench_random(seed) % 70);
        bench_close(d, ']');
        bench_close(d, '}');
    }
    bench_close(d, ']');
    bench_close(d, '}');
    bench_item(d, "favorited"), bench_put(d, "false");
    bench_item(d, "lang"), bench_put(d, "\"ja\"");
    if (nested) {
        bench_open(d, "retweeted_statuses", '[');
        bench_status(d, seed, nested - 1);
        bench_close(d, ']');
    }
    bench_close(d, '}');
}

// 600 KB of search results in the shape of the well-known twitter.json: indented, deep, half of its text Japanese.
BENCH_UNUSED bench_doc bench_document(void)
{
    bench_doc d = {NULL, 0, 0, 0, false};
    uint32_t seed = 4711;
    bench_put(&d, "{");
    d.depth = 1;
    bench_open(&d, "statuses", '[');
    while (d.len < 600 * 1024) bench_status(&d, &seed, (int)(bench_random(&seed) >> 31));
    bench_close(&d, ']');
    bench_open(&d, "search_metadata", '{');
    bench_item(&d, "completed_in"), bench_put(&d, "0.087");
    bench_item(&d, "count"), bench_put(&d, "100");
    bench_close(&d, '}');
    bench_put(&d, "\n}\n");
    return d;
}
#endif
