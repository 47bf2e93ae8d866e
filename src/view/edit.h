/* edit: one line of text that is being typed: the command prompt, the filter, the fields of a form. Knows the
 * usual keys: arrows, Home/End, C-a C-e C-b C-f, C-u C-w C-k, Backspace, Delete. Nothing here acts. */
#ifndef VIEW_EDIT_H
#define VIEW_EDIT_H

#include "redai/base/container.h"

#include "redai/view/grid.h"

enum { EDIT_BYTES_MAX = 4096 };

struct edit {
    UT_string text;
    size_t at; /* the cursor, in bytes; always between two letters */
};

void edit_init(struct edit *e);
void edit_release(struct edit *e);
void edit_set(struct edit *e, const char *text); /* cursor at the end */
/* For what is secret: it is never moved while it grows, and edit_wipe leaves nothing of it in memory. */
void edit_keep_room(struct edit *e);
void edit_wipe(struct edit *e);
const char *edit_text(const struct edit *e);
/* True when the key was one of editing (also when there was nothing to do). */
bool edit_key(struct edit *e, uint32_t key);
/* Puts text in at the cursor; control and other hostile characters are left out, line ends become blanks. */
void edit_insert(struct edit *e, struct span text);
/* Replaces the bytes [from, cursor). */
void edit_replace(struct edit *e, size_t from, const char *text);
/* Draws it into cols columns and puts the grid's cursor there; scrolls sideways when it is longer. */
void edit_draw(const struct edit *e, struct grid *g, int x, int y, int cols, enum role role, bool cursor);

#endif
