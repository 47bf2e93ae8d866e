/* control_arguments: of which kind each argument of a control request must be, so that a worker never fails
 * on one. Source: facts, section 6.5. Private to the room. */
#ifndef REDAI_SCHEMA_CONTROL_ARGUMENTS_H
#define REDAI_SCHEMA_CONTROL_ARGUMENTS_H

#include <jansson.h>

#include "redai/base/err.h"

/* Of those that are there; one that is not known is refused. */
bool control_arguments_check(json_t *arguments, struct err *err);

#endif
