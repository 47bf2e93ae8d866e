/* alert_words: how an alert is put into words, in the pane and in its detail. */
#ifndef VIEW_ALERT_WORDS_H
#define VIEW_ALERT_WORDS_H

#include "look.h"

#include "redai/view/grid.h"

/* "!!" critical, "!" warning, "i" info while it fires; "a" acknowledged, "m" muted, "." otherwise. */
const char *alert_mark(const struct alert *a);
const char *alert_state_word(enum alert_state state); /* at most 8 letters */
enum role alert_role(const struct alert *a);          /* of its mark and state */
/* "> 1.5G", "< 70%". */
const char *alert_limit(const struct rule *rule, char *out, size_t size);
/* What the rule's number is: as text_value, "+12%" of a change, "4/s" of a rate. */
const char *alert_value(const struct rule *rule, double value, char *out, size_t size);
/* "29m left", "until :unmute"; a time that is over: "". */
const char *alert_muted(const struct look *look, const struct alert *a, char *out, size_t size);

/* What is wrong; behind the curtain its object has a pseudonym. */
const char *alert_text(const struct look *look, const struct alert *a, char *out, size_t size);
/* What it is about; "" the server. */
const char *alert_object(const struct look *look, const struct alert *a, char out[VEIL_MAX]);

/* What helps next: the pane of the rule, or of what its metric is about; the command, "" none. */
const char *alert_pane(const struct rule *rule);
const char *alert_next(const struct look *look, const struct alert *a, char *out, size_t size);

/* Of a change of the log: its mark, value and words; behind the curtain words that name something, and what a
 * person wrote, are hidden. */
const char *alert_change_mark(const struct alert_change *c);
const char *alert_change_value(const struct alert_change *c, char *out, size_t size);
const char *alert_change_text(const struct look *look, const struct alert_change *c, char *out, size_t size);
/* The change a target is; NULL: it is none, or it is no longer kept. */
const struct alert_change *alert_change_of(const struct model *m, const struct target *t);

#endif
