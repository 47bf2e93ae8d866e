#include "rights.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define HASH    "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" /* of "secret" */

char *rights_users(void)
{
    char *text = stage_read(REDAI_SOURCE_DIR "/docs/users.acl.example");
    assert_non_null(text);
    for (char *at; (at = strstr(text, NO_HASH)) != NULL;) {
        memcpy(at, HASH, strlen(HASH));
    }
    return text;
}

void rights_fill(struct server *s)
{
    stage_fill(s);
    stage_in_flight(s, "celery", RIGHTS_FLIGHT, 900);
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox",
                    "\x06\x16\x06\x16" RIGHTS_NODE ".celery.pidbox", NULL));
    stage_do(s, 0, "RPUSH kept:list a b");
    stage_do(s, 0, "HSET kept:hash a b");
    stage_do(s, 0, "SADD kept:set a b");
    stage_do(s, 0, "ZADD kept:zset 1 a");
    stage_do(s, 0, "XADD kept:stream * a b");
    stage_do(s, 1,
             "SETEX celery-task-meta-" BATCH_FAIL " 9000 "
             "{\"status\":\"FAILURE\",\"result\":{\"exc_type\":\"E\",\"exc_message\":[\"no\"],\"exc_module\":"
             "\"builtins\"},\"traceback\":null,\"task_id\":\"" BATCH_FAIL "\"}");
}

int rights_set_up(void **state)
{
    struct rights *g = mem_zalloc(sizeof *g);
    static const char *args[3];
    static char path[200];
    char *users = rights_users();
    snprintf(path, sizeof path, "%s", stage_path("users.acl"));
    stage_write(path, users);
    free(users);
    args[0] = "--aclfile";
    args[1] = path;
    g->server = server_start(&(struct server_options){
        .config = REDAI_SOURCE_DIR "/redis.conf", .args = args, .password = "secret"});
    assert_non_null(g->server);
    *state = g;
    return 0;
}

int rights_tear_down(void **state)
{
    struct rights *g = *state;
    server_stop(g->server);
    mem_free(g);
    return 0;
}

/* The default user of the file may not look at the server: this connection is the operator's. */
char *rights_ask(struct rights *g, const char *line)
{
    redisContext *c = redisConnectUnix(server_socket(g->server));
    assert_non_null(c);
    freeReplyObject(redisCommand(c, "AUTH operator secret"));
    const char *argv[16];
    size_t lens[16];
    int argc = 0;
    for (const char *at = line; *at && argc < 16; at += lens[argc - 1], at += *at == ' ') {
        argv[argc] = at;
        lens[argc++] = strcspn(at, " ");
    }
    redisReply *reply = redisCommandArgv(c, argc, argv, lens);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR) {
        fail_msg("%s: %s", line, reply->str);
    }
    UT_string text;
    utstring_init(&text);
    for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        const redisReply *entry = reply->element[i]; /* of ACL LOG: what was refused */
        if (entry->type == REDIS_REPLY_ARRAY && entry->elements > 7) {
            utstring_printf(&text, "%s\n", entry->element[7]->str);
        }
    }
    if (reply->type == REDIS_REPLY_STRING) {
        text_add(&text, span_make(reply->str, reply->len));
    }
    freeReplyObject(reply);
    redisFree(c);
    return text.d;
}

void rights_do(struct rights *g, const char *line)
{
    mem_free(rights_ask(g, line));
}

/* As watchers do, with --read-only. */
void rights_sit_down(struct rights *g, const char *user)
{
    bool watches = strcmp(user, "console-watch") == 0;
    stage_write(stage_path("back"), "bind all F5 \"back\"\n");
    snprintf(g->url, sizeof g->url, "unix://%s:secret@%s?db=0", user, server_socket(g->server));
    g->pty = pty_start(CONSOLE("--config", stage_path("back"), "--census", "2s", "--url", g->url,
                               watches ? "--read-only" : "--no-read-only"),
                       NULL, 60, 160);
    assert_non_null(g->pty);
    seat_see(g->pty, "Zofia Zak");
    seat_see(g->pty, "leaderboard");
}

void rights_refused_only(struct rights *g, const char *const *allowed)
{
    char *log = rights_ask(g, "ACL LOG");
    for (char *at = log; *at;) {
        size_t len = strcspn(at, "\n");
        bool known = false;
        for (const char *const *a = allowed; *a; a++) {
            known = known || (strlen(*a) == len && strncmp(*a, at, len) == 0);
        }
        if (!known) {
            fail_msg("it was refused %.*s", (int)len, at);
        }
        at += len + (at[len] == '\n');
    }
    mem_free(log);
}
