/* isotime: ISO 8601 as Python writes it. Naive times are UTC, as the platform's are. */
#ifndef REDAI_BASE_ISOTIME_H
#define REDAI_BASE_ISOTIME_H

#include <stdint.h>

#include "redai/base/span.h"

#define ISOTIME_SIZE 33 /* either formatted text with its NUL */

/* "2026-11-23T09:33:22.714134", with or without fraction, "Z" or "+hh:mm"; 'T' may be a blank. Result:
 * microseconds since 1970 UTC. */
bool isotime_parse(struct span s, int64_t *ret_wall_us);

/* "2026-11-23T09:33:22Z"; "?" outside the years 1 to 9999. */
void isotime_format(int64_t wall_us, char *out, size_t size);
/* The same with microseconds and "+00:00", as Celery's eta has it. */
void isotime_format_celery(int64_t wall_us, char *out, size_t size);

#endif
