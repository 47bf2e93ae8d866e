#include "task_story.h"

const struct task *task(const struct story *s, const char *id)
{
    const struct task *t = model_task_find(s->m, span_of(id));
    assert_non_null(t);
    return t;
}

void assert_state(const struct story *s, const char *id, enum task_state state, enum task_source source)
{
    const struct task *t = task(s, id);
    if (t->state != state || t->source != source) {
        fail_msg("%s is %s by %d, not %s by %d", id, task_state_name[t->state], (int)t->source,
                 task_state_name[state], (int)source);
    }
}

long long wall(const struct story *s)
{
    return (long long)(STORY_WALL_US + s->now_us);
}

/* unacked and what a worker holds are read, and nothing is told of them. */
void sweep(struct story *s, const char *worker)
{
    story_tell(s, "task_sweep scope=unacked begun_us=%lld", (long long)s->now_us);
    if (worker) {
        story_tell(s, "task_sweep scope=worker name=%s begun_us=%lld", worker, (long long)s->now_us);
    }
}

void tell_unacked(struct story *s, const char *id, const char *more)
{
    story_tell(s, "task_message id=%s place=unacked queue=celery tag=tag-%s name=api.t retries=0 %s", id, id,
               more);
}

void tell_event(struct story *s, const char *id, const char *event, const char *more)
{
    story_tell(s, "task_event id=%s event=%s worker=w1 sent_wall_us=%lld %s", id, event, wall(s), more);
}

void worker_answers(struct story *s, const char *name)
{
    story_tell(s, "worker_answer name=%s answered=1 round_trip_us=900", name);
}
