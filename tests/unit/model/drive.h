/* drive: each built-in rule, brought to firing and back by facts on a fake clock. */
#ifndef REDAI_TESTS_UNIT_MODEL_DRIVE_H
#define REDAI_TESTS_UNIT_MODEL_DRIVE_H

#include "story.h"

enum drive_phase { DRIVE_LEAD, DRIVE_BAD, DRIVE_GOOD };

struct drive_run {
    struct story s;
    const struct drive *drive;
    enum drive_phase phase;
    int second;         /* of the phase, from 0 */
    int told;           /* seconds told in all phases */
    int64_t counter[3]; /* the row's own */
};

struct drive {
    const char *rule;
    void (*tell)(struct drive_run *r); /* once a second */
    const char *bad, *good;            /* of drive_level: what INFO says */
    int lead_s;                        /* seconds of health before */
    /* In seconds after the first fact of the phase: the condition begins to hold, it fires; it clears. The
     * clock is told four times a second, facts once. */
    double pends, fires, clears;
    bool known_at_once; /* its number is known, and fine, before anything is told */
};
extern const struct drive drive_server[], drive_work[];
extern const size_t drive_server_count, drive_work_count;

/* INFO, with these fields. */
void drive_level(struct drive_run *r);
void drive_info(struct drive_run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One of the counters grows by what the phase is worth; the lead and what is good are worth the same. */
int64_t drive_count(struct drive_run *r, int counter, int64_t bad, int64_t good);

#endif
