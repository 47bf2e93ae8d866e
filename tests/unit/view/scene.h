/* scene: a console on a model that is told facts, drawn on a grid after each key. */
#ifndef REDAI_TESTS_UNIT_VIEW_SCENE_H
#define REDAI_TESTS_UNIT_VIEW_SCENE_H

#include "golden/golden.h"
#include "support/unit.h"

#define SCENE_WALL_US INT64_C(1795399800000000) /* wall time at monotonic 0 */

struct scene {
    struct model *m;
    struct console *console;
    struct grid g;
    int64_t now_us;
};

/* Applies a fact at the present time: "session id=a user_id=7"; fails the test when it is not understood. */
void scene_tell(struct scene *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The console on the model as it is, drawn for the first time. */
void scene_open(struct scene *s, int width, int height);
void scene_release(struct scene *s);
void frame(struct scene *s);
/* Names of keys, separated by blanks; a frame after each. */
void press(struct scene *s, const char *names);
bool shows(const struct scene *s, const char *text);

#endif
