#include "fuzz/fuzz.h"

#include "redai/base/veil.h"

/* A name of the kind that the first byte says: its pseudonym is plain, the same each time, and of what is a
 * secret nothing is left in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct veil veil = {{UINT64_C(0x1111111111111111), UINT64_C(0x2222222222222222)}};
    char out[VEIL_MAX], again[VEIL_MAX], brief[VEIL_MAX];
    if (size < 2) {
        return 0;
    }
    enum veil_kind kind = (enum veil_kind)(data[0] % VEIL_KIND_COUNT);
    struct span raw = span_skip(INPUT, 1);
    size_t len = veil_text(&veil, kind, raw, out, sizeof out);
    DEMAND(len < sizeof out && out[len] == '\0' && (len > 0 || kind == VEIL_PLAIN));
    DEMAND(veil_text(&veil, kind, raw, again, sizeof again) == len && strcmp(out, again) == 0);
    DEMAND(veil_brief(kind, span_make(out, len), brief, sizeof brief) < sizeof brief);
    veil_text(&veil, kind, raw, again, 4); /* where there is little room */
    DEMAND(memchr(again, '\0', 4));
    if (kind == VEIL_PLAIN) {
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        DEMAND(out[i] >= ' ' && out[i] < 0x7f);
    }
    /* Sixteen letters and more are not met by chance. */
    bool keeps_a_part = kind == VEIL_KEY || kind == VEIL_FAMILY || kind == VEIL_NODE;
    DEMAND(keeps_a_part || raw.len < 16 || span_search(span_make(out, len), raw) == len);
    return 0;
}
