/* Messages of dead workers, with real ones: a worker killed in the middle of a task, one that lives, and one
 * that is there and says nothing. */
#include "await.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#define SILENCE_US (4 * US_PER_S) /* until it is believed */

static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    stage_listen(s, STAGE_PATIENT_US);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static bool none_is_held(void *stage)
{
    return stage_int(stage, "HLEN unacked") == 0;
}

static bool three_are_held(void *stage)
{
    return stage_int(stage, "HLEN unacked") == 3;
}

/* A task that a worker has begun and holds. Its id: mem_free. */
static char *begin(struct stage *s, const char *list)
{
    char line[256];
    snprintf(line, sizeof line, "enqueue api.tasks.wait_for_release --args '[\"%s\"]'", list);
    stage_order(s, line);
    char *id = mem_strdup(s->out);
    await_status(s, id, "STARTED");
    return id;
}

/* Entries are young for five seconds; the tests make them older instead of waiting. */
static void age_entries(struct stage *s)
{
    char *tags = server_cli(s->server, "HKEYS", "unacked", NULL);
    char *rest = tags;
    for (char *tag = strsep(&rest, "\n"); tag; tag = strsep(&rest, "\n")) {
        if (*tag) {
            stage_do(s, "ZINCRBY unacked_index -60 %s", tag);
        }
    }
    free(tags);
}

static void release_task(struct stage *s, const char *list)
{
    stage_do(s, "RPUSH %s go", list);
}

static void requeue__lets_another_worker_run_it_once__when_its_worker_was_killed(void **state)
{
    struct stage *s = *state;
    struct celery *first = celery_start(s->server, "worker1@demo");
    assert_non_null(first);
    char *id = begin(s, "release:a");
    celery_kill(first);
    age_entries(s);
    assert_int_equal(stage_int(s, "HLEN unacked"), 1);
    struct celery *second = celery_start(s->server, "worker2@demo");
    assert_non_null(second);
    /* The dead one's mailbox is still there: it does not answer, so the message must be named. The other one
     * has this long. */
    stage_listen(s, SILENCE_US);
    char line[128];
    snprintf(line, sizeof line, "requeue %s", id);
    stage_order(s, line);
    stage_assert_plan(s, "plan     put 1 message of dead workers back into the queue\n");
    stage_assert_plan(s, "api.tasks.wait_for_release");
    stage_assert_plan(s,
                      "no answer from worker1@demo: if it lives and has one of them, that task runs twice\n");
    stage_assert_plan(s, "confirm  type 1\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_string_equal(s->out, "1");
    assert_string_equal(stage_told(s, id)->text, "put back into celery, next in line");
    release_task(s, "release:a");
    await_status(s, id, "SUCCESS");
    assert_true(wait_for(none_is_held, s));
    assert_int_equal(stage_int(s, "ZCARD unacked_index"), 0);
    assert_true(celery_is_alive(second));
    celery_stop(second);
    celery_stop(first);
    mem_free(id);
}

static void requeue__is_refused_by_name__when_a_live_worker_has_it(void **state)
{
    struct stage *s = *state;
    char line[128];
    struct celery *worker = celery_start(s->server, "worker1@demo");
    assert_non_null(worker);
    char *id = begin(s, "release:b");
    stage_order(s, "enqueue api.tasks.echo --countdown 300");
    char *held = mem_strdup(s->out);
    stage_order(s, "enqueue api.tasks.echo");
    char *prefetched = mem_strdup(s->out);
    assert_true(wait_for(three_are_held, s));
    age_entries(s);
    snprintf(line, sizeof line, "requeue %s", id);
    stage_order(s, line);
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_string_equal(stage_told(s, id)->text, "it stays: worker1@demo runs it");
    snprintf(line, sizeof line, "requeue %s %s", held, prefetched);
    stage_order(s, line);
    assert_false(s->planned);
    assert_string_equal(stage_told(s, held)->text, "it stays: worker1@demo holds it until its time");
    assert_string_equal(stage_told(s, prefetched)->text, "it stays: worker1@demo has it reserved");
    stage_order(s, "requeue");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_GONE, "requeue: nothing in unacked is left over of a dead worker (3 entries)");
    release_task(s, "release:b");
    await_status(s, id, "SUCCESS");
    celery_stop(worker);
    mem_free(id);
    mem_free(held);
    mem_free(prefetched);
}

static void requeue__wants_it_typed__when_a_worker_is_there_and_says_nothing(void **state)
{
    struct stage *s = *state;
    struct err err = {0};
    struct celery *worker = celery_start(s->server, "worker1@demo");
    assert_non_null(worker);
    char *id = begin(s, "release:c");
    age_entries(s);
    celery_pause(worker);
    stage_listen(s, SILENCE_US);
    stage_order(s, "requeue");
    assert_false(s->planned);
    assert_int_equal(stage_told(s, id)->outcome, ACTION_REFUSED);
    assert_string_equal(
        stage_told(s, id)->text,
        "it stays: no answer from worker1@demo, which may have it: only if its id is given is it put back");
    stage_assert_end(s, ACTION_REFUSED,
                     "requeue: nothing in unacked is proven to be left over of a dead worker (1 not proven)");
    assert_int_equal(stage_int(s, "LLEN celery"), 0);
    s->ask_only = true;
    char line[128];
    snprintf(line, sizeof line, "requeue %s", id);
    stage_order(s, line);
    stage_assert_plan(s, "no answer from worker1@demo");
    stage_assert_plan(s, "confirm  type 1\n");
    assert_false(runner_confirm(s->runner, NULL, &err));
    runner_cancel(s->runner);
    assert_int_equal(stage_int(s, "LLEN celery"), 0);
    celery_resume(worker);
    release_task(s, "release:c");
    await_status(s, id, "SUCCESS");
    celery_stop(worker);
    mem_free(id);
}

#define ENTRY                                                                                                \
    "[{\"body\":\"W1tdLCB7fSwge31d\",\"content-type\":\"application/"                                        \
    "json\",\"headers\":{\"task\":\"api.tasks.echo\","                                                       \
    "\"id\":\"%s\"},\"properties\":{\"delivery_tag\":\"%s\",\"body_encoding\":\"base64\",\"delivery_info\":" \
    "{\"exchange\":\"\",\"routing_key\":\"celery\"}}},\"\",\"celery\"]"

static void hold(struct stage *s, const char *id, const char *tag, double score)
{
    char value[1024], when[32];
    snprintf(value, sizeof value, ENTRY, id, tag);
    snprintf(when, sizeof when, "%.3f", score);
    char *reply = server_cli(s->server, "HSET", "unacked", tag, value, NULL);
    free(reply);
    if (score > 0) {
        stage_do(s, "ZADD unacked_index %s %s", when, tag);
    }
}

static void requeue__moves_entry_and_index_together__when_it_runs(void **state)
{
    struct stage *s = *state;
    hold(s, "id1", "tag1", 1000);
    hold(s, "id2", "tag2", 0);
    stage_watch(s);
    stage_order(s, "requeue tag1 id2 id3");
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard,
                           "\"MULTI\"\n\"ZREM\" \"unacked_index\" \"tag1\"\n\"HDEL\" \"unacked\" \"tag1\"\n"
                           "\"RPUSH\" \"celery\" \"{"));
    assert_non_null(strstr(heard, "PUBLISH")); /* a worker may listen although its mailbox was lost */
    free(heard);
    stage_assert_plan(s, "no worker has a mailbox: nobody heard the question\n");
    stage_assert_plan(s, "not in unacked_index: no worker would ever put it back\n");
    assert_int_equal(s->count, 3);
    stage_assert_end(s, ACTION_DONE, "2 of 2 messages put back");
    assert_int_equal(stage_int(s, "LLEN celery"), 2);
    assert_int_equal(stage_int(s, "HLEN unacked"), 0);
    assert_int_equal(stage_int(s, "ZCARD unacked_index"), 0);
    char *element = server_cli(s->server, "LINDEX", "celery", "0", NULL);
    assert_non_null(strstr(element, "\"redelivered\": true"));
    free(element);
}

static void take_anew(struct stage *s)
{
    stage_do(s, "ZADD unacked_index 2000 tag1");
    stage_do(s, "HDEL unacked tag2");
}

static void requeue__leaves_what_changed__when_a_worker_was_faster(void **state)
{
    struct stage *s = *state;
    hold(s, "id1", "tag1", 1000);
    hold(s, "id2", "tag2", 1000);
    s->at_plan = take_anew;
    stage_order(s, "requeue");
    assert_int_equal(stage_told(s, "id1")->outcome, ACTION_CHANGED);
    assert_string_equal(stage_told(s, "id1")->text, "a worker has taken it anew since it was looked at");
    assert_int_equal(stage_told(s, "id2")->outcome, ACTION_CHANGED);
    assert_int_equal(stage_int(s, "LLEN celery"), 0);
}

static void requeue__loses_nothing__when_the_queue_is_no_list(void **state)
{
    struct stage *s = *state;
    hold(s, "id1", "tag1", 1000);
    stage_do(s, "SET celery x");
    stage_order(s, "requeue");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_int_equal(stage_int(s, "HLEN unacked"), 1);
}

static void requeue__says_why__when_unacked_is_no_hash(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET unacked x");
    stage_order(s, "requeue");
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "requeue: unacked could not be read: WRONGTYPE"));
}

static void requeue__leaves_what_has_no_id__when_it_is_not_named(void **state)
{
    struct stage *s = *state;
    hold(s, "id1", "tag1", 1000);
    stage_do(s, "HSET unacked tag2 %s",
             "[{\"body\":\"W1tdLCB7fSwge31d\",\"headers\":{},\"properties\":{}},\"\",\"celery\"]");
    stage_do(s, "ZADD unacked_index 1000 tag2");
    stage_order(s, "requeue");
    assert_string_equal(stage_told(s, "id1")->text, "put back into celery, next in line");
    assert_string_equal(s->out, "1");
    assert_int_equal(stage_int(s, "HLEN unacked"), 1);
}

static void requeue__waits__when_an_entry_is_only_seconds_old(void **state)
{
    struct stage *s = *state;
    char *now = server_cli(s->server, "TIME", NULL);
    hold(s, "id1", "tag1", strtod(now, NULL) + 30); /* seconds old for all of a slow machine's time */
    free(now);
    stage_order(s, "requeue id1");
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(stage_told(s, "id1")->text, "a worker has taken it just now"));
}

int main(void)
{
    server_require();
    celery_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(requeue__lets_another_worker_run_it_once__when_its_worker_was_killed),
        TEST(requeue__is_refused_by_name__when_a_live_worker_has_it),
        TEST(requeue__wants_it_typed__when_a_worker_is_there_and_says_nothing),
        TEST(requeue__moves_entry_and_index_together__when_it_runs),
        TEST(requeue__leaves_what_changed__when_a_worker_was_faster),
        TEST(requeue__loses_nothing__when_the_queue_is_no_list),
        TEST(requeue__says_why__when_unacked_is_no_hash),
        TEST(requeue__leaves_what_has_no_id__when_it_is_not_named),
        TEST(requeue__waits__when_an_entry_is_only_seconds_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
