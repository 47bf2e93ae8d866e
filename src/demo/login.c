#include "demo/login.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/schema/session_value.h"

enum { NUMBER_SIZE = 24 };

void sink_setex(const struct command_sink *sink, struct span key, int64_t ttl_s, struct span value)
{
    char ttl[NUMBER_SIZE];
    snprintf(ttl, sizeof(ttl), "%" PRId64, ttl_s);
    sink_command(sink, S("SETEX"), key, span_of(ttl), value);
}

void sink_expire(const struct command_sink *sink, struct span key, int64_t ttl_s)
{
    char ttl[NUMBER_SIZE];
    snprintf(ttl, sizeof(ttl), "%" PRId64, ttl_s);
    sink_command(sink, S("EXPIRE"), key, span_of(ttl));
}

void login_session_key(const struct login *l, UT_string *out)
{
    utstring_printf(out, "session:%s", l->token);
}

void login_user_key(const struct login *l, UT_string *out)
{
    utstring_printf(out, "user:%" PRId64 ":sessions", l->user_id);
}

/* Both keys of a login for the length of one function. */
struct keys {
    UT_string session, index;
};

static void keys_init(struct keys *k, const struct login *l)
{
    utstring_init(&k->session);
    utstring_init(&k->index);
    login_session_key(l, &k->session);
    login_user_key(l, &k->index);
}

static void keys_done(struct keys *k)
{
    utstring_done(&k->session);
    utstring_done(&k->index);
}

void login_create(const struct login *l, int64_t created_wall_us, int64_t session_ttl_s, int64_t index_ttl_s,
                  const struct command_sink *sink)
{
    struct person who;
    struct keys k;
    char user_id[NUMBER_SIZE];

    person_of(l->user_id, &who);
    snprintf(user_id, sizeof(user_id), "%" PRId64, l->user_id);
    struct session_value value = {.user_id = user_id,
                                  .created_us = created_wall_us,
                                  .updated_us = -1,
                                  .email = who.email,
                                  .role = mem_strdup(who.role),
                                  .name = who.name};
    char *json = session_value_encode(&value);
    keys_init(&k, l);
    if (session_ttl_s > 0) {
        sink_setex(sink, text_span(&k.session), session_ttl_s, span_of(json));
    }
    if (index_ttl_s > 0) {
        sink_command(sink, S("SADD"), text_span(&k.index), span_of(l->token));
        sink_expire(sink, text_span(&k.index), index_ttl_s);
    }
    keys_done(&k);
    mem_free(json);
    mem_free(value.role);
}

void login_delete(const struct login *l, const struct command_sink *sink)
{
    struct keys k;
    keys_init(&k, l);
    sink_command(sink, S("SREM"), text_span(&k.index), span_of(l->token));
    sink_command(sink, S("DEL"), text_span(&k.session));
    keys_done(&k);
}

void login_update(const struct login *l, struct span value, int64_t now_wall_us,
                  const struct command_sink *sink)
{
    struct session_value v;
    struct keys k;

    session_value_decode(&v, value);
    v.updated_us = now_wall_us;
    char *json = session_value_encode(&v);
    keys_init(&k, l);
    sink_setex(sink, text_span(&k.session), SESSION_TTL_S, span_of(json));
    keys_done(&k);
    mem_free(json);
    session_value_release(&v);
}
