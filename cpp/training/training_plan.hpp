// What a training is asked to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "kernels/kernel_table.hpp"

namespace denseloop {

enum class Reduction { sum, mean };  // over the samples of a batch

// simultaneous: all layers are updated from one set of weights. output_first: each layer is
// updated before the delta of the layer below is taken, which so sees the new weights.
enum class UpdateOrder { simultaneous, output_first };

// What is minimized: the weighted losses of a batch and l2 / 2 times its sum of squared weights
// (not biases); Reduction::mean divides it by the weights of the batch's samples.
struct Objective {
    Loss loss;
    double parameter;  // of the loss, if it has one
    double share;      // the factor of the samples' losses in the value, but not in its derivative
    Reduction reduction;
    DerivativeAt derivative_at;
    double l2;

    template <class T>
    Criterion<T> criterion() const {
        return {loss, static_cast<T>(parameter), derivative_at};
    }
    // The factors that the kernels leave out, without the reduction's.
    double loss_factor() const { return loss == Loss::half_squared_error ? share / 2 : share; }
    double gradient_factor() const { return loss == Loss::squared_error ? 2.0 : 1.0; }
    // The reduction's, for samples of so much weight: those of a batch that have none do nothing.
    double reduction_factor(double weight) const {
        if (reduction == Reduction::sum) return 1.0;
        return weight > 0 ? 1 / weight : 0.0;
    }
};

struct OptimizerPlan {
    Method method;
    double learning_rate;
    double momentum;
    double beta_1, beta_2, epsilon;
    double increase, decrease, smallest_step, largest_step;
};

// constant: the optimizer's learning rate. inverse_scaling: that over (1 + epoch)^power. adaptive:
// divided by `divisor` whenever the training loss has for `patience` epochs in a row not been below
// its lowest by more than `tolerance`; training ends where it would fall below `smallest`.
enum class ScheduleKind { constant, inverse_scaling, adaptive };

struct Schedule {
    ScheduleKind kind;
    double power;
    double divisor;
    std::size_t patience;
    double tolerance, smallest;
};

// After `patience` epochs in a row whose loss is not below the lowest by more than `tolerance`: the
// validation loss if there are validation samples, else the training loss.
struct Stopping {
    std::size_t patience;
    double tolerance;
};

struct TrainingPlan {
    Objective objective;
    OptimizerPlan optimizer;
    Schedule schedule;
    std::optional<Stopping> stopping;
    UpdateOrder update_order;
    std::size_t batch_size;                     // at least 1
    std::optional<std::uint64_t> shuffle_seed;  // without, batches are in the order of the samples
    std::size_t threads;                        // at most so many, at least 1
};

}  // namespace denseloop
