// The benchmark's peer: a decent client of libcurl and cJSON. It keeps its handles and connections, sends one buffer,
// reads the event stream by lines without copying whole ones, and parses each event once.
//     bench-curl small  BASE_URL COUNT      one request after the other
//     bench-curl stream BASE_URL            one stream, as fast as it comes
//     bench-curl slow   BASE_URL STREAMS    so many at once: multi_socket on epoll
//     bench-curl cold   BASE_URL            one request, to be timed as a process
#include "bench_data.c"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <sys/epoll.h>

typedef struct buffer {
    char *ptr;
    size_t len, cap;
} buffer;

typedef struct stream {
    CURL *easy;
    buffer carry;  // the unfinished line
    char *body;
    long events;
} stream;

static bench_seen seen;
static struct curl_slist *headers;

static void append(buffer *b, const char *data, size_t len)
{
    if (b->cap - b->len < len) {
        b->cap = (b->len + len) * 2;
        if (!(b->ptr = (char *)realloc(b->ptr, b->cap))) bench_die("out of memory");
    }
    memcpy(b->ptr + b->len, data, len);
    b->len += len;
}

// -- request and reply -----------------------------------------------------------------------------

static char *build_body(bool streaming)
{
    cJSON *root = cJSON_CreateObject(), *list, *message;
    char *text;
    cJSON_AddStringToObject(root, "model", BENCH_MODEL);
    list = cJSON_AddArrayToObject(root, "messages");
    cJSON_AddItemToArray(list, message = cJSON_CreateObject());
    cJSON_AddStringToObject(message, "role", "system");
    cJSON_AddStringToObject(message, "content", BENCH_SYSTEM);
    cJSON_AddItemToArray(list, message = cJSON_CreateObject());
    cJSON_AddStringToObject(message, "role", "user");
    cJSON_AddStringToObject(message, "content", BENCH_PROMPT);
    if (streaming) cJSON_AddBoolToObject(root, "stream", true);
    text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

static cJSON *get(const cJSON *object, const char *name) { return cJSON_GetObjectItemCaseSensitive(object, name); }

static const char *content_of(cJSON *root, const char *member)
{
    return cJSON_GetStringValue(get(get(cJSON_GetArrayItem(get(root, "choices"), 0), member), "content"));
}

static size_t on_reply(char *data, size_t size, size_t count, void *user)
{
    append((buffer *)user, data, size * count);
    return size * count;
}

static void on_line(stream *s, const char *line, size_t len)
{
    cJSON *root;
    const char *text;
    if (len && line[len - 1] == '\r') len--;
    if (len < 6 || memcmp(line, "data: ", 6)) return;
    if (len == 12 && !memcmp(line + 6, "[DONE]", 6)) return;
    root = cJSON_ParseWithLength(line + 6, len - 6);
    if (!root) bench_die("an event is not JSON");
    text = content_of(root, "delta");
    if (text) bench_see(&seen, text, strlen(text));
    cJSON_Delete(root);
    s->events++;
}

static size_t on_stream(char *data, size_t size, size_t count, void *user)
{
    stream *s = (stream *)user;
    const char *at = data, *end = data + size * count, *line_end;
    while ((line_end = (const char *)memchr(at, '\n', (size_t)(end - at)))) {
        if (s->carry.len) {
            append(&s->carry, at, (size_t)(line_end - at));
            on_line(s, s->carry.ptr, s->carry.len);
            s->carry.len = 0;
        }
        else on_line(s, at, (size_t)(line_end - at));
        at = line_end + 1;
    }
    if (at < end) append(&s->carry, at, (size_t)(end - at));
    return size * count;
}

static CURL *new_easy(const char *base, void *write, void *user)
{
    static char url[512];
    CURL *easy = curl_easy_init();
    snprintf(url, sizeof url, "%s/chat/completions", base);
    if (!headers) {
        headers = curl_slist_append(NULL, "Content-Type: application/json");
        headers = curl_slist_append(headers, "Authorization: Bearer sk-bench");
    }
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, (curl_write_callback)write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, user);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return easy;
}

static void one_small(CURL *easy, buffer *reply)
{
    char *body = build_body(false);
    cJSON *root, *usage;
    const char *text;
    reply->len = 0;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    if (curl_easy_perform(easy)) bench_die("the request failed");
    root = cJSON_ParseWithLength(reply->ptr, reply->len);
    text = content_of(root, "message");
    if (!text) bench_die("no text in the reply");
    bench_see(&seen, text, strlen(text));
    usage = get(get(root, "usage"), "total_tokens");
    seen.bytes += cJSON_IsNumber(usage) ? (uint64_t)usage->valuedouble : 0;
    cJSON_Delete(root);
    free(body);
}

// -- the works -------------------------------------------------------------------------------------

static void small(const char *base, long count)
{
    buffer reply = {NULL, 0, 0};
    CURL *easy = new_easy(base, (void *)on_reply, &reply);
    uint64_t cpu;
    long i;
    one_small(easy, &reply);
    seen.bytes = seen.hash = 0;
    cpu = bench_cpu();
    for (i = 0; i < count; i++) one_small(easy, &reply);
    printf("cpu_ns %.1f\n", (double)(bench_cpu() - cpu) / (double)count);
    bench_print_seen(&seen);
    curl_easy_cleanup(easy);
}

static void one_stream(const char *base, long count)
{
    stream s;
    uint64_t cpu = bench_cpu();
    memset(&s, 0, sizeof s);
    s.easy = new_easy(base, (void *)on_stream, &s);
    s.body = build_body(true);
    curl_easy_setopt(s.easy, CURLOPT_POSTFIELDS, s.body);
    curl_easy_setopt(s.easy, CURLOPT_BUFFERSIZE, 65536L);
    if (curl_easy_perform(s.easy)) bench_die("the stream failed");
    printf("cpu_ns %.2f\n", (double)(bench_cpu() - cpu) / (double)count);
    bench_print_seen(&seen);
}

static int queue;
static uint64_t deadline;  // nanoseconds, 0: none

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
    static char mark;
    struct epoll_event want;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(queue, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    memset(&want, 0, sizeof want);
    want.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    want.data.fd = fd;
    epoll_ctl(queue, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &want);
    if (!known) curl_multi_assign((CURLM *)user, fd, &mark);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
    (void)multi;
    (void)user;
    deadline = ms < 0 ? 0 : bench_wall() + (uint64_t)ms * 1000000u + 1;
    return 0;
}

static void slow(const char *base, long count, int streams)
{
    static struct epoll_event ready[256];
    CURLM *multi = curl_multi_init();
    stream *all = (stream *)calloc((size_t)streams, sizeof *all);
    long rss = bench_status_kb("VmRSS");
    uint64_t cpu = bench_cpu();
    int running = streams, i, n, left;
    CURLMsg *message;
    queue = epoll_create1(0);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    for (i = 0; i < streams; i++) {
        all[i].easy = new_easy(base, (void *)on_stream, &all[i]);
        all[i].body = build_body(true);
        curl_easy_setopt(all[i].easy, CURLOPT_POSTFIELDS, all[i].body);
        curl_multi_add_handle(multi, all[i].easy);
    }
    while (running) {
        int wait_ms = -1;
        if (deadline) {
            uint64_t now = bench_wall();
            wait_ms = deadline <= now ? 0 : (int)((deadline - now + 999999u) / 1000000u);
        }
        n = epoll_wait(queue, ready, 256, wait_ms);
        if (n == 0) {
            deadline = 0;
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        for (i = 0; i < n; i++) {
            uint32_t is = ready[i].events;
            int flags = (is & EPOLLIN ? CURL_CSELECT_IN : 0) | (is & EPOLLOUT ? CURL_CSELECT_OUT : 0)
                      | (is & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
            curl_multi_socket_action(multi, ready[i].data.fd, flags, &running);
        }
        while ((message = curl_multi_info_read(multi, &left)))
            if (message->msg == CURLMSG_DONE && message->data.result) bench_die("a stream failed");
    }
    printf("cpu_ns %.1f\n", (double)(bench_cpu() - cpu) / ((double)count * streams));
    printf("kb_stream %.2f\n", (double)(bench_status_kb("VmHWM") - rss) / streams);
    printf("text_bytes %llu\n", (unsigned long long)seen.bytes);  // the streams' order is nobody's: no hash
}

int main(int argc, char **argv)
{
    const char *mode = argc > 2 ? argv[1] : "";
    const char *n = argc > 2 ? strstr(argv[2], "/n=") : NULL;  // events a stream, as the server is told
    long count = bench_count(n ? n + 3 : NULL);
    bench_start();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (!strcmp(mode, "small") && argc > 3) small(argv[2], bench_count(argv[3]));
    else if (!strcmp(mode, "stream")) one_stream(argv[2], count);
    else if (!strcmp(mode, "slow") && argc > 3) slow(argv[2], count, (int)bench_count(argv[3]));
    else if (!strcmp(mode, "cold")) {
        buffer reply = {NULL, 0, 0};
        CURL *easy = new_easy(argv[2], (void *)on_reply, &reply);
        one_small(easy, &reply);
        long hwm = bench_status_kb("VmHWM");
        printf("text_bytes %llu\n", (unsigned long long)seen.bytes);
        if (argc > 3) printf("hwm_kb %ld\n", hwm);
        curl_easy_cleanup(easy);
        curl_global_cleanup();
    }
    else bench_die("usage: small|stream|slow|cold BASE_URL [COUNT]");
    return 0;
}
