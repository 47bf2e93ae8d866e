#include "entry_form.h"

#include "box.h"
#include "texts.h"

#include <stdio.h>

#include "redai/base/utf8.h"

#include "redai/conf/key.h"

#define CONTROL_D 4u

void entry_form_init(struct entry_form *f)
{
    *f = (struct entry_form){0};
    offers_init(&f->offers);
    for (size_t i = 0; i < FORM_FIELDS_MAX; i++) {
        edit_init(&f->field[i].edit);
    }
}

void entry_form_close(struct entry_form *f)
{
    f->open = false;
    f->error[0] = '\0';
    offers_clear(&f->offers);
    mem_replace(&f->title, NULL);
    for (size_t i = 0; i < FORM_FIELDS_MAX; i++) {
        mem_replace(&f->field[i].label, NULL);
        mem_replace(&f->field[i].hint, NULL);
        edit_set(&f->field[i].edit, "");
    }
}

void entry_form_release(struct entry_form *f)
{
    entry_form_close(f);
    offers_release(&f->offers);
    for (size_t i = 0; i < FORM_FIELDS_MAX; i++) {
        edit_release(&f->field[i].edit);
    }
}

void entry_form_show(struct entry_form *f, const struct ui_form *form)
{
    entry_form_close(f);
    f->open = true;
    f->generation++;
    f->title = mem_strdup(form->title);
    f->count = form->count < FORM_FIELDS_MAX ? form->count : FORM_FIELDS_MAX;
    f->at = 0;
    for (size_t i = 0; i < f->count; i++) {
        f->field[i].label = mem_strdup(form->field[i].label);
        f->field[i].hint = mem_strdup(form->field[i].hint);
        f->field[i].complete = form->field[i].complete;
        edit_set(&f->field[i].edit, form->field[i].initial ? form->field[i].initial : "");
    }
    f->submit = form->submit;
    f->ctx = form->ctx;
}

static void submit(struct entry_form *f)
{
    char *value[FORM_FIELDS_MAX];
    struct err err = {0};
    unsigned generation = f->generation;
    size_t count = f->count;
    for (size_t i = 0; i < count; i++) {
        value[i] = mem_strdup(edit_text(&f->field[i].edit));
    }
    bool done = !f->submit || f->submit(f->ctx, (const char *const *)value, count, &err);
    if (f->generation == generation && f->open) {
        if (done) {
            entry_form_close(f);
        } else {
            text_quote(f->error, sizeof f->error, err.text[0] ? err.text : "refused");
        }
    }
    for (size_t i = 0; i < count; i++) {
        mem_free(value[i]);
    }
}

/* True when the text became longer or there is a choice: a second Tab on what is whole moves on. */
static bool complete(struct entry_form *f)
{
    if (f->at >= f->count || !f->field[f->at].complete) {
        return false;
    }
    struct edit *edit = &f->field[f->at].edit;
    if (offers_next(&f->offers, edit)) {
        return true;
    }
    char *before = mem_strdup(edit_text(edit));
    offers_clear(&f->offers);
    bool any = f->field[f->at].complete(f->ctx, before, &f->offers.text) && utarray_len(&f->offers.text);
    if (any) {
        edit_key(edit, KEY_CODE_END); /* the whole value is what is completed */
        offers_take(&f->offers, edit, 0, "");
    }
    any = any && (utarray_len(&f->offers.text) > 1 || strcmp(before, edit_text(edit)) != 0);
    mem_free(before);
    return any;
}

void entry_form_key(struct entry_form *f, uint32_t key)
{
    size_t last = f->count ? f->count - 1 : 0;
    if (key == KEY_CODE_TAB && complete(f)) {
        return;
    }
    offers_clear(&f->offers);
    switch (key) {
    case KEY_CODE_ESCAPE:
        entry_form_close(f);
        return;
    case KEY_CODE_TAB:
    case KEY_CODE_DOWN:
        f->at = f->at < last ? f->at + 1 : 0;
        return;
    case KEY_CODE_BACK_TAB:
    case KEY_CODE_UP:
        f->at = f->at > 0 ? f->at - 1 : last;
        return;
    case CONTROL_D:
        submit(f);
        return;
    case KEY_CODE_ENTER:
        if (f->at >= last) {
            submit(f);
        } else {
            f->at++;
        }
        return;
    default:
        if (f->count && edit_key(&f->field[f->at].edit, key)) {
            f->error[0] = '\0';
        }
        return;
    }
}

void entry_form_paste(struct entry_form *f, struct span text)
{
    if (f->count) {
        edit_insert(&f->field[f->at].edit, text);
    }
}

void entry_form_draw(struct entry_form *f, struct grid *g)
{
    enum { VALUE_COLS = 40, LABEL_MOST = 20 };
    int label = 0;
    int hint = 0;
    for (size_t i = 0; i < f->count; i++) {
        int w = utf8_text_width(span_of(f->field[i].label));
        label = w > label ? w : label;
        w = utf8_text_width(span_of(f->field[i].hint));
        hint = w > hint ? w : hint;
    }
    label = label < LABEL_MOST ? label : LABEL_MOST;
    int cols = label + 2 + VALUE_COLS + (hint ? 2 + hint : 0);
    cols = cols < 100 ? cols : 100;
    struct rect r = box_draw(g, f->title ? f->title : "", cols, (int)f->count + 3, ROLE_DIALOG_BORDER);
    int value = r.w - label - 2 - (hint && r.w > label + 24 + hint ? hint + 2 : 0);
    int room = r.h > 2 ? r.h - 2 : r.h;
    size_t first = f->at + 1 > (size_t)(room > 0 ? room : 1) ? f->at + 1 - (size_t)(room > 0 ? room : 1) : 0;
    for (size_t i = first; i < f->count && (int)(i - first) < room; i++) {
        int y = r.y + (int)(i - first);
        bool here = i == f->at;
        grid_text(g, r.x, y, label, span_of(f->field[i].label), here ? ROLE_KEY : ROLE_LABEL);
        grid_put(g, r.x + label + 1, y, '[', ROLE_LABEL);
        edit_draw(&f->field[i].edit, g, r.x + label + 2, y, value - 1, ROLE_INPUT, here);
        grid_put(g, r.x + label + 1 + value, y, ']', ROLE_LABEL);
        if (value + label + 2 < r.w) {
            grid_text(g, r.x + label + 2 + value + 2, y, r.w - label - value - 4, span_of(f->field[i].hint),
                      ROLE_DIM);
        }
    }
    if (r.h > 2) {
        if (utarray_len(&f->offers.text) > 1) {
            offers_draw(&f->offers, g, r.x, r.y + r.h - 2, r.w);
        } else if (f->error[0]) {
            grid_printf(g, r.x, r.y + r.h - 2, r.w, ROLE_WARNING, "! %s", f->error);
        } else if (value + label + 2 >= r.w && f->at < f->count && f->field[f->at].hint) {
            /* No room beside the fields: the hint of the one in hand. */
            grid_text(g, r.x, r.y + r.h - 2, r.w, span_of(f->field[f->at].hint), ROLE_DIM);
        }
        grid_text(g, r.x, r.y + r.h - 1, r.w,
                  S("Enter: next, on the last go on   C-d: go on   Tab: move   Esc: close"), ROLE_DIM);
    }
}
