/* The curtain over the whole program: what a beamer shows, what the terminal gets, what is copied, what can
 * be done. Every secret in Redis has the mark QZ, which no pseudonym can have. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/base64.h"

#define SECRET_SID  "QZQZQZ11-token-QZ"
#define SECRET_SID2 "QZQZQY22-token-QZ"
#define TASK        "0ea6d333-3333-4333-8333-333333333333"

static void put(struct server *s, const char *key, const char *value)
{
    free(server_cli(s, "SET", key, value, "EX", "3600", NULL));
}

static void put_secrets(struct server *s)
{
    put(s, "session:" SECRET_SID,
        "{\"user_id\": \"QZuser1\", \"created_at\": \"2026-11-23T09:33:22.714134\", \"email\": "
        "\"QZ@QZ.example\", "
        "\"role\": \"student\", \"name\": \"QZ Name\"}");
    put(s, "session:" SECRET_SID2,
        "{\"user_id\": \"QZuser1\", \"created_at\": \"2026-11-23T09:33:22.714134\", \"email\": "
        "\"QZ@QZ.example\", "
        "\"role\": \"student\", \"name\": \"QZ Name\"}");
    free(server_cli(s, "SADD", "user:QZuser1:sessions", SECRET_SID, "QZQZQX33-stale", NULL));
    put(s, "exam:QZ1", "{\"title\": \"QZ algebra\"}");
    put(s, "exam:QZ2", "QZ plain");
    free(server_cli(s, "HSET", "exam:QZ3", "QZfield", "QZvalue", NULL));
    free(server_cli(s, "RPUSH", "exam:QZ4", "QZitem", NULL));
    put(s, "batch:progress:" BATCH_RUNS,
        "{\"current\": 5, \"total\": 20, \"percentage\": 25.0, \"status\": \"QZ status\"}");
    put(s, "batch:progress:" BATCH_FAIL, "{\"status\": \"failed\", \"error\": \"QZ error\"}");
    free(server_cli(s, "SADD", "_kombu.binding.celery",
                    "celery\x06\x16\x06\x16"
                    "celery",
                    NULL));
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox", "\x06\x16\x06\x16w1@QZnode.celery.pidbox",
                    NULL));
    free(server_cli(
        s, "LPUSH", "celery",
        "{\"body\": \"W1siUVogYXJnIl0sIHt9LCB7fV0=\", \"content-encoding\": \"utf-8\", \"content-type\": "
        "\"application/json\", \"headers\": {\"lang\": \"py\", \"task\": \"api.tasks.test_redis_task\", "
        "\"id\": \"" TASK "\", \"root_id\": \"" TASK "\", \"argsrepr\": \"('QZ arg',)\", "
        "\"kwargsrepr\": \"{'QZ': 1}\", \"origin\": \"gen1@QZweb\"}, \"properties\": {\"correlation_id\": "
        "\"" TASK "\", \"reply_to\": \"11111111-0000-4000-8000-000000000001\", \"delivery_mode\": 2, "
        "\"delivery_info\": {\"exchange\": \"\", \"routing_key\": \"celery\"}, \"priority\": 0, "
        "\"body_encoding\": \"base64\", \"delivery_tag\": \"" TASK "\"}}",
        NULL));
    /* A worker would exit on it: no task has its name. */
    free(server_cli(s, "LPUSH", "celery",
                    "{\"body\": \"W1siUVogYXJnIl0sIHt9LCB7fV0=\", \"content-type\": \"application/json\", "
                    "\"headers\": {\"task\": \"api.tasks.poison\", \"argsrepr\": \"('QZ poison',)\"}, "
                    "\"properties\": {\"body_encoding\": \"base64\"}}",
                    NULL));
    static const char *const result[] = {
        "SET", "celery-task-meta-" BATCH_FAIL,
        "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"QZError\", \"exc_message\": [\"QZ why\"], "
        "\"exc_module\": \"builtins\"}, \"traceback\": \"QZ trace\", \"worker\": \"w1@QZnode\", \"args\": "
        "[\"QZ arg\"], \"children\": [], \"date_done\": "
        "\"2026-11-23T09:33:22.714134\", \"task_id\": \"" BATCH_FAIL "\"}"};
    free(server_cli_argv(s, 1, COUNT_OF(result), (const char **)(uintptr_t)result, NULL));
}

static int set_up(void **state)
{
    struct server *s = stage_server(NULL);
    assert_non_null(s);
    put_secrets(s);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* Keys, a text that both the open and the drawn screen show then, and a secret that the open one shows, maybe
 * a moment later: it is read by further commands. */
static const struct {
    const char *keys, *shows, *secret;
} walk[] = {
    {"1", "1 sessions 2", "QZ Name"},
    {"+", "email", "QZ@QZ"},
    {"\r", "also in the index", "QZQZQZ~"},
    {"q+2", "2 cache", NULL},
    {":open user QZuser1\r", "entries of the index", "QZuser1"},
    {"q\r", "all measured", NULL},
    {"q:open key exam:QZ1\r", "embstr", "QZ algebra"},
    {"q:open key exam:QZ3\r", "listpack", "QZfield"},
    {"q:open key exam:QZ4\r", "quicklist", "QZitem"},
    {"q:open key session:" SECRET_SID "\r", "encoding  raw", NULL},
    {"q:open key user:QZuser1:sessions\r", "hashtable", NULL},
    {"q:open key exam:exam_id:QZ1\r", "does not exist (any more)", NULL},
    {"q:open queue celery\r", "next one first", "QZ arg"},
    {"q:open task " TASK "\r", "content", NULL},
    {"q:open task " BATCH_FAIL "\r", "traceback", "QZ trace"},
    {"q:open task " BATCH_RUNS "\r", "key ends in", "QZ status"},
    {"q:open worker w1@QZnode\r", "did not answer", "w1@QZnode"},
    {"q:pane info\r", "databases", NULL},
    {"q:receipts\r", "receipts", NULL},
    {"q4", "progress", "QZ error"},
    {"+", "rate/s", NULL},
    {"6", "runtime", NULL},
    {"v", "by name", NULL},
    {"v", "by exception", NULL},
    {"v7", "reserved", NULL},
    {"+", "3 queues", NULL},
};

static void take_walk(struct pty *p, bool drawn)
{
    for (size_t i = 0; i < COUNT_OF(walk); i++) {
        seat_do(p, walk[i].keys, walk[i].shows);
        if (drawn) {
            seat_not(p, "QZ");
        } else if (walk[i].secret) {
            seat_see(p, walk[i].secret);
        }
    }
}

static bool holds(struct pty *p, const char *text)
{
    struct span raw = pty_raw_bytes(p);
    return span_search(raw, span_of(text)) < raw.len;
}

static struct pty *open_drawn(struct server *s, const char *const more[])
{
    struct pty *p = seat_open(s, seat_large, more, NULL);
    seat_see(p, "[CURTAIN]");
    seat_see(p, "1 sessions 2");
    return p;
}

static const char *const drawn_from_start[] = {"--curtain", NULL};

/* The prompt shows what one types: that is put in by the walk itself. */
static void curtain__lets_nothing_through__to_the_terminal(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "QZ Name");
    take_walk(p, false);
    assert_true(holds(p, server_folder(s)));
    seat_quit(p);

    p = open_drawn(s, drawn_from_start);
    take_walk(p, true);
    static const char *const hidden[] = {"QZQZQZ",    "QZQZQY",   "QZQZQX",  "QZ Name",  "QZ@QZ",
                                         "QZ status", "QZ error", "QZ arg",  "QZ algeb", "QZ trace",
                                         "@QZnode",   "QZfield",  "QZitem",  "QZvalue",  "QZ why",
                                         "QZError",   "QZweb",    "QZ plain"};
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        if (holds(p, hidden[i])) {
            fail_msg("\"%s\" went to the terminal", hidden[i]);
        }
    }
    assert_false(holds(p, server_folder(s)));
    assert_string_equal(pty_title(p), "redai-console [CURTAIN]");
    seat_quit(p);
}

/* What the terminal was told to put into its clipboard. */
static void assert_copied(struct pty *p, const char *front, bool secret)
{
    assert_true(pty_wait_raw(p, "\033]52;", WAIT_MS));
    assert_true(pty_wait_raw(p, "\033]52;c;", WAIT_MS));
    pty_settle(p); /* to its end */
    struct span raw = pty_raw_bytes(p);
    raw = span_skip(raw, span_search(raw, S("\033]52;c;")) + 7);
    size_t end = 0;
    while (end < raw.len && raw.data[end] != '\033' && raw.data[end] != '\a') {
        end++;
    }
    UT_string text;
    utstring_init(&text);
    assert_true(base64_decode(span_head(raw, end), &text));
    assert_true(span_starts(text_span(&text), span_of(front)));
    assert_true((strstr(utstring_body(&text), "QZ") != NULL) == secret);
    utstring_done(&text);
}

static void curtain__copies__the_pseudonym(void **state)
{
    struct pty *p = open_drawn(*state, drawn_from_start);
    seat_key(p, "1");
    pty_forget_raw(p);
    seat_do(p, "y", "behind the curtain");
    assert_copied(p, "session-", false);
    pty_forget_raw(p);
    seat_do(p, ":copy reveal\r", "behind the curtain");
    assert_copied(p, "session-", false);
    seat_do(p, "!", ": do it");
    seat_key(p, "y");
    seat_see(p, "QZ Name");
    pty_forget_raw(p);
    seat_do(p, "y", "copied, shortened");
    assert_copied(p, "QZQZ", true);
    seat_quit(p);
}

/* Nobody lifts it by one slip. */
static void curtain__falls_at_once_and_is_lifted__on_a_question(void **state)
{
    struct pty *p = seat_open(*state, seat_large, NULL, NULL);
    seat_see(p, "QZ Name");
    seat_do(p, "!", "[CURTAIN]");
    seat_not(p, "QZ");
    seat_do(p, "!", ": do it");
    seat_do(p, "\r", "Enter does not accept");
    seat_leave(p, ": do it");
    seat_not(p, "QZ");
    seat_see(p, "[CURTAIN]");
    seat_do(p, ":curtain on\r", "[CURTAIN]");
    seat_do(p, ":curtain maybe\r", "expected on or off");
    seat_do(p, ":curtain off\r", ": do it");
    seat_key(p, "y");
    seat_see(p, "QZ Name");
    seat_not(p, "[CURTAIN]");
    assert_non_null(strstr(pty_title(p), server_folder(*state)));
    seat_quit(p);
}

static void curtain__locks_every_action__but_to_enqueue(void **state)
{
    static const char *const refused[] = {
        "1x",           "1X",
        "2i",           ":revoke session " SECRET_SID "\r",
        "3p",           ":revoke user QZuser1\r",
        "7m",           ":invalidate exam:*\r",
        "6r",           ":purge celery\r",
        "6M",           ":remove " TASK "\r",
        ":requeue\r",   ":notifications on\r",
        ":events on\r", ":worker shutdown --on w1@QZnode\r",
    };
    struct server *s = *state;
    struct pty *p = open_drawn(s, drawn_from_start);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        seat_do(p, refused[i], "the curtain is drawn: '!' lifts it");
        seat_key(p, "k");
        seat_see_gone(p, "lifts it");
    }
    assert_true(stage_is(s, 0, "EXISTS session:" SECRET_SID, "1"));
    assert_true(stage_is(s, 0, "LLEN celery", "2"));
    seat_do(p, "e", "test_redis_task");
    seat_do(p, "1", "enqueue test");
    seat_do(p, "\1\vhello\r\r\r", ": do it");
    seat_do(p, "y", "done: ");
    assert_true(stage_wait(s, 0, "LLEN celery", "3"));
    seat_quit(p);
}

static void curtain__completes_and_recalls__nothing_hidden(void **state)
{
    struct pty *p = seat_open(*state, seat_large, NULL, NULL);
    seat_see(p, "QZ Name");
    seat_see(p, "w1@QZnode");
    seat_do(p, ":open user QZuser1\r", "user QZuser1");
    seat_do(p, "q!", "[CURTAIN]");
    pty_forget_raw(p);
    seat_do(p, "6:filter worker:w\t", "w1@host-");
    seat_leave(p, ":filter");
    seat_do(p, ":\033[A\033[A\033[Apane ", ":pane ");
    seat_not(p, "QZ");
    assert_false(holds(p, "QZ"));
    seat_leave(p, ":pane ");
    seat_quit(p);
}

static void curtain__begins_drawn__when_the_configuration_says_so(void **state)
{
    stage_write(stage_path("drawn"), "set curtain on\n");
    char config[300];
    snprintf(config, sizeof config, "--config=%s", stage_path("drawn"));
    const char *const by_file[] = {config, NULL};
    struct pty *p = open_drawn(*state, by_file);
    seat_quit(p);
    const char *const by_flag[] = {config, "--no-curtain", NULL};
    p = seat_open(*state, seat_large, by_flag, NULL);
    seat_see(p, "QZ Name");
    seat_quit(p);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(curtain__lets_nothing_through__to_the_terminal),
        LIVE(curtain__copies__the_pseudonym),
        LIVE(curtain__falls_at_once_and_is_lifted__on_a_question),
        LIVE(curtain__locks_every_action__but_to_enqueue),
        LIVE(curtain__completes_and_recalls__nothing_hidden),
        LIVE(curtain__begins_drawn__when_the_configuration_says_so),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
