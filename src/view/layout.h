/* layout: where everything goes on a screen of any size. Wide and high enough: two columns of panes with the
 * alerts below. Otherwise one column; when that is too low the panes without focus become their titles, then
 * go; in the end one line is left. */
#ifndef VIEW_LAYOUT_H
#define VIEW_LAYOUT_H

#include "pane.h"

struct layout {
    bool strip, footer;
    int strip_y, footer_y;
    int message_y;    /* where messages and completions go: over the last line of the body; -1: nowhere */
    struct rect body; /* all that is neither strip nor footer */
    struct {
        bool shown, title_only;
        struct rect r;
    } pane[PANE_COUNT];
    int divider_x;       /* of the line between the two columns; -1 none */
    struct rect divider; /* its rows */
};

void layout_make(struct layout *l, int width, int height, enum pane_id focus, bool zoomed);
void layout_draw_lines(const struct layout *l, struct grid *g);

#endif
