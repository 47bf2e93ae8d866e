/* entry_form: labelled fields to fill in. Tab completes what can be completed, otherwise it and the arrows
 * move; Enter goes on and on the last field submits. */
#ifndef VIEW_ENTRY_FORM_H
#define VIEW_ENTRY_FORM_H

#include "offers.h"

#include "redai/view/ui.h"

enum { FORM_FIELDS_MAX = 12 };

struct entry_form {
    bool open;
    unsigned generation;
    char *title;
    size_t count, at;
    struct {
        char *label, *hint;
        struct edit edit;
        bool (*complete)(void *ctx, const char *text, UT_array *out);
    } field[FORM_FIELDS_MAX];
    bool (*submit)(void *ctx, const char *const *value, size_t count, struct err *err);
    void *ctx;
    char error[320];
    struct offers offers; /* of the field in hand */
};

void entry_form_init(struct entry_form *f);
void entry_form_release(struct entry_form *f);
void entry_form_show(struct entry_form *f, const struct ui_form *form);
void entry_form_close(struct entry_form *f);
void entry_form_key(struct entry_form *f, uint32_t key);
void entry_form_paste(struct entry_form *f, struct span text);
void entry_form_draw(struct entry_form *f, struct grid *g);

#endif
