#include "known_task.h"

#include "phrase.h"

#include "redai/base/utf8.h"

static bool has_template(const struct runner *r, const char *task)
{
    for (size_t i = 0; r->options.templates && i < templates_count(r->options.templates); i++) {
        if (strcmp(templates_at(r->options.templates, i)->task, task) == 0) {
            return true;
        }
    }
    return false;
}

void known_task_say(struct runner *r, const char *task)
{
    bool known = false;
    bool registered = r->options.is_registered && r->options.is_registered(r->options.ctx, task, &known);

    if (known && !registered) {
        char *shown = utf8_sanitise_dup(span_of(task), PHRASE_COLUMNS);
        plan_remark(&r->plan, "no worker that was asked knows %s: there it ends as FAILURE NotRegistered",
                    shown);
        mem_free(shown);
    } else if (!known && !has_template(r, task)) {
        plan_remark(&r->plan,
                    "no template names this task: a name that no worker knows ends as FAILURE NotRegistered");
    }
}
