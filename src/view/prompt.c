#include "prompt.h"

#include <stdio.h>

#include "redai/base/secret.h"
#include "redai/base/utf8.h"

#include "redai/conf/key.h"

void prompt_init(struct prompt *p)
{
    *p = (struct prompt){.kind = PROMPT_CLOSED};
    edit_init(&p->edit);
    utarray_init(&p->history, &ut_str_icd);
    offers_init(&p->offers);
}

void prompt_release(struct prompt *p)
{
    edit_wipe(&p->edit);
    edit_release(&p->edit);
    utarray_done(&p->history);
    offers_release(&p->offers);
    mem_free(p->typed);
}

static const char *text_at(const UT_array *list, size_t i)
{
    return ((char *const *)(void *)list->d)[i];
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
    p->kind = kind;
    edit_set(&p->edit, text);
    p->recalled = utarray_len(&p->history);
    mem_replace(&p->typed, NULL);
    offers_clear(&p->offers);
}

void prompt_ask_password(struct prompt *p, const char *title)
{
    edit_keep_room(&p->edit);
    prompt_open(p, PROMPT_PASSWORD, "");
    snprintf(p->title, sizeof p->title, "%s", title);
}

void prompt_close(struct prompt *p)
{
    p->kind = PROMPT_CLOSED;
    edit_wipe(&p->edit);
    offers_clear(&p->offers);
}

void prompt_remember(struct prompt *p, const char *line)
{
    size_t n = utarray_len(&p->history);
    UT_string kept;
    utstring_init(&kept);
    secret_drop_passwords(span_of(line), &kept);
    const char *text = utstring_body(&kept);
    bool known = n && strcmp(text_at(&p->history, n - 1), text) == 0;
    if (line[0] && !known) {
        utarray_push_back(&p->history, &text);
    }
    utstring_done(&kept);
    if (utarray_len(&p->history) > PROMPT_HISTORY_MAX) {
        utarray_erase(&p->history, 0, 1);
        p->from -= p->from > 0;
    }
}

void prompt_hide(struct prompt *p, bool hidden)
{
    p->from = hidden ? utarray_len(&p->history) : 0;
    mem_replace(&p->typed, NULL);
}

static void recall(struct prompt *p, bool older)
{
    size_t n = utarray_len(&p->history);
    if (older ? p->recalled <= p->from : p->recalled >= n) {
        return;
    }
    if (p->recalled == n) {
        mem_replace(&p->typed, edit_text(&p->edit));
    }
    p->recalled += older ? (size_t)-1 : 1;
    edit_set(&p->edit, p->recalled == n ? (p->typed ? p->typed : "") : text_at(&p->history, p->recalled));
}

/* --- completion --- */

static size_t start_of_word(const struct edit *e)
{
    size_t at = e->at;
    while (at > 0 && e->text.d[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void complete(struct prompt *p, const struct command_set *commands)
{
    if (offers_next(&p->offers, &p->edit) || !commands) {
        return;
    }
    char *line = span_dup(span_make(edit_text(&p->edit), p->edit.at));
    offers_clear(&p->offers);
    command_complete(commands, line, &p->offers.text);
    if (p->complete) {
        p->complete(p->ctx, line, &p->offers.text);
    }
    mem_free(line);
    offers_take(&p->offers, &p->edit, start_of_word(&p->edit), " ");
}

enum prompt_event prompt_key(struct prompt *p, uint32_t key, const struct command_set *commands)
{
    bool command = p->kind == PROMPT_COMMAND;
    if (key == KEY_CODE_ENTER || key == '\n') {
        return PROMPT_ACCEPTED;
    }
    if (key == KEY_CODE_ESCAPE) {
        return PROMPT_CANCELLED;
    }
    if (key == KEY_CODE_TAB) {
        if (command) {
            complete(p, commands);
        }
        return PROMPT_NOTHING;
    }
    offers_clear(&p->offers);
    if (key == KEY_CODE_UP || key == KEY_CODE_DOWN) {
        if (command) {
            recall(p, key == KEY_CODE_UP);
        }
        return PROMPT_NOTHING;
    }
    /* Backspace in an empty command line leaves it, as people expect; it deletes nothing anywhere. */
    if ((key == KEY_CODE_BACKSPACE || key == 0x7F) && !edit_text(&p->edit)[0]) {
        return PROMPT_CANCELLED;
    }
    return edit_key(&p->edit, key) ? PROMPT_CHANGED : PROMPT_NOTHING;
}

void prompt_draw(const struct prompt *p, struct grid *g, int y, int offers_y)
{
    static const struct {
        const char *sign, *hint;
    } kinds[] = {
        [PROMPT_CLOSED] = {"", ""},
        [PROMPT_COMMAND] = {":", "Enter run  Tab complete  Up history  Esc cancel"},
        [PROMPT_FILTER] = {"/", "Enter keep  Esc show all  column:text  age>5m  !not"},
        [PROMPT_SEARCH] = {"/", "Enter keep, then n: next  Esc end"},
        [PROMPT_PASSWORD] = {"", "Enter log in  Esc stay here"},
    };
    const char *hint = kinds[p->kind].hint;
    int hint_cols = (int)strlen(hint) + 2;
    bool hidden = p->kind == PROMPT_PASSWORD;
    int typed = utf8_text_width(span_of(hidden ? p->title : edit_text(&p->edit)));
    bool room = typed + hint_cols + 4 < g->width;
    grid_clear(g, (struct rect){0, y, g->width, 1}, ROLE_PROMPT);
    grid_text(g, 0, y, 1, span_of(kinds[p->kind].sign), ROLE_PROMPT);
    if (room) {
        grid_text(g, g->width - hint_cols, y, hint_cols, span_of(hint), ROLE_DIM);
    }
    if (hidden) {
        g->cursor_x = grid_text(g, 1, y, g->width - 1, span_of(p->title), ROLE_PROMPT) + 1;
        g->cursor_y = y;
        return;
    }
    edit_draw(&p->edit, g, 1, y, g->width - 1 - (room ? hint_cols + 1 : 0), ROLE_PROMPT, true);
    if (offers_y >= 0 && utarray_len(&p->offers.text) > 1) {
        offers_draw(&p->offers, g, 1, offers_y, g->width - 1);
        grid_clear(g, (struct rect){0, offers_y, 1, 1}, ROLE_FOOTER);
    }
}
