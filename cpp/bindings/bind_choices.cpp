#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.hpp"
#include "kernels/choices.hpp"
#include "training/training_plan.hpp"

namespace denseloop {
namespace {

template <class E>
using Members = std::vector<std::pair<const char*, E>>;

template <class E>
void define_choice(py::module_& m, const char* name, const Members<E>& members) {
    py::native_enum<E> choice(m, name, "enum.Enum");
    for (const auto& [member, value] : members) choice.value(member, value);
    choice.finalize();
}

// The members of a table, and a dict of its rows by their names.
template <class Traits, std::size_t N>
void define_table(py::module_& m, const char* name, const char* dict_name,
                  const Traits (&table)[N]) {
    Members<decltype(Traits::member)> members;
    py::dict traits;
    for (const Traits& row : table) {
        members.emplace_back(row.name, row.member);
        traits[row.name] = row;
    }
    define_choice(m, name, members);
    m.attr(dict_name) = traits;
}

}  // namespace

void define_choices(py::module_& m) {
    py::class_<ActivationTraits>(m, "ActivationTraits", "A row of activation_traits.")
        .def_readonly("output_only", &ActivationTraits::output_only)
        .def_readonly("couples_outputs", &ActivationTraits::couples_outputs)
        .def_readonly("parameter", &ActivationTraits::parameter);
    py::class_<LossTraits>(m, "LossTraits", "A row of loss_traits.")
        .def_property_readonly("required_output",
                               [](const LossTraits& loss) -> std::optional<std::string> {
                                   if (!loss.has_required_output) return std::nullopt;
                                   return traits(loss.required_output).name;
                               })
        .def_readonly("fits_coupled_outputs", &LossTraits::fits_coupled_outputs)
        .def_readonly("parameter", &LossTraits::parameter);
    py::class_<MethodTraits>(m, "MethodTraits", "A row of method_traits.")
        .def_readonly("n_slots", &MethodTraits::n_slots);
    define_table(m, "Activation", "activation_traits", activation_table);
    define_table(m, "Loss", "loss_traits", loss_table);
    define_table(m, "Method", "method_traits", method_table);
    define_choice<Reduction>(m, "Reduction", {{"sum", Reduction::sum}, {"mean", Reduction::mean}});
    define_choice<DerivativeAt>(
        m, "DerivativeAt",
        {{"pre_activation", DerivativeAt::pre_activation}, {"output", DerivativeAt::output}});
    define_choice<UpdateOrder>(
        m, "UpdateOrder",
        {{"simultaneous", UpdateOrder::simultaneous}, {"output_first", UpdateOrder::output_first}});
    define_choice<Variables>(
        m, "Variables", {{"inputs", Variables::inputs}, {"parameters", Variables::parameters}});
    define_choice<ScheduleKind>(m, "ScheduleKind",
                                {{"constant", ScheduleKind::constant},
                                 {"inverse_scaling", ScheduleKind::inverse_scaling},
                                 {"adaptive", ScheduleKind::adaptive}});
    define_choice<Ending>(m, "Ending",
                          {{"epochs", Ending::epochs},
                           {"interrupt", Ending::interrupt},
                           {"divergence", Ending::divergence},
                           {"stopping", Ending::stopping},
                           {"goal", Ending::goal},
                           {"learning_rate", Ending::learning_rate},
                           {"convergence", Ending::convergence}});
}

}  // namespace denseloop
