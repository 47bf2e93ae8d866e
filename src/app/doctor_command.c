#include "doctor.h"

static bool do_doctor(void *ctx, const struct words *w, struct err *err)
{
    struct console *c = ctx;
    (void)w;
    if (!collect_doctor(c->observer.collect, err)) {
        return false;
    }
    ui_show_doctor(c->ui);
    return true;
}

bool doctor_refresh(struct console *c, struct err *err)
{
    return ui_shows_doctor(c->ui) && collect_doctor(c->observer.collect, err);
}

const struct command doctor_commands[] = {
    {"doctor", "",
     "ask how the server, Celery and this user's rights are set up, and say what is wrong and the way out", 0,
     0, COMMAND_WATCH | COMMAND_SCREEN, do_doctor, NULL},
};
const size_t doctor_commands_count = sizeof doctor_commands / sizeof doctor_commands[0];
