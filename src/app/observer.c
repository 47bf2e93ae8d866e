#include "observer.h"

#include "redai/base/clock.h"

static void sink(void *ctx, const struct fact *fact)
{
    struct observer *o = ctx;
    if (fact->kind == FACT_KEY_EVENT && o->on_key_event) {
        o->on_key_event(o->ctx, &fact->key_event);
    }
    model_apply(o->model, fact);
}

static bool known(void *ctx, enum target_kind kind, struct span id)
{
    const struct observer *o = ctx;
    return kind == TARGET_SESSION ? model_session_find(o->model, id) != NULL
                                  : model_batch_find(o->model, id) != NULL;
}

static bool has_ended(const struct task *t)
{
    return t->state == TASK_STATE_SUCCEEDED || t->state == TASK_STATE_FAILED ||
           t->state == TASK_STATE_REVOKED;
}

static bool settled(void *ctx, struct span task_id)
{
    const struct observer *o = ctx;
    const struct task *t = model_task_find(o->model, task_id);
    return t && has_ended(t) && (t->sources & TASK_FROM_RESULT);
}

/* Whether it may have ended unheard. What waits in a list, or is with a worker and not begun, has not. */
static bool may_have_ended(const struct task *t)
{
    switch (t->state) {
    case TASK_STATE_WAITING:
    case TASK_STATE_RESERVED:
    case TASK_STATE_SCHEDULED:
        return t->message.kind == TARGET_NONE;
    case TASK_STATE_REJECTED:
        return false;
    default:
        return !has_ended(t);
    }
}

static void unsettled(void *ctx, void (*each)(void *of, struct span task_id, int64_t told_us), void *of)
{
    const struct observer *o = ctx;
    for (size_t i = 0; i < model_task_count(o->model); i++) {
        const struct task *t = model_task_at(o->model, i);
        if (may_have_ended(t)) {
            each(of, span_make(t->id, t->id_len), t->told_us > t->changed_us ? t->told_us : t->changed_us);
        }
    }
}

static const struct target *message_of(void *ctx, struct span task_id)
{
    const struct observer *o = ctx;
    const struct task *t = model_task_find(o->model, task_id);
    return t && t->message.kind != TARGET_NONE ? &t->message : NULL;
}

static void index_known(void *ctx, struct span user_id, struct index_known *ret)
{
    const struct observer *o = ctx;
    struct user_index_view v;
    *ret = (struct index_known){.read_us = -1};
    if (model_user_index(o->model, user_id, &v)) {
        bool read = v.state != USER_INDEX_UNREAD && v.state != USER_INDEX_FAILED;
        *ret = (struct index_known){.read_us = read ? v.read_us : -1, .unsure = v.unsure, .amiss = v.amiss};
    }
}

static struct span user_of(void *ctx, struct span session_id)
{
    const struct observer *o = ctx;
    const struct session *s = model_session_find(o->model, session_id);
    return span_of(s ? s->user_key : "");
}

static bool is_stale(void *ctx, struct span session_id)
{
    const struct observer *o = ctx;
    return model_stray_is_stale(o->model, session_id);
}

static void unmet(void *ctx, struct span user_id, void (*each)(void *of, struct span session_id), void *of)
{
    const struct observer *o = ctx;
    model_user_unmet(o->model, user_id, each, of);
}

static void amiss(void *ctx, void (*each)(void *of, struct span user_id), void *of)
{
    const struct observer *o = ctx;
    for (size_t i = 0; i < model_user_rows(o->model); i++) {
        const struct user_view *u = model_user_at(o->model, i);
        if (u->orphans + u->stale + u->foreign > 0) {
            each(of, span_of(u->key));
        }
    }
}

void observer_fact(struct observer *o, struct fact *f)
{
    f->at_us = clock_mono_us();
    f->wall_us = clock_wall_us();
    model_apply(o->model, f);
}

void observer_link(struct observer *o, enum link_role role, const struct link_status *s)
{
    struct fact f = {.kind = FACT_LINK,
                     .link = {.role = role, .error = span_of(s->error), .retry_at_us = -1, .heard_us = -1}};
    f.link.state = s->state == LINK_READY                                ? FACT_LINK_UP
                   : s->state == LINK_WAITING || s->state == LINK_CLOSED ? FACT_LINK_DOWN
                                                                         : FACT_LINK_CONNECTING;
    if (s->state == LINK_WAITING) {
        f.link.retry_at_us = s->retry_at_us;
    }
    observer_fact(o, &f);
}

void observer_tick(struct observer *o)
{
    enum { PAUSE_US = 250000 };
    int64_t now = clock_mono_us();
    if (now - o->clock_us >= PAUSE_US) {
        o->clock_us = now;
        struct fact f = {.kind = FACT_CLOCK};
        observer_fact(o, &f);
        model_judge(o->model);
    }
}

void observer_init(struct observer *o, struct ev_loop *loop, struct settings *s)
{
    *o = (struct observer){.settings = s, .model = s->model};
    o->collect = collect_new(&(struct collect_options){
        .read_only = option_on(&s->options, OPTION_READ_ONLY),
        .loop = loop,
        .address = &s->address,
        .broker = &s->broker,
        .results = &s->results,
        .refresh_us = option_number(&s->options, OPTION_REFRESH),
        .census_us = option_number(&s->options, OPTION_CENSUS),
        .budget = option_number(&s->options, OPTION_BUDGET),
        .families = model_families(s->model),
        .queues = &s->queues,
        .inspect_us = settings_inspect_us(s),
        .sink = sink,
        .known = known,
        .settled = settled,
        .unsettled = unsettled,
        .message_of = message_of,
        .index_known = index_known,
        .user_of = user_of,
        .is_stale = is_stale,
        .amiss = amiss,
        .unmet = unmet,
        .ctx = o,
    });
    s->live = o->collect;
}

static bool is_insecure(const struct address *a)
{
    return a->secure && a->tls.insecure;
}

static void show_apart(const struct settings *s, const struct address *a, UT_string *out)
{
    if (site_is_apart(s, a)) {
        address_show(a, out);
    }
}

void observer_start(struct observer *o)
{
    struct settings *s = o->settings;
    UT_string shown, broker, results;
    utstring_init(&shown);
    utstring_init(&broker);
    utstring_init(&results);
    address_show(&s->address, &shown);
    show_apart(s, &s->broker, &broker);
    show_apart(s, &s->results, &results);
    struct fact f = {.kind = FACT_CONNECTION,
                     .connection = {.address = text_span(&shown),
                                    .read_only = option_on(&s->options, OPTION_READ_ONLY),
                                    .read_only_why = span_of(settings_read_only_why(s)),
                                    .insecure = is_insecure(&s->address) || is_insecure(&s->broker) ||
                                                is_insecure(&s->results),
                                    .environment = s->environment,
                                    .name = span_of(s->connection ? s->connection->name : ""),
                                    .db = s->address.db,
                                    .result_db = s->results.db,
                                    .broker_db = s->broker.db,
                                    .broker = text_span(&broker),
                                    .results = text_span(&results)}};
    observer_fact(o, &f);
    utstring_done(&shown);
    utstring_done(&broker);
    utstring_done(&results);
    collect_start(o->collect);
}

void observer_release(struct observer *o)
{
    o->settings->live = NULL;
    collect_free(o->collect);
    o->collect = NULL;
}
