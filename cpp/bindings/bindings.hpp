// The parts of the module. Each bound function checks its arrays, releases the GIL (except for some
// microseconds of work), calls the core and returns.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "bindings/bound_network.hpp"
#include "bindings/numpy_views.hpp"

namespace denseloop {

namespace py = pybind11;

template <class T>
using NetworkClass = py::class_<BoundNetwork<T>, std::shared_ptr<BoundNetwork<T>>>;

// Enumerations with their traits, and the values that describe a training.
void define_choices(py::module_& m);
void define_plans(py::module_& m);

// Layout, the networks and what they can do.
void define_networks(py::module_& m);
template <class T>
void define_objective(py::module_& m, NetworkClass<T>& network, const char* name,
                      const char* loss_name);
template <class T>
void define_training(py::module_& m, NetworkClass<T>& network, const char* name);
template <class T>
void define_trainer(py::module_& m, const char* name);
template <class T>
void define_steps(py::module_& m, NetworkClass<T>& network, const char* name);
template <class T>
void define_partial_sums(py::module_& m, NetworkClass<T>& network, const char* name,
                         const char* remote_name);
void define_many(py::module_& m);

// Functions of their own.
void define_roofline(py::module_& m);
void define_shuffles(py::module_& m);
void define_ufuncs(py::module_& m);

}  // namespace denseloop
