// kqueue as far as the library uses it, over epoll: the part for the BSDs and macOS runs where they are not at hand.
//     cc -Itests/kqueue -DTAMAR__OS_EPOLL=0 -DTAMAR__OS_KQUEUE=1 -I. tests/test_os.c
#ifndef KQUEUE_EVENT_H
#define KQUEUE_EVENT_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

struct kevent {
    uintptr_t ident;
    short filter;
    unsigned short flags;
    unsigned fflags;
    intptr_t data;
    void *udata;
};

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ERROR 0x4000
#define EV_EOF 0x8000
#define EV_SET(k, i, fi, fl, ff, d, u)                                                                                \
    ((k)->ident = (i), (k)->filter = (fi), (k)->flags = (unsigned short)(fl), (k)->fflags = (ff), (k)->data = (d),     \
        (k)->udata = (void *)(u))

static int kqueue(void) { return epoll_create1(0); }

static int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *out, int cap,
                  const struct timespec *limit)
{
    static unsigned char wanted[1024][65536 / 64];  // per queue and descriptor: 1 read, 2 write
    struct epoll_event e, got[64];
    int i, n, count = 0;
    for (i = 0; i < change_count; i++) {
        int fd = (int)changes[i].ident, bit = changes[i].filter == EVFILT_READ ? 1 : 2;
        unsigned char *w = &wanted[queue & 1023][fd & 1023], now;
        now = (unsigned char)(changes[i].flags & EV_ADD ? *w | bit : *w & ~bit);
        memset(&e, 0, sizeof e);
        e.events = (now & 1 ? EPOLLIN : 0u) | (now & 2 ? EPOLLOUT : 0u);
        e.data.fd = fd;
        // A descriptor that was closed is forgotten by the kernel, but still known here.
        if (!now) n = epoll_ctl(queue, EPOLL_CTL_DEL, fd, &e);
        else {
            n = epoll_ctl(queue, EPOLL_CTL_MOD, fd, &e);
            if (n != 0 && errno == ENOENT) {
                now = (unsigned char)bit;
                e.events = bit == 1 ? EPOLLIN : EPOLLOUT;
                n = epoll_ctl(queue, EPOLL_CTL_ADD, fd, &e);
            }
        }
        *w = now;
        if (n != 0) return -1;
    }
    if (!cap) return 0;
    n = epoll_wait(queue, got, cap < 64 ? cap : 64,
        limit ? (int)(limit->tv_sec * 1000 + (limit->tv_nsec + 999999) / 1000000) : -1);
    for (i = 0; i < n; i++) {
        unsigned events = got[i].events, ended = events & (EPOLLHUP | EPOLLERR);
        unsigned char w = wanted[queue & 1023][got[i].data.fd & 1023];
        int k;
        for (k = 1; k <= 2; k++) {
            if (!(w & k) || !(events & (k == 1 ? EPOLLIN : EPOLLOUT) || ended) || count == cap) continue;
            EV_SET(&out[count], (uintptr_t)got[i].data.fd, k == 1 ? EVFILT_READ : EVFILT_WRITE, ended ? EV_EOF : 0, 0, 0, 0);
            count++;
        }
    }
    return n < 0 ? n : count;
}
#endif
