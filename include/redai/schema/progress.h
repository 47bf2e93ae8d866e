/* progress: the JSON behind batch:progress:<task id>, also the meta of Celery's PROGRESS state.
 * {"current": 1, "total": 4, "percentage": 25.0, "status": "in_progress"} or {"status": "failed", "error":
 * ".."} */
#ifndef REDAI_SCHEMA_PROGRESS_H
#define REDAI_SCHEMA_PROGRESS_H

#include <stdint.h>

#include "redai/base/span.h"

struct progress {
    bool valid;             /* false: no JSON object */
    int64_t current, total; /* -1 unknown */
    double percentage;      /* NAN unknown */
    char *status;           /* raw; NULL absent */
    char *error;            /* raw; NULL absent */
};

void progress_decode(struct progress *p, struct span json);
void progress_release(struct progress *p);
char *progress_encode(const struct progress *p); /* the platform's form; mem_free */

#endif
