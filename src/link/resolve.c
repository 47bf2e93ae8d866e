#include "resolve.h"

#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "redai/base/mem.h"

enum {
    PORT_TEXT_SIZE = 8,
    THREAD_STACK_BYTES = 512 * 1024 /* name service modules like to use the stack */
};

/* One question, shared by the resolver and the thread that asks it. */
struct question {
    atomic_int holders;
    atomic_bool is_answered; /* code and list are the thread's until then */
    int wake_fd;             /* an eventfd: writing to it can raise no signal, whoever is left */
    char *host;
    char port[PORT_TEXT_SIZE];
    int code;
    struct addrinfo *list;
};

struct resolver {
    struct ev_loop *loop;
    struct ev_io answer_io;
    char *host;
    int port;
    resolve_fn fn;
    void *user;
    struct question *question; /* NULL when none is under way */
    struct addrinfo *list;
};

static void question_drop(struct question *q)
{
    if (q && atomic_fetch_sub(&q->holders, 1) == 1) {
        if (q->list) {
            freeaddrinfo(q->list);
        }
        close(q->wake_fd);
        mem_free(q->host);
        mem_free(q);
    }
}

static int look_up(const char *host, const char *port, int flags, struct addrinfo **ret)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    *ret = NULL;
    return getaddrinfo(host, port, &hints, ret);
}

static void *ask(void *data)
{
    struct question *q = data;
    uint64_t one = 1;

    q->code = look_up(q->host, q->port, 0, &q->list);
    atomic_store(&q->is_answered, true);
    ssize_t written = write(q->wake_fd, &one, sizeof(one));
    (void)written;
    question_drop(q);
    return NULL;
}

static int start_thread(struct question *q)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all;
    sigset_t before;

    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
    /* Signals are the main thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&thread, &attr, ask, q);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return number;
}

static bool question_ask(struct resolver *r, const char *port, struct err *err)
{
    int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0) {
        return err_set(err, ERR_NETWORK, "cannot look up host \"%s\": too many open files", r->host);
    }
    struct question *q = mem_zalloc(sizeof(*q));
    atomic_init(&q->holders, 2);
    atomic_init(&q->is_answered, false);
    q->wake_fd = wake_fd;
    q->host = mem_strdup(r->host);
    snprintf(q->port, sizeof(q->port), "%s", port);
    if (start_thread(q) != 0) {
        question_drop(q);
        question_drop(q);
        return err_set(err, ERR_NETWORK, "cannot look up host \"%s\": no thread can be started", r->host);
    }
    r->question = q;
    return true;
}

static bool failed(const struct resolver *r, int code, struct err *err)
{
    return err_set(err, ERR_NETWORK, "host \"%s\": %s", r->host, gai_strerror(code));
}

/* Takes over what the thread has found. */
static bool take_answer(struct resolver *r, struct err *err)
{
    struct question *q = r->question;
    int code = q->code;

    r->list = q->list;
    q->list = NULL;
    r->question = NULL;
    question_drop(q);
    return (code == 0 && r->list) || failed(r, code ? code : EAI_NONAME, err);
}

static void on_answer(struct ev_loop *loop, struct ev_io *w, int events)
{
    struct resolver *r = w->data;
    struct err err = {0};

    (void)events;
    if (!atomic_load(&r->question->is_answered)) {
        return; /* what orders the thread's writes before our reads is this, not the wake-up */
    }
    ev_io_stop(loop, w);
    bool ok = take_answer(r, &err);
    r->fn(r->user, ok ? NULL : &err);
}

struct resolver *resolver_new(struct ev_loop *loop, const char *host, int port, resolve_fn fn, void *user)
{
    struct resolver *r = mem_zalloc(sizeof(*r));
    r->loop = loop;
    r->host = mem_strdup(host);
    r->port = port;
    r->fn = fn;
    r->user = user;
    ev_init(&r->answer_io, on_answer);
    r->answer_io.data = r;
    return r;
}

static void forget(struct resolver *r)
{
    if (r->list) {
        freeaddrinfo(r->list);
        r->list = NULL;
    }
}

enum resolve_state resolver_begin(struct resolver *r, struct err *err)
{
    char port[PORT_TEXT_SIZE];
    snprintf(port, sizeof(port), "%d", r->port);

    forget(r);
    if (!r->question) {
        if (look_up(r->host, port, AI_NUMERICHOST, &r->list) == 0) {
            return RESOLVE_DONE;
        }
        if (!question_ask(r, port, err)) {
            return RESOLVE_FAILED;
        }
    } else if (atomic_load(&r->question->is_answered)) {
        return take_answer(r, err) ? RESOLVE_DONE : RESOLVE_FAILED;
    }
    ev_io_stop(r->loop, &r->answer_io);
    ev_io_set(&r->answer_io, r->question->wake_fd, EV_READ);
    ev_io_start(r->loop, &r->answer_io);
    return RESOLVE_WAITING;
}

void resolver_pause(struct resolver *r)
{
    ev_io_stop(r->loop, &r->answer_io);
}

void resolver_free(struct resolver *r)
{
    if (r) {
        resolver_pause(r);
        forget(r);
        question_drop(r->question);
        mem_free(r->host);
        mem_free(r);
    }
}

const struct sockaddr *resolver_address(const struct resolver *r, size_t i, socklen_t *ret_len)
{
    const struct addrinfo *info = r->list;
    while (info && i-- > 0) {
        info = info->ai_next;
    }
    if (!info) {
        return NULL;
    }
    *ret_len = info->ai_addrlen;
    return info->ai_addr;
}
