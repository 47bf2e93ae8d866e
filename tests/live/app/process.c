#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The fields of /proc/PID/stat behind the name, which may hold anything; "" when it has gone. */
static const char *stat_of(const struct pty *p)
{
    static char text[1024];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", pty_pid(p));
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) {
        fclose(f);
    }
    text[n] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end && name_end[1] ? name_end + 2 : "";
}

int64_t process_cpu_us(const struct pty *p)
{
    enum { USER = 11, SYSTEM = 12, US_PER_SECOND = 1000000 }; /* fields of proc(5), counted from the state */
    const char *at = stat_of(p);
    int64_t ticks = 0;
    for (int field = 0; *at && field <= SYSTEM; field++) {
        ticks += field == USER || field == SYSTEM ? strtoll(at, NULL, 10) : 0;
        at += strcspn(at, " ");
        at += *at == ' ';
    }
    return ticks * US_PER_SECOND / sysconf(_SC_CLK_TCK);
}

int64_t process_memory_bytes(const struct pty *p)
{
    char path[64];
    long long all, resident = 0, shared = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pty_pid(p));
    FILE *f = fopen(path, "r");
    if (f) {
        if (fscanf(f, "%lld %lld %lld", &all, &resident, &shared) != 3) {
            resident = shared = 0;
        }
        fclose(f);
    }
    return (resident - shared) * sysconf(_SC_PAGESIZE);
}
