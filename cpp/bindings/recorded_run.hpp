// The frame of every training that Python starts. What belongs together (parameters, optimizer's
// state, history, and whether the network is in use) changes within one call of the core, so that
// an exception finds it whole, at whichever line of Python it is raised.
#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bindings/bound_network.hpp"
#include "bindings/bound_optimizer_state.hpp"
#include "bindings/recording.hpp"

namespace denseloop {

// Gives the network the parameters with the lowest validation loss. The optimizer's state belongs
// to later ones, and is dropped.
template <class T>
void restore_best(BoundNetwork<T>& network, const Recording<T>& recording, const T* best) {
    if (best == nullptr || !recording.has_best_epoch()) return;
    if (std::equal(best, best + network.layout().n_parameters(), network.parameters())) return;
    const BusyFlag::Use changing(network.changing());
    network.assign(best);
    network.memory().change(
        [](TrainingMemory& memory) { memory.optimizer = memory.state = py::none(); });
}

// The network's scaling for which a training was planned, and the one that it gives the network.
struct PlannedScaling {
    py::object before = py::none(), after = py::none();
};

// Raises an error if the network has another scaling by now.
template <class T>
void require_planned_scaling(BoundNetwork<T>& network, const PlannedScaling& scaling) {
    const py::object present = network.memory().get(&TrainingMemory::scaling);
    if (!present.is(scaling.before) && !present.is(scaling.after)) {
        throw std::runtime_error(
            "another training has determined the scaling of this network since this one was "
            "prepared; prepare it again");
    }
}

// The network's state (a BoundOptimizerState) if that is of an equal optimizer, else a fresh one.
template <class T>
py::object state_to_go_on(const BoundNetwork<T>& network, const py::object& optimizer,
                          const std::vector<double>& first_slots, double learning_rate) {
    const TrainingMemory memory = network.memory().all();
    const auto is_equal = [&] {
        return memory.optimizer.is(optimizer) || memory.optimizer.equal(optimizer);
    };
    if (!memory.state.is_none() && is_equal()) return memory.state;
    return py::cast(std::make_shared<BoundOptimizerState>(
        fresh_state<T>(first_slots, network.layout().n_parameters(), learning_rate)));
}

// Calls train(), which fills the recording and returns what ended the training, while no other
// training of the network can begin. Returns the history, of this class, which the network then has
// too. An exception leaves the history of the epochs that were finished; but before the training
// has begun, only a KeyboardInterrupt does. best (n_parameters) or null; check_trainable raises
// what is wrong with the parameters.
template <class T, class Train>
py::object recorded_run(BoundNetwork<T>& network, Recording<T>& recording, const T* best,
                        const PlannedScaling& scaling, py::handle history_class,
                        py::handle check_trainable, const Train& train) {
    const BusyFlag::Use alone(network.being_trained());
    if (!alone) throw InUse();
    require_planned_scaling(network, scaling);
    if (!network.is_trainable()) check_trainable();
    const auto publish = [&](const std::string& stopped_by) {
        py::object history = recording.history(history_class, stopped_by);
        network.memory().change([&](TrainingMemory& memory) { memory.history = history; });
        return history;
    };
    try {
        const std::string stopped_by = train();
        restore_best(network, recording, best);
        return publish(stopped_by);
    } catch (const py::error_already_set& error) {
        if (recording.begun() || error.matches(PyExc_KeyboardInterrupt)) publish("interrupt");
        throw;
    } catch (...) {
        if (recording.begun()) publish("interrupt");
        throw;
    }
}

}  // namespace denseloop
