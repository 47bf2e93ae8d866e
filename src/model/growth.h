/* growth: counters of the server that come as a list (INFO commandstats, errorstats): how much each grew in a
 * window of the last readings. The window is five to ten seconds when the list is read often, and reaches
 * back to the reading before when it is not. Counters that begin again end it: no growth is made up. */
#ifndef MODEL_GROWTH_H
#define MODEL_GROWTH_H

#include "server_priv.h"

void growth_init(struct growth_times *t);
/* A row of the reading under way. fresh: it was not in the reading before, so it counted from 0 since. */
void growth_take(struct growth_times *t, struct growth *row, bool fresh, const int64_t value[GROWTH_VALUES]);
/* The reading is whole; then growth_move for each of its rows, with what this returned. A row of the reading
 * before that is not in this one sets t->anew ahead of it. */
enum growth_move { GROWTH_GO_ON, GROWTH_SHIFT, GROWTH_BEGIN };
enum growth_move growth_end(struct growth_times *t, int64_t now_us);
void growth_move(struct growth *row, enum growth_move how);
int64_t growth_window_us(const struct growth_times *t); /* -1: there is none */
/* In the window; -1 unknown. */
int64_t growth_of(const struct growth_times *t, const struct growth *row, size_t i);
/* The same a second; NAN. */
double growth_rate(const struct growth_times *t, const struct growth *row, size_t i);

#endif
