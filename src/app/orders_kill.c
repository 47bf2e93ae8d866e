/* orders_kill: from the words of `kill`, or the selected clients, to an order. */
#include "orders.h"

bool orders_kill(struct console *c, const struct words *w, struct err *err)
{
    struct selection s;
    struct order o;
    bool named = words_count(w) < 2 || strcmp(words_at(w, 1), "client") != 0;
    for (size_t i = 2; i < words_count(w); i++) {
        const char *word = words_at(w, i);
        named = named || (strcmp(word, "--own") != 0 && strcmp(word, "--replica") != 0);
    }
    if (named) {
        return orders_run(c, w, err);
    }
    order_init(&o, VERB_KILL);
    for (size_t i = 2; i < words_count(w); i++) {
        o.own = o.own || strcmp(words_at(w, i), "--own") == 0;
        o.replica = o.replica || strcmp(words_at(w, i), "--replica") == 0;
    }
    bool ok = selection_take(c, &s, err);
    for (size_t i = 0; ok && i < s.count; i++) {
        if (s.t[i].kind == TARGET_CLIENT) {
            order_add(&o, TARGET_CLIENT, target_id(&s.t[i]));
        } else {
            ok = err_set(err, ERR_USAGE, "kill client: not for a %s", target_kind_name(s.t[i].kind));
        }
    }
    selection_release(&s);
    if (!ok) {
        order_release(&o);
        return false;
    }
    return orders_give(c, &o, err);
}
