/* tls: OpenSSL between a socket and the link, the same for every version of hiredis. Nothing in it blocks:
 * each call does what the socket allows now and says what it waits for. TLS 1.2 at least; the chain and the
 * name are verified unless the address says otherwise; a peer cannot renegotiate. */
#ifndef REDAI_LINK_TLS_PRIVATE_H
#define REDAI_LINK_TLS_PRIVATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "redai/base/err.h"

#include "redai/link/address.h"

struct tls;

enum tls_step { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };

/* What the address names is read anew when it has changed (tls_context.h): NULL with err naming the file.
 * host: whom the certificate must be for, unless the address has a server_name. The descriptor stays the
 * caller's. */
struct tls *tls_new(const struct address_tls *a, const char *host, int fd, struct err *err);
void tls_free(struct tls *t); /* says goodbye when it can; NULL is fine */

enum tls_step tls_handshake(struct tls *t);
/* As read(2) and write(2) of a descriptor that does not block. errno EPROTO: tls_error says why. */
ssize_t tls_read(struct tls *t, void *data, size_t bytes);
ssize_t tls_write(struct tls *t, const void *data, size_t bytes);
/* After EAGAIN: the call waits for the other direction (a read for room to write, a write for bytes to read).
 */
bool tls_read_wants_write(const struct tls *t);
bool tls_write_wants_read(const struct tls *t);

/* Why it failed: one line, "TLS: the server's certificate expired on 2026-01-02". */
const struct err *tls_error(const struct tls *t);

#endif
