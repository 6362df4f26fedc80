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
    size_t s, c, t, h, n = 0;
    TEST("every status, code, type and hint")
    {
        for (s = 0; s < sizeof statuses / sizeof *statuses; s++)
            for (c = 0; c < sizeof words / sizeof *words; c++)
                for (t = 0; t < sizeof words / sizeof *words; t++)
                    for (h = 0; h < sizeof hints / sizeof *hints; h++) {
                        int status = statuses[s];
                        tamar_category got = classify(status, words[c], words[t], "prose", hints[h]);
                        tamar_category code = tamar__policy_by_word(str(words[c]));
                        bool again = tamar__policy_retryable(got, status), soon = hints[h] >= 0 && hints[h] <= 120000;
                        n++;
#define THAT(x) CHECKF(x, "%d '%s' '%s' %ld: %s", status, words[c], words[t], (long)hints[h], tamar_category_name(got))
                        THAT(got > TAMAR_OK && got <= TAMAR_RETRY_BUDGET);
                        THAT(got == classify(status, words[c], words[t], "prose", hints[h]));
                        if (code == TAMAR_BILLING && !soon) THAT(got == TAMAR_BILLING && !again);  // never retried
                        if (code == TAMAR_BILLING && soon && status == 429) THAT(got == TAMAR_RATE && again);
                        if (status == 429) THAT(got == TAMAR_RATE || got == TAMAR_BILLING || got == TAMAR_OVERLOADED);
                        if (status == 402) THAT(!again || got == TAMAR_OVERLOADED || got == TAMAR_RATE);
                        if (status == 501) THAT(got != TAMAR_SERVER || !again);
                        if (code == TAMAR_AUTH && status != 429) THAT(got == TAMAR_AUTH && !again);
                        if (code == TAMAR_CONTEXT && status != 429) THAT(got == TAMAR_CONTEXT && !again);
                        if (code == TAMAR_CONTENT_FILTER && status != 429) THAT(got == TAMAR_CONTENT_FILTER && !again);
                        if (status == 400 && code == TAMAR_OK && tamar__policy_by_word(str(words[t])) == TAMAR_OK) THAT(got == TAMAR_BAD_REQUEST && !again);
                        if (status >= 500 && (code == TAMAR_OK || code == TAMAR_SERVER) && tamar__policy_by_word(str(words[t])) == TAMAR_OK)
                            THAT((got == TAMAR_SERVER || got == TAMAR_OVERLOADED) && again == (status != 501));
                    }
        CHECK(n == sizeof statuses / sizeof *statuses * (sizeof words / sizeof *words) * (sizeof words / sizeof *words) * (sizeof hints / sizeof *hints));
    }
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
            "", " ", "-1", "+1", "1e3", "1.2.3", "0x10", "1 s", "soon", ".", "nan", "inf", "86401", "999999999999999999999999", "9223372036854775807", "1,5", "\xD9\xA1",
            "Fri, 20 Nov 2026 10:00:30", "Fri, 20 Nov 2026 10:00:30 UTC", "Fri, 20 Nov 2026 25:00:30 GMT", "Fri, 32 Nov 2026 10:00:30 GMT", "Fri, 00 Nov 2026 10:00:30 GMT",
            "Fri, 20 Nop 2026 10:00:30 GMT", "Fri, 20 Nov 2026 10:60:30 GMT", "Fri, 20 Nov 2026 10:00:61 GMT", "Fri, 2x Nov 2026 10:00:30 GMT", "Friday, 20-Nov-26 10:00:30 GMT",
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
        static const char *const events[] = { "none", "start", "text", "reasoning", "refusal", "tool_call", "heartbeat", "finish" };
        int i;
        for (i = 0; i <= TAMAR_FINISH_OTHER; i++) CHECK(!strcmp(tamar_finish_name((tamar_finish)i), finishes[i]));
        for (i = 0; i <= TAMAR_PHASE_DONE; i++) CHECK(!strcmp(tamar_phase_name((tamar_phase)i), phases[i]));
        for (i = 0; i <= TAMAR_EVENT_FINISH; i++) CHECK(!strcmp(tamar_event_name((tamar_event_type)i), events[i]));
        CHECK(tamar_finish_name((tamar_finish)99) && tamar_phase_name((tamar_phase)99) && tamar_event_name((tamar_event_type)99));
    }
}

int main(void)
{
    documented();
    enumerated();
    retryable();
    hints();
    waiting();
    names();
    return test_done();
}
