#include "support/unit.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/mem.h"

/* What a child wrote to stderr before it ended, and its status. */
struct ending {
    int status;
    char text[256];
};

static struct ending run_child(void (*act)(void))
{
    struct ending end = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        act();
        _exit(0);
    }
    close(ends[1]);
    size_t at = 0;
    ssize_t got;
    while (at < sizeof(end.text) - 1 && (got = read(ends[0], end.text + at, sizeof(end.text) - 1 - at)) > 0) {
        at += (size_t)got;
    }
    close(ends[0]);
    assert_int_equal(waitpid(child, &end.status, 0), child);
    return end;
}

static void say_restored(void)
{
    ssize_t written = write(STDERR_FILENO, "[restored]", 10);
    (void)written;
}

static void say_and_run_out_again(void)
{
    say_restored();
    mem_exhausted();
}

static void exhaust_with_handler(void)
{
    mem_on_exhausted(say_restored);
    mem_exhausted();
}

static void exhaust_with_greedy_handler(void)
{
    mem_on_exhausted(say_and_run_out_again);
    mem_exhausted();
}

static void duplicate_too_much(void)
{
    mem_dup("x", SIZE_MAX);
}

static void mem_exhausted__runs_the_handler_first__then_ends_with_70(void **state)
{
    (void)state;
    struct ending end = run_child(exhaust_with_handler);
    assert_true(WIFEXITED(end.status));
    assert_int_equal(WEXITSTATUS(end.status), 70);
    assert_string_equal(end.text, "[restored]redai-console: out of memory\n");
}

static void mem_exhausted__ends__when_the_handler_runs_out_too(void **state)
{
    (void)state;
    struct ending end = run_child(exhaust_with_greedy_handler);
    assert_int_equal(WEXITSTATUS(end.status), 70);
    assert_string_equal(end.text, "[restored]redai-console: out of memory\n");
}

static void mem_exhausted__needs__no_handler(void **state)
{
    (void)state;
    struct ending end = run_child(mem_exhausted);
    assert_int_equal(WEXITSTATUS(end.status), 70);
    assert_string_equal(end.text, "redai-console: out of memory\n");
}

static void mem_dup__ends_the_process__when_the_size_cannot_hold_the_nul(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(run_child(duplicate_too_much).status), 70);
}

static void mem_zalloc__gives_zeroes__and_a_pointer_for_no_bytes(void **state)
{
    (void)state;
    static const char zeroes[64];
    char *p = mem_zalloc(sizeof(zeroes));
    assert_memory_equal(p, zeroes, sizeof(zeroes));
    mem_free(p);
    p = mem_zalloc(0);
    assert_non_null(p);
    mem_free(p);
}

static void mem_realloc__keeps_the_contents__and_survives_shrinking_to_nothing(void **state)
{
    (void)state;
    char *p = mem_realloc(NULL, 4);
    memcpy(p, "abc", 4);
    p = mem_realloc(p, 100000);
    assert_string_equal(p, "abc");
    p = mem_realloc(p, 0);
    assert_non_null(p);
    mem_free(p);
}

static void mem_strdup__keeps__null_and_text(void **state)
{
    (void)state;
    assert_null(mem_strdup(NULL));
    char *copy = mem_strdup("text");
    assert_string_equal(copy, "text");
    mem_free(copy);
    mem_free(NULL);
}

static void mem_dup__puts_a_nul__behind_binary_bytes(void **state)
{
    (void)state;
    char *copy = mem_dup("a\0b", 3);
    assert_memory_equal(copy, "a\0b", 4);
    mem_free(copy);
    copy = mem_dup(NULL, 0);
    assert_string_equal(copy, "");
    mem_free(copy);
}

static void mem_replace__copies_first__when_text_lies_in_the_slot(void **state)
{
    (void)state;
    char *slot = NULL;
    mem_replace(&slot, "session:abc");
    assert_string_equal(slot, "session:abc");
    mem_replace(&slot, slot + 8);
    assert_string_equal(slot, "abc");
    mem_replace(&slot, NULL);
    assert_null(slot);
    mem_replace(&slot, NULL);
    assert_null(slot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mem_exhausted__runs_the_handler_first__then_ends_with_70),
        cmocka_unit_test(mem_exhausted__ends__when_the_handler_runs_out_too),
        cmocka_unit_test(mem_exhausted__needs__no_handler),
        cmocka_unit_test(mem_dup__ends_the_process__when_the_size_cannot_hold_the_nul),
        cmocka_unit_test(mem_zalloc__gives_zeroes__and_a_pointer_for_no_bytes),
        cmocka_unit_test(mem_realloc__keeps_the_contents__and_survives_shrinking_to_nothing),
        cmocka_unit_test(mem_strdup__keeps__null_and_text),
        cmocka_unit_test(mem_dup__puts_a_nul__behind_binary_bytes),
        cmocka_unit_test(mem_replace__copies_first__when_text_lies_in_the_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
