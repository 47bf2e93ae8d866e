#include "redai/action/template.h"

#include "literal.h"

#include <assert.h>
#include <inttypes.h>

#include "redai/base/json_out.h"
#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/schema/message.h"

static const struct {
    const char *name, *expected;
} types[] = {
    [TEMPLATE_TEXT] = {"text", "a text in UTF-8"},
    [TEMPLATE_INT] = {"int", "a whole number"},
    [TEMPLATE_NUMBER] = {"number", "a number like 12 or 1.5"},
    [TEMPLATE_BOOL] = {"bool", "true or false"},
    [TEMPLATE_JSON] = {"json", "one JSON value"},
};
static_assert(sizeof types / sizeof types[0] == TEMPLATE_TYPE_COUNT, "every type has a row");

/* A foreign word as an error may show it. */
enum { SHOWN_COLUMNS = 80 };
struct shown {
    char text[4 * SHOWN_COLUMNS + 1];
};

static struct shown show(struct span word)
{
    struct shown s = {.text = ""};
    char *copy = utf8_sanitise_dup(word, SHOWN_COLUMNS);
    size_t len = strlen(copy);
    memcpy(s.text, copy, len < sizeof s.text ? len : sizeof s.text - 1);
    mem_free(copy);
    return s;
}

/* --- the table --- */

static void field_done(void *element)
{
    struct template_field *field = element;
    mem_free(field->name);
    mem_free(field->initial);
}

static void template_done(void *element)
{
    struct template *t = *(struct template **)element;
    mem_free(t->name);
    mem_free(t->task);
    utarray_done(&t->field);
    mem_free(t);
}

static const UT_icd field_icd = {sizeof(struct template_field), NULL, NULL, field_done};
static const UT_icd template_icd = {sizeof(struct template *), NULL, NULL, template_done};

static const char *const defaults[] = {
    "task test api.tasks.test_redis_task message:text=hello",
    "task batch api.tasks.batch_generate_questions exam_id:int=1 count:int=10",
};

void templates_init(struct templates *t)
{
    utarray_init(&t->row, &template_icd);
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        struct words w;
        words_init(&w);
        bool ok = words_parse(&w, defaults[i], NULL) && templates_add(t, &w, NULL);
        assert(ok);
        (void)ok;
        words_release(&w);
    }
}

void templates_release(struct templates *t)
{
    utarray_done(&t->row);
}

size_t templates_count(const struct templates *t)
{
    return utarray_len(&t->row);
}

const struct template *templates_at(const struct templates *t, size_t i)
{
    struct template *const *row = utarray_eltptr(&t->row, i);
    return row ? *row : NULL;
}

const struct template *templates_find(const struct templates *t, const char *name)
{
    for (size_t i = 0; i < templates_count(t); i++) {
        const struct template *row = templates_at(t, i);
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

/* --- values --- */

static bool add_bool(struct span value, UT_string *out)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (span_equal(value, span_of(yes[i])) || span_equal(value, span_of(no[i]))) {
            text_add(out, span_equal(value, span_of(yes[i])) ? S("true") : S("false"));
            return true;
        }
    }
    return false;
}

/* "1,2" within brackets would be an array as well, so members are counted. */
static bool add_json(struct span value, UT_string *out)
{
    UT_string array, repr;
    struct span key, member;
    size_t at = 0, members = 0;

    utstring_init(&array);
    utstring_init(&repr);
    text_add(&array, S("["));
    text_add(&array, value);
    text_add(&array, S("]"));
    bool ok = message_args_repr(utstring_body(&array), &repr);
    while (ok && literal_next_member(text_span(&array), &at, &key, &member)) {
        members++;
    }
    if (ok && members == 1) {
        text_add(out, value);
    }
    utstring_done(&array);
    utstring_done(&repr);
    return ok && members == 1;
}

/* Appends the value as JSON; false when it is none of its type. */
static bool add_value(enum template_type type, struct span value, UT_string *out)
{
    int64_t whole;
    double real;

    switch (type) {
    case TEMPLATE_INT:
        if (!num_i64(value, &whole)) {
            return false;
        }
        utstring_printf(out, "%" PRId64, whole);
        return true;
    case TEMPLATE_NUMBER:
        if (!literal_is_number(value) || !num_f64(value, &real)) {
            return false;
        }
        text_add(out, value);
        return true;
    case TEMPLATE_BOOL:
        return add_bool(value, out);
    case TEMPLATE_JSON:
        return add_json(value, out);
    case TEMPLATE_TEXT:
    case TEMPLATE_TYPE_COUNT:
        break;
    }
    if (!literal_is_utf8(value)) {
        return false;
    }
    json_quote(value, out);
    return true;
}

static bool complain(struct err *err, const struct template_field *field, struct span value)
{
    return err_set(err, ERR_PARSE, "%s=\"%s\": expected %s", field->name, show(value).text,
                   types[field->type].expected);
}

/* --- `task` lines --- */

static bool is_name(struct span s)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '\0' || !strchr(allowed, s.data[i])) {
            return false;
        }
    }
    return s.len > 0 && s.data[0] != '-';
}

/* NAME:TYPE[=VALUE] */
static bool parse_field(const char *word, struct template_field *field, struct err *err)
{
    struct span rest = span_of(word);
    struct span name = span_head(rest, span_find(rest, ':'));
    struct span type = span_skip(rest, name.len + 1);
    size_t equals = span_find(type, '=');
    struct span initial = span_skip(type, equals + 1);
    bool has_initial = equals < type.len;

    type = span_head(type, equals);
    if (name.len == rest.len || !is_name(name)) {
        return err_set(err, ERR_PARSE, "\"%s\": expected NAME:TYPE or NAME:TYPE=VALUE", show(rest).text);
    }
    for (int i = 0; i < TEMPLATE_TYPE_COUNT; i++) {
        if (!span_equal(type, span_of(types[i].name))) {
            continue;
        }
        *field = (struct template_field){.name = span_dup(name), .type = (enum template_type)i};
        field->initial = has_initial ? span_dup(initial) : NULL;
        UT_string value;
        utstring_init(&value);
        bool ok = !has_initial || add_value(field->type, initial, &value) || complain(err, field, initial);
        utstring_done(&value);
        if (!ok) {
            field_done(field);
        }
        return ok;
    }
    return err_set(err, ERR_PARSE, "\"%s\": unknown type \"%s\", expected text int number bool or json",
                   show(rest).text, show(type).text);
}

static const struct template_field *find_field(const struct template *t, struct span name,
                                               unsigned *ret_index)
{
    for (unsigned i = 0; i < utarray_len(&t->field); i++) {
        const struct template_field *field = utarray_eltptr(&t->field, i);
        if (span_equal(span_of(field->name), name)) {
            *ret_index = i;
            return field;
        }
    }
    return NULL;
}

static bool parse_template(struct template *t, const struct words *w, struct err *err)
{
    const char *name = words_at(w, 1), *task = words_at(w, 2);
    unsigned index;

    if (!name || !task) {
        return err_set(err, ERR_USAGE, "task: expected NAME TASK [FIELD:TYPE[=VALUE]...]");
    }
    if (!is_name(span_of(name))) {
        return err_set(err, ERR_PARSE, "task \"%s\": a name is letters, digits, _ - and dots",
                       show(span_of(name)).text);
    }
    if (!is_name(span_of(task))) {
        return err_set(err, ERR_PARSE, "task %s: \"%s\" is no task name", name, show(span_of(task)).text);
    }
    t->name = mem_strdup(name);
    t->task = mem_strdup(task);
    for (size_t i = 3; i < words_count(w); i++) {
        struct template_field field = {.name = NULL};
        if (!parse_field(words_at(w, i), &field, err)) {
            return err_prefix(err, "task %s", name);
        }
        if (find_field(t, span_of(field.name), &index)) {
            err_set(err, ERR_PARSE, "task %s: the field \"%s\" is given twice", name, field.name);
            field_done(&field);
            return false;
        }
        utarray_push_back(&t->field, &field);
    }
    return true;
}

bool templates_add(struct templates *t, const struct words *w, struct err *err)
{
    struct template *made = mem_zalloc(sizeof *made);

    utarray_init(&made->field, &field_icd);
    if (!parse_template(made, w, err)) {
        template_done(&made);
        return false;
    }
    for (unsigned i = 0; i < utarray_len(&t->row); i++) {
        struct template **row = utarray_eltptr(&t->row, i);
        if (strcmp((*row)->name, made->name) == 0) {
            template_done(row);
            *row = made;
            return true;
        }
    }
    utarray_push_back(&t->row, &made);
    return true;
}

/* --- filling in --- */

static void list_fields(const struct template *t, UT_string *out)
{
    for (size_t i = 0; i < utarray_len(&t->field); i++) {
        const struct template_field *field = utarray_eltptr(&t->field, i);
        utstring_printf(out, "%s%s", i ? " " : "", field->name);
    }
}

static bool unknown_field(const struct template *t, struct span word, struct err *err)
{
    UT_string known;
    utstring_init(&known);
    list_fields(t, &known);
    err_set(err, ERR_USAGE, "%s: no field \"%s\", expected %s%s", t->name, show(word).text,
            utstring_len(&known) ? "NAME=VALUE of: " : "none", utstring_body(&known));
    utstring_done(&known);
    return false;
}

/* Which word gives each field: given[i] is a word's index, 0 none. */
static bool assign(const struct template *t, const struct words *w, size_t first, size_t *given,
                   struct err *err)
{
    for (size_t i = first; i < words_count(w); i++) {
        struct span word = span_of(words_at(w, i));
        struct span name = span_head(word, span_find(word, '='));
        unsigned index;
        if (name.len == word.len || !find_field(t, name, &index)) {
            return unknown_field(t, name.len == word.len ? word : name, err);
        }
        if (given[index]) {
            return err_set(err, ERR_USAGE, "%s: \"%s\" is given twice", t->name, show(name).text);
        }
        given[index] = i;
    }
    return true;
}

bool template_arguments(const struct template *t, const struct words *w, size_t first, UT_string *out,
                        struct err *err)
{
    unsigned count = utarray_len(&t->field);
    size_t *given = mem_zalloc((count + 1) * sizeof *given);
    UT_string array;
    utstring_init(&array);
    bool ok = first > 0 && assign(t, w, first, given, err);
    text_add(&array, S("["));
    for (unsigned i = 0; ok && i < count; i++) {
        const struct template_field *field = utarray_eltptr(&t->field, i);
        struct span value = span_of(field->initial);
        if (given[i]) {
            value = span_skip(span_of(words_at(w, given[i])), strlen(field->name) + 1);
        } else if (!field->initial) {
            ok = err_set(err, ERR_USAGE, "%s: needs %s=VALUE, %s", t->name, field->name,
                         types[field->type].expected);
            break;
        }
        text_add(&array, i ? S(", ") : S(""));
        ok = add_value(field->type, value, &array) ||
             (complain(err, field, value), err_prefix(err, "%s", t->name));
    }
    text_add(&array, S("]"));
    if (ok) {
        text_add(out, text_span(&array));
    }
    utstring_done(&array);
    mem_free(given);
    return ok;
}

/* --- the command of config files --- */

static bool run_task(void *ctx, const struct words *w, struct err *err)
{
    return templates_add(ctx, w, err);
}

const struct command template_commands[] = {
    {.name = "task",
     .usage = "NAME TASK [FIELD:TYPE[=VALUE]...]",
     .help = "a short name for a task that can be enqueued; types: text int number bool json",
     .min_args = 2,
     .max_args = -1,
     .flags = COMMAND_WATCH | COMMAND_CONFIG,
     .exec = run_task},
};
const size_t template_commands_count = sizeof template_commands / sizeof template_commands[0];
