#include "fuzz/fuzz.h"

#include "redai/action/order.h"

/* A command line of anything: it is an order that is whole, or an error that says so in plain letters. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct templates templates;
    struct routes routes;
    struct words w;
    struct order o;
    struct err err = {0};
    char *line = span_dup(INPUT);
    templates_init(&templates);
    routes_init(&routes);
    words_init(&w);
    if (words_parse(&w, line, &err) && words_count(&w)) {
        if (order_parse(&o, &w, &templates, &routes, &err)) {
            DEMAND(o.verb < VERB_COUNT && !err.code);
            DEMAND(o.countdown_us >= 0 && o.expires_us >= 0 && o.rate_per_s >= 0 &&
                   o.rate_per_s - o.rate_per_s == 0);
            DEMAND(o.verb != VERB_ENQUEUE || o.task);
            DEMAND(o.verb != VERB_WORKER || o.method);
            for (unsigned i = 0; i < utarray_len(&o.target); i++) {
                const struct target *t = (const struct target *)utarray_eltptr(&o.target, i);
                DEMAND(t->kind > TARGET_NONE && t->kind < TARGET_COUNT && t->id && t->id_len);
            }
            order_release(&o);
        } else {
            DEMAND(err.code && err.text[0] && !strpbrk(err.text, "\033\n"));
        }
    }
    words_release(&w);
    routes_release(&routes);
    templates_release(&templates);
    mem_free(line);
    return 0;
}
