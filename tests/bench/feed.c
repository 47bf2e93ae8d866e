/* bench_feed count PATH: subscribes to the key events of the server on that socket and counts their bytes,
 * nothing else, until it is ended: what hearing them costs at the least.
 *
 * bench_feed [MILLIONS]: what a million key events cost a feed link in CPU seconds, beside a reader that only
 * counts bytes, both from the same stand-in for a server (a child process on a unix socket) in the same run.
 * A third goes on to the counters of families in the model. A fourth leaves the socket out: the parser alone.
 */
#include "collect/collect_priv.h"
#include "link/inbox.h"

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/num.h"

#include "redai/model/model.h"

#include "redai/link/link.h"

enum { BATCH_EVENTS = 10000 };

struct figures {
    double cpu_s, wall_s;
    int64_t events, bytes;
};

struct feeding {
    struct ev_loop *loop;
    struct link *link;
    int64_t events, wanted;
    size_t payload_bytes;
    struct model *model;     /* NULL: messages are only counted */
    struct collect *collect; /* as much of it as events need */
};

static double cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Events as a storm of SETs makes them, keys of different lengths. */
static void make_batch(UT_string *out)
{
    static const char channel[] = "__keyevent@0__:set";
    char key[64];

    for (int i = 0; i < BATCH_EVENTS; i++) {
        int len = snprintf(key, sizeof(key), "exam:%d:question:%d", i % 97, i * 7919);
        utstring_printf(out, "*3\r\n$7\r\nmessage\r\n$%zu\r\n%s\r\n$%d\r\n%s\r\n", sizeof(channel) - 1,
                        channel, len, key);
    }
}

static bool write_all(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (sent < 0) {
            return false;
        }
        bytes = span_skip(bytes, (size_t)sent);
    }
    return true;
}

/* Reads until the last command so far ends in what is wanted. */
static bool wait_for(int fd, struct span wanted)
{
    char room[4096];
    size_t used = 0;
    while (used < sizeof(room)) {
        ssize_t got = read(fd, room + used, sizeof(room) - used);
        if (got <= 0) {
            return false;
        }
        used += (size_t)got;
        if (span_search(span_make(room, used), wanted) != used) {
            return true;
        }
    }
    return false;
}

static void serve(int listening, struct span batch, int64_t events)
{
    for (;;) {
        int fd = accept(listening, NULL, NULL);
        bool ok = fd >= 0 && wait_for(fd, S("PING")) && write_all(fd, S("+OK\r\n:7\r\n+PONG\r\n")) &&
                  wait_for(fd, S("__keyevent")) &&
                  write_all(fd, S("*3\r\n$9\r\nsubscribe\r\n$18\r\n__keyevent@0__:set\r\n:1\r\n"));
        for (int64_t sent = 0; ok && sent < events; sent += BATCH_EVENTS) {
            ok = write_all(fd, batch);
        }
        /* Left open: the reader stops when it has counted. */
    }
}

static void on_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct feeding *f = user;
    f->payload_bytes += payload.len + channel.len;
    if (f->model) {
        feed_message(f->collect, pattern, channel, payload);
    }
    if (++f->events == f->wanted) {
        ev_break(f->loop, EVBREAK_ALL);
    }
}

static void on_state(void *user, const struct link_status *status)
{
    struct feeding *f = user;
    if (status->state == LINK_READY) {
        link_subscribe(f->link, 1, (const struct span[]){S("__keyevent@0__:set")});
    } else if (status->state == LINK_WAITING) {
        fprintf(stderr, "bench_feed: %s\n", status->error);
        exit(EXIT_FAILURE);
    }
}

static void on_burst(void *user, bool begins)
{
    struct feeding *f = user;
    if (f->model) {
        feed_burst(f->collect, begins);
    }
}

static void to_model(void *ctx, const struct fact *f)
{
    model_apply(ctx, f);
}

static bool known(void *ctx, enum target_kind kind, struct span id)
{
    (void)ctx;
    (void)kind;
    (void)id;
    return true;
}

static struct figures measure_link(const char *path, int64_t events, bool is_whole)
{
    struct feeding f = {.loop = ev_loop_new(EVFLAG_AUTO), .wanted = events};
    struct collect *c = mem_zalloc(sizeof *c);
    struct address address = {.kind = ADDRESS_UNIX, .host = mem_strdup(path)};
    struct link_options options = {.name = "feed",
                                   .address = &address,
                                   .db = 0,
                                   .on_state = on_state,
                                   .on_message = on_message,
                                   .on_burst = on_burst,
                                   .user = &f};

    f.link = link_new(f.loop, &options);
    address_release(&address);
    if (is_whole) {
        f.model = model_new();
        f.collect = c;
        c->feed_link = f.link;
        c->options = (struct collect_options){
            .sink = to_model, .known = known, .ctx = f.model, .families = model_families(f.model)};
    }
    double before_s = cpu_s();
    int64_t start_us = clock_mono_us();
    link_start(f.link);
    ev_run(f.loop, 0);
    struct figures ret = {cpu_s() - before_s, (double)(clock_mono_us() - start_us) / 1e6, f.events,
                          link_cost(f.link).bytes_in};
    link_free(f.link);
    ev_loop_destroy(f.loop);
    if (f.model) {
        model_free(f.model);
    }
    mem_free(c);
    return ret;
}

static struct figures measure_counting(const char *path, int64_t bytes)
{
    static const char hello[] = "PING\r\n";
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct figures ret = {0};
    char room[64 * 1024];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 || !write_all(fd, span_of(hello)) ||
        !wait_for(fd, S("PONG")) || !write_all(fd, S("__keyevent"))) {
        perror("bench_feed");
        exit(EXIT_FAILURE);
    }
    double before_s = cpu_s();
    int64_t start_us = clock_mono_us();
    while (ret.bytes < bytes) {
        ssize_t got = read(fd, room, sizeof(room));
        if (got <= 0) {
            break;
        }
        ret.bytes += got;
    }
    ret.cpu_s = cpu_s() - before_s;
    ret.wall_s = (double)(clock_mono_us() - start_us) / 1e6;
    close(fd);
    return ret;
}

static struct figures measure_parser(struct span batch, int64_t events)
{
    struct inbox *in = inbox_new(true);
    struct inbox_item item = {0};
    struct figures ret = {0};
    double before_s = cpu_s();
    int64_t start_us = clock_mono_us();

    inbox_expect_messages(in);
    while (ret.events < events) {
        for (struct span rest = batch; rest.len > 0;) {
            if (inbox_message(in, &rest, &item)) {
                ret.events++;
                continue;
            }
            size_t bite = inbox_bite(in, rest);
            inbox_feed(in, span_head(rest, bite));
            rest = span_skip(rest, bite);
            while (inbox_next(in, &item) == INBOX_MESSAGE) {
                ret.events++;
            }
        }
        ret.bytes += (int64_t)batch.len;
    }
    ret.cpu_s = cpu_s() - before_s;
    ret.wall_s = (double)(clock_mono_us() - start_us) / 1e6;
    inbox_free(in);
    return ret;
}

static int count_bytes(const char *path)
{
    static const char hello[] = "PSUBSCRIBE __keyevent@0__:*\r\n";
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    static char room[64 * 1024];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 || !write_all(fd, span_of(hello))) {
        perror(path);
        return EXIT_FAILURE;
    }
    while (read(fd, room, sizeof(room)) > 0) {}
    return EXIT_SUCCESS;
}

static void report(const char *what, struct figures f, int64_t events)
{
    double millions = (double)events / 1e6;
    printf("%-24s %8.3f CPU s per million   %6.2f M events/s of one core   %7.1f MB/s\n", what,
           f.cpu_s / millions, millions / f.cpu_s, (double)f.bytes / 1e6 / f.wall_s);
}

int main(int argc, char **argv)
{
    int64_t millions = 3;
    char folder[] = "/tmp/redai-bench-XXXXXX";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    UT_string batch;

    if (argc == 3 && strcmp(argv[1], "count") == 0) {
        return count_bytes(argv[2]);
    }
    if (argc > 1 && !num_i64_range(span_of(argv[1]), 1, 1000, &millions)) {
        fprintf(stderr, "usage: bench_feed [MILLIONS] | count PATH\n");
        return 2;
    }
    int64_t events = millions * 1000000;
    utstring_init(&batch);
    make_batch(&batch);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    if (!mkdtemp(folder)) {
        perror(folder);
        return EXIT_FAILURE;
    }
    snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", folder);
    if (bind(listening, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(listening, 8) != 0) {
        perror(at.sun_path);
        return EXIT_FAILURE;
    }
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listening, text_span(&batch), events);
    }
    int64_t bytes = events / BATCH_EVENTS * (int64_t)utstring_len(&batch);
    report("byte counting reader", measure_counting(at.sun_path, bytes), events);
    report("feed link", measure_link(at.sun_path, events, false), events);
    report("feed link to model", measure_link(at.sun_path, events, true), events);
    report("parser alone", measure_parser(text_span(&batch), events), events);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    unlink(at.sun_path);
    rmdir(folder);
    utstring_done(&batch);
    return EXIT_SUCCESS;
}
