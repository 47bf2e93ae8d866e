#include "redai/schema/message.h"

#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/json_time.h"
#include "schema/message_fate.h"
#include "schema/python.h"

#include "redai/base/mem.h"

enum { NAME_MAX_BYTES = 512, ARGUMENTS_MAX_BYTES = 1000 };

const int message_priority_step[MESSAGE_PRIORITY_STEPS] = {0, 3, 6, 9};

static char *text_of(json_t *object, const char *name)
{
    return json_text_dup(json_object_get(object, name), NAME_MAX_BYTES);
}

static bool is_true(json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

/* Compact JSON without a mark at its end: args_cut tells. */
static char *arguments_dump(json_t *value, bool *cut)
{
    UT_string text;
    utstring_init(&text);
    if (!json_text_dump(value, JSON_TEXT_COMPACT, ARGUMENTS_MAX_BYTES, &text)) {
        *cut = true;
    }
    char *copy = span_dup(text_span(&text));
    utstring_done(&text);
    return copy;
}

static char *arguments_repr(json_t *repr, bool *cut)
{
    if (!json_is_string(repr) || json_string_length(repr) == 0) {
        return NULL;
    }
    *cut = *cut || json_string_length(repr) > ARGUMENTS_MAX_BYTES;
    return json_text_dup(repr, ARGUMENTS_MAX_BYTES);
}

static void arguments_read(struct message *m, const struct message_parts *p)
{
    if (p->args || p->kwargs) {
        m->args = p->args ? arguments_dump(p->args, &m->args_cut) : NULL;
        m->kwargs = p->kwargs ? arguments_dump(p->kwargs, &m->args_cut) : NULL;
        return;
    }
    m->args = arguments_repr(json_object_get(p->headers, "argsrepr"), &m->args_cut);
    m->kwargs = arguments_repr(json_object_get(p->headers, "kwargsrepr"), &m->args_cut);
    m->args_are_repr = m->args || m->kwargs;
}

/* Seconds, a part of one counts as a whole; -1 none. */
static int64_t limit_of(json_t *seconds)
{
    const double beyond_s = 1e15;
    double value = json_is_number(seconds) ? json_number_value(seconds) : -1;

    if (!(value > 0 && value < beyond_s)) {
        return -1;
    }
    return (int64_t)value + (value - (double)(int64_t)value > 0);
}

/* [hard, soft] in the headers; what follows the task in the third part of the body (or, protocol 1, in the
 * body itself). */
static void course_read(struct message *m, const struct message_parts *p)
{
    json_t *limits = json_object_get(p->meta, "timelimit");
    json_t *embed = json_is_array(p->payload) ? json_array_get(p->payload, 2) : p->payload;

    m->protocol = p->payload && p->meta == p->payload ? 1 : 2;
    m->eta_wall_us = json_time_iso(json_object_get(p->meta, "eta"));
    m->expires_wall_us = json_time_iso(json_object_get(p->meta, "expires"));
    m->timelimit_s = limit_of(json_array_get(limits, 0));
    m->soft_timelimit_s = limit_of(json_array_get(limits, 1));
    m->chain_rest = (int64_t)json_array_size(json_object_get(embed, "chain"));
    m->has_chord = python_truth(json_object_get(embed, "chord"));
    m->has_callbacks = python_truth(json_object_get(embed, "callbacks"));
    m->has_errbacks = python_truth(json_object_get(embed, "errbacks"));
}

void message_decode(struct message *m, struct span element)
{
    struct message_parts p;

    message_parts_open(&p, element);
    json_t *info = json_object_get(p.properties, "delivery_info");
    *m = (struct message){.fate = p.fate, .bytes = element.len};
    m->reason = mem_strdup(p.reason);
    m->task = text_of(p.meta, "task");
    m->id = text_of(p.meta, "id");
    m->eta = text_of(p.meta, "eta");
    m->expires = text_of(p.meta, "expires");
    m->root_id = text_of(p.meta, "root_id");
    m->parent_id = text_of(p.meta, "parent_id");
    m->group = text_of(p.meta, "group");
    m->origin = text_of(p.headers, "origin");
    m->compression = text_of(p.headers, "compression");
    m->content_type = text_of(p.root, "content-type");
    m->queue = text_of(info, "routing_key");
    m->delivery_tag = text_of(p.properties, "delivery_tag");
    m->retries = json_text_count(json_object_get(p.meta, "retries"), -1);
    m->priority = json_text_count(json_object_get(p.properties, "priority"), -1);
    m->redelivered = is_true(p.headers, "redelivered") || is_true(info, "redelivered");
    arguments_read(m, &p);
    course_read(m, &p);
    message_parts_close(&p);
}

void message_release(struct message *m)
{
    char *texts[] = {m->reason,  m->task,         m->id,     m->args,        m->kwargs,
                     m->queue,   m->content_type, m->origin, m->compression, m->eta,
                     m->expires, m->root_id,      m->group,  m->parent_id,   m->delivery_tag};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        mem_free(texts[i]);
    }
    *m = (struct message){.retries = -1,
                          .priority = -1,
                          .eta_wall_us = -1,
                          .expires_wall_us = -1,
                          .timelimit_s = -1,
                          .soft_timelimit_s = -1};
}

void message_list_key(struct span queue, int priority, UT_string *out)
{
    int step = 0;
    for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        step = priority >= message_priority_step[i] ? message_priority_step[i] : step;
    }
    text_add(out, queue);
    if (step) {
        utstring_printf(out, "\x06\x16%d", step);
    }
}
