/* visit: one request to the platform, command for command as its code does it: first the session (GET, and
 * EXPIRE when it is there), then what was asked for. The users know nothing of what is done to their
 * sessions: whoever was thrown out finds no session and has to log in again. */
#include "demo/exam.h"
#include "demo/workload_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"

enum act {
    ACT_EXAM,
    ACT_QUESTIONS,
    ACT_STATS,
    ACT_REPR, /* the endpoint whose cache key holds the database session */
    ACT_UPDATE,
    ACT_LOGIN,
    ACT_LOGOUT,
    ACT_LOGOUT_ALL,
    ACT_EDIT, /* PUT /exams/<id>: invalidates exam:<id>* */
    ACT_COUNT
};

/* What is found at the start (fill.h) can be put right during a demo, and stays so for a while: nobody brings
 * a session back that was ended, and the endpoint with the faulty key is asked once a minute. */
static const double usual_share[ACT_COUNT] = {
    [ACT_EXAM] = 0.46,   [ACT_QUESTIONS] = 0.26,   [ACT_STATS] = 0.12,
    [ACT_REPR] = 0.001,  [ACT_UPDATE] = 0.05,      [ACT_LOGIN] = 0.04,
    [ACT_LOGOUT] = 0.04, [ACT_LOGOUT_ALL] = 0.002, [ACT_EDIT] = 0.018};

struct visit {
    struct demo_workload *w;
    struct login login;
    enum act act;
    int64_t exam_id;
    UT_string key; /* of the cache, or the pattern */
};

static enum act act_pick(struct demo_workload *w)
{
    unsigned count = utarray_len(&w->logins);
    double share[ACT_COUNT];
    double all = 0;

    for (int i = 0; i < ACT_COUNT; i++) {
        share[i] = usual_share[i];
    }
    /* About as many come as go. */
    share[ACT_LOGIN] *= count < SESSIONS_GOAL - SESSIONS_SLACK ? 3 : 1;
    share[ACT_LOGOUT] *= count > SESSIONS_GOAL + SESSIONS_SLACK ? 3 : 1;
    share[ACT_LOGIN] *= count >= SESSIONS_MAX ? 0 : 1;
    for (int i = 0; i < ACT_COUNT; i++) {
        all += share[i];
    }
    double at = prng_unit(&w->prng) * all;
    for (int i = 0; i < ACT_COUNT; i++) {
        at -= share[i];
        if (at < 0) {
            return (enum act)i;
        }
    }
    return ACT_EXAM;
}

static void visit_end(struct visit *v)
{
    utstring_done(&v->key);
    mem_free(v);
}

/* The browser forgets its token. */
static void forget(struct demo_workload *w, const struct login *l)
{
    for (unsigned i = 0; i < utarray_len(&w->logins); i++) {
        const struct login *at = (const struct login *)utarray_eltptr(&w->logins, i);
        if (memcmp(at->token, l->token, TOKEN_SIZE) == 0) {
            utarray_erase(&w->logins, i, 1);
            return;
        }
    }
}

static void log_in(struct demo_workload *w)
{
    struct login l = {.user_id = prng_between(&w->prng, 1, PEOPLE_COUNT)};
    people_token(&w->prng, l.token);
    login_create(&l, clock_wall_us(), SESSION_TTL_S, SESSION_TTL_S, &w->sink);
    utarray_push_back(&w->logins, &l);
    w->tally.logins++;
}

/* --- reading through the cache --- */

static void on_cached(void *user, const struct reply *reply)
{
    static const enum exam_kind kind_of[ACT_COUNT] = {[ACT_EXAM] = EXAM_DETAIL,
                                                      [ACT_QUESTIONS] = EXAM_QUESTIONS,
                                                      [ACT_STATS] = EXAM_STATS,
                                                      [ACT_REPR] = EXAM_REPR};
    struct visit *v = user;
    enum exam_kind kind = kind_of[v->act];

    if (reply_type(reply) == REPLY_NIL) {
        UT_string value;
        utstring_init(&value);
        exam_value(kind, v->exam_id, &value);
        sink_setex(&v->w->sink, text_span(&v->key), exam_ttl_s(kind), text_span(&value));
        utstring_done(&value);
        v->w->tally.misses++;
    } else if (reply_type(reply) == REPLY_STRING) {
        v->w->tally.hits++;
    }
    visit_end(v);
}

static bool read_cached(struct visit *v, enum exam_kind kind)
{
    exam_key(kind, v->exam_id, clock_wall_us(), prng_next(&v->w->prng), &v->key);
    return link_command(v->w->link, on_cached, v, S("GET"), text_span(&v->key));
}

/* --- invalidating: delete_pattern --- */

static void on_scanned(void *user, const struct reply *reply)
{
    struct visit *v = user;
    const struct reply *keys = reply_at(reply, 1);
    struct span cursor = reply_text(reply_at(reply, 0));
    size_t count = reply_count(keys);

    if (count > 0) {
        struct span *args = mem_zalloc((count + 1) * sizeof(*args));
        args[0] = S("DEL");
        for (size_t i = 0; i < count; i++) {
            args[i + 1] = reply_text(reply_at(keys, i));
        }
        link_send(v->w->link, NULL, NULL, count + 1, args);
        mem_free(args);
    }
    if (cursor.len == 0 || span_equal(cursor, S("0")) ||
        !link_command(v->w->link, on_scanned, v, S("SCAN"), cursor, S("MATCH"), text_span(&v->key),
                      S("COUNT"), S("100"))) {
        visit_end(v);
    }
}

static bool invalidate(struct visit *v)
{
    v->w->tally.invalidations++;
    utstring_printf(&v->key, "exam:%" PRId64 "*", v->exam_id);
    return link_command(v->w->link, on_scanned, v, S("SCAN"), S("0"), S("MATCH"), text_span(&v->key),
                        S("COUNT"), S("100"));
}

/* --- leaving everywhere: delete_all_user_sessions --- */

static void on_members(void *user, const struct reply *reply)
{
    struct visit *v = user;

    for (size_t i = 0; i < reply_count(reply); i++) {
        struct span token = reply_text(reply_at(reply, i));
        struct login l = {.user_id = v->login.user_id};
        snprintf(l.token, sizeof(l.token), "%.*s", (int)token.len, token.data ? token.data : "");
        UT_string session;
        utstring_init(&session);
        login_session_key(&l, &session);
        sink_command(&v->w->sink, S("GET"), text_span(&session));
        sink_expire(&v->w->sink, text_span(&session), SESSION_TTL_S);
        utstring_done(&session);
        login_delete(&l, &v->w->sink);
        forget(v->w, &l);
        v->w->tally.logouts++;
    }
    sink_command(&v->w->sink, S("DEL"), text_span(&v->key));
    visit_end(v);
}

static bool leave_everywhere(struct visit *v)
{
    login_user_key(&v->login, &v->key);
    return link_command(v->w->link, on_members, v, S("SMEMBERS"), text_span(&v->key));
}

/* --- the session, in front of everything --- */

static void update(struct visit *v, struct span value)
{
    login_update(&v->login, value, clock_wall_us(), &v->w->sink);
}

static void leave(struct visit *v)
{
    login_delete(&v->login, &v->w->sink);
    forget(v->w, &v->login);
    v->w->tally.logouts++;
}

/* True when the visit goes on with another reply. */
static bool proceed(struct visit *v, struct span value)
{
    switch (v->act) {
    case ACT_EXAM:
        return read_cached(v, EXAM_DETAIL);
    case ACT_QUESTIONS:
        return read_cached(v, EXAM_QUESTIONS);
    case ACT_STATS:
        return read_cached(v, EXAM_STATS);
    case ACT_REPR:
        return read_cached(v, EXAM_REPR);
    case ACT_EDIT:
        return invalidate(v);
    case ACT_LOGOUT_ALL:
        return leave_everywhere(v);
    case ACT_UPDATE:
        update(v, value);
        return false;
    default:
        leave(v);
        return false;
    }
}

static void on_session(void *user, const struct reply *reply)
{
    struct visit *v = user;
    struct span value = {NULL, 0};
    bool goes_on = false;

    if (reply_type(reply) == REPLY_NIL) {
        forget(v->w, &v->login);
    } else if (reply_string(reply, &value)) {
        UT_string session;
        utstring_init(&session);
        login_session_key(&v->login, &session);
        sink_expire(&v->w->sink, text_span(&session), SESSION_TTL_S);
        utstring_done(&session);
        goes_on = proceed(v, value);
    }
    if (!goes_on) {
        visit_end(v);
    }
}

void visit_begin(struct demo_workload *w)
{
    enum act act = act_pick(w);
    unsigned count = utarray_len(&w->logins);
    const struct login *who = NULL;

    if (count > 0) {
        who =
            (const struct login *)utarray_eltptr(&w->logins, (unsigned)prng_between(&w->prng, 0, count - 1));
    }
    w->tally.requests++;
    if (act == ACT_LOGIN || !who) {
        log_in(w);
        return;
    }
    struct visit *v = mem_zalloc(sizeof(*v));
    v->w = w;
    v->act = act;
    v->login = *who;
    v->exam_id = prng_popular(&w->prng, EXAM_COUNT) + 1;
    utstring_init(&v->key);

    UT_string session;
    utstring_init(&session);
    login_session_key(&v->login, &session);
    if (!link_command(w->link, on_session, v, S("GET"), text_span(&session))) {
        visit_end(v);
    }
    utstring_done(&session);
}
