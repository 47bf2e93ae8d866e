#include "unit/schema/fixture.h"

#include "redai/schema/client_list.h"

/* From a real server (7.0.15). */
#define LINE(id, name, flags, sub, psub, cmd)                                                                \
    "id=" id " addr=127.0.0.1:48064 laddr=127.0.0.1:7991 fd=12 name=" name " age=61 idle=2 flags=" flags     \
    " db=1 sub=" sub " psub=" psub                                                                           \
    " ssub=0 multi=-1 qbuf=0 qbuf-free=20474 argv-mem=13 multi-mem=0 rbs=1024 "                              \
    "rbp=0 obl=7 oll=1 omem=20504 tot-mem=22309 events=r cmd=" cmd " user=default redir=-1 resp=2"

static void client_line_read__takes_fields_by_name(void **state)
{
    (void)state;
    struct client_line c;
    assert_true(client_line_read(&c, S(LINE("9", "api-3", "N", "4", "5", "config|get"))));
    assert_int_equal(c.id, 9);
    assert_span(c.address, "127.0.0.1:48064");
    assert_span(c.name, "api-3");
    assert_span(c.user, "default");
    assert_span(c.command, "config|get");
    assert_span(c.flags, "N");
    assert_span(c.lib, "");
    assert_int_equal(c.fd, 12);
    assert_int_equal(c.db, 1);
    assert_int_equal(c.age_s, 61);
    assert_int_equal(c.idle_s, 2);
    assert_int_equal(c.channels, 4);
    assert_int_equal(c.patterns, 5);
    assert_int_equal(c.shard_channels, 0);
    assert_int_equal(c.queued, -1);
    assert_int_equal(c.output, 20511);
    assert_int_equal(c.memory, 22309);
}

static void client_line_read__leaves_unknown_what_is_not_there(void **state)
{
    (void)state;
    struct client_line c;
    assert_true(
        client_line_read(&c, S("id=7 addr=/run/redis a.sock:0 multi=3 obl=5 cmd=NULL lib-name=redis-py")));
    assert_int_equal(c.id, 7);
    assert_span(c.address, "/run/redis");
    assert_span(c.command, "");
    assert_span(c.lib, "redis-py");
    assert_int_equal(c.queued, 3);
    assert_int_equal(c.output, -1);
    assert_int_equal(c.memory, -1);
    assert_int_equal(c.age_s, -1);

    static const char *const hostile[] = {
        "",
        " ",
        "=",
        "id",
        "id=",
        "id=x",
        "id=-4",
        "id=99999999999999999999",
        "addr=1.2.3.4:5",
        "iid=5",
        "-ERR unknown",
        "id =5",
    };
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        assert_false(client_line_read(&c, span_of(hostile[i])));
    }
    assert_true(client_line_read(&c, S("id=1 obl=9223372036854775807 omem=9223372036854775807")));
    assert_int_equal(c.output, -1);
}

static void client_list_next__passes_over_what_is_no_client(void **state)
{
    (void)state;
    struct span text = S("\nid=1 name=a\r\nrubbish\nid=2 name=b\n\n");
    struct client_line c;
    assert_true(client_list_next(&text, &c));
    assert_span(c.name, "a");
    assert_true(client_list_next(&text, &c));
    assert_int_equal(c.id, 2);
    assert_false(client_list_next(&text, &c));
    assert_false(client_list_next(&text, &c));
    text = S("id=3 name=cut-in-the-mid");
    assert_true(client_list_next(&text, &c));
    assert_false(client_list_next(&text, &c));
}

static void client_line_kind__knows_what_a_client_does(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum client_kind kind;
    } cases[] = {
        {LINE("1", "", "N", "0", "0", "get"), CLIENT_NORMAL},
        {LINE("1", "", "", "0", "0", "get"), CLIENT_NORMAL},
        {LINE("1", "", "x", "0", "0", "multi"), CLIENT_NORMAL},
        {LINE("1", "redai-console:poll", "N", "0", "0", "info"), CLIENT_CONSOLE},
        {LINE("1", "redai-console:feed", "P", "0", "4", "psubscribe"), CLIENT_CONSOLE},
        {LINE("1", "redai-console", "N", "0", "0", "get"), CLIENT_NORMAL},
        {LINE("1", "", "b", "0", "0", "brpop"), CLIENT_WORKER},
        {LINE("1", "", "N", "0", "0", "brpop"), CLIENT_WORKER},
        {LINE("1", "", "P", "0", "2", "psubscribe"), CLIENT_WORKER},
        {LINE("1", "watcher", "P", "0", "2", "psubscribe"), CLIENT_PUBSUB},
        {LINE("1", "", "P", "1", "0", "subscribe"), CLIENT_PUBSUB},
        {LINE("1", "", "P", "1", "1", "subscribe"), CLIENT_PUBSUB},
        {LINE("1", "", "O", "0", "0", "monitor"), CLIENT_MONITOR},
        {LINE("1", "", "b", "0", "0", "xread"), CLIENT_BLOCKED},
        {LINE("1", "", "S", "0", "0", "replconf"), CLIENT_REPLICA},
        {LINE("1", "", "M", "0", "0", "set"), CLIENT_MASTER},
        {"id=1", CLIENT_NORMAL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct client_line c;
        assert_true(client_line_read(&c, span_of(cases[i].line)));
        assert_int_equal(client_line_kind(&c), cases[i].kind);
    }
    for (size_t i = 0; i < CLIENT_KIND_COUNT; i++) {
        assert_non_null(client_kind_name[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_line_read__takes_fields_by_name),
        cmocka_unit_test(client_line_read__leaves_unknown_what_is_not_there),
        cmocka_unit_test(client_list_next__passes_over_what_is_no_client),
        cmocka_unit_test(client_line_kind__knows_what_a_client_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
