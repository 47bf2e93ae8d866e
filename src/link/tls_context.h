/* tls_context: what all connections to a server have in common: whom we trust and who we are. Read once for
 * each, and anew when a file has changed, also one within a folder of authorities: certificates are renewed
 * while a console runs, and a console that reconnects every other second need not read the system's two
 * hundred authorities each time. */
#ifndef REDAI_LINK_TLS_CONTEXT_PRIVATE_H
#define REDAI_LINK_TLS_CONTEXT_PRIVATE_H

#include <openssl/ssl.h>

#include "redai/base/err.h"

#include "redai/link/address.h"

/* The caller gives it back by SSL_CTX_free. NULL with err naming the file. */
SSL_CTX *tls_context_take(const struct address_tls *a, struct err *err);

#endif
