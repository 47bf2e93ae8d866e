#include "action/own_reads.h"
#include "support/unit.h"

#include <hiredis/hiredis.h>

/* A reply as hiredis makes it. */
static const struct reply *of(const redisReply *reply)
{
    return (const struct reply *)(const void *)reply;
}

static void own_reads__count_what_the_server_counts__when_replies_differ(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        redisReply reply;
        int64_t hits, misses;
    } cases[] = {
        {"LLEN", {.type = REDIS_REPLY_INTEGER, .integer = 3}, 1, 0},
        {"LLEN", {.type = REDIS_REPLY_INTEGER, .integer = 0}, 0, 1},
        {"LPOS", {.type = REDIS_REPLY_INTEGER, .integer = 0}, 1, 0},
        {"LPOS", {.type = REDIS_REPLY_NIL}, 0, 1},
        {"LLEN", {.type = REDIS_REPLY_STATUS, .str = (char *)"QUEUED", .len = 6}, 0, 0},
        {"TYPE", {.type = REDIS_REPLY_STATUS, .str = (char *)"list", .len = 4}, 1, 0},
        {"TYPE", {.type = REDIS_REPLY_STATUS, .str = (char *)"none", .len = 4}, 0, 1},
        {"ZSCORE", {.type = REDIS_REPLY_STRING, .str = (char *)"1.5", .len = 3}, 1, 0},
        {"HGET", {.type = REDIS_REPLY_NIL}, 0, 1},
        {"PTTL", {.type = REDIS_REPLY_INTEGER, .integer = 5}, 1, 0},
        {"PTTL", {.type = REDIS_REPLY_INTEGER, .integer = -1}, 1, 0},
        {"PTTL", {.type = REDIS_REPLY_INTEGER, .integer = -2}, 0, 1},
        {"LREM", {.type = REDIS_REPLY_INTEGER, .integer = 1}, 0, 0},
        {"LLEN", {.type = REDIS_REPLY_ERROR, .str = (char *)"ERR", .len = 3}, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t hits = 0, misses = 0;
        own_reads_count(own_reads_kind(span_of(cases[i].command)), 1, of(&cases[i].reply), &hits, &misses);
        if (hits != cases[i].hits || misses != cases[i].misses) {
            fail_msg("case %zu, %s: %d hits, %d misses", i, cases[i].command, (int)hits, (int)misses);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_reads__count_what_the_server_counts__when_replies_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
