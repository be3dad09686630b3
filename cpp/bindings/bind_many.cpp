// Trainings of many networks in one call.
#include <pybind11/stl.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "bindings/bound_lanes.hpp"
#include "bindings/bound_member.hpp"

namespace denseloop {
namespace {

// How many members are made before Python's signal handlers run.
constexpr std::size_t between_signals = 256;

template <class T>
std::unique_ptr<AnyMember> make_member(py::handle network, py::handle plan, std::size_t epochs,
                                       std::optional<std::uint64_t> shuffle_key,
                                       py::handle history_class, py::handle check_trainable,
                                       std::size_t index) {
    auto bound = network.cast<std::shared_ptr<BoundNetwork<T>>>();
    if (!bound->is_trainable()) check_trainable(index);
    return std::make_unique<BoundMember<T>>(std::move(bound),
                                            plan.cast<std::shared_ptr<MemberPlan<T>>>(), epochs,
                                            shuffle_key, history_class);
}

template <class T>
std::vector<BoundMember<T>*> of_type(const std::vector<std::unique_ptr<AnyMember>>& members) {
    std::vector<BoundMember<T>*> found;
    for (const auto& member : members) {
        if (auto* const bound = dynamic_cast<BoundMember<T>*>(member.get())) found.push_back(bound);
    }
    return found;
}

// What the caller is told now and then, and what it may answer.
struct Reports {
    py::object show;     // called with the number of finished members, or None
    py::type stop_type;  // the exception by which `show` ends all trainings as a callback does
};

// jobs: tuples (network, plan, epochs, shuffle_key or None). Returns their histories. Nothing has
// changed if one of them cannot be trained: then an error is raised by refuse(index, error), or by
// check_trainable(index) for its parameters.
py::list train_members(const std::vector<py::tuple>& jobs, std::size_t threads,
                       const py::type& history_class, const py::function& check_trainable,
                       const py::function& refuse, Reports reports) {
    std::vector<std::unique_ptr<AnyMember>> members;
    members.reserve(jobs.size());
    for (std::size_t k = 0; k < jobs.size(); ++k) {
        if (k % between_signals == 0 && PyErr_CheckSignals() != 0) throw py::error_already_set();
        const py::tuple& job = jobs[k];
        const auto make = py::isinstance<BoundNetwork<double>>(job[0]) ? &make_member<double>
                                                                       : &make_member<float>;
        try {
            members.push_back(make(job[0], job[1], job[2].cast<std::size_t>(),
                                   job[3].cast<std::optional<std::uint64_t>>(), history_class,
                                   check_trainable, k));
        } catch (const std::runtime_error& error) {
            refuse(k, error.what());
            throw;
        }
    }
    std::vector<MemberTraining*> trainings;
    std::vector<std::unique_ptr<MemberTraining>> groups;
    group_lanes(of_type<double>(members), groups, trainings);
    group_lanes(of_type<float>(members), groups, trainings);
    std::atomic<std::size_t> finished{0};
    py::object progress = py::none();
    if (!reports.show.is_none()) {
        progress =
            py::cpp_function([&](std::size_t, double) { reports.show(std::size_t{finished}); });
    }
    PythonMonitor monitor(std::move(progress));
    {
        // Safe: the members have their arrays' memory, and keep it alive.
        const GilReleased no_gil;
        try {
            run_members(std::move(trainings), threads, monitor, finished);
        } catch (const Interrupted&) {
        }
    }
    const py::object error = monitor.final_error();
    const bool stopped = !error.is_none() && py::isinstance(error, reports.stop_type);
    py::list histories(members.size());
    std::exception_ptr failure;
    for (std::size_t k = 0; k < members.size(); ++k) {
        try {
            histories[k] = members[k]->publish(stopped ? "callback" : "interrupt");
        } catch (...) {  // of this member alone; the others are published
            if (!failure) failure = std::current_exception();
        }
    }
    if (!error.is_none()) monitor.raise_error();
    if (failure) std::rethrow_exception(failure);
    return histories;
}

template <class T>
void define_member_plan(py::module_& m, const char* name) {
    using Plan = MemberPlan<T>;
    py::class_<Plan, std::shared_ptr<Plan>>(m, name, "What members are trained with.")
        .def(
            py::init([](InputArrays<T> inputs, Targets<T> y, std::optional<Array<T>> sample_weight,
                        std::optional<SampleArrays<T>> eval_set, py::object options,
                        std::size_t batch_size, py::object optimizer,
                        std::vector<double> first_slots, py::object rate, py::object scaling_before,
                        py::object scaling, bool record_output, bool restore_best) {
                auto plan = options.cast<TrainingPlan>();
                auto X = std::visit([](auto&& any) { return TrainingInputs<T>(std::move(any)); },
                                    std::move(inputs));
                plan.batch_size = batch_size;
                return std::make_shared<Plan>(
                    Plan{SampleArrays<T>{std::move(X), std::move(y), std::move(sample_weight)},
                         std::move(eval_set), plan, std::move(options), std::move(optimizer),
                         std::move(first_slots), std::move(rate),
                         PlannedScaling{std::move(scaling_before), std::move(scaling)},
                         record_output, restore_best});
            }),
            py::arg("X").noconvert(), py::arg("y").noconvert(),
            py::arg("sample_weight").noconvert().none(true),
            py::arg("eval_set").noconvert().none(true), py::arg("plan"), py::arg("batch_size"),
            py::arg("optimizer"), py::arg("first_slots"), py::arg("rate"),
            py::arg("scaling_before"), py::arg("scaling"), py::arg("record_output"),
            py::arg("restore_best"))
        .def("check", &Plan::check, py::arg("network"));
}

}  // namespace

void define_many(py::module_& m) {
    define_member_plan<float>(m, "MemberPlan32");
    define_member_plan<double>(m, "MemberPlan64");
    m.def(
        "train_members",
        [](const std::vector<py::tuple>& jobs, std::size_t threads, const py::type& history_class,
           const py::function& check_trainable, const py::function& refuse, py::object show,
           const py::type& stop_type) {
            return train_members(jobs, threads, history_class, check_trainable, refuse,
                                 {std::move(show), stop_type});
        },
        py::arg("jobs"), py::arg("threads"), py::arg("history_class"), py::arg("check_trainable"),
        py::arg("refuse"), py::arg("show"), py::arg("stop_type"));
}

}  // namespace denseloop
