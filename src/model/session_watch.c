/* session_watch: sessions that were revoked here and are watched, and those of them that came back: the
 * platform's update reads a session and then writes it, so one that was revoked in between is there again. */
#include "model_priv.h"

enum { SHORT_ID_COLS = 7, ROWS_MAX = 200000 };
#define GONE_KEEP_US (60 * US_PER_S)

struct watched_session {
    bool watched;
    bool returned, there; /* it came back, and is there as far as is known */
    bool seen;            /* its row was here since it came back */
    uint32_t walk;        /* the walk at that time */
    int64_t gone_us;      /* when it went again; only while it is not there */
    struct returned_session view;
    UT_hash_handle hh;
};

static struct watched_session *find(const struct model *m, struct span id)
{
    struct watched_session *w = NULL;
    HASH_FIND(hh, m->session_watch.by_id, id.data, id.len, w);
    return w;
}

static void drop(struct model *m, struct watched_session *w)
{
    HASH_DELETE(hh, m->session_watch.by_id, w);
    m->session_watch.watched -= w->watched;
    mem_free(w->view.id);
    mem_free(w->view.user_key);
    mem_free(w);
}

void session_watch_init(struct model *m)
{
    static const UT_icd row_icd = {sizeof(struct watched_session *), NULL, NULL, NULL};
    utarray_init(&m->session_watch.returned, &row_icd);
}

void session_watch_release(struct model *m)
{
    struct watched_session *w;
    struct watched_session *next;
    HASH_ITER(hh, m->session_watch.by_id, w, next)
    {
        drop(m, w);
    }
    utarray_done(&m->session_watch.returned);
}

/* --- those that are there again --- */

static struct watched_session *returned_at(const struct model *m, size_t i)
{
    return ((struct watched_session **)(void *)m->session_watch.returned.d)[i];
}

static void list(struct model *m, struct watched_session *w)
{
    if (!w->there) {
        w->there = true;
        utarray_push_back(&m->session_watch.returned, &w);
        model_touch(m, TOPIC_SESSIONS);
    }
}

static void unlist(struct model *m, struct watched_session *w)
{
    for (size_t i = 0; w->there && i < model_returned_count(m); i++) {
        if (returned_at(m, i) == w) {
            utarray_erase(&m->session_watch.returned, i, 1);
            w->there = false;
            w->gone_us = m->now_us;
            model_touch(m, TOPIC_SESSIONS);
        }
    }
}

static void come_back(struct model *m, struct watched_session *w)
{
    m->session_watch.watched -= w->watched;
    w->watched = false;
    w->returned = true;
    w->seen = false;
    w->walk = m->session.walk;
    w->view.at_us = m->now_us;
    list(m, w);
}

static struct watched_session *need(struct model *m, const struct fact_session_watch *f)
{
    struct watched_session *w = find(m, f->id);
    if (!w && HASH_COUNT(m->session_watch.by_id) >= ROWS_MAX) {
        return NULL;
    }
    if (!w) {
        w = mem_zalloc(sizeof(*w));
        w->view.id = span_dup(f->id);
        w->view.id_len = f->id.len;
        w->view.user_key = mem_strdup("");
        model_show(w->view.short_id, sizeof(w->view.short_id), f->id, SHORT_ID_COLS);
        HASH_ADD_KEYPTR(hh, m->session_watch.by_id, w->view.id, w->view.id_len, w);
    }
    if (f->user_id.len > 0) {
        mem_free(w->view.user_key);
        w->view.user_key = span_dup(f->user_id);
    }
    return w;
}

void session_watch_apply(struct model *m, const struct fact_session_watch *f)
{
    struct watched_session *w = f->phase <= SESSION_WATCH_BACK ? need(m, f) : find(m, f->id);

    if (!w) {
        return;
    }
    m->session_watch.ever = true;
    switch (f->phase) {
    case SESSION_WATCH_BEGIN: /* revoked, perhaps for the second time */
        unlist(m, w);
        w->returned = false;
        m->session_watch.watched += !w->watched;
        w->watched = true;
        break;
    case SESSION_WATCH_BACK:
        come_back(m, w);
        break;
    default:
        m->session_watch.watched -= w->watched;
        w->watched = false;
        if (!w->returned) {
            drop(m, w);
        }
        break;
    }
    model_touch(m, TOPIC_SESSIONS);
}

void session_watch_gone(struct model *m, struct span id)
{
    struct watched_session *w = find(m, id);
    if (w && w->returned) {
        unlist(m, w);
    }
}

/* The event of its own deletion may be heard after it came back: then it is read again soon. */
void session_watch_seen(struct model *m, struct span id)
{
    struct watched_session *w = find(m, id);
    if (w && w->returned) {
        w->seen = true;
        list(m, w);
    }
}

/* A session also goes without a word: it expires, or a whole walk did not meet it. */
static bool has_gone(const struct model *m, const struct watched_session *w)
{
    bool row = model_session_find(m, span_make(w->view.id, w->view.id_len)) != NULL;
    bool walked_past = m->session.walk > w->walk + 1;
    return w->there && !row && (w->seen || walked_past);
}

void session_watch_tick(struct model *m)
{
    struct watched_session *w;
    struct watched_session *next;
    if (!m->session_watch.by_id) {
        return;
    }
    HASH_ITER(hh, m->session_watch.by_id, w, next)
    {
        if (w->returned && has_gone(m, w)) {
            unlist(m, w);
        }
        if (w->returned && !w->there && m->now_us - w->gone_us > GONE_KEEP_US) {
            drop(m, w);
        }
    }
}

size_t model_watched_sessions(const struct model *m)
{
    return m->session_watch.watched;
}

size_t model_returned_count(const struct model *m)
{
    return utarray_len(&m->session_watch.returned);
}

const struct returned_session *model_returned_at(const struct model *m, size_t i)
{
    return i < model_returned_count(m) ? &returned_at(m, i)->view : NULL;
}
