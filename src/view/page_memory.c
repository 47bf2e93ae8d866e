/* Who uses the memory of a Redis that is shared, what the server may throw away now, and what is lost then.
 */
#include "page.h"
#include "texts.h"
#include "trouble.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"

#include "redai/model/usage.h"

enum { BAR_COLS = 10 };

static void add_verdict(struct document *d, const struct look *look)
{
    bool bad;
    const char *verdict = model_usage_verdict(look->m, &bad);
    if (verdict[0]) {
        document_ownf(d, "verdict", bad ? ROLE_WARNING : ROLE_GOOD, "%s%s", bad ? "! " : "", verdict);
    } else {
        document_own(d, "verdict", ROLE_UNKNOWN, "? the server's memory was not read yet");
    }
}

/* --- owners --- */

static void write_bar(double part, bool ascii, char *out, size_t size)
{
    int full = isnan(part) ? 0 : (int)(part * BAR_COLS + 0.5);
    size_t used = 0;
    for (int i = 0; i < BAR_COLS && used < size; i++) {
        const char *cell = i < full ? (ascii ? "#" : "\xe2\x96\x88") : (ascii ? "." : "\xc2\xb7");
        used += (size_t)snprintf(out + used, size - used, "%s", cell);
    }
}

/* "0" when all were measured. */
static void write_margin(const struct usage_view *v, char *out, size_t size)
{
    char text[TEXT_SMALL];
    if (isnan(v->margin)) {
        snprintf(out, size, "?");
    } else {
        snprintf(out, size, "%s%s", v->margin > 0 ? "+-" : "",
                 human_bytes((int64_t)(v->margin + 0.5), text, sizeof text));
    }
}

static const char *fate(const struct look *look, const struct usage_view *v)
{
    return v->keys == 0 ? "" : !model_server(look->m)->known ? "?" : v->evictable ? "may go" : "stays";
}

static void add_owner(struct document *d, const struct look *look, const struct usage_view *v, int64_t all)
{
    char keys[TEXT_SMALL], bytes[TEXT_SMALL], margin[TEXT_SMALL], bar[TEXT_SMALL], share[TEXT_SMALL],
        lasting[TEXT_SMALL];
    double part = v->bytes < 0 || all <= 0 ? NAN : (double)v->bytes / (double)all;
    enum role role = v->keys < 0                ? ROLE_UNKNOWN
                     : v->keys == 0             ? ROLE_DIM
                     : v->evictable && v->vital ? ROLE_WARNING
                                                : ROLE_VALUE;
    write_margin(v, margin, sizeof margin);
    write_bar(part, look->ascii, bar, sizeof bar);
    document_ownf(d, usage_name[v->usage], role, "%6s %6s %8s %s %4s %7s  %s%s",
                  human_count(v->keys, keys, sizeof keys), human_bytes(v->bytes, bytes, sizeof bytes), margin,
                  bar, text_share(part, share, sizeof share),
                  human_count(v->without_ttl, lasting, sizeof lasting), role == ROLE_WARNING ? "! " : "",
                  fate(look, v));
}

static void add_owners(struct document *d, const struct look *look, const struct usage_view *row, size_t rows)
{
    int64_t all = 0;
    for (size_t i = 0; i < rows; i++) {
        all += row[i].bytes > 0 ? row[i].bytes : 0;
    }
    struct document_line *head = document_ownf(d, "owner", ROLE_DIM, "%6s %6s %8s %-*s %7s  when full",
                                               "keys", "bytes", "margin", BAR_COLS + 5, "share", "no ttl");
    head->label_role = ROLE_DIM;
    for (size_t i = 0; i < rows; i++) {
        add_owner(d, look, &row[i], all);
    }
    const struct census_view *census = model_census(look->m);
    if (!census->complete) {
        document_own(d, "", ROLE_INFO, "the keys are still being counted: these are those seen so far");
    }
}

static void add_losses(struct document *d, const struct usage_view *row, size_t rows)
{
    document_heading(d, "lost when it goes");
    for (size_t i = 0; i < rows; i++) {
        if (row[i].keys != 0) {
            document_own(d, usage_name[row[i].usage], row[i].vital ? ROLE_VALUE : ROLE_DIM, row[i].loss);
        }
    }
}

/* Reply mailboxes of clients that have gone, and their bindings: Celery never takes them away. */
static void add_leftovers(struct document *d, const struct usage_view *row, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        char keys[TEXT_SMALL], lasting[TEXT_SMALL];
        if (row[i].usage == USAGE_LEFTOVERS && row[i].keys > 0 && row[i].without_ttl > 0) {
            document_heading(d, "left-overs");
            document_ownf(
                d, "", ROLE_INFO,
                "%s of Celery's remote control, %s without a TTL: mailboxes for replies of clients that "
                "have gone, and the set that names them. Nothing ever takes them away: redis-cli --scan "
                "--pattern '*.reply.celery.pidbox' lists the mailboxes, :delete KEY takes one.",
                text_plural(row[i].keys, "key", "keys", keys, sizeof keys),
                human_count(row[i].without_ttl, lasting, sizeof lasting));
        }
    }
}

/* --- the server --- */

static void add_bytes(struct document *d, const char *label, int64_t bytes, int64_t of)
{
    char text[TEXT_SMALL], share[TEXT_SMALL];
    if (bytes < 0) {
        document_own(d, label, ROLE_UNKNOWN, "?");
    } else if (of > 0) {
        document_ownf(d, label, ROLE_VALUE, "%s, %s of it", human_bytes(bytes, text, sizeof text),
                      text_share((double)bytes / (double)of, share, sizeof share));
    } else {
        document_own(d, label, ROLE_VALUE, human_bytes(bytes, text, sizeof text));
    }
}

static void add_server(struct document *d, const struct info *i)
{
    char text[TEXT_SMALL];
    document_heading(d, "the server");
    add_bytes(d, "used", i->used_memory, -1);
    add_bytes(d, "dataset", i->used_memory_dataset, i->used_memory);
    add_bytes(d, "overhead", i->used_memory_overhead, i->used_memory);
    if (i->maxmemory == 0) {
        document_own(d, "maxmemory", ROLE_VALUE, "0: no limit");
    } else {
        add_bytes(d, "maxmemory", i->maxmemory, -1);
    }
    document_own(d, "policy", i->maxmemory_policy[0] ? ROLE_VALUE : ROLE_UNKNOWN,
                 i->maxmemory_policy[0] ? i->maxmemory_policy : "?");
    add_bytes(d, "resident", i->used_memory_rss, -1);
    if (isnan(i->mem_fragmentation_ratio)) {
        document_own(d, "fragmentation", ROLE_UNKNOWN, "?");
    } else {
        document_own(d, "fragmentation", ROLE_VALUE,
                     text_value(i->mem_fragmentation_ratio, "count", text, sizeof text));
    }
    if (i->evicted_keys < 0) {
        document_own(d, "evicted", ROLE_UNKNOWN, "?");
    } else {
        document_ownf(d, "evicted", i->evicted_keys ? ROLE_WARNING : ROLE_VALUE,
                      "%s%" PRId64 " since it started", i->evicted_keys ? "! " : "", i->evicted_keys);
    }
}

void page_fill_memory(struct page *p, const struct look *look)
{
    const struct server *s = model_server(look->m);
    const struct usage_view *row;
    size_t rows = model_usage(look->m, &row);
    struct document *d = &p->doc;
    int64_t age = model_topic_age_us(look->m, TOPIC_SERVER);

    document_begin(d);
    snprintf(p->title, sizeof p->title, "memory");
    p->own = true;
    p->read_us = age < 0 ? -1 : look->now_us - age;
    p->filled = true;
    if (!model_redis_reachable(look->m)) {
        char line[400];
        document_own(d, "", ROLE_CRITICAL, trouble_line(look, line, sizeof line));
    }
    add_verdict(d, look);
    document_own(d, "", ROLE_TEXT, "");
    add_owners(d, look, row, rows);
    add_losses(d, row, rows);
    add_leftovers(d, row, rows);
    if (s->known) {
        add_server(d, &s->info);
    }
}
