/* server: a redis-server of the demo's own, on a unix socket in a private folder (0700) and on no port. It is
 * gone whatever happens to the console: a small guardian process is its parent, kills it and removes the
 * folder as soon as the console has ended, also after kill -9; and the server dies with the guardian. */
#ifndef REDAI_DEMO_SERVER_H
#define REDAI_DEMO_SERVER_H

#include <sys/types.h>

#include "redai/base/err.h"

struct demo_server;

/* Starts $REDIS_SERVER, or redis-server from PATH, with a configuration file; what would leave the folder
 * (port, pid file, persistence, log) is overridden. Returns when it answers (within 10 s). NULL with err: no
 * server installed, no such file, or the server's own words. */
struct demo_server *demo_server_start(const char *conf_path, struct err *err);
/* SIGTERM, at last SIGKILL; returns when the server and its folder are gone. NULL is fine. */
void demo_server_stop(struct demo_server *s);

/* "unix:///.../redis.sock?db=0", borrowed. */
const char *demo_server_address(const struct demo_server *s);
const char *demo_server_folder(const struct demo_server *s);
pid_t demo_server_pid(const struct demo_server *s);
/* False once it has ended by itself. */
bool demo_server_is_alive(struct demo_server *s);

#endif
