#include "redai/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_NO_MEMORY = 70 }; /* EX_SOFTWARE of sysexits */

static void (*exhausted_handler)(void);

void *mem_zalloc(size_t bytes)
{
    void *p = calloc(1, bytes ? bytes : 1);
    if (!p) {
        mem_exhausted();
    }
    return p;
}

void *mem_realloc(void *old, size_t bytes)
{
    /* realloc(p, 0) may free and return NULL, which would read as exhaustion. */
    void *p = realloc(old, bytes ? bytes : 1);
    if (!p) {
        mem_exhausted();
    }
    return p;
}

char *mem_strdup(const char *text)
{
    return text ? mem_dup(text, strlen(text)) : NULL;
}

void *mem_dup(const void *data, size_t bytes)
{
    if (bytes == SIZE_MAX) {
        mem_exhausted();
    }
    char *copy = malloc(bytes + 1);
    if (!copy) {
        mem_exhausted();
    }
    if (bytes) {
        memcpy(copy, data, bytes);
    }
    copy[bytes] = '\0';
    return copy;
}

void mem_free(void *p)
{
    free(p);
}

void mem_replace(char **slot, const char *text)
{
    /* The copy comes first: text may point into what the slot holds. */
    char *copy = mem_strdup(text);
    free(*slot);
    *slot = copy;
}

void mem_on_exhausted(void (*handler)(void))
{
    exhausted_handler = handler;
}

void mem_exhausted(void)
{
    static const char message[] = "redai-console: out of memory\n";
    void (*handler)(void) = exhausted_handler;

    /* A handler that runs out of memory itself must not come back here for ever. */
    exhausted_handler = NULL;
    if (handler) {
        handler();
    }
    ssize_t written = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)written;
    /* Not exit(): what is registered there may want memory too. */
    _exit(EXIT_NO_MEMORY);
}
