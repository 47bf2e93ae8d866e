#include "keys.h"

#include "app.h"

#include "redai/base/clock.h"

#include "redai/conf/key.h"

#define SURPRISE_US US_PER_S /* to see that there is a question, and what it asks */
#define CONTROL_C   3u
enum { LETTERS = 2 }; /* Esc and a key reach us together over a slow line; a word is longer */

/* A question that had been waited for. */
static bool came_just_now(const struct console *c)
{
    return c->late_us && clock_mono_us() - c->late_us < SURPRISE_US;
}

static bool is_no_answer(const struct console *c, uint32_t key)
{
    switch (ui_asks(c->ui)) {
    case UI_ASKS_KEY:
        return key == 'y' && (c->haste.close || c->haste.burst || c->haste.blind || came_just_now(c));
    case UI_ASKS_WORD:
        return key == KEY_CODE_ENTER && c->haste.burst;
    default:
        return false;
    }
}

static void stay(struct console *c)
{
    ev_timer_stop(c->loop, &c->leave);
    c->quitting = false;
    ui_message(c->ui, ROLE_WARNING,
               "that came faster than anybody types: taken for a paste, the console stays");
}

static void on_leave(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    console_end(w->data, EXIT_OK);
}

void keys_init(struct console *c)
{
    ev_timer_init(&c->leave, on_leave, 0., 0.);
    c->leave.data = c;
}

/* Ctrl-C is no text. */
void keys_leave(struct console *c)
{
    bool typed = c->key == KEY_CODE_ENTER; /* in the prompt: its letters were close too */
    if (c->key == CONTROL_C || c->settings->next_url) {
        console_end(c, EXIT_OK);
    } else if (c->haste.burst || (c->haste.run >= LETTERS && !typed)) {
        stay(c);
    } else {
        ev_timer_set(&c->leave, HASTE_CLOSE_US / 1e6, 0.);
        ev_timer_start(c->loop, &c->leave);
    }
}

void keys_take(void *console, uint32_t key)
{
    struct console *c = console;
    int64_t now = clock_mono_us();
    c->urgent = true;
    c->awaited = true;
    pacer_key(&c->pacer, now);
    haste_key(&c->haste, now);
    c->key = key;
    c->moved_on = true;
    if (c->quitting) { /* what leaves is the last key: this one came right behind it */
        stay(c);
    }
    if (is_no_answer(c, key)) {
        ui_message(c->ui, ROLE_WARNING,
                   c->haste.close || c->haste.burst
                       ? "that came faster than anybody types: taken for a paste, nothing is answered"
                   : c->haste.blind ? "that was typed before the question could be read: nothing is answered"
                                    : "the question came only now: read it, then answer");
        return;
    }
    ui_key(c->ui, key);
}
