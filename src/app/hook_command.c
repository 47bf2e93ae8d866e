#include "hook_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/json_out.h"

#define TELL_US (10 * US_PER_S)

extern char **environ;

/* --- words and environment --- */

char **hook_environment(const char *const *all)
{
    size_t count = 0;
    size_t kept = 0;
    while (all[count]) {
        count++;
    }
    char **env = mem_zalloc((count + 1) * sizeof *env);
    for (size_t i = 0; i < count; i++) {
        if (!span_starts(span_of(all[i]), S("REDIS_"))) {
            env[kept++] = mem_strdup(all[i]);
        }
    }
    return env;
}

static void forget_words(struct hook_command *h)
{
    for (char **v = h->env; v && *v; v++) {
        mem_free(*v);
    }
    mem_free(h->env);
    mem_free(h->argv);
    h->env = NULL;
    h->argv = NULL;
    words_release(&h->words);
    words_init(&h->words);
}

static void remove_waiting(struct hook_command *h, size_t i)
{
    mem_free(h->waiting[i].subject);
    utstring_done(&h->waiting[i].json);
    h->count--;
    memmove(&h->waiting[i], &h->waiting[i + 1], (h->count - i) * sizeof h->waiting[0]);
}

bool hook_command_set(struct hook_command *h, const char *line, struct err *err)
{
    while (h->count) {
        remove_waiting(h, 0);
    }
    forget_words(h);
    h->trouble[0] = '\0';
    if (!line || !*line) {
        return true;
    }
    if (!words_parse(&h->words, line, err)) {
        forget_words(h);
        return err_prefix(err, "alert-command");
    }
    size_t count = words_count(&h->words);
    if (!count || !*words_at(&h->words, 0)) {
        forget_words(h);
        return err_set(err, ERR_USAGE, "alert-command: \"%.80s\" names no program, expected PROG ARG...",
                       line);
    }
    h->argv = mem_zalloc((count + 1) * sizeof *h->argv);
    for (size_t i = 0; i < count; i++) {
        h->argv[i] = words_at(&h->words, i);
    }
    h->env = hook_environment((const char *const *)environ);
    return true;
}

/* 0, or why this file is not a program: errno's. */
static int file_error(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return errno;
    }
    return S_ISREG(st.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

static int path_error(const char *name)
{
    int worst = ENOENT;
    const char *path = getenv("PATH");
    struct span rest = span_of(path ? path : "/bin:/usr/bin");
    while (rest.len) {
        struct span folder = span_head(rest, span_find(rest, ':'));
        char file[4096];
        snprintf(file, sizeof file, "%.*s%s%s", (int)folder.len, folder.data, folder.len ? "/" : "", name);
        int error = file_error(file);
        if (error == 0) {
            return 0;
        }
        worst = error == EACCES ? EACCES : worst;
        rest = span_skip(rest, folder.len + 1);
    }
    return worst;
}

bool hook_command_check(const struct hook_command *h, struct err *err)
{
    if (!h->argv) {
        return true;
    }
    const char *name = h->argv[0];
    bool by_path = strchr(name, '/') == NULL;
    int error = by_path ? path_error(name) : file_error(name);
    return error == 0 || err_set(err, ERR_NOT_FOUND, "alert-command: \"%.80s\" %s", name,
                                 error == EACCES              ? "is not executable"
                                 : error == ENOENT && by_path ? "is not in PATH"
                                 : error == ENOENT            ? "does not exist"
                                                              : strerror(error));
}

/* --- what is told --- */

static void tell_dropped(struct hook_command *h)
{
    int64_t now_us = clock_mono_us();
    if (h->dropped == h->dropped_told || (h->dropped_told && now_us - h->told_us < TELL_US)) {
        return;
    }
    char text[120];
    snprintf(text, sizeof text, "alert command: %llu change%s of alerts not passed on (too many at once)",
             (unsigned long long)(h->dropped - h->dropped_told),
             h->dropped - h->dropped_told == 1 ? "" : "s");
    h->dropped_told = h->dropped;
    h->told_us = now_us;
    h->options.ran(h->options.ctx, "", "dropped", text);
    h->options.tell(h->options.ctx, text, "");
}

/* The same failure again and again is told once. */
static void tell_trouble(struct hook_command *h, const char *why, const char *detail)
{
    if (strcmp(h->trouble, why) != 0) {
        snprintf(h->trouble, sizeof h->trouble, "%s", why);
        if (*why) {
            char text[240];
            snprintf(text, sizeof text, "alert command \"%.60s\": %s", h->argv ? h->argv[0] : "", why);
            h->options.tell(h->options.ctx, text, detail);
        }
    }
}

static void on_end(void *ctx, struct hook_child *child, const struct hook_end *end);

/* --- turns --- */

static void start(struct hook_command *h, size_t slot, size_t i)
{
    struct hook_waiting *w = &h->waiting[i];
    struct err err;
    json_int(&w->json, "skipped", (int64_t)(h->dropped - h->dropped_sent), 0);
    json_close(&w->json, '}');
    text_add(&w->json, S("\n"));
    hook_gate_started(&h->gate, w->key, clock_mono_us());
    h->child[slot].on_end = on_end;
    h->child[slot].ctx = h;
    if (hook_child_start(&h->child[slot], h->options.loop, h->argv, (const char *const *)h->env,
                         text_span(&w->json), &err)) {
        h->dropped_sent = h->dropped;
        mem_replace(&h->subject[slot], w->subject);
    } else {
        h->options.ran(h->options.ctx, w->subject, "not started", err.text);
        char why[100];
        snprintf(why, sizeof why, "cannot be started: %s", strrchr(err.text, ':') + 2);
        tell_trouble(h, why, "");
    }
    remove_waiting(h, i);
}

/* Starts what may start, and sets the clock for what may not yet. */
static void go_on(struct hook_command *h)
{
    int64_t sleep_us = INT64_MAX;
    size_t slot = 0;
    ev_timer_stop(h->options.loop, &h->next);
    for (size_t i = 0; i < h->count;) {
        while (slot < HOOK_CHILDREN && hook_child_runs(&h->child[slot])) {
            slot++;
        }
        if (slot == HOOK_CHILDREN) {
            return; /* the end of one goes on */
        }
        int64_t wait_us = hook_gate_wait_us(&h->gate, h->waiting[i].key, clock_mono_us());
        if (wait_us == 0) {
            start(h, slot, i);
        } else {
            sleep_us = wait_us < sleep_us ? wait_us : sleep_us;
            i++;
        }
    }
    if (sleep_us < INT64_MAX) {
        ev_now_update(h->options.loop);
        ev_timer_set(&h->next, (double)sleep_us / 1e6 + 0.001, 0.);
        ev_timer_start(h->options.loop, &h->next);
    }
}

static void on_next(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    struct hook_command *h = w->data;
    go_on(h);
    tell_dropped(h);
}

static void describe_end(const struct hook_end *end, char *out, size_t size)
{
    if (end->timed_out) {
        snprintf(out, size, "did not end within %ds", (int)(HOOK_LIMIT_US / US_PER_S));
    } else if (WIFSIGNALED(end->status)) {
        snprintf(out, size, "killed by signal %d", WTERMSIG(end->status));
    } else {
        snprintf(out, size, "exit %d", WEXITSTATUS(end->status));
    }
}

static void on_end(void *ctx, struct hook_child *child, const struct hook_end *end)
{
    struct hook_command *h = ctx;
    size_t slot = (size_t)(child - h->child);
    char outcome[64];
    char text[320];
    bool good = !end->timed_out && WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0;
    describe_end(end, outcome, sizeof outcome);
    snprintf(text, sizeof text, "%.3f s%s%s", (double)end->took_us / 1e6, *end->line ? ": " : "", end->line);
    h->options.ran(h->options.ctx, h->subject[slot], outcome, text);
    tell_trouble(h, good ? "" : outcome, end->line);
    go_on(h);
}

/* --- what is sent --- */

void hook_command_send(struct hook_command *h, uint64_t key, const char *subject, struct span json)
{
    size_t at = 0;
    if (!h->argv) {
        return;
    }
    while (at < h->count && h->waiting[at].key != key) {
        at++;
    }
    if (at < h->count || h->count == HOOK_WAITING_MAX) { /* its older word, or whoever waits longest */
        remove_waiting(h, at < h->count ? at : 0);
        h->dropped++;
    }
    struct hook_waiting *w = &h->waiting[h->count++];
    *w = (struct hook_waiting){.key = key, .subject = mem_strdup(subject)};
    utstring_init(&w->json);
    text_add(&w->json, json);
    go_on(h);
    tell_dropped(h);
}

void hook_command_missed(struct hook_command *h, uint64_t count)
{
    h->dropped += count;
    tell_dropped(h);
}

void hook_command_init(struct hook_command *h, const struct hook_command_options *options)
{
    *h = (struct hook_command){.options = *options};
    words_init(&h->words);
    ev_timer_init(&h->next, on_next, 0., 0.);
    h->next.data = h;
}

void hook_command_release(struct hook_command *h)
{
    hook_children_stop(h->child, HOOK_CHILDREN);
    ev_timer_stop(h->options.loop, &h->next);
    while (h->count) {
        remove_waiting(h, 0);
    }
    for (size_t i = 0; i < HOOK_CHILDREN; i++) {
        mem_free(h->subject[i]);
    }
    forget_words(h);
    words_release(&h->words);
}
