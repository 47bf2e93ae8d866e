#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/container.h"

#include "redai/action/journal.h"

struct fixture {
    char folder[64], path[128];
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = mem_zalloc(sizeof *f);
    snprintf(f->folder, sizeof f->folder, "/tmp/redai-journal-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/state/redai-console/journal", f->folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const left[] = {"/state/redai-console/journal",
                                       "/state/redai-console",
                                       "/state/elsewhere/journal",
                                       "/state/elsewhere",
                                       "/state",
                                       "/target",
                                       "/link",
                                       "/pipe",
                                       "/loose/journal",
                                       "/loose",
                                       ""};
    for (size_t i = 0; i < COUNT_OF(left); i++) {
        char path[160];
        snprintf(path, sizeof path, "%s%s", f->folder, left[i]);
        remove(path);
    }
    mem_free(f);
    return 0;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

static char *text_of(const char *path)
{
    char *text = calloc(1, 65536);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, 65535, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

static void journal__is_for_the_owners_eyes_only__when_the_umask_is_open(void **state)
{
    struct fixture *f = *state;
    char folder[128];
    mode_t before = umask(0);
    struct journal *j = journal_open(f->path, "redis://h:6379/0", &f->err);
    umask(before);
    assert_non_null(j);
    assert_string_equal(journal_path(j), f->path);
    assert_int_equal(mode_of(f->path), 0600);
    snprintf(folder, sizeof folder, "%s/state/redai-console", f->folder);
    assert_int_equal(mode_of(folder), 0700);
    journal_close(j);
    journal_close(NULL);
}

static void journal__closes_a_file_that_others_could_read__when_it_is_there(void **state)
{
    struct fixture *f = *state;
    struct journal *j = journal_open(f->path, "", &f->err);
    assert_non_null(j);
    journal_close(j);
    assert_int_equal(chmod(f->path, 0644), 0);
    j = journal_open(f->path, "", &f->err);
    assert_non_null(j);
    assert_int_equal(mode_of(f->path), 0600);
    journal_close(j);
}

static void journal_write__makes_one_line_of_json_a_call__when_texts_are_hostile(void **state)
{
    struct fixture *f = *state;
    static const char hostile[] =
        "quote \" slash \\ tab\t feed\n esc \x1b[2J bell \x07 del \x7f c1 \xc2\x9b bidi \xe2\x80\xae "
        "bad \xff\xc3 astral \xf0\x9f\x98\x80 tag \xf3\xa0\x81\x81 end";
    struct journal *j = journal_open(f->path, "redis://h:6379/0", &f->err);
    assert_non_null(j);
    assert_true(journal_write(j, INT64_C(1795426374000000), "receipt", "revoke user", hostile, "done",
                              hostile, &f->err));
    assert_true(journal_write(j, INT64_C(1795426374000000), "note", NULL, "", NULL, "x", &f->err));
    journal_close(j);
    char *text = text_of(f->path);
    char *second = strchr(text, '\n') + 1;
    assert_int_equal(second[strlen(second) - 1], '\n');
    for (const char *at = text; *at; at++) {
        assert_true((unsigned char)*at >= 0x20 || *at == '\n');
        assert_int_not_equal(*at, 0x7f);
    }
    assert_null(strstr(text, "\xe2\x80\xae"));
    second[-1] = '\0';
    json_error_t error;
    json_t *line = json_loads(text, 0, &error);
    assert_non_null(line);
    assert_string_equal(json_string_value(json_object_get(line, "at")), "2026-11-23T09:32:54Z");
    assert_string_equal(json_string_value(json_object_get(line, "where")), "redis://h:6379/0");
    assert_string_equal(json_string_value(json_object_get(line, "event")), "receipt");
    assert_int_equal(json_integer_value(json_object_get(line, "pid")), getpid());
    assert_non_null(strchr(json_string_value(json_object_get(line, "who")), '@'));
    const char *back = json_string_value(json_object_get(line, "subject"));
    assert_memory_equal(
        back, hostile,
        strlen("quote \" slash \\ tab\t feed\n esc \x1b[2J bell \x07 del \x7f c1 \xc2\x9b bidi "
               "\xe2\x80\xae bad "));
    assert_non_null(strstr(back, "\xf0\x9f\x98\x80"));
    json_decref(line);
    line = json_loads(second, 0, &error);
    assert_non_null(line);
    assert_null(json_object_get(line, "subject"));
    assert_null(json_object_get(line, "outcome"));
    json_decref(line);
    free(text);
}

static void journal_write__bounds_the_line__when_a_text_is_huge(void **state)
{
    struct fixture *f = *state;
    char *huge = mem_zalloc(100001);
    memset(huge, 'x', 100000);
    struct journal *j = journal_open(f->path, huge, &f->err);
    assert_true(journal_write(j, 0, "note", huge, huge, huge, huge, &f->err));
    journal_close(j);
    char *text = text_of(f->path);
    assert_true(strlen(text) < 8192);
    free(text);
    mem_free(huge);
}

static void journal__appends__when_it_is_opened_again(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) {
        struct journal *j = journal_open(f->path, "", &f->err);
        assert_true(journal_write(j, 0, "note", NULL, NULL, NULL, "x", &f->err));
        journal_close(j);
    }
    char *text = text_of(f->path);
    int lines = 0;
    for (const char *at = text; *at; at++) {
        lines += *at == '\n';
    }
    assert_int_equal(lines, 3);
    free(text);
}

static void journal_write__names_a_session_by_its_hash__wherever_its_id_stands(void **state)
{
    struct fixture *f = *state;
    static const char token[] = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-abcde";
    char text[200];
    struct journal *j = journal_open(f->path, "redis://h:6379/0", &f->err);
    assert_non_null(j);
    snprintf(text, sizeof text, "*%s*: never deleted; task 714d507f-3425-46b5-9d9e-3e65c025afba", token);
    assert_true(journal_write(j, 0, "receipt", "invalidate", token, "refused", text, &f->err));
    journal_close(j);
    char *written = text_of(f->path);
    assert_null(strstr(written, token));
    assert_null(strstr(written, "AbCdEf"));
    assert_non_null(strstr(written, "task 714d507f-3425-46b5-9d9e-3e65c025afba"));
    free(written);
}

static void journal__follows_no_symbolic_link__when_one_lies_in_its_place(void **state)
{
    struct fixture *f = *state;
    char target[128], link[128], error[400];
    snprintf(target, sizeof target, "%s/target", f->folder);
    snprintf(link, sizeof link, "%s/link", f->folder);
    int fd = open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(symlink(target, link), 0);
    assert_null(journal_open(link, "", &f->err));
    snprintf(error, sizeof error, "journal \"%s\": a symbolic link, which is not followed", link);
    assert_string_equal(f->err.text, error);
    assert_int_equal(mode_of(target), 0644);
    /* The folder itself is no link either. */
    char state_folder[128], elsewhere[128], folder[128];
    snprintf(state_folder, sizeof state_folder, "%s/state", f->folder);
    snprintf(elsewhere, sizeof elsewhere, "%s/state/elsewhere", f->folder);
    snprintf(folder, sizeof folder, "%s/state/redai-console", f->folder);
    assert_int_equal(mkdir(state_folder, 0700), 0);
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    assert_int_equal(symlink(elsewhere, folder), 0);
    assert_null(journal_open(f->path, "", &f->err));
    snprintf(error, sizeof error, "journal folder \"%s\": no folder, or a symbolic link", folder);
    assert_string_equal(f->err.text, error);
}

static void journal__refuses__when_its_place_is_unsafe_or_no_file(void **state)
{
    struct fixture *f = *state;
    char path[160], error[400];
    snprintf(path, sizeof path, "%s/pipe", f->folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(journal_open(path, "", &f->err));
    snprintf(path, sizeof path, "%s/", f->folder);
    assert_null(journal_open(path, "", &f->err));
    snprintf(error, sizeof error, "journal \"%s\": this names a folder, not a file", path);
    assert_string_equal(f->err.text, error);
    snprintf(path, sizeof path, "%s/loose", f->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0777), 0);
    snprintf(error, sizeof error, "journal folder \"%s\": others may write there", path);
    snprintf(path, sizeof path, "%s/loose/journal", f->folder);
    assert_null(journal_open(path, "", &f->err));
    assert_string_equal(f->err.text, error);
    assert_null(journal_open("/proc/version/x/journal", "", &f->err));
}

static void journal__lies_in_the_state_folder__when_no_path_is_given(void **state)
{
    struct fixture *f = *state;
    char folder[128];
    snprintf(folder, sizeof folder, "%s/state", f->folder);
    setenv("XDG_STATE_HOME", folder, 1);
    struct journal *j = journal_open(NULL, "", &f->err);
    assert_non_null(j);
    assert_string_equal(journal_path(j), f->path);
    journal_close(j);
    setenv("XDG_STATE_HOME", "relative", 1);
    unsetenv("HOME");
    assert_null(journal_open(NULL, "", &f->err));
    assert_string_equal(f->err.text, "journal: neither XDG_STATE_HOME nor HOME says where it should be");
}

static void journal_write__fails_with_the_reason__when_the_file_may_not_grow(void **state)
{
    struct fixture *f = *state;
    struct rlimit before, none;
    struct journal *j = journal_open(f->path, "", &f->err);
    assert_non_null(j);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = before;
    none.rlim_cur = 20; /* a part of a line */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    bool first = journal_write(j, 0, "note", NULL, NULL, NULL, "cut", &f->err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(first);
    assert_non_null(strstr(f->err.text, "the line could not be written whole"));
    /* The next line begins on its own. */
    assert_true(journal_write(j, 0, "note", NULL, NULL, NULL, "whole", &f->err));
    journal_close(j);
    char *text = text_of(f->path);
    assert_non_null(strstr(text, "\n{\"at\": "));
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(journal__is_for_the_owners_eyes_only__when_the_umask_is_open),
        TEST(journal__closes_a_file_that_others_could_read__when_it_is_there),
        TEST(journal_write__makes_one_line_of_json_a_call__when_texts_are_hostile),
        TEST(journal_write__bounds_the_line__when_a_text_is_huge),
        TEST(journal__appends__when_it_is_opened_again),
        TEST(journal_write__names_a_session_by_its_hash__wherever_its_id_stands),
        TEST(journal__follows_no_symbolic_link__when_one_lies_in_its_place),
        TEST(journal__refuses__when_its_place_is_unsafe_or_no_file),
        TEST(journal__lies_in_the_state_folder__when_no_path_is_given),
        TEST(journal_write__fails_with_the_reason__when_the_file_may_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
