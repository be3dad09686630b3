// The two rates that bound the speed of a training, for the benchmark to time.
#include <stdexcept>
#include <string>

#include "base/fp_environment.hpp"
#include "bindings/bindings.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {
namespace {

// Performs at least `count` multiply-adds in registers. Returns how many: the sum of as many
// products of one by one.
template <class T>
std::size_t multiply_adds(std::size_t count) {
    alignas(vector_bytes) const T zeros[roofline_vectors * vector_lanes<T>] = {};
    return in_default_environment(
        [&] { return active_kernels<T>().multiply_adds(zeros, T(1), count); });
}

// Replaces z by the training loop's sigmoid of z, `times` times. The values approach 0.659, where
// sigmoid(z) = z; the speed does not depend on them.
template <class T>
void loop_sigmoid(Array<T> z, std::size_t times) {
    const auto count = static_cast<std::size_t>(z.size());
    T* const data = writable_flat_view(z, "z", count);
    if (count % vector_lanes<T> != 0) {
        throw std::invalid_argument("z must be whole vectors of " +
                                    std::to_string(vector_lanes<T>) + " numbers, got " +
                                    std::to_string(count));
    }
    // Safe: only the array's memory is used, which the argument keeps alive.
    const GilReleased no_gil;
    in_default_environment([&] {
        for (std::size_t k = 0; k < times; ++k) {
            active_kernels<T>().activate({Activation::sigmoid, 0}, data, data, 1,
                                         count / vector_lanes<T>);
        }
    });
}

template <class T>
void define(py::module_& m, const char* multiply_adds_name) {
    m.def(multiply_adds_name, &multiply_adds<T>, py::arg("count"), py::call_guard<GilReleased>());
    m.def("loop_sigmoid", &loop_sigmoid<T>, py::arg("z").noconvert(), py::arg("times"));
}

}  // namespace

void define_roofline(py::module_& m) {
    define<float>(m, "multiply_adds32");
    define<double>(m, "multiply_adds64");
}

}  // namespace denseloop
