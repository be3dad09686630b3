// What an optimizer carries from one training to the next.
#pragma once

#include <cstdint>
#include <limits>

namespace denseloop {

struct OptimizerCounters {
    std::uint64_t updates = 0;  // finished
    std::uint64_t epochs = 0;   // finished
    // The adaptive schedule: its present rate, the lowest training loss, and how many epochs in a
    // row were not below it by more than the tolerance.
    double learning_rate;
    double lowest_loss = std::numeric_limits<double>::infinity();
    std::uint64_t epochs_without_progress = 0;
    double beta_1_power = 1;  // beta_1^updates
    double beta_2_power = 1;  // beta_2^updates
    bool operator==(const OptimizerCounters&) const = default;
};

// The caller's arrays, read at the start of a run and written at its end, however it ends.
template <class T>
struct TrainingState {
    T* parameters;  // (n_parameters)
    T* slots;       // (n_slots, n_parameters), as many as the method has
    OptimizerCounters& counters;
};

}  // namespace denseloop
