/* results: what the result database knows of tasks (facts, section 4). Three ways in: each result as it is
 * published; one walk over all that are stored, at the start and whenever publications may have been missed;
 * and questions by name for tasks that ought to have ended. A missing key is a miss for the server, so it is
 * asked for with growing pauses. */
#include "collect_priv.h"

#include <stdio.h>
#include <stdlib.h>

#define META "celery-task-meta-"
enum { ASK_PER_S = 50, DUE_MAX = 1000, READS_MAX = 200, WALK_MAX = 100000 };
#define WALK_AGAIN_US  (60 * US_PER_S) /* while nothing published is heard */
#define HIT_PAUSE_MAX  (4 * US_PER_S)
#define MISS_PAUSE_MAX (300 * US_PER_S)

static bool hears_published(const struct collect *c)
{
    const struct link *feed = c->site[SITE_RESULTS].feed;
    bool subscribed = feed == c->feed_link ? c->feed.subscribed : sites_feed_stands(c, SITE_RESULTS);
    return link_is_ready(feed) && subscribed && !narrow_is_deaf(c, SHED_RESULTS);
}

void results_tell(struct collect *c, struct span id, const struct result *res)
{
    bool moving = res->valid && res->progress.valid;
    struct fact f = {.kind = FACT_TASK,
                     .task = {.id = id,
                              .state = span_of(res->valid ? res->status : NULL),
                              .error = span_of(res->error),
                              .exception = span_of(res->exception),
                              .date_done_us = res->date_done_us,
                              .current = moving ? res->progress.current : -1,
                              .total = moving ? res->progress.total : -1,
                              .percentage = res->progress.percentage,
                              .hostname = span_of(res->hostname ? res->hostname : res->worker),
                              .parent_id = span_of(res->parent_id),
                              .group = span_of(res->group_id),
                              .name = span_of(res->name),
                              .args = span_of(res->args),
                              .kwargs = span_of(res->kwargs),
                              .queue = span_of(res->queue),
                              .args_cut = res->args_cut,
                              .retries = res->retries}};
    collect_emit(c, &f);
}

void results_published(struct collect *c, struct span id, struct span json)
{
    struct result res;
    result_decode(&res, json);
    if (res.valid && id.len) {
        results_tell(c, id, &res);
        batches_result(c, id, &res);
    }
    result_release(&res);
}

void results_gone(struct collect *c, struct span key)
{
    if (span_starts(key, S(META))) {
        struct fact f = {.kind = FACT_TASK_GONE, .task_gone = {span_skip(key, sizeof META - 1)}};
        collect_emit(c, &f);
    }
}

/* --- reading one --- */

struct question {
    struct collect *c;
    bool walk;
    size_t len;
    char id[];
};

static struct asked *asked_find(struct collect *c, struct span id)
{
    struct asked *e;
    HASH_FIND(hh, c->results.asked, id.data, id.len, e);
    return e;
}

/* The model has heard of it by now: what is told later is news. */
static void answered(struct collect *c, struct span id, bool hit)
{
    struct asked *e = asked_find(c, id);
    if (!e) {
        return;
    }
    int64_t refresh = c->options.refresh_us, most = hit ? HIT_PAUSE_MAX : MISS_PAUSE_MAX;
    most = hit && !hears_published(c) ? refresh : most < refresh ? refresh : most;
    e->answered_us = clock_mono_us();
    e->pause_us = e->pause_us * 2 < most ? e->pause_us * 2 : most;
}

static void on_meta(void *user, const struct reply *r)
{
    struct question *q = user;
    struct collect *c = q->c;
    struct span json = S(""), id = {q->id, q->len};
    struct result res;
    if (q->walk) {
        c->results.reads--;
    }
    if (reply_string(r, &json)) {
        collect_tally_site(c, SITE_RESULTS, json.len > 0);
        result_decode(&res, json);
        if (res.valid) {
            results_tell(c, id, &res);
            batches_result(c, id, &res);
        } else if (!json.len && !q->walk) {
            results_tell(c, id, &res);
        }
        result_release(&res);
        answered(c, id, json.len > 0);
    } else if (r) {
        collect_tally_site(c, SITE_RESULTS, true); /* another type stands there */
        answered(c, id, false);
        if (!span_starts(collect_error(r), S("WRONGTYPE"))) {
            collect_poll_result(c, TOPIC_TASKS, false, collect_error(r));
        }
    }
    mem_free(q);
}

static bool ask(struct collect *c, struct span id, bool walk)
{
    struct question *q = mem_zalloc(sizeof *q + id.len + 1);
    q->c = c;
    q->walk = walk;
    q->len = id.len;
    memcpy(q->id, id.data, id.len);
    UT_string key;
    utstring_init(&key);
    text_add(&key, S(META));
    text_add(&key, id);
    bool sent = link_command(c->result, on_meta, q, S("GETRANGE"), text_span(&key), S("0"), S("4095"));
    utstring_done(&key);
    if (!sent) {
        mem_free(q);
    } else if (walk) {
        c->results.reads++;
    }
    return sent;
}

/* --- the walk --- */

static void drop_todo(struct collect *c)
{
    for (struct result_id *i = c->results.todo, *next; i; i = next) {
        next = i->next;
        mem_free(i);
    }
    c->results.todo = NULL;
}

void results_restart(struct collect *c)
{
    drop_todo(c);
    result_usage_restart(c);
    c->results.walking = true;
    c->results.complete = c->results.failed = false;
    c->results.last_page = false;
    c->results.void_page = c->results.scanning;
    c->results.walked = 0;
    snprintf(c->results.cursor, sizeof c->results.cursor, "0");
    struct asked *e, *next;
    hash_each (c->results.asked, e, next) {
        e->pause_us = 0; /* any of them may have ended unheard */
    }
    collect_soon(c, 0);
}

static void on_page(void *user, const struct reply *r)
{
    struct collect *c = user;
    struct span cursor = reply_text(reply_at(r, 0));
    bool is_void = c->results.void_page;
    c->results.scanning = c->results.void_page = false;
    if (!r || !c->results.walking || is_void) {
        return; /* begun anew once the link is back */
    }
    if (reply_count(r) != 2 || !cursor.len || cursor.len >= sizeof c->results.cursor) {
        collect_poll_result(c, TOPIC_TASKS, false, collect_error(r));
        c->results.failed = c->results.last_page = true;
        return;
    }
    const struct reply *keys = reply_at(r, 1);
    for (size_t i = 0; i < reply_count(keys); i++) {
        struct span id = span_skip(reply_text(reply_at(keys, i)), sizeof META - 1);
        if (!id.len || c->results.walked >= WALK_MAX ||
            (c->options.settled && c->options.settled(c->options.ctx, id))) {
            continue;
        }
        struct result_id *item = mem_zalloc(sizeof *item + id.len + 1);
        item->len = id.len;
        memcpy(item->id, id.data, id.len);
        LL_PREPEND(c->results.todo, item);
        c->results.walked++;
    }
    snprintf(c->results.cursor, sizeof c->results.cursor, "%.*s", (int)cursor.len, cursor.data);
    c->results.last_page = span_equal(cursor, S("0")) || c->results.walked >= WALK_MAX;
    collect_soon(c, 0);
}

static void walk(struct collect *c, int64_t now_us)
{
    struct results *s = &c->results;
    while (s->todo && s->reads < READS_MAX && pace_take(&c->pace, 1, now_us)) {
        struct result_id *item = s->todo;
        if (!ask(c, (struct span){item->id, item->len}, true)) {
            return;
        }
        LL_DELETE(s->todo, item);
        mem_free(item);
    }
    if (s->todo || s->scanning) {
        return;
    }
    if (!s->last_page) {
        if (pace_take(&c->pace, 1, now_us)) {
            s->scanning = link_command(c->result, on_page, c, S("SCAN"), span_of(s->cursor), S("MATCH"),
                                       S(META "*"), S("COUNT"), S("500"));
        }
    } else if (!s->reads) {
        s->walking = false;
        s->complete = !s->failed;
        s->ended_us = now_us;
        if (s->complete && c->queues.polled && !c->queues.failed && !sites_is_down(c, SITE_BROKER)) {
            collect_poll_result(c, TOPIC_TASKS, true, S("")); /* not only with the next measuring */
        }
    }
}

void results_step(struct collect *c, int64_t now_us)
{
    if (!link_is_ready(c->result)) {
        return;
    }
    if (!c->results.walking) {
        result_usage_step(c, now_us);
    }
    if (c->results.walking) {
        walk(c, now_us);
    } else if (!hears_published(c) && now_us - c->results.ended_us > WALK_AGAIN_US) {
        results_restart(c);
    }
}

/* --- by name --- */

struct look {
    struct collect *c;
    int64_t now_us;
    size_t due_count;
    struct asked *due[DUE_MAX];
};

static void consider(void *ctx, struct span id, int64_t told_us)
{
    struct look *look = ctx;
    struct collect *c = look->c;
    struct asked *e = asked_find(c, id);
    if (!e) {
        if (!id.len || HASH_COUNT(c->results.asked) >= WALK_MAX) {
            return;
        }
        e = mem_zalloc(sizeof *e + id.len + 1);
        e->len = id.len;
        memcpy(e->id, id.data, id.len);
        HASH_ADD(hh, c->results.asked, id, e->len, e);
    }
    e->round = c->results.round;
    if (told_us > e->answered_us) {
        e->pause_us = 0; /* something was heard since */
    }
    e->told_us = told_us;
    int64_t refresh = c->options.refresh_us;
    int64_t quiet_us = look->now_us - told_us, since_us = look->now_us - e->asked_us;
    bool due = !e->asked_us || since_us >= (e->pause_us > refresh ? e->pause_us : refresh - refresh / 8);
    if (due && quiet_us >= refresh - refresh / 8 && look->due_count < DUE_MAX) {
        look->due[look->due_count++] = e;
    }
}

/* Who was never asked for comes first, of those the newest; then who waits longest. */
static int by_turn(const void *a, const void *b)
{
    const struct asked *x = *(struct asked *const *)a, *y = *(struct asked *const *)b;
    if (x->asked_us != y->asked_us) {
        return x->asked_us < y->asked_us ? -1 : 1;
    }
    return x->told_us == y->told_us ? 0 : x->told_us > y->told_us ? -1 : 1;
}

static void drop_unnamed(struct collect *c)
{
    struct asked *e, *next;
    hash_each (c->results.asked, e, next) {
        if (e->round != c->results.round) {
            HASH_DEL(c->results.asked, e);
            mem_free(e);
        }
    }
}

void results_look(struct collect *c, int64_t now_us)
{
    if (!c->options.unsettled || !link_is_ready(c->result)) {
        return;
    }
    int64_t span_us = c->results.looked_us ? now_us - c->results.looked_us : c->options.refresh_us;
    size_t room = (size_t)(ASK_PER_S * (span_us < 2 * US_PER_S ? span_us : 2 * US_PER_S) / US_PER_S) + 1;
    struct look *look = mem_zalloc(sizeof *look);
    *look = (struct look){.c = c, .now_us = now_us};
    c->results.round++;
    c->results.looked_us = now_us;
    c->options.unsettled(c->options.ctx, consider, look);
    drop_unnamed(c);
    qsort(look->due, look->due_count, sizeof look->due[0], by_turn); /* NOLINT(bugprone-sizeof-expression) */
    for (size_t i = 0; i < look->due_count && room; i++, room--) {
        struct asked *e = look->due[i];
        if (!ask(c, (struct span){e->id, e->len}, false)) {
            break;
        }
        e->asked_us = now_us;
        e->pause_us = e->pause_us ? e->pause_us : c->options.refresh_us / 2;
    }
    mem_free(look);
}

void results_clear(struct collect *c)
{
    drop_todo(c);
    c->results.round++;
    drop_unnamed(c);
}
