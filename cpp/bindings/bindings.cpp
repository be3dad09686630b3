// The module denseloop._core: a table of contents.
#include "bindings/bindings.hpp"

#include <pybind11/stl.h>

#include <string>

#include "base/forks.hpp"
#include "bindings/busy_flag.hpp"
#include "bindings/parameter_lock.hpp"
#include "kernels/types.hpp"
#include "samples/tiling.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {
namespace {

// Without this, pybind11 ends the process where __reduce__() or pickle's protocols 0 and 1 want to
// make an object's base.
void refuse_to_reduce(const py::module_& m) {
    for (const auto& [name, value] : m.attr("__dict__").cast<py::dict>()) {
        if (!py::isinstance<py::type>(value) || py::hasattr(value, "__members__")) continue;
        if (value.attr("__dict__").contains("__reduce_ex__")) continue;
        value.attr("__reduce__") = py::cpp_function(
            [](const py::object& self) -> py::object {
                const auto type = py::str(py::type::of(self).attr("__name__")).cast<std::string>();
                throw py::type_error("cannot pickle '" + type + "' object");
            },
            py::is_method(value));
    }
}

}  // namespace
}  // namespace denseloop

// docs/reference/threads.md lists what threads share, and what guards it without the GIL.
PYBIND11_MODULE(_core, m, pybind11::mod_gil_not_used()) {
    using namespace denseloop;
    m.doc() = "The C++ core of denseloop. Use it through the package's own modules.";
    count_forks();
    after_each_fork(&ParameterLock::keep_what_this_thread_holds);
    after_each_fork(&BusyFlag::keep_what_this_thread_holds);
    define_choices(m);
    define_plans(m);
    define_networks(m);
    define_many(m);
    define_shuffles(m);
    define_roofline(m);
    define_ufuncs(m);
    refuse_to_reduce(m);
    m.attr("version") = DENSELOOP_VERSION;
    m.attr("samples_per_block") = samples_per_block;
    m.attr("max_rows") = max_rows;
    m.attr("compiler") = DENSELOOP_COMPILER;
    m.attr("compiler_flags") = DENSELOOP_FLAGS;
    m.attr("target_flags") = DENSELOOP_TARGET_FLAGS;  // one line for each target with own flags
    m.def("available_targets", &available_targets);
    m.def("active_target", [] { return active_target().name; });
    m.def("force_target", &force_target, py::arg("name"));
}
