#include "demo/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool folder_make(char out[FOLDER_SIZE], struct err *err)
{
    const char *const parents[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
    int why = ENOENT;

    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        char path[FOLDER_SIZE];
        if (!parents[i] || parents[i][0] != '/') {
            continue;
        }
        int len = snprintf(path, sizeof(path), "%s/redai-demo-XXXXXX", parents[i]);
        if (len < 0 || (size_t)len >= sizeof(path)) {
            why = ENAMETOOLONG;
        } else if (mkdtemp(path)) {
            memcpy(out, path, sizeof(path));
            return true;
        } else {
            why = errno;
        }
    }
    return err_set(err, ERR_IO, "no temporary folder for the demo: %s", strerror(why));
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void folder_remove(const char *path)
{
    enum { OPEN_MAX = 8 };
    nftw(path, remove_entry, OPEN_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
