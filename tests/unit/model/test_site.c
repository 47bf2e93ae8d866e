/* The broker and the results on servers of their own: what of them is known, and what greys without them. */
#include "story.h"

#define APART                                                                                                \
    "connection address=\"redis://a:6379/0\" broker=\"redis://b:6379/3\" broker_db=3 "                       \
    "results=\"redis://c:6379/1\" result_db=1"

static void begin(struct story *s)
{
    story_begin(s);
    story_tell(s, APART);
    story_tell(s, "link role=poll state=up");
    story_tell(s, "link role=feed state=up");
    story_tell(s, "link role=broker state=up");
    story_tell(s, "link role=broker-feed state=up");
    story_tell(s, "link role=result state=up");
    story_tell(s, "link role=result-feed state=up");
    story_tell(s, "poll topic=queues ok=1");
    story_tell(s, "poll topic=tasks ok=1");
    story_tell(s, "poll topic=workers ok=1");
    story_tell(s, "poll topic=sessions ok=1");
    story_tell(s, "poll topic=batches ok=1");
}

static void site__of_one_server__has_the_applications_links(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "connection address=\"redis://a:6379/0\" db=0 broker_db=2 result_db=1");
    story_tell(&s, "link role=poll state=down error=refused");
    for (int i = SITE_BROKER; i < SITE_COUNT; i++) {
        assert_false(model_site(s.m, (enum site)i)->apart);
        assert_false(model_site_is_away(s.m, (enum site)i));
        assert_ptr_equal(model_site_feed(s.m, (enum site)i), &model_connection(s.m)->link[LINK_ROLE_FEED]);
        assert_string_equal(model_site(s.m, (enum site)i)->address, "redis://a:6379/0");
    }
    assert_ptr_equal(model_site_link(s.m, SITE_BROKER), &model_connection(s.m)->link[LINK_ROLE_POLL]);
    assert_int_equal(model_site(s.m, SITE_BROKER)->db, 2);
    assert_int_equal(model_site(s.m, SITE_RESULTS)->db, 1);
    story_end(&s);
}

static void site__apart__is_shown_without_control_bytes_and_with_its_own_info(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "connection address=a broker=\"redis://b\\x1b]0;x\\x07:6379/3\" broker_db=3");
    story_tell(&s, "site site=broker maxmemory_policy=allkeys-lru role=slave used_memory=1000");
    const struct site_view *b = model_site(s.m, SITE_BROKER);
    assert_true(b->apart);
    assert_string_equal(b->address, "redis://b^[]0;x^G:6379/3");
    assert_true(b->known);
    assert_string_equal(b->info.maxmemory_policy, "allkeys-lru");
    assert_int_equal(b->info.used_memory, 1000);
    assert_false(model_site(s.m, SITE_RESULTS)->apart);
    assert_false(model_server(s.m)->known); /* that is the application's */
    story_end(&s);
}

static void broker__away__is_one_outage_while_its_link_flips(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    assert_false(model_site_is_away(s.m, SITE_BROKER));
    story_wait(&s, 5);
    story_tell(&s, "link role=broker state=down error=refused");
    for (int i = 0; i < 4; i++) {
        story_wait(&s, 1);
        story_tell(&s, "link role=broker state=%s error=refused", i % 2 ? "down" : "connecting");
        assert_true(model_site_is_away(s.m, SITE_BROKER));
        assert_int_equal(model_site(s.m, SITE_BROKER)->down_us, STORY_START + 5 * SECOND);
    }
    assert_false(model_site_is_away(s.m, SITE_RESULTS));
    story_tell(&s, "link role=broker state=up");
    assert_false(model_site_is_away(s.m, SITE_BROKER));
    story_end(&s);
}

static void broker__away__greys_what_is_of_it_and_nothing_else(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "link role=broker state=down error=refused");
    story_wait(&s, 4);
    assert_true(model_topic_stale(s.m, TOPIC_QUEUES));
    assert_true(model_topic_stale(s.m, TOPIC_WORKERS));
    assert_true(model_topic_stale(s.m, TOPIC_TASKS));
    assert_false(model_topic_stale(s.m, TOPIC_SESSIONS)); /* a minute is its usual time */
    story_end(&s);
}

/* STORY_START + 5 s: noticed two seconds later. */
static void server__that_hangs__is_away_since_it_was_heard_last(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_wait(&s, 7);
    story_tell(&s, "link role=broker state=silent error=\"no answer\" heard_us=%lld",
               (long long)(STORY_START + 5 * SECOND));
    assert_true(model_site_is_away(s.m, SITE_BROKER));
    assert_int_equal(model_site(s.m, SITE_BROKER)->down_us, STORY_START + 5 * SECOND);
    assert_true(model_topic_stale(s.m, TOPIC_WORKERS)); /* ten seconds are their usual time */
    assert_true(model_topic_stale(s.m, TOPIC_QUEUES));
    assert_false(model_topic_stale(s.m, TOPIC_SESSIONS));
    story_wait(&s, 8);
    story_tell(&s, "link role=broker state=down error=\"no reply for 10 s\"");
    assert_int_equal(model_site(s.m, SITE_BROKER)->down_us, STORY_START + 5 * SECOND);
    story_tell(&s, "link role=broker state=up");
    assert_false(model_site_is_away(s.m, SITE_BROKER));
    story_end(&s);
}

static void results__that_hang__grey_the_tasks(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_wait(&s, 4);
    assert_false(model_topic_stale(s.m, TOPIC_TASKS));
    story_tell(&s, "link role=result state=silent error=\"no answer\" heard_us=%lld", (long long)STORY_START);
    assert_true(model_topic_stale(s.m, TOPIC_TASKS));
    assert_false(model_topic_stale(s.m, TOPIC_WORKERS));
    story_end(&s);
}

static void application__away__leaves_queues_fresh(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "link role=poll state=down error=refused");
    story_tell(&s, "link role=feed state=down error=refused");
    story_wait(&s, 4);
    story_tell(&s, "poll topic=queues ok=1");
    story_tell(&s, "poll topic=workers ok=1");
    story_wait(&s, 1);
    assert_false(model_topic_stale(s.m, TOPIC_QUEUES));
    assert_false(model_topic_stale(s.m, TOPIC_WORKERS));
    assert_true(model_topic_stale(s.m, TOPIC_SESSIONS));
    assert_false(model_redis_reachable(s.m));
    story_end(&s);
}

static void feed__of_one_site__takes_only_its_own_topics_along(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_tell(&s, "link role=broker-feed state=down");
    assert_true(model_topic_stale(s.m, TOPIC_WORKERS));
    assert_true(model_topic_stale(s.m, TOPIC_TASKS));
    assert_false(model_topic_stale(s.m, TOPIC_SESSIONS));
    assert_false(model_topic_stale(s.m, TOPIC_BATCHES));
    story_tell(&s, "poll topic=workers ok=1");
    story_tell(&s, "poll topic=tasks ok=1");
    story_tell(&s, "link role=result-feed state=down");
    assert_true(model_topic_stale(s.m, TOPIC_BATCHES));
    assert_false(model_topic_stale(s.m, TOPIC_WORKERS));
    story_tell(&s, "poll topic=batches ok=1");
    story_tell(&s, "link role=feed state=down");
    assert_true(model_topic_stale(s.m, TOPIC_SESSIONS));
    assert_false(model_topic_stale(s.m, TOPIC_WORKERS));
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(site__of_one_server__has_the_applications_links),
        cmocka_unit_test(site__apart__is_shown_without_control_bytes_and_with_its_own_info),
        cmocka_unit_test(broker__away__is_one_outage_while_its_link_flips),
        cmocka_unit_test(broker__away__greys_what_is_of_it_and_nothing_else),
        cmocka_unit_test(server__that_hangs__is_away_since_it_was_heard_last),
        cmocka_unit_test(results__that_hang__grey_the_tasks),
        cmocka_unit_test(application__away__leaves_queues_fresh),
        cmocka_unit_test(feed__of_one_site__takes_only_its_own_topics_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
