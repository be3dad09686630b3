// The objective over a data set as a function of the parameters, with its gradient.
#pragma once

#include <cstddef>
#include <memory>

#include "base/aligned_buffer.hpp"
#include "base/pacer.hpp"
#include "network/layout.hpp"
#include "network/objective.hpp"
#include "samples/samples.hpp"

namespace denseloop {

template <class T>
class BatchTrainer;

// Keeps the packed samples and its workspace from call to call, so that a call allocates nothing
// unless it starts threads. T is float or double; `parameters` and `gradient` are flat
// (n_parameters). The number of threads and the CPU target change no bit. One call at a time.
template <class T>
class ObjectiveFunction {
public:
    // The layout and the matrices of the samples must outlive this, unchanged. Samples that are not
    // finite, and a loss that does not fit the layout, throw std::invalid_argument. Like the
    // calls, throws Interrupted.
    ObjectiveFunction(const Layout& layout, const Objective& objective, const Samples<T>& samples,
                      std::size_t threads, Monitor& monitor);
    ~ObjectiveFunction();

    // Returns the value; `gradient` receives its derivatives, and may be `parameters`.
    double loss_and_gradient(const T* parameters, T* gradient, Monitor& monitor);
    // Returns the same value alone.
    double loss(const T* parameters, Monitor& monitor);

private:
    const Layout& layout_;
    std::size_t threads_;  // that are worth starting
    std::unique_ptr<BatchTrainer<T>> trainer_;
    AlignedBuffer<T> memory_;
    T *parameters_, *gradient_;  // within memory_, in the trainer's layout
    double value_scale_;         // of the trainer's sum of losses
    T gradient_scale_;           // of its gradient
};

}  // namespace denseloop
