/* How lines fold away under the one that they belong to. What a person opened or closed stays so when the
 * document is read again: a line is known by its words and by those above it. */
#include "document.h"

#include "redai/base/hash.h"

enum { DEPTHS = 64 };

/* A line that is not as it would be by itself. */
struct document_kept {
    uint64_t key;
    UT_hash_handle hh;
};

static struct document_line *line_at(const struct document *d, size_t i)
{
    return &((struct document_line *)(void *)d->line.d)[i];
}

static int depth_of(const struct document_line *line)
{
    return line->depth < DEPTHS - 1 ? line->depth : DEPTHS - 1;
}

/* An item of a list is told in its line; a member of a document is read with all the others. */
static bool closed_at_first(const struct document_line *line)
{
    return line->parent && line->label[0];
}

/* Goes through the lines and gives each its hash. */
struct walk {
    uint64_t above[DEPTHS];
    int depth;
};

static uint64_t hash_of(struct walk *w, const struct document_line *line)
{
    int depth = depth_of(line);
    for (int i = w->depth + 1; i <= depth; i++) {
        w->above[i] = w->above[w->depth];
    }
    uint64_t own = depth ? w->above[depth - 1] : 0;
    own = own * 31 + hash_fnv1a(span_of(line->label));
    own = own * 31 + hash_fnv1a(span_of(line->text));
    w->above[depth] = own;
    w->depth = depth;
    return own;
}

/* Lines with the same words under the same lines are told apart by their order. */
struct same {
    uint64_t hash;
    unsigned count;
    UT_hash_handle hh;
};

static uint64_t key_of(struct same **table, uint64_t hash)
{
    struct same *s;
    HASH_FIND(hh, *table, &hash, sizeof hash, s);
    if (!s) {
        s = mem_zalloc(sizeof *s);
        s->hash = hash;
        HASH_ADD(hh, *table, hash, sizeof s->hash, s);
    }
    return hash * 31 + s->count++;
}

/* Calls each for every line that others belong to, with its key. */
static void each_parent(struct document *d,
                        void (*each)(struct document *d, struct document_line *, uint64_t))
{
    struct walk w = {.depth = 0};
    struct same *table = NULL, *s, *next;
    for (size_t i = 0; i < document_lines(d); i++) {
        struct document_line *line = line_at(d, i);
        uint64_t hash = hash_of(&w, line);
        if (line->parent) {
            each(d, line, key_of(&table, hash));
        }
    }
    hash_each (table, s, next) {
        HASH_DEL(table, s);
        mem_free(s);
    }
}

static void keep(struct document *d, struct document_line *line, uint64_t key)
{
    if (line->closed != closed_at_first(line)) {
        struct document_kept *kept = mem_zalloc(sizeof *kept);
        kept->key = key;
        HASH_ADD(hh, d->kept, key, sizeof kept->key, kept);
    }
}

static void restore(struct document *d, struct document_line *line, uint64_t key)
{
    struct document_kept *kept;
    HASH_FIND(hh, d->kept, &key, sizeof key, kept);
    line->closed = line->closed != (kept != NULL);
}

void document_forget_folds(struct document *d)
{
    struct document_kept *kept, *next;
    hash_each (d->kept, kept, next) {
        HASH_DEL(d->kept, kept);
        mem_free(kept);
    }
}

void document_keep_folds(struct document *d)
{
    bool any = false;
    if (d->folds_due) {
        return; /* they were never settled: what was kept before still holds */
    }
    document_forget_folds(d);
    for (size_t i = 0; i < document_lines(d); i++) {
        any = any || line_at(d, i)->closed != closed_at_first(line_at(d, i));
    }
    if (any) {
        each_parent(d, keep);
    }
}

void document_settle_folds(struct document *d)
{
    size_t n = document_lines(d);
    if (!d->folds_due) {
        return;
    }
    d->folds_due = false;
    for (size_t i = 0; i < n; i++) {
        struct document_line *line = line_at(d, i);
        line->parent = i + 1 < n && line_at(d, i + 1)->depth > line->depth;
        line->closed = closed_at_first(line);
    }
    if (d->kept) {
        each_parent(d, restore);
    }
}

size_t document_below(const struct document *d, size_t at)
{
    size_t n = 0;
    while (at + 1 + n < document_lines(d) && line_at(d, at + 1 + n)->depth > line_at(d, at)->depth) {
        n++;
    }
    return n;
}

/* The line that this one belongs to; itself when it stands on top. */
static size_t parent_of(const struct document *d, size_t at)
{
    for (size_t i = at; i-- > 0;) {
        if (line_at(d, i)->depth < line_at(d, at)->depth) {
            return i;
        }
    }
    return at;
}

bool document_unfold(struct document *d, size_t at)
{
    bool any = false;
    for (size_t above = parent_of(d, at); above != at; at = above, above = parent_of(d, at)) {
        any = any || line_at(d, above)->closed;
        line_at(d, above)->closed = false;
    }
    return any;
}

bool document_fold(struct document *d, enum document_fold how)
{
    size_t at;
    if (!document_cursor_line(d, &at)) {
        return false;
    }
    struct document_line *line = line_at(d, at);
    bool close = how == DOCUMENT_CLOSE || (how == DOCUMENT_TOGGLE && !line->closed);
    if (line->parent && line->closed != close) {
        line->closed = close;
    } else if (how == DOCUMENT_CLOSE && parent_of(d, at) != at) {
        at = parent_of(d, at); /* a step up, as in any tree */
    } else {
        return false;
    }
    document_go_to_line(d, at);
    return true;
}

void document_fold_all(struct document *d, bool close)
{
    document_settle_folds(d);
    for (size_t i = 0; i < document_lines(d); i++) {
        struct document_line *line = line_at(d, i);
        line->closed = close && line->parent;
    }
    d->width = -1;
}
