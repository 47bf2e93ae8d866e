/* mailbox_inspect: what a worker tells of its tasks when it is asked. The shapes are those of
 * tests/fixtures/celery-5.2/ctl-*.reply.json. */
#include "demo/worker_priv.h"

#include "redai/base/clock.h"
#include "redai/base/isotime.h"
#include "redai/base/json_out.h"

static void add_raw(UT_string *out, const char *name, const char *json)
{
    utstring_printf(out, ",\"%s\":%s", name, json);
}

static void add_info(const struct task *t, UT_string *out)
{
    const struct message *m = &t->message;
    bool is_json = !m->args_cut && !m->args_are_repr;

    json_open(out, NULL, '{');
    json_text(out, "id", m->id);
    json_text(out, "name", m->task);
    add_raw(out, "args", m->args && is_json ? m->args : "[]");
    add_raw(out, "kwargs", m->kwargs && is_json ? m->kwargs : "{}");
    json_text(out, "type", m->task);
    json_text(out, "hostname", t->worker->node);
    json_real(out, "time_start", t->state == TASK_RUNNING ? t->started_s : -1, 6);
    json_bool(out, "acknowledged", false);
    json_open(out, "delivery_info", '{');
    json_text(out, "exchange", "");
    json_text(out, "routing_key", m->queue);
    json_int(out, "priority", m->priority, 0);
    if (m->redelivered) {
        json_bool(out, "redelivered", true);
    } else {
        json_null(out, "redelivered");
    }
    json_close(out, '}');
    json_int(out, "worker_pid", t->state == TASK_RUNNING ? t->worker->pid + 1 + t->process : -1, 0);
    json_close(out, '}');
}

static void add_tasks(const struct demo_worker *w, enum task_state state, UT_string *out)
{
    const struct task *t;

    json_open(out, NULL, '[');
    for (t = w->tasks; t; t = t->next) {
        if (t->state == state) {
            add_info(t, out);
        }
    }
    json_close(out, ']');
}

static void answer_active(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    add_tasks(w, TASK_RUNNING, out);
}

static void answer_reserved(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    add_tasks(w, TASK_HELD, out);
}

static void answer_scheduled(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    enum { PRIORITY = 6 };
    const struct task *t;
    char eta[ISOTIME_SIZE];
    UT_string info;

    (void)r;
    json_open(out, NULL, '[');
    for (t = w->tasks; t; t = t->next) {
        if (t->state != TASK_SCHEDULED) {
            continue;
        }
        isotime_format_celery(t->message.eta_wall_us, eta, sizeof(eta));
        utstring_init(&info);
        add_info(t, &info);
        json_open(out, NULL, '{');
        json_text(out, "eta", eta);
        json_int(out, "priority", PRIORITY, 0);
        add_raw(out, "request", utstring_body(&info));
        json_close(out, '}');
        utstring_done(&info);
    }
    json_close(out, ']');
}

static void answer_query_task(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    const struct task *t;
    UT_array ids;

    utarray_init(&ids, &ut_str_icd);
    control_argument_texts(r, "ids", &ids);
    json_open(out, NULL, '{');
    for (t = w->tasks; t; t = t->next) {
        bool is_asked = false;
        for (unsigned i = 0; i < utarray_len(&ids); i++) {
            is_asked = is_asked || strcmp(*(char **)utarray_eltptr(&ids, i), t->message.id) == 0;
        }
        if (is_asked && (t->state == TASK_RUNNING || t->state == TASK_HELD)) {
            json_open(out, t->message.id, '[');
            json_text(out, NULL, t->state == TASK_RUNNING ? "active" : "reserved");
            add_info(t, out);
            json_close(out, ']');
        }
    }
    json_close(out, '}');
    utarray_done(&ids);
}

/* --- revoked ids --- */

static void answer_revoked(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    struct revoked *at;
    struct revoked *next;

    (void)r;
    json_open(out, NULL, '[');
    hash_each (w->revoked, at, next) {
        json_text(out, NULL, at->id);
    }
    json_close(out, ']');
}

/* What a worker that starts asks of the others; null to itself. */
static void answer_hello(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    struct revoked *at;
    struct revoked *next;
    char *from = NULL;

    control_argument_text(r, "from_node", &from);
    if (from && strcmp(from, w->node) == 0) {
        text_add(out, S("null"));
    } else {
        json_open(out, NULL, '{');
        json_open(out, "revoked", '{');
        hash_each (w->revoked, at, next) {
            json_open(out, at->id, '[');
            json_real(out, NULL, at->at_s, 6);
            json_text(out, NULL, at->id);
            json_close(out, ']');
        }
        json_close(out, '}');
        json_int(out, "clock", ++w->clock, 0);
        json_close(out, '}');
    }
    mem_free(from);
}

static const struct answer answers[] = {
    {"active", answer_active},     {"hello", answer_hello},     {"query_task", answer_query_task},
    {"reserved", answer_reserved}, {"revoked", answer_revoked}, {"scheduled", answer_scheduled},
};

answer_fn mailbox_inspect_find(const char *method)
{
    return mailbox_find(answers, sizeof(answers) / sizeof(answers[0]), method);
}
