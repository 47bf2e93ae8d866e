/* Faces of the server pane: the slow log by the shape of commands, and entry by entry. */
#include "pane.h"
#include "server_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct slow_shape *shape_of(const void *row)
{
    return row;
}

static const struct slow_entry *entry_of(const void *row)
{
    return row;
}

static void write_shape_text(const struct look *look, const char *shape, struct field *out)
{
    field_text(out, ROLE_TEXT, span_of(shape_text(look, shape, out->buffer, sizeof out->buffer)));
    field_own(out);
}

static void write_us(struct field *out, enum role role, int64_t us)
{
    server_us((double)us, out->buffer, sizeof out->buffer);
    field_text(out, us < 0 ? ROLE_UNKNOWN : role, span_of(out->buffer));
}

static void write_since(const struct look *look, int64_t wall_us, struct field *out)
{
    int64_t age_us = wall_us < 0 ? -1 : look->wall_us > wall_us ? look->wall_us - wall_us : 0;
    field_coarse(out, ROLE_TEXT, age_us);
}
static double since(const struct look *look, int64_t wall_us)
{
    return wall_us < 0 ? NAN : (double)(look->wall_us - wall_us) / (double)US_PER_S;
}

/* --- by shape --- */

static void write_fresh_mark(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_WARNING, shape_of(row)->fresh ? S("+") : S(""));
}
static void write_shape(const struct look *look, const void *row, struct field *out)
{
    write_shape_text(look, shape_of(row)->shape, out);
}
static void key_shape(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = shape_of(row)->shape;
}
NUMBER_COLUMN(count_of, (double)shape_of(row)->count,
              field_count(out, ROLE_VALUE, (int64_t)shape_of(row)->count))
NUMBER_COLUMN(fresh, (double)shape_of(row)->fresh,
              field_count(out, shape_of(row)->fresh ? ROLE_WARNING : ROLE_DIM, (int64_t)shape_of(row)->fresh))
NUMBER_COLUMN(total, (double)shape_of(row)->total_us, write_us(out, ROLE_VALUE, shape_of(row)->total_us))
NUMBER_COLUMN(max, (double)shape_of(row)->max_us, write_us(out, ROLE_TEXT, shape_of(row)->max_us))
NUMBER_COLUMN(last, since(look, shape_of(row)->last_wall_us),
              write_since(look, shape_of(row)->last_wall_us, out))

static void write_example(const struct look *look, const void *row, struct field *out)
{
    const struct slow_entry *e = shape_of(row)->slowest;
    (void)look;
    field_text(out, ROLE_DIM, span_of(e ? e->text : ""));
}

#define MORE COLUMN_DESCENDING
static const struct column shape_columns[] = {
    {"", 1, 1, 1, ALIGN_LEFT, 1, COLUMN_MARK, write_fresh_mark, NULL, "+ some of them came while you watch",
     VEIL_PLAIN},
    {"shape", 16, 26, 50, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS, write_shape, key_shape,
     "the command, and of its keys what many have in common", VEIL_KEY},
    {"count", 6, 6, 6, ALIGN_RIGHT, 1, MORE, write_count_of, key_count_of, "entries of the slow log",
     VEIL_PLAIN},
    {"new", 5, 5, 5, ALIGN_RIGHT, 2, MORE, write_fresh, key_fresh, "of these, how many came while you watch",
     VEIL_PLAIN},
    {"total", 7, 7, 7, ALIGN_RIGHT, 1, MORE, write_total, key_total, "the time of all of them", VEIL_PLAIN},
    {"max", 7, 7, 7, ALIGN_RIGHT, 2, MORE, write_max, key_max, "the slowest", VEIL_PLAIN},
    {"last", 5, 5, 5, ALIGN_RIGHT, 2, 0, write_last, key_last, "since the last one", VEIL_PLAIN},
    {"slowest command", 16, 30, 120, ALIGN_LEFT, 3, COLUMN_MATCH | COLUMN_GROWS, write_example, NULL,
     "an example, its arguments cut and masked", VEIL_PAYLOAD},
};

static const void *shape_at(const struct model *m, size_t i)
{
    return model_slow_shape_at(m, i);
}

static enum target_kind identify_shape(const void *row, struct span *ret_id)
{
    *ret_id = span_of(shape_of(row)->shape);
    return TARGET_SLOW;
}

static void headline_shapes(const struct look *look, char *out, size_t size)
{
    snprintf(out, size, "slow log by shape %zu", model_slow_shapes(look->m));
}

static void title(const struct look *look, struct segments *out)
{
    char text[TEXT_SMALL];
    char line[TEXT_SMALL * 2];
    size_t fresh = 0;
    for (size_t i = 0; i < model_slow_shapes(look->m); i++) {
        fresh += model_slow_shape_at(look->m, i)->fresh;
    }
    if (fresh) {
        segments_add(out, 2, ROLE_WARNING, "", "+%zu new", fresh);
    }
    if (model_slow_total(look->m) >= 0) {
        segments_add(out, 3, ROLE_TEXT, "", "%s in the log",
                     human_count(model_slow_total(look->m), text, sizeof text));
    }
    if (model_topic(look->m, TOPIC_SLOWLOG)->ok_at_us >= 0) {
        slow_threshold(look, line, sizeof line);
        segments_add(out, 4, ROLE_DIM, "", "%s", line);
    }
}

static void empty(const struct look *look, struct field *out)
{
    char line[TEXT_SMALL * 2];
    slow_threshold(look, line, sizeof line);
    field_printf(out, ROLE_DIM, "the slow log is empty: %s", line);
}

const struct pane_ops pane_server_slow = {
    .name = "server",
    .one = "shape",
    .many = "shapes",
    .topic = TOPIC_SLOWLOG,
    .topics = 1u << TOPIC_SLOWLOG,
    .column = shape_columns,
    .columns = sizeof shape_columns / sizeof shape_columns[0],
    .sort = -1,
    .count = model_slow_shapes,
    .row = shape_at,
    .identify = identify_shape,
    .headline = headline_shapes,
    .title = title,
    .empty = empty,
};

/* --- entry by entry --- */

static void write_new_mark(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_WARNING, entry_of(row)->is_new ? S("+") : S(""));
}
static void write_clock(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    text_clock(entry_of(row)->wall_us, out->buffer, sizeof out->buffer);
    field_text(out, ROLE_TEXT, span_head(span_of(out->buffer), 8)); /* UTC, as all times are */
}
static void key_clock(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = since(look, entry_of(row)->wall_us);
}
NUMBER_COLUMN(took, (double)entry_of(row)->duration_us, write_us(out, ROLE_VALUE, entry_of(row)->duration_us))
static void write_command(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(entry_of(row)->text));
}
static void write_entry_shape(const struct look *look, const void *row, struct field *out)
{
    write_shape_text(look, entry_of(row)->shape, out);
}
static void key_entry_shape(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = entry_of(row)->shape;
}
static void write_client(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(entry_of(row)->client));
}
static void key_client(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = entry_of(row)->client;
}
static void write_client_name(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(entry_of(row)->client_name));
}
static void key_client_name(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = entry_of(row)->client_name;
}
static void write_id(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(entry_of(row)->number));
}
static void key_id(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = (double)entry_of(row)->id;
}

static const struct column entry_columns[] = {
    {"", 1, 1, 1, ALIGN_LEFT, 1, COLUMN_MARK, write_new_mark, NULL, "+ it came while you watch", VEIL_PLAIN},
    {"at", 8, 8, 8, ALIGN_LEFT, 1, 0, write_clock, key_clock, "when it ended, UTC", VEIL_PLAIN},
    {"took", 7, 7, 7, ALIGN_RIGHT, 1, MORE, write_took, key_took, "how long it ran, without waiting",
     VEIL_PLAIN},
    {"shape", 16, 24, 50, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS, write_entry_shape, key_entry_shape,
     "the command, and of its keys what many have in common", VEIL_KEY},
    {"command", 16, 34, 160, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_GROWS, write_command, NULL,
     "its arguments cut and masked", VEIL_PAYLOAD},
    {"name", 8, 12, 24, ALIGN_LEFT, 4, COLUMN_MATCH, write_client_name, key_client_name,
     "what the client calls itself", VEIL_PAYLOAD},
    {"client", 10, 21, 24, ALIGN_LEFT, 5, COLUMN_MATCH, write_client, key_client, "its address",
     VEIL_ADDRESS},
    {"number", 7, 7, 7, ALIGN_RIGHT, 7, 0, write_id, key_id, "in the server's log", VEIL_PLAIN},
};

static const void *entry_at(const struct model *m, size_t i)
{
    return model_slow_at(m, i);
}

static const void *find_entry(const struct model *m, struct span id)
{
    return model_slow_find(m, id);
}

static enum target_kind identify_entry(const void *row, struct span *ret_id)
{
    *ret_id = span_of(entry_of(row)->number);
    return TARGET_SLOW;
}

static void headline_entries(const struct look *look, char *out, size_t size)
{
    snprintf(out, size, "slow log %zu", model_slow_count(look->m));
}

const struct pane_ops pane_server_entries = {
    .name = "server",
    .one = "entry",
    .many = "entries",
    .topic = TOPIC_SLOWLOG,
    .topics = 1u << TOPIC_SLOWLOG,
    .column = entry_columns,
    .columns = sizeof entry_columns / sizeof entry_columns[0],
    .sort = -1,
    .count = model_slow_count,
    .row = entry_at,
    .find = find_entry,
    .identify = identify_entry,
    .headline = headline_entries,
    .title = title,
    .empty = empty,
};
