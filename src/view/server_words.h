/* server_words: the server's numbers as people read them, the same in its pane, on its pages and in titles.
 */
#ifndef VIEW_SERVER_WORDS_H
#define VIEW_SERVER_WORDS_H

#include "column.h"

/* A column of a number of the row: what it sorts by, and the words that write it to `out`. */
#define NUMBER_COLUMN(name, sorts_by, writes)                                                                \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        (void)look;                                                                                          \
        writes;                                                                                              \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->number = (sorts_by);                                                                            \
    }

/* A vital's value in its unit; NAN: "?". Returns out. */
const char *vital_text(const struct vital *v, double value, char *out, size_t size);
enum role vital_role(enum vital_tone tone);
const char *vital_mark(enum vital_tone tone); /* "!!", "!", "" */
/* The trend of a row: what is a rate or a share stands on 0, what is a level on the lowest there was, so that
 * a slow growth is seen; what does not move is a flat line. */
void vital_spark(const struct vital *v, struct field *out);

/* Microseconds: "8.1us", "850us", "12.5ms", "3.2s"; NAN and what is below 0: "?". */
const char *server_us(double us, char *out, size_t size);
/* A shape of commands behind the curtain: the command's name stays, and of the keys what stays of a key. */
const char *shape_text(const struct look *look, const char *shape, char *out, size_t size);

/* Why the slow log is short or empty: its threshold, whether it is off. */
void slow_threshold(const struct look *look, char *out, size_t size);

#endif
