// An optimizer's state as Python holds it.
#pragma once

#include <pybind11/numpy.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/cost_model.hpp"
#include "base/fp_environment.hpp"
#include "bindings/numpy_views.hpp"
#include "training/optimizer_state.hpp"

namespace denseloop {

struct BoundOptimizerState {
    pybind11::array slots;  // (n_slots, n_parameters) of the network's dtype
    OptimizerCounters counters;
};

// The state before the first update: slots (n_slots, n_parameters), each of one value.
template <class T>
BoundOptimizerState fresh_state(const std::vector<double>& first_slots, std::size_t n_parameters,
                                double learning_rate) {
    OptimizerCounters counters{};
    counters.learning_rate = learning_rate;
    const bool all_0 = std::all_of(first_slots.begin(), first_slots.end(),
                                   [](double value) { return value == 0; });
    if (all_0 && n_parameters >= cost::longest_chunk) {
        return {zero_array<T>(first_slots.size(), n_parameters), counters};
    }
    Array<T> slots = new_array<T>(first_slots.size(), n_parameters);
    T* next = slots.mutable_data();
    for (const double value : first_slots) {
        for (std::size_t done = 0; done < n_parameters; done += cost::longest_chunk) {
            if (done > 0 && PyErr_CheckSignals() != 0) throw py::error_already_set();
            const std::size_t count = std::min(cost::longest_chunk, n_parameters - done);
            in_default_environment([&] {  // the caller's rounding changes no bit
                next = std::fill_n(next, count, static_cast<T>(value));
            });
        }
    }
    return {std::move(slots), counters};
}

// The slots (n_slots, n_parameters) of a state.
template <class T>
Array<T> slots_of(const BoundOptimizerState& state, std::size_t n_slots, std::size_t n_parameters) {
    if (!py::isinstance<Array<T>>(state.slots)) {
        throw py::type_error("slots must have the network's dtype");
    }
    auto slots = py::reinterpret_borrow<Array<T>>(state.slots);
    writable_rows_view(slots, "slots", n_slots, n_parameters);
    return slots;
}

}  // namespace denseloop
