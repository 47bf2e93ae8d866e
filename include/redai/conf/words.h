/* words: one line of the little command language, split. Used by config files, theme files, key
 * bindings and the ':' prompt alike.
 *
 *   set theme dark
 *   bind sessions x "revoke" "revoke the session"
 *   alert queue-deep when queue.depth > 500 for 30s clear 400 severity warning message "queue is deep"
 *
 * Words are separated by blanks; "..." keeps blanks and knows \" \\ \n \t \xHH; '...' is literal; '#' at the
 * start of a word begins a comment, but for a colour like #87afd7 that is not the first word: themes are full
 * of them. */
#ifndef REDAI_CONF_WORDS_H
#define REDAI_CONF_WORDS_H

#include "redai/base/container.h"
#include "redai/base/err.h"

struct words {
    UT_array word;    /* of char *, owned; read through words_at */
    const char *line; /* the whole line as given, borrowed for the call */
};

void words_init(struct words *w);
void words_release(struct words *w);
/* Splits the line; on false, err names the column and what is wrong (an open quote, a bad escape). */
bool words_parse(struct words *w, const char *line, struct err *err);
size_t words_count(const struct words *w);
const char *words_at(const struct words *w, size_t i); /* NULL behind the end */
/* The value of the first NAME=VALUE word at or after index from, or NULL. */
const char *words_value(const struct words *w, size_t from, const char *name);
/* Appends text to out so that words_parse gives it back as one word. */
void words_quote(const char *text, UT_string *out);

#endif
