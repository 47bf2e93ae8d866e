#include "strip.h"

#include "texts.h"
#include "trouble.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

#define TROUBLE_HEAD "!! UNREACHABLE: "

enum { SPARK_COLS = 10, GAUGE_COLS = 8, VITAL = 3, BRIEF_SPARKS = 4, BRIEF_GAUGE = 4 };

/* The server works twice while it is listened to: that is said as long as it lasts. */
static void add_trace(struct segments *line, const struct look *look)
{
    const struct trace_view *v = model_trace(look->m);
    char left[TEXT_SMALL];
    if (v->running) {
        int64_t left_us = v->ends_at_us > look->now_us ? v->ends_at_us - look->now_us : 0;
        segments_add(line, 1, ROLE_STRIP_WARNING, "", "! trace, %s left",
                     text_left(left_us, left, sizeof left));
    }
}

static void add_alerts(struct segments *line, const struct look *look)
{
    size_t critical = model_alerts_firing(look->m, SEVERITY_CRITICAL);
    size_t warning = model_alerts_firing(look->m, SEVERITY_WARNING);
    if (critical) {
        segments_add(line, 1, ROLE_STRIP_CRITICAL, "", " !! %zu critical ", critical);
    }
    if (warning) {
        struct segment *s = segments_add(line, 2, ROLE_STRIP_WARNING, "", "! %zu warning%s", warning,
                                         warning == 1 ? "" : "s");
        segment_brief(s, "! %zu warn", warning);
    }
}

void strip_add_curtain(struct segments *line, const struct look *look)
{
    if (look->veil) {
        struct segment *s = segments_add(line, 0, ROLE_STRIP_WARNING, "", "[CURTAIN]");
        segment_brief(s, "[C]");
    }
}

/* Where one is, before anything is pressed. */
static void add_environment(struct segments *line, const struct look *look)
{
    static const struct {
        enum role role;
        int priority;
        const char *shown, *brief;
    } row[ENVIRONMENT_COUNT] = {
        [ENVIRONMENT_PRODUCTION] = {ROLE_PRODUCTION, 1, " PRODUCTION ", " PROD "},
        [ENVIRONMENT_STAGING] = {ROLE_STAGING, 2, "[staging]", "[stg]"},
        [ENVIRONMENT_DEV] = {ROLE_DEV, 5, "[dev]", "[dev]"},
    };
    enum environment e = model_connection(look->m)->environment;
    if (row[e].shown) {
        segment_brief(segments_add(line, row[e].priority, row[e].role, "", "%s", row[e].shown), "%s",
                      row[e].brief);
    }
}

static void add_place(struct segments *line, const struct look *look)
{
    const struct connection_view *c = model_connection(look->m);
    char shown[VEIL_MAX];
    const char *where = c->link[LINK_ROLE_POLL].where;
    const char *said = where[0] ? where : c->address;
    const char *address = said[0] ? look_text(look, VEIL_ADDRESS, said, shown) : "?";
    strip_add_curtain(line, look);
    add_environment(line, look);
    struct segment *s = segments_add(line, 4, ROLE_STRIP, "", "%.60s", address);
    /* A long host name keeps its first part and the port. */
    const char *dot = strchr(address, '.');
    const char *port = strrchr(address, ':');
    const char *slash = strrchr(address, '/');
    if (strncmp(address, "unix:", 5) == 0 && slash) {
        segment_brief(s, "%.*s", (int)strcspn(slash + 1, "?"), slash + 1);
    } else if (dot && port && port > dot && !(address[0] >= '0' && address[0] <= '9')) {
        segment_brief(s, "%.*s~%.40s", (int)(dot - address < 20 ? dot - address : 20), address, port);
    }
    if (c->insecure) {
        struct segment *piece = segments_add(line, 1, ROLE_STRIP_CRITICAL, "", "! TLS NOT VERIFIED");
        segment_brief(piece, "!TLS");
    }
    if (c->read_only) {
        segments_add(line, 3, ROLE_STRIP_WARNING, "", "[RO]");
    }
}

/* What stands here is the past: how old it is, and whether it still comes. Of what its master has and it does
 * not a replica knows only how long ago it heard from it. */
static void add_replica(struct segments *line, const struct look *look)
{
    const struct server *s = model_server(look->m);
    char age[TEXT_SMALL];
    struct segment *piece;
    if (!s->known || strcmp(s->info.role, "slave") != 0) {
        return;
    }
    if (strcmp(s->info.master_link_status, "up") == 0) {
        human_seconds(s->info.master_last_io_seconds_ago, age, sizeof age);
        piece = segments_add(line, 1, ROLE_STRIP_WARNING, "", "! REPLICA, master heard %s ago", age);
        segment_brief(piece, "! REPLICA %s", age);
        return;
    }
    if (!s->info.master_link_status[0]) {
        segments_add(line, 1, ROLE_STRIP_WARNING, "", "! REPLICA, master ?");
        return;
    }
    human_seconds(s->info.master_link_down_since_seconds, age, sizeof age);
    piece = segments_add(line, 1, ROLE_STRIP_CRITICAL, "", "!! REPLICA CUT OFF from its master for %s", age);
    segment_brief(piece, "!! REPLICA CUT OFF %s", age);
}

/* The broker and the results, when they are on servers of their own. */
static void add_sites(struct segments *line, const struct look *look)
{
    static const char *const loud[SITE_COUNT] = {[SITE_BROKER] = "BROKER", [SITE_RESULTS] = "RESULTS"};
    for (int i = SITE_BROKER; i < SITE_COUNT; i++) {
        const struct site_view *s = model_site(look->m, (enum site)i);
        const struct link_view *link = model_site_link(look->m, (enum site)i);
        char shown[VEIL_MAX];
        char clock[TEXT_SMALL];
        char why[400];
        if (!s->apart) {
            continue;
        }
        if (model_site_is_away(look->m, (enum site)i)) {
            text_clock(look->wall_us - (look->now_us - s->down_us), clock, sizeof clock);
            struct segment *piece = segments_add(
                line, 1, ROLE_STRIP_CRITICAL, "", "!! %s UNREACHABLE since %s: %.60s", loud[i], clock,
                link->error[0] ? look_prose(look, link->error, why, sizeof why) : "no answer");
            segment_brief(piece, "!! %s AWAY since %.8sZ", loud[i], clock);
            continue;
        }
        const char *address = look_text(look, VEIL_ADDRESS, s->address, shown);
        const char *host = strstr(address, "://");
        struct segment *piece =
            segments_add(line, 6, ROLE_STRIP, site_name[i], "%.60s", host ? host + 3 : address);
        segment_brief(piece, "+%s", site_name[i]);
    }
}

static void add_identity(struct segments *line, const struct look *look)
{
    const struct server *s = model_server(look->m);
    char text[TEXT_SMALL];
    if (!s->known || strcmp(s->info.role, "slave") != 0) {
        segments_add(line, 14, ROLE_STRIP, "", "%s", s->known && s->info.role[0] ? s->info.role : "?");
    }
    struct segment *version =
        segments_add(line, 15, ROLE_STRIP, "redis", "%s",
                     s->known && s->info.redis_version[0] ? s->info.redis_version : "?");
    segment_brief(version, "%s", version->text);
    struct segment *up =
        segments_add(line, 16, ROLE_STRIP, "up", "%s",
                     human_seconds(s->known ? s->info.uptime_in_seconds : -1, text, sizeof text));
    segment_brief(up, "up %s", text);
    if (s->known && s->info.loading > 0) {
        segments_add(line, 2, ROLE_STRIP_WARNING, "", "! loading its data");
    }
}

static void add_memory(struct segments *line, const struct look *look)
{
    const struct server *s = model_server(look->m);
    char used[TEXT_SMALL];
    char max[TEXT_SMALL];
    char share[TEXT_SMALL];
    int64_t bytes = s->known ? s->info.used_memory : -1;
    int64_t limit = s->known ? s->info.maxmemory : -1;
    human_bytes(bytes, used, sizeof used);
    if (limit <= 0) {
        segments_add(line, 6, ROLE_STRIP, "mem", "%s%s", used, limit == 0 ? " no limit" : "");
        segment_brief(&line->at[line->count - 1], "mem %s", used);
        return;
    }
    double part = bytes >= 0 ? (double)bytes / (double)limit : NAN;
    enum role role = part >= 0.95 ? ROLE_STRIP_CRITICAL : part >= 0.85 ? ROLE_STRIP_WARNING : ROLE_STRIP;
    text_share(part, share, sizeof share);
    int priority = part >= 0.85 ? 2 : 6;
    struct segment *piece = segments_add(line, priority, role, "mem", "%s/%s %s%s", used,
                                         human_bytes(limit, max, sizeof max), part >= 0.85 ? "!" : "", share);
    segment_brief(piece, "mem %s%s", part >= 0.85 ? "!" : "", share);
    piece->brief_bar = BRIEF_GAUGE;
    piece->bar_cols = GAUGE_COLS;
    piece->part = part;
}

/* Figures that change all the time keep their room, or all that is behind them moves with each. */
static void add_load(struct segments *line, const struct look *look)
{
    const struct server *s = model_server(look->m);
    char a[TEXT_SMALL];
    char b[TEXT_SMALL];
    int64_t clients = s->known ? s->info.connected_clients : -1;
    int64_t most = s->known ? s->info.maxclients : -1;
    bool full = clients > 0 && most > 0 && clients * 10 >= most * 9;
    struct segment *piece =
        segments_add(line, 9, full ? ROLE_STRIP_WARNING : ROLE_STRIP, "clients", "%s%s/%s", full ? "!" : "",
                     human_count(clients, a, sizeof a), human_count(most, b, sizeof b));
    segment_brief(piece, "cl %s%s/%s", full ? "!" : "", a, b);
    segments_add(line, 8, ROLE_STRIP, "", "%4s op/s", human_rate(s->known ? s->ops_per_s : NAN, a, sizeof a));
    piece = segments_add(line, 7, ROLE_STRIP, "hit", "%s",
                         human_percent(s->known ? s->hit_rate_window : NAN, a, sizeof a));
    segment_spark(piece, &s->hit_rate, SPARK_COLS, 6, 100);
    segment_brief(piece, "hit %s", a);
    piece->brief_sparks = BRIEF_SPARKS;
    double evicted = s->known ? s->evicted_per_s : NAN;
    double expired = s->known ? s->expired_per_s : NAN;
    piece = segments_add(line, evicted > 0 ? 3 : 12, evicted > 0 ? ROLE_STRIP_WARNING : ROLE_STRIP, "evict",
                         "%s%s/s", evicted > 0 ? "!" : "", human_rate(evicted, a, sizeof a));
    segment_brief(piece, "ev %s%s", evicted > 0 ? "!" : "", a);
    piece = segments_add(line, 13, ROLE_STRIP, "expire", "%s/s", human_rate(expired, a, sizeof a));
    segment_brief(piece, "ex %s", a);
    int64_t trip = s->known ? s->round_trip_us : -1;
    bool slow = trip > 100 * US_PER_MS;
    segments_add(line, slow ? 5 : 10, slow ? ROLE_STRIP_WARNING : ROLE_STRIP, "rtt", "%s%5s", slow ? "!" : "",
                 human_duration(trip, a, sizeof a));
}

/* Sessions that 'log out everywhere' would miss. */
static void add_orphans(struct segments *line, const struct look *look)
{
    const struct session_index_view *index = model_session_index(look->m);
    char text[TEXT_SMALL];
    if (index->orphans) {
        struct segment *s = segments_add(
            line, 5, ROLE_STRIP_WARNING, "", "! %s%s", index->blind ? "at least " : "",
            text_plural((int64_t)index->orphans, "orphan session", "orphan sessions", text, sizeof text));
        segment_brief(s, "!orph %zu%s", index->orphans, index->blind ? "+" : "");
    }
}

/* Revoked ones, which the platform's update may write back. */
static void add_watched(struct segments *line, const struct look *look)
{
    size_t watched = model_watched_sessions(look->m);
    char text[TEXT_SMALL];
    if (watched) {
        struct segment *s = segments_add(line, 8, ROLE_STRIP, "revoked", "%s watched",
                                         human_count((int64_t)watched, text, sizeof text));
        segment_brief(s, "%s watched", text);
    }
}

/* One whose server is away as a whole is said by add_sites. */
static bool add_feeds_down(struct segments *line, const struct look *look)
{
    static const struct {
        enum link_role role;
        enum site site;
        const char *name;
    } rows[] = {{LINK_ROLE_FEED, SITE_APP, "feed"},
                {LINK_ROLE_BROKER_FEED, SITE_BROKER, "broker feed"},
                {LINK_ROLE_RESULT_FEED, SITE_RESULTS, "result feed"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct link_view *feed = &model_connection(look->m)->link[rows[i].role];
        char prose[400];
        if (feed->since_us >= 0 && feed->state == FACT_LINK_DOWN &&
            !model_site_is_away(look->m, rows[i].site)) {
            struct segment *s =
                segments_add(line, 3, ROLE_STRIP_WARNING, "", "! %s down: %.60s", rows[i].name,
                             look_prose(look, feed->error, prose, sizeof prose));
            segment_brief(s, "! %s down", rows[i].name);
            return true;
        }
    }
    return false;
}

static void add_notify(struct segments *line, const struct look *look)
{
    const struct connection_view *c = model_connection(look->m);
    struct segment *s;
    char age[TEXT_SMALL];
    if (add_feeds_down(line, look)) {
        return;
    }
    if (c->shed.any) {
        text_age(look->now_us - c->shed.since_us, age, sizeof age);
        s = segments_add(line, 2, ROLE_STRIP_WARNING, "", "! feed shed, polling %s", age);
        segment_brief(s, "!feed shed");
        return;
    }
    switch (c->notify) {
    case NOTIFY_STATE_ON:
        s = segments_add(line, 12, ROLE_STRIP, "notify", "on");
        segment_brief(s, "ntf on");
        break;
    case NOTIFY_STATE_PARTIAL:
        if (!c->notify_missing[0]) { /* CONFIG is refused: only what came tells */
            s = segments_add(line, 12, ROLE_STRIP, "notify", "?");
            segment_brief(s, "ntf ?");
            break;
        }
        s = segments_add(line, 5, ROLE_STRIP_WARNING, "", "! notify lacks %s", c->notify_missing);
        segment_brief(s, "!notify -%s", c->notify_missing);
        break;
    case NOTIFY_STATE_OFF:
        s = segments_add(line, 5, ROLE_STRIP_WARNING, "", "! notify off");
        segment_brief(s, "!notify off");
        break;
    default:
        s = segments_add(line, 12, ROLE_STRIP, "notify", "?");
        segment_brief(s, "ntf ?");
        break;
    }
}

static void add_own(struct segments *line, const struct look *look)
{
    const struct connection_view *c = model_connection(look->m);
    char commands[TEXT_SMALL];
    char bytes[TEXT_SMALL];
    double flow = c->bytes_in_per_s + c->bytes_out_per_s;
    human_rate(c->commands_per_s, commands, sizeof commands);
    human_bytes(isnan(flow) ? -1 : (int64_t)flow, bytes, sizeof bytes);
    struct segment *s = segments_add(line, 11, ROLE_STRIP, "cost", "%4s cmd/s %5s/s", commands, bytes);
    segment_brief(s, "own %4s/s", commands);
}

static void add_age(struct segments *line, const struct look *look)
{
    char age[TEXT_SMALL];
    int64_t age_us = model_topic_age_us(look->m, TOPIC_SERVER);
    bool stale = model_topic_stale(look->m, TOPIC_SERVER);
    const struct topic_view *topic = model_topic(look->m, TOPIC_SERVER);
    text_data_age(age_us, age, sizeof age);
    if (topic->failed && topic->error[0]) {
        char prose[400];
        const char *why = look_prose(look, topic->error, prose, sizeof prose);
        struct segment *s = segments_add(line, 1, ROLE_STRIP_WARNING, "", "! %.100s", why);
        segment_brief(s, "! %.*s", (int)strcspn(why, " "), why);
    }
    if (age_us < 0) {
        segments_add(line, 3, ROLE_STRIP_WARNING, "", "not read yet");
    } else if (stale) {
        segments_add(line, 3, ROLE_STRIP_WARNING, "", "stale %s", age);
    } else {
        segments_add(line, 9, ROLE_STRIP_LABEL, "", "%s", age);
    }
}

/* Nothing else matters then: what, since when, what is done about it. */
static void make_trouble(struct strip *s, const struct look *look)
{
    const struct link_view *link = &model_connection(look->m)->link[LINK_ROLE_POLL];
    int64_t since = trouble_since_us(look);
    char text[TEXT_SMALL];
    char clock[TEXT_SMALL];
    char prose[400];
    char address[VEIL_MAX];
    const char *hint = trouble_hint(look);
    const char *why = look_prose(look, trouble_why(look), prose, sizeof prose);
    s->ground = ROLE_STRIP_CRITICAL;
    struct segment *piece =
        segments_add(&s->line, 0, ROLE_STRIP_CRITICAL, "", "!! REDIS UNREACHABLE: %.160s", why);
    segment_brief(piece, TROUBLE_HEAD); /* and as much of why as there is room for */
    text_copy(s->why, sizeof s->why, span_of(why));
    strip_add_curtain(&s->line, look);
    add_environment(&s->line, look);
    if (link->state == FACT_LINK_DOWN && link->retry_at_us >= 0) {
        piece = segments_add(&s->line, 1, ROLE_STRIP_CRITICAL, "", "next try in %s",
                             text_left(link->retry_at_us - look->now_us, text, sizeof text));
        segment_brief(piece, "try in %s", text);
    } else if (link->state == FACT_LINK_CONNECTING) {
        segments_add(&s->line, 1, ROLE_STRIP_CRITICAL, "", "trying now");
    }
    if (since >= 0) {
        text_age(look->now_us - since, text, sizeof text);
        piece = segments_add(&s->line, 1, ROLE_STRIP_CRITICAL, "", "since %s (%s)",
                             text_clock(look->wall_us - (look->now_us - since), clock, sizeof clock), text);
        segment_brief(piece, "since %.8sZ", clock);
    }
    if (hint) {
        segments_add(&s->line, 4, ROLE_STRIP_CRITICAL, "", "%s", hint);
    }
    segments_add(&s->line, 5, ROLE_STRIP_CRITICAL, "", "%.60s",
                 look_text(look, VEIL_ADDRESS, model_connection(look->m)->address, address));
}

void strip_recalc(struct strip *s, const struct look *look)
{
    segments_clear(&s->line);
    s->why[0] = '\0';
    s->ground = ROLE_STRIP;
    if (!model_redis_reachable(look->m) && !trouble_is_start(look)) {
        make_trouble(s, look);
        return;
    }
    add_alerts(&s->line, look);
    add_trace(&s->line, look);
    add_place(&s->line, look);
    add_replica(&s->line, look);
    add_sites(&s->line, look);
    if (trouble_is_start(look)) {
        segments_add(&s->line, 1, ROLE_STRIP, "", "connecting");
        return;
    }
    add_identity(&s->line, look);
    add_memory(&s->line, look);
    add_load(&s->line, look);
    add_notify(&s->line, look);
    add_orphans(&s->line, look);
    add_watched(&s->line, look);
    add_own(&s->line, look);
    add_age(&s->line, look);
}

/* Since when, and when it is tried again, stay whole: the reason takes what they leave. */
static void fit_trouble(struct segments *line, const char *why, int cols, const struct segments_style *style)
{
    char brief[sizeof line->at[0].brief - sizeof TROUBLE_HEAD];
    int room = cols - segments_least(line, VITAL, style);
    room = room < (int)sizeof brief - 1 ? room : (int)sizeof brief - 1;
    if (line->count && room > 0) {
        segment_brief(&line->at[0], TROUBLE_HEAD "%s", trouble_brief(why, brief, (size_t)room + 1));
    }
}

void strip_draw(const struct strip *s, struct grid *g, int y)
{
    grid_clear(g, (struct rect){0, y, g->width, 1}, s->ground);
    enum role gap = s->ground == ROLE_STRIP ? ROLE_STRIP_LABEL : s->ground;
    struct segments_style style = {"  ", gap, ROLE_STRIP_LABEL, VITAL};
    struct segments line = s->line;
    if (s->why[0]) {
        fit_trouble(&line, s->why, g->width - 2, &style);
    }
    segments_draw(&line, g, 1, y, g->width - 2, &style);
    if (g->width < 3) {
        grid_text(g, 0, y, g->width, s->ground == ROLE_STRIP ? S("r") : S("!"), s->ground);
    }
}
