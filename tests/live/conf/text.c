#include "text.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/container.h"

static FILE *open_or_end(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

char *text_of_file(const char *path)
{
    char full[512];
    char part[4096];
    size_t n;
    UT_string all;

    snprintf(full, sizeof(full), "%s/%s", REDAI_SOURCE_DIR, path);
    utstring_init(&all);
    FILE *file = open_or_end(full, "r");
    while ((n = fread(part, 1, sizeof(part), file)) > 0) {
        text_add(&all, span_make(part, n));
    }
    fclose(file);
    char *text = span_dup(text_span(&all));
    utstring_done(&all);
    return text;
}

char *text_replace(const char *text, const char *from, const char *to)
{
    struct span rest = span_of(text);
    UT_string out;

    utstring_init(&out);
    for (;;) {
        size_t at = span_search(rest, span_of(from));
        text_add(&out, span_head(rest, at));
        if (at == rest.len) {
            break;
        }
        text_add(&out, span_of(to));
        rest = span_skip(rest, at + strlen(from));
    }
    char *copy = span_dup(text_span(&out));
    utstring_done(&out);
    return copy;
}

void text_write(const char *path, const char *text)
{
    FILE *file = open_or_end(path, "w");
    fputs(text, file);
    fclose(file);
}
