#include "pacer.h"

#include <stddef.h>
#include <termios.h>

#include "redai/base/clock.h"

#define QUIET_US        (20 * US_PER_MS)
#define FRAME_US        (100 * US_PER_MS)
#define FRAME_MAX_US    US_PER_S
#define SLOW_MAX_US     (5 * US_PER_S)
#define TYPING_US       (1500 * US_PER_MS)
#define OPENING_US      (500 * US_PER_MS)
#define RESIZE_FRAME_US (50 * US_PER_MS)

enum {
    CALM_BYTES_PER_S = 700,
    BITS_A_BYTE = 10,
    ANSWERS_SHARE = 2,
    MARGIN_SHARE = 8, /* no line is as fast as it says */
    OPENING_SHARE = 8
};

/* Only lines slower than what a pseudo-terminal claims to be. */
static const struct {
    speed_t code;
    int64_t bits_per_s;
} speeds[] = {{B300, 300},   {B600, 600},   {B1200, 1200}, {B1800, 1800},
              {B2400, 2400}, {B4800, 4800}, {B9600, 9600}, {B19200, 19200}};

static int64_t line_bytes_per_s(int fd)
{
    struct termios modes;
    if (tcgetattr(fd, &modes) == 0) {
        for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
            if (cfgetospeed(&modes) == speeds[i].code) {
                return speeds[i].bits_per_s / BITS_A_BYTE;
            }
        }
    }
    return INT64_MAX;
}

void pacer_init(struct pacer *p, int out_fd, int64_t now_us)
{
    int64_t line = line_bytes_per_s(out_fd);
    line -= line < INT64_MAX ? line / MARGIN_SHARE : 0;
    *p = (struct pacer){.begun_us = now_us, .key_us = now_us - TYPING_US, .line_per_s = line};
}

void pacer_key(struct pacer *p, int64_t now_us)
{
    p->key_us = now_us;
}

/* When a slow line is through with all that was sent so far. */
static int64_t through_us(const struct pacer *p, int64_t sent)
{
    int64_t from_us = p->free_us > p->drawn_us ? p->free_us : p->drawn_us;
    return from_us + (sent - p->drawn_from) * US_PER_S / p->line_per_s;
}

void pacer_drawn(struct pacer *p, int64_t sent_before, int64_t now_us, bool asked)
{
    p->free_us = through_us(p, sent_before);
    p->asked = asked;
    p->drawn_from = sent_before;
    p->drawn_us = now_us;
    p->resized = false;
}

static bool is_slow(const struct pacer *p)
{
    return p->line_per_s < INT64_MAX; /* haste would only stand in a queue there */
}

size_t pacer_most(const struct pacer *p)
{
    return is_slow(p) ? (size_t)(p->line_per_s * FRAME_US / US_PER_S) : SIZE_MAX;
}

static int64_t rest_us(const struct pacer *p, int64_t changed_us, int64_t sent)
{
    int64_t rest = (sent - p->drawn_from) * US_PER_S / CALM_BYTES_PER_S;
    if (rest < FRAME_US || changed_us - p->key_us < TYPING_US) {
        return FRAME_US;
    }
    return rest > FRAME_MAX_US ? FRAME_MAX_US : rest;
}

/* Half of the line is left to answers, by a rest behind each frame as long as the frame itself takes; there
 * is none for what somebody waits for. What stands in the line before it counts, whoever asked for that. */
static int64_t slow_due_us(const struct pacer *p, int64_t sent)
{
    int64_t through = through_us(p, sent);
    int64_t rest = p->asked ? 0 : (sent - p->drawn_from) * US_PER_S / p->line_per_s * (ANSWERS_SHARE - 1);
    int64_t due = through + (rest < SLOW_MAX_US ? rest : SLOW_MAX_US);
    return due > p->drawn_us + FRAME_US ? due : p->drawn_us + FRAME_US;
}

void pacer_resized(struct pacer *p)
{
    p->resized = true;
}

static int64_t resize_rest_us(const struct pacer *p, int64_t sent)
{
    int64_t rest = sent - p->drawn_from; /* a microsecond a byte */
    return rest < RESIZE_FRAME_US ? RESIZE_FRAME_US : rest > FRAME_MAX_US ? FRAME_MAX_US : rest;
}

/* The first picture fills in as fast as answers come: frames rest a share of the time since the start, so
 * that they are some thirty to forty in the first half second, half of them in its first tenth. */
static int64_t opening_rest_us(const struct pacer *p, int64_t changed_us)
{
    return (changed_us - p->begun_us) / OPENING_SHARE;
}

int64_t pacer_due_us(const struct pacer *p, int64_t changed_us, int64_t sent)
{
    if (p->resized) {
        return p->drawn_us + resize_rest_us(p, sent);
    }
    bool opening = changed_us - p->begun_us < OPENING_US && !is_slow(p);
    int64_t quiet_us = changed_us + (opening ? 0 : QUIET_US);
    int64_t rested_us =
        is_slow(p) ? slow_due_us(p, sent)
                   : p->drawn_us + (opening ? opening_rest_us(p, changed_us) : rest_us(p, changed_us, sent));
    return quiet_us > rested_us ? quiet_us : rested_us;
}
