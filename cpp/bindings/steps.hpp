// The steps of a training that Python drives.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "bindings/bound_network.hpp"
#include "bindings/recording.hpp"

namespace denseloop {

// Every step changes the parameters, the optimizer's state and the recording within one call.
template <class T>
class Steps {
public:
    Steps(std::shared_ptr<BoundNetwork<T>> network, Recording<T>& recording, py::object scaling)
        : network_(std::move(network)), recording_(&recording), scaling_(std::move(scaling)) {}

    // Python may keep the object, but not use it, when the training has ended.
    void end() { recording_ = nullptr; }

    BoundNetwork<T>& network() const { return *network_; }
    Recording<T>& recording() const {
        if (recording_ == nullptr)
            throw std::runtime_error("the training of these steps has ended");
        return *recording_;
    }

    // From now on the network has the scaling, which its parameters will be for.
    void begin_scaling() {
        network_->memory().change([&](TrainingMemory& memory) { memory.scaling = scaling_; });
    }

    // From now on the network has this optimizer and state and the scaling, and at the end a
    // history.
    void begin(py::object optimizer, py::object state) {
        recording().begin();
        network_->memory().change([&](TrainingMemory& memory) {
            memory.optimizer = std::move(optimizer);
            memory.state = std::move(state);
            memory.scaling = scaling_;
        });
    }

    // Takes the parameters after a step, and the loss before it.
    void add(const Array<T>& parameters, double loss) {
        const T* const values =
            flat_view(parameters, "parameters", network_->layout().n_parameters());
        double* const losses = next_losses(1);
        network_->assign(values);
        *losses = loss;
        recording_->add(1);
    }

    // Where the losses of the next steps go.
    double* next_losses(std::size_t count) const {
        const Recording<T>& all = recording();
        if (count > all.epochs() - all.finished()) {
            throw std::length_error("these steps have no room for " + std::to_string(count) +
                                    " more");
        }
        return all.next(count, nullptr).losses;
    }

private:
    const std::shared_ptr<BoundNetwork<T>> network_;
    Recording<T>* recording_;
    const py::object scaling_;
};

}  // namespace denseloop
