// One call through the library, with its default settings but for base URL and key, told in one line as client.mjs tells it:
//   client VENDOR CALL BASE_URL SECONDS WANT
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCHEMA "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}"

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static const char *judged(tamar_str text, const char *want)
{
    size_t n = want[0] == '#' ? (size_t)strtoul(want + 1, NULL, 10) : strlen(want);
    if (!text.len) return "none";
    if (text.len > n || (want[0] != '#' && memcmp(text.ptr, want, text.len))) return "wrong";
    return text.len == n ? "whole" : "part";
}

int main(int argc, char **argv)
{
    static const char *const vendors[][3] = { { "openai", "openai/gpt-4o", "openai-chat" },
        { "anthropic", "anthropic/claude-sonnet-4-5", NULL }, { "genai", "google/gemini-2.5-flash", NULL } };
    static const tamar_tool weather = { "weather", "Tells the weather.", SCHEMA, false, NULL };
    const tamar_response *r = NULL;
    tamar_client *llm;
    tamar_request rq;
    double began, bound;
    size_t v = 0;
    int calls;
    if (argc != 6) return 2;
    while (v < 3 && strcmp(vendors[v][0], argv[1])) v++;
    if (v == 3) return 2;
    memset(&rq, 0, sizeof rq);
    rq.model = vendors[v][1];
    rq.api = vendors[v][2];
    rq.base_url = argv[3];
    rq.api_key = "key-of-the-test";
    rq.prompt = "Name one river.";
    rq.stream = strncmp(argv[2], "whole", 5) != 0;
    if (!strcmp(argv[2], "tool")) rq.tools = &weather, rq.tool_count = 1;
    if (!strcmp(argv[2], "big")) {
        char *prompt = (char *)malloc(8000001);
        if (!prompt) return 2;
        memset(prompt, 'x', 8000000);
        prompt[8000000] = 0;
        rq.prompt = prompt;  // until the program ends
        rq.stream = false;
    }
    if (argv[2][strlen(argv[2]) - 1] == '3') rq.timeouts.total_ms = 3000;
    llm = tamar_open(NULL);
    if (!llm) return 2;
    began = now_ms();
    bound = began + strtod(argv[4], NULL) * 1000;
    for (calls = strcmp(argv[2], "twice") ? 1 : 2; calls; calls--) {
        tamar_call call = tamar_send(llm, &rq);
        while (!(r = tamar_result(llm, call)) && now_ms() < bound) tamar_pump(llm, 100);
        if (!r || r->error.category) break;
    }
    printf("end=%s ms=%.0f text=%s kind=%s note=%.160s\n", !r ? "waiting" : r->error.category ? "error" : "ok", now_ms() - began,
        r ? judged(r->text, argv[5]) : "none", r && r->error.category ? tamar_category_name(r->error.category) : "-",
        r ? r->error.message : "");
    tamar_close(llm);
    return 0;
}
