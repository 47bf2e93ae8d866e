/* column: one column of a pane's table as a table row: how it is titled, how wide it may be, how it sorts,
 * what it writes, and what the help says. Header, sorting, filtering, help and docs all read the same row. */
#ifndef VIEW_COLUMN_H
#define VIEW_COLUMN_H

#include "look.h"

#include "redai/view/grid.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT };
enum field_figure { FIELD_TEXT, FIELD_BAR, FIELD_SPARK };
enum { FIELD_SPARK_MAX = 48, FIELD_BUFFER = 256 };

/* What one cell shows. */
struct field {
    struct span text; /* display; into buffer, the model or a literal */
    enum role role;
    enum field_figure figure;
    double part; /* FIELD_BAR: 0..1; NAN unknown. The text stands behind the bar. */
    enum role bar_role;
    double spark[FIELD_SPARK_MAX]; /* FIELD_SPARK: oldest first */
    size_t sparks;
    bool own; /* the text is in our own words: the curtain has nothing to hide in it */
    int cols; /* in: the columns there are (0: unknown, take the whole text) */
    char buffer[FIELD_BUFFER];
};

/* What a column sorts by: text when it is not NULL, otherwise the number; NAN is unknown and comes last. */
struct sort_key {
    double number;
    const char *text;
    char shown[VEIL_MAX]; /* where the text is when the curtain is drawn */
};

enum column_flag {
    COLUMN_MATCH = 1,      /* the plain filter looks at it */
    COLUMN_GROWS = 2,      /* takes the columns that are left over, up to max */
    COLUMN_DESCENDING = 4, /* the largest first is what one wants to see */
    COLUMN_MARK = 8,       /* no title in the header: a column of marks */
    COLUMN_TREE = 32,      /* names the row: what stands under another is drawn as such here */
    COLUMN_PLAIN = 16,     /* the text it sorts by is what the filter looks at: nothing is written for it */
    COLUMN_SHARED = 64,    /* interned, or a constant: what stands at one address is one text, of many rows */
};

struct column {
    const char *title;
    int min, width, max; /* columns at least, as wished, at most when it grows */
    enum align align;
    int priority; /* 1 stays longest */
    unsigned flags;
    void (*write)(const struct look *look, const void *row, struct field *out);
    void (*key)(const struct look *look, const void *row, struct sort_key *out);
    const char *help;
    enum veil_kind veil; /* what its text is; a payload unless it is said */
};

/* A column that never holds anything but a few words. */
struct column_words {
    const char *title; /* the column's; NULL: there is no such column */
    const char *const *word;
    size_t count;
};

/* Fills a field. */
void field_text(struct field *f, enum role role, struct span text);
void field_printf(struct field *f, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Says that what was written is in our own words, whatever its column is. */
void field_own(struct field *f);
void field_unknown(struct field *f); /* "?" */
/* Eight letters tell ids apart; a wide column shows the whole id. */
void field_id(struct field *f, enum role role, struct span id);
void field_count(struct field *f, enum role role, int64_t count);
void field_bytes(struct field *f, enum role role, int64_t bytes);
void field_rate(struct field *f, enum role role, double per_s); /* calm when zero */
void field_coarse(struct field *f, enum role role, int64_t us); /* in one unit */
void field_duration(struct field *f, enum role role, int64_t us);
void field_bar(struct field *f, double part, enum role bar, enum role text_role, struct span text);
void field_spark(struct field *f, const struct series *series); /* 5 s a column */

/* Which columns fit into a width, and how wide each is: 0 is not shown. gap columns stand between two. */
void columns_fit(const struct column *column, size_t count, int width, int gap, int *ret_width);

enum { COLUMNS_MAX = 24 };

#endif
