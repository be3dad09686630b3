// Gradients and predictions over whole data sets. No Python type, no global state.
//
// T is float or double. X is (n_samples, n_inputs), `parameters` the flat buffer of layout.hpp. At
// most `threads` threads take part; their number and the CPU target change no bit. Samples that are
// not finite, and a loss that does not fit the layout, throw std::invalid_argument.
#pragma once

#include <cstddef>

#include "base/aligned_buffer.hpp"
#include "base/pacer.hpp"
#include "network/layout.hpp"
#include "network/objective.hpp"
#include "network/row_pass.hpp"
#include "samples/samples.hpp"

namespace denseloop {

// Returns the loss; gradient (n_parameters) receives its derivatives. Throws Interrupted.
template <class T>
double loss_and_gradient(const Layout& layout, const Objective& objective, const T* parameters,
                         const Samples<T>& samples, T* gradient, std::size_t threads,
                         Monitor& monitor);

// predictions (n_samples, n_outputs). Throws Interrupted.
template <class T>
void predict(const Layout& layout, const T* parameters, const MatrixView<T>& X, T* predictions,
             std::size_t threads, Monitor& monitor);

// Predicts few samples repeatedly, without allocating. The numbers are those of predict(). Not for
// several threads at once.
template <class T>
class FewSamples {
public:
    explicit FewSamples(const Layout& layout);
    // Whether predict() accepts this number of samples.
    bool suits(std::ptrdiff_t samples) const;
    // X (n_samples, n_inputs), for a number of samples that suits.
    void predict(const T* parameters, const MatrixView<T>& X, T* predictions);

private:
    const Layout& layout_;
    RowWorkspace<T> workspace_;
    AlignedBuffer<T> input_;         // (max_rows, n_inputs)
    bool suits_[max_rows + 1] = {};  // by the number of samples
};

}  // namespace denseloop
