// The os section: addresses, clock, entropy, sockets on the loopback, names, waiting. No network is needed.
#include "test.h"
#define TAMAR_IMPLEMENTATION
#include "../tamar_llm.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static test_memory heap;
static tamar__base_memory memory;

static tamar__os_net *net_open(bool threads)
{
    memset(&heap, 0, sizeof heap);
    memset(&memory, 0, sizeof memory);
    memory.allocator.resize = test_resize;
    memory.allocator.user_data = &heap;
    return tamar__os_open(&memory, threads);
}

static int open_descriptors(void)
{
    int fd, count = 0;
    for (fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void net_close(tamar__os_net *net)
{
    tamar__os_close(net);
    CHECK(heap.live == 0 && heap.blocks == 0);
    CHECK(memory.used == 0);
}

// A listening socket on a free loopback port.
static int listen_any(uint16_t *port)
{
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) || listen(fd, 512) || getsockname(fd, (struct sockaddr *)&at, &len)) abort();
    *port = ntohs(at.sin_port);
    return fd;
}

// Connects and accepts; *peer is the server's end.
static intptr_t connect_pair(const tamar_sockets *s, int listener, uint16_t port, int *peer)
{
    tamar_address a;
    intptr_t fd = -1;
    int i, result = TAMAR_IO_AGAIN;
    tamar__os_address("127.0.0.1", port, &a);
    for (i = 0; i < 100 && result == TAMAR_IO_AGAIN; i++) {
        tamar_ready r;
        result = s->connect(s->user_data, &a, &fd);
        if (result == TAMAR_IO_AGAIN && s->watch(s->user_data, fd, TAMAR_WRITABLE, 1)) s->wait(s->user_data, &r, 1, 100);
    }
    CHECKF(result == 0, "connect: %d", result);
    *peer = accept(listener, NULL, NULL);
    return fd;
}

static void addresses(void)
{
    static const struct { const char *text; int family; const char *same; } good[] = {
        {"127.0.0.1", 4, "127.0.0.1"}, {"0.0.0.0", 4, "0.0.0.0"}, {"255.255.255.255", 4, "255.255.255.255"},
        {"::", 6, "::"}, {"::1", 6, "::1"}, {"1::", 6, "1::"}, {"2001:db8::1", 6, "2001:db8::1"}, {"2001:DB8::ABCD", 6, "2001:db8::abcd"},
        {"1:2:3:4:5:6:7:8", 6, "1:2:3:4:5:6:7:8"}, {"1:2:3:4:5:6:7::", 6, "1:2:3:4:5:6:7:0"}, {"::2:3:4:5:6:7:8", 6, "0:2:3:4:5:6:7:8"},
        {"1::8", 6, "1::8"}, {"::ffff:192.0.2.1", 6, "::ffff:192.0.2.1"}, {"64:ff9b::10.1.2.3", 6, "64:ff9b::a01:203"},
        {"1:2:3:4:5:6:1.2.3.4", 6, "1:2:3:4:5:6:102:304"}, {"[::1]", 6, "::1"}, {"[2001:db8::1]", 6, "2001:db8::1"}, {"fe80::1%3", 6, "fe80::1"}};
    static const char *const bad[] = {
        "", "1", "127.1", "127.0.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.256", "127.0.0.1.", ".127.0.0.1", "127.0.0.1 ",
        " 127.0.0.1", "127.0.0.1.1", "1.2.3", "2130706433", "127..0.1", "-1.0.0.0", "1.2.3.4x", "[127.0.0.1]", "[]", "[", "]", ":", ":::",
        "1:", ":1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2::3", "12345::", "::g",
        "::1.2.3", "::1.2.3.4.5", "1.2.3.4::", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4", "[::1", "::1]", "fe80::1%", "fe80::1%nosuchzone99", "fe80::1%99999999999",
        "[::1]:80", "::1 ", "localhost", "a.b.c.d", "::ffff:1.2.3.4:5"};
    size_t i;
    tamar_address a;
    TEST("addresses that are numeric, judged by inet_pton")
    for (i = 0; i < sizeof good / sizeof good[0]; i++) {
        unsigned char want[16];
        memset(want, 0, sizeof want);
        inet_pton(good[i].family == 4 ? AF_INET : AF_INET6, good[i].same, want);
        CHECKF(tamar__os_address(good[i].text, 443, &a), "%s", good[i].text);
        CHECKF(a.family == good[i].family && a.port == 443 && memcmp(a.bytes, want, 16) == 0, "%s", good[i].text);
    }
    TEST("addresses that are not")
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++) CHECKF(!tamar__os_address(bad[i], 80, &a), "%s", bad[i]);
    TEST("random text: what we take, inet_pton takes the same way")
    {
        uint32_t seed = 7;
        int taken = 0;
        for (i = 0; i < 300000; i++) {
            static const char alphabet[] = "::::..0123456789afg";
            char text[24];
            unsigned char want[16];
            size_t k, n = test_random(&seed) % 14;
            int theirs;
            for (k = 0; k < n; k++) text[k] = alphabet[test_random(&seed) % (sizeof alphabet - 1)];
            text[n] = 0;
            memset(want, 0, sizeof want);
            theirs = inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, want) == 1;
            CHECKF(tamar__os_address(text, 1, &a) == (theirs == 1), "%s", text);
            if (theirs) CHECKF(memcmp(a.bytes, want, 16) == 0, "%s", text);
            taken += theirs;
        }
        CHECKF(taken > 100, "only %d were addresses", taken);
    }
    TEST("zone")
    {
        CHECK(tamar__os_address("fe80::1%7", 1, &a) && a.scope == 7);
        CHECK(tamar__os_address("[fe80::1%7]", 1, &a) && a.scope == 7);
        if (if_nametoindex("lo")) CHECK(tamar__os_address("fe80::1%lo", 1, &a) && a.scope == if_nametoindex("lo"));
    }
    TEST("loopback")
    {
        static const char *const yes[] = {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"};
        static const char *const no[] = {"126.0.0.1", "128.0.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1"};
        for (i = 0; i < 4; i++) CHECKF(tamar__os_address(yes[i], 1, &a) && tamar__os_is_loopback(&a), "%s", yes[i]);
        for (i = 0; i < 8; i++) CHECKF(tamar__os_address(no[i], 1, &a) && !tamar__os_is_loopback(&a), "%s", no[i]);
    }
}

static void stateless(void)
{
    TEST("clock")
    {
        tamar_clock c = tamar__os_clock();
        uint64_t a = c.now_us(c.user_data), b;
        usleep(20000);
        b = c.now_us(c.user_data);
        CHECKF(b - a >= 20000 && b - a < 5000000, "%llu", (unsigned long long)(b - a));
        CHECK(c.unix_ms(c.user_data) / 1000 - (int64_t)time(NULL) <= 1);
        CHECK((int64_t)time(NULL) - c.unix_ms(c.user_data) / 1000 <= 1);
    }
    TEST("random")
    {
        tamar_random r = tamar__os_random();
        unsigned char buf[5000], zero = 0;
        size_t i, ones = 0;
        memset(buf, 0, sizeof buf);
        CHECK(r.fill(r.user_data, buf, sizeof buf));
        for (i = 0; i < sizeof buf; i++) ones += (size_t)__builtin_popcount(buf[i]);
        CHECKF(ones > 19000 && ones < 21000, "%zu of 40000 bits", ones);
        CHECK(r.fill(r.user_data, &zero, 0));
    }
    TEST("environment")
    {
        tamar_environment e = tamar__os_environment();
        setenv("TAMAR_TEST_OS", "here", 1);
        CHECK(e.get(e.user_data, "TAMAR_TEST_OS") && strcmp(e.get(e.user_data, "TAMAR_TEST_OS"), "here") == 0);
        CHECK(e.get(e.user_data, "TAMAR_TEST_NOT_SET") == NULL);
    }
}

static void table(void)
{
    TEST("the table of watched sockets against a plain array")
    {
        tamar__os_net *net = net_open(false);
        uint32_t seed = 3;
        char in[512];
        int i;
        memset(in, 0, sizeof in);
        for (i = 0; i < 60000; i++) {
            int fd = (int)(test_random(&seed) % (i < 30000 ? 512u : 40u)) * (i % 2 ? 1 : 8) % 512, k;
            tamar__os_interest *e = tamar__os_slot(net->table, net->slots, fd);
            CHECK((e->fd == fd) == (in[fd] != 0));
            if (e->fd == fd && test_random(&seed) % 2) {
                tamar__os_table_remove(net, e);
                in[fd] = 0;
            }
            else if (e->fd != fd && tamar__os_table_grow(net)) {
                e = tamar__os_slot(net->table, net->slots, fd);
                e->fd = fd;
                e->tag = (uintptr_t)fd * 3;
                net->used++;
                in[fd] = 1;
            }
            if (i % 1000 == 0)
                for (k = 0; k < 512; k++) {
                    e = tamar__os_slot(net->table, net->slots, k);
                    CHECK((e->fd == k) == (in[k] != 0) && (!in[k] || e->tag == (uintptr_t)k * 3));
                }
            CHECK(net->used * 4 <= net->slots * 3);
        }
        net_close(net);
    }
}

static void exchange(void)
{
    tamar__os_net *net = net_open(false);
    tamar_sockets s = tamar__os_sockets(net);
    tamar_ready r[8];
    char buf[64];
    uint16_t port;
    int listener = listen_any(&port), peer, yes = 0;
    socklen_t len = sizeof yes;
    intptr_t fd;
    TEST("connect, and what the socket is like")
    {
        fd = connect_pair(&s, listener, port, &peer);
        CHECK(fcntl((int)fd, F_GETFL) & O_NONBLOCK);
        CHECK(fcntl((int)fd, F_GETFD) & FD_CLOEXEC);
        CHECK(getsockopt((int)fd, IPPROTO_TCP, TCP_NODELAY, &yes, &len) == 0 && yes);
        CHECK(s.connect(s.user_data, NULL, &fd) == 0);  // asked again
    }
    TEST("send, wait, receive")
    {
        CHECK(s.recv(s.user_data, fd, buf, sizeof buf) == TAMAR_IO_AGAIN);
        CHECK(s.send(s.user_data, fd, "hello", 5) == 5);
        CHECK(read(peer, buf, sizeof buf) == 5);
        CHECK(s.watch(s.user_data, fd, TAMAR_READABLE, 0xabc));
        CHECK(s.wait(s.user_data, r, 8, 0) == 0);
        CHECK(write(peer, "world", 5) == 5);
        CHECK(s.wait(s.user_data, r, 8, 1000) == 1 && r[0].tag == 0xabc && r[0].events == TAMAR_READABLE);
        CHECK(s.wait(s.user_data, r, 8, 0) == 1);  // repeated until handled
        CHECK(s.recv(s.user_data, fd, buf, 3) == 3 && memcmp(buf, "wor", 3) == 0);
        CHECK(s.recv(s.user_data, fd, buf, sizeof buf) == 2);
        CHECK(s.recv(s.user_data, fd, buf, 0) == 0);
        CHECK(s.wait(s.user_data, r, 8, 0) == 0);
    }
    TEST("interest changes, tag changes, interest ends")
    {
        CHECK(s.watch(s.user_data, fd, TAMAR_READABLE | TAMAR_WRITABLE, 5));
        CHECK(s.wait(s.user_data, r, 8, 0) == 1 && r[0].tag == 5 && r[0].events == TAMAR_WRITABLE);
        CHECK(s.watch(s.user_data, fd, TAMAR_READABLE | TAMAR_WRITABLE, 6));
        CHECK(s.wait(s.user_data, r, 8, 0) == 1 && r[0].tag == 6);
        CHECK(s.watch(s.user_data, fd, 0, 0));
        CHECK(s.watch(s.user_data, fd, 0, 0));
        CHECK(s.wait(s.user_data, r, 8, 0) == 0);
        CHECK(s.watch(s.user_data, fd, TAMAR_READABLE, 7));
        CHECK(!s.watch(s.user_data, -1, TAMAR_READABLE, 7));
    }
    TEST("the peer takes its time: AGAIN, then writable again")
    {
        static char block[65536];
        size_t sent = 0, got = 0;
        ptrdiff_t n;
        while ((n = s.send(s.user_data, fd, block, sizeof block)) > 0) sent += (size_t)n;
        CHECK(n == TAMAR_IO_AGAIN && sent > 0);
        CHECK(s.watch(s.user_data, fd, TAMAR_WRITABLE, 7));
        CHECK(s.wait(s.user_data, r, 8, 0) == 0);
        while (got < sent && (n = read(peer, block, sizeof block)) > 0) got += (size_t)n;
        CHECK(got == sent);
        CHECK(s.wait(s.user_data, r, 8, 1000) == 1 && r[0].events == TAMAR_WRITABLE);
        CHECK(s.watch(s.user_data, fd, TAMAR_READABLE, 7));
    }
    TEST("an orderly end is CLOSED, after what was sent before it")
    {
        CHECK(write(peer, "x", 1) == 1);
        close(peer);
        CHECK(s.wait(s.user_data, r, 8, 1000) == 1);
        CHECK(s.recv(s.user_data, fd, buf, sizeof buf) == 1);
        CHECK(s.recv(s.user_data, fd, buf, sizeof buf) == TAMAR_IO_CLOSED);
        s.send(s.user_data, fd, "a", 1);
        usleep(20000);
        CHECK(s.send(s.user_data, fd, "a", 1) == TAMAR_IO_RESET);  // and no SIGPIPE
        s.close(s.user_data, fd);
        CHECK(s.wait(s.user_data, r, 8, 0) == 0 && net->used == 0);
    }
    TEST("a reset is RESET, and counts as what was asked for")
    {
        struct linger now = {1, 0};
        fd = connect_pair(&s, listener, port, &peer);
        CHECK(s.watch(s.user_data, fd, TAMAR_READABLE, 9));
        setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(peer);
        CHECK(s.wait(s.user_data, r, 8, 1000) == 1 && r[0].tag == 9 && r[0].events == TAMAR_READABLE);
        CHECK(s.recv(s.user_data, fd, buf, sizeof buf) == TAMAR_IO_RESET);
        s.close(s.user_data, fd);
    }
    TEST("refused, unreachable")
    {
        tamar_address a;
        int result, i;
        close(listener);
        fd = -1;
        tamar__os_address("127.0.0.1", port, &a);
        for (i = 0, result = TAMAR_IO_AGAIN; i < 100 && result == TAMAR_IO_AGAIN; i++) {
            result = s.connect(s.user_data, &a, &fd);
            if (fd != -1 && s.watch(s.user_data, fd, TAMAR_WRITABLE, 1)) s.wait(s.user_data, r, 8, 100);
        }
        CHECKF(result == TAMAR_IO_REFUSED && fd == -1, "%d", result);
        tamar__os_address("255.255.255.255", 80, &a);
        result = s.connect(s.user_data, &a, &fd);
        CHECKF(result == TAMAR_IO_UNREACHABLE && fd == -1, "%d", result);
        CHECK(net->used == 0);
    }
    net_close(net);
}

static void *wake_soon(void *sockets)
{
    const tamar_sockets *s = (const tamar_sockets *)sockets;
    usleep(50000);
    s->wake(s->user_data);
    return NULL;
}

static void on_signal(int number) { (void)number; }

static void waiting(void)
{
    tamar__os_net *net = net_open(false);
    tamar_sockets s = tamar__os_sockets(net);
    tamar_clock c = tamar__os_clock();
    tamar_ready r[4];
    TEST("a wait without anything to wait for takes its time")
    {
        uint64_t t = c.now_us(NULL);
        CHECK(s.wait(s.user_data, r, 4, 60) == 0);
        t = c.now_us(NULL) - t;
        CHECKF(t > 55000 && t < 2000000, "%u us", (unsigned)t);
    }
    TEST("wake ends a wait, before it and during it, once")
    {
        pthread_t thread;
        uint64_t t = c.now_us(NULL);
        int i;
        for (i = 0; i < 1000; i++) s.wake(s.user_data);
        CHECK(s.wait(s.user_data, r, 4, 5000) == 0);
        CHECK(c.now_us(NULL) - t < 2000000);
        t = c.now_us(NULL);
        while (s.wait(s.user_data, r, 4, 30) == 0 && c.now_us(NULL) - t < 25000) t = c.now_us(NULL);
        CHECK(c.now_us(NULL) - t >= 25000);  // and then it is over
        pthread_create(&thread, NULL, wake_soon, &s);
        t = c.now_us(NULL);
        CHECK(s.wait(s.user_data, r, 4, -1) == 0);
        CHECK(c.now_us(NULL) - t < 2000000);
        pthread_join(thread, NULL);
    }
    TEST("a signal ends a wait")
    {
        struct sigaction act;
        uint64_t t = c.now_us(NULL);
        memset(&act, 0, sizeof act);
        act.sa_handler = on_signal;
        sigaction(SIGALRM, &act, NULL);
        ualarm(50000, 0);
        CHECK(s.wait(s.user_data, r, 4, 5000) == 0);
        CHECK(c.now_us(NULL) - t < 2000000);
    }
    TEST("the host's own loop sees wake through the extra descriptors")
    {
        intptr_t fds[20];
        struct pollfd p;
        int n = s.extra_fds(s.user_data, fds, 20);
        CHECKF(n == 1, "%d", n);
        p.fd = (int)fds[0];
        p.events = POLLIN;
        CHECK(poll(&p, 1, 0) == 0);
        s.wake(s.user_data);
        CHECK(poll(&p, 1, 1000) == 1);
        s.wait(s.user_data, r, 4, 0);
        CHECK(poll(&p, 1, 0) == 0);
    }
    net_close(net);
}

static void many(void)
{
    enum { COUNT = 150 };
    TEST("many sockets, a short list: each is reported, none starves")
    {
        tamar__os_net *net = net_open(false);
        tamar_sockets s = tamar__os_sockets(net);
        tamar_ready r[8];
        uint16_t port;
        int listener = listen_any(&port), peer[COUNT], seen[COUNT], i, n, rounds;
        intptr_t fd[COUNT];
        memset(seen, 0, sizeof seen);
        for (i = 0; i < COUNT; i++) {
            fd[i] = connect_pair(&s, listener, port, &peer[i]);
            CHECK(s.watch(s.user_data, fd[i], TAMAR_READABLE, (uintptr_t)i));
            CHECK(write(peer[i], "x", 1) == 1);
        }
        usleep(20000);
        for (rounds = 0; rounds < COUNT; rounds++) {  // nothing is read, so all stay ready
            n = s.wait(s.user_data, r, 8, 0);
            CHECK(n == 8);
            for (i = 0; i < n; i++) seen[r[i].tag]++;
        }
        for (i = 0; i < COUNT; i++) CHECKF(seen[i] > 0, "socket %d", i);
        for (i = 0; i < COUNT; i++) {
            s.close(s.user_data, fd[i]);
            close(peer[i]);
        }
        CHECK(net->used == 0);
        close(listener);
        net_close(net);
    }
    TEST("a socket that a forked child still holds is not reported any more after close")
    {
        tamar__os_net *net = net_open(false);
        tamar_sockets s = tamar__os_sockets(net);
        tamar_ready r[8];
        uint16_t port;
        int listener = listen_any(&port), peer, status;
        intptr_t fd = connect_pair(&s, listener, port, &peer);
        pid_t child;
        s.watch(s.user_data, fd, TAMAR_READABLE, 1);
        child = fork();
        if (child == 0) {
            usleep(300000);
            _exit(0);
        }
        s.close(s.user_data, fd);
        CHECK(write(peer, "x", 1) == 1);
        {
            tamar_clock c = tamar__os_clock();
            uint64_t t = c.now_us(NULL);
            CHECK(s.wait(s.user_data, r, 8, 100) == 0);
            CHECK(c.now_us(NULL) - t > 90000);
        }
        waitpid(child, &status, 0);
        close(peer);
        close(listener);
        net_close(net);
    }
}

// Resolves to the end; waits between the questions.
static int resolve_all(const tamar_sockets *s, const char *host, tamar_address *out, int cap)
{
    intptr_t lookup = 0;
    int i, n = TAMAR_IO_AGAIN;
    tamar_ready r[4];
    for (i = 0; i < 200 && n == TAMAR_IO_AGAIN; i++) {
        n = s->resolve(s->user_data, host, 443, out, cap, &lookup);
        if (n == TAMAR_IO_AGAIN) s->wait(s->user_data, r, 4, 1000);
    }
    CHECK(lookup == 0 || n == TAMAR_IO_AGAIN);
    return n;
}

static void names(void)
{
    static const char *const never[] = {"", ".", "a..b", ".a", "a b", "a/b", "127.1", "0x7f000001", "1.2.3.0x10", "2130706433", "a:b", "a%b", "::1::", "\xc3\xa4.example", "host\n"};
    tamar_address out[4];
    tamar__os_net *net = net_open(true);
    tamar_sockets s = tamar__os_sockets(net);
    int n, i;
    TEST("numeric hosts and localhost ask nobody")
    {
        intptr_t lookup = 0;
        CHECK(s.resolve(s.user_data, "192.0.2.7", 443, out, 4, &lookup) == 1 && out[0].family == 4 && out[0].bytes[3] == 7 && out[0].port == 443);
        CHECK(s.resolve(s.user_data, "[2001:db8::1]", 443, out, 4, &lookup) == 1 && out[0].family == 6);
        CHECK(s.resolve(s.user_data, "localhost", 8080, out, 4, &lookup) == 2 && out[0].family == 4 && out[1].family == 6);
        CHECK(out[0].port == 8080 && out[1].port == 8080 && tamar__os_is_loopback(&out[0]) && tamar__os_is_loopback(&out[1]));
        CHECK(s.resolve(s.user_data, "localhost", 8080, out, 1, &lookup) == 1 && out[0].family == 4);
        CHECK(s.resolve(s.user_data, "API.LocalHost.", 8080, out, 4, &lookup) == 2);
        CHECK(lookup == 0);
    }
    TEST("what is neither an address nor a name is asked of nobody")
    for (i = 0; i < (int)(sizeof never / sizeof never[0]); i++) {
        intptr_t lookup = 0;
        CHECKF(s.resolve(s.user_data, never[i], 443, out, 4, &lookup) == TAMAR_IO_NO_NAME && lookup == 0, "%s", never[i]);
    }
    TEST("names that may be asked for")
    {
        static const char *const fine[] = {"a", "api.example.com", "api.example.com.", "1e3", "3f2b9c0d1a22", "x_y.internal", "a.b1", "1.2.3.a", "0xyz"};
        for (i = 0; i < (int)(sizeof fine / sizeof fine[0]); i++) CHECKF(tamar__os_is_name(tamar__str_z(fine[i])), "%s", fine[i]);
    }
    TEST("a name that does not exist, by the helper thread")
    {
        n = resolve_all(&s, "no-such-host.invalid", out, 4);
        CHECKF(n == TAMAR_IO_NO_NAME || n == TAMAR_IO_NAME_AGAIN, "%d", n);  // the latter where there is no network
    }
    TEST("more lookups at once than there is room for")
    {
        enum { COUNT = 40 };
        intptr_t lookup[COUNT];
        int done[COUNT], left = COUNT, rounds;
        tamar_ready r[4];
        memset(lookup, 0, sizeof lookup);
        memset(done, 0, sizeof done);
        for (rounds = 0; left && rounds < 2000; rounds++) {
            for (i = 0; i < COUNT; i++) {
                if (done[i]) continue;
                n = s.resolve(s.user_data, "also-no-such-host.invalid", 443, out, 4, &lookup[i]);
                if (n == TAMAR_IO_AGAIN) continue;
                CHECKF(n == TAMAR_IO_NO_NAME || n == TAMAR_IO_NAME_AGAIN, "%d", n);
                done[i] = 1;
                left--;
            }
            if (left) s.wait(s.user_data, r, 4, 5000);
        }
        CHECKF(left == 0, "%d left", left);
    }
    TEST("a lookup that is forgotten, and lookups alive at close")
    {
        intptr_t lookup = 0, other = 0;
        CHECK(s.resolve(s.user_data, "forgotten.invalid", 443, out, 4, &lookup) == TAMAR_IO_AGAIN && lookup);
        CHECK(s.resolve(s.user_data, NULL, 0, NULL, 0, &lookup) == 0 && lookup == 0);
        CHECK(s.resolve(s.user_data, NULL, 0, NULL, 0, &lookup) == 0);
        CHECK(s.resolve(s.user_data, "left-over.invalid", 443, out, 4, &other) == TAMAR_IO_AGAIN);
    }
    net_close(net);
    usleep(200000);
    TEST("the machine's own name")
    {
        char name[256];
        net = net_open(true);
        s = tamar__os_sockets(net);
        if (gethostname(name, sizeof name) == 0) {
            struct addrinfo hints, *list = NULL;
            memset(&hints, 0, sizeof hints);
            hints.ai_socktype = SOCK_STREAM;
            if (tamar__os_is_name(tamar__str_z(name)) && getaddrinfo(name, NULL, &hints, &list) == 0) {
                n = resolve_all(&s, name, out, 4);
                CHECKF(n >= 1 && out[0].port == 443, "%d", n);
                if (n >= 1 && list->ai_family == AF_INET)
                    CHECK(memcmp(out[0].bytes, &((struct sockaddr_in *)(void *)list->ai_addr)->sin_addr, 4) == 0);
                freeaddrinfo(list);
            }
        }
        net_close(net);
    }
    TEST("without threads a name is UNSUPPORTED, localhost is not")
    {
        intptr_t lookup = 0;
        net = net_open(false);
        s = tamar__os_sockets(net);
        CHECK(s.resolve(s.user_data, "api.example.com", 443, out, 4, &lookup) == TAMAR_IO_UNSUPPORTED);
        CHECK(s.resolve(s.user_data, "localhost", 443, out, 4, &lookup) == 2);
        net_close(net);
    }
}

static void shortage(void)
{
    TEST("memory runs out at every place")
    {
        long at;
        for (at = 1; at < 8; at++) {
            tamar__os_net *net;
            uint16_t port;
            int listener = listen_any(&port), peer[30], i, refused = 0;
            intptr_t fd[30];
            memset(&heap, 0, sizeof heap);
            heap.fail_at = at;
            memset(&memory, 0, sizeof memory);
            memory.allocator.resize = test_resize;
            memory.allocator.user_data = &heap;
            net = tamar__os_open(&memory, false);
            if (net) {
                tamar_sockets s = tamar__os_sockets(net);
                tamar_ready r[4];
                for (i = 0; i < 30; i++) {
                    fd[i] = connect_pair(&s, listener, port, &peer[i]);
                    refused += !s.watch(s.user_data, fd[i], TAMAR_READABLE, (uintptr_t)i);
                    s.wait(s.user_data, r, 4, 0);
                }
                CHECK(refused <= 1);
                for (i = 0; i < 30; i++) {
                    s.close(s.user_data, fd[i]);
                    close(peer[i]);
                }
                tamar__os_close(net);
            }
            close(listener);
            CHECK(heap.live == 0);
        }
    }
    TEST("descriptors run out: LIMIT, and nothing leaks")
    {
        struct rlimit before, tight;
        tamar__os_net *net = net_open(true);
        tamar_sockets s = tamar__os_sockets(net);
        tamar_address a;
        intptr_t fd = -1, lookup = 0;
        int used = open_descriptors(), result;
        getrlimit(RLIMIT_NOFILE, &before);
        tight = before;
        for (tight.rlim_cur = 3; fcntl((int)tight.rlim_cur, F_GETFD) >= 0; tight.rlim_cur++) {}
        setrlimit(RLIMIT_NOFILE, &tight);
        tamar__os_address("127.0.0.1", 9, &a);
        result = s.connect(s.user_data, &a, &fd);
        CHECKF(result == TAMAR_IO_LIMIT && fd == -1, "%d", result);
        result = s.resolve(s.user_data, "some.name", 443, &a, 1, &lookup);
        CHECKF(result == TAMAR_IO_LIMIT && lookup == 0, "%d", result);
        CHECK(tamar__os_open(&memory, false) == NULL);
        setrlimit(RLIMIT_NOFILE, &before);
        CHECK(open_descriptors() == used);
        net_close(net);
    }
}

int main(void)
{
    int before = open_descriptors();
    addresses();
    stateless();
    table();
    exchange();
    waiting();
    many();
    names();
    shortage();
    TEST("no descriptor is left, once the threads of forgotten lookups are gone")
    {
        int i;
        for (i = 0; i < 3000 && open_descriptors() != before; i++) usleep(10000);
        CHECK(open_descriptors() == before);
    }
    return test_done();
}
