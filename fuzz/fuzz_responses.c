// The decoders of the rest of OpenAI's family: the same response whole, byte by byte and cut by the input's own bytes; events that
// add up to it; exactly one FINISH, last.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_responses fuzz/fuzz_responses.c
//   mkdir -p corpus && ./fuzz_responses -dict=fuzz/fuzz_responses.dict -max_len=8192 corpus fuzz/seeds/fuzz_responses
// The input: one byte of flags (1 a stream was asked for, 2 the connection broke, 4 discard_text, 8 keep_raw), one that
// chooses the status (its low three bits) and the dialect, four that set the lengths of pieces in turn, then the body.
// A chat's answer is also put into the next request, which must then be JSON and the same one twice.
#include "decoder.h"

static const char *no_variable(void *user_data, const char *name)
{
    (void)user_data, (void)name;
    return NULL;
}

// The answer as the last turn but one of the next request.
static void send_back(const tamar_response *r)
{
    tamar_message m[2];
    tamar_request rq;
    tamar_desc d;
    memset(m, 0, sizeof m);
    memset(&rq, 0, sizeof rq);
    memset(&d, 0, sizeof d);
    d.environment.get = no_variable;
    m[0] = r->message;
    m[1].text = "and?";
    rq.model = "openai/gpt-6-sol";
    rq.api = "openai-responses";
    rq.messages = m;
    rq.message_count = 2;
    tamar_encoded *one = tamar_encode(&d, &rq), *two = tamar_encode(&d, &rq);
    tamar_json v;
    MUST(one->error.category == two->error.category);
    if (one->error.category == TAMAR_OK) {
        MUST(tamar_json_parse(one->http.body.ptr, one->http.body.len, &v, NULL) && is_utf8(one->http.body));
        MUST(one->http.body.len == two->http.body.len && !memcmp(one->http.body.ptr, two->http.body.ptr, one->http.body.len));
    }
    else MUST(*one->error.message);
    tamar_encoded_free(one);
    tamar_encoded_free(two);
}

static void pick(tamar_decoder_desc *desc, const uint8_t *data, size_t size)
{
    static const char *const apis[] = {"openai-responses", "openai-responses", "openai-responses", "openai-responses",
                                       "openai-embeddings", "openai-images", "openai-models", "openai-count-tokens"};
    (void)size;
    desc->api = apis[data[1] / 8 % 8];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return try_decoder(data, size, pick, send_back); }
