// Three models behind one name, two keys for the first of them: the first that can answer does.
//     cc -I. examples/route.c -o route && OPENAI_KEY_A=... OPENAI_KEY_B=... ./route "Name one river."
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const char *a = getenv("OPENAI_KEY_A"), *b = getenv("OPENAI_KEY_B");
    const tamar_account accounts[] = {
        { .provider = "openai", .api_key = a ? a : "", .name = "first" },
        { .provider = "openai", .api_key = b ? b : "", .name = "second" },
    };
    const tamar_target targets[] = {
        { .model = "openai/gpt-6-sol", .timeouts = { .first_byte_ms = 8000 } },
        { .model = "anthropic/claude-opus-5" },
        { .model = "ollama/qwen3" },
    };
    const tamar_route route = { .name = "best", .targets = targets, .target_count = 3 };
    tamar_client *llm = tamar_open(&(tamar_desc){
        .routes = &route, .route_count = 1, .accounts = accounts, .account_count = a && b ? 2 : 0 });
    tamar_response *r = tamar_chat(llm, &(tamar_request){ .model = "best", .prompt = argc > 1 ? argv[1] : "Name one river." });
    puts(r->error.category ? r->error.message : r->text.ptr);
    for (size_t i = 0; i < r->attempt_count; i++) {  // what was tried, and what came of it
        const tamar_attempt *t = &r->attempts[i];
        fprintf(stderr, "%u ms: %s %s: %s after %u ms\n", (unsigned)t->start_ms, t->provider, t->account, tamar_category_name(t->category), (unsigned)t->took_ms);
    }
    int status = r->error.category ? 1 : 0;
    tamar_response_free(r);
    tamar_close(llm);
    return status;
}
