/* graph: a filled curve several rows high, the newest value on the right; gaps where a value is not known. */
#ifndef VIEW_GRAPH_H
#define VIEW_GRAPH_H

#include "redai/view/grid.h"

void graph_draw(struct grid *g, struct rect r, const double *value, size_t count, double max, enum role role);

#endif
