// Training, prediction and gradients over whole data sets. No Python type, no global state.
//
// T is float or double throughout. X is (n_samples, n_inputs), y (n_samples, n_outputs), parameters
// the flat buffer of layout.hpp, threads at most how many take part: their number and the CPU
// target change no bit. A value of X or y that is not finite, a learning rate below 0 and a loss
// that does not fit the layout are an std::invalid_argument, thrown before a parameter changes.
#pragma once

#include <cstddef>

#include "aligned_buffer.hpp"
#include "descent.hpp"
#include "layout.hpp"
#include "pacer.hpp"
#include "row_network.hpp"
#include "samples.hpp"

namespace denseloop {

// diverged: the loss, or a weight that the update would have made, was not finite.
enum class Ending { completed, diverged, interrupted };

struct TrainingResult {
    Ending ending;
    std::size_t epochs;  // finished
};

// Gradient descent in batches. losses (epochs) receives the loss of each finished epoch: over all
// samples, each before the update from its batch. outputs (epochs, n_samples, n_outputs), if not
// null, likewise the predictions. However it ends, the parameters are exactly those after the last
// finished update.
template <class T>
TrainingResult train(const Layout& layout, const TrainingPlan& plan, T* parameters,
                     const MatrixView<T>& X, const MatrixView<T>& y, double* losses, T* outputs,
                     Monitor& monitor);

// Returns the loss; gradient (n_parameters) receives its derivatives. Throws Interrupted.
template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const MatrixView<T>& X, const MatrixView<T>& y, T* gradient,
                         std::size_t threads, Monitor& monitor);

// predictions (n_samples, n_outputs). Throws Interrupted.
template <class T>
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions,
             std::size_t threads, Monitor& monitor);

// Predictions of few samples, again and again: the same numbers as predict(), without allocating.
// Not for several threads at once.
template <class T>
class FewSamples {
public:
    explicit FewSamples(const Layout& layout);
    // Whether so many samples go this way.
    bool suits(std::ptrdiff_t samples) const;
    // X (a number of samples that suits, n_inputs)
    void predict(const T* parameters, const MatrixView<T>& X, T* predictions);

private:
    const Layout& layout_;
    RowWorkspace<T> workspace_;
    AlignedBuffer<T> input_;         // (max_rows, n_inputs)
    bool suits_[max_rows + 1] = {};  // by the number of samples
};

}  // namespace denseloop
