/* The commands of the view. All of them look only: none changes anything in Redis. */
#include "texts.h"
#include "ui_state.h"

#include <stdio.h>

static const char *const move_words[MOVE_COUNT] = {
    [MOVE_UP] = "up",           [MOVE_DOWN] = "down",
    [MOVE_PAGE_UP] = "page-up", [MOVE_PAGE_DOWN] = "page-down",
    [MOVE_HALF_UP] = "half-up", [MOVE_HALF_DOWN] = "half-down",
    [MOVE_HOME] = "home",       [MOVE_END] = "end",
};

static bool exec_pane(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    const char *name = words_at(w, 1);
    if (strcmp(name, "next") == 0) {
        ui_focus(ui, (ui->focus + 1) % PANE_COUNT);
        return true;
    }
    if (strcmp(name, "prev") == 0) {
        ui_focus(ui, (ui->focus + PANE_COUNT - 1) % PANE_COUNT);
        return true;
    }
    if (strcmp(name, "last") == 0) {
        ui_focus(ui, ui->before);
        return true;
    }
    if (strcmp(name, "info") == 0) {
        ui_push_page(ui, PAGE_SERVER, NULL);
        return true;
    }
    for (int i = 0; i < PANE_COUNT; i++) {
        if (strcmp(name, pane_table[i]->name) == 0) {
            ui_focus(ui, (enum pane_id)i);
            return true;
        }
    }
    return err_set(
        err, ERR_USAGE,
        "no pane \"%.60s\", expected sessions, cache, queues, batches, alerts, tasks, workers, server, info, "
        "next, prev or last",
        name);
}

static bool exec_move(void *ctx, const struct words *w, struct err *err)
{
    for (int i = 0; i < MOVE_COUNT; i++) {
        if (strcmp(words_at(w, 1), move_words[i]) == 0) {
            ui_move(ctx, (enum table_move)i);
            return true;
        }
    }
    return err_set(err, ERR_USAGE,
                   "\"%.60s\" is no way to move, expected up, down, page-up, page-down, half-up, "
                   "half-down, home or end",
                   words_at(w, 1));
}

static bool exec_open(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    if (words_count(w) == 1) {
        ui_open(ui);
        return true;
    }
    for (int kind = TARGET_NONE + 1; kind < TARGET_COUNT; kind++) {
        if (strcmp(words_at(w, 1), target_kind_name((enum target_kind)kind)) == 0 && words_count(w) == 3) {
            struct target target = {0};
            target_set(&target, (enum target_kind)kind, span_of(words_at(w, 2)));
            ui_push_page(ui, PAGE_DETAIL, &target);
            target_release(&target);
            return true;
        }
    }
    return err_set(err, ERR_USAGE,
                   "expected a kind and an id: session, user, family, key, queue, task, worker or alert");
}

static bool exec_back(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    ui_back(ctx);
    return true;
}

static bool exec_zoom(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    (void)w;
    (void)err;
    ui_zoom(ui, !ui->zoomed);
    return true;
}

/* The rest of the line behind the name, as it was typed. */
static const char *rest_of(const struct words *w)
{
    const char *line = w->line ? w->line : "";
    line += strspn(line, " \t");
    line += strcspn(line, " \t");
    return line + strspn(line, " \t");
}

static bool exec_filter(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    char why[400];
    if (words_count(w) > 1) {
        const char *text = words_count(w) == 2 ? words_at(w, 1) : rest_of(w);
        if (!ui_filter_can_fit(ui, text, why, sizeof why)) {
            return err_set(err, ERR_USAGE, "%s", why);
        }
        ui_filter(ui, text);
    } else if (ui->page) {
        ui_prompt(ui, PROMPT_SEARCH, ui->page->doc.search);
    } else {
        ui_prompt(ui, PROMPT_FILTER, ui_pane(ui, ui->focus)->table.filter.text);
    }
    return true;
}

static bool exec_command(void *ctx, const struct words *w, struct err *err)
{
    (void)err;
    ui_prompt(ctx, PROMPT_COMMAND, words_count(w) == 2 ? words_at(w, 1) : rest_of(w));
    return true;
}

static bool exec_sort(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    struct pane_source source;
    struct look look;
    struct rows rows = ui_rows(ui, &source, &look);
    struct table *table = &ui_pane(ui, ui->focus)->table;
    const char *how = rest_of(w);
    ui->dirty = true;
    if (words_count(w) == 2) {
        how = words_at(w, 1);
    }
    if (strcmp(how, "next") == 0) {
        table_sort_step(table, &rows, 1);
    } else if (strcmp(how, "prev") == 0) {
        table_sort_step(table, &rows, -1);
    } else if (strcmp(how, "invert") == 0) {
        table_sort_invert(table);
    } else if (strcmp(how, "none") == 0) {
        table->sort = ui_pane(ui, ui->focus)->ops->sort;
        table->descending = ui_pane(ui, ui->focus)->ops->descending;
        table->dirty = true;
    } else if (!table_sort_title(table, &rows, how)) {
        return err_set(err, ERR_USAGE, "%s has no column \"%.60s\" to sort by",
                       ui_pane(ui, ui->focus)->ops->name, how);
    }
    return true;
}

static bool exec_mark(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    struct pane_source source;
    struct look look;
    struct rows rows = ui_rows(ui, &source, &look);
    struct table *table = &ui_pane(ui, ui->focus)->table;
    const char *what = words_count(w) > 1 ? words_at(w, 1) : "row";
    if (ui->page) {
        return err_set(err, ERR_USAGE, "rows are marked in the panes: Esc goes back");
    }
    ui->dirty = true;
    table_recalc(table, &rows, false, look.now_us);
    if (strcmp(what, "row") == 0) {
        table_mark(table, &rows);
    } else if (strcmp(what, "all") == 0) {
        table_mark_all(table, &rows);
        if (marks_count(&table->marks) < table->ranking.count) {
            char text[160];
            snprintf(text, sizeof text, "%zu of %zu are marked: more is done by a filter%s",
                     marks_count(&table->marks), table->ranking.count,
                     ui->focus == PANE_SESSIONS ? ", :revoke sessions FILTER" : "");
            ui_message(ui, ROLE_WARNING, text);
        }
    } else if (strcmp(what, "none") == 0) {
        marks_clear(&table->marks);
    } else {
        return err_set(err, ERR_USAGE, "\"%.60s\" cannot be marked, expected all, none or nothing", what);
    }
    return true;
}

/* What a word means: none is the pane in focus itself. -1: nothing. */
static int face_by_word(const struct ui *ui, const char *word)
{
    if (strcmp(word, pane_place[ui->focus].word) == 0) {
        return (int)ui->focus;
    }
    for (int i = PANE_COUNT; i < FACE_COUNT; i++) {
        if (strcmp(word, pane_place[i].word) == 0) {
            return i;
        }
    }
    return -1;
}

/* Who looks at some of the sessions looks at their users then: what the filter says of users goes along. */
static void carry_filter(struct ui *ui, const struct pane *from)
{
    const struct pane *to = ui_pane(ui, PANE_SESSIONS);
    const char *text = from->table.filter.text;
    char kept[FILTER_TEXT_MAX];
    char line[2 * FILTER_TEXT_MAX];
    struct span lost =
        filter_keep(text, from->ops->column, from->ops->columns, to->ops->column, to->ops->columns, kept);
    if (text[0] || strcmp(to->table.filter.text, ui->filter_carried) == 0) {
        ui_filter(ui, kept);
        text_copy(ui->filter_carried, sizeof ui->filter_carried, span_of(kept));
    }
    if (lost.len) {
        snprintf(line, sizeof line, "\"%.*s\" is of sessions: the users are shown without it", (int)lost.len,
                 lost.data);
        ui_message(ui, ROLE_WARNING, line);
    }
}

/* Without a word the next face of the pane in focus; one that has but its own goes to the tasks. */
static bool exec_group(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    int own = ui->face[ui->focus];
    int face = words_count(w) > 1           ? face_by_word(ui, words_at(w, 1))
               : pane_next_face(own) != own ? pane_next_face(own)
                                            : pane_next_face(ui->face[PANE_TASKS]);
    if (face < 0) {
        return err_set(err, ERR_USAGE,
                       "\"%.60s\" is nothing to group by, expected user, name, exception, log, commands, "
                       "slowlog, clients, "
                       "errors, entries or none",
                       words_at(w, 1));
    }
    ui_focus(ui, pane_place[face].place);
    const struct pane *from = ui_pane(ui, pane_place[face].place);
    ui_face(ui, face);
    if (face == FACE_SESSIONS_BY_USER && from == &ui->pane[PANE_SESSIONS] && !ui->page) {
        carry_filter(ui, from);
    }
    return true;
}

/* Rows of the pane in focus. */
static bool fold_rows(struct ui *ui, const char *how, struct err *err)
{
    static const char *const words[] = {[TABLE_OPEN] = "open",
                                        [TABLE_CLOSE] = "close",
                                        [TABLE_TOGGLE] = "toggle",
                                        [TABLE_FOLD_ALL] = "all",
                                        [TABLE_FOLD_NONE] = "none"};
    struct pane_source source;
    struct look look;
    struct rows rows = ui_rows(ui, &source, &look);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(how, words[i]) == 0) {
            return table_fold(&ui_pane(ui, ui->focus)->table, &rows, (enum table_fold)i) ||
                   err_set(err, ERR_USAGE,
                           "the rows of %s do not fold; lines of a detail do, Enter opens one",
                           ui_pane(ui, ui->focus)->ops->name);
        }
    }
    return err_set(err, ERR_USAGE, "\"%.60s\": expected open, close, toggle, all or none", how);
}

static bool exec_fold(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    const char *how = words_count(w) > 1 ? words_at(w, 1) : "toggle";
    ui->dirty = true;
    if (!ui->page) {
        return fold_rows(ui, how, err);
    }
    if (strcmp(how, "all") == 0 || strcmp(how, "none") == 0) {
        document_fold_all(&ui->page->doc, strcmp(how, "all") == 0);
    } else if (strcmp(how, "open") == 0 || strcmp(how, "close") == 0 || strcmp(how, "toggle") == 0) {
        document_fold(&ui->page->doc, strcmp(how, "open") == 0    ? DOCUMENT_OPEN
                                      : strcmp(how, "close") == 0 ? DOCUMENT_CLOSE
                                                                  : DOCUMENT_TOGGLE);
    } else {
        return err_set(err, ERR_USAGE, "\"%.60s\": expected open, close, toggle, all or none", how);
    }
    return true;
}

static bool exec_freeze(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    (void)w;
    (void)err;
    ui_freeze(ui, !ui->frozen);
    return true;
}

static bool exec_help(void *ctx, const struct words *w, struct err *err)
{
    struct ui *ui = ctx;
    (void)w;
    (void)err;
    if (ui->page && ui->page->kind == PAGE_TEXT) {
        ui_pop_page(ui);
        return true;
    }
    ui_push_page(ui, PAGE_TEXT, NULL);
    page_fill_help(ui->page, ui->options.keymap, ui->options.commands, ui_pane(ui, ui->focus)->ops);
    ui->page->complete = ui->page->own = true;
    return true;
}

static bool exec_memory(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    ui_push_page(ctx, PAGE_MEMORY, NULL);
    return true;
}

static bool exec_receipts(void *ctx, const struct words *w, struct err *err)
{
    (void)w;
    (void)err;
    ui_push_page(ctx, PAGE_RECEIPTS, NULL);
    return true;
}

#define LOOKS (COMMAND_WATCH | COMMAND_SCREEN)
const struct command ui_commands[] = {
    {"pane", "NAME|next|prev|last", "go to a pane; info shows all that is known of Redis", 1, 1, LOOKS,
     exec_pane, "sessions cache queues batches alerts tasks workers server info next prev last"},
    {"move", "up|down|page-up|page-down|half-up|half-down|home|end", "move the cursor", 1, 1, LOOKS,
     exec_move, "up down page-up page-down half-up half-down home end"},
    {"open", "[KIND ID]", "open the row's or the link's detail, or that of a thing by name", 0, 2, LOOKS,
     exec_open, "session user family key queue task worker alert"},
    {"back", "", "one step back: search, page, filter, marks, zoom", 0, 0, LOOKS, exec_back, NULL},
    {"zoom", "", "give the pane the whole screen, or take it back", 0, 0, LOOKS, exec_zoom, NULL},
    {"filter", "[TEXT]", "show only rows that fit; on a page: search", 0, -1, LOOKS, exec_filter, NULL},
    {"command", "[TEXT]", "open the command line, with a beginning", 0, -1, LOOKS, exec_command, NULL},
    {"sort", "next|prev|invert|none|COLUMN", "choose the column that orders the rows", 1, -1, LOOKS,
     exec_sort, "next prev invert none"},
    {"mark", "[all|none]", "mark the row, all rows that are shown, or none", 0, 1, LOOKS, exec_mark,
     "all none"},
    {"group", "[user|name|exception|log|commands|slowlog|clients|errors|entries|none]",
     "sessions by user, tasks by name or by exception, the log of alerts, another face of the server; alone: "
     "the next of the "
     "pane",
     0, 1, LOOKS, exec_group, "user name exception log commands slowlog clients errors entries none"},
    {"fold", "[open|close|toggle|all|none]",
     "fold away what belongs to the line of a page or stands under the row (Left, Right), or all there is", 0,
     1, LOOKS, exec_fold, "open close toggle all none"},
    {"freeze", "", "let the screen stand still, or go on", 0, 0, LOOKS, exec_freeze, NULL},
    {"help", "", "keys, columns, filter, signs and commands", 0, 0, LOOKS, exec_help, NULL},
    {"memory", "", "who uses the memory, what may be evicted now, and what is lost then", 0, 0, LOOKS,
     exec_memory, NULL},
    {"receipts", "", "what was done from this console, and what became of it", 0, 0, LOOKS, exec_receipts,
     NULL},
};
const size_t ui_commands_count = sizeof ui_commands / sizeof ui_commands[0];
