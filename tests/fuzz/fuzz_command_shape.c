#include "fuzz/fuzz.h"

#include "redai/schema/command_shape.h"

/* Words are parted by line ends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { WORDS = 40 };
    struct span argv[WORDS], rest = INPUT;
    struct families families;
    UT_string out;
    size_t count = 0;

    while (rest.len && count < WORDS) {
        size_t end = span_find(rest, '\n');
        argv[count++] = span_head(rest, end);
        rest = span_skip(rest, end + 1);
    }
    families_init(&families);
    utstring_init(&out);
    command_text(count, argv, &out);
    DEMAND(out.i <= COMMAND_TEXT_MAX);
    DEMAND(!count || command_argc(count, argv) >= 1);
    utstring_clear(&out);
    command_shape(count, argv, &families, &out);
    DEMAND(out.i <= 65 + FAMILY_NAME_MAX + 128);
    utstring_done(&out);
    families_release(&families);
    return 0;
}
