/* The ui as an object: made, given a model, asked for what is selected, told what to show. */
#include "texts.h"
#include "ui_state.h"

#include <stdio.h>

struct ui *ui_new(const struct ui_options *options)
{
    struct ui *ui = mem_zalloc(sizeof *ui);
    ui->options = *options;
    for (int i = 0; i < PANE_COUNT; i++) {
        ui->face[i] = i;
    }
    for (int i = 0; i < FACE_COUNT; i++) {
        pane_init(&ui->pane[i], pane_table[i]);
    }
    prompt_init(&ui->prompt);
    ui->prompt.complete = options->complete;
    ui->prompt.ctx = options->ctx;
    dialog_init(&ui->dialog);
    entry_form_init(&ui->form);
    choice_menu_init(&ui->menu);
    ui->dirty = ui->everything = true;
    return ui;
}

void ui_free(struct ui *ui)
{
    if (!ui) {
        return;
    }
    dialog_release(&ui->dialog);
    entry_form_release(&ui->form);
    choice_menu_release(&ui->menu);
    prompt_release(&ui->prompt);
    while (ui->page) {
        ui_pop_page(ui);
    }
    for (int i = 0; i < FACE_COUNT; i++) {
        pane_release(&ui->pane[i]);
    }
    runs_release(&ui->runs);
    mem_free(ui);
}

void ui_set_model(struct ui *ui, const struct model *m)
{
    ui->model = m;
    ui->dirty = ui->everything = true;
}

struct pane *ui_pane(const struct ui *ui, enum pane_id id)
{
    return &((struct ui *)(uintptr_t)ui)->pane[ui->face[id]]; /* NOLINT(performance-no-int-to-ptr) */
}

struct look ui_look(const struct ui *ui)
{
    struct look look = look_at(ui->model, ui->options.ascii, ui_pane(ui, ui->focus)->roomy);
    look.runs = &ui->runs;
    look.veil = ui->veil;
    return look;
}

struct rows ui_rows(const struct ui *ui, struct pane_source *source, struct look *look)
{
    *look = ui_look(ui);
    return pane_rows(ui_pane(ui, ui->focus), source, look);
}

enum ui_asks ui_asks(const struct ui *ui)
{
    return !ui->dialog.open ? UI_ASKS_NOTHING : ui->dialog.typed ? UI_ASKS_WORD : UI_ASKS_KEY;
}

unsigned ui_question(const struct ui *ui)
{
    return ui->dialog.open ? ui->dialog.generation : 0;
}

void ui_spend(struct ui *ui, enum role role, const char *why)
{
    dialog_spend(&ui->dialog, role, why);
    ui->dirty = true;
}

bool ui_is_typed_in(const struct ui *ui)
{
    return ui->dialog.open || ui->form.open || ui->menu.open || ui->prompt.kind != PROMPT_CLOSED;
}

bool ui_dirty(const struct ui *ui)
{
    return ui->dirty;
}

void ui_message(struct ui *ui, enum role role, const char *text)
{
    ui->message_role = role;
    text_quote(ui->message, sizeof ui->message, text);
    ui->message_us = ui->model ? ui_look(ui).now_us : -1;
    ui->dirty = true;
}

void ui_waiting(struct ui *ui, const char *text)
{
    if (strcmp(ui->waiting, text) != 0) {
        text_copy(ui->waiting, sizeof ui->waiting, span_of(text));
        ui->dirty = true;
    }
}

void ui_progress(struct ui *ui, int64_t done, int64_t total, const char *text)
{
    ui->progress_done = done;
    ui->progress_total = total;
    text_copy(ui->progress, sizeof ui->progress, span_of(text));
    ui->dirty = true;
}

/* --- what is selected --- */

static size_t one(const struct target *target, struct target *out, size_t max)
{
    if (!target || target->kind == TARGET_NONE) {
        return 0;
    }
    if (max) {
        out[0] = (struct target){0};
        target_set(&out[0], target->kind, target_id(target));
    }
    return 1;
}

size_t ui_selection(const struct ui *ui, struct target *out, size_t max)
{
    const struct table *table = &ui_pane(ui, ui->focus)->table;
    if (ui->page) {
        /* On a page: the line's link, otherwise what the page is about. */
        const struct target *link = document_link(&ui->page->doc);
        return one(link ? link : ui->page->kind == PAGE_DETAIL ? &ui->page->subject : NULL, out, max);
    }
    if (marks_count(&table->marks)) {
        return marks_copy(&table->marks, out, max);
    }
    return one(&table->cursor, out, max);
}

const struct target *ui_subject(const struct ui *ui)
{
    static const struct target none = {TARGET_NONE, NULL, 0};
    for (const struct page *p = ui->page; p; p = p->below) {
        if (p->kind == PAGE_DETAIL) {
            return p == ui->page && !page_is_of_server(p->subject.kind) ? &p->subject : &none;
        }
    }
    return &none;
}

bool ui_looks_at_workers(const struct ui *ui)
{
    return ui->looks_at_workers;
}

unsigned ui_looks_at(const struct ui *ui)
{
    return ui->looks_at;
}

void ui_clear_marks(struct ui *ui)
{
    for (int i = 0; i < FACE_COUNT; i++) {
        marks_clear(&ui->pane[i].table.marks);
    }
    ui->dirty = true;
}

/* --- what it is told to show --- */

/* Behind the curtain a question is taken as prose, whoever asks: its words were put together elsewhere. */
static void ask_in_prose(struct ui *ui, const struct ui_question *question)
{
    enum { WORDS = 600 };
    struct look look = ui_look(ui);
    char title[WORDS];
    char *text = mem_zalloc((question->count + 1) * WORDS);
    struct ui_line *line = mem_zalloc((question->count + 1) * sizeof *line);
    for (size_t i = 0; i < question->count; i++) {
        line[i].role = question->line[i].role;
        line[i].text = look_prose(&look, question->line[i].text, text + i * WORDS, WORDS);
    }
    struct ui_question shown = *question;
    shown.title = look_prose(&look, question->title, title, sizeof title);
    shown.line = line;
    dialog_ask(&ui->dialog, &shown);
    mem_free(line);
    mem_free(text);
}

void ui_ask(struct ui *ui, const struct ui_question *question)
{
    prompt_close(&ui->prompt);
    entry_form_close(&ui->form);
    choice_menu_close(&ui->menu);
    if (ui->veil) {
        ask_in_prose(ui, question);
    } else {
        dialog_ask(&ui->dialog, question);
    }
    ui->dirty = true;
}

void ui_show_form(struct ui *ui, const struct ui_form *form)
{
    prompt_close(&ui->prompt);
    choice_menu_close(&ui->menu);
    entry_form_show(&ui->form, form);
    ui->dirty = true;
}

void ui_show_menu(struct ui *ui, const struct ui_menu *menu)
{
    prompt_close(&ui->prompt);
    choice_menu_show(&ui->menu, menu);
    ui->dirty = true;
}

void ui_show(struct ui *ui, const struct target *subject)
{
    ui_push_page(ui, PAGE_DETAIL, subject);
}

bool ui_shows_doctor(const struct ui *ui)
{
    return ui->page && ui->page->kind == PAGE_DOCTOR;
}

void ui_show_doctor(struct ui *ui)
{
    if (!ui_shows_doctor(ui)) {
        ui_push_page(ui, PAGE_DOCTOR, NULL);
    }
    ui->dirty = true;
}

void ui_show_text(struct ui *ui, const char *title, const char *text)
{
    ui_push_page(ui, PAGE_TEXT, NULL);
    struct page *p = ui->page;
    text_copy(p->title, sizeof p->title, span_of(title));
    struct span rest = span_of(text);
    while (rest.len) {
        size_t end = span_find(rest, '\n');
        char *line = span_dup(span_head(rest, end));
        document_add(&p->doc, "", ROLE_TEXT, line);
        mem_free(line);
        rest = span_skip(rest, end + 1);
    }
    p->filled = p->complete = true;
}

void ui_each_column(void (*each)(void *ctx, const char *pane, const char *title, const char *help), void *ctx)
{
    for (int i = 0; i < FACE_COUNT; i++) {
        char name[TEXT_SMALL];
        pane_face_name(i, name, sizeof name);
        for (size_t k = 0; k < pane_table[i]->columns; k++) {
            const struct column *c = &pane_table[i]->column[k];
            each(ctx, name, c->title[0] ? c->title : "(mark)", c->help);
        }
    }
}
