#include "cut.h"
#include "keep.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/schema/keyname.h"

enum {
    INDEX_MAX = 100000, /* entries of all indexes that are read */
    VICTIM_MAX = 100000
};
#define SCAN_COUNT "1000"
#define PAGE_REST_US                                                                                         \
    INT64_C(1000) /* the least rest between two pages; a page that took longer is followed by as long */
#define PAGE_REST_MAX_US INT64_C(50000)

static struct cut_user *user_at(const struct cut *c, size_t i)
{
    return VERB_AT(&c->user, struct cut_user, i);
}

static bool is_wanted(const struct cut *c, const char *owner)
{
    return owner && keyset_has(&c->wanted, span_of(owner));
}

/* --- the plan --- */

static void spare_entry(struct cut *c, const struct victim *v)
{
    for (size_t i = 0; v->skip && i < utarray_len(&c->user); i++) {
        user_at(c, i)->spared += cut_is_indexed_by(v, user_at(c, i)->id);
    }
}

/* Leaves out what does not belong to these users after all. */
static struct cut_found sort_out(struct cut *c)
{
    struct cut_found f = {0};
    for (size_t i = 0; i < cut_count(c); i++) {
        struct victim *v = cut_at(c, i);
        bool others = v->owner && !is_wanted(c, v->owner);
        if (v->indexed) {
            v->skip = v->exists && others;
            f.foreign += v->skip;
            spare_entry(c, v);
            f.indexed += v->exists && !others;
        } else {
            f.unread += v->exists && !v->owner;
            v->skip = !v->exists || !v->owner || others;
            f.missing += !v->skip;
        }
    }
    return f;
}

static void remark_count(struct plan *p, int64_t n, const char *noun, const char *plural, const char *what)
{
    if (n > 0) {
        char *count = phrase_count(n, noun, plural);
        plan_remark(p, "%s %s", count, what);
        mem_free(count);
    }
}

static void say_found(struct runner *r, const struct cut_found *f, int64_t stale)
{
    const struct cut *c = r->work;
    struct plan *p = &r->plan;

    remark_count(p, f->indexed, "session", NULL, "in the index");
    remark_count(p, f->missing, "session", NULL,
                 r->order.known_all ? "missing from the index"
                                    : "missing from the index, found by walking the keys");
    remark_count(p, stale, "stale index entry", "stale index entries", "removed too");
    remark_count(p, f->foreign, "session", NULL, "of somebody else in the index: left alone");
    remark_count(p, f->unread, "session", NULL, "cannot be read and in no index: left alone");
    for (size_t i = 0; i < utarray_len(&c->user); i++) {
        if (user_at(c, i)->error) {
            plan_remark(p, "the index of user %s could not be read: %s", user_at(c, i)->shown,
                        user_at(c, i)->error);
        }
    }
    if (c->too_many) {
        plan_remark(p, "there are more: this takes the first %zu, repeat it for the rest", cut_count(c));
    }
}

static void kept(struct runner *r)
{
    struct cut *c = r->work;
    int64_t live, stale;
    char *users = utarray_len(&c->user) == 1 ? phrase_make("user %s", user_at(c, 0)->shown)
                                             : phrase_count((int64_t)utarray_len(&c->user), "user", NULL);

    cut_plan(r, &live, &stale);
    say_found(r, &c->found, stale);
    if (live + stale == 0) {
        verb_refuse(r, ACTION_GONE, "%s: no session found, nothing to revoke", users);
    } else {
        char *sessions = live ? phrase_count(live, "session", NULL)
                              : phrase_count(stale, "stale index entry", "stale index entries");
        plan_title(&r->plan, "%s %s of %s", live ? "revoke" : "remove", sessions, users);
        mem_free(sessions);
        if (live > 0) {
            cut_say_watch(r);
        }
        keep_say(r, "session", NULL);
        r->plan.destructive = true;
        plan_ask(&r->plan, live ? live : stale);
        verb_planned(r);
    }
    mem_free(users);
}

static void plan_end(struct runner *r)
{
    struct cut *c = r->work;
    c->found = sort_out(c);
    cut_keep(r, kept);
}

/* --- the walk for sessions that no index names --- */

static void scan_page(struct runner *r);

static void after_page(struct runner *r)
{
    struct cut *c = r->work;
    utarray_clear(&c->pending);
    if (span_equal(text_span(&c->cursor), S("0")) || c->too_many) {
        plan_end(r);
        return;
    }
    int64_t took = clock_mono_us() - c->page_us;
    int64_t rest = took < PAGE_REST_US ? PAGE_REST_US : took > PAGE_REST_MAX_US ? PAGE_REST_MAX_US : took;
    step_after(r, rest, scan_page);
}

static void on_owner(struct runner *r, const struct answer *a)
{
    struct cut *c = r->work;
    const char *id = *VERB_AT(&c->pending, char *, a->tag);
    struct victim read = {.id = NULL};

    cut_take_value(&read, a->reply);
    if (is_wanted(c, read.owner)) {
        struct victim *v = cut_add(c, span_of(id));
        v->exists = v->looked = v->walked = true;
        mem_replace(&v->owner, read.owner);
        mem_replace(&v->user, read.owner);
        c->too_many = cut_count(c) >= VICTIM_MAX;
    }
    mem_free(read.owner);
}

static void read_owners(struct runner *r)
{
    struct cut *c = r->work;
    UT_string key;

    utstring_init(&key);
    c->end = c->at + VERB_GROUP < utarray_len(&c->pending) ? c->at + VERB_GROUP : utarray_len(&c->pending);
    for (size_t i = c->at; i < c->end; i++) {
        cut_session_key(span_of(*VERB_AT(&c->pending, char *, i)), &key);
        step_act(r, on_owner, i, S("GETRANGE"), text_span(&key), S("0"), S(VERB_VALUE_LAST));
    }
    utstring_done(&key);
    c->at = c->end;
    step_then(r, c->end < utarray_len(&c->pending) ? read_owners : after_page);
}

static void take_page(struct runner *r)
{
    struct cut *c = r->work;
    c->walked += (int64_t)1000;
    verb_progress(r, c->walked < c->expected ? c->walked : c->expected, c->expected,
                  "looking for further sessions");
    c->at = 0;
    if (utarray_len(&c->pending) > 0) {
        read_owners(r);
    } else {
        after_page(r);
    }
}

static void on_page(struct runner *r, const struct answer *a)
{
    struct cut *c = r->work;
    const struct reply *keys = reply_at(a->reply, 1);
    struct span cursor = reply_text(reply_at(a->reply, 0)), id;

    utstring_clear(&c->cursor);
    text_add(&c->cursor, cursor.len ? cursor : S("0"));
    for (size_t i = 0; i < reply_count(keys); i++) {
        struct span key = reply_text(reply_at(keys, i));
        /* Ids are texts; one with a zero byte in it is no id of the platform. */
        if (keyname_kind(key, &id) == KEY_SESSION && !memchr(id.data, '\0', id.len) && !cut_find(c, id)) {
            char *copy = span_dup(id);
            utarray_push_back(&c->pending, &copy);
        }
    }
}

static void scan_page(struct runner *r)
{
    struct cut *c = r->work;
    c->page_us = clock_mono_us();
    step_act(r, on_page, 0, S("SCAN"), text_span(&c->cursor), S("MATCH"), S("session:*"), S("COUNT"),
             S(SCAN_COUNT));
    step_then(r, take_page);
}

static void on_size(struct runner *r, const struct answer *a)
{
    struct cut *c = r->work;
    if (!reply_int(a->reply, &c->expected)) {
        c->expected = -1;
    }
}

static void walk(struct runner *r)
{
    struct cut *c = r->work;
    if (r->order.known_all || c->too_many) {
        plan_end(r);
        return;
    }
    utstring_clear(&c->cursor);
    text_add(&c->cursor, S("0"));
    step_act(r, on_size, 0, S("DBSIZE"));
    step_then(r, scan_page);
}

/* --- the indexes --- */

static void look(struct runner *r)
{
    struct cut *c = r->work;
    for (size_t i = 0; i < utarray_len(&r->order.known); i++) {
        const struct target *t = VERB_AT(&r->order.known, struct target, i);
        if (t->id_len > 0 && !cut_find(c, target_id(t))) {
            cut_add(c, target_id(t))->walked = true;
        }
    }
    if (cut_count(c) > 0) {
        cut_look(r, walk);
    } else {
        walk(r);
    }
}

static void scan_index(struct runner *r);

static void next_index(struct runner *r)
{
    struct cut *c = r->work;
    bool over = span_equal(text_span(&c->cursor), S("0"));
    c->scanning += over;
    c->too_many = cut_count(c) >= INDEX_MAX;
    if (c->scanning < utarray_len(&c->user) && !c->too_many) {
        scan_index(r);
    } else {
        look(r);
    }
}

static void on_members(struct runner *r, const struct answer *a)
{
    struct cut *c = r->work;
    struct cut_user *user = user_at(c, c->scanning);
    const struct reply *members = reply_at(a->reply, 1);
    struct span cursor = reply_text(reply_at(a->reply, 0));

    verb_keep_error(&user->error, a->reply);
    utstring_clear(&c->cursor);
    text_add(&c->cursor, cursor.len ? cursor : S("0"));
    for (size_t i = 0; i < reply_count(members); i++) {
        struct span id = reply_text(reply_at(members, i));
        if (id.len == 0) {
            continue;
        }
        cut_indexed_by(cut_add(c, id), user->id);
    }
}

static void scan_index(struct runner *r)
{
    struct cut *c = r->work;
    UT_string key;

    if (utstring_len(&c->cursor) == 0) {
        text_add(&c->cursor, S("0"));
    }
    utstring_init(&key);
    cut_index_key(user_at(c, c->scanning)->id, &key);
    step_act(r, on_members, 0, S("SSCAN"), text_span(&key), text_span(&c->cursor), S("COUNT"), S(SCAN_COUNT));
    utstring_done(&key);
    step_then(r, next_index);
}

static void plan(struct runner *r)
{
    struct cut *c = cut_new();

    r->work = c;
    c->expected = -1;
    for (size_t i = 0; i < utarray_len(&r->order.target); i++) {
        const struct target *t = VERB_AT(&r->order.target, struct target, i);
        if (keyset_add(&c->wanted, target_id(t))) {
            struct cut_user user = {.id = span_dup(target_id(t)),
                                    .shown = utf8_sanitise_dup(target_id(t), PHRASE_COLUMNS)};
            utarray_push_back(&c->user, &user);
        }
    }
    scan_index(r);
}

const struct verb_ops verb_revoke_user_ops = {
    .plan = plan, .run = cut_run, .release = cut_release, .must_see = true};
