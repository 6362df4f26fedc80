// What a provider's refusal becomes: bodies as the vendors document them, of every dialect, whole and byte by byte, to
// category, code, message, request id, whether trying again helps, and when. With the inverted ones: a quota that is
// only a throttle, a throttle's status that is arrears, a 200 that is an error.
// An argument runs only the case of that name. JSON stands here with ' for ".
#define API "openai-chat"
#include "dialect.h"
#include "../examples/extras/tamar_qianfan.h"

enum { NEVER = -1, STREAM_ASKED = 1 };

typedef struct refusal {
    int status;
    const char *body;
    tamar_category category;
    const char *code, *message;
    bool retry;
    int64_t after;  // milliseconds, or NEVER
    const char *request_id;  // NULL: ""
    const char *headers, *provider;
    int stream;
    const char *type;  // NULL: not looked at
} refusal;

static void judge(const char *api, const refusal *row, size_t step)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    tamar_event e;
    const tamar_error *error;
    text body = { NULL, 0, 0 }, message = { NULL, 0, 0 };
    const char *id = row->request_id ? row->request_id : "";
    size_t at;
    int finishes = 0;
    add_json(&body, row->body);
    memset(&desc, 0, sizeof desc);
    desc.api = api;
    desc.provider = row->provider;
    desc.dialects = own_dialects;
    desc.dialect_count = own_dialect_count;
    desc.stream = row->stream == STREAM_ASKED;
    desc.status = row->status;
    d = tamar_decoder_open(&desc);
    CHECK(d != NULL);
    if (!d) return;
    give_headers(d, row->headers);
    for (at = 0; at < body.len; at += step) tamar_decoder_feed(d, body.ptr + at, body.len - at < step ? body.len - at : step);
    error = &tamar_decoder_end(d, true)->error;
    while (tamar_decoder_next_event(d, &e))
        if (e.type == TAMAR_EVENT_FINISH) {
            finishes++;
            CHECK(e.error.category == error->category && !strcmp(e.error.message, error->message));
        }
    CHECK(finishes == 1);
    add_json(&message, row->message);
    CHECKF(error->category == row->category, "%s %d %s: %s, not %s", api, row->status, body.ptr, tamar_category_name(error->category),
           tamar_category_name(row->category));
    CHECKF(error->http_status == row->status, "%s %s: status %d", api, body.ptr, error->http_status);
    CHECKF(!strcmp(error->code, row->code), "%s %d %s: code %s, not %s", api, row->status, body.ptr, error->code, row->code);
    CHECKF(!row->type || !strcmp(error->type, row->type), "%s %d %s: type %s", api, row->status, body.ptr, error->type);
    CHECKF(message.len ? strstr(error->message, message.ptr) != NULL : error->message[0] != 0, "%s %d %s: message %s", api, row->status, body.ptr,
           error->message);
    CHECKF(!strcmp(error->request_id, id), "%s %d %s: request id %s, not %s", api, row->status, body.ptr, error->request_id, id);
    CHECKF(error->retryable == row->retry, "%s %d %s: %s", api, row->status, body.ptr, error->retryable ? "retryable" : "final");
    CHECKF(row->after == NEVER ? !error->retry_after_ms.set : error->retry_after_ms.set && error->retry_after_ms.value == row->after,
           "%s %d %s: after %lld", api, row->status, body.ptr, error->retry_after_ms.set ? (long long)error->retry_after_ms.value : -1LL);
    tamar_decoder_close(d);
    drop(&body);
    drop(&message);
}

static size_t judged;

static void judge_all(const char *api, const refusal *rows, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++, judged++) {
        judge(api, &rows[i], (size_t)1 << 20);
        judge(api, &rows[i], 1);
    }
}

#define ROWS(api, rows) judge_all(api, rows, sizeof rows / sizeof *rows)
#define OPENAI(code, type) "{'error':{'message':'What it says.','type':" type ",'param':null,'code':" code "}}"
#define SAYS "What it says."
#define AZURE "azure"

static const refusal chat[] = {
    { 400, OPENAI("'context_length_exceeded'", "'invalid_request_error'"), TAMAR_CONTEXT, "context_length_exceeded", SAYS, false, NEVER, "req_1", "x-request-id: req_1\n", "openai", 0 },
    { 400, OPENAI("'unsupported_value'", "'invalid_request_error'"), TAMAR_BAD_REQUEST, "unsupported_value", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 400, OPENAI("'content_policy_violation'", "'invalid_request_error'"), TAMAR_CONTENT_FILTER, "content_policy_violation", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 401, OPENAI("'invalid_api_key'", "'invalid_request_error'"), TAMAR_AUTH, "invalid_api_key", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 403, OPENAI("'unsupported_country_region_territory'", "null"), TAMAR_PERMISSION, "unsupported_country_region_territory", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 404, OPENAI("'model_not_found'", "'invalid_request_error'"), TAMAR_MODEL_NOT_FOUND, "model_not_found", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 405, "", TAMAR_CONFIG, "", "", false, NEVER, "", NULL, "openai", 0 },
    { 408, "", TAMAR_SERVER, "", "", true, NEVER, "", NULL, "openai", 0 },
    { 409, OPENAI("null", "'conflict'"), TAMAR_SERVER, "", SAYS, true, NEVER, "", NULL, "openai", 0 },
    { 413, "", TAMAR_TOO_LARGE, "", "", false, NEVER, "", NULL, "openai", 0 },
    { 422, OPENAI("null", "'unprocessable'"), TAMAR_BAD_REQUEST, "", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'rate_limit_exceeded'", "'tokens'"), TAMAR_RATE, "rate_limit_exceeded", SAYS, true, 7000, "", "retry-after: 7\n", "openai", 0 },
    { 429, OPENAI("'rate_limit_exceeded'", "'requests'"), TAMAR_RATE, "rate_limit_exceeded", SAYS, true, 250, "", "retry-after: 7\nretry-after-ms: 250\n", "openai", 0 },
    { 429, OPENAI("'slow_down'", "'requests'"), TAMAR_RATE, "slow_down", SAYS, true, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'insufficient_quota'", "'insufficient_quota'"), TAMAR_BILLING, "insufficient_quota", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'credit_balance_exhausted'", "'insufficient_quota'"), TAMAR_BILLING, "credit_balance_exhausted", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'organization_spend_limit_exceeded'", "'insufficient_quota'"), TAMAR_BILLING, "organization_spend_limit_exceeded", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'project_spend_limit_exceeded'", "'insufficient_quota'"), TAMAR_BILLING, "project_spend_limit_exceeded", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'organization_usage_limit_exceeded'", "'insufficient_quota'"), TAMAR_BILLING, "organization_usage_limit_exceeded", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'rate_limit_exceeded'", "'requests'"), TAMAR_RATE, "rate_limit_exceeded", SAYS, false, NEVER, "", "x-should-retry: false\n", "openai", 0 },
    { 500, OPENAI("null", "'server_error'"), TAMAR_SERVER, "", SAYS, true, NEVER, "", NULL, "openai", 0 },
    { 501, "", TAMAR_SERVER, "", "", false, NEVER, "", NULL, "openai", 0 },
    { 502, "<html><head><title>502 Bad Gateway</title></head></html>", TAMAR_SERVER, "", "", true, NEVER, "8a-FRA", "cf-ray: 8a-FRA\n", "openai", 0 },
    { 503, OPENAI("'server_is_overloaded'", "'service_unavailable_error'"), TAMAR_OVERLOADED, "server_is_overloaded", SAYS, true, NEVER, "", NULL, "openai", 0 },
    { 505, "", TAMAR_SERVER, "", "", false, NEVER, "", NULL, "openai", 0 },
    { 520, "{'cloudflare_error':true,'status':520}", TAMAR_SERVER, "", "", true, NEVER, "", NULL, "openai", 0 },
    // Azure: the code as text, a busy minute called a quota, the filter
    { 401, "{'error':{'code':'401','message':'What it says.'}}", TAMAR_AUTH, "401", SAYS, false, NEVER, "a-1", "apim-request-id: a-1\n", AZURE, 0 },
    { 429, OPENAI("'insufficient_quota'", "'insufficient_quota'"), TAMAR_RATE, "insufficient_quota", SAYS, true, 20000, "", "Retry-After: 20\n", AZURE, 0 },
    { 429, OPENAI("'429'", "null"), TAMAR_RATE, "429", SAYS, true, 0, "", "Retry-After: 1\nRetry-After-Ms: 0\n", AZURE, 0 },
    { 400, "{'error':{'message':'What it says.','type':null,'param':'prompt','code':'content_filter','status':400,'innererror':{'code':'ResponsibleAIPolicyViolation'}}}", TAMAR_CONTENT_FILTER, "content_filter", SAYS, false, NEVER, "", NULL, AZURE, 0 },
    { 404, "{'error':{'code':'DeploymentNotFound','message':'What it says.'}}", TAMAR_MODEL_NOT_FOUND, "DeploymentNotFound", SAYS, false, NEVER, "", NULL, AZURE, 0 },
    // the clones
    { 402, "{'error':{'message':'Insufficient Balance','type':'unknown_error','param':null,'code':'invalid_request_error'}}", TAMAR_BILLING, "invalid_request_error", "Insufficient Balance", false, NEVER, "", NULL, "deepseek", 0 },
    { 402, "{'error':{'message':'What it says.','code':402}}", TAMAR_BILLING, "402", SAYS, false, NEVER, "", NULL, "openrouter", 0 },
    { 498, "{'error':{'message':'What it says.','type':'capacity','code':'capacity_exceeded'}}", TAMAR_OVERLOADED, "capacity_exceeded", SAYS, true, NEVER, "", NULL, "groq", 0 },
    { 400, "{'error':{'message':'What it says.','type':'invalid_request_error','code':'tool_use_failed','failed_generation':'<f>'}}", TAMAR_MODEL_OUTPUT, "tool_use_failed", SAYS, false, NEVER, "", NULL, "groq", 0 },
    { 401, "{'detail':'Invalid API Key'}", TAMAR_AUTH, "", "Invalid API Key", false, NEVER, "", NULL, "mistral", 0 },
    { 422, "{'detail':[{'loc':['body','model'],'msg':'field required','type':'value_error.missing'}]}", TAMAR_BAD_REQUEST, "", "field required", false, NEVER, "", NULL, "mistral", 0 },
    { 400, "{'code':'Client specified an invalid argument','error':'What it says.'}", TAMAR_BAD_REQUEST, "Client specified an invalid argument", SAYS, false, NEVER, "", NULL, "xai", 0 },
    { 503, "{'error':{'code':503,'message':'Loading model','type':'unavailable_error'}}", TAMAR_OVERLOADED, "503", "Loading model", true, NEVER, "", NULL, "llamacpp", 0 },
    { 400, "{'error':{'code':400,'message':'the request exceeds the available context size','type':'exceed_context_size_error','n_prompt_tokens':9,'n_ctx':4}}", TAMAR_CONTEXT, "400", "context size", false, NEVER, "", NULL, "llamacpp", 0 },
    { 400, "{'object':'error','message':'This model\\u0027s maximum context length is 4096 tokens.','type':'BadRequestError','param':null,'code':400}", TAMAR_CONTEXT, "400", "maximum context length", false, NEVER, "", NULL, "vllm", 0 },
    // Qianfan
    { 400, "{'error':{'code':'tokens_too_long','message':'What it says.','type':'invalid_request_error'},'id':'as-1'}", TAMAR_CONTEXT, "tokens_too_long", SAYS, false, NEVER, "", NULL, "qianfan", 0 },
    { 401, "{'error':{'code':'invalid_iam_token','message':'What it says.','type':'invalid_request_error'},'id':'as-1'}", TAMAR_AUTH, "invalid_iam_token", SAYS, false, NEVER, "", NULL, "qianfan", 0 },
    { 429, "{'error':{'code':'tpm_rate_limit_exceeded','message':'What it says.','type':'rate_limit'},'id':'as-1'}", TAMAR_RATE, "tpm_rate_limit_exceeded", SAYS, true, NEVER, "", NULL, "qianfan", 0 },
    // DashScope: a quota that is a throttle; arrears under 400
    { 429, "{'error':{'message':'What it says.','type':'insufficient_quota','param':null,'code':'insufficient_quota'},'request_id':'r-1'}", TAMAR_RATE, "insufficient_quota", SAYS, true, NEVER, "r-1", NULL, "qwen", 0 },
    { 429, "{'error':{'message':'What it says.','type':'limit_requests','param':null,'code':'limit_requests'},'request_id':'r-1'}", TAMAR_RATE, "limit_requests", SAYS, true, NEVER, "r-1", NULL, "qwen", 0 },
    { 400, "{'error':{'message':'What it says.','type':'Arrearage','param':null,'code':'Arrearage'},'request_id':'r-1'}", TAMAR_BILLING, "Arrearage", SAYS, false, NEVER, "r-1", NULL, "qwen", 0 },
    { 400, "{'error':{'message':'What it says.','type':'data_inspection_failed','param':null,'code':'data_inspection_failed'}}", TAMAR_CONTENT_FILTER, "data_inspection_failed", SAYS, false, NEVER, "", NULL, "qwen", 0 },
    // Zhipu: arrears under a throttle's status, the number as text or not
    { 429, "{'error':{'code':'1113','message':'What it says.'}}", TAMAR_BILLING, "1113", SAYS, false, NEVER, "", NULL, "zhipu", 0 },
    { 429, "{'error':{'code':1113,'message':'What it says.'}}", TAMAR_BILLING, "1113", SAYS, false, NEVER, "", NULL, "zhipu", 0 },
    { 429, "{'error':{'code':'1302','message':'What it says.'}}", TAMAR_RATE, "1302", SAYS, true, NEVER, "", NULL, "zhipu", 0 },
    { 429, "{'error':{'code':'1304','message':'What it says.'}}", TAMAR_QUOTA, "1304", SAYS, false, NEVER, "", NULL, "zhipu", 0 },
    { 429, "{'error':{'code':'1305','message':'What it says.'}}", TAMAR_OVERLOADED, "1305", SAYS, true, NEVER, "", NULL, "zhipu", 0 },
    { 400, "{'error':{'code':'1301','message':'What it says.'}}", TAMAR_CONTENT_FILTER, "1301", SAYS, false, NEVER, "", NULL, "zhipu", 0 },
    { 400, "{'error':{'code':'1211','message':'What it says.'}}", TAMAR_MODEL_NOT_FOUND, "1211", SAYS, false, NEVER, "", NULL, "zhipu", 0 },
    { 401, "{'error':{'code':'1002','message':'What it says.'}}", TAMAR_AUTH, "1002", SAYS, false, NEVER, "", NULL, "zhipu", 0 },
    // Ark
    { 403, "{'error':{'code':'AccountOverdueError','message':'What it says. Request id: r-1','param':'','type':'Forbidden'}}", TAMAR_BILLING, "AccountOverdueError", SAYS, false, NEVER, "r-1", "X-Request-Id: r-1\n", "doubao", 0 },
    { 429, "{'error':{'code':'ModelAccountRpmRateLimitExceeded','message':'What it says.','param':'','type':'TooManyRequests'}}", TAMAR_RATE, "ModelAccountRpmRateLimitExceeded", SAYS, true, NEVER, "", NULL, "doubao", 0 },
    { 429, "{'error':{'code':'SetLimitExceeded','message':'What it says.','param':'','type':'TooManyRequests'}}", TAMAR_QUOTA, "SetLimitExceeded", SAYS, false, NEVER, "", NULL, "doubao", 0 },
    { 429, "{'error':{'code':'ServerOverloaded','message':'What it says.','param':'','type':'TooManyRequests'}}", TAMAR_OVERLOADED, "ServerOverloaded", SAYS, true, NEVER, "", NULL, "doubao", 0 },
    { 400, "{'error':{'code':'SensitiveContentDetected','message':'What it says.','param':'','type':'BadRequest'}}", TAMAR_CONTENT_FILTER, "SensitiveContentDetected", SAYS, false, NEVER, "", NULL, "doubao", 0 },
    // Kimi
    { 429, "{'error':{'type':'exceeded_current_quota_error','message':'What it says.'}}", TAMAR_BILLING, "", SAYS, false, NEVER, "", NULL, "moonshot", 0 },
    { 429, "{'error':{'type':'engine_overloaded_error','message':'What it says.'}}", TAMAR_OVERLOADED, "", SAYS, true, NEVER, "", NULL, "moonshot", 0 },
    { 429, "{'error':{'type':'rate_limit_reached_error','message':'What it says.'}}", TAMAR_RATE, "", SAYS, true, NEVER, "", NULL, "moonshot", 0 },
    { 401, "{'error':{'type':'incorrect_api_key_error','message':'What it says.'}}", TAMAR_AUTH, "", SAYS, false, NEVER, "", NULL, "moonshot", 0 },
    // SiliconFlow
    { 400, "{'code':20012,'message':'Model does not exist.','data':null}", TAMAR_MODEL_NOT_FOUND, "20012", "does not exist", false, NEVER, "t-1", "x-siliconcloud-trace-id: t-1\n", "siliconflow", 0 },
    { 403, "{'code':30001,'message':'Your balance is too low.','data':null}", TAMAR_BILLING, "30001", "balance", false, NEVER, "", NULL, "siliconflow", 0 },
    { 401, "'Invalid token'", TAMAR_AUTH, "", "Invalid token", false, NEVER, "", NULL, "siliconflow", 0 },
    { 503, "{'code':50505,'message':'Model service overloaded.','data':null}", TAMAR_OVERLOADED, "50505", "overloaded", true, NEVER, "", NULL, "siliconflow", 0 },
    // a 200 that is an error
    { 200, OPENAI("502", "null"), TAMAR_SERVER, "502", SAYS, true, NEVER, "", NULL, "openrouter", 0 },
    { 200, "{'id':'g','choices':[{'error':{'message':'What it says.','code':429},'message':{'content':''}}]}", TAMAR_RATE, "429", SAYS, true, NEVER, "", NULL, "openrouter", 0 },
    { 200, "{'id':'x','choices':null,'base_resp':{'status_code':1008,'status_msg':'insufficient balance'}}", TAMAR_BILLING, "1008", "insufficient balance", false, NEVER, "", NULL, "minimax", 0 },
    { 200, "{'base_resp':{'status_code':1002,'status_msg':'rate limit'}}", TAMAR_RATE, "1002", "rate limit", true, NEVER, "", NULL, "minimax", 0 },
    { 200, "{'base_resp':{'status_code':1004,'status_msg':'login fail'}}", TAMAR_AUTH, "1004", "login fail", false, NEVER, "", NULL, "minimax", 0 },
    { 200, D("{'error':{'message':'What it says.','type':'insufficient_quota','code':'insufficient_quota'}}"), TAMAR_BILLING, "insufficient_quota", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, "event: error\n" D("{'error':{'message':'What it says.','type':'internal_server_error','code':500}}"), TAMAR_SERVER, "500", SAYS, true, NEVER, "", NULL, "groq", STREAM_ASKED },
    { 200, "error: {'code':500,'message':'What it says.','type':'server_error'}\n\n", TAMAR_SERVER, "500", SAYS, true, NEVER, "", NULL, "llamacpp", STREAM_ASKED },
    { 200, D("{'error':{'code':'1234','message':'What it says.'}}"), TAMAR_SERVER, "1234", SAYS, true, NEVER, "", NULL, "zhipu", STREAM_ASKED },
    { 200, D("{'error':{'code':'InternalServiceError','message':'What it says.'}}"), TAMAR_SERVER, "InternalServiceError", SAYS, true, NEVER, "", NULL, "doubao", STREAM_ASKED },
    { 200, "", TAMAR_EMPTY, "", "", true, NEVER, "", NULL, NULL, STREAM_ASKED },
    { 200, "<html>Sign in</html>", TAMAR_PROTO, "", "", true, NEVER, "", NULL, NULL, 0 },
    { 302, "", TAMAR_REDIRECT, "", "example.org", false, NEVER, "", "Location: https://example.org/login\n", NULL, 0 },
};

static const refusal responses[] = {
    { 400, OPENAI("'context_length_exceeded'", "'invalid_request_error'"), TAMAR_CONTEXT, "context_length_exceeded", SAYS, false, NEVER, "req_1", "x-request-id: req_1\n", "openai", STREAM_ASKED },
    { 429, OPENAI("'insufficient_quota'", "'insufficient_quota'"), TAMAR_BILLING, "insufficient_quota", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'rate_limit_exceeded'", "'requests'"), TAMAR_RATE, "rate_limit_exceeded", SAYS, true, 12000, "", "retry-after: 12\n", "openai", 0 },
    { 400, "{'code':'invalid-argument','error':'What it says.'}", TAMAR_BAD_REQUEST, "invalid-argument", SAYS, false, NEVER, "", NULL, "xai", 0 },
    { 200, "{'id':'r','status':'failed','error':{'code':'server_error','message':'What it says.'},'output':[]}", TAMAR_SERVER, "server_error", SAYS, true, NEVER, "", NULL, "openai", 0 },
    { 200, "{'id':'r','status':'failed','error':{'code':'rate_limit_exceeded','message':'What it says.'},'output':[]}", TAMAR_RATE, "rate_limit_exceeded", SAYS, true, NEVER, "", NULL, "openai", 0 },
#define FAILED(code) D("{'type':'response.failed','sequence_number':2,'response':{'id':'r','status':'failed','error':{'code':'" code "','message':'What it says.'},'output':[]}}")
    { 200, FAILED("invalid_prompt"), TAMAR_BAD_REQUEST, "invalid_prompt", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("data_residency_mismatch"), TAMAR_PERMISSION, "data_residency_mismatch", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("bio_policy"), TAMAR_CONTENT_FILTER, "bio_policy", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("misalignment_policy_violation"), TAMAR_CONTENT_FILTER, "misalignment_policy_violation", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("vector_store_timeout"), TAMAR_SERVER, "vector_store_timeout", SAYS, true, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("invalid_image"), TAMAR_BAD_REQUEST, "invalid_image", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("invalid_image_format"), TAMAR_BAD_REQUEST, "invalid_image_format", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("invalid_base64_image"), TAMAR_BAD_REQUEST, "invalid_base64_image", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("invalid_image_url"), TAMAR_BAD_REQUEST, "invalid_image_url", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("image_too_large"), TAMAR_BAD_REQUEST, "image_too_large", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("image_too_small"), TAMAR_BAD_REQUEST, "image_too_small", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("image_parse_error"), TAMAR_BAD_REQUEST, "image_parse_error", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("image_content_policy_violation"), TAMAR_CONTENT_FILTER, "image_content_policy_violation", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("invalid_image_mode"), TAMAR_BAD_REQUEST, "invalid_image_mode", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("image_file_too_large"), TAMAR_BAD_REQUEST, "image_file_too_large", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("unsupported_image_media_type"), TAMAR_BAD_REQUEST, "unsupported_image_media_type", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("empty_image_file"), TAMAR_BAD_REQUEST, "empty_image_file", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("failed_to_download_image"), TAMAR_BAD_REQUEST, "failed_to_download_image", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, FAILED("image_file_not_found"), TAMAR_BAD_REQUEST, "image_file_not_found", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, "event: error\n" D("{'type':'error','code':'rate_limit_exceeded','message':'What it says.','param':null,'sequence_number':3}"), TAMAR_RATE, "rate_limit_exceeded", SAYS, true, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 200, "event: error\n" D("{'type':'error','sequence_number':3,'error':{'type':'insufficient_quota','code':'insufficient_quota','message':'What it says.','param':null}}"), TAMAR_BILLING, "insufficient_quota", SAYS, false, NEVER, "", NULL, "openai", STREAM_ASKED },
    { 503, OPENAI("'server_is_overloaded'", "'service_unavailable_error'"), TAMAR_OVERLOADED, "server_is_overloaded", SAYS, true, NEVER, "", NULL, "openai", STREAM_ASKED },
};

#define CLAUDE(type, more) "{'type':'error','error':{'type':'" type "','message':'What it says.'" more "},'request_id':'req_2'}"

static const refusal claude[] = {
    { 400, CLAUDE("invalid_request_error", ""), TAMAR_BAD_REQUEST, "", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 400, CLAUDE("invalid_request_error", ",'details':{'error_code':'organization_on_hold'}"), TAMAR_PERMISSION, "organization_on_hold", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 400, CLAUDE("invalid_request_error", ",'details':{'error_code':'request_body_encoding_invalid'}"), TAMAR_BAD_REQUEST, "request_body_encoding_invalid", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 400, "{'type':'error','error':{'type':'invalid_request_error','message':'prompt is too long: 9 tokens > 8 maximum'}}", TAMAR_CONTEXT, "", "prompt is too long", false, NEVER, "req_1", "request-id: req_1\n", NULL, 0 },
    { 401, CLAUDE("authentication_error", ""), TAMAR_AUTH, "", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 402, CLAUDE("billing_error", ""), TAMAR_BILLING, "", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 403, CLAUDE("permission_error", ""), TAMAR_PERMISSION, "", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 404, CLAUDE("not_found_error", ""), TAMAR_MODEL_NOT_FOUND, "", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 409, CLAUDE("conflict_error", ""), TAMAR_SERVER, "", SAYS, true, NEVER, "req_2", NULL, NULL, 0 },
    { 413, CLAUDE("request_too_large", ""), TAMAR_TOO_LARGE, "", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 429, CLAUDE("rate_limit_error", ""), TAMAR_RATE, "", SAYS, true, 31000, "req_2", "retry-after: 31\n", NULL, 0 },
    { 429, CLAUDE("rate_limit_error", ",'details':{'error_code':'ramp_limit_exceeded'}"), TAMAR_RATE, "ramp_limit_exceeded", SAYS, true, NEVER, "req_2", NULL, NULL, 0 },
    { 429, CLAUDE("rate_limit_error", ",'details':{'error_code':'enforced_spend_limit_reached'}"), TAMAR_BILLING, "enforced_spend_limit_reached", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 429, CLAUDE("rate_limit_error", ",'details':{'error_code':'contract_spend_limit_reached'}"), TAMAR_BILLING, "contract_spend_limit_reached", SAYS, false, NEVER, "req_2", NULL, NULL, 0 },
    { 500, CLAUDE("api_error", ""), TAMAR_SERVER, "", SAYS, true, NEVER, "req_2", NULL, NULL, 0 },
    { 504, CLAUDE("timeout_error", ""), TAMAR_SERVER, "", SAYS, true, NEVER, "req_2", NULL, NULL, 0 },
    { 529, CLAUDE("overloaded_error", ""), TAMAR_OVERLOADED, "", SAYS, true, NEVER, "req_2", NULL, NULL, STREAM_ASKED },
    { 529, CLAUDE("overloaded_error", ""), TAMAR_OVERLOADED, "", SAYS, false, NEVER, "req_2", "x-should-retry: false\n", NULL, 0 },
    { 502, "<html>Bad gateway</html>", TAMAR_SERVER, "", "", true, NEVER, "req_1", "request-id: req_1\n", NULL, 0 },
    { 200, "event: error\n" D(CLAUDE("overloaded_error", "")), TAMAR_OVERLOADED, "", SAYS, true, NEVER, "req_2", NULL, NULL, STREAM_ASKED },
    { 200, CLAUDE("rate_limit_error", ""), TAMAR_RATE, "", SAYS, true, NEVER, "req_2", NULL, NULL, 0 },
};

#define GOOGLE(code, status, more) "{'error':{'code':" code ",'message':'What it says.','status':'" status "'" more "}}"
#define DETAIL(type, rest) "{'@type':'type.googleapis.com/google.rpc." type "'," rest "}"

static const refusal gemini[] = {
    { 400, GOOGLE("400", "INVALID_ARGUMENT", ""), TAMAR_BAD_REQUEST, "400", SAYS, false, NEVER, "", NULL, NULL, 0, "INVALID_ARGUMENT" },
    { 400, GOOGLE("400", "INVALID_ARGUMENT", ",'details':[" DETAIL("ErrorInfo", "'reason':'API_KEY_INVALID','domain':'googleapis.com'") "]"), TAMAR_AUTH, "400", SAYS, false, NEVER, "", NULL, NULL, 0, "INVALID_ARGUMENT" },
    { 400, GOOGLE("400", "FAILED_PRECONDITION", ""), TAMAR_BAD_REQUEST, "400", SAYS, false, NEVER, "", NULL, NULL, 0, "FAILED_PRECONDITION" },
    { 400, "{'error':{'code':400,'message':'The input token count (9) exceeds the maximum number of tokens allowed (8).','status':'INVALID_ARGUMENT'}}", TAMAR_CONTEXT, "400", "exceeds the maximum", false, NEVER, "", NULL, NULL, 0, "INVALID_ARGUMENT" },
    { 400, GOOGLE("400", "OUT_OF_RANGE", ""), TAMAR_BAD_REQUEST, "400", SAYS, false, NEVER, "", NULL, NULL, 0, "OUT_OF_RANGE" },
    { 401, GOOGLE("401", "UNAUTHENTICATED", ""), TAMAR_AUTH, "401", SAYS, false, NEVER, "", NULL, NULL, 0, "UNAUTHENTICATED" },
    { 403, GOOGLE("403", "PERMISSION_DENIED", ",'details':[" DETAIL("ErrorInfo", "'reason':'SERVICE_DISABLED'") "]"), TAMAR_PERMISSION, "403", SAYS, false, NEVER, "", NULL, NULL, 0, "PERMISSION_DENIED" },
    { 403, GOOGLE("403", "PERMISSION_DENIED", ",'details':[" DETAIL("ErrorInfo", "'reason':'API_KEY_HTTP_REFERRER_BLOCKED'") "]"), TAMAR_PERMISSION, "403", SAYS, false, NEVER, "", NULL, NULL, 0, "PERMISSION_DENIED" },
    { 404, GOOGLE("404", "NOT_FOUND", ""), TAMAR_MODEL_NOT_FOUND, "404", SAYS, false, NEVER, "", NULL, NULL, 0, "NOT_FOUND" },
    { 409, GOOGLE("409", "ABORTED", ""), TAMAR_SERVER, "409", SAYS, true, NEVER, "", NULL, NULL, 0, "ABORTED" },
    { 429, GOOGLE("429", "RESOURCE_EXHAUSTED", ",'details':[" DETAIL("RetryInfo", "'retryDelay':'45.5s'") "]"), TAMAR_RATE, "429", SAYS, true, 45500, "", NULL, NULL, 0, "RESOURCE_EXHAUSTED" },
    { 429, "[" GOOGLE("429", "RESOURCE_EXHAUSTED", ",'details':[" DETAIL("RetryInfo", "'retryDelay':'36s'") "]") "]", TAMAR_RATE, "429", SAYS, true, 36000, "", NULL, NULL, STREAM_ASKED, "RESOURCE_EXHAUSTED" },
    { 429, GOOGLE("429", "RESOURCE_EXHAUSTED", ",'details':[" DETAIL("QuotaFailure", "'violations':[{'quotaId':'GenerateRequestsPerDayPerProjectPerModel-FreeTier','quotaValue':'50'}]") "]"), TAMAR_QUOTA, "429", SAYS, false, NEVER, "", NULL, NULL, 0, "RESOURCE_EXHAUSTED" },
    { 429, GOOGLE("429", "RESOURCE_EXHAUSTED", ",'details':[" DETAIL("QuotaFailure", "'violations':[{'quotaId':'GenerateRequestsPerMinutePerProjectPerModel','quotaValue':'0'}]") "]"), TAMAR_QUOTA, "429", SAYS, false, NEVER, "", NULL, NULL, 0, "RESOURCE_EXHAUSTED" },
    { 499, GOOGLE("499", "CANCELLED", ""), TAMAR_BAD_REQUEST, "499", SAYS, false, NEVER, "", NULL, NULL, 0, "CANCELLED" },
    { 500, GOOGLE("500", "INTERNAL", ""), TAMAR_SERVER, "500", SAYS, true, NEVER, "", NULL, NULL, 0, "INTERNAL" },
    { 501, GOOGLE("501", "UNIMPLEMENTED", ""), TAMAR_SERVER, "501", SAYS, false, NEVER, "", NULL, NULL, 0, "UNIMPLEMENTED" },
    { 503, GOOGLE("503", "UNAVAILABLE", ""), TAMAR_OVERLOADED, "503", SAYS, true, NEVER, "", NULL, NULL, 0, "UNAVAILABLE" },
    { 504, GOOGLE("504", "DEADLINE_EXCEEDED", ""), TAMAR_SERVER, "504", SAYS, true, NEVER, "", NULL, NULL, 0, "DEADLINE_EXCEEDED" },
    { 502, "<html>Error</html>", TAMAR_SERVER, "", "", true, NEVER, "", NULL, NULL, 0 },
    { 200, D(GOOGLE("503", "UNAVAILABLE", "")), TAMAR_OVERLOADED, "503", SAYS, true, NEVER, "", NULL, NULL, STREAM_ASKED, "UNAVAILABLE" },
    { 200, GOOGLE("429", "RESOURCE_EXHAUSTED", ""), TAMAR_RATE, "429", SAYS, true, NEVER, "", NULL, NULL, 0, "RESOURCE_EXHAUSTED" },
};

static const refusal ollama[] = {
    { 400, "{'error':'invalid think value'}", TAMAR_BAD_REQUEST, "", "invalid think value", false, NEVER, "", NULL, NULL, 0 },
    { 401, "{'error':'unauthorized'}", TAMAR_AUTH, "", "unauthorized", false, NEVER, "", NULL, NULL, 0 },
    { 404, "{'error':'model \\'x\\' not found'}", TAMAR_MODEL_NOT_FOUND, "", "not found", false, NEVER, "", NULL, NULL, STREAM_ASKED },
    { 429, "{'error':'too many requests'}", TAMAR_RATE, "", "too many requests", true, 3000, "", "Retry-After: 3\n", NULL, 0 },
    { 500, "{'error':'llama runner process has terminated'}", TAMAR_SERVER, "", "terminated", true, NEVER, "", NULL, NULL, 0 },
    { 503, "{'error':'server busy'}", TAMAR_OVERLOADED, "", "busy", true, NEVER, "", NULL, NULL, STREAM_ASKED },
    { 200, "{'error':'an error was encountered while running the model'}\n", TAMAR_SERVER, "", "encountered", true, NEVER, "", NULL, NULL, STREAM_ASKED },
    { 200, "{'error':'boom'}", TAMAR_SERVER, "", "boom", true, NEVER, "", NULL, NULL, 0 },
};

static const refusal invoke[] = {
    { 401, "{'detail':'What it says.'}", TAMAR_AUTH, "", SAYS, false, NEVER, "", NULL, NULL, 0 },
    { 403, "{'message':'What it says.'}", TAMAR_PERMISSION, "", SAYS, false, NEVER, "", NULL, NULL, 0 },
    { 422, "{'detail':[{'loc':['body','model'],'msg':'field required','type':'missing'}]}", TAMAR_BAD_REQUEST, "", "field required", false, NEVER, "", NULL, NULL, 0 },
    { 429, "{'error':'What it says.'}", TAMAR_RATE, "", SAYS, true, 5000, "", "Retry-After: 5\n", NULL, 0 },
    { 500, "What it says.", TAMAR_SERVER, "", SAYS, true, NEVER, "", NULL, NULL, 0 },
    { 200, "{'content':null,'usage':null,'raw_response':null,'error':'What it says.','custom_id':null,'request_id':'g-1'}", TAMAR_SERVER, "", SAYS, true, NEVER, "g-1", NULL, NULL, 0 },
    { 200, "{'content':null,'error':{'code':'insufficient_quota','message':'What it says.'},'request_id':'g-1'}", TAMAR_BILLING, "insufficient_quota", SAYS, false, NEVER, "g-1", NULL, NULL, 0 },
    { 200, D("{'content':null,'error':'What it says.','request_id':'g-1'}"), TAMAR_SERVER, "", SAYS, true, NEVER, "g-1", NULL, NULL, STREAM_ASKED },
};

static const refusal scope[] = {
    { 400, "{'code':'InvalidParameter','message':'What it says.','request_id':'r-1'}", TAMAR_BAD_REQUEST, "InvalidParameter", SAYS, false, NEVER, "r-1", NULL, NULL, 0 },
    { 400, "{'code':'DataInspectionFailed','message':'What it says.','request_id':'r-1'}", TAMAR_CONTENT_FILTER, "DataInspectionFailed", SAYS, false, NEVER, "r-1", NULL, NULL, 0 },
    { 400, "{'code':'Arrearage','message':'What it says.','request_id':'r-1'}", TAMAR_BILLING, "Arrearage", SAYS, false, NEVER, "r-1", NULL, NULL, 0 },
    { 401, "{'code':'InvalidApiKey','message':'What it says.','request_id':'r-1'}", TAMAR_AUTH, "InvalidApiKey", SAYS, false, NEVER, "r-1", NULL, NULL, 0 },
    { 403, "{'code':'AccessDenied.Unpurchased','message':'What it says.','request_id':'r-1'}", TAMAR_PERMISSION, "AccessDenied.Unpurchased", SAYS, false, NEVER, "r-1", NULL, NULL, 0 },
    { 404, "{'code':'ModelNotFound','message':'What it says.','request_id':'r-1'}", TAMAR_MODEL_NOT_FOUND, "ModelNotFound", SAYS, false, NEVER, "r-1", NULL, NULL, 0 },
    { 429, "{'code':'Throttling','message':'What it says.','request_id':'r-1'}", TAMAR_RATE, "Throttling", SAYS, true, NEVER, "r-1", NULL, NULL, 0 },
    { 429, "{'code':'Throttling.AllocationQuota','message':'What it says.','request_id':'r-1'}", TAMAR_RATE, "Throttling.AllocationQuota", SAYS, true, NEVER, "r-1", NULL, NULL, 0 },
    { 500, "{'code':'InternalError.Algo','message':'What it says.','request_id':'r-1'}", TAMAR_SERVER, "InternalError.Algo", SAYS, true, NEVER, "r-1", NULL, NULL, 0 },
    { 503, "{'code':'ModelUnavailable','message':'What it says.','request_id':'r-1'}", TAMAR_OVERLOADED, "ModelUnavailable", SAYS, true, NEVER, "r-1", NULL, NULL, 0 },
    { 200, "id:1\nevent:error\n:HTTP_STATUS/400\ndata:{'code':'InvalidParameter','message':'What it says.','request_id':'r-1'}\n\n", TAMAR_BAD_REQUEST, "InvalidParameter", SAYS, false, NEVER, "r-1", NULL, NULL, STREAM_ASKED },
};

#define CLOUD(code) "{'Response':{'Error':{'Code':'" code "','Message':'What it says.'},'RequestId':'t-1'}}"

static const refusal hunyuan[] = {
    { 200, CLOUD("AuthFailure.SignatureFailure"), TAMAR_AUTH, "AuthFailure.SignatureFailure", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("LimitExceeded"), TAMAR_RATE, "LimitExceeded", SAYS, true, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("RequestLimitExceeded"), TAMAR_RATE, "RequestLimitExceeded", SAYS, true, NEVER, "t-1", NULL, NULL, STREAM_ASKED },
    { 200, CLOUD("FailedOperation.EngineServerLimitExceeded"), TAMAR_RATE, "FailedOperation.EngineServerLimitExceeded", SAYS, true, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("FailedOperation.ResourcePackExhausted"), TAMAR_BILLING, "FailedOperation.ResourcePackExhausted", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("FailedOperation.FreeResourcePackExhausted"), TAMAR_BILLING, "FailedOperation.FreeResourcePackExhausted", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("FailedOperation.ServiceStopArrears"), TAMAR_BILLING, "FailedOperation.ServiceStopArrears", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("FailedOperation.ServiceStop"), TAMAR_PERMISSION, "FailedOperation.ServiceStop", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("FailedOperation.ServiceNotActivated"), TAMAR_PERMISSION, "FailedOperation.ServiceNotActivated", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("UnsupportedOperation.NonWhitelistAccount"), TAMAR_PERMISSION, "UnsupportedOperation.NonWhitelistAccount", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("FailedOperation.EngineServerError"), TAMAR_SERVER, "FailedOperation.EngineServerError", SAYS, true, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("FailedOperation.EngineRequestTimeout"), TAMAR_SERVER, "FailedOperation.EngineRequestTimeout", SAYS, true, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("InternalError"), TAMAR_SERVER, "InternalError", SAYS, true, NEVER, "t-1", NULL, NULL, 0 },
    { 200, CLOUD("InvalidParameterValue.Model"), TAMAR_BAD_REQUEST, "InvalidParameterValue.Model", SAYS, false, NEVER, "t-1", NULL, NULL, 0 },
    { 200, D("{'ErrorMsg':{'Code':4001,'Msg':'What it says.'},'Id':'i-1'}"), TAMAR_SERVER, "4001", SAYS, true, NEVER, "t-2", "X-TC-RequestId: t-2\n", NULL, STREAM_ASKED },
};

static const refusal qianfan[] = {
    { 200, "{'error_code':17,'error_msg':'What it says.'}", TAMAR_QUOTA, "17", SAYS, false, NEVER, "", NULL, NULL, 0 },
    { 200, "{'error_code':18,'error_msg':'What it says.'}", TAMAR_RATE, "18", SAYS, true, NEVER, "", NULL, NULL, 0 },
    { 200, "{'error_code':110,'error_msg':'What it says.'}", TAMAR_AUTH, "110", SAYS, false, NEVER, "", NULL, NULL, 0 },
    { 200, "{'error_code':336501,'error_msg':'What it says.'}", TAMAR_RATE, "336501", SAYS, true, NEVER, "", NULL, NULL, STREAM_ASKED },
};

static const refusal embeddings[] = {
    { 429, OPENAI("'insufficient_quota'", "'insufficient_quota'"), TAMAR_BILLING, "insufficient_quota", SAYS, false, NEVER, "req_1", "x-request-id: req_1\n", "openai", 0 },
    { 200, OPENAI("'rate_limit_exceeded'", "'requests'"), TAMAR_RATE, "rate_limit_exceeded", SAYS, true, NEVER, "", NULL, "openai", 0 },
    { 503, "", TAMAR_OVERLOADED, "", "", true, NEVER, "", NULL, "openai", 0 },
};

static const refusal images[] = {
    { 400, OPENAI("'moderation_blocked'", "'image_generation_user_error'"), TAMAR_CONTENT_FILTER, "moderation_blocked", SAYS, false, NEVER, "", NULL, "openai", 0 },
    { 429, OPENAI("'rate_limit_exceeded'", "'input-images'"), TAMAR_RATE, "rate_limit_exceeded", SAYS, true, 12000, "", "retry-after: 12\n", "openai", 0 },
};

int main(int argc, char **argv)
{
    tamar_dialect baidu = tamar_qianfan_native();
    const tamar_dialect *all[1];
    all[0] = &baidu;
    own_dialects = all, own_dialect_count = 1;
    only = argc > 1 ? argv[1] : NULL;
    CASE("openai-chat") ROWS("openai-chat", chat);
    CASE("openai-responses") ROWS("openai-responses", responses);
    CASE("anthropic-messages") ROWS("anthropic-messages", claude);
    CASE("gemini-generate") ROWS("gemini-generate", gemini);
    CASE("ollama-chat") ROWS("ollama-chat", ollama);
    CASE("tamar-invoke") ROWS("tamar-invoke", invoke);
    CASE("dashscope-native") ROWS("dashscope-native", scope);
    CASE("hunyuan-native") ROWS("hunyuan-native", hunyuan);
    CASE("qianfan-native") ROWS("qianfan-native", qianfan);
    CASE("other-calls")
    {
        ROWS("openai-embeddings", embeddings);
        ROWS("openai-images", images);
        ROWS("openai-models", embeddings);
        ROWS("openai-count-tokens", embeddings);
        ROWS("anthropic-count-tokens", claude);
        ROWS("anthropic-models", claude);
        ROWS("gemini-embeddings", gemini);
        ROWS("gemini-models", gemini);
        ROWS("gemini-count-tokens", gemini);
        ROWS("gemini-images", gemini);
        ROWS("ollama-embeddings", ollama);
        ROWS("ollama-models", ollama);
        ROWS("dashscope-embeddings", scope);
        ROWS("dashscope-images", scope);
        ROWS("tamar-images", invoke);
    }
    printf("    %lu documented refusals, each whole and byte by byte\n", (unsigned long)judged);
    return cases_done();
}
