#include "trace.h"

#include "phrase.h"

#include <inttypes.h>

enum { LOOKS = 5 };
#define DEPTH         "1000" /* elements that are compared, from either end */
#define LOOK_AGAIN_US INT64_C(100000)

void trace_release(struct trace *t)
{
    mem_free(t->status);
    *t = (struct trace){.position = -1, .length = -1};
}

static bool is_found(const struct trace *t)
{
    return t->position >= 0 || t->taken;
}

static struct trace *at(struct runner *r, const struct answer *a)
{
    return &r->traces->one[a->tag];
}

static void on_position(struct runner *r, const struct answer *a)
{
    struct trace *t = at(r, a);
    enum reply_type type = reply_type(a->reply);
    /* Servers before 6.0.6 have no LPOS: then it cannot be told. */
    t->can_tell = type == REPLY_NIL || type == REPLY_INTEGER;
    t->position = -1;
    if (type == REPLY_INTEGER) {
        reply_int(a->reply, &t->position);
    }
}

static void on_length(struct runner *r, const struct answer *a)
{
    struct trace *t = at(r, a);
    if (!reply_int(a->reply, &t->length)) {
        t->length = -1;
    }
}

static void on_unacked(struct runner *r, const struct answer *a)
{
    struct trace *t = at(r, a);
    int64_t n;
    t->taken = t->taken || (reply_int(a->reply, &n) && n > 0);
}

static void on_meta(struct runner *r, const struct answer *a)
{
    struct trace *t = at(r, a);
    bool final;
    t->taken = verb_take_status(a->reply, &t->status, &final) || t->taken;
}

static void look(struct runner *r);

static void looked(struct runner *r)
{
    struct traces *traces = r->traces;
    bool open = false;

    for (size_t i = 0; i < traces->count; i++) {
        open = open || (!is_found(&traces->one[i]) && traces->one[i].can_tell);
    }
    if (open && !r->lost && traces->looks < LOOKS && !r->stopped) {
        step_after(r, LOOK_AGAIN_US, look);
        return;
    }
    r->traces = NULL;
    traces->done(r);
}

static void ask(struct runner *r, const struct trace *t, size_t i)
{
    step_act(r, on_position, i, S("LPOS"), t->key, t->element, S("RANK"), t->from_right ? S("-1") : S("1"),
             S("MAXLEN"), S(DEPTH));
    step_act(r, on_length, i, S("LLEN"), t->key);
    if (t->tag) {
        step_act(r, on_unacked, i, S("HEXISTS"), S("unacked"), span_of(t->tag));
    }
    if (t->id && r->options.result && link_is_ready(r->options.result)) {
        char *meta = keyname_of_result(t->id);
        step_result(r, on_meta, i, S("GETRANGE"), span_of(meta), S("0"), S(VERB_VALUE_LAST));
        mem_free(meta);
    }
}

static void look(struct runner *r)
{
    struct traces *traces = r->traces;

    traces->looks++;
    for (size_t i = 0; i < traces->count; i++) {
        if (!is_found(&traces->one[i])) {
            ask(r, &traces->one[i], i);
        }
    }
    step_then(r, looked);
}

void traces_look(struct runner *r, struct traces *t, step_fn done)
{
    r->traces = t;
    t->done = done;
    t->looks = 0;
    look(r);
}

enum action_outcome trace_pushed(const struct trace *t, const char *queue_shown, int64_t length,
                                 bool reply_lost, char **ret_text)
{
    const char *again = reply_lost ? " (the reply was lost; it was found)" : "";

    if (t->position >= 0) {
        *ret_text = phrase_make("queued in %s at position %" PRId64 "%s", queue_shown,
                                (t->length >= 0 ? t->length : length) - t->position, again);
    } else if (t->status) {
        *ret_text = phrase_make("a worker has taken it: %s%s", t->status, again);
    } else if (t->taken) {
        *ret_text = phrase_make("a worker has taken it%s", again);
    } else if (reply_lost) {
        *ret_text = phrase_make("the reply never came and %s: it may run or not; look for %s",
                                t->can_tell ? "it was not found" : "it could not be looked for", t->id);
        return ACTION_UNKNOWN;
    } else if (t->can_tell) {
        *ret_text = phrase_make("queued in %s, and taken out of the list since", queue_shown);
    } else {
        *ret_text = phrase_make("queued in %s; its place could not be read", queue_shown);
    }
    return ACTION_DONE;
}
