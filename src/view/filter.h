/* filter: which rows of a table are shown. Terms are separated by blanks and must all fit; "!" in front turns
 * one round.
 *   admin             rows with these letters in any column of words, case aside
 *   state:failed      in the column of that title only ("name" is the task's, "exception" the why)
 *   name:generate*    * is any letters, ? is one: from the beginning of a word to the end of the text
 *   state=failed      the whole text, or the number
 *   age>5m size<=2k   compares the column's number or time; also as age:>5m
 *   worker:"a b"      a value with blanks; \" and \\ within
 */
#ifndef VIEW_FILTER_H
#define VIEW_FILTER_H

#include "rows.h"

enum { FILTER_TERMS_MAX = 8, FILTER_TEXT_MAX = 200 };

enum filter_kind {
    FILTER_CONTAINS,
    FILTER_GLOB,
    FILTER_IS, /* the whole text */
    FILTER_LESS,
    FILTER_LESS_OR_SAME,
    FILTER_MORE,
    FILTER_MORE_OR_SAME,
    FILTER_SAME, /* the number; a text column: as FILTER_IS */
};

struct filter_term {
    int column; /* -1: all that match */
    bool inverted;
    enum filter_kind kind;
    double number;
    uint16_t from, len; /* the value, in the filter's */
    unsigned kinds;     /* behind the curtain: bits of enum veil_kind, pseudonyms that may hold the value */
};

struct filter {
    char text[FILTER_TEXT_MAX];  /* as typed; "" shows all */
    char value[FILTER_TEXT_MAX]; /* values without their quotes */
    size_t used;                 /* of value */
    size_t count;
    struct filter_term term[FILTER_TERMS_MAX];
};

/* Of the text, the words that mean the same in both tables: plain ones, and those of a column of words that
 * both have; they are written to out. Returns the first that does not (points into text); empty: all do. */
struct span filter_keep(const char *text, const struct column *from, size_t from_columns,
                        const struct column *to, size_t to_columns, char out[FILTER_TEXT_MAX]);
/* Reads the text against a table's columns; a word that is no field and value is a plain one. Never fails. */
void filter_set(struct filter *f, const char *text, const struct column *column, size_t columns);
/* The first word that looks like a field and a value and names no column; empty when there is none. Points
 * into text. */
struct span filter_unknown(const char *text, const struct column *column, size_t columns);
/* The first word that compares (age>5m) with what is no number; empty when there is none. Points into text.
 */
struct span filter_numberless(const char *text, const struct column *column, size_t columns);
/* The first word that narrows less than it seems to: a field without a value, or one more than a filter
 * holds; empty when there is none. Points into text. */
struct span filter_loose(const char *text);
/* The first word that looks for what the column of these words never holds (state:bogus); empty when there is
 * none. Points into text. */
struct span filter_impossible(const char *text, const struct column *column, size_t columns,
                              const struct column_words *words);
/* Writes why such a word is refused: "state:bogus fits no row ever, state is one of waiting, running". */
void filter_impossible_why(struct span word, const struct column_words *words, char *out, size_t size);
static inline bool filter_is_set(const struct filter *f)
{
    return f->count > 0;
}

/* What a column of shared texts was found to be, for one walk over the rows: a dozen names in a hundred
 * thousand rows are looked at a dozen times. Zero at first; nothing may change in the meantime. */
struct filter_seen {
    struct {
        const char *text; /* NULL: empty */
        uint8_t term, column;
        bool fits;
    } slot[64];
};

/* Has the texts fetched that filter_fits will look at, for a row that is its turn soon. */
void filter_fetch(const struct filter *f, const struct rows *rows, const void *row);
bool filter_fits(const struct filter *f, const struct rows *rows, const void *row, struct filter_seen *seen);

#endif
