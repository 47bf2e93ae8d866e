#include "runs.h"

#include "task_words.h"

#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

void runs_release(struct runs *r)
{
    struct run *run;
    struct run *next;
    hash_each (r->first, run, next) {
        HASH_DEL(r->first, run);
        mem_free(run);
    }
    r->at_us = 0;
}

const struct run *runs_find(const struct runs *r, const char *worker)
{
    struct run *run = NULL;
    if (r) {
        HASH_FIND(hh, r->first, worker, strlen(worker), run);
    }
    return run;
}

static void add(struct runs *r, const struct look *look, const struct task *t)
{
    enum { NAME_MOST = 40 };
    char runtime[16];
    size_t len = strlen(t->worker);
    struct run *run = NULL;
    HASH_FIND(hh, r->first, t->worker, len, run);
    if (!run) {
        run = mem_zalloc(sizeof *run + len + 1);
        memcpy(run->worker, t->worker, len);
        HASH_ADD_KEYPTR(hh, r->first, run->worker, len, run);
    }
    run->tasks++;
    size_t used = strlen(run->text);
    if (used + NAME_MOST + 20 > sizeof run->text) {
        return;
    }
    int64_t us = task_runtime_us(look, t);
    UT_string name;
    utstring_init(&name);
    const char *whole = t->name[0] ? task_short_name(t->name) : t->display_id;
    utf8_sanitise(span_of(whole), NAME_MOST, &name); /* cut between letters, not bytes */
    if (utstring_len(&name) + used + 20 < sizeof run->text) {
        snprintf(run->text + used, sizeof run->text - used, "%s%s%s%s", used ? ", " : "",
                 utstring_body(&name), us < 0 ? "" : " ",
                 us < 0 ? "" : human_duration(us / 1000000 * 1000000, runtime, sizeof runtime));
    }
    utstring_done(&name);
}

void runs_gather(struct runs *r, const struct look *look)
{
    runs_release(r);
    r->at_us = look->now_us;
    size_t left = model_tasks_in(look->m, TASK_STATE_RUNNING);
    for (size_t i = 0; left > 0 && i < model_task_count(look->m); i++) {
        const struct task *t = model_task_at(look->m, i);
        if (t->state == TASK_STATE_RUNNING) {
            left--;
            if (t->worker[0]) {
                add(r, look, t);
            }
        }
    }
}
