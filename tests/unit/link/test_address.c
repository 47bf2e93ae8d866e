#include "support/unit.h"

#include <stdio.h>

#include "redai/link/address.h"

#define SECRET "hunter2"

struct good {
    const char *url;
    const char *shown;
    enum address_kind kind;
    const char *host;
    int port;
    const char *user, *password;
    int db;
    const char *service;
};

static const struct good goods[] = {
    {"redis://localhost", "redis://localhost:6379/0", ADDRESS_TCP, "localhost", 6379, NULL, NULL, 0, NULL},
    {"redis://localhost/", "redis://localhost:6379/0", ADDRESS_TCP, "localhost", 6379, NULL, NULL, 0, NULL},
    {"redis://10.0.0.7:6380/3", "redis://10.0.0.7:6380/3", ADDRESS_TCP, "10.0.0.7", 6380, NULL, NULL, 3,
     NULL},
    {"REDIS://h:1", "redis://h:1/0", ADDRESS_TCP, "h", 1, NULL, NULL, 0, NULL},
    {"redis://h:65535", "redis://h:65535/0", ADDRESS_TCP, "h", 65535, NULL, NULL, 0, NULL},
    {"redis://:" SECRET "@h/1", "redis://h:6379/1", ADDRESS_TCP, "h", 6379, NULL, SECRET, 1, NULL},
    {"redis://bob:" SECRET "@h", "redis://h:6379/0", ADDRESS_TCP, "h", 6379, "bob", SECRET, 0, NULL},
    {"redis://bob:@h", "redis://h:6379/0", ADDRESS_TCP, "h", 6379, "bob", "", 0, NULL},
    {"redis://bob@h", "redis://h:6379/0", ADDRESS_TCP, "h", 6379, "bob", NULL, 0, NULL},
    {"unix://b%40b@/run/s", "unix:///run/s?db=0", ADDRESS_UNIX, "/run/s", 0, "b@b", NULL, 0, NULL},
    {"redis+sentinel://bob@a:1/main", "redis+sentinel://a:1/main/0", ADDRESS_SENTINEL, "a", 1, "bob", NULL, 0,
     "main"},
    {"redis://:@h", "redis://h:6379/0", ADDRESS_TCP, "h", 6379, NULL, NULL, 0, NULL},
    {"redis://@h", "redis://h:6379/0", ADDRESS_TCP, "h", 6379, NULL, NULL, 0, NULL},
    {"redis://b%40b:a%3ab%2F%25@h", "redis://h:6379/0", ADDRESS_TCP, "h", 6379, "b@b", "a:b/%", 0, NULL},
    {"redis://:a:b@c@h", "redis://h:6379/0", ADDRESS_TCP, "h", 6379, NULL, "a:b@c", 0, NULL},
    {"redis://h?db=5", "redis://h:6379/5", ADDRESS_TCP, "h", 6379, NULL, NULL, 5, NULL},
    {"redis://h/2?db=5", "redis://h:6379/5", ADDRESS_TCP, "h", 6379, NULL, NULL, 5, NULL},
    {"redis://[::1]:7000/4", "redis://[::1]:7000/4", ADDRESS_TCP, "::1", 7000, NULL, NULL, 4, NULL},
    {"redis://[fe80::1%25eth0]", "redis://[fe80::1%25eth0]:6379/0", ADDRESS_TCP, "fe80::1%eth0", 6379, NULL,
     NULL, 0, NULL},
    {"redis://redis_1.prod-x", "redis://redis_1.prod-x:6379/0", ADDRESS_TCP, "redis_1.prod-x", 6379, NULL,
     NULL, 0, NULL},
    {"rediss://u:" SECRET "@h:6390/0", "rediss://h:6390/0", ADDRESS_TLS, "h", 6390, "u", SECRET, 0, NULL},
    {"unix:///run/redis.sock", "unix:///run/redis.sock?db=0", ADDRESS_UNIX, "/run/redis.sock", 0, NULL, NULL,
     0, NULL},
    {"unix:///a%20b%1b?db=9", "unix:///a%20b%1B?db=9", ADDRESS_UNIX, "/a b\033", 0, NULL, NULL, 9, NULL},
    {"unix:///run/r@6379/s?db=1", "unix:///run/r@6379/s?db=1", ADDRESS_UNIX, "/run/r@6379/s", 0, NULL, NULL,
     1, NULL},
    {"unix://:" SECRET "@/run/s", "unix:///run/s?db=0", ADDRESS_UNIX, "/run/s", 0, NULL, SECRET, 0, NULL},
    {"unix://u:" SECRET "@/run/s?db=2", "unix:///run/s?db=2", ADDRESS_UNIX, "/run/s", 0, "u", SECRET, 2,
     NULL},
    {"redis+sentinel://a:1/main", "redis+sentinel://a:1/main/0", ADDRESS_SENTINEL, "a", 1, NULL, NULL, 0,
     "main"},
    {"redis+sentinel://:" SECRET "@a,b:2,[::1]:3/my%20main/4",
     "redis+sentinel://a:26379,b:2,[::1]:3/my%20main/4", ADDRESS_SENTINEL, "a", 26379, NULL, SECRET, 4,
     "my main"},
    {"redis+sentinel://a/m%2F%40n", "redis+sentinel://a:26379/m%2F%40n/0", ADDRESS_SENTINEL, "a", 26379, NULL,
     NULL, 0, "m/@n"},
    {"redis+sentinel://a:1/main/2?read-from=replica", "redis+sentinel://a:1/main/2?read-from=replica",
     ADDRESS_SENTINEL, "a", 1, NULL, NULL, 2, "main"},
    {"redis+sentinel://a:1/main?read-from=master&db=3", "redis+sentinel://a:1/main/3", ADDRESS_SENTINEL, "a",
     1, NULL, NULL, 3, "main"},
    {"rediss+sentinel://:" SECRET "@a:1,b/main", "rediss+sentinel://a:1,b:26379/main/0", ADDRESS_SENTINEL,
     "a", 1, NULL, SECRET, 0, "main"},
};

struct bad {
    const char *url;
    const char *message;
};

#define HOST_WRONG "host is wrong: expected a name, an IPv4 address or an IPv6 address in brackets"
#define PORT_WRONG "port is wrong: expected a number from 1 to 65535"
#define DB_WRONG   "database is wrong: expected a number, 0 or more"
#define NO_SCHEME                                                                                            \
    "address has no scheme: expected redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://"
#define AT_BEHIND "address has \"@\" behind the host: expected %2F %3F %40 for / ? @ in a password"

static const struct bad bads[] = {
    {"", "address is empty: expected redis://host:port/db"},
    {"localhost", NO_SCHEME},
    {"localhost:6379", NO_SCHEME},
    {SECRET "@localhost", NO_SCHEME},
    {"://h", NO_SCHEME},
    {"u:" SECRET "@://h", NO_SCHEME},
    {"http://h",
     "scheme \"http\" is unknown: expected redis, rediss, unix, redis+sentinel or rediss+sentinel"},
    {"redis://", "host is missing: expected redis://host:port/db"},
    {"redis:///3", "host is missing: expected redis://host:port/db"},
    {"redis://:6379", "host is missing: expected redis://host:port/db"},
    {"redis://:" SECRET, "host is missing: expected redis://host:port/db"},
    {"redis://h:", PORT_WRONG},
    {"redis://h:0", PORT_WRONG},
    {"redis://h:65536", PORT_WRONG},
    {"redis://h:+1", PORT_WRONG},
    {"redis://h:99999999999999999999", PORT_WRONG},
    {"redis://user:" SECRET, PORT_WRONG},
    {"redis://::1", "host has several colons: expected an IPv6 address in brackets"},
    {"redis://[::1", "host is wrong: expected \"]\" behind an IPv6 address"},
    {"redis://[::1]6379", PORT_WRONG},
    {"redis://[]", "host is missing: expected redis://host:port/db"},
    {"redis://[nonsense]", HOST_WRONG},
    {"redis://[::1%25]", HOST_WRONG},
    {"redis://[::1%zz]", "host has a broken percent escape: expected %25 for a percent sign"},
    {"redis://a b", HOST_WRONG},
    {"redis://a+b", HOST_WRONG},
    {"redis://h\033[2J", HOST_WRONG},
    {"redis://h/x", DB_WRONG},
    {"redis://h/-1", DB_WRONG},
    {"redis://h/1/2", DB_WRONG},
    {"redis://h/2147483648", DB_WRONG},
    {"redis://h?db=", DB_WRONG},
    {"redis://h?db", DB_WRONG},
    {"redis://h?ssl=1", "option \"ssl\" is unknown: expected db=N"},
    {"redis://h?" SECRET, "option behind \"?\" is unknown: expected db=N"},
    {"redis://h?db=1&x=2", "option \"x\" is unknown: expected db=N"},
    {"redis://h#frag", "address has a \"#\": expected %23 for it"},
    {"redis://u:hun#" SECRET "@h", "address has a \"#\": expected %23 for it"},
    {"redis://u:hun/" SECRET "@h", AT_BEHIND},
    {"redis://:hun?" SECRET "@h", AT_BEHIND},
    {"redis://u%g0@h", "user has a broken percent escape: expected %25 for a percent sign"},
    {"redis://u:" SECRET "%@h", "password has a broken percent escape: expected %25 for a percent sign"},
    {"redis://u:" SECRET "%4@h", "password has a broken percent escape: expected %25 for a percent sign"},
    {"redis://u:" SECRET "%00@h", "password has a broken percent escape: expected %25 for a percent sign"},
    {"redis://u%g0:" SECRET "@h", "user has a broken percent escape: expected %25 for a percent sign"},
    {"unix://", "socket path is missing: expected unix:///path?db=N"},
    {"unix:///", "socket path is missing: expected unix:///path?db=N"},
    {"unix://relative/path", "socket path is missing: expected unix:///path?db=N"},
    {"unix://:hun/" SECRET "@/path", AT_BEHIND},
    {"unix:///a%2", "socket path has a broken percent escape: expected %25 for a percent sign"},
    {"redis+sentinel://a:1", "service is missing: expected redis+sentinel://host:port/service"},
    {"redis+sentinel://a:1/", "service is missing: expected redis+sentinel://host:port/service"},
    {"redis+sentinel://a:1,/x", "host is missing: expected redis://host:port/db"},
    {"redis+sentinel://,a:1/x", "host is missing: expected redis://host:port/db"},
    {"redis+sentinel://a:x/x", PORT_WRONG},
    {"redis+sentinel://a/x/y", DB_WRONG},
    {"redis+sentinel://a/x?read-from=", "read-from is wrong: expected master or replica"},
    {"redis+sentinel://a/x?read-from=slave", "read-from is wrong: expected master or replica"},
    {"redis://h?read-from=replica",
     "read-from is of sentinels, which know the replicas: expected the address of the replica itself"},
};

static void assert_text(const char *got, const char *expected, const char *about)
{
    bool same = got && expected ? strcmp(got, expected) == 0 : got == expected;
    if (!same) {
        print_error("%s: \"%s\" instead of \"%s\"\n", about, got ? got : "(none)",
                    expected ? expected : "(none)");
        fail();
    }
}

static void assert_shown(const struct address *a, const char *expected, const char *about)
{
    UT_string shown;
    utstring_init(&shown);
    address_show(a, &shown);
    assert_text(utstring_body(&shown), expected, about);
    utstring_done(&shown);
}

static void address_parse__finds_every_part__when_the_url_is_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(goods); i++) {
        const struct good *g = &goods[i];
        struct address a;
        struct err err = {0};
        if (!address_parse(&a, g->url, &err)) {
            print_error("%s: %s\n", g->url, err.text);
            fail();
        }
        assert_int_equal(err.code, ERR_NONE);
        assert_int_equal(a.kind, g->kind);
        assert_text(a.host, g->host, g->url);
        if (g->port) {
            assert_int_equal(a.port, g->port);
        }
        assert_text(a.user, g->user, g->url);
        assert_text(a.password, g->password, g->url);
        assert_int_equal(a.db, g->db);
        assert_text(a.service, g->service, g->url);
        assert_shown(&a, g->shown, g->url);
        address_release(&a);
    }
}

static void address_parse__says_what_was_expected_without_the_secret__when_the_url_is_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bads); i++) {
        struct address a;
        struct err err = {0};
        if (address_parse(&a, bads[i].url, &err)) {
            print_error("%s: taken\n", bads[i].url);
            fail();
        }
        assert_text(err.text, bads[i].message, bads[i].url);
        assert_null(strstr(err.text, SECRET));
        assert_null(a.host);
        assert_null(a.password);
    }
}

static void address_parse__refuses__when_the_url_or_its_path_is_too_long(void **state)
{
    (void)state;
    char url[5000];
    struct address a;
    struct err err = {0};

    memset(url, 'a', sizeof(url));
    memcpy(url, "unix:///", 8);
    url[7 + 107] = '\0';
    assert_true(address_parse(&a, url, &err));
    address_release(&a);
    url[7 + 107] = 'a';
    url[7 + 108] = '\0';
    assert_false(address_parse(&a, url, &err));
    assert_string_equal(err.text, "socket path is too long: expected at most 107 bytes");
    url[7 + 108] = 'a';
    url[sizeof(url) - 1] = '\0';
    assert_false(address_parse(&a, url, &err));
    assert_string_equal(err.text, "address is too long: expected at most 4096 bytes");
    assert_false(address_parse(&a, NULL, NULL));
}

static void address_show__can_be_parsed_again__when_it_came_from_a_good_url(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(goods); i++) {
        struct address a;
        assert_true(address_parse(&a, goods[i].shown, NULL));
        assert_shown(&a, goods[i].shown, goods[i].url);
        assert_null(a.password);
        address_release(&a);
    }
}

static bool same_server(const char *one, const char *two)
{
    struct address a, b;
    struct err err = {0};
    assert_true(address_parse(&a, one, &err) && address_parse(&b, two, &err));
    bool same = address_same_server(&a, &b);
    address_release(&a);
    address_release(&b);
    return same;
}

static void address_same_server__tells_by_place_and_by_tls__not_by_who_logs_in(void **state)
{
    (void)state;
    assert_true(same_server("redis://ada:pw@LOCALHOST/1", "redis://127.0.0.1:6379/2"));
    assert_false(same_server("redis://h", "rediss://h"));
    assert_false(same_server("redis://h", "redis://h:6380"));
    assert_true(same_server("redis+sentinel://ada@a:1/main/3", "redis+sentinel://a:1/main"));
    assert_false(same_server("redis+sentinel://a:1/main", "rediss+sentinel://a:1/main"));
    assert_false(same_server("redis+sentinel://a:1/main", "redis+sentinel://a:1/main?read-from=replica"));
}

static void address_copy__shares_nothing__when_the_original_is_released(void **state)
{
    (void)state;
    struct address a;
    struct address copy;
    assert_true(address_parse(&a, "rediss+sentinel://:" SECRET "@a:1,b:2/main/3?read-from=replica", NULL));
    a.spread = 7;
    a.tls.cert = mem_strdup("/c.pem");
    address_copy(&copy, &a);
    address_release(&a);
    address_release(&a);
    assert_string_equal(copy.password, SECRET);
    assert_string_equal(copy.service, "main");
    assert_string_equal(copy.sentinels, "a:1,b:2");
    assert_int_equal(copy.db, 3);
    assert_true(copy.secure && address_wants_replica(&copy));
    assert_int_equal(copy.spread, 7);
    assert_string_equal(copy.tls.cert, "/c.pem");
    address_release(&copy);
}

/* Whatever is cut out of, or written into, a good URL: a clean yes or no, and a yes can be shown and read
 * again. */
static void address_parse__survives__when_any_byte_is_changed_or_missing(void **state)
{
    (void)state;
    static const char strange[] = "@:/?#%[],+\\ \033\377z9";
    for (size_t i = 0; i < COUNT_OF(goods); i++) {
        size_t len = strlen(goods[i].url);
        for (size_t at = 0; at < len; at++) {
            for (size_t k = 0; k < sizeof(strange); k++) {
                char *url = mem_strdup(goods[i].url);
                struct address a;
                struct err err = {0};
                url[at] = strange[k]; /* the last one is the NUL: cuts */
                if (address_parse(&a, url, &err)) {
                    UT_string shown;
                    struct address again;
                    utstring_init(&shown);
                    address_show(&a, &shown);
                    if (!address_parse(&again, utstring_body(&shown), &err)) {
                        print_error("%s, shown as %s: %s\n", url, utstring_body(&shown), err.text);
                        fail();
                    }
                    assert_shown(&again, utstring_body(&shown), url);
                    assert_string_equal(again.host, a.host);
                    address_release(&again);
                    utstring_done(&shown);
                    address_release(&a);
                } else {
                    assert_true(err.text[0] != '\0');
                }
                mem_free(url);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_parse__finds_every_part__when_the_url_is_good),
        cmocka_unit_test(address_parse__says_what_was_expected_without_the_secret__when_the_url_is_bad),
        cmocka_unit_test(address_parse__refuses__when_the_url_or_its_path_is_too_long),
        cmocka_unit_test(address_show__can_be_parsed_again__when_it_came_from_a_good_url),
        cmocka_unit_test(address_same_server__tells_by_place_and_by_tls__not_by_who_logs_in),
        cmocka_unit_test(address_copy__shares_nothing__when_the_original_is_released),
        cmocka_unit_test(address_parse__survives__when_any_byte_is_changed_or_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
