// The table of all kernels, which are written once over the virtual vector.
#pragma once

#include "base/compiler.hpp"
#include "kernels/kernel_table.hpp"
#include "kernels/least_squares_kernels.hpp"
#include "kernels/network_lanes.hpp"
#include "kernels/optimizers.hpp"
#include "kernels/roofline_kernels.hpp"
#include "kernels/row_repeats.hpp"
#include "kernels/sparse_kernels.hpp"
#include "kernels/tile_kernels.hpp"
#include "simd/single.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T, class F>
inline void map(const T* x, T* y, std::size_t count, F f) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    if (count == 1) {
        *y = f(Single<T>{*x}).value;
        return;
    }
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
constexpr Kernels<T> kernels = {.multiply_add_cost = DENSELOOP_HAS_FMA ? 1 : 64,
                                .transpose_rows = transpose_rows<T>,
                                .affine = affine<T>,
                                .activate = activate<T>,
                                .output_delta = output_delta<T>,
                                .layer_gradient = layer_gradient<T>,
                                .propagate = propagate<T>,
                                .sparse_affine = sparse_affine<T>,
                                .transpose_tile = transpose_tile<T>,
                                .sparse_gradient = sparse_gradient<T>,
                                .update = update<T>,
                                .sum_of_squares = sum_of_squares<T>,
                                .decay = decay<T>,
                                .predict_rows = predict_rows<T>,
                                .update_rows = update_rows<T>,
                                .repeat_rows = repeat_rows<T>,
                                .repeat_lanes = repeat_lanes<T>,
                                .jacobian = jacobian<T>,
                                .add_products = add_products<T>,
                                .factor_block = factor_block<T>,
                                .solve_block = solve_block<T>,
                                .add_multiple = add_multiple<T>,
                                .sigmoid = map_sigmoid<T>,
                                .sigmoid_derivative = map_sigmoid_derivative<T>,
                                .multiply_adds = multiply_adds<T>};

}  // namespace denseloop::DENSELOOP_TARGET
