/* Which replica is read from, by what a sentinel tells of them. */
#include "link/inbox.h"
#include "link/replicas.h"
#include "support/unit.h"

#include <stdio.h>
#include <string.h>

#include "redai/base/container.h"

struct told {
    const char *host, *port, *flags, *link;
};

struct reading {
    struct inbox *in;
    struct inbox_item item;
};

static void add_word(UT_string *out, const char *word)
{
    utstring_printf(out, "$%zu\r\n%s\r\n", strlen(word), word);
}

/* As a sentinel of 7.0 says it, with fields of no interest between. */
static void tell(struct reading *r, const struct told *rows, size_t count)
{
    UT_string bytes;
    utstring_init(&bytes);
    utstring_printf(&bytes, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        const char *words[] = {
            "name",        "whoever",        "ip",  rows[i].host,         "port",      rows[i].port, "flags",
            rows[i].flags, "slave-priority", "100", "master-link-status", rows[i].link};
        utstring_printf(&bytes, "*%zu\r\n", COUNT_OF(words));
        for (size_t k = 0; k < COUNT_OF(words); k++) {
            add_word(&bytes, words[k]);
        }
    }
    r->in = inbox_new(false);
    inbox_feed(r->in, text_span(&bytes));
    assert_int_equal(inbox_next(r->in, &r->item), INBOX_REPLY);
    utstring_done(&bytes);
}

static void done(struct reading *r)
{
    inbox_drop(&r->item, r->in);
    inbox_free(r->in);
}

/* "host:port", or the error; borrowed. */
static const char *choose(const struct told *rows, size_t count, unsigned spread,
                          const struct replicas_tried *tried, bool *ret_more)
{
    static char text[200];
    struct replicas_tried none = {.count = 0};
    struct replica_pick pick;
    struct reading r;
    struct err err = {0};
    tell(&r, rows, count);
    if (replicas_choose(r.item.reply, spread, tried ? tried : &none, &pick, &err)) {
        snprintf(text, sizeof text, "%.*s:%d", (int)pick.host.len, pick.host.data, pick.port);
    } else {
        snprintf(text, sizeof text, "%s", err.text);
    }
    if (ret_more) {
        *ret_more = pick.has_more;
    }
    done(&r);
    return text;
}

static void replicas_choose__passes_over__who_is_down_or_cut_off(void **state)
{
    (void)state;
    static const char *const bad[] = {"slave,s_down", "s_down,slave,o_down", "slave,disconnected",
                                      "slave,o_down", "master"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const struct told rows[] = {{"10.0.0.1", "6379", bad[i], "ok"}, {"::1", "6380", "slave", "ok"}};
        for (unsigned spread = 0; spread < 20; spread++) {
            assert_string_equal(choose(rows, 2, spread, NULL, NULL), "::1:6380");
        }
        assert_string_equal(choose(rows, 1, 0, NULL, NULL), "no replica of it is up, of 1");
    }
    assert_string_equal(choose(NULL, 0, 0, NULL, NULL), "has no replica");
}

static void replicas_choose__takes_one_without_its_master__only_when_there_is_no_other(void **state)
{
    (void)state;
    const struct told rows[] = {{"a", "1", "slave", "err"}, {"b", "2", "slave", "ok"}};
    for (unsigned spread = 0; spread < 20; spread++) {
        assert_string_equal(choose(rows, 2, spread, NULL, NULL), "b:2");
    }
    assert_string_equal(choose(rows, 1, 0, NULL, NULL), "a:1");
}

static void replicas_choose__is_the_same_for_a_run__and_spreads_the_runs(void **state)
{
    (void)state;
    const struct told rows[] = {
        {"a", "1", "slave", "ok"}, {"b", "2", "slave", "ok"}, {"c", "3", "slave", "ok"}};
    const struct told turned[] = {rows[2], rows[0], rows[1]};
    unsigned times[3] = {0};
    for (unsigned spread = 1000; spread < 1300; spread++) {
        char first[200];
        snprintf(first, sizeof first, "%s", choose(rows, 3, spread, NULL, NULL));
        assert_string_equal(choose(turned, 3, spread, NULL, NULL), first);
        times[first[0] - 'a']++;
    }
    for (int i = 0; i < 3; i++) {
        assert_in_range(times[i], 50, 150);
    }
}

static void replicas_choose__goes_on_to_the_next__and_begins_anew_behind_the_last(void **state)
{
    (void)state;
    const struct told rows[] = {
        {"a", "1", "slave", "ok"}, {"b", "2", "slave", "err"}, {"c", "3", "slave", "ok"}};
    struct replicas_tried tried = {.count = 0};
    char met[8] = "";
    bool more = false;
    for (int i = 0; i < 4; i++) {
        const char *name = choose(rows, 3, 5, &tried, &more);
        met[i] = name[0];
        assert_int_equal(more, i < 2 || i == 3);
        replicas_try(&tried, span_make(name, 1), name[2] - '0');
        if (i == 2) {
            replicas_try(&tried, span_make(&met[0], 1), met[0] - 'a' + 1); /* the first is come to again */
        }
    }
    assert_int_equal(met[2], 'b'); /* without its master: the last */
    assert_true(met[0] != met[1] && met[3] != met[0]);
}

static void replicas_choose__skips_what_is_no_address(void **state)
{
    (void)state;
    const struct told rows[] = {{"", "1", "slave", "ok"},
                                {"a", "0", "slave", "ok"},
                                {"a", "65536", "slave", "ok"},
                                {"a", "x", "slave", "ok"},
                                {"a", "", "slave", "ok"}};
    static const char *const replies[] = {"*0\r\n",
                                          "*1\r\n$1\r\nx\r\n",
                                          "*1\r\n*1\r\n$2\r\nip\r\n",
                                          "*1\r\n*2\r\n$2\r\nip\r\n$-1\r\n",
                                          "*1\r\n*4\r\n$2\r\nip\r\n*0\r\n$4\r\nport\r\n:1\r\n",
                                          "$1\r\nx\r\n",
                                          ":3\r\n",
                                          "*-1\r\n"};
    assert_string_equal(choose(rows, COUNT_OF(rows), 0, NULL, NULL), "has no replica");
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct replicas_tried none = {.count = 0};
        struct replica_pick pick;
        struct reading r = {.in = inbox_new(false)};
        inbox_feed(r.in, span_of(replies[i]));
        assert_int_equal(inbox_next(r.in, &r.item), INBOX_REPLY);
        assert_false(replicas_choose(r.item.reply, 0, &none, &pick, NULL));
        done(&r);
    }
}

static void replicas_try__stays_bounded(void **state)
{
    (void)state;
    struct replicas_tried tried = {.count = 0};
    for (int port = 1; port < 1000; port++) {
        replicas_try(&tried, S("a"), port);
        assert_true(tried.count <= REPLICAS_TRIED_MAX);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(replicas_choose__passes_over__who_is_down_or_cut_off),
        cmocka_unit_test(replicas_choose__takes_one_without_its_master__only_when_there_is_no_other),
        cmocka_unit_test(replicas_choose__is_the_same_for_a_run__and_spreads_the_runs),
        cmocka_unit_test(replicas_choose__goes_on_to_the_next__and_begins_anew_behind_the_last),
        cmocka_unit_test(replicas_choose__skips_what_is_no_address),
        cmocka_unit_test(replicas_try__stays_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
