// Decoders at their limits, and one of the user's: with an event or a body that may be no longer than a few bytes, an
// answer of any dialect is the same whole, byte by byte and in pieces, or ends with the same error; and so is one of a
// dialect that does through the public callbacks whatever the records tell it to.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_dialect fuzz/fuzz_dialect.c
//   mkdir -p corpus && ./fuzz_dialect -dict=fuzz/fuzz_dialect.dict -max_len=2048 corpus fuzz/seeds/fuzz_dialect
// The input: one byte of flags (1 a stream was asked for, 2 the connection broke, 4 discard_text, 8 a small max_event,
// 16 refused), one that chooses the dialect, one that says how small, four that set the lengths of pieces, the body.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "target.h"

// -- a dialect that does what it is told -------------------------------------------------------------

// {"t":TEXT,"r":TEXT,"x":TEXT,"c":[NUMBER,ID,NAME],"a":[NUMBER,ARGUMENTS],"u":[IN,OUT],"s":[URL,TITLE],
//  "i":[ID,MODEL,CREATED],"f":WORD,"d":0,"w":0,"e":[CODE,MESSAGE],"v":OBJECT,"m":SIZE}
static void obey(tamar_reply *reply, tamar_json record)
{
    tamar_json_iter it = tamar_json_iterate(record);
    tamar_json key, v;
    while (tamar_json_next(&it, &key, &v)) {
        tamar_json a = tamar_json_at(v, "0"), b = tamar_json_at(v, "1"), c = tamar_json_at(v, "2");
        int64_t n = 0, more = 0;
        if (!tamar_json_get_int(a, &n)) tamar_json_get_int(v, &n);
        if (tamar_json_is(key, "t")) tamar_reply_append(reply, TAMAR_PART_TEXT, v);
        else if (tamar_json_is(key, "r")) tamar_reply_append(reply, TAMAR_PART_REASONING, v);
        else if (tamar_json_is(key, "x")) tamar_reply_append(reply, TAMAR_PART_REFUSAL, v);
        else if (tamar_json_is(key, "p") && v.len) tamar_reply_text(reply, TAMAR_PART_TEXT, tamar__str_make(v.ptr, v.len));
        else if (tamar_json_is(key, "c")) tamar_reply_call(reply, n, b, c);
        else if (tamar_json_is(key, "a")) tamar_reply_arguments(reply, n, b);
        else if (tamar_json_is(key, "s")) tamar_reply_cite(reply, a, b);
        else if (tamar_json_is(key, "i")) tamar_reply_about(reply, a, b, c);
        else if (tamar_json_is(key, "f")) tamar_reply_finish(reply, v, TAMAR_FINISH_NONE);
        else if (tamar_json_is(key, "d")) tamar_reply_done(reply);
        else if (tamar_json_is(key, "w")) tamar_reply_warn(reply, "w", "a record asked for this warning");
        else if (tamar_json_is(key, "e")) tamar_reply_fail(reply, TAMAR_OK, a, b);
        else if (tamar_json_is(key, "v")) tamar_reply_error(reply, v);
        else if (tamar_json_is(key, "u")) {
            tamar_usage u;
            memset(&u, 0, sizeof u);
            if (tamar_json_get_int(b, &more)) u.output_tokens = tamar_int(more);
            u.input_tokens = tamar_int(n);
            tamar_reply_usage(reply, &u);
        }
        else if (tamar_json_is(key, "m")) {
            unsigned char *kept = (unsigned char *)tamar_reply_memory(reply, 16);
            if (kept) kept[n & 15] = (unsigned char)(kept[n & 15] + 1);
        }
    }
}

static void obey_record(void *user_data, tamar_reply *reply, tamar_str event, tamar_str data)
{
    tamar_json v;
    (void)user_data, (void)event;
    if (tamar_json_parse(data.ptr, data.len, &v, NULL)) obey(reply, v);
}

static void obey_document(void *user_data, tamar_reply *reply, tamar_json document)
{
    (void)user_data;
    obey(reply, document);
}

// -- one run ---------------------------------------------------------------------------------------

static void put_str(bytes *t, tamar_str s)
{
    MUST(s.ptr || !s.len);
    add(t, &s.len, sizeof s.len);
    add(t, s.ptr, s.len);
}

static void put_int(bytes *t, int64_t n) { add(t, &n, sizeof n); }

// Everything of the answer that a program looks at. lengths NULL: all at once.
static void run(bytes *out, const char *in, size_t size, const tamar_decoder_desc *desc, bool clean, const uint8_t *lengths)
{
    tamar_decoder *d = tamar_decoder_open(desc);
    const tamar_response *r;
    tamar_event e;
    bytes said[3] = { { NULL, 0, 0 }, { NULL, 0, 0 }, { NULL, 0, 0 } };
    size_t turn = 0, finishes = 0, i;
    bool more = true;
    if (!d) abort();
    for (size_t at = 0; at < size && more;) {
        size_t n = lengths ? 1 + lengths[turn++ % 4] % 64u : size;
        if (n > size - at) n = size - at;
        char *piece = (char *)malloc(n);  // a block of its own: a byte too far, or a view kept too long, is found
        if (!piece) abort();
        memcpy(piece, in + at, n);
        more = tamar_decoder_feed(d, piece, n);
        free(piece);
        at += n;
        if (at == size || !more) tamar_decoder_end(d, clean);
        while (tamar_decoder_next_event(d, &e)) {
            MUST(!finishes);
            if (e.type == TAMAR_EVENT_TEXT) add(&said[0], e.text.ptr, e.text.len);
            if (e.type == TAMAR_EVENT_REASONING) add(&said[1], e.text.ptr, e.text.len);
            if (e.type == TAMAR_EVENT_REFUSAL) add(&said[2], e.text.ptr, e.text.len);
            finishes += e.type == TAMAR_EVENT_FINISH;
        }
    }
    r = tamar_decoder_end(d, clean);
    MUST(size == 0 || finishes == 1);
    MUST(!r->error.category || r->error.message[0]);
    if (!desc->discard_text) {
        MUST(r->text.len == said[0].len && (!r->text.len || !memcmp(r->text.ptr, said[0].ptr, r->text.len)));
        MUST(r->reasoning.len == said[1].len && (!r->reasoning.len || !memcmp(r->reasoning.ptr, said[1].ptr, r->reasoning.len)));
        MUST(r->refusal.len == said[2].len && (!r->refusal.len || !memcmp(r->refusal.ptr, said[2].ptr, r->refusal.len)));
    }
    for (i = 0; i < 3; i++) {
        put_str(out, tamar__str_make(said[i].len ? said[i].ptr : "", said[i].len));
        free(said[i].ptr);
    }
    put_str(out, r->finish_raw);
    put_str(out, r->id);
    put_str(out, r->model);
    put_int(out, r->finish);
    put_int(out, r->usage.input_tokens.set ? r->usage.input_tokens.value : -1);
    put_int(out, r->usage.output_tokens.set ? r->usage.output_tokens.value : -1);
    for (i = 0; i < r->tool_call_count; i++) {
        MUST(r->tool_calls[i]->id.len);
        put_str(out, r->tool_calls[i]->id);
        put_str(out, r->tool_calls[i]->name);
        put_str(out, r->tool_calls[i]->text);
    }
    for (i = 0; i < r->citation_count; i++) put_str(out, r->citations[i].url);
    for (i = 0; i < r->image_count; i++) put_str(out, r->images[i].data.len ? r->images[i].data : r->images[i].url);
    for (i = 0; i < r->warning_count; i++) put_str(out, tamar_text(r->warnings[i].message));
    put_int(out, r->error.category);
    put_int(out, r->error.retryable);
    put_str(out, tamar_text(r->error.message));
    put_str(out, tamar_text(r->error.code));
    tamar_decoder_close(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const apis[] = { "obedient", "openai-chat", "openai-responses", "anthropic-messages", "gemini-generate", "ollama-chat", "tamar-invoke", "tamar-batch",
                                        "dashscope-native", "dashscope-task", "hunyuan-native", "openai-embeddings", "openai-images", "openai-models", "gemini-embeddings",
                                        "obedient-lines" };
    static const uint8_t singly[4] = { 0, 0, 0, 0 };
    bytes whole = { NULL, 0, 0 }, other = { NULL, 0, 0 };
    tamar_dialect obedient;
    const tamar_dialect *dialects[1];
    tamar_decoder_desc desc;
    size_t api = size > 1 ? data[1] % 16u : 0;
    if (size < 7) return 0;
    memset(&obedient, 0, sizeof obedient);
    obedient.size = sizeof obedient;
    obedient.name = api == 15 ? "obedient-lines" : "obedient";
    obedient.kind = TAMAR_KIND_CHAT;
    obedient.lines = api == 15;
    obedient.finish_proves = data[1] & 16;
    obedient.record = obey_record;
    obedient.document = obey_document;
    dialects[0] = &obedient;
    memset(&desc, 0, sizeof desc);
    desc.api = apis[api];
    desc.dialects = dialects;
    desc.dialect_count = 1;
    desc.stream = data[0] & 1;
    desc.discard_text = data[0] & 4;
    desc.status = data[0] & 16 ? 400 : 200;
    if (data[0] & 8) desc.max_event = (size_t)data[2] + 1;
    size -= 7;
    run(&whole, (const char *)data + 7, size, &desc, !(data[0] & 2), NULL);
    for (int way = 0; way < 2; way++) {
        other.len = 0;
        run(&other, (const char *)data + 7, size, &desc, !(data[0] & 2), way ? data + 3 : singly);
        MUST(whole.len == other.len && !memcmp(whole.ptr, other.ptr, whole.len));
    }
    free(whole.ptr);
    free(other.ptr);
    return 0;
}
