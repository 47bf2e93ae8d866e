/* queues: which lists are queues, and how deep they are.
 *
 * A missing list is asked for with MEMORY USAGE, since LLEN, EXISTS and the like on a missing key count as
 * keyspace misses (and raise keymiss events) for everybody who looks at the server. Known-empty lists take
 * turns, so that an idle platform costs a handful of commands a second; lists that hold something are
 * measured every time. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/schema/message.h"

/* How many known-empty lists are looked at in one pass: of queues, and of their lists for higher priorities.
 */
enum { IDLE_BASE = 3, IDLE_STEPS = 1, LIVELY_BASE = 16, LIVELY_STEPS = 8 };
#define LIVELY_US (30 * US_PER_S)

/* One measuring of all queues; the last reply tells. */
struct pass {
    struct collect *c;
    size_t waiting;
    int64_t begun_us;
    bool failed, lost;
    char error[160];
};

struct ask {
    struct pass *pass;
    struct qlist *q; /* NULL: unacked */
    int step;        /* index 0..3 */
    bool probe;      /* MEMORY USAGE or EXISTS, not LLEN/HLEN */
    bool exists;
};

static void tell(struct collect *c, struct qlist *q)
{
    struct fact f = {.kind = FACT_QUEUE,
                     .queue = {.name = {q->name, q->len}, .sources = q->sources, .unacked = q->unacked}};
    for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        f.queue.depth[i] = q->depth[i] < 0 ? -1 : q->depth[i];
    }
    collect_emit(c, &f);
}

/* Tasks are as fresh as the lists they wait in, when these, and what is in flight, could be read. */
static void tell_tasks(struct collect *c, const struct pass *pass)
{
    const char *why = pass->failed               ? pass->error
                      : c->queue_walk.refused[0] ? c->queue_walk.refused
                      : c->denied.waiting[0]     ? c->denied.waiting
                      : c->denied.in_flight[0]   ? c->denied.in_flight
                      : c->denied.dates[0]       ? c->denied.dates
                                                 : "";
    if ((c->results.complete || *why) && !sites_is_silent(c, SITE_RESULTS)) {
        collect_poll_result(c, TOPIC_TASKS, !*why, span_of(why));
    }
}

static void pass_done(struct pass *pass)
{
    struct collect *c = pass->c;
    c->queues.asking = false;
    if (!pass->lost) {
        struct qlist *q, *next;
        hash_each (c->queues.list, q, next) {
            /* A list not yet asked for is told once all four are known. */
            if (q->depth[0] != UNASKED && q->depth[1] != UNASKED && q->depth[2] != UNASKED &&
                q->depth[3] != UNASKED) {
                tell(c, q);
            }
        }
        const char *why = pass->failed ? pass->error : c->queue_walk.refused;
        collect_poll_result(c, TOPIC_QUEUES, !*why, span_of(why));
        c->queues.polled = true;
        c->queues.failed = pass->failed;
        waiting_step(c, pass->begun_us);
        tell_tasks(c, pass);
    }
    mem_free(pass);
}

static void on_length(void *user, const struct reply *r);

static bool ask_length(struct pass *pass, struct qlist *q, int step)
{
    struct collect *c = pass->c;
    struct ask *a = mem_zalloc(sizeof *a);
    *a = (struct ask){.pass = pass, .q = q, .step = step};
    bool sent;
    if (q) {
        UT_string key;
        utstring_init(&key);
        message_list_key((struct span){q->name, q->len}, message_priority_step[step], &key);
        sent = link_command(c->broker, on_length, a, S("LLEN"), text_span(&key));
        utstring_done(&key);
    } else {
        sent = link_command(c->broker, on_length, a, S("HLEN"), S("unacked"));
    }
    if (!sent) {
        mem_free(a);
        return false;
    }
    pass->waiting++;
    return true;
}

static bool ask_probe(struct pass *pass, struct qlist *q, int step)
{
    struct collect *c = pass->c;
    struct ask *a = mem_zalloc(sizeof *a);
    *a = (struct ask){.pass = pass, .q = q, .step = step, .probe = true, .exists = c->queues.memory_denied};
    UT_string key;
    utstring_init(&key);
    if (q) {
        message_list_key((struct span){q->name, q->len}, message_priority_step[step], &key);
    } else {
        text_add(&key, S("unacked"));
    }
    bool sent = a->exists ? link_command(c->broker, on_length, a, S("EXISTS"), text_span(&key))
                          : link_command(c->broker, on_length, a, S("MEMORY"), S("USAGE"), text_span(&key),
                                         S("SAMPLES"), S("1"));
    utstring_done(&key);
    if (!sent) {
        mem_free(a);
        return false;
    }
    pass->waiting++;
    return true;
}

static void set_length(struct collect *c, struct ask *a, int64_t n)
{
    int64_t *length = a->q ? &a->q->depth[a->step] : &c->queues.unacked;
    if (*length >= 0 && n != *length) {
        c->queues.moved_us = clock_mono_us();
        if (a->q) {
            a->q->window[a->step].moved_us = c->queues.moved_us;
        }
    }
    if (!a->q) {
        c->queues.unacked_asked_us = a->pass->begun_us;
    }
    if (a->step > 0 && n > 0) {
        c->queues.has_priorities = true;
    }
    *length = n;
}

static void on_probe(struct ask *a, const struct reply *r)
{
    struct collect *c = a->pass->c;
    int64_t n = 0;
    bool there = reply_int(r, &n) && n > 0;
    if (a->exists) {
        collect_tally_site(c, SITE_BROKER, there);
    }
    if (there) {
        ask_length(a->pass, a->q, a->step);
    } else if (reply_is_error(r) && !a->exists) {
        c->queues.memory_denied = true; /* renamed or not allowed: the next pass uses EXISTS */
        ask_length(a->pass, a->q, a->step);
    } else if (reply_is_error(r)) {
        a->pass->failed = true;
        snprintf(a->pass->error, sizeof a->pass->error, "%.*s", (int)collect_error(r).len,
                 collect_error(r).data);
        set_length(c, a, -1);
    } else {
        set_length(c, a, 0);
    }
}

static void on_length(void *user, const struct reply *r)
{
    struct ask *a = user;
    struct pass *pass = a->pass;
    struct collect *c = pass->c;
    int64_t n;
    if (!r) {
        pass->lost = true;
    } else if (a->probe) {
        on_probe(a, r);
    } else if (reply_int(r, &n)) {
        collect_tally_site(c, SITE_BROKER, n > 0);
        set_length(c, a, n);
    } else {
        struct span why = collect_error(r);
        if (span_starts(why, S("WRONGTYPE"))) {
            collect_tally_site(c, SITE_BROKER, true);
            set_length(c, a, -1); /* a key of that name which is no list: workers are told the same */
        } else {
            pass->failed = true;
            snprintf(pass->error, sizeof pass->error, "%.*s", (int)why.len, why.data);
            set_length(c, a, -1);
        }
    }
    mem_free(a);
    if (--pass->waiting == 0) {
        pass_done(pass);
    }
}

/* --- the pass --- */

bool queues_are_known(const struct collect *c)
{
    bool known = c->queues.polled && !c->queues.looking && !c->queues.unread;
    for (const struct qlist *q = c->queues.list; known && q; q = q->hh.next) {
        for (int i = 0; known && i < MESSAGE_PRIORITY_STEPS; i++) {
            known = q->depth[i] != UNASKED;
        }
    }
    return known;
}

/* While lengths change, empty lists may fill any moment. A backlog that nobody works on is no such sign. */
bool queues_are_lively(const struct collect *c)
{
    return c->queues.moved_us && clock_mono_us() - c->queues.moved_us < LIVELY_US;
}

void queues_step(struct collect *c)
{
    deliveries_step(c);
    c->queues.asking = true;
    c->queues.unread = false;
    struct pass *pass = mem_zalloc(sizeof *pass);
    pass->c = c;
    pass->begun_us = clock_mono_us();
    pass->waiting = 1; /* held until all are asked */
    bool lively = queues_are_lively(c);
    bool even = c->queues.pass++ % 2 == 0; /* every other poll, while nothing moves */
    size_t bases = lively ? LIVELY_BASE : IDLE_BASE;
    size_t steps = even ? 0 : IDLE_STEPS;
    if (lively || c->queues.has_priorities) {
        steps = lively && c->queues.has_priorities ? LIVELY_STEPS : IDLE_STEPS;
    }
    size_t index = 0, count = HASH_COUNT(c->queues.list);
    size_t base_from = c->queues.rotate_base, step_from = c->queues.rotate_step;
    struct qlist *q, *next;
    hash_each (c->queues.list, q, next) {
        for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
            if (q->depth[i] > 0) {
                if (lively || even) { /* a backlog that nobody works on is looked at every other time */
                    ask_length(pass, q, i);
                }
                continue;
            }
            /* position in the round of known-empty lists */
            size_t place =
                i == 0 ? (index + count - base_from % count) % count
                       : (index * 3 + (size_t)(i - 1) + count * 3 - step_from % (count * 3)) % (count * 3);
            if (q->depth[i] < 0 || place < (i == 0 ? bases : steps)) {
                ask_probe(pass, q, i);
            }
        }
        index++;
    }
    c->queues.rotate_base += bases;
    c->queues.rotate_step += steps;
    if (c->queues.unacked > 0) {
        ask_length(pass, NULL, 0);
    } else if (lively || c->queues.unacked < 0 || even) {
        ask_probe(pass, NULL, 0);
    }
    if (--pass->waiting == 0) {
        pass->lost = !link_is_ready(c->broker); /* nothing could be sent, or nothing was due */
        pass_done(pass);
    }
}
