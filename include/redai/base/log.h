/* log: the program's own messages. Only app and action log. Off until log_open; never to the terminal
 * while a screen is up. Values must be sanitised and free of secrets before they come here. */
#ifndef REDAI_BASE_LOG_H
#define REDAI_BASE_LOG_H

#include "redai/base/err.h"

bool log_open(const char *path, struct err *err); /* appends; created 0600, no symlink followed */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_close(void);

#endif
