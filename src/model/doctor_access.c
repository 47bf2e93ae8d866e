/* doctor_access: this console's connections, and what its user may do. */
#include "model_priv.h"

#include <stdio.h>

#include "redai/schema/need.h"

void doctor_judge_links(struct judging *j)
{
    static const struct {
        enum link_role role;
        const char *what;
    } rows[] = {{LINK_ROLE_POLL, "questions"},
                {LINK_ROLE_FEED, "notifications and events"},
                {LINK_ROLE_RESULT, "the results' database"},
                {LINK_ROLE_BROKER, "the broker"},
                {LINK_ROLE_BROKER_FEED, "events of workers"},
                {LINK_ROLE_RESULT_FEED, "published results"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct link_view *l = &j->m->connection.link[rows[i].role];
        if (rows[i].role >= LINK_ROLE_BROKER && l->since_us < 0) {
            continue; /* there is none: the application's stands for it */
        }
        if (l->state == FACT_LINK_DOWN || l->state == FACT_LINK_SILENT) {
            doctor_bad(j, SEVERITY_WARNING, "the connection for %s is %s: %s", rows[i].what,
                       l->state == FACT_LINK_DOWN ? "down" : "silent", l->error);
        } else if (l->state != FACT_LINK_UP) {
            doctor_unknown(j, "the connection for %s is not there yet", rows[i].what);
        }
    }
    if (!j->said) {
        doctor_good(j, "all connections are up");
    }
}

/* --- permissions --- */

struct lack {
    size_t denied, gone, unknown, asked;
    const char *command[NEED_COMMANDS_MAX]; /* denied or gone */
    const char *why;                        /* of an unknown one */
};

static void look(const struct model *m, const struct need *need, struct lack *l)
{
    *l = (struct lack){.why = "it was not asked"};
    for (size_t i = 0; need->command[i]; i++) {
        if (m->connection.read_only && !need_only_looks(need->command[i])) {
            continue; /* not sent and not asked */
        }
        const struct doctor_told *t = doctor_permission_of(m, need->command[i]);
        if (!t || t->permission == PERMISSION_UNKNOWN) {
            l->unknown++;
            l->why = t ? t->why : l->why;
            continue;
        }
        l->asked++;
        if (t->permission != PERMISSION_ALLOWED) {
            l->command[l->denied + l->gone] = need->command[i];
            l->denied += t->permission == PERMISSION_DENIED;
            l->gone += t->permission == PERMISSION_NO_COMMAND;
        }
    }
}

static void write_lack(const struct lack *l, int db, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < l->denied + l->gone && used + 4 < size; i++) {
        const char *p = l->command[i];
        used += (size_t)snprintf(out + used, size - used, "%s", i ? ", " : "");
        for (; *p && used + 4 < size; p++) {
            if (strncmp(p, "{db}", 4) == 0) {
                used += (size_t)snprintf(out + used, size - used, "%d", db);
                p += 3;
            } else {
                out[used++] = *p;
            }
        }
        out[used < size ? used : size - 1] = '\0';
    }
}

/* The rule that would let the user do it: "+getrange", and the key or channel. */
static void write_rules(const struct lack *l, const char *user, int db, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "ACL SETUSER %.60s", user);
    for (size_t i = 0; i < l->denied + l->gone; i++) {
        char text[NEED_TEXT_MAX];
        struct span args[NEED_ARGS_MAX];
        size_t count = need_args(l->command[i], db, text, args);
        bool with_sub = count > 1 && (span_equal(args[0], S("CONFIG")) || span_equal(args[0], S("MEMORY")) ||
                                      span_equal(args[0], S("SLOWLOG")) ||
                                      span_equal(args[0], S("LATENCY")) || span_equal(args[0], S("CLIENT")));
        char rule[NEED_TEXT_MAX];
        int n = snprintf(rule, sizeof rule, " +%.*s%s%.*s", (int)args[0].len, args[0].data,
                         with_sub ? "|" : "", with_sub ? (int)args[1].len : 0, with_sub ? args[1].data : "");
        for (int k = 0; k < n && k < (int)sizeof rule; k++) {
            rule[k] = rule[k] >= 'A' && rule[k] <= 'Z' ? (char)(rule[k] + 32) : rule[k];
        }
        if (used < size && !strstr(out, rule)) {
            used += (size_t)snprintf(out + used, size - used, "%s", rule);
        }
    }
    if (used < size) {
        snprintf(out + used, size - used, ", with the keys or channels named");
    }
}

static void judge_need(struct judging *j, const struct need *need, enum severity severity)
{
    struct lack l;
    char what[240], rules[320];
    int db = j->m->connection.db;
    const char *user = model_setting(j->m, "acl.user", NULL);
    look(j->m, need, &l);
    write_lack(&l, db, what, sizeof what);
    if (l.denied) {
        doctor_bad(j, severity, "%s: %s", need->kind == NEED_PANE ? "it will lack" : "it will be refused",
                   what);
        write_rules(&l, user ? user : "USER", db, rules, sizeof rules);
        doctor_fix(j, "%s", rules);
    } else if (l.gone) {
        doctor_bad(j, severity, "the server has no such command: %s", what);
        doctor_fix(j, "see the check commands");
    } else if (l.unknown) {
        doctor_unknown(j, "%s", l.why);
    } else {
        doctor_good(j, "%s", need->kind == NEED_PANE ? "this user can fill it" : "this user may do it");
    }
    doctor_about(j, need->name, VEIL_PLAIN, TARGET_NONE, S(""));
}

void doctor_judge_panes(struct judging *j)
{
    for (size_t i = 0; i < needs_count; i++) {
        if (needs[i].kind == NEED_PANE) {
            judge_need(j, &needs[i], strcmp(needs[i].name, "trace") == 0 ? SEVERITY_INFO : SEVERITY_WARNING);
        }
    }
}

void doctor_judge_actions(struct judging *j)
{
    if (j->m->connection.read_only) {
        doctor_good(j, "with --read-only there are none");
        return;
    }
    for (size_t i = 0; i < needs_count; i++) {
        if (needs[i].kind == NEED_ACTION) {
            judge_need(j, &needs[i], SEVERITY_INFO);
        }
    }
}
