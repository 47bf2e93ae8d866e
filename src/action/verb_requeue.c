/* requeue: entries of `unacked` whose worker is dead, put back into their queue, in the same transaction as
 * Celery's own redelivery makes an hour after the pop. An entry that a live worker has would run twice: so
 * all workers are asked first. What could not be proven to be without one stays, unless its id is given: then
 * the count must be typed. Source: facts, sections 3.4, 3.5 and 9. */
#include "phrase.h"
#include "pidbox.h"
#include "requeue.h"

#include <inttypes.h>
#include <math.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

/* Between its pop and its place in the worker's tables a message is known to nobody for a moment. */
#define YOUNG_S 5.

static void release(void *work)
{
    struct requeue *v = work;
    if (!v) {
        return;
    }
    for (size_t i = 0; v->entry && i < v->search.count; i++) {
        mem_free(v->entry[i].refusal);
    }
    mem_free(v->entry);
    mem_free(v->id);
    mem_free(v->queue);
    mem_free(v->error);
    utstring_done(&v->element);
    trace_release(&v->trace);
    holders_release(&v->holders);
    search_release(&v->search);
    mem_free(v);
}

/* --- judging --- */

static double age_of(const struct entry *e)
{
    return (double)clock_wall_us() / 1e6 - e->score;
}

/* Why nobody can say that no worker has it; NULL: nobody has. */
static char *doubt_of(const struct requeue *v, const struct sought *one)
{
    const struct holders *h = &v->holders;
    if (!one->message.id) {
        return mem_strdup("it has no id that workers could be asked for");
    }
    if (h->silent) {
        return phrase_make("no answer from %s, which may have it", h->silent);
    }
    if (!holders_are_sure(h)) {
        return mem_strdup("not all answers were whole: a worker may have it");
    }
    if (holders_may_hide(h, one->message.task)) {
        return mem_strdup("its task has a rate limit: a worker that holds it back does not tell");
    }
    return NULL;
}

static void judge(struct runner *r, size_t i)
{
    struct requeue *v = r->work;
    const struct sought *one = v->search.one[i];
    struct entry *e = &v->entry[i];
    const char *holder = holders_find(&v->holders, one->message.id);

    if (!one->held) {
        return;
    }
    if (holder) {
        e->refusal = phrase_make("%s", holder);
    } else if (one->message.fate > MESSAGE_DROPPED) {
        e->refusal = phrase_make("%s: it stays where no worker takes it", search_harm(&one->message));
    } else if (one->routed) {
        e->refusal =
            mem_strdup("it came through an exchange, and which queue it belongs to is not known here");
    } else if (age_of(e) < YOUNG_S) {
        e->refusal = mem_strdup("a worker has taken it just now: ask again in some seconds");
    }
    char *doubt = e->refusal ? NULL : doubt_of(v, one);
    e->unproven = doubt != NULL;
    if (doubt && v->search.collect) {
        e->refusal = phrase_make("%s: only if its id is given is it put back", doubt);
    }
    mem_free(doubt);
    v->victims += !e->refusal;
}

static int64_t count_unproven(const struct requeue *v)
{
    int64_t unproven = 0;
    for (size_t i = 0; i < v->search.count; i++) {
        unproven += v->search.one[i]->held && !v->entry[i].refusal && v->entry[i].unproven;
    }
    return unproven;
}

/* --- the plan's text --- */

static void say_entries(struct runner *r)
{
    const struct requeue *v = r->work;
    int shown = 0;

    for (size_t i = 0; i < v->search.count && shown < VERB_SAMPLE; i++) {
        const struct sought *one = v->search.one[i];
        const struct entry *e = &v->entry[i];
        if (!one->held) {
            continue;
        }
        char *line = search_describe(one);
        if (e->refusal) {
            plan_sample(&r->plan, "%s; stays: %s", line, e->refusal);
        } else if (isnan(e->score)) {
            plan_sample(&r->plan, "%s; not in unacked_index: no worker would ever put it back", line);
        } else {
            plan_sample(&r->plan, "%s; taken %.0f s ago", line, age_of(e));
        }
        mem_free(line);
        shown++;
    }
}

static void say_workers(struct runner *r)
{
    const struct requeue *v = r->work;
    const struct holders *h = &v->holders;

    if (h->nodes < 0) {
        plan_remark(&r->plan, "which workers run could not be read");
    } else if (h->nodes == 0) {
        plan_remark(&r->plan, "no worker has a mailbox%s",
                    h->partial ? ", but somebody may listen who did not answer"
                               : ": nobody heard the question");
    } else if (!h->silent && !h->partial) {
        char *workers = phrase_count(h->nodes, "worker was asked and has", "workers were asked and have");
        plan_remark(&r->plan, "%s none of those that are put back", workers);
        mem_free(workers);
    }
    if (h->silent) {
        plan_remark(&r->plan, "no answer from %s: if it lives and has one of them, that task runs twice",
                    h->silent);
    }
    if (h->partial && h->nodes != 0) {
        plan_remark(&r->plan, "not all answers were whole: a worker may have one of them");
    }
    plan_remark(
        &r->plan,
        "a worker that is being stopped (TERM) answers no more and finishes what it runs: such a task "
        "would run twice");
}

static void say_unproven(struct runner *r, int64_t unproven)
{
    const struct requeue *v = r->work;
    for (size_t i = 0; i < v->search.count; i++) {
        const struct sought *one = v->search.one[i];
        if (one->held && !v->entry[i].refusal && holders_may_hide(&v->holders, one->message.task)) {
            plan_remark(&r->plan, "%s has a rate limit: a worker that holds it back does not tell",
                        one->shown);
            break;
        }
    }
    if (unproven > 0) {
        char *those = phrase_count(unproven, "of them is not proven", "of them are not proven");
        plan_remark(&r->plan, "%s to be without a live worker: type the count to do it all the same", those);
        mem_free(those);
    }
}

size_t requeue_tell_unproven(struct runner *r)
{
    const struct requeue *v = r->work;
    size_t told = 0;
    for (size_t i = 0; v->search.collect && i < v->search.count; i++) {
        const struct entry *e = &v->entry[i];
        if (e->unproven && e->refusal) {
            verb_receipt(r, ACTION_REFUSED, v->search.one[i]->shown, NULL, "it stays: %s", e->refusal);
            told++;
        }
    }
    return told;
}

static void tell_all(struct runner *r)
{
    const struct requeue *v = r->work;
    const struct search *s = &v->search;

    if (s->collect) {
        size_t unproven = requeue_tell_unproven(r);
        if (unproven) {
            verb_refuse(r, ACTION_REFUSED,
                        "requeue: nothing in unacked is proven to be left over of a dead worker (%zu not "
                        "proven)",
                        unproven);
        } else {
            verb_refuse(r, ACTION_GONE, "requeue: nothing in unacked is left over of a dead worker (%zu %s)",
                        s->count, s->count == 1 ? "entry" : "entries");
        }
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        if (s->one[i]->held) {
            verb_receipt(r, ACTION_REFUSED, s->one[i]->shown, NULL, "it stays: %s", v->entry[i].refusal);
        } else {
            verb_receipt(r, ACTION_GONE, s->one[i]->shown, NULL, "it is not in unacked");
        }
    }
    if (s->count == 1) {
        verb_refuse(r, s->one[0]->held ? ACTION_REFUSED : ACTION_GONE, "requeue %s: %s", s->one[0]->shown,
                    r->last_text);
    } else {
        verb_refuse(r, r->tally[ACTION_REFUSED] ? ACTION_REFUSED : ACTION_GONE,
                    "requeue: none of the %zu messages is left over of a dead worker", s->count);
    }
}

static void plan_end(struct runner *r)
{
    struct requeue *v = r->work;
    struct plan *p = &r->plan;
    int64_t stay = 0;

    for (size_t i = 0; i < v->search.count; i++) {
        judge(r, i);
        stay += v->search.one[i]->held && v->entry[i].refusal;
    }
    if (!v->victims) {
        tell_all(r);
        return;
    }
    int64_t unproven = count_unproven(v);
    char *what = phrase_count(v->victims, "message", NULL);
    plan_title(p, "put %s of dead workers back into the queue", what);
    mem_free(what);
    plan_command(
        p,
        "WATCH unacked; MULTI; ZREM unacked_index <tag>; HDEL unacked <tag>; RPUSH <queue> <message>; "
        "EXEC  x %" PRId64,
        v->victims);
    say_entries(r);
    say_workers(r);
    say_unproven(r, unproven);
    if (stay > 0) {
        char *those = phrase_count(stay, "stays", "stay");
        plan_remark(p, "%s in unacked, as said above", those);
        mem_free(those);
    }
    search_say(r);
    if (unproven > 0) {
        plan_ask_typed(p, v->victims);
    } else {
        plan_ask(p, v->victims);
    }
    verb_planned(r);
}

/* --- looking up --- */

void requeue_on_score(const struct reply *reply, double *score)
{
    *score = NAN;
    num_f64(reply_text(reply), score);
}

static void on_score(struct runner *r, const struct answer *a)
{
    struct requeue *v = r->work;
    requeue_on_score(a->reply, &v->entry[a->tag].score);
}

static void ask_holders(struct runner *r)
{
    struct requeue *v = r->work;
    const struct search *s = &v->search;

    v->id = mem_zalloc(s->count * sizeof *v->id);
    for (size_t i = 0; i < s->count; i++) {
        if (s->one[i]->held && s->one[i]->message.id) {
            v->id[v->ids++] = s->one[i]->message.id;
        }
    }
    holders_ask(r, &v->holders, v->id, v->ids, plan_end);
}

static void found(struct runner *r)
{
    struct requeue *v = r->work;
    const struct search *s = &v->search;

    if (s->held_error) {
        verb_refuse(r, ACTION_REFUSED, "requeue: unacked could not be read: %s", s->held_error);
        return;
    }
    v->entry = mem_zalloc((s->count + 1) * sizeof *v->entry);
    for (size_t i = 0; i < s->count; i++) {
        v->entry[i].score = NAN;
        if (s->one[i]->held) {
            step_act(r, on_score, i, S("ZSCORE"), S("unacked_index"), span_of(s->one[i]->tag));
        }
    }
    step_then(r, ask_holders);
}

static void plan(struct runner *r)
{
    struct requeue *v = mem_zalloc(sizeof *v);

    r->work = v;
    utstring_init(&v->element);
    v->trace.position = -1;
    if (!search_init(r, &v->search)) {
        return;
    }
    v->search.collect = v->search.count == 0;
    pidbox_look(r);
    search_begin(r, SEARCH_UNACKED, found);
}

const struct verb_ops verb_requeue_ops = {
    .plan = plan, .run = requeue_run, .release = release, .must_see = true};
