/* expire, persist and delete of one key: what is planned is what is done, or nothing is. */
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

static void expire__sets_the_ttl__and_reads_it_back(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:7 value EX 3600");
    stage_watch(s);
    stage_order(s, "expire exam:7 10m");
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard,
                           "\"TYPE\" \"exam:7\"\n\"PTTL\" \"exam:7\"\n\"MEMORY\" \"USAGE\" \"exam:7\"\n"
                           "\"WATCH\" \"exam:7\"\n\"TYPE\" \"exam:7\"\n\"PTTL\" \"exam:7\"\n\"MULTI\"\n"
                           "\"PEXPIRE\" \"exam:7\" \"600000\"\n\"EXEC\"\n\"PTTL\" \"exam:7\"\n"));
    free(heard);
    stage_assert_plan(s, "plan     set the TTL of exam:7 to 10m00s\n");
    stage_assert_plan(s, "WATCH exam:7; MULTI; PEXPIRE exam:7 600000; EXEC\n");
    stage_assert_plan(s, ", then TTL 10m00s\n");
    stage_assert_end(s, ACTION_DONE, "its TTL is set");
    assert_string_equal(s->out, "1");
    long long left = stage_int(s, "TTL exam:7");
    assert_true(left > 500 && left <= 600);
}

static void persist__removes_the_ttl__once(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:7 value EX 3600");
    stage_order(s, "persist exam:7");
    stage_assert_plan(s, "plan     remove the TTL of exam:7\n");
    stage_assert_end(s, ACTION_DONE, "it has no TTL any more");
    assert_int_equal(stage_int(s, "TTL exam:7"), -1);
    stage_order(s, "persist exam:7");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_GONE, "exam:7: it has no TTL: there is nothing to remove");
}

static void delete__keeps_it_first__and_undo_brings_it_back(void **state)
{
    struct stage *s = *state;
    stage_keep(s, NULL);
    stage_do(s, "HSET exam:7 a 1 b 2");
    stage_do(s, "EXPIRE exam:7 3600");
    stage_watch(s);
    stage_order(s, "delete exam:7");
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard,
                           "\"MULTI\"\n\"PTTL\" \"exam:7\"\n\"DUMP\" \"exam:7\"\n\"UNLINK\" \"exam:7\"\n"
                           "\"EXEC\"\n"));
    free(heard);
    stage_assert_plan(s, "plan     delete exam:7\n");
    stage_assert_plan(s, "exam:7: hash, ");
    stage_assert_plan(s, "undo: kept for ");
    stage_assert_end(s, ACTION_DONE, "deleted");
    assert_int_equal(stage_int(s, "EXISTS exam:7"), 0);
    stage_order(s, "undo");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "HLEN exam:7"), 2);
    assert_true(stage_int(s, "TTL exam:7") > 3500);
}

static void a_key_that_is_not_there__is_told(void **state)
{
    struct stage *s = *state;
    static const char *const lines[] = {"delete exam:9", "persist exam:9", "expire exam:9 10"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        stage_order(s, lines[i]);
        assert_false(s->planned);
        stage_assert_end(s, ACTION_GONE, "exam:9: there is no such key");
    }
}

/* What has a verb of its own, and what Celery lives on. */
static void what_is_no_plain_key__is_refused__with_the_verb_for_it(void **state)
{
    struct stage *s = *state;
    static const struct {
        const char *make, *key, *why;
    } cases[] = {
        {"SET session:secret-token x", "session:secret-token",
         "session:secret~: a session: use revoke session, which takes it out of its user's index too"},
        {"SADD user:7:sessions a", "user:7:sessions",
         "user:7:sessions: a user's index of sessions: use revoke user; without it 'log out everywhere' "
         "would find "
         "nothing"},
        {"SET batch:progress:b x", "batch:progress:b",
         "batch:progress:b: a batch's progress: it expires by itself; use revoke task to end it"},
        {"SADD _kombu.binding.celery x", "_kombu.binding.celery",
         "_kombu.binding.celery: one of the broker's keys: Celery would no longer find its queue"},
        {"LPUSH celery x", "celery",
         "celery: a queue: use purge, which drops what waits in it and says what that is"},
        {"HSET unacked t x", "unacked", "unacked: what workers hold: use requeue for what dead ones left"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[100];
        stage_do(s, "%s", cases[i].make);
        snprintf(line, sizeof line, "delete %s", cases[i].key);
        stage_order(s, line);
        assert_false(s->planned);
        stage_assert_end(s, ACTION_REFUSED, cases[i].why);
        snprintf(line, sizeof line, "expire %s 10", cases[i].key);
        stage_order(s, line);
        stage_assert_end(s, ACTION_REFUSED, cases[i].why);
    }
    assert_int_equal(stage_int(s, "DBSIZE"), 6);
}

/* A mailbox that a `celery inspect` left behind never ends by itself: it may be given a time, or go. */
static void a_reply_mailbox__may_go__with_a_word_of_warning(void **state)
{
    struct stage *s = *state;
    stage_do(s, "LPUSH 4e95.reply.celery.pidbox x y");
    stage_order(s, "delete 4e95.reply.celery.pidbox");
    stage_assert_plan(s, "a mailbox for answers: who still waits there");
    stage_assert_end(s, ACTION_DONE, "deleted");
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
}

static void write_anew(struct stage *s)
{
    stage_do(s, "SET exam:7 other EX 7200");
}

static void become_a_list(struct stage *s)
{
    stage_do(s, "DEL exam:7");
    stage_do(s, "LPUSH exam:7 x");
}

static void go(struct stage *s)
{
    stage_do(s, "DEL exam:7");
}

static void what_was_changed_meanwhile__stays(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:7 value EX 3600");
    s->at_plan = write_anew;
    stage_order(s, "delete exam:7");
    assert_int_equal(s->outcome, ACTION_CHANGED);
    assert_non_null(strstr(s->text, "it was written anew: TTL "));
    assert_int_equal(stage_int(s, "EXISTS exam:7"), 1);
    s->at_plan = become_a_list;
    stage_order(s, "expire exam:7 10");
    stage_assert_end(s, ACTION_CHANGED, "it is a list now, no string: nothing was done");
    assert_int_equal(stage_int(s, "TTL exam:7"), -1);
    s->at_plan = go;
    stage_order(s, "delete exam:7");
    stage_assert_end(s, ACTION_GONE, "it has gone: there is nothing left to do");
}

static void names_of_any_bytes__are_meant_as_they_are(void **state)
{
    struct stage *s = *state;
    struct order o;
    stage_do(s, "EVAL return(redis.call('MSET','exam:\\0\\255',1,'exam:*',2,'exam:7',3)) 0");
    order_init(&o, VERB_DELETE);
    order_add(&o, TARGET_KEY, span_make("exam:\x00\xff", 7));
    stage_give(s, &o);
    stage_assert_end(s, ACTION_DONE, "deleted");
    stage_order(s, "delete exam:*");
    stage_assert_end(s, ACTION_DONE, "deleted");
    assert_int_equal(stage_int(s, "DBSIZE"), 1);
    assert_int_equal(stage_int(s, "EXISTS exam:7"), 1);
}

/* The server refuses a part of it: nothing half is done. */
static void what_an_acl_forbids__is_told(void **state)
{
    struct stage *s = *state;
    stage_keep(s, NULL);
    stage_do(s, "SET exam:7 value");
    stage_do(s, "ACL SETUSER default -unlink");
    stage_order(s, "delete exam:7");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "the server refused it: NOPERM"));
    assert_int_equal(stage_int(s, "EXISTS exam:7"), 1);
    stage_do(s, "ACL SETUSER default +unlink -memory");
    stage_order(s, "delete exam:7");
    assert_int_equal(s->outcome, ACTION_DONE);
}

static void what_was_read_for_it__is_counted(void **state)
{
    struct stage *s = *state;
    int64_t hits, misses;
    stage_keep(s, NULL);
    stage_do(s, "SET exam:7 value EX 3600");
    stage_do(s, "CONFIG RESETSTAT");
    stage_order(s, "expire exam:7 10m");
    stage_order(s, "persist exam:7");
    stage_order(s, "delete exam:7");
    stage_order(s, "delete exam:7");
    runner_own_reads(s->runner, &hits, &misses);
    char *info = server_cli(s->server, "INFO", "stats", NULL);
    assert_int_equal(hits, strtoll(strstr(info, "keyspace_hits:") + strlen("keyspace_hits:"), NULL, 10));
    assert_int_equal(misses,
                     strtoll(strstr(info, "keyspace_misses:") + strlen("keyspace_misses:"), NULL, 10));
    free(info);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expire__sets_the_ttl__and_reads_it_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(persist__removes_the_ttl__once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(delete__keeps_it_first__and_undo_brings_it_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_that_is_not_there__is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_plain_key__is_refused__with_the_verb_for_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_reply_mailbox__may_go__with_a_word_of_warning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_changed_meanwhile__stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_any_bytes__are_meant_as_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_an_acl_forbids__is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_read_for_it__is_counted, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
