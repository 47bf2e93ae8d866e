/* doctor_celery: checks on queues, workers and tasks. */
#include "model_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

#include "redai/model/task.h"
#include "redai/model/usage.h"
#include "redai/model/worker.h"

enum { SMALL = 32 };

static void about_queue(struct judging *j, const struct queue *q)
{
    doctor_about(j, q->display, VEIL_PLAIN, TARGET_QUEUE, span_make(q->name, q->name_len));
}

static void about_worker(struct judging *j, const struct worker *w)
{
    doctor_about(j, w->display, VEIL_NODE, TARGET_WORKER, span_make(w->name, w->name_len));
}

static void about_task(struct judging *j, const struct task *t)
{
    char id[24];
    snprintf(id, sizeof id, "%.8s", t->display_id);
    doctor_about(j, t->name[0] ? t->name : id, VEIL_PLAIN, TARGET_TASK, span_make(t->id, t->id_len));
}

static bool is_alive(const struct worker *w)
{
    return w->state == WORKER_STATE_ONLINE;
}

static size_t alive(const struct model *m)
{
    size_t count = 0;
    for (size_t i = 0; i < model_worker_count(m); i++) {
        count += is_alive(model_worker_at(m, i));
    }
    return count;
}

/* Queues and workers can be judged: they were read. */
static bool has_queues(struct judging *j)
{
    const struct topic_view *t = &j->m->topic[TOPIC_QUEUES].view;
    if (t->failed || t->ok_at_us < 0) {
        doctor_unknown(j, "the queues were not read%s%s", t->error[0] ? ": " : "", t->error);
        return false;
    }
    return true;
}

void doctor_judge_workers(struct judging *j)
{
    int64_t waiting = 0;
    size_t unheard = 0;
    if (!has_queues(j)) {
        return;
    }
    for (size_t i = 0; i < model_queue_count(j->m); i++) {
        int64_t depth = model_queue_at(j->m, i)->depth;
        waiting += depth > 0 ? depth : 0;
    }
    for (size_t i = 0; i < model_worker_count(j->m); i++) {
        unheard += model_worker_at(j->m, i)->state == WORKER_STATE_UNKNOWN;
    }
    if (alive(j->m)) {
        doctor_good(j, "%zu alive", alive(j->m));
    } else if (unheard) {
        doctor_unknown(j, "%zu have a mailbox, and none was heard so far", unheard);
    } else if (!doctor_has_broker(j->m)) {
        doctor_good(j, "no queues of Celery are here");
    } else if (waiting > 0) {
        doctor_bad(j, SEVERITY_CRITICAL, "no worker is alive, and %" PRId64 " task%s", waiting,
                   waiting == 1 ? " waits" : "s wait");
    } else {
        doctor_bad(j, SEVERITY_WARNING, "no worker is alive (nothing waits)");
    }
}

void doctor_judge_worker_state(struct judging *j)
{
    for (size_t i = 0; i < model_worker_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct worker *w = model_worker_at(j->m, i);
        if (w->state == WORKER_STATE_LOST) {
            doctor_bad(j, SEVERITY_CRITICAL, "lost: it has a mailbox or tasks, and nobody answers for it");
            about_worker(j, w);
        } else if (w->state == WORKER_STATE_ZOMBIE) {
            doctor_bad(j, SEVERITY_CRITICAL,
                       "a zombie: heartbeats come, but it takes no task and hears nobody");
            about_worker(j, w);
        }
    }
    if (!j->said) {
        doctor_good(j, "none is lost, none is a zombie");
    }
}

void doctor_judge_unconsumed(struct judging *j)
{
    char n[SMALL];
    if (!has_queues(j)) {
        return;
    }
    if (!model_consumers_known(j->m)) {
        if (alive(j->m)) {
            doctor_unknown(j, "not every worker has told yet what it consumes");
        } else if (doctor_has_broker(j->m)) {
            doctor_unknown(j, "no worker is there to tell what it consumes");
        } else {
            doctor_good(j, "no queues of Celery are here");
        }
        return;
    }
    for (size_t i = 0; i < model_queue_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct queue *q = model_queue_at(j->m, i);
        if (q->consumers == 0 && q->depth > 0) {
            doctor_bad(j, SEVERITY_CRITICAL, "no worker consumes it, and %s wait",
                       human_count(q->depth, n, sizeof n));
            about_queue(j, q);
        } else if (q->consumers == 0 && (q->sources & QUEUE_BOUND)) {
            doctor_bad(j, SEVERITY_INFO, "it is bound, and no worker consumes it (nothing waits)");
            about_queue(j, q);
        }
    }
    if (!j->said) {
        doctor_good(j, "every queue has a consumer");
    }
}

void doctor_judge_route(struct judging *j)
{
    static const char *const names[] = {"api.tasks.batch_generate_questions", "api.tasks.test_redis_task"};
    bool told[2] = {false, false};
    bool any = false;
    for (size_t i = 0; i < model_task_count(j->m) && !(told[0] && told[1]); i++) {
        const struct task *t = model_task_at(j->m, i);
        for (int k = 0; k < 2; k++) {
            bool is = strcmp(t->name, names[k]) == 0;
            any = any || is;
            if (is && !told[k] && strcmp(t->queue, "celery") == 0) {
                told[k] = true;
                doctor_bad(j, SEVERITY_INFO, "it goes to the queue celery");
                doctor_about(j, names[k], VEIL_PLAIN, TARGET_TASK, span_make(t->id, t->id_len));
            }
        }
    }
    if (!j->said && any) {
        doctor_good(j, "they do not go to the queue celery");
    } else if (!j->said) {
        doctor_unknown(j, "no task of these names is known");
    }
}

void doctor_judge_priorities(struct judging *j)
{
    static const int steps[] = {0, 3, 6, 9};
    if (!has_queues(j)) {
        return;
    }
    for (size_t i = 0; i < model_queue_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct queue *q = model_queue_at(j->m, i);
        for (int k = 1; k < 4; k++) {
            if (q->by_priority[k] > 0) {
                doctor_good(j, "in use: step %d has %" PRId64 " waiting (lower is served first)", steps[k],
                            q->by_priority[k]);
                about_queue(j, q);
                break;
            }
        }
    }
    if (!j->said) {
        doctor_good(j, "nothing waits with another priority than 0 to 2");
    }
}

void doctor_judge_prefix(struct judging *j)
{
    const char *prefix = doctor_text(j, "celery.prefix");
    if (!prefix) {
        return;
    }
    if (prefix[0]) {
        doctor_bad(j, SEVERITY_WARNING, "Celery's keys stand behind a prefix");
        doctor_about(j, prefix, VEIL_KEY, TARGET_NONE, S(""));
    } else {
        doctor_good(j, "no prefix is in use");
    }
}

/* --- how long tasks are held --- */

/* Of the workers that told it the shortest; Celery's own when none did. */
static int64_t visibility_s(const struct model *m, bool *ret_told)
{
    int64_t least = -1;
    for (size_t i = 0; i < model_worker_count(m); i++) {
        int64_t s = model_worker_at(m, i)->visibility_s;
        least = s > 0 && (least < 0 || s < least) ? s : least;
    }
    *ret_told = least > 0;
    return least > 0 ? least : VISIBILITY_DEFAULT_S;
}

static bool is_held(const struct task *t)
{
    return t->state == TASK_STATE_RUNNING || t->state == TASK_STATE_RESERVED ||
           t->state == TASK_STATE_SCHEDULED || t->state == TASK_STATE_ORPHANED;
}

/* For how long it will have been held when its eta comes, or is held now; -1 not known. */
static int64_t held_us(const struct model *m, const struct task *t)
{
    int64_t since = t->delivered_us >= 0 ? t->delivered_us : t->started_us;
    int64_t until = t->state == TASK_STATE_SCHEDULED && t->eta_us > m->wall_us ? t->eta_us : m->wall_us;
    return since < 0 || until < since ? -1 : until - since;
}

void doctor_judge_visibility(struct judging *j)
{
    bool told;
    int64_t limit = visibility_s(j->m, &told), longest = -1;
    const struct task *worst = NULL;
    char held[SMALL], most[SMALL];
    for (size_t i = 0; i < model_task_count(j->m); i++) {
        const struct task *t = model_task_at(j->m, i);
        int64_t us = is_held(t) ? held_us(j->m, t) : -1;
        if (us > longest) {
            longest = us;
            worst = t;
        }
    }
    human_duration(limit * US_PER_S, most, sizeof most);
    human_duration(longest, held, sizeof held);
    if (worst && longest / US_PER_S >= limit) {
        doctor_bad(j, SEVERITY_CRITICAL, "%s for %s: longer than the visibility timeout of %s%s",
                   worst->state == TASK_STATE_SCHEDULED ? "it waits for its eta" : "it is held", held, most,
                   told ? "" : " (Celery's own: no worker has told)");
        about_task(j, worst);
    } else if (worst && longest / US_PER_S >= limit / 4 * 3) {
        doctor_bad(j, SEVERITY_WARNING, "it is held for %s: near the visibility timeout of %s", held, most);
        about_task(j, worst);
    } else if (!told && doctor_has_broker(j->m)) {
        doctor_unknown(j, "no worker has told its visibility timeout%s%s",
                       worst ? "; the longest is held for " : "", worst ? held : "");
    } else {
        doctor_good(j, "%s%s, the visibility timeout is %s",
                    worst ? "the longest is held for " : "nothing is held", worst ? held : "", most);
    }
}

void doctor_judge_redelivery(struct judging *j)
{
    for (size_t i = 0; i < model_task_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct task *t = model_task_at(j->m, i);
        if (t->deliveries >= TASK_POISON_DELIVERIES &&
            (is_held(t) || t->state == TASK_STATE_WAITING || t->state == TASK_STATE_REJECTED)) {
            doctor_bad(j, SEVERITY_CRITICAL, "it was delivered %d times and has not ended",
                       (int)t->deliveries);
            about_task(j, t);
        }
    }
    if (!j->said) {
        doctor_good(j, "nothing was seen delivered %d times", (int)TASK_POISON_DELIVERIES);
    }
}

void doctor_judge_poison(struct judging *j)
{
    if (!has_queues(j)) {
        return;
    }
    for (size_t i = 0; i < model_queue_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct queue *q = model_queue_at(j->m, i);
        if (q->poison > 0) {
            doctor_bad(j, SEVERITY_CRITICAL, "%" PRId64 " message%s on which a worker exits", q->poison,
                       q->poison == 1 ? " waits" : "s wait");
            about_queue(j, q);
        }
    }
    if (!j->said) {
        doctor_good(j, "none among those that were read");
    }
}

void doctor_judge_events(struct judging *j)
{
    size_t on = 0, silent = 0;
    for (size_t i = 0; i < model_worker_count(j->m) && j->said < DOCTOR_EACH_MAX; i++) {
        const struct worker *w = model_worker_at(j->m, i);
        if (is_alive(w) && w->events == WORKER_EVENTS_OFF) {
            doctor_bad(j, SEVERITY_INFO, "it does not tell of its tasks");
            about_worker(j, w);
        }
        on += is_alive(w) && w->events == WORKER_EVENTS_ON;
        silent += is_alive(w) && w->events == WORKER_EVENTS_UNKNOWN;
    }
    if (!j->said && silent) {
        doctor_unknown(j, "%zu worker%s had no task since we look", silent, silent == 1 ? "" : "s");
    } else if (!j->said && on) {
        doctor_good(j, "workers tell of their tasks");
    } else if (!j->said && doctor_has_broker(j->m)) {
        doctor_unknown(j, "no worker is there to tell");
    } else if (!j->said) {
        doctor_good(j, "no queues of Celery are here");
    }
}

/* --- results --- */

void doctor_judge_result_expiry(struct judging *j)
{
    const int64_t long_ms = INT64_C(7) * 86400 * 1000;
    int64_t sampled, lasting = 0, longest = -1;
    char text[SMALL];
    if (!doctor_number(j, "results.sampled", &sampled)) {
        return;
    }
    doctor_peek_number(j->m, "results.lasting", &lasting);
    doctor_peek_number(j->m, "results.longest_ms", &longest);
    if (sampled <= 0) {
        doctor_unknown(j, "no result is stored");
    } else if (lasting > 0) {
        doctor_bad(j, SEVERITY_WARNING, "%" PRId64 " of %" PRId64 " results looked at never expire", lasting,
                   sampled);
    } else if (longest > long_ms) {
        doctor_bad(j, SEVERITY_INFO, "results stay for %s and more",
                   human_duration(model_ttl_us(longest), text, sizeof text));
    } else {
        doctor_good(j, "results expire (%" PRId64 " looked at, %s left at most)", sampled,
                    human_duration(model_ttl_us(longest), text, sizeof text));
    }
}

void doctor_judge_batch_ttl(struct judging *j)
{
    const int64_t slack_ms = 60000;
    int64_t progress, result;
    char a[SMALL], b[SMALL];
    if (!doctor_number(j, "batch.progress_ms", &progress) || !doctor_number(j, "batch.result_ms", &result)) {
        return;
    }
    if (progress < -1 || result < -1) {
        doctor_unknown(j, "it went while it was looked at");
        return;
    }
    human_duration(model_ttl_us(progress), a, sizeof a);
    human_duration(model_ttl_us(result), b, sizeof b);
    if (progress >= 0 && (result == -1 || result > progress + slack_ms)) {
        doctor_bad(j, SEVERITY_INFO, "a batch that has ended: its progress goes in %s, its result %s%s", a,
                   result == -1 ? "stays" : "in ", result == -1 ? "" : b);
    } else {
        doctor_good(j, "the progress of a batch stays as long as its result");
    }
}

void doctor_judge_mailboxes(struct judging *j)
{
    enum { MANY = 100 };
    const int64_t large = INT64_C(8) << 20;
    const struct usage_view *row;
    size_t rows = model_usage(j->m, &row);
    char keys[SMALL], bytes[SMALL];
    if (!j->m->census.view.complete) {
        doctor_unknown(j, "the keys were not all walked");
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        if (row[i].usage != USAGE_LEFTOVERS || row[i].without_ttl <= 0) {
            continue;
        }
        bool much = row[i].without_ttl >= MANY || row[i].bytes >= large;
        doctor_bad(j, much ? SEVERITY_WARNING : SEVERITY_INFO, "%s without a TTL, %s",
                   human_count(row[i].without_ttl, keys, sizeof keys),
                   human_bytes(row[i].bytes, bytes, sizeof bytes));
    }
    if (!j->said) {
        doctor_good(j, "none is left over");
    }
}
