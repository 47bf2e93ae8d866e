#include "backoff.h"

void backoff_init(struct backoff *b, uint64_t seed)
{
    /* xorshift stands still at zero. */
    *b = (struct backoff){.random = seed ? seed : 1};
}

void backoff_reset(struct backoff *b)
{
    b->next_us = 0;
}

static uint64_t random_next(struct backoff *b)
{
    /* Marsaglia's xorshift64: spread is all that is asked of it. */
    b->random ^= b->random << 13;
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    return b->random;
}

int64_t backoff_next_us(struct backoff *b)
{
    int64_t step = b->next_us > 0 ? b->next_us : BACKOFF_FIRST_US;
    b->next_us = step * 2 < BACKOFF_MOST_US ? step * 2 : BACKOFF_MOST_US;
    return step / 2 + (int64_t)(random_next(b) % (uint64_t)(step / 2 + 1));
}

int64_t backoff_slow_us(struct backoff *b)
{
    b->next_us = BACKOFF_MOST_US;
    return BACKOFF_MOST_US;
}
