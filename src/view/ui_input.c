/* Keys: to the mode that is open, otherwise through the keymap to a command line. */
#include "ui_state.h"

#include "redai/base/secret.h"

#include "redai/conf/key.h"

#define CONTROL_C 3u

static void prompt_accepted(struct ui *ui)
{
    enum prompt_kind kind = ui->prompt.kind;
    char why[400];
    char *line = mem_strdup(edit_text(&ui->prompt.edit));
    prompt_close(&ui->prompt);
    if (kind == PROMPT_PASSWORD) {
        ui->options.password(ui->options.ctx, line);
        secret_forget(&line);
        return;
    }
    if (kind == PROMPT_COMMAND) {
        prompt_remember(&ui->prompt, line);
        if (line[0]) {
            ui_run(ui, line);
        }
    } else if (ui_filter_can_fit(ui, line, why, sizeof why)) {
        ui_filter(ui, line);
    } else {
        ui_filter(ui, ui->filter_before);
        ui_message(ui, ROLE_WARNING, why);
    }
    mem_free(line);
}

static bool is_filter(enum prompt_kind kind)
{
    return kind == PROMPT_FILTER || kind == PROMPT_SEARCH;
}

static void key_to_prompt(struct ui *ui, uint32_t key)
{
    enum prompt_kind kind = ui->prompt.kind;
    switch (prompt_key(&ui->prompt, key, ui->options.commands)) {
    case PROMPT_ACCEPTED:
        prompt_accepted(ui);
        break;
    case PROMPT_CANCELLED:
        prompt_close(&ui->prompt);
        if (is_filter(kind)) {
            ui_filter(ui, "");
        }
        break;
    case PROMPT_CHANGED:
        if (is_filter(kind)) {
            ui_filter(ui, edit_text(&ui->prompt.edit));
        }
        break;
    case PROMPT_NOTHING:
        break;
    }
}

/* What a page understands besides the keymap. */
static bool key_to_page(struct ui *ui, uint32_t key)
{
    if (key == 'n' && ui->page->doc.search[0]) {
        document_search_next(&ui->page->doc);
        return true;
    }
    /* Whatever these two do in the pane behind it. */
    if (key == KEY_CODE_LEFT || key == KEY_CODE_RIGHT) {
        document_fold(&ui->page->doc, key == KEY_CODE_LEFT ? DOCUMENT_CLOSE : DOCUMENT_OPEN);
        return true;
    }
    /* One step back is what q means wherever something is open; at the top it leaves. */
    if (key == 'q') {
        ui_pop_page(ui);
        return true;
    }
    return false;
}

static void key_to_keymap(struct ui *ui, uint32_t key)
{
    const struct keymap_row *row = keymap_find(ui->options.keymap, pane_table[ui->focus]->name, key);
    if (row) {
        ui_run(ui, row->line);
    }
}

/* Esc and a key typed soon behind it reach us together over a slow line, and are Alt and that key to whoever
 * reads them. Where Alt means nothing they are the two that were typed; in a text it is a way to edit. */
static bool is_two_keys(const struct ui *ui, uint32_t key)
{
    uint32_t letter = key & ~(uint32_t)KEY_META;
    bool in_text = ui->prompt.kind != PROMPT_CLOSED || ui->form.open || (ui->dialog.open && ui->dialog.typed);
    return (key & KEY_META) && letter > ' ' && letter < KEY_NAMED && !in_text &&
           !keymap_find(ui->options.keymap, pane_table[ui->focus]->name, key);
}

void ui_key(struct ui *ui, uint32_t key)
{
    if (is_two_keys(ui, key)) {
        ui_key(ui, KEY_CODE_ESCAPE);
        key &= ~(uint32_t)KEY_META;
    }
    if (!ui->dialog.spent) { /* what that says stands below it too, and stays */
        ui->message[0] = '\0';
    }
    ui->dirty = true;
    if (key == CONTROL_C) {
        key_to_keymap(ui, key); /* leaves from everywhere */
    } else if (ui->dialog.open) {
        dialog_key(&ui->dialog, key);
    } else if (ui->prompt.kind != PROMPT_CLOSED) {
        key_to_prompt(ui, key);
    } else if (ui->menu.open) {
        choice_menu_key(&ui->menu, key);
    } else if (ui->form.open) {
        entry_form_key(&ui->form, key);
    } else if (!ui->page || !key_to_page(ui, key)) {
        key_to_keymap(ui, key);
    }
}

void ui_paste(struct ui *ui, struct span text)
{
    ui->dirty = true;
    if (ui->dialog.open) {
        return; /* a confirmation is typed by a person */
    }
    if (ui->prompt.kind != PROMPT_CLOSED) {
        edit_insert(&ui->prompt.edit, text);
        if (is_filter(ui->prompt.kind)) {
            ui_filter(ui, edit_text(&ui->prompt.edit));
        }
    } else if (ui->form.open && !ui->menu.open) {
        entry_form_paste(&ui->form, text);
    }
}
