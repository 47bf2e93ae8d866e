#include "redai/model/model.h"

#include "model_priv.h"

#include <stdio.h>

struct model *model_new(void)
{
    struct model *m = mem_zalloc(sizeof(*m));
    families_init(&m->families);
    rules_init(&m->rules);
    topic_init(m);
    connection_init(m);
    server_init(m);
    vital_init(m);
    command_init(m);
    client_init(m);
    slow_init(m);
    session_init(m);
    session_watch_init(m);
    census_init(m);
    trace_init(m);
    queue_init(m);
    batch_init(m);
    worker_init(m);
    task_init(m);
    peek_init(m);
    alert_init(m);
    doctor_init(m);
    m->history = history_new();
    m->evidence = evidence_new();
    return m;
}

void model_free(struct model *m)
{
    if (!m) {
        return;
    }
    evidence_free(m->evidence);
    history_free(m->history);
    doctor_release(m);
    alert_release(m);
    receipt_release(m);
    peek_release(m);
    task_release(m);
    worker_release(m);
    batch_release(m);
    queue_release(m);
    census_release(m);
    slow_release(m);
    client_release(m);
    command_release(m);
    vital_release(m);
    session_watch_release(m);
    session_release(m);
    rules_release(&m->rules);
    families_release(&m->families);
    mem_free(m);
}

struct model *model_anew(struct model *old)
{
    struct model *m = model_new();
    struct families families = m->families;
    struct rules rules = m->rules;
    m->families = old->families;
    m->rules = old->rules;
    old->families = families;
    old->rules = rules;
    alert_release(m); /* its rows were of the other rules */
    alert_init(m);
    model_free(old);
    return m;
}

struct families *model_families(struct model *m)
{
    return &m->families;
}

struct rules *model_rules(struct model *m)
{
    return &m->rules;
}

/* What falls due with time alone. Durations are kept to the fact; housekeeping over all rows comes once a
 * second. */
static void apply_clock(struct model *m)
{
    session_clock(m);
    batch_clock(m);
    if (m->now_us - m->tick_us >= US_PER_S || m->now_us < m->tick_us) {
        m->tick_us = m->now_us;
        family_tick(m);
        session_watch_tick(m);
        queue_tick(m);
        batch_tick(m);
        worker_tick(m);
        task_tick(m);
    }
}

/* What came of messages and workers. */
static void apply_celery(struct model *m, const struct fact *f)
{
    switch (f->kind) {
    case FACT_TASK_MESSAGE:
        task_message(m, &f->task_message);
        break;
    case FACT_TASK_HELD:
        task_held(m, &f->task_held);
        break;
    case FACT_TASK_SWEEP:
        task_sweep(m, &f->task_sweep);
        break;
    case FACT_TASK_GONE:
        task_gone(m, &f->task_gone);
        break;
    case FACT_WORKER:
        worker_apply(m, &f->worker);
        break;
    case FACT_WORKER_BOUND:
        worker_bound(m, &f->worker_bound);
        break;
    case FACT_WORKER_ANSWER:
        worker_answer(m, &f->worker_answer);
        break;
    case FACT_WORKER_STATS:
        worker_stats(m, &f->worker_stats);
        break;
    case FACT_WORKER_QUEUES:
        worker_queues(m, &f->worker_queues);
        break;
    case FACT_WORKER_NAMES:
        worker_names(m, &f->worker_names);
        break;
    default:
        break;
    }
}

/* What came of the server itself. */
static void apply_server(struct model *m, const struct fact *f)
{
    switch (f->kind) {
    case FACT_SERVER:
        server_apply(m, &f->server);
        break;
    case FACT_SITE:
        site_apply(m, &f->site);
        break;
    case FACT_COMMAND_STAT:
        command_apply(m, &f->command_stat);
        break;
    case FACT_ERROR_STAT:
        error_apply(m, &f->error_stat);
        break;
    case FACT_REPLICA:
        replica_apply(m, &f->replica);
        break;
    case FACT_CLIENT:
        client_apply(m, &f->client);
        break;
    case FACT_SLOW:
        slow_apply(m, &f->slow);
        break;
    case FACT_LATENCY:
        latency_apply(m, &f->latency);
        vital_changed(m);
        break;
    default:
        apply_celery(m, f);
    }
}

/* What was read of the data. */
static void apply_read(struct model *m, const struct fact *f)
{
    switch (f->kind) {
    case FACT_SESSION:
        session_apply(m, &f->session);
        session_watch_seen(m, f->session.id);
        break;
    case FACT_SESSION_TTL:
        session_ttl(m, &f->session_ttl);
        break;
    case FACT_SESSION_GONE:
        session_gone(m, &f->session_gone);
        session_watch_gone(m, f->session_gone.id);
        break;
    case FACT_USER_INDEX:
        user_index_apply(m, &f->user_index);
        break;
    case FACT_CENSUS:
        census_apply(m, &f->census);
        break;
    case FACT_FAMILY:
        family_apply(m, &f->family);
        break;
    case FACT_TRACE:
        trace_apply(m, &f->trace);
        break;
    case FACT_USAGE:
        usage_apply(m, &f->usage);
        break;
    case FACT_QUEUE:
        queue_apply(m, &f->queue);
        break;
    case FACT_UNACKED:
        queue_unacked(m, &f->unacked);
        break;
    case FACT_BATCH:
        batch_apply(m, &f->batch);
        break;
    case FACT_BATCH_GONE:
        batch_gone(m, &f->batch_gone);
        break;
    case FACT_TASK:
        batch_task(m, &f->task);
        task_result(m, &f->task);
        break;
    default:
        apply_server(m, f);
    }
}

/* What came of the console's own side. */
static void apply_own(struct model *m, const struct fact *f)
{
    switch (f->kind) {
    case FACT_CLOCK:
        apply_clock(m);
        break;
    case FACT_CONNECTION:
        connection_apply(m, &f->connection);
        break;
    case FACT_LINK:
        connection_link(m, &f->link);
        break;
    case FACT_POLL:
        topic_poll(m, &f->poll);
        break;
    case FACT_COST:
        connection_cost(m, &f->cost);
        break;
    case FACT_NOTIFY:
        connection_notify(m, &f->notify);
        break;
    case FACT_SHED:
        connection_shed(m, &f->shed);
        break;
    case FACT_PEEK:
        peek_apply(m, &f->peek);
        break;
    case FACT_SESSION_WATCH:
        session_watch_apply(m, &f->session_watch);
        break;
    case FACT_RECEIPT:
        receipt_apply(m, &f->receipt);
        break;
    case FACT_ACKNOWLEDGE:
        alert_acknowledge(m, &f->acknowledge);
        break;
    case FACT_MUTE:
        alert_mute(m, &f->mute);
        break;
    case FACT_DISMISS:
        batch_dismiss(m, &f->dismiss);
        break;
    case FACT_NOTE:
        receipt_note(m, &f->note);
        break;
    case FACT_SETTING:
        doctor_setting(m, &f->setting);
        break;
    case FACT_PERMISSION:
        doctor_permission(m, &f->permission);
        break;
    case FACT_DOCTOR:
        doctor_apply(m, &f->doctor);
        break;
    default:
        apply_read(m, f);
    }
}

void model_apply(struct model *m, const struct fact *f)
{
    int64_t at = model_time(f->at_us);
    /* A fact that was on its way for a while does not turn the time back. */
    m->now_us = at > m->now_us ? at : m->now_us;
    m->wall_us = model_time(f->wall_us);
    m->doctor.judged = false;
    if (f->kind == FACT_KEY_EVENT) {
        family_event(m, &f->key_event);
    } else if (f->kind == FACT_TASK_EVENT) {
        task_event(m, &f->task_event);
    } else {
        apply_own(m, f);
    }
}

unsigned model_take_changes(struct model *m)
{
    unsigned changes = m->changes;
    m->changes = 0;
    return changes;
}

void model_judge(struct model *m)
{
    history_sample(m->history, m);
    alert_judge(m);
    evidence_tick(m->evidence, m);
}

int64_t model_now_us(const struct model *m)
{
    return m->now_us;
}

int64_t model_wall_us(const struct model *m)
{
    return m->wall_us;
}

size_t model_rows_cut(const struct model *m, enum topic topic)
{
    switch (topic) {
    case TOPIC_SESSIONS:
        return m->session.cut > m->session.cut_now ? m->session.cut : m->session.cut_now;
    case TOPIC_QUEUES:
        return m->queue.cut > m->queue.cut_now ? m->queue.cut : m->queue.cut_now;
    case TOPIC_BATCHES:
        return m->batch.cut > m->batch.cut_now ? m->batch.cut : m->batch.cut_now;
    case TOPIC_TASKS:
        return m->task.cut;
    case TOPIC_COMMANDS:
        return m->commands.cut;
    case TOPIC_CLIENTS:
        return m->clients.cut;
    default:
        return 0;
    }
}

void model_show(char *out, size_t size, struct span raw, int cols)
{
    UT_string text;
    utstring_init(&text);
    /* A column is at most four bytes; what still does not fit is cut between code points. */
    utf8_sanitise(raw, cols, &text);
    size_t len = text.i < size ? text.i : size - 1;
    while (len < text.i && len > 0 && ((unsigned char)text.d[len] & 0xC0) == 0x80) {
        len--;
    }
    memcpy(out, text.d, len);
    out[len] = '\0';
    utstring_done(&text);
}

bool model_show_replace(char **slot, struct span raw, int cols)
{
    UT_string text;
    utstring_init(&text);
    utf8_sanitise(raw, cols, &text);
    bool changed = !*slot || !span_equal(text_span(&text), span_of(*slot));
    if (changed) {
        mem_free(*slot);
        *slot = span_dup(text_span(&text));
    }
    utstring_done(&text);
    return changed;
}
