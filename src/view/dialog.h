/* dialog: a question about a plan. `y` accepts, or the text that must be typed with Enter behind it. Enter
 * alone never does, and nothing is accepted that was not to be read on the screen. */
#ifndef VIEW_DIALOG_H
#define VIEW_DIALOG_H

#include "edit.h"

#include "redai/view/ui.h"

struct dialog {
    bool open;
    bool answering; /* inside answer(): a new question then replaces it quietly */
    unsigned generation;
    char *title, *typed; /* typed NULL: the key y */
    UT_array line;       /* of struct dialog_line */
    bool (*answer)(void *ctx, const char *typed, struct err *err);
    void (*dismissed)(void *ctx);
    void *ctx;
    struct edit edit;
    char error[320];
    size_t top;
    size_t rows, page; /* of the last draw */
    bool drawn;        /* a key pressed before it was on the screen answers nothing */
    bool readable;     /* lines and answers were on the screen at the last draw */
    bool spent;        /* nothing can be answered any more: it is only read */
};

void dialog_init(struct dialog *d);
void dialog_release(struct dialog *d); /* an open question is dropped, nobody is told */
void dialog_ask(struct dialog *d, const struct ui_question *question);
void dialog_dismiss(struct dialog *d);
/* What was asked about is over by itself: the question stays to be read, with why, until a key leaves it. */
void dialog_spend(struct dialog *d, enum role role, const char *why);
void dialog_key(struct dialog *d, uint32_t key);
void dialog_draw(struct dialog *d, struct grid *g);

#endif
