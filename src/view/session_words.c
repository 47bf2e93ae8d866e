#include "session_words.h"

#include <math.h>

#include "redai/base/clock.h"

const char *session_listing_word(enum session_listing listing)
{
    static const char *const word[] = {
        [SESSION_LISTING_UNKNOWN] = "?",
        [SESSION_LISTED] = "listed",
        [SESSION_ORPHAN] = "orphan",
        [SESSION_NOBODYS] = "nobody",
    };
    return word[listing];
}

double session_since(const struct look *look, int64_t wall_us)
{
    if (wall_us < 0) {
        return NAN;
    }
    return wall_us > look->wall_us ? 0 : (double)(look->wall_us - wall_us) / (double)US_PER_S;
}

void session_since_write(const struct look *look, int64_t wall_us, struct field *out)
{
    double s = session_since(look, wall_us);
    if (isnan(s)) {
        field_unknown(out);
    } else {
        field_coarse(out, ROLE_TEXT, (int64_t)s * US_PER_S);
    }
}
