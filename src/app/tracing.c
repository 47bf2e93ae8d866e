#include "tracing.h"

#include "strain.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/num.h"

#define DURATION_US       (3 * US_PER_S)
#define DURATION_LEAST_US US_PER_S
#define DURATION_MOST_US  (30 * US_PER_S)
#define BYTES_MOST        (INT64_C(16) * 1024 * 1024)
#define LINE_BYTES        50 /* of a line of MONITOR besides the arguments */
#define COMMAND_BYTES     60 /* of a command, where the server does not say */

/* What MONITOR would send in a second by the present rate; -1 unknown. */
static int64_t bytes_per_s(const struct server *s)
{
    const struct info *i = &s->info;
    double command = COMMAND_BYTES;
    if (i->total_net_input_bytes > 0 && i->total_commands_processed > 0) {
        command = (double)i->total_net_input_bytes / (double)i->total_commands_processed;
    }
    return isnan(s->ops_per_s) ? -1 : (int64_t)(s->ops_per_s * (command + LINE_BYTES));
}

/* --- the question --- */

static bool start(void *ctx, const char *typed, struct err *err)
{
    struct console *c = ctx;
    (void)typed;
    /* The question may have stood there for long. */
    if (!strain_allows_trace(c->observer.model, err) ||
        !collect_trace(c->observer.collect, c->trace_us, BYTES_MOST, err)) {
        return false;
    }
    c->tracing = true;
    return true;
}

static void ask(struct console *c, int64_t us)
{
    const struct server *s = model_server(c->observer.model);
    char line[3][160], time[24], bytes[24], most[24], ops[24], title[64];
    int64_t each = bytes_per_s(s);
    human_duration(us, time, sizeof time);
    human_bytes(each < 0 ? -1 : each * us / US_PER_S, bytes, sizeof bytes);
    human_bytes(BYTES_MOST, most, sizeof most);
    snprintf(title, sizeof title, "listen to every command for %s", time);
    snprintf(line[0], sizeof line[0],
             "MONITOR makes the server send each command of each client here as well:");
    snprintf(line[1], sizeof line[1], "some %s at the present %s commands a second.", bytes,
             human_rate(s->ops_per_s, ops, sizeof ops));
    snprintf(line[2], sizeof line[2], "It ends after %s, at %s, when the server gets slow, and on Esc.", time,
             most);
    const struct ui_line lines[] = {
        {ROLE_WARNING, line[0]},
        {ROLE_WARNING, line[1]},
        {ROLE_VALUE, line[2]},
        {ROLE_VALUE, "Reads, writes and misses are counted by family; values are not kept."},
        {ROLE_VALUE, "Nothing is written: it is allowed with --read-only, too."},
        {ROLE_DIM, ""},
        {ROLE_DIM, "MONITOR"},
    };
    c->trace_us = us;
    ui_ask(c->ui, &(struct ui_question){.title = title,
                                        .count = sizeof lines / sizeof lines[0],
                                        .line = lines,
                                        .answer = start,
                                        .ctx = c});
}

static bool do_trace(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    const char *word = words_at(w, 1);
    int64_t us = DURATION_US;
    if (word && strcmp(word, "stop") == 0) {
        collect_trace_stop(c->observer.collect);
        return true;
    }
    if (word && (!num_duration_us(span_of(word), &us) || us < DURATION_LEAST_US || us > DURATION_MOST_US)) {
        return err_set(err, ERR_USAGE, "trace: expected 1s to 30s or stop, got '%.40s'", word);
    }
    if (collect_is_tracing(c->observer.collect)) {
        return err_set(err, ERR_REFUSED, "a trace runs already; `trace stop` ends it");
    }
    if (!strain_allows_trace(c->observer.model, err)) {
        return false;
    }
    ask(c, us);
    return true;
}

/* --- while it runs --- */

void tracing_turn(struct console *c)
{
    char text[240], commands[24];
    if (!c->tracing || collect_is_tracing(c->observer.collect)) {
        return;
    }
    const struct trace_view *v = model_trace(c->observer.model);
    bool ran = v->ends_at_us > v->begun_us;
    snprintf(text, sizeof text, ran ? "trace: %s commands, %s" : "%.0s%s",
             human_count(v->commands, commands, sizeof commands), v->text);
    c->tracing = false;
    ui_message(c->ui, ran ? ROLE_GOOD : ROLE_WARNING, text);
}

bool tracing_takes_line(struct console *c, const char *line)
{
    if (!c->tracing || strcmp(line, "back") != 0) {
        return false;
    }
    collect_trace_stop(c->observer.collect);
    return true;
}

const struct command tracing_commands[] = {
    {"trace", "[TIME | stop]",
     "listen to every command for a while (1s to 30s, 3s), to count reads and misses by family", 0, 1,
     COMMAND_WATCH | COMMAND_SCREEN, do_trace, "1s 3s 10s 30s stop"},
};
const size_t tracing_commands_count = sizeof tracing_commands / sizeof tracing_commands[0];
