// Predictions over whole data sets. No Python type, no global state.
//
// T is float or double. X is (n_samples, n_inputs), `parameters` the flat buffer of layout.hpp. At
// most `threads` threads take part; their number and the CPU target change no bit. Samples that are
// not finite throw std::invalid_argument.
#pragma once

#include <cstddef>
#include <optional>

#include "base/aligned_buffer.hpp"
#include "base/pacer.hpp"
#include "network/layout.hpp"
#include "network/row_pass.hpp"
#include "network/tile_pass.hpp"
#include "samples/inputs.hpp"

namespace denseloop {

// predictions (n_samples, n_outputs). Throws Interrupted.
template <class T>
void predict(const Layout& layout, const T* parameters, const Inputs<T>& X, T* predictions,
             std::size_t threads, Monitor& monitor);

// Predicts small sets of samples repeatedly, without allocating but for the first of a size. The
// numbers are those of predict(). Not for several threads at once.
template <class T>
class Predictor {
public:
    explicit Predictor(const Layout& layout);
    // Whether predict() accepts this number of samples.
    bool suits(std::ptrdiff_t samples) const;
    // X (n_samples, n_inputs), for a number of samples that suits.
    void predict(const T* parameters, const MatrixView<T>& X, T* predictions);

private:
    void predict_rows(const T* parameters, const MatrixView<T>& X, T* predictions);
    void predict_tiles(const T* parameters, const MatrixView<T>& X, T* predictions);

    const Layout& layout_;
    bool by_rows_[max_rows + 1] = {};  // by the number of samples
    std::optional<RowWorkspace<T>> workspace_;
    std::optional<TilePass<T>> pass_;
    std::size_t vectors_ = 0;   // of the longest tile that pass_ serves
    AlignedBuffer<T> rows_{0};  // (max_rows, n_inputs)
    AlignedBuffer<T> tile_{0};  // (n_inputs) rows of a tile
};

}  // namespace denseloop
