#include "story.h"

static void tell(struct story *s, int id, const char *rest)
{
    story_tell(s, "client phase=row id=%d %s", id, rest);
}
static void end(struct story *s)
{
    story_tell(s, "client phase=end");
}

static void clients__are_there__when_the_list_is_whole(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(model_clients_read_us(s.m), -1);
    tell(&s, 7,
         "address=10.0.0.7:5001 name=api user=default command=get flags=N db=0 age_s=60 idle_s=2 channels=0 "
         "patterns=2 memory=20000 output=0");
    assert_int_equal(model_client_count(s.m), 0);
    end(&s);
    assert_int_equal(model_client_count(s.m), 1);
    assert_int_equal(model_clients_read_us(s.m), s.now_us);
    const struct client *c = model_client_find(s.m, S("7"));
    assert_ptr_equal(c, model_client_at(s.m, 0));
    assert_string_equal(c->address, "10.0.0.7:5001");
    assert_string_equal(c->name, "api");
    assert_int_equal(c->age_s, 60);
    assert_int_equal(c->subscriptions, 2);
    assert_int_equal(c->queued, -1);
    assert_false(c->is_new);
    assert_null(model_client_find(s.m, S("8")));
    assert_null(model_client_find(s.m, S("seven")));
    story_end(&s);
}

static void clients__that_came_since__are_new_until_the_next_reading(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, 1, "flags=N");
    end(&s);
    story_wait(&s, 1);
    tell(&s, 1, "flags=N");
    tell(&s, 2, "flags=N");
    end(&s);
    assert_false(model_client_find(s.m, S("1"))->is_new);
    assert_true(model_client_find(s.m, S("2"))->is_new);
    story_wait(&s, 1);
    tell(&s, 2, "flags=N");
    end(&s);
    assert_null(model_client_find(s.m, S("1"))); /* it has gone */
    assert_false(model_client_find(s.m, S("2"))->is_new);
    story_end(&s);
}

static void own_connections__are_known__by_being_told_so(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, 1, "flags=N own=yes");
    tell(&s, 2, "flags=S");
    end(&s);
    assert_int_equal(model_client_find(s.m, S("1"))->kind, CLIENT_OWN);
    assert_int_equal(model_client_find(s.m, S("2"))->kind, CLIENT_REPLICA);
    story_end(&s);
}

static void groups__go_by_name__or_else_by_address_without_the_port(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, 1, "address=10.0.0.7:5001 name=redai-api memory=100");
    tell(&s, 2, "address=10.0.0.8:5002 name=redai-api memory=50");
    tell(&s, 3, "address=10.0.0.9:5003 memory=7");
    tell(&s, 4, "address=10.0.0.9:5004");
    tell(&s, 5, "address=10.0.0.9:5005");
    tell(&s, 6, "address=[::1]:5005");
    tell(&s, 7, "address=/run/redis.sock:0");
    end(&s);
    const struct client_group *rows;
    assert_int_equal(model_client_groups(s.m, &rows), 4);
    assert_string_equal(rows[0].name, "10.0.0.9");
    assert_int_equal(rows[0].clients, 3);
    assert_int_equal(rows[0].memory, 7);
    assert_string_equal(rows[1].name, "redai-api");
    assert_int_equal(rows[1].memory, 150);
    assert_string_equal(rows[2].name, "/run/redis.sock");
    assert_string_equal(rows[3].name, "[::1]");
    story_end(&s);
}

static void rows__are_capped__and_those_left_out_counted(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    /* Twice, all of them others: those of before do not take the room of those that are there. */
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < CLIENTS_MAX + 3; i++) {
            tell(&s, round * 100000 + i, "flags=N");
        }
        story_tell(&s, "client phase=end left_out=40");
        assert_int_equal(model_client_count(s.m), CLIENTS_MAX);
        assert_int_equal(model_clients_cut(s.m), 43);
        assert_int_equal(model_rows_cut(s.m, TOPIC_CLIENTS), 43);
        story_wait(&s, 1);
    }
    assert_non_null(model_client_find(s.m, S("100000")));
    assert_null(model_client_find(s.m, S("0")));
    story_end(&s);
}

static void texts__from_a_hostile_client__are_harmless(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "client phase=row id=9223372036854775807 name=\"\\x1b]0;x\\x07\" memory=-7 age_s=-9 "
                   "channels=9223372036854775807 patterns=9223372036854775807");
    story_tell(&s, "client phase=row id=-3 name=none");
    end(&s);
    assert_int_equal(model_client_count(s.m), 1);
    const struct client *c = model_client_at(s.m, 0);
    assert_null(strchr(c->name, '\x1b'));
    assert_int_equal(c->memory, -1);
    assert_int_equal(c->age_s, -1);
    assert_true(c->subscriptions > 0);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients__are_there__when_the_list_is_whole),
        cmocka_unit_test(clients__that_came_since__are_new_until_the_next_reading),
        cmocka_unit_test(own_connections__are_known__by_being_told_so),
        cmocka_unit_test(groups__go_by_name__or_else_by_address_without_the_port),
        cmocka_unit_test(rows__are_capped__and_those_left_out_counted),
        cmocka_unit_test(texts__from_a_hostile_client__are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
