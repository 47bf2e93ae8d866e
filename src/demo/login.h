/* login: what a user's browser remembers: a token, and whose it is. Also the platform's session manager as
 * commands. */
#ifndef REDAI_DEMO_LOGIN_H
#define REDAI_DEMO_LOGIN_H

#include "demo/people.h"

#include <stdint.h>

#include "redai/base/container.h"

enum { SESSION_TTL_S = 86400 };

struct login {
    char token[TOKEN_SIZE];
    int64_t user_id;
};

/* Where commands go: a link, or a test that looks at them. args are borrowed. */
typedef void (*command_fn)(void *user, size_t argc, const struct span *args);
struct command_sink {
    command_fn fn;
    void *user;
};
#define sink_command(sink, ...)                                                                              \
    (sink)->fn((sink)->user, sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span),                     \
               (const struct span[]){__VA_ARGS__})
void sink_setex(const struct command_sink *sink, struct span key, int64_t ttl_s, struct span value);
void sink_expire(const struct command_sink *sink, struct span key, int64_t ttl_s);

/* Keys, appended to out. */
void login_session_key(const struct login *l, UT_string *out);
void login_user_key(const struct login *l, UT_string *out);

/* create_session: SETEX, SADD, EXPIRE. The TTLs are what is left of them; ttl 0 leaves that command (or the
 * index) out, as time would have done. */
void login_create(const struct login *l, int64_t created_wall_us, int64_t session_ttl_s, int64_t index_ttl_s,
                  const struct command_sink *sink);
/* delete_session, behind its GET and EXPIRE: SREM, DEL. */
void login_delete(const struct login *l, const struct command_sink *sink);
/* update_session, behind its GET and EXPIRE: SETEX of the value with updated_at. */
void login_update(const struct login *l, struct span value, int64_t now_wall_us,
                  const struct command_sink *sink);

#endif
