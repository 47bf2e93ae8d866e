/* motion: what moved around an instant. A metric moved when its value left what was usual in the minutes
 * before and stayed away; how far is weighed against its own unrest there, so that what always trembles, and
 * what is always the same, does not rank. */
#ifndef REDAI_MODEL_MOTION_H
#define REDAI_MODEL_MOTION_H

#include "redai/model/alert.h"

struct history;

#define MOTION_BASE_S  240 /* what is usual is learned in so many seconds, which end ... */
#define MOTION_LEAD_S  120 /* ... so long before the instant: causes come first */
#define MOTION_AFTER_S 60  /* looked for until so long after it */

/* The metrics that may explain why `metric` crossed in second crossed_s, as far as is known in second now_s:
 * those that moved most come first. Returns how many; at most EVIDENCE_MOVERS. Objects stay empty. */
size_t motion_rank(const struct history *h, int metric, int64_t crossed_s, int64_t now_s,
                   struct alert_mover ret[EVIDENCE_MOVERS]);

#endif
