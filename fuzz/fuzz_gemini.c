// The decoder for what Google's models answer, as an event stream, as one JSON array and as a document: the same response
// whole, byte by byte and cut by the input's own bytes; events that add up to it; exactly one FINISH, last; and the
// answer's turn goes into a request, which then holds it.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_gemini fuzz/fuzz_gemini.c
//   mkdir -p corpus && ./fuzz_gemini -dict=fuzz/fuzz_gemini.dict -max_len=8192 corpus fuzz/seeds/fuzz_gemini
// The input: one byte of flags (1 a stream was asked for, 2 the connection broke, 4 discard_text, 8 keep_raw, 16 a small
// max_event for an array, 32 to 224 which dialect), one that chooses the status, four that set the lengths of pieces in turn, then
// the body.
#include "decoder.h"

static const char *no_variable(void *user_data, const char *name)
{
    (void)user_data, (void)name;
    return NULL;
}

// The turn as part of the next request: it must be taken, and be JSON.
static void send_back(const tamar_response *r)
{
    static const char *const models[] = {"google/gemini-3-flash", "google/gemini-2.5-flash", "openai/gpt-4o"};
    tamar_message messages[2];
    tamar_part result;
    tamar_request rq;
    tamar_desc desc;
    tamar_json v;
    for (size_t i = 0; i < 3; i++) {
        tamar_encoded *e;
        bool named = true;
        memset(&rq, 0, sizeof rq);
        memset(&desc, 0, sizeof desc);
        memset(messages, 0, sizeof messages);
        desc.environment.get = no_variable;
        messages[0] = r->message;
        messages[1].role = TAMAR_ROLE_TOOL;
        messages[1].parts = &result;
        messages[1].part_count = 1;
        if (r->tool_call_count) result = tamar_tool_result_part(r->tool_calls[0]->id, tamar_text("{}"));
        for (size_t k = 0; k < r->tool_call_count; k++) named = named && r->tool_calls[k]->name.len;
        rq.model = models[i];
        rq.prompt = "x";
        rq.messages = messages;
        rq.message_count = r->tool_call_count ? 2 : 1;
        e = tamar_encode(&desc, &rq);
        MUST(e);
        if (named) MUST(!e->error.category);
        if (!e->error.category) MUST(tamar_json_parse(e->http.body.ptr, e->http.body.len, &v, NULL) && is_utf8(e->http.body));
        tamar_encoded_free(e);
    }
}

static void pick(tamar_decoder_desc *desc, const uint8_t *data, size_t size)
{
    static const char *const apis[] = {"gemini-generate", "gemini-generate", "gemini-images", "gemini-embeddings", "gemini-models", "gemini-count-tokens",
                                       "gemini-generate", "gemini-generate"};
    desc->api = apis[data[0] >> 5];
    desc->max_event = data[0] & 16 && size > 6 && data[6] == '[' ? 64 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return try_decoder(data, size, pick, send_back); }
