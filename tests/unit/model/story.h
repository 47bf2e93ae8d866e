/* story: a model and what it is told, as fact lines without their times. Time is fake: it moves only when the
 * story says so. */
#ifndef REDAI_TESTS_UNIT_MODEL_STORY_H
#define REDAI_TESTS_UNIT_MODEL_STORY_H

#include "support/unit.h"

#include "redai/model/model.h"

#define STORY_WALL_US INT64_C(1763890000000000) /* wall time at monotonic 0 */
#define SECOND        INT64_C(1000000)
#define STORY_START   (1000 * SECOND)

struct story {
    struct model *m;
    int64_t now_us;
    UT_string scratch;
};

void story_begin(struct story *s); /* at STORY_START */
void story_end(struct story *s);
/* Applies one fact at the present time: "session id=a user_id=7". Fails the test when the line is not
 * understood. */
void story_tell(struct story *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Time passes; then the clock is told and the rules are judged. */
void story_wait_us(struct story *s, int64_t us);
static inline void story_wait(struct story *s, int64_t seconds)
{
    story_wait_us(s, seconds * SECOND);
}
/* The alert of a rule; fails the test when there is none. */
const struct alert *story_alert(const struct story *s, const char *rule);
const struct queue *story_queue(const struct story *s, const char *name);
const struct family *story_family(const struct story *s, const char *name);
const struct batch *story_batch(const struct story *s, const char *id);
/* Within a thousandth. */
void assert_near(double value, double expected);

#endif
