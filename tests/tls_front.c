// A TLS server in front of a plain one: what tests and benchmarks speak https to. Built by the scripts that need it,
// with -lssl -lcrypto -lpthread; a test's tool, so anything that should not happen ends it.
//     tls_front CERT.pem ADDRESS PORT TO_ADDRESS TO_PORT
// CERT.pem holds the chain and the key. PORT 0 is any free one; the port's number is printed once it listens.
// GET /bulk=N is answered from here with N bytes, everything else byte for byte by the server behind.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECORD = 16384 };

static SSL_CTX *ctx;
static struct sockaddr_storage behind;
static socklen_t behind_len;

static void die(const char *what)
{
    fprintf(stderr, "tls_front: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(2);
}

static socklen_t address(const char *host, const char *port, struct sockaddr_storage *out)
{
    struct addrinfo hints, *found;
    socklen_t len;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    if (getaddrinfo(host, port, &hints, &found)) die("no such address");
    len = found->ai_addrlen;
    memcpy(out, found->ai_addr, len);
    freeaddrinfo(found);
    return len;
}

static int write_all(SSL *ssl, const char *p, size_t len)
{
    while (len) {
        int n = SSL_write(ssl, p, len < RECORD ? (int)len : RECORD);
        if (n <= 0) return 0;
        p += n;
        len -= (size_t)n;
    }
    return 1;
}

static int bulk(SSL *ssl, uint64_t left)
{
    static const char zeros[RECORD];
    char head[128];
    int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %llu\r\n\r\n", (unsigned long long)left);
    if (!write_all(ssl, head, (size_t)n)) return 0;
    while (left) {
        size_t len = left < RECORD ? (size_t)left : RECORD;
        if (!write_all(ssl, zeros, len)) return 0;
        left -= len;
    }
    return 1;
}

// One connection, until either side ends it.
static void relay(SSL *ssl, int fd)
{
    char data[RECORD + 1];
    int to = -1, yes = 1;
    for (;;) {
        struct pollfd wait[2] = { { fd, POLLIN, 0 }, { to, POLLIN, 0 } };
        if (!SSL_pending(ssl) && poll(wait, 2, -1) < 0) break;
        if (SSL_pending(ssl) || wait[0].revents) {
            int n = SSL_read(ssl, data, RECORD), at, sent;
            if (n <= 0) break;
            data[n] = 0;
            if (to < 0 && !strncmp(data, "GET /bulk=", 10)) {
                if (!bulk(ssl, strtoull(data + 10, NULL, 10))) break;
                continue;
            }
            if (to < 0) {
                to = socket(behind.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
                if (to < 0 || connect(to, (struct sockaddr *)&behind, behind_len)) break;
                setsockopt(to, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            }
            for (at = 0; at < n && (sent = (int)send(to, data + at, (size_t)(n - at), MSG_NOSIGNAL)) > 0;) at += sent;
            if (at < n) break;
        }
        if (to >= 0 && wait[1].revents) {
            ssize_t n = recv(to, data, RECORD, 0);
            if (n <= 0) {
                SSL_shutdown(ssl);
                break;
            }
            if (!write_all(ssl, data, (size_t)n)) break;
        }
    }
    if (to >= 0) close(to);
}

static void *serve(void *argument)
{
    int fd = (int)(intptr_t)argument;
    SSL *ssl = SSL_new(ctx);
    if (ssl && SSL_set_fd(ssl, fd) && SSL_accept(ssl) == 1) relay(ssl, fd);
    if (ssl) {
        // Otherwise the library forgets the session, which is to be resumed.
        SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ssl);
    }
    ERR_clear_error();
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    struct sockaddr_storage at;
    socklen_t len;
    pthread_attr_t detached;
    int listener, yes = 1;
    if (argc != 6) die("usage: tls_front CERT.pem ADDRESS PORT TO_ADDRESS TO_PORT");
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, argv[1], SSL_FILETYPE_PEM) != 1)
        die(argv[1]);
    SSL_CTX_set_mode(ctx, SSL_MODE_AUTO_RETRY);
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
    SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);  // as nginx: who hangs up may still resume
#endif
    behind_len = address(argv[4], argv[5], &behind);
    len = address(argv[2], argv[3], &at);
    listener = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, len) || listen(listener, 512)) die("cannot listen");
    getsockname(listener, (struct sockaddr *)&at, &len);
    printf("%d\n", ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
                                                 : ((struct sockaddr_in6 *)&at)->sin6_port));
    fflush(stdout);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    for (;;) {
        pthread_t thread;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (pthread_create(&thread, &detached, serve, (void *)(intptr_t)fd)) close(fd);
    }
}
