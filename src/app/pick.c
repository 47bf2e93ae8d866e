#include "pick.h"

#include <stdio.h>

#include "redai/base/container.h"
#include "redai/base/utf8.h"

#include "redai/view/listing.h"

static const char *const pane_sessions = "sessions";
static const char *const pane_users = "sessions by user";

/* A user all of whose orphans are taken already. */
struct whole_user {
    UT_hash_handle hh;
    char key[];
};

struct picking {
    const struct model *m;
    struct order *o;
    struct span user; /* what the filter looks for within user ids; empty: nothing */
    size_t left;      /* of PICK_MAX */
    size_t unread;
    size_t also; /* sessions of users whose id only has that within */
    bool too_many;
    struct whole_user *whole;
};

/* --- sessions that fit --- */

static void add_session(void *ctx, const void *row)
{
    struct picking *p = ctx;
    const struct session *s = row;
    if (!p->left) {
        p->too_many = true;
        return;
    }
    p->left--;
    p->also += p->user.len && !span_equal(span_of(s->user_id), p->user);
    order_add(p->o, TARGET_SESSION, span_make(s->id, s->id_len));
}

/* The value of a word user:VALUE that has no pattern in it. */
static struct span user_word(const char *filter)
{
    static const struct span front = SPAN_LITERAL("user:");
    for (struct span rest = span_of(filter); rest.len;) {
        size_t end = span_find(rest, ' ');
        struct span word = span_head(rest, end);
        rest = span_skip(rest, end + 1);
        if (span_starts(word, front) && !strpbrk(filter, "*?\"")) {
            return span_skip(word, front.len);
        }
    }
    return S("");
}

static void remark(struct order *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void remark(struct order *o, const char *format, ...)
{
    UT_string text;
    char raw[400];
    va_list args;
    va_start(args, format);
    /* The analyser loses sight of va_start here. */
    vsnprintf(raw, sizeof raw, format, args); /* NOLINT(clang-analyzer-valist.Uninitialized) */
    va_end(args);
    utstring_init(&text);
    utf8_sanitise(span_of(raw), 0, &text);
    const char *line = utstring_body(&text);
    utarray_push_back(&o->remark, &line);
    utstring_done(&text);
}

/* What was chosen from is as old as the model's knowledge of it. */
static void remark_age(const struct model *m, struct order *o)
{
    const struct census_view *census = model_census(m);
    size_t cut = model_rows_cut(m, TOPIC_SESSIONS);
    if (!census->complete) {
        remark(o, "the keys are not walked through yet: more may fit than are known");
    }
    if (cut) {
        remark(o, "%zu sessions more than the console holds are not among them", cut);
    }
    if (model_topic_stale(m, TOPIC_SESSIONS)) {
        remark(o, "what is known of the sessions is %lld s old",
               (long long)(model_topic_age_us(m, TOPIC_SESSIONS) / 1000000));
    }
}

static bool fill_sessions(struct picking *p, struct err *err)
{
    struct order *o = p->o;
    p->user = user_word(o->filter);
    if (!listing_fit(p->m, pane_sessions, o->filter, add_session, p, err)) {
        return false;
    }
    if (p->too_many) {
        return err_set(err, ERR_RANGE, "more than %d sessions fit: narrow the filter", PICK_MAX);
    }
    if (utarray_len(&o->target) == 0) {
        if (p->unread) {
            return err_set(err, ERR_NOT_FOUND, "no session that is read fits: %zu are not read yet",
                           p->unread);
        }
        return err_set(err, ERR_NOT_FOUND, *o->filter ? "no session fits \"%.80s\"" : "there is no session",
                       o->filter);
    }
    remark(o,
           *o->filter  ? "chosen by %.300s"
           : p->unread ? "every session that is read"
                       : "every session there is",
           o->filter);
    if (p->unread) {
        remark(o, "%zu sessions are not read yet: they are not in this plan", p->unread);
    }
    if (p->also) {
        remark(o,
               "user:%.*s fits ids that only have it within, of %zu of these sessions: user=%.*s is that one",
               (int)p->user.len, p->user.data, p->also, (int)p->user.len, p->user.data);
    }
    return true;
}

/* --- what does not agree --- */

static bool wants(const struct order *o, bool orphan)
{
    return o->add == o->drop || (orphan ? o->add : o->drop);
}

static void add_stray(struct picking *p, struct span user, struct span id, bool orphan)
{
    if (!wants(p->o, orphan)) {
        return;
    }
    if (!p->left) {
        p->too_many = true;
        return;
    }
    p->left--;
    order_add_stray(p->o, user, id, orphan);
}

static void add_orphan(struct picking *p, const struct session *s)
{
    if (s->listing == SESSION_ORPHAN) {
        add_stray(p, span_of(s->user_key), span_make(s->id, s->id_len), true);
    }
}

struct entries {
    struct picking *p;
    struct span user;
};

static void on_entry(void *ctx, struct span id, bool foreign)
{
    const struct entries *e = ctx;
    if (!foreign && !memchr(id.data, '\0', id.len)) {
        add_stray(e->p, e->user, id, false);
    }
}

static void add_user(struct picking *p, struct span key)
{
    struct entries entries = {p, key};
    for (const struct session *s = model_user_sessions(p->m, key, NULL); s; s = s->same_user_next) {
        add_orphan(p, s);
    }
    model_user_strays(p->m, key, on_entry, &entries);
}

void pick_user(const struct model *m, struct order *o, struct span user_key)
{
    struct picking p = {.m = m, .o = o, .left = PICK_MAX};
    add_user(&p, user_key);
}

void pick_session(const struct model *m, struct order *o, struct span id)
{
    struct picking p = {.m = m, .o = o, .left = PICK_MAX};
    const struct session *s = model_session_find(m, id);
    if (s) {
        add_orphan(&p, s);
    }
}

static void on_user(void *ctx, const void *row)
{
    struct picking *p = ctx;
    const struct user_view *u = row;
    if (u->orphans || u->stale) {
        size_t len = strlen(u->key);
        struct whole_user *w = mem_zalloc(sizeof *w + len + 1);
        memcpy(w->key, u->key, len);
        HASH_ADD_KEYPTR(hh, p->whole, w->key, len, w);
        add_user(p, span_of(u->key));
    }
}

static void on_session(void *ctx, const void *row)
{
    struct picking *p = ctx;
    const struct session *s = row;
    struct whole_user *w;
    HASH_FIND_STR(p->whole, s->user_key, w);
    if (!w) {
        add_orphan(p, s);
    }
}

static void forget_whole(struct picking *p)
{
    struct whole_user *w, *next;
    hash_each (p->whole, w, next) {
        HASH_DEL(p->whole, w);
        mem_free(w);
    }
}

const char *pick_unread_parts(const struct model *m, char *out, size_t size)
{
    const struct session_index_view *index = model_session_index(m);
    out[0] = '\0';
    if (index->partly) {
        snprintf(out, size, "%zu index%s too large to be read whole: %sstale entries there are not all known",
                 index->partly, index->partly == 1 ? " is" : "es are", index->blind ? "orphans and " : "");
    }
    return out;
}

static bool fill_strays(struct picking *p, struct err *err)
{
    struct order *o = p->o;
    struct err other;
    const struct session_index_view *index = model_session_index(p->m);
    char parts[160];
    pick_unread_parts(p->m, parts, sizeof parts);
    /* The filter may speak of users or of sessions: what fits either way. */
    bool users = listing_fit(p->m, pane_users, o->filter, on_user, p, err);
    if (!listing_fit(p->m, pane_sessions, o->filter, on_session, p, users ? &other : err) && !users) {
        return false;
    }
    if (p->too_many) {
        return err_set(err, ERR_RANGE, "more than %d do not agree: narrow it by a filter", PICK_MAX);
    }
    if (utarray_len(&o->stray) == 0) {
        return err_set(err, ERR_NOT_FOUND, "nothing to repair: no orphan and no stale entry%s%.80s%s%s%s",
                       *o->filter ? " fits \"" : " is known", o->filter, *o->filter ? "\"" : "",
                       *parts ? "; but " : "", parts);
    }
    if (index->foreign && !*o->filter) {
        remark(o, "%zu more entries name another user's session: they stay, whose it should be is not known",
               index->foreign);
    }
    if (p->unread) {
        remark(o, "%zu sessions are not read yet: they are not in this plan", p->unread);
    }
    if (*parts) {
        remark(o, "%s", parts);
    }
    if (!index->complete) {
        remark(o, "%zu indexes are not read yet: there may be more", index->unread);
    }
    return true;
}

/* --- both --- */

static bool fill(const struct model *m, size_t unread, struct order *o, struct err *err)
{
    struct picking p = {.m = m, .o = o, .left = PICK_MAX, .unread = unread};
    bool ok = o->verb == VERB_REPAIR ? fill_strays(&p, err) : fill_sessions(&p, err);
    forget_whole(&p);
    return ok;
}

bool pick_check(const struct model *m, const struct order *o, struct err *err)
{
    struct order copy;
    struct err why;
    order_init(&copy, o->verb);
    copy.filter = mem_strdup(o->filter);
    bool ok = fill(m, 0, &copy, &why);
    bool wrong = !ok && why.code == ERR_USAGE;
    order_release(&copy);
    return !wrong || err_set(err, why.code, "%s", why.text);
}

bool pick_fill(const struct model *m, size_t unread, struct order *o, struct err *err)
{
    if (!fill(m, unread, o, err)) {
        return false;
    }
    remark_age(m, o);
    return true;
}
