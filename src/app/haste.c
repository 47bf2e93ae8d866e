#include "haste.h"

#include "redai/base/clock.h"

enum { RUN_MOST = 1000 };
#define KEY_US     (US_PER_S / 60) /* twice as fast as a key that is held down */
#define BURST_US   (32 * KEY_US)
#define SILENCE_US (300 * US_PER_MS)
#define BLIND_US   (50 * US_PER_MS) /* a third of what the quickest eye and hand need */

void haste_key(struct haste *h, int64_t now_us)
{
    int64_t past = h->key_us ? now_us - h->key_us : SILENCE_US;
    h->close = past < HASTE_CLOSE_US;
    h->blind = h->question && now_us - h->shown_us < BLIND_US;
    h->run = !h->close ? 0 : h->run < RUN_MOST ? h->run + 1 : RUN_MOST;
    h->burst = h->burst && past < SILENCE_US;
    h->level_us = past < h->level_us ? h->level_us - past : 0;
    h->level_us += KEY_US;
    if (h->level_us > BURST_US) {
        h->level_us = BURST_US;
        h->burst = true;
    }
    h->key_us = now_us;
}

void haste_shown(struct haste *h, unsigned question, int64_t now_us)
{
    if (question != h->question) {
        h->question = question;
        h->shown_us = now_us;
    }
}
