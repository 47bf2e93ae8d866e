/* The journal on a file system that is full: one of its own, of some kilobytes, which only this test sees. */
#include "fault.h"
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_BYTES = 64 * 1024, FOLDER_MODE = 0700 };

static void write_line(const char *path, const char *format, long number)
{
    char line[32];
    int fd = open(path, O_WRONLY | O_CLOEXEC);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int len = snprintf(line, sizeof line, format, number);
#pragma GCC diagnostic pop
    if (fd >= 0) {
        ssize_t n = write(fd, line, (size_t)len);
        (void)n;
        close(fd);
    }
}

/* Mounts of its own for this process and what it starts: root's right, or that of whoever may be root in a
 * world of his own. */
static bool live_apart(void)
{
    long user = (long)geteuid(), group = (long)getegid();
    if (user != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
            return false;
        }
        write_line("/proc/self/setgroups", "deny", 0);
        write_line("/proc/self/uid_map", "0 %ld 1", user);
        write_line("/proc/self/gid_map", "0 %ld 1", group);
    } else if (unshare(CLONE_NEWNS) != 0) {
        return false;
    }
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool mount_disk(const char *path)
{
    char options[64];
    snprintf(options, sizeof options, "size=%d,mode=0700", DISK_BYTES);
    return mkdir(path, FOLDER_MODE) == 0 && mount("none", path, "tmpfs", MS_NODEV | MS_NOSUID, options) == 0;
}

/* Until not a byte more is taken. */
static void fill_disk(const char *path)
{
    static char block[4096];
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof block) > 0) {}
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

static bool is_told(struct pty *p, void *ctx)
{
    (void)ctx;
    const char *text = pty_screen_text(p);
    return strstr(text, "done: queued") && !strstr(text, ": do it");
}

/* An order and its end; true when it stands in the journal. */
static bool order(struct stand *t)
{
    seat_do(t->pty, ":frob\r", "unknown command"); /* the receipt of the order before goes */
    seat_do(t->pty, ":enqueue test message=unwritten\r", ": do it");
    seat_key(t->pty, "y");
    if (!pty_wait(t->pty, is_told, NULL, WAIT_MS)) {
        fail_msg("the order is not done\n%s", pty_screen_text(t->pty));
    }
    pty_settle(t->pty);
    return strstr(pty_screen_text(t->pty), "not in the journal") == NULL;
}

/* What was written while there was room is whole; one line may have been cut by the end of the disk, and
 * nothing stands behind it on the same line. Returns how many are whole. */
static size_t whole_lines(const char *path)
{
    char *text = stage_read(path);
    size_t whole = 0, cut = 0;
    assert_non_null(text);
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        char *own = span_dup(span_make(line, len));
        assert_int_equal(strncmp(own, "{\"at\": ", 7), 0);
        assert_null(strstr(own + 1, "{\"at\": "));
        whole += len > 0 && own[len - 1] == '}';
        cut += len == 0 || own[len - 1] != '}';
        mem_free(own);
        line += len + (line[len] == '\n');
    }
    free(text);
    assert_true(cut <= 1);
    return whole;
}

static void full_disk__is_said__and_the_journal_goes_on_when_there_is_room_again(void **state)
{
    (void)state;
    char file[300], ballast[300];
    snprintf(file, sizeof file, "%s/journal", stage_path("disk"));
    snprintf(ballast, sizeof ballast, "%s/ballast", stage_path("disk"));
    struct stand *t = stand_open(NULL, ENV("--journal", file));
    assert_true(order(t));
    fill_disk(ballast);
    int orders = 1;
    while (order(t)) { /* the last page has room for some lines */
        orders++;
        assert_true(orders < 40);
    }
    orders++;
    seat_do(t->pty, ":enqueue test message=unwritten\r", "this cannot be written down");
    seat_see(t->pty, "No space left on device");
    stand_show(t, "disk full, asked");
    seat_do(t->pty, "y", "not in the journal");
    orders++;
    assert_int_equal(stage_number(t->server, 0, "LLEN celery"), 2 + orders); /* done all the same */
    size_t before = whole_lines(file);
    stand_key_ms(t);
    assert_int_equal(unlink(ballast), 0);
    assert_true(order(t));
    assert_true(whole_lines(file) > before);
    stand_close(t);
    assert_int_equal(umount(stage_path("disk")), 0);
}

int main(void)
{
    server_require();
    stage_isolate();
    if (!live_apart() || !mount_disk(stage_path("disk"))) {
        fprintf(stderr, "no file system of its own may be mounted here: %s\n", strerror(errno));
        stage_leave();
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_disk__is_said__and_the_journal_goes_on_when_there_is_room_again),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
