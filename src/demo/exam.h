/* exam: the cache of the platform's exams: keys as its decorator makes them, and values of a believable size.
 */
#ifndef REDAI_DEMO_EXAM_H
#define REDAI_DEMO_EXAM_H

#include <stdint.h>

#include "redai/base/container.h"

enum exam_kind {
    EXAM_DETAIL,    /* exam:<id>, 1 h */
    EXAM_QUESTIONS, /* exam:questions:<id>, 10 min */
    EXAM_STATS,     /* cache:api.services.stats.daily:<date>:exam_id:<id>, 5 min */
    EXAM_REPR,      /* exam:db:<sqlalchemy... object at 0x...>:exam_id:<id>, 1 h: hardly ever read again */
    EXAM_KIND_COUNT
};

enum { EXAM_COUNT = 160 };

/* Appended to out. wall_us gives the date of the statistics; object the address of the session in the repr.
 */
void exam_key(enum exam_kind kind, int64_t exam_id, int64_t wall_us, uint64_t object, UT_string *out);
void exam_value(enum exam_kind kind, int64_t exam_id, UT_string *out);
int exam_ttl_s(enum exam_kind kind);

#endif
