/* order_parse: what the grammars of the verbs share: one walk over the words of a line, with a table of
 * options. Private to action. */
#ifndef REDAI_ACTION_ORDER_PARSE_H
#define REDAI_ACTION_ORDER_PARSE_H

#include "redai/action/order.h"

/* One verb's first word, and what reads the rest. The order is initialised for `verb`. */
typedef bool (*order_parse_fn)(struct order *o, const struct words *w, const struct templates *templates,
                               struct err *err);

/* "--name VALUE" or "--name=VALUE"; a flag has no value, and take gets NULL. */
struct order_option {
    const char *name;
    bool flag;
    bool (*take)(struct order *o, const char *value, struct err *err);
};
/* The options that several verbs know. */
bool order_take_args(struct order *o, const char *value, struct err *err);
bool order_take_kwargs(struct order *o, const char *value, struct err *err);
bool order_take_queue(struct order *o, const char *value, struct err *err);
bool order_take_priority(struct order *o, const char *value, struct err *err);
bool order_take_countdown(struct order *o, const char *value, struct err *err);

struct order_grammar {
    const struct order_option *option;
    size_t options;
    /* A word that is no option. */
    bool (*plain)(struct order *o, const char *word, void *ctx, struct err *err);
    void *ctx;
};
/* Reads the words from index first on. "--" ends the options. */
bool order_walk(struct order *o, const struct words *w, size_t first, const struct order_grammar *g,
                struct err *err);
/* The same where all that is no option is an id of that kind; none is an error unless `may_be_none`. */
bool order_walk_targets(struct order *o, const struct words *w, size_t first, enum target_kind kind,
                        const struct order_option *option, size_t options, bool may_be_none, struct err *err);

/* Quotes a foreign word in an error. False. */
bool order_complain(struct err *err, const char *word, const char *what);
/* What can be a queue's list: not empty, UTF-8, without the two bytes that part a queue from its priority. */
bool order_is_queue(const char *word);

bool order_parse_revoke(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err);
bool order_parse_invalidate(struct order *o, const struct words *w, const struct templates *templates,
                            struct err *err);
bool order_parse_notifications(struct order *o, const struct words *w, const struct templates *templates,
                               struct err *err);
bool order_parse_enqueue(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err);
bool order_parse_retry(struct order *o, const struct words *w, const struct templates *templates,
                       struct err *err);
bool order_parse_remove(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err);
bool order_parse_move(struct order *o, const struct words *w, const struct templates *templates,
                      struct err *err);
bool order_parse_purge(struct order *o, const struct words *w, const struct templates *templates,
                       struct err *err);
bool order_parse_requeue(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err);
bool order_parse_undo(struct order *o, const struct words *w, const struct templates *templates,
                      struct err *err);
bool order_parse_repair(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err);
/* The words from first on that are no options, as one filter: o->filter; "all" alone is "". None: NULL. */
bool order_walk_filter(struct order *o, const struct words *w, size_t first,
                       const struct order_option *option, size_t options, struct err *err);
bool order_parse_expire(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err);
bool order_parse_persist(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err);
bool order_parse_delete(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err);
bool order_parse_kill(struct order *o, const struct words *w, const struct templates *templates,
                      struct err *err);
bool order_parse_worker(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err);

#endif
