// The JSON half of the benchmark's peer: the same work as bench.c's, done with cJSON as a careful program does it.
//     bench-cjson chunk|padded|completion|document|visit|write COUNT
#include "bench_data.c"

#include <cjson/cJSON.h>

enum { DOCUMENTS = 64 };  // different ones in turn, so that no branch predictor learns one by heart

static char texts[DOCUMENTS][2048];
static size_t lens[DOCUMENTS];

static cJSON *get(const cJSON *object, const char *name) { return cJSON_GetObjectItemCaseSensitive(object, name); }

static const char *content_of(cJSON *root, const char *member)
{
    return cJSON_GetStringValue(get(get(cJSON_GetArrayItem(get(root, "choices"), 0), member), "content"));
}

static void chunk(bench_seen *seen, const char *text, size_t len)
{
    cJSON *root = cJSON_ParseWithLength(text, len);
    const char *content = content_of(root, "delta");
    if (content) bench_see(seen, content, strlen(content));
    cJSON_Delete(root);
}

static int64_t number(const cJSON *object, const char *name)
{
    const cJSON *value = get(object, name);
    return cJSON_IsNumber(value) ? (int64_t)value->valuedouble : 0;
}

static void completion(bench_seen *seen, const char *text, size_t len)
{
    cJSON *root = cJSON_ParseWithLength(text, len), *usage;
    const char *content = content_of(root, "message");
    if (content) bench_see(seen, content, strlen(content));
    usage = get(root, "usage");
    seen->bytes += (uint64_t)number(usage, "prompt_tokens");
    seen->bytes += (uint64_t)number(usage, "completion_tokens");
    seen->bytes += (uint64_t)number(usage, "total_tokens");
    cJSON_Delete(root);
}

static uint64_t visit(const cJSON *value)
{
    uint64_t n = 1;
    const cJSON *child;
    cJSON_ArrayForEach(child, value) n += visit(child);
    return n;
}

static size_t request(char **messages, char *out, size_t cap)
{
    cJSON *root = cJSON_CreateObject(), *list;
    bool ok;
    int i;
    cJSON_AddStringToObject(root, "model", BENCH_MODEL);
    list = cJSON_AddArrayToObject(root, "messages");
    for (i = 0; i < BENCH_MESSAGES; i++) {
        cJSON *message = cJSON_CreateObject();
        cJSON_AddItemToArray(list, message);
        cJSON_AddStringToObject(message, "role", i & 1 ? "assistant" : "user");
        cJSON_AddStringToObject(message, "content", messages[i]);
    }
    cJSON_AddBoolToObject(root, "stream", true);
    cJSON_AddNumberToObject(root, "max_tokens", 1024);
    cJSON_AddNumberToObject(root, "temperature", 0.7);
    ok = cJSON_PrintPreallocated(root, out, (int)cap, false);
    cJSON_Delete(root);
    return ok ? strlen(out) : 0;
}

int main(int argc, char **argv)
{
    static char out[65536];
    const char *mode = argc > 2 ? argv[1] : "";
    long count = bench_count(argc > 2 ? argv[2] : NULL), i;
    bench_seen seen = {0, 0};
    uint32_t seed = 2026;
    char *messages[BENCH_MESSAGES];
    uint64_t start;
    bench_start();
    for (i = 0; i < DOCUMENTS; i++)
        lens[i] = !strcmp(mode, "completion") ? bench_completion(texts[i], sizeof texts[i], (uint32_t)(9 + i))
                                              : bench_chunk(texts[i], sizeof texts[i], &seed, !strcmp(mode, "padded"));
    for (i = 0; i < BENCH_MESSAGES; i++) messages[i] = bench_message((int)i);
    start = bench_cpu();
    if (!strcmp(mode, "chunk") || !strcmp(mode, "padded"))
        for (i = 0; i < count; i++) chunk(&seen, texts[i % DOCUMENTS], lens[i % DOCUMENTS]);
    else if (!strcmp(mode, "completion"))
        for (i = 0; i < count; i++) completion(&seen, texts[i % DOCUMENTS], lens[i % DOCUMENTS]);
    else if (!strcmp(mode, "write"))
        for (i = 0; i < count; i++) seen.bytes += request(messages, out, sizeof out);
    else if (!strcmp(mode, "document") || !strcmp(mode, "visit")) {
        bench_doc d = bench_document();
        start = bench_cpu();
        for (i = 0; i < count; i++) {
            cJSON *root = cJSON_ParseWithLength(d.ptr, d.len);
            if (!root) bench_die("the document did not parse");
            seen.bytes += mode[0] == 'v' ? visit(root) : 1;
            cJSON_Delete(root);
        }
    }
    else bench_die("usage: chunk|padded|completion|document|visit|write COUNT");
    printf("cpu_ns %.2f\n", (double)(bench_cpu() - start) / (double)count);
    bench_print_seen(&seen);
    return 0;
}
