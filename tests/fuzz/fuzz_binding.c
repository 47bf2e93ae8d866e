#include "fuzz/fuzz.h"

#include "redai/schema/binding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span queue;
    int step;

    if (binding_queue(INPUT, &queue)) {
        DEMAND(queue.len > 0 && queue.len < size);
    }
    queue = binding_split_list_key(INPUT, &step);
    DEMAND(queue.len <= size && step >= 0 && step < 1000);
    binding_is_task_exchange(INPUT);
    return 0;
}
