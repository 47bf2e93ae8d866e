/* result_write: celery-task-meta-<id> with all that a worker writes into it, links included.
 * Source: facts, section 4. For who plays a worker; result_encode (result.h) is the form without links. */
#ifndef REDAI_SCHEMA_RESULT_WRITE_H
#define REDAI_SCHEMA_RESULT_WRITE_H

#include <stdint.h>

#include "redai/base/container.h"

struct result_write {
    const char *task_id, *status;
    const char *result_json;          /* NULL: null */
    const char *traceback;            /* NULL: null */
    const UT_array *children;         /* of char *: ids of what it sent; NULL none */
    const char *group_id, *parent_id; /* NULL: left out */
    int64_t date_done_wall_us;        /* -1: null */
};
/* Appended. */
void result_write_encode(const struct result_write *w, UT_string *out);

/* {"exc_type": .., "exc_message": [..], "exc_module": ..}: message_json is the array. Appended. */
void result_exception_encode(const char *type, const char *module, const char *message_json, UT_string *out);

/* Python's repr of a JSON value, as events carry results: {'a': 1}. Appended. */
void result_repr(const char *json, UT_string *out);
/* Python's repr of an exception with these arguments: ValueError('no', 3). Appended. */
void result_exception_repr(const char *type, const char *message_json, UT_string *out);
/* str() of such an exception: no. Appended. */
void result_exception_text(const char *message_json, UT_string *out);

#endif
