/* client_list: who is connected: CLIENT LIST, while somebody looks. The server makes a line for each, so the
 * more there are the less often it is asked. */
#include "redai/schema/client_list.h"

#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MOST = 5000 };
/* The server writes 400 bytes for each in one go, and we read them in one: 10000 are 4 MB. */
enum { ASKED_MOST = 10000 };

static const struct {
    int64_t clients;
    int64_t period_us;
} paces[] = {{1000, 2 * US_PER_S}, {2000, 10 * US_PER_S}, {ASKED_MOST, 60 * US_PER_S}};
enum { YOUNG_S = 4 };     /* a greeting has ended by then */
enum { OTHERS_FEW = 50 }; /* more clients are a longer list: it is asked for less often */
#define OTHERS_US        (3 * US_PER_S)
#define OTHERS_RARELY_US (60 * US_PER_S)
enum { PACES = sizeof paces / sizeof paces[0] };

bool collect_owns_client(const struct collect *c, int64_t id)
{
    return id >= 0 && (sites_own_client(c, id) || (c->tracer && id == link_client_id(c->tracer->link)) ||
                       (c->other_clients && c->other_clients(c->other_clients_ctx, id)));
}

void collect_other_clients(struct collect *c, owns_client_fn fn, void *ctx)
{
    c->other_clients = fn;
    c->other_clients_ctx = ctx;
}

static void tell_client(struct collect *c, const struct client_line *line)
{
    struct fact f = {.kind = FACT_CLIENT,
                     .client = {.phase = LIST_ROW,
                                .id = line->id,
                                .address = line->address,
                                .name = line->name,
                                .user = line->user,
                                .command = line->command,
                                .flags = line->flags,
                                .own = collect_owns_client(c, line->id),
                                .db = line->db,
                                .age_s = line->age_s,
                                .idle_s = line->idle_s,
                                .channels = line->channels,
                                .patterns = line->patterns,
                                .shard_channels = line->shard_channels,
                                .queued = line->queued,
                                .memory = line->memory,
                                .output = line->output}};
    collect_emit(c, &f);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x > y ? -1 : x < y;
}

/* Of too many ordinary clients those are told that use the most memory: from so many bytes on. */
static int64_t least_memory(struct span text, size_t count)
{
    struct client_line line;
    int64_t least = -1;
    if (count > ROWS_MOST) {
        int64_t *sizes = mem_zalloc(count * sizeof *sizes);
        size_t n = 0;
        while (n < count && client_list_next(&text, &line)) {
            sizes[n++] = line.memory;
        }
        qsort(sizes, n, sizeof *sizes, by_size);
        least = n > ROWS_MOST ? sizes[ROWS_MOST - 1] : -1;
        mem_free(sizes);
    }
    return least;
}

static void tell_clients(struct collect *c, struct span text)
{
    struct client_line line;
    struct span rest = text;
    size_t count = 0, told = 0;
    while (client_list_next(&rest, &line)) {
        count++;
    }
    int64_t least = least_memory(text, count);
    while (client_list_next(&text, &line)) {
        bool ordinary = client_line_kind(&line) == CLIENT_NORMAL && !collect_owns_client(c, line.id);
        if (told < ROWS_MOST && (!ordinary || line.memory >= least)) {
            tell_client(c, &line);
            told++;
        }
    }
    struct fact end = {.kind = FACT_CLIENT,
                       .client = {.phase = LIST_END, .id = -1, .left_out = (int64_t)(count - told)}};
    collect_emit(c, &end);
}

/* --- other consoles --- */

/* What another console reads moves the same hits and misses as what the platform reads. A connection that is
 * still young may be our own, whose number we have not been told yet: it is looked at again. */
static void count_consoles(struct collect *c, struct span text)
{
    struct client_line line;
    c->lists.consoles = 0;
    while (client_list_next(&text, &line)) {
        if (client_line_kind(&line) != CLIENT_CONSOLE || collect_owns_client(c, line.id)) {
            continue;
        }
        if (line.age_s >= YOUNG_S) {
            c->lists.consoles++;
        } else {
            c->lists.asked_clients = -1;
        }
    }
}

static void on_others(void *user, const struct reply *r)
{
    struct collect *c = user;
    struct server_list *l = &c->lists.others;
    struct span text;
    l->pending = false;
    if (reply_string(r, &text)) {
        count_consoles(c, text);
    } else if (r) { /* not allowed: whether there is another is not known, and the pane asks oftener */
        c->lists.consoles = -1;
        l->next_us = clock_mono_us() + OTHERS_RARELY_US;
        l->refused = true;
    }
}

/* Soon after somebody has come or gone, and every minute. */
static void look_for_consoles(struct collect *c, int64_t now_us)
{
    struct server_list *l = &c->lists.others;
    int64_t clients = c->info.info.connected_clients;
    if (clients > ASKED_MOST / 10) {
        c->lists.consoles = -1;
        return;
    }
    int64_t rest_us = clients > OTHERS_FEW ? clients * (OTHERS_US / OTHERS_FEW) : OTHERS_US;
    bool moved = clients != c->lists.asked_clients && now_us - c->lists.asked_us >= rest_us && !l->refused;
    if (l->pending || (!moved && now_us < l->next_us)) {
        return;
    }
    if (link_command(c->poll, on_others, c, S("CLIENT"), S("LIST"))) {
        l->refused = false;
        c->lists.asked_clients = clients;
        c->lists.asked_us = now_us;
        server_list_asked(c, l, now_us, OTHERS_RARELY_US);
    }
}

/* --- the list --- */

static void on_clients(void *user, const struct reply *r)
{
    struct collect *c = user;
    if (server_list_answered(c, &c->lists.clients, TOPIC_CLIENTS, r, REPLY_STRING)) {
        tell_clients(c, reply_text(r));
        count_consoles(c, reply_text(r));
    }
}

void client_list_step(struct collect *c, int64_t now_us)
{
    struct server_list *l = &c->lists.clients;
    look_for_consoles(c, now_us);
    if (!server_lists_look(c, TARGET_CLIENT) || !server_list_due(l, now_us)) {
        return;
    }
    int64_t clients = c->info.info.connected_clients;
    size_t pace = 0;
    while (pace < PACES && clients > paces[pace].clients) {
        pace++;
    }
    if (pace == PACES) {
        char why[96];
        snprintf(why, sizeof why, "%" PRId64 " clients are too many to be listed (%d at most)", clients,
                 ASKED_MOST);
        l->next_us = now_us + 10 * US_PER_S;
        collect_poll_result(c, TOPIC_CLIENTS, false, span_of(why));
    } else if (link_command(c->poll, on_clients, c, S("CLIENT"), S("LIST"))) {
        server_list_asked(c, l, now_us, paces[pace].period_us);
    }
}
