/* surge: how many look-ups of a family missed and were followed by a write in the last minute, against what
 * is usual: the mean minute of the last hour. A cache that stops hitting shows as a surge of such pairs;
 * misses that nobody fills are questions for what does not exist, and no cache's fault. */
#ifndef REDAI_MODEL_SURGE_H
#define REDAI_MODEL_SURGE_H

#include <stdint.h>

#define SURGE_SLOTS 7 /* of ten seconds: the last minute, and the one that runs */

struct surge {
    int64_t slot, begun; /* the running one, the first; 0 none yet */
    uint32_t miss[SURGE_SLOTS], set[SURGE_SLOTS];
    double usual;   /* pairs in a slot, over the hour before the last minute */
    uint32_t slots; /* it stands on */
};

void surge_turn(struct surge *s, int64_t second);
/* Not heard until now: what is usual stays, the last minute is unknown. */
void surge_skip(struct surge *s, int64_t second);
void surge_count(struct surge *s, int64_t second, int64_t misses, int64_t sets);
/* So many times as many as usual, at least one a second being usual; NAN while less than ten minutes are
 * known, or the last one is not. */
double surge_factor(const struct surge *s);

#endif
