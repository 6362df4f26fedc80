// SHA-256, HMAC and tokens: the vectors of FIPS 180-4 and RFC 4231, the vendors' golden tokens, and every length up to four blocks put
// together from every two pieces.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"

static const char *only;

#define CASE(name) if (!only || !strcmp(only, name)) TEST(name)

static void hex_of(const unsigned char *digest, char *out)
{
    for (size_t i = 0; i < TAMAR__HASH_SIZE; i++) snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void sha_is(const char *text, size_t len, const char *want)
{
    unsigned char digest[TAMAR__HASH_SIZE];
    char hex[65];
    test_guarded g = test_guard(text, len);
    tamar__hash_sha256(tamar__str_make(g.ptr, g.len), digest);
    hex_of(digest, hex);
    CHECKF(!strcmp(hex, want), "got  %s\n        want %s", hex, want);
    test_unguard(g);
}

static void hmac_is(const char *key, size_t key_len, const char *text, size_t len, const char *want)
{
    unsigned char digest[TAMAR__HASH_SIZE];
    char hex[65];
    test_guarded k = test_guard(key, key_len), t = test_guard(text, len);
    tamar__hash_hmac(tamar__str_make(k.ptr, k.len), tamar__str_make(t.ptr, t.len), digest);
    hex_of(digest, hex);
    CHECKF(!strncmp(hex, want, strlen(want)), "got  %s\n        want %s", hex, want);
    test_unguard(k);
    test_unguard(t);
}

static void jwt_is(const char *header, const char *claims, const char *secret, const char *want)
{
    for (long n = 0; n < 20; n++) {  // 0: nothing fails
        tamar__base_memory memory;
        tamar__arena arena;
        tamar__str_buf b;
        test_memory m;
        memset(&m, 0, sizeof m);
        m.fail_at = n;
        memset(&memory, 0, sizeof memory);
        memory.allocator.resize = test_resize;
        memory.allocator.user_data = &m;
        tamar__arena_init(&arena, &memory, 64);
        tamar__str_init(&b, &arena, SIZE_MAX / 2);
        if (tamar__hash_jwt(&b, tamar_text(header), tamar_text(claims), tamar_text(secret))) {
            CHECK_STR(b, want);
            CHECK(tamar__hash_is_jwt(tamar__str_view(&b)));
        }
        else CHECK(m.failed);
        tamar__arena_free(&arena);
        CHECK(m.live == 0);
    }
}

#define A20 "\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA"

int main(int argc, char **argv)
{
    if (argc > 1) only = argv[1];

    CASE("sha256")  // FIPS 180-4's examples, and the empty text
    {
        char *million = (char *)malloc(1000000);
        if (!million) abort();
        memset(million, 'a', 1000000);
        sha_is("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        sha_is("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        sha_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        sha_is(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
        free(million);
    }
    CASE("sha256-pieces")  // every length across four blocks, in every two pieces and byte by byte
    {
        char text[257];
        uint32_t random = 7;
        for (size_t i = 0; i < sizeof text; i++) text[i] = (char)(test_random(&random) & 0x7F);
        for (size_t len = 0; len <= 256; len++) {
            unsigned char whole[TAMAR__HASH_SIZE], other[TAMAR__HASH_SIZE];
            tamar__hash h;
            tamar__hash_sha256(tamar__str_make(text, len), whole);
            for (size_t cut = 0; cut <= len; cut++) {
                tamar__hash_begin(&h);
                tamar__hash_add(&h, text, cut);
                tamar__hash_add(&h, text + cut, len - cut);
                tamar__hash_end(&h, other);
                CHECKF(!memcmp(whole, other, sizeof whole), "%lu cut at %lu", (unsigned long)len, (unsigned long)cut);
            }
            tamar__hash_begin(&h);
            for (size_t i = 0; i < len; i++) tamar__hash_add(&h, text + i, 1);
            tamar__hash_end(&h, other);
            CHECK(!memcmp(whole, other, sizeof whole));
        }
    }
    CASE("sha256-wipes")
    {
        static const tamar__hash zero;
        tamar__hash h;
        unsigned char out[TAMAR__HASH_SIZE];
        tamar__hash_begin(&h);
        tamar__hash_add(&h, "secret", 6);
        tamar__hash_end(&h, out);
        CHECK(!memcmp(&h, &zero, sizeof h));
    }
    CASE("hmac")  // RFC 4231
    {
        char long_key[131], fifty[50];
        memset(long_key, 0xAA, sizeof long_key);
        memset(fifty, 0xDD, sizeof fifty);
        hmac_is("\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B\x0B", 20, "Hi There", 8,
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        hmac_is("Jefe", 4, "what do ya want for nothing?", 28,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        hmac_is(A20, 20, fifty, sizeof fifty, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        hmac_is(long_key, sizeof long_key, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        hmac_is("", 0, "", 0, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    }
    CASE("hmac-in-place")  // the key may lie where the digest goes
    {
        unsigned char chain[TAMAR__HASH_SIZE], apart[TAMAR__HASH_SIZE];
        tamar__hash_hmac(tamar_text("k"), tamar_text("a"), chain);
        tamar__hash_hmac(tamar__str_make((char *)chain, sizeof chain), tamar_text("b"), apart);
        tamar__hash_hmac(tamar__str_make((char *)chain, sizeof chain), tamar_text("b"), chain);
        CHECK(!memcmp(chain, apart, sizeof chain));
    }
    CASE("jwt")
    {
        // what the gateway takes, and what Zhipu does
        jwt_is("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", "{\"org_id\":\"test_org\",\"user_id\":\"test_user\",\"exp\":1800000000}",
               "test-secret",
               "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJvcmdfaWQiOiJ0ZXN0X29yZyIsInVzZXJfaWQiOiJ0ZXN0X3VzZXIiLCJleHAiOjE4M"
               "DAwMDAwMDB9.SL_Y7_rh1l6pM1zlB_qP3Pmdgb5u87FZwnOOJbVKTRE");
        jwt_is("{\"alg\":\"HS256\",\"sign_type\":\"SIGN\"}",
               "{\"api_key\":\"abc123\",\"exp\":1800000210000,\"timestamp\":1800000000000}", "s3cret",
               "eyJhbGciOiJIUzI1NiIsInNpZ25fdHlwZSI6IlNJR04ifQ.eyJhcGlfa2V5IjoiYWJjMTIzIiwiZXhwIjoxODAwMDAwMjEwMDAwLCJ0aW1"
               "lc3RhbXAiOjE4MDAwMDAwMDAwMDB9.taPOIdQYTIadWwXt5yK_VVWlntJ5YL4tfJOm1CYrjas");
    }
    CASE("jwt-or-secret")
    {
        CHECK(tamar__hash_is_jwt(tamar_text("aB-_.c9.d")));
        CHECK(!tamar__hash_is_jwt(tamar_text("")));
        CHECK(!tamar__hash_is_jwt(tamar_text("secret")));
        CHECK(!tamar__hash_is_jwt(tamar_text("a.b")));
        CHECK(!tamar__hash_is_jwt(tamar_text("a.b.")));
        CHECK(!tamar__hash_is_jwt(tamar_text(".b.c")));
        CHECK(!tamar__hash_is_jwt(tamar_text("a..c")));
        CHECK(!tamar__hash_is_jwt(tamar_text("a.b.c.d")));
        CHECK(!tamar__hash_is_jwt(tamar_text("a.b.c=")));
        CHECK(!tamar__hash_is_jwt(tamar_text("a.b c.d")));
    }
    if (only && !test_passed && !test_failed) {
        printf("no case is called %s\n", only);
        test_failed++;
    }
    return test_done();
}
