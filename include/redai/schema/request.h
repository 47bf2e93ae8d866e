/* request: the worker's side of remote control, and arguments of a task by name: what only somebody needs who
 * plays a worker. Source: facts, sections 1.3 and 6. */
#ifndef REDAI_SCHEMA_REQUEST_H
#define REDAI_SCHEMA_REQUEST_H

#include <stdint.h>

#include "redai/base/container.h"

#include "redai/schema/message.h"

/* A payload of /<db>.celery.pidbox. */
struct control_request {
    char *method;
    char *ticket;                 /* NULL: none */
    char *exchange, *routing_key; /* where the reply goes; routing_key NULL: none is wanted */
    UT_array task_ids;            /* of char *: arguments.task_id, a text or an array */
    bool terminate;
    char *arguments;  /* compact JSON of arguments; NULL when there are none, or too many (64 KiB) */
    int64_t clock;    /* of the asker; for a reply: of the worker */
    bool is_for_node; /* destination names the node or is null; of patterns only globs are known */
};

/* False: no request (not JSON, no method); *r is then empty. Always release. */
bool control_request_decode(struct control_request *r, struct span payload, const char *node);
void control_request_release(struct control_request *r);

enum argument_found {
    ARGUMENT_ABSENT,
    ARGUMENT_OK,
    ARGUMENT_WRONG /* there, but of another type, or the arguments were too long to be kept (args_cut) */
};

/* arguments.<name>; null counts as absent. *ret is the caller's: mem_free. */
enum argument_found control_argument_text(const struct control_request *r, const char *name, char **ret);
enum argument_found control_argument_number(const struct control_request *r, const char *name, double *ret);
/* A text or an array of texts, appended to ret (of char *). */
void control_argument_texts(const struct control_request *r, const char *name, UT_array *ret);

/* The element a worker pushes: {"<node>": <answer_json>}. Appended to out. */
void control_reply_encode(const struct control_request *r, const char *node, const char *answer_json,
                          const char *tag, UT_string *out);

/* The argument at a position of args or by its name in kwargs, as Python binds them. */
enum argument_found message_argument_int(const struct message *m, size_t position, const char *name,
                                         int64_t *ret);
/* Of a JSON text; the caller frees *ret with mem_free. */
enum argument_found message_argument_text(const struct message *m, size_t position, const char *name,
                                          char **ret);
/* Of a whole number, or of an array of them: their sum. */
enum argument_found message_argument_sum(const struct message *m, size_t position, const char *name,
                                         int64_t *ret);

#endif
