/* Removing and moving single messages: only the exact bytes that were shown, and what became of those that a
 * worker took meanwhile. */
#include "stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/schema/message.h"
#include "redai/schema/message_ref.h"

#define SEP "\x06\x16"

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

static char *at(struct stage *s, const char *key, const char *index)
{
    return server_cli(s->server, "LINDEX", key, index, NULL);
}

static void push(struct stage *s, const char *key, const char *element)
{
    char *reply = server_cli(s->server, "LPUSH", key, element, NULL);
    assert_true(reply && reply[0] != '(');
    free(reply);
}

/* One message through the console's own template; its id. */
static char *enqueue(struct stage *s, const char *options)
{
    char line[256];
    snprintf(line, sizeof line, "enqueue api.tasks.echo %s", options);
    stage_order(s, line);
    assert_int_equal(s->outcome, ACTION_DONE);
    return mem_strdup(s->out);
}

static void __attribute__((format(printf, 2, 3))) order_id(struct stage *s, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    stage_order(s, line);
}

static void order_ref(struct stage *s, enum verb verb, const char *key, const char *element,
                      const char *queue)
{
    struct order o;
    UT_string ref;
    order_init(&o, verb);
    utstring_init(&ref);
    message_ref_make(span_of(key), span_of(element), &ref);
    order_add(&o, TARGET_MESSAGE, text_span(&ref));
    utstring_done(&ref);
    o.queue = mem_strdup(queue);
    stage_give(s, &o);
}

static void remove__takes_the_one_message__when_it_waits(void **state)
{
    struct stage *s = *state;
    char *first = enqueue(s, ""), *second = enqueue(s, "--args '[\"me\"]' --priority 5"),
         *third = enqueue(s, "");
    order_id(s, "remove %s", second);
    stage_assert_plan(s, " from celery");
    stage_assert_plan(s, "api.tasks.echo [\"me\"] in celery");
    stage_assert_plan(s, "nobody writes a result");
    stage_assert_plan(s, "count    1 (cannot be undone)\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_string_equal(s->out, "1");
    assert_int_equal(stage_int(s, "LLEN celery" SEP "3"), 0);
    assert_int_equal(stage_int(s, "LLEN celery"), 2);
    order_id(s, "remove %s", second);
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_GONE);
    mem_free(first);
    mem_free(second);
    mem_free(third);
}

static void remove__says_that_another_waits__when_the_id_is_there_twice(void **state)
{
    struct stage *s = *state;
    char *id = enqueue(s, "");
    char *element = at(s, "celery", "0");
    element[strcspn(element, "\n")] = '\0';
    push(s, "celery" SEP "3", element);
    free(element);
    order_id(s, "remove %s", id);
    stage_assert_plan(s, "waits more than once: only the next one is removed\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(stage_told(s, id)->text, "; another message with this id still waits"));
    assert_int_equal(stage_int(s, "LLEN celery") + stage_int(s, "LLEN celery" SEP "3"), 1);
    mem_free(id);
}

static const char *taken_key;

static void take(struct stage *s)
{
    char *element = server_cli(s->server, "RPOP", taken_key, NULL);
    struct message m;
    message_decode(&m, span_of(element));
    if (m.delivery_tag) {
        stage_do(s, "HSET unacked %s x", m.delivery_tag);
    }
    message_release(&m);
    free(element);
}

static void remove__says_that_a_worker_has_it__when_it_was_popped_meanwhile(void **state)
{
    struct stage *s = *state;
    char *id = enqueue(s, "");
    taken_key = "celery";
    s->at_plan = take;
    order_id(s, "remove %s", id);
    assert_int_equal(s->outcome, ACTION_CHANGED);
    assert_string_equal(stage_told(s, id)->text, "a worker has taken it meanwhile");
    assert_string_equal(s->out, "0");
    mem_free(id);
}

static void remove__sends_exact_bytes__when_it_is_poison_without_an_id(void **state)
{
    static const char *const poison[] = {"not json", "{}", "", "[1,2]",
                                         "{\"body\":\"x\",\"headers\":{\"task\":\"t\"},\"properties\":{}}"};
    struct stage *s = *state;
    for (size_t i = 0; i < COUNT_OF(poison); i++) {
        stage_do(s, "DEL celery");
        push(s, "celery", "{\"a\":1}");
        push(s, "celery", poison[i]);
        push(s, "celery", "{\"a\":2}");
        order_ref(s, VERB_REMOVE, "celery", poison[i], NULL);
        stage_assert_plan(s, "POISON: a worker that takes it exits");
        assert_int_equal(s->outcome, ACTION_DONE);
        assert_int_equal(stage_int(s, "LLEN celery"), 2);
        char *left = at(s, "celery", "0"), *right = at(s, "celery", "1");
        assert_string_equal(left, "{\"a\":2}");
        assert_string_equal(right, "{\"a\":1}");
        free(left);
        free(right);
    }
}

static void remove__tells_each__when_some_are_gone(void **state)
{
    struct stage *s = *state;
    char line[256], *id = enqueue(s, "");
    snprintf(line, sizeof line, "remove %s no-such-task", id);
    stage_order(s, line);
    stage_assert_plan(s, "1 waits in no list: nothing is done about it\n");
    assert_int_equal(stage_told(s, id)->outcome, ACTION_DONE);
    assert_int_equal(stage_told(s, "no-such-task")->outcome, ACTION_GONE);
    stage_assert_end(s, ACTION_DONE, "1 of 2 messages removed");
    mem_free(id);
}

static void remove__finds_it__when_the_list_is_long_and_its_elements_large(void **state)
{
    struct stage *s = *state;
    char *args = mem_zalloc(300 * 1024);
    char *id = enqueue(s, "");
    memset(args, 'a', 300 * 1024 - 1);
    redisContext *c = server_connect(s->server);
    for (int i = 0; i < 60; i++) {
        freeReplyObject(redisCommand(c, "RPUSH celery %s", args));
    }
    redisFree(c);
    order_id(s, "remove %s", id);
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "LLEN celery"), 60);
    mem_free(args);
    mem_free(id);
}

static void move__rewrites_the_queue__when_the_message_waits(void **state)
{
    struct stage *s = *state;
    char *id = enqueue(s, "--args '[1, \"ü\"]' --priority 7"), *was = at(s, "celery" SEP "6", "0");
    struct message before, after;
    stage_watch(s);
    order_id(s, "move %s --queue special", id);
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard, "\"WATCH\" \"celery\\x06\\x166\"\n"));
    assert_non_null(strstr(heard, "\"MULTI\"\n\"LREM\" \"celery\\x06\\x166\" \"-1\""));
    free(heard);
    stage_assert_plan(s, "plan     move 1 message to special\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "LLEN celery" SEP "6"), 0);
    char *is = at(s, "special" SEP "6", "0");
    message_decode(&before, span_of(was));
    message_decode(&after, span_of(is));
    assert_int_equal(after.fate, MESSAGE_FINE);
    assert_string_equal(after.queue, "special");
    assert_string_equal(after.id, id);
    assert_string_equal(after.args, before.args);
    assert_string_equal(after.delivery_tag, before.delivery_tag);
    message_release(&before);
    message_release(&after);
    free(was);
    free(is);
    order_id(s, "move %s --queue special", id);
    stage_assert_end(s, ACTION_REFUSED, "move: it is there already");
    mem_free(id);
}

static void move__does_nothing__when_a_worker_takes_it_first(void **state)
{
    struct stage *s = *state;
    char *id = enqueue(s, "");
    taken_key = "celery";
    s->at_plan = take;
    order_id(s, "move %s --queue special", id);
    assert_int_equal(s->outcome, ACTION_CHANGED);
    assert_int_equal(stage_int(s, "LLEN special"), 0);
    mem_free(id);
}

/* Something changes the list between the look and the transaction. */
static int disturbances;

static void disturb(struct ev_loop *loop, ev_check *watcher, int events)
{
    struct stage *s = watcher->data;
    (void)loop;
    (void)events;
    if (disturbances > 0) {
        disturbances--;
        stage_do(s, "LPUSH celery other");
    }
}

static void disturb_it(struct stage *s)
{
    (void)s;
    disturbances = 6;
}

static void move__tries_again__when_the_list_changes_meanwhile(void **state)
{
    struct stage *s = *state;
    ev_check watcher;
    char *id = enqueue(s, "");
    ev_check_init(&watcher, disturb);
    watcher.data = s;
    ev_check_start(s->loop, &watcher);
    s->at_plan = disturb_it;
    order_id(s, "move %s --queue special", id);
    ev_check_stop(s->loop, &watcher);
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "LLEN special"), 1);
    assert_true(stage_int(s, "LLEN celery") > 0);
    mem_free(id);
}

static void move__refuses_poison__when_it_would_end_the_other_queues_workers(void **state)
{
    struct stage *s = *state;
    push(s, "celery", "not json");
    order_ref(s, VERB_MOVE, "celery", "not json", "special");
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
}

static void move__leaves_it_where_it_is__when_the_server_refuses(void **state)
{
    struct stage *s = *state;
    char *id = enqueue(s, "");
    stage_do(s, "SET special x");
    order_id(s, "move %s --queue special", id);
    /* In a transaction the other half has happened: that must not be. */
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
    assert_int_equal(s->outcome, ACTION_FAILED);
    mem_free(id);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(remove__takes_the_one_message__when_it_waits),
        TEST(remove__says_that_another_waits__when_the_id_is_there_twice),
        TEST(remove__says_that_a_worker_has_it__when_it_was_popped_meanwhile),
        TEST(remove__sends_exact_bytes__when_it_is_poison_without_an_id),
        TEST(remove__tells_each__when_some_are_gone),
        TEST(remove__finds_it__when_the_list_is_long_and_its_elements_large),
        TEST(move__rewrites_the_queue__when_the_message_waits),
        TEST(move__does_nothing__when_a_worker_takes_it_first),
        TEST(move__tries_again__when_the_list_changes_meanwhile),
        TEST(move__refuses_poison__when_it_would_end_the_other_queues_workers),
        TEST(move__leaves_it_where_it_is__when_the_server_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
