/* python: the few habits of Python that decide what becomes of a message. Private to the room. */
#ifndef REDAI_SCHEMA_PYTHON_H
#define REDAI_SCHEMA_PYTHON_H

#include <jansson.h>

#include "redai/base/container.h"

/* bool(value); a missing value is false. */
bool python_truth(json_t *value);
/* len(value) of an array, an object or a text (in characters); SIZE_MAX of anything else. */
size_t python_length(json_t *value);
/* How deep arrays and objects are nested: 0 for a plain value. */
size_t python_depth(json_t *value);
/* base64.b64decode without validation: foreign characters are skipped, what follows the padding too. */
bool python_base64(struct span text, UT_string *out);

enum python_time { PYTHON_TIME_GOOD, PYTHON_TIME_EMPTY, PYTHON_TIME_BAD };
/* What celery.utils.iso8601 makes of eta and expires: good (also when absent or null), a false value other
 * than null (the worker fails), or nothing it can read. It reads the front of a text, so "2020-01-02 or so"
 * is a date. */
enum python_time python_time(json_t *value);

#endif
