// What every target shares: a condition that must hold, and bytes that grow. Include it after the library.
#ifndef TARGET_H
#define TARGET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(x) ((x) ? (void)0 : (void)(fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #x), abort()))

typedef struct bytes { char *ptr; size_t len, cap; } bytes;

static inline void add(bytes *t, const void *p, size_t n)
{
    if (t->cap - t->len < n) {
        t->cap = (t->len + n) * 2;
        t->ptr = (char *)realloc(t->ptr, t->cap);
        if (!t->ptr) abort();
    }
    if (n) memcpy(t->ptr + t->len, p, n);
    t->len += n;
}

static inline bool same(const bytes *a, const bytes *b)
{
    return a->len == b->len && (!a->len || !memcmp(a->ptr, b->ptr, a->len));
}
#endif
