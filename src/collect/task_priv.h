/* task_priv: what is kept while tasks and workers are followed. Part of collect_priv.h. */
#ifndef REDAI_COLLECT_TASK_PRIV_H
#define REDAI_COLLECT_TASK_PRIV_H

#include "tally.h"

#include "redai/base/container.h"

#include "redai/schema/inspect.h"
#include "redai/schema/message.h"
#include "redai/schema/result.h"

#include "redai/model/fact.h"

struct collect;

/* An entry of unacked_index within the running read. */
struct delivery {
    UT_hash_handle hh;
    int64_t wall_us;
    bool told;
    size_t len;
    char tag[];
};

struct deliveries {
    bool reading, whole;
    char cursor[24];
    int64_t begun_us, next_us, bytes;
    int64_t swept_us;       /* when emptiness was last told */
    int64_t oldest_wall_us; /* -1 */
    struct delivery *index;
};

/* One list of a queue: how much of it is read, and when. */
struct window {
    int64_t asked_us, moved_us;
    int64_t average;    /* bytes of a message; -1 unknown */
    int64_t average_us; /* when it was measured */
    bool reading, held; /* held: messages were told, their leaving has to be */
};

/* A task whose result was asked for by name. */
struct asked {
    UT_hash_handle hh;
    int64_t asked_us, answered_us, told_us, pause_us;
    unsigned round; /* the look that named it last */
    size_t len;
    char id[];
};

struct result_id {
    struct result_id *next;
    size_t len;
    char id[];
};

/* The memory of the stored results. */
struct result_usage {
    bool busy;
    int64_t asked_us, sampled_us; /* 0 never */
    int64_t keys, sampled_keys;
    unsigned round;     /* answers of an earlier sample do not count */
    struct tally of[2]; /* other keys, results */
};

struct results {
    struct result_usage usage;
    bool walking, complete, scanning, last_page, failed;
    bool void_page; /* the page in flight belongs to a walk that was given up */
    char cursor[24];
    int64_t ended_us, walked;
    size_t reads; /* of the walk, in flight */
    struct result_id *todo;
    struct asked *asked;
    unsigned round;
    int64_t looked_us;
};

struct known_worker {
    UT_hash_handle hh;
    int64_t beat_us; /* 0: none was heard, or it said goodbye */
    bool bound;
    bool introduced;   /* it was asked how it is made */
    bool cut;          /* it has more tasks than are told */
    unsigned answered; /* bits: questions of this round */
    unsigned missed;   /* rounds in a row without an answer */
    size_t len;
    char name[];
};

struct inspect {
    char box[64]; /* the list that answers come to */
    bool box_made, box_pending, box_refreshed;
    bool want_round, want_document;
    bool again; /* asked for while a round was under way: the next one follows at once */
    bool open, reading, often, bound_pending, denied;
    unsigned round, questions; /* bits */
    int64_t asked_us, next_us, slow_us;
    int64_t read_us, listen_until_us, read_pause_us; /* listen_until_us 0: nobody listens */
    int64_t heard;                                   /* by how many the last request; -1 unknown */
    struct known_worker *worker;
};

/* What a worker answered to the open document. */
struct worker_document {
    int64_t asked_us;
    bool open;
    char *element[INSPECT_COUNT];
    size_t len[INSPECT_COUNT];
};

/* Where and how a message was seen. */
struct sight {
    enum task_place place;
    struct span queue, list_key, tag;
    int64_t step, position, delivered_wall_us;
};

/* sight.c */
void sight_tell(struct collect *c, const struct sight *s, struct span element);
/* deliveries.c */
void deliveries_step(struct collect *c);
void deliveries_clear(struct collect *c);
bool deliveries_score(struct span text, int64_t *ret_wall_us); /* "1795426374.5" */
/* waiting.c: behind a pass over all lists */
void waiting_step(struct collect *c, int64_t pass_begun_us);
/* results.c */
void results_tell(struct collect *c, struct span id, const struct result *res);
void results_published(struct collect *c, struct span id, struct span json);
void results_gone(struct collect *c, struct span key);
void results_restart(struct collect *c);
void results_step(struct collect *c, int64_t now_us);
void results_look(struct collect *c, int64_t now_us); /* with each poll */
void results_clear(struct collect *c);
/* inspect.c */
void inspect_init(struct collect *c);
/* Workers are asked: what is published on a replica reaches none of them. */
bool inspect_asks(const struct collect *c);
void inspect_step(struct collect *c, int64_t now_us);
void inspect_restart(struct collect *c); /* the connection is new */
void inspect_heard_beat(struct collect *c, struct span name, bool offline);
void inspect_clear(struct collect *c);
int64_t inspect_wait_us(const struct collect *c, int64_t now_us); /* until answers are looked for; -1 never */
struct known_worker *inspect_worker(struct collect *c, struct span name); /* made when new; NULL: too many */
void inspect_published(struct collect *c);                                /* the box is ready */
/* inspect_box.c */
void inspect_box_want(struct collect *c); /* makes or keeps the box, then calls inspect_published */
bool inspect_box_ask(struct collect *c, enum inspect_question question, struct span destination,
                     const char *ticket);
void inspect_box_listen(struct collect *c, int64_t now_us);
void inspect_box_read(struct collect *c, int64_t now_us);
void inspect_box_end(struct collect *c);                       /* removes it */
void inspect_box_leftover(struct collect *c, struct span key); /* the walk met one */
void inspect_box_refused(struct collect *c, struct span why);
#define INSPECT_BOX_PREFIX "redai-console.reply."
/* inspect_answer.c */
void inspect_answer_take(struct collect *c, struct span element);
/* peek_worker.c */
void peek_worker_ask(struct collect *c);
void peek_worker_answer(struct collect *c, unsigned generation, enum inspect_question question,
                        struct span element);
bool peek_worker_done(const struct collect *c);
void peek_worker_forget(struct collect *c);
void peek_worker_step(struct collect *c, int64_t now_us);

#endif
