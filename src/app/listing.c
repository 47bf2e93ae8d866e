/* listing: workers, queues or tasks as they are now, once: as text in the columns of their pane, or as JSON.
 * stdout has the rows alone; what is missing among them is said on stderr, and by "complete" in JSON. */
#include "redai/view/listing.h"

#include "app.h"
#include "look.h"
#include "rows_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/json_out.h"

#define MORE_LIMIT_US (3000 * US_PER_MS) /* heartbeats come every two seconds, polls every second */

struct listing {
    const char *pane; /* also the name of the member in JSON */
    enum topic topic;
    void (*row)(struct listing *l, const void *row);
    struct settings *settings;
    const struct model *model;
    const char *filter;
    bool settled;       /* everything was read once */
    int64_t settled_us; /* so long after the start; 0: not yet */
    UT_string out;
};

static bool lacks_flight(const struct model *m)
{
    size_t i = 0;
    while (i < model_queue_count(m) && model_queue_at(m, i)->unacked >= 0) {
        i++;
    }
    return i < model_queue_count(m) || model_unacked_total(m) < 0;
}

/* What is in flight is told of each queue one poll after it was read. */
static bool knows_flight(const struct model *m)
{
    int64_t sum = 0;
    for (size_t i = 0; i < model_queue_count(m); i++) {
        sum += model_queue_at(m, i)->unacked;
    }
    return !lacks_flight(m) && sum == model_unacked_total(m);
}

/* A start that nobody confirms is lost, or was rejected: that is known a moment after the places where it
 * would be were read. */
static bool knows_running(const struct model *m)
{
    for (size_t i = 0; i < model_task_count(m); i++) {
        const struct task *t = model_task_at(m, i);
        if (t->state == TASK_STATE_RUNNING && !(t->sources & TASK_FROM_WORKER) &&
            t->message.kind == TARGET_NONE) {
            return false;
        }
    }
    return true;
}

/* Where workers are not asked, their heartbeats are waited for. */
static bool has_all(const struct listing *l, const struct model *m)
{
    switch (l->topic) {
    case TOPIC_QUEUES:
        return knows_flight(m);
    case TOPIC_TASKS:
        return knows_running(m);
    case TOPIC_WORKERS:
        return settings_inspect_us(l->settings) > 0 || look_heard_workers(m, false);
    default:
        return true;
    }
}

static int64_t within_us(const struct listing *l)
{
    return option_number(&l->settings->options, OPTION_WITHIN);
}

static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    struct listing *l = ctx;
    l->settled = collect_tasks_settled(o->collect);
    l->settled_us = l->settled_us || !l->settled ? l->settled_us : past_us;
    return (l->settled && (has_all(l, o->model) || past_us >= l->settled_us + MORE_LIMIT_US)) ||
           past_us >= within_us(l) || !look_is_hopeful(o, past_us);
}

static bool was_read(const struct listing *l)
{
    const struct topic_view *v = model_topic(l->model, l->topic);
    return model_redis_reachable(l->model) && v->ok_at_us >= 0 && !v->failed;
}

/* --- what may be missing --- */

/* Without all workers' answers, what they have and consume is not known. */
static bool is_complete(const struct listing *l)
{
    const struct model *m = l->model;
    bool rows = l->settled && model_rows_cut(m, l->topic) == 0;
    if (l->topic == TOPIC_QUEUES) {
        rows = rows && !lacks_flight(m);
    } else if (l->topic == TOPIC_TASKS) {
        rows = rows && model_tasks_unlisted(m) == 0;
    } else if (l->topic == TOPIC_WORKERS) {
        rows = rows && (model_worker_count(m) == 0 || look_heard_workers(m, true));
    }
    return rows;
}

static void say_what_is_missing(const struct listing *l)
{
    const struct model *m = l->model;
    int64_t unlisted = l->topic == TOPIC_TASKS ? model_tasks_unlisted(m) : 0;
    size_t cut = model_rows_cut(m, l->topic);
    if (!l->settled) {
        char within[24];
        fprintf(stderr, "redai-console: not everything was read within %s: --within\n",
                human_duration(within_us(l), within, sizeof within));
    }
    if (unlisted) {
        fprintf(stderr,
                unlisted < 0 ? "redai-console: a queue could not be read\n"
                             : "redai-console: %" PRId64 " more wait and are not listed\n",
                unlisted);
    }
    if (l->topic == TOPIC_QUEUES && lacks_flight(m)) {
        fprintf(stderr, "redai-console: how much is in flight is not known for every queue\n");
    }
    if (cut) {
        fprintf(stderr, "redai-console: %zu more are known than the table holds\n", cut);
    }
    if (!utstring_len(&l->out)) {
        fprintf(stderr, "redai-console: no %s%s\n", l->pane, l->filter && *l->filter ? " that fit" : "");
    }
}

/* --- printing --- */

static void queue_row(struct listing *l, const void *row)
{
    rows_json_queue(l->model, row, &l->out);
}

static void worker_row(struct listing *l, const void *row)
{
    rows_json_worker(l->model, row, &l->out);
}

static void task_row(struct listing *l, const void *row)
{
    rows_json_task(l->model, row, &l->out);
}

static void on_row(void *ctx, const void *row)
{
    struct listing *l = ctx;
    l->row(l, row);
}

static bool write_json(struct listing *l, struct err *err)
{
    json_open(&l->out, NULL, '{');
    json_int(&l->out, "schema", 1, 0);
    rows_json_moment(&l->out, "at", model_wall_us(l->model));
    json_bool(&l->out, "complete", is_complete(l));
    if (l->topic == TOPIC_TASKS) {
        json_int(&l->out, "unlisted", model_tasks_unlisted(l->model), 0);
    }
    json_open(&l->out, l->pane, '[');
    bool ok = listing_each(l->model, l->pane, l->filter, on_row, l, err);
    json_close(&l->out, ']');
    json_close(&l->out, '}');
    text_add(&l->out, S("\n"));
    return ok;
}

/* As wide as the terminal; into a pipe or file all columns. */
static int width_of_output(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                                                : LISTING_ALL;
}

static int print(struct listing *l)
{
    struct err err;
    if (!was_read(l)) {
        const struct topic_view *v = model_topic(l->model, l->topic);
        const char *link = model_connection(l->model)->link[LINK_ROLE_POLL].error;
        err_set(&err, ERR_NETWORK, "the %s could not be read%s%s", l->pane, *v->error || *link ? ": " : "",
                *v->error ? v->error : link);
        complain(&err);
        return EXIT_UNREAD;
    }
    bool ok = look_wants_json(l->settings)
                  ? write_json(l, &err)
                  : listing_text(l->model, l->pane, l->filter, width_of_output(), &l->out, &err);
    if (!ok) {
        complain(&err);
        return EXIT_USAGE;
    }
    if (!look_wants_json(l->settings)) {
        say_what_is_missing(l);
    }
    return look_print(&l->out) ? EXIT_OK : EXIT_UNREAD;
}

static void ignore_row(void *ctx, const void *row)
{
    (void)ctx;
    (void)row;
}

static int run(struct listing *l, struct settings *s, const char *filter)
{
    struct observer o;
    struct err err;
    l->settings = s;
    l->model = s->model;
    l->filter = filter;
    if (strcmp(option_text(&s->options, OPTION_FORMAT), "nagios") == 0) {
        err_set(&err, ERR_USAGE, "%s: option \"format\": \"nagios\" is for snapshot, expected text or json",
                l->pane);
        complain(&err);
        return EXIT_USAGE;
    }
    /* A filter that is wrong is so at once, without asking Redis. */
    if (!listing_each(l->model, l->pane, filter, ignore_row, NULL, &err)) {
        complain(&err);
        return EXIT_USAGE;
    }
    utstring_init(&l->out);
    look_until(&o, ev_default_loop(0), s, is_enough, l);
    int code = print(l);
    observer_release(&o);
    utstring_done(&l->out);
    return code;
}

int listing_workers(struct settings *s, const UT_array *args)
{
    (void)args;
    return run(&(struct listing){.pane = "workers", .topic = TOPIC_WORKERS, .row = worker_row}, s, NULL);
}

int listing_queues(struct settings *s, const UT_array *args)
{
    (void)args;
    return run(&(struct listing){.pane = "queues", .topic = TOPIC_QUEUES, .row = queue_row}, s, NULL);
}

int listing_tasks(struct settings *s, const UT_array *args)
{
    UT_string filter;
    utstring_init(&filter);
    for (unsigned i = 0; i < utarray_len(args); i++) {
        utstring_printf(&filter, "%s%s", i ? " " : "", args_at(args, i));
    }
    int code = run(&(struct listing){.pane = "tasks", .topic = TOPIC_TASKS, .row = task_row}, s,
                   utstring_body(&filter));
    utstring_done(&filter);
    return code;
}
