#include "link/outbox.h"
#include "support/unit.h"

#include "redai/base/mem.h"

static void assert_waiting(const struct outbox *o, struct span expected)
{
    struct span waiting = outbox_waiting(o);
    assert_int_equal(waiting.len, expected.len);
    assert_memory_equal(waiting.data, expected.data, expected.len);
}

static void outbox_command__writes_resp__when_arguments_are_binary_or_empty(void **state)
{
    (void)state;
    struct outbox o = {0};
    outbox_command(&o, 3, (const struct span[]){S("SET"), S("a\r\n\0b"), {NULL, 0}}, false);
    assert_waiting(&o, S("*3\r\n$3\r\nSET\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n"));
    outbox_release(&o);
}

static void outbox_command__takes_them_all__when_there_are_many_arguments(void **state)
{
    (void)state;
    struct outbox o = {0};
    struct span args[1000];
    for (size_t i = 0; i < COUNT_OF(args); i++) {
        args[i] = S("abc");
    }
    outbox_command(&o, COUNT_OF(args), args, false);
    assert_int_equal(outbox_waiting(&o).len, strlen("*1000\r\n") + COUNT_OF(args) * strlen("$3\r\nabc\r\n"));
    outbox_release(&o);
}

static void outbox_sent__moves_the_offsets_by_the_byte__when_writes_are_partial(void **state)
{
    (void)state;
    struct outbox o = {0};
    static const struct span ping[] = {SPAN_LITERAL("PING")};
    for (int i = 0; i < 1000; i++) {
        outbox_command(&o, 1, ping, false);
        assert_int_equal(o.queued, 14 * (i + 1));
    }
    for (int64_t n = 1; n <= 14 * 1000; n++) {
        const char *expected = "*1\r\n$4\r\nPING\r\n";
        assert_int_equal(outbox_waiting(&o).data[0], expected[(n - 1) % 14]);
        outbox_sent(&o, 1);
        assert_int_equal(o.sent, n);
        if (n % 500 == 0) {
            outbox_command(&o, 1, ping, false);
        }
    }
    assert_int_equal(outbox_waiting(&o).len, 28 * 14);
    outbox_release(&o);
}

static void outbox_clear__drops_what_waits_and_keeps_count__when_the_connection_is_lost(void **state)
{
    (void)state;
    struct outbox o = {0};
    static const struct span ping[] = {SPAN_LITERAL("PING")};
    outbox_command(&o, 1, ping, false);
    outbox_sent(&o, 3);
    outbox_clear(&o);
    assert_int_equal(outbox_waiting(&o).len, 0);
    assert_int_equal(o.sent, 3);
    assert_int_equal(o.queued, 3);
    outbox_command(&o, 1, ping, false);
    assert_waiting(&o, S("*1\r\n$4\r\nPING\r\n"));
    outbox_release(&o);
}

static void outbox_sent__wipes_the_bytes__when_a_secret_has_left(void **state)
{
    (void)state;
    struct outbox o = {0};
    outbox_command(&o, 2, (const struct span[]){S("AUTH"), S("hunter2")}, true);
    assert_non_null(memmem(o.data, o.size, "hunter2", 7));
    outbox_sent(&o, outbox_waiting(&o).len);
    assert_null(memmem(o.data, o.size, "hunter2", 7));

    outbox_command(&o, 2, (const struct span[]){S("AUTH"), S("hunter2")}, true);
    outbox_clear(&o);
    assert_null(memmem(o.data, o.size, "hunter2", 7));
    outbox_release(&o);
}

static void outbox_sent__gives_memory_back__when_a_big_command_has_left(void **state)
{
    (void)state;
    struct outbox o = {0};
    char *big = mem_zalloc(3 * 1024 * 1024);
    outbox_command(&o, 1, (const struct span[]){{big, 3 * 1024 * 1024}}, false);
    outbox_sent(&o, outbox_waiting(&o).len);
    assert_true(o.size <= 256 * 1024);
    mem_free(big);
    outbox_release(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outbox_command__writes_resp__when_arguments_are_binary_or_empty),
        cmocka_unit_test(outbox_command__takes_them_all__when_there_are_many_arguments),
        cmocka_unit_test(outbox_sent__moves_the_offsets_by_the_byte__when_writes_are_partial),
        cmocka_unit_test(outbox_clear__drops_what_waits_and_keeps_count__when_the_connection_is_lost),
        cmocka_unit_test(outbox_sent__wipes_the_bytes__when_a_secret_has_left),
        cmocka_unit_test(outbox_sent__gives_memory_back__when_a_big_command_has_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
