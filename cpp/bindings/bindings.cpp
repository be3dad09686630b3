// The module denseloop._core: a table of contents.
#include "bindings/bindings.hpp"

#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <initializer_list>
#include <utility>
#include <vector>

#include "bindings/parameter_lock.hpp"
#include "bindings/ufuncs.hpp"
#include "network/layout.hpp"
#include "targets/dispatch.hpp"
#include "training/training_loop.hpp"

namespace denseloop {
namespace {

// An enumeration of Python with the members' own names.
template <class E>
void define_choice(py::module_& m, const char* name,
                   std::initializer_list<std::pair<const char*, E>> members) {
    py::native_enum<E> choice(m, name, "enum.Enum");
    for (const auto& [member, value] : members) choice.value(member, value);
    choice.finalize();
}

void define_choices(py::module_& m) {
    define_choice<Activation>(m, "Activation",
                              {{"sigmoid", Activation::sigmoid},
                               {"tanh", Activation::tanh},
                               {"relu", Activation::relu},
                               {"identity", Activation::identity},
                               {"softmax", Activation::softmax},
                               {"exp", Activation::exp}});
    define_choice<Loss>(m, "Loss",
                        {{"squared_error", Loss::squared_error},
                         {"half_squared_error", Loss::half_squared_error},
                         {"absolute_error", Loss::absolute_error},
                         {"huber", Loss::huber},
                         {"quantile", Loss::quantile},
                         {"binary_cross_entropy", Loss::binary_cross_entropy},
                         {"cross_entropy", Loss::cross_entropy},
                         {"poisson", Loss::poisson}});
    define_choice<Reduction>(m, "Reduction", {{"sum", Reduction::sum}, {"mean", Reduction::mean}});
    define_choice<DerivativeAt>(
        m, "DerivativeAt",
        {{"pre_activation", DerivativeAt::pre_activation}, {"output", DerivativeAt::output}});
    define_choice<UpdateOrder>(
        m, "UpdateOrder",
        {{"simultaneous", UpdateOrder::simultaneous}, {"output_first", UpdateOrder::output_first}});
    define_choice<Method>(m, "Method",
                          {{"gradient_descent", Method::gradient_descent},
                           {"momentum", Method::momentum},
                           {"nesterov", Method::nesterov},
                           {"adam", Method::adam},
                           {"rprop", Method::rprop}});
    define_choice<ScheduleKind>(m, "ScheduleKind",
                                {{"constant", ScheduleKind::constant},
                                 {"inverse_scaling", ScheduleKind::inverse_scaling},
                                 {"adaptive", ScheduleKind::adaptive}});
    define_choice<Ending>(m, "Ending",
                          {{"epochs", Ending::epochs},
                           {"interrupt", Ending::interrupt},
                           {"divergence", Ending::divergence},
                           {"stopping", Ending::stopping},
                           {"learning_rate", Ending::learning_rate},
                           {"convergence", Ending::convergence}});
}

void define_layout(py::module_& m) {
    py::class_<Layer>(m, "Layer")
        .def_readonly("fan_in", &Layer::fan_in)
        .def_readonly("fan_out", &Layer::fan_out)
        .def_readonly("weights", &Layer::weights)
        .def_readonly("bias", &Layer::bias)
        .def_readonly("end", &Layer::end)
        .def_readonly("has_bias", &Layer::has_bias);
    py::class_<ParameterLock>(m, "ParameterLock").def(py::init<>());
    py::class_<Layout>(m, "Layout")
        .def(py::init<const std::vector<std::size_t>&, bool, const std::vector<Activation>&>(),
             py::arg("layer_sizes"), py::arg("bias"), py::arg("activations"))
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
    define_training(m);
    define_passes(m);
    define_floor(m);
    define_levenberg_marquardt(m);
    define_shuffles(m);
    define_ufuncs(m);
    m.attr("version") = DENSELOOP_VERSION;
    m.attr("compiler") = DENSELOOP_COMPILER;
    m.attr("compiler_flags") = DENSELOOP_FLAGS;
    m.attr("target_flags") =
        DENSELOOP_TARGET_FLAGS;  // a line for each target with flags of its own
    m.def("available_targets", &available_targets);
    m.def("active_target", [] { return active_target().name; });
    m.def("force_target", &force_target, py::arg("name"));
}
