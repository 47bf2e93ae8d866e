/* kill client: a connection is named, looked at, ended by its number and looked for again. */
#include "stage.h"

#include <poll.h>
#include <stdlib.h>

struct scene {
    struct stage *stage;
    redisContext *client; /* over TCP, named "api" */
    char number[24], address[64];
};

static redisContext *join(struct stage *s, const char *name)
{
    redisContext *c = redisConnect("127.0.0.1", server_port(s->server));
    assert_non_null(c);
    assert_int_equal(c->err, 0);
    freeReplyObject(redisCommand(c, "CLIENT SETNAME %s", name));
    return c;
}

static long long number_of(redisContext *c)
{
    redisReply *reply = redisCommand(c, "CLIENT ID");
    long long id = reply->integer;
    freeReplyObject(reply);
    return id;
}

static int set_up(void **state)
{
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->stage = stage_new(&(struct server_options){.with_tcp = true});
    scene->client = join(scene->stage, "api");
    snprintf(scene->number, sizeof scene->number, "%lld", number_of(scene->client));
    redisReply *info = redisCommand(scene->client, "CLIENT INFO");
    const char *address = strstr(info->str, " addr=") + 6;
    snprintf(scene->address, sizeof scene->address, "%.*s", (int)strcspn(address, " "), address);
    freeReplyObject(info);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    redisFree(scene->client);
    stage_free(scene->stage);
    mem_free(scene);
    return 0;
}

static bool is_cut_off(redisContext *c)
{
    redisReply *reply = redisCommand(c, "PING");
    bool cut = reply == NULL;
    if (reply) {
        freeReplyObject(reply);
    }
    return cut;
}

static void order(struct stage *s, const char *flags, const char *who)
{
    char line[200];
    snprintf(line, sizeof line, "kill client %s %s", flags, who);
    stage_order(s, line);
}

static void kill__ends_a_client_by_its_number__and_reads_back(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char expected[300];
    order(s, "", scene->number);
    /* MONITOR keeps such commands to itself. */
    char *stats = server_cli(s->server, "INFO", "commandstats", NULL);
    assert_non_null(strstr(stats, "cmdstat_client|list:calls=4,"));
    assert_non_null(strstr(stats, "cmdstat_client|kill:calls=1,"));
    free(stats);
    snprintf(expected, sizeof expected, "CLIENT KILL ID %s\n", scene->number);
    stage_assert_plan(s, expected);
    stage_assert_plan(s, "plan     end the connection of 1 client\n");
    snprintf(expected, sizeof expected, "client %s (%s): normal, api, user default, ", scene->number,
             scene->address);
    stage_assert_plan(s, expected);
    stage_assert_plan(s, "last command client|info");
    stage_assert_plan(s, "(cannot be undone)");
    stage_assert_end(s, ACTION_DONE, "its connection has ended");
    assert_string_equal(s->out, "1");
    assert_null(s->typed);
    assert_true(is_cut_off(scene->client));
}

static void kill__ends_a_client_by_its_address(void **state)
{
    struct scene *scene = *state;
    order(scene->stage, "", scene->address);
    stage_assert_end(scene->stage, ACTION_DONE, "its connection has ended");
    assert_true(is_cut_off(scene->client));
}

static void who_is_named_twice__is_killed_once(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char both[120];
    snprintf(both, sizeof both, "%s %s", scene->address, scene->number);
    order(s, "", both);
    stage_assert_plan(s, "end the connection of 1 client\n");
    stage_assert_end(s, ACTION_DONE, "its connection has ended");
}

static void who_is_not_connected__is_told__and_the_others_are_killed(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char both[120];
    stage_order(s, "kill client 999999");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_GONE, "client 999999: not connected (any more)");
    snprintf(both, sizeof both, "999999 %s", scene->number);
    order(s, "", both);
    stage_assert_plan(s, "client 999999: not connected (any more)");
    assert_int_equal(stage_told(s, "client 999999")->outcome, ACTION_GONE);
    stage_assert_end(s, ACTION_DONE, "1 of 2 connections ended");
    assert_true(is_cut_off(scene->client));
}

static struct scene *on_stage;

static bool is_alone(struct stage *s)
{
    char *list = server_cli(s->server, "CLIENT", "LIST", NULL);
    bool alone = !strstr(list, " name=api ");
    free(list);
    return alone;
}

static void go(struct stage *s)
{
    redisFree(on_stage->client);
    while (!is_alone(s)) {
        poll(NULL, 0, 5);
    }
    on_stage->client = join(s, "next");
}

static void who_goes_before_it_is_done__is_gone__and_nobody_else_is_hit(void **state)
{
    struct scene *scene = *state;
    on_stage = scene;
    scene->stage->at_plan = go;
    order(scene->stage, "", scene->number);
    stage_assert_end(scene->stage, ACTION_GONE, "it had gone by itself");
    assert_false(is_cut_off(scene->client));
}

/* --- workers --- */

static void wait_for_task(redisContext *c)
{
    redisAppendCommand(c, "BRPOP celery 0");
    int done = 0;
    while (!done) {
        assert_int_equal(redisBufferWrite(c, &done), REDIS_OK);
    }
}

static bool sees(struct stage *s, const char *number, const char *part)
{
    char *line = server_cli(s->server, "CLIENT", "LIST", "ID", number, NULL);
    bool there = strstr(line, part) != NULL;
    free(line);
    return there;
}

static void expect_seen(struct stage *s, const char *number, const char *part)
{
    for (int i = 0; i < 2000 && !sees(s, number, part); i++) {
        poll(NULL, 0, 5);
    }
    assert_true(sees(s, number, part));
}

#define A_WORKERS "a worker's: :worker shutdown ends it in good order; cut off, it may hang"

static void a_worker__is_refused__with_the_way_out(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char why[300];
    wait_for_task(scene->client);
    expect_seen(s, scene->number, "cmd=brpop");
    order(s, "", scene->number);
    assert_false(s->planned);
    snprintf(why, sizeof why, "client %s (%s): " A_WORKERS, scene->number, scene->address);
    stage_assert_end(s, ACTION_REFUSED, why);
    assert_true(sees(s, scene->number, "cmd=brpop"));
}

static void beside_a_worker__is_killed__with_a_word_of_warning(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    redisContext *worker = join(s, "worker");
    char number[24];
    snprintf(number, sizeof number, "%lld", number_of(worker));
    wait_for_task(worker);
    expect_seen(s, number, "cmd=brpop");
    order(s, "", scene->number);
    stage_assert_plan(s, "a worker waits for tasks on the same host: it may be one of its connections");
    stage_assert_end(s, ACTION_DONE, "its connection has ended");
    redisFree(worker);
}

static void become_worker(struct stage *s)
{
    wait_for_task(on_stage->client);
    expect_seen(s, on_stage->number, "cmd=brpop");
}

static void who_becomes_a_worker__before_it_is_done__is_spared(void **state)
{
    struct scene *scene = *state;
    on_stage = scene;
    scene->stage->at_plan = become_worker;
    order(scene->stage, "", scene->number);
    stage_assert_end(scene->stage, ACTION_REFUSED, A_WORKERS);
    assert_true(sees(scene->stage, scene->number, "cmd=brpop"));
}

static void who_listens_by_pattern__is_a_workers__only_where_one_waits(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    redisContext *listener = join(s, "x");
    char number[24], unnamed[1] = "";
    freeReplyObject(redisCommand(listener, "CLIENT SETNAME %s", unnamed));
    snprintf(number, sizeof number, "%lld", number_of(listener));
    freeReplyObject(redisCommand(listener, "PSUBSCRIBE /0.celeryev/*"));
    wait_for_task(scene->client);
    expect_seen(s, scene->number, "cmd=brpop");
    order(s, "", number);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "a worker's"));

    redisFree(scene->client);
    while (!is_alone(s)) {
        poll(NULL, 0, 5);
    }
    scene->client = join(s, "next");
    order(s, "", number);
    stage_assert_plan(s, "no worker waits for tasks there");
    stage_assert_end(s, ACTION_DONE, "its connection has ended");
    redisFree(listener);
}

/* --- our own, and other servers --- */

static void our_own_connection__needs_a_word__and_comes_back(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char number[24], why[100];
    int64_t connects = link_status(s->act)->connects;
    snprintf(number, sizeof number, "%lld", (long long)link_client_id(s->act));
    order(s, "", number);
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "our own: needs --own"));

    snprintf(why, sizeof why, "%s %s", number, scene->number);
    order(s, "--own", why);
    stage_assert_plan(s, " SKIPME no\n");
    stage_assert_plan(s, "this console's own, which connects again");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_true(is_cut_off(scene->client));
    stage_wait(s, stage_is_ready);
    assert_int_equal(link_status(s->act)->connects, connects + 1);
    assert_false(sees(s, number, "id="));

    snprintf(number, sizeof number, "%lld", (long long)link_client_id(s->result));
    order(s, "--own", number);
    stage_assert_end(s, ACTION_DONE, "its connection has ended");
}

static void another_console__is_allowed__and_said(void **state)
{
    struct scene *scene = *state;
    freeReplyObject(redisCommand(scene->client, "CLIENT SETNAME redai-console:poll"));
    order(scene->stage, "", scene->number);
    stage_assert_plan(scene->stage, "another redai-console's, which connects again");
    stage_assert_end(scene->stage, ACTION_DONE, "its connection has ended");
}

static void a_replica__needs_a_word__and_the_count_typed(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char port[16], number[24] = "";
    snprintf(port, sizeof port, "%d", server_port(s->server));
    const char *args[] = {"--replicaof", "127.0.0.1", port, "--repl-diskless-sync-delay", "0", NULL};
    struct server *replica = server_start(&(struct server_options){.args = args});
    assert_non_null(replica);
    for (int i = 0; i < 4000 && !number[0]; i++) {
        char *list = server_cli(s->server, "CLIENT", "LIST", "TYPE", "replica", NULL);
        if (strstr(list, "flags=S")) {
            snprintf(number, sizeof number, "%.*s", (int)strcspn(list + 3, " "), list + 3);
        }
        free(list);
        poll(NULL, 0, 5);
    }
    assert_true(number[0]);
    order(s, "", number);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "a replica's: needs --replica; it may have to copy all data anew"));
    order(s, "--replica", number);
    assert_string_equal(s->typed, "1");
    stage_assert_end(s, ACTION_DONE, "its connection has ended");
    server_stop(replica);
}

static void one_address_for_many__is_refused(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char address[200];
    snprintf(address, sizeof address, "%s:0", server_socket(s->server));
    order(s, "", address); /* our own two links have it, too */
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "several clients have this address: name one by its number"));
}

/* --- not allowed --- */

static void what_the_server_refuses__is_told(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_do(s, "ACL SETUSER default -client|kill");
    order(s, "", scene->number);
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "the server refused it: NOPERM"));
    assert_false(is_cut_off(scene->client));
    stage_do(s, "ACL SETUSER default -client|list");
    order(s, "", scene->number);
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "NOPERM"));
}

static void read_only_and_dry_run__kill_nobody(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_options(s, false, true);
    order(s, "", scene->number);
    stage_assert_end(s, ACTION_DONE, "dry run: nothing was changed");
    stage_options(s, true, false);
    stage_refused(s, "kill client 5", "read-only: kill client is refused");
    assert_false(is_cut_off(scene->client));
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(kill__ends_a_client_by_its_number__and_reads_back),
        TEST(kill__ends_a_client_by_its_address),
        TEST(who_is_named_twice__is_killed_once),
        TEST(who_is_not_connected__is_told__and_the_others_are_killed),
        TEST(who_goes_before_it_is_done__is_gone__and_nobody_else_is_hit),
        TEST(a_worker__is_refused__with_the_way_out),
        TEST(beside_a_worker__is_killed__with_a_word_of_warning),
        TEST(who_becomes_a_worker__before_it_is_done__is_spared),
        TEST(who_listens_by_pattern__is_a_workers__only_where_one_waits),
        TEST(our_own_connection__needs_a_word__and_comes_back),
        TEST(another_console__is_allowed__and_said),
        TEST(a_replica__needs_a_word__and_the_count_typed),
        TEST(one_address_for_many__is_refused),
        TEST(what_the_server_refuses__is_told),
        TEST(read_only_and_dry_run__kill_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
