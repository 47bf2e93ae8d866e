#include "hooks.h"

#include "curtain.h"
#include "hook_text.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/hash.h"
#include "redai/base/utf8.h"

#define BELL_US  (5 * US_PER_S)
#define TITLE_US US_PER_S
enum { DETAIL_COLUMNS = 80 };

/* In the order of the options' choices; SEVERITY_COUNT: never. */
static const enum severity bell_from[] = {SEVERITY_COUNT, SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITY_INFO};
enum { COMMAND_ON_ALL = 3 }; /* every change, not only of those that fire and have fired */
static const enum severity command_from[] = {SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITY_INFO,
                                             SEVERITY_INFO};

/* --- what the command reports --- */

static void on_ran(void *ctx, const char *subject, const char *outcome, const char *text)
{
    struct console *c = ctx;
    struct err err;
    if (c->actor.journal) {
        UT_string shown;
        utstring_init(&shown);
        utf8_sanitise(span_of(text), 0, &shown);
        journal_write(c->actor.journal, clock_wall_us(), "hook", "alert-command", subject, outcome,
                      utstring_body(&shown), &err);
        utstring_done(&shown);
    }
}

static void on_tell(void *ctx, const char *text, const char *detail)
{
    struct console *c = ctx;
    UT_string message;
    utstring_init(&message);
    text_add(&message, span_of(text));
    if (*detail && !c->curtain) { /* somebody else's words may hold anything */
        text_add(&message, S(": "));
        utf8_sanitise(span_of(detail), DETAIL_COLUMNS, &message);
    }
    ui_message(c->ui, ROLE_WARNING, utstring_body(&message));
    utstring_done(&message);
}

/* --- changes --- */

static bool wants_command(const struct console *c, const struct alert_change *change)
{
    int64_t on = option_number(&c->settings->options, OPTION_ALERT_COMMAND_ON);
    bool told = on == COMMAND_ON_ALL || change->to == ALERT_FIRING || change->to == ALERT_RESOLVED;
    return told && change->severity >= command_from[on];
}

static void send(struct console *c, const struct alert_change *change)
{
    UT_string name;
    UT_string json;
    utstring_init(&name);
    utstring_init(&json);
    utstring_printf(&name, "%s\037%s", change->rule, change->object);
    uint64_t key = hash_fnv1a(text_span(&name));
    utstring_clear(&name);
    utstring_printf(&name, "%s %s%s%s", change->rule, alert_state_name[change->to],
                    *change->object ? " " : "", change->object);
    hook_json(c->observer.model, change, &json);
    hook_command_send(&c->hooks.command, key, utstring_body(&name), text_span(&json));
    utstring_done(&name);
    utstring_done(&json);
}

static void ring(struct console *c, const struct alert_change *change)
{
    enum severity from = bell_from[option_number(&c->settings->options, OPTION_ALERT_BELL)];
    int64_t now_us = clock_mono_us();
    if (change->to != ALERT_FIRING || change->severity < from || from == SEVERITY_COUNT ||
        (c->hooks.rung_us >= 0 && now_us - c->hooks.rung_us < BELL_US)) {
        return;
    }
    c->hooks.rung_us = now_us;
    screen_bell(c->screen);
}

static void take_changes(struct console *c)
{
    const struct model *m = c->observer.model;
    size_t count = model_alert_log_count(m);
    size_t at = count;
    while (at > 0 && model_alert_log_at(m, at - 1)->number > c->hooks.seen) {
        at--;
    }
    if (at < count && hook_command_on(&c->hooks.command)) { /* older ones that the log has let go */
        uint64_t missed = model_alert_log_at(m, at)->number - c->hooks.seen - 1;
        if (missed) {
            hook_command_missed(&c->hooks.command, missed);
        }
    }
    for (; at < count; at++) {
        const struct alert_change *change = model_alert_log_at(m, at);
        c->hooks.seen = change->number;
        ring(c, change);
        if (hook_command_on(&c->hooks.command) && wants_command(c, change)) {
            send(c, change);
        }
    }
}

void hooks_turn(struct console *c)
{
    take_changes(c);
    int64_t now_us = clock_mono_us();
    if (option_on(&c->settings->options, OPTION_ALERT_TITLE) && now_us - c->hooks.titled_us >= TITLE_US) {
        c->hooks.titled_us = now_us;
        curtain_title(c);
    }
}

/* --- options --- */

bool hooks_own(enum option_id id)
{
    return id == OPTION_ALERT_BELL || id == OPTION_ALERT_TITLE || id == OPTION_ALERT_COMMAND ||
           id == OPTION_ALERT_COMMAND_ON;
}

bool hooks_set(struct console *c, enum option_id id, const char *value, struct err *err)
{
    struct options *options = &c->settings->options;
    if (id == OPTION_ALERT_COMMAND) {
        struct hook_command probe;
        hook_command_init(&probe, &(struct hook_command_options){.loop = c->loop});
        bool good = hook_command_set(&probe, value, err) && hook_command_check(&probe, err);
        hook_command_release(&probe);
        if (!good) {
            return false;
        }
    }
    if (!options_set(options, id, value, OPTION_FROM_FLAG, err) ||
        (id == OPTION_ALERT_COMMAND && !hook_command_set(&c->hooks.command, value, err))) {
        return false;
    }
    curtain_title(c);
    return true;
}

/* What a configuration file says is meant for a real Redis. */
static void leave_the_demo_alone(struct settings *s)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (hooks_own((enum option_id)id) && s->options.value[id].source < OPTION_FROM_FLAG) {
            const char *initial = option_rows[id].initial;
            options_set(&s->options, (enum option_id)id, initial ? initial : "", OPTION_FROM_FLAG, NULL);
        }
    }
}

bool hooks_start(struct console *c, struct err *err)
{
    if (c->settings->demo) {
        leave_the_demo_alone(c->settings);
    }
    c->hooks.rung_us = -1;
    hook_command_init(&c->hooks.command, &(struct hook_command_options){
                                             .loop = c->loop, .ran = on_ran, .tell = on_tell, .ctx = c});
    return hook_command_set(&c->hooks.command, option_text(&c->settings->options, OPTION_ALERT_COMMAND), err);
}

void hooks_check(struct console *c)
{
    struct err err;
    if (!hook_command_check(&c->hooks.command, &err)) {
        on_ran(c, "", "not started", err.text);
        ui_message(c->ui, ROLE_WARNING, err.text);
    }
}

void hooks_stop(struct console *c)
{
    hook_command_release(&c->hooks.command);
}
