#include "action/trace.h"
#include "support/unit.h"

static void trace_pushed__tells_no_more_than_was_seen__when_the_look_back_differs(void **state)
{
    (void)state;
    static const struct {
        struct trace trace;
        bool lost;
        enum action_outcome outcome;
        const char *text;
    } cases[] = {
        {{.position = 0, .length = 3, .can_tell = true}, false, ACTION_DONE, "queued in q at position 3"},
        {{.position = 2, .length = -1, .can_tell = true}, false, ACTION_DONE, "queued in q at position 5"},
        {{.position = 0, .length = 1, .can_tell = true},
         true,
         ACTION_DONE,
         "queued in q at position 1 (the reply was lost; it was found)"},
        {{.position = -1, .taken = true, .status = (char *)"STARTED"},
         false,
         ACTION_DONE,
         "a worker has taken it: STARTED"},
        {{.position = -1, .taken = true}, false, ACTION_DONE, "a worker has taken it"},
        {{.position = -1, .can_tell = true},
         false,
         ACTION_DONE,
         "queued in q, and taken out of the list since"},
        {{.position = -1}, false, ACTION_DONE, "queued in q; its place could not be read"},
        {{.position = -1, .can_tell = true, .id = "id1"},
         true,
         ACTION_UNKNOWN,
         "the reply never came and it was not found: it may run or not; look for id1"},
        {{.position = -1, .id = "id1"},
         true,
         ACTION_UNKNOWN,
         "the reply never came and it could not be looked for: it may run or not; look for id1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text;
        assert_int_equal(trace_pushed(&cases[i].trace, "q", 7, cases[i].lost, &text), cases[i].outcome);
        assert_string_equal(text, cases[i].text);
        mem_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_pushed__tells_no_more_than_was_seen__when_the_look_back_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
