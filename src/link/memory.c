#include "redai/link/memory.h"

#include <ev.h>
#include <hiredis/hiredis.h>
#include <openssl/crypto.h>

#include "redai/base/mem.h"

/* For libev, where a size of 0 frees. */
static void *resize(void *old, long bytes)
{
    if (bytes <= 0) {
        mem_free(old);
        return NULL;
    }
    return mem_realloc(old, (size_t)bytes);
}

/* For OpenSSL, which names the place that asks. */
static void *take_at(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return mem_realloc(NULL, bytes);
}

static void *resize_at(void *old, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return mem_realloc(old, bytes);
}

static void give_back_at(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    mem_free(old);
}

#if HIREDIS_MAJOR >= 1
static void *take(size_t bytes)
{
    return mem_realloc(NULL, bytes);
}

static void *take_many(size_t count, size_t bytes)
{
    size_t all;
    return __builtin_mul_overflow(count, bytes, &all) ? NULL : mem_zalloc(all);
}

static void share_with_hiredis(void)
{
    hiredisAllocFuncs functions = {.mallocFn = take,
                                   .callocFn = take_many,
                                   .reallocFn = mem_realloc,
                                   .strdupFn = mem_strdup,
                                   .freeFn = mem_free};
    hiredisSetAllocators(&functions);
}
#else
static void share_with_hiredis(void)
{
    /* 0.14 has a malloc of its own; what it reports is looked at in inbox and outbox. */
}
#endif

void link_take_memory(void)
{
    ev_set_allocator(resize);
    CRYPTO_set_mem_functions(take_at, resize_at, give_back_at);
    share_with_hiredis();
}
