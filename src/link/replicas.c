#include "replicas.h"

#include "redai/base/num.h"

struct row {
    struct span host;
    int64_t port;
    bool is_up;     /* as the sentinel sees it */
    bool is_linked; /* to its master */
};

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    x *= UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ (x >> 33);
}

bool replicas_is_host(struct span host)
{
    size_t i = 0;
    while (i < host.len && (unsigned char)host.data[i] > ' ' && host.data[i] != 0x7f) {
        i++;
    }
    return host.len > 0 && i == host.len;
}

static uint64_t id_of(struct span host, int64_t port)
{
    uint64_t id = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < host.len; i++) {
        id = (id ^ (unsigned char)host.data[i]) * UINT64_C(1099511628211);
    }
    return mix(id ^ (uint64_t)port);
}

/* "slave,s_down,disconnected" */
static bool flags_are_well(struct span flags)
{
    static const struct span bad[] = {SPAN_LITERAL("s_down"), SPAN_LITERAL("o_down"),
                                      SPAN_LITERAL("disconnected"), SPAN_LITERAL("master")};
    while (flags.len) {
        size_t end = span_find(flags, ',');
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            if (span_equal(span_head(flags, end), bad[i])) {
                return false;
            }
        }
        flags = span_skip(flags, end + 1);
    }
    return true;
}

/* Name and value in turn, as a map is told to who speaks RESP 2. */
static bool read_row(const struct reply *fields, struct row *ret)
{
    *ret = (struct row){.is_up = true};
    for (size_t i = 0; i + 1 < reply_count(fields); i += 2) {
        struct span name = reply_text(reply_at(fields, i)), value = reply_text(reply_at(fields, i + 1));
        if (span_equal(name, S("ip"))) {
            ret->host = value;
        } else if (span_equal(name, S("port")) && !num_i64_range(value, 1, 65535, &ret->port)) {
            return false;
        } else if (span_equal(name, S("flags"))) {
            ret->is_up = flags_are_well(value);
        } else if (span_equal(name, S("master-link-status"))) {
            ret->is_linked = span_equal(value, S("ok"));
        }
    }
    return replicas_is_host(ret->host) && ret->port > 0;
}

static bool was_tried(const struct replicas_tried *tried, uint64_t id)
{
    for (size_t i = 0; i < tried->count; i++) {
        if (tried->id[i] == id) {
            return true;
        }
    }
    return false;
}

/* What counts most stands highest. */
static int rank_of(const struct row *row, bool tried)
{
    return (row->is_linked ? 2 : 0) + (tried ? 0 : 4);
}

bool replicas_choose(const struct reply *list, unsigned spread, const struct replicas_tried *tried,
                     struct replica_pick *ret, struct err *err)
{
    size_t known = 0, fresh = 0;
    int best = -1;
    uint64_t best_score = 0;
    *ret = (struct replica_pick){.port = 0};
    for (size_t i = 0; i < reply_count(list); i++) {
        struct row row;
        if (!read_row(reply_at(list, i), &row)) {
            continue;
        }
        known++;
        if (!row.is_up) {
            continue;
        }
        uint64_t id = id_of(row.host, row.port), score = mix(id ^ spread);
        bool again = was_tried(tried, id);
        int rank = rank_of(&row, again);
        fresh += !again;
        if (rank > best || (rank == best && score > best_score)) {
            best = rank;
            best_score = score;
            ret->host = row.host;
            ret->port = (int)row.port;
        }
    }
    ret->has_more = fresh > 1;
    if (best < 0 && known == 0) {
        return err_set(err, ERR_NETWORK, "has no replica");
    }
    return best >= 0 || err_set(err, ERR_NETWORK, "no replica of it is up, of %zu", known);
}

void replicas_try(struct replicas_tried *tried, struct span host, int port)
{
    uint64_t id = id_of(host, port);
    if (was_tried(tried, id)) {
        tried->count = 0; /* it came round again: all were */
    }
    if (tried->count < REPLICAS_TRIED_MAX) {
        tried->id[tried->count++] = id;
    }
}
