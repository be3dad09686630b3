// The kernels of kernel_table.hpp, written once over the virtual vector: the public functions here,
// the others in the files below.
#pragma once

#include "kernels/least_squares_kernels.hpp"
#include "kernels/optimizers.hpp"
#include "kernels/roofline_kernels.hpp"
#include "kernels/row_kernels.hpp"
#include "kernels/tile_kernels.hpp"
#include "simd/flatten.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T, class F>
inline void map(const T* x, T* y, std::size_t count, F f) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    std::size_t k = 0;
    for (; k + 2 * lanes <= count; k += 2 * lanes) {
        const Pair<T> result = f(Pair<T>{load(x + k), load(x + k + lanes)});
        store(y + k, result.a);
        store(y + k + lanes, result.b);
    }
    for (; k + lanes <= count; k += lanes) store(y + k, f(load(x + k)));
    if (k < count) store_first(y + k, count - k, f(load_first(x + k, count - k)));
}

template <class T>
DENSELOOP_FLATTEN void map_sigmoid(const T* x, T* y, std::size_t count) {
    map(x, y, count, [](auto v) { return sigmoid(v); });
}

template <class T>
DENSELOOP_FLATTEN void map_sigmoid_derivative(const T* x, T* y, std::size_t count) {
    map(x, y, count, [](auto v) { return sigmoid_derivative(v); });
}

template <class T>
constexpr Kernels<T> kernels = {affine<T>,
                                activate<T>,
                                output_delta<T>,
                                layer_gradient<T>,
                                propagate<T>,
                                update<T>,
                                penalize<T>,
                                predict_rows<T>,
                                update_rows<T>,
                                repeat_rows<T>,
                                jacobian<T>,
                                add_products<T>,
                                factor_block<T>,
                                solve_block<T>,
                                add_multiple<T>,
                                map_sigmoid<T>,
                                map_sigmoid_derivative<T>,
                                multiply_adds<T>,
                                pack<T>};

}  // namespace denseloop::DENSELOOP_TARGET
