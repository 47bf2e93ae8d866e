#include "elements.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/json_out.h"
#include "redai/base/uuid.h"

#include "redai/schema/message.h"
#include "redai/schema/result.h"

static void encode(const struct task_spec *spec, UT_string *element)
{
    struct err err;
    if (!message_encode(spec, element, &err)) {
        fail_msg("%s", err.text);
    }
}

static void push(struct server *s, const struct task_spec *spec)
{
    UT_string key, element;
    utstring_init(&key);
    utstring_init(&element);
    encode(spec, &element);
    message_list_key(span_of(spec->queue), spec->priority, &key);
    free(server_cli_argv(s, 0, 3, (const char *[]){"LPUSH", utstring_body(&key), utstring_body(&element)},
                         (size_t[]){5, utstring_len(&key), utstring_len(&element)}));
    utstring_done(&key);
    utstring_done(&element);
}

static struct task_spec spec_of(const char *queue, const char *task, const char *id, char tag[UUID_TEXT_SIZE])
{
    uuid_v4(tag);
    return (struct task_spec){.task = task,
                              .id = id,
                              .queue = queue,
                              .eta_wall_us = -1,
                              .expires_wall_us = -1,
                              .origin = "test@here",
                              .delivery_tag = tag};
}

void elements_push(struct server *s, const char *queue, int priority, const char *task, const char *id,
                   const char *args)
{
    char tag[UUID_TEXT_SIZE];
    struct task_spec spec = spec_of(queue, task, id, tag);
    spec.priority = priority;
    spec.args = args;
    push(s, &spec);
}

void elements_push_later(struct server *s, const char *queue, const char *task, const char *id,
                         int64_t eta_wall_us)
{
    char tag[UUID_TEXT_SIZE];
    struct task_spec spec = spec_of(queue, task, id, tag);
    spec.eta_wall_us = eta_wall_us;
    push(s, &spec);
}

void elements_push_many(struct server *s, const char *queue, int count)
{
    redisContext *c = server_connect(s);
    assert_non_null(c);
    for (int i = 0; i < count; i++) {
        char tag[UUID_TEXT_SIZE], id[32];
        snprintf(id, sizeof id, "many-%d", i);
        struct task_spec spec = spec_of(queue, "api.tasks.echo", id, tag);
        UT_string element;
        utstring_init(&element);
        encode(&spec, &element);
        redisAppendCommand(c, "LPUSH %s %b", queue, utstring_body(&element), utstring_len(&element));
        utstring_done(&element);
    }
    for (int i = 0; i < count; i++) {
        void *reply = NULL;
        assert_int_equal(redisGetReply(c, &reply), REDIS_OK);
        freeReplyObject(reply);
    }
    redisFree(c);
}

void elements_take(struct server *s, const char *tag, const char *queue, const char *id, double seconds_ago,
                   int padding)
{
    UT_string element, value, args;
    char score[40];
    utstring_init(&element);
    utstring_init(&value);
    utstring_init(&args);
    utstring_printf(&args, "[\"");
    for (int i = 0; i < padding; i++) {
        utstring_bincpy(&args, "x", 1);
    }
    utstring_printf(&args, "\"]");
    char unused[UUID_TEXT_SIZE];
    struct task_spec spec = spec_of(queue, "api.tasks.echo", id, unused);
    spec.delivery_tag = tag;
    spec.args = utstring_body(&args);
    encode(&spec, &element);
    utstring_printf(&value, "[%s, \"\", \"%s\"]", utstring_body(&element), queue);
    snprintf(score, sizeof score, "%.6f", (double)clock_wall_us() / 1e6 - seconds_ago);
    free(server_cli(s, "ZADD", "unacked_index", score, tag, NULL));
    free(server_cli_argv(s, 0, 4, (const char *[]){"HSET", "unacked", tag, utstring_body(&value)},
                         (size_t[]){4, 7, strlen(tag), utstring_len(&value)}));
    utstring_done(&args);
    utstring_done(&value);
    utstring_done(&element);
}

void elements_acknowledge(struct server *s, const char *tag)
{
    free(server_cli(s, "ZREM", "unacked_index", tag, NULL));
    free(server_cli(s, "HDEL", "unacked", tag, NULL));
}

void elements_result(struct server *s, const char *id, const char *status, const char *value, int published)
{
    UT_string json;
    char key[128];
    utstring_init(&json);
    result_encode(id, status, value, NULL, clock_wall_us(), &json);
    snprintf(key, sizeof key, "celery-task-meta-%s", id);
    free(server_cli_argv(s, 1, 4, (const char *[]){"SETEX", key, "3600", utstring_body(&json)},
                         (size_t[]){5, strlen(key), 4, utstring_len(&json)}));
    if (published) {
        free(server_cli(s, "PUBLISH", key, utstring_body(&json), NULL));
    }
    utstring_done(&json);
}
