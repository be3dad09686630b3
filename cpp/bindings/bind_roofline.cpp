#include <stdexcept>
#include <string>

#include "bindings/bindings.hpp"
#include "bindings/roofline.hpp"

namespace denseloop {
namespace {

template <class T>
void repeat_sigmoid(Array<T> z, std::size_t times) {
    const auto count = static_cast<std::size_t>(z.size());
    T* const data = writable_flat_view(z, "z", count);
    if (count % vector_lanes<T> != 0) {
        throw std::invalid_argument("z must be whole vectors of " +
                                    std::to_string(vector_lanes<T>) + " numbers, got " +
                                    std::to_string(count));
    }
    // Safe: only the array's memory is used, which the argument keeps alive.
    const py::gil_scoped_release no_gil;
    loop_sigmoid(data, count, times);
}

template <class T>
void define(py::module_& m, const char* multiply_adds_name) {
    m.def(multiply_adds_name, &multiply_adds<T>, py::arg("count"),
          py::call_guard<py::gil_scoped_release>());
    m.def("loop_sigmoid", &repeat_sigmoid<T>, py::arg("z").noconvert(), py::arg("times"));
}

}  // namespace

void define_floor(py::module_& m) {
    define<float>(m, "multiply_adds32");
    define<double>(m, "multiply_adds64");
}

}  // namespace denseloop
