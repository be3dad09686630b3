// What the epochs of a training are made of.
#pragma once

#include <cstddef>

#include "kernel_table.hpp"

namespace denseloop {

enum class Reduction { sum, mean };  // over the samples of a batch

// simultaneous: all layers are updated from one set of weights. output_first: each layer is
// updated before the delta of the layer below is taken, which so sees the new weights.
enum class UpdateOrder { simultaneous, output_first };

struct Objective {
    Loss loss;
    Reduction reduction;
    DerivativeAt derivative_at;
};

// The factors that the kernels leave out.
inline double loss_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::half_squared_error ? 0.5 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

inline double gradient_scale(const Objective& objective, std::size_t samples) {
    const double factor = objective.loss == Loss::squared_error ? 2.0 : 1.0;
    return objective.reduction == Reduction::mean ? factor / static_cast<double>(samples) : factor;
}

struct TrainingPlan {
    Objective objective;
    UpdateOrder update_order;
    double learning_rate;
    std::size_t epochs;
    std::size_t batch_size;  // at least 1; batches are taken in the order of the samples
    std::size_t threads;     // at most so many, at least 1
};

// Some algorithm's state during one training.
template <class T>
class Descent {
public:
    virtual ~Descent() = default;
    // All batches of the data, an update from each; `loss` is the sum over the batches of the loss
    // before its update. Returns false, without an update, at the first batch whose loss or new
    // parameters are not finite. May throw Interrupted, when the update under way has been
    // undone.
    virtual bool epoch(double& loss) = 0;
    // Brings the caller's parameters to the state after the last update.
    virtual void finish() = 0;
};

}  // namespace denseloop
