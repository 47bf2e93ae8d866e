/* box: the frame that questions, forms and menus are drawn in: centred, never larger than the screen. */
#ifndef VIEW_BOX_H
#define VIEW_BOX_H

#include "redai/view/grid.h"

/* Clears and frames a box for contents of w columns and h rows with a title; the rectangle for the contents
 * may be smaller than asked, down to nothing. */
struct rect box_draw(struct grid *g, const char *title, int w, int h, enum role frame);

#endif
