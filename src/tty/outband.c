/* What goes to the terminal beside the grid: clipboard, title, bell. Whole sequences between whole frames. */
#include "screen_priv.h"

#include "redai/base/base64.h"
#include "redai/base/utf8.h"

enum { COPY_BYTES = 64 * 1024, TITLE_COLUMNS = 120, QUEUE_MAX = 1 << 20 };

/* A terminal that stalls must not gather a heap of titles. */
static bool has_room(const struct screen *s)
{
    return !s->suspended && !s->gone && utstring_len(&s->queue) < QUEUE_MAX;
}

void screen_copy(struct screen *s, struct span text)
{
    if (!s->osc || !has_room(s)) {
        return;
    }
    UT_string command;
    utstring_init(&command);
    text_add(&command, S("\033]52;c;"));
    base64_encode(span_head(text, COPY_BYTES), &command);
    text_add(&command, S("\a"));
    if (s->multiplexer != SCREEN_IN_SCREEN) {
        screen_queue(s, text_span(&command)); /* tmux takes it where set-clipboard is on */
    }
    if (s->multiplexer == SCREEN_IN_TMUX) { /* and passes this on where allow-passthrough is */
        screen_queue(s, S("\033Ptmux;\033"));
        screen_queue(s, text_span(&command));
        screen_queue(s, S("\033\\"));
    } else if (s->multiplexer == SCREEN_IN_SCREEN) {
        screen_queue(s, S("\033P"));
        screen_queue(s, text_span(&command));
        screen_queue(s, S("\033\\"));
    }
    utstring_done(&command);
    screen_pump(s);
}

void screen_send_title(struct screen *s)
{
    UT_string command;
    if (!s->title) {
        return;
    }
    utstring_init(&command);
    text_add(&command, S("\033]2;"));
    utf8_sanitise(span_of(s->title), TITLE_COLUMNS, &command);
    text_add(&command, S("\a"));
    screen_queue(s, text_span(&command));
    utstring_done(&command);
    screen_pump(s);
}

void screen_title(struct screen *s, const char *title)
{
    if (s->osc && has_room(s) && !(s->title && strcmp(s->title, title) == 0)) {
        mem_replace(&s->title, title);
        screen_send_title(s);
    }
}

void screen_bell(struct screen *s)
{
    if (has_room(s)) {
        screen_queue(s, S("\a"));
        screen_pump(s);
    }
}
