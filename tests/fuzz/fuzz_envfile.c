#include "app/settings.h"
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "redai/base/secret.h"

/* An env file of anything; the address that it gives is one, or the error says what is wrong in plain letters
 * and without the password. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s = {0};
    struct err err = {0};
    char path[64];
    int fd = memfd_create("env", MFD_CLOEXEC);
    DEMAND(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    options_init(&s.options);
    if (envfile_read(&s, path, &err)) {
        const char *url = option_text(&s.options, OPTION_URL);
        struct address a;
        if (url && address_parse(&a, url, &err)) {
            DEMAND(a.host && *a.host);
            address_release(&a);
        }
    }
    DEMAND(!err.code || (err.text[0] && !strpbrk(err.text, "\033\n")));
    secret_forget(&s.sentinel_password);
    envfile_forget(&s.told);
    options_release(&s.options);
    close(fd);
    return 0;
}
