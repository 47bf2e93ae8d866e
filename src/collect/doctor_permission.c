/* doctor_permission: which commands this user may give, on which keys and channels, without giving them.
 * Redis 7 tells by ACL DRYRUN, and writes nothing down. Where that cannot be asked (an older server, a user
 * without a right to ACL) the commands are queued behind MULTI and dropped by DISCARD: each is held against
 * the ACL when it is queued, and none is run. A link of its own does that: nothing else can get between, and
 * nothing is sent behind MULTI before the server has said OK to it. */
#include "collect_priv.h"
#include "doctor.h"

#include <stdio.h>

#include "redai/schema/need.h"

static void tell(struct collect *c, const char *what, enum permission permission, struct span why)
{
    struct fact f = {
        .kind = FACT_PERMISSION,
        .permission = {.what = span_of(what), .permission = permission, .why = span_head(why, 160)}};
    collect_emit(c, &f);
}

static bool says(struct span text, const char *words)
{
    return span_search(text, span_of(words)) < text.len;
}

/* With --read-only a command that writes is not even queued to be dropped. */
static bool is_asked(const struct collect *c, const char *command)
{
    return !c->options.read_only || need_only_looks(command);
}

/* --- ACL DRYRUN --- */

static void on_dry(struct collect *c, size_t index, const struct reply *r)
{
    struct span text;
    (void)index;
    c->doctor.dry = reply_string(r, &text);
}

bool doctor_dry(struct collect *c)
{
    struct doctor *d = &c->doctor;
    if (!d->user[0]) {
        return true;
    }
    d->sent +=
        d->sent == 0 && doctor_ask(c, c->poll, on_dry, 0, 4,
                                   (const struct span[]){S("ACL"), S("DRYRUN"), span_of(d->user), S("PING")});
    return d->sent == 1;
}

static void on_dry_run(struct collect *c, size_t index, const struct reply *r)
{
    const char *const *command;
    need_commands(&command);
    struct span error = reply_error(r), text;
    if (reply_is_ok(r)) {
        tell(c, command[index], PERMISSION_ALLOWED, S(""));
    } else if (reply_string(r, &text)) {
        tell(c, command[index], PERMISSION_DENIED, text);
    } else if (says(error, "not found")) {
        tell(c, command[index], PERMISSION_NO_COMMAND, error);
    } else {
        tell(c, command[index], PERMISSION_UNKNOWN, collect_error(r));
    }
}

static bool ask_dry(struct collect *c)
{
    struct doctor *d = &c->doctor;
    const char *const *command;
    size_t count = need_commands(&command);
    while (d->sent < count) {
        if (!is_asked(c, command[d->sent])) {
            d->sent++;
            continue;
        }
        char text[NEED_TEXT_MAX];
        struct span args[NEED_ARGS_MAX + 3] = {SPAN_LITERAL("ACL"), SPAN_LITERAL("DRYRUN"), span_of(d->user)};
        size_t words = need_args(command[d->sent], c->address.db, text, args + 3);
        if (!doctor_ask(c, c->poll, on_dry_run, d->sent, words + 3, args)) {
            return false;
        }
        d->sent++;
    }
    return true;
}

/* --- MULTI ... DISCARD --- */

struct permission_probe {
    struct collect *c;
    struct link *link;
    bool begun, over;
};

struct probed {
    struct permission_probe *probe;
    const char *command;
};

static bool is_of_transactions(const char *command)
{
    return strncmp(command, "MULTI", 5) == 0 || strncmp(command, "EXEC", 4) == 0 ||
           strncmp(command, "WATCH", 5) == 0;
}

/* What is refused for another reason than the ACL has passed the ACL. */
static void judge(struct collect *c, const char *command, const struct reply *r)
{
    struct span error = reply_error(r);
    if (!reply_is_error(r)) {
        tell(c, command, PERMISSION_ALLOWED, S(""));
    } else if (span_starts(error, S("NOPERM"))) {
        tell(c, command, PERMISSION_DENIED, error);
    } else if (says(error, "unknown command") || says(error, "Unknown subcommand")) {
        tell(c, command, PERMISSION_NO_COMMAND, error);
    } else {
        tell(c, command, PERMISSION_UNKNOWN, error);
    }
}

static void on_probed(void *user, const struct reply *r)
{
    struct probed *p = user;
    struct permission_probe *probe = p->probe;
    const char *command = p->command;
    mem_free(p);
    if (!r) {
        return;
    }
    bool no_transaction = span_starts(reply_error(r), S("ERR EXEC without MULTI"));
    if (no_transaction) {
        tell(probe->c, command, PERMISSION_ALLOWED, S(""));
    } else {
        judge(probe->c, command, r);
    }
}

static void send(struct permission_probe *probe, const char *command)
{
    char text[NEED_TEXT_MAX];
    struct span args[NEED_ARGS_MAX];
    size_t words = need_args(command, probe->c->address.db, text, args);
    struct probed *p = mem_zalloc(sizeof *p);
    *p = (struct probed){probe, command};
    if (!link_send(probe->link, on_probed, p, words, args)) {
        mem_free(p);
    }
}

static void on_discarded(void *user, const struct reply *r)
{
    struct permission_probe *probe = user;
    (void)r;
    probe->over = true;
    collect_soon(probe->c, 0);
}

static void give_up(struct permission_probe *probe, struct span why)
{
    const char *const *command;
    size_t count = need_commands(&command);
    for (size_t i = 0; i < count; i++) {
        if (!is_of_transactions(command[i]) && is_asked(probe->c, command[i])) {
            tell(probe->c, command[i], PERMISSION_UNKNOWN, why);
        }
    }
    probe->over = true;
    collect_soon(probe->c, 0);
}

/* Only now, with the server's OK, is it certain that nothing will be run. */
static void on_multi(void *user, const struct reply *r)
{
    struct permission_probe *probe = user;
    const char *const *command;
    size_t count = need_commands(&command), sent = 0;
    if (!r) {
        return;
    }
    judge(probe->c, "MULTI", r);
    if (!reply_is_ok(r)) {
        give_up(probe, collect_error(r));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_of_transactions(command[i]) && is_asked(probe->c, command[i])) {
            send(probe, command[i]);
            sent++;
        }
    }
    pace_charge(&probe->c->pace, sent + 2);
    if (!link_command(probe->link, on_discarded, probe, S("DISCARD"))) {
        probe->over = true;
    }
}

static void on_state(void *user, const struct link_status *status)
{
    struct permission_probe *probe = user;
    const char *const *command;
    size_t count = need_commands(&command);
    if (status->state == LINK_READY && !probe->begun) {
        probe->begun = true;
        /* Outside of a transaction EXEC and WATCH do nothing. */
        for (size_t i = 0; i < count; i++) {
            if (is_of_transactions(command[i]) && strcmp(command[i], "MULTI") != 0 &&
                is_asked(probe->c, command[i])) {
                send(probe, command[i]);
            }
        }
        link_command(probe->link, on_multi, probe, S("MULTI"));
    } else if (status->state == LINK_WAITING && !probe->over) {
        give_up(probe, span_of(status->error));
    }
}

static void begin_probe(struct collect *c)
{
    struct permission_probe *probe = mem_zalloc(sizeof *probe);
    probe->c = c;
    probe->link = link_new(
        c->options.loop,
        &(struct link_options){
            .name = "doctor", .address = &c->address, .db = -1, .on_state = on_state, .user = probe});
    c->doctor.probe = probe;
    link_start(probe->link);
}

void doctor_probe_free(struct collect *c)
{
    struct permission_probe *probe = c->doctor.probe;
    if (probe) {
        struct link_cost cost = link_cost(probe->link);
        c->traced_cost.commands += cost.commands;
        c->traced_cost.bytes_in += cost.bytes_in;
        c->traced_cost.bytes_out += cost.bytes_out;
        probe->over = true;
        link_free(probe->link);
        c->doctor.probe = NULL;
        mem_free(probe);
    }
}

bool doctor_permissions(struct collect *c)
{
    if (c->doctor.dry) {
        return ask_dry(c);
    }
    if (!c->doctor.probe) {
        begin_probe(c);
    }
    return c->doctor.probe->over;
}
