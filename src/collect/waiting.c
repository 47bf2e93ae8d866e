/* waiting: messages in the lists of the queues, read from the end that workers pop from. A window of each
 * list: as many as fit in a few hundred kilobytes. Lists that move are read often, a backlog that nobody
 * works on now and again. */
#include "collect_priv.h"

#include <stdio.h>

enum { WINDOW_MAX = 100, WINDOW_BLIND = 10, WINDOW_BYTES = 256 * 1024, ELEMENT_MAX = 1024 * 1024 };
enum { READS_MAX = 16 }; /* lists in one pass */
#define LIVELY_US  (2 * US_PER_S)
#define CALM_US    (10 * US_PER_S)
#define MEASURE_US (60 * US_PER_S)

struct read_list {
    struct collect *c;
    struct qlist *q; /* lists are never forgotten while links live */
    int step;        /* index 0..3 */
    int64_t begun_us, wanted;
};

static void tell_sweep(const struct read_list *a, int64_t seen)
{
    struct fact f = {.kind = FACT_TASK_SWEEP,
                     .task_sweep = {.scope = SWEEP_LIST,
                                    .name = {a->q->name, a->q->len},
                                    .step = message_priority_step[a->step],
                                    .begun_us = a->begun_us,
                                    .seen = seen}};
    collect_emit(a->c, &f);
}

static void key_of(const struct read_list *a, UT_string *key)
{
    message_list_key((struct span){a->q->name, a->q->len}, message_priority_step[a->step], key);
}

static void done(struct read_list *a)
{
    a->q->window[a->step].reading = false;
    a->c->queues.reads--;
    mem_free(a);
}

static void on_messages(void *user, const struct reply *r)
{
    struct read_list *a = user;
    if (!r || reply_is_error(r)) {
        if (r) {
            collect_deny(a->c->denied.waiting, reply_error(r));
            a->q->window[a->step].asked_us -= CALM_US - collect_pause_us(reply_error(r));
        }
        done(a);
        return;
    }
    a->c->denied.waiting[0] = '\0';
    size_t n = reply_count(r);
    collect_tally_site(a->c, SITE_BROKER, n > 0);
    UT_string key;
    utstring_init(&key);
    key_of(a, &key);
    for (size_t i = 0; i < n; i++) { /* the last one is popped next */
        struct sight s = {.place = TASK_PLACE_LIST,
                          .queue = {a->q->name, a->q->len},
                          .list_key = text_span(&key),
                          .step = message_priority_step[a->step],
                          .position = (int64_t)i,
                          .delivered_wall_us = -1};
        sight_tell(a->c, &s, reply_text(reply_at(r, n - 1 - i)));
    }
    utstring_done(&key);
    tell_sweep(a, (int64_t)n < a->wanted ? -1 : (int64_t)n);
    a->q->window[a->step].held = n > 0;
    done(a);
}

static void ask_messages(struct read_list *a)
{
    int64_t average = a->q->window[a->step].average;
    if (average > ELEMENT_MAX) {
        done(a); /* named by the queue's own row, not read */
        return;
    }
    a->wanted = average < 0 ? WINDOW_BLIND : WINDOW_BYTES / (average > 0 ? average : 1);
    a->wanted = a->wanted < 1 ? 1 : a->wanted > WINDOW_MAX ? WINDOW_MAX : a->wanted;
    char from[24];
    snprintf(from, sizeof from, "-%d", (int)a->wanted);
    UT_string key;
    utstring_init(&key);
    key_of(a, &key);
    if (!link_command(a->c->broker, on_messages, a, S("LRANGE"), text_span(&key), span_of(from), S("-1"))) {
        done(a);
    }
    utstring_done(&key);
}

static void on_size(void *user, const struct reply *r)
{
    struct read_list *a = user;
    int64_t bytes, depth = a->q->depth[a->step];
    if (!r) {
        done(a);
        return;
    }
    struct window *w = &a->q->window[a->step];
    w->average = reply_int(r, &bytes) && depth > 0 ? bytes / depth : -1;
    w->average_us = a->begun_us;
    ask_messages(a);
}

static void read_list(struct collect *c, struct qlist *q, int step, int64_t now_us)
{
    struct window *w = &q->window[step];
    struct read_list *a = mem_zalloc(sizeof *a);
    *a = (struct read_list){.c = c, .q = q, .step = step, .begun_us = now_us};
    w->reading = true;
    c->queues.reads++;
    w->asked_us = now_us;
    if (c->queues.memory_denied) {
        w->average = -1;
        ask_messages(a);
        return;
    }
    if (w->average_us && now_us - w->average_us < MEASURE_US) {
        ask_messages(a);
        return;
    }
    UT_string key;
    utstring_init(&key);
    key_of(a, &key);
    if (!link_command(c->broker, on_size, a, S("MEMORY"), S("USAGE"), text_span(&key), S("SAMPLES"),
                      S("5"))) {
        done(a);
    }
    utstring_done(&key);
}

static bool is_due(const struct window *w, int64_t now_us)
{
    if (w->reading) {
        return false;
    }
    bool moved = !w->asked_us || w->moved_us >= w->asked_us;
    return now_us - w->asked_us >= (moved ? LIVELY_US : CALM_US) || !w->asked_us;
}

void waiting_step(struct collect *c, int64_t pass_begun_us)
{
    int64_t now = clock_mono_us();
    size_t room = READS_MAX, index = 0, count = HASH_COUNT(c->queues.list);
    size_t from = count ? c->queues.read_from % count : 0, last = from;
    struct qlist *q, *next;
    /* Twice round, so that the lists behind the ones that were read last get their turn first. */
    for (int round = 0; round < 2; round++) {
        index = 0;
        hash_each (c->queues.list, q, next) {
            bool mine = round == 0 ? index >= from : index < from;
            index++;
            for (int i = 0; mine && i < MESSAGE_PRIORITY_STEPS; i++) {
                struct window *w = &q->window[i];
                if (q->depth[i] == 0 && w->held && !w->reading) {
                    w->held = false;
                    tell_sweep(&(struct read_list){.c = c, .q = q, .step = i, .begun_us = pass_begun_us}, -1);
                } else if (q->depth[i] > 0 && room && is_due(w, now)) {
                    read_list(c, q, i, now);
                    last = index;
                    room--;
                }
            }
        }
    }
    c->queues.read_from = last;
}
