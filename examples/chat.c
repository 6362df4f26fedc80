// The smallest program: one question, one answer, whatever provider the model's name says.
// cc -I. examples/chat.c -o chat && OPENAI_API_KEY=... ./chat "Name one river." anthropic/claude-opus-5
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *prompt = argc > 1 ? argv[1] : "Name one river.";
    const char *model = argc > 2 ? argv[2] : "openai/gpt-6-sol";

    tamar_client *llm = tamar_open(NULL);
    tamar_response *r = tamar_chat(llm, &(tamar_request){ .model = model, .prompt = prompt });
    puts(r->error.category ? r->error.message : r->text.ptr);
    int status = r->error.category ? 1 : 0;
    tamar_response_free(r);
    tamar_close(llm);
    return status;
}
