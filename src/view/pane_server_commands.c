/* Faces of the server pane: what its commands cost, and the errors it gave. */
#include "pane.h"
#include "server_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct command_stat *of(const void *row)
{
    return row;
}

static double known(int64_t n)
{
    return n < 0 ? NAN : (double)n;
}

static void write_command(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(of(row)->name));
}
static void key_command(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->name;
}

/* Calm when there is nothing; "-" where there were no two readings. */
static void write_rate(struct field *out, double per_s, enum role loud)
{
    if (isnan(per_s)) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_rate(out, loud, per_s);
        out->role = per_s > 0 ? loud : ROLE_DIM;
    }
}
static void write_time(struct field *out, double us)
{
    if (isnan(us)) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        server_us(us, out->buffer, sizeof out->buffer);
        field_text(out, ROLE_TEXT, span_of(out->buffer));
    }
}
static void write_sum(struct field *out, int64_t n, enum role loud)
{
    field_count(out, n > 0 ? loud : ROLE_DIM, n);
}
static void write_share(struct field *out, double percent)
{
    if (isnan(percent)) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        text_share(percent / 100, out->buffer, sizeof out->buffer);
        field_bar(out, percent / 100, ROLE_BAR, ROLE_TEXT, span_of(out->buffer));
    }
}

NUMBER_COLUMN(calls, of(row)->calls_per_s, write_rate(out, of(row)->calls_per_s, ROLE_VALUE))
NUMBER_COLUMN(cost, of(row)->us_per_call, write_time(out, of(row)->us_per_call))
NUMBER_COLUMN(share_of_time, of(row)->share, write_share(out, of(row)->share))
NUMBER_COLUMN(failing, of(row)->failed_per_s, write_rate(out, of(row)->failed_per_s, ROLE_WARNING))
NUMBER_COLUMN(rejecting, of(row)->rejected_per_s, write_rate(out, of(row)->rejected_per_s, ROLE_WARNING))
NUMBER_COLUMN(total, known(of(row)->calls), write_sum(out, of(row)->calls, ROLE_TEXT))
NUMBER_COLUMN(ever, of(row)->us_per_call_ever, write_time(out, of(row)->us_per_call_ever))
NUMBER_COLUMN(failed, known(of(row)->failed), write_sum(out, of(row)->failed, ROLE_TEXT))
NUMBER_COLUMN(rejected, known(of(row)->rejected), write_sum(out, of(row)->rejected, ROLE_TEXT))

#define MORE COLUMN_DESCENDING
static const struct column columns[] = {
    {"command", 10, 20, 32, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_PLAIN | COLUMN_GROWS, write_command,
     key_command, "as INFO commandstats calls it", VEIL_PLAIN},
    {"calls/s", 8, 8, 8, ALIGN_RIGHT, 1, MORE, write_calls, key_calls, "in the window the title tells",
     VEIL_PLAIN},
    {"per call", 9, 9, 9, ALIGN_RIGHT, 1, MORE, write_cost, key_cost, "how long one took in the window",
     VEIL_PLAIN},
    {"share", 8, 14, 30, ALIGN_LEFT, 2, MORE | COLUMN_GROWS, write_share_of_time, key_share_of_time,
     "of the time of all commands in the window", VEIL_PLAIN},
    {"failed/s", 9, 9, 9, ALIGN_RIGHT, 3, MORE, write_failing, key_failing, "that ran and gave an error",
     VEIL_PLAIN},
    {"refused/s", 10, 10, 10, ALIGN_RIGHT, 4, MORE, write_rejecting, key_rejecting,
     "that were not run at all: no permission, no memory, wrong arguments", VEIL_PLAIN},
    {"calls", 7, 7, 7, ALIGN_RIGHT, 4, MORE, write_total, key_total, "since the server's counters began",
     VEIL_PLAIN},
    {"ever", 7, 7, 7, ALIGN_RIGHT, 5, MORE, write_ever, key_ever, "how long one took since then", VEIL_PLAIN},
    {"failed", 7, 7, 7, ALIGN_RIGHT, 6, MORE, write_failed, key_failed, "errors since then", VEIL_PLAIN},
    {"refused", 8, 8, 8, ALIGN_RIGHT, 7, MORE, write_rejected, key_rejected, "refused since then",
     VEIL_PLAIN},
};

static const void *row_at(const struct model *m, size_t i)
{
    return model_command_at(m, i);
}

static const void *find(const struct model *m, struct span id)
{
    return model_command_find(m, id);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->name);
    return TARGET_COMMAND;
}

static void headline(const struct look *look, char *out, size_t size)
{
    snprintf(out, size, "commands %zu", model_command_count(look->m));
}

static void title(const struct look *look, struct segments *out)
{
    int64_t window_us = model_command_window_us(look->m);
    char text[TEXT_SMALL];
    double calls = 0;
    double failed = 0;
    for (size_t i = 0; i < model_command_count(look->m); i++) {
        const struct command_stat *c = model_command_at(look->m, i);
        calls += c->calls_per_s > 0 ? c->calls_per_s : 0;
        failed += c->failed_per_s > 0 ? c->failed_per_s : 0;
        failed += c->rejected_per_s > 0 ? c->rejected_per_s : 0;
    }
    if (window_us <= 0) {
        if (model_command_count(look->m)) {
            segments_add(out, 2, ROLE_DIM, "", "totals only: one reading so far");
        }
        return;
    }
    segments_add(out, 2, ROLE_TEXT, "", "in the last %s", human_duration(window_us, text, sizeof text));
    segments_add(out, 3, ROLE_TEXT, "", "%s calls/s", human_rate(calls, text, sizeof text));
    if (failed > 0) {
        segments_add(out, 2, ROLE_WARNING, "", "! %s failed/s", human_rate(failed, text, sizeof text));
    }
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("INFO commandstats lists no command: was it renamed or emptied?"));
}

const struct pane_ops pane_server_commands = {
    .name = "server",
    .one = "command",
    .many = "commands",
    .topic = TOPIC_COMMANDS,
    .topics = 1u << TOPIC_COMMANDS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .sort = -1,
    .count = model_command_count,
    .row = row_at,
    .find = find,
    .identify = identify,
    .headline = headline,
    .title = title,
    .empty = empty,
};

/* --- errors --- */

static const struct error_stat *error_of(const void *row)
{
    return row;
}

static void write_error(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, error_of(row)->per_s > 0 ? ROLE_WARNING : ROLE_TEXT, span_of(error_of(row)->name));
}
static void key_error(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = error_of(row)->name;
}

static void write_grew(const struct look *look, const void *row, struct field *out)
{
    int64_t grew_us = error_of(row)->grew_us;
    if (grew_us < 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_coarse(out, ROLE_TEXT, look->now_us - grew_us);
    }
}
static void key_grew(const struct look *look, const void *row, struct sort_key *out)
{
    int64_t grew_us = error_of(row)->grew_us;
    out->number = grew_us < 0 ? NAN : (double)(look->now_us - grew_us) / (double)US_PER_S;
}

NUMBER_COLUMN(error_rate, error_of(row)->per_s, write_rate(out, error_of(row)->per_s, ROLE_WARNING))
NUMBER_COLUMN(error_count, known(error_of(row)->count), write_sum(out, error_of(row)->count, ROLE_TEXT))

/* What an error means for the platform. */
static const char *meaning_of(const char *name)
{
    static const struct {
        const char *name, *text;
    } told[] = {
        {"NOAUTH", "a client sent no password: a worker or a health check is set up wrongly"},
        {"WRONGPASS", "a client has the wrong password"},
        {"NOPERM", "a user is not allowed what it tries: see its ACL"},
        {"WRONGTYPE", "a command on a key of another type: two programs share a name"},
        {"OOM", "maxmemory is reached: writes are refused"},
        {"MISCONF", "snapshots fail: writes are refused until one succeeds"},
        {"READONLY", "a write to a replica: a client holds an old address"},
        {"LOADING", "it was still reading its data"},
        {"BUSY", "a script runs for too long"},
        {"NOSCRIPT", "a script that it does not know yet: usually sent again at once"},
        {"EXECABORT", "a transaction with a command that was refused"},
        {"MASTERDOWN", "its master is away, and it may not answer with old data"},
        {"CLUSTERDOWN", "the cluster is incomplete"},
        {"ERR", "commands that are unknown, renamed, or wrongly used"},
    };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        if (strcmp(told[i].name, name) == 0) {
            return told[i].text;
        }
    }
    return "";
}

static void write_meaning(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(meaning_of(error_of(row)->name)));
}

static const struct column error_columns[] = {
    {"error", 12, 18, 40, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_PLAIN, write_error, key_error,
     "the first word of the error, as INFO errorstats has it", VEIL_PLAIN},
    {"a second", 9, 9, 9, ALIGN_RIGHT, 1, MORE, write_error_rate, key_error_rate, "in the last readings",
     VEIL_PLAIN},
    {"count", 8, 8, 8, ALIGN_RIGHT, 1, MORE, write_error_count, key_error_count,
     "since the server's counters began", VEIL_PLAIN},
    {"grew", 6, 6, 6, ALIGN_RIGHT, 2, 0, write_grew, key_grew, "since it was last seen to be given",
     VEIL_PLAIN},
    {"meaning", 20, 40, 90, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_GROWS, write_meaning, NULL,
     "what it comes from", VEIL_PLAIN},
};

static const void *error_at(const struct model *m, size_t i)
{
    return model_error_at(m, i);
}

static enum target_kind identify_error(const void *row, struct span *ret_id)
{
    *ret_id = span_of(error_of(row)->id);
    return TARGET_VITAL;
}

static void error_headline(const struct look *look, char *out, size_t size)
{
    snprintf(out, size, "errors %zu", model_error_count(look->m));
}

static void error_title(const struct look *look, struct segments *out)
{
    double per_s = 0;
    char text[TEXT_SMALL];
    for (size_t i = 0; i < model_error_count(look->m); i++) {
        double one = model_error_at(look->m, i)->per_s;
        per_s += one > 0 ? one : 0;
    }
    if (per_s > 0) {
        segments_add(out, 2, ROLE_WARNING, "", "! %s/s now", human_rate(per_s, text, sizeof text));
    }
}

static void error_empty(const struct look *look, struct field *out)
{
    bool old = strncmp(model_server(look->m)->info.redis_version, "6.0", 3) == 0 ||
               strncmp(model_server(look->m)->info.redis_version, "5.", 2) == 0;
    field_text(out, ROLE_DIM,
               old ? S("this version keeps no errorstats (6.2 and later do)")
                   : S("no error was given since the counters began"));
}

const struct pane_ops pane_server_errors = {
    .name = "server",
    .one = "error",
    .many = "errors",
    .topic = TOPIC_COMMANDS,
    .topics = 1u << TOPIC_COMMANDS,
    .column = error_columns,
    .columns = sizeof error_columns / sizeof error_columns[0],
    .sort = -1,
    .count = model_error_count,
    .row = error_at,
    .identify = identify_error,
    .headline = error_headline,
    .title = error_title,
    .empty = error_empty,
};
