#include "cut.h"
#include "keep.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

/* Everybody is gone before it began: told, and nothing is asked. */
static void nothing_left(struct runner *r)
{
    struct cut *c = r->work;
    for (size_t i = 0; i < cut_count(c); i++) {
        const struct victim *v = cut_at(c, i);
        char *shown = phrase_session(victim_id(v)), *tag = phrase_session_tag(victim_id(v));
        verb_receipt(r, ACTION_GONE, shown, tag, "already gone");
        mem_free(shown);
        mem_free(tag);
    }
    char *count = phrase_count((int64_t)cut_count(c), "session", NULL);
    verb_refuse(r, ACTION_GONE, "%s already gone: nothing to revoke", count);
    mem_free(count);
}

static void say_how_many(struct plan *p, int64_t n, const char *one, const char *many)
{
    if (n == 1) {
        plan_remark(p, "%s", one);
    } else if (n > 1) {
        plan_remark(p, "%" PRId64 " %s", n, many);
    }
}

static void say_title(struct runner *r, int64_t live)
{
    const struct cut *c = r->work;
    const struct victim *v = cut_at(c, 0);

    if (cut_count(c) > 1) {
        plan_title(&r->plan, "revoke %" PRId64 " sessions", live);
        return;
    }
    char *shown = phrase_session(victim_id(v)), *user = utf8_sanitise_dup(span_of(v->user), PHRASE_COLUMNS);
    char *tag = phrase_session_tag(victim_id(v));
    char *tagged = phrase_make("revoke session %s%s%s", tag, *user ? " of user " : "", user);
    plan_title(&r->plan, "revoke session %s%s%s", shown, *user ? " of user " : "", user);
    verb_tag(r, tagged);
    mem_free(tagged);
    mem_free(tag);
    mem_free(user);
    mem_free(shown);
}

static void plan_end(struct runner *r)
{
    struct cut *c = r->work;
    struct plan *p = &r->plan;
    int64_t live, stale, gone = 0, unlisted = 0, nobody = 0;

    for (size_t i = 0; i < cut_count(c); i++) {
        const struct victim *v = cut_at(c, i);
        gone += !v->exists;
        unlisted += v->exists && v->user && !v->indexed;
        nobody += v->exists && !v->user;
    }
    cut_plan(r, &live, &stale);
    if (live == 0) {
        nothing_left(r);
        return;
    }
    say_how_many(p, gone, "1 is already gone", "are already gone");
    say_how_many(p, unlisted, "1 is missing from the index of its user: only its key is there to remove",
                 "are missing from the index of their user: only their keys are there to remove");
    say_how_many(p, nobody, "1 names no user: only its key is removed",
                 "name no user: only their keys are removed");
    cut_say_watch(r);
    keep_say(r, "session", NULL);
    say_title(r, live);
    p->destructive = true;
    plan_ask(p, live);
    verb_planned(r);
}

static void looked(struct runner *r)
{
    cut_keep(r, plan_end);
}

static void plan(struct runner *r)
{
    struct cut *c = cut_new();

    r->work = c;
    for (size_t i = 0; i < utarray_len(&r->order.target); i++) {
        cut_add(c, target_id(VERB_AT(&r->order.target, struct target, i)));
    }
    cut_look(r, looked);
}

const struct verb_ops verb_revoke_session_ops = {
    .plan = plan, .run = cut_run, .release = cut_release, .must_see = true};
