// The parts of the module. Every function of theirs takes the same four steps: check the arrays,
// release the GIL (but for predictions of few samples), call, return.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <stdexcept>

namespace denseloop {

namespace py = pybind11;

void define_training(py::module_& m);
void define_passes(py::module_& m);

inline void require_samples(std::size_t x_rows, std::size_t y_rows) {
    if (x_rows != y_rows || x_rows == 0) {
        throw std::invalid_argument("X and y must have the same number of rows, at least 1");
    }
}

}  // namespace denseloop
