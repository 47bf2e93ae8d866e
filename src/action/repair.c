#include "repair.h"

#include "cut.h"
#include "phrase.h"

#include <stdlib.h>

#include "redai/base/utf8.h"

#include "redai/schema/session_value.h"

static void entry_done(void *element)
{
    struct repair_entry *e = element;
    mem_free(e->id);
    mem_free(e->owner);
    mem_free(e->error);
}
static const UT_icd entry_icd = {sizeof(struct repair_entry), NULL, NULL, entry_done};

static void user_done(void *element)
{
    struct repair_user *u = element;
    mem_free(u->id);
    mem_free(u->shown);
}
static const UT_icd user_icd = {sizeof(struct repair_user), NULL, NULL, user_done};

size_t repair_count(const struct repair *v)
{
    return utarray_len(&v->entry);
}

struct repair_entry *repair_at(const struct repair *v, size_t i)
{
    return VERB_AT(&v->entry, struct repair_entry, i);
}

struct repair_user *repair_user_at(const struct repair *v, size_t i)
{
    return VERB_AT(&v->user, struct repair_user, i);
}

/* By user, then orphans before stale entries, then by id: the same one twice stands side by side. */
static int by_user(const void *a, const void *b)
{
    const struct order_stray *x = *(const struct order_stray *const *)a;
    const struct order_stray *y = *(const struct order_stray *const *)b;
    int order = strcmp(x->user, y->user);
    order = order ? order : (int)y->orphan - (int)x->orphan;
    return order ? order : span_compare(span_make(x->id, x->id_len), span_make(y->id, y->id_len));
}

static void add_entry(struct repair *v, const struct order_stray *stray)
{
    size_t users = utarray_len(&v->user), n = repair_count(v);
    if (users == 0 || strcmp(repair_user_at(v, users - 1)->id, stray->user) != 0) {
        const struct repair_user user = {.id = mem_strdup(stray->user),
                                         .shown = utf8_sanitise_dup(span_of(stray->user), PHRASE_COLUMNS),
                                         .pttl_ms = -3,
                                         .lives_ms = -3};
        utarray_push_back(&v->user, &user);
        users++;
    } else if (repair_at(v, n - 1)->orphan == stray->orphan &&
               span_equal(repair_id(repair_at(v, n - 1)), span_make(stray->id, stray->id_len))) {
        return;
    }
    const struct repair_entry entry = {.id = span_dup(span_make(stray->id, stray->id_len)),
                                       .id_len = stray->id_len,
                                       .user = users - 1,
                                       .orphan = stray->orphan,
                                       .pttl_ms = -3};
    utarray_push_back(&v->entry, &entry);
    repair_user_at(v, users - 1)->end = n + 1;
}

struct repair *repair_new(const struct order *o)
{
    struct repair *v = mem_zalloc(sizeof *v);
    size_t n = utarray_len(&o->stray);
    const struct order_stray **sorted = mem_zalloc((n + 1) * sizeof(const struct order_stray *));

    utarray_init(&v->entry, &entry_icd);
    utarray_init(&v->user, &user_icd);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = VERB_AT(&o->stray, const struct order_stray, i);
    }
    qsort(sorted, n, sizeof(const struct order_stray *), by_user); /* NOLINT(bugprone-sizeof-expression) */
    for (size_t i = 0; i < n; i++) {
        add_entry(v, sorted[i]);
    }
    mem_free(sorted);
    return v;
}

void repair_release(void *repair)
{
    struct repair *v = repair;
    if (v) {
        utarray_done(&v->entry);
        utarray_done(&v->user);
        mem_free(v->error);
        mem_free(v);
    }
}

/* --- looking --- */

static void on_ttl(struct runner *r, const struct answer *a)
{
    struct repair_entry *e = repair_at(r->work, a->tag);
    verb_keep_error(&e->error, a->reply);
    if (!reply_int(a->reply, &e->pttl_ms)) {
        e->pttl_ms = -3;
    }
}

static void on_value(struct runner *r, const struct answer *a)
{
    struct repair_entry *e = repair_at(r->work, a->tag);
    struct session_value decoded;
    struct span json;

    e->unread = !reply_string(a->reply, &json); /* of another type, or no answer */
    if (e->unread || json.len == 0) {
        return;
    }
    session_value_decode(&decoded, json);
    if (decoded.user_id && *decoded.user_id) {
        mem_replace(&e->owner, decoded.user_id);
    }
    session_value_release(&decoded);
}

static void on_member(struct runner *r, const struct answer *a)
{
    struct repair_entry *e = repair_at(r->work, a->tag);
    int64_t n = 0;
    verb_keep_error(&e->error, a->reply);
    e->indexed = reply_int(a->reply, &n) && n > 0;
}

static void on_index_ttl(struct runner *r, const struct answer *a)
{
    struct repair_user *u = repair_user_at(r->work, a->tag);
    if (!reply_int(a->reply, &u->pttl_ms)) {
        u->pttl_ms = -3;
    }
}

static void forget(struct repair_entry *e)
{
    e->indexed = e->unread = false;
    e->pttl_ms = -3;
    mem_replace(&e->owner, NULL);
    mem_replace(&e->error, NULL);
}

void repair_look(struct runner *r, step_fn then)
{
    struct repair *v = r->work;
    UT_string session, index;
    size_t user = SIZE_MAX;

    utstring_init(&session);
    utstring_init(&index);
    for (size_t i = v->at; i < v->end; i++) {
        struct repair_entry *e = repair_at(v, i);
        forget(e);
        if (e->user != user) {
            user = e->user;
            repair_user_at(v, user)->pttl_ms = -3;
            cut_index_key(repair_user_at(v, user)->id, &index);
            step_act(r, on_index_ttl, user, S("PTTL"), text_span(&index));
        }
        cut_session_key(repair_id(e), &session);
        step_act(r, on_ttl, i, S("PTTL"), text_span(&session));
        step_act(r, on_member, i, S("SISMEMBER"), text_span(&index), repair_id(e));
        if (e->orphan) {
            step_act(r, on_value, i, S("GETRANGE"), text_span(&session), S("0"), S(VERB_VALUE_LAST));
        }
    }
    utstring_done(&session);
    utstring_done(&index);
    step_then(r, then);
}

/* --- deciding --- */

static enum repair_fate fate_of_orphan(struct repair_entry *e, const struct repair_user *u)
{
    if (e->pttl_ms == -2) {
        e->why = "the session has ended";
        return REPAIR_CHANGED;
    }
    if (e->unread || !e->owner || strcmp(e->owner, u->id) != 0) {
        e->why = e->unread || !e->owner ? "it names no user that can be read" : "it names another user";
        return REPAIR_CHANGED;
    }
    e->why = e->indexed ? "the index names it" : NULL;
    return e->indexed ? REPAIR_NEEDLESS : REPAIR_OPEN;
}

static enum repair_fate fate_of_stale(struct repair_entry *e)
{
    if (e->pttl_ms != -2) {
        e->why = "its session lives: the entry stays";
        return REPAIR_CHANGED;
    }
    e->why = e->indexed ? NULL : "the index does not name it";
    return e->indexed ? REPAIR_OPEN : REPAIR_NEEDLESS;
}

/* What an index must live to cover a session; for one that never expires, as long as a log-in gives it. */
static int64_t needed_ms(const struct repair_entry *e)
{
    return e->pttl_ms == -1 ? REPAIR_INDEX_TTL_S * 1000 : e->pttl_ms;
}

void repair_judge(struct repair *v)
{
    for (size_t i = v->at; i < v->end; i++) {
        struct repair_entry *e = repair_at(v, i);
        struct repair_user *u = repair_user_at(v, e->user);
        e->fate = e->error || e->pttl_ms == -3 ? REPAIR_FAILED
                  : e->orphan                  ? fate_of_orphan(e, u)
                                               : fate_of_stale(e);
        /* An index that is made anew gets a TTL, one that would go before the session a longer one: that of
         * the platform's log-in, or the session's own where it is longer. */
        bool short_lived = u->pttl_ms == -2 || (u->pttl_ms >= 0 && u->pttl_ms < needed_ms(e));
        if (e->orphan && e->fate == REPAIR_OPEN && short_lived) {
            int64_t needed_s = (needed_ms(e) + 999) / 1000;
            needed_s = needed_s > REPAIR_INDEX_TTL_S ? needed_s : REPAIR_INDEX_TTL_S;
            u->expire_s = needed_s > u->expire_s ? needed_s : u->expire_s;
        }
    }
}

void repair_keep_open(struct repair *v)
{
    size_t kept = 0, n = repair_count(v);
    for (size_t i = 0; i < n; i++) {
        struct repair_entry *e = repair_at(v, i);
        if (e->fate != REPAIR_OPEN) {
            entry_done(e);
        } else {
            *repair_at(v, kept++) = *e;
            repair_user_at(v, e->user)->end = kept;
        }
    }
    v->entry.i = (unsigned)kept; /* the rest was released or moved */
}
