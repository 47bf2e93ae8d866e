#include "alert_story.h"

#include <stdarg.h>
#include <stdio.h>

void alert_rule(struct story *s, const char *line)
{
    enum { WORDS = 32 };
    char text[300];
    const char *word[WORDS];
    size_t count = 0;
    char *rest = text;
    struct err err = {.code = ERR_NONE};
    snprintf(text, sizeof(text), "%s", line);
    for (char *w = strtok_r(text, " ", &rest); w && count < WORDS; w = strtok_r(NULL, " ", &rest)) {
        word[count++] = w;
    }
    if (!rules_set(model_rules(s->m), count, word, &err)) {
        fail_msg("%s: %s", line, err.text);
    }
}

const struct alert *find(const struct story *s, const char *rule, const char *thing)
{
    char id[300];
    int len = snprintf(id, sizeof(id), "%s%s%s", rule, *thing ? "\x1f" : "", thing);
    return model_alert_find(s->m, span_make(id, (size_t)len));
}

const struct alert *alert(const struct story *s, const char *rule, const char *thing)
{
    const struct alert *a = find(s, rule, thing);
    if (!a) {
        fail_msg("no alert %s of \"%s\"", rule, thing);
    }
    return a;
}

size_t rows(const struct story *s, const char *rule)
{
    const struct rules *r = model_rules(s->m);
    size_t i = 0;
    while (rules_at(r, i) && strcmp(rules_at(r, i)->name, rule) != 0) {
        i++;
    }
    return model_alerts_of(s->m, rules_at(r, i));
}

void judge_queues(struct story *s)
{
    story_tell(s, "poll topic=queues");
    model_judge(s->m);
}

void queues(struct story *s, int count, ...)
{
    va_list args;
    va_start(args, count);
    for (int i = 0; i < count; i++) {
        const char *name = va_arg(args, const char *);
        story_tell(s, "queue name=%s depth=%d,0,0,0", name, va_arg(args, int));
    }
    va_end(args);
    judge_queues(s);
}

const char *log_from(const struct story *s, size_t n)
{
    static char text[2000];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = n; i < model_alert_log_count(s->m); i++) {
        const struct alert_change *c = model_alert_log_at(s->m, i);
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s%s", used ? ", " : "",
                                 alert_state_name[c->to], c->object[0] ? " " : "", c->object);
    }
    return text;
}
