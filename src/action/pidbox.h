/* pidbox: asking workers something and hearing each of them. A round is up to PIDBOX_ROUND requests that
 * leave together; their answers come to one list, which is made with a TTL in one transaction, emptied by the
 * next round, and removed when nobody is left who could still answer. Every order has one, made when it is
 * first used. Source: facts, section 6. Private to action.
 *
 *     pidbox_look(r);                                   who has a mailbox; with the plan's look-ups
 *     ...
 *     pidbox_begin(r, NULL);
 *     pidbox_ask(r, "ping", NULL, NULL, 0);
 *     pidbox_send(r, heard);                            heard(r) looks at pidbox_at(r, 0) */
#ifndef REDAI_ACTION_PIDBOX_H
#define REDAI_ACTION_PIDBOX_H

#include "verb.h"

#include "redai/base/uuid.h"

enum { PIDBOX_ROUND = 20 /* many at once freeze a worker */ };

struct pidbox_node {
    char *name, *shown;
};

/* What one worker said to one request. */
struct pidbox_said {
    char *node, *shown, *text; /* text: display */
    bool is_error;
};

struct pidbox_request {
    char *method, *arguments;
    UT_array to;       /* of char *: nodes; empty: all */
    bool mute;         /* workers do not answer it: nothing is awaited */
    int64_t receivers; /* PUBLISH's reply; -1 it never came */
    bool unsent;       /* it certainly did not leave */
    char *error;       /* the server's, or ours: it did not leave */
    UT_array said;     /* of struct pidbox_said */
    size_t heard, refused;
};

/* An answer as it came, for who reads more of it than its text (inspect_decode). */
typedef void (*pidbox_element_fn)(struct runner *r, size_t request, struct span element);

struct pidbox {
    UT_array node; /* of struct pidbox_node: who has a mailbox; a killed worker leaves its own behind */
    int64_t nodes; /* how many; -1 unknown */
    bool cut;      /* there are more than were read */
    bool broken; /* the connection was lost in the middle: send no further round, it may be another server */
    /* private */
    char box[sizeof "redai-console.reply." + UUID_TEXT_SIZE];
    UT_array request;
    pidbox_element_fn on_element;
    step_fn then;
    size_t ticket, read;
    int64_t until_us;
    char *box_error;
    bool made;
};

struct pidbox *pidbox_of(struct runner *r);
void pidbox_release(struct runner *r); /* at the end of an order */

/* Asks who has a mailbox; known when the step behind it runs. */
void pidbox_look(struct runner *r);

void pidbox_begin(struct runner *r, pidbox_element_fn on_element);
/* arguments_json NULL: none. nodes 0: all workers. What cannot be encoded has its error in the request. */
struct pidbox_request *pidbox_ask(struct runner *r, const char *method, const char *arguments_json,
                                  const char *const *node, size_t nodes);
#define PIDBOX_LISTEN_US INT64_C(1500000) /* Celery's own clients wait 1 s */
/* How long answers are waited for. */
int64_t pidbox_listen_us(const struct runner *r);
double pidbox_listen_s(const struct runner *r);
/* then runs when all who are expected have answered, that time has passed, or nothing could be sent. */
void pidbox_send(struct runner *r, step_fn then);
size_t pidbox_count(struct runner *r);
struct pidbox_request *pidbox_at(struct runner *r, size_t i);

/* How many should answer: who was meant and has a mailbox, but no more than PUBLISH counted. 0: not known. */
size_t pidbox_expected(struct runner *r, const struct pidbox_request *q);
/* "worker1@demo (pong), worker2@demo (pong)"; bounded. mem_free. */
char *pidbox_answers(const struct pidbox_request *q);
/* Who was meant, has a mailbox and did not answer: "worker2@demo, worker3@demo"; NULL when there is none.
 * mem_free. */
char *pidbox_silent(struct runner *r, const struct pidbox_request *q);
bool pidbox_has_said(const struct pidbox_request *q, const char *node);
bool pidbox_has_node(struct runner *r, const char *name);
/* All who have a mailbox: "worker1@demo, worker2@demo, ..."; mem_free. */
char *pidbox_nodes(struct runner *r);

#endif
