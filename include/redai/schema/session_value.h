/* session_value: the JSON behind session:<id>. Source: the platform's SessionManager:
 * {"user_id": 1, "created_at": "2026-11-23T09:33:22.714134", "email": .., "role": .., "name": ..[,
 * "updated_at"]} */
#ifndef REDAI_SCHEMA_SESSION_VALUE_H
#define REDAI_SCHEMA_SESSION_VALUE_H

#include <stdint.h>

#include "redai/base/span.h"

enum session_form {
    SESSION_FORM_OK,
    SESSION_FORM_NOT_JSON,
    SESSION_FORM_NOT_OBJECT,
    SESSION_FORM_TRUNCATED,  /* an object that ends too early; the whole members in front are read */
    SESSION_FORM_WRONG_TYPE, /* the key holds no string: said by who asked Redis, never by the decoder */
    SESSION_FORM_COUNT
};

struct session_value {
    enum session_form form;
    char *user_id;                  /* as Python's str() shows it (1, u-7, None, True); NULL when absent.
                                       It names user:<user_id>:sessions. A NUL within is the text
                                       \u0000, a cut one ends in "...": so neither names another
                                       user's set. */
    char *name, *email, *role;      /* raw UTF-8, NULL when absent; numbers and others as compact JSON; each
                                       bounded to 256 bytes, a cut one ending in "..." */
    int64_t created_us, updated_us; /* wall time; -1 unknown or absent */
};

void session_value_decode(struct session_value *v, struct span json); /* never fails: form says */
void session_value_release(struct session_value *v);
/* What the platform writes; for the demo. Appends nothing else. The caller frees with mem_free. */
char *session_value_encode(const struct session_value *v);

#endif
