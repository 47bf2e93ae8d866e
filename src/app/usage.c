/* usage: --help and the tables of docs/usage.md, both from the rows that the program itself runs on. */
#include "app.h"
#include "console.h"

#include <stdio.h>

#include "redai/conf/key.h"

#include "redai/view/ui.h"

static void option_heading(const struct option_row *row, char *out, size_t size)
{
    char letter[8] = "";
    if (row->short_name) {
        snprintf(letter, sizeof letter, "-%c, ", row->short_name);
    }
    snprintf(out, size, "%s--%s%s%s", letter, row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
}

static const char *const exits[] = {
    "snapshot 0 all clear, 1 warning, 2 critical, 3 Redis could not be read",
    "doctor the same: 1 and 2 by the worst that is wrong",
    "workers, queues, tasks 0 read, 3 Redis could not be read",
    "actions 0 done, 1 refused, failed or come back, 2 usage, 4 outcome unknown",
    "everything 2 wrong usage, 70 out of memory",
};

void usage_print(void)
{
    char heading[64];
    printf("redai-console: a live console on the Redis of the RedAI platform\n\nusage:\n");
    for (size_t i = 0; i < subcommands_count; i++) {
        const struct subcommand *c = &subcommands[i];
        printf("  redai-console %s%s%s\n      %s\n", c->name ? c->name : "", c->name && *c->usage ? " " : "",
               c->usage, c->help);
    }
    printf("\noptions:\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        option_heading(&option_rows[i], heading, sizeof heading);
        printf("  %-22s %s%s%s%s\n", heading, option_rows[i].help,
               option_rows[i].initial && option_rows[i].argument ? " [" : "",
               option_rows[i].argument && option_rows[i].initial ? option_rows[i].initial : "",
               option_rows[i].initial && option_rows[i].argument ? "]" : "");
    }
    printf("\nURL: redis://[user[:password]@]host[:port][/db]  rediss://... (TLS)  unix:///path?db=N\n"
           "     redis+sentinel://[[user]:password@]host:port[,host:port]/service[/db]  "
           "rediss+sentinel://... (TLS)\n"
           "     also from REDIS_URL, or REDIS_HOST, REDIS_PORT, REDIS_DB; who logs in, when the URL does "
           "not say:\n"
           "     REDIS_USERNAME, REDIS_PASSWORD, --askpass, --password-fd\n");
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        printf("%s%s\n", i ? "      " : "exit: ", exits[i]);
    }
}

/* --- markdown --- */

/* A cell of a table: '|' would end it. */
static void cell(const char *text)
{
    for (; text && *text; text++) {
        if (*text == '|') {
            putchar('\\');
        }
        putchar(*text);
    }
}

static void row(size_t count, const char *const *text)
{
    putchar('|');
    for (size_t i = 0; i < count; i++) {
        putchar(' ');
        cell(text[i]);
        printf(" |");
    }
    putchar('\n');
}

#define ROW(...)                                                                                             \
    row(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (const char *const[]){__VA_ARGS__})

static void markdown_options(void)
{
    char heading[64];
    printf("\n## Options\n\n");
    ROW("option", "default", "environment", "meaning");
    ROW("---", "---", "---", "---");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *o = &option_rows[i];
        option_heading(o, heading, sizeof heading);
        ROW(heading, o->initial ? o->initial : "", o->environment ? o->environment : "", o->help);
    }
}

static void markdown_keys(const struct keymap *keymap)
{
    printf("\n## Keys\n\n");
    ROW("key", "pane", "command", "meaning");
    ROW("---", "---", "---", "---");
    for (unsigned i = 0; i < utarray_len(&keymap->row); i++) {
        const struct keymap_row *k = (const struct keymap_row *)utarray_eltptr(&keymap->row, i);
        char name[16];
        key_name(k->key, name);
        ROW(name, k->pane, k->line, k->note);
    }
}

static void markdown_commands(const struct command_set *set, unsigned required)
{
    ROW("command", "meaning", "");
    ROW("---", "---", "---");
    for (size_t t = 0; t < set->count; t++) {
        for (size_t i = 0; i < set->table[t].count; i++) {
            const struct command *c = &set->table[t].rows[i];
            char heading[256];
            snprintf(heading, sizeof heading, "%s%s%s", c->name, *c->usage ? " " : "", c->usage);
            if (!(c->flags & COMMAND_HIDDEN) && (c->flags & required) == required) {
                ROW(heading, c->help,
                    c->flags & COMMAND_WATCH     ? ""
                    : c->flags & COMMAND_CURTAIN ? "acts, also behind the curtain"
                                                 : "acts");
            }
        }
    }
}

static void markdown_all_commands(struct settings *s)
{
    struct command_set prompt = {.count = 0}, config = {.count = 0};
    console_join_commands(&prompt, NULL, s);
    settings_join_config(&config, s);
    printf("\n## Commands\n\nOf the `:` prompt; those marked *acts* are refused with `--read-only` "
           "and, unless they say otherwise, behind the curtain.\n\n");
    markdown_commands(&prompt, 0);
    printf("\n## Configuration file\n\n`$XDG_CONFIG_HOME/redai-console/config`, or the file that `--config` "
           "names; "
           "themes are files of `role` lines.\n\n");
    markdown_commands(&config, COMMAND_CONFIG);
}

static void markdown_column(void *ctx, const char *pane, const char *title, const char *help)
{
    (void)ctx;
    ROW(pane, title, help);
}

/* What a rule watches, as the line that sets it. */
static const char *rule_condition(const struct rule *r, char *out, size_t size)
{
    static const char *const op[RULE_OP_COUNT] = {">", ">=", "<", "<=", "=="};
    static const char *const form[RULE_FORM_COUNT] = {"", "rate ", "change "};
    char over[32] = "";
    if (r->form != RULE_OF_VALUE) {
        snprintf(over, sizeof over, " over %lld s", (long long)(r->window_us / 1000000));
    }
    snprintf(out, size, "%s%s%s%s%s %s %.10g", form[r->form], rule_metrics[r->metric].name,
             r->of ? " of " : "", r->of ? r->of : "", over, op[r->op], r->value);
    return out;
}

static void markdown_rules(const struct rules *rules)
{
    printf(
        "\n## Alert rules\n\nA metric of things (a queue, batch, worker, family, user) is judged for each of "
        "them. A rule whose metric is unknown neither fires nor clears.\n\n");
    ROW("rule", "fires when", "for", "clears at", "severity", "helps next", "why");
    ROW("---", "---", "---", "---", "---", "---", "---");
    for (size_t i = 0; i < rules_count(rules); i++) {
        const struct rule *r = rules_at(rules, i);
        char when[128], hold[32], clear[32], next[128];
        rule_condition(r, when, sizeof when);
        snprintf(hold, sizeof hold, "%lld s", (long long)(r->hold_us / 1000000));
        snprintf(clear, sizeof clear, "%.10g", r->clear);
        snprintf(next, sizeof next, "%s%s%s%s", r->pane ? r->pane : "", r->next ? ": `:" : "",
                 r->next ? r->next : "", r->next ? "`" : "");
        ROW(r->name, when, hold, clear, severity_name[r->severity], next, r->reason ? r->reason : "");
    }
    printf("\n### Metrics\n\n");
    ROW("metric", "unit", "meaning");
    ROW("---", "---", "---");
    for (size_t i = 0; i < rule_metric_count; i++) {
        ROW(rule_metrics[i].name, rule_metrics[i].unit, rule_metrics[i].help);
    }
}

static void markdown_workers(void)
{
    printf("\n## Methods of workers\n\nOf `worker METHOD` in the shell and `:worker METHOD` in the "
           "console.\n\n");
    ROW("method", "Celery's", "what it does to a worker", "lasts");
    ROW("---", "---", "---", "---");
    for (size_t i = 0; i < worker_methods_count; i++) {
        const struct worker_method *m = &worker_methods[i];
        char call[96];
        snprintf(call, sizeof call, "%s%s%s%s", m->word, *m->usage ? " " : "", m->usage,
                 m->needs_target ? " --on NODE" : "");
        ROW(call, m->method, m->effect, m->lasts);
    }
}

/* How bad it is, or the worst of it. */
static void markdown_doctor(void)
{
    printf("\n## Doctor\n\nWhat `doctor` looks at, in the shell and in the console. Fault: the number of the "
           "platform's own fault that it sees (docs/doctor.md).\n\n");
    ROW("check", "group", "at worst", "looks at", "why", "way out", "fault");
    ROW("---", "---", "---", "---", "---", "---", "---");
    for (size_t i = 0; i < doctor_check_count; i++) {
        const struct doctor_check *c = &doctor_checks[i];
        ROW(c->id, c->group, severity_name[c->severity], c->looks, c->why, c->fix, c->faults);
    }
}

void usage_markdown(void)
{
    struct settings s;
    struct err err;
    settings_init(&s);
    struct command_set keys = {.count = 0};
    command_join(&keys, keymap_commands, keymap_commands_count, &s.keymap);
    if (!command_run_text(&keys, "built-in keys", keymap_defaults, &err)) {
        complain(&err);
    }
    printf("# redai-console: every option, key, command, column and rule\n\n"
           "Generated from the program's own tables by `redai-console usage`; a test compares them.\n");
    printf("\n## Subcommands\n\n");
    ROW("call", "what it does");
    ROW("---", "---");
    for (size_t i = 0; i < subcommands_count; i++) {
        char call[256];
        const char *name = subcommands[i].name ? subcommands[i].name : "";
        snprintf(call, sizeof call, "redai-console %s%s%s", name, *name ? " " : "", subcommands[i].usage);
        ROW(call, subcommands[i].help);
    }
    printf("\n## Exit codes\n\n");
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        printf("- %s\n", exits[i]);
    }
    markdown_options();
    markdown_keys(&s.keymap);
    markdown_all_commands(&s);
    markdown_workers();
    printf("\n## Columns\n\n");
    ROW("pane", "column", "meaning");
    ROW("---", "---", "---");
    ui_each_column(markdown_column, NULL);
    markdown_rules(model_rules(s.model));
    markdown_doctor();
    settings_release(&s);
}
