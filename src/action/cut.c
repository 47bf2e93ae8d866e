#include "cut.h"

#include "keep.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

#include "redai/schema/session_value.h"

static const UT_icd victim_icd = {sizeof(struct victim *), NULL, NULL, NULL};

static void user_done(void *element)
{
    struct cut_user *user = element;
    mem_free(user->id);
    mem_free(user->shown);
    mem_free(user->error);
}
static const UT_icd user_icd = {sizeof(struct cut_user), NULL, NULL, user_done};

static void pending_done(void *element)
{
    mem_free(*(char **)element);
}
static const UT_icd pending_icd = {sizeof(char *), NULL, NULL, pending_done};

struct cut *cut_new(void)
{
    struct cut *c = mem_zalloc(sizeof *c);
    utarray_init(&c->list, &victim_icd);
    utarray_init(&c->user, &user_icd);
    utarray_init(&c->pending, &pending_icd);
    keyset_init(&c->wanted);
    utstring_init(&c->cursor);
    utstring_init(&c->key);
    return c;
}

void cut_release(void *cut)
{
    struct cut *c = cut;
    if (!c) {
        return;
    }
    HASH_CLEAR(hh, c->set);
    for (size_t i = 0; i < cut_count(c); i++) {
        struct victim *v = cut_at(c, i);
        for (struct cut_also *also = v->also, *after; also; also = after) {
            after = also->next;
            mem_free(also->user);
            mem_free(also);
        }
        mem_free(v->id);
        mem_free(v->user);
        mem_free(v->owner);
        mem_free(v->error);
        mem_free(v->index_error);
        mem_free(v);
    }
    utarray_done(&c->list);
    utarray_done(&c->user);
    utarray_done(&c->pending);
    keyset_release(&c->wanted);
    utstring_done(&c->cursor);
    utstring_done(&c->key);
    mem_free(c);
}

struct victim *cut_find(const struct cut *c, struct span id)
{
    struct victim *v = NULL;
    HASH_FIND(hh, c->set, id.data, id.len, v);
    return v;
}

struct victim *cut_add(struct cut *c, struct span id)
{
    struct victim *v = cut_find(c, id);
    if (v) {
        return v;
    }
    v = mem_zalloc(sizeof *v);
    v->id = span_dup(id);
    v->id_len = id.len;
    v->unlinked = v->removed = v->bytes = -1;
    HASH_ADD_KEYPTR(hh, c->set, v->id, v->id_len, v);
    utarray_push_back(&c->list, &v);
    return v;
}

size_t cut_count(const struct cut *c)
{
    return utarray_len(&c->list);
}

struct victim *cut_at(const struct cut *c, size_t i)
{
    return *VERB_AT(&c->list, struct victim *, i);
}

bool cut_is_indexed_by(const struct victim *v, const char *user)
{
    if (!v->indexed) {
        return false;
    }
    for (const struct cut_also *also = v->also; also; also = also->next) {
        if (strcmp(also->user, user) == 0) {
            return true;
        }
    }
    return v->user && strcmp(v->user, user) == 0;
}

void cut_indexed_by(struct victim *v, const char *user)
{
    if (cut_is_indexed_by(v, user)) {
        return;
    }
    if (v->indexed && v->user) {
        struct cut_also *also = mem_zalloc(sizeof *also);
        also->user = mem_strdup(user);
        LL_APPEND(v->also, also);
    } else {
        mem_replace(&v->user, user);
    }
    v->indexed = true;
}

const char *cut_user(const struct victim *v, size_t i)
{
    const struct cut_also *also = v->also;
    if (i == 0) {
        return v->user;
    }
    for (; also && i > 1; i--) {
        also = also->next;
    }
    return also ? also->user : NULL;
}

char *cut_users(const struct victim *v)
{
    char *users = utf8_sanitise_dup(span_of(v->user), PHRASE_COLUMNS);
    for (const struct cut_also *also = v->also; also; also = also->next) {
        char *one = utf8_sanitise_dup(span_of(also->user), PHRASE_COLUMNS);
        char *longer = phrase_make("%s, %s", users, one);
        mem_free(one);
        mem_free(users);
        users = longer;
    }
    return users;
}

void cut_session_key(struct span id, UT_string *out)
{
    utstring_clear(out);
    text_add(out, S("session:"));
    text_add(out, id);
}

void cut_index_key(const char *user, UT_string *out)
{
    utstring_clear(out);
    utstring_printf(out, "user:%s:sessions", user);
}

/* --- looking --- */

void cut_take_value(struct victim *v, const struct reply *value)
{
    struct session_value decoded;
    struct span json;

    if (reply_is_error(value)) {
        v->exists = true; /* of another type: somebody's session all the same */
        v->looked = true;
        return;
    }
    if (!reply_string(value, &json) || json.len == 0) {
        return;
    }
    v->exists = v->looked = true;
    v->bytes = json.len < VERB_VALUE_MOST ? (int64_t)json.len : -1;
    session_value_decode(&decoded, json);
    if (decoded.user_id && *decoded.user_id) {
        mem_replace(&v->owner, decoded.user_id);
    }
    session_value_release(&decoded);
}

static void on_value(struct runner *r, const struct answer *a)
{
    cut_take_value(cut_at(r->work, a->tag), a->reply);
}

static void on_exists(struct runner *r, const struct answer *a)
{
    struct victim *v = cut_at(r->work, a->tag);
    int64_t n;
    if (reply_int(a->reply, &n)) {
        v->exists = n > 0;
        v->looked = true;
    }
}

static void on_member(struct runner *r, const struct answer *a)
{
    struct victim *v = cut_at(r->work, a->tag);
    int64_t n;
    if (reply_int(a->reply, &n)) {
        v->indexed = n > 0;
    }
}

static void look_values(struct runner *r);

static void look_next(struct runner *r)
{
    struct cut *c = r->work;
    c->at = c->end;
    if (c->at < cut_count(c)) {
        look_values(r);
    } else {
        c->then(r);
    }
}

/* What the values left open: an empty one may be no key at all; and is the session in its user's index? */
static void look_places(struct runner *r)
{
    struct cut *c = r->work;
    UT_string key;

    utstring_init(&key);
    for (size_t i = c->at; i < c->end; i++) {
        struct victim *v = cut_at(c, i);
        if (!v->exists) {
            cut_session_key(victim_id(v), &key);
            step_act(r, on_exists, i, S("EXISTS"), text_span(&key));
        }
        if (!v->user && v->owner) {
            mem_replace(&v->user, v->owner);
        }
        if (v->user && !v->indexed) {
            cut_index_key(v->user, &key);
            step_act(r, on_member, i, S("SISMEMBER"), text_span(&key), victim_id(v));
        }
    }
    utstring_done(&key);
    step_then(r, look_next);
}

static void look_values(struct runner *r)
{
    struct cut *c = r->work;
    UT_string key;

    c->end = c->at + VERB_GROUP < cut_count(c) ? c->at + VERB_GROUP : cut_count(c);
    utstring_init(&key);
    for (size_t i = c->at; i < c->end; i++) {
        struct victim *v = cut_at(c, i);
        if (!v->looked) {
            cut_session_key(victim_id(v), &key);
            step_act(r, on_value, i, S("GETRANGE"), text_span(&key), S("0"), S(VERB_VALUE_LAST));
        }
    }
    utstring_done(&key);
    verb_progress(r, (int64_t)c->at, (int64_t)cut_count(c), "looking at sessions");
    step_then(r, look_places);
}

void cut_look(struct runner *r, step_fn then)
{
    struct cut *c = r->work;
    c->then = then;
    c->at = 0;
    look_values(r);
}

/* --- what can be kept --- */

/* The session's key; good until the next call. */
static struct span key_at(struct runner *r, size_t i)
{
    struct cut *c = r->work;
    cut_session_key(victim_id(cut_at(c, i)), &c->key);
    return text_span(&c->key);
}

static int64_t size_at(struct runner *r, size_t i)
{
    const struct victim *v = cut_at(r->work, i);
    return v->skip || !v->exists ? KEEP_NOTHING : v->bytes >= 0 ? v->bytes : KEEP_UNKNOWN;
}

void cut_keep(struct runner *r, step_fn then)
{
    keep_look(r, cut_count(r->work), key_at, size_at, then);
}

void cut_say_watch(struct runner *r)
{
    char period[32];
    if (r->options.watch_us > 0) {
        plan_remark(&r->plan, "watched for %s: the platform's update may write one back",
                    human_duration(r->options.watch_us, period, sizeof period));
    }
}

/* --- the plan's lists --- */

enum { EXACT = 3 }; /* so many transactions are spelled out */

static void add_index(UT_string *before, UT_string *behind, bool kept, const char *user, const char *shown)
{
    char *name = utf8_sanitise_dup(span_of(user), PHRASE_COLUMNS);
    if (kept) {
        utstring_printf(before, "PTTL user:%s:sessions; ", name);
    }
    utstring_printf(behind, "SREM user:%s:sessions %s; ", name, shown);
    mem_free(name);
}

static void plan_transaction(struct plan *p, const struct victim *v, bool kept)
{
    char *shown = phrase_session(victim_id(v));
    UT_string before, behind;

    utstring_init(&before);
    utstring_init(&behind);
    if (kept) {
        utstring_printf(&before, "PTTL session:%s; DUMP session:%s; ", shown, shown);
    }
    for (size_t i = 0; cut_user(v, i); i++) {
        add_index(&before, &behind, kept, cut_user(v, i), shown);
    }
    if (v->user || kept) {
        plan_command(p, "MULTI; %sUNLINK session:%s; %sEXEC", utstring_body(&before), shown,
                     utstring_body(&behind));
    } else {
        plan_command(p, "UNLINK session:%s", shown);
    }
    utstring_done(&before);
    utstring_done(&behind);
    mem_free(shown);
}

/* The same for many. */
static void plan_transactions(struct plan *p, bool kept, bool indexed, int64_t n)
{
    const char *before = !kept     ? ""
                         : indexed ? "PTTL session:<id>; DUMP session:<id>; PTTL user:<user>:sessions; "
                                   : "PTTL session:<id>; DUMP session:<id>; ";
    if (n == 0) {
        return;
    }
    if (kept || indexed) {
        plan_command(p, "MULTI; %sUNLINK session:<id>; %sEXEC  x %" PRId64, before,
                     indexed ? "SREM user:<user>:sessions <id>; " : "", n);
    } else {
        plan_command(p, "UNLINK session:<id>  x %" PRId64, n);
    }
}

static void plan_victim(struct plan *p, const struct victim *v)
{
    char *shown = phrase_session(victim_id(v));
    char *users = cut_users(v);
    plan_sample(p, "%s  %s%s%s%s", shown, v->user ? "user " : "no user", users,
                !v->exists               ? ", already gone"
                : v->user && !v->indexed ? ", missing from the index"
                                         : "",
                !v->exists && v->indexed ? ", index entry stale" : "");
    mem_free(users);
    mem_free(shown);
}

void cut_plan(struct runner *r, int64_t *ret_live, int64_t *ret_stale)
{
    struct cut *c = r->work;
    struct plan *p = &r->plan;
    int64_t live = 0, stale = 0, all = 0, n[2][2] = {{0}}; /* kept or not, named by an index or not */

    for (size_t i = 0; i < cut_count(c); i++) {
        const struct victim *v = cut_at(c, i);
        if (v->skip) {
            continue;
        }
        all++;
        live += v->exists;
        stale += !v->exists && v->indexed;
        n[keep_wants(r, i)][v->user != NULL]++;
        if (all <= VERB_SAMPLE) {
            plan_victim(p, v);
        }
    }
    for (size_t i = 0; all <= EXACT && i < cut_count(c); i++) {
        if (!cut_at(c, i)->skip) {
            plan_transaction(p, cut_at(c, i), keep_wants(r, i));
        }
    }
    for (int i = 0; all > EXACT && i < 4; i++) {
        bool kept = i < 2, indexed = i % 2 == 0;
        plan_transactions(p, kept, indexed, n[kept][indexed]);
    }
    *ret_live = live;
    *ret_stale = stale;
}
