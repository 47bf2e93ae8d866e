/* batches: progress keys that live, and what becomes of them. When the key has gone the Celery state in the
 * result database answers, as the platform's own endpoint does. */
#include "collect_priv.h"

#include "redai/schema/result.h"

enum { BATCHES_MAX = 10000 };
#define RESULT_AGAIN_US (2 * US_PER_S)
#define REREAD_US       (10 * US_PER_S)
#define FINAL_KEEP_US   (900 * US_PER_S) /* longer than its progress key lives */

struct watched_batch *batches_find(struct collect *c, struct span id)
{
    struct watched_batch *w;
    HASH_FIND(hh, c->batches, id.data, id.len, w);
    return w;
}

void batches_seen(struct collect *c, struct span id)
{
    if (batches_find(c, id) || !id.len || HASH_COUNT(c->batches) >= BATCHES_MAX) {
        return;
    }
    struct watched_batch *w = mem_zalloc(sizeof *w + id.len);
    w->len = id.len;
    memcpy(w->id, id.data, id.len);
    HASH_ADD(hh, c->batches, id, w->len, w);
}

static void forget(struct collect *c, struct watched_batch *w)
{
    HASH_DEL(c->batches, w);
    mem_free(w);
}

void batches_clear(struct collect *c)
{
    struct watched_batch *w, *next;
    hash_each (c->batches, w, next) {
        forget(c, w);
    }
}

void batches_result(struct collect *c, struct span id, const struct result *res)
{
    struct watched_batch *w = batches_find(c, id);
    if (w) {
        w->final = result_is_final(res);
        w->final_us = clock_mono_us();
    }
}

static void tell_task(struct collect *c, struct watched_batch *w, const struct result *res)
{
    struct span id = {w->id, w->len};
    results_tell(c, id, res);
    batches_result(c, id, res);
}

struct question {
    struct collect *c;
    size_t len;
    char id[];
};

static void on_result(void *user, const struct reply *r)
{
    struct question *q = user;
    struct watched_batch *w = r ? batches_find(q->c, (struct span){q->id, q->len}) : NULL;
    struct span json;
    if (reply_string(r, &json)) {
        collect_tally_site(q->c, SITE_RESULTS, json.len > 0);
    }
    if (w && reply_string(r, &json)) {
        struct result res;
        result_decode(&res, json);
        /* Nothing stored says something only once the progress key has gone as well. */
        bool unreadable = !res.valid && json.len > 0;
        if (unreadable) {
            collect_poll_result(q->c, TOPIC_BATCHES, false, S("a stored result is no JSON"));
        } else if (res.valid || w->key_gone) {
            tell_task(q->c, w, &res);
        }
        if (w->key_gone && (w->final || !res.valid)) {
            forget(q->c, w);
        }
        result_release(&res);
    } else if (w && reply_is_error(r)) {
        collect_poll_result(q->c, TOPIC_BATCHES, false, reply_error(r));
    }
    mem_free(q);
}

static void ask_result(struct collect *c, struct watched_batch *w)
{
    struct question *q = mem_zalloc(sizeof *q + w->len);
    q->c = c;
    q->len = w->len;
    memcpy(q->id, w->id, w->len);
    UT_string key;
    utstring_init(&key);
    text_add(&key, S("celery-task-meta-"));
    text_add(&key, (struct span){w->id, w->len});
    if (!link_command(c->result, on_result, q, S("GETRANGE"), text_span(&key), S("0"), S("65535"))) {
        mem_free(q);
    }
    utstring_done(&key);
}

void batches_gone(struct collect *c, struct span id, enum gone_reason reason)
{
    reader_forget(c, TARGET_TASK, id);
    struct fact f = {.kind = FACT_BATCH_GONE, .batch_gone = {id, reason}};
    collect_emit(c, &f);
    batches_seen(c, id);
    struct watched_batch *w = batches_find(c, id);
    if (w && w->final) {
        forget(c, w); /* its end was told already */
    } else if (w) {
        w->key_gone = true;
        w->result_us = 0;
    }
}

void batches_step(struct collect *c, int64_t now_us)
{
    int64_t pause = feed_is_live(c) ? REREAD_US : c->options.refresh_us;
    struct watched_batch *w, *next;
    hash_each (c->batches, w, next) {
        if (w->final && now_us - w->final_us > FINAL_KEEP_US) {
            forget(c, w);
            continue;
        }
        if (!w->key_gone && !w->final && now_us - w->read_us >= pause) {
            w->read_us = now_us;
            reader_mark(c, TARGET_TASK, (struct span){w->id, w->len}, true);
        }
        bool unsure = !w->final && (w->key_gone || !w->key_seen);
        if (unsure && link_is_ready(c->result) && now_us - w->result_us >= RESULT_AGAIN_US) {
            w->result_us = now_us;
            ask_result(c, w);
        }
    }
}
