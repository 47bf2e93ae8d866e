#include "pane.h"

#include "texts.h"
#include "trouble.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

const struct pane_ops *const pane_table[FACE_COUNT] = {
    [PANE_SESSIONS] = &pane_sessions,
    [PANE_CACHE] = &pane_cache,
    [PANE_QUEUES] = &pane_queues,
    [PANE_BATCHES] = &pane_batches,
    [PANE_ALERTS] = &pane_alerts,
    [PANE_TASKS] = &pane_tasks,
    [PANE_WORKERS] = &pane_workers,
    [PANE_SERVER] = &pane_server,
    [FACE_TASKS_BY_NAME] = &pane_tasks_by_name,
    [FACE_TASKS_BY_EXCEPTION] = &pane_tasks_by_exception,
    [FACE_SESSIONS_BY_USER] = &pane_sessions_by_user,
    [FACE_ALERTS_LOG] = &pane_alerts_log,
    [FACE_SERVER_COMMANDS] = &pane_server_commands,
    [FACE_SERVER_SLOW] = &pane_server_slow,
    [FACE_SERVER_CLIENTS] = &pane_server_clients,
    [FACE_SERVER_ERRORS] = &pane_server_errors,
    [FACE_SERVER_ENTRIES] = &pane_server_entries,
};

const struct pane_place pane_place[FACE_COUNT] = {
    [PANE_SESSIONS] = {PANE_SESSIONS, "none"},
    [PANE_CACHE] = {PANE_CACHE, "none"},
    [PANE_QUEUES] = {PANE_QUEUES, "none"},
    [PANE_BATCHES] = {PANE_BATCHES, "none"},
    [PANE_ALERTS] = {PANE_ALERTS, "none"},
    [PANE_TASKS] = {PANE_TASKS, "none"},
    [PANE_WORKERS] = {PANE_WORKERS, "none"},
    [PANE_SERVER] = {PANE_SERVER, "none"},
    [FACE_TASKS_BY_NAME] = {PANE_TASKS, "name"},
    [FACE_TASKS_BY_EXCEPTION] = {PANE_TASKS, "exception"},
    [FACE_SESSIONS_BY_USER] = {PANE_SESSIONS, "user"},
    [FACE_ALERTS_LOG] = {PANE_ALERTS, "log"},
    [FACE_SERVER_COMMANDS] = {PANE_SERVER, "commands"},
    [FACE_SERVER_SLOW] = {PANE_SERVER, "slowlog"},
    [FACE_SERVER_CLIENTS] = {PANE_SERVER, "clients"},
    [FACE_SERVER_ERRORS] = {PANE_SERVER, "errors"},
    [FACE_SERVER_ENTRIES] = {PANE_SERVER, "entries"},
};

const char *pane_face_name(int face, char *out, size_t size)
{
    bool own = face < PANE_COUNT;
    const char *between = face == FACE_ALERTS_LOG                 ? " "
                          : pane_place[face].place == PANE_SERVER ? ": "
                                                                  : " by ";
    snprintf(out, size, "%s%s%s", pane_table[face]->name, own ? "" : between,
             own ? "" : pane_place[face].word);
    return out;
}

int pane_next_face(int face)
{
    enum pane_id place = pane_place[face].place;
    for (int i = face + 1; i < FACE_COUNT; i++) {
        if (i >= PANE_COUNT && pane_place[i].place == place) {
            return i;
        }
    }
    return (int)place;
}

void pane_init(struct pane *p, const struct pane_ops *ops)
{
    memset(p, 0, sizeof *p);
    p->ops = ops;
    table_init(&p->table, ops->sort, ops->descending);
}

void pane_release(struct pane *p)
{
    table_release(&p->table);
    frozen_free(p->frozen);
}

/* --- rows of the model --- */

static const struct pane_source *source_of(const void *ctx)
{
    return ctx;
}

static size_t live_count(const void *ctx)
{
    return source_of(ctx)->pane->ops->count(source_of(ctx)->look->m);
}

static const void *live_row(const void *ctx, size_t i)
{
    return source_of(ctx)->pane->ops->row(source_of(ctx)->look->m, i);
}

static const void *live_find(const void *ctx, struct span id)
{
    return source_of(ctx)->pane->ops->find(source_of(ctx)->look->m, id);
}

static bool live_shows(const void *ctx, const void *row)
{
    return source_of(ctx)->pane->ops->shows(source_of(ctx)->look, row);
}

static size_t live_under(const void *ctx, const void *row)
{
    return source_of(ctx)->pane->ops->under(source_of(ctx)->look->m, row);
}

static enum target_kind live_identify(const void *ctx, const void *row, struct span *ret_id)
{
    return source_of(ctx)->pane->ops->identify(row, ret_id);
}

static void live_field(const void *ctx, const void *row, size_t column, struct field *out)
{
    source_of(ctx)->pane->ops->column[column].write(source_of(ctx)->look, row, out);
}

static void live_key(const void *ctx, const void *row, size_t column, struct sort_key *out)
{
    source_of(ctx)->pane->ops->column[column].key(source_of(ctx)->look, row, out);
}

struct rows pane_rows(const struct pane *p, struct pane_source *source, const struct look *look)
{
    enum rows_fold folds = !p->ops->folds_by_height ? ROWS_FOLD_LONG
                           : p->tall                ? ROWS_FOLD_NONE
                                                    : ROWS_FOLD_ALL;
    if (p->frozen) {
        struct rows rows = frozen_rows(p->frozen, look->veil);
        rows.folds = folds;
        return rows;
    }
    *source = (struct pane_source){p, look};
    return (struct rows){
        .ctx = source,
        .column = p->ops->column,
        .columns = p->ops->columns,
        .count = live_count,
        .row = live_row,
        .find = p->ops->find ? live_find : NULL,
        .shows = p->ops->shows ? live_shows : NULL,
        .under = p->ops->under ? live_under : NULL,
        .folds = folds,
        .identify = live_identify,
        .raw_field = live_field,
        .raw_key = live_key,
        .veil = look->veil,
    };
}

/* --- title and notice --- */

static void title_age(struct pane *p, const struct look *look, bool any)
{
    char age[TEXT_SMALL];
    const struct topic_view *topic = model_topic(look->m, p->ops->topic);
    int64_t age_us = model_topic_age_us(look->m, p->ops->topic);
    text_data_age(age_us, age, sizeof age);
    if (age_us < 0) {
        /* A part's count is no total; a walk says so itself. */
        bool part = any && !model_census(look->m)->walking;
        segments_add(&p->title, part ? 1 : 2, ROLE_STALE, "",
                     topic->failed ? "? cannot be read" : "not read yet");
    } else if (topic->failed) {
        struct segment *s = segments_add(&p->title, 1, ROLE_WARNING, "", "! read failed, stale %s", age);
        segment_brief(s, "! stale %s", age);
    } else if (p->stale) {
        segments_add(&p->title, 1, ROLE_WARNING, "", "stale %s", age);
    } else {
        segments_add(&p->title, 1, ROLE_DIM, "", "%s", age);
    }
}

static void make_title(struct pane *p, const struct look *look)
{
    char count[TEXT_SMALL];
    int64_t rows = (int64_t)p->ops->count(look->m);
    bool known = rows > 0 || model_topic(look->m, p->ops->topic)->ok_at_us >= 0;
    segments_clear(&p->title);
    human_count(known ? rows : -1, count, sizeof count);
    if (p->ops->headline) {
        p->ops->headline(look, count, sizeof count);
    }
    segments_add(&p->title, 0, ROLE_TITLE, "", "%s %s", p->ops->name, count);
    title_age(p, look, rows > 0);
    if (rows > RANKING_ROWS_MAX) {
        segments_add(&p->title, 1, ROLE_WARNING, "", "first %s shown",
                     human_count(RANKING_ROWS_MAX, count, sizeof count));
    }
    p->ops->title(look, &p->title);
    size_t cut = model_rows_cut(look->m, p->ops->topic);
    if (cut) {
        segments_add(&p->title, 1, ROLE_WARNING, "", "! %zu more left out", cut);
    }
}

/* With a server of its own the strip does not say it all. */
static bool is_apart(const struct look *look, enum topic topic)
{
    return model_site(look->m, model_topic_site(topic))->apart ||
           (topic == TOPIC_TASKS && model_site(look->m, SITE_RESULTS)->apart);
}

static void make_notice(struct pane *p, const struct look *look)
{
    const struct topic_view *topic = model_topic(look->m, p->ops->topic);
    bool rows = p->ops->count(look->m) > 0;
    p->notice.figure = FIELD_TEXT;
    p->notice_is_empty = !rows;
    field_text(&p->notice, ROLE_TEXT, S(""));
    char away[400];
    if (trouble_topic_line(look, p->ops->topic, away, sizeof away) &&
        (!rows || is_apart(look, p->ops->topic))) {
        text_copy(p->notice.buffer, sizeof p->notice.buffer, span_of(away));
        field_text(&p->notice, ROLE_WARNING, span_of(p->notice.buffer));
    } else if (topic->failed && topic->error[0]) {
        char line[sizeof p->notice.buffer];
        char error[400];
        snprintf(line, sizeof line, "! %.80s", look_prose(look, topic->error, error, sizeof error));
        text_copy(p->notice.buffer, sizeof p->notice.buffer, span_of(line));
        field_text(&p->notice, ROLE_WARNING, span_of(p->notice.buffer));
    } else if (!rows && topic->ok_at_us < 0) {
        field_text(&p->notice, ROLE_DIM, S("not read yet"));
    } else if (!rows || p->ops->shows) {
        p->ops->empty(look, &p->notice);
    }
}

void pane_title_walk(const struct look *look, struct segments *out)
{
    const struct census_view *census = model_census(look->m);
    char text[TEXT_SMALL];
    if (census->complete || !census->walking) {
        return;
    }
    if (census->expected > 0) {
        /* It is over when it is over: keys may have come since. */
        int64_t percent = census->walked * 100 / census->expected;
        segments_add(out, 1, ROLE_INFO, "", "%d %% walked", (int)(percent < 99 ? percent : 99));
    } else {
        segments_add(out, 1, ROLE_INFO, "", "%s walked", human_count(census->walked, text, sizeof text));
    }
}

void pane_title_strays(const struct look *look, struct segments *out)
{
    const struct session_index_view *index = model_session_index(look->m);
    char text[TEXT_SMALL];
    if (index->orphans) {
        struct segment *s =
            segments_add(out, 2, ROLE_WARNING, "", "! %s%s%s", index->blind ? "at least " : "",
                         text_plural((int64_t)index->orphans, "orphan", "orphans", text, sizeof text),
                         index->complete ? "" : " so far");
        segment_brief(s, "!orph %zu%s", index->orphans, index->blind ? "+" : "");
    }
    if (index->unreadable) {
        segments_add(out, 2, ROLE_WARNING, "", "! %s unreadable",
                     text_plural((int64_t)index->unreadable, "index", "indexes", text, sizeof text));
    }
    if (index->partly) {
        segments_add(out, 4, ROLE_DIM, "", "%s partly read",
                     text_plural((int64_t)index->partly, "index", "indexes", text, sizeof text));
    }
    if (index->stale) {
        struct segment *s = segments_add(out, 3, ROLE_WARNING, "", "%s%zu stale",
                                         index->partly ? "at least " : "", index->stale);
        segment_brief(s, "%zu%s stale", index->stale, index->partly ? "+" : "");
    }
}

void pane_recalc(struct pane *p, const struct look *look, unsigned changes)
{
    struct pane_source source;
    struct rows rows = pane_rows(p, &source, look);
    if (!p->frozen) {
        p->stale = model_topic_stale(look->m, p->ops->topic);
        make_title(p, look);
        make_notice(p, look);
        p->head.lines = 0;
        p->head.graph = false;
        if (p->ops->head) {
            p->ops->head(look, &p->head);
        }
    }
    table_recalc(&p->table, &rows, !p->frozen && (changes & p->ops->topics), look->now_us);
}

void pane_miss(struct pane *p, unsigned changes)
{
    p->table.pending = p->table.pending || (!p->frozen && (changes & p->ops->topics));
}

void pane_freeze(struct pane *p, const struct look *look)
{
    struct pane_source source;
    struct rows rows = pane_rows(p, &source, look);
    size_t left_out = 0;
    p->frozen = frozen_take(&rows, p->table.width, p->table.ranking.index, p->table.ranking.count, &left_out);
    p->table.dirty = true;
    if (left_out) {
        char kept[TEXT_SMALL];
        segments_add(&p->title, 1, ROLE_WARNING, "", "first %s kept",
                     human_count(FROZEN_ROWS_MAX, kept, sizeof kept));
    }
}

void pane_thaw(struct pane *p)
{
    frozen_free(p->frozen);
    p->frozen = NULL;
    p->table.dirty = true;
    p->table.pending = true;
}
