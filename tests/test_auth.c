// Keys, tokens and who may see them: Google's credentials over the simulated network (the form that is sent, one exchange for all
// calls, its cache, its errors), keys that are swapped while a call runs, tokens that are minted anew after a refusal.
//     test_auth sign KEY.pem DATA SIGNATURE      signs with the system's libcrypto, for tests/test_auth.sh
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "sim.h"

static const char *only;

#define CASE(name) if (!only || !strcmp(only, name)) TEST(name)

#define PRIVATE "MIIE-canary-private-5d1c"  // what must never be seen, and a token that only its own server may see
#define TOKEN "ya29.canary-token-81b2e6"
#define KEY_FILE(uri) \
    "{\"type\":\"service_account\",\"project_id\":\"p\",\"private_key_id\":\"k1\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n" PRIVATE \
    "\\n-----END PRIVATE KEY-----\\n\",\"client_email\":\"robot@p.iam.example\",\"token_uri\":\"" uri "\"}\n"
#define ACCOUNT KEY_FILE("http://127.0.0.1:9090/token")
#define USER_FILE \
    "{\"type\":\"authorized_user\",\"client_id\":\"id 1\",\"client_secret\":\"" PRIVATE "\",\"refresh_token\":\"1//0g+x\",\"token_uri\":\"http://127.0.0.1:9090/token\"}"

typedef struct place {
    sim *w;
    sim_server *api, *tokens;
    tamar_desc d;
    tamar_provider row;
    tamar_client *c;
    int signatures;
} place;

static size_t sign(void *user_data, const char *algorithm, tamar_str key, tamar_str data, unsigned char *out, size_t cap)
{
    ++*(int *)user_data;
    CHECK(!strcmp(algorithm, "RS256") && tamar__str_find(key, "\n" PRIVATE "\n", false) < key.len && cap >= 512 && data.len > 100);
    memcpy(out, "signed\xff\xfe", 8);
    return 8;
}

static void begin(place *p, uint32_t seed)
{
    memset(p, 0, sizeof *p);
    p->w = sim_new(seed);
    p->api = sim_listen(p->w, "127.0.0.1", 8080);
    p->tokens = sim_listen(p->w, "127.0.0.1", 9090);
    p->d = sim_desc(p->w);
    p->d.base_url = p->d.api_key = NULL;
    p->d.max_retries = tamar_int(0);
    p->d.signer.sign = sign;
    p->d.signer.user_data = &p->signatures;
    p->row.name = "cloud";
    p->row.base_url = "http://127.0.0.1:8080/v1";
    p->row.auth = "google";
    p->row.key_env = "CLOUD_TOKEN,@CLOUD_FILE";
    p->d.providers = &p->row;
    p->d.provider_count = 1;
    p->w->secret = PRIVATE;
}

static void opened(place *p) { p->c = sim_open(&p->d); }

static void finish(place *p)
{
    tamar_close(p->c);
    sim_free(p->w);
}

static tamar_request ask(void)
{
    tamar_request r;
    memset(&r, 0, sizeof r);
    r.model = "cloud/m";
    r.prompt = "Name one river.";
    r.api_key = ACCOUNT;
    return r;
}

static void grant(place *p, const char *token, int seconds)
{
    char body[300];
    int n = snprintf(body, sizeof body, "{\"access_token\":\"%s\",\"expires_in\":%d,\"token_type\":\"Bearer\"}", token, seconds);
    sim_send(sim_on_request(p->tokens), sim_reply(p->w, 200, "application/json", "", body, (size_t)n, SIM_LENGTH));
}

static void deny(place *p, int status, const char *body)
{
    sim_send(sim_on_request(p->tokens), sim_reply(p->w, status, "application/json", "", body, strlen(body), SIM_LENGTH));
}

static void one(place *p, sim_call *call, const tamar_request *r)
{
    if (!p->c) opened(p);
    sim_start(p->w, call, p->c, r);
    sim_drive(p->w, p->c);
    CHECKF(call->finishes == 1, "%d FINISH events", call->finishes);
}

static void check_is(const sim_call *call, tamar_category want)
{
    CHECKF(call->finishes == 1 && call->category == want, "got %s: %s", tamar_category_name(call->category), call->message);
}

static void check_key(place *p, size_t n, const char *want)  // of the n-th request anywhere
{
    CHECKF(p->w->request_count > n, "%lu requests", (unsigned long)p->w->request_count);
    if (p->w->request_count > n) CHECK_STR(sim_header(&p->w->requests[n], "Authorization"), want);
}

// So many calls at the same time, at most five, each of which is answered.
static void together(place *p, int count, const tamar_request *r)
{
    static sim_call calls[5];  // the world looks at them until it ends
    int i;
    if (!p->c) opened(p);
    for (i = 0; i < count; i++) sim_send(sim_on_request(p->api), sim_answer(p->w, "x"));
    for (i = 0; i < count; i++) sim_start(p->w, &calls[i], p->c, r);
    sim_drive(p->w, p->c);
    for (i = 0; i < count; i++) check_is(&calls[i], TAMAR_OK);
}

// -- the two ends ----------------------------------------------------------------------------------

static void form_of(const char *file, const char *want)
{
    tamar__base_memory m;
    tamar__arena arena;
    tamar_provider row;
    tamar__auth_found found;
    tamar_signer signer;
    tamar_str form = {"", 0};
    int count = 0;
    const char *bad;
    memset(&m, 0, sizeof m);
    memset(&row, 0, sizeof row);
    memset(&found, 0, sizeof found);
    m.allocator = tamar__base_allocator(NULL);
    tamar__arena_init(&arena, &m, 1024);
    signer.sign = sign;
    signer.user_data = &count;
    row.auth = "google";
    bad = tamar__auth_take(&arena, &row, tamar_text(file), &found);
    CHECKF(!bad && found.google, "%s", bad ? bad : "");
    if (found.google) bad = tamar__auth_google_form(found.google, &signer, NULL, INT64_C(1790000010999), &arena, &form);
    CHECKF(!bad, "%s", bad ? bad : "");
    CHECK_STR(form, want);
    tamar__auth_forget(&arena);
}

static void take_says(const char *file, const char *word)
{
    place p;
    sim_call call;
    tamar_request r = ask();
    begin(&p, 1);
    r.api_key = file;
    one(&p, &call, &r);
    check_is(&call, TAMAR_CONFIG);
    CHECKF(strstr(call.message, word), "'%s' is not in '%s'", word, call.message);
    CHECK(p.w->connects == 0);
    finish(&p);
}

static void test_ends(void)
{
    CASE("a service account's form") {
        form_of(KEY_FILE("https://oauth2.example/token"),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0."
            "eyJpc3MiOiJyb2JvdEBwLmlhbS5leGFtcGxlIiwic2NvcGUiOiJodHRwczovL3d3dy5nb29nbGVhcGlzLmNvbS9hdXRoL2Nsb3VkLXBsYXRmb3JtIiwiYXVkIjoiaHR0cHM6Ly9vYXV0aDIuZXhhbXBsZS90b2tlbiIsImlhdCI6MTc5MDAwMDAwMCwiZXhwIjoxNzkwMDAzNjAwfQ."
            "c2lnbmVk__4");
    }

    CASE("a user's form") {
        form_of(USER_FILE, "grant_type=refresh_token&client_id=id%201&client_secret=" PRIVATE "&refresh_token=1%2F%2F0g%2Bx");
    }

    CASE("a key file that is none") {
        take_says("{\"type\":\"service_account\",", "not JSON");
        take_says("{\"type\":\"external_account\"}", "not known");
        take_says("{\"type\":\"service_account\",\"client_email\":\"a\"}", "not complete");
        take_says("{\"type\":\"service_account\",\"client_email\":\"a\",\"private_key\":7}", "not complete");
        take_says("{\"type\":\"authorized_user\",\"client_id\":\"a\",\"client_secret\":\"b\"}", "not complete");
        take_says(KEY_FILE("http://tokens.example/token"), "not https");
        take_says(KEY_FILE("ftp://tokens.example/token"), "token_uri");
    }
}

// -- the exchange ----------------------------------------------------------------------------------

static void test_exchange(void)
{
    CASE("a token is fetched, then the call goes") {
        place p;
        sim_call call;
        tamar_request r = ask();
        int k;
        for (k = 0; k < 2; k++) {
            begin(&p, 1);
            grant(&p, TOKEN, 3599);
            sim_send(sim_on_request(p.api), sim_answer(p.w, "Rhine"));
            p.w->secret = k ? PRIVATE : TOKEN;  // memory that is given back, errors, logs
            one(&p, &call, &r);
            check_is(&call, TAMAR_OK);
            CHECK_STR(tamar__str_make(call.text.ptr, call.text.len), "Rhine");
            CHECK(p.signatures == 1 && p.w->request_count == 2 && p.tokens->requests == 1);
            if (p.w->request_count == 2) {
                sim_request *q = &p.w->requests[0];
                CHECK(!strncmp(q->head.ptr, "POST /token HTTP/1.1\r\n", 22));
                CHECK_STR(sim_header(q, "Content-Type"), "application/x-www-form-urlencoded");
                CHECK(sim_header(q, "Authorization").len == 0);
                CHECK(!strncmp(q->body.ptr, "grant_type=urn%3Aietf", 21));
            }
            check_key(&p, 1, "Bearer " TOKEN);
            CHECK(!sim_has(p.api->received.ptr, p.api->received.len, PRIVATE));
            CHECK(!sim_has(p.tokens->received.ptr, p.tokens->received.len, PRIVATE));
            finish(&p);
        }
    }

    CASE("five calls, one exchange") {
        place p;
        tamar_request r = ask();
        begin(&p, 1);
        grant(&p, TOKEN, 3599);
        together(&p, 5, &r);
        CHECKF(p.tokens->requests == 1 && p.api->requests == 5 && p.signatures == 1, "%d, %d", p.tokens->requests, p.api->requests);
        finish(&p);
    }

    CASE("one connection for all of it") {
        place p;
        sim_call calls[5];
        tamar_request r = ask();
        int i;
        begin(&p, 1);
        p.d.max_connections = 1;
        opened(&p);
        sim_delay(sim_on_request(p.api), 1000);
        sim_send(p.api->answers[0], sim_answer(p.w, "Rhine"));
        grant(&p, TOKEN, 3599);
        for (i = 0; i < 4; i++) sim_send(sim_on_request(p.api), sim_answer(p.w, "Rhine"));
        for (i = 0; i < 5; i++) {
            r.api_key = i ? ACCOUNT : "ya29.ready";
            sim_start(p.w, &calls[i], p.c, &r);
        }
        sim_frames(p.w, p.c, 100, 5000);  // each frame looks for a connection, and must not sign for it
        sim_drive(p.w, p.c);
        for (i = 0; i < 5; i++) check_is(&calls[i], TAMAR_OK);
        CHECKF(p.tokens->requests == 1 && p.signatures == 1, "%d signatures", p.signatures);
        finish(&p);
    }

    CASE("kept until five minutes before it expires") {
        place p;
        sim_call a, b, c;
        tamar_request r = ask();
        int i;
        begin(&p, 1);
        grant(&p, "first", 3600);
        grant(&p, "second", 3600);
        for (i = 0; i < 3; i++) sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        one(&p, &a, &r);
        sim_frame(p.w, UINT64_C(3290) * 1000000);
        one(&p, &b, &r);
        sim_frame(p.w, UINT64_C(15) * 1000000);
        one(&p, &c, &r);
        check_is(&a, TAMAR_OK), check_is(&b, TAMAR_OK), check_is(&c, TAMAR_OK);
        CHECK(p.tokens->requests == 2);
        check_key(&p, 1, "Bearer first");
        check_key(&p, 2, "Bearer first");
        check_key(&p, 4, "Bearer second");
        finish(&p);
    }

    CASE("a token that lives shorter than that serves those that waited") {
        place p;
        sim_call a, b;
        tamar_request r = ask();
        int i;
        begin(&p, 1);
        grant(&p, "short", 60);
        grant(&p, "next", 60);
        for (i = 0; i < 2; i++) sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        one(&p, &a, &r);
        one(&p, &b, &r);
        check_is(&a, TAMAR_OK), check_is(&b, TAMAR_OK);
        check_key(&p, 1, "Bearer short");
        check_key(&p, 3, "Bearer next");
        finish(&p);
    }

    CASE("another key is another account") {
        place p;
        sim_call a, b;
        tamar_request r = ask();
        begin(&p, 1);
        grant(&p, "robot", 3600);
        grant(&p, "other", 3600);
        sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        one(&p, &a, &r);
        r.api_key = KEY_FILE("http://127.0.0.1:9090/other");
        one(&p, &b, &r);
        check_is(&a, TAMAR_OK), check_is(&b, TAMAR_OK);
        check_key(&p, 1, "Bearer robot");
        check_key(&p, 3, "Bearer other");
        finish(&p);
    }

    CASE("more accounts than are remembered") {
        place p;
        sim_call calls[40];
        tamar_request r = ask();
        char file[40][400];
        int i;
        begin(&p, 1);
        opened(&p);
        for (i = 0; i < 40; i++) {
            char token[20];
            snprintf(file[i], sizeof file[i], "{\"type\":\"authorized_user\",\"client_id\":\"c%d\",\"client_secret\":\"s\",\"refresh_token\":\"r\",\"token_uri\":\"http://127.0.0.1:9090/token\"}", i);
            snprintf(token, sizeof token, "t%d", i);
            grant(&p, token, 3600);
            sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
            r.api_key = file[i];
            one(&p, &calls[i], &r);
            check_is(&calls[i], TAMAR_OK);
            tamar_release(p.c, calls[i].handle);
        }
        finish(&p);
    }

    CASE("a ready token travels as it is") {
        place p;
        sim_call call;
        tamar_request r = ask();
        static const char *const keys[] = {"ya29.ready", "Bearer ya29.ready"};
        int k;
        for (k = 0; k < 2; k++) {
            begin(&p, 1);
            r.api_key = keys[k];
            sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
            one(&p, &call, &r);
            check_is(&call, TAMAR_OK);
            check_key(&p, 0, "Bearer ya29.ready");
            finish(&p);
        }
    }

    CASE("Vertex, with what the environment says") {
        place p;
        sim_call call, again;
        tamar_request r = ask();
        FILE *f;
        char path[] = "/tmp/tamar-auth-XXXXXX";
        static const char answer[] = "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"Rhine\"}]},\"finishReason\":\"STOP\"}]}";
        int fd = mkstemp(path);
        begin(&p, 1);
        CHECK(fd >= 0);
        if (fd < 0) exit(1);
        f = fdopen(fd, "w");
        fputs(ACCOUNT, f);
        fclose(f);
        r.api_key = NULL;
        r.model = "vertex/gemini-3-flash";
        sim_setenv(p.w, "GOOGLE_APPLICATION_CREDENTIALS", path);
        sim_setenv(p.w, "GOOGLE_VERTEX_BASE_URL", "http://127.0.0.1:8080/v1/projects/p/locations/global");
        grant(&p, TOKEN, 3599);
        sim_send(sim_on_request(p.api), sim_reply(p.w, 200, "application/json", "", answer, strlen(answer), SIM_LENGTH));
        one(&p, &call, &r);
        check_is(&call, TAMAR_OK);
        CHECK_STR(tamar__str_make(call.text.ptr, call.text.len), "Rhine");
        check_key(&p, 1, "Bearer " TOKEN);
        unlink(path);
        one(&p, &again, &r);
        check_is(&again, TAMAR_CONFIG);
        CHECK(strstr(again.message, "GOOGLE_APPLICATION_CREDENTIALS"));
        finish(&p);
    }

    CASE("encode shows no token and fetches none") {
        place p;
        tamar_request r = ask();
        tamar_encoded *e;
        size_t i, found = 0;
        begin(&p, 1);
        e = tamar_encode(&p.d, &r);
        CHECKF(e->error.category == TAMAR_OK, "%s", e->error.message);
        for (i = 0; i < e->http.header_count; i++)
            if (tamar__str_is(e->http.headers[i].name, "Authorization")) {
                CHECK_STR(e->http.headers[i].value, "Bearer KEY");
                found++;
            }
        CHECK(found == 1 && p.signatures == 0);
        tamar_encoded_free(e);
        sim_free(p.w);
    }
}

// -- what goes wrong -------------------------------------------------------------------------------

static void test_errors(void)
{
    CASE("invalid_grant says what to do") {
        place p;
        sim_call calls[2];
        tamar_request r = ask();
        begin(&p, 1);
        p.d.max_retries = tamar_int(2);
        opened(&p);
        deny(&p, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT Signature.\"}");
        sim_start(p.w, &calls[0], p.c, &r);
        sim_start(p.w, &calls[1], p.c, &r);
        sim_drive(p.w, p.c);
        check_is(&calls[0], TAMAR_AUTH), check_is(&calls[1], TAMAR_AUTH);
        CHECKF(strstr(calls[0].message, "clock") && strstr(calls[0].message, "Invalid JWT Signature."), "%s", calls[0].message);
        CHECK(!strcmp(calls[0].code, "invalid_grant") && calls[0].http_status == 400 && !calls[0].retryable && !calls[0].maybe_billed);
        CHECK(p.api->requests == 0 && p.tokens->requests == 1);
        finish(&p);
    }

    CASE("a revoked refresh token, and other refusals") {
        static const char *const bodies[] = {"{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}",
            "{\"error\":\"deleted_client\"}", "not json", "{\"error\":{\"code\":403}}"};
        static const char *const words[] = {"log in again", "deleted_client", "refused", "refused"};
        int k;
        for (k = 0; k < 4; k++) {
            place p;
            sim_call call;
            tamar_request r = ask();
            begin(&p, 1);
            r.api_key = USER_FILE;
            deny(&p, k == 3 ? 403 : 400, bodies[k]);
            one(&p, &call, &r);
            check_is(&call, TAMAR_AUTH);
            CHECKF(strstr(call.message, words[k]), "%s", call.message);
            finish(&p);
        }
    }

    CASE("what the server sends back of a secret is not repeated") {
        place p;
        sim_call call;
        tamar_request r = ask();
        begin(&p, 1);
        r.api_key = USER_FILE;
        p.w->unwiped = true;
        deny(&p, 400, "{\"error\":\"" PRIVATE "\",\"error_description\":\"secret " PRIVATE " is wrong\"}");
        one(&p, &call, &r);  // sim_take looks at the error, sim_free at the log
        check_is(&call, TAMAR_AUTH);
        CHECK(!strstr(call.message, PRIVATE) && !strstr(call.code, PRIVATE));
        finish(&p);
    }

    CASE("a busy token server is tried again") {
        place p;
        tamar_request r = ask();
        begin(&p, 1);
        p.d.max_retries = tamar_int(2);
        deny(&p, 503, "{\"error\":\"temporarily_unavailable\"}");
        sim_rst(sim_on_request(p.tokens));
        grant(&p, TOKEN, 3600);
        together(&p, 3, &r);
        CHECKF(p.tokens->requests == 3, "%d", p.tokens->requests);
        finish(&p);
    }

    CASE("and not without end") {
        place p;
        sim_call call;
        tamar_request r = ask();
        int i;
        begin(&p, 1);
        p.d.max_retries = tamar_int(2);
        for (i = 0; i < 5; i++) deny(&p, 503, "{}");
        one(&p, &call, &r);
        CHECK(call.category == TAMAR_OVERLOADED && call.attempts == 3 && p.tokens->requests == 3);
        finish(&p);
    }

    CASE("answers that hold no token") {
        static const char *const bodies[] = {"{}", "[]", "", "{\"access_token\":\"\"}", "{\"access_token\":\"a b\"}", "{\"access_token\":7}",
            "{\"access_token\":\"a\\nb\"}"};
        int k;
        for (k = 0; k < 8; k++) {
            place p;
            sim_call call;
            tamar_request r = ask();
            char *long_one = (char *)calloc(1, 100000);
            begin(&p, 1);
            memset(long_one, 'x', 99999);
            deny(&p, 200, k < 7 ? bodies[k] : long_one);
            one(&p, &call, &r);
            check_is(&call, TAMAR_PARSE);
            CHECK(p.api->requests == 0);
            finish(&p);
            free(long_one);
        }
    }

    CASE("timeouts are the call's") {
        place p;
        sim_call call;
        tamar_request r = ask();
        int k;
        for (k = 0; k < 5; k++) {
            begin(&p, 1);
            r.timeouts.connect_ms = 2000;
            r.timeouts.first_byte_ms = k == 4 ? -1 : 3000;
            r.timeouts.idle_ms = 4000;
            r.timeouts.total_ms = 5000;
            if (k == 0) sim_blackhole(sim_on_connect(p.tokens));
            else if (k == 1) sim_refuse(sim_on_connect(p.tokens));
            else if (k == 3) sim_send(sim_on_request(p.tokens), sim_raw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"acc"));
            if (k >= 2) sim_stall(k == 3 ? p.tokens->answers[0] : sim_on_request(p.tokens));
            one(&p, &call, &r);
            check_is(&call, k == 0 ? TAMAR_TIMEOUT_CONNECT : k == 1 ? TAMAR_CONNECT : k == 2 ? TAMAR_TIMEOUT_TTFB : k == 3 ? TAMAR_TIMEOUT_IDLE : TAMAR_TIMEOUT_TOTAL);
            finish(&p);
        }
    }

    CASE("no signature") {
        place p;
        sim_call call;
        tamar_request r = ask();
        begin(&p, 1);
        p.d.signer.sign = NULL;  // the system's library reads the key, which is none; or there is no such library
        one(&p, &call, &r);
        check_is(&call, TAMAR_CONFIG);
        CHECKF(strstr(call.message, "private key") || strstr(call.message, "desc.tls") || strstr(call.message, "desc.signer"), "%s", call.message);
        finish(&p);
    }
}

// -- a refused key ---------------------------------------------------------------------------------

static size_t keys_by_number(void *user_data, const char *provider, const char *host, char *out, size_t cap)
{
    int n = ++*(int *)user_data;
    (void)provider, (void)host;
    return (size_t)snprintf(out, cap, "sk-%d", n);
}

static size_t same_key(void *user_data, const char *provider, const char *host, char *out, size_t cap)
{
    ++*(int *)user_data;
    (void)provider, (void)host;
    return (size_t)snprintf(out, cap, "sk-same");
}

static size_t key_files(void *user_data, const char *provider, const char *host, char *out, size_t cap)
{
    (void)provider, (void)host;
    return (size_t)snprintf(out, cap, "%s", ++*(int *)user_data == 1 ? USER_FILE : ACCOUNT);
}

static void test_refused(void)
{
    CASE("401: the token is dropped, and fetched once more") {
        place p;
        sim_call a, b;
        tamar_request r = ask();
        begin(&p, 1);
        grant(&p, "old", 3600);
        grant(&p, TOKEN, 3600);
        p.w->secret = TOKEN;
        sim_send(sim_on_request(p.api), sim_error(p.w, 401, "", "Request had invalid credentials", "UNAUTHENTICATED", NULL));
        sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        one(&p, &a, &r);
        check_is(&a, TAMAR_OK);
        CHECK(a.attempts == 2 || a.category == TAMAR_OK);
        one(&p, &b, &r);
        check_is(&b, TAMAR_OK);
        CHECK(p.tokens->requests == 2 && p.api->requests == 3);
        check_key(&p, 1, "Bearer old");
        check_key(&p, 3, "Bearer " TOKEN);
        check_key(&p, 4, "Bearer " TOKEN);
        finish(&p);
    }

    CASE("401 again: that is the answer") {
        place p;
        sim_call call;
        tamar_request r = ask();
        int i;
        begin(&p, 1);
        p.d.max_retries = tamar_int(2);
        for (i = 0; i < 3; i++) grant(&p, TOKEN, 3600);
        for (i = 0; i < 3; i++) sim_send(sim_on_request(p.api), sim_error(p.w, 401, "", "no", "UNAUTHENTICATED", NULL));
        one(&p, &call, &r);
        check_is(&call, TAMAR_AUTH);
        CHECK(p.tokens->requests == 2 && p.api->requests == 2 && call.attempts == 2);
        finish(&p);
    }

    CASE("401 for five calls: one new token") {
        place p;
        tamar_request r = ask();
        int i;
        begin(&p, 1);
        grant(&p, "old", 3600);
        grant(&p, "new", 3600);
        for (i = 0; i < 5; i++) {  // the last one is refused when the others have their new token
            sim_script *refusal = sim_on_request(p.api);
            if (i == 4) sim_delay(refusal, 500);
            sim_send(refusal, sim_error(p.w, 401, "", "no", "UNAUTHENTICATED", NULL));
        }
        together(&p, 5, &r);
        CHECKF(p.tokens->requests == 2, "%d", p.tokens->requests);
        finish(&p);
    }

    CASE("a key that is swapped while the call runs") {
        place p;
        sim_call call;
        tamar_request r = ask();
        int asked = 0;
        begin(&p, 1);
        p.row.auth = NULL;
        p.d.key.get = keys_by_number;
        p.d.key.user_data = &asked;
        r.api_key = NULL;
        sim_send(sim_on_request(p.api), sim_error(p.w, 401, "", "no", "invalid_api_key", NULL));
        sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        one(&p, &call, &r);
        check_is(&call, TAMAR_OK);
        CHECK(asked == 2);
        check_key(&p, 0, "Bearer sk-1");
        check_key(&p, 1, "Bearer sk-2");
        finish(&p);
    }

    CASE("swapped once a call, and not for the same key") {
        int k;
        for (k = 0; k < 2; k++) {
            place p;
            sim_call call;
            tamar_request r = ask();
            int asked = 0, i;
            begin(&p, 1);
            p.d.max_retries = tamar_int(2);
            p.row.auth = NULL;
            p.d.key.get = k ? keys_by_number : same_key;
            p.d.key.user_data = &asked;
            r.api_key = NULL;
            for (i = 0; i < 4; i++) sim_send(sim_on_request(p.api), sim_error(p.w, 401, "", "wrong key", "invalid_api_key", NULL));
            one(&p, &call, &r);
            check_is(&call, TAMAR_AUTH);
            CHECK(strstr(call.message, "wrong key") && asked == 2 && p.api->requests == 1 + k && call.attempts == 1 + k);
            finish(&p);
        }
    }

    CASE("credentials that are swapped while the call runs") {
        place p;
        sim_call call;
        tamar_request r = ask();
        int asked = 0;
        begin(&p, 1);
        p.d.key.get = key_files;
        p.d.key.user_data = &asked;
        r.api_key = NULL;
        deny(&p, 400, "{\"error\":\"invalid_grant\"}");
        grant(&p, "fresh", 3600);
        sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
        one(&p, &call, &r);
        check_is(&call, TAMAR_OK);
        CHECK(asked == 2 && p.signatures == 1);
        check_key(&p, 2, "Bearer fresh");
        finish(&p);
    }

    CASE("the gateway's token is minted anew") {
        place p;
        sim_call call;
        tamar_request r = ask();
        int k;
        for (k = 0; k < 2; k++) {
            begin(&p, 1);
            p.row.auth = "tamar-jwt";
            r.api_key = k ? "eyJh.eyJi.c2ln" : PRIVATE;  // a ready token, or the secret for one
            sim_delay(sim_on_request(p.api), 1500);
            sim_send(p.api->answers[0], sim_error(p.w, 401, "", "expired", "UNAUTHENTICATED", NULL));
            sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
            one(&p, &call, &r);
            check_is(&call, k ? TAMAR_AUTH : TAMAR_OK);
            CHECKF(p.api->requests == 2 - k, "%d", p.api->requests);
            if (p.w->request_count == 2)
                CHECK(!tamar__str_equal(sim_header(&p.w->requests[0], "Authorization"), sim_header(&p.w->requests[1], "Authorization")));
            finish(&p);
        }
    }
}

// -- ends that come early --------------------------------------------------------------------------

static void test_early(void)
{
    CASE("a waiting call is cancelled, the others go on") {
        int k;
        for (k = 0; k < 3; k++) {
            place p;
            sim_call calls[3];
            tamar_request r = ask();
            int i;
            begin(&p, 1);
            opened(&p);
            sim_delay(sim_on_request(p.tokens), 1000);
            sim_send(p.tokens->answers[0], sim_reply(p.w, 200, "application/json", "", "{\"access_token\":\"t\",\"expires_in\":3600}", 38, SIM_LENGTH));
            for (i = 0; i < 2; i++) sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
            for (i = 0; i < 3; i++) sim_start(p.w, &calls[i], p.c, &r);
            sim_frames(p.w, p.c, 20, 10000);
            CHECK(p.tokens->requests == 1);
            tamar_cancel(p.c, calls[k].handle);
            sim_drive(p.w, p.c);
            for (i = 0; i < 3; i++) check_is(&calls[i], i == k ? TAMAR_CANCELLED : TAMAR_OK);
            CHECK(p.tokens->requests == 1);
            finish(&p);
        }
    }

    CASE("all are cancelled, released, or the client is closed") {
        int k, frames;
        for (k = 0; k < 3; k++)
            for (frames = 0; frames < 8; frames++) {
                place p;
                sim_call calls[3];
                tamar_request r = ask();
                int i;
                begin(&p, 1);
                opened(&p);
                sim_stall(sim_on_request(p.tokens));
                for (i = 0; i < 3; i++) sim_start(p.w, &calls[i], p.c, &r);
                sim_frames(p.w, p.c, frames, 300);
                if (k == 0) {
                    tamar_cancel_all(p.c, 0);
                    sim_drive(p.w, p.c);
                    for (i = 0; i < 3; i++) check_is(&calls[i], TAMAR_CANCELLED);
                    CHECK(!p.c->accounts || !p.c->accounts->id);
                }
                if (k == 1) {
                    for (i = 0; i < 3; i++) tamar_release(p.c, calls[i].handle);
                    CHECK(!sim_pump(p.w, p.c, 0));
                }
                finish(&p);
            }
    }

    CASE("memory fails at every allocation") {
        long at;
        int done = 0;
        for (at = 1; at < 400 && !done; at++) {
            place p;
            sim_call calls[2];
            tamar_request r = ask();
            int i;
            begin(&p, 1);
            grant(&p, TOKEN, 3600);
            for (i = 0; i < 2; i++) sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
            opened(&p);
            p.w->memory.fail_at = p.w->memory.asked + at;
            for (i = 0; i < 2; i++) sim_start(p.w, &calls[i], p.c, &r);
            sim_drive(p.w, p.c);
            done = p.w->memory.failed == 0;
            for (i = 0; i < 2; i++)
                CHECKF(calls[i].finishes == 1 && (calls[i].category == TAMAR_OK || calls[i].category == TAMAR_NOMEM || calls[i].category == TAMAR_LOCAL_LIMIT), "allocation %ld: %s: %s", at,
                    tamar_category_name(calls[i].category), calls[i].message);
            if (done)
                for (i = 0; i < 2; i++) check_is(&calls[i], TAMAR_OK);
            p.w->memory.fail_at = 0;
            finish(&p);
        }
        CHECK(done);
        printf("    %ld allocations\n", at - 2);
    }

    CASE("the answer in pieces, and every border") {
        size_t n;
        for (n = 1; n < 60; n++) {
            char answer[5000];
            place p;
            sim_call call;
            tamar_request r = ask();
            begin(&p, (uint32_t)n);
            p.w->segments = n < 5 ? SIM_PIECES : SIM_RANDOM;
            p.w->segment = n;
            snprintf(answer, sizeof answer, "{\"access_token\":\"%s\",\"expires_in\":3600%4000s}", TOKEN, "");
            deny(&p, 200, answer);
            p.w->secret = TOKEN;
            sim_send(sim_on_request(p.api), sim_answer(p.w, "x"));
            one(&p, &call, &r);
            check_is(&call, TAMAR_OK);
            check_key(&p, 1, "Bearer " TOKEN);
            finish(&p);
        }
    }
}

// -- a real signature ------------------------------------------------------------------------------

static bool put_file(const char *path, const void *data, size_t len)
{
    FILE *f = fopen(path, "wb");
    bool good = f && fwrite(data, 1, len, f) == len;
    if (f) fclose(f);
    return good;
}

static int signs(const char *key_path, const char *data_path, const char *signature_path)
{
    tamar__base_memory m;
    tamar__tls_system *tls;
    tamar__tls_trust trust;
    unsigned char out[1024];
    size_t n = sizeof out, len;
    const char *why = NULL;
    static const char data[] = "eyJhbGciOiJSUzI1NiJ9.e30";
    char *key = test_read_file(key_path, &len);
    memset(&m, 0, sizeof m);
    m.allocator = tamar__base_allocator(NULL);
    memset(&trust, 0, sizeof trust);
    tls = tamar__tls_open(&m, &trust, &why);
    if (tls && key) why = tamar__tls_sign(tls, tamar__str_make(key, len), tamar_text(data), out, &n);
    if (!why && (!tls || !key || !put_file(data_path, data, sizeof data - 1) || !put_file(signature_path, out, n)))
        why = "a file";
    if (why) printf("%s\n", why);
    tamar__tls_close(tls);
    free(key);
    return why ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "sign")) return signs(argv[2], argv[3], argv[4]);
    only = argc > 1 ? argv[1] : NULL;
    test_ends();
    test_exchange();
    test_errors();
    test_refused();
    test_early();
    if (only && test_passed + test_failed == 0) return 1;
    return test_done();
}
