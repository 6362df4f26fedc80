// The floor of the benchmark: the bare system calls and nothing else, which no client can go below; and two small tools.
//     bench-floor small  PORT PATH COUNT           writes a prebuilt request, reads the reply, does not look at it
//     bench-floor stream PORT PATH                 reads 64 KB at a time until the last chunk
//     bench-floor slow   PORT PATH STREAMS         epoll and one read a wake
//     bench-floor cold   PORT PATH                 one request, to be timed as a process
//     bench-floor spawn  COUNT PROGRAM [ARG]...    runs a program so often, its output thrown away: median wall and CPU time, best wall
#include "bench_data.c"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

extern char **environ;
static char request[2048];
static size_t request_len;

static void build_request(const char *path)
{
    static const char body[] = "{\"model\":\"" BENCH_MODEL "\",\"messages\":["
        "{\"role\":\"system\",\"content\":\"" BENCH_SYSTEM "\"},{\"role\":\"user\",\"content\":"
        "\"Tell me about the river that runs behind the house, and say \\\"please\\\" once.\"}],\"stream\":true}";
    request_len = (size_t)snprintf(request, sizeof request,
        "POST %s/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Authorization: Bearer sk-bench\r\nContent-Length: %zu\r\n\r\n%s", path, sizeof body - 1, body);
}

static int dial(const char *port, int flags)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0), one = 1;
    address.sin_port = htons((uint16_t)atoi(port));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) bench_die("cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void ask(int fd)
{
    if (write(fd, request, request_len) != (ssize_t)request_len) bench_die("cannot write");
}

// One reply whose length is known from the first: Content-Length is only looked for once.
static size_t take_reply(int fd, size_t len)
{
    static char buf[8192];
    size_t have = 0;
    while (!len || have < len) {
        ssize_t n = read(fd, buf + have, sizeof buf - have - 1);
        if (n <= 0) bench_die("no reply");
        have += (size_t)n;
        if (!len) {
            char *end, *length;
            buf[have] = 0;
            end = strstr(buf, "\r\n\r\n");
            length = strstr(buf, "Content-Length:");
            if (end && length) len = (size_t)(end + 4 - buf) + strtoul(length + 15, NULL, 10);
        }
    }
    return len;
}

static void small(const char *port, long count)
{
    int fd = dial(port, 0);
    size_t len;
    uint64_t cpu;
    long i;
    ask(fd);
    len = take_reply(fd, 0);
    cpu = bench_cpu();
    for (i = 0; i < count; i++) {
        ask(fd);
        take_reply(fd, len);
    }
    printf("cpu_ns %.1f\n", (double)(bench_cpu() - cpu) / (double)count);
}

static bool ends(const char *buf, size_t n) { return n >= 5 && !memcmp(buf + n - 5, "0\r\n\r\n", 5); }

static void stream(const char *port, double count)
{
    static char buf[65536];
    int fd = dial(port, 0);
    uint64_t cpu = bench_cpu();
    ssize_t n;
    ask(fd);
    do n = read(fd, buf, sizeof buf);
    while (n > 0 && !ends(buf, (size_t)n));
    printf("cpu_ns %.2f\n", (double)(bench_cpu() - cpu) / count);
}

static void slow(const char *port, double count, int streams)
{
    static char buf[65536];
    static struct epoll_event ready[256];
    int queue = epoll_create1(0), open = streams, i, n;
    uint64_t cpu = bench_cpu();
    for (i = 0; i < streams; i++) {
        int fd = dial(port, 0);
        struct epoll_event want = {.events = EPOLLIN, .data.fd = fd};
        fcntl(fd, F_SETFL, O_NONBLOCK);
        epoll_ctl(queue, EPOLL_CTL_ADD, fd, &want);
        ask(fd);
    }
    while (open) {
        n = epoll_wait(queue, ready, 256, -1);
        for (i = 0; i < n; i++) {
            ssize_t got = read(ready[i].data.fd, buf, sizeof buf);
            if (got > 0 && !ends(buf, (size_t)got)) continue;
            close(ready[i].data.fd);
            open--;
        }
    }
    printf("cpu_ns %.1f\n", (double)(bench_cpu() - cpu) / (count * streams));
}

static void spawn(long count, char **command)
{
    uint64_t *wall = (uint64_t *)calloc((size_t)count, sizeof *wall), *cpu = (uint64_t *)calloc((size_t)count, sizeof *cpu);
    posix_spawn_file_actions_t files;
    long i;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    for (i = 0; i < count; i++) {
        struct rusage used;
        pid_t pid;
        int status;
        wall[i] = bench_wall();
        if (posix_spawn(&pid, command[0], &files, NULL, command, environ)) bench_die("cannot spawn");
        if (wait4(pid, &status, 0, &used) != pid || status) bench_die("the program failed");
        wall[i] = bench_wall() - wall[i];
        cpu[i] = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000000u;
        cpu[i] += (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000u;
    }
    qsort(wall, (size_t)count, sizeof *wall, bench_compare);
    qsort(cpu, (size_t)count, sizeof *cpu, bench_compare);
    printf("wall_ns %llu\ncpu_ns %llu\n", (unsigned long long)wall[count / 2], (unsigned long long)cpu[count / 2]);
    printf("best_ns %llu\n", (unsigned long long)wall[0]);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 3 ? argv[1] : "";
    const char *n = argc > 3 ? strstr(argv[3], "/n=") : NULL;  // events a stream, as the server is told
    double count = n ? atof(n + 3) : 1;
    bench_start();
    if (!strcmp(mode, "spawn")) {
        spawn(bench_count(argv[2]), argv + 3);
        return 0;
    }
    if (argc > 3) build_request(argv[3]);
    if (!strcmp(mode, "small") && argc > 4) small(argv[2], bench_count(argv[4]));
    else if (!strcmp(mode, "stream")) stream(argv[2], count);
    else if (!strcmp(mode, "slow") && argc > 4) slow(argv[2], count, (int)bench_count(argv[4]));
    else if (!strcmp(mode, "cold")) {
        int fd = dial(argv[2], 0);
        ask(fd);
        printf("%zu\n", take_reply(fd, 0));
    }
    else bench_die("usage: small|stream|slow|cold PORT PATH [COUNT], or spawn COUNT PROGRAM [ARG]...");
    return 0;
}
