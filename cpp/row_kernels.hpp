// Few samples: all layers at once, with the units along the lanes (see kernel_table.hpp).
//
// One sample alone is bound by latency: each layer waits for the one before, the update for the
// deltas, and the next step for the update. So a step is one function without calls, and whatever
// is loaded soon after it was stored is stored by a vector that holds it whole.
#pragma once

#include "blocks.hpp"
#include "output_kernels.hpp"
#include "scalar_fma.hpp"

namespace denseloop::DENSELOOP_TARGET {

// The vector of p of which n > 0 numbers are left: only those are touched in a flat matrix.
template <bool Padded, class T>
inline Vec<T> load_row(const T* p, std::size_t n) {
    return Padded || n >= Vec<T>::lanes ? load(p) : load_first(p, n);
}

// S samples of `layer` for its only output: z (S, lanes), in every lane.
template <int S, class T>
inline void affine_one_output(const Layer& layer, const T* parameters, const T* input,
                              std::size_t input_stride, T* z) {
    const T* weights = parameters + layer.weights;
    unrolled<S>([&]<int s>() {
        T acc = layer.has_bias ? parameters[layer.bias] : T(0);
        for (std::size_t i = 0; i < layer.fan_in; ++i) {
            acc = scalar_fma(weights[i], input[s * input_stride + i], acc);
        }
        store(z + s * Vec<T>::lanes, broadcast(acc));
    });
}

// z (S, padded fan_out) = input (S, input_stride) weights + bias, or its sigmoid.
template <int S, bool Padded, bool Activated, class T>
inline void affine_rows(const Layer& layer, const T* parameters, const T* input,
                        std::size_t input_stride, T* z) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t z_stride = padded<T>(layer.fan_out);
    if (layer.fan_out == 1) {
        affine_one_output<S>(layer, parameters, input, input_stride, z);
    } else {
        const std::size_t stride = Padded ? z_stride : layer.fan_out;
        constexpr int most = accumulators > S ? accumulators / S : 1;
        in_blocks<most>({0, z_stride / lanes}, [&]<int V>(std::size_t vector) {
            const std::size_t j = vector * lanes;
            const auto load_block = [&](const T* row, int v) {
                return load_row<Padded>(row + j + v * lanes, layer.fan_out - j - v * lanes);
            };
            Vec<T> acc[S][V];
            unrolled<V>([&]<int v>() {
                const Vec<T> start =
                    layer.has_bias ? load_block(parameters + layer.bias, v) : broadcast(T(0));
                unrolled<S>([&]<int s>() { acc[s][v] = start; });
            });
            const T* row = parameters + layer.weights;
            for (std::size_t i = 0; i < layer.fan_in; ++i, row += stride) {
                unrolled<V>([&]<int v>() {
                    const Vec<T> w = load_block(row, v);
                    unrolled<S>([&]<int s>() {
                        acc[s][v] = fma(w, broadcast(input[s * input_stride + i]), acc[s][v]);
                    });
                });
            }
            unrolled<S>([&]<int s>() {
                unrolled<V>([&]<int v>() { store(z + s * z_stride + j + v * lanes, acc[s][v]); });
            });
        });
    }
    if constexpr (Activated) {
        const std::size_t kept = layer.fan_out + lanes - z_stride;  // of the last vector
        unrolled<S>([&]<int s>() {
            T* row = z + s * z_stride;
            for (std::size_t j = 0; j + lanes < z_stride; j += lanes) {
                store(row + j, fast_sigmoid(load(row + j)));
            }
            T* last = row + z_stride - lanes;
            store(last, keep_first(fast_sigmoid(load(last)), kept));
        });
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
template <DerivativeAt At, int S, class T>
inline void propagate_rows(const Layer& layer, const T* parameters, const T* input, const T* delta,
                           T* delta_below) {
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
            store(delta_below + at, total * derivative<At>(load(input + at)));
        });
    }
}

// updated = base - step * gradient for one layer; adds 0 to zero_if_finite, if it is.
template <int S, class T>
inline void update_rows(const Layer& layer, T step, const T* base, T* updated, const T* input,
                        const T* delta, Vec<T>& zero_if_finite) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = padded<T>(layer.fan_out), input_stride = padded<T>(layer.fan_in);
    const Vec<T> rate = broadcast(step), zero = broadcast(T(0));
    const auto update = [&](std::size_t at, Vec<T> gradient) {
        const Vec<T> after = fnma(rate, gradient, load(base + at));
        zero_if_finite = fma(after, zero, zero_if_finite);
        store(updated + at, after);
    };
    if (layer.fan_out == 1) {
        for (std::size_t i = 0; i < layer.fan_in; i += lanes) {
            Vec<T> gradient = load(input + i) * broadcast(delta[0]);
            unrolled<S - 1>([&]<int s>() {
                gradient = fma(load(input + (s + 1) * input_stride + i),
                               broadcast(delta[(s + 1) * stride]), gradient);
            });
            update(layer.weights + i, gradient);
        }
    } else {
        for (std::size_t i = 0; i < layer.fan_in; ++i) {
            Vec<T> x[S];
            unrolled<S>([&]<int s>() { x[s] = broadcast(input[s * input_stride + i]); });
            for (std::size_t j = 0; j < stride; j += lanes) {
                Vec<T> gradient = x[0] * load(delta + j);
                unrolled<S - 1>([&]<int s>() {
                    gradient = fma(x[s + 1], load(delta + (s + 1) * stride + j), gradient);
                });
                update(layer.weights + i * stride + j, gradient);
            }
        }
    }
    for (std::size_t j = 0; layer.has_bias && j < stride; j += lanes) {
        Vec<T> gradient = load(delta + j);
        unrolled<S - 1>([&]<int s>() { gradient = gradient + load(delta + (s + 1) * stride + j); });
        update(layer.bias + j, gradient);
    }
}

template <DerivativeAt At, int S, class T>
inline T descend_rows(const RowPass<T>& pass, const RowStep<T>& step, const T* parameters,
                      const T* base, T* updated, bool& finite) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Layer* layer = pass.layers + pass.n_layers - 1;
    rows_to_output<S, true>(pass, parameters, step.input, padded<T>(pass.layers[0].fan_in));
    const T loss = output_delta(step.loss, At, pass.output, step.target, pass.output_delta,
                                layer->fan_out, 1, S);
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
        const auto update = [&] {
            update_rows<S>(*layer, step.step, base, updated, input, delta, zero_if_finite);
        };
        if (step.output_first) update();
        T* const delta_below = pass.deltas[k % 2];
        if (k > 0) {
            propagate_rows<At, S>(*layer, step.output_first ? updated : parameters, input, delta,
                                  delta_below);
        }
        if (!step.output_first) update();
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
void predict_rows(const RowPass<T>& pass, const T* parameters, const T* input,
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
    return with_derivative(step.derivative_at, [&]<DerivativeAt At>() {
        return with_rows(step.samples, [&]<int S>() {
            return descend_rows<At, S>(pass, step, parameters, base, updated, finite);
        });
    });
}

}  // namespace denseloop::DENSELOOP_TARGET
