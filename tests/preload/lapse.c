/* lapse: time runs faster for the program under test: REDAI_LAPSE=60 makes a minute of each second, for its
 * clocks and for what it waits. Loaded into it by LD_PRELOAD; the kernel, the server and the test keep their
 * time. REDAI_JUMP=F: the time of day is that many seconds ahead as the 64-bit number says that stands in the
 * file F, at each look: whoever writes there sets the clock. And the program may be looked into: the test
 * counts its descriptors. */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

enum { NS_PER_S = 1000000000 };

static int64_t factor = 1;
static int64_t begin[2];
static const volatile int64_t *jump_s; /* NULL: none */

static int64_t real_ns(clockid_t id)
{
    static int (*next)(clockid_t, struct timespec *);
    struct timespec t = {0};
    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    }
    next(id, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("REDAI_LAPSE");
    begin[0] = real_ns(CLOCK_REALTIME);
    begin[1] = real_ns(CLOCK_MONOTONIC);
    factor = text ? strtoll(text, NULL, 10) : 1;
    text = getenv("REDAI_JUMP");
    int fd = text ? open(text, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        void *page = mmap(NULL, sizeof *jump_s, PROT_READ, MAP_SHARED, fd, 0);
        jump_s = page == MAP_FAILED ? NULL : page;
        close(fd);
    }
}

PUBLIC int clock_gettime(clockid_t id, struct timespec *ret)
{
    int64_t ns = real_ns(id);
    if (id == CLOCK_REALTIME || id == CLOCK_MONOTONIC) {
        ns = begin[id] + (ns - begin[id]) * factor;
    }
    if (id == CLOCK_REALTIME && jump_s) {
        ns += *jump_s * NS_PER_S;
    }
    *ret = (struct timespec){ns / NS_PER_S, ns % NS_PER_S};
    return 0;
}

PUBLIC int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec t;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    *ret = (struct timeval){t.tv_sec, t.tv_nsec / 1000};
    return 0;
}

/* At least a millisecond where any was asked for: who wakes too early asks again. */
static int shorter(int ms)
{
    return ms > 0 ? (int)(ms / factor > 0 ? ms / factor : 1) : ms;
}

PUBLIC int epoll_wait(int fd, struct epoll_event *events, int max, int ms)
{
    static int (*next)(int, struct epoll_event *, int, int);
    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "epoll_wait");
    }
    return next(fd, events, max, shorter(ms));
}

PUBLIC int poll(struct pollfd *fd, nfds_t count, int ms)
{
    static int (*next)(struct pollfd *, nfds_t, int);
    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "poll");
    }
    return next(fd, count, shorter(ms));
}

PUBLIC int prctl(int option, ...)
{
    static int (*next)(int, unsigned long, unsigned long, unsigned long, unsigned long);
    unsigned long word[4];
    va_list more;
    if (option == PR_SET_DUMPABLE) {
        return 0;
    }
    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "prctl");
    }
    va_start(more, option);
    for (int i = 0; i < 4; i++) {
        word[i] = va_arg(more, unsigned long); /* as the C library itself does, however many there are */
    }
    va_end(more);
    return next(option, word[0], word[1], word[2], word[3]);
}
