// The settings of a training, and how it ended.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernels/choices.hpp"
#include "network/objective.hpp"

namespace denseloop {

struct OptimizerPlan {
    Method method;
    double learning_rate;
    Hyperparameters<double> hyperparameters;
};

enum class ScheduleKind {
    constant,         // the optimizer's learning rate
    inverse_scaling,  // that over (1 + epoch)^power
    // divided by `divisor` whenever the training loss has not been below its lowest by more than
    // `tolerance` for `patience` epochs in a row; training ends when it would fall below `smallest`
    adaptive
};

struct Schedule {
    ScheduleKind kind;
    double power;
    double divisor;
    std::size_t patience;
    double tolerance, smallest;
};

// Ends the training after `patience` epochs in a row whose loss is not below the lowest by more
// than `tolerance`, and than `relative_tolerance` times the lowest, or when it has come down to the
// goal: the validation loss if there is a validation set, else the training loss.
struct Stopping {
    std::size_t patience;
    double tolerance, relative_tolerance, goal;

    // Whether `loss` is progress over the lowest before, which is infinite before the first.
    bool is_progress(double loss, double lowest) const {
        if (std::isinf(lowest)) return loss < lowest;
        return loss < lowest - std::max(tolerance, relative_tolerance * std::abs(lowest));
    }
};

struct TrainingPlan {
    Objective objective;
    OptimizerPlan optimizer;
    Schedule schedule;
    std::optional<Stopping> stopping;
    UpdateOrder update_order;
    std::size_t batch_size;                    // at least 1
    std::optional<std::uint64_t> shuffle_key;  // without it, the order is that of the samples
    std::size_t threads;                       // at most, at least 1
};

enum class Ending {
    epochs,         // all of them are finished
    interrupt,      // the monitor ended it
    divergence,     // the loss or a number of the update was not finite
    stopping,       // the patience of Stopping ended it
    goal,           // its goal is reached
    learning_rate,  // the adaptive one would have become too small
    convergence     // of Levenberg-Marquardt
};

struct TrainingResult {
    Ending ending;
    std::size_t epochs;  // finished
};

}  // namespace denseloop
