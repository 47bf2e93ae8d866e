#include "app/console.h"
#include "app/settings.h"
#include "fuzz/fuzz.h"

#include "redai/model/rule.h"

/* Of the room collect, which has no part in it. */
void collect_add_queue(struct collect *c, struct span name)
{
    (void)c;
    (void)name;
}

static void check(struct settings *s)
{
    UT_string shown;
    struct err err = {0};
    utstring_init(&shown);
    for (unsigned i = 0; i < utarray_len(&s->connections); i++) {
        const struct named_connection *c =
            (const struct named_connection *)utarray_eltptr(&s->connections, i);
        DEMAND(c->name[0] && (unsigned)c->environment < ENVIRONMENT_COUNT);
        utstring_clear(&shown);
        utstring_printf(&shown, "@%s", c->name);
        /* A connection that was taken can be opened, but for a TLS option that fits no such address. */
        if (!settings_address(s, utstring_body(&shown), &err)) {
            DEMAND(err.text[0] && !strpbrk(err.text, "\033\n"));
        }
    }
    for (unsigned i = 0; i < utarray_len(&s->queues); i++) {
        DEMAND(**(char **)utarray_eltptr(&s->queues, i));
    }
    for (size_t i = 0; i < templates_count(&s->templates); i++) {
        const struct template *t = templates_at(&s->templates, i);
        DEMAND(t->name[0] && t->task[0] && templates_find(&s->templates, t->name));
    }
    DEMAND(*routes_queue(&s->routes, "api.tasks.test_redis_task"));
    DEMAND(rules_count(model_rules(s->model)) > 0);
    utstring_done(&shown);
}

/* A configuration file of anything, with all that one may hold; what it says is whole, taken or not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings s;
    struct command_set set = {0};
    struct err err = {0};
    char *text = span_dup(INPUT);
    settings_init(&s);
    settings_join_config(&set, &s);
    char *line = strtok(text, "\n");          /* NOLINT(concurrency-mt-unsafe) */
    for (; line; line = strtok(NULL, "\n")) { /* NOLINT(concurrency-mt-unsafe) */
        if (!command_run_text(&set, "fuzz", line, &err)) {
            DEMAND(err.text[0] && !strpbrk(err.text, "\033\n"));
        }
    }
    check(&s);
    settings_release(&s);
    mem_free(text);
    return 0;
}
