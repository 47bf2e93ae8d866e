#include "choice_menu.h"

#include "box.h"

#include "redai/base/utf8.h"

#include "redai/conf/key.h"

void choice_menu_init(struct choice_menu *m)
{
    *m = (struct choice_menu){0};
    utarray_init(&m->item, &ut_str_icd);
    utarray_init(&m->note, &ut_str_icd);
}

void choice_menu_close(struct choice_menu *m)
{
    m->open = false;
    mem_replace(&m->title, NULL);
    utarray_clear(&m->item);
    utarray_clear(&m->note);
}

void choice_menu_release(struct choice_menu *m)
{
    choice_menu_close(m);
    utarray_done(&m->item);
    utarray_done(&m->note);
}

void choice_menu_show(struct choice_menu *m, const struct ui_menu *menu)
{
    choice_menu_close(m);
    m->open = true;
    m->title = mem_strdup(menu->title);
    for (size_t i = 0; i < menu->count; i++) {
        const char *note = menu->note && menu->note[i] ? menu->note[i] : "";
        utarray_push_back(&m->item, &menu->item[i]);
        utarray_push_back(&m->note, &note);
    }
    m->at = 0;
    m->choose = menu->choose;
    m->ctx = menu->ctx;
}

static size_t count(const struct choice_menu *m)
{
    return utarray_len(&m->item);
}

static const char *text_at(const UT_array *list, size_t i)
{
    return ((char *const *)(void *)list->d)[i];
}

static void choose(struct choice_menu *m, size_t index)
{
    void (*chosen)(void *, size_t) = m->choose;
    void *ctx = m->ctx;
    if (index >= count(m)) {
        return;
    }
    choice_menu_close(m); /* first: choosing may open another menu or a form */
    if (chosen) {
        chosen(ctx, index);
    }
}

void choice_menu_key(struct choice_menu *m, uint32_t key)
{
    size_t last = count(m) ? count(m) - 1 : 0;
    switch (key) {
    case KEY_CODE_ESCAPE:
    case 'q':
        choice_menu_close(m);
        return;
    case KEY_CODE_UP:
    case KEY_CODE_BACK_TAB:
    case 'k':
        m->at = m->at > 0 ? m->at - 1 : last;
        return;
    case KEY_CODE_DOWN:
    case KEY_CODE_TAB:
    case 'j':
        m->at = m->at < last ? m->at + 1 : 0;
        return;
    case KEY_CODE_HOME:
    case 'g':
        m->at = 0;
        return;
    case KEY_CODE_END:
    case 'G':
        m->at = last;
        return;
    case KEY_CODE_ENTER:
        choose(m, m->at);
        return;
    default:
        if (key >= '1' && key <= '9') {
            choose(m, key - '1');
        }
        return;
    }
}

static int widest(const UT_array *list)
{
    int cols = 0;
    for (size_t i = 0; i < utarray_len(list); i++) {
        int w = utf8_text_width(span_of(text_at(list, i)));
        cols = w > cols ? w : cols;
    }
    return cols;
}

void choice_menu_draw(struct choice_menu *m, struct grid *g)
{
    int item = widest(&m->item);
    int note = widest(&m->note);
    int cols = 4 + item + (note ? 2 + note : 0);
    cols = cols < 36 ? 36 : cols;
    struct rect r = box_draw(g, m->title ? m->title : "", cols, (int)count(m) + 2, ROLE_DIALOG_BORDER);
    int room = r.h > 2 ? r.h - 2 : r.h;
    size_t first = m->at + 1 > (size_t)(room > 0 ? room : 1) ? m->at + 1 - (size_t)(room > 0 ? room : 1) : 0;
    for (size_t i = first; i < count(m) && (int)(i - first) < room; i++) {
        int y = r.y + (int)(i - first);
        bool here = i == m->at;
        grid_printf(g, r.x, y, 2, ROLE_KEY, "%c", i < 9 ? (char)('1' + i) : ' ');
        grid_text(g, r.x + 4, y, item < r.w - 4 ? item : r.w - 4, span_of(text_at(&m->item, i)), ROLE_TEXT);
        grid_text(g, r.x + 6 + item, y, r.w - 6 - item, span_of(text_at(&m->note, i)), ROLE_DIM);
        if (here) {
            grid_paint(g, r.x, y, r.w, ROLE_SELECTED);
            grid_put(g, r.x + 2, y, '>', ROLE_SELECTED);
        }
    }
    if (r.h > 2) {
        grid_text(g, r.x, r.y + r.h - 1, r.w, S("Enter: choose   Esc: close"), ROLE_DIM);
    }
}
