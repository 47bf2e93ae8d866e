/* The head of a family's page: what the last trace has counted of it, above the keys that were met. */
#include "cache_head.h"
#include "page.h"
#include "texts.h"

#include <math.h>

#include "redai/base/human.h"

static const struct family *find(const struct look *look, struct span name)
{
    for (size_t i = 0; i < model_family_count(look->m); i++) {
        const struct family *f = model_family_at(look->m, i);
        if (span_equal(span_of(f->name), name)) {
            return f;
        }
    }
    return NULL;
}

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
    const struct family *f = find(look, target_id(subject));
    const struct trace_view *v = model_trace(look->m);
    if (!f) {
        return;
    }
    if (!v->running && f->traced_reads >= 0) {
        add_traced(d, look, f);
    } else {
        document_own(d, "hits", ROLE_DIM,
                     v->running ? "a trace runs" : "not known by family before a trace: :trace 3s");
    }
}
