// Many samples: the products of a layer's weights, with the samples along the lanes.
//
// A register block has U units by V vectors of sums; each step loads U + V operands for U * V
// multiply-adds.
#pragma once

#include <cstring>

#include "base/compiler.hpp"
#include "base/cost_model.hpp"
#include "kernels/activations.hpp"
#include "kernels/fetching.hpp"
#include "kernels/few_samples.hpp"
#include "kernels/types.hpp"
#include "simd/register_blocks.hpp"
#include DENSELOOP_SIMD

namespace denseloop::DENSELOOP_TARGET {

// The products of a layer go through its weights in blocks, so that what a block reads stays in the
// caches: rows of the input for all units of the block, and the units' sums from one block of rows
// to the next.
constexpr std::size_t units_at_once = cost::cached_units, rows_at_once = 128;

// The vectors of a register block.
constexpr std::size_t vectors_at_once = sum_registers / parts / unit_block;

// From this fan_out on the weights of a register block are copied together when they are first
// used: those of each row lie in a cache line of their own.
constexpr std::size_t packed_from = 40;

// The weights of a block of units: that of row k for unit u.
template <class T>
struct AdjacentUnits {
    const T* first;
    std::size_t step;  // between rows
    inline T operator()(std::size_t u, std::size_t k) const { return first[k * step + u]; }
};
// The same, copied row by row to a panel (rows, U) while they are used: a multiply-add hides a
// copy, and the wait for its weights.
template <int U, class T>
struct CopiedUnits {
    const T* first;
    std::size_t step;  // between rows
    T* panel;
    inline T operator()(std::size_t u, std::size_t k) const { return first[k * step + u]; }
    inline void copy(std::size_t k) const {
        std::memcpy(panel + k * U, first + k * step, U * sizeof(T));
    }
};
template <class T>
struct AdjacentRows {
    const T* first;
    std::size_t step;  // between units
    inline T operator()(std::size_t u, std::size_t k) const { return first[u * step + k]; }
};

// Adds weight(u, k) * x[k] to the sums of U units, for k = 0, 1, ... rows - 1 in turn. Sums start
// from bias[u], or 0 if that is null; or, if `go_on`, from what is stored.
template <int U, int V, class T, class Weight, class Fetcher>
inline void product_block(const Weight weight, const T* x, std::size_t rows, const T* bias,
                          bool go_on, T* out, std::size_t stride, Fetcher& next) {
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
    Fetcher fetcher = next;
    for (std::size_t k = 0; k < rows;) {
        fetcher.fetch();
        const std::size_t end = Fetcher::fetches ? smaller(rows, k + steps_per_fetch) : rows;
        do {
            if constexpr (requires { weight.copy(k); }) weight.copy(k);
            Vec<T> row[V];
            unrolled<V>([&]<int v>() { row[v] = load(x + k * stride + v * lanes); });
            unrolled<U>([&]<int u>() {
                const Vec<T> w = broadcast(weight(u, k));
                unrolled<V>([&]<int v>() { acc[u][v] = fma(w, row[v], acc[u][v]); });
            });
        } while (++k < end);
    }
    next = fetcher;
    unrolled<U>([&]<int u>() {
        unrolled<V>([&]<int v>() { store(out + u * stride + v * lanes, acc[u][v]); });
    });
}

// The same as a function of its own, since GCC keeps sums in memory where many such blocks are
// inlined in one.
template <int U, int V, class T, class Weight, class Fetcher>
DENSELOOP_NOINLINE DENSELOOP_FLATTEN void long_product_block(Weight weight, const T* x,
                                                             std::size_t rows, const T* bias,
                                                             bool go_on, T* out, std::size_t stride,
                                                             Fetcher& next) {
    product_block<U, V>(weight, x, rows, bias, go_on, out, stride, next);
}

// Some vectors of all units, and then the next ones, since the rows of so few vectors stay in the
// first-level cache. weight_of.operator()<U>(j) has the weights of U units from j on.
template <class T, class WeightOf, class Fetcher>
DENSELOOP_ALWAYS_INLINE inline void long_product(Range units, const WeightOf& weight_of, const T* x,
                                                 std::size_t rows, const T* bias, bool go_on,
                                                 T* out, std::size_t stride, Range vectors,
                                                 Fetcher& next) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    in_blocks<vectors_at_once>(vectors, [&]<int V>(std::size_t v) {
        in_even_blocks<unit_block>(units, [&]<int U>(std::size_t j) {
            long_product_block<U, V, T>(weight_of.template operator()<U>(j), x + v * lanes, rows,
                                        bias ? bias + j : nullptr, go_on,
                                        out + j * stride + v * lanes, stride, next);
        });
    });
}

// The whole product, where sums are short (fewer than short_rows). Smaller register blocks,
// all in one function, begin and end sooner. weight_of(j) has the weights of the block that begins
// with unit j; a bias that is null is 0.
template <class T, class WeightOf>
DENSELOOP_ALWAYS_INLINE inline void short_product(Range units, const WeightOf& weight_of,
                                                  const T* x, std::size_t rows, const T* bias,
                                                  T* out, std::size_t vectors) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = tile_stride<T>(vectors);
    in_blocks<short_unit_block>(units, [&]<int U>(std::size_t j) {
        const auto weight = weight_of(j);
        in_blocks<accumulators / U>({0, vectors}, [&]<int V>(std::size_t v) {
            NoFetcher nothing;
            product_block<U, V>(weight, x + v * lanes, rows, bias ? bias + j : nullptr, false,
                                out + j * stride + v * lanes, stride, nothing);
        });
    });
}
constexpr std::size_t short_rows = 32;

// Calls f(units, rows, next_units, next_rows) for the blocks of a product, with the block after
// each, which is empty after the last.
template <class F>
DENSELOOP_ALWAYS_INLINE inline void in_product_blocks(Range units, std::size_t rows, const F& f) {
    const auto units_from = [&](std::size_t j) {
        return Range{j, smaller(units.end, j + units_at_once)};
    };
    const auto rows_from = [&](std::size_t k) { return Range{k, smaller(rows, k + rows_at_once)}; };
    for (Range block = units_from(units.begin); block.begin < units.end;) {
        const Range next = units_from(block.end);
        for (Range run = rows_from(0); run.begin < rows; run = rows_from(run.end)) {
            const bool last = run.end == rows;
            f(block, run, last ? next : block, last ? rows_from(0) : rows_from(run.end));
        }
        block = next;
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
    // The weights of the register blocks, one block after the other.
    alignas(64) T panels[units_at_once * rows_at_once];
    const bool packed = fan_out >= packed_from && vectors > vectors_at_once;
    in_product_blocks(
        outputs, size(inputs), [&](Range units, Range rows, Range next_units, Range next_rows) {
            const std::size_t count = size(rows);
            const T* const first = weights + rows.begin * fan_out;
            const auto panel = [&](std::size_t j) { return panels + (j - units.begin) * count; };
            const auto product = [&](Range some, const auto& weight_of, auto& next) {
                long_product<T>(units, weight_of, input + rows.begin * stride, count, bias,
                                inputs.begin + rows.begin > 0, z, stride, some, next);
            };
            const auto packed_product = [&](auto next) {
                product(
                    {0, vectors_at_once},
                    [&]<int U>(std::size_t j) {
                        return CopiedUnits<U, T>{first + j, fan_out, panel(j)};
                    },
                    next);
                product(
                    {vectors_at_once, vectors},
                    [&]<int U>(std::size_t j) { return AdjacentUnits<T>{panel(j), U}; }, next);
            };
            NoFetcher nothing;
            if (!packed) {
                product(
                    {0, vectors},
                    [&]<int U>(std::size_t j) { return AdjacentUnits<T>{first + j, fan_out}; },
                    nothing);
            } else if (is_fetched(layer, vectors)) {
                packed_product(BlockFetcher{
                    {weights + next_rows.begin * fan_out + next_units.begin, size(next_rows),
                     size(next_units), fan_out},
                    {input + next_rows.begin * stride, size(next_rows), stride, stride}});
            } else {
                packed_product(nothing);
            }
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
    in_product_blocks(
        inputs, fan_out, [&](Range units, Range rows, Range next_units, Range next_rows) {
            const auto product = [&](auto next) {
                long_product<T>(
                    units,
                    [&]<int U>(std::size_t i) {
                        return AdjacentRows<T>{weights + i * fan_out + rows.begin, fan_out};
                    },
                    delta + rows.begin * stride, size(rows), nullptr, rows.begin > 0, delta_below,
                    stride, {0, vectors}, next);
            };
            if (is_fetched(layer, vectors)) {
                product(BlockFetcher{
                    {weights + next_units.begin * fan_out + next_rows.begin, size(next_units),
                     size(next_rows), fan_out},
                    {delta + next_rows.begin * stride, size(next_rows), stride, stride}});
            } else {
                product(NoFetcher{});
            }
            if (rows.end == fan_out) finish_sums(units);
        });
}

}  // namespace denseloop::DENSELOOP_TARGET
