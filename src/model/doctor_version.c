/* doctor_version: versions with known trouble. A row is one series of Redis and the first of its versions
 * that is free of it, with where that is said. Distributions mend holes without a new number, so a number can
 * only raise the question. */
#include "model_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/num.h"

#define RELEASE  "github.com/redis/redis/releases/tag/"
#define IMAGES   "github.com/docker-library/official-images/pull/20011"
#define SECURITY "github.com/redis/redis/security/policy"

enum { NO_FIX = 1000000 };

static const struct {
    int major, minor, patch; /* free of it from here on; NO_FIX: no version of the series is */
    enum severity severity;
    const char *what, *source;
} rows[] = {
    /* The worst first: one is told. */
    {7, 0, 14, SEVERITY_WARNING, "CVE-2023-45145 (unix socket open to others at the start) and older holes",
     RELEASE "7.0.14"},
    {7, 0, 15, SEVERITY_WARNING, "CVE-2023-41056 (heap overflow when buffers are resized)", RELEASE "7.0.15"},
    {7, 0, NO_FIX, SEVERITY_INFO,
     "the series has ended; CVE-2025-49844 (Lua: code may be run by who may EVAL) is mended by distributions "
     "alone",
     IMAGES},
    {7, 2, 4, SEVERITY_WARNING, "CVE-2023-41056 (heap overflow when buffers are resized)", RELEASE "7.2.4"},
    {7, 2, 7, SEVERITY_WARNING, "CVE-2024-46981 (Lua: code may be run)", RELEASE "7.2.7"},
    {7, 2, 11, SEVERITY_WARNING, "CVE-2025-49844 (Lua: code may be run)", IMAGES},
    {7, 4, 2, SEVERITY_WARNING, "CVE-2024-46981 (Lua: code may be run)", RELEASE "7.4.2"},
    {7, 4, 6, SEVERITY_WARNING, "CVE-2025-49844 (Lua: code may be run)", IMAGES},
    {8, 0, 4, SEVERITY_WARNING, "CVE-2025-49844 (Lua: code may be run)", IMAGES},
    {8, 2, 2, SEVERITY_WARNING, "CVE-2025-49844 (Lua: code may be run)", IMAGES},
    {6, 2, 14, SEVERITY_WARNING, "CVE-2023-45145 (unix socket open to others at the start)",
     RELEASE "6.2.14"},
    {6, 2, 17, SEVERITY_WARNING, "CVE-2024-46981 (Lua: code may be run)", RELEASE "6.2.17"},
    {6, 2, 20, SEVERITY_WARNING, "CVE-2025-49844 (Lua: code may be run)", IMAGES},
};

static bool read_version(const char *text, int64_t part[3])
{
    struct span rest = span_of(text);
    for (int i = 0; i < 3; i++) {
        size_t end = span_find(rest, '.');
        if (!num_i64_range(span_head(rest, end), 0, 1000, &part[i])) {
            return false;
        }
        rest = span_skip(rest, end + 1);
    }
    return true;
}

void doctor_judge_version(struct judging *j)
{
    const char *version = j->m->server.view.info.redis_version;
    int64_t v[3];
    if (!doctor_has_info(j)) {
        return;
    }
    if (!read_version(version, v)) {
        doctor_unknown(j, "this console does not know the version \"%s\"", version);
        return;
    }
    if (v[0] < 6 || (v[0] == 6 && v[1] < 2)) {
        doctor_bad(j, SEVERITY_WARNING, "%s is not maintained any more (" SECURITY ")", version);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].major == v[0] && rows[i].minor == v[1] && v[2] < rows[i].patch) {
            doctor_bad(j, rows[i].severity, "%s: %s", version, rows[i].what);
            if (rows[i].patch == NO_FIX) {
                doctor_fix(j, "see the changelog of your package, or go to 7.2.11 (%s)", rows[i].source);
            } else {
                doctor_fix(j, "update to %d.%d.%d or later, or see your package's changelog (%s)",
                           rows[i].major, rows[i].minor, rows[i].patch, rows[i].source);
            }
            return;
        }
    }
    doctor_good(j, "%s: no trouble known to this console", version);
}
