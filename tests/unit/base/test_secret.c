/* Every text a person may type, with what of it may be seen. */
#include "support/unit.h"

#include "redai/base/secret.h"

#define SID "HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc"

static char *masked(const char *text, void (*mask)(struct span text, UT_string *out))
{
    UT_string out;
    utstring_init(&out);
    mask(span_of(text), &out);
    return out.d;
}

static void secret_mask__hides__passwords_and_session_ids(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"connect redis://ada:horse@host:6379/0", "connect redis://ada:*****@host:6379/0"},
        {"redis://:horse@host", "redis://:*****@host"},
        {"rediss://ada:a/b@c@host/1 more", "rediss://ada:*****@host/1 more"},
        {"--url=redis://:horse@h", "--url=redis://:*****@h"},
        {"redis+sentinel://:horse@a:1,b:2/main/0", "redis+sentinel://:*****@a:1,b:2/main/0"},
        {"unix://ada:horse@/run/redis.sock?db=1", "unix://ada:*****@/run/redis.sock?db=1"},
        {"redis//:horse@host", "redis//:*****@host"},
        {":horse@host", ":*****@host"},
        {"{\"u\": \"redis://:horse@h\"}", "{\"u\": \"redis://:*****@h\"}"},
        {"a redis://:one@h b redis://:two@h", "a redis://:***@h b redis://:***@h"},
        {"redis://x:p\xc3\xa4ss@h", "redis://x:****@h"},
        {"connect \"redis://u:pa;ss@h\" x", "connect \"redis://u:*****@h\" x"},
        {"redis://u:pa'ss@h 'redis://u:p\"w@h'", "redis://u:*****@h 'redis://u:***@h'"},
        {"redis://a[b:horse@h", "redis://a[b:*****@h"},
        /* nothing to hide */
        {"connect redis://host:6379/0", "connect redis://host:6379/0"},
        {"expected redis://host:port/db", "expected redis://host:port/db"},
        {"redis://[user[:password]@]host[:port]", "redis://[user[:password]@]host[:port]"},
        {"redis://[::1]:6379/0", "redis://[::1]:6379/0"},
        {"redis+sentinel://a:26379,b:26379/main", "redis+sentinel://a:26379,b:26379/main"},
        {"unix:///tmp/a:b?db=1", "unix:///tmp/a:b?db=1"},
        {"redis://ada@host", "redis://ada@host"},
        {"filter email:anna@example.com", "filter email:anna@example.com"},
        {"pane sessions", "pane sessions"},
        {"", ""},
        {":", ":"},
        {"://", "://"},
        {"redis://:@h", "redis://:@h"},
        /* session ids */
        {"revoke session " SID, "revoke session HA_jt0*************************************"},
        {"delete session:" SID, "delete session:HA_jt0*************************************"},
        {"'session:AAAA1111-anna-token'", "'session:AAAA11*************'"},
        {SID " " SID,
         "HA_jt0************************************* HA_jt0*************************************"},
        {"redis://:horse@h/" SID, "redis://:*****@h/HA_jt0*************************************"},
        {"filter session:AAAA11", "filter session:AAAA11"},
        {"invalidate session:*", "invalidate session:*"},
        {"result 5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a", "result 5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a"},
        {"generate-questions-for-exam-seven-in-mathematics",
         "generate-questions-for-exam-seven-in-mathematics"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = masked(rows[i].text, secret_mask);
        assert_string_equal(text, rows[i].shown);
        mem_free(text);
    }
}

static void secret_mask_typed__hides__a_password_on_its_way(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"connect redis://ada:h", "connect redis://ada:*"},
        {"connect redis://:1", "connect redis://:*"},
        {"connect redis://ada:123456", "connect redis://ada:******"},
        {"connect redis://ada:12a", "connect redis://ada:***"},
        {"connect \"redis://ada:pa;ss", "connect \"redis://ada:*****"},
        {"connect \"redis://h:1\"; help", "connect \"redis://h:1\"; help"},
        {"connect redis://ada:horse@h", "connect redis://ada:*****@h"},
        {"connect redis://host:6379/0", "connect redis://host:6379/0"},
        {"redis://[::1]:6379/0", "redis://[::1]:6379/0"},
        {"redis+sentinel://a:26379,b:26379/main", "redis+sentinel://a:26379,b:26379/main"},
        {"unix:///tmp/a:b?db=1", "unix:///tmp/a:b?db=1"},
        {"connect redis://", "connect redis://"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = masked(rows[i].text, secret_mask_typed);
        assert_string_equal(text, rows[i].shown);
        mem_free(text);
    }
}

static void secret_drop_passwords__leaves__a_url(void **state)
{
    (void)state;
    static const struct {
        const char *text, *left;
    } rows[] = {
        {"connect redis://ada:horse@host:6379/0", "connect redis://ada@host:6379/0"},
        {"connect redis://:horse@host/1", "connect redis://host/1"},
        {"connect 'redis://u:pa;ss@h'", "connect 'redis://u@h'"},
        {"connect redis://host:6379/0", "connect redis://host:6379/0"},
        {":horse@host", "host"},
        {"a redis://:one@h b redis://x:two@h", "a redis://h b redis://x@h"},
        {"revoke session " SID, "revoke session " SID},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UT_string out;
        utstring_init(&out);
        secret_drop_passwords(span_of(rows[i].text), &out);
        assert_string_equal(utstring_body(&out), rows[i].left);
        utstring_done(&out);
    }
}

static void secret_next__finds__each_once_and_comes_to_an_end(void **state)
{
    (void)state;
    const struct span text = S("redis://:a@h session:AAAA1111BBBB redis://:b@h");
    static const enum secret_kind kinds[] = {SECRET_PASSWORD, SECRET_TOKEN, SECRET_PASSWORD};
    struct secret found;
    size_t count = 0;
    for (size_t from = 0; secret_next(text, from, &found); from = found.at + found.len) {
        assert_true(count < COUNT_OF(kinds));
        assert_int_equal(found.kind, kinds[count]);
        count++;
    }
    assert_int_equal(count, COUNT_OF(kinds));
    assert_false(secret_next((struct span){NULL, 0}, 0, &found));
    assert_false(secret_next(text, text.len + 5, &found));
}

static void secret_show_dup__masks_before_it_cuts(void **state)
{
    (void)state;
    char *shown = secret_show_dup(S("a\033b session:HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc"), 0);
    assert_non_null(strstr(shown, "session:HA_jt0"));
    assert_null(strstr(shown, "HA_jt0A"));
    assert_null(strchr(shown, '\033'));
    mem_free(shown);
    shown = secret_show_dup(S("HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc"),
                            20); /* not a word that is too short by then */
    assert_null(strstr(shown, "HA_jt0A"));
    mem_free(shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secret_show_dup__masks_before_it_cuts),
        cmocka_unit_test(secret_mask__hides__passwords_and_session_ids),
        cmocka_unit_test(secret_mask_typed__hides__a_password_on_its_way),
        cmocka_unit_test(secret_drop_passwords__leaves__a_url),
        cmocka_unit_test(secret_next__finds__each_once_and_comes_to_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
