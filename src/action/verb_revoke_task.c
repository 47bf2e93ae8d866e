#include "chase.h"
#include "keep.h"
#include "literal.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

enum {
    LOOK_MAX =
        50, /* tasks whose place is looked up; beyond, revoking is a broadcast in the dark, and says so */
    TASK_MAX = 10000
};

static void list_done(void *element)
{
    struct chase_list *list = element;
    mem_free(list->key);
    mem_free(list->queue);
}
static const UT_icd list_icd = {sizeof(struct chase_list), NULL, NULL, list_done};

static void parcel_done(void *element)
{
    struct parcel *p = element;
    mem_free(p->key);
    mem_free(p->list);
    mem_free(p->bytes);
    mem_free(p->tag);
    mem_free(p->error);
}
static const UT_icd parcel_icd = {sizeof(struct parcel), NULL, NULL, parcel_done};

static void trace_done(void *element)
{
    trace_release(element);
}
static const UT_icd trace_icd = {sizeof(struct trace), NULL, NULL, trace_done};

static void release(void *work)
{
    struct chase *c = work;
    if (!c) {
        return;
    }
    HASH_CLEAR(hh, c->by_id);
    for (size_t i = 0; i < c->count; i++) {
        struct quarry *q = &c->task[i];
        mem_free(q->id);
        mem_free(q->shown);
        mem_free(q->status);
        mem_free(q->queue);
        mem_free(q->meta_error);
    }
    mem_free(c->task);
    utarray_done(&c->list);
    utarray_done(&c->parcel);
    utarray_done(&c->trace);
    utstring_done(&c->cursor);
    mem_free(c);
}

/* --- the plan --- */

static const struct {
    const char *revoke, *terminate;
} effects[PLACE_COUNT] = {
    [PLACE_NOWHERE] = {"found nowhere: workers only note its id", "found nowhere: workers only note its id"},
    [PLACE_WAITING] = {"it stays in the list and is dropped when a worker takes it",
                       "it stays in the list and is dropped when a worker takes it"},
    [PLACE_HELD] = {"a worker holds it (prefetched, or until its time): it is dropped when its turn comes",
                    "a worker holds it (prefetched, or until its time): it is dropped when its turn comes"},
    [PLACE_RUNNING] = {"it is running and goes on to its end: only --terminate stops it",
                       "it is running: its process is killed"},
    [PLACE_ENDED] = {"it has ended: a revoke does nothing", "it has ended: a revoke does nothing"},
};

/* Later steps of a task's life first; a result may be left of an earlier attempt while the message lies in a
 * list. */
static enum place place_of(const struct quarry *q)
{
    if (q->held) {
        return q->status && !q->final && strcmp(q->status, "RETRY") != 0 ? PLACE_RUNNING : PLACE_HELD;
    }
    if (q->waiting) {
        return PLACE_WAITING;
    }
    if (q->final) {
        return PLACE_ENDED;
    }
    return q->status ? PLACE_RUNNING : PLACE_NOWHERE;
}

static void say_tasks(struct runner *r)
{
    struct chase *c = r->work;
    for (size_t i = 0; i < c->count; i++) {
        struct quarry *q = &c->task[i];
        q->place = place_of(q);
        if (i < VERB_SAMPLE) {
            const char *effect = r->order.remove && q->parcels
                                     ? "it is taken out of the list and does not run"
                                 : r->order.terminate ? effects[q->place].terminate
                                                      : effects[q->place].revoke;
            plan_sample(&r->plan, "%s%s%s%s%s: %s", q->shown, q->status ? " " : "",
                        q->status ? q->status : "", q->place == PLACE_WAITING ? " in " : "",
                        q->place == PLACE_WAITING ? q->queue : "", effect);
        }
    }
}

static void say_workers(struct runner *r, size_t waiting)
{
    const struct pidbox *b = pidbox_of(r);

    if (b->nodes < 0) {
        plan_remark(&r->plan, "which workers listen could not be read");
        return;
    }
    if (b->nodes == 0) {
        plan_remark(&r->plan, "no worker has a mailbox: it seems that nobody would hear this%s",
                    waiting && !r->order.remove ? "; --remove takes what waits out of its list" : "");
        return;
    }
    char *names = pidbox_nodes(r);
    char *count = phrase_count(b->nodes, "worker has a mailbox", "workers have a mailbox");
    plan_remark(&r->plan, "%s: %s", count, names);
    mem_free(count);
    mem_free(names);
}

/* How many messages lie in the list of the first-th one; 0: it was counted with an earlier one. */
static size_t count_of_list(const struct chase *c, size_t first)
{
    const char *list = VERB_AT(&c->parcel, struct parcel, first)->list;
    size_t n = 0;
    for (size_t i = 0; i < utarray_len(&c->parcel); i++) {
        bool same = strcmp(VERB_AT(&c->parcel, struct parcel, i)->list, list) == 0;
        if (same && i < first) {
            return 0;
        }
        n += same;
    }
    return n;
}

/* "  x 12" behind what is done more than once. */
static char *times_of(size_t n)
{
    return n > 1 ? phrase_make("  x %zu", n) : mem_strdup("");
}

static void say_lists(struct runner *r)
{
    const struct chase *c = r->work;

    for (size_t i = 0; i < utarray_len(&c->parcel); i++) {
        size_t n = count_of_list(c, i);
        if (n > 0) {
            char *times = times_of(n);
            plan_command(&r->plan, "LREM %s 0 <its message>%s", VERB_AT(&c->parcel, struct parcel, i)->list,
                         times);
            mem_free(times);
        }
    }
    char *times = times_of(utarray_len(&c->parcel));
    plan_command(&r->plan, "MULTI; SETEX and PUBLISH celery-task-meta-%s REVOKED; EXEC%s",
                 c->count == 1 ? c->task[0].shown : "<id>", times);
    mem_free(times);
}

/* What --remove takes out, and what that leaves behind. */
static void say_removal(struct runner *r)
{
    const struct chase *c = r->work;
    size_t chords = 0;

    if (utarray_len(&c->parcel) == 0) {
        plan_remark(&r->plan, "no message of these was found waiting: there is nothing to take out");
    } else {
        say_lists(r);
    }
    if (c->too_large) {
        plan_remark(&r->plan, "messages of more than 64 MiB together are not taken out");
    }
    for (size_t i = 0; i < c->count; i++) {
        chords += c->task[i].parcels && c->task[i].has_chord;
    }
    if (chords > 0) {
        char *count =
            phrase_count((int64_t)chords, "message is a part of a chord", "messages are parts of chords");
        plan_remark(&r->plan, "%s: taken out, the chord waits for it for ever", count);
        mem_free(count);
    }
}

/* Nothing but ended tasks: told, and nothing is asked. */
static bool all_ended(struct runner *r)
{
    const struct chase *c = r->work;
    for (size_t i = 0; i < c->count; i++) {
        if (c->task[i].place != PLACE_ENDED) {
            return false;
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        verb_receipt(r, ACTION_GONE, c->task[i].shown, NULL, "it has ended (%s): nothing to revoke",
                     c->task[i].status);
    }
    if (c->count == 1) {
        verb_refuse(r, ACTION_GONE, "task %s has ended (%s): nothing to revoke", c->task[0].shown,
                    c->task[0].status);
    } else {
        verb_refuse(r, ACTION_GONE, "all %zu tasks have ended: nothing to revoke", c->count);
    }
    return true;
}

/* A revocation itself cannot be undone: what comes back is the message. */
static void say_kept(struct runner *r)
{
    keep_say(r, "message", NULL);
    if (r->plan.kept > 0) {
        plan_remark(&r->plan,
                    "undo puts messages back; workers that hear this revoke drop them all the same");
        r->plan.kept = 0;
    }
}

static void kept(struct runner *r)
{
    struct chase *c = r->work;
    struct plan *p = &r->plan;
    const char *what = r->order.terminate ? "terminate" : "revoke";
    size_t waiting = 0;

    say_tasks(r);
    if (all_ended(r)) {
        return;
    }
    if (c->count == 1) {
        plan_title(p, "%s task %s", what, c->task[0].shown);
    } else {
        plan_title(p, "%s %zu tasks", what, c->count);
    }
    char *times = times_of(c->count);
    plan_command(p, "PUBLISH /%d.celery.pidbox revoke(task_id=%s, terminate=%s, signal=SIGTERM)%s",
                 r->options.db, c->count == 1 ? c->task[0].shown : "<id>",
                 r->order.terminate ? "true" : "false", times);
    mem_free(times);
    if (r->order.remove) {
        say_removal(r);
    }
    for (size_t i = 0; i < c->count; i++) {
        waiting += c->task[i].waiting;
    }
    say_workers(r, waiting);
    plan_remark(p,
                "a revoke lives in the memory of the workers that hear it: if all restart, it is forgotten");
    if (c->count > LOOK_MAX) {
        plan_remark(p, "results were looked up for the first %d tasks only", LOOK_MAX);
    }
    if (c->cut_short) {
        plan_remark(p, "long lists were not searched to their end: only the next %d of each",
                    CHASE_DEPTH_MAX);
    }
    if (!r->options.result || !link_is_ready(r->options.result)) {
        plan_remark(p, "the result database could not be read: which tasks run or have ended is not known");
    }
    say_kept(r);
    p->destructive = r->order.terminate || utarray_len(&c->parcel) > 0;
    plan_ask(p, (int64_t)c->count);
    verb_planned(r);
}

static int64_t size_at(struct runner *r, size_t i)
{
    const struct chase *c = r->work;
    return r->order.remove ? (int64_t)VERB_AT(&c->parcel, struct parcel, i)->len : KEEP_NOTHING;
}

static void plan_end(struct runner *r)
{
    const struct chase *c = r->work;
    keep_look(r, utarray_len(&c->parcel), NULL, size_at, kept);
}

static bool take_targets(struct runner *r, struct chase *c)
{
    const UT_array *target = &r->order.target;
    c->task = mem_zalloc(utarray_len(target) * sizeof *c->task);
    for (size_t i = 0; i < utarray_len(target); i++) {
        const struct target *t = VERB_AT(target, struct target, i);
        /* An id that JSON cannot carry would become another one on its way. */
        if (!literal_is_utf8(target_id(t)) || memchr(t->id, '\0', t->id_len) || t->id_len == 0) {
            return false;
        }
        if (chase_task(c, t->id)) {
            continue;
        }
        struct quarry *q = &c->task[c->count++];
        q->id = mem_strdup(t->id);
        q->shown = utf8_sanitise_dup(target_id(t), PHRASE_COLUMNS);
        HASH_ADD_KEYPTR(hh, c->by_id, q->id, strlen(q->id), q);
    }
    return true;
}

static void plan(struct runner *r)
{
    struct chase *c = mem_zalloc(sizeof *c);

    r->work = c;
    utstring_init(&c->cursor);
    text_add(&c->cursor, S("0"));
    utarray_init(&c->list, &list_icd);
    utarray_init(&c->parcel, &parcel_icd);
    utarray_init(&c->trace, &trace_icd);
    if (utarray_len(&r->order.target) > TASK_MAX) {
        verb_refuse(r, ACTION_REFUSED, "more than %d tasks at once", TASK_MAX);
        return;
    }
    if (!take_targets(r, c)) {
        verb_refuse(r, ACTION_REFUSED, "a task id must be a text in UTF-8");
        return;
    }
    pidbox_look(r);
    chase_find(r, LOOK_MAX, plan_end);
}

const struct verb_ops verb_revoke_task_ops = {.plan = plan, .run = chase_run, .release = release};
