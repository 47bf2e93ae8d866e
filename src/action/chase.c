#include "chase.h"

#include "phrase.h"

#include <inttypes.h>

#include "redai/base/json_out.h"

enum { END_LOOKS = 10 };
#define END_LOOK_US INT64_C(200000) /* a process that is killed writes its result when it is gone */

static void finish(struct runner *r)
{
    const struct chase *c = r->work;
    const char *what = r->order.terminate ? "terminate" : "revoke";
    char *taken = c->removed > 0 ? phrase_count(c->removed, "message taken out", "messages taken out") : NULL;

    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, c->told);
    if (c->end < c->count) {
        verb_finish(r, "%s: workers heard of %" PRId64 " of %zu tasks%s%s; %zu not sent", what, c->told,
                    c->count, taken ? "; " : "", taken ? taken : "", c->count - c->end);
    } else if (c->count == 1) {
        verb_finish(r, "%s task %s: %s", what, c->task[0].shown, r->last_text);
    } else {
        verb_finish(r, "%s: workers heard of %" PRId64 " of %zu tasks%s%s", what, c->told, c->count,
                    taken ? "; " : "", taken ? taken : "");
    }
    mem_free(taken);
}

static void tell_group(struct runner *r);

static void group_end(struct runner *r)
{
    struct chase *c = r->work;

    for (size_t i = c->at; i < c->end; i++) {
        chase_tell(r, i);
    }
    verb_progress(r, (int64_t)c->end, (int64_t)c->count, "revoking tasks");
    if (c->end < c->count && !r->stopped && !r->lost && !r->pidbox->broken) {
        c->at = c->end;
        tell_group(r);
        return;
    }
    if (c->end < c->count) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL, "%zu tasks not sent: %s",
                     c->count - c->end, r->stopped ? "stopped" : "the connection was lost");
    }
    finish(r);
}

/* --- did it end? --- */

static void look_at_end(struct runner *r);

static void looked_at_end(struct runner *r)
{
    struct chase *c = r->work;
    bool open = false;
    for (size_t i = c->at; i < c->end; i++) {
        const struct quarry *q = &c->task[i];
        open = open || (r->order.terminate && q->place == PLACE_RUNNING &&
                        pidbox_at(r, i - c->at)->heard > 0 && !q->final);
    }
    if (open && ++c->looks < END_LOOKS && !r->stopped) {
        step_after(r, END_LOOK_US, look_at_end);
    } else {
        group_end(r);
    }
}

static void look_at_end(struct runner *r)
{
    struct chase *c = r->work;
    for (size_t i = c->at; i < c->end; i++) {
        chase_ask_meta(r, i);
    }
    step_then(r, looked_at_end);
}

static void group_told(struct runner *r)
{
    struct chase *c = r->work;
    c->looks = 0;
    if (r->order.remove && !r->lost) {
        chase_remove(r, look_at_end);
    } else {
        look_at_end(r);
    }
}

static void tell_group(struct runner *r)
{
    struct chase *c = r->work;
    UT_string arguments;

    c->end = c->at + PIDBOX_ROUND < c->count ? c->at + PIDBOX_ROUND : c->count;
    utstring_init(&arguments);
    pidbox_begin(r, NULL);
    for (size_t i = c->at; i < c->end; i++) {
        utstring_clear(&arguments);
        text_add(&arguments, S("{\"task_id\": "));
        json_quote(span_of(c->task[i].id), &arguments);
        utstring_printf(&arguments, ", \"terminate\": %s, \"signal\": \"SIGTERM\"}",
                        r->order.terminate ? "true" : "false");
        pidbox_ask(r, "revoke", utstring_body(&arguments), NULL, 0);
    }
    utstring_done(&arguments);
    pidbox_send(r, group_told);
}

void chase_run(struct runner *r)
{
    struct chase *c = r->work;
    c->at = c->end = 0;
    tell_group(r);
}
