/* topic: how fresh each part of the state is. */
#include "model_priv.h"

/* How often a topic is read when all is well, and at most how seldom by its options; 0: it comes by itself
 * and does not age. Longer intervals are learned from the reads, shorter ones change nothing: irregular reads
 * in a busy minute must not grey the quiet one after. */
static const struct {
    int64_t least_us, most_us;
} pace[TOPIC_COUNT] = {
    [TOPIC_SERVER] = {US_PER_S, 60 * US_PER_S},
    [TOPIC_SESSIONS] = {60 * US_PER_S, 86400 * US_PER_S}, /* the census */
    [TOPIC_CACHE] = {60 * US_PER_S, 86400 * US_PER_S},
    [TOPIC_QUEUES] = {US_PER_S, 60 * US_PER_S},
    [TOPIC_BATCHES] = {US_PER_S, 60 * US_PER_S},
    [TOPIC_TASKS] = {10 * US_PER_S, 60 * US_PER_S},
    [TOPIC_WORKERS] = {10 * US_PER_S, 60 * US_PER_S},
    [TOPIC_COMMANDS] = {5 * US_PER_S, 60 * US_PER_S}, /* often while they are looked at, else seldom */
    [TOPIC_CLIENTS] = {5 * US_PER_S, 60 * US_PER_S},
    [TOPIC_SLOWLOG] = {5 * US_PER_S, 60 * US_PER_S},
    [TOPIC_LATENCY] = {5 * US_PER_S, 60 * US_PER_S},
};

enum { STALE_INTERVALS = 3 };
#define SAME_READ_US (US_PER_S / 10) /* two reports this close tell of one read */

void topic_init(struct model *m)
{
    for (int i = 0; i < TOPIC_COUNT; i++) {
        m->topic[i].view.ok_at_us = -1;
    }
}

void topic_read_ok(struct model *m, enum topic topic)
{
    struct topic_state *t = &m->topic[topic];
    int64_t interval = t->view.ok_at_us < 0 ? 0 : m->now_us - t->view.ok_at_us;
    if (t->view.ok_at_us < 0 || interval >= SAME_READ_US) {
        t->interval_us[1] = t->interval_us[0];
        t->interval_us[0] = interval;
        t->view.ok_at_us = m->now_us;
    }
    t->view.failed = false;
    t->view.error[0] = '\0';
    t->resync = false;
    if (topic == TOPIC_QUEUES) {
        queue_read_ok(m);
    } else if (topic == TOPIC_BATCHES) {
        batch_read_ok(m);
    }
    model_retitle(m, topic);
}

void topic_heard(struct model *m, enum topic topic)
{
    if (!m->topic[topic].view.failed) {
        topic_read_ok(m, topic);
    }
}

void topic_poll(struct model *m, const struct fact_poll *f)
{
    if ((unsigned)f->topic >= TOPIC_COUNT) {
        return;
    }
    if (f->ok) {
        topic_read_ok(m, f->topic);
        return;
    }
    struct topic_view *view = &m->topic[f->topic].view;
    view->failed = true;
    model_show(view->error, sizeof(view->error), f->error, NAME_COLS);
    model_touch(m, f->topic);
}

void topic_events_lost(struct model *m, enum site site)
{
    static const unsigned fed[SITE_COUNT] = {
        [SITE_APP] = 1u << TOPIC_SESSIONS | 1u << TOPIC_CACHE | 1u << TOPIC_BATCHES,
        [SITE_BROKER] = 1u << TOPIC_TASKS | 1u << TOPIC_WORKERS,
        [SITE_RESULTS] = 1u << TOPIC_BATCHES | 1u << TOPIC_TASKS,
    };
    for (int i = 0; i < TOPIC_COUNT; i++) {
        if (fed[site] & 1u << i) {
            m->topic[i].resync = true;
            model_touch(m, (enum topic)i);
        }
    }
}

bool topic_is_read(enum topic topic)
{
    return pace[topic].least_us > 0;
}

int64_t topic_usual_us(const struct model *m, enum topic topic)
{
    const struct topic_state *t = &m->topic[topic];
    /* One long interval is a gap, two are how it is. */
    int64_t learned = t->interval_us[0] < t->interval_us[1] ? t->interval_us[0] : t->interval_us[1];
    learned = learned < pace[topic].most_us ? learned : pace[topic].most_us;
    return learned > pace[topic].least_us ? learned : pace[topic].least_us;
}

const struct topic_view *model_topic(const struct model *m, enum topic topic)
{
    return &m->topic[topic].view;
}

int64_t model_topic_age_us(const struct model *m, enum topic topic)
{
    int64_t ok_at = m->topic[topic].view.ok_at_us;
    return ok_at < 0 ? -1 : m->now_us - ok_at;
}

bool model_topic_stale(const struct model *m, enum topic topic)
{
    const struct topic_state *t = &m->topic[topic];
    if (topic == TOPIC_ALERTS) {
        return model_topic_stale(m, TOPIC_SERVER);
    }
    if (pace[topic].least_us == 0) {
        return t->view.failed;
    }
    /* With the link away nothing is awaited: what is old is old. */
    bool awaited = site_answers(m, model_topic_site(topic)) &&
                   (topic != TOPIC_TASKS || !model_site_is_away(m, SITE_RESULTS));
    int64_t usual_us = awaited ? topic_usual_us(m, topic) : US_PER_S;
    return t->view.ok_at_us < 0 || t->view.failed || t->resync ||
           model_topic_age_us(m, topic) > STALE_INTERVALS * usual_us;
}
