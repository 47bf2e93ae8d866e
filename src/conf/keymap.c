#include "redai/conf/keymap.h"

#include "lookup.h"

#include <stdlib.h>

#include "redai/conf/key.h"

/* Pane names are part of the configuration language; view has a pane for each. */
static const char *const pane_names[] = {"all",    "sessions", "cache",   "queues", "batches",
                                         "alerts", "tasks",    "workers", "server"};
enum { PANE_COUNT = sizeof pane_names / sizeof pane_names[0] };
#define PANE_CHOICES "all sessions cache queues batches alerts tasks workers server"

static void row_release(void *slot)
{
    struct keymap_row *row = slot;
    mem_free(row->pane);
    mem_free(row->line);
    mem_free(row->note);
}

static const UT_icd row_icd = {sizeof(struct keymap_row), NULL, NULL, row_release};

void keymap_init(struct keymap *map)
{
    utarray_init(&map->row, &row_icd);
}

void keymap_release(struct keymap *map)
{
    utarray_done(&map->row);
}

static struct keymap_row *row_at(const struct keymap *map, size_t i)
{
    return &((struct keymap_row *)(void *)map->row.d)[i];
}

/* Index of the row for exactly this pane and key; the number of rows when there is none. */
static size_t row_index(const struct keymap *map, const char *pane, uint32_t key)
{
    size_t i = 0;
    while (i < utarray_len(&map->row) &&
           (row_at(map, i)->key != key || strcmp(row_at(map, i)->pane, pane) != 0)) {
        i++;
    }
    return i;
}

static bool check_pane(const char *pane, struct err *err)
{
    for (size_t i = 0; i < PANE_COUNT; i++) {
        if (strcmp(pane_names[i], pane) == 0) {
            return true;
        }
    }
    return err_set(err, ERR_USAGE, "unknown pane \"%s\", expected one of: %s", conf_shown(pane).text,
                   PANE_CHOICES);
}

bool keymap_check_pane(const char *pane, struct err *err)
{
    if (strcmp(pane, "all") == 0) {
        return err_set(err, ERR_USAGE, "\"all\" is no pane, expected one of: %s",
                       &PANE_CHOICES[sizeof "all"]);
    }
    return check_pane(pane, err);
}

bool keymap_bind(struct keymap *map, const char *pane, const char *key, const char *line, const char *note,
                 struct err *err)
{
    uint32_t code;
    if (!check_pane(pane, err)) {
        return false;
    }
    if (!key_parse(key, &code)) {
        return err_set(
            err, ERR_USAGE,
            "unknown key \"%s\", expected a letter or a name like Space, Enter, Esc, PgDn, F1, C-d",
            conf_shown(key).text);
    }
    size_t at = row_index(map, pane, code);
    bool known = at < utarray_len(&map->row);
    if (!line || !*line) {
        if (known) {
            utarray_erase(&map->row, at, 1);
        }
        return true;
    }
    if (known) {
        mem_replace(&row_at(map, at)->line, line);
        mem_replace(&row_at(map, at)->note, note ? note : "");
        return true;
    }
    struct keymap_row row = {mem_strdup(pane), code, mem_strdup(line), mem_strdup(note ? note : "")};
    utarray_push_back(&map->row, &row);
    return true;
}

const struct keymap_row *keymap_find(const struct keymap *map, const char *pane, uint32_t key)
{
    size_t at = pane ? row_index(map, pane, key) : utarray_len(&map->row);
    if (at == utarray_len(&map->row)) {
        at = row_index(map, "all", key);
    }
    return at < utarray_len(&map->row) ? row_at(map, at) : NULL;
}

uint32_t keymap_key_for(const struct keymap *map, const char *pane, const char *line)
{
    for (size_t i = 0; i < utarray_len(&map->row); i++) {
        const struct keymap_row *row = row_at(map, i);
        /* A row of "all" does not count where the pane itself uses the key otherwise. */
        if (strcmp(row->line, line) == 0 && keymap_find(map, pane, row->key) == row) {
            return row->key;
        }
    }
    return 0;
}

/* --- commands --- */

static bool exec_bind(void *ctx, const struct words *w, struct err *err)
{
    return keymap_bind(ctx, words_at(w, 1), words_at(w, 2), words_at(w, 3), words_at(w, 4), err);
}

static bool exec_unbind(void *ctx, const struct words *w, struct err *err)
{
    return keymap_bind(ctx, words_at(w, 1), words_at(w, 2), "", "", err);
}

const struct command keymap_commands[] = {
    {
        .name = "bind",
        .usage = "PANE KEY LINE [NOTE]",
        .help = "let a key run a command line, in one pane or in all",
        .min_args = 3,
        .max_args = 4,
        .flags = COMMAND_WATCH | COMMAND_CONFIG,
        .exec = exec_bind,
        .choices = PANE_CHOICES,
    },
    {
        .name = "unbind",
        .usage = "PANE KEY",
        .help = "take a key's command away",
        .min_args = 2,
        .max_args = 2,
        .flags = COMMAND_WATCH | COMMAND_CONFIG,
        .exec = exec_unbind,
        .choices = PANE_CHOICES,
    },
};
const size_t keymap_commands_count = sizeof keymap_commands / sizeof keymap_commands[0];
