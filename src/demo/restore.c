/* restore: what stands in unacked for longer than the visibility timeout goes back to its queue, whoever took
 * it: one entry after the other, each only if nobody acknowledges it meanwhile. Source: facts, section 3.4.
 */
#include "demo/worker_priv.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/uuid.h"

#include "redai/schema/unacked.h"

#define AGAIN_US (100 * US_PER_S)
#define RELEASE                                                                                              \
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

struct restore {
    struct demo_worker *worker;
    char mutex[UUID_TEXT_SIZE];
    UT_array tags; /* of char *, the next one last */
};

static void restore_end(struct restore *r)
{
    struct demo_worker *w = r->worker;

    w->restoring = NULL;
    if (!w->is_freeing) {
        link_command(w->restore, NULL, NULL, S("EVAL"), S(RELEASE), S("1"), S("unacked_mutex"),
                     span_of(r->mutex));
    }
    utarray_done(&r->tags);
    mem_free(r);
}

static void restore_next(struct restore *r);

static const char *tag_now(const struct restore *r)
{
    const char *const *last = (const char *const *)utarray_back(&r->tags);
    return last ? *last : "";
}

/* nil: somebody was faster, and all is as it should be. */
static void on_back(void *user, const struct reply *reply)
{
    struct restore *r = user;

    if (!reply || r->worker->is_freeing) {
        restore_end(r);
        return;
    }
    r->worker->tally.restored += reply_type(reply) == REPLY_ARRAY;
    utarray_pop_back(&r->tags);
    restore_next(r);
}

static void on_entry(void *user, const struct reply *reply)
{
    struct restore *r = user;
    struct link *link = r->worker->restore;
    struct span tag = span_of(r->worker->is_freeing ? "" : tag_now(r));
    UT_string queue, element, marked;

    if (!reply || r->worker->is_freeing) {
        restore_end(r);
        return;
    }
    utstring_init(&queue);
    utstring_init(&element);
    utstring_init(&marked);
    bool good = unacked_decode(reply_text(reply), &queue, &element) && utstring_len(&queue) > 0 &&
                sequel_redelivered(text_span(&element), &marked);
    link_command(link, NULL, NULL, S("MULTI"));
    link_command(link, NULL, NULL, S("ZREM"), S("unacked_index"), tag);
    link_command(link, NULL, NULL, S("HDEL"), S("unacked"), tag);
    if (good) {
        link_command(link, NULL, NULL, S("RPUSH"), text_span(&queue), text_span(&marked));
    }
    if (!link_command(link, on_back, r, S("EXEC"))) {
        restore_end(r);
    }
    utstring_done(&queue);
    utstring_done(&element);
    utstring_done(&marked);
}

static void restore_next(struct restore *r)
{
    struct link *link = r->worker->restore;

    if (utarray_len(&r->tags) == 0) {
        restore_end(r);
        return;
    }
    link_command(link, NULL, NULL, S("WATCH"), S("unacked"));
    if (!link_command(link, on_entry, r, S("HGET"), S("unacked"), span_of(tag_now(r)))) {
        restore_end(r);
    }
}

static void on_overdue(void *user, const struct reply *reply)
{
    struct restore *r = user;

    for (size_t i = 0; !r->worker->is_freeing && i < reply_count(reply); i++) {
        char *tag = span_dup(reply_text(reply_at(reply, i)));
        utarray_push_back(&r->tags, &tag);
        mem_free(tag);
    }
    restore_next(r);
}

static void on_mutex(void *user, const struct reply *reply)
{
    struct restore *r = user;
    struct demo_worker *w = r->worker;
    char until[40];

    if (!reply_is_ok(reply)) {
        /* Another worker is at it. */
        w->restoring = NULL;
        utarray_done(&r->tags);
        mem_free(r);
        return;
    }
    snprintf(until, sizeof(until), "%.7f", task_epoch_s() - (double)w->visibility_s);
    if (!link_command(w->restore, on_overdue, r, S("ZREVRANGEBYSCORE"), S("unacked_index"), span_of(until),
                      S("0"), S("LIMIT"), S("0"), S("10"))) {
        restore_end(r);
    }
}

void restore_start(struct demo_worker *w)
{
    timer_set(w->restore_timer, AGAIN_US);
    if (w->restoring || w->is_stopping || !link_is_ready(w->restore)) {
        return;
    }
    struct restore *r = mem_zalloc(sizeof(*r));
    r->worker = w;
    uuid_v4(r->mutex);
    utarray_init(&r->tags, &ut_str_icd);
    w->restoring = r;
    if (!link_command(w->restore, on_mutex, r, S("SET"), S("unacked_mutex"), span_of(r->mutex), S("PX"),
                      S("300000"), S("NX"))) {
        restore_end(r);
    }
}
