/* message: a Celery task message as it lies in a queue's list (protocol 2, and 1 for reading).
 * Source: celery-on-redis facts, sections 1 and 8; samples in tests/fixtures. */
#ifndef REDAI_SCHEMA_MESSAGE_H
#define REDAI_SCHEMA_MESSAGE_H

#include <stdint.h>

#include "redai/base/container.h"
#include "redai/base/err.h"

/* What the worker would do with an element that is no good message (facts 8.1), as workers with the
 * platform's settings did with the elements of tests/fixtures/celery-5.2/fates.tsv. A compressed body is not
 * unpacked, so what is wrong within stays unseen; whether the task is registered is not known here either. */
enum message_fate {
    MESSAGE_FINE,
    MESSAGE_DROPPED,     /* discarded with a line in the worker's log, never run */
    MESSAGE_KILLS_LOST,  /* the worker exits, the element is lost */
    MESSAGE_KILLS_AGAIN, /* the worker exits and puts it back: the next one exits as well */
    MESSAGE_FATE_COUNT
};

struct message {
    enum message_fate fate;
    char *reason;    /* of a fate that is not fine: one clause; else NULL */
    char *task, *id; /* raw; NULL absent */
    char *args,
        *kwargs; /* compact JSON of the body, bounded to 1000 bytes; or argsrepr/kwargsrepr; NULL unknown */
    bool args_cut;
    bool args_are_repr; /* they are Python's repr, since the body is compressed or no JSON */
    char *queue;        /* delivery_info.routing_key */
    char *content_type, *compression, *origin, *eta, *expires, *root_id, *parent_id, *group, *delivery_tag;
    int64_t retries, priority;             /* -1 unknown */
    int64_t eta_wall_us, expires_wall_us;  /* of eta, expires; -1 none or unreadable */
    int64_t timelimit_s, soft_timelimit_s; /* -1 none */
    int64_t chain_rest;                    /* tasks that follow in its chain; 0 none */
    bool has_chord, has_callbacks, has_errbacks;
    int protocol; /* 2 or 1 */
    bool redelivered;
    size_t bytes;
};

void message_decode(struct message *m, struct span element); /* never fails: fate says */
void message_release(struct message *m);

/* What is to be enqueued. Texts are UTF-8; args/kwargs are JSON texts. */
struct task_spec {
    const char *task;         /* registered name */
    const char *id;           /* uuid */
    const char *args;         /* JSON array; NULL: [] */
    const char *kwargs;       /* JSON object; NULL: {} */
    const char *queue;        /* list key without priority */
    int priority;             /* 0..9 */
    int64_t eta_wall_us;      /* -1 none */
    int64_t expires_wall_us;  /* -1 none */
    const char *origin;       /* "redai-console@host" */
    const char *delivery_tag; /* uuid */
    const char *root_id;      /* NULL: id */
    const char *parent_id;    /* NULL: null */
    const char *chain;        /* JSON of embed.chain or NULL */
};

/* The element in the full form of the facts 1.1, appended to out. False with err naming the wrong word: args
 * that are no array, kwargs no object, a bad name, priority out of range. The result has passed
 * message_check. */
bool message_encode(const struct task_spec *spec, UT_string *out, struct err *err);
/* The last look before bytes leave: parses the element anew and demands everything section 1.2 calls
 * required. */
bool message_check(struct span element, struct err *err);
/* The list key of a queue and priority: queue for 0..2, queue 06 16 "3" for 3..5, ... Appended to out. */
void message_list_key(struct span queue, int priority, UT_string *out);
#define MESSAGE_PRIORITY_STEPS 4
extern const int message_priority_step[MESSAGE_PRIORITY_STEPS]; /* 0 3 6 9 */
/* args/kwargs JSON as Python's repr: ('hello',) and {'a': 1}. Appended. */
bool message_args_repr(const char *args_json, UT_string *out);
bool message_kwargs_repr(const char *kwargs_json, UT_string *out);

#endif
