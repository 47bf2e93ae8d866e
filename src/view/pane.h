/* pane: one window on the model. A pane is a row of pane_table: its columns, its rows, its title, what it
 * says when it is empty. Everything shared (title with age, table, freezing) is here. */
#ifndef VIEW_PANE_H
#define VIEW_PANE_H

#include "frozen.h"
#include "segments.h"
#include "table.h"

enum pane_id {
    PANE_SESSIONS,
    PANE_CACHE,
    PANE_QUEUES,
    PANE_BATCHES,
    PANE_ALERTS,
    PANE_TASKS,
    PANE_WORKERS,
    PANE_SERVER,
    PANE_COUNT
};
/* Other faces of a pane: each has its own cursor, order and filter, and takes the place of the rows. */
enum pane_face {
    FACE_TASKS_BY_NAME = PANE_COUNT,
    FACE_TASKS_BY_EXCEPTION,
    FACE_SESSIONS_BY_USER,
    FACE_ALERTS_LOG,
    FACE_SERVER_COMMANDS,
    FACE_SERVER_SLOW,
    FACE_SERVER_CLIENTS,
    FACE_SERVER_ERRORS,
    FACE_SERVER_ENTRIES,
    FACE_COUNT
};
/* Whose place a face takes, and what :group calls it. The panes themselves come first: they are "none". */
struct pane_place {
    enum pane_id place;
    const char *word;
};
extern const struct pane_place pane_place[FACE_COUNT];
/* "sessions", "sessions by user", "alerts log", "server: clients". */
const char *pane_face_name(int face, char *out, size_t size);
/* The one that follows face in its place, and after the last the pane itself. */
int pane_next_face(int face);

/* What stands above a pane's table: lines of text and a graph. Taken from the model, so that it can stand
 * still. */
struct pane_head {
    size_t lines;
    struct segments line[2];
    struct series series; /* of the graph */
    bool graph;
    double max;
    const char *low, *high; /* names of its ends: "0%", "100%" */
};

struct pane_ops {
    const char *name;       /* as bindings and :pane have it */
    const char *one, *many; /* "session", "sessions" */
    enum topic topic;       /* whose freshness counts */
    unsigned topics;        /* bits: rows may differ when one of these changes */
    const struct column *column;
    size_t columns;
    struct column_words words; /* of the column that has a few only */
    int sort;                  /* at first; -1: as the model has them */
    bool descending;
    bool folds_by_height; /* a tree whose rows are folded at first where it is low, and open where it is high
                           */
    bool headless;        /* speaks for itself: no header when it is low */
    size_t (*count)(const struct model *m);
    const void *(*row)(const struct model *m, size_t i);
    const void *(*find)(const struct model *m, struct span id); /* NULL: few rows, walked each time */
    bool (*shows)(const struct look *look, const void *row);    /* NULL: all */
    /* The place of the row it stands under; SIZE_MAX none. NULL: no tree. */
    size_t (*under)(const struct model *m, const void *row);
    enum target_kind (*identify)(const void *row, struct span *ret_id);
    /* What stands behind the name in the title; NULL: how many rows. */
    void (*headline)(const struct look *look, char *out, size_t size);
    /* Adds what the title says besides name, count and age. */
    void (*title)(const struct look *look, struct segments *out);
    void (*head)(const struct look *look, struct pane_head *out); /* NULL: none */
    /* Why there is nothing to show although the topic was read. */
    void (*empty)(const struct look *look, struct field *out);
};

extern const struct pane_ops pane_sessions, pane_cache, pane_queues, pane_batches, pane_alerts, pane_tasks,
    pane_tasks_by_name, pane_tasks_by_exception, pane_workers, pane_sessions_by_user, pane_alerts_log,
    pane_server, pane_server_commands, pane_server_slow, pane_server_clients, pane_server_errors,
    pane_server_entries;
extern const struct pane_ops *const pane_table[FACE_COUNT];

struct pane {
    const struct pane_ops *ops;
    struct table table;
    struct frozen *frozen; /* NULL: live */
    struct segments title;
    struct pane_head head;
    bool stale;
    bool roomy, tall;     /* at the last layout */
    struct field notice;  /* a line of its own: a failed read, or why it is empty; no text: none */
    bool notice_is_empty; /* instead of rows */
};

void pane_init(struct pane *p, const struct pane_ops *ops);
void pane_release(struct pane *p);
/* Takes title, head, notice and order from the model. changes: topic bits. A frozen pane only orders what it
 * has. */
void pane_recalc(struct pane *p, const struct look *look, unsigned changes);
/* The same for a pane that is not on the screen: only remembers that its rows may differ. */
void pane_miss(struct pane *p, unsigned changes);
void pane_freeze(struct pane *p, const struct look *look);
/* For titles: how far the first walk of the keyspace is; nothing once it is over. */
void pane_title_walk(const struct look *look, struct segments *out);
/* For titles: sessions that no index names, entries whose session is gone; nothing when there are none. */
void pane_title_strays(const struct look *look, struct segments *out);
void pane_thaw(struct pane *p);
/* Where its rows come from at this moment; good as long as look and p are. */
struct pane_source {
    const struct pane *pane;
    const struct look *look;
};
struct rows pane_rows(const struct pane *p, struct pane_source *source, const struct look *look);

struct pane_style {
    bool focused;
    bool title_only;
    const char *key; /* that goes there, in the title; "" none */
};
void pane_draw(struct pane *p, const struct look *look, struct grid *g, struct rect r,
               const struct pane_style *style);

#endif
