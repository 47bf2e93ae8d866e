/* How a pane looks: a light line that carries the title, then head, notice and table. */
#include "graph.h"
#include "pane.h"
#include "spark.h"
#include "texts.h"

#include <inttypes.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

/* What the title says of the person's own doing: it changes while the screen stands still, too. */
static void add_own(struct pane *p, const struct rows *rows)
{
    const struct table *t = &p->table;
    size_t marked = marks_count(&t->marks);
    char count[TEXT_SMALL];
    if (filter_is_set(&t->filter)) {
        char filter[FILTER_TEXT_MAX]; /* a session id may have been looked for */
        text_quote(filter, sizeof filter, t->filter.text);
        struct segment *s = segments_add(&p->title, 1, ROLE_INFO, "", "/%.100s: %s shown", filter,
                                         human_count((int64_t)t->ranking.count, count, sizeof count));
        /* That rows are hidden must be said in the narrowest title, too. */
        enum { BRIEF = 14 };
        bool whole = utf8_text_width(span_of(filter)) <= BRIEF;
        char brief[BRIEF * 4 + 1];
        text_copy(brief, whole ? sizeof brief : BRIEF, span_of(filter));
        segment_brief(s, "/%s%s", brief, whole ? "" : "~");
    }
    if (marked) {
        segments_add(&p->title, 1, ROLE_MARKED, "", "*%zu marked", marked);
    }
    (void)rows;
}

static void draw_title(struct pane *p, const struct rows *rows, struct grid *g, struct rect r,
                       const struct pane_style *style)
{
    enum role line = style->focused ? ROLE_BORDER_FOCUS : ROLE_BORDER;
    char where[TEXT_SMALL] = "";
    const struct table *t = &p->table;
    size_t page = t->page > 0 ? (size_t)t->page : 0;
    grid_box(g, (struct rect){r.x, r.y, r.w, 1}, line);
    size_t total = table_total(t, rows);
    if (!style->title_only && page && total > page && t->top < total) {
        size_t last = t->top + page < total ? t->top + page : total;
        snprintf(where, sizeof where, " %zu-%zu/%zu ", t->top + 1, last, total);
    }
    int tail = (int)strlen(where);
    int x = r.x + 1;
    if (style->key[0]) {
        x += grid_printf(g, x, r.y, r.w - 1, ROLE_KEY, " %s", style->key);
    }
    x += grid_text(g, x, r.y, r.x + r.w - x, S(" "), ROLE_TITLE);
    size_t kept = p->title.count;
    add_own(p, rows);
    p->title.at[0].role = style->focused ? ROLE_TITLE_FOCUS : ROLE_TITLE;
    struct segments_style look_of_title = {" | ", ROLE_BORDER, ROLE_LABEL, 1};
    int room = r.x + r.w - x - 2;
    /* Where one is in the list gives way to the age of the data. */
    tail = segments_least(&p->title, 1, &look_of_title) + tail + 1 <= room ? tail : 0;
    x += segments_draw(&p->title, g, x, r.y, room - tail, &look_of_title);
    grid_text(g, x, r.y, r.x + r.w - x, S(" "), ROLE_TITLE);
    p->title.count = kept;
    if (tail) {
        grid_text(g, r.x + r.w - tail - 1, r.y, tail, span_of(where), ROLE_DIM);
    }
}

/* Returns the rows it took. */
static int draw_head(const struct pane *p, struct grid *g, struct rect r)
{
    enum { LINE_FROM = 10, GRAPH_FROM = 11, HIGH_FROM = 20, LEGEND = 6 };
    const struct pane_head *h = &p->head;
    if (!h->lines || r.h < LINE_FROM) {
        return 0;
    }
    int used = 0;
    for (size_t i = 0; i < h->lines && used < (r.h >= GRAPH_FROM ? 2 : 1); i++) {
        segments_draw(&h->line[i], g, r.x + 1, r.y + used, r.w - 2,
                      &(struct segments_style){"  ", ROLE_DIM, ROLE_LABEL, 0});
        used++;
    }
    if (r.h < GRAPH_FROM || !h->graph || r.w < 30) {
        return used;
    }
    int height = r.h >= HIGH_FROM ? 5 : 3;
    struct rect area = {r.x + 1 + LEGEND, r.y + used, r.w - 2 - LEGEND, height};
    grid_text(g, r.x + 1, area.y, LEGEND - 1, span_of(h->high), ROLE_DIM);
    grid_text(g, r.x + 1, area.y + height - 1, LEGEND - 1, span_of(h->low), ROLE_DIM);
    double value[SERIES_SAMPLES];
    int seconds = (SERIES_SAMPLES + area.w - 1) / area.w;
    size_t cols = spark_columns(&h->series, value,
                                (size_t)area.w < SERIES_SAMPLES ? (size_t)area.w : SERIES_SAMPLES, seconds);
    graph_draw(g, area, value, cols, h->max, p->stale ? ROLE_STALE : ROLE_SPARK);
    return used + height;
}

/* The notice over as many rows as it needs, three at most. Returns them. */
static int draw_notice(const struct pane *p, struct grid *g, struct rect r)
{
    enum { ROWS_MOST = 3 };
    int indent = p->notice_is_empty ? 2 : 1;
    int most = p->notice_is_empty ? ROWS_MOST : 1;
    struct span rest = p->notice.text;
    int row = 0;
    while (rest.len && row < most && row < r.h) {
        size_t n = row + 1 < most && row + 1 < r.h ? text_wrap(rest, r.w - indent) : rest.len;
        grid_text(g, r.x + indent, r.y + row, r.w - indent, span_head(rest, n), p->notice.role);
        rest = span_skip(rest, n);
        row++;
    }
    return row;
}

static void draw_body(struct pane *p, const struct rows *rows, const struct look *look, struct grid *g,
                      struct rect r, const struct pane_style *style)
{
    int head = draw_head(p, g, r);
    r.y += head;
    r.h -= head;
    if (p->notice.text.len && r.h > 0) {
        int used = draw_notice(p, g, r);
        r.y += used;
        r.h -= used;
    }
    if (p->table.ranking.count == 0 && filter_is_set(&p->table.filter) && r.h > 0 &&
        table_hidden(&p->table, rows)) {
        char hidden[TEXT_SMALL], filter[FILTER_TEXT_MAX];
        human_count((int64_t)table_hidden(&p->table, rows), hidden, sizeof hidden);
        text_quote(filter, sizeof filter, p->table.filter.text);
        grid_printf(g, r.x + 2, r.y, r.w - 2, ROLE_DIM, "nothing matches \"%s\": %s hidden", filter, hidden);
        return;
    }
    enum { HEADER_FROM = 5 };
    bool header = p->table.ranking.count > 0 && (r.h >= HEADER_FROM || !p->ops->headless);
    struct table_style look_of_table = {style->focused, p->stale, header, look};
    table_draw(&p->table, rows, g, r, &look_of_table);
}

void pane_draw(struct pane *p, const struct look *look, struct grid *g, struct rect r,
               const struct pane_style *style)
{
    struct pane_source source;
    struct rows rows = pane_rows(p, &source, look);
    if (r.w <= 0 || r.h <= 0) {
        return;
    }
    if (!style->title_only && r.h > 1) {
        draw_body(p, &rows, look, g, (struct rect){r.x, r.y + 1, r.w, r.h - 1}, style);
    }
    draw_title(p, &rows, g, r, style);
}
