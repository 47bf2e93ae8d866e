/* remove: single messages out of the lists in which they wait, also such that are no good messages (poison).
 * Only the exact bytes that the plan saw are removed. Source: facts, sections 3.5 and 8.1. */
#include "keep.h"
#include "phrase.h"
#include "search.h"
#include "trace.h"
#include "verb.h"

#include <inttypes.h>

#define GROUP_BYTES (8 << 20) /* elements that leave together */

struct taken {
    int64_t removed; /* LREM's reply; -1 none */
    bool unsent;
    char *error;
    size_t trace; /* index in trace[] */
    bool traced;
};

struct removal {
    struct search search;
    struct taken *taken; /* of each sought */
    size_t at, end;      /* the group: of search.one */
    struct trace *trace;
    size_t traces_count;
    struct traces traces;
    int64_t done;
};

static void release(void *work)
{
    struct removal *v = work;
    if (!v) {
        return;
    }
    for (size_t i = 0; v->taken && i < v->search.count; i++) {
        mem_free(v->taken[i].error);
    }
    for (size_t i = 0; i < v->traces_count; i++) {
        trace_release(&v->trace[i]);
    }
    mem_free(v->taken);
    mem_free(v->trace);
    search_release(&v->search);
    mem_free(v);
}

/* --- plan --- */

static void kept(struct runner *r)
{
    struct removal *v = r->work;
    const struct search *s = &v->search;
    struct plan *p = &r->plan;
    const struct sought *first = NULL;
    int64_t poison = 0, shown = 0;
    size_t count = search_waiting(r);

    if (!count) {
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct sought *one = s->one[i];
        if (!one->waiting) {
            continue;
        }
        first = first ? first : one;
        poison += one->message.fate > MESSAGE_DROPPED;
        if (shown++ < VERB_SAMPLE) {
            char *line = search_describe(one);
            plan_sample(p, "%s", line);
            mem_free(line);
        }
    }
    if (count == 1 && first) {
        plan_title(p, "remove message %s from %s", first->shown, first->list_shown);
        plan_command(p, "LREM %s -1 <its %zu bytes>", first->list_shown,
                     (size_t)utstring_len(&first->element));
    } else {
        plan_title(p, "remove %zu messages from their lists", count);
        plan_command(p, "LREM <list> -1 <exact bytes>  x %zu", count);
    }
    if (poison < (int64_t)count) {
        plan_remark(p, "nobody writes a result for a removed message: who waits for one waits for ever");
    }
    for (size_t i = 0; i < s->count; i++) {
        if (s->one[i]->another) {
            plan_remark(p, "%s waits more than once: only the next one is removed", s->one[i]->shown);
            break;
        }
    }
    search_say_absent(r);
    search_say(r);
    keep_say(r, "message", NULL);
    p->destructive = true;
    plan_ask(p, (int64_t)count);
    verb_planned(r);
}

static int64_t size_at(struct runner *r, size_t i)
{
    const struct removal *v = r->work;
    const struct sought *one = v->search.one[i];
    return one->waiting ? (int64_t)utstring_len(&one->element) : KEEP_NOTHING;
}

static void plan_end(struct runner *r)
{
    const struct removal *v = r->work;
    keep_look(r, v->search.count, NULL, size_at, kept);
}

static void plan(struct runner *r)
{
    struct removal *v = mem_zalloc(sizeof *v);
    r->work = v;
    if (search_init(r, &v->search)) {
        search_begin(r, SEARCH_LISTS | SEARCH_UNACKED | SEARCH_RESULTS, plan_end);
    }
}

/* --- run --- */

static void begin_group(struct runner *r);

static void finish(struct runner *r)
{
    const struct removal *v = r->work;

    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, v->done);
    if (v->search.count == 1) {
        verb_finish(r, "remove %s: %s", v->search.one[0]->shown, r->last_text);
    } else {
        verb_finish(r, "%" PRId64 " of %zu messages removed", v->done, v->search.count);
    }
}

static void tell_missed(struct runner *r, const struct sought *one, const struct taken *t)
{
    const struct removal *v = r->work;
    const struct trace *trace = &v->trace[t->trace];
    const char *lost = t->removed < 0 ? "the reply was lost; " : "";

    if (trace->position >= 0) {
        verb_receipt(r, ACTION_FAILED, one->shown, NULL, "%sit still waits in %s", lost, one->list_shown);
    } else if (trace->taken) {
        verb_receipt(r, ACTION_CHANGED, one->shown, NULL, "%sa worker has taken it meanwhile%s%s", lost,
                     trace->status ? ": " : "", trace->status ? trace->status : "");
    } else if (t->removed < 0) {
        verb_receipt(r, ACTION_UNKNOWN, one->shown, NULL, "the reply never came%s",
                     trace->can_tell ? "; it is no longer in the list: by this or by a worker" : "");
    } else {
        verb_receipt(r, ACTION_CHANGED, one->shown, NULL, "it was no longer in %s", one->list_shown);
    }
}

static void tell_group(struct runner *r)
{
    struct removal *v = r->work;

    for (size_t i = v->at; i < v->end; i++) {
        const struct sought *one = v->search.one[i];
        const struct taken *t = &v->taken[i];
        if (!one->waiting) {
            search_tell_absent(r, one);
        } else if (t->removed > 0) {
            v->done++;
            verb_receipt(r, ACTION_DONE, one->shown, NULL, "removed from %s%s", one->list_shown,
                         one->another ? "; another message with this id still waits" : "");
        } else if (t->error) {
            verb_receipt(r, ACTION_FAILED, one->shown, NULL, "the server refused it: %s", t->error);
        } else if (t->unsent) {
            verb_receipt(r, ACTION_FAILED, one->shown, NULL, "not sent: the connection was lost");
        } else {
            tell_missed(r, one, t);
        }
    }
    verb_progress(r, (int64_t)v->end, (int64_t)v->search.count, "removing messages");
    v->at = v->end;
    if (v->at < v->search.count && !r->stopped && !r->lost) {
        begin_group(r);
        return;
    }
    if (v->at < v->search.count) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL, "%zu messages left: %s",
                     v->search.count - v->at, r->stopped ? "stopped" : "the connection was lost");
    }
    finish(r);
}

/* What was not removed is looked for. */
static void trace_group(struct runner *r)
{
    struct removal *v = r->work;
    size_t count = 0;

    for (size_t i = 0; i < v->traces_count; i++) {
        trace_release(&v->trace[i]);
    }
    mem_free(v->trace);
    v->trace = mem_zalloc((v->end - v->at) * sizeof *v->trace);
    for (size_t i = v->at; i < v->end; i++) {
        const struct sought *one = v->search.one[i];
        struct taken *t = &v->taken[i];
        if (one->waiting && t->removed <= 0 && !t->error && !t->unsent) {
            t->trace = count;
            v->trace[count++] = (struct trace){.key = span_of(one->list),
                                               .element = text_span(&one->element),
                                               .id = one->message.id,
                                               .tag = one->message.delivery_tag,
                                               .from_right = true,
                                               .position = -1,
                                               .length = -1};
        }
    }
    v->traces_count = count;
    v->traces = (struct traces){.one = v->trace, .count = count};
    if (count && link_is_ready(r->home)) {
        traces_look(r, &v->traces, tell_group);
    } else {
        tell_group(r);
    }
}

static void sent_group(struct runner *r)
{
    if (r->lost) {
        step_when_ready(r, trace_group);
    } else {
        trace_group(r);
    }
}

static void on_removed(struct runner *r, const struct answer *a)
{
    struct removal *v = r->work;
    struct taken *t = &v->taken[a->tag];
    t->unsent = !a->reply && a->unsent;
    t->error = verb_error(a->reply);
    if (!reply_int(a->reply, &t->removed)) {
        t->removed = -1;
    }
    if (t->removed > 0 && keep_wants(r, a->tag)) {
        const struct sought *one = v->search.one[a->tag];
        keep_message(r, span_of(one->list), text_span(&one->element), true);
    }
}

static void begin_group(struct runner *r)
{
    struct removal *v = r->work;
    const struct search *s = &v->search;
    size_t bytes = 0;

    for (v->end = v->at; v->end < s->count && v->end - v->at < VERB_GROUP && bytes < GROUP_BYTES; v->end++) {
        const struct sought *one = s->one[v->end];
        v->taken[v->end].removed = -1;
        if (one->waiting) {
            bytes += utstring_len(&one->element);
            step_act(r, on_removed, v->end, S("LREM"), span_of(one->list), S("-1"), text_span(&one->element));
        }
    }
    step_then(r, sent_group);
}

static void run(struct runner *r)
{
    struct removal *v = r->work;
    v->taken = mem_zalloc(v->search.count * sizeof *v->taken);
    keep_begin(r);
    begin_group(r);
}

const struct verb_ops verb_remove_ops = {.plan = plan, .run = run, .release = release};
