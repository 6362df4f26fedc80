// The JSON half of the benchmark; bench_cjson.c does the same work with cJSON.
//     bench-json chunk|padded|completion|document|visit|write COUNT
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"

#include "bench_data.c"

enum { DOCUMENTS = 64 };  // different ones in turn, so that no branch predictor learns one by heart

static char texts[DOCUMENTS][2048];
static size_t lens[DOCUMENTS];

static void see_string(bench_seen *seen, tamar_json value)
{
    char text[2048];
    size_t n;
    if (tamar_json_get_string(value, text, sizeof text, &n) == TAMAR_JSON_OK) bench_see(seen, text, n);
}

// choices[0].MEMBER.content in one pass. The caller's loop stands before the value of "choices".
static tamar_json read_content(tamar_json_reader *r, const char *member)
{
    tamar_json content = {NULL, 0};
    size_t i;
    if (!tamar_json_read_array(r)) return content;
    for (i = 0; tamar_json_read_element(r); i++) {
        if (i > 0 || !tamar_json_read_object(r)) continue;
        while (tamar_json_read_member(r, member)) {
            if (!tamar_json_read_object(r)) continue;
            while (tamar_json_read_member(r, "content")) content = tamar_json_read_value(r);
        }
    }
    return content;
}

static void chunk(bench_seen *seen, const char *text, size_t len)
{
    tamar_json_reader r;
    tamar_json content = {NULL, 0};
    tamar_json_reader_begin(&r, text, len);
    if (tamar_json_read_object(&r))
        while (tamar_json_read_member(&r, "choices")) content = read_content(&r, "delta");
    if (!tamar_json_reader_end(&r, NULL)) bench_die("a chunk did not parse");
    see_string(seen, content);
}

static void completion(bench_seen *seen, const char *text, size_t len)
{
    tamar_json_reader r;
    tamar_json key, content = {NULL, 0};
    int64_t input = 0, output = 0, total = 0;
    tamar_json_reader_begin(&r, text, len);
    if (tamar_json_read_object(&r))
        while (tamar_json_read_key(&r, &key)) {
            if (tamar_json_is(key, "choices")) content = read_content(&r, "message");
            else if (tamar_json_is(key, "usage") && tamar_json_read_object(&r))
                while (tamar_json_read_key(&r, &key)) {
                    if (tamar_json_is(key, "prompt_tokens")) tamar_json_get_int(tamar_json_read_value(&r), &input);
                    else if (tamar_json_is(key, "completion_tokens")) tamar_json_get_int(tamar_json_read_value(&r), &output);
                    else if (tamar_json_is(key, "total_tokens")) tamar_json_get_int(tamar_json_read_value(&r), &total);
                }
        }
    if (!tamar_json_reader_end(&r, NULL)) bench_die("a completion did not parse");
    see_string(seen, content);
    seen->bytes += (uint64_t)(input + output + total);
}

static uint64_t visit(tamar_json value)
{
    uint64_t n = 1;
    tamar_json_iter it = tamar_json_iterate(value);
    tamar_json key, child;
    while (tamar_json_next(&it, &key, &child)) {
        tamar_json_type type = tamar_json_type_of(child);
        n += type == TAMAR_JSON_OBJECT || type == TAMAR_JSON_ARRAY ? visit(child) : 1;
    }
    return n;
}

static size_t request(char **messages, const size_t *message_lens, char *out, size_t cap)
{
    tamar_json_writer w;
    tamar_str text;
    int i;
    tamar_json_write_to(&w, out, cap);
    tamar_json_write_object(&w);
    tamar_json_write_key(&w, "model");
    tamar_json_write_string(&w, BENCH_MODEL, sizeof BENCH_MODEL - 1);
    tamar_json_write_key(&w, "messages");
    tamar_json_write_array(&w);
    for (i = 0; i < BENCH_MESSAGES; i++) {
        tamar_json_write_object(&w);
        tamar_json_write_key(&w, "role");
        if (i & 1) tamar_json_write_string(&w, "assistant", 9);
        else tamar_json_write_string(&w, "user", 4);
        tamar_json_write_key(&w, "content");
        tamar_json_write_string(&w, messages[i], message_lens[i]);
        tamar_json_write_end(&w);
    }
    tamar_json_write_end(&w);
    tamar_json_write_key(&w, "stream");
    tamar_json_write_bool(&w, true);
    tamar_json_write_key(&w, "max_tokens");
    tamar_json_write_int(&w, 1024);
    tamar_json_write_key(&w, "temperature");
    tamar_json_write_double(&w, 0.7);
    tamar_json_write_end(&w);
    if (!tamar_json_writer_end(&w, &text)) bench_die("the request did not fit");
    return text.len;
}

int main(int argc, char **argv)
{
    static char out[65536];
    const char *mode = argc > 2 ? argv[1] : "";
    long count = bench_count(argc > 2 ? argv[2] : NULL), i;
    bench_seen seen = {0, 0};
    uint32_t seed = 2026;
    char *messages[BENCH_MESSAGES];
    size_t message_lens[BENCH_MESSAGES];
    uint64_t start, allocations;
    bench_start();
    for (i = 0; i < DOCUMENTS; i++)
        lens[i] = !strcmp(mode, "completion") ? bench_completion(texts[i], sizeof texts[i], (uint32_t)(9 + i))
                                              : bench_chunk(texts[i], sizeof texts[i], &seed, !strcmp(mode, "padded"));
    for (i = 0; i < BENCH_MESSAGES; i++) messages[i] = bench_message((int)i), message_lens[i] = strlen(messages[i]);
    start = bench_cpu();
    allocations = bench_allocations;
    if (!strcmp(mode, "chunk") || !strcmp(mode, "padded"))
        for (i = 0; i < count; i++) chunk(&seen, texts[i % DOCUMENTS], lens[i % DOCUMENTS]);
    else if (!strcmp(mode, "completion"))
        for (i = 0; i < count; i++) completion(&seen, texts[i % DOCUMENTS], lens[i % DOCUMENTS]);
    else if (!strcmp(mode, "write"))
        for (i = 0; i < count; i++) seen.bytes += request(messages, message_lens, out, sizeof out);
    else if (!strcmp(mode, "document") || !strcmp(mode, "visit")) {
        bench_doc d = bench_document();
        start = bench_cpu();
        allocations = bench_allocations;
        for (i = 0; i < count; i++) {
            tamar_json root;
            if (!tamar_json_parse(d.ptr, d.len, &root, NULL)) bench_die("the document did not parse");
            seen.bytes += mode[0] == 'v' ? visit(root) : 1;
        }
    }
    else bench_die("usage: chunk|padded|completion|document|visit|write COUNT");
    printf("cpu_ns %.2f\n", (double)(bench_cpu() - start) / (double)count);
    printf("allocations %.3f\n", (double)(bench_allocations - allocations) / (double)count);
    bench_print_seen(&seen);
    return 0;
}
