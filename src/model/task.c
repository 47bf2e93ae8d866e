#include "model_priv.h"

const char *const task_state_name[TASK_STATE_COUNT] = {
#define TASK_STATE_TEXT(id, name) [TASK_STATE_##id] = name,
    TASK_STATE_LIST(TASK_STATE_TEXT)
#undef TASK_STATE_TEXT
};

enum { BUCKETS_LEAST = 1024, ID_MAX = 1000, TEXT_COLS = 400 };

#define LATELY_US (600 * US_PER_S)

/* Texts that most rows have, never freed. */
static char empty_text[] = "";
static char shared[][3] = {"{}", "[]", "()"};

void task_init(struct model *m)
{
    struct task_all *all = &m->task;
    utstring_init(&all->scratch);
    all->buckets = BUCKETS_LEAST;
    all->bucket = mem_zalloc(all->buckets * sizeof(*all->bucket)); /* NOLINT(bugprone-sizeof-expression) */
    all->groups = task_groups_new();
    all->late_acks_us = -1;
    all->asked_us = INT64_MAX;
    all->unacked = task_place_get(m, SWEEP_UNACKED, 0, S(""));
}

static uint32_t hash_of(struct span id)
{
    uint32_t hash = 0;
    HASH_JEN(id.data, id.len, hash);
    return hash;
}

static struct span id_of(const struct task_row *row)
{
    return span_make(row->view.id, row->view.id_len);
}

static struct task_row **bucket_of(const struct task_all *all, uint32_t hash)
{
    return &all->bucket[hash & (all->buckets - 1)];
}

static void grow_buckets(struct task_all *all)
{
    mem_free(all->bucket);
    all->buckets *= 2;
    all->bucket = mem_zalloc(all->buckets * sizeof(*all->bucket)); /* NOLINT(bugprone-sizeof-expression) */
    for (size_t i = 0; i < all->count; i++) {
        struct task_row **bucket = bucket_of(all, all->row[i]->hash);
        all->row[i]->same_bucket = *bucket;
        *bucket = all->row[i];
    }
}

static struct task_row *find_hashed(const struct task_all *all, struct span id, uint32_t hash)
{
    struct task_row *row = *bucket_of(all, hash);
    while (row && (row->hash != hash || !span_equal(id_of(row), id))) {
        row = row->same_bucket;
    }
    return row;
}

struct task_row *task_row_find(const struct model *m, struct span id)
{
    return id.len && id.len <= ID_MAX ? find_hashed(&m->task, id, hash_of(id)) : NULL;
}

/* --- their order --- */

static void order_leave(struct task_all *all, struct task_row *row)
{
    struct task_rows *list = &all->order[row->order];
    *(row->prev ? &row->prev->next : &list->first) = row->next;
    *(row->next ? &row->next->prev : &list->last) = row->prev;
}

static void order_enter(struct task_all *all, struct task_row *row, enum task_order order)
{
    struct task_rows *list = &all->order[order];
    row->order = (uint8_t)order;
    row->prev = list->last;
    row->next = NULL;
    *(list->last ? &list->last->next : &list->first) = row;
    list->last = row;
}

void task_row_order(struct model *m, struct task_row *row, enum task_order order)
{
    if (row->order != order) {
        order_leave(&m->task, row);
        order_enter(&m->task, row, order);
    }
}

/* --- making and removing --- */

static bool is_own(const struct task_row *row, const char *text)
{
    size_t behind_id = row->view.id_len + 1;
    return text == &row->own[behind_id];
}

static bool is_shared(const char *text)
{
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
        if (text == shared[i]) {
            return true;
        }
    }
    return text == empty_text;
}

static void text_free(const struct task_row *row, char *text)
{
    if (text && !is_own(row, text) && !is_shared(text)) {
        mem_free(text);
    }
}

static void id_free(const struct task_row *row, char *id)
{
    if (id != row->view.id) {
        mem_free(id);
    }
}

static void row_free(struct model *m, struct task_row *row)
{
    struct task *t = &row->view;
    const char *held[] = {t->name, t->worker, t->queue, t->exception, t->celery_state};
    for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
        intern_drop(&m->task.names, held[i]);
    }
    text_free(row, t->args);
    text_free(row, t->kwargs);
    text_free(row, t->text);
    id_free(row, t->display_id);
    id_free(row, t->parent_id);
    id_free(row, t->root_id);
    id_free(row, t->group);
    mem_free(row);
}

void task_row_remove(struct model *m, struct task_row *row)
{
    struct task_all *all = &m->task;
    task_seats_remove(m, row);
    struct task_row **link = bucket_of(all, row->hash);
    while (*link != row) {
        link = &(*link)->same_bucket;
    }
    *link = row->same_bucket;
    order_leave(all, row);
    all->in_state[row->view.state]--;
    all->count--;
    all->row[row->index] = all->row[all->count];
    all->row[row->index]->index = row->index;
    all->removed++;
    row_free(m, row);
    model_touch(m, TOPIC_TASKS);
}

/* The oldest ended row, else the oldest of any. */
static void make_room(struct model *m)
{
    struct task_all *all = &m->task;
    struct task_row *row = all->order[TASK_ORDER_ENDED].first;
    const struct task_row *live = all->order[TASK_ORDER_LIVE].first;
    if (!row) {
        row = all->order[TASK_ORDER_REST].first;
        if (!row || (live && live->view.first_us < row->view.first_us)) {
            row = all->order[TASK_ORDER_LIVE].first;
        }
    }
    all->cut++;
    task_row_remove(m, row);
}

static void init_view(struct task *t)
{
    t->name = t->worker = t->queue = t->exception = t->celery_state = "";
    t->text = empty_text;
    t->retries = -1;
    t->priority = -1;
    t->sent_us = t->received_us = t->delivered_us = t->started_us = t->ended_us = -1;
    t->eta_us = t->expires_us = -1;
    t->runtime_s = UNKNOWN_REAL;
    t->part = UNKNOWN_REAL;
}

static struct task_row *row_new(struct model *m, struct span id, struct span args)
{
    args = span_head(args, TASK_TEXT_MAX);
    struct task_row *row = mem_zalloc(sizeof(*row) + id.len + args.len + 2);
    init_view(&row->view);
    memcpy(row->own, id.data, id.len);
    if (args.len) {
        memcpy(row->own + id.len + 1, args.data, args.len);
    }
    row->view.id = row->own;
    row->view.id_len = (uint32_t)id.len;
    row->view.display_id = utf8_sanitise_dup(id, NAME_COLS);
    if (span_equal(span_of(row->view.display_id), id)) {
        mem_free(row->view.display_id);
        row->view.display_id = row->view.id;
    }
    row->view.first_us = m->now_us;
    row->view.changed_us = m->now_us;
    row->claim_us = -1;
    row->left_us = -1;
    row->result_retries = -1;
    return row;
}

struct task_row *task_row_get(struct model *m, struct span id, struct span args)
{
    struct task_all *all = &m->task;
    if (id.len == 0 || id.len > ID_MAX) {
        return NULL;
    }
    uint32_t hash = hash_of(id);
    struct task_row *row = find_hashed(all, id, hash);
    if (row) {
        return row;
    }
    if (all->count >= TASKS_MAX) {
        make_room(m);
    }
    if (all->count >= all->buckets) {
        grow_buckets(all);
    }
    if (all->count == all->room) {
        all->room = all->room ? all->room + all->room / 2 : BUCKETS_LEAST;
        all->row = mem_realloc(all->row, all->room * sizeof(struct task_row *));
    }
    row = row_new(m, id, args);
    row->hash = hash;
    struct task_row **bucket = bucket_of(all, hash);
    row->same_bucket = *bucket;
    *bucket = row;
    row->index = (uint32_t)all->count;
    all->row[all->count++] = row;
    all->in_state[TASK_STATE_UNKNOWN]++;
    order_enter(all, row, TASK_ORDER_REST);
    return row;
}

void task_release(struct model *m)
{
    struct task_all *all = &m->task;
    for (size_t i = 0; i < all->count; i++) {
        task_seats_remove(m, all->row[i]);
        row_free(m, all->row[i]);
    }
    mem_free(all->row);
    mem_free(all->bucket);
    task_places_release(m);
    interns_release(&all->names);
    task_groups_release(all->groups);
    utstring_done(&all->scratch);
}

/* --- what they hold --- */

void task_row_told(struct model *m, struct task_row *row, enum task_source source)
{
    row->view.told_us = m->now_us;
    row->view.sources = (uint8_t)(row->view.sources | source);
    m->task.version++;
    model_touch(m, TOPIC_TASKS);
}

static void set_argument(struct task_row *row, char **slot, struct span text)
{
    char *own = row->own + row->view.id_len + 1;
    char *next = NULL;
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
        next = span_equal(text, span_of(shared[i])) ? shared[i] : next;
    }
    if (!next) {
        bool made_with = *slot == NULL && slot == &row->view.args && own[0] && span_equal(text, span_of(own));
        next = made_with ? own : span_dup(text);
    }
    text_free(row, *slot);
    *slot = next;
}

void task_row_args(struct task_row *row, struct span args, struct span kwargs, bool are_repr, bool cut)
{
    struct task *t = &row->view;
    if (args.len == 0 && kwargs.len == 0) {
        return;
    }
    bool too_long = args.len > TASK_TEXT_MAX || kwargs.len > TASK_TEXT_MAX;
    cut = cut || too_long || (are_repr && (span_ends(args, S("...")) || span_ends(kwargs, S("..."))));
    /* JSON is better than a repr, whole is better than cut; else the first word stands. */
    bool none = !t->args && !t->kwargs;
    bool better =
        (t->args_are_repr && !are_repr && !cut) || (t->args_cut && !cut && t->args_are_repr == are_repr);
    if (!none && !better) {
        return;
    }
    set_argument(row, &t->args, span_head(args, TASK_TEXT_MAX));
    set_argument(row, &t->kwargs, span_head(kwargs, TASK_TEXT_MAX));
    t->args_are_repr = are_repr;
    t->args_cut = cut;
}

void task_row_text(struct task_row *row, struct span raw)
{
    if (raw.len) {
        text_free(row, row->view.text);
        row->view.text = utf8_sanitise_dup(span_head(raw, TASK_TEXT_MAX), TEXT_COLS);
    }
}

void task_row_clear_error(struct model *m, struct task_row *row)
{
    m->task.removed += intern_swap(&m->task.names, &row->view.exception, S(""));
    text_free(row, row->view.text);
    row->view.text = empty_text;
}

static void set_id(struct task_row *row, char **slot, struct span id)
{
    if (id.len == 0 || id.len > ID_MAX || (*slot && span_equal(span_of(*slot), id))) {
        return;
    }
    id_free(row, *slot);
    *slot = span_equal(id, id_of(row)) ? row->view.id : span_dup(id);
}

void task_row_ids(struct task_row *row, struct span parent, struct span root, struct span group)
{
    set_id(row, &row->view.parent_id, parent);
    set_id(row, &row->view.root_id, root);
    set_id(row, &row->view.group, group);
}

void task_row_name(struct model *m, struct task_row *row, const char **slot, struct span raw)
{
    (void)row;
    if (raw.len) {
        bool had = (*slot)[0] != '\0';
        /* Groups stand on names: one that goes is as good as a row that goes. */
        m->task.removed += intern_swap(&m->task.names, slot, raw) && had;
    }
}

bool task_row_attempt(struct model *m, struct task_row *row, int64_t retries)
{
    const int32_t most = INT32_MAX / 2;
    struct task *t = &row->view;
    if (retries < 0 || retries <= t->retries) {
        return false;
    }
    bool another = t->retries >= 0;
    t->retries = retries > most ? most : (int32_t)retries;
    if (another) {
        row->takes_told = 0;
        row->takes_seen = 0;
        t->runtime_s = UNKNOWN_REAL;
        t->started_us = -1;
        t->part = UNKNOWN_REAL;
        intern_swap(&m->task.names, &t->worker, S(""));
        for (struct task_seat *seat = row->seat; seat;) {
            struct task_seat *next = seat->sibling;
            if (seat->place->scope == SWEEP_WORKER) {
                task_seat_remove(m, seat); /* it holds the attempt before, if any */
            }
            seat = next;
        }
    }
    return another;
}

void task_row_taken(struct task_row *row)
{
    int32_t most = row->takes_told > row->takes_seen ? row->takes_told : row->takes_seen;
    row->view.deliveries = most;
}

/* What rules ask for at every turn is counted once a second. */
static void count_troubled(struct model *m)
{
    struct task_all *all = &m->task;
    all->overdue = 0;
    all->lately_lost = 0;
    for (const struct task_row *row = all->order[TASK_ORDER_LIVE].first; row; row = row->next) {
        all->overdue += (row->view.flags & TASK_FLAG_OVERDUE) != 0;
    }
    const struct task_row *row = all->in_state[TASK_STATE_LOST] ? all->order[TASK_ORDER_ENDED].last : NULL;
    for (; row && m->now_us - row->view.changed_us < LATELY_US; row = row->prev) {
        all->lately_lost += row->view.state == TASK_STATE_LOST;
    }
}

void task_tick(struct model *m)
{
    task_places_tick(m);
    task_decide_live(m);
    count_troubled(m);
    worker_count_tasks(m);
    queue_tasks_tick(m);
}

/* --- looking --- */

struct span model_task_raw(const char *text)
{
    return intern_raw(text);
}

size_t model_task_count(const struct model *m)
{
    return m->task.count;
}

const struct task *model_task_at(const struct model *m, size_t i)
{
    return i < m->task.count ? &m->task.row[i]->view : NULL;
}

const struct task *model_task_find(const struct model *m, struct span id)
{
    const struct task_row *row = task_row_find(m, id);
    return row ? &row->view : NULL;
}

size_t model_tasks_in(const struct model *m, enum task_state state)
{
    return (unsigned)state < TASK_STATE_COUNT ? m->task.in_state[state] : 0;
}

size_t model_task_relatives(const struct model *m, struct span id, const struct task **out, size_t max)
{
    size_t found = 0;
    for (size_t i = 0; i < m->task.count; i++) {
        const struct task *t = &m->task.row[i]->view;
        bool is_child = t->parent_id && span_equal(span_of(t->parent_id), id);
        bool is_below = t->root_id && span_equal(span_of(t->root_id), id);
        if ((is_child || is_below) && !span_equal(span_make(t->id, t->id_len), id)) {
            if (found < max) {
                out[found] = t;
            }
            found++;
        }
    }
    return found;
}
