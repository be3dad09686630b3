// The inputs of the samples: a dense matrix, a sparse one, or sums over samples elsewhere.
#pragma once

#include <cstddef>
#include <variant>

#include "samples/matrix_view.hpp"
#include "samples/remote_sums.hpp"
#include "samples/sparse_view.hpp"

namespace denseloop {

template <class T>
class Inputs {
public:
    Inputs(const MatrixView<T>& matrix)
        : rows(matrix.rows), columns(matrix.columns), view_(matrix) {}
    Inputs(const SparseView<T>& matrix)
        : rows(matrix.rows), columns(matrix.columns), view_(matrix) {}
    // For trainings only. The sums take the place of the targets and the weights, too.
    Inputs(RemoteSums<T>& sums) : rows(sums.samples()), columns(sums.inputs()), view_(&sums) {}

    std::size_t rows, columns;  // (n_samples, n_inputs)

    // What is of this kind, or null.
    const MatrixView<T>* dense() const { return std::get_if<MatrixView<T>>(&view_); }
    const SparseView<T>* sparse() const { return std::get_if<SparseView<T>>(&view_); }
    RemoteSums<T>* remote() const {
        auto* const* const sums = std::get_if<RemoteSums<T>*>(&view_);
        return sums == nullptr ? nullptr : *sums;
    }

private:
    std::variant<MatrixView<T>, SparseView<T>, RemoteSums<T>*> view_;
};

}  // namespace denseloop
