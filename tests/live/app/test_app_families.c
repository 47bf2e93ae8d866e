/* The cache pane as a person meets it: the platform's fault in the keys of its cache, seen, named, and left
 * by the way out that the page tells. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* What the platform's decorator leaves of sixty reads of one exam: 58 keys, each with an address. */
static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    char command[160];
    struct server *s = stage_server(quiet);
    for (unsigned i = 0; i < 60; i++) {
        char *key = NULL;
        snprintf(command, sizeof command,
                 "exam:db:<sqlalchemy.orm.session.Session object at 0x7f4b%04x>:exam_id:2",
                 0x9000 + (i < 58 ? i : 0) * 0x10);
        key = server_cli(s, "SETEX", command, "3600", "{\"id\": 2}", NULL);
        free(key);
    }
    for (int i = 0; i < 20; i++) {
        snprintf(command, sizeof command, "SETEX exam:questions:exam_id:%d 600 []", i);
        stage_do(s, 0, command);
        snprintf(command, sizeof command, "SETEX shop:%s:%d 600 x", i % 2 ? "basket" : "order", i);
        stage_do(s, 0, command);
    }
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

static void the_pane__names_the_fault__and_its_page_tells_the_way_out(void **state)
{
    struct pty *p = seat_open(*state, seat_large, NULL, NULL);
    seat_see(p, "58 key(s) of exam hold an object's");
    seat_do(p, "2+", "exam:questions");
    seat_see(p, "exam:*");
    seat_do(p, "/fault:repr\r", "2 shown"); /* the family and what it stands under */
    seat_not(p, "exam:questions");
    seat_do(p, ":open family exam\r", "58 keys hold an object's address");
    seat_see(p, "Way out: leave such arguments out of the key");
    seat_see(p, "58 keys, all measured");
    seat_leave(p, "Way out");
    seat_quit(p);
}

static void families_of_one_first_part__fold__with_left_and_right(void **state)
{
    struct pty *p = seat_open(*state, seat_small, NULL, NULL);
    seat_see(p, "58 key(s)");
    seat_do(p, "2+", "shop:basket");
    seat_do(p, "/shop\r", "3 shown");
    seat_do(p, "\033[H", "shop:order"); /* Home */
    seat_leave(p, "3 shown");
    seat_see(p, "shop:basket");
    seat_key(p, ":fold all\r");
    seat_see_gone(p, "shop:basket");
    seat_see_gone(p, "exam:questions");
    seat_see(p, "shop:*");
    seat_key(p, "G\033[C"); /* to the last row, Right */
    seat_see(p, "shop:basket");
    seat_key(p, "\033[D"); /* Left */
    seat_see_gone(p, "shop:basket");
    seat_do(p, "i", "shop:*");
    seat_see(p, "pattern");
    seat_leave(p, "pattern");
    seat_quit(p);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        LIVE(the_pane__names_the_fault__and_its_page_tells_the_way_out),
        LIVE(families_of_one_first_part__fold__with_left_and_right),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
