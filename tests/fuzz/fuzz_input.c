#include "fuzz/fuzz.h"
#include "tty/input.h"

static void on_key(void *ctx, uint32_t code)
{
    DEMAND(code != 0);
    (*(size_t *)ctx)++;
}

static void on_paste(void *ctx, struct span text)
{
    (void)ctx;
    for (size_t i = 0; i < text.len; i++) {
        DEMAND((unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7F);
    }
}

/* Keys of a terminal, in pieces as long as the first byte says; a zero byte at the front of a piece is a
 * silence. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    size_t keys = 0;
    const struct screen_input to = {on_key, on_paste, &keys};
    size_t step = size ? (size_t)data[0] % 70 + 1 : 1;
    input_init(&in);
    input_learn(&in, "\033\t", 1000);
    for (struct span rest = span_skip(INPUT, 1); rest.len; rest = span_skip(rest, step)) {
        if (rest.data[0] == 0) {
            input_flush(&in, &to);
            DEMAND(input_wait_ms(&in) == 0);
        }
        input_feed(&in, span_head(rest, step), &to);
        DEMAND(in.pending_len < sizeof in.pending);
        DEMAND(utstring_len(&in.paste) <= INPUT_PASTE_BYTES);
    }
    input_flush(&in, &to);
    input_flush(&in, &to);
    size_t before = keys;
    input_feed(&in, S("q"), &to);
    DEMAND(keys == before + 1);
    input_release(&in);
    return 0;
}
