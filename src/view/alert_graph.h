/* alert_graph: an alert's value over the last while, with its limit and the instant it crossed. */
#ifndef VIEW_ALERT_GRAPH_H
#define VIEW_ALERT_GRAPH_H

#include "look.h"

#include "redai/view/grid.h"

/* Draws it into the top of r; returns how many rows it took (0: there is no room for it). */
int alert_graph_draw(const struct look *look, const struct alert *a, struct grid *g, struct rect r);

#endif
