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
    *b = (struct worker_beat){
        .event = WORKER_HEARTBEAT, .active = -1, .processed = -1, .freq = NAN, .timestamp = NAN};
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
    }
    envelope_release(&e);
    return good;
}

void worker_beat_release(struct worker_beat *b)
{
    mem_free(b->hostname);
    beat_clear(b);
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
    text_add(&body, S(", \"utcoffset\": 0, \"pid\": 0, \"clock\": 0, \"freq\": "));
    json_text_real(isfinite(b->freq) ? b->freq : 2.0, &body);
    if (b->active >= 0) {
        utstring_printf(&body, ", \"active\": %lld", (long long)b->active);
    }
    if (b->processed >= 0) {
        utstring_printf(&body, ", \"processed\": %lld", (long long)b->processed);
    }
    text_add(&body, S(", \"sw_ident\": \"redai-demo\", \"sw_ver\": \"" REDAI_VERSION
                      "\", \"sw_sys\": \"Linux\", \"timestamp\": "));
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
