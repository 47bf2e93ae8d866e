#include "schema/control_arguments.h"

#include "schema/json_text.h"
#include "schema/wire_name.h"

enum { PROCESSES_MAX = 1000, SIGNAL_MAX_BYTES = 16 };

static struct span text_of(json_t *value)
{
    return json_is_string(value) ? span_make(json_string_value(value), json_string_length(value))
                                 : span_make("", 0);
}

static bool fits_processes(json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) > 0 &&
           json_integer_value(value) <= PROCESSES_MAX;
}

static bool fits_queue(json_t *value)
{
    return wire_name_check_queue(text_of(value), NULL);
}

static bool fits_name(json_t *value)
{
    return wire_name_check("name", text_of(value), NULL);
}

static bool fits_name_or_null(json_t *value)
{
    return json_is_null(value) || fits_name(value);
}

static bool fits_flag(json_t *value)
{
    return json_is_boolean(value);
}

/* A worker remembers whatever it is told to revoke, so only what can be a task's id is told. */
static bool fits_ids(json_t *value)
{
    size_t size = json_array_size(value);
    bool good = size > 0;

    for (size_t i = 0; good && i < size; i++) {
        good = text_of(json_array_get(value, i)).len > 0;
    }
    return good;
}

static bool fits_id_or_ids(json_t *value)
{
    return text_of(value).len > 0 || fits_ids(value);
}

static size_t digits(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.data[n] >= '0' && s.data[n] <= '9') {
        n++;
    }
    return n;
}

/* 10, 0.5, "10", "0.5/m"; null for none. */
static bool fits_rate(json_t *value)
{
    if (!json_is_string(value)) {
        return json_is_null(value) || (json_is_number(value) && json_number_value(value) >= 0);
    }
    struct span rest = text_of(value);
    size_t whole = digits(rest);
    rest = span_skip(rest, whole);
    if (whole && rest.len && rest.data[0] == '.') {
        size_t part = digits(span_skip(rest, 1));
        whole = part ? whole : 0;
        rest = span_skip(rest, part + 1);
    }
    return whole && whole <= 9 &&
           (rest.len == 0 ||
            (rest.len == 2 && rest.data[0] == '/' && rest.data[1] && strchr("smh", rest.data[1])));
}

static bool fits_seconds(json_t *value)
{
    return json_is_null(value) || (json_is_number(value) && json_number_value(value) > 0);
}

/* "SIGTERM", "KILL" */
static bool fits_signal(json_t *value)
{
    struct span text = text_of(value);
    bool good = text.len > 0 && text.len <= SIGNAL_MAX_BYTES;

    for (size_t i = 0; good && i < text.len; i++) {
        good = (text.data[i] >= 'A' && text.data[i] <= 'Z') || (text.data[i] >= '0' && text.data[i] <= '9');
    }
    return good;
}

static const struct {
    const char *name;
    bool (*fits)(json_t *value);
    const char *kind;
} kinds[] = {
    {"n", fits_processes, "whole number of processes from 1"},
    {"queue", fits_queue, "name of a queue"},
    {"exchange", fits_name_or_null, "name"},
    {"exchange_type", fits_name_or_null, "name"},
    {"routing_key", fits_name_or_null, "name"},
    {"task_name", fits_name, "name of a task"},
    {"rate_limit", fits_rate, "rate, as 10/m"},
    {"soft", fits_seconds, "number of seconds"},
    {"hard", fits_seconds, "number of seconds"},
    {"ids", fits_ids, "array of texts"},
    {"taskinfoitems", fits_ids, "array of texts"},
    {"task_id", fits_id_or_ids, "text and no array of texts"},
    {"terminate", fits_flag, "true or false"},
    {"signal", fits_signal, "name of a signal"},
    {"safe", fits_flag, "true or false"},
    {"with_defaults", fits_flag, "true or false"},
    {"builtins", fits_flag, "true or false"},
};

static bool check_one(const char *name, json_t *value, struct err *err)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(name, kinds[i].name) == 0) {
            return kinds[i].fits(value) || err_set(err, ERR_RANGE, "%s is no %s", name, kinds[i].kind);
        }
    }
    char shown[32];
    size_t len = 0;
    for (; len < sizeof(shown) - 1 && name[len]; len++) {
        shown[len] = (char)(name[len] >= ' ' && name[len] < 0x7F ? name[len] : '?');
    }
    shown[len] = '\0';
    return err_set(err, ERR_REFUSED, "'%s' is no argument that may be sent", shown);
}

bool control_arguments_check(json_t *arguments, struct err *err)
{
    for (void *it = json_object_iter(arguments); it; it = json_object_iter_next(arguments, it)) {
        if (!check_one(json_object_iter_key(it), json_object_iter_value(it), err)) {
            return false;
        }
    }
    return true;
}
