/* family_words: what pane and page of families say alike. */
#ifndef VIEW_FAMILY_WORDS_H
#define VIEW_FAMILY_WORDS_H

#include "look.h"

/* How many have no TTL, on the scale of the family's ttl counts; NAN unknown. */
double family_words_without_ttl(const struct family *f);

#endif
