// Schannel's part of the tls section by itself: a Windows program. The security provider is played here, record by record,
// so that what a real one says in TLS 1.3, of resumed sessions or of an old Windows can be said at all; crypt32 is the
// system's. The matrix of certificates is test_tls.c over tls_probe.c, see platforms.sh.
#include "test.h"
#ifndef _WIN32
int main(void)
{
    test_skip("Schannel by itself", "not Windows; sh tests/platforms.sh schannel runs it under Wine");
    return test_done();
}
#else
#define TAMAR_TLS_INSECURE 1
#define TAMAR_IMPLEMENTATION
#include "../tamar_llm.h"

// CN and DNS name localhost, its own issuer, 2026-11-21 to 2046-11-16.
static const char leaf_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBkjCCATmgAwIBAgIUNEs8EY1Mnuu1y7/qsQvDm9pjp10wCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyMTEwMTEwMFoXDTQ2MTExNjEw\n"
    "MTEwMFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAE/Fn2H81jjKT5oleV0SSjPZNxqEi4gml6LIpGjuSbaPnVOlrTIJyrxAPe\n"
    "h/Er6JfR0r2Mlq6IuN/WqgMwl6lUmKNpMGcwHQYDVR0OBBYEFAkUeqJYCvodF2xZ\n"
    "+W61qJmPBZeBMB8GA1UdIwQYMBaAFAkUeqJYCvodF2xZ+W61qJmPBZeBMA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0MAoGCCqGSM49BAMCA0cA\n"
    "MEQCIHqIMYswZFIWAHgkuwgvsLLIa2oOKxL+jBgjb8P25+/JAiBEiw5w2JviiGKh\n"
    "4ngH6EaZuFg7TeZhcQVHkX0/2+C3yw==\n"
    "-----END CERTIFICATE-----\n";

#define IN_2030 INT64_C(1893456000000)
#define IN_2060 INT64_C(2840140800000)

static test_memory heap;
static tamar__base_memory memory;

// -- the provider that is played -------------------------------------------------------------------

static struct {
    bool thirteen, ten;  // the version that was agreed on; neither: TLS 1.2
    bool no_alpn;  // an old Windows
    bool reconnect;  // the session is a resumed one
    size_t enough;  // 'i' is not content with less
    int begun, ended, contexts, alpn, told;
    bool no_client_cert;
    char target[64];
    PCCERT_CONTEXT leaf;
} play;

static void token(SecBufferDesc *out, const char *text)
{
    if (!*text) return;
    out->pBuffers[0].cbBuffer = (unsigned long)strlen(text);
    out->pBuffers[0].pvBuffer = malloc(strlen(text));
    memcpy(out->pBuffers[0].pvBuffer, text, strlen(text));
}

// The first byte of a handshake record says what it is; behind the handshake bytes come without records.
static long WINAPI play_step(CredHandle *credentials, CtxtHandle *context, char *target, unsigned long wanted, unsigned long reserved,
                             unsigned long representation, SecBufferDesc *in, unsigned long reserved_too, CtxtHandle *made, SecBufferDesc *out,
                             unsigned long *given, TimeStamp *expiry)
{
    unsigned char *p;
    size_t len, one;
    (void)credentials, (void)reserved, (void)representation, (void)reserved_too, (void)expiry;
    *given = 0;
    if (!context) {
        if (in && play.no_alpn) return (long)SEC_E_INVALID_TOKEN;
        play.alpn = in != NULL;
        if (in) CHECK(in->pBuffers[0].BufferType == 18 && in->pBuffers[0].cbBuffer == 19 && !memcmp((char *)in->pBuffers[0].pvBuffer + 10, "\x08http/1.1", 9));
        snprintf(play.target, sizeof play.target, "%s", target ? target : "(none)");
        play.begun++;
        play.contexts++;
        made->dwLower = 7;
        token(out, "HELLO");
        return SEC_I_CONTINUE_NEEDED;
    }
    CHECK(context->dwLower == 7);
    if (!in) {
        token(out, play.told == SCHANNEL_ALERT ? "ALERT" : "BYE");
        return SEC_E_OK;
    }
    p = (unsigned char *)in->pBuffers[0].pvBuffer;
    len = in->pBuffers[0].cbBuffer;
    if (p[0] == 'N' || p[0] == 'K') {  // a ticket, or new keys
        if (p[0] == 'K') token(out, "KEYS");
        if (len > 1) in->pBuffers[1].BufferType = SECBUFFER_EXTRA, in->pBuffers[1].cbBuffer = (unsigned long)(len - 1);
        return SEC_E_OK;
    }
    one = 5 + ((size_t)p[3] << 8 | p[4]);
    CHECK(len >= one);
    if (p[5] == 'i' && len < play.enough) return (long)SEC_E_INCOMPLETE_MESSAGE;
    if (p[5] == 'i' && play.enough) one = len;
    if (p[5] == 'a' && !(wanted & 0x80)) return SEC_I_INCOMPLETE_CREDENTIALS;
    if (p[5] == 'a') play.no_client_cert = true;
    if (p[0] == 21) return (long)SEC_E_ILLEGAL_MESSAGE;
    if (p[5] == 'x') return (long)0x80091234;
    if (len > one) in->pBuffers[1].BufferType = SECBUFFER_EXTRA, in->pBuffers[1].cbBuffer = (unsigned long)(len - one);
    if (p[5] == 'o') token(out, "MORE");
    return p[5] == 'd' ? SEC_E_OK : SEC_I_CONTINUE_NEEDED;
}

// The first byte of a record says what it turns out to be: D data, P post-handshake messages, E the end.
static long WINAPI play_decrypt(CtxtHandle *context, SecBufferDesc *message, unsigned long number, unsigned long *quality)
{
    unsigned char *p = (unsigned char *)message->pBuffers[0].pvBuffer;
    unsigned long len = message->pBuffers[0].cbBuffer;
    (void)context, (void)number, (void)quality;
    CHECK(len == 5 + ((unsigned long)p[3] << 8 | p[4]));
    message->pBuffers[0].BufferType = SECBUFFER_STREAM_HEADER;
    message->pBuffers[0].cbBuffer = 5;
    if (p[5] == 'D') {
        message->pBuffers[1].BufferType = SECBUFFER_DATA;
        message->pBuffers[1].pvBuffer = p + 6;
        message->pBuffers[1].cbBuffer = len - 6;
        return SEC_E_OK;
    }
    if (p[5] == 'P') {
        message->pBuffers[3].BufferType = SECBUFFER_EXTRA;
        message->pBuffers[3].pvBuffer = p + 6;
        message->pBuffers[3].cbBuffer = len - 6;
        return SEC_I_RENEGOTIATE;
    }
    return p[5] == 'E' ? SEC_I_CONTEXT_EXPIRED : (long)SEC_E_MESSAGE_ALTERED;
}

static long WINAPI play_encrypt(CtxtHandle *context, unsigned long quality, SecBufferDesc *message, unsigned long number)
{
    unsigned char *p = (unsigned char *)message->pBuffers[0].pvBuffer;
    unsigned long len = message->pBuffers[1].cbBuffer + 1;
    (void)context, (void)quality, (void)number;
    p[0] = 23, p[1] = 3, p[2] = 3, p[3] = (unsigned char)(len >> 8), p[4] = (unsigned char)len;
    message->pBuffers[2].cbBuffer = 1;
    *(char *)message->pBuffers[2].pvBuffer = '!';
    return SEC_E_OK;
}

static long WINAPI play_query(CtxtHandle *context, unsigned long attribute, void *out)
{
    (void)context;
    if (attribute == SECPKG_ATTR_STREAM_SIZES) {
        SecPkgContext_StreamSizes *sizes = (SecPkgContext_StreamSizes *)out;
        sizes->cbHeader = 5, sizes->cbTrailer = 16, sizes->cbMaximumMessage = 16384;
    }
    else if (attribute == SECPKG_ATTR_CONNECTION_INFO)
        ((SecPkgContext_ConnectionInfo *)out)->dwProtocol = play.thirteen ? 0x2000 : play.ten ? 0x80 : 0x800;
    else if (attribute == SECPKG_ATTR_SESSION_INFO) ((SecPkgContext_SessionInfo *)out)->dwFlags = play.reconnect;
    else if (attribute == SECPKG_ATTR_REMOTE_CERT_CONTEXT) *(PCCERT_CONTEXT *)out = CertDuplicateCertificateContext(play.leaf);
    else return (long)SEC_E_UNSUPPORTED_FUNCTION;
    return SEC_E_OK;
}

static long WINAPI play_tell(CtxtHandle *context, SecBufferDesc *in)
{
    (void)context;
    play.told = *(int *)in->pBuffers[0].pvBuffer;
    return SEC_E_OK;
}

static long WINAPI play_free(void *buffer)
{
    free(buffer);
    return SEC_E_OK;
}

static long WINAPI play_end(CtxtHandle *context)
{
    (void)context;
    play.ended++;
    play.contexts--;
    return SEC_E_OK;
}

static void play_on(tamar__tls_system *system)
{
    system->f.InitializeSecurityContextA = play_step;
    system->f.DecryptMessage = play_decrypt;
    system->f.EncryptMessage = play_encrypt;
    system->f.QueryContextAttributesA = play_query;
    system->f.ApplyControlToken = play_tell;
    system->f.FreeContextBuffer = play_free;
    system->f.DeleteSecurityContext = play_end;
}

// -- what the tests share --------------------------------------------------------------------------

static tamar__tls_system *open_system(bool ours)
{
    const char *why = NULL;
    tamar__tls_trust trust;
    tamar__tls_system *system;
    memset(&trust, 0, sizeof trust);
    if (ours) trust.ca = tamar__str_z(leaf_pem);
    system = tamar__tls_open(&memory, &trust, &why);
    if (system) play_on(system);
    return system;
}

static void *start(tamar__tls_system *system, const char *host, int64_t unix_ms)
{
    const char *why = NULL;
    tamar_tls t = tamar__tls_seam(system);
    tamar_tls_wanted wanted;
    memset(&wanted, 0, sizeof wanted);
    wanted.host = host;
    wanted.numeric = host[0] == '1';
    wanted.port = 443;
    wanted.unix_ms = unix_ms;
    return t.start(t.user_data, &wanted, &why);
}

// Records as text: each letter and what follows it up to a space is one. Type 22 in small letters, 21 for !, else 23.
static size_t records(const char *text, unsigned char *out)
{
    size_t n = 0;
    while (*text) {
        size_t len = strcspn(text, " ");
        out[n++] = (unsigned char)(*text == '!' ? 21 : *text >= 'a' ? 22 : 23);
        out[n++] = 3, out[n++] = 3, out[n++] = (unsigned char)(len >> 8), out[n++] = (unsigned char)len;
        memcpy(out + n, text, len);
        n += len;
        text += len + (text[len] == ' ');
    }
    return n;
}

// Feeds the records in two parts, reads all that can be read; the last result of read.
static ptrdiff_t hear(tamar__tls_system *system, void *session, const char *text, size_t split, char *plain, size_t *got)
{
    static unsigned char bytes[65536];
    tamar_tls t = tamar__tls_seam(system);
    size_t len = records(text, bytes), at = 0, end = split < len ? split : len;
    ptrdiff_t n = TAMAR_IO_AGAIN, fed;
    *got = 0;
    for (;;) {
        while (at < end) {
            fed = t.feed(session, bytes + at, end - at);
            if (fed < 0) return fed;
            at += (size_t)fed;
            while ((n = t.read(session, plain + *got, 3)) > 0) *got += (size_t)n;
        }
        if (end == len) return n;
        end = len;
    }
}

static void drained(tamar__tls_system *system, void *session, char *out)
{
    tamar_tls t = tamar__tls_seam(system);
    ptrdiff_t n, sum = 0;
    while ((n = t.drain(session, out + sum, 3)) > 0) sum += n;
    out[sum] = 0;
}

// -- the tests -------------------------------------------------------------------------------------

static void handshakes(void)
{
    char plain[256], sent[256];
    size_t got, split;
    TEST("a handshake in any two parts, with data right behind it")
    {
        for (split = 1; split < 60; split++) {
            tamar__tls_system *system = open_system(true);
            void *session = start(system, "localhost", IN_2030);
            tamar_tls t = tamar__tls_seam(system);
            ptrdiff_t result;
            CHECK(t.write(session, "x", 1) == TAMAR_IO_AGAIN);
            result = hear(system, session, "c o i d Dhello D Dworld", split, plain, &got);
            CHECKF(result == TAMAR_IO_AGAIN && got == 10 && !memcmp(plain, "helloworld", 10), "split %zu: %d, %zu", split, (int)result, got);
            drained(system, session, sent);
            CHECKF(!strcmp(sent, "HELLOMORE") && play.alpn && !strcmp(play.target, "localhost"), "%s", sent);
            CHECK(t.write(session, "ask", 3) == 3);
            drained(system, session, sent + 9);
            CHECK(!memcmp(sent + 9, "\x17\x03\x03\0\x04" "ask!", 9));
            CHECK(t.write(session, NULL, 0) == 0 && play.told == SCHANNEL_SHUTDOWN);
            drained(system, session, sent);
            CHECK(!strcmp(sent, "BYE"));
            t.end(session);
            tamar__tls_close(system);
        }
    }
    TEST("tickets, new keys and the end of TLS 1.3")
    {
        tamar__tls_system *system = open_system(true);
        void *session = start(system, "localhost", IN_2030);
        play.thirteen = true;
        CHECK(hear(system, session, "c d PN PNN Done PK Dtwo PN E Dno", 9999, plain, &got) == TAMAR_IO_CLOSED);
        CHECKF(got == 6 && !memcmp(plain, "onetwo", 6), "%zu", got);
        drained(system, session, sent);
        CHECK(!strcmp(sent, "HELLOKEYS"));
        tamar__tls_end(session);
        tamar__tls_close(system);
        play.thirteen = false;
    }
    TEST("in TLS 1.2 the same is a renegotiation, which is refused")
    {
        tamar__tls_system *system = open_system(true);
        void *session = start(system, "localhost", IN_2030);
        CHECK(hear(system, session, "d Done PN Dtwo", 9999, plain, &got) == TAMAR_IO_TLS && got == 3);
        CHECKF(strstr(tamar__tls_why(session), "renegotiate"), "%s", tamar__tls_why(session));
        tamar__tls_end(session);
        tamar__tls_close(system);
    }
    TEST("a false record, a handshake that fails, a version that is too old, no record at all, one that is too long")
    {
        static const struct { const char *records, *words; bool ten; } ways[] = {
            {"d Done X", "a record was changed on its way", false},
            {"c x", "the TLS handshake with localhost failed: Schannel's error 0x80091234", false},
            {"c !f", "alert", false},
            {"d Done", "nothing newer than TLS 1.1", true}};
        static const struct { const char *bytes; size_t len; const char *words; } raw[] = {
            {"HTTP/1.1 400\r\n", 14, "does not speak TLS on this port"},
            {"\x16\x03\x03\xff\xff\x02", 6, "no TLS record"},
            {"\x16\x07\x07\0\x05", 5, "no TLS record"},
            {"\x15\x03\x03\0\x02\x02\x28", 7, "nothing that both sides can do"},
            {"\x15\x03\x03\0\x02\x02\x63", 7, "it sent the alert 99"}};
        size_t i;
        for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
            tamar__tls_system *system = open_system(true);
            void *session = start(system, "localhost", IN_2030);
            play.ten = ways[i].ten;
            CHECK(hear(system, session, ways[i].records, 9999, plain, &got) == TAMAR_IO_TLS);
            CHECKF(strstr(tamar__tls_why(session), ways[i].words), "%s", tamar__tls_why(session));
            play.ten = false;
            tamar__tls_end(session);
            tamar__tls_close(system);
        }
        for (i = 0; i < sizeof raw / sizeof raw[0]; i++) {
            tamar__tls_system *system = open_system(true);
            void *session = start(system, "localhost", IN_2030);
            tamar__tls_feed(session, raw[i].bytes, raw[i].len);
            CHECK(tamar__tls_read(session, plain, 9) == TAMAR_IO_TLS && tamar__tls_write(session, "x", 1) == TAMAR_IO_TLS);
            CHECKF(strstr(tamar__tls_why(session), raw[i].words), "%s", tamar__tls_why(session));
            tamar__tls_end(session);
            tamar__tls_close(system);
        }
    }
    TEST("a server that wants a certificate from us gets none")
    {
        tamar__tls_system *system = open_system(true);
        void *session = start(system, "localhost", IN_2030);
        CHECK(hear(system, session, "c a d Done", 9999, plain, &got) == TAMAR_IO_AGAIN && got == 3 && play.no_client_cert);
        tamar__tls_end(session);
        session = start(system, "localhost", IN_2030);
        CHECK(hear(system, session, "c a", 9999, plain, &got) == TAMAR_IO_AGAIN);
        tamar__tls_feed(session, "\x15\x03\x03\0\x02\x02\x28", 7);
        CHECKF(tamar__tls_read(session, plain, 9) == TAMAR_IO_TLS && strstr(tamar__tls_why(session), "wants a certificate from us"), "%s", tamar__tls_why(session));
        tamar__tls_end(session);
        session = start(system, "localhost", IN_2030);
        CHECK(hear(system, session, "a d X", 9999, plain, &got) == TAMAR_IO_TLS && strstr(tamar__tls_why(session), "wants a certificate from us"));
        tamar__tls_end(session);
        session = start(system, "localhost", IN_2030);
        CHECK(hear(system, session, "a d Done X", 9999, plain, &got) == TAMAR_IO_TLS && strstr(tamar__tls_why(session), "was changed on its way"));
        tamar__tls_end(session);
        tamar__tls_close(system);
    }
    TEST("a Windows without ALPN; a numeric host without a name")
    {
        tamar__tls_system *system = open_system(true);
        void *session;
        play.no_alpn = true;
        session = start(system, "localhost", IN_2030);
        CHECK(session && !play.alpn);
        CHECK(hear(system, session, "d Done", 9999, plain, &got) == TAMAR_IO_AGAIN && got == 3);
        tamar__tls_end(session);
        play.no_alpn = false;
        session = start(system, "127.0.0.1", IN_2030);
        CHECK(session && !strcmp(play.target, "(none)"));
        CHECK(hear(system, session, "d Done", 9999, plain, &got) == TAMAR_IO_CERT && strstr(tamar__tls_why(session), "not for 127.0.0.1"));
        drained(system, session, sent);
        CHECK(!strcmp(sent, "HELLOALERT"));
        tamar__tls_end(session);
        tamar__tls_close(system);
    }
    TEST("a long request waits for drain, and comes whole")
    {
        static char asked[100000], out[130000];
        tamar__tls_system *system = open_system(true);
        void *session = start(system, "localhost", IN_2030);
        size_t put = 0, sum = 0, at, came = 0;
        ptrdiff_t n;
        memset(asked, 'q', sizeof asked);
        CHECK(hear(system, session, "d", 9999, plain, &got) == TAMAR_IO_AGAIN);
        drained(system, session, sent);
        while (put < sizeof asked) {
            n = tamar__tls_write(session, asked + put, sizeof asked - put);
            CHECK(n > 0 && n <= 3 * 16384 && (put + (size_t)n == sizeof asked || tamar__tls_write(session, "x", 1) == TAMAR_IO_AGAIN));
            if (n <= 0) break;
            put += (size_t)n;
            while ((n = tamar__tls_drain(session, out + sum, 1000)) > 0) sum += (size_t)n;
        }
        for (at = 0; at + 5 < sum; at += 5 + ((size_t)(unsigned char)out[at + 3] << 8 | (unsigned char)out[at + 4])) came += ((size_t)(unsigned char)out[at + 3] << 8 | (unsigned char)out[at + 4]) - 1;
        CHECKF(at == sum && came == sizeof asked, "%zu of %zu", came, sum);
        tamar__tls_end(session);
        tamar__tls_close(system);
    }
    TEST("a handshake that needs much at once, and one that needs too much")
    {
        static unsigned char record[5 + 16000] = {22, 3, 3, 16000 >> 8, 16000 & 0xFF, 'i'};
        tamar__tls_system *system = open_system(true);
        void *session = start(system, "localhost", IN_2030);
        int i;
        play.enough = 100000;
        for (i = 0; i < 7; i++) CHECK(tamar__tls_feed(session, record, sizeof record) == (ptrdiff_t)sizeof record);
        CHECK(hear(system, session, "d Done", 9999, plain, &got) == TAMAR_IO_AGAIN && got == 3);
        tamar__tls_end(session);
        play.enough = 10000000;
        session = start(system, "localhost", IN_2030);
        for (i = 0; i < 40 && tamar__tls_feed(session, record, sizeof record) >= 0; i++) {}
        CHECKF(i < 40 && strstr(tamar__tls_why(session), "too long"), "%d %s", i, tamar__tls_why(session));
        tamar__tls_end(session);
        tamar__tls_close(system);
        play.enough = 0;
    }
}

static void trust(void)
{
    char plain[256];
    size_t got;
    TEST("a resumed session is verified by what was found good before, and only for its origin")
    {
        tamar__tls_system *system = open_system(true);
        static const struct { const char *host; int64_t when; bool reconnect; int result; } rounds[] = {
            {"localhost", IN_2060, true, TAMAR_IO_CERT},  // nothing was found good yet
            {"localhost", IN_2030, false, TAMAR_IO_AGAIN},
            {"localhost", IN_2060, true, TAMAR_IO_AGAIN},  // expired by now, as with every backend
            {"localhost", IN_2060, false, TAMAR_IO_CERT},
            {"localhost", IN_2060, true, TAMAR_IO_CERT},  // what failed is forgotten
            {"localhost", IN_2030, false, TAMAR_IO_AGAIN},
            {"other", IN_2030, true, TAMAR_IO_CERT}};
        size_t i;
        for (i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
            void *session = start(system, rounds[i].host, rounds[i].when);
            ptrdiff_t result;
            play.reconnect = rounds[i].reconnect;
            result = hear(system, session, "d Done", 9999, plain, &got);
            CHECKF(result == rounds[i].result, "round %zu: %d %s", i, (int)result, tamar__tls_why(session));
            tamar__tls_end(session);
        }
        play.reconnect = false;
        CHECK(system->cache.count == 1);
        tamar__tls_close(system);
    }
    TEST("a session that is resumed though it is not remembered is no verdict when its chain did not come along")
    {
        tamar__tls_system *system;
        void *session;
        _putenv("SSL_CERT_FILE=");
        _putenv("SSL_CERT_DIR=");
        system = open_system(false);
        play.reconnect = true;
        session = start(system, "localhost", IN_2030);
        CHECK(hear(system, session, "d Done", 9999, plain, &got) == TAMAR_IO_TLS && !system->fetching);
        CHECKF(strstr(tamar__tls_why(session), "another try may succeed") != NULL, "%s", tamar__tls_why(session));
        tamar__tls_end(session);
        play.reconnect = false;
        tamar__tls_close(system);
    }
    TEST("origins that are remembered are bounded")
    {
        tamar__tls_system *system = open_system(true);
        int i;
        for (i = 0; i < TAMAR__TLS_KEPT + 3; i++) {
            tamar_tls_wanted wanted;
            const char *why = NULL;
            void *session;
            memset(&wanted, 0, sizeof wanted);
            wanted.host = "localhost";
            wanted.port = (uint16_t)(1000 + i);
            wanted.unix_ms = IN_2030;
            session = tamar__tls_start(system, &wanted, &why);
            CHECK(hear(system, session, "d Done", 9999, plain, &got) == TAMAR_IO_AGAIN);
            tamar__tls_end(session);
        }
        CHECK(system->cache.count == TAMAR__TLS_KEPT);
        tamar__tls_close(system);
    }
    TEST("a root that Windows does not know is asked for once, then refused")
    {
        tamar__tls_system *system;
        int i;
        _putenv("SSL_CERT_FILE=");
        _putenv("SSL_CERT_DIR=");
        system = open_system(false);
        system->trust.ca = tamar__str_z(leaf_pem);  // with Windows' own: nothing is asked for
        system->trust.extra = true;
        for (i = 0; i < 2; i++) {
            void *session = start(system, "localhost", IN_2030);
            CHECK(hear(system, session, "d Done", 9999, plain, &got) == TAMAR_IO_AGAIN && got == 3 && system->ours && system->windows && !system->fetching);
            tamar__tls_end(session);
        }
        tamar__tls_close(system);
        system = open_system(false);
        for (i = 0; i < 2; i++) {
            void *session = start(system, "localhost", IN_2030);
            ptrdiff_t result = hear(system, session, "d Done", 9999, plain, &got);
            CHECKF(result == (i ? TAMAR_IO_CERT : TAMAR_IO_TLS), "%d: %s", (int)result, tamar__tls_why(session));
            CHECK(strstr(tamar__tls_why(session), "is self-signed") && !strstr(tamar__tls_why(session), "another try") == (i == 1));
            tamar__tls_end(session);
            CHECK(system->fetching && WaitForSingleObject(system->fetching, 60000) == WAIT_OBJECT_0);
        }
        tamar__tls_close(system);
    }
    TEST("memory runs out at every place, and all of it comes back")
    {
        long at;
        int good = 0;
        for (at = 1; at < 40 && good < 2; at++) {
            tamar__tls_system *system;
            void *session = NULL;
            heap.asked = 0;
            heap.fail_at = at;
            system = open_system(true);
            if (system) session = start(system, "localhost", IN_2030);
            if (session && hear(system, session, "c o d Done", 9999, plain, &got) == TAMAR_IO_AGAIN && got == 3 && tamar__tls_write(session, "ask", 3) == 3)
                good += !heap.failed;
            heap.failed = 0;
            tamar__tls_end(session);
            if (system) tamar__tls_close(system);
            CHECKF(heap.live == 0 && heap.blocks == 0, "after request %ld", at);
        }
        CHECK(good == 2);
        heap.fail_at = 0;
    }
}

int main(void)
{
    unsigned char der[1024], table[TAMAR__TLS_PEM_TABLE];
    const unsigned char *p = (const unsigned char *)leaf_pem;
    size_t len = 0;
    memory.allocator.resize = test_resize;
    memory.allocator.user_data = &heap;
    tamar__tls_pem_table(table);
    p = tamar__tls_pem_begin(p, p + sizeof leaf_pem - 1);
    if (p) tamar__tls_pem_body(table, p, (const unsigned char *)leaf_pem + sizeof leaf_pem - 1, der, &len);
    play.leaf = CertCreateCertificateContext(X509_ASN_ENCODING, der, (DWORD)len);
    if (!play.leaf) return 1;
    handshakes();
    trust();
    TEST("every context was given back") CHECKF(play.contexts == 0 && play.ended > 60, "%d of %d", play.contexts, play.begun);
    CertFreeCertificateContext(play.leaf);
    TEST("no memory is left") CHECK(heap.live == 0 && heap.blocks == 0);
    return test_done();
}
#endif
