// The kernels of kernel_table.hpp, written once over the virtual vector.
//
// The three products (affine, layer_gradient, propagate) keep a block of accumulators in registers:
// with U units by V vectors (or I inputs by J outputs), each step loads U + V operands for U * V
// multiply-adds.
#pragma once

#include "kernel_table.hpp"
#include "scalar_fma.hpp"
#include "sigmoid.hpp"

namespace denseloop::DENSELOOP_TARGET {

// Calls f.operator()<N>(k) for every whole block of N, then likewise for N / 2 and so on down to 1.
template <int N, class F>
[[gnu::always_inline]] inline void in_blocks(Range range, const F& f) {
    for (; range.begin + N <= range.end; range.begin += N) f.template operator()<N>(range.begin);
    if constexpr (N > 1) in_blocks<N / 2>(range, f);
}

// Calls f.operator()<0>(), ..., f.operator()<N - 1>(). Indices known this early let the compiler
// keep an array of vectors in registers, where a loop would leave it in memory.
template <int N, class F>
[[gnu::always_inline]] inline void unrolled(const F& f) {
    if constexpr (N > 1) unrolled<N - 1>(f);
    f.template operator()<N - 1>();
}

// d activation / d z from the activation a = s(z).
template <DerivativeAt At, class T>
inline Vec<T> derivative(Vec<T> a) {
    if constexpr (At == DerivativeAt::output) a = fast_sigmoid(a);
    return fnma(a, a, a);
}

// Calls f.operator()<At>() for the given value.
template <class F>
[[gnu::always_inline]] inline auto with_derivative(DerivativeAt at, const F& f) {
    return at == DerivativeAt::output ? f.template operator()<DerivativeAt::output>()
                                      : f.template operator()<DerivativeAt::pre_activation>();
}

// ---- forward

// weights and bias start at the block's first unit, input and z at its first vector.
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
void affine(const Layer& layer, Range outputs, const T* parameters, const T* input, T* z,
            std::size_t vectors) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    in_blocks<unit_block>(outputs, [&]<int U>(std::size_t j) {
        in_blocks<accumulators / U>({0, vectors}, [&]<int V>(std::size_t v) {
            const std::size_t at = v * Vec<T>::lanes;
            affine_block<U, V>(layer, parameters + layer.weights + j, parameters + layer.bias + j,
                               input + at, z + j * stride + at, stride);
        });
    });
}

// One vector of samples: z (units) with the given stride becomes exp(z - max) / sum. Returns
// max + log(sum), the logarithm of the normalizer.
template <class T>
inline Vec<T> softmax(T* z, std::size_t units, std::size_t stride) {
    Vec<T> largest = load(z);
    for (std::size_t j = 1; j < units; ++j) largest = max(largest, load(z + j * stride));
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        const Vec<T> e = exp_of_minus(largest - load(z + j * stride));
        store(z + j * stride, e);
        total = total + e;
    }
    for (std::size_t j = 0; j < units; ++j) store(z + j * stride, load(z + j * stride) / total);
    return largest + log_from_1(total);
}

template <class T>
void activate(Activation activation, T* z, std::size_t units, std::size_t vectors) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    if (activation == Activation::softmax) {
        for (std::size_t at = 0; at < stride; at += Vec<T>::lanes) softmax(z + at, units, stride);
    } else {
        for (std::size_t at = 0; at < units * stride; at += Vec<T>::lanes) {
            store(z + at, fast_sigmoid(load(z + at)));
        }
    }
}

// ---- loss

template <DerivativeAt At, class T>
inline T squared_error_delta(T* z, const T* target, T* delta, std::size_t units,
                             std::size_t vectors, std::size_t samples) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    Vec<T> total = broadcast(T(0));
    for (std::size_t j = 0; j < units; ++j) {
        for (std::size_t v = 0; v < vectors; ++v) {
            const std::size_t at = (j * vectors + v) * lanes;
            const Vec<T> a = fast_sigmoid(load(z + at));
            Vec<T> error = a - load(target + at);
            if (samples < (v + 1) * lanes) error = keep_first(error, samples - v * lanes);
            store(z + at, a);
            store(delta + at, error * derivative<At>(a));
            total = fma(error, error, total);
        }
    }
    return sum(total);
}

// -sum(y log a) with log(a) = z - log(normalizer); d / d z = a - y where the targets sum to 1.
template <class T>
inline T cross_entropy_delta(T* z, const T* target, T* delta, std::size_t units,
                             std::size_t vectors, std::size_t samples) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const std::size_t stride = vectors * lanes;
    Vec<T> total = broadcast(T(0));
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::size_t here = v * lanes;
        const std::size_t kept = samples < here + lanes ? samples - here : lanes;
        for (std::size_t j = 0; j < units; ++j) {
            store(delta + here + j * stride, load(z + here + j * stride));
        }
        const Vec<T> normalizer = softmax(z + here, units, stride);
        for (std::size_t j = 0; j < units; ++j) {
            const std::size_t at = here + j * stride;
            const Vec<T> y = load(target + at);
            total = total + keep_first(y * (normalizer - load(delta + at)), kept);
            store(delta + at, keep_first(load(z + at) - y, kept));
        }
    }
    return sum(total);
}

template <class T>
T output_delta(Loss loss, DerivativeAt at, T* z, const T* target, T* delta, std::size_t units,
               std::size_t vectors, std::size_t samples) {
    if (loss == Loss::cross_entropy) {
        return cross_entropy_delta(z, target, delta, units, vectors, samples);
    }
    return with_derivative(at, [&]<DerivativeAt At>() {
        return squared_error_delta<At>(z, target, delta, units, vectors, samples);
    });
}

// ---- backward

// p[i * stride + j] = sum(acc[i * J + j]), or += it.
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

// weights starts at the block's first input and output, input and delta at their first units.
template <int I, int J, class T>
inline void gradient_block(const T* input, const T* delta, T* weights, std::size_t fan_out,
                           std::size_t vectors, bool accumulate) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    Vec<T> acc[I * J];
    unrolled<I * J>([&]<int k>() { acc[k] = broadcast(T(0)); });
    for (std::size_t at = 0; at < stride; at += Vec<T>::lanes) {
        Vec<T> d[J];
        unrolled<J>([&]<int j>() { d[j] = load(delta + j * stride + at); });
        unrolled<I>([&]<int i>() {
            const Vec<T> x = load(input + i * stride + at);
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

// The same for a single sample, where all lanes but the first are 0 and no sum is left to make.
template <class T>
void outer_product(const Layer& layer, Range inputs, const T* input, const T* delta, T* gradient,
                   bool accumulate) {
    constexpr std::size_t stride = Vec<T>::lanes;
    for (std::size_t i = inputs.begin; i < inputs.end; ++i) {
        T* row = gradient + layer.weights + i * layer.fan_out;
        for (std::size_t j = 0; j < layer.fan_out; ++j) {
            const T start = accumulate ? row[j] : T(0);
            row[j] = start + input[i * stride] * delta[j * stride];
        }
    }
    if (!layer.has_bias || inputs.begin != 0) return;
    T* bias = gradient + layer.bias;
    for (std::size_t j = 0; j < layer.fan_out; ++j) {
        bias[j] = (accumulate ? bias[j] : T(0)) + delta[j * stride];
    }
}

template <class T>
void layer_gradient(const Layer& layer, Range inputs, const T* input, const T* delta, T* gradient,
                    std::size_t samples, bool accumulate) {
    if (samples == 1) return outer_product(layer, inputs, input, delta, gradient, accumulate);
    const std::size_t vectors = (samples + Vec<T>::lanes - 1) / Vec<T>::lanes;
    const std::size_t stride = vectors * Vec<T>::lanes;
    T* weights = gradient + layer.weights;
    in_blocks<output_block>({0, layer.fan_out}, [&]<int J>(std::size_t j) {
        in_blocks<accumulators / J>(inputs, [&]<int I>(std::size_t i) {
            gradient_block<I, J>(input + i * stride, delta + j * stride,
                                 weights + i * layer.fan_out + j, layer.fan_out, vectors,
                                 accumulate);
        });
    });
    if (!layer.has_bias || inputs.begin != 0) return;
    in_blocks<unit_block>({0, layer.fan_out}, [&]<int J>(std::size_t j) {
        bias_gradient_block<J>(delta + j * stride, gradient + layer.bias + j, vectors, accumulate);
    });
}

template <DerivativeAt At, int I, int V, class T>
inline void propagate_block(const Layer& layer, const T* weights, const T* input, const T* delta,
                            T* delta_below, std::size_t stride) {
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
    unrolled<I>([&]<int i>() {
        unrolled<V>([&]<int v>() {
            const std::size_t at = i * stride + v * Vec<T>::lanes;
            store(delta_below + at, acc[i][v] * derivative<At>(load(input + at)));
        });
    });
}

template <class T>
void propagate(const Layer& layer, Range inputs, DerivativeAt derivative_at, const T* parameters,
               const T* input, const T* delta, T* delta_below, std::size_t vectors) {
    const std::size_t stride = vectors * Vec<T>::lanes;
    with_derivative(derivative_at, [&]<DerivativeAt At>() {
        in_blocks<unit_block>(inputs, [&]<int I>(std::size_t i) {
            in_blocks<accumulators / I>({0, vectors}, [&]<int V>(std::size_t v) {
                const std::size_t at = v * Vec<T>::lanes;
                propagate_block<At, I, V>(layer, parameters + layer.weights + i * layer.fan_out,
                                          input + i * stride + at, delta + at,
                                          delta_below + i * stride + at, stride);
            });
        });
    });
}

// ---- update

template <class T>
bool descend(T* parameters, T* gradient, std::size_t count, T step) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    const Vec<T> rate = broadcast(step), zero = broadcast(T(0));
    Vec<T> zero_if_finite = zero;
    std::size_t k = 0;
    for (; k + lanes <= count; k += lanes) {
        const Vec<T> before = load(parameters + k);
        const Vec<T> after = fnma(rate, load(gradient + k), before);
        zero_if_finite = fma(after, zero, zero_if_finite);
        store(parameters + k, after);
        store(gradient + k, before);
    }
    // One by one: the next epoch broadcasts these weights, and a load cannot be forwarded from a
    // masked store that is still on its way.
    T scalar_zero_if_finite = 0;
    for (; k < count; ++k) {
        const T before = parameters[k];
        const T after = scalar_fma(-step, gradient[k], before);
        scalar_zero_if_finite += after * 0;
        parameters[k] = after;
        gradient[k] = before;
    }
    return sum(zero_if_finite) + scalar_zero_if_finite == 0;
}

// ---- the public functions

template <class T, class F>
inline void map(const T* x, T* y, std::size_t count, F f) {
    constexpr std::size_t lanes = Vec<T>::lanes;
    std::size_t k = 0;
    for (; k + lanes <= count; k += lanes) store(y + k, f(load(x + k)));
    if (k < count) store_first(y + k, count - k, f(load_first(x + k, count - k)));
}

template <class T>
void map_sigmoid(const T* x, T* y, std::size_t count) {
    map(x, y, count, [](Vec<T> v) { return sigmoid(v); });
}

template <class T>
void map_sigmoid_derivative(const T* x, T* y, std::size_t count) {
    map(x, y, count, [](Vec<T> v) { return sigmoid_derivative(v); });
}

template <class T>
constexpr Kernels<T> kernels = {
    affine<T>,    activate<T>, output_delta<T>, layer_gradient<T>,
    propagate<T>, descend<T>,  map_sigmoid<T>,  map_sigmoid_derivative<T>};

}  // namespace denseloop::DENSELOOP_TARGET
