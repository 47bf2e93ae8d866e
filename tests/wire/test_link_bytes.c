/* The bytes a link sends, and what it makes of the bytes it gets. */
#include "wire/desk.h"

static void link__greets_byte_for_byte__when_it_has_a_user_a_password_and_a_database(void **state)
{
    (void)state;
    static const struct {
        const char *credentials, *query;
        bool no_touch;
        const char *greeting;
    } rows[] = {
        {"", "", false, GREETING},
        {":pw@", "", false, "*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n" GREETING},
        {"bob:p%20w@", "?db=12", false,
         "*3\r\n$4\r\nAUTH\r\n$3\r\nbob\r\n$3\r\np w\r\n*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n" GREETING},
        {"", "", true,
         "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$17\r\nredai-console:act\r\n"
         "*3\r\n$6\r\nCLIENT\r\n$8\r\nNO-TOUCH\r\n$2\r\nON\r\n*2\r\n$6\r\nCLIENT\r\n$2\r\nID\r\n*1\r\n$"
         "4\r\nPING\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        /* The fake's own path is known only once there is one. */
        struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
        struct fake *fake = fake_new(loop);
        struct address address;
        char url[128];
        snprintf(url, sizeof(url), "unix://%s%s%s", rows[i].credentials, fake->path, rows[i].query);
        assert_true(address_parse(&address, url, NULL));
        struct link *l =
            link_new(loop, &(struct link_options){
                               .name = "act", .address = &address, .db = -1, .no_touch = rows[i].no_touch});
        address_release(&address);
        link_start(l);
        fake_expect_client(fake, 1);
        fake_expect(fake, span_of(rows[i].greeting));
        assert_int_equal(link_cost(l).bytes_out, strlen(rows[i].greeting));
        link_free(l);
        fake_free(fake);
        ev_loop_destroy(loop);
    }
}

static void link_send__sends_all_of_one_turn_in_order__when_arguments_are_binary(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    assert_true(link_command(d->link, desk_on_reply, d, S("SET"), S("k\0\r\n"), S("")));
    assert_true(link_command(d->link, NULL, NULL, S("DEL"), S("\xff")));
    assert_true(link_command(d->link, desk_on_reply, d, S("DBSIZE")));
    assert_int_equal(link_pending(d->link), 3);
    /* Nothing leaves, and nobody is called, from inside link_send. */
    desk_expect(d, "");
    fake_expect(d->fake, S("*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$0\r\n\r\n*2\r\n$3\r\nDEL\r\n$1\r\n\xff\r\n"
                           "*1\r\n$6\r\nDBSIZE\r\n"));
    fake_send(d->fake, S("+OK\r\n:1\r\n:7\r\n"));
    fake_settle(d->fake);
    desk_expect(d, "text OK\ninteger 7\n");
    assert_int_equal(link_pending(d->link), 0);
    assert_true(link_round_trip_us(d->link) >= 0);
    desk_free(d);
}

#define REPLIES                                                                                              \
    "+fine\r\n-ERR no such thing\r\n:-5\r\n$4\r\na\r\nb\r\n$-1\r\n*-1\r\n*0\r\n"                             \
    "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n-WRONGTYPE y\r\n$0\r\n\r\n"
#define REPLIES_RECORDED                                                                                     \
    "text fine\nerror ERR no such thing\ninteger -5\ntext a\r\nb\nnil\nnil\narray of 0\n"                    \
    "array of 3\ninteger 1\narray of 2\ntext x\nnil\nerror WRONGTYPE y\ntext \n"
enum { REPLY_COUNT = 9 };

static void ask_all(struct desk *d)
{
    for (int i = 0; i < REPLY_COUNT; i++) {
        assert_true(link_command(d->link, desk_on_reply, d, S("X")));
    }
    fake_settle(d->fake);
}

static void link__gives_each_reply_to_its_command__when_bytes_come_one_by_one(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    ask_all(d);
    for (struct span rest = S(REPLIES); rest.len > 0; rest = span_skip(rest, 1)) {
        fake_send(d->fake, span_head(rest, 1));
        fake_settle(d->fake);
    }
    desk_expect(d, REPLIES_RECORDED);
    assert_true(link_is_ready(d->link));
    desk_free(d);
}

static void link__gives_each_reply_to_its_command__when_the_bytes_are_split_anywhere(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    for (size_t at = 0; at <= sizeof(REPLIES) - 1; at++) {
        ask_all(d);
        fake_send(d->fake, span_head(S(REPLIES), at));
        fake_settle(d->fake);
        fake_send(d->fake, span_skip(S(REPLIES), at));
        desk_expect(d, REPLIES_RECORDED);
        assert_int_equal(link_pending(d->link), 0);
    }
    desk_free(d);
}

#define SUBSCRIBED                                                                                           \
    "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"                   \
    "*3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:3\r\n"

static void link__tells_messages_from_confirmations_and_answers__when_a_feed_comes_byte_by_byte(void **state)
{
    (void)state;
    struct desk *d = desk_new_feed();
    assert_true(link_subscribe(d->link, 2, (const struct span[]){S("a"), S("b")}));
    assert_true(link_psubscribe(d->link, 1, (const struct span[]){S("p*")}));
    assert_true(link_command(d->link, desk_on_reply, d, S("PING")));
    assert_int_equal(link_pending(d->link), 3);
    fake_expect(d->fake,
                S("*3\r\n$9\r\nSUBSCRIBE\r\n$1\r\na\r\n$1\r\nb\r\n*2\r\n$10\r\nPSUBSCRIBE\r\n$2\r\np*\r\n"
                  "*1\r\n$4\r\nPING\r\n"));
    /* A message between the confirmations and before the answer to PING. */
    for (struct span rest = S(SUBSCRIBED "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\n\r\n\r\n"
                                         "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
                                         "*4\r\n$8\r\npmessage\r\n$2\r\np*\r\n$3\r\npqr\r\n$0\r\n\r\n");
         rest.len > 0; rest = span_skip(rest, 1)) {
        fake_send(d->fake, span_head(rest, 1));
        fake_settle(d->fake);
    }
    desk_expect(d, "message [] [a] [\r\n]\narray of 2\ntext pong\ntext \nmessage [p*] [pqr] []\n");
    assert_int_equal(link_pending(d->link), 0);
    assert_int_equal(link_cost(d->link).messages, 2);
    desk_free(d);
}

static void link__loses_no_message__when_a_feed_is_split_anywhere(void **state)
{
    (void)state;
    static const struct span bytes =
        SPAN_LITERAL("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$6\r\nx\r\n\n\ny\r\n"
                     "*4\r\n$8\r\npmessage\r\n$2\r\np*\r\n$3\r\npqr\r\n$0\r\n\r\n");
    struct desk *d = desk_new_feed();
    link_subscribe(d->link, 1, (const struct span[]){S("a")});
    fake_settle(d->fake);
    fake_send(d->fake, S("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"));
    for (size_t at = 0; at <= bytes.len; at++) {
        fake_send(d->fake, span_head(bytes, at));
        fake_settle(d->fake);
        fake_send(d->fake, span_skip(bytes, at));
        desk_expect(d, "message [] [a] [x\r\n\n\ny]\nmessage [p*] [pqr] []\n");
    }
    assert_int_equal(link_cost(d->link).messages, 2 * (int64_t)(bytes.len + 1));
    desk_free(d);
}

static void link__reports_a_refused_subscription_and_goes_on__when_an_acl_forbids_the_channel(void **state)
{
    (void)state;
    struct desk *d = desk_new_feed();
    assert_true(link_psubscribe(d->link, 2, (const struct span[]){S("x*"), S("y*")}));
    assert_true(link_subscribe(d->link, 1, (const struct span[]){S("a")}));
    fake_send(d->fake,
              S("-NOPERM no permissions to access a channel\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"));
    desk_expect(d, "refused: NOPERM no permissions to access a channel\n");
    assert_int_equal(link_pending(d->link), 0);
    assert_true(link_is_ready(d->link));
    desk_free(d);
}

static void link_unsubscribe__waits_for_its_confirmations__when_channels_are_given_up(void **state)
{
    (void)state;
    struct desk *d = desk_new_feed();
    assert_true(link_unsubscribe(d->link, 1, (const struct span[]){S("a")}));
    assert_true(link_punsubscribe(d->link, 2, (const struct span[]){S("p"), S("q")}));
    fake_expect(
        d->fake,
        S("*2\r\n$11\r\nUNSUBSCRIBE\r\n$1\r\na\r\n*3\r\n$12\r\nPUNSUBSCRIBE\r\n$1\r\np\r\n$1\r\nq\r\n"));
    fake_send(
        d->fake,
        S("*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n*3\r\n$12\r\npunsubscribe\r\n$1\r\np\r\n:0\r\n"));
    fake_settle(d->fake);
    assert_int_equal(link_pending(d->link), 1);
    fake_send(d->fake, S("*3\r\n$12\r\npunsubscribe\r\n$1\r\nq\r\n:0\r\n"));
    fake_settle(d->fake);
    assert_int_equal(link_pending(d->link), 0);
    desk_expect(d, "");
    desk_free(d);
}

static void link_subscribe__refuses__when_the_link_is_no_feed_or_nothing_is_named(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    assert_false(link_subscribe(d->link, 1, (const struct span[]){S("a")}));
    desk_free(d);
    d = desk_new_feed();
    assert_false(link_psubscribe(d->link, 0, NULL));
    assert_int_equal(link_pending(d->link), 0);
    desk_free(d);
}

struct breach {
    struct span bytes;
    const char *recorded;
};

static void link__hangs_up_and_says_why__when_the_other_side_is_no_redis(void **state)
{
    (void)state;
    static const struct breach breaches[] = {
        {SPAN_LITERAL("HTTP/1.1 400 Bad Request\r\n\r\n"),
         "none, unknown\nwaiting: not the protocol of Redis: Protocol error, got \"H\" as reply type byte\n"},
        {SPAN_LITERAL("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"),
         "none, unknown\nwaiting: not the protocol of Redis: reply nested too deep\n"},
        {SPAN_LITERAL("*5000000\r\n"),
         "none, unknown\nwaiting: not the protocol of Redis: reply with too many elements\n"},
        {SPAN_LITERAL("+a\r\n+b\r\n"), "text a\nwaiting: not the protocol of Redis: a reply to no command\n"},
        {SPAN_LITERAL("+a\r\n-ERR go \033[2J\xe2\x80\xae"
                      "away\r\n"),
         "text a\nwaiting: ERR go  [2J\\u202eaway\n"},
    };
    for (size_t i = 0; i < COUNT_OF(breaches); i++) {
        struct desk *d = desk_new_ready((struct link_options){0});
        link_command(d->link, desk_on_reply, d, S("X"));
        fake_settle(d->fake);
        fake_send(d->fake, breaches[i].bytes);
        desk_expect(d, breaches[i].recorded);
        desk_free(d);
    }
}

static void link__stays_up__when_replies_are_of_the_wrong_type(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    link_command(d->link, desk_on_reply, d, S("GET"), S("k"));
    link_command(d->link, desk_on_reply, d, S("SCAN"), S("0"));
    fake_send(d->fake, S("*1\r\n*0\r\n:12\r\n"));
    desk_expect(d, "array of 1\narray of 0\ninteger 12\n");
    assert_true(link_is_ready(d->link));
    desk_free(d);
}

static void link__takes_a_value_of_megabytes__when_it_comes_between_small_ones(void **state)
{
    (void)state;
    enum { BIG = 20 * 1024 * 1024 };
    struct desk *d = desk_new_ready((struct link_options){0});
    char *big = mem_zalloc(BIG);
    memset(big, 'b', BIG);
    for (int i = 0; i < 3; i++) {
        link_command(d->link, desk_on_reply, d, S("GET"), S("k"));
    }
    fake_send(d->fake, S("$1\r\na\r\n$20971520\r\n"));
    fake_send(d->fake, span_make(big, BIG));
    fake_send(d->fake, S("\r\n$1\r\nc\r\n"));
    fake_settle(d->fake);
    assert_int_equal(utstring_len(&d->record), strlen("text a\ntext \ntext c\n") + BIG);
    desk_free(d);
    mem_free(big);
}

static void record_line(void *user, struct span line)
{
    desk_write(user, "line ", line);
}

#define LINE(n) "1700000000.00000" #n " [0 127.0.0.1:1] \"GET\" \"a\""

static void link_monitor__tells_line_by_line__when_bytes_are_split_anywhere(void **state)
{
    (void)state;
    const struct span sent = S("+OK\r\n+" LINE(1) "\r\n+" LINE(2) "\r\n");
    for (size_t at = 0; at <= sent.len; at++) {
        struct desk *d = desk_new_ready((struct link_options){.on_line = record_line});
        assert_true(link_monitor(d->link, desk_on_reply, d));
        assert_false(link_monitor(d->link, desk_on_reply, d));
        assert_false(link_command(d->link, NULL, NULL, S("GET"), S("k")));
        fake_expect(d->fake, S("*1\r\n$7\r\nMONITOR\r\n"));
        fake_send(d->fake, span_head(sent, at));
        fake_settle(d->fake);
        fake_send(d->fake, span_skip(sent, at));
        fake_settle(d->fake);
        desk_expect(d, "text OK\nline " LINE(1) "\nline " LINE(2) "\n");
        assert_int_equal(link_cost(d->link).messages, 2);
        desk_free(d);
    }
}

static void link_monitor__says_why__when_it_is_not_allowed(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){.on_line = record_line});
    assert_true(link_monitor(d->link, desk_on_reply, d));
    fake_send(d->fake, S("-NOPERM this user has no permissions to run the 'monitor' command\r\n"));
    desk_expect(d, "error NOPERM this user has no permissions to run the 'monitor' command\n");
    desk_free(d);
    d = desk_new_ready((struct link_options){0});
    assert_false(link_monitor(d->link, desk_on_reply, d)); /* nobody would hear the lines */
    desk_free(d);
}

static void link_monitor__takes_a_line_of_megabytes__and_keeps_its_front(void **state)
{
    (void)state;
    enum { BIG = 8 * 1024 * 1024, KEPT = 16 * 1024 };
    struct desk *d = desk_new_ready((struct link_options){.on_line = record_line});
    char *big = mem_zalloc(BIG);
    memset(big, 'b', BIG);
    assert_true(link_monitor(d->link, NULL, NULL));
    fake_send(d->fake, S("+OK\r\n+"));
    fake_send(d->fake, span_make(big, BIG));
    fake_send(d->fake, S("\r\n+" LINE(3) "\r\n"));
    fake_settle(d->fake);
    /* While the line goes on it is told without its bytes, once for each read of the socket. */
    const char *front = utstring_body(&d->record);
    const size_t empty = strlen("line \n");
    while (strncmp(front, "line \n", empty) == 0) {
        front += empty;
    }
    assert_true(front > utstring_body(&d->record));
    assert_int_equal(strlen(front), strlen("line \nline " LINE(3) "\n") + KEPT - 1);
    assert_true(link_is_ready(d->link));
    desk_free(d);
    mem_free(big);
}

static void free_on_line(void *user, struct span line)
{
    struct desk *d = user;
    desk_write(d, "line ", line);
    link_free(d->link);
    d->link = NULL;
}

static void link_monitor__tells_nothing_more__when_it_is_freed_by_a_line(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){.on_line = free_on_line});
    assert_true(link_monitor(d->link, NULL, NULL));
    fake_send(d->fake, S("+OK\r\n+" LINE(1) "\r\n+" LINE(2) "\r\n"));
    desk_expect(d, "line " LINE(1) "\n");
    desk_free(d);
}

static void record_sent(void *user, size_t argc, const struct span *args)
{
    utstring_printf(&((struct desk *)user)->record, "sent %zu %.*s\n", argc, (int)args[0].len, args[0].data);
}

static void link_tap__tells_what_is_queued__and_nothing_of_the_links_own(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    link_tap(d->link, record_sent, d);
    link_command(d->link, NULL, NULL, S("GET"), S("k"));
    link_tap(d->link, NULL, NULL);
    link_command(d->link, NULL, NULL, S("GET"), S("l"));
    desk_expect(d, "sent 2 GET\n");
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link__greets_byte_for_byte__when_it_has_a_user_a_password_and_a_database),
        cmocka_unit_test(link_send__sends_all_of_one_turn_in_order__when_arguments_are_binary),
        cmocka_unit_test(link__gives_each_reply_to_its_command__when_bytes_come_one_by_one),
        cmocka_unit_test(link__gives_each_reply_to_its_command__when_the_bytes_are_split_anywhere),
        cmocka_unit_test(link__tells_messages_from_confirmations_and_answers__when_a_feed_comes_byte_by_byte),
        cmocka_unit_test(link__loses_no_message__when_a_feed_is_split_anywhere),
        cmocka_unit_test(link__reports_a_refused_subscription_and_goes_on__when_an_acl_forbids_the_channel),
        cmocka_unit_test(link_unsubscribe__waits_for_its_confirmations__when_channels_are_given_up),
        cmocka_unit_test(link_subscribe__refuses__when_the_link_is_no_feed_or_nothing_is_named),
        cmocka_unit_test(link__hangs_up_and_says_why__when_the_other_side_is_no_redis),
        cmocka_unit_test(link__stays_up__when_replies_are_of_the_wrong_type),
        cmocka_unit_test(link__takes_a_value_of_megabytes__when_it_comes_between_small_ones),
        cmocka_unit_test(link_monitor__tells_line_by_line__when_bytes_are_split_anywhere),
        cmocka_unit_test(link_monitor__says_why__when_it_is_not_allowed),
        cmocka_unit_test(link_monitor__takes_a_line_of_megabytes__and_keeps_its_front),
        cmocka_unit_test(link_monitor__tells_nothing_more__when_it_is_freed_by_a_line),
        cmocka_unit_test(link_tap__tells_what_is_queued__and_nothing_of_the_links_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
