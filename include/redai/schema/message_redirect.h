/* message_redirect: the same message once more on its way: to another queue, with its delivery naming that
 * queue, where a redelivery would put it back; or back to its own, marked as delivered before. Id and
 * delivery tag stay. Source: facts, sections 1.2, 3.4 and 3.5. */
#ifndef REDAI_SCHEMA_MESSAGE_REDIRECT_H
#define REDAI_SCHEMA_MESSAGE_REDIRECT_H

#include "redai/base/container.h"
#include "redai/base/err.h"

/* Appends the element with properties.delivery_info naming the queue (routing_key; exchange ""). All else
 * stays, bodies of any kind too. A worker would do with the result what it would have done with the element;
 * one that it would exit on is refused. False with err: what is wrong. */
bool message_redirect(struct span element, const char *queue, UT_string *out, struct err *err);
/* Appends the element as a worker's own redelivery puts it back: headers and delivery_info marked
 * redelivered, all else as it was. False with err as above. */
bool message_put_back(struct span element, UT_string *out, struct err *err);

#endif
