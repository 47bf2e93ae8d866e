/* Facts with any numbers and bytes at all: whatever fact_read lets through, the model bears. */
#include "model/fact_members.h"
#include "story.h"

#include <math.h>
#include <stdio.h>

enum { MEMBERS_MAX = 40 };

struct dice {
    uint64_t seed;
};

static uint64_t roll(struct dice *d)
{
    d->seed = d->seed * 6364136223846793005u + 1442695040888963407u;
    return d->seed >> 16;
}

static int64_t any_number(struct dice *d)
{
    static const int64_t edges[] = {INT64_MIN, INT64_MIN + 1, -2,       -1, 0, 1, 2, 100,
                                    1000000,   INT64_MAX - 1, INT64_MAX};
    return roll(d) % 3 ? edges[roll(d) % COUNT_OF(edges)] : (int64_t)(roll(d) << 16);
}

static void set_info(struct dice *d, struct info *info)
{
    info_clear(info);
    for (size_t i = 0; i < info_number_count; i++) {
        int64_t value = any_number(d);
        memcpy((char *)info + info_number_rows[i].offset, &value, sizeof(value));
    }
    for (int i = 0; i < INFO_DBS; i++) {
        info->db[i].keys = any_number(d);
    }
    snprintf(info->run_id, sizeof(info->run_id), "%d", (int)(roll(d) % 3));
    info->mem_fragmentation_ratio = (double)any_number(d);
}

static struct span any_text(struct dice *d, char *place)
{
    size_t len = roll(d) % 24;
    for (size_t i = 0; i < len; i++) {
        place[i] = (char)(roll(d) % 5 ? 'a' + (char)(roll(d) % 3) : (char)roll(d));
    }
    return span_make(place, len);
}

static void set_member(struct dice *d, const struct member *row, struct fact *f, char *text)
{
    static const double reals[] = {(double)NAN, (double)INFINITY, -1, 0, 1e300, 50};
    static const char *const states[] = {"in_progress", "completed", "failed",  "SUCCESS", "PROGRESS", "",
                                         "STARTED",     "RETRY",     "FAILURE", "REVOKED"};
    char *place = (char *)f + row->offset;
    int64_t four[4] = {any_number(d), any_number(d), any_number(d), any_number(d)};
    double real = reals[roll(d) % COUNT_OF(reals)];
    unsigned word = (unsigned)(roll(d) % (row->word_count ? row->word_count : 5));
    bool yes = roll(d) % 2;
    bool is_state = strcmp(row->name, "state") == 0 || strcmp(row->name, "status") == 0;
    /* The same few, so that one thing is told of many times. */
    static const char *const names[] = {"a", "b", "c", "d\x1b", "w1", "w2"};
    bool is_name = strcmp(row->name, "id") == 0 || strcmp(row->name, "worker") == 0 ||
                   strcmp(row->name, "queue") == 0 || strcmp(row->name, "name") == 0;
    struct span s = is_name && roll(d) % 2 ? span_of(names[roll(d) % COUNT_OF(names)])
                    : is_state             ? span_of(states[roll(d) % COUNT_OF(states)])
                                           : any_text(d, text);
    switch (row->type) {
    case MEMBER_SPAN:
        memcpy(place, &s, sizeof(s));
        break;
    case MEMBER_I64:
        memcpy(place, four, sizeof(four[0]));
        break;
    case MEMBER_FOUR:
        memcpy(place, four, sizeof(four));
        break;
    case MEMBER_REAL:
        memcpy(place, &real, sizeof(real));
        break;
    case MEMBER_BOOL:
        memcpy(place, &yes, sizeof(yes));
        break;
    case MEMBER_INFO:
        set_info(d, &f->server.info);
        break;
    default:
        memcpy(place, &word, sizeof(word));
    }
}

static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            return false;
        }
    }
    return true;
}

static void look_at_celery(const struct model *m)
{
    size_t in_states = 0;
    for (int i = 0; i < TASK_STATE_COUNT; i++) {
        in_states += model_tasks_in(m, (enum task_state)i);
    }
    assert_int_equal(in_states, model_task_count(m));
    for (size_t i = 0; i < model_task_count(m); i++) {
        const struct task *t = model_task_at(m, i);
        assert_true(is_printable(t->display_id) && is_printable(t->name) && is_printable(t->worker));
        assert_true(is_printable(t->queue) && is_printable(t->exception) && is_printable(t->celery_state));
        assert_true(is_printable(t->text) && (unsigned)t->state < TASK_STATE_COUNT);
        assert_true(isnan(t->part) || (t->part >= 0 && t->part <= 1));
        assert_ptr_equal(model_task_find(m, span_make(t->id, t->id_len)), t);
    }
    for (size_t i = 0; i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        assert_true(is_printable(w->display) && is_printable(w->pool) && is_printable(w->software));
        assert_true(is_printable(w->queues) && (unsigned)w->state < WORKER_STATE_COUNT);
    }
    for (int by = 0; by < TASK_BY_COUNT; by++) {
        const struct task_group *group = NULL;
        size_t count = model_task_groups(m, (enum task_group_by)by, &group);
        for (size_t i = 0; i < count; i++) {
            assert_true(is_printable(group[i].name) && group[i].total > 0 && group[i].example);
        }
    }
    const char *const *names = NULL;
    (void)model_registered(m, &names);
    assert_true(model_tasks_unlisted(m) >= -1);
}

/* What a pane would read. */
static void look_around(const struct model *m)
{
    for (size_t i = 0; i < model_session_count(m); i++) {
        const struct session *row = model_session_at(m, i);
        assert_true(is_printable(row->user_id) && is_printable(row->name) && is_printable(row->email));
        assert_true(is_printable(row->role) && is_printable(row->short_id));
    }
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue *row = model_queue_at(m, i);
        assert_true(is_printable(row->display) && is_printable(row->consumer_names));
        assert_true(is_printable(row->next_id) && is_printable(row->next_name));
    }
    for (size_t i = 0; i < model_batch_count(m); i++) {
        const struct batch *row = model_batch_at(m, i);
        assert_true(is_printable(row->display_id) && is_printable(row->status) && is_printable(row->error));
        assert_true(isnan(row->part) || (row->part >= 0 && row->part <= 1));
        assert_true(isnan(row->left_s) || row->left_s >= 0);
    }
    for (size_t i = 0; i < model_family_count(m); i++) {
        const struct family *row = model_family_at(m, i);
        assert_true(is_printable(row->name) && row->keys >= 0 && row->bytes_estimate >= -1);
    }
    look_at_celery(m);
    for (size_t i = 0; i < model_alert_count(m); i++) {
        const struct alert *a = model_alert_at(m, i);
        assert_true(is_printable(a->text) && is_printable(a->object) && is_printable(a->reason));
        assert_ptr_equal(model_alert_find(m, span_make(a->id, a->id_len)), a);
    }
    for (size_t i = 0; i < model_alert_log_count(m); i++) {
        const struct alert_change *c = model_alert_log_at(m, i);
        assert_true(is_printable(c->text) && is_printable(c->object));
        assert_true(c->from != c->to || c->to == ALERT_MUTED); /* muted for longer */
    }
    for (int i = 0; i < TOPIC_COUNT; i++) {
        assert_true(is_printable(model_topic(m, (enum topic)i)->error));
        (void)model_topic_stale(m, (enum topic)i);
    }
}

/* Growth of whatever is told, besides the rules of the house. */
static void add_rules(struct model *m)
{
    static const char *const lines[][8] = {
        {"a", "when", "rate", "queue.depth", "over", "5s", ">", "1"},
        {"b", "when", "change", "cache.without_ttl", "over", "1m", "<", "-1"},
        {"c", "when", "rate", "server.used_memory", "over", "10s", ">=", "0"},
    };
    struct err err;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_true(rules_set(model_rules(m), COUNT_OF(lines[i]), lines[i], &err));
    }
}

static void model__bears__any_facts(void **state)
{
    (void)state;
    struct dice d = {99};
    static char text[MEMBERS_MAX][32]; /* of one fact */
    for (int round = 0; round < 20; round++) {
        struct model *m = model_new();
        add_rules(m);
        int64_t now = round % 2 ? 1000 * SECOND : 0;
        for (int i = 0; i < 4000; i++) {
            struct fact f;
            memset(&f, 0, sizeof(f));
            f.kind = (enum fact_kind)(roll(&d) % FACT_KIND_COUNT);
            now += (int64_t)(roll(&d) % (2 * SECOND));
            f.at_us = roll(&d) % 500 ? now : round > 15 ? any_number(&d) : now;
            f.wall_us = roll(&d) % 50 ? now : any_number(&d);
            assert_true(fact_members[f.kind].count <= MEMBERS_MAX);
            for (size_t k = 0; k < fact_members[f.kind].count; k++) {
                set_member(&d, &fact_members[f.kind].row[k], &f, text[k]);
            }
            model_apply(m, &f);
            model_judge(m);
            if (i % 100 == 0) {
                look_around(m);
            }
        }
        look_around(m);
        model_free(m);
    }
}

static void model__free__takes_null(void **state)
{
    (void)state;
    model_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model__bears__any_facts),
        cmocka_unit_test(model__free__takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
