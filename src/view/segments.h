/* segments: a line of pieces of unequal weight: the health strip, a pane's title, the footer. When the line
 * is too narrow pieces first take their brief form and then go, the least vital first. */
#ifndef VIEW_SEGMENTS_H
#define VIEW_SEGMENTS_H

#include "redai/model/series.h"

#include "redai/view/grid.h"

enum { SEGMENTS_MAX = 32, SEGMENT_SPARK_MAX = 16 };

struct segment {
    char label[24]; /* drawn before the text in the label's role; "" none */
    char text[240];
    char brief[96]; /* instead of label and text when there is no room; "" the same */
    int priority;   /* 0 is the most vital; larger ones go first */
    enum role role;
    int bar_cols,
        brief_bar;       /* columns of a bar behind the text, in the full and in the brief form; 0: none */
    double part;         /* of the bar */
    size_t sparks;       /* values of a sparkline behind the text in the full form */
    size_t brief_sparks; /* how many of the newest stand behind the brief form */
    double spark[SEGMENT_SPARK_MAX];
    double spark_max; /* of the scale; 0: the largest */
};

struct segments {
    size_t count;
    struct segment at[SEGMENTS_MAX];
};

void segments_clear(struct segments *s);
/* Adds a piece and returns it for the rest of its members; past the end the last one is used again. */
struct segment *segments_add(struct segments *s, int priority, enum role role, const char *label,
                             const char *format, ...) __attribute__((format(printf, 5, 6)));
void segment_brief(struct segment *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A series as a sparkline of at most cols columns of so many seconds each. */
void segment_spark(struct segment *s, const struct series *series, size_t cols, int seconds, double max);

struct segments_style {
    const char *gap; /* between pieces */
    enum role gap_role, label_role;
    int vital; /* pieces up to this priority take their full form before others are shown at all */
};
/* Columns that the pieces up to a priority take at least. */
int segments_least(const struct segments *s, int priority, const struct segments_style *style);
/* Draws what fits into cols columns from (x, y); returns the columns used. */
int segments_draw(const struct segments *s, struct grid *g, int x, int y, int cols,
                  const struct segments_style *style);

#endif
