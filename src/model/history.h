/* history: the past of every metric: a sample a second for five minutes, and the mean of each quarter of a
 * minute for an hour. No clock: a sample is taken when rules are judged, in a second that has none yet.
 * Seconds in which nobody judged are unknown, and so is what could not be read.
 *
 * Memory: (300 + 240) samples of 4 bytes are 2160 bytes a metric: 183 KiB for 87 metrics, and below 300 KiB
 * as long as there are fewer than 142. */
#ifndef REDAI_MODEL_HISTORY_H
#define REDAI_MODEL_HISTORY_H

#include <stddef.h>
#include <stdint.h>

struct model;
struct history;

#define HISTORY_FINE_S   300
#define HISTORY_COARSE_S 15 /* in one sample of the coarse past */
#define HISTORY_COARSE   240

struct history *history_new(void);
void history_free(struct history *h);
/* Takes a sample of each metric as of now; of a metric of things that of the worst. */
void history_sample(struct history *h, const struct model *m);
/* The value in a second (monotonic time / 1 s): the sample, for older ones the mean of the quarter of a
 * minute they are in; NAN unknown. */
double history_value(const struct history *h, size_t metric, int64_t second);
/* Mean of the known ones from..to, both included; NAN none. */
double history_mean(const struct history *h, size_t metric, int64_t from_s, int64_t to_s);
int64_t history_newest_s(const struct history *h); /* -1: there is none yet */

#endif
