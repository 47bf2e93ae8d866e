/* fact_members: the one table of what each kind of fact carries: member name in the text form, type, place,
 * and the value that stands for a member a line does not name. Writer and reader both walk it. */
#ifndef REDAI_MODEL_FACT_MEMBERS_H
#define REDAI_MODEL_FACT_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "redai/model/fact.h"

enum member_type {
    MEMBER_SPAN,
    MEMBER_I64,
    MEMBER_INT,
    MEMBER_BITS,
    MEMBER_BOOL,
    MEMBER_REAL,
    MEMBER_ENUM,
    MEMBER_FOUR, /* int64_t[4], joined by commas */
    MEMBER_INFO, /* struct info: its known fields under their own names */
    MEMBER_TYPE_COUNT
};

struct member {
    const char *name;
    enum member_type type;
    size_t offset;            /* in struct fact */
    int64_t initial;          /* of numbers; reals start as NAN, spans empty */
    const char *const *words; /* of enums */
    size_t word_count;
};

struct member_list {
    const struct member *row;
    size_t count;
};

extern const struct member_list fact_members[FACT_KIND_COUNT];

#endif
