/* One round of requests: the list for answers, PUBLISH, listening. */
#include "phrase.h"
#include "pidbox.h"

#include "redai/base/clock.h"
#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/schema/control.h"

enum {
    PAGE = 100,     /* answers read at once */
    SAID_MAX = 2000 /* workers whose answers to one request are kept */
};
#define LOOK_US INT64_C(100000)
#define BOX_TTL "60" /* while we listen; should we end, the box goes by itself */
/* For answers that come later: emptied at once, the list would come back without a TTL. Long where somebody
 * who is expected has not said a word yet. */
#define LATE_TTL "60"
#define OWED_TTL "300"

/* --- listening --- */

int64_t pidbox_listen_us(const struct runner *r)
{
    return r->options.listen_us > 0 ? r->options.listen_us : PIDBOX_LISTEN_US;
}

double pidbox_listen_s(const struct runner *r)
{
    return (double)pidbox_listen_us(r) / (double)US_PER_S;
}

static void keep_answer(struct pidbox_request *q, const struct control_reply *reply)
{
    const char *said = reply->ok ? reply->ok : reply->error ? reply->error : reply->answer;
    if (utarray_len(&q->said) >= SAID_MAX || pidbox_has_said(q, reply->worker)) {
        return;
    }
    const struct pidbox_said row = {.node = mem_strdup(reply->worker),
                                    .shown = utf8_sanitise_dup(span_of(reply->worker), PHRASE_COLUMNS),
                                    .text = utf8_sanitise_dup(span_of(said), PHRASE_COLUMNS),
                                    .is_error = reply->error != NULL};
    utarray_push_back(&q->said, &row);
    q->heard += !row.is_error;
    q->refused += row.is_error;
}

static void take_answer(struct runner *r, struct span element)
{
    struct pidbox *b = r->pidbox;
    struct control_reply reply;
    int64_t ticket;

    if (control_reply_decode(&reply, element) && reply.ticket && reply.worker &&
        num_i64_range(span_of(reply.ticket), (int64_t)b->ticket,
                      (int64_t)(b->ticket + utarray_len(&b->request)) - 1, &ticket)) {
        size_t i = (size_t)ticket - b->ticket;
        keep_answer(pidbox_at(r, i), &reply);
        if (b->on_element) {
            b->on_element(r, i, element);
        }
    }
    control_reply_release(&reply);
}

static void on_answers(struct runner *r, const struct answer *a)
{
    /* New ones stand at the left; the last of the page is the oldest. */
    for (size_t i = reply_count(a->reply); i > 0; i--) {
        take_answer(r, reply_text(reply_at(a->reply, i - 1)));
        r->pidbox->read++;
    }
}

/* Nobody is left who is expected to answer; or, with `anybody`, who could. */
static bool has_all(struct runner *r, bool anybody)
{
    for (size_t i = 0; i < pidbox_count(r); i++) {
        const struct pidbox_request *q = pidbox_at(r, i);
        size_t expected = pidbox_expected(r, q), said = q->heard + q->refused;
        bool open = anybody ? q->receivers < 0 || said < (size_t)q->receivers || said < expected
                            : expected == 0 || said < expected;
        /* A request whose PUBLISH reached nobody, or never left, is answered by nobody. */
        if (!q->mute && !q->error && !q->unsent && q->receivers != 0 && open) {
            return false;
        }
    }
    return true;
}

static void listen_on(struct runner *r);

static void heard_some(struct runner *r)
{
    struct pidbox *b = r->pidbox;

    if (!has_all(r, false) && !r->lost && !r->stopped && clock_mono_us() < b->until_us) {
        step_after(r, LOOK_US, listen_on);
        return;
    }
    if (b->made && link_is_ready(r->home)) {
        if (has_all(r, true)) {
            step_act(r, NULL, 0, S("DEL"), span_of(b->box));
        } else {
            struct span ttl = has_all(r, false) ? S(LATE_TTL) : S(OWED_TTL);
            step_act(r, NULL, 0, S("EXPIRE"), span_of(b->box), ttl);
        }
    }
    step_then(r, b->then);
}

/* Unread answers lie left of those read. */
static void listen_on(struct runner *r)
{
    struct pidbox *b = r->pidbox;
    char first[24], last[24];

    if (!link_is_ready(r->home)) {
        heard_some(r);
        return;
    }
    snprintf(first, sizeof first, "-%zu", b->read + PAGE);
    snprintf(last, sizeof last, "-%zu", b->read + 1);
    step_act(r, on_answers, 0, S("LRANGE"), span_of(b->box), span_of(first), span_of(last));
    step_then(r, heard_some);
}

static void listen_when_back(struct runner *r)
{
    r->lost = !link_is_ready(r->home);
    listen_on(r);
}

/* --- sending --- */

static void on_published(struct runner *r, const struct answer *a)
{
    struct pidbox_request *q = pidbox_at(r, a->tag);
    q->unsent = !a->reply && a->unsent;
    q->error = verb_error(a->reply);
    if (!reply_int(a->reply, &q->receivers)) {
        q->receivers = -1;
    }
}

static void published(struct runner *r)
{
    struct pidbox *b = r->pidbox;

    b->until_us = clock_mono_us() + pidbox_listen_us(r);
    if (r->lost) {
        b->broken = true;
        step_when_ready(r, listen_when_back);
    } else {
        listen_on(r);
    }
}

static void publish_one(struct runner *r, size_t i, struct span channel)
{
    struct pidbox *b = r->pidbox;
    struct pidbox_request *q = pidbox_at(r, i);
    struct err err = {0};
    char ticket[24];
    UT_string payload;

    if (b->box_error) {
        q->error = mem_strdup(b->box_error);
        return;
    }
    snprintf(ticket, sizeof ticket, "%zu", b->ticket + i);
    utstring_init(&payload);
    const char *const *to = (const char *const *)utarray_front(&q->to); /* NULL: to all */
    if (control_encode(q->method, q->arguments, to, utarray_len(&q->to), ticket, q->mute ? NULL : b->box,
                       &payload, &err) &&
        control_check(text_span(&payload), &err)) {
        step_act(r, on_published, i, S("PUBLISH"), channel, text_span(&payload));
    } else {
        q->error = mem_strdup(err.text);
    }
    utstring_done(&payload);
}

static void publish(struct runner *r)
{
    char *channel = phrase_make("/%d.celery.pidbox", r->options.db);
    for (size_t i = 0; i < pidbox_count(r); i++) {
        publish_one(r, i, span_of(channel));
    }
    mem_free(channel);
    step_then(r, published);
}

/* An error of a command, or within the replies of EXEC. */
static void on_box(struct runner *r, const struct answer *a)
{
    struct pidbox *b = r->pidbox;
    verb_keep_error(&b->box_error, a->reply);
    for (size_t i = 0; i < reply_count(a->reply); i++) {
        verb_keep_error(&b->box_error, reply_at(a->reply, i));
    }
}

static void box_made(struct runner *r)
{
    struct pidbox *b = r->pidbox;
    if (!r->lost) {
        publish(r);
        return;
    }
    b->broken = true;
    for (size_t i = 0; i < pidbox_count(r); i++) {
        pidbox_at(r, i)->unsent = true;
    }
    step_then(r, b->then);
}

static bool all_mute(struct runner *r)
{
    for (size_t i = 0; i < pidbox_count(r); i++) {
        if (!pidbox_at(r, i)->mute) {
            return false;
        }
    }
    return true;
}

/* An element of our own keeps the box there, with a TTL from its first moment on: a list that an answer makes
 * would stay for ever. */
void pidbox_send(struct runner *r, step_fn then)
{
    struct pidbox *b = r->pidbox;

    b->then = then;
    b->read = 1;
    b->made = !all_mute(r);
    if (!b->made) {
        publish(r);
        return;
    }
    step_act(r, on_box, 0, S("MULTI"));
    step_act(r, on_box, 0, S("DEL"), span_of(b->box));
    step_act(r, on_box, 0, S("LPUSH"), span_of(b->box), S("console"));
    step_act(r, on_box, 0, S("EXPIRE"), span_of(b->box), S(BOX_TTL));
    step_act(r, on_box, 0, S("EXEC"));
    step_then(r, box_made);
}
