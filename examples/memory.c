// A client in a block of memory that you hand it: no allocator is called, the high-water mark is known.
// Without an argument it is answered from memory; ./memory http://192.168.0.2:8080/v1 asks a server.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#include <string.h>

static const char answer[] =
    "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\","
    "\"message\":{\"role\":\"assistant\",\"content\":\"The Danube.\"}}]}";

// The smallest transport that works: whatever is asked gets that answer. See transport.c.
static bool start(void *user_data, tamar_exchange exchange, const tamar_http_request *request, const char **why)
{
    (void)request, (void)why;
    *(tamar_exchange *)user_data = exchange;
    return true;
}

static void cancel(void *user_data, tamar_exchange exchange)
{
    (void)exchange;
    ((tamar_exchange *)user_data)->owner = NULL;
}

static void pump(void *user_data, int wait_ms)
{
    tamar_exchange exchange = *(tamar_exchange *)user_data;
    (void)wait_ms;
    if (!exchange.owner) return;
    cancel(user_data, exchange);
    tamar_exchange_status(exchange, 200);
    tamar_exchange_header(exchange, tamar_text("content-type"), tamar_text("application/json"));
    tamar_exchange_body(exchange, answer, strlen(answer));
    tamar_exchange_end(exchange, TAMAR_OK, NULL, false, 0);
}

static int ask(const char *base_url, void *memory, size_t size)
{
    tamar_exchange waiting = { NULL, 0 };
    tamar_error error = { 0 };
    tamar_desc desc = { .base_url = base_url, .memory = memory, .memory_size = size, .max_calls = 2, .error = &error };
    if (!base_url) {
        desc.api_key = "not-needed-here";
        desc.transport = (tamar_transport){ .start = start, .cancel = cancel, .pump = pump, .user_data = &waiting };
    }
    tamar_client *llm = tamar_open(&desc);
    if (!llm) return printf("%6zu bytes: %s\n", size, error.message), 1;
    tamar_request request = { .model = base_url ? "local" : "openai/gpt-6-sol", .prompt = "Name one river." };
    tamar_response *r = tamar_chat(llm, &request);
    int status = r->error.category ? 1 : 0;
    printf("%6zu bytes, %zu used at most: %s\n", size, tamar_memory(llm).peak, status ? r->error.message : r->text.ptr);
    tamar_response_free(r);
    tamar_close(llm);
    return status;
}

int main(int argc, char **argv)
{
    static union { double aligned; char bytes[128 * 1024]; } block;
    const char *base_url = argc > 1 ? argv[1] : NULL;
    ask(base_url, &block, 1024);  // too small, and says so
    return ask(base_url, &block, sizeof block);
}
