#include "prompt.h"

#include "redai/base/utf8.h"

#include "redai/conf/key.h"

void prompt_init(struct prompt *p)
{
    *p = (struct prompt){.kind = PROMPT_CLOSED};
    edit_init(&p->edit);
    utarray_init(&p->history, &ut_str_icd);
    utarray_init(&p->offers, &ut_str_icd);
}

void prompt_release(struct prompt *p)
{
    edit_release(&p->edit);
    utarray_done(&p->history);
    utarray_done(&p->offers);
    mem_free(p->typed);
}

static const char *text_at(const UT_array *list, size_t i)
{
    return ((char *const *)(void *)list->d)[i];
}

static void forget_offers(struct prompt *p)
{
    utarray_clear(&p->offers);
    p->offer = 0;
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text)
{
    p->kind = kind;
    edit_set(&p->edit, text);
    p->recalled = utarray_len(&p->history);
    mem_replace(&p->typed, NULL);
    forget_offers(p);
}

void prompt_close(struct prompt *p)
{
    p->kind = PROMPT_CLOSED;
    edit_set(&p->edit, "");
    forget_offers(p);
}

void prompt_remember(struct prompt *p, const char *line)
{
    size_t n = utarray_len(&p->history);
    if (!line[0] || (n && strcmp(text_at(&p->history, n - 1), line) == 0)) {
        return;
    }
    utarray_push_back(&p->history, &line);
    if (utarray_len(&p->history) > PROMPT_HISTORY_MAX) {
        utarray_erase(&p->history, 0, 1);
    }
}

static void recall(struct prompt *p, bool older)
{
    size_t n = utarray_len(&p->history);
    if (older ? p->recalled == 0 : p->recalled >= n) {
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

/* How many bytes all offers begin with alike. */
static size_t common_length(const UT_array *offers)
{
    const char *first = text_at(offers, 0);
    size_t len = strlen(first);
    for (size_t i = 1; i < utarray_len(offers); i++) {
        const char *other = text_at(offers, i);
        size_t k = 0;
        while (k < len && first[k] == other[k]) {
            k++;
        }
        len = k;
    }
    while (len > 0 && ((unsigned char)first[len] & 0xC0u) == 0x80u) {
        len--;
    }
    return len;
}

/* The first Tab completes as far as all agree; the next ones go through what is possible. */
static void complete(struct prompt *p, const struct command_set *commands)
{
    size_t n = utarray_len(&p->offers);
    if (n > 1) {
        p->offer = p->offer + 1 >= n ? 0 : p->offer + 1;
        edit_replace(&p->edit, p->word, text_at(&p->offers, p->offer));
        return;
    }
    if (!commands) {
        return;
    }
    char *line = span_dup(span_make(edit_text(&p->edit), p->edit.at));
    forget_offers(p);
    command_complete(commands, line, &p->offers);
    mem_free(line);
    n = utarray_len(&p->offers);
    p->word = start_of_word(&p->edit);
    p->offer = n;
    if (n == 1) {
        UT_string word;
        utstring_init(&word);
        text_add(&word, span_of(text_at(&p->offers, 0)));
        text_add(&word, S(" "));
        edit_replace(&p->edit, p->word, utstring_body(&word));
        utstring_done(&word);
        forget_offers(p);
    } else if (n > 1) {
        size_t len = common_length(&p->offers);
        if (len > p->edit.at - p->word) {
            char *common = span_dup(span_make(text_at(&p->offers, 0), len));
            edit_replace(&p->edit, p->word, common);
            mem_free(common);
        }
    }
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
    forget_offers(p);
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

static void draw_offers(const struct prompt *p, struct grid *g, int y)
{
    int x = 1;
    grid_clear(g, (struct rect){0, y, g->width, 1}, ROLE_FOOTER);
    for (size_t i = 0; i < utarray_len(&p->offers) && x < g->width; i++) {
        bool chosen = i == p->offer;
        x += grid_text(g, x, y, g->width - x, span_of(text_at(&p->offers, i)),
                       chosen ? ROLE_SELECTED : ROLE_FOOTER);
        x += 2;
    }
}

void prompt_draw(const struct prompt *p, struct grid *g, int y, int offers_y)
{
    static const struct {
        const char *sign, *hint;
    } kinds[] = {
        [PROMPT_CLOSED] = {"", ""},
        [PROMPT_COMMAND] = {":", "Enter run  Tab complete  Up history  Esc cancel"},
        [PROMPT_FILTER] = {"/", "Enter keep  Esc show all  role:admin  !not"},
        [PROMPT_SEARCH] = {"/", "Enter keep, then n: next  Esc end"},
    };
    const char *hint = kinds[p->kind].hint;
    int hint_cols = (int)strlen(hint) + 2;
    int typed = utf8_text_width(span_of(edit_text(&p->edit)));
    bool room = typed + hint_cols + 4 < g->width;
    grid_clear(g, (struct rect){0, y, g->width, 1}, ROLE_PROMPT);
    grid_text(g, 0, y, 1, span_of(kinds[p->kind].sign), ROLE_PROMPT);
    if (room) {
        grid_text(g, g->width - hint_cols, y, hint_cols, span_of(hint), ROLE_DIM);
    }
    edit_draw(&p->edit, g, 1, y, g->width - 1 - (room ? hint_cols + 1 : 0), ROLE_PROMPT, true);
    if (offers_y >= 0 && utarray_len(&p->offers) > 1) {
        draw_offers(p, g, offers_y);
    }
}
