/* texts: small pieces of wording that several panes share, so that an age or a share reads the same
 * everywhere. Each writes at most size bytes with a NUL and returns out. */
#ifndef VIEW_TEXTS_H
#define VIEW_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "redai/base/container.h"

enum { TEXT_SMALL = 48 };

/* An age in a title: "3 s", "3m04s"; negative: "?". */
const char *text_age(int64_t us, char *out, size_t size);
/* The age of data that is read every second: below 2 s it is "1 s", so that it does not flicker. */
const char *text_data_age(int64_t us, char *out, size_t size);
/* The same in one unit, for tables: "10s", "4m", "23h", "3d": it keeps still, and a detail tells it exactly.
 */
const char *text_coarse(int64_t us, char *out, size_t size);
/* What is left of a span of time: like text_age, "now" when it has passed. */
const char *text_left(int64_t us, char *out, size_t size);
/* A whole percentage of part (0..1): "83%"; NAN: "?". "100%" is said of all and "0%" of nothing only. */
const char *text_share(double part, char *out, size_t size);
/* "1 worker", "3 workers". */
const char *text_plural(int64_t n, const char *one, const char *many, char *out, size_t size);
/* "02:14:05 UTC" of a wall time; negative: "?". */
const char *text_clock(int64_t wall_us, char *out, size_t size);
/* "2026-11-23 09:33:22 UTC"; negative: "?". */
const char *text_instant(int64_t wall_us, char *out, size_t size);
/* A number with one digit behind the point when it is small, units of bytes and percents as people read them.
 * unit is a rule metric's. NAN: "?". */
const char *text_value(double value, const char *unit, char *out, size_t size);
/* True when needle (UTF-8, lower or upper case) is within text; ASCII letters compare without case. An empty
 * needle is within everything. */
bool text_contains(struct span text, struct span needle);
/* Order of two display texts: ASCII letters without case, runs of digits as numbers ("9" before "10"). */
int text_order(const char *a, const char *b);
/* Bytes of text that fit into cols columns: to the last blank when that is not too far back; at least one
 * letter. */
size_t text_wrap(struct span text, int cols);
/* Copies as much of s as fits, never half a letter; always ends in NUL. */
void text_copy(char *out, size_t size, struct span s);
/* The same of what may quote a person's words: passwords and session ids as stars (secret.h). */
void text_quote(char *out, size_t size, const char *text);

#endif
