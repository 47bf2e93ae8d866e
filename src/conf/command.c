#include "redai/conf/command.h"

#include "lookup.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 1 << 20 };

void command_join(struct command_set *set, const struct command *rows, size_t count, void *ctx)
{
    /* The tables are joined once, by app, from a fixed list: running out is a slip of the build. */
    if (set->count == COMMAND_TABLES_MAX) {
        abort();
    }
    set->table[set->count].rows = rows;
    set->table[set->count].count = count;
    set->table[set->count].ctx = ctx;
    set->count++;
}

const struct command *command_find(const struct command_set *set, const char *name, void **ret_ctx)
{
    for (size_t t = 0; t < set->count; t++) {
        for (size_t i = 0; i < set->table[t].count; i++) {
            if (strcmp(set->table[t].rows[i].name, name) == 0) {
                if (ret_ctx) {
                    *ret_ctx = set->table[t].ctx;
                }
                return &set->table[t].rows[i];
            }
        }
    }
    return NULL;
}

static bool unknown(const struct command_set *set, const char *name, unsigned required, struct err *err)
{
    struct nearest near = nearest_to(name);
    UT_string names;
    utstring_init(&names);
    for (size_t t = 0; t < set->count; t++) {
        for (size_t i = 0; i < set->table[t].count; i++) {
            const struct command *row = &set->table[t].rows[i];
            if (!(row->flags & COMMAND_HIDDEN)) {
                nearest_offer(&near, row->name);
                utstring_printf(&names, "%s%s", row->flags & COMMAND_CONFIG ? " " : "",
                                row->flags & COMMAND_CONFIG ? row->name : "");
            }
        }
    }
    struct shown shown = conf_shown(name);
    if (near.name) {
        err_set(err, ERR_USAGE, "unknown command \"%s\", did you mean \"%s\"?", shown.text, near.name);
    } else if (required & COMMAND_CONFIG) { /* few enough to be named */
        err_set(err, ERR_USAGE, "unknown command \"%s\", expected one of:%s", shown.text,
                utstring_body(&names));
    } else {
        err_set(err, ERR_USAGE, "unknown command \"%s\", expected one that the help lists", shown.text);
    }
    utstring_done(&names);
    return false;
}

/* Why a row that lacks one of the required flags is not run. */
static bool refuse(const struct command *row, unsigned missing, struct err *err)
{
    static const struct {
        unsigned flag;
        const char *why;
    } reasons[] = {
        {COMMAND_WATCH, "is refused: read-only"},
        {COMMAND_CONFIG, "has no place in a configuration file"},
        {COMMAND_SCREEN, "has no place without a screen"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (missing & reasons[i].flag) {
            return err_set(err, ERR_REFUSED, "\"%s\" %s", row->name, reasons[i].why);
        }
    }
    return err_set(err, ERR_REFUSED, "\"%s\" is refused here", row->name);
}

static bool check_args(const struct command *row, const struct words *w, struct err *err)
{
    size_t args = words_count(w) - 1;
    const char *gap = *row->usage ? " " : "";
    if (args < (size_t)row->min_args) {
        return err_set(err, ERR_USAGE, "\"%s\" needs more words, usage: %s%s%s", row->name, row->name, gap,
                       row->usage);
    }
    if (row->max_args >= 0 && args > (size_t)row->max_args) {
        struct shown extra = conf_shown(words_at(w, (size_t)row->max_args + 1));
        return err_set(err, ERR_USAGE, "\"%s\" is one word too many, usage: %s%s%s", extra.text, row->name,
                       gap, row->usage);
    }
    return true;
}

static bool run_words(const struct command_set *set, const struct words *w, unsigned required,
                      struct err *err)
{
    if (words_count(w) == 0) {
        return true;
    }
    void *ctx = NULL;
    const struct command *row = command_find(set, words_at(w, 0), &ctx);
    if (!row) {
        return unknown(set, words_at(w, 0), required, err);
    }
    if ((row->flags & required) != required) {
        return refuse(row, required & ~row->flags, err);
    }
    return check_args(row, w, err) && row->exec(ctx, w, err);
}

bool command_run(const struct command_set *set, const char *line, unsigned required, struct err *err)
{
    struct words w;
    words_init(&w);
    bool ok = words_parse(&w, line, err) && run_words(set, &w, required, err);
    words_release(&w);
    return ok;
}

/* --- completion --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void offer(UT_array *out, struct span candidate, const char *typed)
{
    if (!span_starts(candidate, span_of(typed))) {
        return;
    }
    char *copy = span_dup(candidate);
    char *const *known = (char *const *)(void *)out->d;
    for (size_t i = 0; i < utarray_len(out); i++) {
        if (strcmp(known[i], copy) == 0) {
            mem_free(copy);
            return;
        }
    }
    utarray_push_back(out, &copy); /* the array copies it */
    mem_free(copy);
}

void command_complete(const struct command_set *set, const char *line, UT_array *out)
{
    struct words w;
    words_init(&w);
    if (words_parse(&w, line, NULL)) {
        size_t len = strlen(line);
        bool fresh = len == 0 || line[len - 1] == ' ' || line[len - 1] == '\t';
        size_t at = words_count(&w) - (fresh || words_count(&w) == 0 ? 0 : 1);
        const char *typed = words_at(&w, at) ? words_at(&w, at) : "";
        for (size_t t = 0; at == 0 && t < set->count; t++) {
            for (size_t i = 0; i < set->table[t].count; i++) {
                const struct command *row = &set->table[t].rows[i];
                if (!(row->flags & COMMAND_HIDDEN)) {
                    offer(out, span_of(row->name), typed);
                }
            }
        }
        const struct command *row = at == 1 ? command_find(set, words_at(&w, 0), NULL) : NULL;
        const char *list = row ? row->choices : NULL;
        for (struct span item; conf_next_item(&list, &item);) {
            offer(out, item, typed);
        }
        if (utarray_len(out) > 1) { /* an empty array has nothing qsort may be given */
            utarray_sort(out, by_name);
        }
    }
    words_release(&w);
}

/* --- files --- */

static bool run_line(const struct command_set *set, const char *name, size_t number, struct span line,
                     struct err *err)
{
    if (line.data && line.len && memchr(line.data, 0, line.len)) {
        return err_set(err, ERR_PARSE, "%s:%zu: a zero byte: this is no text file", name, number);
    }
    char *text = span_dup(line);
    bool ok = command_run(set, text, COMMAND_CONFIG, err);
    mem_free(text);
    return ok || err_prefix(err, "%s:%zu", name, number);
}

static bool run_lines(const struct command_set *set, const char *name, struct span text, struct err *err)
{
    const struct span byte_order_mark = SPAN_LITERAL("\xEF\xBB\xBF");
    struct shown shown = conf_shown(name);
    if (span_starts(text, byte_order_mark)) {
        text = span_skip(text, byte_order_mark.len);
    }
    for (size_t number = 1; text.len; number++) {
        size_t end = span_find(text, '\n');
        if (end > 0 && !run_line(set, shown.text, number, span_head(text, end), err)) {
            return false;
        }
        text = span_skip(text, end + 1);
    }
    return true;
}

bool command_run_text(const struct command_set *set, const char *name, const char *text, struct err *err)
{
    return run_lines(set, name, span_of(text), err);
}

static bool read_file(FILE *file, UT_string *out)
{
    char part[4096];
    size_t n;
    while ((n = fread(part, 1, sizeof part, file)) > 0 && utstring_len(out) <= FILE_BYTES_MAX) {
        utstring_bincpy(out, part, n);
    }
    return !ferror(file);
}

bool command_run_file(const struct command_set *set, const char *path, struct err *err)
{
    struct shown shown = conf_shown(path);
    FILE *file = fopen(path, "re");
    if (!file) {
        return err_set(err, ERR_IO, "\"%s\" cannot be opened: %m", shown.text);
    }
    UT_string text;
    utstring_init(&text);
    bool ok = read_file(file, &text);
    if (!ok) {
        err_set(err, ERR_IO, "\"%s\" cannot be read: %m", shown.text);
    } else if (utstring_len(&text) > FILE_BYTES_MAX) {
        ok = err_set(err, ERR_RANGE, "\"%s\" is larger than a configuration can be (1 MiB)", shown.text);
    } else {
        ok = run_lines(set, path, text_span(&text), err);
    }
    utstring_done(&text);
    fclose(file);
    return ok;
}
