// Few samples and many networks of one layout: a network in each lane.
//
// Alone, such a network waits for each operation before the next one starts; side by side, they all
// move on at once. Each lane does the operations of its lone run (row_kernels.hpp) in their order,
// so a network has the same bits either way. What belongs to a unit is (units, samples, lanes): a
// tile whose vectors are the samples and whose lanes are the networks.
#pragma once

#include <bit>

#include "base/compiler.hpp"
#include "kernels/activations.hpp"
#include "kernels/layer_products.hpp"
#include "kernels/losses.hpp"
#include "kernels/optimizers.hpp"
#include "kernels/row_kernels.hpp"
#include "simd/register_blocks.hpp"

namespace denseloop::DENSELOOP_TARGET {

// What sum() makes of these numbers, one in each of its first lanes and 0 in the others.
template <int N, class T>
inline Vec<T> sum_by_halves(const Vec<T>* numbers) {
    if constexpr (N == 1) {
        return numbers[0] + broadcast(T(0));
    } else {
        constexpr int half = std::bit_ceil(unsigned{N}) / 2;
        Vec<T> sums[half];
        unrolled<half>([&]<int i>() {
            sums[i] = numbers[i] + (i + half < N ? numbers[i + half] : broadcast(T(0)));
        });
        return sum_by_halves<half>(static_cast<const Vec<T>*>(sums));
    }
}

// z (fan_out, S, lanes) = weights^T input + bias, from input (fan_in, S, lanes).
template <int S, class T>
inline void affine_lanes(const Layer& layer, const T* parameters, const T* input, T* z) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t fan_in = layer.fan_in, to_next_row = layer.fan_out * lanes;
    in_blocks<4 / S + 1>({0, layer.fan_out}, [&]<int U>(std::size_t j) {
        Vec<T> acc[U * S];
        unrolled<U>([&]<int u>() {
            const Vec<T> start =
                layer.has_bias ? load(parameters + (layer.bias + j + u) * lanes) : broadcast(T(0));
            unrolled<S>([&]<int s>() { acc[u * S + s] = start; });
        });
        const T *row = parameters + (layer.weights + j) * lanes, *x = input;
        for (std::size_t i = 0; i < fan_in; ++i, row += to_next_row, x += S * lanes) {
            unrolled<U>([&]<int u>() {
                const Vec<T> w = load(row + u * lanes);
                unrolled<S>(
                    [&]<int s>() { acc[u * S + s] = fma(w, load(x + s * lanes), acc[u * S + s]); });
            });
        }
        unrolled<U * S>([&]<int k>() { store(z + (j * S + k) * lanes, acc[k]); });
    });
}

// The sum over the outputs of weight times delta (fan_out, S, lanes), for input i and sample s: the
// outputs along the lanes of the lone run, which adds these by halves.
template <int S, class T>
inline Vec<T> propagated_lanes(const Layer& layer, const T* parameters, const T* delta,
                               std::size_t i, std::size_t s) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const T* const row = parameters + (layer.weights + i * layer.fan_out) * lanes;
    const auto delta_of = [&](std::size_t j) { return load(delta + (j * S + s) * lanes); };
    if (layer.fan_out == 1) return load(row) * delta_of(0);
    Vec<T> acc[lanes];
    for (std::size_t j = 0; j < lanes; ++j) acc[j] = broadcast(T(0));
    for (std::size_t j = 0; j < layer.fan_out; ++j) {
        acc[j % lanes] = fma(load(row + j * lanes), delta_of(j), acc[j % lanes]);
    }
    return sum_by_halves<lanes>(static_cast<const Vec<T>*>(acc));
}

// Updates all parameters of a layer from its inputs (fan_in, S, lanes) and deltas.
template <int S, class Rule, class T>
inline Vec<T> update_layer_lanes(const Layer& layer, const Rule& rule, ParameterSet<T> from,
                                 ParameterSet<T> to, const T* input, const T* delta) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t fan_in = layer.fan_in, fan_out = layer.fan_out;
    Vec<T> zero_if_finite = broadcast(T(0));
    for (std::size_t j = 0; j < fan_out; ++j) {
        Vec<T> d[S];
        unrolled<S>([&]<int s>() { d[s] = load(delta + (j * S + s) * lanes); });
        if (layer.has_bias) {
            Vec<T> gradient = d[0];
            unrolled<S - 1>([&]<int s>() { gradient = gradient + d[s + 1]; });
            update_vector(rule, (layer.bias + j) * lanes, gradient, from, to, zero_if_finite);
        }
        in_blocks<4>({0, fan_in}, [&]<int U>(std::size_t i) {
            Vec<T> zeros[U];  // sums of their own, so that none waits for the one before
            unrolled<U>([&]<int u>() {
                const T* const x = input + (i + u) * S * lanes;
                Vec<T> gradient = load(x) * d[0];
                unrolled<S - 1>([&]<int s>() {
                    gradient = fma(load(x + (s + 1) * lanes), d[s + 1], gradient);
                });
                zeros[u] = broadcast(T(0));
                update_vector(rule, (layer.weights + (i + u) * fan_out + j) * lanes, gradient, from,
                              to, zeros[u]);
            });
            zero_if_finite = zero_if_finite + sum_by_halves<U>(static_cast<const Vec<T>*>(zeros));
        });
    }
    return zero_if_finite;
}

// Performs one update, and stores the losses (lanes). Returns whether all that was written is
// finite.
template <int S, class T>
inline bool update_lanes(const LanePass<T>& pass, const UpdateRule<T>& rule,
                         const ParameterSet<T>& from, const ParameterSet<T>& to, T* losses) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t n_layers = pass.n_layers;
    const Layer& last = pass.layers[n_layers - 1];
    const auto input_of = [&](std::size_t k) {
        return k == 0 ? pass.input : static_cast<const T*>(pass.activations[k - 1]);
    };
    for (std::size_t k = 0; k < n_layers; ++k) {
        const Layer& layer = pass.layers[k];
        T* const z = pass.derivative_inputs[k];
        affine_lanes<S>(layer, from.parameters, input_of(k), z);
        if (k + 1 == n_layers) break;
        pass.activate(layer.activation, z, pass.activations[k], layer.fan_out, S);
    }
    const OutputTile<T> outputs{.z = pass.derivative_inputs[n_layers - 1],
                                .a = pass.activations[n_layers - 1],
                                .target = pass.target,
                                .weights = pass.weight,
                                .delta = pass.deltas[n_layers - 1],
                                .units = last.fan_out,
                                .vectors = S,
                                .stride = S * lanes,
                                .samples = S * lanes};
    Vec<T> sample_losses[S];
    for (std::size_t s = 0; s < S; ++s) {
        alignas(64) T totals[lanes] = {};
        output_delta(pass.criterion, last.activation, outputs.part({0, last.fan_out}, {s, s + 1}),
                     totals);
        sample_losses[s] = load(totals);
    }
    const Vec<T> loss = sum_by_halves<S>(static_cast<const Vec<T>*>(sample_losses));
    store(losses, loss);
    Vec<T> zero_if_finite = loss * broadcast(T(0));
    for (std::size_t k = n_layers - 1; k > 0; --k) {
        const Layer &layer = pass.layers[k], &below = pass.layers[k - 1];
        const T* const delta = pass.deltas[k];
        if (pass.output_first) {
            zero_if_finite = zero_if_finite + update_layer_lanes<S>(layer, GradientDescent<T>(rule),
                                                                    from, to, input_of(k), delta);
        }
        const T* const parameters = pass.output_first ? to.parameters : from.parameters;
        store_through(below.activation, pass.criterion.derivative_at,
                      static_cast<const T*>(pass.derivative_inputs[k - 1]), pass.deltas[k - 1],
                      layer.fan_in, S, [&](std::size_t i, std::size_t at) {
                          return propagated_lanes<S>(layer, parameters, delta, i, at / lanes);
                      });
    }
    zero_if_finite = zero_if_finite + with_rule(rule, [&](const auto& its_rule) {
                         Vec<T> total = broadcast(T(0));
                         const std::size_t left = pass.output_first ? 1 : n_layers;
                         for (std::size_t k = 0; k < left; ++k) {
                             total = total + update_layer_lanes<S>(
                                                 pass.layers[k], its_rule, from, to, input_of(k),
                                                 static_cast<const T*>(pass.deltas[k]));
                         }
                         return total;
                     });
    return sum(zero_if_finite) == 0;
}

template <class T>
DENSELOOP_FLATTEN std::size_t repeat_lanes(const LanePass<T>& pass, const UpdateRule<T>& rule,
                                           const T* rates, const ParameterSet<T>& from,
                                           const ParameterSet<T>& to, T* losses,
                                           std::size_t times) {
    return with_rows(pass.samples, [&]<int S>() {
        UpdateRule<T> now = rule;
        const ParameterSet<T> states[2] = {from, to};
        std::size_t k = 0;
        for (; k < times; ++k) {
            now.rate = rates[k];
            if (!update_lanes<S>(pass, now, states[k % 2], states[(k + 1) % 2],
                                 losses + k * Vec<T>::lanes)) {
                break;
            }
        }
        return k;
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
