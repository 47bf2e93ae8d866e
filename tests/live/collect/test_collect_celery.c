/* Beside a real Celery worker: what it has, what it says, and what is left when it dies. */
#include "../action/celery.h"
#include "elements.h"
#include "support/unit.h"
#include "watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

#include "redai/schema/control.h"

#define NODE "worker1@demo"
enum { LONG_MS = 60000 };

struct notes {
    int64_t answered, unanswered, concurrency, sweeps, commands;
    bool consumes_celery, knows_echo;
    size_t event[TASK_EVENT_COUNT];
};

static void note(struct watch *w, const struct fact *f)
{
    struct notes *n = w->user;
    switch (f->kind) {
    case FACT_WORKER_ANSWER:
        n->answered += f->worker_answer.answered;
        n->unanswered += !f->worker_answer.answered;
        break;
    case FACT_COST:
        n->commands = f->cost.commands;
        break;
    case FACT_WORKER_STATS:
        n->concurrency = f->worker_stats.concurrency;
        break;
    case FACT_WORKER_QUEUES:
        n->consumes_celery = span_equal(f->worker_queues.queues, S("celery"));
        break;
    case FACT_WORKER_NAMES:
        n->knows_echo = span_search(f->worker_names.tasks, S("api.tasks.echo")) < f->worker_names.tasks.len;
        break;
    case FACT_TASK_SWEEP:
        n->sweeps += f->task_sweep.scope == SWEEP_WORKER;
        break;
    case FACT_TASK_EVENT:
        n->event[f->task_event.event]++;
        break;
    default:
        break;
    }
}

struct scene {
    struct server *server;
    struct celery *celery;
    struct watch *watch;
    struct notes notes;
};

static int set_up(void **state)
{
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct scene *sc = mem_zalloc(sizeof *sc);
    sc->server = server_start(&(struct server_options){.args = args});
    assert_non_null(sc->server);
    sc->celery = celery_start(sc->server, NODE);
    assert_non_null(sc->celery);
    sc->watch = watch_new(
        sc->server, &(struct watch_options){.inspect_us = 1000000, .on_fact = note, .user = &sc->notes});
    *state = sc;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *sc = *state;
    watch_free(sc->watch);
    celery_stop(sc->celery);
    server_stop(sc->server);
    mem_free(sc);
    return 0;
}

static bool introduced(struct watch *w, void *arg)
{
    const struct notes *n = w->user;
    (void)arg;
    return n->answered > 0 && n->concurrency > 0 && n->consumes_celery && n->knows_echo && n->sweeps > 0;
}

/* A worker that is late is asked again: it has a second and a half each time. */
static char *peek_whole(struct watch *w)
{
    int64_t until = clock_mono_us() + LONG_MS * US_PER_MS;
    char *text = watch_peek(w, TARGET_WORKER, NODE);
    while (!strstr(text, "as it answered") && clock_mono_us() < until) {
        free(text);
        text = watch_peek(w, TARGET_WORKER, NODE);
    }
    return text;
}

static void a_worker__answers__all_it_is_asked(void **state)
{
    struct scene *sc = *state;
    assert_true(watch_until(sc->watch, introduced, NULL, LONG_MS));
    assert_int_equal(sc->notes.concurrency, 1);
    assert_int_equal(sc->notes.unanswered, 0);
    const struct worker *k = model_worker_find(sc->watch->model, S(NODE));
    assert_non_null(k);
    assert_int_equal(k->state, WORKER_STATE_ONLINE);
    char *text = peek_whole(sc->watch);
    const char *const parts[] = {"pool|prefork", "concurrency|1", "consumes|celery", "knows|api.tasks.echo",
                                 "as it answered"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!strstr(text, parts[i])) {
            fail_msg("'%s' is not in:\n%s", parts[i], text);
        }
    }
    free(text);
    text = watch_peek(sc->watch, TARGET_WORKER, "nobody@demo");
    assert_non_null(strstr(text, "it did not answer"));
    free(text);
    assert_true(celery_is_alive(sc->celery));
}

static void tasks__are_seen__in_every_state_with_events_off(void **state)
{
    struct scene *sc = *state;
    elements_push(sc->server, "celery", 0, "api.tasks.wait_for_release", "run", "[\"gate\"]");
    watch_expect_task(sc->watch, "run", TASK_STATE_RUNNING);
    elements_push_later(sc->server, "celery", "api.tasks.echo", "later", clock_wall_us() + 3600 * US_PER_S);
    watch_expect_task(sc->watch, "later", TASK_STATE_SCHEDULED);
    for (int i = 0; i < 8; i++) {
        char id[16];
        snprintf(id, sizeof id, "echo-%d", i);
        elements_push(sc->server, "celery", i == 7 ? 9 : 0, "api.tasks.echo", id, "[1]");
    }
    watch_expect_task(sc->watch, "echo-0", TASK_STATE_RESERVED);
    watch_expect_task(sc->watch, "echo-7", TASK_STATE_WAITING);
    const struct task *t = model_task_find(sc->watch->model, S("run"));
    assert_string_equal(t->worker, NODE);
    free(server_cli(sc->server, "LPUSH", "gate", "go", NULL));
    watch_expect_task(sc->watch, "run", TASK_STATE_SUCCEEDED);
    watch_expect_task(sc->watch, "echo-7", TASK_STATE_SUCCEEDED);
    assert_int_equal(sc->notes.event[TASK_EVENT_SUCCEEDED], 0);
}

static bool heard_success(struct watch *w, void *arg)
{
    (void)arg;
    return ((struct notes *)w->user)->event[TASK_EVENT_SUCCEEDED] > 0;
}

#define ENABLED "test.enable-events.answer"

static bool are_enabled(void *server)
{
    char *answers = server_cli(server, "LLEN", ENABLED, NULL);
    bool are = strcmp(answers, "1") == 0;
    free(answers);
    return are;
}

static void task_events__are_told__once_they_are_on(void **state)
{
    struct scene *sc = *state;
    UT_string payload;
    struct err err;
    utstring_init(&payload);
    assert_true(watch_until(sc->watch, watch_settled, NULL, WAIT_MS));
    assert_true(control_encode("enable_events", NULL, NULL, 0, "enable-1", ENABLED, &payload, &err));
    free(server_cli(sc->server, "PUBLISH", "/0.celery.pidbox", utstring_body(&payload), NULL));
    utstring_done(&payload);
    assert_true(wait_for(are_enabled, sc->server)); /* or the task could be faster */
    free(server_cli(sc->server, "DEL", ENABLED, NULL));
    elements_push(sc->server, "celery", 0, "api.tasks.echo", "told", "[1]");
    watch_expect_task(sc->watch, "told", TASK_STATE_SUCCEEDED);
    assert_true(watch_until(sc->watch, heard_success, NULL, WAIT_MS));
    assert_true(sc->notes.event[TASK_EVENT_RECEIVED] > 0);
}

static bool is_orphaned(struct watch *w, void *arg)
{
    (void)arg;
    const struct task *t = model_task_find(w->model, S("left"));
    const struct worker *k = model_worker_find(w->model, S(NODE));
    return t && t->state == TASK_STATE_ORPHANED && k && k->state == WORKER_STATE_LOST;
}

static void a_killed_worker__is_lost__and_its_task_orphaned(void **state)
{
    struct scene *sc = *state;
    elements_push(sc->server, "celery", 0, "api.tasks.wait_for_release", "left", "[\"never\"]");
    watch_expect_task(sc->watch, "left", TASK_STATE_RUNNING);
    celery_kill(sc->celery);
    if (!watch_until(sc->watch, is_orphaned, NULL, LONG_MS)) {
        const struct task *t = model_task_find(sc->watch->model, S("left"));
        const struct worker *k = model_worker_find(sc->watch->model, S(NODE));
        fail_msg("the task is %s, the worker %s", t ? task_state_name[t->state] : "absent",
                 k ? worker_state_name[k->state] : "absent");
    }
    assert_true(sc->notes.unanswered > 0);
}

static bool polled(struct watch *w, void *arg)
{
    return w->servers >= *(int64_t *)arg;
}

/* At the pace people use: what is asked of workers is within the same eight commands a second. */
static void an_idle_worker__is_watched__within_the_budget(void **state)
{
    struct scene *sc = *state;
    watch_free(sc->watch);
    memset(&sc->notes, 0, sizeof sc->notes);
    sc->watch = watch_new(sc->server, &(struct watch_options){.refresh_us = 1000000,
                                                              .census_us = 60000000,
                                                              .inspect_us = 10000000,
                                                              .on_fact = note,
                                                              .user = &sc->notes});
    assert_true(watch_until(sc->watch, introduced, NULL, LONG_MS));
    assert_true(watch_until(sc->watch, watch_tasks_settled, NULL, WAIT_MS));
    int64_t until = sc->watch->servers + 3;
    assert_true(watch_until(sc->watch, polled, &until, WAIT_MS));
    int64_t before = sc->notes.commands, begun_us = clock_mono_us();
    enum { POLLS = 12 };
    until = sc->watch->servers + POLLS;
    assert_true(watch_until(sc->watch, polled, &until, LONG_MS));
    double seconds = (double)(clock_mono_us() - begun_us) / US_PER_S; /* a poll is late on a busy machine */
    double per_s = (double)(sc->notes.commands - before) / (seconds > POLLS ? seconds : POLLS);
    print_message("commands a second beside an idle worker: %.1f\n", per_s);
    assert_true(per_s <= 8.);
}

static bool more_silence(struct watch *w, void *arg)
{
    return ((struct notes *)w->user)->unanswered > *(int64_t *)arg;
}

static bool more_answers(struct watch *w, void *arg)
{
    return ((struct notes *)w->user)->answered > *(int64_t *)arg;
}

/* What it answers late falls into the list that is there, with its time to live. */
static void a_worker_that_hangs__is_silent__and_heard_again_later(void **state)
{
    struct scene *sc = *state;
    assert_true(watch_until(sc->watch, introduced, NULL, LONG_MS));
    celery_pause(sc->celery);
    int64_t silent = sc->notes.unanswered;
    assert_true(watch_until(sc->watch, more_silence, &silent, WAIT_MS));
    celery_resume(sc->celery);
    int64_t answered = sc->notes.answered;
    assert_true(watch_until(sc->watch, more_answers, &answered, WAIT_MS));
    char *without_end = server_cli(sc->server, "EVAL",
                                   "local n = 0 "
                                   "for _, k in ipairs(redis.call('KEYS', 'redai-console.reply.*')) do "
                                   "if redis.call('TTL', k) < 0 then n = n + 1 end end return n",
                                   "0", NULL);
    assert_string_equal(without_end, "0");
    free(without_end);
}

/* Misses that are not ours since a moment, by the server's counters and by what was heard. They come on two
 * connections: what is not the same for three looks in a row is still on its way. */
struct looked {
    int64_t counted, heard; /* at that moment */
    int64_t servers, times, least;
};

static int64_t counted(const struct watch *w)
{
    return w->last.info.keyspace_misses - w->last.own_misses;
}

static bool agree(struct watch *w, void *arg)
{
    struct looked *l = arg;
    if (w->servers != l->servers && model_server(w->model)->window_celery >= 0) {
        bool same = counted(w) - l->counted == w->last.celery_misses - l->heard;
        l->times = same && counted(w) - l->counted >= l->least ? l->times + 1 : 0;
        l->servers = w->servers;
    }
    return l->times >= 3;
}

static bool stand_still(struct watch *w, void *arg)
{
    struct looked *l = arg;
    bool stood = counted(w) == l->counted && w->last.celery_misses == l->heard;
    if (w->servers != l->servers && model_server(w->model)->window_celery >= 0) {
        l->times = stood ? l->times + 1 : 0;
        l->counted = counted(w);
        l->heard = w->last.celery_misses;
        l->servers = w->servers;
    }
    return l->times >= 3;
}

/* A platform without any cache: all that is looked for in vain is Celery's own, or asked by the console. */
static void misses_of_workers_and_producers__are_taken_off__the_hit_rate(void **state)
{
    struct scene *sc = *state;
    struct watch *w = sc->watch;
    const struct server *v = model_server(w->model);
    struct looked l = {0};
    assert_true(watch_until(w, watch_tasks_settled, NULL, LONG_MS));
    assert_true(watch_until(w, stand_still, &l, LONG_MS)); /* the worker idles */
    free(celery_python(sc->server, "from celery_app import echo\n"
                                   "for r in [echo.delay('x') for i in range(40)]: r.get(timeout=30)\n"));
    l.times = 0;
    l.least = 40; /* each task's result is looked for before it is there */
    assert_true(watch_until(w, agree, &l, LONG_MS));
    print_message("misses that are not ours: %lld\n", (long long)(counted(w) - l.counted));
    assert_true(isnan(v->hit_rate_window) || v->hit_rate_window == 100.);
}

int main(void)
{
    server_require();
    celery_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_worker__answers__all_it_is_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tasks__are_seen__in_every_state_with_events_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(task_events__are_told__once_they_are_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_worker__is_lost__and_its_task_orphaned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_idle_worker__is_watched__within_the_budget, set_up, tear_down),
        cmocka_unit_test_setup_teardown(misses_of_workers_and_producers__are_taken_off__the_hit_rate, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_worker_that_hangs__is_silent__and_heard_again_later, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
