// What ended a run of epochs.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>

#include "training/training_plan.hpp"

namespace denseloop {

// As `History.stopped_by` has it.
inline const char* name_of(Ending ending) {
    switch (ending) {
        case Ending::interrupt:
            return "interrupt";
        case Ending::divergence:
            return "divergence";
        case Ending::stopping:
            return "stopping";
        case Ending::goal:
            return "goal";
        case Ending::learning_rate:
            return "learning_rate";
        case Ending::convergence:
            return "convergence";
        case Ending::epochs:
            break;
    }
    return "epochs";
}

struct RunResult {
    std::size_t epochs;  // finished
    Ending ending;
    pybind11::object error;  // the exception that interrupted the run, or None
};

}  // namespace denseloop
