/* bench_trace SOCKET SECONDS: a trace as the console makes it, without its limit of bytes, beside whatever
 * runs on that server. Tells what it took: CPU, commands and bytes heard, why it ended. */
#include <ev.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

#include "redai/collect/collect.h"

struct bench {
    struct ev_loop *loop;
    struct collect *collect;
    int64_t duration_us, begun_us;
    double cpu_s;
};

static double cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void on_fact(void *ctx, const struct fact *f)
{
    struct bench *b = ctx;
    if (f->kind == FACT_TRACE && f->trace.phase == TRACE_BEGIN) {
        b->begun_us = f->at_us;
        b->cpu_s = cpu_s();
    } else if (f->kind == FACT_TRACE && f->trace.phase == TRACE_END) {
        printf("cpu_s\t%.3f\nseconds\t%.3f\ncommands\t%" PRId64 "\nbytes\t%" PRId64 "\nwhy\t%.*s\n",
               cpu_s() - b->cpu_s, (double)(f->at_us - b->begun_us) / 1e6, f->trace.commands, f->trace.bytes,
               (int)f->trace.text.len, f->trace.text.data);
        ev_break(b->loop, EVBREAK_ALL);
    }
}

static bool is_known(void *ctx, enum target_kind kind, struct span id)
{
    (void)ctx;
    (void)kind;
    (void)id;
    return true;
}

static void look(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct bench *b = timer->data;
    struct err err;
    (void)events;
    if (collect_settled(b->collect)) {
        ev_timer_stop(loop, timer);
        if (!collect_trace(b->collect, b->duration_us, INT64_MAX, &err)) {
            fprintf(stderr, "%s\n", err.text);
            exit(EXIT_FAILURE);
        }
    }
}

int main(int argc, char **argv)
{
    struct bench b = {.duration_us = 3 * US_PER_S};
    struct families families;
    struct address address;
    struct err err;
    ev_timer timer;
    char url[200];

    if (argc != 3 || !num_duration_us(span_of(argv[2]), &b.duration_us)) {
        fprintf(stderr, "usage: bench_trace SOCKET SECONDS\n");
        return EXIT_FAILURE;
    }
    snprintf(url, sizeof url, "unix://%s", argv[1]);
    if (!address_parse(&address, url, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    families_init(&families);
    b.loop = ev_default_loop(0);
    b.collect = collect_new(&(struct collect_options){.loop = b.loop,
                                                      .address = &address,
                                                      .result_db = 1,
                                                      .refresh_us = US_PER_S,
                                                      .census_us = 60 * US_PER_S,
                                                      .budget = 2000,
                                                      .families = &families,
                                                      .sink = on_fact,
                                                      .known = is_known,
                                                      .ctx = &b});
    ev_timer_init(&timer, look, 0.05, 0.05);
    timer.data = &b;
    ev_timer_start(b.loop, &timer);
    collect_start(b.collect);
    ev_run(b.loop, 0);
    collect_free(b.collect);
    families_release(&families);
    address_release(&address);
    return EXIT_SUCCESS;
}
