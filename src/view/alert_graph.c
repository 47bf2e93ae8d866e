#include "alert_graph.h"

#include "graph.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"

enum {
    ROWS = 4,     /* of the graph; the axis takes one more */
    LEAST_H = 14, /* of the page, or words would have no room */
    LABELS = 9,   /* columns left of it */
    WIDE = 2      /* columns a sample takes on a wide screen */
};

/* What the graph's height stands for. */
struct scale {
    double low, high;
};

static double in_scale(const struct scale *s, double value)
{
    return (value - s->low) / (s->high - s->low);
}

/* From 0, where that does not make a flat line of it; the limit is within unless it is far away. */
static struct scale scale_of(const double *sample, size_t count, double limit)
{
    struct scale s = {INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) {
        if (!isnan(sample[i])) {
            s.low = fmin(s.low, sample[i]);
            s.high = fmax(s.high, sample[i]);
        }
    }
    if (s.high < s.low) {
        s.low = s.high = limit;
    }
    double most = fmax(fabs(s.low), fabs(s.high));
    if (isfinite(limit) && (fabs(limit) <= 4 * most || most <= 0)) {
        s.low = fmin(s.low, limit);
        s.high = fmax(s.high, limit);
    }
    if (s.low >= 0 && s.low < 0.7 * s.high) {
        s.low = 0;
    } else {
        s.low -= (s.high - s.low) * 0.3;
    }
    if (!(s.high > s.low)) {
        s.high = s.low + 1;
    }
    return s;
}

/* The row of the limit: behind the columns, so that what is beyond it stands out of it. */
static void draw_limit(struct grid *g, struct rect r, double part)
{
    if (!(part >= 0 && part <= 1)) {
        return;
    }
    int row = r.y + r.h - 1 - (int)fmin(part * r.h, r.h - 1);
    for (int x = r.x; x < r.x + r.w; x++) {
        const struct cell *cell = grid_at(g, x, row);
        if (cell && cell->ch == ' ') {
            grid_put(g, x, row, g->ascii ? '-' : 0x2508, ROLE_DIM);
        }
    }
}

static void label(struct grid *g, int x, int y, double value, const char *unit)
{
    char text[TEXT_SMALL];
    text_value(value, unit, text, sizeof text);
    int len = (int)strlen(text);
    int cols = LABELS - 1;
    grid_text(g, x + (len < cols ? cols - len : 0), y, cols, span_of(text), ROLE_DIM);
}

/* Left of the graph: its ends, and the limit where that is neither. */
static void draw_labels(const struct alert *a, const struct scale *s, struct grid *g, struct rect r)
{
    const char *unit = rule_metrics[a->rule->metric].unit;
    double part = in_scale(s, a->rule->value);
    int row = r.h - 1 - (int)fmin(part * r.h, r.h - 1);
    label(g, r.x - LABELS, r.y, row == 0 && part >= 0 && part <= 1 ? a->rule->value : s->high, unit);
    label(g, r.x - LABELS, r.y + r.h - 1, row == r.h - 1 && part >= 0 ? a->rule->value : s->low, unit);
    if (part > 0 && part < 1 && row > 0 && row < r.h - 1) {
        label(g, r.x - LABELS, r.y + row, a->rule->value, unit);
    }
}

/* Below it: since when, where it crossed, now. */
static void draw_axis(const struct look *look, const struct alert *a, int64_t step_us, int wide,
                      struct grid *g, struct rect r)
{
    char text[TEXT_SMALL];
    char line[TEXT_SMALL + 16];
    int y = r.y + r.h;
    int64_t newest = look->now_us / step_us;
    snprintf(line, sizeof line, "%s ago", text_age(EVIDENCE_SAMPLES * step_us, text, sizeof text));
    int used = grid_text(g, r.x, y, r.w, span_of(line), ROLE_DIM);
    grid_text(g, r.x + r.w - 3, y, 3, S("now"), ROLE_DIM);
    int64_t back = a->crossed_us >= 0 ? newest - a->crossed_us / step_us : EVIDENCE_SAMPLES;
    if (back < 0 || back >= EVIDENCE_SAMPLES) {
        return;
    }
    int x = r.x + r.w - wide * ((int)back + 1);
    const char *word = "crossed ";
    int words = (int)strlen(word);
    if (x - words > r.x + used + 1 && x < r.x + r.w - 4) {
        grid_text(g, x - words, y, words, span_of(word), ROLE_DIM);
    }
    grid_put(g, x, y, '^', ROLE_WARNING);
}

int alert_graph_draw(const struct look *look, const struct alert *a, struct grid *g, struct rect r)
{
    double sample[EVIDENCE_SAMPLES];
    double column[EVIDENCE_SAMPLES * WIDE];
    int64_t step_us;
    int wide = r.w >= EVIDENCE_SAMPLES * WIDE + LABELS + 4 ? WIDE : 1;
    struct rect area = {r.x + 2 + LABELS, r.y, wide * EVIDENCE_SAMPLES, ROWS};
    if (r.h < LEAST_H || r.w < area.w + LABELS + 3) {
        return 0;
    }
    model_alert_graph(look->m, a, sample, &step_us);
    struct scale s = scale_of(sample, EVIDENCE_SAMPLES, a->rule->value);
    for (int i = 0; i < area.w; i++) {
        column[i] = in_scale(&s, sample[i / wide]);
    }
    graph_draw(g, area, column, (size_t)area.w, 1, ROLE_SPARK);
    draw_limit(g, area, in_scale(&s, a->rule->value));
    draw_labels(a, &s, g, area);
    draw_axis(look, a, step_us, wide, g, area);
    return ROWS + 2;
}
