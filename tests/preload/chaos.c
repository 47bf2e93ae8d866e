/* chaos: memory runs out for the program under test. Loaded into it by LD_PRELOAD, it counts what the program
 * and its libraries take by malloc, calloc, realloc, posix_memalign and aligned_alloc, from the program's own
 * constructors on:
 *
 *   REDAI_CHAOS_AT=N     the Nth fails
 *   REDAI_CHAOS_FROM=N   the Nth and all after it fail
 *   REDAI_CHAOS_COUNT=F  how many there were is written to the file F as the program ends by itself
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);
void *__libc_memalign(size_t boundary, size_t bytes);

static _Atomic int64_t count;
static int64_t at = -1, from = INT64_MAX;
static atomic_bool armed;

/* Before the constructors of the program, after those of all libraries. */
__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("REDAI_CHAOS_AT");
    at = text ? strtoll(text, NULL, 10) : -1;
    text = getenv("REDAI_CHAOS_FROM");
    from = text ? strtoll(text, NULL, 10) : INT64_MAX;
    unsetenv("LD_PRELOAD"); /* what it starts has memory */
    armed = true;
}

__attribute__((destructor)) static void stop(void)
{
    const char *path = getenv("REDAI_CHAOS_COUNT");
    char text[32];
    armed = false;
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        int len = snprintf(text, sizeof text, "%lld\n", (long long)count);
        ssize_t n = write(fd, text, (size_t)len);
        (void)n;
        close(fd);
    }
}

static int fails(void)
{
    if (!armed) {
        return 0;
    }
    int64_t number = atomic_fetch_add(&count, 1) + 1;
    if (number != at && number < from) {
        return 0;
    }
    errno = ENOMEM;
    return 1;
}

PUBLIC void *malloc(size_t bytes)
{
    return fails() ? NULL : __libc_malloc(bytes);
}

PUBLIC void *calloc(size_t number, size_t bytes)
{
    return fails() ? NULL : __libc_calloc(number, bytes);
}

PUBLIC void *realloc(void *old, size_t bytes)
{
    return fails() ? NULL : __libc_realloc(old, bytes);
}

PUBLIC int posix_memalign(void **ret, size_t boundary, size_t bytes)
{
    void *p = fails() ? NULL : __libc_memalign(boundary, bytes);
    if (p) {
        *ret = p;
    }
    return p ? 0 : ENOMEM;
}

PUBLIC void *aligned_alloc(size_t boundary, size_t bytes)
{
    return fails() ? NULL : __libc_memalign(boundary, bytes);
}
