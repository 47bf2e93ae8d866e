/* timer: a one-shot timer on the loop, for rooms that wait (collect, action, demo) without knowing libev. */
#ifndef REDAI_LINK_TIMER_H
#define REDAI_LINK_TIMER_H

#include <stdint.h>

struct ev_loop;
struct timer;

struct timer *timer_new(struct ev_loop *loop, void (*fn)(void *user), void *user);
void timer_free(struct timer *t); /* NULL is fine; also from within its own callback */
/* Fires once after us from now; setting again moves it; us < 0 stops it. */
void timer_set(struct timer *t, int64_t us);

#endif
