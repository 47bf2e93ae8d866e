/* loaded: settings as main loads them, of a command line and a text that stands for the configuration file.
 */
#ifndef REDAI_TESTS_LOADED_H
#define REDAI_TESTS_LOADED_H

#include "app/settings.h"
#include "support/unit.h"

/* Not loaded yet: the flags are set and the configuration is read. */
struct settings loaded(const char *const argv[], const char *config);
#define LOADED(config, ...)                                                                                  \
    loaded((const char *const[]){"redai-console", "--config", "/dev/null", __VA_ARGS__, NULL}, config)

void loaded_take(struct settings *s); /* loads them, which must succeed */
/* Loads them, which must fail with both texts in the error; releases them. */
void loaded_refused(struct settings *s, const char *one, const char *two);
void loaded_expect(const struct address *a, const char *shown);

#endif
