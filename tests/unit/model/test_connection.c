#include "story.h"

#include <math.h>

static void connection__shows__where_it_goes_without_control_bytes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(
        &s, "connection address=\"redis://host\\x1b]0;x\\x07:6379\" read_only=1 insecure=1 db=2 result_db=3");
    const struct connection_view *c = model_connection(s.m);
    assert_string_equal(c->address, "redis://host^[]0;x^G:6379");
    assert_true(c->read_only);
    assert_true(c->insecure);
    assert_int_equal(c->db, 2);
    assert_int_equal(c->result_db, 3);
    story_end(&s);
}

static void connection__keeps__since_when_a_link_is_as_it_is(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    const struct link_view *link = &model_connection(s.m)->link[LINK_ROLE_POLL];
    assert_int_equal(link->since_us, -1);
    story_tell(&s, "link role=poll state=down error=refused retry_at_us=1001000000");
    story_wait(&s, 1);
    story_tell(&s, "link role=poll state=down error=\"refused again\" retry_at_us=1003000000");
    assert_int_equal(link->since_us, STORY_START);
    assert_string_equal(link->error, "refused again");
    assert_int_equal(link->retry_at_us, 1003 * SECOND);
    story_tell(&s, "link role=poll state=up");
    assert_int_equal(link->since_us, STORY_START + SECOND);
    assert_string_equal(link->error, "");
    story_end(&s);
}

static void connection__measures__its_own_cost(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    const struct connection_view *c = model_connection(s.m);
    assert_true(isnan(c->commands_per_s));
    for (int i = 0; i <= 20; i++) {
        story_tell(&s, "cost commands=%d bytes_out=%d bytes_in=%d", 8 * i, 100 * i, 3000 * i);
        story_wait(&s, 1);
    }
    assert_near(c->commands_per_s, 8);
    assert_near(c->bytes_out_per_s, 100);
    assert_near(c->bytes_in_per_s, 3000);
    assert_int_equal(c->commands, 160);
    story_tell(&s, "cost commands=4 bytes_out=0 bytes_in=0"); /* links that were made anew */
    assert_true(isnan(c->commands_per_s));
    story_end(&s);
}

static void connection__shows__what_notifications_lack(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "notify state=partial present=Ex missing=\"g$em\" why=\"\\x1b\"");
    const struct connection_view *c = model_connection(s.m);
    assert_int_equal(c->notify, NOTIFY_STATE_PARTIAL);
    assert_string_equal(c->notify_present, "Ex");
    assert_string_equal(c->notify_missing, "g$em");
    assert_string_equal(c->notify_why, "^[");
    story_end(&s);
}

static void redis__is_reachable__while_its_link_is_up_and_info_is_young(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_false(model_redis_reachable(s.m));
    story_tell(&s, "link role=poll state=up");
    assert_false(model_redis_reachable(s.m));
    story_tell(&s, "server used_memory=1");
    assert_true(model_redis_reachable(s.m));
    story_wait(&s, 10);
    assert_true(model_redis_reachable(s.m));
    story_wait_us(&s, 1);
    assert_false(model_redis_reachable(s.m));
    story_tell(&s, "server used_memory=1");
    story_tell(&s, "link role=poll state=down");
    assert_false(model_redis_reachable(s.m));
    story_end(&s);
}

static void feed__that_is_shed__leaves_unknown_what_it_does_not_hear(void **state)
{
    (void)state;
    struct story s;
    struct event_totals all;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    story_tell(&s, "link role=feed state=up");
    story_tell(&s, "notify state=on present=KEAm");
    for (int i = 0; i < 20; i++) {
        story_tell(&s, "key_event event=set key=a:1 count=100");
        story_tell(&s, "key_event event=keymiss key=a:2 count=10");
        story_tell(&s, "key_event event=del key=a:1 count=5");
        story_wait(&s, 1);
    }
    const struct family *a = story_family(&s, "a");
    assert_near(a->set_per_s, 100);
    assert_near(a->miss_per_s, 10);
    assert_near(a->del_per_s, 5);
    story_tell(&s, "shed writes=1 times=1 held_bytes=9000000");
    const struct shed_view *shed = &model_connection(s.m)->shed;
    assert_true(shed->any);
    assert_int_equal(shed->since_us, s.now_us);
    assert_int_equal(shed->held_bytes, 9000000);
    assert_int_equal(shed->cut_bytes, -1);
    for (int i = 0; i < 12; i++) {
        story_tell(&s, "key_event event=set count=7");
        story_tell(&s, "key_event event=keymiss key=a:2 count=10");
        story_tell(&s, "key_event event=del key=a:1 count=5");
        story_wait(&s, 1);
    }
    assert_true(isnan(a->set_per_s)); /* not heard: no 0 */
    assert_near(a->miss_per_s, 10);
    assert_near(a->del_per_s, 5);
    assert_true(isnan(series_last(&a->activity))); /* a gap */
    model_events(s.m, &all);
    assert_true(isnan(all.per_s));
    assert_int_equal(all.shed, 84);
    assert_int_equal(model_connection(s.m)->shed.since_us, s.now_us - 12 * SECOND);
    story_tell(&s, "shed times=1");
    assert_false(shed->any);
    assert_int_equal(shed->since_us, -1);
    assert_int_equal(shed->times, 1);
    for (int i = 0; i < 4; i++) {
        story_tell(&s, "key_event event=set key=a:1 count=100");
        story_wait(&s, 1);
    }
    assert_true(a->set_per_s > 60 && a->set_per_s < 140); /* of these seconds alone */
    assert_true(!isnan(series_last(&a->activity)));
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(feed__that_is_shed__leaves_unknown_what_it_does_not_hear),
        cmocka_unit_test(connection__shows__where_it_goes_without_control_bytes),
        cmocka_unit_test(connection__keeps__since_when_a_link_is_as_it_is),
        cmocka_unit_test(connection__measures__its_own_cost),
        cmocka_unit_test(connection__shows__what_notifications_lack),
        cmocka_unit_test(redis__is_reachable__while_its_link_is_up_and_info_is_young),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
