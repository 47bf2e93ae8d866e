#include "usage_verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "redai/base/human.h"

enum {
    NEARLY_FULL = 85,   /* percent of maxmemory */
    NEARLY_SYSTEM = 80, /* percent of the system's memory: the rest is not Redis' alone */
    SMALL = 64
};

enum takes { TAKES_UNKNOWN, TAKES_NOTHING, TAKES_ALL, TAKES_EXPIRING };

static const struct {
    const char *policy;
    enum takes takes;
    const char *first; /* what goes first */
} policies[] = {
    {"noeviction", TAKES_NOTHING, ""},
    {"allkeys-lru", TAKES_ALL, "what was not used for long goes first"},
    {"allkeys-lfu", TAKES_ALL, "what is used seldom goes first"},
    {"allkeys-random", TAKES_ALL, "at random"},
    {"volatile-lru", TAKES_EXPIRING, "those not used for long go first"},
    {"volatile-lfu", TAKES_EXPIRING, "those used seldom go first"},
    {"volatile-random", TAKES_EXPIRING, "at random"},
    {"volatile-ttl", TAKES_EXPIRING, "those that expire soonest go first"},
};

static size_t row_of(const char *policy)
{
    size_t i = 0;
    while (i < sizeof policies / sizeof policies[0] && strcmp(policies[i].policy, policy) != 0) {
        i++;
    }
    return i;
}

static enum takes takes_of(const char *policy)
{
    size_t i = row_of(policy);
    return i < sizeof policies / sizeof policies[0] ? policies[i].takes : TAKES_UNKNOWN;
}

static const char *first_of(const char *policy)
{
    size_t i = row_of(policy);
    return i < sizeof policies / sizeof policies[0] ? policies[i].first : "";
}

struct sentence {
    char *out;
    size_t size, used;
};

static void say(struct sentence *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct sentence *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(s->out + s->used, s->size - s->used, format, args);
    va_end(args);
    s->used += n > 0 ? (size_t)n : 0;
    s->used = s->used < s->size ? s->used : s->size - 1;
}

static bool has_work(const struct usage_verdict_input *in)
{
    return in->broker || in->waiting > 0 || in->unacked > 0;
}

/* Percent of a whole, as far as it is known; -1. */
static int64_t share(int64_t part, int64_t whole)
{
    return part < 0 || whole <= 0 ? -1 : (int64_t)((double)part * 100 / (double)whole);
}

static void say_count(struct sentence *s, int64_t n, const char *one, const char *many)
{
    say(s, "%" PRId64 " %s", n, n == 1 ? one : many);
}

/* "the queue celery (50 tasks)", "the queues (50 tasks wait, 3 in hand)", "the broker's queues". */
static void say_work(struct sentence *s, const struct usage_verdict_input *in)
{
    if (in->waiting <= 0 && in->unacked <= 0) {
        say(s, "%s", in->waiting == 0 ? "the broker's queues (empty now)" : "the broker's queues");
        return;
    }
    say(s, "the queue%s%s (", in->queue[0] ? " " : "s", in->queue);
    if (in->waiting > 0) {
        say_count(s, in->waiting, "task", "tasks");
        say(s, "%s", in->unacked > 0 ? ", " : "");
    }
    if (in->unacked > 0) {
        say(s, "%" PRId64 " in hand", in->unacked);
    }
    say(s, ")");
}

/* What hurts when it goes: work, log-ins. */
static void say_vital(struct sentence *s, const struct usage_verdict_input *in)
{
    if (has_work(in)) {
        say_work(s, in);
    }
    if (in->sessions > 0) {
        say(s, "%s", has_work(in) ? " and " : "");
        say_count(s, in->sessions, "session", "sessions");
    }
}

static void say_evicted(struct sentence *s, const struct usage_verdict_input *in)
{
    if (in->evicted > 0) {
        say(s, "; ");
        say_count(s, in->evicted, "key has", "keys have");
        say(s, " been evicted since the server started");
    }
}

/* "allkeys-lru at 71% of 512M: ". */
static void say_place(struct sentence *s, const struct usage_verdict_input *in)
{
    char limit[SMALL];
    int64_t full = share(in->used, in->maxmemory);

    say(s, "%s ", in->policy);
    if (in->maxmemory < 0) {
        say(s, "with a limit that is not known: ");
    } else if (full < 0) {
        say(s, "below %s: ", human_bytes(in->maxmemory, limit, sizeof limit));
    } else {
        say(s, "at %s%" PRId64 "%% of %s: ", full ? "" : "<", full ? full : 1,
            human_bytes(in->maxmemory, limit, sizeof limit));
    }
}

static bool say_all(struct sentence *s, const struct usage_verdict_input *in)
{
    bool vital = has_work(in) || in->sessions > 0;
    if (!vital) {
        say(s, in->sessions < 0
                   ? "anything can be evicted; what is stored is not known yet"
                   : "anything can be evicted, and all of it can be made again: right for a cache");
    } else {
        say(s, "anything can be evicted, also ");
        say_vital(s, in);
        say(s, ": use noeviction, or a Redis of its own for the cache");
    }
    say_evicted(s, in);
    return vital;
}

static bool say_expiring(struct sentence *s, const struct usage_verdict_input *in)
{
    int64_t expiring = in->sessions < 0 ? -1 : in->sessions - (in->lasting > 0 ? in->lasting : 0);
    const char *work = has_work(in) ? "queues are safe (no TTL), " : "";

    if (expiring > 0) {
        say(s, "%s", work);
        say_count(s, expiring, "session", "sessions");
        say(s, "%s: people are logged out when it is full; of the keys with a TTL %s",
            !has_work(in)   ? " can be evicted"
            : expiring == 1 ? " is not"
                            : " are not",
            first_of(in->policy));
    } else {
        say(s, "%sonly keys with a TTL can be evicted: cache, results, progress; %s", work,
            first_of(in->policy));
    }
    say_evicted(s, in);
    /* With volatile-ttl sessions, which live for a day, come last. */
    bool last = strcmp(in->policy, "volatile-ttl") == 0;
    return expiring > 0 && (!last || share(in->used, in->maxmemory) >= NEARLY_FULL);
}

static bool say_nothing(struct sentence *s, const struct usage_verdict_input *in)
{
    int64_t full = share(in->used, in->maxmemory);
    bool soon = full >= NEARLY_FULL;

    if (full >= 100) {
        say(s,
            "it is full, log-ins, new tasks and the cache are refused now: invalidate, or raise maxmemory");
    } else if (soon) {
        say(s,
            "nothing is evicted, but log-ins, new tasks and the cache will be refused soon: invalidate, or "
            "raise maxmemory");
    } else {
        say(s, "nothing is evicted; once it is full, log-ins and new tasks are refused");
    }
    return soon;
}

/* Without a limit no policy ever acts. */
static bool say_unlimited(struct sentence *s, const struct usage_verdict_input *in)
{
    char total[SMALL];
    int64_t full = share(in->used, in->system);

    say(s, "%s with no limit: nothing is evicted; the system's memory", in->policy);
    if (in->system > 0) {
        say(s, " (%s", human_bytes(in->system, total, sizeof total));
        if (full >= NEARLY_SYSTEM) {
            say(s, ", %" PRId64 "%% used by Redis alone", full);
        }
        say(s, ")");
    }
    say(s, " is the limit");
    if (usage_danger(in) == USAGE_DANGER_LATENT) {
        say(s, "; with a maxmemory, ");
        say_vital(s, in);
        say(s, " could go");
    }
    return full >= NEARLY_SYSTEM;
}

enum usage_danger usage_danger(const struct usage_verdict_input *in)
{
    if (takes_of(in->policy) != TAKES_ALL || in->maxmemory < 0 || !(has_work(in) || in->sessions > 0)) {
        return USAGE_DANGER_NONE;
    }
    return in->maxmemory == 0 ? USAGE_DANGER_LATENT : USAGE_DANGER_NOW;
}

const char *usage_verdict(const struct usage_verdict_input *in, char *out, size_t size, bool *ret_bad)
{
    static bool (*const speaker[])(struct sentence *, const struct usage_verdict_input *) = {
        [TAKES_NOTHING] = say_nothing, [TAKES_ALL] = say_all, [TAKES_EXPIRING] = say_expiring};
    struct sentence s = {.out = out, .size = size};
    enum takes takes = takes_of(in->policy);

    out[0] = '\0';
    *ret_bad = false;
    if (in->maxmemory == 0 && in->policy[0]) {
        *ret_bad = say_unlimited(&s, in);
    } else if (takes == TAKES_UNKNOWN) {
        say(&s,
            in->policy[0] ? "%s is a policy that this console does not know"
                          : "%sthe server does not tell its maxmemory-policy",
            in->policy);
    } else {
        say_place(&s, in);
        *ret_bad = speaker[takes](&s, in);
    }
    return out;
}
