#include <pybind11/stl.h>

#include <optional>
#include <utility>

#include "bindings/bindings.hpp"
#include "bindings/numpy_views.hpp"
#include "bindings/parameter_lock.hpp"
#include "bindings/python_monitor.hpp"
#include "training/levenberg_marquardt.hpp"

namespace denseloop {
namespace {

template <class T>
py::tuple train(const Layout& layout, ParameterLock& lock, Array<T> parameters, const Array<T>& X,
                const Array<T>& y, const std::optional<Array<T>>& sample_weight,
                const Objective& objective, double damping, double gradient_tolerance,
                double step_tolerance, Array<double> state, Array<double> losses,
                std::size_t threads, py::object progress) {
    T* const parameter_data = writable_flat_view(parameters, "parameters", layout.n_parameters());
    const Samples<T> samples = samples_view(layout, X, y, sample_weight);
    double* const next_damping = writable_flat_view(state, "state", 1);
    const auto epochs = static_cast<std::size_t>(losses.size());
    double* const loss_data = writable_flat_view(losses, "losses", epochs);
    if (threads < 1) throw std::invalid_argument("threads must be at least 1");
    const LevenbergMarquardtPlan plan{objective,      damping, gradient_tolerance,
                                      step_tolerance, epochs,  threads};
    PythonMonitor monitor(std::move(progress));
    const auto held = lock.for_training();
    TrainingResult result;
    {
        // Safe: from here on only the arrays' memory is used, which the arguments keep alive.
        const py::gil_scoped_release no_gil;
        result = levenberg_marquardt(layout, plan, parameter_data, samples, *next_damping,
                                     loss_data, monitor);
    }
    return py::make_tuple(result.epochs, result.ending, monitor.final_error());
}

template <class T>
void define(py::module_& m) {
    m.def("levenberg_marquardt", &train<T>, py::arg("layout"), py::arg("lock"),
          py::arg("parameters").noconvert(), py::arg("X").noconvert(), py::arg("y").noconvert(),
          py::arg("sample_weight").noconvert().none(true), py::arg("objective"), py::arg("damping"),
          py::arg("gradient_tolerance"), py::arg("step_tolerance"), py::arg("state").noconvert(),
          py::arg("losses").noconvert(), py::arg("threads"), py::arg("progress"));
}

}  // namespace

void define_levenberg_marquardt(py::module_& m) {
    define<float>(m);
    define<double>(m);
}

}  // namespace denseloop
