/* Asking workers: sending it, reading back what can be, and what each worker said. */
#include "phrase.h"
#include "verb_worker.h"

#include <inttypes.h>

#include "redai/base/clock.h"

/* Celery looks after its pool every 5 s: only then do processes start, one behind the other. Two such checks
 * are waited for, and from each process that is seen to start or end on again, all in all a minute. */
#define POOL_WAIT_US INT64_C(12000000)
#define POOL_MOST_US INT64_C(60000000)
#define LEAVE_WAIT_US                                                                                        \
    INT64_C(10000000) /* a worker that stops takes its mailbox away at once; under load later */
#define LOOK_US INT64_C(250000)

/* What a worker's words do not say. */
static const struct {
    const char *method, *word, *note;
} notes[] = {
    {"enable_events", "'groups'", "it was started without gossip and heartbeat, and sends no events"},
    {"disable_events", "already", "when it was started with -E it goes on sending them"},
    {"time_limit", "successfully", "Celery 5 holds tasks to them only when the worker has connected anew"},
    {"pool_shrink", "busy", "all its processes work: try again when one is idle"},
};

static const char *note_of(const struct runner *r, const char *text)
{
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (verb_worker_is(r, notes[i].method) && strstr(text, notes[i].word)) {
            return notes[i].note;
        }
    }
    return NULL;
}

static void finish(struct runner *r)
{
    const struct worker_ask *w = r->work;

    mem_free(r->plan.result);
    r->plan.result = phrase_make("%zu", w->done);
    if (utarray_len(&w->row) == 1) {
        verb_finish(r, "%s: %s", VERB_AT(&w->row, struct worker_row, 0)->shown, r->last_text);
    } else {
        verb_finish(r, "%s: %zu of %u workers", r->order.method->word, w->done, utarray_len(&w->row));
    }
}

/* --- receipts --- */

static void tell_silence(struct runner *r, const struct worker_row *row)
{
    char late[80];
    const struct worker_ask *w = r->work;
    enum action_outcome outcome = ACTION_FAILED;
    const char *text;

    if (row->left_out) {
        outcome = ACTION_REFUSED;
        text = "not asked: how many processes it has is not known";
    } else if (w->error) {
        text = w->error;
    } else if (w->unsent) {
        text = "not sent: the connection was lost";
    } else if (w->receivers == 0) {
        text = "no worker listens: nobody heard it";
    } else if (w->receivers < 0) {
        outcome = ACTION_UNKNOWN;
        text = "the reply never came";
    } else if (!row->has_mailbox) {
        text = "it has no mailbox and did not answer: it seems not to run";
    } else if (!w->named && w->answers > 0 && w->answers >= w->expected) {
        outcome = ACTION_GONE;
        text = "it has a mailbox but does not listen: it has gone, or is only starting";
    } else {
        outcome = ACTION_UNKNOWN;
        snprintf(late, sizeof late, "no answer within %g s: whether it heard it is not known",
                 pidbox_listen_s(r));
        text = late;
    }
    verb_receipt(r, outcome, row->shown, NULL, "%s", text);
}

/* How many tasks a worker takes ahead follows at once (facts 6.5); the processes at the pool's next check,
 * which a busy machine delays. */
static bool has_acted(const struct worker_ask *w, const struct worker_row *row)
{
    int64_t change = row->now_prefetch - row->prefetch;
    return row->prefetch >= 0 && row->now_prefetch >= 0 && (w->n > 0 ? change > 0 : change < 0);
}

/* The pool as it is now: what was asked for is there, or not yet. */
static void tell_pool(struct runner *r, const struct worker_row *row)
{
    struct worker_ask *w = r->work;
    bool there = row->processes >= 0 && row->now_processes == row->processes + w->n;

    char *now = phrase_count(row->now_processes, "process", "processes");
    w->done += there;
    if (row->now_processes < 0) {
        verb_receipt(r, ACTION_UNKNOWN, row->shown, NULL, "%s; how many processes it has now is not known",
                     row->said);
    } else if (there) {
        verb_receipt(r, ACTION_DONE, row->shown, NULL, "%s; now %s, and %" PRId64 " tasks are taken ahead",
                     row->said, now, row->now_prefetch);
    } else if (has_acted(w, row)) {
        w->done++;
        verb_receipt(r, ACTION_DONE, row->shown, NULL,
                     "%s; it takes %" PRId64 " tasks ahead instead of %" PRId64 ", and has %s so far",
                     row->said, row->now_prefetch, row->prefetch, now);
    } else {
        verb_receipt(r, ACTION_UNKNOWN, row->shown, NULL,
                     "%s; %" PRId64 " s later it has %s: whether that will change is not known", row->said,
                     (clock_mono_us() - w->heard_us) / US_PER_S, now);
    }
    mem_free(now);
}

static void tell_left(struct runner *r, const struct worker_row *row)
{
    struct worker_ask *w = r->work;
    w->done += row->left;
    verb_receipt(r, row->left ? ACTION_DONE : ACTION_UNKNOWN, row->shown, NULL, "%s",
                 row->left
                     ? "its mailbox is gone: it takes no more tasks, and exits when those that run have ended"
                     : "its mailbox is still there after 10 s: whether it heard it is not known");
}

static void tell_said(struct runner *r, const struct worker_row *row)
{
    struct worker_ask *w = r->work;
    const char *note = note_of(r, row->said);

    w->done += !row->refused;
    verb_receipt(r, row->refused ? ACTION_FAILED : ACTION_DONE, row->shown, NULL, "%s%s%s%s",
                 row->refused ? "it refused: " : "",
                 strcmp(row->said, "null") == 0 ? "it answered" : row->said, note ? "; " : "",
                 note ? note : "");
}

static void tell_all(struct runner *r)
{
    const struct worker_ask *w = r->work;
    bool was_sent = !w->error && !w->unsent && w->receivers > 0;

    for (size_t i = 0; i < utarray_len(&w->row); i++) {
        const struct worker_row *row = VERB_AT(&w->row, struct worker_row, i);
        if (verb_worker_is(r, "shutdown") && row->has_mailbox && was_sent) {
            tell_left(r, row);
        } else if (!row->said) {
            tell_silence(r, row);
        } else if (w->n != 0 && !row->refused) {
            tell_pool(r, row);
        } else {
            tell_said(r, row);
        }
    }
    if (utarray_len(&w->row) == 0) {
        char late[80];
        snprintf(late, sizeof late, "no worker answered within %g s", pidbox_listen_s(r));
        verb_receipt(r, was_sent ? ACTION_UNKNOWN : ACTION_FAILED, "", NULL, "%s",
                     w->error    ? w->error
                     : w->unsent ? "not sent: the connection was lost"
                     : was_sent  ? late
                                 : "no worker listens: nobody heard it");
    }
    finish(r);
}

/* --- reading back --- */

static void look_at_pool(struct runner *r);

/* Of all that were asked: how many processes have started or ended, of how many. False: all have. */
static bool count_pool(const struct worker_ask *w, int64_t *ret_moved, int64_t *ret_wanted)
{
    int64_t asked = w->n < 0 ? -w->n : w->n;

    *ret_moved = *ret_wanted = 0;
    for (size_t i = 0; i < utarray_len(&w->row); i++) {
        const struct worker_row *row = VERB_AT(&w->row, struct worker_row, i);
        if (row->said && !row->refused && row->processes >= 0) {
            int64_t now = row->now_processes < 0 ? row->processes : row->now_processes;
            int64_t missing = w->n < 0 ? now - row->processes - w->n : row->processes + w->n - now;
            *ret_wanted += asked;
            *ret_moved += asked - (missing < 0 ? -missing : missing);
        }
    }
    return *ret_moved < *ret_wanted;
}

static void looked_at_pool(struct runner *r)
{
    struct worker_ask *w = r->work;
    int64_t moved, wanted, now_us = clock_mono_us();
    bool open = count_pool(w, &moved, &wanted);

    if (moved > w->moved) {
        w->moved = moved;
        w->until_us = now_us + POOL_WAIT_US;
    }
    if (open && !r->lost && !r->stopped && !r->pidbox->broken && now_us < w->until_us &&
        now_us < w->heard_us + POOL_MOST_US) {
        verb_progress(r, moved < 0 ? 0 : moved, wanted, "Celery looks after its processes every 5 s");
        step_after(r, LOOK_US, look_at_pool);
    } else {
        tell_all(r);
    }
}

static void look_at_pool(struct runner *r)
{
    verb_worker_stats(r, looked_at_pool);
}

static void look_at_mailboxes(struct runner *r);

static void looked_at_mailboxes(struct runner *r)
{
    struct worker_ask *w = r->work;
    bool open = false;

    for (size_t i = 0; i < utarray_len(&w->row); i++) {
        struct worker_row *row = VERB_AT(&w->row, struct worker_row, i);
        row->left = row->has_mailbox && pidbox_of(r)->nodes >= 0 && !pidbox_has_node(r, row->name);
        open = open || (row->has_mailbox && !row->left);
    }
    if (open && !r->lost && !r->stopped && clock_mono_us() < w->until_us) {
        step_after(r, LOOK_US, look_at_mailboxes);
    } else {
        tell_all(r);
    }
}

static void look_at_mailboxes(struct runner *r)
{
    pidbox_look(r);
    step_then(r, looked_at_mailboxes);
}

/* What was said is kept: rounds that read back follow. */
static void keep_round(struct runner *r)
{
    struct worker_ask *w = r->work;
    const struct pidbox_request *q = pidbox_at(r, 0);

    w->receivers = q->receivers;
    w->unsent = q->unsent;
    mem_replace(&w->error, q->error);
    w->answers = q->heard + q->refused;
    w->expected = pidbox_expected(r, q);
    for (size_t i = 0; i < utarray_len(&q->said); i++) {
        const struct pidbox_said *said = VERB_AT(&q->said, struct pidbox_said, i);
        struct worker_row *row = verb_worker_row(w, said->node);
        /* Who answers without a mailbox in the books is there all the same. */
        row = row ? row : verb_worker_add(w, said->node, false);
        mem_replace(&row->said, said->text);
        row->refused = said->is_error;
    }
}

static void heard(struct runner *r)
{
    struct worker_ask *w = r->work;

    keep_round(r);
    if (w->n != 0 && w->answers > 0 && !r->lost) {
        w->stats_now = true;
        w->heard_us = clock_mono_us();
        w->until_us = w->heard_us + POOL_WAIT_US;
        look_at_pool(r);
    } else if (verb_worker_is(r, "shutdown") && w->receivers > 0 && !r->lost) {
        w->until_us = clock_mono_us() + LEAVE_WAIT_US;
        look_at_mailboxes(r);
    } else {
        tell_all(r);
    }
}

void verb_worker_run(struct runner *r)
{
    const struct worker_ask *w = r->work;
    size_t count;
    const char **names = verb_worker_names(w, &count);

    pidbox_begin(r, NULL);
    struct pidbox_request *q =
        pidbox_ask(r, r->order.method->method, utstring_body(&w->arguments), names, w->named ? count : 0);
    q->mute = verb_worker_is(r, "shutdown");
    mem_free(names);
    pidbox_send(r, heard);
}
