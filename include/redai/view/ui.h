/* ui: everything a person sees and presses, without a terminal: const model in, cells out; keys in, command
 * lines out. Modes (prompt, form, question, help, detail) are states of this object, never nested loops. */
#ifndef REDAI_VIEW_UI_H
#define REDAI_VIEW_UI_H

#include "redai/base/veil.h"

#include "redai/conf/keymap.h"

#include "redai/model/model.h"

#include "redai/view/grid.h"

struct ui;

struct ui_options {
    const struct keymap *keymap;        /* borrowed */
    const struct command_set *commands; /* for completion and help; borrowed */
    /* Runs a command line (from a key or the prompt). False with err: the ui shows it. */
    bool (*run)(void *ctx, const char *line, struct err *err);
    void *ctx;
    bool ascii;
    /* Appends (array of char *, owned by it) what the line's last word may become besides what commands
     * offer: names of tasks, queues, workers. NULL: nothing. */
    void (*complete)(void *ctx, const char *line, UT_array *out);
    /* The end of an open detail is on the screen and its remark says that there is more: read on. Asked for
     * once until new lines have come. NULL: nothing. */
    void (*more)(void *ctx);
    /* What was typed at ui_ask_password; wiped behind the call. NULL: none is ever asked for. */
    void (*password)(void *ctx, const char *text);
};

struct ui *ui_new(const struct ui_options *options);
void ui_free(struct ui *ui);
void ui_set_model(struct ui *ui, const struct model *m); /* borrowed; before the first draw */

void ui_key(struct ui *ui, uint32_t key);
void ui_paste(struct ui *ui, struct span text); /* into the prompt or form; ignored elsewhere */
/* Draws a whole frame into g (its size is the screen's); any size from 1x1. changes: topic bits since the
 * last frame. */
void ui_draw(struct ui *ui, struct grid *g, unsigned changes);
/* Whether a question is open, answered by a key (y) or by a word and Enter. */
enum ui_asks { UI_ASKS_NOTHING, UI_ASKS_KEY, UI_ASKS_WORD };
enum ui_asks ui_asks(const struct ui *ui);
unsigned ui_question(const struct ui *ui); /* another number for each question; 0: none is open */
/* The question that is open can no longer be answered; why is said in it, and it stays until a key is
 * pressed. Nothing when none is open. */
void ui_spend(struct ui *ui, enum role role, const char *why);
bool ui_dirty(const struct ui *ui); /* something but the model changed since the last draw */

/* The lines above the footer: receipts, errors, hints. Stays until a key is pressed or the next one comes;
 * when it has stood for a while, its time is said. A long one takes up to four lines. */
void ui_message(struct ui *ui, enum role role, const char *text);
void ui_progress(struct ui *ui, int64_t done, int64_t total, const char *text); /* total 0: over */
/* Appends what was typed as commands, the oldest first and without passwords, to an array of char * that owns
 * copies (ut_str_icd); and brings such lines back for Up. */
void ui_history(const struct ui *ui, UT_array *out);
void ui_recall(struct ui *ui, const UT_array *lines);
/* Opens a line where a password is typed, unseen; title: whose it is ("password of ada at HOST: "). Esc
 * closes it and tells nobody. */
void ui_ask_password(struct ui *ui, const char *title);
/* What is waited for just now, where a message would stand, unless there is one; "" nothing. */
void ui_waiting(struct ui *ui, const char *text);
/* Something is open that takes keys: a question, a form, a menu, a prompt. */
bool ui_is_typed_in(const struct ui *ui);

/* What the person has under the cursor or marked, for commands without arguments. Marks win; with none, the
 * cursor's row. */
size_t ui_selection(const struct ui *ui, struct target *out,
                    size_t max); /* owned copies: target_release each; returns how many there are */
/* What the open detail view is about; TARGET_NONE when none: collect_want. Borrowed. */
const struct target *ui_subject(const struct ui *ui);
/* Tasks or workers, in a pane or a detail, were on the screen at the last draw: collect_look_at_workers. */
bool ui_looks_at_workers(const struct ui *ui);
/* What of the server was on the screen at the last draw: bits as collect_look_at takes them. */
unsigned ui_looks_at(const struct ui *ui);
void ui_clear_marks(struct ui *ui);

/* The curtain: with a veil (borrowed, good as long as it is drawn) nothing that is not plain is drawn,
 * filtered, sorted by or recalled; NULL lifts it. Whatever is open or typed in closes, a frozen screen goes
 * on. */
void ui_curtain(struct ui *ui, const struct veil *veil);
/* What a target is called behind the curtain. */
void ui_pseudonym(const struct ui *ui, const struct target *target, UT_string *out);

/* A question (a plan to confirm). lines are copied. answer(ctx, typed): typed is NULL for the key y;
 * returning false keeps it open with the error shown. dismissed is called on n, Esc or when it is replaced.
 * Enter never accepts unless text was typed. */
struct ui_question {
    const char *title;
    size_t count;
    const struct ui_line {
        enum role role;
        const char *text;
    } * line;
    const char *typed; /* NULL: the key y */
    bool (*answer)(void *ctx, const char *typed, struct err *err);
    void (*dismissed)(void *ctx);
    void *ctx;
};
void ui_ask(struct ui *ui, const struct ui_question *question);

/* A form: labelled fields, Tab and arrows move, Enter on the last (or C-d... the footer says) submits.
 * submit(ctx, values) returns false with err to keep it open. */
struct ui_form {
    const char *title;
    size_t count; /* up to 12 */
    const struct ui_field {
        const char *label, *initial, *hint;
        /* What Tab makes of the text (whole values, appended as char * that out owns); ctx is the form's.
         * False: Tab moves on. NULL: it always does. */
        bool (*complete)(void *ctx, const char *text, UT_array *out);
    } * field;
    bool (*submit)(void *ctx, const char *const *value, size_t count, struct err *err);
    void *ctx;
};
void ui_show_form(struct ui *ui, const struct ui_form *form);
/* A menu: rows to choose from (enqueue templates). choose gets the index. */
struct ui_menu {
    const char *title;
    size_t count;
    const char *const *item;
    const char *const *note;
    void (*choose)(void *ctx, size_t index);
    void *ctx;
};
void ui_show_menu(struct ui *ui, const struct ui_menu *menu);
/* Opens the detail of a thing. */
void ui_show(struct ui *ui, const struct target *subject);
/* The page of the doctor's findings; whether it is the topmost. */
void ui_show_doctor(struct ui *ui);
bool ui_shows_doctor(const struct ui *ui);
/* A page of text with scrolling (help, journal, about). */
void ui_show_text(struct ui *ui, const char *title, const char *text);

/* The commands of the view: pane move open back zoom filter command sort mark freeze repaint-free ones... ctx
 * is struct ui *. */
extern const struct command ui_commands[];
extern const size_t ui_commands_count;

/* Columns of every pane for the generated docs: calls back for each (pane, title, description). */
void ui_each_column(void (*each)(void *ctx, const char *pane, const char *title, const char *help),
                    void *ctx);

#endif
