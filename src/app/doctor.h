/* doctor: the preflight in the console: `doctor` asks and opens the page. ctx is struct console *. Private to
 * app. */
#ifndef REDAI_APP_DOCTOR_H
#define REDAI_APP_DOCTOR_H

#include "console.h"

/* `refresh` on the open page asks again. False: it is not open. */
bool doctor_refresh(struct console *c, struct err *err);

extern const struct command doctor_commands[];
extern const size_t doctor_commands_count;

#endif
