/* pairs: lines of text, and the name=value pairs in them, as INFO and CLIENT LIST write them. Nothing is
 * copied; what is lent points into the text. Part of schema. */
#ifndef REDAI_SCHEMA_PAIRS_H
#define REDAI_SCHEMA_PAIRS_H

#include <stdint.h>

#include "redai/base/span.h"

/* The next line without its end (LF or CR LF); *text is moved behind it. Empty at the end of the text. */
struct span pairs_line(struct span *text);
/* Of "keys=12,expires=3": one pair, and *rest is moved behind it. A word without "=" is a name with an empty
 * value. False at the end. */
bool pairs_next(struct span *rest, char separator, struct span *ret_name, struct span *ret_value);

/* Of a pair's value: a number from 0 to NUM_SAID_MOST goes to where the name's row says. */
struct pairs_number {
    const char *name;
    size_t offset; /* of an int64_t */
};
/* Whether the name has a row. What is no such number leaves its place alone. */
bool pairs_number(const struct pairs_number *rows, size_t count, struct span name, struct span value,
                  void *base);

#endif
