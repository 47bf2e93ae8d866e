/* A table whose rows stand under others: order, filter, folding. */
#include "fake_rows.h"
#include "view/frozen.h"

/* Rows by name: what stands in front of the ':' is the name of the row it stands under. */
static size_t tree_under(const void *ctx, const void *row)
{
    const struct fake *f = ctx;
    const char *name = ((const struct fake_row *)row)->name;
    size_t len = strcspn(name, ":");
    for (size_t i = 0; name[len] && i < f->count; i++) {
        if (strlen(f->row[i].name) == len && strncmp(f->row[i].name, name, len) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static struct rows tree_rows(struct fake *f)
{
    struct rows rows = fake_rows(f);
    rows.find = NULL;
    rows.under = tree_under;
    return rows;
}

static void add(struct fake *f, const char *name, double size)
{
    f->row = mem_realloc(f->row, (f->count + 1) * sizeof *f->row);
    struct fake_row *row = &f->row[f->count++];
    *row = (struct fake_row){.size = size};
    snprintf(row->id, sizeof row->id, "id-%s", name);
    snprintf(row->name, sizeof row->name, "%s", name);
}

/* exam (50): exam:one (20), exam:two (30); shop (90): shop:cat (60), shop:dog (30); lone (70) */
static void plant(struct fake *f)
{
    *f = (struct fake){0};
    add(f, "exam:one", 20);
    add(f, "lone", 70);
    add(f, "exam", 50);
    add(f, "exam:two", 30);
    add(f, "shop:dog", 30);
    add(f, "shop:cat", 60);
    add(f, "shop", 90);
}

static void assert_order(const struct table *t, const struct rows *rows, const char *expected)
{
    static const char shape[] = {' ', '-', '+', '|', '`'};
    char order[400] = "";
    for (size_t i = 0; i < t->ranking.count; i++) {
        const struct fake_row *row = rows->row(rows->ctx, t->ranking.index[i]);
        size_t used = strlen(order);
        snprintf(order + used, sizeof order - used, "%s%c%s", i ? " " : "",
                 t->ranking.shape ? shape[t->ranking.shape[i]] : '?', row->name);
    }
    assert_string_equal(order, expected);
}

static void rows__stand__behind_the_one_they_are_under(void **state)
{
    (void)state;
    struct fake f;
    struct table t;
    plant(&f);
    struct rows rows = tree_rows(&f);
    table_init(&t, 2, true);
    table_settle(&t, &rows);
    assert_order(&t, &rows, "-shop |shop:cat `shop:dog  lone -exam |exam:two `exam:one");
    table_sort_invert(&t);
    table_settle(&t, &rows);
    assert_order(&t, &rows, "-exam |exam:one `exam:two  lone -shop |shop:dog `shop:cat");
    table_sort_title(&t, &rows, "name");
    table_settle(&t, &rows);
    assert_order(&t, &rows, "-exam |exam:one `exam:two  lone -shop |shop:cat `shop:dog");
    t.sort = -1; /* as the source has them */
    t.dirty = true;
    table_settle(&t, &rows);
    assert_order(&t, &rows, " lone -exam |exam:one `exam:two -shop |shop:dog `shop:cat");
    table_release(&t);
    mem_free(f.row);
}

static void filter__shows__matches_with_what_they_stand_under(void **state)
{
    (void)state;
    struct fake f;
    struct table t;
    plant(&f);
    struct rows rows = tree_rows(&f);
    table_init(&t, 2, true);
    table_filter(&t, &rows, "cat");
    table_settle(&t, &rows);
    assert_order(&t, &rows, "-shop `shop:cat");
    assert_int_equal(table_hidden(&t, &rows), 5);
    table_filter(&t, &rows, "size>80");
    table_settle(&t, &rows);
    assert_order(&t, &rows, "+shop"); /* it fits itself, nothing below it does */
    table_filter(&t, &rows, "lone");
    table_settle(&t, &rows);
    assert_order(&t, &rows, "?lone");
    table_filter(&t, &rows, "nothing");
    table_settle(&t, &rows);
    assert_int_equal(t.ranking.count, 0);
    table_filter(&t, &rows, "");
    table_settle(&t, &rows);
    assert_int_equal(t.ranking.count, 7);
    table_release(&t);
    mem_free(f.row);
}

static void folding__hides_rows__and_the_cursor_stays_with_them(void **state)
{
    (void)state;
    struct fake f;
    struct table t;
    plant(&f);
    struct rows rows = tree_rows(&f);
    table_init(&t, 2, true);
    t.page = 20;
    table_settle(&t, &rows);
    table_move(&t, &rows, MOVE_DOWN);
    table_move(&t, &rows, MOVE_DOWN);                /* shop:dog */
    assert_true(table_fold(&t, &rows, TABLE_CLOSE)); /* goes up to what it stands under */
    assert_int_equal(t.at, 0);
    assert_int_equal(t.ranking.count, 7);
    table_fold(&t, &rows, TABLE_CLOSE);
    assert_order(&t, &rows, "+shop  lone -exam |exam:two `exam:one");
    assert_int_equal(t.at, 0);
    table_fold(&t, &rows, TABLE_CLOSE); /* it is closed */
    assert_int_equal(t.ranking.count, 5);
    /* A filter finds what is folded away. */
    table_filter(&t, &rows, "cat");
    table_settle(&t, &rows);
    assert_order(&t, &rows, "-shop `shop:cat");
    table_filter(&t, &rows, "");
    table_settle(&t, &rows);
    table_fold(&t, &rows, TABLE_OPEN);
    assert_int_equal(t.ranking.count, 7);
    table_fold(&t, &rows, TABLE_FOLD_ALL);
    assert_order(&t, &rows, "+shop  lone +exam");
    table_fold(&t, &rows, TABLE_FOLD_NONE);
    assert_int_equal(t.ranking.count, 7);
    table_move(&t, &rows, MOVE_END);
    table_fold(&t, &rows, TABLE_TOGGLE); /* from below: closes what it stands under */
    assert_order(&t, &rows, "-shop |shop:cat `shop:dog  lone +exam");
    assert_int_equal(t.at, 4);
    table_release(&t);
    struct rows flat = fake_rows(&f);
    table_init(&t, 2, true);
    assert_false(table_fold(&t, &flat, TABLE_CLOSE));
    table_release(&t);
    mem_free(f.row);
}

static void many_rows__are__folded_at_first(void **state)
{
    (void)state;
    struct fake f;
    struct table t;
    plant(&f);
    for (int i = 0; i < 9; i++) {
        char name[24];
        snprintf(name, sizeof name, "exam:m%d", i);
        add(&f, name, i);
    }
    struct rows rows = tree_rows(&f);
    table_init(&t, 2, true);
    table_settle(&t, &rows);
    assert_order(&t, &rows, "-shop |shop:cat `shop:dog  lone +exam");
    t.page = 30;
    table_move(&t, &rows, MOVE_END);
    table_fold(&t, &rows, TABLE_OPEN);
    assert_int_equal(t.ranking.count, 16);
    table_release(&t);
    mem_free(f.row);
}

static void a_frozen_tree__is__a_tree(void **state)
{
    (void)state;
    struct fake f;
    struct table t;
    size_t left_out;
    plant(&f);
    struct rows rows = tree_rows(&f);
    table_init(&t, 2, true);
    table_settle(&t, &rows);
    struct frozen *frozen = frozen_take(&rows, t.width, t.ranking.index, t.ranking.count, &left_out);
    struct rows still = frozen_rows(frozen, NULL);
    t.dirty = true;
    table_settle(&t, &still);
    assert_int_equal(t.ranking.count, 7);
    assert_non_null(t.ranking.shape);
    assert_int_equal(t.ranking.shape[0], TREE_OPEN);
    assert_int_equal(t.ranking.shape[2], TREE_LAST);
    table_fold(&t, &still, TABLE_FOLD_ALL);
    assert_int_equal(t.ranking.count, 3);
    frozen_free(frozen);
    table_release(&t);
    mem_free(f.row);
}

/* What points at itself, at nothing or in a circle is shown or left out, and never walked without an end. */
static size_t wild_under(const void *ctx, const void *row)
{
    const struct fake *f = ctx;
    size_t i = (size_t)((const struct fake_row *)row - f->row);
    static const size_t under[] = {0, 2, 1, 99, SIZE_MAX, 4, 5};
    return under[i];
}

static void a_tree_with_rings__has__an_end(void **state)
{
    (void)state;
    struct fake f;
    struct table t;
    plant(&f);
    struct rows rows = tree_rows(&f);
    rows.under = wild_under;
    table_init(&t, 2, true);
    table_settle(&t, &rows);
    assert_true(t.ranking.count <= f.count);
    table_fold(&t, &rows, TABLE_FOLD_ALL);
    table_fold(&t, &rows, TABLE_FOLD_NONE);
    table_release(&t);
    mem_free(f.row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows__stand__behind_the_one_they_are_under),
        cmocka_unit_test(filter__shows__matches_with_what_they_stand_under),
        cmocka_unit_test(folding__hides_rows__and_the_cursor_stays_with_them),
        cmocka_unit_test(many_rows__are__folded_at_first),
        cmocka_unit_test(a_frozen_tree__is__a_tree),
        cmocka_unit_test(a_tree_with_rings__has__an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
