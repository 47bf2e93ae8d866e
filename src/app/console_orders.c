/* console_orders: from what a person says or points at to an order; its plan as a question; its receipts as
 * facts. */
#include "console.h"

#include <inttypes.h>
#include <stdio.h>

enum { SELECTION_MAX = 10000 };

/* --- receipts and plans --- */

static void on_plan(void *ctx, const struct plan *plan);

static void on_progress(void *ctx, int64_t done, int64_t total, const char *text)
{
    struct console *c = ctx;
    ui_progress(c->ui, done, total, text);
}

static void tell_enqueued(struct console *c, const struct action_receipt *r)
{
    struct fact f = {.kind = FACT_BATCH,
                     .batch = {.id = span_of(r->task_id),
                               .origin = BATCH_ENQUEUED,
                               .valid = true,
                               .current = 0,
                               .total = r->batch_total,
                               .percentage = 0.,
                               .status = S("queued"),
                               .pttl_ms = -2,
                               .task_name = span_of(r->task_name)}};
    if (r->batch_total >= 0) {
        observer_fact(&c->observer, &f);
        collect_watch_task(c->observer.collect, f.batch.id);
    }
}

static void on_receipt(void *ctx, const struct action_receipt *r)
{
    struct console *c = ctx;
    struct fact f = {.kind = FACT_RECEIPT,
                     .receipt = {.action = span_of(verb_name[r->verb]),
                                 .subject = span_of(r->subject),
                                 .outcome = (enum outcome)r->outcome,
                                 .text = span_of(r->text)}};
    observer_fact(&c->observer, &f);
    if (r->outcome == ACTION_DONE && r->task_id) {
        tell_enqueued(c, r);
    }
}

static void on_finish(void *ctx, enum action_outcome outcome, const char *text, const char *result)
{
    static const enum role role[ACTION_OUTCOME_COUNT] = {
        [ACTION_DONE] = ROLE_GOOD,       [ACTION_GONE] = ROLE_INFO,       [ACTION_CHANGED] = ROLE_WARNING,
        [ACTION_REFUSED] = ROLE_WARNING, [ACTION_FAILED] = ROLE_CRITICAL, [ACTION_UNKNOWN] = ROLE_CRITICAL,
    };
    struct console *c = ctx;
    char line[400];
    ui_progress(c->ui, 0, 0, "");
    snprintf(line, sizeof line, "%s: %s", action_outcome_name[outcome], text ? text : "");
    ui_message(c->ui, role[outcome], line);
    if (result) { /* something was run: what was marked has had its turn */
        ui_clear_marks(c->ui);
        collect_refresh(c->observer.collect);
    }
    c->urgent = true;
}

void orders_callbacks(struct console *c, struct runner_options *callbacks)
{
    callbacks->on_plan = on_plan;
    callbacks->on_progress = on_progress;
    callbacks->on_receipt = on_receipt;
    callbacks->on_finish = on_finish;
    callbacks->ctx = c;
}

static bool answer_plan(void *ctx, const char *typed, struct err *err)
{
    struct console *c = ctx;
    return runner_confirm(c->actor.runner, typed, err);
}

static void dismiss_plan(void *ctx)
{
    struct console *c = ctx;
    if (runner_state(c->actor.runner) == RUNNER_ASKING) {
        runner_cancel(c->actor.runner);
    }
}

enum { LINES_MAX = 64 };

static size_t add_lines(struct ui_line *line, size_t n, const UT_array *texts, enum role role, size_t most)
{
    for (unsigned i = 0; i < utarray_len(texts) && i < most && n < LINES_MAX; i++) {
        line[n++] = (struct ui_line){role, *(char **)utarray_eltptr(texts, i)};
    }
    return n;
}

static void on_plan(void *ctx, const struct plan *plan)
{
    struct console *c = ctx;
    struct ui_line line[LINES_MAX];
    size_t n = 0;
    if (option_on(&c->settings->options, OPTION_DRY_RUN)) {
        UT_string text;
        utstring_init(&text);
        plan_write(plan, &text);
        ui_show_text(c->ui, "dry run: nothing was changed", utstring_body(&text));
        utstring_done(&text);
        return;
    }
    n = add_lines(line, n, &plan->remark, ROLE_WARNING, 12);
    n = add_lines(line, n, &plan->sample, plan->destructive ? ROLE_DANGER : ROLE_VALUE, 12);
    if (n && n < LINES_MAX) {
        line[n++] = (struct ui_line){ROLE_DIM, ""};
    }
    n = add_lines(line, n, &plan->command, ROLE_DIM, 16);
    ui_progress(c->ui, 0, 0, "");
    ui_ask(c->ui, &(struct ui_question){.title = plan->title,
                                        .count = n,
                                        .line = line,
                                        .typed = plan->confirm == PLAN_CONFIRM_TYPED ? plan->typed : NULL,
                                        .answer = answer_plan,
                                        .dismissed = dismiss_plan,
                                        .ctx = c});
}

/* --- giving orders --- */

/* Sessions of the user that the console has seen; with a whole picture the plan need not walk the keyspace
 * again. */
static void add_known_sessions(struct console *c, struct order *o)
{
    const struct model *m = c->observer.model;
    const struct connection_view *v = model_connection(m);
    o->known_all = model_census(m)->complete && !model_topic_stale(m, TOPIC_SESSIONS) &&
                   v->notify == NOTIFY_STATE_ON && v->link[LINK_ROLE_FEED].state == FACT_LINK_UP &&
                   model_rows_cut(m, TOPIC_SESSIONS) == 0;
    for (unsigned i = 0; i < utarray_len(&o->target); i++) {
        const struct target *user = (const struct target *)utarray_eltptr(&o->target, i);
        for (const struct session *s = model_user_sessions(m, target_id(user), NULL); s;
             s = s->same_user_next) {
            struct target known = {.kind = TARGET_NONE};
            target_set(&known, TARGET_SESSION, span_make(s->id, s->id_len));
            utarray_push_back(&o->known, &known);
        }
    }
}

static bool give(struct console *c, struct order *o, struct err *err)
{
    if (o->verb == VERB_REVOKE_USER) {
        add_known_sessions(c, o);
    }
    bool ok = runner_order(c->actor.runner, o, err);
    order_release(o);
    return ok;
}

bool orders_run(struct console *c, const struct words *w, struct err *err)
{
    struct order o;
    return order_parse(&o, w, &c->settings->templates, &c->settings->routes, err) && give(c, &o, err);
}

struct selection {
    struct target *t;
    size_t count;
};

static bool take_selection(struct console *c, struct selection *s, struct err *err)
{
    s->t = mem_zalloc(SELECTION_MAX * sizeof *s->t);
    s->count = ui_selection(c->ui, s->t, SELECTION_MAX);
    if (s->count > SELECTION_MAX) {
        err_set(err, ERR_RANGE, "%zu rows are marked: at most %d go into one action", s->count,
                SELECTION_MAX);
        s->count = SELECTION_MAX;
        return false;
    }
    return s->count > 0 || err_set(err, ERR_USAGE, "nothing is selected");
}

static void drop_selection(struct selection *s)
{
    for (size_t i = 0; i < s->count; i++) {
        target_release(&s->t[i]);
    }
    mem_free(s->t);
}

/* The verb that `x` means for a kind of row. */
static bool verb_for(enum target_kind kind, bool whole_user, enum verb *ret)
{
    static const struct {
        enum target_kind kind;
        bool whole_user;
        enum verb verb;
    } table[] = {
        {TARGET_SESSION, false, VERB_REVOKE_SESSION}, {TARGET_SESSION, true, VERB_REVOKE_USER},
        {TARGET_USER, false, VERB_REVOKE_USER},       {TARGET_USER, true, VERB_REVOKE_USER},
        {TARGET_TASK, false, VERB_REVOKE_TASK},       {TARGET_KEY, false, VERB_INVALIDATE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].kind == kind && table[i].whole_user == whole_user) {
            *ret = table[i].verb;
            return true;
        }
    }
    return false;
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
        for (unsigned i = 0; i < utarray_len(&o->target); i++) {
            if (span_equal(target_id((const struct target *)utarray_eltptr(&o->target, i)),
                           span_of(s->user_key))) {
                return true;
            }
        }
        order_add(o, TARGET_USER, span_of(s->user_key));
    } else {
        order_add(o, t->kind, target_id(t));
    }
    return true;
}

bool orders_revoke_selection(struct console *c, bool whole_user, struct err *err)
{
    struct selection s;
    enum verb verb = VERB_REVOKE_SESSION;
    struct order o;
    bool ok = take_selection(c, &s, err);
    if (ok && !verb_for(s.t[0].kind, whole_user, &verb)) {
        ok = err_set(err, ERR_USAGE, whole_user ? "a %s has no user to log out" : "a %s cannot be revoked",
                     target_kind_name(s.t[0].kind));
    }
    order_init(&o, verb);
    for (size_t i = 0; ok && i < s.count; i++) {
        ok = add_selected(c, &o, &s.t[i], err);
    }
    drop_selection(&s);
    if (!ok) {
        order_release(&o);
        return false;
    }
    return give(c, &o, err);
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
    return give(ctx, &o, err);
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
        return give(c, &o, err);
    }
    char initial[256] = "";
    if (some && t[0].kind == TARGET_FAMILY && t[0].id[0] != '(') {
        snprintf(initial, sizeof initial, "%s:*", t[0].id);
    }
    target_release(&t[0]);
    struct ui_field field = {"pattern", initial,
                             "glob over keys; they are counted and shown before anything is deleted"};
    ui_show_form(c->ui, &(struct ui_form){.title = "invalidate cached keys",
                                          .count = 1,
                                          .field = &field,
                                          .submit = submit_pattern,
                                          .ctx = c});
    return true;
}

/* --- enqueue --- */

enum { FIELDS_MAX = 12, EXTRA_FIELDS = 2 };

static void add_word(UT_string *line, const char *prefix, const char *text)
{
    UT_string word;
    utstring_init(&word);
    utstring_printf(&word, "%s%s", prefix, text);
    utstring_printf(line, " ");
    words_quote(utstring_body(&word), line);
    utstring_done(&word);
}

/* Runs the line that the form stands for, so that form, prompt and shell share one way in. */
static bool run_built(struct console *c, UT_string *line, struct err *err)
{
    struct words w;
    words_init(&w);
    bool ok = words_parse(&w, utstring_body(line), err) && orders_run(c, &w, err);
    words_release(&w);
    return ok;
}

static bool submit_template(void *ctx, const char *const *value, size_t count, struct err *err)
{
    struct console *c = ctx;
    const struct template *t = c->form_template;
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "enqueue");
    add_word(&line, "", t->name);
    for (unsigned i = 0; i < utarray_len(&t->field) && i + EXTRA_FIELDS < count; i++) {
        const struct template_field *f = (const struct template_field *)utarray_eltptr(&t->field, i);
        char name[128];
        snprintf(name, sizeof name, "%s=", f->name);
        add_word(&line, name, value[i]);
    }
    if (*value[count - 2]) {
        add_word(&line, "", "--queue");
        add_word(&line, "", value[count - 2]);
    }
    if (*value[count - 1]) {
        add_word(&line, "", "--countdown");
        add_word(&line, "", value[count - 1]);
    }
    bool ok = run_built(c, &line, err);
    utstring_done(&line);
    return ok;
}

static bool submit_any(void *ctx, const char *const *value, size_t count, struct err *err)
{
    static const char *const flag[] = {"", "--args", "--kwargs", "--queue", "--countdown"};
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "enqueue");
    for (size_t i = 0; i < count; i++) {
        if (*value[i]) {
            if (i) {
                add_word(&line, "", flag[i]);
            }
            add_word(&line, "", value[i]);
        }
    }
    bool ok = run_built(ctx, &line, err);
    utstring_done(&line);
    return ok;
}

static void show_any(struct console *c)
{
    static const struct ui_field field[] = {
        {"task", "", "the registered name, such as api.tasks.test_redis_task"},
        {"args", "[]", "a JSON array"},
        {"kwargs", "{}", "a JSON object"},
        {"queue", "", "empty: where the platform's routes send it"},
        {"countdown", "", "not before this time, such as 30s; empty: now"},
    };
    ui_show_form(c->ui, &(struct ui_form){.title = "enqueue any task",
                                          .count = sizeof field / sizeof field[0],
                                          .field = field,
                                          .submit = submit_any,
                                          .ctx = c});
}

static void choose_template(void *ctx, size_t index)
{
    struct console *c = ctx;
    static const char *const type[TEMPLATE_TYPE_COUNT] = {"text", "a whole number", "a number",
                                                          "true or false", "JSON"};
    if (index >= templates_count(&c->settings->templates)) {
        show_any(c);
        return;
    }
    const struct template *t = templates_at(&c->settings->templates, index);
    struct ui_field field[FIELDS_MAX + EXTRA_FIELDS];
    size_t n = 0;
    for (unsigned i = 0; i < utarray_len(&t->field) && n < FIELDS_MAX - EXTRA_FIELDS; i++) {
        const struct template_field *f = (const struct template_field *)utarray_eltptr(&t->field, i);
        field[n++] = (struct ui_field){f->name, f->initial ? f->initial : "", type[f->type]};
    }
    field[n++] = (struct ui_field){"queue", "", "empty: where the platform's routes send it"};
    field[n++] = (struct ui_field){"countdown", "", "not before this time, such as 30s; empty: now"};
    c->form_template = t;
    char title[160];
    snprintf(title, sizeof title, "enqueue %s (%s)", t->name, t->task);
    ui_show_form(c->ui, &(struct ui_form){
                            .title = title, .count = n, .field = field, .submit = submit_template, .ctx = c});
}

bool orders_enqueue_menu(struct console *c, struct err *err)
{
    enum { MOST = 32 };
    const char *item[MOST], *note[MOST];
    size_t n = 0;
    (void)err;
    for (; n < templates_count(&c->settings->templates) && n < MOST - 1; n++) {
        const struct template *t = templates_at(&c->settings->templates, n);
        item[n] = t->name;
        note[n] = t->task;
    }
    item[n] = "any task";
    note[n] = "by its registered name, with JSON arguments";
    ui_show_menu(c->ui, &(struct ui_menu){.title = "enqueue",
                                          .count = n + 1,
                                          .item = item,
                                          .note = note,
                                          .choose = choose_template,
                                          .ctx = c});
    return true;
}
