/* order_parse: what the grammars of the verbs share. Private to action. */
#ifndef REDAI_ACTION_ORDER_PARSE_H
#define REDAI_ACTION_ORDER_PARSE_H

#include "redai/action/order.h"

/* Quotes a foreign word in an error. False. */
bool order_complain(struct err *err, const char *word, const char *what);
bool order_is_option(const char *word);

bool order_parse_revoke(struct order *o, const struct words *w, struct err *err);
bool order_parse_invalidate(struct order *o, const struct words *w, struct err *err);
bool order_parse_notifications(struct order *o, const struct words *w, struct err *err);
bool order_parse_enqueue(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err);

#endif
