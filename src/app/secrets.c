/* secrets: what /proc/<pid>/cmdline and /proc/<pid>/environ must not show: passwords and session ids. */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

/* Overwrites the user information of a URL within argv: everything between "://" and the last "@" before the
 * path. */
static void wipe_url(char *arg)
{
    char *start = strstr(arg, "://");
    if (!start) {
        return;
    }
    start += 3;
    char *end = start + strcspn(start, "/?");
    char *at = NULL;
    for (char *p = start; p < end || *p; p++) { /* a raw '/' may stand in a password that was not escaped */
        if (*p == '@') {
            at = p;
        }
    }
    if (at) {
        memset(start, 'x', (size_t)(at - start));
    }
}

static void wipe_variable(const char *name)
{
    char *value = getenv(name);
    if (value) {
        memset(value, 'x', strlen(value)); /* the block that /proc shows, not a copy */
        unsetenv(name);
    }
}

/* "revoke session SID...": a session id opens the session for whoever reads it. */
static void wipe_sessions(int argc, char **argv)
{
    bool behind_revoke = false, behind_session = false;
    for (int i = 1; i < argc; i++) {
        enum option_id id;
        bool is_option = strncmp(argv[i], "--", 2) == 0 && options_find(argv[i] + 2, &id);
        if ((behind_session && !is_option) || strncmp(argv[i], "session:", 8) == 0) {
            memset(argv[i], 'x', strlen(argv[i]));
        }
        behind_session = behind_session || (behind_revoke && strcmp(argv[i], "session") == 0);
        behind_revoke = behind_revoke || strcmp(argv[i], "revoke") == 0;
    }
}

void secrets_wipe(int argc, char **argv)
{
    wipe_sessions(argc, argv);
    for (int i = 1; i < argc; i++) {
        wipe_url(argv[i]);
    }
    wipe_variable("REDIS_URL");
    wipe_variable("REDIS_PASSWORD");
    wipe_variable("REDIS_SENTINEL_PASSWORD");
}
