#include "curtain.h"

#include "hook_text.h"
#include "orders.h"

#include <stdio.h>

static bool is_locked(struct err *err)
{
    return err_set(err, ERR_USAGE, "the curtain is drawn: '!' lifts it");
}

bool curtain_allows_verb(const struct console *c, enum verb verb, struct err *err)
{
    return !c->curtain || verb == VERB_ENQUEUE || is_locked(err);
}

bool curtain_allows_line(const struct console *c, const char *line, struct err *err)
{
    struct words w;
    bool ok = true;
    if (!c->curtain) {
        return true;
    }
    words_init(&w);
    if (words_parse(&w, line, NULL) && words_count(&w)) {
        const struct command *command = command_find(&c->commands, words_at(&w, 0), NULL);
        ok = !command || (command->flags & (COMMAND_WATCH | COMMAND_CURTAIN)) || is_locked(err);
    }
    words_release(&w);
    return ok;
}

void curtain_title(struct console *c)
{
    char title[256];
    if (option_on(&c->settings->options, OPTION_ALERT_TITLE)) {
        hook_title(c->settings->model, c->curtain, title, sizeof title);
    } else {
        snprintf(title, sizeof title, "redai-console %s",
                 c->curtain ? "[CURTAIN]" : model_connection(c->settings->model)->address);
    }
    screen_title(c->screen, title);
}

void curtain_draw(struct console *c, bool drawn)
{
    enum runner_state state = c->actor.runner ? runner_state(c->actor.runner) : RUNNER_IDLE;
    c->curtain = drawn;
    if (drawn && (state == RUNNER_PLANNING || state == RUNNER_ASKING)) {
        runner_cancel(c->actor.runner); /* its plan names its victims */
    }
    if (drawn) {
        orders_enqueue_forget(c);
    }
    ui_curtain(c->ui, drawn ? &c->veil : NULL);
    curtain_title(c);
    c->urgent = true;
}

bool curtain_copies(const struct console *c, const struct target *t, UT_string *out)
{
    if (c->curtain) {
        ui_pseudonym(c->ui, t, out);
    }
    return c->curtain;
}

/* --- the command --- */

static bool lift(void *ctx, const char *typed, struct err *err)
{
    (void)typed;
    (void)err;
    curtain_draw(ctx, false);
    return true;
}

static void ask(struct console *c)
{
    static const struct ui_line lines[] = {
        {ROLE_WARNING, "Session ids, users, names, mails, addresses and values become readable"},
        {ROLE_WARNING, "for everybody who sees this screen, and actions possible."},
    };
    ui_ask(c->ui, &(struct ui_question){.title = "lift the curtain",
                                        .count = sizeof lines / sizeof lines[0],
                                        .line = lines,
                                        .answer = lift,
                                        .ctx = c});
}

static bool do_curtain(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    const char *word = words_at(w, 1);
    bool on = !c->curtain;
    if (word && strcmp(word, "on") != 0 && strcmp(word, "off") != 0) {
        return err_set(err, ERR_USAGE, "curtain: expected on or off, got '%.60s'", word);
    }
    if (word) {
        on = strcmp(word, "on") == 0;
    }
    if (on && !c->curtain) {
        curtain_draw(c, true);
        ui_message(c->ui, ROLE_GOOD, "the curtain is drawn: nothing can be done but to enqueue");
    } else if (!on && c->curtain) {
        ask(c);
    }
    return true;
}

const struct command curtain_commands[] = {
    {"curtain", "[on|off]",
     "hide ids, names, addresses and values behind pseudonyms, and lock actions; lifting it asks", 0, 1,
     COMMAND_WATCH | COMMAND_SCREEN, do_curtain, "on off"},
};
const size_t curtain_commands_count = sizeof curtain_commands / sizeof curtain_commands[0];
