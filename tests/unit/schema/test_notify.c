#include "unit/schema/fixture.h"

#include "redai/schema/notify.h"

static void notify_missing__names_what_the_setting_lacks(void **state)
{
    (void)state;
    static const struct {
        const char *present, *missing, *merged;
    } cases[] = {
        {"", "Eg$xem", "Eg$xem"},
        {"Eg$xem", "", "Eg$xem"},
        {"AKE", "m", "AKEm"},
        {"AKEm", "", "AKEm"},
        {"A", "Em", "AEm"},
        {"K", "Eg$xem", "KEg$xem"},
        {"KA", "Em", "KAEm"},
        {"Ex", "g$em", "Exg$em"},
        {"mE", "g$xe", "mEg$xe"},
        {"nK", "Eg$xem", "nKEg$xem"},
        {"glshzxe$tdE", "m", "glshzxe$tdEm"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string out;
        utstring_init(&out);
        notify_missing(span_of(cases[i].present), &out);
        assert_string_equal(out.d, cases[i].missing);
        utstring_clear(&out);
        notify_merged(span_of(cases[i].present), &out);
        assert_string_equal(out.d, cases[i].merged);
        utstring_clear(&out);
        notify_missing(span_of(cases[i].merged), &out);
        assert_string_equal(out.d, "");
        utstring_done(&out);
    }
}

static void notify_letter_meaning__names_every_needed_letter(void **state)
{
    (void)state;
    assert_string_equal(notify_letter_meaning('x'), "expired keys (x)");
    assert_string_equal(notify_letter_meaning('?'), "unknown class");
    assert_string_equal(notify_letter_meaning('\0'), "unknown class");
    for (const char *letter = "KEAg$lshzxetdmn"; *letter; letter++) {
        const char *meaning = notify_letter_meaning(*letter);
        char ending[8];
        snprintf(ending, sizeof(ending), "(%c)", *letter);
        assert_true(span_ends(span_of(meaning), span_of(ending)));
    }
}

static void notify_channel__reads_database_and_event(void **state)
{
    (void)state;
    static const struct {
        const char *channel;
        int db;
        enum notify_event event;
    } cases[] = {
        {"__keyevent@0__:set", 0, NOTIFY_SET},
        {"__keyevent@1__:del", 1, NOTIFY_DEL},
        {"__keyevent@15__:expire", 15, NOTIFY_EXPIRE},
        {"__keyevent@0__:expired", 0, NOTIFY_EXPIRED},
        {"__keyevent@0__:evicted", 0, NOTIFY_EVICTED},
        {"__keyevent@0__:keymiss", 0, NOTIFY_KEYMISS},
        {"__keyevent@0__:rename_from", 0, NOTIFY_RENAME_FROM},
        {"__keyevent@0__:rename_to", 0, NOTIFY_RENAME_TO},
        {"__keyevent@0__:persist", 0, NOTIFY_PERSIST},
        {"__keyevent@0__:restore", 0, NOTIFY_RESTORE},
        {"__keyevent@0__:hset", 0, NOTIFY_OTHER},
        {"__keyevent@0__:sets", 0, NOTIFY_OTHER},
        {"__keyevent@0__:se", 0, NOTIFY_OTHER},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int db = -1;
        enum notify_event event = NOTIFY_EVENT_COUNT;
        assert_true(notify_channel(span_of(cases[i].channel), &db, &event));
        assert_int_equal(db, cases[i].db);
        assert_int_equal(event, cases[i].event);
        if (event != NOTIFY_OTHER) {
            assert_true(span_ends(span_of(cases[i].channel), span_of(notify_event_name[event])));
        }
    }
}

static void notify_channel__refuses_other_channels(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "__keyspace@0__:session:1",
        "__keyevent@__:set",
        "__keyevent@x__:set",
        "__keyevent@0__:",
        "__keyevent@0__",
        "__keyevent@0_:set",
        "__keyevent@-1__:set",
        "__keyevent@99999999999999999999__:set",
        "__keyevent@",
        "celery-task-meta-1",
        "/0.celeryev/task.multi",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int db = -1;
        enum notify_event event = NOTIFY_EVENT_COUNT;
        assert_false(notify_channel(span_of(cases[i]), &db, &event));
        assert_int_equal(db, -1);
        assert_int_equal(event, NOTIFY_EVENT_COUNT);
    }
}

/* Channels as a server published them. */
static void notify_channel__reads_captured_transcripts(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum notify_event event;
        int count;
    } cases[] = {
        {"keyspace-session-expire.txt", NOTIFY_EXPIRED, 1},
        {"keyspace-cache-miss-and-set.txt", NOTIFY_KEYMISS, 1},
        {"keyspace-cache-invalidate.txt", NOTIFY_DEL, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string text;
        int count = 0;
        fixture_read(cases[i].file, &text);
        for (struct span rest = text_span(&text); rest.len;) {
            struct span line = span_head(rest, span_find(rest, '\n'));
            rest = span_skip(rest, line.len + 1);
            int db;
            enum notify_event event;
            struct span channel = span_head(line, span_find(line, '\t'));
            if (notify_channel(channel, &db, &event)) {
                count += event == cases[i].event;
                assert_int_equal(db, 0);
            } else {
                assert_true(span_starts(channel, S("__keyspace@")));
            }
        }
        if (count < cases[i].count) {
            fail_msg("%s: %d events", cases[i].file, count);
        }
        utstring_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notify_missing__names_what_the_setting_lacks),
        cmocka_unit_test(notify_letter_meaning__names_every_needed_letter),
        cmocka_unit_test(notify_channel__reads_database_and_event),
        cmocka_unit_test(notify_channel__refuses_other_channels),
        cmocka_unit_test(notify_channel__reads_captured_transcripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
