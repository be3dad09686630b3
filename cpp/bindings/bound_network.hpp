// A network as Python holds it: the layout, and the caller's parameter array with its lock.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "bindings/numpy_views.hpp"
#include "bindings/parameter_lock.hpp"
#include "network/evaluation.hpp"
#include "network/layout.hpp"

namespace denseloop {

// X (n_samples, n_inputs), y (n_samples, n_outputs) and the sample weights (n_samples,) or none.
template <class T>
using SampleArrays = std::tuple<Array<T>, Array<T>, std::optional<Array<T>>>;

template <class T>
Samples<T> samples_view(const Layout& layout, const SampleArrays<T>& arrays) {
    const auto& [X, y, weight] = arrays;
    Samples<T> samples{
        matrix_view(X, "X", layout.n_inputs()), matrix_view(y, "y", layout.n_outputs()), {}};
    if (samples.X.rows != samples.y.rows || samples.X.rows == 0) {
        throw std::invalid_argument("X and y must have the same number of rows, at least 1");
    }
    if (weight) samples.weight = column_view(*weight, "sample_weight", samples.X.rows);
    return samples;
}

template <class T>
class BoundNetwork {
public:
    BoundNetwork(const Layout& layout, Array<T> parameters)
        : layout_(layout),
          array_(std::move(parameters)),
          parameters_(flat_view(array_, "parameters", layout_.n_parameters())),
          few_samples_(layout_) {}

    const Layout& layout() const { return layout_; }
    ParameterLock& lock() { return lock_; }
    T* writable_parameters() { return writable_data(array_, "parameters"); }

    // The loss and its gradient (n_parameters), at `parameters` (n_parameters) or the network's
    // own.
    std::pair<double, Array<T>> loss_and_gradient(const Array<T>& X, const Array<T>& y,
                                                  const std::optional<Array<T>>& sample_weight,
                                                  const Objective& objective, std::size_t threads,
                                                  const std::optional<Array<T>>& parameters);

    // (n_samples, n_outputs)
    Array<T> forward(const Array<T>& X, std::size_t threads);

    // The same numbers, or None unless X is a plain array of few samples. This is for calls in a
    // tight loop: it keeps its memory, and the GIL, whose release costs as much as a small network.
    py::object predict_few(py::handle X);

private:
    const Layout layout_;
    Array<T> array_;  // keeps parameters_ alive
    const T* const parameters_;
    ParameterLock lock_;
    FewSamples<T> few_samples_;
    std::mutex few_samples_mutex_;  // its memory serves one thread at a time
};

}  // namespace denseloop
