#include "model_priv.h"
#include "sample.h"

#define QUIET_US (60 * US_PER_S) /* a family without keys goes when it was quiet for so long */

/* What of a family's events becomes which rate, and the letter that has to be on for it. */
static const struct {
    enum notify_event event;
    enum family_rate rate;
    char letter;
    size_t place;
} rates[] = {
    {NOTIFY_SET, FAMILY_RATE_SET, '$', offsetof(struct family, set_per_s)},
    {NOTIFY_KEYMISS, FAMILY_RATE_MISS, 'm', offsetof(struct family, miss_per_s)},
    {NOTIFY_EXPIRED, FAMILY_RATE_EXPIRED, 'x', offsetof(struct family, expired_per_s)},
    {NOTIFY_EVICTED, FAMILY_RATE_EVICTED, 'e', offsetof(struct family, evicted_per_s)},
    {NOTIFY_DEL, FAMILY_RATE_DEL, 'g', offsetof(struct family, del_per_s)},
};
#define RATES (sizeof(rates) / sizeof(rates[0]))

/* --- buckets of seconds --- */

static void buckets_turn(struct buckets *b, int64_t second)
{
    if (second - b->second > FAMILY_SECONDS) {
        memset(b->count, 0, sizeof(b->count));
        b->second = second;
    }
    while (b->second < second) {
        b->second++;
        memset(b->count[b->second % (FAMILY_SECONDS + 1)], 0, sizeof(b->count[0]));
    }
}

static void buckets_count(struct buckets *b, int64_t second, enum family_rate rate, int64_t count)
{
    if (b->second != second) {
        buckets_turn(b, second);
    }
    uint32_t *now = b->count[second % (FAMILY_SECONDS + 1)];
    uint32_t more = count > INT32_MAX ? INT32_MAX : (uint32_t)count;
    now[FAMILY_RATE_ALL] += more < UINT32_MAX - now[FAMILY_RATE_ALL] ? more : 0;
    if (rate != FAMILY_RATE_ALL) {
        now[rate] += more < UINT32_MAX - now[rate] ? more : 0;
    }
}

/* Events a second over the last ten whole seconds, or as many as there were since listening began. */
static double buckets_per_s(const struct buckets *b, enum family_rate rate, int64_t seconds)
{
    double sum = 0;
    for (int i = 0; i <= FAMILY_SECONDS; i++) {
        /* The second at hand is not over: it would pull the rate down. */
        if (i != b->second % (FAMILY_SECONDS + 1)) {
            sum += b->count[i][rate];
        }
    }
    return sum / (double)seconds;
}

static int64_t heard_seconds(const struct model *m)
{
    int64_t seconds = (m->now_us - m->census.since_us) / US_PER_S;
    return seconds < 1 ? 1 : seconds > FAMILY_SECONDS ? FAMILY_SECONDS : seconds;
}

/* --- rows --- */

void family_free(struct family_row *row)
{
    mem_free(row->view.name);
    mem_free(row->view.largest);
    mem_free(row->view.hot_key);
    mem_free(row->largest);
    mem_free(row->key);
    mem_free(row);
}

/* What is not known before anything is told. */
void family_blank(struct family *v)
{
    v->without_ttl = -1;
    v->bytes_estimate = -1;
    v->bytes_margin = UNKNOWN_REAL;
    v->largest_bytes = -1;
    v->traced_reads = v->traced_writes = v->traced_misses = -1;
    v->hot_key = v->hot_key ? v->hot_key : mem_strdup("");
    for (size_t i = 0; i < RATES; i++) {
        *(double *)(void *)((char *)v + rates[i].place) = UNKNOWN_REAL;
    }
}

static struct family_row *make(struct model *m, struct span name)
{
    struct census_state *c = &m->census;
    struct family_row *row = mem_zalloc(sizeof(*row));
    row->key = span_dup(name);
    row->key_len = name.len;
    row->view.name = utf8_sanitise_dup(name, NAME_COLS);
    row->event_us = -1;
    family_blank(&row->view);
    row->index = c->count;
    c->row[c->count++] = row;
    c->groups_stale = true;
    model_touch(m, TOPIC_CACHE);
    return row;
}

static struct family_row *find(const struct model *m, struct span name)
{
    struct family_row *row = NULL;
    HASH_FIND(hh, m->census.by_name, name.data, name.len, row);
    return row;
}

/* The same, for events: what was found last in a place of few is what is asked for again in a storm. */
static struct family_row *find_again(struct model *m, struct span name)
{
    unsigned slot = (unsigned)(name.len * 5 + (unsigned char)name.data[name.len - 1]) % FAMILY_RECENT;
    struct family_row **recent = &m->census.recent[slot];
    if (!*recent || (*recent)->key_len != name.len || memcmp((*recent)->key, name.data, name.len) != 0) {
        struct family_row *row = find(m, name);
        *recent = row ? row : *recent;
        return row;
    }
    return *recent;
}

static struct family_row *row_of(struct model *m, struct span name)
{
    struct census_state *c = &m->census;
    struct family_row *row = find(m, name);
    if (row) {
        return row;
    }
    if (HASH_COUNT(c->by_name) >= FAMILIES_MAX) {
        if (!c->other) {
            c->other = make(m, S(FAMILY_OTHER));
        }
        return c->other;
    }
    row = make(m, name);
    HASH_ADD_KEYPTR(hh, c->by_name, row->key, name.len, row);
    return row;
}

/* Whether the row stands under this first part, and would fold into it. */
static bool is_under(const struct model *m, const struct family_row *row, struct span above)
{
    struct span name = span_make(row->key, row->key_len);
    return name.len > above.len && span_starts(name, above) && row != m->census.other &&
           span_equal(families_parent(&m->families, name), above);
}

/* Events tell names before a walk does; how many second levels come of them has a bound. Once it is reached
 * the row of the first part says so, and costs each further event one more look-up. */
static struct family_row *row_of_level(struct model *m, struct span name, struct span above)
{
    struct family_row *parent = find(m, above);
    if (parent && (parent->view.folded || parent->crowded)) {
        return parent;
    }
    if (HASH_COUNT(m->census.by_name) >= FAMILIES_MAX) {
        return row_of(m, name); /* no row is free: nothing to count for */
    }
    size_t levels = 0;
    for (size_t i = 0; i < m->census.count; i++) {
        levels += is_under(m, m->census.row[i], above);
    }
    if (levels < FAMILY_LEVELS_MAX) {
        return row_of(m, name);
    }
    parent = row_of(m, above);
    parent->crowded = parent != m->census.other;
    return parent;
}

struct family_row *family_row_of_key(struct model *m, struct span key)
{
    struct span above;
    struct span name = families_leaf(&m->families, key, &above);
    struct family_row *row = find_again(m, name);
    return row ? row : above.len ? row_of_level(m, name, above) : row_of(m, name);
}

struct family_row *family_row_of_name(struct model *m, struct span name)
{
    struct family_row *row = find(m, name);
    struct span above = row ? S("") : families_parent(&m->families, name);
    return row ? row : above.len ? row_of_level(m, name, above) : row_of(m, name);
}

static void drop(struct model *m, struct family_row *row)
{
    struct census_state *c = &m->census;
    struct family_row *last = c->row[--c->count];
    c->row[row->index] = last;
    last->index = row->index;
    memset(c->recent, 0, sizeof c->recent);
    if (row == c->other) {
        c->other = NULL;
    } else {
        HASH_DELETE(hh, c->by_name, row);
    }
    c->groups_stale = true;
    family_free(row);
}

/* Its second levels are too many: the rows they have had become part of it. */
static void fold(struct model *m, struct family_row *parent)
{
    struct span above = span_make(parent->key, parent->key_len);
    for (size_t i = 0; i < m->census.count;) {
        struct family_row *row = m->census.row[i];
        if (!is_under(m, row, above)) {
            i++;
            continue;
        }
        for (int e = 0; e < NOTIFY_EVENT_COUNT; e++) {
            parent->view.events[e] = model_count(parent->view.events[e] + row->view.events[e]);
        }
        parent->event_us = row->event_us > parent->event_us ? row->event_us : parent->event_us;
        drop(m, row);
    }
}

/* --- facts --- */

void family_event(struct model *m, const struct fact_key_event *f)
{
    struct census_state *c = &m->census;
    if ((unsigned)f->event >= NOTIFY_EVENT_COUNT || f->count <= 0) {
        return;
    }
    static const enum family_rate by_event[NOTIFY_EVENT_COUNT] = {
        [NOTIFY_SET] = FAMILY_RATE_SET,         [NOTIFY_DEL] = FAMILY_RATE_DEL,
        [NOTIFY_EXPIRE] = FAMILY_RATE_ALL,      [NOTIFY_EXPIRED] = FAMILY_RATE_EXPIRED,
        [NOTIFY_EVICTED] = FAMILY_RATE_EVICTED, [NOTIFY_KEYMISS] = FAMILY_RATE_MISS,
        [NOTIFY_RENAME_FROM] = FAMILY_RATE_ALL, [NOTIFY_RENAME_TO] = FAMILY_RATE_ALL,
        [NOTIFY_PERSIST] = FAMILY_RATE_ALL,     [NOTIFY_RESTORE] = FAMILY_RATE_ALL,
        [NOTIFY_OTHER] = FAMILY_RATE_ALL,
    };
    int64_t second = m->now_us / US_PER_S;
    int64_t count = model_count(f->count);
    if (c->since_us < 0) {
        c->since_us = m->now_us;
    }
    c->events[f->event] = model_count(c->events[f->event] + count);
    buckets_count(&c->buckets, second, by_event[f->event], count);
    model_touch(m, TOPIC_CACHE);
    if (f->key.len == 0) {
        c->shed = model_count(c->shed + count);
        c->shed_us = m->now_us;
        return;
    }
    struct family_row *row = family_row_of_key(m, f->key);
    row->view.events[f->event] = model_count(row->view.events[f->event] + count);
    row->event_us = m->now_us;
    buckets_count(&row->buckets, second, by_event[f->event], count);
    surge_count(&row->misses, second, f->event == NOTIFY_KEYMISS ? count : 0,
                f->event == NOTIFY_SET ? count : 0);
}

/* What is made with a TTL by the platform's own code: without one it never goes. */
static bool should_expire(const struct model *m, const struct family *f)
{
    struct span name = span_of(f->name);
    return families_is_cache(&m->families, name) || span_equal(name, S("session")) ||
           span_equal(name, S(FAMILY_USER_SESSIONS)) || span_equal(name, S("batch:progress"));
}

/* The counts of the walk become those on show. */
static void commit(const struct model *m, struct family_row *row)
{
    const struct fact_family *p = &row->pending;
    struct family *v = &row->view;
    struct sample s = {p->keys, p->sampled, (double)p->sampled_bytes, p->sampled_squares};
    double bytes = sample_total(&s);
    v->counted = true;
    v->keys = p->keys;
    v->sampled = p->sampled;
    v->without_ttl_exact = p->sampled == p->keys;
    v->without_ttl = sample_count(&s, p->sampled_no_ttl);
    v->misplaced = v->without_ttl > 0 && should_expire(m, v) ? v->without_ttl : 0;
    v->bytes_estimate = isnan(bytes) ? -1 : (int64_t)(bytes + 0.5);
    v->bytes_margin = isnan(bytes) ? UNKNOWN_REAL : sample_margin(&s);
    memcpy(v->ttl, p->ttl, sizeof v->ttl);
    v->reprs = p->reprs < p->keys ? p->reprs : p->keys;
    v->folded = p->folded;
    v->largest_bytes = p->largest_bytes;
    mem_free(v->largest);
    v->largest = row->largest ? span_dup(span_make(row->largest, row->largest_len)) : NULL;
    v->largest_len = row->largest_len;
}

static int64_t not_negative(int64_t count)
{
    return count > 0 ? model_count(count) : 0;
}

static void keep_largest(struct family_row *row, const struct fact_family *f)
{
    row->pending.largest = S("");
    row->pending.largest_bytes = f->largest.len ? model_count(f->largest_bytes) : -1;
    mem_free(row->largest);
    row->largest = f->largest.len ? span_dup(f->largest) : NULL;
    row->largest_len = f->largest.len;
}

void family_apply(struct model *m, const struct fact_family *f)
{
    m->census.lumped |= span_equal(f->name, S(FAMILY_OTHER));
    struct family_row *row = row_of(m, f->name.len ? f->name : S(FAMILY_BARE));
    if (row == m->census.other) {
        return; /* told as what the walk counted beyond the rows */
    }
    row->walk = m->census.walk;
    row->pending = *f;
    row->pending.name = S("");
    row->pending.keys = not_negative(f->keys);
    row->pending.sampled = not_negative(f->sampled);
    row->pending.sampled_no_ttl = not_negative(f->sampled_no_ttl);
    row->pending.sampled_bytes = not_negative(f->sampled_bytes);
    row->pending.reprs = not_negative(f->reprs);
    for (size_t i = 0; i < sizeof f->ttl / sizeof f->ttl[0]; i++) {
        row->pending.ttl[i] = not_negative(f->ttl[i]);
    }
    keep_largest(row, f);
    if (!m->census.view.complete) {
        commit(m, row);
        if (f->folded) {
            fold(m, row);
        }
    }
    m->census.groups_stale = true;
    model_touch(m, TOPIC_CACHE);
}

void family_walk_begin(struct model *m)
{
    m->census.lumped = false;
    for (size_t i = 0; i < m->census.count; i++) {
        struct family_row *row = m->census.row[i];
        memset(&row->pending, 0, sizeof(row->pending));
        row->pending.largest_bytes = -1;
        mem_free(row->largest);
        row->largest = NULL;
        row->largest_len = 0;
    }
}

/* Keys of families without a row of their own: what the walk counted, less what the rows have. */
static void count_other(struct model *m, int64_t walked)
{
    struct census_state *c = &m->census;
    if (!c->other) {
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        if (c->row[i] != c->other) {
            walked -= c->row[i]->view.keys;
        }
    }
    c->other->view.counted = true;
    c->other->view.keys = walked > 0 ? walked : 0;
}

void family_walk_progress(struct model *m)
{
    if (!m->census.view.complete) {
        count_other(m, m->census.view.walked);
    }
}

/* What the walk did not tell of may be among those that it counted as one: that is no 0. */
static void uncount(struct family_row *row)
{
    struct family *v = &row->view;
    v->counted = v->without_ttl_exact = v->folded = false;
    v->keys = v->sampled = v->misplaced = v->reprs = 0;
    v->without_ttl = v->bytes_estimate = v->largest_bytes = -1;
    v->bytes_margin = UNKNOWN_REAL;
    memset(v->ttl, 0, sizeof v->ttl);
    mem_free(v->largest);
    v->largest = NULL;
    v->largest_len = 0;
}

void family_walk_end(struct model *m)
{
    struct census_state *c = &m->census;
    for (size_t i = 0; i < c->count; i++) {
        if (c->row[i] != c->other && c->lumped && c->row[i]->walk != c->walk) {
            uncount(c->row[i]);
        } else if (c->row[i] != c->other) {
            commit(m, c->row[i]);
            c->row[i]->crowded = false; /* the walk knows better */
        }
    }
    for (size_t i = c->count; i-- > 0;) {
        /* The last row takes the place of one that is dropped: backwards, it was looked at before. */
        if (i < c->count && c->row[i]->view.folded) {
            fold(m, c->row[i]);
        }
    }
    c->groups_stale = true;
    for (size_t i = 0; i < c->count;) {
        struct family_row *row = c->row[i];
        bool quiet = row->event_us < 0 || m->now_us - row->event_us > QUIET_US;
        bool told = row->walk == c->walk && row->view.keys > 0;
        if (row != c->other && !told && quiet) {
            drop(m, row);
        } else {
            i++;
        }
    }
    count_other(m, c->view.walked);
    if (c->other && c->other->view.keys == 0 && HASH_COUNT(c->by_name) < FAMILIES_MAX) {
        drop(m, c->other);
    }
    c->view.families_cut = c->lumped || c->other;
}

/* What counts as a second's events is another thing from here on: rates begin anew. */
void family_hears_otherwise(struct model *m)
{
    struct census_state *c = &m->census;
    c->since_us = m->now_us;
    memset(&c->buckets, 0, sizeof c->buckets);
    for (size_t i = 0; i < c->count; i++) {
        memset(&c->row[i]->buckets, 0, sizeof c->row[i]->buckets);
    }
}

/* --- once a second --- */

void family_tick(struct model *m)
{
    struct census_state *c = &m->census;
    int64_t second = m->now_us / US_PER_S;
    int64_t seconds = heard_seconds(m);
    bool heard[RATES];
    bool pairs = !m->connection.shed.misses && !m->connection.shed.writes;
    bool all = !m->connection.shed.misses && !m->connection.shed.writes && !m->connection.shed.ends;
    for (size_t i = 0; i < RATES; i++) {
        heard[i] = connection_hears(m, rates[i].letter);
    }
    buckets_turn(&c->buckets, second);
    for (size_t r = 0; r < c->count; r++) {
        struct family_row *row = c->row[r];
        buckets_turn(&row->buckets, second);
        (pairs ? surge_turn : surge_skip)(&row->misses, second);
        for (size_t i = 0; i < RATES; i++) {
            double *place = (double *)(void *)((char *)&row->view + rates[i].place);
            *place = heard[i] ? buckets_per_s(&row->buckets, rates[i].rate, seconds) : UNKNOWN_REAL;
        }
        uint32_t last = row->buckets.count[(second + FAMILY_SECONDS) % (FAMILY_SECONDS + 1)][FAMILY_RATE_ALL];
        series_add(&row->view.activity, m->now_us, all ? last : UNKNOWN_REAL);
    }
    c->groups_stale = true;
    if (c->count) {
        model_touch(m, TOPIC_CACHE);
    }
}

size_t model_family_count(const struct model *m)
{
    return m->census.count;
}

const struct family *model_family_at(const struct model *m, size_t i)
{
    return i < m->census.count ? &m->census.row[i]->view : NULL;
}

void model_events(const struct model *m, struct event_totals *ret)
{
    const struct census_state *c = &m->census;
    memcpy(ret->events, c->events, sizeof(ret->events));
    ret->shed = c->shed;
    const struct shed_view *shed = &m->connection.shed;
    bool part = shed->misses || shed->writes || shed->ends;
    ret->per_s = !part && (connection_hears(m, '$') || connection_hears(m, 'g'))
                     ? buckets_per_s(&c->buckets, FAMILY_RATE_ALL, heard_seconds(m))
                     : UNKNOWN_REAL;
}
