// The values that describe a training: Python makes them and hands them on.
#include <pybind11/stl.h>

#include <string>

#include "bindings/bindings.hpp"
#include "bindings/bound_optimizer_state.hpp"
#include "bindings/run_result.hpp"
#include "training/training_plan.hpp"

namespace denseloop {
namespace {

OptimizerPlan make_optimizer_plan(Method method, double learning_rate, const py::kwargs& numbers) {
    OptimizerPlan plan{};
    plan.method = method;
    plan.learning_rate = learning_rate;
    for (const auto& [key, value] : numbers) {
        const auto name = key.cast<std::string>();
        bool known = false;
        for (const auto& row : hyperparameter_table<double>) {
            if (name != row.name) continue;
            plan.hyperparameters.*row.member = value.cast<double>();
            known = true;
        }
        if (!known) throw py::type_error("no optimizer has a hyperparameter '" + name + "'");
    }
    return plan;
}

void define_objective_plan(py::module_& m) {
    py::class_<Objective>(m, "ObjectivePlan", "The loss to be minimized, with its penalty.")
        .def(py::init([](Loss loss, double parameter, double value_scale, Reduction reduction,
                         DerivativeAt derivative_at, double l2) {
                 return Objective{loss, parameter, value_scale, reduction, derivative_at, l2};
             }),
             py::arg("loss"), py::kw_only(), py::arg("parameter"), py::arg("value_scale") = 1.0,
             py::arg("reduction") = Reduction::sum,
             py::arg("derivative_at") = DerivativeAt::pre_activation, py::arg("l2") = 0.0);
}

void define_optimizer_state(py::module_& m) {
    using State = BoundOptimizerState;
    py::class_<State, std::shared_ptr<State>> state(
        m, "OptimizerState", "The slots and counters that an optimizer keeps between trainings.");
    const auto define_counter = [&](const char* name, auto member) {
        state.def_property(
            name, [member](const State& s) { return s.counters.*member; },
            [member](State& s, std::remove_reference_t<decltype(s.counters.*member)> value) {
                s.counters.*member = value;
            });
    };
    using Count = std::uint64_t;
    const OptimizerCounters fresh{};
    state.def(py::init([](py::array slots, double learning_rate, Count updates, Count epochs,
                          double lowest_loss, Count epochs_without_progress, double beta_1_power,
                          double beta_2_power) {
                  return std::make_shared<State>(
                      State{std::move(slots),
                            {updates, epochs, learning_rate, lowest_loss, epochs_without_progress,
                             beta_1_power, beta_2_power}});
              }),
              py::arg("slots"), py::arg("learning_rate") = 0.0, py::arg("updates") = fresh.updates,
              py::arg("epochs") = fresh.epochs, py::arg("lowest_loss") = fresh.lowest_loss,
              py::arg("epochs_without_progress") = fresh.epochs_without_progress,
              py::arg("beta_1_power") = fresh.beta_1_power,
              py::arg("beta_2_power") = fresh.beta_2_power);
    state.def_readwrite("slots", &State::slots);
    state.def_static(
        "fresh",
        [](const std::vector<double>& first_slots, std::size_t n_parameters, bool float64,
           double learning_rate) {
            return std::make_shared<State>(
                float64 ? fresh_state<double>(first_slots, n_parameters, learning_rate)
                        : fresh_state<float>(first_slots, n_parameters, learning_rate));
        },
        py::arg("first_slots"), py::arg("n_parameters"), py::arg("float64"),
        py::arg("learning_rate"));
    define_counter("updates", &OptimizerCounters::updates);
    define_counter("epochs", &OptimizerCounters::epochs);
    define_counter("learning_rate", &OptimizerCounters::learning_rate);
    define_counter("lowest_loss", &OptimizerCounters::lowest_loss);
    define_counter("epochs_without_progress", &OptimizerCounters::epochs_without_progress);
    define_counter("beta_1_power", &OptimizerCounters::beta_1_power);
    define_counter("beta_2_power", &OptimizerCounters::beta_2_power);
    // Not by py::pickle, which the pickle protocols 0 and 1 cannot use.
    const auto reduce = [](const py::object& self) {
        const auto& [slots, c] = self.cast<const State&>();
        return py::make_tuple(
            py::type::of(self),
            py::make_tuple(slots, c.learning_rate, c.updates, c.epochs, c.lowest_loss,
                           c.epochs_without_progress, c.beta_1_power, c.beta_2_power));
    };
    state.def("__reduce__", reduce);
    state.def("__reduce_ex__", [reduce](const py::object& self, int) { return reduce(self); });
}

}  // namespace

void define_plans(py::module_& m) {
    define_objective_plan(m);
    define_optimizer_state(m);
    py::class_<OptimizerPlan>(m, "OptimizerPlan",
                              "A method with its learning rate and hyperparameters.")
        .def(py::init(&make_optimizer_plan), py::arg("method"), py::kw_only(),
             py::arg("learning_rate") = 0.0);
    py::class_<Schedule>(m, "Schedule", "How the learning rate changes from epoch to epoch.")
        .def(py::init([](ScheduleKind kind, double power, double divisor, std::size_t patience,
                         double tolerance, double smallest) {
                 return Schedule{kind, power, divisor, patience, tolerance, smallest};
             }),
             py::arg("kind"), py::kw_only(), py::arg("power") = 0.0, py::arg("divisor") = 0.0,
             py::arg("patience") = 0, py::arg("tolerance") = 0.0, py::arg("smallest") = 0.0);
    py::class_<Stopping>(m, "Stopping", "When a training ends early.")
        .def(py::init([](std::size_t patience, double tolerance, double relative_tolerance,
                         double goal) {
                 return Stopping{patience, tolerance, relative_tolerance, goal};
             }),
             py::kw_only(), py::arg("patience"), py::arg("tolerance"),
             py::arg("relative_tolerance"), py::arg("goal"))
        .def("is_progress", &Stopping::is_progress, py::arg("loss"), py::arg("lowest"));
    py::class_<TrainingPlan>(m, "TrainingPlan", "What a training is asked to do with its batches.")
        .def(py::init([](const Objective& objective, const OptimizerPlan& optimizer,
                         const Schedule& schedule, const std::optional<Stopping>& stopping,
                         UpdateOrder update_order, std::optional<std::uint64_t> shuffle_key) {
                 return TrainingPlan{objective,    optimizer, schedule,    stopping,
                                     update_order, 1,         shuffle_key, 1};
             }),
             py::arg("objective"), py::arg("optimizer"), py::arg("schedule"), py::kw_only(),
             py::arg("stopping").none(true) = py::none(),
             py::arg("update_order") = UpdateOrder::simultaneous,
             py::arg("shuffle_key").none(true) = py::none());
    py::class_<RunResult>(m, "RunResult", "What ended a run. Returned by the trainings.")
        .def_readonly("epochs", &RunResult::epochs)
        .def_readonly("ending", &RunResult::ending)
        .def_readonly("error", &RunResult::error);
}

}  // namespace denseloop
