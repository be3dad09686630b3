// What ended a run of epochs.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>

#include "training/training_plan.hpp"

namespace denseloop {

struct RunResult {
    std::size_t epochs;  // finished
    Ending ending;
    pybind11::object error;  // the exception that interrupted the run, or None
};

}  // namespace denseloop
