/* fixture: reads a captured sample of tests/fixtures; the file must be there. */
#ifndef REDAI_TESTS_SCHEMA_FIXTURE_H
#define REDAI_TESTS_SCHEMA_FIXTURE_H

#include "support/unit.h"

#include <stdio.h>

#include "redai/base/container.h"

#define FIXTURES REDAI_SOURCE_DIR "/tests/fixtures/celery-5.2/"

static inline void fixture_read(const char *name, UT_string *out)
{
    char path[512];
    char buffer[4096];
    size_t got;

    snprintf(path, sizeof(path), "%s%s", FIXTURES, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        fail_msg("no fixture %s", path);
    }
    utstring_init(out);
    while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0) {
        utstring_bincpy(out, buffer, got);
    }
    fclose(file);
}

/* A text out of a span, for assert_string_equal. */
#define assert_span(span_, text_)                                                                            \
    do {                                                                                                     \
        char *copy_ = span_dup(span_);                                                                       \
        assert_string_equal(copy_, text_);                                                                   \
        mem_free(copy_);                                                                                     \
    } while (0)

/* NULL-safe: both NULL or the same text. */
#define assert_text(got_, wanted_)                                                                           \
    do {                                                                                                     \
        const char *g_ = (got_);                                                                             \
        const char *w_ = (wanted_);                                                                          \
        assert_string_equal(g_ ? g_ : "(null)", w_ ? w_ : "(null)");                                         \
    } while (0)

#endif
