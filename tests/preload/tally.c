/* tally: how often the program under test asks for memory. Loaded into it by LD_PRELOAD; the file that
 * REDAI_TALLY names (8 bytes or more) is mapped and its first eight bytes count the allocations of the
 * program and of its libraries, from main on, so that the test can look at any time. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);

static _Atomic int64_t *count;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("REDAI_TALLY");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *shared =
        fd >= 0 ? mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0) {
        close(fd);
    }
    unsetenv("LD_PRELOAD"); /* what it starts is not counted */
    count = shared == MAP_FAILED ? NULL : shared;
}

static void one(void)
{
    if (count) {
        atomic_fetch_add(count, 1);
    }
}

PUBLIC void *malloc(size_t bytes)
{
    one();
    return __libc_malloc(bytes);
}

PUBLIC void *calloc(size_t number, size_t bytes)
{
    one();
    return __libc_calloc(number, bytes);
}

PUBLIC void *realloc(void *old, size_t bytes)
{
    one();
    return __libc_realloc(old, bytes);
}
