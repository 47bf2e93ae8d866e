/* Revoking tasks as the workers' mailbox sees it, without Celery: what is sent, and what is told when nobody
 * answers. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/base64.h"

#include "redai/schema/control.h"

#define ID "5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a"

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

/* Somebody who listens at the mailbox, and has one in the broker's books. */
static redisContext *listen_as_worker(struct stage *s, const char *name)
{
    char mailbox[128];
    snprintf(mailbox, sizeof mailbox, "\x06\x16\x06\x16%s.celery.pidbox", name);
    char *added = server_cli(s->server, "SADD", "_kombu.binding.celery.pidbox", mailbox, NULL);
    free(added);
    redisContext *c = server_connect(s->server);
    assert_non_null(c);
    redisReply *reply = redisCommand(c, "PSUBSCRIBE /0.celery.pidbox");
    assert_non_null(reply);
    freeReplyObject(reply);
    return c;
}

static char *next_request(redisContext *c)
{
    redisReply *reply = NULL;
    assert_int_equal(redisGetReply(c, (void **)&reply), REDIS_OK);
    assert_int_equal(reply->elements, 4);
    char *payload = mem_dup(reply->element[3]->str, reply->element[3]->len);
    freeReplyObject(reply);
    return payload;
}

/* One that also answers, as Celery does: with a base64 body, to the list that waits for answers. */
struct worker {
    ev_io io;
    struct stage *stage;
    redisContext *mailbox;
    const char *name;
};

static void on_request(struct ev_loop *loop, ev_io *io, int events)
{
    struct worker *w = io->data;
    UT_string body, answer;
    (void)loop;
    (void)events;

    mem_free(next_request(w->mailbox));
    char *box = server_cli(w->stage->server, "KEYS", "redai-console.reply.*", NULL);
    box[strcspn(box, "\n")] = '\0';
    utstring_init(&body);
    utstring_init(&answer);
    utstring_printf(&body, "{\"%s\": {\"ok\": \"tasks flagged\"}}", w->name);
    text_add(&answer, S("{\"body\": \""));
    base64_encode(text_span(&body), &answer);
    text_add(&answer, S("\", \"content-encoding\": \"utf-8\", \"content-type\": \"application/json\", "
                        "\"headers\": {\"ticket\": \"0\", \"clock\": 10}, "
                        "\"properties\": {\"body_encoding\": \"base64\"}}"));
    char *pushed = server_cli(w->stage->server, "LPUSH", box, utstring_body(&answer), NULL);
    free(pushed);
    utstring_done(&body);
    utstring_done(&answer);
    free(box);
}

static void worker_start(struct worker *w, struct stage *s, const char *name)
{
    *w = (struct worker){.stage = s, .name = name, .mailbox = listen_as_worker(s, name)};
    ev_io_init(&w->io, on_request, w->mailbox->fd, EV_READ);
    w->io.data = w;
    ev_io_start(s->loop, &w->io);
}

static void worker_stop(struct worker *w)
{
    ev_io_stop(w->stage->loop, &w->io);
    redisFree(w->mailbox);
}

static void revoke_task__asks_and_sends_no_more_than_needed__when_nobody_listens(void **state)
{
    struct stage *s = *state;
    stage_do(s, "LPUSH celery no-message");
    stage_watch(s);
    stage_order(s, "revoke task " ID);
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard, "\"GETRANGE\" \"celery-task-meta-" ID "\" \"0\" \"65535\"\n"));
    assert_non_null(strstr(heard, "\"SSCAN\" \"_kombu.binding.celery.pidbox\" \"0\" \"COUNT\" \"1000\"\n"));
    assert_non_null(strstr(heard, "\"HSCAN\" \"unacked\" \"0\" \"COUNT\" \"50\"\n"
                                  "\"LRANGE\" \"celery\" \"-100\" \"-1\"\n"));
    const char *box = strstr(heard, "\"LPUSH\" \"redai-console.reply.");
    assert_non_null(box);
    assert_non_null(strstr(box, "\"EXPIRE\" \"redai-console.reply."));
    assert_non_null(strstr(box, "\"PUBLISH\" \"/0.celery.pidbox\" \"{"));
    assert_non_null(strstr(box, "\"DEL\" \"redai-console.reply."));
    free(heard);
    stage_assert_plan(s, "plan     revoke task " ID "\n");
    stage_assert_plan(s, ID ": found nowhere: workers only note its id\n");
    stage_assert_plan(s, "if all restart, it is forgotten\n");
    stage_assert_end(s, ACTION_FAILED,
                     "revoke task " ID ": no worker heard this: it will run when they return");
    assert_string_equal(stage_told(s, ID)->text, "no worker heard this: it will run when they return");
    assert_int_equal(stage_int(s, "DBSIZE"), 1);
}

static void revoke_task__is_unknown__when_a_worker_does_not_answer(void **state)
{
    struct stage *s = *state;
    struct err err = {0};
    redisContext *worker = listen_as_worker(s, "worker1@demo");
    stage_order(s, "revoke task " ID " --terminate");
    stage_assert_plan(s, "1 worker has a mailbox: worker1@demo\n");
    stage_assert_plan(s, "(cannot be undone)");
    assert_int_equal(stage_told(s, ID)->outcome, ACTION_UNKNOWN);
    assert_string_equal(stage_told(s, ID)->text,
                        "sent to 1 listener, no worker answered within 1.5 s (worker1@demo): whether one "
                        "heard it is not known");
    char *payload = next_request(worker);
    assert_true(control_check(span_of(payload), &err));
    mem_free(payload);
    redisFree(worker);
    /* Somebody may still answer: the box is there, and goes by itself. */
    char *boxes = server_cli(s->server, "KEYS", "redai-console.reply.*", NULL);
    boxes[strcspn(boxes, "\n")] = '\0';
    long long ttl = stage_int(s, "TTL %s", boxes);
    assert_true(ttl > 60 && ttl <= 300);
    free(boxes);
}

static void revoke_task__is_unknown__when_only_one_of_two_workers_answers(void **state)
{
    struct stage *s = *state;
    struct worker one;
    worker_start(&one, s, "worker1@demo");
    redisContext *mute = listen_as_worker(s, "worker2@demo");
    stage_order(s, "revoke task " ID);
    stage_assert_plan(s, "2 workers have a mailbox: ");
    assert_int_equal(stage_told(s, ID)->outcome, ACTION_UNKNOWN);
    assert_string_equal(stage_told(s, ID)->text,
                        "1 of 2 workers heard it: worker1@demo (tasks flagged); it waits for worker2@demo: "
                        "whether that one heard it is not known");
    assert_int_equal(s->outcome, ACTION_UNKNOWN);
    assert_string_equal(s->out, "0");
    redisFree(mute);
    worker_stop(&one);
}

static void revoke_task__is_done__when_all_workers_that_listen_answer(void **state)
{
    struct stage *s = *state;
    struct worker one, two;
    worker_start(&one, s, "worker1@demo");
    worker_start(&two, s, "worker2@demo");
    /* A worker that was killed leaves its mailbox behind. */
    redisFree(listen_as_worker(s, "worker3@demo"));
    stage_order(s, "revoke task " ID);
    stage_assert_plan(s, "3 workers have a mailbox: ");
    assert_int_equal(stage_told(s, ID)->outcome, ACTION_DONE);
    assert_non_null(strstr(stage_told(s, ID)->text, "2 workers heard it: worker"));
    assert_non_null(strstr(stage_told(s, ID)->text, "; worker3@demo has a mailbox but does not listen"));
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_string_equal(s->out, "1");
    worker_stop(&one);
    worker_stop(&two);
}

static void revoke_task__is_unknown__when_the_end_of_a_running_task_is_not_seen(void **state)
{
    struct stage *s = *state;
    struct worker one;
    const char *running[] = {"SET", "celery-task-meta-" ID,
                             "{\"status\": \"STARTED\", \"result\": {}, "
                             "\"task_id\": \"" ID "\"}"};
    char *set = server_cli_argv(s->server, 1, 3, running, NULL);
    free(set);
    worker_start(&one, s, "worker1@demo");
    stage_order(s, "revoke task --terminate " ID);
    stage_assert_plan(s, "STARTED: it is running: its process is killed\n");
    assert_int_equal(stage_told(s, ID)->outcome, ACTION_UNKNOWN);
    assert_string_equal(stage_told(s, ID)->text,
                        "1 worker heard it: worker1@demo (tasks flagged); its end was not seen: whether it "
                        "was ended is not known");
    assert_int_equal(s->outcome, ACTION_UNKNOWN);
    worker_stop(&one);
}

static void revoke_task__says_who_listens_no_more__when_only_a_stranger_hears_it(void **state)
{
    struct stage *s = *state;
    redisContext *monitor = server_connect(s->server);
    redisReply *reply = redisCommand(monitor, "PSUBSCRIBE /0.*");
    freeReplyObject(reply);
    stage_order(s, "revoke task " ID);
    assert_int_equal(stage_told(s, ID)->outcome, ACTION_FAILED);
    assert_string_equal(stage_told(s, ID)->text, "no worker heard this: it will run when they return");
    redisFree(monitor);
}

static void revoke_task__sends_to_the_brokers_own_database__when_it_is_not_the_first(void **state)
{
    struct stage *s = *state;
    s->options.db = 3;
    runner_free(s->runner);
    s->runner = runner_new(&s->options);
    stage_watch(s);
    stage_order(s, "revoke task " ID);
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard, "\"PUBLISH\" \"/3.celery.pidbox\" "));
    free(heard);
    stage_assert_plan(s,
                      "PUBLISH /3.celery.pidbox revoke(task_id=" ID ", terminate=false, signal=SIGTERM)\n");
}

static void revoke_task__finds_a_task_wherever_it_lies__when_it_looks(void **state)
{
    struct stage *s = *state;
    char *id;
    stage_order(s, "enqueue test --priority 6");
    id = mem_strdup(s->out);
    for (int i = 0; i < 250; i++) {
        stage_do(s, "LPUSH celery\x06\x16"
                    "6 filler");
    }
    char line[128];
    snprintf(line, sizeof line, "revoke task %s", id);
    s->ask_only = true;
    stage_order(s, line);
    stage_assert_plan(s, " in celery: it stays in the list and is dropped when a worker takes it\n");
    runner_cancel(s->runner);
    /* Deep in the list: the tail is looked at first, the rest in pages. */
    for (int i = 0; i < 250; i++) {
        stage_do(s, "RPUSH celery\x06\x16"
                    "6 filler");
    }
    stage_order(s, line);
    stage_assert_plan(s, " in celery: it stays in the list");
    mem_free(id);
}

static void revoke_task__is_refused__when_an_id_is_no_text(void **state)
{
    struct stage *s = *state;
    struct order o;
    order_init(&o, VERB_REVOKE_TASK);
    order_add(&o, TARGET_TASK, S("\xff\xfe"));
    stage_give(s, &o);
    stage_assert_end(s, ACTION_REFUSED, "a task id must be a text in UTF-8");
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(revoke_task__asks_and_sends_no_more_than_needed__when_nobody_listens),
        TEST(revoke_task__is_unknown__when_a_worker_does_not_answer),
        TEST(revoke_task__is_unknown__when_only_one_of_two_workers_answers),
        TEST(revoke_task__is_done__when_all_workers_that_listen_answer),
        TEST(revoke_task__is_unknown__when_the_end_of_a_running_task_is_not_seen),
        TEST(revoke_task__says_who_listens_no_more__when_only_a_stranger_hears_it),
        TEST(revoke_task__sends_to_the_brokers_own_database__when_it_is_not_the_first),
        TEST(revoke_task__finds_a_task_wherever_it_lies__when_it_looks),
        TEST(revoke_task__is_refused__when_an_id_is_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
