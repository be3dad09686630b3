// What a copy or a pickle of a network gets, whatever other threads do with it meanwhile.
#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <memory>

#include "bindings/bound_network.hpp"
#include "bindings/bound_optimizer_state.hpp"

namespace denseloop {

// An optimizer's state, and one with slots of its own that receives its numbers.
template <class T>
class StateCopy {
public:
    // Makes objects of Python's, which may let other threads run.
    explicit StateCopy(py::object state) : state_(std::move(state)), copy_(state_) {
        if (!py::isinstance<BoundOptimizerState>(state_)) return;  // nobody writes to it
        from_ = &state_.cast<const BoundOptimizerState&>();
        to_ = std::make_shared<BoundOptimizerState>(BoundOptimizerState{from_->slots, {}});
        copy_ = py::cast(to_);
        if (!py::isinstance<Array<T>>(from_->slots) || from_->slots.ndim() != 2) return;
        slots_ = py::reinterpret_borrow<Array<T>>(from_->slots);
        if (!is_contiguous(slots_)) return;
        to_slots_ = new_array<T>(slots_.shape(0), slots_.shape(1));
        to_->slots = to_slots_;
        to_data_ = to_slots_.mutable_data();
    }

    // Copies the numbers; lets no other thread run.
    void fill() {
        if (to_ == nullptr) return;
        to_->counters = from_->counters;
        if (to_data_ != nullptr) std::copy_n(slots_.data(), slots_.size(), to_data_);
    }

    const py::object& original() const { return state_; }
    const py::object& copy() const { return copy_; }

private:
    py::object state_, copy_;
    const BoundOptimizerState* from_ = nullptr;
    std::shared_ptr<BoundOptimizerState> to_;
    Array<T> slots_, to_slots_;
    T* to_data_ = nullptr;
};

// Returns (parameters, optimizer, state, shuffled_epochs, history, scaling): a copy of the
// parameters after a finished update, and of the memory that goes with them. In the middle of
// another thread's run the memory is that of before, without the optimizer and its state, which
// would not fit.
template <class T>
py::tuple copied_state(BoundNetwork<T>& network) {
    const std::size_t n = network.layout().n_parameters();
    Array<T> parameters = new_array<T>(n);
    T* const values = parameters.mutable_data();
    while (true) {
        StateCopy<T> state(network.memory().get(&TrainingMemory::state));
        TrainingMemory memory;
        bool whole = false;
        network.memory().hold([&](const TrainingMemory& now) {
            memory = now;
            whole = memory.state.is(state.original()) && network.lock().try_read([&] {
                std::copy_n(network.parameters(), n, values);
                state.fill();
            });
            // Who changes the network says so first, and changes the memory before it has done, for
            // which it waits here.
            whole = whole && !network.changing().is_held();
        });
        if (!memory.state.is(state.original())) continue;
        if (whole) {
            memory.state = state.copy();
        } else {
            memory.optimizer = memory.state = py::none();
            // The GIL is kept unless the copy must wait: a thread that gives it up and takes it
            // back at once, again and again, keeps a training from it for seconds.
            ParameterLock& lock = network.lock();
            if (!lock.try_copy(network.parameters(), n, values)) {
                const GilReleased no_gil;
                lock.copy(network.parameters(), n, values);
            }
        }
        return py::make_tuple(parameters, memory.optimizer, memory.state, memory.shuffled_epochs,
                              memory.history, memory.scaling);
    }
}

}  // namespace denseloop
