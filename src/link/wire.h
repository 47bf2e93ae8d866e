/* wire: the transport under a link: a non-blocking socket behind a pair of functions, so that another
 * transport (TLS) can take their place without the link noticing. */
#ifndef REDAI_LINK_WIRE_PRIVATE_H
#define REDAI_LINK_WIRE_PRIVATE_H

#include <sys/socket.h>
#include <sys/types.h>

#include "redai/base/err.h"

struct wire {
    int fd; /* -1 when closed */
    /* As read(2) and write(2) on a non-blocking descriptor; errno is set, no signal is raised. */
    ssize_t (*read)(struct wire *w, void *data, size_t bytes);
    ssize_t (*write)(struct wire *w, const void *data, size_t bytes);
};

void wire_init(struct wire *w);
/* Begins to connect; once the descriptor can be written, wire_connected tells how it went. */
bool wire_connect(struct wire *w, const struct sockaddr *to, socklen_t to_len, struct err *err);
bool wire_connected(struct wire *w, struct err *err);
void wire_close(struct wire *w);

/* One lower-case line for an errno of the network. */
bool wire_error(struct err *err, int number);

#endif
