// What the tests of the two parsers share: the header with its searches and copies counted, inputs that come in pieces,
// each of which ends at a guard page, and the vectors of the shared corpus.
#ifndef PIECES_H
#define PIECES_H
#include "test.h"
#include "text.h"
#include <assert.h>
#include <time.h>

// Bytes that the parser searched or copied since this was last set to 0.
static size_t work;

static const void *work_memchr(const void *p, int c, size_t n)
{
    const char *found = (const char *)memchr(p, c, n);
    work += found ? (size_t)(found - (const char *)p) + 1 : n;
    return found;
}

static void *work_memcpy(void *to, const void *from, size_t n)
{
    work += n;
    return memcpy(to, from, n);
}

#undef memchr
#undef memcpy
#define memchr(p, c, n) work_memchr(p, c, n)
#define memcpy(to, from, n) work_memcpy(to, from, n)
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#undef memchr
#undef memcpy

// An allocator whose moves are work, too.
static void *moving_resize(void *user_data, void *ptr, size_t old_size, size_t new_size)
{
    if (ptr && new_size) work += old_size < new_size ? old_size : new_size;
    return tamar__base_malloc(user_data, ptr, old_size, new_size);
}

// All but the last end at a cut; or all are step bytes long.
typedef struct pieces { size_t cut[2], step; } pieces;

static const pieces whole = {{0, 0}, SIZE_MAX};

static size_t piece_end(pieces how, size_t at, size_t len)
{
    if (how.step) return len - at < how.step ? len : at + how.step;
    if (at < how.cut[0]) return how.cut[0];
    return at < how.cut[1] ? how.cut[1] : len;
}

static test_guarded room;  // the end of every piece is the end of this

static void make_room(size_t size)
{
    void *empty = calloc(1, size);
    if (!empty) abort();
    room = test_guard(empty, size);
    free(empty);
}

// The vectors of one parser in the shared corpus. What they point into is returned and is to be freed; NULL: there are
// none, and that has been told.
static char *read_vectors(const char *title, const char *folder, tamar_json *vectors)
{
    const char *shared = getenv("TAMAR_SHARED");
    text path = {NULL, 0, 0};
    tamar_json doc;
    size_t len;
    addf(&path, "%s/corpus/conformance/%s/vectors.json", shared ? shared : "../shared", folder);
    char *file = test_read_file(path.ptr, &len);
    drop(&path);
    if (!file) test_skip(title, "no shared corpus here; set TAMAR_SHARED");
    else if (tamar_json_parse(file, len, &doc, NULL)) *vectors = tamar_json_get(doc, "vectors");
    else {
        TEST(title) CHECK(!"the file is not JSON");
        free(file);
        file = NULL;
    }
    return file;
}
#endif
