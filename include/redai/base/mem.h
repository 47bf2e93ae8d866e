/* mem: allocation that never returns NULL. When memory runs out the handler runs first (it restores
 * the terminal), one line is written to stderr and the process ends with status 70. */
#ifndef REDAI_BASE_MEM_H
#define REDAI_BASE_MEM_H

#include <stddef.h>

void *mem_zalloc(size_t bytes);                /* zeroed; bytes may be 0 */
void *mem_realloc(void *old, size_t bytes);    /* contents kept, new bytes undefined */
char *mem_strdup(const char *text);            /* NULL stays NULL */
void *mem_dup(const void *data, size_t bytes); /* a copy with a NUL behind it */
void mem_free(void *p);                        /* NULL is fine */

/* Replaces *slot by a copy of text (either may be NULL). */
void mem_replace(char **slot, const char *text);

/* What runs before the process ends for want of memory. */
void mem_on_exhausted(void (*handler)(void));
void mem_exhausted(void) __attribute__((noreturn));

#endif
