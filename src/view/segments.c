#include "segments.h"

#include "spark.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "redai/base/utf8.h"

enum form { FORM_GONE, FORM_BRIEF, FORM_FULL };

void segments_clear(struct segments *s)
{
    s->count = 0;
}

struct segment *segments_add(struct segments *s, int priority, enum role role, const char *label,
                             const char *format, ...)
{
    if (s->count < SEGMENTS_MAX) {
        s->count++;
    }
    struct segment *piece = &s->at[s->count - 1];
    memset(piece, 0, sizeof *piece);
    piece->priority = priority;
    piece->role = role;
    snprintf(piece->label, sizeof piece->label, "%s", label);
    va_list args;
    va_start(args, format);
    vsnprintf(piece->text, sizeof piece->text, format, args);
    va_end(args);
    return piece;
}

void segment_brief(struct segment *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->brief, sizeof s->brief, format, args);
    va_end(args);
}

void segment_spark(struct segment *s, const struct series *series, size_t cols, int seconds, double max)
{
    s->sparks = spark_columns(series, s->spark, cols < SEGMENT_SPARK_MAX ? cols : SEGMENT_SPARK_MAX, seconds);
    s->spark_max = max;
}

static int columns_of(const struct segment *s, enum form form)
{
    if (form == FORM_GONE) {
        return 0;
    }
    if (form == FORM_BRIEF && s->brief[0]) {
        size_t sparks = s->brief_sparks < s->sparks ? s->brief_sparks : s->sparks;
        return utf8_text_width(span_of(s->brief)) + (s->brief_bar ? s->brief_bar + 1 : 0) +
               (sparks ? (int)sparks + 1 : 0);
    }
    int label = s->label[0] ? utf8_text_width(span_of(s->label)) + 1 : 0;
    int bar = s->bar_cols ? s->bar_cols + 1 : 0;
    int spark = s->sparks ? (int)s->sparks + 1 : 0;
    return label + utf8_text_width(span_of(s->text)) + bar + spark;
}

static int columns_of_all(const struct segments *s, const enum form *form, int gap)
{
    int sum = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (form[i] != FORM_GONE) {
            sum += columns_of(&s->at[i], form[i]) + (sum ? gap : 0);
        }
    }
    return sum;
}

/* Lets each piece of these priorities take the form, the most vital first, as long as the line still fits. */
static void grow(const struct segments *s, enum form *form, enum form wish, int vital, int gap, int cols)
{
    bool done[SEGMENTS_MAX] = {false};
    for (size_t turn = 0; turn < s->count; turn++) {
        size_t best = s->count;
        for (size_t i = 0; i < s->count; i++) {
            if (!done[i] && (best == s->count || s->at[i].priority < s->at[best].priority)) {
                best = i;
            }
        }
        done[best] = true;
        enum form before = form[best];
        if ((wish == FORM_FULL && before == FORM_GONE) || before >= wish || s->at[best].priority > vital) {
            continue;
        }
        form[best] = wish;
        if (columns_of_all(s, form, gap) > cols && (turn > 0 || before != FORM_GONE)) {
            form[best] = before;
        }
    }
}

/* The bar and the newest values of the sparkline behind a text; returns the columns used. */
static int draw_figures(const struct segment *s, int bar, size_t sparks, struct grid *g, int x, int y,
                        int cols)
{
    int used = 0;
    if (bar && 1 + bar <= cols) {
        grid_bar(g, x + 1, y, bar, s->part, s->role, ROLE_BAR_EMPTY);
        used += 1 + bar;
    }
    sparks = sparks < s->sparks ? sparks : s->sparks;
    if (sparks && used + 1 + (int)sparks <= cols) {
        grid_spark(g, x + used + 1, y, (int)sparks, s->spark + (s->sparks - sparks), sparks, s->spark_max,
                   ROLE_SPARK);
        used += 1 + (int)sparks;
    }
    return used;
}

static int draw_one(const struct segment *s, enum form form, struct grid *g, int x, int y, int cols,
                    const struct segments_style *style)
{
    int used = 0;
    if (form == FORM_BRIEF && s->brief[0]) {
        used = grid_text(g, x, y, cols, span_of(s->brief), s->role);
        return used + draw_figures(s, s->brief_bar, s->brief_sparks, g, x + used, y, cols - used);
    }
    if (s->label[0]) {
        used += grid_text(g, x, y, cols, span_of(s->label), style->label_role);
        used += grid_text(g, x + used, y, cols - used, S(" "), style->label_role);
    }
    used += grid_text(g, x + used, y, cols - used, span_of(s->text), s->role);
    return used + draw_figures(s, s->bar_cols, s->sparks, g, x + used, y, cols - used);
}

int segments_least(const struct segments *s, int priority, const struct segments_style *style)
{
    int sum = 0;
    int gap = utf8_text_width(span_of(style->gap));
    for (size_t i = 0; i < s->count; i++) {
        if (s->at[i].priority <= priority) {
            sum += columns_of(&s->at[i], FORM_BRIEF) + (sum ? gap : 0);
        }
    }
    return sum;
}

int segments_draw(const struct segments *s, struct grid *g, int x, int y, int cols,
                  const struct segments_style *style)
{
    enum form form[SEGMENTS_MAX] = {FORM_GONE};
    int gap = utf8_text_width(span_of(style->gap));
    int used = 0;
    grow(s, form, FORM_BRIEF, style->vital, gap, cols);
    grow(s, form, FORM_FULL, style->vital, gap, cols);
    for (size_t i = 0; i < s->count; i++) {
        if (form[i] == FORM_GONE) {
            grow(s, form, FORM_BRIEF, INT_MAX, gap, cols);
            break;
        }
    }
    grow(s, form, FORM_FULL, INT_MAX, gap, cols);
    for (size_t i = 0; i < s->count && used < cols; i++) {
        if (form[i] == FORM_GONE) {
            continue;
        }
        if (used) {
            used += grid_text(g, x + used, y, cols - used, span_of(style->gap), style->gap_role);
        }
        used += draw_one(&s->at[i], form[i], g, x + used, y, cols - used, style);
    }
    return used;
}
