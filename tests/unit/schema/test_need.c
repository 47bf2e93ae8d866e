/* The table of what panes and actions ask of Redis, and how a row of it becomes a command. */
#include "support/unit.h"

#include <stdio.h>

#include "redai/schema/need.h"

static void assert_command(const char *command, const char *sent)
{
    char text[NEED_TEXT_MAX], line[NEED_TEXT_MAX] = "";
    struct span args[NEED_ARGS_MAX];
    size_t count = need_args(command, 3, text, args), used = 0;
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%.*s", i ? "|" : "", (int)args[i].len,
                                 args[i].data);
    }
    assert_string_equal(line, sent);
}

static void need_args__puts_samples_for_ids__but_keeps_patterns(void **state)
{
    (void)state;
    assert_command("GETRANGE session:* 0 9", "GETRANGE|session:-|0|9");
    assert_command("SSCAN user:*:sessions 0", "SSCAN|user:-:sessions|0");
    assert_command("PSUBSCRIBE celery-task-meta-*", "PSUBSCRIBE|celery-task-meta-*");
    assert_command("PSUBSCRIBE /{db}.celeryev/task.*", "PSUBSCRIBE|/3.celeryev/task.*");
    assert_command("PUBLISH /{db}.celery.pidbox x", "PUBLISH|/3.celery.pidbox|x");
    assert_command("MONITOR", "MONITOR");
}

static void need_commands__names_each_once(void **state)
{
    (void)state;
    const char *const *command;
    size_t count = need_commands(&command), asked = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(command[i], command[k]);
        }
    }
    for (size_t i = 0; i < needs_count; i++) {
        bool found = true;
        for (size_t k = 0; needs[i].command[k]; k++) {
            bool listed = false;
            for (size_t n = 0; n < count; n++) {
                listed = listed || strcmp(command[n], needs[i].command[k]) == 0;
            }
            found = found && listed;
            asked++;
        }
        assert_true(found && needs[i].name[0]);
    }
    assert_true(count > 40 && count < asked);
}

/* They are queued behind MULTI where nothing else is possible: what would end the transaction, or leave it,
 * is never among them but those that the probe knows and sends before. */
static void need_commands__has_none_that_would_run_the_others(void **state)
{
    (void)state;
    static const char *const never[] = {"DISCARD", "QUIT",     "RESET", "AUTH",
                                        "HELLO",   "SHUTDOWN", "EVAL",  "FLUSH"};
    const char *const *command;
    size_t count = need_commands(&command);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof never / sizeof never[0]; k++) {
            assert_true(strncmp(command[i], never[k], strlen(never[k])) != 0);
        }
        assert_true(strncmp(command[i], "EXEC", 4) != 0 || strcmp(command[i], "EXEC") == 0);
    }
}

/* Of those that panes need, all but the question to the workers. */
static void need_only_looks__is_true__of_nothing_that_changes_or_tells(void **state)
{
    (void)state;
    static const char *const acting[] = {"PUBLISH /{db}.celery.pidbox x",
                                         "RPUSH redai-console.reply.* x",
                                         "EXPIRE redai-console.reply.* 300",
                                         "DEL redai-console.reply.*",
                                         "MULTI",
                                         "EXEC"};
    for (size_t i = 0; i < needs_count; i++) {
        for (size_t k = 0; needs[i].kind == NEED_PANE && needs[i].command[k]; k++) {
            bool acts = false;
            for (size_t n = 0; n < COUNT_OF(acting); n++) {
                acts = acts || strcmp(acting[n], needs[i].command[k]) == 0;
            }
            assert_int_equal(need_only_looks(needs[i].command[k]), !acts);
        }
    }
    static const char *const never[] = {
        "UNLINK session:*", "CLIENT KILL ID 1", "CONFIG SET a b", "RESTORE session:* 0 x",
        "SET k v",          "EVAL x 0",         "CLIENT",         ""};
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        assert_false(need_only_looks(never[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(need_args__puts_samples_for_ids__but_keeps_patterns),
        cmocka_unit_test(need_commands__names_each_once),
        cmocka_unit_test(need_commands__has_none_that_would_run_the_others),
        cmocka_unit_test(need_only_looks__is_true__of_nothing_that_changes_or_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
