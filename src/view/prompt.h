/* prompt: the line at the bottom where a command or a filter is typed: a mode of the ui, not a loop. */
#ifndef VIEW_PROMPT_H
#define VIEW_PROMPT_H

#include "offers.h"

#include "redai/conf/command.h"

enum prompt_kind { PROMPT_CLOSED, PROMPT_COMMAND, PROMPT_FILTER, PROMPT_SEARCH, PROMPT_PASSWORD };

/* What became of a key. */
enum prompt_event { PROMPT_NOTHING, PROMPT_CHANGED, PROMPT_ACCEPTED, PROMPT_CANCELLED };

enum { PROMPT_HISTORY_MAX = 200 };

struct prompt {
    enum prompt_kind kind;
    char title[400]; /* PROMPT_PASSWORD: whose; nothing of what is typed is shown */
    struct edit edit;
    UT_array history;     /* of char *: commands, the newest last */
    size_t from;          /* what is older than this is not recalled: it was typed before the curtain fell */
    size_t recalled;      /* place in the history; its length: the line being typed */
    char *typed;          /* that line, while the history is looked through */
    struct offers offers; /* completions of the last word */
    /* Words that commands do not know of (ui.h); NULL: none. */
    void (*complete)(void *ctx, const char *line, UT_array *out);
    void *ctx;
};

void prompt_init(struct prompt *p);
void prompt_release(struct prompt *p);
void prompt_open(struct prompt *p, enum prompt_kind kind, const char *text);
void prompt_ask_password(struct prompt *p, const char *title);
void prompt_close(struct prompt *p); /* what was typed is wiped */
enum prompt_event prompt_key(struct prompt *p, uint32_t key, const struct command_set *commands);
/* Remembers a command for Up, without the passwords in it; one that was the last already is not kept twice.
 */
void prompt_remember(struct prompt *p, const char *line);
/* Hides what was typed so far, or gives all of it back. */
void prompt_hide(struct prompt *p, bool hidden);
/* Draws the line into row y, and offers (if any) into row offers_y. */
void prompt_draw(const struct prompt *p, struct grid *g, int y, int offers_y);

#endif
