/* verb: what the runner and the verbs share. A verb is a row of functions; it sends commands in groups, parks
 * until all answers of a group are in (step_then), until a time has passed (step_after) or until the
 * connection is back (step_when_ready), and ends in one of the verb_ functions. Every step is called from the
 * loop, never from within a send or a reply, so a verb cannot recurse and a connection that dies cannot call
 * it at a bad moment. Private to action. */
#ifndef REDAI_ACTION_VERB_H
#define REDAI_ACTION_VERB_H

#include "redai/link/reply.h"
#include "redai/link/timer.h"

#include "redai/action/runner.h"

enum {
    VERB_GROUP = 100,      /* commands or keys that leave together */
    VERB_TYPED_ABOVE = 20, /* more victims than this: the count must be typed */
    VERB_SAMPLE = 10       /* victims that a plan shows */
};
#define VERB_VALUE_LAST "65535" /* GETRANGE from 0 to here: no more than 64 KiB are fetched of one value */
#define VERB_VALUE_MOST 65536
#define VERB_RECOVER_US                                                                                      \
    INT64_C(5000000) /* how long a lost connection is waited for, to read back what became of it */

/* An element of a UT_array whose index is known to be within. */
#define VERB_AT(array, type, i) ((type *)(void *)(array)->d + (i))

typedef void (*step_fn)(struct runner *r);

struct answer {
    const struct reply *reply; /* NULL: it never came */
    bool unsent;               /* with NULL: no byte had left, it certainly did not happen */
    size_t tag;                /* as given with the command */
};
typedef void (*answer_fn)(struct runner *r, const struct answer *a);

struct verb_ops {
    step_fn plan; /* looks up, fills r->plan, ends in verb_planned or verb_refuse */
    step_fn run;  /* does it and reads back; ends in verb_finish */
    void (*release)(void *work);
    /* Without its look-ups it would not know what it hits: any error of the server but WRONGTYPE ends the
     * planning. */
    bool must_see;
};
extern const struct verb_ops verb_enqueue_ops, verb_revoke_session_ops, verb_revoke_user_ops,
    verb_revoke_task_ops, verb_invalidate_ops, verb_notifications_ops, verb_retry_ops, verb_remove_ops,
    verb_move_ops, verb_purge_ops, verb_requeue_ops, verb_worker_ops, verb_undo_ops, verb_repair_ops,
    verb_key_ops, verb_kill_ops;

/* The row of a verb. */
const struct verb_ops *verb_ops_of(enum verb verb);

struct call;
struct holders;
struct keep;
struct watch;
struct traces;
struct pidbox;

struct runner {
    struct runner_options options;
    char *origin;
    enum runner_state state;
    struct link *home; /* where the order is carried out: act, or the broker's */
    struct order order;
    struct plan plan;
    const struct verb_ops *ops;
    void *work;              /* the verb's own, released by it */
    struct holders *holders; /* of the question to workers that is on its way (holders.h); the verb's own */
    struct traces *traces;   /* messages whose place is being looked up (trace.h); the verb's own */
    struct pidbox *pidbox;   /* what is asked of workers, made when first used (pidbox.h) */
    struct keep *keep;       /* what is kept so that it can be undone, made when first used (keep.h) */
    struct watch *watch;     /* revoked sessions; NULL: none is watched (watch.h) */
    bool lenient;            /* what is sent now may be refused, whatever must_see says */
    bool unbound;   /* where MULTI is refused, what is sent now is carried out all the same, one by one */
    bool stepping;  /* a step is being carried out: the verb's work must live until it returns */
    bool cancelled; /* while stepping */
    bool stopped;   /* the person asked to stop: no further group is sent */
    bool lost;      /* an answer of the home link never came in this state */
    char *closed;   /* why the gate is: this is a replica (gate.h) */
    step_fn behind_gate;
    char server[44];                      /* the run of the server that the gate has asked; "" not told */
    bool elsewhere;                       /* what is read back is read from another one (gate.h) */
    bool telling_plan;                    /* on_plan is being called */
    int64_t gate_asked_us, gate_connects; /* when, and on which connection of home, it was asked last */
    char *refusal; /* the first look-up that the server refused, for verbs that must see */

    struct timer *timer;
    struct call *calls;    /* answers that are awaited */
    struct call *owed;     /* of orders that are over */
    struct call *multi[2]; /* of the home and the result link: MULTI that was not answered yet; it holds back
                              the rest */
    struct call *unsent;   /* commands that could not leave; they are answered in the next turn */
    size_t outstanding;
    step_fn next;
    bool awaiting_link;
    int64_t deadline_us; /* of awaiting_link */

    int64_t tally[ACTION_OUTCOME_COUNT];
    char *last_text;     /* of the last receipt: the end of an order that had but one */
    int64_t progress_us; /* when the last one was told */
    char *tagged; /* what the journal gets instead of the title or the end, when those show a part of a secret
                   */
    struct err journal_error;
    int64_t own_hits, own_misses, own_celery_misses;
};

/* Where the order is carried out, when that is not the application's database; NULL. */
const char *runner_where(const struct runner *r);

/* --- steps --- */

/* Sends one command on a link; fn is called exactly once for it (fn may be NULL), unless the order is over
 * before. What follows a MULTI is held back until the server has taken that, so that nothing is ever carried
 * out outside of its transaction: where MULTI is refused, all up to EXEC is answered with that refusal and
 * not sent. Where EXEC is refused, the transaction is left. */
void step_send(struct runner *r, struct link *l, answer_fn fn, size_t tag, size_t argc,
               const struct span *args);
/* step_act(r, fn, tag, S("GET"), key): where the order is at home. step_result: on the result link, which may
 * be absent.
 */
#define step_act(r, fn, tag, ...)                                                                            \
    step_send((r), (r)->home, (fn), (tag), sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span),       \
              (const struct span[]){__VA_ARGS__})
#define step_result(r, fn, tag, ...)                                                                         \
    step_send((r), (r)->options.result, (fn), (tag),                                                         \
              sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span),                                    \
              (const struct span[]){__VA_ARGS__})
void step_then(struct runner *r, step_fn next);
void step_after(struct runner *r, int64_t us, step_fn next);
void step_when_ready(struct runner *r,
                     step_fn next); /* or when VERB_RECOVER_US are over: look at link_is_ready */
void step_clear(struct runner *r);  /* forgets what is awaited */
void step_forget(struct runner *r); /* behind step_clear: the runner goes */
#define STEP_CANCELLED "cancelled: nothing was done"
void step_on_timer(void *runner); /* the runner's timer */

/* --- what a verb tells --- */

/* Behind every receipt whose reading back was of another server than the act. */
#define VERB_ELSEWHERE "; another server answers now (failover or restart)"

void verb_planned(struct runner *r);
/* Planning ended without a question. Nothing was done. */
void verb_refuse(struct runner *r, enum action_outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same in more than one line, each a display copy already (phrase.h): what follows the first is help. */
void verb_refuse_lines(struct runner *r, enum action_outcome outcome, const char *lines);
void verb_finish(struct runner *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same where the text shows a part of a secret: tagged is the text for the journal. */
void verb_tag(struct runner *r, const char *tagged);
/* One target. shown is its display name, tag its name in the journal (NULL: the same). text is one line. */
void verb_receipt(struct runner *r, enum action_outcome outcome, const char *shown, const char *tag,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));
void verb_receipt_full(struct runner *r, const struct action_receipt *receipt, const char *tag);
void verb_progress(struct runner *r, int64_t done, int64_t total, const char *text);

/* A session was revoked, and its receipt given: from now on it is watched. False: there are too many. */
bool verb_watch(struct runner *r, struct span id, const char *user);
/* It is there again already, as its receipt says. */
void verb_came_back(struct runner *r, struct span id, const char *user);
void verb_unwatch(struct runner *r, struct span id); /* it is put back on purpose */

/* Appends to the lists of the plan. */
void plan_command(struct plan *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void plan_sample(struct plan *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void plan_remark(struct plan *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Sets title; count; a count above VERB_TYPED_ABOVE must be typed. */
void plan_title(struct plan *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void plan_ask(struct plan *p, int64_t count);
void plan_ask_typed(struct plan *p, int64_t count); /* the count must be typed, however small it is */

/* The server's own words of an error reply, as a display copy; NULL when it is none. mem_free. */
char *verb_error(const struct reply *reply);
/* What a stored result says: its status into *status (display; the old one is freed) and whether that is
 * final, both only when it says one. False: none is stored. */
bool verb_take_status(const struct reply *reply, char **status, bool *final);
/* Keeps the first error a verb meets in *slot. */
void verb_keep_error(char **slot, const struct reply *reply);

#endif
