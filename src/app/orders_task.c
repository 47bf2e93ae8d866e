/* orders_task: what is done to tasks and their messages. */
#include "orders.h"

#include <stdio.h>

#define RETRIED            (1u << TARGET_TASK | 1u << TARGET_GROUP)
#define TASKS_AND_MESSAGES (1u << TARGET_TASK | 1u << TARGET_MESSAGE)

/* --- groups --- */

enum { GROUP_MAX = 10000 };

static bool is_for(enum verb verb, enum task_state state)
{
    static const unsigned retried = 1u << TASK_STATE_FAILED | 1u << TASK_STATE_LOST;
    static const unsigned revoked = 1u << TASK_STATE_WAITING | 1u << TASK_STATE_RESERVED |
                                    1u << TASK_STATE_SCHEDULED | 1u << TASK_STATE_RUNNING |
                                    1u << TASK_STATE_RETRY;
    return (verb == VERB_RETRY ? retried : revoked) & 1u << state;
}

bool orders_add_group(struct console *c, struct order *o, struct span group, struct err *err)
{
    const struct model *m = c->observer.model;
    unsigned before = utarray_len(&o->target);
    bool unnamed = span_equal(group, S("(unknown)"));
    for (size_t i = 0; i < model_task_count(m); i++) {
        const struct task *t = model_task_at(m, i);
        bool within = span_equal(span_of(t->name), group) || span_equal(span_of(t->exception), group) ||
                      (unnamed && !*t->name);
        if (within && is_for(o->verb, t->state)) {
            if (utarray_len(&o->target) >= GROUP_MAX) {
                return err_set(err, ERR_RANGE, "more than %d tasks: mark those that are meant", GROUP_MAX);
            }
            order_add(o, TARGET_TASK, span_make(t->id, t->id_len));
        }
    }
    return utarray_len(&o->target) > before ||
           err_set(err, ERR_USAGE, "%s: no task of this group %s", verb_name[o->verb],
                   o->verb == VERB_RETRY ? "has failed or was lost" : "waits or runs");
}

/* --- revoking --- */

/* The choices there are for tasks in these states. */
static const struct choice {
    const char *item, *note;
    bool remove, terminate;
    enum task_state state; /* offered when one is in it; TASK_STATE_COUNT: always */
} choices[] = {
    {"revoke",
     "workers drop it when they meet it; what waits stays in the queue until then, what runs runs on", false,
     false, TASK_STATE_COUNT},
    {"revoke and remove", "the message that waits is taken out of its queue too", true, false,
     TASK_STATE_WAITING},
    {"terminate", "what runs is killed with SIGTERM", false, true, TASK_STATE_RUNNING},
};
enum { CHOICES = sizeof choices / sizeof choices[0] };

static bool any_in(const struct console *c, const struct order *o, enum task_state state)
{
    for (unsigned i = 0; i < utarray_len(&o->target); i++) {
        const struct target *t = (const struct target *)utarray_eltptr(&o->target, i);
        const struct task *task = model_task_find(c->observer.model, target_id(t));
        if (task && task->state == state) {
            return true;
        }
    }
    return false;
}

static void choose_revoke(void *ctx, size_t index)
{
    struct console *c = ctx;
    struct err err;
    struct order o = c->revoke;
    order_init(&c->revoke, VERB_REVOKE_TASK);
    o.remove = choices[c->revoke_choice[index]].remove;
    o.terminate = choices[c->revoke_choice[index]].terminate;
    if (!orders_give(c, &o, &err)) {
        ui_message(c->ui, ROLE_WARNING, err.text);
    }
}

bool orders_revoke_tasks(struct console *c, struct order *o, struct err *err)
{
    const char *item[CHOICES], *note[CHOICES];
    size_t n = 0;
    for (size_t i = 0; i < CHOICES; i++) {
        if (choices[i].state == TASK_STATE_COUNT || any_in(c, o, choices[i].state)) {
            c->revoke_choice[n] = i;
            item[n] = choices[i].item;
            note[n++] = choices[i].note;
        }
    }
    if (n == 1) {
        return orders_give(c, o, err);
    }
    char title[64];
    snprintf(title, sizeof title, "revoke %u task%s", utarray_len(&o->target),
             utarray_len(&o->target) == 1 ? "" : "s");
    order_release(&c->revoke);
    c->revoke = *o; /* moved */
    ui_show_menu(
        c->ui,
        &(struct ui_menu){
            .title = title, .count = n, .item = item, .note = note, .choose = choose_revoke, .ctx = c});
    return true;
}

/* --- sending anew --- */

/* Many at once are sent at a rate that the person chooses. */
static bool submit_rate(void *ctx, const char *const *value, size_t count, struct err *err)
{
    static const char *const flag[] = {"--rate", "--queue"};
    struct console *c = ctx;
    struct words w;
    const char *word = "retry";
    words_init(&w);
    utarray_push_back(&w.word, &word);
    for (size_t i = 0; i < count; i++) {
        if (*value[i]) {
            utarray_push_back(&w.word, &flag[i]);
            utarray_push_back(&w.word, &value[i]);
        }
    }
    bool ok = orders_run_selection(c, &w, RETRIED, err);
    words_release(&w);
    return ok;
}

bool orders_retry(struct console *c, const struct words *w, struct err *err)
{
    struct target t[1] = {{.kind = TARGET_NONE}};
    size_t count = words_count(w) == 1 ? ui_selection(c->ui, t, 1) : 0;
    bool group = count && t[0].kind == TARGET_GROUP;
    bool many = group || (count > 1 && t[0].kind == TARGET_TASK);
    if (count) {
        target_release(&t[0]);
    }
    if (!many) {
        return orders_run_selection(c, w, RETRIED, err);
    }
    static const struct ui_field field[] = {
        {"rate", "10", "so many a second; empty: all at once", NULL},
        {"queue", "", "empty: where each of them was", completion_queue},
    };
    char title[64];
    if (group) {
        snprintf(title, sizeof title, "retry what failed of %zu group%s", count, count == 1 ? "" : "s");
    } else {
        snprintf(title, sizeof title, "retry %zu tasks", count);
    }
    ui_show_form(c->ui, &(struct ui_form){.title = title,
                                          .count = sizeof field / sizeof field[0],
                                          .field = field,
                                          .submit = submit_rate,
                                          .ctx = c});
    return true;
}

/* --- messages --- */

static bool submit_move(void *ctx, const char *const *value, size_t count, struct err *err)
{
    static const char *const front[] = {"move", "--queue"};
    struct console *c = ctx;
    struct words w;
    (void)count;
    words_init(&w);
    for (size_t i = 0; i < sizeof front / sizeof front[0]; i++) {
        utarray_push_back(&w.word, &front[i]);
    }
    utarray_push_back(&w.word, &value[0]);
    bool ok = orders_run_selection(c, &w, TASKS_AND_MESSAGES, err);
    words_release(&w);
    return ok;
}

bool orders_move(struct console *c, const struct words *w, struct err *err)
{
    if (words_count(w) > 1) {
        return orders_run_selection(c, w, TASKS_AND_MESSAGES, err);
    }
    struct selection s;
    bool ok = selection_take(c, &s, err);
    for (size_t i = 0; ok && i < s.count; i++) {
        if (!(TASKS_AND_MESSAGES & 1u << s.t[i].kind)) {
            ok = err_set(err, ERR_USAGE, "move: select messages that wait, not a %s",
                         target_kind_name(s.t[i].kind));
        }
    }
    size_t count = s.count;
    selection_release(&s);
    if (!ok) {
        return false;
    }
    static const struct ui_field field = {"queue", "", "where to", completion_queue};
    char title[64];
    snprintf(title, sizeof title, "move %zu message%s", count, count == 1 ? "" : "s");
    ui_show_form(c->ui, &(struct ui_form){
                            .title = title, .count = 1, .field = &field, .submit = submit_move, .ctx = c});
    return true;
}

bool orders_purge(struct console *c, const struct words *w, struct err *err)
{
    const struct target *subject = ui_subject(c->ui);
    if (words_count(w) > 1 || subject->kind != TARGET_QUEUE) {
        return orders_run_selection(c, w, 1u << TARGET_QUEUE, err);
    }
    struct order o; /* the page of a queue, whatever its line is about */
    order_init(&o, VERB_PURGE);
    order_add(&o, TARGET_QUEUE, target_id(subject));
    return orders_give(c, &o, err);
}

static bool is_orphan(const struct console *c, const struct target *t)
{
    const struct task *task =
        t->kind == TARGET_TASK ? model_task_find(c->observer.model, target_id(t)) : NULL;
    return t->kind == TARGET_DELIVERY || (task && task->state == TASK_STATE_ORPHANED);
}

/* Alone: the orphans among what is selected; when there are none, all orphans. */
bool orders_requeue(struct console *c, const struct words *w, struct err *err)
{
    struct selection s;
    struct err nothing;
    struct order o;
    if (words_count(w) > 1) {
        return orders_run(c, w, err);
    }
    order_init(&o, VERB_REQUEUE);
    bool some = selection_take(c, &s, &nothing);
    for (size_t i = 0; some && i < s.count; i++) {
        if (is_orphan(c, &s.t[i])) {
            order_add(&o, s.t[i].kind, target_id(&s.t[i]));
        }
    }
    selection_release(&s);
    return orders_give(c, &o, err);
}
