// The tutorials' elementwise functions as NumPy ufuncs.
#pragma once

#include <pybind11/pybind11.h>

namespace denseloop {

namespace py = pybind11;

// Adds sigmoid, sigmoid_der, error, error_predicted_deriv and update_w to the module.
void define_ufuncs(py::module_& m);

}  // namespace denseloop
