#include "support/unit.h"

#include "redai/action/order.h"

struct fixture {
    struct templates t;
    struct routes r;
    struct words w;
    struct err err;
    struct order o;
};

static int set_up(void **state)
{
    struct fixture *f = mem_zalloc(sizeof *f);
    templates_init(&f->t);
    routes_init(&f->r);
    words_init(&f->w);
    order_init(&f->o, VERB_ENQUEUE);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    order_release(&f->o);
    templates_release(&f->t);
    routes_release(&f->r);
    words_release(&f->w);
    mem_free(f);
    return 0;
}

static bool parse(struct fixture *f, const char *line)
{
    assert_true(words_parse(&f->w, line, &f->err));
    order_release(&f->o);
    return order_parse(&f->o, &f->w, &f->t, &f->r, &f->err);
}

static void order_parse__takes_ids_as_they_are__when_something_is_revoked(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *line;
        enum verb verb;
        enum target_kind kind;
        const char *id[3];
        bool terminate;
    } cases[] = {
        {"revoke session abc", VERB_REVOKE_SESSION, TARGET_SESSION, {"abc"}, false},
        {"revoke session -abc _x", VERB_REVOKE_SESSION, TARGET_SESSION, {"-abc", "_x"}, false},
        {"revoke session session:abc", VERB_REVOKE_SESSION, TARGET_SESSION, {"abc"}, false},
        {"revoke session -- --abc", VERB_REVOKE_SESSION, TARGET_SESSION, {"--abc"}, false},
        {"revoke session --45678901234567890123456789012345678901234",
         VERB_REVOKE_SESSION,
         TARGET_SESSION,
         {"--45678901234567890123456789012345678901234"},
         false},
        {"revoke user 7 8", VERB_REVOKE_USER, TARGET_USER, {"7", "8"}, false},
        {"revoke task t1 t2", VERB_REVOKE_TASK, TARGET_TASK, {"t1", "t2"}, false},
        {"revoke task --terminate t1", VERB_REVOKE_TASK, TARGET_TASK, {"t1"}, true},
        {"revoke task t1 --terminate", VERB_REVOKE_TASK, TARGET_TASK, {"t1"}, true},
        {"revoke task -- --terminate", VERB_REVOKE_TASK, TARGET_TASK, {"--terminate"}, false},
        {"retry t1 t2", VERB_RETRY, TARGET_TASK, {"t1", "t2"}, false},
        {"remove t1", VERB_REMOVE, TARGET_TASK, {"t1"}, false},
        {"move t1 --queue slow t2", VERB_MOVE, TARGET_TASK, {"t1", "t2"}, false},
        {"purge celery 'a b'", VERB_PURGE, TARGET_QUEUE, {"celery", "a b"}, false},
        {"requeue", VERB_REQUEUE, TARGET_NONE, {NULL}, false},
        {"requeue tag1", VERB_REQUEUE, TARGET_TASK, {"tag1"}, false},
        {"delete exam:1*", VERB_DELETE, TARGET_KEY, {"exam:1*"}, false},
        {"persist -- --x", VERB_PERSIST, TARGET_KEY, {"--x"}, false},
        {"invalidate exam:1* 'a b'", VERB_INVALIDATE, TARGET_PATTERN, {"exam:1*", "a b"}, false},
        {"notifications on", VERB_NOTIFICATIONS, TARGET_NONE, {NULL}, false},
        {"kill client 12 [::1]:5", VERB_KILL, TARGET_CLIENT, {"12", "[::1]:5"}, false},
        {"kill client --own --replica /run/redis.sock:0",
         VERB_KILL,
         TARGET_CLIENT,
         {"/run/redis.sock:0"},
         false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(parse(f, cases[i].line));
        assert_int_equal(f->o.verb, cases[i].verb);
        assert_int_equal(f->o.terminate, cases[i].terminate);
        unsigned n = 0;
        for (; n < 3 && cases[i].id[n]; n++) {
            const struct target *t = utarray_eltptr(&f->o.target, n);
            assert_non_null(t);
            assert_int_equal(t->kind, cases[i].kind);
            assert_string_equal(t->id, cases[i].id[n]);
        }
        assert_int_equal(utarray_len(&f->o.target), n);
    }
}

static void order_parse__fills_in_task_and_arguments__when_something_is_enqueued(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *line, *task, *args, *kwargs, *queue;
        int priority;
        int64_t countdown_us;
    } cases[] = {
        {"enqueue test", "api.tasks.test_redis_task", "[\"hello\"]", NULL, NULL, 0, 0},
        {"enqueue test message=hi --priority 9", "api.tasks.test_redis_task", "[\"hi\"]", NULL, NULL, 9, 0},
        {"enqueue --countdown 30 batch count=5 exam_id=2", "api.tasks.batch_generate_questions", "[2, 5]",
         NULL, NULL, 0, 30000000},
        {"enqueue batch --args [1] --queue=slow", "api.tasks.batch_generate_questions", "[1]", NULL, "slow",
         0, 0},
        {"enqueue api.tasks.test_redis_task message=x", "api.tasks.test_redis_task", "[\"x\"]", NULL, NULL, 0,
         0},
        {"enqueue api.tasks.test_redis_task", "api.tasks.test_redis_task", NULL, NULL, NULL, 0, 0},
        {"enqueue a.b '--kwargs={\"x\": 1}' --countdown 2m", "a.b", NULL, "{\"x\": 1}", NULL, 0, 120000000},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(parse(f, cases[i].line));
        assert_int_equal(f->o.verb, VERB_ENQUEUE);
        assert_string_equal(f->o.task, cases[i].task);
        const char *const pairs[][2] = {
            {f->o.args, cases[i].args}, {f->o.kwargs, cases[i].kwargs}, {f->o.queue, cases[i].queue}};
        for (size_t k = 0; k < COUNT_OF(pairs); k++) {
            assert_int_equal(!pairs[k][0], !pairs[k][1]);
            if (pairs[k][1]) {
                assert_string_equal(pairs[k][0], pairs[k][1]);
            }
        }
        assert_int_equal(f->o.priority, cases[i].priority);
        assert_int_equal(f->o.countdown_us, cases[i].countdown_us);
    }
}

static void order_parse__takes_times__when_something_is_enqueued(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, "enqueue a.b --eta 2026-11-25T18:30:00 --expires 5m"));
    assert_true(f->o.eta_wall_us == INT64_C(1795631400000000));
    assert_true(f->o.expires_us == INT64_C(300000000));
    assert_true(parse(f, "enqueue a.b"));
    assert_true(f->o.eta_wall_us == -1);
    assert_true(f->o.expires_us == 0);
}

static void order_parse__leaves_open_what_the_task_had__when_it_is_retried(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, "retry t1"));
    assert_int_equal(f->o.priority, -1);
    assert_null(f->o.args);
    assert_null(f->o.queue);
    assert_true(f->o.rate_per_s == 0);
    assert_true(parse(f, "retry t1 --queue q --priority 3 --countdown 5 --args [1] --kwargs {} --rate 2.5"));
    assert_int_equal(f->o.priority, 3);
    assert_string_equal(f->o.args, "[1]");
    assert_string_equal(f->o.kwargs, "{}");
    assert_string_equal(f->o.queue, "q");
    assert_true(f->o.rate_per_s == 2.5);
    assert_true(f->o.countdown_us == 5000000);
}

static void order_parse__takes_the_message_too__when_it_is_told_to_remove(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, "revoke task t1 --remove"));
    assert_true(f->o.remove);
    assert_false(f->o.terminate);
    assert_true(parse(f, "revoke task t1"));
    assert_false(f->o.remove);
}

static void order_parse__reads_key_and_time__of_expire(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, "expire exam:7 10m"));
    assert_int_equal(f->o.verb, VERB_EXPIRE);
    assert_int_equal(f->o.expires_us, INT64_C(600000000));
    const struct target *t = (const struct target *)utarray_eltptr(&f->o.target, 0);
    assert_int_equal(t->kind, TARGET_KEY);
    assert_string_equal(t->id, "exam:7");
    assert_true(parse(f, "expire 10 20"));
    assert_int_equal(f->o.expires_us, INT64_C(20000000));
}

static void order_parse__names_the_wrong_word__when_a_line_is_not_understood(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"",
         "\"\": no action, expected enqueue, revoke, invalidate, notifications, retry, remove, move, purge, "
         "requeue, worker, events, expire, persist, delete, kill, undo or repair"},
        {"prune x",
         "\"prune\": no action, expected enqueue, revoke, invalidate, notifications, retry, remove, "
         "move, purge, requeue, worker, events, expire, persist, delete, kill, undo or repair"},
        {"revoke", "revoke: expected session SID, sessions FILTER, user UID or task ID"},
        {"revoke sesion x", "\"sesion\": revoke what? expected session, sessions, user or task"},
        {"revoke session", "revoke session: which session?"},
        {"revoke session ''", "revoke session: an empty session"},
        {"revoke session abcdef~",
         "\"abcdef~\": expected a whole session id, neither shortened nor a pattern"},
        {"revoke session 'ab*'", "\"ab*\": expected a whole session id, neither shortened nor a pattern"},
        {"revoke session session:",
         "\"session:\": expected a whole session id, neither shortened nor a pattern"},
        {"revoke session --yes x",
         "\"--yes\": unknown option (write -- in front of a name that begins with dashes)"},
        {"revoke user --terminate 7",
         "\"--terminate\": unknown option (write -- in front of a name that begins with dashes)"},
        {"revoke task --terminate", "revoke task: which task?"},
        {"revoke task --kill x", "\"--kill\": unknown option, expected --terminate or --remove"},
        {"revoke task --remove=yes x", "\"--remove=yes\": no value is expected behind it"},
        {"invalidate", "invalidate: which pattern?"},
        {"invalidate ''", "invalidate: an empty pattern"},
        {"expire", "expire: expected KEY TIME, as in expire exam:7 10m"},
        {"expire exam:7", "expire: expected KEY TIME, as in expire exam:7 10m"},
        {"expire exam:7 0", "\"0\": expected a time like 90, 10m or 2h (to end it now: delete)"},
        {"expire exam:7 soon", "\"soon\": expected a time like 90, 10m or 2h (to end it now: delete)"},
        {"expire exam:7 10 20", "\"20\": expected one key and one time"},
        {"expire '' 10", "expire: an empty key"},
        {"persist", "persist: which key?"},
        {"delete a b", "delete: one key at a time (invalidate takes patterns)"},
        {"delete ''", "delete: an empty key"},
        {"retry", "retry: which task?"},
        {"retry t1 --rate 0", "\"0\": --rate: expected how many a second, more than 0 and up to 1000"},
        {"retry t1 t2 --args []", "retry: --task, --args and --kwargs are for one task"},
        {"retry t1 t2 --task a.b", "retry: --task, --args and --kwargs are for one task"},
        {"retry t1 --task ''", "\"\": --task: expected a registered name like api.tasks.test_redis_task"},
        {"retry t1 --task 'a b'",
         "\"a b\": --task: expected a registered name like api.tasks.test_redis_task"},
        {"retry t1 --eta x", "\"--eta\": unknown option, expected --task --args --kwargs --queue "
                             "--priority --countdown or --rate"},
        {"remove", "remove: which task?"},
        {"remove --all x", "\"--all\": unknown option (write -- in front of a name that begins with dashes)"},
        {"revoke sessions", "revoke sessions: which? expected a filter like role:student idle>30m, or all"},
        {"revoke sessions ' '",
         "revoke sessions: which? expected a filter like role:student idle>30m, or all"},
        {"revoke sessions role:x --quick",
         "\"--quick\": unknown option (write -- in front of a name that begins "
         "with dashes)"},
        {"repair", "repair: expected sessions [FILTER] [--add|--drop]"},
        {"repair users", "\"users\": repair what? expected sessions"},
        {"repair sessions --both", "\"--both\": unknown option, expected --add or --drop"},
        {"move t1", "move: where to? expected --queue QUEUE"},
        {"move --queue q", "move: which task?"},
        {"purge", "purge: which queue?"},
        {"kill", "kill: expected client ID|ADDRESS..."},
        {"kill worker 3", "\"worker\": expected client"},
        {"kill client", "kill client: which client?"},
        {"kill client 0",
         "\"0\": expected a client's number, as in the clients pane, or its address with the port"},
        {"kill client 10.0.0.7",
         "\"10.0.0.7\": expected a client's number, as in the clients pane, or its address with the port"},
        {"kill client :7",
         "\":7\": expected a client's number, as in the clients pane, or its address with the port"},
        {"purge ''", "purge: an empty queue"},
        {"purge \"a\\x06\\x163\"", "\"a^F^V3\": expected the name of a queue"},
        {"notifications", "notifications: expected on"},
        {"notifications off", "\"off\": expected notifications on"},
        {"notifications on now", "\"now\": nothing is expected behind notifications on"},
        {"enqueue", "enqueue: which task or template?"},
        {"enqueue tset",
         "\"tset\": no task name (those have a dot) and no template, expected one of: test batch"},
        {"enqueue test hello", "\"hello\": expected NAME=VALUE"},
        {"enqueue test msg=hello", "test: no field \"msg\", expected NAME=VALUE of: message"},
        {"enqueue test message=x --args [1]",
         "\"message=x\": give either NAME=VALUE or --args and --kwargs, not both"},
        {"enqueue a.b x=1", "\"x=1\": no template for this task: use --args or --kwargs"},
        {"enqueue a.b --args {}", "\"{}\": --args: expected a JSON array like [1, \"a\"]"},
        {"enqueue a.b --args [1", "\"[1\": --args: expected a JSON array like [1, \"a\"]"},
        {"enqueue a.b --kwargs []", "\"[]\": --kwargs: expected a JSON object like {\"exam_id\": 1}"},
        {"enqueue a.b --args", "\"--args\": a value is missing behind it"},
        {"enqueue a.b --quue x", "\"--quue\": unknown option, expected --args --kwargs --queue --priority "
                                 "--countdown --eta or --expires"},
        {"enqueue a.b --priority 10", "\"10\": --priority: expected 0 to 9 (0 is served first)"},
        {"enqueue a.b --countdown -5",
         "\"-5\": --countdown: expected a time like 30, 30s or 5m, up to a year"},
        {"enqueue a.b --countdown 400d",
         "\"400d\": --countdown: expected a time like 30, 30s or 5m, up to a year"},
        {"enqueue a.b --eta tomorrow", "\"tomorrow\": --eta: expected a time like 2026-11-25T18:30:00 (UTC)"},
        {"enqueue a.b --expires 0", "\"0\": --expires: expected a time like 30, 30s or 5m, up to a year"},
        {"enqueue a.b --eta 2026-11-25T18:30:00 --countdown 5",
         "enqueue: give either --countdown or --eta, not both"},
        {"undo x", "\"x\": expected the number of what is kept, as undo lists it"},
        {"undo 0", "\"0\": expected the number of what is kept, as undo lists it"},
        {"undo 1 2", "\"2\": nothing is expected behind the number"},
        {"enqueue a.b --queue ''", "\"\": --queue: expected the name of a queue"},
        {"enqueue a.b --queue \"a\\x06\\x163\"", "\"a^F^V3\": --queue: expected the name of a queue"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(parse(f, cases[i].line));
        assert_string_equal(f->err.text, cases[i].error);
        assert_int_equal(utarray_len(&f->o.target), 0);
    }
}

static void order_parse__takes_the_number__when_something_is_undone(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, "undo"));
    assert_int_equal(f->o.verb, VERB_UNDO);
    assert_int_equal(f->o.number, 0);
    order_release(&f->o);
    assert_true(parse(f, "undo 12"));
    assert_int_equal(f->o.number, 12);
}

static void order_parse__keeps_the_filter__when_sessions_are_chosen_by_one(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *line;
        enum verb verb;
        const char *filter;
        bool add, drop;
    } cases[] = {
        {"revoke sessions role:student idle>30m", VERB_REVOKE_SESSION, "role:student idle>30m", false, false},
        {"revoke sessions 'role:student  idle>30m'", VERB_REVOKE_SESSION, "role:student  idle>30m", false,
         false},
        {"revoke sessions 'name:\"Anna B\"'", VERB_REVOKE_SESSION, "name:\"Anna B\"", false, false},
        {"revoke sessions all", VERB_REVOKE_SESSION, "", false, false},
        {"revoke sessions all user=7", VERB_REVOKE_SESSION, "all user=7", false, false},
        {"repair sessions", VERB_REPAIR, "", false, false},
        {"repair sessions all --add", VERB_REPAIR, "", true, false},
        {"repair sessions user=7 --drop", VERB_REPAIR, "user=7", false, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(parse(f, cases[i].line));
        assert_int_equal(f->o.verb, cases[i].verb);
        assert_string_equal(f->o.filter, cases[i].filter);
        assert_int_equal(f->o.add, cases[i].add);
        assert_int_equal(f->o.drop, cases[i].drop);
        assert_int_equal(utarray_len(&f->o.target) + utarray_len(&f->o.stray) + utarray_len(&f->o.word), 0);
    }
}

static void order_release__may_be_called_again__when_it_was_released(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, "revoke user 7"));
    order_release(&f->o);
    order_release(&f->o);
    order_add(&f->o, TARGET_USER, S("8"));
    assert_int_equal(utarray_len(&f->o.target), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(order_parse__takes_ids_as_they_are__when_something_is_revoked),
        TEST(order_parse__fills_in_task_and_arguments__when_something_is_enqueued),
        TEST(order_parse__takes_times__when_something_is_enqueued),
        TEST(order_parse__leaves_open_what_the_task_had__when_it_is_retried),
        TEST(order_parse__takes_the_message_too__when_it_is_told_to_remove),
        TEST(order_parse__takes_the_number__when_something_is_undone),
        TEST(order_parse__reads_key_and_time__of_expire),
        TEST(order_parse__names_the_wrong_word__when_a_line_is_not_understood),
        TEST(order_parse__keeps_the_filter__when_sessions_are_chosen_by_one),
        TEST(order_release__may_be_called_again__when_it_was_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
