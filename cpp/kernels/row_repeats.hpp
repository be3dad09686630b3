// Few samples: many updates at once, without the loop of the epochs.
#pragma once

#include "base/compiler.hpp"
#include "kernels/row_kernels.hpp"
#include "simd/short_vector.hpp"

namespace denseloop::DENSELOOP_TARGET {

// ---- one sample, 2 to 4 hidden units, one output
//
// Every operation of such an update waits for the one before. So its chain stays in registers, with
// a lane for each hidden unit, and what is loaded was stored an update before. The update of a
// hidden weight and its use in the next update are one loop: the chain waits for the first weight
// alone.

template <class T>
inline bool has_short_rows(const RowPass<T>& pass, const RowUpdate<T>& update,
                           const UpdateRule<T>& rule) {
    if (update.samples != 1 || pass.n_layers != 2) return false;
    const Layer &hidden = pass.layers[0], &output = pass.layers[1];
    const Criterion<T>& criterion = update.criterion;
    const bool narrow = (hidden.stride == 2 || hidden.stride == 4) && output.fan_out == 1;
    const bool sigmoids = hidden.activation.member == Activation::sigmoid &&
                          output.activation.member == Activation::sigmoid &&
                          criterion.derivative_at == DerivativeAt::pre_activation;
    const bool squared =
        criterion.loss == Loss::squared_error || criterion.loss == Loss::half_squared_error;
    return narrow && sigmoids && squared && rule.method == Method::gradient_descent;
}

// Updates the hidden layer by its deltas, and returns its pre-activations with what is written.
template <int N, class T>
inline ShortVec<T, N> update_and_apply(const Layer& layer, ShortVec<T, N> rate, const T* input,
                                       ShortVec<T, N> delta, const T* from, T* to,
                                       ShortVec<T, N>& zero_if_finite) {
    using V = ShortVec<T, N>;
    const V zero = constant<V>(0);
    V z = zero;
    if (layer.has_bias) {
        z = fnma(rate, delta, load_short<N>(from + layer.bias));
        store(to + layer.bias, z);
        zero_if_finite = fma(z, zero, zero_if_finite);
    }
    from += layer.weights;
    to += layer.weights;
    for (std::size_t i = 0; i < layer.fan_in; ++i, from += N, to += N) {
        const V x = constant<V>(input[i]), w = fnma(rate, x * delta, load_short<N>(from));
        store(to, w);
        zero_if_finite = fma(w, zero, zero_if_finite);
        z = fma(w, x, z);
    }
    return z;
}

// repeat_rows() for a network that has_short_rows(), of N numbers each.
template <int N, class T>
DENSELOOP_FLATTEN std::size_t repeat_short_rows(const RowPass<T>& pass, const RowUpdate<T>& update,
                                                const T* rates, const ParameterSet<T>& from,
                                                const ParameterSet<T>& to, T* losses,
                                                std::size_t times) {
    using V = ShortVec<T, N>;
    // Local copies, so the compiler need not assume that a store aliases them.
    const Layer hidden = pass.layers[0], output = pass.layers[1];
    const RowUpdate<T> sample = update;
    const bool full = N == 2 || hidden.fan_out == N;  // otherwise the last lane is padding
    const V zero = constant<V>(0), target = constant<V>(sample.target[0]);
    T* const states[2] = {from.parameters, to.parameters};

    V weights = load_short<N>(from.parameters + output.weights);
    V bias = output.has_bias ? constant<V>(from.parameters[output.bias]) : zero;
    Vec<T> first[1];
    affine_row_block<1, 1, N>(hidden, from.parameters, sample.input, 0, 0, first);
    store(pass.activations[0], first[0]);
    V z = load_short<N>(pass.activations[0]);
    SteadySigmoid<V> hidden_sigmoid, output_sigmoid;
    std::size_t k = 0;
    for (; k < times; ++k) {
        const T* const now = states[k % 2];
        T* const next = states[(k + 1) % 2];
        const V rate = constant<V>(rates[k]);
        V a = hidden_sigmoid.of(z), output_z = bias;
        unrolled<N>([&]<int j>() {
            if (j + 1 == N && !full) return;
            output_z = fma(constant<V>(weights.lane[j]), constant<V>(a.lane[j]), output_z);
        });
        if (!full) a.lane[N - 1] = 0;
        for (int i = N; i < V::lanes; ++i) a.lane[i] = 0;
        const V predicted = output_sigmoid.of(output_z), error = predicted - target;
        V weighted = error;
        if (sample.weight != nullptr) weighted = weighted * constant<V>(sample.weight[0]);
        losses[k] = fma(weighted, error, zero).lane[0];

        const V delta = Sigmoid{}.through(weighted, predicted);
        V total = weights * delta;
        weights = fnma(rate, a * delta, weights);
        // A branch, which does not wait for a total that is not needed.
        if (sample.output_first) total = weights * delta;
        store(next + output.weights, weights);
        V zero_if_finite = weights * zero;
        if (output.has_bias) {
            bias = fnma(rate, delta, bias);
            next[output.bias] = bias.lane[0];
            zero_if_finite = fma(bias, zero, zero_if_finite);
        }
        z = update_and_apply(hidden, rate, sample.input, Sigmoid{}.through(total, a), now, next,
                             zero_if_finite);
        if (!all_equal(zero_if_finite, zero) || losses[k] * 0 != 0) break;
    }
    return k;
}

// ---- any

// This tight loop makes the updates of one sample up to a third faster than the epoch loop.
template <class T>
std::size_t repeat_rows(const RowPass<T>& pass, const RowUpdate<T>& update,
                        const UpdateRule<T>& rule, const T* rates, const ParameterSet<T>& from,
                        const ParameterSet<T>& to, T* losses, std::size_t times) {
    if (has_short_rows(pass, update, rule)) {
        return pass.layers[0].stride == 2
                   ? repeat_short_rows<2>(pass, update, rates, from, to, losses, times)
                   : repeat_short_rows<4>(pass, update, rates, from, to, losses, times);
    }
    return with_rows(update.samples, [&]<int S>() {
        UpdateRule<T> now = rule;
        const ParameterSet<T> states[2] = {from, to};
        std::size_t k = 0;
        for (; k < times; ++k) {
            const ParameterSet<T>& at = states[k % 2];
            bool finite;
            now.rate = rates[k];
            losses[k] =
                update_rows<S>(pass, update, now, at.parameters, at, states[(k + 1) % 2], finite);
            if (!finite || losses[k] * 0 != 0) break;
        }
        return k;
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
