// The tests' whole framework: checks that count, a guard page, an allocator that fails on demand, files, a seeded random.
// A test program includes it first, calls its cases from main() and ends with `return test_done();`, which prints
// 'N passed, N failed, N skipped' as its last line. One TEST() block is one count, however many CHECKs it makes.
#ifndef TEST_H
#define TEST_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifndef _WIN32
#include <sys/mman.h>
#include <unistd.h>
#endif

static int test_passed, test_failed, test_skipped, test_bad;
static const char *test_name = "";

// Runs the block that follows as one counted case: TEST("name") { ... }
#define TEST(name) for (int test_once = test_begin(name); test_once; test_once = test_end())
#define CHECK(x) ((x) ? (void)0 : test_fail(__FILE__, __LINE__, #x))
// printf-style context for a failure: CHECKF(a == b, "at split %zu", i)
#define CHECKF(x, ...) ((x) ? (void)0 : (test_fail(__FILE__, __LINE__, #x), (void)(fprintf(stderr, "        "), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr))))
#define CHECK_STR(got, want) test_str(__FILE__, __LINE__, (got).ptr, (got).len, want)

static int test_begin(const char *name)
{
    test_name = name;
    test_bad = 0;
    return 1;
}

static int test_end(void)
{
    if (test_bad) test_failed++;
    else test_passed++;
    return 0;
}

static void test_fail(const char *file, int line, const char *what)
{
    if (test_bad++ < 8) fprintf(stderr, "%s:%d: %s: %s\n", file, line, test_name, what);
#ifdef TEST_FIRST  // the first failure is enough
    exit(1);
#endif
}

static inline void test_str(const char *file, int line, const char *ptr, size_t len, const char *want)
{
    if (len == strlen(want) && (len == 0 || memcmp(ptr, want, len) == 0)) return;
    test_fail(file, line, "text differs");
    if (test_bad <= 8) fprintf(stderr, "        got  %.*s\n        want %s\n", (int)len, ptr ? ptr : "", want);
}

// Names what cannot run here and why; counted apart, never as passed.
static inline void test_skip(const char *name, const char *why)
{
    printf("    skipped: %s (%s)\n", name, why);
    test_skipped++;
}

static int test_done(void)
{
    printf("%d passed, %d failed, %d skipped\n", test_passed, test_failed, test_skipped);
    return test_failed != 0;
}

// -- a guard page ----------------------------------------------------------------------------------

// A copy of the bytes that ends where the next byte is not readable: one byte of over-read traps. Free with test_unguard.
typedef struct test_guarded { char *map, *ptr; size_t len, size; } test_guarded;

#ifndef _WIN32
static inline test_guarded test_guard(const void *data, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    test_guarded g;
    g.size = (len + page - 1) / page * page + page;
    g.map = (char *)mmap(NULL, g.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.map == (char *)MAP_FAILED) abort();
    mprotect(g.map + g.size - page, page, PROT_NONE);
    g.ptr = g.map + g.size - page - len;
    g.len = len;
    if (len) memcpy(g.ptr, data, len);
    return g;
}

static inline void test_unguard(test_guarded g) { munmap(g.map, g.size); }
#else
static inline test_guarded test_guard(const void *data, size_t len)
{
    test_guarded g = {(char *)malloc(len ? len : 1), NULL, len, len};
    if (len) memcpy(g.map, data, len);
    g.ptr = g.map;
    return g;
}
static inline void test_unguard(test_guarded g) { free(g.map); }
#endif

// -- an allocator that counts and fails ------------------------------------------------------------

// fail_at: the n-th request for memory (from 1) fails, 0 never; fail_on: and so do all later ones.
typedef struct test_memory { long fail_at; bool fail_on; long asked, failed; size_t live, peak; long blocks; } test_memory;

static inline void *test_resize(void *user_data, void *ptr, size_t old_size, size_t new_size)
{
    test_memory *m = (test_memory *)user_data;
    void *p;
    if (new_size == 0) {
        if (ptr) m->live -= old_size, m->blocks--;
        free(ptr);
        return NULL;
    }
    m->asked++;
    if (m->fail_at && (m->asked == m->fail_at || (m->fail_on && m->asked > m->fail_at))) {
        m->failed++;
        return NULL;
    }
    p = malloc(new_size);  // always moves: a stale pointer into the old block is then found by the sanitizer
    if (!p) return NULL;
    if (ptr) {
        memcpy(p, ptr, old_size < new_size ? old_size : new_size);
        free(ptr);
        m->live -= old_size;
    }
    else m->blocks++;
    m->live += new_size;
    if (m->live > m->peak) m->peak = m->live;
    return p;
}

// -- files and randomness --------------------------------------------------------------------------

// The whole file, NUL-terminated, from malloc; NULL if it cannot be read.
static inline char *test_read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *p = NULL;
    size_t n = 0, cap = 0;
    if (!f) return NULL;
    for (;;) {
        if (cap - n < 2) {
            cap = cap ? cap * 2 : 8192;
            p = (char *)realloc(p, cap);
            if (!p) abort();
        }
        size_t got = fread(p + n, 1, cap - n - 1, f);
        if (!got) break;
        n += got;
    }
    fclose(f);
    p[n] = 0;
    if (len) *len = n;
    return p;
}

static inline uint32_t test_random(uint32_t *state)  // xorshift32; *state must not be 0
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
#endif
