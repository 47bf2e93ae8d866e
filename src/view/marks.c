#include "marks.h"

void marks_clear(struct marks *m)
{
    struct mark *mark;
    struct mark *next;
    HASH_ITER(hh, m->first, mark, next)
    {
        HASH_DEL(m->first, mark);
        mem_free(mark);
    }
}

size_t marks_count(const struct marks *m)
{
    return HASH_COUNT(m->first);
}

static struct mark *find(const struct marks *m, enum target_kind kind, struct span id)
{
    /* Within a pane all marks are of one kind, so the id alone is the key. */
    struct mark *mark = NULL;
    HASH_FIND(hh, m->first, id.len ? id.data : "", id.len, mark);
    return mark && mark->kind == kind ? mark : NULL;
}

bool marks_has(const struct marks *m, enum target_kind kind, struct span id)
{
    return m->first && find(m, kind, id);
}

void marks_add(struct marks *m, enum target_kind kind, struct span id)
{
    if (find(m, kind, id) || marks_count(m) >= MARKS_MAX) {
        return;
    }
    struct mark *mark = mem_zalloc(sizeof *mark + id.len + 1);
    mark->kind = kind;
    mark->id_len = id.len;
    if (id.len) {
        memcpy(mark->id, id.data, id.len);
    }
    HASH_ADD(hh, m->first, id, mark->id_len, mark);
}

bool marks_toggle(struct marks *m, enum target_kind kind, struct span id)
{
    struct mark *mark = find(m, kind, id);
    if (mark) {
        HASH_DEL(m->first, mark);
        mem_free(mark);
        return false;
    }
    marks_add(m, kind, id);
    return marks_has(m, kind, id);
}

void marks_prune(struct marks *m, const struct rows *rows)
{
    if (!m->first) {
        return;
    }
    struct mark *mark = NULL;
    struct mark *next = NULL;
    size_t count = rows->count(rows->ctx);
    for (size_t i = 0; i < count; i++) {
        struct span id = {"", 0};
        enum target_kind kind = rows->identify(rows->ctx, rows->row(rows->ctx, i), &id);
        mark = find(m, kind, id);
        if (mark) {
            mark->seen = true;
        }
    }
    HASH_ITER(hh, m->first, mark, next)
    {
        if (!mark->seen) {
            HASH_DEL(m->first, mark);
            mem_free(mark);
        } else {
            mark->seen = false;
        }
    }
}

size_t marks_copy(const struct marks *m, struct target *out, size_t max)
{
    size_t n = 0;
    for (const struct mark *mark = m->first; mark; mark = mark->hh.next, n++) {
        if (n < max) {
            out[n] = (struct target){0};
            target_set(&out[n], mark->kind, (struct span){mark->id, mark->id_len});
        }
    }
    return n;
}
