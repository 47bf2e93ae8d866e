#include "dialog.h"

#include "box.h"
#include "texts.h"

#include <stdio.h>

#include "redai/base/utf8.h"

#include "redai/conf/key.h"

struct dialog_line {
    char *text;
    enum role role;
};

static void line_release(void *slot)
{
    struct dialog_line *line = slot;
    mem_free(line->text);
}

static const UT_icd line_icd = {sizeof(struct dialog_line), NULL, NULL, line_release};

void dialog_init(struct dialog *d)
{
    *d = (struct dialog){0};
    utarray_init(&d->line, &line_icd);
    edit_init(&d->edit);
}

static void close_quietly(struct dialog *d)
{
    d->open = d->spent = false;
    utarray_clear(&d->line);
    mem_replace(&d->title, NULL);
    mem_replace(&d->typed, NULL);
    edit_set(&d->edit, "");
    d->error[0] = '\0';
}

void dialog_dismiss(struct dialog *d)
{
    if (!d->open) {
        return;
    }
    void (*dismissed)(void *) = d->answering ? NULL : d->dismissed;
    void *ctx = d->ctx;
    close_quietly(d);
    if (dismissed) {
        dismissed(ctx);
    }
}

void dialog_release(struct dialog *d)
{
    close_quietly(d); /* whoever asked may have gone before us */
    utarray_done(&d->line);
    edit_release(&d->edit);
    mem_free(d->title);
    mem_free(d->typed);
}

static void add_line(struct dialog *d, enum role role, const char *text)
{
    struct dialog_line line = {mem_strdup(text), role};
    utarray_push_back(&d->line, &line);
}

void dialog_ask(struct dialog *d, const struct ui_question *question)
{
    dialog_dismiss(d);
    d->open = true;
    d->generation++;
    d->title = mem_strdup(question->title);
    d->typed = mem_strdup(question->typed);
    for (size_t i = 0; i < question->count; i++) {
        add_line(d, question->line[i].role, question->line[i].text);
    }
    d->answer = question->answer;
    d->dismissed = question->dismissed;
    d->ctx = question->ctx;
    d->top = 0;
    d->drawn = d->readable = false;
}

void dialog_spend(struct dialog *d, enum role role, const char *why)
{
    if (!d->open || d->spent) {
        return;
    }
    d->spent = true;
    d->answer = NULL;
    d->dismissed = NULL;
    d->error[0] = '\0';
    mem_replace(&d->typed, NULL);
    add_line(d, ROLE_TEXT, "");
    add_line(d, role, why);
    d->top = SIZE_MAX; /* the end is what is to be read: drawing finds it */
}

static void accept(struct dialog *d, const char *typed)
{
    struct err err = {0};
    unsigned generation = d->generation;
    if (!d->drawn) {
        return;
    }
    if (!d->readable) {
        snprintf(d->error, sizeof d->error, "the screen is too small to read the question");
        return;
    }
    char *copy = mem_strdup(typed);
    d->answering = true;
    bool done = !d->answer || d->answer(d->ctx, copy, &err);
    d->answering = false;
    mem_free(copy);
    if (d->generation != generation || !d->open) {
        return; /* the answer asked another question or closed this one */
    }
    if (done) {
        close_quietly(d);
    } else {
        text_quote(d->error, sizeof d->error, err.text[0] ? err.text : "refused");
    }
}

/* Scrolls; true when the key was for that. */
static bool scroll(struct dialog *d, uint32_t key)
{
    size_t page = d->page ? d->page : 1;
    size_t lowest = d->rows > page ? d->rows - page : 0;
    switch (key) {
    case KEY_CODE_UP:
        d->top -= d->top > 0;
        return true;
    case KEY_CODE_DOWN:
        d->top += d->top < lowest;
        return true;
    case KEY_CODE_PAGE_UP:
        d->top = d->top > page ? d->top - page : 0;
        return true;
    case KEY_CODE_PAGE_DOWN:
        d->top = d->top + page < lowest ? d->top + page : lowest;
        return true;
    default:
        return false;
    }
}

void dialog_key(struct dialog *d, uint32_t key)
{
    if (key == KEY_CODE_ESCAPE) {
        dialog_dismiss(d);
    } else if (scroll(d, key)) {
        return;
    } else if (d->spent) {
        dialog_dismiss(d);
    } else if (d->typed) {
        if (key == KEY_CODE_ENTER) {
            if (edit_text(&d->edit)[0]) {
                accept(d, edit_text(&d->edit));
            }
        } else if (edit_key(&d->edit, key)) {
            d->error[0] = '\0';
        }
    } else if (key == 'y') {
        accept(d, NULL);
    } else if (key == 'n' || key == 'N' || key == 'q') {
        dialog_dismiss(d);
    } else if (key == KEY_CODE_ENTER) {
        snprintf(d->error, sizeof d->error, "Enter does not accept: press y, or n to leave it");
    }
}

/* --- drawing --- */

static const struct dialog_line *line_at(const struct dialog *d, size_t i)
{
    return &((const struct dialog_line *)(const void *)d->line.d)[i];
}

static int widest(const struct dialog *d)
{
    int cols = 44;
    for (size_t i = 0; i < utarray_len(&d->line); i++) {
        int w = utf8_text_width(span_of(line_at(d, i)->text));
        cols = w > cols ? w : cols;
    }
    return cols;
}

/* Draws the rows from top on, or only counts them when g is NULL. A line that is too long goes on below: what
 * a person confirms is never cut. */
static size_t draw_lines(const struct dialog *d, struct grid *g, struct rect r)
{
    size_t row = 0;
    for (size_t i = 0; i < utarray_len(&d->line); i++) {
        struct span rest = span_of(line_at(d, i)->text);
        do {
            size_t n = text_wrap(rest, r.w > 0 ? r.w : 1);
            if (g && row >= d->top && row < d->top + (size_t)r.h) {
                grid_text(g, r.x, r.y + (int)(row - d->top), r.w, span_head(rest, n), line_at(d, i)->role);
            }
            rest = span_skip(rest, n);
            row++;
        } while (rest.len);
    }
    return row;
}

static void draw_answers(struct dialog *d, struct grid *g, struct rect r)
{
    if (d->error[0]) {
        grid_printf(g, r.x, r.y, r.w, ROLE_WARNING, "! %s", d->error);
    } else if (d->rows > d->page && d->page) {
        grid_printf(g, r.x, r.y, r.w, ROLE_DIM, "rows %zu-%zu of %zu, PgDn and PgUp scroll", d->top + 1,
                    d->top + d->page < d->rows ? d->top + d->page : d->rows, d->rows);
    }
    int y = r.y + 1;
    int x = r.x;
    if (d->spent) {
        grid_text(g, x, y, r.w, S("there is nothing to answer any more: a key leaves this"), ROLE_DIALOG);
    } else if (d->typed) {
        x += grid_printf(g, x, y, r.w, ROLE_KEY, "type %s to do it: ", d->typed);
        edit_draw(&d->edit, g, x, y, r.x + r.w - x, ROLE_INPUT, true);
        grid_text(g, r.x, y + 1, r.w, S("Enter: do it   Esc: leave everything as it is"), ROLE_DIM);
    } else {
        x += grid_text(g, x, y, r.w, S("y"), ROLE_KEY);
        x += grid_text(g, x, y, r.x + r.w - x, S(": do it   "), ROLE_DIALOG);
        x += grid_text(g, x, y, r.x + r.w - x, S("n"), ROLE_KEY);
        x += grid_text(g, x, y, r.x + r.w - x, S(" or "), ROLE_DIALOG);
        x += grid_text(g, x, y, r.x + r.w - x, S("Esc"), ROLE_KEY);
        grid_text(g, x, y, r.x + r.w - x, S(": leave everything as it is"), ROLE_DIALOG);
    }
}

void dialog_draw(struct dialog *d, struct grid *g)
{
    enum { READABLE_COLS = 20 };
    int answers = d->typed ? 3 : 2;
    int cols = widest(d);
    int most = g->width - 4 > 100 ? 100 : g->width - 4;
    cols = cols < most ? cols : most;
    d->rows = draw_lines(d, NULL, (struct rect){0, 0, cols, 0});
    int h = (int)(d->rows < 200 ? d->rows : 200) + answers;
    struct rect r = box_draw(g, d->title ? d->title : "", cols, h, ROLE_DIALOG_BORDER);
    int page = r.h - answers;
    d->page = page > 0 ? (size_t)page : 0;
    size_t lowest = d->rows > d->page ? d->rows - d->page : 0;
    d->top = d->top < lowest ? d->top : lowest;
    d->drawn = true;
    d->readable = r.w >= READABLE_COLS && page >= 1;
    if (!d->readable) {
        grid_clear(g, (struct rect){0, 0, g->width, g->height}, ROLE_DIALOG);
        grid_text(g, 0, 0, g->width, S("too small to ask: enlarge the screen, or Esc"), ROLE_WARNING);
        return;
    }
    draw_lines(d, g, (struct rect){r.x, r.y, r.w, page});
    draw_answers(d, g, (struct rect){r.x, r.y + page, r.w, answers});
}
