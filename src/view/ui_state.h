/* ui_state: what the ui knows between two keys. Private to the ui's own files (ui*.c, cmd_view.c, footer.c).
 */
#ifndef VIEW_UI_STATE_H
#define VIEW_UI_STATE_H

#include "choice_menu.h"
#include "dialog.h"
#include "entry_form.h"
#include "layout.h"
#include "page.h"
#include "prompt.h"
#include "runs.h"
#include "strip.h"

#include "redai/view/ui.h"

struct ui {
    struct ui_options options;
    const struct model *model;
    bool dirty;
    bool everything; /* the next frame takes all topics as changed */

    enum pane_id focus, before; /* before: where one was, for :pane last */
    bool zoomed;
    bool celery;                  /* of the lower panes, tasks or workers were in focus last */
    bool server;                  /* the server pane was in focus last, alerts aside: it keeps its room */
    int face[PANE_COUNT];         /* what stands in a place: the pane itself or an enum pane_face */
    struct pane pane[FACE_COUNT]; /* ui_pane has the one of a place */
    bool looks_at_workers;        /* at the last draw */
    unsigned looks_at;            /* at the last draw: of the server, bits of enum target_kind */
    struct runs runs;             /* what workers run */
    struct strip strip;
    struct page *page; /* the topmost; NULL: the panes */

    const struct veil *veil; /* the curtain is drawn; NULL: lifted */

    bool frozen;
    int64_t frozen_us, frozen_wall_us;

    struct prompt prompt;
    struct dialog dialog;
    struct entry_form form;
    struct choice_menu menu;
    char filter_carried[FILTER_TEXT_MAX]; /* that the users have from the sessions */
    char filter_before[FILTER_TEXT_MAX];  /* what Esc in the filter prompt would bring back when it is not
                                            emptied */

    enum role message_role;
    char message[768];  /* "" none */
    int64_t message_us; /* when it came, monotonic; -1 unknown */
    char waiting[160];  /* "" nothing */
    int64_t progress_done, progress_total;
    char progress[160];
};

struct look ui_look(const struct ui *ui);
/* The pane that stands in a place: the face it has. */
struct pane *ui_pane(const struct ui *ui, enum pane_id id);

/* What the keys and commands do. */
void ui_focus(struct ui *ui, enum pane_id pane);
void ui_zoom(struct ui *ui, bool zoomed);
void ui_open(struct ui *ui);
void ui_back(struct ui *ui);
void ui_move(struct ui *ui, enum table_move move);
void ui_push_page(struct ui *ui, enum page_kind kind, const struct target *subject);
void ui_pop_page(struct ui *ui);
void ui_filter(struct ui *ui, const char *text);
/* False, and writes why: a word looks for what no row will ever be. */
bool ui_filter_can_fit(const struct ui *ui, const char *text, char *why, size_t size);
void ui_prompt(struct ui *ui, enum prompt_kind kind, const char *text);
/* Puts a pane itself (an enum pane_id) or a face of its into its place. */
void ui_face(struct ui *ui, int face);
void ui_freeze(struct ui *ui, bool frozen);
void ui_run(struct ui *ui, const char *line);

/* The rows of the pane in focus. */
struct rows ui_rows(const struct ui *ui, struct pane_source *source, struct look *look);

/* footer.c */
void footer_draw(const struct ui *ui, struct grid *g, int y);

#endif
