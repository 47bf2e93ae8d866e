/* Turning key notifications on: what is there stays, what is missing is added, and it is read back. */
#include "stage.h"

#include <stdlib.h>

static int set_up(void **state)
{
    *state = stage_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static void notifications__adds_what_is_missing__when_some_are_on(void **state)
{
    struct stage *s = *state;
    stage_do(s, "CONFIG SET notify-keyspace-events Kl");
    stage_order(s, "notifications on");
    char *value = server_cli(s->server, "CONFIG", "GET", "notify-keyspace-events", NULL);
    for (const char *letter = "KlEg$xem"; *letter; letter++) {
        assert_non_null(strchr(strchr(value, '\n'), *letter));
    }
    free(value);
    stage_assert_plan(s, "command  CONFIG SET notify-keyspace-events ");
    stage_assert_plan(s, "adds expired keys (x)\n");
    stage_assert_plan(s, "lasts until Redis restarts; to keep it, in redis.conf: notify-keyspace-events ");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(s->text, "notifications are on ("));
    stage_order(s, "notifications on");
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(s->text, "nothing was changed"));
}

static void notifications__names_the_line_for_the_file__when_config_may_not_be_used(void **state)
{
    struct stage *s = *state;
    stage_do(s, "ACL SETUSER default -config");
    stage_order(s, "notifications on");
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "NOPERM"));
    assert_non_null(strstr(s->text, "; set it in redis.conf: notify-keyspace-events Eg$xem"));
    stage_do(s, "ACL SETUSER default -config|set");
    stage_order(s, "notifications on");
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "the server refused it: NOPERM"));
    assert_non_null(strstr(s->text, "; set it in redis.conf: notify-keyspace-events "));
}

static void notifications__says_that_config_is_gone__when_it_was_renamed(void **state)
{
    static const char *const args[] = {"--rename-command", "CONFIG", "", NULL};
    (void)state;
    struct stage *s = stage_new(&(struct server_options){.args = args});
    stage_order(s, "notifications on");
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "ERR unknown command 'CONFIG'"));
    assert_non_null(strstr(s->text, "; set it in redis.conf: notify-keyspace-events Eg$xem"));
    stage_free(s);
}

static void somebody_adds_hashes(struct stage *s)
{
    stage_do(s, "CONFIG SET notify-keyspace-events Klh");
}

static void somebody_takes_lists_away(struct stage *s)
{
    stage_do(s, "CONFIG SET notify-keyspace-events Kh");
}

static void somebody_turns_all_on(struct stage *s)
{
    stage_do(s, "CONFIG SET notify-keyspace-events AKEm");
}

static void assert_setting_has(struct stage *s, const char *letters)
{
    char *value = server_cli(s->server, "CONFIG", "GET", "notify-keyspace-events", NULL);
    for (const char *letter = letters; *letter; letter++) {
        if (!strchr(strchr(value, '\n'), *letter)) {
            fail_msg("%c is not in %s", *letter, value);
        }
    }
    free(value);
}

static void notifications__keeps_what_another_adds__when_it_comes_while_it_asks(void **state)
{
    struct stage *s = *state;
    stage_do(s, "CONFIG SET notify-keyspace-events Kl");
    s->at_plan = somebody_adds_hashes;
    stage_order(s, "notifications on");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_setting_has(s, "KlhEg$xem");
    assert_non_null(strchr(s->out, 'h'));
}

static void notifications__changes_nothing__when_another_takes_letters_away_while_it_asks(void **state)
{
    struct stage *s = *state;
    stage_do(s, "CONFIG SET notify-keyspace-events Kl");
    s->at_plan = somebody_takes_lists_away;
    stage_watch(s);
    stage_order(s, "notifications on");
    char *heard = stage_heard(s);
    assert_null(strstr(heard, "Eg"));
    free(heard);
    assert_int_equal(s->outcome, ACTION_CHANGED);
    assert_non_null(strstr(s->text, "it was \"lK\" and is now \"hK\": nothing was changed"));
    assert_null(s->out);
    assert_setting_has(s, "Kh");
}

static void notifications__has_nothing_to_do__when_another_turns_them_on_while_it_asks(void **state)
{
    struct stage *s = *state;
    stage_do(s, "CONFIG SET notify-keyspace-events Kl");
    s->at_plan = somebody_turns_all_on;
    stage_order(s, "notifications on");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(s->text, "somebody else turned them on meanwhile (AKEm): nothing was changed"));
    assert_string_equal(s->out, "AKEm");
    assert_setting_has(s, "AKEm");
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(notifications__adds_what_is_missing__when_some_are_on),
        TEST(notifications__names_the_line_for_the_file__when_config_may_not_be_used),
        TEST(notifications__keeps_what_another_adds__when_it_comes_while_it_asks),
        TEST(notifications__changes_nothing__when_another_takes_letters_away_while_it_asks),
        TEST(notifications__has_nothing_to_do__when_another_turns_them_on_while_it_asks),
        cmocka_unit_test(notifications__says_that_config_is_gone__when_it_was_renamed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
