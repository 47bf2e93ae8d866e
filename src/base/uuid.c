#include "redai/base/uuid.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void uuid_v4(char out[UUID_TEXT_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[16];
    size_t at = 0;

    /* Fails only on a kernel without the call. Task ids that repeat would cross results: rather stop. */
    if (getentropy(bytes, sizeof(bytes)) != 0) {
        abort();
    }
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40); /* version 4 */
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80); /* variant of RFC 4122 */

    for (size_t i = 0; i < sizeof(bytes); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out[at++] = '-';
        }
        out[at++] = hex[bytes[i] >> 4];
        out[at++] = hex[bytes[i] & 0xF];
    }
    out[at] = '\0';
}
