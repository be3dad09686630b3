// Few samples: all layers in one kernel, with the units along the lanes (see kernel_table.hpp).
//
// One sample alone is bound by latency: each layer waits for the one before, the update for the
// deltas, and the next update for this one. So an update is one function without calls, except of
// output_delta() and of the activations whose derivative needs z; and a value
// that is loaded soon after it was stored is stored by a vector that holds all of it.
#pragma once

#include "base/compiler.hpp"
#include "kernels/losses.hpp"
#include "kernels/row_updates.hpp"
#include "simd/scalar_fma.hpp"

namespace denseloop::DENSELOOP_TARGET {

// Loads the vector at p, of which n > 0 numbers are left, in a row of width W (see with_row_width).
template <int W, class T>
inline Vec<T> load_row(const T* p, std::size_t n) {
    if constexpr (W == 0) {
        return n >= Vec<T>::lanes ? load(p) : load_first(p, n);
    } else if constexpr (W < Vec<T>::lanes) {
        return load_first<W>(p);
    } else {
        return load(p);
    }
}

// Returns the pre-activation of a layer's only output in every lane.
template <class T>
inline Vec<T> affine_one_output(const Layer& layer, const T* parameters, const T* input) {
    T acc = layer.has_bias ? parameters[layer.bias] : T(0);
    for (std::size_t i = 0; i < layer.fan_in; ++i) {
        acc = scalar_fma(parameters[layer.weights + i], input[i], acc);
    }
    return broadcast(acc);
}

// acc[s * V + v] = pre-activations of sample s for vector v of the outputs, starting at output j.
template <int S, int V, int W, class T>
inline void affine_row_block(const Layer& layer, const T* parameters, const T* input,
                             std::size_t input_stride, std::size_t j, Vec<T> (&acc)[S * V]) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t fan_in = layer.fan_in, fan_out = layer.fan_out, stride = layer.stride;
    unrolled<V>([&]<int v>() {
        const T* bias = parameters + layer.bias + j + v * lanes;
        const Vec<T> start =
            layer.has_bias ? load_row<W>(bias, fan_out - j - v * lanes) : broadcast(T(0));
        unrolled<S>([&]<int s>() { acc[s * V + v] = start; });
    });
    const T* row = parameters + layer.weights + j;
    for (std::size_t i = 0; i < fan_in; ++i, row += stride) {
        unrolled<V>([&]<int v>() {
            const Vec<T> w = load_row<W>(row + v * lanes, fan_out - j - v * lanes);
            unrolled<S>([&]<int s>() {
                acc[s * V + v] = fma(w, broadcast(input[s * input_stride + i]), acc[s * V + v]);
            });
        });
    }
}

// The activations whose derivative needs z are the longer ones. They are kept out of line: inlined
// at every place, they would slow down the others.
template <class A, class T>
DENSELOOP_NOINLINE DENSELOOP_FLATTEN Vec<T> long_activation(A activation, const T* z) {
    return activation.of(load(z));
}
template <class A, class T>
DENSELOOP_NOINLINE DENSELOOP_FLATTEN Vec<T> long_derivative(A activation, const T* delta,
                                                            const T* z) {
    return activation.through(load(delta), load(z));
}

// Returns the activation of a vector z, which goes to `kept` if the derivative needs it.
template <class A, class T>
inline Vec<T> activation_vector(A activation, Vec<T> z, T* kept) {
    if constexpr (derivative_needs_z<A>) {
        store(kept, z);
        return long_activation(activation, static_cast<const T*>(kept));
    } else {
        return activation.of(z);
    }
}

// Stores delta times the derivative, which is computed from the vector at x.
template <class A, class T>
inline void store_delta(A activation, Vec<T> delta, const T* x, T* to) {
    if constexpr (derivative_needs_z<A>) {
        store(to, delta);
        store(to, long_derivative(activation, static_cast<const T*>(to), x));
    } else {
        store(to, activation.through(delta, load(x)));
    }
}

// z (S, fan_out), row_stride apart, = input (S, input_stride) weights + bias. If Activated, z
// becomes the activation, and derivative_input (like z) receives the pre-activation if the
// derivative needs it.
template <int S, bool Padded, bool Activated, class T>
inline void affine_rows(const Layer& layer, const T* parameters, const T* input,
                        std::size_t input_stride, T* z, T* derivative_input = nullptr) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = row_stride<T>(layer.fan_out), columns = padded<T>(layer.fan_out);
    const std::size_t last = columns - lanes;  // the first output of the last vector
    // The vector at offset `row + j`, of output j.
    const auto activated = [&](Vec<T> z, std::size_t row, std::size_t j) {
        if constexpr (!Activated) return z;
        const Vec<T> a = with_activation<T>(layer.activation, DerivativeAt::pre_activation,
                                            [&]<class A>(A activation) {
                                                T* const kept = derivative_input + row + j;
                                                return activation_vector(activation, z, kept);
                                            });
        return j == last ? keep_first(a, layer.fan_out - last) : a;
    };
    if (columns == lanes) {  // the next layer waits for it, so it does not go through memory
        Vec<T> acc[S];
        if (layer.fan_out == 1) {
            unrolled<S>([&]<int s>() {
                acc[s] = affine_one_output(layer, parameters, input + s * input_stride);
            });
        } else {
            with_row_width<Padded, T>(layer.stride, [&]<int W>() {
                affine_row_block<S, 1, W>(layer, parameters, input, input_stride, 0, acc);
            });
        }
        unrolled<S>([&]<int s>() { store(z + s * stride, activated(acc[s], s * stride, 0)); });
        return;
    }
    in_blocks<row_block<S>>({0, columns / lanes}, [&]<int V>(std::size_t vector) {
        Vec<T> acc[S * V];
        affine_row_block<S, V, Padded ? lanes : 0>(layer, parameters, input, input_stride,
                                                   vector * lanes, acc);
        unrolled<S>([&]<int s>() {
            unrolled<V>(
                [&]<int v>() { store(z + s * stride + (vector + v) * lanes, acc[s * V + v]); });
        });
    });
    if constexpr (Activated) {
        for (std::size_t row = 0; row < S * stride; row += stride) {
            for (std::size_t j = 0; j < columns; j += lanes) {
                store(z + row + j, activated(load(z + row + j), row, j));
            }
        }
    }
}

// Computes all layers up to the output's pre-activations, which go to pass.output as of a tile.
template <int S, bool Padded, class T>
inline void rows_to_output(const RowPass<T>& pass, const T* parameters, const T* input,
                           std::size_t input_stride) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    for (std::size_t k = 0; k + 1 < pass.n_layers; ++k) {
        const Layer& layer = pass.layers[k];
        affine_rows<S, Padded, true>(layer, parameters, input, input_stride, pass.activations[k],
                                     pass.derivative_inputs[k]);
        input = pass.activations[k];
        input_stride = row_stride<T>(layer.fan_out);
    }
    const Layer& last = pass.layers[pass.n_layers - 1];
    if (S == 1 && last.fan_out == 1) {  // a row is a tile already
        affine_rows<S, Padded, false>(last, parameters, input, input_stride, pass.output);
        return;
    }
    const T* z = pass.activations[pass.n_layers - 1];
    affine_rows<S, Padded, false>(last, parameters, input, input_stride,
                                  pass.activations[pass.n_layers - 1]);
    // The lanes past the samples repeat the last one, so that nothing overflows there alone.
    for (std::size_t j = 0; j < last.fan_out; ++j) {
        store(pass.output + j * lanes, broadcast(z[(S - 1) * row_stride<T>(last.fan_out) + j]));
        for (int s = 0; s + 1 < S; ++s) {
            pass.output[j * lanes + s] = z[s * row_stride<T>(last.fan_out) + j];
        }
    }
}

// delta_below (S, padded fan_in) = (delta weights^T) * s', where s' is the derivative of the
// activation `below`, computed from derivative_input as in Kernels::propagate.
template <int S, class T>
inline void propagate_rows(const Layer& layer, const ActivationFunction& below,
                           DerivativeAt derivative_at, const T* parameters,
                           const T* derivative_input, const T* delta, T* delta_below) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t columns = padded<T>(layer.fan_out), fan_in = layer.fan_in;
    const T* weights = parameters + layer.weights;
    for (std::size_t i = 0; i < layer.fan_in; i += lanes) {
        unrolled<S>([&]<int s>() {
            Vec<T> total;
            if (layer.fan_out == 1) {
                Vec<T> w = load(weights + i);
                if (fan_in - i < lanes) w = keep_first(w, fan_in - i);
                total = w * broadcast(delta[s * columns]);
            } else {
                Vec<T> acc[lanes];
                const std::size_t here = fan_in - i < lanes ? fan_in - i : lanes;
                for (std::size_t k = 0; k < lanes; ++k) acc[k] = broadcast(T(0));
                with_row_width<true, T>(layer.stride, [&]<int W>() {
                    for (std::size_t k = 0; k < here; ++k) {
                        const T* row = weights + (i + k) * layer.stride;
                        for (std::size_t j = 0; j < columns; j += lanes) {
                            acc[k] = fma(load_row<W>(row + j, lanes), load(delta + s * columns + j),
                                         acc[k]);
                        }
                    }
                });
                total = sums(acc);
            }
            const T* const x = derivative_input + s * row_stride<T>(fan_in) + i;
            T* const to = delta_below + s * padded<T>(fan_in) + i;
            with_activation<T>(below, derivative_at,
                               [&](auto activation) { store_delta(activation, total, x, to); });
        });
    }
}

template <int S, class T>
DENSELOOP_FLATTEN T update_rows(const RowPass<T>& pass, const RowUpdate<T>& update,
                                const UpdateRule<T>& rule, const T* parameters,
                                const ParameterSet<T>& from, const ParameterSet<T>& to,
                                bool& finite) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Layer& last = pass.layers[pass.n_layers - 1];
    rows_to_output<S, true>(pass, parameters, update.input, row_stride<T>(pass.layers[0].fan_in));
    alignas(64) T totals[lanes] = {};
    const OutputTile<T> tile{pass.output,
                             pass.output,
                             update.target,
                             update.weight,
                             pass.output_delta,
                             last.fan_out,
                             1,
                             lanes,
                             S};
    const T loss = output_delta(update.criterion, last.activation, tile, totals);
    const T* last_delta = pass.output_delta;  // the only output of one sample is a row already
    if (S > 1 || last.fan_out > 1) {
        T* const last_row = pass.deltas[pass.n_layers - 1];
        for (std::size_t j = 0; j < last.fan_out; ++j) {
            for (int s = 0; s < S; ++s) {
                last_row[s * padded<T>(last.fan_out) + j] = pass.output_delta[j * lanes + s];
            }
        }
        last_delta = last_row;
    }
    const auto delta_of = [&](std::size_t k) -> const T* {
        return k + 1 < pass.n_layers ? pass.deltas[k] : last_delta;
    };
    Vec<T> zero_if_finite = broadcast(T(0));
    for (std::size_t k = pass.n_layers - 1; k > 0; --k) {
        const Layer &layer = pass.layers[k], &below = pass.layers[k - 1];
        if (update.output_first) {
            const GradientDescent<T> descent(rule);
            zero_if_finite = zero_if_finite + update_layer<S>(layer, descent, from, to,
                                                              pass.activations[k - 1], delta_of(k));
        }
        propagate_rows<S>(layer, below.activation, update.criterion.derivative_at,
                          update.output_first ? to.parameters : parameters,
                          pass.derivative_inputs[k - 1], delta_of(k), pass.deltas[k - 1]);
    }
    const std::size_t n_left = update.output_first ? 1 : pass.n_layers;
    zero_if_finite =
        zero_if_finite + with_rule(rule, [&](const auto& rule) {
            Vec<T> total = broadcast(T(0));
            // From the first layer, for which the next update waits.
            for (std::size_t k = 0; k < n_left; ++k) {
                const T* const input = k == 0 ? update.input : pass.activations[k - 1];
                total = total + update_layer<S>(pass.layers[k], rule, from, to, input, delta_of(k));
            }
            return total;
        });
    finite = sum(zero_if_finite) == 0;
    return loss;
}

// Calls f.operator()<S>() for S = samples.
template <class F>
DENSELOOP_ALWAYS_INLINE inline auto with_rows(std::size_t samples, const F& f) {
    switch (samples) {
        case 1:
            return f.template operator()<1>();
        case 2:
            return f.template operator()<2>();
        case 3:
            return f.template operator()<3>();
        default:  // a number, not a choice: max_rows
            return f.template operator()<max_rows>();
    }
}

template <class T>
DENSELOOP_FLATTEN void predict_rows(const RowPass<T>& pass, const T* parameters, const T* input,
                                    std::size_t samples) {
    const Layer& last = pass.layers[pass.n_layers - 1];
    with_rows(samples, [&]<int S>() {
        rows_to_output<S, false>(pass, parameters, input, pass.layers[0].fan_in);
    });
    activate(last.activation, pass.output, pass.output, last.fan_out, 1);
}

template <class T>
T update_rows(const RowPass<T>& pass, const RowUpdate<T>& update, const UpdateRule<T>& rule,
              const T* parameters, const ParameterSet<T>& from, const ParameterSet<T>& to,
              bool& finite) {
    return with_rows(update.samples, [&]<int S>() {
        return update_rows<S>(pass, update, rule, parameters, from, to, finite);
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
