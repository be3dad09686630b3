#include <pybind11/stl.h>

#include <optional>
#include <utility>

#include "bindings.hpp"
#include "numpy_views.hpp"
#include "parameter_lock.hpp"
#include "python_monitor.hpp"
#include "trainer.hpp"

namespace denseloop {
namespace {

template <class T>
py::tuple train(const Layout& layout, ParameterLock& lock, Array<T> parameters, const Array<T>& X,
                const Array<T>& y, Loss loss, Reduction reduction, DerivativeAt derivative_at,
                UpdateOrder update_order, double learning_rate, std::size_t batch_size,
                std::size_t threads, Array<double> losses, std::optional<Array<T>> outputs,
                py::object progress) {
    T* const parameter_data = writable_flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    const MatrixView<T> y_view = matrix_view(y, "y", layout.n_outputs());
    require_samples(x_view.rows, y_view.rows);
    if (batch_size < 1 || threads < 1) {
        throw std::invalid_argument("batch_size and threads must be at least 1");
    }
    const auto epochs = static_cast<std::size_t>(losses.size());
    double* const loss_data = writable_flat_view(losses, "losses", epochs);
    T* output_data = nullptr;
    if (outputs) {
        const std::size_t per_epoch = checked_product(x_view.rows, layout.n_outputs());
        output_data = writable_flat_view(*outputs, "outputs", checked_product(epochs, per_epoch));
    }
    const TrainingPlan plan{
        {loss, reduction, derivative_at}, update_order, learning_rate, epochs, batch_size, threads};
    PythonMonitor monitor(std::move(progress));
    const auto held = lock.for_training();
    TrainingResult result;
    {
        // Safe: from here on only the arrays' memory is used, which the arguments keep alive.
        const py::gil_scoped_release no_gil;
        result =
            train(layout, plan, parameter_data, x_view, y_view, loss_data, output_data, monitor);
    }
    return py::make_tuple(result.epochs, result.ending == Ending::diverged, monitor.final_error());
}

template <class T>
void define(py::module_& m) {
    m.def("train", &train<T>, py::arg("layout"), py::arg("lock"), py::arg("parameters").noconvert(),
          py::arg("X").noconvert(), py::arg("y").noconvert(), py::arg("loss"), py::arg("reduction"),
          py::arg("derivative_at"), py::arg("update_order"), py::arg("learning_rate"),
          py::arg("batch_size"), py::arg("threads"), py::arg("losses").noconvert(),
          py::arg("outputs").noconvert().none(true), py::arg("progress"));
}

}  // namespace

void define_training(py::module_& m) {
    define<float>(m);
    define<double>(m);
}

}  // namespace denseloop
