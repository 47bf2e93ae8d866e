/* console_commands: the commands that need the whole house. Moving and looking are the ui's own. */
#include "alert_commands.h"
#include "console.h"
#include "curtain.h"
#include "doctor.h"
#include "hooks.h"
#include "keys.h"
#include "orders.h"

#include <signal.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/secret.h"
#include "redai/base/utf8.h"

static bool do_quit(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    struct console *c = ctx;
    c->quitting = true;
    return true;
}

static bool do_repaint(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    struct console *c = ctx;
    screen_retake(c->screen);
    c->urgent = true;
    c->changed_us = clock_mono_us();
    return true;
}

static bool do_suspend(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    struct console *c = ctx;
    ev_feed_signal_event(c->loop, SIGTSTP); /* as if it had been sent; never from within a key's callback */
    return true;
}

static bool do_refresh(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    struct console *c = ctx;
    struct err asked;
    collect_refresh(c->observer.collect);
    ui_message(c->ui, ROLE_INFO,
               doctor_refresh(c, &asked) ? "reading everything anew, and asking the doctor"
                                         : "reading everything anew");
    return true;
}

static bool load_theme(struct console *c, const char *name, struct err *err)
{
    if (!palette_load(&c->settings->palette, name, err)) {
        return false;
    }
    screen_palette_changed(c->screen);
    screen_repaint(c->screen);
    c->urgent = true;
    return true;
}

static bool do_theme(void *ctx, const struct words *w, struct err *err)
{
    return load_theme(ctx, words_at(w, 1), err);
}

/* Only the colours and the hooks of alerts can change while everything runs; the rest is read at the start,
 * and saying otherwise would lie. */
static bool do_set(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    enum option_id id;
    const char *name = words_at(w, 1);
    if (!options_find(name, &id)) {
        return err_set(err, ERR_USAGE, "set: '%s' is no option (see docs/usage.md)", name);
    }
    if (hooks_own(id)) {
        return hooks_set(c, id, words_at(w, 2), err);
    }
    if (id != OPTION_THEME) {
        return err_set(err, ERR_USAGE,
                       "set: '%s' is read at the start: give --%s, or put it into the configuration file",
                       name, name);
    }
    return load_theme(c, words_at(w, 2), err);
}

static bool do_stop(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    struct console *c = ctx;
    if (runner_state(c->actor.runner) != RUNNER_RUNNING && runner_state(c->actor.runner) != RUNNER_PLANNING) {
        return err_set(err, ERR_USAGE, "stop: nothing is running");
    }
    if (runner_state(c->actor.runner) == RUNNER_PLANNING) {
        runner_cancel(c->actor.runner);
    } else {
        runner_stop(c->actor.runner);
    }
    return true;
}

static bool do_plan(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    return orders_show_plan(ctx, err);
}

static bool do_dismiss(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    struct target t[64] = {{.kind = TARGET_NONE}};
    const char *id = words_at(w, 1);
    struct fact f = {.kind = FACT_DISMISS, .dismiss = {S("")}};
    if (id && strcmp(id, "all") == 0) {
        observer_fact(&c->observer, &f);
        return true;
    }
    if (id) {
        f.dismiss.id = span_of(id);
        observer_fact(&c->observer, &f);
        return true;
    }
    size_t count = ui_selection(c->ui, t, 64);
    size_t have = count < 64 ? count : 64;
    bool any = false;
    for (size_t i = 0; i < have; i++) {
        if (t[i].kind == TARGET_TASK) {
            f.dismiss.id = target_id(&t[i]);
            observer_fact(&c->observer, &f);
            any = true;
        }
        target_release(&t[i]);
    }
    ui_clear_marks(c->ui);
    return any || err_set(err, ERR_USAGE, "dismiss: select a batch that has ended, or say 'dismiss all'");
}

static bool write_note(struct console *c, const char *text, struct err *err)
{
    if (!c->actor.journal) {
        return err_set(err, ERR_IO, "note: there is no journal: %s",
                       c->actor.journal_error.code ? c->actor.journal_error.text : "read-only");
    }
    if (!journal_write(c->actor.journal, clock_wall_us(), "note", "note", NULL, NULL, text, err)) {
        return false;
    }
    UT_string shown; /* among the receipts, and in a recording */
    utstring_init(&shown);
    secret_mask(span_of(text), &shown);
    struct fact f = {.kind = FACT_NOTE, .note = {text_span(&shown)}};
    observer_fact(&c->observer, &f);
    utstring_done(&shown);
    char message[320];
    snprintf(message, sizeof message, "noted in %s", journal_path(c->actor.journal));
    ui_message(c->ui, ROLE_GOOD, message);
    return true;
}

static bool submit_note(void *ctx, const char *const *value, size_t count, struct err *err)
{
    (void)count;
    return *value[0] ? write_note(ctx, value[0], err) : err_set(err, ERR_USAGE, "the note is empty");
}

static bool do_note(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    if (words_count(w) == 1) {
        static const struct ui_field field = {"note", "", "written into the journal with the time", NULL};
        ui_show_form(
            c->ui,
            &(struct ui_form){.title = "note", .count = 1, .field = &field, .submit = submit_note, .ctx = c});
        return true;
    }
    UT_string text;
    utstring_init(&text);
    for (size_t i = 1; i < words_count(w); i++) {
        utstring_printf(&text, "%s%s", i > 1 ? " " : "", words_at(w, i));
    }
    bool ok = write_note(c, utstring_body(&text), err);
    utstring_done(&text);
    return ok;
}

/* A session id is a bearer token: it is copied whole only when that is said. */
static bool do_copy(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    struct target t[1] = {{.kind = TARGET_NONE}};
    if (!ui_selection(c->ui, t, 1)) {
        return err_set(err, ERR_USAGE, "copy: nothing is selected");
    }
    const char *how = words_at(w, 1);
    bool reveal = how && strcmp(how, "reveal") == 0;
    UT_string text;
    utstring_init(&text);
    if (curtain_copies(c, &t[0], &text)) {
        screen_copy(c->screen, text_span(&text));
        ui_message(c->ui, ROLE_INFO, "copied, as it is called behind the curtain");
        utstring_done(&text);
        target_release(&t[0]);
        return true;
    }
    char subject[200];
    bool alert = t[0].kind == TARGET_ALERT || t[0].kind == TARGET_CHANGE;
    struct span session = S("");
    struct span id = alert ? span_of(alert_subject(c, &t[0], subject, sizeof subject)) : target_id(&t[0]);
    bool secret =
        t[0].kind == TARGET_SESSION || (t[0].kind == TARGET_KEY && keyname_kind(id, &session) == KEY_SESSION);
    if (secret && !reveal) {
        struct span token = t[0].kind == TARGET_SESSION ? id : session;
        utf8_sanitise(span_head(id, id.len - token.len + (token.len < 6 ? token.len : 6)), 0, &text);
        text_add(&text, S("~"));
    } else {
        utf8_sanitise(id, 0, &text);
    }
    screen_copy(c->screen, text_span(&text));
    ui_message(c->ui, ROLE_INFO,
               secret && !reveal ? "copied, shortened: ':copy reveal' copies the whole session id"
                                 : "copied");
    utstring_done(&text);
    target_release(&t[0]);
    return true;
}

const struct command console_commands[] = {
    {"plan", "", "show the plan that came late, and ask", 0, 0, COMMAND_WATCH, do_plan, NULL},
    {"stop", "", "send no further part of the running action", 0, 0, COMMAND_WATCH, do_stop, NULL},
    {"dismiss", "[TASK-ID | all]", "take ended batches off the list", 0, 1, COMMAND_WATCH, do_dismiss, "all"},
    {"note", "[TEXT]", "write a remark into the journal", 0, -1, COMMAND_WATCH, do_note, NULL},
    {"copy", "[reveal]", "copy the selection's name to the terminal's clipboard", 0, 1, COMMAND_WATCH,
     do_copy, "reveal"},
    {"key", "NAME | PREFIX ARGUMENT...",
     "open a key; with more words, the one that the cache makes of a call: key exam exam_id=7", 1, -1,
     COMMAND_WATCH | COMMAND_SCREEN, key_command_open, NULL},
    {"refresh", "", "read everything anew", 0, 0, COMMAND_WATCH, do_refresh, NULL},
    {"theme", "NAME", "change the colours", 1, 1, COMMAND_WATCH, do_theme, "dark light contrast safe mono"},
    {"set", "OPTION VALUE",
     "change an option: theme and alert-* at once, the others in the configuration file", 2, 2,
     COMMAND_WATCH | COMMAND_CONFIG, do_set, "theme alert-bell alert-title alert-command alert-command-on"},
    {"repaint", "", "send the whole screen anew", 0, 0, COMMAND_WATCH | COMMAND_SCREEN, do_repaint, NULL},
    {"suspend", "", "stop the console; `fg` brings it back", 0, 0, COMMAND_WATCH | COMMAND_SCREEN, do_suspend,
     NULL},
    {"quit", "", "leave", 0, 0, COMMAND_WATCH, do_quit, NULL},
};
const size_t console_commands_count = sizeof console_commands / sizeof console_commands[0];
