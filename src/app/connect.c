#include "connect.h"

#include "console.h"
#include "keys.h"

#include <stdio.h>

#include "redai/base/secret.h"
#include "redai/base/utf8.h"

void connect_forget(struct console *c)
{
    logins_settle(c->settings, false);
    login_lack_release(&c->lack);
    secret_forget(&c->lack_url);
}

enum { PASSWORD_BYTES = 4096 }; /* as much as a line takes: it may have been cut there */

/* A user is one of a server, whatever the database. */
static struct span server_only(struct span place)
{
    static const struct span ends[] = {SPAN_LITERAL("?db=0"), SPAN_LITERAL("/0")};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (span_ends(place, ends[i])) {
            return span_head(place, place.len - ends[i].len);
        }
    }
    return place;
}

static void ask_password(struct console *c)
{
    char title[400];
    snprintf(title, sizeof title, "%spassword: ", c->lack.of);
    if (!c->curtain) { /* behind it of whom and where is nobody's business */
        char *who = utf8_sanitise_dup(span_of(c->lack.user), 24);
        char *where = utf8_sanitise_dup(server_only(span_of(c->lack.place)), 60);
        snprintf(title, sizeof title, "%spassword of %s at %s: ", c->lack.of, who, where);
        mem_free(who);
        mem_free(where);
    }
    ui_ask_password(c->ui, title);
}

/* To lack_url, once there is a password for each who logs in there. */
static void connect_or_ask(struct console *c)
{
    login_lack_release(&c->lack);
    if (login_lacks(c->settings, c->lack_url, &c->lack)) {
        ask_password(c);
        return;
    }
    logins_settle(c->settings, true);
    secret_forget(&c->settings->next_url);
    c->settings->next_url = c->lack_url;
    c->lack_url = NULL;
    c->quitting = true;
}

void connect_password(void *ctx, const char *text)
{
    struct console *c = ctx;
    if (!c->lack_url) {
        return;
    }
    if (!*text) {
        ui_message(c->ui, ROLE_INFO, "connect: no password was typed: still here");
    } else if (strlen(text) >= PASSWORD_BYTES) {
        ui_message(c->ui, ROLE_WARNING, "connect: a password of at most 4095 bytes can be typed: still here");
    } else {
        login_give(c->settings, &c->lack, text);
        connect_or_ask(c);
        if (c->quitting) {
            keys_leave(c);
        }
        return;
    }
    connect_forget(c);
}

static void doubt_site(struct console *c, const struct address *a, enum link_role role)
{
    const struct link_view *link = &model_connection(c->settings->model)->link[role];
    struct span error = span_of(link->error);
    if (link->state != FACT_LINK_UP && span_search(error, S("WRONGPASS")) < error.len) {
        login_doubt(c->settings, a);
    }
}

/* Where nobody was let in, what was typed is asked for again. */
static void doubt_logins(struct console *c)
{
    if (!model_server(c->settings->model)->known) {
        login_doubt(c->settings, &c->settings->address);
    }
    doubt_site(c, &c->settings->broker, LINK_ROLE_BROKER);
    doubt_site(c, &c->settings->results, LINK_ROLE_RESULT);
}

static bool do_connect(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    const char *url = words_at(w, 1);
    if (strcmp(url, "-") == 0) {
        url = c->settings->back_url;
    }
    if (!url) {
        return err_set(err, ERR_REFUSED, "connect: there is nothing to go back to");
    }
    if (c->settings->demo) {
        return err_set(err, ERR_REFUSED, "connect: the demo has a server of its own and stays there");
    }
    if (runner_state(c->actor.runner) != RUNNER_IDLE) {
        return err_set(err, ERR_REFUSED, "connect: an action is under way: it ends first, or Esc stops it");
    }
    if (!settings_could_move(c->settings, url, err)) {
        return err_prefix(err, "connect");
    }
    doubt_logins(c);
    connect_forget(c);
    c->lack_url = mem_strdup(url);
    connect_or_ask(c);
    return true;
}

const struct command connect_commands[] = {
    {"connect", "URL|@NAME|-",
     "leave this server for another one, or (-) for the one before; the password of a URL is shown as stars "
     "and not kept in the history; one that is missing, also of broker or results, is asked for, unseen",
     1, 1, COMMAND_WATCH | COMMAND_SCREEN, do_connect, NULL},
};
const size_t connect_commands_count = sizeof connect_commands / sizeof connect_commands[0];
