#include "golden.h"

#include <stdio.h>

#include "redai/base/utf8.h"

struct console {
    struct ui *ui;
    struct keymap keymap;
    struct command_set commands;
    int accepted, dismissed, more;
    bool quit, curtain;
};

static bool run(void *ctx, const char *line, struct err *err)
{
    struct console *c = ctx;
    return command_run(&c->commands, line, 0, err);
}

static bool accepted(void *ctx, const char *typed, struct err *err)
{
    struct console *c = ctx;
    if (typed && strcmp(typed, "24") != 0) {
        return err_set(err, ERR_REFUSED, "\"%.40s\" is not 24", typed);
    }
    c->accepted++;
    ui_clear_marks(c->ui);
    ui_message(c->ui, ROLE_GOOD, "revoke session: done, key and index entry deleted");
    return true;
}

static void dismissed(void *ctx)
{
    struct console *c = ctx;
    c->dismissed++;
    ui_message(c->ui, ROLE_INFO, "nothing was done");
}

static bool exec_revoke(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    struct target target = {0};
    size_t n = ui_selection(c->ui, &target, 1);
    bool bulk = words_count(w) > 1 || n > 1;
    char title[80];
    if (!n) {
        return err_set(err, ERR_USAGE, "nothing is selected");
    }
    if (bulk) {
        snprintf(title, sizeof title, "revoke 24 sessions");
    } else {
        snprintf(title, sizeof title, "revoke %s", target_kind_name(target.kind));
    }
    const struct ui_line lines[] = {
        {ROLE_DANGER,
         bulk ? "24 sessions of 24 users will be logged out" : "1 session of Anna Kowalska (user 100)"},
        {ROLE_TEXT, ""},
        {ROLE_LABEL, "MULTI"},
        {ROLE_LABEL, bulk ? "DEL session:... x 24" : "DEL session:3f9ac2~"},
        {ROLE_LABEL, bulk ? "SREM user:...:sessions ... x 24" : "SREM user:100:sessions 3f9ac2~"},
        {ROLE_LABEL, "EXEC"},
        {ROLE_WARNING, "! 2 sessions are missing from the user's index; they were found by walking all keys "
                       "and are in the plan"},
    };
    ui_ask(c->ui, &(struct ui_question){.title = title,
                                        .count = sizeof lines / sizeof lines[0],
                                        .line = lines,
                                        .typed = bulk ? "24" : NULL,
                                        .answer = accepted,
                                        .dismissed = dismissed,
                                        .ctx = c});
    target_release(&target);
    return true;
}

static bool submitted(void *ctx, const char *const *value, size_t count, struct err *err)
{
    (void)count;
    if (!value[0][0]) {
        return err_set(err, ERR_USAGE, "exam_id is missing");
    }
    ui_message(((struct console *)ctx)->ui, ROLE_GOOD, "enqueued");
    return true;
}

static void chosen(void *ctx, size_t index)
{
    static const struct ui_field fields[] = {{"exam_id", "7", "a whole number", NULL},
                                             {"count", "10", "a whole number", NULL},
                                             {"queue", "", "empty: as the platform routes it", NULL}};
    (void)index;
    ui_show_form(
        ((struct console *)ctx)->ui,
        &(struct ui_form){"enqueue batch", sizeof fields / sizeof fields[0], fields, submitted, ctx});
}

static bool exec_enqueue(void *ctx, const struct words *w, struct err *err)
{
    static const char *const items[] = {"test", "batch", "other"};
    static const char *const notes[] = {"api.tasks.test_redis_task", "api.tasks.batch_generate_questions",
                                        "any task, with JSON arguments"};
    (void)w;
    (void)err;
    ui_show_menu(((struct console *)ctx)->ui, &(struct ui_menu){"enqueue", 3, items, notes, chosen, ctx});
    return true;
}

static bool exec_quit(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    ((struct console *)ctx)->quit = true;
    return true;
}

static bool exec_curtain(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    console_curtain(ctx, !((struct console *)ctx)->curtain);
    return true;
}

static bool exec_doctor(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    ui_show_doctor(((struct console *)ctx)->ui);
    return true;
}

static bool exec_nothing(void *ctx, const struct words *w, struct err *err)
{
    (void)ctx;
    return err_set(err, ERR_REFUSED, "\"%s\" has nothing to do here", words_at(w, 0));
}

static const struct command commands[] = {
    {"enqueue", "TASK-OR-TEMPLATE [NAME=VALUE...]", "put a task into its queue", 0, -1, 0, exec_enqueue,
     "test batch"},
    {"revoke", "[session SID|user UID|task ID]", "end a session, all of a user's, or a task", 0, -1, 0,
     exec_revoke, "session user task"},
    {"invalidate", "PATTERN", "delete cached keys", 0, 1, 0, exec_nothing, NULL},
    {"acknowledge", "[RULE]", "acknowledge an alert", 0, 1, COMMAND_WATCH, exec_nothing, NULL},
    {"dismiss", "[ID]", "let finished batches go", 0, 1, COMMAND_WATCH, exec_nothing, NULL},
    {"doctor", "", "what is wrong with the set-up", 0, 0, COMMAND_WATCH, exec_doctor, NULL},
    {"retry", "[ID]", "send a task again", 0, -1, 0, exec_nothing, NULL},
    {"purge", "[QUEUE]", "remove all that waits", 0, -1, 0, exec_nothing, NULL},
    {"worker", "[METHOD]", "ask something of a worker", 0, -1, 0, exec_nothing, NULL},
    {"note", "TEXT", "write a note into the journal", 0, -1, COMMAND_WATCH, exec_nothing, NULL},
    {"copy", "", "copy the selection's name", 0, 0, COMMAND_WATCH, exec_nothing, NULL},
    {"repaint", "", "repaint the screen", 0, 0, COMMAND_WATCH, exec_nothing, NULL},
    {"curtain", "[on|off]", "hide names", 0, 1, COMMAND_WATCH, exec_curtain, NULL},
    {"quit", "", "leave", 0, 0, COMMAND_WATCH, exec_quit, NULL},
};

static void complete(void *ctx, const char *line, UT_array *out)
{
    static const char *const name = "questions";
    const char *word = strrchr(line, ' ');
    (void)ctx;
    if (word && word[1] && strncmp(name, word + 1, strlen(word + 1)) == 0) {
        utarray_push_back(out, &name);
    }
}

static void more(void *ctx)
{
    ((struct console *)ctx)->more++;
}

struct console *console_new(const struct model *m, bool ascii)
{
    struct console *c = mem_zalloc(sizeof *c);
    struct err err = {0};
    keymap_init(&c->keymap);
    command_join(&c->commands, keymap_commands, keymap_commands_count, &c->keymap);
    if (!command_run_text(&c->commands, "default keys", keymap_defaults, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    c->ui = ui_new(&(struct ui_options){.keymap = &c->keymap,
                                        .commands = &c->commands,
                                        .run = run,
                                        .ctx = c,
                                        .ascii = ascii,
                                        .complete = complete,
                                        .more = more});
    command_join(&c->commands, commands, sizeof commands / sizeof commands[0], c);
    command_join(&c->commands, ui_commands, ui_commands_count, c->ui);
    ui_set_model(c->ui, m);
    return c;
}

void console_free(struct console *c)
{
    ui_free(c->ui);
    keymap_release(&c->keymap);
    mem_free(c);
}

struct ui *console_ui(struct console *c)
{
    return c->ui;
}

void console_curtain(struct console *c, bool drawn)
{
    static const struct veil veil = {{UINT64_C(0x1111111111111111), UINT64_C(0x2222222222222222)}};
    c->curtain = drawn;
    ui_curtain(c->ui, drawn ? &veil : NULL);
}

int console_accepted(const struct console *c)
{
    return c->accepted;
}

int console_dismissed(const struct console *c)
{
    return c->dismissed;
}

int console_more(const struct console *c)
{
    return c->more;
}

bool console_has_quit(const struct console *c)
{
    return c->quit;
}
