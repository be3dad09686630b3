// Sums that a function of Python's gathers from where the samples lie.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bindings/gil.hpp"
#include "bindings/numpy_views.hpp"
#include "samples/remote_sums.hpp"

namespace denseloop {

constexpr const char* remote_sum_names[] = {"losses", "gradients", "squares", "equations"};

inline RemoteSum remote_sum(const std::string& name) {
    const auto* const found =
        std::find(std::begin(remote_sum_names), std::end(remote_sum_names), name);
    if (found == std::end(remote_sum_names)) {
        throw std::invalid_argument(
            "a sum must be of losses, gradients, squares or equations, "
            "got '" +
            name + "'");
    }
    return static_cast<RemoteSum>(found - std::begin(remote_sum_names));
}

template <class T>
class PythonSums : public RemoteSums<T> {
public:
    // Calls function(name of the sum, batch, parameters) with a new array, which returns the number
    // and the array, or None where there is none.
    PythonSums(py::object function, std::size_t samples, std::size_t inputs,
               std::vector<double> batch_weights)
        : function_(std::move(function)),
          samples_(samples),
          inputs_(inputs),
          batch_weights_(std::move(batch_weights)) {
        if (samples < 1) throw std::invalid_argument("there must be at least 1 sample");
    }

    std::size_t samples() const override { return samples_; }
    std::size_t inputs() const override { return inputs_; }
    const std::vector<double>& batch_weights() const override { return batch_weights_; }

    double evaluate(RemoteSum sum, std::size_t batch, const T* parameters, std::size_t n_parameters,
                    T* array, std::size_t size) override {
        const GilHeld gil;
        Array<T> at = new_array<T>(n_parameters);
        std::copy_n(parameters, n_parameters, at.mutable_data());
        const py::tuple result =
            function_(remote_sum_names[static_cast<std::size_t>(sum)], batch, std::move(at));
        if (size > 0) {
            const auto given = result[1].cast<Array<T>>();
            std::copy_n(flat_view(given, "the sum", size), size, array);
        }
        return result[0].cast<double>();
    }

    // The function may lead back to the object of Python's that holds this.
    int visit(visitproc visit, void* arg) const {
        Py_VISIT(function_.ptr());
        return 0;
    }
    void clear() { function_ = py::none(); }

private:
    py::object function_;
    const std::size_t samples_, inputs_;
    const std::vector<double> batch_weights_;
};

}  // namespace denseloop
