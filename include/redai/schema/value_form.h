/* value_form: what a stored value is by its bytes, so that it can be shown as such. Nothing is unpacked or
 * unpickled: such values are named. Pure. */
#ifndef REDAI_SCHEMA_VALUE_FORM_H
#define REDAI_SCHEMA_VALUE_FORM_H

#include <stdint.h>

#include "redai/base/container.h"

#define VALUE_FORM_LIST(X)                                                                                   \
    X(EMPTY, "empty")                                                                                        \
    X(JSON, "JSON")                                                                                          \
    X(JSON_CUT, "JSON that ends too early")                                                                  \
    X(TEXT, "text")                                                                                          \
    X(HYPERLOGLOG, "HyperLogLog")                                                                            \
    X(PICKLE, "a Python pickle: it is not opened, that could run code")                                      \
    X(ZLIB, "compressed (zlib): it is not unpacked")                                                         \
    X(GZIP, "compressed (gzip): it is not unpacked")                                                         \
    X(ZSTD, "compressed (zstd): it is not unpacked")                                                         \
    X(LZ4, "compressed (lz4): it is not unpacked")                                                           \
    X(BZIP2, "compressed (bzip2): it is not unpacked")                                                       \
    X(XZ, "compressed (xz): it is not unpacked")                                                             \
    X(BINARY, "binary")
enum value_form {
#define VALUE_FORM_ENUM(id, name) VALUE_##id,
    VALUE_FORM_LIST(VALUE_FORM_ENUM)
#undef VALUE_FORM_ENUM
        VALUE_FORM_COUNT
};
extern const char *const value_form_name[VALUE_FORM_COUNT];

/* whole: these are all its bytes, not only its first ones (then JSON may end anywhere). */
enum value_form value_form(struct span bytes, bool whole);

/* A HyperLogLog's count as it was last computed, from its header; -1: it has changed since (PFCOUNT would
 * compute it, and write), or the bytes are none. */
int64_t value_form_cardinality(struct span bytes);

/* One line of a hex dump of at most 16 bytes: "00000010  48 59 4c ...  HYL...". */
void value_form_hex(struct span bytes, size_t offset, UT_string *out);
enum { VALUE_FORM_HEX_BYTES = 16 };

#endif
