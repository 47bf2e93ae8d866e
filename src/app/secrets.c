/* secrets: what nobody else may read of this process: /proc/PID/cmdline and /proc/PID/environ without
 * passwords and session ids from the first moment, no core, nothing of it for children. */
#include "settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "redai/base/secret.h"

extern char **environ;

/* The checkers look into their own process. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(leak_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

static void forbid_cores(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef SANITIZED
    /* Where cores go to a program, the limit says nothing. Also closes /proc/PID to others of the same user.
     */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

static void wipe(char *text, size_t len)
{
    memset(text, 'x', len); /* the block that /proc shows, not a copy */
}

/* --- argv --- */

/* Everything between "//" and the last '@', and in front of an '@' where there is no "//". */
static void wipe_user(char *arg)
{
    char *at = strrchr(arg, '@');
    char *slashes = strstr(arg, "//");
    char *start = slashes && slashes < at ? slashes + 2 : arg;
    bool may_hold = at && (start != arg || memchr(arg, ':', (size_t)(at - arg)));
    if (may_hold) {
        wipe(start, (size_t)(at - start));
    }
}

enum { LONG = 24 }; /* no option's name is */

static bool is_uuid(struct span run)
{
    for (size_t i = 0; i < run.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (run.data[i] == '-') || (!dash && !isxdigit((unsigned char)run.data[i]))) {
            return false;
        }
    }
    return run.len == 36;
}

/* Long runs that are no task's id: a session id, by whatever way it came in. */
static void wipe_tokens(char *arg)
{
    for (char *run = arg; *run;) {
        size_t len = 0;
        while (secret_is_token_byte(run[len])) {
            len++;
        }
        if (len >= LONG && !is_uuid(span_make(run, len))) {
            wipe(run, len);
        }
        run += len + (run[len] != '\0');
    }
}

/* "session SID...", "session:SID" and what an option's value holds of it; a session id opens the session for
 * whoever reads it. */
static void wipe_arguments(int argc, char **argv)
{
    bool behind_session = false;
    for (int i = 1; i < argc; i++) {
        char *arg = argv[i];
        char *named = strstr(arg, "session:");
        bool is_option = strncmp(arg, "--", 2) == 0 && strlen(arg) < LONG;
        wipe_user(arg);
        if (behind_session && !is_option) {
            wipe(arg, strlen(arg));
        } else if (named) {
            wipe(named + strlen("session:"), strlen(named + strlen("session:")));
        } else {
            wipe_tokens(arg);
        }
        behind_session = behind_session || strcmp(arg, "session") == 0;
    }
}

/* --- the environment --- */

static bool is_secret_name(const char *variable)
{
    static const char *const names[] = {"REDIS_URL=",
                                        "REDIS_PASSWORD=",
                                        "REDIS_SENTINEL_PASSWORD=",
                                        "CELERY_BROKER_URL=",
                                        "CELERY_BROKER_PASSWORD=",
                                        "CELERY_RESULT_BACKEND=",
                                        "CELERY_RESULT_PASSWORD="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(variable, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

/* Also the platform's own, such as CELERY_BROKER_URL: a URL of Redis with a password in it. */
static bool is_secret(const char *variable)
{
    struct secret found;
    const char *value = strchr(variable, '=');
    bool of_redis = value && (strstr(value, "redis") || strstr(value, "sentinel") || strstr(value, "unix:"));
    return value && (is_secret_name(variable) || (of_redis && secret_next(span_of(value + 1), 0, &found) &&
                                                  found.kind == SECRET_PASSWORD));
}

/* They move to where only we look, until they have been read. */
static void move_variables(void)
{
    for (char **at = environ; *at; at++) {
        if (is_secret(*at)) {
            char *block = *at;
            char *value = strchr(block, '=') + 1;
            *at = mem_strdup(block);
            wipe(value, strlen(value));
        }
    }
}

void secrets_forget(void)
{
    char **keep = environ;
    for (char **at = environ; *at; at++) {
        if (is_secret(*at)) {
            explicit_bzero(*at, strlen(*at));
            mem_free(*at);
        } else {
            *keep++ = *at;
        }
    }
    *keep = NULL;
}

/* --- both --- */

char **secrets_take(int argc, char **argv)
{
    forbid_cores();
    char **own = mem_zalloc(((size_t)argc + 1) * sizeof *own);
    for (int i = 0; i < argc; i++) {
        own[i] = mem_strdup(argv[i]);
    }
    wipe_arguments(argc, argv);
    move_variables();
    return own;
}

void secrets_release(int argc, char **own)
{
    for (int i = 0; i < argc; i++) {
        explicit_bzero(own[i], strlen(own[i]));
        mem_free(own[i]);
    }
    mem_free(own);
}
