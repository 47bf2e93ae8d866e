/* inspect_box: the list that workers answer on. It is made with a marker and a time to live in one
 * transaction, so that it ends by itself when this program dies; the marker stays in it when answers are
 * taken, since a list that became empty would be made anew, for ever, by a late answer. */
#include "collect_priv.h"

#include "redai/schema/control.h"

#define BOX_TTL      "300"
#define LEFTOVER_TTL "60"
#define FIRST_US     (30 * US_PER_MS)
#define LISTEN_US    (1400 * US_PER_MS)

static void make(struct collect *c);

static void on_made(void *user, const struct reply *r)
{
    struct collect *c = user;
    c->inspect.box_pending = false;
    if (!r) {
        return;
    }
    if (reply_count(r) == 2 && !reply_is_error(reply_at(r, 0)) && !reply_is_error(reply_at(r, 1))) {
        c->inspect.box_made = true;
        inspect_published(c);
    } else {
        inspect_box_refused(c, reply_count(r) ? collect_error(reply_at(r, 0)) : collect_error(r));
    }
}

/* What a command within the transaction was refused for says more than EXECABORT. */
static void on_queued(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (reply_is_error(r) && c->inspect.box_pending) {
        c->inspect.box_pending = false;
        inspect_box_refused(c, reply_error(r));
    }
}

static void on_made_or_said(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (c->inspect.box_pending) {
        on_made(c, r);
    }
}

static void make(struct collect *c)
{
    struct span box = span_of(c->inspect.box);
    c->inspect.box_pending = link_command(c->broker, on_queued, c, S("MULTI")) &&
                             link_command(c->broker, on_queued, c, S("RPUSH"), box, S("redai-console")) &&
                             link_command(c->broker, on_queued, c, S("EXPIRE"), box, S(BOX_TTL)) &&
                             link_command(c->broker, on_made_or_said, c, S("EXEC"));
}

static void on_kept(void *user, const struct reply *r)
{
    struct collect *c = user;
    int64_t kept;
    c->inspect.box_pending = false;
    if (!r) {
        return;
    }
    if (reply_int(r, &kept) && kept == 1) {
        inspect_published(c);
    } else {
        c->inspect.box_made = false; /* somebody removed it */
        make(c);
    }
}

void inspect_box_want(struct collect *c)
{
    if (c->inspect.box_pending) {
        return;
    }
    if (c->inspect.box_made) {
        c->inspect.box_pending =
            link_command(c->broker, on_kept, c, S("EXPIRE"), span_of(c->inspect.box), S(BOX_TTL));
    } else {
        make(c);
    }
}

static void on_sent(void *user, const struct reply *r)
{
    struct collect *c = user;
    int64_t heard;
    if (reply_int(r, &heard)) {
        c->inspect.heard = heard;
        c->inspect.denied = false;
    } else if (r) {
        inspect_box_refused(c, collect_error(r));
    }
}

bool inspect_box_ask(struct collect *c, enum inspect_question question, struct span destination,
                     const char *ticket)
{
    UT_string payload, channel;
    utstring_init(&payload);
    utstring_init(&channel);
    utstring_printf(&channel, "/%d.celery.pidbox", c->site[SITE_BROKER].address.db);
    char *name = destination.len ? span_dup(destination) : NULL;
    const char *to[] = {name};
    struct err err;
    bool sent = control_encode(inspect_method[question], NULL, name ? to : NULL, name ? 1 : 0, ticket,
                               c->inspect.box, &payload, &err) &&
                control_check(text_span(&payload), &err) &&
                link_command(c->broker, on_sent, c, S("PUBLISH"), text_span(&channel), text_span(&payload));
    mem_free(name);
    utstring_done(&channel);
    utstring_done(&payload);
    return sent;
}

void inspect_box_listen(struct collect *c, int64_t now_us)
{
    c->inspect.read_pause_us = FIRST_US;
    c->inspect.read_us = now_us + FIRST_US;
    c->inspect.listen_until_us = now_us + LISTEN_US;
    collect_soon(c, FIRST_US);
}

static void on_answers(void *user, const struct reply *r)
{
    struct collect *c = user;
    c->inspect.reading = false;
    const struct reply *elements = reply_at(r, 0);
    if (r) {
        collect_tally_site(c, SITE_BROKER, true); /* the marker is always there */
    }
    for (size_t i = reply_count(elements); i > 0; i--) { /* pushed on the left: the oldest is the last */
        inspect_answer_take(c, reply_text(reply_at(elements, i - 1)));
    }
    collect_soon(c, 0);
}

void inspect_box_read(struct collect *c, int64_t now_us)
{
    struct span box = span_of(c->inspect.box);
    c->inspect.read_pause_us *= 3;
    c->inspect.read_us = now_us + c->inspect.read_pause_us;
    if (c->inspect.read_us > c->inspect.listen_until_us && now_us < c->inspect.listen_until_us) {
        c->inspect.read_us = c->inspect.listen_until_us; /* the last look */
    }
    c->inspect.reading = link_command(c->broker, NULL, NULL, S("MULTI")) &&
                         link_command(c->broker, NULL, NULL, S("LRANGE"), box, S("0"), S("-2")) &&
                         link_command(c->broker, NULL, NULL, S("LTRIM"), box, S("-1"), S("-1")) &&
                         link_command(c->broker, on_answers, c, S("EXEC"));
}

/* While an answer may still come the list stays until its TTL: an answer would make it anew without one. */
void inspect_box_end(struct collect *c)
{
    if (c->inspect.box_made && !c->inspect.open &&
        link_command(c->broker, NULL, NULL, S("DEL"), span_of(c->inspect.box))) {
        link_flush(c->broker);
    }
}

/* --- boxes of those who died, made anew by a late answer --- */

struct leftover {
    struct collect *c;
    size_t len;
    char key[];
};

static void on_leftover(void *user, const struct reply *r)
{
    struct leftover *l = user;
    int64_t pttl;
    if (reply_int(r, &pttl)) {
        collect_tally_site(l->c, SITE_BROKER, pttl != -2);
        if (pttl == -1) {
            link_command(l->c->broker, NULL, NULL, S("EXPIRE"), span_make(l->key, l->len), S(LEFTOVER_TTL));
        }
    }
    mem_free(l);
}

void inspect_box_leftover(struct collect *c, struct span key)
{
    if (c->options.inspect_us <= 0 || !span_starts(key, S(INSPECT_BOX_PREFIX)) ||
        span_equal(key, span_of(c->inspect.box))) {
        return;
    }
    struct leftover *l = mem_zalloc(sizeof *l + key.len + 1);
    l->c = c;
    l->len = key.len;
    memcpy(l->key, key.data, key.len);
    if (!link_command(c->broker, on_leftover, l, S("PTTL"), key)) {
        mem_free(l);
    }
}
