/* Questions to workers where there are none: mailboxes of the dead, refusals, lists left over. */
#include "support/unit.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/base64.h"

#define SEP  "\x06\x16"
#define DEAD SEP SEP "dead@demo.celery.pidbox"

struct notes {
    int64_t unanswered, answered, bound;
};

static void note(struct watch *w, const struct fact *f)
{
    struct notes *n = w->user;
    if (f->kind == FACT_WORKER_ANSWER) {
        n->answered += f->worker_answer.answered;
        n->unanswered += !f->worker_answer.answered;
    } else if (f->kind == FACT_WORKER_BOUND) {
        n->bound = span_equal(f->worker_bound.names, S("dead@demo"));
    }
}

static struct watch *look(struct server *s, struct notes *n, int64_t inspect_us)
{
    memset(n, 0, sizeof *n);
    return watch_new(s, &(struct watch_options){.inspect_us = inspect_us, .on_fact = note, .user = n});
}

static bool polled(struct watch *w, void *arg)
{
    return w->servers >= *(int64_t *)arg;
}

static void wait_polls(struct watch *w, int64_t count)
{
    int64_t until = w->servers + count;
    assert_true(watch_until(w, polled, &until, WAIT_MS));
}

static bool unanswered(struct watch *w, void *arg)
{
    (void)arg;
    return ((struct notes *)w->user)->unanswered > 0;
}

static char *boxes(struct server *s)
{
    return server_cli(s, "EVAL",
                      "local out = '' "
                      "for _, k in ipairs(redis.call('KEYS', 'redai-console.reply.*')) do "
                      "out = out .. redis.call('TTL', k) .. ' ' end return out",
                      "0", NULL);
}

static void a_mailbox_of_the_dead__is_told__as_silent(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox", DEAD, NULL));
    struct watch *w = look(s, &n, 500000);
    assert_true(watch_until(w, unanswered, NULL, WAIT_MS));
    assert_int_equal(n.answered, 0);
    assert_true(n.bound);
    char *ttl = boxes(s);
    long seconds = strtol(ttl, NULL, 10);
    assert_true(seconds > 200 && seconds <= 300);
    free(ttl);
    watch_free(w);
    ttl = boxes(s);
    assert_string_equal(ttl, ""); /* removed at the end */
    free(ttl);
    server_stop(s);
}

enum { HEAD = 21 /* bytes of a request's body: its method, and in base64 whole groups */ };

static bool asks(const redisReply *line, const char *method)
{
    char head[HEAD + 16];
    UT_string packed;
    utstring_init(&packed);
    snprintf(head, sizeof head, "{\"method\": \"%s\", ", method);
    base64_encode(span_make(head, HEAD), &packed);
    bool is = strstr(line->str, utstring_body(&packed)) != NULL;
    utstring_done(&packed);
    return is;
}

/* Listens until all three questions have gone by: where they stand among all the commands. */
static void hear_questions(redisContext *monitor, const char *const method[3], size_t ret_at[3])
{
    size_t heard = 0;
    for (size_t at = 1; heard < 3; at++) {
        redisReply *line = NULL;
        assert_int_equal(redisGetReply(monitor, (void **)&line), REDIS_OK);
        for (size_t i = 0; i < 3; i++) {
            if (!ret_at[i] && asks(line, method[i])) {
                ret_at[i] = at;
                heard++;
            }
        }
        freeReplyObject(line);
    }
}

/* Scheduled, reserved, active: a task that moves on between two answers is in one of them at least. */
static void where_tasks_are__is_asked__in_the_order_they_move(void **state)
{
    (void)state;
    static const char *const method[] = {"scheduled", "reserved", "active"};
    struct server *s = server_start(NULL);
    struct notes n;
    size_t at[3] = {0};
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox", DEAD, NULL));
    redisContext *monitor = server_connect(s);
    assert_non_null(monitor);
    redisSetTimeout(monitor, (struct timeval){.tv_sec = WAIT_MS / 1000});
    freeReplyObject(redisCommand(monitor, "MONITOR"));
    struct watch *w = look(s, &n, 500000);
    assert_true(watch_until(w, unanswered, NULL, WAIT_MS));
    hear_questions(monitor, method, at);
    assert_true(at[0] < at[1] && at[1] < at[2]);
    redisFree(monitor);
    watch_free(w);
    server_stop(s);
}

static void without_questions__nothing_is_written(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox", DEAD, NULL));
    free(server_cli(s, "LPUSH", "redai-console.reply.left", "late", NULL));
    struct watch *w = look(s, &n, 0);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    wait_polls(w, 8);
    assert_true(n.bound); /* who has a mailbox is known by reading */
    assert_int_equal(n.answered + n.unanswered, 0);
    char *ttl = boxes(s);
    assert_string_equal(ttl, "-1 ");
    free(ttl);
    char *text = watch_peek(w, TARGET_WORKER, "dead@demo");
    assert_non_null(strstr(text, "workers are not asked"));
    free(text);
    watch_free(w);
    server_stop(s);
}

static bool expires(struct watch *w, void *arg)
{
    (void)w;
    char *ttl = server_cli(arg, "TTL", "redai-console.reply.left", NULL);
    long seconds = strtol(ttl, NULL, 10);
    free(ttl);
    return seconds > 0 && seconds <= 60;
}

static void a_list_left_over__is_made_to_end(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    free(server_cli(s, "LPUSH", "redai-console.reply.left", "late", NULL));
    struct watch *w = look(s, &n, 500000);
    assert_true(watch_until(w, expires, s, WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static bool refused(struct watch *w, void *arg)
{
    (void)arg;
    return w->workers_error[0] != '\0';
}

static void a_refused_question__is_said__and_polls_go_on(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox", DEAD, NULL));
    free(server_cli(s, "ACL", "SETUSER", "default", "-publish", NULL));
    struct watch *w = look(s, &n, 500000);
    assert_true(watch_until(w, refused, NULL, WAIT_MS));
    assert_non_null(strstr(w->workers_error, "workers cannot be asked"));
    assert_non_null(strstr(w->workers_error, "publish"));
    wait_polls(w, 4);
    assert_int_equal(n.unanswered, 0); /* who could not be asked is not called silent */
    watch_free(w);
    server_stop(s);
}

static void without_workers__hardly_anything_is_asked(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    struct notes n;
    struct watch *w = look(s, &n, 500000);
    assert_true(watch_until(w, watch_tasks_settled, NULL, WAIT_MS));
    wait_polls(w, 8);
    char *stats = server_cli(s, "INFO", "commandstats", NULL);
    assert_null(strstr(stats, "cmdstat_publish"));
    assert_null(strstr(stats, "cmdstat_rpush"));
    free(stats);
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mailbox_of_the_dead__is_told__as_silent),
        cmocka_unit_test(where_tasks_are__is_asked__in_the_order_they_move),
        cmocka_unit_test(without_questions__nothing_is_written),
        cmocka_unit_test(a_list_left_over__is_made_to_end),
        cmocka_unit_test(a_refused_question__is_said__and_polls_go_on),
        cmocka_unit_test(without_workers__hardly_anything_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
