// Trainings whose steps Python drives: L-BFGS, whose steps are SciPy's, and Levenberg-Marquardt.
#include <pybind11/stl.h>

#include "bindings/bindings.hpp"
#include "bindings/python_monitor.hpp"
#include "bindings/recorded_run.hpp"
#include "bindings/steps.hpp"
#include "training/levenberg_marquardt.hpp"

namespace denseloop {
namespace {

// Returns the number of steps that were made, and what ended them.
template <class T>
std::pair<std::size_t, Ending> levenberg_marquardt_steps(
    Steps<T>& steps, std::size_t count, const TrainingInputs<T>& X, const Targets<T>& y,
    const std::optional<Array<T>>& sample_weight, const Objective& objective, std::size_t threads,
    double initial_damping, double gradient_tolerance, double step_tolerance, double damping,
    py::object optimizer, py::object progress) {
    BoundNetwork<T>& network = steps.network();
    T* const parameters = network.writable_parameters();
    const Samples<T> samples = samples_view<T>(network.layout(), {X, y, sample_weight});
    double* const losses = steps.next_losses(count);
    if (threads < 1) throw std::invalid_argument("threads must be at least 1");
    const LevenbergMarquardtPlan plan{objective,      initial_damping, gradient_tolerance,
                                      step_tolerance, count,           threads};
    double* const dampings = steps.recording().next_dampings();
    PythonMonitor monitor(std::move(progress));
    TrainingResult result;
    {
        const BusyFlag::Use changing(network.changing());
        {
            ParameterLock::Training readers(network.lock());
            steps.begin_scaling();
            // Safe: from here on only the arrays' memory is used, which the arguments keep alive.
            const GilReleased no_gil;
            result = levenberg_marquardt(network.layout(), plan, parameters, samples, damping,
                                         losses, dampings, monitor, readers);
        }
        steps.begin(std::move(optimizer), py::float_(damping));
        steps.recording().add(result.epochs);
    }
    monitor.raise_error();
    return {result.epochs, result.ending};
}

// Calls train(steps), which returns what ended the training, as recorded_run does. outputs_of: the
// number of samples whose outputs are recorded.
template <class T>
py::object run_steps(const std::shared_ptr<BoundNetwork<T>>& network, const py::object& train,
                     std::size_t epochs, bool with_validation,
                     std::optional<std::size_t> outputs_of,
                     const std::optional<Array<T>>& best_parameters, py::type history_class,
                     const py::object& check_trainable, bool with_damping,
                     py::object scaling_before, py::object scaling) {
    const Layout& layout = network->layout();
    std::optional<std::pair<std::size_t, std::size_t>> outputs;
    if (outputs_of) outputs.emplace(*outputs_of, layout.n_outputs());
    Recording<T> recording(epochs, with_validation, outputs);
    if (with_damping) recording.record_dampings();
    const T* const best =
        best_parameters ? flat_view(*best_parameters, "best_parameters", layout.n_parameters())
                        : nullptr;
    const PlannedScaling planned{std::move(scaling_before), std::move(scaling)};
    const auto steps = std::make_shared<Steps<T>>(network, recording, planned.after);
    return recorded_run(*network, recording, best, planned, history_class, check_trainable, [&] {
        const struct End {
            Steps<T>& steps;
            ~End() { steps.end(); }
        } end{*steps};
        return train(steps).template cast<std::string>();
    });
}

}  // namespace

template <class T>
void define_steps(py::module_& m, NetworkClass<T>& network, const char* name) {
    py::class_<Steps<T>, std::shared_ptr<Steps<T>>>(m, name, "A training that Python drives.")
        .def("begin", &Steps<T>::begin, py::arg("optimizer"), py::arg("state"))
        .def("add", &Steps<T>::add, py::arg("parameters").noconvert(), py::arg("loss"))
        .def("levenberg_marquardt", &levenberg_marquardt_steps<T>, py::kw_only(), py::arg("count"),
             py::arg("X").noconvert(), py::arg("y").noconvert(),
             py::arg("sample_weight").noconvert().none(true), py::arg("objective"),
             py::arg("threads"), py::arg("initial_damping"), py::arg("gradient_tolerance"),
             py::arg("step_tolerance"), py::arg("damping"), py::arg("optimizer"),
             py::arg("progress"))
        .def_property_readonly("epochs",
                               [](const Steps<T>& self) { return self.recording().epochs(); })
        .def_property_readonly("finished",
                               [](const Steps<T>& self) { return self.recording().finished(); })
        .def_property_readonly("losses",
                               [](const Steps<T>& self) { return self.recording().losses(); })
        .def_property_readonly(
            "validation_losses",
            [](const Steps<T>& self) { return self.recording().validation_losses(); })
        .def_property_readonly("outputs",
                               [](const Steps<T>& self) { return self.recording().outputs(); })
        .def("numbers", [](const Steps<T>& self, std::size_t finished) {
            if (finished > self.recording().epochs()) throw py::index_error();
            return self.recording().numbers(finished);
        });
    network.def("run_steps", &run_steps<T>, py::arg("train"), py::kw_only(), py::arg("epochs"),
                py::arg("with_validation"), py::arg("outputs_of"),
                py::arg("best_parameters").noconvert().none(true), py::arg("history_class"),
                py::arg("check_trainable"), py::arg("with_damping"), py::arg("scaling_before"),
                py::arg("scaling"));
}

template void define_steps<float>(py::module_&, NetworkClass<float>&, const char*);
template void define_steps<double>(py::module_&, NetworkClass<double>&, const char*);

}  // namespace denseloop
