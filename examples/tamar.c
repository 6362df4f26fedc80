// The `tamar` command: chat with any provider, and the library's pure halves as verbs from file to JSON.
// cc -I. examples/tamar.c -o tamar && ./tamar --help
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "extras/tamar_qianfan.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

enum { DONE = 0, FAILED = 1, USAGE = 2, BAD_EVENTS = 3 };  // exit status

// -- errors, memory, files -------------------------------------------------------------------------

// One line on standard error: `tamar: category: message`. Returns the exit status it was given.
static int fail(int status, const char *category, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "tamar: %s: ", category);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return status;
}

static int fail_with(const tamar_error *error)
{
    return fail(FAILED, tamar_category_name(error->category), "%s", error->message);
}

static void *resize(void *old, size_t size)
{
    void *ptr = realloc(old, size ? size : 1);
    if (!ptr) exit(fail(FAILED, "nomem", "no memory for %zu bytes", size));
    return ptr;
}

typedef struct buffer {
    char *ptr;
    size_t len, cap;
} buffer;

// Makes room for len more bytes and a NUL.
static char *buffer_room(buffer *b, size_t len)
{
    if (len >= SIZE_MAX / 2 - b->len) exit(fail(FAILED, "nomem", "no memory for %zu bytes", len));
    if (b->len + len + 1 > b->cap) {
        b->cap = (b->len + len + 1) * 2;
        b->ptr = resize(b->ptr, b->cap);
    }
    return b->ptr + b->len;
}

static void buffer_add(buffer *b, const void *data, size_t len)
{
    char *room = buffer_room(b, len);
    if (len) memcpy(room, data, len);
    room[len] = 0;
    b->len += len;
}

static void buffer_free(buffer *b) { free(b->ptr); }

// Blocks that are given back together.
typedef struct pool {
    void **blocks;
    size_t count;
} pool;

static void *pool_add(pool *p, size_t count, size_t size)
{
    p->blocks = resize(p->blocks, (p->count + 1) * sizeof *p->blocks);
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block) exit(fail(FAILED, "nomem", "no memory for %zu times %zu bytes", count, size));
    return p->blocks[p->count++] = block;
}

static void pool_free(pool *p)
{
    while (p->count) free(p->blocks[--p->count]);
    free(p->blocks);
}

// The whole file, any size, any bytes. name NULL or "-": standard input.
static bool read_file(const char *name, buffer *out)
{
    bool input = !name || strcmp(name, "-") == 0;
    FILE *file = input ? stdin : fopen(name, "rb");
    if (!file) return fail(FAILED, "config", "cannot open %s: %s", name, strerror(errno)), false;
#ifdef _WIN32
    if (input) _setmode(_fileno(stdin), _O_BINARY);
#endif
    for (size_t got = 1; got; out->len += got) {
        char *room = buffer_room(out, 64 * 1024);
        got = fread(room, 1, 64 * 1024, file);
    }
    out->ptr[out->len] = 0;
    bool good = !ferror(file);
    if (!good) fail(FAILED, "config", "cannot read %s: %s", input ? "standard input" : name, strerror(errno));
    if (!input) fclose(file);
    return good;
}

// -- options ---------------------------------------------------------------------------------------

typedef struct list {
    char **items;
    size_t count;
} list;

static void list_add(list *l, char *item)
{
    l->items = resize(l->items, (l->count + 1) * sizeof *l->items);
    l->items[l->count++] = item;
}

// Exactly one of the targets is set; the last entry of a table has no name.
typedef struct option {
    const char *name;
    bool *flag;
    const char **text;
    size_t *number;
    list *many;
} option;

// The option that this argument names; *value: what follows `=`, if anything does.
static const option *find_option(const option *options, char *argument, char **value)
{
    for (const option *o = options; o->name; o++) {
        size_t len = strlen(o->name);
        if (strncmp(argument, o->name, len) != 0) continue;
        *value = argument[len] == '=' ? argument + len + 1 : NULL;
        if (argument[len] == 0 || (*value && o->name[1] == '-')) return o;
    }
    return NULL;
}

static bool set_option(const char *verb, const option *o, char *value)
{
    if (o->text) *o->text = value;
    if (o->many) list_add(o->many, value);
    if (o->number) {
        char *end;
        errno = 0;
        unsigned long number = strtoul(value, &end, 10);
        if (!isdigit((unsigned char)value[0]) || *end || errno)
            return fail(USAGE, "config", "%s: %s wants a number, not '%s'", verb, o->name, value), false;
        *o->number = number;
    }
    return true;
}

// argv[0] is the verb. What is no option goes to operands; `--` ends the options, `-` is an operand.
static bool parse_options(int argc, char **argv, const option *options, list *operands)
{
    const char *verb = argv[0];
    bool over = false;
    for (int i = 1; i < argc; i++) {
        char *value;
        if (over || argv[i][0] != '-' || !argv[i][1]) {
            list_add(operands, argv[i]);
            continue;
        }
        over = strcmp(argv[i], "--") == 0;
        if (over) continue;
        const option *o = find_option(options, argv[i], &value);
        if (!o) return fail(USAGE, "config", "%s: no option %s; see `tamar %s --help`", verb, argv[i], verb), false;
        if (o->flag) {
            if (value) return fail(USAGE, "config", "%s: %s takes no value", verb, o->name), false;
            *o->flag = true;
            continue;
        }
        if (!value && ++i == argc) return fail(USAGE, "config", "%s: %s wants a value", verb, o->name), false;
        if (!set_option(verb, o, value ? value : argv[i])) return false;
    }
    return true;
}

// For verbs whose one operand is a file: reads it.
static int read_operand(const char *verb, const list *operands, buffer *out)
{
    if (operands->count > 1) return fail(USAGE, "config", "%s: one file, not also %s", verb, operands->items[1]);
    return read_file(operands->count ? operands->items[0] : NULL, out) ? DONE : FAILED;
}

// -- writing JSON ----------------------------------------------------------------------------------

static void put_str(tamar_json_writer *w, const char *key, tamar_str value)
{
    tamar_json_write_key(w, key);
    tamar_json_write_string(w, value.ptr, value.len);
}

// "" is null: the library has no other word for unknown text.
static void put_known(tamar_json_writer *w, const char *key, tamar_str value)
{
    if (value.len) {
        put_str(w, key, value);
        return;
    }
    tamar_json_write_key(w, key);
    tamar_json_write_null(w);
}

static void put_int(tamar_json_writer *w, const char *key, bool known, int64_t value)
{
    tamar_json_write_key(w, key);
    if (known) tamar_json_write_int(w, value);
    else tamar_json_write_null(w);
}

static void put_opt(tamar_json_writer *w, const char *key, tamar_opt_int value)
{
    put_int(w, key, value.set, value.value);
}

static void put_usage(tamar_json_writer *w, const tamar_usage *usage)
{
    tamar_json_write_key(w, "usage");
    tamar_json_write_object(w);
    put_opt(w, "input_tokens", usage->input_tokens);
    put_opt(w, "output_tokens", usage->output_tokens);
    put_opt(w, "cached_input_tokens", usage->cached_input_tokens);
    put_opt(w, "cache_write_tokens", usage->cache_write_tokens);
    put_opt(w, "reasoning_tokens", usage->reasoning_tokens);
    put_opt(w, "total_tokens", usage->total_tokens);
    tamar_json_write_end(w);
}

static void put_tool_calls(tamar_json_writer *w, const tamar_response *r)
{
    tamar_json_write_key(w, "tool_calls");
    tamar_json_write_array(w);
    for (size_t i = 0; i < r->tool_call_count; i++) {
        tamar_json_write_object(w);
        put_known(w, "id", r->tool_calls[i]->id);
        put_known(w, "name", r->tool_calls[i]->name);
        put_str(w, "arguments", r->tool_calls[i]->text);
        tamar_json_write_end(w);
    }
    tamar_json_write_end(w);
}

static void put_images(tamar_json_writer *w, const tamar_response *r)
{
    tamar_json_write_key(w, "images");
    tamar_json_write_array(w);
    for (size_t i = 0; i < r->image_count; i++) {
        tamar_json_write_object(w);
        put_known(w, "url", r->images[i].url);
        put_known(w, "data", r->images[i].data);
        put_known(w, "mime_type", r->images[i].mime_type);
        tamar_json_write_end(w);
    }
    tamar_json_write_end(w);
}

static void put_citations(tamar_json_writer *w, const tamar_response *r)
{
    tamar_json_write_key(w, "citations");
    tamar_json_write_array(w);
    for (size_t i = 0; i < r->citation_count; i++) {
        tamar_json_write_object(w);
        put_known(w, "url", r->citations[i].url);
        put_known(w, "title", r->citations[i].title);
        tamar_json_write_end(w);
    }
    tamar_json_write_end(w);
}

static void put_embeddings(tamar_json_writer *w, const tamar_response *r)
{
    tamar_json_write_key(w, "embeddings");
    if (!r->embedding_count) {
        tamar_json_write_null(w);
        return;
    }
    tamar_json_write_array(w);
    for (size_t i = 0; i < r->embedding_count; i++) {
        tamar_json_write_array(w);
        for (size_t k = 0; k < r->embeddings[i].count; k++) tamar_json_write_double(w, r->embeddings[i].values[k]);
        tamar_json_write_end(w);
    }
    tamar_json_write_end(w);
}

static void put_models(tamar_json_writer *w, const tamar_response *r)
{
    tamar_json_write_key(w, "models");
    if (!r->model_count) {
        tamar_json_write_null(w);
        return;
    }
    tamar_json_write_array(w);
    for (size_t i = 0; i < r->model_count; i++) {
        const tamar_model *m = &r->models[i];
        tamar_json_write_object(w);
        put_str(w, "id", m->id);
        put_known(w, "name", m->name);
        put_int(w, "input_tokens", m->input_tokens != 0, m->input_tokens);
        put_int(w, "output_tokens", m->output_tokens != 0, m->output_tokens);
        tamar_json_write_end(w);
    }
    tamar_json_write_end(w);
}

// Into an open array.
static void put_warnings(tamar_json_writer *w, const tamar_warning *warnings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tamar_json_write_object(w);
        put_str(w, "code", tamar_text(warnings[i].code));
        put_str(w, "message", tamar_text(warnings[i].message));
        tamar_json_write_end(w);
    }
}

static void put_error(tamar_json_writer *w, const tamar_error *error)
{
    tamar_json_write_key(w, "error");
    if (!error->category) {
        tamar_json_write_null(w);
        return;
    }
    tamar_json_write_object(w);
    put_str(w, "category", tamar_text(tamar_category_name(error->category)));
    put_int(w, "http_status", error->http_status != 0, error->http_status);
    put_known(w, "code", tamar_text(error->code));
    put_known(w, "type", tamar_text(error->type));
    put_str(w, "message", tamar_text(error->message));
    put_known(w, "request_id", tamar_text(error->request_id));
    tamar_json_write_key(w, "retryable");
    tamar_json_write_bool(w, error->retryable);
    put_opt(w, "retry_after_ms", error->retry_after_ms);
    tamar_json_write_end(w);
}

// The unified JSON. timed: there was a network, so latency means something.
static void put_response(tamar_json_writer *w, const tamar_response *r, bool timed)
{
    tamar_json_write_object(w);
    put_known(w, "id", r->id);
    put_known(w, "model", r->model);
    put_known(w, "provider", r->provider);
    put_int(w, "created", r->created != 0, r->created);
    put_str(w, "text", r->text);
    put_known(w, "reasoning", r->reasoning);
    put_known(w, "refusal", r->refusal);
    put_tool_calls(w, r);
    put_known(w, "finish_reason", tamar_text(r->finish ? tamar_finish_name(r->finish) : NULL));
    put_known(w, "finish_reason_raw", r->finish_raw);
    put_usage(w, &r->usage);
    put_images(w, r);
    put_citations(w, r);
    put_embeddings(w, r);
    put_models(w, r);
    put_int(w, "latency_ms", timed, (int64_t)r->latency_ms);
    tamar_json_write_key(w, "warnings");
    tamar_json_write_array(w);
    put_warnings(w, r->warnings, r->warning_count);
    tamar_json_write_end(w);
    put_error(w, &r->error);
    tamar_json_write_end(w);
}

// One line on standard output, and the writer is freed.
static int print_json(tamar_json_writer *w)
{
    tamar_str text;
    int status = DONE;
    if (tamar_json_writer_end(w, &text)) {
        fwrite(text.ptr, 1, text.len, stdout);
        putchar('\n');
    }
    else status = fail(FAILED, "limit", "the output does not fit into memory");
    tamar_json_writer_free(w);
    return status;
}

static int print_response(const tamar_response *r, bool timed)
{
    tamar_json_writer w;
    tamar_json_write_growing(&w, NULL, 0);
    put_response(&w, r, timed);
    int status = print_json(&w);
    return r->error.category ? FAILED : status;
}

// -- chat ------------------------------------------------------------------------------------------

static bool begins(const buffer *b, size_t at, const char *magic, size_t len)
{
    return b->len >= at + len && memcmp(b->ptr + at, magic, len) == 0;
}

// By the first bytes, which cannot be misnamed; NULL: no image that providers take.
static const char *image_type(const buffer *b)
{
    if (begins(b, 0, "\x89PNG\r\n\x1a\n", 8)) return "image/png";
    if (begins(b, 0, "\xff\xd8\xff", 3)) return "image/jpeg";
    if (begins(b, 0, "GIF8", 4)) return "image/gif";
    if (begins(b, 0, "RIFF", 4) && begins(b, 8, "WEBP", 4)) return "image/webp";
    if (begins(b, 0, "BM", 2)) return "image/bmp";
    if (begins(b, 4, "ftypheic", 8) || begins(b, 4, "ftypmif1", 8)) return "image/heic";
    return NULL;
}

// A URL is passed on; a file's bytes are read into bytes, which must outlive the part.
static bool read_image(const char *name, buffer *bytes, tamar_part *part)
{
    *part = tamar_image_part(name);
    for (const char *scheme = "http://\0https://\0data:\0"; *scheme; scheme += strlen(scheme) + 1)
        if (strncmp(name, scheme, strlen(scheme)) == 0) return true;
    if (!read_file(name, bytes)) return false;
    const char *type = image_type(bytes);
    if (!type) return fail(FAILED, "config", "%s is not PNG, JPEG, GIF, WebP, BMP or HEIC", name), false;
    part->url = tamar_text(NULL);
    part->data.ptr = bytes->ptr;
    part->data.len = bytes->len;
    part->mime_type = tamar_text(type);
    return true;
}

static void print_delta(const tamar_event *e, char *last)
{
    if (e->type != TAMAR_EVENT_TEXT && e->type != TAMAR_EVENT_REFUSAL) return;
    if (e->text.len == 0) return;
    fwrite(e->text.ptr, 1, e->text.len, stdout);
    fflush(stdout);
    *last = e->text.ptr[e->text.len - 1];
}

// What standard error shows of a finished call, and the exit status.
static int report(const tamar_response *r)
{
    for (size_t i = 0; i < r->warning_count; i++) fprintf(stderr, "tamar: warning: %s\n", r->warnings[i].message);
    return r->error.category ? fail_with(&r->error) : DONE;
}

static int talk(const tamar_desc *desc, const tamar_request *request, bool json)
{
    tamar_client *llm = tamar_open(desc);
    char last = '\n';
    if (!llm) return fail_with(desc->error);
    tamar_call call = tamar_send(llm, request);
    while (tamar_pump(llm, -1))
        for (tamar_event e; tamar_next_event(llm, &e); )
            if (!json) print_delta(&e, &last);
    const tamar_response *r = tamar_result(llm, call);
    if (last != '\n') putchar('\n');
    fflush(stdout);
    int status = json ? print_response(r, true) : report(r);
    tamar_close(llm);
    return status;
}

static int ask(const tamar_desc *desc, tamar_request *request, const char *prompt, const list *images, bool json)
{
    pool memory = { NULL, 0 };
    tamar_part *parts = pool_add(&memory, images->count + 1, sizeof *parts);
    buffer *files = pool_add(&memory, images->count + 1, sizeof *files);
    bool good = true;
    for (size_t i = 0; good && i < images->count; i++) good = read_image(images->items[i], &files[i], &parts[i]);
    tamar_part *text = &parts[images->count];
    *text = tamar_text_part(prompt);
    if (good && strcmp(prompt, "-") == 0) {
        good = read_file(NULL, &files[images->count]);
        text->text.ptr = files[images->count].ptr;
        text->text.len = files[images->count].len;
    }
    tamar_message message = { .role = TAMAR_ROLE_USER, .parts = parts, .part_count = images->count + 1 };
    request->messages = &message;
    request->message_count = 1;
    int status = good ? talk(desc, request, json) : FAILED;
    for (size_t i = 0; i <= images->count; i++) buffer_free(&files[i]);
    pool_free(&memory);
    return status;
}

static int run_chat(int argc, char **argv)
{
    const char *model = "openai/gpt-6-sol", *base_url = NULL, *system_text = NULL, *user = NULL, *org = NULL;
    const char *api = NULL;
    bool json = false, no_stream = false;
    list images = { NULL, 0 }, words = { NULL, 0 };
    const option options[] = {
        { "-m", .text = &model }, { "--model", .text = &model },
        { "--base-url", .text = &base_url }, { "--system", .text = &system_text },
        { "--image", .many = &images }, { "--json", .flag = &json },
        { "--no-stream", .flag = &no_stream }, { "--api", .text = &api },
        { "--user", .text = &user }, { "--org", .text = &org }, { .name = NULL },
    };
    int status = USAGE;
    if (parse_options(argc, argv, options, &words)) {
        tamar_error error = { 0 };
        tamar_desc desc = { .base_url = base_url, .error = &error };
        tamar_request request = { .model = model, .system = system_text, .stream = !no_stream };
        request.base_url = base_url;
        request.api = api;
        request.user = user;
        request.org_id = org;
        if (words.count == 1) status = ask(&desc, &request, words.items[0], &images, json);
        else if (words.count) fail(USAGE, "config", "chat: one prompt; put it in quotes");
        else fail(USAGE, "config", "chat: no prompt; `-` reads it from standard input");
    }
    free(images.items);
    free(words.items);
    return status;
}

// -- encode: an OpenAI chat-completions request -> tamar_request -----------------------------------

typedef struct reading {
    pool memory;
    tamar_request request;
    tamar_json_writer extra;  // the members that a tamar_request has no field for
    bool has_extra;
    tamar_warning *notes;  // what had to be left out
    size_t note_count;
    bool bad;  // said on standard error already
} reading;

#define ORIGIN "openai-chat"  // whose JSON an opaque part is

static bool wrong(reading *r, const char *what)
{
    if (!r->bad) fail(FAILED, "config", "the request is wrong: %s", what);
    r->bad = true;
    return true;
}

static bool is_null(tamar_json value) { return tamar_json_type_of(value) <= TAMAR_JSON_NULL; }

// A string value, decoded and NUL-terminated; anything else is empty.
static tamar_str string_of(reading *r, tamar_json value)
{
    tamar_str s = { NULL, 0 };
    size_t len = 0;
    if (tamar_json_type_of(value) != TAMAR_JSON_STRING) return s;
    tamar_json_get_string(value, NULL, 0, &len);
    char *text = pool_add(&r->memory, len + 1, 1);
    tamar_json_get_string(value, text, len + 1, &s.len);
    s.ptr = text;
    return s;
}

static const char *z_of(reading *r, tamar_json value) { return string_of(r, value).ptr; }

static tamar_str raw_of(tamar_json value)
{
    tamar_str s = { value.ptr, value.len };
    return s;
}

static const char *raw_z(reading *r, tamar_json value)
{
    if (is_null(value)) return NULL;
    return memcpy(pool_add(&r->memory, value.len + 1, 1), value.ptr, value.len);
}

static bool known_word(tamar_json key, const char *words)
{
    char word[40];
    for (; *words; words += strspn(words, " ")) {
        size_t len = strcspn(words, " ");
        memcpy(word, words, len);
        word[len] = 0;
        if (tamar_json_is(key, word)) return true;
        words += len;
    }
    return false;
}

// Notes each member that is not among these words and not null: nothing is dropped silently.
static void note_others(reading *r, const char *where, tamar_json object, const char *words)
{
    tamar_json key, value;
    for (tamar_json_iter it = tamar_json_iterate(object); tamar_json_next(&it, &key, &value); ) {
        if (is_null(value) || known_word(key, words)) continue;
        size_t size = strlen(where) + key.len + 32;
        char *text = pool_add(&r->memory, size, 1);
        snprintf(text, size, "%s: %.*s was left out", where, (int)key.len, key.ptr);
        r->notes = resize(r->notes, (r->note_count + 1) * sizeof *r->notes);
        r->notes[r->note_count].code = "unsupported";
        r->notes[r->note_count++].message = text;
    }
}

static int base64_value(char c)
{
    const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

// The bytes of a base64 text (RFC 4648 section 4).
static tamar_str base64_of(reading *r, tamar_str text)
{
    char *out = pool_add(&r->memory, text.len, 1);
    tamar_str bytes = { out, 0 };
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        int six = base64_value(text.ptr[i]);
        if (six < 0) return wrong(r, "input_audio.data is not base64"), bytes;
        bits = (bits << 6 | (unsigned)six) & 0xffff;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out[bytes.len++] = (char)(bits >> have & 0xff);
    }
    return bytes;
}

static tamar_part audio_part(reading *r, tamar_json audio)
{
    tamar_part part = { .type = TAMAR_PART_AUDIO };
    tamar_json format = tamar_json_get(audio, "format");
    tamar_str name = string_of(r, format);
    char *type = pool_add(&r->memory, name.len + 8, 1);
    if (tamar_json_is(format, "mp3")) strcpy(type, "audio/mpeg");
    else snprintf(type, name.len + 8, "audio/%s", name.ptr ? name.ptr : "wav");
    part.data = base64_of(r, string_of(r, tamar_json_get(audio, "data")));
    part.mime_type = tamar_text(type);
    return part;
}

static tamar_part file_part(reading *r, tamar_json file)
{
    tamar_part part = { .type = TAMAR_PART_FILE };
    part.id = string_of(r, tamar_json_get(file, "file_id"));
    part.name = string_of(r, tamar_json_get(file, "filename"));
    part.url = string_of(r, tamar_json_get(file, "file_data"));
    return part;
}

// image_url and video_url hold an object with the URL, or (Mistral) the URL itself.
static tamar_part url_part(reading *r, tamar_part_type type, tamar_json target)
{
    tamar_part part = { .type = type };
    bool object = tamar_json_type_of(target) == TAMAR_JSON_OBJECT;
    part.url = string_of(r, object ? tamar_json_get(target, "url") : target);
    part.detail = string_of(r, tamar_json_get(target, "detail"));
    return part;
}

static tamar_part opaque_part(tamar_json json)
{
    tamar_part part = { .type = TAMAR_PART_OPAQUE };
    part.opaque = raw_of(json);
    part.origin = tamar_text(ORIGIN);
    return part;
}

static tamar_part read_part(reading *r, tamar_json json)
{
    tamar_part part = { .type = TAMAR_PART_TEXT };
    tamar_json type = tamar_json_get(json, "type");
    if (tamar_json_is(type, "text")) part.text = string_of(r, tamar_json_get(json, "text"));
    else if (tamar_json_is(type, "image_url")) part = url_part(r, TAMAR_PART_IMAGE, tamar_json_get(json, "image_url"));
    else if (tamar_json_is(type, "video_url")) part = url_part(r, TAMAR_PART_VIDEO, tamar_json_get(json, "video_url"));
    else if (tamar_json_is(type, "input_audio")) part = audio_part(r, tamar_json_get(json, "input_audio"));
    else if (tamar_json_is(type, "file")) part = file_part(r, tamar_json_get(json, "file"));
    else if (tamar_json_is(type, "refusal")) {
        part.type = TAMAR_PART_REFUSAL;
        part.text = string_of(r, tamar_json_get(json, "refusal"));
    }
    else return opaque_part(json);
    part.cache = !is_null(tamar_json_get(json, "cache_control"));
    note_others(r, "content part", json, "type text image_url video_url input_audio file refusal cache_control");
    return part;
}

// extra_content (Google's signatures) must come back with the call it came with.
static tamar_part read_tool_call(reading *r, tamar_json json)
{
    tamar_part part = { .type = TAMAR_PART_TOOL_CALL };
    tamar_json function = tamar_json_get(json, "function"), custom = tamar_json_get(json, "custom");
    part.id = string_of(r, tamar_json_get(json, "id"));
    part.name = string_of(r, tamar_json_get(function.ptr ? function : custom, "name"));
    part.text = string_of(r, tamar_json_get(function, "arguments"));
    if (custom.ptr) part.text = raw_of(tamar_json_get(custom, "input"));  // any text; as JSON, a string
    part.opaque = raw_of(tamar_json_get(json, "extra_content"));
    if (part.opaque.len) part.origin = tamar_text(ORIGIN);
    note_others(r, "tool call", json, "id type index function custom extra_content");
    return part;
}

// The two names of one thing; reasoning_details is the provider's own JSON.
static bool read_reasoning(reading *r, tamar_json message, tamar_part *part)
{
    tamar_json details = tamar_json_get(message, "reasoning_details");
    tamar_part reasoning = { .type = TAMAR_PART_REASONING };
    reasoning.text = string_of(r, tamar_json_get(message, "reasoning_content"));
    if (!reasoning.text.len) reasoning.text = string_of(r, tamar_json_get(message, "reasoning"));
    if (!is_null(details)) {
        reasoning.opaque = raw_of(details);
        reasoning.origin = tamar_text(ORIGIN);
    }
    *part = reasoning;
    return reasoning.text.len || reasoning.opaque.len;
}

// What a tool said is one text; other parts of its content follow it.
static size_t read_tool_result(reading *r, tamar_json message, tamar_json content, tamar_part *parts)
{
    tamar_json key, item;
    size_t count = 1, len = 0;
    parts[0] = tamar_tool_result_part(string_of(r, tamar_json_get(message, "tool_call_id")), string_of(r, content));
    parts[0].name = string_of(r, tamar_json_get(message, "name"));
    if (tamar_json_type_of(content) != TAMAR_JSON_ARRAY) return count;
    char *text = pool_add(&r->memory, content.len, 1);
    for (tamar_json_iter it = tamar_json_iterate(content); tamar_json_next(&it, &key, &item); ) {
        tamar_part part = read_part(r, item);
        if (part.type != TAMAR_PART_TEXT) parts[count++] = part;
        else if (part.text.len) memcpy(text + len, part.text.ptr, part.text.len), len += part.text.len;
    }
    parts[0].text.ptr = text;
    parts[0].text.len = len;
    return count;
}

static size_t read_parts(reading *r, tamar_json message, tamar_json content, tamar_part *parts)
{
    tamar_json key, item, refusal = tamar_json_get(message, "refusal");
    size_t count = read_reasoning(r, message, parts) ? 1 : 0;
    if (tamar_json_type_of(content) == TAMAR_JSON_STRING) {
        tamar_part text = { .type = TAMAR_PART_TEXT };
        text.text = string_of(r, content);
        parts[count++] = text;
    }
    else if (tamar_json_type_of(content) == TAMAR_JSON_ARRAY)
        for (tamar_json_iter it = tamar_json_iterate(content); tamar_json_next(&it, &key, &item); )
            parts[count++] = read_part(r, item);
    else if (!is_null(content)) wrong(r, "a message's content is neither a string nor an array of parts");
    if (tamar_json_type_of(refusal) == TAMAR_JSON_STRING) {
        tamar_part part = { .type = TAMAR_PART_REFUSAL };
        part.text = string_of(r, refusal);
        parts[count++] = part;
    }
    tamar_json_iter calls = tamar_json_iterate(tamar_json_get(message, "tool_calls"));
    while (tamar_json_next(&calls, &key, &item)) parts[count++] = read_tool_call(r, item);
    return count;
}

static bool read_role(reading *r, tamar_json role, tamar_role *out)
{
    if (tamar_json_is(role, "user")) *out = TAMAR_ROLE_USER;
    else if (tamar_json_is(role, "system") || tamar_json_is(role, "developer")) *out = TAMAR_ROLE_SYSTEM;
    else if (tamar_json_is(role, "assistant")) *out = TAMAR_ROLE_ASSISTANT;
    else if (tamar_json_is(role, "tool")) *out = TAMAR_ROLE_TOOL;
    else return wrong(r, "a message's role is not system, developer, user, assistant or tool"), false;
    return true;
}

static void read_message(reading *r, tamar_json json, tamar_message *message)
{
    tamar_json content = tamar_json_get(json, "content");
    if (!read_role(r, tamar_json_get(json, "role"), &message->role)) return;
    size_t most = tamar_json_count(content) + tamar_json_count(tamar_json_get(json, "tool_calls")) + 3;
    tamar_part *parts = pool_add(&r->memory, most, sizeof *parts);
    bool tool = message->role == TAMAR_ROLE_TOOL;
    message->part_count = tool ? read_tool_result(r, json, content, parts) : read_parts(r, json, content, parts);
    message->parts = parts;
    bool cache = !is_null(tamar_json_get(json, "cache_control"));
    if (cache && message->part_count) parts[message->part_count - 1].cache = true;
    if (!tool) message->name = z_of(r, tamar_json_get(json, "name"));
    note_others(r, "message", json, "role content name tool_calls tool_call_id refusal reasoning reasoning_content "
                                    "reasoning_details cache_control");
}

// The readers of members share one form; field is the place in the request, where one is enough.
// False: this value has no place in a tamar_request and travels in request.extra instead.
static bool read_messages(reading *r, tamar_json value, void *field)
{
    tamar_json key, item;
    (void)field;
    if (tamar_json_type_of(value) != TAMAR_JSON_ARRAY) return wrong(r, "messages is not an array");
    tamar_message *messages = pool_add(&r->memory, tamar_json_count(value), sizeof *messages);
    for (tamar_json_iter it = tamar_json_iterate(value); tamar_json_next(&it, &key, &item); )
        read_message(r, item, &messages[r->request.message_count++]);
    r->request.messages = messages;
    return true;
}

static void read_tool(reading *r, tamar_json json, tamar_tool *tool)
{
    tamar_json function = tamar_json_get(json, "function");
    if (!tamar_json_is(tamar_json_get(json, "type"), "function") || !function.ptr) {
        tool->raw = raw_z(r, json);  // hosted and custom tools
        return;
    }
    tool->name = z_of(r, tamar_json_get(function, "name"));
    tool->description = z_of(r, tamar_json_get(function, "description"));
    tool->parameters = raw_z(r, tamar_json_get(function, "parameters"));
    tamar_json_get_bool(tamar_json_get(function, "strict"), &tool->strict);
    note_others(r, "tool", json, "type function");
    note_others(r, "function", function, "name description parameters strict");
}

static bool read_tools(reading *r, tamar_json value, void *field)
{
    tamar_json key, item;
    (void)field;
    if (tamar_json_type_of(value) != TAMAR_JSON_ARRAY) return wrong(r, "tools is not an array");
    tamar_tool *tools = pool_add(&r->memory, tamar_json_count(value), sizeof *tools);
    for (tamar_json_iter it = tamar_json_iterate(value); tamar_json_next(&it, &key, &item); )
        read_tool(r, item, &tools[r->request.tool_count++]);
    r->request.tools = tools;
    return true;
}

static bool read_tool_choice(reading *r, tamar_json value, void *field)
{
    tamar_request *q = &r->request;
    (void)field;
    if (tamar_json_is(value, "auto")) q->tool_choice = TAMAR_TOOL_CHOICE_AUTO;
    else if (tamar_json_is(value, "none")) q->tool_choice = TAMAR_TOOL_CHOICE_NONE;
    else if (tamar_json_is(value, "required")) q->tool_choice = TAMAR_TOOL_CHOICE_REQUIRED;
    else if (tamar_json_is(tamar_json_get(value, "type"), "function")) {
        q->tool_name = z_of(r, tamar_json_at(value, "function/name"));
        q->tool_choice = q->tool_name ? TAMAR_TOOL_CHOICE_NAMED : TAMAR_TOOL_CHOICE_DEFAULT;
    }
    return q->tool_choice != TAMAR_TOOL_CHOICE_DEFAULT;
}

static bool read_response_format(reading *r, tamar_json value, void *field)
{
    tamar_request *q = &r->request;
    tamar_json type = tamar_json_get(value, "type"), schema = tamar_json_get(value, "json_schema");
    bool strict = false;
    (void)field;
    if (tamar_json_is(type, "text")) return true;
    if (tamar_json_is(type, "json_object")) return q->format = TAMAR_FORMAT_JSON, true;
    if (!tamar_json_is(type, "json_schema") || is_null(tamar_json_get(schema, "schema"))) return false;
    q->format = TAMAR_FORMAT_SCHEMA;
    q->schema = raw_z(r, tamar_json_get(schema, "schema"));
    q->schema_name = z_of(r, tamar_json_get(schema, "name"));
    q->schema_description = z_of(r, tamar_json_get(schema, "description"));
    tamar_json_get_bool(tamar_json_get(schema, "strict"), &strict);
    q->schema_strict = tamar_int(strict);  // theirs is off unless said, ours is on
    return true;
}

// The first of two names for one field takes it; a text with a NUL in it fits no field.
static bool read_text(reading *r, tamar_json value, void *field)
{
    const char **out = field;
    tamar_str text = string_of(r, value);
    if (*out || !text.ptr || strlen(text.ptr) < text.len) return false;
    *out = text.ptr;
    return true;
}

static bool read_stop(reading *r, tamar_json value, void *field)
{
    tamar_json key, item;
    size_t count = 0;
    bool one = tamar_json_type_of(value) == TAMAR_JSON_STRING;
    (void)field;
    if (!one && tamar_json_type_of(value) != TAMAR_JSON_ARRAY) return false;
    const char **stop = pool_add(&r->memory, one ? 1 : tamar_json_count(value), sizeof *stop);
    if (one && !read_text(r, value, &stop[count++])) return false;
    for (tamar_json_iter it = tamar_json_iterate(value); !one && tamar_json_next(&it, &key, &item); )
        if (!read_text(r, item, &stop[count++])) return false;
    r->request.stop = stop;
    r->request.stop_count = count;
    return true;
}

static bool read_effort(reading *r, tamar_json value, void *field)
{
    static const char *const words[] = { "", "none", "minimal", "low", "medium", "high", "xhigh", "max" };
    (void)field;
    for (size_t i = 1; i < sizeof words / sizeof *words; i++) {
        if (!tamar_json_is(value, words[i])) continue;
        r->request.effort = (tamar_effort)i;  // in the order of the enumerators
        return true;
    }
    return false;
}

static bool read_positive(reading *r, tamar_json value, void *field)
{
    int64_t number = 0;
    (void)r;
    if (tamar_json_get_int(value, &number) != TAMAR_JSON_OK || number < 1 || number > INT32_MAX) return false;
    *(int *)field = (int)number;
    return true;
}

static bool read_double(reading *r, tamar_json value, void *field)
{
    tamar_opt_double *out = field;
    (void)r;
    return out->set = tamar_json_get_double(value, &out->value) == TAMAR_JSON_OK;
}

static bool read_int(reading *r, tamar_json value, void *field)
{
    tamar_opt_int *out = field;
    (void)r;
    return out->set = tamar_json_get_int(value, &out->value) == TAMAR_JSON_OK;
}

static bool read_bool(reading *r, tamar_json value, void *field)
{
    (void)r;
    return tamar_json_get_bool(value, field) == TAMAR_JSON_OK;
}

static bool read_switch(reading *r, tamar_json value, void *field)
{
    tamar_opt_int *out = field;
    bool on = false;
    out->set = read_bool(r, value, &on);
    out->value = on;
    return out->set;
}

static bool read_object(reading *r, tamar_json value, void *field)
{
    if (tamar_json_type_of(value) != TAMAR_JSON_OBJECT) return false;
    *(const char **)field = raw_z(r, value);
    return true;
}

// Usage is asked for anyway.
static bool read_stream_options(reading *r, tamar_json value, void *field)
{
    (void)r, (void)field;
    return tamar_json_count(value) == 1 && tamar_json_get(value, "include_usage").ptr;
}

static bool read_nothing(reading *r, tamar_json value, void *field) { return (void)r, (void)value, (void)field, true; }

typedef struct member {
    const char *name;
    bool (*read)(reading *r, tamar_json value, void *field);
    size_t offset;  // of the field
} member;

static const member members[] = {
    { "model", read_nothing, 0 },
    { "messages", read_messages, 0 },
    { "tools", read_tools, 0 },
    { "tool_choice", read_tool_choice, 0 },
    { "parallel_tool_calls", read_switch, offsetof(tamar_request, parallel_tool_calls) },
    { "response_format", read_response_format, 0 },
    { "stream", read_bool, offsetof(tamar_request, stream) },
    { "stream_options", read_stream_options, 0 },
    { "max_tokens", read_positive, offsetof(tamar_request, max_tokens) },
    { "max_completion_tokens", read_positive, offsetof(tamar_request, max_tokens) },
    { "temperature", read_double, offsetof(tamar_request, temperature) },
    { "top_p", read_double, offsetof(tamar_request, top_p) },
    { "frequency_penalty", read_double, offsetof(tamar_request, frequency_penalty) },
    { "presence_penalty", read_double, offsetof(tamar_request, presence_penalty) },
    { "seed", read_int, offsetof(tamar_request, seed) },
    { "logprobs", read_switch, offsetof(tamar_request, logprobs) },
    { "top_logprobs", read_int, offsetof(tamar_request, top_logprobs) },
    { "stop", read_stop, 0 },
    { "n", read_positive, offsetof(tamar_request, choices) },
    { "reasoning_effort", read_effort, 0 },
    { "verbosity", read_text, offsetof(tamar_request, verbosity) },
    { "safety_identifier", read_text, offsetof(tamar_request, user) },
    { "user", read_text, offsetof(tamar_request, user) },
    { "prompt_cache_key", read_text, offsetof(tamar_request, cache_key) },
    { "service_tier", read_text, offsetof(tamar_request, service_tier) },
    { "store", read_switch, offsetof(tamar_request, store) },
    { "metadata", read_object, offsetof(tamar_request, metadata) },
};

// A known member that is null was not said; an unknown one travels as it is.
static bool read_member(reading *r, tamar_json key, tamar_json value)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (tamar_json_is(key, members[i].name))
            return is_null(value) || members[i].read(r, value, (char *)&r->request + members[i].offset);
    return false;
}

static void read_request(reading *r, tamar_json document)
{
    tamar_json key, value;
    tamar_str extra;
    if (tamar_json_type_of(document) != TAMAR_JSON_OBJECT) wrong(r, "it is not an object");
    tamar_json_write_object(&r->extra);
    for (tamar_json_iter it = tamar_json_iterate(document); !r->bad && tamar_json_next(&it, &key, &value); ) {
        tamar_str name = string_of(r, key);
        if (tamar_json_get(document, name.ptr).ptr != value.ptr) continue;  // given twice: the last one counts
        if (read_member(r, key, value)) continue;
        tamar_json_write_key_n(&r->extra, name.ptr, name.len);
        tamar_json_write_raw(&r->extra, value.ptr, value.len);
        r->has_extra = true;
    }
    tamar_json_write_end(&r->extra);
    if (r->bad) return;
    if (!tamar_json_writer_end(&r->extra, &extra)) wrong(r, "it is too large");
    else if (r->has_extra) r->request.extra = extra.ptr;
}

// "Bearer ***": the scheme stays, the secret does not.
static void put_header(tamar_json_writer *w, const tamar_header *header)
{
    const char *space = header->value.len ? memchr(header->value.ptr, ' ', header->value.len) : NULL;
    buffer hidden = { NULL, 0, 0 };
    if (space) buffer_add(&hidden, header->value.ptr, (size_t)(space - header->value.ptr) + 1);
    buffer_add(&hidden, "***", 3);
    tamar_json_write_key_n(w, header->name.ptr, header->name.len);
    if (header->secret) tamar_json_write_string(w, hidden.ptr, hidden.len);
    else tamar_json_write_string(w, header->value.ptr, header->value.len);
    buffer_free(&hidden);
}

static int print_encoded(const tamar_encoded *encoded, const reading *r)
{
    tamar_json_writer w;
    const tamar_http_request *http = &encoded->http;
    if (encoded->error.category) return fail_with(&encoded->error);
    tamar_json_write_growing(&w, NULL, 0);
    tamar_json_write_object(&w);
    put_str(&w, "method", tamar_text(http->method));
    put_str(&w, "url", http->url);
    tamar_json_write_key(&w, "headers");
    tamar_json_write_object(&w);
    for (size_t i = 0; i < http->header_count; i++) put_header(&w, &http->headers[i]);
    tamar_json_write_end(&w);
    tamar_json_write_key(&w, "body");
    if (http->body.len) tamar_json_write_raw(&w, http->body.ptr, http->body.len);
    else tamar_json_write_null(&w);
    tamar_json_write_key(&w, "warnings");
    tamar_json_write_array(&w);
    put_warnings(&w, r->notes, r->note_count);
    put_warnings(&w, encoded->warnings, encoded->warning_count);
    tamar_json_write_end(&w);
    tamar_json_write_end(&w);
    return print_json(&w);
}

// What the command line adds to the file.
typedef struct addition {
    const char *model, *base_url, *api, *user, *org;
    bool stream;
} addition;

static int encode(const buffer *file, const addition *more)
{
    reading r = { .bad = false };
    tamar_json document;
    tamar_json_error error;
    tamar_desc desc = { .base_url = more->base_url };
    if (!tamar_json_parse(file->ptr, file->len, &document, &error))
        return fail(FAILED, "parse", "%s at byte %zu", error.message, error.offset);
    tamar_json_write_growing(&r.extra, NULL, 0);
    read_request(&r, document);
    r.request.model = more->model ? more->model : z_of(&r, tamar_json_get(document, "model"));
    r.request.base_url = more->base_url;
    r.request.stream = r.request.stream || more->stream;
    r.request.api = more->api;
    r.request.org_id = more->org;
    if (more->user) r.request.user = more->user;
    int status = FAILED;
    if (!r.bad) {
        tamar_encoded *encoded = tamar_encode(&desc, &r.request);
        status = print_encoded(encoded, &r);
        tamar_encoded_free(encoded);
    }
    tamar_json_writer_free(&r.extra);
    free(r.notes);
    pool_free(&r.memory);
    return status;
}

static int run_encode(int argc, char **argv)
{
    addition more = { .model = NULL };
    list operands = { NULL, 0 };
    buffer file = { NULL, 0, 0 };
    const option options[] = {
        { "-m", .text = &more.model }, { "--model", .text = &more.model },
        { "--base-url", .text = &more.base_url }, { "--stream", .flag = &more.stream },
        { "--api", .text = &more.api }, { "--user", .text = &more.user }, { "--org", .text = &more.org },
        { .name = NULL },
    };
    int status = USAGE;
    if (parse_options(argc, argv, options, &operands)) status = read_operand("encode", &operands, &file);
    if (status == DONE) status = encode(&file, &more);
    buffer_free(&file);
    free(operands.items);
    return status;
}

// -- models, embed, image, tokens: calls that are no chat -------------------------------------------

typedef struct errand {
    tamar_request request;
    const char *out;  // image: where the picture goes
    bool json;
    list words;
} errand;

static int print_models(const tamar_response *r)
{
    for (size_t i = 0; i < r->model_count; i++) puts(r->models[i].id.ptr);
    return DONE;
}

// A line for each text, so that any tool can read them.
static int print_vectors(const tamar_response *r)
{
    for (size_t i = 0; i < r->embedding_count; i++) {
        const tamar_embedding *e = &r->embeddings[i];
        for (size_t k = 0; k < e->count; k++) printf("%s%.9g", k ? " " : "", e->values[k]);
        putchar('\n');
    }
    return DONE;
}

static int print_count(const tamar_response *r)
{
    if (!r->usage.input_tokens.set) return fail(FAILED, "proto", "the answer holds no count");
    printf("%lld\n", (long long)r->usage.input_tokens.value);
    return DONE;
}

static const char *image_suffix(tamar_str mime_type)
{
    const char *slash = mime_type.len ? strchr(mime_type.ptr, '/') : NULL;
    if (!slash || !isalpha((unsigned char)slash[1])) return "png";
    return strcmp(slash + 1, "jpeg") == 0 ? "jpg" : slash + 1;
}

// The picture's bytes as a file; out NULL: image.png or the like. `-` is standard output.
static int save_image(const tamar_image *image, const char *out)
{
    reading r = { .bad = false };
    char name[80];
    snprintf(name, sizeof name, "image.%.60s", image_suffix(image->mime_type));
    tamar_str bytes = base64_of(&r, image->data);
    bool output = out && strcmp(out, "-") == 0;
    FILE *file = NULL;
    int status = FAILED;
    if (!out) out = name;
#ifdef _WIN32
    if (output) _setmode(_fileno(stdout), _O_BINARY);
#endif
    if (!r.bad) {
        file = output ? stdout : fopen(out, "wb");
        if (!file) fail(FAILED, "config", "cannot open %s: %s", out, strerror(errno));
    }
    if (file) {
        bool good = fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len;
        if (!output) good = fclose(file) == 0 && good;
        status = good ? DONE : fail(FAILED, "config", "cannot write %s: %s", out, strerror(errno));
    }
    if (status == DONE && !output) puts(out);
    pool_free(&r.memory);
    return status;
}

static int print_image(const tamar_response *r, const char *out)
{
    if (!r->image_count) return fail(FAILED, "proto", "the answer holds no picture");
    const tamar_image *image = &r->images[0];
    if (image->data.len) return save_image(image, out);
    puts(image->url.ptr);
    return out ? fail(FAILED, "config", "the provider sent an address, not the picture: fetch it with curl") : DONE;
}

// Where pictures are made behind the call (DashScope), the answer is a task, which is asked for until it is done.
static tamar_response *wait_for_task(tamar_client *llm, const tamar_request *first, tamar_response *r)
{
    char model[256];
    const char *slash = strchr(first->model, '/');
    for (int tries = 0; tries < 300; tries++) {
        if (r->error.category || r->image_count || !r->finish_raw.len || !r->id.len || !slash) break;
        if (strcmp(r->finish_raw.ptr, "PENDING") != 0 && strcmp(r->finish_raw.ptr, "RUNNING") != 0) break;
        tamar_request request = { .kind = TAMAR_KIND_IMAGES, .api = "dashscope-task", .prompt = "" };
        snprintf(model, sizeof model, "%.*s/%s", (int)(slash - first->model), first->model, r->id.ptr);
        request.model = model;
        request.base_url = first->base_url;
        if (tries) tamar_pump(llm, 1000);
        tamar_response_free(r);
        r = tamar_chat(llm, &request);
    }
    return r;
}

static int run_errand(const errand *e)
{
    tamar_error error = { 0 };
    tamar_desc desc = { .base_url = e->request.base_url, .error = &error };
    tamar_client *llm = tamar_open(&desc);
    if (!llm) return fail_with(&error);
    tamar_response *r = tamar_chat(llm, &e->request);
    if (e->request.kind == TAMAR_KIND_IMAGES) r = wait_for_task(llm, &e->request, r);
    int status = e->json ? print_response(r, true) : report(r);
    if (status == DONE && !e->json) {
        if (e->request.kind == TAMAR_KIND_MODELS) status = print_models(r);
        if (e->request.kind == TAMAR_KIND_EMBEDDINGS) status = print_vectors(r);
        if (e->request.kind == TAMAR_KIND_IMAGES) status = print_image(r, e->out);
        if (e->request.kind == TAMAR_KIND_TOKENS) status = print_count(r);
    }
    if (e->json && r->error.category) fail_with(&r->error);
    tamar_response_free(r);
    tamar_close(llm);
    return status;
}

// What all of them share: -m is asked for, the operands are checked, `-` as the only one is standard input.
static int run_with_words(const char *verb, errand *e, size_t most)
{
    buffer input = { NULL, 0, 0 };
    int status = DONE;
    if (!e->request.model && e->request.kind == TAMAR_KIND_MODELS)
        status = fail(USAGE, "config", "%s: whose? say -m openai/, for example", verb);
    else if (!e->request.model) status = fail(USAGE, "config", "%s: no model; say -m provider/model", verb);
    else if (e->words.count > most && most == 0) status = fail(USAGE, "config", "%s: no operand, not %s", verb,
                                                               e->words.items[0]);
    else if (e->words.count > most) status = fail(USAGE, "config", "%s: one prompt; put it in quotes", verb);
    else if (most && !e->words.count)
        status = fail(USAGE, "config", "%s: no %s; `-` reads it from standard input", verb,
                      e->request.kind == TAMAR_KIND_EMBEDDINGS ? "text" : "prompt");
    else if (e->words.count == 1 && strcmp(e->words.items[0], "-") == 0) {
        if (!read_file(NULL, &input)) status = FAILED;
        e->words.items[0] = input.ptr;
    }
    if (status == DONE) {
        if (e->request.kind == TAMAR_KIND_EMBEDDINGS) {
            e->request.inputs = (const char *const *)e->words.items;
            e->request.input_count = e->words.count;
        }
        else if (most) e->request.prompt = e->words.items[0];
        status = run_errand(e);
    }
    buffer_free(&input);
    free(e->words.items);
    return status;
}

static int run_models(int argc, char **argv)
{
    errand e = { .request = { .kind = TAMAR_KIND_MODELS } };
    const option options[] = {
        { "-m", .text = &e.request.model }, { "--model", .text = &e.request.model },
        { "--base-url", .text = &e.request.base_url }, { "--json", .flag = &e.json }, { .name = NULL },
    };
    if (!parse_options(argc, argv, options, &e.words)) return free(e.words.items), USAGE;
    return run_with_words("models", &e, 0);
}

static int run_embed(int argc, char **argv)
{
    errand e = { .request = { .kind = TAMAR_KIND_EMBEDDINGS } };
    size_t dimensions = 0;
    const option options[] = {
        { "-m", .text = &e.request.model }, { "--model", .text = &e.request.model },
        { "--base-url", .text = &e.request.base_url }, { "--type", .text = &e.request.input_type },
        { "--dimensions", .number = &dimensions }, { "--json", .flag = &e.json }, { .name = NULL },
    };
    if (!parse_options(argc, argv, options, &e.words)) return free(e.words.items), USAGE;
    e.request.dimensions = dimensions > 1000000 ? 1000000 : (int)dimensions;
    return run_with_words("embed", &e, SIZE_MAX);
}

static int run_image(int argc, char **argv)
{
    errand e = { .request = { .kind = TAMAR_KIND_IMAGES } };
    const option options[] = {
        { "-m", .text = &e.request.model }, { "--model", .text = &e.request.model },
        { "--base-url", .text = &e.request.base_url }, { "-o", .text = &e.out }, { "--output", .text = &e.out },
        { "--size", .text = &e.request.image_size }, { "--user", .text = &e.request.user },
        { "--org", .text = &e.request.org_id }, { "--json", .flag = &e.json }, { .name = NULL },
    };
    if (!parse_options(argc, argv, options, &e.words)) return free(e.words.items), USAGE;
    return run_with_words("image", &e, 1);
}

static int run_tokens(int argc, char **argv)
{
    errand e = { .request = { .kind = TAMAR_KIND_TOKENS } };
    const option options[] = {
        { "-m", .text = &e.request.model }, { "--model", .text = &e.request.model },
        { "--base-url", .text = &e.request.base_url }, { "--system", .text = &e.request.system },
        { "--json", .flag = &e.json }, { .name = NULL },
    };
    if (!parse_options(argc, argv, options, &e.words)) return free(e.words.items), USAGE;
    return run_with_words("tokens", &e, 1);
}

// -- decode ----------------------------------------------------------------------------------------

// What the events said, to be compared with the response (TAMAR_CHECK_EVENTS=1).
typedef struct witness {
    buffer text, reasoning, refusal, *calls;
    size_t call_count, finished;
    const char *problem;
} witness;

static void hear_call(witness *seen, const tamar_event *e)
{
    if (e->index > seen->call_count) seen->problem = "a tool call's index skips one";
    if (e->index > seen->call_count) return;
    if (e->index == seen->call_count) {
        seen->calls = resize(seen->calls, ++seen->call_count * sizeof *seen->calls);
        memset(&seen->calls[e->index], 0, sizeof *seen->calls);
    }
    buffer_add(&seen->calls[e->index], e->text.ptr, e->text.len);
}

static void hear(witness *seen, const tamar_event *e)
{
    if (seen->finished) seen->problem = "an event came after the last one";
    if (e->text.len && (e->text.ptr[0] & 0xC0) == 0x80) seen->problem = "a delta begins inside a character";
    if (e->finished != (e->type == TAMAR_EVENT_FINISH)) seen->problem = "finished is not where FINISH is";
    if (e->finished) seen->finished++;
    if (e->type == TAMAR_EVENT_TEXT) buffer_add(&seen->text, e->text.ptr, e->text.len);
    if (e->type == TAMAR_EVENT_REASONING) buffer_add(&seen->reasoning, e->text.ptr, e->text.len);
    if (e->type == TAMAR_EVENT_REFUSAL) buffer_add(&seen->refusal, e->text.ptr, e->text.len);
    if (e->type == TAMAR_EVENT_TOOL_CALL) hear_call(seen, e);
}

static bool same(const buffer *deltas, tamar_str whole)
{
    return deltas->len == whole.len && (whole.len == 0 || memcmp(deltas->ptr, whole.ptr, whole.len) == 0);
}

static const char *contradiction(const witness *seen, const tamar_response *r)
{
    if (seen->problem) return seen->problem;
    if (seen->finished != 1) return "there was no last event";
    if (!same(&seen->text, r->text)) return "the text events do not add up to the text";
    if (!same(&seen->reasoning, r->reasoning)) return "the reasoning events do not add up to the reasoning";
    if (!same(&seen->refusal, r->refusal)) return "the refusal events do not add up to the refusal";
    if (seen->call_count != r->tool_call_count) return "the tool call events do not add up to the tool calls";
    for (size_t i = 0; i < r->tool_call_count; i++)
        if (!same(&seen->calls[i], r->tool_calls[i]->text)) return "the argument events do not add up to the arguments";
    return NULL;
}

static void witness_free(witness *seen)
{
    buffer_free(&seen->text);
    buffer_free(&seen->reasoning);
    buffer_free(&seen->refusal);
    for (size_t i = 0; i < seen->call_count; i++) buffer_free(&seen->calls[i]);
    free(seen->calls);
}

static void hear_all(witness *seen, tamar_decoder *decoder)
{
    for (tamar_event e; tamar_decoder_next_event(decoder, &e); ) hear(seen, &e);
}

// Hands out the next piece of a file in a block of its own, so that a memory checker sees each byte
// read too far and each view kept too long. split 0: the whole file at once.
static char *next_piece(const buffer *file, size_t *at, size_t split, size_t *len)
{
    *len = file->len - *at;
    if (split && *len > split) *len = split;
    char *piece = resize(NULL, *len);
    memcpy(piece, file->ptr + *at, *len);
    *at += *len;
    return piece;
}

static void set_headers(tamar_decoder *decoder, const list *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        char *colon = strchr(headers->items[i], ':');
        if (!colon) continue;
        *colon = 0;
        tamar_decoder_header(decoder, headers->items[i], colon + 1 + strspn(colon + 1, " \t"));
    }
}

static int decode(const tamar_decoder_desc *desc, const list *headers, const buffer *file, size_t split, bool cut)
{
    const tamar_dialect qianfan = tamar_qianfan_native();  // a dialect of ours, as anybody may add one
    const tamar_dialect *const dialects[] = { &qianfan };
    tamar_decoder_desc own = *desc;
    own.dialects = dialects;
    own.dialect_count = 1;
    tamar_decoder *decoder = tamar_decoder_open(&own);
    witness seen = { .problem = NULL };
    size_t at = 0, len;
    if (!decoder) return fail(FAILED, "nomem", "no memory for a decoder");
    set_headers(decoder, headers);
    for (bool more = true; more && at < file->len; ) {
        char *piece = next_piece(file, &at, split, &len);
        more = tamar_decoder_feed(decoder, piece, len);
        free(piece);
        hear_all(&seen, decoder);
    }
    const tamar_response *r = tamar_decoder_end(decoder, !cut);
    hear_all(&seen, decoder);
    int status = print_response(r, false);
    const char *check = getenv("TAMAR_CHECK_EVENTS"), *problem = contradiction(&seen, r);
    if (r->error.category) fail_with(&r->error);
    if (check && check[0] == '1' && problem) status = fail(BAD_EVENTS, "events", "%s", problem);
    tamar_decoder_close(decoder);
    witness_free(&seen);
    return status;
}

static int run_decode(int argc, char **argv)
{
    tamar_decoder_desc desc = { .api = NULL };
    size_t code = 200, split = 0;
    bool cut = false;
    list headers = { NULL, 0 }, operands = { NULL, 0 };
    buffer file = { NULL, 0, 0 };
    const option options[] = {
        { "--api", .text = &desc.api }, { "--provider", .text = &desc.provider },
        { "--status", .number = &code }, { "--header", .many = &headers },
        { "--stream", .flag = &desc.stream }, { "--split", .number = &split },
        { "--cut", .flag = &cut }, { .name = NULL },
    };
    int status = USAGE;
    if (parse_options(argc, argv, options, &operands)) {
        if (!desc.api) fail(USAGE, "config", "decode: whose bytes? say --api openai-chat, for example");
        else if (code < 100 || code > 999) fail(USAGE, "config", "decode: --status wants an HTTP status, 100 to 999");
        else status = read_operand("decode", &operands, &file);
    }
    desc.status = (int)code;
    if (status == DONE) status = decode(&desc, &headers, &file, split, cut);
    buffer_free(&file);
    free(headers.items);
    free(operands.items);
    return status;
}

// -- sse -------------------------------------------------------------------------------------------

static int print_event(const tamar_sse_event *event)
{
    tamar_json_writer w;
    tamar_json_write_growing(&w, NULL, 0);
    tamar_json_write_object(&w);
    put_str(&w, "event", event->event.len ? event->event : tamar_text("message"));
    put_str(&w, "data", event->data);
    put_str(&w, "id", event->id);
    put_opt(&w, "retry", event->retry_ms);
    tamar_json_write_end(&w);
    return print_json(&w);
}

static int print_events(const buffer *file, size_t split)
{
    tamar_sse *sse = tamar_sse_open(NULL, 0);
    size_t at = 0, len;
    int status = DONE;
    if (!sse) return fail(FAILED, "nomem", "no memory for an event stream");
    while (status == DONE && at < file->len) {
        char *piece = next_piece(file, &at, split, &len);
        if (!tamar_sse_feed(sse, piece, len)) status = fail(FAILED, "limit", "an event is larger than 64 MiB");
        for (tamar_sse_event e; status == DONE && tamar_sse_next(sse, &e); ) status = print_event(&e);
        free(piece);
    }
    tamar_sse_close(sse);
    return status;
}

static int run_sse(int argc, char **argv)
{
    size_t split = 0;
    list operands = { NULL, 0 };
    buffer file = { NULL, 0, 0 };
    const option options[] = { { "--split", .number = &split }, { .name = NULL } };
    int status = USAGE;
    if (parse_options(argc, argv, options, &operands)) status = read_operand("sse", &operands, &file);
    if (status == DONE) status = print_events(&file, split);
    buffer_free(&file);
    free(operands.items);
    return status;
}

// -- json ------------------------------------------------------------------------------------------

// The document without its white space; strings and numbers as they came.
static void print_compact(tamar_json document)
{
    buffer out = { NULL, 0, 0 };
    char *to = buffer_room(&out, document.len + 1);
    bool inside = false;  // a string
    for (size_t i = 0; i < document.len; i++) {
        char c = document.ptr[i];
        if (!inside && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
        *to++ = c;
        if (c == '"') inside = !inside;
        if (inside && c == '\\') *to++ = document.ptr[++i];
    }
    *to++ = '\n';
    fwrite(out.ptr, 1, (size_t)(to - out.ptr), stdout);
    buffer_free(&out);
}

static int run_json(int argc, char **argv)
{
    const char *schema = NULL;
    list operands = { NULL, 0 };
    buffer file = { NULL, 0, 0 };
    const option options[] = { { "--schema", .text = &schema }, { .name = NULL } };
    tamar_json document;
    tamar_json_error error;
    int status = USAGE;
    if (!parse_options(argc, argv, options, &operands)) status = USAGE;
    else if (schema) fail(USAGE, "config", "json: --schema is not available yet; without it the syntax is checked");
    else status = read_operand("json", &operands, &file);
    if (status == DONE) {
        if (tamar_json_parse(file.ptr, file.len, &document, &error)) print_compact(document);
        else status = fail(FAILED, "parse", "%s at byte %zu", error.message, error.offset);
    }
    buffer_free(&file);
    free(operands.items);
    return status;
}

// -- the verbs -------------------------------------------------------------------------------------

typedef struct verb {
    const char *name;
    int (*run)(int argc, char **argv);  // argv[0] is the verb
    const char *usage, *help;
} verb;

static const verb verbs[] = {
    { "chat", run_chat, "[-m provider/model] [--base-url U] [--system S] [--image F]... [--api API]\n"
      "    [--user U] [--org O] [--json] [--no-stream] PROMPT",
      "asks, and prints the answer while it comes; --json: the result as one line of unified JSON.\n"
      "    F is a file or a URL; PROMPT - is standard input; API is the dialect, where a provider speaks several;\n"
      "    U and O are whom a gateway books the call to" },
    { "models", run_models, "-m provider/ [--base-url U] [--json]", "prints the names of the models it offers" },
    { "embed", run_embed, "-m provider/model [--base-url U] [--type query|document] [--dimensions N] [--json] TEXT...",
      "prints the vector of each text, one a line" },
    { "image", run_image, "-m provider/model [--base-url U] [--size S] [--user U] [--org O] [-o FILE] [--json] PROMPT",
      "draws a picture and saves it (as image.png without -o); where the provider sends an address, prints that" },
    { "tokens", run_tokens, "-m provider/model [--base-url U] [--system S] [--json] PROMPT",
      "prints how many tokens the prompt is for that model" },
    { "encode", run_encode, "-m provider/model [--base-url U] [--api API] [--user U] [--org O] [--stream] [FILE]",
      "an OpenAI chat-completions request in; the HTTP request for that provider out, as JSON" },
    { "decode", run_decode,
      "--api API [--provider P] [--status N] [--header 'K: V']... [--stream] [--split N] [--cut] [FILE]",
      "a provider's bytes in; unified JSON out. --split feeds N bytes at a time; --cut: the connection was lost" },
    { "sse", run_sse, "[--split N] [FILE]", "an event stream in; its events out, one line of JSON each" },
    { "json", run_json, "[--schema S] [FILE]", "checks a document and prints it without white space" },
};
enum { VERB_COUNT = sizeof verbs / sizeof *verbs };

static void print_usage(FILE *out, const verb *v)
{
    fprintf(out, "tamar %s %s\n    %s\n", v->name, v->usage, v->help);
}

static int print_help(FILE *out, int status)
{
    for (size_t i = 0; i < VERB_COUNT; i++) print_usage(out, &verbs[i]);
    fputs("tamar --help | --version\n"
          "FILE - or none is standard input. Errors go to standard error; the exit status is 0 only on success.\n",
          out);
    return status;
}

static const verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (strcmp(verbs[i].name, name) == 0) return &verbs[i];
    return NULL;
}

static int run(int argc, char **argv)
{
    if (argc < 2) return print_help(stderr, USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return print_help(stdout, DONE);
    if (strcmp(argv[1], "--version") == 0) return printf("tamar %s\n", tamar_version()), DONE;
    const verb *v = find_verb(argv[1]);
    if (!v) return fail(USAGE, "config", "no verb %s; see `tamar --help`", argv[1]);
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0) return print_usage(stdout, v), DONE;
    return v->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) status = fail(FAILED, "config", "cannot write to standard output");
    return status;
}
