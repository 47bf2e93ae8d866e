/* The curtain as the ui knows it: what was typed, opened or put together while one could see more (or less)
 * is taken away before the next frame. */
#include "texts.h"
#include "ui_state.h"

#include "redai/base/utf8.h"

void ui_curtain(struct ui *ui, const struct veil *veil)
{
    ui_freeze(ui, false); /* titles and words stand as they were made */
    prompt_close(&ui->prompt);
    prompt_hide(&ui->prompt, veil != NULL);
    entry_form_close(&ui->form);
    choice_menu_close(&ui->menu);
    dialog_dismiss(&ui->dialog);
    ui->filter_before[0] = ui->message[0] = '\0';
    ui->veil = veil;
    for (int i = 0; i < FACE_COUNT; i++) {
        struct pane *p = &ui->pane[i];
        filter_set(&p->table.filter, "", p->ops->column, p->ops->columns);
        p->table.dirty = true;
    }
    page_veil(ui->page, veil);
    ui->everything = ui->dirty = true;
}

void ui_pseudonym(const struct ui *ui, const struct target *target, UT_string *out)
{
    char shown[VEIL_MAX];
    struct span name = target_id(target);
    if (target->kind == TARGET_ALERT) { /* the rule; behind it stands whom it is about */
        name = span_head(name, span_find(name, ALERT_ID_SEPARATOR));
    } else if (target->kind == TARGET_CHANGE) { /* a number, in bytes */
        name = S("change");
    }
    if (ui->veil) {
        enum veil_kind kind = look_kind(target->kind);
        name = span_make(shown, veil_text(ui->veil, kind, name, shown, sizeof shown));
    }
    utf8_sanitise(name, 0, out);
}
