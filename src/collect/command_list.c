/* command_list: what commands cost so far, and which errors were given: INFO commandstats and errorstats. */
#include "collect_priv.h"

#include "redai/base/num.h"

#include "redai/schema/command_stats.h"

#define LOOKED_US (INT64_C(2) * US_PER_S)
#define ASIDE_US  (INT64_C(15) * US_PER_S) /* the rules want to know of refused and failed ones */

/* Keys go, or others come in their place, and no event tells. Once more of them than the last time: what is
 * there now is known by a whole walk only. */
static void note_emptied(struct collect *c, int64_t calls)
{
    int64_t known = c->lists.emptied;
    c->lists.emptied = calls;
    if (known >= 0 && calls > known) {
        feed_catch_up(c);
    }
}

static bool empties(struct span name)
{
    return span_equal(name, S("flushall")) || span_equal(name, S("flushdb")) || span_equal(name, S("swapdb"));
}

static void tell_commands(struct collect *c, struct span text)
{
    struct command_stats_line line;
    int64_t emptied = 0;
    struct fact f = {.kind = FACT_COMMAND_STAT, .command_stat = {.phase = LIST_ROW}};
    while (command_stats_next(&text, &line)) {
        f.command_stat.name = line.name;
        f.command_stat.calls = line.calls;
        f.command_stat.usec = line.usec;
        f.command_stat.rejected = line.rejected;
        f.command_stat.failed = line.failed;
        emptied += empties(line.name) && line.calls > 0 ? line.calls : 0;
        collect_emit(c, &f);
    }
    note_emptied(c, emptied);
    struct fact end = {.kind = FACT_COMMAND_STAT, .command_stat = {LIST_END, {NULL, 0}, -1, -1, -1, -1}};
    collect_emit(c, &end);
}

static void tell_errors(struct collect *c, struct span text)
{
    struct error_stats_line line;
    struct fact f = {.kind = FACT_ERROR_STAT, .error_stat = {.phase = LIST_ROW}};
    while (error_stats_next(&text, &line)) {
        f.error_stat.name = line.name;
        f.error_stat.count = line.count;
        collect_emit(c, &f);
    }
    struct fact end = {.kind = FACT_ERROR_STAT, .error_stat = {LIST_END, {NULL, 0}, -1}};
    collect_emit(c, &end);
}

static bool has_section(struct span text, struct span title)
{
    return span_search(text, title) < text.len;
}

static void on_stats(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (!server_list_answered(c, &c->lists.commands, TOPIC_COMMANDS, r, REPLY_STRING)) {
        return;
    }
    struct span text = reply_text(r);
    if (has_section(text, S("# Commandstats"))) {
        tell_commands(c, text);
    }
    if (has_section(text, S("# Errorstats"))) { /* 6.2 and newer */
        tell_errors(c, text);
    }
}

/* From 7.0 on INFO takes several sections at once. */
static bool takes_sections(const struct info *info)
{
    int64_t major;
    struct span version = span_of(info->redis_version);
    return num_i64_range(span_head(version, span_find(version, '.')), 7, INT32_MAX, &major);
}

void command_list_step(struct collect *c, int64_t now_us)
{
    struct server_list *l = &c->lists.commands;
    if (!server_list_due(l, now_us)) {
        return;
    }
    bool sent = takes_sections(&c->info.info)
                    ? link_command(c->poll, on_stats, c, S("INFO"), S("commandstats"), S("errorstats"))
                    : link_command(c->poll, on_stats, c, S("INFO"), S("commandstats")) &&
                          link_command(c->poll, on_stats, c, S("INFO"), S("errorstats"));
    if (sent) {
        server_list_asked(c, l, now_us, server_lists_look(c, TARGET_COMMAND) ? LOOKED_US : ASIDE_US);
    }
}
