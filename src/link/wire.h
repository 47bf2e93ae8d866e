/* wire: the transport under a link: a non-blocking socket behind a pair of functions, whose place TLS takes
 * once wire_secure was called, without those who read and write noticing. */
#ifndef REDAI_LINK_WIRE_PRIVATE_H
#define REDAI_LINK_WIRE_PRIVATE_H

#include "tls.h"

#include <sys/socket.h>
#include <sys/types.h>

struct wire {
    int fd;          /* -1 when closed */
    struct tls *tls; /* NULL: plain */
    /* As read(2) and write(2) on a non-blocking descriptor; errno is set, no signal is raised. */
    ssize_t (*read)(struct wire *w, void *data, size_t bytes);
    ssize_t (*write)(struct wire *w, const void *data, size_t bytes);
};

void wire_init(struct wire *w);
/* Begins to connect; once the descriptor can be written, wire_connected tells how it went. */
bool wire_connect(struct wire *w, const struct sockaddr *to, socklen_t to_len, struct err *err);
bool wire_connected(struct wire *w, struct err *err);
void wire_close(struct wire *w);

/* Puts TLS between: the handshake follows, step by step, as the descriptor allows. */
bool wire_secure(struct wire *w, const struct address_tls *a, const char *host, struct err *err);
/* A read that filled less than its room may have left more behind it (a record of TLS is at most 16 KiB). */
bool wire_reads_short(const struct wire *w);
/* Why a read or write failed; number is errno after it, 0: the peer hung up. */
bool wire_why(const struct wire *w, struct err *err, int number);

/* One lower-case line for an errno of the network. */
bool wire_error(struct err *err, int number);

#endif
