/* page: a document over the panes: the detail of a row, the help, the server, what was done. Pages stack: a
 * link opens the next one, Esc goes back to where one was. */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "document.h"
#include "pane.h"

#include "redai/conf/keymap.h"

enum page_kind { PAGE_DETAIL, PAGE_SERVER, PAGE_RECEIPTS, PAGE_TEXT };

struct page {
    struct page *below;
    enum page_kind kind;
    struct target subject; /* PAGE_DETAIL */
    struct document doc;
    char title[200], remark[200];
    int64_t read_us; /* when what it shows was read; -1: not yet, or it has no age */
    bool filled, complete;
};

struct page *page_new(enum page_kind kind, struct page *below);
void page_free(struct page *p); /* not those below */
/* Takes what it shows from the model where that has changed. */
void page_recalc(struct page *p, const struct look *look, unsigned changes);
void page_draw(struct page *p, const struct look *look, struct grid *g, struct rect r);

/* The parts of pages that are written here and not read from Redis. */
void page_fill_alert(struct page *p, const struct look *look);
void page_fill_server(struct page *p, const struct look *look);
void page_fill_receipts(struct page *p, const struct look *look);
void page_fill_help(struct page *p, const struct keymap *keymap, const struct command_set *commands,
                    const struct pane_ops *pane);

#endif
