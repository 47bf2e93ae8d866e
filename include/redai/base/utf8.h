/* utf8: decoding, display width, and the one sanitiser that stands between foreign bytes and the
 * screen. Widths are columns as the terminal shows them (wcwidth of a UTF-8 locale). */
#ifndef REDAI_BASE_UTF8_H
#define REDAI_BASE_UTF8_H

#include <stdint.h>

#include "redai/base/container.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* Decodes one code point at the front of s; returns bytes used (1..4), or 0 when s is empty. Malformed
 * input (over-long, surrogate, cut) gives *cp = UTF8_INVALID | byte and uses one byte. */
#define UTF8_INVALID 0x80000000u
size_t utf8_decode(struct span s, uint32_t *cp);
/* Encodes into out (at least 4 bytes); returns bytes written. */
size_t utf8_encode(uint32_t cp, char *out);

/* Columns of one code point: 0, 1 or 2. Never negative: what has no width of its own counts 1. */
int utf8_width(uint32_t cp);
/* Columns of a (sanitised) text. */
int utf8_text_width(struct span s);

/* True for what must not reach a terminal as it is: C0, DEL, C1, bidi controls, zero-width and other
 * format characters, line/paragraph separators, combining marks, surrogates, unassigned specials. */
bool utf8_is_hostile(uint32_t cp);

/* Appends a display copy: hostile code points and invalid bytes become visible marks (^[ ^? \x9b \xff
 * \u202e), at most max_cols columns are written; a text that was cut ends in "~" (within max_cols).
 * max_cols 0 means no limit. The copy is valid UTF-8 without control characters. */
void utf8_sanitise(struct span raw, int max_cols, UT_string *out);
/* The same into a heap string; the caller frees it with mem_free. */
char *utf8_sanitise_dup(struct span raw, int max_cols);

#endif
