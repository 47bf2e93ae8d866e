/* task_state: states in the result database. Each write is Celery's: a GET, and unless SUCCESS stands there
 * MULTI, SETEX, PUBLISH, EXEC. Source: facts, section 4. */
#include "demo/worker_priv.h"

#include <stdio.h>

#include "redai/base/clock.h"

#include "redai/schema/result.h"
#include "redai/schema/result_write.h"

struct write {
    struct demo_worker *worker;
    struct task *task; /* NULL: nobody waits for it */
    void (*next)(struct task *t);
    UT_string key, json;
};

static void on_stored(void *user, const struct reply *reply)
{
    struct write *x = user;
    struct task *t = x->task;
    void (*next)(struct task *) = x->next;

    utstring_done(&x->key);
    utstring_done(&x->json);
    mem_free(x);
    if (t && task_replied(t, reply) && next) {
        next(t);
    }
}

static bool is_success(const struct reply *reply)
{
    struct result r;
    result_decode(&r, reply_text(reply));
    bool yes = r.status && strcmp(r.status, "SUCCESS") == 0;
    result_release(&r);
    return yes;
}

static void on_looked_up(void *user, const struct reply *reply)
{
    struct write *x = user;
    struct link *link = x->worker->result;

    if (!reply || reply_is_error(reply) || is_success(reply)) {
        on_stored(x, reply);
        return;
    }
    char ttl[16];
    snprintf(ttl, sizeof(ttl), "%d", WORKER_RESULT_TTL_S);
    link_command(link, NULL, NULL, S("MULTI"));
    link_command(link, NULL, NULL, S("SETEX"), text_span(&x->key), span_of(ttl), text_span(&x->json));
    link_command(link, NULL, NULL, S("PUBLISH"), text_span(&x->key), text_span(&x->json));
    if (!link_command(link, on_stored, x, S("EXEC"))) {
        on_stored(x, NULL);
    }
}

static void store(struct demo_worker *w, struct task *t, const struct result_write *what,
                  void (*next)(struct task *t))
{
    struct write *x = mem_zalloc(sizeof(*x));

    x->worker = w;
    x->task = t;
    x->next = next;
    utstring_init(&x->key);
    utstring_init(&x->json);
    utstring_printf(&x->key, "celery-task-meta-%s", what->task_id);
    result_write_encode(what, &x->json);
    if (t) {
        t->replies++;
    }
    if (!link_command(w->result, on_looked_up, x, S("GET"), text_span(&x->key))) {
        on_stored(x, NULL);
    }
}

void task_state_write(struct task *t, const char *status, const char *result_json, const char *traceback,
                      bool is_end, void (*next)(struct task *t))
{
    const struct message *m = &t->message;

    if (t->sequel && sequel_ignores_result(t->sequel)) {
        if (next) {
            next(t);
        }
        return;
    }
    store(t->worker, t,
          &(struct result_write){.task_id = m->id,
                                 .status = status,
                                 .result_json = result_json,
                                 .traceback = traceback,
                                 .children = &t->children,
                                 .group_id = m->group,
                                 .parent_id = m->parent_id,
                                 .date_done_wall_us = is_end ? clock_wall_us() : -1},
          next);
}

void task_progress(struct task *t, const char *progress_json, void (*next)(struct task *t))
{
    task_state_write(t, "PROGRESS", progress_json, NULL, false, next);
}

void task_state_write_for(struct demo_worker *w, const char *id, const char *status, const char *result_json,
                          const char *traceback)
{
    store(w, NULL,
          &(struct result_write){.task_id = id,
                                 .status = status,
                                 .result_json = result_json,
                                 .traceback = traceback,
                                 .date_done_wall_us = clock_wall_us()},
          NULL);
}
