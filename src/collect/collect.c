#include "redai/collect/collect.h"

#include "collect_priv.h"

#include <stdio.h>

#include "redai/base/hash.h"

void collect_emit(struct collect *c, struct fact *f)
{
    f->at_us = clock_mono_us();
    f->wall_us = clock_wall_us();
    c->options.sink(c->options.ctx, f);
}

void collect_tally_key(struct collect *c, struct span key, bool hit)
{
    if (!hit && feed_is_celerys(c, key)) {
        collect_tally_celery(c, hit);
    } else {
        collect_tally(c, hit);
        if (!hit) {
            tracer_own_miss(c, key);
        }
    }
}

static void note_balk(struct collect *c, enum topic topic, bool ok, struct span error)
{
    static const struct span to_all[] = {SPAN_LITERAL("BUSY "), SPAN_LITERAL("MASTERDOWN "),
                                         SPAN_LITERAL("LOADING ")};
    bool apart =
        c->broker != c->poll; /* then what is the broker's says nothing of the application's server */
    if (apart && (topic == TOPIC_QUEUES || topic == TOPIC_TASKS || topic == TOPIC_WORKERS)) {
        return;
    }
    const struct info *info = &c->info.info; /* INFO is answered by a replica that serves nothing else, too */
    bool over = !apart || strcmp(info->role, "slave") != 0 || strcmp(info->master_link_status, "up") == 0;
    if (ok && over && topic == (apart ? TOPIC_SERVER : TOPIC_QUEUES) && c->balk[0]) {
        c->balk[0] = '\0';
        c->denied = (struct denied){.sessions = ""};
        census_restart(c); /* what could not be read meanwhile is owed, and what is asked seldom, too */
        results_restart(c);
        server_lists_restart(c);
        collect_refresh(c);
    }
    for (size_t i = 0; !ok && error.data != c->balk && i < sizeof to_all / sizeof to_all[0]; i++) {
        if (span_starts(error, to_all[i])) {
            snprintf(c->balk, sizeof c->balk, "%.*s", (int)error.len, error.data);
        }
    }
}

void collect_poll_result(struct collect *c, enum topic topic, bool ok, struct span error)
{
    note_balk(c, topic, ok, error);
    struct fact f = {.kind = FACT_POLL, .poll = {topic, ok, error}};
    collect_emit(c, &f);
}

int64_t collect_pause_us(struct span error)
{
    bool never =
        span_search(error, S("unknown ")) < error.len || span_search(error, S("Unknown ")) < error.len;
    return (never ? 60 : 4) * US_PER_S;
}

void collect_deny(char denied[160], struct span why)
{
    snprintf(denied, 160, "%.*s", (int)span_head(why, 159).len, why.data);
}

struct span collect_error(const struct reply *r)
{
    return reply_is_error(r) ? reply_error(r) : r ? S("unexpected reply") : S("no reply");
}

void collect_soon(struct collect *c, int64_t us)
{
    int64_t due_us = clock_mono_us() + us;
    if (!c->stepping && due_us < c->due_us) {
        c->due_us = due_us;
        timer_set(c->timer, us);
    }
}

/* Everything that was being asked is void once the connection is gone: replies never come. */
static void forget_pending(struct collect *c)
{
    c->info_pending = c->info_waits = false;
    c->reader.in_flight = 0;
    c->peek.busy = false;
    index_clear(c);
    if (c->census.walking) {
        struct fact f = {.kind = FACT_CENSUS,
                         .census = {CENSUS_ABANDONED, c->census.walked, c->census.expected}};
        collect_emit(c, &f);
    }
    census_restart(c);
}

void collect_tell_link(struct collect *c, enum link_role role, const struct link_status *s)
{
    char where[80];
    struct fact f = {.kind = FACT_LINK, .link = {.role = role, .retry_at_us = -1, .heard_us = -1}};
    switch (s->state) {
    case LINK_READY:
        f.link.state = FACT_LINK_UP;
        break;
    case LINK_WAITING:
    case LINK_CLOSED:
        f.link.state = FACT_LINK_DOWN;
        f.link.retry_at_us = s->retry_at_us;
        break;
    default:
        f.link.state = FACT_LINK_CONNECTING;
        break;
    }
    f.link.error = span_of(s->error);
    if (role == LINK_ROLE_POLL) {
        link_where(c->poll, where, sizeof where);
        f.link.where = span_of(where);
    }
    collect_emit(c, &f);
}

void collect_broker_up(struct collect *c)
{
    c->polled_us = 0;
    c->queues.polled = false;
    c->queues.memory_denied = false;
    c->peek.begun_us = 0; /* what is open is read anew */
    inspect_restart(c);
}

static void on_poll_state(void *user, const struct link_status *s)
{
    struct collect *c = user;
    collect_tell_link(c, LINK_ROLE_POLL, s);
    if (s->state == LINK_READY) {
        pace_connected(&c->pace, link_round_trip_us(c->poll));
        c->polled_us = 0;
        c->feed.asked_us = 0;
        c->peek.begun_us = 0;
        if (!sites_broker_is_off(c)) {
            collect_broker_up(c);
        }
        server_lists_restart(c);
        collect_soon(c, 0);
    } else if (s->state == LINK_WAITING) {
        forget_pending(c);
        doctor_end(c, "the connection was lost");
    }
}

static void on_feed_state(void *user, const struct link_status *s)
{
    struct collect *c = user;
    collect_tell_link(c, LINK_ROLE_FEED, s);
    if (c->feed.subscribed && s->state != LINK_READY) {
        narrow_lost(&c->feed.narrow);
    }
    c->feed.subscribed = c->feed.asking_again = false;
    c->feed.refused[0] = '\0';
    if (s->state == LINK_READY) {
        feed_started(c);
        feed_catch_up(c);
        collect_soon(c, 0);
    }
}

static void on_result_state(void *user, const struct link_status *s)
{
    sites_result_state(user, s);
}

static struct link *open_link(struct collect *c, const char *name, enum site site, link_state_fn on_state,
                              link_message_fn on_message)
{
    return link_new(c->options.loop,
                    &(struct link_options){.name = name,
                                           .address = &c->site[site].address,
                                           .db = -1,
                                           .no_touch = !on_message,
                                           .keepalive_us = on_message ? FEED_KEEPALIVE_US : 0,
                                           .on_state = on_state,
                                           .on_message = on_message,
                                           .on_refused = on_message ? feed_refused : NULL,
                                           .on_burst = on_message == feed_message ? feed_burst : NULL,
                                           .user = c});
}

static void tell_cost(struct collect *c)
{
    struct link_cost a = link_cost(c->feed_link), b = link_cost(c->poll), d = link_cost(c->result);
    struct link_cost t = c->traced_cost, now = {0};
    sites_cost(c, &t);
    if (c->tracer) {
        now = link_cost(c->tracer->link);
    }
    struct fact f = {
        .kind = FACT_COST,
        .cost = {.commands = a.commands + b.commands + d.commands + t.commands + now.commands,
                 .bytes_out = a.bytes_out + b.bytes_out + d.bytes_out + t.bytes_out + now.bytes_out,
                 .bytes_in = a.bytes_in + b.bytes_in + d.bytes_in + t.bytes_in + now.bytes_in,
                 .budget = (int64_t)c->pace.rate}};
    collect_emit(c, &f);
}

static int64_t next_step_us(const struct collect *c)
{
    if (!link_is_ready(c->poll) && !link_is_ready(c->broker) && !link_is_ready(c->result)) {
        return 200 * US_PER_MS;
    }
    int64_t now = clock_mono_us();
    int64_t reader_us = reader_wait_us(c, now);
    bool watchful = narrow_any_is_watchful(c) || (c->census.walking && !feed_is_live(c));
    int64_t step_us = index_is_hasty(c) || (c->census.walking && !c->census.complete) || c->peek.busy
                          ? 10 * US_PER_MS
                      : watchful ? 100 * US_PER_MS
                                 : 250 * US_PER_MS;
    int64_t poll_us = c->polled_us + c->options.refresh_us - now;
    step_us = poll_us > 0 && poll_us < step_us ? poll_us : step_us;
    reader_us = reader_us >= 0 && reader_us < 10 * US_PER_MS ? 10 * US_PER_MS : reader_us;
    step_us = reader_us >= 0 && reader_us < step_us ? reader_us : step_us;
    step_us = c->results.walking || c->doctor.running ? 10 * US_PER_MS : step_us;
    int64_t info_us = c->info_ready_us > now ? c->info_ready_us - now : 0;
    step_us = c->info_waits && info_us < step_us ? info_us : step_us;
    int64_t rest_us = census_wait_us(c, now);
    step_us = rest_us > 0 && rest_us < step_us ? rest_us : step_us;
    int64_t answers_us = inspect_wait_us(c, now);
    return answers_us >= 0 && answers_us < step_us ? answers_us + US_PER_MS : step_us;
}

static void on_step(void *user)
{
    struct collect *c = user;
    int64_t now = clock_mono_us();
    c->stepping = true;
    if (now - c->cost_us >= US_PER_S) {
        c->cost_us = now;
        tell_cost(c);
    }
    poll_step(c, now);
    if (link_is_ready(c->poll)) {
        narrow_step(&c->feed.narrow, c->feed.subscribed, now);
        feed_step(c, now);
        doctor_step(c, now);
    }
    peek_step(c, now);
    if (link_is_ready(c->poll)) {
        index_step(c, now); /* waits for the reader, or takes a small share before it */
        reader_step(c, now);
        census_step(c, now);
        batches_step(c, now);
        server_lists_step(c, now);
    }
    results_step(c, now);
    if (link_is_ready(c->broker)) {
        inspect_step(c, now);
    }
    sites_step(c, now);
    c->stepping = false;
    int64_t next_us = next_step_us(c);
    c->due_us = clock_mono_us() + next_us;
    timer_set(c->timer, next_us);
}

struct collect *collect_new(const struct collect_options *options)
{
    struct collect *c = mem_zalloc(sizeof *c);
    c->options = *options;
    address_copy(&c->address, options->address);
    c->timer = timer_new(options->loop, on_step, c);
    sites_init(c);
    c->poll = open_link(c, "poll", SITE_APP, on_poll_state, NULL);
    c->feed_link = open_link(c, "feed", SITE_APP, on_feed_state, feed_message);
    c->result = open_link(c, "result", SITE_RESULTS, on_result_state, NULL);
    sites_open(c);
    c->queues.unacked = -1;
    narrow_init(&c->feed.narrow, c, SITE_APP);
    int64_t now = clock_mono_us();
    c->salt = hash_fnv1a((struct span){(const char *)&now, sizeof now});
    pace_init(&c->pace, options->budget, now);
    census_restart(c);
    inspect_init(c);
    peek_key_forget(c);
    const UT_array *queues = options->queues;
    for (unsigned i = 0; queues && i < utarray_len(queues); i++) {
        queues_found(c, span_of(*(char **)utarray_eltptr(queues, i)), QUEUE_CONFIGURED);
    }
    return c;
}

void collect_start(struct collect *c)
{
    link_start(c->poll);
    link_start(c->feed_link);
    link_start(c->result);
    sites_start(c);
    c->due_us = clock_mono_us();
    timer_set(c->timer, 0);
}

void collect_free(struct collect *c)
{
    if (!c) {
        return;
    }
    c->stepping = true; /* late callbacks must not arm the timer */
    inspect_box_end(c);
    if (c->tracer) {
        tracer_free(c->tracer);
    }
    doctor_clear(c); /* its questions are nobody's from here on */
    sites_close(c);
    link_free(c->poll);
    link_free(c->feed_link);
    link_free(c->result);
    timer_free(c->timer);
    peek_clear(c);
    peek_worker_forget(c);
    peek_key_forget(c);
    utarray_done(&c->peek.key.found);
    peek_family_forget(c);
    target_release(&c->peek.subject);
    reader_clear(c);
    index_clear(c);
    tally_clear(c);
    queues_clear(c);
    batches_clear(c);
    deliveries_clear(c);
    results_clear(c);
    inspect_clear(c);
    address_release(&c->address);
    mem_free(c);
}

void collect_want(struct collect *c, const struct target *subject)
{
    if (target_equal(&c->peek.subject, subject)) {
        return;
    }
    c->peek.wanted = PEEK_PAGE;
    peek_key_forget(c);
    target_set(&c->peek.subject, subject->kind, target_id(subject));
    peek_begin(c);
}

void collect_more(struct collect *c)
{
    bool paged = c->peek.subject.kind == TARGET_QUEUE || c->peek.subject.kind == TARGET_KEY;
    if (paged && c->peek.more && !c->peek.busy) {
        peek_more(c);
    }
}

void collect_look_at_workers(struct collect *c, bool wanted)
{
    if (wanted && !c->inspect.often && !c->inspect.denied) {
        c->inspect.next_us = 0;
    }
    c->inspect.often = wanted;
}

bool collect_tasks_settled(const struct collect *c)
{
    bool in_flight_known = c->queues.unacked == 0 || (c->queues.unacked > 0 && c->deliveries.next_us);
    bool workers_known = c->inspect.next_us > 0 && !c->inspect.open && !c->inspect.want_round;
    bool results_known =
        (!c->results.walking && (c->results.complete || c->results.failed)) || sites_is_down(c, SITE_RESULTS);
    if (sites_is_down(c, SITE_BROKER)) {
        return collect_settled(c) && results_known;
    }
    return collect_settled(c) && results_known && in_flight_known && !c->deliveries.reading &&
           !c->queues.reads && workers_known;
}

void collect_refresh(struct collect *c)
{
    link_retry_now(c->poll);
    link_retry_now(c->broker);
    link_retry_now(c->result);
    for (int i = 0; i < SITE_COUNT; i++) {
        link_retry_now(c->site[i].feed);
    }
    c->polled_us = 0;
    c->feed.asked_us = 0;
    c->census.next_us = 0;
    c->census.clean = false; /* asked for: also where nothing seems to have happened */
    index_refresh(c);
    c->inspect.again = !c->inspect.denied;
    if (c->peek.subject.kind != TARGET_NONE) {
        peek_begin(c);
    }
    collect_soon(c, 0);
}

void collect_watch_task(struct collect *c, struct span task_id)
{
    int64_t look_us = 50 * US_PER_MS; /* what has just been sent is there by then */
    batches_seen(c, task_id);
    c->polled_us = clock_mono_us() + look_us - c->options.refresh_us;
    collect_soon(c, look_us);
}

void collect_add_queue(struct collect *c, struct span name)
{
    queues_found(c, name, QUEUE_CONFIGURED);
}

void collect_other_reads(struct collect *c, other_reads_fn fn, void *ctx)
{
    c->other_reads = fn;
    c->other_ctx = ctx;
}

bool collect_settled(const struct collect *c)
{
    bool queues = queues_are_known(c) && (!sites_broker_is_off(c) || c->queue_walk.known);
    return c->info_read && c->notify_known && c->census.complete && !c->reader.count &&
           !c->reader.in_flight && index_settled(c) && (queues || sites_is_down(c, SITE_BROKER));
}
