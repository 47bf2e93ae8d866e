/* The picture the demo program draws and its tests expect: the same for the same size and seed, a sixteenth
 * of the letters new with each seed; letters of one and two columns, every role, both flags. */
#ifndef REDAI_TESTS_TTY_PATTERN_H
#define REDAI_TESTS_TTY_PATTERN_H

#include "redai/view/grid.h"

static inline unsigned pattern_mix(unsigned a, unsigned b, unsigned c)
{
    unsigned h = a * 2654435761u ^ b * 2246822519u ^ c * 3266489917u;
    h ^= h >> 15;
    h *= 2246822519u;
    return h ^ h >> 13;
}

static inline void pattern_fill(struct grid *g, unsigned seed)
{
    static const uint32_t letters[] = {'a', 'Z',  '0',    '#',    ' ',    ' ',
                                       ' ', 0xE9, 0x2502, 0x2588, 0x65E5, 0x20AC};
    for (int y = 0; y < g->height; y++) {
        for (int x = 0; x < g->width; x++) {
            unsigned place = pattern_mix((unsigned)x, (unsigned)y, 0);
            unsigned age = (seed + place % 16) / 16;
            unsigned h = pattern_mix((unsigned)x, (unsigned)y, age + 1);
            uint32_t ch = letters[h % (sizeof letters / sizeof letters[0])];
            enum role role = (enum role)((h >> 8) % ROLE_COUNT);
            grid_put(g, x, y, g->ascii && ch > 0x7E ? '?' : ch, role);
            grid_flag(g, x, y, 1, h >> 16 & (CELL_BOLD | CELL_REVERSE));
            x += grid_at(g, x, y)->ch == 0x65E5 ? 1 : 0;
        }
    }
}

#endif
