/* How many tasks ended in the last five minutes, and how many of them failed. */
#include "model_priv.h"

static void turn(struct task_ends *ends, int64_t second)
{
    int64_t steps = second - ends->second;
    steps = steps > TASK_RATE_SECONDS ? TASK_RATE_SECONDS : steps;
    for (int64_t i = 0; i < steps; i++) {
        memset(&ends->bucket[(second - i) % TASK_RATE_SECONDS], 0, sizeof(ends->bucket[0]));
    }
    ends->second = steps > 0 ? second : ends->second;
}

void task_rate_end(struct model *m, const struct task_row *row)
{
    struct task_ends *ends = &m->task.ends;
    int64_t now = m->now_us > 0 ? m->now_us / US_PER_S : 0;
    turn(ends, now);
    /* A result that is read now may be of long ago. */
    int64_t ago = row->view.ended_us < 0 ? 0 : (m->wall_us - row->view.ended_us) / US_PER_S;
    int64_t second = ago > 0 ? now - ago : now;
    if (ago < TASK_RATE_SECONDS && second >= 0 && now - second < TASK_RATE_SECONDS) {
        ends->bucket[second % TASK_RATE_SECONDS].ended++;
        ends->bucket[second % TASK_RATE_SECONDS].failed += row->view.state == TASK_STATE_FAILED;
    }
}

double model_task_failure_rate(const struct model *m, int64_t *ret_ended)
{
    const struct task_ends *ends = &m->task.ends;
    int64_t now = m->now_us > 0 ? m->now_us / US_PER_S : 0;
    int64_t ended = 0;
    int64_t failed = 0;
    for (int64_t i = 0; i < TASK_RATE_SECONDS; i++) {
        int64_t second = ends->second - i;
        if (second >= 0 && now - second < TASK_RATE_SECONDS) {
            ended += ends->bucket[second % TASK_RATE_SECONDS].ended;
            failed += ends->bucket[second % TASK_RATE_SECONDS].failed;
        }
    }
    if (ret_ended) {
        *ret_ended = ended;
    }
    return ended ? 100.0 * (double)failed / (double)ended : UNKNOWN_REAL;
}
