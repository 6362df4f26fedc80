// A text that grows, NUL-terminated once something was added, even nothing. drop() frees it.
#ifndef TEXT_H
#define TEXT_H
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct text { char *ptr; size_t len, cap; } text;

static inline void add(text *t, const char *p, size_t n)
{
    if (t->cap - t->len <= n) {
        t->cap = (t->len + n + 1) * 2;
        t->ptr = (char *)realloc(t->ptr, t->cap);
        if (!t->ptr) abort();
    }
    if (n) memcpy(t->ptr + t->len, p, n);
    t->len += n;
    t->ptr[t->len] = 0;
}

static inline void adds(text *t, const char *z) { add(t, z, strlen(z)); }

static inline void addf(text *t, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    add(t, line, (size_t)n);
}

static inline void clear(text *t)
{
    t->len = 0;
    add(t, "", 0);
}

static inline void drop(text *t)
{
    free(t->ptr);
    memset(t, 0, sizeof *t);
}

static inline bool same(const text *a, const text *b)
{
    return a->len == b->len && (a->len == 0 || !memcmp(a->ptr, b->ptr, a->len));
}
#endif
