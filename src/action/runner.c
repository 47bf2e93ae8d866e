#include "redai/action/runner.h"

#include "gate.h"
#include "keep.h"
#include "lot.h"
#include "phrase.h"
#include "pidbox.h"
#include "verb.h"
#include "watch.h"

#include <assert.h>
#include <inttypes.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

#include "redai/schema/result.h"

const char *const action_outcome_name[ACTION_OUTCOME_COUNT] = {
    [ACTION_DONE] = "done",       [ACTION_GONE] = "already gone", [ACTION_CHANGED] = "changed meanwhile",
    [ACTION_REFUSED] = "refused", [ACTION_FAILED] = "failed",     [ACTION_UNKNOWN] = "unknown",
    [ACTION_BACK] = "came back",
};

/* What an order as a whole is when its parts differ: the highest. That something had already gone does not
 * make a whole any worse; it stands only when nothing else happened. */
static const int severity[ACTION_OUTCOME_COUNT] = {
    [ACTION_GONE] = 0,   [ACTION_DONE] = 1,    [ACTION_CHANGED] = 2, [ACTION_REFUSED] = 3,
    [ACTION_FAILED] = 4, [ACTION_UNKNOWN] = 5, [ACTION_BACK] = 6,
};

static const struct verb_ops *const verbs[] = {
    [VERB_ENQUEUE] = &verb_enqueue_ops,
    [VERB_REVOKE_SESSION] = &verb_revoke_session_ops,
    [VERB_REVOKE_USER] = &verb_revoke_user_ops,
    [VERB_REVOKE_TASK] = &verb_revoke_task_ops,
    [VERB_INVALIDATE] = &verb_invalidate_ops,
    [VERB_NOTIFICATIONS] = &verb_notifications_ops,
    [VERB_PURGE] = &verb_purge_ops,
    [VERB_REMOVE] = &verb_remove_ops,
    [VERB_MOVE] = &verb_move_ops,
    [VERB_REQUEUE] = &verb_requeue_ops,
    [VERB_RETRY] = &verb_retry_ops,
    [VERB_WORKER] = &verb_worker_ops,
    [VERB_UNDO] = &verb_undo_ops,
    [VERB_REPAIR] = &verb_repair_ops,
    [VERB_EXPIRE] = &verb_key_ops,
    [VERB_PERSIST] = &verb_key_ops,
    [VERB_DELETE] = &verb_key_ops,
    [VERB_KILL] = &verb_kill_ops,
};
static_assert(sizeof verbs / sizeof verbs[0] == VERB_COUNT, "every verb has a row");

const struct verb_ops *verb_ops_of(enum verb verb)
{
    return verbs[verb];
}

/* Without a target there is nothing to do; of workers and entries to put back, none means all. */
static const bool needs_target[VERB_COUNT] = {
    [VERB_REVOKE_SESSION] = true, [VERB_REVOKE_USER] = true, [VERB_REVOKE_TASK] = true,
    [VERB_INVALIDATE] = true,     [VERB_RETRY] = true,       [VERB_REMOVE] = true,
    [VERB_MOVE] = true,           [VERB_PURGE] = true,       [VERB_EXPIRE] = true,
    [VERB_PERSIST] = true,        [VERB_DELETE] = true,      [VERB_KILL] = true,
};

const enum site verb_site[VERB_COUNT] = {
    [VERB_ENQUEUE] = SITE_BROKER, [VERB_REVOKE_TASK] = SITE_BROKER, [VERB_RETRY] = SITE_BROKER,
    [VERB_REMOVE] = SITE_BROKER,  [VERB_MOVE] = SITE_BROKER,        [VERB_PURGE] = SITE_BROKER,
    [VERB_REQUEUE] = SITE_BROKER, [VERB_WORKER] = SITE_BROKER,
};

#define PROGRESS_US INT64_C(100000) /* between two reports */

struct runner *runner_new(const struct runner_options *options)
{
    struct runner *r = mem_zalloc(sizeof *r);

    r->options = *options;
    r->origin = mem_strdup(options->origin ? options->origin : "redai-console");
    r->options.origin = r->origin;
    r->home = options->act;
    r->timer = timer_new(options->loop, step_on_timer, r);
    order_init(&r->order, VERB_ENQUEUE);
    plan_init(&r->plan);
    if (options->watch_us > 0) {
        r->watch = watch_new(&(struct watch_options){.loop = options->loop,
                                                     .act = options->act,
                                                     .period_us = options->watch_us,
                                                     .own_hits = &r->own_hits,
                                                     .own_misses = &r->own_misses,
                                                     .tell = runner_watch_tell,
                                                     .ctx = r});
    }
    return r;
}

/* --- journal --- */

static void write_down(struct runner *r, const char *event, const char *subject, const char *outcome,
                       const char *text)
{
    struct err err = {0};
    if (r->options.journal) {
        journal_place(r->options.journal, runner_where(r));
    }
    if (r->options.journal && !journal_write(r->options.journal, clock_wall_us(), event,
                                             verb_name[r->order.verb], subject, outcome, text, &err)) {
        r->journal_error = err;
    }
    if (r->options.journal) {
        journal_place(r->options.journal, NULL);
    }
}

/* --- where an order is carried out --- */

static struct link *home_of(const struct runner *r, const struct order *o)
{
    enum site site = verb_site[o->verb];
    if (o->verb == VERB_UNDO && r->options.bin) {
        const struct lot *lot = lot_find(r->options.bin, o->number);
        site = lot ? verb_site[lot->verb] : site;
    }
    return site == SITE_BROKER && r->options.broker ? r->options.broker : r->options.act;
}

static const char *where_of(const struct runner *r, const struct link *home)
{
    return home == r->options.act ? NULL : r->options.broker_where;
}

const char *runner_where(const struct runner *r)
{
    return where_of(r, r->home);
}

bool runner_uses(const struct runner *r, const struct link *l)
{
    return r->state != RUNNER_IDLE && r->home == l;
}

int64_t runner_silent_us(const struct runner *r)
{
    return r->state == RUNNER_PLANNING || r->state == RUNNER_RUNNING ? link_silent_us(r->home) : 0;
}

static bool is_connected(const struct runner *r, const struct link *home, struct err *err)
{
    const char *where = where_of(r, home), *why = link_status(home)->error;
    why = *why ? why : "the connection is being made";
    if (link_is_ready(home)) {
        return true;
    }
    return where ? err_set(err, ERR_NETWORK, "not connected to the broker, %s: %s", where, why)
                 : err_set(err, ERR_NETWORK, "not connected: %s", why);
}

/* --- the end of an order --- */

static void forget(struct runner *r)
{
    step_clear(r);
    if (r->ops && r->ops->release) {
        r->ops->release(r->work);
    }
    pidbox_release(r);
    keep_release(r);
    r->ops = NULL;
    r->work = NULL;
    order_release(&r->order);
    order_init(&r->order, VERB_ENQUEUE);
    plan_release(&r->plan);
    plan_init(&r->plan);
    r->stopped = r->lost = r->cancelled = false;
    mem_replace(&r->refusal, NULL);
    mem_replace(&r->closed, NULL);
    mem_replace(&r->tagged, NULL);
    mem_replace(&r->last_text, NULL);
    memset(r->tally, 0, sizeof r->tally);
    r->journal_error = (struct err){.code = ERR_NONE};
    r->state = RUNNER_IDLE;
    r->home = r->options.act;
}

/* Takes text. The runner is idle again before anybody hears of it, so that the next order may follow at once.
 */
static void end(struct runner *r, enum action_outcome outcome, char *text, bool with_result)
{
    char *result = with_result ? mem_strdup(r->plan.result) : NULL;

    if (with_result && runner_where(r)) {
        char *longer = phrase_make("%s; at %s", text, runner_where(r));
        mem_free(text);
        text = longer;
    }
    write_down(r, "finish", NULL, action_outcome_name[outcome], r->tagged ? r->tagged : text);
    if (r->journal_error.code != ERR_NONE) {
        char *longer = phrase_make("%s; not in the journal: %s", text, r->journal_error.text);
        mem_free(text);
        text = longer;
    }
    forget(r);
    if (r->options.on_finish) {
        r->options.on_finish(r->options.ctx, outcome, text, result);
    }
    mem_free(text);
    mem_free(result);
}

void runner_free(struct runner *r)
{
    if (!r) {
        return;
    }
    if (r->state == RUNNER_RUNNING) {
        end(r, ACTION_UNKNOWN, mem_strdup("the console ended before the replies came"), false);
    } else if (r->state != RUNNER_IDLE) {
        write_down(r, "finish", NULL, action_outcome_name[ACTION_REFUSED], "not confirmed: nothing was done");
    }
    forget(r);
    step_forget(r);
    order_release(&r->order);
    plan_release(&r->plan);
    watch_free(r->watch);
    timer_free(r->timer);
    mem_free(r->origin);
    mem_free(r);
}

/* --- the one gate --- */

static bool may_begin(const struct runner *r, const struct order *o, struct err *err)
{
    if (r->options.read_only) {
        return err_set(err, ERR_REFUSED, "read-only: %s is refused", verb_name[o->verb]);
    }
    if (r->state != RUNNER_IDLE) {
        return err_set(err, ERR_REFUSED, "busy: %s is still under way", verb_name[r->order.verb]);
    }
    if (!is_connected(r, home_of(r, o), err)) {
        return false;
    }
    if (needs_target[o->verb] && utarray_len(&o->target) == 0) {
        return err_set(err, ERR_USAGE, "%s: nothing to do", verb_name[o->verb]);
    }
    if (o->verb == VERB_REPAIR && utarray_len(&o->stray) == 0) {
        return err_set(err, ERR_USAGE, "%s: nothing to do", verb_name[o->verb]);
    }
    if (o->verb == VERB_WORKER && !o->method) {
        return err_set(err, ERR_USAGE, "worker: which method?");
    }
    /* Without a destination it would reach every worker. */
    if (o->verb == VERB_WORKER && o->method->needs_target && utarray_len(&o->target) == 0) {
        return err_set(err, ERR_USAGE, "worker %s: which worker?", o->method->word);
    }
    if (o->verb == VERB_ENQUEUE && !o->task) {
        return err_set(err, ERR_USAGE, "enqueue: which task?");
    }
    return true;
}

bool runner_order(struct runner *r, struct order *o, struct err *err)
{
    struct err why = {0};

    if (!may_begin(r, o, &why)) {
        struct err ignored = {0};
        if (r->options.journal) {
            journal_write(r->options.journal, clock_wall_us(), "refused", verb_name[o->verb], NULL,
                          action_outcome_name[ACTION_REFUSED], why.text, &ignored);
        }
        return err_set(err, why.code, "%s", why.text);
    }
    order_release(&r->order);
    r->order = *o;
    order_init(o, r->order.verb);
    plan_release(&r->plan);
    plan_init(&r->plan);
    r->plan.verb = r->order.verb;
    r->plan.strict = r->options.strict;
    r->home = home_of(r, &r->order);
    if (runner_where(r)) {
        plan_remark(&r->plan, "at the broker: %s", runner_where(r));
    }
    for (unsigned i = 0; i < utarray_len(&r->order.remark); i++) {
        plan_remark(&r->plan, "%s", *VERB_AT(&r->order.remark, char *, i));
    }
    r->ops = verb_ops_of(r->order.verb);
    r->state = RUNNER_PLANNING;
    gate_then(r, r->ops->plan);
    return true;
}

bool runner_confirm(struct runner *r, const char *typed, struct err *err)
{
    if (r->state != RUNNER_ASKING) {
        return err_set(err, ERR_USAGE, "there is nothing to confirm");
    }
    bool right = r->plan.confirm == PLAN_CONFIRM_TYPED ? typed && strcmp(typed, r->plan.typed) == 0
                                                       : !typed || strcmp(typed, "y") == 0;
    if (!right) {
        return err_set(err, ERR_USAGE, "to confirm, %s %s",
                       r->plan.confirm == PLAN_CONFIRM_TYPED ? "type" : "press",
                       r->plan.confirm == PLAN_CONFIRM_TYPED ? r->plan.typed : "y");
    }
    if (!is_connected(r, r->home, err)) {
        return false;
    }
    if (r->options.dry_run) {
        end(r, ACTION_DONE, mem_strdup("dry run: nothing was changed"), false);
        return true;
    }
    write_down(r, "confirm", NULL, NULL, typed ? "typed" : "y");
    r->state = RUNNER_RUNNING;
    r->lost = false;
    r->progress_us = 0;
    gate_then(r, r->ops->run);
    return true;
}

void runner_cancel(struct runner *r)
{
    if (r->state == RUNNER_PLANNING && r->stepping) {
        r->cancelled = true; /* told from within on_progress: the step goes on with what it has */
    } else if (r->state == RUNNER_PLANNING || r->state == RUNNER_ASKING) {
        end(r, ACTION_REFUSED, mem_strdup(STEP_CANCELLED), false);
    }
}

void runner_cut(struct runner *r)
{
    if (r->state == RUNNER_PLANNING || r->state == RUNNER_ASKING) {
        const char *why = link_status(r->home)->error;
        end(r, ACTION_FAILED,
            phrase_make("the connection was lost (%s): nothing was done", *why ? why : "no reply"), false);
    }
}

void runner_stop(struct runner *r)
{
    if (r->state == RUNNER_RUNNING) {
        r->stopped = true;
    }
}

enum runner_state runner_state(const struct runner *r)
{
    return r->state;
}

const struct plan *runner_plan(const struct runner *r)
{
    return r->state == RUNNER_ASKING || r->state == RUNNER_RUNNING ? &r->plan : NULL;
}

void runner_own_reads(const struct runner *r, int64_t *ret_hits, int64_t *ret_misses)
{
    *ret_hits = r->own_hits;
    *ret_misses = r->own_misses;
}

int64_t runner_own_celery_misses(const struct runner *r)
{
    return r->own_celery_misses;
}

/* --- what verbs tell --- */

void verb_planned(struct runner *r)
{
    if (r->cancelled) {
        verb_refuse(r, ACTION_REFUSED, STEP_CANCELLED);
        return;
    }
    char *count = phrase_make("%s (%" PRId64 ")", r->tagged ? r->tagged : r->plan.title, r->plan.count);
    write_down(r, "plan", NULL, NULL, count);
    mem_free(count);
    keep_tag(r, r->tagged);
    mem_replace(&r->tagged, NULL);
    if (!r->options.journal) {
        plan_remark(&r->plan, "there is no journal: this will not be written down");
    } else if (r->journal_error.code != ERR_NONE) {
        plan_remark(&r->plan, "this cannot be written down: %s", r->journal_error.text);
    }
    r->state = RUNNER_ASKING;
    if (r->options.on_plan) {
        r->telling_plan = true;
        r->options.on_plan(r->options.ctx, &r->plan);
        r->telling_plan = false;
    }
    if (r->options.dry_run && r->state == RUNNER_ASKING) {
        end(r, ACTION_DONE, mem_strdup("dry run: nothing was changed"), false);
    }
}

void verb_tag(struct runner *r, const char *tagged)
{
    mem_replace(&r->tagged, tagged);
}

void verb_refuse(struct runner *r, enum action_outcome outcome, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = phrase_make_va(format, args);
    va_end(args);
    end(r, outcome, text, false);
}

void verb_refuse_lines(struct runner *r, enum action_outcome outcome, const char *lines)
{
    end(r, outcome, mem_strdup(lines), false);
}

void verb_finish(struct runner *r, const char *format, ...)
{
    enum action_outcome worst = ACTION_GONE;
    for (int i = 0; i < ACTION_OUTCOME_COUNT; i++) {
        if (r->tally[i] > 0 && severity[i] > severity[worst]) {
            worst = (enum action_outcome)i;
        }
    }
    va_list args;
    va_start(args, format);
    char *text = phrase_make_va(format, args);
    va_end(args);
    end(r, worst, text, true);
}

void verb_receipt_full(struct runner *r, const struct action_receipt *receipt, const char *tag)
{
    r->tally[receipt->outcome]++;
    mem_replace(&r->last_text, receipt->text);
    write_down(r, "receipt", tag ? tag : receipt->subject, action_outcome_name[receipt->outcome],
               receipt->text);
    if (r->options.on_receipt) {
        r->options.on_receipt(r->options.ctx, receipt);
    }
}

void verb_receipt(struct runner *r, enum action_outcome outcome, const char *shown, const char *tag,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *said = phrase_make_va(format, args);
    va_end(args);
    /* To be absent there proves nothing: it may never have come there, or come back with an older copy. */
    bool proven = !r->elsewhere || !r->plan.destructive;
    enum action_outcome seen =
        !proven && (outcome == ACTION_DONE || outcome == ACTION_GONE) ? ACTION_UNKNOWN : outcome;
    char *text = phrase_make("%s%s", said, r->elsewhere ? VERB_ELSEWHERE : "");
    struct action_receipt receipt = {
        .verb = r->order.verb, .subject = shown, .outcome = seen, .text = text, .batch_total = -1};
    verb_receipt_full(r, &receipt, tag);
    mem_free(said);
    mem_free(text);
}

void verb_progress(struct runner *r, int64_t done, int64_t total, const char *text)
{
    int64_t now = clock_mono_us();
    if (r->options.on_progress && now - r->progress_us >= PROGRESS_US) {
        r->progress_us = now;
        /* Some of these are what a server said. */
        r->options.on_progress(r->options.ctx, done < 0 ? 0 : done, total < 0 ? 0 : total, text);
    }
}

char *verb_error(const struct reply *reply)
{
    return reply_is_error(reply) ? utf8_sanitise_dup(reply_error(reply), PHRASE_COLUMNS) : NULL;
}

void verb_keep_error(char **slot, const struct reply *reply)
{
    if (!*slot) {
        *slot = verb_error(reply);
    }
}

bool verb_take_status(const struct reply *reply, char **status, bool *final)
{
    struct span value;
    struct result result;

    if (!reply_string(reply, &value) || value.len == 0) {
        return false;
    }
    result_decode(&result, value);
    if (result.valid && result.status) {
        mem_free(*status);
        *status = utf8_sanitise_dup(span_of(result.status), PHRASE_COLUMNS);
        *final = result_is_final(&result);
    }
    result_release(&result);
    return true;
}
