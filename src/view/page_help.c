/* The help: the keys as they are bound, the columns of the pane one looks at, every command. Nothing here is
 * typed twice: all of it comes from the tables that do the work. */
#include "page.h"
#include "texts.h"

#include <stdio.h>

#include "redai/conf/key.h"

static const struct keymap_row *row_at(const struct keymap *map, size_t i)
{
    return &((const struct keymap_row *)(const void *)map->row.d)[i];
}

static bool is_for(const struct keymap_row *row, const char *pane)
{
    return strcmp(row->pane, "all") == 0 || strcmp(row->pane, pane) == 0;
}

/* True when an earlier row of this pane runs the same line: its keys stand there. */
static bool told_before(const struct keymap *map, const char *pane, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (is_for(row_at(map, k), pane) && strcmp(row_at(map, k)->line, row_at(map, i)->line) == 0) {
            return true;
        }
    }
    return false;
}

static void add_keys(struct document *d, const struct keymap *map, const char *pane)
{
    document_heading(d, "keys");
    for (size_t i = 0; i < utarray_len(&map->row); i++) {
        const struct keymap_row *row = row_at(map, i);
        char keys[80] = "";
        size_t used = 0;
        if (!is_for(row, pane) || told_before(map, pane, i)) {
            continue;
        }
        for (size_t k = i; k < utarray_len(&map->row) && used + 18 < sizeof keys; k++) {
            const struct keymap_row *same = row_at(map, k);
            char name[16];
            if (is_for(same, pane) && strcmp(same->line, row->line) == 0 &&
                keymap_find(map, pane, same->key) == same) {
                key_name(same->key, name);
                used += (size_t)snprintf(keys + used, sizeof keys - used, "%s%s", used ? " " : "", name);
            }
        }
        if (used) {
            struct document_line *line = document_ownf(d, keys, ROLE_VALUE, "%s  (:%s)",
                                                       row->note[0] ? row->note : row->line, row->line);
            line->label_role = ROLE_KEY;
        }
    }
}

static void add_columns(struct document *d, const struct pane_ops *pane)
{
    char heading[80];
    snprintf(heading, sizeof heading, "columns of %s", pane->name);
    document_heading(d, heading);
    for (size_t i = 0; i < pane->columns; i++) {
        const struct column *c = &pane->column[i];
        document_own(d, c->title[0] ? c->title : "(mark)", ROLE_VALUE, c->help);
    }
}

static void add_filter(struct document *d)
{
    document_heading(d, "filter");
    document_own(d, "admin", ROLE_VALUE, "rows with these letters in any column of words");
    document_own(d, "state:failed", ROLE_VALUE, "in that column only; name is the task's, exception the why");
    document_own(d, "name:generate*", ROLE_VALUE, "* any letters, ? one: from a word's beginning to the end");
    document_own(d, "state=failed", ROLE_VALUE, "all of the text, or that number");
    document_own(d, "age>5m", ROLE_VALUE,
                 "larger or smaller (<, >=, <=) than a number or a time; also age:>5m");
    document_own(d, "worker:\"a b\"", ROLE_VALUE, "a value with blanks");
    document_own(d, "!admin", ROLE_VALUE, "rows without it");
    document_own(d, "admin !anna", ROLE_VALUE, "several words must all fit");
}

static void add_signs(struct document *d)
{
    document_heading(d, "signs");
    document_own(d, ">", ROLE_VALUE, "the row under the cursor; * a marked one");
    document_own(d, "?", ROLE_VALUE, "not known: it was not read or could not be");
    document_own(d, "~", ROLE_VALUE, "in front: reckoned, not counted; behind: cut to fit");
    document_own(d, "!", ROLE_VALUE, "needs a look; !! badly");
    document_own(d, "stale 12 s", ROLE_VALUE, "the data is that old; no newer could be read");
}

static void add_commands(struct document *d, const struct command_set *set)
{
    document_heading(d, "commands, after :");
    for (size_t t = 0; set && t < set->count; t++) {
        for (size_t i = 0; i < set->table[t].count; i++) {
            const struct command *c = &set->table[t].rows[i];
            if (c->flags & COMMAND_HIDDEN) {
                continue;
            }
            document_own(d, c->name, ROLE_VALUE, c->help);
            if (c->usage[0]) {
                document_ownf(d, "", ROLE_DIM, "    :%s %s", c->name, c->usage);
            }
        }
    }
}

void page_fill_help(struct page *p, const struct keymap *keymap, const struct command_set *commands,
                    const struct pane_ops *pane)
{
    document_begin(&p->doc);
    snprintf(p->title, sizeof p->title, "help: %s", pane->name);
    snprintf(p->remark, sizeof p->remark, "/ searches, Esc closes");
    p->filled = true;
    add_keys(&p->doc, keymap, pane->name);
    add_columns(&p->doc, pane);
    add_filter(&p->doc);
    add_signs(&p->doc);
    add_commands(&p->doc, commands);
}
