#include "bindings/bindings.hpp"
#include "bindings/python_monitor.hpp"
#include "bindings/run_result.hpp"
#include "training/levenberg_marquardt.hpp"

namespace denseloop {
namespace {

// Returns the result and the damping that the next call goes on with.
template <class T>
std::pair<RunResult, double> train(BoundNetwork<T>& network, const Array<T>& X, const Array<T>& y,
                                   const Objective& objective, Array<double> losses,
                                   std::size_t threads, double initial_damping,
                                   double gradient_tolerance, double step_tolerance, double damping,
                                   const std::optional<Array<T>>& sample_weight,
                                   py::object progress) {
    T* const parameters = network.writable_parameters();
    const Samples<T> samples = samples_view<T>(network.layout(), {X, y, sample_weight});
    const auto epochs = static_cast<std::size_t>(losses.size());
    double* const loss_data = writable_flat_view(losses, "losses", epochs);
    if (threads < 1) throw std::invalid_argument("threads must be at least 1");
    const LevenbergMarquardtPlan plan{objective,      initial_damping, gradient_tolerance,
                                      step_tolerance, epochs,          threads};
    PythonMonitor monitor(std::move(progress));
    const auto lock = network.lock().for_training();
    TrainingResult result;
    {
        // Safe: from here on only the arrays' memory is used, which the arguments keep alive.
        const py::gil_scoped_release no_gil;
        result = levenberg_marquardt(network.layout(), plan, parameters, samples, damping,
                                     loss_data, monitor);
    }
    return {{result.epochs, result.ending, monitor.final_error()}, damping};
}

}  // namespace

template <class T>
void define_levenberg_marquardt(NetworkClass<T>& network) {
    network.def("levenberg_marquardt", &train<T>, py::kw_only(), py::arg("X").noconvert(),
                py::arg("y").noconvert(), py::arg("objective"), py::arg("losses").noconvert(),
                py::arg("threads"), py::arg("initial_damping"), py::arg("gradient_tolerance"),
                py::arg("step_tolerance"), py::arg("damping"),
                py::arg("sample_weight").noconvert().none(true) = py::none(),
                py::arg("progress") = py::none());
}

template void define_levenberg_marquardt<float>(NetworkClass<float>&);
template void define_levenberg_marquardt<double>(NetworkClass<double>&);

}  // namespace denseloop
