// A network as Python holds it: the layout, and the array of parameters with its lock.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/busy_flag.hpp"
#include "bindings/gil.hpp"
#include "bindings/numpy_views.hpp"
#include "bindings/parameter_lock.hpp"
#include "bindings/python_loss.hpp"
#include "bindings/python_monitor.hpp"
#include "bindings/python_sums.hpp"
#include "bindings/sparse_samples.hpp"
#include "bindings/training_memory.hpp"
#include "network/derivatives.hpp"
#include "network/evaluation.hpp"
#include "network/layout.hpp"
#include "samples/packing.hpp"
#include "samples/samples.hpp"

namespace denseloop {

// y (n_samples, n_outputs), or what computes the loss without it, or nothing.
template <class T>
using Targets = std::variant<Array<T>, std::shared_ptr<PythonLoss<T>>, std::monostate>;

// X (n_samples, n_inputs), or sums over samples elsewhere, which are used alone.
template <class T>
using TrainingInputs =
    std::variant<Array<T>, std::shared_ptr<SparseSamples<T>>, std::shared_ptr<PythonSums<T>>>;

template <class T>
Inputs<T> training_inputs_view(const TrainingInputs<T>& inputs, std::size_t columns) {
    if (const auto* array = std::get_if<Array<T>>(&inputs)) {
        return matrix_view(*array, "X", columns);
    }
    if (const auto* sparse = std::get_if<std::shared_ptr<SparseSamples<T>>>(&inputs)) {
        return inputs_view<T>(*sparse, "X", columns);
    }
    PythonSums<T>& sums = *std::get<2>(inputs);
    if (sums.inputs() != columns) {
        throw std::invalid_argument("the sums must be those of a network of as many inputs");
    }
    return sums;
}

// X, the targets, and the sample weights (n_samples,) or none.
template <class T>
using SampleArrays = std::tuple<TrainingInputs<T>, Targets<T>, std::optional<Array<T>>>;

template <class T>
Samples<T> samples_view(const Layout& layout, const SampleArrays<T>& arrays) {
    const auto& [X, targets, weight] = arrays;
    Samples<T> samples{training_inputs_view(X, layout.n_inputs()), {}, {}};
    if (samples.X.remote()) {
        if (targets.index() != 2 || weight) {
            throw std::invalid_argument("sums over samples elsewhere take no y and no weights");
        }
        return samples;
    }
    std::size_t rows;
    if (const auto* y = std::get_if<Array<T>>(&targets)) {
        samples.y = matrix_view(*y, "y", layout.n_outputs());
        rows = samples.y.rows;
    } else {
        if (targets.index() != 1) throw std::invalid_argument("y may be None for sums alone");
        samples.loss = std::get<1>(targets).get();
        rows = std::get<1>(targets)->samples();
        if (std::get<1>(targets)->n_outputs() != layout.n_outputs()) {
            throw std::invalid_argument("the loss must take the network's outputs");
        }
    }
    if (samples.X.rows != rows || rows == 0) {
        throw std::invalid_argument("X and y must have the same number of rows, at least 1, got " +
                                    std::to_string(samples.X.rows) + " and " +
                                    std::to_string(rows));
    }
    if (weight) samples.weight = column_view(*weight, "sample_weight", samples.X.rows);
    return samples;
}

template <class T>
class BoundNetwork : public std::enable_shared_from_this<BoundNetwork<T>> {
public:
    BoundNetwork(std::shared_ptr<const Layout> layout, Array<T> parameters)
        : layout_(std::move(layout)),
          array_(std::move(parameters)),
          parameters_(flat_view(array_, "parameters", layout_->n_parameters())),
          predictor_(*layout_) {}

    const Layout& layout() const { return *layout_; }
    ParameterLock& lock() { return lock_; }
    const T* parameters() const { return parameters_; }
    const Array<T>& array() const { return array_; }
    T* writable_parameters() { return writable_data(array_, "parameters"); }

    // Copies n_parameters values into the parameters, while nobody reads them.
    void assign(const T* values) {
        T* const parameters = writable_parameters();
        const GilReleased no_gil;
        lock_.write([&] { std::copy_n(values, layout_->n_parameters(), parameters); });
    }

    // Calls f(parameters), without the GIL unless that is kept, with the array or with a copy of
    // what a training has reached, and raises what ended it. f may be called again.
    template <class F>
    void read(PythonMonitor& monitor, const F& f, bool keep_gil = false) {
        const std::size_t n = layout_->n_parameters();
        // Between two runs of a training f has a copy, so that the next run does not wait for it.
        bool done = false;
        if (!being_trained_.is_held()) {
            unless_interrupted(
                monitor,
                [&] {
                    monitor.watch(lock_);
                    try {
                        done = lock_.try_read([&] { f(parameters_); });
                    } catch (const Interrupted&) {
                        if (!monitor.gave_way()) throw;
                    }
                    monitor.stop_watching();
                },
                keep_gil);
        }
        if (done) return;
        std::vector<T> copy(n);
        unless_interrupted(monitor, [&] {
            lock_.copy(parameters_, n, copy.data());
            f(copy.data());
        });
    }

    // Held by one training at a time, from its first update to its last callback.
    BusyFlag& being_trained() { return being_trained_; }
    // Held, within that, while the parameters and the memory do not fit one another.
    BusyFlag& changing() { return changing_; }
    SharedTrainingMemory& memory() { return memory_; }
    const SharedTrainingMemory& memory() const { return memory_; }

    // The arrays of weights and biases that Python has, a tuple.
    void show_views(py::tuple views) { views_ = std::move(views); }
    // Whether the parameters are finite, and none of the arrays is read-only.
    bool is_trainable() const {
        const auto is_writable = [](py::handle array) {
            return (py::detail::array_proxy(array.ptr())->flags &
                    py::detail::npy_api::NPY_ARRAY_WRITEABLE_) != 0;
        };
        return are_finite(parameters_, layout_->n_parameters()) && is_writable(array_) &&
               std::all_of(views_.begin(), views_.end(), is_writable);
    }

    // (n_samples, n_outputs)
    Array<T> forward(const InputArrays<T>& X, std::size_t threads);

    // The outputs, and their derivatives (n_samples, n_outputs, n_inputs or n_parameters).
    std::pair<Array<T>, Array<T>> differentiate(const InputArrays<T>& X, Variables variables,
                                                std::size_t threads);

    // The same numbers, or None unless X is a plain array of few samples. This is for calls in a
    // tight loop: it keeps its memory, and the GIL, whose release costs as much as a small network.
    py::object predict_few(py::handle X);

private:
    const std::shared_ptr<const Layout> layout_;
    Array<T> array_;  // keeps parameters_ alive
    const T* const parameters_;
    ParameterLock lock_;
    BusyFlag being_trained_, changing_;
    SharedTrainingMemory memory_;
    py::tuple views_;
    Predictor<T> predictor_;
    BusyFlag predictor_busy_;  // its memory serves one thread at a time
};

}  // namespace denseloop
