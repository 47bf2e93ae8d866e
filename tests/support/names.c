/* names: a name service for a test, to be preloaded: $REDAI_TEST_NAMES is a file of lines "NAME ADDRESS...",
 * read anew at each question. A name that is not in it does not exist; without the file there is no answer at
 * all. */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*ask_fn)(const char *node, const char *service, const struct addrinfo *hints,
                      struct addrinfo **ret);

static ask_fn real(void)
{
    return (ask_fn)dlsym(RTLD_NEXT, "getaddrinfo");
}

static int find(FILE *file, const char *node, char *addresses, size_t size)
{
    char line[512];
    while (fgets(line, sizeof line, file)) {
        size_t len = strcspn(line, " \n");
        if (len == strlen(node) && strncmp(line, node, len) == 0) {
            snprintf(addresses, size, "%s", line + len);
            return 0;
        }
    }
    return EAI_NONAME;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
    struct addrinfo *last = NULL, *one, numeric = *hints;
    char addresses[512] = "", *rest = NULL;
    if (!node || (hints->ai_flags & AI_NUMERICHOST)) {
        return real()(node, service, hints, ret);
    }
    const char *path = getenv("REDAI_TEST_NAMES");
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file) {
        return EAI_AGAIN;
    }
    int code = find(file, node, addresses, sizeof addresses);
    fclose(file);
    *ret = NULL;
    numeric.ai_flags |= AI_NUMERICHOST;
    for (char *word = strtok_r(addresses, " \n", &rest); word && code == 0;
         word = strtok_r(NULL, " \n", &rest)) {
        code = real()(word, service, &numeric, &one);
        if (code == 0 && last) {
            last->ai_next = one;
        } else if (code == 0) {
            *ret = one;
        }
        for (last = code == 0 ? one : last; last && last->ai_next; last = last->ai_next) {}
    }
    return code;
}
