/* choice_menu: rows to choose one of. Arrows or j k move, Enter or the row's number chooses, Esc closes.
 * Choosing opens something; it never does anything by itself. */
#ifndef VIEW_CHOICE_MENU_H
#define VIEW_CHOICE_MENU_H

#include "redai/view/ui.h"

struct choice_menu {
    bool open;
    char *title;
    UT_array item, note; /* of char * */
    size_t at;
    void (*choose)(void *ctx, size_t index);
    void *ctx;
};

void choice_menu_init(struct choice_menu *m);
void choice_menu_release(struct choice_menu *m);
void choice_menu_show(struct choice_menu *m, const struct ui_menu *menu);
void choice_menu_close(struct choice_menu *m);
void choice_menu_key(struct choice_menu *m, uint32_t key);
void choice_menu_draw(struct choice_menu *m, struct grid *g);

#endif
