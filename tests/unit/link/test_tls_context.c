/* What is read once serves as long as nothing of it changes, of several servers at a time. */
#include "link/tls_context.h"
#include "support/certificate.h"
#include "support/unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/redai-context-XXXXXX";

static const char *in(const char *name)
{
    static char kept[4][128];
    static unsigned next;
    char *path = kept[next++ % COUNT_OF(kept)];
    snprintf(path, sizeof kept[0], "%s/%s", folder, name);
    return path;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static int set_up(void **state)
{
    static const struct certificate_wish wishes[] = {{"one", NULL, NULL, -1, 100},
                                                     {"two", NULL, NULL, -1, 100}};
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    for (size_t i = 0; i < COUNT_OF(wishes); i++) {
        certificate_make(folder, &wishes[i]);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static SSL_CTX *take(const char *file, const char *dir)
{
    struct err err = {0};
    struct address_tls tls = {.ca_file = (char *)file, .ca_dir = (char *)dir};
    SSL_CTX *c = tls_context_take(&tls, &err);
    if (!c) {
        fail_msg("%s", err.text);
    }
    return c;
}

/* Held all the while: one that was let go could come back at the same address. */
static void contexts_of_several_servers__are_all_kept(void **state)
{
    (void)state;
    SSL_CTX *one = take(in("one.pem"), NULL), *two = take(in("two.pem"), NULL);
    SSL_CTX *again = take(in("one.pem"), NULL), *two_again = take(in("two.pem"), NULL);
    assert_ptr_not_equal(one, two);
    assert_ptr_equal(one, again);
    assert_ptr_equal(two, two_again);
    SSL_CTX_free(one);
    SSL_CTX_free(two);
    SSL_CTX_free(again);
    SSL_CTX_free(two_again);
}

/* The folder itself does not change by it, neither does the file's size. */
static void file_written_anew_within_a_folder__is_noticed(void **state)
{
    (void)state;
    struct timespec then[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    assert_int_equal(mkdir(in("trust"), 0700), 0);
    int fd = open(in("trust/a.0"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "one", 3), 3);
    SSL_CTX *one = take(NULL, in("trust")), *again = take(NULL, in("trust"));
    assert_ptr_equal(one, again);
    assert_int_equal(pwrite(fd, "two", 3, 0), 3);
    assert_int_equal(futimens(fd, then), 0); /* whatever the grain of the clock is */
    close(fd);
    SSL_CTX *anew = take(NULL, in("trust"));
    assert_ptr_not_equal(one, anew);
    SSL_CTX_free(one);
    SSL_CTX_free(again);
    SSL_CTX_free(anew);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_of_several_servers__are_all_kept),
        cmocka_unit_test(file_written_anew_within_a_folder__is_noticed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
