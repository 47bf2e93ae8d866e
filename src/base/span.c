#include "redai/base/span.h"

#include "redai/base/mem.h"

size_t span_find(struct span s, char byte)
{
    const char *hit = s.len ? memchr(s.data, byte, s.len) : NULL;
    return hit ? (size_t)(hit - s.data) : s.len;
}

size_t span_search(struct span s, struct span needle)
{
    if (needle.len == 0) {
        return 0;
    }
    const char *hit = s.len ? memmem(s.data, s.len, needle.data, needle.len) : NULL;
    return hit ? (size_t)(hit - s.data) : s.len;
}

int span_compare(struct span a, struct span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

char *span_dup(struct span s)
{
    return mem_dup(s.data, s.len);
}
