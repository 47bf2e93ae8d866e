/* What keys and commands do to the ui: focus, zoom, pages, filter, freezing. */
#include "alert_words.h"
#include "texts.h"
#include "ui_state.h"

#include <stdio.h>

void ui_focus(struct ui *ui, enum pane_id pane)
{
    while (ui->page) {
        ui_pop_page(ui);
    }
    if (pane != ui->focus) {
        ui->before = ui->focus;
        ui->focus = pane;
    }
    bool celery = pane == PANE_TASKS || pane == PANE_WORKERS;
    ui->server = pane == PANE_SERVER || (ui->server && pane == PANE_ALERTS);
    ui->celery = celery || (ui->celery && pane != PANE_QUEUES && pane != PANE_BATCHES);
    ui->dirty = true;
}

void ui_zoom(struct ui *ui, bool zoomed)
{
    ui->zoomed = zoomed;
    ui->dirty = true;
}

void ui_push_page(struct ui *ui, enum page_kind kind, const struct target *subject)
{
    enum { DEEPEST = 50 };
    int depth = 0;
    for (struct page *p = ui->page; p; p = p->below) {
        if (++depth == DEEPEST) {
            struct page *last = p->below; /* the way back has an end */
            p->below = NULL;
            while (last) {
                struct page *below = last->below;
                page_free(last);
                last = below;
            }
        }
    }
    struct page *page = page_new(kind, ui->page);
    if (subject) {
        target_set(&page->subject, subject->kind, target_id(subject));
    }
    ui->page = page;
    ui->dirty = true;
}

void ui_pop_page(struct ui *ui)
{
    struct page *top = ui->page;
    if (top) {
        ui->page = top->below;
        page_free(top);
        ui->dirty = true;
    }
}

/* A value of the filter that fits exactly, its quotes told from ours; the beginning where it is too long. */
static void filter_of_group(const char *field, struct span name, char *out, size_t size)
{
    enum { NAME_MOST = FILTER_TEXT_MAX / 2 };
    bool whole = name.len < NAME_MOST;
    size_t used = (size_t)snprintf(out, size, "%s%s\"", field, whole ? "=" : ":");
    for (size_t i = 0; i < name.len && i < NAME_MOST && used + 4 < size; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\') {
            out[used++] = '\\';
        }
        out[used++] = name.data[i];
    }
    snprintf(out + used, size - used, "\"");
}

/* From a group to its tasks. */
static void open_group(struct ui *ui, struct table *table)
{
    char filter[FILTER_TEXT_MAX];
    bool by_name = ui->face[PANE_TASKS] == FACE_TASKS_BY_NAME;
    struct span name = target_id(&table->cursor);
    table->pinned = true;
    if (ui->veil && !by_name) {
        ui_message(ui, ROLE_INFO,
                   "the curtain is drawn: what tasks failed with is hidden, and so is who did");
        return;
    }
    if (span_equal(name, S("(unknown)"))) {
        name = S("");
    }
    filter_of_group(by_name ? "name" : "exception", name, filter, sizeof filter);
    ui_face(ui, PANE_TASKS);
    ui_filter(ui, filter);
}

void ui_face(struct ui *ui, int face)
{
    ui->face[pane_place[face].place] = face;
    ui->everything = ui->dirty = true;
}

/* What a page offers: a pane is gone to; whatever else it is, a person sees it in the prompt before. */
static void open_line(struct ui *ui, struct span line)
{
    char *copy = span_dup(line);
    if (span_starts(line, S("pane "))) {
        ui_run(ui, copy);
    } else {
        ui_prompt(ui, PROMPT_COMMAND, copy);
    }
    mem_free(copy);
}

/* From a change of the log to the alert it is about, as long as there is one. */
static void open_change(struct ui *ui, struct table *table)
{
    const struct alert_change *c = alert_change_of(ui->model, &table->cursor);
    const struct alert *a = c ? model_alert_of_change(ui->model, c) : NULL;
    struct target about = {0};
    table->pinned = true;
    if (a) {
        target_set(&about, TARGET_ALERT, span_make(a->id, a->id_len));
    }
    ui_push_page(ui, PAGE_DETAIL, a ? &about : &table->cursor);
    target_release(&about);
}

void ui_open(struct ui *ui)
{
    if (ui->page) {
        const struct target *link = document_link(&ui->page->doc);
        if (link && link->kind == TARGET_LINE) {
            open_line(ui, target_id(link));
        } else if (link) {
            ui_push_page(ui, PAGE_DETAIL, link);
        } else {
            document_fold(&ui->page->doc, DOCUMENT_TOGGLE);
        }
        return;
    }
    struct table *table = &ui_pane(ui, ui->focus)->table;
    if (table->cursor.kind == TARGET_NONE && ui->model) { /* keys typed ahead: not drawn since it had rows */
        struct pane_source source;
        struct look look;
        struct rows rows = ui_rows(ui, &source, &look);
        table_settle(table, &rows);
    }
    if (table->cursor.kind == TARGET_GROUP) {
        open_group(ui, table);
    } else if (table->cursor.kind == TARGET_CHANGE && ui->model) {
        open_change(ui, table);
    } else if (table->cursor.kind == TARGET_VITAL &&
               span_find(target_id(&table->cursor), '.') == table->cursor.id_len) {
        struct pane_source source; /* a group of signs: what stands under it */
        struct look look;
        struct rows rows = ui_rows(ui, &source, &look);
        table_fold(table, &rows, TABLE_TOGGLE);
    } else if (table->cursor.kind != TARGET_NONE) {
        table->pinned = true;
        ui_push_page(ui, PAGE_DETAIL, &table->cursor);
    }
}

/* One step back: search, page, filter, marks, grouping, zoom, cursor; whatever there is first. */
void ui_back(struct ui *ui)
{
    struct table *table = &ui_pane(ui, ui->focus)->table;
    ui->dirty = true;
    if (ui->page && ui->page->doc.search[0]) {
        document_search(&ui->page->doc, "");
    } else if (ui->page) {
        ui_pop_page(ui);
    } else if (filter_is_set(&table->filter)) {
        ui_filter(ui, "");
    } else if (marks_count(&table->marks)) {
        marks_clear(&table->marks);
    } else if (ui->face[ui->focus] != (int)ui->focus) {
        ui_face(ui, (int)ui->focus);
    } else if (ui->zoomed) {
        ui_zoom(ui, false);
    } else {
        table->pinned = false;
        table->dirty = true;
    }
}

void ui_move(struct ui *ui, enum table_move move)
{
    struct pane_source source;
    struct look look;
    ui->dirty = true;
    if (ui->page) {
        document_move(&ui->page->doc, move);
        if (ui->options.more && page_wants_more(ui->page)) {
            ui->page->asked = true;
            ui->options.more(ui->options.ctx);
        }
    } else if (ui->model) {
        struct rows rows = ui_rows(ui, &source, &look);
        table_recalc(&ui_pane(ui, ui->focus)->table, &rows, false, look.now_us);
        table_move(&ui_pane(ui, ui->focus)->table, &rows, move);
    }
}

/* What is not found may stand behind what was read. */
static void search_page(struct ui *ui, const char *text)
{
    const struct page *p = ui->page;
    char line[400];
    if (!document_search(&ui->page->doc, text) && text[0] && p->filled) {
        bool part = p->remark[0] && text_contains(span_of(p->remark), S("first "));
        snprintf(line, sizeof line, "\"%.100s\" is not in %s%.200s", text,
                 part ? "what was read: " : "this page", part ? p->remark : "");
        ui_message(ui, ROLE_WARNING, line);
    }
}

void ui_filter(struct ui *ui, const char *text)
{
    struct pane *pane = ui_pane(ui, ui->focus);
    ui->dirty = true;
    if (ui->page) {
        search_page(ui, text);
        return;
    }
    filter_set(&pane->table.filter, text, pane->ops->column, pane->ops->columns);
    pane->table.dirty = true;
}

bool ui_filter_can_fit(const struct ui *ui, const char *text, char *why, size_t size)
{
    const struct pane_ops *ops = ui_pane(ui, ui->focus)->ops;
    struct span word = ui->page ? S("") : filter_impossible(text, ops->column, ops->columns, &ops->words);
    if (word.len) {
        filter_impossible_why(word, &ops->words, why, size);
    }
    return word.len == 0;
}

void ui_prompt(struct ui *ui, enum prompt_kind kind, const char *text)
{
    if (kind == PROMPT_FILTER) {
        text_copy(ui->filter_before, sizeof ui->filter_before,
                  span_of(ui_pane(ui, ui->focus)->table.filter.text));
    }
    prompt_open(&ui->prompt, kind, text);
    ui->dirty = true;
}

void ui_history(const struct ui *ui, UT_array *out)
{
    utarray_concat(out, &ui->prompt.history);
}

void ui_recall(struct ui *ui, const UT_array *lines)
{
    for (unsigned i = 0; i < utarray_len(lines); i++) {
        prompt_remember(&ui->prompt, ((char *const *)(void *)lines->d)[i]);
    }
}

void ui_ask_password(struct ui *ui, const char *title)
{
    prompt_ask_password(&ui->prompt, title);
    ui->dirty = true;
}

void ui_freeze(struct ui *ui, bool frozen)
{
    if (!ui->model || ui->frozen == frozen) {
        return;
    }
    struct look look = ui_look(ui);
    if (frozen) {
        strip_recalc(&ui->strip, &look);
        runs_gather(&ui->runs, &look);
        for (int i = 0; i < FACE_COUNT; i++) {
            look.roomy = ui->pane[i].roomy;
            pane_recalc(&ui->pane[i], &look, ~0u);
            pane_freeze(&ui->pane[i], &look);
        }
        ui->frozen_us = look.now_us;
        ui->frozen_wall_us = look.wall_us;
    } else {
        for (int i = 0; i < FACE_COUNT; i++) {
            pane_thaw(&ui->pane[i]);
        }
        ui->everything = true;
    }
    ui->frozen = frozen;
    ui->dirty = true;
}

void ui_run(struct ui *ui, const char *line)
{
    struct err err = {0};
    char *copy = mem_strdup(line); /* the line may belong to what the command changes */
    if (!ui->options.run(ui->options.ctx, copy, &err)) {
        ui_message(ui, ROLE_WARNING, err.text[0] ? err.text : "that did not work");
    }
    mem_free(copy);
}
