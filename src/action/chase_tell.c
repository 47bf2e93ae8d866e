/* What became of each task: who heard of it, who did not, and whether its message was taken out. */
#include "chase.h"
#include "phrase.h"

#include <inttypes.h>

/* A worker that did not hear of it runs the task all the same. */
struct hearing {
    size_t expected, said;
    bool any, all, nobody; /* nobody: it is certain that none heard it */
    char *text;            /* "1 of 2 workers heard it: worker1@demo (..); it waits for worker2@demo .." */
};

static bool was_nobody(struct runner *r, const struct pidbox_request *q)
{
    return q->error || q->unsent || q->receivers == 0 || (q->receivers > 0 && pidbox_of(r)->nodes == 0);
}

static char *hearing_text(struct runner *r, const struct pidbox_request *q, const struct hearing *h)
{
    char *answers = pidbox_answers(q);
    char *silent = pidbox_silent(r, q);
    char *count = h->all ? phrase_count((int64_t)q->heard, "worker heard it", "workers heard it")
                         : phrase_make("%zu of %zu workers heard it", q->heard, h->expected);
    const char *rest = !silent                  ? ""
                       : h->said >= h->expected ? " has a mailbox but does not listen"
                                                : ": whether that one heard it is not known";
    char *text = phrase_make("%s: %s%s%s%s%s", count, answers,
                             h->said >= h->expected && !h->all ? "; the rest refused it" : "",
                             !silent                  ? ""
                             : h->said >= h->expected ? "; "
                                                      : "; it waits for ",
                             silent ? silent : "", rest);
    mem_free(answers);
    mem_free(silent);
    mem_free(count);
    return text;
}

static void hear(struct runner *r, const struct pidbox_request *q, struct hearing *h)
{
    *h = (struct hearing){.expected = pidbox_expected(r, q), .said = q->heard + q->refused};
    h->any = q->heard > 0;
    h->all = h->any && q->heard >= h->expected;
    h->nobody = !h->any && q->refused == 0 && was_nobody(r, q);
    h->text = h->any ? hearing_text(r, q, h) : NULL;
}

static void tell_heard(struct runner *r, const struct quarry *t, const struct hearing *h, const char *before)
{
    struct chase *c = r->work;
    bool unseen = t->place == PLACE_RUNNING && r->order.terminate && !t->final;
    const char *now = t->final                    ? t->status
                      : unseen                    ? NULL
                      : t->place == PLACE_RUNNING ? "it goes on to its end"
                                                  : NULL;

    c->told += h->all;
    verb_receipt(r, h->all && !unseen ? ACTION_DONE : ACTION_UNKNOWN, t->shown, NULL, "%s%s%s%s%s", before,
                 h->text, now ? "; now " : "", now ? now : "",
                 unseen ? "; its end was not seen: whether it was ended is not known" : "");
}

static void tell_silence(struct runner *r, const struct quarry *t, const struct pidbox_request *q,
                         const char *before)
{
    char *listeners = phrase_count(q->receivers, "listener", NULL);
    char *silent = pidbox_silent(r, q);
    verb_receipt(r, ACTION_UNKNOWN, t->shown, NULL,
                 "%ssent to %s, no worker answered within %g s%s%s%s: whether one heard it is not known",
                 before, listeners, pidbox_listen_s(r), silent ? " (" : "", silent ? silent : "",
                 silent ? ")" : "");
    mem_free(listeners);
    mem_free(silent);
}

/* before: what is known already of its message, with "; " behind it. */
static void tell_workers(struct runner *r, const struct quarry *t, const struct pidbox_request *q,
                         const struct hearing *h, const char *before)
{
    if (h->any) {
        tell_heard(r, t, h, before);
    } else if (q->error) {
        verb_receipt(r, ACTION_FAILED, t->shown, NULL, "%sthe server refused it: %s", before, q->error);
    } else if (q->refused > 0) {
        char *answers = pidbox_answers(q);
        verb_receipt(r, ACTION_FAILED, t->shown, NULL, "%srefused by %s", before, answers);
        mem_free(answers);
    } else if (q->unsent) {
        verb_receipt(r, ACTION_FAILED, t->shown, NULL, "%snot sent: the connection was lost", before);
    } else if (h->nobody) {
        verb_receipt(r, ACTION_FAILED, t->shown, NULL,
                     "%sno worker heard this: it will run when they return%s", before,
                     t->waiting && !r->order.remove ? ", remove the message too? (--remove)" : "");
    } else if (q->receivers < 0) {
        verb_receipt(r, ACTION_UNKNOWN, t->shown, NULL, "%sthe reply never came", before);
    } else {
        tell_silence(r, t, q, before);
    }
}

static void tell_removed(struct runner *r, const struct quarry *t, const struct parcel *p,
                         const struct hearing *h)
{
    struct chase *c = r->work;
    enum action_outcome outcome = ACTION_DONE;
    char *result;

    c->told += h->all;
    c->removed += t->removed;
    if (t->meta_written) {
        result = mem_strdup("REVOKED is written for who waits for its result");
    } else if (t->meta_tried) {
        outcome = t->meta_error ? ACTION_FAILED : ACTION_UNKNOWN;
        result = t->meta_error ? phrase_make("REVOKED could not be written: %s", t->meta_error)
                               : mem_strdup("whether REVOKED was written is not known");
    } else if (t->final) {
        result = phrase_make("its result stays %s", t->status);
    } else if (t->held) {
        result = mem_strdup("a worker holds it as well");
    } else {
        result = mem_strdup("without the result database nobody who waits for its result is told");
    }
    verb_receipt(r, outcome, t->shown, NULL, "taken out of %s: it will not run from there; %s; %s", p->list,
                 result, h->any ? h->text : "no worker heard the revoke");
    mem_free(result);
}

/* Its message was found waiting, and should have been taken out. */
static void tell_parcel(struct runner *r, const struct quarry *t, const struct parcel *p,
                        const struct pidbox_request *q, const struct hearing *h)
{
    if (t->removed > 0) {
        tell_removed(r, t, p, h);
    } else if (p->error) {
        verb_receipt(r, ACTION_FAILED, t->shown, NULL, "its message could not be taken out: %s%s%s", p->error,
                     h->any ? "; " : "", h->any ? h->text : "");
    } else if (p->removed < 0) {
        verb_receipt(r, p->unsent ? ACTION_FAILED : ACTION_UNKNOWN, t->shown, NULL,
                     p->unsent ? "its message was not taken out: the connection was lost"
                               : "whether its message was taken out is not known: the reply never came");
    } else if (t->final) {
        verb_receipt(r, ACTION_GONE, t->shown, NULL, "a worker had taken it: now %s%s%s", t->status,
                     h->any ? "; " : "", h->any ? h->text : "");
    } else if (p->taken) {
        tell_workers(r, t, q, h, "a worker took it meanwhile; ");
    } else {
        verb_receipt(r, ACTION_CHANGED, t->shown, NULL,
                     "its message is no longer in %s, and found nowhere else; %s", p->list,
                     h->any ? h->text : "no worker heard the revoke");
    }
}

void chase_tell(struct runner *r, size_t i)
{
    const struct chase *c = r->work;
    const struct quarry *t = &c->task[i];
    const struct pidbox_request *q = pidbox_at(r, i - c->at);
    const struct parcel *p = NULL;
    struct hearing h;

    for (size_t k = 0; k < utarray_len(&c->parcel) && !p; k++) {
        const struct parcel *one = VERB_AT(&c->parcel, struct parcel, k);
        p = one->task == i ? one : NULL;
    }
    hear(r, q, &h);
    if (p) {
        tell_parcel(r, t, p, q, &h);
    } else {
        bool not_seen = r->order.remove && c->cut_short && t->place == PLACE_NOWHERE;
        tell_workers(r, t, q, &h, not_seen ? "its message was not found where it was looked for; " : "");
    }
    mem_free(h.text);
}
