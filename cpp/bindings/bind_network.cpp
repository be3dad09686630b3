#include <pybind11/stl.h>

#include <optional>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/parameter_lock.hpp"
#include "bindings/python_monitor.hpp"
#include "network/evaluation.hpp"

namespace denseloop {
namespace {

template <class T>
py::tuple loss_and_gradient(const Layout& layout, ParameterLock& lock, const Array<T>& parameters,
                            const Array<T>& X, const Array<T>& y,
                            const std::optional<Array<T>>& sample_weight,
                            const Objective& objective, std::size_t threads) {
    const T* const parameter_data = flat_view(parameters, "parameters", layout.n_parameters());
    const Samples<T> samples = samples_view(layout, X, y, sample_weight);
    Array<T> gradient(static_cast<py::ssize_t>(layout.n_parameters()));
    T* const gradient_data = gradient.mutable_data();
    PythonMonitor monitor;
    const auto held = lock.for_reading();
    double value = 0;
    unless_interrupted(monitor, [&] {
        value = loss_and_gradient(layout, objective, parameter_data, samples, gradient_data,
                                  threads, monitor);
    });
    return py::make_tuple(value, gradient);
}

template <class T>
Array<T> forward(const Layout& layout, ParameterLock& lock, const Array<T>& parameters,
                 const Array<T>& X, std::size_t threads) {
    const T* const parameter_data = flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    checked_product(checked_product(x_view.rows, layout.n_outputs()), sizeof(T));
    Array<T> predictions({x_view.rows, layout.n_outputs()});
    T* const prediction_data = predictions.mutable_data();
    PythonMonitor monitor;
    const auto held = lock.for_reading();
    unless_interrupted(monitor, [&] {
        predict(layout, parameter_data, x_view, prediction_data, threads, monitor);
    });
    return predictions;
}

// Predicts few samples at a time, as a control loop does: what a call usually allocates is kept,
// and so is the GIL, which takes as long to hand over as a small network to compute.
template <class T>
class RowPredictor {
public:
    RowPredictor(py::object layout, py::object lock, Array<T> parameters)
        : layout_object_(std::move(layout)),
          lock_object_(std::move(lock)),
          layout_(layout_object_.cast<const Layout&>()),
          lock_(lock_object_.cast<ParameterLock&>()),
          parameters_(std::move(parameters)),
          parameter_data_(flat_view(parameters_, "parameters", layout_.n_parameters())),
          pass_(layout_) {}

    // Predictions (n_samples, n_outputs), or None if X is not an array of such few samples that can
    // be used as it is.
    py::object predict(py::handle X) {
        if (!is_plain_array<T>(X)) return py::none();
        const auto array = py::reinterpret_borrow<Array<T>>(X);
        if (array.ndim() != 2 || !pass_.suits(array.shape(0)) ||
            static_cast<std::size_t>(array.shape(1)) != layout_.n_inputs()) {
            return py::none();
        }
        const MatrixView<T> view = matrix_view(array, "X", layout_.n_inputs());
        Array<T> predictions({view.rows, layout_.n_outputs()});
        const auto held = lock_.for_reading();
        pass_.predict(parameter_data_, view, predictions.mutable_data());
        return predictions;
    }

private:
    py::object layout_object_, lock_object_;  // keep alive what the next two refer to
    const Layout& layout_;
    ParameterLock& lock_;
    Array<T> parameters_;
    const T* parameter_data_;
    FewSamples<T> pass_;
};

template <class T>
void define(py::module_& m, const char* row_predictor) {
    m.def("loss_and_gradient", &loss_and_gradient<T>, py::arg("layout"), py::arg("lock"),
          py::arg("parameters").noconvert(), py::arg("X").noconvert(), py::arg("y").noconvert(),
          py::arg("sample_weight").noconvert().none(true), py::arg("objective"),
          py::arg("threads"));
    m.def("forward", &forward<T>, py::arg("layout"), py::arg("lock"),
          py::arg("parameters").noconvert(), py::arg("X").noconvert(), py::arg("threads"));
    py::class_<RowPredictor<T>>(m, row_predictor)
        .def(py::init<py::object, py::object, Array<T>>(), py::arg("layout"), py::arg("lock"),
             py::arg("parameters").noconvert())
        .def("predict", &RowPredictor<T>::predict, py::arg("X"));
}

}  // namespace

void define_passes(py::module_& m) {
    define<float>(m, "RowPredictor32");
    define<double>(m, "RowPredictor64");
}

}  // namespace denseloop
