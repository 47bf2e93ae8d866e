#include "stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/mem.h"

enum { BOUND_S = 120 }; /* busy machines take their time; a test that hangs ends all the same */

/* --- what the runner says --- */

static void on_plan(void *ctx, const struct plan *plan)
{
    struct stage *s = ctx;
    utstring_clear(&s->plan);
    plan_write(plan, &s->plan);
    s->planned = true;
    mem_replace(&s->typed, plan->confirm == PLAN_CONFIRM_TYPED ? plan->typed : NULL);
    if (s->at_plan) {
        s->at_plan(s);
    }
    if (!s->ask_only && !s->options.dry_run) {
        struct err err = {0};
        if (!runner_confirm(s->runner, s->typed, &err)) {
            fail_msg("not confirmed: %s", err.text);
        }
    }
}

static void on_progress(void *ctx, int64_t done, int64_t total, const char *text)
{
    struct stage *s = ctx;
    (void)total;
    (void)text;
    if (s->at_progress) {
        s->at_progress(s, done);
    }
}

static void on_receipt(void *ctx, const struct action_receipt *receipt)
{
    struct stage *s = ctx;
    if (s->quiet) {
        return;
    }
    assert_true(s->count < COUNT_OF(s->told));
    s->told[s->count++] = (struct told){.subject = mem_strdup(receipt->subject),
                                        .text = mem_strdup(receipt->text),
                                        .task_id = mem_strdup(receipt->task_id),
                                        .outcome = receipt->outcome,
                                        .batch_total = receipt->batch_total};
}

static void on_watch(void *ctx, const struct runner_watch *news)
{
    struct stage *s = ctx;
    s->watched[news->phase]++;
    if (news->phase == RUNNER_WATCH_BACK) {
        mem_free(s->came_back);
        s->came_back = span_dup(news->id);
    }
}

static void on_finish(void *ctx, enum action_outcome outcome, const char *text, const char *result)
{
    struct stage *s = ctx;
    assert_false(s->finished);
    s->finished = true;
    s->outcome = outcome;
    mem_replace(&s->text, text);
    mem_replace(&s->out, result);
}

/* --- coming and going --- */

static void forget(struct stage *s)
{
    for (size_t i = 0; i < s->count; i++) {
        mem_free(s->told[i].subject);
        mem_free(s->told[i].text);
        mem_free(s->told[i].task_id);
    }
    s->count = 0;
    s->planned = s->finished = false;
    mem_replace(&s->text, NULL);
    mem_replace(&s->out, NULL);
    mem_replace(&s->typed, NULL);
    utstring_clear(&s->plan);
}

bool stage_is_ready(struct stage *s)
{
    return link_is_ready(s->act) && link_is_ready(s->result);
}

static struct stage *make(const struct server_options *server, int64_t reply_timeout_us)
{
    struct stage *s = mem_zalloc(sizeof *s);
    struct err err = {0};

    s->server = server_start(server);
    assert_non_null(s->server);
    s->loop = ev_loop_new(EVFLAG_AUTO);
    assert_true(address_parse(&s->address, server_url(s->server, 0), &err));
    struct link_options link = {
        .name = "act", .address = &s->address, .db = 0, .reply_timeout_us = reply_timeout_us};
    s->act = link_new(s->loop, &link);
    link.name = "result";
    link.db = 1;
    s->result = link_new(s->loop, &link);
    link_start(s->act);
    link_start(s->result);
    routes_init(&s->routes);
    templates_init(&s->templates);
    utstring_init(&s->plan);
    snprintf(s->journal_path, sizeof s->journal_path, "%s/state/journal", server_folder(s->server));
    s->journal = journal_open(s->journal_path, "redis://test:6379/0", &err);
    if (!s->journal) {
        fail_msg("%s", err.text);
    }
    stage_options(s, false, false);
    stage_wait(s, stage_is_ready);
    return s;
}

struct stage *stage_new(const struct server_options *server)
{
    return make(server, 0);
}

void stage_listen(struct stage *s, int64_t us)
{
    s->listen_us = us;
    stage_options(s, s->options.read_only, s->options.dry_run);
}

struct stage *stage_new_impatient(int64_t reply_timeout_us)
{
    return make(NULL, reply_timeout_us);
}

void stage_options(struct stage *s, bool read_only, bool dry_run)
{
    runner_free(s->runner);
    forget(s);
    s->options = (struct runner_options){.loop = s->loop,
                                         .act = s->act,
                                         .result = s->result,
                                         .read_only = read_only,
                                         .dry_run = dry_run,
                                         .listen_us = s->listen_us,
                                         .routes = &s->routes,
                                         .templates = &s->templates,
                                         .journal = s->journal,
                                         .origin = "redai-console@test",
                                         .on_plan = on_plan,
                                         .on_progress = on_progress,
                                         .on_receipt = on_receipt,
                                         .on_finish = on_finish,
                                         .on_watch = on_watch,
                                         .ctx = s};
    s->runner = runner_new(&s->options);
}

void stage_keep(struct stage *s, const struct bin_limits *limits)
{
    runner_free(s->runner);
    bin_free(s->options.bin);
    s->options.bin = bin_new(limits);
    s->runner = runner_new(&s->options);
}

void stage_watch_sessions(struct stage *s, int64_t watch_us)
{
    runner_free(s->runner);
    s->options.watch_us = watch_us;
    s->runner = runner_new(&s->options);
}

void stage_free(struct stage *s)
{
    runner_free(s->runner);
    mem_free(s->came_back);
    bin_free(s->options.bin);
    forget(s);
    link_free(s->act);
    link_free(s->result);
    journal_close(s->journal);
    remove(s->journal_path);
    char *slash = strrchr(s->journal_path, '/');
    *slash = '\0';
    remove(s->journal_path);
    routes_release(&s->routes);
    templates_release(&s->templates);
    utstring_done(&s->plan);
    address_release(&s->address);
    if (s->monitor) {
        redisFree(s->monitor);
    }
    ev_loop_destroy(s->loop);
    server_stop(s->server);
    mem_free(s);
}

/* --- orders --- */

static void on_bound(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    *(bool *)timer->data = true;
}

void stage_wait(struct stage *s, bool (*holds)(struct stage *s))
{
    bool over = false;
    ev_timer bound;
    ev_now_update(s->loop);
    ev_timer_init(&bound, on_bound, BOUND_S, 0.);
    bound.data = &over;
    ev_timer_start(s->loop, &bound);
    while (!holds(s) && !over) {
        ev_run(s->loop, EVRUN_ONCE);
    }
    ev_timer_stop(s->loop, &bound);
    if (over) {
        fail_msg("what was waited for did not come; the act link says \"%s\"", link_status(s->act)->error);
    }
}

static bool has_passed(struct stage *s)
{
    return s->passed;
}

static void on_passed(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    *(bool *)timer->data = true;
}

void stage_pass(struct stage *s, double seconds)
{
    ev_timer timer;
    s->passed = false;
    ev_now_update(s->loop);
    ev_timer_init(&timer, on_passed, seconds, 0.);
    timer.data = &s->passed;
    ev_timer_start(s->loop, &timer);
    stage_wait(s, has_passed);
}

bool stage_has_finished(struct stage *s)
{
    return s->finished || (s->ask_only && s->planned);
}

static void parse(struct stage *s, const char *line, struct order *o)
{
    struct words w;
    struct err err = {0};
    words_init(&w);
    if (!words_parse(&w, line, &err) || !order_parse(o, &w, &s->templates, &s->routes, &err)) {
        fail_msg("%s: %s", line, err.text);
    }
    words_release(&w);
}

void stage_give(struct stage *s, struct order *o)
{
    struct err err = {0};
    forget(s);
    if (!runner_order(s->runner, o, &err)) {
        fail_msg("refused: %s", err.text);
    }
    order_release(o);
    stage_wait(s, stage_has_finished);
}

void stage_order(struct stage *s, const char *line)
{
    struct order o;
    parse(s, line, &o);
    stage_give(s, &o);
}

void stage_refused(struct stage *s, const char *line, const char *why)
{
    struct order o;
    struct err err = {0};
    forget(s);
    parse(s, line, &o);
    assert_false(runner_order(s->runner, &o, &err));
    assert_string_equal(err.text, why);
    order_release(&o);
}

/* --- the server's side --- */

static char *__attribute__((format(printf, 2, 0))) cli(struct stage *s, const char *format, va_list args)
{
    char line[4096];
    const char *word[64];
    int count = 0;

    vsnprintf(line, sizeof line, format, args);
    char *rest = line;
    for (char *at = strsep(&rest, " "); at && count < 64; at = strsep(&rest, " ")) {
        if (*at) {
            word[count++] = at;
        }
    }
    return server_cli_argv(s->server, 0, count, word, NULL);
}

void stage_do(struct stage *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reply = cli(s, format, args);
    va_end(args);
    assert_non_null(reply);
    if (strncmp(reply, "(error)", 7) == 0) {
        fail_msg("%s", reply);
    }
    free(reply);
}

long long stage_int(struct stage *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reply = cli(s, format, args);
    va_end(args);
    assert_non_null(reply);
    long long n = strtoll(reply, NULL, 10);
    free(reply);
    return n;
}

void stage_watch(struct stage *s)
{
    if (s->monitor) {
        redisFree(s->monitor);
    }
    s->monitor = server_connect(s->server);
    assert_non_null(s->monitor);
    redisReply *reply = redisCommand(s->monitor, "MONITOR");
    assert_non_null(reply);
    freeReplyObject(reply);
}

#define LAST_WORD "that-was-all"

char *stage_heard(struct stage *s)
{
    UT_string all;
    bool last = false;

    stage_do(s, "ECHO " LAST_WORD);
    utstring_init(&all);
    s->gate_asked = 0;
    while (!last) {
        redisReply *reply = NULL;
        assert_int_equal(redisGetReply(s->monitor, (void **)&reply), REDIS_OK);
        const char *command = strstr(reply->str, "] ");
        assert_non_null(command);
        last = strstr(command, LAST_WORD) != NULL;
        bool gate = strcmp(command + 2, "\"INFO\"") == 0;
        s->gate_asked += gate;
        if (!last && !gate && !strstr(command, "\"PING\"") && !strstr(command, "\"SELECT\"")) {
            utstring_printf(&all, "%s\n", command + 2);
        }
        freeReplyObject(reply);
    }
    redisFree(s->monitor);
    s->monitor = NULL;
    char *text = strdup(utstring_body(&all));
    utstring_done(&all);
    return text;
}

/* --- assertions --- */

void stage_assert_plan(struct stage *s, const char *part)
{
    if (!strstr(utstring_body(&s->plan), part)) {
        fail_msg("\"%s\" is not in the plan:\n%s%s", part, utstring_body(&s->plan), s->text ? s->text : "");
    }
}

void stage_assert_end(struct stage *s, enum action_outcome outcome, const char *text)
{
    assert_true(s->finished);
    if (outcome != s->outcome || strcmp(text, s->text) != 0) {
        fail_msg("expected %s: %s\nbut it is %s: %s", action_outcome_name[outcome], text,
                 action_outcome_name[s->outcome], s->text);
    }
}

const struct told *stage_told(struct stage *s, const char *subject)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->told[i].subject, subject) == 0) {
            return &s->told[i];
        }
    }
    fail_msg("no receipt for \"%s\"", subject);
    return NULL;
}
