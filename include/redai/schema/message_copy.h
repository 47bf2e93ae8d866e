/* message_copy: a task once more, from what is left of it. The copy has a new id and delivery tag, retries 0,
 * no eta but the one given, no expiry (the old one may be over), and names the old task: parent_id is the old
 * id, root_id the old root. Source: facts, section 1. */
#ifndef REDAI_SCHEMA_MESSAGE_COPY_H
#define REDAI_SCHEMA_MESSAGE_COPY_H

#include <stdint.h>

#include "redai/base/container.h"
#include "redai/base/err.h"

struct message_copy {
    const char *id, *delivery_tag; /* new uuids */
    const char *old_id;
    const char *queue;   /* NULL: the element's own */
    int priority;        /* -1: the element's own */
    int64_t eta_wall_us; /* -1 none */
    const char *origin;
};
/* From an element as it lay in a list or in unacked: body, embed (callbacks, chain, chord) and headers are
 * kept byte for byte, also pickled or compressed bodies. Appended; has passed message_check. False with err:
 * what is wrong with the element. The membership of a group or chord is dropped (a second part would be
 * counted twice); *ret_dropped tells, may be NULL. */
bool message_copy(const struct message_copy *how, struct span element, UT_string *out, bool *ret_dropped,
                  struct err *err);

/* Python's repr of args or kwargs, as events and headers carry them, back to JSON: texts, numbers, True,
 * False, None, lists, tuples (as arrays) and dicts with keys of text. Appended. False with err naming what
 * cannot be (a cut repr, an object's repr, bytes, a set, nan). Celery's saferepr leaves backslashes as they
 * are, so one within single quotes, but in front of a quote, is refused: what it stands for is not known.
 * expect: '[' for args, '{' for kwargs. */
bool python_repr_to_json(struct span repr, char expect, UT_string *out, struct err *err);

#endif
