/* The head of a family's page: what the walk and the last trace have counted of it, what is wrong with it and
 * the way out, above the keys that were met. */
#include "cache_head.h"
#include "family_words.h"
#include "page.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

/* --- what was counted --- */

static void add_keys(struct document *d, const struct look *look, const struct family *f)
{
    const struct census_view *census = model_census(look->m);
    char text[3][TEXT_SMALL];
    if (!f->counted) {
        document_own(d, "keys", ROLE_UNKNOWN, "? known from events only: no walk has met one yet");
        return;
    }
    document_ownf(d, "keys", ROLE_VALUE, "%s of %s, counted %s ago",
                  human_count(f->keys, text[0], TEXT_SMALL),
                  human_count(census->complete ? census->keys : -1, text[1], TEXT_SMALL),
                  text_age(census->finished_at_us < 0 ? 0 : look->now_us - census->finished_at_us, text[2],
                           TEXT_SMALL));
    if (f->below) {
        document_ownf(d, "families", ROLE_VALUE, "%zu begin with these letters", f->below);
    }
    if (f->folded) {
        document_ownf(d, "levels", ROLE_VALUE, "more than %d second parts: their keys are counted together",
                      FAMILY_LEVELS_MAX);
    }
}

static void add_memory(struct document *d, const struct look *look, const struct family *f)
{
    char text[4][TEXT_SMALL];
    human_bytes(f->bytes_estimate, text[0], TEXT_SMALL);
    if (f->bytes_estimate < 0) {
        document_own(d, "memory", ROLE_UNKNOWN, "? not every part of it was measured");
    } else if (f->without_ttl_exact) {
        document_ownf(d, "memory", ROLE_VALUE, "%s, every key measured", text[0]);
    } else if (isnan(f->bytes_margin)) {
        document_ownf(d, "memory", ROLE_VALUE, "~%s, a guess from %s", text[0],
                      text_plural(f->sampled, "key", "keys", text[1], TEXT_SMALL));
    } else {
        document_ownf(d, "memory", ROLE_VALUE, "~%s, off by %s at the most (95 %%): %s of %s keys measured",
                      text[0], human_bytes((int64_t)f->bytes_margin, text[1], TEXT_SMALL),
                      human_count(f->sampled, text[2], TEXT_SMALL),
                      human_count(f->keys, text[3], TEXT_SMALL));
    }
    if (f->largest_bytes >= 0 && f->largest) {
        char shown[VEIL_MAX];
        struct span key = span_make(f->largest, f->largest_len);
        char *name = utf8_sanitise_dup(key, 80);
        if (look->veil) { /* of the whole key, as everywhere */
            veil_text(look->veil, VEIL_KEY, key, shown, sizeof shown);
        }
        struct document_line *line =
            document_ownf(d, "largest", ROLE_VALUE, "%s %s",
                          human_bytes(f->largest_bytes, text[0], TEXT_SMALL), look->veil ? shown : name);
        target_set(&line->link, TARGET_KEY, key);
        mem_free(name);
    }
}

static void add_ttls(struct document *d, const struct family *f)
{
    static const char *const label[] = {"below a minute", "below an hour", "below a day", "longer"};
    char text[TEXT_SMALL];
    char whole[160] = "";
    size_t used = 0;
    for (int i = 0; i < 4; i++) {
        if (f->ttl[i]) {
            used += (size_t)snprintf(whole + used, sizeof whole - used, "%s%s %s", used ? ", " : "", label[i],
                                     human_count(f->ttl[i], text, sizeof text));
        }
    }
    double without = family_words_without_ttl(f);
    int64_t none = isnan(without) ? 0 : (int64_t)(without + 0.5);
    if (none > 0) {
        snprintf(whole + used, sizeof whole - used, "%snone %s", used ? ", " : "",
                 human_count(none, text, sizeof text));
    }
    if (!whole[0]) {
        document_own(d, "TTL", ROLE_UNKNOWN, f->keys ? "? none was read yet" : "-");
    } else if (f->below || f->without_ttl_exact) {
        document_own(d, "TTL", ROLE_VALUE, whole);
    } else {
        document_ownf(d, "TTL", ROLE_VALUE, "%s (of %s)", whole,
                      text_plural(f->sampled, "key that was read", "keys that were read", text, sizeof text));
    }
}

static void add_rates(struct document *d, const struct family *f, bool is_shed)
{
    char text[5][TEXT_SMALL];
    if (isnan(f->set_per_s) && isnan(f->miss_per_s) && isnan(f->expired_per_s)) {
        document_own(d, "now", ROLE_UNKNOWN,
                     is_shed ? "? key events are not heard: the feed is shed, more come than are taken"
                             : "? key events are not heard: :notifications on");
        return;
    }
    document_ownf(
        d, "now", ROLE_VALUE, "set %s/s, missed %s/s, expired %s/s, evicted %s/s, deleted %s/s",
        human_rate(f->set_per_s, text[0], TEXT_SMALL), human_rate(f->miss_per_s, text[1], TEXT_SMALL),
        human_rate(f->expired_per_s, text[2], TEXT_SMALL), human_rate(f->evicted_per_s, text[3], TEXT_SMALL),
        human_rate(f->del_per_s, text[4], TEXT_SMALL));
}

/* Every one of them, to the unit: what was written can be counted against it. */
static void add_heard(struct document *d, const struct family *f)
{
    static const struct {
        enum notify_event event;
        const char *word;
    } shown[] = {{NOTIFY_SET, "set"},
                 {NOTIFY_KEYMISS, "missed"},
                 {NOTIFY_EXPIRED, "expired"},
                 {NOTIFY_EVICTED, "evicted"},
                 {NOTIFY_DEL, "deleted"}};
    char whole[160] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        int64_t count = f->events[shown[i].event];
        if (count > 0) {
            used += (size_t)snprintf(whole + used, sizeof whole - used, "%s%lld %s", used ? ", " : "",
                                     (long long)count, shown[i].word);
        }
    }
    if (whole[0]) {
        document_ownf(d, "heard", ROLE_VALUE, "%s, since the console began", whole);
    }
}

/* --- what is wrong with it --- */

static void add_reprs(struct document *d, const struct family *f)
{
    char text[TEXT_SMALL];
    document_ownf(d, "fault", ROLE_WARNING, "! %s an object's address (<... object at 0x...>)",
                  text_plural(f->reprs, "key holds", "keys hold", text, sizeof text));
    document_own(
        d, "", ROLE_VALUE,
        "The cache writes every argument into the key, also ones like the database session, whose address "
        "is another at nearly every call. So each call makes a new key and finds nothing: this cache never "
        "hits, its memory only grows until the TTLs end it, and when Python uses an address again one "
        "call may get what was stored for another.");
    document_own(d, "", ROLE_INFO,
                 "Way out: leave such arguments out of the key: cache an inner function that takes the plain "
                 "ones (exam_id) "
                 "only. The keys there are go with their TTL, or with i (invalidate) at once.");
}

static void add_misplaced(struct document *d, const struct family *f)
{
    char text[TEXT_SMALL];
    document_ownf(d, "fault", ROLE_WARNING, "! %s%s without a TTL", f->without_ttl_exact ? "" : "about ",
                  text_plural(f->misplaced, "key", "keys", text, sizeof text));
    document_own(
        d, "", ROLE_VALUE,
        "The platform gives keys of this family a TTL. Without one they stay until somebody removes them: "
        "what is old is served for ever, and with a volatile policy they are never evicted.");
    document_own(d, "", ROLE_INFO,
                 "Way out: store them with setex (ttl=...); :expire KEY TIME gives one of them a TTL, i "
                 "(invalidate) removes "
                 "them.");
}

/* --- what was traced --- */

static void add_traced(struct document *d, const struct look *look, const struct family *f)
{
    const struct trace_view *v = model_trace(look->m);
    char text[4][TEXT_SMALL];
    double hits = cache_head_hits(f);
    document_ownf(d, "traced", ROLE_VALUE, "%s reads, %s writes in %s, %s ago",
                  human_count(f->traced_reads, text[0], TEXT_SMALL),
                  human_count(f->traced_writes, text[1], TEXT_SMALL),
                  human_duration(v->ended_us - v->begun_us, text[2], TEXT_SMALL),
                  text_age(look->now_us - v->ended_us, text[3], TEXT_SMALL));
    if (f->traced_misses < 0) {
        document_own(d, "hits", ROLE_UNKNOWN, "? misses cannot be heard: :notifications on");
    } else if (f->traced_reads > 0) {
        document_ownf(d, "hits", isnan(hits) ? ROLE_UNKNOWN : ROLE_VALUE, "%s of these reads",
                      human_percent(hits, text[0], TEXT_SMALL));
    }
    if (f->hot_key[0]) {
        char shown[VEIL_MAX];
        document_ownf(d, "read most", ROLE_VALUE, "%s: at least %s times",
                      look_text(look, VEIL_KEY, f->hot_key, shown),
                      human_count(f->hot_reads, text[0], TEXT_SMALL));
    }
}

void page_head_family(struct document *d, const struct look *look, const struct target *subject)
{
    const struct family *f = model_family_find(look->m, target_id(subject));
    const struct trace_view *v = model_trace(look->m);
    if (!f) {
        return;
    }
    add_keys(d, look, f);
    if (f->counted) {
        add_memory(d, look, f);
        add_ttls(d, f);
    }
    add_rates(d, f, model_connection(look->m)->shed.any);
    add_heard(d, f);
    if (!v->running && f->traced_reads >= 0) {
        add_traced(d, look, f);
    } else {
        document_own(d, "hits", ROLE_DIM,
                     v->running ? "a trace runs" : "not known by family before a trace: :trace 3s");
    }
    if (f->reprs) {
        add_reprs(d, f);
    }
    if (f->misplaced) {
        add_misplaced(d, f);
    }
}
