/* err: why something failed, as a code and one clear line that names the thing. Functions with one
 * reason to fail return bool; with several they fill a struct err, which is left alone on success. */
#ifndef REDAI_BASE_ERR_H
#define REDAI_BASE_ERR_H

#include <stdbool.h>

/* code, text */
#define ERR_LIST(X)                                                                                          \
    X(ERR_NONE, "no error")                                                                                  \
    X(ERR_USAGE, "wrong usage")                                                                              \
    X(ERR_PARSE, "not understood")                                                                           \
    X(ERR_RANGE, "out of range")                                                                             \
    X(ERR_IO, "input or output failed")                                                                      \
    X(ERR_NETWORK, "connection failed")                                                                      \
    X(ERR_AUTH, "not allowed")                                                                               \
    X(ERR_REFUSED, "refused")                                                                                \
    X(ERR_NOT_FOUND, "not found")                                                                            \
    X(ERR_REPLY, "unexpected reply")                                                                         \
    X(ERR_UNKNOWN, "outcome unknown")                                                                        \
    X(ERR_INTERNAL, "internal error")

enum err_code {
#define ERR_ENUM(code, text) code,
    ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
        ERR_COUNT
};

struct err {
    enum err_code code;
    char text[320]; /* one line, lower case, no full stop, subject in quotes */
};

/* Fills err when it is not NULL; always returns false so that callers can `return err_set(...)`. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "prefix: " in front of the text. */
bool err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *err_code_text(enum err_code code);

#endif
