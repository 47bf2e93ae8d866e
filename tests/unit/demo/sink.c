#include "sink.h"

#include <stdio.h>
#include <stdlib.h>

static void add_line(void *user, size_t argc, const struct span *args)
{
    struct lines *l = user;
    for (size_t i = 0; i < argc; i++) {
        text_add(&l->text, i ? S(" ") : S(""));
        text_add(&l->text, args[i]);
    }
    text_add(&l->text, S("\n"));
}

void lines_init(struct lines *l)
{
    utstring_init(&l->text);
    l->sink = (struct command_sink){add_line, l};
}

void lines_done(struct lines *l)
{
    utstring_done(&l->text);
}

char *lines_find(const struct lines *l, const char *prefix, size_t n)
{
    struct span rest = text_span(&l->text);

    while (rest.len > 0) {
        struct span line = span_head(rest, span_find(rest, '\n'));
        if (span_starts(line, span_of(prefix)) && n-- == 0) {
            return span_dup(line);
        }
        rest = span_skip(rest, line.len + 1);
    }
    return NULL;
}

size_t lines_count(const struct lines *l, const char *prefix)
{
    size_t n = 0;
    char *line;
    while ((line = lines_find(l, prefix, n)) != NULL) {
        mem_free(line);
        n++;
    }
    return n;
}

char *fixture(const char *name)
{
    char path[512];
    char part[4096];

    snprintf(path, sizeof(path), "%s/tests/fixtures/celery-5.2/%s", REDAI_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    size_t n = fread(part, 1, sizeof(part), file);
    fclose(file);
    return span_dup(span_make(part, n));
}

char *member_names(const char *json)
{
    UT_string out;
    const char *at = json;
    const char *end;

    utstring_init(&out);
    /* A name is a string with a colon behind it. */
    while ((at = strchr(at, '"')) != NULL && (end = strchr(at + 1, '"')) != NULL) {
        if (end[1] == ':') {
            utstring_printf(&out, "%.*s ", (int)(end - at - 1), at + 1);
        }
        at = end + 1;
    }
    char *names = span_dup(text_span(&out));
    utstring_done(&out);
    return names;
}
