/* filter: which rows of a table are shown. A text is looked for in the columns of words, case aside;
 * "role:admin" looks in the column of that title only, "waiting:>100" compares its number, a leading "!"
 * turns it round. Several words separated by blanks must all fit. */
#ifndef VIEW_FILTER_H
#define VIEW_FILTER_H

#include "rows.h"

enum { FILTER_TERMS_MAX = 8, FILTER_TEXT_MAX = 200 };

struct filter_term {
    int column; /* -1: all that match */
    bool inverted;
    char compare; /* 0 text, '<', '>' */
    double number;
    struct span needle; /* into text */
};

/* Terms point into text: a filter is not to be copied. */
struct filter {
    char text[FILTER_TEXT_MAX]; /* as typed; "" shows all */
    size_t count;
    struct filter_term term[FILTER_TERMS_MAX];
};

/* Reads the text against a table's columns; a word that is no field:value is a plain one. Never fails. */
void filter_set(struct filter *f, const char *text, const struct column *column, size_t columns);
static inline bool filter_is_set(const struct filter *f)
{
    return f->count > 0;
}

bool filter_fits(const struct filter *f, const struct rows *rows, const void *row);

#endif
