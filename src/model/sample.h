/* sample: what a random sample says of the whole. Pure. */
#ifndef REDAI_MODEL_SAMPLE_H
#define REDAI_MODEL_SAMPLE_H

#include <stdint.h>

struct sample {
    int64_t of;      /* how many there are */
    int64_t sampled; /* how many were measured; more than there are: some have gone since */
    double sum, squares;
};

/* The sum over all; NAN unknown (there are some, and none was measured). */
double sample_total(const struct sample *s);
/* Half the width of the 95 % interval around it (Student's, with the finite-population correction): 0 when
 * all were measured, NAN when one measurement stands for several. */
double sample_margin(const struct sample *s);
/* How many of all have what so many of the sampled have; -1 unknown. */
int64_t sample_count(const struct sample *s, int64_t have);

#endif
