#include "alert_commands.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/isotime.h"
#include "redai/base/num.h"

#define MUTE_US       (INT64_C(3600) * US_PER_S)
#define MUTE_LEAST_US US_PER_S
#define MUTE_MOST_US  (INT64_C(30) * 86400 * US_PER_S)

/* --- whom it is about --- */

struct chosen {
    size_t count;
    struct target t[ALERTS_CHOSEN_MAX]; /* TARGET_ALERT */
};

static void choose(struct chosen *c, struct span id)
{
    if (c->count < ALERTS_CHOSEN_MAX) {
        target_set(&c->t[c->count++], TARGET_ALERT, id);
    }
}

static void chosen_release(struct chosen *c)
{
    for (size_t i = 0; i < c->count; i++) {
        target_release(&c->t[i]);
    }
    c->count = 0;
}

/* The rule of an alert's id. */
static struct span rule_of(struct span id)
{
    return span_head(id, span_find(id, ALERT_ID_SEPARATOR));
}

static bool rule_is(const struct alert *a, const char *rule)
{
    return strcmp(a->rule->name, rule) == 0;
}

static bool rule_known(const struct console *c, const char *rule)
{
    for (size_t i = 0; i < model_alert_count(c->observer.model); i++) {
        if (rule_is(model_alert_at(c->observer.model, i), rule)) {
            return true;
        }
    }
    return false;
}

/* The row of the rule that is about this, by its name as it is shown or as it is; NULL none. */
static const struct alert *row_about(const struct console *c, const char *rule, const char *object)
{
    for (size_t i = 0; i < model_alert_count(c->observer.model); i++) {
        const struct alert *a = model_alert_at(c->observer.model, i);
        if (rule_is(a, rule) && a->about.kind != TARGET_NONE &&
            (strcmp(a->object, object) == 0 || span_equal(target_id(&a->about), span_of(object)))) {
            return a;
        }
    }
    return NULL;
}

static const struct alert *of_change(const struct console *c, const struct target *t)
{
    uint64_t number;
    if (t->kind != TARGET_CHANGE || t->id_len != sizeof number) {
        return NULL;
    }
    memcpy(&number, t->id, sizeof number);
    const struct alert_change *change = model_alert_change(c->observer.model, number);
    return change ? model_alert_of_change(c->observer.model, change) : NULL;
}

/* The marked alerts, the one under the cursor, or the one whose page is open. */
static void choose_selected(const struct console *c, struct chosen *out)
{
    struct target t[ALERTS_CHOSEN_MAX] = {{.kind = TARGET_NONE}};
    const struct target *subject = ui_subject(c->ui);
    size_t count = ui_selection(c->ui, t, ALERTS_CHOSEN_MAX);
    for (size_t i = 0; i < count && i < ALERTS_CHOSEN_MAX; i++) {
        const struct alert *a = of_change(c, &t[i]); /* in the log */
        if (t[i].kind == TARGET_ALERT) {
            choose(out, target_id(&t[i]));
        } else if (a) {
            choose(out, span_make(a->id, a->id_len));
        }
        target_release(&t[i]);
    }
    if (out->count == 0 && subject->kind == TARGET_ALERT) {
        choose(out, target_id(subject));
    }
}

/* By words from *at on: a rule, and a thing it is about; without a rule the selection. Leaves *at behind
 * them. */
static bool choose_named(const struct console *c, const struct words *w, size_t *at, struct chosen *out,
                         struct err *err)
{
    const char *rule = words_at(w, *at);
    if (!rule || !rule_known(c, rule)) {
        choose_selected(c, out);
        return true;
    }
    const char *object = words_at(w, ++*at);
    const struct alert *row = object ? row_about(c, rule, object) : NULL;
    int64_t us;
    if (row) {
        choose(out, span_make(row->id, row->id_len));
        ++*at;
    } else if (!object || num_duration_us(span_of(object), &us) || strcmp(object, "forever") == 0) {
        choose(out, span_of(rule));
    } else {
        return err_set(err, ERR_NOT_FOUND, "%s: no alert of %s is about '%.80s'", words_at(w, 0), rule,
                       object);
    }
    return true;
}

const char *alert_subject(const struct console *c, const struct target *t, char *out, size_t size)
{
    const struct alert *changed = of_change(c, t);
    const struct alert *a = changed ? changed : model_alert_find(c->observer.model, target_id(t));
    struct span rule = a                         ? span_of(a->rule->name)
                       : t->kind == TARGET_ALERT ? rule_of(target_id(t))
                                                 : S("change");
    bool thing = a && a->about.kind != TARGET_NONE;
    snprintf(out, size, "%.*s%s%.120s", (int)rule.len, rule.data, thing ? " " : "", thing ? a->object : "");
    return out;
}

/* What is said to the person: how many, or which rule; things are named where nobody else looks on. */
static void say(struct console *c, const struct chosen *chosen, const char *what)
{
    char subject[200], text[320];
    struct span rule = rule_of(target_id(&chosen->t[0]));
    if (chosen->count == 1 && c->curtain) {
        snprintf(text, sizeof text, "%.*s %s", (int)rule.len, rule.data, what);
    } else if (chosen->count == 1) {
        snprintf(text, sizeof text, "%s %s", alert_subject(c, &chosen->t[0], subject, sizeof subject), what);
    } else {
        snprintf(text, sizeof text, "%zu alerts %s", chosen->count, what);
    }
    ui_message(c->ui, ROLE_GOOD, text);
}

static bool write_down(struct console *c, const char *action, const struct target *t, const char *text,
                       struct err *err)
{
    char subject[200];
    return !c->actor.journal || journal_write(c->actor.journal, clock_wall_us(), "note", action,
                                              alert_subject(c, t, subject, sizeof subject), NULL, text, err);
}

/* --- acknowledge --- */

/* The row fires; of a rule's name: one of its rows does. */
static bool fires(const struct console *c, struct span id)
{
    bool whole = span_find(id, ALERT_ID_SEPARATOR) == id.len;
    for (size_t i = 0; i < model_alert_count(c->observer.model); i++) {
        const struct alert *a = model_alert_at(c->observer.model, i);
        bool meant =
            span_equal(span_make(a->id, a->id_len), id) || (whole && span_equal(span_of(a->rule->name), id));
        if (meant && a->state == ALERT_FIRING) {
            return true;
        }
    }
    return false;
}

static bool do_acknowledge(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    struct chosen chosen = {0};
    char subject[200];
    const char *name = words_at(w, 1);
    size_t at = 1, done = 0;
    bool ok = true;
    if (name && !rule_known(c, name)) {
        return err_set(err, ERR_NOT_FOUND, "acknowledge: no rule is called '%.80s'", name);
    }
    if (!choose_named(c, w, &at, &chosen, err)) {
        return false;
    }
    for (size_t i = 0; i < chosen.count; i++) {
        if (fires(c, target_id(&chosen.t[i]))) {
            struct fact f = {.kind = FACT_ACKNOWLEDGE, .acknowledge = {target_id(&chosen.t[i])}};
            ok = write_down(c, "acknowledge", &chosen.t[i], NULL, err) && ok;
            observer_fact(&c->observer, &f);
            done++;
        }
    }
    if (chosen.count == 0) {
        ok = err_set(err, ERR_USAGE, "acknowledge: select an alert or name a rule");
    } else if (done == 0 && chosen.count == 1) {
        ok = err_set(err, ERR_USAGE, "acknowledge: '%s' does not fire",
                     alert_subject(c, &chosen.t[0], subject, sizeof subject));
    } else if (done == 0) {
        ok = err_set(err, ERR_USAGE, "acknowledge: none of these %zu fires", chosen.count);
    }
    ui_clear_marks(c->ui);
    chosen_release(&chosen);
    return ok;
}

/* --- mute --- */

static bool time_of(const char *word, int64_t *ret_us, struct err *err)
{
    int64_t us;
    if (strcmp(word, "forever") == 0) {
        *ret_us = INT64_MAX;
        return true;
    }
    if (!num_duration_us(span_of(word), &us) || us < MUTE_LEAST_US || us > MUTE_MOST_US) {
        return err_set(err, ERR_USAGE,
                       "mute: expected a time from 1s to 30d (30m, 2h), or forever, got '%.40s'", word);
    }
    *ret_us = us;
    return true;
}

static bool mute(struct console *c, const struct chosen *chosen, int64_t us, const char *reason,
                 struct err *err)
{
    char when[40], note[ALERT_REASON_MAX + 80], said[80];
    bool ok = true;
    if (chosen->count == 0) {
        return err_set(err, ERR_USAGE, "mute: select an alert or name a rule");
    }
    int64_t now_us = clock_mono_us();
    isotime_format(clock_wall_us() + (us == INT64_MAX ? 0 : us), when, sizeof when);
    snprintf(note, sizeof note, "until %s%s%.*s", us == INT64_MAX ? "it is unmuted" : when,
             *reason ? ": " : "", ALERT_REASON_MAX - 1, reason);
    for (size_t i = 0; i < chosen->count; i++) {
        struct fact f = {.kind = FACT_MUTE,
                         .mute = {.id = target_id(&chosen->t[i]),
                                  .until_us = us == INT64_MAX ? INT64_MAX : now_us + us,
                                  .reason = span_of(reason)}};
        ok = write_down(c, "mute", &chosen->t[i], note, err) && ok;
        observer_fact(&c->observer, &f);
    }
    human_duration(us == INT64_MAX ? 0 : us, when, sizeof when);
    snprintf(said, sizeof said, "muted %s%s; :unmute ends it", us == INT64_MAX ? "for good" : "for ",
             us == INT64_MAX ? "" : when);
    say(c, chosen, said);
    ui_clear_marks(c->ui);
    return ok;
}

/* The form acts on the alerts it was opened for, whatever is selected by then. */
static bool submit_mute(void *ctx, const char *const *value, size_t count, struct err *err)
{
    struct console *c = ctx;
    struct chosen chosen = {0};
    int64_t us = MUTE_US;
    (void)count;
    if (value[0][0] && !time_of(value[0], &us, err)) {
        return false;
    }
    for (size_t i = 0; i < c->alerts_chosen; i++) {
        choose(&chosen, target_id(&c->alert_chosen[i]));
    }
    bool ok = mute(c, &chosen, us, value[1], err);
    chosen_release(&chosen);
    return ok;
}

static bool ask_mute(struct console *c, const struct chosen *chosen, struct err *err)
{
    static const struct ui_field fields[] = {
        {"for", "1h", "30m, 2h, 1d; forever: until :unmute", NULL},
        {"reason", "", "why, for whoever looks at it later; it goes into the journal", NULL},
    };
    char title[320], subject[200];
    if (chosen->count == 0) {
        return err_set(err, ERR_USAGE, "mute: select an alert or name a rule");
    }
    struct span rule = rule_of(target_id(&chosen->t[0]));
    if (chosen->count > 1) {
        snprintf(title, sizeof title, "mute %zu alerts", chosen->count);
    } else if (c->curtain) {
        snprintf(title, sizeof title, "mute %.*s", (int)rule.len, rule.data);
    } else {
        snprintf(title, sizeof title, "mute %s", alert_subject(c, &chosen->t[0], subject, sizeof subject));
    }
    for (c->alerts_chosen = 0; c->alerts_chosen < chosen->count; c->alerts_chosen++) {
        target_set(&c->alert_chosen[c->alerts_chosen], TARGET_ALERT, target_id(&chosen->t[c->alerts_chosen]));
    }
    ui_show_form(c->ui, &(struct ui_form){.title = title,
                                          .count = sizeof fields / sizeof fields[0],
                                          .field = fields,
                                          .submit = submit_mute,
                                          .ctx = c});
    return true;
}

static bool do_mute(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    struct chosen chosen = {0};
    int64_t us = MUTE_US;
    size_t at = 1;
    UT_string reason;
    if (!choose_named(c, w, &at, &chosen, err)) {
        return false;
    }
    const char *time = words_at(w, at);
    bool ok = true;
    if (time && at == 1 && !time_of(time, &us, err)) { /* neither a rule nor a time */
        ok = err_set(err, ERR_NOT_FOUND,
                     "mute: '%.60s' is no rule and no time from 1s to 30d (30m, 2h) or forever", time);
    } else if (time) {
        ok = time_of(time, &us, err);
    }
    utstring_init(&reason);
    for (size_t i = at + 1; i < words_count(w); i++) {
        utstring_printf(&reason, "%s%s", i > at + 1 ? " " : "", words_at(w, i));
    }
    if (ok) {
        ok = words_count(w) == 1 ? ask_mute(c, &chosen, err)
                                 : mute(c, &chosen, us, utstring_body(&reason), err);
    }
    utstring_done(&reason);
    chosen_release(&chosen);
    return ok;
}

/* --- unmute --- */

static bool is_muted(const struct console *c, struct span id)
{
    bool whole = span_find(id, ALERT_ID_SEPARATOR) == id.len;
    for (size_t i = 0; i < model_alert_count(c->observer.model); i++) {
        const struct alert *a = model_alert_at(c->observer.model, i);
        bool meant =
            span_equal(span_make(a->id, a->id_len), id) || (whole && span_equal(span_of(a->rule->name), id));
        if (meant && a->state == ALERT_MUTED) {
            return true;
        }
    }
    return false;
}

static void unmute_one(struct console *c, struct span id)
{
    struct fact f = {.kind = FACT_MUTE, .mute = {.id = id, .until_us = 0, .reason = S("")}};
    observer_fact(&c->observer, &f);
}

/* A rule's name ends the mutes of its things, too; a thing that the rule's mute covers ends that. */
static bool unmute(struct console *c, const struct target *t, struct err *err)
{
    struct span id = target_id(t);
    bool whole = span_find(id, ALERT_ID_SEPARATOR) == id.len;
    if (!is_muted(c, id)) {
        return false;
    }
    unmute_one(c, id);
    if (!whole && is_muted(c, id)) {
        unmute_one(c, rule_of(id));
    }
    for (size_t i = 0; whole && i < ALERT_OBJECTS_MAX && is_muted(c, id); i++) {
        for (size_t k = 0; k < model_alert_count(c->observer.model); k++) {
            const struct alert *a = model_alert_at(c->observer.model, k);
            if (span_equal(span_of(a->rule->name), id) && a->state == ALERT_MUTED) {
                struct target one = {0};
                target_set(&one, TARGET_ALERT, span_make(a->id, a->id_len));
                unmute_one(c, target_id(&one));
                target_release(&one);
                break;
            }
        }
    }
    return write_down(c, "unmute", t, NULL, err) || true;
}

static bool do_unmute(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    struct chosen chosen = {0};
    const char *name = words_at(w, 1);
    size_t at = 1, done = 0;
    if (name && !rule_known(c, name)) {
        return err_set(err, ERR_NOT_FOUND, "unmute: no rule is called '%.80s'", name);
    }
    if (!choose_named(c, w, &at, &chosen, err)) {
        return false;
    }
    for (size_t i = 0; i < chosen.count; i++) {
        done += unmute(c, &chosen.t[i], err);
    }
    bool ok = true;
    if (chosen.count == 0) {
        ok = err_set(err, ERR_USAGE, "unmute: select an alert or name a rule");
    } else if (done == 0) {
        ok = err_set(err, ERR_USAGE, "unmute: %s is not muted", chosen.count == 1 ? "it" : "none of them");
    } else {
        say(c, &chosen, "no longer muted");
    }
    ui_clear_marks(c->ui);
    chosen_release(&chosen);
    return ok;
}

const struct command alert_commands[] = {
    {"acknowledge", "[RULE [OBJECT]]", "an alert is known and worked on: quiet until it has cleared", 0, 2,
     COMMAND_WATCH, do_acknowledge, NULL},
    {"mute", "[RULE [OBJECT]] [TIME [REASON...]]",
     "say nothing of an alert for a while (1h; 30m, 2h, 1d, forever); alone: asks for time and reason", 0, -1,
     COMMAND_WATCH, do_mute, NULL},
    {"unmute", "[RULE [OBJECT]]", "a muted alert may speak again", 0, 2, COMMAND_WATCH, do_unmute, NULL},
};
const size_t alert_commands_count = sizeof alert_commands / sizeof alert_commands[0];
