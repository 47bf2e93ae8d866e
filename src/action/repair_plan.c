#include "phrase.h"
#include "repair.h"

#include <inttypes.h>

enum { EXACT = 3 }; /* so many entries are spelled out */

struct counts {
    int64_t in, out, users, expires, immortal;
    int64_t longest_s; /* of the lives that indexes get */
    int64_t needless, changed;
};

static struct counts count(const struct repair *v)
{
    struct counts c = {0};
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < repair_count(v); i++) {
        const struct repair_entry *e = repair_at(v, i);
        c.needless += e->fate == REPAIR_NEEDLESS;
        c.changed += e->fate == REPAIR_CHANGED;
        if (e->fate != REPAIR_OPEN) {
            continue;
        }
        c.in += e->orphan;
        c.out += !e->orphan;
        c.immortal += e->orphan && e->pttl_ms == -1;
        if (e->user != last) {
            c.users++;
            int64_t expire_s = repair_user_at(v, e->user)->expire_s;
            c.expires += expire_s > 0;
            c.longest_s = expire_s > c.longest_s ? expire_s : c.longest_s;
        }
        last = e->user;
    }
    return c;
}

static void add_title(struct plan *p, const struct repair *v, const struct counts *c)
{
    char *in = phrase_count(c->in, "orphan", NULL);
    char *out = phrase_count(c->out, "stale entry", "stale entries");
    char *what = c->in && c->out ? phrase_make("put %s in, take %s out", in, out)
                 : c->in         ? phrase_make("put %s in", in)
                                 : phrase_make("take %s out", out);
    const char *shown = "";
    for (size_t i = 0; i < repair_count(v) && c->users == 1; i++) {
        if (repair_at(v, i)->fate == REPAIR_OPEN) {
            shown = repair_user_at(v, repair_at(v, i)->user)->shown;
        }
    }
    if (c->users == 1) {
        plan_title(p, "repair the index of user %s: %s", shown, what);
    } else {
        plan_title(p, "repair %" PRId64 " indexes: %s", c->users, what);
    }
    mem_free(what);
    mem_free(out);
    mem_free(in);
}

/* --- commands --- */

/* Few of them all go in one transaction: exactly this. */
static void add_exact(struct plan *p, const struct repair *v)
{
    UT_string watch;
    size_t last = SIZE_MAX;

    utstring_init(&watch);
    text_add(&watch, S("WATCH"));
    for (size_t i = 0; i < repair_count(v); i++) {
        const struct repair_entry *e = repair_at(v, i);
        if (e->fate == REPAIR_OPEN) {
            char *id = phrase_session(repair_id(e));
            if (e->user != last) {
                utstring_printf(&watch, " user:%s:sessions", repair_user_at(v, e->user)->shown);
            }
            utstring_printf(&watch, " session:%s", id);
            last = e->user;
            mem_free(id);
        }
    }
    plan_command(p, "%s; MULTI", utstring_body(&watch));
    utstring_done(&watch);
    last = SIZE_MAX;
    for (size_t i = 0; i < repair_count(v); i++) {
        const struct repair_entry *e = repair_at(v, i);
        const struct repair_user *u = repair_user_at(v, e->user);
        if (e->fate == REPAIR_OPEN) {
            char *id = phrase_session(repair_id(e));
            plan_command(p, "%s user:%s:sessions %s", e->orphan ? "SADD" : "SREM", u->shown, id);
            if (e->orphan && u->expire_s && e->user != last) {
                plan_command(p, "EXPIRE user:%s:sessions %" PRId64, u->shown, u->expire_s);
                last = e->user;
            }
            mem_free(id);
        }
    }
    plan_command(p, "EXEC");
}

static void add_bulk(struct plan *p, const struct counts *c)
{
    plan_command(p, "WATCH user:<user>:sessions session:<id> ...; MULTI, at most %d at a time", VERB_GROUP);
    if (c->in) {
        plan_command(p, "SADD user:<user>:sessions <id>  x %" PRId64, c->in);
    }
    if (c->expires && c->longest_s > REPAIR_INDEX_TTL_S) {
        plan_command(p, "EXPIRE user:<user>:sessions <%" PRId64 " to %" PRId64 ">  x %" PRId64,
                     REPAIR_INDEX_TTL_S, c->longest_s, c->expires);
    } else if (c->expires) {
        plan_command(p, "EXPIRE user:<user>:sessions %" PRId64 "  x %" PRId64, REPAIR_INDEX_TTL_S,
                     c->expires);
    }
    if (c->out) {
        plan_command(p, "SREM user:<user>:sessions <id>  x %" PRId64, c->out);
    }
    plan_command(p, "EXEC");
}

static void add_sample(struct plan *p, const struct repair *v)
{
    size_t shown = 0;
    for (size_t i = 0; i < repair_count(v) && shown < VERB_SAMPLE; i++) {
        const struct repair_entry *e = repair_at(v, i);
        if (e->fate == REPAIR_OPEN) {
            char *id = phrase_session(repair_id(e));
            plan_sample(p, "%s  user %s, %s", id, repair_user_at(v, e->user)->shown,
                        e->orphan ? "orphan: live, and its index does not name it"
                                  : "stale entry: its session has ended");
            mem_free(id);
            shown++;
        }
    }
}

/* --- remarks --- */

static void add_errors(struct plan *p, const struct repair *v)
{
    size_t last = SIZE_MAX;
    int told = 0;
    for (size_t i = 0; i < repair_count(v) && told < VERB_SAMPLE; i++) {
        const struct repair_entry *e = repair_at(v, i);
        if (e->fate == REPAIR_FAILED && e->user != last) {
            plan_remark(p, "the index of user %s is left alone: %s", repair_user_at(v, e->user)->shown,
                        e->error ? e->error : "it could not be read");
            last = e->user;
            told++;
        }
    }
}

static void add_remarks(struct plan *p, const struct repair *v, const struct counts *c)
{
    if (c->changed) {
        plan_remark(p,
                    "%" PRId64
                    " left alone: not as seen before, since a session lives again, has ended or has "
                    "another user",
                    c->changed);
    }
    if (c->needless) {
        plan_remark(p, "%" PRId64 " in order by now", c->needless);
    }
    if (c->in) {
        plan_remark(p, "the platform renews an index at log-in only: a session that is used for longer than "
                       "its index lives will be missing again");
    }
    if (c->immortal) {
        char *n = phrase_count(c->immortal, "session never expires", "sessions never expire");
        plan_remark(p, "%s: the index will go before", n);
        mem_free(n);
    }
    add_errors(p, v);
}

int64_t repair_plan(const struct repair *v, struct plan *p)
{
    const struct counts c = count(v);
    if (c.in + c.out > 0) {
        add_title(p, v, &c);
        if (c.in + c.out <= EXACT) {
            add_exact(p, v);
        } else {
            add_bulk(p, &c);
        }
        add_sample(p, v);
    }
    add_remarks(p, v, &c);
    return c.in + c.out;
}
