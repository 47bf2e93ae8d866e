/* result_usage: how much memory the stored results use, when they have a database of their own: its keys are
 * counted (each INFO tells how many there are), a few of them from anywhere in it are measured; anew when
 * there are many more or fewer, or after half an hour. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/hash.h"

enum { MEASURED = 48 };
#define COUNT_AGAIN_US (60 * US_PER_S)
#define GROWN_AGAIN_US (5 * US_PER_S) /* there are more than twice as many as when some were measured */

struct measure {
    struct collect *c;
    unsigned round;
    bool is_result;
    int64_t pttl;
};

static void tell(struct collect *c, enum usage usage, int64_t keys, const struct tally *t)
{
    struct fact f = {.kind = FACT_USAGE,
                     .usage = {.usage = usage,
                               .db = c->options.result_db,
                               .part = S("results"),
                               .keys = keys,
                               .sampled = t->sampled,
                               .sampled_no_ttl = t->no_ttl,
                               .sampled_bytes = t->bytes,
                               .sampled_squares = t->squares}};
    collect_emit(c, &f);
}

/* Of all keys there, the share that the sample has. */
static void tell_usage(struct collect *c)
{
    struct result_usage *u = &c->results.usage;
    int64_t met = u->of[0].sampled + u->of[1].sampled;
    if (u->keys < 0 || (u->keys && !met)) {
        return;
    }
    int64_t others = met ? (int64_t)((double)u->keys * (double)u->of[0].sampled / (double)met) : 0;
    tell(c, USAGE_RESULTS, u->keys - others, &u->of[1]);
    tell(c, USAGE_OTHER, others, &u->of[0]);
}

static void on_ttl(void *user, const struct reply *r)
{
    struct measure *a = user;
    a->pttl = -2;
    if (reply_int(r, &a->pttl)) {
        collect_tally_site(a->c, SITE_RESULTS, a->pttl != -2);
    }
}

static void on_bytes(void *user, const struct reply *r)
{
    struct measure *a = user;
    struct result_usage *u = &a->c->results.usage;
    int64_t bytes;
    if (a->round == u->round && a->pttl != -2 && reply_int(r, &bytes) && bytes >= 0) {
        struct tally *t = &u->of[a->is_result];
        t->sampled++;
        t->bytes += bytes;
        t->squares += (double)bytes * (double)bytes;
        t->no_ttl += a->pttl == -1;
    }
    mem_free(a);
}

static void on_measured(void *user, const struct reply *r)
{
    struct collect *c = user;
    struct result_usage *u = &c->results.usage;
    if (r && u->of[0].sampled + u->of[1].sampled) {
        u->sampled_keys = u->keys;
        u->sampled_us = clock_mono_us();
        tell_usage(c);
    }
    u->busy = false;
}

static void on_keys(void *user, const struct reply *r)
{
    struct collect *c = user;
    const struct reply *keys = reply_at(r, 1);
    struct result_usage *u = &c->results.usage;
    u->round++;
    memset(u->of, 0, sizeof u->of);
    for (size_t i = 0; i < reply_count(keys) && i < MEASURED; i++) {
        struct span key = reply_text(reply_at(keys, i));
        struct measure *a = mem_zalloc(sizeof *a);
        *a = (struct measure){.c = c, .round = u->round, .is_result = span_starts(key, S("celery-task"))};
        if (!link_command(c->result, on_ttl, a, S("PTTL"), key) ||
            !link_command(c->result, on_bytes, a, S("MEMORY"), S("USAGE"), key)) {
            mem_free(a);
            break;
        }
    }
    u->busy = r && link_command(c->result, on_measured, c, S("PING"));
}

/* A walk from anywhere goes on from there. */
static bool ask_keys(struct collect *c)
{
    char cursor[24], count[8];
    snprintf(cursor, sizeof cursor, "%llu", (unsigned long long)(c->salt >> 32));
    snprintf(count, sizeof count, "%d", MEASURED);
    return link_command(c->result, on_keys, c, S("SCAN"), span_of(cursor), S("COUNT"), span_of(count));
}

static void on_size(void *user, const struct reply *r)
{
    struct collect *c = user;
    struct result_usage *u = &c->results.usage;
    int64_t keys;
    u->busy = false;
    if (!reply_int(r, &keys)) {
        return;
    }
    int64_t change = keys - u->sampled_keys;
    u->keys = keys;
    if (keys && (!u->sampled_us || change * 5 > u->sampled_keys || -change * 5 > u->sampled_keys ||
                 clock_mono_us() - u->sampled_us > RESAMPLE_US)) {
        u->busy = ask_keys(c);
    } else {
        tell_usage(c);
    }
}

void result_usage_count(struct collect *c, int64_t keys)
{
    struct result_usage *u = &c->results.usage;
    if (keys < 0 || u->keys < 0 || u->busy || keys == u->keys || !sites_results_are_beside(c)) {
        return;
    }
    if (keys / 2 > u->sampled_keys && clock_mono_us() - u->asked_us > GROWN_AGAIN_US) {
        u->asked_us = 0;
    }
    u->keys = keys;
    tell_usage(c);
}

void result_usage_step(struct collect *c, int64_t now_us)
{
    struct result_usage *u = &c->results.usage;
    if (!sites_results_are_beside(c) || u->busy || (u->asked_us && now_us - u->asked_us < COUNT_AGAIN_US) ||
        !pace_take(&c->pace, 1, now_us)) {
        return;
    }
    u->asked_us = now_us;
    u->busy = link_command(c->result, on_size, c, S("DBSIZE"));
}

void result_usage_restart(struct collect *c)
{
    c->results.usage.busy = false;
    c->results.usage.asked_us = c->results.usage.sampled_us = 0;
}
