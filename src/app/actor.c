#include "actor.h"

#include "redai/base/log.h"

void actor_init(struct actor *a, struct ev_loop *loop, struct settings *s,
                const struct runner_options *callbacks, link_state_fn on_state, void *state_ctx)
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
    struct link_options link = {.name = "act",
                                .address = &s->address,
                                .db = -1,
                                .no_touch = true,
                                .on_state = on_state,
                                .user = state_ctx};
    a->act = link_new(loop, &link);
    link.name = "act-result";
    link.db = (int)option_number(&s->options, OPTION_RESULT_DB);
    link.on_state = NULL;
    a->result = link_new(loop, &link);
    struct runner_options options = *callbacks;
    options.loop = loop;
    options.act = a->act;
    options.result = a->result;
    options.db = s->address.db;
    options.address = &s->address;
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
    link_start(a->result);
}

void actor_release(struct actor *a)
{
    runner_free(a->runner);
    link_free(a->act);
    link_free(a->result);
    journal_close(a->journal);
}

bool actor_owns_client(const struct actor *a, int64_t id)
{
    return id >= 0 && (id == link_client_id(a->act) || id == link_client_id(a->result));
}
