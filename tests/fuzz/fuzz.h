/* fuzz: what every target needs. A target is one decoder of foreign bytes; it must return, keep its bounds,
 * and free all it took. */
#ifndef REDAI_TESTS_FUZZ_H
#define REDAI_TESTS_FUZZ_H

#include <stdint.h>
#include <stdlib.h>

#include "redai/base/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT span_make((const char *)data, size)

/* Holds in release builds too. */
#define DEMAND(condition)                                                                                    \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
