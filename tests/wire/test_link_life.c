/* What becomes of a link, and of what was asked, when connections fail; and that its owner may do anything
 * from within a callback. */
#include "wire/desk.h"

/* The next connection, and what stands for the server's side of a greeting that goes well. */
static void come_back(struct desk *d, int connects)
{
    link_retry_now(d->link);
    fake_expect_client(d->fake, connects);
    fake_expect(d->fake, S(GREETING));
    fake_send(d->fake, S(GREETING_ANSWER));
    desk_expect(d, "ready\n");
    assert_int_equal(link_status(d->link)->connects, connects);
}

static void link__says_why_and_comes_back__when_the_greeting_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *recorded;
    } rows[] = {
        {"+OK\r\n:7\r\n-LOADING Redis is loading the dataset in memory\r\n",
         "waiting: LOADING Redis is loading the dataset in memory\n"},
        {"-NOAUTH Authentication required.\r\n-NOAUTH Authentication required.\r\n-NOAUTH "
         "Authentication required.\r\n",
         "waiting: NOAUTH Authentication required.\n"},
        {"+OK\r\n:7\r\n-MASTERDOWN Link with MASTER is down\r\n",
         "waiting: MASTERDOWN Link with MASTER is down\n"},
        {"-ERR unknown command 'CLIENT'\r\n-ERR unknown command 'CLIENT'\r\n-BUSY Redis is busy\r\n",
         "waiting: BUSY Redis is busy\n"},
        {"+OK\r\n:7\r\n+PONG\r\n+what\r\n",
         "ready\nwaiting: not the protocol of Redis: a reply to no command\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct desk *d = desk_new(NULL, (struct link_options){0});
        link_start(d->link);
        fake_expect(d->fake, S(GREETING));
        fake_send(d->fake, span_of(rows[i].answer));
        desk_expect(d, rows[i].recorded);
        link_retry_now(d->link);
        fake_expect_client(d->fake, 2);
        fake_expect(d->fake, S(GREETING));
        fake_send(d->fake, S(GREETING_ANSWER));
        desk_expect(d, "ready\n");
        assert_string_equal(link_status(d->link)->error, "");
        desk_free(d);
    }
}

/* The server answers the first command, whatever it is, and hangs up before it has read it. */
static void link__tells_the_servers_word__when_it_takes_no_connection(void **state)
{
    (void)state;
    static const struct {
        const char *word, *recorded;
    } rows[] = {
        {"-ERR max number of clients reached\r\n", "waiting: ERR max number of clients reached\n"},
        {"-DENIED Redis is running in protected mode\r\n",
         "waiting: DENIED Redis is running in protected mode\n"},
        {"", "waiting: connection reset by peer\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (int is_feed = 0; is_feed < 2; is_feed++) {
            struct desk *d =
                desk_new(NULL, (struct link_options){.on_message = is_feed ? desk_on_message : NULL});
            fake_hear(d->fake, false);
            link_start(d->link);
            fake_expect_client(d->fake, 1);
            fake_settle(d->fake);
            fake_send(d->fake, span_of(rows[i].word));
            fake_hang_up(d->fake);
            desk_expect(d, rows[i].recorded);
            desk_free(d);
        }
    }
}

static void link__is_ready__when_a_user_may_not_ping_or_set_a_name(void **state)
{
    (void)state;
    struct desk *d = desk_new(NULL, (struct link_options){0});
    link_start(d->link);
    fake_expect(d->fake, S(GREETING));
    fake_send(d->fake, S("-NOPERM this user has no permissions to run 'client|setname'\r\n"
                         "-NOPERM this user has no permissions to run 'client|id'\r\n"
                         "-NOPERM this user has no permissions to run 'ping'\r\n"));
    desk_expect(d, "ready\n");
    desk_free(d);
}

static void link__is_ready__when_the_server_cannot_save(void **state)
{
    (void)state;
    struct desk *d = desk_new(NULL, (struct link_options){0});
    link_start(d->link);
    fake_expect(d->fake, S(GREETING));
    fake_send(d->fake, S("+OK\r\n:7\r\n-MISCONF Redis is configured to save RDB snapshots, but cannot\r\n"));
    desk_expect(d, "ready\n");
    desk_free(d);
}

static void link__gives_none_unknown__when_the_connection_ends_within_a_reply(void **state)
{
    (void)state;
    static const struct {
        const char *part, *recorded;
        bool hears;
    } rows[] = {
        {"", "none, unknown\nnone, unknown\nwaiting: connection closed by the server\n", true},
        {"+O", "none, unknown\nnone, unknown\nwaiting: connection closed by the server\n", true},
        {"+OK\r\n$100\r\nabc", "text OK\nnone, unknown\nwaiting: connection closed by the server\n", true},
        {"+OK\r\n*2\r\n:1\r\n", "text OK\nnone, unknown\nwaiting: connection closed by the server\n", true},
        {"+OK\r\n*2\r\n:1\r\n", "text OK\nnone, unknown\nwaiting: connection reset by peer\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct desk *d = desk_new_ready((struct link_options){0});
        fake_hear(d->fake, rows[i].hears);
        link_command(d->link, desk_on_reply, d, S("INCR"), S("k"));
        link_command(d->link, desk_on_reply, d, S("INCR"), S("k"));
        fake_settle(d->fake);
        fake_send(d->fake, span_of(rows[i].part));
        fake_settle(d->fake);
        fake_hang_up(d->fake);
        if (strncmp(rows[i].recorded, "text", 4) != 0) {
            fake_wait(d->fake, desk_is_waiting, d);
        }
        desk_expect(d, rows[i].recorded);
        assert_int_equal(link_pending(d->link), 0);
        assert_false(link_command(d->link, desk_on_reply, d, S("INCR"), S("k")));
        fake_hear(d->fake, true);
        come_back(d, 2);
        desk_free(d);
    }
}

static void link_unsent__is_true_for_what_never_left__when_the_socket_was_full(void **state)
{
    (void)state;
    enum { BIG = 8 * 1024 * 1024 };
    struct desk *d = desk_new_ready((struct link_options){0});
    char *big = mem_zalloc(BIG);

    fake_hear(d->fake, false);
    link_command(d->link, desk_on_reply, d, S("ECHO"), span_make(big, BIG));
    link_command(d->link, desk_on_reply, d, S("DEL"), S("k"));
    link_command(d->link, NULL, NULL, S("DEL"), S("k"));
    fake_settle(d->fake);
    assert_int_equal(link_pending(d->link), 3);
    fake_hang_up(d->fake);
    desk_expect(d, "none, unknown\nnone, unsent\nwaiting: connection reset by peer\n");
    fake_hear(d->fake, true);
    /* Nothing of the old commands reaches the next connection. */
    come_back(d, 2);
    fake_settle(d->fake);
    assert_int_equal(utstring_len(&d->fake->got), 0);
    mem_free(big);
    desk_free(d);
}

static void link_unsent__is_true__when_the_link_is_stopped_in_the_same_turn(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    link_command(d->link, desk_on_reply, d, S("DEL"), S("k"));
    link_stop(d->link);
    desk_expect(d, "none, unsent\n");
    assert_int_equal(link_status(d->link)->state, LINK_CLOSED);
    link_retry_now(d->link);
    fake_settle(d->fake);
    assert_int_equal(d->fake->connects, 1);
    link_start(d->link);
    fake_expect_client(d->fake, 2);
    fake_expect(d->fake, S(GREETING));
    fake_send(d->fake, S(GREETING_ANSWER));
    desk_expect(d, "ready\n");
    desk_free(d);
}

static void link__closes_and_gives_none__when_no_reply_comes_in_time(void **state)
{
    (void)state;
    static const char *const parts[] = {"", "$999999999\r\nabc"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct desk *d = desk_new_ready((struct link_options){.reply_timeout_us = 40 * US_PER_MS});
        link_command(d->link, desk_on_reply, d, S("DEL"), S("k"));
        fake_settle(d->fake);
        fake_send(d->fake, span_of(parts[i]));
        desk_expect(d, "none, unknown\nwaiting: no reply for 40 ms\n");
        desk_free(d);
    }
}

static void link__gives_up_the_greeting__when_the_server_is_mute(void **state)
{
    (void)state;
    struct desk *d = desk_new(NULL, (struct link_options){.connect_timeout_us = 40 * US_PER_MS});
    link_start(d->link);
    fake_expect_client(d->fake, 1);
    desk_expect(d, "waiting: no reply for 40 ms\n");
    fake_expect_client(d->fake, 2); /* by itself */
    desk_free(d);
}

static void link__pings_and_notices_silence__when_idle(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready(
        (struct link_options){.keepalive_us = 20 * US_PER_MS, .reply_timeout_us = 2 * US_PER_S});
    fake_expect(d->fake, S("*1\r\n$4\r\nPING\r\n"));
    assert_int_equal(link_pending(d->link), 0);
    fake_send(d->fake, S("+PONG\r\n"));
    fake_expect(d->fake, S("*1\r\n$4\r\nPING\r\n"));
    fake_send(d->fake, S("-NOPERM no ping for you\r\n"));
    fake_expect(d->fake, S("*1\r\n$4\r\nPING\r\n"));
    desk_expect(d, "waiting: no reply for 2 s\n");
    desk_free(d);
}

struct heard {
    const struct link *link;
    int64_t messages;
};

static bool all_are_heard(void *user)
{
    const struct heard *h = user;
    return link_cost(h->link).messages == h->messages;
}

static void link__waits_on__when_messages_come_before_the_answer_on_a_feed(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready(
        (struct link_options){.on_message = desk_on_message, .reply_timeout_us = 400 * US_PER_MS});
    link_subscribe(d->link, 1, (const struct span[]){S("a")});
    fake_settle(d->fake);
    fake_send(d->fake, S("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"));
    int64_t start_us = clock_mono_us();
    link_command(d->link, desk_on_reply, d, S("PING"));
    struct heard heard = {.link = d->link};
    while (clock_mono_us() - start_us < 900 * US_PER_MS) {
        fake_send(d->fake, S("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n"));
        fake_settle(d->fake);
        heard.messages++;
    }
    fake_wait(d->fake, all_are_heard, &heard); /* a link may let messages gather */
    assert_true(link_is_ready(d->link));
    utstring_clear(&d->record);
    fake_send(d->fake, S("*2\r\n$4\r\npong\r\n$0\r\n\r\n"));
    desk_expect(d, "array of 2\ntext pong\ntext \n");
    desk_free(d);
}

static void link__says_what_is_wrong_and_tries_again__when_there_is_no_socket(void **state)
{
    (void)state;
    struct desk *d = desk_new(NULL, (struct link_options){0});
    fake_leave(d->fake);
    link_start(d->link);
    desk_expect(d, "waiting: no such file or directory\n");
    desk_expect(d, "waiting: no such file or directory\n");
    assert_int_equal(link_status(d->link)->connects, 0);
    desk_free(d);
}

static void link__says_connection_refused__when_nobody_listens_on_the_port(void **state)
{
    (void)state;
    struct desk *d = desk_new("redis://127.0.0.1:1", (struct link_options){0});
    link_start(d->link);
    desk_expect(d, "waiting: connection refused\n");
    desk_free(d);
}

static void link__keeps_the_start_of_an_outage__when_it_tries_again(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    fake_leave(d->fake);
    fake_wait(d->fake, desk_is_waiting, d);
    desk_expect(d, "waiting: connection closed by the server\n");
    int64_t since_us = link_status(d->link)->since_us;
    desk_expect(d, "waiting: no such file or directory\n");
    desk_expect(d, "waiting: no such file or directory\n");
    assert_int_equal(link_status(d->link)->since_us, since_us);
    desk_free(d);
}

/* A name that no name server needs to be asked about. */
static void link__names_the_host__when_it_cannot_be_found(void **state)
{
    (void)state;
    struct desk *d = desk_new("redis://no..such..host", (struct link_options){0});
    link_start(d->link);
    fake_wait(d->fake, desk_is_waiting, d);
    assert_non_null(strstr(link_status(d->link)->error, "\"no..such..host\""));
    desk_free(d);
}

static void link_free__leaves_nothing_behind__when_a_name_is_still_being_looked_up(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct desk *d = desk_new("redis://no..such..host", (struct link_options){0});
        link_start(d->link);
        ev_run(d->loop, EVRUN_NOWAIT);
        desk_free(d);
    }
}

/* From within callbacks. */

static void free_link(struct desk *d)
{
    struct link *l = d->link;
    d->link = NULL;
    link_free(l);
}

static void on_reply_free(void *user, const struct reply *reply)
{
    struct desk *d = user;
    free_link(d);
    /* Still ours until we return. */
    desk_write(d, "freed with ", reply_text(reply));
}

static void on_reply_send(void *user, const struct reply *reply)
{
    struct desk *d = user;
    (void)reply;
    bool sent = link_command(d->link, desk_on_reply, d, S("NEXT"));
    desk_write(d, sent ? "sent" : "not sent", S(""));
}

static void on_none(void *user, const struct reply *reply)
{
    desk_write(user, reply ? "reply" : "none", S(""));
}

static void link_free__is_safe__when_called_from_the_callback_of_a_reply(void **state)
{
    (void)state;
    for (int is_feed = 0; is_feed < 2; is_feed++) {
        struct desk *d = is_feed ? desk_new_feed() : desk_new_ready((struct link_options){0});
        link_command(d->link, on_reply_free, d, S("A"));
        link_command(d->link, on_none, d, S("B"));
        link_command(d->link, on_none, d, S("C"));
        fake_settle(d->fake);
        fake_send(d->fake, S("$5\r\nfirst\r\n+second\r\n"));
        desk_expect(d, "none\nnone\nfreed with first\n");
        desk_free(d);
    }
}

static void link_free__is_safe__when_called_from_a_callback_without_reply(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    link_command(d->link, on_reply_free, d, S("A"));
    link_command(d->link, on_none, d, S("B"));
    fake_settle(d->fake);
    fake_hang_up(d->fake);
    desk_expect(d, "none\nfreed with \n");
    desk_free(d);
}

static void link_free__is_safe__when_called_from_a_change_of_state_or_a_message(void **state)
{
    (void)state;
    struct desk *d = desk_new(NULL, (struct link_options){0});
    d->on_ready = free_link;
    link_start(d->link);
    fake_expect(d->fake, S(GREETING));
    fake_send(d->fake, S(GREETING_ANSWER));
    desk_expect(d, "ready\n");
    desk_free(d);

    d = desk_new(NULL, (struct link_options){0});
    d->on_waiting = free_link;
    fake_leave(d->fake);
    link_start(d->link);
    desk_expect(d, "waiting: no such file or directory\n");
    desk_free(d);

    d = desk_new_feed();
    d->on_message = free_link;
    link_subscribe(d->link, 1, (const struct span[]){S("a")});
    fake_settle(d->fake);
    fake_send(d->fake,
              S("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n"
                "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\ny\r\n"));
    desk_expect(d, "message [] [a] [x]\n");
    desk_free(d);
}

static void link_send__may_be_called_from_a_callback__when_ready_and_not_otherwise(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    link_command(d->link, on_reply_send, d, S("A"));
    fake_expect(d->fake, S("*1\r\n$1\r\nA\r\n"));
    fake_send(d->fake, S("+a\r\n"));
    fake_expect(d->fake, S("*1\r\n$4\r\nNEXT\r\n"));
    fake_send(d->fake, S("+b\r\n"));
    fake_settle(d->fake);
    desk_expect(d, "sent\ntext b\n");
    link_command(d->link, on_reply_send, d, S("A"));
    fake_settle(d->fake);
    fake_hang_up(d->fake);
    desk_expect(d, "not sent\nwaiting: connection closed by the server\n");
    desk_free(d);
}

static void retry(struct desk *d)
{
    link_retry_now(d->link);
}

static void link_retry_now__tries_at_once__when_called_from_the_callback_of_a_wait(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    d->on_waiting = retry;
    for (int connects = 2; connects < 30; connects++) {
        fake_hang_up(d->fake);
        fake_expect_client(d->fake, connects);
        fake_expect(d->fake, S(GREETING));
        fake_send(d->fake, S(GREETING_ANSWER));
        desk_expect(d, "waiting: connection closed by the server\nready\n");
    }
    desk_free(d);
}

static void stop(struct desk *d)
{
    link_stop(d->link);
}

static void link_stop__wins__when_called_from_the_callback_of_a_wait(void **state)
{
    (void)state;
    struct desk *d = desk_new_ready((struct link_options){0});
    d->on_waiting = stop;
    fake_hang_up(d->fake);
    desk_expect(d, "waiting: connection closed by the server\n");
    assert_int_equal(link_status(d->link)->state, LINK_CLOSED);
    link_retry_now(d->link);
    fake_settle(d->fake);
    assert_int_equal(d->fake->connects, 1);
    desk_free(d);
}

/* --- pauses between tries --- */

enum { TRIES = 8 };

static bool has_tried(void *user)
{
    return utstring_len(&((struct desk *)user)->record) > 0;
}

/* The pauses that a link announces while nobody listens; each is cut short, so that the test is not. */
static void note_pauses(int64_t ret_us[TRIES])
{
    struct desk *d = desk_new(NULL, (struct link_options){.db = -1});
    fake_leave(d->fake);
    link_start(d->link);
    for (int i = 0; i < TRIES; i++) {
        fake_wait(d->fake, has_tried, d);
        utstring_clear(&d->record);
        ret_us[i] = link_status(d->link)->retry_at_us - clock_mono_us();
        link_retry_now(d->link);
    }
    desk_free(d);
}

static void pauses__grow_to_a_bound_and_differ__while_nobody_listens(void **state)
{
    static const int64_t steps_ms[TRIES] = {100, 200, 400, 800, 1500, 1500, 1500, 1500};
    int64_t one_us[TRIES], other_us[TRIES];
    int same = 0;
    (void)state;
    note_pauses(one_us);
    note_pauses(other_us);
    for (int i = 0; i < TRIES; i++) {
        int64_t late_us = steps_ms[i] * US_PER_MS / 4; /* a busy machine looks at it a little later */
        assert_true(one_us[i] <= steps_ms[i] * US_PER_MS);
        assert_true(one_us[i] >= steps_ms[i] * US_PER_MS / 2 - late_us);
        same += one_us[i] / US_PER_MS == other_us[i] / US_PER_MS;
    }
    assert_true(same < TRIES / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link__says_why_and_comes_back__when_the_greeting_is_refused),
        cmocka_unit_test(link__tells_the_servers_word__when_it_takes_no_connection),
        cmocka_unit_test(link__is_ready__when_a_user_may_not_ping_or_set_a_name),
        cmocka_unit_test(link__is_ready__when_the_server_cannot_save),
        cmocka_unit_test(link__gives_none_unknown__when_the_connection_ends_within_a_reply),
        cmocka_unit_test(link_unsent__is_true_for_what_never_left__when_the_socket_was_full),
        cmocka_unit_test(link_unsent__is_true__when_the_link_is_stopped_in_the_same_turn),
        cmocka_unit_test(link__closes_and_gives_none__when_no_reply_comes_in_time),
        cmocka_unit_test(link__gives_up_the_greeting__when_the_server_is_mute),
        cmocka_unit_test(link__pings_and_notices_silence__when_idle),
        cmocka_unit_test(link__waits_on__when_messages_come_before_the_answer_on_a_feed),
        cmocka_unit_test(link__says_what_is_wrong_and_tries_again__when_there_is_no_socket),
        cmocka_unit_test(link__says_connection_refused__when_nobody_listens_on_the_port),
        cmocka_unit_test(link__keeps_the_start_of_an_outage__when_it_tries_again),
        cmocka_unit_test(link__names_the_host__when_it_cannot_be_found),
        cmocka_unit_test(link_free__leaves_nothing_behind__when_a_name_is_still_being_looked_up),
        cmocka_unit_test(link_free__is_safe__when_called_from_the_callback_of_a_reply),
        cmocka_unit_test(link_free__is_safe__when_called_from_a_callback_without_reply),
        cmocka_unit_test(link_free__is_safe__when_called_from_a_change_of_state_or_a_message),
        cmocka_unit_test(link_send__may_be_called_from_a_callback__when_ready_and_not_otherwise),
        cmocka_unit_test(link_retry_now__tries_at_once__when_called_from_the_callback_of_a_wait),
        cmocka_unit_test(link_stop__wins__when_called_from_the_callback_of_a_wait),
        cmocka_unit_test(pauses__grow_to_a_bound_and_differ__while_nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
