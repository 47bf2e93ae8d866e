/* The footer: the keys that matter where one is, as the keymap has them. */
#include "ui_state.h"

#include <stdio.h>

#include "redai/conf/key.h"

/* What a command line is called in few letters, and where it belongs. The key comes from the keymap. */
struct footer_row {
    const char *line, *label;
    unsigned panes; /* bits */
    int priority;   /* 0 stays longest */
};

#define IN(pane) (1u << PANE_##pane)
#define ANY      (~0u)

static const struct footer_row pane_rows_table[] = {
    {"help", "help", ANY, 0},
    {"open", "detail", ANY, 1},
    {"filter", "filter", ANY, 2},
    {"command", "command", ANY, 6},
    {"revoke", "revoke", IN(SESSIONS) | IN(BATCHES) | IN(TASKS), 3},
    {"retry", "retry", IN(TASKS), 3},
    {"group", "group", IN(TASKS), 4},
    {"group", "by user", IN(SESSIONS), 4},
    {"group", "commands, clients ...", IN(SERVER), 3},
    {"pane info", "all of INFO", IN(SERVER), 7},
    {"worker", "manage", IN(WORKERS), 3},
    {"purge", "purge", IN(QUEUES), 4},
    {"revoke user", "all of user", IN(SESSIONS), 8},
    {"repair", "repair", IN(SESSIONS), 8},
    {"invalidate", "invalidate", IN(CACHE), 3},
    {"memory", "memory", IN(CACHE), 4},
    {"enqueue", "enqueue", IN(QUEUES) | IN(BATCHES), 3},
    {"dismiss", "dismiss", IN(BATCHES), 7},
    {"acknowledge", "ack", IN(ALERTS), 3},
    {"mute", "mute", IN(ALERTS), 3},
    {"group", "log", IN(ALERTS), 4},
    {"mark", "mark", IN(SESSIONS) | IN(BATCHES) | IN(CACHE) | IN(TASKS), 7},
    {"pane tasks", "tasks", ANY & ~IN(TASKS) & ~IN(WORKERS), 4}, /* not on a low screen: to be found here */
    {"pane workers", "workers", ANY & ~IN(WORKERS), 8},
    {"pane server", "server", ANY & ~IN(SERVER), 8},
    {"sort next", "sort", ANY, 9},
    {"zoom", "zoom", ANY, 5},
    {"pane next", "pane", ANY, 7},
    {"freeze", "freeze", ANY, 10},
    {"quit", "quit", ANY, 2},
};

/* What there is on one face of a pane alone. */
static const struct {
    int face;
    struct footer_row row;
} face_rows_table[] = {
    {FACE_SERVER_CLIENTS, {"revoke", "kill", ANY, 3}},
    {PANE_SERVER, {"fold open", "unfold", ANY, 4}},
};

static const struct footer_row page_rows_table[] = {
    {"back", "back", ANY, 0},           {"open", "open +", ANY, 2},     {"filter", "search", ANY, 1},
    {"move page-down", "page", ANY, 4}, {"fold close", "fold", ANY, 6}, {"copy", "copy", ANY, 5},
    {"help", "help", ANY, 3},
};

/* What is asked of a key that is open. */
static const struct footer_row key_rows_table[] = {
    {"back", "back", ANY, 0},  {"open", "open +", ANY, 3},         {"filter", "search", ANY, 1},
    {"expire", "TTL", ANY, 2}, {"revoke", "delete", ANY, 2},       {"fold close", "fold", ANY, 4},
    {"copy", "copy", ANY, 6},  {"move page-down", "page", ANY, 7}, {"help", "help", ANY, 5},
};

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const struct footer_row *rows_of(const struct ui *ui, size_t *ret_count)
{
    bool key = ui->page && ui->page->kind == PAGE_DETAIL && ui->page->subject.kind == TARGET_KEY;
    *ret_count = key ? ROWS(key_rows_table) : ui->page ? ROWS(page_rows_table) : ROWS(pane_rows_table);
    return key ? key_rows_table : ui->page ? page_rows_table : pane_rows_table;
}

static void add(struct segments *out, const struct keymap *map, const char *pane,
                const struct footer_row *row)
{
    uint32_t code = keymap_key_for(map, pane, row->line);
    if (code) {
        char name[16];
        key_name(code, name);
        segments_add(out, row->priority, ROLE_FOOTER, name, "%s", row->label);
    }
}

static void add_of_face(struct segments *out, const struct ui *ui, const char *pane)
{
    for (size_t i = 0; i < ROWS(face_rows_table) && !ui->page; i++) {
        if (face_rows_table[i].face == ui->face[ui->focus]) {
            add(out, ui->options.keymap, pane, &face_rows_table[i].row);
        }
    }
}

void footer_draw(const struct ui *ui, struct grid *g, int y)
{
    enum { FACE_ROWS_AT = 4 }; /* behind what there is everywhere */
    struct segments line = {0};
    const char *pane = pane_table[ui->focus]->name;
    size_t count;
    const struct footer_row *rows = rows_of(ui, &count);
    for (size_t i = 0; i < count; i++) {
        if (i == FACE_ROWS_AT) {
            add_of_face(&line, ui, pane);
        }
        if (rows[i].panes & (1u << ui->focus)) {
            add(&line, ui->options.keymap, pane, &rows[i]);
        }
    }
    grid_clear(g, (struct rect){0, y, g->width, 1}, ROLE_FOOTER);
    segments_draw(&line, g, 1, y, g->width - 2, &(struct segments_style){"  ", ROLE_FOOTER, ROLE_KEY, 0});
}
