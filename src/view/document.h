/* document: lines of label and text that scroll, wrap, can be searched, and may lead somewhere: every detail
 * view, the help and every page of text. */
#ifndef VIEW_DOCUMENT_H
#define VIEW_DOCUMENT_H

#include "table.h"

#include "redai/base/container.h"
#include "redai/base/target.h"

#include "redai/view/grid.h"

struct document_line {
    char *label, *text; /* display; "" */
    enum role label_role, role;
    struct target link; /* TARGET_NONE: leads nowhere */
    bool json;          /* its words are coloured as JSON's */
    /* For the curtain: what the text is (a payload unless it is said), how many bytes in front of it are
     * plain all the same, and what the label is. */
    enum veil_kind veil;
    size_t plain;
    struct target named; /* what the text names, where the line does not lead there: it is hidden by its raw
                            bytes, of which the text may show a part */
    enum veil_kind label_veil;
    /* Made with the rows. */
    char *shown, *label_shown; /* behind the curtain; NULL: text and label themselves */
    bool taken;                /* the line above tells of it, too */
    bool hex;                  /* a line of a hex dump */
    int depth;                 /* deeper lines that follow fold away under it */
    bool parent, closed;       /* such lines follow; they are folded away */
};

/* One row of the screen: a part of a line. */
struct document_row {
    uint32_t line;
    uint32_t from, len; /* bytes of the line's text */
};

enum { SEARCH_MAX = 120, DOCUMENT_LEFT = 2 /* the cursor's and the links' columns */, DOCUMENT_GAP = 2 };

struct document {
    UT_array line;             /* of struct document_line */
    UT_array row;              /* of struct document_row, for width */
    size_t head, head_shown;   /* lines of the head there are; there were when the rows were made */
    int width;                 /* that the rows were made for; -1: to be made */
    int label_cols, head_cols; /* of labels: of the lines, of those of the head */
    int cols;                  /* the width of the last rows there were; 0 none yet */
    size_t
        links; /* lines that lead somewhere or fold: without any the text scrolls, with some a cursor moves */
    struct document_kept *kept; /* what a person had opened or closed, before the lines were made anew */
    bool folds_due;
    bool split;         /* the labels of the head have a column of their own: those of the lines are long */
    bool seeks;         /* until somebody moves, the cursor waits on the first line that leads somewhere */
    size_t cursor, top; /* rows */
    int page;           /* rows on the screen */
    const struct veil *veil;
    char search[SEARCH_MAX];
};

void document_init(struct document *d);
void document_release(struct document *d);
/* Empties it; cursor and search stay, so that a document that is read again does not jump. */
void document_begin(struct document *d);
struct document_line *document_add(struct document *d, const char *label, enum role role, const char *text);
struct document_line *document_addf(struct document *d, const char *label, enum role role, const char *format,
                                    ...) __attribute__((format(printf, 4, 5)));
/* The same in our own words: the curtain leaves them. What is not ours goes through look_text before. */
struct document_line *document_own(struct document *d, const char *label, enum role role, const char *text);
struct document_line *document_ownf(struct document *d, const char *label, enum role role, const char *format,
                                    ...) __attribute__((format(printf, 4, 5)));
/* Draws the curtain (NULL lifts it); at the next fit every line is what may be seen of it. */
void document_veil(struct document *d, const struct veil *veil);
/* document_veil.c: what is shown of each line. */
void document_put_up(struct document *d);
static inline const char *document_text(const struct document_line *line)
{
    return line->shown ? line->shown : line->text;
}
static inline const char *document_label(const struct document_line *line)
{
    return line->label_shown ? line->label_shown : line->label;
}
/* How many columns labels have around this line: those of the head are short, those of a list of keys are
 * not. */
int document_label_cols(const struct document *d, size_t line);
/* Puts the lines of head (which is empty then) in place of those that were put in front before: the cursor
 * stays on its line. */
void document_set_head(struct document *d, struct document *head);
void document_heading(struct document *d, const char *text);

void document_move(struct document *d, enum table_move move);
/* What the line under the cursor leads to, or NULL. */
const struct target *document_link(const struct document *d);
/* Sets the words looked for ("" ends the search) and goes to the first line from the cursor on that has them,
 * also where it is folded away. */
bool document_search(struct document *d, const char *text);
bool document_search_next(struct document *d);
/* True when its last row is on the screen. */
bool document_at_end(const struct document *d);
size_t document_lines(const struct document *d);

/* document_fold.c */
/* Behind the curtain the lines of a value are one. */
static inline bool document_folds(const struct document_line *line)
{
    return line->parent && (!line->shown || line->label[0]);
}
enum document_fold { DOCUMENT_OPEN, DOCUMENT_CLOSE, DOCUMENT_TOGGLE };
/* The line under the cursor; closing one that is closed, or has nothing below, goes to the one above it.
 * False: nothing changed. */
bool document_fold(struct document *d, enum document_fold how);
void document_fold_all(struct document *d, bool close);
size_t document_below(const struct document *d, size_t at); /* lines that belong to this one */
bool document_unfold(struct document *d, size_t at);        /* opens all above it; true: some were closed */
void document_keep_folds(struct document *d);               /* before its lines go */
void document_forget_folds(struct document *d);
void document_settle_folds(struct document *d); /* when they have come */
/* document.c, for folding */
bool document_cursor_line(const struct document *d, size_t *ret);
void document_go_to_line(struct document *d, size_t line);

/* Wraps it for a width; drawing does so by itself. */
void document_fit(struct document *d, int width, int height);
void document_draw(struct document *d, struct grid *g, struct rect r);
/* "1-20/133", "" when all of it is on the screen. */
void document_place(const struct document *d, char *out, size_t size);

#endif
