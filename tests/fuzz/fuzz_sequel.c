#include "fuzz/fuzz.h"

#include "redai/schema/message.h"
#include "redai/schema/sequel.h"

/* Whatever is sent on is at least an object that can be read again. */
static void read_again(void *ctx, const struct sequel_message *m)
{
    struct message again;
    (void)ctx;
    DEMAND(m->id && m->queue && m->element.len > 0 && m->element.data[0] == '{');
    message_decode(&again, m->element);
    message_release(&again);
}

static void follow(const struct sequel *s)
{
    struct routes routes;
    UT_array ids;

    routes_init(&routes);
    utarray_init(&ids, &ut_str_icd);
    const struct sequel_sender sender = {.origin = "gen7@demo", .routes = &routes};
    sequel_success(s, &sender, "{\"a\": 1}", read_again, NULL);
    sequel_errbacks(s, &sender, read_again, NULL);
    sequel_chord_body(s, &sender, "[1, 2]", read_again, NULL);
    sequel_retry(s, &sender, 0, read_again, NULL);
    sequel_chain_ids(s, &ids);
    sequel_group(s);
    sequel_chord_id(s);
    utarray_done(&ids);
    routes_release(&routes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    UT_string marked, id, result;
    bool ok;

    struct sequel *s = sequel_open(INPUT);
    if (s) {
        follow(s);
    }
    sequel_free(s);
    utstring_init(&marked);
    utstring_init(&id);
    utstring_init(&result);
    bool good = sequel_redelivered(INPUT, &marked);
    DEMAND(good == (utstring_len(&marked) > 0));
    sequel_part_decode(INPUT, &id, &result, &ok);
    utstring_done(&marked);
    utstring_done(&id);
    utstring_done(&result);
    return 0;
}
