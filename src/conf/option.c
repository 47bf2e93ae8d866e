#include "redai/conf/option.h"

#include "lookup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/num.h"

const struct option_row option_rows[OPTION_COUNT] = {
#define OPTION_ROW(id, long_name, letter, kind, standard, least, most, list, variable, word, text)           \
    [OPTION_##id] = {long_name, letter, kind, standard, least, most, list, variable, word, text},
    OPTION_LIST(OPTION_ROW)
#undef OPTION_ROW
};

/* --- reading a value --- */

static bool read_flag(const char *text, int64_t *ret)
{
    static const char *const on[] = {"on", "yes", "true", "1"};
    static const char *const off[] = {"off", "no", "false", "0"};
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
        if (strcmp(text, on[i]) == 0 || strcmp(text, off[i]) == 0) {
            *ret = strcmp(text, on[i]) == 0;
            return true;
        }
    }
    return false;
}

static bool read_choice(const char *choices, const char *text, int64_t *ret)
{
    struct span item;
    for (int64_t i = 0; conf_next_item(&choices, &item); i++) {
        if (span_equal(item, span_of(text))) {
            *ret = i;
            return true;
        }
    }
    return false;
}

enum { EXPECTED_SIZE = 128 };

/* What a value of this row looks like, for messages. */
static void describe(const struct option_row *row, char out[EXPECTED_SIZE])
{
    switch (row->type) {
    case OPTION_FLAG:
        snprintf(out, EXPECTED_SIZE, "on or off");
        break;
    case OPTION_TEXT:
    case OPTION_TEXTS:
        snprintf(out, EXPECTED_SIZE, "a text");
        break;
    case OPTION_INT:
        snprintf(out, EXPECTED_SIZE, "a whole number from %" PRId64 " to %" PRId64, row->min, row->max);
        break;
    case OPTION_DURATION:
        snprintf(out, EXPECTED_SIZE, "a time like 500ms, 30s or 5m, from %gs to %gs", (double)row->min / 1e6,
                 (double)row->max / 1e6);
        break;
    case OPTION_BYTES:
        snprintf(out, EXPECTED_SIZE, "a size like 512, 64k or 1.5gb, from %" PRId64 " to %" PRId64, row->min,
                 row->max);
        break;
    case OPTION_CHOICE:
        snprintf(out, EXPECTED_SIZE, "one of: %s", row->choices);
        break;
    }
}

static bool read_number(const struct option_row *row, const char *text, int64_t *ret)
{
    struct span s = span_of(text);
    int64_t number = 0;
    bool ok = true;
    switch (row->type) {
    case OPTION_TEXT:
    case OPTION_TEXTS:
        break;
    case OPTION_FLAG:
        ok = read_flag(text, &number);
        break;
    case OPTION_CHOICE:
        ok = read_choice(row->choices, text, &number);
        break;
    case OPTION_INT:
        ok = num_i64_range(s, row->min, row->max, &number);
        break;
    case OPTION_DURATION:
        ok = num_duration_us(s, &number) && number >= row->min && number <= row->max;
        break;
    case OPTION_BYTES:
        ok = num_bytes(s, &number) && number >= row->min && number <= row->max;
        break;
    }
    if (ok) {
        *ret = number;
    }
    return ok;
}

/* --- the set of values --- */

/* A URL may carry a password: what is let go is wiped. */
static void drop_text(struct options *o, enum option_id id)
{
    if (o->value[id].text) {
        explicit_bzero(o->value[id].text, strlen(o->value[id].text));
    }
    mem_free(o->value[id].text);
    o->value[id].text = NULL;
}

void options_init(struct options *o)
{
    *o = (struct options){0};
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (option_rows[id].initial) {
            options_set(o, (enum option_id)id, option_rows[id].initial, OPTION_DEFAULT, NULL);
        }
    }
}

void options_forget(struct options *o, enum option_id id)
{
    drop_text(o, id);
    o->value[id].source = OPTION_UNSET;
    o->value[id].number = 0;
    if (option_rows[id].initial) {
        options_set(o, id, option_rows[id].initial, OPTION_DEFAULT, NULL);
    }
}

void options_release(struct options *o)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        drop_text(o, (enum option_id)id);
    }
    *o = (struct options){0};
}

static char *joined(const char *have, const char *text)
{
    size_t size = strlen(have) + strlen(text) + 2;
    char *out = mem_zalloc(size);
    snprintf(out, size, "%s\n%s", have, text);
    return out;
}

bool options_set(struct options *o, enum option_id id, const char *text, enum option_source source,
                 struct err *err)
{
    const struct option_row *row = &option_rows[id];
    int64_t number;
    if (!read_number(row, text, &number)) {
        char expected[EXPECTED_SIZE];
        describe(row, expected);
        return err_set(err, ERR_USAGE, "option \"%s\": \"%s\" is not understood, expected %s", row->name,
                       conf_shown(text).text, expected);
    }
    if (source < o->value[id].source) {
        return true;
    }
    bool more = row->type == OPTION_TEXTS && o->value[id].text && source == o->value[id].source;
    char *copy = more ? joined(o->value[id].text, text) : mem_strdup(text); /* text may be the old value */
    drop_text(o, id);
    o->value[id].text = copy;
    o->value[id].number = number;
    o->value[id].source = source;
    return true;
}

static bool find_name(struct span name, enum option_id *ret_id)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        if (span_equal(span_of(option_rows[id].name), name)) {
            *ret_id = (enum option_id)id;
            return true;
        }
    }
    return false;
}

bool options_find(const char *name, enum option_id *ret_id)
{
    return find_name(span_of(name), ret_id);
}

bool options_from_environment(struct options *o, struct err *err)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        const char *variable = option_rows[id].environment;
        const char *value = variable ? getenv(variable) : NULL;
        /* Compose files leave unset variables behind as empty ones. */
        if (value && *value && !options_set(o, (enum option_id)id, value, OPTION_FROM_ENV, err)) {
            return err_prefix(err, "environment variable %s", variable);
        }
    }
    return true;
}

/* --- the command line --- */

struct arguments {
    struct options *options;
    int argc;
    char **argv;
    int at;
    struct err *err;
};

static bool unknown(const char *dashes, struct span name, struct err *err)
{
    char *word = span_dup(name);
    struct nearest near = nearest_to(word);
    for (int id = 0; id < OPTION_COUNT; id++) {
        nearest_offer(&near, option_rows[id].name);
    }
    /* Only the name is repeated: behind the '=' there may be a password. */
    struct shown shown = conf_shown(word);
    mem_free(word);
    return near.name ? err_set(err, ERR_USAGE, "unknown option \"%s%s\", did you mean \"--%s\"?", dashes,
                               shown.text, near.name)
                     : err_set(err, ERR_USAGE, "unknown option \"%s%s\", expected one that --help lists",
                               dashes, shown.text);
}

/* The option's value: what stands behind it in the same word, or the next word. */
static bool take_value(struct arguments *a, enum option_id id, const char *attached)
{
    if (!attached) {
        if (a->at + 1 >= a->argc) {
            return err_set(a->err, ERR_USAGE, "option \"--%s\" needs a value: %s", option_rows[id].name,
                           option_rows[id].argument);
        }
        attached = a->argv[++a->at];
    }
    return options_set(a->options, id, attached, OPTION_FROM_FLAG, a->err);
}

static bool take_long(struct arguments *a, const char *word)
{
    struct span name = span_of(word + 2);
    size_t equals = span_find(name, '=');
    const char *attached = equals < name.len ? name.data + equals + 1 : NULL;
    name = span_head(name, equals);
    enum option_id id;
    if (find_name(name, &id)) {
        if (option_rows[id].type == OPTION_FLAG && !attached) {
            attached = "on";
        }
        return take_value(a, id, attached);
    }
    const struct span no = SPAN_LITERAL("no-");
    if (!attached && span_starts(name, no) && find_name(span_skip(name, no.len), &id) &&
        option_rows[id].type == OPTION_FLAG) {
        return options_set(a->options, id, "off", OPTION_FROM_FLAG, a->err);
    }
    return unknown("--", name, a->err);
}

/* Letters may be run together, "-hV"; the rest behind one that needs a value is its value, "-uURL". */
static bool take_short(struct arguments *a, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        int id = 0;
        while (id < OPTION_COUNT && option_rows[id].short_name != *letter) {
            id++;
        }
        if (id == OPTION_COUNT) {
            return unknown("-", span_make(letter, 1), a->err);
        }
        if (option_rows[id].type != OPTION_FLAG) {
            return take_value(a, (enum option_id)id, letter[1] ? letter + 1 : NULL);
        }
        options_set(a->options, (enum option_id)id, "on", OPTION_FROM_FLAG, NULL);
    }
    return true;
}

bool options_from_argv(struct options *o, int argc, char **argv, UT_array *rest, struct err *err)
{
    struct arguments a = {.options = o, .argc = argc, .argv = argv, .at = 1, .err = err};
    bool flags = true;
    for (; a.at < argc; a.at++) {
        char *word = argv[a.at];
        if (!flags || word[0] != '-' || !word[1]) {
            utarray_push_back(rest, &word);
        } else if (strcmp(word, "--") == 0) {
            flags = false;
        } else if (!(word[1] == '-' ? take_long(&a, word) : take_short(&a, word))) {
            return false;
        }
    }
    return true;
}

void options_help(UT_string *out)
{
    for (int id = 0; id < OPTION_COUNT; id++) {
        const struct option_row *row = &option_rows[id];
        char left[64];
        char letter[8] = "    ";
        if (row->short_name) {
            snprintf(letter, sizeof letter, "-%c, ", row->short_name);
        }
        snprintf(left, sizeof left, "%s--%s%s%s", letter, row->name, row->argument ? " " : "",
                 row->argument ? row->argument : "");
        utstring_printf(out, "  %-26s %s", left, row->help);
        if (row->initial && row->type != OPTION_FLAG) {
            utstring_printf(out, " (%s)", row->initial);
        }
        text_add(out, S("\n"));
    }
}

/* --- set --- */

static bool exec_set(void *ctx, const struct words *w, struct err *err)
{
    const char *name = words_at(w, 1);
    const char *value = words_at(w, 2);
    enum option_id id;
    if (!options_find(name, &id)) {
        struct nearest near = nearest_to(name);
        for (int i = 0; i < OPTION_COUNT; i++) {
            nearest_offer(&near, option_rows[i].name);
        }
        return near.name
                   ? err_set(err, ERR_USAGE, "unknown setting \"%s\", did you mean \"%s\"?",
                             conf_shown(name).text, near.name)
                   : err_set(err, ERR_USAGE, "unknown setting \"%s\", expected an option that --help lists",
                             conf_shown(name).text);
    }
    if (id == OPTION_HELP || id == OPTION_VERSION || id == OPTION_CONFIG) {
        return err_set(err, ERR_USAGE, "\"%s\" belongs on the command line", name);
    }
    if (!value) {
        if (option_rows[id].type != OPTION_FLAG) {
            return err_set(err, ERR_USAGE, "setting \"%s\" needs a value: %s", name,
                           option_rows[id].argument);
        }
        value = "on";
    }
    return options_set(ctx, id, value, OPTION_FROM_FILE, err);
}

#define OPTION_NAME_BLANK(id, name, ...) name " "

const struct command option_commands[] = {
    {
        .name = "set",
        .usage = "NAME [VALUE]",
        .help = "change a setting (a flag may go without its value: on)",
        .min_args = 1,
        .max_args = 2,
        .flags = COMMAND_WATCH | COMMAND_CONFIG,
        .exec = exec_set,
        .choices = OPTION_LIST(OPTION_NAME_BLANK) "",
    },
};
const size_t option_commands_count = sizeof option_commands / sizeof option_commands[0];
