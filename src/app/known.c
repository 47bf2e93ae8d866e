#include "known.h"

void known_each_queue(const struct model *m, void (*add)(void *to, const char *queue), void *to)
{
    for (size_t i = 0; i < model_queue_count(m); i++) {
        add(to, model_queue_at(m, i)->name);
    }
}

bool known_is_registered(const struct model *m, const char *task, bool *ret_known)
{
    const char *const *name;
    size_t count = model_registered(m, &name);
    *ret_known = count > 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name[i], task) == 0) {
            return true;
        }
    }
    return false;
}

/* A name that many rows share, as it was told: "" is none. mem_free. */
static char *raw_of(const char *shared)
{
    return *shared ? span_dup(model_task_raw(shared)) : NULL;
}

void known_add_seen(const struct model *m, struct order *o)
{
    for (unsigned i = 0; i < utarray_len(&o->target); i++) {
        const struct target *target = (const struct target *)utarray_eltptr(&o->target, i);
        const struct task *t = model_task_find(m, target_id(target));
        if (!t) {
            continue;
        }
        /* What was cut short is not what the task had. */
        struct order_seen seen = {.id = t->id,
                                  .task = raw_of(t->name),
                                  .args = t->args_cut ? NULL : t->args,
                                  .kwargs = t->args_cut ? NULL : t->kwargs,
                                  .queue = raw_of(t->queue),
                                  .root_id = t->root_id,
                                  .are_repr = t->args_are_repr};
        order_add_seen(o, &seen);
        mem_free(seen.task);
        mem_free(seen.queue);
    }
}
