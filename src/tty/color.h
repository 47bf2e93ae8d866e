/* color: the 256 colours of xterm as numbers and as light, and the nearest of fewer. Private to tty. */
#ifndef REDAI_TTY_COLOR_H
#define REDAI_TTY_COLOR_H

#include "redai/base/span.h"

enum { COLOR_DEFAULT = -1, COLOR_GREYISH = 40 /* channels no further apart than this have no hue */ };

struct rgb {
    int r, g, b; /* 0..255 */
};

/* "default", "red", "bright-red", "0".."255" or "#rrggbb". False when it is none of these. */
bool color_parse(struct span word, short *ret_color);
/* What xterm shows for a colour 0..255. */
struct rgb color_rgb(short color);
/* The nearest among the first `count` colours of the 256 (8 or 16). */
short color_nearest(short color, int count);
bool color_is_grey(short color);

#endif
