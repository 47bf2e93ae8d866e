/* inspect: asks the workers what they have and how they are made, in rounds. A round learns who has a
 * mailbox, sends its questions to all, and looks at what came for a second and a half; who was expected and
 * did not answer the ping is told as such. When nobody listens, questions are rare. Source: facts, section 6.
 */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/uuid.h"

#include "redai/schema/binding.h"

enum { WORKERS_MAX = 2000, MISSED_MANY = 3, BOUND_PAGE = 1000 };
#define PATIENCE_US (1500 * US_PER_MS)
#define OFTEN_US    (3 * US_PER_S)
#define RARELY_US   (30 * US_PER_S)
#define SLOW_US     (60 * US_PER_S)
#define BEAT_US     (15 * US_PER_S)
#define LOOK_US     (10 * US_PER_S) /* at the mailboxes, when nobody is to be asked */
#define PIDBOX_KEY  "_kombu.binding.celery.pidbox"
#define PIDBOX_END  ".celery.pidbox"
#define BIT(q)      (1u << (unsigned)(q))
static const unsigned quick =
    BIT(INSPECT_PING) | BIT(INSPECT_ACTIVE) | BIT(INSPECT_RESERVED) | BIT(INSPECT_SCHEDULED);
static const unsigned slow = BIT(INSPECT_STATS) | BIT(INSPECT_QUEUES) | BIT(INSPECT_REGISTERED);

struct known_worker *inspect_worker(struct collect *c, struct span name)
{
    struct known_worker *w;
    HASH_FIND(hh, c->inspect.worker, name.data, name.len, w);
    if (!w && name.len && HASH_COUNT(c->inspect.worker) < WORKERS_MAX) {
        w = mem_zalloc(sizeof *w + name.len + 1);
        w->len = name.len;
        memcpy(w->name, name.data, name.len);
        HASH_ADD(hh, c->inspect.worker, name, w->len, w);
    }
    return w;
}

bool inspect_asks(const struct collect *c)
{
    /* What the application's INFO says is nothing about a broker of another server: that one refuses itself.
     */
    bool replica = !c->site[SITE_BROKER].apart && strcmp(c->info.info.role, "slave") == 0;
    return c->options.inspect_us > 0 && !replica;
}

void inspect_init(struct collect *c)
{
    char uuid[UUID_TEXT_SIZE];
    uuid_v4(uuid);
    snprintf(c->inspect.box, sizeof c->inspect.box, INSPECT_BOX_PREFIX "%s", uuid);
    c->inspect.heard = -1;
}

void inspect_clear(struct collect *c)
{
    struct known_worker *w, *next;
    hash_each (c->inspect.worker, w, next) {
        HASH_DEL(c->inspect.worker, w);
        mem_free(w);
    }
}

void inspect_restart(struct collect *c)
{
    c->inspect.open = c->inspect.reading = c->inspect.bound_pending = c->inspect.box_pending = false;
    c->inspect.box_made = c->inspect.want_round = c->inspect.want_document = false;
    c->inspect.denied = false;
    c->inspect.listen_until_us = c->inspect.next_us = c->inspect.slow_us = 0;
}

void inspect_heard_beat(struct collect *c, struct span name, bool offline)
{
    struct known_worker *w = inspect_worker(c, name);
    if (!w) {
        return;
    }
    bool came = !w->beat_us && !offline;
    w->beat_us = offline ? 0 : clock_mono_us();
    if (came) {
        w->introduced = false;
    }
    if (came && !c->inspect.open && !c->inspect.denied) {
        c->inspect.next_us = 0; /* it is asked at once */
    }
}

static bool is_expected(const struct known_worker *w, int64_t now_us)
{
    return w->bound || (w->beat_us && now_us - w->beat_us < BEAT_US);
}

/* --- the end of a round --- */

static bool all_answered(const struct collect *c, int64_t now_us)
{
    const struct known_worker *w, *next;
    hash_each (c->inspect.worker, w, next) {
        if (is_expected(w, now_us) && w->missed < MISSED_MANY &&
            (w->answered & c->inspect.questions) != c->inspect.questions) {
            return false;
        }
    }
    return true;
}

static void close_round(struct collect *c, int64_t now_us)
{
    struct known_worker *w, *next;
    hash_each (c->inspect.worker, w, next) {
        if (w->answered & BIT(INSPECT_PING)) {
            w->missed = 0;
        } else if (is_expected(w, now_us)) {
            w->missed++;
            struct fact f = {.kind = FACT_WORKER_ANSWER, .worker_answer = {{w->name, w->len}, false, -1}};
            collect_emit(c, &f);
        }
    }
    collect_poll_result(c, TOPIC_WORKERS, !c->denied.bound[0], span_of(c->denied.bound));
    int64_t pause = c->inspect.often && OFTEN_US < c->options.inspect_us ? OFTEN_US : c->options.inspect_us;
    if (c->inspect.heard == 0 && pause < RARELY_US) {
        pause = RARELY_US;
    }
    if (c->denied.bound[0]) {
        pause = collect_pause_us(span_of(c->denied.bound));
    }
    c->inspect.open = false;
    c->inspect.next_us = c->inspect.asked_us + pause;
}

/* --- the questions --- */

static bool somebody_is_new(const struct collect *c, int64_t now_us)
{
    const struct known_worker *w, *next;
    hash_each (c->inspect.worker, w, next) {
        if (!w->introduced && is_expected(w, now_us) && w->missed < MISSED_MANY) {
            return true;
        }
    }
    return false;
}

static void ask_round(struct collect *c, int64_t now_us)
{
    bool introduce =
        !c->inspect.slow_us || now_us - c->inspect.slow_us >= SLOW_US || somebody_is_new(c, now_us);
    struct known_worker *w, *next;
    hash_each (c->inspect.worker, w, next) {
        w->answered = 0;
        w->cut = false;
    }
    c->inspect.round++;
    c->inspect.asked_us = now_us;
    c->inspect.questions = quick | (introduce ? slow : 0);
    c->inspect.open = true;
    c->inspect.heard = -1;
    if (introduce) {
        c->inspect.slow_us = now_us;
    }
    for (int q = 0; q < INSPECT_COUNT; q++) {
        char ticket[32];
        snprintf(ticket, sizeof ticket, "%u.%d", c->inspect.round, q);
        if ((c->inspect.questions & BIT(q)) && !inspect_box_ask(c, (enum inspect_question)q, S(""), ticket)) {
            c->inspect.open = false;
            return;
        }
    }
    inspect_box_listen(c, now_us);
}

void inspect_published(struct collect *c)
{
    int64_t now = clock_mono_us();
    if (c->inspect.want_round) {
        c->inspect.want_round = false;
        ask_round(c, now);
    }
    if (c->inspect.want_document) {
        c->inspect.want_document = false;
        peek_worker_ask(c);
    }
}

/* --- who has a mailbox --- */

/* Forgets who is neither bound nor beating. */
static void drop_strangers(struct collect *c, int64_t now_us)
{
    struct known_worker *w, *next;
    hash_each (c->inspect.worker, w, next) {
        if (!w->bound && (!w->beat_us || now_us - w->beat_us > 4 * BEAT_US)) {
            HASH_DEL(c->inspect.worker, w);
            mem_free(w);
        }
    }
}

static void tell_bound(struct collect *c)
{
    struct known_worker *w, *next;
    UT_string names;
    utstring_init(&names);
    hash_each (c->inspect.worker, w, next) {
        if (w->bound) {
            text_add(&names, utstring_len(&names) ? S(KOMBU_SEP) : S(""));
            text_add(&names, (struct span){w->name, w->len});
        }
    }
    struct fact f = {.kind = FACT_WORKER_BOUND, .worker_bound = {text_span(&names)}};
    collect_emit(c, &f);
    utstring_done(&names);
}

static void take_bound(struct collect *c, const struct reply *members)
{
    struct known_worker *w, *next;
    hash_each (c->inspect.worker, w, next) {
        w->bound = false;
    }
    for (size_t i = 0; i < reply_count(members); i++) {
        struct span box;
        if (binding_queue(reply_text(reply_at(members, i)), &box) && span_ends(box, S(PIDBOX_END))) {
            w = inspect_worker(c, span_head(box, box.len - (sizeof PIDBOX_END - 1)));
            if (w) {
                w->bound = true;
            }
        }
    }
}

static void on_bound(void *user, const struct reply *r)
{
    struct collect *c = user;
    int64_t now = clock_mono_us();
    c->inspect.bound_pending = false;
    if (!r) {
        return;
    }
    bool asks = inspect_asks(c);
    c->inspect.next_us = now + (asks ? c->options.inspect_us : LOOK_US);
    if (reply_count(r) != 2) {
        collect_poll_result(c, TOPIC_WORKERS, false, collect_error(r));
        collect_deny(c->denied.bound, collect_error(r));
    } else {
        c->denied.bound[0] = '\0';
        const struct reply *members = reply_at(r, 1);
        collect_tally_site(c, SITE_BROKER, reply_count(members) > 0);
        if (span_equal(reply_text(reply_at(r, 0)), S("0"))) {
            take_bound(c, members);
            tell_bound(c);
        }
        drop_strangers(c, now);
    }
    bool anybody = HASH_COUNT(c->inspect.worker) > 0;
    if (asks && anybody) {
        c->inspect.want_round = true;
        inspect_box_want(c);
        return;
    }
    if (reply_count(r) != 2) {
        c->inspect.next_us = now + collect_pause_us(collect_error(r));
        return;
    }
    if (!anybody) {
        c->inspect.next_us = now + RARELY_US;
    }
    collect_poll_result(c, TOPIC_WORKERS, true, S(""));
}

void inspect_box_refused(struct collect *c, struct span why)
{
    c->inspect.want_round = c->inspect.want_document = c->inspect.open = false;
    c->inspect.listen_until_us = 0; /* nobody will answer */
    c->inspect.denied = true;
    c->inspect.next_us = clock_mono_us() + collect_pause_us(why);
    UT_string text;
    utstring_init(&text);
    text_add(&text, S("workers cannot be asked: "));
    text_add(&text, why);
    collect_poll_result(c, TOPIC_WORKERS, false, text_span(&text));
    utstring_done(&text);
}

int64_t inspect_wait_us(const struct collect *c, int64_t now_us)
{
    if (!c->inspect.listen_until_us) {
        return -1;
    }
    return c->inspect.read_us > now_us ? c->inspect.read_us - now_us : 0;
}

void inspect_step(struct collect *c, int64_t now_us)
{
    struct inspect *s = &c->inspect;
    if (s->listen_until_us && now_us >= s->read_us && !s->reading) {
        bool round_done = !s->open || all_answered(c, now_us);
        if ((round_done && peek_worker_done(c)) || now_us > s->listen_until_us) {
            s->listen_until_us = 0;
        } else {
            inspect_box_read(c, now_us);
        }
    }
    if (s->open && !s->reading &&
        (all_answered(c, now_us) || now_us - s->asked_us >= PATIENCE_US || s->heard == 0)) {
        close_round(c, now_us);
    }
    peek_worker_step(c, now_us);
    bool known = c->info_read || c->site[SITE_BROKER].apart;
    if (known && !s->open && !s->bound_pending && !s->want_round && (s->again || now_us >= s->next_us)) {
        char count[16];
        s->again = false;
        snprintf(count, sizeof count, "%d", BOUND_PAGE);
        s->bound_pending = link_command(c->broker, on_bound, c, S("SSCAN"), S(PIDBOX_KEY), S("0"), S("COUNT"),
                                        span_of(count));
    }
}
