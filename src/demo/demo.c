#include "redai/demo/demo.h"

#include "redai/base/mem.h"

#include "redai/link/address.h"

#include "redai/demo/server.h"

struct demo {
    struct demo_server *server;
    struct demo_workload *workload;
    struct demo_worker *worker;
};

struct demo *demo_new(struct ev_loop *loop, const struct demo_options *options, struct err *err)
{
    struct address address;
    struct demo *d = mem_zalloc(sizeof(*d));

    d->server = demo_server_start(options->conf_path, err);
    if (!d->server || !address_parse(&address, demo_server_address(d->server), err)) {
        demo_free(d);
        return NULL;
    }
    d->workload = demo_workload_new(
        loop,
        &(struct demo_workload_options){.address = &address, .seed = options->seed, .rate = options->rate});
    if (options->worker) {
        d->worker = demo_worker_new(loop, &(struct demo_worker_options){.address = &address,
                                                                        .seed = options->seed,
                                                                        .pace = options->task_pace});
    }
    address_release(&address);
    return d;
}

void demo_free(struct demo *d)
{
    if (d) {
        demo_workload_free(d->workload);
        demo_worker_free(d->worker);
        demo_server_stop(d->server);
        mem_free(d);
    }
}

const char *demo_address(const struct demo *d)
{
    return demo_server_address(d->server);
}

bool demo_ready(const struct demo *d)
{
    return demo_workload_is_filled(d->workload) && (!d->worker || demo_worker_is_up(d->worker));
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
    return d->worker;
}
