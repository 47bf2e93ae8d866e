#include "app/app.h"
#include "app/snapshot.h"
#include "unit/model/story.h"

static void configure(struct story *s, const char *const *word)
{
    size_t count = 0;
    struct err err = {0};
    while (word[count]) {
        count++;
    }
    if (!rules_set(model_rules(s->m), count, word, &err)) {
        fail_msg("%s", err.text);
    }
}
#define RULE(s, ...) configure(s, (const char *const[]){__VA_ARGS__, NULL})

/* The rules of this test alone. */
static void begin(struct story *s)
{
    story_begin(s);
    for (size_t i = 0; i < rules_count(model_rules(s->m)); i++) {
        RULE(s, rules_at(model_rules(s->m), i)->name, "off");
    }
}

static void tell(struct story *s)
{
    story_tell(s, "connection address=redis://redis:6379/0");
    story_tell(s, "link role=poll state=up");
    story_tell(
        s, "server run_id=a loading=0 used_memory=1500 maxmemory=2000 connected_clients=81 maxclients=100 "
           "round_trip_us=1250");
    story_tell(s, "poll topic=server ok=1");
    story_wait(s, 1);
}

static void assert_line(const struct story *s, int code, const char *head, const char *figures)
{
    UT_string out;
    utstring_init(&out);
    snapshot_nagios(s->m, code, &out);
    struct span line = text_span(&out);
    size_t bar = span_find(line, '|');
    assert_int_equal(span_find(line, '\n'), line.len - 1);
    if (!span_equal(span_head(line, bar), span_of(head))) {
        fail_msg("%s", utstring_body(&out));
    }
    if (span_search(line, span_of(figures)) == line.len) {
        fail_msg("%s lacks %s", utstring_body(&out), figures);
    }
    utstring_done(&out);
}

static void nagios__gives_figures__with_the_limits_of_the_rules(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    RULE(&s, "mem", "when", "server.used_memory", ">", "1800");
    RULE(&s, "mem-bad", "when", "server.used_memory", ">", "1900", "severity", "critical");
    RULE(&s, "hits", "when", "cache.hit_rate", "<", "70");
    tell(&s);
    assert_line(&s, EXIT_OK, "REDAI OK - all clear: 2 of 3 rules could be judged ",
                "| memory=1500B;1800;1900;0;2000 clients=81;;;0;100 ");
    assert_line(&s, EXIT_OK, "REDAI OK - all clear: 2 of 3 rules could be judged ",
                " hit_rate=U;70.0:;;0;100 ");
    assert_line(&s, EXIT_OK, "REDAI OK - all clear: 2 of 3 rules could be judged ",
                " round_trip=0.001250s;;;0; ");
    story_end(&s);
}

static void nagios__names_what_fires__and_no_message_breaks_the_line(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    RULE(&s, "a", "when", "server.clients", ">", "80", "message", "%v | clients `id` $(x) <b>");
    RULE(&s, "note", "when", "server.clients", ">", "1", "severity", "info");
    tell(&s);
    assert_line(&s, EXIT_WARNING, "REDAI WARNING - 1 alert: 81 / clients ?id? ?(x) ?b? ",
                "| memory=1500B;;;0;2000 ");
    for (char name[] = "b"; name[0] <= 'h'; name[0]++) {
        RULE(&s, name, "when", "server.clients", ">", "80", "message", "m", "severity", "critical");
    }
    story_wait(&s, 1);
    assert_line(&s, EXIT_CRITICAL, "REDAI CRITICAL - 8 alerts: m; m; m; m; m; 3 more ", "| memory=");
    story_end(&s);
}

static void nagios__says_unknown__and_why(void **state)
{
    (void)state;
    struct story s;
    begin(&s);
    story_wait(&s, 1);
    assert_line(&s, EXIT_UNREAD, "REDAI UNKNOWN - Redis could not be read: it does not answer ",
                "| memory=U;;;0; ");
    tell(&s);
    story_tell(&s, "link role=poll state=down error=refused|here");
    story_wait(&s, 1);
    assert_line(&s, EXIT_UNREAD, "REDAI UNKNOWN - Redis could not be read: refused/here ",
                "| memory=U;;;0; clients=U;;;0; ops_per_second=U;;;0; hit_rate=U;;;0; round_trip=U;;;0; "
                "sessions=U;;;0; waiting=U;;;0; in_flight=U;;;0;\n");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nagios__gives_figures__with_the_limits_of_the_rules),
        cmocka_unit_test(nagios__names_what_fires__and_no_message_breaks_the_line),
        cmocka_unit_test(nagios__says_unknown__and_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
