#include "phrase.h"
#include "retry.h"

#include <inttypes.h>

#include "redai/base/clock.h"

enum { GROUPS_A_SECOND = 10 };
#define GROUP_BYTES  (8 << 20)       /* messages that leave together */
#define STOP_LOOK_US INT64_C(200000) /* while the next is waited for: how often it is looked for a stop */

static void begin_group(struct runner *r);
static void wait_for_turn(struct runner *r);

/* --- the end --- */

static void finish(struct runner *r)
{
    struct retry *v = r->work;

    mem_free(r->plan.result);
    r->plan.result = utstring_len(&v->out) ? mem_strdup(utstring_body(&v->out)) : NULL;
    if (v->search.count == 1) {
        verb_finish(r, "retry %s: %s", v->search.one[0]->shown, r->last_text);
    } else {
        verb_finish(r, "%" PRId64 " of %zu tasks sent again", v->done, v->search.count);
    }
}

static void end_early(struct runner *r)
{
    const struct retry *v = r->work;
    size_t left = 0;
    for (size_t i = v->at; i < v->search.count; i++) {
        left += !v->item[i].refusal;
    }
    if (left) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL, "%zu tasks not sent: %s", left,
                     r->stopped ? "stopped" : "the connection was lost");
    }
    finish(r);
}

/* --- receipts --- */

static void tell_sent(struct runner *r, const struct sought *one, const struct retry_item *item,
                      const struct trace *trace)
{
    struct retry *v = r->work;
    char *place, *text, *tag = phrase_make("%s as %s", one->shown, item->id);
    enum action_outcome outcome = trace_pushed(trace, item->queue_shown, item->length, item->lost, &place);
    struct message m;

    message_decode(&m, text_span(&item->element));
    text = phrase_make("sent again as %s: %s", item->id, place);
    struct action_receipt told = {.verb = VERB_RETRY,
                                  .subject = one->shown,
                                  .outcome = outcome,
                                  .text = text,
                                  .task_id = item->id,
                                  .task_name = m.task,
                                  .batch_total = -1};
    v->done += outcome == ACTION_DONE;
    utstring_printf(&v->out, "%s%s", utstring_len(&v->out) ? "\n" : "", item->id);
    verb_receipt_full(r, &told, tag);
    message_release(&m);
    mem_free(place);
    mem_free(text);
    mem_free(tag);
}

static void tell_group(struct runner *r)
{
    struct retry *v = r->work;
    size_t trace = 0;

    for (size_t i = v->at; i < v->end; i++) {
        const struct sought *one = v->search.one[i];
        const struct retry_item *item = &v->item[i];
        if (item->refusal) {
            verb_receipt(r, ACTION_REFUSED, one->shown, NULL, "not sent: %s", item->refusal);
        } else if (item->error) {
            verb_receipt(r, ACTION_FAILED, one->shown, NULL, "not sent: %s", item->error);
        } else if (item->unsent) {
            verb_receipt(r, ACTION_FAILED, one->shown, NULL, "not sent: the connection was lost");
        } else {
            tell_sent(r, one, item, &v->trace[trace++]);
        }
    }
    verb_progress(r, (int64_t)v->end, (int64_t)v->search.count, "sending tasks again");
    v->at = v->end;
    if (v->at >= v->search.count) {
        finish(r);
    } else if (r->stopped || r->lost) {
        end_early(r);
    } else {
        wait_for_turn(r);
    }
}

static void trace_group(struct runner *r)
{
    struct retry *v = r->work;

    for (size_t i = 0; i < v->traced; i++) {
        trace_release(&v->trace[i]);
    }
    mem_free(v->trace);
    v->traced = 0;
    v->trace = mem_zalloc((v->end - v->at) * sizeof *v->trace);
    for (size_t i = v->at; i < v->end; i++) {
        const struct retry_item *item = &v->item[i];
        if (!item->refusal && !item->error && !item->unsent) {
            v->trace[v->traced++] = (struct trace){.key = text_span(&item->key),
                                                   .element = text_span(&item->element),
                                                   .id = item->id,
                                                   .tag = item->tag,
                                                   .position = -1,
                                                   .length = -1};
        }
    }
    v->traces = (struct traces){.one = v->trace, .count = v->traced};
    if (v->traced && link_is_ready(r->home)) {
        traces_look(r, &v->traces, tell_group);
    } else {
        tell_group(r);
    }
}

/* --- sending --- */

static void sent_group(struct runner *r)
{
    if (r->lost) {
        step_when_ready(r, trace_group); /* the rest is not sent on another connection */
    } else {
        trace_group(r);
    }
}

static void on_pushed(struct runner *r, const struct answer *a)
{
    struct retry *v = r->work;
    struct retry_item *item = &v->item[a->tag];

    item->unsent = !a->reply && a->unsent;
    item->lost = !a->reply && !a->unsent;
    verb_keep_error(&item->error, a->reply);
    if (!reply_int(a->reply, &item->length)) {
        item->length = -1;
    }
}

static void send_one(struct runner *r, size_t i)
{
    struct retry *v = r->work;
    struct retry_item *item = &v->item[i];
    struct err err = {0};

    /* A time to be held until counts from now. */
    if (r->order.countdown_us > 0 && !retry_build(r, v->search.one[i], item, &err)) {
        item->error = mem_strdup(err.text);
        return;
    }
    step_act(r, on_pushed, i, S("LPUSH"), text_span(&item->key), text_span(&item->element));
    v->sent++;
}

static void begin_group(struct runner *r)
{
    struct retry *v = r->work;
    size_t bytes = 0, count = 0;

    for (v->end = v->at; v->end < v->search.count && count < v->group && bytes < GROUP_BYTES; v->end++) {
        if (!v->item[v->end].refusal) {
            count++;
            bytes += utstring_len(&v->item[v->end].element);
            send_one(r, v->end);
        }
    }
    step_then(r, sent_group);
}

static void wait_for_turn(struct runner *r)
{
    const struct retry *v = r->work;
    double rate = r->order.rate_per_s;
    int64_t due = rate > 0 ? v->began_us + (int64_t)((double)v->sent / rate * 1e6) : 0;
    int64_t left = due - clock_mono_us();

    if (r->stopped) {
        end_early(r);
    } else if (left > 0) {
        step_after(r, left < STOP_LOOK_US ? left : STOP_LOOK_US, wait_for_turn);
    } else {
        begin_group(r);
    }
}

void retry_run(struct runner *r)
{
    struct retry *v = r->work;
    double rate = r->order.rate_per_s;

    v->began_us = clock_mono_us();
    v->group = rate <= 0 ? VERB_GROUP : rate < GROUPS_A_SECOND ? 1 : (size_t)(rate / GROUPS_A_SECOND);
    v->group = v->group > VERB_GROUP ? VERB_GROUP : v->group;
    begin_group(r);
}
