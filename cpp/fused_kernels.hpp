// The kernels of kernel_table.hpp, written once over the virtual vector: the update and the public
// functions here, the passes through a network in the files below.
#pragma once

#include "floor_kernels.hpp"
#include "output_kernels.hpp"
#include "row_kernels.hpp"
#include "scalar_fma.hpp"
#include "tile_kernels.hpp"

namespace denseloop::DENSELOOP_TARGET {

// ---- update

template <class T>
DENSELOOP_WHOLE bool descend(T* parameters, T* gradient, std::size_t count, T step) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Vec<T> rate = broadcast(step), zero = broadcast(T(0));
    Vec<T> zero_if_finite = zero;
    std::size_t k = 0;
    for (; k + lanes <= count; k += lanes) {
        const Vec<T> before = load(parameters + k);
        const Vec<T> after = fnma(rate, load(gradient + k), before);
        zero_if_finite = fma(after, zero, zero_if_finite);
        store(parameters + k, after);
        store(gradient + k, before);
    }
    // One by one: the next epoch broadcasts these weights, and a load cannot be forwarded from a
    // masked store that is still on its way.
    T scalar_zero_if_finite = 0;
    for (; k < count; ++k) {
        const T before = parameters[k];
        const T after = scalar_fma(-step, gradient[k], before);
        scalar_zero_if_finite += after * 0;
        parameters[k] = after;
        gradient[k] = before;
    }
    return sum(zero_if_finite) + scalar_zero_if_finite == 0;
}

// ---- the public functions

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
DENSELOOP_WHOLE void map_sigmoid(const T* x, T* y, std::size_t count) {
    map(x, y, count, [](auto v) { return sigmoid(v); });
}

template <class T>
DENSELOOP_WHOLE void map_sigmoid_derivative(const T* x, T* y, std::size_t count) {
    map(x, y, count, [](auto v) { return sigmoid_derivative(v); });
}

template <class T>
constexpr Kernels<T> kernels = {
    affine<T>,       activate<T>,     output_delta<T>, layer_gradient<T>, propagate<T>,
    descend<T>,      predict_rows<T>, descend_rows<T>, map_sigmoid<T>,    map_sigmoid_derivative<T>,
    multiply_adds<T>};

}  // namespace denseloop::DENSELOOP_TARGET
