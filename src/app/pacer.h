/* pacer: when the next frame may be drawn. A frame follows the first change after a short quiet time, at most
 * ten times a second. What changes by itself is worth only so many bytes a second to the terminal: a frame of
 * many bytes is followed by a longer rest, of a second at most (five on a slow line). A key press draws at
 * once (the caller's business) and what follows it is not held back. In the first moments, while the data
 * come in piece by piece, frames follow them. On a slow line the picture is sent in parts, and the next part
 * when the line is through with the last: a key's answer never stands behind a whole picture. */
#ifndef REDAI_APP_PACER_H
#define REDAI_APP_PACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pacer {
    int64_t begun_us, key_us, drawn_us; /* the start; the last key press; the last frame */
    int64_t drawn_from;                 /* bytes sent before the last frame */
    int64_t line_per_s;                 /* what the line takes, bytes a second; INT64_MAX not known */
    int64_t free_us;                    /* when it is through with all before the last frame */
    bool asked;                         /* somebody waits for what the last frame has left to send */
    bool resized;                       /* since the last frame */
};

/* out_fd: the terminal. A serial line, or a remote one whose speed ssh has passed on, tells its speed; then
 * half of it is left to answers. */
void pacer_init(struct pacer *p, int out_fd, int64_t now_us);
void pacer_key(struct pacer *p, int64_t now_us);
/* asked: it has left to send what somebody waits for. */
void pacer_drawn(struct pacer *p, int64_t sent_before, int64_t now_us, bool asked);
/* About how many bytes a frame may have: what stands in the line is what a key's answer waits for. */
size_t pacer_most(const struct pacer *p);
/* The window has another size: the whole picture is due at once, but one that is dragged along is followed
 * only as fast as twenty frames and about a megabyte a second. */
void pacer_resized(struct pacer *p);
/* sent: bytes so far. */
int64_t pacer_due_us(const struct pacer *p, int64_t changed_us, int64_t sent);

#endif
