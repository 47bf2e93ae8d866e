/* runner: carries one order at a time from plan to receipt: look up -> plan -> confirm -> run -> read back ->
 * receipt
 * -> journal. It is the one gate of --read-only: with it every order is refused before anything is sent; and
 * of replicas: the server is asked for its role before each plan and again before it is carried out, and on a
 * replica nothing else is sent. A reply that never came is told as unknown, never as done. */
#ifndef REDAI_ACTION_RUNNER_H
#define REDAI_ACTION_RUNNER_H

#include "redai/schema/keyname.h"
#include "redai/schema/site.h"

#include "redai/link/link.h"

#include "redai/action/bin.h"
#include "redai/action/journal.h"
#include "redai/action/order.h"
#include "redai/action/plan.h"

enum action_outcome {
    ACTION_DONE,
    ACTION_GONE,
    ACTION_CHANGED,
    ACTION_REFUSED,
    ACTION_FAILED,
    ACTION_UNKNOWN,
    ACTION_BACK, /* it was done, and somebody else undid it */
    ACTION_OUTCOME_COUNT
};
extern const char
    *const action_outcome_name[ACTION_OUTCOME_COUNT]; /* same words as the model's outcome_name */

struct action_receipt {
    enum verb verb;
    const char *subject; /* display name of one target; "" for the whole */
    enum action_outcome outcome;
    const char *text; /* one line */
    /* of a done enqueue: for the batch pane */
    const char *task_id, *task_name;
    int64_t batch_total; /* -1 when it is no batch */
};

/* A session that was revoked is watched for a while: does it stay away? */
enum runner_watch_phase {
    RUNNER_WATCH_BEGIN,
    RUNNER_WATCH_BACK, /* somebody wrote it again; its receipt is given anew, as ACTION_BACK */
    RUNNER_WATCH_HELD, /* it stayed away to the end */
    RUNNER_WATCH_LOST  /* not looked at to the end: the connection was lost, or it was put back by undo */
};
struct runner_watch {
    enum runner_watch_phase phase;
    enum verb verb;    /* which revoked it */
    struct span id;    /* raw session id */
    const char *user;  /* raw; NULL unknown */
    int64_t after_us;  /* since it was revoked */
    int64_t until_us;  /* monotonic: how long it is watched */
    const char *shown; /* BACK: display */
};

enum runner_state { RUNNER_IDLE, RUNNER_PLANNING, RUNNER_ASKING, RUNNER_RUNNING };

struct runner_options {
    struct ev_loop *loop;
    struct link *act;    /* the application's database; borrowed, owned by app */
    struct link *broker; /* the broker's; NULL: the application's is */
    struct link *result; /* result database; may be NULL: then states are not looked up */
    int db;              /* the broker's: for pidbox channel names */
    /* Where an order goes that is not done in the application's database, display: said in plan, receipt and
     * journal; borrowed; NULL: it is the same. */
    const char *broker_where;
    bool broker_apart, results_apart; /* on other servers: reads there are none of the application's */
    /* Of act, and of the broker's: where a replica's master is, is said in its manner; borrowed; NULL: plain.
     */
    const struct address *address, *broker_address;
    const char *go_with; /* what is typed before that address to go there: ":connect "; NULL: nothing */
    bool read_only, dry_run;
    const char *strict; /* what must be typed at least for all that harms: the connection's name,
                           "production"; borrowed; NULL: a key confirms what is small */
    int64_t listen_us;  /* how long workers' answers are waited for; 0: 1.5 s */
    const struct routes *routes;
    const struct templates *templates;
    const struct families *families; /* names in the count of an invalidation; NULL: the platform's own */
    struct journal *journal;         /* may be NULL */
    struct bin *bin;                 /* what is deleted is kept here first; NULL: nothing is */
    const char *origin;              /* "redai-console@host" */
    /* What the caller knows besides Redis; each may be NULL. Has a worker registered this task name?
     * *ret_known stays false when no worker has told its names. */
    bool (*is_registered)(void *ctx, const char *task, bool *ret_known);
    /* Queues besides those of the routes, in which messages are looked for: add(to, name) for each. */
    void (*each_queue)(void *ctx, void (*add)(void *to, const char *queue), void *to);
    /* Whether a CLIENT ID is that of another connection of this program (not of act and result). */
    bool (*owns_client)(void *ctx, int64_t id);
    int64_t watch_us; /* how long revoked sessions are watched; 0: not */
    /* Callbacks; texts are borrowed. Each may confirm, cancel or stop, none may free the runner. */
    void (*on_plan)(void *ctx, const struct plan *plan); /* state is ASKING: confirm or cancel */
    void (*on_progress)(void *ctx, int64_t done, int64_t total, const char *text); /* at most 10 a second */
    void (*on_receipt)(void *ctx, const struct action_receipt *receipt);
    /* The end of an order: the whole's outcome (the worst of its parts; "already gone" only when nothing else
     * happened), also after refusals. result is what stdout gets, NULL when nothing was run. The next order
     * may be given from here. */
    void (*on_finish)(void *ctx, enum action_outcome outcome, const char *text, const char *result);
    /* Of sessions that are watched; also while other orders run, and when none does. May be NULL. */
    void (*on_watch)(void *ctx, const struct runner_watch *news);
    void *ctx;
};

/* Whose database a verb works in. Undo works where was deleted what it puts back. */
extern const enum site verb_site[VERB_COUNT];

struct runner *runner_new(const struct runner_options *options);
void runner_free(struct runner *r); /* an order that runs is told as unknown */
enum runner_state runner_state(const struct runner *r);
/* Begins planning; takes the order's contents. False at once when refused (read-only, busy, no connection,
 * nothing to do): the order stays the caller's, err says why, the journal has it where one was given (with
 * --read-only the program opens none), and no callback follows.
 * After true every end is told by on_finish. No callback is made from within this call. With dry_run the
 * order ends as done behind on_plan, with the text "dry run: nothing was changed". */
bool runner_order(struct runner *r, struct order *o, struct err *err);
/* typed is NULL for the key y. False (still asking) when the typed text is wrong or the connection is down.
 * May be called from within on_plan. */
bool runner_confirm(struct runner *r, const char *typed, struct err *err);
void runner_cancel(struct runner *r); /* while asking or planning: nothing was done */
/* The same when the connection was lost, and that is said: nobody had cancelled. */
void runner_cut(struct runner *r);
void runner_stop(struct runner *r); /* while running: no further batch is sent; what was done is told */
/* For how long the server has owed the order under way an answer; 0: it owes none. */
int64_t runner_silent_us(const struct runner *r);
bool runner_uses(const struct runner *r, const struct link *l); /* an order is under way there */
const struct plan *runner_plan(const struct runner *r);         /* NULL unless asking or running */
/* Key events are hints: a watched session seems to have been written, and is looked at now. */
void runner_written(struct runner *r, struct span session_id);
size_t runner_watched(const struct runner *r); /* so many sessions are watched */
/* What the look-ups of all orders so far added to the server's keyspace_hits and keyspace_misses. */
void runner_own_reads(const struct runner *r, int64_t *ret_hits, int64_t *ret_misses);
/* How many of these misses were of Celery's own keys. */
int64_t runner_own_celery_misses(const struct runner *r);

#endif
