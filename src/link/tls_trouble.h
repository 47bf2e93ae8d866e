/* tls_trouble: what OpenSSL found wrong, in words that say what to do. */
#ifndef REDAI_LINK_TLS_TROUBLE_PRIVATE_H
#define REDAI_LINK_TLS_TROUBLE_PRIVATE_H

#include <openssl/x509_vfy.h>

#include "redai/base/err.h"

/* A certificate was refused: within the verify callback, from its store context. name: whom we wanted. */
void tls_trouble_certificate(struct err *err, X509_STORE_CTX *store, const char *name);
/* The newest error of OpenSSL's queue, which is emptied; number is errno of the call. what: "handshake". */
void tls_trouble_queue(struct err *err, int number);
/* A file could not be loaded: "--cacert FILE: no such file or directory". */
void tls_trouble_file(struct err *err, const char *option, const char *path);

#endif
