#include "fault.h"

#include "support/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

enum {
    FRESH_MS = 5000 * SLOW,
    /* A key is to be answered within 100 ms; a machine that runs other tests is given more. */
    KEY_MS = 2000 * SLOW
};

void stand_show(struct stand *t, const char *name)
{
    if (getenv("FAULT_SHOW")) {
        pty_settle(t->pty);
        fprintf(stderr, "== %s\n%s\n", name, pty_screen_text(t->pty));
    }
}

void stand_do(struct stand *t, const char *command)
{
    redisReply *reply = redisCommand(t->held, command);
    if (!reply || reply->type == REDIS_REPLY_ERROR) {
        fail_msg("%s: %s", command, reply ? reply->str : t->held->errstr);
    }
    freeReplyObject(reply);
}

int stand_descriptors(const struct stand *t)
{
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", pty_pid(t->pty));
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir)) {
        count++;
    }
    closedir(dir);
    return count - 2; /* the folder and the one above it */
}

int64_t stand_rss_kib(const struct stand *t)
{
    char path[64], line[256];
    long long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/status", pty_pid(t->pty));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) && sscanf(line, "VmRSS: %lld", &kib) != 1) {}
    fclose(f);
    return kib;
}

struct stand *stand_open(const char *const *args, const char *const more[])
{
    struct stand *t = mem_zalloc(sizeof *t);
    size_t n = 0;
    t->args[n++] = "--notify-keyspace-events";
    t->args[n++] = "KEAm";
    for (; args && *args; args++) {
        assert_true(n + 1 < COUNT_OF(t->args));
        t->args[n++] = *args;
    }
    t->server = stage_server(t->args);
    stage_fill(t->server);
    t->held = server_connect(t->server);
    assert_non_null(t->held);
    t->pty = seat_full(t->server, seat_large, more);
    return t;
}

void stand_close(struct stand *t)
{
    seat_quit(t->pty);
    redisFree(t->held);
    if (t->busy) {
        redisFree(t->busy);
    }
    server_stop(t->server);
    mem_free(t);
}

static int64_t now_ms(void)
{
    return clock_mono_us() / US_PER_MS;
}

int64_t stand_key_ms(struct stand *t)
{
    pty_settle(t->pty);
    int64_t begun = now_ms();
    seat_key(t->pty, "?");
    if (!pty_wait_text(t->pty, "help:", KEY_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(t->pty));
        fail_msg("a key is not answered within %d ms", KEY_MS);
    }
    int64_t took = now_ms() - begun;
    seat_leave(t->pty, "help:");
    return took;
}

static bool is_fresh(struct pty *p, void *ctx)
{
    static const char *const not_fresh[] = {"UNREACHABLE", "unreachable", "| stale ",   "  stale ",
                                            "read failed", "not read",    "connecting", "feed down"};
    const char *screen = pty_screen_text(p);
    for (size_t i = 0; i < COUNT_OF(not_fresh); i++) {
        if (strstr(screen, not_fresh[i])) {
            return false;
        }
    }
    return strstr(screen, ctx) != NULL;
}

int64_t stand_fresh_ms(struct stand *t)
{
    static int number;
    char id[64], name[64];
    int64_t begun = now_ms();
    number++;
    snprintf(id, sizeof id, "RRRR0001-renate-token-kept-secret");
    snprintf(name, sizeof name, "Renate Nr%d.", number);
    stage_session(t->server, id, 1, name, "admin", true); /* of the first user: the row is seen */
    if (!pty_wait(t->pty, is_fresh, name, FRESH_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(t->pty));
        fail_msg("not fresh again within %d ms", FRESH_MS);
    }
    return now_ms() - begun;
}

/* The pane's title says that it is old. */
static bool is_stale(struct pty *p, void *ctx)
{
    const char *at = strstr(pty_screen_text(p), ctx);
    const char *stale = at ? strstr(at, "stale") : NULL;
    return stale && stale < strchrnul(at, '\n');
}

static void see_stale(struct stand *t, char *title)
{
    if (!pty_wait(t->pty, is_stale, title, WAIT_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(t->pty));
        fail_msg("\"%s\" is not said to be stale", title);
    }
}

struct wanted {
    const char *text;
    bool asks;
};

static bool answers_or_asks(struct pty *p, void *ctx)
{
    struct wanted *w = ctx;
    const char *screen = pty_screen_text(p);
    w->asks = strstr(screen, ": do it") != NULL;
    return w->asks || strstr(screen, w->text);
}

#define ORDER "enqueue test message=meanwhile"

static void order(struct stand *t, const struct fault *f)
{
    struct wanted wanted = {.text = f->action};
    pty_settle(t->pty);
    seat_key(t->pty, ":" ORDER "\r");
    if (!pty_wait(t->pty, answers_or_asks, &wanted, WAIT_MS)) {
        fprintf(stderr, "%s\n", pty_screen_text(t->pty));
        fail_msg("the order is not answered");
    }
    if (wanted.asks) {
        seat_key(t->pty, "y");
    }
    seat_see(t->pty, f->action);
}

static bool has_descriptors(struct stand *t, int wanted)
{
    int64_t until = now_ms() + FRESH_MS;
    while (stand_descriptors(t) != wanted && now_ms() < until) {
        pty_settle(t->pty);
    }
    return stand_descriptors(t) == wanted;
}

static void check_outcome(struct stand *t, const struct fault *f, int64_t before)
{
    int64_t after = stage_number(t->server, 0, "LLEN celery");
    if (f->action && strstr(f->action, "unknown")) {
        assert_in_range(after, before, before + 1);
    } else if (f->action && strncmp(f->action, "done", 4) == 0) {
        assert_int_equal(after, before + 1);
    } else if (!f->gone) { /* a server without its data has no list */
        assert_int_equal(after, before);
    }
}

static bool never(struct pty *p, void *ctx)
{
    (void)p;
    (void)ctx;
    return false;
}

/* The screen is read meanwhile, as a person's terminal does. */
static void let_it_last(struct stand *t, int64_t until_ms)
{
    int64_t left_ms = until_ms - now_ms();
    if (left_ms > 0) {
        pty_wait(t->pty, never, NULL, (int)left_ms);
    }
}

void fault_prove(const struct fault *f)
{
    struct stand *t = stand_open(f->args, NULL);
    stand_fresh_ms(t);
    int64_t queued = stage_number(t->server, 0, "LLEN celery");
    int descriptors = stand_descriptors(t);
    if (f->asked_before) {
        seat_do(t->pty, ":" ORDER "\r", ": do it");
    }
    f->make(t);
    int64_t until_ms = now_ms() + f->lasts_s * 1000;
    if (f->asked_before) {
        seat_key(t->pty, "y");
        seat_see_gone(t->pty, ": do it");
    }
    for (size_t i = 0; f->says[i]; i++) {
        seat_see(t->pty, f->says[i]);
    }
    if (f->away) {
        seat_see(t->pty, "since ");
        char queues[] = "3 queues", server[] = "8 server";
        see_stale(t, queues);
        see_stale(t, server);
    }
    stand_show(t, f->name);
    int64_t key_ms = stand_key_ms(t);
    if (f->action && f->asked_before) {
        seat_see(t->pty, f->action);
    } else if (f->action) {
        order(t, f);
    }
    stand_show(t, f->name);
    let_it_last(t, until_ms);
    f->unmake(t);
    int64_t fresh_ms = stand_fresh_ms(t);
    check_outcome(t, f, queued);
    if (f->gone) {
        seat_see_gone(t->pty, f->gone);
    }
    if (!has_descriptors(t, descriptors)) {
        fail_msg("%s: %d descriptors, %d before", f->name, stand_descriptors(t), descriptors);
    }
    fprintf(stderr, "%s: a key is answered in %lld ms, fresh again after %lld ms, %d descriptors\n", f->name,
            (long long)key_ms, (long long)fresh_ms, descriptors);
    stand_close(t);
}
