// The module denseloop._core: a table of contents.
#include "bindings/bindings.hpp"

#include <pybind11/stl.h>

#include "base/forks.hpp"
#include "bindings/busy_flag.hpp"
#include "bindings/parameter_lock.hpp"
#include "targets/dispatch.hpp"

PYBIND11_MODULE(_core, m) {
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
    m.attr("version") = DENSELOOP_VERSION;
    m.attr("compiler") = DENSELOOP_COMPILER;
    m.attr("compiler_flags") = DENSELOOP_FLAGS;
    m.attr("target_flags") = DENSELOOP_TARGET_FLAGS;  // one line for each target with own flags
    m.def("available_targets", &available_targets);
    m.def("active_target", [] { return active_target().name; });
    m.def("force_target", &force_target, py::arg("name"));
}
