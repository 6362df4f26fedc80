// Baidu's first API (wenxinworkshop) as a dialect of yours: register it with desc.dialects and name it in a row.
// Its streams have no [DONE]: the record with is_end ends them. Its errors come under HTTP 200.
//
//     const tamar_dialect qianfan = tamar_qianfan_native();
//     const tamar_dialect *const dialects[] = { &qianfan };
//     const tamar_provider row = { .name = "ernie-v1", .api = "qianfan-native", .base_url = "https://aip.baidubce.com", ... };
//
// The service wants its token in the URL: give it as base_url "https://aip.baidubce.com?access_token=..." with .auth "none".
#ifndef TAMAR_QIANFAN_H
#define TAMAR_QIANFAN_H
#include "tamar_llm.h"
#include <string.h>

static void tamar_qianfan_text(tamar_json_writer *w, const char *key, const char *value)
{
    if (!value) return;
    tamar_json_write_key(w, key);
    tamar_json_write_string(w, value, strlen(value));
}

static void tamar_qianfan_message(tamar_draft *draft, tamar_role role, const char *text)
{
    tamar_json_write_object(draft->body);
    tamar_qianfan_text(draft->body, "role", role == TAMAR_ROLE_ASSISTANT ? "assistant" : "user");
    tamar_qianfan_text(draft->body, "content", text);
    tamar_json_write_end(draft->body);
}

// One message of several parts: its texts are one after the other in `content`.
static void tamar_qianfan_parts(tamar_draft *draft, const tamar_message *m)
{
    tamar_json_writer *w = draft->body;
    for (size_t i = 0; i < m->part_count; i++) {
        const tamar_part *p = &m->parts[i];
        if (p->type == TAMAR_PART_TOOL_CALL || p->type == TAMAR_PART_TOOL_RESULT) {
            tamar_json_write_object(w);
            tamar_qianfan_text(w, "role", p->type == TAMAR_PART_TOOL_CALL ? "assistant" : "function");
            tamar_json_write_key(w, p->type == TAMAR_PART_TOOL_CALL ? "function_call" : "content");
            if (p->type == TAMAR_PART_TOOL_CALL) tamar_json_write_object(w);
            else tamar_json_write_string(w, p->text.ptr, p->text.len);
            tamar_json_write_key(w, "name");
            tamar_json_write_string(w, p->name.ptr, p->name.len);
            if (p->type == TAMAR_PART_TOOL_CALL) {
                tamar_json_write_key(w, "arguments");
                tamar_json_write_string(w, p->text.ptr, p->text.len);
                tamar_json_write_end(w);
            }
            tamar_json_write_end(w);
        }
        else if (p->type == TAMAR_PART_TEXT) {
            tamar_json_write_object(w);
            tamar_qianfan_text(w, "role", m->role == TAMAR_ROLE_ASSISTANT ? "assistant" : "user");
            tamar_json_write_key(w, "content");
            tamar_json_write_string(w, p->text.ptr, p->text.len);
            tamar_json_write_end(w);
        }
        else if (p->type == TAMAR_PART_REASONING)
            continue;  // the vendor does not want it back
        else tamar_draft_warn(draft, "unsupported", "qianfan-native knows nothing but text; a part was left out");
    }
}

static const char *tamar_qianfan_encode(void *user_data, tamar_draft *draft)
{
    const tamar_request *rq = draft->request;
    tamar_json_writer *w = draft->body;
    const char *system = rq->system;
    (void)user_data;
    for (size_t i = 0; i < rq->message_count; i++)
        if (rq->messages[i].role == TAMAR_ROLE_SYSTEM) {
            if (system || !rq->messages[i].text)
                return "qianfan-native takes one system text: put it into request.system";
            system = rq->messages[i].text;
        }
    tamar_json_write_object(w);
    if (rq->stream) {
        tamar_json_write_key(w, "stream");
        tamar_json_write_bool(w, true);
    }
    tamar_qianfan_text(w, "system", system);
    if (rq->temperature.set) {
        tamar_json_write_key(w, "temperature");
        tamar_json_write_double(w, rq->temperature.value);
    }
    if (rq->top_p.set) {
        tamar_json_write_key(w, "top_p");
        tamar_json_write_double(w, rq->top_p.value);
    }
    if (rq->max_tokens) {
        tamar_json_write_key(w, "max_output_tokens");
        tamar_json_write_int(w, rq->max_tokens);
    }
    tamar_qianfan_text(w, "user_id", rq->user);
    if (rq->seed.set || rq->stop_count || rq->frequency_penalty.set || rq->presence_penalty.set || rq->format)
        tamar_draft_warn(draft, "unsupported",
                         "qianfan-native has no seed, stop, penalties or response format; they were left out");
    if (rq->tool_count) {
        tamar_json_write_key(w, "functions");
        tamar_json_write_array(w);
        for (size_t i = 0; i < rq->tool_count; i++) {
            const tamar_tool *t = &rq->tools[i];
            tamar_json_write_object(w);
            tamar_qianfan_text(w, "name", t->name);
            tamar_qianfan_text(w, "description", t->description ? t->description : "");
            tamar_json_write_key(w, "parameters");
            const char *parameters = t->parameters ? t->parameters : "{\"type\":\"object\",\"properties\":{}}";
            tamar_json_write_raw(w, parameters, strlen(parameters));
            tamar_json_write_end(w);
        }
        tamar_json_write_end(w);
    }
    tamar_json_write_key(w, "messages");
    tamar_json_write_array(w);
    for (size_t i = 0; i < rq->message_count; i++) {
        const tamar_message *m = &rq->messages[i];
        if (m->role == TAMAR_ROLE_SYSTEM) continue;
        if (m->part_count) tamar_qianfan_parts(draft, m);
        else tamar_qianfan_message(draft, m->role, m->text ? m->text : "");
    }
    if (rq->prompt) tamar_qianfan_message(draft, TAMAR_ROLE_USER, rq->prompt);
    tamar_json_write_end(w);
    tamar_json_write_end(w);
    return NULL;
}

static tamar_category tamar_qianfan_category(int64_t code)
{
    switch (code) {
    case 4: case 17: case 19: return TAMAR_QUOTA;
    case 6: case 13: case 14: case 100: case 110: case 111: return TAMAR_AUTH;
    case 15: case 18: case 336501: case 336502: return TAMAR_RATE;
    case 336001: case 336002: case 336003: return TAMAR_BAD_REQUEST;
    case 336100: return TAMAR_OVERLOADED;
    default: return TAMAR_SERVER;
    }
}

static bool tamar_qianfan_count(tamar_json usage, const char *name, tamar_opt_int *out)
{
    out->set = tamar_json_get_int(tamar_json_get(usage, name), &out->value) == TAMAR_JSON_OK;
    return out->set;
}

static bool tamar_qianfan_true(tamar_json object, const char *name)
{
    bool value = false;
    return tamar_json_get_bool(tamar_json_get(object, name), &value) == TAMAR_JSON_OK && value;
}

// A record of a stream and a whole answer have the same members.
static void tamar_qianfan_object(tamar_reply *reply, tamar_json v)
{
    tamar_json call = tamar_json_get(v, "function_call"), usage = tamar_json_get(v, "usage");
    tamar_json word = tamar_json_get(v, "finish_reason"), code = tamar_json_get(v, "error_code");
    tamar_usage counts;
    int64_t number;
    memset(&counts, 0, sizeof counts);
    if (tamar_json_get_int(code, &number) == TAMAR_JSON_OK && number) {
        tamar_reply_fail(reply, tamar_qianfan_category(number), code, tamar_json_get(v, "error_msg"));
        return;
    }
    tamar_reply_about(reply, tamar_json_get(v, "id"), tamar_json_get(v, "model"), tamar_json_get(v, "created"));
    tamar_reply_append(reply, TAMAR_PART_TEXT, tamar_json_get(v, "result"));
    if (tamar_json_type_of(call) == TAMAR_JSON_OBJECT) {  // its `thoughts` explain the call, they answer nobody
        tamar_reply_call(reply, 0, tamar_json_get(call, "id"), tamar_json_get(call, "name"));
        tamar_reply_arguments(reply, 0, tamar_json_get(call, "arguments"));
    }
    if (tamar_json_type_of(usage) == TAMAR_JSON_OBJECT) {
        tamar_qianfan_count(usage, "prompt_tokens", &counts.input_tokens);
        tamar_qianfan_count(usage, "completion_tokens", &counts.output_tokens);
        tamar_qianfan_count(usage, "total_tokens", &counts.total_tokens);
        tamar_reply_usage(reply, &counts);
    }
    if (tamar_json_type_of(word) == TAMAR_JSON_STRING)
        tamar_reply_finish(reply, word,
                           tamar_qianfan_true(v, "is_truncated") ? TAMAR_FINISH_LENGTH
                           : tamar_json_is(word, "normal")       ? TAMAR_FINISH_STOP
                                                                 : TAMAR_FINISH_NONE);
    if (tamar_qianfan_true(v, "need_clear_history"))
        tamar_reply_warn(reply, "filtered", "the vendor objects to what was said: begin a new conversation");
}

static void tamar_qianfan_record(void *user_data, tamar_reply *reply, tamar_str event, tamar_str data)
{
    tamar_json v, none = { NULL, 0 };
    (void)user_data, (void)event;
    if (!tamar_json_parse(data.ptr, data.len, &v, NULL)) {
        tamar_reply_fail(reply, TAMAR_PARSE, none, none);
        return;
    }
    tamar_qianfan_object(reply, v);
    if (tamar_qianfan_true(v, "is_end")) tamar_reply_done(reply);
}

static void tamar_qianfan_document(void *user_data, tamar_reply *reply, tamar_json document)
{
    (void)user_data;
    tamar_qianfan_object(reply, document);
}

static inline tamar_dialect tamar_qianfan_native(void)
{
    tamar_dialect d;
    memset(&d, 0, sizeof d);
    d.size = sizeof d;
    d.name = "qianfan-native";
    d.path = "/rpc/2.0/ai_custom/v1/wenxinworkshop/chat/{model}";
    d.encode = tamar_qianfan_encode;
    d.record = tamar_qianfan_record;
    d.document = tamar_qianfan_document;
    return d;
}

#endif
