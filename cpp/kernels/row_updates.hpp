// Few samples: updates a layer from its inputs and deltas without storing a gradient.
#pragma once

#include "base/compiler.hpp"
#include "kernels/optimizers.hpp"
#include "simd/register_blocks.hpp"

namespace denseloop::DENSELOOP_TARGET {

// How many vectors of outputs a block of S samples has, so that their sums stay in registers.
template <int S>
constexpr int row_block = accumulators >= 16 ? 8 / S
                          : accumulators > S ? accumulators / S
                                             : 1;

// Calls f.operator()<W>() for the width W > 1 of a row of parameters: W = lanes stands for whole
// vectors, W = 0 for flat rows.
template <bool Padded, class T, class F>
DENSELOOP_ALWAYS_INLINE inline auto with_row_width(std::size_t stride, const F& f) {
    constexpr int lanes = Vec<T>::lanes;
    if constexpr (!Padded) return f.template operator()<0>();
    if (stride == 2) return f.template operator()<2>();
    if (stride == 4) return f.template operator()<4>();
    if constexpr (lanes > 8) {
        if (stride == 8) return f.template operator()<8>();
    }
    return f.template operator()<lanes>();
}

// Updates rows of W numbers that share vectors. The gradient of row i adds
// input[s * input_stride + i] * delta[s * delta_stride + j] for the samples in turn.
template <int S, int W, class Rule, class T>
inline Vec<T> update_narrow(const Rule& rule, std::size_t k, std::size_t rows, ParameterSet<T> from,
                            ParameterSet<T> to, const T* input, std::size_t input_stride,
                            const T* delta, std::size_t delta_stride) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> zero_if_finite = broadcast(T(0)), d[S];
    unrolled<S>([&]<int s>() { d[s] = repeat_first<W>(delta + s * delta_stride); });
    for (std::size_t i = 0; i < rows; i += lanes / W, k += lanes) {
        Vec<T> gradient = repeat_each<W>(input + i) * d[0];
        unrolled<S - 1>([&]<int s>() {
            gradient = fma(repeat_each<W>(input + (s + 1) * input_stride + i), d[s + 1], gradient);
        });
        update_vector(rule, k, gradient, from, to, zero_if_finite);
    }
    return zero_if_finite;
}

// Updates V vectors of each row, at offset k in the first row; rows are whole vectors.
template <int S, int V, class Rule, class T>
inline Vec<T> update_wide(const Rule& rule, std::size_t k, std::size_t stride, std::size_t rows,
                          ParameterSet<T> from, ParameterSet<T> to, const T* input,
                          std::size_t input_stride, const T* delta, std::size_t delta_stride) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> zero_if_finite[V], d[S * V];
    unrolled<V>([&]<int v>() {
        zero_if_finite[v] = broadcast(T(0));
        unrolled<S>([&]<int s>() { d[s * V + v] = load(delta + s * delta_stride + v * lanes); });
    });
    for (std::size_t i = 0; i < rows; ++i, k += stride) {
        Vec<T> x[S];
        unrolled<S>([&]<int s>() { x[s] = broadcast(input[s * input_stride + i]); });
        unrolled<V>([&]<int v>() {
            Vec<T> gradient = x[0] * d[v];
            unrolled<S - 1>(
                [&]<int s>() { gradient = fma(x[s + 1], d[(s + 1) * V + v], gradient); });
            update_vector(rule, k + v * lanes, gradient, from, to, zero_if_finite[v]);
        });
    }
    unrolled<V - 1>(
        [&]<int v>() { zero_if_finite[0] = zero_if_finite[0] + zero_if_finite[v + 1]; });
    return zero_if_finite[0];
}

// Updates all parameters of a layer. Returns a vector of zeros if all written numbers are finite.
template <int S, class Rule, class T>
inline Vec<T> update_layer(const Layer& layer, const Rule& rule, ParameterSet<T> from,
                           ParameterSet<T> to, const T* input, const T* delta) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    // Local copies, so the compiler need not assume that a store aliases them.
    const std::size_t stride = layer.stride, input_stride = row_stride<T>(layer.fan_in);
    const std::size_t delta_stride = padded<T>(layer.fan_out);
    // The bias is the weight of the 1 that precedes the inputs.
    const std::size_t first = layer.has_bias ? layer.bias : layer.weights;
    const std::size_t rows = layer.has_bias ? layer.fan_in + 1 : layer.fan_in;
    if (layer.has_bias) --input;
    const auto narrow = [&]<int W>() {
        return update_narrow<S, W>(rule, first, rows, from, to, input, input_stride, delta,
                                   delta_stride);
    };
    if (stride == 1) return narrow.template operator()<1>();
    return with_row_width<true, T>(stride, [&]<int W>() {
        if constexpr (W < lanes) {
            return narrow.template operator()<W>();
        } else {
            Vec<T> zero_if_finite = broadcast(T(0));
            in_blocks<row_block<S>>({0, stride / lanes}, [&]<int V>(std::size_t vector) {
                const std::size_t j = vector * lanes;
                zero_if_finite = zero_if_finite + update_wide<S, V>(rule, first + j, stride, rows,
                                                                    from, to, input, input_stride,
                                                                    delta + j, delta_stride);
            });
            return zero_if_finite;
        }
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
