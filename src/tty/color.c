#include "color.h"

#include <limits.h>

#include "redai/base/num.h"

enum { CUBE_FIRST = 16, GREY_FIRST = 232, COLOR_LAST = 255, BRIGHT = 8 };

static const struct span base_names[] = {
    SPAN_LITERAL("black"), SPAN_LITERAL("red"),     SPAN_LITERAL("green"), SPAN_LITERAL("yellow"),
    SPAN_LITERAL("blue"),  SPAN_LITERAL("magenta"), SPAN_LITERAL("cyan"),  SPAN_LITERAL("white"),
};
enum { BASE_COUNT = sizeof base_names / sizeof base_names[0] };

/* xterm's own sixteen; terminals differ, but not in which is which. */
static const struct rgb base_rgb[] = {
    {0, 0, 0},     {205, 0, 0},     {0, 205, 0},     {205, 205, 0},   {0, 0, 238}, {205, 0, 205},
    {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0},     {0, 255, 0}, {255, 255, 0},
    {92, 92, 255}, {255, 0, 255},   {0, 255, 255},   {255, 255, 255},
};

static const int cube_steps[] = {0, 95, 135, 175, 215, 255};

struct rgb color_rgb(short color)
{
    if (color < CUBE_FIRST) {
        return base_rgb[color < 0 ? 0 : color];
    }
    if (color >= GREY_FIRST) {
        int grey = 8 + 10 * (color - GREY_FIRST);
        return (struct rgb){grey, grey, grey};
    }
    int n = color - CUBE_FIRST;
    return (struct rgb){cube_steps[n / 36], cube_steps[n / 6 % 6], cube_steps[n % 6]};
}

/* The eye's weights, roughly: green counts most. */
static int distance(struct rgb a, struct rgb b)
{
    int r = a.r - b.r;
    int g = a.g - b.g;
    int blue = a.b - b.b;
    return 3 * r * r + 6 * g * g + blue * blue;
}

static short nearest_rgb(struct rgb wanted, short first, short last)
{
    short best = first;
    int least = INT_MAX;
    for (short c = first; c <= last; c++) {
        int d = distance(wanted, color_rgb(c));
        if (d < least) {
            least = d;
            best = c;
        }
    }
    return best;
}

short color_nearest(short color, int count)
{
    return color < count ? color : nearest_rgb(color_rgb(color), 0, (short)(count - 1));
}

bool color_is_grey(short color)
{
    struct rgb c = color_rgb(color);
    int most = c.r > c.g ? c.r : c.g;
    int least = c.r < c.g ? c.r : c.g;
    most = c.b > most ? c.b : most;
    least = c.b < least ? c.b : least;
    return most - least <= COLOR_GREYISH;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex(struct span word, short *ret_color)
{
    int channel[3];
    if (word.len != 7) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        int high = hex_digit(word.data[1 + 2 * i]);
        int low = hex_digit(word.data[2 + 2 * i]);
        if (high < 0 || low < 0) {
            return false;
        }
        channel[i] = high * 16 + low;
    }
    /* Only the cube and the greys: the first sixteen look different on every terminal. */
    *ret_color = nearest_rgb((struct rgb){channel[0], channel[1], channel[2]}, CUBE_FIRST, COLOR_LAST);
    return true;
}

bool color_parse(struct span word, short *ret_color)
{
    const struct span bright = SPAN_LITERAL("bright-");
    int64_t number;
    if (span_equal(word, S("default"))) {
        *ret_color = COLOR_DEFAULT;
        return true;
    }
    if (word.len && word.data[0] == '#') {
        return parse_hex(word, ret_color);
    }
    if (word.len && word.data[0] >= '0' && word.data[0] <= '9') {
        if (num_i64_range(word, 0, COLOR_LAST, &number)) {
            *ret_color = (short)number;
            return true;
        }
        return false;
    }
    bool is_bright = span_starts(word, bright);
    struct span name = is_bright ? span_skip(word, bright.len) : word;
    for (int i = 0; i < BASE_COUNT; i++) {
        if (span_equal(name, base_names[i])) {
            *ret_color = (short)(i + (is_bright ? BRIGHT : 0));
            return true;
        }
    }
    return false;
}
