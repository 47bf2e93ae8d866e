/* progress_json: a progress out of a parsed value; shared by progress and result. Private to the room. */
#ifndef REDAI_SCHEMA_PROGRESS_JSON_H
#define REDAI_SCHEMA_PROGRESS_JSON_H

#include <jansson.h>

#include "redai/schema/progress.h"

void progress_from_json(struct progress *p, json_t *json);

#endif
