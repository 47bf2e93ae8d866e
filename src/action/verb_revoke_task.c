#include "chase.h"
#include "literal.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#include "redai/schema/binding.h"
#include "redai/schema/message.h"
#include "redai/schema/result.h"
#include "redai/schema/unacked.h"

enum {
    LOOK_MAX =
        50, /* tasks whose place is looked up; beyond, revoking is a broadcast in the dark, and says so */
    TASK_MAX = 10000,
    DEPTH_MAX = 2000, /* elements of one list, and entries of unacked, that are looked at */
    PAGE = 100
};
#define HSCAN_COUNT "50" /* an entry may hold megabytes of arguments */
#define MAILBOXES   "_kombu.binding.celery.pidbox"

static void list_done(void *element)
{
    struct chase_list *list = element;
    mem_free(list->key);
    mem_free(list->queue);
}
static const UT_icd list_icd = {sizeof(struct chase_list), NULL, NULL, list_done};

static void worker_done(void *element)
{
    mem_free(*(char **)element);
}
static const UT_icd worker_icd = {sizeof(char *), NULL, NULL, worker_done};

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
        mem_free(q->error);
        utstring_done(&q->answers);
    }
    mem_free(c->task);
    mem_free(c->box_error);
    utarray_done(&c->list);
    utarray_done(&c->worker);
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
            const char *effect = r->order.terminate ? effects[q->place].terminate : effects[q->place].revoke;
            plan_sample(&r->plan, "%s%s%s%s%s: %s", q->shown, q->status ? " " : "",
                        q->status ? q->status : "", q->place == PLACE_WAITING ? " in " : "",
                        q->place == PLACE_WAITING ? q->queue : "", effect);
        }
    }
}

static void say_workers(struct runner *r)
{
    const struct chase *c = r->work;
    UT_string names;

    if (c->workers < 0) {
        plan_remark(&r->plan, "which workers listen could not be read");
        return;
    }
    if (c->workers == 0) {
        plan_remark(&r->plan, "no worker has a mailbox: it seems that nobody would hear this");
        return;
    }
    utstring_init(&names);
    for (size_t i = 0; i < utarray_len(&c->worker); i++) {
        utstring_printf(&names, "%s%s", i ? ", " : "", *VERB_AT(&c->worker, char *, i));
    }
    char *count = phrase_count(c->workers, "worker has a mailbox", "workers have a mailbox");
    plan_remark(&r->plan, "%s: %s%s", count, utstring_body(&names),
                c->workers > (int64_t)utarray_len(&c->worker) ? ", ..." : "");
    mem_free(count);
    utstring_done(&names);
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

static void plan_end(struct runner *r)
{
    struct chase *c = r->work;
    struct plan *p = &r->plan;
    const char *what = r->order.terminate ? "terminate" : "revoke";

    say_tasks(r);
    if (all_ended(r)) {
        return;
    }
    if (c->count == 1) {
        plan_title(p, "%s task %s", what, c->task[0].shown);
    } else {
        plan_title(p, "%s %zu tasks", what, c->count);
    }
    char times[32] = "";
    if (c->count > 1) {
        snprintf(times, sizeof times, "  x %zu", c->count);
    }
    plan_command(p, "PUBLISH /%d.celery.pidbox revoke(task_id=%s, terminate=%s, signal=SIGTERM)%s",
                 r->options.db, c->count == 1 ? c->task[0].shown : "<id>",
                 r->order.terminate ? "true" : "false", times);
    say_workers(r);
    plan_remark(p,
                "a revoke lives in the memory of the workers that hear it: if all restart, it is forgotten");
    if (c->count > LOOK_MAX) {
        plan_remark(p, "results were looked up for the first %d tasks only", LOOK_MAX);
    }
    if (c->cut_short) {
        plan_remark(p, "long lists were not searched to their end: only the next %d of each", DEPTH_MAX);
    }
    if (!r->options.result || !link_is_ready(r->options.result)) {
        plan_remark(p, "the result database could not be read: which tasks run or have ended is not known");
    }
    p->destructive = r->order.terminate;
    plan_ask(p, (int64_t)c->count);
    verb_planned(r);
}

/* --- where the tasks are --- */

static struct quarry *find(struct chase *c, const char *id)
{
    struct quarry *q = NULL;
    if (id) {
        HASH_FIND_STR(c->by_id, id, q);
    }
    return q;
}

static void take_element(struct chase *c, struct span element, struct span queue, bool held)
{
    struct message m;
    message_decode(&m, element);
    struct quarry *q = find(c, m.id);
    if (q) {
        q->held = q->held || held;
        q->waiting = q->waiting || !held;
        mem_free(q->queue);
        q->queue = utf8_sanitise_dup(queue, PHRASE_COLUMNS);
    }
    message_release(&m);
}

static void look_lists(struct runner *r);

static void on_elements(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    struct chase_list *list = VERB_AT(&c->list, struct chase_list, a->tag);
    size_t n = reply_count(a->reply);

    for (size_t i = 0; i < n; i++) {
        take_element(c, reply_text(reply_at(a->reply, i)), span_of(list->queue), false);
    }
    /* From the right: what is taken next comes first. */
    list->at -= PAGE;
    bool deep = list->at < -DEPTH_MAX;
    c->cut_short = c->cut_short || (n == PAGE && deep);
    if (n < PAGE || deep) {
        list->at = 0;
    }
}

static void look_lists(struct runner *r)
{
    struct chase *c = r->work;
    bool open = false;

    for (size_t i = 0; i < utarray_len(&c->list); i++) {
        const struct chase_list *list = VERB_AT(&c->list, struct chase_list, i);
        char first[24], last[24];
        if (list->at == 0) {
            continue;
        }
        open = true;
        snprintf(first, sizeof first, "%" PRId64, list->at - PAGE + 1);
        snprintf(last, sizeof last, "%" PRId64, list->at);
        step_act(r, on_elements, i, S("LRANGE"), span_of(list->key), span_of(first), span_of(last));
    }
    step_then(r, open ? look_lists : plan_end);
}

static void add_queue(struct chase *c, const char *queue)
{
    UT_string key;
    for (size_t i = 0; i < utarray_len(&c->list); i++) {
        if (strcmp(VERB_AT(&c->list, struct chase_list, i)->queue, queue) == 0) {
            return;
        }
    }
    utstring_init(&key);
    for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        utstring_clear(&key);
        message_list_key(span_of(queue), message_priority_step[i], &key);
        struct chase_list list = {
            .key = mem_strdup(utstring_body(&key)), .queue = mem_strdup(queue), .at = -1};
        utarray_push_back(&c->list, &list);
    }
    utstring_done(&key);
}

static void begin_lists(struct runner *r)
{
    struct chase *c = r->work;
    add_queue(c, "celery");
    for (size_t i = 0; r->options.routes && i < utarray_len(&r->options.routes->row); i++) {
        add_queue(c, VERB_AT(&r->options.routes->row, const struct route, i)->queue);
    }
    look_lists(r);
}

static void scan_unacked(struct runner *r);

static void after_unacked(struct runner *r)
{
    struct chase *c = r->work;
    bool over = span_equal(text_span(&c->cursor), S("0"));
    c->cut_short = c->cut_short || (!over && c->entries >= DEPTH_MAX);
    if (over || c->entries >= DEPTH_MAX) {
        begin_lists(r);
    } else {
        scan_unacked(r);
    }
}

static void on_unacked(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    const struct reply *entries = reply_at(a->reply, 1);
    struct span cursor = reply_text(reply_at(a->reply, 0));
    UT_string queue, element;

    utstring_init(&queue);
    utstring_init(&element);
    utstring_clear(&c->cursor);
    text_add(&c->cursor, cursor.len ? cursor : S("0"));
    for (size_t i = 1; i < reply_count(entries); i += 2) {
        utstring_clear(&queue);
        utstring_clear(&element);
        c->entries++;
        if (unacked_decode(reply_text(reply_at(entries, i)), &queue, &element)) {
            take_element(c, text_span(&element), text_span(&queue), true);
        }
    }
    utstring_done(&queue);
    utstring_done(&element);
}

static void scan_unacked(struct runner *r)
{
    struct chase *c = r->work;
    step_act(r, on_unacked, 0, S("HSCAN"), S("unacked"), text_span(&c->cursor), S("COUNT"), S(HSCAN_COUNT));
    step_then(r, after_unacked);
}

void chase_take_meta(struct quarry *q, const struct reply *reply)
{
    struct span value;
    struct result result;

    if (!reply_string(reply, &value) || value.len == 0) {
        return;
    }
    result_decode(&result, value);
    if (result.valid && result.status) {
        mem_free(q->status);
        q->status = utf8_sanitise_dup(span_of(result.status), PHRASE_COLUMNS);
        q->final = result_is_final(&result);
    }
    result_release(&result);
}

static void on_meta(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    chase_take_meta(&c->task[a->tag], a->reply);
}

/* Members name a mailbox "worker1@demo.celery.pidbox". */
static void on_mailboxes(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    const struct reply *members = reply_at(a->reply, 1);
    struct span queue;

    c->workers = reply_type(a->reply) == REPLY_ARRAY ? (int64_t)reply_count(members) : -1;
    for (size_t i = 0; i < reply_count(members) && i < VERB_SAMPLE; i++) {
        if (binding_queue(reply_text(reply_at(members, i)), &queue)) {
            struct span suffix = S(".celery.pidbox");
            queue.len -= span_ends(queue, suffix) ? suffix.len : 0;
            char *shown = utf8_sanitise_dup(queue, PHRASE_COLUMNS);
            utarray_push_back(&c->worker, &shown);
        }
    }
}

size_t chase_expected(const struct chase *c)
{
    return c->workers > 0 ? (size_t)c->workers : 0;
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
        if (find(c, t->id)) {
            continue;
        }
        struct quarry *q = &c->task[c->count++];
        q->id = mem_strdup(t->id);
        q->shown = utf8_sanitise_dup(target_id(t), PHRASE_COLUMNS);
        q->receivers = -1;
        utstring_init(&q->answers);
        HASH_ADD_KEYPTR(hh, c->by_id, q->id, strlen(q->id), q);
    }
    return true;
}

static void plan(struct runner *r)
{
    struct chase *c = mem_zalloc(sizeof *c);

    r->work = c;
    c->workers = -1;
    utstring_init(&c->cursor);
    text_add(&c->cursor, S("0"));
    utarray_init(&c->list, &list_icd);
    utarray_init(&c->worker, &worker_icd);
    if (utarray_len(&r->order.target) > TASK_MAX) {
        verb_refuse(r, ACTION_REFUSED, "more than %d tasks at once", TASK_MAX);
        return;
    }
    if (!take_targets(r, c)) {
        verb_refuse(r, ACTION_REFUSED, "a task id must be a text in UTF-8");
        return;
    }
    for (size_t i = 0; i < c->count && i < LOOK_MAX && r->options.result && link_is_ready(r->options.result);
         i++) {
        char *key = phrase_make("celery-task-meta-%s", c->task[i].id);
        step_result(r, on_meta, i, S("GETRANGE"), span_of(key), S("0"), S(VERB_VALUE_LAST));
        mem_free(key);
    }
    step_act(r, on_mailboxes, 0, S("SSCAN"), S(MAILBOXES), S("0"), S("COUNT"), S("1000"));
    step_then(r, scan_unacked);
}

const struct verb_ops verb_revoke_task_ops = {.plan = plan, .run = chase_run, .release = release};
