// Recorded requests, read into the neutral form and encoded again: the two bodies must be the same JSON value, but for
// the differences listed in allowed[]. The importer stands here only: it reads what the five chat dialects write, a
// second and independent opinion on each member. Its own fixtures always run; the recorded requests that
// import_cases.txt names are read from ../shared (or $TAMAR_SHARED) where that lies beside the checkout.
//   build/test_import [api/id]          the differences of one recorded request
//   build/test_import -l api/id...      which of these come back equal
#define API "openai-chat"
#include "dialect.h"

enum { MOST_MESSAGES = 512, MOST_PARTS = 2048, MOST_TOOLS = 256, MOST_STOPS = 16 };

typedef struct import {
    tamar_request rq;
    tamar_message messages[MOST_MESSAGES];
    tamar_part parts[MOST_PARTS];
    tamar_tool tools[MOST_TOOLS];
    const char *stops[MOST_STOPS];
    size_t message_count, part_count, tool_count;
    void *kept[MOST_PARTS * 8];
    size_t kept_count;
    text extra, config;  // members that the neutral form has no name for; config: of generationConfig, options
    const char *api, *why;  // why it cannot be read
    size_t calls;  // made so far, where the vendor gives them no ids
    size_t results;  // given so far
} import;

static void *keep(import *m, void *p)
{
    if (!p || m->kept_count == sizeof m->kept / sizeof *m->kept) abort();
    return m->kept[m->kept_count++] = p;
}

// -- values ----------------------------------------------------------------------------------------

static bool given(tamar_json v) { return v.ptr && tamar_json_type_of(v) != TAMAR_JSON_NULL; }
static bool is_string(tamar_json v) { return tamar_json_type_of(v) == TAMAR_JSON_STRING; }
static bool is_array(tamar_json v) { return tamar_json_type_of(v) == TAMAR_JSON_ARRAY; }
static bool is_object(tamar_json v) { return tamar_json_type_of(v) == TAMAR_JSON_OBJECT; }

static tamar_str words(import *m, tamar_json v)
{
    tamar_str s = { "", 0 };
    size_t n = 0;
    char *p;
    if (!is_string(v)) return s;
    tamar_json_get_string(v, NULL, 0, &n);
    p = (char *)keep(m, malloc(n + 1));
    tamar_json_get_string(v, p, n + 1, &n);
    s.ptr = p, s.len = n;
    return s;
}

static const char *zero(import *m, tamar_json v) { return is_string(v) ? words(m, v).ptr : NULL; }

static const char *copied(import *m, tamar_json v)
{
    char *p = (char *)keep(m, malloc(v.len + 1));
    memcpy(p, v.ptr, v.len);
    p[v.len] = 0;
    return p;
}

static tamar_str raw_of(tamar_json v)
{
    tamar_str s;
    s.ptr = v.ptr, s.len = v.len;
    return s;
}

static tamar_str printed(import *m, const char *format, tamar_str a, tamar_str b)
{
    size_t n = a.len + b.len + strlen(format) + 1;
    char *p = (char *)keep(m, malloc(n));
    snprintf(p, n, format, (int)a.len, a.ptr, (int)b.len, b.ptr);
    return tamar_text(p);
}

static tamar_opt_int integer(tamar_json v)
{
    tamar_opt_int n = { false, 0 };
    bool b;
    if (tamar_json_get_int(v, &n.value) == TAMAR_JSON_OK) n.set = true;
    else if (tamar_json_get_bool(v, &b) == TAMAR_JSON_OK) n.set = true, n.value = b;
    return n;
}

static tamar_opt_double real(tamar_json v)
{
    tamar_opt_double d = { false, 0 };
    d.set = tamar_json_get_double(v, &d.value) == TAMAR_JSON_OK;
    return d;
}

static bool truth(tamar_json v) { return v.ptr && *v.ptr == 't'; }

// Is every member of this object one of these?
static bool only_members(tamar_json object, const char *const *names)
{
    tamar_json_iter it = tamar_json_iterate(object);
    tamar_json key, value;
    while (tamar_json_next(&it, &key, &value)) {
        size_t i;
        for (i = 0; names[i] && !tamar_json_is(key, names[i]); i++) {}
        if (!names[i]) return false;
    }
    return true;
}

static void put_member(text *t, tamar_json key, tamar_json value)
{
    adds(t, t->len ? "," : "{");
    add(t, key.ptr, key.len);
    adds(t, ":");
    add(t, value.ptr, value.len);
}

// -- messages --------------------------------------------------------------------------------------

static tamar_message *message(import *m, tamar_role role)
{
    tamar_message *to = &m->messages[m->message_count++];
    if (m->message_count >= MOST_MESSAGES) abort();
    to->role = role;
    to->parts = &m->parts[m->part_count];
    return to;
}

static tamar_part *part(import *m, tamar_part_type type)
{
    tamar_part *p = &m->parts[m->part_count++];
    if (m->part_count >= MOST_PARTS) abort();
    p->type = type;
    m->messages[m->message_count - 1].part_count++;
    return p;
}

static tamar_part *own(import *m, tamar_part *p, tamar_json raw)
{
    p->opaque = raw_of(raw);
    p->origin = tamar_text(m->api);
    return p;
}

static void unknown(import *m, tamar_json raw) { own(m, part(m, TAMAR_PART_OPAQUE), raw); }

static void said(import *m, tamar_json v) { part(m, TAMAR_PART_TEXT)->text = words(m, v); }

static tamar_tool *tool(import *m)
{
    if (m->tool_count == MOST_TOOLS) abort();
    return &m->tools[m->tool_count++];
}

// A function as OpenAI and Ollama describe it.
static void function_tool(import *m, tamar_json whole, tamar_json f)
{
    static const char *const known[] = { "name", "description", "parameters", "strict", NULL };
    static const char *const flat[] = { "type", "name", "description", "parameters", "strict", NULL };
    static const char *const nested[] = { "type", "function", NULL };
    tamar_tool *t = tool(m);
    if (!tamar_json_is(tamar_json_get(whole, "type"), "function") || !only_members(f, f.ptr == whole.ptr ? flat : known) ||
        (f.ptr != whole.ptr && !only_members(whole, nested))) {
        t->raw = copied(m, whole);
        return;
    }
    t->name = zero(m, tamar_json_get(f, "name"));
    t->description = zero(m, tamar_json_get(f, "description"));
    if (given(tamar_json_get(f, "parameters"))) t->parameters = copied(m, tamar_json_get(f, "parameters"));
    t->strict = truth(tamar_json_get(f, "strict"));
}

static bool choice_word(import *m, tamar_json v)
{
    static const char *const names[] = { "", "auto", "none", "required" };
    size_t i;
    for (i = 1; i < 4; i++)
        if (tamar_json_is(v, names[i])) m->rq.tool_choice = (tamar_tool_choice)i;
    if (tamar_json_is(v, "any")) m->rq.tool_choice = TAMAR_TOOL_CHOICE_REQUIRED;
    return m->rq.tool_choice != TAMAR_TOOL_CHOICE_DEFAULT;
}

static bool choice_named(import *m, tamar_json name)
{
    if (!is_string(name)) return false;
    m->rq.tool_choice = TAMAR_TOOL_CHOICE_NAMED;
    m->rq.tool_name = zero(m, name);
    return true;
}

static bool effort_word(import *m, tamar_json v)
{
    static const char *const names[] = { "", "none", "minimal", "low", "medium", "high", "xhigh", "max" };
    size_t i;
    for (i = 1; i < sizeof names / sizeof *names; i++)
        if (tamar_json_is(v, names[i])) m->rq.effort = (tamar_effort)i;
    return m->rq.effort != TAMAR_EFFORT_DEFAULT;
}

static bool stops(import *m, tamar_json v)
{
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, value;
    if (is_string(v)) m->stops[m->rq.stop_count++] = zero(m, v);
    while (is_array(v) && tamar_json_next(&it, &key, &value) && m->rq.stop_count < MOST_STOPS)
        m->stops[m->rq.stop_count++] = zero(m, value);
    m->rq.stop = m->stops;
    return true;
}

static bool json_schema(import *m, tamar_json f)
{
    static const char *const known[] = { "type", "name", "description", "schema", "strict", NULL };
    if (!is_object(tamar_json_get(f, "schema")) || !only_members(f, known)) return false;
    m->rq.format = TAMAR_FORMAT_SCHEMA;
    m->rq.schema = copied(m, tamar_json_get(f, "schema"));
    m->rq.schema_name = zero(m, tamar_json_get(f, "name"));
    m->rq.schema_description = zero(m, tamar_json_get(f, "description"));
    m->rq.schema_strict = tamar_int(truth(tamar_json_get(f, "strict")));
    return true;
}

// Members that mean the same under the same name with all of OpenAI's dialects. False: none of these.
static bool common_member(import *m, tamar_json key, tamar_json v)
{
    tamar_request *rq = &m->rq;
    if (tamar_json_is(key, "model")) rq->model = zero(m, v);
    else if (tamar_json_is(key, "stream")) rq->stream = truth(v);
    else if (tamar_json_is(key, "temperature") && real(v).set) rq->temperature = real(v);
    else if (tamar_json_is(key, "top_p") && real(v).set) rq->top_p = real(v);
    else if (tamar_json_is(key, "top_k") && integer(v).set) rq->top_k = integer(v);
    else if (tamar_json_is(key, "frequency_penalty") && real(v).set) rq->frequency_penalty = real(v);
    else if (tamar_json_is(key, "presence_penalty") && real(v).set) rq->presence_penalty = real(v);
    else if (tamar_json_is(key, "seed") && integer(v).set) rq->seed = integer(v);
    else if (tamar_json_is(key, "logprobs") && integer(v).set) rq->logprobs = integer(v);
    else if (tamar_json_is(key, "top_logprobs") && integer(v).set) rq->top_logprobs = integer(v);
    else if (tamar_json_is(key, "parallel_tool_calls") && integer(v).set) rq->parallel_tool_calls = integer(v);
    else if (tamar_json_is(key, "store") && integer(v).set) rq->store = integer(v);
    else if (tamar_json_is(key, "prompt_cache_key") && is_string(v)) rq->cache_key = zero(m, v);
    else if (tamar_json_is(key, "service_tier") && is_string(v)) rq->service_tier = zero(m, v);
    else return false;
    return true;
}

// -- openai-chat -----------------------------------------------------------------------------------

static void chat_part(import *m, tamar_json v)
{
    tamar_json type = tamar_json_get(v, "type"), inner;
    tamar_part *p;
    if (tamar_json_is(type, "text")) {
        p = part(m, TAMAR_PART_TEXT);
        p->text = words(m, tamar_json_get(v, "text"));
    }
    else if (tamar_json_is(type, "image_url")) {
        inner = tamar_json_get(v, "image_url");
        p = part(m, TAMAR_PART_IMAGE);
        p->url = words(m, is_string(inner) ? inner : tamar_json_get(inner, "url"));
        p->detail = words(m, tamar_json_get(inner, "detail"));
    }
    else if (tamar_json_is(type, "input_audio")) {
        inner = tamar_json_get(v, "input_audio");
        p = part(m, TAMAR_PART_AUDIO);
        p->url = printed(m, "data:audio/%.*s;base64,%.*s", words(m, tamar_json_get(inner, "format")),
                         words(m, tamar_json_get(inner, "data")));
    }
    else if (tamar_json_is(type, "file")) {
        inner = tamar_json_get(v, "file");
        if (!inner.ptr) inner = v;
        p = part(m, TAMAR_PART_FILE);
        p->id = words(m, tamar_json_get(inner, "file_id"));
        p->name = words(m, tamar_json_get(inner, "filename"));
        p->url = words(m, tamar_json_get(inner, "file_data"));
    }
    else if (tamar_json_is(type, "video_url")) {
        p = part(m, TAMAR_PART_VIDEO);
        p->url = words(m, tamar_json_at(v, "video_url/url"));
    }
    else {
        unknown(m, v);
        return;
    }
    p->cache = given(tamar_json_get(v, "cache_control"));
}

static void chat_call(import *m, tamar_json v)
{
    tamar_part *p = part(m, TAMAR_PART_TOOL_CALL);
    tamar_json custom = tamar_json_get(v, "custom"), more = tamar_json_get(v, "extra_content");
    p->id = words(m, tamar_json_get(v, "id"));
    p->name = words(m, tamar_json_at(v, custom.ptr ? "custom/name" : "function/name"));
    if (custom.ptr) p->text = raw_of(tamar_json_get(custom, "input")), own(m, p, v);
    else p->text = words(m, tamar_json_at(v, "function/arguments"));
    if (more.ptr) own(m, p, more);
}

static void chat_message(import *m, tamar_json v)
{
    tamar_json role = tamar_json_get(v, "role"), content = tamar_json_get(v, "content"), key, one;
    tamar_json_iter it;
    bool assistant = tamar_json_is(role, "assistant");
    tamar_message *to;
    if (tamar_json_is(role, "tool")) {
        text all = { NULL, 0, 0 };
        message(m, TAMAR_ROLE_TOOL);
        tamar_part *p = part(m, TAMAR_PART_TOOL_RESULT);
        p->id = words(m, tamar_json_get(v, "tool_call_id"));
        p->name = words(m, tamar_json_get(v, "name"));
        p->text = words(m, content);
        if (!is_array(content)) return;
        it = tamar_json_iterate(content);
        clear(&all);
        while (tamar_json_next(&it, &key, &one)) {
            tamar_str t = words(m, tamar_json_get(one, "text"));
            add(&all, t.ptr, t.len);
        }
        keep(m, all.ptr);
        p->text.ptr = all.ptr, p->text.len = all.len;
        return;
    }
    if (!assistant && !tamar_json_is(role, "user") && !tamar_json_is(role, "system") && !tamar_json_is(role, "developer")) {
        m->why = "a role that the neutral form has not";
        return;
    }
    to = message(m, assistant ? TAMAR_ROLE_ASSISTANT : tamar_json_is(role, "user") ? TAMAR_ROLE_USER : TAMAR_ROLE_SYSTEM);
    to->name = zero(m, tamar_json_get(v, "name"));
    if (assistant) {
        tamar_json details = tamar_json_get(v, "reasoning_details");
        one = tamar_json_get(v, "reasoning_content");
        if (!one.ptr) one = tamar_json_get(v, "reasoning");
        if (is_string(one) || is_array(details)) {
            tamar_part *p = part(m, TAMAR_PART_REASONING);
            p->text = words(m, one);
            if (is_array(details)) own(m, p, details);
        }
    }
    if (is_string(content)) said(m, content);
    it = tamar_json_iterate(content);
    while (is_array(content) && tamar_json_next(&it, &key, &one)) chat_part(m, one);
    if (is_string(tamar_json_get(v, "refusal")))
        part(m, TAMAR_PART_REFUSAL)->text = words(m, tamar_json_get(v, "refusal"));
    it = tamar_json_iterate(tamar_json_get(v, "tool_calls"));
    while (assistant && is_array(tamar_json_get(v, "tool_calls")) && tamar_json_next(&it, &key, &one)) chat_call(m, one);
}

static bool chat_member(import *m, tamar_json key, tamar_json v)
{
    tamar_request *rq = &m->rq;
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json k, one;
    if (common_member(m, key, v)) return true;
    if (tamar_json_is(key, "messages")) {
        while (tamar_json_next(&it, &k, &one)) chat_message(m, one);
        return true;
    }
    if (tamar_json_is(key, "tools") && is_array(v)) {
        while (tamar_json_next(&it, &k, &one)) function_tool(m, one, tamar_json_get(one, "function"));
        return true;
    }
    if (tamar_json_is(key, "stop")) return stops(m, v);
    if (tamar_json_is(key, "tool_choice"))
        return is_string(v) ? choice_word(m, v) : choice_named(m, tamar_json_at(v, "function/name"));
    if (tamar_json_is(key, "reasoning_effort")) return effort_word(m, v);
    if (tamar_json_is(key, "response_format")) {
        if (tamar_json_is(tamar_json_get(v, "type"), "json_object")) rq->format = TAMAR_FORMAT_JSON;
        else return json_schema(m, tamar_json_get(v, "json_schema"));
        return true;
    }
    if (tamar_json_is(key, "max_tokens") || tamar_json_is(key, "max_completion_tokens")) rq->max_tokens = (int)integer(v).value;
    else if (tamar_json_is(key, "random_seed")) rq->seed = integer(v);
    else if (tamar_json_is(key, "n") && integer(v).value == 1) rq->choices = 1;
    else if (tamar_json_is(key, "verbosity")) rq->verbosity = zero(m, v);
    else if (tamar_json_is(key, "user") || tamar_json_is(key, "safety_identifier") || tamar_json_is(key, "user_id"))
        rq->user = zero(m, v);
    else if (tamar_json_is(key, "metadata") && is_object(v)) rq->metadata = copied(m, v);
    else return tamar_json_is(key, "stream_options");
    return true;
}

// -- openai-responses ------------------------------------------------------------------------------

static void assistant_turn(import *m)  // items of one turn stand side by side
{
    if (!m->message_count || m->messages[m->message_count - 1].role != TAMAR_ROLE_ASSISTANT)
        message(m, TAMAR_ROLE_ASSISTANT);
}

static void responses_said(import *m, tamar_json item, bool assistant)
{
    tamar_json content = tamar_json_get(item, "content"), key, v;
    tamar_json_iter it = tamar_json_iterate(content);
    bool raw = assistant && tamar_json_get(item, "id").ptr;
    if (is_string(content)) {
        if (raw) own(m, part(m, TAMAR_PART_TEXT), item)->text = words(m, content);
        else said(m, content);
        return;
    }
    while (is_array(content) && tamar_json_next(&it, &key, &v)) {
        tamar_json type = tamar_json_get(v, "type");
        tamar_part *p;
        if (tamar_json_is(type, "input_text") || tamar_json_is(type, "output_text")) {
            p = part(m, TAMAR_PART_TEXT);
            p->text = words(m, tamar_json_get(v, "text"));
        }
        else if (tamar_json_is(type, "refusal")) {
            p = part(m, TAMAR_PART_REFUSAL);
            p->text = words(m, tamar_json_get(v, "refusal"));
        }
        else if (tamar_json_is(type, "input_image")) {
            p = part(m, TAMAR_PART_IMAGE);
            p->url = words(m, tamar_json_get(v, "image_url"));
            p->id = words(m, tamar_json_get(v, "file_id"));
            p->detail = words(m, tamar_json_get(v, "detail"));
        }
        else if (tamar_json_is(type, "input_file")) {
            p = part(m, TAMAR_PART_FILE);
            p->id = words(m, tamar_json_get(v, "file_id"));
            p->name = words(m, tamar_json_get(v, "filename"));
            p->url = words(m, tamar_json_get(v, tamar_json_get(v, "file_data").ptr ? "file_data" : "file_url"));
        }
        else {
            unknown(m, v);
            continue;
        }
        if (raw) {  // the item with its first text; the others only say that they stand in it
            own(m, p, item);
            if (v.ptr != tamar_json_index(content, 0).ptr) p->opaque = tamar_text("0");
        }
    }
}

static void responses_item(import *m, tamar_json item)
{
    tamar_json type = tamar_json_get(item, "type"), role = tamar_json_get(item, "role");
    tamar_part *p;
    if (tamar_json_is(role, "assistant")) {
        assistant_turn(m);
        responses_said(m, item, true);
    }
    else if (is_string(role)) {
        message(m, tamar_json_is(role, "user") ? TAMAR_ROLE_USER : TAMAR_ROLE_SYSTEM);
        responses_said(m, item, false);
    }
    else if (tamar_json_is(type, "function_call_output") || tamar_json_is(type, "custom_tool_call_output")) {
        tamar_json output = tamar_json_get(item, "output");
        message(m, TAMAR_ROLE_TOOL);
        p = part(m, TAMAR_PART_TOOL_RESULT);
        p->id = words(m, tamar_json_get(item, "call_id"));
        p->text = words(m, output);
        if (!is_string(output)) own(m, p, item);
    }
    else if (tamar_json_is(type, "function_call")) {
        assistant_turn(m);
        p = part(m, TAMAR_PART_TOOL_CALL);
        p->id = words(m, tamar_json_get(item, "call_id"));
        p->name = words(m, tamar_json_get(item, "name"));
        p->text = words(m, tamar_json_get(item, "arguments"));
        if (tamar_json_get(item, "id").ptr) own(m, p, item);
    }
    else if (tamar_json_is(type, "reasoning")) {
        assistant_turn(m);
        own(m, part(m, TAMAR_PART_REASONING), item);
    }
    else {
        assistant_turn(m);
        unknown(m, item);
    }
}

static bool responses_member(import *m, tamar_json key, tamar_json v)
{
    static const char *const known[] = { "effort", "summary", NULL }, *const of_text[] = { "format", "verbosity", NULL };
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json k, one;
    if (!tamar_json_is(key, "top_k") && !tamar_json_is(key, "seed") && common_member(m, key, v)) return true;
    if (tamar_json_is(key, "input")) {
        if (is_string(v)) m->rq.prompt = zero(m, v);
        while (is_array(v) && tamar_json_next(&it, &k, &one)) responses_item(m, one);
        return true;
    }
    if (tamar_json_is(key, "tools") && is_array(v)) {
        while (tamar_json_next(&it, &k, &one)) function_tool(m, one, one);
        return true;
    }
    if (tamar_json_is(key, "instructions")) m->rq.system = zero(m, v);
    else if (tamar_json_is(key, "max_output_tokens")) m->rq.max_tokens = (int)integer(v).value;
    else if (tamar_json_is(key, "tool_choice"))
        return is_string(v) ? choice_word(m, v)
                            : tamar_json_is(tamar_json_get(v, "type"), "function") && choice_named(m, tamar_json_get(v, "name"));
    else if (tamar_json_is(key, "reasoning")) return only_members(v, known) && effort_word(m, tamar_json_get(v, "effort"));
    else if (tamar_json_is(key, "text") && only_members(v, of_text)) {
        one = tamar_json_get(v, "format");
        m->rq.verbosity = zero(m, tamar_json_get(v, "verbosity"));
        if (tamar_json_is(tamar_json_get(one, "type"), "json_object")) m->rq.format = TAMAR_FORMAT_JSON;
        return m->rq.format || !one.ptr || tamar_json_is(tamar_json_get(one, "type"), "text") || json_schema(m, one);
    }
    else if (tamar_json_is(key, "user") || tamar_json_is(key, "safety_identifier")) m->rq.user = zero(m, v);
    else if (tamar_json_is(key, "metadata") && is_object(v)) m->rq.metadata = copied(m, v);
    else return tamar_json_is(key, "stream_options");
    return true;
}

// -- anthropic-messages ----------------------------------------------------------------------------

static void claude_block(import *m, tamar_json v, bool assistant)
{
    static const char *const media[] = { "type", "source", "title", "cache_control", NULL };
    static const char *const result[] = { "type", "tool_use_id", "content", "is_error", "cache_control", NULL };
    tamar_json type = tamar_json_get(v, "type"), source = tamar_json_get(v, "source"), content = tamar_json_get(v, "content");
    tamar_part *p;
    if (tamar_json_is(type, "text")) {
        p = part(m, TAMAR_PART_TEXT);
        p->text = words(m, tamar_json_get(v, "text"));
        if (assistant) own(m, p, v);
    }
    else if (tamar_json_is(type, "thinking")) own(m, p = part(m, TAMAR_PART_REASONING), v)->text = words(m, tamar_json_get(v, "thinking"));
    else if (tamar_json_is(type, "tool_use")) {
        p = own(m, part(m, TAMAR_PART_TOOL_CALL), v);
        p->id = words(m, tamar_json_get(v, "id"));
        p->name = words(m, tamar_json_get(v, "name"));
        p->text = raw_of(tamar_json_get(v, "input"));
    }
    else if (tamar_json_is(type, "tool_result")) {
        p = part(m, TAMAR_PART_TOOL_RESULT);
        p->id = words(m, tamar_json_get(v, "tool_use_id"));
        p->text = words(m, content);
        p->is_error = truth(tamar_json_get(v, "is_error"));
        if (is_array(content) && tamar_json_count(content) == 1 && tamar_json_is(tamar_json_at(content, "0/type"), "text") &&
            tamar_json_count(tamar_json_index(content, 0)) == 2)
            p->text = words(m, tamar_json_at(content, "0/text"));
        else if (!is_string(content) || !only_members(v, result)) own(m, p, v);
    }
    else if ((tamar_json_is(type, "image") || tamar_json_is(type, "document")) && only_members(v, media)) {
        p = part(m, tamar_json_is(type, "image") ? TAMAR_PART_IMAGE : TAMAR_PART_FILE);
        p->url = words(m, tamar_json_get(source, "url"));
        p->id = words(m, tamar_json_get(source, "file_id"));
        p->name = words(m, tamar_json_get(v, "title"));
        if (tamar_json_is(tamar_json_get(source, "type"), "base64"))
            p->url = printed(m, "data:%.*s;base64,%.*s", words(m, tamar_json_get(source, "media_type")),
                             words(m, tamar_json_get(source, "data")));
        if (tamar_json_is(tamar_json_get(source, "type"), "text")) {
            p->data = words(m, tamar_json_get(source, "data"));
            p->mime_type = words(m, tamar_json_get(source, "media_type"));
        }
    }
    else {
        unknown(m, v);
        return;
    }
    p->cache = given(tamar_json_get(v, "cache_control"));
}

static void claude_message(import *m, tamar_role role, tamar_json content)
{
    tamar_json_iter it = tamar_json_iterate(content);
    tamar_json key, one;
    message(m, role);
    if (is_string(content)) said(m, content);
    while (is_array(content) && tamar_json_next(&it, &key, &one)) claude_block(m, one, role == TAMAR_ROLE_ASSISTANT);
}

static bool claude_member(import *m, tamar_json key, tamar_json v)
{
    static const char *const plain[] = { "name", "description", "input_schema", "strict", NULL };
    static const char *const choice[] = { "type", "name", "disable_parallel_tool_use", NULL };
    static const char *const user[] = { "user_id", NULL };
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json k, one;
    if (tamar_json_is(key, "model")) m->rq.model = zero(m, v);
    else if (tamar_json_is(key, "stream")) m->rq.stream = truth(v);
    else if (tamar_json_is(key, "max_tokens")) m->rq.max_tokens = (int)integer(v).value;
    else if (tamar_json_is(key, "temperature")) m->rq.temperature = real(v);
    else if (tamar_json_is(key, "top_p")) m->rq.top_p = real(v);
    else if (tamar_json_is(key, "top_k")) m->rq.top_k = integer(v);
    else if (tamar_json_is(key, "service_tier")) m->rq.service_tier = zero(m, v);
    else if (tamar_json_is(key, "stop_sequences")) return stops(m, v);
    else if (tamar_json_is(key, "metadata") && only_members(v, user)) m->rq.user = zero(m, tamar_json_get(v, "user_id"));
    else if (tamar_json_is(key, "system")) return true;  // read before the messages
    else if (tamar_json_is(key, "messages"))
        while (tamar_json_next(&it, &k, &one)) {
            tamar_json role = tamar_json_get(one, "role");
            claude_message(m, tamar_json_is(role, "assistant") ? TAMAR_ROLE_ASSISTANT
                              : tamar_json_is(role, "system")  ? TAMAR_ROLE_SYSTEM
                                                               : TAMAR_ROLE_USER,
                           tamar_json_get(one, "content"));
        }
    else if (tamar_json_is(key, "tools"))
        while (tamar_json_next(&it, &k, &one)) {
            tamar_tool *t = tool(m);
            if (!only_members(one, plain)) {
                t->raw = copied(m, one);
                continue;
            }
            t->name = zero(m, tamar_json_get(one, "name"));
            t->description = zero(m, tamar_json_get(one, "description"));
            t->parameters = copied(m, tamar_json_get(one, "input_schema"));
            t->strict = truth(tamar_json_get(one, "strict"));
        }
    else if (tamar_json_is(key, "tool_choice") && only_members(v, choice)) {
        one = tamar_json_get(v, "disable_parallel_tool_use");
        if (one.ptr) m->rq.parallel_tool_calls = tamar_int(!truth(one));
        return choice_word(m, tamar_json_get(v, "type")) || choice_named(m, tamar_json_get(v, "name"));
    }
    else return false;
    return true;
}

// -- gemini-generate -------------------------------------------------------------------------------

static void gemini_part(import *m, tamar_json v, bool model)
{
    tamar_json call = tamar_json_get(v, "functionCall"), result = tamar_json_get(v, "functionResponse");
    tamar_json inside = tamar_json_get(v, "inlineData"), file = tamar_json_get(v, "fileData"), said_here = tamar_json_get(v, "text");
    tamar_part *p;
    char id[32];
    if (call.ptr) {
        p = own(m, part(m, TAMAR_PART_TOOL_CALL), v);
        p->id = words(m, tamar_json_get(call, "id"));
        p->name = words(m, tamar_json_get(call, "name"));
        p->text = raw_of(tamar_json_get(call, "args"));
        if (!p->text.ptr) p->text = tamar_text("{}");
        snprintf(id, sizeof id, "call_%lu", (unsigned long)m->calls++);
        if (!p->id.len) p->id = printed(m, "%.*s%.*s", tamar_text(id), tamar_text(""));
    }
    else if (result.ptr) {
        if (m->messages[m->message_count - 1].part_count == 0) m->messages[m->message_count - 1].role = TAMAR_ROLE_TOOL;
        p = part(m, TAMAR_PART_TOOL_RESULT);
        p->id = words(m, tamar_json_get(result, "id"));
        p->name = words(m, tamar_json_get(result, "name"));
        p->text = raw_of(tamar_json_get(result, "response"));
        snprintf(id, sizeof id, "call_%lu", (unsigned long)m->results++);
        if (!p->id.len) p->id = printed(m, "%.*s%.*s", tamar_text(id), tamar_text(""));
    }
    else if ((inside.ptr || file.ptr) && tamar_json_count(v) == 1) {
        tamar_json from = inside.ptr ? inside : file;
        tamar_str mime = words(m, tamar_json_get(from, "mimeType"));
        tamar_part_type type = !strncmp(mime.ptr, "image/", 6)   ? TAMAR_PART_IMAGE
                               : !strncmp(mime.ptr, "audio/", 6) ? TAMAR_PART_AUDIO
                               : !strncmp(mime.ptr, "video/", 6) ? TAMAR_PART_VIDEO
                                                                 : TAMAR_PART_FILE;
        p = part(m, type);
        p->mime_type = mime;
        p->url = file.ptr ? words(m, tamar_json_get(file, "fileUri"))
                          : printed(m, "data:%.*s;base64,%.*s", mime, words(m, tamar_json_get(inside, "data")));
    }
    else if (is_string(said_here)) {
        p = part(m, truth(tamar_json_get(v, "thought")) ? TAMAR_PART_REASONING : TAMAR_PART_TEXT);
        p->text = words(m, said_here);
        if (model) own(m, p, v);
    }
    else unknown(m, v);
}

static void gemini_content(import *m, tamar_json v, tamar_role role)
{
    tamar_json_iter it = tamar_json_iterate(tamar_json_get(v, "parts"));
    tamar_json key, one;
    message(m, role);
    if (is_object(tamar_json_get(v, "parts"))) gemini_part(m, tamar_json_get(v, "parts"), role == TAMAR_ROLE_ASSISTANT);
    else while (tamar_json_next(&it, &key, &one)) gemini_part(m, one, role == TAMAR_ROLE_ASSISTANT);
}

// OpenAPI's upper-case types, as JSON Schema has them.
static const char *lowered(import *m, tamar_json v)
{
    static const char *const types[] = { "\"STRING\"", "\"NUMBER\"", "\"INTEGER\"", "\"BOOLEAN\"", "\"ARRAY\"", "\"OBJECT\"" };
    char *z = (char *)keep(m, malloc(v.len + 1)), *at, *c;
    size_t i;
    memcpy(z, v.ptr, v.len);
    z[v.len] = 0;
    for (i = 0; i < sizeof types / sizeof *types; i++)
        for (at = z; (at = strstr(at, types[i])) != NULL;)
            for (c = at + 1; *c != '"'; c++) *c = (char)(*c | 0x20), at = c;
    return z;
}

static bool gemini_config(import *m, tamar_json key, tamar_json v)
{
    tamar_request *rq = &m->rq;
    static const char *const known[] = { "includeThoughts", "thinkingLevel", NULL };
    if (tamar_json_is(key, "maxOutputTokens")) rq->max_tokens = (int)integer(v).value;
    else if (tamar_json_is(key, "temperature")) rq->temperature = real(v);
    else if (tamar_json_is(key, "topP")) rq->top_p = real(v);
    else if (tamar_json_is(key, "topK")) rq->top_k = integer(v);
    else if (tamar_json_is(key, "seed")) rq->seed = integer(v);
    else if (tamar_json_is(key, "presencePenalty")) rq->presence_penalty = real(v);
    else if (tamar_json_is(key, "frequencyPenalty")) rq->frequency_penalty = real(v);
    else if (tamar_json_is(key, "responseLogprobs")) rq->logprobs = integer(v);
    else if (tamar_json_is(key, "logprobs")) rq->top_logprobs = integer(v);
    else if (tamar_json_is(key, "candidateCount") && integer(v).value == 1) rq->choices = 1;
    else if (tamar_json_is(key, "stopSequences")) return stops(m, v);
    else if (tamar_json_is(key, "thinkingConfig") && only_members(v, known) && truth(tamar_json_get(v, "includeThoughts"))) {
        static const char *const levels[] = { "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH" };
        size_t i;
        for (i = 0; i < 5; i++)
            if (tamar_json_is(tamar_json_get(v, "thinkingLevel"), levels[i])) rq->effort = (tamar_effort)(TAMAR_EFFORT_MINIMAL + i);
        return rq->effort != TAMAR_EFFORT_DEFAULT;
    }
    else if (tamar_json_is(key, "responseMimeType") && tamar_json_is(v, "application/json")) {
        if (!rq->format) rq->format = TAMAR_FORMAT_JSON;
    }
    else if (tamar_json_is(key, "responseSchema") || tamar_json_is(key, "responseJsonSchema")) {
        rq->format = TAMAR_FORMAT_SCHEMA;
        rq->schema = tamar_json_is(key, "responseSchema") ? lowered(m, v) : copied(m, v);
    }
    else return false;
    return true;
}

static bool gemini_function(import *m, tamar_json v)
{
    static const char *const known[] = { "name", "description", "parameters", "parametersJsonSchema", NULL };
    tamar_json loose = tamar_json_get(v, "parameters"), strict = tamar_json_get(v, "parametersJsonSchema");
    tamar_tool *t;
    if (!only_members(v, known)) return false;
    t = tool(m);
    t->name = zero(m, tamar_json_get(v, "name"));
    t->description = zero(m, tamar_json_get(v, "description"));
    if (given(strict)) t->parameters = copied(m, strict);
    else if (given(loose)) t->parameters = lowered(m, loose);
    return true;
}

static bool gemini_member(import *m, tamar_json key, tamar_json v)
{
    static const char *const config[] = { "functionCallingConfig", NULL }, *const calling[] = { "mode", "allowedFunctionNames", NULL };
    static const char *const functions[] = { "functionDeclarations", NULL };
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json k, one;
    if (tamar_json_is(key, "systemInstruction")) return true;  // read before the contents
    if (tamar_json_is(key, "contents"))
        while (tamar_json_next(&it, &k, &one))
            gemini_content(m, one, tamar_json_is(tamar_json_get(one, "role"), "model") ? TAMAR_ROLE_ASSISTANT : TAMAR_ROLE_USER);
    else if (tamar_json_is(key, "generationConfig")) {
        while (tamar_json_next(&it, &k, &one))
            if (!gemini_config(m, k, one)) put_member(&m->config, k, one);
    }
    else if (tamar_json_is(key, "tools")) {
        while (tamar_json_next(&it, &k, &one)) {
            tamar_json_iter in = tamar_json_iterate(tamar_json_get(one, "functionDeclarations"));
            tamar_json f;
            if (!only_members(one, functions)) tool(m)->raw = copied(m, one);
            else while (tamar_json_next(&in, &k, &f))
                if (!gemini_function(m, f)) m->why = "a function with members that the neutral form has not";
        }
    }
    else if (tamar_json_is(key, "toolConfig")) {
        tamar_json c = tamar_json_get(v, "functionCallingConfig"), mode = tamar_json_get(c, "mode"), names;
        if (!only_members(v, config) || !only_members(c, calling)) return false;
        names = tamar_json_get(c, "allowedFunctionNames");
        if (tamar_json_count(names) > 1) return false;
        if (tamar_json_count(names) == 1) return choice_named(m, tamar_json_index(names, 0));
        m->rq.tool_choice = tamar_json_is(mode, "ANY")    ? TAMAR_TOOL_CHOICE_REQUIRED
                            : tamar_json_is(mode, "NONE") ? TAMAR_TOOL_CHOICE_NONE
                            : tamar_json_is(mode, "AUTO") ? TAMAR_TOOL_CHOICE_AUTO
                                                          : TAMAR_TOOL_CHOICE_DEFAULT;
        return m->rq.tool_choice != TAMAR_TOOL_CHOICE_DEFAULT;
    }
    else return false;
    return true;
}

// -- ollama-chat -----------------------------------------------------------------------------------

static void ollama_message(import *m, tamar_json v)
{
    tamar_json role = tamar_json_get(v, "role"), key, one;
    tamar_json_iter it;
    tamar_part *p;
    if (tamar_json_is(role, "tool")) {
        message(m, TAMAR_ROLE_TOOL);
        p = part(m, TAMAR_PART_TOOL_RESULT);
        p->name = words(m, tamar_json_get(v, "tool_name"));
        p->id = words(m, tamar_json_get(v, "tool_call_id"));
        p->text = words(m, tamar_json_get(v, "content"));
        return;
    }
    message(m, tamar_json_is(role, "user") ? TAMAR_ROLE_USER : tamar_json_is(role, "system") ? TAMAR_ROLE_SYSTEM : TAMAR_ROLE_ASSISTANT);
    if (is_string(tamar_json_get(v, "thinking"))) part(m, TAMAR_PART_REASONING)->text = words(m, tamar_json_get(v, "thinking"));
    said(m, tamar_json_get(v, "content"));
    it = tamar_json_iterate(tamar_json_get(v, "images"));
    while (tamar_json_next(&it, &key, &one))
        part(m, TAMAR_PART_IMAGE)->url = printed(m, "data:image/png;base64,%.*s%.*s", words(m, one), tamar_text(""));
    it = tamar_json_iterate(tamar_json_get(v, "tool_calls"));
    while (tamar_json_next(&it, &key, &one)) {
        p = part(m, TAMAR_PART_TOOL_CALL);
        p->id = words(m, tamar_json_get(one, "id"));
        p->name = words(m, tamar_json_at(one, "function/name"));
        p->text = raw_of(tamar_json_at(one, "function/arguments"));
    }
}

static bool ollama_member(import *m, tamar_json key, tamar_json v)
{
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json k, one;
    if (tamar_json_is(key, "model")) m->rq.model = zero(m, v);
    else if (tamar_json_is(key, "stream")) m->rq.stream = truth(v);
    else if (tamar_json_is(key, "messages"))
        while (tamar_json_next(&it, &k, &one)) ollama_message(m, one);
    else if (tamar_json_is(key, "options"))
        while (tamar_json_next(&it, &k, &one)) {
            if (tamar_json_is(k, "num_predict")) m->rq.max_tokens = (int)integer(one).value;
            else if (tamar_json_is(k, "stop")) stops(m, one);
            else if (!common_member(m, k, one)) put_member(&m->config, k, one);
        }
    else if (tamar_json_is(key, "tools"))
        while (tamar_json_next(&it, &k, &one)) function_tool(m, one, tamar_json_get(one, "function"));
    else if (tamar_json_is(key, "format") && tamar_json_is(v, "json")) m->rq.format = TAMAR_FORMAT_JSON;
    else if (tamar_json_is(key, "format") && is_object(v)) {
        m->rq.format = TAMAR_FORMAT_SCHEMA;
        m->rq.schema = copied(m, v);
    }
    else return false;
    return true;
}

// -- the whole -------------------------------------------------------------------------------------

static const struct {
    const char *api, *first, *config;
    bool (*member)(import *m, tamar_json key, tamar_json v);
} readers[] = { { "openai-chat", NULL, NULL, chat_member },
                { "openai-responses", NULL, NULL, responses_member },
                { "anthropic-messages", "system", NULL, claude_member },
                { "gemini-generate", "systemInstruction", "generationConfig", gemini_member },
                { "ollama-chat", NULL, "options", ollama_member } };

static void import_free(import *m)
{
    while (m->kept_count) free(m->kept[--m->kept_count]);
    drop(&m->extra);
    drop(&m->config);
    free(m);
}

static import *import_body(const char *api, tamar_json body)
{
    import *m = (import *)calloc(1, sizeof *m);
    tamar_json_iter it = tamar_json_iterate(body);
    tamar_json key, v;
    size_t i;
    if (!m) abort();
    m->api = api;
    for (i = 0; i < sizeof readers / sizeof *readers - 1 && strcmp(readers[i].api, api); i++) {}
    v = readers[i].first ? tamar_json_get(body, readers[i].first) : body;
    if (readers[i].first && given(v)) {
        if (is_string(v)) m->rq.system = zero(m, v);
        else if (is_array(v)) claude_message(m, TAMAR_ROLE_SYSTEM, v);
        else gemini_content(m, v, TAMAR_ROLE_SYSTEM);
    }
    while (tamar_json_next(&it, &key, &v))
        if (given(v) && !readers[i].member(m, key, v)) put_member(&m->extra, key, v);
    if (m->config.len) {
        adds(&m->config, "}");
        adds(&m->extra, m->extra.len ? ",\"" : "{\"");
        adds(&m->extra, readers[i].config);
        adds(&m->extra, "\":");
        add(&m->extra, m->config.ptr, m->config.len);
    }
    if (m->extra.len) adds(&m->extra, "}"), m->rq.extra = m->extra.ptr;
    m->rq.messages = m->messages, m->rq.message_count = m->message_count;
    m->rq.tools = m->tools, m->rq.tool_count = m->tool_count;
    return m;
}

// == comparison ====================================================================================

enum { ADDED = 1, GONE = 2, CHANGED = 4 };

static bool same_value(tamar_json a, tamar_json b, bool loose);

// A string, and the same text as a list of texts.
static bool same_text(tamar_json a, tamar_json b)
{
    tamar_json one = is_string(a) ? a : b, many = is_string(a) ? b : a, key, v;
    tamar_json_iter it = tamar_json_iterate(many);
    text t = { NULL, 0, 0 };
    bool equal;
    if (!is_string(one) || !is_array(many)) return false;
    clear(&t);
    while (tamar_json_next(&it, &key, &v)) {
        size_t n = 0;
        char *p;
        tamar_json said_here = tamar_json_get(v, "text");
        if (!is_string(said_here) || tamar_json_count(v) != 2) break;
        tamar_json_get_string(said_here, NULL, 0, &n);
        p = (char *)malloc(n + 1);
        if (!p) abort();
        tamar_json_get_string(said_here, p, n + 1, &n);
        add(&t, p, n);
        free(p);
    }
    equal = !v.ptr || !tamar_json_next(&it, &key, &v);
    equal = equal && tamar_json_is(one, t.ptr);
    drop(&t);
    return equal;
}

static bool is_false(tamar_json v) { return v.ptr && *v.ptr == 'f'; }
static bool is_null(tamar_json v) { return v.ptr && *v.ptr == 'n'; }
static bool is_one(tamar_json v) { return integer(v).set && integer(v).value == 1; }
static bool is_empty(tamar_json v) { return (is_string(v) && v.len == 2) || ((is_array(v) || is_object(v)) && !tamar_json_count(v)); }
static bool is_role(tamar_json v) { return tamar_json_is(v, "user"); }
static bool of_system(tamar_json a, tamar_json b)
{
    return (tamar_json_is(a, "system") || tamar_json_is(a, "developer")) && (tamar_json_is(b, "system") || tamar_json_is(b, "developer"));
}

static bool null_or_blank(tamar_json a, tamar_json b)
{
    return (is_null(a) || is_empty(a)) && (is_null(b) || is_empty(b));
}

static bool same_arguments(tamar_json a, tamar_json b)  // JSON inside a string, written otherwise
{
    char x[65536], y[65536];
    tamar_json v, w;
    size_t n, k;
    return tamar_json_get_string(a, x, sizeof x, &n) == TAMAR_JSON_OK && tamar_json_get_string(b, y, sizeof y, &k) == TAMAR_JSON_OK &&
           tamar_json_parse(n ? x : "{}", n ? n : 2, &v, NULL) && tamar_json_parse(k ? y : "{}", k ? k : 2, &w, NULL) && same_value(v, w, false);
}

static bool one_word(tamar_json a, tamar_json b)  // "x" and ["x"]
{
    return is_string(a) && is_array(b) && tamar_json_count(b) == 1 && same_value(a, tamar_json_index(b, 0), false);
}

// The whole list of what may differ. path: of the member, * for an index; "**/" stands for any path before it.
static const struct {
    const char *api;  // NULL: any
    const char *path;
    int how;
    bool (*value)(tamar_json v);  // of the member that was added or is gone
    bool (*both)(tamar_json want, tamar_json got);
    const char *reason;
} allowed[] = {
    { NULL, "**", GONE, is_null, NULL, "null says what leaving it out says" },
    { NULL, "stream", GONE, is_false, NULL, "the vendor's default" },
    { "openai-chat", "stream_options", ADDED | GONE, NULL, NULL, "usage is always asked for in a stream, and meaningless without one" },
    { "openai-chat", "stream_options/include_obfuscation", ADDED, NULL, NULL, "padding costs bytes and helps nobody here" },
    { "openai-responses", "stream_options", ADDED, NULL, NULL, "padding costs bytes and helps nobody here" },
    { "openai-chat", "n", GONE, is_one, NULL, "the vendor's default" },
    { "openai-chat", "tools", GONE, is_empty, NULL, "an empty list is refused by some and says nothing to the others" },
    { "openai-chat", "messages/*/content", CHANGED, NULL, same_text, "one text is a string, several are parts" },
    { "openai-chat", "messages/*/content", ADDED, is_null, NULL, "beside tool calls content is null, which all take" },
    { "openai-chat", "messages/*/content", ADDED | GONE, is_empty, NULL, "beside tool calls content is null or \"\"" },
    { "openai-chat", "messages/*/content", CHANGED, NULL, null_or_blank, "beside tool calls content is null or \"\"" },
    { "openai-chat", "messages/*/role", CHANGED, NULL, of_system, "system and developer are one role; the model's row says which" },
    { "openai-chat", "messages/*/tool_calls/*/function/arguments", CHANGED, NULL, same_arguments, "the same arguments; empty ones are {}" },
    { "openai-chat", "stop", CHANGED, NULL, one_word, "stop sequences are always a list" },
    { "openai-chat", "tools/*/function/strict", ADDED | GONE, is_false, NULL, "the vendor's default" },
    { "openai-chat", "response_format/json_schema/strict", ADDED, is_false, NULL, "the vendor's default, said" },
    { "openai-chat", "tools/*/function/parameters", ADDED, NULL, NULL, "a tool without arguments says so" },
    { "openai-responses", "store", ADDED, is_false, NULL, "nothing is kept unless the request says so" },
    { "openai-responses", "include", ADDED, NULL, NULL, "reasoning that is not kept must come along encrypted" },
    { "openai-responses", "input", CHANGED, NULL, NULL, "a prompt is a list of one message" },
    { "openai-responses", "input/*/type", ADDED, NULL, NULL, "a message says that it is one" },
    { "openai-responses", "input/*/role", CHANGED, NULL, of_system, "system and developer are one role; the model's row says which" },
    { "openai-responses", "input/*/content", CHANGED, NULL, same_text, "one text is a string, several are parts" },
    { "openai-responses", "input/*/content/*/detail", ADDED, NULL, NULL, "required by the vendor's schema; its default" },
    { "openai-responses", "reasoning/summary", ADDED, NULL, NULL, "without it the vendor shows nothing of its reasoning" },
    { "openai-responses", "tools/*/strict", ADDED, is_false, NULL, "left out it means true here" },
    { "anthropic-messages", "messages/*/content", CHANGED, NULL, same_text, "one text is a string or a list of one block" },
    { "anthropic-messages", "system", CHANGED, NULL, same_text, "one text is a string or a list of one block" },
    { "anthropic-messages", "messages/*/content/*/content", CHANGED, NULL, same_text, "what a tool said is a string" },
    { "anthropic-messages", "messages/*/content/*/is_error", GONE, is_false, NULL, "the vendor's default" },
    { "anthropic-messages", "tools", GONE, is_empty, NULL, "an empty list says nothing" },
    { "anthropic-messages", "tool_choice/disable_parallel_tool_use", GONE, is_false, NULL, "the vendor's default" },
    { "gemini-generate", "contents/*/role", ADDED, is_role, NULL, "the vendor's default, said" },
    { "gemini-generate", "systemInstruction/role", GONE, NULL, NULL, "the vendor ignores it" },
    { "gemini-generate", "generationConfig", GONE, is_empty, NULL, "an empty object says nothing" },
    { "gemini-generate", "generationConfig/candidateCount", GONE, is_one, NULL, "the vendor's default" },
    { "ollama-chat", "tools", GONE, is_empty, NULL, "an empty list says nothing" },
    { "ollama-chat", "options", GONE, is_empty, NULL, "an empty object says nothing" },
    { "ollama-chat", "stream", ADDED, NULL, NULL, "the dialect streams unless told not to" },
};

enum { ALLOWED = sizeof allowed / sizeof *allowed };
static size_t used[ALLOWED];

// Members at the top with two names for one thing, of which the provider's row knows the one it takes.
static const struct {
    const char *from, *to;
} renamed[] = { { "max_tokens", "max_completion_tokens" }, { "max_completion_tokens", "max_tokens" } };

enum { RENAMED = sizeof renamed / sizeof *renamed };

typedef struct comparison {
    const char *api;
    char path[256];
    size_t used[ALLOWED];
    text differences;
} comparison;

static bool path_fits(const char *pattern, const char *path)
{
    size_t n = strlen(path), k;
    if (strncmp(pattern, "**", 2)) return !strcmp(pattern, path);
    k = strlen(pattern += 2);
    return k <= n && !strcmp(path + n - k, pattern);
}

static void differs(comparison *c, int how, tamar_json want, tamar_json got)
{
    size_t i;
    const char *kind = how == ADDED ? "added" : how == GONE ? "gone" : "changed";
    for (i = 0; i < ALLOWED; i++) {
        if ((allowed[i].api && strcmp(allowed[i].api, c->api)) || !(allowed[i].how & how) || !path_fits(allowed[i].path, c->path)) continue;
        if (allowed[i].value && !allowed[i].value(how == ADDED ? got : want)) continue;
        if (allowed[i].both && (how != CHANGED || !allowed[i].both(want, got))) continue;
        c->used[i]++;
        return;
    }
    addf(&c->differences, "        %s %.200s: ", kind, c->path);
    if (want.ptr) add(&c->differences, want.ptr, want.len < 300 ? want.len : 300);
    adds(&c->differences, how == CHANGED ? "  ->  " : "");
    if (got.ptr) add(&c->differences, got.ptr, got.len < 300 ? got.len : 300);
    adds(&c->differences, "\n");
}

static bool same_string(tamar_json a, tamar_json b, bool loose)
{
    size_t n = 0, k = 0, i;
    char *x, *y;
    bool equal;
    if (a.len == b.len && !memcmp(a.ptr, b.ptr, a.len)) return true;
    tamar_json_get_string(a, NULL, 0, &n);
    tamar_json_get_string(b, NULL, 0, &k);
    if (n != k) return false;
    x = (char *)malloc(n + 1), y = (char *)malloc(n + 1);
    if (!x || !y) abort();
    tamar_json_get_string(a, x, n + 1, &n);
    tamar_json_get_string(b, y, n + 1, &n);
    equal = !memcmp(x, y, n);
    if (!equal && loose) {
        for (i = 0; i < n && (x[i] | 0x20) == (y[i] | 0x20); i++) {}
        equal = i == n;
    }
    free(x);
    free(y);
    return equal;
}

static bool same_value(tamar_json a, tamar_json b, bool loose)
{
    tamar_json_iter it = tamar_json_iterate(a);
    tamar_json key, v;
    double x, y;
    size_t i = 0;
    if (tamar_json_type_of(a) != tamar_json_type_of(b)) return false;
    switch (tamar_json_type_of(a)) {
    case TAMAR_JSON_NUMBER: return tamar_json_get_double(a, &x) == TAMAR_JSON_OK && tamar_json_get_double(b, &y) == TAMAR_JSON_OK && !(x < y) && !(x > y);
    case TAMAR_JSON_STRING: return same_string(a, b, loose);
    case TAMAR_JSON_ARRAY: case TAMAR_JSON_OBJECT: break;
    default: return *a.ptr == *b.ptr;
    }
    if (tamar_json_count(a) != tamar_json_count(b)) return false;
    while (tamar_json_next(&it, &key, &v)) {
        tamar_json other = tamar_json_index(b, i++);
        char name[256];
        size_t n;
        if (is_object(a)) tamar_json_get_string(key, name, sizeof name, &n), other = tamar_json_get(b, name);
        if (!other.ptr || !same_value(v, other, loose)) return false;
    }
    return true;
}

static void compare(comparison *c, tamar_json want, tamar_json got)
{
    tamar_json_iter it;
    tamar_json key, v, other;
    size_t at = strlen(c->path), n, i;
    char name[128];
    if (is_object(want) && is_object(got)) {
        it = tamar_json_iterate(want);
        while (tamar_json_next(&it, &key, &v)) {
            tamar_json_get_string(key, name, sizeof name, &n);
            snprintf(c->path + at, sizeof c->path - at, "%s%s", at ? "/" : "", name);
            other = tamar_json_get(got, name);
            if (!other.ptr && !strcmp(c->api, "gemini-generate")) {  // the newer name of a schema
                if (!strcmp(name, "parameters")) other = tamar_json_get(got, "parametersJsonSchema");
                if (!strcmp(name, "responseSchema")) other = tamar_json_get(got, "responseJsonSchema");
                if (other.ptr && same_value(v, other, true)) continue;
            }
            for (i = 0; !other.ptr && i < RENAMED; i++)
                if (!strcmp(renamed[i].from, name) && !at) other = tamar_json_get(got, renamed[i].to);
            if (other.ptr) compare(c, v, other);
            else differs(c, GONE, v, other);
        }
        it = tamar_json_iterate(got);
        while (tamar_json_next(&it, &key, &v)) {
            tamar_json_get_string(key, name, sizeof name, &n);
            if (!strcmp(name, "parametersJsonSchema") && tamar_json_get(want, "parameters").ptr) continue;
            if (!strcmp(name, "responseJsonSchema") && tamar_json_get(want, "responseSchema").ptr) continue;
            snprintf(c->path + at, sizeof c->path - at, "%s%s", at ? "/" : "", name);
            other = tamar_json_get(want, name);
            for (i = 0; !other.ptr && i < RENAMED; i++)
                if (!strcmp(renamed[i].to, name) && !at) other = tamar_json_get(want, renamed[i].from);
            if (!other.ptr) differs(c, ADDED, other, v);
        }
    }
    else if (is_array(want) && is_array(got) && tamar_json_count(want) == tamar_json_count(got)) {
        it = tamar_json_iterate(want);
        for (i = 0; tamar_json_next(&it, &key, &v); i++) {
            snprintf(c->path + at, sizeof c->path - at, "%s*", at ? "/" : "");
            compare(c, v, tamar_json_index(got, i));
        }
    }
    else if (!same_value(want, got, false)) differs(c, CHANGED, want, got);
    c->path[at] = 0;
}

// True: equal but for what is allowed; otherwise differences tell what is not.
static bool comes_back(const char *api, const char *provider, const char *model, bool stream, const char *body, size_t len, comparison *c)
{
    tamar_json want, got;
    import *m;
    sent s;
    char name[256];
    tamar_desc d = nobody();
    memset(c, 0, sizeof *c);
    c->api = api;
    clear(&c->differences);
    if (!tamar_json_parse(body, len, &want, NULL)) {
        adds(&c->differences, "        no JSON\n");
        return false;
    }
    m = import_body(api, want);
    snprintf(name, sizeof name, "%s/%s", tamar_provider_named(NULL, provider) ? provider : "custom", m->rq.model ? m->rq.model : model);
    m->rq.model = name;
    m->rq.api = api;
    m->rq.base_url = "http://127.0.0.1:9/v1";
    m->rq.api_key = "k";
    if (stream) m->rq.stream = true;
    encode_once(&d, &m->rq, &s);
    if (m->why) addf(&c->differences, "        %s\n", m->why);
    if (s.category) addf(&c->differences, "        refused: %.200s\n", s.prose.ptr);
    else if (tamar_json_parse(s.body.ptr, s.body.len, &got, NULL)) compare(c, want, got);
    if (c->differences.len && s.warnings.len) addf(&c->differences, "        warnings: %.200s\n", s.warnings.ptr);
    sent_drop(&s);
    import_free(m);
    return !c->differences.len;
}

// -- recorded requests -----------------------------------------------------------------------------

static char *case_file(const char *shared, const char *id, const char *file, size_t *len)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/corpus/cases/%s/%s", shared, id, file);
    return test_read_file(path, len);
}

// The model's name between "models/" (Bedrock: "model/") and what is called on it.
static void model_of_path(const char *path, char *model, size_t cap)
{
    const char *at = strstr(path, "models/");
    size_t n;
    snprintf(model, cap, "unnamed");
    if (!at) return;
    n = strcspn(at + 7, ":/?\"");
    if (n && n < cap) memcpy(model, at + 7, n), model[n] = 0;
}

// False: there is no such case with a request.
static bool recorded(const char *shared, const char *id, bool *equal, comparison *c)
{
    size_t len, about_len;
    char api[64], provider[64] = "custom", model[128] = "", path[512] = "";
    char *body = case_file(shared, id, "request.json", &len), *about = case_file(shared, id, "case.json", &about_len);
    tamar_json v;
    bool found = body && about && tamar_json_parse(about, about_len, &v, NULL);
    static const char *const names[] = { "openai-chat", "openai-responses", "anthropic-messages", "gemini-generate", "ollama-chat" };
    size_t i, n;
    snprintf(api, sizeof api, "%.*s", (int)strcspn(id, "/"), id);
    if (found) {
        for (i = 0; i < 4 && strcmp(names[i], api); i++) {}
        tamar_json_get_string(tamar_json_get(v, "provider"), provider, sizeof provider, &n);
        tamar_json_get_string(tamar_json_get(v, "url_path"), path, sizeof path, &n);
        model_of_path(path, model, sizeof model);
        *equal = comes_back(names[i], provider, model, strstr(path, "stream") != NULL, body, len, c);
    }
    free(body);
    free(about);
    return found;
}

static void recorded_cases(const char *shared)
{
    size_t len, i, equal_count = 0;
    char *list = test_read_file("tests/import_cases.txt", &len), *line, *end;
    CHECK(list != NULL);
    for (line = list; line && *line; line = end) {
        comparison c;
        bool equal = false;
        end = line + strcspn(line, "\n");
        if (*end) *end++ = 0;
        if (!*line || *line == '#') continue;
        TEST(line)
        {
            if (!recorded(shared, line, &equal, &c)) CHECKF(false, "no such case, or no request in it");
            else {
                CHECKF(equal, "\n%s", c.differences.ptr);
                equal_count += equal;
                for (i = 0; i < ALLOWED; i++) used[i] += c.used[i] > 0;
                drop(&c.differences);
            }
        }
    }
    free(list);
    printf("    %lu recorded requests come back equal; of these so many differ by\n", (unsigned long)equal_count);
    for (i = 0; i < ALLOWED; i++)
        if (used[i]) printf("    %5lu  %s %s: %s\n", (unsigned long)used[i], allowed[i].api ? allowed[i].api : "any", allowed[i].path, allowed[i].reason);
}

// == fixtures of our own ===========================================================================

#define SAME(name, api, provider, body) fixture(name, api, provider, body, "")

static void fixture(const char *name, const char *api, const char *provider, const char *body, const char *differences)
{
    text b = { NULL, 0, 0 }, want = { NULL, 0, 0 };
    comparison c;
    add_json(&b, body);
    add_json(&want, differences);
    if (!only || !strcmp(only, name))
        TEST(name)
        {
            comes_back(api, provider, "gemini-3.5-flash", false, b.ptr, b.len, &c);
            test_str(__FILE__, __LINE__, c.differences.ptr, c.differences.len, want.ptr ? want.ptr : "");
            drop(&c.differences);
        }
    drop(&b);
    drop(&want);
}

static void fixtures(void)
{
    SAME("chat-text", "openai-chat", "openai", "{'model':'gpt-4o','messages':[{'role':'system','content':'Be brief.'},"
         "{'role':'user','content':[{'type':'text','text':'Hi'}]}],'temperature':0.5,'stop':'x','stream':false}");
    SAME("chat-stream", "openai-chat", "groq", "{'model':'m','messages':[{'role':'user','content':'Hi'}],'stream':true,'seed':7,'n':1}");
    SAME("chat-tools", "openai-chat", "openai",
         "{'model':'gpt-4o','messages':[{'role':'user','content':'Weather?'},{'role':'assistant','tool_calls':[{'id':'c1','type':"
         "'function','function':{'name':'w','arguments':'{ \\'city\\' : \\'Oslo\\' }'}}]},{'role':'tool','tool_call_id':'c1',"
         "'content':'3'}],'tools':[{'type':'function','function':{'name':'w','description':'d','parameters':{'type':'object',"
         "'properties':{'city':{'type':'string'}}}}}],'tool_choice':{'type':'function','function':{'name':'w'}}}");
    SAME("chat-media", "openai-chat", "openai",
         "{'model':'gpt-4o','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png;base64,iVBO',"
         "'detail':'low'}},{'type':'input_audio','input_audio':{'data':'UklG','format':'wav'}},{'type':'file','file':"
         "{'filename':'a.pdf','file_data':'data:application/pdf;base64,JVBE'}}]}]}");
    SAME("chat-schema", "openai-chat", "openai",
         "{'model':'gpt-4o','messages':[{'role':'user','content':'Hi'}],'response_format':{'type':'json_schema','json_schema':"
         "{'name':'n','strict':true,'schema':{'type':'object','properties':{'a':{'type':'string'}},'required':['a'],"
         "'additionalProperties':false}}},'logit_bias':{'1':-100}}");
    SAME("responses-turns", "openai-responses", "openai",
         "{'model':'gpt-5','instructions':'Be brief.','input':[{'role':'user','content':'Hi'},{'type':'reasoning','id':'rs_1',"
         "'summary':[],'encrypted_content':'gAAA'},{'type':'function_call','id':'fc_1','call_id':'c1','name':'w','arguments':'{}'},"
         "{'type':'function_call_output','call_id':'c1','output':'3'}],'store':false,'include':['reasoning.encrypted_content'],"
         "'reasoning':{'effort':'low'},'tools':[{'type':'function','name':'w','parameters':{'type':'object','properties':{}},"
         "'strict':false},{'type':'web_search'}],'max_output_tokens':99}");
    SAME("responses-prompt", "openai-responses", "openai", "{'model':'gpt-4o','input':'Hi'}");
    SAME("claude-thinking", "anthropic-messages", "anthropic",
         "{'model':'claude-sonnet-4-5','max_tokens':2048,'system':[{'type':'text','text':'Be brief.','cache_control':{'type':"
         "'ephemeral'}}],'thinking':{'type':'enabled','budget_tokens':1024},'messages':[{'role':'user','content':'Weather?'},"
         "{'role':'assistant','content':[{'type':'thinking','thinking':'Hm.','signature':'EqQB'},{'type':'redacted_thinking','data':"
         "'EmwK'},{'type':'tool_use','id':'toolu_1','name':'w','input':{'city':'Oslo'}}]},{'role':'user','content':[{'type':"
         "'tool_result','tool_use_id':'toolu_1','content':[{'type':'text','text':'3'}],'is_error':false}]}],'tools':[{'name':'w',"
         "'description':'d','input_schema':{'type':'object','properties':{}}}],'tool_choice':{'type':'auto',"
         "'disable_parallel_tool_use':true},'stop_sequences':['x']}");
    SAME("claude-media", "anthropic-messages", "anthropic",
         "{'model':'claude-sonnet-4-5','max_tokens':10,'messages':[{'role':'user','content':[{'type':'image','source':{'type':'base64',"
         "'media_type':'image/png','data':'iVBO'}},{'type':'document','source':{'type':'url','url':'https://x/a.pdf'}},{'type':'text',"
         "'text':'What?'}]}],'metadata':{'user_id':'u'}}");
    SAME("gemini-turns", "gemini-generate", "gemini",
         "{'systemInstruction':{'parts':[{'text':'Be brief.'}]},'contents':[{'role':'user','parts':[{'text':'Weather?'},{'inlineData':"
         "{'mimeType':'image/png','data':'iVBO'}}]},{'role':'model','parts':[{'functionCall':{'name':'w','args':{'city':'Oslo'}},"
         "'thoughtSignature':'CoYB'}]},{'role':'user','parts':[{'functionResponse':{'name':'w','response':{'result':3}}}]}],'tools':"
         "[{'functionDeclarations':[{'name':'w','description':'d','parameters':{'type':'OBJECT','properties':{'city':{'type':'STRING'}}}}]}],"
         "'toolConfig':{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':['w']}},'generationConfig':{'maxOutputTokens':9,"
         "'stopSequences':['x'],'candidateCount':1,'mediaResolution':'MEDIA_RESOLUTION_LOW'},'safetySettings':[]}");
    SAME("ollama-options", "ollama-chat", "ollama",
         "{'model':'qwen3','stream':false,'messages':[{'role':'user','content':'Hi','images':['iVBO']}],'options':{'num_predict':9,"
         "'temperature':0,'num_ctx':4096},'format':'json','keep_alive':'5m'}");
    // and what is lost is told
    fixture("told-gone", "openai-responses", "openai", "{'model':'gpt-4o','input':[{'role':'user','content':'Hi','name':'Ada'}],'store':true}",
            "        gone input/*/name: 'Ada'\n");
    fixture("told-changed", "anthropic-messages", "anthropic",
            "{'model':'claude-sonnet-4-5','max_tokens':9,'temperature':1.5,'messages':[{'role':'user','content':'Hi'}]}",
            "        changed temperature: 1.5  ->  1.0\n        warnings: unsupported\n");
}

int main(int argc, char **argv)
{
    const char *shared = getenv("TAMAR_SHARED");
    bool listing = argc > 1 && !strcmp(argv[1], "-l");
    char *probe;
    int i;
    if (!shared || !*shared) shared = "../shared";
    for (i = listing ? 2 : 1; i < argc && strchr(argv[i], '/'); i++) {
        comparison c;
        bool equal = false;
        if (!recorded(shared, argv[i], &equal, &c)) continue;
        printf(listing && !equal ? "" : "%s\n", argv[i]);
        if (!listing) printf("%s", c.differences.ptr);
        drop(&c.differences);
    }
    if (i > 1) return 0;
    if (argc > 1) only = argv[1];
    fixtures();
    if (only) return cases_done();
    probe = case_file(shared, "", "../README.md", NULL);
    if (probe) recorded_cases(shared);
    else test_skip("recorded requests", "no ../shared beside the checkout, and TAMAR_SHARED names none");
    free(probe);
    return cases_done();
}
