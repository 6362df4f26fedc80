// Sockets of yours, as lwIP, a console or a radio stack has them: non-blocking calls and one wait. On lwIP with its socket
// layer the lwip_ names below are lwIP's own; elsewhere they are mapped to the system's, so that the example runs.
//     cc -I. examples/sockets.c && ./a.out http://127.0.0.1:8080/v1
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#ifndef LWIP_HDR_SOCKETS_H
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#define lwip_socket socket
#define lwip_connect connect
#define lwip_getsockopt getsockopt
#define lwip_fcntl fcntl
#define lwip_send send
#define lwip_recv recv
#define lwip_close close
#define lwip_poll poll
#endif

enum { SOCKETS = 16 };

typedef struct stack {
    struct pollfd watched[SOCKETS];  // fd -1: free
    uintptr_t tags[SOCKETS];
} stack;

// Numeric hosts only; with lwIP dns_gethostbyname goes here, whose callback sets what the next call returns.
static int resolve(void *user_data, const char *host, uint16_t port, tamar_address *out, int cap, intptr_t *lookup)
{
    unsigned a, b, c, d;
    (void)user_data, (void)lookup;
    if (!host || cap < 1) return 0;
    if (sscanf(host, "%u.%u.%u.%u", &a, &b, &c, &d) != 4) return TAMAR_IO_UNSUPPORTED;
    memset(out, 0, sizeof *out);
    out->family = 4;
    out->port = port;
    out->bytes[0] = (uint8_t)a, out->bytes[1] = (uint8_t)b, out->bytes[2] = (uint8_t)c, out->bytes[3] = (uint8_t)d;
    return 1;
}

static int failed(void)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS || errno == EINTR) return TAMAR_IO_AGAIN;
    if (errno == ECONNREFUSED) return TAMAR_IO_REFUSED;
    if (errno == ECONNRESET || errno == EPIPE) return TAMAR_IO_RESET;
    return errno == ENOMEM || errno == ENFILE || errno == EMFILE ? TAMAR_IO_LIMIT : TAMAR_IO_ERROR;
}

static void close_socket(void *user_data, intptr_t socket)
{
    stack *s = user_data;
    for (int i = 0; i < SOCKETS; i++)
        if (s->watched[i].fd == (int)socket) s->watched[i].fd = -1;
    lwip_close((int)socket);
}

static int connect_socket(void *user_data, const tamar_address *to, intptr_t *made)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(to->port) };
    int error = 0;
    socklen_t len = sizeof error;
    if (to->family != 4) return TAMAR_IO_UNREACHABLE;
    if (*made == -1) {
        *made = lwip_socket(AF_INET, SOCK_STREAM, 0);
        if (*made < 0) return failed();
        lwip_fcntl((int)*made, F_SETFL, O_NONBLOCK);
        memcpy(&at.sin_addr, to->bytes, 4);
        if (lwip_connect((int)*made, (struct sockaddr *)&at, sizeof at) == 0) return 0;
        error = errno;
    }
    else lwip_getsockopt((int)*made, SOL_SOCKET, SO_ERROR, &error, &len);
    errno = error;
    if (!error || (error = failed()) == TAMAR_IO_AGAIN) return error;
    close_socket(user_data, *made);
    *made = -1;
    return error;
}

static ptrdiff_t send_bytes(void *user_data, intptr_t socket, const void *data, size_t len)
{
    ptrdiff_t n = lwip_send((int)socket, data, len, 0);
    (void)user_data;
    return n < 0 ? failed() : n;
}

static ptrdiff_t recv_bytes(void *user_data, intptr_t socket, void *data, size_t cap)
{
    ptrdiff_t n = lwip_recv((int)socket, data, cap, 0);
    (void)user_data;
    return n < 0 ? failed() : n == 0 ? TAMAR_IO_CLOSED : n;
}

static bool watch(void *user_data, intptr_t socket, int events, uintptr_t tag)
{
    stack *s = user_data;
    int place = -1;
    for (int i = SOCKETS - 1; i >= 0; i--)
        if (s->watched[i].fd == (int)socket || (s->watched[i].fd < 0 && place < 0)) place = i;
    for (int i = 0; i < SOCKETS; i++)
        if (s->watched[i].fd == (int)socket) place = i;
    if (place < 0) return false;
    s->watched[place].fd = events ? (int)socket : -1;
    s->watched[place].events =
        (short)((events & TAMAR_READABLE ? POLLIN : 0) | (events & TAMAR_WRITABLE ? POLLOUT : 0));
    s->tags[place] = tag;
    return true;
}

// The one call that may block, and only as long as it is told.
static int wait_for(void *user_data, tamar_ready *out, int cap, int timeout_ms)
{
    stack *s = user_data;
    int count = 0;
    if (lwip_poll(s->watched, SOCKETS, timeout_ms) <= 0) return 0;
    for (int i = 0; i < SOCKETS && count < cap; i++) {
        short e = s->watched[i].revents;
        if (s->watched[i].fd < 0 || !e) continue;
        out[count].tag = s->tags[i];
        out[count++].events = e & ~(POLLIN | POLLOUT) ? TAMAR_READABLE | TAMAR_WRITABLE
                                                      : (e & POLLIN ? TAMAR_READABLE : 0) | (e & POLLOUT ? TAMAR_WRITABLE : 0);
    }
    return count;
}

int main(int argc, char **argv)
{
    static char block[96 * 1024];
    stack s;
    for (int i = 0; i < SOCKETS; i++) s.watched[i] = (struct pollfd){ .fd = -1 };
    tamar_request request = { .model = "any", .prompt = "Name one river.", .stream = true };
    tamar_desc desc = { .base_url = argc > 1 ? argv[1] : "http://127.0.0.1:8080/v1", .memory = block,
                        .memory_size = sizeof block };
    desc.sockets = (tamar_sockets){ .resolve = resolve, .connect = connect_socket, .send = send_bytes, .recv = recv_bytes,
                                    .close = close_socket, .watch = watch, .wait = wait_for, .user_data = &s };
    tamar_client *llm = tamar_open(&desc);
    tamar_response *r = tamar_chat(llm, &request);
    puts(r->error.category ? r->error.message : r->text.ptr);
    int status = r->error.category ? 1 : 0;
    tamar_response_free(r);
    tamar_close(llm);
    return status;
}
