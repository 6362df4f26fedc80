// The decoders of Ollama, the gateway, DashScope and Tencent: the same response whole, byte by byte and cut by the input's own bytes; events that
// add up to it; exactly one FINISH, last.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_native fuzz/fuzz_native.c
//   mkdir -p corpus && ./fuzz_native -dict=fuzz/fuzz_native.dict -max_len=8192 corpus fuzz/seeds/fuzz_native
// The input: one byte of flags (1 a stream was asked for, 2 the connection broke, 4 discard_text, 8 keep_raw), one that
// chooses the status (its lower three bits) and the dialect (its upper four), four that set the lengths of pieces in turn, then the body.
#include "decoder.h"

static void pick(tamar_decoder_desc *desc, const uint8_t *data, size_t size)
{
    static const char *const apis[] = { "ollama-chat", "ollama-embeddings", "ollama-models", "tamar-invoke", "tamar-images", "tamar-batch", "dashscope-native",
                                        "dashscope-embeddings", "dashscope-images", "hunyuan-native" };
    (void)size;
    desc->api = apis[(data[1] >> 4) % (sizeof apis / sizeof *apis)];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return try_decoder(data, size, pick, NULL); }
