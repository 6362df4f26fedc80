// libcurl carries the exchanges, opened at run time: for systems whose TLS the client does not know.
//     cc -I. examples/libcurl.c && OPENAI_API_KEY=... ./a.out
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#define TAMAR_CURL_RUNTIME 1
#include "extras/tamar_curl.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    tamar_request request = { .model = "openai/gpt-6-sol", .prompt = "Name one river.", .stream = true };
    tamar_desc desc = { .base_url = argc > 1 ? argv[1] : NULL };  // e.g. http://localhost:8080/v1
    tamar_curl *curl = tamar_curl_open();
    if (!curl) return puts("there is no libcurl here: install libcurl4"), 1;
    if (argc > 1) request.model = "any", desc.api_key = "none";
    desc.transport = tamar_curl_transport(curl);
    tamar_client *llm = tamar_open(&desc);
    tamar_response *r = tamar_chat(llm, &request);
    puts(r->error.category ? r->error.message : r->text.ptr);
    int status = r->error.category ? 1 : 0;
    tamar_response_free(r);
    tamar_close(llm);
    tamar_curl_close(curl);
    return status;
}
