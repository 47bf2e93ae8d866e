/* hook_text: what goes out when an alert changes: the window's title, and the object on the standard input of
 * the alert command (schema 1, docs/hooks.md). Private to app. */
#ifndef REDAI_APP_HOOK_TEXT_H
#define REDAI_APP_HOOK_TEXT_H

#include "redai/base/container.h"

#include "redai/model/model.h"

/* Worst first and how many fire: "!! 2 redai redis:6379/0", "? redai ..." while Redis is away. Behind the
 * curtain without the address. Never a name that is not ours. */
void hook_title(const struct model *m, bool curtain, char *out, size_t size);

/* Appends the object without its last bracket: the caller adds what only it knows, and closes. */
void hook_json(const struct model *m, const struct alert_change *change, UT_string *out);

#endif
