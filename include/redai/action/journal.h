/* journal: one JSON line for each plan, receipt and note: who (user@host, pid), when (UTC), where (address
 * without secrets), what, outcome. File mode 0600, folder 0700, no symlink followed, appended with one write
 * each. Session ids stand as short hashes only. A journal that cannot be written is told, and an action then
 * needs no less confirmation but says so in its receipt. */
#ifndef REDAI_ACTION_JOURNAL_H
#define REDAI_ACTION_JOURNAL_H

#include <stdint.h>

#include "redai/base/err.h"

struct journal;

/* path NULL: $XDG_STATE_HOME/redai-console/journal (~/.local/state/...). address: where, display. */
struct journal *journal_open(const char *path, const char *address, struct err *err);
void journal_close(struct journal *j); /* NULL is fine */
/* What is written from now on happens there; display; NULL: at the address again. */
void journal_place(struct journal *j, const char *where);
const char *journal_path(const struct journal *j);
/* event: "plan", "confirm", "receipt", "finish", "note", "refused", "hook". False with err when the line
 * could not be written. */
bool journal_write(struct journal *j, int64_t wall_us, const char *event, const char *action,
                   const char *subject, const char *outcome, const char *text, struct err *err);

#endif
