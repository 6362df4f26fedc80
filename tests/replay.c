// Stands in for libFuzzer: replays a fuzz target's seeds, so that `make test` runs every target with any compiler.
// Linked with fuzz/NAME.c.  replay_NAME FILE...   Each file is tried whole, cut short and with single bytes changed,
// each time in front of a page that cannot be read.
#include "test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const void *data, size_t size)
{
    test_guarded g = test_guard(data, size);
    LLVMFuzzerTestOneInput((const uint8_t *)g.ptr, size);
    test_unguard(g);
}

int main(int argc, char **argv)
{
    uint32_t seed = 1;
    run("", 0);
    for (int i = 1; i < argc; i++) {
        size_t size;
        char *data = test_read_file(argv[i], &size);
        if (!data) {
            fprintf(stderr, "cannot read %s\n", argv[i]);
            return 1;
        }
        run(data, size);
        for (int k = 1; k < 32; k++) run(data, size * (size_t)k / 32);
        for (int k = 0; k < 32 && size; k++) {
            size_t at = test_random(&seed) % size;
            char old = data[at];
            data[at] = (char)test_random(&seed);
            run(data, size);
            data[at] = old;
        }
        free(data);
    }
    return 0;
}
