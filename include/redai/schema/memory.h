/* memory: jansson takes its memory from base/mem, so that running out of it ends the program with words and
 * with the terminal restored, instead of making a document look malformed. Call it before any other of this
 * room. */
#ifndef REDAI_SCHEMA_MEMORY_H
#define REDAI_SCHEMA_MEMORY_H

void schema_take_memory(void);

#endif
