// What tests/namespaces.sh and tests/test_proxy.sh run: a call in a frame loop that times every pump, and the servers
// that a network is made bad with.
//     network_driver call  NAME=VALUE...      one call; prints one line of NAME=VALUE, the message last
//     network_driver dns   ADDRESS PORT FILE  a name server; FILE has lines "name A|AAAA address [milliseconds]", the
//                                             time before it answers, or "never"
//     network_driver mute  ADDRESS PORT       accepts connections and never says a word
//     network_driver tap   TO_PORT FILE       on the loopback, in front of TO_PORT: what clients send goes into FILE, too
// Servers print one line once they listen: the port, or "ready".
// A pump that never blocks takes no time but the processor's. Both are printed: pump_us is the longest pump by the
// wall's clock less the time it stood ready but had no processor (Linux counts that), pump_cpu_us the processor's.
#define TAMAR_IMPLEMENTATION
#include "../tamar_llm.h"
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

static int die(const char *what)
{
    fprintf(stderr, "network_driver: %s\n", what);
    exit(2);
}

static uint64_t clock_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

// -- a call ----------------------------------------------------------------------------------------

static int schedstat = -1;

// How long this thread has stood ready without a processor. 0: not known.
static uint64_t delayed_ns(void)
{
    char text[96];
    ssize_t n = schedstat < 0 ? 0 : pread(schedstat, text, sizeof text - 1, 0);
    const char *space;
    if (n <= 0) return 0;
    text[n] = 0;
    space = strchr(text, ' ');
    return space ? strtoull(space + 1, NULL, 10) : 0;
}

typedef struct timed {
    uint64_t wall, cpu, delay;
    uint64_t worst_ns, worst_cpu_ns;
    long count;
} timed;

static void begin(timed *t)
{
    t->delay = delayed_ns();
    t->cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    t->wall = clock_ns(CLOCK_MONOTONIC);
}

static void end(timed *t)
{
    uint64_t wall = clock_ns(CLOCK_MONOTONIC) - t->wall, cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - t->cpu;
    uint64_t delay = delayed_ns() - t->delay, own = wall > delay ? wall - delay : 0;
    if (own < cpu) own = cpu;
    if (own > t->worst_ns) t->worst_ns = own;
    if (cpu > t->worst_cpu_ns) t->worst_cpu_ns = cpu;
    t->count++;
}

typedef struct options {
    const char *url, *ca, *key, *prompt, *proxy, *no_proxy, *pins, *connect_to;
    int connect_ms, first_byte_ms, idle_ms, retries, cancel_ms, calls;
    int busy_ms;  // the host does something else behind the first text, and waits in its pumps from then on
    bool stream, extra, apart;  // apart: on sockets of the host's own, which lead nowhere
} options;

static int no_connect(void *user_data, const tamar_address *address, intptr_t *out)
{
    (void)user_data, (void)address, (void)out;
    return TAMAR_IO_REFUSED;
}

static void read_options(options *o, int argc, char **argv)
{
    int i;
    memset(o, 0, sizeof *o);
    o->key = "sk-network";
    o->prompt = "one two three four five";
    o->calls = 1;
    for (i = 0; i < argc; i++) {
        const char *value = strchr(argv[i], '=');
        size_t len = value ? (size_t)(value++ - argv[i]) : 0;
#define TEXT(name) if (len == sizeof #name - 1 && !strncmp(argv[i], #name, len)) o->name = value; else
#define NUMBER(name) if (len == sizeof #name - 1 && !strncmp(argv[i], #name, len)) o->name = atoi(value); else
        TEXT(url) TEXT(ca) TEXT(key) TEXT(prompt) TEXT(proxy) TEXT(no_proxy) TEXT(pins) TEXT(connect_to)
        NUMBER(connect_ms) NUMBER(first_byte_ms) NUMBER(idle_ms) NUMBER(retries) NUMBER(cancel_ms) NUMBER(calls) NUMBER(busy_ms)
        if (!strcmp(argv[i], "stream")) o->stream = true;
        else if (!strcmp(argv[i], "extra")) o->extra = true;
        else if (!strcmp(argv[i], "apart")) o->apart = true;
        else die(argv[i]);
#undef TEXT
#undef NUMBER
    }
    if (!o->url) die("call url=... [ca=F] [key=K] [proxy=P] [no_proxy=L] [pins=L] [connect_to=L] [prompt=T] [connect_ms=N] [first_byte_ms=N] "
                     "[idle_ms=N] [retries=N] [cancel_ms=N] [calls=N] [busy_ms=N] [stream] [extra] [apart]");
}

// Returns whether every call ended well.
static bool call(const options *o)
{
    tamar_desc desc;
    tamar_request request;
    tamar_client *client;
    tamar_error error;
    tamar_event e;
    timed pump, close;
    uint64_t start, took_ms = 0, bytes = 0, first_ms = 0, second_ms = 0;
    struct timespec frame = { 0, 1000000 };
    bool more = true, cancelled = false, good = true;
    int sent = 0, finished = 0, attempts = 0, reused = 0;
    char message[600] = "", category[32] = "ok";
    memset(&desc, 0, sizeof desc);
    memset(&request, 0, sizeof request);
    memset(&error, 0, sizeof error);
    memset(&pump, 0, sizeof pump);
    memset(&close, 0, sizeof close);
    schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    desc.base_url = o->url;
    desc.api_key = o->key;
    desc.ca_file = o->ca;
    desc.ca_extra = o->extra;
    desc.proxy = o->proxy;
    desc.no_proxy = o->no_proxy;
    desc.tls_pins = o->pins;
    desc.connect_to = o->connect_to;
    desc.allow_plain_http = true;
    desc.max_retries = tamar_int(o->retries);
    desc.timeouts.connect_ms = o->connect_ms;
    desc.timeouts.first_byte_ms = o->first_byte_ms;
    desc.timeouts.idle_ms = o->idle_ms;
    desc.error = &error;
    if (o->apart) {
        static tamar__base_memory memory;
        memory.allocator = tamar__base_allocator(NULL);
        desc.sockets = tamar__os_sockets(tamar__os_open(&memory, true));
        desc.sockets.connect = no_connect;
    }
    request.model = "echo";
    request.prompt = o->prompt;
    request.stream = o->stream;
    client = tamar_open(&desc);
    if (!client) die(error.message);
    start = clock_ns(CLOCK_MONOTONIC);
    while (more || sent < o->calls) {
        if (sent == finished && sent < o->calls) tamar_send(client, &request), sent++;
        begin(&pump);
        more = tamar_pump(client, o->busy_ms && first_ms ? 10000 : 0);
        end(&pump);
        while (tamar_next_event(client, &e)) {
            if (e.type == TAMAR_EVENT_TEXT) {
                bytes += e.text.len;
                if (first_ms && !second_ms) second_ms = (clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
                if (!first_ms) {
                    struct timespec busy = { o->busy_ms / 1000, o->busy_ms % 1000 * 1000000L };
                    first_ms = (clock_ns(CLOCK_MONOTONIC) - start) / 1000000 + 1;
                    if (o->busy_ms) nanosleep(&busy, NULL);
                }
            }
            if (!e.finished) continue;
            finished++;
            took_ms = (clock_ns(CLOCK_MONOTONIC) - start) / 1000000;
            attempts += (int)e.response->attempt_count;
            reused += e.response->reused_connection;
            if (e.error.category && good) {
                good = false;
                snprintf(category, sizeof category, "%s", tamar_category_name(e.error.category));
                snprintf(message, sizeof message, "%s", e.error.message);
            }
            tamar_release(client, e.call);
        }
        if (o->cancel_ms && !cancelled && clock_ns(CLOCK_MONOTONIC) - start > (uint64_t)o->cancel_ms * 1000000) {
            cancelled = true;
            begin(&close);
            tamar_cancel_all(client, 0);
            end(&close);
        }
        if (more) nanosleep(&frame, NULL);
    }
    begin(&close);
    tamar_close(client);
    end(&close);
    printf("category=%s text=%llu first_ms=%llu second_ms=%llu took_ms=%llu attempts=%d reused=%d finished=%d pumps=%ld pump_us=%llu "
           "pump_cpu_us=%llu close_us=%llu message=%s\n",
           category, (unsigned long long)bytes, (unsigned long long)first_ms, (unsigned long long)second_ms,
           (unsigned long long)took_ms, attempts, reused, finished, pump.count, (unsigned long long)(pump.worst_ns / 1000), (unsigned long long)(pump.worst_cpu_ns / 1000),
           (unsigned long long)(close.worst_ns / 1000), message);
    return good;
}

// -- a name server ---------------------------------------------------------------------------------

static int listen_at(const char *host, const char *port, int type)
{
    tamar_address a;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    bool six;
    int fd, yes = 1;
    if (!tamar__os_address(host, (uint16_t)atoi(port), &a)) die("no such address");
    six = a.family == 6;
    memset(&in, 0, sizeof in);
    memset(&in6, 0, sizeof in6);
    in.sin_family = AF_INET;
    in6.sin6_family = AF_INET6;
    in.sin_port = in6.sin6_port = htons(a.port);
    memcpy(&in.sin_addr, a.bytes, 4);
    memcpy(&in6.sin6_addr, a.bytes, 16);
    fd = socket(six ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, six ? (struct sockaddr *)&in6 : (struct sockaddr *)&in, six ? sizeof in6 : sizeof in))
        die("cannot listen there");
    if (type == SOCK_STREAM && listen(fd, 64)) die("cannot listen there");
    puts("ready");
    fflush(stdout);
    return fd;
}

// The answer to a question, in its own bytes (RFC 1035 section 4). Its length, and how long to wait; below zero: never.
static size_t answer(const char *path, unsigned char *m, size_t len, size_t cap, long *wait_ms)
{
    char asked[256] = "", line[512];
    size_t at = 12, n = 0, question;
    int type, count = 0;
    bool known = false;
    FILE *f = fopen(path, "r");
    *wait_ms = 0;
    while (at < len && m[at] && n + m[at] + 1 < sizeof asked && at + m[at] < len) {
        memcpy(asked + n, m + at + 1, m[at]);
        n += m[at];
        asked[n++] = '.';
        at += (size_t)m[at] + 1;
    }
    asked[n ? n - 1 : 0] = 0;
    question = at + 5;
    if (!f || question > len) die("no zone, or no question");
    type = m[at + 1] << 8 | m[at + 2];
    len = question;  // what follows (EDNS) is not answered
    while (fgets(line, sizeof line, f)) {
        char name[256], kind[8], address[64], wait[16] = "0";
        tamar_address a;
        size_t bytes;
        if (sscanf(line, "%255s %7s %63s %15s", name, kind, address, wait) < 3 || strcasecmp(name, asked)) continue;
        known = true;
        if (strcmp(kind, type == 1 ? "A" : type == 28 ? "AAAA" : "")) continue;
        *wait_ms = strcmp(wait, "never") ? atol(wait) : -1;
        if (!tamar__os_address(address, 0, &a)) die("no such address in the zone");
        bytes = a.family == 4 ? 4 : 16;
        if (len + 12 + bytes > cap) break;
        memcpy(m + len, "\xc0\x0c\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00", 12);  // the name above, IN, one second
        m[len + 3] = (unsigned char)type;
        m[len + 11] = (unsigned char)bytes;
        memcpy(m + len + 12, a.bytes, bytes);
        len += 12 + bytes;
        count++;
    }
    fclose(f);
    m[2] = 0x85;
    m[3] = known ? 0x80 : 0x83;  // or: no such name
    memset(m + 6, 0, 6);
    m[7] = (unsigned char)count;
    return len;
}

static void dns(const char *host, const char *port, const char *path)
{
    int fd = listen_at(host, port, SOCK_DGRAM);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        unsigned char m[1500];
        struct sockaddr_storage from;
        socklen_t from_len = sizeof from;
        long wait_ms;
        ssize_t n = recvfrom(fd, m, 600, 0, (struct sockaddr *)&from, &from_len);
        size_t len;
        if (n < 17) continue;
        len = answer(path, m, (size_t)n, sizeof m, &wait_ms);
        if (wait_ms < 0) continue;
        if (wait_ms && fork() != 0) continue;
        if (wait_ms) usleep((useconds_t)wait_ms * 1000);
        sendto(fd, m, len, 0, (struct sockaddr *)&from, from_len);
        if (wait_ms) _exit(0);
    }
}

static void mute(const char *host, const char *port)
{
    int fd = listen_at(host, port, SOCK_STREAM);
    while (accept(fd, NULL, NULL) >= 0) {}
}

// One connection a process. The file is appended to before the bytes go on: who sees the answer sees them there.
static void tap(uint16_t port, const char *path)
{
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd, to, file, k;
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&at, len) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&at, &len))
        die("cannot listen");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    signal(SIGCHLD, SIG_IGN);
    at.sin_port = htons(port);
    for (;;) {
        struct pollfd both[2];
        fd = accept(listener, NULL, NULL);
        if (fd < 0 || fork() != 0) {
            if (fd >= 0) close(fd);
            continue;
        }
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
        to = socket(AF_INET, SOCK_STREAM, 0);
        if (file < 0 || connect(to, (struct sockaddr *)&at, sizeof at)) _exit(1);
        both[0].fd = fd, both[1].fd = to;
        both[0].events = both[1].events = POLLIN;
        while (poll(both, 2, -1) > 0)
            for (k = 0; k < 2; k++) {
                char data[16384];
                ssize_t n = both[k].revents ? read(both[k].fd, data, sizeof data) : 1, put, i;
                if (n <= 0) _exit(0);
                if (!both[k].revents) continue;
                if (k == 0 && write(file, data, (size_t)n) != n) _exit(1);
                for (i = 0; i < n; i += put)
                    if ((put = send(both[!k].fd, data + i, (size_t)(n - i), MSG_NOSIGNAL)) <= 0) _exit(0);
            }
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "call")) prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (argc > 2 && !strcmp(argv[1], "call")) {
        options o;
        read_options(&o, argc - 2, argv + 2);
        return call(&o) ? 0 : 1;
    }
    if (argc == 5 && !strcmp(argv[1], "dns")) dns(argv[2], argv[3], argv[4]);
    else if (argc == 4 && !strcmp(argv[1], "mute")) mute(argv[2], argv[3]);
    else if (argc == 4 && !strcmp(argv[1], "tap")) tap((uint16_t)atoi(argv[2]), argv[3]);
    else die("call NAME=VALUE..., dns ADDRESS PORT FILE, mute ADDRESS PORT, or tap TO_PORT FILE");
    return 0;
}
