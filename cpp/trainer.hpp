// Training, prediction and gradients over whole data sets. No Python type, no global state.
//
// T is float or double throughout. X is (n_samples, n_inputs), y (n_samples, n_outputs), parameters
// the flat buffer of layout.hpp. A value of X or y that is not finite, a learning rate below 0 and
// a loss that does not fit the layout are an std::invalid_argument, thrown before anything is
// written.
#pragma once

#include <cstddef>

#include "kernel_table.hpp"
#include "layout.hpp"
#include "pacer.hpp"
#include "samples.hpp"

namespace denseloop {

enum class Reduction { sum, mean };  // over the samples

// simultaneous: all layers are updated from one set of weights. output_first: each layer is
// updated before the delta of the layer below is taken, which so sees the new weights.
enum class UpdateOrder { simultaneous, output_first };

struct Objective {
    Loss loss;
    Reduction reduction;
    DerivativeAt derivative_at;
};

struct TrainingPlan {
    Objective objective;
    UpdateOrder update_order;
    double learning_rate;
    std::size_t epochs;
};

// diverged: the loss, or a weight that the update would have made, was not finite.
enum class Ending { completed, diverged, interrupted };

struct TrainingResult {
    Ending ending;
    std::size_t epochs;  // finished: as many updates have been made
};

// Full-batch gradient descent. losses (epochs) receives the loss before each finished update,
// outputs (epochs, n_samples, n_outputs), if not null, the predictions. However it ends, the
// parameters are exactly those after the last finished update.
template <class T>
TrainingResult train(const Layout& layout, const TrainingPlan& plan, T* parameters,
                     const MatrixView<T>& X, const MatrixView<T>& y, double* losses, T* outputs,
                     Monitor& monitor);

// Returns the loss; gradient (n_parameters) receives its derivatives. Throws Interrupted.
template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const MatrixView<T>& X, const MatrixView<T>& y, T* gradient,
                         Monitor& monitor);

// predictions (n_samples, n_outputs). Throws Interrupted.
template <class T>
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions,
             Monitor& monitor);

}  // namespace denseloop
