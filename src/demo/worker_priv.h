/* What the files of the worker share. By file: worker.c (life, links, heartbeat), consumer.c (queues), take.c
 * (popping and holding), restore.c (what others left in unacked), task.c (the life of one task), task_state.c
 * (its states in the result database), task_end.c (how it ends), failure.c (exceptions), follow.c (what comes
 * after it), chord.c, events.c, body.c and body_more.c (what the tasks do), mailbox*.c (remote control). */
#ifndef REDAI_DEMO_WORKER_PRIV_H
#define REDAI_DEMO_WORKER_PRIV_H

#include "demo/login.h"
#include "demo/prng.h"

#include "redai/base/container.h"

#include "redai/schema/control.h"
#include "redai/schema/message.h"
#include "redai/schema/request.h"
#include "redai/schema/route.h"
#include "redai/schema/sequel.h"
#include "redai/schema/task_event.h"

#include "redai/link/link.h"
#include "redai/link/timer.h"

#include "redai/demo/worker.h"

enum { WORKER_RESULT_TTL_S = 3600, WORKER_REVOKED_MAX = 50000, WORKER_QUEUES_MAX = 64 };
#define WORKER_FREQ_S 2.0

enum task_state {
    TASK_ARRIVING,  /* popped, not yet in unacked */
    TASK_HELD,      /* waits for a free place, or for its rate limit */
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
    struct sequel *sequel; /* NULL: of the old protocol */
    UT_string element;
    UT_array children; /* of char *: ids of what it sent */
    struct timer *timer, *limit_timer;
    void (*on_time)(struct task *t);
    double started_s;   /* epoch; 0 not yet */
    int64_t started_us; /* monotonic */
    int process;        /* of the pool that runs it, from 0 */
    /* of its end */
    const char *end_status;
    char *end_json;
    UT_string last_words; /* the event that is published when the end is stored; empty: none */
    /* of its body */
    int64_t exam_id, step, count, breaks_at;
    char *text;
};

/* Of a registered task, in the order of body_name. */
struct kind {
    int64_t total;          /* how many were begun */
    char *rate_limit;       /* as it was set; NULL none */
    int64_t gap_us, due_us; /* between two of them; when the next may begin (monotonic) */
    double soft_s, hard_s;  /* time limits; 0 none */
};

struct revoked {
    UT_hash_handle hh;
    double at_s; /* monotonic */
    char id[];
};

struct demo_worker {
    struct ev_loop *loop;
    char *node;
    int64_t pid, clock, started_us;
    int concurrency;       /* as it was started: never changes */
    int processes;         /* of the pool now */
    int multiplier, limit; /* messages held at once, but for those with an eta */
    double pace;
    int64_t visibility_s;
    struct prng prng;
    struct routes routes;
    struct link *take, *work, *result, *mailbox, *restore;
    struct command_sink sink; /* into work */
    struct timer *beat_timer, *rate_timer, *restore_timer;
    UT_array queues; /* of char *, in the order they are asked for: the last one served stands last */
    struct task *tasks;
    struct kind *kinds;
    struct revoked *revoked;
    struct restore *restoring;      /* NULL: not just now */
    bool has_events, events_always; /* always: started with -E, which remote control cannot end */
    bool is_bound, is_open, is_up, is_taking, is_stopping, is_freeing;
    int64_t begun;
    struct demo_worker_tally tally;
};

/* events.c */
void events_worker(struct demo_worker *w, enum worker_event event);
void events_beat_now(struct demo_worker *w); /* as it is asked for */
/* id and name of the task, host, time and clock are filled in. The first publishes, if events are on; the
 * second keeps it for when the end is stored. */
void events_task(struct task *t, struct task_event e);
void events_task_later(struct task *t, struct task_event e);

/* consumer.c */
void consumer_bind(struct demo_worker *w); /* all its queues */
void consumer_add(struct demo_worker *w, const char *queue);
void consumer_cancel(struct demo_worker *w, const char *queue);
void consumer_served(struct demo_worker *w, struct span queue);

/* take.c */
void take_more(struct demo_worker *w); /* asks for a message if there is room for one */

/* restore.c */
void restore_start(struct demo_worker *w); /* now, and from then on each 100 s */

/* task.c */
struct task *task_new(struct demo_worker *w, struct span element);
void task_arrived(struct task *t);
void task_run_next(struct demo_worker *w);
void task_free(struct task *t); /* of one for which no reply is under way */
/* A reply that named t has come; true when t is still of interest. */
bool task_replied(struct task *t, const struct reply *reply);
void task_wait(struct task *t, int64_t us, void (*next)(struct task *t));
double task_epoch_s(void);

/* task_state.c: each goes on with next when it is stored; a task that ignores its result stores nothing. */
void task_state_write(struct task *t, const char *status, const char *result_json, const char *traceback,
                      bool is_end, void (*next)(struct task *t));
void task_progress(struct task *t, const char *progress_json, void (*next)(struct task *t));
/* Of another id: the rest of a chain, the body of a chord. */
void task_state_write_for(struct demo_worker *w, const char *id, const char *status, const char *result_json,
                          const char *traceback);

/* failure.c: an exception, and where it was raised. */
struct failure {
    const char *type, *module;
    const char *message_json; /* the array of its arguments */
    const char *file;         /* within the platform's tasks; NULL: Python itself could not call the task */
    int line;
    const char *code;
};
void failure_json(const struct failure *f, UT_string *out);
void failure_repr(const struct failure *f, UT_string *out);
void failure_traceback(const struct failure *f, const char *task_name, UT_string *out);
/* Of a task that will be tried again in retry_s. */
void failure_retry_traceback(const struct failure *f, const char *task_name, double retry_s, UT_string *out);

/* task_end.c */
void task_put_back(struct task *t); /* to its queue, as a warm shutdown does */
void task_succeed(struct task *t, const char *result_json);
void task_fail(struct task *t, const struct failure *f);
void task_retry(struct task *t, const struct failure *f, double retry_s);
void task_reject(struct task *t);
void task_revoke(struct task *t, bool is_expired);
void task_terminate(struct task *t); /* a running one */
void task_not_registered(struct task *t);
void task_out_of_time(struct task *t, bool is_hard, double limit_s);

/* follow.c: messages that a task sends; all but errbacks become its children. */
void follow_success(struct task *t, const char *result_json);
void follow_failure(struct task *t, const char *exception_json, const char *traceback);
void follow_retry(struct task *t, double retry_s);

/* chord.c: counts the task as a part, and goes on; the last part sends the body. */
void chord_part(struct task *t, void (*next)(struct task *t));

/* body.c */
typedef void (*body_fn)(struct task *t);
struct body {
    const char *name;
    body_fn start;
};
extern const struct body body_table[];
extern const size_t body_count;
int body_index(const char *task_name); /* -1: not registered */
struct kind *body_kind(const struct task *t);
int64_t body_time_us(struct task *t, int64_t least_ms, int64_t most_ms); /* at the worker's pace */
void body_fail_missing(struct task *t, const char *function, const char *argument);

/* body_more.c */
void body_add_scores(struct task *t);
void body_total_scores(struct task *t);
void body_slow_report(struct task *t);
void body_refuse(struct task *t);
void body_on_error(struct task *t);
void body_validate(struct task *t);
void body_fetch(struct task *t);

/* mailbox.c */
void mailbox_message(void *user, struct span pattern, struct span channel, struct span payload);
/* An answer with one member: {"ok": text}. */
void mailbox_say(UT_string *out, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void mailbox_say_missing(UT_string *out, const char *method, const char *argument);

/* revoked.c: ids, in memory only, the oldest forgotten first */
bool revoked_has(const struct demo_worker *w, const char *task_id);
void revoked_add(struct demo_worker *w, const char *task_id);
void revoked_release(struct demo_worker *w);

/* mailbox_about.c, mailbox_inspect.c, mailbox_manage.c, mailbox_tasks.c: NULL: not one of these. An answer
 * that stays empty is none. */
typedef void (*answer_fn)(struct demo_worker *w, const struct control_request *r, UT_string *out);
answer_fn mailbox_about_find(const char *method);
answer_fn mailbox_inspect_find(const char *method);
answer_fn mailbox_manage_find(const char *method);
answer_fn mailbox_tasks_find(const char *method);
/* Their tables. */
struct answer {
    const char *method;
    answer_fn answer;
};
answer_fn mailbox_find(const struct answer *answers, size_t count, const char *method);

#endif
