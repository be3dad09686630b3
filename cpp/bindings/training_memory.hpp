// What a network keeps from one training to the next.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <utility>

#include "bindings/busy_flag.hpp"

namespace denseloop {

namespace py = pybind11;

struct TrainingMemory {
    py::object optimizer = py::none();  // of the last training
    py::object state = py::none();      // of that optimizer, of a kind that its training knows
    py::object history = py::none();    // of the last training
    py::object scaling = py::none();    // as the first training has determined it
    std::uint64_t shuffled_epochs = 0;
};

// One that several threads use, with or without the GIL.
class SharedTrainingMemory {
public:
    // All of it, as it was at one moment.
    TrainingMemory all() const {
        const BusyFlag::Turn turn(changing_);
        return memory_;
    }
    template <class Value>
    Value get(Value TrainingMemory::* member) const {
        const BusyFlag::Turn turn(changing_);
        return memory_.*member;
    }

    // Calls f(TrainingMemory&), which must not run Python. What it replaces is destroyed when
    // others may use the memory again, since that may run Python.
    template <class F>
    void change(const F& f) {
        TrainingMemory before;
        const BusyFlag::Turn turn(changing_);
        before = memory_;
        f(memory_);
    }

    // Calls f(const TrainingMemory&), which must not run Python, while nobody changes it.
    template <class F>
    void hold(const F& f) const {
        const BusyFlag::Turn turn(changing_);
        f(memory_);
    }

private:
    TrainingMemory memory_;
    mutable BusyFlag changing_;
};

}  // namespace denseloop
