/* doctor: `redai-console doctor`: the preflight, once, printed worst first; the exit code tells how bad it
 * is. stdout has the findings alone. */
#include "app.h"
#include "doctor_print.h"
#include "look.h"

#include <stdio.h>

#include "redai/base/clock.h"

#include "redai/link/link.h"

#define LEAST_US     (1100 * US_PER_MS) /* two readings of INFO */
#define SETTLE_US    (8 * US_PER_S)     /* the walk of a large keyspace is not waited for any longer */
#define HEARTBEAT_US (2400 * US_PER_MS) /* where workers are not asked, one is waited for */
#define LIMIT_US     (30 * US_PER_S)
#define ATTEMPT_US   (3 * US_PER_S)

struct visit {
    struct settings *settings;
    bool asked;
};

/* All that the judgement stands on was read once. */
static bool is_settled(const struct visit *v, const struct observer *o, int64_t past_us)
{
    bool asks = settings_inspect_us(v->settings) > 0;
    bool heard = asks || model_worker_count(o->model) > 0 || past_us >= HEARTBEAT_US;
    return past_us >= LEAST_US && heard &&
           (asks ? collect_tasks_settled(o->collect) : collect_settled(o->collect));
}

static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    struct visit *v = ctx;
    struct err err;
    if (!v->asked && (is_settled(v, o, past_us) || past_us >= SETTLE_US)) {
        v->asked = collect_doctor(o->collect, &err);
    }
    enum doctor_state state = model_doctor_state(o->model);
    return state == DOCTOR_DONE || state == DOCTOR_FAILED || past_us >= LIMIT_US ||
           !look_is_hopeful(o, past_us);
}

static int verdict(const struct model *m)
{
    int worst = model_doctor_worst(m);
    bool looked = model_doctor_state(m) == DOCTOR_DONE && model_server(m)->known;
    return !looked                      ? EXIT_UNREAD
           : worst == SEVERITY_CRITICAL ? EXIT_CRITICAL
           : worst == SEVERITY_WARNING  ? EXIT_WARNING
                                        : EXIT_OK;
}

/* --- the literal password --- */

struct attempt {
    struct ev_loop *loop;
    bool taken;
};

static void on_attempt(void *user, const struct link_status *status)
{
    struct attempt *a = user;
    a->taken = status->state == LINK_READY;
    if (status->state == LINK_READY || status->state == LINK_WAITING) {
        ev_break(a->loop, EVBREAK_ALL);
    }
}

static void on_late(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)timer;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* One AUTH with the text that a file was meant to have replaced. */
static bool takes(struct settings *s, struct ev_loop *loop, const char *literal)
{
    struct address address;
    struct attempt attempt = {.loop = loop};
    ev_timer timer;
    address_copy(&address, &s->address);
    mem_replace(&address.user, NULL);
    mem_replace(&address.password, literal);
    struct link *link = link_new(
        loop, &(struct link_options){
                  .name = "doctor", .address = &address, .db = -1, .on_state = on_attempt, .user = &attempt});
    ev_timer_init(&timer, on_late, (double)ATTEMPT_US / 1e6, 0.);
    ev_timer_start(loop, &timer);
    link_start(link);
    ev_run(loop, 0);
    ev_timer_stop(loop, &timer);
    link_free(link);
    if (attempt.taken) {
        struct address was = s->address;
        address_copy(&s->address, &address);
        sites_login_changed(s, &was);
        address_release(&was);
    }
    address_release(&address);
    return attempt.taken;
}

/* The server lets nobody in without a password, or not with ours: is it the well-known text? Each is tried
 * once, by this subcommand alone, and it says so. */
static bool finds_literal(struct settings *s, struct ev_loop *loop, const struct model *m)
{
    static const char *const literals[] = {"${REDIS_PASSWORD}", "${REDIS_PASSWORD:-}"};
    const char *why = model_connection(m)->link[LINK_ROLE_POLL].error;
    if (strncmp(why, "NOAUTH", 6) != 0 && strncmp(why, "WRONGPASS", 9) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        if (takes(s, loop, literals[i])) {
            fprintf(stderr, "redai-console: %s: the text %s was tried as the password, once, and was taken\n",
                    strncmp(why, "NOAUTH", 6) == 0 ? "a password is needed" : "the password is wrong",
                    literals[i]);
            return true;
        }
    }
    fprintf(stderr, "redai-console: the texts %s and %s were tried as the password, once each, and refused\n",
            literals[0], literals[1]);
    return false;
}

int doctor_run(struct settings *s, const UT_array *args)
{
    struct err err;
    if (strcmp(option_text(&s->options, OPTION_FORMAT), "nagios") == 0) {
        err_set(&err, ERR_USAGE,
                "doctor: option \"format\": \"nagios\" is for snapshot, expected text or json");
        complain(&err);
        return EXIT_USAGE;
    }
    if (!args_take_url(s, args, 0)) {
        return EXIT_USAGE;
    }
    struct ev_loop *loop = ev_default_loop(0);
    struct visit visit = {.settings = s};
    struct observer o;
    UT_string out;
    look_until(&o, loop, s, is_enough, &visit);
    if (!model_server(s->model)->known && finds_literal(s, loop, s->model)) {
        observer_release(&o);
        visit.asked = false;
        look_until(&o, loop, s, is_enough, &visit);
    }
    utstring_init(&out);
    if (look_wants_json(s)) {
        doctor_json(s->model, verdict(s->model), &out);
    } else {
        doctor_text_out(s->model, verdict(s->model), &out);
    }
    int code = look_print(&out) ? verdict(s->model) : EXIT_UNREAD;
    utstring_done(&out);
    observer_release(&o);
    return code;
}
