// What a run of a training records: the arrays of its history.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "bindings/numpy_views.hpp"
#include "training/training_loop.hpp"

namespace denseloop {

// Arrays for all epochs of a run, of which `finished` are filled.
template <class T>
class Recording {
public:
    // The outputs are recorded if their size (samples, n_outputs) is given.
    Recording(std::size_t epochs, bool with_validation,
              std::optional<std::pair<std::size_t, std::size_t>> outputs)
        : epochs_(epochs), losses_(new_array<double>(epochs)), loss_data_(losses_.mutable_data()) {
        if (with_validation) {
            validation_losses_ = new_array<double>(epochs);
            validation_data_ = validation_losses_->mutable_data();
            std::fill_n(validation_data_, epochs, std::numeric_limits<double>::quiet_NaN());
        }
        if (outputs) {
            const auto [samples, n_outputs] = *outputs;
            per_epoch_ = checked_product(samples, n_outputs);
            outputs_ = new_array<T>(epochs, samples, n_outputs);
            output_data_ = outputs_->mutable_data();
        }
    }

    // The learning rate of all epochs, a float or None; or that of each, which the core fills in.
    void set_rate(py::object rate) { rates_ = std::move(rate); }
    void record_rates() { rate_data_ = new_data(rates_); }
    // The damping of each step.
    void record_dampings() { damping_data_ = new_data(dampings_); }

    std::size_t epochs() const { return epochs_; }
    std::size_t finished() const { return finished_; }
    void add(std::size_t epochs) { finished_ += epochs; }

    // The network's history is replaced, whatever ends the training, once it has begun.
    void begin() { begun_ = true; }
    bool begun() const { return begun_; }

    const Array<double>& losses() const { return losses_; }
    const std::optional<Array<double>>& validation_losses() const { return validation_losses_; }
    const std::optional<Array<T>>& outputs() const { return outputs_; }

    // Where the next epochs go.
    Records<T> next(std::size_t epochs, T* best_parameters) const {
        return {epochs,
                loss_data_ + finished_,
                validation_data_ ? validation_data_ + finished_ : nullptr,
                output_data_ ? output_data_ + finished_ * per_epoch_ : nullptr,
                best_parameters,
                rate_data_ ? rate_data_ + finished_ : nullptr};
    }
    double* next_dampings() const { return damping_data_ ? damping_data_ + finished_ : nullptr; }

    // (count, loss, validation loss or None) after `count` epochs; the losses are None before any.
    py::tuple numbers(std::size_t count) const {
        const auto number = [&](const double* losses) -> py::object {
            if (count == 0 || losses == nullptr) return py::none();
            return py::float_(losses[count - 1]);
        };
        return py::make_tuple(count, number(loss_data_), number(validation_data_));
    }

    bool has_best_epoch() const {
        return validation_data_ != nullptr &&
               std::any_of(validation_data_, validation_data_ + finished_,
                           [](double x) { return x < std::numeric_limits<double>::infinity(); });
    }

    // Returns an object of this class with the finished epochs. Python code is not run: a signal's
    // handler would find a network that is trained and a history that is not.
    py::object history(py::handle type, const std::string& stopped_by) const {
        auto* const made_by = reinterpret_cast<PyTypeObject*>(type.ptr());
        py::object history =
            py::reinterpret_steal<py::object>(made_by->tp_new(made_by, py::tuple().ptr(), nullptr));
        const auto set = [&](PyObject* name, const py::object& value) {
            if (!history || PyObject_GenericSetAttr(history.ptr(), name, value.ptr()) != 0) {
                throw py::error_already_set();
            }
        };
        static PyObject* const names[] = {
            PyUnicode_InternFromString("loss"),   PyUnicode_InternFromString("validation_loss"),
            PyUnicode_InternFromString("output"), PyUnicode_InternFromString("stopped_by"),
            PyUnicode_InternFromString("_rate"),  PyUnicode_InternFromString("damping")};
        set(names[0], of_finished(losses_));
        set(names[1], validation_losses_ ? of_finished(*validation_losses_) : py::none());
        set(names[2], outputs_ ? of_finished(*outputs_) : py::none());
        set(names[3],
            py::reinterpret_steal<py::object>(PyUnicode_InternFromString(stopped_by.c_str())));
        set(names[4], rate_data_ ? of_finished(rates_) : rates_);
        set(names[5], damping_data_ ? of_finished(dampings_) : dampings_);
        return history;
    }

private:
    // Makes `array` a new array (epochs,), and returns its memory.
    double* new_data(py::object& array) const {
        Array<double> numbers = new_array<double>(epochs_);
        double* const data = numbers.mutable_data();
        array = std::move(numbers);
        return data;
    }

    // The array itself, made shorter, which of a large one copies nothing.
    template <class Array>
    py::object of_finished(const Array& array) const {
        if (finished_ == epochs_) return array;
        const py::tuple shape = array.attr("shape");
        py::list shorter(shape);
        shorter[0] = finished_;
        array.attr("resize")(shorter, py::arg("refcheck") = false);
        return array;
    }

    const std::size_t epochs_;
    bool begun_ = false;
    Array<double> losses_;
    std::optional<Array<double>> validation_losses_;
    std::optional<Array<T>> outputs_;
    double *loss_data_, *validation_data_ = nullptr;
    T* output_data_ = nullptr;
    py::object rates_ = py::none(), dampings_ = py::none();
    double *rate_data_ = nullptr, *damping_data_ = nullptr;
    std::size_t per_epoch_ = 0, finished_ = 0;
};

}  // namespace denseloop
