#include "phrase.h"
#include "purge.h"

#include <inttypes.h>

/* Tries with the lists watched; a list that changes all the time is then trimmed by what was just seen. */
enum { TRIES = 5 };

static void begin_queue(struct runner *r);
static void look(struct runner *r);

static struct purge_queue *this_queue(struct runner *r)
{
    struct purge *v = r->work;
    return &v->queue[v->at];
}

static void finish(struct runner *r)
{
    const struct purge *v = r->work;

    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, v->all_removed);
    if (v->count == 1) {
        verb_finish(r, "purge %s: %s", v->queue[0].shown, r->last_text);
    } else {
        char *what = phrase_count(v->all_removed, "message", NULL);
        verb_finish(r, "purge: %s removed from %zu queues", what, v->at);
        mem_free(what);
    }
}

static void next_queue(struct runner *r)
{
    struct purge *v = r->work;

    v->at++;
    verb_progress(r, (int64_t)v->at, (int64_t)v->count, "purging queues");
    if (v->at < v->count && !r->stopped && !r->lost) {
        begin_queue(r);
        return;
    }
    for (size_t i = v->at; i < v->count; i++) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, v->queue[i].shown, NULL,
                     "not purged: %s", r->stopped ? "stopped" : "the connection was lost");
    }
    finish(r);
}

/* Elements of a list that were there when it was counted and still are. */
static int64_t doomed(const struct purge_list *list)
{
    int64_t all = list->position < 0 ? 0 : list->length - list->position;
    return all < list->counted ? all : list->counted;
}

static void tell_removed(struct runner *r)
{
    struct purge *v = r->work;
    const struct purge_queue *q = this_queue(r);
    char *what = phrase_count(v->removed, "message removed", "messages removed");
    char *taken = v->removed < q->counted
                      ? phrase_make("; %" PRId64 " had gone since it was counted", q->counted - v->removed)
                      : mem_strdup("");
    char *came = v->left > 0 ? phrase_make("; %" PRId64 " came meanwhile and wait", v->left) : mem_strdup("");
    const char *unsure = v->watched ? ""
                                    : "; the lists changed all the time: if a worker took one at that "
                                      "moment, one that came later went instead";

    v->all_removed += v->removed;
    verb_receipt(r,
                 !v->watched      ? ACTION_CHANGED
                 : v->removed > 0 ? ACTION_DONE
                                  : ACTION_GONE,
                 q->shown, NULL, "%s%s%s%s", what, taken, came, unsure);
    mem_free(what);
    mem_free(taken);
    mem_free(came);
}

static void on_left(struct runner *r, const struct answer *a)
{
    struct purge *v = r->work;
    int64_t n;
    if (!reply_int(a->reply, &n)) {
        v->known = false;
    } else {
        v->left += n;
    }
}

static void tell_lost(struct runner *r)
{
    const struct purge *v = r->work;
    if (v->known) {
        verb_receipt(r, ACTION_UNKNOWN, this_queue(r)->shown, NULL,
                     "the reply never came; now %" PRId64 " wait in it", v->left);
    } else {
        verb_receipt(r, ACTION_UNKNOWN, this_queue(r)->shown, NULL, "the reply never came");
    }
    next_queue(r);
}

static void look_when_back(struct runner *r)
{
    struct purge *v = r->work;
    v->left = 0;
    v->known = link_is_ready(r->options.act);
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS && v->known; k++) {
        step_act(r, on_left, 0, S("LLEN"), text_span(&this_queue(r)->list[k].key));
    }
    step_then(r, tell_lost);
}

static void trimmed(struct runner *r)
{
    struct purge *v = r->work;
    const struct purge_queue *q = this_queue(r);

    if (q->error) {
        verb_receipt(r, ACTION_FAILED, q->shown, NULL, "the server refused it: %s", q->error);
    } else if (v->unsent) {
        verb_receipt(r, ACTION_FAILED, q->shown, NULL, "not sent: the connection was lost");
    } else if (v->aborted && r->stopped) {
        verb_receipt(r, ACTION_REFUSED, q->shown, NULL, "not purged: stopped");
    } else if (v->aborted) {
        v->tries++;
        look(r);
        return;
    } else if (!v->known) {
        step_when_ready(r, look_when_back);
        return;
    } else {
        tell_removed(r);
    }
    next_queue(r);
}

/* LLEN, LTRIM, LLEN of each list: what went, to the last one. */
static void on_exec(struct runner *r, const struct answer *a)
{
    struct purge *v = r->work;
    struct purge_queue *q = this_queue(r);

    v->unsent = !a->reply && a->unsent;
    v->aborted = reply_type(a->reply) == REPLY_NIL;
    v->known = reply_type(a->reply) == REPLY_ARRAY;
    v->removed = v->left = 0;
    verb_keep_error(&q->error, a->reply);
    for (size_t i = 0; i + 2 < reply_count(a->reply); i += 3) {
        int64_t before = 0, after = 0;
        v->known = v->known && reply_int(reply_at(a->reply, i), &before) &&
                   reply_int(reply_at(a->reply, i + 2), &after);
        v->removed += before - after;
        v->left += after;
        own_reads_count(OWN_READ_ONE, 0, reply_at(a->reply, i), &r->own_hits, &r->own_misses);
        own_reads_count(OWN_READ_ONE, 0, reply_at(a->reply, i + 2), &r->own_hits, &r->own_misses);
    }
}

static void trim(struct runner *r)
{
    struct purge *v = r->work;
    struct purge_queue *q = this_queue(r);

    if (r->lost || link_status(r->options.act)->connects != v->connects) {
        r->lost = true;
        v->unsent = true;
        trimmed(r);
        return;
    }
    if (q->error) {
        step_act(r, NULL, 0, S("UNWATCH"));
        v->aborted = false;
        step_then(r, trimmed);
        return;
    }
    v->watched = v->watched && !v->no_lpos;
    step_act(r, NULL, 0, S("MULTI"));
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        struct span key = text_span(&q->list[k].key);
        int64_t n = doomed(&q->list[k]);
        char last[24];
        /* The n at the right go: 0 to -(n+1) stays. */
        snprintf(last, sizeof last, "%" PRId64, -n - 1);
        step_act(r, NULL, 0, S("LLEN"), key);
        step_act(r, NULL, 0, S("LTRIM"), key, S("0"), span_of(last));
        step_act(r, NULL, 0, S("LLEN"), key);
    }
    step_act(r, on_exec, 0, S("EXEC"));
    step_then(r, trimmed);
}

static void on_length(struct runner *r, const struct answer *a)
{
    struct purge_queue *q = this_queue(r);
    if (!reply_int(a->reply, &q->list[a->tag].length)) {
        q->list[a->tag].length = 0;
    }
    verb_keep_error(&q->error, a->reply);
}

static void on_position(struct runner *r, const struct answer *a)
{
    struct purge_list *list = &this_queue(r)->list[a->tag];
    struct purge *v = r->work;

    if (reply_is_error(a->reply)) {
        v->no_lpos = true; /* before 6.0.6: nothing but the count is known */
        list->position = 0;
    } else if (!reply_int(a->reply, &list->position)) {
        list->position = -1;
    }
}

static void on_watched(struct runner *r, const struct answer *a)
{
    verb_keep_error(&this_queue(r)->error, a->reply);
}

static void look(struct runner *r)
{
    struct purge *v = r->work;
    struct purge_queue *q = this_queue(r);

    v->watched = v->tries < TRIES;
    v->connects = link_status(r->options.act)->connects;
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        struct purge_list *list = &q->list[k];
        struct span key = text_span(&list->key);
        list->position = -1;
        if (v->watched) {
            step_act(r, on_watched, 0, S("WATCH"), key);
        }
        step_act(r, on_length, (size_t)k, S("LLEN"), key);
        if (list->counted > 0) {
            step_act(r, on_position, (size_t)k, S("LPOS"), key, text_span(&list->newest));
        }
    }
    step_then(r, trim);
}

static void begin_queue(struct runner *r)
{
    struct purge *v = r->work;
    v->tries = 0;
    v->unsent = v->aborted = v->known = v->no_lpos = false;
    look(r);
}

void purge_run(struct runner *r)
{
    begin_queue(r);
}
