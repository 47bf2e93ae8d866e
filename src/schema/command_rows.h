/* command_rows: where the keys of the usual commands stand, and whether they are read or written. Part of
 * schema. */
#ifndef REDAI_SCHEMA_COMMAND_ROWS_H
#define REDAI_SCHEMA_COMMAND_ROWS_H

#include "redai/schema/monitor.h"

/* Keys stand among the arguments (the first is 1) from first to last (below 0: from the end) by step; or
 * behind the number of keys, which stands at first (step 0). A command with keys of both kinds has two rows.
 */
struct command_row {
    const char *name; /* upper case */
    unsigned use;     /* enum monitor_use */
    int first, last, step;
};
extern const struct command_row command_rows[];
extern const size_t command_row_count;
/* The first row of that name, in whatever case; command_row_count when there is none. */
size_t command_rows_find(struct span name);

#endif
