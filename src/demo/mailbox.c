/* mailbox: remote control: PUBLISH /0.celery.pidbox in, an element pushed on the asker's list out. What is
 * asked is in mailbox_about.c, _inspect.c, _manage.c and _tasks.c; anything else is answered as Celery
 * answers an unknown method. Source: facts, section 6. */
#include "demo/worker_priv.h"

#include <stdarg.h>

#include "redai/base/json_out.h"
#include "redai/base/uuid.h"

#include "redai/schema/binding.h"

void mailbox_say(UT_string *out, const char *member, const char *format, ...)
{
    va_list args;
    UT_string text;

    utstring_init(&text);
    va_start(args, format);
    utstring_printf_va(&text, format, args);
    va_end(args);
    json_open(out, NULL, '{');
    json_text(out, member, utstring_body(&text));
    json_close(out, '}');
    utstring_done(&text);
}

void mailbox_say_missing(UT_string *out, const char *method, const char *argument)
{
    mailbox_say(out, "error", "TypeError(\"%s() missing 1 required positional argument: '%s'\")", method,
                argument);
}

answer_fn mailbox_find(const struct answer *answers, size_t count, const char *method)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(answers[i].method, method) == 0) {
            return answers[i].answer;
        }
    }
    return NULL;
}

static void answer_to(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    static answer_fn (*const finders[])(const char *method) = {mailbox_about_find, mailbox_inspect_find,
                                                               mailbox_manage_find, mailbox_tasks_find};
    for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++) {
        answer_fn answer = finders[i](r->method);
        if (answer) {
            answer(w, r, out);
            return;
        }
    }
    mailbox_say(out, "error", "KeyError('%s')", r->method);
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

static void send_reply(struct demo_worker *w, struct control_request *request, UT_string *answer)
{
    char tag[UUID_TEXT_SIZE];
    struct reply_to *r = mem_zalloc(sizeof(*r));
    UT_string binding;

    uuid_v4(tag);
    r->worker = w;
    r->routing_key = mem_strdup(request->routing_key);
    utstring_init(&r->element);
    request->clock = ++w->clock;
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

    /* A clock beyond this was never counted up to. */
    static const int64_t clock_max = INT64_C(1) << 53;
    (void)pattern;
    (void)channel;
    if (control_request_decode(&r, payload, w->node) && r.is_for_node && !w->is_stopping) {
        UT_string answer;
        utstring_init(&answer);
        w->clock = (r.clock > w->clock && r.clock < clock_max ? r.clock : w->clock) + 1;
        answer_to(w, &r, &answer);
        if (r.routing_key && utstring_len(&answer) > 0) {
            send_reply(w, &r, &answer);
        }
        utstring_done(&answer);
    }
    control_request_release(&r);
}
