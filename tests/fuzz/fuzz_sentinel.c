#include "fuzz/fuzz.h"
#include "fuzz/script.h"
#include "link/sentinel.h"

static void on_found(void *user, const struct err *err, const char *host, int port)
{
    ++*(int *)user;
    if (err) {
        DEMAND(err->text[0]);
        script_check_err(err->text);
    } else {
        DEMAND(host && *host && port >= 1 && port <= 65535);
    }
}

static void on_moved(void *user, const char *why)
{
    (void)user;
    DEMAND(*why);
    script_check_err(why);
}

/* Sentinels that answer anything, and tell of new masters by themselves; with @replica at the front one of
 * its replicas is looked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address a;
    struct err err = {0};
    struct script_event e;
    int answers = 0;
    script_open(INPUT);
    const char *url = span_starts(INPUT, S("@replica"))
                          ? "redis+sentinel://127.0.0.1:1,[::1]:2/mymaster/0?read-from=replica"
                          : "redis+sentinel://127.0.0.1:1,[::1]:2/mymaster/0";
    DEMAND(address_parse(&a, url, &err));
    struct sentinel *s = sentinel_new(NULL, &(struct sentinel_options){&a, on_found, on_moved, &answers});
    sentinel_begin(s);
    for (int i = 0; i < 6; i++) {
        script_turn(1000000);
    }
    DEMAND(answers == 1);
    for (int i = 0; i < 20 && script_event(&e); i++) {
        if (span_equal(e.name, S("message"))) {
            script_message(S(""), text_span(&e.word[0]), text_span(&e.word[1]));
        } else if (span_equal(e.name, S("down"))) {
            script_down(S(""));
        } else if (span_equal(e.name, S("begin"))) {
            sentinel_begin(s);
        }
        script_turn(100000);
    }
    sentinel_free(s);
    address_release(&a);
    script_turn(0);
    script_close();
    return 0;
}
