// The parts of the module. Every function of theirs takes the same four steps: check the arrays,
// release the GIL (but for predictions of few samples), call, return.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <stdexcept>

#include "bindings/numpy_views.hpp"
#include "network/batch_trainer.hpp"

namespace denseloop {

namespace py = pybind11;

void define_training(py::module_& m);
void define_passes(py::module_& m);
void define_floor(py::module_& m);
void define_levenberg_marquardt(py::module_& m);
void define_shuffles(py::module_& m);

// X (n_samples, n_inputs), y (n_samples, n_outputs), weight (n_samples,)
template <class T>
Samples<T> samples_view(const Layout& layout, const Array<T>& X, const Array<T>& y,
                        const std::optional<Array<T>>& weight) {
    Samples<T> samples{
        matrix_view(X, "X", layout.n_inputs()), matrix_view(y, "y", layout.n_outputs()), {}};
    if (samples.X.rows != samples.y.rows || samples.X.rows == 0) {
        throw std::invalid_argument("X and y must have the same number of rows, at least 1");
    }
    if (weight) samples.weight = column_view(*weight, "sample_weight", samples.X.rows);
    return samples;
}

}  // namespace denseloop
