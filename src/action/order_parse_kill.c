/* The words of "kill client". */
#include "order_parse.h"

#include "redai/base/num.h"

static bool take_own(struct order *o, const char *value, struct err *err)
{
    (void)value;
    (void)err;
    o->own = true;
    return true;
}

static bool take_replica(struct order *o, const char *value, struct err *err)
{
    (void)value;
    (void)err;
    o->replica = true;
    return true;
}

static const struct order_option kill_options[] = {{"--own", true, take_own},
                                                   {"--replica", true, take_replica}};

/* CLIENT LIST's number of it, or its address: "10.0.0.7:51234", "[::1]:51234", "/run/redis.sock:0". */
static bool is_client(struct span word)
{
    int64_t number, port;
    size_t colon = word.len;
    while (colon > 0 && word.data[colon - 1] != ':') {
        colon--;
    }
    return num_i64_range(word, 1, INT64_MAX, &number) ||
           (colon > 1 && num_i64_range(span_skip(word, colon), 0, 65535, &port));
}

bool order_parse_kill(struct order *o, const struct words *w, const struct templates *templates,
                      struct err *err)
{
    (void)templates;
    if (words_count(w) < 2 || strcmp(words_at(w, 1), "client") != 0) {
        return words_count(w) < 2 ? err_set(err, ERR_USAGE, "kill: expected client ID|ADDRESS...")
                                  : order_complain(err, words_at(w, 1), "expected client");
    }
    if (!order_walk_targets(o, w, 2, TARGET_CLIENT, kill_options,
                            sizeof kill_options / sizeof kill_options[0], false, err)) {
        return false;
    }
    for (unsigned i = 0; i < utarray_len(&o->target); i++) {
        const struct target *t = (const struct target *)utarray_eltptr(&o->target, i);
        if (!is_client(target_id(t))) {
            return order_complain(err, t->id,
                                  "expected a client's number, as in the clients pane, or its "
                                  "address with the port");
        }
    }
    return true;
}
