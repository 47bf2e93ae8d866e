/* A place was read: what was not seen there has left it. */
#include "model_priv.h"

static void forget_front(struct task_spot *place)
{
    target_release(&place->front);
    mem_free(place->front_id);
    mem_free(place->front_name);
    place->front = (struct target){0};
    place->front_id = NULL;
    place->front_name = NULL;
    place->front_since_us = -1;
}

/* Those not seen since: they stand in front. One that its producer told of and that nobody has seen may lie
 * beyond what was read. */
static void drop_unseen(struct model *m, struct task_spot *place, int64_t begun_us, bool all)
{
    for (struct task_seat *seat = place->first; seat && seat->seen_us < begun_us;) {
        struct task_seat *next = seat->next;
        struct task_row *row = seat->row;
        if (all || !seat->promised) {
            task_seat_remove(m, seat);
            row->left_us = m->now_us;
            task_decide(m, row);
        }
        seat = next;
    }
}

void task_sweep(struct model *m, const struct fact_task_sweep *f)
{
    int64_t begun_us = model_time(f->begun_us);
    if ((unsigned)f->scope > SWEEP_WORKER) {
        return;
    }
    int step = f->scope == SWEEP_LIST && f->step >= 0 && f->step <= 9 ? (int)f->step : 0;
    struct task_spot *place = task_place_get(m, f->scope, step, f->scope == SWEEP_UNACKED ? S("") : f->name);
    if (!place) {
        return;
    }
    place->told_us = m->now_us;
    place->round_us = m->now_us;
    begun_us = begun_us < m->now_us ? begun_us : m->now_us;
    if (f->scope == SWEEP_UNACKED && f->seen >= 0) {
        topic_heard(m, TOPIC_TASKS);
        return; /* too large to be read whole: absence says nothing */
    }
    place->poison = place->poison_now;
    place->poison_now = 0;
    if (place->front_told_us < begun_us) {
        forget_front(place);
    }
    bool all = f->scope != SWEEP_LIST || f->seen < 0;
    place->swept_us = all && begun_us > place->swept_us ? begun_us : place->swept_us;
    drop_unseen(m, place, begun_us, all);
    if (f->scope == SWEEP_WORKER) {
        worker_swept(m, place);
    }
    if (f->scope == SWEEP_LIST) {
        queue_tasks(m, f->name);
    } else {
        task_decide_live(m);
    }
    topic_heard(m, TOPIC_TASKS);
    m->task.version++;
}
