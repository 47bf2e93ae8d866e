/* purge: all messages that wait in a queue, in all its priority lists. What is removed is what the plan
 * counted: the newest element that it saw marks the place up to which producers have pushed since, and what
 * lies left of it stays. What workers hold (`unacked`) is not touched. Source: facts, sections 1.4, 3.5. */
#include "keep.h"
#include "phrase.h"
#include "purge.h"
#include "verb.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#include "redai/schema/unacked.h"

enum { SAMPLES = 3, HELD_MAX = 1000 };
#define MAILBOXES "_kombu.binding.celery.pidbox"

void purge_release(void *work)
{
    struct purge *v = work;
    if (!v) {
        return;
    }
    for (size_t i = 0; i < v->count; i++) {
        struct purge_queue *q = &v->queue[i];
        mem_free(q->name);
        mem_free(q->shown);
        mem_free(q->error);
        for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
            utstring_done(&q->list[k].key);
            utstring_done(&q->list[k].newest);
            mem_free(q->list[k].sample);
        }
    }
    mem_free(v->queue);
    mem_free(v->error);
    utstring_done(&v->cursor);
    mem_free(v);
}

/* An answer's tag: queue and list. */
static struct purge_list *list_of(struct runner *r, const struct answer *a)
{
    struct purge *v = r->work;
    return &v->queue[a->tag / MESSAGE_PRIORITY_STEPS].list[a->tag % MESSAGE_PRIORITY_STEPS];
}

/* --- plan --- */

static void say_queue(struct runner *r, const struct purge_queue *q)
{
    char *all = phrase_count(q->counted, "waits", "wait");
    UT_string steps;

    utstring_init(&steps);
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        if (q->list[k].counted > 0 && (k > 0 || q->list[k].counted < q->counted)) {
            utstring_printf(&steps, "%s%" PRId64 " at priority %d", utstring_len(&steps) ? ", " : " (",
                            q->list[k].counted, message_priority_step[k]);
        }
    }
    plan_sample(&r->plan, "%s: %s%s%s", q->shown, all, utstring_body(&steps),
                utstring_len(&steps) ? ")" : "");
    utstring_done(&steps);
    mem_free(all);
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        if (q->list[k].sample) {
            plan_sample(&r->plan, "next: %s", q->list[k].sample);
        }
    }
}

static void say_held(struct runner *r)
{
    const struct purge *v = r->work;
    int64_t held = 0, timed = 0;
    for (size_t i = 0; i < v->count; i++) {
        held += v->queue[i].held;
        timed += v->queue[i].timed;
    }
    if (held > 0) {
        char *those = phrase_count(held, "message in flight", "messages in flight");
        plan_remark(&r->plan, "%s%s of %s stay: workers hold them", v->held_cut ? "at least " : "", those,
                    v->count == 1 ? "this queue" : "these queues");
        mem_free(those);
    }
    if (timed > 0) {
        plan_remark(&r->plan, "%" PRId64 " of them are held until their time (eta), and run then", timed);
    }
    if (v->workers == 0) {
        plan_remark(&r->plan, "no worker has a mailbox: it seems that none runs");
    } else if (v->workers > 0) {
        char *workers = phrase_count(v->workers, "worker has a mailbox", "workers have a mailbox");
        plan_remark(&r->plan, "%s: what they take before this runs is not removed", workers);
        mem_free(workers);
    }
}

/* How large they are is guessed from their lists. */
static void plan_kept(struct runner *r)
{
    const struct purge *v = r->work;
    int64_t bytes = 0;
    for (size_t i = 0; i < v->count * MESSAGE_PRIORITY_STEPS; i++) {
        bytes += v->queue[i / MESSAGE_PRIORITY_STEPS].list[i % MESSAGE_PRIORITY_STEPS].bytes;
    }
    keep_plan_messages(r, v->counted, bytes);
}

static void plan_end(struct runner *r)
{
    struct purge *v = r->work;
    struct plan *p = &r->plan;

    if (v->error) {
        verb_refuse(r, ACTION_FAILED, "purge: the server refused a look-up: %s: nothing was done", v->error);
        return;
    }
    v->counted = 0;
    for (size_t i = 0; i < v->count; i++) {
        struct purge_queue *q = &v->queue[i];
        for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
            q->counted += q->list[k].counted;
        }
        v->counted += q->counted;
    }
    if (v->counted == 0) {
        for (size_t i = 0; i < v->count; i++) {
            verb_receipt(r, ACTION_GONE, v->queue[i].shown, NULL, "nothing waits in it");
        }
        verb_refuse(r, ACTION_GONE, "purge: nothing waits in %s",
                    v->count == 1 ? v->queue[0].shown : "these queues");
        return;
    }
    char *what = phrase_count(v->counted, "message", NULL);
    if (v->count == 1) {
        plan_title(p, "purge %s: %s", v->queue[0].shown, what);
    } else {
        plan_title(p, "purge %zu queues: %s", v->count, what);
    }
    mem_free(what);
    plan_kept(r);
    if (keep_any(r)) {
        plan_command(p, "WATCH <lists>; MULTI; LRANGE <list> <its last ones>; LTRIM <list> 0 <before them>; "
                        "EXEC  in slices");
    } else {
        plan_command(p, "WATCH <lists>; MULTI; LTRIM <list> 0 <newer than counted>; EXEC  x %zu", v->count);
    }
    for (size_t i = 0; i < v->count && i < VERB_SAMPLE; i++) {
        say_queue(r, &v->queue[i]);
    }
    plan_remark(p, "messages that are pushed after this count stay");
    plan_remark(p, "nobody writes a result for them: who waits for one waits for ever");
    say_held(r);
    keep_say(r, "message", NULL);
    p->destructive = true;
    plan_ask_typed(p, v->counted);
    verb_planned(r);
}

static struct purge_queue *queue_named(struct purge *v, struct span name)
{
    for (size_t i = 0; i < v->count; i++) {
        if (span_equal(span_of(v->queue[i].name), name)) {
            return &v->queue[i];
        }
    }
    return NULL;
}

static void scan_held(struct runner *r);

static void on_held(struct runner *r, const struct answer *a)
{
    struct purge *v = r->work;
    const struct reply *entries = reply_at(a->reply, 1);
    struct span cursor = reply_text(reply_at(a->reply, 0));
    UT_string name, element;

    utstring_init(&name);
    utstring_init(&element);
    utstring_clear(&v->cursor);
    text_add(&v->cursor, cursor.len ? cursor : S("0"));
    for (size_t i = 1; i < reply_count(entries); i += 2) {
        utstring_clear(&name);
        utstring_clear(&element);
        v->entries++;
        bool entry = unacked_decode(reply_text(reply_at(entries, i)), &name, &element);
        struct purge_queue *q = entry ? queue_named(v, text_span(&name)) : NULL;
        if (q) {
            struct message m;
            message_decode(&m, text_span(&element));
            q->held++;
            q->timed += m.eta != NULL;
            message_release(&m);
        }
    }
    utstring_done(&name);
    utstring_done(&element);
}

static void after_held(struct runner *r)
{
    struct purge *v = r->work;
    bool over = span_equal(text_span(&v->cursor), S("0"));
    v->held_cut = !over && v->entries >= HELD_MAX;
    if (over || v->held_cut) {
        plan_end(r);
    } else {
        scan_held(r);
    }
}

static void scan_held(struct runner *r)
{
    struct purge *v = r->work;
    step_act(r, on_held, 0, S("HSCAN"), S("unacked"), text_span(&v->cursor), S("COUNT"), S("20"));
    step_then(r, after_held);
}

static void on_counted(struct runner *r, const struct answer *a)
{
    struct purge *v = r->work;
    struct purge_list *list = list_of(r, a);
    if (!reply_int(a->reply, &list->counted)) {
        list->counted = 0;
    }
    verb_keep_error(&v->error, a->reply);
}

static void on_newest(struct runner *r, const struct answer *a)
{
    struct span element;
    if (reply_string(a->reply, &element)) {
        text_add(&list_of(r, a)->newest, element);
    }
}

static void on_sample(struct runner *r, const struct answer *a)
{
    struct purge_list *list = list_of(r, a);
    struct message m;
    struct span element;

    if (reply_string(a->reply, &element)) {
        message_decode(&m, element);
        char *task = utf8_sanitise_dup(m.task ? span_of(m.task) : S("no task named"), PHRASE_COLUMNS);
        char *args = utf8_sanitise_dup(span_of(m.args), PHRASE_COLUMNS / 2);
        list->sample = phrase_make("%s %s", task, args);
        mem_free(task);
        mem_free(args);
        message_release(&m);
    }
}

static void on_workers(struct runner *r, const struct answer *a)
{
    struct purge *v = r->work;
    if (!reply_int(a->reply, &v->workers)) {
        v->workers = -1;
    }
}

/* One transaction: the count and the mark belong together. */
static void on_look(struct runner *r, const struct answer *a)
{
    for (size_t k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        struct answer part = {.tag = a->tag * MESSAGE_PRIORITY_STEPS + k};
        part.reply = reply_at(a->reply, 3 * k);
        on_counted(r, &part);
        part.reply = reply_at(a->reply, 3 * k + 1);
        on_newest(r, &part);
        part.reply = reply_at(a->reply, 3 * k + 2);
        on_sample(r, &part);
    }
    struct purge *v = r->work;
    verb_keep_error(&v->error, a->reply);
    int64_t misses = r->own_misses;
    for (size_t i = 0; i < reply_count(a->reply); i++) {
        own_reads_count(OWN_READ_ONE, 0, reply_at(a->reply, i), &r->own_hits, &r->own_misses);
    }
    r->own_celery_misses += r->own_misses - misses; /* all of them are its lists */
}

static void on_bytes(struct runner *r, const struct answer *a)
{
    struct purge_list *list = list_of(r, a);
    if (!reply_int(a->reply, &list->bytes)) {
        list->bytes = 0;
    }
}

static void look(struct runner *r, size_t index)
{
    struct purge *v = r->work;
    step_act(r, NULL, 0, S("MULTI"));
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        struct span key = text_span(&v->queue[index].list[k].key);
        step_act(r, NULL, 0, S("LLEN"), key);
        step_act(r, NULL, 0, S("LINDEX"), key, S("0"));
        step_act(r, NULL, 0, S("LINDEX"), key, S("-1"));
    }
    step_act(r, on_look, index, S("EXEC"));
    for (size_t k = 0; r->options.bin && k < MESSAGE_PRIORITY_STEPS; k++) {
        r->lenient = true;
        step_act(r, on_bytes, index * MESSAGE_PRIORITY_STEPS + k, S("MEMORY"), S("USAGE"),
                 text_span(&v->queue[index].list[k].key));
        r->lenient = false;
    }
}

static void add_queue(struct purge *v, struct span name)
{
    if (queue_named(v, name)) {
        return;
    }
    struct purge_queue *q = &v->queue[v->count++];
    q->name = span_dup(name);
    q->shown = utf8_sanitise_dup(name, PHRASE_COLUMNS);
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        utstring_init(&q->list[k].key);
        utstring_init(&q->list[k].newest);
        message_list_key(name, message_priority_step[k], &q->list[k].key);
    }
}

static void plan(struct runner *r)
{
    struct purge *v = mem_zalloc(sizeof *v);
    const UT_array *target = &r->order.target;

    r->work = v;
    v->workers = -1;
    utstring_init(&v->cursor);
    text_add(&v->cursor, S("0"));
    v->queue = mem_zalloc(utarray_len(target) * sizeof *v->queue);
    if (utarray_len(target) > PURGE_QUEUES_MAX) {
        verb_refuse(r, ACTION_REFUSED, "purge: more than %d queues at once", PURGE_QUEUES_MAX);
        return;
    }
    for (size_t i = 0; i < utarray_len(target); i++) {
        add_queue(v, target_id(VERB_AT(target, struct target, i)));
    }
    for (size_t i = 0; i < v->count; i++) {
        look(r, i);
    }
    step_act(r, on_workers, 0, S("SCARD"), S(MAILBOXES));
    step_then(r, scan_held);
}

const struct verb_ops verb_purge_ops = {
    .plan = plan, .run = purge_run, .release = purge_release, .must_see = true};
