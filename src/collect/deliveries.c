/* deliveries: what workers have taken and not acknowledged: the hash `unacked` and the times of delivery in
 * `unacked_index` (facts, section 3). One reader for all who want to know: how many each queue has, how old
 * the oldest is, and each task. A large hash is read less often, a huge one not at all: then only its oldest
 * entry and its size are known, and that is said. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/num.h"

#include "redai/schema/unacked.h"

enum { READ_BYTES_MAX = 8 * 1024 * 1024, PAGE_BYTES = 128 * 1024, PAGE_MAX = 500, INDEX_MAX = 10000 };
#define BYTES_PER_S INT64_C(262144)
#define LIVELY_US   (1 * US_PER_S)
#define CALM_US     (2 * US_PER_S)
#define PAUSE_MAX   (30 * US_PER_S)

bool deliveries_score(struct span text, int64_t *ret_wall_us)
{
    double seconds;
    if (!num_f64(text, &seconds) || seconds < 0. || seconds > 1e11) {
        return false;
    }
    *ret_wall_us = (int64_t)(seconds * 1e6);
    return true;
}

void deliveries_clear(struct collect *c)
{
    struct delivery *d, *next;
    hash_each (c->deliveries.index, d, next) {
        HASH_DEL(c->deliveries.index, d);
        mem_free(d);
    }
}

static struct delivery *index_add(struct collect *c, struct span tag, int64_t wall_us)
{
    struct delivery *d;
    HASH_FIND(hh, c->deliveries.index, tag.data, tag.len, d);
    if (!d) {
        d = mem_zalloc(sizeof *d + tag.len + 1);
        d->len = tag.len;
        d->wall_us = wall_us;
        memcpy(d->tag, tag.data, tag.len);
        HASH_ADD(hh, c->deliveries.index, tag, d->len, d);
    }
    return d;
}

static void tell_total(struct collect *c)
{
    struct fact f = {.kind = FACT_UNACKED, .unacked = {c->queues.unacked, c->deliveries.oldest_wall_us}};
    collect_emit(c, &f);
}

static void tell_sweep(struct collect *c, int64_t begun_us, int64_t seen)
{
    struct fact f = {.kind = FACT_TASK_SWEEP,
                     .task_sweep = {.scope = SWEEP_UNACKED, .begun_us = begun_us, .seen = seen}};
    collect_emit(c, &f);
}

static void give_up(struct collect *c)
{
    deliveries_clear(c);
    c->deliveries.reading = false;
    c->deliveries.next_us = clock_mono_us() + CALM_US;
}

/* whole: every entry was met. Otherwise how much of the total is each queue's is not known. */
static void finish(struct collect *c, bool whole)
{
    struct qlist *q, *next;
    hash_each (c->queues.list, q, next) {
        q->unacked = whole ? q->taken : -1;
    }
    tell_total(c);
    tell_sweep(c, c->deliveries.begun_us, whole ? -1 : 0);
    deliveries_clear(c);
    int64_t pause = queues_are_lively(c) ? LIVELY_US : CALM_US;
    /* In kB: the largest size of a reply in microseconds would not fit. */
    pause += whole ? c->deliveries.bytes / 1024 * US_PER_S / (BYTES_PER_S / 1024) : 0;
    c->deliveries.reading = false;
    c->deliveries.next_us = c->deliveries.begun_us + (pause < PAUSE_MAX ? pause : PAUSE_MAX);
}

static void on_entry(struct collect *c, struct span tag, struct span value, UT_string *queue,
                     UT_string *element)
{
    struct delivery *d = index_add(c, tag, -1);
    utstring_clear(queue);
    utstring_clear(element);
    if (d->told || !unacked_decode(value, queue, element)) {
        return;
    }
    d->told = true; /* HSCAN may give an entry twice */
    queues_found(c, text_span(queue), QUEUE_INFLIGHT);
    struct qlist *q;
    HASH_FIND(hh, c->queues.list, utstring_body(queue), utstring_len(queue), q);
    if (q) {
        q->taken++;
    }
    struct sight s = {.place = TASK_PLACE_UNACKED,
                      .queue = text_span(queue),
                      .tag = tag,
                      .step = -1,
                      .position = -1,
                      .delivered_wall_us = d->wall_us};
    sight_tell(c, &s, text_span(element));
}

static void ask_page(struct collect *c);

static void on_page(void *user, const struct reply *r)
{
    struct collect *c = user;
    struct span cursor = reply_text(reply_at(r, 0));
    if (reply_count(r) != 2 || !cursor.len || cursor.len >= sizeof c->deliveries.cursor) {
        if (r) {
            collect_deny(c->denied.in_flight, collect_error(r));
        }
        give_up(c);
        return;
    }
    c->denied.in_flight[0] = '\0';
    const struct reply *pairs = reply_at(r, 1);
    collect_tally_site(c, SITE_BROKER, reply_count(pairs) > 0);
    UT_string queue, element;
    utstring_init(&queue);
    utstring_init(&element);
    for (size_t i = 1; i < reply_count(pairs); i += 2) {
        on_entry(c, reply_text(reply_at(pairs, i - 1)), reply_text(reply_at(pairs, i)), &queue, &element);
    }
    utstring_done(&element);
    utstring_done(&queue);
    snprintf(c->deliveries.cursor, sizeof c->deliveries.cursor, "%.*s", (int)cursor.len, cursor.data);
    if (span_equal(cursor, S("0"))) {
        finish(c, true);
    } else {
        ask_page(c);
    }
}

static void ask_page(struct collect *c)
{
    int64_t average = c->queues.unacked > 0 ? c->deliveries.bytes / c->queues.unacked : 1024;
    int64_t count = PAGE_BYTES / (average > 0 ? average : 1);
    char text[24];
    snprintf(text, sizeof text, "%d", (int)(count < 1 ? 1 : count > PAGE_MAX ? PAGE_MAX : count));
    if (!link_command(c->broker, on_page, c, S("HSCAN"), S("unacked"), span_of(c->deliveries.cursor),
                      S("COUNT"), span_of(text))) {
        give_up(c);
    }
}

static void on_index(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (!r) {
        give_up(c);
        return;
    }
    if (reply_is_error(r)) {
        collect_deny(c->denied.dates, reply_error(r)); /* what is there can be told without since when */
    } else {
        c->denied.dates[0] = '\0';
        collect_tally_site(c, SITE_BROKER, reply_count(r) > 0);
    }
    c->deliveries.oldest_wall_us = -1;
    for (size_t i = 1; i < reply_count(r); i += 2) {
        int64_t wall_us;
        if (deliveries_score(reply_text(reply_at(r, i)), &wall_us)) {
            index_add(c, reply_text(reply_at(r, i - 1)), wall_us);
            c->deliveries.oldest_wall_us = i == 1 ? wall_us : c->deliveries.oldest_wall_us;
        }
    }
    if (c->deliveries.whole) {
        snprintf(c->deliveries.cursor, sizeof c->deliveries.cursor, "0");
        struct qlist *q, *next;
        hash_each (c->queues.list, q, next) {
            q->taken = 0;
        }
        ask_page(c);
    } else {
        finish(c, false);
    }
}

static void ask_index(struct collect *c)
{
    char last[24];
    snprintf(last, sizeof last, "%d", c->deliveries.whole ? INDEX_MAX - 1 : 0);
    if (!link_command(c->broker, on_index, c, S("ZRANGE"), S("unacked_index"), S("0"), span_of(last),
                      S("WITHSCORES"))) {
        give_up(c);
    }
}

/* MEMORY USAGE first: what is too large to read is not read. */
static void on_size(void *user, const struct reply *r)
{
    struct collect *c = user;
    int64_t bytes = 0;
    if (!r) {
        give_up(c);
        return;
    }
    reply_int(r, &bytes);
    c->deliveries.bytes = bytes > 0 ? bytes : 0;
    c->deliveries.whole = !reply_is_error(r) && bytes <= READ_BYTES_MAX;
    ask_index(c);
}

static void begin(struct collect *c, int64_t now_us)
{
    c->deliveries.reading = true;
    c->deliveries.begun_us = now_us;
    c->deliveries.whole = false;
    if (c->queues.memory_denied) {
        ask_index(c);
    } else if (!link_command(c->broker, on_size, c, S("MEMORY"), S("USAGE"), S("unacked"), S("SAMPLES"),
                             S("5"))) {
        give_up(c);
    }
}

static void tell_empty(struct collect *c)
{
    struct qlist *q, *next;
    hash_each (c->queues.list, q, next) {
        q->unacked = 0;
    }
    c->deliveries.oldest_wall_us = -1;
    tell_total(c);
    if (c->deliveries.swept_us != c->queues.unacked_asked_us) {
        c->deliveries.swept_us = c->queues.unacked_asked_us;
        tell_sweep(c, c->queues.unacked_asked_us, -1);
    }
}

void deliveries_step(struct collect *c)
{
    int64_t now = clock_mono_us();
    if (c->deliveries.reading) {
        return;
    }
    if (c->queues.unacked == 0) {
        tell_empty(c);
    } else if (c->queues.unacked > 0 && now >= c->deliveries.next_us) {
        begin(c, now);
    }
}
