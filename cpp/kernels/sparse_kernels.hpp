// Sparse samples: the products of the first layer, with its units along the lanes.
//
// Each stored number meets one row of weights, so a step loads a vector for each multiply-add, and
// what counts is where that row comes from. The operations and their order are those of a tile.
#pragma once

#include "base/compiler.hpp"
#include "kernels/types.hpp"
#include "simd/register_blocks.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// z (units of V vectors, of the last one `last` units) = bias + the weights of each stored number
// times that, in turn.
template <int V, class T>
inline void sparse_units(const SparseRows<T>& input, Range stored, const T* weights,
                         std::size_t fan_out, const T* bias, T* z, std::size_t last) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const auto units = [&](const T* p, int v) {
        return v + 1 < V ? load(p + v * lanes) : load_first(p + v * lanes, last);
    };
    Vec<T> acc[V];
    unrolled<V>([&]<int v>() { acc[v] = bias ? units(bias, v) : broadcast(T(0)); });
    for (std::size_t k = stored.begin; k < stored.end; ++k) {
        const T* const row = weights + static_cast<std::size_t>(input.columns[k]) * fan_out;
        const Vec<T> x = broadcast(input.values[k]);
        unrolled<V>([&]<int v>() { acc[v] = fma(units(row, v), x, acc[v]); });
    }
    unrolled<V>([&]<int v>() { store(z + v * lanes, acc[v]); });
}

template <class T>
DENSELOOP_FLATTEN void sparse_affine(const Layer& layer, Range samples, const SparseRows<T>& input,
                                     const T* parameters, T* z) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t fan_out = layer.fan_out, stride = padded<T>(fan_out);
    const T* const weights = parameters + layer.weights;
    const T* const bias = layer.has_bias ? parameters + layer.bias : nullptr;
    in_even_blocks<sum_registers / parts>({0, stride / lanes}, [&]<int V>(std::size_t v) {
        const std::size_t j = v * lanes, last = smaller(lanes, fan_out - (v + V - 1) * lanes);
        for (std::size_t i = samples.begin; i < samples.end; ++i) {
            sparse_units<V>(input, {input.starts[i], input.starts[i + 1]}, weights + j, fan_out,
                            bias ? bias + j : nullptr, z + i * stride + j, last);
        }
    });
}

template <class T>
DENSELOOP_FLATTEN void transpose_tile(const T* tile, std::size_t units, std::size_t vectors,
                                      T* rows) {
    constexpr int lanes = Vec<T>::lanes;
    const std::size_t stride = tile_stride<T>(vectors), row_width = padded<T>(units);
    for (std::size_t v = 0; v < vectors; ++v, tile += lanes, rows += lanes * row_width) {
        for (std::size_t j = 0; j < units; j += lanes) {
            Vec<T> block[lanes];
            unrolled<lanes>([&]<int i>() {
                block[i] = j + i < units ? load(tile + (j + i) * stride) : broadcast(T(0));
            });
            transpose(block);
            unrolled<lanes>([&]<int i>() { store(rows + i * row_width + j, block[i]); });
        }
    }
}

// Adds the lanes by halves, of which those in `used` have a sum; the others have 0.
template <class T>
inline Vec<T> sum_of_lanes(Vec<T>* sums, unsigned used) {
    constexpr unsigned all = (1u << Vec<T>::lanes) - 1;
    const bool some_are_0 = used != all;
    for (unsigned half = Vec<T>::lanes / 2; half > 0; half /= 2) {
        for (unsigned lane = 0; lane < half; ++lane) {
            if (!(used >> (lane + half) & 1)) continue;
            const bool alone = !(used >> lane & 1);
            sums[lane] = alone ? sums[lane + half] : sums[lane] + sums[lane + half];
            used |= 1u << lane;
        }
    }
    return some_are_0 ? sums[0] + broadcast(T(0)) : sums[0];
}

// Returns the sums of one vector of units over the numbers of a column; delta starts at its units.
template <class T>
inline Vec<T> sparse_sum(const SparseColumns<T>& input, Range stored, const T* delta,
                         std::size_t stride) {
    Vec<T> sums[Vec<T>::lanes];
    unsigned used = 0;
    for (std::size_t k = stored.begin; k < stored.end;) {
        const std::size_t lane = input.lanes[k] % Vec<T>::lanes;
        Vec<T> sum = broadcast(T(0));
        do {
            sum = fma(broadcast(input.values[k]), load(delta + input.lanes[k] * stride), sum);
        } while (++k < stored.end && input.lanes[k] % Vec<T>::lanes == lane);
        sums[lane] = sum;
        used |= 1u << lane;
    }
    return sum_of_lanes<T>(sums, used);
}

template <class T>
DENSELOOP_FLATTEN void sparse_gradient(const Layer& layer, Range columns,
                                       const SparseColumns<T>& input, const T* delta, T* gradient,
                                       bool accumulate) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t fan_out = layer.fan_out, stride = padded<T>(fan_out);
    const std::size_t whole = fan_out / lanes * lanes, rest = fan_out - whole;
    for (std::size_t c = columns.begin; c < columns.end; ++c) {
        const Range stored{input.starts[c], input.starts[c + 1]};
        T* const row =
            gradient + layer.weights + static_cast<std::size_t>(input.columns[c]) * fan_out;
        for (std::size_t j = 0; j < whole; j += lanes) {
            const Vec<T> sum = sparse_sum(input, stored, delta + j, stride);
            store(row + j, accumulate ? load(row + j) + sum : sum);
        }
        if (rest == 0) continue;
        const Vec<T> sum = sparse_sum(input, stored, delta + whole, stride);
        store_first(row + whole, rest, accumulate ? load_first(row + whole, rest) + sum : sum);
    }
}

}  // namespace denseloop::DENSELOOP_TARGET
