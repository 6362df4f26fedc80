// The pure decisions: what an error is (every status with every word, with and without a hint), when to come back (every
// shape of Retry-After), how long to wait, whether trying again helps, and the names of it all.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"

static tamar_str str(const char *z) { return tamar_text(z); }

static tamar_category classify(int status, const char *code, const char *type, const char *message, int64_t hint)
{
    return tamar__policy_classify(status, str(code), str(type), str(message), hint);
}

static void is(const char *file, int line, int status, const char *code, const char *type, const char *message, int64_t hint, tamar_category want)
{
    tamar_category got = classify(status, code, type, message, hint);
    if (got == want) return;
    test_fail(file, line, "another category");
    fprintf(stderr, "        %d code '%s' type '%s' message '%s' hint %ld: %s, want %s\n", status, code, type, message, (long)hint,
            tamar_category_name(got), tamar_category_name(want));
}

#define IS(want, status, code, type) is(__FILE__, __LINE__, status, code, type, "", -1, TAMAR_##want)

// -- the vendors' documented errors ----------------------------------------------------------------

static void documented(void)
{
    TEST("statuses without a word")
    {
        static const struct { int status; tamar_category want; bool again; } table[] = {
            { 400, TAMAR_BAD_REQUEST, false }, { 401, TAMAR_AUTH, false }, { 402, TAMAR_BILLING, false }, { 403, TAMAR_PERMISSION, false },
            { 404, TAMAR_MODEL_NOT_FOUND, false }, { 405, TAMAR_CONFIG, false }, { 406, TAMAR_BAD_REQUEST, false }, { 407, TAMAR_PROXY, false },
            { 408, TAMAR_SERVER, true }, { 409, TAMAR_SERVER, true }, { 410, TAMAR_BAD_REQUEST, false }, { 413, TAMAR_TOO_LARGE, false },
            { 415, TAMAR_BAD_REQUEST, false }, { 422, TAMAR_BAD_REQUEST, false }, { 425, TAMAR_SERVER, true }, { 429, TAMAR_RATE, true },
            { 451, TAMAR_BAD_REQUEST, false }, { 498, TAMAR_OVERLOADED, true }, { 499, TAMAR_BAD_REQUEST, false }, { 500, TAMAR_SERVER, true },
            { 501, TAMAR_SERVER, false }, { 502, TAMAR_SERVER, true }, { 503, TAMAR_OVERLOADED, true }, { 504, TAMAR_SERVER, true },
            { 505, TAMAR_SERVER, false }, { 520, TAMAR_SERVER, true }, { 524, TAMAR_SERVER, true }, { 529, TAMAR_OVERLOADED, true },
            { 599, TAMAR_SERVER, true }, { 300, TAMAR_REDIRECT, false }, { 301, TAMAR_REDIRECT, false }, { 308, TAMAR_REDIRECT, false },
            { 0, TAMAR_SERVER, true },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            tamar_category c = classify(table[i].status, "", "", "", -1);
            CHECKF(c == table[i].want, "%d: %s", table[i].status, tamar_category_name(c));
            CHECKF(tamar__policy_retryable(c, table[i].status) == table[i].again, "%d", table[i].status);
        }
    }
    TEST("openai")
    {
        IS(BAD_REQUEST, 400, "unsupported_parameter", "invalid_request_error");
        IS(BAD_REQUEST, 400, "", "invalid_request_error");
        IS(SERVER, 409, "", "invalid_request_error");
        IS(SERVER, 425, "", "INVALID_ARGUMENT");
        IS(SERVER, 408, "", "invalid_request_error");
        is(__FILE__, __LINE__, 429, "rate_limit_exceeded", "tokens", "Request too large for gpt-x in organization o on tokens per min (TPM): Limit 30000, Requested 40000.", -1, TAMAR_TOO_LARGE);
        is(__FILE__, __LINE__, 429, "rate_limit_exceeded", "tokens", "Rate limit reached for gpt-x: Request too large? No.", -1, TAMAR_RATE);
        is(__FILE__, __LINE__, 400, "", "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", -1, TAMAR_BILLING);
        is(__FILE__, __LINE__, 403, "PERMISSION_DENIED", "", "Your API key was Reported as leaked. Please use another API key.", -1, TAMAR_AUTH);
        is(__FILE__, __LINE__, 403, "PERMISSION_DENIED", "", "This key may not use the model.", -1, TAMAR_PERMISSION);
        is(__FILE__, __LINE__, 400, "INVALID_ARGUMENT", "", "The document was reported as leaked.", -1, TAMAR_BAD_REQUEST);
        IS(CONTEXT, 400, "context_length_exceeded", "invalid_request_error");
        IS(BAD_REQUEST, 400, "string_above_max_length", "invalid_request_error");
        IS(CONTENT_FILTER, 400, "content_policy_violation", "invalid_request_error");
        IS(CONTENT_FILTER, 400, "moderation_blocked", "image_generation_user_error");
        IS(AUTH, 401, "invalid_api_key", "invalid_request_error");
        IS(AUTH, 401, "", "invalid_request_error");
        IS(PERMISSION, 403, "unsupported_country_region_territory", "request_forbidden");
        IS(PERMISSION, 403, "", "");
        IS(MODEL_NOT_FOUND, 404, "model_not_found", "invalid_request_error");
        IS(RATE, 429, "rate_limit_exceeded", "requests");
        IS(RATE, 429, "rate_limit_exceeded", "tokens");
        IS(RATE, 429, "slow_down", "");
        IS(BILLING, 429, "insufficient_quota", "insufficient_quota");
        IS(BILLING, 429, "", "insufficient_quota");
        IS(BILLING, 429, "credit_balance_exhausted", "insufficient_quota");
        IS(BILLING, 429, "organization_spend_limit_exceeded", "insufficient_quota");
        IS(BILLING, 429, "project_spend_limit_exceeded", "insufficient_quota");
        IS(BILLING, 429, "organization_usage_limit_exceeded", "insufficient_quota");
        IS(SERVER, 500, "", "server_error");
        IS(OVERLOADED, 503, "server_is_overloaded", "service_unavailable_error");
    }
    TEST("azure, deepseek, groq, local servers")
    {
        IS(CONTENT_FILTER, 400, "content_filter", "");
        IS(MODEL_NOT_FOUND, 404, "DeploymentNotFound", "");
        IS(AUTH, 401, "401", "");
        IS(BILLING, 402, "invalid_request_error", "unknown_error");
        IS(BAD_REQUEST, 422, "invalid_request_error", "invalid_request_error");
        IS(OVERLOADED, 498, "capacity_exceeded", "");
        IS(RATE, 413, "rate_limit_exceeded", "tokens");
        IS(MODEL_OUTPUT, 400, "tool_use_failed", "invalid_request_error");
        IS(OVERLOADED, 503, "503", "unavailable_error");
        IS(CONTEXT, 400, "400", "exceed_context_size_error");
        IS(AUTH, 401, "401", "authentication_error");
        IS(SERVER, 501, "501", "not_supported_error");
        IS(BAD_REQUEST, 400, "400", "BadRequestError");
        IS(MODEL_NOT_FOUND, 404, "", "not_found_error");
        IS(OVERLOADED, 529, "", "overloaded_error");
        IS(PERMISSION, 403, "", "permission_error");
        IS(TOO_LARGE, 413, "", "request_too_large");
    }
    TEST("without a status")  // in a stream that began well
    {
        IS(SERVER, 0, "", "");
        IS(SERVER, 0, "server_error", "server_error");
        IS(RATE, 0, "rate_limit_exceeded", "");
        IS(BILLING, 0, "insufficient_quota", "insufficient_quota");
        IS(AUTH, 0, "", "authentication_error");
        IS(BAD_REQUEST, 0, "", "invalid_request_error");
        IS(CONTEXT, 0, "context_length_exceeded", "");
        IS(OVERLOADED, 0, "", "overloaded_error");
        IS(OVERLOADED, 0, "insufficient_system_resource", "");
        IS(SERVER, 0, "timeout", "");
    }
}

// -- every status with every word ------------------------------------------------------------------

// What must be true of the whole table, apart from single rows.
static void enumerated(void)
{
    static const char *const words[] = {
        "", "insufficient_quota", "credit_balance_exhausted", "x_spend_limit_exceeded", "usage_limit_exceeded", "insufficient_balance", "billing_not_active",
        "insufficient_system_resource", "context_length_exceeded", "exceed_context_size_error", "rate_limit_exceeded", "too_many_requests", "slow_down",
        "overloaded_error", "capacity_exceeded", "unavailable_error", "invalid_api_key", "authentication_error", "unauthorized", "permission_denied",
        "unsupported_country_region_territory", "model_not_found", "DeploymentNotFound", "not_found_error", "content_filter", "content_policy_violation",
        "moderation_blocked", "tool_use_failed", "request_too_large", "invalid_request_error", "bad_request", "BadRequestError", "timeout", "server_error",
        "internal_error", "something_new",
    };
    static const int statuses[] = { 0, 300, 307, 400, 401, 402, 403, 404, 405, 407, 408, 409, 413, 422, 425, 429, 498, 500, 501, 502, 503, 504, 520, 529 };
    static const int64_t hints[] = { -1, 0, 119999, 120000, 120001, 86400000 };
    tamar_category by[sizeof words / sizeof *words];
    size_t s, c, t, h, n = 0;
    for (c = 0; c < sizeof words / sizeof *words; c++) by[c] = tamar__policy_by_word(str(words[c]));
    TEST("every status, code, type and hint")
    {
        for (s = 0; s < sizeof statuses / sizeof *statuses; s++)
            for (c = 0; c < sizeof words / sizeof *words; c++)
                for (t = 0; t < sizeof words / sizeof *words; t++)
                    for (h = 0; h < sizeof hints / sizeof *hints; h++) {
                        int status = statuses[s];
                        tamar_category got = classify(status, words[c], words[t], "prose", hints[h]);
                        bool again = tamar__policy_retryable(got, status), soon = hints[h] >= 0 && hints[h] <= 120000;
                        n++;
#define THAT(x) CHECKF(x, "%d '%s' '%s' %ld: %s", status, words[c], words[t], (long)hints[h], tamar_category_name(got))
                        THAT(got > TAMAR_OK && got <= TAMAR_RETRY_BUDGET);
                        if (!h) THAT(got == classify(status, words[c], words[t], "prose", hints[h]));
                        if (by[c] == TAMAR_BILLING && !soon) THAT(got == TAMAR_BILLING && !again);  // never retried
                        if (by[c] == TAMAR_BILLING && soon && status == 429) THAT(got == TAMAR_RATE && again);
                        if (status == 429) THAT(got == TAMAR_RATE || got == TAMAR_BILLING || got == TAMAR_OVERLOADED);
                        if (status == 402) THAT(!again || got == TAMAR_OVERLOADED || got == TAMAR_RATE);
                        if (status == 501) THAT(got != TAMAR_SERVER || !again);
                        if (by[c] == TAMAR_AUTH && status != 429) THAT(got == TAMAR_AUTH && !again);
                        if (by[c] == TAMAR_CONTEXT && status != 429) THAT(got == TAMAR_CONTEXT && !again);
                        if (by[c] == TAMAR_CONTENT_FILTER && status != 429) THAT(got == TAMAR_CONTENT_FILTER && !again);
                        if (status == 400 && by[c] == TAMAR_OK && by[t] == TAMAR_OK)
                            THAT(got == TAMAR_BAD_REQUEST && !again);
                        if (status >= 500 && (by[c] == TAMAR_OK || by[c] == TAMAR_SERVER) && by[t] == TAMAR_OK)
                            THAT((got == TAMAR_SERVER || got == TAMAR_OVERLOADED) && again == (status != 501));
                    }
        CHECK(n == sizeof statuses / sizeof *statuses * (sizeof words / sizeof *words) * (sizeof words / sizeof *words) * (sizeof hints / sizeof *hints));
    }
}

// What beats what.
static void precedence(void)
{
    size_t s;
    TEST("every status from 0 to 999")
    {
        for (s = 0; s < 1000; s++) {
            tamar_category got = classify((int)s, "", "", "", -1);
            CHECKF(got > TAMAR_OK && got <= TAMAR_RETRY_BUDGET, "%lu", (unsigned long)s);
            if (s >= 400) CHECKF(got != TAMAR_REDIRECT, "%lu", (unsigned long)s);
            if (s >= 500) CHECKF(got == TAMAR_SERVER || got == TAMAR_OVERLOADED, "%lu", (unsigned long)s);
        }
    }
    TEST("words in any case, and inside longer ones")
    {
        IS(RATE, 400, "RATE_LIMIT_EXCEEDED", "");
        IS(AUTH, 400, "com.example.Invalid_API_Key.v2", "");
        IS(BAD_REQUEST, 400, "rate_limi", "");
    }
    TEST("the code beats the type")
    {
        IS(RATE, 429, "rate_limit_exceeded", "insufficient_quota");
        IS(BILLING, 429, "insufficient_quota", "rate_limit_error");
        IS(CONTEXT, 400, "context_length_exceeded", "rate_limit_error");
        IS(OVERLOADED, 400, "invalid_request_error", "overloaded_error");  // but not a generic one
    }
    TEST("a quota that is over soon is a rate")
    {
        is(__FILE__, __LINE__, 429, "insufficient_quota", "", "", 60000, TAMAR_RATE);
        is(__FILE__, __LINE__, 429, "insufficient_quota", "", "", 120000, TAMAR_RATE);
        is(__FILE__, __LINE__, 429, "insufficient_quota", "", "", 120001, TAMAR_BILLING);
        is(__FILE__, __LINE__, 429, "insufficient_quota", "", "", -1, TAMAR_BILLING);
        is(__FILE__, __LINE__, 402, "", "", "", 5, TAMAR_BILLING);  // no money is no money
    }
    TEST("prose only refines to the context")
    {
        static const char *const too_long[] = {
            "This model's maximum context length is 8192 tokens", "prompt is too long: 9 tokens > 8", "the request exceeds the available context window",
            "Input is too long for requested model", "Too many tokens", "MAXIMUM CONTEXT reached",
        };
        size_t i;
        for (i = 0; i < sizeof too_long / sizeof *too_long; i++) {
            is(__FILE__, __LINE__, 400, "", "", too_long[i], -1, TAMAR_CONTEXT);
            is(__FILE__, __LINE__, 400, "", "invalid_request_error", too_long[i], -1, TAMAR_CONTEXT);
            is(__FILE__, __LINE__, 413, "", "", too_long[i], -1, TAMAR_CONTEXT);
            is(__FILE__, __LINE__, 429, "", "", too_long[i], -1, TAMAR_RATE);
            is(__FILE__, __LINE__, 401, "", "", too_long[i], -1, TAMAR_AUTH);
            is(__FILE__, __LINE__, 503, "", "", too_long[i], -1, TAMAR_OVERLOADED);
        }
        is(__FILE__, __LINE__, 400, "", "", "invalid_api_key insufficient_quota rate_limit overloaded", -1, TAMAR_BAD_REQUEST);
        is(__FILE__, __LINE__, 500, "", "", "insufficient_quota", -1, TAMAR_SERVER);
        is(__FILE__, __LINE__, 400, "", "", "YOUR CREDIT BALANCE IS TOO LOW", -1, TAMAR_BILLING);
    }
    TEST("each phrase for a prompt that is too long")
    {
        static const char *const phrases[] = { "Context Length", "Context Window", "Maximum Context",
            "Prompt Is Too Long", "Input Is Too Long", "Too Many Tokens",
            "Context_Length_Exceeded", "Exceeds The Maximum Number Of Tokens" };
        size_t i;
        for (i = 0; i < sizeof phrases / sizeof *phrases; i++) {
            is(__FILE__, __LINE__, 400, "", "", phrases[i], -1, TAMAR_CONTEXT);
            is(__FILE__, __LINE__, 0, "", "", phrases[i], -1, TAMAR_CONTEXT);
            is(__FILE__, __LINE__, 501, "", "", phrases[i], -1, TAMAR_CONTEXT);
            is(__FILE__, __LINE__, 502, "", "", phrases[i], -1, TAMAR_SERVER);
        }
    }
    TEST("a request that is called bad under a server's status")
    {
        IS(BAD_REQUEST, 500, "invalid_request_error", "");
        IS(BAD_REQUEST, 502, "invalid_request_error", "");
        IS(OVERLOADED, 503, "invalid_request_error", "");
    }
}

// -- each row of the tables ------------------------------------------------------------------------

static void rows(void)
{
    size_t i, k;
    TEST("each word, as vendors write it")
    {
        static const struct { const char *code; tamar_category want; } table[] = {
            { "insufficient_quota", TAMAR_BILLING }, { "Arrearage", TAMAR_BILLING },
            { "AccountOverdueError", TAMAR_BILLING }, { "exceeded_current_quota_error", TAMAR_BILLING },
            { "QuotaExceeded", TAMAR_QUOTA }, { "SetLimitExceeded", TAMAR_QUOTA },
            { "Throttling.AllocationQuota", TAMAR_RATE }, { "limit_requests", TAMAR_RATE },
            { "ModelAccountRpmRateLimitReached", TAMAR_RATE }, { "InflightBatchsizeReached", TAMAR_RATE },
            { "credit_balance_exhausted", TAMAR_BILLING }, { "organization_spend_limit_exceeded", TAMAR_BILLING },
            { "spend_limit_reached", TAMAR_BILLING }, { "organization_on_hold", TAMAR_PERMISSION },
            { "organization_usage_limit_exceeded", TAMAR_BILLING }, { "insufficient_balance", TAMAR_BILLING },
            { "insufficient_system_resource", TAMAR_OVERLOADED }, { "billing_not_active", TAMAR_BILLING },
            { "context_length_exceeded", TAMAR_CONTEXT }, { "exceed_context_size_error", TAMAR_CONTEXT },
            { "rate_limit_error", TAMAR_RATE }, { "too_many_requests", TAMAR_RATE }, { "slow_down", TAMAR_RATE },
            { "overloaded_error", TAMAR_OVERLOADED }, { "capacity_exceeded", TAMAR_OVERLOADED },
            { "UNAVAILABLE", TAMAR_OVERLOADED }, { "RESOURCE_EXHAUSTED", TAMAR_RATE },
            { "API_KEY_INVALID", TAMAR_AUTH }, { "UNAUTHENTICATED", TAMAR_AUTH },
            { "incorrect_api_key_error", TAMAR_AUTH }, { "API_KEY_SERVICE_BLOCKED", TAMAR_PERMISSION },
            { "SERVICE_DISABLED", TAMAR_PERMISSION }, { "INVALID_ARGUMENT", TAMAR_BAD_REQUEST },
            { "FAILED_PRECONDITION", TAMAR_BAD_REQUEST }, { "DEADLINE_EXCEEDED", TAMAR_SERVER },
            { "tokens_too_long", TAMAR_CONTEXT }, { "characters_too_long", TAMAR_CONTEXT },
            { "invalid_api_key", TAMAR_AUTH }, { "InvalidApiKey", TAMAR_AUTH },
            { "Model.AccessDenied", TAMAR_PERMISSION }, { "OperationDenied", TAMAR_PERMISSION },
            { "authentication_error", TAMAR_AUTH }, { "UnauthorizedOperation", TAMAR_AUTH },
            { "PERMISSION_DENIED", TAMAR_PERMISSION }, { "unsupported_country_region_territory", TAMAR_PERMISSION },
            { "model_not_found", TAMAR_MODEL_NOT_FOUND }, { "DeploymentNotFound", TAMAR_MODEL_NOT_FOUND },
            { "not_found_error", TAMAR_MODEL_NOT_FOUND }, { "invalid_model", TAMAR_MODEL_NOT_FOUND },
            { "ModelNotFound", TAMAR_MODEL_NOT_FOUND }, { "InvalidEndpointOrModel.NotFound", TAMAR_MODEL_NOT_FOUND },
            { "content_filter", TAMAR_CONTENT_FILTER }, { "InputTextSensitiveContentDetected", TAMAR_CONTENT_FILTER },
            { "data_inspection_failed", TAMAR_CONTENT_FILTER }, { "DataInspectionFailed", TAMAR_CONTENT_FILTER },
            { "system_unsafe", TAMAR_CONTENT_FILTER }, { "inspection_failed", TAMAR_CONTENT_FILTER },
            { "InspectionFailed", TAMAR_CONTENT_FILTER }, { "content_policy_violation", TAMAR_CONTENT_FILTER },
            { "moderation_blocked", TAMAR_CONTENT_FILTER }, { "bio_policy", TAMAR_CONTENT_FILTER },
            { "misalignment_policy", TAMAR_CONTENT_FILTER }, { "invalid_prompt", TAMAR_BAD_REQUEST },
            { "data_residency_mismatch", TAMAR_PERMISSION }, { "invalid_image_format", TAMAR_BAD_REQUEST },
            { "invalid_base64_image", TAMAR_BAD_REQUEST }, { "image_too_large", TAMAR_BAD_REQUEST },
            { "image_parse_error", TAMAR_BAD_REQUEST }, { "empty_image_file", TAMAR_BAD_REQUEST },
            { "unsupported_image_media_type", TAMAR_BAD_REQUEST }, { "failed_to_download_image", TAMAR_BAD_REQUEST },
            { "tool_use_failed", TAMAR_MODEL_OUTPUT }, { "request_too_large", TAMAR_TOO_LARGE },
            { "invalid_request_error", TAMAR_BAD_REQUEST }, { "InvalidParameter", TAMAR_BAD_REQUEST },
            { "bad_request", TAMAR_BAD_REQUEST }, { "BadRequest.TooLarge", TAMAR_BAD_REQUEST },
            { "FailedOperation.ServiceStopArrears", TAMAR_BILLING },
            { "FailedOperation.ResourcePackExhausted", TAMAR_BILLING }, { "DataInspection", TAMAR_CONTENT_FILTER },
            { "data_inspection", TAMAR_CONTENT_FILTER }, { "AuthFailure.SignatureFailure", TAMAR_AUTH },
            { "FailedOperation.ServiceStop", TAMAR_PERMISSION },
            { "FailedOperation.ServiceNotActivated", TAMAR_PERMISSION }, { "OperationNonWhitelist", TAMAR_PERMISSION },
            { "RequestLimitExceeded", TAMAR_RATE }, { "FailedOperation.EngineServerError", TAMAR_SERVER },
            { "FailedOperation.EngineServerLimitExceeded", TAMAR_RATE }, { "ALREADY_EXISTS", TAMAR_BAD_REQUEST },
            { "ABORTED", TAMAR_SERVER }, { "timeout", TAMAR_SERVER }, { "server_error", TAMAR_SERVER },
            { "INTERNAL", TAMAR_SERVER }, { "something_new", TAMAR_OK }, { "t", TAMAR_OK }, { "", TAMAR_OK },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            char upper[64];
            for (k = 0; (upper[k] = table[i].code[k]) != 0; k++)
                if (upper[k] >= 'a' && upper[k] <= 'z') upper[k] = (char)(upper[k] - 32);
            CHECKF(tamar__policy_by_word(str(table[i].code)) == table[i].want, "%s", table[i].code);
            CHECKF(tamar__policy_by_word(str(upper)) == table[i].want, "%s", upper);
        }
    }
    TEST("of two words in one code the earlier row's")
    {
        static const struct { const char *code; tamar_category want; } table[] = {
            { "arrearage.throttling", TAMAR_BILLING }, { "throttling.accessdenied", TAMAR_RATE },
            { "resource_exhausted.permission", TAMAR_RATE }, { "unauthenticated.permission", TAMAR_AUTH },
            { "invalid_argument.permission", TAMAR_BAD_REQUEST },
            { "failed_precondition.permission", TAMAR_BAD_REQUEST }, { "deadline_exceeded.permission", TAMAR_SERVER },
            { "invalidapikey.permission", TAMAR_AUTH }, { "accessdenied.unauthorized", TAMAR_PERMISSION },
            { "modelnotfound.content_filter", TAMAR_MODEL_NOT_FOUND },
            { "invalidparameter.servicestop", TAMAR_BAD_REQUEST },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++)
            CHECKF(tamar__policy_by_word(str(table[i].code)) == table[i].want, "%s", table[i].code);
    }
    TEST("each number in the place of a code, and its neighbours")
    {
        static const struct { const char *code; tamar_category want; } table[] = {
            { "999", TAMAR_OK }, { "0999", TAMAR_OK }, { "1000", TAMAR_AUTH }, { "1004", TAMAR_AUTH },
            { "1005", TAMAR_OK }, { "01000", TAMAR_AUTH }, { "001000", TAMAR_OK }, { "1109", TAMAR_OK },
            { "1110", TAMAR_BILLING }, { "1113", TAMAR_BILLING }, { "1119", TAMAR_BILLING }, { "1121", TAMAR_BILLING },
            { "1122", TAMAR_OK }, { "1209", TAMAR_OK }, { "1210", TAMAR_BAD_REQUEST },
            { "1211", TAMAR_MODEL_NOT_FOUND }, { "1212", TAMAR_BAD_REQUEST }, { "1215", TAMAR_BAD_REQUEST },
            { "1216", TAMAR_OK }, { "1229", TAMAR_OK }, { "1230", TAMAR_BAD_REQUEST }, { "1231", TAMAR_BAD_REQUEST },
            { "1232", TAMAR_OK }, { "1233", TAMAR_OK }, { "1234", TAMAR_SERVER }, { "1235", TAMAR_OK },
            { "1299", TAMAR_OK }, { "1300", TAMAR_CONTENT_FILTER }, { "1301", TAMAR_CONTENT_FILTER },
            { "1302", TAMAR_RATE }, { "1303", TAMAR_RATE }, { "1304", TAMAR_QUOTA }, { "1305", TAMAR_OVERLOADED },
            { "1306", TAMAR_OK }, { "1307", TAMAR_OK }, { "1308", TAMAR_QUOTA }, { "1311", TAMAR_QUOTA },
            { "1312", TAMAR_OK }, { "1313", TAMAR_QUOTA }, { "1314", TAMAR_OK }, { "1315", TAMAR_OK },
            { "1316", TAMAR_QUOTA }, { "1321", TAMAR_QUOTA }, { "1322", TAMAR_OK }, { "20011", TAMAR_OK },
            { "20012", TAMAR_MODEL_NOT_FOUND }, { "20013", TAMAR_OK }, { "30000", TAMAR_OK },
            { "30001", TAMAR_BILLING }, { "30002", TAMAR_OK }, { "50504", TAMAR_OK }, { "50505", TAMAR_OVERLOADED },
            { "50506", TAMAR_OK }, { "0:00", TAMAR_OK }, { "110/", TAMAR_OK }, { "1/15", TAMAR_OK },
            { "12 3", TAMAR_OK }, { "-1000", TAMAR_OK }, { "", TAMAR_OK },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++)
            CHECKF(tamar__policy_by_number(str(table[i].code)) == table[i].want, "%s", table[i].code);
        IS(BILLING, 429, "1113", "");
        IS(QUOTA, 429, "1304", "");
        IS(RATE, 429, "1302", "rate_limit_error");
        IS(AUTH, 400, "1000", "invalid_request_error");  // a word that says nothing does not count against it
    }
    TEST("each number of a base_resp, which mean other things")
    {
        static const struct { int64_t code; tamar_category want; } table[] = {
            { 1001, TAMAR_SERVER }, { 1002, TAMAR_RATE }, { 1039, TAMAR_RATE }, { 1004, TAMAR_AUTH },
            { 2049, TAMAR_AUTH }, { 1008, TAMAR_BILLING }, { 2056, TAMAR_BILLING }, { 2061, TAMAR_BILLING },
            { 1026, TAMAR_CONTENT_FILTER }, { 1027, TAMAR_CONTENT_FILTER }, { 1042, TAMAR_BAD_REQUEST },
            { 2013, TAMAR_BAD_REQUEST }, { 0, TAMAR_SERVER }, { -1, TAMAR_SERVER }, { INT64_MAX, TAMAR_SERVER },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++)
            CHECKF(tamar__policy_by_base_resp(table[i].code) == table[i].want, "%ld", (long)table[i].code);
    }
    TEST("each status that has a meaning of its own, and all the others")
    {
        static const struct { int status; tamar_category want; } table[] = {
            { 401, TAMAR_AUTH }, { 402, TAMAR_BILLING }, { 403, TAMAR_PERMISSION }, { 404, TAMAR_MODEL_NOT_FOUND },
            { 405, TAMAR_CONFIG }, { 407, TAMAR_PROXY }, { 408, TAMAR_SERVER }, { 409, TAMAR_SERVER },
            { 425, TAMAR_SERVER }, { 413, TAMAR_TOO_LARGE }, { 429, TAMAR_RATE }, { 498, TAMAR_OVERLOADED },
            { 503, TAMAR_OVERLOADED }, { 529, TAMAR_OVERLOADED },
        };
        int status;
        for (status = -1; status < 1000; status++) {
            tamar_category want = status >= 500 ? TAMAR_SERVER : status >= 400 ? TAMAR_BAD_REQUEST
                : status >= 300 ? TAMAR_REDIRECT : TAMAR_OK;
            for (i = 0; i < sizeof table / sizeof *table; i++) if (table[i].status == status) want = table[i].want;
            CHECKF(tamar__policy_by_status(status) == want, "%d", status);
        }
    }
}

// -- retryable -------------------------------------------------------------------------------------

static void retryable(void)
{
    TEST("which categories may be tried again")
    {
        static const tamar_category again[] = {
            TAMAR_LOCAL_LIMIT, TAMAR_OFFLINE, TAMAR_DNS, TAMAR_CONNECT, TAMAR_TLS_PROTO, TAMAR_RESET, TAMAR_TIMEOUT_CONNECT, TAMAR_TIMEOUT_TLS, TAMAR_TIMEOUT_SEND,
            TAMAR_TIMEOUT_TTFB, TAMAR_TIMEOUT_IDLE, TAMAR_PROTO, TAMAR_TRUNCATED, TAMAR_PARSE, TAMAR_EMPTY, TAMAR_SERVER, TAMAR_OVERLOADED, TAMAR_RATE,
        };
        int c;
        for (c = -1; c <= TAMAR_RETRY_BUDGET + 1; c++) {
            bool want = false;
            size_t i;
            for (i = 0; i < sizeof again / sizeof *again; i++)
                if ((int)again[i] == c) want = true;
            CHECKF(tamar__policy_retryable((tamar_category)c, 500) == want, "%s", tamar_category_name((tamar_category)c));
        }
        CHECK(!tamar__policy_retryable(TAMAR_SERVER, 501));
        CHECK(!tamar__policy_retryable(TAMAR_SERVER, 505));
        CHECK(tamar__policy_retryable(TAMAR_SERVER, 0));
        CHECK(tamar__policy_retryable(TAMAR_SERVER, 409));
        CHECK(tamar__policy_retryable(TAMAR_RATE, 501) && tamar__policy_retryable(TAMAR_OVERLOADED, 505));
    }
}

// -- hints -----------------------------------------------------------------------------------------

static int64_t after(const char *ms, const char *s, const char *date) { return tamar__policy_retry_after(str(ms), str(s), str(date)); }

static void hints(void)
{
#define DATE "Fri, 20 Nov 2026 10:00:00 GMT"
    TEST("seconds")
    {
        CHECK(after("", "0", "") == 0);
        CHECK(after("", "1", "") == 1000);
        CHECK(after("", "120", "") == 120000);
        CHECK(after("", "007", "") == 7000);
        CHECK(after("", "0.5", "") == 500);
        CHECK(after("", "1.", "") == 1000);
        CHECK(after("", ".25", "") == 250);
        CHECK(after("", "1.2345678", "") == 1234);
        CHECK(after("", "86400", "") == 86400000);
    }
    TEST("milliseconds win")
    {
        CHECK(after("1500", "9", "") == 1500);
        CHECK(after("1500.9", "9", "") == 1500);
        CHECK(after("0", "9", "") == 0);
        CHECK(after("0.4", "9", "") == 0);
        CHECK(after("86400000", "", "") == 86400000);
        CHECK(after("x", "9", "") == 9000);
        CHECK(after("-5", "9", "") == 9000);
    }
    TEST("a date against the server's own")
    {
        CHECK(after("", "Fri, 20 Nov 2026 10:00:30 GMT", DATE) == 30000);
        CHECK(after("", "Fri, 20 Nov 2026 10:00:00 GMT", DATE) == 0);
        CHECK(after("", "Sat, 21 Nov 2026 10:00:00 GMT", DATE) == 86400000);
        CHECK(after("", "Sat, 21 Nov 2026 10:00:01 GMT", DATE) == -1);
        CHECK(after("", "Fri, 20 Nov 2026 09:59:59 GMT", DATE) == -1);
        CHECK(after("", "Fri, 20 Nov 2026 10:00:30 GMT", "") == -1);  // our own clock may be wrong
        CHECK(after("", "Fri, 20 Nov 2026 10:00:30 GMT", "yesterday") == -1);
        CHECK(after("", "Thu, 01 Jan 2026 00:00:05 GMT", "Wed, 31 Dec 2025 23:59:55 GMT") == 10000);
        CHECK(after("", "Sun, 01 Mar 2026 00:00:00 GMT", "Sat, 28 Feb 2026 23:59:00 GMT") == 60000);
        CHECK(after("", "Tue, 29 Feb 2028 00:00:00 GMT", "Mon, 28 Feb 2028 12:00:00 GMT") == 12 * 3600000);
        CHECK(after("", "Wed, 01 Mar 2028 00:00:00 GMT", "Tue, 29 Feb 2028 00:00:00 GMT") == 86400000);
    }
    TEST("what is no hint")
    {
        static const char *const bad[] = {
            "", " ", "-1", "+1", "1e3", "1.2.3", "0x10", "1 s", "soon", "10w", "1hx", "86401s", ".", "nan", "inf", "86401", "999999999999999999999999", "9223372036854775807", "1,5", "\xD9\xA1",
            "Fri, 20 Nov 2026 10:00:30", "Fri, 20 Nov 2026 10:00:30 UTC", "Fri, 20 Nov 2026 25:00:30 GMT", "Fri, 32 Nov 2026 10:00:30 GMT", "Fri, 00 Nov 2026 10:00:30 GMT",
            "Fri, 20 Nop 2026 10:00:30 GMT", "Fri, 20 Nov 2026 10:60:30 GMT", "Fri, 20 Nov 2026 10:00:61 GMT", "Fri, 2x Nov 2026 10:00:30 GMT", "Friday, 20-Nov-26 10:00:30", "Fri Nov 20 10:00:30",
            "Friday, 20 Nov-26 10:00:30 GMT", "Fri Nov 4x 10:00:30 2026", "6m0", "1h 2m", "m",
        };
        size_t i;
        for (i = 0; i < sizeof bad / sizeof *bad; i++) {
            CHECKF(after("", bad[i], DATE) == -1, "%s", bad[i]);
            if (strncmp(bad[i], "86401", 5)) CHECKF(after(bad[i], "", DATE) == -1, "ms %s", bad[i]);
        }
        CHECK(after("86400001", "", "") == -1);
        CHECK(after("Fri, 20 Nov 2026 10:00:30 GMT", "", DATE) == -1);
    }
    TEST("dates as seconds since 1970")
    {
        int64_t t = 0;
        CHECK(tamar__policy_date(str("Sun, 06 Nov 1994 08:49:37 GMT"), &t) && t == 784111777);
        CHECK(tamar__policy_date(str("Thu, 01 Jan 1970 00:00:00 GMT"), &t) && t == 0);
        CHECK(tamar__policy_date(str("Tue, 19 Jan 2038 03:14:08 GMT"), &t) && t == INT64_C(2147483648));
        CHECK(tamar__policy_date(str("Tue, 29 Feb 2000 12:00:00 GMT"), &t) && t == 951825600);
        CHECK(tamar__policy_date(str("Fri, 31 Dec 9999 23:59:59 GMT"), &t) && t == INT64_C(253402300799));
        CHECK(tamar__policy_date(str("Sat, 01 Jan 0000 00:00:00 GMT"), &t));
    }
    TEST("every day of four centuries")  // against plain counting
    {
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        int64_t want = 0, got = 0;
        int year, month, day;
        for (year = 1970; year < 2370; year++)
            for (month = 0; month < 12; month++) {
                int last = days[month] + (month == 1 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0));
                for (day = 1; day <= last; day++) {
                    char text[64];
                    snprintf(text, sizeof text, "Xxx, %02d %.3s %04d 00:00:00 GMT", day, months + 3 * month, year);
                    CHECKF(tamar__policy_date(str(text), &got) && got == want, "%s", text);
                    want += 86400;
                }
            }
    }
}

// -- hints, the rest of the shapes -------------------------------------------------------------------

static int64_t reset(const char *value) { return tamar__policy_reset(str(value), str(DATE)); }
static int64_t prose(const char *text) { return tamar__policy_prose(str(text)); }

static void resets(void)
{
    static const char later[] = "2026-11-20T10:00:30Z";
    size_t i;
    TEST("the two older forms of a date")
    {
        int64_t t = 0;
        CHECK(tamar__policy_date(str("Sunday, 06-Nov-94 08:49:37 GMT"), &t) && t == 784111777);
        CHECK(tamar__policy_date(str("Sun Nov  6 08:49:37 1994"), &t) && t == 784111777);
        CHECK(tamar__policy_date(str("Wed Nov 16 08:49:37 1994"), &t) && t == 784111777 + 864000);
        CHECK(tamar__policy_date(str("Wednesday, 06-Nov-69 00:00:00 GMT"), &t) && t > INT64_C(3000000000));
        CHECK(after("", "Friday, 20-Nov-26 10:00:30 GMT", DATE) == 30000);
        CHECK(after("", "Fri Nov 20 10:00:30 2026", DATE) == 30000);
        CHECK(after("", "Fri, 20 Nov 2026 10:00:30 GMT", "Fri Nov 20 10:00:00 2026") == 30000);
        CHECK(after("", "30s", "") == 30000);  // seen, though no standard has it
    }
    TEST("durations")
    {
        static const struct { const char *text; int64_t ms; } table[] = {
            { "1s", 1000 }, { "7.66s", 7660 }, { "6m0s", 360000 }, { "1h2m3s", 3723000 }, { "250ms", 250 }, { "1d", 86400000 }, { "20.5ms", 20 },
            { "1m30.5s", 90500 }, { "0s", 0 }, { "100us", 0 }, { "5ns", 0 }, { "24h0m0s", 86400000 }, { "25h", -1 }, { "999999999999d", -1 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) CHECKF(reset(table[i].text) == table[i].ms, "%s: %ld", table[i].text, (long)reset(table[i].text));
    }
    TEST("moments and numbers, against the server's clock")
    {
        CHECK(reset(later) == 30000);
        CHECK(reset("2026-11-20T10:00:30.5Z") == 30500);
        CHECK(reset("2026-11-20T12:00:30+02:00") == 30000);
        CHECK(reset("2026-11-20T08:30:30-01:30") == 30000);
        CHECK(reset("2026-11-20T09:59:59Z") == -1);
        CHECK(reset("2026-11-22T10:00:00Z") == -1);
        CHECK(tamar__policy_reset(str(later), str("")) == -1);
        CHECK(reset("30") == 30000);
        CHECK(reset("0.25") == 250);
        CHECK(reset("1795168830") == 30000);
        CHECK(reset("1795168830000") == 30000);
        CHECK(tamar__policy_reset(str("1795168830"), str("")) == -1);
    }
    TEST("no moment")
    {
        static const char *const bad[] = { "", "soon", "2026-11-20", "2026-11-20T10:00:30", "2026-13-20T10:00:30Z", "2026-11-32T10:00:30Z", "2026-11-20T24:00:30Z", "-1",
            "2026-11-20T10:00:30+0200", "2026-11-20T10:00:30.", "2026-11-20T10:00:30Zx", "2026/11/20T10:00:30Z", "2026-11-20T10:00:30+02x00", "2026-11-20T10-00:30Z",
            "20x6-11-20T10:00:30Z", "1.2.3s", "5 s", "s", "1sm", "12345678901234567s" };
        for (i = 0; i < sizeof bad / sizeof *bad; i++) CHECKF(reset(bad[i]) == -1, "%s: %ld", bad[i], (long)reset(bad[i]));
    }
    TEST("prose")
    {
        static const struct { const char *text; int64_t ms; } table[] = {
            { "Rate limit reached. Please try again in 1.5s. Visit the page.", 1500 }, { "Please try again in 6m0s.", 360000 }, { "Please retry in 36.4s.", 36400 },
            { "Please retry after 33 seconds.", 33000 }, { "try again in 20ms", 20 }, { "Try Again In 2 minutes", 120000 }, { "retry after 1 hour", 3600000 },
            { "please wait 5 seconds", 5000 }, { "resets in 1h30m", 5400000 }, { "try again in a while", -1 }, { "try again in 5", -1 }, { "in 5s", -1 },
            { "try again in 3 days", -1 }, { "try again in 5 secretaries", -1 }, { "wait for it, then retry in 4s", 4000 }, { "", -1 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) CHECKF(prose(table[i].text) == table[i].ms, "%s: %ld", table[i].text, (long)prose(table[i].text));
    }
    TEST("the limits' headers")
    {
        static const struct { const char *a, *av, *b, *bv, *c, *cv, *d, *dv; int64_t any, spent; } table[] = {
            { "x-ratelimit-reset-requests", "1s", "x-ratelimit-reset-tokens", "6m0s", "", "", "", "", 1000, -1 },
            { "x-ratelimit-reset-requests", "1s", "x-ratelimit-reset-tokens", "6m0s", "X-RateLimit-Remaining-Tokens", "0", "", "", 360000, 360000 },
            { "x-ratelimit-reset-requests", "1s", "x-ratelimit-reset-tokens", "6m0s", "x-ratelimit-remaining-requests", "0", "x-ratelimit-remaining-tokens", "12", 1000, 1000 },
            { "anthropic-ratelimit-requests-reset", later, "anthropic-ratelimit-requests-remaining", "0", "", "", "", "", 30000, 30000 },
            { "anthropic-ratelimit-input-tokens-reset", later, "anthropic-ratelimit-tokens-reset", "2026-11-20T10:00:10Z", "anthropic-ratelimit-input-tokens-remaining", "0",
                "anthropic-ratelimit-output-tokens-remaining", "0", 30000, 30000 },
            { "x-ratelimit-reset", "1795168830000", "x-ratelimit-remaining", "0", "", "", "", "", 30000, 30000 },
            { "x-ratelimit-reset-requests", "6ms", "x-ratelimit-remaining-requests", "9999", "", "", "", "", -1, -1 },
            { "x-ratelimit-reset-requests", "6ms", "x-ratelimit-remaining-requests", "9999", "x-ratelimit-reset-tokens", "2s", "", "", 2000, -1 },
            { "ratelimit-reset", "30", "ratelimit-limit", "100", "", "", "", "", 30000, -1 },
            { "x-ratelimit-reset-tokens", "garbage", "x-ratelimit-remaining-tokens", "0", "", "", "", "", -1, -1 },
            { "x-ratelimit-limit-tokens", "5", "content-type", "1s", "accurate-limit-reset", "5s", "xratelimit-reset", "5s", -1, -1 },
            { "x-ratelimit-reset-tokens", "a value that is much longer than any of those would ever be", "", "", "", "", "", "", -1, -1 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            tamar__policy_limits l;
            memset(&l, 0, sizeof l);
            tamar__policy_limit_header(&l, str(table[i].a), str(table[i].av));
            tamar__policy_limit_header(&l, str(table[i].b), str(table[i].bv));
            tamar__policy_limit_header(&l, str(table[i].c), str(table[i].cv));
            tamar__policy_limit_header(&l, str(table[i].d), str(table[i].dv));
            CHECKF(tamar__policy_limits_hint(&l, str(DATE), false) == table[i].any, "%d: %ld", (int)i, (long)tamar__policy_limits_hint(&l, str(DATE), false));
            CHECKF(tamar__policy_limits_hint(&l, str(DATE), true) == table[i].spent, "%d", (int)i);
        }
    }
    TEST("any bytes: a hint is -1 or within a day")
    {
        static const char pieces[] = "0123456789.smhdn :-TZ+GMTNovFri,usSun";
        uint32_t seed = 99;
        for (i = 0; i < 200000; i++) {
            char text[40];
            size_t n = test_random(&seed) % sizeof text, k;
            int64_t h[3];
            for (k = 0; k < n; k++) text[k] = pieces[test_random(&seed) % (sizeof pieces - 1)];
            h[0] = tamar__policy_reset(tamar__str_make(text, n), str(DATE));
            h[1] = tamar__policy_retry_after(str(""), tamar__str_make(text, n), str(DATE));
            h[2] = tamar__policy_retry_after(tamar__str_make(text, n), str(""), str(""));
            for (k = 0; k < 3; k++) CHECKF(h[k] >= -1 && h[k] <= 86400000, "seed 99, %lu: %.*s", (unsigned long)i, (int)n, text);
        }
    }
}

// -- hints, byte by byte -----------------------------------------------------------------------------

typedef bool moment_parser(tamar_str s, int64_t *moment);

// From the end of readable memory, so that one byte too many traps.
static bool parsed(moment_parser *parse, const char *text, size_t len, int64_t *moment)
{
    test_guarded g = test_guard(text, len);
    bool ok = parse(tamar__str_make(g.ptr, len), moment);
    test_unguard(g);
    return ok;
}

static void shapes(void)
{
    // mask: # a digit, = this byte alone, . any
    static const struct { moment_parser *parse; const char *text, *mask; int64_t moment; } table[] = {
        { tamar__policy_date, "Sun, 06 Nov 1994 08:49:37 GMT", "...=.##.===.####.##=##=##====", 784111777 },
        { tamar__policy_date, "Sunday, 06-Nov-94 08:49:37 GMT", "......=.##=====##.##=##=##====", 784111777 },
        { tamar__policy_date, "Wednesday, 09-Nov-94 08:49:37 GMT", ".........=.##=====##.##=##=##====", 784370977 },
        { tamar__policy_date, "Sun Nov  6 08:49:37 1994", "....===.=#.##=##=##.####", 784111777 },
        { tamar__policy_date, "Wed Nov 16 08:49:37 1994", "....===.##.##=##=##.####", 784975777 },
        { tamar__policy_timestamp, "2026-11-20T10:00:30Z", "####=##=##=##=##=##=", INT64_C(1795168830000) },
        { tamar__policy_timestamp, "2026-11-20T10:00:30.125Z", "####=##=##=##=##=##=###=", INT64_C(1795168830125) },
        { tamar__policy_timestamp, "2026-11-20T12:30:30+02:30", "####=##=##=##=##=##=##=##", INT64_C(1795168830000) },
        { tamar__policy_timestamp, "2026-11-20T08:30:30-01:30", "####=##=##=##=##=##=##=##", INT64_C(1795168830000) },
    };
    size_t i, k, n;
    int64_t t;
    TEST("moments: every byte that counts, and every length")
    {
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            n = strlen(table[i].text);
            t = -1;
            CHECKF(parsed(table[i].parse, table[i].text, n, &t) && t == table[i].moment, "%s: %ld", table[i].text,
                (long)t);
            for (k = 0; k < n; k++) {
                static const char others[] = "/:x,=";
                const char *o;
                char text[40];
                CHECKF(!parsed(table[i].parse, table[i].text, k, &t), "%.*s", (int)k, table[i].text);
                for (o = others; *o; o++) {
                    memcpy(text, table[i].text, n + 1);
                    if (text[k] == *o) continue;
                    if (table[i].mask[k] == '.' && *o != 'x') continue;
                    text[k] = *o;
                    CHECKF(parsed(table[i].parse, text, n, &t) == (table[i].mask[k] == '.'), "%s", text);
                }
            }
        }
    }
    TEST("moments: the first and the last of each")
    {
        static const struct { moment_parser *parse; const char *text; bool ok; int64_t moment; } edges[] = {
            { tamar__policy_date, "Sun, 01 Nov 1994 00:00:00 GMT", true, 783648000 },
            { tamar__policy_date, "Sat, 31 Dec 1994 23:59:60 GMT", true, 788918400 },
            { tamar__policy_date, "Sun, 00 Nov 1994 00:00:00 GMT", false, 0 },
            { tamar__policy_date, "Sat, 32 Dec 1994 00:00:00 GMT", false, 0 },
            { tamar__policy_date, "Sun, 06 Nov 1994 24:00:00 GMT", false, 0 },
            { tamar__policy_date, "Sun, 06 Nov 1994 00:60:00 GMT", false, 0 },
            { tamar__policy_date, "Sun, 06 Nov 1994 00:00:61 GMT", false, 0 },
            { tamar__policy_date, "Sun, 06 Foo 1994 00:00:00 GMT", false, 0 },
            { tamar__policy_date, "Sun,, 6 Nov 1994 00:00:00 GMT", false, 0 },
            { tamar__policy_date, "Su, 06 Nov 1994 00:00:00 GMT ", false, 0 },
            { tamar__policy_date, "Thursday, 01-Jan-70 00:00:00 GMT", true, 0 },
            { tamar__policy_date, "Tuesday, 31-Dec-69 00:00:00 GMT", true, INT64_C(3155673600) },
            { tamar__policy_date, "Sunda, 06-Nov-94 08:49:37 GMT", false, 0 },
            { tamar__policy_date, "Wednesdayy, 09-Nov-94 08:49:37 GMT", false, 0 },
            { tamar__policy_date, "Sunday, 06-Nov-94 08:49:37 GMT ", false, 0 },
            { tamar__policy_date, "Sat Dec 31 00:00:00 1994", true, 788832000 },
            { tamar__policy_date, "Sat Dec 32 00:00:00 1994", false, 0 },
            { tamar__policy_date, "Sun Nov  0 08:49:37 1994", false, 0 },
            { tamar__policy_date, "Sun, 6 Nov 1994 08:49:37", false, 0 },
            { tamar__policy_timestamp, "2026-01-01T00:00:00Z", true, INT64_C(1767225600000) },
            { tamar__policy_timestamp, "2026-12-31t00:00:00z", true, INT64_C(1798675200000) },
            { tamar__policy_timestamp, "2026-12-31 00:00:00.9Z", true, INT64_C(1798675200900) },
            { tamar__policy_timestamp, "2026-12-31 00:00:00.0129Z", true, INT64_C(1798675200012) },
            { tamar__policy_timestamp, "2026-12-31 00:00:00.Z", true, INT64_C(1798675200000) },
            { tamar__policy_timestamp, "2026-00-01T00:00:00Z", false, 0 },
            { tamar__policy_timestamp, "2026-13-01T00:00:00Z", false, 0 },
            { tamar__policy_timestamp, "2026-01-00T00:00:00Z", false, 0 },
            { tamar__policy_timestamp, "2026-01-32T00:00:00Z", false, 0 },
            { tamar__policy_timestamp, "2026-12-31T00:00:00ZZ", false, 0 },
            { tamar__policy_timestamp, "2026-12-31T00:00:00+01:000", false, 0 },
            { tamar__policy_timestamp, "2026-12-31T00:00:00*01:00", false, 0 },
            { tamar__policy_timestamp, "2026-12-31T00:00:00.:Z", false, 0 },
        };
        for (i = 0; i < sizeof edges / sizeof *edges; i++) {
            t = 0;
            CHECKF(parsed(edges[i].parse, edges[i].text, strlen(edges[i].text), &t) == edges[i].ok, "%s",
                edges[i].text);
            CHECKF(!edges[i].ok || t == edges[i].moment, "%s: %ld", edges[i].text, (long)t);
        }
    }
    TEST("decimals")
    {
        static const struct { const char *text; bool ok; int64_t milli; } numbers[] = {
            { "0", true, 0 }, { "9", true, 9000 }, { "1.5", true, 1500 }, { "1.05", true, 1050 },
            { "1.2345", true, 1234 }, { "1.2349", true, 1234 }, { "1000000000000", true, INT64_C(1000000000000000) },
            { "10000000000009", true, INT64_C(10000000000009000) }, { "10000000000019", false, 0 }, { ":", false, 0 },
            { "/", false, 0 }, { "1.1.1", false, 0 }, { ".", false, 0 }, { "", false, 0 }, { ".5", true, 500 },
            { "5.", true, 5000 },
        };
        for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
            t = 0;
            CHECKF(parsed(tamar__policy_milli, numbers[i].text, strlen(numbers[i].text), &t) == numbers[i].ok, "%s",
                numbers[i].text);
            CHECKF(!numbers[i].ok || t == numbers[i].milli, "%s: %ld", numbers[i].text, (long)t);
        }
    }
    TEST("amounts of time")
    {
        static const struct { const char *text; size_t takes; int64_t bare, ms; } amounts[] = {
            { "1000000 milliseconds", 20, 0, 1000000 }, { "1000000millisecond", 18, 0, 1000000 },
            { "1000000ms", 9, 0, 1000000 }, { "1000000 minutes", 15, 0, INT64_C(60000000000) },
            { "1000000 minute", 14, 0, INT64_C(60000000000) }, { "1000000min", 10, 0, INT64_C(60000000000) },
            { "1000000m", 8, 0, INT64_C(60000000000) }, { "1000000 seconds", 15, 0, 1000000000 },
            { "1000000 second", 14, 0, 1000000000 }, { "1000000secs", 11, 0, 1000000000 },
            { "1000000sec", 10, 0, 1000000000 }, { "1000000s", 8, 0, 1000000000 },
            { "1000000 hours", 13, 0, INT64_C(3600000000000) }, { "1000000hour", 11, 0, INT64_C(3600000000000) },
            { "1000000h", 8, 0, INT64_C(3600000000000) }, { "100000 days", 11, 0, INT64_C(8640000000000) },
            { "100000day", 9, 0, INT64_C(8640000000000) }, { "100000d", 7, 0, INT64_C(8640000000000) },
            { "1000000us", 9, 0, 1000 }, { "1000000\xC2\xB5s", 10, 0, 1000 }, { "1000000ns", 9, 0, 0 },
            { "999us", 5, 0, 0 }, { "106752d", 7, 0, INT64_C(9223372022400) },
            { "999999999999d", 13, 0, INT64_C(9223372022400) }, { "1sa", 0, 0, 0 }, { "1sz", 0, 0, 0 },
            { "1sA", 0, 0, 0 }, { "1sZ", 0, 0, 0 }, { "1s`", 2, 0, 1000 }, { "1s{", 2, 0, 1000 }, { "1s@", 2, 0, 1000 },
            { "1s[", 2, 0, 1000 }, { "1s2", 2, 0, 1000 }, { "1 s", 3, 0, 1000 }, { "1  s", 0, 0, 0 }, { "1", 0, 0, 0 },
            { "1 ", 0, 0, 0 }, { "s", 0, 0, 0 }, { "", 0, 0, 0 }, { "1.s", 0, 0, 0 }, { "5.", 0, 0, 0 },
            { ".", 0, 0, 0 }, { "000000000000009s", 16, 0, 9000 }, { "0000000000000009s", 0, 0, 0 },
            { "000000000000001.s", 0, 0, 0 }, { "1x", 1, 1000, 1000 }, { "1.5", 3, 1000, 1500 }, { "1.5", 3, 1, 1 },
            { "2500", 4, 1, 2500 }, { "1.234", 5, 1000, 1234 }, { "7. Then", 1, 1000, 7000 }, { "0.999", 5, 1000, 999 },
            { "1.999", 5, 2, 3 }, { "1:30", 1, 1000, 1000 }, { "5.", 2, 1000, 5000 }, { "9s", 2, 0, 9000 },
            { ":s", 0, 0, 0 }, { "0s", 2, 0, 0 },
        };
        for (i = 0; i < sizeof amounts / sizeof *amounts; i++) {
            test_guarded g = test_guard(amounts[i].text, strlen(amounts[i].text));
            t = 0;
            n = tamar__policy_amount(tamar__str_make(g.ptr, g.len), amounts[i].bare, &t);
            CHECKF(n == amounts[i].takes && t == amounts[i].ms, "%s: %lu bytes, %ld ms", amounts[i].text,
                (unsigned long)n, (long)t);
            test_unguard(g);
        }
    }
    TEST("durations, as they are")
    {
        static const struct { const char *text; bool ok; int64_t ms; } durations[] = {
            { "1h2m3s", true, 3723000 }, { "400d", true, INT64_C(34560000000) }, { "401d", true, INT64_C(34560000000) },
            { "400d1ms", true, INT64_C(34560000000) }, { "399d24h", true, INT64_C(34560000000) }, { "", false, 0 },
            { "1 s", false, 0 }, { "1s ", false, 0 }, { "1s1", false, 0 }, { "1", false, 0 },
        };
        for (i = 0; i < sizeof durations / sizeof *durations; i++) {
            t = 0;
            CHECKF(parsed(tamar__policy_duration, durations[i].text, strlen(durations[i].text), &t) == durations[i].ok,
                "%s", durations[i].text);
            CHECKF(!durations[i].ok || t == durations[i].ms, "%s: %ld", durations[i].text, (long)t);
        }
    }
    TEST("where seconds become a moment, and a moment's milliseconds")
    {
        CHECK(tamar__policy_reset(str("1000000"), str("Mon, 12 Jan 1970 13:46:30 GMT")) == 10000);
        CHECK(tamar__policy_reset(str("999999.999"), str("Mon, 12 Jan 1970 13:46:30 GMT")) == -1);
        CHECK(tamar__policy_reset(str("100000000000"), str("Sat, 03 Mar 1973 09:46:30 GMT")) == 10000);
        CHECK(tamar__policy_reset(str("99999999999"), str("Wed, 16 Nov 5138 09:46:29 GMT")) == 10000);
        CHECK(tamar__policy_reset(str("0"), str("")) == 0);
        CHECK(reset(" 30 ") == 30000 && reset("86400") == 86400000 && reset("86401") == -1);
        CHECK(reset("2026-11-21T10:00:00Z") == 86400000 && reset("2026-11-21T10:00:00.001Z") == -1);
    }
    TEST("nothing is left over from the call before")  // a variable that was not set would still hold it
    {
        const tamar_str date = str(DATE), none = str(""), moment = str("2026-11-20T10:00:30Z"),
            second = str("1795168830"), word = str("soon");
        int64_t a = tamar__policy_reset(second, date), b = tamar__policy_reset(second, none);
        int64_t c = tamar__policy_reset(moment, date), d = tamar__policy_reset(moment, none);
        int64_t e = tamar__policy_reset(moment, date), f = tamar__policy_reset(word, date);
        CHECK(a == 30000 && b == -1 && c == 30000 && d == -1 && e == 30000 && f == -1);
    }
    TEST("each sentence that names a time")
    {
        static const struct { const char *text; int64_t ms; } sentences[] = {
            { "try again in 1s", 1000 }, { "TRY AGAIN IN 1s", 1000 }, { "Retry In 1s", 1000 },
            { "Retry After 1s", 1000 }, { "Try Again After 1s", 1000 }, { "Available In 1s", 1000 },
            { "Reset In 1s", 1000 }, { "Resets In 1s", 1000 }, { "Wait 1s", 1000 }, { "wait 86400s", 86400000 },
            { "wait 86401s", -1 }, { "wait 0s", 0 }, { "wait ", -1 }, { "wait", -1 }, { "retry in 1", -1 },
            { "wait 1m30s1", 90000 }, { "retry in a moment, resets in 5s", 5000 }, { "x", -1 },
        };
        for (i = 0; i < sizeof sentences / sizeof *sentences; i++) {
            test_guarded g = test_guard(sentences[i].text, strlen(sentences[i].text));
            CHECKF(tamar__policy_prose(tamar__str_make(g.ptr, g.len)) == sentences[i].ms, "%s", sentences[i].text);
            test_unguard(g);
        }
    }
    TEST("which header is which limit, and its values")
    {
        // at -1: it is none
        static const struct { const char *name, *value; int at; int64_t left; const char *reset; } headers[] = {
            { "anthropic-ratelimit-input-tokens-remaining", "7", 0, 7, "" },
            { "ANTHROPIC-RATELIMIT-OUTPUT-TOKENS-REMAINING", " 0 ", 1, 0, "" },
            { "x-ratelimit-remaining-requests", "4611686018427387903", 2, INT64_C(4611686018427387903), "" },
            { "x-ratelimit-remaining-requests", "4611686018427387904", 2, -1, "" },
            { "X-RateLimit-Remaining-Tokens", "x", 3, -1, "" }, { "x-ratelimit-remaining", "5", 4, 5, "" },
            { "x-ratelimit-reset", " 1s ", 4, -1, "1s" }, { "RateLimit-Reset", "1s", 4, -1, "1s" },
            { "anthropic-ratelimit-input-tokens-reset", "1", 0, -1, "1" },
            { "Anthropic-RateLimit-Output-Tokens-Reset", "2", 1, -1, "2" },
            { "x-ratelimit-reset-requests", "3", 2, -1, "3" }, { "X-RATELIMIT-RESET-TOKENS", "4", 3, -1, "4" },
            { "x-ratelimit-reset-tokens", "1234567890123456789012345678901", 3, -1, "1234567890123456789012345678901" },
            { "x-ratelimit-reset-tokens", "12345678901234567890123456789012", 3, -1, "" },
            { "x-ratelimit-limit-tokens", "5", -1, 0, "" }, { "x-ratelimit-remaining-reset", "5", -1, 0, "" },
            { "xratelimit-reset", "5", -1, 0, "" }, { "x-ratelimit", "5", -1, 0, "" }, { "reset", "5", -1, 0, "" },
            { "x-reset-", "5", -1, 0, "" }, { "remaining-ratelimit-", "5", 4, 5, "" }, { "", "5", -1, 0, "" },
        };
        for (i = 0; i < sizeof headers / sizeof *headers; i++) {
            tamar__policy_limits l;
            int at;
            memset(&l, 0, sizeof l);
            tamar__policy_limit_header(&l, str(headers[i].name), str(headers[i].value));
            CHECKF(l.any == (headers[i].at >= 0), "%s", headers[i].name);
            for (at = 0; at < TAMAR__POLICY_LIMITS; at++) {
                bool here = at == headers[i].at;
                CHECKF(l.left[at] == (headers[i].at < 0 ? 0 : here ? headers[i].left : -1), "%s: %d: %ld",
                    headers[i].name, at, (long)l.left[at]);
                CHECKF(!strcmp(l.reset[at], here ? headers[i].reset : ""), "%s: %d: %s", headers[i].name, at,
                    l.reset[at]);
            }
        }
    }
    TEST("of two headers of one name the later one's value")
    {
        tamar__policy_limits l;
        memset(&l, 0, sizeof l);
        tamar__policy_limit_header(&l, str("x-ratelimit-reset-tokens"), str("6m0s"));
        tamar__policy_limit_header(&l, str("x-ratelimit-reset-tokens"), str("1s"));
        tamar__policy_limit_header(&l, str("x-ratelimit-remaining-tokens"), str("2"));
        tamar__policy_limit_header(&l, str("x-ratelimit-remaining-tokens"), str("0"));
        CHECK(!strcmp(l.reset[3], "1s") && l.left[3] == 0 && l.left[2] == -1);
    }
    TEST("the last of the limits that are spent, else the first of all")
    {
        static const struct {
            const char *reset[TAMAR__POLICY_LIMITS];
            int64_t left[TAMAR__POLICY_LIMITS];
            bool none;
            int64_t spent, any;
        } limits[] = {
            { { "1s", "2s", "3s", "4s", "5s" }, { -1, -1, -1, -1, -1 }, false, -1, 1000 },
            { { "5s", "4s", "3s", "2s", "1s" }, { -1, -1, -1, -1, -1 }, false, -1, 1000 },
            { { "1s", "2s", "3s", "4s", "5s" }, { 0, 0, 0, 0, 0 }, false, 5000, 5000 },
            { { "5s", "4s", "3s", "2s", "1s" }, { 0, 0, 0, 0, 0 }, false, 5000, 5000 },
            { { "5s", "4s", "3s", "2s", "1s" }, { 1, 0, 1, -1, 1 }, false, 4000, 4000 },
            { { "5s", "4s", "3s", "2s", "1s" }, { 1, -1, 1, -1, 1 }, false, -1, 2000 },
            { { "5", "", "", "", "" }, { 0, 0, 0, 0, 0 }, false, 5000, 5000 },
            { { "0s", "", "x", "", "" }, { 0, 0, 0, 0, 0 }, false, 0, 0 },
            { { "", "", "0s", "", "" }, { -1, -1, -1, -1, -1 }, false, -1, 0 },
            { { "3s", "0s", "2s", "", "" }, { -1, -1, -1, -1, -1 }, false, -1, 0 },
            { { "1s", "", "", "", "" }, { 0, 0, 0, 0, 0 }, true, -1, -1 },
        };
        for (i = 0; i < sizeof limits / sizeof *limits; i++) {
            tamar__policy_limits l;
            memset(&l, 0, sizeof l);
            l.any = !limits[i].none;
            for (k = 0; k < TAMAR__POLICY_LIMITS; k++) {
                snprintf(l.reset[k], sizeof l.reset[k], "%s", limits[i].reset[k]);
                l.left[k] = limits[i].left[k];
            }
            CHECKF(tamar__policy_limits_hint(&l, str(DATE), true) == limits[i].spent, "%lu: %ld", (unsigned long)i,
                (long)tamar__policy_limits_hint(&l, str(DATE), true));
            CHECKF(tamar__policy_limits_hint(&l, str(DATE), false) == limits[i].any, "%lu: %ld", (unsigned long)i,
                (long)tamar__policy_limits_hint(&l, str(DATE), false));
        }
    }
}

static void grpc(void)
{
    TEST("gRPC's names, each with its categories")
    {
        static const struct { const char *name; tamar_category of[8]; } table[] = {
            { "UNAVAILABLE",
                { TAMAR_OFFLINE, TAMAR_DNS, TAMAR_CONNECT, TAMAR_TLS_PROTO, TAMAR_RESET, TAMAR_OVERLOADED,
                TAMAR_BREAKER_OPEN } },
            { "DEADLINE_EXCEEDED",
                { TAMAR_TIMEOUT_CONNECT, TAMAR_TIMEOUT_TLS, TAMAR_TIMEOUT_SEND, TAMAR_TIMEOUT_TTFB, TAMAR_TIMEOUT_IDLE,
                TAMAR_TIMEOUT_TOTAL } },
            { "CANCELLED", { TAMAR_RESET, TAMAR_TRUNCATED } },
            { "RESOURCE_EXHAUSTED", { TAMAR_RATE, TAMAR_QUOTA, TAMAR_BILLING } }, { "ABORTED", { TAMAR_SERVER } },
            { "INTERNAL", { TAMAR_SERVER, TAMAR_PROTO, TAMAR_PARSE, TAMAR_EMPTY } },
            { "UNKNOWN", { TAMAR_SERVER, TAMAR_PROTO, TAMAR_PARSE, TAMAR_EMPTY } },
            { "DATA_LOSS", { TAMAR_TRUNCATED, TAMAR_PARSE } }, { "UNAUTHENTICATED", { TAMAR_AUTH } },
            { "PERMISSION_DENIED", { TAMAR_PERMISSION } },
            { "INVALID_ARGUMENT", { TAMAR_BAD_REQUEST, TAMAR_CONTEXT, TAMAR_TOO_LARGE } },
            { "OUT_OF_RANGE", { TAMAR_CONTEXT, TAMAR_TOO_LARGE } }, { "FAILED_PRECONDITION", { TAMAR_BAD_REQUEST } },
            { "ALREADY_EXISTS", { TAMAR_BAD_REQUEST } }, { "UNIMPLEMENTED", { TAMAR_CONFIG } },
            { "NOT_FOUND", { TAMAR_MODEL_NOT_FOUND } }, { "OK", { TAMAR_OK } }, { "UNAVAILABL", { TAMAR_OK } },
            { "", { TAMAR_OK } },
        };
        size_t i, k;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            uint64_t want = 0;
            for (k = 0; table[i].of[k]; k++) want |= TAMAR_MASK(table[i].of[k]);
            CHECKF(tamar__policy_by_grpc(str(table[i].name)) == want, "%s", table[i].name);
        }
        CHECK(tamar__policy_mask(str("ABORTED,NOT_FOUND,UNIMPLEMENTED")) ==
            (TAMAR_MASK(TAMAR_SERVER) | TAMAR_MASK(TAMAR_MODEL_NOT_FOUND) | TAMAR_MASK(TAMAR_CONFIG)));
    }
    TEST("gRPC's names")
    {
        static const char *const names[] = { "UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL", "UNKNOWN", "DATA_LOSS",
            "UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT", "OUT_OF_RANGE", "FAILED_PRECONDITION", "ALREADY_EXISTS", "UNIMPLEMENTED", "NOT_FOUND" };
        size_t i;
        for (i = 0; i < sizeof names / sizeof *names; i++) {
            uint64_t m = tamar__policy_by_grpc(str(names[i]));
            CHECKF(m && !(m & TAMAR_MASK(TAMAR_OK)) && !(m & TAMAR_MASK(TAMAR_CANCELLED)) && m < TAMAR_MASK(TAMAR_RETRY_BUDGET + 1), "%s", names[i]);
        }
        CHECK(tamar__policy_mask(str("UNAUTHENTICATED,PERMISSION_DENIED")) == (TAMAR_MASK(TAMAR_AUTH) | TAMAR_MASK(TAMAR_PERMISSION)));
        CHECK(tamar__policy_mask(str(" unauthenticated , NOT_A_NAME,, ")) == TAMAR_MASK(TAMAR_AUTH));
        CHECK(tamar__policy_mask(str("")) == 0 && tamar__policy_mask(str(",")) == 0);
        CHECK(tamar__policy_mask(str("RESOURCE_EXHAUSTED")) & TAMAR_MASK(TAMAR_RATE));
        CHECK(tamar__policy_mask(str("UNAVAILABLE,DEADLINE_EXCEEDED,CANCELLED")) & TAMAR_MASK(TAMAR_TIMEOUT_IDLE));
        CHECK(!(tamar__policy_mask(str("UNAVAILABLE,DEADLINE_EXCEEDED,CANCELLED")) & TAMAR_MASK(TAMAR_AUTH)));
    }
}

// -- waiting ---------------------------------------------------------------------------------------

static void waiting(void)
{
    TEST("backoff stays under a doubling cap")
    {
        uint32_t seed = 12345;
        int n, throttled, i;
        for (n = 0; n < 40; n++)
            for (throttled = 0; throttled < 2; throttled++) {
                int64_t cap = throttled ? 1000 : 100, most = 0;
                for (i = 0; i < n && cap < 20000; i++) cap *= 2;
                if (cap > 20000) cap = 20000;
                CHECK(tamar__policy_backoff(n, throttled, -1, 0) == 0);
                for (i = 0; i < 2000; i++) {
                    int64_t d = tamar__policy_backoff(n, throttled, -1, test_random(&seed));
                    CHECKF(d >= 0 && d <= cap, "%d: %ld", n, (long)d);
                    if (d > most) most = d;
                }
                CHECKF(most > cap * 9 / 10, "%d: %ld of %ld", n, (long)most, (long)cap);  // all of it is used
                CHECK(tamar__policy_backoff(n, throttled, -1, UINT32_MAX) <= cap);
            }
    }
    TEST("backoff is never before the hint")
    {
        static const int64_t asked[] = { 0, 1, 9, 10, 99, 100, 1000, 5000, 10000, 60000, 3600000, 86400000 };
        uint32_t seed = 54321;
        size_t i;
        int k;
        for (i = 0; i < sizeof asked / sizeof *asked; i++)
            for (k = 0; k < 1000; k++) {
                int64_t slack = asked[i] / 10 < 1000 ? asked[i] / 10 : 1000, d = tamar__policy_backoff(k % 5, k & 1, asked[i], test_random(&seed));
                CHECKF(d >= asked[i] && d <= asked[i] + slack, "%ld: %ld", (long)asked[i], (long)d);
            }
    }
    TEST("the sources' sequence, reproducible")
    {
        tamar_retry_policy p;
        int n, i;
        uint32_t seed = 7;
        memset(&p, 0, sizeof p);
        p.base_delay_ms = 1000;
        p.max_delay_ms = 60000;
        p.jitter = tamar_int(0);
        for (n = 0; n < 5; n++)
            for (i = 0; i < 50; i++) CHECK(tamar__policy_wait(&p, n, i & 1, -1, test_random(&seed)) == 1000 << n);
        CHECK(tamar__policy_wait(&p, 6, false, -1, 1) == 60000 && tamar__policy_wait(&p, 1000, false, -1, 1) == 60000);
        CHECK(tamar__policy_wait(&p, 0, false, 1500, 1) == 1500 && tamar__policy_wait(&p, 2, false, 1500, 1) == 4000);
        p.jitter = tamar_int(1);
        for (n = 0; n < 8; n++)
            for (i = 0; i < 1000; i++) {
                int64_t w = tamar__policy_wait(&p, n, false, i & 1 ? -1 : 2500, test_random(&seed)), cap = n > 5 ? 60000 : 1000 << n;
                if (i & 1) CHECK(w >= 0 && w <= cap);
                else CHECK(w >= 2500 && w <= 2750);
            }
        memset(&p, 0, sizeof p);
        for (i = 0; i < 100; i++) CHECK(tamar__policy_wait(&p, i % 9, i & 1, i % 3 ? -1 : i, 12345u * (uint32_t)i) == tamar__policy_backoff(i % 9, i & 1, i % 3 ? -1 : i, 12345u * (uint32_t)i));
        p.max_delay_ms = 50;
        for (i = 0; i < 100; i++) CHECK(tamar__policy_wait(&p, i % 9, true, -1, test_random(&seed)) <= 50);
        p.jitter = tamar_int(0);
        CHECK(tamar__policy_wait(&p, 0, true, -1, 1) == 50);
        p.max_delay_ms = 1;
        CHECK(tamar__policy_wait(&p, 0, true, -1, 1) == 1);
    }
    TEST("bounds below zero are the defaults")
    {
        tamar_retry_policy p;
        int n;
        for (n = 0; n < 60; n++) {
            int64_t w;
            memset(&p, 0, sizeof p);
            p.base_delay_ms = -1 - n % 3;
            p.max_delay_ms = n & 1 ? -1 : 0;
            w = tamar__policy_wait(&p, n % 6, n & 2, -1, 12345u * (uint32_t)n);
            CHECK(w == tamar__policy_backoff(n % 6, n & 2, -1, 12345u * (uint32_t)n));
            p.jitter = tamar_int(0);
            CHECK(tamar__policy_wait(&p, n % 6, n & 2, -1, 7) == (n & 2 ? 1000 : 100) << n % 6 ||
                tamar__policy_wait(&p, n % 6, n & 2, -1, 7) == 20000);
        }
    }
    TEST("what nineteen in twenty do not exceed")
    {
        uint16_t last[TAMAR__POLICY_HEARD];
        size_t count, k;
        for (count = 0; count <= TAMAR__POLICY_HEARD; count++) {
            uint32_t want;
            for (k = 0; k < count; k++) last[k] = (uint16_t)(100 + (k * 7 + 3) % count);  // each of 100 .. 100 + count - 1
            if (count % 7 == 0)
                for (k = 0; k < count; k++) last[k] = (uint16_t)(100 + (count - 1 - k));
            want = count < 8 ? 0 : 100 + (uint32_t)(count * 19 - 1) / 20;
            CHECKF(tamar__policy_slow(last, count) == want, "%d: %d, not %d", (int)count, (int)tamar__policy_slow(last, count), (int)want);
        }
        for (k = 0; k < 20; k++) last[k] = 5;
        CHECK(tamar__policy_slow(last, 20) == 5);
        last[3] = 900;  // one in twenty may
        CHECK(tamar__policy_slow(last, 20) == 5);
        last[9] = 800;
        CHECK(tamar__policy_slow(last, 20) == 800);
    }
}

static void exactly(void)
{
    size_t i;
    TEST("backoff to the millisecond")
    {
        static const struct { int n; int64_t calm, throttled; } table[] = {
            { 0, 100, 1000 }, { 1, 200, 2000 }, { 4, 1600, 16000 }, { 5, 3200, 20000 }, { 7, 12800, 20000 },
            { 8, 20000, 20000 }, { 15, 20000, 20000 }, { 16, 20000, 20000 }, { 1000, 20000, 20000 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            int64_t calm = table[i].calm, throttled = table[i].throttled;
            CHECKF(tamar__policy_backoff(table[i].n, false, -1, (uint32_t)calm) == calm &&
                tamar__policy_backoff(table[i].n, false, -1, (uint32_t)calm + 2) == 1, "%d", table[i].n);
            CHECKF(tamar__policy_backoff(table[i].n, true, -1, (uint32_t)throttled) == throttled &&
                tamar__policy_backoff(table[i].n, true, -1, (uint32_t)throttled + 2) == 1, "%d", table[i].n);
        }
        CHECK(tamar__policy_backoff(0, false, 0, 50) == 0 && tamar__policy_backoff(0, false, 9, 50) == 9);
        CHECK(tamar__policy_backoff(9, true, 10990, 1000) == 11990 &&
            tamar__policy_backoff(9, true, 10990, 1001) == 10990);
        CHECK(tamar__policy_backoff(9, true, 5000, 500) == 5500 && tamar__policy_backoff(9, true, 5000, 501) == 5000);
        CHECK(tamar__policy_backoff(0, true, 20000, 1000) == 21000 &&
            tamar__policy_backoff(0, true, 20000, 1001) == 20000);
    }
    TEST("the wait of a policy, to the millisecond")
    {
        // jitter -1: not set
        static const struct {
            int base, max, jitter, n;
            bool throttled;
            int64_t hint;
            uint32_t random;
            int64_t want;
        } table[] = {
            { 0, 0, 0, 0, false, -1, 7, 100 }, { 0, 0, 0, 0, true, -1, 7, 1000 }, { 0, 0, 0, 3, false, -1, 7, 800 },
            { 0, 0, 0, 8, false, -1, 7, 20000 }, { 0, 0, 0, 5, true, -1, 7, 20000 }, { 0, 0, 0, 0, false, 99, 7, 100 },
            { 0, 0, 0, 0, false, 101, 7, 101 }, { 0, 0, 0, 31, false, -1, 7, 20000 },
            { 0, 0, 0, 64, false, -1, 7, 20000 }, { 1000, 2001, 0, 1, false, -1, 7, 2000 },
            { 1000, 2001, 0, 2, false, -1, 7, 2001 }, { 1000, 500, 0, 0, false, -1, 7, 500 },
            { 1000, 0, 0, 9, false, -1, 7, 20000 }, { 1, 2147483647, 0, 30, false, -1, 7, 1073741824 },
            { 1, 2147483647, 0, 31, false, -1, 7, 2147483647 }, { 1000, 60000, 1, 1, false, -1, 2000, 2000 },
            { 1000, 60000, 1, 1, false, -1, 2002, 1 }, { 1000, 60000, -1, 1, false, -1, 2002, 1 },
            { 10, 0, -1, 0, false, -1, 12, 1 }, { 0, 50, -1, 0, false, -1, 52, 1 },
            { 0, 150, -1, 0, false, -1, 102, 1 }, { 1000, 60000, 1, 0, false, 0, 50, 0 },
            { 1000, 60000, 1, 0, false, 5000, 501, 5000 }, { 1000, 60000, 1, 0, false, 5000, 500, 5500 },
            { 0, 0, 1, 0, false, -1, 102, 1 }, { 0, 0, 1, 1, true, -1, 2002, 1 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            tamar_retry_policy p;
            int64_t got;
            memset(&p, 0, sizeof p);
            p.base_delay_ms = table[i].base;
            p.max_delay_ms = table[i].max;
            if (table[i].jitter >= 0) p.jitter = tamar_int(table[i].jitter);
            got = tamar__policy_wait(&p, table[i].n, table[i].throttled, table[i].hint, table[i].random);
            CHECKF(got == table[i].want, "%lu: %ld", (unsigned long)i, (long)got);
        }
    }
}

// -- what holds traffic back -------------------------------------------------------------------------

static void tokens(void)
{
    TEST("retry tokens stay within their bounds, and a lone failure is affordable")
    {
        uint16_t t = TAMAR__POLICY_TOKENS, paid = 0;
        uint32_t seed = 4711;
        int i, n = 0;
        while (tamar__policy_spend(&t, false, &paid)) CHECK(paid == 14), n++;
        CHECK(n == 35 && t == 10);
        CHECK(tamar__policy_spend(&t, true, &paid) && paid == 5 && t == 5);
        CHECK(tamar__policy_spend(&t, true, &paid) && t == 0 && !tamar__policy_spend(&t, true, &paid));
        tamar__policy_refund(&t, 14);
        CHECK(t == 14);
        tamar__policy_refund(&t, 0);
        CHECK(t == 15);
        for (i = 0; i < 100000; i++) {
            uint16_t before = t;
            if (test_random(&seed) & 1) CHECK(tamar__policy_spend(&t, seed & 2, &paid) ? t + paid == before : t == before);
            else tamar__policy_refund(&t, seed & 4 ? paid : 0);
            CHECKF(t <= TAMAR__POLICY_TOKENS, "seed 4711, step %d", i);
        }
    }
}

static void rates(void)
{
    static const struct { uint32_t limit; uint64_t period; } kinds[] = { { 1, TAMAR__POLICY_MINUTE_US }, { 3, TAMAR__POLICY_MINUTE_US }, { 60, TAMAR__POLICY_MINUTE_US },
        { 90000, TAMAR__POLICY_MINUTE_US }, { 10000000, TAMAR__POLICY_MINUTE_US }, { 200, TAMAR__POLICY_DAY_US }, { 134217728, TAMAR__POLICY_DAY_US } };
    size_t k;
    TEST("never more than the burst and what has refilled since, in any window")
    {
        for (k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            uint32_t limit = kinds[k].limit, seed = 1000 + (uint32_t)k;
            uint64_t period = kinds[k].period, now = 5, start = 5, sum = 0;
            tamar__policy_rate r;
            int i;
            memset(&r, 0, sizeof r);
            for (i = 0; i < 4000; i++) {
                uint32_t n = 1 + test_random(&seed) % (limit < 10 ? 1 : limit / 10);
                uint64_t wait = tamar__policy_rate_wait(&r, n, limit, period, now);
                if (!wait) {
                    tamar__policy_rate_take(&r, n, limit, period, now);
                    sum += n;
                    CHECKF((double)sum <= (double)limit + (double)(now - start) * (double)limit / (double)period + 1,
                           "seed %d step %d", 1000 + (int)k, i);
                }
                else {
                    CHECK(tamar__policy_rate_wait(&r, n, limit, period, now + wait) == 0);  // the wait is exact
                    CHECK(tamar__policy_rate_wait(&r, n, limit, period, now + wait - 1) == 1);
                    if (test_random(&seed) & 1) now += wait;
                }
                now += test_random(&seed) % (period / 50);
            }
        }
    }
    TEST("a whole limit at once, and then as it refills")
    {
        tamar__policy_rate r;
        int i;
        memset(&r, 0, sizeof r);
        for (i = 0; i < 60; i++) {
            CHECK(tamar__policy_rate_wait(&r, 1, 60, TAMAR__POLICY_MINUTE_US, 1000) == 0);
            tamar__policy_rate_take(&r, 1, 60, TAMAR__POLICY_MINUTE_US, 1000);
        }
        CHECK(tamar__policy_rate_wait(&r, 1, 60, TAMAR__POLICY_MINUTE_US, 1000) == 1000000);
        CHECK(tamar__policy_rate_wait(&r, 30, 60, TAMAR__POLICY_MINUTE_US, 1000) == 30000000);
        CHECK(tamar__policy_rate_wait(&r, 1000, 60, TAMAR__POLICY_MINUTE_US, 1000) == 60000000);  // when nothing else goes
        CHECK(tamar__policy_rate_wait(&r, 1, 0, TAMAR__POLICY_MINUTE_US, 1000) == 0);
        tamar__policy_rate_take(&r, 5, 0, TAMAR__POLICY_MINUTE_US, 1000);
        CHECK(r.full_at_us == 60001000);
    }
    TEST("reserve, then settle")
    {
        tamar__policy_rate r, s;
        memset(&r, 0, sizeof r);
        tamar__policy_rate_take(&r, 5000, 10000, TAMAR__POLICY_MINUTE_US, 0);
        tamar__policy_rate_settle(&r, 5000, 1000, 10000, TAMAR__POLICY_MINUTE_US);
        memset(&s, 0, sizeof s);
        tamar__policy_rate_take(&s, 1000, 10000, TAMAR__POLICY_MINUTE_US, 0);
        CHECK(r.full_at_us == s.full_at_us);
        tamar__policy_rate_settle(&r, 1000, 9000, 10000, TAMAR__POLICY_MINUTE_US);
        CHECK(r.full_at_us == 54000000);
        tamar__policy_rate_settle(&r, UINT32_MAX, 0, 10000, TAMAR__POLICY_MINUTE_US);
        CHECK(r.full_at_us == 0);
        tamar__policy_rate_settle(&r, 5, 10, 0, TAMAR__POLICY_MINUTE_US);
        CHECK(r.full_at_us == 0);
    }
    TEST("the server's word closes it")
    {
        tamar__policy_rate r;
        memset(&r, 0, sizeof r);
        tamar__policy_rate_close(&r, 7000);
        tamar__policy_rate_close(&r, 5000);
        CHECK(tamar__policy_rate_wait(&r, 1, 0, TAMAR__POLICY_MINUTE_US, 0) == 7000);
        CHECK(tamar__policy_rate_wait(&r, 1, 60, TAMAR__POLICY_MINUTE_US, 6999) == 1);
        CHECK(tamar__policy_rate_wait(&r, 1, 60, TAMAR__POLICY_MINUTE_US, 7000) == 0);
    }
    TEST("far ends of time do not wrap")
    {
        tamar__policy_rate r;
        uint64_t now = UINT64_C(1) << 62;
        memset(&r, 0, sizeof r);
        tamar__policy_rate_take(&r, UINT32_MAX, UINT32_MAX, TAMAR__POLICY_DAY_US, now);
        CHECK(r.full_at_us == now + TAMAR__POLICY_DAY_US);
        CHECK(tamar__policy_rate_wait(&r, UINT32_MAX, 1, TAMAR__POLICY_DAY_US, now) == TAMAR__POLICY_DAY_US);
    }
}

static void crowds(void)
{
    TEST("how many at once: down by a third, up by one a round, never below one")
    {
        uint32_t crowd = 8u << 8, seed = 31;
        int i;
        CHECK(tamar__policy_crowd_refused(10u << 8) == 7u << 8);
        for (i = 0; i < 40; i++) crowd = tamar__policy_crowd_refused(crowd);
        CHECK(crowd == 256);
        CHECK(tamar__policy_crowd_served(crowd, 0) == crowd);  // not what held us back
        for (i = 0; i < 4; i++) crowd = tamar__policy_crowd_served(crowd, crowd >> 8);
        CHECK(crowd > 2u << 8 && crowd < 4u << 8);
        for (i = 0; i < 5000000 && crowd < TAMAR__POLICY_CROWD_MAX; i++) crowd = tamar__policy_crowd_served(crowd, crowd >> 8);
        CHECK(crowd >= TAMAR__POLICY_CROWD_MAX && crowd <= TAMAR__POLICY_CROWD_MAX + 256);
        for (i = 0; i < 100000; i++) {
            crowd = test_random(&seed) & 1 ? tamar__policy_crowd_refused(crowd) : tamar__policy_crowd_served(crowd, crowd >> 8);
            CHECKF(crowd >= 256 && crowd <= TAMAR__POLICY_CROWD_MAX + 256, "seed 31, step %d", i);
        }
    }
}

static void bounds(void)
{
    size_t i;
    TEST("tokens: the last ones, and no more than there were")
    {
        uint16_t t = 14, paid = 0;
        CHECK(tamar__policy_spend(&t, false, &paid) && t == 0 && paid == 14);
        t = 13;
        CHECK(!tamar__policy_spend(&t, false, &paid) && t == 13);
        t = 490;
        tamar__policy_refund(&t, 14);
        CHECK(t == 500);
        t = 499;
        tamar__policy_refund(&t, 0);
        CHECK(t == 500);
        tamar__policy_refund(&t, 0);
        CHECK(t == 500);
    }
    TEST("a share of the period, rounded up")
    {
        static const struct { uint32_t n, limit; uint64_t period, want; } table[] = {
            { 0, 1, 60000000, 0 }, { 1, 1, 60000000, 60000000 }, { 1, 7, 60000000, 8571429 },
            { 7, 7, 60000000, 60000000 }, { 1, 60000000, 60000000, 1 }, { 1, 59999999, 60000000, 2 },
            { 1, 60000001, 60000000, 1 }, { 134217728, UINT32_MAX, UINT64_C(86400000000), UINT64_C(86400000000) },
            { UINT32_MAX, 1, UINT64_C(86400000000), UINT64_C(86400000000) * 134217728 },
            { 134217728, 134217728, UINT64_C(86400000000), UINT64_C(86400000000) },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++)
            CHECKF(tamar__policy_share(table[i].n, table[i].limit, table[i].period) == table[i].want, "%lu",
                (unsigned long)i);
        CHECK(TAMAR__POLICY_MINUTE_US == 60000000 && TAMAR__POLICY_DAY_US == UINT64_C(86400000000));
    }
    TEST("the longer of the server's word and our own")
    {
        tamar__policy_rate r;
        memset(&r, 0, sizeof r);
        tamar__policy_rate_take(&r, 60, 60, 60000000, 0);
        tamar__policy_rate_close(&r, 500000);
        CHECK(tamar__policy_rate_wait(&r, 1, 60, 60000000, 0) == 1000000);
        tamar__policy_rate_close(&r, 1500000);
        CHECK(tamar__policy_rate_wait(&r, 1, 60, 60000000, 0) == 1500000 &&
            tamar__policy_rate_wait(&r, 1, 60, 60000000, 600000) == 900000);
        CHECK(tamar__policy_rate_wait(&r, 1, 60, 60000000, 2000000) == 0 &&
            tamar__policy_rate_wait(&r, 0, 60, 60000000, 100000000) == 0);
    }
    TEST("crowds, in 1/256")
    {
        static const struct { uint32_t crowd, refused, in_flight, served; } table[] = {
            { 2560, 1792, 10, 2586 }, { 2560, 1792, 9, 2560 }, { 2569, 1798, 10, 2595 }, { 256, 256, 1, 512 },
            { 365, 256, 1, 545 }, { 366, 256, 1, 546 }, { 368, 257, 1, 547 }, { 65535, 45874, 255, 65537 },
            { 65536, 45875, 256, 65537 }, { 262143, 183500, 1023, 262144 }, { 262144, 183500, 1024, 262144 },
            { UINT32_MAX, UINT32_C(3006477106), UINT32_MAX, UINT32_MAX },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            CHECKF(tamar__policy_crowd_refused(table[i].crowd) == table[i].refused, "%lu",
                (unsigned long)table[i].crowd);
            CHECKF(tamar__policy_crowd_served(table[i].crowd, table[i].in_flight) == table[i].served, "%lu",
                (unsigned long)table[i].crowd);
        }
    }
}

static void tell(tamar__policy_breaker *b, tamar_category c, uint64_t now) { tamar__policy_breaker_tell(b, c, now, 0, 0, 0); }

static void breakers(void)
{
    const uint64_t s = 1000000;
    tamar__policy_breaker b;
    int i;
    TEST("five in a row open it, for five seconds and then twice that")
    {
        memset(&b, 0, sizeof b);
        for (i = 0; i < 4; i++) tell(&b, TAMAR_SERVER, s);
        CHECK(tamar__policy_breaker_wait(&b, s) == 0);
        tell(&b, TAMAR_SERVER, s);
        CHECK(b.state == TAMAR__POLICY_OPEN && tamar__policy_breaker_wait(&b, s) == 5 * s && tamar__policy_breaker_wait(&b, 6 * s) == 0);
        CHECK(tamar__policy_breaker_take(&b, 6 * s, 9 * s));
        CHECK(tamar__policy_breaker_wait(&b, 6 * s) == 3 * s);  // one probe
        tell(&b, TAMAR_TIMEOUT_IDLE, 7 * s);
        CHECK(b.state == TAMAR__POLICY_OPEN && tamar__policy_breaker_wait(&b, 7 * s) == 10 * s);
        CHECK(tamar__policy_breaker_take(&b, 17 * s, 18 * s));
        tell(&b, TAMAR_OK, 17 * s);
        CHECK(b.state == TAMAR__POLICY_HALF_OPEN && tamar__policy_breaker_wait(&b, 17 * s) == 0);
        CHECK(tamar__policy_breaker_take(&b, 17 * s, 18 * s));
        tell(&b, TAMAR_OK, 17 * s);
        CHECK(b.state == TAMAR__POLICY_CLOSED && !tamar__policy_breaker_take(&b, 17 * s, 18 * s));
    }
    TEST("a probe that never reports does not hold it")
    {
        memset(&b, 0, sizeof b);
        for (i = 0; i < 5; i++) tell(&b, TAMAR_CONNECT, s);
        tamar__policy_breaker_take(&b, 6 * s, 8 * s);
        CHECK(tamar__policy_breaker_wait(&b, 7 * s) == s && tamar__policy_breaker_wait(&b, 8 * s) == 0);
        tamar__policy_breaker_take(&b, 8 * s, 9 * s);
        tamar__policy_breaker_unprobe(&b);
        CHECK(tamar__policy_breaker_wait(&b, 8 * s) == 0 && b.probe_until_us == 0);
        tamar__policy_breaker_take(&b, 8 * s, 8 * s);
        CHECK(tamar__policy_breaker_wait(&b, 8 * s) == 1);
    }
    TEST("half of the last twenty")
    {
        memset(&b, 0, sizeof b);
        for (i = 0; i < 3; i++) tell(&b, TAMAR_OK, s);
        tell(&b, TAMAR_EMPTY, s), tell(&b, TAMAR_EMPTY, s);
        CHECK(b.state == TAMAR__POLICY_CLOSED);
        tell(&b, TAMAR_EMPTY, s);
        CHECK(b.state == TAMAR__POLICY_OPEN);
    }
    TEST("what is old is forgotten, and what is not the server's fault does not count")
    {
        memset(&b, 0, sizeof b);
        for (i = 0; i < 4; i++) tell(&b, TAMAR_SERVER, s);
        tell(&b, TAMAR_SERVER, 122 * s);
        CHECK(b.state == TAMAR__POLICY_CLOSED && b.streak == 1);
        for (i = 0; i <= TAMAR_RETRY_BUDGET; i++) {
            bool want = i == TAMAR_DNS || i == TAMAR_CONNECT || (i >= TAMAR_TLS_CERT && i <= TAMAR_TIMEOUT_IDLE) || i == TAMAR_PROTO || (i >= TAMAR_TRUNCATED && i <= TAMAR_OVERLOADED);
            CHECKF(tamar__policy_counts((tamar_category)i) == want, "%s", tamar_category_name((tamar_category)i));
        }
        CHECK(!tamar__policy_counts((tamar_category)-1));
    }
    TEST("a threshold and a time of one's own")
    {
        memset(&b, 0, sizeof b);
        for (i = 0; i < 3; i++) tamar__policy_breaker_tell(&b, TAMAR_SERVER, s, 3, 60000, 20);
        CHECK(b.state == TAMAR__POLICY_OPEN && tamar__policy_breaker_wait(&b, s) == 72 * s);
    }
    TEST("our own cable trips none")
    {
        tamar__policy_breaker c, *list[2];
        list[0] = &b, list[1] = &c;
        memset(&b, 0, sizeof b), memset(&c, 0, sizeof c);
        for (i = 0; i < 5; i++) tell(&b, TAMAR_DNS, s);
        CHECK(b.state == TAMAR__POLICY_OPEN && !tamar__policy_offline(list, 2, s) && !tamar__policy_offline(list, 1, s));
        tell(&c, TAMAR_CONNECT, 2 * s);
        CHECK(tamar__policy_offline(list, 2, 2 * s) && b.state == TAMAR__POLICY_CLOSED && !b.opened);
        CHECK(!tamar__policy_offline(list, 2, 5 * s));
        tell(&c, TAMAR_SERVER, 2 * s);
        CHECK(!tamar__policy_offline(list, 2, 2 * s));
    }
    TEST("any history: legal moves, bounded times, one probe, and never stuck")
    {
        uint32_t seed = 20261121;
        uint64_t now = s, probe = 0, until = 0;
        memset(&b, 0, sizeof b);
        for (i = 0; i < 200000; i++) {
            int was = b.state;
            uint64_t wait;
            now += test_random(&seed) % (seed % 7 ? 300000 : 90000000);
            wait = tamar__policy_breaker_wait(&b, now);
            CHECKF(wait <= 360 * s, "seed 20261121, step %d", i);
            if (was != TAMAR__POLICY_CLOSED && now < until) CHECKF(wait > 0, "step %d", i);  // not before its time
            if (!wait) {
                if (tamar__policy_breaker_take(&b, now, now + 2 * s)) CHECKF(probe <= now, "two probes, step %d", i), probe = now + 2 * s;
                if (test_random(&seed) % 5) tamar__policy_breaker_tell(&b, test_random(&seed) % 3 ? TAMAR_OVERLOADED : TAMAR_OK, now, 0, 0, test_random(&seed)), probe = 0;
                else if (seed & 1) tamar__policy_breaker_unprobe(&b), probe = 0;
            }
            if (b.state == TAMAR__POLICY_OPEN && was != TAMAR__POLICY_OPEN) {
                CHECKF(b.until_us - now >= 5 * s && b.until_us - now <= 360 * s, "step %d", i);
                until = b.until_us;
            }
            if (b.state == TAMAR__POLICY_CLOSED) until = 0;
            CHECKF(b.state != TAMAR__POLICY_CLOSED || was != TAMAR__POLICY_OPEN || now >= until, "step %d", i);
        }
        CHECK(tamar__policy_breaker_wait(&b, now + 361 * s) == 0);
    }
}

// Tells what the text says, one outcome a byte: F a failure, . a success. Returns what has become of the breaker.
static int told(tamar__policy_breaker *b, const char *outcomes, uint32_t threshold)
{
    memset(b, 0, sizeof *b);
    for (; *outcomes; outcomes++)
        tamar__policy_breaker_tell(b, *outcomes == 'F' ? TAMAR_SERVER : TAMAR_OK, 1000, threshold, 0, 0);
    return b->state;
}

static void transitions(void)
{
    tamar__policy_breaker b;
    size_t i;
    TEST("which outcomes open it")
    {
        static const struct { const char *outcomes; uint32_t threshold; int state; } table[] = {
            { "FFFF", 0, TAMAR__POLICY_CLOSED }, { "FFFFF", 0, TAMAR__POLICY_OPEN }, { "F", 1, TAMAR__POLICY_OPEN },
            { "FF", 3, TAMAR__POLICY_CLOSED }, { "F.F.F", 0, TAMAR__POLICY_OPEN }, { "F..F", 0, TAMAR__POLICY_CLOSED },
            { ".F.F", 0, TAMAR__POLICY_CLOSED }, { "FFFF.", 0, TAMAR__POLICY_CLOSED },
            { "FFFF.F", 0, TAMAR__POLICY_OPEN }, { "...F.F", 0, TAMAR__POLICY_CLOSED },
            { "F.F.F.F", 8, TAMAR__POLICY_CLOSED }, { ".F.F.F.F", 8, TAMAR__POLICY_OPEN },
            { ".F.F.F.F", 9, TAMAR__POLICY_CLOSED }, { ".F.F.F.FF", 9, TAMAR__POLICY_OPEN },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++)
            CHECKF(told(&b, table[i].outcomes, table[i].threshold) == table[i].state, "%s", table[i].outcomes);
        told(&b, "F.FF", 0);
        CHECK(b.known == 15 && b.failed == 11 && b.streak == 2 && b.last_us == 1000);
    }
    TEST("the last twenty, this one among them")
    {
        static const struct { uint32_t failed; int state; } table[] = {
            { 0x1FF, TAMAR__POLICY_OPEN }, { 0xFF, TAMAR__POLICY_CLOSED }, { 0x400FF, TAMAR__POLICY_OPEN },
            { 0x800FF, TAMAR__POLICY_CLOSED }, { 0xFFF80000, TAMAR__POLICY_CLOSED },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            memset(&b, 0, sizeof b);
            b.known = UINT32_MAX;
            b.failed = table[i].failed;
            tell(&b, TAMAR_SERVER, 0);
            CHECKF(b.state == table[i].state, "%lx", (unsigned long)table[i].failed);
        }
        CHECK(tamar__policy_bits(0) == 0 && tamar__policy_bits(5) == 2 && tamar__policy_bits(UINT32_MAX) == 32);
        CHECK(!tamar__policy_counts((tamar_category)64) && !tamar__policy_counts((tamar_category)63));
    }
    TEST("the streak counts to 255")
    {
        memset(&b, 0, sizeof b);
        for (i = 0; i < 300; i++) tamar__policy_breaker_tell(&b, TAMAR_SERVER, 0, 1000, 0, 0);
        CHECK(b.streak == 255 && b.state == TAMAR__POLICY_CLOSED);
    }
    TEST("how long it stays open")
    {
        uint64_t want = 1000, now = 0;
        memset(&b, 0, sizeof b);
        for (i = 0; i < 20; i++, want *= i <= 16 ? 2 : 1) {  // 1 ms, doubled sixteen times
            b.state = TAMAR__POLICY_HALF_OPEN;
            tamar__policy_breaker_tell(&b, TAMAR_SERVER, now, 0, 1, 0);
            CHECKF(b.until_us == now + want && b.opened == (i < 16 ? i + 1 : 16), "%lu: %lu", (unsigned long)i,
                (unsigned long)(b.until_us - now));
        }
        static const struct { uint32_t first_ms, random; uint64_t us; } table[] = {
            { 0, 0, 5000000 }, { 300000, 0, 300000000 }, { 300001, 0, 300000000 }, { 1000, 20, 1200000 },
            { 1000, 21, 1000000 }, { 1000, 1, 1010000 }, { UINT32_MAX, 20, 360000000 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            memset(&b, 0, sizeof b);
            b.proven = b.streak = 9;
            b.probe_until_us = 9;
            tamar__policy_breaker_open(&b, 7, table[i].first_ms, table[i].random);
            CHECKF(b.until_us == 7 + table[i].us && b.state == TAMAR__POLICY_OPEN && !b.probe_until_us && !b.proven &&
                !b.streak, "%lu", (unsigned long)i);
        }
    }
    TEST("how long it remembers")
    {
        static const struct { uint64_t now; tamar_category category; unsigned opened, left, known; } table[] = {
            { 120000000, TAMAR_SERVER, 2, 2, 7 }, { 120000001, TAMAR_SERVER, 2, 2, 1 }, { 60000000, TAMAR_OK, 2, 2, 7 },
            { 60000001, TAMAR_OK, 2, 1, 7 }, { 60000001, TAMAR_SERVER, 2, 2, 7 }, { 60000001, TAMAR_OK, 0, 0, 7 },
            { 120000001, TAMAR_OK, 2, 1, 1 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            memset(&b, 0, sizeof b);
            b.known = 3, b.failed = 2, b.streak = 3, b.last_us = 100000000;
            b.opened = (uint8_t)table[i].opened;
            tell(&b, table[i].category, b.last_us + table[i].now);
            CHECKF(b.opened == table[i].left && b.known == table[i].known, "%lu", (unsigned long)i);
            CHECKF(b.failed == (table[i].known == 7 ? 4u : 0u) + (table[i].category ? 1u : 0u), "%lu",
                (unsigned long)i);
            CHECKF(b.streak == (!table[i].category ? 0 : table[i].known == 7 ? 4 : 1), "%lu", (unsigned long)i);
            CHECK(b.last_us == 100000000 + table[i].now && b.state == TAMAR__POLICY_CLOSED);
        }
    }
    TEST("open, half open, and what comes late")
    {
        uint64_t until;
        told(&b, "FFFFF", 0);
        until = b.until_us;
        tell(&b, TAMAR_SERVER, 2000);  // it had started before
        tell(&b, TAMAR_OK, 2000);
        CHECK(b.state == TAMAR__POLICY_OPEN && b.until_us == until && b.opened == 1);
        b.probe_until_us = until + 9;
        tamar__policy_breaker_unprobe(&b);
        CHECK(b.probe_until_us == until + 9 && tamar__policy_breaker_wait(&b, until) == 9 &&
            tamar__policy_breaker_wait(&b, until - 1) == 1);
        b.proven = 1;
        CHECK(tamar__policy_breaker_take(&b, until, until + 5) && b.state == TAMAR__POLICY_HALF_OPEN && b.proven == 0 &&
            b.probe_until_us == until + 5);
        tell(&b, TAMAR_OK, until);
        CHECK(b.state == TAMAR__POLICY_HALF_OPEN && b.proven == 1 && b.probe_until_us == 0 && b.known);
        CHECK(tamar__policy_breaker_take(&b, until, until + 5) && b.proven == 1);
        tell(&b, TAMAR_OK, until);
        CHECK(b.state == TAMAR__POLICY_CLOSED && !b.failed && !b.known && b.opened == 1);
    }
    TEST("a closed one lets all through, whatever it remembers")
    {
        memset(&b, 0, sizeof b);
        b.until_us = b.probe_until_us = 9;
        CHECK(tamar__policy_breaker_wait(&b, 5) == 0 && !tamar__policy_breaker_take(&b, 5, 9) &&
            b.state == TAMAR__POLICY_CLOSED);
    }
    TEST("who could not be reached, and when")
    {
        for (i = 0; i <= TAMAR_RETRY_BUDGET; i++) {
            bool local = i == TAMAR_DNS || i == TAMAR_CONNECT || i == TAMAR_TIMEOUT_CONNECT;
            memset(&b, 0, sizeof b);
            tell(&b, (tamar_category)i, 5);
            CHECKF(b.unreached == local && b.local_us == (local ? 5 : 0), "%s", tamar_category_name((tamar_category)i));
            tell(&b, TAMAR_OK, 6);
            CHECK(!b.unreached && b.local_us == (local ? 5 : 0));
        }
    }
    TEST("offline: all of them, within two seconds")
    {
        tamar__policy_breaker all[4], *list[4];
        static const int states[4] = { TAMAR__POLICY_OPEN, TAMAR__POLICY_CLOSED, TAMAR__POLICY_OPEN,
            TAMAR__POLICY_HALF_OPEN };
        static const int opened[4] = { 2, 3, 0, 4 }, left[4] = { 1, 3, 0, 4 };
        int late;
        for (late = -1; late < 4; late++) {
            memset(all, 0, sizeof all);
            for (i = 0; i < 4; i++) {
                list[i] = &all[i];
                all[i].unreached = true;
                all[i].local_us = 1000 - (late == (int)i ? 1 : 0);
                all[i].failed = all[i].known = 3, all[i].streak = 2;
                all[i].state = (uint8_t)states[i];
                all[i].opened = (uint8_t)opened[i];
                all[i].until_us = all[i].probe_until_us = 5;
            }
            CHECK(tamar__policy_offline(list, 4, 2001000) == (late < 0));
            CHECK(!tamar__policy_offline(list, 1, 1000) && !tamar__policy_offline(list, 0, 1000));
            for (i = 0; i < 4; i++) {
                tamar__policy_breaker *x = &all[i];
                if (late >= 0)
                    CHECK(x->failed == 3 && x->known == 3 && x->streak == 2 && x->state == states[i] &&
                        x->opened == opened[i] && x->until_us == 5 && x->probe_until_us == 5);
                else CHECK(!x->failed && !x->known && !x->streak && x->state == TAMAR__POLICY_CLOSED &&
                    x->opened == left[i] && !x->until_us && !x->probe_until_us);
            }
        }
        all[0].unreached = false;
        CHECK(!tamar__policy_offline(list, 4, 1000));
    }
}

static void resting(void)
{
    TEST("a key's rest always ends")
    {
        int c;
        unsigned n;
        size_t h;
        static const int64_t hints[] = { -1, 0, 1500, 120000, 86400000, INT64_MAX };
        for (c = 0; c <= TAMAR_RETRY_BUDGET; c++)
            for (n = 0; n < 300; n++)
                for (h = 0; h < 6; h++) {
                    int64_t ms = tamar__policy_cooldown((tamar_category)c, n, hints[h]);
                    bool key = c == TAMAR_RATE || c == TAMAR_QUOTA || c == TAMAR_BILLING || c == TAMAR_AUTH || c == TAMAR_PERMISSION;
                    CHECKF(key ? ms > 0 && ms <= 86400000 : ms == 0, "%d %u", c, n);
                    if (c == TAMAR_RATE && hints[h] > 0 && hints[h] <= 86400000) CHECK(ms == hints[h]);
                }
        CHECK(tamar__policy_cooldown(TAMAR_RATE, 0, -1) == 1000 && tamar__policy_cooldown(TAMAR_RATE, 9, -1) == 60000);
        CHECK(tamar__policy_cooldown(TAMAR_BILLING, 0, -1) == 3600000 && tamar__policy_cooldown(TAMAR_QUOTA, 0, 7200000) == 7200000);
        CHECK(tamar__policy_cooldown(TAMAR_AUTH, 0, -1) == 600000 && tamar__policy_cooldown(TAMAR_AUTH, 30, -1) == 21600000);
    }
    TEST("again, with another key, elsewhere: every category")
    {
        uint64_t all = ~(uint64_t)0;
        int c, n;
        for (c = 0; c <= TAMAR_RETRY_BUDGET; c++)
            for (n = 1; n < 8; n++) {
                bool again = tamar__policy_retryable((tamar_category)c, 500);
                unsigned next = tamar__policy_next((tamar_category)c, again, 0, n, 2, -1), away = tamar__policy_next((tamar_category)c, again, all, n, 2, 120001);
                CHECK(!(next & TAMAR__POLICY_SAME) || (again && n <= 2));
                CHECK(!(next & TAMAR__POLICY_ELSEWHERE) && (away & TAMAR__POLICY_ELSEWHERE) && !(away & TAMAR__POLICY_SAME));
                CHECK(!(next & TAMAR__POLICY_KEY) == !tamar__policy_cooldown((tamar_category)c, 0, -1));
            }
        CHECK(tamar__policy_next(TAMAR_TIMEOUT_IDLE, true, 0, 1, 5, -1) == TAMAR__POLICY_SAME && tamar__policy_next(TAMAR_TIMEOUT_IDLE, true, 0, 2, 5, -1) == 0);
        CHECK(tamar__policy_next(TAMAR_RATE, true, all, 1, 2, 0) == (TAMAR__POLICY_SAME | TAMAR__POLICY_KEY | TAMAR__POLICY_ELSEWHERE | TAMAR__POLICY_ELSEWHERE_FIRST));
    }
}

static void afterwards(void)
{
    size_t i;
    int c;
    TEST("a key's rest to the millisecond")
    {
        static const struct { tamar_category category; unsigned strikes; int64_t hint, want; } table[] = {
            { TAMAR_RATE, 0, -1, 1000 }, { TAMAR_RATE, 1, -1, 2000 }, { TAMAR_RATE, 5, -1, 32000 },
            { TAMAR_RATE, 6, -1, 60000 }, { TAMAR_RATE, 16, -1, 60000 }, { TAMAR_RATE, 64, -1, 60000 },
            { TAMAR_RATE, 0, 0, 1 }, { TAMAR_RATE, 0, 1, 1 }, { TAMAR_RATE, 6, 5, 5 },
            { TAMAR_RATE, 0, 86400000, 86400000 }, { TAMAR_RATE, 0, 86400001, 86400000 },
            { TAMAR_QUOTA, 0, -1, 3600000 }, { TAMAR_QUOTA, 9, -1, 3600000 }, { TAMAR_BILLING, 0, 1000, 3600000 },
            { TAMAR_BILLING, 0, 3600001, 3600001 }, { TAMAR_AUTH, 0, -1, 600000 }, { TAMAR_AUTH, 5, -1, 19200000 },
            { TAMAR_AUTH, 6, -1, 21600000 }, { TAMAR_PERMISSION, 64, -1, 21600000 },
            { TAMAR_PERMISSION, 0, 600001, 600001 }, { TAMAR_SERVER, 3, 5000, 0 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++)
            CHECKF(tamar__policy_cooldown(table[i].category, table[i].strikes, table[i].hint) == table[i].want, "%lu",
                (unsigned long)i);
    }
    TEST("again, with another key, elsewhere: bit by bit")  // 1 the same, 2 a key, 4 elsewhere, 8 elsewhere first
    {
        static const struct {
            tamar_category category;
            bool retryable;
            int attempts, max;
            int64_t hint;
            unsigned none, all;
        } table[] = {
            { TAMAR_SERVER, true, 1, 2, -1, 1, 5 }, { TAMAR_SERVER, true, 2, 2, 120000, 1, 5 },
            { TAMAR_SERVER, true, 3, 2, -1, 0, 4 }, { TAMAR_SERVER, true, 1, 2, 120001, 0, 4 },
            { TAMAR_SERVER, false, 1, 2, -1, 0, 4 }, { TAMAR_EMPTY, true, 1, 9, -1, 1, 5 },
            { TAMAR_EMPTY, true, 2, 9, -1, 0, 4 }, { TAMAR_TIMEOUT_IDLE, true, 1, 9, -1, 1, 13 },
            { TAMAR_TIMEOUT_IDLE, true, 2, 9, -1, 0, 12 }, { TAMAR_TIMEOUT_TTFB, true, 2, 9, -1, 0, 12 },
            { TAMAR_RATE, false, 1, 2, -1, 2, 14 }, { TAMAR_RATE, true, 1, 2, -1, 3, 15 },
            { (tamar_category)-1, false, 1, 2, -1, 0, 0 }, { (tamar_category)64, false, 1, 2, -1, 0, 0 },
            { (tamar_category)63, false, 1, 2, -1, 0, 4 },
        };
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            CHECKF(tamar__policy_next(table[i].category, table[i].retryable, 0, table[i].attempts, table[i].max,
                table[i].hint) == table[i].none, "%lu", (unsigned long)i);
            CHECKF(tamar__policy_next(table[i].category, table[i].retryable, UINT64_MAX, table[i].attempts,
                table[i].max, table[i].hint) == table[i].all, "%lu", (unsigned long)i);
        }
        for (c = 0; c <= TAMAR_RETRY_BUDGET; c++) {
            bool key = c == TAMAR_RATE || c == TAMAR_QUOTA || c == TAMAR_BILLING || c == TAMAR_AUTH ||
                c == TAMAR_PERMISSION;
            bool first = c == TAMAR_RATE || c == TAMAR_TIMEOUT_TTFB || c == TAMAR_TIMEOUT_IDLE ||
                c == TAMAR_TIMEOUT_CONNECT || c == TAMAR_TIMEOUT_TLS || c == TAMAR_CONNECT;
            bool once = c == TAMAR_TIMEOUT_TTFB || c == TAMAR_TIMEOUT_IDLE || c == TAMAR_EMPTY;
            unsigned next = tamar__policy_next((tamar_category)c, true, TAMAR_MASK(c), 2, 5, -1);
            CHECKF(next == (once ? 0u : 1u) + (key ? 2u : 0u) + 4u + (first ? 8u : 0u), "%s",
                tamar_category_name((tamar_category)c));
            CHECK(!(tamar__policy_next((tamar_category)c, true, ~TAMAR_MASK(c), 2, 5, -1) & 12));
        }
    }
}

// -- names -----------------------------------------------------------------------------------------

static void names(void)
{
    TEST("every category has its frozen number and its own name")
    {
        static const struct { int number; const char *name; } table[] = {
            { 0, "ok" }, { 1, "cancelled" }, { 2, "config" }, { 3, "clock" }, { 4, "nomem" }, { 5, "limit" }, { 6, "local_limit" }, { 7, "budget" }, { 8, "offline" },
            { 9, "dns" }, { 10, "connect" }, { 11, "proxy" }, { 12, "tls_cert" }, { 13, "tls_proto" }, { 14, "reset" }, { 15, "timeout_connect" }, { 16, "timeout_tls" },
            { 17, "timeout_send" }, { 18, "timeout_ttfb" }, { 19, "timeout_idle" }, { 20, "timeout_total" }, { 21, "proto" }, { 22, "redirect" }, { 23, "truncated" },
            { 24, "parse" }, { 25, "empty" }, { 26, "server" }, { 27, "overloaded" }, { 28, "rate" }, { 29, "quota" }, { 30, "billing" }, { 31, "auth" },
            { 32, "permission" }, { 33, "model_not_found" }, { 34, "context" }, { 35, "too_large" }, { 36, "bad_request" }, { 37, "content_filter" },
            { 38, "model_output" }, { 39, "breaker_open" }, { 40, "retry_budget" },
        };
        size_t i;
        CHECK(sizeof table / sizeof *table == TAMAR_RETRY_BUDGET + 1);
        for (i = 0; i < sizeof table / sizeof *table; i++) CHECK(!strcmp(tamar_category_name((tamar_category)table[i].number), table[i].name));
        CHECK(TAMAR_TIMEOUT_IDLE == 19 && TAMAR_RATE == 28 && TAMAR_RETRY_BUDGET == 40);
        CHECK(!strcmp(tamar_category_name((tamar_category)41), "unknown"));
        CHECK(!strcmp(tamar_category_name((tamar_category)-1), "unknown"));
    }
    TEST("the other names")
    {
        static const char *const finishes[] = { "", "stop", "length", "tool_calls", "content_filter", "refusal", "error", "other" };
        static const char *const phases[] = { "none", "queue", "resolve", "connect", "tls", "send", "wait", "body", "done" };
        static const char *const events[] = { "none", "start", "text", "reasoning", "refusal", "tool_call", "heartbeat", "reset", "finish" };
        int i;
        for (i = 0; i <= TAMAR_FINISH_OTHER; i++) CHECK(!strcmp(tamar_finish_name((tamar_finish)i), finishes[i]));
        for (i = 0; i <= TAMAR_PHASE_DONE; i++) CHECK(!strcmp(tamar_phase_name((tamar_phase)i), phases[i]));
        for (i = 0; i <= TAMAR_EVENT_FINISH; i++) CHECK(!strcmp(tamar_event_name((tamar_event_type)i), events[i]));
        CHECK(tamar_finish_name((tamar_finish)99) && tamar_phase_name((tamar_phase)99) && tamar_event_name((tamar_event_type)99));
    }
}

int main(int argc, char **argv)
{
    documented();
    precedence();
    rows();
    retryable();
    hints();
    shapes();
    resets();
    grpc();
    waiting();
    exactly();
    tokens();
    bounds();
    rates();
    crowds();
    breakers();
    transitions();
    resting();
    afterwards();
    names();
    (void)argv;
    if (argc < 2) enumerated();  // takes the longest: any argument leaves it out
    return test_done();
}
