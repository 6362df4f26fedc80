// A transport of yours carries whole HTTP exchanges: a browser's fetch, libcurl, an engine's own.
// This one answers from memory, ten bytes at a time, so it shows all of a transport's duties.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#include <string.h>

static const char answer[] =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"The Danube.\"}}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
    "data: [DONE]\n\n";

// One exchange at a time is enough here; a real transport keeps one of these for each.
typedef struct canned {
    tamar_exchange exchange;
    bool busy;
    size_t asked, at;  // bytes of the request; bytes of the answer that were delivered
} canned;

// The request lives until start returns: copy what is needed, begin, and come back at once.
static bool start(void *user_data, tamar_exchange exchange, const tamar_http_request *request, const char **why)
{
    canned *c = user_data;
    if (c->busy) return *why = "this transport serves one exchange at a time", false;
    printf("> %s %.*s\n", request->method, (int)request->url.len, request->url.ptr);
    *c = (canned){ .exchange = exchange, .busy = true, .asked = request->body.len };
    return true;
}

static void cancel(void *user_data, tamar_exchange exchange)
{
    canned *c = user_data;
    if (c->exchange.id == exchange.id) c->busy = false;
}

// Pushes what has arrived: status, headers, pieces of the body, and how the framing ended.
static void pump(void *user_data, int wait_ms)
{
    canned *c = user_data;
    size_t left = strlen(answer) - c->at;
    (void)wait_ms;  // how long it may wait for news; here there is always some
    if (!c->busy) return;
    if (c->at == 0) {
        tamar_exchange_status(c->exchange, 200);
        tamar_exchange_header(c->exchange, tamar_text("content-type"), tamar_text("text/event-stream"));
    }
    c->at += tamar_exchange_body(c->exchange, answer + c->at, left < 10 ? left : 10);
    if (!c->busy || c->at < strlen(answer)) return;
    c->busy = false;
    tamar_exchange_end(c->exchange, TAMAR_OK, NULL, false, c->asked);
}

int main(void)
{
    canned c = { .busy = false };
    tamar_request request = { .model = "openai/gpt-6-sol", .prompt = "Name one river.", .stream = true };
    tamar_desc desc = { .api_key = "not-needed-here" };
    desc.transport = (tamar_transport){ .start = start, .cancel = cancel, .pump = pump, .user_data = &c };
    tamar_client *llm = tamar_open(&desc);
    tamar_response *r = tamar_chat(llm, &request);
    puts(r->error.category ? r->error.message : r->text.ptr);
    int status = r->error.category ? 1 : 0;
    tamar_response_free(r);
    tamar_close(llm);
    return status;
}
