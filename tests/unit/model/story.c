#include "story.h"

#include <math.h>
#include <stdio.h>

void story_begin(struct story *s)
{
    s->m = model_new();
    s->now_us = STORY_START;
    utstring_init(&s->scratch);
    story_wait_us(s, 0);
}

void story_end(struct story *s)
{
    model_free(s->m);
    utstring_done(&s->scratch);
}

void story_tell(struct story *s, const char *format, ...)
{
    char line[8192];
    int head = snprintf(line, sizeof(line), "%lld %lld ", (long long)s->now_us,
                        (long long)(STORY_WALL_US + s->now_us));
    va_list args;
    va_start(args, format);
    vsnprintf(line + head, sizeof(line) - (size_t)head, format, args);
    va_end(args);
    struct fact f;
    struct err err = {.code = ERR_NONE};
    if (!fact_read(&f, span_of(line), &s->scratch, &err)) {
        fail_msg("%s: %s", line, err.text);
    }
    model_apply(s->m, &f);
}

void story_wait_us(struct story *s, int64_t us)
{
    s->now_us += us;
    story_tell(s, "clock");
    model_judge(s->m);
}

const struct alert *story_alert(const struct story *s, const char *rule)
{
    for (size_t i = 0; i < model_alert_count(s->m); i++) {
        if (strcmp(model_alert_at(s->m, i)->rule->name, rule) == 0) {
            return model_alert_at(s->m, i);
        }
    }
    fail_msg("no alert %s", rule);
    return NULL;
}

const struct queue *story_queue(const struct story *s, const char *name)
{
    for (size_t i = 0; i < model_queue_count(s->m); i++) {
        if (strcmp(model_queue_at(s->m, i)->name, name) == 0) {
            return model_queue_at(s->m, i);
        }
    }
    return NULL;
}

const struct family *story_family(const struct story *s, const char *name)
{
    for (size_t i = 0; i < model_family_count(s->m); i++) {
        if (strcmp(model_family_at(s->m, i)->name, name) == 0) {
            return model_family_at(s->m, i);
        }
    }
    return NULL;
}

const struct batch *story_batch(const struct story *s, const char *id)
{
    return model_batch_find(s->m, span_of(id));
}

void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 0.001 * (fabs(expected) > 1 ? fabs(expected) : 1))) {
        fail_msg("%g is not about %g", value, expected);
    }
}
