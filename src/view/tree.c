#include "tree.h"

/* Rows with more below them are closed at first. */
enum { OPEN_MOST = 8 };
#define NONE UINT32_MAX

struct below {
    uint32_t first, last; /* places in the order, NONE */
    uint32_t next;        /* of the row itself, among those beside it */
    uint32_t count;
};

static bool is_closed(const struct rows *rows, const struct marks *folds, uint32_t index, uint32_t below)
{
    struct span id = {"", 0};
    enum target_kind kind = rows->identify(rows->ctx, rows->row(rows->ctx, index), &id);
    bool folded = rows->folds == ROWS_FOLD_ALL || (rows->folds == ROWS_FOLD_LONG && below > OPEN_MOST);
    return folded != marks_has(folds, kind, id);
}

static bool fits(const struct tree_rows *t, uint32_t index)
{
    return !t->fits || t->fits[index];
}

/* Chains the rows below each in their order. By place in the source. */
static void chain(const struct tree_rows *t, const struct rows *rows, struct below *of, size_t source,
                  uint32_t *above)
{
    for (size_t i = 0; i < source; i++) {
        of[i] = (struct below){NONE, NONE, NONE, 0};
        above[i] = NONE;
    }
    for (size_t i = 0; i < t->count; i++) {
        uint32_t index = t->index[i];
        size_t parent = rows->under(rows->ctx, rows->row(rows->ctx, index));
        if (parent >= source || parent == index) {
            continue;
        }
        above[index] = (uint32_t)parent;
        of[parent].count++;
        if (!fits(t, index)) {
            continue;
        }
        if (of[parent].last == NONE) {
            of[parent].first = index;
        } else {
            of[of[parent].last].next = index;
        }
        of[parent].last = index;
    }
}

struct shown {
    uint32_t *index;
    uint8_t *shape;
    size_t count;
};

static void show(struct shown *s, uint32_t index, enum tree_shape shape)
{
    s->index[s->count] = index;
    s->shape[s->count++] = (uint8_t)shape;
}

static void show_root(struct shown *s, struct tree_rows *t, const struct rows *rows,
                      const struct marks *folds, const struct below *of, uint32_t index)
{
    if (!fits(t, index) && of[index].first == NONE) {
        return;
    }
    if (!of[index].count) {
        show(s, index, TREE_ALONE);
        return;
    }
    t->grown = true;
    bool closed = t->fits ? of[index].first == NONE : is_closed(rows, folds, index, of[index].count);
    show(s, index, closed ? TREE_CLOSED : TREE_OPEN);
    for (uint32_t at = closed ? NONE : of[index].first; at != NONE; at = of[at].next) {
        show(s, at, of[at].next == NONE ? TREE_LAST : TREE_BRANCH);
    }
}

void tree_arrange(struct tree_rows *t, const struct rows *rows, const struct marks *folds)
{
    size_t source = rows->count(rows->ctx);
    struct below *of = mem_zalloc(source * sizeof *of + 1);
    uint32_t *above = mem_zalloc(source * sizeof *above + 1);
    struct shown s = {mem_zalloc(t->count * sizeof(uint32_t) + 1), t->shape, 0};
    t->grown = false;
    chain(t, rows, of, source, above);
    for (size_t i = 0; i < t->count; i++) {
        if (above[t->index[i]] == NONE) {
            show_root(&s, t, rows, folds, of, t->index[i]);
        }
    }
    if (s.count) { /* of no rows there is no index either */
        memcpy(t->index, s.index, s.count * sizeof *s.index);
    }
    t->count = s.count;
    mem_free(s.index);
    mem_free(above);
    mem_free(of);
}
