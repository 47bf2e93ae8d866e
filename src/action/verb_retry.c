/* retry: a task that failed or was lost is sent once more, as a new task that names the old one as its
 * parent. It is made from the best that is left of the old one: its message in `unacked`, its result (when
 * results are extended), or what the console has seen of it. What is shown is what is sent. Source: facts,
 * sections 1, 4 and 9. */
#include "known_task.h"
#include "phrase.h"
#include "pidbox.h"
#include "retry.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#define VISIBILITY_US INT64_C(3600000000) /* Celery's default visibility timeout */

static void release(void *work)
{
    struct retry *v = work;
    if (!v) {
        return;
    }
    for (size_t i = 0; v->item && i < v->search.count; i++) {
        struct retry_item *item = &v->item[i];
        char *texts[] = {item->refusal, item->task,  item->args,        item->kwargs,
                         item->root_id, item->queue, item->queue_shown, item->error};
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            mem_free(texts[k]);
        }
        utstring_done(&item->key);
        utstring_done(&item->element);
    }
    for (size_t i = 0; i < v->traced; i++) {
        trace_release(&v->trace[i]);
    }
    mem_free(v->item);
    mem_free(v->trace);
    mem_free(v->id);
    utstring_done(&v->out);
    holders_release(&v->holders);
    search_release(&v->search);
    mem_free(v);
}

/* --- may it be sent again? --- */

static void judge(struct runner *r, size_t i)
{
    struct retry *v = r->work;
    const struct sought *one = v->search.one[i];
    struct retry_item *item = &v->item[i];
    const char *holder = holders_find(&v->holders, one->key);
    bool final = one->has_result && result_is_final(&one->result);

    if (one->waiting) {
        item->refusal = phrase_make("it still waits in %s: it will run", one->list_shown);
        return;
    }
    if (holder) {
        item->refusal = mem_strdup(holder);
        return;
    }
    item->succeeded = final && strcmp(one->result.status, "SUCCESS") == 0;
    item->orphan = !final && one->held;
    item->unseen = !final && !one->held;
    item->unproven =
        !final && (!holders_are_sure(&v->holders) || holders_may_hide(&v->holders, one->message.task));
    retry_choose(r, one, item);
}

/* --- the plan's text --- */

static void say_item(struct runner *r, const struct sought *one, const struct retry_item *item)
{
    struct message m;

    if (item->refusal) {
        plan_sample(&r->plan, "%s: not sent: %s", one->shown, item->refusal);
        return;
    }
    message_decode(&m, text_span(&item->element));
    char *task = utf8_sanitise_dup(m.task ? span_of(m.task) : S("?"), PHRASE_COLUMNS);
    char *args = utf8_sanitise_dup(span_of(m.args), PHRASE_COLUMNS);
    char *kwargs = utf8_sanitise_dup(span_of(m.kwargs), PHRASE_COLUMNS);
    plan_sample(&r->plan, "%s as %s: %s %s %s in %s, from %s%s%s", one->shown, item->id, task, args, kwargs,
                item->queue_shown, item->source ? item->source : "what was typed",
                one->has_result ? "; it is " : "", one->has_result ? one->result.status : "");
    mem_free(task);
    mem_free(args);
    mem_free(kwargs);
    message_release(&m);
}

static const struct {
    const char *one, *many, *text;
} remarks[] = {
    {"has succeeded", "have succeeded", "this runs it again"},
    {"lies in unacked, left over of a dead worker", "lie in unacked, left over of dead workers",
     "requeue puts the message itself back; Celery does so an hour after it was taken, and then it runs too"},
    {"has no end that is known", "have no end that is known",
     "it may have run, or run where nobody was asked"},
    {"is not proven to be without a live worker", "are not proven to be without a live worker",
     "it may run twice: type the count to do it all the same"},
    {"is made anew from its name and arguments", "are made anew from their names and arguments",
     "callbacks, chain and time limits of the original are not known"},
    {"was a part of a group or chord", "were parts of a group or chord", "the new task is none"},
};

static bool has(const struct retry_item *item, size_t remark)
{
    const bool flags[] = {item->succeeded, item->orphan, item->unseen,
                          item->unproven,  !item->whole, item->lone};
    return !item->refusal && flags[remark];
}

static int64_t count_of(const struct retry *v, size_t remark)
{
    int64_t n = 0;
    for (size_t i = 0; i < v->search.count; i++) {
        n += has(&v->item[i], remark);
    }
    return n;
}

static void say_remarks(struct runner *r)
{
    const struct retry *v = r->work;

    for (size_t k = 0; k < sizeof remarks / sizeof remarks[0]; k++) {
        int64_t n = count_of(v, k);
        if (n > 0) {
            char *those = phrase_count(n, remarks[k].one, remarks[k].many);
            plan_remark(&r->plan, "%s: %s", those, remarks[k].text);
            mem_free(those);
        }
    }
    if (v->holders.silent) {
        plan_remark(&r->plan, "no answer from %s: whether it has one of them is not known",
                    v->holders.silent);
    }
    if (v->count < (int64_t)v->search.count) {
        char *those = phrase_count((int64_t)v->search.count - v->count, "is not sent", "are not sent");
        plan_remark(&r->plan, "%s", those);
        mem_free(those);
    }
    if (r->order.countdown_us > VISIBILITY_US) {
        plan_remark(&r->plan,
                    "held longer than 1 h: Celery delivers it anew each hour, so it may run more than once");
    }
    if (r->order.rate_per_s > 0 && v->count > 1) {
        plan_remark(&r->plan, "%g a second: %.0f s in all, and it can be stopped", r->order.rate_per_s,
                    (double)(v->count - 1) / r->order.rate_per_s);
    }
}

static void refuse_all(struct runner *r)
{
    const struct retry *v = r->work;
    for (size_t i = 0; i < v->search.count; i++) {
        verb_receipt(r, ACTION_REFUSED, v->search.one[i]->shown, NULL, "not sent: %s", v->item[i].refusal);
    }
    if (v->search.count == 1) {
        verb_refuse(r, ACTION_REFUSED, "retry %s: %s", v->search.one[0]->shown, v->item[0].refusal);
    } else {
        verb_refuse(r, ACTION_REFUSED, "retry: none of the %zu tasks can be sent again", v->search.count);
    }
}

static void say_commands(struct runner *r, const struct retry_item *first)
{
    const struct retry *v = r->work;
    struct plan *p = &r->plan;
    char *key = phrase_key(text_span(&first->key));

    if (v->count == 1) {
        plan_title(p, "retry 1 task in %s", first->queue_shown);
        plan_command(p, "LPUSH %s <message of %zu bytes>", key, (size_t)utstring_len(&first->element));
    } else {
        plan_title(p, "retry %" PRId64 " tasks", v->count);
        plan_command(p, "LPUSH <queue> <message>  x %" PRId64, v->count);
    }
    mem_free(key);
}

static void plan_end(struct runner *r)
{
    struct retry *v = r->work;
    const struct retry_item *first = NULL;
    struct message m;

    for (size_t i = 0; i < v->search.count; i++) {
        judge(r, i);
        v->count += !v->item[i].refusal;
        first = first || v->item[i].refusal ? first : &v->item[i];
    }
    if (!first) {
        refuse_all(r);
        return;
    }
    say_commands(r, first);
    for (size_t i = 0; i < v->search.count && i < VERB_SAMPLE; i++) {
        say_item(r, v->search.one[i], &v->item[i]);
    }
    message_decode(&m, text_span(&first->element));
    if (m.task) {
        known_task_say(r, m.task);
    }
    message_release(&m);
    say_remarks(r);
    search_say(r);
    if (count_of(v, 3) > 0) {
        plan_ask_typed(&r->plan, v->count);
    } else {
        plan_ask(&r->plan, v->count);
    }
    verb_planned(r);
}

/* --- looking up --- */

static void found(struct runner *r)
{
    struct retry *v = r->work;
    const struct search *s = &v->search;

    v->item = mem_zalloc(s->count * sizeof *v->item);
    v->id = mem_zalloc(s->count * sizeof *v->id);
    for (size_t i = 0; i < s->count; i++) {
        struct retry_item *item = &v->item[i];
        utstring_init(&item->key);
        utstring_init(&item->element);
        uuid_v4(item->id);
        uuid_v4(item->tag);
        item->length = -1;
        if (!s->one[i]->waiting) {
            v->id[v->ids++] = s->one[i]->key;
        }
    }
    holders_ask(r, &v->holders, v->id, v->ids, plan_end);
}

static void plan(struct runner *r)
{
    struct retry *v = mem_zalloc(sizeof *v);

    r->work = v;
    utstring_init(&v->out);
    if (!search_init(r, &v->search)) {
        return;
    }
    for (size_t i = 0; i < v->search.count; i++) {
        if (v->search.one[i]->kind != TARGET_TASK) {
            verb_refuse(r, ACTION_REFUSED, "retry: only tasks can be sent again");
            return;
        }
    }
    pidbox_look(r);
    search_begin(r, SEARCH_LISTS | SEARCH_UNACKED | SEARCH_RESULTS | SEARCH_ENTRIES, found);
}

const struct verb_ops verb_retry_ops = {.plan = plan, .run = retry_run, .release = release};
