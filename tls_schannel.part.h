// Schannel, Windows' own TLS, with its libraries opened at run time: TLS 1.3 where Windows has it (11, Server 2022),
// else 1.2. It is told to leave the certificate to us, and what it got is looked at before the first byte of a request
// is encrypted: the chain by crypt32, at the time of the client's clock; names, dates, extended key usage, the strength
// of keys and hashes, and pins here, as with every backend.
//
// Nothing here waits for a network: crypt32 may neither look for a missing intermediate nor for revocation lists. A
// root it may not look for either, but Windows comes with few and fetches the others when they are asked for the first
// time: so one that is not known here is asked for in a helper thread, and the connection fails in a way that is worth
// another try. The thread shares no memory with anybody.
//
// desc.ca and desc.ca_file go into a store in memory, and from it into a chain engine that trusts nothing else.
// Schannel keeps the sessions to be resumed itself, by credentials and host. A resumed one comes without its chain, so
// what is kept here of each origin is the hash of the certificate that was found good.
//
// Records are taken apart here, and handed over whole: in a handshake all there are, then one at a time, decrypted in
// place. A session is one block, 18 KB for what comes in, and what is to be sent.

#ifndef SECURITY_WIN32
#define SECURITY_WIN32
#endif
#include <wincrypt.h>
#include <security.h>
#include <schannel.h>

#define TAMAR__TLS_SECUR32(F) \
    F(long, AcquireCredentialsHandleA, (char *principal, char *package, unsigned long use, void *logon, void *data, \
                                        void *get_key, void *argument, CredHandle *credentials, TimeStamp *expiry)) \
    F(long, FreeCredentialsHandle, (CredHandle *credentials)) \
    F(long, InitializeSecurityContextA, (CredHandle *credentials, CtxtHandle *context, char *target, \
                                         unsigned long wanted, unsigned long reserved, unsigned long representation, \
                                         SecBufferDesc *in, unsigned long reserved_too, CtxtHandle *made, \
                                         SecBufferDesc *out, unsigned long *given, TimeStamp *expiry)) \
    F(long, DeleteSecurityContext, (CtxtHandle *context)) \
    F(long, QueryContextAttributesA, (CtxtHandle *context, unsigned long attribute, void *out)) \
    F(long, ApplyControlToken, (CtxtHandle *context, SecBufferDesc *in)) \
    F(long, EncryptMessage, (CtxtHandle *context, unsigned long quality, SecBufferDesc *message, unsigned long number)) \
    F(long, DecryptMessage, (CtxtHandle *context, SecBufferDesc *message, unsigned long number, \
                             unsigned long *quality)) \
    F(long, FreeContextBuffer, (void *buffer))

#define TAMAR__TLS_CRYPT32(F) \
    F(HCERTSTORE, CertOpenStore, (const char *provider, DWORD encoding, uintptr_t handle, DWORD flags, \
                                  const void *argument)) \
    F(BOOL, CertCloseStore, (HCERTSTORE store, DWORD flags)) \
    F(BOOL, CertAddEncodedCertificateToStore, (HCERTSTORE store, DWORD encoding, const BYTE *der, DWORD len, \
                                               DWORD how, PCCERT_CONTEXT *added)) \
    F(PCCERT_CONTEXT, CertDuplicateCertificateContext, (PCCERT_CONTEXT cert)) \
    F(BOOL, CertFreeCertificateContext, (PCCERT_CONTEXT cert)) \
    F(BOOL, CertCreateCertificateChainEngine, (void *config, HCERTCHAINENGINE *engine)) \
    F(void, CertFreeCertificateChainEngine, (HCERTCHAINENGINE engine)) \
    F(BOOL, CertGetCertificateChain, (HCERTCHAINENGINE engine, PCCERT_CONTEXT cert, FILETIME *when, \
                                      HCERTSTORE others, CERT_CHAIN_PARA *wanted, DWORD flags, void *reserved, \
                                      PCCERT_CHAIN_CONTEXT *chain)) \
    F(void, CertFreeCertificateChain, (PCCERT_CHAIN_CONTEXT chain)) \
    F(BOOL, CertVerifyCertificateChainPolicy, (const char *policy, PCCERT_CHAIN_CONTEXT chain, \
                                               CERT_CHAIN_POLICY_PARA *wanted, CERT_CHAIN_POLICY_STATUS *status))

#define TAMAR__TLS_MEMBER(type, name, arguments) type(WINAPI *name) arguments;
typedef struct tamar__tls_functions {
    TAMAR__TLS_SECUR32(TAMAR__TLS_MEMBER)
    TAMAR__TLS_CRYPT32(TAMAR__TLS_MEMBER)
} tamar__tls_functions;

// What older headers do not have, from schannel.h, sspi.h and wincrypt.h of Windows 11's SDK.
typedef struct tamar__tls_parameters {
    DWORD alpn_count;
    void *alpn;
    DWORD disabled_protocols;
    DWORD disabled_crypto_count;
    void *disabled_crypto;
    DWORD flags;
} tamar__tls_parameters;

typedef struct tamar__tls_credentials {  // SCH_CREDENTIALS, since Windows 10 1809
    DWORD version, format, count;
    void *certs;
    void *roots;
    DWORD mapper_count;
    void *mappers;
    DWORD lifespan, flags, parameter_count;
    tamar__tls_parameters *parameters;
} tamar__tls_credentials;

typedef struct tamar__tls_engine {  // CERT_CHAIN_ENGINE_CONFIG, since Windows 7
    DWORD size;
    HCERTSTORE restricted_root, restricted_trust, restricted_other;
    DWORD additional_count;
    HCERTSTORE *additional;
    DWORD flags, timeout, most, cycles;
    HCERTSTORE exclusive_root, exclusive_people;
} tamar__tls_engine;

typedef struct tamar__tls_https {  // SSL_EXTRA_CERT_CHAIN_POLICY_PARA
    DWORD size, type, checks;
    WCHAR *name;
} tamar__tls_https;

enum {
    TAMAR__TLS_IN = 5 + 16384 + 2048,  // the longest record there is
    TAMAR__TLS_IN_MAX = 256 * 1024,  // of a handshake
    TAMAR__TLS_PENDING = 32768,
    TAMAR__TLS_1_2 = 0x800,  // SP_PROT_TLS1_2_CLIENT
    TAMAR__TLS_1_3 = 0x2000,
    TAMAR__TLS_MANUAL = 0x8 | 0x10 | 0x400000,  // SCH_CRED_MANUAL_CRED_VALIDATION, _NO_DEFAULT_CREDS, STRONG_CRYPTO
    TAMAR__TLS_ALPN = 18,  // SECBUFFER_APPLICATION_PROTOCOLS
    // ISC_REQ_REPLAY_DETECT, _SEQUENCE_DETECT, _CONFIDENTIALITY, _ALLOCATE_MEMORY, _EXTENDED_ERROR, _STREAM,
    // _MANUAL_CRED_VALIDATION
    TAMAR__TLS_ASK = 0x4 | 0x8 | 0x10 | 0x100 | 0x4000 | 0x8000 | 0x80000,
    TAMAR__TLS_NO_CLIENT_CERT = 0x80,  // ISC_REQ_USE_SUPPLIED_CREDS
    TAMAR__TLS_CACHE_ONLY = 0x4,  // CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL
    TAMAR__TLS_NO_AIA = 0x2000,  // CERT_CHAIN_DISABLE_AIA
    TAMAR__TLS_NO_FETCH = 0x4 | 0x100 | 0x2000,  // both, and _DISABLE_AUTH_ROOT_AUTO_UPDATE
    // CERT_TRUST_..., wincrypt.h
    TAMAR__TLS_TRUST_TIME = 0x1,
    TAMAR__TLS_TRUST_NESTED = 0x2,
    TAMAR__TLS_TRUST_REVOKED = 0x4,
    TAMAR__TLS_TRUST_SIGNATURE = 0x8,
    TAMAR__TLS_TRUST_USAGE = 0x10,
    TAMAR__TLS_TRUST_ROOT = 0x20,
    TAMAR__TLS_TRUST_CONSTRAINTS = 0x400,
    TAMAR__TLS_TRUST_NAMES = 0x800 | 0x1000 | 0x2000 | 0x4000 | 0x8000,
    TAMAR__TLS_TRUST_PARTIAL = 0x10000,
    TAMAR__TLS_TRUST_WEAK = 0x100000,
    TAMAR__TLS_TRUST_DISTRUST = 0x4000000,
    TAMAR__TLS_TRUST_CRITICAL = 0x8000000
};

// Status codes as they are compared here: 32 bits without a sign.
#define TAMAR__TLS_CONTINUE 0x00090312u
#define TAMAR__TLS_EXPIRED_CONTEXT 0x00090317u  // close_notify
#define TAMAR__TLS_WANTS_CREDENTIALS 0x00090320u
#define TAMAR__TLS_RENEGOTIATE 0x00090321u
#define TAMAR__TLS_INCOMPLETE 0x80090318u

struct tamar__tls_system {
    tamar__base_memory *memory;
    tamar__tls_trust trust;
    bool loaded, have_credentials;
    bool ours, windows;  // whose roots are trusted
    CredHandle credentials;
    HCERTSTORE store;
    HCERTCHAINENGINE engine;  // for ours
    HANDLE fetching;  // the thread that looks for a root
    unsigned char fetched[TAMAR__HASH_SIZE];  // for this certificate
    tamar__tls_cache cache;
    tamar__tls_functions f;
};

typedef struct tamar__tls_session {
    tamar__tls_peer peer;
    tamar__tls_system *system;
    size_t size;  // of this block
    CtxtHandle context;
    bool begun;  // there is a context
    bool numeric;
    bool asked;  // the server asked for a certificate of ours
    bool thirteen;  // it is TLS 1.3
    bool heard;  // data came
    bool closed;  // close_notify came
    int alert;  // that came in the clear; -1: none
    size_t header, trailer, most;  // of a record to be sent
    unsigned char *in, *out;
    size_t in_size, in_at, in_len, tried;  // tried: so many bytes of whole records were not enough
    size_t out_size, out_at, out_len;
    const unsigned char *plain;  // decrypted, in front of in_at
    size_t plain_len;
    char host[1];
} tamar__tls_session;

// -- the libraries ---------------------------------------------------------------------------------

typedef struct tamar__tls_symbol {
    const char *name;
    size_t at;  // in tamar__tls_functions
} tamar__tls_symbol;

#define TAMAR__TLS_NEED(type, name, arguments) {#name, offsetof(tamar__tls_functions, name)},

static bool tamar__tls_load(tamar__tls_functions *f)
{
    static const char *const secur32[] = {"secur32.dll", NULL};
    static const char *const crypt32[] = {"crypt32.dll", NULL};
    static const tamar__tls_symbol of_secur32[] = {TAMAR__TLS_SECUR32(TAMAR__TLS_NEED)};
    static const tamar__tls_symbol of_crypt32[] = {TAMAR__TLS_CRYPT32(TAMAR__TLS_NEED)};
    void *library = tamar__os_library(secur32);
    size_t i;
    for (i = 0; i < sizeof of_secur32 / sizeof of_secur32[0]; i++)
        if (!library || !tamar__os_symbol(library, of_secur32[i].name, (char *)f + of_secur32[i].at)) return false;
    library = tamar__os_library(crypt32);
    for (i = 0; i < sizeof of_crypt32 / sizeof of_crypt32[0]; i++)
        if (!library || !tamar__os_symbol(library, of_crypt32[i].name, (char *)f + of_crypt32[i].at)) return false;
    return true;
}

// TLS 1.2 or newer. NULL, or why not.
static const char *tamar__tls_acquire(tamar__tls_system *system)
{
    static char package[] = "Microsoft Unified Security Protocol Provider";  // UNISP_NAME
    tamar__tls_parameters parameters;
    tamar__tls_credentials now;
    SCHANNEL_CRED before;
    DWORD lifespan = TAMAR_NO_RESUMPTION ? 1 : 0;  // in milliseconds; 0: ten hours
    int round;
    long status;
    if (system->have_credentials) return NULL;
    for (round = 0; round < 3; round++) {
        void *data = round ? (void *)&before : (void *)&now;
        memset(&parameters, 0, sizeof parameters);
        memset(&now, 0, sizeof now);
        memset(&before, 0, sizeof before);
        parameters.disabled_protocols = ~(DWORD)(TAMAR__TLS_1_2 | TAMAR__TLS_1_3);
        now.version = 5;
        now.lifespan = lifespan;
        now.flags = TAMAR__TLS_MANUAL;
        now.parameter_count = 1;
        now.parameters = &parameters;
        before.dwVersion = SCHANNEL_CRED_VERSION;
        before.grbitEnabledProtocols = round == 1 ? TAMAR__TLS_1_2 | TAMAR__TLS_1_3 : TAMAR__TLS_1_2;
        before.dwSessionLifespan = lifespan;
        before.dwFlags = TAMAR__TLS_MANUAL;
        status = system->f.AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, data, NULL, NULL,
                                                     &system->credentials, NULL);
        if (status == 0) {
            system->have_credentials = true;
            return NULL;
        }
    }
    return "Schannel could not start, or TLS 1.2 is switched off on this Windows";
}

// -- roots -----------------------------------------------------------------------------------------

static bool tamar__tls_add_root(tamar__tls_system *system, const unsigned char *der, size_t len)
{
    tamar__tls_cert c;
    return tamar__tls_read_cert(&c, der, len) &&
           system->f.CertAddEncodedCertificateToStore(system->store, X509_ASN_ENCODING, der, (DWORD)len,
                                                      CERT_STORE_ADD_USE_EXISTING, NULL);
}

// PEM or DER. out: where it may be decoded to, len bytes; it may be the text itself.
static bool tamar__tls_add_roots(tamar__tls_system *system, const unsigned char *p, size_t len, unsigned char *out)
{
    const unsigned char *end = p + len;
    unsigned char table[TAMAR__TLS_PEM_TABLE];
    bool found = false;
    if (len && *p == TAMAR__TLS_SEQUENCE) {
        tamar__tls_der all, one;
        all.p = p;
        all.end = end;
        while (tamar__tls_whole(&all, TAMAR__TLS_SEQUENCE, &one))
            if (tamar__tls_add_root(system, one.p, tamar__tls_len(one))) found = true;
        return found;
    }
    tamar__tls_pem_table(table);
    while ((p = tamar__tls_pem_begin(p, end)) != NULL) {
        size_t size;
        if ((p = tamar__tls_pem_body(table, p, end, out, &size)) == NULL) break;
        if (tamar__tls_add_root(system, out, size)) found = true;
    }
    return found;
}

static bool tamar__tls_add_file(tamar__tls_system *system, const char *path)
{
    size_t len;
    unsigned char *text = (unsigned char *)tamar__os_file(system->memory, path, &len);
    bool found;
    if (!text) return false;
    found = tamar__tls_add_roots(system, text, len, text);
    tamar__base_resize(system->memory, text, len, 0);
    return found;
}

static bool tamar__tls_each_file(void *user_data, const char *path)
{
    return tamar__tls_add_file((tamar__tls_system *)user_data, path);
}

// SSL_CERT_FILE and SSL_CERT_DIR, or else Windows' own.
static const char *tamar__tls_system_store(tamar__tls_system *system)
{
    const char *file = tamar__os_get(NULL, "SSL_CERT_FILE"), *directory = tamar__os_get(NULL, "SSL_CERT_DIR");
    bool found = false;
    if (file && !tamar__tls_add_file(system, file))
        return "SSL_CERT_FILE names a file that cannot be read; unset it or correct it";
    while (directory && *directory) {  // a list
        char path[512];
        size_t len = strcspn(directory, ";");
        if (len < sizeof path) {
            memcpy(path, directory, len);
            path[len] = 0;
            if (tamar__os_each(path, tamar__tls_each_file, system)) found = true;
        }
        directory += len + (directory[len] == ';');
        if (!*directory && !found) return "SSL_CERT_DIR holds no certificates that can be read";
    }
    if (file || found) system->ours = true;
    else system->windows = true;
    return NULL;
}

// The engine that trusts what is in the store, and nothing else.
static bool tamar__tls_make_engine(tamar__tls_system *system)
{
    tamar__tls_engine config;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    config.flags = TAMAR__TLS_CACHE_ONLY;
    config.exclusive_root = system->store;
    return system->f.CertCreateCertificateChainEngine(&config, &system->engine) != 0;
}

static void tamar__tls_drop_trust(tamar__tls_system *system)
{
    if (system->engine) system->f.CertFreeCertificateChainEngine(system->engine);
    if (system->store) system->f.CertCloseStore(system->store, 0);
    system->engine = NULL;
    system->store = NULL;
    system->ours = system->windows = false;
}

static const char *tamar__tls_load_trust(tamar__tls_system *system, const char *ca_file)
{
    const tamar__tls_trust *t = &system->trust;
    const char *why = NULL;
    if (system->loaded || t->insecure) return NULL;
    system->store = system->f.CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    if (!system->store) return "crypt32 could not open a store in memory";
    system->ours = ca_file || t->ca.len;
    if (ca_file && !tamar__tls_add_file(system, ca_file))
        why = "desc.ca_file cannot be read as a PEM file of certificates";
    if (!why && t->ca.len) {
        unsigned char *out = (unsigned char *)tamar__base_resize(system->memory, NULL, 0, t->ca.len);
        if (!out || !tamar__tls_add_roots(system, (const unsigned char *)t->ca.ptr, t->ca.len, out))
            why = "desc.ca holds no certificate that can be read";
        if (out) tamar__base_resize(system->memory, out, t->ca.len, 0);
    }
    if (!why && (!system->ours || t->extra)) why = tamar__tls_system_store(system);
    if (!why && system->ours && !tamar__tls_make_engine(system))
        why = "crypt32 could not make a chain engine for desc.ca or desc.ca_file (Windows 7 or newer is needed)";
    if (why) tamar__tls_drop_trust(system);
    else system->loaded = true;
    return why;
}

// -- the chain -------------------------------------------------------------------------------------

// Is this signature algorithm one that is good for certificates? RSA with SHA-2 (also PSS), ECDSA with SHA-2, Ed25519.
static bool tamar__tls_strong_hash(const tamar__tls_cert *c)
{
    tamar__tls_der d = c->whole, tbs, kind, id, hash;
    if (!tamar__tls_next(&d, TAMAR__TLS_SEQUENCE, &tbs)) return false;
    d = tbs;
    if (!tamar__tls_next(&d, TAMAR__TLS_SEQUENCE, &tbs) || !tamar__tls_next(&d, TAMAR__TLS_SEQUENCE, &kind) ||
        !tamar__tls_next(&kind, TAMAR__TLS_OID, &id))
        return false;
    if (tamar__tls_holds(id, "\x2b\x65\x70", 3)) return true;
    if (tamar__tls_len(id) == 8 && memcmp(id.p, "\x2a\x86\x48\xce\x3d\x04\x03", 7) == 0)
        return id.p[7] >= 2 && id.p[7] <= 4;  // ecdsa-with-SHA256 to 512
    if (tamar__tls_len(id) != 9 || memcmp(id.p, "\x2a\x86\x48\x86\xf7\x0d\x01\x01", 8) != 0) return false;
    if (id.p[8] != 10) return id.p[8] >= 11 && id.p[8] <= 13;  // sha256WithRSAEncryption to 512
    // RSASSA-PSS: without parameters it is SHA-1 (RFC 4055 section 3.1)
    return tamar__tls_next(&kind, TAMAR__TLS_SEQUENCE, &d) && tamar__tls_next(&d, 0xA0, &hash) &&
           tamar__tls_next(&hash, TAMAR__TLS_SEQUENCE, &d) && tamar__tls_next(&d, TAMAR__TLS_OID, &id) &&
           tamar__tls_len(id) == 9 && memcmp(id.p, "\x60\x86\x48\x01\x65\x03\x04\x02", 8) == 0 && id.p[8] >= 1 &&
           id.p[8] <= 3;
}

// An RSA key of fewer than 2048 bits is not.
static bool tamar__tls_strong_key(const tamar__tls_cert *c)
{
    tamar__tls_der d = c->key, kind, id, bits, n;
    size_t count;
    if (!tamar__tls_next(&d, TAMAR__TLS_SEQUENCE, &bits)) return false;
    d = bits;
    if (!tamar__tls_next(&d, TAMAR__TLS_SEQUENCE, &kind) || !tamar__tls_next(&d, TAMAR__TLS_BITS, &bits) ||
        !tamar__tls_next(&kind, TAMAR__TLS_OID, &id))
        return false;
    if (!tamar__tls_holds(id, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9)) return true;
    if (bits.p == bits.end || *bits.p++ != 0 || !tamar__tls_next(&bits, TAMAR__TLS_SEQUENCE, &d) ||
        !tamar__tls_next(&d, TAMAR__TLS_INTEGER, &n))
        return false;
    while (n.p < n.end && !*n.p) n.p++;
    count = tamar__tls_len(n);
    return count > 256 || (count == 256 && (*n.p & 0x80) != 0);
}

static void tamar__tls_hex(char *out, uint32_t value)
{
    int i;
    for (i = 7; i >= 0; i--, value >>= 4) out[i] = "0123456789abcdef"[value & 15];
    out[8] = 0;
}

static bool tamar__tls_element(PCCERT_CHAIN_CONTEXT chain, DWORD i, tamar__tls_cert *c)
{
    PCCERT_CONTEXT cert = chain->rgpChain[0]->rgpElement[i]->pCertContext;
    return tamar__tls_read_cert(c, cert->pbCertEncoded, cert->cbCertEncoded);
}

// What crypt32 holds against one certificate, that was not looked at here.
static tamar__tls_cause tamar__tls_cause_of(uint32_t status, char *detail)
{
    static const char words[] = "Windows does not trust it, status 0x";
    const char *why = NULL;
    if (status & TAMAR__TLS_TRUST_SIGNATURE) return TAMAR__TLS_BAD_SIGNATURE;
    if (status & TAMAR__TLS_TRUST_WEAK) return TAMAR__TLS_WEAK_HASH;
    if (status & TAMAR__TLS_TRUST_CONSTRAINTS) return TAMAR__TLS_NOT_CA;
    if (status & TAMAR__TLS_TRUST_USAGE) return TAMAR__TLS_NOT_SERVER;
    if (status & TAMAR__TLS_TRUST_CRITICAL) why = "it has a critical extension that Windows does not know";
    if (status & TAMAR__TLS_TRUST_NAMES) why = "an authority above it may not issue for this name";
    if (status & TAMAR__TLS_TRUST_DISTRUST) why = "Windows distrusts it by name";
    if (status & TAMAR__TLS_TRUST_REVOKED) why = "it was revoked";
    if (why) memcpy(detail, why, strlen(why) + 1);
    else {
        memcpy(detail, words, sizeof words);
        tamar__tls_hex(detail + sizeof words - 1, status);
    }
    return TAMAR__TLS_OTHER;
}

// The verdict of Windows' own rules for servers, which know more than the chain: 0, or its error.
static DWORD tamar__tls_policy(tamar__tls_system *system, PCCERT_CHAIN_CONTEXT chain)
{
    CERT_CHAIN_POLICY_PARA wanted;
    CERT_CHAIN_POLICY_STATUS status;
    tamar__tls_https https;
    memset(&wanted, 0, sizeof wanted);
    memset(&status, 0, sizeof status);
    memset(&https, 0, sizeof https);
    https.size = sizeof https;
    https.type = 2;  // AUTHTYPE_SERVER
    https.checks = 0x1000;  // SECURITY_FLAG_IGNORE_CERT_CN_INVALID: the name is ours to check
    wanted.cbSize = sizeof wanted;
    wanted.pvExtraPolicyPara = &https;
    status.cbSize = sizeof status;
    if (!system->f.CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &wanted, &status)) return 1;
    return status.dwError;
}

// Does the chain end in a root that is trusted? If not, says so.
static bool tamar__tls_rooted(tamar__tls_session *s, PCCERT_CHAIN_CONTEXT chain)
{
    DWORD status = chain->TrustStatus.dwErrorStatus, n = chain->cChain ? chain->rgpChain[0]->cElement : 0;
    tamar__tls_cert c;
    if (!n) {
        tamar__tls_refuse(&s->peer, TAMAR__TLS_BROKEN, NULL, 0, "");
        return false;
    }
    if (chain->cChain == 1 && !(status & (TAMAR__TLS_TRUST_PARTIAL | TAMAR__TLS_TRUST_ROOT))) return true;
    if (!tamar__tls_element(chain, n - 1, &c)) tamar__tls_refuse(&s->peer, TAMAR__TLS_BROKEN, NULL, (int)n - 1, "");
    else if (!tamar__tls_same(c.subject, c.issuer))
        tamar__tls_refuse(&s->peer, TAMAR__TLS_NO_ISSUER, &c, (int)n - 1, "");
    else tamar__tls_refuse(&s->peer, n == 1 ? TAMAR__TLS_SELF_SIGNED : TAMAR__TLS_FOREIGN_ROOT, &c, 0, "");
    return false;
}

// The next thing to be held against the chain, in the order that is told: what it may be used for, the name, the dates,
// keys and hashes, the rest. 0: nothing. *at: the certificate at fault, *c is filled with it.
static tamar__tls_cause tamar__tls_fault(tamar__tls_session *s, PCCERT_CHAIN_CONTEXT chain, DWORD *at,
                                         tamar__tls_cert *c, char *detail)
{
    DWORD n = chain->rgpChain[0]->cElement, i, status;
    char now[14];
    int round;
    tamar__tls_stamp(s->peer.unix_ms, now);
    for (round = 0; round < 6; round++)
        for (i = 0; i < n; i++) {
            *at = round == 3 ? n - 1 - i : i;
            if (!tamar__tls_element(chain, *at, c)) return TAMAR__TLS_BROKEN;
            status = chain->rgpChain[0]->rgpElement[*at]->TrustStatus.dwErrorStatus;
            switch (round) {
            case 0:
                if (*at && !c->ca && (c->extended || *at < n - 1)) return TAMAR__TLS_NOT_CA;
                break;
            case 1:
                if (!tamar__tls_is_server(c)) return TAMAR__TLS_NOT_SERVER;
                break;
            case 2:
                if (!*at && !tamar__tls_is_for(c, s->host, s->numeric)) return TAMAR__TLS_WRONG_NAME;
                break;
            case 3:
                if (memcmp(now, c->from, sizeof now) < 0) return TAMAR__TLS_NOT_YET;
                if (memcmp(now, c->to, sizeof now) > 0) return TAMAR__TLS_EXPIRED;
                break;
            case 4:
                if (!tamar__tls_strong_key(c)) return TAMAR__TLS_WEAK_KEY;
                if (*at < n - 1 && !tamar__tls_strong_hash(c)) return TAMAR__TLS_WEAK_HASH;  // a root's is not asked
                break;
            default:
                status &= ~(DWORD)TAMAR__TLS_TRUST_NESTED;
                if (status) return tamar__tls_cause_of(status, detail);
            }
        }
    *at = 0;
    if (!tamar__tls_element(chain, 0, c)) return TAMAR__TLS_BROKEN;
    status = chain->TrustStatus.dwErrorStatus & ~(DWORD)TAMAR__TLS_TRUST_NESTED;
    if (status) return tamar__tls_cause_of(status, detail);
    status = tamar__tls_policy(s->system, chain);
    if (!status) return (tamar__tls_cause)0;
    memcpy(detail, "Windows' rules for servers, error 0x", 36);
    tamar__tls_hex(detail + 36, status);
    return TAMAR__TLS_OTHER;
}

// Is one of the chain's keys pinned for this host? chain NULL: nobody verified it, so only the server's own counts.
static bool tamar__tls_check_pins(tamar__tls_session *s, PCCERT_CONTEXT leaf, PCCERT_CHAIN_CONTEXT chain)
{
    const char *pins = s->system->trust.pins;
    tamar__tls_cert c;
    char own[45];
    DWORD i;
    if (!tamar__tls_pinned(pins, s->host, NULL)) return true;
    for (i = 0; chain && i < chain->rgpChain[0]->cElement; i++)
        if (tamar__tls_element(chain, i, &c) && tamar__tls_pinned(pins, s->host, &c.key)) return true;
    if (!tamar__tls_read_cert(&c, leaf->pbCertEncoded, leaf->cbCertEncoded)) return false;
    if (!chain && tamar__tls_pinned(pins, s->host, &c.key)) return true;
    tamar__tls_pin_of(c.key, own);
    tamar__tls_refuse(&s->peer, TAMAR__TLS_NOT_PINNED, &c, 0, own);
    return false;
}

// The chain of this certificate, by the roots of ours, or by Windows' own. NULL: no memory and the like.
static PCCERT_CHAIN_CONTEXT tamar__tls_chain(tamar__tls_session *s, PCCERT_CONTEXT leaf, bool ours)
{
    static char server[] = szOID_PKIX_KP_SERVER_AUTH;
    char *usages[1];
    CERT_CHAIN_PARA wanted;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    FILETIME when;
    int64_t ticks = (s->peer.unix_ms + INT64_C(11644473600000)) * 10000;  // 100 ns since 1601
    usages[0] = server;
    when.dwLowDateTime = (DWORD)((uint64_t)ticks & 0xFFFFFFFF);
    when.dwHighDateTime = (DWORD)((uint64_t)ticks >> 32);
    memset(&wanted, 0, sizeof wanted);
    wanted.cbSize = sizeof wanted;
    wanted.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    wanted.RequestedUsage.Usage.cUsageIdentifier = 1;
    wanted.RequestedUsage.Usage.rgpszUsageIdentifier = usages;
    if (!s->system->f.CertGetCertificateChain(ours ? s->system->engine : NULL, leaf, &when, leaf->hCertStore, &wanted,
                                              TAMAR__TLS_NO_FETCH, NULL, &chain))
        return NULL;
    return chain;
}

#if !TAMAR_NO_THREADS
// Has Windows build this chain once more, now with the network, and throws it away: what it is for is the root that
// Windows installs on the way.
static DWORD WINAPI tamar__tls_fetch(void *argument)
{
    static const char *const names[] = {"crypt32.dll", NULL};
    PCCERT_CONTEXT leaf = (PCCERT_CONTEXT)argument;
    tamar__tls_functions f;
    void *library = tamar__os_library(names);
    CERT_CHAIN_PARA wanted;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    memset(&wanted, 0, sizeof wanted);
    wanted.cbSize = sizeof wanted;
    if (!library || !tamar__os_symbol(library, "CertGetCertificateChain", &f.CertGetCertificateChain) ||
        !tamar__os_symbol(library, "CertFreeCertificateChain", &f.CertFreeCertificateChain) ||
        !tamar__os_symbol(library, "CertFreeCertificateContext", &f.CertFreeCertificateContext))
        return 1;
    if (f.CertGetCertificateChain(NULL, leaf, NULL, leaf->hCertStore, &wanted, TAMAR__TLS_NO_AIA, NULL, &chain))
        f.CertFreeCertificateChain(chain);
    f.CertFreeCertificateContext(leaf);
    return 0;
}
#endif

// Windows does not know the root of this chain: may that still change? Asks for it, once.
static bool tamar__tls_fetching(tamar__tls_system *system, PCCERT_CONTEXT leaf, const unsigned char *digest)
{
#if TAMAR_NO_THREADS
    (void)system;
    (void)leaf;
    (void)digest;
    return false;
#else
    PCCERT_CONTEXT copy;
    DWORD id;
    if (system->fetching && WaitForSingleObject(system->fetching, 0) == WAIT_TIMEOUT) return true;
    if (system->fetching && memcmp(system->fetched, digest, sizeof system->fetched) == 0) return false;
    if (system->fetching) CloseHandle(system->fetching);
    memcpy(system->fetched, digest, sizeof system->fetched);
    copy = system->f.CertDuplicateCertificateContext(leaf);
    system->fetching = CreateThread(NULL, 0, tamar__tls_fetch, (void *)(uintptr_t)copy, 0, &id);
    if (!system->fetching) system->f.CertFreeCertificateContext(copy);
    return system->fetching != NULL;
#endif
}

// Is it who it says it is? If not, says why.
static bool tamar__tls_check_chain(tamar__tls_session *s, PCCERT_CONTEXT leaf, const unsigned char *digest)
{
    tamar__tls_system *system = s->system;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    tamar__tls_cert c;
    tamar__tls_cause cause;
    char detail[80] = "";
    DWORD at = 0;
    int round;
    bool good = false;
    for (round = 0; round < 2 && !good; round++) {  // ours first
        if (round ? !system->windows : !system->ours) continue;
        if (chain) system->f.CertFreeCertificateChain(chain);
        s->peer.refused = 0;
        chain = tamar__tls_chain(s, leaf, !round);
        if (!chain) {
            tamar__tls_refuse(&s->peer, TAMAR__TLS_OTHER, NULL, 0, "crypt32 could not build its chain");
            return false;
        }
        good = tamar__tls_rooted(s, chain);
    }
    if (!good && system->windows && tamar__tls_fetching(system, leaf, digest)) {
        s->peer.refused = TAMAR_IO_TLS;
        tamar__tls_say(&s->peer, "; Windows is fetching its root: another try may succeed");
    }
    if (good) {
        cause = tamar__tls_fault(s, chain, &at, &c, detail);
        if (cause) tamar__tls_refuse(&s->peer, cause, cause == TAMAR__TLS_BROKEN ? NULL : &c, (int)at, detail);
        good = !cause && tamar__tls_check_pins(s, leaf, chain);
    }
    if (chain) system->f.CertFreeCertificateChain(chain);
    return good;
}

// A session that is resumed was verified when it began: with a certificate that was found good for this origin.
static bool tamar__tls_resumed(tamar__tls_session *s, const unsigned char *digest)
{
    const tamar__tls_kept *k = *tamar__tls_find(&s->system->cache, s->host, s->peer.port);
    SecPkgContext_SessionInfo info;
    memset(&info, 0, sizeof info);
    return k && memcmp(k->state.leaf, digest, TAMAR__HASH_SIZE) == 0 &&
           s->system->f.QueryContextAttributesA(&s->context, SECPKG_ATTR_SESSION_INFO, &info) == 0 &&
           (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

static void tamar__tls_keep(tamar__tls_session *s, const unsigned char *digest)
{
    tamar__tls_cache *cache = &s->system->cache;
    tamar__tls_kept *k;
    tamar__tls_drop(cache, s->system->memory, tamar__tls_find(cache, s->host, s->peer.port));
    k = TAMAR_NO_RESUMPTION ? NULL : tamar__tls_room(cache, s->system->memory, &s->peer);
    if (k) memcpy(k->state.leaf, digest, TAMAR__HASH_SIZE);
    if (cache->count > TAMAR__TLS_KEPT) tamar__tls_drop(cache, s->system->memory, tamar__tls_oldest(cache));
}

static bool tamar__tls_verify(tamar__tls_session *s)
{
    tamar__tls_system *system = s->system;
    PCCERT_CONTEXT leaf = NULL;
    unsigned char digest[TAMAR__HASH_SIZE];
    bool good;
    if (system->f.QueryContextAttributesA(&s->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &leaf) != 0 || !leaf) {
        tamar__tls_refuse(&s->peer, TAMAR__TLS_BROKEN, NULL, 0, "");
        return false;
    }
    tamar__hash_sha256(tamar__str_make((const char *)leaf->pbCertEncoded, leaf->cbCertEncoded), digest);
    if (system->trust.insecure) good = tamar__tls_check_pins(s, leaf, NULL);
    else good = tamar__tls_resumed(s, digest) || tamar__tls_check_chain(s, leaf, digest);
    if (good && !system->trust.insecure) tamar__tls_keep(s, digest);
    system->f.CertFreeCertificateContext(leaf);
    return good;
}

// -- a session -------------------------------------------------------------------------------------

// What Schannel says, in words. NULL: only its number is known.
static const char *tamar__tls_status_words(uint32_t status)
{
    if (TAMAR_NO_WORDS) return NULL;
    switch (status) {
    case 0x80090331u: return "the two sides have no version or cipher in common";
    case 0x80090302u: return "unsupported protocol, or nothing that both sides can do";
    case 0x80090326u: return "it sent an alert, or what came makes no sense";
    case 0x80090308u: return "what came makes no sense";
    case 0x8009030Fu: return "a record was changed on its way, or is false";
    case 0x80090330u: return "a record could not be decrypted";
    case 0x80090310u: return "a record is out of its order";
    case 0x80090367u: return "it does not speak http/1.1";
    case 0x80090300u: return "memory is out";
    case 0x80090304u: return "Schannel has an error of its own";
    case TAMAR__TLS_RENEGOTIATE: return "it wants to renegotiate, which is not done here";
    default: return NULL;
    }
}

static const char *tamar__tls_alert_words(int alert)
{
    if (TAMAR_NO_WORDS) return NULL;
    switch (alert) {
    case 40:
        return "it found nothing that both sides can do (perhaps it knows nothing newer than TLS 1.1), or it wants a "
               "certificate from us";
    case 70: return "it speaks no version of TLS that is allowed here (alert protocol version)";
    case 71: return "it wants stronger encryption than is offered";
    case 80: return "it has an error of its own (alert internal error)";
    case 112: return "it does not know this host name (alert unrecognized name)";
    case 116: return "it wants a certificate from us (alert certificate required)";
    case 120: return "it does not speak http/1.1 (alert no application protocol)";
    default: return NULL;
    }
}

static ptrdiff_t tamar__tls_fail(tamar__tls_session *s, const char *words, uint32_t status)
{
    tamar__tls_peer *peer = &s->peer;
    tamar__tls_cache *cache = &s->system->cache;
    char hex[9];
    if (peer->failed) return peer->failed;
    peer->failed = peer->refused ? peer->refused : TAMAR_IO_TLS;
    tamar__tls_drop(cache, s->system->memory, tamar__tls_find(cache, s->host, peer->port));
    if (peer->refused) return peer->failed;
    tamar__tls_say_failure(peer);
    if (peer->foreign) return peer->failed;
    if (!words && s->asked && !s->heard && (s->alert >= 0 || peer->shaken)) words = "it wants a certificate from us";
    if (!words && s->alert >= 0) words = tamar__tls_alert_words(s->alert);
    if (!words && s->alert < 0) words = tamar__tls_status_words(status);
    if (words) tamar__tls_say(peer, words);
    else if (s->alert >= 0) {
        tamar__tls_say(peer, "it sent the alert ");
        tamar__tls_say_number(peer, (uint64_t)s->alert, 1);
    }
    else {
        tamar__tls_hex(hex, status);
        tamar__tls_say(peer, "Schannel's error 0x");
        tamar__tls_say(peer, hex);
    }
    return peer->failed;
}

// Room for so many more bytes behind what waits to be sent. NULL: memory is out.
static unsigned char *tamar__tls_reserve(tamar__tls_session *s, size_t len)
{
    size_t size;
    unsigned char *grown;
    if (s->out_at == s->out_len) s->out_at = s->out_len = 0;
    if (s->out_len + len <= s->out_size) return s->out + s->out_len;
    if (s->out_at) {
        memmove(s->out, s->out + s->out_at, s->out_len - s->out_at);
        s->out_len -= s->out_at;
        s->out_at = 0;
        if (s->out_len + len <= s->out_size) return s->out + s->out_len;
    }
    size = tamar__base_max(s->out_size * 2, tamar__base_max(s->out_len + len, 1024));
    grown = (unsigned char *)tamar__base_resize(s->system->memory, s->out, s->out_size, size);
    if (!grown) return NULL;
    s->out = grown;
    s->out_size = size;
    return grown + s->out_len;
}

static void tamar__tls_buffer(SecBuffer *b, unsigned long type, void *data, size_t len)
{
    b->BufferType = type;
    b->pvBuffer = data;
    b->cbBuffer = (unsigned long)len;
}

static void tamar__tls_buffers(SecBufferDesc *d, SecBuffer *list, unsigned long count)
{
    d->ulVersion = SECBUFFER_VERSION;
    d->cBuffers = count;
    d->pBuffers = list;
}

// One step of a handshake. data NULL: the first, or what ApplyControlToken asked for. *left: bytes at the end of data
// that were not used. What is to be sent waits for drain, also when the step failed.
static uint32_t tamar__tls_step(tamar__tls_session *s, unsigned char *data, size_t len, size_t *left)
{
    static const unsigned char alpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    tamar__tls_system *system = s->system;
    uint32_t status;
    union {
        SEC_APPLICATION_PROTOCOLS protocols;
        unsigned char bytes[64];
    } offer;
    SecBufferDesc in, out;
    SecBuffer ins[2], outs[1];
    unsigned long given = 0;
    unsigned char *at;
    bool first = !s->begun;
    size_t head = offsetof(SEC_APPLICATION_PROTOCOLS, ProtocolLists),
           list = offsetof(SEC_APPLICATION_PROTOCOL_LIST, ProtocolList);
    *left = 0;
    if (first) {
        memset(&offer, 0, sizeof offer);
        offer.protocols.ProtocolListsSize = (unsigned long)(list + sizeof alpn);
        offer.protocols.ProtocolLists[0].ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
        offer.protocols.ProtocolLists[0].ProtocolListSize = (unsigned short)sizeof alpn;
        memcpy(offer.bytes + head + list, alpn, sizeof alpn);
        tamar__tls_buffer(&ins[0], TAMAR__TLS_ALPN, &offer, head + list + sizeof alpn);
    }
    else tamar__tls_buffer(&ins[0], SECBUFFER_TOKEN, data, len);
    tamar__tls_buffer(&ins[1], SECBUFFER_EMPTY, NULL, 0);
    tamar__tls_buffer(&outs[0], SECBUFFER_TOKEN, NULL, 0);
    tamar__tls_buffers(&in, ins, first ? 1 : 2);
    tamar__tls_buffers(&out, outs, 1);
    status = (uint32_t)system->f.InitializeSecurityContextA(
        &system->credentials, first ? NULL : &s->context, s->numeric ? NULL : s->host,
        TAMAR__TLS_ASK | (s->asked ? TAMAR__TLS_NO_CLIENT_CERT : 0), 0, 0, first || data ? &in : NULL, 0, &s->context,
        &out, &given, NULL);
    if (first && (status & 0x80000000u))  // before Windows 8.1 there was no ALPN
        status = (uint32_t)system->f.InitializeSecurityContextA(&system->credentials, NULL,
                                                                s->numeric ? NULL : s->host, TAMAR__TLS_ASK, 0, 0,
                                                                NULL, 0, &s->context, &out, &given, NULL);
    if (first && !(status & 0x80000000u)) s->begun = true;
    if (data && ins[1].BufferType == SECBUFFER_EXTRA) *left = tamar__base_min(ins[1].cbBuffer, len);
    if (!outs[0].pvBuffer) return status;
    if (outs[0].cbBuffer && outs[0].cbBuffer <= TAMAR__TLS_IN_MAX) {
        at = tamar__tls_reserve(s, outs[0].cbBuffer);
        if (at) {
            memcpy(at, outs[0].pvBuffer, outs[0].cbBuffer);
            s->out_len += outs[0].cbBuffer;
        }
        else status = 0x80090300u;  // SEC_E_INSUFFICIENT_MEMORY
    }
    system->f.FreeContextBuffer(outs[0].pvBuffer);
    return status;
}

// Tells the server: SCHANNEL_SHUTDOWN is close_notify, SCHANNEL_ALERT a fatal alert that its certificate is bad.
static void tamar__tls_tell(tamar__tls_session *s, DWORD what)
{
    DWORD token[3];  // SCHANNEL_ALERT_TOKEN
    SecBufferDesc in;
    SecBuffer ins[1];
    size_t left;
    token[0] = what;
    token[1] = 2;  // TLS1_ALERT_FATAL
    token[2] = 42;  // TLS1_ALERT_BAD_CERTIFICATE
    tamar__tls_buffer(&ins[0], SECBUFFER_TOKEN, token, what == SCHANNEL_ALERT ? sizeof token : sizeof token[0]);
    tamar__tls_buffers(&in, ins, 1);
    if (s->begun && s->system->f.ApplyControlToken(&s->context, &in) == 0) tamar__tls_step(s, NULL, 0, &left);
}

// The handshake is over: is it the right server?
static ptrdiff_t tamar__tls_settled(tamar__tls_session *s)
{
    const tamar__tls_functions *f = &s->system->f;
    SecPkgContext_StreamSizes sizes;
    SecPkgContext_ConnectionInfo info;
    uint32_t status;
    memset(&sizes, 0, sizeof sizes);
    memset(&info, 0, sizeof info);
    if (!tamar__tls_verify(s)) {
        if (!s->peer.refused) s->peer.refused = TAMAR_IO_CERT;
        tamar__tls_tell(s, SCHANNEL_ALERT);
        return tamar__tls_fail(s, NULL, 0);
    }
    status = (uint32_t)f->QueryContextAttributesA(&s->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    if (!status) status = (uint32_t)f->QueryContextAttributesA(&s->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    if (status) return tamar__tls_fail(s, NULL, status);
    if (!(info.dwProtocol & (TAMAR__TLS_1_2 | TAMAR__TLS_1_3)))
        return tamar__tls_fail(s, "it knows nothing newer than TLS 1.1, which is not safe any more", 0);
    s->thirteen = (info.dwProtocol & TAMAR__TLS_1_3) != 0;
    s->header = sizes.cbHeader;
    s->trailer = sizes.cbTrailer;
    s->most = tamar__base_min(sizes.cbMaximumMessage, 16384);
    if (!s->most || s->header > 4096 || s->trailer > 4096) return tamar__tls_fail(s, NULL, 0x80090304u);
    s->peer.shaken = true;
    return 0;
}

// The length of the record that begins there; 0: not all of it came. Too long a one sets *bad.
static size_t tamar__tls_record(const tamar__tls_session *s, size_t at, bool *bad)
{
    const unsigned char *p = s->in + at;
    size_t have = s->in_len - at, len;
    if (have < 5) return 0;
    len = 5 + ((size_t)p[3] << 8 | p[4]);
    if (p[0] < 20 || p[0] > 23 || p[1] != 3 || len > TAMAR__TLS_IN) *bad = true;
    return len > have || *bad ? 0 : len;
}

// 0: it is over; AGAIN: more has to come; or how it failed.
static ptrdiff_t tamar__tls_shake(tamar__tls_session *s)
{
    if (s->peer.failed) return s->peer.failed;
    while (!s->peer.shaken) {
        size_t n = 0, one, left;
        bool bad = false;
        uint32_t status;
        if (s->peer.foreign) return tamar__tls_fail(s, NULL, 0);
        while ((one = tamar__tls_record(s, s->in_at + n, &bad)) != 0) {
            const unsigned char *p = s->in + s->in_at + n;
            if (p[0] == 21 && one == 7) s->alert = p[6];
            n += one;
        }
        if (bad && !n) return tamar__tls_fail(s, "what came is no TLS record", 0);
        if (!n || n == s->tried) return TAMAR_IO_AGAIN;
        status = tamar__tls_step(s, s->in + s->in_at, n, &left);
        if (status == TAMAR__TLS_INCOMPLETE) {
            s->tried = n;
            return TAMAR_IO_AGAIN;
        }
        if (status == TAMAR__TLS_WANTS_CREDENTIALS && !s->asked) {  // it gets none; the same again
            s->asked = true;
            continue;
        }
        if (status != 0 && status != TAMAR__TLS_CONTINUE) return tamar__tls_fail(s, NULL, status);
        s->in_at += n - left;
        s->tried = 0;
        if (status == 0) return tamar__tls_settled(s);
        if (left == n) return tamar__tls_fail(s, NULL, 0x80090308u);
    }
    return 0;
}

// What came after the handshake and is none of the data: a ticket or new keys of TLS 1.3. Anything else is refused.
static ptrdiff_t tamar__tls_after(tamar__tls_session *s, unsigned char *data, size_t len)
{
    size_t left;
    if (!s->thirteen) return tamar__tls_fail(s, NULL, TAMAR__TLS_RENEGOTIATE);
    while (len) {
        uint32_t status = tamar__tls_step(s, data, len, &left);
        if (status != 0 && status != TAMAR__TLS_CONTINUE) return tamar__tls_fail(s, NULL, status);
        if (left == len) return tamar__tls_fail(s, NULL, 0x80090308u);
        data += len - left;
        len = left;
    }
    return 0;
}

// Decrypts the next record, where it lies. 0: there may be something in s->plain.
static ptrdiff_t tamar__tls_open_record(tamar__tls_session *s)
{
    bool bad = false;
    size_t len = tamar__tls_record(s, s->in_at, &bad), extra = 0;
    unsigned char *at = s->in + s->in_at;
    SecBufferDesc message;
    SecBuffer list[4];
    uint32_t status;
    int i, type;
    if (bad) return tamar__tls_fail(s, "what came is no TLS record", 0);
    if (s->closed) return TAMAR_IO_CLOSED;
    if (!len) return TAMAR_IO_AGAIN;
    type = *at;
    tamar__tls_buffer(&list[0], SECBUFFER_DATA, at, len);
    for (i = 1; i < 4; i++) tamar__tls_buffer(&list[i], SECBUFFER_EMPTY, NULL, 0);
    tamar__tls_buffers(&message, list, 4);
    status = (uint32_t)s->system->f.DecryptMessage(&s->context, &message, 0, NULL);
    if (status != 0 && status != TAMAR__TLS_EXPIRED_CONTEXT && status != TAMAR__TLS_RENEGOTIATE)
        return tamar__tls_fail(s, NULL, status);
    s->in_at += len;
    for (i = 0; i < 4; i++) {
        if (list[i].BufferType == SECBUFFER_EXTRA) extra = tamar__base_min(list[i].cbBuffer, len);
        if (list[i].BufferType != SECBUFFER_DATA || status == TAMAR__TLS_EXPIRED_CONTEXT) continue;
        if ((unsigned char *)list[i].pvBuffer < at || list[i].cbBuffer > len) continue;
        s->plain = (const unsigned char *)list[i].pvBuffer;
        s->plain_len = i || status == 0 ? list[i].cbBuffer : 0;
        if (s->plain_len) s->heard = true;
    }
    // Of TLS 1.2 an alert is seen from outside, and one that is not fatal is the end. Wine says no more of it.
    if (status == TAMAR__TLS_EXPIRED_CONTEXT || (type == 21 && !s->plain_len)) s->closed = true;
    if (status == TAMAR__TLS_RENEGOTIATE) return tamar__tls_after(s, at + len - extra, extra);
    return 0;
}

static void tamar__tls_end(void *session)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    tamar__base_memory *memory;
    size_t size;
    if (!s) return;
    memory = s->system->memory;
    size = s->size;
    if (s->begun) s->system->f.DeleteSecurityContext(&s->context);
    if (s->in) {
        tamar__base_wipe(s->in, s->in_size);
        tamar__base_resize(memory, s->in, s->in_size, 0);
    }
    if (s->out) tamar__base_resize(memory, s->out, s->out_size, 0);
    tamar__base_resize(memory, s, size, 0);
}

static void *tamar__tls_start(void *user_data, const tamar_tls_wanted *wanted, const char **why)
{
    tamar__tls_system *system = (tamar__tls_system *)user_data;
    size_t len = strlen(wanted->host), size = sizeof(tamar__tls_session) + len, left;
    tamar__tls_session *s;
    tamar_address a;
    *why = tamar__tls_load_trust(system, system->trust.ca_file ? system->trust.ca_file : wanted->ca_file);
    if (!*why) *why = tamar__tls_acquire(system);
    if (*why) return NULL;
    *why = "this host name cannot be verified by TLS";
    if (!len || (wanted->numeric && !tamar__os_address(wanted->host, 0, &a))) return NULL;
    *why = "out of memory for a TLS session";
    s = (tamar__tls_session *)tamar__base_resize(system->memory, NULL, 0, size);
    if (!s) return NULL;
    memset(s, 0, size);
    memcpy(s->host, wanted->host, len);
    s->system = system;
    s->size = size;
    s->numeric = wanted->numeric;
    s->alert = -1;
    s->peer.host = s->host;
    s->peer.port = wanted->port;
    s->peer.unix_ms = wanted->unix_ms;
    s->in = (unsigned char *)tamar__base_resize(system->memory, NULL, 0, TAMAR__TLS_IN);
    if (s->in) {
        s->in_size = TAMAR__TLS_IN;
        if (tamar__tls_step(s, NULL, 0, &left) == TAMAR__TLS_CONTINUE && s->out_len) {
            *why = NULL;
            return s;
        }
        *why = "Schannel could not begin a handshake";
    }
    tamar__tls_end(s);
    return NULL;
}

// Takes what there is room for; a handshake that needs more at once gets more room.
static ptrdiff_t tamar__tls_feed(void *session, const void *data, size_t len)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    const unsigned char *p = (const unsigned char *)data;
    size_t fed = 0, room;
    if (s->peer.failed) return s->peer.failed;
    if (!len) return 0;
    if (s->closed) return (ptrdiff_t)len;  // nothing is read behind close_notify
    tamar__tls_look(&s->peer, data);
    while (fed < len) {
        if (!s->plain_len && s->in_at) {
            memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
            s->in_len -= s->in_at;
            s->in_at = 0;
        }
        room = tamar__base_min(s->in_size - s->in_len, len - fed);
        if (!room && !s->peer.shaken && s->in_size < TAMAR__TLS_IN_MAX) {
            unsigned char *grown = (unsigned char *)tamar__base_resize(s->system->memory, s->in, s->in_size,
                                                                       2 * s->in_size);
            if (!grown) return tamar__tls_fail(s, NULL, 0x80090300u);
            s->in = grown;
            s->in_size *= 2;
            continue;
        }
        if (!room) break;  // what came before must be read first
        memcpy(s->in + s->in_len, p + fed, room);
        s->in_len += room;
        fed += room;
        tamar__tls_shake(s);  // what fails is told by read and write
        if (s->peer.failed) return (ptrdiff_t)len;
    }
    if (!fed && !s->peer.shaken) return tamar__tls_fail(s, "its handshake is too long", 0);
    return (ptrdiff_t)fed;
}

static ptrdiff_t tamar__tls_drain(void *session, void *out, size_t cap)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    size_t len = tamar__base_min(cap, s->out_len - s->out_at);
    if (!len) return 0;
    memcpy(out, s->out + s->out_at, len);
    s->out_at += len;
    return (ptrdiff_t)len;
}

static ptrdiff_t tamar__tls_read(void *session, void *out, size_t cap)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    ptrdiff_t result = tamar__tls_shake(s);
    size_t got = 0, len;
    while (!result && got < cap) {
        if (!s->plain_len) {
            result = tamar__tls_open_record(s);
            continue;
        }
        len = tamar__base_min(s->plain_len, cap - got);
        memcpy((char *)out + got, s->plain, len);
        s->plain += len;
        s->plain_len -= len;
        got += len;
    }
    return got ? (ptrdiff_t)got : result;
}

// One record. False: memory is out, or Schannel will not.
static bool tamar__tls_seal(tamar__tls_session *s, const unsigned char *data, size_t len, uint32_t *status)
{
    unsigned char *at = tamar__tls_reserve(s, s->header + len + s->trailer), *end = at;
    SecBufferDesc message;
    SecBuffer list[4];
    int i;
    *status = 0x80090300u;
    if (!at) return false;
    memcpy(at + s->header, data, len);
    tamar__tls_buffer(&list[0], SECBUFFER_STREAM_HEADER, at, s->header);
    tamar__tls_buffer(&list[1], SECBUFFER_DATA, at + s->header, len);
    tamar__tls_buffer(&list[2], SECBUFFER_STREAM_TRAILER, at + s->header + len, s->trailer);
    tamar__tls_buffer(&list[3], SECBUFFER_EMPTY, NULL, 0);
    tamar__tls_buffers(&message, list, 4);
    *status = (uint32_t)s->system->f.EncryptMessage(&s->context, 0, &message, 0);
    if (*status) return false;
    for (i = 0; i < 3; i++) {
        if (end != list[i].pvBuffer) memmove(end, list[i].pvBuffer, list[i].cbBuffer);
        end += list[i].cbBuffer;
    }
    s->out_len += (size_t)(end - at);
    return true;
}

static ptrdiff_t tamar__tls_write(void *session, const void *data, size_t len)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    ptrdiff_t result = tamar__tls_shake(s);
    size_t put = 0;
    uint32_t status;
    if (!data && !result) tamar__tls_tell(s, SCHANNEL_SHUTDOWN);
    if (result || !data || !len) return result;
    while (put < len && s->out_len - s->out_at < TAMAR__TLS_PENDING) {
        size_t part = tamar__base_min(len - put, s->most);
        if (!tamar__tls_seal(s, (const unsigned char *)data + put, part, &status))
            return tamar__tls_fail(s, NULL, status);
        put += part;
    }
    if (put) return (ptrdiff_t)put;
    return TAMAR_IO_AGAIN;
}

static const char *tamar__tls_why(void *session) { return ((tamar__tls_session *)session)->peer.text; }

TAMAR__BASE_UNUSED static tamar__tls_system *tamar__tls_open(tamar__base_memory *memory, const tamar__tls_trust *trust,
                                                             const char **why)
{
    tamar__tls_system *system = (tamar__tls_system *)tamar__base_resize(memory, NULL, 0, sizeof *system);
    *why = "out of memory";
    if (!system) return NULL;
    memset(system, 0, sizeof *system);
    system->memory = memory;
    system->trust = *trust;
    *why = NULL;
    if (tamar__tls_load(&system->f)) return system;
    tamar__base_resize(memory, system, sizeof *system, 0);
    *why = "https needs Schannel, but secur32.dll or crypt32.dll is not as it is since Windows 7: set desc.tls or "
           "desc.transport, or build with TAMAR_TLS_BEARSSL";
    return NULL;
}

// Its sessions were ended before.
TAMAR__BASE_UNUSED static void tamar__tls_close(tamar__tls_system *system)
{
    if (!system) return;
    while (system->cache.first) tamar__tls_drop(&system->cache, system->memory, &system->cache.first);
    if (system->fetching) CloseHandle(system->fetching);
    tamar__tls_drop_trust(system);
    if (system->have_credentials) system->f.FreeCredentialsHandle(&system->credentials);
    tamar__base_resize(system->memory, system, sizeof *system, 0);
}

// -- signing ---------------------------------------------------------------------------------------

#define TAMAR__TLS_BCRYPT(F) \
    F(LONG, BCryptOpenAlgorithmProvider, (void **provider, const WCHAR *name, const WCHAR *implementation, \
                                          ULONG flags)) \
    F(LONG, BCryptCloseAlgorithmProvider, (void *provider, ULONG flags)) \
    F(LONG, BCryptImportKeyPair, (void *provider, void *import_key, const WCHAR *kind, void **key, \
                                  unsigned char *blob, ULONG len, ULONG flags)) \
    F(LONG, BCryptSignHash, (void *key, void *padding, unsigned char *hash, ULONG hash_len, unsigned char *out, \
                             ULONG cap, ULONG *len, ULONG flags)) \
    F(LONG, BCryptDestroyKey, (void *key))

typedef struct tamar__tls_signer {
    TAMAR__TLS_BCRYPT(TAMAR__TLS_MEMBER)
} tamar__tls_signer;

static bool tamar__tls_load_signer(tamar__tls_signer *f)
{
#define TAMAR__TLS_SIGN(type, name, arguments) {#name, offsetof(tamar__tls_signer, name)},
    static const char *const names[] = {"bcrypt.dll", NULL};
    static const tamar__tls_symbol symbols[] = {TAMAR__TLS_BCRYPT(TAMAR__TLS_SIGN)};
#undef TAMAR__TLS_SIGN
    void *library = tamar__os_library(names);
    size_t i;
    for (i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
        if (!library || !tamar__os_symbol(library, symbols[i].name, (char *)f + symbols[i].at)) return false;
    return true;
}

// The numbers of an RSA key, as DER in a block of pem.len bytes: PKCS#8 (RFC 5208) or PKCS#1 (RFC 8017 appendix A.1.2).
// In the order of the blob: e, n, p, q.
static bool tamar__tls_read_key(tamar_str pem, unsigned char *block, tamar__tls_der numbers[4])
{
    static const char wrapped[] = "-----BEGIN PRIVATE KEY-----", bare[] = "-----BEGIN RSA PRIVATE KEY-----";
    static const int order[] = {-1, 1, 0, -1, 2, 3};  // version, n, e, d, p, q
    unsigned char table[TAMAR__TLS_PEM_TABLE];
    tamar__tls_der d, key, skip, id;
    size_t at = tamar__str_find(pem, wrapped, false), len;
    bool inside = at < pem.len;
    int i;
    if (!inside) at = tamar__str_find(pem, bare, false);
    if (at >= pem.len) return false;
    at += inside ? sizeof wrapped - 1 : sizeof bare - 1;
    tamar__tls_pem_table(table);
    if (!tamar__tls_pem_body(table, (const unsigned char *)pem.ptr + at, (const unsigned char *)pem.ptr + pem.len, block,
                             &len))
        return false;
    d.p = block;
    d.end = block + len;
    if (!tamar__tls_next(&d, TAMAR__TLS_SEQUENCE, &key)) return false;
    if (inside) {
        if (!tamar__tls_next(&key, TAMAR__TLS_INTEGER, &skip) || !tamar__tls_next(&key, TAMAR__TLS_SEQUENCE, &skip) ||
            !tamar__tls_next(&skip, TAMAR__TLS_OID, &id) || !tamar__tls_next(&key, TAMAR__TLS_OCTETS, &d) ||
            !tamar__tls_holds(id, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9) ||
            !tamar__tls_next(&d, TAMAR__TLS_SEQUENCE, &key))
            return false;
    }
    for (i = 0; i < 6; i++) {
        if (!tamar__tls_next(&key, TAMAR__TLS_INTEGER, &d)) return false;
        while (d.p < d.end && !*d.p) d.p++;
        if (order[i] >= 0) numbers[order[i]] = d;
    }
    return tamar__tls_len(numbers[1]) >= 64 && tamar__tls_len(numbers[2]) && tamar__tls_len(numbers[3]);
}

// RS256 with a private key as PEM (PKCS#8 or PKCS#1), by Windows' CNG. *len: room, then bytes. NULL, or what is wrong.
TAMAR__BASE_UNUSED static const char *tamar__tls_sign(tamar__tls_system *system, tamar_str pem, tamar_str data,
                                                      unsigned char *out, size_t *len)
{
    static const WCHAR rsa[] = {'R', 'S', 'A', 0}, kind[] = {'R', 'S', 'A', 'P', 'R', 'I', 'V', 'A', 'T', 'E', 'B', 'L',
                                                            'O', 'B', 0};
    static const WCHAR sha256[] = {'S', 'H', 'A', '2', '5', '6', 0};
    const WCHAR *padding = sha256;  // a BCRYPT_PKCS1_PADDING_INFO
    tamar__tls_signer f;
    tamar__tls_der numbers[4];
    unsigned char digest[TAMAR__HASH_SIZE], *block, *blob;
    ULONG head[6], made = 0;
    void *provider = NULL, *key = NULL;
    size_t size, i, first;
    bool read, good = false;
    if (pem.len > 0x10000) return "the private key is too long";
    if (!tamar__tls_load_signer(&f)) return "bcrypt.dll cannot sign: set desc.signer";
    size = 2 * pem.len + sizeof head;
    block = (unsigned char *)tamar__base_resize(system->memory, NULL, 0, size);
    if (!block) return tamar__base_no_memory();
    read = tamar__tls_read_key(pem, block, numbers);
    if (read) {
        blob = block + pem.len;
        for (first = 8; !(*numbers[1].p >> (first - 1) & 1); first--) {}
        head[0] = 0x32415352;  // BCRYPT_RSAPRIVATE_MAGIC
        head[1] = (ULONG)(8 * (tamar__tls_len(numbers[1]) - 1) + first);
        for (i = 0; i < 4; i++) head[2 + i] = (ULONG)tamar__tls_len(numbers[i]);
        memcpy(blob, head, sizeof head);
        for (i = 0, size = sizeof head; i < 4; size += tamar__tls_len(numbers[i]), i++)
            memcpy(blob + size, numbers[i].p, tamar__tls_len(numbers[i]));
        tamar__hash_sha256(data, digest);
        good = f.BCryptOpenAlgorithmProvider(&provider, rsa, NULL, 0) >= 0 &&
               f.BCryptImportKeyPair(provider, NULL, kind, &key, blob, (ULONG)size, 0) >= 0 &&
               tamar__tls_len(numbers[1]) <= *len &&
               f.BCryptSignHash(key, &padding, digest, sizeof digest, out, (ULONG)*len, &made, 2) >= 0;
        *len = made;
        if (key) f.BCryptDestroyKey(key);
        if (provider) f.BCryptCloseAlgorithmProvider(provider, 0);
    }
    tamar__base_wipe(block, 2 * pem.len + sizeof head);
    tamar__base_resize(system->memory, block, 2 * pem.len + sizeof head, 0);
    if (good) return NULL;
    return read ? "the private key could not sign"
                : "the private key cannot be read: it has to be PEM (BEGIN PRIVATE KEY) without a passphrase";
}

TAMAR__BASE_UNUSED static tamar_tls tamar__tls_seam(tamar__tls_system *system)
{
    tamar_tls t;
    t.start = tamar__tls_start;
    t.feed = tamar__tls_feed;
    t.drain = tamar__tls_drain;
    t.read = tamar__tls_read;
    t.write = tamar__tls_write;
    t.why = tamar__tls_why;
    t.end = tamar__tls_end;
    t.user_data = system;
    return t;
}
