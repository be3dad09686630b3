// The module denseloop._core: a table of contents. Every function takes the same four steps: check
// the arrays, release the GIL, call, return.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>

#include "dispatch.hpp"
#include "layout.hpp"
#include "numpy_views.hpp"
#include "trainer.hpp"
#include "ufuncs.hpp"

namespace denseloop {
namespace {

// Runs Python's signal handlers and the caller's progress function during a training. An exception
// of either (KeyboardInterrupt, say) ends the training and is kept until the GIL is back.
class PythonMonitor : public Monitor {
public:
    explicit PythonMonitor(py::object progress) : progress_(std::move(progress)) {}

    bool keep_going(std::size_t finished_epochs, double last_loss) override {
        const py::gil_scoped_acquire gil;
        try {
            if (PyErr_CheckSignals() != 0) throw py::error_already_set();
            if (!progress_.is_none()) progress_(finished_epochs, last_loss);
        } catch (py::error_already_set& raised) {
            error_ = raised.value();
        }
        return error_.is_none();
    }

    py::object error() const { return error_; }

private:
    py::object progress_;
    py::object error_ = py::none();
};

void require_samples(std::size_t x_rows, std::size_t y_rows) {
    if (x_rows != y_rows || x_rows == 0) {
        throw std::invalid_argument("X and y must have the same number of rows, at least 1");
    }
}

template <class T>
py::tuple train(const Layout& layout, Array<T> parameters, const Array<T>& X, const Array<T>& y,
                Loss loss, Reduction reduction, DerivativeAt derivative_at,
                UpdateOrder update_order, double learning_rate, Array<double> losses,
                std::optional<Array<T>> outputs, py::object progress) {
    T* const parameter_data = writable_flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    const MatrixView<T> y_view = matrix_view(y, "y", layout.n_outputs());
    require_samples(x_view.rows, y_view.rows);
    const auto epochs = static_cast<std::size_t>(losses.size());
    double* const loss_data = writable_flat_view(losses, "losses", epochs);
    T* output_data = nullptr;
    if (outputs) {
        const std::size_t per_epoch = checked_product(x_view.rows, layout.n_outputs());
        output_data = writable_flat_view(*outputs, "outputs", checked_product(epochs, per_epoch));
    }
    const TrainingPlan plan{{loss, reduction, derivative_at}, update_order, learning_rate, epochs};
    PythonMonitor monitor(std::move(progress));
    TrainingResult result;
    {
        // Safe: from here on only the arrays' memory is used, which the arguments keep alive.
        const py::gil_scoped_release no_gil;
        result =
            train(layout, plan, parameter_data, x_view, y_view, loss_data, output_data, monitor);
    }
    return py::make_tuple(result.epochs, result.ending == Ending::diverged, monitor.error());
}

template <class T>
py::tuple loss_and_gradient(const Layout& layout, const Array<T>& parameters, const Array<T>& X,
                            const Array<T>& y, Loss loss, Reduction reduction,
                            DerivativeAt derivative_at) {
    const T* const parameter_data = flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    const MatrixView<T> y_view = matrix_view(y, "y", layout.n_outputs());
    require_samples(x_view.rows, y_view.rows);
    Array<T> gradient(static_cast<py::ssize_t>(layout.n_parameters()));
    T* const gradient_data = gradient.mutable_data();
    double value;
    {
        // Safe: as in train().
        const py::gil_scoped_release no_gil;
        value = loss_and_gradient(layout, {loss, reduction, derivative_at}, parameter_data, x_view,
                                  y_view, gradient_data);
    }
    return py::make_tuple(value, gradient);
}

template <class T>
Array<T> forward(const Layout& layout, const Array<T>& parameters, const Array<T>& X) {
    const T* const parameter_data = flat_view(parameters, "parameters", layout.n_parameters());
    const MatrixView<T> x_view = matrix_view(X, "X", layout.n_inputs());
    checked_product(checked_product(x_view.rows, layout.n_outputs()), sizeof(T));
    Array<T> predictions({x_view.rows, layout.n_outputs()});
    T* const prediction_data = predictions.mutable_data();
    {
        // Safe: as in train().
        const py::gil_scoped_release no_gil;
        predict(layout, parameter_data, x_view, prediction_data);
    }
    return predictions;
}

template <class T>
void define_passes(py::module_& m) {
    m.def("train", &train<T>, py::arg("layout"), py::arg("parameters").noconvert(),
          py::arg("X").noconvert(), py::arg("y").noconvert(), py::arg("loss"), py::arg("reduction"),
          py::arg("derivative_at"), py::arg("update_order"), py::arg("learning_rate"),
          py::arg("losses").noconvert(), py::arg("outputs").noconvert().none(true),
          py::arg("progress"));
    m.def("loss_and_gradient", &loss_and_gradient<T>, py::arg("layout"),
          py::arg("parameters").noconvert(), py::arg("X").noconvert(), py::arg("y").noconvert(),
          py::arg("loss"), py::arg("reduction"), py::arg("derivative_at"));
    m.def("forward", &forward<T>, py::arg("layout"), py::arg("parameters").noconvert(),
          py::arg("X").noconvert());
}

void define_choices(py::module_& m) {
    py::enum_<Activation>(m, "Activation")
        .value("sigmoid", Activation::sigmoid)
        .value("softmax", Activation::softmax);
    py::enum_<Loss>(m, "Loss")
        .value("squared_error", Loss::squared_error)
        .value("half_squared_error", Loss::half_squared_error)
        .value("cross_entropy", Loss::cross_entropy);
    py::enum_<Reduction>(m, "Reduction")
        .value("sum", Reduction::sum)
        .value("mean", Reduction::mean);
    py::enum_<DerivativeAt>(m, "DerivativeAt")
        .value("pre_activation", DerivativeAt::pre_activation)
        .value("output", DerivativeAt::output);
    py::enum_<UpdateOrder>(m, "UpdateOrder")
        .value("simultaneous", UpdateOrder::simultaneous)
        .value("output_first", UpdateOrder::output_first);
}

void define_layout(py::module_& m) {
    py::class_<Layer>(m, "Layer")
        .def_readonly("fan_in", &Layer::fan_in)
        .def_readonly("fan_out", &Layer::fan_out)
        .def_readonly("weights", &Layer::weights)
        .def_readonly("bias", &Layer::bias)
        .def_readonly("end", &Layer::end);
    py::class_<Layout>(m, "Layout")
        .def(py::init<const std::vector<std::size_t>&, bool, Activation>(), py::arg("layer_sizes"),
             py::arg("bias"), py::arg("output_activation"))
        .def_property_readonly("layers", &Layout::layers)
        .def_property_readonly("n_parameters", &Layout::n_parameters);
}

}  // namespace
}  // namespace denseloop

PYBIND11_MODULE(_core, m) {
    using namespace denseloop;
    m.doc() = "The C++ core of denseloop; the package's own modules are its interface.";
    define_choices(m);
    define_layout(m);
    define_passes<float>(m);
    define_passes<double>(m);
    define_ufuncs(m);
    m.def("available_targets", &available_targets);
    m.def("active_target", [] { return active_target().name; });
    m.def("force_target", &force_target, py::arg("name"));
}
