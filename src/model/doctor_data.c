/* doctor_data: checks on sessions and cached keys. */
#include "model_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

#include "redai/model/user.h"

enum { SMALL = 32 };

/* --- sessions and their users' sets --- */

static bool has_index(struct judging *j)
{
    const struct session_index_view *v = model_session_index(j->m);
    const struct topic_state *t = &j->m->topic[TOPIC_SESSIONS];
    if (!v->complete || t->view.failed) {
        doctor_unknown(j, "%s",
                       t->view.failed && t->view.error[0] ? t->view.error
                       : v->error[0]                      ? v->error
                                                          : "the users' sets were not all read");
        return false;
    }
    return true;
}

void doctor_judge_orphans(struct judging *j)
{
    const struct session_index_view *v = model_session_index(j->m);
    if (!has_index(j)) {
        return;
    }
    if (v->orphans) {
        doctor_bad(j, SEVERITY_WARNING, "%s%zu of %zu sessions stand in no user's set",
                   v->blind ? "at least " : "", v->orphans, model_session_count(j->m));
    } else if (v->blind) {
        doctor_unknown(j, "%zu sets are too large to be looked through", v->blind);
    } else {
        doctor_good(j, "every session stands in its user's set");
    }
}

void doctor_judge_stale(struct judging *j)
{
    const struct session_index_view *v = model_session_index(j->m);
    if (!has_index(j)) {
        return;
    }
    if (v->stale) {
        doctor_bad(j, SEVERITY_INFO, "%s%zu entries name sessions that are gone",
                   v->partly ? "at least " : "", v->stale);
    } else {
        doctor_good(j, "no entry names a session that is gone");
    }
}

void doctor_judge_foreign(struct judging *j)
{
    const struct session_index_view *v = model_session_index(j->m);
    if (!has_index(j)) {
        return;
    }
    if (v->foreign) {
        doctor_bad(j, SEVERITY_WARNING, "%zu entries name a session of another user", v->foreign);
    } else {
        doctor_good(j, "no entry names a session of another user");
    }
}

/* --- cached keys --- */

static bool has_census(struct judging *j)
{
    bool complete = j->m->census.view.complete;
    if (!complete) {
        const char *why = j->m->topic[TOPIC_CACHE].view.error;
        doctor_unknown(j, "the keys were not all walked%s%s", why[0] ? ": " : "", why);
    }
    return complete;
}

void doctor_judge_reprs(struct judging *j)
{
    if (!has_census(j)) {
        return;
    }
    for (size_t i = 0; i < model_family_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct family *f = model_family_at(j->m, i);
        char reprs[SMALL], keys[SMALL];
        if (f->counted && f->reprs > 0) {
            doctor_bad(j, SEVERITY_WARNING, "%s of %s keys have an object's address in them",
                       human_count(f->reprs, reprs, sizeof reprs), human_count(f->keys, keys, sizeof keys));
            doctor_about(j, f->name, VEIL_FAMILY, TARGET_FAMILY, span_of(f->name));
        }
    }
    if (!j->said) {
        doctor_good(j, "no key has an object's address in it");
    }
}

void doctor_judge_lasting(struct judging *j)
{
    if (!has_census(j)) {
        return;
    }
    for (size_t i = 0; i < model_family_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct family *f = model_family_at(j->m, i);
        char n[SMALL], keys[SMALL];
        if (f->counted && f->misplaced > 0) {
            doctor_bad(j, SEVERITY_WARNING, "%s%s of %s keys have no TTL", f->without_ttl_exact ? "" : "~",
                       human_count(f->misplaced, n, sizeof n), human_count(f->keys, keys, sizeof keys));
            doctor_about(j, f->name, VEIL_FAMILY, TARGET_FAMILY, span_of(f->name));
        }
    }
    if (!j->said) {
        doctor_good(j, "whatever should expire does");
    }
}

void doctor_judge_overlap(struct judging *j)
{
    const char *pair = doctor_text(j, "cache.overlap");
    if (!pair) {
        return;
    }
    struct span keys = span_of(pair);
    size_t at = span_find(keys, ' ');
    if (!pair[0]) {
        doctor_good(j, "no cached exam's id begins with another's");
        return;
    }
    doctor_bad(j, SEVERITY_INFO, "the pattern of the exam with the shorter id takes this one, too");
    doctor_about(j, pair + at + (at < keys.len), VEIL_KEY, TARGET_FAMILY, S("exam"));
}

void doctor_judge_hit_rate(struct judging *j)
{
    enum { LEAST = 100 };
    const double alert = 70.;
    const struct server *s = &j->m->server.view;
    int64_t hits = s->info.keyspace_hits, misses = s->info.keyspace_misses;
    char all[SMALL], own[SMALL];
    if (!doctor_has_info(j)) {
        return;
    }
    if (hits < 0 || misses < 0) {
        doctor_unknown(j, "INFO does not tell keyspace_hits");
        return;
    }
    if (!doctor_has_broker(j->m)) {
        doctor_good(j, "no Celery reads are counted here");
        return;
    }
    if (model_count(hits) + model_count(misses) < LEAST) {
        doctor_good(j, "too few reads to tell");
        return;
    }
    double rate = (double)hits * 100. / ((double)hits + (double)misses);
    human_percent(rate, all, sizeof all);
    if (rate >= alert) {
        doctor_good(j, "all reads: %s, above the platform's 70 %%", all);
    } else if (isnan(s->hit_rate_window) || !s->celery_told_apart) {
        doctor_bad(j, SEVERITY_INFO, "all reads since the start: %s, Celery's among them", all);
    } else {
        doctor_bad(j, SEVERITY_INFO, "all reads since the start: %s; the cache's own in the last minute: %s",
                   all, human_percent(s->hit_rate_window, own, sizeof own));
    }
}
