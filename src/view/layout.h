/* layout: where everything goes on a screen of any size. Wide and high enough: pairs of panes with the alerts
 * below. Where only two pairs have room the second one is queues and batches or tasks and workers, whichever
 * was in focus last; the server in focus takes the room of both, the alerts aside. Otherwise one column; when
 * that is too low the panes without focus become their titles, then go; in the end one line is left. */
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
    int cross[2], crosses; /* rows where a pair's titles cross the line */
    int divider_x;         /* of the line between the two columns; -1 none */
    struct rect divider;   /* its rows */
    struct rect beside;    /* the line between the alerts and the server beside them; no rows: none */
};

struct layout_wish {
    enum pane_id focus;
    bool zoomed;
    bool celery; /* tasks and workers rather than queues and batches where one pair has room */
    bool
        server; /* the server takes the place of the lower pairs, or of all where there is one of them only */
};

void layout_make(struct layout *l, int width, int height, const struct layout_wish *wish);
void layout_draw_lines(const struct layout *l, struct grid *g);

#endif
