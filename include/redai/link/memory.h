/* memory: libev, OpenSSL and (from 1.0 on) hiredis take their memory from base/mem, so that running out of it
 * ends the program with words and with the terminal restored: libev would abort, the others fail in ways that
 * look like a broken server. Call it before anything else of this room, and before OpenSSL is used. */
#ifndef REDAI_LINK_MEMORY_H
#define REDAI_LINK_MEMORY_H

void link_take_memory(void);

#endif
