/* mailbox_about: what a worker tells of itself when it is asked. The shapes are those of
 * tests/fixtures/celery-5.2/ctl-*.reply.json. */
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "redai/base/clock.h"
#include "redai/base/json_out.h"

static void answer_ping(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)w;
    (void)r;
    mailbox_say(out, "ok", "pong");
}

static void answer_active_queues(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    static const char *const nulls[] = {"expires", "message_ttl", "max_length", "max_length_bytes",
                                        "max_priority"};
    (void)r;
    json_open(out, NULL, '[');
    for (unsigned i = 0; i < utarray_len(&w->queues); i++) {
        const char *name = *(char **)utarray_eltptr(&w->queues, i);
        json_open(out, NULL, '{');
        json_text(out, "name", name);
        json_open(out, "exchange", '{');
        json_text(out, "name", name);
        json_text(out, "type", "direct");
        json_null(out, "arguments");
        json_bool(out, "durable", true);
        json_bool(out, "passive", false);
        json_bool(out, "auto_delete", false);
        json_null(out, "delivery_mode");
        json_bool(out, "no_declare", false);
        json_close(out, '}');
        json_text(out, "routing_key", name);
        json_null(out, "queue_arguments");
        json_null(out, "binding_arguments");
        json_null(out, "consumer_arguments");
        json_bool(out, "durable", true);
        json_bool(out, "exclusive", false);
        json_bool(out, "auto_delete", false);
        json_bool(out, "no_ack", false);
        json_null(out, "alias");
        json_open(out, "bindings", '[');
        json_close(out, ']');
        json_null(out, "no_declare");
        for (size_t n = 0; n < sizeof(nulls) / sizeof(nulls[0]); n++) {
            json_null(out, nulls[n]);
        }
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* Of what may be asked of a task only the rate limit is ever set here. */
static void answer_registered(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    UT_array items;
    UT_string text;

    utarray_init(&items, &ut_str_icd);
    control_argument_texts(r, "taskinfoitems", &items);
    bool with_rate = utarray_len(&items) == 0;
    for (unsigned i = 0; i < utarray_len(&items); i++) {
        with_rate = with_rate || strcmp(*(char **)utarray_eltptr(&items, i), "rate_limit") == 0;
    }
    utarray_done(&items);
    utstring_init(&text);
    json_open(out, NULL, '[');
    for (size_t i = 0; i < body_count; i++) {
        const char *rate = with_rate ? w->kinds[i].rate_limit : NULL;
        utstring_clear(&text);
        utstring_printf(&text, "%s%s%s%s", body_table[i].name, rate ? " [rate_limit=" : "", rate ? rate : "",
                        rate ? "]" : "");
        json_text(out, NULL, utstring_body(&text));
    }
    json_close(out, ']');
    utstring_done(&text);
}

static void add_pool(const struct demo_worker *w, UT_string *out)
{
    enum { TASKS_PER_CHILD = 1000 };
    json_open(out, "pool", '{');
    json_text(out, "implementation", "celery.concurrency.prefork:TaskPool");
    json_int(out, "max-concurrency", w->concurrency, 0);
    json_open(out, "processes", '[');
    for (int i = 0; i < w->processes; i++) {
        json_int(out, NULL, w->pid + 1 + i, 0);
    }
    json_close(out, ']');
    json_int(out, "max-tasks-per-child", TASKS_PER_CHILD, 0);
    json_bool(out, "put-guarded-by-semaphore", false);
    json_open(out, "timeouts", '[');
    json_int(out, NULL, 0, 0);
    json_int(out, NULL, 0, 0);
    json_close(out, ']');
    json_open(out, "writes", '{');
    json_int(out, "total", w->begun, 0);
    json_close(out, '}');
    json_close(out, '}');
}

static void add_broker(UT_string *out)
{
    json_open(out, "broker", '{');
    json_text(out, "hostname", "localhost");
    json_null(out, "userid");
    json_text(out, "virtual_host", "0");
    json_null(out, "port");
    json_bool(out, "insist", false);
    json_bool(out, "ssl", false);
    json_text(out, "transport", "redis");
    json_int(out, "connect_timeout", 4, 0);
    json_open(out, "transport_options", '{');
    json_close(out, '}');
    json_close(out, '}');
}

static void add_usage(UT_string *out)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    json_open(out, "rusage", '{');
    json_real(out, "utime", (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / (double)US_PER_S,
              6);
    json_real(out, "stime", (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / (double)US_PER_S,
              6);
    json_int(out, "maxrss", usage.ru_maxrss, 0);
    json_close(out, '}');
}

static void answer_stats(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    char clock[24];
    const struct task *t;
    int64_t scheduled = 0;

    (void)r;
    for (t = w->tasks; t; t = t->next) {
        scheduled += t->state == TASK_SCHEDULED;
    }
    snprintf(clock, sizeof(clock), "%" PRId64, w->clock);
    json_open(out, NULL, '{');
    json_open(out, "total", '{');
    for (size_t i = 0; i < body_count; i++) {
        if (w->kinds[i].total > 0) {
            json_int(out, body_table[i].name, w->kinds[i].total, 0);
        }
    }
    json_close(out, '}');
    json_int(out, "pid", w->pid, 0);
    json_text(out, "clock", clock);
    json_int(out, "uptime", (clock_mono_us() - w->started_us) / US_PER_S, 0);
    add_pool(w, out);
    add_broker(out);
    json_int(out, "prefetch_count", w->limit + scheduled, 0);
    add_usage(out);
    json_close(out, '}');
}

static void answer_conf(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    json_open(out, NULL, '{');
    json_text(out, "task_serializer", "json");
    json_open(out, "accept_content", '[');
    json_text(out, NULL, "json");
    json_close(out, ']');
    json_text(out, "result_serializer", "json");
    json_text(out, "timezone", "UTC");
    json_bool(out, "enable_utc", true);
    json_int(out, "result_expires", WORKER_RESULT_TTL_S, 0);
    json_int(out, "worker_prefetch_multiplier", w->multiplier, 0);
    json_bool(out, "task_acks_late", true);
    json_bool(out, "task_track_started", true);
    json_close(out, '}');
}

static void answer_report(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    mailbox_say(out, "ok",
                "\nsoftware -> the worker of redai-console's demo, as celery:5.2.6 (dawn-chorus)\n"
                "node -> %s\n",
                w->node);
}

static void answer_clock(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    json_open(out, NULL, '{');
    json_int(out, "clock", w->clock, 0);
    json_close(out, '}');
}

static const struct answer answers[] = {
    {"active_queues", answer_active_queues},
    {"clock", answer_clock},
    {"conf", answer_conf},
    {"ping", answer_ping},
    {"registered", answer_registered},
    {"report", answer_report},
    {"stats", answer_stats},
};

answer_fn mailbox_about_find(const char *method)
{
    return mailbox_find(answers, sizeof(answers) / sizeof(answers[0]), method);
}
