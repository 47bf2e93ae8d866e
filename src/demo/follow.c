/* follow: the messages that a task sends when it ends. Source: facts, sections 1.3 and 1.5. */
#include "demo/enqueue.h"
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"

struct sender {
    char origin[64];
    struct sequel_sender how;
};

static void sender_init(struct sender *s, const struct task *t)
{
    snprintf(s->origin, sizeof(s->origin), "gen%" PRId64 "@demo", t->worker->pid + 1 + t->process);
    s->how = (struct sequel_sender){s->origin, &t->worker->routes};
}

static void send_one(void *ctx, const struct sequel_message *m)
{
    struct task *t = ctx;
    enqueue(&t->worker->sink, m->queue, m->priority, m->element);
}

static void send_child(void *ctx, const struct sequel_message *m)
{
    struct task *t = ctx;
    utarray_push_back(&t->children, &m->id);
    send_one(t, m);
}

void follow_success(struct task *t, const char *result_json)
{
    struct sender s;
    sender_init(&s, t);
    if (t->sequel) {
        sequel_success(t->sequel, &s.how, result_json, send_child, t);
    }
}

void follow_retry(struct task *t, double retry_s)
{
    struct sender s;
    sender_init(&s, t);
    if (t->sequel) {
        sequel_retry(t->sequel, &s.how, clock_wall_us() + (int64_t)(retry_s * (double)US_PER_S), send_child,
                     t);
    }
}

void follow_failure(struct task *t, const char *exception_json, const char *traceback)
{
    struct sender s;
    UT_array rest;

    if (!t->sequel) {
        return;
    }
    sender_init(&s, t);
    utarray_init(&rest, &ut_str_icd);
    sequel_chain_ids(t->sequel, &rest);
    for (unsigned i = 0; i < utarray_len(&rest); i++) {
        task_state_write_for(t->worker, *(char **)utarray_eltptr(&rest, i), "FAILURE", exception_json,
                             traceback);
    }
    utarray_done(&rest);
    sequel_errbacks(t->sequel, &s.how, send_one, t);
}
