/* proxy: a unix socket in front of a private server that can lose a reply: when a client sends the named
 * command, the bytes go on to the server or not, and then every connection is cut and nobody is let in again.
 * A process of its own; it dies with the test. */
#ifndef REDAI_TESTS_APP_PROXY_H
#define REDAI_TESTS_APP_PROXY_H

#include "server/server.h"

struct proxy;

/* command: as it stands in the protocol, "LPUSH". deliver: the server still gets it. */
struct proxy *proxy_start(struct server *server, const char *command, bool deliver);
const char *proxy_url(const struct proxy *p);
/* No server at all: whatever is sent is answered with this line of the protocol ("-ERR ...\r\n"). folder:
 * where its socket may lie. */
struct proxy *proxy_parrot(const char *folder, const char *line);
void proxy_stop(struct proxy *p);

#endif
