#include "family_words.h"

#include <math.h>

double family_words_without_ttl(const struct family *f)
{
    if (f->without_ttl < 0) {
        return (double)NAN;
    }
    if (f->below) {
        return (double)f->without_ttl; /* a group's ttl counts are reckoned for all its keys */
    }
    return f->keys > 0 ? (double)f->without_ttl * (double)f->sampled / (double)f->keys : 0;
}
