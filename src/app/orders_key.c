/* orders_key: what is asked of the key that is open: its TTL by a form, staying, going. */
#include "orders.h"

/* The key under the cursor, or that the page is about. */
static bool selected_key(struct console *c, const char *verb, struct target *ret, struct err *err)
{
    struct target t[1] = {{.kind = TARGET_NONE}};
    if (ui_selection(c->ui, t, 1) && t[0].kind == TARGET_KEY) {
        *ret = t[0];
        return true;
    }
    target_release(&t[0]);
    return err_set(err, ERR_USAGE, "%s: open a key first, or name one (:key NAME opens it)", verb);
}

static bool submit_ttl(void *ctx, const char *const *value, size_t count, struct err *err)
{
    struct console *c = ctx;
    struct order o;
    UT_string line;
    struct words w;
    (void)count;
    /* The time is read as the command reads it; the key, which may hold any byte, is put in afterwards. */
    utstring_init(&line);
    text_add(&line, S("expire key"));
    orders_add_word(&line, "", value[0]);
    words_init(&w);
    bool ok = words_parse(&w, utstring_body(&line), err) &&
              order_parse(&o, &w, &c->settings->templates, &c->settings->routes, err);
    words_release(&w);
    utstring_done(&line);
    if (!ok) {
        return false;
    }
    utarray_clear(&o.target);
    order_add(&o, TARGET_KEY, target_id(&c->form_key));
    return orders_give(c, &o, err);
}

static bool ttl_form(struct console *c, struct err *err)
{
    static const struct ui_field field = {
        "time", "", "a time like 90, 10m or 2h from now; :persist removes the TTL", NULL};
    target_release(&c->form_key);
    if (!selected_key(c, "expire", &c->form_key, err)) {
        return false;
    }
    ui_show_form(c->ui, &(struct ui_form){.title = "set how long the key stays",
                                          .count = 1,
                                          .field = &field,
                                          .submit = submit_ttl,
                                          .ctx = c});
    return true;
}

bool orders_key(struct console *c, enum verb verb, const struct words *w, struct err *err)
{
    struct order o;
    struct target key = {.kind = TARGET_NONE};
    if (words_count(w) > 1) {
        return orders_run(c, w, err);
    }
    if (verb == VERB_EXPIRE) {
        return ttl_form(c, err);
    }
    if (!selected_key(c, verb_name[verb], &key, err)) {
        return false;
    }
    order_init(&o, verb);
    order_add(&o, TARGET_KEY, target_id(&key));
    target_release(&key);
    return orders_give(c, &o, err);
}
