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
           for (tamar_json key; tamar_json_read_key(&r, &key); )
               if (tamar_json_is(key, "usage")) usage = tamar_json_read_value(&r);
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
// Otherwise resize; on failure return NULL and leave the old block alone. Results are aligned to 16.
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
    size_t len, cap, max;
    tamar_allocator allocator;
    uint64_t kinds;
    int depth;
    int state;
    tamar_json_status status;
    bool owned;
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
// UTF-8 replaced by U+FFFD. Writes at most cap bytes with a NUL behind (cap 0: only counts); *len is the
// whole decoded length without it. OUT_OF_RANGE when it did not fit: what fits was written, on a character's border.
TAMAR_API tamar_json_status tamar_json_get_string(tamar_json value, char *buf, size_t cap, size_t *len);

// -- one pass ----------------------------------------------------------------------------------

TAMAR_API void tamar_json_reader_begin(tamar_json_reader *reader, const char *text, size_t len);
TAMAR_API tamar_json_type tamar_json_peek(tamar_json_reader *reader);  // of the value that comes next
TAMAR_API bool tamar_json_read_object(tamar_json_reader *reader);  // enters it; false (and nothing read) if it is none
TAMAR_API bool tamar_json_read_array(tamar_json_reader *reader);
TAMAR_API bool tamar_json_read_key(tamar_json_reader *reader, tamar_json *key);  // false: the object ended and was left
TAMAR_API bool tamar_json_read_element(tamar_json_reader *reader);  // false: the array ended and was left
TAMAR_API tamar_json tamar_json_read_value(tamar_json_reader *reader);  // checks it and steps over it, whatever it is
// A value that is not read before the next read_key or read_element is skipped (and checked).
TAMAR_API bool tamar_json_reader_end(tamar_json_reader *reader, tamar_json_error *error);  // the whole text was good

// -- write -------------------------------------------------------------------------------------

TAMAR_API void tamar_json_write_to(tamar_json_writer *writer, char *buf, size_t cap);  // yours, never grows
TAMAR_API void tamar_json_write_growing(tamar_json_writer *writer, const tamar_allocator *allocator, size_t max);  // NULL: malloc; max 0: 1 GiB
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
TAMAR_API void tamar_json_write_raw(tamar_json_writer *writer, const char *json, size_t len);  // checked, then copied without outer space
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
#define TAMAR__BASE_INLINE static inline __attribute__((always_inline, unused))
#else
#define TAMAR__BASE_UNUSED
#define TAMAR__BASE_LIKELY(x) (x)
#define TAMAR__BASE_UNLIKELY(x) (x)
#define TAMAR__BASE_COLD
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
    *sum = a + b;
    return a <= SIZE_MAX - b;
}

TAMAR__BASE_UNUSED static bool tamar__base_mul(size_t a, size_t b, size_t *product)
{
    *product = a * b;
    return b == 0 || a <= SIZE_MAX / b;
}

TAMAR__BASE_UNUSED static size_t tamar__base_min(size_t a, size_t b) { return a < b ? a : b; }
TAMAR__BASE_UNUSED static size_t tamar__base_max(size_t a, size_t b) { return a > b ? a : b; }

// The compiler may not drop this as a dead store: what held a secret is really overwritten.
TAMAR__BASE_UNUSED static void tamar__base_wipe(void *ptr, size_t len)
{
    volatile unsigned char *p = (volatile unsigned char *)ptr;
    while (len--) *p++ = 0;
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

typedef struct tamar__base_memory {
    tamar_allocator allocator;
    size_t used, peak;
    uint64_t calls;  // how often the allocator was asked for memory; frees do not count
} tamar__base_memory;

TAMAR__BASE_UNUSED static void *tamar__base_resize(tamar__base_memory *m, void *ptr, size_t old_size, size_t new_size)
{
    void *p;
    if (new_size == 0) {
        if (ptr) {
            m->allocator.resize(m->allocator.user_data, ptr, old_size, 0);
            m->used -= old_size;
        }
        return NULL;
    }
    m->calls++;
    p = m->allocator.resize(m->allocator.user_data, ptr, ptr ? old_size : 0, new_size);
    if (!p) return NULL;
    m->used += new_size - (ptr ? old_size : 0);
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

// A small piece, zeroed, aligned to 16. Never resized, freed with the arena.
TAMAR__BASE_UNUSED static void *tamar__arena_get(tamar__arena *a, size_t size)
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
    memset(p, 0, size);
    return p;
}

// NUL-terminated copy.
TAMAR__BASE_UNUSED static char *tamar__arena_copy(tamar__arena *a, const char *ptr, size_t len)
{
    char *p;
    if (len == SIZE_MAX) return NULL;
    p = (char *)tamar__arena_get(a, len + 1);
    if (p && len) memcpy(p, ptr, len);
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
} tamar__arena_piece;  // 16 bytes, so payloads stay aligned to 16

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

TAMAR__BASE_UNUSED static bool tamar__str_is(tamar_str a, const char *z) { return tamar__str_equal(a, tamar__str_z(z)); }

TAMAR__BASE_UNUSED static bool tamar__str_starts(tamar_str a, const char *z)
{
    size_t n = strlen(z);
    return a.len >= n && memcmp(a.ptr, z, n) == 0;
}

TAMAR__BASE_INLINE char tamar__str_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

TAMAR__BASE_UNUSED static bool tamar__str_is_nocase(tamar_str a, const char *z)
{
    size_t i, n = strlen(z);
    if (a.len != n) return false;
    for (i = 0; i < n; i++)
        if (tamar__str_lower(a.ptr[i]) != tamar__str_lower(z[i])) return false;
    return true;
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
} tamar__str_buf;

TAMAR__BASE_UNUSED static void tamar__str_init(tamar__str_buf *b, tamar__arena *arena, size_t max)
{
    memset(b, 0, sizeof *b);
    b->arena = arena;
    b->max = max;
}

// Room for extra more bytes and a NUL.
static bool tamar__str_grow(tamar__str_buf *b, size_t extra)
{
    size_t need, cap = b->cap ? b->cap : 64;
    char *p;
    if (b->full) return false;
    if (!tamar__base_add(b->len, extra, &need) || need > b->max) {
        b->full = b->over = true;
        return false;
    }
    while (cap <= need) cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    if (cap > b->max && b->max < SIZE_MAX) cap = b->max + 1;
    p = (char *)tamar__arena_resize(b->arena, b->ptr, cap);
    if (!p) {
        b->full = true;
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

TAMAR__BASE_UNUSED static bool tamar__str_puts(tamar__str_buf *b, const char *z) { return tamar__str_put(b, z, strlen(z)); }

TAMAR__BASE_UNUSED static bool tamar__str_putc(tamar__str_buf *b, char c) { return tamar__str_put(b, &c, 1); }

TAMAR__BASE_UNUSED static bool tamar__str_put_uint(tamar__str_buf *b, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits;
    do digits[--n] = (char)('0' + value % 10);
    while (value /= 10);
    return tamar__str_put(b, digits + n, sizeof digits - n);
}

TAMAR__BASE_UNUSED static tamar_str tamar__str_view(const tamar__str_buf *b) { return tamar__str_make(b->ptr ? b->ptr : "", b->len); }

// Drops the first count bytes.
TAMAR__BASE_UNUSED static void tamar__str_consume(tamar__str_buf *b, size_t count)
{
    if (count && count < b->len) memmove(b->ptr, b->ptr + count, b->len - count);
    b->len -= count;
    if (b->ptr) b->ptr[b->len] = 0;
}

TAMAR__BASE_UNUSED static void tamar__str_free(tamar__str_buf *b)
{
    if (b->ptr) tamar__arena_drop(b->arena, b->ptr);
    b->ptr = NULL;
    b->len = b->cap = 0;
}

// Decimal digits only, all of them; no sign, no overflow.
TAMAR__BASE_UNUSED static bool tamar__str_uint(tamar_str s, uint64_t *value)
{
    uint64_t v = 0;
    size_t i;
    for (i = 0; i < s.len; i++) {
        unsigned d = (unsigned char)s.ptr[i] - (unsigned)'0';
        if (d > 9 || v > (UINT64_MAX - d) / 10) return false;
        v = v * 10 + d;
    }
    *value = v;
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
        else if (c == '=') break;
        else return false;
        v = v << 6 | six;
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
// =================================================================================================

// =================================================================================================
// >>json  reader (on demand, in place) and writer | uses: base arena str num
// =================================================================================================

#ifdef __cplusplus
}
#endif
#endif  // TAMAR_IMPLEMENTATION

#if defined(TAMAR_IMPLEMENTATION) && !defined(TAMAR__INSIDE_LLM)
#undef TAMAR_IMPLEMENTATION
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
