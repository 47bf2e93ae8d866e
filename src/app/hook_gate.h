/* hook_gate: how often the alert command may be started: once in ten seconds for the same rule and object,
 * twenty times a minute in all. Times are monotonic us. Private to app. */
#ifndef REDAI_APP_HOOK_GATE_H
#define REDAI_APP_HOOK_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "redai/base/clock.h"

enum { HOOK_STARTS_MAX = 20 };
#define HOOK_STARTS_US (60 * US_PER_S)
#define HOOK_SAME_US   (10 * US_PER_S)

/* The last starts; what is older than a minute does not count. Zeroed: none yet. */
struct hook_gate {
    struct {
        int64_t at_us;
        uint64_t key;
    } start[HOOK_STARTS_MAX]; /* a ring */
    size_t count, next;
};

/* How long until this one may start; 0: now. */
int64_t hook_gate_wait_us(const struct hook_gate *g, uint64_t key, int64_t now_us);
void hook_gate_started(struct hook_gate *g, uint64_t key, int64_t now_us);

#endif
