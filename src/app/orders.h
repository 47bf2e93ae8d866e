/* orders: from words, forms or the selection to an order, and its plan, question and receipts. ctx of every
 * callback is struct console *. Private to app. */
#ifndef REDAI_APP_ORDERS_H
#define REDAI_APP_ORDERS_H

#include "console.h"

/* orders_commands.c: the commands that act; ctx is struct console *. */
extern const struct command orders_commands[];
extern const size_t orders_commands_count;

/* orders.c */
void orders_callbacks(struct console *c, struct runner_options *callbacks);
/* A key event: a session that was revoked may have been written again. */
void orders_key_event(void *console, const struct fact_key_event *event);
bool orders_show_plan(struct console *c, struct err *err); /* one that came late, and is held */
bool orders_run(struct console *c, const struct words *w, struct err *err); /* a whole command line */
/* Takes what o holds, also after false. */
bool orders_give(struct console *c, struct order *o, struct err *err);
/* A form ends in the line that it stands for, so that form, prompt and shell share one way in. */
void orders_add_word(UT_string *line, const char *prefix, const char *text); /* a blank, then both, quoted */
bool orders_run_line(struct console *c, UT_string *line, struct err *err);

/* orders_select.c */
struct selection {
    struct target *t;
    size_t count;
};
/* Release it also after false (nothing, or too much, is selected). */
bool selection_take(struct console *c, struct selection *s, struct err *err);
void selection_release(struct selection *s);
/* The words of a verb whose targets may be left out: what is selected stands in for them. kinds: bits (1u <<
 * target_kind) of what the verb can be about. */
bool orders_run_selection(struct console *c, const struct words *w, unsigned kinds, struct err *err);
bool orders_revoke_selection(struct console *c, bool whole_user, struct err *err);
bool orders_revoke_again(struct console *c, struct err *err); /* sessions that came back */
bool orders_invalidate_selection(struct console *c, struct err *err);

/* orders_task.c */
/* Gives the revocation of tasks, after a menu where there is a choice. */
bool orders_revoke_tasks(struct console *c, struct order *o, struct err *err);
/* The tasks of a group (a name or an exception) that the order's verb is for: failed and lost ones to retry,
 * those that have not ended to revoke. False with err when there are none. */
bool orders_add_group(struct console *c, struct order *o, struct span group, struct err *err);
bool orders_retry(struct console *c, const struct words *w, struct err *err);
bool orders_move(struct console *c, const struct words *w, struct err *err);
bool orders_purge(struct console *c, const struct words *w, struct err *err);
bool orders_requeue(struct console *c, const struct words *w, struct err *err);

/* orders_undo.c */
struct bin *orders_bin(const struct settings *s); /* as the options say; NULL: none. bin_free */
bool orders_undo(struct console *c, const struct words *w, struct err *err);

/* orders_repair.c */
/* Sessions and indexes that do not agree: alone those of what is selected, "sessions" all of them, with a
 * filter those of what fits. */
bool orders_repair(struct console *c, const struct words *w, struct err *err);
/* The words of a line whose words from the third on are a filter: quotes within belong to it. */
bool orders_run_filter(struct console *c, const struct words *w, struct err *err);

/* orders_enqueue.c */
bool orders_enqueue_menu(struct console *c, struct err *err);
void orders_enqueue_remember(struct console *c, const struct order *o); /* for the next one */
bool orders_enqueue_again(struct console *c, struct err *err);
void orders_enqueue_forget(struct console *c);

/* orders_key.c */
/* expire, persist, delete: of the words, or else of the key that is open. */
bool orders_key(struct console *c, enum verb verb, const struct words *w, struct err *err);

/* orders_kill.c */
bool orders_kill(struct console *c, const struct words *w, struct err *err);

/* orders_worker.c */
bool orders_worker_menu(struct console *c, struct err *err);

#endif
