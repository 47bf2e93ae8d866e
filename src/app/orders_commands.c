/* orders_commands: the commands that change something in Redis, or ask workers to. Each ends in an order,
 * whose plan is shown first. */
#include "orders.h"

static bool do_order(void *ctx, const struct words *w, struct err *err)
{
    return orders_run(ctx, w, err);
}

static bool do_enqueue(void *ctx, const struct words *w, struct err *err)
{
    if (words_count(w) == 2 && strcmp(words_at(w, 1), "again") == 0) {
        return orders_enqueue_again(ctx, err);
    }
    return words_count(w) == 1 ? orders_enqueue_menu(ctx, err) : orders_run(ctx, w, err);
}

static bool do_revoke(void *ctx, const struct words *w, struct err *err)
{
    if (words_count(w) == 1) {
        return orders_revoke_selection(ctx, false, err);
    }
    if (words_count(w) == 2 && strcmp(words_at(w, 1), "user") == 0) {
        return orders_revoke_selection(ctx, true, err);
    }
    if (words_count(w) == 2 && strcmp(words_at(w, 1), "again") == 0) {
        return orders_revoke_again(ctx, err);
    }
    if (strcmp(words_at(w, 1), "sessions") == 0) {
        return orders_run_filter(ctx, w, err);
    }
    return orders_run(ctx, w, err);
}

static bool do_invalidate(void *ctx, const struct words *w, struct err *err)
{
    return words_count(w) == 1 ? orders_invalidate_selection(ctx, err) : orders_run(ctx, w, err);
}

static bool do_retry(void *ctx, const struct words *w, struct err *err)
{
    return orders_retry(ctx, w, err);
}

static bool do_remove(void *ctx, const struct words *w, struct err *err)
{
    return orders_run_selection(ctx, w, 1u << TARGET_TASK | 1u << TARGET_MESSAGE, err);
}

/* `move` is the cursor's here; the order has the name that the shell has. */
static bool do_move(void *ctx, const struct words *w, struct err *err)
{
    const char *word = "move";
    struct words order;
    words_init(&order);
    for (size_t i = 0; i < words_count(w); i++) {
        const char *next = i ? words_at(w, i) : word;
        utarray_push_back(&order.word, &next);
    }
    bool ok = orders_move(ctx, &order, err);
    words_release(&order);
    return ok;
}

static bool do_purge(void *ctx, const struct words *w, struct err *err)
{
    return orders_purge(ctx, w, err);
}

static bool do_requeue(void *ctx, const struct words *w, struct err *err)
{
    return orders_requeue(ctx, w, err);
}

static bool do_worker(void *ctx, const struct words *w, struct err *err)
{
    return words_count(w) == 1 ? orders_worker_menu(ctx, err) : orders_run(ctx, w, err);
}

static bool do_expire(void *ctx, const struct words *w, struct err *err)
{
    return orders_key(ctx, VERB_EXPIRE, w, err);
}

static bool do_persist(void *ctx, const struct words *w, struct err *err)
{
    return orders_key(ctx, VERB_PERSIST, w, err);
}

static bool do_delete(void *ctx, const struct words *w, struct err *err)
{
    return orders_key(ctx, VERB_DELETE, w, err);
}

static bool do_undo(void *ctx, const struct words *w, struct err *err)
{
    return orders_undo(ctx, w, err);
}

static bool do_repair(void *ctx, const struct words *w, struct err *err)
{
    return orders_repair(ctx, w, err);
}

static bool do_kill(void *ctx, const struct words *w, struct err *err)
{
    return orders_kill(ctx, w, err);
}

const struct command orders_commands[] = {
    {"enqueue",
     "[again | TASK-OR-TEMPLATE [NAME=VALUE...] [--args JSON] [--kwargs JSON] [--queue Q] [--priority N] "
     "[--countdown SEC | --eta WHEN] [--expires TIME]]",
     "send a task to a worker; alone: choose from a menu; again: the last one, to be edited", 0, -1,
     COMMAND_CURTAIN, do_enqueue, "again test batch"},
    {"revoke",
     "[session SID... | sessions FILTER...|all | user [UID...] | task ID... [--terminate] [--remove] | "
     "again]",
     "end sessions or tasks; alone: what is selected or marked; FILTER as in the sessions pane; again: "
     "sessions that came back",
     0, -1, 0, do_revoke, "session sessions user task again"},
    {"repair", "[sessions [FILTER...|all] [--add] [--drop]]",
     "put orphan sessions into their users' indexes, take stale entries out; alone: of what is selected; "
     "FILTER as in the sessions pane, of sessions or users",
     0, -1, 0, do_repair, "sessions"},
    {"retry",
     "[ID...] [--task NAME] [--args JSON] [--kwargs JSON] [--queue Q] [--priority N] [--countdown SEC] "
     "[--rate N]",
     "send tasks anew, under new ids; alone: what is selected", 0, -1, 0, do_retry, NULL},
    {"remove", "[ID...]", "take waiting messages out of their queues; alone: what is selected", 0, -1, 0,
     do_remove, NULL},
    {"move-message", "[ID...] [--queue Q]",
     "put waiting messages into another queue; alone: what is selected", 0, -1, 0, do_move, NULL},
    {"purge", "[QUEUE...]", "drop all that waits in a queue, all priorities; alone: the selected one", 0, -1,
     0, do_purge, NULL},
    {"requeue", "[ID...]",
     "put back what dead workers hold; alone: the selected orphans, without any all of them", 0, -1, 0,
     do_requeue, NULL},
    {"worker", "[METHOD [WORD...] [--on NODE]...]", "change how workers work; alone: choose from a menu", 0,
     -1, 0, do_worker, "ping events grow shrink consume cancel rate limit heartbeat shutdown"},
    {"events", "on|off [--on NODE]...", "let workers tell what becomes of each task", 1, -1, 0, do_order,
     "on off"},
    {"invalidate", "[PATTERN...]", "delete cached keys that match; alone: the selected family or key", 0, -1,
     0, do_invalidate, NULL},
    {"expire", "[KEY TIME]", "set how long a key stays; alone: of the open key, by a form", 0, -1, 0,
     do_expire, NULL},
    {"persist", "[KEY]", "remove a key's TTL; alone: of the open key", 0, -1, 0, do_persist, NULL},
    {"delete", "[KEY]", "delete one key; alone: the open one", 0, -1, 0, do_delete, NULL},
    {"kill", "client [NUMBER|ADDRESS...] [--own] [--replica]",
     "end clients' connections to the server; without one: those that are selected", 1, -1, 0, do_kill,
     "client"},
    {"undo", "[last | NUMBER]", "put back what was deleted here a while ago; alone: choose from what is kept",
     0, 1, 0, do_undo, "last"},
    {"notifications", "on", "turn on the keyspace notifications that are missing", 1, 1, 0, do_order, "on"},
};
const size_t orders_commands_count = sizeof orders_commands / sizeof orders_commands[0];
