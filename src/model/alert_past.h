/* alert_past: the values a thing had within a window, for its rate and its change. Pure: the time is told. */
#ifndef REDAI_MODEL_ALERT_PAST_H
#define REDAI_MODEL_ALERT_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALERT_PAST_SAMPLES 60
/* Of one rule; things beyond have no rate and no change. */
#define ALERT_PASTS_MAX 500

struct alert_past {
    unsigned first, count;
    double newest;
    struct {
        int64_t at_us;
        double value;
    } sample[ALERT_PAST_SAMPLES + 4];
};

/* A value that is not known (NAN, or endless) forgets what was before: there is a gap, and what lies before
 * one says nothing of what comes behind it. So does a counter that has fallen. */
void alert_past_add(struct alert_past *p, int64_t now_us, int64_t window_us, double value, bool of_counter);
/* Growth a second, and in percent, since the beginning of the window; NAN until half of it is known, and for
 * a change from 0. */
double alert_past_rate(const struct alert_past *p, int64_t now_us, int64_t window_us);
double alert_past_change(const struct alert_past *p, int64_t now_us, int64_t window_us);

#endif
