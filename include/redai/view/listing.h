/* listing: a pane's table as text, for the shell: the same columns, filter and order as on the screen. */
#ifndef REDAI_VIEW_LISTING_H
#define REDAI_VIEW_LISTING_H

#include "redai/model/model.h"

/* Columns of a listing when nobody says how wide it may be: all of them. */
#define LISTING_ALL 0

/* Appends header and rows as lines of plain text, at most width columns wide, less vital columns left out.
 * The rows that fit the filter (NULL or "": all) stand in the pane's own order. Nothing is appended when
 * there are none. err: a pane there is not (ERR_USAGE), a field of the filter there is not: it names the
 * word. */
bool listing_text(const struct model *m, const char *pane, const char *filter, int width, UT_string *out,
                  struct err *err);
/* Hands over each row in that order: struct task, worker, queue, batch, session, family, alert, as the pane
 * has them. */
bool listing_each(const struct model *m, const char *pane, const char *filter,
                  void (*each)(void *ctx, const void *row), void *ctx, struct err *err);
/* The same rows in no order, all of them however many there are, for something that is done to them. pane may
 * also be a face: "sessions by user" hands over struct user_view. A filter that would narrow less than it
 * seems to (a field without a value, more words than a filter takes) is an error (ERR_USAGE) then. */
bool listing_fit(const struct model *m, const char *pane, const char *filter,
                 void (*each)(void *ctx, const void *row), void *ctx, struct err *err);

#endif
