/* Places where messages lie, and seats: a row seen in a place. A place keeps its seats in the order in which
 * they were last seen, so a sweep looks only at those that have left. */
#include "model_priv.h"

#define PLACES_MAX    20000
#define PLACE_KEEP_US (600 * US_PER_S) /* an empty place of which nothing was told for so long goes */

static void make_key(UT_string *out, enum sweep_scope scope, int step, struct span name)
{
    char head[2] = {(char)('0' + (int)scope), (char)step};
    utstring_clear(out);
    text_add(out, span_make(head, sizeof(head)));
    text_add(out, name);
}

static struct task_spot *find_keyed(const struct model *m, struct span key)
{
    struct task_spot *place = NULL;
    HASH_FIND(hh, m->task.places, key.data, key.len, place);
    return place;
}

/* Asked for each queue in each frame: a name of usual length is looked up without an allocation. */
struct task_spot *task_place_find(const struct model *m, enum sweep_scope scope, int step, struct span name)
{
    char usual[256];
    if (name.len + 2 <= sizeof usual) {
        usual[0] = (char)('0' + (int)scope);
        usual[1] = (char)step;
        memcpy(usual + 2, name.data, name.len);
        return find_keyed(m, span_make(usual, name.len + 2));
    }
    UT_string key;
    utstring_init(&key);
    make_key(&key, scope, step, name);
    struct task_spot *place = find_keyed(m, text_span(&key));
    utstring_done(&key);
    return place;
}

struct task_spot *task_place_get(struct model *m, enum sweep_scope scope, int step, struct span name)
{
    make_key(&m->task.scratch, scope, step, name);
    struct span key = text_span(&m->task.scratch);
    struct task_spot *place = find_keyed(m, key);
    if (place || HASH_COUNT(m->task.places) >= PLACES_MAX) {
        return place;
    }
    place = mem_zalloc(sizeof(*place) + key.len + 1);
    memcpy(place->key, key.data, key.len);
    place->name_len = name.len;
    place->scope = scope;
    place->step = step;
    place->swept_us = -1;
    place->told_us = m->now_us;
    place->front_since_us = -1;
    place->front_told_us = -1;
    place->round_us = -1;
    HASH_ADD_KEYPTR(hh, m->task.places, place->key, key.len, place);
    return place;
}

struct span task_place_name(const struct task_spot *p)
{
    return span_make(p->key + 2, p->name_len);
}

static void place_free(struct task_spot *place)
{
    target_release(&place->front);
    mem_free(place->front_id);
    mem_free(place->front_name);
    mem_free(place);
}

void task_places_release(struct model *m)
{
    struct task_spot *place;
    struct task_spot *next;
    hash_each (m->task.places, place, next) {
        HASH_DEL(m->task.places, place);
        place_free(place);
    }
}

void task_places_tick(struct model *m)
{
    struct task_spot *place;
    struct task_spot *next;
    hash_each (m->task.places, place, next) {
        if (place != m->task.unacked && place->count == 0 && m->now_us - place->told_us >= PLACE_KEEP_US) {
            HASH_DEL(m->task.places, place);
            place_free(place);
        }
    }
}

/* --- seats --- */

struct task_seat *task_seat_find(const struct task_row *row, const struct task_spot *place)
{
    struct task_seat *seat = row->seat;
    while (seat && seat->place != place) {
        seat = seat->sibling;
    }
    return seat;
}

static void leave(struct task_seat *seat)
{
    struct task_spot *place = seat->place;
    *(seat->prev ? &seat->prev->next : &place->first) = seat->next;
    *(seat->next ? &seat->next->prev : &place->last) = seat->prev;
    place->count--;
}

static void enter(struct task_seat *seat)
{
    struct task_spot *place = seat->place;
    seat->prev = place->last;
    seat->next = NULL;
    *(place->last ? &place->last->next : &place->first) = seat;
    place->last = seat;
    place->count++;
}

void task_seat_remove(struct model *m, struct task_seat *seat)
{
    struct task_seat **link = &seat->row->seat;
    while (*link != seat) {
        link = &(*link)->sibling;
    }
    *link = seat->sibling;
    leave(seat);
    struct target *shown = &seat->row->view.message;
    if (shown->id == seat->ref) {
        *shown = (struct target){0};
    }
    m->task.promised -= seat->promised;
    mem_free(seat);
}

void task_seats_remove(struct model *m, struct task_row *row)
{
    while (row->seat) {
        task_seat_remove(m, row->seat);
    }
}

struct task_seat *task_seat_put(struct model *m, struct task_row *row, struct task_spot *place,
                                struct span ref)
{
    struct task_seat *seat = task_seat_find(row, place);
    int64_t first_us = seat ? seat->first_us : m->now_us;
    ref = span_head(ref, UINT16_MAX);
    place->told_us = m->now_us;
    if (seat && !span_equal(span_make(seat->ref, seat->ref_len), ref)) {
        task_seat_remove(m, seat);
        seat = NULL;
    }
    if (seat) {
        leave(seat);
    } else {
        seat = mem_zalloc(sizeof(*seat) + ref.len + 1);
        seat->row = row;
        seat->place = place;
        seat->first_us = first_us;
        seat->ref_len = (uint16_t)ref.len;
        if (ref.len) {
            memcpy(seat->ref, ref.data, ref.len);
        }
        seat->sibling = row->seat;
        row->seat = seat;
    }
    seat->seen_us = m->now_us;
    enter(seat);
    return seat;
}
