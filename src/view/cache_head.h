/* cache_head: what stands above the families: how well the cache does, whose look-ups are in that figure, and
 * the trace that runs or was. */
#ifndef VIEW_CACHE_HEAD_H
#define VIEW_CACHE_HEAD_H

#include "pane.h"

void cache_head(const struct look *look, struct pane_head *out);
/* For the title of the pane: that a trace runs, or how old the last one is. */
void cache_head_title(const struct look *look, struct segments *out);
/* Percent of the reads of the last trace that found their key; NAN unknown. */
double cache_head_hits(const struct family *f);

#endif
