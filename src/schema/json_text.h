/* json_text: JSON written the way Python's json.dumps does, and JSON values as plain texts. jansson's own
 * dumper has other numbers (0.10000000000000001) and no limit. Private to the room. */
#ifndef REDAI_SCHEMA_JSON_TEXT_H
#define REDAI_SCHEMA_JSON_TEXT_H

#include <jansson.h>

#include "redai/base/container.h"

enum json_text_flags {
    JSON_TEXT_COMPACT = 0,
    JSON_TEXT_SPACED = 1 << 0, /* ", " and ": " as Python writes */
    JSON_TEXT_PRETTY = 1 << 1, /* a line for each member, two blanks deep */
    JSON_TEXT_ASCII = 1 << 2,  /* all else as \u escapes */
    JSON_TEXT_SAFE = 1 << 3    /* code points that must not reach a terminal as \u escapes */
};

/* Appends the value, at most max_bytes (0: all of it), cut between code points. False when it was cut. */
bool json_text_dump(json_t *value, unsigned flags, size_t max_bytes, UT_string *out);
/* Appends a JSON string; bytes that are no UTF-8 become U+FFFD. */
void json_text_quote(struct span text, unsigned flags, UT_string *out);
/* Appends the shortest decimal that reads back the same, in the form of Python's repr. Finite numbers only.
 */
void json_text_real(double value, UT_string *out);
/* Appends a naive UTC time in quotes, as datetime.utcnow().isoformat() has it: no offset, no fraction of
 * zero. */
void json_text_naive_time(int64_t wall_us, UT_string *out);

#define JSON_TEXT_CUT "..."
/* A heap string: of a string its own text (NUL shown as \u0000), of anything else compact JSON; at most
 * max_bytes, a cut one ending in "...". NULL for NULL and null. */
char *json_text_dup(json_t *value, size_t max_bytes);
/* The same, but a string stays JSON too, and null is "null". */
char *json_text_compact_dup(json_t *value, size_t max_bytes);
/* Shortens a text to max_bytes with "..." at its end, between code points. */
void json_text_limit(UT_string *text, size_t max_bytes);
/* The longest head of s that has at most max_bytes and does not split a code point. */
struct span json_text_head(struct span s, size_t max_bytes);

/* A whole number (also a real without fraction); missing when it is none or negative. */
int64_t json_text_count(json_t *value, int64_t missing);

#endif
