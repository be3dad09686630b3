// The module denseloop._core: a table of contents.
#include "bindings.hpp"

#include <pybind11/native_enum.h>
#include <pybind11/stl.h>

#include <vector>

#include "descent.hpp"
#include "dispatch.hpp"
#include "layout.hpp"
#include "parameter_lock.hpp"
#include "ufuncs.hpp"

namespace denseloop {
namespace {

void define_choices(py::module_& m) {
    py::native_enum<Activation>(m, "Activation", "enum.Enum")
        .value("sigmoid", Activation::sigmoid)
        .value("softmax", Activation::softmax)
        .finalize();
    py::native_enum<Loss>(m, "Loss", "enum.Enum")
        .value("squared_error", Loss::squared_error)
        .value("half_squared_error", Loss::half_squared_error)
        .value("cross_entropy", Loss::cross_entropy)
        .finalize();
    py::native_enum<Reduction>(m, "Reduction", "enum.Enum")
        .value("sum", Reduction::sum)
        .value("mean", Reduction::mean)
        .finalize();
    py::native_enum<DerivativeAt>(m, "DerivativeAt", "enum.Enum")
        .value("pre_activation", DerivativeAt::pre_activation)
        .value("output", DerivativeAt::output)
        .finalize();
    py::native_enum<UpdateOrder>(m, "UpdateOrder", "enum.Enum")
        .value("simultaneous", UpdateOrder::simultaneous)
        .value("output_first", UpdateOrder::output_first)
        .finalize();
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
    define_training(m);
    define_passes(m);
    define_ufuncs(m);
    m.attr("compiler") = DENSELOOP_COMPILER;
    m.attr("compiler_flags") = DENSELOOP_FLAGS;
    m.attr("target_flags") =
        DENSELOOP_TARGET_FLAGS;  // a line for each target with flags of its own
    m.def("available_targets", &available_targets);
    m.def("active_target", [] { return active_target().name; });
    m.def("force_target", &force_target, py::arg("name"));
}
