/* haste: whether keys come faster than a person types. A terminal that does not mark a paste as one sends it
 * as keys; a question is not answered by such. A key held down repeats about thirty times a second, and one
 * typed on what another has opened takes longer than a line needs for two bytes. Honest limits: a machine
 * that types as slowly as a person is a person. */
#ifndef REDAI_APP_HASTE_H
#define REDAI_APP_HASTE_H

#include <stdbool.h>
#include <stdint.h>

#define HASTE_CLOSE_US INT64_C(20000) /* between two keys that nobody has typed */

struct haste {
    int64_t key_us;    /* the newest key; 0 none */
    int64_t level_us;  /* keys that have not been outlived yet, in time that they would have taken */
    bool close;        /* the newest came right behind another */
    int run;           /* behind so many, each right behind the one before */
    bool burst;        /* too many have come, and no silence since */
    unsigned question; /* that is on the screen; 0: none */
    int64_t shown_us;  /* since when */
    bool blind;        /* the newest was typed before anybody can have seen that question */
};

void haste_key(struct haste *h, int64_t now_us);
/* A frame with that question has left for the terminal. A key that the kernel had taken before comes right
 * behind it, however long ago it was typed. */
void haste_shown(struct haste *h, unsigned question, int64_t now_us);

#endif
