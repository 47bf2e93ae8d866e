/* Revoking tasks whose messages still wait: the message leaves its list, and who waits for the result is
 * told. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/schema/message.h"

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

static char *enqueue(struct stage *s, const char *line)
{
    stage_order(s, line);
    assert_int_equal(s->outcome, ACTION_DONE);
    return mem_strdup(s->out);
}

static void order_removal(struct stage *s, const char *id)
{
    char line[128];
    snprintf(line, sizeof line, "revoke task --remove %s", id);
    stage_order(s, line);
}

static char *meta_of(struct stage *s, const char *id, const char *command)
{
    char key[128];
    snprintf(key, sizeof key, "celery-task-meta-%s", id);
    const char *argv[] = {command, key};
    return server_cli_argv(s->server, 1, 2, argv, NULL);
}

static void revoke_task__offers_to_remove__when_no_worker_hears_of_a_waiting_task(void **state)
{
    struct stage *s = *state;
    char line[128], *id = enqueue(s, "enqueue test");
    snprintf(line, sizeof line, "revoke task %s", id);
    stage_order(s, line);
    stage_assert_plan(s, "nobody would hear this; --remove takes what waits out of its list\n");
    assert_string_equal(
        stage_told(s, id)->text,
        "no worker heard this: it will run when they return, remove the message too? (--remove)");
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
    mem_free(id);
}

static void revoke_task__takes_the_message_out_and_writes_revoked__when_it_waits(void **state)
{
    struct stage *s = *state;
    char *other = enqueue(s, "enqueue test --priority 6");
    char *id = enqueue(s, "enqueue test --priority 6");
    stage_watch(s);
    order_removal(s, id);
    char *heard = stage_heard(s);
    const char *published = strstr(heard, "\"PUBLISH\" \"/0.celery.pidbox\"");
    assert_non_null(published);
    assert_non_null(strstr(published, "\"LREM\" \"celery\\x06\\x166\" \"0\" "));
    free(heard);
    stage_assert_plan(s, " in celery: it is taken out of the list and does not run\n");
    stage_assert_plan(s, "LREM celery 0 <its message>\n");
    stage_assert_plan(s, "(cannot be undone)");
    assert_string_equal(
        stage_told(s, id)->text,
        "taken out of celery: it will not run from there; REVOKED is written for who waits for "
        "its result; no worker heard the revoke");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "LLEN celery\x06\x16"
                                  "6"),
                     1);
    char *meta = meta_of(s, id, "GET"), *ttl = meta_of(s, id, "TTL");
    assert_non_null(strstr(meta, "\"status\": \"REVOKED\", \"result\": {\"exc_type\": \"TaskRevokedError\", "
                                 "\"exc_message\": [\"revoked\"], \"exc_module\": \"celery.exceptions\"}"));
    assert_true(atoi(ttl) > 3500 && atoi(ttl) <= 3600);
    free(meta);
    free(ttl);
    mem_free(id);
    mem_free(other);
}

static void revoke_task__keeps_a_result__when_the_task_has_one_and_waits_once_more(void **state)
{
    struct stage *s = *state;
    char key[128], *id = enqueue(s, "enqueue test");
    snprintf(key, sizeof key, "celery-task-meta-%s", id);
    const char *set[] = {"SET", key, "{\"status\": \"SUCCESS\", \"result\": 1}"};
    free(server_cli_argv(s->server, 1, 3, set, NULL));
    order_removal(s, id);
    assert_non_null(strstr(stage_told(s, id)->text, "; its result stays SUCCESS; "));
    assert_int_equal(stage_int(s, "LLEN celery"), 0);
    char *meta = meta_of(s, id, "GET");
    assert_string_equal(meta, set[2]);
    free(meta);
    mem_free(id);
}

/* What a worker does between the plan and its confirmation. */
static void pop(struct stage *s)
{
    stage_do(s, "RPOP celery");
}

static void pop_and_hold(struct stage *s)
{
    struct message m;
    UT_string entry;
    char *element = server_cli(s->server, "RPOP", "celery", NULL);
    message_decode(&m, span_of(element));
    utstring_init(&entry);
    utstring_printf(&entry, "[%s, \"\", \"celery\"]", element);
    free(server_cli(s->server, "HSET", "unacked", m.delivery_tag, utstring_body(&entry), NULL));
    utstring_done(&entry);
    message_release(&m);
    free(element);
}

static void revoke_task__says_what_became_of_it__when_the_message_had_gone(void **state)
{
    struct stage *s = *state;
    char *id = enqueue(s, "enqueue test");
    s->at_plan = pop;
    order_removal(s, id);
    assert_int_equal(s->outcome, ACTION_CHANGED);
    assert_string_equal(stage_told(s, id)->text,
                        "its message is no longer in celery, and found nowhere else; no "
                        "worker heard the revoke");
    mem_free(id);
    s->at_plan = NULL;
    id = enqueue(s, "enqueue test");
    s->at_plan = pop_and_hold;
    order_removal(s, id);
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_string_equal(stage_told(s, id)->text,
                        "a worker took it meanwhile; no worker heard this: it will run when "
                        "they return");
    char *meta = meta_of(s, id, "GET");
    assert_string_equal(meta, "(nil)");
    free(meta);
    mem_free(id);
}

static void revoke_task__finds_each_message_once__when_pages_overlap(void **state)
{
    struct stage *s = *state;
    char line[128], *id = enqueue(s, "enqueue test");
    for (int i = 0; i < 70; i++) {
        stage_do(s, "RPUSH celery filler%d", i);
    }
    for (int i = 0; i < 2100; i++) {
        stage_do(s, "LPUSH analytics filler%d", i);
    }
    order_removal(s, id);
    stage_assert_plan(s, "LREM celery 0 <its message>\n");
    stage_assert_plan(s, "long lists were not searched to their end: only the next 2000 of each\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "LLEN celery"), 70);
    snprintf(line, sizeof line, "%s", "nowhere-to-be-seen");
    order_removal(s, line);
    assert_string_equal(stage_told(s, line)->text,
                        "its message was not found where it was looked for; no worker "
                        "heard this: it will run when they return");
    mem_free(id);
}

static void revoke_task__takes_out_many__when_they_wait_in_several_queues(void **state)
{
    struct stage *s = *state;
    UT_string line;
    utstring_init(&line);
    text_add(&line, S("revoke task --remove"));
    for (int i = 0; i < 45; i++) {
        char *id = enqueue(s, i % 2 ? "enqueue test" : "enqueue api.tasks.analytics.add --args '[1]'");
        utstring_printf(&line, " %s", id);
        mem_free(id);
    }
    stage_order(s, utstring_body(&line));
    stage_assert_plan(s, "LREM analytics 0 <its message>  x 23\n");
    stage_assert_plan(s, "LREM celery 0 <its message>  x 22\n");
    stage_assert_end(s, ACTION_DONE, "revoke: workers heard of 0 of 45 tasks; 45 messages taken out");
    assert_int_equal(stage_int(s, "LLEN celery"), 0);
    assert_int_equal(stage_int(s, "LLEN analytics"), 0);
    utstring_done(&line);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(revoke_task__offers_to_remove__when_no_worker_hears_of_a_waiting_task),
        TEST(revoke_task__takes_the_message_out_and_writes_revoked__when_it_waits),
        TEST(revoke_task__keeps_a_result__when_the_task_has_one_and_waits_once_more),
        TEST(revoke_task__says_what_became_of_it__when_the_message_had_gone),
        TEST(revoke_task__finds_each_message_once__when_pages_overlap),
        TEST(revoke_task__takes_out_many__when_they_wait_in_several_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
