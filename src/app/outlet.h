/* outlet: standard output for one that must not stand still: what is handed over is written as fast as its
 * reader takes it, and never waited for. The description that others share is not changed: a pipe or terminal
 * is opened anew, a socket asked not to wait; a file takes all at once. Private to app. */
#ifndef REDAI_APP_OUTLET_H
#define REDAI_APP_OUTLET_H

#include "redai/base/container.h"

enum outlet_kind { OUTLET_FILE, OUTLET_OWN, OUTLET_SOCKET, OUTLET_SHARED };

struct outlet {
    int fd;
    enum outlet_kind kind;
    bool pipe; /* its reader's end is noticed while nothing is written, too: watch fd for EV_READ */
    bool gone;
    UT_string waiting;
    size_t sent;
};

void outlet_open(struct outlet *o, int fd);
void outlet_close(struct outlet *o);
bool outlet_busy(const struct outlet *o); /* bytes still wait: watch fd for EV_WRITE, then outlet_pump */
void outlet_put(struct outlet *o, struct span bytes);
/* False: nobody reads any more, or it cannot be written. */
bool outlet_pump(struct outlet *o);

#endif
