// Many samples: the matrix products of a layer, with the samples along the lanes.
//
// affine, layer_gradient and propagate keep a block of accumulators in registers: with U units by V
// vectors (or I inputs by J outputs), each step loads U + V operands for U * V multiply-adds.
#pragma once

#include "kernels/losses.hpp"
#include "simd/flatten.hpp"
#include "simd/register_blocks.hpp"

namespace denseloop::DENSELOOP_TARGET {

// weights and bias start at the first unit of the block, input and z at its first vector.
template <int U, int V, class T>
inline void affine_block(const Layer& layer, const T* weights, const T* bias, const T* input, T* z,
                         std::size_t stride) {
    Vec<T> acc[U][V];
    unrolled<U>([&]<int u>() {
        const Vec<T> start = broadcast(layer.has_bias ? bias[u] : T(0));
        unrolled<V>([&]<int v>() { acc[u][v] = start; });
    });
    for (std::size_t i = 0; i < layer.fan_in; ++i) {
        Vec<T> x[V];
        unrolled<V>([&]<int v>() { x[v] = load(input + i * stride + v * Vec<T>::lanes); });
        unrolled<U>([&]<int u>() {
            const Vec<T> w = broadcast(weights[i * layer.fan_out + u]);
            unrolled<V>([&]<int v>() { acc[u][v] = fma(w, x[v], acc[u][v]); });
        });
    }
    unrolled<U>([&]<int u>() {
        unrolled<V>([&]<int v>() { store(z + u * stride + v * Vec<T>::lanes, acc[u][v]); });
    });
}

template <class T>
DENSELOOP_FLATTEN void affine(const Layer& layer, Range outputs, const T* parameters,
                              const T* input, T* z, std::size_t vectors) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    in_blocks<unit_block>(outputs, [&]<int U>(std::size_t j) {
        in_blocks<accumulators / U>({0, vectors}, [&]<int V>(std::size_t v) {
            const std::size_t at = v * Vec<T>::lanes;
            affine_block<U, V>(layer, parameters + layer.weights + j, parameters + layer.bias + j,
                               input + at, z + j * stride + at, stride);
        });
    });
}

// p[i * stride + j] = sum(acc[i * J + j]), or += it if accumulate.
template <int I, int J, class T>
inline void store_sums(const Vec<T> (&acc)[I * J], T* p, std::size_t stride, bool accumulate) {
    constexpr int lanes = Vec<T>::lanes;
    unrolled<(I * J + lanes - 1) / lanes>([&]<int part>() {
        Vec<T> group[lanes];
        unrolled<lanes>([&]<int k>() { group[k] = acc[(part * lanes + k) % (I * J)]; });
        Vec<T> total = sums(group);
        if constexpr (J >= lanes) {
            T* row = p + part * lanes / J * stride + part * lanes % J;
            if (accumulate) total = load(row) + total;
            store(row, total);
        } else {
            alignas(64) T sum[lanes];
            store(sum, total);
            unrolled<(lanes / J < I ? lanes / J : I)>([&]<int r>() {
                T* row = p + (part * (lanes / J) + r) * stride;
                for (int j = 0; j < J; ++j) {
                    row[j] = accumulate ? row[j] + sum[r * J + j] : sum[r * J + j];
                }
            });
        }
    });
}

// weights starts at the first input and output of the block, input and delta at their first units.
template <int I, int J, class T>
inline void gradient_block(const T* input, std::size_t input_stride, const T* delta,
                           std::size_t delta_stride, T* weights, std::size_t fan_out,
                           std::size_t vectors, bool accumulate) {
    Vec<T> acc[I * J];
    unrolled<I * J>([&]<int k>() { acc[k] = broadcast(T(0)); });
    for (std::size_t at = 0; at < vectors * Vec<T>::lanes; at += Vec<T>::lanes) {
        Vec<T> d[J];
        unrolled<J>([&]<int j>() { d[j] = load(delta + j * delta_stride + at); });
        unrolled<I>([&]<int i>() {
            const Vec<T> x = load(input + i * input_stride + at);
            unrolled<J>([&]<int j>() { acc[i * J + j] = fma(x, d[j], acc[i * J + j]); });
        });
    }
    store_sums<I, J>(acc, weights, fan_out, accumulate);
}

template <int J, class T>
inline void bias_gradient_block(const T* delta, T* bias, std::size_t vectors, bool accumulate) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    Vec<T> acc[J];
    unrolled<J>([&]<int j>() { acc[j] = broadcast(T(0)); });
    for (std::size_t at = 0; at < stride; at += Vec<T>::lanes) {
        unrolled<J>([&]<int j>() { acc[j] = acc[j] + load(delta + j * stride + at); });
    }
    store_sums<1, J>(acc, bias, J, accumulate);
}

template <class T>
DENSELOOP_FLATTEN void layer_gradient(const Layer& layer, Range inputs, const T* input,
                                      const T* delta, T* gradient, std::size_t samples,
                                      bool accumulate) {
    const std::size_t vectors = (samples + Vec<T>::lanes - 1) / Vec<T>::lanes;
    const std::size_t stride = vectors * Vec<T>::lanes;
    T* weights = gradient + layer.weights;
    in_blocks<output_block>({0, layer.fan_out}, [&]<int J>(std::size_t j) {
        in_blocks<accumulators / J>(inputs, [&]<int I>(std::size_t i) {
            gradient_block<I, J>(input + i * stride, stride, delta + j * stride, stride,
                                 weights + i * layer.fan_out + j, layer.fan_out, vectors,
                                 accumulate);
        });
    });
    if (!layer.has_bias || inputs.begin != 0) return;
    in_blocks<unit_block>({0, layer.fan_out}, [&]<int J>(std::size_t j) {
        bias_gradient_block<J>(delta + j * stride, gradient + layer.bias + j, vectors, accumulate);
    });
}

template <int I, int V, class T>
inline void propagate_block(const Layer& layer, const ActivationFunction& below,
                            DerivativeAt derivative_at, const T* weights, const T* derivative_input,
                            const T* delta, T* delta_below, std::size_t stride) {
    Vec<T> acc[I][V];
    unrolled<I>([&]<int i>() { unrolled<V>([&]<int v>() { acc[i][v] = broadcast(T(0)); }); });
    for (std::size_t j = 0; j < layer.fan_out; ++j) {
        Vec<T> d[V];
        unrolled<V>([&]<int v>() { d[v] = load(delta + j * stride + v * Vec<T>::lanes); });
        unrolled<I>([&]<int i>() {
            const Vec<T> w = broadcast(weights[i * layer.fan_out + j]);
            unrolled<V>([&]<int v>() { acc[i][v] = fma(w, d[v], acc[i][v]); });
        });
    }
    with_activation<T>(below, derivative_at, [&]<class A>(A activation) {
        unrolled<I>([&]<int i>() {
            unrolled<V>([&]<int v>() {
                const std::size_t at = i * stride + v * Vec<T>::lanes;
                if constexpr (derivative_needs_z<A>) {
                    store(delta_below + at, acc[i][v]);  // multiply_by_derivative() follows
                } else {
                    store(delta_below + at,
                          activation.through(acc[i][v], load(derivative_input + at)));
                }
            });
        });
    });
}

// The longer derivatives, of the pre-activation z, have a loop of their own: a copy in each of the
// blocks above would be many times the code.
template <class T>
inline void multiply_by_derivative(const ActivationFunction& function, const T* z, T* delta,
                                   std::size_t count) {
    with_activation<T>(function, DerivativeAt::pre_activation, [&]<class A>(A activation) {
        if constexpr (derivative_needs_z<A>) {
            for (std::size_t at = 0; at < count; at += Vec<T>::lanes) {
                store(delta + at, activation.through(load(delta + at), load(z + at)));
            }
        }
    });
}

template <class T>
DENSELOOP_FLATTEN void propagate(const Layer& layer, Range inputs, const ActivationFunction& below,
                                 DerivativeAt derivative_at, const T* parameters,
                                 const T* derivative_input, const T* delta, T* delta_below,
                                 std::size_t vectors) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    in_blocks<unit_block>(inputs, [&]<int I>(std::size_t i) {
        in_blocks<accumulators / I>({0, vectors}, [&]<int V>(std::size_t v) {
            const std::size_t at = v * Vec<T>::lanes;
            propagate_block<I, V>(layer, below, derivative_at,
                                  parameters + layer.weights + i * layer.fan_out,
                                  derivative_input + i * stride + at, delta + at,
                                  delta_below + i * stride + at, stride);
        });
    });
    if (traits(below.member).derivative_needs_z) {
        multiply_by_derivative(below, derivative_input + inputs.begin * stride,
                               delta_below + inputs.begin * stride,
                               (inputs.end - inputs.begin) * stride);
    }
}

template <class T>
DENSELOOP_FLATTEN void transpose_rows(const T* const* rows, Range columns, std::size_t vectors,
                                      T* tile) {
    constexpr int lanes = Vec<T>::lanes;
    const std::size_t stride = vectors * lanes;
    for (std::size_t v = 0; v < vectors; ++v, rows += lanes, tile += lanes) {
        std::size_t j = columns.begin;
        for (; j + lanes <= columns.end; j += lanes) {
            Vec<T> block[lanes];
            unrolled<lanes>([&]<int i>() { block[i] = load(rows[i] + j); });
            transpose(block);
            unrolled<lanes>([&]<int i>() { store(tile + (j + i) * stride, block[i]); });
        }
        for (; j < columns.end; ++j) {
            for (int i = 0; i < lanes; ++i) tile[j * stride + i] = rows[i][j];
        }
    }
}

}  // namespace denseloop::DENSELOOP_TARGET
