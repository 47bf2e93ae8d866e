/* slow_list: the server's slow log. Its newest entry tells whether there is anything new; only then, or while
 * somebody looks, the entries are read. The server itself bounds them: 32 arguments of 128 bytes. */
#include "collect_priv.h"

#include "redai/schema/command_shape.h"

#define LOOKED_US    (INT64_C(5) * US_PER_S)
#define ASIDE_US     (INT64_C(15) * US_PER_S)
#define THRESHOLD_US (INT64_C(300) * US_PER_S)
enum { WORDS_MOST = 64 };

struct slow_reply {
    int64_t id, at_s, duration_us;
    size_t count;
    struct span argv[WORDS_MOST];
};

static bool entry_read(const struct reply *r, struct slow_reply *ret)
{
    const struct reply *argv = reply_at(r, 3);
    if (reply_count(r) < 4 || reply_type(argv) != REPLY_ARRAY || !reply_int(reply_at(r, 0), &ret->id) ||
        !reply_int(reply_at(r, 1), &ret->at_s) || !reply_int(reply_at(r, 2), &ret->duration_us) ||
        ret->id < 0 || ret->at_s < 0 || ret->at_s > INT64_MAX / US_PER_S) {
        return false;
    }
    ret->count = 0;
    for (size_t i = 0; i < reply_count(argv) && ret->count < WORDS_MOST; i++) {
        if (!reply_string(reply_at(argv, i), &ret->argv[ret->count])) {
            return false;
        }
        ret->count++;
    }
    return true;
}

static void tell_entry(struct collect *c, const struct reply *r)
{
    struct slow_reply e;
    if (!entry_read(r, &e)) {
        return;
    }
    UT_string shape, text;
    utstring_init(&shape);
    utstring_init(&text);
    command_shape(e.count, e.argv, c->options.families, &shape);
    command_text(e.count, e.argv, &text);
    struct fact f = {.kind = FACT_SLOW,
                     .slow = {.phase = LIST_ROW,
                              .id = e.id,
                              .wall_us = e.at_s * US_PER_S,
                              .duration_us = e.duration_us,
                              .shape = text_span(&shape),
                              .text = text_span(&text),
                              .client = reply_text(reply_at(r, 4)), /* since 4.0 */
                              .name = reply_text(reply_at(r, 5)),
                              .argc = command_argc(e.count, e.argv),
                              .total = -1,
                              .threshold_us = -1}};
    collect_emit(c, &f);
    utstring_done(&text);
    utstring_done(&shape);
}

static void tell_end(struct collect *c)
{
    struct fact end = {.kind = FACT_SLOW,
                       .slow = {.phase = LIST_END,
                                .id = -1,
                                .wall_us = -1,
                                .duration_us = -1,
                                .argc = -1,
                                .total = c->lists.slowlog.total,
                                .threshold_us = c->lists.slowlog.threshold_us}};
    collect_emit(c, &end);
}

static bool answered(struct collect *c, const struct reply *r, enum reply_type wanted)
{
    return server_list_answered(c, &c->lists.slow, TOPIC_SLOWLOG, r, wanted);
}

static int64_t newest_id(const struct reply *r)
{
    struct slow_reply e;
    return entry_read(reply_at(r, 0), &e) ? e.id : -1;
}

/* The server tells the newest first. */
static void on_entries(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (!answered(c, r, REPLY_ARRAY)) {
        return;
    }
    for (size_t i = reply_count(r); i > 0; i--) {
        tell_entry(c, reply_at(r, i - 1));
    }
    c->lists.slowlog.newest = newest_id(r);
    tell_end(c);
}

static void ask_entries(struct collect *c)
{
    c->lists.slow.pending = link_command(c->poll, on_entries, c, S("SLOWLOG"), S("GET"), S("128"));
}

static void on_newest(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (!answered(c, r, REPLY_ARRAY)) {
        return;
    }
    if (newest_id(r) != c->lists.slowlog.newest) {
        ask_entries(c);
    } else {
        tell_end(c);
    }
}

/* Its refusal alone is no reason not to show what there is: the entries tell by themselves. */
static void on_length(void *user, const struct reply *r)
{
    struct collect *c = user;
    int64_t total;
    c->lists.slowlog.total =
        reply_type(r) == REPLY_INTEGER && reply_int(r, &total) && total >= 0 ? total : -1;
}

static void on_threshold(void *user, const struct reply *r)
{
    struct collect *c = user;
    int64_t us;
    bool told = reply_count(r) == 2 && reply_int(reply_at(r, 1), &us) && us >= 0;
    c->lists.slowlog.threshold_us = told ? us : -1;
}

void slow_list_step(struct collect *c, int64_t now_us)
{
    struct server_lists *s = &c->lists;
    if (!server_list_due(&s->slow, now_us)) {
        return;
    }
    if (!s->slowlog.threshold_asked_us || now_us - s->slowlog.threshold_asked_us > THRESHOLD_US) {
        s->slowlog.threshold_asked_us = now_us;
        link_command(c->poll, on_threshold, c, S("CONFIG"), S("GET"), S("slowlog-log-slower-than"));
    }
    bool looked = server_lists_look(c, TARGET_SLOW);
    if (link_command(c->poll, on_length, c, S("SLOWLOG"), S("LEN"))) {
        server_list_asked(c, &s->slow, now_us, looked ? LOOKED_US : ASIDE_US);
        if (looked) {
            ask_entries(c);
        } else {
            s->slow.pending = link_command(c->poll, on_newest, c, S("SLOWLOG"), S("GET"), S("1"));
        }
    }
}
