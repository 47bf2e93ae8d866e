/* The head of a queue's page: how it stands, above the messages that were read. */
#include "page.h"
#include "task_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct queue *find(const struct look *look, struct span name)
{
    for (size_t i = 0; i < model_queue_count(look->m); i++) {
        const struct queue *q = model_queue_at(look->m, i);
        if (span_equal(span_make(q->name, q->name_len), name)) {
            return q;
        }
    }
    return NULL;
}

static void add_depth(struct document *d, const struct look *look, const struct queue *q)
{
    char text[5][TEXT_SMALL];
    document_ownf(d, "now", q->depth < 0 ? ROLE_UNKNOWN : ROLE_VALUE,
                  "%s waiting: priority 0 %s, 3 %s, 6 %s, 9 %s", human_count(q->depth, text[4], TEXT_SMALL),
                  human_count(q->by_priority[0], text[0], TEXT_SMALL),
                  human_count(q->by_priority[1], text[1], TEXT_SMALL),
                  human_count(q->by_priority[2], text[2], TEXT_SMALL),
                  human_count(q->by_priority[3], text[3], TEXT_SMALL));
    document_ownf(
        d, "in flight", ROLE_VALUE, "%s%s%s", human_count(q->unacked, text[0], TEXT_SMALL),
        q->oldest_delivery_us >= 0 ? ", the oldest since " : "",
        q->oldest_delivery_us >= 0
            ? text_age(look->wall_us > q->oldest_delivery_us ? look->wall_us - q->oldest_delivery_us : 0,
                       text[1], TEXT_SMALL)
            : "");
    if (q->scheduled > 0) {
        document_ownf(d, "held", ROLE_VALUE, "%s by workers until their eta",
                      human_count(q->scheduled, text[0], TEXT_SMALL));
    }
    if (q->poison > 0) {
        document_ownf(d, "poison", ROLE_CRITICAL, "! %s: a worker that takes one exits, and so does the next",
                      text_plural(q->poison, "message", "messages", text[0], TEXT_SMALL));
    }
}

static void add_flow(struct document *d, const struct queue *q)
{
    char text[3][TEXT_SMALL];
    char drain[TEXT_SMALL * 2] = "";
    if (q->depth > 0 && (isinf(q->drain_s) || q->drain_s > 1e9)) {
        snprintf(drain, sizeof drain, "%s",
                 q->out_per_s > 0 ? ", it does not get shorter" : ", nobody takes from it");
    } else if (q->depth > 0 && !isnan(q->drain_s)) {
        snprintf(drain, sizeof drain, ", empty in %s",
                 human_duration((int64_t)q->drain_s * US_PER_S, text[2], TEXT_SMALL));
    }
    document_ownf(d, "flow", ROLE_VALUE, "in %s/s, out %s/s%s", human_rate(q->in_per_s, text[0], TEXT_SMALL),
                  human_rate(q->out_per_s, text[1], TEXT_SMALL), drain);
}

/* Each of the names for itself: a node has the same pseudonym wherever it stands. */
static void add_names(struct document *d, const struct look *look, const char *names)
{
    UT_string all;
    utstring_init(&all);
    for (struct span rest = span_of(names); rest.len;) {
        char shown[VEIL_MAX];
        struct span one = span_head(rest, span_search(rest, S(", ")));
        char *name = span_dup(one);
        text_add(&all, utstring_len(&all) ? S(", ") : S(""));
        text_add(&all, span_of(look_text(look, VEIL_NODE, name, shown)));
        mem_free(name);
        rest = span_skip(rest, one.len + 2);
    }
    document_own(d, "consumers", ROLE_VALUE, utstring_body(&all));
    utstring_done(&all);
}

static void add_consumers(struct document *d, const struct look *look, const struct queue *q)
{
    if (q->consumers > 0) {
        add_names(d, look, q->consumer_names);
    } else if (q->consumers == 0 && model_consumers_known(look->m)) {
        document_own(d, "consumers", q->depth > 0 ? ROLE_WARNING : ROLE_VALUE,
                     q->depth > 0 ? "! none: what waits here waits until a worker consumes it" : "none");
    } else {
        document_own(d, "consumers", ROLE_UNKNOWN, "? (not every worker has told its queues)");
    }
}

void page_head_queue(struct document *d, const struct look *look, const struct target *subject)
{
    const struct queue *q = find(look, target_id(subject));
    char text[TEXT_SMALL];
    if (!q) {
        return;
    }
    add_depth(d, look, q);
    add_flow(d, q);
    add_consumers(d, look, q);
    if (q->depth > 0 && q->next.kind != TARGET_NONE) {
        struct document_line *line = document_ownf(
            d, "next", ROLE_VALUE, "%.36s %.60s%s%s", q->next_id, task_short_name(q->next_name),
            q->next_since_us >= 0 ? ", in front for " : "",
            q->next_since_us >= 0 ? text_age(look->now_us - q->next_since_us, text, sizeof text) : "");
        target_set(&line->link, q->next.kind, target_id(&q->next));
    }
}
