/* shell: the verbs for scripts: the same orders, plans and receipts as in the console. stdout carries only
 * the result; the plan, the question and receipts go to stderr. */
#include "actor.h"
#include "app.h"
#include "known.h"
#include "look.h"
#include "pick.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/clock.h"

#define RESULT_WAIT_US  (500 * US_PER_MS)
#define CONNECT_WAIT_US (10 * US_PER_S)
#define LOOK_MAX_US     (2500 * US_PER_MS)
/* Long enough for an update that was under way, short enough for a script to wait. */
#define WATCH_SHELL_US (3 * US_PER_S)

struct shell {
    struct settings *settings;
    struct actor actor;
    struct ev_loop *loop;
    ev_timer tick;
    int64_t begun_us, ready_us; /* ready_us: 0 until the acting link is ready */
    struct order order;
    bool ordered;
    enum verb order_verb;
    bool picked; /* what it is about was chosen by a filter */
    bool ended;  /* the order has; sessions may still be watched */
    int code, end_code;
    bool back, unseen; /* a session came back; it was not seen to the end whether one does */
};

/* --- the command line as words of the command language --- */

static void add_value(enum option_id id, struct span value, UT_string *line)
{
    char *text = span_dup(value);
    utstring_printf(line, " --%s ", option_rows[id].name);
    words_quote(text, line);
    mem_free(text);
}

static void add_option(const struct settings *s, enum option_id id, UT_string *line)
{
    const char *text = option_text(&s->options, id);
    if (!text || s->options.value[id].source != OPTION_FROM_FLAG) {
        return;
    }
    if (option_rows[id].type == OPTION_FLAG) {
        utstring_printf(line, "%s%s", option_on(&s->options, id) ? " --" : "",
                        option_on(&s->options, id) ? option_rows[id].name : "");
        return;
    }
    struct span rest = span_of(text);
    size_t end;
    while (option_rows[id].type == OPTION_TEXTS && (end = span_find(rest, '\n')) < rest.len) {
        add_value(id, span_head(rest, end), line);
        rest = span_skip(rest, end + 1);
    }
    add_value(id, rest, line);
}

static bool read_order(struct shell *sh, const char *verb, const UT_array *args, struct err *err)
{
    static const enum option_id forwarded[] = {
        OPTION_TASK, OPTION_ARGS, OPTION_KWARGS,  OPTION_QUEUE,     OPTION_PRIORITY, OPTION_COUNTDOWN,
        OPTION_ETA,  OPTION_RATE, OPTION_EXPIRES, OPTION_TERMINATE, OPTION_REMOVE,   OPTION_ON,
        OPTION_ADD,  OPTION_DROP, OPTION_OWN,     OPTION_REPLICA,
    };
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "%s", verb);
    for (unsigned i = 0; i < utarray_len(args); i++) {
        utstring_printf(&line, " ");
        words_quote(args_at(args, i), &line);
    }
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++) {
        add_option(sh->settings, forwarded[i], &line);
    }
    struct words w;
    words_init(&w);
    bool ok = words_parse(&w, utstring_body(&line), err) &&
              order_parse(&sh->order, &w, &sh->settings->templates, &sh->settings->routes, err);
    words_release(&w);
    utstring_done(&line);
    return ok;
}

/* --- asking --- */

static void finish(struct shell *sh, int code)
{
    sh->code = code;
    ev_break(sh->loop, EVBREAK_ALL);
}

static bool answer_is_yes(const struct plan *plan, char *line, size_t size)
{
    bool typed = plan->confirm == PLAN_CONFIRM_TYPED;
    if (typed) {
        fprintf(stderr, "type %s to go on: ", plan->typed);
    } else {
        fprintf(stderr, "do it? [y/N] ");
    }
    fflush(stderr);
    if (!fgets(line, (int)size, stdin)) {
        return false;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return typed ? *line != '\0'
                 : strcmp(line, "y") == 0 || strcmp(line, "Y") == 0 || strcmp(line, "yes") == 0;
}

/* Which server it is: a name and an environment may have chosen it. */
static void tell_where(const struct settings *s)
{
    UT_string shown;
    utstring_init(&shown);
    address_show(&s->address, &shown);
    fprintf(stderr, "%-9s%s%s%s%s%s\n", "where", utstring_body(&shown), s->connection ? " @" : "",
            s->connection ? s->connection->name : "", s->environment ? ", " : "",
            s->environment ? environment_name[s->environment] : "");
    utstring_done(&shown);
}

static const char *place_of(const struct settings *s)
{
    return s->environment == ENVIRONMENT_PRODUCTION || s->connection ? settings_place(s) : NULL;
}

static bool is_text(const char *text, const char *other)
{
    return text && strcmp(text, other) == 0;
}

/* --confirm NAME stands for the typing, and goes to no other place than the one it names; --yes does not
 * where the name would be typed. *ret_answered: false: it is to be asked. */
static bool answer_by_option(const struct shell *sh, const struct plan *plan, bool *ret_answered,
                             struct err *err)
{
    const struct settings *s = sh->settings;
    const char *word = option_text(&s->options, OPTION_CONFIRM), *place = place_of(s);
    bool strict = plan->strict && plan->confirm == PLAN_CONFIRM_TYPED;
    bool terminal = isatty(STDIN_FILENO);
    *ret_answered = word || (option_on(&s->options, OPTION_YES) && !strict);
    if (word) {
        return is_text(place, word) || is_text(plan->typed, word) ||
               err_set(err, ERR_REFUSED, "--confirm %.60s: expected %.60s", word,
                       place         ? place
                       : plan->typed ? plan->typed
                                     : "none: nothing is to be typed here");
    }
    if (*ret_answered || terminal) {
        return true;
    }
    if (strict) {
        return err_set(err, ERR_REFUSED,
                       "no terminal to confirm this on, and on production --yes is not enough: "
                       "give --confirm %.60s, or --dry-run to look only",
                       place);
    }
    return err_set(err, ERR_REFUSED, "no terminal to confirm this on: give --yes, or --dry-run to look only");
}

static void give_up(struct shell *sh)
{
    runner_cancel(sh->actor.runner);
    finish(sh, EXIT_FAILED);
}

static void on_plan(void *ctx, const struct plan *plan)
{
    struct shell *sh = ctx;
    struct err err;
    bool answered;
    UT_string text;
    utstring_init(&text);
    plan_write(plan, &text);
    fputs(utstring_body(&text), stderr);
    utstring_done(&text);
    tell_where(sh->settings);
    if (plan->destructive && plan->verb != VERB_KILL) { /* which says itself that it cannot be undone */
        fprintf(stderr, "%-9sfrom the shell there is none: only the console keeps what it deletes\n", "undo");
    }
    if (option_on(&sh->settings->options, OPTION_DRY_RUN)) {
        return; /* the runner ends the order by itself */
    }
    char line[256];
    const char *typed = plan->confirm == PLAN_CONFIRM_TYPED ? plan->typed : NULL;
    if (!answer_by_option(sh, plan, &answered, &err)) {
        complain(&err);
        give_up(sh);
        return;
    }
    if (!answered) {
        if (!answer_is_yes(plan, line, sizeof line)) {
            fprintf(stderr, "nothing was done\n");
            give_up(sh);
            return;
        }
        typed = plan->confirm == PLAN_CONFIRM_TYPED ? line : NULL;
    }
    if (!runner_confirm(sh->actor.runner, typed, &err)) {
        complain(&err);
        give_up(sh);
    }
}

static void on_progress(void *ctx, int64_t done, int64_t total, const char *text)
{
    (void)ctx;
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%s %lld of %lld\033[K", text, (long long)done, (long long)total);
        if (done >= total) {
            fputc('\n', stderr);
        }
    }
}

static void on_receipt(void *ctx, const struct action_receipt *r)
{
    (void)ctx;
    fprintf(stderr, "%s%s%s: %s\n", r->subject ? r->subject : "", r->subject && *r->subject ? " " : "",
            action_outcome_name[r->outcome], r->text);
}

/* False, told on stderr together with the result: it is known nowhere else. */
static bool write_result(const char *result)
{
    struct err err;
    if (puts(result) >= 0 && fflush(stdout) == 0) {
        return true;
    }
    err_set(&err, ERR_IO, "the result could not be written: %s", result);
    complain(&err);
    return false;
}

static void on_finish(void *ctx, enum action_outcome outcome, const char *text, const char *result)
{
    static const int code[ACTION_OUTCOME_COUNT] = {
        [ACTION_DONE] = EXIT_OK,        [ACTION_GONE] = EXIT_OK,       [ACTION_CHANGED] = EXIT_FAILED,
        [ACTION_REFUSED] = EXIT_FAILED, [ACTION_FAILED] = EXIT_FAILED, [ACTION_UNKNOWN] = EXIT_UNKNOWN,
        [ACTION_BACK] = EXIT_FAILED,
    };
    struct shell *sh = ctx;
    if (text && *text) {
        fprintf(stderr, "%s: %s\n", action_outcome_name[outcome], text);
    }
    const char *out = result && *result ? result : NULL;
    if (!out && outcome == ACTION_GONE) {
        out = "0"; /* the count that a script reads: there was nothing left to do */
    }
    bool written = !out || write_result(out);
    /* Nothing to invalidate, nothing that fits a filter is as wanted; a session or task that is not there may
     * be a mistyped name. */
    bool named = sh->order_verb != VERB_INVALIDATE && !sh->picked;
    int end = outcome == ACTION_GONE && named ? EXIT_FAILED : code[outcome];
    sh->ended = true;
    /* One may come back while others are still being revoked. */
    sh->end_code = (!written || sh->back) && end == EXIT_OK ? EXIT_FAILED : end;
    if (runner_watched(sh->actor.runner) == 0) {
        finish(sh, sh->end_code);
    }
}

/* The platform's update may write a revoked session back: its receipt is then given anew. */
static void on_watch(void *ctx, const struct runner_watch *news)
{
    struct shell *sh = ctx;
    if (news->phase == RUNNER_WATCH_BACK) {
        sh->back = true;
        sh->end_code = sh->end_code == EXIT_OK ? EXIT_FAILED : sh->end_code;
    } else if (news->phase == RUNNER_WATCH_LOST && !sh->unseen) {
        sh->unseen = true; /* said once, of how many ever */
        fprintf(stderr,
                "redai-console: warning: the connection was lost: whether a session comes back was not "
                "seen to the end\n");
    }
    if (sh->ended && runner_watched(sh->actor.runner) == 0) {
        finish(sh, sh->end_code);
    }
}

static void each_queue(void *ctx, void (*add)(void *to, const char *queue), void *to)
{
    const struct shell *sh = ctx;
    for (unsigned i = 0; i < utarray_len(&sh->settings->queues); i++) {
        add(to, *(char *const *)utarray_eltptr(&sh->settings->queues, i));
    }
    known_each_queue(sh->settings->model, add, to);
}

static bool is_registered(void *ctx, const char *task, bool *ret_known)
{
    const struct shell *sh = ctx;
    return known_is_registered(sh->settings->model, task, ret_known);
}

/* --- a look before tasks are searched --- */

/* Verbs that look for tasks in all queues there are, also those that only the keyspace tells of. */
static bool searches(enum verb verb)
{
    return verb == VERB_REVOKE_TASK || verb == VERB_RETRY || verb == VERB_REMOVE || verb == VERB_MOVE ||
           verb == VERB_REQUEUE;
}

static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    const struct order *order = ctx;
    size_t found = 0;
    for (unsigned i = 0; i < utarray_len(&order->target); i++) {
        const struct target *t = (const struct target *)utarray_eltptr(&order->target, i);
        const struct task *task = model_task_find(o->model, target_id(t));
        found += task && (task->sources & (TASK_FROM_LIST | TASK_FROM_UNACKED));
    }
    bool all = found > 0 && found == utarray_len(&order->target);
    return all || collect_tasks_settled(o->collect) || past_us >= LOOK_MAX_US || !look_is_hopeful(o, past_us);
}

static void look_around(struct shell *sh)
{
    struct observer o;
    if (searches(sh->order.verb) && !option_on(&sh->settings->options, OPTION_READ_ONLY)) {
        sh->settings->reserved = true; /* a look sends nothing: workers are asked by the order itself */
        look_until(&o, sh->loop, sh->settings, is_enough, &sh->order);
        known_add_seen(sh->settings->model, &sh->order);
        observer_release(&o);
    }
}

/* --- connection --- */

static void on_state(void *user, const struct link_status *status)
{
    struct shell *sh = user;
    struct err err;
    if (status->state == LINK_READY && !sh->ready_us) {
        sh->ready_us = clock_mono_us();
    } else if (status->state == LINK_WAITING && !sh->ordered) {
        err_set(&err, ERR_NETWORK, "%s", status->error);
        complain(&err);
        finish(sh, EXIT_FAILED);
    }
}

/* Reading the result database is a help, not a need: it is waited for a moment only. */
static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    struct shell *sh = timer->data;
    struct err err;
    int64_t now = clock_mono_us();
    if (sh->ordered) {
        return;
    }
    if (sh->ready_us && (link_is_ready(sh->actor.result) || now - sh->ready_us > RESULT_WAIT_US)) {
        sh->ordered = true;
        sh->order_verb = sh->order.verb;
        if (!runner_order(sh->actor.runner, &sh->order, &err)) {
            complain(&err);
            finish(sh, EXIT_FAILED);
        }
    } else if (now - sh->begun_us > CONNECT_WAIT_US) {
        complain(&(struct err){ERR_NETWORK, "redis did not answer within 10 s"});
        finish(sh, EXIT_FAILED);
    }
}

int shell_run(struct settings *s, const UT_array *args, const char *verb)
{
    struct shell sh = {.settings = s, .loop = ev_default_loop(0), .code = EXIT_FAILED};
    struct err err;
    if (!read_order(&sh, verb, args, &err)) {
        complain(&err);
        return EXIT_USAGE;
    }
    sh.picked = pick_is_wanted(&sh.order);
    if (sh.picked && !pick_check(s->model, &sh.order, &err)) {
        complain(&err);
        order_release(&sh.order);
        return EXIT_USAGE;
    }
    bool may_act = !option_on(&s->options, OPTION_READ_ONLY); /* else the runner says no */
    if (sh.picked && may_act && !pick_look(s, sh.loop, &sh.order, &sh.code)) {
        order_release(&sh.order);
        return sh.code;
    }
    look_around(&sh);
    struct runner_options callbacks = {.go_with = "-u ",
                                       .each_queue = each_queue,
                                       .is_registered = is_registered,
                                       .on_plan = on_plan,
                                       .on_progress = on_progress,
                                       .on_receipt = on_receipt,
                                       .on_finish = on_finish,
                                       .on_watch = on_watch,
                                       .watch_us = settings_watch_us(s, WATCH_SHELL_US),
                                       .ctx = &sh};
    bool at_broker =
        verb_site[sh.order.verb] == SITE_BROKER; /* whether the other server answers is no matter */
    actor_init(&sh.actor, sh.loop, s, &callbacks, at_broker ? NULL : on_state, at_broker ? on_state : NULL,
               &sh);
    if (!sh.actor.journal && sh.actor.journal_error.code) {
        fprintf(stderr, "redai-console: warning: %s\n", sh.actor.journal_error.text);
    }
    sh.begun_us = clock_mono_us();
    ev_timer_init(&sh.tick, on_tick, 0.005, 0.005);
    sh.tick.data = &sh;
    ev_timer_start(sh.loop, &sh.tick);
    ev_run(sh.loop, 0);
    ev_timer_stop(sh.loop, &sh.tick);
    actor_release(&sh.actor);
    order_release(&sh.order);
    return sh.code;
}
