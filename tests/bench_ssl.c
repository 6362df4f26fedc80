// The peer of bench_tls.c: the same work with libssl alone, as a program that links it would do it. A blocking socket,
// the library's own socket BIO, the same verification.
//     bench-ssl bulk  HOST PORT CA BYTES COUNT
//     bench-ssl shake HOST PORT CA COUNT
//     bench-ssl again HOST PORT CA COUNT
#include "bench_data.c"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

static SSL_CTX *ctx;
static SSL_SESSION *session;
static const char *host;
static int port;

static SSL *dial(int *fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SSL *ssl = SSL_new(ctx);
    int one = 1;
    at.sin_port = htons((uint16_t)port);
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    if (!ssl || connect(*fd, (struct sockaddr *)&at, sizeof at)) bench_die("cannot connect");
    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SSL_set1_host(ssl, host);
    SSL_set_tlsext_host_name(ssl, host);
    SSL_set_fd(ssl, *fd);
    if (session) SSL_set_session(ssl, session);
    if (SSL_connect(ssl) != 1) bench_die("the handshake failed");
    return ssl;
}

static void get(SSL *ssl, uint64_t bytes)
{
    static char data[65536];
    char *body;
    uint64_t got;
    int n = snprintf(data, sizeof data, "GET /bulk=%llu HTTP/1.1\r\nHost: %s:%d\r\n\r\n", (unsigned long long)bytes, host, port), len = 0;
    if (SSL_write(ssl, data, n) != n) bench_die("cannot write");
    do {
        n = SSL_read(ssl, data + len, (int)sizeof data - 1 - len);
        if (n <= 0) bench_die("no answer");
        data[len += n] = 0;
    } while (!(body = strstr(data, "\r\n\r\n")));
    for (got = (uint64_t)(len - (body + 4 - data)); got < bytes; got += (uint64_t)n)
        if ((n = SSL_read(ssl, data, sizeof data)) <= 0) bench_die("not all of it came");
}

static void bulk(uint64_t bytes, long count)
{
    uint64_t cpu, wall;
    int fd;
    SSL *ssl = dial(&fd);
    long i;
    get(ssl, bytes);
    cpu = bench_cpu();
    wall = bench_wall();
    for (i = 0; i < count; i++) get(ssl, bytes);
    cpu = bench_cpu() - cpu;
    wall = bench_wall() - wall;
    printf("cpu_ns %.1f\nwall_ns %.1f\n", (double)cpu * 1e6 / ((double)bytes * (double)count),
           (double)wall * 1e6 / ((double)bytes * (double)count));
    SSL_free(ssl);
    close(fd);
}

static void shake(long count, bool full)
{
    uint64_t cpu = 0, wall = 0;
    long i;
    for (i = -2; i < count; i++) {
        SSL *ssl;
        int fd;
        if (i == 0) cpu = bench_cpu(), wall = bench_wall();
        ssl = dial(&fd);
        get(ssl, 1);
        if (!full) {
            if (session) SSL_SESSION_free(session);
            session = SSL_get1_session(ssl);
        }
        if (!full && i > 0 && !SSL_session_reused(ssl)) bench_die("not resumed");
        SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ssl);
        close(fd);
    }
    printf("cpu_ns %.1f\nwall_ns %.1f\n", (double)(bench_cpu() - cpu) / (double)count, (double)(bench_wall() - wall) / (double)count);
}

int main(int argc, char **argv)
{
    static const unsigned char alpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    bench_start();
    if (argc < 6) bench_die("usage: bulk|shake|again HOST PORT CA [BYTES] COUNT");
    host = argv[2];
    port = atoi(argv[3]);
    ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx || SSL_CTX_load_verify_locations(ctx, argv[4], NULL) != 1) bench_die("cannot load the roots");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_alpn_protos(ctx, alpn, sizeof alpn);
    if (!strcmp(argv[1], "bulk") && argc == 7) bulk(strtoull(argv[5], NULL, 10), bench_count(argv[6]));
    else if (!strcmp(argv[1], "shake")) shake(bench_count(argv[5]), true);
    else if (!strcmp(argv[1], "again")) shake(bench_count(argv[5]), false);
    else bench_die("usage: bulk|shake|again HOST PORT CA [BYTES] COUNT");
    return 0;
}
