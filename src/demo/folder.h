/* folder: a private temporary folder (0700), short enough that a unix socket fits in it. */
#ifndef REDAI_DEMO_FOLDER_H
#define REDAI_DEMO_FOLDER_H

#include <stddef.h>

#include "redai/base/err.h"

/* What may follow the folder's name and still be a socket's path (sun_path has 108 bytes). */
enum { FOLDER_SIZE = 90 };

/* Under $XDG_RUNTIME_DIR, else $TMPDIR, else /tmp: the first that takes it. */
bool folder_make(char out[FOLDER_SIZE], struct err *err);
/* With all that is in it; follows no links. A folder that is gone already is fine. */
void folder_remove(const char *path);

#endif
