// Many samples: the products of a layer's weights, with the samples along the lanes.
//
// A register block has U units by V vectors of sums; each step loads U + V operands for U * V
// multiply-adds.
#pragma once

#include <algorithm>

#include "kernels/activations.hpp"
#include "kernels/few_samples.hpp"
#include "kernels/types.hpp"
#include "simd/flatten.hpp"
#include "simd/register_blocks.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// The products of a layer go through its weights in blocks, so that what a block reads stays in the
// caches: rows of the input for all units of the block, and the units' sums from one block of rows
// to the next.
constexpr std::size_t units_at_once = 48, rows_at_once = 128;

// The rows of a panel. With one more than are used the panels do not fall on the same cache sets.
constexpr std::size_t panel_rows = rows_at_once + 1;

// From this fan_out on the weights of a register block are copied together before they are used.
// Where a vector is one register, the weights of a step fill a cache line as they lie.
constexpr std::size_t packed_from = 40;

// From this one on the rows of weights are as long as a memory page, and are fetched ahead.
constexpr std::size_t fetched_from = 512;

// The weights of a block of units: that of row k for unit u.
template <class T>
struct AdjacentUnits {
    const T* first;
    std::size_t step;  // between rows
    inline T operator()(std::size_t u, std::size_t k) const { return first[k * step + u]; }
};
template <class T>
struct AdjacentRows {
    const T* first;
    std::size_t step;  // between units
    inline T operator()(std::size_t u, std::size_t k) const { return first[u * step + k]; }
};

// Adds weight(u, k) * x[k] to the sums of U units, for k = 0, 1, ... rows - 1 in turn. Sums start
// from bias[u], or 0 if that is null; or, if `go_on`, from what is stored.
template <int U, int V, class T, class Weight>
inline void product_block(const Weight weight, const T* x, std::size_t rows, const T* bias,
                          bool go_on, T* out, std::size_t stride) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> acc[U][V];
    if (go_on) {
        unrolled<U>([&]<int u>() {
            unrolled<V>([&]<int v>() { acc[u][v] = load(out + u * stride + v * lanes); });
        });
    } else {
        unrolled<U>([&]<int u>() {
            const Vec<T> start = broadcast(bias ? bias[u] : T(0));
            unrolled<V>([&]<int v>() { acc[u][v] = start; });
        });
    }
    for (std::size_t k = 0; k < rows; ++k) {
        Vec<T> row[V];
        unrolled<V>([&]<int v>() { row[v] = load(x + k * stride + v * lanes); });
        unrolled<U>([&]<int u>() {
            const Vec<T> w = broadcast(weight(u, k));
            unrolled<V>([&]<int v>() { acc[u][v] = fma(w, row[v], acc[u][v]); });
        });
    }
    unrolled<U>([&]<int u>() {
        unrolled<V>([&]<int v>() { store(out + u * stride + v * lanes, acc[u][v]); });
    });
}

// All vectors of U units; without a bias they start from 0. It is a function of its own, since GCC
// keeps sums in memory where many such blocks are inlined in one.
template <int U, class T, class Weight>
[[gnu::noinline]] DENSELOOP_FLATTEN void product_of_units(Weight weight, const T* x,
                                                          std::size_t rows, const T* bias,
                                                          bool go_on, T* out, std::size_t vectors) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = tile_stride<T>(vectors);
    in_blocks<sum_registers / parts / U>({0, vectors}, [&]<int V>(std::size_t v) {
        product_block<U, V>(weight, x + v * lanes, rows, bias, go_on, out + v * lanes, stride);
    });
}

// The whole product, where sums are short (fewer than short_rows). Smaller register blocks,
// all in one function, begin and end sooner. weight_of(j) has the weights of the block that begins
// with unit j; a bias that is null is 0.
template <class T, class WeightOf>
[[gnu::always_inline]] inline void short_product(Range units, const WeightOf& weight_of, const T* x,
                                                 std::size_t rows, const T* bias, T* out,
                                                 std::size_t vectors) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = tile_stride<T>(vectors);
    in_blocks<short_unit_block>(units, [&]<int U>(std::size_t j) {
        const auto weight = weight_of(j);
        in_blocks<accumulators / U>({0, vectors}, [&]<int V>(std::size_t v) {
            product_block<U, V>(weight, x + v * lanes, rows, bias ? bias + j : nullptr, false,
                                out + j * stride + v * lanes, stride);
        });
    });
}
constexpr std::size_t short_rows = 32;

// Calls f(units, rows) for the blocks of a product.
template <class F>
[[gnu::always_inline]] inline void in_product_blocks(Range units, std::size_t rows, const F& f) {
    for (std::size_t j = units.begin; j < units.end; j += units_at_once) {
        for (std::size_t k = 0; k < rows; k += rows_at_once) {
            f(Range{j, smaller(units.end, j + units_at_once)},
              Range{k, smaller(rows, k + rows_at_once)});
        }
    }
}

// Asks the second-level cache for a block of weights.
template <class T>
inline void fetch_weights(const T* weights, Range rows, Range units, std::size_t fan_out) {
    constexpr std::size_t line = 64 / sizeof(T);
    for (std::size_t k = rows.begin; k < rows.end; ++k) {
        for (std::size_t j = units.begin; j < units.end; j += line) {
            __builtin_prefetch(weights + k * fan_out + j, 0, 2);
        }
    }
}

template <class T>
DENSELOOP_FLATTEN void affine(const Layer& layer, Range outputs, Range inputs, const T* parameters,
                              const T* input, T* z, std::size_t samples) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t vectors = (samples + lanes - 1) / lanes;
    if (samples <= max_rows && layer.fan_out >= lanes) {
        return affine_few(layer, outputs, inputs, parameters, input, z, samples);
    }
    const std::size_t stride = tile_stride<T>(vectors), fan_out = layer.fan_out;
    const T* const weights = parameters + layer.weights + inputs.begin * fan_out;
    const T* const bias = layer.has_bias ? parameters + layer.bias : nullptr;
    if (layer.fan_in < short_rows) {  // they come all at once
        return short_product(
            outputs, [=](std::size_t j) { return AdjacentUnits<T>{weights + j, fan_out}; }, input,
            layer.fan_in, bias, z, vectors);
    }
    // The weights of the blocks, one block after the other.
    alignas(64) T panels[units_at_once * panel_rows];
    const bool packed = parts > 1 && fan_out >= packed_from && vectors >= 4;
    const bool fetched = fan_out >= fetched_from && vectors >= 4;
    const std::size_t n_rows = inputs.end - inputs.begin;
    in_product_blocks(outputs, n_rows, [&](Range units, Range rows) {
        const T* const first = weights + rows.begin * fan_out;
        const std::size_t count = rows.end - rows.begin;
        // The products of this block run while the weights of the next one come.
        const bool below = rows.end < n_rows;
        const Range next_rows = below ? Range{rows.end, smaller(n_rows, rows.end + rows_at_once)}
                                      : Range{0, smaller(n_rows, rows_at_once)};
        const Range next_units =
            below ? units : Range{units.end, smaller(outputs.end, units.end + units_at_once)};
        const auto panel = [&](std::size_t j) { return panels + (j - units.begin) * panel_rows; };
        if (packed) {
            in_even_runs<unit_block>(units, [&]<int U>(Range run) {
                for (std::size_t k = 0; k < count; ++k) {
                    for (std::size_t j = run.begin; j < run.end; j += U) {
                        for (int u = 0; u < U; ++u) {
                            panel(j)[k * U + u] = first[k * fan_out + j + u];
                        }
                    }
                }
            });
        }
        in_even_blocks<unit_block>(units, [&]<int U>(std::size_t j) {
            if (fetched) {
                const std::size_t all = units.end - units.begin, done = j - units.begin;
                const std::size_t begin = next_rows.begin, n = next_rows.end - begin;
                fetch_weights(weights, {begin + done * n / all, begin + (done + U) * n / all},
                              next_units, fan_out);
            }
            const auto weight =
                packed ? AdjacentUnits<T>{panel(j), U} : AdjacentUnits<T>{first + j, fan_out};
            product_of_units<U, T>(weight, input + rows.begin * stride, count,
                                   bias ? bias + j : nullptr, inputs.begin + rows.begin > 0,
                                   z + j * stride, vectors);
        });
    });
}

// delta_below (units, vectors, lanes) = sum(i, at) times the derivative of the activation, for the
// vector at `at` of unit i.
template <class T, class Sum>
inline void store_through(const ActivationFunction& function, DerivativeAt derivative_at,
                          const T* derivative_input, T* delta_below, std::size_t units,
                          std::size_t vectors, const Sum& sum) {
    const std::size_t stride = tile_stride<T>(vectors);
    with_activation<T>(function, derivative_at, [&](auto activation) {
        for (std::size_t i = 0; i < units; ++i) {
            for (std::size_t at = 0; at < vectors * Vec<T>::lanes; at += Vec<T>::lanes) {
                const std::size_t k = i * stride + at;
                store(delta_below + k, activation.through(sum(i, at), load(derivative_input + k)));
            }
        }
    });
}

template <class T>
DENSELOOP_FLATTEN void propagate(const Layer& layer, Range inputs, const ActivationFunction& below,
                                 DerivativeAt derivative_at, const T* parameters,
                                 const T* derivative_input, const T* delta, T* delta_below,
                                 std::size_t vectors) {
    const std::size_t stride = tile_stride<T>(vectors), fan_out = layer.fan_out;
    const T* const weights = parameters + layer.weights;
    const auto finish = [&](Range units, const auto& sum) {
        store_through(below, derivative_at, derivative_input + units.begin * stride,
                      delta_below + units.begin * stride, units.end - units.begin, vectors, sum);
    };
    if (fan_out == 1) {
        const T* const w = weights + inputs.begin;
        return finish(inputs, [=](std::size_t i, std::size_t at) {
            return fma(broadcast(w[i]), load(delta + at), broadcast(T(0)));
        });
    }
    const auto finish_sums = [&](Range units) {
        const T* const sums = delta_below + units.begin * stride;
        finish(units, [=](std::size_t i, std::size_t at) { return load(sums + i * stride + at); });
    };
    if (fan_out < short_rows) {
        short_product<T>(
            inputs, [=](std::size_t i) { return AdjacentRows<T>{weights + i * fan_out, fan_out}; },
            delta, fan_out, nullptr, delta_below, vectors);
        return finish_sums(inputs);
    }
    in_product_blocks(inputs, fan_out, [&](Range units, Range rows) {
        in_even_blocks<unit_block>(units, [&]<int U>(std::size_t i) {
            product_of_units<U, T>(AdjacentRows<T>{weights + i * fan_out + rows.begin, fan_out},
                                   delta + rows.begin * stride, rows.end - rows.begin, nullptr,
                                   rows.begin > 0, delta_below + i * stride, vectors);
        });
        if (rows.end == fan_out) finish_sums(units);
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
