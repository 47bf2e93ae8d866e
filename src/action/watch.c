#include "watch.h"

#include "own_reads.h"

#include "redai/base/clock.h"

#include "redai/link/timer.h"

enum { LOOK_KEYS = 100 };
#define LOOK_REST_US  INT64_C(5000)   /* between two looks: others have their turn */
#define READY_LOOK_US INT64_C(500000) /* while the connection is down */

/* When a session is looked at, behind its deletion, and at the end of the period. The platform's update takes
 * milliseconds, a request that hangs some seconds. */
static const int64_t look_us[] = {500 * US_PER_MS, US_PER_S,       2 * US_PER_S,    5 * US_PER_S,
                                  10 * US_PER_S,   20 * US_PER_S,  40 * US_PER_S,   60 * US_PER_S,
                                  120 * US_PER_S,  300 * US_PER_S, WATCH_LONGEST_US};
enum { LOOKS = sizeof look_us / sizeof look_us[0], HOT = LOOKS, QUEUES };

struct watched {
    char *id;
    size_t id_len;
    char *user;
    enum verb verb;
    int64_t added_us;
    int queue;
    bool flying, hinted;
    struct watched *prev, *next;
    UT_hash_handle hh;
};

struct sight { /* a command that is under way */
    struct watch *w;
    size_t i; /* which of the flying ones; LOOK_KEYS: all of them */
};

struct watch {
    struct watch_options options;
    struct timer *timer;
    struct watched *by_id;
    struct watched *queue[QUEUES]; /* each in the order in which they fall due */
    struct watched *flying[LOOK_KEYS];
    size_t flying_count, outstanding;
    bool trouble; /* the last look brought no answer */
    struct sight *sight[LOOK_KEYS + 1];
    int64_t sent_us;
};

static void on_timer(void *user);

struct watch *watch_new(const struct watch_options *options)
{
    struct watch *w = mem_zalloc(sizeof *w);
    w->options = *options;
    if (w->options.period_us > WATCH_LONGEST_US) {
        w->options.period_us = WATCH_LONGEST_US;
    }
    w->timer = timer_new(options->loop, on_timer, w);
    return w;
}

static void forget(struct watch *w, struct watched *e)
{
    HASH_DELETE(hh, w->by_id, e);
    if (e->flying) {
        for (size_t i = 0; i < w->flying_count; i++) {
            w->flying[i] = w->flying[i] == e ? NULL : w->flying[i];
        }
    } else {
        DL_DELETE(w->queue[e->queue], e);
    }
    mem_free(e->id);
    mem_free(e->user);
    mem_free(e);
}

void watch_free(struct watch *w)
{
    struct watched *e, *after;
    if (!w) {
        return;
    }
    for (size_t i = 0; i <= LOOK_KEYS; i++) {
        if (w->sight[i]) {
            w->sight[i]->w = NULL; /* the link still owes the answer; it finds nobody */
        }
    }
    HASH_ITER(hh, w->by_id, e, after)
    {
        forget(w, e);
    }
    timer_free(w->timer);
    mem_free(w);
}

static struct watched *find(const struct watch *w, struct span id)
{
    struct watched *e = NULL;
    HASH_FIND(hh, w->by_id, id.data, id.len, e);
    return e;
}

size_t watch_count(const struct watch *w)
{
    return HASH_COUNT(w->by_id);
}

static int64_t ends_us(const struct watch *w, const struct watched *e)
{
    return e->added_us + w->options.period_us;
}

/* Tells, and ends its watch unless it begins. */
static void tell(struct watch *w, struct watched *e, enum runner_watch_phase phase)
{
    struct watched gone = *e;
    if (phase != RUNNER_WATCH_BEGIN) {
        gone.id = span_dup(span_make(e->id, e->id_len));
        gone.user = mem_strdup(e->user);
        forget(w, e);
    }
    w->options.tell(w->options.ctx, &(struct runner_watch){.phase = phase,
                                                           .verb = gone.verb,
                                                           .id = span_make(gone.id, gone.id_len),
                                                           .user = gone.user,
                                                           .after_us = clock_mono_us() - gone.added_us,
                                                           .until_us = ends_us(w, &gone)});
    if (phase != RUNNER_WATCH_BEGIN) {
        mem_free(gone.id);
        mem_free(gone.user);
    }
}

/* --- when --- */

static int64_t due_us(const struct watch *w, const struct watched *e)
{
    if (e->queue == HOT) {
        return 0;
    }
    int64_t at = look_us[e->queue];
    return e->added_us + (at < w->options.period_us ? at : w->options.period_us);
}

static void set_timer(struct watch *w, int64_t least_us)
{
    int64_t now = clock_mono_us(), due = INT64_MAX;
    for (int q = 0; q < QUEUES; q++) {
        if (w->queue[q] && due_us(w, w->queue[q]) < due) {
            due = due_us(w, w->queue[q]);
        }
    }
    if (w->outstanding > 0 || due == INT64_MAX) {
        timer_set(w->timer, -1);
    } else {
        timer_set(w->timer, due - now > least_us ? due - now : least_us);
    }
}

/* Into a queue, in the order of their time. */
static void enqueue(struct watch *w, struct watched *e, int q)
{
    struct watched *head = w->queue[q], *at = head ? head->prev : NULL;

    while (at && at->added_us > e->added_us) {
        at = at == head ? NULL : at->prev;
    }
    e->queue = q;
    if (at) {
        DL_APPEND_ELEM(w->queue[q], at, e);
    } else {
        DL_PREPEND(w->queue[q], e);
    }
}

/* Behind a look at that time: the next one that has not gone by. */
static void enqueue_next(struct watch *w, struct watched *e, int64_t looked_us)
{
    int q = 0;
    while (q < LOOKS - 1 && e->added_us + look_us[q] <= looked_us) {
        q++;
    }
    enqueue(w, e, e->hinted ? HOT : q);
    e->hinted = false;
}

/* --- looking --- */

static void judge(struct watch *w, size_t i, bool known, bool there)
{
    struct watched *e = w->flying[i];
    w->flying[i] = NULL;
    if (!e) {
        return; /* forgotten meanwhile */
    }
    e->flying = false;
    enqueue(w, e, HOT);
    w->trouble = !known;
    if (there) {
        tell(w, e, RUNNER_WATCH_BACK);
    } else if (known && w->sent_us >= ends_us(w, e) && !e->hinted) {
        tell(w, e, RUNNER_WATCH_HELD);
    } else if (!known && clock_mono_us() >= ends_us(w, e)) {
        tell(w, e, RUNNER_WATCH_LOST);
    } else {
        DL_DELETE(w->queue[HOT], e);
        e->hinted = e->hinted || !known;
        enqueue_next(w, e, known ? w->sent_us : 0);
    }
}

static void on_look(void *user, const struct reply *reply);

static void send_look(struct watch *w, size_t i, size_t count, const struct span *args)
{
    struct sight *s = mem_zalloc(sizeof *s);
    *s = (struct sight){w, i};
    w->sight[i] = s;
    if (link_send(w->options.act, on_look, s, count, args)) {
        w->outstanding++;
    } else {
        w->sight[i] = NULL;
        mem_free(s);
        if (i < LOOK_KEYS) {
            judge(w, i, false, false);
        }
    }
}

static void session_key(const struct watched *e, UT_string *out)
{
    utstring_clear(out);
    text_add(out, S("session:"));
    text_add(out, span_make(e->id, e->id_len));
}

/* At least one of them exists: which? */
static void look_at_each(struct watch *w)
{
    UT_string key;
    utstring_init(&key);
    for (size_t i = 0; i < w->flying_count; i++) {
        if (w->flying[i]) {
            session_key(w->flying[i], &key);
            send_look(w, i, 2, (const struct span[]){S("EXISTS"), text_span(&key)});
        }
    }
    utstring_done(&key);
}

static void land(struct watch *w, bool known)
{
    for (size_t i = 0; i < w->flying_count; i++) {
        judge(w, i, known, false);
    }
    w->flying_count = 0;
}

static void on_look(void *user, const struct reply *reply)
{
    struct sight *s = user;
    struct watch *w = s->w;
    size_t i = s->i;
    int64_t n = 0;

    mem_free(s);
    if (!w) {
        return;
    }
    w->sight[i] = NULL;
    w->outstanding--;
    bool known = reply_int(reply, &n);
    own_reads_count(OWN_READ_KEYS, i == LOOK_KEYS ? (int64_t)w->flying_count : 1, reply, w->options.own_hits,
                    w->options.own_misses);
    if (i < LOOK_KEYS) {
        judge(w, i, known, n > 0);
    } else if (known && n > 0 && w->flying_count > 1) {
        look_at_each(w);
    } else if (known && n > 0) {
        judge(w, 0, true, true);
    } else {
        land(w, known);
    }
    if (w->outstanding == 0) {
        w->flying_count = 0;
        set_timer(w, w->trouble || !link_is_ready(w->options.act) ? READY_LOOK_US : LOOK_REST_US);
    }
}

/* All that are due, up to so many, in one command. */
static void take_due(struct watch *w, int64_t now)
{
    w->flying_count = 0;
    for (int k = 0; k < QUEUES; k++) {
        int q = (k + HOT) % QUEUES; /* those that were hinted at first */
        while (w->flying_count < LOOK_KEYS && w->queue[q] && due_us(w, w->queue[q]) <= now) {
            struct watched *e = w->queue[q];
            DL_DELETE(w->queue[q], e);
            e->flying = true;
            w->flying[w->flying_count++] = e;
        }
    }
}

static void on_timer(void *user)
{
    struct watch *w = user;
    struct span args[LOOK_KEYS + 1] = {S("EXISTS")};
    UT_string keys;
    size_t at[LOOK_KEYS + 1] = {0};

    if (w->outstanding > 0) {
        return;
    }
    int64_t now = clock_mono_us();
    take_due(w, now);
    if (w->flying_count == 0) {
        set_timer(w, 0);
        return;
    }
    w->sent_us = now;
    if (!link_is_ready(w->options.act)) {
        land(w, false);
        set_timer(w, READY_LOOK_US);
        return;
    }
    utstring_init(&keys);
    for (size_t i = 0; i < w->flying_count; i++) {
        text_add(&keys, S("session:"));
        text_add(&keys, span_make(w->flying[i]->id, w->flying[i]->id_len));
        at[i + 1] = utstring_len(&keys);
    }
    for (size_t i = 0; i < w->flying_count; i++) {
        args[i + 1] = span_make(utstring_body(&keys) + at[i], at[i + 1] - at[i]);
    }
    send_look(w, LOOK_KEYS, w->flying_count + 1, args);
    utstring_done(&keys);
    if (w->outstanding == 0) { /* the connection went at this moment */
        land(w, false);
        set_timer(w, READY_LOOK_US);
    }
}

/* --- coming and going --- */

bool watch_add(struct watch *w, enum verb verb, struct span id, const char *user)
{
    struct watched *e = find(w, id);
    if (e) {
        forget(w, e);
    } else if (watch_count(w) >= WATCH_MAX) {
        return false;
    }
    e = mem_zalloc(sizeof *e);
    e->id = span_dup(id);
    e->id_len = id.len;
    e->user = mem_strdup(user);
    e->verb = verb;
    e->added_us = clock_mono_us();
    HASH_ADD_KEYPTR(hh, w->by_id, e->id, e->id_len, e);
    enqueue(w, e, 0);
    tell(w, e, RUNNER_WATCH_BEGIN);
    if (w->outstanding == 0) {
        set_timer(w, 0);
    }
    return true;
}

void watch_forget(struct watch *w, struct span id)
{
    struct watched *e = find(w, id);
    if (e) {
        tell(w, e, RUNNER_WATCH_LOST);
    }
}

void watch_hint(struct watch *w, struct span id)
{
    struct watched *e = find(w, id);
    if (!e) {
        return;
    }
    if (e->flying) {
        e->hinted = true;
        return;
    }
    if (e->queue != HOT) {
        DL_DELETE(w->queue[e->queue], e);
        enqueue(w, e, HOT);
    }
    if (w->outstanding == 0) {
        set_timer(w, 0);
    }
}
