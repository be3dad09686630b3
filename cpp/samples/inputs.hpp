// The inputs of the samples: a dense matrix or a sparse one.
#pragma once

#include <cstddef>
#include <variant>

#include "samples/matrix_view.hpp"
#include "samples/sparse_view.hpp"

namespace denseloop {

template <class T>
class Inputs {
public:
    Inputs(const MatrixView<T>& matrix)
        : rows(matrix.rows), columns(matrix.columns), view_(matrix) {}
    Inputs(const SparseView<T>& matrix)
        : rows(matrix.rows), columns(matrix.columns), view_(matrix) {}

    std::size_t rows, columns;  // (n_samples, n_inputs)

    // The matrix of this kind, or null.
    const MatrixView<T>* dense() const { return std::get_if<MatrixView<T>>(&view_); }
    const SparseView<T>* sparse() const { return std::get_if<SparseView<T>>(&view_); }

private:
    std::variant<MatrixView<T>, SparseView<T>> view_;
};

}  // namespace denseloop
