/* What the files of the worker share: worker.c (life, links, heartbeat), take.c (popping and holding), task.c
 * (the life of one task), body.c (what the tasks do), mailbox.c (remote control). */
#ifndef REDAI_DEMO_WORKER_PRIV_H
#define REDAI_DEMO_WORKER_PRIV_H

#include "demo/login.h"
#include "demo/prng.h"

#include "redai/base/container.h"

#include "redai/schema/message.h"

#include "redai/link/link.h"
#include "redai/link/timer.h"

#include "redai/demo/worker.h"

enum { WORKER_QUEUES = 4, WORKER_RESULT_TTL_S = 3600, WORKER_REVOKED_MAX = 50000 };
#define WORKER_FREQ_S 2.0

enum task_state {
    TASK_ARRIVING,  /* popped, not yet in unacked */
    TASK_HELD,      /* waits for a free place */
    TASK_SCHEDULED, /* waits for its eta */
    TASK_RUNNING,
    TASK_ENDING, /* its last state is being written, or it is being acknowledged */
    TASK_GONE    /* freed as soon as no reply is under way for it */
};

struct task {
    struct demo_worker *worker;
    struct task *prev, *next; /* in order of arrival */
    enum task_state state;
    int replies; /* under way, that name this task */
    struct message message;
    UT_string element;
    struct timer *timer;
    void (*on_time)(struct task *t);
    double started_s; /* epoch; 0 not yet */
    /* of its body */
    int64_t exam_id, step, count, breaks_at;
    char *text;
};

struct revoked {
    UT_hash_handle hh;
    char id[];
};

struct demo_worker {
    struct ev_loop *loop;
    char *node;
    int concurrency, limit; /* limit: messages held at once, but for those with an eta */
    double pace;
    struct prng prng;
    struct link *take, *work, *result, *mailbox;
    struct command_sink sink; /* into work */
    struct timer *beat_timer;
    const char *queues[WORKER_QUEUES]; /* in the order they are asked for: the last one served stands last */
    struct task *tasks;
    struct revoked *revoked;
    bool is_bound, is_open, is_up, is_taking, is_stopping, is_freeing;
    struct demo_worker_tally tally;
};

/* worker.c */
void worker_heartbeat(struct demo_worker *w);

/* take.c */
void take_more(struct demo_worker *w); /* asks for a message if there is room for one */

/* task.c */
struct task *task_new(struct demo_worker *w, struct span element);
void task_arrived(struct task *t);
void task_put_back(struct task *t);  /* to its queue, as a warm shutdown does */
void task_terminate(struct task *t); /* a running one */
void task_run_next(struct demo_worker *w);
void task_free(struct task *t); /* of one for which no reply is under way */
/* A reply that named t has come; true when t is still of interest. */
bool task_replied(struct task *t, const struct reply *reply);
/* For the bodies: write a state and go on when it is stored; end with a result; wait. */
void task_progress(struct task *t, const char *progress_json, void (*next)(struct task *t));
void task_succeed(struct task *t, const char *result_json);
void task_fail(struct task *t, const char *exc_type, const char *message);
void task_wait(struct task *t, int64_t us, void (*next)(struct task *t));
double task_epoch_s(void);

/* body.c */
typedef void (*body_fn)(struct task *t);
body_fn body_find(const char *task_name); /* NULL: not registered */
void body_names(UT_string *out);          /* a JSON array */

/* mailbox.c */
void mailbox_message(void *user, struct span pattern, struct span channel, struct span payload);
bool mailbox_is_revoked(const struct demo_worker *w, const char *task_id);
void mailbox_release(struct demo_worker *w);

#endif
