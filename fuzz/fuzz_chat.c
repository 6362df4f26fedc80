// The decoder for chat completions: the same response whole, byte by byte and cut by the input's own bytes; events that
// add up to it; exactly one FINISH, last.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_chat fuzz/fuzz_chat.c
//   mkdir -p corpus && ./fuzz_chat -dict=fuzz/fuzz_chat.dict -max_len=8192 corpus fuzz/seeds/fuzz_chat
// The input: one byte of flags (1 a stream was asked for, 2 the connection broke, 4 discard_text, 8 keep_raw), one that
// chooses the status, four that set the lengths of pieces in turn, then the body.
#include "decoder.h"

static void pick(tamar_decoder_desc *desc, const uint8_t *data, size_t size)
{
    (void)data, (void)size;
    desc->api = "openai-chat";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return try_decoder(data, size, pick, NULL); }
