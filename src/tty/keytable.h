/* keytable: which escape sequence is which key, for the families of terminals in use. Private to tty. */
#ifndef REDAI_TTY_KEYTABLE_H
#define REDAI_TTY_KEYTABLE_H

#include <stdint.h>

#include "redai/base/span.h"

/* The body of a control sequence behind ESC [ or ESC O: parameters and final byte. KEY_META is added for Alt.
 * False for sequences that are no key of ours (mouse, focus, replies). */
bool keytable_csi(struct span body, uint32_t *ret_key);
bool keytable_ss3(struct span body, uint32_t *ret_key);

/* Which capability of a terminal's description names which key. */
struct keytable_capability {
    const char *name;
    uint32_t key;
};
extern const struct keytable_capability keytable_capabilities[];
extern const size_t keytable_capabilities_count;

#endif
