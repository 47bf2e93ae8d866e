#include "growth.h"

#include "model_priv.h"

#define HALF_US (5 * US_PER_S)

void growth_init(struct growth_times *t)
{
    *t = (struct growth_times){.now_us = -1, .mid_us = -1, .base_us = -1, .pass = 1};
}

void growth_take(struct growth_times *t, struct growth *row, bool fresh, const int64_t value[GROWTH_VALUES])
{
    if (fresh) {
        memset(row, 0, sizeof *row);
    }
    for (size_t i = 0; i < GROWTH_VALUES; i++) {
        row->told[i] = model_count(value[i]);
        t->anew = t->anew || (row->told[i] >= 0 && row->told[i] < row->now[i]);
    }
}

enum growth_move growth_end(struct growth_times *t, int64_t now_us)
{
    enum growth_move how = GROWTH_GO_ON;
    if (t->anew || t->now_us < 0) {
        how = GROWTH_BEGIN;
        t->base_us = t->mid_us = now_us;
    } else if (now_us - t->mid_us >= HALF_US) {
        how = GROWTH_SHIFT;
        t->base_us = t->mid_us;
        t->mid_us = now_us;
    }
    t->now_us = now_us;
    t->anew = false;
    t->pass++;
    return how;
}

void growth_move(struct growth *row, enum growth_move how)
{
    memcpy(row->now, row->told, sizeof row->now);
    if (how == GROWTH_BEGIN) {
        memcpy(row->mid, row->now, sizeof row->mid);
        memcpy(row->base, row->now, sizeof row->base);
    } else if (how == GROWTH_SHIFT) {
        memcpy(row->base, row->mid, sizeof row->base);
        memcpy(row->mid, row->now, sizeof row->mid);
    }
}

int64_t growth_window_us(const struct growth_times *t)
{
    return t->now_us > t->base_us ? t->now_us - t->base_us : -1;
}

int64_t growth_of(const struct growth_times *t, const struct growth *row, size_t i)
{
    bool known = growth_window_us(t) > 0 && row->now[i] >= 0 && row->base[i] >= 0;
    return known ? row->now[i] - row->base[i] : -1;
}

double growth_rate(const struct growth_times *t, const struct growth *row, size_t i)
{
    int64_t growth = growth_of(t, row, i);
    return growth < 0 ? UNKNOWN_REAL : (double)growth * (double)US_PER_S / (double)growth_window_us(t);
}
