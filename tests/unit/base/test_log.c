#include "support/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/isotime.h"
#include "redai/base/log.h"

struct place {
    char dir[64];
    char file[96];
    char other[96];
};

static int place_make(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    snprintf(p->dir, sizeof(p->dir), "/tmp/redai-test-log-%s",
             "XX"
             "XX"
             "XX"); /* for mkdtemp */
    if (!mkdtemp(p->dir)) {
        free(p);
        return -1;
    }
    snprintf(p->file, sizeof(p->file), "%s/log", p->dir);
    snprintf(p->other, sizeof(p->other), "%s/other", p->dir);
    *state = p;
    return 0;
}

static int place_remove(void **state)
{
    struct place *p = *state;
    log_close();
    unlink(p->file);
    unlink(p->other);
    rmdir(p->dir);
    free(p);
    return 0;
}

static size_t contents(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t got = read(fd, out, size - 1);
    close(fd);
    assert_true(got >= 0);
    out[got] = '\0';
    return (size_t)got;
}

static void log_line__writes_time_and_text__on_one_line(void **state)
{
    struct place *p = *state;
    char text[256];
    struct err err = {0};
    int64_t at;
    assert_true(log_open(p->file, &err));
    log_line("link %s is %s", "poll", "up");
    contents(p->file, text, sizeof(text));
    assert_true(isotime_parse(span_make(text, 32), &at));
    assert_string_equal(text + 32, " link poll is up\n");
    assert_int_equal(err.code, ERR_NONE);
}

static void log_line__stays_one_line__whatever_it_is_given(void **state)
{
    struct place *p = *state;
    char text[256];
    assert_true(log_open(p->file, NULL));
    log_line("said '%s'", "a\r\nb\x1b[0m");
    contents(p->file, text, sizeof(text));
    assert_string_equal(text + 32, " said 'a  b [0m'\n");
}

static void log_line__ends_in_a_mark__when_too_long(void **state)
{
    struct place *p = *state;
    static char value[9000];
    char text[9000];
    memset(value, 'v', sizeof(value) - 1);
    assert_true(log_open(p->file, NULL));
    log_line("%s", value);
    log_line("next");
    size_t len = contents(p->file, text, sizeof(text));
    char *end = strchr(text, '\n');
    assert_non_null(end);
    assert_in_range(end - text, 1000, 4095);
    assert_int_equal(end[-1], '~');
    assert_string_equal(text + len - 6, " next\n");
}

static void log_open__appends__to_what_is_there(void **state)
{
    struct place *p = *state;
    char text[256];
    assert_true(log_open(p->file, NULL));
    log_line("first");
    log_close();
    log_line("unheard");
    assert_true(log_open(p->file, NULL));
    log_line("second");
    contents(p->file, text, sizeof(text));
    assert_non_null(strstr(text, " first\n"));
    assert_non_null(strstr(text, " second\n"));
    assert_null(strstr(text, "unheard"));
}

static void log_open__creates__for_the_owner_alone(void **state)
{
    struct place *p = *state;
    struct stat st;
    mode_t old = umask(0);
    assert_true(log_open(p->file, NULL));
    umask(old);
    assert_int_equal(stat(p->file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void log_open__refuses__a_symbolic_link(void **state)
{
    struct place *p = *state;
    struct err err = {0};
    assert_int_equal(symlink(p->other, p->file), 0);
    assert_false(log_open(p->file, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.text, "symbolic link"));
    assert_int_equal(access(p->other, F_OK), -1);
}

static void log_open__refuses_a_fifo__without_waiting_for_a_reader(void **state)
{
    struct place *p = *state;
    struct err err = {0};
    assert_int_equal(mkfifo(p->file, 0600), 0);
    assert_false(log_open(p->file, &err));
    int reader = open(p->file, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_false(log_open(p->file, &err));
    close(reader);
    assert_non_null(strstr(err.text, "not a regular file"));
}

static void log_open__keeps_the_open_log__when_another_cannot_be_opened(void **state)
{
    struct place *p = *state;
    char text[256];
    struct err err = {0};
    assert_true(log_open(p->file, NULL));
    assert_false(log_open("/nonexistent/log", &err));
    assert_string_equal(err.text, "cannot open log file '/nonexistent/log': No such file or directory");
    log_line("still here");
    contents(p->file, text, sizeof(text));
    assert_non_null(strstr(text, "still here"));
}

static void log_line__is_silent__when_no_log_is_open(void **state)
{
    (void)state;
    log_close();
    log_line("nobody %s", "listens");
    log_close();
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(log_line__writes_time_and_text__on_one_line),
        WITH_PLACE(log_line__stays_one_line__whatever_it_is_given),
        WITH_PLACE(log_line__ends_in_a_mark__when_too_long),
        WITH_PLACE(log_open__appends__to_what_is_there),
        WITH_PLACE(log_open__creates__for_the_owner_alone),
        WITH_PLACE(log_open__refuses__a_symbolic_link),
        WITH_PLACE(log_open__refuses_a_fifo__without_waiting_for_a_reader),
        WITH_PLACE(log_open__keeps_the_open_log__when_another_cannot_be_opened),
        cmocka_unit_test(log_line__is_silent__when_no_log_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
