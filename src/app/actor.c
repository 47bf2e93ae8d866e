#include "actor.h"

#include "redai/base/log.h"

static struct link *open_link(struct ev_loop *loop, const char *name, const struct address *address,
                              link_state_fn on_state, void *state_ctx)
{
    return link_new(loop, &(struct link_options){.name = name,
                                                 .address = address,
                                                 .db = -1,
                                                 .no_touch = true,
                                                 .on_state = on_state,
                                                 .user = state_ctx});
}

static void open_links(struct actor *a, struct ev_loop *loop, const struct settings *s,
                       link_state_fn on_state, link_state_fn on_broker, void *state_ctx)
{
    a->broker_apart = site_is_apart(s, &s->broker);
    a->results_apart = site_is_apart(s, &s->results);
    bool shared =
        !a->broker_apart && s->broker.db == s->address.db && address_same_user(&s->broker, &s->address);
    utstring_init(&a->broker_where);
    if (a->broker_apart || s->broker.db != s->address.db) {
        address_show(&s->broker, &a->broker_where);
    }
    a->act = open_link(loop, "act", &s->address, shared && !on_state ? on_broker : on_state, state_ctx);
    a->broker = shared ? a->act : open_link(loop, "act-broker", &s->broker, on_broker, state_ctx);
    a->result = open_link(loop, "act-result", &s->results, NULL, NULL);
}

void actor_init(struct actor *a, struct ev_loop *loop, struct settings *s,
                const struct runner_options *callbacks, link_state_fn on_state, link_state_fn on_broker,
                void *state_ctx)
{
    UT_string shown;
    *a = (struct actor){.journal = NULL};
    utstring_init(&shown);
    address_show(&s->address, &shown);
    /* With --read-only nothing is ever done, so there is nothing to write down and no folder to make. */
    if (!option_on(&s->options, OPTION_READ_ONLY)) {
        a->journal =
            journal_open(option_text(&s->options, OPTION_JOURNAL), utstring_body(&shown), &a->journal_error);
    }
    utstring_done(&shown);
    open_links(a, loop, s, on_state, on_broker, state_ctx);
    struct runner_options options = *callbacks;
    options.loop = loop;
    options.act = a->act;
    options.broker = a->broker;
    options.result = a->result;
    options.db = s->broker.db;
    options.broker_where = utstring_len(&a->broker_where) ? utstring_body(&a->broker_where) : NULL;
    options.broker_apart = a->broker_apart;
    options.results_apart = a->results_apart;
    options.address = &s->address;
    options.broker_address = &s->broker;
    options.read_only = option_on(&s->options, OPTION_READ_ONLY);
    options.strict = s->environment == ENVIRONMENT_PRODUCTION ? settings_place(s) : NULL;
    options.dry_run = option_on(&s->options, OPTION_DRY_RUN);
    options.routes = &s->routes;
    options.templates = &s->templates;
    options.families = model_families(s->model);
    options.journal = a->journal;
    options.origin = utstring_body(&s->origin);
    a->runner = runner_new(&options);
    link_start(a->act);
    if (a->broker != a->act) {
        link_start(a->broker);
    }
    link_start(a->result);
}

void actor_release(struct actor *a)
{
    runner_free(a->runner);
    if (a->broker != a->act) {
        link_free(a->broker);
    }
    link_free(a->act);
    link_free(a->result);
    utstring_done(&a->broker_where);
    journal_close(a->journal);
}

bool actor_owns_client(const struct actor *a, int64_t id)
{
    return id >= 0 &&
           (id == link_client_id(a->act) || (!a->broker_apart && id == link_client_id(a->broker)) ||
            (!a->results_apart && id == link_client_id(a->result)));
}

static void add_load(const struct link *l, int64_t *sent, int64_t *pending)
{
    *sent += link_cost(l).commands;
    *pending += (int64_t)link_pending(l);
}

void actor_load(const struct actor *a, int64_t *ret_sent, int64_t *ret_pending)
{
    *ret_sent = *ret_pending = 0;
    add_load(a->act, ret_sent, ret_pending);
    if (a->broker != a->act && !a->broker_apart) {
        add_load(a->broker, ret_sent, ret_pending);
    }
    if (!a->results_apart) {
        add_load(a->result, ret_sent, ret_pending);
    }
}
