/* hash: stable short hashes. FNV-1a; not for anything that needs to resist an attacker, except that a
 * 32-bit tag of a 256-bit token gives nothing away: that is how a session is named in the journal. */
#ifndef REDAI_BASE_HASH_H
#define REDAI_BASE_HASH_H

#include <stdint.h>

#include "redai/base/span.h"

uint64_t hash_fnv1a(struct span s);
/* Eight hex digits and a NUL: the name of a secret where the secret itself must not stand. */
void hash_tag(struct span secret, char out[9]);

#endif
