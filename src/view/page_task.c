/* The head of a task's page: what is known of its life, above what was read of its result. */
#include "page.h"
#include "task_words.h"
#include "texts.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/secret.h"
#include "redai/base/utf8.h"

static void add_state(struct document *d, const struct look *look, const struct task *t)
{
    const struct task_sign *sign = task_sign(t->state);
    char text[TEXT_SMALL];
    const char *from = task_source_name(t->source);
    document_ownf(d, "state", sign->role, "%s %s%s%s, for %s", sign->mark, task_state_name[t->state],
                  from[0] ? ", known from " : "", from,
                  text_age(look->now_us - t->changed_us, text, sizeof text));
    UT_string words;
    utstring_init(&words);
    task_explain(look, t, &words);
    if (utstring_len(&words)) {
        bool calm = !t->flags && (t->state == TASK_STATE_RESERVED || t->state == TASK_STATE_SCHEDULED);
        document_own(d, "meaning", calm ? ROLE_VALUE : ROLE_WARNING, utstring_body(&words));
    }
    utstring_done(&words);
}

/* The instants in their order, each with the time since the one before. */
static void add_times(struct document *d, const struct look *look, const struct task *t)
{
    const struct {
        const char *label;
        int64_t wall_us;
    } times[] = {{"sent", t->sent_us},
                 {"delivered", t->delivered_us},
                 {"received", t->received_us},
                 {"started", t->started_us},
                 {"ended", t->ended_us}};
    int64_t before = -1;
    char instant[TEXT_SMALL];
    char delta[TEXT_SMALL];
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t at = times[i].wall_us;
        if (at < 0) {
            continue;
        }
        text_instant(at, instant, sizeof instant);
        if (before < 0) {
            int64_t ago = look->wall_us - at;
            document_ownf(d, times[i].label, ROLE_VALUE, "%s, %s ago", instant,
                          text_age(ago > 0 ? ago : 0, delta, sizeof delta));
        } else {
            /* Two clocks told these times: one may be behind the other. */
            int64_t gap = at - before;
            document_ownf(d, times[i].label, ROLE_VALUE, "%s, %s%s", instant, gap < 0 ? "-" : "+",
                          human_duration(gap < 0 ? -gap : gap, delta, sizeof delta));
        }
        before = at;
    }
}

static void add_ahead(struct document *d, const struct look *look, const char *label, int64_t wall_us,
                      const char *passed)
{
    char instant[TEXT_SMALL];
    char left[TEXT_SMALL];
    if (wall_us >= 0) {
        bool over = wall_us <= look->wall_us;
        document_ownf(d, label, ROLE_VALUE, "%s, %s%s", text_instant(wall_us, instant, sizeof instant),
                      over ? "" : "in ",
                      over ? passed : text_left(wall_us - look->wall_us, left, sizeof left));
    }
}

static void add_run(struct document *d, const struct look *look, const struct task *t)
{
    char text[TEXT_SMALL];
    int64_t runtime = task_runtime_us(look, t);
    if (runtime >= 0) {
        document_ownf(d, "runtime", ROLE_VALUE, "%s%s", human_duration(runtime, text, sizeof text),
                      t->state == TASK_STATE_RUNNING ? " so far" : "");
    }
    add_ahead(d, look, "eta", t->eta_us, "passed");
    add_ahead(d, look, "expires", t->expires_us, "passed");
    if (t->retries > 0) {
        document_ownf(d, "retries", ROLE_VALUE, "%" PRId32, t->retries);
    }
    if (t->deliveries > 1 || (t->flags & TASK_FLAG_REDELIVERED)) {
        document_ownf(d, "delivered", t->deliveries >= TASK_POISON_DELIVERIES ? ROLE_WARNING : ROLE_VALUE,
                      "%s%s",
                      t->deliveries > 1 ? text_plural(t->deliveries, "time", "times", text, sizeof text) : "",
                      t->deliveries > 1 ? "" : "again: its message is marked redelivered");
    }
}

static void add_link(struct document *d, const char *label, enum target_kind kind, struct span id,
                     const char *text)
{
    if (id.len) {
        struct document_line *line = document_add(d, label, ROLE_VALUE, text);
        line->veil = look_kind(kind);
        target_set(&line->link, kind, id);
    }
}

/* A relative by its raw id: with state and name where it is known. */
static void add_relative(struct document *d, const struct look *look, const char *label, const char *id)
{
    const struct task *t = id ? model_task_find(look->m, span_of(id)) : NULL;
    char line[160];
    if (!id || !id[0]) {
        return;
    }
    if (t) {
        snprintf(line, sizeof line, "%.40s  %s %s  %.60s", t->display_id, task_sign(t->state)->mark,
                 task_state_name[t->state], task_short_name(t->name));
    } else {
        char *shown = utf8_sanitise_dup(span_of(id), 60);
        snprintf(line, sizeof line, "%s", shown);
        mem_free(shown);
    }
    add_link(d, label, TARGET_TASK, span_of(id), line);
}

static void add_relatives(struct document *d, const struct look *look, const struct task *t)
{
    enum { MOST = 50 };
    const struct task *row[MOST];
    struct span id = span_make(t->id, t->id_len);
    if (t->parent_id) {
        add_relative(d, look, "parent", t->parent_id);
    }
    if (t->root_id && strcmp(t->root_id, t->id) != 0 &&
        (!t->parent_id || strcmp(t->root_id, t->parent_id) != 0)) {
        add_relative(d, look, "root", t->root_id);
    }
    size_t all = model_task_relatives(look->m, id, row, MOST);
    for (size_t i = 0; i < all && i < MOST; i++) {
        if (row[i]->parent_id && span_equal(span_of(row[i]->parent_id), id)) {
            add_relative(d, look, "child", row[i]->id);
        } else if (row[i] != t) {
            add_relative(d, look, "of its chain", row[i]->id);
        }
    }
    if (all > MOST) {
        document_ownf(d, "", ROLE_DIM, "%zu more of its chain", all - MOST);
    }
    if (t->group) {
        char *shown = utf8_sanitise_dup(span_of(t->group), 60);
        document_ownf(d, "group", ROLE_VALUE, "%s%s", shown, t->has_chord ? ", a chord follows" : "");
        mem_free(shown);
    }
    if (t->chain_rest > 0) {
        char text[TEXT_SMALL];
        document_ownf(d, "then", ROLE_VALUE, "%s in its chain",
                      text_plural(t->chain_rest, "task", "tasks", text, sizeof text));
    }
}

/* Arguments as they were seen; lines of the result below may repeat them in full. */
static void add_arguments(struct document *d, const struct task *t)
{
    const struct {
        const char *label, *text;
    } rows[] = {{"args", t->args}, {"kwargs", t->kwargs}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].text && rows[i].text[0]) {
            char *shown = secret_show_dup(span_of(rows[i].text), 0);
            document_addf(d, rows[i].label, ROLE_VALUE, "%s%s", shown,
                          t->args_cut ? "  (cut: not all of them was told)" : "");
            mem_free(shown);
        }
    }
}

void page_head_task(struct document *d, const struct look *look, const struct target *subject)
{
    const struct task *t = model_task_find(look->m, target_id(subject));
    if (!t) {
        return;
    }
    if (t->name[0]) {
        document_own(d, "task", ROLE_VALUE, t->name);
    }
    add_state(d, look, t);
    if (t->text[0]) {
        bool failed = t->state == TASK_STATE_FAILED;
        document_add(d,
                     failed || t->state == TASK_STATE_RETRY ? "error"
                     : t->state == TASK_STATE_SUCCEEDED     ? "result"
                                                            : "note",
                     failed ? ROLE_CRITICAL : ROLE_VALUE, t->text);
    }
    add_times(d, look, t);
    add_run(d, look, t);
    add_arguments(d, t);
    add_link(d, "queue", TARGET_QUEUE, span_of(t->queue), t->queue);
    add_link(d, "worker", TARGET_WORKER, span_of(t->worker), t->worker);
    add_relatives(d, look, t);
}
