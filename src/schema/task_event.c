#include "redai/schema/task_event.h"

#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/json_time.h"

#include <math.h>

enum { TEXT_MAX_BYTES = 1000, TRACEBACK_MAX_BYTES = 8000, ID_MAX_BYTES = 512, ARGUMENTS_MAX_BYTES = 2000 };

const char *const task_event_name[TASK_EVENT_COUNT] = {
#define TASK_EVENT_NAME(id, name) [TASK_EVENT_##id] = (name),
    TASK_EVENT_LIST(TASK_EVENT_NAME)
#undef TASK_EVENT_NAME
};

static const struct span prefix = SPAN_LITERAL("task-");

static struct span text_of(json_t *event, const char *name, size_t max_bytes)
{
    return json_text_head(envelope_text(event, name), max_bytes);
}

static bool type_find(struct span type, enum task_event_type *ret)
{
    if (!type.data || !span_starts(type, prefix)) {
        return false;
    }
    for (size_t i = 0; i < TASK_EVENT_COUNT; i++) {
        if (span_equal(span_skip(type, prefix.len), span_of(task_event_name[i]))) {
            *ret = (enum task_event_type)i;
            return true;
        }
    }
    return false;
}

/* What stands in front of the "(" of a repr, when it can be a class's name. */
static struct span class_name(struct span repr)
{
    size_t end = 0;
    while (end < repr.len) {
        unsigned char c = (unsigned char)repr.data[end];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                    c == '.' || c >= 0x80;
        if (!word) {
            break;
        }
        end++;
    }
    return end && end < repr.len && repr.data[end] == '(' ? span_head(repr, end) : span_make(NULL, 0);
}

static struct span tail_of(struct span text, size_t max_bytes)
{
    if (text.len > max_bytes) {
        text = span_skip(text, text.len - max_bytes);
        while (text.len && ((unsigned char)text.data[0] & 0xC0) == 0x80) {
            text = span_skip(text, 1);
        }
    }
    return text;
}

static void read_start(struct task_event *e, json_t *event)
{
    e->name = text_of(event, "name", ID_MAX_BYTES);
    e->args = text_of(event, "args", ARGUMENTS_MAX_BYTES);
    e->kwargs = text_of(event, "kwargs", ARGUMENTS_MAX_BYTES);
    e->root_id = text_of(event, "root_id", ID_MAX_BYTES);
    e->parent_id = text_of(event, "parent_id", ID_MAX_BYTES);
    e->retries = json_text_count(json_object_get(event, "retries"), -1);
    e->eta_wall_us = json_time_iso(json_object_get(event, "eta"));
    e->expires_wall_us = json_time_iso(json_object_get(event, "expires"));
    if (e->type == TASK_EVENT_SENT) {
        e->queue = text_of(event, "queue", ID_MAX_BYTES);
    }
}

static void read_end(struct task_event *e, json_t *event)
{
    json_t *runtime = json_object_get(event, "runtime");

    switch (e->type) {
    case TASK_EVENT_SUCCEEDED:
        e->text = text_of(event, "result", TEXT_MAX_BYTES);
        e->runtime_s = json_is_number(runtime) ? json_number_value(runtime) : NAN;
        break;
    case TASK_EVENT_FAILED:
    case TASK_EVENT_RETRIED:
        e->text = text_of(event, "exception", TEXT_MAX_BYTES);
        e->exception = class_name(e->text);
        e->traceback = tail_of(envelope_text(event, "traceback"), TRACEBACK_MAX_BYTES);
        break;
    case TASK_EVENT_REVOKED:
        e->terminated = json_is_true(json_object_get(event, "terminated"));
        e->expired = json_is_true(json_object_get(event, "expired"));
        break;
    case TASK_EVENT_REJECTED:
        e->requeue = json_is_true(json_object_get(event, "requeue"));
        break;
    default:
        break;
    }
}

static bool read_event(struct task_event *e, json_t *event)
{
    *e = (struct task_event){.retries = -1, .eta_wall_us = -1, .expires_wall_us = -1, .runtime_s = NAN};
    e->id = envelope_text(event, "uuid");
    if (e->id.len == 0 || e->id.len > ID_MAX_BYTES || !type_find(envelope_text(event, "type"), &e->type)) {
        return false;
    }
    e->hostname = text_of(event, "hostname", ID_MAX_BYTES);
    e->sent_wall_us = json_time_epoch(json_object_get(event, "timestamp"));
    if (e->type == TASK_EVENT_SENT || e->type == TASK_EVENT_RECEIVED) {
        read_start(e, event);
    } else {
        read_end(e, event);
    }
    return true;
}

int task_events_decode(struct span payload, void (*each)(void *ctx, const struct task_event *e), void *ctx)
{
    struct envelope envelope;
    struct task_event e;
    int told = 0;

    envelope_decode(&envelope, payload);
    if (json_is_object(envelope.body)) {
        told = read_event(&e, envelope.body) ? 1 : -1;
        if (told == 1) {
            each(ctx, &e);
        }
    } else if (json_is_array(envelope.body)) {
        for (size_t i = 0; i < json_array_size(envelope.body); i++) {
            if (read_event(&e, json_array_get(envelope.body, i))) {
                each(ctx, &e);
                told++;
            }
        }
    } else {
        told = -1;
    }
    envelope_release(&envelope);
    return told;
}

static void add_member(UT_string *out, const char *name, struct span text)
{
    utstring_printf(out, ", \"%s\": ", name);
    if (text.len) {
        json_text_quote(text, JSON_TEXT_ASCII, out);
    } else {
        text_add(out, S("null"));
    }
}

static void add_when(UT_string *out, const char *name, int64_t wall_us)
{
    char text[ISOTIME_SIZE];
    isotime_format_celery(wall_us, text, sizeof(text));
    add_member(out, name, wall_us >= 0 ? span_of(text) : span_make(NULL, 0));
}

static void add_flag(UT_string *out, const char *name, bool value)
{
    utstring_printf(out, ", \"%s\": %s", name, value ? "true" : "false");
}

static void add_start(UT_string *out, const struct task_event *e)
{
    add_member(out, "name", e->name);
    add_member(out, "args", e->args);
    add_member(out, "kwargs", e->kwargs);
    add_member(out, "root_id", e->root_id);
    add_member(out, "parent_id", e->parent_id);
    utstring_printf(out, ", \"retries\": %lld", (long long)(e->retries >= 0 ? e->retries : 0));
    add_when(out, "eta", e->eta_wall_us);
    add_when(out, "expires", e->expires_wall_us);
    if (e->type == TASK_EVENT_SENT) {
        add_member(out, "queue", e->queue);
        text_add(out, S(", \"exchange\": \"\""));
        add_member(out, "routing_key", e->queue);
    }
}

static void add_end(UT_string *out, const struct task_event *e)
{
    switch (e->type) {
    case TASK_EVENT_SUCCEEDED:
        add_member(out, "result", e->text);
        text_add(out, S(", \"runtime\": "));
        json_text_real(isfinite(e->runtime_s) ? e->runtime_s : 0, out);
        break;
    case TASK_EVENT_FAILED:
    case TASK_EVENT_RETRIED:
        add_member(out, "exception", e->text);
        add_member(out, "traceback", e->traceback);
        break;
    case TASK_EVENT_REVOKED:
        add_flag(out, "terminated", e->terminated);
        text_add(out, e->terminated ? S(", \"signum\": 15") : S(", \"signum\": null"));
        add_flag(out, "expired", e->expired);
        break;
    case TASK_EVENT_REJECTED:
        add_flag(out, "requeue", e->requeue);
        break;
    default:
        break;
    }
}

void task_event_encode(const struct task_event *e, int64_t pid, int64_t clock, UT_string *out)
{
    UT_string body, headers, tag;

    utstring_init(&body);
    utstring_init(&headers);
    utstring_init(&tag);
    text_add(&headers, S("{\"hostname\": "));
    json_text_quote(e->hostname, JSON_TEXT_ASCII, &headers);
    text_add(&body, S("["));
    text_add(&body, text_span(&headers));
    text_add(&headers, S("}"));
    utstring_printf(&body, ", \"utcoffset\": 0, \"pid\": %lld, \"clock\": %lld", (long long)pid,
                    (long long)clock);
    add_member(&body, "uuid", e->id);
    if (e->type == TASK_EVENT_SENT || e->type == TASK_EVENT_RECEIVED) {
        add_start(&body, e);
    } else {
        add_end(&body, e);
    }
    text_add(&body, S(", \"timestamp\": "));
    json_text_real(e->sent_wall_us >= 0 ? (double)e->sent_wall_us / 1e6 : 0, &body);
    utstring_printf(&body, ", \"type\": \"task-%s\"}]", task_event_name[e->type]);

    /* A fanout is never acknowledged: the tag need only be a name. */
    text_add(&tag, e->id);
    utstring_printf(&tag, ".%lld", (long long)clock);
    struct envelope_frame frame = {.headers = headers.d,
                                   .properties = "",
                                   .delivery_mode = 1,
                                   .exchange = "celeryev",
                                   .routing_key = "task.multi",
                                   .priority = 0,
                                   .delivery_tag = tag.d};
    envelope_encode(&frame, text_span(&body), out);
    utstring_done(&body);
    utstring_done(&headers);
    utstring_done(&tag);
}
