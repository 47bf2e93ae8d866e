#include "redai/demo/demo.h"

#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/mem.h"

#include "redai/link/address.h"
#include "redai/link/timer.h"

#include "redai/demo/server.h"

struct place {
    struct demo *demo;
    struct demo_worker_options options;
    struct demo_worker *worker;
    bool has_ended;
    struct timer *timer; /* looks whether it has ended; starts it again */
};

struct demo {
    struct ev_loop *loop;
    struct demo_server *server;
    struct demo_workload *workload;
    struct address address;
    struct place places[DEMO_WORKERS];
    int count; /* of places in use */
    int64_t restart_us;
};

#define LOOK_US (US_PER_S / 2)

static void on_place_time(void *user)
{
    struct place *p = user;

    if (p->worker && !p->has_ended && demo_worker_is_done(p->worker)) {
        p->has_ended = true;
        timer_set(p->timer, p->demo->restart_us);
        return;
    }
    if (!p->worker || p->has_ended) {
        demo_worker_free(p->worker);
        p->worker = demo_worker_new(p->demo->loop, &p->options);
        p->has_ended = false;
    }
    timer_set(p->timer, LOOK_US);
}

static void start_workers(struct demo *d, const struct demo_options *options)
{
    enum { PIDS_APART = 100 };
    static const char *const nodes[DEMO_WORKERS] = {DEMO_WORKER_NODE, "worker2@demo"};
    static const char *const queues[DEMO_WORKERS][3] = {{"celery", "questions", NULL},
                                                        {"validation", "analytics", NULL}};

    d->count = !options->worker ? 0 : options->alone ? 1 : DEMO_WORKERS;
    for (int i = 0; i < d->count; i++) {
        struct place *p = &d->places[i];
        p->demo = d;
        p->options = (struct demo_worker_options){.address = &d->address,
                                                  .node = nodes[i],
                                                  .queues = options->alone ? NULL : queues[i],
                                                  .pid = getpid() + i * PIDS_APART,
                                                  .events_off = options->events_off,
                                                  .seed = options->seed + (uint64_t)i,
                                                  .pace = options->task_pace};
        p->timer = timer_new(d->loop, on_place_time, p);
        on_place_time(p);
    }
}

struct demo *demo_new(struct ev_loop *loop, const struct demo_options *options, struct err *err)
{
    struct demo *d = mem_zalloc(sizeof(*d));

    d->loop = loop;
    d->restart_us = options->restart_us > 0 ? options->restart_us : DEMO_RESTART_S * US_PER_S;
    d->server = demo_server_start(options->conf_path, err);
    if (!d->server || !address_parse(&d->address, demo_server_address(d->server), err)) {
        demo_free(d);
        return NULL;
    }
    d->workload =
        demo_workload_new(loop, &(struct demo_workload_options){
                                    .address = &d->address, .seed = options->seed, .rate = options->rate});
    start_workers(d, options);
    return d;
}

void demo_free(struct demo *d)
{
    if (d) {
        demo_workload_free(d->workload);
        for (int i = 0; i < d->count; i++) {
            demo_worker_free(d->places[i].worker);
            timer_free(d->places[i].timer);
        }
        demo_server_stop(d->server);
        address_release(&d->address);
        mem_free(d);
    }
}

const char *demo_address(const struct demo *d)
{
    return demo_server_address(d->server);
}

bool demo_ready(const struct demo *d)
{
    bool all_up = demo_workload_is_filled(d->workload);
    for (int i = 0; i < d->count; i++) {
        all_up = all_up && demo_worker_is_up(d->places[i].worker);
    }
    return all_up;
}

bool demo_is_alive(struct demo *d)
{
    return demo_server_is_alive(d->server);
}

struct demo_workload *demo_workload(struct demo *d)
{
    return d->workload;
}

struct demo_worker *demo_worker(struct demo *d)
{
    return d->places[0].worker;
}
