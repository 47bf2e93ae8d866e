#include "redai/demo/workload.h"

#include "demo/fill.h"
#include "demo/workload_priv.h"

#include "redai/base/clock.h"

#include "redai/demo/demo.h"

#define LATE_US          US_PER_S /* so far behind, the past is forgotten */
#define STEP_US          (2 * US_PER_MS)
#define BURST_MAX        64    /* requests within one turn of the loop */
#define PENDING_MAX      2000  /* the server is slow: no more requests until it has answered some */
#define JOBS_PER_REQUEST 0.025 /* a task each 2 s at the usual 20 requests/s ... */
#define JOBS_PER_S_MAX   0.5   /* ... and never more than two processes can do */
enum { FIRST_BATCHES = 2, FIRST_QUESTIONS = 5, FIRST_TESTS = 3, FIRST_SOURCES = 2 };

static void send_command(void *user, size_t argc, const struct span *args)
{
    struct demo_workload *w = user;
    link_send(w->link, NULL, NULL, argc, args);
}

/* --- requests --- */

static void next_request(struct demo_workload *w)
{
    int64_t now_us = clock_mono_us();
    int64_t wait_us = w->due_us - now_us;
    timer_set(w->request_timer, w->options.rate <= 0 ? -1 : wait_us > STEP_US ? wait_us : STEP_US);
}

static void on_request_time(void *user)
{
    struct demo_workload *w = user;
    int64_t now_us = clock_mono_us();

    if (now_us - w->due_us > LATE_US) {
        w->due_us = now_us;
    }
    for (int n = 0; n < BURST_MAX && w->due_us <= now_us; n++) {
        if (link_is_ready(w->link) && link_pending(w->link) < PENDING_MAX) {
            visit_begin(w);
        }
        w->due_us += prng_gap_us(&w->prng, w->options.rate);
    }
    next_request(w);
}

/* --- tasks --- */

static void next_job(struct demo_workload *w)
{
    double rate = w->options.rate * JOBS_PER_REQUEST;
    rate = rate > JOBS_PER_S_MAX ? JOBS_PER_S_MAX : rate;
    /* Steadier than the requests are: a long silence looks broken. */
    double times = 0.5 + prng_unit(&w->jobs.prng);
    timer_set(w->job_timer, rate > 0 ? (int64_t)(times / rate * (double)US_PER_S) : -1);
}

static void on_job_time(void *user)
{
    struct demo_workload *w = user;
    if (link_is_ready(w->link)) {
        jobs_send_any(&w->jobs, &w->sink);
    }
    next_job(w);
}

/* Something is to be seen from the first second on. */
static void first_jobs(struct demo_workload *w)
{
    for (int i = 0; i < FIRST_BATCHES; i++) {
        jobs_send_batch(&w->jobs, &w->sink);
    }
    for (int i = 0; i < FIRST_QUESTIONS; i++) {
        jobs_send_question(&w->jobs, &w->sink);
    }
    for (int i = 0; i < FIRST_TESTS; i++) {
        jobs_send_test(&w->jobs, &w->sink);
    }
    for (int i = 0; i < FIRST_SOURCES; i++) {
        jobs_send_source(&w->jobs, &w->sink);
    }
    jobs_send_chain(&w->jobs, &w->sink);
    jobs_send_citation(&w->jobs, &w->sink);
    jobs_send_later(&w->jobs, &w->sink);
}

/* --- filling --- */

static void begin(struct demo_workload *w)
{
    w->due_us = clock_mono_us();
    if (w->options.rate > 0) {
        first_jobs(w);
    }
    next_request(w);
    next_job(w);
}

/* The answer to the last command of the filling: the ones before it were answered too. */
static void on_filled(void *user, const struct reply *reply)
{
    struct demo_workload *w = user;
    w->is_filling = false;
    if (reply && !reply_is_error(reply) && !w->is_filled) {
        w->is_filled = true;
        begin(w);
    }
}

static void on_state(void *user, const struct link_status *status)
{
    struct demo_workload *w = user;

    if (status->state != LINK_READY || w->is_filled || w->is_filling) {
        return;
    }
    /* Also after a filling that was cut off: the same keys again. */
    w->is_filling = true;
    prng_init(&w->prng, w->options.seed);
    utarray_clear(&w->logins);
    fill_run(&w->prng, clock_wall_us(), &w->sink, &w->logins);
    if (!link_command(w->link, on_filled, w, S("PING"))) {
        w->is_filling = false;
    }
}

/* --- life --- */

struct demo_workload *demo_workload_new(struct ev_loop *loop, const struct demo_workload_options *options)
{
    static const UT_icd login_icd = {sizeof(struct login), NULL, NULL, NULL};
    struct demo_workload *w = mem_zalloc(sizeof(*w));

    w->options = *options;
    w->options.address = NULL;
    w->sink = (struct command_sink){send_command, w};
    prng_init(&w->prng, options->seed);
    jobs_init(&w->jobs, options->seed ^ UINT64_C(0x6A6F6273));
    utarray_init(&w->logins, &login_icd);
    w->request_timer = timer_new(loop, on_request_time, w);
    w->job_timer = timer_new(loop, on_job_time, w);
    w->link = link_new(loop, &(struct link_options){.name = "users",
                                                    .program = DEMO_PROGRAM,
                                                    .address = options->address,
                                                    .db = -1,
                                                    .on_state = on_state,
                                                    .user = w});
    link_start(w->link);
    return w;
}

void demo_workload_free(struct demo_workload *w)
{
    if (!w) {
        return;
    }
    link_free(w->link);
    timer_free(w->request_timer);
    timer_free(w->job_timer);
    jobs_release(&w->jobs);
    utarray_done(&w->logins);
    mem_free(w);
}

void demo_workload_set_rate(struct demo_workload *w, double rate)
{
    w->options.rate = rate;
    if (w->is_filled) {
        w->due_us = clock_mono_us();
        next_request(w);
        next_job(w);
    }
}

bool demo_workload_is_filled(const struct demo_workload *w)
{
    return w->is_filled;
}

struct demo_workload_tally demo_workload_tally(const struct demo_workload *w)
{
    struct demo_workload_tally t = w->tally;
    t.sessions = (int)utarray_len(&w->logins);
    t.tasks = w->jobs.sent;
    return t;
}
