/* known: what the model can tell an order: which queues there are, which names workers know, what was seen of
 * a task that is to be sent anew. The console and the verbs of the shell share it. Private to app. */
#ifndef REDAI_APP_KNOWN_H
#define REDAI_APP_KNOWN_H

#include "redai/model/model.h"

#include "redai/action/order.h"

void known_each_queue(const struct model *m, void (*add)(void *to, const char *queue), void *to);
/* *ret_known: whether any worker has told its names. */
bool known_is_registered(const struct model *m, const char *task, bool *ret_known);
void known_add_seen(const struct model *m, struct order *o);

#endif
