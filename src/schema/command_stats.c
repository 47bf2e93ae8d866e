#include "redai/schema/command_stats.h"

#include "pairs.h"

static const struct pairs_number command_numbers[] = {
    {"calls", offsetof(struct command_stats_line, calls)},
    {"usec", offsetof(struct command_stats_line, usec)},
    {"rejected_calls", offsetof(struct command_stats_line, rejected)},
    {"failed_calls", offsetof(struct command_stats_line, failed)},
};
static const struct pairs_number error_numbers[] = {
    {"count", offsetof(struct error_stats_line, count)},
};

/* The next line "<prefix><name>:<pairs>". */
static bool next_line(struct span *text, struct span prefix, struct span *ret_name, struct span *ret_pairs)
{
    while (text->data && text->len) {
        struct span line = pairs_line(text);
        size_t colon = span_find(line, ':');
        if (span_starts(line, prefix) && colon > prefix.len && colon < line.len) {
            *ret_name = span_skip(span_head(line, colon), prefix.len);
            *ret_pairs = span_skip(line, colon + 1);
            return true;
        }
    }
    return false;
}

static void read_numbers(struct span pairs, const struct pairs_number *rows, size_t count, void *to)
{
    struct span name, value;
    while (pairs_next(&pairs, ',', &name, &value)) {
        pairs_number(rows, count, name, value, to);
    }
}

bool command_stats_next(struct span *text, struct command_stats_line *ret)
{
    struct span pairs;
    *ret = (struct command_stats_line){.calls = -1, .usec = -1, .rejected = -1, .failed = -1};
    if (!next_line(text, S("cmdstat_"), &ret->name, &pairs)) {
        return false;
    }
    read_numbers(pairs, command_numbers, sizeof(command_numbers) / sizeof(command_numbers[0]), ret);
    return true;
}

bool error_stats_next(struct span *text, struct error_stats_line *ret)
{
    struct span pairs;
    *ret = (struct error_stats_line){.count = -1};
    if (!next_line(text, S("errorstat_"), &ret->name, &pairs)) {
        return false;
    }
    read_numbers(pairs, error_numbers, 1, ret);
    return true;
}
