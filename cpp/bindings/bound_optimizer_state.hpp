// An optimizer's state as Python holds it.
#pragma once

#include <pybind11/numpy.h>

#include "training/optimizer_state.hpp"

namespace denseloop {

struct BoundOptimizerState {
    pybind11::array slots;  // (n_slots, n_parameters) of the network's dtype
    OptimizerCounters counters;
};

}  // namespace denseloop
