#include "demo/worker_priv.h"

#include "redai/base/clock.h"

bool revoked_has(const struct demo_worker *w, const char *task_id)
{
    struct revoked *r;
    HASH_FIND_STR(w->revoked, task_id, r);
    return r != NULL;
}

void revoked_add(struct demo_worker *w, const char *task_id)
{
    if (revoked_has(w, task_id)) {
        return;
    }
    size_t size = strlen(task_id) + 1;
    struct revoked *r = mem_zalloc(sizeof(*r) + size);
    memcpy(r->id, task_id, size);
    r->at_s = (double)clock_mono_us() / (double)US_PER_S;
    HASH_ADD_STR(w->revoked, id, r);
    if (HASH_COUNT(w->revoked) > WORKER_REVOKED_MAX) {
        struct revoked *oldest = w->revoked;
        HASH_DEL(w->revoked, oldest);
        mem_free(oldest);
    }
}

void revoked_release(struct demo_worker *w)
{
    struct revoked *r;
    struct revoked *next;
    hash_each (w->revoked, r, next) {
        HASH_DEL(w->revoked, r);
        mem_free(r);
    }
}
