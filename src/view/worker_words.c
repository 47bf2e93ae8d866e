#include "worker_words.h"

#include <math.h>
#include <stdio.h>

static const struct worker_sign signs[WORKER_STATE_COUNT] = {
    [WORKER_STATE_UNKNOWN] = {"?", ROLE_UNKNOWN}, [WORKER_STATE_ONLINE] = {"+", ROLE_GOOD},
    [WORKER_STATE_OFFLINE] = {"-", ROLE_DIM},     [WORKER_STATE_LOST] = {"!", ROLE_WARNING},
    [WORKER_STATE_ZOMBIE] = {"z", ROLE_CRITICAL},
};

const struct worker_sign *worker_sign(enum worker_state state)
{
    return &signs[state];
}

const char *worker_explain(const struct worker *w)
{
    switch (w->state) {
    case WORKER_STATE_UNKNOWN:
        return "it has a mailbox, and was not asked yet or cannot be";
    case WORKER_STATE_OFFLINE:
        return "it said goodbye";
    case WORKER_STATE_LOST:
        return w->bound
                   ? "its mailbox is there, but no heartbeat comes and nobody answers: it died, or cannot "
                     "reach Redis"
                   : "no heartbeat comes and nobody answers: it died, or cannot reach Redis";
    case WORKER_STATE_ZOMBIE:
        return "heartbeats come, but it does not answer: it takes no task any more and must be restarted";
    default:
        return "";
    }
}

const char *worker_clock(const struct worker *w, char *out, size_t size)
{
    double off = w->clock_offset_s;
    if (isnan(off)) {
        snprintf(out, size, "?");
    } else if (fabs(off) < 0.5) {
        snprintf(out, size, "0"); /* less than the way of a message may make */
    } else {
        snprintf(out, size, "%+.*fs", fabs(off) < 10 ? 1 : 0, fabs(off) < 99999 ? off : copysign(99999, off));
    }
    return out;
}
