/* orders_select: from what a person points at, the cursor's row or the marked ones, to an order. */
#include "orders.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/model/user.h"

enum { SELECTION_MAX = 100000 };

bool selection_take(struct console *c, struct selection *s, struct err *err)
{
    size_t marked = ui_selection(c->ui, NULL, 0);
    s->t = NULL;
    s->count = 0;
    if (marked > SELECTION_MAX) {
        return err_set(err, ERR_RANGE, "%zu rows are marked: at most %d go into one action", marked,
                       SELECTION_MAX);
    }
    if (marked == 0) {
        return err_set(err, ERR_USAGE, "nothing is selected");
    }
    s->t = mem_zalloc(marked * sizeof *s->t);
    s->count = ui_selection(c->ui, s->t, marked);
    return true;
}

void selection_release(struct selection *s)
{
    for (size_t i = 0; i < s->count; i++) {
        target_release(&s->t[i]);
    }
    mem_free(s->t);
}

/* The verb that `x` means for a kind of row, or why there is none. */
static const struct {
    enum target_kind kind;
    bool whole_user;
    enum verb verb;
    const char *instead; /* NULL: the verb */
} verbs[] = {
    {TARGET_SESSION, false, VERB_REVOKE_SESSION, NULL},
    {TARGET_SESSION, true, VERB_REVOKE_USER, NULL},
    {TARGET_USER, false, VERB_REVOKE_USER, NULL},
    {TARGET_USER, true, VERB_REVOKE_USER, NULL},
    {TARGET_TASK, false, VERB_REVOKE_TASK, NULL},
    {TARGET_KEY, false, VERB_DELETE, NULL},
    {TARGET_MESSAGE, false, VERB_REMOVE, NULL},
    {TARGET_DELIVERY, false, VERB_REQUEUE,
     "a worker has this message: revoke its task, or :requeue puts it back when that worker is dead"},
    {TARGET_QUEUE, false, VERB_PURGE, "a queue is not revoked: :purge drops all that waits in it"},
    {TARGET_WORKER, false, VERB_WORKER, "a worker is not revoked: 'm' lists what can be asked of it"},
    {TARGET_CLIENT, false, VERB_KILL, NULL},
    {TARGET_GROUP, false, VERB_REVOKE_TASK, NULL},
};

static bool verb_for(enum target_kind kind, bool whole_user, enum verb *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (verbs[i].kind == kind && verbs[i].whole_user == whole_user) {
            *ret = verbs[i].verb;
            return !verbs[i].instead || err_set(err, ERR_USAGE, "%s", verbs[i].instead);
        }
    }
    return err_set(err, ERR_USAGE, whole_user ? "a %s has no user to log out" : "a %s cannot be revoked",
                   target_kind_name(kind));
}

/* A key as a pattern that matches it alone. */
static void add_pattern(struct order *o, struct span key)
{
    UT_string pattern;
    utstring_init(&pattern);
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] && strchr("*?[]\\", key.data[i])) {
            text_add(&pattern, S("\\"));
        }
        text_add(&pattern, span_make(key.data + i, 1));
    }
    order_add(o, TARGET_PATTERN, text_span(&pattern));
    utstring_done(&pattern);
}

static bool add_selected(struct console *c, struct order *o, const struct target *t, struct err *err)
{
    if (o->verb == VERB_INVALIDATE) {
        add_pattern(o, target_id(t));
    } else if (o->verb == VERB_REVOKE_USER && t->kind == TARGET_SESSION) {
        const struct session *s = model_session_find(c->observer.model, target_id(t));
        if (!s || !s->user_key[0]) {
            return err_set(err, ERR_NOT_FOUND, "this session names no user: 'x' revokes it alone");
        }
        order_add(o, TARGET_USER, span_of(s->user_key));
    } else if (t->kind == TARGET_GROUP) {
        return orders_add_group(c, o, target_id(t), err);
    } else {
        order_add(o, t->kind, target_id(t));
    }
    return true;
}

static int by_id(const void *a, const void *b)
{
    return span_compare(target_id(a), target_id(b));
}

/* Many sessions of few users: each user once. */
static void drop_doubles(struct order *o)
{
    unsigned kept = 0, n = utarray_len(&o->target);
    struct target *t = (struct target *)utarray_front(&o->target);
    if (n < 2) {
        return;
    }
    qsort(t, n, sizeof *t, by_id);
    for (unsigned i = 1; i < n; i++) {
        if (target_equal(&t[kept], &t[i])) {
            target_release(&t[i]);
        } else if (++kept != i) {
            t[kept] = t[i];
            t[i] = (struct target){.kind = TARGET_NONE};
        }
    }
    utarray_resize(&o->target, kept + 1);
}

bool orders_revoke_again(struct console *c, struct err *err)
{
    const struct model *m = c->observer.model;
    struct order o;
    size_t count = model_returned_count(m);
    if (count == 0) {
        return err_set(err, ERR_NOT_FOUND, "no revoked session has come back");
    }
    order_init(&o, VERB_REVOKE_SESSION);
    for (size_t i = 0; i < count && i < SELECTION_MAX; i++) {
        const struct returned_session *r = model_returned_at(m, i);
        order_add(&o, TARGET_SESSION, span_make(r->id, r->id_len));
    }
    return orders_give(c, &o, err);
}

/* The row of the alert, or its page. */
static bool is_about_returned(const struct target *t)
{
    struct span id = target_id(t);
    struct span rule = span_head(id, span_find(id, ALERT_ID_SEPARATOR));
    return t->kind == TARGET_ALERT && span_equal(rule, S("session-came-back"));
}

/* A session's key, or its user's index, stands for what it is about. */
static void take_owner(struct target *t)
{
    struct span id;
    enum key_kind kind = t->kind == TARGET_KEY ? keyname_kind(target_id(t), &id) : KEY_OTHER;
    if (kind == KEY_SESSION || kind == KEY_USER_SESSIONS) {
        char *own = span_dup(id); /* id lies within the target */
        target_set(t, kind == KEY_SESSION ? TARGET_SESSION : TARGET_USER, span_make(own, id.len));
        mem_free(own);
    }
}

bool orders_revoke_selection(struct console *c, bool whole_user, struct err *err)
{
    struct selection s;
    enum verb verb = VERB_REVOKE_SESSION;
    struct order o;
    if (!selection_take(c, &s, err) || !s.t) {
        return false;
    }
    if (is_about_returned(&s.t[0])) {
        selection_release(&s);
        return orders_revoke_again(c, err);
    }
    for (size_t i = 0; i < s.count; i++) {
        take_owner(&s.t[i]);
    }
    bool ok = verb_for(s.t[0].kind, whole_user, &verb, err);
    order_init(&o, verb);
    for (size_t i = 0; ok && i < s.count; i++) {
        ok = add_selected(c, &o, &s.t[i], err);
    }
    selection_release(&s);
    if (!ok) {
        order_release(&o);
        return false;
    }
    if (verb == VERB_REVOKE_USER) {
        drop_doubles(&o);
    }
    return verb == VERB_REVOKE_TASK ? orders_revoke_tasks(c, &o, err) : orders_give(c, &o, err);
}

/* --- verbs whose targets may be left out --- */

/* True when the words name no target: with one more word behind them the order has that one alone. */
static bool names_none(struct console *c, const struct words *w, struct order *o, struct err *err)
{
    static const char *const behind[] = {"--", "x"};
    struct words more;
    words_init(&more);
    for (size_t i = 0; i < words_count(w); i++) {
        const char *word = words_at(w, i);
        utarray_push_back(&more.word, &word);
    }
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        utarray_push_back(&more.word, &behind[i]);
    }
    bool ok = order_parse(o, &more, &c->settings->templates, &c->settings->routes, err);
    words_release(&more);
    if (ok && utarray_len(&o->target) == 1) {
        return true;
    }
    if (ok) {
        order_release(o);
    }
    return false;
}

bool orders_run_selection(struct console *c, const struct words *w, unsigned kinds, struct err *err)
{
    struct order o;
    struct selection s;
    if (!names_none(c, w, &o, err)) {
        return orders_run(c, w, err);
    }
    utarray_clear(&o.target);
    bool ok = selection_take(c, &s, err);
    for (size_t i = 0; ok && i < s.count; i++) {
        if (!(kinds & 1u << s.t[i].kind)) {
            ok = err_set(err, ERR_USAGE, "%s: not for a %s", words_at(w, 0), target_kind_name(s.t[i].kind));
        } else {
            ok = add_selected(c, &o, &s.t[i], err);
        }
    }
    selection_release(&s);
    if (ok && (o.args || o.kwargs) && utarray_len(&o.target) > 1) {
        ok = err_set(err, ERR_USAGE, "%s: --args and --kwargs are for one task", words_at(w, 0));
    }
    if (!ok) {
        order_release(&o);
        return false;
    }
    return orders_give(c, &o, err);
}

/* --- invalidation --- */

static bool submit_pattern(void *ctx, const char *const *value, size_t count, struct err *err)
{
    (void)count;
    struct order o;
    if (!*value[0]) {
        return err_set(err, ERR_USAGE, "the pattern is empty");
    }
    order_init(&o, VERB_INVALIDATE);
    order_add(&o, TARGET_PATTERN, span_of(value[0]));
    return orders_give(ctx, &o, err);
}

bool orders_invalidate_selection(struct console *c, struct err *err)
{
    struct target t[1] = {{.kind = TARGET_NONE}};
    bool some = ui_selection(c->ui, t, 1) > 0;
    if (some && t[0].kind == TARGET_KEY) {
        struct order o;
        order_init(&o, VERB_INVALIDATE);
        add_pattern(&o, target_id(&t[0]));
        target_release(&t[0]);
        return orders_give(c, &o, err);
    }
    char initial[256] = "";
    if (some && t[0].kind == TARGET_FAMILY && t[0].id[0] != '(') {
        bool group = span_ends(target_id(&t[0]), S(":*")); /* names its pattern itself */
        snprintf(initial, sizeof initial, group ? "%s" : "%s:*", t[0].id);
    }
    target_release(&t[0]);
    struct ui_field field = {"pattern", initial,
                             "glob over keys; they are counted and shown before anything is deleted", NULL};
    ui_show_form(c->ui, &(struct ui_form){.title = "invalidate cached keys",
                                          .count = 1,
                                          .field = &field,
                                          .submit = submit_pattern,
                                          .ctx = c});
    return true;
}
