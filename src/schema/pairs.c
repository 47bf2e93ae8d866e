#include "pairs.h"

#include "redai/base/num.h"

struct span pairs_line(struct span *text)
{
    size_t end = span_find(*text, '\n');
    struct span line = span_head(*text, end);
    *text = span_skip(*text, end + 1);
    if (line.len && line.data[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

bool pairs_next(struct span *rest, char separator, struct span *ret_name, struct span *ret_value)
{
    if (!rest->data || !rest->len) {
        return false;
    }
    size_t end = span_find(*rest, separator);
    struct span pair = span_head(*rest, end);
    size_t equals = span_find(pair, '=');
    *rest = span_skip(*rest, end + 1);
    *ret_name = span_head(pair, equals);
    *ret_value = span_skip(pair, equals + 1);
    return true;
}

bool pairs_number(const struct pairs_number *rows, size_t count, struct span name, struct span value,
                  void *base)
{
    for (size_t i = 0; i < count; i++) {
        if (span_equal(name, span_of(rows[i].name))) {
            num_i64_range(value, 0, NUM_SAID_MOST, (int64_t *)(void *)((char *)base + rows[i].offset));
            return true;
        }
    }
    return false;
}
