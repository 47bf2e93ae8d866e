/* text_append: text_add for texts that grow by many small pieces: utstring itself grows by the piece, so that
 * each piece would be a realloc. Private to the room. */
#ifndef REDAI_SCHEMA_TEXT_APPEND_H
#define REDAI_SCHEMA_TEXT_APPEND_H

#include "redai/base/container.h"

static inline void text_append(UT_string *text, struct span s)
{
    if (text->n - text->i <= s.len) {
        size_t more = text->n > s.len ? text->n : s.len;
        utstring_reserve(text, more + 1);
    }
    text_add(text, s);
}

#endif
