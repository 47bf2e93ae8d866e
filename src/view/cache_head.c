#include "cache_head.h"

#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

enum { BAR_COLS = 16 };

/* Hits cannot be told apart: the server counts them for all keys together. */
static const char *whose(const struct server *s)
{
    if (s->hits_shared) {
        return "(another redai-console reads too)";
    }
    return s->celery_told_apart ? "(ours and Celery's misses off, its hits in)"
                                : "(ours off, Celery's in; graph: 5 min)";
}

static void add_rate(const struct look *look, struct segments *line)
{
    const struct server *server = model_server(look->m);
    char number[TEXT_SMALL];
    char lookups[TEXT_SMALL];
    segments_clear(line);
    segments_add(line, 1, ROLE_VALUE, "hit rate", "%s",
                 human_percent(server->hit_rate_window, number, sizeof number));
    segments_add(line, 3, ROLE_DIM, "", "of %s look-ups in the last minute",
                 human_count(server->window_lookups, lookups, sizeof lookups));
    segments_add(line, 2, ROLE_VALUE, "since start", "%s",
                 human_percent(server->hit_rate_lifetime, number, sizeof number));
    struct segment *s = segments_add(line, 4, ROLE_DIM, "", "%s", whose(server));
    segment_brief(s, "%s",
                  server->hits_shared         ? "(a console reads too)"
                  : server->celery_told_apart ? "(Celery's misses off)"
                                              : "(with Celery's)");
}

static bool counted(const struct trace_view *v)
{
    return v->ends_at_us > v->begun_us;
}

static void add_running(const struct look *look, const struct trace_view *v, struct segments *line)
{
    char left[TEXT_SMALL];
    char commands[TEXT_SMALL];
    char bytes[TEXT_SMALL];
    char most[TEXT_SMALL];
    double all_us = (double)(v->ends_at_us - v->begun_us);
    int64_t left_us = v->ends_at_us > look->now_us ? v->ends_at_us - look->now_us : 0;
    struct segment *s =
        segments_add(line, 1, ROLE_WARNING, "tracing", "%s left", text_left(left_us, left, sizeof left));
    s->bar_cols = s->brief_bar = BAR_COLS;
    s->part = all_us > 0 ? 1. - (double)left_us / all_us : 0;
    segments_add(line, 3, ROLE_VALUE, "", "%s commands, %s of %s",
                 human_count(v->commands, commands, sizeof commands),
                 human_bytes(v->bytes, bytes, sizeof bytes), human_bytes(v->bytes_max, most, sizeof most));
    segments_add(line, 2, ROLE_DIM, "", "Esc ends it");
}

static void add_last(const struct look *look, const struct trace_view *v, struct segments *line)
{
    char time[TEXT_SMALL];
    char age[TEXT_SMALL];
    char commands[TEXT_SMALL];
    char prose[240];
    const char *why = look_prose(look, v->text, prose, sizeof prose);
    text_age(look->now_us - v->ended_us, age, sizeof age);
    if (!counted(v)) {
        segments_add(line, 1, ROLE_WARNING, "", "%s", why);
        segments_add(line, 2, ROLE_DIM, "", "%s ago", age);
        return;
    }
    segments_add(line, 1, ROLE_VALUE, "traced", "%s",
                 human_duration(v->ended_us - v->begun_us, time, sizeof time));
    segments_add(line, 1, ROLE_DIM, "", "%s ago", age);
    segments_add(line, 2, ROLE_VALUE, "", "%s commands, ours left out",
                 human_count(v->commands, commands, sizeof commands));
    segments_add(line, 3, ROLE_DIM, "", "%s", why);
}

static bool add_trace(const struct look *look, struct segments *line)
{
    const struct trace_view *v = model_trace(look->m);
    segments_clear(line);
    if (v->running) {
        add_running(look, v, line);
    } else if (v->ended_us >= 0) {
        add_last(look, v, line);
    }
    return line->count > 0;
}

void cache_head(const struct look *look, struct pane_head *out)
{
    const struct server *server = model_server(look->m);
    out->lines = 0;
    if (server->known) {
        add_rate(look, &out->line[0]);
        out->lines = add_trace(look, &out->line[1]) ? 2 : 1;
    }
    out->series = server->hit_rate;
    out->graph = server->known;
    out->max = 100;
    out->high = "100%";
    out->low = "0%";
}

void cache_head_title(const struct look *look, struct segments *out)
{
    const struct trace_view *v = model_trace(look->m);
    char time[TEXT_SMALL];
    char age[TEXT_SMALL];
    if (v->running) {
        int64_t left_us = v->ends_at_us > look->now_us ? v->ends_at_us - look->now_us : 0;
        segments_add(out, 1, ROLE_WARNING, "", "tracing, %s left", text_left(left_us, time, sizeof time));
    } else if (v->ended_us >= 0 && counted(v)) {
        segments_add(out, 3, ROLE_DIM, "", "traced %s, %s ago",
                     human_duration(v->ended_us - v->begun_us, time, sizeof time),
                     text_age(look->now_us - v->ended_us, age, sizeof age));
    }
}

double cache_head_hits(const struct family *f)
{
    if (f->traced_reads <= 0 || f->traced_misses < 0) {
        return (double)NAN;
    }
    int64_t hits = f->traced_reads > f->traced_misses ? f->traced_reads - f->traced_misses : 0;
    return 100. * (double)hits / (double)f->traced_reads;
}
