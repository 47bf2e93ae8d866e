/* certificate: an authority and certificates for a test, made when they are needed, as PEM files NAME.pem and
 * NAME.key in a folder of the test's. Any failure ends the process. */
#ifndef REDAI_TESTS_SUPPORT_CERTIFICATE_H
#define REDAI_TESTS_SUPPORT_CERTIFICATE_H

struct certificate_wish {
    const char *name;       /* of the files, and the common name */
    const char *issuer;     /* name of the one that signs it; NULL: it signs itself */
    const char *alt;        /* "DNS:localhost,IP:127.0.0.1"; NULL: an authority */
    int from_days, to_days; /* when it is valid, from now */
};

void certificate_make(const char *folder, const struct certificate_wish *wish);

#endif
