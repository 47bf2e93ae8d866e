/* The built-in rules on a real server: it is driven into trouble, the alert is on the screen, the trouble
 * ends and so does the alert. Only how long a condition has to hold is shortened, by lines of the
 * configuration. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", "--enable-protected-configs", "yes",
                                    NULL};

static const char *const lines = "alert memory-high for 1s\n"
                                 "alert memory-full for 1s\n"
                                 "alert errors for 1s\n"
                                 "alert replica-link for 1s\n";

static int set_up(void **state)
{
    *state = stage_server(quiet);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* The console on the alerts alone. */
static struct pty *watch(struct server *s)
{
    stage_write(stage_path("rules.conf"), lines);
    const char *const more[] = {"--config", stage_path("rules.conf"), NULL};
    struct pty *p = seat_open(s, seat_large, more, NULL);
    seat_see(p, "alerts");
    seat_key(p, ":pane alerts\r");
    seat_key(p, "+");
    seat_see(p, "/10.0k"); /* INFO is read: of maxclients */
    return p;
}

static void limit(struct server *s, double percent)
{
    char command[80];
    char *info = stage_ask(s, 0, "INFO memory");
    const char *used = strstr(info, "used_memory:");
    assert_non_null(used);
    long long bytes = atoll(used + strlen("used_memory:"));
    snprintf(command, sizeof command, "CONFIG SET maxmemory %lld",
             (long long)((double)bytes * 100 / percent));
    free(info);
    stage_do(s, 0, command);
}

static void memory__near_its_limit__is_told_until_there_is_room(void **state)
{
    struct server *s = *state;
    struct pty *p = watch(s);
    limit(s, 115); /* what the console's own questions took is free again */
    seat_see(p, "s firing");
    limit(s, 40);
    seat_see(p, "resolved");
    seat_quit(p);
}

static void evictions__where_queues_are__are_critical(void **state)
{
    struct server *s = *state;
    stage_do(s, 0, "CONFIG SET maxmemory-policy allkeys-lru");
    stage_message(s, "celery", TASK_ONE);
    struct pty *p = watch(s);
    char value[2048];
    limit(s, 70);
    for (int i = 0; i < 600; i++) {
        char key[32];
        snprintf(key, sizeof key, "exam:%d", i);
        snprintf(value, sizeof value, "%0*d", 1500, i);
        free(server_cli(s, "SET", key, value, NULL));
    }
    seat_see(p, "evicted where the queues are");
    seat_quit(p);
}

static void connections__that_are_refused__are_critical(void **state)
{
    struct server *s = *state;
    struct pty *p = watch(s);
    char command[80];
    redisContext *own = server_connect(s); /* one that stays, to put it right again */
    assert_non_null(own);
    snprintf(command, sizeof command, "CONFIG SET maxclients 1");
    freeReplyObject(redisCommand(own, command));
    for (int i = 0; i < 3; i++) {
        redisContext *c = server_connect(s);
        redisReply *reply = c ? redisCommand(c, "PING") : NULL;
        freeReplyObject(reply);
        redisFree(c);
    }
    freeReplyObject(redisCommand(own, "CONFIG SET maxclients 1000"));
    redisFree(own);
    seat_see(p, "refused in the last 10 minutes");
    seat_quit(p);
}

static void save__into_a_folder_that_is_gone__is_critical(void **state)
{
    struct server *s = *state;
    char path[512];
    char command[600];
    snprintf(path, sizeof path, "%s/gone", server_folder(s));
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(command, sizeof command, "CONFIG SET dir %s", path);
    stage_do(s, 0, command);
    assert_int_equal(rmdir(path), 0);
    struct pty *p = watch(s);
    stage_do(s, 0, "BGSAVE");
    seat_see(p, "the last snapshot failed");
    seat_see(p, "save-failed");
    snprintf(command, sizeof command, "CONFIG SET dir %s", server_folder(s));
    stage_do(s, 0, command);
    stage_do(s, 0, "BGSAVE");
    seat_see(p, "resolved");
    seat_quit(p);
}

static void commands__that_fail__are_told_by_their_share(void **state)
{
    struct server *s = *state;
    struct pty *p = watch(s);
    stage_do(s, 0, "SET text x");
    for (int i = 0; i < 400; i++) {
        free(server_cli(s, "LPUSH", "text", "y", NULL));
    }
    seat_see(p, "answered by an error");
    seat_quit(p);
}

static void restart__is_told(void **state)
{
    struct server *s = *state;
    struct pty *p = watch(s);
    server_kill(s);
    seat_see(p, "UNREACHABLE");
    assert_true(server_restart(s));
    seat_see(p, "Redis was restarted");
    seat_quit(p);
}

static void replica__without_its_master__is_critical(void **state)
{
    struct server *s = *state;
    char command[80];
    struct pty *p = watch(s);
    snprintf(command, sizeof command, "REPLICAOF 127.0.0.1 %d", server_free_port());
    stage_do(s, 0, command);
    seat_see(p, "this replica has lost its master");
    stage_do(s, 0, "REPLICAOF NO ONE");
    seat_quit(p);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory__near_its_limit__is_told_until_there_is_room, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(evictions__where_queues_are__are_critical, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connections__that_are_refused__are_critical, set_up, tear_down),
        cmocka_unit_test_setup_teardown(save__into_a_folder_that_is_gone__is_critical, set_up, tear_down),
        cmocka_unit_test_setup_teardown(commands__that_fail__are_told_by_their_share, set_up, tear_down),
        cmocka_unit_test_setup_teardown(restart__is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(replica__without_its_master__is_critical, set_up, tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
