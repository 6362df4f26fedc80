// Numbers, both ways. strtod and printf of this machine are the judges, and exact decimal expansions of borders, which no
// luck rounds right; shortest means that no text with one digit less reads back the same.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"
#include <float.h>
#include <math.h>

static uint64_t state = 88172645463325252;

static uint64_t next(void)
{
    state ^= (state & UINT64_C(0x7FFFFFFFFFFFF)) << 13;
    state ^= state >> 7;
    state ^= (state & UINT64_C(0x7FFFFFFFFFFF)) << 17;
    return state;
}

static uint64_t bits_of(double d)
{
    uint64_t b;
    memcpy(&b, &d, 8);
    return b;
}

static double from_bits(uint64_t b)
{
    double d;
    memcpy(&d, &b, 8);
    return d;
}

// Is this machine's strtod a judge? Some round to a long double first and then once more; these it gets wrong then.
static bool judges(void)
{
    static const struct { const char *text; double value; } borders[] = {
        {"9.840252457850896e260", 0x1.fffffffffffffp+866}, {"3.839223843572815e-239", 0x1.fffffffffffffp-793},
        {"1.251301934489438e-147", 0x1.fffffffffffffp-489}, {"1.535689537429126e-238", 0x1.fffffffffffffp-791},
    };
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++)
        if (strtod(borders[i].text, NULL) != borders[i].value) return false;
    return true;
}

static bool judged;

// As strtod has it, at a guard page.
static void judge(const char *text, size_t len)
{
    test_guarded g = test_guard(text, len);
    char z[4096];
    double d = 99, want;
    tamar_json_status status = tamar__num_to_double(g.ptr, len, &d);
    memcpy(z, text, len);
    z[len] = 0;
    want = strtod(z, NULL);
    if (!judged) CHECKF(status == (isinf(want) ? TAMAR_JSON_OUT_OF_RANGE : TAMAR_JSON_OK), "%.60s", z);
    else if (isinf(want)) CHECKF(status == TAMAR_JSON_OUT_OF_RANGE && d == 99, "%.60s", z);
    else CHECKF(status == TAMAR_JSON_OK && bits_of(d) == bits_of(want), "%.60s: %a, not %a", z, d, want);
    test_unguard(g);
}

static void judge_z(const char *text) { judge(text, strlen(text)); }

static size_t put(char *out, double d)
{
    size_t len = 0;
    CHECK(tamar__num_put_double(out, d, &len) && len <= 26);
    out[len] = 0;
    return len;
}

// There and back, and no shorter text does it.
static void judge_double(double d)
{
    char text[40], shorter[40];
    size_t len;
    double back = 0;
    int digits = 0, zeros = 0;
    if (!isfinite(d)) {
        CHECK(!tamar__num_put_double(text, d, &len));
        return;
    }
    len = put(text, d);
    CHECKF(tamar__num_to_double(text, len, &back) == TAMAR_JSON_OK && bits_of(back) == bits_of(d), "%a: %s", d, text);
    if (!judged) return;
    CHECKF(bits_of(strtod(text, NULL)) == bits_of(d), "%a: %s", d, text);
    for (size_t i = 0; i < len && text[i] != 'e'; i++)
        if (text[i] > '0' && text[i] <= '9') digits += zeros + 1, zeros = 0;
        else if (text[i] == '0' && digits) zeros++;
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, d);
        CHECKF(strtod(shorter, NULL) != d, "%s is shorter than %s", shorter, text);
    }
    if (digits > 0) {  // and of the texts this long it is the nearest
        snprintf(shorter, sizeof shorter, "%.*e", digits - 1, d);
        CHECKF(strtod(shorter, NULL) != d || strtold(text, NULL) == strtold(shorter, NULL), "%s is nearer than %s", shorter, text);
    }
}

static void test_known(void)
{
    static const struct { const char *text; uint64_t bits; } known[] = {
        {"0", 0}, {"-0", UINT64_C(0x8000000000000000)}, {"0e999999999999999999", 0}, {"-0.000e-5", UINT64_C(0x8000000000000000)},
        {"1", UINT64_C(0x3FF0000000000000)}, {"0.1", UINT64_C(0x3FB999999999999A)}, {"-2.5", UINT64_C(0xC004000000000000)},
        {"9007199254740993", UINT64_C(0x4340000000000000)}, {"9007199254740993.0000000000000000001", UINT64_C(0x4340000000000001)},
        {"9007199254740991.5", UINT64_C(0x4340000000000000)}, {"9007199254740992.99999999999", UINT64_C(0x4340000000000000)},
        {"4.9406564584124654e-324", 1}, {"2.4703282292062328e-324", 1}, {"2.4703282292062327e-324", 0}, {"1e-400", 0}, {"1e-99999999999999999999", 0},
        {"2.2250738585072011e-308", UINT64_C(0x000FFFFFFFFFFFFF)}, {"2.2250738585072014e-308", UINT64_C(0x0010000000000000)},
        {"2.2250738585072012e-308", UINT64_C(0x0010000000000000)}, {"1.7976931348623157e308", UINT64_C(0x7FEFFFFFFFFFFFFF)},
        {"1.7976931348623158e308", UINT64_C(0x7FEFFFFFFFFFFFFF)}, {"7.2057594037927933e16", UINT64_C(0x4370000000000000)},
        {"1e23", UINT64_C(0x44B52D02C7E14AF6)}, {"8.442911973260991817129021e-309", UINT64_C(0x0006123400000001)},
        {"6.631236846766476e-316", UINT64_C(0x0000000008000000)}, {"3.237883913302901e-319", UINT64_C(0x000000000000FFFF)},
        {"123456789012345678901234567890", UINT64_C(0x45F8EE90FF6C373E)}, {"179769313486231580793728971405303e276", UINT64_C(0x7FEFFFFFFFFFFFFF)}, {"0.000000000000000000000000000001e30", UINT64_C(0x3FF0000000000000)},
        {"1000000000000000000000000e-24", UINT64_C(0x3FF0000000000000)},
    };
    static const struct { double value; const char *text; } written[] = {
        {0, "0.0"}, {5, "5.0"}, {-5, "-5.0"}, {0.5, "0.5"}, {0.1, "0.1"}, {0.3, "0.3"}, {2.0 / 3, "0.6666666666666666"}, {100, "100.0"}, {1234.5, "1234.5"},
        {1e20, "100000000000000000000.0"}, {123456789012345680000.0, "123456789012345680000.0"}, {1e21, "1e21"}, {1.5e21, "1.5e21"}, {1e-5, "0.00001"},
        {1e-6, "0.000001"}, {1.5e-6, "0.0000015"}, {1e-7, "1e-7"}, {1.25e-7, "1.25e-7"}, {1e23, "1e23"}, {9007199254740991.0, "9007199254740991.0"},
        {5e-324, "5e-324"}, {-1.7976931348623157e308, "-1.7976931348623157e308"}, {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {0.7, "0.7"}, {1.1, "1.1"}, {4.35, "4.35"}, {2e-44, "2e-44"}, {9.5e-3, "0.0095"}, {-1.2345678901234567e-5, "-0.000012345678901234568"},
    };
    static const char *const bad[] = {"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1e-", "0x10", "1 ", " 1", "1,", "--1", "1.5.2", "1e5.0", "1e5e", "e5", "NaN",
        "Infinity", "1_000", "1f", "-.5", "1.e5", "00", "1-", "\xFF", "1\xFF", "1e\xFF"};
    TEST("known bits") {
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            double d = 99;
            CHECKF(tamar__num_to_double(known[i].text, strlen(known[i].text), &d) == TAMAR_JSON_OK && bits_of(d) == known[i].bits, "%s: %a", known[i].text, d);
            judge_z(known[i].text);
        }
    }
    TEST("too large for a double") {
        static const char *const large[] = {"1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999", "179769313486231580793728971405304e276"};
        double d = 99;
        for (size_t i = 0; i < sizeof large / sizeof *large; i++)
            CHECKF(tamar__num_to_double(large[i], strlen(large[i]), &d) == TAMAR_JSON_OUT_OF_RANGE && d == 99, "%s", large[i]);
    }
    TEST("known texts") {
        for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
            char text[40];
            put(text, written[i].value);
            CHECKF(strcmp(text, written[i].text) == 0, "%s, not %s", text, written[i].text);
            judge_double(written[i].value);
        }
        CHECK(put((char[40]){0}, from_bits(UINT64_C(0x8000000000000000))) == 4);  // -0.0
    }
    TEST("what is no number") {
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            test_guarded g = test_guard(bad[i], strlen(bad[i]));
            double d;
            int64_t n;
            uint64_t u;
            bool whole;
            CHECKF(tamar__num_to_double(g.ptr, g.len, &d) == TAMAR_JSON_SYNTAX, "%s", bad[i]);
            CHECKF(tamar__num_to_int(g.ptr, g.len, &n) == TAMAR_JSON_SYNTAX && tamar__num_to_uint(g.ptr, g.len, &u) == TAMAR_JSON_SYNTAX, "%s", bad[i]);
            const char *end = tamar__num_end(g.ptr, g.ptr + g.len, &whole);
            CHECKF(!whole || end < g.ptr + g.len, "%s", bad[i]);
            test_unguard(g);
        }
    }
}

static void test_integers(void)
{
    static const struct { const char *text; bool is_int, is_uint; int64_t i; uint64_t u; } whole[] = {
        {"0", true, true, 0, 0}, {"-0", true, true, 0, 0}, {"-0.0e5", true, true, 0, 0}, {"5", true, true, 5, 5}, {"-5", true, false, -5, 0}, {"5.0", true, true, 5, 5},
        {"5e0", true, true, 5, 5}, {"50e-1", true, true, 5, 5}, {"0.05e2", true, true, 5, 5}, {"5.5", false, false, 0, 0}, {"1e-1", false, false, 0, 0},
        {"5e-1", false, false, 0, 0}, {"1.5e1", true, true, 15, 15}, {"9223372036854775807", true, true, INT64_MAX, INT64_MAX},
        {"9223372036854775808", false, true, 0, UINT64_C(9223372036854775808)}, {"-9223372036854775808", true, false, INT64_MIN, 0},
        {"-9223372036854775809", false, false, 0, 0}, {"18446744073709551615", false, true, 0, UINT64_MAX}, {"18446744073709551616", false, false, 0, 0},
        {"18446744073709551615.0000", false, true, 0, UINT64_MAX}, {"1844674407370955161.5e1", false, true, 0, UINT64_MAX},
        {"184467440737095516150e-1", false, true, 0, UINT64_MAX}, {"184467440737095516155e-1", false, false, 0, 0}, {"1e19", false, true, 0, UINT64_C(10000000000000000000)},
        {"1e20", false, false, 0, 0}, {"1e18", true, true, INT64_C(1000000000000000000), UINT64_C(1000000000000000000)}, {"0e999999999999999", true, true, 0, 0},
        {"1e999999999999999999999", false, false, 0, 0}, {"1e-999999999999999999999", false, false, 0, 0}, {"0e-9999999999999999999", true, true, 0, 0},
        {"100000000000000000000000e-20", true, true, 1000, 1000}, {"0.000000000000000000000000001e29", true, true, 100, 100}, {"99999999999999999999", false, false, 0, 0},
    };
    TEST("whole numbers in any clothes") {
        for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
            test_guarded g = test_guard(whole[i].text, strlen(whole[i].text));
            int64_t n = 77;
            uint64_t u = 77;
            CHECKF(tamar__num_to_int(g.ptr, g.len, &n) == (whole[i].is_int ? TAMAR_JSON_OK : TAMAR_JSON_OUT_OF_RANGE), "%s", whole[i].text);
            CHECKF(n == (whole[i].is_int ? whole[i].i : 77), "%s", whole[i].text);
            CHECKF(tamar__num_to_uint(g.ptr, g.len, &u) == (whole[i].is_uint ? TAMAR_JSON_OK : TAMAR_JSON_OUT_OF_RANGE), "%s", whole[i].text);
            CHECKF(u == (whole[i].is_uint ? whole[i].u : 77), "%s", whole[i].text);
            test_unguard(g);
        }
    }
    TEST("written and read") {
        for (int round = 0; round < 20000; round++) {
            uint64_t u = next() >> next() % 64, back;
            int64_t i = (int64_t)u, again;
            char text[32], want[32];
            size_t n = tamar__num_put_uint(text, u);
            snprintf(want, sizeof want, "%llu", (unsigned long long)u);
            CHECK(n == strlen(want) && memcmp(text, want, n) == 0 && tamar__num_to_uint(text, n, &back) == TAMAR_JSON_OK && back == u);
            n = tamar__num_put_int(text, i);
            snprintf(want, sizeof want, "%lld", (long long)i);
            CHECK(n == strlen(want) && memcmp(text, want, n) == 0 && tamar__num_to_int(text, n, &again) == TAMAR_JSON_OK && again == i);
        }
    }
}

static void test_random_doubles(void)
{
    TEST("random doubles there and back, shortest") {
        for (int round = 0; round < 120000; round++) {
            uint64_t b = next();
            double d = from_bits(b);
            if (round % 5 == 1) d = (double)(int64_t)next() / (double)(1 << next() % 20);
            if (round % 5 == 2) d = (double)(next() % 1000000) / 1000;
            if (round % 5 == 3) d = from_bits((b & UINT64_C(0x800FFFFFFFFFFFFF)) | (next() % 3) << 52);  // the smallest
            if (round % 5 == 4) d = from_bits(b & (UINT64_C(0xFFF0000000000000) | (next() & next() & next())));  // few bits
            judge_double(d);
        }
    }
    TEST("powers of two and of ten and their neighbours") {
        for (uint64_t e = 0; e < 2047; e++)
            for (uint64_t near = 0; near < 5; near++) {
                uint64_t b = (e << 52) + near;
                judge_double(from_bits(b < 2 ? b : b - 2));
            }
        for (int e = -330; e < 312; e++)
            for (int m = 1; m < 100; m++) {
                char text[32];
                snprintf(text, sizeof text, "%de%d", m, e);
                judge_z(text);
            }
    }
    TEST("random texts of any length") {
        for (int round = 0; round < 60000; round++) {
            char text[128];
            size_t k = 0, digits = 1 + next() % (round % 3 ? 22 : 60), point = next() % 60;
            if (next() % 2) text[k++] = '-';
            text[k++] = (char)('1' + next() % 9);
            for (size_t i = 1; i < digits; i++) {
                if (i == point) text[k++] = '.';
                text[k++] = (char)('0' + next() % 10);
            }
            k += (size_t)sprintf(text + k, "e%d", (int)(next() % 700) - 350);
            judge(text, k);
        }
    }
}

// All digits of the border between a double and the one above it, and the texts just below and above.
static void test_borders(void)
{
    TEST("borders, exactly") {
        for (int round = 0; round < 6000; round++) {
            static char exact[2400], text[2500];
            uint64_t b = next() & INT64_MAX;
            char *e, tail[32];
            size_t n;
            if (round % 3 == 0) b = (b & UINT64_C(0xFFFFFFFFFFFFF)) | (next() % 2) << 52;
            if (round % 3 == 1) b = (b & UINT64_C(0xFFFFFFFFFFFFF)) | (1000 + next() % 120) << 52;
            if (b >= UINT64_C(0x7FEFFFFFFFFFFFFF)) continue;
#if LDBL_MANT_DIG >= 64
            snprintf(exact, sizeof exact, "%.1150Le", ((long double)from_bits(b) + (long double)from_bits(b + 1)) / 2);
#else
            snprintf(exact, sizeof exact, "%.1150e", from_bits(b));
#endif
            e = strchr(exact, 'e');
            snprintf(tail, sizeof tail, "%s", e);
            judge_z(exact);  // a tie goes to the even one
            *e = 0;
            n = (size_t)snprintf(text, sizeof text, "%s1%s", exact, tail);
            judge(text, n);
            while (e[-1] == '0') e--;
            if (e[-1] == '.') continue;
            e[-1]--;
            *e = 0;
            n = (size_t)snprintf(text, sizeof text, "%s9%s", exact, tail);
            judge(text, n);
        }
    }
    TEST("thousands of digits") {
        static char text[4000];
        for (int zeros = 0; zeros < 3000; zeros += 149) {
            int n = sprintf(text, "0.");
            memset(text + n, '0', (size_t)zeros);
            n += zeros;
            n += sprintf(text + n, "9007199254740993");
            memset(text + n, '0', 800);
            n += 800;
            n += sprintf(text + n, "%se%d", zeros % 2 ? "1" : "", zeros + 16);
            judge(text, (size_t)n);
            n = sprintf(text, "9007199254740993");
            memset(text + n, '0', (size_t)zeros);
            n += zeros;
            n += sprintf(text + n, ".%0800d%se-%d", 0, zeros % 2 ? "1" : "", zeros);
            judge(text, (size_t)n);
        }
    }
}

static void test_suites(void)
{
    const char *base = getenv("TAMAR_SHARED");
    char path[600];
    char *text;
    size_t len;
    snprintf(path, sizeof path, "%s/corpus/conformance/json/numbers.json", base ? base : "../shared");
    text = test_read_file(path, &len);
    if (!text) {
        test_skip("numbers.json", "it is not here");
        test_skip("yyjson's numbers", "they are not here");
        return;
    }
    TEST("numbers.json") {
        tamar_json root, v;
        tamar_json_iter it;
        size_t n = 0;
        CHECK(tamar_json_parse(text, len, &root, NULL));
        for (it = tamar_json_iterate(tamar_json_get(root, "numbers")); tamar_json_next(&it, NULL, &v); n++) {
            char number[2048], bits[32], exact[2048], shortest[64], mine[64];
            size_t number_len, k;
            bool overflow = false, integer = false, fits = false, want;
            double d = 0, other = 0;
            int64_t i;
            uint64_t u;
            CHECK(tamar_json_get_string(tamar_json_get(v, "text"), number, sizeof number, &number_len) == TAMAR_JSON_OK);
            tamar_json_get_string(tamar_json_get(v, "f64_bits"), bits, sizeof bits, NULL);
            tamar_json_get_bool(tamar_json_get(v, "overflow"), &overflow);
            tamar_json_get_bool(tamar_json_get(v, "integer_syntax"), &integer);
            tamar_json_status status = tamar__num_to_double(number, number_len, &d);
            CHECKF(status == (overflow ? TAMAR_JSON_OUT_OF_RANGE : TAMAR_JSON_OK), "%s", number);
            if (!overflow) CHECKF(bits_of(d) == strtoull(bits, NULL, 16), "%s: %a", number, d);
            if (integer) {
                tamar_json_get_string(tamar_json_get(v, "exact"), exact, sizeof exact, NULL);
                fits = tamar__num_to_int(number, number_len, &i) == TAMAR_JSON_OK;
                tamar_json_get_bool(tamar_json_get(v, "fits_int64"), &want);
                CHECKF(fits == want, "%s", number);
                if (fits) CHECK(snprintf(mine, sizeof mine, "%lld", (long long)i) && strcmp(mine, exact) == 0);
                fits = tamar__num_to_uint(number, number_len, &u) == TAMAR_JSON_OK;
                tamar_json_get_bool(tamar_json_get(v, "fits_uint64"), &want);
                CHECKF(fits == want || strcmp(exact, "0") == 0, "%s", number);  // -0 is 0 here
                if (fits) CHECK(snprintf(mine, sizeof mine, "%llu", (unsigned long long)u) && strcmp(mine, exact) == 0);
            }
            if (overflow || tamar_json_get_string(tamar_json_get(v, "shortest"), shortest, sizeof shortest, &k) != TAMAR_JSON_OK) continue;
            // Python writes exponents elsewhere, so the digits are compared: the same number of them, the same value.
            judge_double(d);
            put(mine, d);
            CHECKF(tamar__num_to_double(mine, strlen(mine), &other) == TAMAR_JSON_OK && bits_of(other) == bits_of(strtod(shortest, NULL)), "%s", number);
            CHECKF(fabsl(strtold(mine, NULL) - strtold(shortest, NULL)) == 0, "%s: %s, not %s", number, mine, shortest);
        }
        CHECK(n > 200);
        for (it = tamar_json_iterate(tamar_json_get(root, "invalid")); tamar_json_next(&it, NULL, &v);) {
            char number[256];
            size_t number_len;
            double d;
            CHECK(tamar_json_get_string(v, number, sizeof number, &number_len) == TAMAR_JSON_OK);
            CHECKF(tamar__num_to_double(number, number_len, &d) == TAMAR_JSON_SYNTAX, "%s", number);
        }
    }
    free(text);
    TEST("yyjson's numbers") {
        // Files marked ext are JSON5's; of the others each line is a number, or (fail) none.
        static const struct { const char *name; bool number; } files[] = {{"int.txt", true}, {"int(big).txt", true}, {"int(inf).txt", true}, {"int(fail).txt", false},
            {"int(ext).txt", false}, {"real_1.txt", true}, {"real_2.txt", true}, {"real_5.txt", true}, {"real_6.txt", true}, {"real(inf).txt", true}, {"real(fail).txt", false},
            {"real(ext).txt", false}, {"real(inf)(ext).txt", false}, {"hex(ext).txt", false}, {"hex(fail).txt", false}, {"literal.txt", false}, {"literal(fail).txt", false}};
        for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
            char *p, *end;
            snprintf(path, sizeof path, "%s/corpus/conformance/json/yyjson/num/%s", base ? base : "../shared", files[f].name);
            text = test_read_file(path, &len);
            CHECKF(text, "%s", path);
            for (p = text; p && p < text + len; p = end + 1) {
                double d;
                end = (char *)memchr(p, '\n', (size_t)(text + len - p));
                if (!end) end = text + len;
                size_t n = (size_t)(end - p);
                if (n && p[n - 1] == '\r') n--;
                if (n == 0 || *p == '#') continue;
                if (files[f].number && n < 4000) judge(p, n);
                else CHECKF((tamar__num_to_double(p, n, &d) != TAMAR_JSON_SYNTAX) == files[f].number, "%s: %.*s", files[f].name, (int)n, p);
            }
            free(text);
        }
    }
}

int main(void)
{
    judged = judges();
    if (!judged) test_skip("what strtod says of the same numbers", "this C library's strtod rounds twice");
    test_known();
    test_integers();
    test_random_doubles();
    test_borders();
    test_suites();
    return test_done();
}
