/* session_words: how a session stands against its user's index, and how long ago something was, in the words
 * that the panes and pages of sessions share. */
#ifndef VIEW_SESSION_WORDS_H
#define VIEW_SESSION_WORDS_H

#include "column.h"

/* "listed", "orphan", "nobody", "?". */
const char *session_listing_word(enum session_listing listing);
/* Seconds since a wall time; NAN when it is not known. A clock that runs ahead of ours gives 0. */
double session_since(const struct look *look, int64_t wall_us);
void session_since_write(const struct look *look, int64_t wall_us, struct field *out);

#endif
