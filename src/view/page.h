/* page: a document over the panes: the detail of a row, the help, the server, what was done. Pages stack: a
 * link opens the next one, Esc goes back to where one was. */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "document.h"
#include "pane.h"

#include "redai/conf/keymap.h"

enum page_kind { PAGE_DETAIL, PAGE_SERVER, PAGE_MEMORY, PAGE_DOCTOR, PAGE_RECEIPTS, PAGE_TEXT };

struct page {
    struct page *below;
    enum page_kind kind;
    struct target subject; /* PAGE_DETAIL */
    struct document doc;
    char title[200], remark[200];
    struct document head; /* of what the model knows, on its way into doc */
    int64_t head_us;      /* when that was made; -1 never */
    bool asked;           /* for the rest of what was read in part */
    int64_t read_us;      /* when what it shows was read; -1: not yet, or it has no age */
    bool filled, complete;
    int state; /* PAGE_DOCTOR: how far the asking was */
    bool own;  /* title and lines are in our own words: the help */
    bool anew; /* what it was made of may be shown in another way now: the curtain was drawn or lifted */
};

struct page *page_new(enum page_kind kind, struct page *below);
void page_free(struct page *p); /* not those below */
/* Takes what it shows from the model where that has changed. */
void page_recalc(struct page *p, const struct look *look, unsigned changes);
/* Draws or lifts the curtain over it and those below it. */
void page_veil(struct page *p, const struct veil *veil);
void page_draw(struct page *p, const struct look *look, struct grid *g, struct rect r);

/* True when the end of what was read is on the screen and there is more to read. */
bool page_wants_more(const struct page *p);

/* What the model knows of the subject, above the lines that were read; nothing when it does not know it. */
void page_head_task(struct document *d, const struct look *look, const struct target *subject);
void page_head_worker(struct document *d, const struct look *look, const struct target *subject);
void page_head_queue(struct document *d, const struct look *look, const struct target *subject);
void page_head_family(struct document *d, const struct look *look, const struct target *subject);
void page_head_user(struct document *d, const struct look *look, const struct target *subject);

/* The parts of pages that are written here and not read from Redis. */
void page_fill_alert(struct page *p, const struct look *look);
void page_fill_change(struct page *p, const struct look *look);
void page_fill_server(struct page *p, const struct look *look);
bool page_is_of_server(enum target_kind kind); /* client, command, slow log, sign of life */
void page_fill_of_server(struct page *p, const struct look *look);
void page_fill_memory(struct page *p, const struct look *look);
void page_fill_doctor(struct page *p, const struct look *look);
void page_fill_receipts(struct page *p, const struct look *look);
void page_fill_help(struct page *p, const struct keymap *keymap, const struct command_set *commands,
                    const struct pane_ops *pane);

#endif
