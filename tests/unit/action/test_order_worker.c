/* What is asked of workers: each method's words, and each wrong one named. */
#include "support/unit.h"

#include "redai/action/order.h"

struct fixture {
    struct words w;
    struct err err;
    struct order o;
};

static int set_up(void **state)
{
    struct fixture *f = mem_zalloc(sizeof *f);
    words_init(&f->w);
    order_init(&f->o, VERB_WORKER);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    order_release(&f->o);
    words_release(&f->w);
    mem_free(f);
    return 0;
}

static bool parse(struct fixture *f, const char *line)
{
    assert_true(words_parse(&f->w, line, &f->err));
    order_release(&f->o);
    return order_parse(&f->o, &f->w, NULL, NULL, &f->err);
}

static void order_parse__writes_the_arguments__when_a_worker_is_asked(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *line, *method, *arguments;
        unsigned targets;
    } cases[] = {
        {"worker ping", "ping", "{}", 0},
        {"worker events on", "enable_events", "{}", 0},
        {"events on --on worker1@demo", "enable_events", "{}", 1},
        {"events off", "disable_events", "{}", 0},
        {"worker grow 2 --on worker1@demo,worker2@demo", "pool_grow", "{\"n\":2}", 2},
        {"worker shrink 1 --on=worker1@demo --on worker2@demo --on worker1@demo", "pool_shrink", "{\"n\":1}",
         2},
        {"worker consume 'my queue'", "add_consumer", "{\"queue\":\"my queue\"}", 0},
        {"worker cancel \"a\\\"b\"", "cancel_consumer", "{\"queue\":\"a\\\"b\"}", 0},
        {"worker rate a.b 10/m", "rate_limit", "{\"task_name\":\"a.b\",\"rate_limit\":\"10/m\"}", 0},
        {"worker rate a.b 0", "rate_limit", "{\"task_name\":\"a.b\",\"rate_limit\":\"0\"}", 0},
        {"worker limit a.b 30 1m", "time_limit", "{\"task_name\":\"a.b\",\"soft\":30.000,\"hard\":60.000}",
         0},
        {"worker limit a.b none 250ms", "time_limit", "{\"task_name\":\"a.b\",\"soft\":null,\"hard\":0.250}",
         0},
        {"worker limit a.b none none", "time_limit", "{\"task_name\":\"a.b\",\"soft\":null,\"hard\":null}",
         0},
        {"worker heartbeat", "heartbeat", "{}", 0},
        {"worker shutdown --on worker1@demo", "shutdown", "{}", 1},
    };
    UT_string arguments;
    utstring_init(&arguments);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (!parse(f, cases[i].line)) {
            fail_msg("%s: %s", cases[i].line, f->err.text);
        }
        assert_int_equal(f->o.verb, VERB_WORKER);
        assert_string_equal(f->o.method->method, cases[i].method);
        assert_int_equal(utarray_len(&f->o.target), cases[i].targets);
        utstring_clear(&arguments);
        assert_true(f->o.method->arguments(&f->o.word, &arguments, &f->err));
        assert_string_equal(utstring_body(&arguments), cases[i].arguments);
    }
    utstring_done(&arguments);
}

static void order_parse__keeps_each_node_once__when_they_are_named(void **state)
{
    struct fixture *f = *state;
    assert_true(parse(f, "worker ping --on a@x,b@y --on a@x"));
    assert_int_equal(utarray_len(&f->o.target), 2);
    const struct target *t = utarray_eltptr(&f->o.target, 1);
    assert_int_equal(t->kind, TARGET_WORKER);
    assert_string_equal(t->id, "b@y");
}

static void order_parse__names_the_wrong_word__when_a_method_is_not_understood(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"worker", "worker: which method?"},
        {"worker election",
         "\"election\": no method of a worker, expected one of: ping, events on, events off, "
         "grow, shrink, consume, cancel, rate, limit, heartbeat, shutdown"},
        {"worker events", "events: expected on or off"},
        {"events", "events: expected on or off"},
        {"events maybe", "\"maybe\": expected events on or events off"},
        {"events on now", "\"now\": nothing more is expected here"},
        {"worker ping now", "\"now\": nothing more is expected here"},
        {"worker ping --all", "\"--all\": unknown option, expected --on"},
        {"worker ping --on", "\"--on\": a value is missing behind it"},
        {"worker ping --on ''", "\"\": --on: expected the name of a worker, like worker1@host"},
        {"worker ping --on a@x,", "\"a@x,\": --on: expected the name of a worker, like worker1@host"},
        {"worker grow", "worker grow: expected N"},
        {"worker grow 0", "\"0\": expected a number of processes, 1 to 100"},
        {"worker grow 101", "\"101\": expected a number of processes, 1 to 100"},
        {"worker shrink one", "\"one\": expected a number of processes, 1 to 100"},
        {"worker shrink 1 2", "\"2\": nothing more is expected here"},
        {"worker consume ''", "\"\": expected the name of a queue"},
        {"worker consume \"a\\x06\\x163\"", "\"a^F^V3\": expected the name of a queue"},
        {"worker consume unacked", "\"unacked\": this is no queue but the broker's own"},
        {"worker consume _kombu.binding.celery",
         "\"_kombu.binding.celery\": this is no queue but the broker's own"},
        {"worker consume w@h.celery.pidbox", "\"w@h.celery.pidbox\": this is no queue but the broker's own"},
        {"worker cancel", "worker cancel: expected QUEUE"},
        {"worker rate a.b", "worker rate: expected TASK RATE"},
        {"worker rate a.b 10/d", "\"10/d\": expected a rate like 10/m, 5/s or 100/h; 0 for no limit"},
        {"worker rate a.b -1/s", "\"-1/s\": expected a rate like 10/m, 5/s or 100/h; 0 for no limit"},
        {"worker rate a.b /s", "\"/s\": expected a rate like 10/m, 5/s or 100/h; 0 for no limit"},
        {"worker rate 'a.*' 1/s", "\"a.*\": expected the whole name of a task"},
        {"worker limit a.b 30", "worker limit: expected TASK SOFT HARD"},
        {"worker limit a.b x 30", "\"x\": SOFT: expected a time like 30, 30s or 5m, or none"},
        {"worker limit a.b 30 0", "\"0\": HARD: expected a time like 30, 30s or 5m, or none"},
        {"worker limit a.b 60 30", "\"60\": SOFT: it must not be longer than HARD"},
        {"worker shutdown", "worker shutdown: which worker? expected --on NODE"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(parse(f, cases[i].line));
        assert_string_equal(f->err.text, cases[i].error);
        assert_int_equal(utarray_len(&f->o.target), 0);
    }
}

static void worker_methods__say_what_they_do__when_they_are_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < worker_methods_count; i++) {
        const struct worker_method *m = &worker_methods[i];
        assert_ptr_equal(worker_method_find(m->word), m);
        assert_true(*m->help && *m->effect && *m->lasts);
        assert_int_equal(m->max_args > 0, *m->usage != '\0');
        assert_string_not_equal(m->method, "election");
        assert_int_equal(m->needs_target, strcmp(m->method, "shutdown") == 0);
    }
    assert_null(worker_method_find("election"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(order_parse__writes_the_arguments__when_a_worker_is_asked),
        TEST(order_parse__keeps_each_node_once__when_they_are_named),
        TEST(order_parse__names_the_wrong_word__when_a_method_is_not_understood),
        TEST(worker_methods__say_what_they_do__when_they_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
