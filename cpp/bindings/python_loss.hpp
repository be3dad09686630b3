// A loss that is a function of Python's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "bindings/gil.hpp"
#include "bindings/numpy_views.hpp"
#include "samples/caller_loss.hpp"

namespace denseloop {

template <class T>
class PythonLoss : public CallerLoss<T> {
public:
    // Calls function(rows, outputs) with a slice or an array of row numbers, and a new array of the
    // outputs (rows, n_outputs). It returns the loss and a contiguous array of its derivatives.
    PythonLoss(py::object function, std::size_t samples, std::size_t n_outputs)
        : function_(std::move(function)), samples_(samples), n_outputs_(n_outputs) {}

    std::size_t samples() const { return samples_; }
    std::size_t n_outputs() const { return n_outputs_; }

    double evaluate(const SampleBatch& batch, const T* outputs, T* derivatives) override {
        const GilHeld gil;
        Array<T> own = new_array<T>(batch.count, n_outputs_);
        T* const values = own.mutable_data();
        for (std::size_t i = 0; i < batch.count; ++i) {
            std::copy_n(outputs + batch[i] * n_outputs_, n_outputs_, values + i * n_outputs_);
        }
        const py::tuple result = function_(rows(batch), std::move(own));
        if (derivatives != nullptr) {
            const auto given = result[1].cast<Array<T>>();
            const T* const from = rows_view(given, "derivatives", batch.count, n_outputs_);
            for (std::size_t i = 0; i < batch.count; ++i) {
                std::copy_n(from + i * n_outputs_, n_outputs_, derivatives + batch[i] * n_outputs_);
            }
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
    static py::object rows(const SampleBatch& batch) {
        if (batch.order == nullptr) {
            return py::slice(static_cast<py::ssize_t>(batch.first),
                             static_cast<py::ssize_t>(batch.first + batch.count), 1);
        }
        Array<std::int64_t> rows = new_array<std::int64_t>(batch.count);
        std::copy_n(batch.order + batch.first, batch.count, rows.mutable_data());
        return rows;
    }

    py::object function_;
    const std::size_t samples_, n_outputs_;
};

}  // namespace denseloop
