/* Where a private file may be put, and as what it comes out. */
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/container.h"
#include "redai/base/private_file.h"

struct place {
    char folder[64];
    char path[200];
    struct err err;
};

static const char *in(struct place *p, const char *name)
{
    snprintf(p->path, sizeof p->path, "%s/%s", p->folder, name);
    return p->path;
}

static int set_up(void **state)
{
    struct place *p = mem_zalloc(sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/redai-private-XXXXXX");
    *state = p;
    return mkdtemp(p->folder) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    struct place *p = *state;
    nftw(p->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    mem_free(p);
    return 0;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void assert_refused(struct place *p, const char *name, const char *folder, const char *why)
{
    char wanted[400];
    const char *path = in(p, name);
    if (folder) {
        snprintf(wanted, sizeof wanted, "note folder \"%s/%s\": %s", p->folder, folder, why);
    } else {
        snprintf(wanted, sizeof wanted, "note \"%s\": %s", path, why);
    }
    assert_int_equal(private_file_append(path, "note", &p->err), -1);
    assert_string_equal(p->err.text, wanted);
}

static void file__is_its_owners_alone__whatever_the_umask(void **state)
{
    struct place *p = *state;
    static const mode_t masks[] = {0, 0022, 0077, 0777};
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        char name[32];
        mode_t before = umask(masks[i]);
        snprintf(name, sizeof name, "a%zu/b/file", i);
        int fd = private_file_append(in(p, name), "note", &p->err);
        umask(before);
        assert_true(fd >= 0);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        close(fd);
        assert_int_equal(mode_of(p->path), 0600);
        snprintf(name, sizeof name, "a%zu/b", i);
        assert_int_equal(mode_of(in(p, name)), 0700);
        snprintf(name, sizeof name, "a%zu", i);
        assert_int_equal(mode_of(in(p, name)), 0700);
    }
}

static void file__becomes_private__when_it_was_open_to_others(void **state)
{
    struct place *p = *state;
    close(open(in(p, "file"), O_CREAT | O_WRONLY, 0600));
    assert_int_equal(chmod(p->path, 0666), 0);
    int fd = private_file_append(p->path, "note", &p->err);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(mode_of(p->path), 0600);
}

static void what_is_no_file__is_refused__and_left_alone(void **state)
{
    struct place *p = *state;
    assert_int_equal(mkfifo(in(p, "pipe"), 0600), 0);
    assert_refused(p, "pipe", NULL, strerror(ENXIO)); /* nobody reads it */
    int reader = open(in(p, "pipe"), O_RDONLY | O_NONBLOCK);
    assert_refused(p, "pipe", NULL, "this is no ordinary file");
    close(reader);
    assert_int_equal(mkdir(in(p, "folder"), 0700), 0);
    assert_refused(p, "folder", NULL, strerror(EISDIR));
    assert_int_equal(symlink("/etc/passwd", in(p, "link")), 0);
    assert_refused(p, "link", NULL, "a symbolic link, which is not followed");
    assert_int_equal(symlink("nowhere", in(p, "dangling")), 0);
    assert_refused(p, "dangling", NULL, "a symbolic link, which is not followed");
    assert_int_equal(access(in(p, "nowhere"), F_OK), -1);
    close(open(in(p, "twice"), O_CREAT | O_WRONLY, 0644));
    char other[sizeof p->path];
    snprintf(other, sizeof other, "%s", in(p, "other"));
    assert_int_equal(link(in(p, "twice"), other), 0);
    assert_refused(p, "twice", NULL, "the file has another name, too (a hard link)");
    assert_int_equal(mode_of(other), 0644); /* nothing was done to it */
    close(open(in(p, "plain"), O_CREAT | O_WRONLY, 0600));
    assert_refused(p, "plain/file", "plain", "no folder, or a symbolic link");
}

static void way__is_refused__when_others_can_change_it(void **state)
{
    struct place *p = *state;
    assert_int_equal(mkdir(in(p, "a"), 0700), 0);
    assert_int_equal(mkdir(in(p, "a/b"), 0700), 0);
    assert_int_equal(chmod(in(p, "a"), 0707), 0);
    assert_refused(p, "a/b/file", "a", "others may write there"); /* the one between, and it is named */
    assert_int_equal(chmod(in(p, "a"), 01777), 0);                /* as /tmp: nobody can replace b */
    int fd = private_file_append(in(p, "a/b/file"), "note", &p->err);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chmod(in(p, "a"), 0700), 0);
    assert_int_equal(symlink("b", in(p, "a/link")), 0);
    assert_refused(p, "a/link/file", "a/link", "no folder, or a symbolic link");
}

/* Only root can give things away. */
static void things_of_others__are_refused(void **state)
{
    struct place *p = *state;
    enum { SOMEBODY = 12345 };
    if (geteuid() != 0) {
        print_message("not root: what others own is not made here\n");
        return;
    }
    assert_int_equal(mkdir(in(p, "theirs"), 0755), 0);
    assert_int_equal(chown(p->path, SOMEBODY, SOMEBODY), 0);
    assert_refused(p, "theirs/file", "theirs", "it belongs to somebody else");
    setenv("SUDO_UID", "12345", 1); /* who became root keeps a home of his own */
    int fd = private_file_append(in(p, "theirs/file"), "note", &p->err);
    unsetenv("SUDO_UID");
    assert_true(fd >= 0);
    close(fd);
    close(open(in(p, "their-file"), O_CREAT | O_WRONLY, 0600));
    assert_int_equal(chown(p->path, SOMEBODY, SOMEBODY), 0);
    assert_refused(p, "their-file", NULL, "the file belongs to somebody else");
    assert_int_equal(mkdir(in(p, "own"), 0700), 0);
    assert_int_equal(symlink("own", in(p, "their-link")), 0);
    assert_int_equal(lchown(p->path, SOMEBODY, SOMEBODY), 0);
    assert_refused(p, "their-link/deep/file", "their-link", "a symbolic link of somebody else");
    assert_int_equal(chmod(in(p, "own"), 0770), 0);
    assert_int_equal(chown(p->path, 0, SOMEBODY), 0);
    assert_refused(p, "own/file", "own", "others may write there");
}

/* Two consoles at once: each line stands alone. */
static void lines__stay_whole__when_several_write(void **state)
{
    struct place *p = *state;
    enum { WRITERS = 4, LINES = 500, LEN = 400 };
    pid_t pid[WRITERS];
    in(p, "file");
    for (int w = 0; w < WRITERS; w++) {
        pid[w] = fork();
        if (pid[w] == 0) {
            char line[LEN];
            memset(line, 'a' + w, LEN);
            line[LEN - 1] = '\n';
            int fd = private_file_append(p->path, "note", &p->err);
            for (int i = 0; i < LINES; i++) {
                if (write(fd, line, LEN) != LEN) {
                    _exit(1);
                }
            }
            _exit(0);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status = -1;
        assert_int_equal(waitpid(pid[w], &status, 0), pid[w]);
        assert_int_equal(status, 0);
    }
    FILE *f = fopen(p->path, "r");
    char line[LEN + 2];
    size_t count = 0;
    while (fgets(line, sizeof line, f)) {
        char same[LEN];
        memset(same, line[0], LEN - 1);
        assert_memory_equal(line, same, LEN - 1);
        assert_int_equal(strlen(line), LEN);
        count++;
    }
    fclose(f);
    assert_int_equal(count, WRITERS * LINES);
}

int main(void)
{
#define PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        PLACE(file__is_its_owners_alone__whatever_the_umask),
        PLACE(file__becomes_private__when_it_was_open_to_others),
        PLACE(what_is_no_file__is_refused__and_left_alone),
        PLACE(way__is_refused__when_others_can_change_it),
        PLACE(things_of_others__are_refused),
        PLACE(lines__stay_whole__when_several_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
