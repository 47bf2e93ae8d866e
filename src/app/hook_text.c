#include "hook_text.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "redai/base/isotime.h"
#include "redai/base/json_out.h"

enum { OBJECT_BYTES = 1024 };

/* --- title --- */

static const char *worst(const struct model *m)
{
    static const char *const mark[SEVERITY_COUNT] = {"i", "!", "!!"};
    for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
        if (model_alerts_firing(m, (enum severity)s)) {
            return mark[s];
        }
    }
    return "";
}

void hook_title(const struct model *m, bool curtain, char *out, size_t size)
{
    const char *address = model_connection(m)->address;
    const struct span scheme = SPAN_LITERAL("redis://");
    char state[40] = "";
    size_t count = 0;
    for (int s = 0; s < SEVERITY_COUNT; s++) {
        count += model_alerts_firing(m, (enum severity)s);
    }
    if (count) {
        snprintf(state, sizeof state, "%s %zu ", worst(m), count);
    }
    address += span_starts(span_of(address), scheme) ? scheme.len : 0;
    snprintf(out, size, "%s%sredai %s", model_redis_reachable(m) ? "" : "? ", state,
             curtain ? "[CURTAIN]" : address);
}

/* --- the object --- */

/* The row the change was of, while there is one; any row of its rule otherwise. */
static const struct alert *row_of(const struct model *m, const struct alert_change *change, bool *ret_same)
{
    const struct alert *found = NULL;
    *ret_same = false;
    for (size_t i = 0; i < model_alert_count(m) && !*ret_same; i++) {
        const struct alert *a = model_alert_at(m, i);
        if (strcmp(a->rule->name, change->rule) == 0) {
            found = a;
            *ret_same = strcmp(a->object, change->object) == 0;
        }
    }
    return found;
}

static void add_time(UT_string *out, const char *name, int64_t wall_us)
{
    char text[ISOTIME_SIZE];
    isotime_format(wall_us, text, sizeof text);
    json_text(out, name, wall_us < 0 ? NULL : text);
}

static void add_cut(UT_string *out, const char *name, const char *text)
{
    char *copy = text && *text ? span_dup(span_head(span_of(text), OBJECT_BYTES)) : NULL;
    json_text(out, name, copy);
    mem_free(copy);
}

void hook_json(const struct model *m, const struct alert_change *change, UT_string *out)
{
    bool same;
    const struct alert *row = row_of(m, change, &same);
    const struct rule_metric *metric = change->metric >= 0 && (size_t)change->metric < rule_metric_count
                                           ? &rule_metrics[change->metric]
                                           : NULL;
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    json_open(out, NULL, '{');
    json_int(out, "schema", 1, 0);
    json_text(out, "event", alert_state_name[change->to]);
    json_int(out, "number", (int64_t)change->number, 0);
    json_text(out, "rule", change->rule);
    json_text(out, "severity", severity_name[change->severity]);
    json_text(out, "state", alert_state_name[change->to]);
    json_text(out, "from", alert_state_name[change->from]);
    add_cut(out, "object", change->object);
    json_text(out, "metric", metric ? metric->name : NULL);
    json_real(out, "value", change->value, 2);
    json_real(out, "threshold", row ? row->rule->value : NAN, 2);
    json_text(out, "unit", metric ? metric->unit : NULL);
    add_cut(out, "message", change->text);
    add_time(out, "since", row && same ? row->crossed_wall_us : -1);
    add_time(out, "at", change->wall_us);
    json_text(out, "address", model_connection(m)->address);
    json_open(out, "console", '{');
    json_text(out, "host", host);
    json_int(out, "pid", getpid(), 0);
    json_close(out, '}');
}
