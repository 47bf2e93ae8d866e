#include "hook_gate.h"

int64_t hook_gate_wait_us(const struct hook_gate *g, uint64_t key, int64_t now_us)
{
    int64_t wait_us = 0;
    for (size_t i = 0; i < g->count; i++) {
        int64_t left_us = g->start[i].at_us + HOOK_SAME_US - now_us;
        if (g->start[i].key == key && left_us > wait_us) {
            wait_us = left_us;
        }
    }
    /* The ring is full: the oldest start has to leave the window first. */
    if (g->count == HOOK_STARTS_MAX) {
        int64_t left_us = g->start[g->next].at_us + HOOK_STARTS_US - now_us;
        wait_us = left_us > wait_us ? left_us : wait_us;
    }
    return wait_us;
}

void hook_gate_started(struct hook_gate *g, uint64_t key, int64_t now_us)
{
    g->start[g->next].at_us = now_us;
    g->start[g->next].key = key;
    g->next = (g->next + 1) % HOOK_STARTS_MAX;
    g->count += g->count < HOOK_STARTS_MAX;
}
