/* One frame: what changed is taken from the model, then everything visible is drawn. */
#include "texts.h"
#include "trouble.h"
#include "ui_state.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

#include "redai/conf/key.h"

#define MESSAGE_OLD_US (10 * US_PER_S)
enum { MESSAGE_ROWS = 4 };

/* What a pane shows may depend on its height: then its rows are to be gathered anew. */
static void note_room(struct ui *ui, const struct layout *l)
{
    enum { ROOMY = 8, TALL = 26 };
    for (int i = 0; i < PANE_COUNT; i++) {
        struct pane *p = ui_pane(ui, (enum pane_id)i);
        bool roomy = l->pane[i].shown && l->pane[i].r.h >= ROOMY;
        bool tall = l->pane[i].shown && l->pane[i].r.h >= TALL;
        if (roomy != p->roomy || tall != p->tall) {
            p->roomy = roomy;
            p->tall = tall;
            p->table.dirty = true;
        }
    }
}

static void gather_runs(struct ui *ui, const struct look *look, unsigned changes)
{
    unsigned topics = 1u << TOPIC_TASKS | 1u << TOPIC_WORKERS;
    if (!ui->frozen && ((changes & topics) || look->now_us - ui->runs.at_us >= US_PER_S)) {
        runs_gather(&ui->runs, look);
    }
}

static void recalc(struct ui *ui, const struct layout *l, const struct look *look, unsigned changes)
{
    bool panes = !ui->page;
    if (!ui->frozen) {
        strip_recalc(&ui->strip, look);
    }
    if (panes ? l->pane[PANE_WORKERS].shown && !l->pane[PANE_WORKERS].title_only
              : ui->page->subject.kind == TARGET_WORKER) {
        gather_runs(ui, look, changes);
    }
    for (int i = 0; i < FACE_COUNT; i++) {
        struct pane *p = &ui->pane[i];
        enum pane_id place = pane_place[i].place;
        if (p != ui_pane(ui, place) || (!l->pane[place].shown && !p->frozen)) {
            pane_miss(
                p, changes); /* nobody sees it: a hundred thousand tasks are not put in order for nothing */
            continue;
        }
        struct look own = *look;
        own.roomy = p->roomy;
        pane_recalc(p, &own, changes);
    }
    /* A frozen screen stands still; a page that was opened on it is read once. */
    if (ui->page && (!ui->frozen || !ui->page->complete)) {
        page_recalc(ui->page, look, changes);
    }
}

/* The banner takes the strip's line: nobody may take an old screen for a new one. */
static void draw_frozen(const struct ui *ui, const struct look *look, struct grid *g, int y)
{
    struct segments line = {0};
    char age[TEXT_SMALL];
    char clock[TEXT_SMALL];
    size_t critical = model_alerts_firing(look->m, SEVERITY_CRITICAL);
    segments_add(&line, 0, ROLE_DANGER, "", " FROZEN for %s ",
                 text_age(look->now_us - ui->frozen_us, age, sizeof age));
    strip_add_curtain(&line, look);
    segments_add(&line, 2, ROLE_STRIP_WARNING, "", "as of %s",
                 text_clock(ui->frozen_wall_us, clock, sizeof clock));
    char key[16] = "z";
    uint32_t code = keymap_key_for(ui->options.keymap, pane_table[ui->focus]->name, "freeze");
    if (code) {
        key_name(code, key);
    }
    segments_add(&line, 1, ROLE_STRIP, "", "%s goes on", key);
    if (!model_redis_reachable(look->m)) {
        segments_add(&line, 1, ROLE_STRIP_CRITICAL, "", "!! now: redis unreachable");
    } else if (critical) {
        segments_add(&line, 1, ROLE_STRIP_CRITICAL, "", "!! now: %zu critical", critical);
    }
    grid_clear(g, (struct rect){0, y, g->width, 1}, ROLE_STRIP);
    segments_draw(&line, g, 0, y, g->width,
                  &(struct segments_style){" | ", ROLE_STRIP_LABEL, ROLE_STRIP_LABEL, 0});
}

static void draw_panes(struct ui *ui, const struct layout *l, const struct look *look, struct grid *g)
{
    for (int i = 0; i < PANE_COUNT; i++) {
        if (!l->pane[i].shown) {
            continue;
        }
        struct look own = *look;
        own.roomy = ui_pane(ui, (enum pane_id)i)->roomy;
        char line[32];
        char key[16] = "";
        snprintf(line, sizeof line, "pane %s", pane_table[i]->name);
        uint32_t code = keymap_key_for(ui->options.keymap, pane_table[ui->focus]->name, line);
        if (code) {
            key_name(code, key);
        }
        pane_draw(ui_pane(ui, (enum pane_id)i), &own, g, l->pane[i].r,
                  &(struct pane_style){i == (int)ui->focus, l->pane[i].title_only, key});
    }
    layout_draw_lines(l, g);
}

static void draw_progress(const struct ui *ui, const struct look *look, struct grid *g, int y)
{
    char shown[sizeof ui->progress + VEIL_MAX];
    char done[TEXT_SMALL];
    char total[TEXT_SMALL];
    int bar = g->width >= 60 ? 20 : 0;
    grid_clear(g, (struct rect){0, y, g->width, 1}, ROLE_PROMPT);
    int x = 1 + grid_printf(g, 1, y, g->width - 1, ROLE_PROMPT, "%s %s of %s ",
                            look_prose(look, ui->progress, shown, sizeof shown),
                            human_count(ui->progress_done, done, sizeof done),
                            human_count(ui->progress_total, total, sizeof total));
    if (x + bar < g->width) {
        grid_bar(g, x, y, bar, (double)ui->progress_done / (double)ui->progress_total, ROLE_BAR,
                 ROLE_BAR_EMPTY);
    }
}

/* What was said long ago must not be taken for what is so now. */
static void add_message_time(const struct ui *ui, const struct look *look, char *out, size_t size)
{
    char clock[TEXT_SMALL];
    size_t used = strlen(out);
    int64_t age_us = ui->message_us > 0 ? look->now_us - ui->message_us : 0;
    if (age_us >= MESSAGE_OLD_US && used < size) {
        snprintf(out + used, size - used, "  (said at %s; a key takes it away)",
                 text_clock(look->wall_us - age_us, clock, sizeof clock));
    }
}

/* Its end stands in row y, what is too long for a line above that: what became of an action is never cut as
 * long as there is room. */
static void draw_message(const struct ui *ui, const struct look *look, struct grid *g, int y)
{
    static const char *const marks[ROLE_COUNT] = {
        [ROLE_WARNING] = "! ", [ROLE_CRITICAL] = "!! ", [ROLE_DANGER] = "!! "};
    char shown[sizeof ui->message + VEIL_MAX];
    char text[sizeof shown + 80];
    const char *mark = marks[ui->message_role] ? marks[ui->message_role] : "";
    int cols = g->width > 2 ? g->width - 2 : 1;
    snprintf(text, sizeof text, "%s%s", ui->message[0] == '!' ? "" : mark,
             look_prose(look, ui->message, shown, sizeof shown));
    add_message_time(ui, look, text, sizeof text);

    int rows = 1;
    int most = y / 3 + 1 < MESSAGE_ROWS ? y / 3 + 1 : MESSAGE_ROWS;
    struct span rest = span_of(text);
    for (size_t n = text_wrap(rest, cols); rows < most && n < rest.len; n = text_wrap(rest, cols)) {
        rest = span_skip(rest, n);
        rows++;
    }
    rest = span_of(text);
    for (int row = y - rows + 1; row <= y; row++) {
        size_t n = row < y ? text_wrap(rest, cols) : rest.len;
        grid_clear(g, (struct rect){0, row, g->width, 1}, ROLE_PROMPT);
        grid_text(g, 1, row, g->width - 1, span_head(rest, n), ui->message_role);
        rest = span_skip(rest, n);
    }
}

static void draw_told(const struct ui *ui, struct grid *g, int y)
{
    struct look look = ui_look(ui);
    if (y < 0) {
        y = g->height - 1;
    }
    if (ui->message[0]) {
        draw_message(ui, &look, g, y);
    } else if (ui->waiting[0]) {
        grid_clear(g, (struct rect){0, y, g->width, 1}, ROLE_PROMPT);
        grid_printf(g, 1, y, g->width - 1, ROLE_WARNING, "! %s", ui->waiting);
    } else if (ui->progress_total > 0) {
        draw_progress(ui, &look, g, y);
    }
}

static void draw_modes(struct ui *ui, const struct layout *l, struct grid *g)
{
    int bottom = g->height - 1;
    if (ui->form.open) {
        entry_form_draw(&ui->form, g);
    }
    if (ui->menu.open) {
        choice_menu_draw(&ui->menu, g);
    }
    if (ui->dialog.open) {
        g->cursor_x = g->cursor_y = -1;
        dialog_draw(&ui->dialog, g);
    }
    if (ui->message[0] || ui->waiting[0] || ui->progress_total > 0) {
        draw_told(ui, g, l->message_y);
    }
    if (ui->prompt.kind != PROMPT_CLOSED && !ui->dialog.open) {
        prompt_draw(&ui->prompt, g, bottom, l->message_y < bottom ? l->message_y : -1);
    }
}

/* In plain ASCII nothing else may leave, wherever it came from. */
static void to_ascii(struct grid *g)
{
    for (int y = 0; y < g->height; y++) {
        for (int x = 0; x < g->width; x++) {
            const struct cell *c = grid_at(g, x, y);
            if (c->ch > 0x7E) {
                unsigned flags = c->flags;
                grid_put(g, x, y, '?', c->role);
                grid_flag(g, x, y, 1, flags);
            }
        }
    }
}

/* What of the server is on the screen. */
static unsigned looks_at(const struct ui *ui, const struct layout *l)
{
    static const unsigned bits[FACE_COUNT] = {
        [PANE_SERVER] = 1u << TARGET_VITAL,          [FACE_SERVER_COMMANDS] = 1u << TARGET_COMMAND,
        [FACE_SERVER_ERRORS] = 1u << TARGET_COMMAND, [FACE_SERVER_SLOW] = 1u << TARGET_SLOW,
        [FACE_SERVER_ENTRIES] = 1u << TARGET_SLOW,   [FACE_SERVER_CLIENTS] = 1u << TARGET_CLIENT,
    };
    if (ui->page) {
        enum target_kind kind = ui->page->subject.kind;
        bool server =
            kind == TARGET_VITAL || kind == TARGET_COMMAND || kind == TARGET_SLOW || kind == TARGET_CLIENT;
        return ui->page->kind == PAGE_SERVER ? 1u << TARGET_VITAL : server ? 1u << kind : 0;
    }
    return l->pane[PANE_SERVER].shown && !l->pane[PANE_SERVER].title_only ? bits[ui->face[PANE_SERVER]] : 0;
}

void ui_draw(struct ui *ui, struct grid *g, unsigned changes)
{
    struct look look = ui_look(ui);
    struct layout layout;
    if (ui->message_us <= 0) {
        ui->message_us = look.now_us; /* said before the model had heard of any time */
    }
    g->ascii = ui->options.ascii;
    g->cursor_x = g->cursor_y = -1;
    grid_clear(g, (struct rect){0, 0, g->width, g->height}, ROLE_TEXT);
    layout_make(&layout, g->width, g->height,
                &(struct layout_wish){ui->focus, ui->zoomed, ui->celery, ui->server});
    note_room(ui, &layout);
    enum target_kind kind = ui->page ? ui->page->subject.kind : TARGET_NONE;
    ui->looks_at_workers = ui->page ? kind == TARGET_TASK || kind == TARGET_WORKER || kind == TARGET_QUEUE
                                    : layout.pane[PANE_TASKS].shown || layout.pane[PANE_WORKERS].shown;
    ui->looks_at = looks_at(ui, &layout);
    recalc(ui, &layout, &look, ui->everything ? ~0u : changes);
    ui->everything = false;
    if (ui->page && layout.body.h > 0) {
        page_draw(ui->page, &look, g, layout.body);
    } else {
        draw_panes(ui, &layout, &look, g);
    }
    if (layout.strip && ui->frozen) {
        draw_frozen(ui, &look, g, layout.strip_y);
    } else if (layout.strip) {
        strip_draw(&ui->strip, g, layout.strip_y);
    }
    if (layout.footer) {
        footer_draw(ui, g, layout.footer_y);
    }
    draw_modes(ui, &layout, g);
    if (g->ascii) {
        to_ascii(g);
    }
    ui->dirty = false;
}
