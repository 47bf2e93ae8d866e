/* What the worker leaves behind when tasks fail and are tried again, against what a real worker left; what it
 * takes back from the dead; events turned on from afar. */
#include "server/server.h"
#include "stage.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

#include "redai/schema/control.h"
#include "redai/schema/task_event.h"

#include "redai/link/address.h"

#define FETCH    "api.tasks.validate_citations.fetch_source"
#define VALIDATE "api.tasks.validate_citations.validate_citation"
#define TEST     "api.tasks.test_redis_task"

static const struct demo_options alone = {
    .conf_path = REDAI_SOURCE_DIR "/redis.conf", .seed = 7, .worker = true, .alone = true, .task_pace = 1};

static char *read_fixture(const char *name)
{
    char path[512];
    char *text = calloc(1, 8192);

    snprintf(path, sizeof(path), "%s/tests/fixtures/celery-5.2/%s", REDAI_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, 8191, file);
    fclose(file);
    while (n > 0 && text[n - 1] == '\n') {
        text[--n] = '\0';
    }
    return text;
}

/* Puts `to` in the place of what stands between the first `from` and the next quote, wherever that stands. */
static void put_for(char *text, const char *from, const char *to)
{
    char old[64] = "";
    char *at = strstr(text, from);
    assert_non_null(at);
    at += strlen(from);
    memcpy(old, at, strcspn(at, "\""));
    assert_int_equal(strlen(old), strlen(to));
    while ((at = strstr(text, old)) != NULL) {
        memcpy(at, to, strlen(to));
    }
}

static redisContext *listen_to(struct stage *s, const char *pattern)
{
    redisContext *sub = redisConnectUnix(s->app->unix_sock.path);
    redisSetTimeout(sub, (struct timeval){.tv_sec = 5});
    freeReplyObject(redisCommand(sub, "PSUBSCRIBE %s", pattern));
    return sub;
}

/* The next message that holds part; free. */
static char *heard_with(redisContext *sub, const char *part)
{
    redisReply *reply = NULL;
    char *text = NULL;

    while (!text && redisGetReply(sub, (void **)&reply) == REDIS_OK) {
        text = strstr(reply->element[3]->str, part) ? strdup(reply->element[3]->str) : NULL;
        freeReplyObject(reply);
    }
    assert_non_null(text);
    return text;
}

static void retried_task__leaves__the_bytes_a_real_worker_leaves(void **state)
{
    (void)state;
    struct stage s;
    char id[40];

    stage_open(&s, &alone);
    redisContext *sub = listen_to(&s, "celery-task-meta-*");
    stage_enqueue(
        &s,
        &(struct stage_task){.name = FETCH, .args = "[\"http://example.com/a\", 1]", .queue = "validation"},
        id);
    assert_true(stage_until_status(&s, id, "SUCCESS"));
    assert_true(stage_until_idle(&s));
    char *retry = heard_with(sub, "\"RETRY\"");
    char *expected = read_fixture("meta-RETRY.json");
    put_for(expected, "\"task_id\": \"", id);
    assert_string_equal(retry, expected);
    free(retry);
    free(expected);
    assert_int_equal(demo_worker_tally(demo_worker(s.demo)).retried, 1);
    redisFree(sub);
    stage_close(&s);
}

static void failed_task__leaves__the_bytes_a_real_worker_leaves(void **state)
{
    (void)state;
    struct stage s;
    struct result r;
    char id[40];

    stage_open(&s, &alone);
    stage_enqueue(
        &s, &(struct stage_task){.name = VALIDATE, .args = "[\"Doe, undated\"]", .queue = "validation"}, id);
    assert_true(stage_until_status(&s, id, "FAILURE"));
    stage_result(&s, id, &r);
    char *json = stage_text(s.results, "GET celery-task-meta-%s", id);
    char *expected = read_fixture("meta-FAILURE.json");
    char done[40] = "";
    const char *at = strstr(json, "\"date_done\": \"");
    assert_non_null(at);
    memcpy(done, at + strlen("\"date_done\": \""), strlen("2026-11-23T09:32:56.754932"));
    put_for(expected, "\"task_id\": \"", id);
    put_for(expected, "\"date_done\": \"", done);
    assert_string_equal(json, expected);
    free(json);
    free(expected);
    result_release(&r);
    stage_close(&s);
}

/* --- what others left --- */

static bool is_taken_back(void *user)
{
    struct stage *s = user;
    return stage_ask(s->app, "HLEN unacked") == 1 && stage_ask(s->app, "EXISTS unacked_mutex") == 0 &&
           stage_ask(s->app, "LLEN celery") == 0;
}

static void leave_behind(struct stage *s, const char *tag, double score, const char *element)
{
    char entry[4096];
    char number[40];
    snprintf(entry, sizeof(entry), "[%s, \"\", \"celery\"]", element);
    snprintf(number, sizeof(number), "%.3f", score);
    stage_ask(s->app, "HSET unacked %s %s", tag, entry);
    stage_ask(s->app, "ZADD unacked_index %s %s", number, tag);
}

static void dead_workers_messages__come_back__once_they_are_overdue(void **state)
{
    (void)state;
    struct demo_options nobody = alone;
    struct stage s;
    struct address address;
    struct err err;
    char id[40];
    double now_s = (double)clock_wall_us() / 1e6;

    nobody.worker = false;
    stage_open(&s, &nobody);
    stage_enqueue(&s, &(struct stage_task){.name = TEST, .args = "[\"lost\"]"}, id);
    char *element = stage_text(s.app, "RPOP celery");
    leave_behind(&s, "overdue", now_s - 3700, element);
    leave_behind(&s, "not-yet", now_s - 3500, element);
    leave_behind(&s, "nonsense", now_s - 9000, "7");
    free(element);

    assert_true(address_parse(&address, demo_address(s.demo), &err));
    struct demo_worker *w =
        demo_worker_new(s.loop, &(struct demo_worker_options){.address = &address, .pace = 0.1});
    assert_true(stage_until_status(&s, id, "SUCCESS"));
    assert_true(stage_until(&s, is_taken_back, &s));
    assert_int_equal(stage_ask(s.app, "HEXISTS unacked not-yet"), 1);
    assert_int_equal(demo_worker_tally(w).restored, 2);
    assert_int_equal(demo_worker_tally(w).succeeded, 1);
    demo_worker_free(w);
    address_release(&address);
    stage_close(&s);
}

/* --- events --- */

static bool has_answer(void *user)
{
    struct stage *s = user;
    return stage_ask(s->app, "LLEN box") > 0;
}

static void assert_says(struct stage *s, const char *method, const char *words)
{
    struct control_reply r;
    struct err err = {0};
    UT_string out;

    utstring_init(&out);
    if (!control_encode(method, NULL, NULL, 0, "t", "box", &out, &err)) {
        fail_msg("%s", err.text);
    }
    stage_ask(s->app, "PUBLISH /0.celery.pidbox %b", utstring_body(&out), utstring_len(&out));
    utstring_done(&out);
    assert_true(stage_until(s, has_answer, s));
    char *element = stage_text(s->app, "RPOP box");
    assert_true(control_reply_decode(&r, span_of(element)));
    assert_string_equal(r.ok, words);
    control_reply_release(&r);
    free(element);
}

static void count_event(void *ctx, const struct task_event *e)
{
    char *letters = ctx;
    letters[strlen(letters)] = *task_event_name[e->type];
}

static void events__are_silent_until_they_are_turned_on__when_started_without(void **state)
{
    (void)state;
    struct demo_options silent = alone;
    struct stage s;
    char id[40];
    char letters[16] = "";

    silent.events_off = true;
    stage_open(&s, &silent);
    redisContext *sub = listen_to(&s, "/0.celeryev/task.*");
    stage_enqueue(&s, &(struct stage_task){.name = TEST, .args = "[\"unheard\"]"}, id);
    assert_true(stage_until_status(&s, id, "SUCCESS"));
    assert_says(&s, "enable_events", "task events enabled");
    assert_says(&s, "enable_events", "task events already enabled");
    stage_enqueue(&s, &(struct stage_task){.name = TEST, .args = "[\"heard\"]"}, id);
    assert_true(stage_until_status(&s, id, "SUCCESS"));
    assert_true(stage_until_idle(&s));
    assert_says(&s, "disable_events", "task events disabled");
    for (int i = 0; i < 3; i++) {
        char *payload = heard_with(sub, "");
        assert_int_equal(task_events_decode(span_of(payload), count_event, letters), 1);
        free(payload);
    }
    /* received, started, succeeded: of the second task alone. */
    assert_string_equal(letters, "rss");
    redisFree(sub);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retried_task__leaves__the_bytes_a_real_worker_leaves),
        cmocka_unit_test(failed_task__leaves__the_bytes_a_real_worker_leaves),
        cmocka_unit_test(dead_workers_messages__come_back__once_they_are_overdue),
        cmocka_unit_test(events__are_silent_until_they_are_turned_on__when_started_without),
    };
    server_require();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
