#include "keep.h"
#include "phrase.h"
#include "purge.h"

#include <inttypes.h>

/* A slice of what is kept: some 100 us of the server's time. */
enum { SLICE_MAX = 500, SLICE_BYTES = 256 << 10 };

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

/* What is kept goes in slices, so that no reply is large and nobody waits for it. */
static int64_t slice_of(const struct purge_list *list)
{
    int64_t each = list->length > 0 ? list->bytes / list->length : 0;
    int64_t fit = each > 0 ? SLICE_BYTES / each : SLICE_MAX;
    int64_t most = fit < 1 ? 1 : fit > SLICE_MAX ? SLICE_MAX : fit;
    int64_t all = doomed(list);
    return all < most ? all : most;
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
                 v->more          ? ACTION_REFUSED
                 : !v->watched    ? ACTION_CHANGED
                 : v->removed > 0 ? ACTION_DONE
                                  : ACTION_GONE,
                 q->shown, NULL, "%s%s%s%s%s%s", v->more ? "stopped: " : "", what, v->more ? "" : taken,
                 v->more ? "" : came, unsure, keep_lost(r));
    mem_free(what);
    mem_free(taken);
    mem_free(came);
}

/* It ended before all were gone: what went with earlier slices is told too. */
static void __attribute__((format(printf, 3, 4)))
tell_short(struct runner *r, enum action_outcome outcome, const char *format, ...)
{
    struct purge *v = r->work;
    va_list args;
    va_start(args, format);
    char *why = phrase_make_va(format, args);
    va_end(args);
    if (v->removed > 0) {
        verb_receipt(r, outcome, this_queue(r)->shown, NULL, "%" PRId64 " removed, then: %s%s", v->removed,
                     why, keep_lost(r));
    } else {
        verb_receipt(r, outcome, this_queue(r)->shown, NULL, "%s", why);
    }
    v->all_removed += v->removed;
    mem_free(why);
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
        tell_short(r, ACTION_UNKNOWN, "the reply never came; now %" PRId64 " wait in it", v->left);
    } else {
        tell_short(r, ACTION_UNKNOWN, "the reply never came");
    }
    next_queue(r);
}

static void look_when_back(struct runner *r)
{
    struct purge *v = r->work;
    v->left = 0;
    v->known = link_is_ready(r->home);
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
        tell_short(r, ACTION_FAILED, "the server refused it: %s", q->error);
    } else if (v->unsent) {
        tell_short(r, ACTION_FAILED, "not sent: the connection was lost");
    } else if (v->aborted && r->stopped) {
        tell_short(r, ACTION_REFUSED, v->removed > 0 ? "stopped" : "not purged: stopped");
    } else if (v->aborted) {
        v->tries++;
        look(r);
        return;
    } else if (!v->known) {
        step_when_ready(r, look_when_back);
        return;
    } else if (v->more && !r->stopped) {
        v->tries = 0;
        verb_progress(r, v->removed, q->counted, "purging");
        look(r);
        return;
    } else {
        tell_removed(r);
    }
    next_queue(r);
}

/* Those of a slice, in the order in which they would have been taken. */
static void keep_slice(struct runner *r, const struct purge_list *list, const struct reply *range)
{
    for (size_t i = reply_count(range); i > 0; i--) {
        keep_message(r, text_span(&list->key), reply_text(reply_at(range, i - 1)), true);
    }
}

/* LLEN, LTRIM, LLEN of each list: what went, to the last one. Of those that are kept LRANGE comes first. */
static void on_exec(struct runner *r, const struct answer *a)
{
    struct purge *v = r->work;
    struct purge_queue *q = this_queue(r);
    int64_t misses = r->own_misses;
    size_t at = 0;

    v->unsent = !a->reply && a->unsent;
    v->aborted = reply_type(a->reply) == REPLY_NIL;
    v->known = reply_type(a->reply) == REPLY_ARRAY;
    v->left = 0;
    verb_keep_error(&q->error, a->reply);
    for (int k = 0; v->known && k < MESSAGE_PRIORITY_STEPS; k++) {
        struct purge_list *list = &q->list[k];
        int64_t before = 0, after = 0;
        if (v->keeping && list->slice > 0) {
            const struct reply *range = reply_at(a->reply, at++);
            own_reads_count(OWN_READ_ONE, 0, range, &r->own_hits, &r->own_misses);
            keep_slice(r, list, range);
        }
        v->known =
            reply_int(reply_at(a->reply, at), &before) && reply_int(reply_at(a->reply, at + 2), &after);
        v->removed += before - after;
        v->left += after;
        list->counted -= before - after;
        if (!v->keeping && v->no_lpos) {
            keep_lose(r, before - after);
        }
        own_reads_count(OWN_READ_ONE, 0, reply_at(a->reply, at), &r->own_hits, &r->own_misses);
        own_reads_count(OWN_READ_ONE, 0, reply_at(a->reply, at + 2), &r->own_hits, &r->own_misses);
        at += 3;
    }
    r->own_celery_misses += r->own_misses - misses; /* all of them are its lists */
}

static void trim(struct runner *r)
{
    struct purge *v = r->work;
    struct purge_queue *q = this_queue(r);

    if (r->lost || link_status(r->home)->connects != v->connects) {
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
    /* Where the place of the newest is not known, counting again and again would go wrong by what workers
     * take. */
    v->keeping = keep_more(r) && !v->no_lpos;
    v->more = false;
    step_act(r, NULL, 0, S("MULTI"));
    for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
        struct purge_list *list = &q->list[k];
        struct span key = text_span(&list->key);
        char last[24], first[24];
        list->slice = v->keeping ? slice_of(list) : doomed(list);
        v->more = v->more || list->slice < doomed(list);
        /* The n at the right go: 0 to -(n+1) stays. */
        snprintf(last, sizeof last, "%" PRId64, -list->slice - 1);
        snprintf(first, sizeof first, "%" PRId64, -list->slice);
        if (v->keeping && list->slice > 0) {
            step_act(r, NULL, 0, S("LRANGE"), key, span_of(first), S("-1"));
        }
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
    v->connects = link_status(r->home)->connects;
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
    v->removed = 0;
    v->unsent = v->aborted = v->known = v->no_lpos = false;
    look(r);
}

void purge_run(struct runner *r)
{
    keep_begin(r);
    begin_queue(r);
}
