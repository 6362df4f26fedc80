// The decoders for Anthropic's messages, models and token counts: the same response whole, byte by byte and cut by the input's own bytes; events that
// add up to it; exactly one FINISH, last. What was answered goes back into a request, which is refused or is JSON.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_anthropic fuzz/fuzz_anthropic.c
//   mkdir -p corpus && ./fuzz_anthropic -dict=fuzz/fuzz_anthropic.dict -max_len=8192 corpus fuzz/seeds/fuzz_anthropic
// The input: one byte of flags (1 a stream was asked for, 2 the connection broke, 4 discard_text, 8 keep_raw; 16 and 32
// choose the dialect), one that chooses the status, four that set the lengths of pieces in turn, then the body.
#include "decoder.h"

// The answer, and the results of its calls, as a request.
static void send_back(const tamar_response *r)
{
    static const tamar_tool tool = {.name = "f"};
    tamar_part results[8];
    tamar_message list[3];
    tamar_request rq;
    tamar_desc desc;
    tamar_encoded *e;
    tamar_json root;
    size_t n = r->tool_call_count < 8 ? r->tool_call_count : 8;
    memset(&rq, 0, sizeof rq);
    memset(&desc, 0, sizeof desc);
    memset(list, 0, sizeof list);
    for (size_t i = 0; i < n; i++) results[i] = tamar_tool_result_part(r->tool_calls[i]->id, r->tool_calls[i]->text);
    list[0].text = "hi";
    list[1] = r->message;
    list[2].parts = results;
    list[2].part_count = n;
    if (!n) list[2].text = "go on";
    rq.model = "anthropic/claude-opus-5";
    rq.messages = list;
    rq.message_count = 3;
    rq.tools = &tool;
    rq.tool_count = 1;
    desc.api_key = "k";
    e = tamar_encode(&desc, &rq);
    MUST(e->error.category == TAMAR_OK || e->error.category == TAMAR_CONFIG);
    if (e->error.category == TAMAR_OK) MUST(tamar_json_parse(e->http.body.ptr, e->http.body.len, &root, NULL));
    if (e->error.category == TAMAR_OK) MUST(is_utf8(e->http.body));
    tamar_encoded_free(e);
}

static void pick(tamar_decoder_desc *desc, const uint8_t *data, size_t size)
{
    static const char *const apis[] = {"anthropic-messages", "anthropic-models", "anthropic-count-tokens", "anthropic-messages"};
    (void)size;
    desc->api = apis[data[0] >> 4 & 3];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return try_decoder(data, size, pick, send_back); }
