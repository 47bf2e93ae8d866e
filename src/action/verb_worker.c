/* Asking workers for something that changes how they work: the plan. Source: facts, section 6.5. */
#include "verb_worker.h"

#include "phrase.h"
#include "search_parts.h"

#include <inttypes.h>

#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/schema/inspect.h"
#include "redai/schema/message.h"

enum { NEXT = 100 }; /* elements of each list that are looked at before it is consumed */

bool verb_worker_is(const struct runner *r, const char *method)
{
    return strcmp(r->order.method->method, method) == 0;
}

/* --- the workers that are meant --- */

static void row_done(void *element)
{
    struct worker_row *row = element;
    mem_free(row->name);
    mem_free(row->shown);
    mem_free(row->said);
}
static const UT_icd row_icd = {sizeof(struct worker_row), NULL, NULL, row_done};

struct worker_row *verb_worker_row(struct worker_ask *w, const char *name)
{
    for (size_t i = 0; i < utarray_len(&w->row); i++) {
        struct worker_row *row = VERB_AT(&w->row, struct worker_row, i);
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

struct worker_row *verb_worker_add(struct worker_ask *w, const char *name, bool has_mailbox)
{
    const struct worker_row row = {.name = mem_strdup(name),
                                   .shown = utf8_sanitise_dup(span_of(name), PHRASE_COLUMNS),
                                   .has_mailbox = has_mailbox,
                                   .processes = -1,
                                   .prefetch = -1,
                                   .now_processes = -1,
                                   .now_prefetch = -1};
    utarray_push_back(&w->row, &row);
    return VERB_AT(&w->row, struct worker_row, utarray_len(&w->row) - 1);
}

const char **verb_worker_names(const struct worker_ask *w, size_t *ret_count)
{
    const char **names = mem_zalloc((utarray_len(&w->row) + 1) * sizeof *names);
    *ret_count = 0;
    for (size_t i = 0; i < utarray_len(&w->row); i++) {
        const struct worker_row *row = VERB_AT(&w->row, struct worker_row, i);
        if (!row->left_out) {
            names[(*ret_count)++] = row->name;
        }
    }
    return names;
}

static void fill_rows(struct runner *r)
{
    struct worker_ask *w = r->work;
    const struct pidbox *b = pidbox_of(r);
    const UT_array *target = &r->order.target;

    w->named = utarray_len(target) > 0;
    for (size_t i = 0; i < utarray_len(target); i++) {
        const char *name = VERB_AT(target, struct target, i)->id;
        if (!verb_worker_row(w, name)) {
            verb_worker_add(w, name, pidbox_has_node(r, name));
        }
    }
    for (size_t i = 0; !w->named && i < utarray_len(&b->node); i++) {
        verb_worker_add(w, VERB_AT(&b->node, struct pidbox_node, i)->name, true);
    }
}

/* --- stats --- */

struct stats_of {
    struct worker_ask *w;
    struct inspect_stats stats;
};

static void keep_stats(void *ctx, const struct inspect_stats *stats)
{
    struct stats_of *of = ctx;
    of->stats = *stats;
}

static void on_stats(struct runner *r, size_t request, struct span element)
{
    struct worker_ask *w = r->work;
    struct stats_of of = {.w = w, .stats = {.processes = -1, .prefetch = -1}};
    const struct inspect_visitor visitor = {.stats = keep_stats, .ctx = &of};
    struct inspect_answer answer;
    (void)request;

    if (inspect_decode(element, INSPECT_STATS, &visitor, &answer) && answer.worker) {
        struct worker_row *row = verb_worker_row(w, answer.worker);
        if (row) {
            *(w->stats_now ? &row->now_processes : &row->processes) = of.stats.processes;
            *(w->stats_now ? &row->now_prefetch : &row->prefetch) = of.stats.prefetch;
        }
    }
    inspect_answer_release(&answer);
}

void verb_worker_stats(struct runner *r, step_fn then)
{
    const struct worker_ask *w = r->work;
    size_t count;
    const char **names = verb_worker_names(w, &count);

    pidbox_begin(r, on_stats);
    pidbox_ask(r, "stats", NULL, names, w->named || w->stats_now ? count : 0);
    mem_free(names);
    pidbox_send(r, then);
}

/* --- a queue that shall be consumed --- */

/* A worker that is told to wait on what is no list, or on a list that has poison, exits. */
static void on_type(struct runner *r, const struct answer *a)
{
    struct worker_ask *w = r->work;
    struct span type = reply_text(a->reply);
    if (!w->trouble && !reply_is_error(a->reply) && !span_equal(type, S("none")) &&
        !span_equal(type, S("list"))) {
        char *shown = utf8_sanitise_dup(type, PHRASE_COLUMNS);
        w->trouble = phrase_make("it is no list but a %s: a worker would fail on it", shown);
        mem_free(shown);
    }
}

static void on_length(struct runner *r, const struct answer *a)
{
    struct worker_ask *w = r->work;
    reply_int(a->reply, &w->list[a->tag].length);
}

static void on_bytes(struct runner *r, const struct answer *a)
{
    struct worker_ask *w = r->work;
    reply_int(a->reply, &w->list[a->tag].bytes);
}

static void judge_element(struct worker_ask *w, struct span element)
{
    struct message m;

    message_decode(&m, element);
    w->looked++;
    if (m.fate == MESSAGE_KILLS_LOST || m.fate == MESSAGE_KILLS_AGAIN) {
        w->poison++;
        if (!w->poison_reason) {
            w->poison_reason = mem_strdup(m.reason);
        }
    }
    w->is_dropped = w->is_dropped || m.fate == MESSAGE_DROPPED;
    message_release(&m);
}

static void on_next(struct runner *r, const struct answer *a)
{
    for (size_t i = reply_count(a->reply); i > 0; i--) {
        judge_element(r->work, reply_text(reply_at(a->reply, i - 1)));
    }
}

static void list_key(const struct runner *r, size_t step, UT_string *key)
{
    utstring_clear(key);
    message_list_key(span_of(*VERB_AT(&r->order.word, char *, 0)), message_priority_step[step], key);
}

static void looked(struct runner *r);

/* The next ones of each list, as many as may be fetched at once. */
static void look_at_elements(struct runner *r)
{
    struct worker_ask *w = r->work;
    UT_string key;
    char first[24];

    utstring_init(&key);
    for (size_t i = 0; !w->trouble && i < MESSAGE_PRIORITY_STEPS; i++) {
        const struct worker_list *l = &w->list[i];
        int64_t count = search_page(l->bytes, l->length);
        w->is_cut = w->is_cut || (count < NEXT && count < l->length);
        list_key(r, i, &key);
        snprintf(first, sizeof first, "-%" PRId64, count < NEXT ? count : NEXT);
        step_act(r, on_next, i, S("LRANGE"), text_span(&key), span_of(first), S("-1"));
    }
    utstring_done(&key);
    pidbox_look(r);
    step_then(r, looked);
}

static void look_at_queue(struct runner *r)
{
    struct worker_ask *w = r->work;
    UT_string key;

    utstring_init(&key);
    for (size_t i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        w->list[i] = (struct worker_list){.length = -1, .bytes = -1};
        list_key(r, i, &key);
        step_act(r, on_type, i, S("TYPE"), text_span(&key));
        step_act(r, on_length, i, S("LLEN"), text_span(&key));
        step_act(r, on_bytes, i, S("MEMORY"), S("USAGE"), text_span(&key));
    }
    utstring_done(&key);
    step_then(r, look_at_elements);
}

/* --- the plan --- */

static void say_rows(struct runner *r)
{
    const struct worker_ask *w = r->work;
    for (size_t i = 0; i < utarray_len(&w->row) && i < VERB_SAMPLE; i++) {
        const struct worker_row *row = VERB_AT(&w->row, struct worker_row, i);
        if (row->left_out) {
            plan_sample(&r->plan, "%s: it did not say how many processes it has, and is left out",
                        row->shown);
        } else if (w->n != 0 && row->processes >= 0) {
            char *count = phrase_count(row->processes, "process", "processes");
            plan_sample(&r->plan, "%s: %s, then %" PRId64, row->shown, count, row->processes + w->n);
            mem_free(count);
        } else {
            plan_sample(&r->plan, "%s%s", row->shown,
                        row->has_mailbox ? "" : ": it has no mailbox, and seems not to run");
        }
    }
}

static void say_effect(struct runner *r)
{
    const struct worker_method *m = r->order.method;
    const struct worker_ask *w = r->work;

    plan_remark(&r->plan, "%s: %s", m->word, m->effect);
    plan_remark(&r->plan, "it lasts %s", m->lasts);
    if (verb_worker_is(r, "enable_events")) {
        plan_remark(&r->plan, "a worker started without gossip, mingle and heartbeat answers with an error");
    }
    if (w->is_dropped) {
        plan_remark(&r->plan, "its next elements have some that workers drop without running them");
    }
    if (w->is_cut) {
        plan_remark(&r->plan, "its messages are big: only the next %zu were looked at for poison", w->looked);
    }
    if (pidbox_of(r)->nodes < 0) {
        plan_remark(&r->plan, "which workers listen could not be read");
    } else if (pidbox_of(r)->nodes == 0) {
        plan_remark(&r->plan, "no worker has a mailbox: it seems that nobody would hear this");
    }
}

static char *join_names(const struct worker_ask *w)
{
    UT_string out;
    utstring_init(&out);
    for (size_t i = 0; i < utarray_len(&w->row); i++) {
        if (i == VERB_SAMPLE) {
            text_add(&out, S(", ..."));
            break;
        }
        utstring_printf(&out, "%s%s", i ? ", " : "", VERB_AT(&w->row, struct worker_row, i)->shown);
    }
    return utstring_body(&out);
}

static void say_title(struct runner *r, const char *names)
{
    const struct worker_ask *w = r->work;
    UT_string words;

    utstring_init(&words);
    for (size_t i = 0; i < utarray_len(&r->order.word); i++) {
        char *shown = utf8_sanitise_dup(span_of(*VERB_AT(&r->order.word, char *, i)), PHRASE_COLUMNS);
        utstring_printf(&words, " %s", shown);
        mem_free(shown);
    }
    plan_title(&r->plan, "%s%s: %s", r->order.method->word, utstring_body(&words),
               w->named ? names : "all workers");
    utstring_done(&words);
}

static void plan_end(struct runner *r)
{
    const struct worker_ask *w = r->work;
    struct plan *p = &r->plan;
    size_t count;
    const char **asked = verb_worker_names(w, &count);
    char *names = join_names(w);

    mem_free(asked);
    say_title(r, names);
    char *arguments = utf8_sanitise_dup(text_span(&w->arguments), PHRASE_COLUMNS);
    plan_command(p, "PUBLISH /%d.celery.pidbox %s(%s) to %s", r->options.db, r->order.method->method,
                 arguments, w->named ? names : "all");
    mem_free(arguments);
    say_rows(r);
    say_effect(r);
    p->destructive = r->order.method->destructive;
    plan_ask(p, pidbox_of(r)->nodes < 0 && !w->named ? -1 : (int64_t)count);
    if (p->destructive) {
        p->confirm = PLAN_CONFIRM_TYPED;
        mem_free(p->typed);
        p->typed = count == 1 ? mem_strdup(VERB_AT(&w->row, struct worker_row, 0)->shown)
                              : phrase_make("%zu", count);
    }
    mem_free(names);
    verb_planned(r);
}

/* Without a process a worker takes tasks and runs none: that many are never taken away. Who does not say how
 * many it has is not asked. */
static void check_shrink(struct runner *r)
{
    struct worker_ask *w = r->work;
    size_t left = 0;

    for (size_t i = 0; i < utarray_len(&w->row); i++) {
        struct worker_row *row = VERB_AT(&w->row, struct worker_row, i);
        if (row->processes >= 0 && row->processes + w->n < 1) {
            char *count = phrase_count(row->processes, "process", "processes");
            verb_refuse(r, ACTION_REFUSED, "%s has %s: none would be left to work", row->shown, count);
            mem_free(count);
            return;
        }
        row->left_out = row->processes < 0;
        left += !row->left_out;
    }
    if (left == 0) {
        verb_refuse(r, ACTION_REFUSED, "no worker says how many processes it has: none is taken away");
        return;
    }
    w->named = true; /* only those whose number is known */
    plan_end(r);
}

static void looked(struct runner *r)
{
    struct worker_ask *w = r->work;

    fill_rows(r);
    if (w->trouble) {
        verb_refuse(r, ACTION_REFUSED, "%s", w->trouble);
    } else if (w->poison) {
        verb_refuse(r, ACTION_REFUSED, "%zu of the next %zu would make a worker exit (%s): remove %s first",
                    w->poison, w->looked, w->poison_reason, w->poison == 1 ? "it" : "them");
    } else if (w->n != 0) {
        verb_worker_stats(r, w->n < 0 ? check_shrink : plan_end);
    } else {
        plan_end(r);
    }
}

static void release(void *work)
{
    struct worker_ask *w = work;
    if (w) {
        utarray_done(&w->row);
        utstring_done(&w->arguments);
        mem_free(w->trouble);
        mem_free(w->poison_reason);
        mem_free(w->error);
        mem_free(w);
    }
}

static void plan(struct runner *r)
{
    const struct worker_method *m = r->order.method;
    struct worker_ask *w = mem_zalloc(sizeof *w);
    struct err err = {0};

    r->work = w;
    utarray_init(&w->row, &row_icd);
    utstring_init(&w->arguments);
    if (utarray_len(&r->order.word) < (unsigned)m->min_args ||
        utarray_len(&r->order.word) > (unsigned)m->max_args) {
        verb_refuse(r, ACTION_REFUSED, "worker %s: expected %s", m->word, *m->usage ? m->usage : "no words");
        return;
    }
    if (!m->arguments(&r->order.word, &w->arguments, &err)) {
        verb_refuse(r, ACTION_REFUSED, "%s", err.text);
        return;
    }
    if (verb_worker_is(r, "pool_grow") || verb_worker_is(r, "pool_shrink")) {
        num_i64(span_of(*VERB_AT(&r->order.word, char *, 0)), &w->n);
        w->n = verb_worker_is(r, "pool_shrink") ? -w->n : w->n;
    }
    if (verb_worker_is(r, "add_consumer")) {
        look_at_queue(r);
        return;
    }
    pidbox_look(r);
    step_then(r, looked);
}

const struct verb_ops verb_worker_ops = {.plan = plan, .run = verb_worker_run, .release = release};
