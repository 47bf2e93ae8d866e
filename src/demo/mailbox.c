/* mailbox: remote control: PUBLISH /0.celery.pidbox in, an element pushed on the asker's list out. Whatever
 * is asked that is not in the table is answered as Celery answers an unknown method. */
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/json_out.h"
#include "redai/base/uuid.h"

#include "redai/schema/binding.h"
#include "redai/schema/request.h"

/* --- revoked ids: in memory only, the oldest forgotten first --- */

bool mailbox_is_revoked(const struct demo_worker *w, const char *task_id)
{
    struct revoked *r;
    HASH_FIND_STR(w->revoked, task_id, r);
    return r != NULL;
}

static void remember(struct demo_worker *w, const char *task_id)
{
    if (mailbox_is_revoked(w, task_id)) {
        return;
    }
    size_t size = strlen(task_id) + 1;
    struct revoked *r = mem_zalloc(sizeof(*r) + size);
    memcpy(r->id, task_id, size);
    HASH_ADD_STR(w->revoked, id, r);
    if (HASH_COUNT(w->revoked) > WORKER_REVOKED_MAX) {
        struct revoked *oldest = w->revoked;
        HASH_DEL(w->revoked, oldest);
        mem_free(oldest);
    }
}

void mailbox_release(struct demo_worker *w)
{
    struct revoked *r;
    struct revoked *next;
    HASH_ITER(hh, w->revoked, r, next)
    {
        HASH_DEL(w->revoked, r);
        mem_free(r);
    }
}

/* --- answers --- */

static void answer_ping(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)w;
    (void)r;
    text_add(out, S("{\"ok\": \"pong\"}"));
}

/* The tasks of a state as Celery's task info; bounded, since a list of many answers nobody. */
static void add_info(const struct task *t, UT_string *out)
{
    const struct message *m = &t->message;

    json_open(out, NULL, '{');
    json_text(out, "id", m->id);
    json_text(out, "name", m->task);
    text_add(out, S(",\"args\":"));
    text_add(out, span_of(m->args && !m->args_cut && !m->args_are_repr ? m->args : "[]"));
    text_add(out, S(",\"kwargs\":"));
    text_add(out, span_of(m->kwargs && !m->args_cut && !m->args_are_repr ? m->kwargs : "{}"));
    json_text(out, "type", m->task);
    json_text(out, "hostname", t->worker->node);
    json_real(out, "time_start", t->state == TASK_RUNNING ? t->started_s : -1, 6);
    json_bool(out, "acknowledged", false);
    json_open(out, "delivery_info", '{');
    json_text(out, "exchange", "");
    json_text(out, "routing_key", m->queue);
    json_int(out, "priority", m->priority, 0);
    json_bool(out, "redelivered", m->redelivered);
    json_close(out, '}');
    json_int(out, "worker_pid", t->state == TASK_RUNNING ? getpid() : -1, 0);
    json_close(out, '}');
}

static void add_tasks(const struct demo_worker *w, enum task_state state, UT_string *out)
{
    const struct task *t;
    json_open(out, NULL, '[');
    for (t = w->tasks; t; t = t->next) {
        if (t->state == state && t->message.eta && state == TASK_SCHEDULED) {
            json_open(out, NULL, '{');
            json_text(out, "eta", t->message.eta);
            json_int(out, "priority", 6, 0);
            text_add(out, S(",\"request\":"));
            UT_string info;
            utstring_init(&info);
            add_info(t, &info);
            text_add(out, text_span(&info));
            utstring_done(&info);
            json_close(out, '}');
        } else if (t->state == state) {
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
    (void)r;
    add_tasks(w, TASK_SCHEDULED, out);
}

static void answer_active_queues(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    json_open(out, NULL, '[');
    for (int i = 0; i < WORKER_QUEUES; i++) {
        json_open(out, NULL, '{');
        json_text(out, "name", w->queues[i]);
        json_open(out, "exchange", '{');
        json_text(out, "name", w->queues[i]);
        json_text(out, "type", "direct");
        json_close(out, '}');
        json_text(out, "routing_key", w->queues[i]);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void answer_registered(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)w;
    (void)r;
    body_names(out);
}

static void answer_stats(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    json_open(out, NULL, '{');
    json_int(out, "pid", getpid(), 0);
    json_open(out, "pool", '{');
    json_int(out, "max-concurrency", w->concurrency, 0);
    json_close(out, '}');
    json_int(out, "prefetch_count", w->limit, 0);
    json_close(out, '}');
}

static void answer_revoked(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    struct revoked *at;
    struct revoked *next;

    (void)r;
    json_open(out, NULL, '[');
    HASH_ITER(hh, w->revoked, at, next)
    {
        json_text(out, NULL, at->id);
    }
    json_close(out, ']');
}

static void answer_heartbeat(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    worker_heartbeat(w);
    text_add(out, S("null"));
}

static bool terminate_running(struct demo_worker *w, const char *task_id)
{
    struct task *t;
    for (t = w->tasks; t; t = t->next) {
        if (t->state == TASK_RUNNING && strcmp(t->message.id, task_id) == 0) {
            task_terminate(t);
            return true;
        }
    }
    return false;
}

static void answer_revoke(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    UT_string text;
    bool any = false;

    utstring_init(&text);
    if (utarray_len(&r->task_ids) == 0) {
        text_add(out, S("{\"error\": \"TypeError(\\\"revoke() missing 1 required positional argument: "
                        "'task_id'\\\")\"}"));
        utstring_done(&text);
        return;
    }
    for (unsigned i = 0; i < utarray_len(&r->task_ids); i++) {
        const char *id = *(char *const *)utarray_eltptr(&r->task_ids, i);
        remember(w, id);
        if (!r->terminate || terminate_running(w, id)) {
            utstring_printf(&text, "%s%s", any ? ", " : "", id);
            any = true;
        }
    }
    UT_string whole;
    utstring_init(&whole);
    if (r->terminate) {
        utstring_printf(&whole, "terminate: %s", any ? utstring_body(&text) : "tasks unknown");
    } else {
        utstring_printf(&whole, "tasks %s flagged as revoked", utstring_body(&text));
    }
    text_add(out, S("{\"ok\": "));
    json_quote(text_span(&whole), out);
    text_add(out, S("}"));
    utstring_done(&whole);
    utstring_done(&text);
}

static const struct {
    const char *method;
    void (*answer)(struct demo_worker *w, const struct control_request *r, UT_string *out);
} answers[] = {
    {"active", answer_active},         {"active_queues", answer_active_queues},
    {"heartbeat", answer_heartbeat},   {"ping", answer_ping},
    {"registered", answer_registered}, {"reserved", answer_reserved},
    {"revoke", answer_revoke},         {"revoked", answer_revoked},
    {"scheduled", answer_scheduled},   {"stats", answer_stats},
    {"terminate", answer_revoke},
};

static void answer_to(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (strcmp(answers[i].method, r->method) == 0) {
            answers[i].answer(w, r, out);
            return;
        }
    }
    UT_string text;
    utstring_init(&text);
    utstring_printf(&text, "KeyError('%s')", r->method);
    json_open(out, NULL, '{');
    json_text(out, "error", utstring_body(&text));
    json_close(out, '}');
    utstring_done(&text);
}

/* --- the way back --- */

struct reply_to {
    struct demo_worker *worker;
    char *routing_key;
    UT_string element;
};

static void reply_to_free(struct reply_to *r)
{
    mem_free(r->routing_key);
    utstring_done(&r->element);
    mem_free(r);
}

/* Members of _kombu.binding.<exchange>: to each queue that is bound with the routing key. */
static void on_bindings(void *user, const struct reply *reply)
{
    struct reply_to *r = user;

    for (size_t i = 0; i < reply_count(reply); i++) {
        struct span member = reply_text(reply_at(reply, i));
        struct span rest = span_skip(member, strlen(r->routing_key));
        struct span queue;
        if (span_starts(member, span_of(r->routing_key)) && span_starts(rest, S(KOMBU_SEP)) &&
            binding_queue(member, &queue)) {
            sink_command(&r->worker->sink, S("LPUSH"), queue, text_span(&r->element));
        }
    }
    reply_to_free(r);
}

static void send_reply(struct demo_worker *w, const struct control_request *request, UT_string *answer)
{
    char tag[UUID_TEXT_SIZE];
    struct reply_to *r = mem_zalloc(sizeof(*r));
    UT_string binding;

    uuid_v4(tag);
    r->worker = w;
    r->routing_key = mem_strdup(request->routing_key);
    utstring_init(&r->element);
    control_reply_encode(request, w->node, utstring_body(answer), tag, &r->element);
    if (!request->exchange || !request->exchange[0]) {
        sink_command(&w->sink, S("LPUSH"), span_of(r->routing_key), text_span(&r->element));
        reply_to_free(r);
        return;
    }
    utstring_init(&binding);
    utstring_printf(&binding, "_kombu.binding.%s", request->exchange);
    if (!link_command(w->work, on_bindings, r, S("SMEMBERS"), text_span(&binding))) {
        reply_to_free(r);
    }
    utstring_done(&binding);
}

void mailbox_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct demo_worker *w = user;
    struct control_request r;

    (void)pattern;
    (void)channel;
    if (control_request_decode(&r, payload, w->node) && r.is_for_node && !w->is_stopping) {
        UT_string answer;
        utstring_init(&answer);
        answer_to(w, &r, &answer);
        if (r.routing_key) {
            send_reply(w, &r, &answer);
        }
        utstring_done(&answer);
    }
    control_request_release(&r);
}
