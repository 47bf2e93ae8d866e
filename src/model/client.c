#include "redai/model/client.h"

#include "model_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/num.h"

enum { ADDRESS_MOST = 64, TEXT_MOST = 60 };

static struct client_row *row_at(const struct client_all *all, size_t i)
{
    return ((struct client_row *const *)(void *)all->row.d)[i];
}

static void free_group(void *group)
{
    mem_free(((struct client_group *)group)->name);
}

void client_init(struct model *m)
{
    static const UT_icd pointer = {sizeof(void *), NULL, NULL, NULL};
    static const UT_icd group = {sizeof(struct client_group), NULL, NULL, free_group};
    utarray_init(&m->clients.row, &pointer);
    utarray_init(&m->clients.group, &group);
    m->clients.pass = 1;
    m->clients.read_us = -1;
}

static void drop(struct client_all *all, struct client_row *row)
{
    struct client *v = &row->view;
    HASH_DEL(all->by_id, row);
    char *const texts[] = {v->address, v->name, v->user, v->command, v->flags};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        mem_free(texts[i]);
    }
    mem_free(row);
}

void client_release(struct model *m)
{
    struct client_row *row;
    struct client_row *next;
    hash_each (m->clients.by_id, row, next) {
        drop(&m->clients, row);
    }
    utarray_done(&m->clients.row);
    utarray_done(&m->clients.group);
}

/* --- groups --- */

struct grouped {
    UT_hash_handle hh;
    struct client_group view;
};

/* Its name, or else where it comes from without the port: a port is another one each time. */
static struct span group_of(const struct client *c)
{
    struct span name = span_of(c->name);
    if (name.len) {
        return name;
    }
    struct span address = span_of(c->address);
    size_t end = address.len;
    while (end > 0 && address.data[end - 1] >= '0' && address.data[end - 1] <= '9') {
        end--;
    }
    bool port = end > 1 && end < address.len && address.data[end - 1] == ':';
    return port ? span_head(address, end - 1) : address;
}

static int by_clients(const void *a, const void *b)
{
    const struct client_group *x = a;
    const struct client_group *y = b;
    if (x->clients != y->clients) {
        return x->clients > y->clients ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

static void make_groups(struct client_all *all)
{
    struct grouped *by_name = NULL;
    struct grouped *g;
    struct grouped *next;
    for (size_t i = 0; i < utarray_len(&all->row); i++) {
        const struct client *c = &row_at(all, i)->view;
        struct span name = group_of(c);
        HASH_FIND(hh, by_name, name.data, name.len, g);
        if (!g) {
            g = mem_zalloc(sizeof *g);
            g->view.name = span_dup(name);
            HASH_ADD_KEYPTR(hh, by_name, g->view.name, name.len, g);
        }
        g->view.clients++;
        g->view.memory += c->memory > 0 ? c->memory : 0;
    }
    utarray_clear(&all->group);
    hash_each (by_name, g, next) {
        HASH_DEL(by_name, g);
        utarray_push_back(&all->group, &g->view);
        mem_free(g);
    }
    if (utarray_len(&all->group)) {
        utarray_sort(&all->group, by_clients);
    }
}

/* --- readings --- */

/* What is there in the order it came: a table's cursor and marks need no more. */
static void end(struct model *m, int64_t left_out)
{
    struct client_all *all = &m->clients;
    struct client_row *row;
    struct client_row *next;
    utarray_clear(&all->row);
    hash_each (all->by_id, row, next) {
        if (row->pass != all->pass) {
            drop(all, row);
        } else {
            utarray_push_back(&all->row, &row);
        }
    }
    make_groups(all);
    all->cut = all->cut_now + (size_t)(model_count(left_out) > 0 ? model_count(left_out) : 0);
    all->cut_now = all->told = 0;
    all->pass++;
    all->read_us = m->now_us;
    topic_read_ok(m, TOPIC_CLIENTS);
}

static int64_t sum_of(int64_t a, int64_t b, int64_t c)
{
    bool known = a >= 0 || b >= 0 || c >= 0;
    return known ? (a > 0 ? a : 0) + (b > 0 ? b : 0) + (c > 0 ? c : 0) : -1;
}

static enum client_kind kind_of(const struct fact_client *f)
{
    if (f->own) {
        return CLIENT_OWN;
    }
    return client_line_kind(&(struct client_line){
        .id = f->id,
        .address = f->address,
        .name = f->name,
        .user = f->user,
        .command = f->command,
        .flags = f->flags,
        .fd = -1,
        .db = f->db,
        .age_s = f->age_s,
        .idle_s = f->idle_s,
        .channels = f->channels,
        .patterns = f->patterns,
        .shard_channels = f->shard_channels,
        .queued = f->queued,
        .output = f->output,
        .memory = f->memory,
    });
}

/* NULL: so many were told in this reading already. Those of the reading before may still be there beside. */
static struct client_row *get(struct client_all *all, int64_t id)
{
    struct client_row *row = NULL;
    HASH_FIND(hh, all->by_id, &id, sizeof id, row);
    if (row && row->pass == all->pass) {
        return row;
    }
    if (all->told == CLIENTS_MAX) {
        return NULL;
    }
    if (!row) {
        row = mem_zalloc(sizeof *row);
        row->view.id = id;
        snprintf(row->view.number, sizeof row->view.number, "%" PRId64, id);
        HASH_ADD(hh, all->by_id, view.id, sizeof row->view.id, row);
    }
    row->view.is_new = all->pass > 1 && row->pass == 0;
    row->pass = all->pass;
    all->told++;
    return row;
}

void client_apply(struct model *m, const struct fact_client *f)
{
    struct client_all *all = &m->clients;
    if (f->phase == LIST_END) {
        end(m, f->left_out);
        return;
    }
    struct client_row *row = f->id < 0 ? NULL : get(all, model_count(f->id));
    if (!row) {
        all->cut_now++;
        return;
    }
    struct client *v = &row->view;
    model_show_replace(&v->address, f->address, ADDRESS_MOST);
    model_show_replace(&v->name, f->name, TEXT_MOST);
    model_show_replace(&v->user, f->user, TEXT_MOST);
    model_show_replace(&v->command, f->command, TEXT_MOST);
    model_show_replace(&v->flags, f->flags, TEXT_MOST);
    v->kind = kind_of(f);
    v->db = model_count(f->db);
    v->age_s = model_count(f->age_s);
    v->idle_s = model_count(f->idle_s);
    v->subscriptions =
        sum_of(model_count(f->channels), model_count(f->patterns), model_count(f->shard_channels));
    v->memory = model_count(f->memory);
    v->output = model_count(f->output);
    v->queued = model_count(f->queued);
}

/* --- views --- */

size_t model_client_count(const struct model *m)
{
    return utarray_len(&m->clients.row);
}

const struct client *model_client_at(const struct model *m, size_t i)
{
    return i < model_client_count(m) ? &row_at(&m->clients, i)->view : NULL;
}

const struct client *model_client_find(const struct model *m, struct span id)
{
    int64_t number;
    const struct client_row *row = NULL;
    if (num_i64(id, &number)) {
        HASH_FIND(hh, m->clients.by_id, &number, sizeof number, row);
    }
    return row ? &row->view : NULL;
}

int64_t model_clients_read_us(const struct model *m)
{
    return m->clients.read_us;
}

size_t model_clients_cut(const struct model *m)
{
    return m->clients.cut;
}

size_t model_client_groups(const struct model *m, const struct client_group **ret_rows)
{
    *ret_rows = (const struct client_group *)(const void *)m->clients.group.d;
    return utarray_len(&m->clients.group);
}
