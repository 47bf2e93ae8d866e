#include "wire/fake.h"

#include "support/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BOUND_S = 20, SETTLE_TURNS = 50 };

static void on_bound(struct ev_loop *loop, struct ev_timer *w, int events)
{
    struct fake *f = w->data;
    (void)loop;
    (void)events;
    f->is_over = true;
}

static void on_read(struct ev_loop *loop, struct ev_io *w, int events)
{
    struct fake *f = w->data;
    char room[64 * 1024];
    ssize_t got = recv(w->fd, room, sizeof(room), MSG_DONTWAIT);

    (void)events;
    if (got > 0) {
        utstring_bincpy(&f->got, room, (size_t)got);
    } else if (got == 0 || errno != EAGAIN) {
        ev_io_stop(loop, w);
    }
}

static void on_accept(struct ev_loop *loop, struct ev_io *w, int events)
{
    struct fake *f = w->data;

    (void)events;
    int fd = accept(w->fd, NULL, NULL);
    assert_true(fd >= 0);
    fake_hang_up(f);
    f->fd = fd;
    f->connects++;
    utstring_clear(&f->got);
    ev_io_set(&f->read_io, fd, EV_READ);
    if (!f->is_deaf) {
        ev_io_start(loop, &f->read_io);
    }
}

struct fake *fake_new(struct ev_loop *loop)
{
    struct fake *f = mem_zalloc(sizeof(*f));
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    f->loop = loop;
    f->fd = -1;
    utstring_init(&f->got);
    snprintf(f->folder, sizeof(f->folder), "/tmp/redai-fake-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof(f->path), "%s/s", f->folder);
    snprintf(f->url, sizeof(f->url), "unix://%s", f->path);
    snprintf(at.sun_path, sizeof(at.sun_path), "%s", f->path);
    f->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->listening, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(f->listening, 8), 0);
    ev_io_init(&f->accept_io, on_accept, f->listening, EV_READ);
    ev_init(&f->read_io, on_read);
    ev_init(&f->bound, on_bound);
    f->accept_io.data = f->read_io.data = f->bound.data = f;
    ev_io_start(loop, &f->accept_io);
    return f;
}

void fake_hang_up(struct fake *f)
{
    if (f->fd >= 0) {
        ev_io_stop(f->loop, &f->read_io);
        close(f->fd);
        f->fd = -1;
    }
}

void fake_leave(struct fake *f)
{
    fake_hang_up(f);
    if (f->listening >= 0) {
        ev_io_stop(f->loop, &f->accept_io);
        close(f->listening);
        f->listening = -1;
        unlink(f->path);
    }
}

void fake_free(struct fake *f)
{
    fake_leave(f);
    rmdir(f->folder);
    utstring_done(&f->got);
    mem_free(f);
}

void fake_wait(struct fake *f, bool (*holds)(void *user), void *user)
{
    f->is_over = false;
    ev_timer_set(&f->bound, BOUND_S, 0.);
    ev_timer_start(f->loop, &f->bound);
    while (!holds(user)) {
        ev_run(f->loop, EVRUN_ONCE);
        if (f->is_over) {
            fail_msg("what was waited for did not come");
        }
    }
    ev_timer_stop(f->loop, &f->bound);
}

void fake_settle(struct fake *f)
{
    for (int i = 0; i < SETTLE_TURNS; i++) {
        ev_run(f->loop, EVRUN_NOWAIT);
    }
}

struct awaited {
    struct fake *f;
    size_t len;
    int connects;
};

static bool has_got(void *user)
{
    const struct awaited *a = user;
    return utstring_len(&a->f->got) >= a->len;
}

void fake_expect(struct fake *f, struct span bytes)
{
    struct awaited a = {.f = f, .len = bytes.len};
    fake_wait(f, has_got, &a);
    fake_settle(f);
    struct span got = text_span(&f->got);
    if (!span_equal(got, bytes)) {
        print_error("got:\n%.*s\nexpected:\n%.*s\n", (int)got.len, got.data, (int)bytes.len, bytes.data);
        fail();
    }
    utstring_clear(&f->got);
}

static bool has_client(void *user)
{
    const struct awaited *a = user;
    return a->f->connects >= a->connects;
}

void fake_expect_client(struct fake *f, int connects)
{
    struct awaited a = {.f = f, .connects = connects};
    fake_wait(f, has_client, &a);
}

void fake_send(struct fake *f, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(f->fd, bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes = span_skip(bytes, (size_t)sent);
        } else {
            assert_true(errno == EAGAIN);
            ev_run(f->loop, EVRUN_ONCE);
        }
    }
}

void fake_hear(struct fake *f, bool hears)
{
    f->is_deaf = !hears;
    if (f->fd >= 0 && hears) {
        ev_io_start(f->loop, &f->read_io);
    } else {
        ev_io_stop(f->loop, &f->read_io);
    }
}
