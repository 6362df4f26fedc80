// A service that speaks like no other: a dialect of yours writes its requests and reads its answers. Copy this file,
// change the words, put recorded answers where these stand, and let the check feed them in every way a network can.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#include <string.h>

// The body of a request: what stays the same from turn to turn first, the conversation last.
static const char *encode(void *user_data, tamar_draft *draft)
{
    const tamar_request *rq = draft->request;
    (void)user_data;
    if (rq->tool_count) return "request.tools: this service knows none; leave them out";
    if (rq->temperature.set) tamar_draft_warn(draft, "unsupported", "this service has no temperature; it was left out");
    tamar_json_write_object(draft->body);
    tamar_json_write_key(draft->body, "voice");
    tamar_json_write_string(draft->body, draft->model, strlen(draft->model));
    tamar_json_write_key(draft->body, "live");
    tamar_json_write_bool(draft->body, rq->stream);
    tamar_json_write_key(draft->body, "ask");
    tamar_json_write_string(draft->body, rq->prompt ? rq->prompt : "", rq->prompt ? strlen(rq->prompt) : 0);
    tamar_json_write_end(draft->body);
    return NULL;
}

// What an answer says, whether it came whole or as one event of many.
static void read_members(tamar_reply *reply, tamar_json v)
{
    tamar_json count = tamar_json_get(v, "words");
    tamar_usage usage = { .output_tokens = { .set = false } };
    if (tamar_reply_error(reply, v)) return;  // {"error":..} in any of its usual shapes
    tamar_reply_append(reply, TAMAR_PART_TEXT, tamar_json_get(v, "say"));
    tamar_reply_append(reply, TAMAR_PART_REASONING, tamar_json_get(v, "think"));
    tamar_reply_finish(reply, tamar_json_get(v, "why"), tamar_json_is(tamar_json_get(v, "why"), "tired") ? TAMAR_FINISH_LENGTH : TAMAR_FINISH_NONE);
    usage.output_tokens.set = tamar_json_get_int(count, &usage.output_tokens.value) == TAMAR_JSON_OK;
    if (usage.output_tokens.set) tamar_reply_usage(reply, &usage);
}

static void record(void *user_data, tamar_reply *reply, tamar_str event, tamar_str data)
{
    const tamar_json none = { NULL, 0 };
    tamar_json v;
    (void)user_data;
    if (!tamar_json_parse(data.ptr, data.len, &v, NULL)) {  // first the whole record, then its meaning
        tamar_reply_fail(reply, TAMAR_PARSE, none, none);
        return;
    }
    read_members(reply, v);
    if (event.len == 3 && !memcmp(event.ptr, "end", 3)) tamar_reply_done(reply);  // without it the answer is truncated
}

static void document(void *user_data, tamar_reply *reply, tamar_json v)
{
    (void)user_data;
    read_members(reply, v);
}

static const char streamed[] = "data: {\"think\":\"Hm.\"}\n\ndata: {\"say\":\"The \"}\n\ndata: {\"say\":\"Danube. \\ud83d\\udc1f\"}\n\n"
                               "event: end\ndata: {\"why\":\"stop\",\"words\":3}\n\n";
static const char whole[] = "{\"say\":\"The Danube.\",\"why\":\"tired\",\"words\":2}";
static const char refused[] = "{\"error\":{\"code\":\"rate_limit\",\"message\":\"slowly\"}}";

static int conforms(const tamar_dialect *d, const char *what, bool stream, int status, const char *answer)
{
    const char *bad = tamar_dialect_check(d, stream, status, answer, strlen(answer));
    printf("%s: %s\n", what, bad ? bad : "the same in every way it may come");
    return bad ? 1 : 0;
}

int main(void)
{
    const tamar_dialect parrot = { .size = sizeof parrot, .name = "parrot", .path = "/speak", .encode = encode, .record = record, .document = document };
    const tamar_dialect *const dialects[] = { &parrot };
    const tamar_provider row = { .name = "zoo", .api = "parrot", .base_url = "https://zoo.example/v1", .key_env = "ZOO_KEY" };
    const tamar_desc desc = { .providers = &row, .provider_count = 1, .dialects = dialects, .dialect_count = 1 };
    const tamar_request request = { .model = "zoo/polly", .prompt = "Name one river.", .stream = true };
    tamar_encoded *e = tamar_encode(&desc, &request);
    int status = e->error.category ? 1 : 0;
    printf("%s %.*s\n%.*s\n", e->http.method, (int)e->http.url.len, e->http.url.ptr, (int)e->http.body.len, e->http.body.ptr);
    tamar_encoded_free(e);
    status |= conforms(&parrot, "a stream", true, 200, streamed);
    status |= conforms(&parrot, "an answer", false, 200, whole);
    status |= conforms(&parrot, "a refusal", false, 429, refused);
    return status;
}
