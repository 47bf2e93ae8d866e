/* uuid: random version 4 UUIDs from the kernel, in the usual text form. */
#ifndef REDAI_BASE_UUID_H
#define REDAI_BASE_UUID_H

#define UUID_TEXT_SIZE 37 /* with the NUL */

void uuid_v4(char out[UUID_TEXT_SIZE]);

#endif
