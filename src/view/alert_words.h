/* alert_words: how an alert is put into words, in the pane and in its detail. */
#ifndef VIEW_ALERT_WORDS_H
#define VIEW_ALERT_WORDS_H

#include "look.h"

/* "!!" critical, "!" warning, "i" info while it fires; "a" acknowledged, "." otherwise. */
const char *alert_mark(const struct alert *a);
const char *alert_state_word(enum alert_state state); /* at most 8 letters */
/* "> 1.5G", "< 70%". */
const char *alert_limit(const struct rule *rule, char *out, size_t size);

/* What is wrong; behind the curtain its object has a pseudonym. */
const char *alert_text(const struct look *look, const struct alert *a, char *out, size_t size);

#endif
