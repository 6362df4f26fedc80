// The tls section against `openssl s_server` on the loopback, with certificates minted here: what is accepted, what is
// refused, and that each refusal says why. First the seam, then through the public API. Skips by name without openssl.
// One table for all backends; test_tls_bearssl.c builds it with BearSSL.
#include "test.h"
#define TAMAR_TLS_INSECURE 1
#define TAMAR_IMPLEMENTATION
#include "../tamar_llm.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define BEAR TAMAR_TLS_BEARSSL
#ifndef PROBE
#define PROBE 0  // 1: the client is tls_probe.c, started as the environment's TLS_PROBE says; only Schannel so far
#endif
static char folder[64];
static test_memory heap;
static tamar__base_memory memory;
static tamar__os_net *net;

static int run(const char *format, ...)
{
    char command[2048], line[2304];
    va_list ap;
    int result;
    va_start(ap, format);
    vsnprintf(command, sizeof command, format, ap);
    va_end(ap);
    snprintf(line, sizeof line, "cd '%s' && ( %s ) >>log 2>&1", folder, command);
    result = system(line);
    if (result) fprintf(stderr, "    failed: %s\n", command);
    return result;
}

static const char *in_folder(const char *name)
{
    static char path[4][128];
    static int at;
    at = (at + 1) & 3;
    snprintf(path[at], sizeof path[at], "%s/%s", folder, name);
    return path[at];
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "w");
    if (!f) abort();
    fputs(text, f);
    fclose(f);
}

// A key and a certificate `name`, signed by `ca`, with these subjectAltNames ("" for none) and dates (YYMMDDhhmmssZ).
static int mint(const char *name, const char *ca, const char *names, const char *from, const char *to)
{
    char text[512];
    snprintf(text, sizeof text, "basicConstraints=CA:FALSE\n%s%s\n", *names ? "subjectAltName=" : "", names);
    write_file("leaf.ext", text);
    return run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key -subj '/CN=localhost' -out %s.csr", name, name) ||
           run("openssl ca -batch -config ca.cnf -cert %s.pem -keyfile %s.key -in %s.csr -out %s.pem -extfile leaf.ext -startdate %s -enddate %s -notext", ca, ca, name, name,
               from, to) ||
           run("cat %s.key >> %s.pem", name, name);
}

// The same, of any kind: how the key is made, all extensions, and the hash.
static int mint_as(const char *name, const char *ca, const char *newkey, const char *extensions, const char *md, const char *from, const char *to)
{
    write_file("leaf.ext", extensions);
    return run("openssl req -newkey %s -nodes -keyout %s.key -subj '/CN=%s' -out %s.csr", newkey, name, name, name) ||
           run("openssl ca -batch -config ca.cnf -cert %s.pem -keyfile %s.key -in %s.csr -out %s.pem -extfile leaf.ext -startdate %s -enddate %s -notext -md %s", ca, ca, name,
               name, from, to, md) ||
           run("cat %s.key >> %s.pem", name, name);
}

static int mint_more(void)
{
    const char *ec = "ec -pkeyopt ec_paramgen_curve:P-256", *to = "450101000000Z", *from = "240101000000Z";
    const char *leaf = "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\n", *ca = "basicConstraints=critical,CA:TRUE\n";
    char above[16], name[16];
    int i;
    strcpy(above, "root");
    for (i = 1; i <= 6; i++) {  // root, long1 .. long5, long6
        snprintf(name, sizeof name, "long%d", i);
        if (mint_as(name, above, ec, i == 6 ? leaf : ca, "sha256", from, to)) return 1;
        strcpy(above, name);
    }
    return mint_as("rsa", "root", "rsa:2048", leaf, "sha256", from, to) ||
           mint_as("p384", "root", "ec -pkeyopt ec_paramgen_curve:P-384", leaf, "sha384", from, to) ||
           mint_as("short", "root", "rsa:1024", leaf, "sha256", from, to) || mint_as("sha1", "root", ec, leaf, "sha1", from, to) ||
           mint_as("client", "root", ec, "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\nextendedKeyUsage=clientAuth\n", "sha256", from, to) ||
           mint_as("both", "root", ec, "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\nextendedKeyUsage=clientAuth,serverAuth\n", "sha256", from, to) ||
           mint_as("nul", "root", ec, "basicConstraints=CA:FALSE\nsubjectAltName=DER:30:13:82:11:6c:6f:63:61:6c:68:6f:73:74:00:2e:65:76:69:6c:2e:78\n", "sha256", from, to) ||
           mint_as("top", "root", ec, "basicConstraints=CA:FALSE\nsubjectAltName=DNS:*.localhost\n", "sha256", from, to) ||
           mint_as("late", "root", ec, ca, "sha256", from, "250131000000Z") || mint_as("underlate", "late", ec, leaf, "sha256", from, to) ||
           mint_as("noca", "root", ec, "basicConstraints=critical,CA:FALSE\n", "sha256", from, to) || mint_as("undernoca", "noca", ec, leaf, "sha256", from, to) ||
           mint_as("criti", "root", ec, "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\n1.2.3.4=critical,DER:05:00\n", "sha256", from, to) ||
           run("cat long1.pem long2.pem long3.pem long4.pem long5.pem > long.pem && cat long4.pem long2.pem other.pem long5.pem long3.pem long1.pem > mixed.pem") ||
           run("openssl x509 -in good.pem -outform DER -out good.der && openssl x509 -in root.pem -outform DER -out root.der && openssl x509 -in other.pem -outform DER -out two.der && cat root.der >> two.der") ||
           // a true certificate whose signature was spoilt
           run("head -c -1 good.der > false.der && printf '\\001' >> false.der && openssl x509 -inform DER -in false.der -out false.pem && cp good.key false.key") ||
           run("openssl x509 -in good.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | openssl base64 > good.pin") ||
           run("openssl x509 -in root.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | openssl base64 > root.pin");
}

static int mint_ca(const char *name, const char *subject)
{
    return run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key -subj '/O=Tests/CN=%s' -days 3000 "
               "-addext basicConstraints=critical,CA:TRUE -out %s.pem", name, subject, name);
}

static int mint_all(void)
{
    const char *from = "240101000000Z", *to = "450101000000Z";
    write_file("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\n"
                         "[p]\ncommonName=supplied\n[req]\ndistinguished_name=q\n[q]\n");
    write_file("index.txt", "");
    write_file("index.txt.attr", "unique_subject = no\n");
    write_file("serial", "1000\n");
    if (mint_ca("root", "Tamar Test Root") || mint_ca("other", "Corporate Proxy Root")) return 1;
    write_file("middle.ext", "basicConstraints=critical,CA:TRUE\n");
    return mint("good", "root", "DNS:localhost,IP:127.0.0.1", from, to) || mint("expired", "root", "DNS:localhost", from, "250131000000Z") ||
           mint("future", "root", "DNS:localhost", "440301000000Z", to) || mint("name", "root", "DNS:api.example.com,DNS:*.example.org,IP:192.0.2.9", from, to) ||
           mint("noname", "root", "", from, to) || mint("foreign", "other", "DNS:localhost", from, to) ||
           mint("wild", "root", "DNS:*.b.localhost", from, to) || mint("partial", "root", "DNS:ap*.b.localhost", from, to) ||
           mint("ipname", "root", "DNS:127.0.0.1", from, to) || mint("six", "root", "IP:::1", from, to) ||
           mint("many", "root", "DNS:a.example,DNS:b.example,DNS:c.example,DNS:d.example,DNS:e.example,DNS:f.example", from, to) ||
           run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -subj /CN=localhost -days 3000 "
               "-addext subjectAltName=DNS:localhost -out self.pem && cp self.pem self.ca && cat self.key >> self.pem") ||
           run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout middle.key -subj '/CN=Middle Authority' -out middle.csr && "
               "openssl ca -batch -config ca.cnf -cert root.pem -keyfile root.key -in middle.csr -out middle.pem -extfile middle.ext -startdate %s -enddate %s -notext", from, to) ||
           mint("below", "middle", "DNS:localhost", from, to) || run("cat foreign.pem other.pem > withroot.pem") ||
           run("mkdir hashed && cp root.pem hashed/ && openssl rehash hashed || c_rehash hashed") || run("openssl rand 1000000 > big.bin") || mint_more();
}

// -- servers ---------------------------------------------------------------------------------------

typedef struct server { pid_t pid; uint16_t port; } server;

static uint16_t free_port(int *keep)
{
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&at, len) || getsockname(fd, (struct sockaddr *)&at, &len)) abort();
    if (keep) *keep = fd;
    else close(fd);
    return ntohs(at.sin_port);
}

static bool answers(uint16_t port, bool six)
{
    tamar_sockets s = tamar__os_sockets(net);
    tamar_address a;
    intptr_t fd = -1;
    int i, result = TAMAR_IO_AGAIN;
    tamar__os_address(six ? "::1" : "127.0.0.1", port, &a);
    for (i = 0; i < 100 && result == TAMAR_IO_AGAIN; i++) {
        result = s.connect(s.user_data, &a, &fd);
        if (result == TAMAR_IO_AGAIN) usleep(2000);
    }
    s.close(s.user_data, fd);
    return result == 0;
}

static server serve_at(uint16_t port, const char *cert, const char *more)
{
    server v;
    char command[1024];
    int i;
    bool six = strstr(more, "-6") != NULL;
    v.port = port;
    snprintf(command, sizeof command, "cd '%s' && exec openssl s_server -accept %d -cert %s.pem -key %s.key -quiet %s </dev/null >>log 2>&1", folder, v.port, cert,
             strcmp(cert, "withroot") ? cert : "foreign", more);
    v.pid = fork();
    if (v.pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    for (i = 0; i < 500 && !answers(v.port, six); i++) usleep(10000);
    return v;
}

static server serve(const char *cert, const char *more) { return serve_at(free_port(NULL), cert, more); }

// TLS 1.2; what this shell script prints is what the server says, as soon as the client said something. A line that
// begins with r makes it renegotiate.
static server serve_piped(const char *cert, const char *script)
{
    server v;
    char command[1024];
    int i;
    v.port = free_port(NULL);
    snprintf(command, sizeof command,
             "cd '%s' && rm -f heard && (while ! grep -q go heard 2>/dev/null; do sleep 0.02; done; %s) | openssl s_server -accept %d -cert %s.pem -key %s.key -tls1_2 >heard 2>>log",
             folder, script, v.port, cert, cert);
    v.pid = fork();
    if (v.pid == 0) {
        setpgid(0, 0);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    setpgid(v.pid, v.pid);
    v.pid = -v.pid;  // the whole group
    for (i = 0; i < 500 && !answers(v.port, false); i++) usleep(10000);
    return v;
}

static void with_pins(const char *text, char out[256])
{
    size_t n = 0;
    for (; text && *text; text++) {
        if (*text == '%') {
            char name[32];
            snprintf(name, sizeof name, "%.4s.pin", text + 1);
            char *pin = test_read_file(in_folder(name), NULL);
            if (pin) memcpy(out + n, pin, 44), n += 44;
            free(pin);
            text += 4;
        }
        else out[n++] = *text;
    }
    out[n] = 0;
}

static void stop(server v)
{
    int status;
    kill(v.pid, SIGKILL);
    waitpid(v.pid < 0 ? -v.pid : v.pid, &status, 0);
}

// -- the client ------------------------------------------------------------------------------------

#include "tls_talk.h"

#if !PROBE
typedef tamar__tls_system tls_client;
#define client_close tamar__tls_close

static void converse(talk *k, tls_client *client, const char *host, uint16_t port, const char *address)
{
    talk_over(k, client, net, host, port, address);
}

static void ask(chat_heard *h, const chat_wanted *wanted) { chat_over(h, wanted); }
#else
// The client is another program, tls_probe.c on another machine: what it is asked goes into a file, what it heard comes
// from its output. Its system is made for each conversation.
typedef struct tls_client { tamar__tls_trust trust; char ca_file[128], pins[256], *ca; } tls_client;

static void client_close(tls_client *client)
{
    if (client) free(client->ca);
    free(client);
}

static void put_hex(FILE *f, const char *key, const char *text, size_t len)
{
    size_t i;
    if (!text) return;
    fprintf(f, "%s=", key);
    for (i = 0; i < len; i++) fprintf(f, "%02x", (unsigned char)text[i]);
    fputc('\n', f);
}

static void put_text(FILE *f, const char *key, const char *text) { put_hex(f, key, text, text ? strlen(text) : 0); }

static size_t get_hex(const char *text, char *out, size_t cap)
{
    size_t n = 0;
    unsigned byte;
    while (n + 1 < cap && isxdigit((unsigned char)text[2 * n]) && sscanf(text + 2 * n, "%2x", &byte) == 1) out[n++] = (char)byte;
    out[n] = 0;
    return n;
}

// What the probe wrote behind this key; NULL: nothing.
static const char *heard(const char *output, const char *key)
{
    size_t len = strlen(key);
    while (output) {
        if (!strncmp(output, key, len) && output[len] == '=') return output + len + 1;
        output = strchr(output, '\n');
        if (output) output++;
    }
    return NULL;
}

static char *probe(const char *file)
{
    char command[512];
    char *output;
    snprintf(command, sizeof command, "%s '%s/%s' >'%s/heard.txt' 2>>'%s/log'", getenv("TLS_PROBE"), folder, file, folder, folder);
    if (system(command)) fprintf(stderr, "    failed: %s\n", command);
    output = test_read_file(in_folder("heard.txt"), NULL);
    if (!output || !heard(output, "bad") || atoi(heard(output, "bad"))) test_fail(__FILE__, __LINE__, "the probe ended without its answer, or with faults of its own");
    return output;
}

static void converse(talk *k, tls_client *client, const char *host, uint16_t port, const char *address)
{
    FILE *f = fopen(in_folder("ask.txt"), "w");
    char *output;
    const tamar__tls_trust *t = &client->trust;
    if (!f) abort();
    put_text(f, "host", host);
    put_text(f, "address", address);
    fprintf(f, "port=%d\nunix_ms=%lld\nstep=%d\nextra=%d\ninsecure=%d\n", port, (long long)k->unix_ms, (int)k->step, t->extra, t->insecure);
    put_text(f, "request", k->request);
    put_text(f, "until", k->until);
    put_hex(f, "forged", k->forged, k->forged_len);
    put_text(f, "ca_file", t->ca_file);
    put_text(f, "pins", t->pins);
    if (t->ca.len) put_hex(f, "ca", t->ca.ptr, t->ca.len);
    fclose(f);
    output = probe("ask.txt");
    k->result = output && heard(output, "result") ? atoi(heard(output, "result")) : 0;
    k->got = output && heard(output, "got") ? (size_t)atoi(heard(output, "got")) : 0;
    k->eof = output && heard(output, "eof") && atoi(heard(output, "eof"));
    if (output && heard(output, "why")) get_hex(heard(output, "why"), k->why, sizeof k->why);
    if (output && heard(output, "reply")) get_hex(heard(output, "reply"), k->reply, sizeof k->reply);
    free(output);
}

static void ask(chat_heard *h, const chat_wanted *wanted)
{
    FILE *f = fopen(in_folder("ask.txt"), "w");
    char *output;
    if (!f) abort();
    put_text(f, "host", wanted->host);
    put_text(f, "ca_file", wanted->ca);
    fprintf(f, "port=%d\nconnect_ms=%d\nearly_clock=%d\ntwice=%d\nchat=1\n", wanted->port, (int)wanted->connect_ms, wanted->early_clock, wanted->twice);
    fclose(f);
    memset(h, 0, sizeof *h);
    output = probe("ask.txt");
    h->category = (tamar_category)(output && heard(output, "category") ? atoi(heard(output, "category")) : TAMAR_CONFIG);
    h->again = (tamar_category)(output && heard(output, "again") ? atoi(heard(output, "again")) : TAMAR_CONFIG);
    h->reused = output && heard(output, "reused") && atoi(heard(output, "reused"));
    if (output && heard(output, "message")) get_hex(heard(output, "message"), h->message, sizeof h->message);
    if (output && heard(output, "text")) get_hex(heard(output, "text"), h->text, sizeof h->text);
    free(output);
}
#endif

#if PROBE
static tls_client *system_with(const tamar__tls_trust *trust)
{
    tls_client *client = (tls_client *)calloc(1, sizeof *client);
    client->trust = *trust;
    if (trust->ca_file) snprintf(client->ca_file, sizeof client->ca_file, "%s", trust->ca_file), client->trust.ca_file = client->ca_file;
    return client;
}
#else
static tls_client *system_with(const tamar__tls_trust *trust)
{
    const char *why = NULL;
    tls_client *client = tamar__tls_open(&memory, trust, &why);
    CHECKF(client != NULL && why == NULL, "%s", why ? why : "");
    return client;
}
#endif

static tls_client *system_open(const char *ca)
{
    tamar__tls_trust trust;
    memset(&trust, 0, sizeof trust);
    trust.ca_file = ca;
    return system_with(&trust);
}

// One conversation of a new client with this server, which is stopped after it. k says what is asked.
static void once(talk *k, server v, const char *host, const char *ca)
{
    tls_client *system = system_open(ca);
    if (system) converse(k, system, host, v.port, strcmp(host, "::1") ? "127.0.0.1" : "::1");
    client_close(system);
    stop(v);
}

// One server, one client; the client must be told this.
static void refused(const char *title, const char *cert, const char *more, const char *host, const char *ca, ptrdiff_t code, const char *words)
{
    TEST(title)
    {
        talk k;
        memset(&k, 0, sizeof k);
        k.request = "GET / HTTP/1.0\r\n\r\n";
        once(&k, serve(cert, more), host, ca);
        CHECKF(k.result == code, "%d, not %d: %s", (int)k.result, (int)code, k.why);
        CHECKF(strstr(k.why, words) != NULL, "got \"%s\", not \"%s\"", k.why, words);
        CHECK(k.got == 0);
    }
}

static void accepted(const char *title, const char *cert, const char *more, const char *host, const char *ca)
{
    TEST(title)
    {
        talk k;
        memset(&k, 0, sizeof k);
        k.request = "GET / HTTP/1.0\r\n\r\n";
        once(&k, serve(cert, more), host, ca);
        CHECKF(k.result == TAMAR_IO_CLOSED, "%d: %s", (int)k.result, k.why);
        CHECKF(strstr(k.reply, "HTTP/1.0 200") != NULL, "%s", k.reply);
    }
}

enum { OK = 1, CERT = TAMAR_IO_CERT, TLS = TAMAR_IO_TLS, CONFIG = TAMAR_IO_ERROR };

// Every certificate and server of the matrix. bear and bear_words: where BearSSL differs.
typedef struct row {
    const char *title, *cert, *more, *host;
    int code;
    const char *words, *ca;
    int bear;
    const char *bear_words;
} row;

#define WEAK_SERVER "-www -cipher DEFAULT@SECLEVEL=0"
static const row matrix[] = {
    {"TLS 1.3 only", "good", "-www -tls1_3", "localhost", OK, "", NULL, TLS, "if it speaks TLS 1.3 only, BearSSL cannot talk to it"},
    {"TLS 1.2 only", "good", "-www -tls1_2", "localhost", OK, "", NULL, 0, NULL},
    {"any version", "good", "-www", "localhost", OK, "", NULL, 0, NULL},
    {"RSA", "rsa", "-www", "localhost", OK, "", NULL, 0, NULL},
    {"RSA, TLS 1.2, AES-256", "rsa", "-www -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384", "localhost", OK, "", NULL, 0, NULL},
    {"P-384", "p384", "-www", "localhost", OK, "", NULL, 0, NULL},
    {"ChaCha20", "good", "-www -tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305", "localhost", OK, "", NULL, 0, NULL},
    {"a numeric host by its address entry", "good", "-www", "127.0.0.1", OK, "", NULL, 0, NULL},
    {"a wildcard for the leftmost label", "wild", "-www", "api.b.localhost", OK, "", NULL, 0, NULL},
    {"names in any case", "good", "-www", "LocalHost", OK, "", NULL, 0, NULL},
    {"an intermediate that the server sends", "below", "-www -cert_chain middle.pem", "localhost", OK, "", NULL, 0, NULL},
    {"a long chain", "long6", "-www -cert_chain long.pem", "localhost", OK, "", NULL, 0, NULL},
    {"a long chain in any order, with one too many", "long6", "-www -cert_chain mixed.pem", "localhost", OK, "", NULL, 0, NULL},
    {"for clients and servers", "both", "-www", "localhost", OK, "", NULL, 0, NULL},
    {"a self-signed certificate that is trusted by name", "self", "-www", "localhost", OK, "", "self.ca", 0, NULL},
    {"a numeric IPv6 host", "six", "-www -6", "::1", OK, "", NULL, 0, NULL},

    {"expired", "expired", "-www", "localhost", CERT, "the certificate of localhost expired on 2025-01-31 (this computer's clock says 20", NULL, 0, NULL},
    {"not yet valid", "future", "-www", "localhost", CERT, "the certificate of localhost is not valid yet; it begins on 2044-03-01 (this computer's clock says 20", NULL, 0, NULL},
    {"wrong name", "name", "-www", "localhost", CERT, "the certificate is for api.example.com, *.example.org, 192.0.2.9, not for localhost", NULL, 0, NULL},
    {"wrong address", "name", "-www", "127.0.0.1", CERT, "192.0.2.9, not for 127.0.0.1", NULL, 0, NULL},
    {"many names", "many", "-www", "localhost", CERT, "d.example and 2 more, not for localhost", NULL, 0, NULL},
    {"a common name is no name", "noname", "-www", "localhost", CERT, "no host by subjectAltName, not for localhost", NULL, 0, NULL},
    {"an address as a name is no address", "ipname", "-www", "127.0.0.1", CERT, "not for 127.0.0.1", NULL, 0, NULL},
    {"a wildcard for part of a label", "partial", "-www", "api.b.localhost", CERT, "ap*.b.localhost, not for api.b.localhost", NULL, 0, NULL},
    {"a wildcard covers one label only", "wild", "-www", "a.api.b.localhost", CERT, "not for a.api.b.localhost", NULL, 0, NULL},
    {"a wildcard covers one label at least", "wild", "-www", "b.localhost", CERT, "not for b.localhost", NULL, 0, NULL},
    {"a wildcard for a top-level domain", "top", "-www", "api.localhost", CERT, "*.localhost, not for api.localhost", NULL, 0, NULL},
    {"a NUL in a name", "nul", "-www", "localhost", CERT, "the certificate is for localhost?.evil.x, not for localhost", NULL, 0, NULL},
    {"self-signed", "self", "-www", "localhost", CERT, "the certificate of localhost is self-signed", NULL, 0, NULL},
    {"unknown root", "foreign", "-www", "localhost", CERT, "was issued by 'Corporate Proxy Root', which is not known here", NULL, 0, NULL},
    {"unknown root that is sent along", "withroot", "-www -cert_chain other.pem", "localhost", CERT,
     "the certificate of localhost comes from the authority 'Corporate Proxy Root', which is not trusted here", NULL, 0, NULL},
    {"missing intermediate", "below", "-www", "localhost", CERT, "was issued by 'Middle Authority', which is not known here", NULL, 0, NULL},
    {"expired intermediate", "underlate", "-www -cert_chain late.pem", "localhost", CERT, "the certificate of 'late', which vouches for localhost expired on 2025-01-31", NULL, 0, NULL},
    {"an issuer that is no authority", "undernoca", "-www -cert_chain noca.pem", "localhost", CERT, "the certificate of 'noca', which vouches for localhost may not issue certificates", NULL, 0, NULL},
    {"for clients only", "client", "-www", "localhost", CERT, "is not for servers (its extended key usage says so)", NULL, 0, NULL},
    {"signed with SHA-1", "sha1", WEAK_SERVER, "localhost", CERT, "is signed with a weak hash such as SHA-1", NULL, 0, NULL},
    {"RSA of 1024 bits", "short", WEAK_SERVER, "localhost", CERT, "has a key that is too weak (RSA needs 2048 bits)", NULL, 0, NULL},
    {"a false signature", "false", "-www", "localhost", CERT, "carries a false signature", NULL, 0, NULL},
    {"an unknown critical extension", "criti", "-www", "localhost", CERT, "was refused: ", NULL, 0, NULL},
    {"TLS 1.1 only", "good", "-www -tls1_1 -cipher DEFAULT@SECLEVEL=0", "localhost", TLS, "failed: ", NULL, 0, "nothing newer than TLS 1.1"},
    {"TLS 1.0 only", "good", "-www -tls1 -cipher DEFAULT@SECLEVEL=0", "localhost", TLS, "failed: ", NULL, 0, "nothing newer than TLS 1.1"},
    {"a cipher without forward secrecy only, or none in common", "good", "-www -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256", "localhost", OK, "", NULL, TLS, "nothing that both sides can do"},
    {"a server that wants a certificate from us", "good", "-www -Verify 1", "localhost", TLS, "certificate", NULL, 0, "wants a certificate from us"},
    {"a trust store that does not know the root", "good", "-www", "localhost", CERT, "'Tamar Test Root', which is not known here", "other.pem", 0, NULL},
    {"a trust store that cannot be read", "good", "-www", "localhost", CONFIG, "desc.ca_file cannot be read", "nosuch.pem", 0, NULL},
    {"a trust store without a certificate", "good", "-www", "localhost", CONFIG, "desc.ca_file cannot be read", "serial", 0, NULL}};

// Where Schannel differs, and what cannot be asked of Wine's.
typedef struct difference { const char *title; int code; const char *words, *skip; } difference;

static const difference schannel[] = {
    {"TLS 1.3 only", 0, NULL, "Wine 8 offers TLS 1.2 at most; Windows 11 speaks TLS 1.3"},
    {"a cipher without forward secrecy only, or none in common", TLS, "nothing that both sides can do", NULL},  // no CBC here
    {NULL, 0, NULL, NULL}};

static const difference *differs(const char *title)
{
    const difference *d;
    if (!PROBE) return NULL;
    for (d = schannel; d->title; d++)
        if (!strcmp(d->title, title)) return d;
    return NULL;
}

// Is this test skipped, by name?
static bool skipped(const char *title)
{
    const difference *d = differs(title);
    if (!d || !d->skip) return false;
    test_skip(title, d->skip);
    return true;
}

static void seam(void)
{
    size_t i;
    const char *root = in_folder("root.pem");
    char root_copy[128];
    snprintf(root_copy, sizeof root_copy, "%s", root);
    root = root_copy;
    for (i = 0; i < sizeof matrix / sizeof matrix[0]; i++) {
        const row *r = &matrix[i];
        const char *words = BEAR && r->bear_words ? r->bear_words : r->words;
        ptrdiff_t code = BEAR && r->bear ? r->bear : r->code;
        const difference *d = differs(r->title);
        char ca[128];
        if (skipped(r->title)) continue;
        if (d && d->code) code = d->code;
        if (d && d->words) words = d->words;
        snprintf(ca, sizeof ca, "%s", r->ca ? in_folder(r->ca) : root);
        if (!strcmp(r->host, "::1") && access("/proc/net/if_inet6", R_OK) != 0) {
            test_skip(r->title, "no IPv6 here");
            continue;
        }
        if (code == OK) accepted(r->title, r->cert, r->more, r->host, ca);
        else refused(r->title, r->cert, r->more, r->host, ca, code, words);
    }

    TEST("a server that does not speak TLS")
    {
        static const char *const says[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n", "\0\0\0\0\0\0\0\0"};
        size_t i;
        for (i = 0; i < 3; i++) {
            talk k;
            int listener, status;
            uint16_t port = free_port(&listener);
            tls_client *system = system_open(root);
            pid_t child;
            listen(listener, 1);
            child = fork();
            if (child == 0) {
                char first[64];
                int fd = accept(listener, NULL, NULL);
                ssize_t n = read(fd, first, sizeof first);
                n += write(fd, says[i], i == 2 ? 8 : strlen(says[i]));
                usleep(50000);
                _exit(n < 0);
            }
            close(listener);
            memset(&k, 0, sizeof k);
            k.request = "GET / HTTP/1.0\r\n\r\n";
            if (system) converse(&k, system, "localhost", port, "127.0.0.1");
            CHECKF(k.result == TAMAR_IO_TLS, "%d", (int)k.result);
            CHECKF(strstr(k.why, "does not speak TLS on this port of localhost") != NULL, "%s", k.why);
            client_close(system);
            waitpid(child, &status, 0);
        }
    }
    TEST("the clock of the client decides")
    {
        talk k;
        server v = serve("good", "-www");
        tls_client *system = system_open(root);
        memset(&k, 0, sizeof k);
        k.request = "GET / HTTP/1.0\r\n\r\n";
        if (sizeof(void *) == 8 && system) {
            k.unix_ms = INT64_C(4000000000000);
            converse(&k, system, "localhost", v.port, "127.0.0.1");
            CHECKF(k.result == TAMAR_IO_CLOCK && strstr(k.why, "expired on 20") && strstr(k.why, "clock is wrong: it says 2096-10-02"), "%s", k.why);
            k.unix_ms = INT64_C(2419200000000);  // 2046, which may be
            converse(&k, system, "localhost", v.port, "127.0.0.1");
            CHECKF(k.result == TAMAR_IO_CERT && strstr(k.why, "expired on 20") && strstr(k.why, "clock says 2046-08-30"), "%s", k.why);
            k.unix_ms = INT64_C(951782400000);
            converse(&k, system, "localhost", v.port, "127.0.0.1");
            CHECKF(k.result == TAMAR_IO_CLOCK && strstr(k.why, "not valid yet") && strstr(k.why, "clock is wrong: it says 2000-02-29"), "%s", k.why);
        }
        client_close(system);
        stop(v);
    }
    TEST("a megabyte, in pieces of every kind, in both versions")
    {
        static const size_t steps[] = {0, 1, 7, 4096, 16389};
        int version;
        size_t i;
        for (version = 0; version < 2 - BEAR - PROBE; version++) {  // Wine 8 has no TLS 1.3
            server v = serve("good", version ? "-WWW -tls1_3" : "-WWW -tls1_2");
            tls_client *system = system_open(root);
            for (i = 0; i < sizeof steps / sizeof steps[0]; i++) {
                talk k;
                memset(&k, 0, sizeof k);
                k.request = "GET /big.bin HTTP/1.0\r\n\r\n";
                k.step = steps[i];
                if (system) converse(&k, system, "localhost", v.port, "127.0.0.1");
                CHECKF(k.got > 1000000 && k.got < 1000300, "%zu bytes at step %zu: %s", k.got, steps[i], k.why);
            }
            client_close(system);
            stop(v);
        }
    }
    TEST("an end without close_notify is not CLOSED")
    {
        talk k;
        server v = serve("good", "-rev");
        tls_client *system = system_open(root);
        pid_t killer;
        int status;
        memset(&k, 0, sizeof k);
        k.request = "abc\n";
        killer = fork();
        if (killer == 0) {
            usleep(500000);
            kill(v.pid, SIGKILL);
            _exit(0);
        }
        if (system) converse(&k, system, "localhost", v.port, "127.0.0.1");
        CHECKF(k.eof && k.result == TAMAR_IO_AGAIN, "%d %d", k.eof, (int)k.result);
        CHECKF(strcmp(k.reply, "cba\n") == 0, "%s", k.reply);
        waitpid(killer, &status, 0);
        client_close(system);
        stop(v);
    }
    TEST("records of one byte")
    {
        const char *talks = "i=0; while [ $i -lt 60 ]; do printf x; sleep 0.005; i=$((i+1)); done; printf end; sleep 1";
        talk k;
        memset(&k, 0, sizeof k);
        k.request = "go\n";
        k.until = "end";
        once(&k, serve_piped("good", talks), "localhost", root);
        CHECKF(k.got == 63 && strstr(k.reply, "xxxend"), "%zu %s %s", k.got, k.reply, k.why);
    }
    TEST("a server that renegotiates is not followed, and its alert ends the answer")
    {
        const char *talks = "printf 'half an ans\\n'; sleep 0.2; printf 'r\\n'; sleep 0.2; printf 'wer\\n'; sleep 1";
        talk k;
        memset(&k, 0, sizeof k);
        k.request = "go\n";
        k.until = "wer";
        once(&k, serve_piped("good", talks), "localhost", root);
        CHECKF(k.got == 12 && k.result == TLS && strstr(k.why, "the TLS connection to localhost failed: "), "%zu %d %s", k.got, (int)k.result, k.why);
    }
    TEST("bytes that somebody else put into the stream")
    {
        static const char alert[] = {21, 3, 3, 0, 2, 2, 80};
        talk k;
        memset(&k, 0, sizeof k);
        k.request = "GET /big.bin HTTP/1.0\r\n\r\n";
        k.forged = alert;
        k.forged_len = sizeof alert;
        once(&k, serve("good", "-WWW -tls1_2"), "localhost", root);
        CHECKF(k.got < 1000000 && k.result == TLS && strstr(k.why, "the TLS connection to localhost failed: "), "%zu %d %s", k.got, (int)k.result, k.why);
    }
#if !PROBE  // a probe's sessions end with it
    TEST("sessions are resumed, for the same origin only")
    {
        static const char *const versions[] = {"-www -tls1_2", "-www -tls1_2 -no_ticket", "-www -tls1_3"};
        for (i = 0; i < 3 - BEAR; i++) {
            talk k;
            server v = serve("good", versions[i]);
            tls_client *system = system_open(root);
            int round;
            for (round = 0; system && round < 4; round++) {
                memset(&k, 0, sizeof k);
                k.request = "GET / HTTP/1.0\r\n\r\n";
                converse(&k, system, round < 3 ? "localhost" : "127.0.0.1", v.port, "127.0.0.1");
                CHECKF(k.result == TAMAR_IO_CLOSED, "%s: %s", versions[i], k.why);
                CHECKF((strstr(k.reply, "\nReused, ") != NULL) == (round == 1 || round == 2), "%s: round %d", versions[i], round);
            }
            CHECK(system && system->cache.count == 2);
            client_close(system);
            stop(v);
        }
    }
#else
    test_skip("sessions are resumed, for the same origin only", "Wine's Schannel resumes none; played in test_tls_schannel.c");
#endif
    TEST("a server that has forgotten our session shakes hands again")
    {
        talk k;
        server v = serve("good", "-www -tls1_2");
        tls_client *system = system_open(root);
        int round;
        for (round = 0; system && round < 2; round++) {
            memset(&k, 0, sizeof k);
            k.request = "GET / HTTP/1.0\r\n\r\n";
            converse(&k, system, "localhost", v.port, "127.0.0.1");
            CHECKF(k.result == TAMAR_IO_CLOSED && strstr(k.reply, "\nNew, "), "%s", k.why);
            if (round) break;
            stop(v);
            v = serve_at(v.port, "good", "-www -tls1_2");
        }
        client_close(system);
        stop(v);
    }
#if !PROBE
    TEST("the cache of sessions is bounded")
    {
        talk k;
        server v = serve("wild", "-www -tls1_2");
        tls_client *system = system_open(root);
        char host[64];
        int round;
        for (round = 0; system && round < TAMAR__TLS_KEPT + 3; round++) {
            memset(&k, 0, sizeof k);
            k.request = "GET / HTTP/1.0\r\n\r\n";
            snprintf(host, sizeof host, "a%d.b.localhost", round);
            converse(&k, system, host, v.port, "127.0.0.1");
            CHECKF(k.result == TAMAR_IO_CLOSED, "%s", k.why);
        }
        CHECK(system && system->cache.count == TAMAR__TLS_KEPT);
        client_close(system);
        stop(v);
    }
#else
    test_skip("the cache of sessions is bounded", "a probe's ends with it; in test_tls_schannel.c");
#endif
    TEST("roots from memory, PEM and DER, alone and with others; pins; no verification")
    {
        static const struct { const char *ca, *file, *pins; bool extra, insecure; const char *cert; int code; const char *words; } ways[] = {
            {"root.pem", NULL, NULL, false, false, "good", OK, ""},
            {"root.der", NULL, NULL, false, false, "good", OK, ""},
            {"two.der", NULL, NULL, false, false, "good", OK, ""},
            {"other.pem", "root.pem", NULL, false, false, "foreign", OK, ""},
            {"other.pem", NULL, NULL, false, false, "good", CERT, "not known here"},
            {"root.pem", NULL, NULL, true, false, "good", OK, ""},
            {"serial", NULL, NULL, false, false, "good", CONFIG, "desc.ca holds no certificate"},
            {NULL, "root.pem", "localhost=sha256/%good", false, false, "good", OK, ""},
            {NULL, "root.pem", "x.example=AAAA, localhost=%root", false, false, "good", OK, ""},
            {NULL, "root.pem", "x.example=AAAA", false, false, "good", OK, ""},
            {NULL, "root.pem", "*=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false, false, "good", CERT, "has none of the keys that desc.tls_pins allows; its own is %good"},
            {NULL, "root.pem", "localhost=%good", false, false, "expired", CERT, "expired on"},
            {NULL, NULL, NULL, false, true, "expired", OK, ""},
            {NULL, NULL, NULL, false, true, "self", OK, ""},
            {NULL, NULL, "localhost=%good", false, true, "good", OK, ""},
            {NULL, NULL, "localhost=%root", false, true, "good", CERT, "none of the keys"}};
        for (i = 0; i < sizeof ways / sizeof ways[0]; i++) {
            talk k;
            server v = serve(ways[i].cert, "-www");
            size_t len = 0;
            char *text = ways[i].ca ? test_read_file(in_folder(ways[i].ca), &len) : NULL, pins[256], words[256];
            tamar__tls_trust trust;
            tls_client *system;
            memset(&trust, 0, sizeof trust);
            memset(&k, 0, sizeof k);
            k.request = "GET / HTTP/1.0\r\n\r\n";
            trust.ca = tamar__str_make(text, len);
            trust.ca_file = ways[i].file ? in_folder(ways[i].file) : NULL;
            trust.extra = ways[i].extra;
            trust.insecure = ways[i].insecure;
            with_pins(ways[i].pins, pins);
            with_pins(ways[i].words, words);
            trust.pins = ways[i].pins ? pins : NULL;
            if (ways[i].extra) setenv("SSL_CERT_FILE", in_folder("other.pem"), 1);
            system = system_with(&trust);
            if (system) converse(&k, system, "localhost", v.port, "127.0.0.1");
            unsetenv("SSL_CERT_FILE");
            CHECKF(k.result == (ways[i].code == OK ? TAMAR_IO_CLOSED : ways[i].code), "%zu: %d %s", i, (int)k.result, k.why);
            CHECKF(strstr(k.why, words) != NULL, "%zu: got \"%s\", not \"%s\"", i, k.why, words);
            client_close(system);
            stop(v);
            free(text);
        }
    }
    TEST("a pin in every spelling, also one that begins with a slash")
    {
        unsigned n, slashes = 0;
        for (n = 0; n < 2000; n++) {
            tamar__tls_der key;
            char pin[45], list[80], name[16];
            size_t k;
            key.p = (const unsigned char *)&n;
            key.end = key.p + sizeof n;
            tamar__tls_pin_of(key, pin);
            slashes += pin[0] == '/';
            for (k = 0; k < 6; k++) {
                size_t len;
                if (k == 3) pin[43] = 0;  // without padding
                snprintf(name, sizeof name, "a.b=%s", k % 3 == 0 ? "" : k % 3 == 1 ? "sha256/" : "sha256//");
                len = (size_t)snprintf(list, sizeof list, "%s%s", name, pin);
                CHECKF(tamar__tls_pinned(list, "a.b", &key), "%s", list);
                list[len - 2] ^= 1;
                CHECKF(!tamar__tls_pinned(list, "a.b", &key), "%s", list);
            }
        }
        CHECK(slashes > 5);
    }
    TEST("SSL_CERT_FILE and SSL_CERT_DIR")
    {
        talk k;
        server v = serve("good", "-www");
        int i;
        for (i = 0; i < 3; i++) {
            tls_client *system;
            memset(&k, 0, sizeof k);
            k.request = "GET / HTTP/1.0\r\n\r\n";
            if (i == 0) setenv("SSL_CERT_FILE", root, 1);
            if (i == 1) setenv("SSL_CERT_DIR", in_folder("hashed"), 1);
            if (i == 2) setenv("SSL_CERT_FILE", in_folder("nosuch.pem"), 1);
            system = system_open(NULL);
            if (system) converse(&k, system, "localhost", v.port, "127.0.0.1");
            if (i < 2) CHECKF(k.result == TAMAR_IO_CLOSED, "%d: %s", (int)k.result, k.why);
            else CHECKF(k.result == TAMAR_IO_ERROR && strstr(k.why, "SSL_CERT_FILE"), "%s", k.why);
            client_close(system);
            unsetenv("SSL_CERT_FILE");
            unsetenv("SSL_CERT_DIR");
        }
#if !BEAR && !PROBE
        CHECK(tamar__os_hashed(in_folder("hashed")) && !tamar__os_hashed(folder) && !tamar__os_hashed(in_folder("nosuch")));
#endif
        stop(v);
    }
    TEST("the system's store does not know our root")
    {
        talk k;
        server v = serve("good", "-www");
        tls_client *system = system_open(NULL);
        memset(&k, 0, sizeof k);
        k.request = "GET / HTTP/1.0\r\n\r\n";
        if (system) converse(&k, system, "localhost", v.port, "127.0.0.1");
        if (PROBE) CHECKF(k.result == TLS && strstr(k.why, "not known here") && strstr(k.why, "Windows is fetching its root"), "%d: %s", (int)k.result, k.why);
        else CHECKF(k.result == TAMAR_IO_CERT || strstr(k.why, "install ca-certificates"), "%d: %s", (int)k.result, k.why);
        client_close(system);
        stop(v);
    }
#if !PROBE
    TEST("memory runs out at every place, and all of it comes back")
    {
        long at;
        for (at = 1; at < 4; at++) {
            const char *why = NULL;
            tamar__tls_trust trust;
            long asked = at == 1 || !BEAR ? at : at + 4;  // BearSSL reads the file by itself: file, roots, session
            tamar__tls_system *system;
            heap.asked = 0;
            heap.fail_at = asked;
            memset(&trust, 0, sizeof trust);
            trust.ca_file = root;
            system = tamar__tls_open(&memory, &trust, &why);
            if (at == 1) CHECK(!system && strstr(why, "memory"));
            else if (system) {
                tamar_tls t = tamar__tls_seam(system);
                tamar_tls_wanted wanted;
                void *session;
                memset(&wanted, 0, sizeof wanted);
                wanted.host = "localhost";
                session = t.start(t.user_data, &wanted, &why);
                if (at == 2 && !BEAR) CHECK(!session && strstr(why, "memory"));
                else CHECK(session != NULL || (BEAR && strstr(why, "memory")));
                t.end(session);
                heap.fail_at = 0;
                wanted.host = "";
                CHECK(!t.start(t.user_data, &wanted, &why) && strstr(why, "cannot be verified"));
                wanted.host = "not.an.address";
                wanted.numeric = true;
                CHECK(!t.start(t.user_data, &wanted, &why) && strstr(why, "cannot be verified"));
            }
            tamar__tls_close(system);
        }
        heap.fail_at = 0;
    }
#else
    test_skip("a megabyte in TLS 1.3", "Wine 8 offers TLS 1.2 at most; its messages are played in test_tls_schannel.c");
    test_skip("memory runs out at every place", "in test_tls_schannel.c");
#endif
}

// -- the public API --------------------------------------------------------------------------------

// A model's server: s_server decrypts, a child of ours reads what came and answers once the body is there.
typedef struct chat_server { server tls; pid_t model; } chat_server;

static void be_the_model(int in, int out)
{
    static const char body[] = "{\"id\":\"1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":"
                               "{\"role\":\"assistant\",\"content\":\"hello over TLS\"},\"finish_reason\":\"stop\"}],"
                               "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":3,\"total_tokens\":4}}";
    static char buf[65536], reply[1024];
    size_t len = 0;
    ssize_t n;
    while (len < sizeof buf - 1 && (n = read(in, buf + len, sizeof buf - 1 - len)) > 0) {
        char *head, *at;
        len += (size_t)n;
        buf[len] = 0;
        head = strstr(buf, "\r\n\r\n");
        at = head ? strcasestr(buf, "\r\ncontent-length:") : NULL;
        if (!at || len < (size_t)(head + 4 - buf) + (size_t)atoi(at + 17)) continue;
        snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", (int)strlen(body), body);
        if (write(out, reply, strlen(reply)) < 0) break;
        len = 0;
    }
    _exit(0);
}

static chat_server serve_chat(const char *cert)
{
    chat_server v;
    int to[2], from[2], i;
    char port[16], file[128];
    v.tls.port = free_port(NULL);
    snprintf(port, sizeof port, "%d", v.tls.port);
    snprintf(file, sizeof file, "%s.pem", in_folder(cert));
    if (pipe(to) || pipe(from)) abort();
    v.tls.pid = fork();
    if (v.tls.pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(to[0], 0);
        dup2(from[1], 1);
        dup2(null, 2);
        close(to[1]);
        close(from[0]);
        execlp("openssl", "openssl", "s_server", "-accept", port, "-cert", file, "-key", file, "-quiet", (char *)NULL);
        _exit(127);
    }
    v.model = fork();
    if (v.model == 0) {
        close(to[0]);
        close(from[1]);
        be_the_model(from[0], to[1]);
    }
    close(to[0]), close(to[1]), close(from[0]), close(from[1]);
    for (i = 0; i < 500 && !answers(v.tls.port, false); i++) usleep(10000);
    return v;
}

static bool early_clock;

// Asks the server on this port; the error's category and words are what is expected. words NULL: an answer is.
static void chat(const char *host, uint16_t port, const char *ca, tamar_category category, const char *words)
{
    chat_wanted wanted;
    chat_heard h;
    memset(&wanted, 0, sizeof wanted);
    wanted.host = host;
    wanted.ca = ca;
    wanted.port = port;
    wanted.connect_ms = category == TAMAR_TIMEOUT_TLS ? 200 : 0;
    wanted.early_clock = early_clock;
    wanted.twice = !words;
    ask(&h, &wanted);
    if (words) {
        CHECKF(h.category == category, "%s: %s", tamar_category_name(h.category), h.message);
        CHECKF(strstr(h.message, words) != NULL, "got \"%s\", not \"%s\"", h.message, words);
        CHECK(!*h.text);
        return;
    }
    CHECKF(h.category == TAMAR_OK, "%s: %s", tamar_category_name(h.category), h.message);
    CHECKF(!strcmp(h.text, "hello over TLS"), "%s", h.text);
    CHECKF(h.again == TAMAR_OK && h.reused, "%s", h.message);  // again, on the connection that was kept
}

static void api(void)
{
    static const struct { const char *cert, *host, *words; } bad[] = {
        {"expired", "localhost", "the certificate of localhost expired on 2025-01-31"},
        {"future", "localhost", "is not valid yet; it begins on 2044-03-01"},
        {"name", "localhost", "the certificate is for api.example.com, *.example.org, 192.0.2.9, not for localhost"},
        {"name", "127.0.0.1", "not for 127.0.0.1"},
        {"noname", "localhost", "not for localhost"},
        {"self", "localhost", "is self-signed"},
        {"foreign", "localhost", "'Corporate Proxy Root', which is not known here"},
        {"withroot", "localhost", "'Corporate Proxy Root', which is not trusted here"}};
    char root[128];
    size_t i;
    snprintf(root, sizeof root, "%s", in_folder("root.pem"));
    TEST("chat over https, by name and by address, twice on one connection")
    {
        chat_server v = serve_chat("good");
        int status;
        chat("localhost", v.tls.port, root, TAMAR_OK, NULL);
        chat("127.0.0.1", v.tls.port, root, TAMAR_OK, NULL);
        stop(v.tls);
        kill(v.model, SIGKILL);
        waitpid(v.model, &status, 0);
    }
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char title[128];
        snprintf(title, sizeof title, "chat refuses %s for %s", bad[i].cert, bad[i].host);
        TEST(title)
        {
            server v = serve(bad[i].cert, strcmp(bad[i].cert, "withroot") ? "-www" : "-www -cert_chain other.pem");
            chat(bad[i].host, v.port, root, TAMAR_TLS_CERT, bad[i].words);
            stop(v);
        }
    }
    TEST("a clock that is obviously wrong is an error of its own")
    {
        server v = serve("good", "-www");
        early_clock = true;
        chat("localhost", v.port, root, TAMAR_CLOCK, "this computer's clock is wrong: it says 1970-01-01; by it, the certificate of ");
        early_clock = false;
        stop(v);
    }
    TEST("a server that says nothing in the handshake")
    {
        int listener;
        uint16_t port = free_port(&listener);
        listen(listener, 4);
        chat("localhost", port, root, TAMAR_TIMEOUT_TLS, "the TLS handshake took longer than timeouts.connect_ms");
        close(listener);
    }
    TEST("chat with a server that does not speak TLS")
    {
        int listener, status;
        uint16_t port = free_port(&listener);
        pid_t child;
        listen(listener, 4);
        child = fork();
        if (child == 0)
            for (;;) {
                char first[64];
                int fd = accept(listener, NULL, NULL);
                if (fd < 0 || read(fd, first, sizeof first) < 0 || write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28) < 0) _exit(1);
                close(fd);
            }
        close(listener);
        chat("localhost", port, root, TAMAR_TLS_PROTO, "does not speak TLS on this port of localhost");
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
}

int main(void)
{
    strcpy(folder, "/tmp/tamar_test_tls_XXXXXX");
    signal(SIGPIPE, SIG_IGN);
    if (system("openssl version >/dev/null 2>&1") != 0) {
        test_skip("all of TLS", "no openssl command here");
        return test_done();
    }
    if (!mkdtemp(folder) || mint_all()) {
        test_skip("all of TLS", "openssl could not mint certificates");
        return test_done();
    }
    memory.allocator.resize = test_resize;
    memory.allocator.user_data = &heap;
    net = tamar__os_open(&memory, false);
    seam();
    api();
    tamar__os_close(net);
    TEST("no memory is left") CHECK(heap.live == 0 && heap.blocks == 0);
    run("true");
    {
        char line[128];
        snprintf(line, sizeof line, "rm -rf '%s'", folder);
        if (getenv("TEST_KEEP") == NULL && system(line)) return 1;
    }
    return test_done();
}
