/* actor: the acting side: its own links, the journal, and the runner with its gate. Console and shell verbs
 * share it. Private to app. */
#ifndef REDAI_APP_ACTOR_H
#define REDAI_APP_ACTOR_H

#include "settings.h"

#include "redai/action/runner.h"

struct actor {
    struct link *act;
    struct link *broker; /* act, unless the broker is elsewhere */
    struct link *result;
    UT_string broker_where; /* display; "" where the application is */
    bool broker_apart, results_apart;
    struct journal *journal; /* NULL when it could not be opened: journal_error says why */
    struct err journal_error;
    struct runner *runner;
};

/* callbacks: loop, on_*, bin, watch_us and ctx of options are used; the rest is filled in here. on_state and
 * on_broker may be NULL; where both share a link, on_state is called. */
void actor_init(struct actor *a, struct ev_loop *loop, struct settings *settings,
                const struct runner_options *callbacks, link_state_fn on_state, link_state_fn on_broker,
                void *state_ctx);
void actor_release(struct actor *a);
/* Commands sent to the application's server so far, and those whose reply has not come. */
void actor_load(const struct actor *a, int64_t *ret_sent, int64_t *ret_pending);
/* Whether the application's server knows one of its links by that number (CLIENT ID). */
bool actor_owns_client(const struct actor *a, int64_t id);

#endif
