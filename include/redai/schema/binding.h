/* binding: members of _kombu.binding.<exchange>: routing key SEP pattern SEP queue, SEP = 06 16. The list key
 * of the queue is the third field. Source: facts, section 2. */
#ifndef REDAI_SCHEMA_BINDING_H
#define REDAI_SCHEMA_BINDING_H

#include "redai/base/span.h"

#define KOMBU_SEP "\x06\x16"

bool binding_queue(struct span member,
                   struct span *ret_queue); /* false: not three fields or an empty queue */
/* False for the three exchanges that are no task queues (celery.pidbox, celeryev, reply.celery.pidbox). */
bool binding_is_task_exchange(struct span exchange);
/* queue and step of a list key: "celery" -> celery, 0; "celery" SEP "3" -> celery, 3. */
struct span binding_split_list_key(struct span key, int *ret_step);

#endif
