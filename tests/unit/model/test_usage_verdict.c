/* Every sentence on maxmemory and its policy: limit x policy x what is stored x how full. */
#include "model/usage_verdict.h"
#include "support/unit.h"

#include <string.h>

#define MIB INT64_C(1048576)

/* 512 MiB, 71 % of them used, on a machine of 8 GiB. */
#define LIMITED   .maxmemory = 512 * MIB, .used = 364 * MIB, .system = 8192 * MIB
#define NEARLY    .maxmemory = 512 * MIB, .used = 450 * MIB, .system = 8192 * MIB
#define FULL      .maxmemory = 512 * MIB, .used = 513 * MIB, .system = 8192 * MIB
#define UNLIMITED .maxmemory = 0, .used = 364 * MIB, .system = 8192 * MIB
#define WORK      .broker = true, .queue = "celery", .waiting = 50, .unacked = 0
#define IDLE      .broker = true, .queue = "", .waiting = 0, .unacked = 0
#define NO_WORK   .broker = false, .queue = "", .waiting = 0, .unacked = 0
#define PEOPLE    .sessions = 1204, .lasting = 0
#define NOBODY    .sessions = 0, .lasting = 0

static const struct {
    struct usage_verdict_input in;
    bool bad;
    enum usage_danger danger;
    const char *says;
} cases[] = {
    /* everything may go */
    {{.policy = "allkeys-lru", LIMITED, WORK, PEOPLE},
     true,
     USAGE_DANGER_NOW,
     "allkeys-lru at 71% of 512M: anything can be evicted, also the queue celery (50 tasks) and 1204 "
     "sessions: use "
     "noeviction, or a Redis of its own for the cache"},
    {{.policy = "allkeys-lfu", FULL, WORK, PEOPLE, .evicted = 1},
     true,
     USAGE_DANGER_NOW,
     "allkeys-lfu at 100% of 512M: anything can be evicted, also the queue celery (50 tasks) and 1204 "
     "sessions: use "
     "noeviction, or a Redis of its own for the cache; 1 key has been evicted since the server started"},
    {{.policy = "allkeys-random", LIMITED, IDLE, NOBODY, .evicted = 312},
     true,
     USAGE_DANGER_NOW,
     "allkeys-random at 71% of 512M: anything can be evicted, also the broker's queues (empty now): use "
     "noeviction, or "
     "a Redis of its own for the cache; 312 keys have been evicted since the server started"},
    {{.policy = "allkeys-lru",
      LIMITED,
      .broker = true,
      .queue = "",
      .waiting = 7,
      .unacked = 3,
      .sessions = 1},
     true,
     USAGE_DANGER_NOW,
     "allkeys-lru at 71% of 512M: anything can be evicted, also the queues (7 tasks, 3 in hand) and 1 "
     "session: use "
     "noeviction, or a Redis of its own for the cache"},
    {{.policy = "allkeys-lru",
      LIMITED,
      .broker = true,
      .queue = "celery",
      .waiting = 1,
      .unacked = -1,
      NOBODY},
     true,
     USAGE_DANGER_NOW,
     "allkeys-lru at 71% of 512M: anything can be evicted, also the queue celery (1 task): use noeviction, "
     "or a Redis "
     "of its own for the cache"},
    {{.policy = "allkeys-lru",
      LIMITED,
      .broker = true,
      .queue = "",
      .waiting = -1,
      .unacked = -1,
      .sessions = -1},
     true,
     USAGE_DANGER_NOW,
     "allkeys-lru at 71% of 512M: anything can be evicted, also the broker's queues: use noeviction, or a "
     "Redis of its "
     "own for the cache"},
    {{.policy = "allkeys-lru", LIMITED, NO_WORK, PEOPLE},
     true,
     USAGE_DANGER_NOW,
     "allkeys-lru at 71% of 512M: anything can be evicted, also 1204 sessions: use noeviction, or a Redis of "
     "its own "
     "for the cache"},
    {{.policy = "allkeys-lru", LIMITED, NO_WORK, NOBODY},
     false,
     USAGE_DANGER_NONE,
     "allkeys-lru at 71% of 512M: anything can be evicted, and all of it can be made again: right for a "
     "cache"},
    {{.policy = "allkeys-lru",
      LIMITED,
      .queue = "",
      .waiting = -1,
      .unacked = -1,
      .sessions = -1,
      .lasting = -1},
     false,
     USAGE_DANGER_NONE,
     "allkeys-lru at 71% of 512M: anything can be evicted; what is stored is not known yet"},
    /* what has a TTL may go */
    {{.policy = "volatile-lru", LIMITED, WORK, PEOPLE},
     true,
     USAGE_DANGER_NONE,
     "volatile-lru at 71% of 512M: queues are safe (no TTL), 1204 sessions are not: people are logged out "
     "when it is "
     "full; of the keys with a TTL those not used for long go first"},
    {{.policy = "volatile-ttl", LIMITED, NO_WORK, .sessions = 1, .evicted = 2},
     false,
     USAGE_DANGER_NONE,
     "volatile-ttl at 71% of 512M: 1 session can be evicted: people are logged out when it is full; of the "
     "keys with "
     "a TTL "
     "those that expire soonest go first; 2 keys have been evicted since the server started"},
    {{.policy = "volatile-ttl", NEARLY, IDLE, .sessions = 2},
     true,
     USAGE_DANGER_NONE,
     "volatile-ttl at 87% of 512M: queues are safe (no TTL), 2 sessions are not: people are logged out when "
     "it is "
     "full; of the keys with a TTL those that expire soonest go first"},
    {{.policy = "volatile-lfu", LIMITED, IDLE, NOBODY},
     false,
     USAGE_DANGER_NONE,
     "volatile-lfu at 71% of 512M: queues are safe (no TTL), only keys with a TTL can be evicted: cache, "
     "results, "
     "progress; those used seldom go first"},
    {{.policy = "volatile-random", LIMITED, NO_WORK, .sessions = 5, .lasting = 5},
     false,
     USAGE_DANGER_NONE,
     "volatile-random at 71% of 512M: only keys with a TTL can be evicted: cache, results, progress; at "
     "random"},
    /* nothing may go */
    {{.policy = "noeviction", LIMITED, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "noeviction at 71% of 512M: nothing is evicted; once it is full, log-ins and new tasks are refused"},
    {{.policy = "noeviction", NEARLY, WORK, PEOPLE},
     true,
     USAGE_DANGER_NONE,
     "noeviction at 87% of 512M: nothing is evicted, but log-ins, new tasks and the cache will be refused "
     "soon: "
     "invalidate, or raise maxmemory"},
    {{.policy = "noeviction", FULL, WORK, PEOPLE},
     true,
     USAGE_DANGER_NONE,
     "noeviction at 100% of 512M: it is full, log-ins, new tasks and the cache are refused now: invalidate, "
     "or raise "
     "maxmemory"},
    {{.policy = "noeviction", .maxmemory = 512 * MIB, .used = 1, NO_WORK, NOBODY},
     false,
     USAGE_DANGER_NONE,
     "noeviction at <1% of 512M: nothing is evicted; once it is full, log-ins and new tasks are refused"},
    /* no limit */
    {{.policy = "noeviction", UNLIMITED, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "noeviction with no limit: nothing is evicted; the system's memory (8.0G) is the limit"},
    {{.policy = "noeviction", .maxmemory = 0, .used = 1, .system = -1, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "noeviction with no limit: nothing is evicted; the system's memory is the limit"},
    {{.policy = "noeviction", .maxmemory = 0, .used = 7000 * MIB, .system = 8192 * MIB, NO_WORK, NOBODY},
     true,
     USAGE_DANGER_NONE,
     "noeviction with no limit: nothing is evicted; the system's memory (8.0G, 85% used by Redis alone) is "
     "the limit"},
    {{.policy = "allkeys-lru", UNLIMITED, WORK, PEOPLE},
     false,
     USAGE_DANGER_LATENT,
     "allkeys-lru with no limit: nothing is evicted; the system's memory (8.0G) is the limit; with a "
     "maxmemory, the "
     "queue celery (50 tasks) and 1204 sessions could go"},
    {{.policy = "allkeys-lru", UNLIMITED, NO_WORK, NOBODY},
     false,
     USAGE_DANGER_NONE,
     "allkeys-lru with no limit: nothing is evicted; the system's memory (8.0G) is the limit"},
    {{.policy = "volatile-lru", UNLIMITED, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "volatile-lru with no limit: nothing is evicted; the system's memory (8.0G) is the limit"},
    /* what is not told */
    {{.policy = "", LIMITED, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "the server does not tell its maxmemory-policy"},
    {{.policy = "", UNLIMITED, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "the server does not tell its maxmemory-policy"},
    {{.policy = "allkeys-new", LIMITED, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "allkeys-new is a policy that this console does not know"},
    {{.policy = "noeviction", .maxmemory = -1, .used = 5, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "noeviction with a limit that is not known: nothing is evicted; once it is full, log-ins and new tasks "
     "are "
     "refused"},
    {{.policy = "noeviction", .maxmemory = 512 * MIB, .used = -1, WORK, PEOPLE},
     false,
     USAGE_DANGER_NONE,
     "noeviction below 512M: nothing is evicted; once it is full, log-ins and new tasks are refused"},
};

static void usage_verdict__says_what_can_go__for_limit_policy_and_what_is_stored(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[400];
        bool bad;
        assert_string_equal(usage_verdict(&cases[i].in, out, sizeof out, &bad), cases[i].says);
        if (bad != cases[i].bad || usage_danger(&cases[i].in) != cases[i].danger) {
            fail_msg("%s: bad %d, danger %d", out, bad, usage_danger(&cases[i].in));
        }
    }
}

static void usage_verdict__is_cut__when_there_is_no_room(void **state)
{
    (void)state;
    for (size_t size = 1; size < 200; size += 13) {
        char out[400];
        bool bad;
        memset(out, 'x', sizeof out);
        usage_verdict(&cases[0].in, out, size, &bad);
        assert_int_equal(strlen(out), size - 1 < strlen(cases[0].says) ? size - 1 : strlen(cases[0].says));
        assert_int_equal(out[size], 'x');
        assert_true(bad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_verdict__says_what_can_go__for_limit_policy_and_what_is_stored),
        cmocka_unit_test(usage_verdict__is_cut__when_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
