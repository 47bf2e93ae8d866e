/* container: the house's doors to uthash (hash tables), utarray (vectors), utlist and utstring (text
 * buffers), with out-of-memory routed to mem_exhausted. Include this, never <uthash.h> directly. */
#ifndef REDAI_BASE_CONTAINER_H
#define REDAI_BASE_CONTAINER_H

#include "redai/base/mem.h"
#include "redai/base/span.h"

#define uthash_fatal(msg) mem_exhausted()
#define utarray_oom()     mem_exhausted()
#define utstring_oom()    mem_exhausted()

#include <stdint.h>
#include <utarray.h>
#include <uthash.h>
#include <utlist.h>
#include <utstring.h>

/* Walks a table by its handle `hh`; the element may be deleted meanwhile. */
#define hash_each(head, element, next)                                                                       \
    for ((element) = (head); (element) && ((next) = (element)->hh.next, true); (element) = (next))

/* The bytes of a text buffer, borrowed until it changes. */
static inline struct span text_span(const UT_string *text)
{
    return (struct span){text->d, text->i};
}

/* Appends. The buffer grows by doubling: utstring itself grows by the piece, a realloc for each. */
static inline void text_add(UT_string *text, struct span s)
{
    if (s.len && s.len < SIZE_MAX / 4) { /* no span is longer; the sizes below cannot wrap */
        if (text->n - text->i <= s.len) {
            utstring_reserve(text, (text->n > s.len ? text->n : s.len) + 1);
        }
        utstring_bincpy(text, s.data, s.len);
    }
}

#endif
