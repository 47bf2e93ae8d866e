/* sink: commands as lines of text, arguments parted by blanks, for tests that look at what would be sent. */
#ifndef REDAI_TESTS_DEMO_SINK_H
#define REDAI_TESTS_DEMO_SINK_H

#include "demo/login.h"

#include "redai/base/container.h"

struct lines {
    UT_string text; /* a line for each command */
    struct command_sink sink;
};

void lines_init(struct lines *l);
void lines_done(struct lines *l);
/* Lines that begin with prefix. */
size_t lines_count(const struct lines *l, const char *prefix);
/* The n-th line that begins with prefix (from 0), without its end; NULL behind the last. mem_free. */
char *lines_find(const struct lines *l, const char *prefix, size_t n);
/* A fixture of tests/fixtures/celery-5.2. mem_free. */
char *fixture(const char *name);
/* The names of the members of a JSON object without nesting, each followed by a blank. mem_free. */
char *member_names(const char *json);

#endif
