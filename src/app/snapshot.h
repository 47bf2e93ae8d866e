/* snapshot: one look, or one every so often, printed, with an exit code for checks. Private to app. */
#ifndef REDAI_APP_SNAPSHOT_H
#define REDAI_APP_SNAPSHOT_H

#include "observer.h"

/* The exit code of what the model knows now. */
int snapshot_verdict(const struct model *m);
/* A first reading tells enough by now, or nothing more will come. */
bool snapshot_is_enough(const struct observer *o, int64_t past_us);
/* Appends it as --format says; skipped: readings that nobody took so far, -1: there is only one. */
void snapshot_print(const struct settings *s, const struct model *m, int64_t skipped, UT_string *out);

/* The newest read of that is good, and not old: what was read before is not what is there now. */
static inline bool snapshot_has(const struct model *m, enum topic topic)
{
    return model_redis_reachable(m) && !model_topic(m, topic)->failed && !model_topic_stale(m, topic);
}

/* snapshot_watch.c: --watch on the command line. */
bool snapshot_watches(const struct settings *s);
/* False with err: --watch or --count are not as a snapshot takes them. */
bool snapshot_watch_check(const struct settings *s, struct err *err);
int snapshot_watch(struct settings *s, struct ev_loop *loop);

/* snapshot_text.c, snapshot_json.c, snapshot_nagios.c: with a line end. */
void snapshot_text(const struct model *m, UT_string *out);
void snapshot_json(const struct model *m, int64_t skipped, UT_string *out);
/* Rules that are watched: several things may have rows of one. */
size_t snapshot_rules(const struct model *m);
size_t snapshot_unknown(const struct model *m); /* of these: could not be judged */
/* One line as monitoring plugins print it: state, alerts, `|` and figures with their limits. */
void snapshot_nagios(const struct model *m, int code, UT_string *out);

#endif
