// HTTP/1.1 responses: the same head, body and outcome whole and cut by the input's own bytes.
//   clang -std=c99 -O1 -g -fsanitize=fuzzer,address,undefined -I. -o fuzz_http1 fuzz/fuzz_http1.c
//   mkdir -p corpus && ./fuzz_http1 -dict=fuzz/fuzz_http1.dict -max_len=4096 corpus fuzz/seeds/fuzz_http1
// The input: one byte of flags (1 answer to HEAD, 2 to CONNECT, 4 a small cap), four that set the lengths of pieces in
// turn, then what the server sent.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "target.h"

typedef struct answer {
    tamar__http1_result result;
    int status, minor;
    bool keep_alive, limit, eof, chunked, has_length;
    uint64_t length;
    size_t consumed;
    const char *fault;
    bytes head, body;
} answer;

// A name is a token, a value holds no control byte: nothing of a head can drive a terminal or split a log line.
static void read_head(answer *a, tamar__http1 *h)
{
    tamar_str name, value;
    MUST(a->status == 0 && h->status >= 200 && h->status <= 999);
    a->status = h->status;
    a->minor = h->minor;
    a->chunked = h->chunked;
    a->has_length = h->has_length;
    a->length = h->left;
    add(&a->head, h->reason.ptr, h->reason.len);
    while (tamar__http1_header(h, &name, &value)) {
        MUST(name.len > 0);
        for (size_t i = 0; i < name.len; i++) MUST((unsigned char)name.ptr[i] > ' ' && (unsigned char)name.ptr[i] < 0x7F && name.ptr[i] != ':');
        for (size_t i = 0; i < value.len; i++) MUST((unsigned char)value.ptr[i] >= ' ' || value.ptr[i] == '\t');
        if (value.len) MUST(value.ptr[0] != ' ' && value.ptr[0] != '\t' && value.ptr[value.len - 1] != ' ' && value.ptr[value.len - 1] != '\t');
        add(&a->head, "\n", 1);
        add(&a->head, name.ptr, name.len);
        add(&a->head, ": ", 2);
        add(&a->head, value.ptr, value.len);
    }
    MUST(!h->fault);
}

static void run(answer *a, const char *in, size_t size, int flags, const uint8_t *lengths)
{
    tamar__base_memory memory;
    tamar__arena arena;
    tamar__http1 h;
    tamar_str body;
    size_t turn = 0;
    memset(a, 0, sizeof *a);
    memset(&memory, 0, sizeof memory);
    memory.allocator = tamar__base_allocator(NULL);
    tamar__arena_init(&arena, &memory, 128);
    tamar__http1_init(&h, &arena, flags & 4 ? 200 : 65536, flags & 1);
    h.proxy_connect = flags & 2;
    for (size_t at = 0; at < size && (a->result == TAMAR__HTTP1_MORE);) {
        size_t n = lengths ? 1 + lengths[turn++ % 4] % 64u : size;
        if (n > size - at) n = size - at;
        char *piece = (char *)malloc(n);  // a block of its own: a byte too far, or a view kept too long, is found
        if (!piece) abort();
        memcpy(piece, in + at, n);
        const char *p = piece, *from;
        do {
            from = p;
            body = tamar__str_make(NULL, 0);
            a->result = tamar__http1_next(&h, &p, piece + n, &body);
            MUST(p >= from && p <= piece + n);
            if (a->result == TAMAR__HTTP1_HEAD) read_head(a, &h);
            if (a->result == TAMAR__HTTP1_BODY) {
                MUST(a->status && body.len && body.ptr >= from && body.ptr + body.len == p);
                add(&a->body, body.ptr, body.len);
            }
        } while (a->result == TAMAR__HTTP1_HEAD || a->result == TAMAR__HTTP1_BODY);
        MUST(a->result != TAMAR__HTTP1_MORE || p == piece + n);
        at += (size_t)(p - piece);
        a->consumed = at;
        free(piece);
    }
    a->eof = tamar__http1_eof(&h);
    a->keep_alive = h.keep_alive;
    if (a->result == TAMAR__HTTP1_BAD) {
        a->fault = h.fault;
        a->limit = h.limit;
        MUST(h.fault && *h.fault && strcmp(h.fault, "memory is out") && !a->eof);
    }
    if (a->result == TAMAR__HTTP1_END) {
        MUST(a->status && a->eof);
        if (a->has_length && !(flags & 3) && a->status != 204 && a->status != 304) MUST(a->body.len == a->length);
    }
    if (a->chunked && a->has_length) MUST(!a->keep_alive);
    tamar__arena_free(&arena);
    MUST(memory.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t singly[4] = {0, 0, 0, 0};
    answer whole, other;
    const char *in = (const char *)data + 5;
    if (size < 5) return 0;
    run(&whole, in, size - 5, data[0], NULL);
    for (int way = 0; way < 2; way++) {
        run(&other, in, size - 5, data[0], way ? data + 1 : singly);
        MUST(whole.result == other.result && whole.eof == other.eof && whole.limit == other.limit);
        MUST(!whole.fault || !strcmp(whole.fault, other.fault));
        MUST(whole.status == other.status && whole.minor == other.minor);
        MUST(same(&whole.head, &other.head) && same(&whole.body, &other.body));
        if (whole.result != TAMAR__HTTP1_BAD && whole.status) MUST(whole.keep_alive == other.keep_alive);
        if (whole.result == TAMAR__HTTP1_END) MUST(whole.consumed == other.consumed);
        free(other.head.ptr);
        free(other.body.ptr);
    }
    free(whole.head.ptr);
    free(whole.body.ptr);
    return 0;
}
