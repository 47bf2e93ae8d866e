/* json_out: writing JSON. The result is one line, pure enough for any reader: hostile code points are
 * escaped, bytes that are no UTF-8 become U+FFFD. The writer keeps commas right; nesting is the caller's. */
#ifndef REDAI_BASE_JSON_OUT_H
#define REDAI_BASE_JSON_OUT_H

#include <stdint.h>

#include "redai/base/container.h"

/* jansson has functions of these names: the linker must tell ours apart. */
#define json_real json_out_real
#define json_null json_out_null

/* Appends a text as a JSON string, with quotes. */
void json_quote(struct span text, UT_string *out);

/* Each appends a comma first when one is due; name is NULL within arrays. Unknown numbers (INT64_MIN or below
 * min, NAN, infinite) become null. */
void json_open(UT_string *out, const char *name, char bracket);     /* '{' or '[' */
void json_close(UT_string *out, char bracket);                      /* '}' or ']' */
void json_text(UT_string *out, const char *name, const char *text); /* NULL: null */
void json_int(UT_string *out, const char *name, int64_t value, int64_t min);
void json_real(UT_string *out, const char *name, double value, int decimals);
void json_bool(UT_string *out, const char *name, bool value);
void json_null(UT_string *out, const char *name);

#endif
