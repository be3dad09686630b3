#include "bindings/roofline.hpp"

#include "base/fp_environment.hpp"
#include "targets/dispatch.hpp"

namespace denseloop {

template <class T>
std::size_t multiply_adds(std::size_t count) {
    alignas(vector_bytes) const T zeros[floor_vectors * vector_lanes<T>] = {};
    return in_default_environment(
        [&] { return active_kernels<T>().multiply_adds(zeros, T(1), count); });
}

template <class T>
void loop_sigmoid(T* z, std::size_t count, std::size_t times) {
    in_default_environment([&] {
        for (; times > 0; --times) {
            active_kernels<T>().activate(Activation::sigmoid, z, 1, count / vector_lanes<T>);
        }
    });
}

template std::size_t multiply_adds<float>(std::size_t);
template std::size_t multiply_adds<double>(std::size_t);
template void loop_sigmoid<float>(float*, std::size_t, std::size_t);
template void loop_sigmoid<double>(double*, std::size_t, std::size_t);

}  // namespace denseloop
