/* private_file: a file that nobody but its owner may read, write or replace, whatever the umask: it tells
 * what happened on production. */
#ifndef REDAI_BASE_PRIVATE_FILE_H
#define REDAI_BASE_PRIVATE_FILE_H

#include "redai/base/err.h"

/* Opens path for appending, created 0600, folders that are missing 0700; a file of ours that others may read
 * becomes 0600. No symbolic link is followed to the file or its folder. Refused, by an err that begins with
 * what and names the path: a file that is none, another's, or known by a second name (a hard link); a folder
 * on the way that others may write to, or that belongs neither to us nor to root. /dev/null and its like are
 * taken as they are. -1 with err. */
int private_file_append(const char *path, const char *what, struct err *err);

#endif
