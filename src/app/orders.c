/* orders: an order is given; its plan becomes a question, its receipts become facts. */
#include "orders.h"

#include "curtain.h"
#include "known.h"
#include "pick.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

#include "redai/model/user.h"

#define LATE_US (500 * US_PER_MS) /* a plan is there before anybody has thought of something else */

/* --- receipts and plans --- */

static void on_plan(void *ctx, const struct plan *plan);

static void on_progress(void *ctx, int64_t done, int64_t total, const char *text)
{
    struct console *c = ctx;
    ui_progress(c->ui, done, total, curtain_allows_verb(c, c->verb, NULL) ? text : "");
}

static void tell_enqueued(struct console *c, const struct action_receipt *r)
{
    struct fact f = {.kind = FACT_BATCH,
                     .batch = {.id = span_of(r->task_id),
                               .origin = BATCH_ENQUEUED,
                               .valid = true,
                               .current = 0,
                               .total = r->batch_total,
                               .percentage = 0.,
                               .status = S("queued"),
                               .pttl_ms = -2,
                               .task_name = span_of(r->task_name)}};
    if (r->batch_total >= 0) {
        observer_fact(&c->observer, &f);
        collect_watch_task(c->observer.collect, f.batch.id);
    }
}

static void on_receipt(void *ctx, const struct action_receipt *r)
{
    struct console *c = ctx;
    struct fact f = {.kind = FACT_RECEIPT,
                     .receipt = {.action = span_of(verb_name[r->verb]),
                                 .subject = span_of(r->subject),
                                 .outcome = (enum outcome)r->outcome,
                                 .text = span_of(r->text)}};
    observer_fact(&c->observer, &f);
    if (r->outcome == ACTION_DONE && r->task_id) {
        tell_enqueued(c, r);
    }
}

static void on_finish(void *ctx, enum action_outcome outcome, const char *text, const char *result)
{
    static const enum role role[ACTION_OUTCOME_COUNT] = {
        [ACTION_DONE] = ROLE_GOOD,       [ACTION_GONE] = ROLE_INFO,       [ACTION_CHANGED] = ROLE_WARNING,
        [ACTION_REFUSED] = ROLE_WARNING, [ACTION_FAILED] = ROLE_CRITICAL, [ACTION_UNKNOWN] = ROLE_CRITICAL,
        [ACTION_BACK] = ROLE_CRITICAL,
    };
    struct console *c = ctx;
    char line[700];
    ui_progress(c->ui, 0, 0, "");
    if (!curtain_allows_verb(c, c->verb, NULL)) {
        text = "what was done is behind the curtain"; /* begun before it fell */
    }
    snprintf(line, sizeof line, "%s: %s", action_outcome_name[outcome], text ? text : "");
    const char *more = text ? strchr(text, '\n') : NULL;
    if (more) { /* help that is longer than a line */
        line[strcspn(line, "\n")] = '\0';
        ui_show_text(c->ui, line, more + 1);
    }
    ui_message(c->ui, role[outcome], line);
    if (c->asking && outcome == ACTION_FAILED) {
        ui_spend(c->ui, role[outcome], line); /* the connection went under the open question */
    }
    c->asking = c->held = false;
    if (result) { /* something was run: what was marked has had its turn */
        ui_clear_marks(c->ui);
        collect_refresh(c->observer.collect);
    }
    c->urgent = true;
}

/* Also long after its order: what is told must not be missed. */
static void tell_back(struct console *c, const struct runner_watch *news)
{
    char line[240];
    size_t count = model_returned_count(c->observer.model);

    snprintf(line, sizeof line, "came back: session %.40s was written again%s; :revoke again takes %s",
             news->shown, count > 1 ? ", and others" : "", count > 1 ? "them" : "it");
    ui_message(c->ui, ROLE_CRITICAL, line);
    c->urgent = true;
}

static void on_watch(void *ctx, const struct runner_watch *news)
{
    static const enum session_watch_phase phase[] = {
        [RUNNER_WATCH_BEGIN] = SESSION_WATCH_BEGIN,
        [RUNNER_WATCH_BACK] = SESSION_WATCH_BACK,
        [RUNNER_WATCH_HELD] = SESSION_WATCH_HELD,
        [RUNNER_WATCH_LOST] = SESSION_WATCH_LOST,
    };
    struct console *c = ctx;
    struct fact f = {.kind = FACT_SESSION_WATCH,
                     .session_watch = {.phase = phase[news->phase],
                                       .id = news->id,
                                       .user_id = span_of(news->user),
                                       .until_us = news->until_us}};
    observer_fact(&c->observer, &f);
    if (news->phase == RUNNER_WATCH_BACK) {
        tell_back(c, news);
    }
}

void orders_key_event(void *console, const struct fact_key_event *event)
{
    static const struct span prefix = SPAN_LITERAL("session:");
    struct console *c = console;
    bool written =
        event->event == NOTIFY_SET || event->event == NOTIFY_RENAME_TO || event->event == NOTIFY_RESTORE;
    if (written && runner_watched(c->actor.runner) > 0 && span_starts(event->key, prefix)) {
        runner_written(c->actor.runner, span_skip(event->key, prefix.len));
    }
}

static bool is_registered(void *ctx, const char *task, bool *ret_known)
{
    const struct console *c = ctx;
    return known_is_registered(c->observer.model, task, ret_known);
}

static void each_queue(void *ctx, void (*add)(void *to, const char *queue), void *to)
{
    const struct console *c = ctx;
    known_each_queue(c->observer.model, add, to);
}

void orders_callbacks(struct console *c, struct runner_options *callbacks)
{
    callbacks->go_with = ":connect ";
    callbacks->is_registered = is_registered;
    callbacks->each_queue = each_queue;
    callbacks->on_plan = on_plan;
    callbacks->on_progress = on_progress;
    callbacks->on_receipt = on_receipt;
    callbacks->on_finish = on_finish;
    callbacks->on_watch = on_watch;
    callbacks->ctx = c;
}

static bool answer_plan(void *ctx, const char *typed, struct err *err)
{
    struct console *c = ctx;
    c->asking = false;
    bool taken = runner_confirm(c->actor.runner, typed, err);
    c->asking = !taken && runner_state(c->actor.runner) == RUNNER_ASKING;
    return taken;
}

static void dismiss_plan(void *ctx)
{
    struct console *c = ctx;
    c->asking = false;
    if (runner_state(c->actor.runner) == RUNNER_ASKING) {
        runner_cancel(c->actor.runner);
    }
}

/* The question scrolls: what a person confirms is shown whole. */
enum { LINES_MAX = 200 };

static size_t add_lines(struct ui_line *line, size_t n, const UT_array *texts, enum role role)
{
    for (unsigned i = 0; i < utarray_len(texts); i++) {
        if (n == LINES_MAX) {
            line[n - 1] = (struct ui_line){ROLE_WARNING, "and more lines than a question holds"};
            break;
        }
        line[n++] = (struct ui_line){role, *(char **)utarray_eltptr(texts, i)};
    }
    return n;
}

static void ask(struct console *c, const struct plan *plan)
{
    struct ui_line line[LINES_MAX];
    size_t n = 0;
    n = add_lines(line, n, &plan->remark, ROLE_WARNING);
    n = add_lines(line, n, &plan->sample, plan->destructive ? ROLE_DANGER : ROLE_VALUE);
    if (n && n < LINES_MAX) {
        line[n++] = (struct ui_line){ROLE_DIM, ""};
    }
    n = add_lines(line, n, &plan->command, ROLE_DIM);
    ui_progress(c->ui, 0, 0, "");
    ui_ask(c->ui, &(struct ui_question){.title = plan->title,
                                        .count = n,
                                        .line = line,
                                        .typed = plan->confirm == PLAN_CONFIRM_TYPED ? plan->typed : NULL,
                                        .answer = answer_plan,
                                        .dismissed = dismiss_plan,
                                        .ctx = c});
    c->asking = true;
}

/* A server that hangs makes a plan late. Whoever does something else by then is not asked by surprise: the
 * next key would be an answer. */
static void hold(struct console *c, int64_t took_us)
{
    char line[200], age[32];
    c->held = true;
    ui_progress(c->ui, 0, 0, "");
    snprintf(line, sizeof line, "%s: its plan came after %s only; :plan shows it, nothing was done",
             verb_name[c->verb], human_duration(took_us, age, sizeof age));
    ui_message(c->ui, ROLE_WARNING, line);
}

bool orders_show_plan(struct console *c, struct err *err)
{
    const struct plan *plan = c->held ? runner_plan(c->actor.runner) : NULL;
    if (!plan) {
        return err_set(err, ERR_USAGE, "plan: none waits to be shown");
    }
    c->held = false;
    ask(c, plan);
    return true;
}

static void on_plan(void *ctx, const struct plan *plan)
{
    struct console *c = ctx;
    int64_t now = clock_mono_us();
    int64_t took_us = now - c->order_us;
    c->late_us = 0;
    if (!curtain_allows_verb(c, c->verb, NULL)) {
        runner_cancel(c->actor.runner);
        return;
    }
    if (option_on(&c->settings->options, OPTION_DRY_RUN)) {
        UT_string text;
        utstring_init(&text);
        plan_write(plan, &text);
        ui_show_text(c->ui, "dry run: nothing was changed", utstring_body(&text));
        utstring_done(&text);
        return;
    }
    if (took_us >= LATE_US && (c->moved_on || ui_is_typed_in(c->ui))) {
        hold(c, took_us);
        return;
    }
    c->late_us = took_us >= LATE_US ? now : 0;
    ask(c, plan);
}

/* --- giving orders --- */

/* Sessions of the user that the console has seen; with a whole picture the plan need not walk the keyspace
 * again. */
static void add_known_sessions(struct console *c, struct order *o)
{
    const struct model *m = c->observer.model;
    const struct connection_view *v = model_connection(m);
    o->known_all = model_census(m)->complete && !model_topic_stale(m, TOPIC_SESSIONS) &&
                   v->notify == NOTIFY_STATE_ON && v->link[LINK_ROLE_FEED].state == FACT_LINK_UP &&
                   !v->shed.any && model_rows_cut(m, TOPIC_SESSIONS) == 0;
    for (unsigned i = 0; i < utarray_len(&o->target); i++) {
        const struct target *user = (const struct target *)utarray_eltptr(&o->target, i);
        for (const struct session *s = model_user_sessions(m, target_id(user), NULL); s;
             s = s->same_user_next) {
            struct target known = {.kind = TARGET_NONE};
            target_set(&known, TARGET_SESSION, span_make(s->id, s->id_len));
            utarray_push_back(&o->known, &known);
        }
    }
}

bool orders_give(struct console *c, struct order *o, struct err *err)
{
    if (!curtain_allows_verb(c, o->verb, err)) {
        order_release(o);
        return false;
    }
    /* With --read-only the runner says so, whatever would fit. */
    if (pick_is_wanted(o) && !option_on(&c->settings->options, OPTION_READ_ONLY) &&
        !pick_fill(c->observer.model, collect_unread_sessions(c->observer.collect), o, err)) {
        order_release(o);
        return false;
    }
    if (o->verb == VERB_REVOKE_USER) {
        add_known_sessions(c, o);
    } else if (o->verb == VERB_RETRY) {
        known_add_seen(c->observer.model, o);
    } else if (o->verb == VERB_ENQUEUE) {
        orders_enqueue_remember(c, o);
    }
    enum verb verb = o->verb;
    if (c->held) {
        runner_cancel(c->actor.runner); /* nobody asked for it any more */
    }
    bool ok = runner_order(c->actor.runner, o, err);
    if (ok) {
        c->verb = verb;
        c->order_us = clock_mono_us();
        c->moved_on = false;
    }
    order_release(o);
    return ok;
}

bool orders_run(struct console *c, const struct words *w, struct err *err)
{
    struct order o;
    return order_parse(&o, w, &c->settings->templates, &c->settings->routes, err) && orders_give(c, &o, err);
}

void orders_add_word(UT_string *line, const char *prefix, const char *text)
{
    UT_string word;
    utstring_init(&word);
    utstring_printf(&word, "%s%s", prefix, text);
    utstring_printf(line, " ");
    words_quote(utstring_body(&word), line);
    utstring_done(&word);
}

bool orders_run_line(struct console *c, UT_string *line, struct err *err)
{
    struct words w;
    words_init(&w);
    bool ok = words_parse(&w, utstring_body(line), err) && orders_run(c, &w, err);
    words_release(&w);
    return ok;
}
