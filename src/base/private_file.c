#include "redai/base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/mem.h"
#include "redai/base/num.h"
#include "redai/base/span.h"

/* --- whom is trusted --- */

/* Root may do anything anyhow; and who has become root by sudo keeps a home of his own. */
static bool is_trusted(uid_t uid)
{
    const char *sudo = getenv("SUDO_UID");
    int64_t caller;
    return uid == 0 || uid == geteuid() ||
           (geteuid() == 0 && sudo && num_i64(span_of(sudo), &caller) && caller == (int64_t)uid);
}

/* A group that is one person's own, as most distributions make them, writes for nobody else. */
static bool is_own_group(const struct stat *st)
{
    return st->st_gid == getegid() && st->st_gid == st->st_uid;
}

static bool check_folder(int fd, const char *folder, const char *what, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return err_set(err, ERR_IO, "%s folder \"%s\": %s", what, folder, strerror(errno));
    }
    if (!is_trusted(st.st_uid)) {
        return err_set(err, ERR_IO, "%s folder \"%s\": it belongs to somebody else", what, folder);
    }
    mode_t by_others = S_IWOTH | (is_own_group(&st) ? 0 : S_IWGRP);
    if ((st.st_mode & by_others) != 0 && (st.st_mode & S_ISVTX) == 0) {
        return err_set(err, ERR_IO, "%s folder \"%s\": others may write there", what, folder);
    }
    return true;
}

/* --- the way there --- */

/* A link on the way leads where its owner wants. */
static bool is_foreign_link(int at, const char *name)
{
    struct stat st;
    return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) && !is_trusted(st.st_uid);
}

/* One folder further, made when it is missing; last: the one that holds the file, no link to it. */
static int step(int at, const char *name, bool last, const char *folder, const char *what, struct err *err)
{
    int flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (last ? O_NOFOLLOW : 0);
    if (is_foreign_link(at, name)) {
        err_set(err, ERR_IO, "%s folder \"%s\": a symbolic link of somebody else", what, folder);
        return -1;
    }
    bool made = mkdirat(at, name, 0700) == 0;
    int why = errno;
    if (made) {
        fchmodat(at, name, 0700, 0); /* whatever the umask has taken away */
    }
    int fd = openat(at, name, flags);
    if (fd < 0) {
        why = errno == ENOENT && !made ? why : errno;
        err_set(err, ERR_IO, "%s folder \"%s\": %s", what, folder,
                why == ELOOP || why == ENOTDIR ? "no folder, or a symbolic link" : strerror(why));
        return -1;
    }
    if (!check_folder(fd, folder, what, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Goes down from the root or from here, holding each folder that it has looked at, so that none can be put in
 * its place. */
static int open_folder(const char *folder, const char *what, struct err *err)
{
    char *path = mem_strdup(folder); /* cut at each '/' in turn: what messages name */
    int fd = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *name = path + strspn(path, "/");
    if (fd < 0) {
        err_set(err, ERR_IO, "%s folder \"%s\": %s", what, folder, strerror(errno));
    } else if (!check_folder(fd, *path == '/' ? "/" : ".", what, err)) {
        close(fd);
        fd = -1;
    }
    while (fd >= 0 && *name) {
        size_t len = strcspn(name, "/");
        char *next = name + len + strspn(name + len, "/");
        char cut = name[len];
        name[len] = '\0';
        int deeper = step(fd, name, !*next, path, what, err);
        name[len] = cut;
        close(fd);
        fd = deeper;
        name = next;
    }
    mem_free(path);
    return fd;
}

/* --- the file --- */

static bool check_file(int fd, const char *path, const char *what, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return err_set(err, ERR_IO, "%s \"%s\": %s", what, path, strerror(errno));
    }
    if (S_ISCHR(st.st_mode)) {
        return true; /* /dev/null: somebody wants none */
    }
    if (!S_ISREG(st.st_mode)) {
        return err_set(err, ERR_IO, "%s \"%s\": this is no ordinary file", what, path);
    }
    if (st.st_uid != geteuid()) {
        return err_set(err, ERR_IO, "%s \"%s\": the file belongs to somebody else", what, path);
    }
    if (st.st_nlink > 1) {
        return err_set(err, ERR_IO, "%s \"%s\": the file has another name, too (a hard link)", what, path);
    }
    if ((st.st_mode & 07777) != 0600 && fchmod(fd, 0600) != 0) {
        return err_set(err, ERR_IO, "%s \"%s\": cannot make it private: %s", what, path, strerror(errno));
    }
    return true;
}

int private_file_append(const char *path, const char *what, struct err *err)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (!*name) {
        err_set(err, ERR_IO, "%s \"%s\": this names a folder, not a file", what, path);
        return -1;
    }
    char *folder =
        slash ? span_dup(span_make(path, slash == path ? 1 : (size_t)(slash - path))) : mem_strdup(".");
    int dir = open_folder(folder, what, err);
    mem_free(folder);
    if (dir < 0) {
        return -1;
    }
    /* O_NONBLOCK: a named pipe must not hold the start up. */
    int fd = openat(dir, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                    0600);
    if (fd < 0) {
        err_set(err, ERR_IO, "%s \"%s\": %s", what, path,
                errno == ELOOP ? "a symbolic link, which is not followed" : strerror(errno));
    } else if (!check_file(fd, path, what, err)) {
        close(fd);
        fd = -1;
    }
    close(dir);
    return fd;
}
