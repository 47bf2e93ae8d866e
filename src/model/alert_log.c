/* alert_log: the transitions that somebody may want to read later, the last of them. */
#include "model_priv.h"

/* The texts are in one piece of memory. */
static void release(struct alert_change *c)
{
    mem_free(c->rule);
}

static void put_texts(struct alert_change *c, const char *rule, const char *object, const char *text)
{
    size_t one = strlen(rule) + 1;
    size_t two = strlen(object) + 1;
    size_t three = strlen(text) + 1;
    c->rule = mem_zalloc(one + two + three);
    c->object = c->rule + one;
    c->text = c->object + two;
    memcpy(c->rule, rule, one);
    memcpy(c->object, object, two);
    memcpy(c->text, text, three);
}

void alert_log_add(struct model *m, const struct alert_watch *w, const struct alert_thing *t,
                   enum alert_state from, enum alert_state to, const char *text)
{
    struct alert_log *log = &m->alert.log;
    char message[sizeof(((struct alert *)0)->text)];
    if (!log->row) {
        log->row = mem_zalloc(ALERT_LOG_MAX * sizeof(*log->row));
    }
    if (log->count == ALERT_LOG_MAX) {
        release(&log->row[log->first]);
        log->first = (log->first + 1) % ALERT_LOG_MAX;
        log->count--;
    }
    if (!text) {
        alert_say(m, w, t, message, sizeof(message));
    }
    struct alert_change *c = &log->row[(log->first + log->count++) % ALERT_LOG_MAX];
    *c = (struct alert_change){
        .number = ++log->number,
        .at_us = m->now_us,
        .wall_us = m->wall_us,
        .from = from,
        .to = to,
        .severity = w->rule->severity,
        .value = t->value,
        .metric = w->rule->metric,
        .veil = rule_metric_about(w->rule->metric),
    };
    /* At rest the whole shows the worst thing's name; what happens to it is of no single thing. */
    bool of_all = t == w->whole && metric_source((size_t)w->rule->metric)->each;
    put_texts(c, w->rule->name, of_all ? "" : t->display, text ? text : message);
    model_touch(m, TOPIC_ALERTS);
}

void alert_log_release(struct alert_log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        release(&log->row[(log->first + i) % ALERT_LOG_MAX]);
    }
    mem_free(log->row);
}

size_t model_alert_log_count(const struct model *m)
{
    return m->alert.log.count;
}

const struct alert_change *model_alert_log_at(const struct model *m, size_t i)
{
    const struct alert_log *log = &m->alert.log;
    return i < log->count ? &log->row[(log->first + i) % ALERT_LOG_MAX] : NULL;
}

/* Numbers are without gaps. */
const struct alert_change *model_alert_change(const struct model *m, uint64_t number)
{
    const struct alert_change *first = model_alert_log_at(m, 0);
    return first && number >= first->number ? model_alert_log_at(m, (size_t)(number - first->number)) : NULL;
}

const struct alert *model_alert_of_change(const struct model *m, const struct alert_change *c)
{
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        bool of_things = rule_metrics[a->rule->metric].of != TARGET_NONE;
        if (strcmp(a->rule->name, c->rule) == 0 && (!of_things || strcmp(a->object, c->object) == 0)) {
            return a;
        }
    }
    return NULL;
}
