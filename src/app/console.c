#include "console.h"

#include "alert_commands.h"
#include "app.h"
#include "connect.h"
#include "curtain.h"
#include "doctor.h"
#include "hooks.h"
#include "keys.h"
#include "orders.h"
#include "tracing.h"

#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/num.h"

/* The platform's slowest requests end within a minute. */
#define WATCH_CONSOLE_US (60 * US_PER_S)

#define WAIT_US (500 * US_PER_MS) /* an answer that takes no longer is not spoken of */

/* The terminal has gone: as the signal says that usually comes with it. */
#define EXIT_GONE (128 + SIGHUP)

void console_end(struct console *c, int code)
{
    c->exit_code = code;
    ev_break(c->loop, EVBREAK_ALL);
}

/* --- frames --- */

static void watch_output(struct console *c)
{
    if (screen_busy(c->screen)) {
        ev_io_start(c->loop, &c->output);
    } else {
        ev_io_stop(c->loop, &c->output);
    }
}

static void draw(struct console *c)
{
    int width, height;
    screen_size(c->screen, &width, &height);
    if (width != c->grid.width || height != c->grid.height) {
        screen_resize(c->screen); /* here, so that a window which is dragged costs no more than its frames */
        grid_resize(&c->grid, width, height);
    }
    ui_draw(c->ui, &c->grid, c->changes);
    int64_t sent = (int64_t)screen_bytes_out(c->screen);
    enum screen_left left;
    if (!screen_draw_part(c->screen, &c->grid, pacer_most(&c->pacer), c->urgent, &left)) {
        return; /* the terminal still owes us room: the next turn tries again */
    }
    haste_shown(&c->haste, ui_question(c->ui), clock_mono_us());
    collect_look_at_workers(c->observer.collect, ui_looks_at_workers(c->ui));
    collect_look_at(c->observer.collect, ui_looks_at(c->ui));
    c->changes = 0;
    c->changed_us =
        left == SCREEN_LEFT_NOTHING ? -1 : c->changed_us; /* the rest of it is due as a change is */
    c->urgent = false;
    pacer_drawn(&c->pacer, sent, clock_mono_us(), left == SCREEN_LEFT_ASKED);
    if (!screen_pump(c->screen)) {
        console_end(c, EXIT_GONE);
    }
}

/* Between an order and its end nothing is silent: a server that hangs is waited for, and that is said. */
static void tell_waiting(struct console *c)
{
    char line[160] = "", age[32];
    int64_t silent_us = runner_silent_us(c->actor.runner);
    if (silent_us >= WAIT_US) {
        bool sent = runner_state(c->actor.runner) == RUNNER_RUNNING;
        snprintf(line, sizeof line, "%s: no answer for %s; %s", verb_name[c->verb],
                 human_seconds(silent_us / US_PER_S, age, sizeof age),
                 sent ? "what was sent may still happen" : "nothing was done yet; :stop gives it up");
    }
    ui_waiting(c->ui, line);
}

/* The one hook of each turn: what changed is judged and drawn here and nowhere else. */
static void on_turn(struct ev_loop *loop, ev_prepare *w, int events)
{
    (void)events;
    struct console *c = w->data;
    if (!c->screen || c->suspended) {
        return;
    }
    observer_tick(&c->observer);
    tracing_turn(c);
    hooks_turn(c);
    tell_waiting(c);
    c->changes |= model_take_changes(c->observer.model);
    if (c->awaited && (c->changes & (1u << TOPIC_PEEK)) && model_peek(c->observer.model)->complete) {
        c->awaited = false; /* the answer to a key, once: no frame is waited for */
        c->urgent = true;
    }
    int64_t now = clock_mono_us();
    if ((c->changes || ui_dirty(c->ui)) && c->changed_us < 0) {
        c->changed_us = now;
    }
    if (c->changed_us >= 0 && !screen_busy(c->screen)) {
        int64_t due = pacer_due_us(&c->pacer, c->changed_us, (int64_t)screen_bytes_out(c->screen));
        if (c->urgent || now >= due) {
            draw(c);
        } else if (!ev_is_active(&c->frame)) {
            ev_timer_set(&c->frame, (double)(due - now) / 1e6 + 0.0005, 0.);
            ev_timer_start(loop, &c->frame);
        }
    }
    watch_output(c);
}

static void on_frame(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)w;
    (void)events; /* waking up is all: the turn's hook draws */
}

/* Ages on the screen grow by themselves. */
static void on_tick(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    struct console *c = w->data;
    if (c->changed_us < 0) {
        c->changed_us = clock_mono_us();
    }
    if (c->bin) {
        bin_sweep(c->bin, clock_mono_us());
    }
}

/* --- input --- */

static void on_paste(void *ctx, struct span text)
{
    struct console *c = ctx;
    c->urgent = true;
    pacer_key(&c->pacer, clock_mono_us());
    ui_paste(c->ui, text);
}

static void on_input(struct ev_loop *loop, ev_io *w, int events)
{
    (void)events;
    struct console *c = w->data;
    int again_ms = 0;
    struct screen_input input = {keys_take, on_paste, c};
    if (!screen_read(c->screen, &input, &again_ms)) {
        console_end(c, EXIT_GONE);
        return;
    }
    ev_timer_stop(loop, &c->escape);
    if (again_ms > 0) {
        ev_timer_set(&c->escape, again_ms / 1000., 0.);
        ev_timer_start(loop, &c->escape);
    }
    const struct target *subject = ui_subject(c->ui);
    collect_want(c->observer.collect, subject);
}

static void on_escape(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    struct console *c = w->data;
    screen_flush_keys(c->screen, &(struct screen_input){keys_take, on_paste, c});
    collect_want(c->observer.collect, ui_subject(c->ui));
}

static void on_output(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    struct console *c = w->data;
    if (!screen_pump(c->screen)) {
        console_end(c, EXIT_GONE);
    }
}

/* --- signals --- */

static void resume(struct console *c)
{
    if (!screen_resume(c->screen)) {
        console_end(c, 128 + SIGTTOU); /* in the background for good */
    }
    c->changed_us = clock_mono_us();
    c->urgent = true;
}

static void suspend(struct console *c)
{
    screen_suspend(c->screen);
    c->suspended = true;
    ev_io_stop(c->loop, &c->input);
    ev_io_stop(c->loop, &c->output);
    raise(SIGSTOP);
    /* here again after SIGCONT */
    c->suspended = false;
    c->woken = true;
    ev_io_start(c->loop, &c->input);
    resume(c);
}

static void on_any_signal(struct ev_loop *loop, ev_signal *w, int events)
{
    (void)loop;
    (void)events;
    struct console *c = w->data;
    switch (w->signum) {
    case SIGWINCH:
        pacer_resized(&c->pacer);
        screen_repaint(c->screen);
        c->changed_us = clock_mono_us();
        break;
    case SIGTSTP:
        suspend(c);
        break;
    case SIGCONT: /* stopped from outside: the terminal may have been used meanwhile */
        if (c->woken) {
            c->woken = false;
            break;
        }
        resume(c);
        break;
    default:
        console_end(c, 128 + w->signum);
        break;
    }
}

static void watch_signals(struct console *c)
{
    static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        ev_signal_init(&c->on_signal[i], on_any_signal, signals[i]);
        c->on_signal[i].data = c;
        ev_set_priority(&c->on_signal[i], EV_MAXPRI); /* before keys: those typed while it was stopped go */
        ev_signal_start(c->loop, &c->on_signal[i]);
        ev_unref(c->loop);
    }
}

/* --- wiring --- */

static bool run_line(void *ctx, const char *line, struct err *err)
{
    struct console *c = ctx;
    /* The runner refuses every order too; here no form is opened for nothing. */
    unsigned required = option_on(&c->settings->options, OPTION_READ_ONLY) ? COMMAND_WATCH : 0;
    if (tracing_takes_line(c, line)) {
        return true;
    }
    if (!curtain_allows_line(c, line, err)) {
        return false;
    }
    if (!command_run(&c->commands, line, required, err)) {
        if (required && err->code == ERR_REFUSED && settings_read_only_why(c->settings)[0]) {
            struct err plain = *err; /* by what, so that somebody can undo it */
            err_set(err, ERR_REFUSED, "%s (%s)", plain.text, settings_read_only_why(c->settings));
        }
        return false;
    }
    if (c->quitting) {
        keys_leave(c);
    }
    return true;
}

void console_join_commands(struct command_set *set, struct console *c, struct settings *s)
{
    command_join(set, ui_commands, ui_commands_count, c ? c->ui : NULL);
    command_join(set, orders_commands, orders_commands_count, c);
    command_join(set, connect_commands, connect_commands_count, c);
    command_join(set, console_commands, console_commands_count, c);
    command_join(set, alert_commands, alert_commands_count, c);
    command_join(set, curtain_commands, curtain_commands_count, c);
    command_join(set, tracing_commands, tracing_commands_count, c);
    command_join(set, doctor_commands, doctor_commands_count, c);
    command_join(set, keymap_commands, keymap_commands_count, &s->keymap);
    command_join(set, template_commands, template_commands_count, &s->templates);
    command_join(set, settings_commands, settings_commands_count, s);
}

static bool wants_ascii(const struct settings *s)
{
    const char *when = option_text(&s->options, OPTION_ASCII);
    if (when && strcmp(when, "auto") != 0) {
        return strcmp(when, "on") == 0;
    }
    const char *charset = nl_langinfo(CODESET);
    return strcasecmp(charset, "UTF-8") != 0;
}

static int wanted_colors(const struct settings *s)
{
    const char *depth = option_text(&s->options, OPTION_COLOR);
    int64_t colors = -1; /* auto */
    if (depth && strcmp(depth, "mono") == 0) {
        colors = 0;
    } else if (depth) {
        num_i64(span_of(depth), &colors);
    }
    return (int)colors;
}

/* What was looked up may be untrue when the connection is back, and a question that appears by itself long
 * after the key that asked for it would be answered by accident. */
static void give_up_order(struct console *c, const struct link *l, const struct link_status *status)
{
    if (status->state == LINK_WAITING && c->actor.runner && runner_uses(c->actor.runner, l)) {
        runner_cut(c->actor.runner);
    }
}

static void on_act_state(void *user, const struct link_status *status)
{
    struct console *c = user;
    observer_link(&c->observer, LINK_ROLE_ACT, status);
    give_up_order(c, c->actor.act, status);
}

static void on_broker_state(void *user, const struct link_status *status)
{
    struct console *c = user;
    give_up_order(c, c->actor.broker, status);
}

static void read_on(void *ctx)
{
    struct console *c = ctx;
    collect_more(c->observer.collect);
}

static void start_watchers(struct console *c)
{
    ev_io_init(&c->input, on_input, screen_in_fd(c->screen), EV_READ);
    ev_io_init(&c->output, on_output, screen_out_fd(c->screen), EV_WRITE);
    ev_timer_init(&c->escape, on_escape, 0., 0.);
    ev_timer_init(&c->frame, on_frame, 0., 0.);
    ev_timer_init(&c->tick, on_tick, 1., 1.);
    keys_init(c);
    ev_prepare_init(&c->turn, on_turn);
    c->input.data = c->output.data = c->escape.data = c->frame.data = c->tick.data = c->turn.data = c;
    ev_io_start(c->loop, &c->input);
    ev_timer_start(c->loop, &c->tick);
    ev_prepare_start(c->loop, &c->turn);
    watch_signals(c);
}

static void stop_watchers(struct console *c)
{
    ev_io_stop(c->loop, &c->input);
    ev_io_stop(c->loop, &c->output);
    ev_timer_stop(c->loop, &c->escape);
    ev_timer_stop(c->loop, &c->frame);
    ev_timer_stop(c->loop, &c->tick);
    ev_timer_stop(c->loop, &c->leave);
    ev_prepare_stop(c->loop, &c->turn);
}

/* Last: from here on a signal ends the program as if the console had never been. */
static void unwatch_signals(struct console *c)
{
    for (size_t i = 0; i < sizeof c->on_signal / sizeof c->on_signal[0]; i++) {
        ev_ref(c->loop);
        ev_signal_stop(c->loop, &c->on_signal[i]);
    }
}

static void tell_own_reads(void *ctx, struct other_reads *ret)
{
    const struct console *c = ctx;
    const struct actor *a = &c->actor;
    *ret = (struct other_reads){.celery_misses = runner_own_celery_misses(a->runner)};
    actor_load(a, &ret->sent, &ret->pending);
    runner_own_reads(a->runner, &ret->hits, &ret->misses);
}

/* Whether it is one of the acting links: collect knows its own. */
static bool owns_client(void *ctx, int64_t id)
{
    const struct console *c = ctx;
    return actor_owns_client(&c->actor, id);
}

/* The same the other way round. */
static bool watches_with(void *ctx, int64_t id)
{
    const struct console *c = ctx;
    return collect_owns_client(c->observer.collect, id);
}

/* The acting side; what it does and hears is told to the observing one. */
static void start_actor(struct console *c)
{
    struct runner_options callbacks = {.ctx = c};
    orders_callbacks(c, &callbacks);
    callbacks.owns_client = watches_with;
    c->bin = callbacks.bin = orders_bin(c->settings);
    callbacks.watch_us = settings_watch_us(c->settings, WATCH_CONSOLE_US);
    actor_init(&c->actor, c->loop, c->settings, &callbacks, on_act_state, on_broker_state, c);
    if (!c->actor.journal && c->actor.journal_error.code) {
        ui_message(c->ui, ROLE_WARNING, c->actor.journal_error.text);
    }
    c->observer.on_key_event = orders_key_event;
    c->observer.ctx = c;
    link_tap(c->actor.act, collect_sent, c->observer.collect);
    collect_other_reads(c->observer.collect, tell_own_reads, c);
    collect_other_clients(c->observer.collect, owns_client, c);
}

/* After the loop: what has been started ends in the order that leaves no callback without its object. */
static void take_down(struct console *c)
{
    stop_watchers(c);
    screen_stop(c->screen);
    c->screen = NULL;
    unwatch_signals(c);
    hooks_stop(c);
    c->observer.on_key_event = NULL;
    collect_other_reads(c->observer.collect, NULL, NULL);
    collect_other_clients(c->observer.collect, NULL, NULL);
    actor_release(&c->actor);
    observer_release(&c->observer);
    connect_forget(c);
    utarray_clear(&c->settings->history);
    ui_history(c->ui, &c->settings->history);
    ui_free(c->ui);
    order_release(&c->revoke);
    target_release(&c->form_key);
    for (size_t i = 0; i < ALERTS_CHOSEN_MAX; i++) {
        target_release(&c->alert_chosen[i]);
    }
    orders_enqueue_forget(c);
    bin_free(c->bin);
    grid_release(&c->grid);
}

int console_on(struct settings *s, struct ev_loop *loop)
{
    struct console c = {.settings = s, .loop = loop, .changed_us = clock_mono_us(), .urgent = true};
    pacer_init(&c.pacer, STDOUT_FILENO, c.changed_us);
    struct err err;
    veil_init(&c.veil);
    const char *theme = option_text(&s->options, OPTION_THEME);
    if (theme && !palette_load(&s->palette, theme, &err)) {
        complain(&err);
        return EXIT_USAGE;
    }
    if (!hooks_start(&c, &err)) {
        complain(&err);
        return EXIT_USAGE;
    }
    c.screen = screen_start(&(struct screen_options){.in_fd = STDIN_FILENO,
                                                     .out_fd = STDOUT_FILENO,
                                                     .colors = wanted_colors(s),
                                                     .palette = &s->palette},
                            &err);
    if (!c.screen) {
        hooks_stop(&c);
        complain(&err);
        return EXIT_USAGE;
    }
    grid_init(&c.grid);
    order_init(&c.revoke, VERB_REVOKE_TASK);
    c.grid.ascii = wants_ascii(s);
    c.ui = ui_new(&(struct ui_options){.keymap = &s->keymap,
                                       .commands = &c.commands,
                                       .run = run_line,
                                       .complete = completion_line,
                                       .more = read_on,
                                       .password = connect_password,
                                       .ctx = &c,
                                       .ascii = c.grid.ascii});
    ui_recall(c.ui, &s->history);
    ui_set_model(c.ui, s->model);
    if (option_on(&s->options, OPTION_CURTAIN)) {
        curtain_draw(&c, true);
        ui_message(c.ui, ROLE_INFO, "the curtain is drawn: '!' lifts it");
    }
    console_join_commands(&c.commands, &c, s);
    if (s->refused.code != ERR_NONE) {
        err_prefix(&s->refused, "connect: still here");
        ui_message(c.ui, ROLE_WARNING, s->refused.text);
        s->refused.code = ERR_NONE;
    } else if (s->back_url) {
        ui_message(c.ui, ROLE_INFO, ":connect - goes back to where you came from");
    }
    observer_init(&c.observer, loop, s);
    start_actor(&c);
    hooks_check(&c);
    observer_start(&c.observer);
    curtain_title(&c);
    start_watchers(&c);
    ev_run(loop, 0);
    take_down(&c);
    return c.exit_code;
}

bool console_possible(struct err *err)
{
    static const char *const stream[] = {"standard input", "standard output"};
    for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++) {
        if (!isatty(fd)) {
            return err_set(
                err, ERR_USAGE,
                "%s is no terminal: the console needs a terminal; `redai-console snapshot` prints the "
                "same once",
                stream[fd]);
        }
    }
    const char *term = getenv("TERM");
    if (term && strcmp(term, "dumb") == 0) {
        return err_set(
            err, ERR_USAGE,
            "TERM=dumb: the console needs a terminal that can place the cursor (if this one can, say "
            "TERM=vt100); `redai-console snapshot` prints the same once");
    }
    return true;
}

int console_run(struct settings *s, const UT_array *args)
{
    struct err err;
    if (!args_take_url(s, args, 0)) {
        return EXIT_USAGE;
    }
    if (!console_possible(&err)) {
        complain(&err);
        return EXIT_USAGE;
    }
    int code = console_on(s, ev_default_loop(0));
    while (s->next_url) {
        if (!settings_move_or_stay(s, &err)) {
            complain(&err);
            return EXIT_USAGE;
        }
        code = console_on(s, ev_default_loop(0));
    }
    return code;
}
