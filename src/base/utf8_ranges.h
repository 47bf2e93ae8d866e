/* utf8_ranges: what utf8 knows by heart about code points, so that it judges the same in every locale. Taken
 * from Unicode 14; unassigned code points between two ranges of a kind count with them. Sorted. */
#ifndef REDAI_SRC_BASE_UTF8_RANGES_H
#define REDAI_SRC_BASE_UTF8_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct utf8_range {
    uint32_t first;
    uint32_t last; /* belongs to it */
};

struct utf8_ranges {
    const struct utf8_range *at;
    size_t count;
};

/* Controls, marks that combine (M*), format characters (Cf), separators of lines and paragraphs, blanks that
 * pretend to be letters, surrogates, noncharacters, variation selectors and tags. */
extern const struct utf8_ranges utf8_hostile_ranges;
/* East Asian wide and full width, and emoji shown as pictures. */
extern const struct utf8_ranges utf8_wide_ranges;

bool utf8_ranges_hold(const struct utf8_ranges *ranges, uint32_t cp);

#endif
