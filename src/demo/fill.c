#include "demo/fill.h"

#include "demo/exam.h"

#include "redai/base/clock.h"

#define HOUR_S        INT64_C(3600)
#define STILL_THERE_S INT64_C(900)

struct times {
    int64_t age_s;  /* since the login */
    int64_t idle_s; /* since the last request */
};

static struct times usual(struct prng *p)
{
    struct times t = {.age_s = prng_between(p, 30, 10 * HOUR_S)};
    /* Most are in the middle of something; one in fifteen was left open in the morning, almost a day ago. */
    t.idle_s = prng_chance(p, 0.8) ? prng_between(p, 0, t.age_s < STILL_THERE_S ? t.age_s : STILL_THERE_S)
                                   : prng_between(p, 0, t.age_s);
    if (prng_chance(p, 1.0 / 15)) {
        t.idle_s = SESSION_TTL_S - prng_between(p, 20, 400);
        t.age_s = t.idle_s;
    }
    return t;
}

/* Renewed by each request for more than a day: the index, renewed by logins only, is gone meanwhile. */
static struct times orphaned(struct prng *p)
{
    return (struct times){.age_s = prng_between(p, 25 * HOUR_S, 70 * HOUR_S),
                          .idle_s = prng_between(p, 0, HOUR_S)};
}

static void fill_sessions(struct prng *p, int64_t now_wall_us, const struct command_sink *sink,
                          UT_array *logins)
{
    for (int i = 0; i < FILL_SESSIONS; i++) {
        /* Everybody once, then some on a second device. The last users of the round are the orphans. */
        bool is_orphan = i >= PEOPLE_COUNT - FILL_ORPHANS && i < PEOPLE_COUNT;
        struct login l = {.user_id =
                              i < PEOPLE_COUNT ? i + 1 : prng_between(p, 1, PEOPLE_COUNT - FILL_ORPHANS)};
        struct times t = is_orphan ? orphaned(p) : usual(p);
        people_token(p, l.token);
        login_create(&l, now_wall_us - t.age_s * US_PER_S, SESSION_TTL_S - t.idle_s,
                     is_orphan ? 0 : SESSION_TTL_S - t.age_s, sink);
        /* A browser left alone for long is not coming back: its session runs out, some of them during the
         * demo. */
        if (t.idle_s <= STILL_THERE_S) {
            utarray_push_back(logins, &l);
        }
    }
}

/* A session that ran out stays in the index, which a later login has renewed. */
static void fill_stale(struct prng *p, const struct command_sink *sink)
{
    for (int i = 0; i < FILL_STALE; i++) {
        struct login l = {.user_id = prng_between(p, 1, PEOPLE_COUNT - FILL_ORPHANS)};
        people_token(p, l.token);
        login_create(&l, 0, 0, prng_between(p, HOUR_S, SESSION_TTL_S), sink);
    }
}

static void fill_cache(struct prng *p, enum exam_kind kind, int count, int64_t now_wall_us,
                       const struct command_sink *sink)
{
    UT_string key;
    UT_string value;

    utstring_init(&key);
    utstring_init(&value);
    for (int id = 1; id <= count; id++) {
        utstring_clear(&key);
        utstring_clear(&value);
        exam_key(kind, id, now_wall_us, prng_next(p), &key);
        exam_value(kind, id, &value);
        sink_setex(sink, text_span(&key), prng_between(p, exam_ttl_s(kind) / 6, exam_ttl_s(kind)),
                   text_span(&value));
    }
    utstring_done(&key);
    utstring_done(&value);
}

static void fill_forgotten(const struct command_sink *sink)
{
    sink_command(sink, S("SET"), S("exam:settings:grading"),
                 S("{\"scale\": [50, 63, 75, 88], \"rounding\": \"half_up\"}"));
    sink_command(sink, S("SET"), S("exam:settings:proctoring"),
                 S("{\"camera\": false, \"grace_minutes\": 5}"));
    sink_command(sink, S("SET"), S("exam:draft:17"),
                 S("{\"id\": 17, \"title\": \"Draft, do not publish\", \"minutes\": 90}"));
}

void fill_run(struct prng *p, int64_t now_wall_us, const struct command_sink *sink, UT_array *logins)
{
    fill_sessions(p, now_wall_us, sink, logins);
    fill_stale(p, sink);
    fill_cache(p, EXAM_DETAIL, FILL_DETAILS, now_wall_us, sink);
    fill_cache(p, EXAM_QUESTIONS, FILL_QUESTIONS, now_wall_us, sink);
    fill_cache(p, EXAM_STATS, FILL_STATS, now_wall_us, sink);
    fill_cache(p, EXAM_REPR, FILL_REPRS, now_wall_us, sink);
    fill_forgotten(sink);
}
