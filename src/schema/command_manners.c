#include "command_manners.h"

#include <stdbool.h>

enum { END = 1 << 20 };

/* Looked through from the start: a row with a second word stands before the one without. */
/* clang-format off */
static const struct command_manner manners[] = {
    {.name = "AUTH", .flags = MANNER_SECRET},
    {.name = "HELLO", .flags = MANNER_SECRET},
    {.name = "MIGRATE", .flags = MANNER_SECRET},
    {.name = "SENTINEL", .flags = MANNER_SECRET},
    {.name = "ACL", .sub = "SETUSER", .flags = MANNER_SECRET},
    {.name = "ACL", .sub = "WHOAMI"},
    {.name = "ACL", .sub = "LIST"},
    {.name = "ACL", .sub = "LOG", .plain_from = 2, .plain_to = END},
    {.name = "ACL", .flags = MANNER_SECRET},
    {.name = "CONFIG", .sub = "SET", .flags = MANNER_SECRET | MANNER_NAMES},
    {.name = "CONFIG", .sub = "GET", .plain_from = 2, .plain_to = END},
    {.name = "CONFIG", .sub = "REWRITE"},
    {.name = "CONFIG", .sub = "RESETSTAT"},
    {.name = "CONFIG", .flags = MANNER_SECRET},
    {.name = "CLIENT", .sub = "LIST", .plain_from = 2, .plain_to = END},
    {.name = "CLIENT", .sub = "KILL", .plain_from = 2, .plain_to = END},
    {.name = "CLIENT", .sub = "PAUSE", .plain_from = 2, .plain_to = END},
    {.name = "CLIENT", .sub = "SETNAME", .plain_from = 2, .plain_to = 2},
    {.name = "CLIENT", .sub = "SETINFO", .plain_from = 2, .plain_to = END},
    {.name = "CLIENT", .sub = "TRACKING", .plain_from = 2, .plain_to = END},
    {.name = "CLIENT", .sub = "INFO"},
    {.name = "CLIENT", .sub = "ID"},
    {.name = "CLIENT", .sub = "NO-TOUCH", .plain_from = 2, .plain_to = 2},
    {.name = "COMMAND", .sub = "DOCS"},
    {.name = "COMMAND", .sub = "COUNT"},
    {.name = "COMMAND", .sub = "INFO"},
    {.name = "MEMORY", .sub = "USAGE", .first = 2, .last = 2, .step = 1, .plain_from = 3, .plain_to = END},
    {.name = "MEMORY", .sub = "STATS"},
    {.name = "MEMORY", .sub = "DOCTOR"},
    {.name = "MEMORY", .sub = "PURGE"},
    {.name = "OBJECT", .sub = "ENCODING"},
    {.name = "OBJECT", .sub = "FREQ"},
    {.name = "OBJECT", .sub = "IDLETIME"},
    {.name = "OBJECT", .sub = "REFCOUNT"},
    {.name = "SLOWLOG", .sub = "GET", .plain_from = 2, .plain_to = 2},
    {.name = "SLOWLOG", .sub = "LEN"},
    {.name = "SLOWLOG", .sub = "RESET"},
    {.name = "LATENCY", .sub = "LATEST"},
    {.name = "LATENCY", .sub = "HISTORY", .plain_from = 2, .plain_to = 2},
    {.name = "LATENCY", .sub = "RESET", .plain_from = 2, .plain_to = END},
    {.name = "PUBSUB", .sub = "CHANNELS"},
    {.name = "PUBSUB", .sub = "NUMSUB"},
    {.name = "PUBSUB", .sub = "NUMPAT"},
    {.name = "SCRIPT", .sub = "LOAD", .script = 2},
    {.name = "SCRIPT", .sub = "EXISTS", .sha = 2},
    {.name = "SCRIPT", .sub = "FLUSH"},
    {.name = "SCRIPT", .sub = "KILL"},
    {.name = "FUNCTION", .sub = "LOAD", .script = 2},
    {.name = "FUNCTION", .sub = "LIST"},
    {.name = "DEBUG", .sub = "SLEEP", .plain_from = 2, .plain_to = 2},
    {.name = "DEBUG", .sub = "OBJECT", .first = 2, .last = 2, .step = 1},
    {.name = "XGROUP", .sub = "CREATE", .first = 2, .last = 2, .step = 1},
    {.name = "XINFO", .sub = "STREAM", .first = 2, .last = 2, .step = 1},
    {.name = "EVAL", .script = 1, .plain_from = 2, .plain_to = 2, .first = 2},
    {.name = "EVAL_RO", .script = 1, .plain_from = 2, .plain_to = 2, .first = 2},
    {.name = "EVALSHA", .sha = 1, .plain_from = 2, .plain_to = 2, .first = 2},
    {.name = "EVALSHA_RO", .sha = 1, .plain_from = 2, .plain_to = 2, .first = 2},
    {.name = "FCALL", .plain_from = 1, .plain_to = 2, .first = 2},
    {.name = "FCALL_RO", .plain_from = 1, .plain_to = 2, .first = 2},
    {.name = "PUBLISH", .first = 1, .last = 1, .step = 1},
    {.name = "SUBSCRIBE", .first = 1, .last = -1, .step = 1, .flags = MANNER_ALIKE},
    {.name = "PSUBSCRIBE", .first = 1, .last = -1, .step = 1, .flags = MANNER_ALIKE},
    {.name = "KEYS", .first = 1, .last = 1, .step = 1, .flags = MANNER_ALIKE},
    {.name = "SCAN", .flags = MANNER_MATCH, .plain_from = 1, .plain_to = END},
    {.name = "HSCAN", .flags = MANNER_MATCH, .plain_from = 2, .plain_to = END},
    {.name = "SSCAN", .flags = MANNER_MATCH, .plain_from = 2, .plain_to = END},
    {.name = "ZSCAN", .flags = MANNER_MATCH, .plain_from = 2, .plain_to = END},
    {.name = "SET", .plain_from = 3, .plain_to = END},
    {.name = "SETEX", .plain_from = 2, .plain_to = 2},
    {.name = "PSETEX", .plain_from = 2, .plain_to = 2},
    {.name = "GETEX", .plain_from = 2, .plain_to = END},
    {.name = "GETRANGE", .plain_from = 2, .plain_to = END},
    {.name = "SETRANGE", .plain_from = 2, .plain_to = 2},
    {.name = "INCRBY", .plain_from = 2, .plain_to = 2},
    {.name = "DECRBY", .plain_from = 2, .plain_to = 2},
    {.name = "EXPIRE", .plain_from = 2, .plain_to = END},
    {.name = "EXPIREAT", .plain_from = 2, .plain_to = END},
    {.name = "PEXPIRE", .plain_from = 2, .plain_to = END},
    {.name = "PEXPIREAT", .plain_from = 2, .plain_to = END},
    {.name = "COPY", .plain_from = 3, .plain_to = END},
    {.name = "SORT", .plain_from = 2, .plain_to = END},
    {.name = "LRANGE", .flags = MANNER_LIST, .plain_from = 2, .plain_to = END},
    {.name = "LTRIM", .flags = MANNER_LIST, .plain_from = 2, .plain_to = END},
    {.name = "LINDEX", .flags = MANNER_LIST, .plain_from = 2, .plain_to = END},
    {.name = "LSET", .flags = MANNER_LIST, .plain_from = 2, .plain_to = 2},
    {.name = "LREM", .flags = MANNER_LIST, .plain_from = 2, .plain_to = 2},
    {.name = "LLEN", .flags = MANNER_LIST},
    {.name = "LPOS", .flags = MANNER_LIST, .plain_from = 3, .plain_to = END},
    {.name = "LPUSH", .flags = MANNER_LIST},
    {.name = "RPUSH", .flags = MANNER_LIST},
    {.name = "LPOP", .flags = MANNER_LIST, .plain_from = 2, .plain_to = END},
    {.name = "RPOP", .flags = MANNER_LIST, .plain_from = 2, .plain_to = END},
    {.name = "LMPOP", .flags = MANNER_LIST, .plain_from = 1, .plain_to = END},
    {.name = "LMOVE", .flags = MANNER_LIST, .plain_from = 3, .plain_to = END},
    {.name = "RPOPLPUSH", .flags = MANNER_LIST},
    {.name = "BRPOPLPUSH", .flags = MANNER_LIST, .plain_from = 3, .plain_to = END},
    {.name = "BLMOVE", .flags = MANNER_LIST, .plain_from = 3, .plain_to = END},
    {.name = "BRPOP", .flags = MANNER_LIST, .plain_from = 2, .plain_to = END},
    {.name = "BLPOP", .flags = MANNER_LIST, .plain_from = 2, .plain_to = END},
    {.name = "SPOP", .plain_from = 2, .plain_to = END},
    {.name = "SRANDMEMBER", .plain_from = 2, .plain_to = END},
    {.name = "ZRANGE", .plain_from = 2, .plain_to = END},
    {.name = "ZREVRANGE", .plain_from = 2, .plain_to = END},
    {.name = "ZRANGEBYSCORE", .plain_from = 2, .plain_to = END},
    {.name = "ZREVRANGEBYSCORE", .plain_from = 2, .plain_to = END},
    {.name = "ZREMRANGEBYRANK", .plain_from = 2, .plain_to = END},
    {.name = "ZREMRANGEBYSCORE", .plain_from = 2, .plain_to = END},
    {.name = "ZCOUNT", .plain_from = 2, .plain_to = END},
    {.name = "ZINTERSTORE", .plain_from = 2, .plain_to = 2},
    {.name = "ZUNIONSTORE", .plain_from = 2, .plain_to = 2},
    {.name = "XTRIM", .plain_from = 2, .plain_to = END},
    {.name = "INFO", .plain_from = 1, .plain_to = END},
    {.name = "FLUSHALL", .plain_from = 1, .plain_to = 1},
    {.name = "FLUSHDB", .plain_from = 1, .plain_to = 1},
    {.name = "SELECT", .plain_from = 1, .plain_to = 1},
    {.name = "SWAPDB", .plain_from = 1, .plain_to = 2},
    {.name = "WAIT", .plain_from = 1, .plain_to = 2},
    {.name = "PSYNC", .plain_from = 2, .plain_to = 2},
};
/* clang-format on */
static const struct command_manner nothing = {.name = ""};

bool command_word_is(struct span word, const char *upper)
{
    size_t i = 0;
    for (; i < word.len && upper[i]; i++) {
        char c = word.data[i];
        if ((c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c) != upper[i]) {
            return false;
        }
    }
    return i == word.len && !upper[i];
}

const struct command_manner *command_manner_find(struct span name, struct span second)
{
    for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
        const struct command_manner *m = &manners[i];
        if (command_word_is(name, m->name) && (!m->sub || command_word_is(second, m->sub))) {
            return m;
        }
    }
    return &nothing;
}
