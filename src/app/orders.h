/* orders: from words, forms or the selection to an order, and its plan, question and receipts. ctx of every
 * callback is struct console *. Private to app. */
#ifndef REDAI_APP_ORDERS_H
#define REDAI_APP_ORDERS_H

#include "console.h"

/* orders.c */
void orders_callbacks(struct console *c, struct runner_options *callbacks);
bool orders_run(struct console *c, const struct words *w, struct err *err); /* a whole command line */
/* Takes what o holds, also after false. */
bool orders_give(struct console *c, struct order *o, struct err *err);
/* A form ends in the line that it stands for, so that form, prompt and shell share one way in. */
void orders_add_word(UT_string *line, const char *prefix, const char *text); /* a blank, then both, quoted */
bool orders_run_line(struct console *c, UT_string *line, struct err *err);

/* orders_select.c */
bool orders_revoke_selection(struct console *c, bool whole_user, struct err *err);
bool orders_invalidate_selection(struct console *c, struct err *err);

/* orders_enqueue.c */
bool orders_enqueue_menu(struct console *c, struct err *err);

#endif
