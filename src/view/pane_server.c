/* The server pane: its signs of life, group by group. A group's own row tells what matters most of it, so
 * that a low pane, which shows those rows alone, and a folded group say what must be known. */
#include "pane.h"
#include "server_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"

/* Groups as rows. They have no unit. */
static const struct vital group_row[VITAL_GROUP_COUNT] = {
#define GROUP_ROW(id_, name_)                                                                                \
    [VITAL_GROUP_##id_] = {.group = VITAL_GROUP_##id_, .name = (name_), .id = (name_)},
    VITAL_GROUP_LIST(GROUP_ROW)
#undef GROUP_ROW
};
/* Which row stands for its group, the first that there is. */
static const char *const lead_id[VITAL_GROUP_COUNT][2] = {
    [VITAL_GROUP_MEMORY] = {"memory.used"},
    [VITAL_GROUP_CPU] = {"cpu.main thread", "cpu.user"},
    [VITAL_GROUP_LATENCY] = {"latency.round trip"},
    [VITAL_GROUP_TRAFFIC] = {"traffic.commands"},
    [VITAL_GROUP_CLIENTS] = {"clients.connected"},
    [VITAL_GROUP_KEYS] = {"keys.db0", "keys.db1"},
    [VITAL_GROUP_PERSISTENCE] = {"persistence.changes since", "persistence.append-only"},
    [VITAL_GROUP_REPLICATION] = {"replication.link up", "replication.master"},
};

static const struct vital *of(const void *row)
{
    return row;
}

static bool is_group(const struct vital *v)
{
    return !v->unit;
}

static const struct vital *lead_of(const struct look *look, enum vital_group group)
{
    const struct vital *v = NULL;
    for (size_t i = 0; i < 2 && !v && lead_id[group][i]; i++) {
        v = model_vital_find(look->m, span_of(lead_id[group][i]));
    }
    return v;
}

/* What most needs a look in a group; NULL: nothing does. */
static const struct vital *worst_of(const struct look *look, enum vital_group group)
{
    const struct vital *worst = NULL;
    for (size_t i = 0; i < model_vital_count(look->m); i++) {
        const struct vital *v = model_vital_at(look->m, i);
        if (v->group == group && v->tone > VITAL_GOOD && (!worst || v->tone > worst->tone)) {
            worst = v;
        }
    }
    return worst;
}

/* The row whose numbers a row shows. */
static const struct vital *shown_of(const struct look *look, const void *row)
{
    return is_group(of(row)) ? lead_of(look, of(row)->group) : of(row);
}

static enum vital_tone tone_of(const struct look *look, const void *row)
{
    const struct vital *worst = is_group(of(row)) ? worst_of(look, of(row)->group) : of(row);
    return worst ? worst->tone : VITAL_PLAIN;
}

static void write_mark(const struct look *look, const void *row, struct field *out)
{
    enum vital_tone tone = tone_of(look, row);
    field_text(out, vital_role(tone), span_of(vital_mark(tone)));
}

static void write_name(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, is_group(of(row)) ? ROLE_TITLE : ROLE_TEXT, span_of(of(row)->name));
    if (!is_group(of(row)) && strncmp(of(row)->id, "latency.event.", 14) != 0) {
        field_own(out);
    }
}
static void key_name(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->name;
}

static void write_value(const struct vital *v, double value, enum role role, struct field *out)
{
    if (!v) {
        field_text(out, ROLE_DIM, S(""));
    } else if (isnan(value)) {
        field_unknown(out);
    } else {
        vital_text(v, value, out->buffer, sizeof out->buffer);
        field_text(out, role, span_of(out->buffer));
    }
}

static void write_now(const struct look *look, const void *row, struct field *out)
{
    const struct vital *v = shown_of(look, row);
    write_value(v, v ? v->now : NAN, v ? vital_role(v->tone) : ROLE_DIM, out);
}
static void key_now(const struct look *look, const void *row, struct sort_key *out)
{
    const struct vital *v = shown_of(look, row);
    out->number = v ? v->now : NAN;
}

static void write_trend(const struct look *look, const void *row, struct field *out)
{
    const struct vital *v = shown_of(look, row);
    if (v && v->series) {
        vital_spark(v, out);
    } else {
        field_text(out, ROLE_DIM, S(""));
    }
}

#define PAST_COLUMN(member)                                                                                  \
    static void write_##member(const struct look *look, const void *row, struct field *out)                  \
    {                                                                                                        \
        const struct vital *v = shown_of(look, row);                                                         \
        if (v && isnan(v->member)) {                                                                         \
            field_text(out, ROLE_DIM, S("-"));                                                               \
        } else {                                                                                             \
            write_value(v, v ? v->member : NAN, ROLE_DIM, out);                                              \
        }                                                                                                    \
    }                                                                                                        \
    static void key_##member(const struct look *look, const void *row, struct sort_key *out)                 \
    {                                                                                                        \
        const struct vital *v = shown_of(look, row);                                                         \
        out->number = v ? v->member : NAN;                                                                   \
    }
PAST_COLUMN(low)
PAST_COLUMN(high)

/* Of a group: what needs a look, or else what the number is of. */
static void group_note(const struct look *look, enum vital_group group, char *out, size_t size)
{
    char now[TEXT_SMALL];
    const struct vital *worst = worst_of(look, group);
    const struct vital *lead = lead_of(look, group);
    const struct vital *share =
        group == VITAL_GROUP_MEMORY ? model_vital_find(look->m, S("memory.of limit")) : NULL;
    const struct vital *told = worst ? worst : share ? share : lead;
    out[0] = '\0';
    if (!told) {
        return;
    }
    const char *shown = told->note;
    if (told == lead) {
        snprintf(out, size, "%s%s%s", told->name, shown[0] ? ": " : "", shown);
    } else {
        snprintf(out, size, "%s %s%s%s", told->name, vital_text(told, told->now, now, sizeof now),
                 shown[0] ? ": " : "", shown);
    }
}

static void write_note(const struct look *look, const void *row, struct field *out)
{
    const struct vital *v = of(row);
    enum vital_tone tone = tone_of(look, row);
    enum role role = tone > VITAL_GOOD ? vital_role(tone) : is_group(v) ? ROLE_TEXT : ROLE_DIM;
    if (is_group(v)) {
        group_note(look, v->group, out->buffer, sizeof out->buffer);
        field_text(out, role, span_of(out->buffer));
    } else {
        field_text(out, role, span_of(v->note));
    }
    field_own(out);
}
static void key_note(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->note;
}

#define MORE COLUMN_DESCENDING
static const struct column columns[] = {
    {"", 2, 2, 2, ALIGN_LEFT, 1, COLUMN_MARK, write_mark, NULL, "!! bad, ! worth a look", VEIL_PLAIN},
    {"sign", 14, 17, 22, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_TREE, write_name, key_name,
     "a group, or a number of it; a group's row shows what matters most of it", VEIL_PLAIN},
    {"now", 8, 8, 9, ALIGN_RIGHT, 1, MORE, write_now, key_now, "at the last INFO", VEIL_PLAIN},
    {"trend", 8, 12, 48, ALIGN_LEFT, 3, COLUMN_GROWS, write_trend, NULL,
     "the last minutes, 5 s a column; sizes and counts from the lowest to the highest, rates and shares from "
     "0",
     VEIL_PLAIN},
    {"low", 7, 7, 8, ALIGN_RIGHT, 5, MORE, write_low, key_low, "the lowest of the last five minutes",
     VEIL_PLAIN},
    {"high", 7, 7, 8, ALIGN_RIGHT, 4, MORE, write_high, key_high, "the highest of the last five minutes",
     VEIL_PLAIN},
    {"note", 28, 34, 90, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_GROWS, write_note, key_note,
     "what it means here; of a group what is worth a look", VEIL_PAYLOAD},
};

/* Groups first: the place of a group in the source is its number. */
static size_t count(const struct model *m)
{
    return model_vital_count(m) ? VITAL_GROUP_COUNT + model_vital_count(m) : 0;
}

static const void *row_at(const struct model *m, size_t i)
{
    return i < VITAL_GROUP_COUNT ? &group_row[i] : model_vital_at(m, i - VITAL_GROUP_COUNT);
}

static const void *find(const struct model *m, struct span id)
{
    for (size_t i = 0; i < VITAL_GROUP_COUNT; i++) {
        if (span_equal(id, span_of(group_row[i].id))) {
            return &group_row[i];
        }
    }
    return model_vital_find(m, id);
}

static bool shows(const struct look *look, const void *row)
{
    return is_group(of(row)) ? lead_of(look, of(row)->group) || worst_of(look, of(row)->group) : look->roomy;
}

static size_t under(const struct model *m, const void *row)
{
    (void)m;
    return is_group(of(row)) ? SIZE_MAX : (size_t)of(row)->group;
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->id);
    return TARGET_VITAL;
}

static void headline(const struct look *look, char *out, size_t size)
{
    const struct server *s = model_server(look->m);
    const char *role = s->info.role;
    out[0] = '\0';
    if (s->known) {
        snprintf(out, size, "%.20s%s", s->info.redis_version,
                 strcmp(role, "master") == 0  ? ""
                 : strcmp(role, "slave") == 0 ? " replica"
                                              : "");
    }
}

/* What must be known when there is no more than a title. */
static void title(const struct look *look, struct segments *out)
{
    static const struct {
        const char *id, *words;
        int priority;
    } told[] = {
        {"memory.of limit", "of memory", 2}, {"cpu.main thread", "cpu", 2}, {"latency.p99", "p99", 3},
        {"clients.connected", "clients", 4}, {"traffic.commands", "", 5},
    };
    char now[TEXT_SMALL];
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const struct vital *v = model_vital_find(look->m, span_of(told[i].id));
        if (v && !isnan(v->now)) {
            bool loud = v->tone > VITAL_GOOD;
            segments_add(out, told[i].priority - loud, loud ? vital_role(v->tone) : ROLE_TEXT, "",
                         "%s%s%s%s%s", vital_mark(v->tone), loud ? " " : "",
                         vital_text(v, v->now, now, sizeof now), told[i].words[0] ? " " : "", told[i].words);
        }
    }
}

static void empty(const struct look *look, struct field *out)
{
    if (!model_vital_count(look->m)) {
        field_text(out, ROLE_DIM, S("INFO told nothing that is known here"));
    }
}

const struct pane_ops pane_server = {
    .name = "server",
    .one = "sign",
    .many = "signs",
    .topic = TOPIC_SERVER,
    .topics = 1u << TOPIC_SERVER | 1u << TOPIC_LATENCY,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .sort = -1,
    .folds_by_height = true,
    .headless = true,
    .count = count,
    .row = row_at,
    .find = find,
    .shows = shows,
    .under = under,
    .identify = identify,
    .headline = headline,
    .title = title,
    .empty = empty,
};
