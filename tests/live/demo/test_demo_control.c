/* The worker's mailbox: requests as the console encodes them, answers as the console decodes them. */
#include "server/server.h"
#include "stage.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/container.h"

#include "redai/schema/control.h"

#define BATCH "api.tasks.batch_generate_questions"
#define BOX   "redai-console.reply.test"

/* Slow tasks: what is revoked must not be done before. */
static const struct demo_options options = {
    .conf_path = REDAI_SOURCE_DIR "/redis.conf", .seed = 7, .worker = true, .alone = true, .task_pace = 1};

static int open_stage(void **state)
{
    struct stage *s = calloc(1, sizeof(*s));
    stage_open(s, &options);
    *state = s;
    return 0;
}

static int close_stage(void **state)
{
    stage_close(*state);
    free(*state);
    return 0;
}

static bool has_answer(void *user)
{
    struct stage *s = user;
    return stage_ask(s->app, "LLEN " BOX) > 0;
}

static void publish(struct stage *s, const char *method, const char *arguments)
{
    UT_string out;
    struct err err = {0};
    utstring_init(&out);
    if (!control_encode(method, arguments, NULL, 0, "ticket-1", BOX, &out, &err)) {
        fail_msg("%s", err.text);
    }
    assert_true(stage_ask(s->app, "PUBLISH /0.celery.pidbox %b", utstring_body(&out), utstring_len(&out)) >=
                1);
    utstring_done(&out);
}

static void ask(struct stage *s, const char *method, const char *arguments, struct control_reply *ret)
{
    publish(s, method, arguments);
    assert_true(stage_until(s, has_answer, s));
    char *element = stage_text(s->app, "RPOP " BOX);
    assert_true(control_reply_decode(ret, span_of(element)));
    assert_string_equal(ret->worker, DEMO_WORKER_NODE);
    assert_string_equal(ret->ticket, "ticket-1");
    free(element);
}

static void ping__is_answered(void **state)
{
    struct control_reply r;
    ask(*state, "ping", NULL, &r);
    assert_string_equal(r.ok, "pong");
    control_reply_release(&r);
}

static void ping__is_answered__through_a_bound_exchange(void **state)
{
    struct stage *s = *state;
    static const char sep2[] = "\x06\x16\x06\x16";
    /* As Celery's own clients ask: the routing key is bound to a queue of another name. */
    const char *request =
        "{\"body\": \"{\\\"method\\\": \\\"ping\\\", \\\"reply_to\\\": {\\\"exchange\\\": "
        "\\\"reply.celery.pidbox\\\", \\\"routing_key\\\": \\\"abc\\\"}}\", \"content-type\": "
        "\"application/json\", \"properties\": {\"delivery_tag\": \"1\"}}";
    stage_ask(s->app, "SADD _kombu.binding.reply.celery.pidbox abc%b" BOX, sep2, (size_t)4);
    stage_ask(s->app, "SADD _kombu.binding.reply.celery.pidbox abcd%bother", sep2, (size_t)4);
    stage_ask(s->app, "PUBLISH /0.celery.pidbox %s", request);
    assert_true(stage_until(s, has_answer, s));
    assert_int_equal(stage_ask(s->app, "EXISTS other"), 0);
    stage_ask(s->app, "DEL " BOX " _kombu.binding.reply.celery.pidbox");
}

static void questions_about_the_worker__are_answered(void **state)
{
    static const struct {
        const char *method, *part;
    } rows[] = {
        {"active_queues", "\"name\":\"celery\""},
        {"registered", "api.tasks.test_redis_task"},
        {"stats", "\"max-concurrency\":2"},
        {"active", "[]"},
        {"reserved", "[]"},
        {"scheduled", "[]"},
        {"heartbeat", "null"},
        {"conf", "\"task_acks_late\":true"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct control_reply r;
        ask(*state, rows[i].method, NULL, &r);
        if (!strstr(r.answer, rows[i].part)) {
            fail_msg("%s: %s", rows[i].method, r.answer);
        }
        control_reply_release(&r);
    }
}

static void garbage__is_ignored(void **state)
{
    struct stage *s = *state;
    static const char *const rows[] = {"", "not JSON", "7", "{}", "{\"body\": \"[]\"}"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        stage_ask(s->app, "PUBLISH /0.celery.pidbox %s", rows[i]);
    }
    ping__is_answered(state);
}

static void running_task__is_terminated(void **state)
{
    struct stage *s = *state;
    struct control_reply r;
    struct result result;
    char id[40], arguments[120];

    stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = "[7, 500]"}, id);
    assert_true(stage_until_status(s, id, "STARTED"));
    snprintf(arguments, sizeof(arguments),
             "{\"task_id\": \"%s\", \"terminate\": true, \"signal\": \"SIGTERM\"}", id);
    ask(s, "active", NULL, &r);
    assert_non_null(strstr(r.answer, id));
    control_reply_release(&r);
    ask(s, "revoke", arguments, &r);
    assert_true(span_starts(span_of(r.ok), S("terminate: ")));
    assert_non_null(strstr(r.ok, id));
    control_reply_release(&r);
    assert_true(stage_until_status(s, id, "REVOKED"));
    assert_true(stage_until_idle(s));
    stage_result(s, id, &result);
    assert_string_equal(result.error, "TaskRevokedError: terminated");
    result_release(&result);
}

static void running_task__goes_on__when_it_is_only_revoked(void **state)
{
    struct stage *s = *state;
    struct control_reply r;
    char id[40], arguments[120];

    stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = "[7, 2]"}, id);
    assert_true(stage_until_status(s, id, "STARTED"));
    snprintf(arguments, sizeof(arguments), "{\"task_id\": \"%s\"}", id);
    ask(s, "revoke", arguments, &r);
    control_reply_release(&r);
    assert_true(stage_until_status(s, id, "SUCCESS"));
}

static void revoked_ids__are_remembered__known_or_not(void **state)
{
    struct stage *s = *state;
    struct control_reply r;

    ask(s, "revoke", "{\"task_id\": [\"one\", \"two\"]}", &r);
    assert_string_equal(r.ok, "tasks one, two flagged as revoked");
    control_reply_release(&r);
    ask(s, "revoke", "{\"task_id\": \"three\", \"terminate\": true}", &r);
    assert_string_equal(r.ok, "terminate: tasks unknown");
    control_reply_release(&r);
    ask(s, "revoked", NULL, &r);
    assert_non_null(strstr(r.answer, "\"one\",\"two\",\"three\""));
    control_reply_release(&r);
}

static void task_revoked_in_the_list__ends_as_revoked(void **state)
{
    struct stage *s = *state;
    struct control_reply r;
    struct result result;
    char busy[2][40], id[40], arguments[120];

    /* Both places taken, then two held, so that the one revoked is not begun before the request is read. */
    for (int i = 0; i < 2; i++) {
        stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = "[7, 3]"}, busy[i]);
        assert_true(stage_until_status(s, busy[i], "STARTED"));
    }
    stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = "[7, 3]"}, id);
    snprintf(arguments, sizeof(arguments), "{\"task_id\": \"%s\"}", id);
    ask(s, "revoke", arguments, &r);
    control_reply_release(&r);
    assert_true(stage_until_status(s, id, "REVOKED"));
    stage_result(s, id, &result);
    assert_string_equal(result.error, "TaskRevokedError: revoked");
    result_release(&result);
    assert_true(stage_until_idle(s));
    assert_int_equal(stage_ask(s->app, "EXISTS batch:progress:%s", id), 0);
}

/* --- heartbeats and the end --- */

/* The worker may have said that it is there a moment before or after we began to listen. */
static void assert_next_event(redisContext *sub, enum worker_event event)
{
    enum worker_event heard = WORKER_ONLINE;
    while (heard == WORKER_ONLINE) {
        redisReply *reply = NULL;
        struct worker_beat beat;
        assert_int_equal(redisGetReply(sub, (void **)&reply), REDIS_OK);
        assert_true(worker_beat_decode(&beat, span_make(reply->element[3]->str, reply->element[3]->len)));
        heard = beat.event;
        assert_string_equal(beat.hostname, DEMO_WORKER_NODE);
        worker_beat_release(&beat);
        freeReplyObject(reply);
    }
    assert_int_equal(heard, event);
}

static bool is_done(void *user)
{
    struct stage *s = user;
    return demo_worker_is_done(demo_worker(s->demo));
}

static void stopping_worker__says_so__and_puts_back_what_it_held(void **state)
{
    (void)state;
    struct stage s;
    struct control_reply r;
    char id[40];

    stage_open(&s, &options);
    redisContext *sub = redisConnectUnix(s.app->unix_sock.path);
    redisSetTimeout(sub, (struct timeval){.tv_sec = 5});
    freeReplyObject(redisCommand(sub, "PSUBSCRIBE /0.celeryev/worker.*"));
    assert_int_equal(stage_ask(s.app, "SCARD _kombu.binding.celery.pidbox"), 1);
    ask(&s, "heartbeat", NULL, &r);
    control_reply_release(&r);
    assert_next_event(sub, WORKER_HEARTBEAT);

    for (int i = 0; i < 6; i++) {
        stage_enqueue(&s, &(struct stage_task){.name = BATCH, .args = "[7, 2]"}, id);
        assert_true(i >= 2 || stage_until_status(&s, id, "STARTED"));
    }
    demo_worker_stop(demo_worker(s.demo));
    assert_true(stage_until(&s, is_done, &s));
    assert_int_equal(stage_ask(s.app, "SCARD _kombu.binding.celery.pidbox"), 0);
    assert_int_equal(stage_ask(s.app, "HLEN unacked"), 0);
    /* The two running ones were finished, all others are in the list again. */
    assert_int_equal(stage_ask(s.app, "LLEN celery"), 4);
    assert_int_equal(demo_worker_tally(demo_worker(s.demo)).succeeded, 2);

    redisReply *reply = NULL;
    bool offline = false;
    while (!offline && redisGetReply(sub, (void **)&reply) == REDIS_OK) {
        offline = strcmp(reply->element[2]->str, "/0.celeryev/worker.offline") == 0;
        freeReplyObject(reply);
    }
    assert_true(offline);
    redisFree(sub);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ping__is_answered),
        cmocka_unit_test(ping__is_answered__through_a_bound_exchange),
        cmocka_unit_test(questions_about_the_worker__are_answered),
        cmocka_unit_test(garbage__is_ignored),
        cmocka_unit_test(running_task__is_terminated),
        cmocka_unit_test(running_task__goes_on__when_it_is_only_revoked),
        cmocka_unit_test(revoked_ids__are_remembered__known_or_not),
        cmocka_unit_test(task_revoked_in_the_list__ends_as_revoked),
        cmocka_unit_test(stopping_worker__says_so__and_puts_back_what_it_held),
    };
    server_require();
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
