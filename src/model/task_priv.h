/* task_priv: what the rows of tasks hold beside what is shown: the evidence that their state is derived from,
 * and where their messages were seen. task.c owns rows, task_place.c owns places and seats, task_apply*.c
 * write evidence, task_state.c alone decides the state. */
#ifndef REDAI_MODEL_TASK_PRIV_H
#define REDAI_MODEL_TASK_PRIV_H

#include "intern.h"

#include "redai/base/clock.h"

#include "redai/model/fact.h"
#include "redai/model/task.h"

/* What the result database said last. */
enum task_result {
    TASK_RESULT_UNASKED,
    TASK_RESULT_ABSENT,
    TASK_RESULT_STARTED,
    TASK_RESULT_PROGRESS, /* or any name of the application's own */
    TASK_RESULT_RETRY,
    TASK_RESULT_SUCCESS, /* this and what follows is final */
    TASK_RESULT_FAILURE,
    TASK_RESULT_REVOKED,
};

/* Clocks of one platform agree that well; and a worker stamps "started" when it hears of it from its pool,
 * which for a short task is after the end that the pool itself has stored. */
#define TASK_SLACK_US (2 * US_PER_S)

/* What events said last of the newest attempt. */
enum task_word {
    TASK_WORD_NONE,
    TASK_WORD_RECEIVED,
    TASK_WORD_STARTED,
    TASK_WORD_AGAIN,     /* it will be run again: retried, put back, cancelled */
    TASK_WORD_SUCCEEDED, /* this and what follows is final */
    TASK_WORD_FAILED,
    TASK_WORD_REJECTED,
    TASK_WORD_REVOKED,
};

/* Every row is in one of these lists, the longest in it first. */
enum task_order {
    TASK_ORDER_ENDED,
    TASK_ORDER_LIVE, /* time alone, a sweep or a worker's state may change them */
    TASK_ORDER_REST,
    TASK_ORDER_COUNT
};

struct task_row {
    struct task view;
    struct task_row *same_bucket;
    struct task_row *prev, *next; /* in its order */
    struct task_seat *seat;       /* where it was seen and not yet missed */
    int64_t claim_us;             /* monotonic: the newest word that it was taken or runs; -1 */
    int64_t left_us;              /* monotonic: it was last missed somewhere; -1 */
    uint32_t hash, index;
    int32_t result_retries;            /* the attempt that the result is of; -1 unknown */
    uint8_t order, result, word, kept; /* kept: flags that stay */
    uint8_t takes_told, takes_seen;    /* deliveries of this attempt by events, by unacked */
    bool overlap;                      /* the next attempt was received before the end of this one was told */
    bool rerun;                        /* it was taken again after its end */
    bool counted;                      /* its end counts in the failure rate */
    char own[];                        /* its id, and the args it was made with */
};

struct task_rows {
    struct task_row *first, *last;
};

/* A row in a place: a list, unacked, or a worker's hands. */
struct task_seat {
    struct task_row *row;
    struct task_spot *place;
    struct task_seat *prev, *next; /* in the place, the longest not seen first */
    struct task_seat *sibling;     /* the same row elsewhere */
    int64_t first_us, seen_us;     /* monotonic */
    uint16_t ref_len;
    uint8_t hold;  /* enum inspect_hold */
    bool promised; /* told by its producer, not seen: beyond the window of the list it may still be there */
    bool redelivered;
    char ref[]; /* message_ref or delivery tag */
};

struct task_spot {
    enum sweep_scope scope;
    int step;
    struct task_seat *first, *last;
    size_t count;
    int64_t swept_us;           /* begin of the last sweep that saw all of it; -1 */
    int64_t told_us;            /* of the last news */
    int64_t round_us;           /* monotonic: when the last sweep was told; -1 */
    int64_t poison, poison_now; /* elements that a worker would exit on: in the last reading, in this one */
    struct target front;        /* LIST: what is popped next */
    char *front_id, *front_name;
    int64_t front_since_us, front_told_us;
    UT_hash_handle hh;
    size_t name_len;
    char key[]; /* scope, step, name */
};

enum { TASK_RATE_SECONDS = 300 };
struct task_ends {
    int64_t second; /* of the newest bucket */
    struct {
        uint32_t ended, failed;
    } bucket[TASK_RATE_SECONDS];
};

struct task_groups; /* task_group.c */

struct task_all {
    struct task_row **row; /* dense */
    size_t count, room;
    struct task_row **bucket;
    size_t buckets; /* a power of two */
    struct task_rows order[TASK_ORDER_COUNT];
    size_t in_state[TASK_STATE_COUNT];
    struct interns names;
    struct task_spot *places;
    struct task_spot *unacked;
    UT_string scratch;
    size_t cut;
    int64_t promised;     /* seats of messages that were told and not seen */
    int64_t late_acks_us; /* a running task was seen in unacked: workers acknowledge late; -1 */
    /* Of the workers, as of the last look: */
    int64_t asked_us; /* all that are online have told all they hold since; INT64_MAX: none is; -1 unknown */
    size_t workers_known;
    bool consumers_known;
    bool reconsider; /* workers have changed: waiting rows too are looked at anew */
    uint64_t version;
    uint64_t removed;            /* rows taken away so far */
    size_t overdue, lately_lost; /* as of the last second */
    struct task_ends ends;
    struct task_groups *groups;
};

#define TASK_TEXT_MAX 1100

/* --- rows: task.c --- */
struct task_row *task_row_find(const struct model *m, struct span id);
/* Made when there is none; args may be empty and only save memory. NULL: the id is empty. */
struct task_row *task_row_get(struct model *m, struct span id, struct span args);
void task_row_remove(struct model *m, struct task_row *row);
void task_row_order(struct model *m, struct task_row *row, enum task_order order);
/* News of it: told_us, and the source as one that knows it. */
void task_row_told(struct model *m, struct task_row *row, enum task_source source);
/* Texts of a row; each keeps what it has when the new one is empty. */
void task_row_args(struct task_row *row, struct span args, struct span kwargs, bool are_repr, bool cut);
void task_row_text(struct task_row *row, struct span raw);
void task_row_clear_error(struct model *m, struct task_row *row);
void task_row_ids(struct task_row *row, struct span parent, struct span root, struct span group);
void task_row_name(struct model *m, struct task_row *row, const char **slot, struct span raw);
/* Sees to it that the row stands for this attempt (or a later one). True when it is a new one. */
bool task_row_attempt(struct model *m, struct task_row *row, int64_t retries);
void task_row_taken(struct task_row *row); /* deliveries, of what was counted */

/* --- places: task_place.c --- */
void task_places_release(struct model *m);
struct task_spot *task_place_find(const struct model *m, enum sweep_scope scope, int step, struct span name);
struct task_spot *task_place_get(struct model *m, enum sweep_scope scope, int step, struct span name);
struct span task_place_name(const struct task_spot *p);
struct task_seat *task_seat_find(const struct task_row *row, const struct task_spot *place);
struct task_seat *task_seat_put(struct model *m, struct task_row *row, struct task_spot *place,
                                struct span ref);
void task_seat_remove(struct model *m, struct task_seat *seat);
void task_seats_remove(struct model *m, struct task_row *row);
void task_places_tick(struct model *m);

/* --- what is told: task_apply*.c, task_sweep.c --- */
void task_message(struct model *m, const struct fact_task_message *f);
void task_event(struct model *m, const struct fact_task_event *f);
void task_held(struct model *m, const struct fact_task_held *f);
void task_result(struct model *m, const struct fact_task *f);
void task_gone(struct model *m, const struct fact_task_gone *f);
void task_sweep(struct model *m, const struct fact_task_sweep *f);

/* --- the state: task_state.c --- */
void task_decide(struct model *m, struct task_row *row);
void task_decide_live(struct model *m); /* all that time, a sweep or a worker may have changed */
void task_look_at_workers(struct model *m);

/* --- rates: task_rate.c --- */
void task_rate_end(struct model *m, const struct task_row *row);

void task_init(struct model *m);
void task_release(struct model *m);
void task_tick(struct model *m);
struct task_groups *task_groups_new(void);
void task_groups_release(struct task_groups *g);

#endif
