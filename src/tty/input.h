/* input: bytes of a terminal in, keys out. Takes any bytes: half sequences, broken UTF-8, replies nobody
 * asked for, pasted megabytes. Holds at most a few bytes of an unfinished key and 64 KiB of an unfinished
 * paste. Knows no terminal and no clock, so it can be tested and fuzzed alone. Private to tty. */
#ifndef REDAI_TTY_INPUT_H
#define REDAI_TTY_INPUT_H

#include <stdint.h>

#include "redai/base/container.h"

#include "redai/tty/screen.h"

enum {
    INPUT_KEY_BYTES = 64,        /* no key is longer */
    INPUT_TERMINFO_KEYS = 64,    /* what a terminal's description may add */
    INPUT_PASTE_BYTES = 1 << 16, /* the rest of a longer paste is dropped */
    INPUT_ESCAPE_MS = 25,        /* a key's bytes arrive closer together than this */
    INPUT_STRING_MS = 500,       /* within a string (a reply nobody asked for) a slow line may pause longer */
    INPUT_PASTE_ESCAPE_MS = 1000 /* within a paste only a long silence makes an Esc of an ESC */
};

enum input_mode {
    INPUT_KEYS,
    INPUT_PASTE,
    INPUT_SKIP_CSI,   /* too long to be a key: until its final byte */
    INPUT_SKIP_STRING /* OSC, DCS, ...: until its terminator, or silence */
};

struct input_sequence {
    char bytes[16];
    uint32_t key;
};

struct input {
    enum input_mode mode;
    unsigned char pending[INPUT_KEY_BYTES];
    size_t pending_len;
    UT_string paste; /* raw */
    struct input_sequence terminfo[INPUT_TERMINFO_KEYS];
    size_t terminfo_count;
    bool escaped; /* the last thing given was an Esc on the strength of silence alone */
};

void input_init(struct input *in);
void input_release(struct input *in);
/* A sequence this terminal's description gives for a key; one that is no escape sequence is left out. */
void input_learn(struct input *in, const char *bytes, uint32_t key);
void input_feed(struct input *in, struct span bytes, const struct screen_input *to);
/* Nothing came for input_wait_ms: what is pending is all there is. */
void input_flush(struct input *in, const struct screen_input *to);
void input_forget(
    struct input *in); /* what has begun will not be finished: somebody else has read the rest */
/* How long to wait for more before input_flush; 0: nothing is pending. */
int input_wait_ms(const struct input *in);

#endif
