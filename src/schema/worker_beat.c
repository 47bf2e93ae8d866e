/* worker_beat: the second half of control.h: what workers say of themselves. */
#include "schema/envelope.h"
#include "schema/json_text.h"

#include <math.h>

#include "redai/base/mem.h"

#include "redai/schema/control.h"

enum { NODE_MAX_BYTES = 256 };

static const struct {
    struct span type;
    const char *routing_key;
} events[] = {
    [WORKER_ONLINE] = {SPAN_LITERAL("worker-online"), "worker.online"},
    [WORKER_HEARTBEAT] = {SPAN_LITERAL("worker-heartbeat"), "worker.heartbeat"},
    [WORKER_OFFLINE] = {SPAN_LITERAL("worker-offline"), "worker.offline"},
};

static bool event_find(struct span type, enum worker_event *ret_event)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (type.data && span_equal(type, events[i].type)) {
            *ret_event = (enum worker_event)i;
            return true;
        }
    }
    return false;
}

static double number_of(json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void beat_clear(struct worker_beat *b)
{
    *b = (struct worker_beat){.event = WORKER_HEARTBEAT,
                              .active = -1,
                              .processed = -1,
                              .pid = -1,
                              .freq = NAN,
                              .timestamp = NAN,
                              .load = {NAN, NAN, NAN}};
}

/* sw_ident sw_ver sw_sys, as far as they are there. */
static char *software_dup(json_t *body)
{
    static const char *const names[] = {"sw_ident", "sw_ver", "sw_sys"};
    UT_string text;

    utstring_init(&text);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *part = json_text_dup(json_object_get(body, names[i]), NODE_MAX_BYTES);
        if (part && part[0]) {
            text_add(&text, utstring_len(&text) ? S(" ") : S(""));
            text_add(&text, span_of(part));
        }
        mem_free(part);
    }
    json_text_limit(&text, NODE_MAX_BYTES);
    char *copy = utstring_len(&text) ? span_dup(text_span(&text)) : NULL;
    utstring_done(&text);
    return copy;
}

bool worker_beat_decode(struct worker_beat *b, struct span payload)
{
    struct envelope e;

    beat_clear(b);
    envelope_decode(&e, payload);
    struct span hostname = envelope_text(e.body, "hostname");
    bool good = hostname.len > 0 && event_find(envelope_text(e.body, "type"), &b->event);
    if (good) {
        b->hostname = json_text_dup(json_object_get(e.body, "hostname"), NODE_MAX_BYTES);
        b->active = json_text_count(json_object_get(e.body, "active"), -1);
        b->processed = json_text_count(json_object_get(e.body, "processed"), -1);
        b->freq = number_of(json_object_get(e.body, "freq"));
        b->timestamp = number_of(json_object_get(e.body, "timestamp"));
        b->pid = json_text_count(json_object_get(e.body, "pid"), -1);
        for (size_t i = 0; i < 3; i++) {
            b->load[i] = number_of(json_array_get(json_object_get(e.body, "loadavg"), i));
        }
        b->software = software_dup(e.body);
    }
    envelope_release(&e);
    return good;
}

void worker_beat_release(struct worker_beat *b)
{
    mem_free(b->hostname);
    mem_free(b->software);
    beat_clear(b);
}

static void add_load(const struct worker_beat *b, UT_string *body)
{
    if (!isfinite(b->load[0]) || !isfinite(b->load[1]) || !isfinite(b->load[2])) {
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        text_add(body, i ? S(", ") : S(", \"loadavg\": ["));
        json_text_real(b->load[i], body);
    }
    text_add(body, S("]"));
}

/* The first two words, and the rest. */
static void add_software(const struct worker_beat *b, UT_string *body)
{
    struct span rest = span_of(b->software ? b->software : "redai-demo " REDAI_VERSION " Linux");
    static const char *const names[] = {"sw_ident", "sw_ver", "sw_sys"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct span word = i < 2 ? span_head(rest, span_find(rest, ' ')) : rest;
        utstring_printf(body, ", \"%s\": ", names[i]);
        json_text_quote(word, JSON_TEXT_ASCII, body);
        rest = span_skip(rest, word.len + 1);
    }
}

void worker_beat_encode(const struct worker_beat *b, UT_string *out)
{
    UT_string body, headers, tag;
    double timestamp = isfinite(b->timestamp) ? b->timestamp : 0;

    utstring_init(&body);
    utstring_init(&headers);
    utstring_init(&tag);
    text_add(&headers, S("{\"hostname\": "));
    json_text_quote(span_of(b->hostname), JSON_TEXT_ASCII, &headers);
    text_add(&headers, S("}"));

    text_add(&body, span_head(text_span(&headers), utstring_len(&headers) - 1));
    utstring_printf(&body, ", \"utcoffset\": 0, \"pid\": %lld, \"clock\": 0, \"freq\": ",
                    (long long)(b->pid >= 0 ? b->pid : 0));
    json_text_real(isfinite(b->freq) ? b->freq : 2.0, &body);
    if (b->active >= 0) {
        utstring_printf(&body, ", \"active\": %lld", (long long)b->active);
    }
    if (b->processed >= 0) {
        utstring_printf(&body, ", \"processed\": %lld", (long long)b->processed);
    }
    add_load(b, &body);
    add_software(b, &body);
    text_add(&body, S(", \"timestamp\": "));
    json_text_real(timestamp, &body);
    utstring_printf(&body, ", \"type\": \"%s\"}", events[b->event].type.data);

    /* A fanout is never acknowledged, so any name will do as its tag. */
    utstring_printf(&tag, "%s.", b->hostname ? b->hostname : "");
    json_text_real(timestamp, &tag);
    struct envelope_frame frame = {.headers = headers.d,
                                   .properties = "",
                                   .delivery_mode = 1,
                                   .exchange = "celeryev",
                                   .routing_key = events[b->event].routing_key,
                                   .priority = 0,
                                   .delivery_tag = tag.d};
    envelope_encode(&frame, text_span(&body), out);
    utstring_done(&body);
    utstring_done(&headers);
    utstring_done(&tag);
}
