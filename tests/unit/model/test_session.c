#include "story.h"

#include <malloc.h>
#include <stdio.h>

#define DAY_US (86400 * SECOND)

static const struct session *find(const struct story *s, const char *id)
{
    return model_session_find(s->m, span_of(id));
}

/* Every way to a session leads to the same rows, and nothing else. */
static void assert_sound(const struct story *s)
{
    size_t chained = 0;
    size_t in_roles = 0;
    const struct role_total *roles;
    size_t role_count = model_role_totals(s->m, &roles);
    for (size_t i = 0; i < model_session_count(s->m); i++) {
        const struct session *row = model_session_at(s->m, i);
        assert_int_equal(row->index, i);
        assert_ptr_equal(model_session_find(s->m, span_make(row->id, row->id_len)), row);
        size_t of_user = 0;
        bool found = false;
        const struct session *first = model_user_sessions(s->m, span_of(row->user_key), &of_user);
        for (const struct session *other = first; other; other = other->same_user_next) {
            assert_string_equal(other->user_key, row->user_key);
            found = found || other == row;
            of_user--;
        }
        assert_int_equal(of_user, 0);
        assert_true(found == (row->user_key[0] != '\0'));
        chained += found;
    }
    for (size_t i = 0; i < role_count; i++) {
        assert_true(roles[i].sessions > 0);
        assert_true(i == 0 || roles[i].sessions <= roles[i - 1].sessions);
        in_roles += roles[i].sessions;
    }
    assert_int_equal(in_roles, model_session_count(s->m));
    assert_true(chained <= model_session_count(s->m));
}

static void session__is_kept__as_it_was_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s,
               "session id=HA_jt0ARGnofjpp1 user_id=1 name=\"User 1\" email=user1@example.com role=student "
               "created_us=1763890402714134 pttl_ms=86400000 bytes=124");
    const struct session *row = find(&s, "HA_jt0ARGnofjpp1");
    assert_non_null(row);
    assert_string_equal(row->short_id, "HA_jt0~");
    assert_string_equal(row->user_key, "1");
    assert_string_equal(row->user_id, "1");
    assert_string_equal(row->name, "User 1");
    assert_string_equal(row->email, "user1@example.com");
    assert_string_equal(row->role, "student");
    assert_int_equal(row->created_us, 1763890402714134);
    assert_int_equal(row->updated_us, -1);
    assert_int_equal(row->bytes, 124);
    assert_int_equal(row->expires_us, STORY_START + DAY_US);
    assert_int_equal(row->form, SESSION_FORM_OK);
    assert_sound(&s);
    story_end(&s);
}

static void session__shows__hostile_text_and_keeps_the_raw_id(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=\"\\x1b\\x00\\xffabcdef\" user_id=\"\\x1b9\" name=\"\\xe2\\x80\\xaeevil\" "
                   "role=\"\\x07\" form=not_json");
    const struct session *row = model_session_find(s.m, S("\x1b\0\xff"
                                                          "abcdef"));
    assert_non_null(row);
    assert_int_equal(row->id_len, 9);
    assert_memory_equal(row->id,
                        "\x1b\0\xff"
                        "abcdef",
                        10);
    assert_null(strpbrk(row->short_id, "\x1b\xff"));
    assert_string_equal(row->user_key, "\x1b"
                                       "9");
    assert_string_equal(row->user_id, "^[9");
    assert_string_equal(row->name, "\\u202eevil");
    assert_string_equal(row->role, "^G");
    assert_int_equal(row->form, SESSION_FORM_NOT_JSON);
    size_t count = 0;
    assert_ptr_equal(model_user_sessions(s.m,
                                         S("\x1b"
                                           "9"),
                                         &count),
                     row);
    assert_sound(&s);
    story_end(&s);
}

static void session__bounds__long_texts(void **state)
{
    (void)state;
    struct story s;
    char name[3001];
    story_begin(&s);
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    story_tell(&s, "session id=a name=%s", name);
    assert_int_equal(strlen(find(&s, "a")->name), 200);
    story_end(&s);
}

static void session__was_seen__when_its_ttl_was_set(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a pttl_ms=86100000"); /* five minutes of the day are gone */
    int64_t wall = STORY_WALL_US + STORY_START;
    assert_int_equal(find(&s, "a")->seen_us, wall - 300 * SECOND);
    story_tell(&s, "session_ttl id=a pttl_ms=86400000");
    assert_int_equal(find(&s, "a")->seen_us, wall);
    story_tell(&s, "session_ttl id=a pttl_ms=-2"); /* walked over, not read */
    assert_int_equal(find(&s, "a")->seen_us, wall);
    story_tell(&s, "session_ttl id=a pttl_ms=-1");
    assert_int_equal(find(&s, "a")->expires_us, -1);
    assert_int_equal(find(&s, "a")->seen_us, -1);
    story_tell(&s, "session id=b");
    assert_int_equal(find(&s, "b")->expires_us, INT64_MAX);
    assert_int_equal(find(&s, "b")->seen_us, -1);
    story_end(&s);
}

static void session__was_never_seen__before_it_was_made(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    int64_t made = STORY_WALL_US + STORY_START - 60 * SECOND;
    /* a platform that gives an hour only */
    story_tell(&s, "session id=a created_us=%lld pttl_ms=3590000", (long long)made);
    assert_int_equal(find(&s, "a")->seen_us, made);
    assert_int_equal(model_session_ttl_us(s.m), DAY_US);
    story_end(&s);
}

static void session_ttl__is_learned__from_the_largest_seen(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    int64_t wall = STORY_WALL_US + STORY_START;
    story_tell(&s, "session id=a pttl_ms=86400000");
    story_tell(&s, "session id=b pttl_ms=604799900");
    assert_int_equal(model_session_ttl_us(s.m), 7 * DAY_US);
    story_wait(&s, 0);
    assert_int_equal(find(&s, "a")->seen_us, wall - 6 * DAY_US);
    assert_int_equal(find(&s, "b")->seen_us, wall - SECOND / 10);
    story_end(&s);
}

static void session__goes__two_seconds_after_its_ttl(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=1 pttl_ms=5000");
    story_tell(&s, "session id=b user_id=1 pttl_ms=9000");
    story_tell(&s, "session id=c user_id=1 pttl_ms=-1");
    story_tell(&s, "session id=d user_id=1");
    story_wait(&s, 7);
    assert_int_equal(model_session_count(s.m), 4);
    story_wait_us(&s, 1);
    assert_null(find(&s, "a"));
    assert_int_equal(model_session_count(s.m), 3);
    assert_sound(&s);
    story_wait(&s, 100000);
    assert_int_equal(model_session_count(s.m), 2);
    assert_non_null(find(&s, "c"));
    assert_non_null(find(&s, "d"));
    story_end(&s);
}

static void session__does_not_expire__while_redis_cannot_be_asked(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    story_tell(&s, "session id=a pttl_ms=5000");
    story_tell(&s, "link role=poll state=down");
    story_wait(&s, 60);
    assert_non_null(find(&s, "a"));
    story_tell(&s, "link role=poll state=up");
    story_wait(&s, 0);
    assert_null(find(&s, "a"));
    story_end(&s);
}

static void session__changes_hands__with_its_user(void **state)
{
    (void)state;
    struct story s;
    size_t count;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=1 role=student pttl_ms=1000000");
    story_tell(&s, "session id=b user_id=1 role=student");
    story_tell(&s, "session id=c user_id=2 role=teacher");
    assert_int_equal(model_user_count(s.m), 2);
    story_tell(&s, "session id=a user_id=2 role=teacher");
    assert_int_equal(find(&s, "a")->expires_us, STORY_START + 1000 * SECOND); /* its TTL stands */
    model_user_sessions(s.m, S("1"), &count);
    assert_int_equal(count, 1);
    model_user_sessions(s.m, S("2"), &count);
    assert_int_equal(count, 2);
    assert_sound(&s);
    const struct role_total *roles;
    assert_int_equal(model_role_totals(s.m, &roles), 2);
    assert_string_equal(roles[0].role, "teacher");
    assert_int_equal(roles[0].sessions, 2);
    story_tell(&s, "session_gone id=b reason=deleted");
    assert_int_equal(model_user_count(s.m), 1);
    assert_int_equal(model_role_totals(s.m, &roles), 1);
    story_tell(&s, "session id=a user_id=\"\"");
    assert_sound(&s);
    assert_null(model_user_sessions(s.m, S(""), &count));
    assert_int_equal(count, 0);
    story_end(&s);
}

static void session__is_swept__by_a_whole_walk_that_did_not_see_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a");
    story_tell(&s, "session id=b");
    story_tell(&s, "session id=c");
    story_tell(&s, "census phase=begin walked=0 expected=3");
    story_tell(&s, "session_ttl id=a pttl_ms=-2");
    story_tell(&s, "session id=d");
    story_tell(&s, "census phase=abandoned walked=1");
    assert_int_equal(model_session_count(s.m), 4); /* half a walk says nothing */
    story_tell(&s, "census phase=end walked=3");
    assert_int_equal(model_session_count(s.m), 4); /* nor does an end without a beginning */
    story_tell(&s, "census phase=begin walked=0 expected=3");
    story_tell(&s, "session_ttl id=a pttl_ms=5");
    story_tell(&s, "session id=b");
    story_tell(&s, "census phase=end walked=2");
    assert_int_equal(model_session_count(s.m), 2);
    assert_non_null(find(&s, "a"));
    assert_non_null(find(&s, "b"));
    assert_sound(&s);
    story_end(&s);
}

/* Many random facts: the rows stay sound and what expires first goes first. */
static void sessions__stay_sound__whatever_happens(void **state)
{
    (void)state;
    struct story s;
    uint64_t seed = 7;
    story_begin(&s);
    for (int i = 0; i < 6000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned r = (unsigned)(seed >> 33);
        unsigned id = r % 97;
        switch ((r >> 8) % 8) {
        case 0:
            story_tell(&s, "session_gone id=%u", id);
            break;
        case 1:
            story_tell(&s, "session_ttl id=%u pttl_ms=%u", id, (r >> 12) % 30000);
            break;
        case 2:
            story_wait_us(&s, r % 900000);
            break;
        case 3:
            story_tell(&s, "census phase=%s", (r >> 13) % 3 ? "begin" : "end");
            break;
        default:
            story_tell(&s, "session id=%u user_id=%u role=r%u name=n%u pttl_ms=%d", id, (r >> 11) % 13,
                       (r >> 14) % 5, (r >> 16) % 3, (int)((r >> 10) % 20000) - 2);
        }
        if (i % 50 == 0) {
            assert_sound(&s);
            for (size_t k = 0; k < model_session_count(s.m); k++) {
                int64_t expires = model_session_at(s.m, k)->expires_us;
                assert_true(expires < 0 || expires + 3 * SECOND > model_now_us(s.m));
            }
        }
    }
    story_end(&s);
}

static void sessions__fit__a_hundred_thousand_into_forty_mebibytes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 100000; i++) {
        story_tell(&s,
                   "session id=HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRI%06d user_id=%d name=\"User %d\" "
                   "email=user%d@example.com role=student created_us=1763890402714134 pttl_ms=%d bytes=124",
                   i, i, i, i, 86400000 - i);
    }
    size_t used = mallinfo2().uordblks - before;
    assert_int_equal(model_session_count(s.m), 100000);
    print_message("100000 sessions of as many users: %zu KiB\n", used / 1024);
#if !defined(__SANITIZE_ADDRESS__)
    assert_true(used < (size_t)40 * 1024 * 1024);
#endif
    story_tell(&s, "census phase=begin");
    story_tell(&s, "census phase=end");
    assert_int_equal(model_session_count(s.m), 0);
    assert_int_equal(model_user_count(s.m), 0);
    story_end(&s);
}

static void sessions__are_capped__and_the_rest_is_counted(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    for (int i = 0; i < 200010; i++) {
        story_tell(&s, "session id=%d", i);
    }
    story_tell(&s, "census phase=end");
    assert_int_equal(model_session_count(s.m), 200000);
    assert_int_equal(model_rows_cut(s.m, TOPIC_SESSIONS), 10);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session__is_kept__as_it_was_read),
        cmocka_unit_test(session__shows__hostile_text_and_keeps_the_raw_id),
        cmocka_unit_test(session__bounds__long_texts),
        cmocka_unit_test(session__was_seen__when_its_ttl_was_set),
        cmocka_unit_test(session__was_never_seen__before_it_was_made),
        cmocka_unit_test(session_ttl__is_learned__from_the_largest_seen),
        cmocka_unit_test(session__goes__two_seconds_after_its_ttl),
        cmocka_unit_test(session__does_not_expire__while_redis_cannot_be_asked),
        cmocka_unit_test(session__changes_hands__with_its_user),
        cmocka_unit_test(session__is_swept__by_a_whole_walk_that_did_not_see_it),
        cmocka_unit_test(sessions__stay_sound__whatever_happens),
        cmocka_unit_test(sessions__fit__a_hundred_thousand_into_forty_mebibytes),
        cmocka_unit_test(sessions__are_capped__and_the_rest_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
