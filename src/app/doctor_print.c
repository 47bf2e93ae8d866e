#include "doctor_print.h"

#include "app.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "redai/base/isotime.h"
#include "redai/base/json_out.h"
#include "redai/base/utf8.h"

static const char *const status_word[] = {
    [EXIT_OK] = "good", [EXIT_WARNING] = "warning", [EXIT_CRITICAL] = "critical", [EXIT_UNREAD] = "unread"};
static const char *const verdict_word[] = {
    [FINDING_GOOD] = "good", [FINDING_BAD] = "bad", [FINDING_UNKNOWN] = "unknown"};

/* Why there is nothing to tell. */
static const char *trouble(const struct model *m)
{
    const struct connection_view *c = model_connection(m);
    const char *why = c->link[LINK_ROLE_POLL].error;
    why = why[0] ? why : model_topic(m, TOPIC_SERVER)->error;
    return why[0] ? why : model_doctor_error(m)[0] ? model_doctor_error(m) : "it does not answer";
}

/* --- JSON --- */

static void json_text_or_null(UT_string *out, const char *name, const char *text)
{
    json_text(out, name, text[0] ? text : NULL);
}

void doctor_json(const struct model *m, int code, UT_string *out)
{
    char at[ISOTIME_SIZE];
    json_open(out, NULL, '{');
    json_int(out, "schema", 1, 0);
    isotime_format(model_wall_us(m), at, sizeof at);
    json_text(out, "at", at);
    json_text(out, "address", model_connection(m)->address);
    json_text(out, "status", status_word[code]);
    json_text(out, "error", code == EXIT_UNREAD ? trouble(m) : NULL);
    json_open(out, "findings", '[');
    for (size_t i = 0; i < model_finding_count(m); i++) {
        const struct finding *f = model_finding_at(m, i);
        json_open(out, NULL, '{');
        json_text(out, "check", f->check);
        json_text(out, "group", f->group);
        json_text(out, "verdict", verdict_word[f->verdict]);
        json_text(out, "severity", f->verdict == FINDING_BAD ? severity_name[f->severity] : NULL);
        json_text(out, "text", f->text);
        json_text_or_null(out, "why", f->why);
        json_text_or_null(out, "fix", f->fix);
        json_text_or_null(out, "object", f->object);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
    utstring_printf(out, "\n");
}

/* --- text --- */

enum { INDENT = 10, COLS_LEAST = 40, COLS_USUAL = 80 };

static int columns(void)
{
    struct winsize size;
    int cols = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLS_USUAL;
    return cols < COLS_LEAST ? COLS_LEAST : cols;
}

/* Words behind what stands on the line already, broken at blanks; further lines begin at INDENT. */
static void add_wrapped(UT_string *out, int at, int cols, const char *text)
{
    struct span rest = span_of(text);
    bool fresh = true;
    while (rest.len) {
        size_t end = span_find(rest, ' ');
        struct span word = span_head(rest, end);
        int width = utf8_text_width(word);
        if (!fresh && at + 1 + width > cols) {
            utstring_printf(out, "\n%*s", INDENT, "");
            at = INDENT;
            fresh = true;
        }
        if (!fresh) {
            text_add(out, S(" "));
            at++;
        }
        text_add(out, word);
        at += width;
        fresh = false;
        rest = span_skip(rest, end + 1);
    }
    text_add(out, S("\n"));
}

static void add_line(UT_string *out, int cols, const char *label, const char *text)
{
    utstring_printf(out, "%-*s", INDENT, label);
    add_wrapped(out, INDENT, cols, text);
}

static void add_finding(UT_string *out, int cols, const struct finding *f)
{
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "%s: %s%s%s", f->check, f->object, f->object[0] ? ": " : "", f->text);
    add_line(out, cols,
             f->verdict == FINDING_UNKNOWN  ? "unknown"
             : f->severity == SEVERITY_INFO ? "remark"
                                            : severity_name[f->severity],
             utstring_body(&line));
    if (f->why[0]) {
        utstring_clear(&line);
        utstring_printf(&line, "why: %s", f->why);
        add_line(out, cols, "", utstring_body(&line));
    }
    if (f->fix[0]) {
        utstring_clear(&line);
        utstring_printf(&line, "fix: %s", f->fix);
        add_line(out, cols, "", utstring_body(&line));
    }
    utstring_done(&line);
}

/* The names of what is good, each once. */
static void add_good(const struct model *m, UT_string *out, int cols)
{
    UT_string names;
    const char *last = "";
    utstring_init(&names);
    for (size_t i = 0; i < model_finding_count(m); i++) {
        const struct finding *f = model_finding_at(m, i);
        if (f->verdict == FINDING_GOOD && strcmp(f->check, last) != 0) {
            utstring_printf(&names, "%s%s", utstring_len(&names) ? ", " : "", f->check);
            last = f->check;
        }
    }
    if (utstring_len(&names)) {
        add_line(out, cols, "good", utstring_body(&names));
    }
    utstring_done(&names);
}

static void add_head(const struct model *m, int code, UT_string *out)
{
    char at[ISOTIME_SIZE];
    size_t bad[SEVERITY_COUNT] = {0}, unknown = 0, good = 0;
    isotime_format(model_wall_us(m), at, sizeof at);
    utstring_printf(out, "%s  %s\n", model_connection(m)->address, at);
    for (size_t i = 0; i < model_finding_count(m); i++) {
        const struct finding *f = model_finding_at(m, i);
        bad[f->severity] += f->verdict == FINDING_BAD;
        unknown += f->verdict == FINDING_UNKNOWN;
        good += f->verdict == FINDING_GOOD;
    }
    if (code == EXIT_UNREAD) {
        utstring_printf(out, "could not look: %s\n", trouble(m));
    }
    if (model_finding_count(m)) {
        utstring_printf(out, "%zu critical, %zu warning%s, %zu remark%s, %zu unknown, %zu good\n",
                        bad[SEVERITY_CRITICAL], bad[SEVERITY_WARNING], bad[SEVERITY_WARNING] == 1 ? "" : "s",
                        bad[SEVERITY_INFO], bad[SEVERITY_INFO] == 1 ? "" : "s", unknown, good);
    }
}

void doctor_text_out(const struct model *m, int code, UT_string *out)
{
    int cols = columns();
    add_head(m, code, out);
    enum finding_verdict before = FINDING_GOOD;
    for (size_t i = 0; i < model_finding_count(m); i++) {
        const struct finding *f = model_finding_at(m, i);
        if (f->verdict != FINDING_GOOD) {
            if (f->verdict == FINDING_BAD || before != f->verdict) {
                text_add(out, S("\n"));
            }
            before = f->verdict;
            add_finding(out, cols, f);
        }
    }
    if (model_finding_count(m)) {
        text_add(out, S("\n"));
        add_good(m, out, cols);
    }
}
