/* orders_undo: what was deleted here and is still kept: listed, and put back by a plan. */
#include "orders.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

enum { SHOWN_MAX = 20 };

struct bin *orders_bin(const struct settings *s)
{
    struct bin_limits limits = bin_limits_default;
    limits.bytes = (size_t)option_number(&s->options, OPTION_UNDO_BYTES);
    limits.keep_us = option_number(&s->options, OPTION_UNDO_TIME);
    return limits.bytes ? bin_new(&limits) : NULL;
}

static bool give(struct console *c, uint64_t number, struct err *err)
{
    struct order o;
    order_init(&o, VERB_UNDO);
    o.number = number;
    return orders_give(c, &o, err);
}

static void choose(void *ctx, size_t index)
{
    struct console *c = ctx;
    struct err err;
    if (!give(c, c->undo_choice[index], &err)) {
        ui_message(c->ui, ROLE_WARNING, err.text);
    }
}

/* "3m12s ago: 12 kept, 34.0K, 11m48s left" */
static void describe(const struct bin_row *row, int64_t now_us, char *out, size_t size)
{
    char age[32], bytes[32], left[32], of[32] = "";
    int64_t left_us = row->until_us > now_us ? row->until_us - now_us : 0;
    if (row->of > (int64_t)row->count) {
        snprintf(of, sizeof of, " of %" PRId64, row->of);
    }
    snprintf(out, size, "%s ago: %zu%s kept, %s, %s left",
             human_duration(now_us - row->at_us, age, sizeof age), row->count, of,
             human_bytes((int64_t)row->bytes, bytes, sizeof bytes),
             human_duration(left_us, left, sizeof left));
}

bool orders_undo(struct console *c, const struct words *w, struct err *err)
{
    char note[SHOWN_MAX][128];
    const char *item[SHOWN_MAX], *notes[SHOWN_MAX];
    struct bin_row row;
    int64_t now_us = clock_mono_us();
    size_t n = 0;

    if (words_count(w) > 1) {
        return strcmp(words_at(w, 1), "last") == 0 ? give(c, 0, err) : orders_run(c, w, err);
    }
    if (c->bin) {
        bin_sweep(c->bin, now_us);
    }
    for (; c->bin && n < SHOWN_MAX && bin_at(c->bin, n, &row); n++) {
        describe(&row, now_us, note[n], sizeof note[n]);
        c->undo_choice[n] = row.number;
        item[n] = row.what;
        notes[n] = note[n];
    }
    if (n == 0) {
        return err_set(err, ERR_NOT_FOUND, "nothing is kept to undo%s", c->bin ? "" : ": undo-bytes is 0");
    }
    ui_show_menu(c->ui, &(struct ui_menu){.title = "undo: put back what was deleted",
                                          .count = n,
                                          .item = item,
                                          .note = notes,
                                          .choose = choose,
                                          .ctx = c});
    return true;
}
