#include "redai/schema/binding.h"

enum { SEP_LEN = sizeof(KOMBU_SEP) - 1, STEP_DIGITS_MAX = 3 };

bool binding_queue(struct span member, struct span *ret_queue)
{
    struct span rest = member;

    for (int field = 0; field < 2; field++) {
        size_t at = span_search(rest, S(KOMBU_SEP));
        if (at == rest.len) {
            return false;
        }
        rest = span_skip(rest, at + SEP_LEN);
    }
    if (rest.len == 0 || span_search(rest, S(KOMBU_SEP)) != rest.len) {
        return false;
    }
    *ret_queue = rest;
    return true;
}

bool binding_is_task_exchange(struct span exchange)
{
    /* control_exchange may carry another name than "celery"; the ending is fixed in kombu. */
    return !span_ends(exchange, S(".pidbox")) && !span_equal(exchange, S("celeryev"));
}

struct span binding_split_list_key(struct span key, int *ret_step)
{
    *ret_step = 0;
    size_t digits = 0;
    int step = 0;
    int scale = 1;

    while (digits < key.len && digits < STEP_DIGITS_MAX) {
        char c = key.data[key.len - 1 - digits];
        if (c < '0' || c > '9') {
            break;
        }
        step += (c - '0') * scale;
        scale *= 10;
        digits++;
    }
    struct span head = span_head(key, key.len - digits);
    if (digits == 0 || head.len <= SEP_LEN || !span_ends(head, S(KOMBU_SEP))) {
        return key;
    }
    *ret_step = step;
    return span_head(head, head.len - SEP_LEN);
}
