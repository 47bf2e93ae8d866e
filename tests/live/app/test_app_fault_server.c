/* Faults of the server as a whole, each a row: it is gone, silent, loading, full, read-only, busy, or turns
 * everybody away. */
#include "fault.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "redai/base/clock.h"

/* --- gone --- */

static void kill_it(struct stand *t)
{
    server_kill(t->server);
}

static void restart(struct stand *t)
{
    assert_true(server_restart(t->server));
}

static void save_and_kill(struct stand *t)
{
    stand_do(t, "SAVE");
    server_kill(t->server);
}

/* What follows "--key-load-delay" in the arguments of the row. */
static void set_load_delay(struct stand *t, const char *us)
{
    for (size_t i = 0; t->args[i]; i++) {
        if (strcmp(t->args[i], "--key-load-delay") == 0) {
            t->args[i + 1] = us;
        }
    }
}

static void load_for_seconds(struct stand *t)
{
    save_and_kill(t);
    set_load_delay(t, "200000"); /* more than 50 keys */
    assert_true(server_begin(t->server));
}

static void load_the_rest_at_once(struct stand *t)
{
    server_kill(t->server);
    set_load_delay(t, "0");
    assert_true(server_restart(t->server));
}

/* --- silent --- */

static void pause_it(struct stand *t)
{
    server_pause(t->server);
}

static void resume(struct stand *t)
{
    server_resume(t->server);
}

static void send_unanswered(struct stand *t, const char *command)
{
    int done = 0;
    t->busy = server_connect(t->server);
    assert_non_null(t->busy);
    assert_int_equal(redisAppendCommand(t->busy, command), REDIS_OK);
    while (!done) {
        assert_int_equal(redisBufferWrite(t->busy, &done), REDIS_OK);
    }
}

static void end_unanswered(struct stand *t)
{
    redisReply *reply = NULL;
    assert_int_equal(redisGetReply(t->busy, (void **)&reply), REDIS_OK);
    freeReplyObject(reply);
}

static void debug_sleep(struct stand *t)
{
    send_unanswered(t, "DEBUG SLEEP 6");
}

static void run_endless_script(struct stand *t)
{
    t->busy = server_connect(t->server);
    int done = 0;
    assert_int_equal(redisAppendCommand(t->busy, "EVAL %s 0", "while true do end"), REDIS_OK);
    while (!done) {
        assert_int_equal(redisBufferWrite(t->busy, &done), REDIS_OK);
    }
}

static void kill_script(struct stand *t)
{
    stand_do(t, "SCRIPT KILL");
    end_unanswered(t);
}

/* --- refusing --- */

static void fill_memory(struct stand *t)
{
    stand_do(t, "CONFIG SET maxmemory 1048576");
}

static void give_memory(struct stand *t)
{
    stand_do(t, "CONFIG SET maxmemory 0");
}

static void break_saving(struct stand *t)
{
    char folder[200];
    snprintf(folder, sizeof folder, "%s/taken.rdb", server_folder(t->server));
    assert_int_equal(mkdir(folder, 0700), 0); /* a file cannot be put in its place */
    free(server_cli(t->server, "CONFIG", "SET", "save", "3600 100000", NULL));
    stand_do(t, "CONFIG SET dbfilename taken.rdb");
    stand_do(t, "BGSAVE");
}

static void mend_saving(struct stand *t)
{
    stand_do(t, "CONFIG SET dbfilename dump.rdb");
    stand_do(t, "BGSAVE");
    assert_true(stage_wait(t->server, 0, "SET probe 1", "OK"));
}

static void become_replica(struct stand *t)
{
    stand_do(t, "REPLICAOF 127.0.0.1 1"); /* where nobody is */
}

static void become_master(struct stand *t)
{
    stand_do(t, "REPLICAOF NO ONE");
}

static void kill_clients(struct stand *t)
{
    stand_do(t, "CLIENT KILL TYPE normal");
    stand_do(t, "CLIENT KILL TYPE pubsub");
}

static void close_doors(struct stand *t)
{
    stand_do(t, "CONFIG SET maxclients 1");
    kill_clients(t);
}

static void open_doors(struct stand *t)
{
    stand_do(t, "CONFIG SET maxclients 1000");
}

static void set_password(struct stand *t)
{
    stand_do(t, "CONFIG SET requirepass geheim");
    kill_clients(t);
}

static void drop_password(struct stand *t)
{
    free(server_cli(t->server, "PING", NULL));
    redisReply *reply = redisCommand(t->held, "CONFIG SET requirepass %s", "");
    freeReplyObject(reply);
}

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct fault faults[] = {
    {"killed, without its data afterwards",
     NULL,
     kill_it,
     restart,
     {"UNREACHABLE", "Zofia Zak"},
     .away = true,
     .action = "not connected",
     .gone = "Zofia Zak"},
    {"killed, with its data afterwards",
     NULL,
     save_and_kill,
     restart,
     {"UNREACHABLE", "Zofia Zak"},
     .away = true,
     .action = "not connected"},
    {"loading",
     ARGS("--key-load-delay", "0", "--loading-process-events-interval-bytes", "1024"),
     load_for_seconds,
     load_the_rest_at_once,
     {"LOADING"},
     .away = true,
     .action = "not connected"},
    {"stopped",
     NULL,
     pause_it,
     resume,
     {"stale", "UNREACHABLE"},
     .away = true,
     .lasts_s = 30,
     .action = "failed: the connection was lost before anything was sent",
     .asked_before = true},
    {"DEBUG SLEEP",
     ARGS("--enable-debug-command", "yes"),
     debug_sleep,
     end_unanswered,
     {"stale"},
     .action = NULL},
    {"BUSY script",
     ARGS("--busy-reply-threshold", "100"),
     run_endless_script,
     kill_script,
     {"BUSY"},
     .away = true,
     .action = "failed: the server refused it: BUSY"},
    {"out of memory",
     NULL,
     fill_memory,
     give_memory,
     {"/1.0M !"},
     .action = "failed: the server refused it: OOM"},
    {"MISCONF",
     ARGS("--enable-protected-configs", "yes"),
     break_saving,
     mend_saving,
     {"the last snapshot failed"},
     .action = "failed: the server refused it: MISCONF"},
    {"READONLY",
     NULL,
     become_replica,
     become_master,
     {"REPLICA CUT OFF"},
     .action = "refused: this is a replica, read-only"},
    {"MASTERDOWN",
     ARGS("--replica-serve-stale-data", "no"),
     become_replica,
     become_master,
     {"MASTERDOWN"},
     .action = "refused: this is a replica, read-only"},
    {"max clients",
     NULL,
     close_doors,
     open_doors,
     {"max number of clients reached"},
     .away = true,
     .action = "not connected"},
    {"password set", NULL, set_password, drop_password, {"NOAUTH"}, .away = true, .action = "not connected"},
};

static void every_fault__is_said_survived_and_left_behind(void **state)
{
    (void)state;
    const char *only = getenv("FAULT_ONLY");
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        if (!only || strstr(faults[i].name, only)) {
            fault_prove(&faults[i]);
        }
    }
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault__is_said_survived_and_left_behind),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
