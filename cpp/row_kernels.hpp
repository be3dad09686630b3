// Few samples: all layers at once, with the units along the lanes (see kernel_table.hpp).
//
// One sample alone is bound by latency: each layer waits for the one before, the update for the
// deltas, and the next step for the update. So a step is one function without calls, and whatever
// is loaded soon after it was stored is stored by a vector that holds it whole.
#pragma once

#include "blocks.hpp"
#include "losses.hpp"
#include "scalar_fma.hpp"

namespace denseloop::DENSELOOP_TARGET {

// Vectors of outputs in a block of S samples, so that their sums stay in registers.
template <int S>
constexpr int row_block = accumulators >= 16 ? 8 / S
                          : accumulators > S ? accumulators / S
                                             : 1;

// The vector of p of which n > 0 numbers are left: only those are touched in a flat matrix.
template <bool Padded, class T>
inline Vec<T> load_row(const T* p, std::size_t n) {
    return Padded || n >= Vec<T>::lanes ? load(p) : load_first(p, n);
}

// The pre-activation of a layer's only output, in every lane.
template <class T>
inline Vec<T> affine_one_output(const Layer& layer, const T* parameters, const T* input) {
    T acc = layer.has_bias ? parameters[layer.bias] : T(0);
    for (std::size_t i = 0; i < layer.fan_in; ++i) {
        acc = scalar_fma(parameters[layer.weights + i], input[i], acc);
    }
    return broadcast(acc);
}

// acc[s * V + v]: pre-activations of sample s and the outputs of vector v from output j on.
template <int S, int V, bool Padded, class T>
inline void affine_row_block(const Layer& layer, const T* parameters, const T* input,
                             std::size_t input_stride, std::size_t j, Vec<T> (&acc)[S * V]) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t fan_in = layer.fan_in, fan_out = layer.fan_out;
    const std::size_t stride = Padded ? padded<T>(fan_out) : fan_out;
    unrolled<V>([&]<int v>() {
        const T* bias = parameters + layer.bias + j + v * lanes;
        const Vec<T> start =
            layer.has_bias ? load_row<Padded>(bias, fan_out - j - v * lanes) : broadcast(T(0));
        unrolled<S>([&]<int s>() { acc[s * V + v] = start; });
    });
    const T* row = parameters + layer.weights + j;
    for (std::size_t i = 0; i < fan_in; ++i, row += stride) {
        unrolled<V>([&]<int v>() {
            const Vec<T> w = load_row<Padded>(row + v * lanes, fan_out - j - v * lanes);
            unrolled<S>([&]<int s>() {
                acc[s * V + v] = fma(w, broadcast(input[s * input_stride + i]), acc[s * V + v]);
            });
        });
    }
}

// z (S, padded fan_out) = input (S, input_stride) weights + bias, or its activation.
template <int S, bool Padded, bool Activated, class T>
inline void affine_rows(const Layer& layer, const T* parameters, const T* input,
                        std::size_t input_stride, T* z) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = padded<T>(layer.fan_out);
    const std::size_t last = stride - lanes;  // the first output of the last vector
    const auto activated = [&](Vec<T> z, std::size_t j) {
        if constexpr (!Activated) return z;
        const Vec<T> a = with_activation(layer.activation, DerivativeAt::pre_activation,
                                         [&]<class A>() { return A::of(z); });
        return j == last ? keep_first(a, layer.fan_out - last) : a;
    };
    if (stride == lanes) {  // as the next layer waits for it, without a detour by memory
        Vec<T> acc[S];
        if (layer.fan_out == 1) {
            unrolled<S>([&]<int s>() {
                acc[s] = affine_one_output(layer, parameters, input + s * input_stride);
            });
        } else {
            affine_row_block<S, 1, Padded>(layer, parameters, input, input_stride, 0, acc);
        }
        unrolled<S>([&]<int s>() { store(z + s * stride, activated(acc[s], 0)); });
        return;
    }
    in_blocks<row_block<S>>({0, stride / lanes}, [&]<int V>(std::size_t vector) {
        Vec<T> acc[S * V];
        affine_row_block<S, V, Padded>(layer, parameters, input, input_stride, vector * lanes, acc);
        unrolled<S>([&]<int s>() {
            unrolled<V>(
                [&]<int v>() { store(z + s * stride + (vector + v) * lanes, acc[s * V + v]); });
        });
    });
    if constexpr (Activated) {
        for (std::size_t at = 0; at < S * stride; at += lanes) {
            store(z + at, activated(load(z + at), at % stride));
        }
    }
}

// All layers up to the output's pre-activations, which go to pass.output as of a tile.
template <int S, bool Padded, class T>
inline void rows_to_output(const RowPass<T>& pass, const T* parameters, const T* input,
                           std::size_t input_stride) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    for (std::size_t k = 0; k + 1 < pass.n_layers; ++k) {
        const Layer& layer = pass.layers[k];
        affine_rows<S, Padded, true>(layer, parameters, input, input_stride, pass.activations[k]);
        input = pass.activations[k];
        input_stride = padded<T>(layer.fan_out);
    }
    const Layer& last = pass.layers[pass.n_layers - 1];
    if (S == 1 && last.fan_out == 1) {  // a row is a tile already
        affine_rows<S, Padded, false>(last, parameters, input, input_stride, pass.output);
        return;
    }
    const T* z = pass.activations[pass.n_layers - 1];
    affine_rows<S, Padded, false>(last, parameters, input, input_stride,
                                  pass.activations[pass.n_layers - 1]);
    for (std::size_t j = 0; j < last.fan_out; ++j) {
        for (int s = 0; s < S; ++s) {
            pass.output[j * lanes + s] = z[s * padded<T>(last.fan_out) + j];
        }
    }
}

// delta_below (S, padded fan_in) = (delta weights^T) * s', with s' from the activation `input`.
template <int S, class T>
inline void propagate_rows(const Layer& layer, Activation below, DerivativeAt derivative_at,
                           const T* parameters, const T* input, const T* delta, T* delta_below) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = padded<T>(layer.fan_out), stride_below = padded<T>(layer.fan_in);
    const T* weights = parameters + layer.weights;
    for (std::size_t i = 0; i < layer.fan_in; i += lanes) {
        unrolled<S>([&]<int s>() {
            Vec<T> total;
            if (layer.fan_out == 1) {
                total = load(weights + i) * broadcast(delta[s * stride]);
            } else {
                Vec<T> acc[lanes];
                const std::size_t here = layer.fan_in - i < lanes ? layer.fan_in - i : lanes;
                for (std::size_t k = 0; k < lanes; ++k) acc[k] = broadcast(T(0));
                for (std::size_t k = 0; k < here; ++k) {
                    const T* row = weights + (i + k) * stride;
                    for (std::size_t j = 0; j < stride; j += lanes) {
                        acc[k] = fma(load(row + j), load(delta + s * stride + j), acc[k]);
                    }
                }
                total = sums(acc);
            }
            const std::size_t at = s * stride_below + i;
            store(delta_below + at, with_activation(below, derivative_at, [&]<class A>() {
                      return A::through(total, load(input + at));
                  }));
        });
    }
}

// x[s * V + v]: vector v of sample s, in rows with the given stride.
template <int S, int V, class T>
inline void load_rows(const T* rows, std::size_t stride, Vec<T> (&x)[S * V]) {
    unrolled<S>([&]<int s>() {
        unrolled<V>([&]<int v>() { x[s * V + v] = load(rows + s * stride + v * Vec<T>::lanes); });
    });
}

// updated = base - rate * gradient for V vectors of parameters in each of `rows` rows. The gradient
// of row i adds left[s * left_stride + i] * right[s * V + v] for the samples in turn. Returns a
// vector of zeros if all of them are finite.
template <int S, int V, class T>
inline Vec<T> update_block(Vec<T> rate, const T* base, T* updated, std::size_t stride,
                           std::size_t rows, const T* left, std::size_t left_stride,
                           const Vec<T> (&right)[S * V]) {
    const Vec<T> zero = broadcast(T(0));
    Vec<T> zero_if_finite[V];
    unrolled<V>([&]<int v>() { zero_if_finite[v] = zero; });
    for (std::size_t i = 0; i < rows; ++i, base += stride, updated += stride) {
        Vec<T> x[S];
        unrolled<S>([&]<int s>() { x[s] = broadcast(left[s * left_stride + i]); });
        unrolled<V>([&]<int v>() {
            Vec<T> gradient = x[0] * right[v];
            unrolled<S - 1>(
                [&]<int s>() { gradient = fma(x[s + 1], right[(s + 1) * V + v], gradient); });
            const Vec<T> after = fnma(rate, gradient, load(base + v * Vec<T>::lanes));
            zero_if_finite[v] = fma(after, zero, zero_if_finite[v]);
            store(updated + v * Vec<T>::lanes, after);
        });
    }
    unrolled<V - 1>(
        [&]<int v>() { zero_if_finite[0] = zero_if_finite[0] + zero_if_finite[v + 1]; });
    return zero_if_finite[0];
}

// The same for all parameters of a layer.
template <int S, class T>
inline Vec<T> update_rows(const Layer& layer, T step, const T* base, T* updated, const T* input,
                          const T* delta) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    // Copies, which no store can be thought to change.
    const std::size_t fan_in = layer.fan_in, fan_out = layer.fan_out, stride = padded<T>(fan_out);
    const std::size_t input_stride = padded<T>(fan_in), weights = layer.weights, bias = layer.bias;
    const bool has_bias = layer.has_bias;
    const Vec<T> rate = broadcast(step);
    Vec<T> zero_if_finite = broadcast(T(0));
    if (fan_out == 1) {
        for (std::size_t i = 0; i < fan_in; i += lanes) {
            Vec<T> x[S];
            load_rows<S, 1>(input + i, input_stride, x);
            zero_if_finite =
                zero_if_finite + update_block<S, 1>(rate, base + weights + i, updated + weights + i,
                                                    0, 1, delta, stride, x);
        }
    }
    T ones[S];
    for (T& one : ones) one = 1;
    in_blocks<row_block<S>>({0, stride / lanes}, [&]<int V>(std::size_t vector) {
        const std::size_t j = vector * lanes;
        Vec<T> d[S * V];
        load_rows<S, V>(delta + j, stride, d);
        if (fan_out > 1) {
            zero_if_finite =
                zero_if_finite + update_block<S, V>(rate, base + weights + j, updated + weights + j,
                                                    stride, fan_in, input, input_stride, d);
        }
        if (has_bias) {
            zero_if_finite =
                zero_if_finite +
                update_block<S, V>(rate, base + bias + j, updated + bias + j, 0, 1, ones, 1, d);
        }
    });
    return zero_if_finite;
}

template <int S, class T>
DENSELOOP_WHOLE T descend_rows(const RowPass<T>& pass, const RowStep<T>& step, const T* parameters,
                               const T* base, T* updated, bool& finite) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Layer* layer = pass.layers + pass.n_layers - 1;
    rows_to_output<S, true>(pass, parameters, step.input, padded<T>(pass.layers[0].fan_in));
    const T loss = output_delta(step.criterion, layer->activation, pass.output, step.target,
                                step.weight, pass.output_delta, layer->fan_out, 1, S);
    const T* delta = pass.output_delta;  // of one sample's only output, a row already
    if (S > 1 || layer->fan_out > 1) {
        for (std::size_t j = 0; j < layer->fan_out; ++j) {
            for (int s = 0; s < S; ++s) {
                pass.last_delta[s * padded<T>(layer->fan_out) + j] =
                    pass.output_delta[j * lanes + s];
            }
        }
        delta = pass.last_delta;
    }
    Vec<T> zero_if_finite = broadcast(T(0));
    for (std::size_t k = pass.n_layers; k-- > 0; --layer) {
        const T* input = k == 0 ? step.input : pass.activations[k - 1];
        T* const delta_below = pass.deltas[k % 2];
        for (int half = 0; half < 2; ++half) {
            if (step.output_first == (half == 0)) {
                zero_if_finite =
                    zero_if_finite + update_rows<S>(*layer, step.step, base, updated, input, delta);
            } else if (k > 0) {
                propagate_rows<S>(*layer, layer[-1].activation, step.criterion.derivative_at,
                                  step.output_first ? updated : parameters, input, delta,
                                  delta_below);
            }
        }
        delta = delta_below;
    }
    finite = sum(zero_if_finite) == 0;
    return loss;
}

// Calls f.operator()<S>() for S = samples.
template <class F>
[[gnu::always_inline]] inline auto with_rows(std::size_t samples, const F& f) {
    switch (samples) {
        case 1:
            return f.template operator()<1>();
        case 2:
            return f.template operator()<2>();
        case 3:
            return f.template operator()<3>();
        default:
            return f.template operator()<max_rows>();
    }
}

template <class T>
DENSELOOP_WHOLE void predict_rows(const RowPass<T>& pass, const T* parameters, const T* input,
                                  std::size_t samples) {
    const Layer& last = pass.layers[pass.n_layers - 1];
    with_rows(samples, [&]<int S>() {
        rows_to_output<S, false>(pass, parameters, input, pass.layers[0].fan_in);
    });
    activate(last.activation, pass.output, last.fan_out, 1);
}

template <class T>
T descend_rows(const RowPass<T>& pass, const RowStep<T>& step, const T* parameters, const T* base,
               T* updated, bool& finite) {
    return with_rows(step.samples, [&]<int S>() {
        return descend_rows<S>(pass, step, parameters, base, updated, finite);
    });
}

// A loop as tight as this one makes the update of one sample up to a third faster.
template <class T>
std::size_t repeat_rows(const RowPass<T>& pass, const RowStep<T>& step, T* parameters, T* updated,
                        T* losses, std::size_t times) {
    return with_rows(step.samples, [&]<int S>() {
        std::size_t k = 0;
        for (; k < times; ++k) {
            bool finite;
            losses[k] = descend_rows<S>(pass, step, parameters, parameters, updated, finite);
            if (!finite || losses[k] * 0 != 0) break;
            T* const other = parameters;
            parameters = updated;
            updated = other;
        }
        return k;
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
