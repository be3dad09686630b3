// The kernels of Levenberg-Marquardt: derivatives by single samples, and the products and
// triangular solves of a blocked Cholesky factorization.
#pragma once

#include "base/compiler.hpp"
#include "kernels/layer_gradients.hpp"
#include "simd/bits.hpp"

namespace denseloop::DENSELOOP_TARGET {

template <class T>
DENSELOOP_FLATTEN void jacobian(const Layer& layer, const T* input, const T* delta, T* jacobian,
                                std::size_t vectors) {
    const std::size_t stride = tile_stride<T>(vectors), length = vectors * Vec<T>::lanes;
    T* row = jacobian + layer.weights * stride;
    for (std::size_t i = 0; i < layer.fan_in; ++i) {
        for (std::size_t j = 0; j < layer.fan_out; ++j, row += stride) {
            for (std::size_t at = 0; at < length; at += Vec<T>::lanes) {
                store(row + at, load(input + i * stride + at) * load(delta + j * stride + at));
            }
        }
    }
    if (!layer.has_bias) return;
    for (std::size_t j = 0; j < layer.fan_out; ++j) {
        for (std::size_t at = j * stride; at < j * stride + length; at += Vec<T>::lanes) {
            store(row + at, load(delta + at));
        }
    }
}

template <class T>
DENSELOOP_FLATTEN void add_products(Rows<T> a, Rows<T> b, std::size_t vectors, T* sum,
                                    std::size_t stride) {
    row_products(a, b, vectors, sum, stride, true);
}

// Columns are factored in turn, all rows of a column at once.
template <class T>
DENSELOOP_FLATTEN bool factor_block(T* block, std::size_t columns, std::size_t vectors,
                                    T* inverses) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    for (std::size_t j = 0; j < columns; ++j) {
        T* const column = block + j * cholesky_block;
        for (std::size_t v = j / lanes; v < vectors; ++v) {
            Vec<T> acc = load(column + v * lanes);
            for (std::size_t k = 0; k < j; ++k) {
                const T* const before = block + k * cholesky_block;
                acc = fma(broadcast(before[j]), load(before + v * lanes), acc);
            }
            store(column + v * lanes, acc);
        }
        const T pivot = -column[j];
        if (!(pivot > 0)) return false;
        inverses[j] = -1 / square_root(pivot);
        for (std::size_t v = j / lanes; v < vectors; ++v) {
            store(column + v * lanes, load(column + v * lanes) * broadcast(inverses[j]));
        }
    }
    return true;
}

// Solves C columns, the first of which is `first`, for V vectors of rows that start at `block`.
template <int C, int V, class T>
inline void solve_columns(const T* triangle, const T* inverses, T* block, std::size_t first) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> acc[C][V];
    unrolled<C>([&]<int c>() {
        unrolled<V>(
            [&]<int v>() { acc[c][v] = load(block + (first + c) * cholesky_block + v * lanes); });
    });
    for (std::size_t k = 0; k < first; ++k) {
        const T* const before = triangle + k * cholesky_block + first;
        Vec<T> x[V];
        unrolled<V>([&]<int v>() { x[v] = load(block + k * cholesky_block + v * lanes); });
        unrolled<C>([&]<int c>() {
            const Vec<T> l = broadcast(before[c]);
            unrolled<V>([&]<int v>() { acc[c][v] = fma(l, x[v], acc[c][v]); });
        });
    }
    unrolled<C>([&]<int c>() {
        unrolled<c>([&]<int k>() {
            const Vec<T> l = broadcast(triangle[(first + k) * cholesky_block + first + c]);
            unrolled<V>([&]<int v>() { acc[c][v] = fma(l, acc[k][v], acc[c][v]); });
        });
        const Vec<T> inverse = broadcast(inverses[first + c]);
        unrolled<V>([&]<int v>() {
            acc[c][v] = acc[c][v] * inverse;
            store(block + (first + c) * cholesky_block + v * lanes, acc[c][v]);
        });
    });
}

template <class T>
DENSELOOP_FLATTEN void solve_block(const T* triangle, const T* inverses, T* block,
                                   std::size_t columns, std::size_t vectors) {
    in_blocks<accumulators / short_output_block>({0, vectors}, [&]<int V>(std::size_t v) {
        in_blocks<short_output_block>({0, columns}, [&]<int C>(std::size_t j) {
            solve_columns<C, V>(triangle, inverses, block + v * Vec<T>::lanes, j);
        });
    });
}

template <class T>
DENSELOOP_FLATTEN void add_multiple(T factor, const T* x, T* y, std::size_t count) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Vec<T> f = broadcast(factor);
    for (std::size_t k = 0; k < count; k += lanes) store(y + k, fma(f, load(x + k), load(y + k)));
}

}  // namespace denseloop::DENSELOOP_TARGET
