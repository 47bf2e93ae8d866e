/* key_command: a key by its name, or by the call whose result the cache keeps in it. Private to app. */
#ifndef REDAI_APP_KEY_COMMAND_H
#define REDAI_APP_KEY_COMMAND_H

#include "redai/base/container.h"
#include "redai/base/err.h"

/* One word is the key itself; more are a prefix and a call's arguments. ret_computed: it was a call. */
bool key_command_name(size_t count, const struct span *word, UT_string *out, bool *ret_computed,
                      struct err *err);

#endif
