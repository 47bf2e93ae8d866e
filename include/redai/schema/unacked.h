/* unacked: a field's value of the hash `unacked`: [<element>, "<exchange>", "<routing key>"].
 * Source: facts, section 3.1. */
#ifndef REDAI_SCHEMA_UNACKED_H
#define REDAI_SCHEMA_UNACKED_H

#include "redai/base/container.h"

/* Appends the queue (routing key) and, when element is not NULL, the message's own bytes re-encoded as
 * compact JSON. False when the value has another form. */
bool unacked_decode(struct span value, UT_string *queue, UT_string *element);

#endif
