// The server of the benchmark: one thread on epoll that sends rendered bytes, so that the client is what is measured.
// It speaks enough HTTP/1.1 to answer an OpenAI client; what it sends is said in the path, wherever that stands:
//     /n=0/...            one completion of 1.2 KB (with d=2: two milliseconds after the request, as if it had to think)
//     /n=200000,o=1/...   a stream of so many events, one HTTP chunk each; o=1: with a field of random length
//     /n=100,d=20/...     the same, one event every 20 ms; the streams' phases are spread evenly
// Prints its port and serves until it is killed.
#include "bench_data.c"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum { EVENTS = 4096, MAX_FD = 16384, MAX_HEAD = 32768 };

// Rendered events, and where each begins; one more entry for the end.
typedef struct block {
    char *ptr;
    size_t at[EVENTS + 1];
} block;

typedef struct conn {
    char in[MAX_HEAD];
    size_t in_len;
    size_t skip;  // bytes of a request's body still to come
    const block *events;
    long left;  // events still to send
    size_t event, offset;  // the next one in the block, and how much of it was sent
    const char *head, *tail;  // sent before and after the events; NULL: done
    size_t head_len, tail_len;
    uint64_t period, due;  // nanoseconds; period 0: as fast as it goes
    bool busy, writable, open;
} conn;

static conn *conns[MAX_FD];
static block plain, padded;
static char reply[4096], stream_head[512], stream_tail[1024];
static size_t reply_len, stream_head_len, stream_tail_len;
static uint32_t streams;  // begun so far, for their phases

// -- what is sent ----------------------------------------------------------------------------------

static size_t put_chunk(char *out, const char *data)
{
    return (size_t)sprintf(out, "%zx\r\ndata: %s\n\n\r\n", strlen(data) + 8, data);
}

static void render_block(block *b, bool with_padding)
{
    uint32_t seed = 2026;
    char data[1024];
    size_t i, len = 0;
    b->ptr = (char *)malloc((size_t)EVENTS * 512);
    if (!b->ptr) bench_die("out of memory");
    for (i = 0; i < EVENTS; i++) {
        b->at[i] = len;
        bench_chunk(data, sizeof data, &seed, with_padding);
        len += put_chunk(b->ptr + len, data);
    }
    b->at[EVENTS] = len;
}

static void render(void)
{
    char body[2048];
    size_t n = bench_completion(body, sizeof body, 9);
    reply_len = (size_t)snprintf(reply, sizeof reply,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
        "x-request-id: req_8c1d4f2ab07e4e1c9d3a\r\nopenai-processing-ms: 12\r\n"
        "Connection: keep-alive\r\n\r\n%.*s", n, (int)n, body);
    n = (size_t)sprintf(stream_head,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
        "x-request-id: req_8c1d4f2ab07e4e1c9d3a\r\nConnection: keep-alive\r\n\r\n");
    n += put_chunk(stream_head + n, BENCH_CHUNK_HEAD "\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}");
    stream_head_len = n;
    n = put_chunk(stream_tail, BENCH_CHUNK_HEAD "},\"finish_reason\":\"stop\"}]}");
    n += put_chunk(stream_tail + n, "{\"id\":\"chatcmpl-C9xQ2mVb\",\"object\":\"chat.completion.chunk\","
        "\"created\":1764547200,\"model\":\"gpt-6-sol\",\"choices\":[],"
        "\"usage\":{\"prompt_tokens\":41,\"completion_tokens\":1000,\"total_tokens\":1041}}");
    n += put_chunk(stream_tail + n, "[DONE]");
    n += (size_t)sprintf(stream_tail + n, "0\r\n\r\n");
    stream_tail_len = n;
    render_block(&plain, false);
    render_block(&padded, true);
}

// -- the slow ones: a heap of descriptors, the next one due on top ----------------------------------

static int heap[MAX_FD], heap_len;

static void heap_down(int at)
{
    for (;;) {
        int child = 2 * at + 1, t;
        if (child >= heap_len) return;
        if (child + 1 < heap_len && conns[heap[child + 1]]->due < conns[heap[child]]->due) child++;
        if (conns[heap[at]]->due <= conns[heap[child]]->due) return;
        t = heap[at], heap[at] = heap[child], heap[child] = t;
        at = child;
    }
}

static void heap_add(int fd)
{
    int at = heap_len++;
    heap[at] = fd;
    while (at && conns[heap[(at - 1) / 2]]->due > conns[heap[at]]->due) {
        int up = (at - 1) / 2, t = heap[at];
        heap[at] = heap[up], heap[up] = t;
        at = up;
    }
}

static void heap_remove(int fd)
{
    int i, n = heap_len;
    for (i = 0; i < n && heap[i] != fd; i++) {}
    if (i == n) return;
    heap[i] = heap[--heap_len];
    for (i = heap_len / 2; i >= 0; i--) heap_down(i);
}

// -- one connection --------------------------------------------------------------------------------

static void drop(int fd)
{
    heap_remove(fd);
    conns[fd]->open = false;
    close(fd);
}

// Sends len bytes of a piece or what goes, and moves the caller's pointer on. True: all of it.
static bool push(int fd, const char **ptr, size_t *len)
{
    while (*len) {
        ssize_t n = send(fd, *ptr, *len, MSG_NOSIGNAL);
        if (n < 0) {
            conns[fd]->writable = false;
            return false;
        }
        *ptr += n;
        *len -= (size_t)n;
    }
    return true;
}

// Sends what can be sent now, at most count events.
static void advance(int fd, long count)
{
    conn *c = conns[fd];
    if (c->head_len && !push(fd, &c->head, &c->head_len)) return;
    while (c->left && count > 0) {
        long run = (long)(EVENTS - c->event);
        const char *from = c->events->ptr + c->events->at[c->event] + c->offset, *p = from;
        size_t len, sent;
        if (run > c->left) run = c->left;
        if (run > count) run = count;
        len = c->events->at[c->event + (size_t)run] - c->events->at[c->event] - c->offset;
        push(fd, &p, &len);
        sent = c->events->at[c->event] + c->offset + (size_t)(p - from);
        while (run && sent >= c->events->at[c->event + 1]) c->event++, c->left--, count--, run--;
        c->offset = sent - c->events->at[c->event];
        if (c->event == EVENTS) c->event = 0;
        if (len) return;
    }
    if (c->left) return;
    if (push(fd, &c->tail, &c->tail_len)) c->busy = false;
}

static long path_number(const char *path, const char *end, char name)
{
    for (; path + 2 < end; path++)
        if ((path[0] == '/' || path[0] == ',') && path[1] == name && path[2] == '=') return strtol(path + 3, NULL, 10);
    return 0;
}

static void begin(int fd, const char *line, const char *end)
{
    conn *c = conns[fd];
    long n = path_number(line, end, 'n'), delay = path_number(line, end, 'd');
    double turn = 0.6180339887498949 * streams;  // the golden ratio spreads any number of phases evenly
    c->busy = true;
    c->left = n;
    c->offset = c->head_len = 0;
    c->period = (uint64_t)delay * 1000000u;
    c->events = path_number(line, end, 'o') ? &padded : &plain;
    c->event = delay ? streams * 61 % EVENTS : 0;
    c->tail = n ? stream_tail : reply;
    c->tail_len = n ? stream_tail_len : reply_len;
    if (n) c->head = stream_head, c->head_len = stream_head_len;
    if (!delay) {
        advance(fd, n);
        return;
    }
    if (n) {
        streams++;
        advance(fd, 0);
        c->due = bench_wall() + (uint64_t)((turn - (double)(uint64_t)turn) * (double)c->period);
    }
    else c->due = bench_wall() + c->period;
    heap_add(fd);
}

static void receive(int fd)
{
    conn *c = conns[fd];
    for (;;) {
        ssize_t n = recv(fd, c->in + c->in_len, sizeof c->in - c->in_len, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            drop(fd);
            return;
        }
        if (n < 0) break;
        c->in_len += (size_t)n;
        while (c->in_len) {
            size_t part = c->skip < c->in_len ? c->skip : c->in_len;
            char *end, *len;
            if (part) {
                memmove(c->in, c->in + part, c->in_len -= part);
                c->skip -= part;
                continue;
            }
            end = (char *)memmem(c->in, c->in_len, "\r\n\r\n", 4);
            if (!end) break;
            *end = 0;
            len = strcasestr(c->in, "\r\ncontent-length:");
            c->skip = len ? strtoul(len + 17, NULL, 10) : 0;
            part = (size_t)(end + 4 - c->in);
            if (c->in_len - part >= c->skip) {  // the usual case: all of it is here
                part += c->skip;
                c->skip = 0;
                begin(fd, c->in, strchr(c->in, '\r') ? strchr(c->in, '\r') : end);
                memmove(c->in, c->in + part, c->in_len -= part);
                continue;
            }
            *end = '\r';  // wait for the body
            c->skip = 0;
            break;
        }
        if (c->in_len == sizeof c->in) {
            drop(fd);
            return;
        }
    }
}

static void serve(int listener)
{
    static struct epoll_event ready[256];
    struct epoll_event want = {.events = EPOLLIN, .data.fd = listener};
    int queue = epoll_create1(0), one = 1, i, n;
    epoll_ctl(queue, EPOLL_CTL_ADD, listener, &want);
    for (;;) {
        uint64_t now = heap_len ? bench_wall() : 0;
        struct timespec rest = {0, 0};
        while (heap_len && conns[heap[0]]->due <= now) {
            int fd = heap[0];
            conn *c = conns[fd];
            advance(fd, 1);
            c->due += c->period;
            if (c->left == 0) heap_remove(fd);
            else heap_down(0);
        }
        if (heap_len) {
            uint64_t due = conns[heap[0]]->due;
            now = bench_wall();
            if (due > now) rest.tv_nsec = (long)(due - now > 900000000u ? 900000000u : due - now);
        }
        n = epoll_pwait2(queue, ready, 256, heap_len ? &rest : NULL, NULL);
        for (i = 0; i < n; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    if (fd >= MAX_FD || (!conns[fd] && !(conns[fd] = (conn *)malloc(sizeof(conn))))) {
                        close(fd);
                        continue;
                    }
                    memset(conns[fd], 0, sizeof(conn));
                    conns[fd]->open = conns[fd]->writable = true;
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    want.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
                    want.data.fd = fd;
                    epoll_ctl(queue, EPOLL_CTL_ADD, fd, &want);
                }
                continue;
            }
            if (ready[i].events & EPOLLOUT) {
                conn *c = conns[fd];
                bool waiting = c->open && c->busy && !c->writable && !(c->period && c->left);
                c->writable = true;
                if (waiting) advance(fd, c->left);
            }
            if (conns[fd]->open && ready[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) receive(fd);
        }
    }
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bench_start();
    prctl(PR_SET_TIMERSLACK, 1L);
    render();
    if (bind(listener, (struct sockaddr *)&address, len) || listen(listener, 4096)) bench_die("cannot listen");
    getsockname(listener, (struct sockaddr *)&address, &len);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    fclose(stdout);
    serve(listener);
}
