#include "stage.h"

#include "support/unit.h"

#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/uuid.h"

#include "redai/schema/message.h"

#define LIMIT_US (20 * US_PER_S)
#define LOOK_S   0.005

static bool is_ready(void *user)
{
    struct stage *s = user;
    return demo_ready(s->demo);
}

static redisContext *look(const char *url)
{
    /* unix://<path>?db=0 */
    char path[128] = "";
    const char *from = url + strlen("unix://");
    memcpy(path, from, strcspn(from, "?"));
    redisContext *c = redisConnectUnix(path);
    assert_non_null(c);
    assert_int_equal(c->err, 0);
    return c;
}

void stage_open(struct stage *s, const struct demo_options *options)
{
    struct err err = {0};

    s->loop = ev_loop_new(0);
    s->demo = demo_new(s->loop, options, &err);
    if (!s->demo) {
        fail_msg("%s", err.text);
    }
    s->app = look(demo_address(s->demo));
    s->results = look(demo_address(s->demo));
    stage_ask(s->results, "SELECT 1");
    assert_true(stage_until(s, is_ready, s));
}

void stage_close(struct stage *s)
{
    redisFree(s->app);
    redisFree(s->results);
    demo_free(s->demo);
    ev_loop_destroy(s->loop);
}

static void on_look(struct ev_loop *loop, ev_timer *t, int events)
{
    (void)t;
    (void)events;
    ev_break(loop, EVBREAK_ONE);
}

bool stage_until(struct stage *s, bool (*condition)(void *user), void *user)
{
    int64_t until_us = clock_mono_us() + LIMIT_US;
    ev_timer look_timer;
    bool good;

    ev_timer_init(&look_timer, on_look, LOOK_S, LOOK_S);
    ev_timer_start(s->loop, &look_timer);
    while (!(good = condition(user)) && clock_mono_us() < until_us) {
        ev_run(s->loop, 0);
    }
    ev_timer_stop(s->loop, &look_timer);
    return good;
}

long long stage_ask(redisContext *c, const char *format, ...)
{
    va_list args;
    long long n = -2;

    va_start(args, format);
    redisReply *reply = redisvCommand(c, format, args);
    va_end(args);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_INTEGER) {
        n = reply->integer;
    } else if (reply->type == REDIS_REPLY_ARRAY) {
        n = (long long)reply->elements;
    } else if (reply->type == REDIS_REPLY_NIL) {
        n = -1;
    } else if (reply->type != REDIS_REPLY_ERROR) {
        n = (long long)reply->len;
    }
    freeReplyObject(reply);
    return n;
}

char *stage_text(redisContext *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    redisReply *reply = redisvCommand(c, format, args);
    va_end(args);
    assert_non_null(reply);
    char *text =
        reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS ? strdup(reply->str) : NULL;
    freeReplyObject(reply);
    return text;
}

long long stage_count(redisContext *c, const char *pattern)
{
    char cursor[32] = "0";
    long long n = 0;

    do {
        redisReply *reply = redisCommand(c, "SCAN %s MATCH %s COUNT 1000", cursor, pattern);
        assert_non_null(reply);
        n += (long long)reply->element[1]->elements;
        snprintf(cursor, sizeof(cursor), "%s", reply->element[0]->str);
        freeReplyObject(reply);
    } while (strcmp(cursor, "0") != 0);
    return n;
}

void stage_enqueue(struct stage *s, const struct stage_task *task, char out[40])
{
    char tag[UUID_TEXT_SIZE];
    struct err err = {0};
    UT_string element, key;

    utstring_init(&element);
    utstring_init(&key);
    uuid_v4(out);
    uuid_v4(tag);
    const char *queue = task->queue ? task->queue : "celery";
    struct task_spec spec = {.task = task->name,
                             .id = out,
                             .args = task->args,
                             .kwargs = task->kwargs,
                             .queue = queue,
                             .priority = task->priority,
                             .eta_wall_us = task->eta_us ? task->eta_us : -1,
                             .expires_wall_us = task->expires_us ? task->expires_us : -1,
                             .origin = "test@demo",
                             .delivery_tag = tag};
    if (!message_encode(&spec, &element, &err)) {
        fail_msg("%s", err.text);
    }
    message_list_key(span_of(queue), task->priority, &key);
    assert_true(stage_ask(s->app, "LPUSH %b %b", utstring_body(&key), utstring_len(&key),
                          utstring_body(&element), utstring_len(&element)) > 0);
    utstring_done(&element);
    utstring_done(&key);
}

void stage_result(struct stage *s, const char *id, struct result *ret)
{
    char *json = stage_text(s->results, "GET celery-task-meta-%s", id);
    result_decode(ret, span_of(json));
    free(json);
}

struct awaited {
    struct stage *stage;
    const char *id, *status;
};

static bool has_status(void *user)
{
    struct awaited *a = user;
    struct result r;
    stage_result(a->stage, a->id, &r);
    bool yes = r.status && strcmp(r.status, a->status) == 0;
    result_release(&r);
    return yes;
}

bool stage_until_status(struct stage *s, const char *id, const char *status)
{
    return stage_until(s, has_status, &(struct awaited){s, id, status});
}

static bool is_idle(void *user)
{
    struct stage *s = user;
    return stage_ask(s->app, "HLEN unacked") == 0 && stage_ask(s->app, "ZCARD unacked_index") == 0 &&
           demo_worker_tally(demo_worker(s->demo)).held == 0;
}

bool stage_until_idle(struct stage *s)
{
    return stage_until(s, is_idle, s);
}
