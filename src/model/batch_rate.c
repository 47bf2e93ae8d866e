/* batch_rate: how fast a batch really moves, and what that means for its end. */
#include "model_priv.h"

#define SMOOTH_S 15.0 /* a step that took so long weighs as much as all before it */
#define STEP_US                                                                                              \
    (US_PER_S / 5) /* nearer movements are taken together: two reports of one step are no speed              \
                    */

static double part_of(const struct batch *b, double percentage)
{
    if (b->total > 0 && b->current >= 0) {
        double part = (double)b->current / (double)b->total;
        return part < 1 ? part : 1;
    }
    if (isnan(percentage) || percentage < 0) {
        return UNKNOWN_REAL;
    }
    return percentage < 100 ? percentage / 100 : 1;
}

static void measure(struct batch_row *row, int64_t now_us)
{
    struct batch *b = &row->view;
    if (row->base_us < 0 || b->current < row->base_current) {
        /* The first number, or a retry that begins anew. */
        row->base_current = b->current;
        row->base_us = b->current >= 0 ? now_us : -1;
        b->rate_per_s = UNKNOWN_REAL;
        return;
    }
    int64_t step_us = now_us - row->base_us;
    if (b->current == row->base_current || step_us < STEP_US) {
        return;
    }
    double seconds = (double)step_us / (double)US_PER_S;
    double rate = (double)(b->current - row->base_current) / seconds;
    double weight = isnan(b->rate_per_s) ? 1 : seconds / (seconds + SMOOTH_S);
    b->rate_per_s = isnan(b->rate_per_s) ? rate : b->rate_per_s + weight * (rate - b->rate_per_s);
    row->base_current = b->current;
    row->base_us = now_us;
}

bool batch_move(struct model *m, struct batch_row *row, int64_t current, int64_t total, double percentage)
{
    struct batch *b = &row->view;
    /* {"status": "failed", "error": ..} names no numbers: how far it came stays. */
    int64_t was = b->current;
    double part = b->part;
    b->current = current >= 0 ? current : b->current;
    b->total = total >= 0 ? total : b->total;
    if (current >= 0 || !isnan(percentage)) {
        b->part = part_of(b, percentage);
    }
    bool moved = b->current != was || (!isnan(b->part) && (isnan(part) || b->part < part || b->part > part));
    if (b->current != was) {
        measure(row, m->now_us);
    }
    if (moved) {
        b->moved_us = m->now_us;
        model_touch(m, TOPIC_BATCHES);
    }
    return moved;
}

void batch_left(struct model *m, struct batch_row *row)
{
    struct batch *b = &row->view;
    b->left_s = UNKNOWN_REAL;
    if (batch_has_ended(b)) {
        b->left_s = b->state == BATCH_DONE ? 0 : UNKNOWN_REAL;
        return;
    }
    if (b->state != BATCH_RUNNING || b->total < 0 || b->current < 0 || !(b->rate_per_s > 0)) {
        return;
    }
    double left = (double)(b->total - b->current) / b->rate_per_s;
    double since = (double)(m->now_us - b->moved_us) / (double)US_PER_S;
    b->left_s = left > since ? left - since : 0;
}
