#include "place.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

void place_fill(struct server *s)
{
    stage_fill(s);
    stage_in_flight(s, "celery", "33333333-3333-4333-8333-333333333333", 900);
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox", "\x06\x16\x06\x16" PLACE_NODE ".celery.pidbox",
                    NULL));
    free(server_cli(s, "SADD", "user:7:sessions", "AAAA9999-long-gone", NULL));
    stage_do(
        s, 1,
        "SET celery-task-meta-" BATCH_FAIL
        " {\"status\":\"FAILURE\",\"result\":{\"exc_type\":\"E\",\"exc_message\":[\"no\"],\"exc_module\":"
        "\"builtins\"},\"traceback\":null,\"task_id\":\"" BATCH_FAIL "\"}");
}

const struct place places[] = {
    {"sessions", {"group none"}, false},
    {"sessions", {"group user"}, false},
    {"sessions", {"group user", "fold all"}, false},
    {"cache", {""}, false},
    {"queues", {""}, false},
    {"batches", {""}, false},
    {"alerts", {"group none"}, false},
    {"alerts", {"group log"}, false},
    {"tasks", {"group none"}, false},
    {"tasks", {"group name"}, false},
    {"tasks", {"group exception"}, false},
    {"workers", {""}, false},
    {"server", {"group none"}, false},
    {"server", {"group commands"}, false},
    {"server", {"group slowlog"}, false},
    {"server", {"group clients"}, false},
    {"server", {"group errors"}, false},
    {"info", {""}, false},
    /* pages */
    {"sessions", {"group none", "open session " SID_ANNA}, true},
    {"sessions", {"open user 7"}, true},
    {"cache", {"open family exam"}, true},
    {"cache", {"open key exam:1"}, true},
    {"cache", {"memory"}, true},
    {"queues", {"open queue celery"}, true},
    {"tasks", {"open task " TASK_ONE}, true},
    {"tasks", {"open task " BATCH_FAIL}, true},
    {"workers", {"open worker " PLACE_NODE}, true},
    {"alerts", {"group none", "open"}, true},
    {"server", {"doctor"}, true},
    {"server", {"receipts"}, true},
    {"server", {"help"}, true},
};
const size_t places_count = COUNT_OF(places);

/* In one piece, each line as a paste: keys in such numbers would be taken for one, and no question answered
 * for a while. */
static void add_line(UT_string *keys, const char *line)
{
    utstring_printf(keys, ":\033[200~%s\033[201~\r", line);
}

void place_go(struct pty *p, const struct place *at)
{
    char line[64];
    UT_string keys;
    utstring_init(&keys);
    utstring_printf(&keys, "%s", PLACE_BACK PLACE_BACK PLACE_BACK PLACE_BACK);
    snprintf(line, sizeof line, "pane %s", at->pane);
    add_line(&keys, line);
    for (size_t i = 0; i < COUNT_OF(at->line) && at->line[i]; i++) {
        add_line(&keys, at->line[i]);
    }
    seat_key(p, utstring_body(&keys));
    utstring_done(&keys);
}
