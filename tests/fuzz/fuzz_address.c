#include "fuzz/fuzz.h"

#include "redai/link/address.h"

enum { URL_MAX = 4096 }; /* of address_parse */

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What is shown is plain, and can be typed in again. */
static void check_shown(const struct address *a)
{
    struct address back;
    struct err err = {0};
    UT_string shown, again;
    utstring_init(&shown);
    utstring_init(&again);
    address_show(a, &shown);
    for (size_t i = 0; i < shown.i; i++) {
        DEMAND(shown.d[i] > ' ' && shown.d[i] < 0x7f);
    }
    bool again_fits = shown.i <= URL_MAX; /* ports that were not said are shown */
    DEMAND(address_parse(&back, utstring_body(&shown), &err) || !again_fits);
    if (!again_fits) {
        address_release(&back);
        utstring_done(&again);
        utstring_done(&shown);
        return;
    }
    DEMAND(back.kind == a->kind && back.port == a->port && back.db == a->db);
    DEMAND(same(back.host, a->host) && same(back.service, a->service) && same(back.sentinels, a->sentinels));
    DEMAND(!back.user && !back.password);
    address_show(&back, &again);
    DEMAND(span_equal(text_span(&shown), text_span(&again)));
    address_release(&back);
    utstring_done(&again);
    utstring_done(&shown);
}

/* A URL of anything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address a, copy;
    struct err err = {0};
    char *url = span_dup(INPUT);
    if (!address_parse(&a, url, &err)) {
        DEMAND(err.text[0] && !strpbrk(err.text, "\033\n"));
        DEMAND(!a.host && !a.user && !a.password && !a.service && !a.sentinels);
    } else {
        DEMAND(a.host && *a.host && a.db >= 0);
        DEMAND(a.kind == ADDRESS_UNIX || (a.port >= 1 && a.port <= 65535));
        check_shown(&a);
        address_copy(&copy, &a);
        DEMAND(same(copy.password, a.password) && same(copy.user, a.user));
        address_release(&copy);
    }
    address_release(&a);
    mem_free(url);
    return 0;
}
