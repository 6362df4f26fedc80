// One call of the matrix in compare.mjs, as Tamar makes it:  calls VENDOR CALL BASE_URL
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#include <string.h>

#define SCHEMA "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"],\"additionalProperties\":false}"

int main(int argc, char **argv)
{
    static const char *const models[][3] = {  // plain, reasoning, embeddings
        { "openai/gpt-4o", "openai/gpt-5.5", "openai/text-embedding-3-small" },
        { "openai/gpt-4o", "openai/gpt-5.5", "openai/text-embedding-3-small" },
        { "anthropic/claude-sonnet-4-5", "anthropic/claude-opus-5", NULL },
        { "google/gemini-2.5-flash", "google/gemini-3-flash-preview", "google/gemini-embedding-001" } };
    static const char *const vendors[] = { "chat", "responses", "anthropic", "google" };
    static const char *const apis[] = { "openai-chat", "openai-responses", NULL, NULL };
    static const char *const stops[] = { "END", "STOP" }, *const inputs[] = { "one", "two" };
    static tamar_tool tool = { "weather", "Tells the weather.", SCHEMA, false, NULL };
    tamar_part parts[2], asked = { TAMAR_PART_TOOL_CALL }, answer;
    tamar_message turns[4];
    tamar_request rq;
    tamar_desc desc;
    tamar_client *llm;
    tamar_response *r;
    const char *call;
    size_t v;
    if (argc != 4) return 2;
    for (v = 0; v < 4 && strcmp(vendors[v], argv[1]); v++) {}
    if (v == 4) return 2;
    call = argv[2];
    memset(&rq, 0, sizeof rq);
    memset(&desc, 0, sizeof desc);
    memset(turns, 0, sizeof turns);
    rq.model = models[v][0];
    rq.api = apis[v];
    rq.base_url = argv[3];
    rq.api_key = "key-of-the-test";
    rq.max_tokens = 100;
    rq.max_retries = tamar_int(0);
    rq.prompt = "Hello";
    turns[0].text = "What is the weather in Oslo?";
    if (!strcmp(call, "system")) rq.system = "Be brief.";
    if (!strcmp(call, "turns")) {
        turns[0].text = "Hello";
        turns[1].role = TAMAR_ROLE_ASSISTANT, turns[1].text = "Hi.";
        rq.messages = turns, rq.message_count = 2, rq.prompt = "And now?";
    }
    if (!strcmp(call, "image")) {
        parts[0] = tamar_text_part("What is this?");
        parts[1] = tamar_image_part("data:image/png;base64,iVBORw0KGgo=");
        turns[0].text = NULL, turns[0].parts = parts, turns[0].part_count = 2;
        rq.messages = turns, rq.message_count = 1, rq.prompt = NULL;
    }
    if (!strcmp(call, "tools") || !strcmp(call, "forced") || !strcmp(call, "result")) rq.tools = &tool, rq.tool_count = 1;
    if (!strcmp(call, "forced")) rq.tool_choice = TAMAR_TOOL_CHOICE_NAMED, rq.tool_name = "weather";
    if (!strcmp(call, "result")) {
        asked.id = tamar_text("call_1"), asked.name = tamar_text("weather"), asked.text = tamar_text("{\"city\":\"Oslo\"}");
        answer = tamar_tool_result_part(asked.id, tamar_text("{\"degrees\":3}"));
        turns[1].role = TAMAR_ROLE_ASSISTANT, turns[1].parts = &asked, turns[1].part_count = 1;
        turns[2].role = TAMAR_ROLE_TOOL, turns[2].parts = &answer, turns[2].part_count = 1;
        rq.messages = turns, rq.message_count = 3, rq.prompt = NULL;
    }
    if (!strcmp(call, "schema")) rq.format = TAMAR_FORMAT_SCHEMA, rq.schema = SCHEMA, rq.schema_name = "place";
    if (!strcmp(call, "stop")) rq.stop = stops, rq.stop_count = 2;
    if (!strcmp(call, "temperature")) rq.temperature = tamar_double(0.5);
    if (!strcmp(call, "stream")) rq.stream = true;
    if (!strcmp(call, "effort")) rq.model = models[v][1], rq.effort = TAMAR_EFFORT_LOW;
    if (!strcmp(call, "embeddings")) {
        rq.kind = TAMAR_KIND_EMBEDDINGS, rq.model = models[v][2], rq.inputs = inputs, rq.input_count = 2;
        rq.prompt = NULL, rq.max_tokens = 0, rq.dimensions = 256, rq.api = NULL;
    }
    if (!strcmp(call, "models")) rq.kind = TAMAR_KIND_MODELS, rq.prompt = NULL, rq.max_tokens = 0, rq.api = NULL;
    if (!strcmp(call, "tokens")) rq.kind = TAMAR_KIND_TOKENS, rq.max_tokens = 0;
    llm = tamar_open(&desc);
    r = tamar_chat(llm, &rq);
    if (!r->error.http_status) fprintf(stderr, "%s\n", r->error.message);
    v = r->error.http_status ? 0 : 1;
    tamar_response_free(r);
    tamar_close(llm);
    return (int)v;
}
