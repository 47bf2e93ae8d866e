/* doctor: the questions of the preflight, asked once in steps: each step sends what the budget allows until
 * it has sent all, and the next one begins when all is answered. Nothing is written. Part of collect_priv.h.
 */
#ifndef REDAI_COLLECT_DOCTOR_H
#define REDAI_COLLECT_DOCTOR_H

#include "redai/base/container.h"

#include "redai/link/link.h"

struct collect;
struct permission_probe;

enum { DOCTOR_PAGES = 10, DOCTOR_PAGE_KEYS = 1000, DOCTOR_SAMPLE = 8 };

/* Keys that are looked for by a pattern, page by page, in a bounded walk. */
struct doctor_walk {
    char cursor[24];
    unsigned pages;
    bool over, whole; /* whole: to the end of the keyspace */
};

struct doctor {
    bool running;
    unsigned round; /* answers to an older one are dropped */
    size_t step;
    size_t sent; /* questions of the step */
    size_t in_flight;
    int64_t begun_us, until_us;
    char user[128]; /* as ACL WHOAMI tells it; "" unknown */
    bool no_list;   /* COMMAND LIST is not there */
    bool one_each;  /* CONFIG GET takes one name */
    bool asked_all; /* ... and was asked for all at once */
    struct doctor_walk walk;
    char prefix[80]; /* of Celery's keys; "" none was met */
    UT_array number; /* of int64_t: exam ids that cached keys begin with */
    int64_t results, lasting, longest_ms;
    struct {
        size_t len;
        char key[120];
    } sample[DOCTOR_SAMPLE];
    size_t samples;
    bool dry; /* ACL DRYRUN answers */
    struct permission_probe *probe;
};

/* doctor.c */
void doctor_step(struct collect *c, int64_t now_us);
void doctor_end(struct collect *c, const char *why); /* "": it was finished */
void doctor_clear(struct collect *c);
/* Sends a question of the running step; fn gets the reply (never NULL) and its index. False: not now. */
typedef void (*doctor_fn)(struct collect *c, size_t index, const struct reply *r);
bool doctor_ask(struct collect *c, struct link *l, doctor_fn fn, size_t index, size_t argc,
                const struct span *args);
void doctor_tell(struct collect *c, const char *name, struct span value);
void doctor_tell_number(struct collect *c, const char *name, int64_t value);
void doctor_tell_unknown(struct collect *c, const char *name, struct span why);
/* Steps: true when all of it was sent. doctor_server.c */
bool doctor_time(struct collect *c);
bool doctor_server(struct collect *c);
bool doctor_settings(struct collect *c);
/* doctor_keys.c */
bool doctor_prefix(struct collect *c);
bool doctor_overlap(struct collect *c);
bool doctor_results(struct collect *c);
bool doctor_batch(struct collect *c);
/* doctor_permission.c */
bool doctor_dry(struct collect *c);
bool doctor_permissions(struct collect *c);
void doctor_probe_free(struct collect *c);

#endif
