/* tamar_llm_json.h - JSON for C99: an in-place reader, exact numbers, a writer that cannot write nonsense.

   Do this:
       #define TAMAR_IMPLEMENTATION
   in one C or C++ file of your program before including this header (or tamar_llm.h, which includes it).
   Every other file just includes it.

   Limits you meet first:
       - input is UTF-8 (a byte order mark is skipped); nesting is capped at 64 levels
       - no comments, no trailing commas, no NaN: this is RFC 8259
       - duplicate keys are allowed and the last one wins
*/
#if defined(TAMAR_IMPLEMENTATION) && !defined(_GNU_SOURCE) && !defined(_WIN32) && !defined(TAMAR__FEATURES)
// Asked for before any system header is seen: -std=c99 would hide POSIX from tamar_llm.h otherwise.
#define TAMAR__FEATURES 1
#define _GNU_SOURCE 1
#endif
#ifndef TAMAR_LLM_JSON_H
#define TAMAR_LLM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Linkage of all public functions. TAMAR_STATIC makes each including file carry a private copy.
#ifdef TAMAR_STATIC
#if defined(__GNUC__)
#define TAMAR_API __attribute__((unused)) static
#else
#define TAMAR_API static
#endif
#endif
#ifndef TAMAR_API
#define TAMAR_API extern
#endif

/* ------------------------------------------------------------------------------------------------
   MANUAL

   Reading.  tamar_json_parse() checks a whole document once and returns its root value. A value is a
   view (pointer, length) of its own text: copying one is free, none is ever freed, and all of them
   live as long as the text does. Nothing is allocated and the text is never written to.

       tamar_json doc;
       tamar_json_error err;
       if (!tamar_json_parse(text, len, &doc, &err))
           printf("%s at byte %zu\n", err.message, err.offset);
       tamar_json content = tamar_json_at(doc, "choices/0/message/content");
       char buf[256];
       size_t n;
       if (tamar_json_get_string(content, buf, sizeof buf, &n) == TAMAR_JSON_OK) puts(buf);

       tamar_json_iter it = tamar_json_iterate(tamar_json_at(doc, "choices"));
       tamar_json key, value;
       while (tamar_json_next(&it, &key, &value)) { ... }

   Where one pass over the text is all you can afford, use a tamar_json_reader instead: it checks
   while it reads and skips what you do not ask for. Believe nothing it told you until
   tamar_json_reader_end() has said that the whole document was good.

       tamar_json_reader r;
       tamar_json_reader_begin(&r, text, len);
       if (tamar_json_read_object(&r))
           while (tamar_json_read_member(&r, "usage")) usage = tamar_json_read_value(&r);
       if (!tamar_json_reader_end(&r, &err)) ...

   Writing.  A tamar_json_writer appends to a growing buffer (with a maximum) or to yours. Commas,
   colons, quotes and escapes are its business; text that is not UTF-8 is written with U+FFFD in place
   of the bad bytes; NaN and infinity are written as null; a call in the wrong place (a key in an
   array, two roots) or a full buffer makes the writer fail for good, and tamar_json_writer_end() says so.

       tamar_json_writer w;
       tamar_json_write_to(&w, buf, sizeof buf);
       tamar_json_write_object(&w);
       tamar_json_write_key(&w, "model");
       tamar_json_write_string(&w, "m", 1);
       tamar_json_write_end(&w);
       if (!tamar_json_writer_end(&w, &text)) ...

   SECTIONS (search for the tag)
       >>base   sizes, allocator, assert
       >>arena  blocks over one allocator, a pool in a fixed block
       >>str    views, growing buffer, UTF-8, base64
       >>num    integers and doubles, both ways, exact
       >>json   reader and writer
   ------------------------------------------------------------------------------------------------ */

// Text as (pointer, length). May hold NUL bytes. Not NUL-terminated unless a comment says so.
typedef struct tamar_str {
    const char *ptr;
    size_t len;
} tamar_str;

// Memory comes from one function. ptr NULL: new block. new_size 0: free, the result is ignored.
// Otherwise resize; on failure return NULL and leave the old block alone. Results are aligned to 16, or to 8 where a
// pointer has 4 bytes.
typedef struct tamar_allocator {
    void *(*resize)(void *user_data, void *ptr, size_t old_size, size_t new_size);
    void *user_data;
} tamar_allocator;

typedef enum tamar_json_type {
    TAMAR_JSON_MISSING = 0,  // no such member, or not JSON
    TAMAR_JSON_NULL,
    TAMAR_JSON_BOOL,
    TAMAR_JSON_NUMBER,
    TAMAR_JSON_STRING,
    TAMAR_JSON_ARRAY,
    TAMAR_JSON_OBJECT
} tamar_json_type;

typedef enum tamar_json_status {
    TAMAR_JSON_OK = 0,
    TAMAR_JSON_WRONG_TYPE,  // asked a string for its integer
    TAMAR_JSON_OUT_OF_RANGE,  // a number that the type cannot hold; or a buffer that the text does not fit
    TAMAR_JSON_SYNTAX,
    TAMAR_JSON_TRUNCATED,  // the text ended inside a value
    TAMAR_JSON_TOO_DEEP,
    TAMAR_JSON_FULL,  // writer: buffer or maximum exhausted
    TAMAR_JSON_MISUSE  // writer: a call that would have produced invalid JSON
} tamar_json_status;

typedef struct tamar_json_error {
    tamar_json_status status;
    const char *message;  // constant text, never NULL
    size_t offset;  // byte at which the text stopped being JSON
} tamar_json_error;

// One value: the text of exactly that value, no white space around it. {NULL, 0} is a missing one.
typedef struct tamar_json {
    const char *ptr;
    size_t len;
} tamar_json;

typedef struct tamar_json_iter {
    const char *at, *end;
    bool object;
} tamar_json_iter;

// One pass, forward only. Members are private.
typedef struct tamar_json_reader {
    const char *at, *end, *begin;
    uint64_t kinds;  // one bit a level: 1 object, 0 array
    int depth;
    int state;
    tamar_json_status status;
    const char *fault;
} tamar_json_reader;

// Members are private.
typedef struct tamar_json_writer {
    char *ptr;
    size_t len, cap, max, gap;
    tamar_allocator allocator;
    uint64_t kinds;
    int depth;
    int state;
    tamar_json_status status;
    bool owned;
    bool replaced;  // text that is not UTF-8 was mended
} tamar_json_writer;

// -- parse and look around ---------------------------------------------------------------------

// Checks the whole text: one value, white space around it, nothing else. error may be NULL.
TAMAR_API bool tamar_json_parse(const char *text, size_t len, tamar_json *root, tamar_json_error *error);

// The functions below take values of a text that was parsed. A missing value is passed on as missing.
TAMAR_API tamar_json_type tamar_json_type_of(tamar_json value);
TAMAR_API tamar_json tamar_json_get(tamar_json object, const char *key);  // the last member of that name
TAMAR_API tamar_json tamar_json_index(tamar_json array, size_t index);
TAMAR_API tamar_json tamar_json_at(tamar_json value, const char *path);  // "choices/0/delta/content"
TAMAR_API size_t tamar_json_count(tamar_json container);  // members or elements; walks them
TAMAR_API tamar_json_iter tamar_json_iterate(tamar_json container);
TAMAR_API bool tamar_json_next(tamar_json_iter *iter, tamar_json *key, tamar_json *value);  // key: missing in arrays

// A string value (or key) equals this text, escapes resolved. No allocation, any length.
TAMAR_API bool tamar_json_is(tamar_json string, const char *text);

TAMAR_API tamar_json_status tamar_json_get_bool(tamar_json value, bool *out);
TAMAR_API tamar_json_status tamar_json_get_int(tamar_json value, int64_t *out);  // 5, 5.0 and 5e0 are 5; 5.5 is out of range
TAMAR_API tamar_json_status tamar_json_get_uint(tamar_json value, uint64_t *out);
TAMAR_API tamar_json_status tamar_json_get_double(tamar_json value, double *out);  // correctly rounded; 1e999 is out of range

// Decodes a string: escapes resolved, surrogate pairs joined, lone surrogates and bytes that are not
// UTF-8 replaced by U+FFFD. Writes at most cap bytes, a NUL at their end (cap 0: only counts); *len is the
// whole decoded length without it. OUT_OF_RANGE when it did not fit: what fits was written, on a character's border.
TAMAR_API tamar_json_status tamar_json_get_string(tamar_json value, char *buf, size_t cap, size_t *len);

// -- one pass ----------------------------------------------------------------------------------

TAMAR_API void tamar_json_reader_begin(tamar_json_reader *reader, const char *text, size_t len);
TAMAR_API tamar_json_type tamar_json_peek(tamar_json_reader *reader);  // of the value that comes next
TAMAR_API bool tamar_json_read_object(tamar_json_reader *reader);  // enters it; false (and nothing read) if it is none
TAMAR_API bool tamar_json_read_array(tamar_json_reader *reader);
TAMAR_API bool tamar_json_read_key(tamar_json_reader *reader, tamar_json *key);  // false: the object ended and was left
// To the next member of that name, over all others. false: there is none, the object was left
TAMAR_API bool tamar_json_read_member(tamar_json_reader *reader, const char *name);
TAMAR_API bool tamar_json_read_element(tamar_json_reader *reader);  // false: the array ended and was left
TAMAR_API tamar_json tamar_json_read_value(tamar_json_reader *reader);  // checks it and steps over it, whatever it is
// A value that is not read before the next read_key or read_element is skipped (and checked).
TAMAR_API bool tamar_json_reader_end(tamar_json_reader *reader, tamar_json_error *error);  // the whole text was good

// -- write -------------------------------------------------------------------------------------

TAMAR_API void tamar_json_write_to(tamar_json_writer *writer, char *buf, size_t cap);  // yours, never grows
// allocator NULL: malloc. max bounds the document in bytes (default: 1 GiB).
TAMAR_API void tamar_json_write_growing(tamar_json_writer *writer, const tamar_allocator *allocator, size_t max);
TAMAR_API void tamar_json_write_object(tamar_json_writer *writer);
TAMAR_API void tamar_json_write_array(tamar_json_writer *writer);
TAMAR_API void tamar_json_write_end(tamar_json_writer *writer);  // of the innermost object or array
TAMAR_API void tamar_json_write_key(tamar_json_writer *writer, const char *key);
TAMAR_API void tamar_json_write_key_n(tamar_json_writer *writer, const char *key, size_t len);
TAMAR_API void tamar_json_write_null(tamar_json_writer *writer);
TAMAR_API void tamar_json_write_bool(tamar_json_writer *writer, bool value);
TAMAR_API void tamar_json_write_int(tamar_json_writer *writer, int64_t value);
TAMAR_API void tamar_json_write_uint(tamar_json_writer *writer, uint64_t value);
TAMAR_API void tamar_json_write_double(tamar_json_writer *writer, double value);  // shortest text that reads back the same
TAMAR_API void tamar_json_write_string(tamar_json_writer *writer, const char *text, size_t len);  // NULL with 0 is ""
// Any JSON value as text: checked, then copied without the white space around it.
TAMAR_API void tamar_json_write_raw(tamar_json_writer *writer, const char *json, size_t len);
// NUL-terminated; owned by the writer until freed. text may be NULL to ask only whether all went well.
TAMAR_API bool tamar_json_writer_end(tamar_json_writer *writer, tamar_str *text);
TAMAR_API void tamar_json_writer_free(tamar_json_writer *writer);  // a growing writer's buffer; harmless otherwise

#ifdef __cplusplus
}
#endif
#endif  // TAMAR_LLM_JSON_H

/* ------------------------------------------------------------------------------------------------
   Stop here if you only use the API.
   ------------------------------------------------------------------------------------------------ */

#if defined(TAMAR_IMPLEMENTATION) && !defined(TAMAR__JSON_IMPLEMENTED)
#define TAMAR__JSON_IMPLEMENTED 1

#include <string.h>
#ifndef TAMAR_NO_MALLOC
#define TAMAR_NO_MALLOC 0  // 1: no malloc is linked; every description must bring an allocator or a block
#endif
#if !TAMAR_NO_MALLOC
#include <stdlib.h>
#endif
#ifndef TAMAR_ASSERT
#include <assert.h>
#define TAMAR_ASSERT(x) assert(x)
#endif

#if defined(__GNUC__)
#define TAMAR__BASE_UNUSED __attribute__((unused))
#define TAMAR__BASE_LIKELY(x) __builtin_expect(!!(x), 1)
#define TAMAR__BASE_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define TAMAR__BASE_COLD __attribute__((cold, noinline, unused))
#define TAMAR__BASE_NOINLINE __attribute__((noinline, unused))
#define TAMAR__BASE_INLINE static inline __attribute__((always_inline, unused))
#else
#define TAMAR__BASE_UNUSED
#define TAMAR__BASE_LIKELY(x) (x)
#define TAMAR__BASE_UNLIKELY(x) (x)
#define TAMAR__BASE_COLD
#define TAMAR__BASE_NOINLINE
#define TAMAR__BASE_INLINE static inline
#endif

#ifdef __cplusplus
extern "C" {
#endif

// =================================================================================================
// >>base  checked sizes, allocator, accounting | uses: -
// Every size that comes from outside goes through add and mul here before it is believed. All memory of
// a client goes through one tamar__base_memory, which counts it: bytes in use, their peak, calls made.
// =================================================================================================

TAMAR__BASE_UNUSED static bool tamar__base_add(size_t a, size_t b, size_t *sum)
{
    bool fits = a <= SIZE_MAX - b;
    *sum = fits ? a + b : SIZE_MAX;
    return fits;
}

TAMAR__BASE_UNUSED static bool tamar__base_mul(size_t a, size_t b, size_t *product)
{
    bool fits = b == 0 || a <= SIZE_MAX / b;
    *product = fits ? a * b : SIZE_MAX;
    return fits;
}

// Which byte of the word, counted as in memory, is the first that is not 0. w is not 0.
TAMAR__BASE_INLINE size_t tamar__base_first(uint64_t w)
{
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (unsigned)__builtin_ctzll(w) / 8;
#else
    unsigned char bytes[8];
    size_t i = 0;
    memcpy(bytes, &w, 8);
    while (!bytes[i]) i++;
    return i;
#endif
}

// Said where memory ran out; known by its address.
TAMAR__BASE_UNUSED static const char *tamar__base_no_memory(void) { return "memory is out"; }

TAMAR__BASE_UNUSED static size_t tamar__base_min(size_t a, size_t b) { return a < b ? a : b; }
TAMAR__BASE_UNUSED static size_t tamar__base_max(size_t a, size_t b) { return a > b ? a : b; }

// The compiler may not drop this as a dead store, since it cannot know what it calls: what held a secret is really
// overwritten. Also for what is merely large, where the library's memset beats what compilers put in its place.
TAMAR__BASE_UNUSED static void tamar__base_wipe(void *ptr, size_t len)
{
    void *(*volatile fill)(void *, int, size_t) = memset;
    if (len) fill(ptr, 0, len);
}

#if !TAMAR_NO_MALLOC
static void *tamar__base_malloc(void *user_data, void *ptr, size_t old_size, size_t new_size)
{
    (void)user_data;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}
#endif

TAMAR__BASE_UNUSED static tamar_allocator tamar__base_allocator(const tamar_allocator *wanted)
{
    tamar_allocator a;
    a.resize = NULL;
    a.user_data = NULL;
    if (wanted && wanted->resize) return *wanted;
#if !TAMAR_NO_MALLOC
    a.resize = tamar__base_malloc;
#endif
    return a;
}

#define TAMAR__BASE_SPARES 6
#define TAMAR__BASE_SPARE_MAX 4096

typedef struct tamar__base_memory {
    tamar_allocator allocator;
    size_t used, peak;
    uint64_t calls;  // how often the allocator was asked for memory; frees do not count
    // A few small blocks that were given back are kept for the next call, which mostly wants the same sizes. They count
    // as used.
    bool keeps;
    void *spare[TAMAR__BASE_SPARES];
    size_t spare_size[TAMAR__BASE_SPARES];
} tamar__base_memory;

// Really gives back what is kept.
TAMAR__BASE_UNUSED static void tamar__base_flush(tamar__base_memory *m)
{
    int i;
    for (i = 0; i < TAMAR__BASE_SPARES; i++) {
        if (!m->spare_size[i]) continue;
        m->allocator.resize(m->allocator.user_data, m->spare[i], m->spare_size[i], 0);
        m->used -= m->spare_size[i];
        m->spare_size[i] = 0;
    }
}

TAMAR__BASE_UNUSED static void *tamar__base_resize(tamar__base_memory *m, void *ptr, size_t old_size, size_t new_size)
{
    void *p;
    int i;
    if (new_size == 0) {
        if (!ptr) return NULL;
        if (m->keeps && old_size <= TAMAR__BASE_SPARE_MAX)
            for (i = 0; i < TAMAR__BASE_SPARES; i++)
                if (!m->spare_size[i]) {
                    m->spare[i] = ptr;
                    m->spare_size[i] = old_size;
                    return NULL;
                }
        m->allocator.resize(m->allocator.user_data, ptr, old_size, 0);
        m->used -= old_size;
        return NULL;
    }
    if (!ptr && m->keeps && new_size <= TAMAR__BASE_SPARE_MAX)
        for (i = 0; i < TAMAR__BASE_SPARES; i++)
            if (m->spare_size[i] == new_size) {
                m->spare_size[i] = 0;
                return m->spare[i];
            }
    m->calls++;
    p = m->allocator.resize(m->allocator.user_data, ptr, ptr ? old_size : 0, new_size);
    if (!p && m->keeps) {
        tamar__base_flush(m);
        p = m->allocator.resize(m->allocator.user_data, ptr, ptr ? old_size : 0, new_size);
    }
    if (!p) return NULL;
    m->used = m->used - (ptr ? old_size : 0) + new_size;
    if (m->used > m->peak) m->peak = m->used;
    return p;
}

// =================================================================================================
// >>arena  blocks over one allocator; a pool inside a fixed block | uses: base
// An arena hands out memory that is given back all at once. Small pieces are cut from chunks; a piece
// that will grow is a block of its own, so that growing it is one resize and leaves no hole behind.
//
// A pool is an allocator over one block of memory that the caller owns: first fit, neighbours joined when
// freed. It is what makes a client run without malloc. Each piece is preceded by its header:
//
//     | size, previous size | payload ... | size, previous size | payload ... | end mark |
// =================================================================================================

typedef struct tamar__arena_block {
    struct tamar__arena_block *prev, *next;
    size_t size;  // payload bytes behind this header
    size_t reserved;
} tamar__arena_block;  // its size is a multiple of 16 on 64 and 32 bit

typedef struct tamar__arena {
    tamar__base_memory *memory;
    tamar__arena_block *blocks;
    char *at, *end;  // rest of the newest chunk
    size_t chunk;  // payload size of the next chunk
} tamar__arena;

TAMAR__BASE_UNUSED static void tamar__arena_init(tamar__arena *a, tamar__base_memory *memory, size_t chunk)
{
    memset(a, 0, sizeof *a);
    a->memory = memory;
    a->chunk = chunk;
}

// A block of its own; resize it with tamar__arena_resize. NULL when memory is out.
TAMAR__BASE_UNUSED static void *tamar__arena_resize(tamar__arena *a, void *ptr, size_t new_size)
{
    tamar__arena_block *old = ptr ? (tamar__arena_block *)ptr - 1 : NULL, *b;
    size_t old_total = old ? old->size + sizeof *old : 0, total;
    if (!tamar__base_add(new_size, sizeof *b, &total)) return NULL;
    b = (tamar__arena_block *)tamar__base_resize(a->memory, old, old_total, total);
    if (!b) return NULL;
    b->size = new_size;
    if (!old) {
        b->prev = NULL;
        b->next = a->blocks;
        a->blocks = b;
        b->reserved = 0;
    }
    if (b->prev) b->prev->next = b;
    else a->blocks = b;
    if (b->next) b->next->prev = b;
    return b + 1;
}

// Gives one block back early.
TAMAR__BASE_UNUSED static void tamar__arena_drop(tamar__arena *a, void *ptr)
{
    tamar__arena_block *b = ptr ? (tamar__arena_block *)ptr - 1 : NULL;
    if (!b) return;
    if (b->prev) b->prev->next = b->next;
    else a->blocks = b->next;
    if (b->next) b->next->prev = b->prev;
    tamar__base_resize(a->memory, b, b->size + sizeof *b, 0);
}

// A small piece, aligned like the allocator's results. Never resized, freed with the arena.
TAMAR__BASE_UNUSED static void *tamar__arena_raw(tamar__arena *a, size_t size)
{
    void *p;
    if (size > SIZE_MAX - 15) return NULL;
    size = (size + 15) & ~(size_t)15;
    if (size > (size_t)(a->end - a->at)) {
        size_t chunk = tamar__base_max(a->chunk, size);
        char *c = (char *)tamar__arena_resize(a, NULL, chunk);
        if (!c) return NULL;
        a->at = c;
        a->end = c + chunk;
        if (a->chunk < 64 * 1024) a->chunk *= 2;
    }
    p = a->at;
    a->at += size;
    return p;
}

// The same, zeroed.
TAMAR__BASE_UNUSED static void *tamar__arena_get(tamar__arena *a, size_t size)
{
    void *p = tamar__arena_raw(a, size);
    if (p) memset(p, 0, size);
    return p;
}

// NUL-terminated copy.
TAMAR__BASE_UNUSED static char *tamar__arena_copy(tamar__arena *a, const char *ptr, size_t len)
{
    char *p;
    if (len == SIZE_MAX) return NULL;
    p = (char *)tamar__arena_raw(a, len + 1);
    if (!p) return NULL;
    if (len) memcpy(p, ptr, len);
    p[len] = 0;
    return p;
}

TAMAR__BASE_UNUSED static void tamar__arena_free(tamar__arena *a)
{
    tamar__arena_block *b = a->blocks, *next;
    for (; b; b = next) {
        next = b->next;
        tamar__base_resize(a->memory, b, b->size + sizeof *b, 0);
    }
    a->blocks = NULL;
    a->at = a->end = NULL;
}

typedef struct tamar__arena_piece {
    size_t size;  // of the payload, a multiple of 16; lowest bit: in use
    size_t before;  // payload size of the piece before, 0 for the first
#if SIZE_MAX < 0xffffffffffffffff
    size_t pad[2];
#endif
} tamar__arena_piece;  // 16 bytes, so payloads stay aligned

typedef struct tamar__arena_pool {
    char *begin, *end;
    char *high;  // no byte at or behind it was ever handed out
} tamar__arena_pool;

TAMAR__BASE_UNUSED static tamar__arena_piece *tamar__arena_after(tamar__arena_piece *p)
{
    return (tamar__arena_piece *)(void *)((char *)(p + 1) + (p->size & ~(size_t)15));
}

TAMAR__BASE_UNUSED static bool tamar__arena_pool_init(tamar__arena_pool *pool, void *block, size_t size)
{
    size_t skew = (size_t)(-(intptr_t)block & 15);
    tamar__arena_piece *first;
    if (!block || size < skew + 3 * sizeof *first + 16) return false;
    pool->begin = (char *)block + skew;
    pool->end = pool->begin + ((size - skew) & ~(size_t)15) - sizeof *first;  // the end mark's place
    pool->high = pool->begin;
    first = (tamar__arena_piece *)(void *)pool->begin;
    first->size = (size_t)(pool->end - pool->begin) - sizeof *first;
    first->before = 0;
    ((tamar__arena_piece *)(void *)pool->end)->size = 1;
    ((tamar__arena_piece *)(void *)pool->end)->before = first->size;
    return true;
}

static void tamar__arena_split(tamar__arena_piece *p, size_t size)  // p is in use and at least size
{
    size_t have = p->size & ~(size_t)15;
    tamar__arena_piece *rest, *next;
    if (have - size < sizeof *p + 16) return;
    next = tamar__arena_after(p);
    p->size = size | 1;
    rest = tamar__arena_after(p);
    rest->size = have - size - sizeof *p;
    rest->before = size;
    if (!(next->size & 1)) rest->size += next->size + sizeof *p;
    tamar__arena_after(rest)->before = rest->size;
}

static void tamar__arena_release(tamar__arena_pool *pool, tamar__arena_piece *p)
{
    tamar__arena_piece *next = tamar__arena_after(p);
    p->size &= ~(size_t)15;
    if (!(next->size & 1)) p->size += next->size + sizeof *p;
    if ((char *)p > pool->begin) {
        tamar__arena_piece *prev = (tamar__arena_piece *)(void *)((char *)p - p->before - sizeof *p);
        if (!(prev->size & 1)) {
            prev->size += p->size + sizeof *p;
            p = prev;
        }
    }
    tamar__arena_after(p)->before = p->size;
}

// A tamar_allocator function; user_data is the pool.
TAMAR__BASE_UNUSED static void *tamar__arena_pool_resize(void *user_data, void *ptr, size_t old_size, size_t new_size)
{
    tamar__arena_pool *pool = (tamar__arena_pool *)user_data;
    tamar__arena_piece *p = ptr ? (tamar__arena_piece *)ptr - 1 : NULL, *next;
    size_t need;
    if (new_size == 0) {
        if (p) tamar__arena_release(pool, p);
        return NULL;
    }
    if (new_size > (size_t)(pool->end - pool->begin)) return NULL;
    need = (new_size + 15) & ~(size_t)15;
    if (p) {  // in place, with the free neighbour behind it if that helps
        size_t have = p->size & ~(size_t)15;
        next = tamar__arena_after(p);
        if (have < need && !(next->size & 1) && have + sizeof *p + next->size >= need) {
            p->size = (have + sizeof *p + next->size) | 1;
            tamar__arena_after(p)->before = p->size & ~(size_t)15;
            have = p->size & ~(size_t)15;
        }
        if (have >= need) {
            tamar__arena_split(p, need);
            if ((char *)tamar__arena_after(p) > pool->high) pool->high = (char *)tamar__arena_after(p);
            return ptr;
        }
    }
    for (next = (tamar__arena_piece *)(void *)pool->begin; (char *)next < pool->end; next = tamar__arena_after(next)) {
        if ((next->size & 1) || next->size < need) continue;
        next->size |= 1;
        tamar__arena_split(next, need);
        if ((char *)tamar__arena_after(next) > pool->high) pool->high = (char *)tamar__arena_after(next);
        if (p) {
            memcpy(next + 1, ptr, tamar__base_min(old_size, new_size));
            tamar__arena_release(pool, p);
        }
        return next + 1;
    }
    return NULL;
}


static void *tamar__arena_resize_any(void *user_data, void *ptr, size_t old_size, size_t new_size)
{
    (void)old_size;
    if (new_size) return tamar__arena_resize((tamar__arena *)user_data, ptr, new_size);
    tamar__arena_drop((tamar__arena *)user_data, ptr);
    return NULL;
}

// An allocator whose blocks belong to the arena: what a writer grows in.
TAMAR__BASE_UNUSED static tamar_allocator tamar__arena_allocator(tamar__arena *a)
{
    tamar_allocator r;
    r.resize = tamar__arena_resize_any;
    r.user_data = a;
    return r;
}

// =================================================================================================
// >>str  views, a growing buffer with a cap, UTF-8, base64 | uses: base arena
// A buffer doubles and has a maximum, always. It remembers that it failed, so a run of appends needs one
// check at its end. UTF-8 is judged by the table of RFC 3629 section 4; a bad sequence is replaced as
// Unicode recommends (one U+FFFD for each maximal part that could have begun a character).
// =================================================================================================

TAMAR__BASE_UNUSED static tamar_str tamar__str_make(const char *ptr, size_t len)
{
    tamar_str s;
    s.ptr = ptr;
    s.len = len;
    return s;
}

TAMAR__BASE_UNUSED static tamar_str tamar__str_z(const char *z) { return tamar__str_make(z, z ? strlen(z) : 0); }

TAMAR__BASE_UNUSED static bool tamar__str_equal(tamar_str a, tamar_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

TAMAR__BASE_UNUSED static bool tamar__str_is(tamar_str a, const char *z)
{
    return tamar__str_equal(a, tamar__str_z(z));
}

TAMAR__BASE_UNUSED static bool tamar__str_starts(tamar_str a, const char *z)
{
    size_t n = strlen(z);
    return a.len >= n && memcmp(a.ptr, z, n) == 0;
}

TAMAR__BASE_INLINE char tamar__str_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

TAMAR__BASE_UNUSED static bool tamar__str_same_nocase(const char *p, const char *z, size_t n)
{
    for (; n; n--, p++, z++)
        if (*p != *z && ((*p ^ *z) != 0x20 || (unsigned char)((*p | 0x20) - 'a') > 25)) return false;
    return true;
}

// Of a literal the compiler knows the length, and most names differ in that.
TAMAR__BASE_INLINE bool tamar__str_is_nocase(tamar_str a, const char *z)
{
    return a.len == strlen(z) && tamar__str_same_nocase(a.ptr, z, a.len);
}

// How many bytes from p on are printable ASCII? Eight a step: adding 0x60 to the seven low bits of a byte carries into
// its top bit from 0x20 on, and adding 1 does so for 0x7F only.
TAMAR__BASE_UNUSED static size_t tamar__str_printable(const char *p, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    const char *at = p;
    uint64_t w;
    for (; end - at >= 8; at += 8) {
        memcpy(&w, at, 8);
        if ((~((w & ~tops) + 0x60 * ones) | ((w & ~tops) + ones) | w) & tops) break;
    }
    while (at < end && (unsigned char)(*at - ' ') < 0x7F - ' ') at++;
    return (size_t)(at - p);
}

// Where z stands in a, or a.len. ASCII case is ignored on request.
TAMAR__BASE_UNUSED static size_t tamar__str_find(tamar_str a, const char *z, bool nocase)
{
    size_t i, k, n = strlen(z);
    for (i = 0; n <= a.len && i <= a.len - n; i++) {
        for (k = 0; k < n; k++) {
            char x = a.ptr[i + k], y = z[k];
            if (nocase ? tamar__str_lower(x) != tamar__str_lower(y) : x != y) break;
        }
        if (k == n) return i;
    }
    return a.len;
}

// Where the first c stands, or s.len.
TAMAR__BASE_UNUSED static size_t tamar__str_at(tamar_str s, char c)
{
    const char *p = s.len ? (const char *)memchr(s.ptr, c, s.len) : NULL;
    return p ? (size_t)(p - s.ptr) : s.len;
}

TAMAR__BASE_UNUSED static tamar_str tamar__str_trim(tamar_str a)
{
    while (a.len && (unsigned char)a.ptr[0] <= ' ') a.ptr++, a.len--;
    while (a.len && (unsigned char)a.ptr[a.len - 1] <= ' ') a.len--;
    return a;
}

// The first count bytes, cut on a character's border.
TAMAR__BASE_UNUSED static tamar_str tamar__str_head(tamar_str a, size_t count)
{
    if (a.len <= count) return a;
    while (count && ((unsigned char)a.ptr[count] & 0xC0) == 0x80) count--;
    a.len = count;
    return a;
}

typedef struct tamar__str_buf {
    char *ptr;
    size_t len, cap;
    size_t max;  // len never exceeds it
    tamar__arena *arena;
    bool full;  // an append was refused since; sticky. over: by max, not by memory
    bool over;
    bool in_chunk;  // stands in a chunk of the arena, not in a block of its own
} tamar__str_buf;

TAMAR__BASE_UNUSED static void tamar__str_init(tamar__str_buf *b, tamar__arena *arena, size_t max)
{
    memset(b, 0, sizeof *b);
    b->arena = arena;
    b->max = max;
}

#define TAMAR__STR_SMALL 256  // bytes; what stays below costs no block of its own

// Room for extra more bytes and a NUL.
static bool tamar__str_grow(tamar__str_buf *b, size_t extra)
{
    size_t need, cap = b->cap ? b->cap : 64;
    char *p;
    if (b->full) return false;
    if (!tamar__base_add(b->len, extra, &need) || need > b->max) {
        b->full = b->over = true;
        b->cap = 0;  // so that a shorter piece does not find room behind the gap
        return false;
    }
    while (cap <= need) cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    if (cap > b->max && b->max < SIZE_MAX) cap = b->max + 1;
    if (!b->ptr && cap <= TAMAR__STR_SMALL) {
        p = (char *)tamar__arena_raw(b->arena, cap);
        b->in_chunk = p != NULL;
    }
    else if (b->in_chunk) {  // it has outgrown the chunk
        p = (char *)tamar__arena_resize(b->arena, NULL, cap);
        if (p) memcpy(p, b->ptr, b->len);
        b->in_chunk = p == NULL;
    }
    else p = (char *)tamar__arena_resize(b->arena, b->ptr, cap);
    if (!p) {
        b->full = true;
        b->cap = 0;
        return false;
    }
    b->ptr = p;
    b->cap = cap;
    return true;
}

TAMAR__BASE_INLINE bool tamar__str_room(tamar__str_buf *b, size_t extra)
{
    return TAMAR__BASE_LIKELY(b->cap > b->len && extra < b->cap - b->len) || tamar__str_grow(b, extra);
}

TAMAR__BASE_UNUSED static bool tamar__str_put(tamar__str_buf *b, const char *ptr, size_t len)
{
    if (!tamar__str_room(b, len)) return false;
    if (len) memcpy(b->ptr + b->len, ptr, len);
    b->len += len;
    b->ptr[b->len] = 0;
    return true;
}

TAMAR__BASE_UNUSED static bool tamar__str_puts(tamar__str_buf *b, const char *z)
{
    return tamar__str_put(b, z, strlen(z));
}

TAMAR__BASE_UNUSED static bool tamar__str_putc(tamar__str_buf *b, char c) { return tamar__str_put(b, &c, 1); }

TAMAR__BASE_UNUSED static bool tamar__str_put_uint(tamar__str_buf *b, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits;
    do digits[--n] = (char)('0' + value % 10);
    while (value /= 10);
    return tamar__str_put(b, digits + n, sizeof digits - n);
}

TAMAR__BASE_UNUSED static tamar_str tamar__str_view(const tamar__str_buf *b)
{
    return tamar__str_make(b->ptr ? b->ptr : "", b->len);
}

// Drops the first count bytes.
TAMAR__BASE_UNUSED static void tamar__str_consume(tamar__str_buf *b, size_t count)
{
    if (count && count < b->len) memmove(b->ptr, b->ptr + count, b->len - count);
    b->len -= count;
    if (b->ptr) b->ptr[b->len] = 0;
}

TAMAR__BASE_UNUSED static void tamar__str_free(tamar__str_buf *b)
{
    if (b->ptr && !b->in_chunk) tamar__arena_drop(b->arena, b->ptr);
    b->in_chunk = false;
    b->ptr = NULL;
    b->len = b->cap = 0;
}

// Decimal digits only, all of them; no sign, no overflow.
TAMAR__BASE_UNUSED static bool tamar__str_uint(tamar_str s, uint64_t *value)
{
    uint64_t v = 0;
    size_t i;
    for (i = 0; i < s.len; i++) {
        unsigned d = (unsigned)(s.ptr[i] - '0');
        if (d > 9 || v > (UINT64_MAX - d) / 10) return false;
        v = v * 10 + d;
    }
    if (s.len) *value = v;
    return s.len > 0;
}

// -- UTF-8 -----------------------------------------------------------------------------------------

// Length of the character at p: 1 to 4, or 0 if the bytes there are none. *part: how many of them could
// have begun one (at least 1); all that is left (p + *part == end) means that the rest may still come.
static size_t tamar__str_utf8(const char *p, const char *end, size_t *part)
{
    unsigned char c = (unsigned char)p[0], low = 0x80, high = 0xBF;
    size_t n, i;
    *part = 1;
    if (c < 0x80) return 1;
    if (c < 0xC2 || c > 0xF4) return 0;
    n = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (c == 0xE0) low = 0xA0;  // overlong
    if (c == 0xED) high = 0x9F;  // surrogates
    if (c == 0xF0) low = 0x90;  // overlong
    if (c == 0xF4) high = 0x8F;  // above U+10FFFF
    for (i = 1; i < n; i++) {
        if (p + i == end) return 0;
        c = (unsigned char)p[i];
        if (c < low || c > high) return 0;
        low = 0x80;
        high = 0xBF;
        *part = i + 1;
    }
    return n;
}

// How many bytes from p on are whole, valid characters.
TAMAR__BASE_UNUSED static size_t tamar__str_utf8_span(const char *p, const char *end)
{
    const char *at = p;
    size_t n, part;
    while (at < end) {
        uint64_t w;
        if (end - at >= 8) {
            memcpy(&w, at, 8);
            if (!(w & UINT64_C(0x8080808080808080))) {
                at += 8;
                continue;
            }
        }
        if ((unsigned char)*at < 0x80) {
            at++;
            continue;
        }
        n = tamar__str_utf8(at, end, &part);
        if (!n) break;
        at += n;
    }
    return (size_t)(at - p);
}

// Writes code point cp at out (room for 4) and returns how many bytes it took.
TAMAR__BASE_UNUSED static size_t tamar__str_encode(uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 63));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 63));
        out[2] = (char)(0x80 | (cp & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 63));
    out[2] = (char)(0x80 | (cp >> 6 & 63));
    out[3] = (char)(0x80 | (cp & 63));
    return 4;
}

#define TAMAR__STR_REPLACEMENT "\xEF\xBF\xBD"

// -- base64 (RFC 4648) -----------------------------------------------------------------------------

// url: the alphabet of section 5, without padding.
TAMAR__BASE_UNUSED static bool tamar__str_base64(tamar__str_buf *b, const void *data, size_t len, bool url)
{
    static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const unsigned char *d = (const unsigned char *)data;
    size_t need, i;
    char c62 = url ? '-' : '+', c63 = url ? '_' : '/', *out;
    if (!tamar__base_mul(len / 3 + 1, 4, &need) || !tamar__str_room(b, need)) return false;
    out = b->ptr + b->len;
    for (i = 0; i < len; i += 3) {
        size_t left = len - i, k;
        uint32_t v = (uint32_t)d[i] << 16 | (left > 1 ? (uint32_t)d[i + 1] << 8 : 0) | (left > 2 ? d[i + 2] : 0);
        for (k = 0; k < 4; k++) {
            uint32_t six = v >> (18 - 6 * k) & 63;
            if (k > left) {
                if (!url) *out++ = '=';
            }
            else *out++ = six < 62 ? common[six] : six == 62 ? c62 : c63;
        }
    }
    b->len = (size_t)(out - b->ptr);
    b->ptr[b->len] = 0;
    return true;
}

// Either alphabet, padding optional, white space skipped. False on anything else; what was good is appended.
TAMAR__BASE_UNUSED static bool tamar__str_unbase64(tamar__str_buf *b, tamar_str text)
{
    uint32_t v = 0;
    int bits = 0;
    bool padded = false;
    size_t i;
    if (!tamar__str_room(b, text.len / 4 * 3 + 3)) return false;
    for (i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        uint32_t six;
        if (c >= 'A' && c <= 'Z') six = (uint32_t)(c - 'A');
        else if (c >= 'a' && c <= 'z') six = (uint32_t)(c - 'a' + 26);
        else if (c >= '0' && c <= '9') six = (uint32_t)(c - '0' + 52);
        else if (c == '+' || c == '-') six = 62;
        else if (c == '/' || c == '_') six = 63;
        else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
        else if (c == '=') {
            padded = true;
            continue;
        }
        else return false;
        if (padded) return false;
        v = (v & 0x3FFFF) << 6 | six;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            b->ptr[b->len++] = (char)(v >> bits);
        }
    }
    b->ptr[b->len] = 0;
    return bits < 6;
}

// =================================================================================================
// >>num  integers and doubles, both ways, exact | uses: base
// No libc, no locale, no floating-point arithmetic: a double is made and taken apart as bits, so neither
// the rounding mode nor x87 registers matter. Text is checked here too (RFC 8259 section 6), so every
// function takes any bytes.
//
// Text to double: the first 19 digits times a 128-bit power of ten, truncated (Lemire 2021). What was cut
// off makes the product too small by a known amount; only when a rounding border lies within that amount
// are the whole digits compared with the border, exactly. More than 768 digits never matter.
// Double to text: Schubfach (Giulietti 2020), the shortest digits that read back the same, and of these
// the nearest. Both share one table: 26 powers 10^(27 i) with 192 bits and 27 small powers; their product
// has its upper 128 bits right for every power from -351 to 350 (all were compared).
// =================================================================================================

// The upper bits of 10^-351, 10^-324 ... 10^324, highest word first.
static const uint64_t tamar__num_coarse[26][3] = {
    {UINT64_C(0x8049a4ac0c5811ae), UINT64_C(0x205b896d777d6278), UINT64_C(0xac261e9f5141430b)},
    {UINT64_C(0xcf42894a5dce35ea), UINT64_C(0x52064cac828675b9), UINT64_C(0x475f2b7d7df1ad7a)},
    {UINT64_C(0xa76c582338ed2621), UINT64_C(0xaf2af2b80af6f24e), UINT64_C(0x657c8f4d43323a36)},
    {UINT64_C(0x873e4f75e2224e68), UINT64_C(0x5a7744a6e804a291), UINT64_C(0xcc35eddfcf0996d7)},
    {UINT64_C(0xda7f5bf590966848), UINT64_C(0xaf39a475506a899e), UINT64_C(0xa30294cc2934e662)},
    {UINT64_C(0xb080392cc4349dec), UINT64_C(0xbd8d794d96aacfb3), UINT64_C(0xfe13a5c86af64418)},
    {UINT64_C(0x8e938662882af53e), UINT64_C(0x547eb47b7282ee9c), UINT64_C(0x41b0230e1421487d)},
    {UINT64_C(0xe65829b3046b0afa), UINT64_C(0x0cb4a5a3112a5112), UINT64_C(0xa3b561b1cb208396)},
    {UINT64_C(0xba121a4650e4ddeb), UINT64_C(0x92f34d62616ce413), UINT64_C(0x21a0183e10583cd3)},
    {UINT64_C(0x964e858c91ba2655), UINT64_C(0x3a6a07f8d510f86f), UINT64_C(0xe9082f25e9c5e9ec)},
    {UINT64_C(0xf2d56790ab41c2a2), UINT64_C(0xfae27299423fb9c3), UINT64_C(0x3695dad7e8858901)},
    {UINT64_C(0xc428d05aa4751e4c), UINT64_C(0xaa97e14c3c26b886), UINT64_C(0x96842dc95323f5a8)},
    {UINT64_C(0x9e74d1b791e07e48), UINT64_C(0x775ea264cf55347d), UINT64_C(0xca49f1c05120c9c7)},
    {UINT64_C(0x8000000000000000), UINT64_C(0x0000000000000000), UINT64_C(0x0000000000000000)},
    {UINT64_C(0xcecb8f27f4200f3a), UINT64_C(0x0000000000000000), UINT64_C(0x0000000000000000)},
    {UINT64_C(0xa70c3c40a64e6c51), UINT64_C(0x999090b65f67d924), UINT64_C(0x0000000000000000)},
    {UINT64_C(0x86f0ac99b4e8dafd), UINT64_C(0x69a028bb3ded71a3), UINT64_C(0xdf9f915627c04e28)},
    {UINT64_C(0xda01ee641a708de9), UINT64_C(0xe80e6f4820cc9495), UINT64_C(0xd74baad03bc1d8d3)},
    {UINT64_C(0xb01ae745b101e9e4), UINT64_C(0x5ec05dcff72e7f8f), UINT64_C(0xc04c79ffe324301f)},
    {UINT64_C(0x8e41ade9fbebc27d), UINT64_C(0x14588f13be847307), UINT64_C(0x23bd6a2059c002f5)},
    {UINT64_C(0xe5d3ef282a242e81), UINT64_C(0x8f1668c8a86da5fa), UINT64_C(0xf0b5ccf5176ecc7c)},
    {UINT64_C(0xb9a74a0637ce2ee1), UINT64_C(0x6d953e2bd7173692), UINT64_C(0x88efb0037ac08bde)},
    {UINT64_C(0x95f83d0a1fb69cd9), UINT64_C(0x4abdaf101564f98e), UINT64_C(0x0d5a4af7b3a98e47)},
    {UINT64_C(0xf24a01a73cf2dccf), UINT64_C(0xbc633b39673c8cec), UINT64_C(0x3d9c44cd2f36917c)},
    {UINT64_C(0xc3b8358109e84f07), UINT64_C(0x0a862f80ec4700c8), UINT64_C(0x02606ea01029dc37)},
    {UINT64_C(0x9e19db92b4e31ba9), UINT64_C(0x6c07a2c26a8346d1), UINT64_C(0x4944d9f52cd0dec2)},
};

// The upper bits of 10^0 to 10^26.
static const uint64_t tamar__num_fine[27] = {
    UINT64_C(0x8000000000000000), UINT64_C(0xa000000000000000), UINT64_C(0xc800000000000000),
    UINT64_C(0xfa00000000000000), UINT64_C(0x9c40000000000000), UINT64_C(0xc350000000000000),
    UINT64_C(0xf424000000000000), UINT64_C(0x9896800000000000), UINT64_C(0xbebc200000000000),
    UINT64_C(0xee6b280000000000), UINT64_C(0x9502f90000000000), UINT64_C(0xba43b74000000000),
    UINT64_C(0xe8d4a51000000000), UINT64_C(0x9184e72a00000000), UINT64_C(0xb5e620f480000000),
    UINT64_C(0xe35fa931a0000000), UINT64_C(0x8e1bc9bf04000000), UINT64_C(0xb1a2bc2ec5000000),
    UINT64_C(0xde0b6b3a76400000), UINT64_C(0x8ac7230489e80000), UINT64_C(0xad78ebc5ac620000),
    UINT64_C(0xd8d726b7177a8000), UINT64_C(0x878678326eac9000), UINT64_C(0xa968163f0a57b400),
    UINT64_C(0xd3c21bcecceda100), UINT64_C(0x84595161401484a0), UINT64_C(0xa56fa5b99019a5c8),
};

#if defined(__SIZEOF_INT128__)
__extension__ typedef unsigned __int128 tamar__num_wide;
#endif

static uint64_t tamar__num_mul(uint64_t a, uint64_t b, uint64_t *high)
{
#if defined(__SIZEOF_INT128__)
    tamar__num_wide product = (tamar__num_wide)a * b;
    *high = (uint64_t)(product >> 64);
    return (uint64_t)product;
#else
    const uint64_t mask = 0xFFFFFFFF;
    uint64_t low = (a & mask) * (b & mask), m = (a >> 32) * (b & mask) + (low >> 32);
    uint64_t n = (a & mask) * (b >> 32) + (m & mask);
    *high = (a >> 32) * (b >> 32) + (m >> 32) + (n >> 32);
    return (n & mask) << 32 | (low & mask);
#endif
}

// a + b; *carry grows by one if that does not fit.
static uint64_t tamar__num_add(uint64_t a, uint64_t b, uint64_t *carry)
{
    bool over = a > UINT64_MAX - b;
    *carry += over;
    return over ? a - (UINT64_MAX - b) - 1 : a + b;
}

// 10^k as 128 bits with the highest one set, truncated; k from -351 to 350.
static void tamar__num_power(int k, uint64_t *high, uint64_t *low)
{
    const uint64_t *coarse = tamar__num_coarse[(k + 351) / 27];
    uint64_t fine = tamar__num_fine[(k + 351) % 27];
    uint64_t h0, h1, h2, l1, l2, rest;
    tamar__num_mul(coarse[2], fine, &h0);
    l1 = tamar__num_mul(coarse[1], fine, &h1);
    l2 = tamar__num_mul(coarse[0], fine, &h2);
    rest = tamar__num_add(h0, l1, &h1);
    *low = tamar__num_add(h1, l2, &h2);
    *high = h2;
    if (h2 >> 63) return;
    *high = h2 << 1 | *low >> 63;
    *low = (*low & UINT64_MAX >> 1) << 1 | rest >> 63;
}

// The exponent of the highest bit of 10^k.
static int tamar__num_log2(int k) { return (int)((uint32_t)(k * 217706 + (1330 << 16)) >> 16) - 1330; }

static int tamar__num_zeros(uint64_t v)  // leading ones; v is not 0
{
#if defined(__GNUC__)
    return __builtin_clzll(v);
#else
    int n = 0, step;
    for (step = 32; step; step /= 2)
        if (!(v >> (64 - step))) {
            n += step;
            v <<= step;
        }
    return n;
#endif
}

typedef struct tamar__num_text {
    const char *digits;  // the first one that is not 0
    int64_t count;  // of digits from there on
    int64_t last;  // power of ten of the last one
    uint64_t head;  // the first 19 of them
    bool negative;
    bool cut;  // some digit behind head is not 0
} tamar__num_text;

TAMAR__BASE_INLINE bool tamar__num_digit(const char *p, const char *end) { return p < end && *p >= '0' && *p <= '9'; }

// Are all of these eight bytes digits? Their upper halves are 3, and 6 more makes no lower half overflow.
TAMAR__BASE_INLINE bool tamar__num_eight(const char *p)
{
    const uint64_t all = UINT64_C(0x0101010101010101);
    uint64_t w;
    memcpy(&w, p, 8);
    return (w & all * 0xF0) == all * 0x30 && (((w & all * 0x0F) + all * 6) & all * 0xF0) == 0;
}

// Behind the number that starts at p. *whole false: the text stopped being a number at the place returned.
static const char *tamar__num_end(const char *p, const char *end, bool *whole)
{
    *whole = false;
    if (p < end && *p == '-') p++;
    if (!tamar__num_digit(p, end)) return p;
    if (*p++ != '0')
        while (tamar__num_digit(p, end)) p++;
    if (p < end && *p == '.') {
        p++;
        if (!tamar__num_digit(p, end)) return p;
        while (tamar__num_digit(p, end)) p++;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        if (!tamar__num_digit(p, end)) return p;
        while (tamar__num_digit(p, end)) p++;
    }
    *whole = true;
    return p;
}

// Takes digits in from p on; returns what is behind them.
TAMAR__BASE_INLINE const char *tamar__num_take(tamar__num_text *t, const char *p, const char *end)
{
    for (; tamar__num_digit(p, end); p++) {
        unsigned d = (unsigned)(*p - '0');
        if (t->count == 0) {
            if (d == 0) continue;
            t->digits = p;
        }
        if (t->count++ < 19) t->head = t->head * 10 + d;
        else t->cut |= d != 0;
    }
    return p;
}

// False: the text is no number, or not only one.
static bool tamar__num_scan(const char *p, size_t len, tamar__num_text *t)
{
    const char *end = p + len, *start;
    bool minus;
    memset(t, 0, sizeof *t);
    t->negative = len && *p == '-';
    if (t->negative) p++;
    if (!tamar__num_digit(p, end)) return false;
    if (*p == '0') p++;
    else p = tamar__num_take(t, p, end);
    if (p < end && *p == '.') {
        start = ++p;
        p = tamar__num_take(t, p, end);
        if (p == start) return false;
        t->last = start - p;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        int64_t exponent = 0;
        p++;
        minus = p < end && *p == '-';
        if (p < end && (*p == '+' || *p == '-')) p++;
        for (start = p; tamar__num_digit(p, end); p++)
            if (exponent < INT64_C(1000000000000000)) exponent = exponent * 10 + (*p - '0');
        if (p == start) return false;
        t->last += minus ? -exponent : exponent;
    }
    return p == end;
}

// The size of a whole number without its sign. OUT_OF_RANGE when it has a fraction or needs more than 64 bits.
static tamar_json_status tamar__num_whole(const tamar__num_text *t, uint64_t *out)
{
    const char *p = t->digits;
    uint64_t v = 0;
    int64_t i, last = t->last;
    for (i = t->count - 1; i >= 0; p++) {
        unsigned d;
        if (*p == '.') continue;
        d = (unsigned)(*p - '0');
        if (last < 0 && i < -last) {
            if (d) return TAMAR_JSON_OUT_OF_RANGE;
        }
        else {
            if (v > (UINT64_MAX - d) / 10) return TAMAR_JSON_OUT_OF_RANGE;
            v = v * 10 + d;
        }
        i--;
    }
    for (; last > 0 && v; last--) {
        if (v > UINT64_MAX / 10) return TAMAR_JSON_OUT_OF_RANGE;
        v *= 10;
    }
    *out = v;
    return TAMAR_JSON_OK;
}

// Counts and indices: up to 18 digits and nothing else.
TAMAR__BASE_INLINE bool tamar__num_short(const char *ptr, size_t len, uint64_t *out)
{
    const char *p = ptr, *end = ptr + len;
    uint64_t v = 0;
    if (len == 0 || len > 18 || (*ptr == '0' && len > 1)) return false;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9') return false;
        v = v * 10 + (unsigned)(*p - '0');
    }
    *out = v;
    return true;
}

// *out is left alone unless OK. SYNTAX: no number.
TAMAR__BASE_UNUSED static tamar_json_status tamar__num_to_uint(const char *ptr, size_t len, uint64_t *out)
{
    tamar__num_text t;
    uint64_t v;
    if (tamar__num_short(ptr, len, out)) return TAMAR_JSON_OK;
    if (!tamar__num_scan(ptr, len, &t)) return TAMAR_JSON_SYNTAX;
    if (tamar__num_whole(&t, &v) != TAMAR_JSON_OK || (t.negative && v)) return TAMAR_JSON_OUT_OF_RANGE;
    *out = v;
    return TAMAR_JSON_OK;
}

TAMAR__BASE_UNUSED static tamar_json_status tamar__num_to_int(const char *ptr, size_t len, int64_t *out)
{
    tamar__num_text t;
    uint64_t v;
    if (tamar__num_short(ptr, len, &v)) {
        *out = (int64_t)v;
        return TAMAR_JSON_OK;
    }
    if (!tamar__num_scan(ptr, len, &t)) return TAMAR_JSON_SYNTAX;
    if (tamar__num_whole(&t, &v) != TAMAR_JSON_OK) return TAMAR_JSON_OUT_OF_RANGE;
    if (v > (uint64_t)INT64_MAX + t.negative) return TAMAR_JSON_OUT_OF_RANGE;
    *out = !t.negative ? (int64_t)v : v ? -(int64_t)(v - 1) - 1 : 0;
    return TAMAR_JSON_OK;
}

// -- exact comparison with a border ----------------------------------------------------------------

// A natural number. 768 digits are 2,552 bits, 5^1093 times 54 bits are 2,592; a shift brings both to one size.
typedef struct tamar__num_big {
    uint32_t limb[84];  // lowest first
    int count;
} tamar__num_big;

static void tamar__num_big_step(tamar__num_big *b, uint32_t factor, uint32_t add)  // b = b * factor + add
{
    uint64_t carry = add;
    int i;
    for (i = 0; i < b->count; i++) {
        carry += (uint64_t)b->limb[i] * factor;
        b->limb[i] = (uint32_t)(carry & 0xFFFFFFFF);
        carry >>= 32;
    }
    if (carry) b->limb[b->count++] = (uint32_t)carry;
}

static void tamar__num_big_five(tamar__num_big *b, int power)
{
    for (; power >= 13; power -= 13) tamar__num_big_step(b, 1220703125, 0);
    while (power-- > 0) tamar__num_big_step(b, 5, 0);
}

static void tamar__num_big_shift(tamar__num_big *b, int bits)
{
    int words = bits / 32, i;
    tamar__num_big_step(b, (uint32_t)1 << bits % 32, 0);
    for (i = b->count - 1; i >= 0; i--) b->limb[i + words] = b->limb[i];
    memset(b->limb, 0, (size_t)words * 4);
    b->count += words;
}

// The digits against (2 m + 1) 2^e, the border above m: below 0, 0, above 0. The two are near each other.
static int tamar__num_border(const tamar__num_text *t, uint64_t m, int e)
{
    tamar__num_big a, b;
    const char *p = t->digits;
    int64_t left = t->count, used = 0;
    int exponent, i;
    bool rest = false;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    for (; left && used < 768; p++) {
        if (*p == '.') continue;
        tamar__num_big_step(&a, 10, (uint32_t)(*p - '0'));
        left--;
        used++;
    }
    for (; left; p++) {
        if (*p == '.') continue;
        rest |= *p != '0';
        left--;
    }
    exponent = (int)(t->last + t->count - used);
    m = m * 2 + 1;
    b.limb[0] = (uint32_t)(m & 0xFFFFFFFF);
    b.limb[1] = (uint32_t)(m >> 32);
    b.count = b.limb[1] ? 2 : 1;
    if (exponent > 0) tamar__num_big_five(&a, exponent);
    else tamar__num_big_five(&b, -exponent);
    if (exponent > e) tamar__num_big_shift(&a, exponent - e);
    else tamar__num_big_shift(&b, e - exponent);
    if (a.count != b.count) return a.count - b.count;
    for (i = a.count - 1; i >= 0; i--)
        if (a.limb[i] != b.limb[i]) return a.limb[i] > b.limb[i] ? 1 : -1;
    return rest;
}

TAMAR__BASE_UNUSED static tamar_json_status tamar__num_to_double(const char *ptr, size_t len, double *out)
{
    tamar__num_text t;
    uint64_t high, low, top, mid, rest, half, m, bits = 0;
    int64_t q;
    int zeros, e, shift;
    bool up, exact;
    if (!tamar__num_scan(ptr, len, &t)) return TAMAR_JSON_SYNTAX;
    q = t.count > 19 ? t.last + t.count - 19 : t.last;
    if (t.head && q > 308) return TAMAR_JSON_OUT_OF_RANGE;
    if (t.head && q >= -342) {
        // value = top:mid:low * 2^e, where the highest bit of top is 62 or 63
        tamar__num_power((int)q, &high, &low);
        zeros = tamar__num_zeros(t.head);
        rest = tamar__num_mul(low, t.head << zeros, &half);
        mid = tamar__num_mul(high, t.head << zeros, &top);
        mid = tamar__num_add(mid, half, &top);
        exact = q >= 0 && q <= 55 && !t.cut;
        low = rest;
        e = tamar__num_log2((int)q) + 1 - zeros;
        shift = 10 + (int)(top >> 63);
        if (e + shift < -1074) shift = -1074 - e;
        if (shift <= 64) {
            m = shift < 64 ? top >> shift : 0;
            half = (uint64_t)1 << (shift - 1);
            rest = shift < 64 ? top & (((uint64_t)1 << shift) - 1) : top;
            if (exact) up = rest > half || (rest == half && (mid || low || (m & 1)));
            else {
                int side = rest >= half ? 1 : -1;
                // The true value is above this by less than one unit of mid, or one of head's last digit.
                bool unsure = t.cut ? rest <= half && half - rest <= 18 : rest == half - 1 && mid == UINT64_MAX;
                if (unsure) side = tamar__num_border(&t, m, e + shift - 1);
                up = side > 0 || (side == 0 && (m & 1));
            }
            m += up;
            // A normal m has its hidden bit, which adds one to the exponent; so does rounding up to the next power.
            bits = m;
            if (e + shift > -1074) bits += (uint64_t)(e + shift + 1074) << 52;
            if (bits >= UINT64_C(0x7FF0000000000000)) return TAMAR_JSON_OUT_OF_RANGE;
        }
    }
    bits |= (uint64_t)t.negative << 63;
    memcpy(out, &bits, 8);
    return TAMAR_JSON_OK;
}

// -- double to text --------------------------------------------------------------------------------

// v * 10^k (its 128 bits) >> 128, with a lowest bit that is set when anything was cut: round to odd.
static uint64_t tamar__num_odd(uint64_t high, uint64_t low, uint64_t v)
{
    uint64_t carry, top, mid;
    tamar__num_mul(low, v, &carry);
    mid = tamar__num_mul(high, v, &top);
    mid = tamar__num_add(mid, carry, &top);
    return top | (mid > 1);
}

// bits of a positive finite double -> digits * 10^*exponent, digits without trailing zeros
static uint64_t tamar__num_shortest(uint64_t bits, int *exponent)
{
    uint64_t fraction = bits & UINT64_C(0xFFFFFFFFFFFFF), c = fraction, high, low, lower, upper, v, s;
    int raw = (int)(bits >> 52), q = raw ? raw - 1075 : -1074, k, h;
    bool narrow = fraction == 0 && raw > 1, in, above, odd;
    if (raw) c |= (uint64_t)1 << 52;
    odd = (c & 1) != 0;
    if (q <= 0 && q > -53 && !(c & (((uint64_t)1 << -q) - 1))) {  // a whole number below 2^53
        s = c >> -q;
        k = 0;
    }
    else {
        k = (int)(((int64_t)q * 1262611 - (narrow ? 524031 : 0) + (INT64_C(400) << 22)) >> 22) - 400;
        h = q + tamar__num_log2(-k) + 1;
        tamar__num_power(-k, &high, &low);
        if (k > 0 || k < -55) {  // not exact: Schubfach wants it rounded up
            uint64_t carry = 0;
            low = tamar__num_add(low, 1, &carry);
            high += carry;
        }
        lower = tamar__num_odd(high, low, (4 * c - 2 + narrow) << h) + odd;
        upper = tamar__num_odd(high, low, (4 * c + 2) << h) - odd;
        v = tamar__num_odd(high, low, (4 * c) << h);
        s = v / 4;
        in = above = false;
        if (s >= 10) {
            uint64_t t = s / 10;
            in = lower <= 40 * t;
            above = 40 * t + 40 <= upper;
            if (in != above) {
                s = t + above;
                k++;
            }
        }
        if (in == above) {
            in = lower <= 4 * s;
            above = 4 * s + 4 <= upper;
            if (in != above) s += above;
            else s += v > 4 * s + 2 || (v == 4 * s + 2 && (s & 1));
        }
    }
    while (s % 10 == 0) {
        s /= 10;
        k++;
    }
    *exponent = k;
    return s;
}

static size_t tamar__num_put_uint(char *out, uint64_t v)  // at most 20 bytes
{
    char digits[20];
    size_t n = sizeof digits;
    do digits[--n] = (char)('0' + v % 10);
    while (v /= 10);
    memcpy(out, digits + n, sizeof digits - n);
    return sizeof digits - n;
}

// At most 20 bytes, sign included.
TAMAR__BASE_UNUSED static size_t tamar__num_put_int(char *out, int64_t v)
{
    if (v >= 0) return tamar__num_put_uint(out, (uint64_t)v);
    *out = '-';
    return 1 + tamar__num_put_uint(out + 1, (uint64_t)(-(v + 1)) + 1);
}

// The shortest text that reads back the same, in JavaScript's manner but for 5.0, which stays a double's text:
// 0.000001 to 99...9.0 (21 digits) without an exponent, else 1.5e21 or 1e-7. At most 26 bytes. False: NaN or infinite.
TAMAR__BASE_UNUSED static bool tamar__num_put_double(char *out, double v, size_t *len)
{
    char digits[20], *p = out;
    uint64_t bits;
    int k = 0, n, point;
    memcpy(&bits, &v, 8);
    if ((bits >> 52 & 0x7FF) == 0x7FF) return false;
    if (bits >> 63) *p++ = '-';
    bits &= UINT64_MAX >> 1;
    n = (int)tamar__num_put_uint(digits, bits ? tamar__num_shortest(bits, &k) : 0);
    point = n + k;  // the value is 0.digits * 10^point
    if (point > 21 || point < -5) {
        *p++ = digits[0];
        if (n > 1) *p++ = '.';
        memcpy(p, digits + 1, (size_t)n - 1);
        p += n - 1;
        *p++ = 'e';
        p += tamar__num_put_int(p, point - 1);
    }
    else if (point <= 0) {
        memcpy(p, "0.000000", 8);
        p += 2 - point;
        memcpy(p, digits, (size_t)n);
        p += n;
    }
    else {
        int i;
        for (i = 0; i < point; i++) *p++ = i < n ? digits[i] : '0';
        *p++ = '.';
        for (; i < n; i++) *p++ = digits[i];
        if (point >= n) *p++ = '0';
    }
    *len = (size_t)(p - out);
    return true;
}

// =================================================================================================
// >>json  reader (on demand, in place) and writer | uses: base arena str num
// Reader: RFC 8259, one pass, no recursion, no allocation. A value is a view of its own text, so the whole
// grammar is one loop, tamar__json_pass, which steps over a value and checks it. The open brackets are bits
// of one word: hence 64 levels. Strings are scanned a word at a time. The accessors run the same loop again
// over what they step over: they trust nothing and never leave their view.
//
// Decoding replaces what is not UTF-8, and surrogates without a partner, by U+FFFD. A carry holds half a
// character or half a pair between two deltas of one text.
//
// Writer: the same bits tell where a key, a comma or an end may stand. What is refused makes it fail for
// good, so a run of calls needs one check at its end. Only what RFC 8259 section 7 demands is escaped.
// =================================================================================================

enum {
    TAMAR__JSON_VALUE,  // a value comes next
    TAMAR__JSON_FIRST,  // behind an opening bracket
    TAMAR__JSON_AFTER  // behind a value
};

enum { TAMAR__JSON_DEPTH = 64 };

// What a reader can say.
static const char *tamar__json_message(tamar_json_status status)
{
    switch (status) {
    case TAMAR_JSON_OK: return "no error";
    case TAMAR_JSON_TRUNCATED: return "the text ends inside a value";
    case TAMAR_JSON_TOO_DEEP: return "nested deeper than 64 levels";
    default: return "the byte here cannot stand in JSON";
    }
}

static tamar_json tamar__json_make(const char *ptr, size_t len)
{
    tamar_json v;
    v.ptr = ptr;
    v.len = len;
    return v;
}

// -- scanning --------------------------------------------------------------------------------------

TAMAR__BASE_NOINLINE static const char *tamar__json_space_run(const char *p, const char *end)
{
    for (;; p++) {
        while (end - p >= 8) {  // indentation
            uint64_t w;
            memcpy(&w, p, 8);
            w ^= UINT64_C(0x2020202020202020);
            if (w) {
                p += tamar__base_first(w);
                break;
            }
            p += 8;
        }
        if (p == end || (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t')) return p;
    }
}

TAMAR__BASE_INLINE const char *tamar__json_space(const char *p, const char *end)
{
    return TAMAR__BASE_LIKELY(p < end && (unsigned char)*p > ' ') ? p : tamar__json_space_run(p, end);
}

static int tamar__json_hex(char c)  // -1: no digit
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

#define TAMAR__JSON_8(v) v, v, v, v, v, v, v, v
// 1: a quote, a backslash or a control byte; 2: not ASCII
static const unsigned char tamar__json_special[256] = {
    TAMAR__JSON_8(1), TAMAR__JSON_8(1), TAMAR__JSON_8(1), TAMAR__JSON_8(1),
    0, 0, 1, 0, 0, 0, 0, 0, TAMAR__JSON_8(0), TAMAR__JSON_8(0), TAMAR__JSON_8(0),
    TAMAR__JSON_8(0), TAMAR__JSON_8(0), TAMAR__JSON_8(0), 0, 0, 0, 0, 1, 0, 0, 0,
    TAMAR__JSON_8(0), TAMAR__JSON_8(0), TAMAR__JSON_8(0), TAMAR__JSON_8(0),
    TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2),
    TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2),
    TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2),
    TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2), TAMAR__JSON_8(2),
};

// Top bit set in each byte of w that is a quote, a backslash or a control byte; the other bits are undefined.
// Flipping bit 1 moves the quote (0x22) to 0x20, next to the control bytes. No carry leaves its byte.
TAMAR__BASE_INLINE uint64_t tamar__json_stops(uint64_t w)
{
    const uint64_t all = UINT64_C(0x0101010101010101);
    uint64_t low = w & all * 0x7F;
    return ~((((low ^ all * 0x02) + all * 0x5F) & ((low ^ all * '\\') + all * 0x7F)) | w);
}

// Behind the escape whose backslash is at p; NULL: none.
static const char *tamar__json_escape_end(const char *p, const char *end)
{
    int i;
    if (end - p < 2) return NULL;
    switch (p[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': return p + 2;
    case 'u':
        if (end - p < 6) return NULL;
        for (p += 2, i = 0; i < 4; i++, p++)
            if (tamar__json_hex(*p) < 0) return NULL;
        return p;
    default: return NULL;
    }
}

// From just behind an opening quote: the address of the closing one. NULL: not closed, a control byte or a
// bad escape before end. *plain, if wanted: no backslash in it, and ASCII only.
TAMAR__BASE_INLINE const char *tamar__json_scan(const char *p, const char *end, bool *plain)
{
    const uint64_t tops = UINT64_C(0x8080808080808080);
    bool is_plain = true;
    for (;;) {
        if (TAMAR__BASE_LIKELY(end - p >= 8)) {
            const char *last = end - 8;
            do {
                uint64_t w, stops;
                memcpy(&w, p, 8);
                stops = tamar__json_stops(w) & tops;
                w &= tops;
                if (plain && w && (!stops || tamar__base_first(w) < tamar__base_first(stops))) is_plain = false;
                if (stops) {
                    p += tamar__base_first(stops);
                    break;
                }
                p += 8;
            } while (p <= last);
        }
        if (p == end) return NULL;
        if (*p == '"') break;
        if (*p == '\\') {
            is_plain = false;
            p = tamar__json_escape_end(p, end);
            if (!p) return NULL;
        }
        else {  // a control byte, or fewer than 8 bytes are left
            if ((unsigned char)*p < 0x20) return NULL;
            if ((unsigned char)*p >= 0x80) is_plain = false;
            p++;
        }
    }
    if (plain) *plain = is_plain;
    return p;
}

TAMAR__BASE_UNUSED static const char *tamar__json_string_end(const char *p, const char *end, bool *plain)
{
    return tamar__json_scan(p, end, plain);
}

TAMAR__BASE_NOINLINE static const char *tamar__json_skip_on(const char *p, const char *end)
{
    return tamar__json_scan(p, end, NULL);
}

// The same for who does not ask: in a loop by itself as far as the first stop, mostly the end.
TAMAR__BASE_NOINLINE static const char *tamar__json_skip(const char *p, const char *end)
{
    const char *last;
    if (end - p < 8) return tamar__json_skip_on(p, end);
    for (last = end - 8; p <= last; p += 8) {
        uint64_t w;
        memcpy(&w, p, 8);
        w = tamar__json_stops(w) & UINT64_C(0x8080808080808080);
        if (!w) continue;
        p += tamar__base_first(w);
        return *p == '"' ? p : tamar__json_skip_on(p, end);
    }
    return tamar__json_skip_on(p, end);
}

// Where a string that string_end refused stops being one; end: it only is not closed.
TAMAR__BASE_COLD static const char *tamar__json_string_fault(const char *p, const char *end)
{
    int hex = 0;
    for (; p < end; p++) {
        if (hex) {
            if (tamar__json_hex(*p) < 0) return p;
            hex--;
        }
        else if ((unsigned char)*p < 0x20) return p;
        else if (*p == '\\') {
            if (++p == end) return p;
            if (*p == 0 || !strchr("\"\\/bfnrtu", *p)) return p;
            if (*p == 'u') hex = 4;
        }
    }
    return p;
}

// Behind the string, number, true, false or null at p; NULL if there is none. p is not end.
TAMAR__BASE_NOINLINE static const char *tamar__json_scalar(const char *p, const char *end)
{
    const char *q;
    bool whole;
    if (*p == '"') {
        q = tamar__json_skip(p + 1, end);
        return q ? q + 1 : q;
    }
    if (*p <= '9') {
        q = tamar__num_end(p, end, &whole);
        return whole ? q : NULL;
    }
    if (end - p >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)) return p + 4;
    return end - p >= 5 && memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

// The same for what is common, small enough to stand where it is needed: a string, a whole number, a word.
// end: look closer.
TAMAR__BASE_INLINE const char *tamar__json_common(const char *p, const char *end)
{
    if (end - p < 6) return end;
    if (*p == '"') {
        const char *q = tamar__json_skip(p + 1, end);
        return q ? q + 1 : end;
    }
    if (*p <= '9') {
        if (*p < '0') return end;
        if (*p++ != '0') {
            if (end - p >= 8 && tamar__num_eight(p)) p += 8;  // a time
            while (tamar__num_digit(p, end)) p++;
        }
        return p < end && (*p == ',' || *p == '}') ? p : end;
    }
    if (memcmp(p, "null", 4) == 0 || memcmp(p, "true", 4) == 0) return p + 4;
    return memcmp(p, "false", 5) == 0 ? p + 5 : end;
}

// Where what scalar refused stops being JSON; end: there it only is not whole.
TAMAR__BASE_COLD static const char *tamar__json_scalar_fault(const char *p, const char *end)
{
    const char *word = *p == 't' ? "true" : *p == 'f' ? "false" : *p == 'n' ? "null" : "";
    bool whole;
    if (*p == '"') return tamar__json_string_fault(p + 1, end);
    if (!*word) return tamar__num_end(p, end, &whole);
    while (p < end && *p == *word) p++, word++;
    return p;
}

// -- the grammar -----------------------------------------------------------------------------------

static bool tamar__json_fail(tamar_json_reader *r, const char *fault, tamar_json_status status)
{
    r->fault = fault;
    r->status = status != TAMAR_JSON_SYNTAX || fault < r->end ? status : TAMAR_JSON_TRUNCATED;
    r->at = r->end;
    r->kinds = 0;
    r->depth = 0;
    r->state = TAMAR__JSON_AFTER;
    return false;
}

static void tamar__json_start(tamar_json_reader *r, const char *p, const char *end)
{
    r->at = r->begin = p;
    r->end = end;
    r->kinds = 0;
    r->depth = 0;
    r->state = TAMAR__JSON_VALUE;
    r->status = TAMAR_JSON_OK;
    r->fault = p;
}

// Goes on from where the reader is until it stands behind a value at this depth.
static bool tamar__json_pass(tamar_json_reader *r, int floor)
{
    const char *p = r->at, *const end = r->end, *q;
    uint64_t kinds = r->kinds;
    int depth = r->depth;
    if (r->state == TAMAR__JSON_AFTER) goto after;
    if (r->state == TAMAR__JSON_FIRST) goto first;
value:
    p = tamar__json_space(p, end);
    if (p == end) return tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
    if (*p == '{' || *p == '[') {
        if (depth == TAMAR__JSON_DEPTH) return tamar__json_fail(r, p, TAMAR_JSON_TOO_DEEP);
        depth++;
        kinds = kinds << 1 | (*p == '{');
        p++;
    first:
        p = tamar__json_space(p, end);
        if (p == end) return tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
        if (*p == (kinds & 1 ? '}' : ']')) goto leave;
        if (kinds & 1) goto key;
        goto value;
    }
    q = tamar__json_common(p, end);
    if (q == end) q = tamar__json_scalar(p, end);
    if (!q) return tamar__json_fail(r, tamar__json_scalar_fault(p, end), TAMAR_JSON_SYNTAX);
    p = q;
after:
    if (depth == floor) {
        r->at = p;
        r->kinds = kinds;
        r->depth = depth;
        r->state = TAMAR__JSON_AFTER;
        return true;
    }
    p = tamar__json_space(p, end);
    if (p == end) return tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
    if (*p == ',') {
        p++;
        if (!(kinds & 1)) goto value;
        p = tamar__json_space(p, end);
    key:
        if (p == end || *p != '"') return tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
        q = tamar__json_skip(p + 1, end);
        if (!q) return tamar__json_fail(r, tamar__json_string_fault(p + 1, end), TAMAR_JSON_SYNTAX);
        p = tamar__json_space(q + 1, end);
        if (p == end || *p != ':') return tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
        p++;
        goto value;
    }
    if (*p != (kinds & 1 ? '}' : ']')) return tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
leave:
    p++;
    depth--;
    kinds >>= 1;
    goto after;
}

// Over the value that comes next, at p. Most are scalars.
TAMAR__BASE_NOINLINE static bool tamar__json_over(tamar_json_reader *r, const char *p)
{
    const char *q = p < r->end && *p != '{' && *p != '[' ? tamar__json_scalar(p, r->end) : NULL;
    r->at = q ? q : p;
    if (!q) return tamar__json_pass(r, r->depth);
    r->state = TAMAR__JSON_AFTER;
    return true;
}

// -- decoding --------------------------------------------------------------------------------------

// What waits between two deltas of one text.
typedef struct tamar__json_carry {
    unsigned char count;  // bytes of a character that is not whole yet
    unsigned char bytes[3];
    uint16_t high;  // a high surrogate without its partner yet
    uint32_t replaced;  // how many U+FFFD were put in so far
} tamar__json_carry;

enum { TAMAR__JSON_BAD = 0xFFFD };

// Decodes the escape at *at and steps over it. Surrogates come out as they are.
static uint32_t tamar__json_escape(const char **at, const char *end)
{
    const char *p = *at + 1;
    uint32_t cp = TAMAR__JSON_BAD;
    int i;
    if (p < end) {
        switch (*p) {
        case 'b': cp = '\b'; break;
        case 'f': cp = '\f'; break;
        case 'n': cp = '\n'; break;
        case 'r': cp = '\r'; break;
        case 't': cp = '\t'; break;
        case 'u':
            if (end - p < 5) break;
            for (cp = 0, i = 1; i <= 4; i++) cp = cp << 4 | (uint32_t)(tamar__json_hex(p[i]) & 15);
            p += 4;
            break;
        default: cp = (unsigned char)*p;
        }
        p++;
    }
    *at = p;
    return cp;
}

static uint32_t tamar__json_pair(uint32_t high, uint32_t low)
{
    return 0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF));
}

// Decodes the escape or the character at *at to out (4 bytes) and steps over it. What is no text becomes
// U+FFFD and is counted. With hold: half of something at the very end goes there, and 0 bytes come out.
static size_t tamar__json_unit(const char **at, const char *end, bool escapes, char *out, tamar__json_carry *hold,
    uint32_t *bad)
{
    const char *p = *at;
    unsigned char c = (unsigned char)*p;
    uint32_t cp;
    size_t n, part;
    if (escapes && c == '\\') {
        cp = tamar__json_escape(at, end);
        if (cp < 0x80) {
            *out = (char)cp;
            return 1;
        }
        if (cp >> 10 == 0xD800 >> 10) {
            p = *at;
            if (p == end && hold) {
                hold->high = (uint16_t)cp;
                return 0;
            }
            if (p < end && *p == '\\') {
                uint32_t low = tamar__json_escape(&p, end);
                if (low >> 10 == 0xDC00 >> 10) {
                    *at = p;
                    return tamar__str_encode(tamar__json_pair(cp, low), out);
                }
            }
        }
        if (cp >> 11 != 0xD800 >> 11) return tamar__str_encode(cp, out);
        ++*bad;
        return tamar__str_encode(TAMAR__JSON_BAD, out);
    }
    n = tamar__str_utf8(p, end, &part);
    if (n) {
        memcpy(out, p, n);
        *at = p + n;
        return n;
    }
    *at = p + part;
    if (hold && *at == end && c >= 0xC2 && c <= 0xF4) {
        hold->count = (unsigned char)part;
        memcpy(hold->bytes, p, part);
        return 0;
    }
    ++*bad;
    return tamar__str_encode(TAMAR__JSON_BAD, out);
}

// What the next piece does to what was held. Steps over the bytes that it used.
static bool tamar__json_join(tamar__str_buf *out, const char **at, const char *end, bool escapes,
    tamar__json_carry *carry)
{
    const char *p = *at;
    char whole[4];
    size_t n, part;
    if (carry->high) {
        uint32_t cp = TAMAR__JSON_BAD, low = escapes && *p == '\\' ? tamar__json_escape(&p, end) : 0;
        if (low >> 10 == 0xDC00 >> 10) {
            cp = tamar__json_pair(carry->high, low);
            *at = p;
        }
        else carry->replaced++;
        carry->high = 0;
        return tamar__str_put(out, whole, tamar__str_encode(cp, whole));
    }
    memcpy(whole, carry->bytes, 3);
    while (p < end) {
        whole[carry->count] = *p;
        n = tamar__str_utf8(whole, whole + carry->count + 1, &part);
        if (!n && part <= carry->count) {  // not its next byte
            n = tamar__str_encode(TAMAR__JSON_BAD, whole);
            carry->replaced++;
        }
        else p++;
        if (n) {
            carry->count = 0;
            *at = p;
            return tamar__str_put(out, whole, n);
        }
        carry->bytes[carry->count] = (unsigned char)whole[carry->count];
        carry->count++;
    }
    *at = p;
    return true;
}

// Copies what takes no more room than it had: everything but what is no text. Stops in front of that, of \u
// escapes and of a character that is not whole. There is room for end - *at bytes at o.
static char *tamar__json_fill(char *o, const char **at, const char *end, bool escapes)
{
    const uint64_t all = UINT64_C(0x0101010101010101), slashes = escapes ? all * '\\' : 0;
    const char *p = *at;
    size_t n, part;
    while (p < end) {
        if (end - p >= 8) {
            const char *last = end - 8;
            do {
                uint64_t w;
                memcpy(&w, p, 8);
                memcpy(o, &w, 8);
                w = (w | ~(((w & all * 0x7F) ^ slashes) + all * 0x7F)) & all * 0x80;  // or a NUL, in vain
                if (w) {
                    n = tamar__base_first(w);
                    p += n;
                    o += n;
                    break;
                }
                p += 8;
                o += 8;
            } while (p <= last);
        }
        while (p < end && !tamar__json_special[(unsigned char)*p]) *o++ = *p++;
        if (p == end) break;
        if ((unsigned char)*p >= 0x80) {
            n = tamar__str_utf8(p, end, &part);
            if (!n) break;
            do *o++ = *p++;
            while (--n);
        }
        else if (*p != '\\' || !escapes) *o++ = *p++;
        else if (end - p >= 2 && p[1] != 'u') *o++ = (char)tamar__json_escape(&p, end);
        else break;
    }
    *at = p;
    return o;
}

static bool tamar__json_decode(tamar__str_buf *out, const char *p, const char *end, bool escapes,
    tamar__json_carry *carry)
{
    char unit[4];
    uint32_t bad = 0;
    if (carry && p < end && (carry->count || carry->high))
        if (!tamar__json_join(out, &p, end, escapes, carry)) return false;
    while (p < end) {
        if (!tamar__str_room(out, (size_t)(end - p))) return false;
        out->len = (size_t)(tamar__json_fill(out->ptr + out->len, &p, end, escapes) - out->ptr);
        out->ptr[out->len] = 0;
        if (p == end) break;
        if (!tamar__str_put(out, unit, tamar__json_unit(&p, end, escapes, unit, carry, &bad))) break;
    }
    if (carry) carry->replaced += bad;
    return !out->full;
}

// The view between the quotes; false if it is no string.
static bool tamar__json_body(tamar_json string, const char **p, const char **end)
{
    if (string.len < 2 || *string.ptr != '"') return false;
    *p = string.ptr + 1;
    *end = string.ptr + string.len - 1;
    return true;
}

// Appends the decoded text of a string. carry may be NULL: a half at its end is then replaced at once; else
// it waits for the next call. False: the buffer is full.
TAMAR__BASE_UNUSED static bool tamar__json_append(tamar__str_buf *out, tamar_json string, tamar__json_carry *carry)
{
    const char *p, *end;
    if (!tamar__json_body(string, &p, &end)) return true;
    return tamar__json_decode(out, p, end, true, carry);
}

// The same for bytes that are not escaped.
TAMAR__BASE_UNUSED static bool tamar__json_append_bytes(tamar__str_buf *out, const char *ptr, size_t len,
    tamar__json_carry *carry)
{
    return len == 0 || tamar__json_decode(out, ptr, ptr + len, false, carry);
}

// The text ends here: what was held becomes U+FFFD.
TAMAR__BASE_UNUSED static bool tamar__json_flush(tamar__str_buf *out, tamar__json_carry *carry)
{
    if (!carry->count && !carry->high) return true;
    carry->count = 0;
    carry->high = 0;
    carry->replaced++;
    return tamar__str_puts(out, TAMAR__STR_REPLACEMENT);
}

// Decodes to a block of cap bytes with a NUL behind; returns the whole length. *fits: all of it was written.
static size_t tamar__json_copy(const char *p, const char *end, char *buf, size_t cap, bool *fits)
{
    size_t len = 0, put = 0;
    uint32_t bad = 0;
    *fits = cap > 0;
    while (p < end) {
        char chunk[64], *o = *fits ? buf + put : chunk;
        size_t room = *fits ? cap - put - 1 : sizeof chunk, n;
        const char *limit = (size_t)(end - p) > room ? p + room : end;
        n = limit > p ? (size_t)(tamar__json_fill(o, &p, limit, true) - o) : 0;
        if (n == 0) {  // nothing that could be copied, or no room for it
            n = tamar__json_unit(&p, end, true, chunk, NULL, &bad);
            if (*fits && n > room) *fits = false;
            else if (*fits) memcpy(o, chunk, n);
        }
        len += n;
        if (*fits) put += n;
    }
    if (cap) buf[put] = 0;
    return len;
}

TAMAR__BASE_NOINLINE static tamar_json_status tamar__json_get_any(const char *p, const char *end, char *buf, size_t cap,
                                                                  size_t *len)
{
    bool fits;
    size_t n = tamar__json_copy(p, end, buf, cap, &fits);
    if (len) *len = n;
    return fits || cap == 0 ? TAMAR_JSON_OK : TAMAR_JSON_OUT_OF_RANGE;
}

// A decoded, NUL-terminated copy. {NULL, 0}: out of memory, or no string.
TAMAR__BASE_UNUSED static tamar_str tamar__json_text(tamar__arena *arena, tamar_json string)
{
    const char *p, *end;
    char *copy;
    size_t len;
    bool fits;
    if (!tamar__json_body(string, &p, &end)) return tamar__str_make(NULL, 0);
    if (tamar__json_string_end(p, end + 1, &fits) == end && fits) {  // nothing to decode
        copy = tamar__arena_copy(arena, p, (size_t)(end - p));
        return tamar__str_make(copy, copy ? (size_t)(end - p) : 0);
    }
    len = tamar__json_copy(p, end, NULL, 0, &fits);
    copy = len < SIZE_MAX ? (char *)tamar__arena_get(arena, len + 1) : NULL;
    if (!copy) return tamar__str_make(NULL, 0);
    tamar__json_copy(p, end, copy, len + 1, &fits);
    return tamar__str_make(copy, len);
}

static bool tamar__json_equal(tamar_json string, const char *text, size_t len)
{
    const char *p, *end, *z = text + len;
    uint32_t bad = 0;
    if (!tamar__json_body(string, &p, &end)) return false;
    while (p < end) {
        char unit[4];
        size_t n;
        if (*p != '\\' && (unsigned char)*p < 0x80) {
            if (text == z || *p++ != *text++) return false;
            continue;
        }
        n = tamar__json_unit(&p, end, true, unit, NULL, &bad);
        if (n > (size_t)(z - text) || memcmp(unit, text, n) != 0) return false;
        text += n;
    }
    return text == z;
}

TAMAR__BASE_NOINLINE static bool tamar__json_is_any(tamar_json string, const char *text)
{
    return tamar__json_equal(string, text, strlen(text));
}

// An integer in any clothes: 5, 5.0, "5".
TAMAR__BASE_UNUSED static bool tamar__json_lenient_int(tamar_json value, int64_t *out)
{
    const char *p, *end;
    if (value.len == 1 && *value.ptr >= '0' && *value.ptr <= '9') {
        *out = *value.ptr - '0';
        return true;
    }
    if (tamar__json_body(value, &p, &end)) value = tamar__json_make(p, (size_t)(end - p));
    return value.len && tamar__num_to_int(value.ptr, value.len, out) == TAMAR_JSON_OK;
}

// -- stepping --------------------------------------------------------------------------------------

TAMAR__BASE_INLINE bool tamar__json_enter(tamar_json_reader *r, char bracket)
{
    const char *p = r->at;
    if (r->state != TAMAR__JSON_VALUE) return false;
    r->at = p = tamar__json_space(p, r->end);
    if (p == r->end || *p != bracket) return false;
    if (r->depth == TAMAR__JSON_DEPTH) return tamar__json_fail(r, p, TAMAR_JSON_TOO_DEEP);
    r->at = p + 1;
    r->depth++;
    r->kinds = r->kinds << 1 | (bracket == '{');
    r->state = TAMAR__JSON_FIRST;
    return true;
}

// To the next member or element, any way it may be written. NULL: an error, or there is none: the container was left.
TAMAR__BASE_NOINLINE static const char *tamar__json_advance(tamar_json_reader *r)
{
    const char *p;
    if (r->state == TAMAR__JSON_VALUE && !tamar__json_over(r, tamar__json_space(r->at, r->end))) return NULL;
    p = tamar__json_space(r->at, r->end);
    if (p < r->end && *p == (r->kinds & 1 ? '}' : ']')) {
        r->at = p + 1;
        r->depth--;
        r->kinds >>= 1;
        r->state = TAMAR__JSON_AFTER;
        return NULL;
    }
    if (r->state == TAMAR__JSON_AFTER) {
        if (p == r->end || *p != ',') {
            tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
            return NULL;
        }
        p = tamar__json_space(p + 1, r->end);
    }
    if (p < r->end && (*p == '"' || !(r->kinds & 1))) return p;
    tamar__json_fail(r, p, TAMAR_JSON_SYNTAX);
    return NULL;
}

TAMAR__BASE_NOINLINE static bool tamar__json_any_key(tamar_json_reader *r, tamar_json *key)
{
    const char *p = r->kinds & 1 ? tamar__json_advance(r) : NULL, *q, *colon;
    *key = tamar__json_make(NULL, 0);
    if (!p) return false;
    q = tamar__json_skip(p + 1, r->end);
    if (!q) return tamar__json_fail(r, tamar__json_string_fault(p + 1, r->end), TAMAR_JSON_SYNTAX);
    colon = tamar__json_space(q + 1, r->end);
    if (colon == r->end || *colon != ':') return tamar__json_fail(r, colon, TAMAR_JSON_SYNTAX);
    *key = tamar__json_make(p, (size_t)(q + 1 - p));
    r->at = colon + 1;
    r->state = TAMAR__JSON_VALUE;
    return true;
}

enum { TAMAR__JSON_NO_KEY = false, TAMAR__JSON_A_KEY = true, TAMAR__JSON_PLAIN_KEY };  // plain: without an escape

// The hot spot: from p, behind a value or an opening brace, to the next key in one go, if nothing unusual is there,
// such as white space or an escape in the key; else nothing has changed yet and any_key does it. Keys are short and
// the same in every chunk: branches foretell where they end, while the arithmetic on a word, which values get, would
// hold up all that follows.
TAMAR__BASE_INLINE int tamar__json_next_key(tamar_json_reader *r, tamar_json *key, const char *p)
{
    const char *const end = r->end;
    const unsigned char *u;
    if (end - p < 11) {
        if (p == end || *p != '}' || r->state == TAMAR__JSON_FIRST) return tamar__json_any_key(r, key);
    }
    if (r->state != TAMAR__JSON_FIRST) {
        if (*p == '}') {
            r->at = p + 1;
            r->depth--;
            r->kinds >>= 1;
            r->state = TAMAR__JSON_AFTER;
            *key = tamar__json_make(NULL, 0);
            return TAMAR__JSON_NO_KEY;
        }
        if (*p++ != ',') return tamar__json_any_key(r, key);
    }
    u = (const unsigned char *)p + 1;
    if (*p != '"') return tamar__json_any_key(r, key);
    do {
        if (tamar__json_special[u[0]] & 1) goto stop;
        if (tamar__json_special[u[1]] & 1) { u += 1; goto stop; }
        if (tamar__json_special[u[2]] & 1) { u += 2; goto stop; }
        if (tamar__json_special[u[3]] & 1) { u += 3; goto stop; }
        if (tamar__json_special[u[4]] & 1) { u += 4; goto stop; }
        if (tamar__json_special[u[5]] & 1) { u += 5; goto stop; }
        if (tamar__json_special[u[6]] & 1) { u += 6; goto stop; }
        if (tamar__json_special[u[7]] & 1) { u += 7; goto stop; }
        u += 8;
    } while (end - (const char *)u > 8);
    return tamar__json_any_key(r, key);
stop:
    if (memcmp(u, "\":", 2) != 0) return tamar__json_any_key(r, key);
    key->ptr = p;
    key->len = (size_t)((const char *)u + 1 - p);
    r->at = (const char *)u + 2;
    r->state = TAMAR__JSON_VALUE;
    return TAMAR__JSON_PLAIN_KEY;
}

// The same over a string that was not wanted, apart so that the rest needs no calls.
TAMAR__BASE_NOINLINE static int tamar__json_key_behind_string(tamar_json_reader *r, tamar_json *key)
{
    const char *q = tamar__json_skip(r->at + 1, r->end);
    return q ? tamar__json_next_key(r, key, q + 1) : tamar__json_any_key(r, key);
}

TAMAR__BASE_INLINE int tamar__json_key(tamar_json_reader *r, tamar_json *key)
{
    const char *p = r->at;
    if (!(r->kinds & 1)) return tamar__json_any_key(r, key);  // no bit is left when nothing is open
    if (r->state == TAMAR__JSON_VALUE) {
        if (r->end - p < 6) return tamar__json_any_key(r, key);
        if (*p == '"') return tamar__json_key_behind_string(r, key);
        p = tamar__json_common(p, r->end);
    }
    return tamar__json_next_key(r, key, p);
}

static bool tamar__json_element(tamar_json_reader *r)
{
    const char *p = r->at, *const end = r->end;
    if (r->depth == 0 || (r->kinds & 1)) return false;
    if (r->state == TAMAR__JSON_AFTER && end - p >= 2 && *p == ',') p++;
    else if (r->state != TAMAR__JSON_FIRST || p == end || *p == ']') p = NULL;
    if (!p || (unsigned char)*p <= ' ') {
        p = tamar__json_advance(r);
        if (!p) return false;
    }
    r->at = p;
    r->state = TAMAR__JSON_VALUE;
    return true;
}

static tamar_json tamar__json_value(tamar_json_reader *r)
{
    const char *p, *q;
    if (r->state != TAMAR__JSON_VALUE) return tamar__json_make(NULL, 0);
    p = tamar__json_space(r->at, r->end);
    q = p < r->end && *p == '"' ? tamar__json_skip(p + 1, r->end) : NULL;  // what is asked for is a string, mostly
    if (q) {
        r->at = q + 1;
        r->state = TAMAR__JSON_AFTER;
    }
    else if (!tamar__json_over(r, p)) return tamar__json_make(NULL, 0);
    return tamar__json_make(p, (size_t)(r->at - p));
}

static void tamar__json_begin(tamar_json_reader *r, const char *text, size_t len)
{
    if (!text) {
        text = "";
        len = 0;
    }
    tamar__json_start(r, text, text + len);
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r->at += 3;  // a byte order mark
}

// Checks all that is left.
static bool tamar__json_finish(tamar_json_reader *r, tamar_json_error *error)
{
    bool done = r->depth == 0 && r->state == TAMAR__JSON_AFTER;
    if (!r->status && (done || tamar__json_pass(r, 0))) {
        r->at = tamar__json_space(r->at, r->end);
        if (r->at < r->end) tamar__json_fail(r, r->at, TAMAR_JSON_SYNTAX);
    }
    if (error) {
        error->status = r->status;
        error->message = tamar__json_message(r->status);
        error->offset = (size_t)((r->status ? r->fault : r->at) - r->begin);
    }
    return !r->status;
}

// -- looking around --------------------------------------------------------------------------------

static tamar_json_type tamar__json_type(tamar_json value)
{
    if (value.len == 0) return TAMAR_JSON_MISSING;
    switch (*value.ptr) {
    case '{': return TAMAR_JSON_OBJECT;
    case '[': return TAMAR_JSON_ARRAY;
    case '"': return TAMAR_JSON_STRING;
    case 't': case 'f': return TAMAR_JSON_BOOL;
    case 'n': return TAMAR_JSON_NULL;
    }
    return *value.ptr == '-' || (*value.ptr >= '0' && *value.ptr <= '9') ? TAMAR_JSON_NUMBER : TAMAR_JSON_MISSING;
}

static tamar_json_iter tamar__json_members(tamar_json container)
{
    tamar_json_iter it;
    tamar_json_type type = tamar__json_type(container);
    it.object = type == TAMAR_JSON_OBJECT;
    it.at = it.end = container.ptr;
    if (it.object || type == TAMAR_JSON_ARRAY) {
        it.at++;
        it.end += container.len;
    }
    return it;
}

static bool tamar__json_next(tamar_json_iter *iter, tamar_json *key, tamar_json *value)
{
    tamar_json_reader r;
    const char *p = iter->at, *end = iter->end, *q;
    iter->at = end;  // unless a member is found
    if (key) *key = tamar__json_make(NULL, 0);
    if (value) *value = tamar__json_make(NULL, 0);
    p = tamar__json_space(p, end);
    if (p < end && *p == ',') p = tamar__json_space(p + 1, end);
    if (p == end || *p == (iter->object ? '}' : ']')) return false;
    if (iter->object) {
        q = *p == '"' ? tamar__json_skip(p + 1, end) : NULL;
        if (!q) return false;
        if (key) *key = tamar__json_make(p, (size_t)(q + 1 - p));
        p = tamar__json_space(q + 1, end);
        if (p == end || *p != ':') return false;
        p++;
    }
    p = tamar__json_space(p, end);
    tamar__json_start(&r, p, end);
    if (!tamar__json_pass(&r, 0)) return false;
    if (value) *value = tamar__json_make(p, (size_t)(r.at - p));
    iter->at = r.at;
    return true;
}

static tamar_json tamar__json_member(tamar_json object, const char *name, size_t len)
{
    tamar_json found = tamar__json_make(NULL, 0), key, value;
    tamar_json_iter it = tamar__json_members(object);
    while (tamar__json_next(&it, &key, &value))
        if (tamar__json_equal(key, name, len)) found = value;
    return found;
}

static tamar_json tamar__json_index(tamar_json array, size_t index)
{
    tamar_json value = tamar__json_make(NULL, 0);
    tamar_json_iter it;
    if (tamar__json_type(array) != TAMAR_JSON_ARRAY) return value;
    it = tamar__json_members(array);
    while (tamar__json_next(&it, NULL, &value) && index) index--;
    return value;
}

// -- writing ---------------------------------------------------------------------------------------

static bool tamar__json_refuse(tamar_json_writer *w, tamar_json_status status)
{
    if (!w->status) w->status = status;
    return false;
}

TAMAR__BASE_NOINLINE static bool tamar__json_grow(tamar_json_writer *w, size_t extra)
{
    size_t need, cap = w->cap ? w->cap : 256;
    char *p;
    if (!w->owned || !w->allocator.resize || !tamar__base_add(w->len, extra, &need) || need > w->max)
        return tamar__json_refuse(w, TAMAR_JSON_FULL);
    while (cap <= need) cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    if (cap > w->max) cap = w->max + 1;
    p = (char *)w->allocator.resize(w->allocator.user_data, w->ptr, w->cap, cap);
    if (!p) return tamar__json_refuse(w, TAMAR_JSON_FULL);
    w->ptr = p;
    w->cap = cap;
    return true;
}

// Room for extra more bytes and a NUL.
TAMAR__BASE_INLINE bool tamar__json_room(tamar_json_writer *w, size_t extra)
{
    return TAMAR__BASE_LIKELY(extra < w->cap - w->len) || tamar__json_grow(w, extra);
}

// Checks that a value may stand here, makes room for it and writes its comma. NULL: refused.
static char *tamar__json_place(tamar_json_writer *w, size_t extra)
{
    char *out;
    bool comma = w->state == TAMAR__JSON_AFTER;
    if (w->status) return NULL;
    if (w->state != TAMAR__JSON_VALUE && (w->depth == 0 || (w->kinds & 1))) {
        tamar__json_refuse(w, TAMAR_JSON_MISUSE);
        return NULL;
    }
    if (!tamar__json_room(w, extra + comma)) return NULL;
    out = w->ptr + w->len;
    if (comma) *out++ = ',';
    w->state = TAMAR__JSON_AFTER;
    return out;
}

static void tamar__json_put(tamar_json_writer *w, const char *text, size_t len)
{
    char *out = tamar__json_place(w, len);
    if (!out) return;
    memcpy(out, text, len);
    w->len = (size_t)(out + len - w->ptr);
}

static void tamar__json_open(tamar_json_writer *w, bool object)
{
    char *out;
    if (w->depth == TAMAR__JSON_DEPTH) {
        tamar__json_refuse(w, TAMAR_JSON_TOO_DEEP);
        return;
    }
    out = tamar__json_place(w, 1);
    if (!out) return;
    *out++ = object ? '{' : '[';
    w->len = (size_t)(out - w->ptr);
    w->depth++;
    w->kinds = w->kinds << 1 | object;
    w->state = TAMAR__JSON_FIRST;
}

// Goes on inside quotes and closes them; tail, if that is not NUL, goes behind. There is room for what is left as
// it is, for both, and a NUL.
TAMAR__BASE_NOINLINE static void tamar__json_quote_rest(tamar_json_writer *w, char *out, const char *p, const char *end,
    char tail)
{
    static const char hex[] = "0123456789abcdef", letters[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
    const uint64_t tops = UINT64_C(0x8080808080808080);
    size_t spare = (size_t)(w->ptr + w->cap - out) - (size_t)(end - p) - 2 - (tail != 0);  // for what escapes add
    for (;;) {
        unsigned char c;
        size_t n, part = 0;
        if (end - p >= 8) {
            const char *last = end - 8;
            do {
                uint64_t v, stops;
                memcpy(&v, p, 8);
                memcpy(out, &v, 8);
                stops = (tamar__json_stops(v) | v) & tops;
                if (stops) {
                    n = tamar__base_first(stops);
                    p += n;
                    out += n;
                    goto special;
                }
                p += 8;
                out += 8;
            } while (p <= last);
            if (p < end) {  // the last bytes, together with some that are behind us already
                uint64_t v, stops;
                n = (size_t)(end - p);
                memcpy(&v, last, 8);
                stops = (tamar__json_stops(v) | v) & tops;
                if (!stops) {
                    memcpy(out + n - 8, &v, 8);
                    out += n;
                    p = end;
                }
            }
        }
        while (p < end && !tamar__json_special[(unsigned char)*p]) *out++ = *p++;
        if (p == end) break;
    special:
        c = (unsigned char)*p;
        if (c >= 0x80) {
            n = tamar__str_utf8(p, end, &part);
            if (n) {
                do *out++ = *p++;
                while (--n);
                continue;
            }
        }
        n = c >= 0x80 ? 3 - part : c < 0x20 && letters[c] == 'u' ? 5 : 1;  // bytes that it grows by
        if (n > spare) {
            size_t rest = (size_t)(end - p) + 1 + (tail != 0);
            w->len = (size_t)(out - w->ptr);
            if (!tamar__json_grow(w, rest + n)) return;
            out = w->ptr + w->len;
            spare = w->cap - w->len - rest - 1;
        }
        spare -= n;
        if (c >= 0x80) {
            memcpy(out, TAMAR__STR_REPLACEMENT, 3);
            out += 3;
            p += part;
            w->replaced = true;
            continue;
        }
        p++;
        *out++ = '\\';
        *out++ = c < 0x20 ? letters[c] : (char)c;
        if (n == 1) continue;
        memcpy(out, "00", 2);
        out[2] = hex[c >> 4];
        out[3] = hex[c & 15];
        out += 4;
    }
    *out++ = '"';
    if (tail) *out++ = tail;
    w->len = (size_t)(out - w->ptr);
}

// Appends the text in quotes and tail. Keys, roles and names are short and clean: those are done at once.
// Keys and words, mostly: 4 to 16 bytes are looked at by their beginning and their end, which may overlap.
TAMAR__BASE_INLINE void tamar__json_quote(tamar_json_writer *w, char *out, const char *p, size_t len, char tail)
{
    const uint64_t tops = UINT64_C(0x8080808080808080);
    const char *end = p + len;
    *out++ = '"';
    if (len >= 8 && len <= 16) {
        uint64_t a, b;
        memcpy(&a, p, 8);
        memcpy(&b, end - 8, 8);
        if (!((tamar__json_stops(a) | a | tamar__json_stops(b) | b) & tops)) {
            memcpy(out, &a, 8);
            memcpy(out + len - 8, &b, 8);
            out += len;
            p = end;
        }
    }
    else if (len >= 4 && len < 8) {
        uint32_t a, b;
        uint64_t both;
        memcpy(&a, p, 4);
        memcpy(&b, end - 4, 4);
        both = (uint64_t)a << 32 | b;
        if (!((tamar__json_stops(both) | both) & tops)) {
            memcpy(out, &a, 4);
            memcpy(out + len - 4, &b, 4);
            out += len;
            p = end;
        }
    }
    else if (len < 4)
        while (p < end && !tamar__json_special[(unsigned char)*p]) *out++ = *p++;
    if (p < end) {
        tamar__json_quote_rest(w, out, p, end, tail);
        return;
    }
    *out++ = '"';
    if (tail) *out++ = tail;
    w->len = (size_t)(out - w->ptr);
}

// Before the first call only: leaves n bytes in front of the document for someone else's head.
TAMAR__BASE_UNUSED static void tamar__json_write_gap(tamar_json_writer *w, size_t n)
{
    if (w->len || w->depth || w->state != TAMAR__JSON_VALUE) tamar__json_refuse(w, TAMAR_JSON_MISUSE);
    else if (!w->status && tamar__json_room(w, n)) w->len = w->gap = n;
}

// -- public: parse and look around -----------------------------------------------------------------

TAMAR_API bool tamar_json_parse(const char *text, size_t len, tamar_json *root, tamar_json_error *error)
{
    tamar_json_reader r;
    tamar_json value;
    bool good;
    tamar__json_begin(&r, text, len);
    value = tamar__json_value(&r);
    good = tamar__json_finish(&r, error);
    *root = good ? value : tamar__json_make(NULL, 0);
    return good;
}

TAMAR_API tamar_json_type tamar_json_type_of(tamar_json value) { return tamar__json_type(value); }

TAMAR_API tamar_json tamar_json_get(tamar_json object, const char *key)
{
    return tamar__json_member(object, key, strlen(key));
}

TAMAR_API tamar_json tamar_json_index(tamar_json array, size_t index) { return tamar__json_index(array, index); }

TAMAR_API tamar_json tamar_json_at(tamar_json value, const char *path)
{
    while (*path && value.len) {
        size_t len = strcspn(path, "/");
        uint64_t index;
        bool number = tamar__str_uint(tamar__str_make(path, len), &index) && index <= SIZE_MAX;
        if (tamar__json_type(value) == TAMAR_JSON_OBJECT) value = tamar__json_member(value, path, len);
        else value = number ? tamar__json_index(value, (size_t)index) : tamar__json_make(NULL, 0);
        path += len;
        if (*path) path++;
    }
    return value;
}

TAMAR_API size_t tamar_json_count(tamar_json container)
{
    tamar_json_iter it = tamar__json_members(container);
    size_t n = 0;
    while (tamar__json_next(&it, NULL, NULL)) n++;
    return n;
}

TAMAR_API tamar_json_iter tamar_json_iterate(tamar_json container) { return tamar__json_members(container); }

TAMAR_API bool tamar_json_next(tamar_json_iter *iter, tamar_json *key, tamar_json *value)
{
    return tamar__json_next(iter, key, value);
}

TAMAR_API bool tamar_json_is(tamar_json string, const char *text)
{
    const unsigned char *p, *z = (const unsigned char *)text;
    if (string.len < 2 || string.ptr[string.len - 1] != '"') return false;
    p = (const unsigned char *)string.ptr + 1;
    for (; !tamar__json_special[*p]; p++, z++)  // the closing quote is one
        if (*p != *z) return false;
    if ((const char *)p != string.ptr + string.len - 1) return tamar__json_is_any(string, text);
    return *z == 0 && *string.ptr == '"';
}

TAMAR_API tamar_json_status tamar_json_get_bool(tamar_json value, bool *out)
{
    if (tamar__json_type(value) != TAMAR_JSON_BOOL) return TAMAR_JSON_WRONG_TYPE;
    *out = *value.ptr == 't';
    return TAMAR_JSON_OK;
}

TAMAR_API tamar_json_status tamar_json_get_int(tamar_json value, int64_t *out)
{
    if (tamar__json_type(value) != TAMAR_JSON_NUMBER) return TAMAR_JSON_WRONG_TYPE;
    return tamar__num_to_int(value.ptr, value.len, out);
}

TAMAR_API tamar_json_status tamar_json_get_uint(tamar_json value, uint64_t *out)
{
    if (tamar__json_type(value) != TAMAR_JSON_NUMBER) return TAMAR_JSON_WRONG_TYPE;
    return tamar__num_to_uint(value.ptr, value.len, out);
}

TAMAR_API tamar_json_status tamar_json_get_double(tamar_json value, double *out)
{
    if (tamar__json_type(value) != TAMAR_JSON_NUMBER) return TAMAR_JSON_WRONG_TYPE;
    return tamar__num_to_double(value.ptr, value.len, out);
}

TAMAR_API tamar_json_status tamar_json_get_string(tamar_json value, char *buf, size_t cap, size_t *len)
{
    const char *p, *end;
    size_t n, i = 0;
    if (cap) buf[0] = 0;
    if (len) *len = 0;
    if (!tamar__json_body(value, &p, &end)) return TAMAR_JSON_WRONG_TYPE;
    n = (size_t)(end - p);
    if (n < 16 && n < cap) {  // a word, mostly with nothing to decode
        for (; i < n && !tamar__json_special[(unsigned char)p[i]]; i++) buf[i] = p[i];
        if (i == n) {
            buf[n] = 0;
            if (len) *len = n;
            return TAMAR_JSON_OK;
        }
    }
    return tamar__json_get_any(p, end, buf, cap, len);
}

// -- public: one pass ------------------------------------------------------------------------------

TAMAR_API void tamar_json_reader_begin(tamar_json_reader *reader, const char *text, size_t len)
{
    tamar__json_begin(reader, text, len);
}

TAMAR_API tamar_json_type tamar_json_peek(tamar_json_reader *reader)
{
    if (reader->state != TAMAR__JSON_VALUE) return TAMAR_JSON_MISSING;
    reader->at = tamar__json_space(reader->at, reader->end);
    return tamar__json_type(tamar__json_make(reader->at, (size_t)(reader->end - reader->at)));
}

TAMAR_API bool tamar_json_read_object(tamar_json_reader *reader) { return tamar__json_enter(reader, '{'); }
TAMAR_API bool tamar_json_read_array(tamar_json_reader *reader) { return tamar__json_enter(reader, '['); }

TAMAR_API bool tamar_json_read_key(tamar_json_reader *reader, tamar_json *key)
{
    return tamar__json_key(reader, key) != TAMAR__JSON_NO_KEY;
}

TAMAR_API bool tamar_json_read_member(tamar_json_reader *reader, const char *name)
{
    tamar_json key;
    int found;
    while ((found = tamar__json_key(reader, &key)) != TAMAR__JSON_NO_KEY) {
        if (found == TAMAR__JSON_PLAIN_KEY) {
            const char *p = key.ptr + 1;
            size_t i = 0;
            while (p[i] == name[i] && p[i] != '"') i++;
            if (p[i] == '"' && name[i] == 0) return true;
            if (((unsigned char)p[i] | (unsigned char)name[i]) < 0x80) continue;
        }
        if (tamar_json_is(key, name)) return true;
    }
    return false;
}

TAMAR_API bool tamar_json_read_element(tamar_json_reader *reader) { return tamar__json_element(reader); }
TAMAR_API tamar_json tamar_json_read_value(tamar_json_reader *reader) { return tamar__json_value(reader); }

TAMAR_API bool tamar_json_reader_end(tamar_json_reader *reader, tamar_json_error *error)
{
    return tamar__json_finish(reader, error);
}

// -- public: write ---------------------------------------------------------------------------------

TAMAR_API void tamar_json_write_to(tamar_json_writer *writer, char *buf, size_t cap)
{
    memset(writer, 0, sizeof *writer);
    writer->ptr = buf;
    writer->cap = buf ? cap : 0;
    writer->state = TAMAR__JSON_VALUE;
}

TAMAR_API void tamar_json_write_growing(tamar_json_writer *writer, const tamar_allocator *allocator, size_t max)
{
    memset(writer, 0, sizeof *writer);
    writer->allocator = tamar__base_allocator(allocator);
    writer->max = tamar__base_min(max ? max : (size_t)1 << 30, SIZE_MAX / 2);
    writer->owned = true;
    writer->state = TAMAR__JSON_VALUE;
}

TAMAR_API void tamar_json_write_object(tamar_json_writer *writer) { tamar__json_open(writer, true); }
TAMAR_API void tamar_json_write_array(tamar_json_writer *writer) { tamar__json_open(writer, false); }

TAMAR_API void tamar_json_write_end(tamar_json_writer *writer)
{
    if (writer->status) return;
    if (writer->depth == 0 || writer->state == TAMAR__JSON_VALUE) {
        tamar__json_refuse(writer, TAMAR_JSON_MISUSE);
        return;
    }
    if (!tamar__json_room(writer, 1)) return;
    writer->ptr[writer->len++] = writer->kinds & 1 ? '}' : ']';
    writer->depth--;
    writer->kinds >>= 1;
    writer->state = TAMAR__JSON_AFTER;
}

TAMAR_API void tamar_json_write_key_n(tamar_json_writer *writer, const char *key, size_t len)
{
    char *out;
    bool comma;
    if (writer->status) return;
    if (writer->depth == 0 || !(writer->kinds & 1) || writer->state == TAMAR__JSON_VALUE || (!key && len)) {
        tamar__json_refuse(writer, TAMAR_JSON_MISUSE);
        return;
    }
    comma = writer->state == TAMAR__JSON_AFTER;
    if (len > SIZE_MAX / 2 || !tamar__json_room(writer, len + 3 + comma)) {
        tamar__json_refuse(writer, TAMAR_JSON_FULL);
        return;
    }
    out = writer->ptr + writer->len;
    if (comma) *out++ = ',';
    writer->state = TAMAR__JSON_VALUE;
    tamar__json_quote(writer, out, key ? key : "", len, ':');
}

TAMAR_API void tamar_json_write_key(tamar_json_writer *writer, const char *key)
{
    tamar_json_write_key_n(writer, key, key ? strlen(key) : 0);
}

TAMAR_API void tamar_json_write_string(tamar_json_writer *writer, const char *text, size_t len)
{
    char *out;
    if (!text && len) tamar__json_refuse(writer, TAMAR_JSON_MISUSE);
    out = len <= SIZE_MAX / 2 ? tamar__json_place(writer, len + 2) : NULL;
    if (out) tamar__json_quote(writer, out, text ? text : "", len, 0);
    else tamar__json_refuse(writer, TAMAR_JSON_FULL);
}

TAMAR_API void tamar_json_write_null(tamar_json_writer *writer) { tamar__json_put(writer, "null", 4); }

TAMAR_API void tamar_json_write_bool(tamar_json_writer *writer, bool value)
{
    tamar__json_put(writer, value ? "true" : "false", value ? 4 : 5);
}

TAMAR_API void tamar_json_write_int(tamar_json_writer *writer, int64_t value)
{
    char text[24];
    tamar__json_put(writer, text, tamar__num_put_int(text, value));
}

TAMAR_API void tamar_json_write_uint(tamar_json_writer *writer, uint64_t value)
{
    char text[24];
    tamar__json_put(writer, text, tamar__num_put_uint(text, value));
}

TAMAR_API void tamar_json_write_double(tamar_json_writer *writer, double value)
{
    char text[32];
    size_t len;
    if (tamar__num_put_double(text, value, &len)) tamar__json_put(writer, text, len);
    else tamar_json_write_null(writer);
}

TAMAR_API void tamar_json_write_raw(tamar_json_writer *writer, const char *json, size_t len)
{
    tamar_json_reader r;
    const char *p;
    bool good;
    if (writer->status) return;
    tamar__json_begin(&r, json, len);
    r.at = p = tamar__json_space(r.at, r.end);
    r.depth = writer->depth;  // so that the whole document stays within the depth that can be read back
    good = tamar__json_pass(&r, writer->depth);
    if (!good || tamar__json_space(r.at, r.end) != r.end) tamar__json_refuse(writer, TAMAR_JSON_MISUSE);
    else tamar__json_put(writer, p, (size_t)(r.at - p));
}

TAMAR_API bool tamar_json_writer_end(tamar_json_writer *writer, tamar_str *text)
{
    bool good;
    if (writer->depth || writer->state != TAMAR__JSON_AFTER) tamar__json_refuse(writer, TAMAR_JSON_MISUSE);
    good = !writer->status;
    if (writer->len < writer->cap) writer->ptr[writer->len] = 0;
    if (text) *text = tamar__str_make("", 0);
    if (text && good) *text = tamar__str_make(writer->ptr + writer->gap, writer->len - writer->gap);
    return good;
}

TAMAR_API void tamar_json_writer_free(tamar_json_writer *writer)
{
    tamar_allocator a = writer->allocator;
    if (writer->owned && writer->ptr) a.resize(a.user_data, writer->ptr, writer->cap, 0);
    memset(writer, 0, sizeof *writer);
    writer->status = TAMAR_JSON_MISUSE;
}

#ifdef __cplusplus
}
#endif
#endif  // TAMAR_IMPLEMENTATION

#if defined(TAMAR_IMPLEMENTATION) && !defined(TAMAR__INSIDE_LLM)
#undef TAMAR_IMPLEMENTATION
#define TAMAR__ASKED_HERE 1  // this file carries the implementation: also that of tamar_llm.h, if it is included later
#if defined(TAMAR__FEATURES) && !defined(TAMAR__KEEP_FEATURES)
#undef _GNU_SOURCE
#endif
#endif

/* ------------------------------------------------------------------------------------------------
   VERSIONS
       0.1.0   first light

   LICENCE
   This software is available under two licences; choose whichever you prefer.
   ------------------------------------------------------------------------------------------------
   ALTERNATIVE A - MIT License
   Copyright (c) 2026 The Tamar authors
   Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
   associated documentation files (the "Software"), to deal in the Software without restriction,
   including without limitation the rights to use, copy, modify, merge, publish, distribute,
   sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
   furnished to do so, subject to the following conditions:
   The above copyright notice and this permission notice shall be included in all copies or
   substantial portions of the Software.
   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
   NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
   NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
   DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
   OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
   ------------------------------------------------------------------------------------------------
   ALTERNATIVE B - Public Domain (www.unlicense.org)
   This is free and unencumbered software released into the public domain.
   Anyone is free to copy, modify, publish, use, compile, sell, or distribute this software, either in
   source code form or as a compiled binary, for any purpose, commercial or non-commercial, and by any
   means.
   In jurisdictions that recognize copyright laws, the author or authors of this software dedicate any
   and all copyright interest in the software to the public domain. We make this dedication for the
   benefit of the public at large and to the detriment of our heirs and successors. We intend this
   dedication to be an overt act of relinquishment in perpetuity of all present and future rights to
   this software under copyright law.
   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
   NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
   NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
   WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
   SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
   ------------------------------------------------------------------------------------------------ */
