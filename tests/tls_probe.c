// The client of test_tls.c as a program of its own, for a backend of another machine: Schannel, under Wine. It is told
// what to do by a file of lines KEY=VALUE, texts in hexadecimal, and writes down what it heard in the same way.
#include "test.h"
#define TAMAR_TLS_INSECURE 1
#define TAMAR_IMPLEMENTATION
#include "../tamar_llm.h"
#include "tls_talk.h"

static const char *value_of(const char *asked, const char *key)
{
    size_t len = strlen(key);
    while (asked && *asked) {
        if (!strncmp(asked, key, len) && asked[len] == '=') return asked + len + 1;
        asked = strchr(asked, '\n');
        if (asked) asked++;
    }
    return NULL;
}

static long long number_of(const char *asked, const char *key)
{
    const char *v = value_of(asked, key);
    return v ? strtoll(v, NULL, 10) : 0;
}

static int digit(char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; }

// NULL: it was not said.
static char *text_of(const char *asked, const char *key, size_t *len)
{
    const char *v = value_of(asked, key);
    size_t n = 0;
    char *text;
    if (!v) return NULL;
    text = (char *)calloc(strcspn(v, "\r\n") / 2 + 1, 1);
    for (; text && *v > ' '; v += 2) text[n++] = (char)(digit(v[0]) << 4 | digit(v[1]));
    if (len) *len = n;
    return text;
}

static void say(const char *key, const char *text, size_t len)
{
    size_t i;
    printf("%s=", key);
    for (i = 0; i < len; i++) printf("%02x", (unsigned char)text[i]);
    printf("\n");
}

static void by_the_api(const char *asked)
{
    chat_wanted wanted;
    chat_heard h;
    memset(&wanted, 0, sizeof wanted);
    wanted.host = text_of(asked, "host", NULL);
    wanted.ca = text_of(asked, "ca_file", NULL);
    wanted.port = (uint16_t)number_of(asked, "port");
    wanted.connect_ms = (uint32_t)number_of(asked, "connect_ms");
    wanted.early_clock = number_of(asked, "early_clock") != 0;
    wanted.twice = number_of(asked, "twice") != 0;
    chat_over(&h, &wanted);
    printf("category=%d\nagain=%d\nreused=%d\n", (int)h.category, (int)h.again, h.reused);
    say("message", h.message, strlen(h.message));
    say("text", h.text, strlen(h.text));
}

static void by_the_seams(const char *asked)
{
    static test_memory heap;
    static tamar__base_memory memory;
    static talk k;
    const char *why = NULL;
    tamar__tls_trust trust;
    tamar__tls_system *system;
    tamar__os_net *net;
    size_t len = 0;
    char *ca = text_of(asked, "ca", &len), *until = text_of(asked, "until", NULL);
    memory.allocator.resize = test_resize;
    memory.allocator.user_data = &heap;
    memset(&trust, 0, sizeof trust);
    trust.ca_file = text_of(asked, "ca_file", NULL);
    trust.ca = tamar__str_make(ca, len);
    trust.extra = number_of(asked, "extra") != 0;
    trust.insecure = number_of(asked, "insecure") != 0;
    trust.pins = text_of(asked, "pins", NULL);
    k.unix_ms = number_of(asked, "unix_ms");
    k.step = (size_t)number_of(asked, "step");
    k.request = text_of(asked, "request", NULL);
    k.until = until;
    k.forged = text_of(asked, "forged", &k.forged_len);
    net = tamar__os_open(&memory, false);
    system = tamar__tls_open(&memory, &trust, &why);
    if (system) talk_over(&k, system, net, text_of(asked, "host", NULL), (uint16_t)number_of(asked, "port"), text_of(asked, "address", NULL));
    else k.result = TAMAR_IO_ERROR, snprintf(k.why, sizeof k.why, "%s", why);
    tamar__tls_close(system);
    tamar__os_close(net);
    CHECKF(heap.live == 0 && heap.blocks == 0, "%ld blocks are left", heap.blocks);
    printf("result=%d\ngot=%d\neof=%d\n", (int)k.result, (int)k.got, k.eof);
    say("why", k.why, strlen(k.why));
    say("reply", k.reply, k.got < sizeof k.reply ? k.got : sizeof k.reply - 1);
}

int main(int argc, char **argv)
{
    char *asked = argc == 2 ? test_read_file(argv[1], NULL) : NULL;
    if (!asked) {
        fprintf(stderr, "usage: tls_probe FILE\n");
        return 2;
    }
    if (number_of(asked, "chat")) by_the_api(asked);
    else by_the_seams(asked);
    printf("bad=%d\n", test_bad);
    return 0;
}
