#include "heard.h"

#include "support/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "redai/base/container.h"

struct command {
    char name[64]; /* lower case, "config|get" */
    bool readonly;
    size_t count;
    UT_hash_handle hh;
};

struct heard {
    struct server *server;
    redisContext *monitor;
    struct command *commands;
    size_t ends; /* marks that were set */
};

/* Without the flag readonly, and harmless: connections, subscriptions, transactions (whose commands are
 * judged one by one), and the admin's reads. */
static const char *const admitted[] = {
    "ping",           "select",         "auth",        "hello",          "info",
    "time",           "client|setname", "client|id",   "client|list",    "client|no-touch",
    "client|setinfo", "subscribe",      "unsubscribe", "psubscribe",     "punsubscribe",
    "multi",          "exec",           "discard",     "watch",          "unwatch",
    "config|get",     "slowlog|get",    "slowlog|len", "latency|latest", "latency|history",
    "acl|whoami",     "acl|getuser",    "acl|dryrun",  "command",        "command|list",
    "command|info",   "monitor",        "role",
};

static bool is_admitted(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(admitted); i++) {
        if (strcmp(admitted[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* --- the server's own table --- */

static void learn(struct heard *h, const redisReply *row)
{
    const redisReply *flags = row->element[2];
    struct command *c = mem_zalloc(sizeof *c);
    snprintf(c->name, sizeof c->name, "%s", row->element[0]->str);
    for (size_t i = 0; i < flags->elements; i++) {
        c->readonly = c->readonly || strcmp(flags->element[i]->str, "readonly") == 0;
    }
    HASH_ADD_STR(h->commands, name, c);
    const redisReply *sub = row->elements > 9 ? row->element[9] : NULL;
    for (size_t i = 0; sub && i < sub->elements; i++) {
        learn(h, sub->element[i]);
    }
}

struct heard *heard_begin(struct server *s)
{
    struct heard *h = mem_zalloc(sizeof *h);
    h->server = s;
    h->monitor = server_connect(s);
    assert_non_null(h->monitor);
    redisReply *rows = redisCommand(h->monitor, "COMMAND");
    assert_int_equal(rows->type, REDIS_REPLY_ARRAY);
    for (size_t i = 0; i < rows->elements; i++) {
        learn(h, rows->element[i]);
    }
    freeReplyObject(rows);
    redisReply *reply = redisCommand(h->monitor, "MONITOR");
    assert_string_equal(reply->str, "OK");
    freeReplyObject(reply);
    free(server_cli(s, "CONFIG", "RESETSTAT", NULL));
    return h;
}

void heard_end(struct heard *h)
{
    struct command *c;
    struct command *next;
    hash_each (h->commands, c, next) {
        HASH_DEL(h->commands, c);
        mem_free(c);
    }
    redisFree(h->monitor);
    mem_free(h);
}

static struct command *find(struct heard *h, const char *name)
{
    struct command *c = NULL;
    HASH_FIND_STR(h->commands, name, c);
    return c;
}

/* --- what it counts: also what MONITOR does not show, which are the admin's commands --- */

static void count_all(struct heard *h)
{
    char *stats = server_cli(h->server, "INFO", "commandstats", NULL);
    for (const char *at = stats; (at = strstr(at, "cmdstat_")) != NULL;) {
        char name[64];
        at += strlen("cmdstat_");
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ":"), at);
        struct command *c = find(h, name);
        bool own = strcmp(name, "echo") == 0 || strcmp(name, "config|resetstat") == 0;
        if (!own && (!c || !(c->readonly || is_admitted(name)))) {
            fail_msg("this is more than looking: %s", name);
        }
        if (c) {
            c->count = strtoul(strstr(at, "calls=") + strlen("calls="), NULL, 10);
        }
    }
    free(stats);
}

/* --- its lines --- */

/* The n-th word in quotes, lower case. */
static void word_of(const char *line, int n, char *out, size_t size)
{
    const char *at = strchr(line, '"');
    while (at && n-- > 0) {
        at = strchr(at + 1, '"'); /* its end; the first two words of a command have no quotes within */
        at = at ? strchr(at + 1, '"') : NULL;
    }
    size_t len = at ? strcspn(at + 1, "\"") : 0;
    snprintf(out, size, "%.*s", (int)len, at ? at + 1 : "");
    for (char *p = out; *p; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
}

static struct command *command_of(struct heard *h, const char *line)
{
    char first[32];
    char second[32];
    char name[64];
    word_of(line, 0, first, sizeof first);
    word_of(line, 1, second, sizeof second);
    snprintf(name, sizeof name, "%s|%s", first, second);
    struct command *c = find(h, name);
    return c ? c : find(h, first);
}

static void judge(struct heard *h, const char *line)
{
    const struct command *c = command_of(h, line);
    if (!c || !(c->readonly || is_admitted(c->name))) {
        fail_msg("this is more than looking: %s", line);
    }
}

size_t heard_only_looks(struct heard *h)
{
    char mark[64];
    size_t count = 0;
    bool over = false;
    snprintf(mark, sizeof mark, "mark-%zu", ++h->ends);
    free(server_cli(h->server, "ECHO", mark, NULL));
    while (!over) {
        void *read = NULL;
        assert_int_equal(redisGetReply(h->monitor, &read), REDIS_OK);
        redisReply *line = read;
        over = strstr(line->str, mark) != NULL;
        if (!strstr(line->str, " unix:") && !strstr(line->str, " lua]")) {
            judge(h, line->str);
            count++;
        }
        freeReplyObject(line);
    }
    count_all(h);
    return count;
}

size_t heard_count(struct heard *h, const char *command)
{
    const struct command *c = find(h, command);
    return c ? c->count : 0;
}
